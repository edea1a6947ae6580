/* Feeling stands on the scale of all experience scores: -1 is 0, 1 is 100. */
import type { Estimate } from '../api/types.ts';

const on = (v: number | null | undefined): number | null => (v === null || v === undefined ? null : (v + 1) * 50);
export const of100 = (e: Estimate): Estimate => ({ ...e, est: on(e.est), lo: on(e.lo), hi: on(e.hi), lo80: on(e.lo80), hi80: on(e.hi80) }) as Estimate;
