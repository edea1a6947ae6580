/* Topics over time: counted again by hand, people who come again are no new evidence, a planted change is the only one
 * told. */
#include "base/period.h"
#include "tests/unit/insight/world.h"

static struct insight_series weeks_of(struct world *w, const struct insight_scope *s)
{
	struct insight_series out;
	struct zone *zone;
	const struct period_rule weeks = { .period = PERIOD_WEEK };
	assert_int_equal(zone_open(STR("UTC"), &zone, NULL), OK);
	assert_int_equal(insight_topic_series(w->x, s, &weeks, zone, 0, &w->a, &out, NULL), OK);
	zone_close(zone);
	return out;
}

static const struct insight_line *line(const struct insight_series *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->lines[i].topic.key, str_of(key))) return &s->lines[i];
	fail_msg("no topic %s", key);
	return NULL;
}

#define MONDAY (T0 + 4 * WHEN_DAY_MS) /* 2026-01-05 */
#define WEEK (7 * WHEN_DAY_MS)

static void shares_of_weeks_equal_a_count_by_hand(void **state)
{
	struct world *w = *state;
	for (int week = 0; week < 4; week++)
		for (int i = 0; i < 20; i++) {
			char who[16];
			snprintf(who, sizeof who, "c%d-%d", week, i);
			put(w, who, MONDAY + week * WEEK + i, i < 4 + week ? "The courier was late" : "fair price", 3);
		}
	read_all(w);
	const struct insight_series s = weeks_of(w, &everything);
	const struct insight_line *delivery = line(&s, "delivery");
	assert_int_equal(s.n_periods, 4);
	assert_int_equal(s.periods[0].from_ms, MONDAY);
	assert_true(s.periods[2].complete && !s.periods[3].complete);
	assert_int_equal(delivery->n, 4 + 5 + 6 + 7);
	for (int week = 0; week < 4; week++) {
		struct stats_estimate want;
		assert_int_equal(stats_proportion(4 + week, 20, &want, NULL), OK);
		assert_int_equal(s.periods[week].comments, 20);
		assert_float_equal(delivery->points[week].share.is.est, want.est, 1e-12);
		assert_float_equal(delivery->points[week].share.is.lo, want.lo, 1e-9);
		assert_float_equal(delivery->points[week].share.is.hi, want.hi, 1e-9);
		assert_false(delivery->points[week].share.distinguishable);
	}
	assert_true(delivery->points[0].share.diff.flags & STATS_NOT_IDENTIFIED);
	assert_float_equal(delivery->points[3].share.diff.est, .05, 1e-12);
}

static void one_who_repeats_himself_widens_the_interval(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 40; i++) {
		char who[16];
		snprintf(who, sizeof who, "c%d", i < 10 ? 0 : i);
		put(w, who, MONDAY + i, i < 10 ? "The courier was late" : "fair price", 3);
	}
	put(w, "last", MONDAY + 3 * WEEK, "fair price", 3);
	read_all(w);
	const struct insight_series s = weeks_of(w, &everything);
	const struct stats_estimate *e = &line(&s, "delivery")->points[0].share.is;
	struct stats_estimate alone;
	assert_int_equal(stats_proportion(10, 40, &alone, NULL), OK);
	assert_int_equal(s.n_periods, 4);
	assert_int_equal(s.periods[1].comments, 0);
	assert_float_equal(e->est, .25, 1e-12);
	assert_true(e->n_eff < 20 && e->hi - e->lo > 1.3 * (alone.hi - alone.lo));
}

