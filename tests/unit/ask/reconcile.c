/* Every view of the same scope tells the same numbers: 1,000 random scopes, with segments, over ten stores. */
#include "tests/unit/unit.h"

#include "tests/oracle/segment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ask/ask.h"
#include "base/checked.h"

enum { WORLDS = 10, SCOPES = 100 };

struct world {
	char dir[32], data[64];
	struct arena a;
	struct olog l;
	struct store *st;
	struct ask *ask;
};
static uint64_t seed; /* of the scope at hand */

static void same(const char *what, int64_t got, int64_t want)
{
	if (got != want)
		fail_msg("scope of seed %llu: %s: %lld, not %lld", (unsigned long long)seed, what, (long long)got,
		         (long long)want);
}

static void fine(enum err_code rc, const struct err *err)
{
	if (rc != OK) fail_msg("scope of seed %llu: %s", (unsigned long long)seed, err->text);
}

static struct str body_of(struct arena *a, const struct orow *o)
{
	struct buf b;
	buf_init(&b, 4 * KIB);
	buf_printf(&b, "{\"properties\":{\"colour\":\"%s\",\"journey\":\"%s\",\"unit\":\"u/%s\"", o->colour, o->key,
	           o->colour);
	if (!isnan(o->score)) buf_printf(&b, ",\"score\":%g", o->score);
	if (o->comment) buf_printf(&b, ",\"comment\":\"well\"");
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
			                           .content = i + 1 };
		items[i - from] = (struct store_item){ .event = &e[i - from] };
	}
	if (to > from) fine(store_append(w->st, 7, 1000, items, to - from, NULL, &err), &err);
}

/* Half of the log is there when the index is opened, the other half follows. */
static void world_open(struct world *w, uint64_t of)
{
	struct err err = { 0 };
	const struct str declared[] = { STR("colour"), STR("nothing") };
	const struct ask_options opt = { .dimensions = declared, .n_dimensions = 2, .threads = 3 };
	*w = (struct world){ .dir = "/tmp/safar-test-XXXXXX" };
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->data, sizeof w->data, "%s/data", w->dir);
	arena_init(&w->a, 512 * MIB);
	olog_make(&w->l, &w->a, of,
	          &(struct oshape){
	                  .customers = 25, .events_max = 40, .activities = 5, .tick_ms = 100, .evidence = true });
	fine(store_open(w->data, STORE_CREATE, &w->st, &err), &err);
	append(w, 0, w->l.n / 2);
	fine(ask_open(w->st, &opt, true, NULL, NULL, &w->ask, &err), &err);
	append(w, w->l.n / 2, w->l.n);
	fine(ask_catch_up(w->ask, &err), &err);
}

static void world_close(struct world *w)
{
	char command[64];
	ask_close(w->ask);
	store_close(w->st);
	arena_done(&w->a);
	snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
	assert_int_equal(system(command), 0);
}

/* Edges are what is left of events when each case gives up its first one; each case begins and ends once. */
static void check_graph(const struct journey_dfg *g)
{
	int64_t edges = 0, starts = 0, ends = 0, events = 0;
	for (size_t i = 0; i < g->n_edges; i++) edges += g->edges[i].count;
	for (size_t i = 0; i < g->n_activities; i++) {
		starts += g->starts[i];
		ends += g->ends[i];
		events += g->activities[i].count;
	}
	same("edges are events less cases", edges, g->events - g->cases);
	same("starts are cases", starts, g->cases);
	same("ends are cases", ends, g->cases);
	same("activities are events", events, g->events);
}

static void check_variants(struct world *w, struct arena *a, const struct journey_query *q, const struct journey_dfg *g)
{
	struct journey_variants v;
	struct err err = { 0 };
	int64_t cases = 0;
	fine(ask_variants(w->ask, q, 100000, 0, a, &v, &err), &err);
	for (size_t i = 0; i < v.n_top; i++) cases += v.top[i].count;
	same("cases of the variants", cases, g->cases);
	same("variants", v.variants, g->variants);
	same("variants listed", (int64_t)v.n_top, g->variants);
}

static void check_breakdowns(struct world *w, struct arena *a, const struct journey_query *q,
                             const struct journey_dfg *g)
{
	static const char *const by[] = { "colour", "channel", "nothing" };
	struct ask_touchpoint *t;
	struct ask_value *v;
	struct err err = { 0 };
	size_t n;
	for (size_t d = 0; d < COUNT_OF(by); d++) {
		int64_t sum = 0, plain = 0, values = 0;
		fine(ask_touchpoints(w->ask, q, STR(""), a, &t, &n, NULL, &err), &err);
		for (size_t i = 0; i < n; i++) plain += t[i].stat.visits;
		fine(ask_touchpoints(w->ask, q, str_of(by[d]), a, &t, &n, NULL, &err), &err);
		for (size_t i = 0; i < n; i++) sum += t[i].stat.visits;
		same("touchpoints by a dimension", sum, plain);
		if (q->rules) continue;
		same("touchpoints", plain, g->events);
		fine(ask_values(w->ask, q, str_of(by[d]), 1000, a, &v, &n, &err), &err);
		for (size_t i = 0; i < n; i++) values += v[i].count;
		same("values of a dimension", values, g->events);
	}
}

