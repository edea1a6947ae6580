/* Numbers and dates for people, by Intl, from a reader's settings. Pure; i18n.svelte.ts binds it to the settings in force. */
import type { Calendar, Digits, Lang } from '../api/types.ts';

export interface Reader { lang: Lang; digits: Digits; calendar: Calendar; zone: string }

const intlCalendar: Record<Calendar, string> = { gregorian: 'gregory', persian: 'persian', 'islamic-umalqura': 'islamic-umalqura' };
// British order, "31 Oct 2026": the day first, as in the other two languages.
const tag = (r: Reader): string => `${r.lang === 'en' ? 'en-GB' : r.lang}-u-ca-${intlCalendar[r.calendar]}-nu-${r.digits}`;

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const found = cache.get(key) as T | undefined;
  if (found) return found;
  const made = make();
  cache.set(key, made);
  return made;
}
function number(r: Reader, o: Intl.NumberFormatOptions): Intl.NumberFormat {
  const t = tag(r);
  return kept('n' + t + JSON.stringify(o), () => new Intl.NumberFormat(t, o));
}
function date(r: Reader, o: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const t = tag(r);
  return kept('d' + t + r.zone + JSON.stringify(o), () => new Intl.DateTimeFormat(t, { timeZone: r.zone || 'UTC', ...o }));
}

/** A real minus, not the hyphen that Intl gives in some languages. */
const minus = (text: string): string => text.replace('-', '\u2212');

/** 48200 -> "48,200", "۴۸٬۲۰۰". */
export const integer = (r: Reader, v: number): string => number(r, { maximumFractionDigits: 0 }).format(Math.round(v) || 0);
export const decimal = (r: Reader, v: number, places = 1, least = 0): string => minus(number(r, { minimumFractionDigits: least, maximumFractionDigits: places, signDisplay: 'negative' }).format(v));
/** 0.34 -> "34%", "۳۴٪". */
export const percent = (r: Reader, share: number, places = 0): string => number(r, { style: 'percent', maximumFractionDigits: places }).format(share);
/** 6 -> "+6"; a minus is the locale's own. */
export const signed = (r: Reader, v: number, places = 0): string => minus(number(r, { signDisplay: 'exceptZero', maximumFractionDigits: places }).format(v));
/** "31 Oct 2026", in the reader's calendar. The era is left out: the calendar is named beside it. */
export const day = (r: Reader, ms: number): string => noEra(date(r, { day: 'numeric', month: 'short', year: 'numeric' }), ms);
export const shortDay = (r: Reader, ms: number): string => noEra(date(r, { day: 'numeric', month: 'short' }), ms);
export const dateTime = (r: Reader, ms: number): string => noEra(date(r, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), ms);
export const clock = (r: Reader, ms: number): string => date(r, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);

function noEra(f: Intl.DateTimeFormat, ms: number): string {
  const parts = f.formatToParts(ms);
  return parts.filter((p, i) => p.type !== 'era' && !(p.type === 'literal' && parts[i + 1]?.type === 'era')).map((p) => p.value).join('').trim();
}

const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const;
const and = { en: ' ', ar: ' و', fa: ' و ' };
/** Two parts at most: "4 min", "1 d 3 h". Short names in Latin, whole words in Arabic script, which has no customary short ones. */
export function duration(r: Reader, ms: number): string {
  let rest = Math.abs(ms);
  const display = r.lang === 'en' ? 'narrow' : 'long';
  // "4m" could be metres.
  const say = (v: number, unit: string): string => unit === 'minute' && r.lang === 'en' ? `${integer(r, v)} min` : number(r, { style: 'unit', unit, unitDisplay: display, maximumFractionDigits: 0 }).format(v);
  if (rest < 1000) return say(Math.round(rest / 1000), 'second');
  for (let i = 0; i < units.length; i++) {
    const [unit, size] = units[i]!;
    if (rest < size) continue;
    const next = units[i + 1];
    // From ten of a unit on, the next smaller one is noise.
    if (!next || rest >= 10 * size) return say(Math.round(rest / size), unit);
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    const part = Math.round(rest / next[1]);
    if (part === 0) return say(whole, unit);
    if (part * next[1] >= size) return say(whole + 1, unit);
    return say(whole, unit) + and[r.lang] + say(part, next[0]);
  }
  return say(0, 'second');
}

/** Names of the twelve months of the reader's calendar, in order. */
export function monthNames(r: Reader): string[] {
  const f = new Intl.DateTimeFormat(tag(r), { month: 'long', timeZone: 'UTC' });
  const names: string[] = Array<string>(12).fill('');
  // Two years hold every month of each calendar whatever its start.
  for (let d = 0; d < 740; d += 5) {
    const ms = Date.UTC(2025, 0, 1) + d * 86_400_000;
    const m = partsOf({ ...r, zone: 'UTC' }, ms).month;
    if (!names[m - 1]) names[m - 1] = f.format(ms);
  }
  return names;
}

