/*
 * What the script adds to a page that is complete without it: questions come
 * and go with the answers, digits and arrows choose, a ranking moves by
 * buttons, a slider says its value. Works in a document and in a shadow root.
 */
import { evaluate, read, truth } from './expr.ts';
import type { Answers, Expression } from './expr.ts';

const zeros: Record<string, number> = { latn: 0x30, arab: 0x660, arabext: 0x6f0 };

/** A whole number, or one with a fraction, in the reader's digits. */
export function inDigits(text: string | number, digits: string | undefined): string {
  const zero = zeros[digits ?? 'latn'] ?? 0x30;
  return String(text).replace(/[0-9]/g, (c) => String.fromCharCode(zero + Number(c)));
}

/** The digit that a key means, in any of the three scripts; -1 none. */
export function digitOf(key: string): number {
  const code = key.length === 1 ? key.charCodeAt(0) : 0;
  for (const zero of Object.values(zeros)) if (code >= zero && code <= zero + 9) return code - zero;
  return -1;
}

// --- answers -----------------------------------------------------------------------------------

const lists = new Set(['checkbox', 'tagbox', 'imagepicker']);

function put(into: Record<string, unknown>, name: string, value: string, list: boolean): void {
  const row = /^(.*)\[([^\]]*)\]$/.exec(name);
  if (row) {
    const of = (into[row[1]!] ??= {}) as Record<string, unknown>;
    of[row[2]!] = value;
  } else if (list) {
    ((into[name] ??= []) as string[]).push(value);
  } else into[name] = value;
}

/** The answers of a form by question, as its fields say them. */
export function answersOf(form: HTMLFormElement): Answers {
  const out: Record<string, unknown> = {}, types = new Map<string, string>();
  for (const q of form.querySelectorAll<HTMLElement>('[data-type]')) types.set(q.dataset['name']!, q.dataset['type']!);
  new FormData(form).forEach((value, name) => {
    if (typeof value !== 'string' || value === '' || name.startsWith('_')) return;
    const type = types.get(name) ?? '';
    put(out, name, value, lists.has(type));
  });
  for (const [name, type] of types) {
    const v = out[name];
    if (type === 'boolean' && typeof v === 'string') out[name] = v === 'true';
    if ((type === 'rating' || type === 'slider') && typeof v === 'string' && v.trim() !== '' && isFinite(Number(v))) out[name] = Number(v);
    if (type === 'ranking' && v && typeof v === 'object') out[name] = Object.entries(v as Record<string, string>).sort((a, b) => Number(a[1]) - Number(b[1])).map(([k]) => k);
  }
  return out as Answers;
}

// --- branching -----------------------------------------------------------------------------------

interface Rule { element: HTMLElement; name: string; when: Expression | null }

function setSeen(q: HTMLElement, seen: boolean): void {
  if (!q.classList.contains('q') || !q.querySelector('input:not([name="_seen"]),select,textarea')) return;
  const old = q.querySelector<HTMLInputElement>(':scope > input[name="_seen"]');
  if (!seen) { old?.remove(); return; }
  if (old) return;
  const input = document.createElement('input');
  input.type = 'hidden'; input.name = '_seen'; input.value = q.dataset['name']!;
  q.prepend(input);
}

/** Shows what the answers ask for; an answer to a hidden question counts as none for all behind it. */
export function branching(form: HTMLFormElement): () => void {
  const rules: Rule[] = [...form.querySelectorAll<HTMLElement>('[data-type]')].map((element) => ({
    element, name: element.dataset['name']!, when: element.dataset['if'] ? read(element.dataset['if']) : null,
  }));
  if (!rules.some((r) => r.when)) return () => {};
  return () => {
    const answers = answersOf(form) as Record<string, unknown>;
    for (const r of rules) {
      const hidden = (r.when !== null && !truth(evaluate(r.when, answers as Answers, Date.now()))) || r.element.parentElement?.closest('.group[hidden]') !== null;
      if (hidden) { delete answers[r.name]; delete answers[r.name + '-Comment']; }
      if (r.element.hidden !== hidden) r.element.hidden = hidden;
      setSeen(r.element, !hidden);
    }
  };
}

// --- keyboard ---------------------------------------------------------------------------------------

const typing = (t: EventTarget | null): boolean => t instanceof HTMLTextAreaElement || t instanceof HTMLSelectElement || (t instanceof HTMLInputElement && !['radio', 'checkbox', 'range', 'submit', 'button'].includes(t.type));

