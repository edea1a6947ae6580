/*
 * Asking. The only caller of the engine above layer 1: takes a question,
 * answers it from the newest snapshot (or, later, from another back end;
 * nobody above may know which). Thread-safe; an answer comes from one
 * snapshot and lives in the caller's arena.
 *
 * Errors of all: ERR_INPUT for an impossible question (field named),
 * ERR_NO_MEMORY when the arena's ceiling is reached, ERR_UNAVAILABLE while
 * the index is first being read.
 */
#ifndef ASK_ASK_H
#define ASK_ASK_H

#include "base/period.h"
#include "journey/journey.h"
#include "stats/stats.h"
#include "store/store.h"

struct ask;

struct ask_options {
	const struct str *dimensions; /* declared properties at start */
	size_t n_dimensions;
	int threads; /* 0: as many as there are processors */
};
/* Builds the index from the log (progress: events read, events in all; may be NULL) and, with follow, keeps up with it.
 */
NODISCARD enum err_code ask_open(struct store *st, const struct ask_options *opt, bool follow,
                                 void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, struct ask **out,
                                 struct err *err);
void ask_close(struct ask *a);

/* Waits until the index reaches the store's arrival_end as of now. Tests and the CLI use it. */
NODISCARD enum err_code ask_catch_up(struct ask *a, struct err *err);

/* Declares a dimension; values of old events are read from the log in the background. */
NODISCARD enum err_code ask_declare(struct ask *a, struct str property, struct err *err);
/* 0..1: how much of the log is filled for it; 1 when ready; -1 when not declared. */
double ask_dimension_ready(struct ask *a, struct str property);

struct ask_state {
	uint64_t arrival_end; /* the snapshot reaches up to here */
	uint64_t store_end;
	int64_t events, customers;
	int64_t oldest_ms, newest_ms; /* at_ms */
	int64_t memory_bytes;
	int64_t index_bytes, index_files; /* of the columns kept in DIR/index/columns */
	uint64_t index_end;               /* they reach up to here */
	bool index_kept;                  /* this start took them; else it read the log */
	char index_rebuilt[256];          /* ... because of this: the file and what is wrong with it; "" no fault */
	char index_failed[256];           /* why they could not be written the last time; "" they were */
};
void ask_state(struct ask *a, struct ask_state *out);

/* Looks at each byte of the columns kept in a data directory, which may be in use: how many files and bytes they are.
 * ERR_CORRUPT names the first damaged one, ERR_NOT_FOUND a missing one. */
NODISCARD enum err_code ask_columns_check(const char *dir, int64_t *files, int64_t *bytes, struct err *err);

/* parts: JOURNEY_FLOW_EDGES, _MEANS or _COUNTS, with JOURNEY_FLOW_VARIANTS or not: what is not asked for costs nothing.
 */
NODISCARD enum err_code ask_dfg(struct ask *a, const struct journey_query *q, unsigned parts, struct arena *m,
                                struct journey_dfg *out, struct err *err);
/* cut: of the first steps of each case; 0: of whole cases. */
NODISCARD enum err_code ask_variants(struct ask *a, const struct journey_query *q, size_t top, uint32_t cut,
                                     struct arena *m, struct journey_variants *out, struct err *err);
NODISCARD enum err_code ask_measure(struct ask *a, const struct journey_query *q, struct arena *m,
                                    struct journey_measure *out, struct err *err);
NODISCARD enum err_code ask_propose(struct ask *a, const struct journey_query *q, size_t steps_max, struct arena *m,
                                    struct journey_proposal *out, struct err *err);
NODISCARD enum err_code ask_gap(struct ask *a, int64_t *gap_ms, struct err *err);

/* Touchpoint statistics by event name (rules NULL) or touchpoint, optionally split by a dimension. */
struct ask_touchpoint {
	struct str name;  /* event name or touchpoint key */
	struct str value; /* of the dimension; "" without --by, or unknown */
	struct journey_touchpoint_stat stat;
};
struct ask_scope_sums { /* of all rows in scope */
	int64_t customers, events;
};
/* sums may be NULL. */
NODISCARD enum err_code ask_touchpoints(struct ask *a, const struct journey_query *q, struct str by, struct arena *m,
                                        struct ask_touchpoint **out, size_t *n, struct ask_scope_sums *sums,
                                        struct err *err);

