import { expect, test } from 'vitest';
import type { Settings } from '../src/api/types.ts';
import { inLanguage, type Own } from '../src/lib/look.ts';

const at = (lang: Settings['lang'], digits: Settings['digits'], calendar: Settings['calendar']): Settings => ({ lang, digits, calendar, theme: 'dark' });

test('digits and calendar go along with the language', () => {
  expect(inLanguage(at('en', 'latn', 'gregorian'), 'fa')).toEqual(at('fa', 'arabext', 'persian'));
  expect(inLanguage(at('fa', 'arabext', 'persian'), 'ar')).toEqual(at('ar', 'latn', 'gregorian'));
  expect(inLanguage(at('ar', 'latn', 'gregorian'), 'en')).toEqual(at('en', 'latn', 'gregorian'));
});
test('what is not the usual of a language was chosen and stays, each for itself', () => {
  expect(inLanguage(at('en', 'latn', 'persian'), 'fa')).toEqual(at('fa', 'arabext', 'persian'));
  expect(inLanguage(at('fa', 'latn', 'persian'), 'en')).toEqual(at('en', 'latn', 'gregorian'));
  expect(inLanguage(at('ar', 'arab', 'islamic-umalqura'), 'fa')).toEqual(at('fa', 'arab', 'islamic-umalqura'));
});
test('what was chosen in this visit stays even where it is usual', () => {
  const chosen = new Set<Own>(['digits']);
  const there = inLanguage(at('fa', 'latn', 'persian'), 'en', chosen);
  expect(inLanguage(there, 'fa', chosen)).toEqual(at('fa', 'latn', 'persian'));
});
