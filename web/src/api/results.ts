/* The list of surveys and what they found: docs/api.md, "Surveys". */
import { getJson, queryString, sendJson } from './http.ts';
import type { Estimate, Texts } from './types.ts';

const enc = encodeURIComponent;

export type SurveyState = 'draft' | 'live' | 'paused' | 'closed';
export type ScoreKind = 'nps' | 'csat' | 'ces';
export interface SurveyScore extends Estimate { kind: ScoreKind; counts: { promoters?: number; passives?: number; detractors?: number; good?: number; rest?: number }; scale: { min: number; max: number } }
export interface SurveyListed {
  key: string; name: Texts; state: SurveyState; version: number; questions: number; changed_ms: number; author: string;
  invited: number; started: number; completed: number; score: (Estimate & { kind: ScoreKind }) | null;
}
export interface Share { value: string; text: string; raw: boolean; n: number; share: Estimate | null; place?: Estimate | null }
export interface QuestionResult {
  name: string; title: string; type: string; kind: 'choices' | 'scale' | 'numbers' | 'matrix' | 'ranking' | 'words'; metric: string; version: number; gone: boolean; answered: number;
  shares: Share[]; mean?: Estimate | null; median?: Estimate | null; score: SurveyScore | null; weighted: Estimate | null; rows: { value: string; text: string; n: number; shares: Share[] }[];
  texts: { text: string; lang: string; at_ms: number; customer: string | null }[];
}
export type Division = 'channel' | 'language' | 'unit' | 'segment';
export interface WeighedGroup { value: string; people: number; answers: number; weight: number | null; left_out: boolean }
export interface Weighting {
  by: string; state: 'made' | 'empty' | 'few' | 'unknown' | 'many' | 'contradict' | 'chance' | 'employees'; at: { by: Division; segment: string; group: WeighedGroup | null } | null;
  population: 'invited' | 'customers'; people: number; answers: number; outside: number; n_eff: number | null; deff: number | null; missed: number | null; trimmed: number;
  divisions: { by: Division; segment: string; groups: WeighedGroup[] }[]; chance: { rate: Estimate | null; auc: Estimate | null } | null;
}
export interface SurveySilent {
  survey: string; question: string; kind: ScoreKind; population: 'invited' | 'customers'; refused: 'nobody' | 'all' | 'few' | 'weak' | null;
  scores: { who: 'answered' | 'silent' | 'everybody'; customers: number; score: Estimate | null }[]; rate: Estimate | null; auc: Estimate | null; r2: number | null; rmse: number | null; outside: number | null;
}
export interface SurveyResults {
  survey: string; name: Texts; state: SurveyState; invited: number; invited_completed: number; started: number; completed: number;
  completion: Estimate | null; response_rate: Estimate | null; took_ms: Estimate | null; hidden: boolean; weighting: Weighting | null; questions: QuestionResult[];
  languages: Share[]; channels: Share[]; units: Share[];
  gaps: { about: string; item: string; title: string; gap: Estimate | null; expected: Estimate | null; experienced: Estimate | null; p: number | null }[];
  kano: { item: string; n: number; sort: string | null; clear: boolean; better: Estimate | null; worse: Estimate | null }[];
  servqual: { dimensions: { name: string; gap: Estimate | null }[]; unweighted: Estimate | null; weighted: Estimate | null } | null;
  engagement: { score: Estimate | null; alpha: Estimate | null; consistent: boolean } | null;
}
export interface ResultsScope { from?: string | undefined; to?: string | undefined; language?: string | undefined; channel?: string | undefined; unit?: string | undefined; segment?: string | undefined; weight?: string | undefined }

export const surveyResults = {
  list: async () => (await getJson<{ surveys: SurveyListed[] }>('/api/surveys')).surveys,
  state: (key: string, state: SurveyState) => sendJson<unknown>('POST', `/api/surveys/${enc(key)}/state`, { state }),
  remove: (key: string) => sendJson<unknown>('DELETE', `/api/surveys/${enc(key)}`),
  of: (key: string, scope: ResultsScope, lang: string) => getJson<SurveyResults>(`/api/surveys/${enc(key)}/results`, { ...scope, lang }),
  silent: (key: string, { weight: _, ...scope }: ResultsScope) => getJson<SurveySilent>(`/api/surveys/${enc(key)}/silent`, { ...scope }),
  fileUrl: (key: string, format: 'csv' | 'xlsx') => `/api/surveys/${enc(key)}/responses${queryString({ format })}`,
};
