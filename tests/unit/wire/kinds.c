/* File kinds: object logs and access logs, whatever the reads give, and exports that the mappings that come along read.
 */
#include "tests/unit/wire/caught.h"

static char text[64 * 1024];

static struct str golden(const char *name)
{
	char path[400];
	snprintf(path, sizeof path, GOLDEN "/files/%s", name);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t n = fread(text, 1, sizeof text, f);
	fclose(f);
	return (struct str){ text, n };
}

typedef enum err_code (*reader)(const struct wire_input *, int64_t, const struct wire_sink *, struct err *);

static void read_as(reader fn, struct str bytes, const char *name, size_t step)
{
	struct memory m = { .bytes = bytes, .step = step };
	struct wire_input in = memory_input(&m, name);
	struct err err = { 0 };
	caught_start();
	if (fn(&in, ms("2026-06-01T00:00:00Z"), &caught.sink, &err) != OK) fail_msg("%s", err.text);
}

static void a_combined_log_is_visits_of_people(void **s)
{
	(void)s;
	const struct str file = golden("combined.log");
	assert_int_equal(wire_detect(file, STR("access.txt")), WIRE_ACCESS);
	for (size_t step = 0; step < 4; step++) {
		read_as(wire_access, file, "access.log", step);
		assert_int_equal(caught.n_events, 4);
		assert_int_equal(caught.n_refused, 1);
		const struct wire_event *e = caught.event;
		assert_str(e[0].name, "/prices");
		assert_int_equal(e[0].at_ms, ms("2026-05-17T07:00:00Z"));
		assert_true(e[0].customer.len == 0 && str_starts(e[0].anonymous, STR("visitor-")));
		assert_null(memmem(e[0].body.ptr, e[0].body.len, "10.0.0.1", 8));
		assert_non_null(strstr(e[0].body.ptr, "\"referrer\":\"https://search.example/\""));
		/* 20 minutes later it is the same visit, 40 minutes after that another. */
		assert_non_null(strstr(e[0].body.ptr, "-1\""));
		assert_non_null(strstr(e[1].body.ptr, "-1\""));
		assert_non_null(strstr(e[1].body.ptr, "\"failed\":true"));
		assert_non_null(strstr(e[2].body.ptr, "-2\""));
		assert_true(str_eq(e[0].anonymous, e[2].anonymous));
		assert_str(e[3].customer, "sara");
		assert_int_equal(e[3].type, WIRE_PAGE);
	}
}

static void a_w3c_log_may_change_its_fields(void **s)
{
	(void)s;
	const struct str file = golden("w3c.log");
	assert_int_equal(wire_detect(file, STR("u_ex260517.txt")), WIRE_ACCESS);
	read_as(wire_access, file, "w3c.log", 0);
	assert_int_equal(caught.n_events, 2);
	assert_int_equal(caught.n_refused, 1);
	assert_str(caught.event[0].name, "/prices");
	assert_int_equal(caught.event[0].at_ms, ms("2026-05-17T07:00:00Z"));
	assert_non_null(strstr(caught.event[0].body.ptr, "\"wait_ms\":120"));
	assert_str(caught.event[1].name, "/order");
	assert_int_equal(caught.event[1].at_ms, ms("2026-05-17T07:10:00Z"));
	assert_int_equal(caught.refused[0].line, 6);
}

static void an_object_log_is_events_of_its_customers(void **s)
{
	(void)s;
	const struct str file = golden("shop.jsonocel");
	assert_int_equal(wire_detect(file, STR("log.json")), WIRE_OCEL);
	read_as(wire_ocel, file, "shop.jsonocel", 7);
	assert_int_equal(caught.n_events, 3);
	assert_int_equal(caught.n_refused, 2);
	assert_str(caught.event[0].customer, "c1");
	assert_str(caught.event[0].id, "e1");
	assert_str(caught.event[0].body, "{\"properties\":{\"journey\":\"o1\",\"order\":\"o1\",\"value\":9.5}}");
	assert_str(caught.event[1].customer, "c1");
	assert_str(caught.event[1].id, "e2/c1");
	assert_str(caught.event[2].customer, "c2");
	assert_str(caught.event[2].body, "{\"properties\":{\"journey\":\"o1\",\"order\":\"o1\",\"parcel\":\"p1\"}}");
	assert_string_equal(caught.refused[0].err.id, "event.customer");
	assert_string_equal(caught.refused[1].err.id, "time.syntax");
}

