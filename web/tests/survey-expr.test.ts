/* The shared cases of expressions and numbers: tests/data/form, which the C tests run as well. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate, ExpressionError, read, type Answers, type Value } from '../survey/expr.ts';
import { number } from '../survey/signs.ts';

interface Case { e: string; is?: Value; wrong?: number; limit?: number | null }
const data = JSON.parse(readFileSync(new URL('../../tests/data/form/expressions.json', import.meta.url), 'utf8')) as {
  now_ms: number; answers: Answers; cases: Case[]; numbers: [string, number | null][];
};

function failure(text: string): ExpressionError | undefined {
  try {
    read(text);
  } catch (e) {
    if (e instanceof ExpressionError) return e;
    throw e;
  }
  return undefined;
}

describe('expressions', () => {
  for (const c of data.cases)
    it(c.e.slice(0, 60) || '(nothing)', () => {
      if (c.wrong === undefined && c.limit === undefined) {
        const v = evaluate(read(c.e), data.answers, data.now_ms);
        if (typeof c.is === 'number') expect(v).toBeCloseTo(c.is, 9);
        else expect(v ?? null).toEqual(c.is ?? null);
        return;
      }
      const e = failure(c.e);
      expect(e).toBeDefined();
      expect(e!.limit).toBe(c.limit !== undefined);
      if (c.wrong !== undefined) expect(e!.at).toBe(c.wrong);
      if (typeof c.limit === 'number') expect(e!.at).toBe(c.limit);
    });
});

describe('numbers as people type them', () => {
  for (const [text, want] of data.numbers) it(text || '(nothing)', () => expect(number(text) ?? null).toBe(want));
});
