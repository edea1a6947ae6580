/* Who may be asked, and the channels by which messages leave. */
import { getJson, sendJson } from './http.ts';

const enc = encodeURIComponent;

export type Medium = 'email' | 'sms' | 'whatsapp' | 'web';
export interface SurveyRules { transactional?: boolean; quarantine_days?: number; recontact_days?: number; year_max?: number; reminder_days?: number; sample?: number; quota?: { n: number; days?: number; by?: string }; wave?: string }
export interface Rules {
  consent?: Partial<Record<Medium, 'opt_in' | 'opt_out'>>; minors?: boolean; quarantine_days?: number; transactional_days?: number; recontact_days?: number; year_max?: number; complaint?: boolean;
  complaint_opens?: string[]; complaint_closes?: string[]; quiet?: { from?: string; to?: string; weekends?: boolean; holidays?: boolean }; daily?: Partial<Record<Medium, number>>; sample?: number; reminder_days?: number;
  surveys?: Record<string, SurveyRules>;
}
export interface RulesKept { version: number; rules: Rules; contradictions: { survey: string; rule: string; wanted: number; holds: number }[] }
export interface Tried { customer: string; survey: string; at_ms: number; reason: string }
export interface WhatIf { days: number; triggers: number; asked_before: number; asked_after: number; more: number; fewer: number; before: Record<string, number>; after: Record<string, number>; added: Tried[]; removed: Tried[] }
export interface Decision { id: number; at_ms: number; customer: string; survey: string; channel: Medium; trigger: string; asked: boolean; reason: string; rule: number; waits_until_ms?: number; reminder: boolean; declined_at_ms?: number }
export interface Sums { days: number; reasons: { survey: string; channel: Medium; reason: string; rule: number; n: number }[]; triggers: number; asked: number }
export interface Line { id: number; channel: Medium; address: string; state: string; source: string; at_ms: number }
export interface FunnelSteps { triggers: number; eligible: number; sampled: number; sent: number; delivered: number; opened: number; started: number; completed: number; failed: number; reminded: number; declined: number }
export interface AskingFunnel extends FunnelSteps { survey: string; channels: ({ channel: Medium } & FunnelSteps)[]; failures: { reason: string; n: number }[] }

/** Whom a round asks, and how. */
export interface RoundWanted { everybody?: true; segment?: string; customers?: string[]; channels: string; lang?: string; lang_all?: boolean; at_ms?: number }
export interface RoundTried {
  people: number; unknown: number; unknown_first: string[]; asked: number; waits: number; not_asked: Record<string, number>; channels: Record<string, number>; languages: Record<string, number>;
  tried: { reason: string; customer: string; lang: string; channel: Medium; waits_until_ms?: number }[];
}
export interface Round { round: number; survey: string; channels: string; lang: string; lang_all: boolean; whom: 'everybody' | 'segment' | 'list'; segment: string; people: number; author: string; made_ms: number; due_ms: number; stopped_ms: number | null; waiting: number }
export interface RoundGone extends Round { eligible: number; asked: number; not_asked: Record<string, number>; queued: number; sent: number; delivered: number; opened: number; started: number; completed: number; failed: number; declined: number; failures: { reason: string; n: number }[] }

export const contact = {
  roundTry: (survey: string, wanted: RoundWanted) => sendJson<RoundTried>('POST', `/api/surveys/${enc(survey)}/rounds`, { ...wanted, dry_run: true }),
  roundStart: (survey: string, wanted: RoundWanted) => sendJson<RoundGone>('POST', `/api/surveys/${enc(survey)}/rounds`, wanted),
  rounds: async (survey: string) => (await getJson<{ rounds: Round[] }>(`/api/surveys/${enc(survey)}/rounds`, { limit: 10 })).rounds,
  round: (id: number) => getJson<RoundGone>(`/api/contact/rounds/${id}`),
  roundStop: (id: number) => sendJson<RoundGone>('POST', `/api/contact/rounds/${id}/stop`),
  rules: () => getJson<RulesKept>('/api/contact/rules'),
  saveRules: (version: number, rules: Rules) => sendJson<RulesKept>('PUT', '/api/contact/rules', { version, rules }),
  whatIf: (rules: Rules) => sendJson<WhatIf>('POST', '/api/contact/what-if', { rules }),
  sums: (days: number) => getJson<Sums>('/api/contact/sums', { days }),
  decisions: async (of: { survey?: string; customer?: string; reason?: string; before?: number }) => (await getJson<{ decisions: Decision[] }>('/api/contact/decisions', { ...of, limit: 100 })).decisions,
  blocked: async (address: string) => (await getJson<{ lines: Line[] }>('/api/contact/blocked', { address, limit: 200 })).lines,
  consent: (channel: string, address: string, state: string) => sendJson<unknown>('POST', '/api/contact/consent', { channel, address, state }),
  funnel: (survey: string, days: number) => getJson<AskingFunnel>(`/api/surveys/${enc(survey)}/funnel`, { days }),
};

export interface Channel { key: string; kind: 'smtp' | 'gateway' | 'webhook' | 'folder'; medium: string; enabled: boolean; has_secret: boolean; settings: Record<string, unknown>; receipts: string; trouble: string; trouble_ms: number; messages: Record<string, number> }
export interface Message { id: number; state: string; tries: number; reason: string }

export const outbox = {
  settings: () => getJson<{ public_url: string }>('/api/outbox/settings'),
  saveSettings: (public_url: string) => sendJson<{ public_url: string }>('PUT', '/api/outbox/settings', { public_url }),
  channels: async () => (await getJson<{ channels: Channel[] }>('/api/outbox/channels')).channels,
  save: (key: string, body: { kind: string; medium?: string; enabled: boolean; settings: unknown; secret?: string | null }) => sendJson<unknown>('PUT', `/api/outbox/channels/${enc(key)}`, body),
  remove: (key: string) => sendJson<unknown>('DELETE', `/api/outbox/channels/${enc(key)}`),
  test: (key: string, address: string, lang: string) => sendJson<{ id: number }>('POST', `/api/outbox/channels/${enc(key)}/test?lang=${enc(lang)}`, { address }),
  message: (id: number) => getJson<Message>(`/api/outbox/messages/${id}`),
};
