/*
 * A share over the offsets of a retention, with its band. Where an offset has
 * no value the line and the band break: never a line through a gap. The
 * feeling of "up is more" does not mirror; time does.
 */
export interface CurvePoint { offset: number; est: number; lo: number | null; hi: number | null }
export interface Curve { line: string; band: string; dots: { x: number; y: number }[]; x: (offset: number) => number; y: (share: number) => number }
const r1 = (v: number): number => Math.round(v * 10) / 10;

export function curve(points: readonly CurvePoint[], last: number, box: { left: number; top: number; width: number; height: number }, rtl: boolean): Curve {
  const x = (offset: number): number => { const along = (last > 0 ? offset / last : 0.5) * box.width; return r1(rtl ? box.left + box.width - along : box.left + along); };
  const y = (share: number): number => r1(box.top + (1 - Math.max(0, Math.min(1, share))) * box.height);
  const runs: CurvePoint[][] = [];
  for (const p of points) { const run = runs.at(-1); if (run && run.at(-1)!.offset === p.offset - 1) run.push(p); else runs.push([p]); }
  const line = runs.filter((run) => run.length > 1).map((run) => run.map((p, i) => `${i ? 'L' : 'M'}${x(p.offset)} ${y(p.est)}`).join('')).join('');
  const band = runs.map((run) => run.filter((p) => p.lo !== null && p.hi !== null)).filter((run) => run.length > 1)
    .map((run) => run.map((p, i) => `${i ? 'L' : 'M'}${x(p.offset)} ${y(p.hi!)}`).join('') + [...run].reverse().map((p) => `L${x(p.offset)} ${y(p.lo!)}`).join('') + 'Z').join('');
  return { line, band, dots: points.map((p) => ({ x: x(p.offset), y: y(p.est) })), x, y };
}
