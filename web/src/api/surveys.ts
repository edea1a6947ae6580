/* Surveys: documents in versions, checking, templates, pictures of a page, the ways that lead to them. */
import type { SurveyDocument } from '../lib/survey.ts';
import { getJson, getText, queryString, sendJson, sendText, upload } from './http.ts';

const enc = encodeURIComponent;

export interface SurveyFound { key: string; version: number; newest: number; state: 'draft' | 'live' | 'paused' | 'closed'; document: SurveyDocument }
/** Something to say about a document: `field` is a JSON pointer, `text` a sentence in the reader's language. */
export interface SurveyProblem { field: string; id: string; warning: boolean; text: string }
/** A survey of another tool as a document; `problems` are what was lost on the way. */
export interface SurveyImported { format: 'surveyjs' | 'qsf' | 'lss' | 'limesurvey'; document: SurveyDocument; problems: SurveyProblem[] }
export interface SurveyTemplate { key: string; group: string; document: SurveyDocument }
export interface SurveyLink { code: string; name: string; channel: string; unit: string; environment: string; about: string; lang: string; expires_ms: number | null; answers_max: number | null; started: number; completed: number }

export const surveyDocuments = {
  get: (key: string, version?: number) => getJson<SurveyFound>(`/api/surveys/${enc(key)}`, { version }),
  add: (document: SurveyDocument) => sendJson<{ key: string; version: number }>('POST', '/api/surveys', { document }),
  save: (key: string, base_version: number, document: SurveyDocument) => sendJson<{ key: string; version: number }>('PUT', `/api/surveys/${enc(key)}`, { base_version, document }),
  state: (key: string, state: string) => sendJson<unknown>('POST', `/api/surveys/${enc(key)}/state`, { state }),
  check: async (document: SurveyDocument, lang: string) => (await sendJson<{ problems: SurveyProblem[] }>('POST', `/api/surveys/check?lang=${enc(lang)}`, { document })).problems,
  import: (file: Blob, lang: string) => upload<SurveyImported>(`/api/surveys/import${queryString({ lang })}`, file),
  templates: async () => (await getJson<{ templates: SurveyTemplate[] }>('/api/surveys/templates')).templates,
  /** One page of a document that need not be saved, as HTML. */
  preview: (document: SurveyDocument, lang: string, page: number) => sendText('POST', '/api/surveys/preview', { document, lang, page }),
  saved: (key: string, lang: string) => getText(`/api/surveys/${enc(key)}/preview`, { lang }),
};

export const surveyLinks = {
  list: async (survey: string) => (await getJson<{ links: SurveyLink[] }>(`/api/surveys/${enc(survey)}/links`)).links,
  add: (survey: string, link: Partial<SurveyLink>) => sendJson<SurveyLink>('POST', `/api/surveys/${enc(survey)}/links`, link),
  remove: (survey: string, code: string) => sendJson<unknown>('DELETE', `/api/surveys/${enc(survey)}/links/${enc(code)}`),
  qrUrl: (code: string, kind: 'svg' | 'pdf') => `/api/links/${enc(code)}/qr.${kind}`,
  sheetUrl: (survey: string) => `/api/surveys/${enc(survey)}/sheets.pdf`,
};