/* What was really met: every kind of event. The status is against the query's rules (may be NULL: all undocumented). */
enum ask_status {
	ASK_DOCUMENTED,
	ASK_UNDOCUMENTED,
	ASK_SILENT,  /* on the map, and no event */
	ASK_FEEDBACK /* on no map, and rightly: answers and notes that speak of other events (journey_kind_stat) */
};
struct ask_inventory_row {
	struct str event, channel; /* "" for silent ones */
	struct str touchpoint;     /* its key; "" undocumented */
	enum ask_status status;
	int64_t count, customers, first_ms, last_ms;
	double position; /* mean relative position in cases */
};
NODISCARD enum err_code ask_inventory(struct ask *a, const struct journey_query *q, struct arena *m,
                                      struct ask_inventory_row **out, size_t *n, struct err *err);

/* The same from what ask_measure has counted (its kinds), without another look at the events; rules are those of its
 * question, NULL for none. */
NODISCARD enum err_code ask_inventory_of(const struct journey_measure *r, const struct journey_rules *rules,
                                         struct arena *m, struct ask_inventory_row **out, size_t *n, struct err *err);

/* Values of a dimension in scope, by falling count. */
struct ask_value {
	struct str value;
	int64_t count, customers;
};
NODISCARD enum err_code ask_values(struct ask *a, const struct journey_query *q, struct str dimension, size_t limit,
                                   struct arena *m, struct ask_value **out, size_t *n, struct err *err);

/* The people behind a number. */
enum ask_what {
	ASK_ENTERED,
	ASK_ADVANCED,
	ASK_LOST,
	ASK_STILL_IN,
	ASK_GOAL,
	ASK_BROKEN,
	ASK_KEPT,
	ASK_FAILED,
	ASK_REPEATED,
	ASK_RATED,
	ASK_COMMENTED,
	ASK_WHATS
};
extern const char *const ask_what_names[ASK_WHATS];
struct ask_person {
	uint32_t customer;         /* number of ask_customer */
	struct str external;       /* the id to show */
	int64_t first_ms, last_ms; /* of the instance */
	uint32_t events;
	float utility; /* mean rating in the instance, NaN without */
};
struct ask_people {
	int64_t total;     /* instances: equal to the number on the map */
	int64_t customers; /* different people among them */
	struct ask_person *rows;
	size_t n_rows;
	uint64_t next; /* cursor for the next page, 0 at the end */
};
/* touchpoint 0: of the whole map. `step` is used instead when touchpoint is 0 and step >= 0. */
NODISCARD enum err_code ask_people(struct ask *a, const struct journey_query *q, uint16_t touchpoint, int step,
                                   enum ask_what what, uint64_t cursor, size_t limit, struct arena *m,
                                   struct ask_people *out, struct err *err);

/* The customers of a figure: what every other question answers to "who is behind it". */
#define ASK_PAGE_MAX 10000
struct ask_member {
	uint32_t customer;            /* number */
	struct str external;          /* the id to show */
	struct journey_extent extent; /* of its rows in scope */
};
struct ask_members {
	int64_t total; /* customers: equal to the figure */
	struct ask_member *rows;
	size_t n_rows;
	uint64_t next; /* cursor for the next page: the last customer's number; 0 at the end */
};

/* Every activity of the question's rows (journey/simplify.h): one pass, the same whatever a graph keeps of them. */
struct ask_activities {
	struct journey_activities all;
	uint64_t arrival_end; /* of the snapshot */
};
NODISCARD enum err_code ask_activities(struct ask *a, const struct journey_query *q, struct arena *m,
                                       struct ask_activities *out, struct err *err);

/*
 * The graph of the activities that `what` keeps, counted anew over one snapshot (journey/simplify.h). Which of its
 * edges are drawn is a matter of journey_view, at no cost. `known`: the activities of the same question; NULL, and
 * those of another snapshot, are counted here. `variants`: whether they are counted too, else 0.
 */
struct ask_graph {
	struct journey_choice choice;
	struct journey_dfg graph;
};
NODISCARD enum err_code ask_graph(struct ask *a, const struct journey_query *q, const struct ask_activities *known,
                                  const struct journey_simplify *what, bool variants, struct arena *m,
                                  struct ask_graph *out, struct err *err);
/* Who is behind a figure of it; of the whole graph (ask_dfg) when `what` is NULL. Names that nobody has: nobody. */
struct ask_flow_figure {
	enum journey_flow_part part;
	struct str activity, to;
};
NODISCARD enum err_code ask_flow_people(struct ask *a, const struct journey_query *q,
                                        const struct journey_simplify *what, const struct ask_flow_figure *figure,
                                        uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                        struct err *err);
