/* Days, weeks, months and quarters of zones. */
#include "base/period.h"

#include "base/checked.h"
#include "tests/unit/unit.h"

static int64_t at(const char *iso)
{
	int64_t ms;
	assert_true(when_parse_iso(str_of(iso), &ms, NULL));
	return ms;
}

static void check(const char *zone, struct period_rule rule, const char *from, const char *to, const char *const *want,
                  size_t n_want)
{
	struct arena a;
	struct zone *z;
	struct err err;
	int64_t *bounds;
	size_t n;
	arena_init(&a, MIB);
	assert_int_equal(zone_open(str_of(zone), &z, &err), OK);
	assert_int_equal(period_bounds(&rule, z, at(from), at(to), 100, &a, &bounds, &n, &err), OK);
	assert_int_equal(n, n_want);
	for (size_t i = 0; i < n; i++) {
		char got[WHEN_TEXT_BYTES], expected[WHEN_TEXT_BYTES];
		assert_string_equal(when_format_iso(bounds[i], got).ptr, when_format_iso(at(want[i]), expected).ptr);
	}
	zone_close(z);
	arena_done(&a);
}
#define CHECK(zone, rule, from, to, ...)                                                                               \
	do {                                                                                                           \
		const char *const want_[] = { __VA_ARGS__ };                                                           \
		check(zone, (struct period_rule)rule, from, to, want_, COUNT_OF(want_));                               \
	} while (0)
#define RULE(...)                                                                                                      \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}

static void periods_follow_the_wall_clock_of_the_zone(void **state)
{
	CHECK("UTC", RULE(.period = PERIOD_DAY), "2026-01-01T00:00:00Z", "2026-01-01T23:59:59.999Z",
	      "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
	/* Summer time begins in Berlin on 2026-03-29: that day has 23 hours. */
	CHECK("Europe/Berlin", RULE(.period = PERIOD_DAY), "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z",
	      "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z");
	CHECK("Asia/Tehran", RULE(.period = PERIOD_WEEK, .week_start = 5), "2026-01-05T00:00:00Z",
	      "2026-01-10T00:00:00Z", "2026-01-02T20:30:00Z", "2026-01-09T20:30:00Z", "2026-01-16T20:30:00Z");
	CHECK("UTC", RULE(.period = PERIOD_WEEK), "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z",
	      "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z");
	CHECK("Asia/Dubai", RULE(.period = PERIOD_MONTH), "2025-12-31T20:00:00Z", "2026-02-01T00:00:00Z",
	      "2025-12-31T20:00:00Z", "2026-01-31T20:00:00Z", "2026-02-28T20:00:00Z");
	CHECK("UTC", RULE(.period = PERIOD_QUARTER), "1969-11-05T00:00:00Z", "1970-04-01T00:00:00Z",
	      "1969-10-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-04-01T00:00:00Z", "1970-07-01T00:00:00Z");
}

static void an_origin_moves_them(void **state)
{
	const int64_t wednesday = at("2025-01-01T00:00:00Z"), last_of_january = at("2025-01-31T06:00:00Z");
	CHECK("UTC", RULE(.period = PERIOD_WEEK, .anchored = true, .origin_ms = wednesday), "2024-12-31T00:00:00Z",
	      "2025-01-08T00:00:00Z", "2024-12-25T00:00:00Z", "2025-01-01T00:00:00Z", "2025-01-08T00:00:00Z",
	      "2025-01-15T00:00:00Z");
	CHECK("UTC", RULE(.period = PERIOD_MONTH, .anchored = true, .origin_ms = last_of_january),
	      "2025-02-28T06:00:00Z", "2025-04-29T00:00:00Z", "2025-02-28T06:00:00Z", "2025-03-31T06:00:00Z",
	      "2025-04-30T06:00:00Z");
	CHECK("UTC", RULE(.period = PERIOD_MONTH, .anchored = true, .origin_ms = last_of_january),
	      "1901-01-01T00:00:00Z", "1901-01-02T00:00:00Z", "1900-12-31T06:00:00Z", "1901-01-31T06:00:00Z");
}

static void a_day_that_a_zone_left_out_is_none(void **state)
{
	/* Samoa went from 2011-12-29 to 2011-12-31. */
	CHECK("Pacific/Apia", RULE(.period = PERIOD_DAY), "2011-12-30T09:00:00Z", "2011-12-30T12:00:00Z",
	      "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
}

static void too_many_are_refused(void **state)
{
	struct arena a;
	struct zone *z;
	struct err err;
	int64_t *bounds;
	size_t n;
	arena_init(&a, MIB);
	assert_int_equal(zone_open(STR("UTC"), &z, &err), OK);
	const struct period_rule rule = { .period = PERIOD_DAY };
	assert_int_equal(period_bounds(&rule, z, 0, 9 * WHEN_DAY_MS, 10, &a, &bounds, &n, &err), OK);
	assert_int_equal(n, 11);
	assert_int_equal(period_bounds(&rule, z, 0, 10 * WHEN_DAY_MS, 10, &a, &bounds, &n, &err), ERR_LIMIT);
	assert_int_equal(err.limit, 10);
	zone_close(z);
	arena_done(&a);
}

static void a_week_begins_as_the_country_of_the_zone_says(void **state)
{
	assert_int_equal(zone_week_start(STR("Asia/Tehran")), 5);
	assert_int_equal(zone_week_start(STR("Africa/Cairo")), 5);
	assert_int_equal(zone_week_start(STR("Asia/Riyadh")), 6);
	assert_int_equal(zone_week_start(STR("Europe/Berlin")), 0);
	assert_int_equal(zone_week_start(STR("America/New_York")), 6);
	assert_int_equal(zone_week_start(STR("UTC")), 0);
	assert_int_equal(zone_week_start(STR("Nowhere/At_All")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(periods_follow_the_wall_clock_of_the_zone),
		cmocka_unit_test(an_origin_moves_them),
		cmocka_unit_test(a_day_that_a_zone_left_out_is_none),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(a_week_begins_as_the_country_of_the_zone_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
