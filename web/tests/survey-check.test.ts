/* The shared cases of answers: tests/data/form/checks.json, which the C tests run as well. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, type Survey } from '../survey/check.ts';
import type { Answers } from '../survey/expr.ts';

interface Case { name: string; form: Survey; answers: Answers; complete: boolean; kept: Answers; raw: Answers; problems: [string, string][] }
const cases = JSON.parse(readFileSync(new URL('../../tests/data/form/checks.json', import.meta.url), 'utf8')) as Case[];

describe('answers', () => {
  for (const c of cases)
    it(c.name, () => {
      const got = check(c.form, c.answers, c.complete, 0);
      expect(got.problems.map((p) => ['form.answer.' + p.id, p.field])).toEqual(c.problems);
      expect(got.answers).toEqual(c.kept);
      expect(got.raw).toEqual(c.raw);
      expect(Object.keys(got.answers)).toEqual(Object.keys(c.kept));
    });

  for (const letter of ['x', 'ش', '👍'])
    it(`100 KB of ${letter} are too long`, () => {
      const n = Math.floor(102400 / new TextEncoder().encode(letter).length);
      const got = check({ elements: [{ type: 'text', name: 'q', maxLength: 1000000 }] }, { q: letter.repeat(n) }, true, 0);
      expect(got).toEqual({ answers: {}, raw: {}, problems: [{ id: 'long', field: 'q', value: n, most: 10000 }] });
    });
});
