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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_promised_day_lasts_until_its_end) };
	return cmocka_run_group_tests_name("index body", tests, NULL, NULL);
}