static void a_planted_change_is_the_only_one_that_is_told(void **state)
{
	struct world *w = *state;
	for (int week = 0; week < 6; week++)
		for (int i = 0; i < 120; i++) {
			char who[16];
			snprintf(who, sizeof who, "c%d", (week * 61 + i) % 400);
			const bool app = i % 10 == 0 || (week >= 4 && i % 10 < 4);
			put(w, who, MONDAY + week * WEEK + i,
			    app     ? (week >= 4 ? "the app is awful and terrible" : "the app is great and lovely")
			    : i % 2 ? "fair price"
			            : "tasty food",
			    3);
		}
	read_all(w);
	const struct insight_series s = weeks_of(w, &everything);
	for (size_t i = 0; i < s.n; i++)
		for (size_t j = 0; j < s.n_periods; j++) {
			const struct insight_figure *f = &s.lines[i].points[j].share;
			const bool planted = j == 4;
			if (f->distinguishable != planted &&
			    (f->distinguishable || str_eq(s.lines[i].topic.key, STR("app"))))
				fail_msg("%.*s in week %zu", STR_ARG(s.lines[i].topic.key), j);
		}
	assert_true(line(&s, "app")->points[4].share.diff.lo > .1);

	struct insight_series two;
	struct insight_scope now = everything;
	now.from_ms = MONDAY + 4 * WEEK, now.to_ms = MONDAY + 6 * WEEK;
	assert_int_equal(insight_topic_changes(w->x, &now, MONDAY, MONDAY + 4 * WEEK, &w->a, &two, NULL), OK);
	const struct insight_line *app = line(&two, "app");
	assert_int_equal(app->points[0].n, 48);
	assert_int_equal(app->points[1].n, 96);
	assert_int_equal(two.periods[0].comments, 480);
	assert_true(app->points[1].share.distinguishable && app->points[1].share.diff.est > .29);
	assert_true(app->points[1].feeling.distinguishable && app->points[1].feeling.diff.est < -.5);
	struct err err;
	assert_int_equal(insight_topic_changes(w->x, &now, MONDAY, MONDAY + 5 * WEEK, &w->a, &two, &err), ERR_INPUT);
	assert_string_equal(err.id, "insight.before");
}

static void nobody_and_one_say_so(void **state)
{
	struct world *w = *state;
	assert_int_equal(weeks_of(w, &everything).n_periods, 0);
	put(w, "c", MONDAY, "The courier was late", 3);
	read_all(w);
	const struct insight_series s = weeks_of(w, &everything);
	assert_int_equal(s.n_periods, 1);
	assert_true(line(&s, "delivery")->points[0].share.is.flags & STATS_SUPPRESSED);
	struct insight_scope long_ago = everything;
	long_ago.to_ms = T0;
	assert_int_equal(weeks_of(w, &long_ago).n_periods, 0);
}

static const struct insight_theme *theme_with(const struct insight_theme_list *l, const char *word)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->themes[i].n_words; k++)
			if (str_eq(l->themes[i].words[k], str_of(word))) return &l->themes[i];
	fail_msg("no theme says %s", word);
	return NULL;
}

static void a_theme_of_both_times_stays_and_grows_and_one_of_each_ends_and_is_new(void **state)
{
	struct world *w = *state;
	struct insight_theme_list l;
	static const char *const said[2][4] = {
		{ "parking garage ramp", "winter coat zipper", "red lamp shade" },
		{ "parking garage ramp", "garden hose leak", "parking garage ramp", "red lamp shade" },
	};
	for (int i = 0; i < 240; i++) {
		char who[16];
		const int week = i / 120;
		snprintf(who, sizeof who, "c%d", i);
		put(w, who, MONDAY + week * WEEK + i, said[week][i % (week ? 4 : 3)], 3);
	}
	read_all(w);
	struct insight_scope now = everything;
	now.from_ms = MONDAY + WEEK, now.to_ms = MONDAY + 2 * WEEK;
	assert_int_equal(insight_themes_since(w->x, &now, MONDAY, MONDAY + WEEK, 3, &w->a, &l, NULL), OK);
	assert_int_equal(l.n, 4);
	const struct insight_theme *parking = theme_with(&l, "garage");
	assert_int_equal(parking->n_before, 40);
	assert_int_equal(parking->n, 60);
	assert_int_equal(parking->fate, INSIGHT_THEME_GREW);
	assert_true(fabs(parking->share.diff.est - 1.0 / 6) < 1e-12);
	assert_int_equal(theme_with(&l, "lamp")->fate, INSIGHT_THEME_STAYS);
	assert_int_equal(theme_with(&l, "hose")->fate, INSIGHT_THEME_NEW);
	assert_int_equal(theme_with(&l, "zipper")->fate, INSIGHT_THEME_ENDED);
	assert_true(theme_with(&l, "zipper")->share.diff.flags & STATS_NOT_IDENTIFIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(shares_of_weeks_equal_a_count_by_hand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_who_repeats_himself_widens_the_interval, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_planted_change_is_the_only_one_that_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_theme_of_both_times_stays_and_grows_and_one_of_each_ends_and_is_new,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_and_one_say_so, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
