/*
 * Scores over time: what people answered, by period, and whether it changes.
 * Method: docs/methods/series.md.
 *
 * An answer is a rating; it counts in the period in which it was given. By
 * touchpoint it belongs to the event that it speaks of (`about`), else to
 * "(journey)"; by a dimension to that event's value, or to its own event's
 * when that has none.
 */
#ifndef JOURNEY_SERIES_H
#define JOURNEY_SERIES_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_SERIES_PERIODS_MAX STATS_TREND_MAX
#define JOURNEY_SERIES_CELLS_MAX 100000 /* series x periods */
#define JOURNEY_SERIES_TOUCHPOINT "touchpoint"
#define JOURNEY_SERIES_WHOLE "(journey)"

struct journey_series_query {
	/* JOURNEY_RATING_NPS: NPS in points of the answers asked as such; CSAT: share of those at 75 of 100 or above;
	 * CES: mean on 1..7. JOURNEY_RATING_PLAIN: mean utility, 0..100, of every rating however it was asked. */
	enum journey_rating_kind kind;
	const int64_t *bounds; /* ascending; period j is [bounds[j], bounds[j + 1]). Answers outside are not seen */
	size_t n_bounds;
	int64_t newest_ms;     /* a period that ends later is not complete; nor is one that the scope cuts */
	struct str by;         /* "" all answers together, "touchpoint", or a dimension */
	struct str touchpoint; /* only answers about it; "" all */
	bool people;           /* collect who answered in the series `value` and the period that begins at start_ms */
	struct str value;
	int64_t start_ms;
};

struct journey_series_point {
	int64_t start_ms, end_ms;
	bool complete;
	int64_t n, customers;
	struct stats_nps_counts counts; /* NPS; CSAT: promoters are the satisfied, detractors the rest */
	struct stats_estimate score;    /* NPS in points, CSAT a share, else a mean */
	/* Against the period directly before, when both have 5 answers; else STATS_NOT_IDENTIFIED. */
	struct stats_estimate diff;
	double p, p_adjusted; /* Benjamini-Hochberg over all differences of the answer */
	bool distinguishable; /* p_adjusted <= .05 and the interval leaves 0 out: only then an arrow */
};

struct journey_series_line {
	struct str name;                     /* touchpoint key, value of the dimension, or "" for all together */
	int64_t n, customers_points;         /* answers; customers summed over points */
	struct journey_series_point *points; /* periods with answers, by time */
	size_t n_points;
	struct stats_trend trend; /* Mann-Kendall over complete periods with 5 answers */
	double trend_p_adjusted;  /* over the lines */
	int direction;            /* 1 up, -1 down when trend_p_adjusted <= .05, else 0 */
};

struct journey_series {
	const int64_t *starts; /* of all periods, those without answers too; borrowed from the query */
	size_t n_periods;
	struct journey_series_line *lines; /* by falling n, then name; those with answers */
	size_t n_lines;
};

/*
 * One look at each answer. Errors: ERR_INPUT for a dimension or touchpoint
 * that is unknown, or a period that does not begin there; ERR_LIMIT above
 * JOURNEY_SERIES_PERIODS_MAX or JOURNEY_SERIES_CELLS_MAX.
 */
struct journey_series_plan;
NODISCARD enum err_code journey_series_plan(const struct journey_plan *p, const struct journey_series_query *q,
                                            struct arena *a, struct journey_series_plan **out, struct err *err);
extern const struct journey_pass journey_series_pass; /* `what`: a struct journey_series_plan */
NODISCARD enum err_code journey_series_result(const void *pass, struct arena *a, struct journey_series *out,
                                              struct err *err);
/* With `people`; the set is the pass's. */
const struct journey_set *journey_series_people(const void *pass);

#endif
