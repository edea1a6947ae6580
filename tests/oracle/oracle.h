/*
 * Random logs and slow, obvious answers about them: the twins of the engine.
 * Rows are structs with texts, cases are arrays of pointers, every count is
 * a loop over all cases. Nothing here is shared with the engine but the
 * plain values of journey.h.
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include "base/rng.h"
#include "journey/journey.h"

/* Equal within eps; a NaN equals a NaN. */
#define assert_near(got, want, eps)                                                                                    \
	do {                                                                                                           \
		const double got_ = (got), want_ = (want);                                                             \
		if (!((got_ != got_ && want_ != want_) || (got_ - want_ <= (eps) && want_ - got_ <= (eps))))           \
			fail_msg("%s is %.10g, not %.10g", #got, got_, want_);                                         \
	} while (0)

struct orow {
	uint32_t customer;
	int64_t at_ms;
	uint64_t arrival;
	const char *event, *channel, *key, *colour; /* "" has none */
	/* evidence; what is absent is NaN, 0 or "" */
	double score, min, max;
	const char *about; /* "", "journey" or an event */
	bool comment;
	double overrun_ms, wait_ms, effort;
	int failed;
	double money; /* minor units of the currency */
	const char *currency;
	bool left; /* without service */
};

struct olog {
	struct orow *rows; /* in order of arrival */
	size_t n;
	int64_t newest_ms;
};

struct oshape {
	int customers, events_max, activities, tick_ms;
	bool evidence;
};

/* What the score of a row was asked as: 0 to 10 is NPS, 1 to 5 one of the others. */
enum journey_rating_kind orating_kind(const struct orow *r);

/* A log of one seed: ties in time, gaps, keys now and then absent. */
void olog_make(struct olog *l, struct arena *a, uint64_t seed, const struct oshape *shape);
/* Its columns in `parts` runs (by customer modulo parts) and the schema. Dimensions: "journey", "colour". */
void olog_columns(const struct olog *l, size_t parts, struct arena *a, struct journey_columns *out,
                  struct journey_schema *schema);

/* A random question: period, filters, rules (or none), cut. */
struct oquestion {
	struct journey_query q;
	struct journey_rules rules;
	struct journey_touchpoint touchpoints[8];
	struct journey_rule rule[12];
};
void oquestion_make(struct oquestion *o, uint64_t seed, bool with_rules);

struct ocase {
	uint32_t customer;
	const struct orow **rows;
	size_t n;
};
/* Every case of the question, customers ascending, cases by their first row. */
struct ocase *ocases(const struct olog *l, const struct journey_query *q, struct arena *a, size_t *n);
/* And behind them the rows that belong to no case and yet say how something was, each as one. */
struct ocase *ocases_and_loose(const struct olog *l, const struct journey_query *q, struct arena *a, size_t *n,
                               size_t *n_loose);
/* Code of a row under the question's rules, by comparing texts. */
uint16_t otouchpoint(const struct journey_query *q, const struct orow *r);
/* Name of what the row is an activity of. */
const char *oactivity(const struct journey_query *q, const struct orow *r);

/* A random log with a random question, ready for both: the engine's columns in three runs and plan, and the cases. */
#define OASKED_RUNS 3
struct oasked {
	struct arena a;
	struct olog log;
	struct oquestion o;
	struct journey_columns c[OASKED_RUNS];
	struct journey_schema s;
	struct journey_plan *plan;
	struct ocase *cases;
	size_t n, n_loose;
};
void oasked_make(struct oasked *w, uint64_t seed, const struct oshape *shape, bool with_rules);
/* The same, with something put into the log before its columns are made. */
typedef void (*oplant_fn)(struct olog *l, struct arena *a, uint64_t seed);
void oasked_plant(struct oasked *w, uint64_t seed, const struct oshape *shape, bool with_rules, oplant_fn plant);
/* The pass over all runs, dealt to two that are then merged; the caller frees it. */
void *oasked_run(const struct oasked *w, const struct journey_plan *plan, const struct journey_pass *pass,
                 const void *what);
void oasked_done(struct oasked *w);
/* The name of a random activity that the question may speak of. */
struct str oasked_activity(const struct oasked *w, struct rng *r);
/* Fails the test unless the set has the customers of the list and nobody else; one may stand in it several times. */
void oasked_same_people(const struct journey_set *set, const uint32_t *customers, size_t n);

/* The touchpoint that the score and comment of row `at` of case c speak of; 0 none. */
uint16_t oabout(const struct journey_query *q, const struct ocase *cases, size_t n, const struct ocase *c, size_t at,
                bool *whole);
/* Everything of a measure. Loops and quotes come in another order than the engine's. */
void omeasure(const struct olog *l, const struct journey_query *q, struct arena *a, struct journey_measure *out);

/* Moments of truth. q is by customer and without a period. */
void omoments(const struct olog *l, const struct journey_query *q, const struct journey_moments_question *w,
              struct arena *a, struct journey_moments *out);

#endif
