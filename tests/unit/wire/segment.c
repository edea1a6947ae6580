#include "tests/unit/wire/caught.h"

static struct arena scratch;
static int64_t now;

static enum err_code send_at(struct str body, enum wire_endpoint ep, struct err *err)
{
	arena_reset(&scratch);
	caught_start();
	const struct wire_live in = { .body = body, .what = (int)ep, .received_ms = now };
	return wire_segment(&in, &scratch, &caught.sink, err);
}

static enum err_code send(const char *body, enum wire_endpoint ep)
{
	struct err err = { 0 };
	enum err_code rc = send_at(str_of(body), ep, &err);
	if (rc != OK) assert_true(err.text[0] != '\0' && err.id != NULL);
	return rc;
}

static void the_batch_of_the_node_sdk_is_six_events(void **s)
{
	(void)s;
	struct err err;
	caught_start();
	struct str body = whole_file(GOLDEN "/node_batch.json");
	body = (struct str){ strdup(body.ptr), body.len };
	now = ms("2026-11-22T03:50:45.000Z");
	assert_int_equal(send_at(body, WIRE_EP_BATCH, &err), OK);
	assert_int_equal(caught.n_events, 6);
	assert_int_equal(caught.n_refused, 0);
	static const enum wire_type types[] = { WIRE_IDENTIFY, WIRE_TRACK, WIRE_PAGE,
		                                WIRE_SCREEN,   WIRE_GROUP, WIRE_ALIAS };
	static const char *const names[] = { "identify", "Order Completed", "Home", "S", "group", "alias" };
	for (int i = 0; i < 6; i++) {
		assert_int_equal(caught.event[i].type, types[i]);
		assert_str(caught.event[i].name, names[i]);
		assert_int_equal(caught.event[i].line, i);
	}
	assert_str(caught.event[0].customer, "u1");
	assert_str(caught.event[0].id, "node-next-1795319444714-86b4dcca-5c3e-45d4-8279-e8f623712b2d");
	/* received 03:50:45.000 - (sentAt .720 - timestamp .714) */
	assert_int_equal(caught.event[0].at_ms, ms("2026-11-22T03:50:44.994Z"));
	assert_str(caught.event[1].body,
	           "{\"context\":{\"library\":{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"}},"
	           "\"properties\":{\"currency\":\"EUR\",\"revenue\":9.5}}");
	assert_str(caught.event[3].anonymous, "an1");
	assert_str(caught.event[3].customer, "");
	assert_str(caught.event[4].body, "{\"context\":{\"groupId\":\"g1\"},\"traits\":{\"name\":\"Init\"}}");
	assert_str(caught.event[5].previous, "an1");
	free((char *)(uintptr_t)body.ptr);
}

static void the_browser_sdk_sends_one_event_on_channel_web(void **s)
{
	(void)s;
	struct err err;
	caught_start();
	struct str file = whole_file(GOLDEN "/browser_track.json"), key;
	struct str body = { strdup(file.ptr), file.len };
	now = ms("2026-11-22T04:01:47Z");
	assert_int_equal(send_at(body, WIRE_EP_TRACK, &err), OK);
	assert_int_equal(caught.n_events, 1);
	assert_str(caught.event[0].name, "Signed Up");
	assert_str(caught.event[0].channel, "web");
	assert_str(caught.event[0].anonymous, "1a56d984-0000-4000-8000-000000000000");
	assert_non_null(strstr(caught.event[0].body.ptr, "\"more\":{\"integrations\":{\"Segment.io\":true}}"));
	assert_null(strstr(caught.event[0].body.ptr, "_metadata"));
	assert_null(strstr(caught.event[0].body.ptr, "writeKey"));
	assert_true(wire_segment_key(&(struct wire_live){ .body = body }, &scratch, &key));
	assert_str(key, "WK");
	free((char *)(uintptr_t)body.ptr);
}

