import { expect, test } from 'vitest';
import { minimap } from '../src/charts/minimap.ts';
import { scoreGeometry, stepOfScore } from '../src/charts/score.ts';
import { timeline } from '../src/charts/timeline.ts';
import { lateBy, ratingOf } from '../src/lib/customer.ts';
import type { CustomerEvent } from '../src/api/types.ts';

test('scores fall into nine equal steps, the last one closed', () => {
  expect([0, 11.1, 11.2, 50, 99.9, 100].map(stepOfScore)).toEqual([0, 0, 1, 4, 8, 8]);
});
test('the score axis mirrors', () => {
  const e = { est: 31, lo: 29, hi: 33, lo80: 30, hi80: 32 };
  const l = scoreGeometry(e, 200, false), r = scoreGeometry(e, 200, true);
  expect(l.est).toBe(62);
  expect(r.est).toBe(138);
  expect(l.whisker).toEqual({ x1: 58, x2: 66 });
  expect(r.whisker).toEqual({ x1: 134, x2: 142 });
  expect(scoreGeometry({ est: 31, lo: null, hi: null }, 200, false).whisker).toBeNull();
});
test('time runs with reading, each channel has its lane', () => {
  const contacts = [{ at_ms: 0, channel: 'web' }, { at_ms: 50, channel: 'app' }, { at_ms: 100, channel: 'web' }];
  const l = timeline(contacts, 424, false), r = timeline(contacts, 424, true);
  expect(l.lanes.map((x) => x.channel)).toEqual(['web', 'app']);
  expect(l.points.map((p) => p.x)).toEqual([12, 212, 412]);
  expect(r.points.map((p) => p.x)).toEqual([412, 212, 12]);
  expect(l.points[0]!.y).toBe(l.points[2]!.y);
});
test('a long pause is cut and marked; one contact stands in the middle; none is nothing', () => {
  const day = 86_400_000;
  const g = timeline([0, 1, 2, 3, 300].map((n) => ({ at_ms: n * day, channel: 'web' })), 400, false);
  expect(g.breaks).toHaveLength(1);
  expect(g.points.every((p) => p.x >= 0 && p.x <= 400)).toBe(true);
  expect(timeline([{ at_ms: 5, channel: '' }], 400, false).points[0]!.x).toBe(200);
  expect(timeline([], 400, false).points).toEqual([]);
});
test('more channels than lanes share the last', () => {
  const g = timeline([...Array(12).keys()].map((n) => ({ at_ms: n, channel: `c${n}` })), 400, false);
  expect(g.lanes).toHaveLength(8);
  expect(g.lanes.at(-1)!.channel).toBe('…');
});
test('the overview is as wide as the drawing and mirrors', () => {
  const steps = [{ entered: 100, score: 50 }, { entered: 50, score: null }];
  const l = minimap(steps, 100, 40, 0.1, 0.9, false), r = minimap(steps, 100, 40, 0.1, 0.9, true);
  expect(l.dots).toHaveLength(1);
  expect(l.dots[0]!.x).toBe(30);
  expect(r.dots[0]!.x).toBe(70);
  expect(l.river.startsWith('M10 0H90')).toBe(true);
  expect(minimap([], 100, 40, 0.1, 0.9, false)).toEqual({ river: '', dots: [] });
});
test('a rating is read on its own scale; one outside it is none', () => {
  const e = (properties: Record<string, unknown>): CustomerEvent => ({ arrival: 1, at_ms: 1000, received_ms: 0, source: 1, type: 'track', name: 'x', channel: '', touchpoint: null, body: { properties } });
  expect(ratingOf(e({ score: 4 }))).toEqual({ value: 4, max: 5, share: 75 });
  expect(ratingOf(e({ score: 9, score_kind: 'nps' }))?.share).toBe(90);
  expect(ratingOf(e({ score: '2', score_min: 0, score_max: 4 }))?.share).toBe(50);
  expect(ratingOf(e({ score: 11 }))).toBeNull();
  expect(ratingOf(e({}))).toBeNull();
  expect(lateBy(e({ expected_at: 400 }))).toBe(600);
  expect(lateBy(e({ expected_at: 4000 }))).toBeNull();
});
