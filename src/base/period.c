#include "base/period.h"

const char *const period_names[PERIODS] = { "day", "week", "month", "quarter" };

/* 1970-01-01 was a Thursday. */
enum { EPOCH_WEEKDAY = 3 };

static int month_days(int year, int month)
{
	const int next = month == 12 ? 1 : month + 1;
	return (int)(when_days(month == 12 ? year + 1 : year, next, 1) - when_days(year, month, 1));
}

static int64_t add_months(int64_t wall_ms, int64_t months)
{
	struct civil c;
	when_to_civil(wall_ms, &c);
	const int64_t all = (int64_t)c.year * 12 + c.month - 1 + months;
	c.year = (int)(all / 12);
	c.month = (int)(all % 12) + 1;
	const int last = month_days(c.year, c.month);
	if (c.day > last) c.day = last;
	return when_from_civil(&c);
}

/* Where period k begins, on the wall clock; period 0 at `base`. */
static int64_t wall_of(enum period p, int64_t base, int64_t k)
{
	switch (p) {
	case PERIOD_DAY: return base + k * WHEN_DAY_MS;
	case PERIOD_WEEK: return base + k * 7 * WHEN_DAY_MS;
	case PERIOD_MONTH: return add_months(base, k);
	default: return add_months(base, 3 * k);
	}
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

enum err_code period_bounds(const struct period_rule *rule, struct zone *z, int64_t from_ms, int64_t to_ms, size_t max,
                            struct arena *a, int64_t **out, size_t *n, struct err *err)
{
	static const int64_t longest_ms[PERIODS] = { WHEN_DAY_MS, 7 * WHEN_DAY_MS, 31 * WHEN_DAY_MS, 92 * WHEN_DAY_MS };
	static const int64_t shortest_ms[PERIODS] = { WHEN_DAY_MS, 7 * WHEN_DAY_MS, 28 * WHEN_DAY_MS,
		                                      89 * WHEN_DAY_MS };
	int64_t base = 0;
	if (rule->anchored) base = rule->origin_ms + zone_offset_ms(z, rule->origin_ms);
	else if (rule->period == PERIOD_WEEK) base = (rule->week_start - EPOCH_WEEKDAY) * WHEN_DAY_MS;

	int64_t *bounds = ARENA_ARRAY(a, int64_t, max + 1);
	if (!bounds) return err_no_memory(err);
	/* Begin surely before, and step up. */
	const int64_t size = from_ms < base ? shortest_ms[rule->period] : longest_ms[rule->period];
	int64_t k = floor_div(from_ms - base, size) - 2;
	while (zone_to_utc(z, wall_of(rule->period, base, k + 1)) <= from_ms) k++;
	size_t count = 0;
	for (int64_t last = INT64_MIN; last <= to_ms; k++) {
		const int64_t at = zone_to_utc(z, wall_of(rule->period, base, k));
		if (at <= last) continue;
		if (count == max + 1)
			return err_limit(err, "period.many", "period", (int64_t)count, (int64_t)max,
			                 "there are more than %zu %ss in this time", max, period_names[rule->period]);
		bounds[count++] = last = at;
	}
	*out = bounds;
	*n = count;
	return OK;
}
