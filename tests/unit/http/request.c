#include "http/priv.h"
#include "tests/unit/unit.h"

static struct arena arena;

static struct http_call call(const char *method)
{
	return (struct http_call){ .arena = &arena, .method = str_of(method), .fd = -1 };
}

static const char *route(const char *method, const char *target, struct http_call *c)
{
	struct err err;
	*c = call(method);
	if (request_target(c, str_of(target), &err) != OK || route_find(c, &err) != OK) return err.id;
	return c->route->name;
}

static void paths_find_their_route_and_parameters(void **state)
{
	static const struct {
		const char *method, *target, *name, *first;
	} rows[] = {
		{ "GET", "/api/maps/orders/measured?from=1", "measured", "orders" },
		{ "HEAD", "/api/maps/orders", "map", "orders" },
		{ "PUT", "/api/maps/orders", "saveMap", "orders" },
		{ "GET", "/api/customers/a%2Fb%20c", "customer", "a/b c" },
		{ "GET", "/api/customers/%D8%B3%D9%81%D8%B1", "customer", "سفر" },
		{ "GET", "/api/customers/", "http.path", NULL },
		{ "GET", "/api/customers/a/b", "http.path", NULL },
		{ "GET", "/api/maps/propose", "map", "propose" },
		{ "POST", "/api/maps/propose", "proposeMap", NULL },
		{ "POST", "/v1/t/", "collectTrackShort", NULL },
		{ "POST", "/v1/t//", "http.path", NULL },
		{ "OPTIONS", "/v1/anything", "preflight", NULL },
		{ "OPTIONS", "/api/session", "http.method", NULL },
		{ "PATCH", "/api/maps/orders", "http.method", NULL },
		{ "GET", "/", "asset", NULL },
		{ "GET", "/maps/orders", "asset", NULL },
		{ "POST", "/maps/orders", "http.path", NULL },
		{ "GET", "/apiary", "asset", NULL },
		{ "GET", "api/session", "http.url", NULL },
		{ "GET", "/api/maps/%", "http.url", NULL },
		{ "GET", "/api/maps/%00", "http.url", NULL },
		{ "GET", "/api/maps/%ff", "http.url", NULL },
		{ "GET", "/healthz?a=%0a", "http.url", NULL },
	};
	struct http_call c;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_string_equal(route(rows[i].method, rows[i].target, &c), rows[i].name);
		if (rows[i].first) assert_str(c.params[0], rows[i].first);
	}
}

static void each_row_of_the_table_can_be_reached_and_has_a_name_of_its_own(void **state)
{
	struct http_call c;
	for (size_t i = 0; i < http_route_count; i++) {
		assert_string_equal(route(http_routes[i].method, http_routes[i].path, &c), http_routes[i].name);
		for (size_t k = 0; k < i; k++) assert_string_not_equal(http_routes[i].name, http_routes[k].name);
	}
}

static void no_route_that_changes_something_goes_without_a_key_or_the_csrf_header_unless_it_stands_here(void **state)
{
	static const char *const open[] = { "signIn", "setup", "receipts", "unsubscribe" };
	/* Whose address is the permission: a link, an invitation, a begun response. No cookie is looked at. */
	static const char *const public[] = { "mailScoreStep", "surveyPageStep", "widgetAsk", "newResponse",
		                              "changeResponse" };
	for (size_t i = 0; i < http_route_count; i++) {
		const struct http_route *r = &http_routes[i];
		if (strcmp(r->method, "GET") == 0) continue;
		bool listed = false, by_address = false;
		for (size_t k = 0; k < COUNT_OF(public); k++)
			by_address = by_address || strcmp(public[k], r -> name) == 0;
		/* What clients of live protocols ask or tell beside events: nothing of it is kept, nobody is told
		 * anything. */
		if ((r->flags & (ROUTE_PUBLIC | ROUTE_LIVE)) == (ROUTE_PUBLIC | ROUTE_LIVE)) {
			assert_true(r->role == GOVERN_NOBODY && strncmp(r->path, "/api/", 5) != 0);
			continue;
		}
		assert_int_equal((r->flags & ROUTE_PUBLIC) != 0, by_address);
		if (by_address) {
			assert_true(r->role == GOVERN_NOBODY && strncmp(r->path, "/api/", 5) != 0);
			continue;
		}
		for (size_t k = 0; k < COUNT_OF(open); k++) listed = listed || strcmp(open[k], r->name) == 0;
		if (r->flags & ROUTE_KEY) assert_true(strncmp(r->path, "/api/", 5) != 0);
		else assert_int_equal((r->flags & ROUTE_NO_CSRF) != 0, listed);
		if (!listed && !(r->flags & ROUTE_KEY)) assert_true(r->role > GOVERN_NOBODY);
	}
}

static void parameters_are_decoded_and_the_first_counts(void **state)
{
	struct err err;
	struct http_call c = call("GET");
	int64_t n;
	assert_int_equal(request_target(&c, STR("/x?a=1+2&b=%2B&a=3&c&&d=&n=12"), &err), OK);
	assert_str(query_get(&c, "a"), "1 2");
	assert_str(query_get(&c, "b"), "+");
	assert_str(query_get(&c, "c"), "");
	assert_null(query_get(&c, "e").ptr);
	assert_int_equal(query_i64(&c, "n", 0, 20, 5, &n, &err), OK);
	assert_int_equal(n, 12);
	assert_int_equal(query_i64(&c, "e", 0, 20, 5, &n, &err), OK);
	assert_int_equal(n, 5);
	assert_int_equal(query_i64(&c, "n", 0, 11, 5, &n, &err), ERR_INPUT);
	assert_string_equal(err.field, "n");
}