static void a_wrong_clock_is_corrected_by_sent_at(void **s)
{
	(void)s;
	now = ms("2026-01-01T09:00:06Z");
	const char *body = "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:00Z\",\"sentAt\":\"2026-"
	                   "01-01T10:00:05Z\"}";
	assert_int_equal(send(body, WIRE_EP_TRACK), OK);
	assert_int_equal(caught.event[0].at_ms, ms("2026-01-01T09:00:01.000Z"));
	/* history keeps its times */
	const char *old = "{\"batch\":[{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2020-01-"
	                  "01T10:00:00Z\"}],\"sentAt\":\"2026-01-01T10:00:05Z\"}";
	assert_int_equal(send(old, WIRE_EP_IMPORT), OK);
	assert_int_equal(caught.event[0].at_ms, ms("2020-01-01T10:00:00Z"));
	/* without sentAt the timestamp stands, milliseconds too; without both it is now */
	assert_int_equal(send("{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":1767261600000}", WIRE_EP_TRACK), OK);
	assert_int_equal(caught.event[0].at_ms, 1767261600000);
	assert_int_equal(send("{\"userId\":\"u\",\"event\":\"E\"}", WIRE_EP_TRACK), OK);
	assert_int_equal(caught.event[0].at_ms, now);
}

static void what_a_retry_may_change_is_not_content(void **s)
{
	(void)s;
	static const struct {
		const char *body;
		bool same;
	} rows[] = {
		{ "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:00Z\",\"sentAt\":\"2026-01-01T10:"
		  "00:05Z\",\"context\":{\"ip\":\"1.2.3.4\",\"locale\":\"fa\"},\"properties\":{\"a\":1,\"b\":2},\"_"
		  "metadata\":{\"x\":1}}",
		  true },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:00Z\",\"sentAt\":\"2026-01-01T10:"
		  "59:05Z\",\"context\":{\"locale\":\"fa\",\"ip\":\"9.9.9.9\"},\"properties\":{\"b\":2,\"a\":1},\"_"
		  "metadata\":{\"x\":2}}",
		  true },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:00Z\",\"context\":{\"locale\":"
		  "\"fa\"},\"properties\":{\"b\":2,\"a\":1}}",
		  true },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:00Z\",\"context\":{\"locale\":"
		  "\"fa\"},\"properties\":{\"b\":2,\"a\":1.0}}",
		  false },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:01Z\",\"context\":{\"locale\":"
		  "\"fa\"},\"properties\":{\"b\":2,\"a\":1}}",
		  false },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"2026-01-01T10:00:00Z\",\"context\":{\"locale\":"
		  "\"ar\"},\"properties\":{\"b\":2,\"a\":1}}",
		  false },
	};
	uint64_t first = 0;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		now = ms("2026-01-01T11:00:00Z") + (int64_t)i;
		assert_int_equal(send(rows[i].body, WIRE_EP_TRACK), OK);
		assert_int_equal(caught.n_events, 1);
		if (i == 0) first = caught.event[0].content;
		if ((caught.event[0].content == first) != rows[i].same) fail_msg("row %zu", i);
	}
	/* context of ip alone is as no context at all */
	now = ms("2026-01-01T11:00:00Z");
	assert_int_equal(send("{\"userId\":\"u\",\"event\":\"E\",\"context\":{\"ip\":\"1\"}}", WIRE_EP_TRACK), OK);
	first = caught.event[0].content;
	assert_int_equal(send("{\"userId\":\"u\",\"event\":\"E\"}", WIRE_EP_TRACK), OK);
	assert_true(caught.event[0].content == first);
}

static void bad_items_are_refused_one_by_one_with_their_pointer(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	const char *body = "{\"batch\":[{\"type\":\"track\",\"userId\":\"u\",\"event\":\"A\"},{\"type\":\"track\","
	                   "\"userId\":\"u\"},"
	                   "{\"type\":\"jump\",\"userId\":\"u\"},{\"type\":\"track\",\"userId\":\"u\",\"event\":\"\"},"
	                   "{\"type\":\"track\",\"event\":\"A\"},7,{\"type\":\"alias\",\"userId\":\"u\"},{\"type\":"
	                   "\"group\",\"userId\":\"u\"},"
	                   "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"A\",\"timestamp\":\"yesterday\"},"
	                   "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"A\",\"properties\":[1]},"
	                   "{\"type\":\"track\",\"userId\":true,\"event\":\"A\"},"
	                   "{\"type\":\"track\",\"userId\":42,\"event\":\"A\",\"properties\":{\"score\":11,\"score_"
	                   "kind\":\"nps\"}},"
	                   "{\"type\":\"track\",\"userId\":42,\"event\":\"Z\"}]}";
	static const struct {
		int64_t line;
		const char *field;
	} want[] = { { 1, "/batch/1/event" },
		     { 2, "/batch/2/type" },
		     { 3, "/batch/3/event" },
		     { 4, "/batch/4/userId" },
		     { 5, "/batch/5" },
		     { 6, "/batch/6/previousId" },
		     { 7, "/batch/7/groupId" },
		     { 8, "/batch/8/timestamp" },
		     { 9, "/batch/9/properties" },
		     { 10, "/batch/10/userId" },
		     { 11, "/batch/11/properties/score" } };
	assert_int_equal(send(body, WIRE_EP_BATCH), OK);
	assert_int_equal(caught.n_events, 2);
	assert_str(caught.event[1].customer, "42");
	assert_int_equal(caught.n_refused, (int64_t)COUNT_OF(want));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_int_equal(caught.refused[i].line, want[i].line);
		assert_string_equal(caught.refused[i].err.field, want[i].field);
	}
	assert_string_equal(caught.refused[10].err.text, "score 11 is not on 0 to 10");
	assert_non_null(strstr(caught.refused[2].raw.ptr, "\"event\":\"\""));
}

