import { expect, test } from 'vitest';
import { pieces } from '../src/lib/marks.ts';

test('a text is cut at its marks and nothing is lost', () => {
  expect(pieces('so late again', [[3, 7]])).toEqual([{ text: 'so ', marked: false }, { text: 'late', marked: true }, { text: ' again', marked: false }]);
  expect(pieces('دیر رسید', [[0, 3], [4, 8]]).map((p) => p.text).join('')).toBe('دیر رسید');
});
test('marks that cannot be are left out', () => {
  for (const marks of [[[0, 99]], [[2, 2]], [[3, 1]]] as [number, number][][]) expect(pieces('abc', marks)).toEqual([{ text: 'abc', marked: false }]);
  expect(pieces('abcdef', [[0, 3], [1, 5]])).toEqual([{ text: 'abc', marked: true }, { text: 'def', marked: false }]);
  expect(pieces('', [])).toEqual([]);
});
