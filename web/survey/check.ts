/*
 * Which questions show, and what counts of the answers: the same rules as
 * src/form/shown.c and check.c over the same document, held together by
 * tests/data/form/checks.json. The server checks again; this is for the
 * person who answers.
 */
import { empty, equal, evaluate, plain, read, truth, type Answers, type Expression, type Value } from './expr.ts';
import { ascii, day, dayText, DIRECTION, invisible, number, trim } from './signs.ts';

const ANSWER_CHARACTERS_MAX = 10000;
const FILE_BYTES_MAX = 256 * 1024 * 3 / 4;

type Choice = string | number | boolean | { value: string | number | boolean };

/** An element as the document writes it; what is not here is for showing. */
export interface Question {
  type: string;
  name: string;
  visibleIf?: string; enableIf?: string; requiredIf?: string; expression?: string;
  isRequired?: boolean; readOnly?: boolean;
  rateMin?: number; rateMax?: number; rateStep?: number; rateCount?: number; rateValues?: Choice[];
  choices?: Choice[]; columns?: Choice[]; rows?: Choice[] | number; items?: Question[]; elements?: Question[];
  showOtherItem?: boolean; hasOther?: boolean; showNoneItem?: boolean; hasNone?: boolean; showCommentArea?: boolean; hasComment?: boolean;
  minSelectedChoices?: number; maxSelectedChoices?: number; multiSelect?: boolean; allowMultiple?: boolean;
  isAllRowRequired?: boolean; eachRowRequired?: boolean;
  inputType?: string; min?: number | string; max?: number | string; step?: number; maxLength?: number; maxSize?: number;
}
export interface Page { elements?: Question[]; questions?: Question[]; visibleIf?: string }
export interface Survey { pages?: Page[]; elements?: Question[]; questions?: Question[]; triggers?: { type: string; expression?: string }[] }

/** id: key of the words, without "form.answer."; the rest fills the words. */
export interface Problem { id: string; field: string; warning?: true; what?: string; value?: number; least?: number; most?: number }
export interface Checked { answers: Answers; raw: Answers; problems: Problem[] }
/** By name; `seen` are the answers as expressions saw them. */
export interface Shown { shown: Set<string>; open: Set<string>; seen: Answers }

/* --- showing ---------------------------------------------------------------------------------------------- */

const cache = new Map<string, Expression>();

function value(text: string, answers: Answers, now: number): Value {
  let e = cache.get(text);
  if (!e) cache.set(text, e = read(text));
  return evaluate(e, answers, now);
}

const holds = (text: string | undefined, answers: Answers, now: number): boolean => !text || !trim(text) || truth(value(text, answers, now));

export function pagesOf(s: Survey): Page[] {
  return s.pages ?? [s];
}

export function elementsOf(p: Page): Question[] {
  return p.elements ?? p.questions ?? [];
}

/** Every question in reading order, a panel before its elements. */
export function questionsOf(s: Survey): Question[] {
  const flat = (q: Question): Question[] => [q, ...(q.type === 'panel' ? q.elements ?? [] : []).flatMap(flat)];
  return pagesOf(s).flatMap((p) => elementsOf(p).flatMap(flat));
}

export function shown(s: Survey, answers: Answers, now: number): Shown {
  const out: Shown = { shown: new Set(), open: new Set(), seen: { ...answers } };
  const visit = (q: Question, above: boolean, openAbove: boolean): void => {
    const shows = above && holds(q.visibleIf, out.seen, now);
    const open = openAbove && shows && !q.readOnly && holds(q.enableIf, out.seen, now);
    if (shows) out.shown.add(q.name);
    if (open) out.open.add(q.name);
    if (q.type === 'expression') out.seen[q.name] = shows && q.expression ? value(q.expression, out.seen, now) : undefined;
    else if (q.type === 'panel') for (const child of q.elements ?? []) visit(child, shows, open);
    else if (!open) out.seen[q.name] = undefined;
  };
  let ended = false;
  for (const page of pagesOf(s)) {
    const shows = !ended && holds(page.visibleIf, out.seen, now);
    for (const q of elementsOf(page)) visit(q, shows, shows);
    for (const t of shows ? s.triggers ?? [] : []) if (t.type === 'complete' && t.expression) ended ||= holds(t.expression, out.seen, now);
  }
  return out;
}

