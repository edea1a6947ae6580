import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ar } from '../src/words/ar.ts';
import { en } from '../src/words/en.ts';
import { fa } from '../src/words/fa.ts';
import { message, type Catalogue, type Message } from '../src/words/message.ts';

const catalogues: Record<string, Catalogue> = { en, ar, fa };
const forms = (m: Message): string[] => (typeof m === 'string' ? [m] : (Object.values(m) as string[]));
// What a form may leave out: its own number ("one row", "صفان").
const params = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!))].filter((p) => p !== 'n').sort();

describe.each(['ar', 'fa'])('the catalogue %s', (lang) => {
  const own = catalogues[lang]!;
  test('has the keys of the English one, in no other number', () => { expect(Object.keys(own).sort()).toEqual(Object.keys(en).sort()); });
  test('has the same parameters in every message and form', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      const want = params(forms(en[key]).join(' '));
      for (const form of forms(own[key])) expect(params(form), `${lang} ${key}`).toEqual(want);
    }
  });
  test('has a plural exactly where the English one has it', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(typeof own[key], key).toBe(typeof en[key]);
  });
});

test('every plural has all forms of its language', () => {
  for (const [lang, own] of Object.entries(catalogues)) {
    const need = new Intl.PluralRules(lang).resolvedOptions().pluralCategories.slice().sort();
    for (const [key, m] of Object.entries(own)) if (typeof m !== 'string') expect(Object.keys(m).sort(), `${lang} ${key}`).toEqual(need);
  }
});

test('Arabic letters stay Arabic and Persian ones Persian', () => {
  for (const [key, m] of Object.entries(ar)) for (const f of forms(m)) if (!key.startsWith('digits.')) expect(f, key).not.toMatch(/[یکۀگچپژ۰-۹]/);
  for (const [key, m] of Object.entries(fa)) for (const f of forms(m)) if (!key.startsWith('digits.')) expect(f, key).not.toMatch(/[يكةى٠-٩]/);
});

test('false friends of the glossary are kept apart', () => {
  expect(forms(ar['signal.wait'])[0]).toContain('الانتظار'); // waiting, not expectation
  expect(forms(fa['signal.wait'])[0]).toContain('زمان انتظار');
  for (const m of Object.values(ar)) for (const f of forms(m)) expect(f).not.toMatch(/تاريخ رضا|مالك/);
});

test('numbers come in the digits of the reader, with the plural of the language', () => {
  const reader = { lang: 'fa', digits: 'arabext', calendar: 'persian', zone: 'Asia/Tehran' } as const;
  expect(message(fa, reader, 'maps.journeys', { n: 48200 })).toBe('۴۸٬۲۰۰ سفر');
  const arabic = { lang: 'ar', digits: 'latn', calendar: 'gregorian', zone: 'UTC' } as const;
  expect([0, 1, 2, 3, 11, 100].map((n) => message(ar, arabic, 'maps.journeys', { n }))).toEqual(['لا رحلات', 'رحلة واحدة', 'رحلتان', '3 رحلات', '11 رحلة', '100 رحلة']);
});

test('a name in the other direction is isolated, one in the same is not', () => {
  const reader = { lang: 'fa', digits: 'arabext', calendar: 'persian', zone: 'UTC' } as const;
  expect(message(fa, reader, 'panel.owner', { name: 'Sara' })).toBe('مسئول: \u2068Sara\u2069');
  expect(message(fa, reader, 'panel.owner', { name: 'سارا' })).toBe('مسئول: سارا');
});

test('no key is left unused', () => {
  const sources: string[] = [];
  const visit = (dir: string): void => { for (const n of readdirSync(dir)) { const p = join(dir, n); if (statSync(p).isDirectory()) visit(p); else if (/\.(svelte|ts)$/.test(n) && !p.includes('words')) sources.push(readFileSync(p, 'utf8')); } };
  visit(join(import.meta.dirname, '../src'));
  const all = sources.join('\n');
  const made = [...all.matchAll(/`([\w.]+\.)\$\{/g)].map((m) => m[1]!);
  const unused = Object.keys(en).filter((k) => !all.includes(`'${k}'`) && !made.some((p) => k.startsWith(p)));
  expect(unused).toEqual([]);
});
