import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { getJson, onReading, Problem, READING, sendJson, untilRead } from '../src/api/http.ts';

const reading = (): Response => new Response(JSON.stringify({ id: 'index.reading', detail: 'still being read' }), { status: 503 });
const told: boolean[] = [];
beforeEach(() => { vi.useFakeTimers(); told.length = 0; onReading((w) => told.push(w)); });
afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals(); });

describe('while the server reads its events', () => {
  test('the same is asked again every second until there is an answer', async () => {
    const answers = [reading(), reading(), reading(), new Response('{"maps":[]}')];
    const fetched = vi.fn(() => Promise.resolve(answers.shift()!));
    vi.stubGlobal('fetch', fetched);
    const got = getJson('/api/maps');
    await vi.advanceTimersByTimeAsync(2 * READING.everyMs);
    expect(fetched).toHaveBeenCalledTimes(3);
    expect(told).toEqual([true]);
    await vi.advanceTimersByTimeAsync(READING.everyMs);
    expect(await got).toEqual({ maps: [] });
    expect(told).toEqual([true, false]);
  });
  test('what is sent is sent whole again', async () => {
    const answers = [reading(), new Response('{"version":2}')];
    const fetched = vi.fn((_path: string, _init: RequestInit) => Promise.resolve(answers.shift()!));
    vi.stubGlobal('fetch', fetched);
    const got = sendJson('PUT', '/api/maps/orders', { base_version: 1 });
    await vi.advanceTimersByTimeAsync(READING.everyMs);
    expect(await got).toEqual({ version: 2 });
    expect(fetched.mock.calls.map((c) => c[1].body)).toEqual(['{"base_version":1}', '{"base_version":1}']);
  });
  test('after two minutes it is a failure like others', async () => {
    const fetched = vi.fn(() => Promise.resolve(reading()));
    vi.stubGlobal('fetch', fetched);
    const got = getJson('/api/maps').catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(READING.mostMs - READING.everyMs);
    expect(told).toEqual([true]);
    await vi.advanceTimersByTimeAsync(2 * READING.everyMs);
    expect((await got) as Problem).toMatchObject({ status: 503, id: 'index.reading' });
    expect(fetched).toHaveBeenCalledTimes(READING.mostMs / READING.everyMs + 1);
    expect(told).toEqual([true, false]);
  });
  test('any other failure is thrown at once', async () => {
    for (const p of [new Problem({ id: 'busy' }, 503), new Problem({ id: 'index.reading' }, 500), new TypeError('x')]) {
      const f = vi.fn(() => Promise.reject(p));
      await expect(untilRead(f)).rejects.toBe(p);
      expect(f).toHaveBeenCalledTimes(1);
    }
    expect(told).toEqual([]);
  });
  test('who is no longer interested stops the waiting', async () => {
    const fetched = vi.fn(() => Promise.resolve(reading()));
    vi.stubGlobal('fetch', fetched);
    const abort = new AbortController();
    const got = getJson('/api/maps', undefined, abort.signal).catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(READING.everyMs / 2);
    abort.abort();
    expect(await got).toMatchObject({ name: 'AbortError' });
    await vi.advanceTimersByTimeAsync(5 * READING.everyMs);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(told).toEqual([true, false]);
  });
  test('waiting is told once for several, and over only with the last', async () => {
    const refusals: Record<string, number> = { '/a': 1, '/b': 2 };
    vi.stubGlobal('fetch', (path: string) => Promise.resolve(refusals[path]!-- > 0 ? reading() : new Response('{}')));
    const both = [getJson('/a'), getJson('/b')];
    await vi.advanceTimersByTimeAsync(READING.everyMs);
    await both[0];
    expect(told).toEqual([true]);
    await vi.advanceTimersByTimeAsync(READING.everyMs);
    await both[1];
    expect(told).toEqual([true, false]);
  });
});
