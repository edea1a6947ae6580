/* Questions over a real store, against the slow twins and against each other. */
#include "tests/unit/unit.h"

#include "tests/oracle/check.h"

#include <math.h>
#include <stdlib.h>

#include "ask/ask.h"
#include "base/checked.h"

struct world {
	char dir[32], data[64];
	struct arena a;
	struct olog l;
	struct oquestion o;
	struct store *st;
	struct ask *ask[2]; /* with one thread, with three */
};

static struct str body_of(struct arena *a, const struct orow *o)
{
	struct buf b;
	buf_init(&b, 4 * KIB);
	buf_printf(&b, "{\"properties\":{\"pad\":1");
	if (*o->about) buf_printf(&b, ",\"about\":\"%s\"", o->about);
	if (*o->colour) buf_printf(&b, ",\"colour\":\"%s\"", o->colour);
	if (o->comment) buf_printf(&b, ",\"comment\":\"so \\u0021\"");
	if (!isnan(o->effort)) buf_printf(&b, ",\"effort\":%g", o->effort);
	if (!isnan(o->overrun_ms))
		buf_printf(&b, ",\"expected_at\":%lld", (long long)o->at_ms - (long long)o->overrun_ms);
	if (o->failed == 1) buf_printf(&b, ",\"failed\":true");
	if (o->failed > 1) buf_printf(&b, ",\"failed\":%d", o->failed);
	if (*o->key) buf_printf(&b, ",\"journey\":\"%s\"", o->key);
	if (!isnan(o->score)) buf_printf(&b, ",\"score\":%g", o->score);
	if (o->max > 5) buf_printf(&b, ",\"score_kind\":\"nps\"");
	if (!isnan(o->wait_ms)) buf_printf(&b, ",\"wait_ms\":%g", o->wait_ms);
	buf_printf(&b, "}}");
	const struct str s = str_copy(a, buf_view(&b));
	buf_done(&b);
	return s;
}

static void append(struct world *w, size_t from, size_t to)
{
	struct err err = { 0 };
	struct wire_event *e = ARENA_ARRAY(&w->a, struct wire_event, to - from);
	struct store_item *items = ARENA_ARRAY(&w->a, struct store_item, to - from);
	for (size_t i = from; i < to; i++) {
		const struct orow *o = &w->l.rows[i];
		e[i - from] = (struct wire_event){ .type = WIRE_TRACK,
			                           .customer = str_format(&w->a, "c%03u", o->customer),
			                           .name = str_of(o->event),
			                           .channel = str_of(o->channel),
			                           .id = str_format(&w->a, "m%zu", i),
			                           .at_ms = o->at_ms,
			                           .body = body_of(&w->a, o),
			                           .content = i + 1,
			                           .line = (int64_t)i };
		items[i - from] = (struct store_item){ .event = &e[i - from] };
	}
	if (to > from && store_append(w->st, 7, 1000, items, to - from, NULL, &err) != OK) fail_msg("%s", err.text);
	for (size_t i = from; i < to; i++) {
		assert_int_equal(items[i - from].verdict, STORE_STORED);
		w->l.rows[i].arrival = items[i - from].arrival;
	}
}

static void world_open(struct world *w, uint64_t seed)
{
	struct err err = { 0 };
	*w = (struct world){ .dir = "/tmp/safar-test-XXXXXX" };
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->data, sizeof w->data, "%s/data", w->dir);
	arena_init(&w->a, 512 * MIB);
	olog_make(&w->l, &w->a, seed,
	          &(struct oshape){
	                  .customers = 9, .events_max = 60, .activities = 5, .tick_ms = 100, .evidence = true });
	oquestion_make(&w->o, seed, true);
	if (store_open(w->data, STORE_CREATE, &w->st, &err) != OK) fail_msg("%s", err.text);
	append(w, 0, w->l.n / 2);
	for (int i = 0; i < 2; i++) {
		/* "nothing" has a column in which nobody has a value. */
		const struct str declared[] = { STR("colour"), STR("nothing") };
		const struct ask_options opt = { .dimensions = declared, .n_dimensions = 2, .threads = i ? 3 : 1 };
		if (ask_open(w->st, &opt, i, NULL, NULL, &w->ask[i], &err) != OK) fail_msg("%s", err.text);
	}
	for (size_t at = w->l.n / 2; at < w->l.n; at += 17) append(w, at, at + 17 < w->l.n ? at + 17 : w->l.n);
	for (int i = 0; i < 2; i++)
		if (ask_catch_up(w->ask[i], &err) != OK) fail_msg("%s", err.text);
}

static void world_close(struct world *w)
{
	char command[64];
	for (int i = 0; i < 2; i++) ask_close(w->ask[i]);
	store_close(w->st);
	arena_done(&w->a);
	snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
	assert_int_equal(system(command), 0);
}

