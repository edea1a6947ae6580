/* What comments speak of: docs/api.md. */
import { getJson, sendJson, type Query } from './http.ts';
import type { CountedLang, Corrected } from './models.ts';
import type { Estimate, Texts } from './types.ts';

/* A topic that somebody added has no place in the text. */
export interface HeardTopic { key: string; names: Texts; policy: boolean; sentiment: number | null; from?: number; to?: number; added?: boolean }
export interface Heard { lang: string; sentiment: number | null; flags: string[]; topics: HeardTopic[]; correction: Corrected | null }
export interface Rise { since: string; since_ms: number; observed: number; expected: number; p: number; p_adjusted: number }
export interface Topic {
  key: string; names: Texts; policy: boolean; n: number; customers: number; share: Estimate; sentiment: Estimate; negative: Estimate; score: Estimate; rising: Rise | null;
}
export interface TopicFigures { comments: number; customers: number; felt: number; sentiment: Estimate; topics: Topic[]; languages: CountedLang[] }
export interface Quote { arrival: number; comment: string; heard: Heard }
export interface Theme { n: number; coherence: number; words: string[] }
export type Tongue = 'en' | 'ar' | 'fa' | 'latin';
export interface SeedTopic { key: string; names: Texts; seeds: Partial<Record<Tongue, string[]>>; policy?: boolean }
export interface TopicSet { version: number; saved_ms: number; author: string; to_read_again: number; document: { topics: SeedTopic[] } }

/* Comments of a map's cell: what is asked beside its touchpoint or stage. */
export interface CellScope { version?: number | undefined; from?: string | undefined; to?: string | undefined; filter?: string[] | undefined; segment?: string | undefined; unit?: string | undefined }

/** Emotions and levels of engagement that comments name: keys "emotion.joy", "level.rational". */
export interface Mood { key: string; names: Topic['names']; n: number; share: Estimate }
export interface Moods { comments: number; moods: Mood[] }

export const topics = {
  scoped: (map: string, s: CellScope): Query => ({ map, version: s.version, from: s.from, to: s.to, filter: s.filter ?? [], segment: s.segment, unit: s.unit }),
  figures: (q: Query, signal?: AbortSignal) => getJson<TopicFigures>('/api/topics', q, signal),
  quotes: async (key: string, q: Query, signal?: AbortSignal) => (await getJson<{ quotes: Quote[] }>(`/api/topics/${encodeURIComponent(key)}/quotes`, q, signal)).quotes,
  moods: (q: Query, signal?: AbortSignal) => getJson<Moods>('/api/topics/moods', q, signal),
  themes: (q: Query, signal?: AbortSignal) => getJson<{ comments: number; themes: Theme[] }>('/api/topics/themes', q, signal),
  set: () => getJson<TopicSet>('/api/topics/set'),
  save: (document: { topics: SeedTopic[] }, version: number) => sendJson<TopicSet>('PUT', '/api/topics/set', { document, version }),
  try: (text: string) => sendJson<Heard>('POST', '/api/topics/try', { text }),
};
