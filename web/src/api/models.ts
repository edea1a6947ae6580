/* Corrections of what was read, models of feeling, and what to ask people next: docs/api.md. */
import { getJson, sendJson, type Query } from './http.ts';
import type { Feedback, FeedbackOne } from './inbox.ts';
import type { Estimate } from './types.ts';

export const feelings = ['negative', 'neutral', 'positive'] as const;
export type Feeling = (typeof feelings)[number];
export type Chosen = 'hand' | 'doubt' | 'chance';
export interface Said { feeling: Feeling | null; added: string[]; dropped: string[] }
export interface Corrected extends Said { step: number; at_ms: number; author: string; judged: number | null }
export interface CorrectionStep { id: number; at_ms: number; author: string; chosen: Chosen; judged: number | null; was: Said; is: Said }
export interface Correction { feeling?: Feeling | null; add_topics?: string[]; drop_topics?: string[]; chosen?: Chosen }

/* An estimate of nothing is null. Rows are what comments are, columns what they are read as; negative, neutral, positive. */
export type Confusion = number[][];
export type Verdict = 'better' | 'few' | 'not_better' | 'one_sided';
export interface InUse { lang: string; name: string; model: number | null; made_ms: number; since_ms: number; author: string; accuracy: Estimate | null; macro_f1: number | null; confusion: Confusion }
export interface CountedLang extends InUse { comments: number; counts: { feeling: Feeling; read: number; adjusted: Estimate | null; why: 'few' | 'blind' | 'elsewhere' | null }[] }
export interface ModelLang extends InUse { told: number[]; scored: number[]; judge: number }
export interface Scale { kind: 'nps' | 'csat' | 'ces' | 'rating'; low: number; high: number; used: boolean; negative: number; positive: number }
export interface Judgement { confusion: Confusion; accuracy: Estimate | null; macro_f1: number; ece: number; bins: { n: number; said: number; right: number }[] }
export interface Report {
  rows: number; customers: number; judged: number; folds: number; told: number[]; scored: number[]; own: Judgement; shipped: Judgement; why: Verdict;
  difference: { accuracy: Estimate | null; p: number; own_only: number; shipped_only: number; macro_f1: { est: number; lo: number; hi: number } };
}
export interface Model { id: number; lang: string; made_ms: number; author: string; better: boolean; report: Report }
export interface ModelOne extends Model { examples: { arrival: number; comment: string; lang: string; is: Feeling; own: Feeling; shipped: Feeling }[] }
export interface Models {
  each: number; labelling: { version: number; at_ms: number; author: string; scales: Scale[] }; languages: ModelLang[]; models: Model[];
  adoptions: { lang: string; model: number | null; at_ms: number; author: string }[]; to_read_again: number; job: string | null;
}
export interface Training { id: string; state: 'running' | 'done' | 'failed' | 'cancelled'; share: number; eta_ms: number | null; result: Record<string, number | null> | null; error: { id?: string; detail?: string } | null }
export type Doubt = Feedback & { chosen: 'doubt' | 'chance'; margin: number };
export interface Doubtful { queue: Doubt[]; taught: Record<Chosen, { n: number; wrong: number }> }

export const corrections = {
  steps: async (arrival: number) => (await getJson<{ steps: CorrectionStep[] }>(`/api/feedback/${arrival}/corrections`)).steps,
  say: (arrival: number, c: Correction) => sendJson<FeedbackOne>('POST', `/api/feedback/${arrival}/corrections`, c),
  undo: (arrival: number, step: number) => sendJson<FeedbackOne>('POST', `/api/feedback/${arrival}/corrections/undo`, { step }),
};

export const models = {
  get: (signal?: AbortSignal) => getJson<Models>('/api/models', undefined, signal),
  one: (id: number | string, signal?: AbortSignal) => getJson<ModelOne>(`/api/models/${encodeURIComponent(String(id))}`, undefined, signal),
  labelling: (scales: Scale[]) => sendJson<Models>('PUT', '/api/models/labelling', Object.fromEntries(scales.map((s) => [s.kind, s.used ? { negative: s.negative, positive: s.positive } : null]))),
  train: () => sendJson<{ job: string }>('POST', '/api/models/train'),
  job: (id: string) => getJson<Training>(`/api/jobs/${encodeURIComponent(id)}`),
  cancel: (id: string) => sendJson<unknown>('DELETE', `/api/jobs/${encodeURIComponent(id)}`),
  use: (lang: string, model: number | null) => sendJson<Models>('PUT', `/api/models/use/${lang}`, { model }),
  doubtful: (q: Query, signal?: AbortSignal) => getJson<Doubtful>('/api/models/doubtful', q, signal),
};
