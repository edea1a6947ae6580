import { describe, expect, test } from 'vitest';
import { curve } from '../src/charts/curve.ts';
import { funnelRiver } from '../src/charts/funnel.ts';
import { nearest } from '../src/charts/near.ts';
import { added, changed, moved, readSteps, without, writeSteps } from '../src/lib/funnel.ts';

describe('the steps of a funnel in the address', () => {
  test('are read with alternatives and optional ones, the first never optional', () => {
    expect(readSteps('A?,B|C,D?')).toEqual([{ names: ['A'], optional: false }, { names: ['B', 'C'], optional: false }, { names: ['D'], optional: true }]);
    expect(readSteps(null)).toEqual([]);
  });
  test('come back as they were written, whatever a name holds', () => {
    const steps = [{ names: ['Paid, now?'], optional: false }, { names: ['a|b', 'c\\'], optional: true }];
    expect(readSteps(writeSteps(steps))).toEqual(steps);
  });
  test('are added, moved, changed and taken away without touching the list that was', () => {
    const steps = readSteps('A,B,C');
    expect(writeSteps(added(steps, 'D'))).toBe('A,B,C,D');
    expect(writeSteps(moved(steps, 2, 0))).toBe('C,A,B');
    expect(writeSteps(moved(steps, 0, 9))).toBe('B,C,A');
    expect(writeSteps(changed(steps, 1, { optional: true }))).toBe('A,B?,C');
    expect(writeSteps(without(steps, 0))).toBe('B,C');
    expect(writeSteps(steps)).toBe('A,B,C');
  });
});

describe('the river of a funnel', () => {
  const steps = [{ cases: 100, optional: false }, { cases: 20, optional: true }, { cases: 50, optional: false }];
  test('has bars in proportion, a ribbon past an optional step, and one fall of what is lost', () => {
    const g = funnelRiver(steps, 300, 100, 100, false);
    expect(g.bars.map((b) => b.h)).toEqual([100, 20, 50]);
    expect(g.bars[1]!.dashed).toBe(true);
    expect(g.river).toBe('M50 2H250V52H50Z');
    expect(g.falls).toHaveLength(1);
  });
  test('mirrors once: what was at the start is at the other side', () => {
    const g = funnelRiver(steps, 300, 100, 100, true);
    expect(g.river).toBe('M250 2H50V52H250Z');
    expect(g.bars[0]!.x + g.bar / 2).toBe(250);
  });
});

describe('the curve of a retention', () => {
  const box = { left: 0, top: 0, width: 100, height: 100 };
  const p = (offset: number, est: number): { offset: number; est: number; lo: number; hi: number } => ({ offset, est, lo: est - 0.1, hi: est + 0.1 });
  test('breaks at a gap instead of drawing through it', () => {
    const g = curve([p(0, 1), p(1, 0.5), p(3, 0.3), p(4, 0.2)], 4, box, false);
    expect(g.line).toBe('M0 0L25 50M75 70L100 80');
    expect(g.dots).toHaveLength(4);
    expect(curve([p(0, 1), p(2, 0.5)], 4, box, false).line).toBe('');
  });
  test('time mirrors, up does not', () => {
    expect(curve([p(0, 1), p(1, 0.5)], 1, box, true).line).toBe('M100 0L0 50');
  });
});

test('an arrow key leads to the nearest thing on its side, straight ahead first', () => {
  const places = [{ x: 0, y: 0 }, { x: 50, y: 60 }, { x: 80, y: 5 }, { x: -30, y: 0 }];
  expect(nearest(places, 0, 'ArrowRight')).toBe(2);
  expect(nearest(places, 0, 'ArrowLeft')).toBe(3);
  expect(nearest(places, 0, 'ArrowDown')).toBe(1);
  expect(nearest(places, 0, 'ArrowUp')).toBe(-1);
  expect(nearest(places, 0, 'x')).toBe(-1);
});
