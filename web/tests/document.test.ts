import { describe, expect, test } from 'vitest';
import type { MapDocument } from '../src/api/types.ts';
import * as d from '../src/lib/document.ts';

const doc: MapDocument = {
  key: 'orders', name: { en: 'Orders' }, later: { kept: true },
  stages: [{ key: 'buy', name: { en: 'Buy' } }, { key: 'get', name: { en: 'Get' } }, { key: 'keep', name: { en: 'Keep' } }],
  touchpoints: ['a', 'b', 'c', 'd', 'e'].map((key, i) => ({ key, stage: i < 2 ? 'buy' : i < 4 ? 'get' : 'keep', name: { en: key.toUpperCase() }, rules: [{ event: key }] })),
};
const order = (x: MapDocument): string => x.touchpoints.map((t) => `${t.stage}/${d.stepOf(t) === t.key ? '' : `${t.step}:`}${t.key}`).join(' ');
/** What the server checks as map.order and map.step. */
function sound(x: MapDocument): void {
  const place = x.stages.map((s) => s.key);
  const at = x.touchpoints.map((t) => place.indexOf(t.stage));
  expect(at.every((v) => v >= 0)).toBe(true);
  expect([...at].sort((m, n) => m - n)).toEqual(at);
  const steps = d.stepsOf(x).map((s) => s.key);
  expect(new Set(steps).size).toBe(steps.length);
}

