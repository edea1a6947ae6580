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
/** Of the topics that come with the program, on comments labelled by hand: shares of those told that are right, of those there that are told. */
export interface Recognised { lang: string; comments: number; precision: Estimate; recall: Estimate }
export interface TopicFigures { comments: number; customers: number; felt: number; sentiment: Estimate; topics: Topic[]; languages: CountedLang[]; recognised: Recognised[] }
export interface Quote { arrival: number; comment: string; heard: Heard }
/** A figure, and its difference to the period before. */
export interface Figure { is: Estimate | null; diff: Estimate | null; p: number | null; p_adjusted: number | null; distinguishable: boolean }
export interface TopicPeriod { start: string; start_ms: number; end_ms: number; complete: boolean; comments: number }
export interface TopicLine { key: string; names: Texts; policy: boolean; n: number; trend: { periods: number; direction: 'up' | 'down' | null }; points: { n: number; share: Figure; feeling: Figure }[] }
export interface TopicSeries { periods: TopicPeriod[]; topics: TopicLine[] }
export type Fate = 'stays' | 'grew' | 'shrank' | 'new' | 'ended';
export interface ThemeSince { fate: Fate; n: number; n_before: number; share: Figure; share_before: Estimate | null; words: string[]; was: string[] }
export interface ThemesSince { comments: number; comments_before: number; themes: ThemeSince[] }
export interface Phrase { tongue: Tongue; words: string; n: number; others: number; z: number }
export interface Theme { n: number; coherence: number; words: string[] }
export type Tongue = 'en' | 'ar' | 'fa' | 'latin';
export interface SeedTopic { key: string; names: Texts; seeds: Partial<Record<Tongue, string[]>>; policy?: boolean }
export interface TopicSet { version: number; saved_ms: number; author: string; to_read_again: number; versions: { version: number; saved_ms: number; author: string }[]; recognised: Recognised[]; document: { topics: SeedTopic[] } }

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
  series: (q: Query, signal?: AbortSignal) => getJson<TopicSeries>('/api/topics/series', q, signal),
  changes: (q: Query, signal?: AbortSignal) => getJson<TopicSeries>('/api/topics/changes', q, signal),
  themesSince: (q: Query, signal?: AbortSignal) => getJson<ThemesSince>('/api/topics/themes', q, signal),
  phrases: (key: string, signal?: AbortSignal) => getJson<{ comments: number; phrases: Phrase[] }>(`/api/topics/${encodeURIComponent(key)}/phrases`, {}, signal),
  set: (version?: number) => getJson<TopicSet>('/api/topics/set', { version }),
  save: (document: { topics: SeedTopic[] }, version: number) => sendJson<TopicSet>('PUT', '/api/topics/set', { document, version }),
  try: (text: string) => sendJson<Heard>('POST', '/api/topics/try', { text }),
};
