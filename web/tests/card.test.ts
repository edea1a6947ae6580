import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judged, learned, MADE } from '../src/lib/card.ts';

const doc = readFileSync(new URL('../../docs/text-models.md', import.meta.url), 'utf8').split('## feeling-latin')[0]!.split('## feeling-en')[1]!;
const rows = doc.split('\n').map((line) => line.split('|').map((s) => s.trim()));

test('the card on the page has every row of the card in the documents, figure by figure', () => {
  const want = rows.filter((r) => /^(en|ar|fa)$/.test(r[1] ?? '') && /\[/.test(r[6] ?? '')).map((r) => {
    const [right, lo, hi] = r[6]!.match(/[\d.]+/g)!.map(Number);
    return [r[1], Number(r[4]!.replace(',', '')), Number(r[5]), right, lo, hi, Number(r[8])];
  });
  expect(want.length).toBeGreaterThan(10);
  expect(judged.map((j) => [j.lang, j.n, j.commonest, j.right, j.lo, j.hi, j.balanced])).toEqual(want);
  expect(doc).toContain(MADE);
});
test('every set that was learned from is listed with its licence', () => {
  for (const x of learned) expect(doc, x.set).toContain(x.licence);
  const licences = new Set(rows.filter((r) => /^(en|ar|fa)/.test(r[1] ?? '') && r.length === 6).map((r) => r[4]!));
  for (const x of licences) if (!/project/.test(x)) expect(learned.map((l) => l.licence)).toContain(x);
});
