/*
 * A guessed mapping (TOML of docs/mapping.md) after the reader gave some
 * columns another meaning. Only the lines that speak of those columns are
 * touched, so what the guess knew besides (time formats, scales, comments)
 * stays. Works on lines, not on a parsed document, for the same reason.
 */
import type { GuessColumn } from '../api/types.ts';

/** The roles that the page offers, in the order of the list. */
export const roleGroups = [
  { group: 'who', roles: ['customer', 'email', 'phone', 'key', 'unit'] },
  { group: 'when', roles: ['time', 'expected_at'] },
  { group: 'happened', roles: ['event', 'channel', 'id'] },
  { group: 'how', roles: ['score', 'comment', 'wait_s', 'effort', 'failed', 'abandoned'] },
  { group: 'money', roles: ['value', 'currency'] },
  { group: 'else', roles: ['dimension', ''] },
] as const;
export type ColumnRole = (typeof roleGroups)[number]['roles'][number];
export const roles: readonly ColumnRole[] = roleGroups.flatMap((g) => [...g.roles]);

/** What a reader says where no column does. */
export interface Absent { row: boolean; day: string; name: string }

export const sameRoles = (a: readonly GuessColumn[], chosen: Record<string, string>): boolean => a.every((c) => (chosen[c.name] ?? c.role) === c.role);

/** What is missing before a table can be read: somebody, and a time. The number of an order can stand for the customer. */
export function missingRoles(columns: readonly GuessColumn[], chosen: Record<string, string>, absent?: Absent): ('customer' | 'time')[] {
  const have = new Set(columns.map((c) => chosen[c.name] ?? c.role));
  if (have.has('key') || absent?.row) have.add('customer');
  if (absent?.day) have.add('time');
  return (['customer', 'time'] as const).filter((r) => !have.has(r));
}

// Where a meaning stands: once at the head, for all events, or with one event.
const keyOf: Record<string, { key: string; head: boolean }> = {
  customer: { key: 'customer', head: true }, key: { key: 'journey', head: true }, channel: { key: 'channel', head: true }, unit: { key: 'unit', head: true },
  time: { key: 'time', head: false }, event: { key: 'name_column', head: false }, score: { key: 'score', head: false }, comment: { key: 'comment', head: false },
  expected_at: { key: 'expected_at', head: false }, value: { key: 'value', head: false }, currency: { key: 'currency', head: false }, id: { key: 'id', head: false },
  wait_s: { key: 'wait_s', head: false }, effort: { key: 'effort', head: false }, failed: { key: 'failed', head: false }, abandoned: { key: 'abandoned', head: false },
};
const withScore = ['score_min', 'score_max', 'score_kind'];

const quoted = (s: string): string => `"${s.replace(/["\\]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))}"`;
const says = (line: string, key: string, column?: string): boolean => {
  const m = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line);
  return m?.[1] === key && (column === undefined || m[2]!.startsWith(quoted(column)));
};
const spoken = (name: string): string => { const t = name.replace(/[_-]+/g, ' ').trim(); return t.charAt(0).toUpperCase() + t.slice(1); };