/* Scores by activity and value of a dimension: docs/methods/scores_by.md. */
NODISCARD enum err_code ask_scores(struct ask *a, const struct journey_query *q, const struct journey_scores_query *s,
                                   struct arena *m, struct journey_scores *out, struct err *err);
/* Who answered about s->name and s->value; s->people is set. */
NODISCARD enum err_code ask_scores_people(struct ask *a, const struct journey_query *q,
                                          const struct journey_scores_query *s, uint64_t cursor, size_t limit,
                                          struct arena *m, struct ask_members *out, struct err *err);

/* Answers that events of one type carry (journey/answers.h). */
NODISCARD enum err_code ask_answers(struct ask *a, const struct journey_query *q, const struct journey_answers_query *s,
                                    struct journey_answers *out, struct err *err);

/* Customers with a case of a variant (journey_variant.id, of the same cut). Nobody, when there is no such variant. */
NODISCARD enum err_code ask_variant_people(struct ask *a, const struct journey_query *q, uint64_t id, uint32_t cut,
                                           uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                           struct err *err);

/*
 * Moments of truth (docs/methods/moments.md): journey_moments with its
 * estimates. q's cut and period say what is asked for; history is read whole.
 */
struct ask_moment {
	struct journey_moments_touchpoint counts;
	double reach; /* share of customers who were there */
	struct stats_estimate
	        diff;         /* P(outcome | good) - P(outcome | bad) over strata; not identified below 5 on a side */
	double raw_diff;      /* without strata; NaN below 5 on a side */
	double p, p_adjusted; /* 1 where diff is not identified */
	bool moment;          /* more of the good ones, p_adjusted <= 0.05, reach >= ASK_MOMENT_REACH */
};
#define ASK_MOMENT_REACH 0.05
#define ASK_MOMENT_SIDE 30 /* on each side, to be judged; below, p_adjusted is 1 */
struct ask_moments {
	int64_t customers;
	struct stats_estimate rate;     /* of those with an answer, from the first one on */
	struct ask_moment *touchpoints; /* [code - 1] */
	size_t n_touchpoints;
};
/* from_ms, to_ms and scales of the question are filled in. ERR_INPUT without rules or for impossible bounds. */
NODISCARD enum err_code ask_moments(struct ask *a, const struct journey_query *q,
                                    const struct journey_moments_question *what, struct arena *m,
                                    struct ask_moments *out, struct err *err);
/* The customers of the question's own figure (touchpoint, is_good, is_reached). */
NODISCARD enum err_code ask_moments_people(struct ask *a, const struct journey_query *q,
                                           const struct journey_moments_question *what, uint64_t cursor, size_t limit,
                                           struct arena *m, struct ask_members *out, struct err *err);

/* Funnels (journey/funnel.h); the customers of the figure that f speaks of. */
NODISCARD enum err_code ask_funnel(struct ask *a, const struct journey_query *q, const struct journey_funnel_query *f,
                                   struct arena *m, struct journey_funnel *out, struct err *err);
NODISCARD enum err_code ask_funnel_people(struct ask *a, const struct journey_query *q,
                                          const struct journey_funnel_query *f, uint64_t cursor, size_t limit,
                                          struct arena *m, struct ask_members *out, struct err *err);
/* How far journeys are from the one intended (journey/conformance.h); customers of a deviation. */
NODISCARD enum err_code ask_conformance(struct ask *a, const struct journey_query *q, const struct journey_model *model,
                                        struct arena *m, struct journey_conformance *out, struct err *err);
NODISCARD enum err_code ask_conformance_people(struct ask *a, const struct journey_query *q,
                                               const struct journey_model *model,
                                               const struct journey_conformance_figure *figure, uint64_t cursor,
                                               size_t limit, struct arena *m, struct ask_members *out, struct err *err);

/* What goes wrong between events. */
NODISCARD enum err_code ask_rework(struct ask *a, const struct journey_query *q, struct arena *m,
                                   struct journey_rework *out, struct err *err);
struct ask_rework_figure {
	enum journey_rework_part part;
	struct str a, b; /* activities; b only for pairs */
};
NODISCARD enum err_code ask_rework_people(struct ask *a, const struct journey_query *q,
                                          const struct ask_rework_figure *figure, uint64_t cursor, size_t limit,
                                          struct arena *m, struct ask_members *out, struct err *err);
NODISCARD enum err_code ask_handovers(struct ask *a, const struct journey_query *q, struct arena *m,
                                      struct journey_handovers *out, struct err *err);
