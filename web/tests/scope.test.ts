import { describe, expect, test } from 'vitest';
import { carried, readFigure, readNames, readScope, splitAt, writeFigure, writeName } from '../src/lib/scope.ts';
import { readSort, sorted } from '../src/lib/sort.ts';

describe('the scope in the address', () => {
  test('is read with segment, unit and what a journey is', () => {
    expect(readScope(new URLSearchParams('from=1&filter=channel:web&filter=bad&segment=late&unit=Iran&case=customer&version=x'))).toMatchObject({ from: '1', filter: ['channel:web'], segment: 'late', unit: 'Iran', case: 'customer', version: undefined });
  });
  test('goes along to another page, without what belongs to the page left', () => {
    expect(carried('/ways', new URLSearchParams('map=a&filter=x:1&filter=y:2&steps=A&at=id%3D1'))).toBe('/ways?map=a&filter=x%3A1&filter=y%3A2');
    expect(carried('/ways', new URLSearchParams('from=5'), 'orders')).toBe('/ways?map=orders&from=5');
    expect(carried('/ways', new URLSearchParams())).toBe('/ways');
  });
  test('a figure comes back as it was written', () => {
    const figure = { edge_from: 'A & B', edge_to: 'پرداخت=؟' };
    expect(readFigure(writeFigure(figure))).toEqual(figure);
    expect(readFigure(null)).toBeNull();
  });
  test('names with commas, bars and backslashes survive a list', () => {
    const names = ['Paid, in full', 'a|b', 'c\\d', 'plain'];
    expect(readNames(names.map(writeName).join(','))).toEqual(names);
    expect(splitAt('a\\,b,c|d', ',')).toEqual(['a\\,b', 'c|d']);
    expect(readNames('')).toEqual([]);
  });
});

describe('the order of a table', () => {
  const rows = [{ n: 2, s: 'b' }, { n: null, s: 'c' }, { n: 7, s: 'a' }];
  const of = (r: (typeof rows)[number], by: string): number | string | null => (by === 's' ? r.s : r.n);
  test('the largest first, turned round with a minus, unknown last in both', () => {
    expect(sorted(rows, readSort(null, 'n'), of).map((r) => r.n)).toEqual([7, 2, null]);
    expect(sorted(rows, readSort('-n', 'n'), of).map((r) => r.n)).toEqual([2, 7, null]);
  });
  test('names begin at the first letter', () => {
    expect(sorted(rows, readSort('s', 'n'), of).map((r) => r.s)).toEqual(['a', 'b', 'c']);
    expect(sorted(rows, readSort('-s', 'n'), of).map((r) => r.s)).toEqual(['c', 'b', 'a']);
  });
});