/* --- checking -------------------------------------------------------------------------------------------------- */

/* What is kept of one answer: it counts, or it does not. Neither: it was wrong. */
interface Kept { value?: Value; raw?: Value }
interface Checker { complete: boolean; say: (p: Problem) => Kept }
type Check = (c: Checker, q: Question, field: string, v: Value) => Kept;

const isScalar = (v: Value): boolean => typeof v !== 'object' || v === null;
const characters = (s: string): number => [...s].length;
const kind: Check = (c, _q, field) => c.say({ id: 'kind', field });

interface Ends { min: number; max: number; step: number }

function ends(q: Question): Ends {
  const step = q.rateStep ?? 1, given = (v: number | string | undefined, otherwise: number): number => (typeof v === 'number' ? v : otherwise);
  if (q.type === 'rating') {
    const min = q.rateMin ?? 1;
    return { min, step, max: q.rateMax ?? (q.rateCount !== undefined ? min + (q.rateCount - 1) * step : Math.max(5, min + step)) };
  }
  if (q.type === 'slider') return { min: given(q.min, 0), max: given(q.max, 100), step: 0 };
  return { min: given(q.min, -Infinity), max: given(q.max, Infinity), step: 0 };
}

const checkNumber: Check = (c, q, field, v) => {
  const { min, max, step } = ends(q);
  const n = typeof v === 'string' ? number(v) : v;
  if (typeof v !== 'number' && typeof v !== 'string') return kind(c, q, field, v);
  if (typeof n !== 'number') return c.say({ id: 'number', field, what: String(v) });
  if (n < min || n > max) return c.say({ id: min === -Infinity ? 'most' : max === Infinity ? 'least' : 'range', field, value: n, least: min, most: max });
  const steps = (n - min) / step;
  if (q.type === 'rating' && Math.abs(steps - Math.round(steps)) > 1e-6) return c.say({ id: 'step', field, value: n });
  return { value: n === 0 ? 0 : n };
};

export function choicesOf(q: Question): Choice[] {
  return q.type === 'rating' ? q.rateValues ?? [] : q.type === 'matrix' ? q.columns ?? [] : q.choices ?? [];
}

export function choiceValue(c: Choice): string | number {
  const v = typeof c === 'object' ? c.value : c;
  return typeof v === 'boolean' ? String(v) : v;
}

const takesOther = (q: Question): boolean => q.showOtherItem ?? q.hasOther ?? false;
const takesComment = (q: Question): boolean => takesOther(q) || (q.showCommentArea ?? q.hasComment ?? false);

/* The answer as the document writes it; a page without JavaScript sends texts. */
function chosen(q: Question, v: Value): Value {
  const text = plain(v);
  if (!text) return undefined;
  if (text === 'other' && takesOther(q)) return 'other';
  if (text === 'none' && (q.showNoneItem ?? q.hasNone)) return 'none';
  return choicesOf(q).map(choiceValue).find((one) => plain(one) === text);
}

const noOption = (c: Checker, field: string, v: Value): Kept => c.say({ id: 'option', field, warning: true, what: plain(v) });

const checkChoice: Check = (c, q, field, given) => {
  const v = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if (!isScalar(v)) return kind(c, q, field, v);
  const found = chosen(q, v);
  if (found !== undefined) return { value: found };
  noOption(c, field, v);
  return { raw: v };
};

const checkRating: Check = (c, q, field, v) => (q.rateValues?.length ? checkChoice : checkNumber)(c, q, field, v);

const checkChoices: Check = (c, q, field, v) => {
  const good: Value[] = [], bad: Value[] = [];
  const all = Array.isArray(v) ? v : [v];
  for (const one of all) {
    if (!isScalar(one)) return kind(c, q, field, v);
    if (empty(one)) continue;
    const found = chosen(q, one);
    if (found === undefined) {
      bad.push(one);
      noOption(c, field, one);
    } else if (!good.some((x) => equal(x, found))) good.push(found);
  }
  const raw = bad.length ? bad : undefined, least = q.minSelectedChoices ?? 0, most = q.maxSelectedChoices ?? 0;
  if (good.length + bad.length < least) return { raw, ...c.say({ id: 'few', field, least }) };
  if (most > 0 && good.length > most) return { raw, ...c.say({ id: 'many', field, most }) };
  return { value: good.length ? good : undefined, raw };
};