NODISCARD enum err_code ask_handover_people(struct ask *a, const struct journey_query *q,
                                            const struct journey_handover_figure *figure, uint64_t cursor, size_t limit,
                                            struct arena *m, struct ask_members *out, struct err *err);
NODISCARD enum err_code ask_bottlenecks(struct ask *a, const struct journey_query *q, int64_t target_ms,
                                        struct arena *m, struct journey_bottlenecks *out, struct err *err);

/* Periods of a zone (base/period.h). */
struct ask_periods {
	struct str zone; /* IANA */
	struct period_rule rule;
};

/* Scores over time (journey/series.h). What it makes lives in m. */
struct ask_series_question {
	struct arena *m;
	struct ask_periods periods;
	enum journey_rating_kind kind;
	struct str by, touchpoint; /* as in journey_series_query */
	bool people;               /* with ask_series_people: */
	struct str value;
	int64_t start_ms;
};
NODISCARD enum err_code ask_series(struct ask *a, const struct journey_query *q, const struct ask_series_question *what,
                                   struct journey_series *out, struct err *err);
NODISCARD enum err_code ask_series_people(struct ask *a, const struct journey_query *q,
                                          const struct ask_series_question *what, uint64_t cursor, size_t limit,
                                          struct ask_members *out, struct err *err);

/* Retention (journey/retention.h), cut into periods of a zone. What it makes lives in m. */
struct ask_retention_question {
	struct arena *m;
	struct ask_periods periods;
	enum journey_retention_kind kind;
	struct str start, back; /* activities; "" any */
	bool weighted;
	struct str currency;
	bool people; /* with ask_retention_people: */
	int64_t cohort_ms;
	size_t offset;
};
NODISCARD enum err_code ask_retention(struct ask *a, const struct journey_query *q,
                                      const struct ask_retention_question *what, struct journey_retention *out,
                                      struct err *err);
NODISCARD enum err_code ask_retention_people(struct ask *a, const struct journey_query *q,
                                             const struct ask_retention_question *what, uint64_t cursor, size_t limit,
                                             struct ask_members *out, struct err *err);

/*
 * What customers are worth (docs/methods/rfm.md, value.md): fifths of recency, frequency and money, the models of
 * coming back and spending, and the value to come. Fits and the value are of a sample of at most ASK_WORTH_SAMPLE
 * buyers, the value scaled to all; by a fixed seed, so that the same events give the same answer. No money in the log:
 * no currency, no buyer.
 */
#define ASK_WORTH_SAMPLE 20000
struct ask_worth_question {
	struct str zone;               /* IANA: of its days */
	struct str purchase, currency; /* as in journey_buyers_query */
	int64_t months;                /* to come, 1 to 120; of 365.25 / 12 days */
	double yearly_discount;        /* 0 <= d < 1 */
	double margin;                 /* 0 to 1 of what is spent */
};
struct ask_worth {
	struct str purchase; /* name of the events taken for purchases; "": any with money, or what was asked for */
	struct journey_currency *currencies; /* that people bought in, the commonest first */
	size_t n_currencies;
	struct str currency;              /* asked for, or the commonest */
	int64_t as_of_ms;                 /* the last day in scope begins */
	int64_t customers, orders, spent; /* buyers; spent in minor units, less refunds */
	struct {
		int64_t customers, spent;
	} cells[5][5][5];        /* [recency - 1][frequency - 1][money - 1], 5 the best */
	struct stats_bgnbd back; /* in days */
	struct stats_spend spend;
	int64_t sampled;               /* buyers that the models are of */
	double still;                  /* of all buyers: how many still are, by the model; with back.fit STATS_FIT_OK */
	struct stats_estimate to_come; /* minor units; not identified without both models */
	struct {
		enum stats_fit fit;               /* of the model of the first half of the days */
		int64_t from_ms, customers, came; /* purchase days of the second half by buyers of the first */
		double foretold;
	} held;
};
NODISCARD enum err_code ask_worth(struct ask *a, const struct journey_query *q, const struct ask_worth_question *what,
                                  struct arena *m, struct ask_worth *out, struct err *err);

/* The buyers of one pair of fifths of recency and frequency, 1 to 5; months, discount and margin are not looked at. */
NODISCARD enum err_code ask_worth_people(struct ask *a, const struct journey_query *q,
                                         const struct ask_worth_question *what, int recency_fifth, int frequency_fifth,
                                         uint64_t cursor, size_t limit, struct arena *m, struct ask_members *out,
                                         struct err *err);

