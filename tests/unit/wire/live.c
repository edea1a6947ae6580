/* Live protocols other than Segment's: bodies as recorded from their clients, and what each member becomes. */
#include "tests/unit/wire/caught.h"

static struct arena scratch;

static enum err_code read_with(wire_reader read, struct wire_live in, struct err *err)
{
	arena_reset(&scratch);
	in.received_ms = ms("2026-11-22T03:50:46.022Z");
	return read(&in, &scratch, &caught.sink, err);
}

static void taken(wire_reader read, const char *file, int64_t events)
{
	struct err err = { 0 };
	caught_start();
	const struct str body = whole_file(file);
	if (read_with(read, (struct wire_live){ .body = body }, &err) != OK) fail_msg("%s", err.text);
	assert_int_equal(caught.n_refused + caught.n_aside, 0);
	assert_int_equal(caught.n_events, events);
}

static void posthogs_server_library_says_who_and_what(void **s)
{
	(void)s;
	struct str key;
	taken(wire_posthog, GOLDEN "/posthog_node_batch.json", 4);
	const struct wire_event *e = caught.event;
	assert_int_equal(e[0].type, WIRE_TRACK);
	assert_str(e[0].customer, "u1");
	assert_str(e[0].anonymous, "");
	assert_str(e[0].name, "signed_up");
	assert_str(e[0].id, "019aa000-0000-7000-8000-000000000001");
	/* A second on the way: sent_at .022 of :45, received .022 of :46. */
	assert_int_equal(e[0].at_ms, ms("2026-11-22T03:50:45.000Z"));
	assert_str(e[0].body, "{\"context\":{\"library\":{\"name\":\"posthog-node\",\"version\":\"5.70.0\"}},"
	                      "\"properties\":{\"plan\":\"x\"}}");
	assert_int_equal(e[1].type, WIRE_IDENTIFY);
	assert_non_null(strstr(e[1].body.ptr, "\"traits\":{\"email\":\"a@b.c\",\"first\":1}"));
	assert_int_equal(e[2].type, WIRE_ALIAS);
	assert_str(e[2].customer, "u1");
	assert_str(e[2].previous, "an1");
	/* A group's own id is nobody's. */
	assert_int_equal(e[3].type, WIRE_GROUP);
	assert_str(e[3].customer, "");
	assert_str(e[3].anonymous, "$company_g1");
	assert_non_null(strstr(e[3].body.ptr, "\"groupId\":\"g1\""));
	const struct wire_live in = { .body = whole_file(GOLDEN "/posthog_node_batch.json") };
	assert_true(wire_posthog_key(&in, &scratch, &key));
	assert_str(key, "phc_KEY");
}

static void posthogs_page_library_names_strangers_by_their_device(void **s)
{
	(void)s;
	taken(wire_posthog, GOLDEN "/posthog_js_batch.json", 4);
	const struct wire_event *e = caught.event;
	assert_int_equal(e[0].type, WIRE_PAGE);
	assert_str(e[0].customer, "");
	assert_str(e[0].anonymous, "019a-device");
	assert_str(e[0].name, "/products");
	assert_str(e[0].channel, "web");
	assert_null(strstr(e[0].body.ptr, "phc_KEY"));
	assert_non_null(strstr(e[0].body.ptr, "\"utm_source\":\"news\""));
	assert_int_equal(e[1].type, WIRE_IDENTIFY);
	assert_str(e[1].customer, "u1");
	assert_str(e[1].anonymous, "019a-device");
	assert_non_null(strstr(e[1].body.ptr, "\"traits\":{\"plan\":\"pro\"}"));
	assert_str(e[2].name, "click Buy now");
	assert_non_null(strstr(e[3].body.ptr, "\"comment\":\"thanks\""));
}

