/* The answers to the questions of docs/api.md, "Questions". */
import type { Estimate, InventoryRow, Texts } from './types.ts';

/** What every answer has beside its own. */
export interface Answer { query?: string; arrival_end?: number }
export interface Times { n: number; mean_ms: number; p50_ms: number; p90_ms: number }

export interface FlowActivity { name: string; label?: string; count: number; customers: number; cases: number; starts: number; ends: number; score: Estimate | null; stage?: string }
export interface FlowEdge { from: string; to: string; count: number; customers: number; mean_ms: number; p50_ms: number; p90_ms: number }
export interface Flow extends Answer {
  activities: FlowActivity[]; edges: FlowEdge[]; variants: number | null; cases: number; customers: number;
  shares: { activities: number; edges: number };
  kept: { activities: number; of_activities: number; edges: number; of_edges: number; events: number; of_events: number; edge_count: number; of_edge_count: number; cases: number; of_cases: number };
}
export interface Dfg extends Answer { events: number; customers: number; cases: number; activities: { name: string; count: number; customers: number }[]; variants: number | null }
export interface Variant { id?: string; steps: string[]; count: number; customers?: number }
export interface Variants extends Answer { variants: number; cases: number; top: Variant[] }
export interface TouchpointRow {
  name: string; value: string; n: number; customers: number; repeats: number; score: { est: number; lo: number; hi: number; n: number } | null;
  to_next: Times; promise: { kept: number; broken: number; overrun_mean_ms: number };
  signals: { signal: string; n: number; customers: number; mean: number }[]; first_ms: number; last_ms: number;
}
export interface Touchpoints extends Answer { touchpoints: TouchpointRow[] }
export interface Difference { diff: Estimate | null; p: number | null; p_adjusted: number | null; told: boolean }
export interface ComparedSide { n: number; customers: number; share: Estimate | null; score: TouchpointRow['score'] }
export interface Compared extends Answer { against: string; sides: { customers: number; events: number }[]; touchpoints: { name: string; a: ComparedSide; b: ComparedSide; score: Difference; share: Difference }[] }
export interface Phases extends Answer { phases: { key: 'before' | 'during' | 'after'; customers: number; events: number; touchpoints: number; evidence: 'measured' | 'inferred' | 'assumed' | 'none' }[] }
export interface MoneyRow { name: string; lost_customers: number; value_mean_minor: number | null; hurt_mean_minor: number | null; lost: Estimate | null; p_adjusted: number | null; told: boolean }
export interface Money extends Answer { horizon_ms: number; note: string | null; currencies: { currency: string; touchpoints: MoneyRow[] }[] }
export interface Task extends Answer { start: string; done: string; started: number; completed: number; open: number; success: Estimate | null; time: Times | null }
export interface Inventory extends Answer { touchpoints: InventoryRow[] }

export interface FunnelStep { name: string; optional?: boolean; cases: number; customers: number; share: Estimate | null; step_share: Estimate | null; lost: number; lost_customers?: number; from_start: Times | null; from_previous: Times | null }
export interface Funnel extends Answer { cases: number; customers: number; window_ms: number | null; order: string; steps: FunnelStep[]; groups?: { value: string; steps: FunnelStep[] }[] }
export interface Cohort { start: string; start_ms: number; size: number; active: number[]; value: number[] | null }
export interface Retention extends Answer { period: string; kind: string; cohorts: Cohort[]; curve: { offset: number; active: number; size: number; share: Estimate | null }[] }

export interface LiftRow { name: string; cases: number; reached: number; rate: Estimate | null; without: { cases: number; reached: number }; diff: Estimate | null; p: number | null; p_adjusted?: number | null }
export interface Lift extends Answer { outcome: string; cases: number; reached: number; rate: Estimate | null; touchpoints: LiftRow[] }
export interface MomentRow {
  name: string; met: number; answered: number; too_short: number; middling: number; good: { n: number; reached: number }; bad: { n: number; reached: number };
  diff: Estimate | null; raw_diff: number | null; p: number | null; p_adjusted: number | null; reach: number; moment: boolean; sentence: string;
}
export interface Moments extends Answer { outcome: string; outcome_name: string; within_ms: number; good_from: number; bad_below: number; customers: number; rate: Estimate | null; touchpoints: MomentRow[] }

export interface Handover { from: string; to: string; count: number; customers: number; p50_ms: number; before: Estimate | null; after: Estimate | null; diff: Estimate | null; ended: number }
export interface Handovers extends Answer { handovers: Handover[] }
export interface Rework extends Answer {
  cases: number; activities: { name: string; count: number; cases: number; repeated_cases: number; repeated_customers?: number; repeats: number; self_loops: number }[];
  loops: { from: string; to: string; count: number; cases: number }[]; pingpong: { a: string; b: string; count: number; cases: number }[];
}
export interface Bottleneck { from: string; to: string; n: number; p50_ms: number; p50_lo_ms: number | null; p50_hi_ms: number | null; p90_ms: number; total_ms: number; share: number; score: number }
export interface Bottlenecks extends Answer { edges: Bottleneck[] }
export interface Deviation { kind: 'skipped' | 'inserted'; activity: string; cases: number; customers?: number; share: Estimate | null }
export interface Conformance extends Answer { cases: number; outside: number; too_long: number; fitting: number; fitness: Estimate | null; fitness_mean: number | null; deviations: Deviation[]; worst: { steps: string[]; count: number; fitness: number }[] }

export interface Waits extends Answer { waits: { name: string; n: number; p50_ms: number; p90_ms: number; left: number; left_share: Estimate | null; left_value: { currency: string; minor: number }[] }[] }
export interface FrictionRow { name: string; visits: number; counts: Record<string, number>; per_100: Record<string, number | null> | null; total: number | null }
export interface Friction extends Answer { rules: { key: string; name: string; text: string }[]; touchpoints: FrictionRow[] }
export interface ConsistencyRow { name: string; tau: Estimate | null; p_adjusted: number | null; differs: boolean; groups: { value: string; value_name: string; score: Estimate | null }[] }
export interface Consistency extends Answer { by: string; by_name: string; touchpoints: ConsistencyRow[] }
export interface ScoreRow { name: string; value: string; n: number; answers: number; customers: number; mean: number | null; sd: number | null; low_share: Estimate | null; score: Estimate | null }
export interface Scores extends Answer { rows: ScoreRow[] }
export interface UnitRow { path: string; name: string; parent: number | null; depth: number; unknown: boolean; n: number; customers: number; answers: number; score: Estimate | null }
export interface Units extends Answer { units: UnitRow[] }

/** Who is behind a figure. */
export interface Behind { total: number; people: { customer: string; first_ms: number; last_ms: number; events: number }[]; next: number | string | null }

export interface Segment { key: string; name: Texts; rule: string; customers: number | null; changed_ms: number; author: string; version: number }
export interface SegmentTried { customers: number | null; of: number; sample: string[]; text: string }