static void what_is_no_object_log_is_refused_as_a_whole(void **s)
{
	(void)s;
	static const char *const bad[] = {
		"", "[]", "{", "{\"events\":[]}", "{\"objects\":[],\"events\":{}}", "{\"objects\":1,\"events\":[]}"
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct memory m = { .bytes = str_of(bad[i]) };
		struct wire_input in = memory_input(&m, "x.json");
		struct err err = { 0 };
		caught_start();
		assert_int_not_equal(wire_ocel(&in, 0, &caught.sink, &err), OK);
		assert_true(err.text[0] != '\0');
	}
}

/* --- mappings that come with the program, each on a small file of its kind ---------------------------------- */

static char toml[16 * 1024];

static void import_kind(const char *kind)
{
	char path[400];
	struct wire_mapping *m;
	struct err err = { 0 };
	snprintf(path, sizeof path, EXAMPLES "/imports/%s.toml", kind);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	const size_t n = fread(toml, 1, sizeof toml, f);
	fclose(f);
	snprintf(path, sizeof path, "../imports/%s.csv", kind);
	struct memory bytes = { .bytes = golden(path) };
	struct wire_input in = memory_input(&bytes, "export.csv");
	struct wire_guess guess;
	struct str names[64];
	caught_start();
	if (wire_mapping_read((struct str){ toml, n }, &caught.arena, &m, &err) != OK)
		fail_msg("%s: %s", kind, err.text);
	if (wire_guess_table(&in, 1, WIRE_CSV, &caught.arena, &guess, &err) != OK) fail_msg("%s: %s", kind, err.text);
	for (size_t i = 0; i < guess.n_columns; i++) names[i] = guess.columns[i].name;
	if (!wire_mapping_fits(m, names, guess.n_columns)) fail_msg("%s does not fit its own file", kind);
	bytes.at = 0;
	if (wire_table(m, &in, 1, WIRE_CSV, ms("2026-06-01T00:00:00Z"), &caught.sink, &err) != OK)
		fail_msg("%s: %s", kind, err.text);
}

#define HAS(i, words) assert_non_null(strstr(caught.event[i].body.ptr, words))

static void exports_of_known_kinds_are_read_by_the_mappings_that_come_along(void **s)
{
	(void)s;
	import_kind("call-list");
	assert_int_equal(caught.n_events, 3);
	assert_int_equal(caught.n_refused, 1); /* nobody called */
	assert_int_equal(caught.event[2].at_ms, ms("2026-05-02T10:00:00Z"));
	HAS(0, "\"wait_ms\":30000");
	HAS(0, "\"abandoned\":false");
	HAS(1, "\"abandoned\":true");
	HAS(2, "\"effort\":2");

	import_kind("point-of-sale");
	assert_int_equal(caught.n_events, 3);
	assert_int_equal(caught.n_refused, 0);
	assert_str(caught.event[0].customer, "k1");
	assert_str(caught.event[1].customer, "");
	assert_str(caught.event[1].anonymous, "ticket t2");
	assert_str(caught.event[2].name, "Returned");
	HAS(2, "\"value\":-20");

	import_kind("helpdesk-tickets");
	assert_int_equal(caught.n_events, 7);
	assert_int_equal(caught.n_refused, 0);
	assert_str(caught.event[1].name, "Ticket Answered");
	HAS(1, "\"wait_ms\":3600000");
	HAS(2, "\"score\":5");
	assert_null(strstr(caught.event[6].body.ptr, "\"score\":"));

	import_kind("survey-answers");
	assert_int_equal(caught.n_events, 2);
	assert_int_equal(caught.n_refused, 1); /* 11 of 10 */
	assert_string_equal(caught.refused[0].err.id, "event.scale");
	HAS(1, "\"comment_lang\":\"fa\"");

	import_kind("app-store-reviews");
	assert_int_equal(caught.n_events, 2);
	HAS(0, "\"comment\":\"Crashes It stops at the start.\"");

	import_kind("google-maps-reviews");
	assert_int_equal(caught.n_events, 3);
	HAS(0, "\"score\":5");
	assert_str(caught.event[1].name, "Review Answered");

	import_kind("google-play-reviews"); /* UTF-16, as it comes */
	assert_int_equal(caught.n_events, 3);
	HAS(0, "\"comment_lang\":\"fa\"");
	assert_int_equal(caught.event[0].at_ms, 1777712400000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_combined_log_is_visits_of_people),
		cmocka_unit_test(a_w3c_log_may_change_its_fields),
		cmocka_unit_test(an_object_log_is_events_of_its_customers),
		cmocka_unit_test(exports_of_known_kinds_are_read_by_the_mappings_that_come_along),
		cmocka_unit_test(what_is_no_object_log_is_refused_as_a_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