/* How long customers stay (docs/methods/staying.md), in all and by the value of a dimension where they began. */
#define ASK_STAY_GROUPS 8 /* the largest; the others are one more */
#define ASK_STAY_POINTS 60
#define ASK_STAY_ALL UINT32_MAX
struct ask_stays_question {
	struct str activity, by; /* as in journey_stays_query */
	bool any;
	int64_t pause_ms; /* 0: the 95th percentile of the times between, in whole days */
};
struct ask_stay_point {
	double days;
	int64_t at_risk;
	struct stats_estimate left;
};
struct ask_stay_group {
	struct str name;
	bool others;                   /* all smaller groups together */
	int64_t customers, gone, back; /* back: gone, and there again later */
	struct stats_median median;    /* days; INFINITY: not reached */
	struct stats_estimate within;  /* mean days within the horizon */
	struct ask_stay_point *points; /* as long as five are seen */
	size_t n_points;
};
struct ask_stays {
	struct str purchase; /* name of the events taken for purchases; "": any with money, or what was asked for */
	int64_t pause_ms;    /* 0: too few came back to choose one, and nothing is told */
	int64_t gaps;        /* times between that it was chosen from */
	bool asked;          /* the question said it */
	bool bought;         /* buying is what counts as being there */
	double horizon_days;
	struct ask_stay_group all, *groups;
	size_t n_groups;
	struct stats_logrank differ; /* groups NULL */
};
NODISCARD enum err_code ask_stays(struct ask *a, const struct journey_query *q, const struct ask_stays_question *what,
                                  struct arena *m, struct ask_stays *out, struct err *err);

/*
 * Money of the second half of the time by experience of the first (docs/methods/value.md), of buyers of the first half
 * who had answered: as it is, and mixed alike by what they had spent and how long they had been there. Minor units.
 */
struct ask_felt {
	struct str purchase; /* name of the events taken for purchases; "": any with money, or what was asked for */
	struct journey_currency *currencies; /* that people bought in, the commonest first */
	size_t n_currencies;
	struct str currency; /* asked for, or the commonest */
	int64_t cut_ms, to_ms;
	int64_t customers, answered; /* buyers before the cut; of them with an answer */
	double covered;              /* share of them in strata that could be compared */
	struct {
		double experience; /* mean */
		int64_t customers;
		struct stats_estimate raw, adjusted;
	} fifths[5];                      /* worst first */
	struct stats_estimate difference; /* best less worst, adjusted */
};
NODISCARD enum err_code ask_felt(struct ask *a, const struct journey_query *q, struct str currency, struct arena *m,
                                 struct ask_felt *out, struct err *err);

/*
 * How journeys begin, and which contacts the first outcomes went over (docs/methods/credit.md). None of the rules of
 * credit is proof of effect.
 */
#define ASK_BEGIN_ROWS 12 /* values told apart: those most people began with; the others are one more */
#define ASK_CREDIT_CHANNELS 20
struct ask_begin_question {
	struct str by, outcome, currency; /* as in journey_beginnings_query; currency "": the commonest */
};
struct ask_begin_row {
	struct str name;
	bool others;
	int64_t customers, indirect; /* indirect: of them, first met through somebody else */
	struct stats_estimate converted, feeling, later;
	struct stats_estimate days; /* median from the first contact to the outcome */
};
struct ask_credit_row {
	struct str name;
	bool others;
	struct stats_channel_credit credit;
};
struct ask_begin {
	struct str purchase; /* name of the events taken for purchases; "": any with money, or what was asked for */
	struct str currency; /* "": no money */
	bool outcomes;       /* false: nothing is an outcome; say which */
	struct ask_begin_row rows[ASK_BEGIN_ROWS + 1], ways[2], all; /* ways: direct, indirect */
	size_t n_rows;
	struct ask_credit_row *credit; /* by falling Shapley credit */
	size_t n_credit;
	struct stats_credit sum; /* its channels NULL */
};
/* `credit` false: that part is left out, which is much cheaper. */
NODISCARD enum err_code ask_begin(struct ask *a, const struct journey_query *q, const struct ask_begin_question *what,
                                  bool credit, struct arena *m, struct ask_begin *out, struct err *err);

/*
 * Who may not come back (docs/methods/churn.md): those who were there within a horizon, by the chance that they will
 * not be within the next. Learned at one moment, judged a horizon later, then learned anew there for today.
 */
