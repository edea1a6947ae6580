/* What a language brings along when the reader changes to it. Pure. */
import type { Calendar, Digits, Lang, Settings } from '../api/types.ts';

export type Own = 'digits' | 'calendar';
/** What a language uses unless the reader says otherwise. */
export const usual: Record<Lang, { digits: Digits; calendar: Calendar }> = {
  en: { digits: 'latn', calendar: 'gregorian' },
  ar: { digits: 'latn', calendar: 'gregorian' },
  fa: { digits: 'arabext', calendar: 'persian' },
};
/**
 * The settings after a change of language. What is unlike the usual of the
 * language before was chosen, and stays; so does what was chosen in this visit.
 */
export function inLanguage(before: Settings, lang: Lang, chosen: ReadonlySet<Own> = new Set()): Settings {
  const old = usual[before.lang], fresh = usual[lang];
  return {
    ...before, lang,
    digits: chosen.has('digits') || before.digits !== old.digits ? before.digits : fresh.digits,
    calendar: chosen.has('calendar') || before.calendar !== old.calendar ? before.calendar : fresh.calendar,
  };
}
