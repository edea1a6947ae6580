/*
 * The URL is the state of the page: a table of patterns, first match wins.
 * Pure; router.svelte.ts binds it to the browser.
 */
export const routes = [
  ['home', '/'],
  ['signIn', '/sign-in'],
  ['setup', '/setup'],
  ['start', '/start'],
  ['import', '/import'],
  ['maps', '/maps'],
  ['newMap', '/maps/new'],
  ['map', '/maps/:map'],
  ['flow', '/flow'],
  ['ways', '/ways'],
  ['funnel', '/funnel'],
  ['retention', '/retention'],
  ['beginnings', '/beginnings'],
  ['touchpoints', '/touchpoints'],
  ['process', '/process'],
  ['drivers', '/drivers'],
  ['units', '/units'],
  ['compare', '/compare'],
  ['customers', '/customers'],
  ['customer', '/customers/:id'],
  ['segments', '/segments'],
  ['value', '/value'],
  ['risk', '/risk'],
  ['surveys', '/surveys'],
  ['surveyNew', '/surveys/new'],
  ['surveyEdit', '/surveys/:survey/edit'],
  ['surveyLinks', '/surveys/:survey/links'],
  ['surveyAsk', '/surveys/:survey/ask'],
  ['inbox', '/inbox'],
  ['topics', '/topics'],
  ['models', '/models'],
  ['modelCard', '/models/card'],
  ['doubtful', '/models/doubtful'],
  ['followUps', '/follow-ups'],
  ['followRules', '/follow-ups/rules'],
  ['followUp', '/follow-ups/:id'],
  ['praise', '/praise'],
  ['colleagues', '/colleagues'],
  ['reports', '/reports'],
  ['unitSettings', '/units/settings'],
  ['contact', '/contact'],
  ['surveyResults', '/surveys/:survey/results'],
  ['sources', '/sources'],
  ['source', '/sources/:id'],
  ['users', '/users'],
  ['settings', '/settings'],
] as const;

export type RouteName = (typeof routes)[number][0] | 'missing';
export interface Route { name: RouteName; params: Record<string, string>; query: URLSearchParams; hash: string }

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/'), got = path.split('/');
  if (want.length !== got.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    const w = want[i]!, g = got[i]!;
    if (!w.startsWith(':')) { if (w !== g) return null; continue; }
    if (g === '') return null;
    try { params[w.slice(1)] = decodeURIComponent(g); } catch { return null; }
  }
  return params;
}

/** What an address means. A slash at the end does not matter. */
export function match(href: string): Route {
  const url = new URL(href, 'http://localhost');
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/+$/, '') || '/' : url.pathname;
  for (const [name, pattern] of routes) {
    const params = matchPath(pattern, path);
    if (params) return { name, params, query: url.searchParams, hash: url.hash.slice(1) };
  }
  return { name: 'missing', params: {}, query: url.searchParams, hash: url.hash.slice(1) };
}

/** The address with some of its query changed; null or "" takes a name away, a list repeats it. */
export function withQuery(href: string, change: Record<string, string | number | string[] | null | undefined>): string {
  const url = new URL(href, 'http://localhost');
  for (const [name, value] of Object.entries(change)) {
    url.searchParams.delete(name);
    if (Array.isArray(value)) for (const one of value) url.searchParams.append(name, one);
    else if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url.pathname + (url.searchParams.size ? '?' + url.searchParams.toString() : '') + url.hash;
}
