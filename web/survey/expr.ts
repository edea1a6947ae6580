/*
 * Expressions of surveys: the same grammar and the same values as
 * src/form/expr.c and eval.c; docs/surveys.md says what every case gives and
 * tests/data/form/expressions.json holds both to it.
 */
import { day, dayText, digit, invisible, number, trim } from './signs.ts';

export type Value = undefined | null | boolean | number | string | Value[] | { [name: string]: Value };
export type Answers = { [name: string]: Value };
export interface Context { answers: Answers; now: number }
export type Expression = (c: Context) => Value;

const BYTES_MAX = 4096;
const DEPTH_MAX = 32;
const NODES_MAX = 1000;
const NAME_BYTES_MAX = 128;
const TEXT_BYTES_MAX = 20000;

/** `at` and `end` are characters (code points); `limit` is set when it is too long, too deep or has too many parts. */
export class ExpressionError extends Error {
  at: number;
  end: number;
  limit: boolean;
  constructor(expected: string, at: number, end: number, limit: boolean) {
    super(expected);
    this.at = at;
    this.end = end;
    this.limit = limit;
  }
}

/* --- values --------------------------------------------------------------------------------------------- */

const own = (o: object, name: string): boolean => Object.prototype.hasOwnProperty.call(o, name);
const isObject = (v: Value): v is { [name: string]: Value } => typeof v === 'object' && v !== null && !Array.isArray(v);
const bytes = (s: string): number => new TextEncoder().encode(s).length;
/* As C folds: ASCII letters alone. */
const small = (s: string): string => s.replace(/[A-Z]/g, (c) => c.toLowerCase());

export function empty(v: Value): boolean {
  if (v === undefined || v === null) return true;
  if (typeof v === 'string') return trim(v) === '';
  if (Array.isArray(v)) return v.length === 0;
  return typeof v === 'object' && Object.keys(v).length === 0;
}

export function truth(v: Value): boolean {
  return typeof v === 'boolean' ? v : typeof v === 'number' ? v !== 0 : !empty(v);
}

function numeric(v: Value): number | undefined {
  return typeof v === 'number' ? v : typeof v === 'string' ? number(v) : undefined;
}

function finite(v: number): Value {
  return Number.isFinite(v) ? (v === 0 ? 0 : v) : undefined;
}

export function equal(l: Value, r: Value): boolean {
  if (empty(l) || empty(r)) return empty(l) && empty(r);
  if (typeof l === 'string' && typeof r === 'string') return small(l) === small(r);
  if (typeof l === 'boolean' && typeof r === 'boolean') return l === r;
  if (Array.isArray(l) && Array.isArray(r)) {
    const rest = [...r];
    return l.length === r.length && l.every((x) => {
      const k = rest.findIndex((y) => equal(x, y));
      if (k >= 0) rest.splice(k, 1);
      return k >= 0;
    });
  }
  if (isObject(l) && isObject(r)) {
    const names = Object.keys(l);
    return names.length === Object.keys(r).length && names.every((n) => own(r, n) && equal(l[n], r[n]));
  }
  if (typeof l === 'boolean' && typeof r === 'string') return small(r) === String(l);
  if (typeof l === 'string' && typeof r === 'boolean') return small(l) === String(r);
  const x = numeric(l);
  return x !== undefined && x === numeric(r);
}

/* By code points, as UTF-8 bytes sort. */
function compareTexts(l: string, r: string): number {
  const x = [...l], y = [...r];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const d = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (d) return d;
  }
  return x.length - y.length;
}

/* Undefined where there is no order. */
function order(l: Value, r: Value): number | undefined {
  if (empty(l) || empty(r)) return undefined;
  if (typeof l === 'string' && typeof r === 'string') return compareTexts(l, r);
  const x = numeric(l), y = numeric(r);
  return x === undefined || y === undefined ? undefined : x - y;
}

/** Plain decimal; "" where one would write an exponent, and for lists. */
export function plain(v: Value): string {
  if (typeof v === 'string') return v;
  if (typeof v === 'boolean') return String(v);
  if (typeof v !== 'number') return '';
  return v === 0 || (Math.abs(v) >= 1e-6 && Math.abs(v) < 1e21) ? String(v) : '';
}

const listed = (v: Value): Value[] => (Array.isArray(v) ? v : [v]);
const has = (list: Value[], v: Value): boolean => list.some((x) => equal(x, v));

function allOf(l: Value, r: Value): boolean {
  return !empty(l) && !empty(r) && listed(r).every((x) => has(listed(l), x));
}

function anyOf(l: Value, r: Value): boolean {
  return !empty(l) && !empty(r) && listed(r).some((x) => has(listed(l), x));
}

