/* The shapes of docs/api.md, word for word. Times are ms since 1970 UTC; numbers come unformatted. */

export type Lang = 'en' | 'ar' | 'fa';
export type Digits = 'latn' | 'arab' | 'arabext';
export type Calendar = 'gregorian' | 'persian' | 'islamic-umalqura';
export type Theme = 'auto' | 'light' | 'dark';
export type Role = 'viewer' | 'agent' | 'analyst' | 'administrator';
export type Texts = Record<string, string>;
/** In a map document: a text by language, or one plain text for everybody. */
export type Written = Texts | string;

export interface Settings { lang: Lang; digits: Digits; calendar: Calendar; theme: Theme }
export interface Organisation {
  name: string; sector: string; languages: string[]; customer_word: Texts; zone: string; configured: boolean;
}
export interface SessionInfo {
  signed_in: boolean; user: { login: string; name: string; role: Role; unit: string } | null; settings: Settings | null; csrf: string;
  setup_needed: boolean; organisation: Organisation | null; demo: boolean; version: string;
}
export interface User { login: string; name: string; role: Role; unit: string; created_ms: number; last_ms: number | null; disabled: boolean }
export interface Sums { received: number; stored: number; duplicate: number; set_aside: number; refused: number; erased?: number }
export interface Receipt { id: number; state: 'erasing' | 'sweeping' | 'done'; asked_ms: number; done_ms: number | null; author: string; reason: string; erased: { kind: string; n: number }[] }
export interface Status {
  sums: Sums; events: number; customers: number; oldest_ms: number | null; newest_ms: number | null;
  arrival_end: number; lag_events: number; behind: { inbox: number; contact: number; texts: number; follow_ups: number }; now_ms: number;
}
export interface Source {
  id: number | string; kind: 'sdk' | 'file' | 'demo' | 'survey'; name: string; enabled: boolean; mask: boolean; secret_set: boolean; hook: string; rules: HidingRule[]; created_ms: number; key_hint: string;
  last_received_ms: number | null; sums: Sums;
}
export interface HidingRule { property: string; action: 'drop' | 'hash' | 'mask' }
export interface HookPath { path: string; kind: string; value: string; role: string }
export interface HookTried {
  paths: HookPath[]; more: boolean; each: string; guess: string; mapping: string; of_events: number; of_refused: number;
  events: { index: number; type: string; name: string; customer: string; anonymous: string; at_ms: number; channel: string; id: string; body: { properties?: Record<string, unknown> } }[];
  refused: { index: number; id: string; field: string; text: string; hint: string }[];
}
export interface SourceCounts { lag_events: number; sums: Sums; sources: { id: number; last_received_ms: number; sums: Sums }[] }
export interface Volume {
  source: number; name: string; span: 'hour' | 'day'; from_ms: number; to_ms: number; observed: number; expected: number;
  low: number; high: number; weeks: number; p: number; p_adjusted: number; quiet: boolean;
}
export interface AsideReason { reason: string; n: number; newest_ms: number }
export interface SetAside { id: number; received_ms: number; reason: string; field: string; text: string; raw: string }
export interface Refusal { line: number; field: string; text: string; hint: string }
export interface GuessColumn {
  name: string; role: string; type: string; reason: string; distinct: number; empty: number; samples: string[];
  why: { id: string; word: string; low: number; high: number; from: number; to: number; n: number };
}
export interface Guess { format: string; rows: number; columns: GuessColumn[]; preview: string[][]; mapping: string; fits: string[] }
export interface KeptMapping { name: string; shipped: boolean; author: string; changed_ms: number; mapping: string }
export interface ImportFacts { first_ms: number | null; last_ms: number | null; customers: number; touchpoints: number; names: { name: string; n: number }[] }
export interface LeftOut { id: string; field: string; n: number; line: number; text: string; hint: string; raw: string }
export interface ImportResult {
  rows: number; read: number; stored: number; duplicate: number; rejected: number; rejects_file: string; first: Refusal[]; facts: ImportFacts; reasons: LeftOut[];
}
export interface ProblemBody {
  title?: string; status?: number; id?: string; field?: string; detail?: string; hint?: string; value?: unknown; limit?: unknown; given?: string;
}
export interface Job {
  id: string; kind: string; state: 'running' | 'done' | 'failed' | 'cancelled'; rows: number; bytes_done: number;
  bytes_total: number; eta_ms: number | null; tally: Partial<Sums>; result: ImportResult | null; error: ProblemBody | null;
}

/* Map document D, see docs/map-document.md. Unknown members are kept as they came. */
export interface Rule { event: string; channel?: string; where?: { dimension: string; is: string }[]; [more: string]: unknown }
export interface Promised { text?: Texts; within?: string; source?: Written; [more: string]: unknown }
export interface Assumed { feeling?: number; score?: number; by?: Written; at?: string; [more: string]: unknown }
export interface Touchpoint {
  key: string; stage: string; name: Texts; step?: string; channels?: string[]; rules?: Rule[]; assumed?: Assumed;
  promise?: Promised; owner?: Written; behind?: Written; optional?: boolean; documented?: boolean; [more: string]: unknown;
}
export interface Stage { key: string; name: Texts; [more: string]: unknown }
export interface MapDocument {
  key: string; name: Texts; stages: Stage[]; touchpoints: Touchpoint[]; purchase_after?: string; [more: string]: unknown;
}
export interface MapListed { key: string; name: Texts; version: number; changed_ms: number; touchpoints: number }
export interface MapVersion { version: number; changed_ms: number; author: string; touchpoints: number }
export interface Template { key: string; name: Texts; document: MapDocument }

