import { describe, expect, test } from 'vitest';
import type { Finding, MapListed, MeasuredTouchpoint } from '../src/api/types.ts';
import { shared, withoutName, type Pain } from '../src/lib/findings.ts';

const map = (key: string): MapListed => ({ key, name: { en: key }, version: 1, changed_ms: 0, touchpoints: 1 });
function pain(on: string, change: Partial<Finding> = {}, est = -12.5): Pain {
  const finding = {
    kind: 'pain', rank: 1, touchpoint: 'delivered', cause: 'breach', dimension: '', value: '', instances: 900, customers: 800, others: 100,
    diff: { est, lo: est - 1, hi: est + 1, level: 0.95, n: 900 }, size: 1, title: '', detail: '', ...change,
  } as Finding;
  return { map: map(on), finding, touchpoint: { key: finding.touchpoint, name: { en: 'Delivered' } } as unknown as MeasuredTouchpoint };
}

describe('findings of several maps', () => {
  test('the same one is listed once, with both maps, where it stood first', () => {
    const out = shared([pain('orders'), pain('orders', { cause: 'failure' }), pain('service'), pain('orders')]);
    expect(out.map((x) => [x.finding.cause, x.maps.map((m) => m.key)])).toEqual([['breach', ['orders', 'service']], ['failure', ['orders']]]);
  });
  test('the last bits of a sum make no difference', () => { expect(shared([pain('a', {}, -12.5), pain('b', {}, -12.5 + 1e-12)])).toHaveLength(1); });
  test('other figures, another touchpoint or another cause are another finding', () => {
    const others = [pain('b', {}, -12.4), pain('b', { instances: 901 }), pain('b', { touchpoint: 'paid' }), pain('b', { cause: 'repeat' }), pain('b', { dimension: 'unit', value: 'UAE' })];
    expect(shared([pain('a'), ...others])).toHaveLength(1 + others.length);
  });
});

describe('a title beside the name', () => {
  const name = { en: 'Home delivery', ar: 'التوصيل إلى المنزل', fa: 'تحویل در خانه' };
  test('says the name no second time', () => {
    expect(withoutName('Home delivery: promise broken for 34%', name)).toBe('Promise broken for 34%');
    expect(withoutName('التوصيل إلى المنزل – المستودع: جنوب دبي', name)).toBe('المستودع: جنوب دبي');
    expect(withoutName('\u2068Home delivery\u2069: وعده در ۳۴٪ عمل نشد', name)).toBe('وعده در ۳۴٪ عمل نشد');
  });
  test('keeps what is isolated after the name', () => { expect(withoutName('A (b): x \u2068خانه\u2069', { en: 'A (b)' })).toBe('X \u2068خانه\u2069'); });
  test('is left as it is when it does not begin with it', () => {
    expect(withoutName('Home delivery fails', name)).toBe('Home delivery fails');
    expect(withoutName('Delivery: late', name)).toBe('Delivery: late');
    expect(withoutName('Home delivery: ', name)).toBe('Home delivery: ');
    expect(withoutName('Anything', {})).toBe('Anything');
  });
  test('takes the whole of a longer name', () => { expect(withoutName('Home: delivery: late', { en: 'Home: delivery', fr: 'Home' })).toBe('Late'); });
});