test('renaming touches one language of one name', () => {
  const next = d.renameTouchpoint(doc, 'a', 'fa', 'خرید');
  expect(next.touchpoints[0]!.name).toEqual({ en: 'A', fa: 'خرید' });
  expect(d.renameTouchpoint(next, 'a', 'fa', ' ').touchpoints[0]!.name).toEqual({ en: 'A' });
  expect(doc.touchpoints[0]!.name).toEqual({ en: 'A' });
  expect(d.renameStage(doc, 'get', 'ar', 'الاستلام').stages[1]!.name).toEqual({ en: 'Get', ar: 'الاستلام' });
  expect(d.renameMap(doc, 'en', 'Ordering').name).toEqual({ en: 'Ordering' });
});
test('what the editor does not know is kept', () => { expect(d.moveStep(doc, 'a', 1)['later']).toEqual({ kept: true }); });
test('a step moves inside its stage and over its edge', () => {
  expect(order(d.moveStep(doc, 'a', 1))).toBe('buy/b buy/a get/c get/d keep/e');
  expect(order(d.moveStep(doc, 'b', 1))).toBe('buy/a get/b get/c get/d keep/e');
  expect(order(d.moveStep(doc, 'c', -1))).toBe('buy/a buy/b buy/c get/d keep/e');
  expect(d.moveStep(doc, 'a', -1)).toBe(doc);
  expect(d.moveStep(doc, 'e', 1)).toBe(doc);
});
test('a step is put anywhere', () => {
  expect(order(d.placeStep(doc, 'e', 'buy', 0))).toBe('buy/e buy/a buy/b get/c get/d');
  expect(order(d.placeStep(doc, 'a', 'get', 1))).toBe('buy/b get/c get/a get/d keep/e');
  expect(order(d.placeStep(doc, 'a', 'keep', Infinity))).toBe('buy/b get/c get/d keep/e keep/a');
  expect(d.placeStep(doc, 'a', 'nowhere', 0)).toBe(doc);
});
test('merged steps are branches that stay and move together', () => {
  const merged = d.mergeSteps(doc, 'd', 'b');
  expect(order(merged)).toBe('buy/b:a buy/b buy/b:d get/c keep/e'.replace('buy/b:a', 'buy/a'));
  expect(d.stepsOf(merged).map((s) => s.touchpoints.length)).toEqual([1, 2, 1, 1]);
  expect(order(d.moveStep(merged, 'b', -1))).toBe('buy/b buy/b:d buy/a get/c keep/e');
  sound(merged);
});
test('a branch becomes a step again, also the one that named it', () => {
  const merged = d.mergeSteps(doc, 'd', 'c');
  expect(order(d.splitTouchpoint(merged, 'd'))).toBe(order(doc));
  const split = d.splitTouchpoint(merged, 'c');
  expect(d.stepsOf(split).map((s) => s.key)).toEqual(['a', 'b', 'd', 'c', 'e']);
  expect(split.touchpoints.every((t) => !('step' in t) || t.step === t.key)).toBe(true);
  expect(d.splitTouchpoint(doc, 'a')).toBe(doc);
});
test('stages come, go and move, and their steps with them', () => {
  const { doc: more, key } = d.addStage(doc, 'buy', { en: 'Pay now' });
  expect(more.stages.map((s) => s.key)).toEqual(['buy', 'pay_now', 'get', 'keep']);
  expect(key).toBe('pay_now');
  expect(order(d.removeStage(doc, 'get'))).toBe('buy/a buy/b buy/c buy/d keep/e');
  expect(order(d.removeStage(doc, 'buy'))).toBe('get/a get/b get/c get/d keep/e');
  expect(order(d.moveStage(doc, 'keep', -1))).toBe('buy/a buy/b keep/e get/c get/d');
  expect(d.moveStage(doc, 'buy', -1)).toBe(doc);
});
test('the last stage stays', () => { expect(d.removeStage({ ...doc, stages: doc.stages.slice(0, 1) }, 'buy').stages.length).toBe(1); });
test('a found event joins a touchpoint once, or becomes one', () => {
  const once = d.addRule(doc, 'a', { event: 'WhatsApp', channel: 'chat' });
  expect(once.touchpoints[0]!.rules).toHaveLength(2);
  expect(d.addRule(once, 'a', { event: 'WhatsApp', channel: 'chat' }).touchpoints[0]!.rules).toHaveLength(2);
  const { doc: own, key } = d.addTouchpoint(doc, 'get', { en: 'WhatsApp' }, { event: 'WhatsApp Message' });
  expect(key).toBe('whatsapp_message');
  expect(order(own)).toBe('buy/a buy/b get/c get/d get/whatsapp_message keep/e');
  expect(d.removeRule(once, 'a', 1).touchpoints[0]!.rules).toEqual([{ event: 'a' }]);
});
test('a removed touchpoint leaves no trace', () => {
  expect(d.removeTouchpoint({ ...doc, purchase_after: 'b' }, 'b')['purchase_after']).toBeUndefined();
  const merged = d.mergeSteps(doc, 'd', 'c');
  expect(order(d.removeTouchpoint(merged, 'c'))).toBe('buy/a buy/b get/d keep/e');
});
test('what says nothing is not written', () => {
  expect('optional' in d.setOptional(d.setOptional(doc, 'a', true), 'a', false).touchpoints[0]!).toBe(false);
  expect('owner' in d.setOwner(doc, 'a', 'en', '  ').touchpoints[0]!).toBe(false);
  expect(d.setPromise(doc, 'a', { within: '2d' }).touchpoints[0]!.promise).toEqual({ within: '2d' });
  expect('promise' in d.setPromise(d.setPromise(doc, 'a', { within: '2d' }), 'a', { within: '' }).touchpoints[0]!).toBe(false);
  expect(d.setAssumed(doc, 'a', -1, 'team', '2026-01-01').touchpoints[0]!.assumed).toEqual({ feeling: -1, by: 'team', at: '2026-01-01' });
  expect('assumed' in d.setAssumed(doc, 'a', null, '', '').touchpoints[0]!).toBe(false);
});
test('keys are made of letters, and are new', () => {
  expect(d.freshKey('Order Delivered!', [])).toBe('order_delivered');
  expect(d.freshKey('Order Delivered', ['order_delivered'])).toBe('order_delivered_2');
  expect(d.freshKey('تحویل', ['step'])).toBe('step_2');
});

describe('undo and redo', () => {
  test('go back and forth through what was done', () => {
    let h = d.history(doc);
    h = d.did(h, d.moveStep(h.now, 'a', 1));
    h = d.did(h, d.renameTouchpoint(h.now, 'a', 'en', 'Ax'), 'name.a');
    h = d.did(h, d.renameTouchpoint(h.now, 'a', 'en', 'Axe'), 'name.a');
    expect(h.past).toHaveLength(2); // typing is one step
    h = d.undo(h);
    expect(h.now.touchpoints.find((t) => t.key === 'a')!.name).toEqual({ en: 'A' });
    h = d.undo(h);
    expect(h.now).toBe(doc);
    expect(d.undo(h)).toBe(h);
    h = d.redo(d.redo(h));
    expect(h.now.touchpoints.find((t) => t.key === 'a')!.name).toEqual({ en: 'Axe' });
    expect(d.redo(h)).toBe(h);
  });
  test('a new deed ends what could be redone, and nothing done is nothing', () => {
    let h = d.did(d.history(doc), d.moveStep(doc, 'a', 1));
    h = d.did(d.undo(h), d.moveStep(doc, 'b', 1));
    expect(h.future).toEqual([]);
    expect(d.did(h, h.now)).toBe(h);
  });
});

