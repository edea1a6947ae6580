import { expect, test } from 'vitest';
import { otherSide } from '../src/lib/compare.ts';

test('the rest of a segment is everybody who is not in it', () => {
  expect(otherSide({ segment: 'late' }, 'rest')).toEqual({ segment: 'not in segment "late"' });
  expect(otherSide({ segment: 'did "A" or did "B"', unit: 'x' }, 'rest')).toEqual({ segment: 'not (did "A" or did "B")', unit: 'x' });
  expect(otherSide({}, 'rest')).toBeNull();
});
test('the period before is as long and ends where this one begins', () => {
  expect(otherSide({ from: '1000', to: '1500' }, 'before')).toEqual({ from: '500', to: '1000' });
  expect(otherSide({ from: '2026-01-02T00:00:00Z', to: '2026-01-03T00:00:00Z' }, 'before')).toEqual({ from: String(Date.UTC(2026, 0, 1)), to: String(Date.UTC(2026, 0, 2)) });
  expect(otherSide({ from: '1000' }, 'before')).toBeNull();
});
