/* The steps of a funnel as the address has them, "A,B|C,D?", and what a builder does to them. Pure: each change gives a new list. */
import { readName, splitAt, writeName } from './scope.ts';

export interface Wanted { names: string[]; optional: boolean }
export const STEPS_MAX = 16;

export function readSteps(text: string | null): Wanted[] {
  if (!text) return [];
  return splitAt(text, ',').map((part) => {
    const optional = /(^|[^\\])(\\\\)*\?$/.test(part);
    return { names: splitAt(optional ? part.slice(0, -1) : part, '|').map(readName).filter(Boolean), optional };
  }).filter((s) => s.names.length).map((s, i) => ({ ...s, optional: s.optional && i > 0 }));
}
export const writeSteps = (steps: readonly Wanted[]): string => steps.map((s, i) => s.names.map(writeName).join('|') + (s.optional && i > 0 ? '?' : '')).join(',');

export const added = (steps: readonly Wanted[], name: string): Wanted[] => (steps.length >= STEPS_MAX ? [...steps] : [...steps, { names: [name], optional: false }]);
export const without = (steps: readonly Wanted[], at: number): Wanted[] => steps.filter((_, i) => i !== at);
export const changed = (steps: readonly Wanted[], at: number, change: Partial<Wanted>): Wanted[] => steps.map((s, i) => (i === at ? { ...s, ...change } : s));
export function moved(steps: readonly Wanted[], from: number, to: number): Wanted[] {
  const out = [...steps], [one] = out.splice(from, 1);
  if (one) out.splice(Math.max(0, Math.min(out.length, to)), 0, one);
  return out;
}