static void posthogs_other_bodies(void **s)
{
	(void)s;
	static const struct {
		const char *body;
		int64_t events, refused;
	} rows[] = {
		{ "{\"api_key\":\"k\",\"event\":\"E\",\"distinct_id\":\"u\"}", 1, 0 },
		{ "[{\"event\":\"E\",\"properties\":{\"distinct_id\":\"u\",\"token\":\"k\"}}]", 1, 0 },
		{ "{\"token\":\"k\",\"$distinct_id\":\"u\",\"$set\":{\"a\":1}}", 1, 0 },
		{ "{\"event\":\"E\",\"distinct_id\":7,\"offset\":1500}", 1, 0 },
		{ "{\"event\":\"E\"}", 0, 1 },
		{ "{\"distinct_id\":\"u\"}", 0, 1 },
		{ "{\"event\":\"E\",\"distinct_id\":\"u\",\"properties\":[]}", 0, 1 },
		{ "{\"event\":\"E\",\"distinct_id\":\"u\",\"timestamp\":\"soon\"}", 0, 1 },
		{ "{\"event\":\"$create_alias\",\"distinct_id\":\"u\"}", 0, 1 },
		{ "{\"batch\":[1,{\"event\":\"E\",\"distinct_id\":\"u\"},null]}", 1, 2 },
		{ "{\"batch\":[]}", 0, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = { 0 };
		caught_start();
		if (read_with(wire_posthog, (struct wire_live){ .body = str_of(rows[i].body) }, &err) != OK)
			fail_msg("%s: %s", rows[i].body, err.text);
		if (caught.n_events != rows[i].events || caught.n_refused != rows[i].refused)
			fail_msg("%s: %lld taken, %lld refused", rows[i].body, (long long)caught.n_events,
			         (long long)caught.n_refused);
	}
	struct err err = { 0 };
	static const char *const broken[] = { "", "{", "7", "{\"batch\":{}}", "[1" };
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		caught_start();
		const enum err_code rc = read_with(wire_posthog, (struct wire_live){ .body = str_of(broken[i]) }, &err);
		if (rc == OK && caught.n_refused == 0) fail_msg("taken: %s", broken[i]);
	}
}

static void a_server_of_rudderstack_is_taken_as_segments(void **s)
{
	(void)s;
	struct err err = { 0 };
	caught_start();
	const struct wire_live in = { .body = whole_file(GOLDEN "/rudder_node_batch.json"), .what = WIRE_EP_BATCH };
	assert_int_equal(read_with(wire_segment, in, &err), OK);
	assert_str(caught.event[0].name, "E1");
	assert_str(caught.event[0].channel, "server");
	assert_int_equal(caught.event[0].at_ms, ms("2026-11-22T03:50:46.016Z"));
}

static void a_picture_of_rudderstack_has_its_objects_in_dotted_names(void **s)
{
	(void)s;
	struct err err = { 0 };
	const struct str_pair query[] = { { STR("writeKey"), STR("k") },
		                          { STR("anonymousId"), STR("a1") },
		                          { STR("event"), STR("Mail Opened") },
		                          { STR("properties.list"), STR("نام") },
		                          { STR("context.page.url"), STR("x") } };
	caught_start();
	const struct wire_live in = { .query = query, .n_query = COUNT_OF(query), .what = WIRE_EP_TRACK };
	assert_int_equal(read_with(wire_pixel, in, &err), OK);
	assert_int_equal(caught.n_events, 1);
	assert_str(caught.event[0].anonymous, "a1");
	assert_non_null(strstr(caught.event[0].body.ptr, "\"properties\":{\"list\":\"نام\"}"));
}

static void matomos_hits_are_what_their_parameters_say(void **s)
{
	(void)s;
	taken(wire_matomo, GOLDEN "/matomo_bulk.json", 4); /* the ping is none */
	const struct wire_event *e = caught.event;
	assert_int_equal(e[0].type, WIRE_PAGE);
	assert_str(e[0].name, "T");
	assert_str(e[0].channel, "web");
	assert_str(e[0].id, "");
	assert_str(e[1].name, "cat: act");
	assert_true(str_starts(e[1].id, STR("42-")));
	assert_non_null(strstr(e[1].body.ptr, "\"event_value\":3"));
	assert_str(e[2].name, "Order Completed");
	assert_non_null(
	        strstr(e[2].body.ptr, "\"items\":[[\"sku\",\"n\",\"c\",9.5,1]],\"order_id\":\"o1\",\"value\":9.5"));
	assert_non_null(strstr(e[2].body.ptr, "\"dimension1\":\"gold\""));
	assert_str(e[3].customer, "");
	assert_str(e[3].anonymous, "0123456789abcdef");
	assert_str(e[3].name, "Site Search");
	assert_null(strstr(e[3].body.ptr, "token_auth"));
}

