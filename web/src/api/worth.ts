/* Answers about what customers are worth: docs/api.md, value, felt, survival, beginnings, credit, churn. */
import type { Answer } from './answers.ts';
import type { Estimate } from './types.ts';

export interface Currency { currency: string; purchases: number; customers: number }
export type Fit = 'ok' | 'few' | 'constant' | 'unsettled' | 'no_mean';
export interface Worth extends Answer {
  currency: string | null; purchase: string | null; as_of_ms: number | null; customers: number; orders: number; spent_minor: number; sampled: number;
  cells: { recency: number; frequency: number; money: number; customers: number; spent_minor: number | null }[];
  coming_back: { fit: Fit; customers: number; came_back: number; still_customers: number | null };
  spending: { fit: Fit; mean_minor: number | null; with_count: number };
  months: number; to_come_minor: Estimate | null; held_back: { fit: Fit; from_ms: number; customers: number; came: number; foretold: number | null };
  currencies: Currency[];
}
export interface Felt extends Answer {
  currency: string | null; purchase: string | null; fifths: { fifth: number; customers: number; experience: number | null; raw_minor: Estimate | null; adjusted_minor: Estimate | null }[];
  difference_minor: Estimate | null; customers: number; answered: number; covered: number | null; cut_ms: number | null; currencies: Currency[];
}
export interface StayGroup {
  value: string; others: boolean; customers: number; gone: number; came_back: number; median_days: { est: number | null; lo: number | null; hi: number | null };
  within_days: Estimate | null; curve: { days: number; at_risk: number; left: Estimate | null }[];
}
export interface Stays extends Answer {
  pause_ms: number | null; pause: 'asked' | 'chosen' | 'few'; gaps: number; bought: boolean; purchase: string | null; horizon_days: number; groups: StayGroup[];
  all: Omit<StayGroup, 'value' | 'others'>; logrank: { chi2: number; df: number; p: number } | null;
}
export interface BeginRow { customers: number; indirect: number; converted: Estimate | null; feeling: Estimate | null; later: Estimate | null; days: Estimate | null }
export interface Beginnings extends Answer { rows: (BeginRow & { value: string; others: boolean })[]; ways: (BeginRow & { way: 'direct' | 'indirect' })[]; all: BeginRow; outcomes: boolean; purchase: string | null }
export const rules = ['first', 'last', 'linear', 'markov', 'shapley'] as const;
export type Rule = (typeof rules)[number];
export interface Credit extends Answer {
  channels: ({ channel: string; others: boolean; touched: number; touched_converted: number; removal: number; value_minor: Record<Rule, number> | null } & Record<Rule, Estimate | null>)[];
  converted: number; lost: number; rate: Estimate | null; currency: string | null; value_minor: number; outcomes: boolean; purchase: string | null;
}
export const riskColumns = ['quiet_days', 'tenure_days', 'times', 'recent', 'events', 'channels', 'answered', 'experience', 'last_answer', 'failures', 'broken', 'contacts', 'waited_min'] as const;
export type RiskColumn = (typeof riskColumns)[number];
export interface RiskPerson {
  customer: string; chance: number; alike: Estimate | null; last_ms: number; spent_minor: number | null; recent_minor: number | null; stake_minor: number | null;
  reasons: { column: RiskColumn; by: number; value: number }[];
}
export interface Risk extends Answer {
  rows: RiskPerson[]; customer: RiskPerson | null; state: 'ok' | 'short' | 'few' | 'unsettled'; horizon_ms: number;
  learned_ms: number | null; judged_ms: number | null; today_ms: number | null; learned_customers: number; judged_customers: number; customers: number;
  currency: string | null; purchase: string | null; stake_minor: number | null; leaving: Estimate | null;
  judged: { rate: Estimate | null; auc: Estimate | null; brier: number; precision: number; lift: number; slope: number; bins: { predicted: number; observed: Estimate | null }[] } | null;
}
