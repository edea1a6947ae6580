/* What one event says about experience, for the plain timeline. Pure. */
import type { CustomerEvent } from '../api/types.ts';

const num = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : typeof v === 'string' && v.trim() !== '' && Number.isFinite(Number(v)) ? Number(v) : null);

export interface Rated { value: number; max: number; share: number }
/** A stated score with its scale, and where it stands from 0 to 100. Scales as docs/events.md says. */
export function ratingOf(e: CustomerEvent): Rated | null {
  const p = e.body.properties ?? {};
  const value = num(p['score']);
  if (value === null) return null;
  const kind = p['score_kind'];
  const min = num(p['score_min']) ?? (kind === 'nps' ? 0 : 1), max = num(p['score_max']) ?? (kind === 'nps' ? 10 : kind === 'ces' ? 7 : 5);
  if (max <= min || value < min || value > max) return null;
  return { value, max, share: ((value - min) / (max - min)) * 100 };
}
export function commentOf(e: CustomerEvent): { text: string; lang: string } | null {
  const p = e.body.properties ?? {};
  const text = p['comment'];
  return typeof text === 'string' && text.trim() ? { text, lang: typeof p['comment_lang'] === 'string' ? p['comment_lang'] : '' } : null;
}
/** How late after what was promised, in ms; null when in time or without a promise. */
export function lateBy(e: CustomerEvent): number | null {
  const v = e.body.properties?.['expected_at'];
  const due = typeof v === 'number' ? v : typeof v === 'string' ? Date.parse(v) : NaN;
  return Number.isFinite(due) && e.at_ms > due ? e.at_ms - due : null;
}
/** The rest of what came, as short pairs: what the page does not say in words. */
export function restOf(e: CustomerEvent): [string, string][] {
  const said = new Set(['score', 'score_min', 'score_max', 'score_kind', 'comment', 'comment_lang', 'expected_at']);
  const p = e.body.properties ?? {};
  return Object.entries(p).filter(([k, v]) => !said.has(k) && v !== null && v !== '').map(([k, v]) => [k, typeof v === 'object' ? JSON.stringify(v) : String(v)]);
}
