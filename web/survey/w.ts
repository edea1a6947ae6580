/*
 * The widget: one script for any page. It counts what happens on the page,
 * asks the server once when a survey's trigger is met, and shows what comes
 * back in a shadow root. Whether somebody is asked is decided by the server
 * alone; here is only when to ask it.
 *
 *   <script async src="https://cx.example/w.js" data-key="KEY" data-lang="fa"></script>
 *   <script>window.cx = window.cx || []; cx.push(['identify', 'u1']); cx.push(['track', 'Payment failed']);</script>
 *
 * Nothing is evaluated, no style attribute is written, no cookie is set: a
 * page's policy needs our origin in script-src and connect-src, nothing else.
 */
import { enhance } from './form.ts';
import { counts, met, sequenceMet } from './triggers.ts';
import type { Happened, Triggers } from './triggers.ts';
import css from './widget.css?inline';

interface Survey { survey: string; triggers: Triggers; mode: 'corner' | 'modal' }
interface Asked { show: boolean; reason: string; lang: string; dir: 'ltr' | 'rtl'; html: string; close: string; title: string }
type Call = [string, ...unknown[]];
interface Queue { push(call: Call): number }

const script = document.currentScript as HTMLScriptElement | null;
const base = new URL(script?.src ?? location.href).origin;
const key = script?.dataset['key'] ?? '', wanted = script?.dataset['lang'] ?? document.documentElement.lang;
const KEEP_MS = 30 * 86_400_000, MOST = 500;

// --- who, and whether at all ------------------------------------------------------------------------

const nav = navigator as Navigator & { globalPrivacyControl?: boolean };
const refused = nav.globalPrivacyControl === true || nav.doNotTrack === '1';
let consent = script?.dataset['consent'] !== 'required';
let customer = '', memory: Record<string, string> = {};

/** What is remembered of this visitor: on the device when they agree, else as long as the page lives. */
function recall(name: string): string {
  if (!refused && consent) try { return localStorage.getItem(`cx.${name}`) ?? memory[name] ?? ''; } catch { /* storage is closed to us */ }
  return memory[name] ?? '';
}
function remember(name: string, value: string): void {
  memory[name] = value;
  if (!refused && consent) try { localStorage.setItem(`cx.${name}`, value); } catch { /* kept in memory */ }
}
function visitor(): string {
  let id = recall('visitor');
  if (!id) { id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(''); remember('visitor', id); }
  return id;
}

function happened(): Happened[] {
  try { return (JSON.parse(recall('events') || '[]') as Happened[]).filter((h) => h[1] > Date.now() - KEEP_MS); } catch { return []; }
}

// --- asking -------------------------------------------------------------------------------------------

let surveys: Survey[] = [], busy = false, shownAt = Date.now(), depth = 0, left = false;
const tried = new Set<string>();

function ready(s: Survey): boolean {
  const t = s.triggers, all = happened();
  return met(t, { url: location.href, seconds: (Date.now() - shownAt) / 1000, depth, left, visitor: visitor() + s.survey })
    && (!t.event || counts(all, t.event, Date.now())) && (!t.sequence || sequenceMet(all, t.sequence, Date.now()));
}

async function consider(): Promise<void> {
  if (busy || refused || !consent || !key) return;
  const s = surveys.find((x) => !tried.has(x.survey) && ready(x));
  if (!s) return;
  busy = true;
  tried.add(s.survey); // one question to the server for one page view, whatever it answers
  try {
    const res = await fetch(`${base}/v1/widget/${encodeURIComponent(key)}/ask`, {
      method: 'POST', credentials: 'omit',
      body: JSON.stringify({ survey: s.survey, customer, anonymous: visitor(), lang: wanted }),
    });
    const a = res.ok ? ((await res.json()) as Asked) : null;
    if (a?.show) show(a, s.mode === 'modal');
  } catch { /* no network: nothing is shown, nothing is counted */ }
  busy = document.querySelector('cx-survey') !== null;
}

// --- showing ---------------------------------------------------------------------------------------------

function styled(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
}

