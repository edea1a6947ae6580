/*
 * The card of the shipped models of feeling: what they were learned from, under which licences, and how often they are right
 * on sets that they did not see. The figures are those of docs/text-models.md; a test holds the two together.
 */
export const MADE = '2026-11-22';
export type Domain = 'films' | 'airlines' | 'telecom' | 'restaurants' | 'places' | 'books' | 'public' | 'delivery' | 'groceries';
/** Names of sets and licences are names: they are the same in every language. */
export interface Learned { lang: 'en' | 'ar' | 'fa'; set: string; licence: string }
export const learned: Learned[] = [
  { lang: 'en', set: 'VADER: gold tweets, Amazon and film snippets', licence: 'MIT' },
  { lang: 'en', set: 'Banking77, a third of the training questions', licence: 'CC BY 4.0, PolyAI (Casanueva et al. 2020)' },
  { lang: 'ar', set: 'ArSarcasm training tweets', licence: 'MIT' },
  { lang: 'ar', set: 'AJGT tweets', licence: 'AFL-3.0' },
  { lang: 'ar', set: 'tweets with emoji (motazsaad/arabic-sentiment-analysis)', licence: 'Apache-2.0' },
  { lang: 'fa', set: 'SentiPers sentences', licence: '"completely public" by its README; no licence file' },
];
/** Of so many texts of a set with two or three labels: how often the model is right, with Wilson's 95% interval; the share of the commonest label; the mean recall of the labels. */
export interface Judged { lang: 'en' | 'ar' | 'fa'; set: string; domain: Domain; labels: 2 | 3; n: number; commonest: number; right: number; lo: number; hi: number; balanced: number }
export const judged: Judged[] = [
  { lang: 'en', set: 'SST-2 validation part', domain: 'films', labels: 2, n: 872, commonest: 0.509, right: 0.841, lo: 0.815, hi: 0.863, balanced: 0.84 },
  { lang: 'en', set: 'US airline tweets', domain: 'airlines', labels: 3, n: 11541, commonest: 0.632, right: 0.75, lo: 0.742, hi: 0.758, balanced: 0.716 },
  { lang: 'en', set: 'NPS verbatims, promoters and detractors', domain: 'telecom', labels: 2, n: 1556, commonest: 0.656, right: 0.875, lo: 0.858, hi: 0.891, balanced: 0.869 },
  { lang: 'en', set: 'NPS verbatims, passives as neutral', domain: 'telecom', labels: 3, n: 1876, commonest: 0.544, right: 0.724, lo: 0.704, hi: 0.744, balanced: 0.607 },
  { lang: 'ar', set: 'restaurants (qaym)', domain: 'restaurants', labels: 2, n: 8335, commonest: 0.71, right: 0.815, lo: 0.806, hi: 0.823, balanced: 0.797 },
  { lang: 'ar', set: 'attractions', domain: 'places', labels: 2, n: 2154, commonest: 0.962, right: 0.926, lo: 0.914, hi: 0.936, balanced: 0.813 },
  { lang: 'ar', set: 'HAAD, sentences of one feeling', domain: 'books', labels: 2, n: 960, commonest: 0.615, right: 0.731, lo: 0.702, hi: 0.758, balanced: 0.732 },
  { lang: 'ar', set: 'ASTD, positive and negative', domain: 'public', labels: 2, n: 603, commonest: 0.698, right: 0.821, lo: 0.788, hi: 0.849, balanced: 0.773 },
  { lang: 'ar', set: 'ASTD, with its neutral ones', domain: 'public', labels: 3, n: 812, commonest: 0.518, right: 0.596, lo: 0.562, hi: 0.629, balanced: 0.51 },
  { lang: 'ar', set: 'ASTD, OBJ as neutral too', domain: 'public', labels: 3, n: 6134, commonest: 0.902, right: 0.331, lo: 0.319, hi: 0.343, balanced: 0.582 },
  { lang: 'fa', set: 'SnappFood', domain: 'delivery', labels: 2, n: 6295, commonest: 0.5, right: 0.777, lo: 0.767, hi: 0.787, balanced: 0.777 },
  { lang: 'fa', set: 'ParsiNLU food, overall', domain: 'groceries', labels: 3, n: 1222, commonest: 0.543, right: 0.776, lo: 0.752, hi: 0.798, balanced: 0.709 },
  { lang: 'fa', set: 'ParsiNLU films, overall', domain: 'films', labels: 3, n: 404, commonest: 0.572, right: 0.715, lo: 0.669, hi: 0.757, balanced: 0.65 },
];

/* tools/text/topics.py; docs/text-models.md, "Topics". A tweet was given one reason: what else it speaks of is not known. */
interface Told { est: number; lo: number; hi: number; n: number }
export const topicSets: { lang: string; set: string; precision: Told | null; recall: Told }[] = [
  { lang: 'en', set: 'US airline tweets, six of the reasons of complaints', precision: null, recall: { est: 0.508, lo: 0.494, hi: 0.523, n: 4613 } },
  { lang: 'fa', set: 'ParsiNLU food, five aspects', precision: { est: 0.743, lo: 0.68, hi: 0.797, n: 210 }, recall: { est: 0.784, lo: 0.722, hi: 0.835, n: 199 } },
];