static void check_people(struct world *w, const struct journey_measure *m)
{
	struct err err = { 0 };
	for (uint16_t t = 1; t <= m->n_touchpoints; t++) {
		const struct journey_touchpoint_stat *x = &m->touchpoints[t - 1];
		const int64_t want[ASK_WHATS] = { [ASK_ENTERED] = x->instances,
			                          [ASK_REPEATED] = x->repeats,
			                          [ASK_BROKEN] = x->broken,
			                          [ASK_KEPT] = x->kept,
			                          [ASK_FAILED] = x->signals[JOURNEY_FAILURE].n,
			                          [ASK_RATED] = x->signals[JOURNEY_RATING].n,
			                          [ASK_COMMENTED] = x->comments,
			                          [ASK_ADVANCED] = -1,
			                          [ASK_GOAL] = -1,
			                          [ASK_LOST] = -1,
			                          [ASK_STILL_IN] = -1 };
		int64_t states = 0;
		for (int what = 0; what < ASK_WHATS; what++) {
			struct ask_people all, page;
			assert_int_equal(
			        ask_people(w->ask[1], &w->o.q, t, -1, (enum ask_what)what, 0, 10000, &w->a, &all, &err),
			        OK);
			if (want[what] >= 0) assert_int_equal(all.total, want[what]);
			else states += all.total;
			assert_int_equal(all.next, 0);
			/* Page by page it is the same list. */
			uint64_t cursor = 0;
			size_t at = 0;
			do {
				assert_int_equal(ask_people(w->ask[0], &w->o.q, t, -1, (enum ask_what)what, cursor, 2,
				                            &w->a, &page, &err),
				                 OK);
				assert_int_equal(page.total, all.total);
				for (size_t i = 0; i < page.n_rows; i++, at++) {
					assert_true(at < all.n_rows);
					assert_int_equal(page.rows[i].customer, all.rows[at].customer);
					assert_int_equal(page.rows[i].first_ms, all.rows[at].first_ms);
				}
				cursor = page.next;
			} while (cursor);
			assert_int_equal(at, all.n_rows);
		}
		assert_int_equal(states, x->instances);
	}
	for (int s = 0; s < (int)m->n_steps; s++) {
		const int64_t want[] = { m->steps[s].entered, m->steps[s].advanced, m->steps[s].lost,
			                 m->steps[s].still_in, m->steps[s].goal };
		for (int what = 0; what < 5; what++) {
			struct ask_people p;
			assert_int_equal(
			        ask_people(w->ask[1], &w->o.q, 0, s, (enum ask_what)what, 0, 5, &w->a, &p, &err), OK);
			assert_int_equal(p.total, want[what]);
		}
	}
}

static void the_map_agrees_with_its_twin_and_with_its_people(void **state)
{
	for (uint64_t seed = 100; seed < 112; seed++) {
		struct world w;
		struct err err = { 0 };
		world_open(&w, seed);
		struct journey_measure got, one, want;
		if (ask_measure(w.ask[1], &w.o.q, &w.a, &got, &err) != OK) fail_msg("%s", err.text);
		assert_int_equal(ask_measure(w.ask[0], &w.o.q, &w.a, &one, &err), OK);
		omeasure(&w.l, &w.o.q, &w.a, &want);
		want.arrival_end = store_arrival_end(w.st);
		check_measure(&got, &want);
		/* Not about the same: the same to the last bit, however many threads. */
		assert_memory_equal(got.touchpoints, one.touchpoints, got.n_touchpoints * sizeof *got.touchpoints);
		assert_memory_equal(&got.whole, &one.whole, sizeof got.whole);
		for (size_t i = 0; i < got.n_effects; i++)
			assert_true(got.effects[i].diff_se <= one.effects[i].diff_se &&
			            got.effects[i].diff_se >= one.effects[i].diff_se);
		check_people(&w, &got);
		world_close(&w);
	}
}

/* Most events of that name and channel say something about another event or the whole, and none about itself. */
static bool is_feedback(struct world *w, const struct ask_inventory_row *row)
{
	size_t n, all = 0, other = 0, own = 0;
	const struct ocase *cases = ocases(&w->l, &w->o.q, &w->a, &n);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < cases[i].n; k++) {
			const struct orow *r = cases[i].rows[k];
			if (!str_eq(str_of(r->event), row->event) || !str_eq(str_of(r->channel), row->channel))
				continue;
			const bool says = r->comment || r->score == r->score;
			all++;
			other += says && *r->about;
			own += says && !*r->about;
		}
	}
	return own == 0 && 2 * other > all;
}