enum ask_risk_column {
	ASK_RISK_QUIET,  /* log of days since they were there last */
	ASK_RISK_TENURE, /* log of days since they were there first */
	ASK_RISK_TIMES,
	ASK_RISK_RECENT,
	ASK_RISK_EVENTS,
	ASK_RISK_CHANNELS,
	ASK_RISK_ANSWERED,   /* 1: said how they felt */
	ASK_RISK_EXPERIENCE, /* mean; who said nothing has everybody's */
	ASK_RISK_LAST,       /* the last answer, less the mean */
	ASK_RISK_FAILURES,
	ASK_RISK_BROKEN,
	ASK_RISK_CONTACTS,
	ASK_RISK_WAITED,
	ASK_RISK_COLUMNS
};
extern const char *const ask_risk_column_names[ASK_RISK_COLUMNS];
enum ask_risk_state { ASK_RISK_OK, ASK_RISK_SHORT, ASK_RISK_FEW, ASK_RISK_UNSETTLED, ASK_RISK_STATES };
extern const char *const ask_risk_state_names[ASK_RISK_STATES];
#define ASK_RISK_REASONS 3
#define ASK_RISK_MIN 200 /* customers at each moment, */
#define ASK_RISK_EACH 30 /* and of them who stayed and who left */
struct ask_risk_question {
	int64_t horizon_ms;
	struct str activity, currency; /* as in journey_standing_query; currency "": the commonest */
	struct str customer;           /* external id: of this one too; "" nobody */
	size_t limit;                  /* rows, those with most at stake first */
};
struct ask_risk_person {
	struct str external;
	uint32_t customer;
	double chance;               /* of not coming back */
	struct stats_estimate alike; /* share that left of the tenth whom the model judged alike */
	int64_t last_ms, spent, recent;
	double stake; /* chance x money of the last horizon */
	struct stats_reason reasons[ASK_RISK_REASONS];
	double values[ASK_RISK_COLUMNS]; /* in plain units: days, counts, points */
	size_t n_reasons;
};
struct ask_risk {
	struct str purchase; /* name of the events taken for purchases; "": any with money, or what was asked for */
	enum ask_risk_state state;
	struct str currency;
	int64_t learned_ms, judged_ms, today_ms;
	int64_t learned, judged_n, today; /* customers at each moment */
	struct stats_judged judged;
	double weights[ASK_RISK_COLUMNS]; /* log odds a standard deviation of the column adds, in the model for today */
	struct stats_estimate leaving;    /* of today's: how many are expected to leave, by the tenths' own shares */
	double stake;                     /* sum */
	struct ask_risk_person *rows, *one; /* one: NULL when not asked for, or not there within the horizon */
	size_t n_rows;
};
NODISCARD enum err_code ask_risk(struct ask *a, const struct journey_query *q, const struct ask_risk_question *what,
                                 struct arena *m, struct ask_risk *out, struct err *err);

/* Friction and waits (docs/methods/friction.md). Names live as long as the ask. */
NODISCARD enum err_code ask_friction(struct ask *a, const struct journey_query *q,
                                     const struct journey_friction_question *what, struct arena *m,
                                     struct journey_friction *out, struct err *err);
struct ask_task {
	struct journey_task counts;
	struct stats_estimate success; /* completed of started */
};
NODISCARD enum err_code ask_task(struct ask *a, const struct journey_query *q, const struct journey_task_question *what,
                                 struct ask_task *out, struct err *err);
/* The score of everybody who was asked, answer or not (journey/silent.h). Customers are counted, whatever a case is. */
NODISCARD enum err_code ask_silent(struct ask *a, const struct journey_query *q,
                                   const struct journey_silent_query *what, struct stats_silent *out, struct err *err);
/* The same of people whom the caller names, with their own scores; `chances` instead finds the inverse chance of
 * answering of each, as journey_silent_chances has it. Ids of one customer, or of nobody, may be among them. */
struct ask_silent_person {
	struct str external;
	int64_t asked_ms;
	bool answered;
	double score;
};
struct ask_silent_people {
	const struct ask_silent_person *all;
	size_t n;
	bool others;           /* everybody else in scope kept silent */
	struct str answers;    /* name of the events that are their answers */
	struct interval scale; /* of the scores */
};
NODISCARD enum err_code ask_silent_people(struct ask *a, const struct journey_query *q,
                                          const struct ask_silent_people *people, struct stats_silent *out,
                                          struct err *err);