test('a thousand random edits keep the order that the server asks for', () => {
  let seed = 7;
  const rnd = (n: number): number => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * n); };
  let x = doc;
  for (let i = 0; i < 1000; i++) {
    const steps = d.stepsOf(x), tp = x.touchpoints[rnd(x.touchpoints.length)], st = x.stages[rnd(x.stages.length)]!;
    const step = steps[rnd(steps.length)]!.key;
    switch (rnd(9)) {
      case 0: x = d.moveStep(x, step, rnd(2) ? 1 : -1); break;
      case 1: x = d.placeStep(x, step, st.key, rnd(4)); break;
      case 2: x = d.mergeSteps(x, step, steps[rnd(steps.length)]!.key); break;
      case 3: if (tp) x = d.splitTouchpoint(x, tp.key); break;
      case 4: if (x.stages.length < 6) x = d.addStage(x, st.key, { en: 'new' }).doc; break;
      case 5: x = d.removeStage(x, st.key); break;
      case 6: x = d.moveStage(x, st.key, rnd(2) ? 1 : -1); break;
      case 7: if (x.touchpoints.length < 12) x = d.addTouchpoint(x, st.key, { en: 't' }).doc; break;
      default: if (tp && x.touchpoints.length > 3) x = d.removeTouchpoint(x, tp.key);
    }
    sound(x);
  }
});

describe('texts by language or plain', () => {
  const both: MapDocument = { ...doc, name: { ar: 'الطلبات', en: 'Orders' } };
  const owner = (x: MapDocument): unknown => x.touchpoints[0]!.owner;
  const having = (written: unknown): MapDocument => ({ ...both, touchpoints: both.touchpoints.map((t, i) => (i ? t : { ...t, owner: written as string })) });
  test('one language is written, the others stay', () => {
    const x = having({ en: 'Logistics', ar: 'الخدمات', fr: 'Logistique' });
    expect(owner(d.setOwner(x, 'a', 'fa', 'لجستیک'))).toEqual({ en: 'Logistics', ar: 'الخدمات', fr: 'Logistique', fa: 'لجستیک' });
    expect(owner(d.setOwner(x, 'a', 'en', 'Couriers'))).toEqual({ en: 'Couriers', ar: 'الخدمات', fr: 'Logistique' });
    expect(owner(d.setOwner(x, 'a', 'en', ' '))).toEqual({ ar: 'الخدمات', fr: 'Logistique' });
    expect(owner(x)).toEqual({ en: 'Logistics', ar: 'الخدمات', fr: 'Logistique' });
  });
  test('a plain text stays plain only in the first language of the map', () => {
    const x = having('الخدمات');
    expect(owner(d.setOwner(x, 'a', 'ar', 'النقل'))).toBe('النقل');
    expect(owner(d.setOwner(x, 'a', 'en', 'Logistics'))).toEqual({ ar: 'الخدمات', en: 'Logistics' });
    expect(owner(d.setOwner(x, 'a', 'en', ''))).toEqual({ ar: 'الخدمات' });
    expect('owner' in d.setOwner(x, 'a', 'ar', '').touchpoints[0]!).toBe(false);
  });
  test('a new text has its language, and the last one takes the member away', () => {
    const x = d.setBehind(both, 'a', 'fa', 'انبار');
    expect(x.touchpoints[0]!.behind).toEqual({ fa: 'انبار' });
    expect('behind' in d.setBehind(x, 'a', 'fa', '').touchpoints[0]!).toBe(false);
  });
  test('reading falls back to the languages of the map, then to English', () => {
    expect(d.readText(both, { en: 'Logistics', ar: 'الخدمات' }, 'fa')).toBe('الخدمات');
    expect(d.readText(both, { fr: 'Logistique', en: 'Logistics' }, 'fa')).toBe('Logistics');
    expect(d.readText(both, { fr: 'Logistique' }, 'fa')).toBe('Logistique');
    expect(d.readText(both, 'plain', 'fa')).toBe('plain');
    expect(d.readText(both, undefined, 'fa')).toBe('');
    expect(d.ownText({ en: 'Logistics' }, 'fa')).toBe('');
    expect(d.ownText('plain', 'fa')).toBe('plain');
  });
  test('who believed is kept in all languages when the feeling changes', () => {
    const by = { en: 'workshop', fa: 'کارگاه' };
    const x = { ...both, touchpoints: both.touchpoints.map((t) => ({ ...t, assumed: { feeling: 1, by, at: '2026-03-03' } })) };
    expect(d.setAssumed(x, 'a', -1, 'me', '2026-04-04').touchpoints[0]!.assumed).toEqual({ feeling: -1, by, at: '2026-03-03' });
  });
});
