/* When to ask the server: pure functions of what happened. A trigger that is not given is met. */
export type Happened = [name: string, atMs: number];

export interface Triggers {
  event?: { name: string; count?: number; window_s?: number };
  /** These events in this order, others between them allowed. */
  sequence?: { names: string[]; window_s?: number };
  url?: string; // "/checkout*", "https://shop.example/orders/*"
  seconds?: number;
  scroll?: number; // percent of the page
  exit?: boolean;
  percent?: number; // of visitors, the same ones each time
}

export interface Here { url: string; seconds: number; depth: number; left: boolean; visitor: string }

/** "*" stands for anything; a pattern that begins with "/" is about the path, any other about the whole address. */
export function urlFits(pattern: string, href: string): boolean {
  const url = new URL(href), text = pattern.startsWith('/') ? url.pathname : url.origin + url.pathname;
  const parts = pattern.split('*');
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const found = i === parts.length - 1 ? text.length - part.length : text.indexOf(part, at);
    if (found < at || (i === 0 && found !== 0) || text.slice(found, found + part.length) !== part) return false;
    at = found + part.length;
  }
  return true;
}

/** The n-th time or later within the window that ends now. */
export function counts(all: readonly Happened[], t: { name: string; count?: number; window_s?: number }, now: number): boolean {
  const from = t.window_s ? now - t.window_s * 1000 : -Infinity;
  return all.filter((h) => h[0] === t.name && h[1] >= from).length >= (t.count ?? 1);
}

export function sequenceMet(all: readonly Happened[], t: { names: readonly string[]; window_s?: number }, now: number): boolean {
  const from = t.window_s ? now - t.window_s * 1000 : -Infinity;
  let i = 0;
  for (const h of all) if (h[1] >= from && h[0] === t.names[i]) i++;
  return i >= t.names.length && t.names.length > 0;
}

/** 0 to 100, evenly spread and the same for one visitor: FNV-1a. */
export function share(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  h ^= h >>> 15;
  return ((Math.imul(h, 0x2c1b3c6d) >>> 0) / 2 ** 32) * 100;
}

export function met(t: Triggers, here: Here): boolean {
  return (t.url === undefined || urlFits(t.url, here.url))
    && (t.seconds === undefined || here.seconds >= t.seconds)
    && (t.scroll === undefined || here.depth >= t.scroll)
    && (!t.exit || here.left)
    && (t.percent === undefined || share(here.visitor) < t.percent);
}
