/* The order of a table as the address says it: "score" from the largest, "-score" from the smallest. Pure. */
export interface Sort { by: string; down: boolean }
export function readSort(text: string | null, usual: string): Sort {
  const by = text ?? usual;
  return by.startsWith('-') ? { by: by.slice(1), down: false } : { by, down: true };
}
/** A sorted copy; what has no value stands last in either order, and equal ones keep their place. */
export function sorted<R>(rows: readonly R[], sort: Sort, valueOf: (row: R, by: string) => number | string | null): R[] {
  return [...rows].sort((a, b) => {
    const x = valueOf(a, sort.by), y = valueOf(b, sort.by);
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === 'string' || typeof y === 'string' ? String(x).localeCompare(String(y)) : x - y;
    // Names begin at A unless turned round.
    return (typeof x === 'string') === sort.down ? order : -order;
  });
}
