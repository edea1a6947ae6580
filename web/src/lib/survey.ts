/*
 * Editing a survey document: pure functions from document to document, which
 * keep members that they do not know. A place is the way to an element:
 * [page, index] or [page, index, index in the panel].
 */
export type Said = string | Record<string, string>;
export type Choice = string | number | { value: string | number; text?: Said; [other: string]: unknown };
export interface Element { type: string; name: string; title?: Said; description?: Said; isRequired?: boolean; visibleIf?: string; choices?: Choice[]; elements?: Element[]; [other: string]: unknown }
export interface Page { name?: string; title?: Said; elements?: Element[]; [other: string]: unknown }
export interface SurveyDocument { locale?: string; title?: Said; description?: Said; completedHtml?: Said; pages: Page[]; [other: string]: unknown }
export type Place = readonly number[];

// --- texts ------------------------------------------------------------------------------------

const main = (doc: SurveyDocument): string => doc.locale || 'en';
/** What stands in one language, "" for none: no falling back, this is for writing. */
export function textIn(doc: SurveyDocument, said: Said | undefined, lang: string): string {
  if (said === undefined) return '';
  if (typeof said === 'string') return lang === main(doc) ? said : '';
  return said[lang] ?? (lang === main(doc) ? said['default'] ?? '' : '');
}
/** What a reader is shown. */
export function shown(doc: SurveyDocument, said: Said | undefined, lang: string): string {
  if (said === undefined || typeof said === 'string') return said ?? '';
  return said[lang] || said[main(doc)] || said['default'] || said['en'] || Object.values(said).find(Boolean) || '';
}
/** Writes one language and keeps the others; a text in the document's own language alone stays a plain one. */
export function written(doc: SurveyDocument, said: Said | undefined, lang: string, text: string): Said | undefined {
  const own = main(doc), next: Record<string, string> = typeof said === 'string' ? { default: said } : { ...said };
  delete next[lang];
  if (lang === own) delete next['default'];
  if (text) next[lang === own ? 'default' : lang] = text;
  const langs = Object.keys(next);
  if (!langs.length) return undefined;
  return langs.length === 1 && langs[0] === 'default' ? next['default'] : next;
}
/** The languages of any text, the document's own first. */
export function languagesOf(doc: SurveyDocument): string[] {
  const found = new Set([main(doc)]);
  const walk = (v: unknown, key: string): void => {
    if (Array.isArray(v)) for (const x of v) walk(x, '');
    else if (v && typeof v === 'object') {
      if (textual.has(key)) for (const l of Object.keys(v)) { if (l !== 'default') found.add(l); }
      else for (const [k, x] of Object.entries(v)) walk(x, k);
    }
  };
  walk(doc, '');
  return [...found];
}
const textual = new Set(['title', 'description', 'completedHtml', 'html', 'text', 'minRateDescription', 'maxRateDescription', 'placeholder', 'labelTrue', 'labelFalse', 'otherText', 'noneText', 'requiredErrorText']);

// --- places ---------------------------------------------------------------------------------------

export interface Found { place: Place; element: Element }
/** Every element in reading order, a panel before its own. */
export function elementsOf(doc: SurveyDocument): Found[] {
  return doc.pages.flatMap((p, i) => (p.elements ?? []).flatMap((element, k) => [
    { place: [i, k], element },
    ...(element.type === 'panel' ? (element.elements ?? []).map((e, n) => ({ place: [i, k, n], element: e })) : []),
  ]));
}
export const same = (a: Place, b: Place): boolean => a.length === b.length && a.every((x, i) => x === b[i]);
export function at(doc: SurveyDocument, place: Place): Element | undefined {
  const e = doc.pages[place[0]!]?.elements?.[place[1]!];
  return place.length === 3 ? e?.elements?.[place[2]!] : e;
}
function lists(doc: SurveyDocument, place: Place, f: (list: Element[]) => Element[]): SurveyDocument {
  const inside = (list: Element[]): Element[] => (place.length === 3 ? list.map((e, i) => (i === place[1] ? { ...e, elements: f([...(e.elements ?? [])]) } : e)) : f([...list]));
  return { ...doc, pages: doc.pages.map((p, i) => (i === place[0] ? { ...p, elements: inside(p.elements ?? []) } : p)) };
}
const last = (place: Place): number => place[place.length - 1]!;

/** A name that no element has. */
export function freshName(doc: SurveyDocument, base: string): string {
  const have = new Set(elementsOf(doc).map((f) => f.element.name));
  if (!have.has(base)) return base;
  let n = 2;
  while (have.has(`${base}_${n}`)) n++;
  return `${base}_${n}`;
}

// --- elements -----------------------------------------------------------------------------------------