function fragment(html: string): DocumentFragment {
  const out = document.createDocumentFragment();
  out.append(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
  return out;
}

function show(a: Asked, modal: boolean): void {
  const host = document.createElement('cx-survey'), root = host.attachShadow({ mode: 'open' }), box = document.createElement('div');
  const before = document.activeElement as HTMLElement | null;
  styled(root);
  host.className = modal ? 'modal' : 'corner';
  host.dir = a.dir;
  host.lang = a.lang;
  box.className = 'cx box';
  box.lang = a.lang;
  box.dir = a.dir;
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-label', a.title);
  if (modal) box.setAttribute('aria-modal', 'true');
  const close = (): void => {
    stop();
    host.remove();
    removeEventListener('keydown', keys, true);
    busy = false;
    if (modal) before?.focus();
  };
  const x = document.createElement('button');
  x.type = 'button';
  x.className = 'x';
  x.textContent = '×';
  x.setAttribute('aria-label', a.close);
  x.addEventListener('click', close);
  let stop = (): void => {};
  const keys = (e: KeyboardEvent): void => {
    if (e.key === 'Escape') close();
    else if (e.key === 'Tab' && modal) trap(e, root, box);
  };
  const fill = (html: string): void => {
    stop();
    box.replaceChildren(x, fragment(html));
    stop = answering(root, box, fill, close);
  };
  root.append(box);
  document.body.append(host);
  addEventListener('keydown', keys, true);
  fill(a.html);
  if (modal) (box.querySelector<HTMLElement>('main') ?? box).focus();
}

function trap(e: KeyboardEvent, root: ShadowRoot, box: HTMLElement): void {
  const all = [...box.querySelectorAll<HTMLElement>('button,input:not([type=hidden]),select,textarea,a[href]')].filter((n) => n.offsetParent !== null || n.getClientRects().length);
  const first = all[0], last = all.at(-1), at = root.activeElement;
  if (e.shiftKey && (at === first || !at)) { e.preventDefault(); last?.focus(); }
  else if (!e.shiftKey && (at === last || !at)) { e.preventDefault(); first?.focus(); }
}

/** The form inside: sent in place, and what comes back takes its place. */
function answering(root: ShadowRoot, box: HTMLElement, fill: (html: string) => void, close: () => void): () => void {
  const f = box.querySelector('form');
  if (!f) { const t = setTimeout(close, 8000); return () => clearTimeout(t); }
  const said = box.querySelector('.say'), say = (text: string): void => { if (said) said.textContent = text; };
  const gone = enhance(root, f, say);
  f.addEventListener('submit', (e) => {
    e.preventDefault();
    if (f.dataset['busy']) return;
    const go = (e.submitter as HTMLButtonElement | null)?.value || 'next';
    const body = new URLSearchParams();
    new FormData(f).forEach((v, k) => { if (typeof v === 'string' && k) body.append(k, v); });
    body.set('_go', go);
    body.set('_place', 'widget');
    f.dataset['busy'] = '1';
    say(f.dataset['saySending'] ?? '');
    fetch(new URL(f.getAttribute('action') ?? '', base), { method: 'POST', body, credentials: 'omit' })
      .then((r) => (r.status < 500 ? r.text().then(fill) : say(f.dataset['sayBusy'] ?? '')), () => say(f.dataset['sayOffline'] ?? ''))
      .finally(() => { delete f.dataset['busy']; });
    if (go === 'decline') close();
  });
  return gone;
}

// --- what happens on the page --------------------------------------------------------------------------------

function track(name: string): void {
  const all = [...happened(), [name, Date.now()] as Happened].slice(-MOST);
  remember('events', JSON.stringify(all));
  void consider();
}

const calls: Record<string, (...args: unknown[]) => void> = {
  identify: (id) => { customer = String(id ?? ''); },
  track: (name) => track(String(name ?? '')),
  page: (name) => { shownAt = Date.now(); depth = 0; left = false; if (name) track(String(name)); else void consider(); },
  consent: (yes) => { consent = yes !== false; void consider(); },
  reset: () => { customer = ''; memory = {}; try { for (const n of ['visitor', 'events']) localStorage.removeItem(`cx.${n}`); } catch { /* nothing was kept */ } },
};
function run(call: Call): number {
  calls[call[0]]?.(...call.slice(1));
  return 0;
}

/** Clicks that do nothing, again and again on one thing, are an event of their own. */
function friction(): void {
  let at = 0, n = 0, on: EventTarget | null = null;
  addEventListener('click', (e) => {
    n = e.target === on && e.timeStamp - at < 700 ? n + 1 : 1;
    on = e.target; at = e.timeStamp;
    if (n === 3) track('Rage click');
  }, { capture: true, passive: true });
  addEventListener('error', () => track('Page error'));
}

function watch(): void {
  const scrolled = (): void => {
    const room = document.documentElement.scrollHeight - innerHeight;
    depth = Math.max(depth, room > 0 ? (scrollY / room) * 100 : 100);
  };
  addEventListener('scroll', () => { scrolled(); void consider(); }, { passive: true });
  document.addEventListener('mouseout', (e) => { if (!e.relatedTarget && e.clientY <= 0) { left = true; void consider(); } });
  // Pages that change without loading: the address tells.
  let address = location.href;
  const moved = (): void => { if (location.href !== address) { address = location.href; calls['page']!(); } };
  for (const name of ['pushState', 'replaceState'] as const) {
    const real = history[name].bind(history);
    history[name] = (...args: Parameters<History['pushState']>) => { real(...args); setTimeout(moved); };
  }
  addEventListener('popstate', moved);
  setInterval(() => { void consider(); }, 1000);
}

async function start(): Promise<void> {
  const early = ((globalThis as { cx?: Call[] }).cx ?? []) as Call[];
  (globalThis as { cx?: Queue & Record<string, unknown> }).cx = Object.assign({ push: run }, Object.fromEntries(Object.entries(calls)));
  if (Array.isArray(early)) early.forEach(run);
  friction();
  if (refused || !key) return;
  try {
    const res = await fetch(`${base}/v1/widget/${encodeURIComponent(key)}/config`, { credentials: 'omit' });
    if (res.ok) surveys = ((await res.json()) as { surveys: Survey[] }).surveys;
  } catch { return; }
  if (!surveys.length) return;
  watch();
  void consider();
}
void start();