static void a_body_that_is_not_json_is_an_error_as_a_whole(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	static const char *const bad[] = {
		"",
		"{",
		"nonsense",
		"{\"batch\":[{]}",
		"{\"batch\":7}",
		"{\"x\":1}",
		"[]",
		"{\"batch\":[{\"userId\":\"u\",\"v\":NaN}]}",
		"{\"batch\":[{\"userId\":\"u\",\"v\":1e400}]}",
		"{\"batch\":[{\"userId\":\"\xff\"}]}",
		"{\"batch\":[]} x",
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (send(bad[i], WIRE_EP_BATCH) != ERR_INPUT || caught.n_events) fail_msg("took %s", bad[i]);
	assert_int_equal(send("{\"userId\":\"u\",\"event\":\"E\",\"properties\":{\"a\":NaN}}", WIRE_EP_TRACK),
	                 ERR_INPUT);
	assert_int_equal(send("[1]", WIRE_EP_TRACK), OK);
	assert_int_equal(caught.n_refused, 1);
	assert_int_equal(send("{\"batch\":[]}", WIRE_EP_BATCH), OK);
}

static void depth_30_passes_and_10000_does_not(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	char body[25000];
	static const int depths[] = { 30, 10000 };
	for (size_t i = 0; i < COUNT_OF(depths); i++) {
		int n = snprintf(body, sizeof body, "{\"userId\":\"u\",\"event\":\"E\",\"properties\":{\"deep\":");
		memset(body + n, '[', (size_t)depths[i]);
		memset(body + n + depths[i], ']', (size_t)depths[i]);
		snprintf(body + n + 2 * depths[i], 3, "}}");
		assert_int_equal(send(body, WIRE_EP_TRACK), i == 0 ? OK : ERR_INPUT);
		assert_int_equal(caught.n_events, i == 0);
	}
}

static void documented_sizes_are_kept(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	char *body = malloc(WIRE_BATCH_BYTES_MAX + 100);
	static const struct {
		const char *form;
		size_t n;
		bool taken;
	} rows[] = {
		{ "{\"userId\":\"%s\",\"event\":\"E\"}", WIRE_ID_BYTES_MAX, true },
		{ "{\"userId\":\"%s\",\"event\":\"E\"}", WIRE_ID_BYTES_MAX + 1, false },
		{ "{\"userId\":\"u\",\"event\":\"%s\"}", WIRE_NAME_BYTES_MAX, true },
		{ "{\"userId\":\"u\",\"event\":\"%s\"}", WIRE_NAME_BYTES_MAX + 1, false },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"messageId\":\"%s\"}", WIRE_ID_BYTES_MAX + 1, false },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"p\":\"%s\"}", WIRE_EVENT_BYTES_MAX - 36, true },
		{ "{\"userId\":\"u\",\"event\":\"E\",\"p\":\"%s\"}", WIRE_EVENT_BYTES_MAX - 30, false },
	};
	char *fill = malloc(WIRE_BATCH_BYTES_MAX + 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		memset(fill, 'x', rows[i].n);
		fill[rows[i].n] = '\0';
		const char *hole = strstr(rows[i].form, "%s");
		snprintf(body, WIRE_BATCH_BYTES_MAX, "%.*s%s%s", (int)(hole - rows[i].form), rows[i].form, fill,
		         hole + 2);
		assert_int_equal(send(body, WIRE_EP_TRACK), OK);
		if (caught.n_events != rows[i].taken) fail_msg("row %zu: %s", i, caught.refused[0].err.text);
	}
	memset(body, ' ', WIRE_BATCH_BYTES_MAX + 1);
	body[WIRE_BATCH_BYTES_MAX + 1] = '\0';
	assert_int_equal(send(body, WIRE_EP_BATCH), ERR_LIMIT);
	free(fill);
	free(body);
}

