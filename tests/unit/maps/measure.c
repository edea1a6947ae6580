/* Measuring: a real store fed with events whose truth is known. */
#include <math.h>

#include "maps/priv.h"
#include "tests/unit/maps/help.h"

#define DAY WHEN_DAY_MS
#define T0 ((int64_t)1770000000000)

static const char shop[] =
        "{\"key\":\"shop\",\"name\":{\"en\":\"Shop\",\"ar\":\"المتجر\",\"fa\":\"فروشگاه\"},\"instance\":{\"cut\":"
        "\"key\",\"key\":\"journey\",\"gap\":\"30d\"},\"purchase_after\":\"bought\","
        "\"stages\":[{\"key\":\"buy\",\"name\":{\"en\":\"Buying\"}},{\"key\":\"get\",\"name\":{\"en\":\"Getting\"}}],"
        "\"touchpoints\":[{\"key\":\"bought\",\"stage\":\"buy\",\"name\":{\"en\":\"Bought\",\"ar\":\"الشراء\",\"fa\":"
        "\"خرید\"},\"rules\":[{\"event\":\"Bought\"}],\"assumed\":{\"feeling\":-2,\"by\":\"workshop\",\"at\":\"2026-01-"
        "01\"}},"
        "{\"key\":\"delivered\",\"stage\":\"get\",\"name\":{\"en\":\"Delivered\",\"ar\":\"التوصيل\",\"fa\":\"تحویل\"},"
        "\"channels\":[\"courier\"],\"rules\":[{\"event\":\"Delivered\"}]},"
        "{\"key\":\"newsletter\",\"stage\":\"get\",\"name\":{\"en\":\"Newsletter\"},\"rules\":[{\"event\":\"Newsletter "
        "Read\"}],\"assumed\":{\"feeling\":1}}]}";

/* 400 orders; 80 late, rated about 2 of 5, the others about 4.5; buying itself is rated 4; the parcel's colour does
 * nothing. */
static void feed_shop(struct house *h)
{
	struct batch b = batch_open(h, "orders");
	struct rng r;
	rng_init(&r, 20261122, 1);
	for (int i = 0; i < 400; i++) {
		const struct str who = str_format(&h->a, "c%d", i);
		const bool late = i % 5 == 0;
		const int64_t at = T0 + (i % 60) * DAY;
		const int score = late ? 1 + (int)rng_below(&r, 3) : 4 + (int)rng_below(&r, 2);
		const char *tape = rng_below(&r, 2) ? "red" : "blue";
		batch_put(&b, who, "Bought", "web", at,
		          str_format(&h->a, "{\"journey\":\"o%d\",\"score\":%d,\"tape\":\"%s\"}", i,
		                     3 + (int)rng_below(&r, 3), tape));
		char due[WHEN_TEXT_BYTES];
		const struct str expected = when_format_iso(at + 3 * DAY, due);
		const int64_t came = late ? at + 5 * DAY : at + 2 * DAY;
		batch_put(&b, who, "Delivered", "courier", came,
		          str_format(&h->a, "{\"journey\":\"o%d\",\"expected_at\":\"" STR_FMT "\",\"tape\":\"%s\"}", i,
		                     STR_ARG(expected), tape));
		batch_put(&b, who, "Reviewed", "email", came + DAY,
		          str_format(&h->a,
		                     "{\"journey\":\"o%d\",\"score\":%d,\"about\":\"Delivered\",\"comment\":\"%s\","
		                     "\"comment_lang\":\"en\"}",
		                     i, score,
		                     late ? "came two days too late, and nobody called"
		                          : "arrived early and well packed, thank you"));
	}
	batch_done(&b);
}

static struct house *shop_open(void)
{
	const struct str dimensions[] = { STR("tape") };
	struct house *h = house_open(dimensions, 1);
	feed_shop(h);
	struct str key;
	int version;
	OK_OR_SHOW(maps_save(h->maps, str_of(shop), 0, STR("Mona"), NOW, &h->a, &key, &version, why));
	return h;
}

