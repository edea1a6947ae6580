/* Characters that nobody sees, digits of three scripts, numbers and dates as people type them: src/form/signs.c, value.c. */

/** Marks, embeddings, overrides and isolates that turn the direction of text. */
export const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const INVISIBLE = '[\\u0000- \\u007f-\\u00a0\\u00ad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2069\\u3000\\ufeff]';
export const invisible = new RegExp(INVISIBLE);
const EDGES = new RegExp(`^${INVISIBLE}+|${INVISIBLE}+$`, 'g');

/** Without invisible signs at both ends. */
export function trim(s: string): string {
  return s.replace(EDGES, '');
}

/** 0 to 9 for ASCII, Arabic and Persian digits, -1 for the rest. */
export function digit(c: string): number {
  const cp = c.codePointAt(0) ?? 0;
  const zero = cp >= 0x6f0 ? 0x6f0 : cp >= 0x660 ? 0x660 : 0x30;
  return cp >= zero && cp <= zero + 9 ? cp - zero : -1;
}

/** Digits of three scripts as ASCII. */
export function ascii(s: string): string {
  return s.replace(/[٠-٩۰-۹]/g, (c) => String(digit(c)));
}

/** A number as people type it, or undefined. */
export function number(text: string): number | undefined {
  const s = ascii(trim(text).replace(DIRECTION, '')).replace(/\u066b/g, '.').replace(/\u066c/g, ',').replace(/\u2212/g, '-');
  if (s.length > 40 || !/^[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d+)?$/.test(s) || !/\d/.test(s)) return undefined;
  const v = Number(s.replace(/,/g, ''));
  return v === 0 ? 0 : v;
}

/** Days since 1970 of "2026-01-31", with or without a time of day behind it. */
export function day(text: string): number | undefined {
  const m = /^(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?$/s.exec(ascii(trim(text)));
  if (!m || +m[1]! < 1000) return undefined;
  const at = Date.UTC(+m[1]!, +m[2]! - 1, +m[3]!);
  return new Date(at).toISOString().startsWith(`${m[1]}-${m[2]}-${m[3]}`) ? at / 86400000 : undefined;
}

export function dayText(days: number): string {
  return new Date(days * 86400000).toISOString().slice(0, 10);
}
