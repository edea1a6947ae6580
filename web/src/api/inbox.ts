/* The inbox, follow-ups and how units work: docs/api.md. */
import { getJson, getText, sendJson, type Query } from './http.ts';
import type { Heard } from './topics.ts';
import type { Estimate, Texts } from './types.ts';

const enc = encodeURIComponent;

export type Care = 'new' | 'open' | 'done';
export interface Score { kind: string; value: number; min: number; max: number; of_100: number }
export interface Feedback {
  arrival: number; at_ms: number; received_ms: number; event: string; about: string; touchpoint: string | null; source: string; channel: string; unit: string; lang: string;
  customer: string; anonymous: boolean; score: Score | null; comment: string; marks: [number, number][]; heard: Heard | null; state: Care; assigned: string | null; tags: string[]; praise: Praised[];
}
/** Who is thanked in a comment; held: the words fit others too, and nobody has said who was meant. */
export interface Praised { colleague: number; name: string; words: string; held: boolean }
export interface Note { id: number; at_ms: number; author: string; reply: boolean; channel: string; text: string }
export interface FeedbackOne extends Feedback { notes: Note[] }
export interface FeedbackPage { feedback: Feedback[]; total: number | null; next: string | null; counts?: { feedback: number; new: number; open: number; commented: number }; lag_events?: number }
export interface Facets { facets: { what: string; value: string; n: number }[]; people: { login: string; name: string }[] }
export interface HeardCount { key: string; n: number }
export interface HeardNamed extends HeardCount { names: Texts }
export interface HeardCounts { topics: HeardNamed[]; policies: HeardNamed[]; sentiments: HeardCount[]; langs: HeardCount[]; counted_at_most: number }
export interface Change { state?: Care; assigned?: string | null; add_tags?: string[]; drop_tags?: string[] }

export const inbox = {
  list: (q: Query, signal?: AbortSignal) => getJson<FeedbackPage>('/api/feedback', q, signal),
  heard: (q: Query, signal?: AbortSignal) => getJson<HeardCounts>('/api/feedback/heard', q, signal),
  facets: () => getJson<Facets>('/api/feedback/facets'),
  get: (arrival: number | string, q: Query = {}) => getJson<FeedbackOne>(`/api/feedback/${enc(String(arrival))}`, q),
  change: (arrival: number, c: Change) => sendJson<FeedbackOne>('PATCH', `/api/feedback/${arrival}`, c),
  note: (arrival: number, text: string) => sendJson<FeedbackOne>('POST', `/api/feedback/${arrival}/notes`, { text }),
  reply: (arrival: number, text: string, channel: string) => sendJson<FeedbackOne>('POST', `/api/feedback/${arrival}/reply`, channel ? { text, channel } : { text }),
  eventsUrl: '/api/feedback/events',
};

export interface Praise extends Praised { arrival: number; at_ms: number; unit: string; comment: string }
export interface PraiseCounts { at_least: number; colleagues: { colleague: number; name: string; unit: string; n: number | null }[] }
export const praise = {
  list: (q: Query, signal?: AbortSignal) => getJson<{ praise: Praise[]; next: string | null }>('/api/praise', q, signal),
  counts: (q: Query = {}) => getJson<PraiseCounts>('/api/praise/counts', q),
  /** Who was meant where a name fits several; null: none of them. */
  settle: (arrival: number, colleague: number | null) => sendJson<FeedbackOne>('POST', `/api/feedback/${arrival}/praise`, { colleague }),
};

export interface ColleagueGiven { name: string; spellings: string[]; unit: string; login: string; mail: string; lang: string }
export interface Colleague extends ColleagueGiven { id: number; changed_ms: number; author: string }
export const colleagues = {
  list: () => getJson<{ colleagues: Colleague[] }>('/api/colleagues').then((x) => x.colleagues),
  save: (id: number, c: ColleagueGiven) => sendJson<{ colleagues: Colleague[] }>(id ? 'PUT' : 'POST', `/api/colleagues${id ? `/${id}` : ''}`, c).then((x) => x.colleagues),
  remove: (id: number) => sendJson<undefined>('DELETE', `/api/colleagues/${id}`),
};

