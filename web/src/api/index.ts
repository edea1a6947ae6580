/* One function a route of docs/api.md. */
import { getJson, getText, queryString, sendJson, upload, type Query } from './http.ts';
import type { Behind, Segment, SegmentTried } from './answers.ts';
import type * as T from './types.ts';

export { Problem } from './http.ts';
export type { Query } from './http.ts';
export type * from './answers.ts';
export type * from './types.ts';

const enc = encodeURIComponent;

/** What the reader asks of a map on top of its own scope; the URL of the page holds the same names. */
export interface Scope { version?: number | undefined; from?: string | undefined; to?: string | undefined; compare?: string | undefined; filter?: string[] | undefined; segment?: string | undefined; unit?: string | undefined; case?: string | undefined; comments?: 'yes' | undefined }
export interface Look { lang: string; digits: string; calendar: string; theme: string }
const ask = (s: Scope): Query => ({ version: s.version, from: s.from, to: s.to, compare: s.compare === 'none' ? undefined : s.compare, filter: s.filter ?? [], segment: s.segment, unit: s.unit, case: s.case, comments: s.comments });

export const session = {
  get: () => getJson<T.SessionInfo>('/api/session'),
  signIn: (login: string, password: string) => sendJson<T.SessionInfo>('POST', '/api/session', { login, password }),
  signOut: () => sendJson<unknown>('DELETE', '/api/session'),
  setup: (token: string, login: string, password: string, name: string) => sendJson<T.SessionInfo>('POST', '/api/setup', { token, login, password, name }),
  settings: (s: Partial<T.Settings>) => sendJson<unknown>('PATCH', '/api/me', s),
  password: (old: string, fresh: string) => sendJson<unknown>('PATCH', '/api/me', { password: { old, new: fresh } }),
};

export const organisation = {
  get: () => getJson<T.Organisation>('/api/organisation'),
  change: (o: Partial<T.Organisation>) => sendJson<T.Organisation>('PATCH', '/api/organisation', o),
};

export const users = {
  list: async () => (await getJson<{ users: T.User[] }>('/api/users')).users,
  add: (u: { login: string; name: string; role: T.Role; unit: string; password: string }) => sendJson<unknown>('POST', '/api/users', u),
  change: (login: string, u: Partial<{ name: string; role: T.Role; unit: string; password: string; disabled: boolean }>) => sendJson<unknown>('PATCH', `/api/users/${enc(login)}`, u),
  remove: (login: string) => sendJson<unknown>('DELETE', `/api/users/${enc(login)}`),
};

export const status = () => getJson<T.Status>('/api/status');
export const removeDemo = () => sendJson<unknown>('DELETE', '/api/demo');

export const sources = {
  list: async () => (await getJson<{ sources: T.Source[] }>('/api/sources')).sources,
  add: (name: string) => sendJson<{ id: number | string; write_key: string }>('POST', '/api/sources', { name }),
  change: (id: number | string, s: { name?: string; enabled?: boolean; mask?: boolean; secret?: string; hook?: string; rules?: T.HidingRule[] }) => sendJson<unknown>('PATCH', `/api/sources/${enc(String(id))}`, s),
  tryHook: (id: number | string, sample: string, mapping: string) => sendJson<T.HookTried>('POST', `/api/sources/${enc(String(id))}/hook`, { sample, ...(mapping ? { mapping } : {}) }),
  eventsUrl: '/api/sources/events',
  quiet: async () => (await getJson<{ volumes: T.Volume[] }>('/api/sources/quiet')).volumes,
  reasons: async (id: number | string) => (await getJson<{ reasons: T.AsideReason[] }>(`/api/sources/${enc(String(id))}/set-aside/reasons`)).reasons,
  newKey: (id: number | string) => sendJson<{ write_key: string }>('POST', `/api/sources/${enc(String(id))}/key`),
  setAside: (id: number | string, before?: number | string | null) => getJson<{ rows: T.SetAside[]; next: number | null }>(`/api/sources/${enc(String(id))}/set-aside`, { before }),
  replay: (source: number | string, reason: string, dry_run = false) => sendJson<T.Sums>('POST', '/api/set-aside/replay', { source, reason, dry_run }),
};

export const imports = {
  upload: (file: File, progress?: (done: number, total: number) => void, signal?: AbortSignal) => upload<{ upload: string; bytes: number }>(`/api/uploads${queryString({ name: file.name })}`, file, progress, signal),
  guess: (uploads: string[], format?: string) => sendJson<T.Guess>('POST', '/api/imports/guess', format ? { uploads, format } : { uploads }),
  start: (job: { uploads: string[]; format?: string; mapping?: string; source?: string; dry_run: boolean }) => sendJson<{ job: string }>('POST', '/api/imports', job),
  kept: async () => (await getJson<{ mappings: T.KeptMapping[] }>('/api/mappings')).mappings,
  keep: (name: string, mapping: string) => sendJson<unknown>('PUT', `/api/mappings/${enc(name)}`, { mapping }),
  forget: (name: string) => sendJson<unknown>('DELETE', `/api/mappings/${enc(name)}`),
  job: (id: string) => getJson<T.Job>(`/api/jobs/${enc(id)}`),
  cancel: (id: string) => sendJson<unknown>('DELETE', `/api/jobs/${enc(id)}`),
  rejectsUrl: (file: string) => `/api/rejects/${enc(file)}`,
};

