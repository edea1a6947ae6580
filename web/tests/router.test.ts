import { expect, test } from 'vitest';
import { match, withQuery } from '../src/lib/router.ts';
import { commandOf, readFilter, readScope, writeFilter } from '../src/lib/scope.ts';

test('an address gives page, parameters and query', () => {
  expect(match('/maps/orders?at=delivered').name).toBe('map');
  expect(match('/maps/orders?at=delivered').params).toEqual({ map: 'orders' });
  expect(match('/maps/orders?at=delivered').query.get('at')).toBe('delivered');
  expect(match('/maps/new').name).toBe('newMap');
  expect(match('/maps/').name).toBe('maps');
  expect(match('/').name).toBe('home');
  expect(match('/setup#abc').hash).toBe('abc');
});
test('an id may hold anything', () => {
  const id = 'a/b ç؟%#';
  expect(match(`/customers/${encodeURIComponent(id)}`).params).toEqual({ id });
});
test('what is no page is missing, and a broken escape does no harm', () => {
  expect(match('/nowhere').name).toBe('missing');
  expect(match('/maps/a/b').name).toBe('missing');
  expect(match('/customers/%E0%A4%A').name).toBe('missing');
});
test('the query is changed name by name, lists repeat, empty goes', () => {
  expect(withQuery('/maps/a?at=x&tab=words', { at: null })).toBe('/maps/a?tab=words');
  expect(withQuery('/maps/a', { filter: ['channel:web', 'unit:UAE'] })).toBe('/maps/a?filter=channel%3Aweb&filter=unit%3AUAE');
  expect(withQuery('/maps/a?filter=x%3Ay', { filter: [] })).toBe('/maps/a');
});
test('a scope is read from the address and nonsense is left out', () => {
  const s = readScope(new URLSearchParams('version=3&from=5&compare=moon&filter=channel!:web&filter=nonsense'));
  expect(s).toEqual({ version: 3, from: '5', to: undefined, compare: undefined, filter: ['channel!:web'] });
});
test('filters survive writing and reading', () => {
  for (const f of [{ dimension: 'channel', value: 'web', exclude: false }, { dimension: 'unit', value: 'a:b', exclude: true }, { dimension: 'x', value: '', exclude: false }]) expect(readFilter(writeFilter(f))).toEqual(f);
});
test('the command says the same scope, quoted for a shell', () => {
  expect(commandOf('query touchpoints', 'orders', { version: 2, from: '0', filter: ["city:Ra's"] }, 3)).toBe("safar query touchpoints --map orders --version 2 --from 1970-01-01T00:00:00Z --filter 'city:Ra'\\''s' --json");
  expect(commandOf('query touchpoints', 'orders', { version: 3 }, 3)).toBe('safar query touchpoints --map orders --json');
});
