import { describe, expect, test } from 'vitest';
import * as f from '../src/lib/format.ts';

const en: f.Reader = { lang: 'en', digits: 'latn', calendar: 'gregorian', zone: 'Asia/Dubai' };
const fa: f.Reader = { lang: 'fa', digits: 'arabext', calendar: 'persian', zone: 'Asia/Tehran' };
const ar: f.Reader = { lang: 'ar', digits: 'arab', calendar: 'islamic-umalqura', zone: 'Asia/Riyadh' };

test('numbers follow the digits, not the language', () => {
  expect(f.integer(en, 48200)).toBe('48,200');
  expect(f.integer(fa, 48200)).toBe('۴۸٬۲۰۰');
  expect(f.integer({ ...fa, digits: 'latn' }, 48200)).toBe('48,200');
  expect(f.integer(ar, 48200)).toBe('٤٨٬٢٠٠');
  expect(f.percent(fa, 0.34)).toBe('۳۴٪');
  expect(f.signed(en, -6)).toBe('−6');
  expect(f.signed(en, 6)).toBe('+6');
});
test('dates follow calendar and zone', () => {
  const ms = Date.UTC(2026, 9, 31, 20, 30); // past midnight in Dubai and Tehran
  expect(f.day(en, ms)).toBe('1 Nov 2026');
  expect(f.day({ ...en, zone: 'UTC' }, ms)).toBe('31 Oct 2026');
  expect(f.day(fa, ms)).toBe('۱۰ آبان ۱۴۰۵');
  expect(f.partsOf(ar, ms)).toEqual({ year: 1448, month: 5, day: 20 });
  expect(f.day(ar, ms)).not.toMatch(/هـ/);
});
describe('a day of any calendar leads back to its instant', () => {
  for (const r of [en, fa, ar, { ...en, zone: 'America/New_York' }]) {
    test(`${r.calendar} in ${r.zone}`, () => {
      for (let d = 0; d < 1500; d += 13) {
        const ms = Date.UTC(2023, 5, 1, 9) + d * 86_400_000;
        const p = f.partsOf(r, ms), back = f.startOf(r, p);
        expect(back).not.toBeNull();
        expect(f.partsOf(r, back!)).toEqual(p);
        expect(f.clock({ ...r, lang: 'en', digits: 'latn' }, back!)).toBe('00:00');
        expect(ms - back!).toBeGreaterThanOrEqual(0);
        expect(ms - back!).toBeLessThan(25 * 3_600_000);
      }
    });
  }
});
test('a day that the calendar does not have is none', () => {
  expect(f.startOf(en, { year: 2026, month: 2, day: 30 })).toBeNull();
  expect(f.startOf(fa, { year: 1405, month: 12, day: 30 })).toBeNull(); // 1405 is no leap year
  expect(f.startOf(fa, { year: 1403, month: 12, day: 30 })).not.toBeNull();
  expect(f.startOf(en, { year: NaN, month: 1, day: 1 })).toBeNull();
});
test('days are added across summer time', () => {
  const ny = { ...en, zone: 'America/New_York' };
  const before = f.startOf(ny, { year: 2026, month: 3, day: 7 })!;
  expect(f.addDays(ny, before, 2)).toBe(f.startOf(ny, { year: 2026, month: 3, day: 9 }));
});
test('months have their names in order', () => {
  expect(f.monthNames(en)[0]).toBe('January');
  expect(f.monthNames(fa)[0]).toBe('فروردین');
  expect(f.monthNames(fa)[11]).toBe('اسفند');
  expect(f.monthNames(ar)[8]).toBe('رمضان');
});
test('durations have two parts at most', () => {
  expect(f.duration(en, 4 * 60_000)).toBe('4 min');
  expect(f.duration(en, 27 * 3_600_000)).toBe('1d 3h');
  expect(f.duration(en, 12 * 86_400_000 + 5 * 3_600_000)).toBe('12d');
  expect(f.duration(en, 86_400_000 - 1)).toBe('24h');
  expect(f.duration(fa, 2 * 86_400_000)).toBe('۲ روز');
  expect(f.duration(fa, 27 * 3_600_000)).toBe('۱ روز و ۳ ساعت');
  expect(f.duration(ar, 27 * 3_600_000)).toMatch(/ و\S+ /);
});
test('money knows its decimals', () => {
  expect(f.money(en, 1234, 'KWD')).toMatch(/1\.234/);
  expect(f.money(en, 6840000, 'EUR')).toMatch(/68,400\.00/);
  expect(f.money(en, 5, 'no currency')).toBe('5 no currency');
});
test('a time of day is read in any digits', () => { expect([f.clockOf('۰۹:۳۰'), f.clockOf(' 0:05 '), f.clockOf('24:00'), f.clockOf('9.30')]).toEqual([34_200_000, 300_000, null, null]); });
test('typed digits of any script are numbers', () => { expect(f.latinDigits('۱۴۰۵/٠٩/2')).toBe('1405/09/2'); });
test('a text in another language is better than none', () => {
  expect(f.pick({ en: 'Delivery', fa: 'تحویل' }, 'fa')).toBe('تحویل');
  expect(f.pick({ en: 'Delivery' }, 'fa')).toBe('Delivery');
  expect(f.pick({}, 'fa')).toBe('');
});
test('the first strong letter gives the direction', () => {
  expect(f.directionOf('«سه روز')).toBe('rtl');
  expect(f.directionOf('“So well')).toBe('ltr');
  expect(f.directionOf('123')).toBe('auto');
});