function contains(l: Value, r: Value): boolean {
  if (empty(l) || empty(r)) return false;
  if (Array.isArray(l)) return allOf(l, r);
  const what = small(plain(r));
  return typeof l === 'string' && what !== '' && small(l).includes(what);
}

function add(l: Value, r: Value): Value {
  if (empty(l) || empty(r)) return undefined;
  const texts = typeof l === 'string' && typeof r === 'string';
  const x = numeric(l), y = numeric(r);
  if (!texts && x !== undefined && y !== undefined) return finite(x + y);
  if (typeof l !== 'string' && typeof r !== 'string') return undefined;
  const a = plain(l), b = plain(r);
  return a && b && bytes(a + b) <= TEXT_BYTES_MAX ? a + b : undefined;
}

function arithmetic(of: (x: number, y: number) => number | undefined): (l: Value, r: Value) => Value {
  return (l, r) => {
    const x = numeric(l), y = numeric(r);
    const v = x === undefined || y === undefined ? undefined : of(x, y);
    return v === undefined ? undefined : finite(v);
  };
}

const byOrder = (fits: (c: number) => boolean) => (l: Value, r: Value): Value => {
  const c = order(l, r);
  return c !== undefined && fits(c);
};

/* ".row" and "[2]" behind an answer; the whole rest first, since names of rows may have points. */
function descend(v: Value, rest: string): Value {
  while (rest) {
    if (rest[0] === '[') {
      const m = /^\[([+-]?\d+)\]/.exec(rest);
      const i = m ? Number(m[1]) : -1;
      if (!m || !Array.isArray(v) || i < 0 || i >= v.length) return undefined;
      v = v[i];
      rest = rest.slice(m[0].length);
      continue;
    }
    if (rest[0] !== '.' || !isObject(v)) return undefined;
    rest = rest.slice(1);
    if (own(v, rest)) return v[rest];
    const name = /^[^.[]*/.exec(rest)![0];
    if (!own(v, name)) return undefined;
    v = v[name];
    rest = rest.slice(name.length);
  }
  return v;
}

/** The answer that a name in braces means. */
export function resolve(answers: Answers, name: string): Value {
  for (;;) {
    if (own(answers, name)) return answers[name];
    for (let i = 0; i < name.length; i++)
      if ((name[i] === '.' || name[i] === '[') && own(answers, name.slice(0, i))) return descend(answers[name.slice(0, i)], name.slice(i));
    const dot = name.indexOf('.');
    if (dot < 0) return undefined;
    name = name.slice(dot + 1);
  }
}

/* --- functions --------------------------------------------------------------------------------------------- */

/* Answers among the arguments, lists and objects opened once. */
function opened(args: Expression[], c: Context): Value[] {
  return args.flatMap((arg) => {
    const v = arg(c);
    return Array.isArray(v) ? v : isObject(v) ? Object.values(v) : [v];
  }).filter((v) => !empty(v));
}

function numbers(args: Expression[], c: Context): number[] {
  return opened(args, c).map(numeric).filter((v) => v !== undefined);
}

const total = (all: number[]): number => all.reduce((s, v) => s + v, 0);

function age(v: Value, now: number): Value {
  const d = typeof v === 'string' ? day(v) : undefined;
  if (d === undefined || d * 86400000 > now) return undefined;
  const born = new Date(d * 86400000), today = new Date(now);
  const before = today.getUTCMonth() - born.getUTCMonth() || today.getUTCDate() - born.getUTCDate();
  return today.getUTCFullYear() - born.getUTCFullYear() - (before < 0 ? 1 : 0);
}

function today(c: Context, days: Value): Value {
  const n = numeric(days);
  return n === undefined || Math.abs(n) > 100000 ? undefined : dayText(Math.floor(c.now / 86400000) + Math.trunc(n));
}

const FUNCTIONS: { [name: string]: { least: number; most: number; make: (a: Expression[]) => Expression } } = {
  iif: { least: 3, most: 3, make: (a) => (c) => (truth(a[0]!(c)) ? a[1]!(c) : a[2]!(c)) },
  sum: { least: 1, most: 100, make: (a) => (c) => finite(total(numbers(a, c))) },
  avg: { least: 1, most: 100, make: (a) => (c) => { const all = numbers(a, c); return all.length ? finite(total(all) / all.length) : undefined; } },
  count: { least: 1, most: 100, make: (a) => (c) => opened(a, c).length },
  today: { least: 0, most: 1, make: (a) => (c) => today(c, a[0] ? a[0](c) : 0) },
  age: { least: 1, most: 1, make: (a) => (c) => age(a[0]!(c), c.now) },
};

/* --- reading -------------------------------------------------------------------------------------------------- */

type Operator = (l: Value, r: Value) => Value;
interface Token { kind: 'end' | 'value' | 'name' | 'word' | 'sign'; at: number; text: string; value?: Value }

const less = byOrder((c) => c < 0), lessEqual = byOrder((c) => c <= 0), greater = byOrder((c) => c > 0), greaterEqual = byOrder((c) => c >= 0);
const notEqual: Operator = (l, r) => !equal(l, r);
const notContains: Operator = (l, r) => !contains(l, r);
const COMPARISONS: { [sign: string]: Operator } = {
  '=': equal, '==': equal, equal, '<>': notEqual, '!=': notEqual, notequal: notEqual,
  '<': less, less, '<=': lessEqual, lessorequal: lessEqual, '>': greater, greater, '>=': greaterEqual, greaterorequal: greaterEqual,
  '*=': contains, contains, contain: contains, notcontains: notContains, notcontain: notContains,
  anyof: anyOf, allof: allOf, noneof: (l, r) => !anyOf(l, r), empty: (l) => empty(l), notempty: (l) => !empty(l),
};
const SUMS: { [sign: string]: Operator } = { '+': add, '-': arithmetic((x, y) => x - y) };
const PRODUCTS: { [sign: string]: Operator } = {
  '*': arithmetic((x, y) => x * y), '/': arithmetic((x, y) => (y ? x / y : undefined)), '%': arithmetic((x, y) => (y ? x % y : undefined)),
};
const CONSTANTS: { [word: string]: Value } = { true: true, false: false, null: undefined, undefined };

function letter(c: string): boolean {
  return /[a-zA-Z_]/.test(c) || (c >= '\u0080' && digit(c) < 0 && (!invisible.test(c) || c === '\u200c' || c === '\u200d') && !/[\u060c\u066b\u066c]/.test(c));
}

class Parser {
  chars: string[];
  at = 0;
  depth = 0;
  nodes = 0;
  token: Token = { kind: 'end', at: 0, text: '' };

  constructor(text: string) {
    this.chars = [...text];
  }

  wrong(expected: string, t: Token = this.token, end = this.at): never {
    throw new ExpressionError(expected, t.at, end > t.at ? end : t.at + 1, false);
  }

  tooMuch(what: string): never {
    throw new ExpressionError(what, this.token.at, this.token.at + 1, true);
  }

  next(): void {
    const s = this.chars;
    while (this.at < s.length && invisible.test(s[this.at]!)) this.at++;
    const from = this.at, c = s[from];
    const t: Token = this.token = { kind: c === undefined ? 'end' : 'sign', at: from, text: c ?? '' };
    if (c === undefined) return;
    if (c === "'" || c === '"') this.quoted(c);
    else if (c === '{') this.name();
    else if (digit(c) >= 0) this.number();
    else if (letter(c)) {
      t.kind = 'word';
      while (this.at < s.length && (letter(s[this.at]!) || digit(s[this.at]!) >= 0 || s[this.at] === '.')) this.at++;
    } else this.at += ['<>', '<=', '>=', '!=', '==', '&&', '||', '*='].includes(c + (s[from + 1] ?? '')) ? 2 : 1;
    t.text = s.slice(from, this.at).join('');
  }

  quoted(end: string): void {
    let out = '';
    for (this.at++; this.at < this.chars.length; this.at++) {
      let c = this.chars[this.at]!;
      if (c === end) {
        this.at++;
        this.token.kind = 'value';
        this.token.value = out;
        return;
      }
      if (c === '\\') c = this.chars[++this.at] ?? '';
      out += c;
    }
    this.wrong('a quotation mark that closes this text');
  }

  name(): void {
    const from = ++this.at;
    while (this.at < this.chars.length && this.chars[this.at] !== '}' && this.chars[this.at] !== '{') this.at++;
    const name = trim(this.chars.slice(from, this.at).join(''));
    if (this.chars[this.at] !== '}') this.wrong('"}" behind a name');
    this.at++;
    if (!name) this.wrong('a name between the braces');
    if (bytes(name) > NAME_BYTES_MAX) this.tooMuch('bytes in a name');
    this.token.kind = 'name';
    this.token.value = name;
  }

  number(): void {
    let z = '', point = false;
    for (; this.at < this.chars.length; this.at++) {
      const c = this.chars[this.at]!;
      const isPoint: boolean = !point && z !== '' && (c === '.' || c === '\u066b');
      if (digit(c) < 0 && !isPoint) break;
      if (z.length === 40) this.tooMuch('digits in a number');
      z += isPoint ? '.' : digit(c);
      point ||= isPoint;
    }
    const c = this.chars[this.at] ?? ' ';
    if (z.endsWith('.') || letter(c) || c === '.') this.wrong('a number, or quotation marks around a text');
    this.token.kind = 'value';
    this.token.value = Number(z);
  }

  is(sign: string): boolean {
    return this.token.kind === 'sign' && this.token.text === sign;
  }

  /* The operator of a table that stands here. */
  found<T>(table: { [sign: string]: T }): T | undefined {
    const key = this.token.kind === 'sign' ? this.token.text : this.token.kind === 'word' ? small(this.token.text) : '';
    const fits = own(table, key) && (this.token.kind === 'word') === /^[a-z]/.test(key);
    return fits ? table[key] : undefined;
  }

  part(): void {
    if (++this.nodes > NODES_MAX) this.tooMuch('parts');
  }

  node(e: Expression): Expression {
    this.part();
    return e;
  }

  deeper(read: () => Expression): Expression {
    if (this.depth === DEPTH_MAX) this.tooMuch('levels');
    this.depth++;
    const e = read();
    this.depth--;
    return e;
  }

  /* Operators of one rank, from the left. */
  left(table: { [sign: string]: Operator }, below: () => Expression): Expression {
    let l = below();
    for (let op = this.found(table); op; op = this.found(table)) {
      const a = l, f = op;
      this.next();
      const b = below();
      l = this.node((c) => f(a(c), b(c)));
    }
    return l;
  }

  logic(signs: { [sign: string]: true }, below: () => Expression, both: boolean): Expression {
    let l = below();
    while (this.found(signs)) {
      const a = l;
      this.next();
      const b = below();
      l = this.node(both ? (c) => truth(a(c)) && truth(b(c)) : (c) => truth(a(c)) || truth(b(c)));
    }
    return l;
  }

  or = (): Expression => this.logic({ or: true, '||': true }, this.and, false);
  and = (): Expression => this.logic({ and: true, '&&': true }, this.not, true);

  not = (): Expression => {
    if (!this.is('!')) return this.comparison();
    this.next();
    const of = this.deeper(this.not);
    return this.node((c) => !truth(of(c)));
  };

  comparison(): Expression {
    const l = this.sum();
    const op = this.found(COMPARISONS);
    if (!op) return l;
    const alone = /^(not)?empty$/i.test(this.token.text);
    this.next();
    const r = alone ? undefined : this.sum();
    const e = this.node((c) => op(l(c), r?.(c)));
    return this.found(COMPARISONS) ? this.wrong('"and", "or" or brackets: comparisons do not follow each other') : e;
  }

  sum = (): Expression => this.left(SUMS, this.product);
  product = (): Expression => this.left(PRODUCTS, this.unary);

  unary = (): Expression => {
    if (!this.is('-')) return this.primary();
    this.next();
    const of = this.deeper(this.unary);
    return this.node((c) => { const x = numeric(of(c)); return x === undefined ? undefined : finite(-x); });
  };

  items(closing: string): Expression[] {
    const all: Expression[] = [];
    if (this.is(closing)) return this.next(), all;
    for (;;) {
      all.push(this.deeper(this.or));
      if (this.is(closing)) return this.next(), all;
      if (!this.is(',') && !this.is('،')) this.wrong(`"," or "${closing}"`);
      this.next();
    }
  }

  primary(): Expression {
    const t = this.token;
    if (t.kind === 'value') return this.next(), this.node(() => t.value);
    if (t.kind === 'name') return this.next(), this.node((c) => resolve(c.answers, t.value as string) ?? undefined);
    if (t.kind === 'word') return this.word();
    if (this.is('(')) {
      this.next();
      const e = this.deeper(this.or);
      if (!this.is(')')) this.wrong('")"');
      return this.next(), e;
    }
    if (!this.is('[')) this.wrong('a value');
    this.next();
    this.part();
    const all = this.items(']');
    return (c) => all.map((e) => e(c));
  }

  word(): Expression {
    const t = this.token, key = small(t.text);
    if ((own(COMPARISONS, key) && /^[a-z]/.test(key)) || key === 'and' || key === 'or') this.wrong('a value');
    this.next();
    if (!this.is('(')) return this.node(() => (own(CONSTANTS, key) ? CONSTANTS[key] : t.text));
    const f = own(FUNCTIONS, key) ? FUNCTIONS[key]! : undefined;
    const end = t.at + [...t.text].length;
    if (!f) this.wrong('one of iif, sum, avg, count, today, age', t, end);
    this.part();
    this.next();
    const args = this.items(')');
    if (args.length < f.least || args.length > f.most) this.wrong(`${f.least} to ${f.most} values in ${key}(…)`, t, end);
    return f.make(args);
  }
}

/** Throws ExpressionError. */
export function read(text: string): Expression {
  const p = new Parser(text);
  if (bytes(text) > BYTES_MAX) p.tooMuch('bytes');
  p.next();
  const e = p.or();
  if (p.token.kind !== 'end') p.wrong('an operator or its end');
  return e;
}

/** `now`: the reader's wall clock in milliseconds, as if it were UTC. */
export function evaluate(e: Expression, answers: Answers, now: number): Value {
  return e({ answers, now });
}
