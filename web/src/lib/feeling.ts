/* Feeling stands on the scale of all experience scores: -1 is 0, 1 is 100. */
import type { Feeling } from '../api/models.ts';
import type { Estimate } from '../api/types.ts';

const on = (v: number | null | undefined): number | null => (v === null || v === undefined ? null : (v + 1) * 50);
export const of100 = (e: Estimate): Estimate => ({ ...e, est: on(e.est), lo: on(e.lo), hi: on(e.hi), lo80: on(e.lo80), hi80: on(e.hi80) }) as Estimate;

/** Thirds of the scale from -1 to 1: what all counts go by. */
export const feelingOf = (sentiment: number | null): Feeling | null => (sentiment === null ? null : sentiment < -1 / 3 ? 'negative' : sentiment > 1 / 3 ? 'positive' : 'neutral');