static void cookies_are_found_by_their_whole_name(void **state)
{
	assert_str(cookie_get(STR("a=1; safar_session=xyz; b=2"), "safar_session"), "xyz");
	assert_str(cookie_get(STR("safar_session=xyz"), "safar_session"), "xyz");
	assert_null(cookie_get(STR("xsafar_session=1; safar_session2=2; safar_session"), "safar_session").ptr);
	assert_null(cookie_get(STR(""), "safar_session").ptr);
}

static void base64_in_both_alphabets_with_and_without_padding(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = { { "", "" },
		     { "Zg==", "f" },
		     { "Zg", "f" },
		     { "Zm8=", "fo" },
		     { "Zm9v", "foo" },
		     { "V0s6", "WK:" },
		     { "-_-_", "\xfb\xff\xbf" },
		     { "+/+/", "\xfb\xff\xbf" } };
	struct str out;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(base64_decode(&arena, str_of(rows[i].in), &out));
		assert_str(out, rows[i].out);
	}
	assert_false(base64_decode(&arena, STR("Z"), &out));
	assert_false(base64_decode(&arena, STR("Zm9!"), &out));
	assert_false(base64_decode(&arena, (struct str){ "Zm\0v", 4 }, &out));
}

static void members_of_a_body_are_read_once_and_the_first_of_a_name_counts(void **state)
{
	static const struct {
		const char *body, *a; /* a: what stands at "a"; NULL nothing */
		bool known;
	} rows[] = { { "{\"a\":\"x\\u0041\",\"b\":{\"a\":\"y\"},\"a\":\"z\"}", "\"x\\u0041\"", true },
		     { "{\"b\":[{\"a\":1}], \"a\" : true }", "true", true },
		     { "{}", NULL, true },
		     { "{\"\\u0061\":\"x\"}", "\"x\"", false } };
	struct str object, raw, text = STR("");
	struct err err;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct http_call c = call("POST");
		c.body = str_of(rows[i].body);
		assert_int_equal(body_object(&c, &object, &err), OK);
		assert_int_equal(c.members != NULL, rows[i].known);
		assert_int_equal(body_member(&c, "a", &raw), rows[i].a != NULL);
		if (rows[i].a) assert_str(raw, rows[i].a);
	}
	struct http_call c = call("POST");
	c.body = str_of(rows[0].body);
	assert_int_equal(body_object(&c, &object, &err), OK);
	assert_int_equal(body_text(&c, "a", true, &text, &err), OK);
	assert_str(text, "xA");
	assert_int_equal(body_text(&c, "b", false, &text, &err), ERR_INPUT);
	static const char *const broken[] = { "{\"a\":1", "{\"a\":1}{", "{\"a\"}", "[1]", "", "{\"a\":tru}" };
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		struct http_call b = call("POST");
		b.body = str_of(broken[i]);
		assert_int_equal(body_object(&b, &object, &err), ERR_INPUT);
	}
}

static void filters_are_cut_at_the_first_colon(void **state)
{
	struct journey_filter f;
	struct err err;
	assert_int_equal(filter_parse(STR("unit:UAE:Dubai"), &f, &err), OK);
	assert_str(f.dimension, "unit");
	assert_str(f.value, "UAE:Dubai");
	assert_int_equal(f.op, JOURNEY_IS);
	assert_int_equal(filter_parse(STR("channel!:app"), &f, &err), OK);
	assert_str(f.dimension, "channel");
	assert_int_equal(f.op, JOURNEY_IS_NOT);
	assert_int_equal(filter_parse(STR("channel:"), &f, &err), OK); /* those without one */
	assert_int_equal(f.value.len, 0);
	assert_int_equal(filter_parse(STR("channel"), &f, &err), ERR_INPUT);
	assert_int_equal(filter_parse(STR(":app"), &f, &err), ERR_INPUT);
	assert_int_equal(filter_parse(STR("!:app"), &f, &err), ERR_INPUT);
}

static void the_description_is_json_and_has_every_route(void **state)
{
	struct buf b;
	struct json_reader r;
	struct str paths, path, operation;
	buf_init(&b, 4 * MIB);
	http_openapi(&b, "1");
	json_read(&r, buf_view(&b));
	assert_true(json_skip(&r, json_next(&r)));
	assert_int_equal(json_next(&r), JT_END);
	assert_true(json_get(buf_view(&b), STR("paths"), &paths));
	for (size_t i = 0; i < http_route_count; i++) {
		assert_true(json_get(paths, str_of(http_routes[i].path), &path));
		assert_true(json_get(path,
		                     strcmp(http_routes[i].method, "GET") == 0     ? STR("get")
		                     : strcmp(http_routes[i].method, "POST") == 0  ? STR("post")
		                     : strcmp(http_routes[i].method, "PUT") == 0   ? STR("put")
		                     : strcmp(http_routes[i].method, "PATCH") == 0 ? STR("patch")
		                                                                   : STR("delete"),
		                     &operation));
	}
	buf_done(&b);
}

static int begin(void **state)
{
	arena_init(&arena, 16 * MIB);
	return 0;
}

static int end(void **state)
{
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_find_their_route_and_parameters),
		cmocka_unit_test(each_row_of_the_table_can_be_reached_and_has_a_name_of_its_own),
		cmocka_unit_test(
		        no_route_that_changes_something_goes_without_a_key_or_the_csrf_header_unless_it_stands_here),
		cmocka_unit_test(parameters_are_decoded_and_the_first_counts),
		cmocka_unit_test(cookies_are_found_by_their_whole_name),
		cmocka_unit_test(base64_in_both_alphabets_with_and_without_padding),
		cmocka_unit_test(members_of_a_body_are_read_once_and_the_first_of_a_name_counts),
		cmocka_unit_test(filters_are_cut_at_the_first_colon),
		cmocka_unit_test(the_description_is_json_and_has_every_route),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