NODISCARD enum err_code ask_silent_chances(struct ask *a, const struct journey_query *q,
                                           const struct ask_silent_people *people, double *w,
                                           struct stats_propensity *out, struct err *err);

/* What staff reported before customers felt it (journey/lead.h). */
NODISCARD enum err_code ask_lead(struct ask *a, const struct journey_query *q, const struct journey_lead_query *what,
                                 struct arena *m, struct journey_lead *out, struct err *err);

/* Service recovery (journey/recovery.h). History is read whole; the question's period bounds the bad experience, and
 * from_ms, to_ms of `what` are filled in. */
NODISCARD enum err_code ask_recovery(struct ask *a, const struct journey_query *q,
                                     const struct journey_recovery_query *what, struct arena *m,
                                     struct journey_recovery *out, struct err *err);

/* Outcome lift (journey/lift.h). */
NODISCARD enum err_code ask_lift(struct ask *a, const struct journey_query *q, const struct journey_lift_query *l,
                                 struct arena *m, struct journey_lift *out, struct err *err);
NODISCARD enum err_code ask_lift_people(struct ask *a, const struct journey_query *q,
                                        const struct journey_lift_query *l, uint64_t cursor, size_t limit,
                                        struct arena *m, struct ask_members *out, struct err *err);

/* Consistency (docs/methods/consistency.md): touchpoints by how far the true scores of their groups lie apart. */
struct ask_consistent_group {
	struct str value;
	struct stats_estimate score;
};
struct ask_consistent {
	uint16_t touchpoint;                 /* code */
	struct stats_estimate tau;           /* points; n: answers, n_eff: groups. Not identified below two groups */
	double p, p_adjusted;                /* of no spread at all */
	bool differs;                        /* p_adjusted <= 0.05 */
	struct ask_consistent_group *groups; /* of at least 5 customers, worst first */
	size_t n_groups;
};
struct ask_consistency {
	struct ask_consistent *list; /* those that differ first, worst first */
	size_t n;
};
NODISCARD enum err_code ask_consistency(struct ask *a, const struct journey_query *q, struct str by, struct arena *m,
                                        struct ask_consistency *out, struct err *err);

/*
 * What employees say (docs/methods/voices.md). Of the filters only unit and
 * environment count, and no segment does: an employee is in no customer's
 * channel. With it comes what is known of larger groups, so that the caller
 * can keep back one whose rest would be too small.
 */
struct ask_staff {
	struct journey_staff said;   /* as asked */
	struct journey_staff period; /* without filters */
	struct journey_staff ever;   /* without filters and period */
	bool narrowed;               /* some filter counted */
};
struct ask_staff_names {
	uint16_t (*touchpoint)(void *ctx, struct str about); /* the code that people mean by this; 0 none */
	void *ctx;
};
NODISCARD enum err_code ask_staff(struct ask *a, const struct journey_query *q, const struct ask_staff_names *names,
                                  struct arena *m, struct ask_staff *out, struct err *err);
/* What customers had expected and met, in the question's own cases; and their NPS answers there. */
NODISCARD enum err_code ask_expected(struct ask *a, const struct journey_query *q, struct arena *m,
                                     struct journey_expected *out, struct err *err);

/* The comments of each touchpoint in the question's scope, by arrival: those that a measure counts. */
NODISCARD enum err_code ask_comments(struct ask *a, const struct journey_query *q, struct arena *m,
                                     struct journey_comment **out, size_t *n, struct err *err);

/* Money lost (docs/methods/money.md), and the phases round the purchase. */
struct ask_money_row {
	struct journey_money_row counts;
	struct stats_estimate lost; /* minor units: hurt x (mean of others - mean of hurt) */
	double p, p_adjusted;
	bool told; /* can be told from nothing, and is a loss */
};
struct ask_money {
	struct journey_money counts;
	struct ask_money_row *rows; /* by currency, largest loss first */
	size_t n;
};
/* from_ms and to_ms of the question are filled in. */
NODISCARD enum err_code ask_money(struct ask *a, const struct journey_query *q,
                                  const struct journey_money_question *what, struct arena *m, struct ask_money *out,
                                  struct err *err);

/* One customer, by external id: known ids, traits (the newest of each), and the timeline, newest last. With a unit only
 * what happened there or below it; whoever was never there is nobody, ERR_NOT_FOUND. */
struct ask_event {
	uint64_t arrival;
	int64_t at_ms, received_ms;
	uint32_t source;
	struct str type, name, channel;
	uint16_t touchpoint; /* under q's rules, else 0 */
	struct str body;     /* canonical JSON */
};
/* What was said about two ids, one of them the customer's: that they are one person, by an event or by hand, or by hand
 * that they are not (docs/adr/0006). What was said last about a pair holds. */