static void the_late_parcel_is_the_top_pain_with_its_two_means(void **state)
{
	struct house *h = shop_open();
	struct maps_measured mm;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &mm, why));
	const struct journey_instances_end *t = &mm.measure.total;
	assert_int_equal(t->entered, 400);
	assert_int_equal(t->entered, t->goal + t->still_in + t->lost);
	int64_t ends = 0;
	for (size_t s = 0; s < mm.measure.n_steps; s++) {
		const struct journey_step_stat *st = &mm.measure.steps[s];
		assert_int_equal(st->entered, st->advanced + st->goal + st->lost + st->still_in);
		ends += st->goal + st->lost + st->still_in;
	}
	assert_int_equal(ends, 400);

	assert_true(mm.n_findings >= 1);
	const struct maps_finding *f = &mm.findings[0];
	assert_true(f->pain);
	assert_int_equal(f->rank, 1);
	assert_int_equal(f->effect.kind, JOURNEY_EFFECT_BREACH);
	assert_int_equal(f->effect.touchpoint, 2);
	assert_int_equal(f->effect.instances, 80);
	assert_int_equal(f->effect.other_instances, 320);
	assert_true(f->diff.hi < -50 && f->p_adjusted < 1e-6);
	assert_true(fabs(f->effect.with.raw_mean - 2) < 0.3 && fabs(f->effect.without.raw_mean - 4.5) < 0.1);
	for (size_t i = 0; i < mm.n_findings; i++) assert_false(str_eq(mm.findings[i].effect.dimension, STR("tape")));

	/* Delivered: rated by 400, 80 % well. The score lies where the mean utility lies, and the interval holds it. */
	const struct stats_estimate *e = &mm.scores[1];
	const double raw = mm.measure.touchpoints[1].signals[JOURNEY_RATING].mean;
	assert_true(mm.evidence[1] == RENDER_MEASURED && e->n == 400);
	assert_true(e->lo < raw && raw < e->hi && e->lo < e->lo80 && e->hi80 < e->hi);
	assert_true(mm.shares[1][0] > 0.9 && mm.shares[1][2] > 0);
	assert_int_equal(mm.measure.touchpoints[1].kept, 320);
	assert_int_equal(mm.measure.touchpoints[1].broken, 80);

	/* Believed very bad, rated around 75; the newsletter was believed and never seen; reviews are on no touchpoint.
	 */
	assert_int_equal(mm.agreement[0], MAPS_DIFFERS);
	assert_int_equal(mm.agreement[1], MAPS_UNKNOWN);
	assert_int_equal(mm.agreement[2], MAPS_SILENT);
	assert_int_equal(mm.evidence[2], RENDER_ASSUMED);
	/* Reviews are about deliveries: feedback, and nothing that the map forgot. */
	assert_int_equal(mm.n_undocumented, 0);
	struct ask_inventory_row *rows;
	size_t n;
	OK_OR_SHOW(ask_inventory(h->ask, &mm.query, &h->a, &rows, &n, why));
	int64_t feedback = 0, events = 0;
	for (size_t i = 0; i < n; i++) {
		events += rows[i].count;
		if (rows[i].status == ASK_FEEDBACK) feedback += rows[i].count;
	}
	assert_int_equal(feedback, 400);
	assert_int_equal(events, mm.measure.events);
	assert_true(mm.truth_share > 0.3 && mm.truth_share < 1);
	house_close(h);
}

static void the_answer_is_json_that_adds_up_in_three_languages(void **state)
{
	struct house *h = shop_open();
	struct maps_measured mm;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &mm, why));
	static const char *const sentence[LANGS] = { "Between ", "بين ", "بین " };
	for (enum lang l = 0; l < LANGS; l++) {
		const struct locale locale = locale_of(l);
		struct buf b;
		buf_init(&b, 8 << 20);
		OK_OR_SHOW(maps_measured_json(&mm, &locale, &h->a, &b, why));
		json_t *m = parsed(buf_view(&b)), *t = json_array_get(json_object_get(m, "touchpoints"), 1);
		const json_t *total = json_object_get(m, "total");
		assert_int_equal(json_integer_value(json_object_get(total, "entered")), 400);
		assert_string_equal(json_string_value(json_object_get(t, "evidence")), "measured");
		const char *said = json_string_value(json_object_get(t, "sentence"));
		if (strncmp(said, sentence[l], strlen(sentence[l])) != 0) fail_msg("%s", said);
		assert_null(strstr(said, "{"));
		const json_t *f = json_array_get(json_object_get(m, "findings"), 0);
		assert_string_equal(json_string_value(json_object_get(f, "cause")), "breach");
		assert_true(strlen(json_string_value(json_object_get(f, "title"))) > 5);
		assert_null(strstr(json_string_value(json_object_get(f, "title")), "maps."));
		const json_t *headline = json_object_get(m, "headline");
		assert_true(strlen(json_string_value(json_object_get(headline, "pain"))) > 5);
		assert_string_equal(json_string_value(json_object_get(json_object_get(m, "scope"), "query")),
		                    "safar map show shop --json");
		assert_true(json_is_null(json_object_get(m, "compare")));
		assert_true(
		        json_is_null(json_object_get(json_array_get(json_object_get(m, "touchpoints"), 2), "score")));
		json_decref(m);
		buf_done(&b);
	}
	house_close(h);
}

