/* What a body says, read as the index reads it. */
#include "tests/unit/unit.h"

#include "base/checked.h"
#include "index/priv.h"

static void a_promised_day_lasts_until_its_end(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		bool given;
		const char *deadline;
	} rows[] = {
		{ "\"2026-01-20\"", true, "2026-01-20T23:59:59.999Z" },
		{ "\" 2026-01-20 \"", true, "2026-01-20T23:59:59.999Z" },
		{ "\"2026-01-20T00:00:00Z\"", true, "2026-01-20T00:00:00Z" },
		{ "\"2026-01-20 00:00\"", true, "2026-01-20T00:00:00Z" },
		{ "\"2026-01-20T00:00:00+03:00\"", true, "2026-01-19T21:00:00Z" },
		{ "1768867200000", true, "2026-01-20T00:00:00Z" },
		{ "\"soon\"", false, "1970-01-01" },
	};
	struct event_names names;
	struct arena scratch;
	arena_init(&scratch, MIB);
	event_names_init(&names, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[200];
		struct event_fields fields;
		int64_t want;
		snprintf(body, sizeof body, "{\"properties\":{\"expected_at\":%s}}", rows[i].said);
		event_read(str_of(body), &names, &scratch, &fields);
		assert_int_equal(fields.said.has_expected, rows[i].given);
		assert_true(when_parse_iso(str_of(rows[i].deadline), &want, NULL));
		if (rows[i].given) assert_int_equal(fields.said.expected_ms, want);
	}
	arena_done(&scratch);
}

/* What colleagues say is kept apart from the ratings of customers, whichever way it was sent. */
static void an_employee_is_no_customer(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		bool rates, of_employee, words;
		double score, max;
		int kind;
	} rows[] = {
		{ "\"score\":4", true, false, true, 4, 5, JOURNEY_RATING_PLAIN },
		{ "\"score\":4,\"voice\":\"review\"", true, false, true, 4, 5, JOURNEY_RATING_PLAIN },
		{ "\"score\":4,\"voice\":\"employee\"", true, true, false, 4, 5, JOURNEY_RATING_PLAIN },
		{ "\"answer\":2,\"answer_min\":1,\"answer_max\":7,\"metric\":\"rating\",\"voice\":\"employee\"", true,
		  true, false, 2, 7, JOURNEY_RATING_PLAIN },
		{ "\"answer\":9,\"answer_min\":0,\"answer_max\":10,\"metric\":\"nps\",\"voice\":\"employee\"", true,
		  true, false, 9, 10, JOURNEY_RATING_NPS },
		{ "\"answer\":5,\"metric\":\"pulse\",\"voice\":\"employee\"", false, true, false, 0, 0, 0 },
		{ "\"answer\":5,\"metric\":\"servqual.empathy.e\",\"voice\":\"employee\"", false, true, false, 0, 0,
		  0 },
		{ "\"answer\":6,\"answer_max\":5,\"voice\":\"employee\"", false, true, false, 0, 0, 0 },
		{ "\"answer\":5", false, false, true, 0, 0, 0 },
		{ "\"score\":4,\"voice\":\"observer\"", false, false, false, 0, 0, 0 },
	};
	struct event_names names;
	struct arena scratch;
	arena_init(&scratch, MIB);
	event_names_init(&names, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[300];
		struct event_fields f;
		struct journey_evidence e[EVIDENCE_MAX];
		snprintf(body, sizeof body, "{\"properties\":{\"comment\":\"x\",%s}}", rows[i].said);
		event_read(str_of(body), &names, &scratch, &f);
		assert_int_equal(f.said.has_score, rows[i].rates);
		assert_int_equal(f.said.of_employee, rows[i].of_employee);
		assert_int_equal(f.said.comment, rows[i].words);
		assert_int_equal(f.said.note, !rows[i].words);
		if (!rows[i].rates) continue;
		assert_float_equal(f.said.score, rows[i].score, 0);
		assert_float_equal(f.said.max, rows[i].max, 0);
		assert_int_equal(f.said.kind, rows[i].kind);
		assert_true(evidence_of(&f.said, 0, 0, (struct evidence_codes){ 0 }, e) >= 1);
		assert_int_equal(e[0].what, rows[i].of_employee ? JOURNEY_EMPLOYEE : JOURNEY_RATING);
	}
	struct event_fields f;
	event_read(STR("{\"properties\":{\"note\":\"the belt is slow\",\"voice\":\"employee\"}}"), &names, &scratch,
	           &f);
	assert_true(f.said.note && !f.said.comment);
	event_read(STR("{\"properties\":{\"note\":\"ring twice\"}}"), &names, &scratch, &f);
	assert_false(f.said.note || f.said.comment);
	arena_done(&scratch);
}