struct ask_link {
	uint64_t arrival;
	int64_t at_ms; /* when it happened or was decided; 0: by an event that is not the customer's any more */
	uint32_t identity[2];
	struct str id[2];
	bool anonymous[2];
	bool apart, by_hand;
	struct str author, reason; /* by hand; of events "" */
};
#define ASK_LINKS_MAX 1000
struct ask_customer {
	uint32_t number;
	struct str external;
	struct str *ids;
	bool *anonymous;
	size_t n_ids;
	struct ask_link *links; /* in order of arrival, the newest ASK_LINKS_MAX */
	size_t n_links;
	struct str traits; /* JSON object */
	struct ask_event *events;
	size_t n_events;
	int64_t events_total;
};
/* `log`: with what only the log knows, the bodies, types, sources and instants of receipt of events, traits and links;
 * else these stay empty and the columns alone answer, in microseconds. */
NODISCARD enum err_code ask_customer(struct ask *a, const struct journey_query *q, struct str external, struct str unit,
                                     size_t limit, bool log, struct arena *m, struct ask_customer *out,
                                     struct err *err);

/* The ids of the customer who has this one, itself among them; none for an id that nobody has. In m. */
NODISCARD enum err_code ask_customer_ids(struct ask *a, bool anonymous, struct str external, struct arena *m,
                                         struct ask_customer *out, struct err *err);
/* The unit in which a customer was last, of its newest event that has one; "" unknown. In m. */
NODISCARD enum err_code ask_customer_unit(struct ask *a, struct str external, struct arena *m, struct str *out,
                                          struct err *err);

/*
 * Everything that is one person with an external id: its identities, and the
 * arrivals of its events in ascending order, those that no page shows
 * included; in m. Waits for what is in the log by now.
 * ask_drop takes people out of all answers; index_drop has what that means.
 */
struct ask_whole_person {
	const uint32_t *identities;
	size_t n_identities;
	const uint64_t *arrivals;
	size_t n_arrivals;
};
NODISCARD enum err_code ask_whole_person(struct ask *a, struct str external, struct arena *m,
                                         struct ask_whole_person *out, struct err *err);
/* What a list of identities has, which are nobody's any more by their ids. Borrows the list. */
NODISCARD enum err_code ask_whole_person_of(struct ask *a, const uint32_t *identities, size_t n, struct arena *m,
                                            struct ask_whole_person *out, struct err *err);
/* The customers of n identities, `stride` bytes apart, in their place. */
void ask_customers_of(struct ask *a, uint32_t *identities, size_t n, size_t stride);
NODISCARD enum err_code ask_drop(struct ask *a, const uint32_t *identities, size_t n, struct err *err);

/*
 * By hand: two customers become one, or the one that two ids belong to
 * becomes two (store_merge, store_unmerge). Ids are external ones, a
 * customer's before a device's. Return when the newest snapshot knows it;
 * *arrival is its place in the log.
 */
NODISCARD enum err_code ask_merge(struct ask *a, struct str customer, struct str with, const struct store_said *said,
                                  uint64_t *arrival, struct err *err);
NODISCARD enum err_code ask_unmerge(struct ask *a, struct str customer, struct str id, const struct store_said *said,
                                    uint64_t *arrival, struct err *err);

/* Customers whose external id starts with the text, or the newest when it is empty; of a unit those who were there or
 * below it, with what happened there. */
struct ask_found {
	struct str external;
	int64_t first_ms, last_ms, events;
};
NODISCARD enum err_code ask_customers(struct ask *a, struct str prefix, struct str unit, size_t limit, struct arena *m,
                                      struct ask_found **out, size_t *n, struct err *err);

/* Figures by unit: the values of a dimension as a tree of paths. */
NODISCARD enum err_code ask_units(struct ask *a, const struct journey_query *q, struct str dimension, struct arena *m,
                                  struct journey_units *out, struct err *err);

/* Who a segment takes: how many of all customers, and the first few. */
struct ask_segment {
	int64_t customers, of;
	struct str *sample; /* external ids, by number */
	size_t n_sample;
	uint64_t arrival_end;
};
NODISCARD enum err_code ask_segment(struct ask *a, const struct journey_segment *s, size_t sample, struct arena *m,
                                    struct ask_segment *out, struct err *err);

#endif