/** The kinds that can be added, as they begin. */
export const kinds: Record<string, Omit<Element, 'name'>> = {
  rating: { type: 'rating', rateMin: 0, rateMax: 10, isRequired: true },
  stars: { type: 'rating', rateMin: 1, rateMax: 5, rateType: 'stars' },
  smileys: { type: 'rating', rateMin: 1, rateMax: 5, rateType: 'smileys' },
  radiogroup: { type: 'radiogroup', choices: ['1', '2'] },
  checkbox: { type: 'checkbox', choices: ['1', '2'] },
  dropdown: { type: 'dropdown', choices: ['1', '2'] },
  boolean: { type: 'boolean' },
  comment: { type: 'comment', maxLength: 2000 },
  text: { type: 'text' },
  matrix: { type: 'matrix', columns: ['1', '2', '3'], rows: ['a', 'b'] },
  ranking: { type: 'ranking', choices: ['1', '2', '3'] },
  slider: { type: 'slider', min: 0, max: 100, step: 1 },
  consent: { type: 'boolean', 'cx:consent': true },
  html: { type: 'html', html: '' },
  panel: { type: 'panel', elements: [] },
};
/** A new one behind `after`, or at the end of the page when that is none of its elements. */
export function add(doc: SurveyDocument, kind: string, page: number, after: Place | null): { doc: SurveyDocument; place: Place } {
  const element: Element = { ...structuredClone(kinds[kind]!), name: freshName(doc, kind) } as Element;
  const place: Place = after && after[0] === page ? [...after.slice(0, -1), last(after) + 1] : [page, doc.pages[page]?.elements?.length ?? 0];
  return { doc: lists(doc, place, (l) => { l.splice(last(place), 0, element); return l; }), place };
}
export function remove(doc: SurveyDocument, place: Place): SurveyDocument {
  return lists(doc, place, (l) => l.filter((_, i) => i !== last(place)));
}
export function duplicate(doc: SurveyDocument, place: Place): { doc: SurveyDocument; place: Place } {
  const old = at(doc, place);
  if (!old) return { doc, place };
  let so = doc;
  const named = (e: Element): Element => {
    const copy: Element = { ...structuredClone(e), name: freshName(so, e.name) };
    so = { ...so, pages: [...so.pages, { elements: [copy] }] };
    if (copy.elements) copy.elements = copy.elements.map(named);
    return copy;
  };
  const copy = named(old), to: Place = [...place.slice(0, -1), last(place) + 1];
  return { doc: lists(doc, to, (l) => { l.splice(last(to), 0, copy); return l; }), place: to };
}
/** One place earlier or later; over the edge of a page it goes to the page beside it. Inside a panel it stays there. */
export function move(doc: SurveyDocument, place: Place, by: -1 | 1): { doc: SurveyDocument; place: Place } {
  const me = at(doc, place), i = last(place);
  if (!me) return { doc, place };
  const size = (place.length === 3 ? at(doc, place.slice(0, 2))?.elements : doc.pages[place[0]!]?.elements)?.length ?? 0;
  if (i + by >= 0 && i + by < size) {
    const to = [...place.slice(0, -1), i + by];
    return { doc: lists(doc, place, (l) => { l.splice(i, 1); l.splice(i + by, 0, me); return l; }), place: to };
  }
  const page = place[0]! + by;
  if (place.length === 3 || !doc.pages[page]) return { doc, place };
  const out = remove(doc, place), to = [page, by === 1 ? 0 : out.pages[page]!.elements?.length ?? 0];
  return { doc: lists(out, to, (l) => { l.splice(to[1]!, 0, me); return l; }), place: to };
}
/** Members of one element; undefined takes one away. */
export function change(doc: SurveyDocument, place: Place, members: Record<string, unknown>): SurveyDocument {
  return lists(doc, place, (l) => l.map((e, i) => {
    if (i !== last(place)) return e;
    const next: Element = { ...e, ...members };
    for (const [k, v] of Object.entries(members)) if (v === undefined) delete next[k];
    return next;
  }));
}
/** Another name, also where conditions speak of it. */
export function rename(doc: SurveyDocument, place: Place, name: string): SurveyDocument {
  const old = at(doc, place)?.name;
  if (old === undefined || old === name) return doc;
  const swap = (text: unknown): unknown => (typeof text === 'string' ? text.replaceAll(`{${old}}`, `{${name}}`) : text);
  const fix = (e: Element): Element => {
    const next = { ...e };
    for (const k of ['visibleIf', 'enableIf', 'requiredIf', 'expression']) if (k in next) next[k] = swap(next[k]);
    if (next.elements) next.elements = next.elements.map(fix);
    return next;
  };
  const renamed = change(doc, place, { name });
  return { ...renamed, pages: renamed.pages.map((p) => ({ ...p, ...(p['visibleIf'] ? { visibleIf: swap(p['visibleIf']) } : {}), elements: (p.elements ?? []).map(fix) })) };
}

// --- pages ---------------------------------------------------------------------------------------------

