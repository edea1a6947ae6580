/*
 * A tablet at the till: one answer after the other, nothing of the one before
 * left on the screen. Answers go into a queue on the device first and from
 * there to the server, each with a key of its own, so that none is lost
 * without a network and none counts twice.
 */
import { enhance, inDigits, unanswered } from './form.ts';

const THANKS_MS = 6000, IDLE_MS = 60_000, DRAIN_MS = 10_000;
const slot = `cx-kiosk:${location.pathname}`;

function queue(): string[] {
  try { return JSON.parse(localStorage.getItem(slot) ?? '[]') as string[]; } catch { return []; }
}
function setQueue(all: string[]): void { localStorage.setItem(slot, JSON.stringify(all)); }

/** The sentence for n: the one written for the largest count that is not above it, with the digits of n. */
export function waitingText(data: DOMStringMap, n: number): string {
  const counts = [11, 3, 2, 1, 0].filter((c) => c <= n && data[`sayWaiting-${c}`]);
  const of = counts[0] ?? 0;
  return (data[`sayWaiting-${of}`] ?? '').replace(inDigits(of, data['digits']), inDigits(n, data['digits']));
}

export function kiosk(): void {
  const first = document.querySelector<HTMLFormElement>('main form');
  if (!first) return;
  const pristine = first.cloneNode(true) as HTMLFormElement, thanks = document.querySelector('template')!;
  const main = document.querySelector('main')!, action = first.action, data = first.dataset;
  let gone = (): void => {}, timer = 0, draining = false;
  const bar = document.createElement('p');
  bar.className = 'say';
  bar.setAttribute('role', 'status');
  document.querySelector('footer')!.before(bar);

  const tell = (): void => { bar.textContent = queue().length ? waitingText(data, queue().length) : ''; };
  async function drain(): Promise<void> {
    if (draining) return;
    draining = true;
    try {
      for (let all = queue(); all.length; all = queue()) {
        const res = await fetch(action, { method: 'POST', body: all[0]!, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, credentials: 'omit' });
        if (res.status >= 500 || res.status === 429) break;
        setQueue(queue().slice(1));
      }
    } catch { /* no network: they stay in the queue */ }
    draining = false;
    tell();
  }
  const later = (ms: number): void => { clearTimeout(timer); timer = setTimeout(reset, ms) as unknown as number; };
  function reset(): void {
    gone();
    clearTimeout(timer);
    const f = pristine.cloneNode(true) as HTMLFormElement;
    main.replaceChildren(f);
    scrollTo(0, 0);
    open(f);
  }
  function done(): void {
    gone();
    main.replaceChildren(thanks.content.cloneNode(true));
    const next = document.createElement('button');
    next.className = 'p';
    next.textContent = data['sayAgain'] ?? '';
    next.addEventListener('click', reset);
    main.querySelector('.end')!.append(next);
    main.focus();
    later(THANKS_MS);
  }
  function missing(f: HTMLFormElement): boolean {
    const open = unanswered(f);
    for (const q of f.querySelectorAll('.q')) { q.classList.remove('bad'); q.querySelector('.err')?.remove(); }
    for (const q of open) {
      const p = document.createElement('p');
      p.className = 'err';
      p.textContent = data['sayRequired'] ?? '';
      q.classList.add('bad');
      q.append(p);
    }
    open[0]?.querySelector<HTMLElement>('input:not([type=hidden]),select,textarea')?.focus();
    return open.length > 0;
  }
  function open(f: HTMLFormElement): void {
    const say = (text: string): void => { const p = f.querySelector('.say'); if (p) p.textContent = text; };
    gone = enhance(document, f, say);
    for (const kind of ['input', 'keydown', 'pointerdown']) f.addEventListener(kind, () => later(IDLE_MS));
    f.addEventListener('submit', (e) => {
      e.preventDefault();
      if (missing(f)) return;
      const body = new URLSearchParams();
      new FormData(f).forEach((v, k) => { if (typeof v === 'string' && k) body.append(k, v); });
      body.set('_go', 'next');
      body.set('_key', crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);
      setQueue([...queue(), body.toString()]);
      done();
      tell();
      void drain();
    });
  }
  function full(): void {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = data['sayFull'] ?? '';
    b.addEventListener('click', () => { void document.documentElement.requestFullscreen(); });
    document.querySelector('header')!.append(b);
    document.addEventListener('fullscreenchange', () => { b.hidden = document.fullscreenElement !== null; });
  }
  full();
  open(first);
  tell();
  void drain();
  addEventListener('online', () => { void drain(); });
  setInterval(() => { void drain(); }, DRAIN_MS);
}
