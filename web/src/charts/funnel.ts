/*
 * The river of a funnel: flat top, what is lost leaves at the bottom and
 * falls. Heights are cases on one linear scale. Optional steps stand in the
 * river without changing it. Mirrors in right-to-left, once, at the end.
 */
export interface FunnelBar { x: number; y: number; h: number; dashed: boolean }
export interface FunnelRiver { bars: FunnelBar[]; river: string; falls: string[]; height: number; bar: number }
const r1 = (v: number): number => Math.round(v * 10) / 10;

export function funnelRiver(steps: readonly { cases: number; optional: boolean }[], width: number, tallest: number, most: number, rtl: boolean): FunnelRiver {
  const BAR = 9, TURN = 7, TAIL = 18, TOP = 2;
  const cw = width / Math.max(1, steps.length), scale = most > 0 ? tallest / most : 0;
  const at = (x: number): number => r1(rtl ? width - x : x);
  const h = (cases: number): number => (cases > 0 ? Math.max(1.4, cases * scale) : 0);
  const centre = (i: number): number => cw * (i + 0.5);
  const bars: FunnelBar[] = [];
  const falls: string[] = [];
  let river = '', deepest = 0;
  const required = steps.map((s, i) => ({ ...s, i })).filter((s) => !s.optional);
  required.forEach((s, k) => {
    const next = required[k + 1], from = centre(s.i), here = h(s.cases), on = next ? Math.min(here, h(next.cases)) : here;
    if (next && on > 0) { const to = centre(next.i); river += `M${at(from)} ${TOP}H${at(to)}V${r1(TOP + on)}H${at(from)}Z`; }
    const lost = next ? here - on : 0;
    if (lost > 0.2) {
      // The fall keeps its width unless the column is too narrow for it.
      const thick = Math.min(lost, cw - BAR - TURN - 4), foot = TOP + here + TURN + TAIL;
      falls.push(`M${at(from)} ${r1(TOP + on)}Q${at(from + thick + TURN)} ${r1(TOP + on)} ${at(from + thick + TURN)} ${r1(TOP + on + thick + TURN)}V${r1(foot)}H${at(from + TURN)}V${r1(TOP + here + TURN)}Q${at(from + TURN)} ${r1(TOP + here)} ${at(from)} ${r1(TOP + here)}Z`);
      deepest = Math.max(deepest, foot);
    }
    deepest = Math.max(deepest, TOP + here);
  });
  steps.forEach((s, i) => bars.push({ x: at(centre(i) + (rtl ? BAR / 2 : -BAR / 2)), y: TOP, h: r1(Math.max(2, h(s.cases))), dashed: s.optional }));
  return { bars, river, falls, height: Math.ceil(Math.max(deepest, TOP + tallest) + 4), bar: BAR };
}