// `person`: the columns of addresses, which an event of their own says, with the time of the first; `tail`: the tables of names below the events.
interface Draft { head: string[]; events: string[][]; person: Map<string, string>; tail: string[] }
const addresses = ['email', 'phone'];
const unquoted = (s: string): string => s.replace(/\\u([0-9a-f]{4})|\\(.)/gi, (_, hex: string | undefined, c: string) => (hex ? String.fromCharCode(parseInt(hex, 16)) : c));
/** The columns of an event that says addresses and nothing else, or null where it says more. */
function personOf(lines: string[]): Map<string, string> | null {
  if (!lines.some((l) => says(l, 'type', 'identify')) || lines.some((l) => l.trim() && !/^\s*(type|time|traits)\s*=/.test(l))) return null;
  const said = /^\s*traits\s*=\s*\{(.*)\}\s*$/.exec(lines.find((l) => says(l, 'traits')) ?? '')?.[1] ?? '';
  const pairs = [...said.matchAll(/([\w-]+)\s*=\s*"((?:[^"\\]|\\.)*)"/g)].map((m): [string, string] => [m[1]!, unquoted(m[2]!)]);
  return pairs.length && pairs.every(([k]) => addresses.includes(k)) ? new Map(pairs) : null;
}
function parse(toml: string): Draft {
  const out: Draft = { head: [], events: [], person: new Map(), tail: [] };
  let into = out.head;
  for (const line of toml.split('\n')) {
    if (/^\s*\[\[event\]\]/.test(line)) { into = []; out.events.push(into); continue; }
    if (/^\s*\[names\./.test(line)) into = out.tail;
    into.push(line);
  }
  const at = out.events.findIndex((e) => personOf(e));
  if (at >= 0) out.person = personOf(out.events.splice(at, 1)[0]!)!;
  return out;
}
function print(d: Draft): string {
  const trim = (lines: string[]): string => lines.join('\n').replace(/\s+$/, '');
  const time = d.events.flat().find((l) => says(l, 'time'))?.replace(/\s+#.*$/, '');
  const said = addresses.filter((k) => d.person.has(k)).map((k) => `${k} = ${quoted(d.person.get(k)!)}`).join(', ');
  const person = said && time ? ['[[event]]', 'type = "identify"', time, `traits = { ${said} }`] : [];
  return [trim(d.head), ...d.events.map((e) => trim(['[[event]]', ...e])), trim(person), trim(d.tail)].filter(Boolean).join('\n\n') + '\n';
}

function inList(head: string[], key: string, change: (names: string[]) => string[]): void {
  const at = head.findIndex((l) => says(l, key));
  const before = at < 0 ? [] : [...(head[at]!.split('#')[0]!.matchAll(/"((?:[^"\\]|\\.)*)"/g))].map((m) => m[1]!.replace(/\\(.)/g, '$1'));
  const after = change(before);
  const line = `${key} = [${after.map(quoted).join(', ')}]`;
  if (at >= 0) head.splice(at, 1, ...(after.length ? [line] : []));
  else if (after.length) head.push(line);
}

function forget(d: Draft, column: string, role: string): void {
  if (role === 'dimension') {
    for (const key of ['dimensions', 'properties']) inList(d.head, key, (names) => names.filter((n) => n !== column));
    return;
  }
  if (addresses.includes(role)) { if (d.person.get(role) === column) d.person.delete(role); return; }
  const known = keyOf[role];
  if (!known) return;
  if (role === 'time') {
    // An event without its time is none; what else stood with it goes to the event before.
    const at = d.events.findIndex((e) => e.some((l) => says(l, 'time', column)));
    if (at >= 0 && d.events.length > 1) {
      const [gone] = d.events.splice(at, 1);
      const heir = d.events[Math.max(0, at - 1)]!;
      while (heir.length && !heir.at(-1)!.trim()) heir.pop();
      heir.push(...gone!.filter((l) => l.trim() && !says(l, 'time') && !says(l, 'name') && !l.startsWith('#')));
      return;
    }
  }
  for (const lines of [d.head, ...d.events]) {
    const at = lines.findIndex((l) => says(l, known.key, column));
    if (at < 0) continue;
    lines.splice(at, 1);
    if (role === 'score') for (const key of withScore) { const k = lines.findIndex((l) => says(l, key)); if (k >= 0) lines.splice(k, 1); }
  }
}

function add(d: Draft, column: string, role: string, scale?: { from: number; to: number }): void {
  if (role === 'dimension') {
    for (const key of ['dimensions', 'properties']) inList(d.head, key, (names) => (names.includes(column) ? names : [...names, column]));
    return;
  }
  if (addresses.includes(role)) { d.person.set(role, column); return; }
  const known = keyOf[role];
  if (!known) return;
  const line = `${known.key} = ${quoted(column)}`;
  const put = (lines: string[]): void => {
    const at = lines.findIndex((l) => says(l, known.key));
    if (at >= 0) lines.splice(at, 1, line);
    else { let end = lines.length; while (end > 0 && !lines[end - 1]!.trim()) end--; lines.splice(end, 0, line); }
  };
  if (known.head) { put(d.head); return; }
  if (role === 'time') {
    const timeless = d.events.find((e) => !e.some((l) => says(l, 'time')));
    if (timeless) put(timeless); else d.events.push([`name = ${quoted(spoken(column))}`, line]);
    return;
  }
  if (!d.events.length) d.events.push([]);
  const last = d.events.at(-1)!;
  if (role === 'event') { const at = last.findIndex((l) => says(l, 'name')); if (at >= 0) last.splice(at, 1); }
  put(last);
  if (role === 'score' && scale && scale.to > scale.from && !last.some((l) => withScore.some((k) => says(l, k)))) {
    last.splice(last.findIndex((l) => says(l, 'score')) + 1, 0, `score_min = ${scale.from}`, `score_max = ${scale.to}`);
  }
}

/** The mapping with the chosen meanings. Columns keep the guessed one where nothing was chosen. */
export function applyRoles(toml: string, columns: readonly GuessColumn[], chosen: Record<string, string>): string {
  const draft = parse(toml);
  const changed = columns.filter((c) => (chosen[c.name] ?? c.role) !== c.role);
  for (const c of changed) forget(draft, c.name, c.role);
  // A time first: the others stand with its event.
  const rank = (c: GuessColumn): number => (chosen[c.name] === 'time' ? 0 : 1);
  for (const c of [...changed].sort((a, b) => rank(a) - rank(b))) add(draft, c.name, chosen[c.name] ?? '', c.why);
  // Without a customer the number of the order stands for one, as in the guess.
  if (!draft.head.some((l) => says(l, 'customer'))) {
    const key = draft.head.find((l) => says(l, 'journey'));
    if (key) draft.head.push(key.replace('journey', 'customer'));
  }
  for (const e of draft.events) {
    if (!e.some((l) => says(l, 'name') || says(l, 'name_column'))) {
      const time = columns.find((c) => e.some((l) => says(l, 'time', c.name)));
      e.unshift(`name = ${quoted(spoken(time?.name ?? 'event'))}`);
    }
  }
  return print(draft);
}

/** A mapping from meanings alone, where nothing could be guessed (no column says when). */
export function fromRoles(columns: readonly GuessColumn[], chosen: Record<string, string>): string {
  const meant = Object.fromEntries(columns.map((c) => [c.name, chosen[c.name] ?? c.role]));
  return applyRoles('', columns.map((c) => ({ ...c, role: '' })), meant);
}

/** The mapping with what no column says: whose each row is, when all of it was, what it is called. */
export function applyAbsent(toml: string, absent: Absent): string {
  const draft = parse(toml);
  const nobody = !draft.head.some((l) => says(l, 'customer') || says(l, 'journey'));
  if (absent.row && nobody) draft.head.unshift('customer = { template = "row {#}" }');
  if (absent.day && !draft.events.some((e) => e.some((l) => says(l, 'time')))) {
    if (!draft.events.length) draft.events.push([]);
    draft.events.at(-1)!.push(`time = { value = ${quoted(absent.day)} }`);
  }
  const only = draft.events.length === 1 ? draft.events[0]! : null;
  if (only && !only.some((l) => says(l, 'name_column'))) {
    const at = only.findIndex((l) => says(l, 'name'));
    if (absent.name.trim()) only.splice(Math.max(at, 0), at < 0 ? 0 : 1, `name = ${quoted(absent.name.trim())}`);
    else if (at < 0) only.unshift('name = "Row"');
  }
  return print(draft);
}

/** What a single event is called in the mapping; '' where a column says it, or several are told apart. */
export function nameOfRows(toml: string): string {
  const { events } = parse(toml);
  const line = events.length === 1 && !events[0]!.some((l) => says(l, 'name_column')) ? events[0]!.find((l) => says(l, 'name')) : undefined;
  return line ? (/=\s*"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? '').replace(/\\(.)/g, '$1') : '';
}