const checkImages: Check = (c, q, field, v) => (q.multiSelect ? checkChoices : checkChoice)(c, q, field, v);

const checkBoolean: Check = (c, q, field, v) => {
  const text = plain(v);
  return text === 'true' || text === 'false' ? { value: text === 'true' } : kind(c, q, field, v);
};

const orNothing = (o: Answers): Value => (Object.keys(o).length ? o : undefined);

const checkMatrix: Check = (c, q, field, v) => {
  if (isScalar(v) || Array.isArray(v)) return kind(c, q, field, v);
  const rows = Array.isArray(q.rows) ? q.rows.map((r) => plain(choiceValue(r))) : [];
  const good: Answers = {}, bad: Answers = {};
  for (const [row, one] of Object.entries(v as Answers)) {
    if (!isScalar(one)) return kind(c, q, field, v);
    if (empty(one)) continue;
    const found = chosen(q, one), known = rows.includes(row);
    if (known && found !== undefined) good[row] = found;
    else {
      noOption(c, field, known ? one : row);
      bad[row] = one;
    }
  }
  const raw = orNothing(bad);
  if (c.complete && (q.eachRowRequired ?? q.isAllRowRequired) && Object.keys(good).length < rows.length) return { raw, ...c.say({ id: 'rows', field }) };
  return { value: orNothing(good), raw };
};

function emailFine(s: string): boolean {
  const [name, domain, more] = s.split('@');
  return more === undefined && !!name && domain !== undefined && bytesOf(name) <= 64 && bytesOf(s) <= 254 &&
    ![...s].some((ch) => invisible.test(ch) || '<>,;"'.includes(ch)) && /^[^.].*\..*[^.]$/.test(domain);
}

const bytesOf = (s: string): number => new TextEncoder().encode(s).length;

function urlFine(s: string): boolean {
  return /^https?:\/\/[^/.]/.test(s) && bytesOf(s) <= 2000 && ![...s].some((ch) => invisible.test(ch) || '<>"'.includes(ch));
}

function checkDate(c: Checker, q: Question, field: string, text: string): Kept {
  const d = day(text);
  if (d === undefined) return c.say({ id: 'date', field, what: text });
  const least = typeof q.min === 'string' ? day(q.min) : undefined, most = typeof q.max === 'string' ? day(q.max) : undefined;
  if (least !== undefined && d < least) return c.say({ id: 'date_least', field, what: dayText(least) });
  if (most !== undefined && d > most) return c.say({ id: 'date_most', field, what: dayText(most) });
  return { value: dayText(d) };
}

function tooLong(c: Checker, field: string, text: string, most: number): Kept | undefined {
  const n = characters(text);
  return n > most ? c.say({ id: 'long', field, value: n, most }) : undefined;
}

const checkText: Check = (c, q, field, v) => {
  const input = q.type === 'comment' ? 'text' : q.inputType ?? 'text';
  if (input === 'number') return checkNumber(c, q, field, v);
  if (typeof v !== 'string' && typeof v !== 'number') return kind(c, q, field, v);
  const text = trim(plain(v)), max = q.maxLength ?? 0;
  const long = tooLong(c, field, text, max >= 1 && max < ANSWER_CHARACTERS_MAX ? Math.trunc(max) : ANSWER_CHARACTERS_MAX);
  if (long) return long;
  if (input === 'date') return checkDate(c, q, field, text);
  if (input === 'email' && !emailFine(text)) return c.say({ id: 'email', field, what: text });
  if (input === 'url' && !urlFine(text)) return c.say({ id: 'url', field, what: text });
  if (input !== 'tel') return { value: text };
  const tel = ascii(text.replace(DIRECTION, '')), digits = tel.replace(/\D/g, '').length;
  return /^[-+(). /\d]*$/.test(tel) && digits >= 4 && digits <= 20 ? { value: tel } : c.say({ id: 'tel', field, what: text });
};