/* A gap stands beside the rating that it belongs to, in points of 100; one that leaves the scale is none. */
static void a_gap_is_in_points(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		bool has;
		double points;
	} rows[] = {
		{ "\"score\":2,\"gap\":-2", true, -50 },
		{ "\"score\":9,\"score_min\":0,\"score_max\":10,\"gap\":3", true, 30 },
		{ "\"score\":2,\"gap\":2", false, 0 },
		{ "\"score\":2,\"gap\":\"1\"", false, 0 },
		{ "\"gap\":1", false, 0 },
		{ "\"score\":3,\"gap\":1,\"voice\":\"employee\"", false, 0 },
	};
	struct event_names names;
	struct arena scratch;
	arena_init(&scratch, MIB);
	event_names_init(&names, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[200];
		struct event_fields f;
		struct journey_evidence e[EVIDENCE_MAX];
		snprintf(body, sizeof body, "{\"properties\":{%s}}", rows[i].said);
		event_read(str_of(body), &names, &scratch, &f);
		assert_int_equal(f.said.has_gap, rows[i].has);
		if (!rows[i].has) continue;
		assert_int_equal(evidence_of(&f.said, 0, 0, (struct evidence_codes){ 0 }, e), 2);
		assert_int_equal(e[1].what, JOURNEY_GAP);
		assert_float_equal(e[1].raw, rows[i].points, 1e-9);
		assert_float_equal(e[1].utility, e[0].utility, 0);
	}
	arena_done(&scratch);
}

static void traits_are_read_apart_from_properties(void **state)
{
	(void)state;
	static const struct str list[] = { STR("journey"), STR("unit"),       STR("environment"),
		                           STR("source"),  STR("trait:plan"), STR("plan") };
	struct event_names names;
	struct event_fields fields;
	struct arena scratch;
	arena_init(&scratch, MIB);
	event_names_init(&names, list, COUNT_OF(list));
	event_read(STR("{\"properties\":{\"plan\":\"a\"},\"traits\":{\"age\":1,\"plan\":\"b\"}}"), &names, &scratch,
	           &fields);
	assert_str(fields.values[4], "b");
	assert_str(fields.values[5], "a");
	event_read(STR("{\"properties\":{\"trait:plan\":\"c\"},\"traits\":{\"pl\\u0061n\":7}}"), &names, &scratch,
	           &fields);
	assert_str(fields.values[4], "7");
	assert_int_equal(fields.values[5].len, 0);
	event_read(STR("{\"properties\":{\"trait:plan\":\"c\"}}"), &names, &scratch, &fields);
	assert_int_equal(fields.values[4].len, 0);
	arena_done(&scratch);
}

static void money_is_whole_minor_units_of_its_currency(void **state)
{
	(void)state;
	static const struct {
		const char *said, *currency; /* NULL: no money */
		int64_t minor;
	} rows[] = {
		{ "\"value\":49.9,\"currency\":\"EUR\"", "EUR", 4990 },
		{ "\"currency\":\"EUR\",\"value\":-0.29", "EUR", -29 },
		{ "\"value\":1200,\"currency\":\"JPY\"", "JPY", 1200 },
		{ "\"value\":12.345,\"currency\":\"KWD\"", "KWD", 12345 },
		{ "\"value\":0,\"currency\":\"IRR\"", "IRR", 0 },
		{ "\"value\":999999999999.99,\"currency\":\"SAR\"", "SAR", 99999999999999 },
		{ "\"value\":5", NULL, 0 },
		{ "\"value\":\"5\",\"currency\":\"EUR\"", NULL, 0 },
		{ "\"value\":5,\"currency\":\"ZZZ\"", NULL, 0 },
		{ "\"value\":5,\"currency\":\"eur\"", NULL, 0 },
		{ "\"currency\":\"EUR\"", NULL, 0 },
	};
	struct event_names names;
	struct arena scratch;
	arena_init(&scratch, MIB);
	event_names_init(&names, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[200];
		struct event_fields fields;
		snprintf(body, sizeof body, "{\"properties\":{%s}}", rows[i].said);
		event_read(str_of(body), &names, &scratch, &fields);
		assert_int_equal(fields.said.has_money, rows[i].currency != NULL);
		if (!rows[i].currency) continue;
		assert_memory_equal(fields.said.currency, rows[i].currency, 3);
		assert_int_equal(fields.said.minor, rows[i].minor);
	}
	arena_done(&scratch);
}

static void only_true_means_left_without_service(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		bool left;
	} rows[] = { { "true", true }, { "false", false }, { "null", false }, { "1", false }, { "\"true\"", false } };
	struct event_names names;
	struct arena scratch;
	arena_init(&scratch, MIB);
	event_names_init(&names, NULL, 0);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[200];
		struct event_fields fields;
		snprintf(body, sizeof body, "{\"properties\":{\"wait_ms\":60000,\"abandoned\":%s}}", rows[i].said);
		event_read(str_of(body), &names, &scratch, &fields);
		assert_int_equal(fields.said.left, rows[i].left);
	}
	arena_done(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_promised_day_lasts_until_its_end),
		                            cmocka_unit_test(an_employee_is_no_customer),
		                            cmocka_unit_test(a_gap_is_in_points),
		                            cmocka_unit_test(traits_are_read_apart_from_properties),
		                            cmocka_unit_test(money_is_whole_minor_units_of_its_currency),
		                            cmocka_unit_test(only_true_means_left_without_service) };
	return cmocka_run_group_tests_name("index body", tests, NULL, NULL);
}