static void the_drawing_has_names_marks_and_distinct_quotes(void **state)
{
	struct house *h = shop_open();
	struct maps_measured mm;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &mm, why));
	struct render_map map;
	const struct locale fa = locale_of(LANG_FA);
	OK_OR_SHOW(maps_drawing(h->maps, &mm, &fa, &h->a, &map, why));
	assert_int_equal(map.n_nodes, 3);
	assert_str(map.nodes[1].name, "تحویل");
	assert_str(map.nodes[1].channels, "پیک");
	assert_str(map.title, "فروشگاه");
	assert_int_equal(map.purchase_after_step, 0);
	assert_true(map.n_marks >= 1 && map.marks[0].kind == RENDER_PAIN && map.marks[0].annotated &&
	            map.marks[0].node == 1);
	assert_true(map.headline_pain.len > 0 && map.headline.len > 0);
	assert_true(map.nodes[2].silent && !map.nodes[1].silent);
	assert_int_equal(map.entered, map.goal + map.still_in + map.lost);
	assert_true(isnan(map.nodes[1].score.assumed) && map.nodes[0].score.assumed == 0);
	struct maps_quote *q;
	size_t n;
	OK_OR_SHOW(maps_quotes(h->maps, &mm, 2, 5, &h->a, &q, &n, why));
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		assert_true(q[i].text.len >= 20);
		for (size_t k = 0; k < i; k++) assert_false(str_eq(q[i].customer, q[k].customer));
	}
	house_close(h);
}

static void renaming_and_regrouping_read_history_again(void **state)
{
	struct house *h = shop_open();
	struct maps_measured one, two, again;
	struct str key, json;
	int version;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &one, why));
	OK_OR_SHOW(maps_document(h->maps, STR("shop"), 0, &h->a, &json, &version, why));
	json_t *d = parsed(json);
	json_t *t = json_array_get(json_object_get(d, "touchpoints"), 1);
	json_array_append_new(json_object_get(t, "rules"), json_pack("{s:s}", "event", "Reviewed"));
	char *text = json_dumps(d, 0);
	OK_OR_SHOW(maps_save(h->maps, str_of(text), 1, STR("Mona"), NOW, &h->a, &key, &version, why));
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &two, why));
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 1, everything(), NOW, &h->a, &again, why));
	assert_int_equal(two.measure.touchpoints[1].visits, one.measure.touchpoints[1].visits + 400);
	assert_int_equal(again.measure.touchpoints[1].visits, one.measure.touchpoints[1].visits);
	assert_int_equal(two.n_undocumented, 0);
	assert_int_equal(again.version, 1);
	assert_int_equal(again.newest, 2);
	free(text);
	json_decref(d);
	house_close(h);
}

static void a_scope_filters_and_periods_compare(void **state)
{
	struct house *h = shop_open();
	struct maps_measured mm;
	struct maps_scope s = *everything();
	s.compare = MAPS_COMPARE_PREVIOUS;
	struct err err = { 0 };
	assert_int_equal(maps_measure(h->maps, STR("shop"), 0, &s, NOW, &h->a, &mm, &err), ERR_INPUT);
	assert_string_equal(err.id, "compare.period");
	s.from_ms = T0 + 30 * DAY, s.to_ms = T0 + 60 * DAY;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, &s, NOW, &h->a, &mm, why));
	assert_non_null(mm.compare);
	assert_int_equal(mm.compare->query.from_ms, T0);
	assert_int_equal(mm.measure.total.entered + mm.compare->measure.total.entered, 400);
	/* Both halves were made alike: nothing is to be told apart. */
	for (size_t t = 0; t < 3; t++) assert_false(mm.compare->distinguishable[t]);
	struct buf b;
	buf_init(&b, 8 << 20);
	const struct locale ar = locale_of(LANG_AR);
	OK_OR_SHOW(maps_measured_json(&mm, &ar, &h->a, &b, why));
	json_t *m = parsed(buf_view(&b));
	const json_t *points = json_object_get(json_object_get(m, "compare"), "touchpoints");
	assert_int_equal(json_array_size(points), 3);
	assert_false(json_is_null(json_object_get(json_array_get(points, 1), "diff")));
	json_decref(m);
	buf_done(&b);
	s.compare = MAPS_COMPARE_NONE;
	s.filters[0] = (struct journey_filter){ .dimension = STR("channel"), .value = STR("courier") };
	s.n_filters = 1;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, &s, NOW, &h->a, &mm, why));
	assert_int_equal(mm.measure.touchpoints[0].visits, 0);
	assert_true(mm.measure.touchpoints[1].visits > 0);
	house_close(h);
}