const checkItems: Check = (c, q, field, given) => {
  const v = given ?? {};
  if (isScalar(v) || Array.isArray(v)) return kind(c, q, field, v);
  const all = v as Answers, good: Answers = {}, bad: Answers = {}, items = q.items ?? [];
  for (const item of items) {
    const one = all[item.name], at = `${q.name}.${item.name}`;
    if (!empty(one)) {
      const got = checkText(c, { ...item, type: 'text' }, at, one);
      if (got.value !== undefined) good[item.name] = got.value;
    } else if (c.complete && item.isRequired) c.say({ id: 'required', field: at });
  }
  for (const [name, one] of Object.entries(all)) {
    if (empty(one) || items.some((item) => item.name === name)) continue;
    noOption(c, field, name);
    bad[name] = one;
  }
  return { value: orNothing(good), raw: orNothing(bad) };
};

const checkFile: Check = (c, q, field, v) => {
  const all = Array.isArray(v) ? v : [v];
  if (all.length > 1 && !q.allowMultiple) return kind(c, q, field, v);
  let bytes = 0;
  for (const one of all) {
    const file = (isScalar(one) ? {} : one) as Answers;
    if (typeof file['name'] !== 'string' || typeof file['content'] !== 'string' || !file['content'].startsWith('data:')) return kind(c, q, field, v);
    const comma = file['content'].indexOf(',');
    if (comma >= 0) bytes += Math.floor((file['content'].length - comma - 1) * 3 / 4);
  }
  const most = q.maxSize && q.maxSize >= 1 ? Math.min(q.maxSize, FILE_BYTES_MAX) : FILE_BYTES_MAX;
  return bytes > most ? c.say({ id: 'file', field, value: bytes, most }) : { value: all };
};

const CHECKS: { [type: string]: Check } = {
  rating: checkRating, radiogroup: checkChoice, buttongroup: checkChoice, checkbox: checkChoices, dropdown: checkChoice, tagbox: checkChoices,
  boolean: checkBoolean, text: checkText, comment: checkText, matrix: checkMatrix, ranking: checkChoices, imagepicker: checkImages,
  multipletext: checkItems, slider: checkNumber, file: checkFile,
};

/* --- all of them --------------------------------------------------------------------------------------------------- */

export function check(s: Survey, given: Answers, complete: boolean, now: number): Checked {
  const out: Checked = { answers: {}, raw: {}, problems: [] };
  const say = (p: Problem): Kept => { out.problems.push(p); return {}; };
  const all = shown(s, given, now), questions = questionsOf(s);
  const keep = (into: Answers, name: string, v: Value): void => { if (v !== undefined && v !== null) into[name] = v; };
  for (const q of questions) {
    const v = empty(all.seen[q.name]) ? undefined : all.seen[q.name];
    if (q.type === 'expression') keep(out.answers, q.name, v);
    const how = CHECKS[q.type];
    if (!how || !all.open.has(q.name)) continue;
    const required = q.isRequired || (!!q.requiredIf && holds(q.requiredIf, all.seen, now));
    if (v === undefined && complete && required) {
      say({ id: 'required', field: q.name });
      continue;
    }
    const kept = v !== undefined || q.type === 'multipletext' ? how({ complete, say }, q, q.name, v) : {};
    keep(out.answers, q.name, kept.value);
    keep(out.raw, q.name, kept.raw);
    const name = `${q.name}-Comment`, comment = all.seen[name];
    const other = Array.isArray(kept.value) ? kept.value.includes('other') : kept.value === 'other';
    if (empty(comment) || !takesComment(q) || !((q.showCommentArea ?? q.hasComment) || other)) continue;
    if (typeof comment !== 'string') say({ id: 'kind', field: name });
    else if (!tooLong({ complete, say }, name, trim(comment), ANSWER_CHARACTERS_MAX)) out.answers[name] = trim(comment);
  }
  for (const [name, v] of Object.entries(given)) {
    const of = name.endsWith('-Comment') ? name.slice(0, -8) : '';
    const q = questions.find((one) => one.name === (of || name));
    if (empty(v) || (q && (of ? takesComment(q) : CHECKS[q.type] || q.type === 'expression'))) continue;
    out.raw[name] = v;
    say({ id: 'question', field: name, warning: true, what: name });
  }
  return out;
}
