import { describe, expect, it } from 'vitest';
import * as s from '../src/lib/survey.ts';
import { counts, met, sequenceMet, share, urlFits } from '../survey/triggers.ts';

const doc: s.SurveyDocument = {
  locale: 'en', title: { default: 'Delivery', fa: 'تحویل' },
  pages: [
    { name: 'p1', elements: [{ type: 'rating', name: 'nps', title: 'How likely?' }, { type: 'comment', name: 'why', visibleIf: '{nps} < 7' }] },
    { name: 'p2', elements: [{ type: 'panel', name: 'more', elements: [{ type: 'text', name: 'city' }] }] },
  ],
};
const names = (d: s.SurveyDocument): string[][] => d.pages.map((p) => (p.elements ?? []).map((e) => e.name));

describe('a survey document', () => {
  it('writes one language and keeps the others', () => {
    expect(s.written(doc, 'How likely?', 'fa', 'چقدر؟')).toEqual({ default: 'How likely?', fa: 'چقدر؟' });
    expect(s.written(doc, { default: 'a', fa: 'b' }, 'fa', '')).toBe('a');
    expect(s.written(doc, 'a', 'en', '')).toBeUndefined();
    expect(s.textIn(doc, 'a', 'fa')).toBe('');
    expect(s.shown(doc, { default: 'a', fa: 'b' }, 'ar')).toBe('a');
    expect(s.languagesOf(doc)).toEqual(['en', 'fa']);
  });
  it('moves over the edge of a page, and stays inside a panel', () => {
    expect(names(s.move(doc, [0, 1], 1).doc)).toEqual([['nps'], ['why', 'more']]);
    expect(names(s.move(doc, [1, 0], -1).doc)).toEqual([['nps', 'why', 'more'], []]);
    expect(s.move(doc, [0, 0], -1).doc).toBe(doc);
    expect(s.move(doc, [1, 0, 0], 1).doc).toBe(doc);
  });
  it('gives a copy names of its own, down into a panel', () => {
    const out = s.duplicate(doc, [1, 0]);
    expect(out.doc.pages[1]!.elements!.map((e) => [e.name, e.elements?.[0]?.name])).toEqual([['more', 'city'], ['more_2', 'city_2']]);
    expect(out.place).toEqual([1, 1]);
  });
  it('renames a question where conditions speak of it', () => {
    const out = s.rename(doc, [0, 0], 'score');
    expect(out.pages[0]!.elements![1]!.visibleIf).toBe('{score} < 7');
    expect(doc.pages[0]!.elements![0]!.name).toBe('nps');
  });
  it('keeps the questions of a page that is taken away', () => {
    expect(names(s.removePage(doc, 0))).toEqual([['nps', 'why', 'more']]);
    expect(names(s.removePage(doc, 1))).toEqual([['nps', 'why', 'more']]);
  });
  it('adds behind what is chosen, with a name that is free', () => {
    const out = s.add(doc, 'comment', 0, [0, 0]);
    expect(names(out.doc)[0]).toEqual(['nps', 'comment', 'why']);
    expect(s.freshName(out.doc, 'comment')).toBe('comment_2');
  });
  it('knows where a pointer of the server leads', () => {
    expect(s.placeOf('/pages/1/elements/0/elements/2/title/fa')).toEqual({ place: [1, 0, 2], member: 'title' });
    expect(s.placeOf('/title')).toBeNull();
  });
  it('undoes what was typed in one field as one step', () => {
    let h = s.history(doc);
    h = s.did(h, s.change(doc, [0, 0], { title: 'a' }), 'title');
    h = s.did(h, s.change(doc, [0, 0], { title: 'ab' }), 'title');
    expect(s.undo(h).now).toBe(doc);
    expect(s.redo(s.undo(h)).now).toBe(h.now);
  });
});

describe('a condition', () => {
  it('is a sentence and back again', () => {
    for (const text of ["{nps} < 7 and {why} notempty", "{topic} = 'it\\'s' or {topic} contains 'x'", '{ok} = true']) expect(s.conditionText(s.conditionOf(text)!)).toBe(text);
    expect(s.conditionOf('')).toEqual({ all: true, terms: [] });
  });
  it('is left as text when it says more than a list', () => {
    for (const text of ['{a} = 1 and {b} = 2 or {c} = 3', 'iif({a} > 1, true, false)', '{a} + 1 > 2', '{a} =']) expect(s.conditionOf(text)).toBeNull();
  });
});

describe('triggers of the widget', () => {
  const here = { url: 'https://shop.example/checkout/pay?x=1', seconds: 4, depth: 50, left: false, visitor: 'v' };
  it('fit addresses with stars', () => {
    expect(urlFits('/checkout*', here.url)).toBe(true);
    expect(urlFits('*/pay', here.url)).toBe(true);
    expect(urlFits('/check', here.url)).toBe(false);
    expect(urlFits('https://shop.example/*', here.url)).toBe(true);
    expect(urlFits('/pay', here.url)).toBe(false);
  });
  it('count an event within a window', () => {
    const all: [string, number][] = [['fail', 1000], ['fail', 50_000], ['ok', 55_000], ['fail', 60_000]];
    expect(counts(all, { name: 'fail', count: 3 }, 60_000)).toBe(true);
    expect(counts(all, { name: 'fail', count: 3, window_s: 30 }, 60_000)).toBe(false);
    expect(sequenceMet(all, { names: ['fail', 'ok', 'fail'] }, 60_000)).toBe(true);
    expect(sequenceMet(all, { names: ['ok', 'ok'] }, 60_000)).toBe(false);
  });
  it('need all that is given', () => {
    expect(met({}, here)).toBe(true);
    expect(met({ seconds: 5 }, here)).toBe(false);
    expect(met({ seconds: 3, scroll: 50, url: '/checkout*' }, here)).toBe(true);
    expect(met({ exit: true }, here)).toBe(false);
  });
  it('take the same visitors each time, as many as they say', () => {
    const n = Array.from({ length: 20_000 }, (_, i) => share(`visitor-${i}`)).filter((x) => x < 25).length;
    expect(share('a')).toBe(share('a'));
    expect(Math.abs(n - 5000)).toBeLessThan(250);
  });
});
