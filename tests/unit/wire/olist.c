/* The mapping in examples/ on the real orders, recounted against the published figures of the set. */
#include <math.h>

#include "base/hash.h"
#include "base/json.h"
#include "tests/unit/wire/caught.h"

/* Late or not, by order: the join that a reader of the events would do. */
struct order {
	uint64_t journey;
	bool late, delivered;
};

struct recount {
	struct arena scratch;
	struct order *orders;
	size_t n;
	int64_t by_name[5], n_late, n_on_time, refused, not_in_orders, with_value;
	double sum_late, sum_on_time, sum_value;
};

static const char *const names[] = { "Order Bought", "Order Approved", "Order Handed Over", "Order Delivered",
	                             "Order Reviewed" };

static int by_journey(const void *a, const void *b)
{
	const struct order *x = a, *y = b;
	return (x->journey > y->journey) - (x->journey < y->journey);
}

static enum err_code count_event(void *ctx, const struct wire_event *e, struct err *err)
{
	(void)err;
	struct recount *r = ctx;
	struct str properties = { 0 }, journey = { 0 }, expected = { 0 };
	int64_t expected_ms, which = 0;
	arena_reset(&r->scratch);
	while (which < 5 && !str_eq(e->name, str_of(names[which]))) which++;
	assert_true(which < 5);
	r->by_name[which]++;
	assert_true(json_get(e->body, STR("properties"), &properties));
	assert_true(json_get_text(properties, STR("journey"), &r->scratch, &journey));
	uint64_t h = hash64(journey);
	double v;
	if (which == 0 && json_get_number(properties, STR("value"), &v)) r->with_value++, r->sum_value += v;
	if (which == 3) {
		assert_true(json_get_text(properties, STR("expected_at"), &r->scratch, &expected));
		assert_true(when_parse_iso(expected, &expected_ms, NULL));
		r->orders[r->n++] = (struct order){ .journey = h, .late = e->at_ms > expected_ms, .delivered = true };
	}
	if (which == 4) {
		struct order key = { .journey = h };
		if (r->by_name[4] == 1) qsort(r->orders, r->n, sizeof *r->orders, by_journey);
		const struct order *o = bsearch(&key, r->orders, r->n, sizeof key, by_journey);
		assert_true(json_get_number(properties, STR("score"), &v));
		if (o && o->late) r->n_late++, r->sum_late += v;
		else if (o) r->n_on_time++, r->sum_on_time += v;
	}
	return OK;
}

static enum err_code count_refusal(void *ctx, const struct wire_refusal *w, struct err *err)
{
	(void)err;
	struct recount *r = ctx;
	r->refused++;
	if (strcmp(w->err.id, "row.join") == 0 && strstr(w->err.text, "is not in orders")) r->not_in_orders++;
	else print_message("line %lld: %s\n", (long long)w->line, w->err.text);
	return OK;
}

static void the_published_means_of_late_and_punctual_orders_come_out(void **s)
{
	(void)s;
	static const char *const files[] = { "orders", "order_reviews", "customers", "order_payments" };
	struct wire_input in[COUNT_OF(files)];
	struct err err;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char path[600];
		snprintf(path, sizeof path, DATA "/olist/%s.csv.zst", files[i]);
		in[i] = file_input(path);
		if (!in[i].ctx) {
			print_message("skipped: %s is absent\n", path);
			skip();
		}
		in[i].name = str_format(&caught.arena, "%s.csv.zst", files[i]);
	}
	struct wire_mapping *m;
	if (wire_mapping_read(whole_file(EXAMPLES "/olist.toml"), &caught.arena, &m, &err) != OK)
		fail_msg("%s", err.text);
	assert_str(wire_mapping_source(m), "Olist orders");
	struct recount r = { 0 };
	arena_init(&r.scratch, MIB);
	r.orders = calloc(100000, sizeof *r.orders);
	struct wire_sink sink = { .ctx = &r, .event = count_event, .refuse = count_refusal };
	if (wire_table(m, in, COUNT_OF(in), WIRE_AUTO, ms("2026-11-22T00:00:00Z"), &sink, &err) != OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT_OF(in); i++) fclose(in[i].ctx);

	assert_int_equal(r.by_name[0], 37467);
	assert_int_equal(r.not_in_orders, 10972);
	assert_int_equal(r.refused, 10972);
	assert_int_equal(r.by_name[4], 36996 - 10972);
	assert_int_equal(r.n_late, 1858);
	assert_int_equal(r.n_on_time, 21745);
	assert_true(fabs(r.sum_late / (double)r.n_late - 2.544) < 0.0005);
	assert_true(fabs(r.sum_on_time / (double)r.n_on_time - 4.283) < 0.0005);
	print_message("%lld %lld %lld %lld %lld events; %lld orders with a value, %.2f BRL\n", (long long)r.by_name[0],
	              (long long)r.by_name[1], (long long)r.by_name[2], (long long)r.by_name[3],
	              (long long)r.by_name[4], (long long)r.with_value, r.sum_value);
	free(r.orders);
	arena_done(&r.scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_means_of_late_and_punctual_orders_come_out),
	};
	caught_start();
	int failed = cmocka_run_group_tests_name("wire olist", tests, NULL, NULL);
	arena_done(&caught.arena);
	return failed;
}