static void times_beyond_belief_are_set_aside(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	static const struct {
		const char *time, *reason;
	} rows[] = {
		{ "1850-06-01T00:00:00Z", "time.range" }, { "2190-06-01T00:00:00Z", "time.range" },
		{ "2026-01-03T11:00:00Z", "time.ahead" }, { "2026-01-02T10:59:59Z", NULL },
		{ "1900-01-01T00:00:00Z", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[200];
		snprintf(body, sizeof body, "{\"userId\":\"u\",\"event\":\"E\",\"timestamp\":\"%s\"}", rows[i].time);
		assert_int_equal(send(body, WIRE_EP_TRACK), OK);
		assert_int_equal(caught.n_aside, rows[i].reason != NULL);
		assert_int_equal(caught.n_events, rows[i].reason == NULL);
		if (rows[i].reason) assert_string_equal(caught.refused[0].reason, rows[i].reason);
	}
}

static void standard_properties_are_checked(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	static const struct {
		const char *properties;
		bool taken;
	} rows[] = {
		{ "\"score\":5", true },
		{ "\"score\":5.5", false },
		{ "\"score\":0", false },
		{ "\"score\":\"5\"", false },
		{ "\"score\":null", true },
		{ "\"score\":7,\"score_kind\":\"ces\"", true },
		{ "\"score\":7,\"score_kind\":\"csat\"", false },
		{ "\"score\":0,\"score_kind\":\"nps\"", true },
		{ "\"score\":1,\"score_kind\":\"stars\"", false },
		{ "\"score\":80,\"score_min\":0,\"score_max\":100", true },
		{ "\"score\":1,\"score_min\":5,\"score_max\":1", false },
		{ "\"expected_at\":\"2026-01-01T10:00:00+03:30\"", true },
		{ "\"expected_at\":1767261600000", true },
		{ "\"expected_at\":\"soon\"", false },
		{ "\"expected_at\":\"1850-01-01\"", false },
		{ "\"expected_at\":true", false },
		{ "\"wait_ms\":0", true },
		{ "\"wait_ms\":-1", false },
		{ "\"failed\":true", true },
		{ "\"failed\":3", true },
		{ "\"failed\":4", false },
		{ "\"failed\":\"yes\"", false },
		{ "\"abandoned\":true", true },
		{ "\"abandoned\":1", false },
		{ "\"abandoned\":\"yes\"", false },
		{ "\"effort\":1", true },
		{ "\"effort\":0.5", false },
		{ "\"value\":-12.5,\"currency\":\"KWD\"", true },
		{ "\"value\":\"12\"", false },
		{ "\"currency\":\"EURO\"", false },
		{ "\"currency\":\"eur\"", false },
		{ "\"journey\":\"A-1\"", true },
		{ "\"journey\":12", false },
		{ "\"about\":\"journey\"", true },
		{ "\"about\":{}", false },
		{ "\"comment\":\"دیر رسید\",\"comment_lang\":\"fa\"", true },
		{ "\"comment\":[]", false },
		{ "\"unit\":1", false },
		{ "\"environment\":\"street\"", true },
		{ "\"scores\":\"x\"", true },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char body[300];
		snprintf(body, sizeof body, "{\"userId\":\"u\",\"event\":\"E\",\"properties\":{%s}}",
		         rows[i].properties);
		assert_int_equal(send(body, WIRE_EP_TRACK), OK);
		if (caught.n_events != rows[i].taken)
			fail_msg("%s: %s", rows[i].properties, caught.refused[0].err.text);
		if (rows[i].taken) continue;
		assert_memory_equal(caught.refused[0].err.field, "/properties/", 12);
		assert_true(caught.refused[0].err.hint[0] != '\0');
	}
}

static void pages_channels_and_batch_defaults_fall_back(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	static const struct {
		const char *body, *name, *channel;
	} rows[] = {
		{ "{\"userId\":\"u\",\"name\":\"Home\"}", "Home", "" },
		{ "{\"userId\":\"u\",\"properties\":{\"path\":\"/a\"}}", "/a", "" },
		{ "{\"userId\":\"u\",\"context\":{\"page\":{\"path\":\"/b\"},\"channel\":\"app\"}}", "/b", "app" },
		{ "{\"userId\":\"u\",\"properties\":{\"url\":\"https://x.test/c?d=1\",\"channel\":\"store\"}}", "/c",
		  "store" },
		{ "{\"userId\":\"u\",\"category\":\"Docs\",\"channel\":\"phone\",\"context\":{\"channel\":\"app\"}}",
		  "Docs", "phone" },
		{ "{\"userId\":\"u\"}", "page", "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(send(rows[i].body, WIRE_EP_PAGE), OK);
		assert_str(caught.event[0].name, rows[i].name);
		assert_str(caught.event[0].channel, rows[i].channel);
	}
	assert_int_equal(send("{\"context\":{\"locale\":\"ar\",\"app\":{\"name\":\"x\"}},\"integrations\":{\"All\":"
	                      "false},\"batch\":[{\"type\":\"track\","
	                      "\"userId\":\"u\",\"event\":\"E\",\"context\":{\"locale\":\"fa\"},\"version\":2}]}",
	                      WIRE_EP_BATCH),
	                 OK);
	assert_str(caught.event[0].body, "{\"context\":{\"app\":{\"name\":\"x\"},\"locale\":\"fa\"},\"more\":{"
	                                 "\"integrations\":{\"All\":false},\"version\":2}}");
}

static void placeholders_and_naughty_names_pass_literally(void **s)
{
	(void)s;
	now = ms("2026-01-01T11:00:00Z");
	static const char *const ids[] = { "null", "undefined", "NA", "0", "-1", "' OR 1=1 --", "\\u202Eevil", "عميل" };
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		char body[100];
		snprintf(body, sizeof body, "{\"userId\":\"%s\",\"event\":\"E\"}", ids[i]);
		assert_int_equal(send(body, WIRE_EP_TRACK), OK);
		assert_int_equal(caught.n_events, 1);
		if (ids[i][0] != '\\') assert_str(caught.event[0].customer, ids[i]);
	}
	/* a null member is an absent one */
	assert_int_equal(send("{\"userId\":null,\"anonymousId\":\"a\",\"event\":\"E\"}", WIRE_EP_TRACK), OK);
	assert_str(caught.event[0].customer, "");
}

static void currencies_have_their_own_decimals(void **s)
{
	(void)s;
	static const struct {
		const char *code;
		int digits;
	} rows[] = { { "EUR", 2 }, { "JPY", 0 }, { "KWD", 3 }, { "IRR", 2 },
		     { "IQD", 3 }, { "CLF", 4 }, { "SAR", 2 }, { "ZWG", 2 } };
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int digits = -1;
		assert_true(wire_currency(str_of(rows[i].code), &digits));
		assert_int_equal(digits, rows[i].digits);
	}
	assert_false(wire_currency(STR("XYZ"), NULL));
	assert_false(wire_currency(STR("UR "), NULL));
	assert_false(wire_currency(STR(""), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_batch_of_the_node_sdk_is_six_events),
		cmocka_unit_test(the_browser_sdk_sends_one_event_on_channel_web),
		cmocka_unit_test(a_wrong_clock_is_corrected_by_sent_at),
		cmocka_unit_test(what_a_retry_may_change_is_not_content),
		cmocka_unit_test(bad_items_are_refused_one_by_one_with_their_pointer),
		cmocka_unit_test(a_body_that_is_not_json_is_an_error_as_a_whole),
		cmocka_unit_test(depth_30_passes_and_10000_does_not),
		cmocka_unit_test(documented_sizes_are_kept),
		cmocka_unit_test(times_beyond_belief_are_set_aside),
		cmocka_unit_test(standard_properties_are_checked),
		cmocka_unit_test(pages_channels_and_batch_defaults_fall_back),
		cmocka_unit_test(placeholders_and_naughty_names_pass_literally),
		cmocka_unit_test(currencies_have_their_own_decimals),
	};
	arena_init(&scratch, 256 * MIB);
	int failed = cmocka_run_group_tests_name("wire segment", tests, NULL, NULL);
	arena_done(&scratch);
	arena_done(&caught.arena);
	return failed;
}