export interface DayParts { year: number; month: number; day: number }
/** The day of an instant in the reader's calendar and zone. */
export function partsOf(r: Reader, ms: number): DayParts {
  const f = kept('p' + r.calendar + r.zone, () => new Intl.DateTimeFormat(`en-u-ca-${intlCalendar[r.calendar]}-nu-latn`, { timeZone: r.zone || 'UTC', year: 'numeric', month: 'numeric', day: 'numeric' }));
  const out: DayParts = { year: 0, month: 0, day: 0 };
  for (const p of f.formatToParts(ms)) {
    if (p.type === 'year' || (p.type as string) === 'relatedYear') out.year = parseInt(p.value, 10);
    else if (p.type === 'month') out.month = parseInt(p.value, 10);
    else if (p.type === 'day') out.day = parseInt(p.value, 10);
  }
  return out;
}

function zoneOffset(zone: string, ms: number): number {
  const f = kept('z' + zone, () => new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { timeZone: zone || 'UTC', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' }));
  const v: Record<string, number> = {};
  for (const p of f.formatToParts(ms)) v[p.type] = parseInt(p.value, 10);
  return Date.UTC(v['year']!, v['month']! - 1, v['day'], v['hour'], v['minute'], v['second']) - Math.floor(ms / 1000) * 1000;
}

/** Midnight at the start of that day in the reader's zone; null when the calendar has no such day. */
export function startOf(r: Reader, want: DayParts): number | null {
  if (!Number.isInteger(want.year) || !Number.isInteger(want.month) || !Number.isInteger(want.day) || want.year < 1 || want.year > 9999) return null;
  const days = (want.month - 1) * 29.6 + want.day;
  const perYear = r.calendar === 'islamic-umalqura' ? 354.367 : 365.2425;
  const epoch = r.calendar === 'gregorian' ? Date.UTC(0, 0, 1) - 1900 * 365.2425 * 86_400_000 : r.calendar === 'persian' ? Date.UTC(622, 2, 22) : Date.UTC(622, 6, 19);
  const base = r.calendar === 'gregorian' ? Date.UTC(2000, 0, 1) + (want.year - 2000) * perYear * 86_400_000 : epoch + (want.year - 1) * perYear * 86_400_000;
  const utc: Reader = { ...r, zone: 'UTC' };
  const near = Math.floor((base + days * 86_400_000) / 86_400_000);
  for (let off = 0; off <= 20; off++) {
    for (const d of off ? [near - off, near + off] : [near]) {
      const p = partsOf(utc, d * 86_400_000);
      if (p.year !== want.year || p.month !== want.month || p.day !== want.day) continue;
      const midnight = d * 86_400_000;
      let ms = midnight - zoneOffset(r.zone, midnight);
      ms = midnight - zoneOffset(r.zone, ms);
      return ms;
    }
  }
  return null;
}

/** The same midnight a number of days later, summer time or not. */
export function addDays(r: Reader, ms: number, days: number): number {
  const noon = ms + 12 * 3_600_000 + days * 86_400_000;
  return startOf(r, partsOf(r, noon)) ?? ms + days * 86_400_000;
}

/** Money of minor units: (1234, "KWD") is 1.234 dinar. */
export function money(r: Reader, minor: number, currency: string): string {
  try {
    const places = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    return number(r, { style: 'currency', currency }).format(minor / 10 ** places);
  } catch { return `${integer(r, minor)} ${currency}`; }
}

/** Digits of any of the three kinds as Latin ones, for what people type. */
export function latinDigits(text: string): string {
  return text.replace(/[٠-٩۰-۹]/g, (c) => String((c.charCodeAt(0) & 0xf) % 16));
}

/** "09:30" in any digits as milliseconds of the day; null when it is no time. */
export function clockOf(text: string): number | null {
  const m = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(latinDigits(text.trim()));
  return m ? (Number(m[1]) * 60 + Number(m[2])) * 60_000 : null;
}

/** The text in a language, else the first there is, else "". */
export function pick(texts: Record<string, string> | null | undefined, lang: string): string {
  if (!texts) return '';
  return texts[lang] || Object.values(texts).find((v) => v) || '';
}
/** Direction of a text by its first strong letter. */
export function directionOf(text: string): 'rtl' | 'ltr' | 'auto' {
  const m = /[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f]|([\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])/.exec(text);
  return m ? (m[1] ? 'rtl' : 'ltr') : 'auto';
}