static void the_same_season_goes_by_the_readers_calendar(void **state)
{
	struct maps_scope s = { .calendar = CALENDAR_UMALQURA };
	int64_t from, to;
	/* 1 Ramadan 1447 is 18 February 2026; a Hijri year before, 1 Ramadan 1446, 1 March 2025. */
	OK_OR_SHOW(map_period(MAPS_COMPARE_SEASON, &s, when_days(2026, 2, 18) * DAY, when_days(2026, 3, 20) * DAY,
	                      &from, &to, why));
	assert_int_equal(from / DAY, when_days(2025, 3, 1));
	assert_int_equal(to / DAY, when_days(2025, 3, 30));
	s.calendar = CALENDAR_PERSIAN; /* 1 Farvardin 1405 is 21 March 2026; 1 Farvardin 1404 is 21 March 2025 */
	OK_OR_SHOW(map_period(MAPS_COMPARE_SEASON, &s, when_days(2026, 3, 21) * DAY, when_days(2026, 4, 3) * DAY, &from,
	                      &to, why));
	assert_int_equal(from / DAY, when_days(2025, 3, 21));
	s.calendar = CALENDAR_GREGORIAN;
	OK_OR_SHOW(map_period(MAPS_COMPARE_SEASON, &s, when_days(2024, 2, 29) * DAY, when_days(2024, 3, 1) * DAY, &from,
	                      &to, why));
	assert_int_equal(from / DAY, when_days(2023, 2, 28));
	OK_OR_SHOW(map_period(MAPS_COMPARE_PREVIOUS, &s, 1000, 1500, &from, &to, why));
	assert_int_equal(from, 500);
	assert_int_equal(to, 1000);
}

/* 400 orders in two countries. One rates 4, the other 2; nine of ten cards are in the first; a gift adds one star in
 * both. So the card is the country, and the gift is the gift. */
static void a_difference_is_taken_inside_each_country(void **state)
{
	const struct str dimensions[] = { STR("unit"), STR("method"), STR("gift") };
	struct house *h = house_open(dimensions, 3);
	struct batch b = batch_open(h, "orders");
	for (int i = 0; i < 400; i++) {
		const struct str who = str_format(&h->a, "c%d", i);
		const bool first = i % 2 == 0, gift = i / 20 % 2 == 0, card = i / 2 % 10 < (first ? 9 : 1);
		const struct str more = str_format(
		        &h->a, "\"journey\":\"o%d\",\"unit\":\"%s\",\"method\":\"%s\",\"gift\":\"%s\"", i,
		        first ? i % 4 ? "aa/one" : "aa/two" : "bb/three", card ? "card" : "cash", gift ? "yes" : "no");
		batch_put(&b, who, "Bought", "web", T0 + i * DAY / 8,
		          str_format(&h->a, "{" STR_FMT "}", STR_ARG(more)));
		batch_put(&b, who, "Reviewed", "email", T0 + i * DAY / 8 + DAY,
		          str_format(&h->a, "{" STR_FMT ",\"score\":%d,\"min\":1,\"max\":5,\"about\":\"Bought\"}",
		                     STR_ARG(more), (first ? 4 : 2) + gift));
	}
	batch_done(&b);
	struct str key;
	int version;
	OK_OR_SHOW(maps_save(h->maps, str_of(shop), 0, STR("Mona"), NOW, &h->a, &key, &version, why));
	struct maps_measured mm;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &mm, why));
	int seen = 0;
	for (size_t i = 0; i < mm.measure.n_effects; i++) {
		const struct journey_effect *e = &mm.measure.effects[i];
		if (e->kind != JOURNEY_EFFECT_DIMENSION) continue;
		if (str_eq(e->value, STR("card"))) {
			assert_true(e->diff > 30 && fabs(e->within_diff) < 1e-6 && e->within_n == e->with.n);
			seen++;
		}
		if (str_eq(e->value, STR("yes"))) {
			assert_true(fabs(e->within_diff - 25) < 1e-6 && e->within_n == e->with.n);
			seen++;
		}
		if (str_eq(e->value, STR("bb/three"))) {
			assert_true(isnan(e->within_diff) && e->within_n == 0);
			seen++;
		}
	}
	assert_int_equal(seen, 3);
	int gifts = 0;
	for (size_t i = 0; i < mm.n_findings; i++) {
		assert_false(str_eq(mm.findings[i].effect.dimension, STR("method")));
		gifts += str_eq(mm.findings[i].effect.dimension, STR("gift"));
	}
	assert_int_equal(gifts, 1);
	house_close(h);
}

