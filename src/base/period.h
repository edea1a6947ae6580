/* Days, weeks, months and quarters of a time zone, as boundaries between instants. Gregorian. */
#ifndef BASE_PERIOD_H
#define BASE_PERIOD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/when.h"

enum period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIODS };
extern const char *const period_names[PERIODS]; /* "day" ... */

struct period_rule {
	enum period period;
	int week_start; /* 0 Monday .. 6 Sunday; zone_week_start says what a zone's country uses */
	bool anchored;  /* periods begin at origin_ms and whole ones before and after, by the wall clock, instead of
	                   at midnight, at the first day of the week, at the first of a month, in January */
	int64_t origin_ms;
};

/*
 * The boundaries of all periods that touch [from_ms, to_ms]: strictly
 * ascending, out[0] <= from_ms, out[n - 1] > to_ms; period i is
 * [out[i], out[i + 1]). A day that summer time makes longer or shorter is one
 * day; one that a zone left out is none. A month from the 31st begins on the
 * last day of a shorter month.
 *
 * Errors: ERR_LIMIT when there are more than `max` periods.
 */
NODISCARD enum err_code period_bounds(const struct period_rule *rule, struct zone *z, int64_t from_ms, int64_t to_ms,
                                      size_t max, struct arena *a, int64_t **out, size_t *n, struct err *err);

#endif