export type FollowState = 'open' | 'doing' | 'waiting' | 'closed';
export interface FollowUp {
  id: number; rule: number; rule_name: Texts; arrival: number; customer: string; unit: string; event: string; about: string; comment: string; of_100: number | null; opened_ms: number; due_ms: number | null;
  overdue: boolean; state: FollowState; responsible: string; cause: string; outcome: string; first_reply_ms: number | null; closed_ms: number | null; escalated_ms: number | null;
}
export interface FollowStep { id: number; at_ms: number; author: string; what: string; text: string }
export interface FollowUpOne extends FollowUp { steps: FollowStep[] }
export interface FollowSummary {
  opened: number; open: number; doing: number; waiting: number; closed: number; overdue: number;
  on_time: Estimate | null; first_reply_hours: Estimate | null; recovery: Estimate | null; without: Estimate | null; outcomes: Record<string, number>;
}
export interface Rule {
  name: Texts; score?: { at_most: number; kind?: string } | null; events?: string[]; words?: string[]; topics?: string[]; feelings?: string[]; match?: 'all' | 'any'; unit?: string; channel?: string; lang?: string;
  due_hours?: number; responsible?: string; within_days?: number;
}
export interface RuleKept { id: number; rule: Rule; enabled: boolean; created_ms: number; changed_ms: number; author: string; opened: number | null }
export interface RuleTried { from_ms: number; to_ms: number; feedback: number; would_open: number; samples: Feedback[] }

export const followUps = {
  list: (q: Query, signal?: AbortSignal) => getJson<{ follow_ups: FollowUp[]; next: string | null; now_ms: number }>('/api/follow-ups', q, signal),
  summary: (q: Query = {}) => getJson<FollowSummary>('/api/follow-ups/summary', q),
  get: (id: number | string) => getJson<FollowUpOne>(`/api/follow-ups/${enc(String(id))}`),
  change: (id: number, c: { state?: FollowState; responsible?: string; cause?: string; outcome?: string }) => sendJson<FollowUpOne>('PATCH', `/api/follow-ups/${id}`, c),
  note: (id: number, text: string) => sendJson<FollowUpOne>('POST', `/api/follow-ups/${id}/notes`, { text }),
  reply: (id: number, text: string, channel: string) => sendJson<FollowUpOne>('POST', `/api/follow-ups/${id}/reply`, channel ? { text, channel } : { text }),
};

export const followRules = {
  list: async () => (await getJson<{ rules: RuleKept[] }>('/api/follow-up-rules')).rules,
  add: (rule: Rule, enabled: boolean) => sendJson<{ id: number }>('POST', '/api/follow-up-rules', { rule, enabled }),
  save: (id: number, rule: Rule, enabled: boolean) => sendJson<{ id: number }>('PUT', `/api/follow-up-rules/${id}`, { rule, enabled }),
  remove: (id: number) => sendJson<unknown>('DELETE', `/api/follow-up-rules/${id}`),
  try: (rule: Rule) => sendJson<RuleTried>('POST', '/api/follow-up-rules/try', { rule }),
};

export interface Hours { days: ([number, number] | null)[]; holidays: boolean }
export interface UnitSetting { unit: string; country: string | null; zone: string | null; hours: Hours | null; responsible: string | null; mail: string | null; lang: string | null }
export interface UnitSettings { units: UnitSetting[]; in_force: UnitSetting; countries: { code: string; zone: string }[] }
export const unitSettings = {
  get: (unit?: string) => getJson<UnitSettings>('/api/units/settings', { unit }),
  save: (u: UnitSetting) => sendJson<UnitSettings>('PUT', '/api/units/settings', u),
};

export type ReportRole = 'lead' | 'owner' | 'executive';
export interface Report { id: number; unit: string; map: string; role: ReportRole; address: string; lang: string; next_ms: number; created_ms: number; author: string }
export const reports = {
  list: async () => (await getJson<{ reports: Report[] }>('/api/reports')).reports,
  add: (r: { unit: string; map: string; role: ReportRole; address: string; lang: string }) => sendJson<{ id: number }>('POST', '/api/reports', r),
  remove: (id: number) => sendJson<unknown>('DELETE', `/api/reports/${id}`),
  send: (id: number) => sendJson<unknown>('POST', `/api/reports/${id}/send`),
  preview: (q: Query, signal?: AbortSignal) => getText('/api/reports/preview', q, signal),
};
