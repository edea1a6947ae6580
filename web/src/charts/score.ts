/*
 * A score on its 0 to 100 axis with both intervals. Mirrors in
 * right-to-left, as rating scales do: 0 is on the reading side.
 */
export interface ScoreGeometry { est: number; band: { x: number; width: number } | null; whisker: { x1: number; x2: number } | null; mid: number; step: number }

/** Which of the nine experience colours: equal steps, the last one closed. */
export const stepOfScore = (v: number): number => Math.max(0, Math.min(8, Math.floor((v * 9) / 100)));

export function scoreGeometry(e: { est: number; lo: number | null; hi: number | null; lo80?: number | null | undefined; hi80?: number | null | undefined }, width: number, rtl: boolean): ScoreGeometry {
  const x = (v: number): number => {
    const at = (Math.max(0, Math.min(100, v)) * width) / 100;
    return Math.round((rtl ? width - at : at) * 10) / 10;
  };
  const span = (lo: number | null | undefined, hi: number | null | undefined): { x1: number; x2: number } | null =>
    lo === null || hi === null || lo === undefined || hi === undefined ? null : { x1: Math.min(x(lo), x(hi)), x2: Math.max(x(lo), x(hi)) };
  const band = span(e.lo80, e.hi80);
  return { est: x(e.est), whisker: span(e.lo, e.hi), band: band && { x: band.x1, width: Math.max(1, band.x2 - band.x1) }, mid: x(50), step: stepOfScore(e.est) };
}
