/*
 * Messages: a string, or one string for each plural form of the number "n".
 * "{name}" takes a parameter: a number is written with the reader's digits,
 * a text is isolated, so that a name in the other direction cannot reorder
 * the sentence.
 */
import { integer, type Reader } from '../lib/format.ts';
import type { en } from './en.ts';

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Message = string | Forms;
export type Key = keyof typeof en;
export type Catalogue = Record<Key, Message>;
/** A part of a catalogue in another language: the same keys. */
export type Part<E> = Record<keyof E, Message>;
export type Params = Record<string, string | number>;

const rules = new Map<string, Intl.PluralRules>();
export function formOf(lang: string, n: number): Intl.LDMLPluralRule {
  let r = rules.get(lang);
  if (!r) { r = new Intl.PluralRules(lang); rules.set(lang, r); }
  return r.select(n);
}

const rtlLetter = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const ltrLetter = /[A-Za-z\u00c0-\u024f\u0370-\u052f]/;
function isolated(text: string, lang: string): string {
  const other = lang === 'en' ? rtlLetter : ltrLetter;
  return other.test(text) ? `\u2068${text}\u2069` : text;
}

export function message(catalogue: Catalogue, reader: Reader, key: Key, params: Params = {}): string {
  const found: Message | undefined = catalogue[key];
  if (found === undefined) return key;
  let text: string;
  if (typeof found === 'string') text = found;
  else text = found[formOf(reader.lang, typeof params['n'] === 'number' ? params['n'] : 0)] ?? found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? integer(reader, value) : isolated(value, reader.lang);
  });
}
