/*
 * The other side of a comparison, as a scope: everybody who is not in the
 * segment, or the same length of time just before. Pure.
 */
import type { Scope } from '../api/index.ts';

export type Against = 'rest' | 'before';
export const plainKey = (segment: string): boolean => /^[\w-]+$/.test(segment);

/** null where the scope says nothing that could be turned round. */
export function otherSide(scope: Scope, against: Against): Scope | null {
  if (against === 'rest') return scope.segment ? { ...scope, segment: plainKey(scope.segment) ? `not in segment "${scope.segment}"` : `not (${scope.segment})` } : null;
  const ms = (v: string | undefined): number => (v === undefined ? NaN : /^-?\d+$/.test(v) ? Number(v) : Date.parse(v));
  const from = ms(scope.from), to = ms(scope.to);
  return to > from ? { ...scope, from: String(from - (to - from)), to: String(from) } : null;
}