static void a_map_without_any_event_is_a_legal_first_day(void **state)
{
	struct house *h = house_open(NULL, 0);
	struct str key;
	int version;
	OK_OR_SHOW(maps_save(h->maps, str_of(shop), 0, STR(""), NOW, &h->a, &key, &version, why));
	struct maps_measured mm;
	OK_OR_SHOW(maps_measure(h->maps, STR("shop"), 0, everything(), NOW, &h->a, &mm, why));
	assert_int_equal(mm.measure.total.entered, 0);
	assert_int_equal(mm.n_findings, 0);
	assert_true(mm.truth_share == 0);
	struct render_map map;
	const struct locale en = locale_of(LANG_EN);
	OK_OR_SHOW(maps_drawing(h->maps, &mm, &en, &h->a, &map, why));
	assert_true(map.assumed_only);
	assert_int_equal(map.nodes[0].score.evidence, RENDER_ASSUMED);
	assert_int_equal(map.nodes[1].score.evidence, RENDER_NONE);
	struct buf b;
	buf_init(&b, 1 << 20);
	OK_OR_SHOW(maps_measured_json(&mm, &en, &h->a, &b, why));
	json_decref(parsed(buf_view(&b)));
	buf_done(&b);
	house_close(h);
}

static void a_proposal_can_be_saved_and_measured(void **state)
{
	struct house *h = house_open(NULL, 0);
	feed_shop(h);
	const struct journey_query all = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	struct str json, key;
	int version;
	OK_OR_SHOW(maps_propose(h->maps, &all, &h->a, &json, why));
	struct map_doc d;
	OK_OR_SHOW(map_doc_read(json, false, &h->a, &d, why));
	assert_int_equal(d.n_touchpoints, 3);
	assert_str(d.touchpoints[0].key, "bought");
	assert_str(d.touchpoints[2].key, "reviewed");
	assert_int_equal(d.instance.cut, JOURNEY_CUT_KEY);
	assert_str(d.stages[0].key, "purchase");
	assert_int_equal(d.purchase_step, 0);
	OK_OR_SHOW(maps_save(h->maps, json, 0, STR(""), NOW, &h->a, &key, &version, why));
	struct maps_measured mm;
	OK_OR_SHOW(maps_measure(h->maps, key, 0, everything(), NOW, &h->a, &mm, why));
	assert_int_equal(mm.measure.total.goal, 400);
	assert_int_equal(mm.measure.other_events, 0);
	house_close(h);
	h = house_open(NULL, 0);
	struct err err = { 0 };
	assert_int_equal(maps_propose(h->maps, &all, &h->a, &json, &err), ERR_INPUT);
	assert_string_equal(err.id, "propose.empty");
	house_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_late_parcel_is_the_top_pain_with_its_two_means),
		cmocka_unit_test(the_answer_is_json_that_adds_up_in_three_languages),
		cmocka_unit_test(the_drawing_has_names_marks_and_distinct_quotes),
		cmocka_unit_test(renaming_and_regrouping_read_history_again),
		cmocka_unit_test(a_scope_filters_and_periods_compare),
		cmocka_unit_test(the_same_season_goes_by_the_readers_calendar),
		cmocka_unit_test(a_difference_is_taken_inside_each_country),
		cmocka_unit_test(a_map_without_any_event_is_a_legal_first_day),
		cmocka_unit_test(a_proposal_can_be_saved_and_measured),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
