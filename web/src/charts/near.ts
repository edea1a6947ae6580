/*
 * Where an arrow key leads in a drawing that is no grid: to the nearest thing
 * on that side, what lies straight ahead before what lies aslant. Works on
 * places on the screen, so it needs no mirroring.
 */
export interface Place { x: number; y: number }
const ways: Record<string, Place> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } };

/** Index of the place reached from `from`, or -1 when nothing lies on that side. */
export function nearest(places: readonly Place[], from: number, key: string): number {
  const way = ways[key], at = places[from];
  if (!way || !at) return -1;
  let best = -1, least = Infinity;
  places.forEach((p, i) => {
    const dx = p.x - at.x, dy = p.y - at.y, ahead = dx * way.x + dy * way.y, aside = Math.abs(dx * way.y) + Math.abs(dy * way.x);
    if (i === from || ahead <= 1) return;
    const far = ahead + 2 * aside;
    if (far < least) { least = far; best = i; }
  });
  return best;
}
