/* The one place that talks to the server. Every failure is a Problem, so pages show all of them alike. */
import type { ProblemBody } from './types.ts';

export class Problem extends Error {
  readonly status: number;
  readonly id: string;
  readonly field: string;
  readonly detail: string;
  readonly hint: string;
  readonly value: unknown;
  readonly limit: unknown;
  readonly given: string | undefined;
  constructor(body: ProblemBody, status: number) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.id = body.id ?? '';
    this.field = body.field ?? '';
    this.detail = body.detail || body.title || '';
    this.hint = body.hint ?? '';
    this.value = body.value;
    this.limit = body.limit;
    this.given = body.given;
  }
}

let csrf = '';
let signedOut: () => void = () => {};
/** The token of GET /api/session; sent with everything that changes something. */
export function setCsrf(token: string): void { csrf = token; }
/** Called when the server says that the session has ended. */
export function onSignedOut(f: () => void): void { signedOut = f; }

/*
 * After a start the server still reads its events: what needs them is refused
 * with "index.reading", nothing is done, and it works a little later. So it is
 * asked again instead of bothering anybody.
 */
export const READING = { id: 'index.reading', everyMs: 1000, mostMs: 120_000 };
let waiting = 0;
let onWaiting: (waiting: boolean) => void = () => {};
/** Called when the first request begins to wait for the server's reading, and when the last one no longer does. */
export function onReading(f: (waiting: boolean) => void): void { onWaiting = f; }

function pause(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = (): void => { clearTimeout(timer); reject(new DOMException('aborted', 'AbortError')); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stopped); resolve(); }, ms);
    if (signal?.aborted) stopped();
    else signal?.addEventListener('abort', stopped, { once: true });
  });
}

/** Runs f again and again while it fails because the server is reading; after two minutes that failure is thrown as any other is. */
export async function untilRead<T>(f: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
  const end = Date.now() + READING.mostMs;
  let counted = false;
  try {
    for (;;) {
      try { return await f(); } catch (e) {
        if (!(e instanceof Problem) || e.status !== 503 || e.id !== READING.id || Date.now() + READING.everyMs > end) throw e;
      }
      if (!counted) { counted = true; if (waiting++ === 0) onWaiting(true); }
      await pause(READING.everyMs, signal);
    }
  } finally {
    if (counted && --waiting === 0) onWaiting(false);
  }
}

export type Query = Record<string, string | number | boolean | undefined | null | readonly string[]>;

/** "?a=1&filter=x&filter=y"; empty values are left out, lists repeat. */
export function queryString(query: Query | undefined): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) for (const one of value) out.append(name, one);
    else if (value !== undefined && value !== null && value !== '') out.set(name, String(value));
  }
  const text = out.toString();
  return text ? '?' + text : '';
}

async function problemOf(res: Response): Promise<Problem> {
  let body: ProblemBody = { title: `HTTP ${res.status}` };
  try { body = (await res.json()) as ProblemBody; } catch { /* a proxy answered; the status says enough */ }
  return new Problem(body, res.status);
}

async function once(method: string, path: string, init: RequestInit): Promise<Response> {
  let res: Response;
  try {
    res = await fetch(path, { ...init, method, credentials: 'same-origin', headers: { ...(init.headers as Record<string, string>), ...(method === 'GET' ? {} : { 'X-Safar-Csrf': csrf }) } });
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e;
    throw new Problem({ id: 'net.unreachable' }, 0);
  }
  if (!res.ok) {
    const problem = await problemOf(res);
    if (res.status === 401) signedOut();
    throw problem;
  }
  return res;
}

const send = (method: string, path: string, init: RequestInit): Promise<Response> => untilRead(() => once(method, path, init), init.signal);

export async function getJson<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const res = await send('GET', path + queryString(query), signal ? { signal } : {});
  return (await res.json()) as T;
}
export async function getText(path: string, query?: Query, signal?: AbortSignal): Promise<string> {
  const res = await send('GET', path + queryString(query), signal ? { signal } : {});
  return res.text();
}
export async function sendJson<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const res = await send(method, path, body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  const text = await res.text();
  return (text ? JSON.parse(text) : {}) as T;
}

/** Sends JSON and gets a text, such as a page, back. */
export async function sendText(method: 'POST', path: string, body: unknown): Promise<string> {
  const res = await send(method, path, { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  return res.text();
}

/** Uploads with progress, which fetch cannot tell. */
export function upload<T>(path: string, body: Blob, progress?: (done: number, total: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest();
    x.open('POST', path);
    x.setRequestHeader('X-Safar-Csrf', csrf);
    x.setRequestHeader('Content-Type', 'application/octet-stream');
    x.upload.onprogress = (e) => progress?.(e.loaded, e.lengthComputable ? e.total : body.size);
    x.onerror = () => reject(new Problem({ id: 'net.unreachable' }, 0));
    x.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    x.onload = () => {
      let parsed: unknown = {};
      try { parsed = JSON.parse(x.responseText || '{}'); } catch { /* handled by the status */ }
      if (x.status >= 200 && x.status < 300) resolve(parsed as T);
      else { if (x.status === 401) signedOut(); reject(new Problem(parsed as ProblemBody, x.status)); }
    };
    signal?.addEventListener('abort', () => x.abort());
    x.send(body);
  });
}
