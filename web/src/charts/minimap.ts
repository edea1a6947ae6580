/* The overview under the drawing: the river's height at each step and a dot for each score. Mirrors with the drawing. */
export interface MinimapInput { entered: number; score: number | null }
export interface Minimap { river: string; dots: { x: number; y: number; score: number }[] }

/** `start` and `end` are the share of the width where the columns begin and end, as in the drawing. */
export function minimap(steps: MinimapInput[], width: number, height: number, start: number, end: number, rtl: boolean): Minimap {
  const round = (v: number): number => Math.round(v * 10) / 10;
  const x = (share: number): number => round(rtl ? width * (1 - share) : width * share);
  const n = Math.max(1, steps.length), cw = (end - start) / n;
  const most = Math.max(1, ...steps.map((s) => s.entered));
  const deep = height * 0.55;
  let river = '';
  if (steps.length) {
    river = `M${x(start)} 0H${x(end)}`;
    for (let i = steps.length - 1; i >= 0; i--) {
      const y = round((steps[i]!.entered / most) * deep);
      river += `V${y}H${x(start + i * cw)}`;
    }
    river += 'Z';
  }
  const dots = steps.flatMap((s, i) => (s.score === null ? [] : [{ x: x(start + (i + 0.5) * cw), y: round(height - 5 - (s.score / 100) * (height - 10)), score: s.score }]));
  return { river, dots };
}
