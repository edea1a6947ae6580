/* The reader's language and settings in force, and everything that depends on them. */
import type { Lang, Settings, Texts, Theme } from '../api/types.ts';
import type { Problem } from '../api/http.ts';
import { en } from '../words/en.ts';
import { message, type Catalogue, type Key, type Params } from '../words/message.ts';
import * as f from './format.ts';
import { usual, type Own } from './look.ts';

export const langs: { code: Lang; name: string }[] = [{ code: 'en', name: 'English' }, { code: 'ar', name: 'العربية' }, { code: 'fa', name: 'فارسی' }];

const loaders: Record<Lang, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(en),
  ar: async () => (await import('../words/ar.ts')).ar,
  fa: async () => (await import('../words/fa.ts')).fa,
};

class I18n {
  reader: f.Reader = $state({ lang: 'en', digits: 'latn', calendar: 'gregorian', zone: 'UTC' });
  theme: Theme = $state('auto');
  /** What the reader chose in this visit; it does not go along with the language. */
  chosen = new Set<Own>();
  systemDark = $state(false);
  catalogue: Catalogue = $state.raw(en);
  customerWord: Texts = $state.raw({});
  rtl = $derived(this.reader.lang !== 'en');
  dark = $derived(this.theme === 'dark' || (this.theme === 'auto' && this.systemDark));
  look = $derived({ lang: this.reader.lang, digits: this.reader.digits, calendar: this.reader.calendar, theme: this.dark ? 'dark' : 'light' });

  async use(s: Partial<Settings>, zone?: string): Promise<void> {
    const lang = s.lang ?? this.reader.lang;
    const catalogue = await loaders[lang]();
    this.catalogue = catalogue;
    this.reader = { lang, digits: s.digits ?? usual[lang].digits, calendar: s.calendar ?? usual[lang].calendar, zone: zone ?? this.reader.zone };
    if (s.theme) this.theme = s.theme;
    this.apply();
  }
  /** Kept for the time before sign-in and against a flash of the wrong theme. */
  apply(): void {
    const root = document.documentElement;
    root.lang = this.reader.lang;
    root.dir = this.rtl ? 'rtl' : 'ltr';
    if (this.theme === 'auto') delete root.dataset['theme']; else root.dataset['theme'] = this.theme;
    try { localStorage.setItem('safar.look', JSON.stringify({ lang: this.reader.lang, digits: this.reader.digits, calendar: this.reader.calendar, theme: this.theme })); } catch { /* a private window */ }
  }
  settings(): Settings { return { lang: this.reader.lang, digits: this.reader.digits, calendar: this.reader.calendar, theme: this.theme }; }
}
export const i18n = new I18n();

const dark = matchMedia('(prefers-color-scheme: dark)');
i18n.systemDark = dark.matches;
dark.addEventListener('change', (e) => { i18n.systemDark = e.matches; });

/** What this browser used last, else its own language where we speak it. */
export function remembered(): Partial<Settings> {
  try {
    const text = localStorage.getItem('safar.look');
    if (text) {
      const s = JSON.parse(text) as Partial<Settings>;
      if (s.lang && s.lang in usual) return s;
    }
  } catch { /* as if nothing were kept */ }
  const own = navigator.languages.map((l) => l.slice(0, 2)).find((l): l is Lang => l in usual);
  return { lang: own ?? 'en' };
}

export const t = (key: Key, params?: Params): string => message(i18n.catalogue, i18n.reader, key, params);
export const has = (key: string): key is Key => Object.hasOwn(en, key);

export const int = (v: number | null | undefined): string => (v === null || v === undefined ? t('none') : f.integer(i18n.reader, v));
export const dec = (v: number, places = 1, least = 0): string => f.decimal(i18n.reader, v, places, least);
export const pct = (v: number, places = 0): string => f.percent(i18n.reader, v, places);
export const signed = (v: number, places = 0): string => f.signed(i18n.reader, v, places);
export const day = (ms: number | null | undefined): string => (ms === null || ms === undefined ? t('none') : f.day(i18n.reader, ms));
export const shortDay = (ms: number): string => f.shortDay(i18n.reader, ms);
export const dateTime = (ms: number | null | undefined): string => (ms === null || ms === undefined ? t('none') : f.dateTime(i18n.reader, ms));
export const duration = (ms: number | null | undefined): string => (ms === null || ms === undefined || !Number.isFinite(ms) ? t('none') : f.duration(i18n.reader, ms));
export const cash = (minor: number, currency: string): string => f.money(i18n.reader, minor, currency);
/** Words that may run the other way, so that they do not reorder what stands beside them. */
export const isolate = (text: string): string => `\u2068${text}\u2069`;
/** A language by its name in the reader's own: "Arabic", «عربی»; a code that nobody knows is itself. */
export const languageName = (code: string): string => { try { return new Intl.DisplayNames([i18n.reader.lang], { type: 'language' }).of(code) ?? code; } catch { return code; } };
export const calendarName = (): string => t(`calendar.${i18n.reader.calendar}`);
export const say = (texts: Texts | null | undefined): string => f.pick(texts, i18n.reader.lang);
/* Numbers of these languages begin with a mark of left to right; beside other words it would turn their order round. */
const alone = (number: string): string => (i18n.rtl ? `\u2066${number}\u2069` : number);
/** "30 to 32", in words, because a dash between Persian digits turns round. */
export const range = (lo: number, hi: number, places = 0): string => t('range', { lo: alone(f.decimal(i18n.reader, lo, places)), hi: alone(f.decimal(i18n.reader, hi, places)) });
export const shareRange = (lo: number, hi: number, places = 0): string => t('range', { lo: alone(f.percent(i18n.reader, lo, places)), hi: alone(f.percent(i18n.reader, hi, places)) });
export const ago = (ms: number, now: number): string => t('ago', { time: f.duration(i18n.reader, Math.max(0, now - ms)) });
/** What this organisation calls its customers, in the reader's language, as a title; "" when it says nothing of its own. */
export const customerWord = (): string => { const w = i18n.customerWord[i18n.reader.lang] ?? ''; return w.charAt(0).toLocaleUpperCase(i18n.reader.lang) + w.slice(1); };

/** A failure in the reader's words: by its id where the catalogue has it, else as the server said it. */
export function explain(p: Problem | Error): { text: string; hint: string; id: string } {
  const problem = p as Partial<Problem>;
  const id = problem.id ?? '';
  const key = `problem.${id}`;
  const about = { field: problem.field ?? '', value: String(problem.given ?? problem.value ?? ''), limit: String(problem.limit ?? '') };
  if (has(key)) return { text: t(key, about), hint: problem.hint && i18n.reader.lang === 'en' ? problem.hint : '', id };
  if (problem.detail) return { text: problem.detail, hint: problem.hint ?? '', id };
  return { text: t('problem.unknown'), hint: p.message, id };
}