export interface Estimate {
  est: number | null; lo: number | null; hi: number | null; lo80?: number | null; hi80?: number | null; level?: number;
  n: number; n_eff?: number; method?: string; flags?: string[];
}
/** What is believed, as the reader gets it: the texts are in one language already. */
export interface Believed { feeling?: number; score?: number; by?: string; at?: string }
export interface MeasuredStep {
  key: string; stage: string; name: Texts; entered: number; advanced: number; goal: number; lost: number; still_in: number;
  starts: number; passing: number;
}
export interface Signal { signal: string; n: number; customers: number; mean: number | null; lo: number | null; hi: number | null; share: number; newest_ms: number | null }
export type Agreement = 'agree' | 'differs' | 'undocumented' | 'silent' | 'unknown';
export interface MeasuredTouchpoint {
  key: string; stage: string; step: string; name: Texts; channels: string[]; owner: string; behind: string; status: string;
  evidence: 'measured' | 'inferred' | 'assumed' | 'none'; agreement: Agreement;
  visits: number; entered: number; customers: number; repeats: number; first_ms: number | null; last_ms: number | null;
  to_next: { n: number; mean_ms: number | null; p50_ms: number | null; p50_lo_ms: number | null; p50_hi_ms: number | null; p90_ms: number | null } | null;
  score: Estimate | null; assumed: Believed | null; signals: Signal[];
  promise: { kept: number; broken: number; overrun_mean_ms: number | null; overrun_p50_ms: number | null; rate: Estimate | null } | null;
  comments: number; sentence: string;
}
export interface Finding {
  kind: 'pain' | 'delight' | 'gap'; rank: number; touchpoint: string; cause: string; dimension: string; value: string;
  instances: number; customers: number; others: number;
  with: { n: number; mean: number | null; raw_mean: number | null };
  without: { n: number; mean: number | null; raw_mean: number | null };
  diff: Estimate | null; p: number; size: number; title: string; detail: string;
}
/** What employees say of a touchpoint, and customers beside them; `ahead` is theirs less customers'. */
export interface StaffVoice { name: string; said: Estimate | null; customers: Estimate | null; ahead: Estimate | null; p: number; told: boolean; sentence: string }
/** What customers had expected and what they met, in one answer; `gap` is the second less the first. */
export interface Expectation { name: string; expected: Estimate | null; experienced: Estimate | null; gap: Estimate | null; p: number; told: boolean; sentence: string }
export interface Voices {
  nps: Estimate | null; enps: Estimate | null;
  employees: { whole: Estimate | null; touchpoints: StaffVoice[] };
  expectation: { whole: { expected: Estimate | null; experienced: Estimate | null; gap: Estimate | null }; touchpoints: Expectation[] };
}
export interface Measured {
  key: string; version: number; newest: number; document: MapDocument;
  scope: {
    from_ms: number | null; to_ms: number | null; filters: unknown[]; compare: string; oldest_ms: number | null;
    newest_ms: number | null; arrival_end: number; query: string;
  };
  total: { customers: number; events: number; other_events: number; entered: number; goal: number; still_in: number; lost: number };
  comments: { counted: boolean; pairs: number; r2: number | null; calibrated: boolean; at_zero: number; slope: number };
  truth_share: number; mean: number | null; headline: { pain: string; rest: string } | null; whole: Estimate | null;
  steps: MeasuredStep[]; touchpoints: MeasuredTouchpoint[];
  ribbons: { from: string; to: string; instances: number }[];
  loops: { from: string; to: string; count: number; instances: number }[];
  findings: Finding[];
  voices: Voices;
  undocumented: { event: string; channel: string; count: number; customers: number }[];
  compare: null | {
    label: string; from_ms: number; to_ms: number;
    touchpoints: { key: string; score: Estimate | null; diff: Estimate | null; distinguishable: boolean }[];
  };
}
export interface Person { customer: string; first_ms: number; last_ms: number; events: number; rating: number | null }
export interface People { total: number; customers: number; people: Person[]; next: number | string | null }
export interface Quote { text: string; lang: string; event: string; at_ms: number; rating: number | null; customer: string | null }
export interface InventoryRow {
  event: string; channel: string; touchpoint: string; status: 'documented' | 'undocumented' | 'feedback' | 'silent';
  count: number; customers: number; first_ms: number | null; last_ms: number | null;
}
export interface Dimension { name: string; standard: boolean; ready: number }
export interface DimensionValue { value: string; count: number; customers: number }
export interface CustomerFound { customer: string; first_ms: number | null; last_ms: number | null; events: number }
export interface CustomerEvent {
  arrival: number; at_ms: number; received_ms: number; source: number | string; type: string; name: string; channel: string;
  touchpoint: string | null; body: { properties?: Record<string, unknown>; [more: string]: unknown };
}
export interface Customer {
  customer: string; ids: { id: string; anonymous: boolean }[]; traits: Record<string, unknown>; events_total: number;
  events: CustomerEvent[];
}