static void statistics_inventory_and_values_add_up(void **state)
{
	for (uint64_t seed = 200; seed < 206; seed++) {
		struct world w;
		struct err err = { 0 };
		world_open(&w, seed);
		struct journey_measure m;
		assert_int_equal(ask_measure(w.ask[0], &w.o.q, &w.a, &m, &err), OK);
		struct ask_touchpoint *t;
		struct ask_inventory_row *rows;
		struct ask_value *v;
		size_t n;
		assert_int_equal(ask_touchpoints(w.ask[1], &w.o.q, STR(""), &w.a, &t, &n, NULL, &err), OK);
		assert_int_equal(n, m.n_touchpoints);
		int64_t visits = m.other_events;
		for (size_t i = 0; i < n; i++) visits += t[i].stat.visits;
		assert_int_equal(visits, m.events);
		struct journey_query bare = w.o.q;
		bare.rules = NULL;
		bare.instance.ends_at_goal = false;
		struct journey_dfg g;
		assert_int_equal(ask_dfg(w.ask[1], &bare, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &w.a, &g, &err),
		                 OK);
		assert_int_equal(ask_touchpoints(w.ask[1], &bare, STR("colour"), &w.a, &t, &n, NULL, &err), OK);
		for (size_t i = 0; i < g.n_activities; i++) {
			visits = 0;
			for (size_t k = 0; k < n; k++)
				if (str_eq(t[k].name, g.activities[i].name)) visits += t[k].stat.visits;
			assert_int_equal(visits, g.activities[i].count);
		}
		assert_int_equal(ask_values(w.ask[1], &bare, STR("event"), 100, &w.a, &v, &n, &err), OK);
		assert_int_equal(n, g.n_activities);
		for (size_t i = 0; i < n; i++) {
			assert_true(str_eq(v[i].value, g.activities[i].name));
			assert_int_equal(v[i].count, g.activities[i].count);
			assert_int_equal(v[i].customers, g.activities[i].customers);
		}
		assert_int_equal(ask_inventory(w.ask[1], &w.o.q, &w.a, &rows, &n, &err), OK);
		int64_t count = 0;
		size_t silent = 0, unvisited = 0;
		for (size_t i = 0; i < n; i++) {
			count += rows[i].count;
			silent += rows[i].status == ASK_SILENT;
			if (rows[i].status == ASK_UNDOCUMENTED || rows[i].status == ASK_FEEDBACK) {
				assert_int_equal(rows[i].touchpoint.len, 0);
				assert_int_equal(rows[i].status == ASK_FEEDBACK, is_feedback(&w, &rows[i]));
			}
		}
		for (size_t i = 0; i < m.n_touchpoints; i++) unvisited += m.touchpoints[i].visits == 0;
		assert_int_equal(silent, unvisited);
		if (!w.o.q.instance.ends_at_goal) assert_int_equal(count, m.events);
		world_close(&w);
	}
}