export const maps = {
  templates: async () => (await getJson<{ templates: T.Template[] }>('/api/templates')).templates,
  list: async () => (await getJson<{ maps: T.MapListed[] }>('/api/maps')).maps,
  add: (document: T.MapDocument) => sendJson<{ key: string; version: number }>('POST', '/api/maps', { document }),
  propose: async (filters: unknown[] = []) => (await sendJson<{ document: T.MapDocument }>('POST', '/api/maps/propose', { filters })).document,
  fromTable: (name: string, format: 'csv' | 'xlsx', body: Blob) => upload<{ document: T.MapDocument; problems: T.Refusal[] }>(`/api/maps/table${queryString({ name, format })}`, body),
  get: (key: string, version?: number) => getJson<{ key: string; version: number; newest: number; document: T.MapDocument }>(`/api/maps/${enc(key)}`, { version }),
  save: (key: string, base_version: number, document: T.MapDocument) => sendJson<{ key: string; version: number }>('PUT', `/api/maps/${enc(key)}`, { base_version, document }),
  remove: (key: string) => sendJson<unknown>('DELETE', `/api/maps/${enc(key)}`),
  versions: async (key: string) => (await getJson<{ versions: T.MapVersion[] }>(`/api/maps/${enc(key)}/versions`)).versions,
  measured: (key: string, s: Scope, signal?: AbortSignal) => getJson<T.Measured>(`/api/maps/${enc(key)}/measured`, ask(s), signal),
  drawing: (key: string, s: Scope, look: Look, signal?: AbortSignal) => getText(`/api/maps/${enc(key)}/drawing.svg`, { ...ask(s), ...look, interactive: 1 }, signal),
  exportUrl: (key: string, kind: 'svg' | 'png' | 'pdf', s: Scope, look: Look) => `/api/maps/${enc(key)}/drawing.${kind}${queryString({ ...ask(s), ...look, ...(kind === 'svg' ? { fonts: 1 } : {}), ...(kind === 'png' ? { scale: 2 } : {}) })}`,
  measuredUrl: (key: string, s: Scope) => `/api/maps/${enc(key)}/measured${queryString(ask(s))}`,
  thumbUrl: (key: string, look: Look) => `/api/maps/${enc(key)}/thumb.svg${queryString({ ...look })}`,
  people: (key: string, s: Scope, q: { touchpoint?: string; step?: number; what: string; cursor?: number | string | null }) => getJson<T.People>(`/api/maps/${enc(key)}/people`, { ...ask(s), ...q }),
  quotes: async (key: string, s: Scope, touchpoint: string) => (await getJson<{ quotes: T.Quote[] }>(`/api/maps/${enc(key)}/quotes`, { ...ask(s), touchpoint })).quotes,
};

export const inventory = async (map: string | undefined, s: Scope = {}) => (await getJson<{ rows: T.InventoryRow[] }>('/api/inventory', { map, ...ask(s) })).rows;
export const dimensions = {
  list: async () => (await getJson<{ dimensions: T.Dimension[] }>('/api/dimensions')).dimensions,
  declare: (property: string) => sendJson<unknown>('POST', '/api/dimensions', { property }),
  values: async (name: string, s: Scope = {}) => (await getJson<{ values: T.DimensionValue[] }>(`/api/dimensions/${enc(name)}/values`, { ...ask(s), compare: undefined })).values,
};

/** The questions of docs/api.md, "Questions"; names and parameters as there. */
export const questions = {
  ask: <A>(name: string, q: Query, signal?: AbortSignal) => getJson<A>(`/api/query/${name}`, q, signal),
  svg: (name: string, q: Query, look: Look, signal?: AbortSignal) => getText(`/api/query/${name}.svg`, { ...q, ...look, interactive: 1 }, signal),
  people: (name: string, q: Query, cursor?: number | string | null, signal?: AbortSignal) => getJson<Behind>(`/api/query/${name}/people`, { ...q, cursor }, signal),
  url: (name: string, q: Query) => `/api/query/${name}${queryString(q)}`,
  drawingUrl: (name: string, q: Query, kind: 'svg' | 'png' | 'pdf', look: Look) => `/api/query/${name}.${kind}${queryString({ ...q, ...look, ...(kind === 'svg' ? { fonts: 1 } : {}), ...(kind === 'png' ? { scale: 2 } : {}) })}`,
  params: (map: string | null, s: Scope): Query => ({ map, ...ask(s), compare: undefined }),
};

export const segments = {
  list: async () => (await getJson<{ segments: Segment[] }>('/api/segments')).segments,
  add: (name: T.Texts, rule: string) => sendJson<{ key: string; version: number }>('POST', '/api/segments', { name, rule }),
  save: (key: string, base_version: number, name: T.Texts, rule: string) => sendJson<{ key: string; version: number }>('PUT', `/api/segments/${enc(key)}`, { base_version, name, rule }),
  remove: (key: string) => sendJson<unknown>('DELETE', `/api/segments/${enc(key)}`),
  try: (rule: string) => sendJson<SegmentTried>('POST', '/api/segments/try', { rule }),
};

export const customers = {
  find: async (search: string, limit = 50) => (await getJson<{ customers: T.CustomerFound[] }>('/api/customers', { search, limit })).customers,
  get: (id: string, map?: string) => getJson<T.Customer>(`/api/customers/${enc(id)}`, { map }),
  erase: (id: string, confirm: string, reason: string) => sendJson<T.Receipt>('POST', `/api/customers/${enc(id)}/erase`, { confirm, reason }),
};