function choose(input: HTMLInputElement): void {
  input.checked = true;
  input.focus();
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Digits choose a score; 1 and 0 within a moment are 10. Arrows follow the direction of the writing. */
export function keyboard(form: HTMLFormElement, active: () => Element | null): (e: KeyboardEvent) => void {
  let before = '', at = 0;
  const scale = (): HTMLElement | null => {
    const here = active()?.closest<HTMLElement>('.sc');
    if (here) return here;
    const open = [...form.querySelectorAll<HTMLElement>('.sc')].filter((s) => !s.closest('[hidden]'));
    return open.find((s) => !s.querySelector(':checked')) ?? open[0] ?? null;
  };
  return (e) => {
    if (e.altKey || e.ctrlKey || e.metaKey || typing(e.composedPath()[0] ?? null)) return;
    const digit = digitOf(e.key), sc = digit >= 0 || e.key.startsWith('Arrow') ? scale() : null;
    if (!sc) return;
    const all = [...sc.querySelectorAll<HTMLInputElement>('input:not(:disabled)')];
    if (digit >= 0) {
      const two = Date.now() - at < 800 ? before + digit : '';
      const hit = all.find((i) => i.value === two) ?? all.find((i) => i.value === String(digit));
      before = String(digit); at = Date.now();
      if (hit) { e.preventDefault(); choose(hit); }
    } else if (active()?.closest('.sc') && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
      const rtl = getComputedStyle(sc).direction === 'rtl';
      const i = all.indexOf(active() as HTMLInputElement), forward = (e.key === 'ArrowRight') !== rtl;
      const next = all[(i + (forward ? 1 : all.length - 1)) % all.length];
      if (next) { e.preventDefault(); choose(next); }
    }
  };
}

// --- controls that get better ----------------------------------------------------------------------------

function slider(q: HTMLElement, digits: string | undefined): void {
  const input = q.querySelector<HTMLInputElement>('input[type=range]'), out = q.querySelector('output');
  if (!input || !out) return;
  const name = input.name;
  if (!out.textContent) input.name = ''; // untouched: no answer
  input.addEventListener('input', () => { input.name = name; out.textContent = inDigits(input.value, digits); });
}

function otherText(q: HTMLElement): void {
  const text = q.querySelector<HTMLInputElement>('[data-with=other]');
  if (!text) return;
  const box = q.querySelector<HTMLInputElement>('input[value=other]'), select = q.querySelector<HTMLSelectElement>('select');
  text.addEventListener('input', () => {
    if (!text.value) return;
    if (box) box.checked = true;
    if (select) select.value = 'other';
  });
}

/** "none" and the others take each other away. */
function none(q: HTMLElement): void {
  q.addEventListener('change', (e) => {
    const t = e.target as HTMLInputElement;
    if (t.type !== 'checkbox' || !t.checked) return;
    for (const o of q.querySelectorAll<HTMLInputElement>('input[type=checkbox]')) if (o !== t && (o.value === 'none') !== (t.value === 'none')) o.checked = o.value === 'none' || t.value === 'none' ? false : o.checked;
  });
}

function arrow(list: HTMLElement, item: string, up: boolean): HTMLButtonElement {
  const b = document.createElement('button');
  b.type = 'button';
  b.textContent = up ? '↑' : '↓';
  b.setAttribute('aria-label', (list.dataset[up ? 'sayUp' : 'sayDown'] ?? '').replace('%', item));
  return b;
}

function ranking(q: HTMLElement, say: (text: string) => void, digits: string | undefined, placed: string): void {
  const list = q.querySelector<HTMLElement>('.rank');
  if (!list) return;
  const items = [...list.children] as HTMLElement[];
  const select = (li: Element): HTMLSelectElement => li.querySelector('select')!;
  const ranked = items.some((li) => select(li).value !== '');
  if (ranked) items.sort((a, b) => (Number(select(a).value) || 99) - (Number(select(b).value) || 99)).forEach((li) => list.append(li));
  const number = (): void => { [...list.children].forEach((li, i) => { select(li).value = String(i + 1); }); };
  for (const li of items) {
    const name = li.querySelector('label')!.textContent ?? '';
    select(li).hidden = true;
    for (const up of [true, false]) {
      const b = arrow(list, name, up);
      b.addEventListener('click', () => {
        const next = up ? li.previousElementSibling : li.nextElementSibling;
        if (next) { if (up) next.before(li); else next.after(li); }
        number();
        b.focus();
        say(placed.replace('%', name).replace('#', inDigits([...list.children].indexOf(li) + 1, digits)));
        list.dispatchEvent(new Event('change', { bubbles: true }));
      });
      li.append(b);
    }
  }
}

/** A link of the summary goes to the control itself, not only near it. */
function summary(root: Document | ShadowRoot, form: HTMLFormElement): void {
  for (const a of form.querySelectorAll<HTMLAnchorElement>('.sum a')) {
    a.addEventListener('click', (e) => {
      const q = root.getElementById(a.hash.slice(1));
      const control = q?.querySelector<HTMLElement>('input:not([type=hidden]),select,textarea');
      if (!control) return;
      e.preventDefault();
      q!.scrollIntoView({ block: 'center' });
      control.focus();
    });
  }
}

/** Everything above, for one form. Returns what to call when the form is gone. */
export function enhance(root: Document | ShadowRoot, form: HTMLFormElement, say: (text: string) => void): () => void {
  const digits = form.dataset['digits'], branch = branching(form);
  for (const q of form.querySelectorAll<HTMLElement>('.q')) {
    slider(q, digits);
    otherText(q);
    none(q);
    ranking(q, say, digits, form.dataset['sayPlace'] ?? '');
  }
  summary(root, form);
  form.addEventListener('input', branch);
  form.addEventListener('change', branch);
  branch();
  const keys = keyboard(form, () => root.activeElement) as EventListener;
  root.addEventListener('keydown', keys);
  return () => root.removeEventListener('keydown', keys);
}

/** Visible questions that ask for an answer and have none. */
export function unanswered(form: HTMLFormElement): HTMLElement[] {
  return [...form.querySelectorAll<HTMLElement>('.q')].filter((q) => {
    if (q.closest('[hidden]') || !q.querySelector('[aria-required=true]')) return false;
    const fields = [...q.querySelectorAll<HTMLInputElement>('input:not([type=hidden]),select,textarea')];
    return !fields.some((f) => (f.type === 'radio' || f.type === 'checkbox' ? f.checked : f.value.trim() !== ''));
  });
}