export function addPage(doc: SurveyDocument, after: number): SurveyDocument {
  const have = new Set(doc.pages.map((p) => p.name));
  let n = doc.pages.length + 1;
  while (have.has(`page${n}`)) n++;
  const pages = [...doc.pages];
  pages.splice(after + 1, 0, { name: `page${n}`, elements: [] });
  return { ...doc, pages };
}
/** Its elements go to the page before it, or to the one behind the first. */
export function removePage(doc: SurveyDocument, page: number): SurveyDocument {
  if (doc.pages.length < 2) return doc;
  const moved = doc.pages[page]?.elements ?? [], to = page > 0 ? page - 1 : 1;
  return { ...doc, pages: doc.pages.map((p, i) => (i !== to ? p : { ...p, elements: page > 0 ? [...(p.elements ?? []), ...moved] : [...moved, ...(p.elements ?? [])] })).filter((_, i) => i !== page) };
}

// --- choices --------------------------------------------------------------------------------------------

export const valueOf = (c: Choice): string => String(typeof c === 'object' ? c.value : c);
export const choiceText = (c: Choice): Said | undefined => (typeof c === 'object' ? c.text : undefined);
export function setChoice(list: readonly Choice[], i: number, next: { value?: string; text?: Said | undefined }): Choice[] {
  return list.map((c, k) => {
    if (k !== i) return c;
    const old = typeof c === 'object' ? c : { value: c };
    const made = { ...old, ...('value' in next && next.value !== undefined ? { value: next.value } : {}) } as Exclude<Choice, string | number>;
    if ('text' in next) { if (next.text === undefined) delete made.text; else made.text = next.text; }
    return Object.keys(made).length === 1 ? made.value : made;
  });
}
export function moved<T>(list: readonly T[], i: number, by: -1 | 1): T[] {
  const out = [...list], to = i + by;
  if (to < 0 || to >= out.length) return out;
  const [x] = out.splice(i, 1);
  out.splice(to, 0, x!);
  return out;
}

// --- conditions as people read them ----------------------------------------------------------------------------

export const operators = ['=', '<>', '<', '<=', '>', '>=', 'contains', 'notcontains', 'empty', 'notempty'] as const;
export type Operator = (typeof operators)[number];
export interface Term { question: string; operator: Operator; value: string }
export interface Condition { all: boolean; terms: Term[] }
export const unary = (o: Operator): boolean => o === 'empty' || o === 'notempty';

const term = /^\s*\{([^{}]+)\}\s*(notcontains|contains|notempty|empty|<>|<=|>=|=|<|>)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?[0-9.]+|true|false))?\s*$/;
/** A list of terms joined by "and", or by "or"; null for an expression that says more, which is then edited as text. */
export function conditionOf(text: string): Condition | null {
  if (!text.trim()) return { all: true, terms: [] };
  for (const word of ['and', 'or'] as const) {
    const terms: Term[] = [];
    for (const part of text.split(new RegExp(`\\s${word}\\s`))) {
      const m = term.exec(part);
      if (!m) { terms.length = 0; break; }
      const value = m[3] ?? m[4] ?? m[5];
      if (unary(m[2] as Operator) !== (value === undefined)) { terms.length = 0; break; }
      terms.push({ question: m[1]!, operator: m[2] as Operator, value: (value ?? '').replace(/\\(.)/g, '$1') });
    }
    if (terms.length) return { all: word === 'and', terms };
  }
  return null;
}
export function conditionText(c: Condition): string {
  const literal = (v: string): string => (/^-?[0-9]+(\.[0-9]+)?$/.test(v) || v === 'true' || v === 'false' ? v : `'${v.replace(/[\\']/g, '\\$&')}'`);
  return c.terms.map((t) => `{${t.question}} ${t.operator}${unary(t.operator) ? '' : ` ${literal(t.value)}`}`).join(c.all ? ' and ' : ' or ');
}

// --- problems --------------------------------------------------------------------------------------------------

/** The element that a JSON pointer of the server speaks of, and the member in it; null for the document itself. */
export function placeOf(pointer: string): { place: Place; member: string } | null {
  const m = /^\/pages\/(\d+)\/(?:elements|questions)\/(\d+)(?:\/(?:elements|questions)\/(\d+))?(?:\/(.*))?$/.exec(pointer);
  if (!m) return null;
  return { place: m[3] === undefined ? [Number(m[1]), Number(m[2])] : [Number(m[1]), Number(m[2]), Number(m[3])], member: (m[4] ?? '').split('/')[0]! };
}

// --- undo ---------------------------------------------------------------------------------------------------------

export interface History { past: SurveyDocument[]; now: SurveyDocument; future: SurveyDocument[]; label: string }
export const history = (now: SurveyDocument): History => ({ past: [], now, future: [], label: '' });
/** Typing in one field again and again is one step: `label` says what is being done. */
export function did(h: History, now: SurveyDocument, label = ''): History {
  if (now === h.now) return h;
  if (label && label === h.label) return { ...h, now, future: [] };
  return { past: [...h.past, h.now].slice(-200), now, future: [], label };
}
export function undo(h: History): History {
  const now = h.past.at(-1);
  return now ? { past: h.past.slice(0, -1), now, future: [h.now, ...h.future], label: '' } : h;
}
export function redo(h: History): History {
  const now = h.future[0];
  return now ? { past: [...h.past, h.now], now, future: h.future.slice(1), label: '' } : h;
}