static void check_units(struct world *w, struct arena *a, const struct journey_query *q, const struct journey_dfg *g)
{
	struct journey_units u;
	struct err err = { 0 };
	fine(ask_units(w->ask, q, STR("unit"), a, &u, &err), &err);
	same("events of all units", u.list[0].n, g->events);
	same("customers of all units", u.list[0].customers, g->customers);
	int64_t n = 0, customers = 0;
	for (size_t i = 1; i < u.n; i++) {
		if (u.list[i].parent != 0) continue;
		n += u.list[i].n;
		customers += u.list[i].customers;
	}
	if (u.n > 1) {
		same("events of the units", n, g->events);
		same("customers of the units", customers, g->customers);
	}
}

/* A funnel's first step is whoever met it: the customers of the activity, those who entered the step of a map. */
static void check_funnel(struct world *w, struct arena *a, const struct journey_query *q, const struct journey_dfg *g)
{
	struct journey_funnel_query f = { .n_steps = 1, .window_ms = INT64_MAX, .by = STR("colour") };
	struct journey_funnel r;
	struct journey_measure m;
	struct err err = { 0 };
	if (!g->n_activities) return;
	if (q->rules) fine(ask_measure(w->ask, q, a, &m, &err), &err);
	for (size_t i = 0; i < (q->rules ? q->rules->n_steps : g->n_activities); i++) {
		struct str names[8];
		size_t n = 0;
		if (!q->rules) names[n++] = g->activities[i].name;
		for (size_t t = 0; q->rules && t < q->rules->n_touchpoints; t++)
			if (q->rules->touchpoints[t].step == i) names[n++] = q->rules->touchpoints[t].key;
		f.steps[0] = (struct journey_funnel_step){ .names = names, .n_names = n };
		fine(ask_funnel(w->ask, q, &f, a, &r, &err), &err);
		same("cases of a funnel", r.cases, g->cases);
		same("customers of a funnel", r.customers, g->customers);
		if (q->rules) same("entered", r.steps[0].cases, m.steps[i].entered);
		else same("customers of an activity", r.steps[0].customers, g->activities[i].customers);
		int64_t groups = 0;
		for (size_t k = 0; k < r.n_groups; k++) groups += r.groups[k].steps[0].cases;
		same("cases by a dimension", groups, r.steps[0].cases);
	}
}

/* Who is in a segment and who is not are everybody. */
static void check_segment(struct world *w, struct arena *a, const struct journey_query *q,
                          const struct journey_dfg *all, const struct journey_segment_node *rule)
{
	struct journey_segment_node not = { .op = JOURNEY_SEGMENT_NOT, .a = (struct journey_segment_node *)rule };
	const struct journey_segment in = { rule, str_format(a, "in %llu", (unsigned long long)seed) },
	                             out = { &not, str_format(a, "out %llu", (unsigned long long)seed) };
	struct journey_query narrow = *q;
	struct journey_dfg g[2];
	struct ask_segment s;
	struct err err = { 0 };
	narrow.who = &in;
	fine(ask_dfg(w->ask, &narrow, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, a, &g[0], &err), &err);
	fine(ask_segment(w->ask, &in, 5, a, &s, &err), &err);
	assert_true(g[0].customers <= s.customers && s.customers <= s.of);
	check_graph(&g[0]);
	check_variants(w, a, &narrow, &g[0]);
	check_breakdowns(w, a, &narrow, &g[0]);
	check_units(w, a, &narrow, &g[0]);
	check_funnel(w, a, &narrow, &g[0]);
	narrow.who = &out;
	fine(ask_dfg(w->ask, &narrow, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, a, &g[1], &err), &err);
	same("events in and out", g[0].events + g[1].events, all->events);
	same("cases in and out", g[0].cases + g[1].cases, all->cases);
	same("customers in and out", g[0].customers + g[1].customers, all->customers);
}

static void all_views_of_a_scope_agree(void **state)
{
	int64_t events = 0;
	for (uint64_t k = 0; k < WORLDS; k++) {
		struct world w;
		world_open(&w, 500 + k);
		for (uint64_t i = 0; i < SCOPES; i++) {
			struct oquestion o;
			struct arena a;
			struct journey_dfg g;
			struct err err = { 0 };
			seed = 1 + k * SCOPES + i;
			arena_init(&a, 512 * MIB);
			oquestion_make(&o, seed, seed % 3 == 0);
			fine(ask_dfg(w.ask, &o.q, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &a, &g, &err), &err);
			check_graph(&g);
			check_variants(&w, &a, &o.q, &g);
			check_breakdowns(&w, &a, &o.q, &g);
			check_units(&w, &a, &o.q, &g);
			check_funnel(&w, &a, &o.q, &g);
			check_segment(&w, &a, &o.q, &g, osegment_make(&a, seed));
			events += g.events;
			arena_done(&a);
		}
		world_close(&w);
	}
	assert_true(events > WORLDS * SCOPES * 20); /* empty scopes would prove nothing */
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_views_of_a_scope_agree) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
