/* What a map page asks, as its address says it, and back. Pure. */
import type { Scope } from '../api/index.ts';

export interface Filter { dimension: string; value: string; exclude: boolean }
/** "channel:web" or, leaving out, "channel!:web". */
export function readFilter(text: string): Filter | null {
  const m = /^([^:!]+)(!?):([\s\S]*)$/.exec(text);
  return m ? { dimension: m[1]!, exclude: m[2] === '!', value: m[3]! } : null;
}
export const writeFilter = (f: Filter): string => `${f.dimension}${f.exclude ? '!' : ''}:${f.value}`;

export function readScope(query: URLSearchParams): Scope {
  const version = Number(query.get('version') ?? '');
  const compare = query.get('compare');
  return {
    version: Number.isInteger(version) && version > 0 ? version : undefined,
    from: query.get('from') ?? undefined,
    to: query.get('to') ?? undefined,
    compare: compare === 'previous' || compare === 'season' ? compare : undefined,
    filter: query.getAll('filter').filter((f) => readFilter(f) !== null),
  };
}

/** The same question for the command line. */
export function commandOf(what: string, map: string, s: Scope, newest: number): string {
  const quote = (v: string): string => (/^[\w.:-]+$/.test(v) ? v : `'${v.replace(/'/g, `'\\''`)}'`);
  const iso = (v: string): string => (/^\d+$/.test(v) ? new Date(Number(v)).toISOString().replace('.000Z', 'Z') : v);
  const out = [`safar ${what} --map ${quote(map)}`];
  if (s.version && s.version !== newest) out.push(`--version ${s.version}`);
  if (s.from) out.push(`--from ${quote(iso(s.from))}`);
  if (s.to) out.push(`--to ${quote(iso(s.to))}`);
  for (const f of s.filter ?? []) out.push(`--filter ${quote(f)}`);
  return [...out, '--json'].join(' ');
}