static void a_customer_has_a_story_and_can_be_found(void **state)
{
	struct world w;
	struct err err = { 0 };
	world_open(&w, 301);
	struct wire_event e[2] = {
		{ .type = WIRE_IDENTIFY,
		  .customer = STR("c001"),
		  .name = STR("identify"),
		  .id = STR("i1"),
		  .at_ms = 10,
		  .body = STR("{\"traits\":{\"city\":\"Shiraz\",\"n\":1}}"),
		  .content = 1 },
		{ .type = WIRE_IDENTIFY,
		  .customer = STR("c001"),
		  .anonymous = STR("dev-9"),
		  .name = STR("identify"),
		  .id = STR("i2"),
		  .at_ms = 20,
		  .body = STR("{\"traits\":{\"city\":\"Dubai\"}}"),
		  .content = 2 },
	};
	struct store_item items[2] = { { .event = &e[0] }, { .event = &e[1] } };
	assert_int_equal(store_append(w.st, 7, 2000, items, 2, NULL, &err), OK);
	assert_int_equal(ask_catch_up(w.ask[1], &err), OK);
	struct ask_customer c;
	if (ask_customer(w.ask[1], NULL, STR("c001"), STR(""), 5000, true, &w.a, &c, &err) != OK)
		fail_msg("%s", err.text);
	assert_str(c.external, "c001");
	assert_str(c.traits, "{\"city\":\"Dubai\",\"n\":1}");
	assert_int_equal(c.n_ids, 2);
	int64_t want = 2;
	for (size_t i = 0; i < w.l.n; i++) want += w.l.rows[i].customer == 1;
	assert_int_equal(c.events_total, want);
	assert_int_equal(c.n_events, want);
	for (size_t i = 1; i < c.n_events; i++)
		assert_true(c.events[i - 1].at_ms <= c.events[i].at_ms && c.events[i].body.len >= 2 &&
		            c.events[i].name.len);
	/* By the device's id it is the same person. */
	struct ask_customer d;
	assert_int_equal(ask_customer(w.ask[1], &w.o.q, STR("dev-9"), STR(""), 3, true, &w.a, &d, &err), OK);
	assert_int_equal(d.number, c.number);
	assert_int_equal(d.n_events, 3);
	assert_int_equal(d.events[2].arrival, c.events[c.n_events - 1].arrival);
	/* The columns alone say the same, but for what only the log knows. */
	assert_int_equal(ask_customer(w.ask[1], &w.o.q, STR("c001"), STR(""), 5000, false, &w.a, &d, &err), OK);
	assert_int_equal(d.n_events, c.n_events);
	assert_int_equal(d.n_ids, c.n_ids);
	assert_int_equal(d.events_total, c.events_total);
	for (size_t i = 0; i < d.n_events; i++) {
		assert_int_equal(d.events[i].arrival, c.events[i].arrival);
		assert_int_equal(d.events[i].at_ms, c.events[i].at_ms);
		assert_true(str_eq(d.events[i].name, c.events[i].name));
		assert_true(str_eq(d.events[i].channel, c.events[i].channel));
		assert_str(d.events[i].body, "{}");
	}
	assert_str(d.traits, "{}");
	assert_int_equal(d.n_links, 0);
	assert_int_equal(ask_customer(w.ask[1], NULL, STR("nobody"), STR(""), 3, true, &w.a, &d, &err), ERR_NOT_FOUND);
	struct ask_found *f;
	size_t n;
	assert_int_equal(ask_customers(w.ask[1], STR("c00"), STR(""), 100, &w.a, &f, &n, &err), OK);
	assert_true(n >= 5 && n <= 9);
	for (size_t i = 1; i < n; i++) assert_true(str_cmp(f[i - 1].external, f[i].external) < 0);
	assert_int_equal(ask_customers(w.ask[1], STR(""), STR(""), 3, &w.a, &f, &n, &err), OK);
	assert_int_equal(n, 3);
	assert_true(f[0].last_ms >= f[1].last_ms && f[1].last_ms >= f[2].last_ms);
	/* identify is nothing that happened: the graph does not know it. */
	struct journey_dfg g;
	const struct journey_query all = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	assert_int_equal(ask_dfg(w.ask[1], &all, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &w.a, &g, &err), OK);
	assert_int_equal(g.events, w.l.n);
	struct ask_state s;
	ask_state(w.ask[1], &s);
	assert_int_equal(s.events, w.l.n + 2);
	assert_int_equal(s.arrival_end, s.store_end);
	world_close(&w);
}

static void impossible_questions_are_refused(void **state)
{
	struct world w;
	struct err err = { 0 };
	world_open(&w, 302);
	struct journey_query q = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	struct journey_measure m;
	struct ask_people p;
	struct ask_value *v;
	size_t n;
	assert_int_equal(ask_measure(w.ask[0], &q, &w.a, &m, &err), ERR_INPUT);
	assert_int_equal(ask_people(w.ask[0], &w.o.q, 400, -1, ASK_LOST, 0, 10, &w.a, &p, &err), ERR_NOT_FOUND);
	assert_int_equal(ask_people(w.ask[0], &w.o.q, 1, -1, ASK_LOST, 0, 0, &w.a, &p, &err), ERR_LIMIT);
	assert_int_equal(ask_values(w.ask[0], &q, STR("shoe size"), 10, &w.a, &v, &n, &err), ERR_NOT_FOUND);
	/* A cut by a property that nobody declared declares it: the asker without a following thread reads it at once.
	 */
	q.by = JOURNEY_BY_INSTANCE;
	q.instance = (struct journey_instance_rule){ .cut = JOURNEY_CUT_KEY, .key = STR("score"), .gap_ms = 1000 };
	struct journey_dfg g;
	/* A filter by a property that nobody declared is refused: as "no value" it would answer nothing, or everything.
	 */
	q.n_filters = 1;
	q.filters[0] = (struct journey_filter){ .dimension = STR("shoe size"), .value = STR("") };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask_dfg(w.ask[i], &q, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &w.a, &g, &err),
		                 ERR_INPUT);
		assert_string_equal(err.id, "query.dimension");
	}
	q.n_filters = 0;
	if (ask_dfg(w.ask[0], &q, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &w.a, &g, &err) != OK)
		fail_msg("%s", err.text);
	assert_true(g.cases > 0 && g.cases < g.events);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_map_agrees_with_its_twin_and_with_its_people),
		cmocka_unit_test(statistics_inventory_and_values_add_up),
		cmocka_unit_test(a_customer_has_a_story_and_can_be_found),
		cmocka_unit_test(impossible_questions_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
