/*
 * Topics over time, and one time beside another. docs/methods/text-series.md.
 * Part of insight.h.
 */
#ifndef INSIGHT_SERIES_H
#define INSIGHT_SERIES_H

#include "base/period.h"
#include "insight/insight.h"
#include "stats/stats.h"

#define INSIGHT_PERIODS_MAX 400

struct insight_period {
	int64_t from_ms, to_ms;
	bool complete;    /* neither the scope nor the newest comment cuts it */
	int64_t comments; /* those that were read */
};
/* A figure, and its difference to the period before; STATS_NOT_IDENTIFIED where there is none. */
struct insight_figure {
	struct stats_estimate is, diff;
	double p, p_adjusted; /* of no difference; adjusted over all differences of the answer. 1 without one */
	bool distinguishable; /* p_adjusted at most .05, and the interval of the difference leaves 0 out */
};
struct insight_point {
	int64_t n;
	struct insight_figure share;   /* of the comments of the period */
	struct insight_figure feeling; /* -1 .. 1, mean of those that feel */
};
struct insight_line {
	struct insight_name topic;
	int64_t n;                    /* in all periods */
	struct insight_point *points; /* one a period */
	struct stats_trend trend;     /* of the share, over complete periods with 5 comments */
	double trend_p_adjusted;
	int direction; /* -1, 1: the trend is distinguishable */
};
struct insight_series {
	struct insight_period *periods; /* by time */
	size_t n_periods;
	struct insight_line *lines; /* most comments first; topics without any are left out */
	size_t n;
};
/*
 * By the periods that hold comments of the scope, from the first to the last
 * of them, at most the `newest` (0: all). Customers with several comments are counted as what they are.
 * Errors: ERR_LIMIT "insight.periods" above INSIGHT_PERIODS_MAX.
 * Cost: n log n in the comments of the scope.
 */
NODISCARD enum err_code insight_topic_series(struct insight *x, const struct insight_scope *s,
                                             const struct period_rule *rule, struct zone *zone, size_t newest,
                                             struct arena *a, struct insight_series *out, struct err *err);
/*
 * Two periods: [before_from, before_to), and the scope's. The scope has both
 * ends; ERR_INPUT "insight.before" unless the one ends before the other begins.
 */
NODISCARD enum err_code insight_topic_changes(struct insight *x, const struct insight_scope *s, int64_t before_from_ms,
                                              int64_t before_to_ms, struct arena *a, struct insight_series *out,
                                              struct err *err);

/* --- themes that nobody named ---------------------------------------------------------------------- */

enum insight_theme_fate {
	INSIGHT_THEME_STAYS, /* and its share is not distinguishable from before */
	INSIGHT_THEME_GREW,
	INSIGHT_THEME_SHRANK,
	INSIGHT_THEME_NEW,   /* no theme of the period before is alike (TEXT_THEMES_SAME) */
	INSIGHT_THEME_ENDED, /* the other way round */
	INSIGHT_THEME_FATES
};
extern const char *const insight_theme_fates[INSIGHT_THEME_FATES]; /* "stays" ... */

struct insight_theme {
	const struct str *words, *was; /* heaviest first, now and before */
	size_t n_words, n_was;
	enum insight_theme_fate fate;
	int64_t n, n_before;
	struct insight_figure share; /* of the comments looked at; diff where it was there before */
	struct stats_estimate share_before;
};
struct insight_theme_list {
	struct insight_theme *themes; /* those of now, most comments first; then those that ended */
	size_t n;
	int64_t comments, comments_before; /* looked at */
};
/*
 * The themes of the scope beside those of [before_from, before_to), the same
 * number of each, paired by their words. Errors as of insight_topic_changes.
 * Cost: twice insight_themes.
 */
NODISCARD enum err_code insight_themes_since(struct insight *x, const struct insight_scope *s, int64_t before_from_ms,
                                             int64_t before_to_ms, size_t themes, struct arena *a,
                                             struct insight_theme_list *out, struct err *err);

#endif