static void matomos_times_names_and_refusals(void **s)
{
	(void)s;
	static const struct {
		const char *body, *name, *at;
	} rows[] = {
		{ "uid=u&url=https://a.b/c/d?x&rec=1", "/c/d", "2026-11-22T03:50:46.022Z" },
		{ "uid=u&idgoal=0&revenue=1&cdt=2026-11-21%2010:00:00", "Cart Updated", "2026-11-21T10:00:00Z" },
		{ "uid=u&idgoal=7&cdt=1795319444", "Goal 7", "2026-11-22T03:50:44Z" },
		{ "uid=u&link=https://x.y", "Link Followed", "2026-11-22T03:50:46.022Z" },
		{ "url=https://a.b/", NULL, NULL },
		{ "uid=u", NULL, NULL },
		{ "uid=u&url=https://a.b/&cdt=soon", NULL, NULL },
		{ "uid=u&e_c=only", NULL, NULL },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct err err = { 0 };
		caught_start();
		assert_int_equal(read_with(wire_matomo, (struct wire_live){ .body = str_of(rows[i].body) }, &err), OK);
		if (!rows[i].name) {
			if (caught.n_refused != 1) fail_msg("not refused: %s", rows[i].body);
			continue;
		}
		assert_int_equal(caught.n_events, 1);
		assert_str(caught.event[0].name, rows[i].name);
		assert_int_equal(caught.event[0].at_ms, ms(rows[i].at));
	}
}

static void cloudevents_in_a_list(void **s)
{
	(void)s;
	taken(wire_cloudevents, GOLDEN "/cloudevents_batch.json", 2);
	const struct wire_event *e = caught.event;
	assert_str(e[0].customer, "u1");
	assert_str(e[0].name, "order.completed");
	assert_str(e[0].id, "/shop 1");
	assert_int_equal(e[0].at_ms, ms("2026-11-22T03:50:44.000Z")); /* there is no instant of sending to correct by */
	assert_non_null(strstr(e[0].body.ptr, "\"properties\":{\"currency\":\"EUR\",\"value\":9.5}"));
	assert_str(e[1].anonymous, "a1");
	assert_str(e[1].channel, "app");
	assert_non_null(strstr(e[1].body.ptr, "\"properties\":{\"a\":1}"));
}

static void cloudevents_with_attributes_in_headers(void **s)
{
	(void)s;
	struct err err = { 0 };
	struct str_pair headers[] = { { STR("ce-specversion"), STR("1.0") }, { STR("ce-id"), STR("7") },
		                      { STR("ce-source"), STR("/till") },    { STR("ce-type"), STR("paid") },
		                      { STR("ce-subject"), STR("%D9%86") },  { STR("x-other"), STR("x") } };
	struct wire_live in = { .body = STR("{\"value\":3}"), .headers = headers, .n_headers = COUNT_OF(headers) };
	caught_start();
	assert_int_equal(read_with(wire_cloudevents, in, &err), OK);
	assert_str(caught.event[0].customer, "ن");
	assert_non_null(strstr(caught.event[0].body.ptr, "\"properties\":{\"value\":3}"));
	in.body = STR("plain words");
	caught_start();
	assert_int_equal(read_with(wire_cloudevents, in, &err), OK);
	assert_non_null(strstr(caught.event[0].body.ptr, "\"properties\":{\"data\":\"plain words\"}"));
	for (size_t i = 0; i < 5; i++) { /* each of the required ones, and somebody */
		const struct str_pair was = headers[i];
		headers[i].value = STR("");
		if (i == 0) headers[i].value = STR("  ");
		caught_start();
		assert_int_equal(read_with(wire_cloudevents, in, &err), OK);
		assert_int_equal(caught.n_refused, 1);
		headers[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posthogs_server_library_says_who_and_what),
		cmocka_unit_test(posthogs_page_library_names_strangers_by_their_device),
		cmocka_unit_test(posthogs_other_bodies),
		cmocka_unit_test(a_server_of_rudderstack_is_taken_as_segments),
		cmocka_unit_test(a_picture_of_rudderstack_has_its_objects_in_dotted_names),
		cmocka_unit_test(matomos_hits_are_what_their_parameters_say),
		cmocka_unit_test(matomos_times_names_and_refusals),
		cmocka_unit_test(cloudevents_in_a_list),
		cmocka_unit_test(cloudevents_with_attributes_in_headers),
	};
	arena_init(&scratch, 64 * MIB);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
