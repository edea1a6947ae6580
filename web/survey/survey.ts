/* The hosted page: pages change in place, what is answered is kept while somebody answers, no connection loses nothing. */
import './page.css';
import { enhance } from './form.ts';
import { kiosk } from './kiosk.ts';

const RETRY_MS = 8000, KEEP_MS = 1200;
let leave = (): void => {};
let waiting: { action: string; body: string } | null = null;
const slot = `cx:${location.pathname}`;

const form = (): HTMLFormElement | null => document.querySelector('main form');
function say(text: string): void {
  const p = document.querySelector('.say');
  if (p) p.textContent = text;
}

function fields(f: HTMLFormElement, go: string): URLSearchParams {
  const out = new URLSearchParams();
  new FormData(f).forEach((v, k) => { if (typeof v === 'string' && k) out.append(k, v); });
  out.set('_go', go);
  return out;
}

const post = (action: string, body: string): Promise<Response> => fetch(action, { method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, credentials: 'omit' });

function remember(body: string | null): void {
  try { if (body === null) localStorage.removeItem(slot); else localStorage.setItem(slot, body); } catch { /* private windows keep nothing; the page itself still holds the answers */ }
}
function remembered(): string | null {
  try { return localStorage.getItem(slot); } catch { return null; }
}

// --- pages in place ---------------------------------------------------------------------------------

function show(html: string): void {
  const next = new DOMParser().parseFromString(html, 'text/html');
  leave();
  document.title = next.title;
  document.body.replaceChildren(...next.body.childNodes);
  const main = document.querySelector('main')!;
  main.classList.add('in');
  scrollTo(0, 0);
  (document.getElementById('sum') ?? main).focus({ preventScroll: true });
  start();
}

function named(f: HTMLFormElement, name: string): HTMLInputElement | null {
  return f.querySelector<HTMLInputElement>(`input[name="${name}"]`);
}

async function send(action: string, body: string): Promise<void> {
  let res: Response;
  try { res = await post(action, body); } catch {
    waiting = { action, body };
    remember(body);
    say(form()?.dataset['sayOffline'] ?? '');
    return;
  }
  waiting = null;
  remember(null);
  if (res.status >= 500) { say(form()?.dataset['sayBusy'] ?? ''); return; }
  show(await res.text());
}

function again(): void { if (waiting) void send(waiting.action, waiting.body); }

// --- keeping --------------------------------------------------------------------------------------------

function keeping(f: HTMLFormElement): () => void {
  let timer = 0, busy = false, dirty = false;
  const keep = async (): Promise<void> => {
    if (busy) { dirty = true; return; }
    busy = true; dirty = false;
    try {
      const res = await post(f.action, fields(f, 'keep').toString());
      const told = res.ok ? ((await res.json()) as { response?: string }) : {};
      const input = named(f, '_response');
      if (told.response && input) {
        input.value = told.response;
        history.replaceState(null, '', withResponse(told.response));
        say(f.dataset['saySaved'] ?? '');
      }
    } catch { /* the answers are still in the page and go with the next step */ }
    busy = false;
    if (dirty) void keep();
  };
  const later = (): void => { clearTimeout(timer); timer = setTimeout(() => { void keep(); }, KEEP_MS) as unknown as number; };
  f.addEventListener('change', later);
  return () => clearTimeout(timer);
}

function withResponse(code: string): string {
  const url = new URL(location.href);
  if (!/^[0-9A-Za-z_-]{20,}$/.test(location.pathname.split('/').pop() ?? '')) url.searchParams.set('r', code);
  return url.pathname + url.search;
}

// --- start -------------------------------------------------------------------------------------------------

function start(): void {
  const f = form();
  if (!f) return;
  const gone = enhance(document, f, say), begun = named(f, '_response')?.value;
  if (begun && document.body.dataset['place'] === 'page') history.replaceState(null, '', withResponse(begun)); // loading again goes on here
  const stop = document.body.dataset['place'] === 'page' ? keeping(f) : () => {};
  leave = () => { gone(); stop(); };
  f.addEventListener('submit', (e) => {
    const by = e.submitter as HTMLButtonElement | null;
    e.preventDefault();
    if (f.dataset['busy']) return;
    stop();
    f.dataset['busy'] = '1';
    say(f.dataset['saySending'] ?? '');
    void send(f.action, fields(f, by?.value || 'next').toString()).finally(() => { delete f.dataset['busy']; });
  });
  document.getElementById('sum')?.focus();
}

if (document.body.dataset['place'] === 'kiosk') kiosk();
else if (document.body.dataset['place'] === 'preview') {
  const f = form();
  if (f) enhance(document, f, say);
} else {
  start();
  addEventListener('online', again);
  setInterval(again, RETRY_MS);
  const left = remembered(), f = form();
  if (left && f) void send(f.action, left);
}
