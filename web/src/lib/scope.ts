/* What a page asks, as its address says it, and back. Pure. */
import type { Scope } from '../api/index.ts';

/** The names in the address that go along from page to page. */
export const scopeNames = ['map', 'names', 'version', 'from', 'to', 'filter', 'segment', 'unit', 'case', 'comments'] as const;

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
    segment: query.get('segment') ?? undefined,
    unit: query.get('unit') ?? undefined,
    case: query.get('case') ?? undefined,
    comments: query.get('comments') === 'yes' ? 'yes' : undefined,
  };
}

/** An address with the scope of another one: the same people on the next page. */
export function carried(href: string, query: URLSearchParams, map?: string): string {
  const out = new URLSearchParams();
  if (map) out.set('map', map);
  for (const name of scopeNames) if (!out.has(name)) for (const value of query.getAll(name)) out.append(name, value);
  return href + (out.size ? `?${out.toString()}` : '');
}

/** A figure of an answer, as …/people takes it; in the address under one name. */
export type Figure = Record<string, string>;
export const writeFigure = (f: Figure): string => new URLSearchParams(f).toString();
export const readFigure = (text: string | null): Figure | null => (text ? Object.fromEntries(new URLSearchParams(text)) : null);

/** Names in one parameter, between commas; what is a sign there has a backslash before it inside a name. */
export const writeName = (name: string): string => name.replace(/[\\,|?]/g, '\\$&');
/** The parts of a text between separators that no backslash stands before; backslashes stay. */
export function splitAt(text: string, separator: string): string[] {
  const out = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) out[out.length - 1] += text[i]! + text[++i]!;
    else if (text[i] === separator) out.push('');
    else out[out.length - 1] += text[i]!;
  }
  return out;
}
export const readName = (text: string): string => text.replace(/\\(.)/g, '$1');
export const readNames = (text: string): string[] => (text ? splitAt(text, ',').map(readName) : []);

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
