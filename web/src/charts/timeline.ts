/*
 * One customer's contacts: a lane for each channel, time along it, a thread
 * from contact to contact. Mirrors in right-to-left: time runs with reading.
 * A time axis where nothing happened for long is mostly empty, so pauses
 * longer than a tenth of the whole keep a tenth: marked as a break.
 */
export interface Contact { at_ms: number; channel: string }
export interface Lane { channel: string; y: number }
export interface TimelineGeometry {
  lanes: Lane[]; points: { x: number; y: number }[]; thread: string; ticks: { x: number; at_ms: number }[]; breaks: { x: number; ms: number }[]; height: number;
}
export const LANE = 32;
const round = (v: number): number => Math.round(v * 10) / 10;

export function timeline(contacts: Contact[], width: number, rtl: boolean, lanesMax = 8): TimelineGeometry {
  const sorted = [...contacts].sort((a, b) => a.at_ms - b.at_ms);
  const counts = new Map<string, number>();
  for (const c of contacts) counts.set(c.channel, (counts.get(c.channel) ?? 0) + 1);
  const order = [...counts.keys()];
  // The rarest share the last lane when there are more than fit.
  const kept = new Set([...counts].sort((a, b) => b[1] - a[1]).slice(0, order.length > lanesMax ? lanesMax - 1 : lanesMax).map((x) => x[0]));
  const names = order.filter((c) => kept.has(c));
  if (kept.size < order.length) names.push('…');
  const lanes = names.map((channel, i) => ({ channel, y: i * LANE + LANE / 2 }));
  const yOf = (c: string): number => lanes.find((l) => l.channel === c)?.y ?? lanes.at(-1)?.y ?? 0;

  const whole = sorted.length ? sorted.at(-1)!.at_ms - sorted[0]!.at_ms : 0;
  const cap = whole / 10;
  const along: number[] = [];
  const pauses: { i: number; ms: number }[] = [];
  let at = 0;
  sorted.forEach((c, i) => {
    const gap = i === 0 ? 0 : c.at_ms - sorted[i - 1]!.at_ms;
    if (i > 0 && sorted.length > 3 && gap > cap) { at += cap; pauses.push({ i, ms: gap }); } else at += gap;
    along.push(at);
  });
  const pad = 12;
  const xOf = (v: number): number => {
    const x = at > 0 ? pad + (v / at) * (width - 2 * pad) : width / 2;
    return round(rtl ? width - x : x);
  };
  const place = new Map(sorted.map((c, i) => [c, { x: xOf(along[i]!), y: yOf(c.channel) }]));
  const points = contacts.map((c) => place.get(c)!);
  const thread = sorted.map((c, i) => {
    const p = place.get(c)!;
    if (i === 0) return `M${p.x} ${p.y}`;
    const q = place.get(sorted[i - 1]!)!;
    const mid = round((p.x + q.x) / 2);
    return p.y === q.y ? `L${p.x} ${p.y}` : `C${mid} ${q.y} ${mid} ${p.y} ${p.x} ${p.y}`;
  }).join('');
  const ticks: { x: number; at_ms: number }[] = [];
  for (const c of sorted) {
    const x = place.get(c)!.x;
    if (ticks.every((k) => Math.abs(k.x - x) >= 90)) ticks.push({ x, at_ms: c.at_ms });
  }
  const breaks = pauses.map(({ i, ms }) => ({ x: round((xOf(along[i]!) + xOf(along[i - 1]!)) / 2), ms }));
  return { lanes, points, thread, ticks, breaks, height: lanes.length * LANE + 24 };
}
