/* The simplified graph against a slow twin: texts, loops over cases, all pairs of nodes. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

enum { NAMES_MAX = 16, START = NAMES_MAX, END, NODES };

/* One activity of the twin. */
struct oact {
	const char *name;
	int64_t count, customers, cases;
	bool kept;
};

static size_t find_name(const struct oact *acts, size_t n, const char *name)
{
	size_t i = 0;
	while (i < n && strcmp(acts[i].name, name) != 0) i++;
	return i;
}

static int by_cases(const void *x, const void *y)
{
	const struct oact *a = x, *b = y;
	if (a->cases != b->cases) return a->cases > b->cases ? -1 : 1;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* All activities of the cases, and which of them hold `share` of the events. */
static size_t oactivities(const struct oasked *w, double share, struct oact *acts)
{
	size_t n = 0;
	int64_t events = 0, sum = 0;
	for (size_t i = 0; i < w->n; i++) {
		for (size_t k = 0; k < w->cases[i].n; k++) {
			const char *name = oactivity(&w->o.q, w->cases[i].rows[k]);
			if (find_name(acts, n, name) == n) acts[n++] = (struct oact){ .name = name };
		}
	}
	for (size_t x = 0; x < n; x++) {
		uint32_t last = 0;
		for (size_t i = 0; i < w->n; i++) {
			int64_t here = 0;
			for (size_t k = 0; k < w->cases[i].n; k++)
				here += strcmp(oactivity(&w->o.q, w->cases[i].rows[k]), acts[x].name) == 0;
			acts[x].count += here;
			acts[x].cases += here > 0;
			acts[x].customers += here > 0 && last != w->cases[i].customer;
			if (here) last = w->cases[i].customer;
		}
		events += acts[x].count;
	}
	qsort(acts, n, sizeof *acts, by_cases);
	for (size_t x = 0; x < n; x++) {
		acts[x].kept = x == 0 || (double)sum < share * (double)events - 1e-9;
		sum += acts[x].count;
	}
	return n;
}

/* The cases without the rows of activities that are not kept. */
static size_t ofiltered(const struct oasked *w, const struct oact *acts, size_t n_acts, struct ocase *out)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct ocase c = { .customer = w->cases[i].customer, .rows = w->cases[i].rows };
		const struct orow **kept = malloc(w->cases[i].n * sizeof *kept);
		for (size_t k = 0; k < w->cases[i].n; k++) {
			const struct orow *r = w->cases[i].rows[k];
			if (acts[find_name(acts, n_acts, oactivity(&w->o.q, r))].kept) kept[c.n++] = r;
		}
		c.rows = kept;
		if (c.n) out[n++] = c;
		else free(kept);
	}
	return n;
}

struct ograph {
	int64_t arcs[NODES][NODES], people[NODES][NODES];
	int64_t events, edges;
};

static void ocount(const struct oasked *w, const struct oact *acts, size_t n_acts, const struct ocase *cases, size_t n,
                   struct ograph *g)
{
	static uint32_t last[NODES][NODES];
	memset(last, 0, sizeof last);
	memset(g, 0, sizeof *g);
	for (size_t i = 0; i < n; i++) {
		size_t before = START;
		for (size_t k = 0; k <= cases[i].n; k++) {
			const size_t at =
			        k < cases[i].n ? find_name(acts, n_acts, oactivity(&w->o.q, cases[i].rows[k])) : END;
			g->arcs[before][at]++;
			g->people[before][at] += last[before][at] != cases[i].customer;
			last[before][at] = cases[i].customer;
			before = at;
		}
		g->events += (int64_t)cases[i].n;
		g->edges += (int64_t)cases[i].n - 1;
	}
}

/* The greatest weight of the weakest arc on a way, for each pair; 0: no way (Floyd and Warshall). */
static void owidest(int64_t d[NODES][NODES])
{
	for (size_t k = 0; k < NODES; k++)
		for (size_t i = 0; i < NODES; i++)
			for (size_t j = 0; j < NODES; j++) {
				const int64_t through = d[i][k] < d[k][j] ? d[i][k] : d[k][j];
				if (through > d[i][j]) d[i][j] = through;
			}
}

struct oway {
	size_t from, to;
	int64_t count;
	const char *a, *b;
};
static int by_strength(const void *x, const void *y)
{
	const struct oway *a = x, *b = y;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	const int c = strcmp(a->a, b->a);
	return c ? c : strcmp(a->b, b->b);
}

/* Of the arcs of one kind (START out, END in, or edges), those that hold the share. */
static void okeep(const struct ograph *g, const struct oact *acts, size_t n, size_t kind, double share,
                  bool keep[NODES][NODES])
{
	static struct oway list[NODES * NODES];
	size_t k = 0;
	int64_t total = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (kind != NODES) {
			/* Ties of starts and ends go by the order of the view. */
			static char order[NAMES_MAX][4];
			snprintf(order[i], sizeof order[i], "%02d", (int)i % 90);
			const size_t from = kind == START ? START : i, to = kind == START ? i : END;
			list[k++] = (struct oway){ from, to, g->arcs[from][to], order[i], "" };
			continue;
		}
		for (size_t j = 0; j < n; j++)
			if (g->arcs[i][j]) list[k++] = (struct oway){ i, j, g->arcs[i][j], acts[i].name, acts[j].name };
	}
	for (size_t i = 0; i < k; i++) total += list[i].count;
	qsort(list, k, sizeof *list, by_strength);
	for (size_t i = 0; i < k && (double)sum < share * (double)total - 1e-9; i++) {
		keep[list[i].from][list[i].to] = true;
		sum += list[i].count;
	}
}

/* The weight of an activity's strongest arc in (or out), loops aside. */
static int64_t ostrongest(const struct ograph *g, size_t n, size_t node, bool in)
{
	int64_t best = in ? g->arcs[START][node] : g->arcs[node][END];
	for (size_t i = 0; i < n; i++) {
		const int64_t w = in ? g->arcs[i][node] : g->arcs[node][i];
		if (i != node && w > best) best = w;
	}
	return best;
}

static void check_arcs(const struct journey_view *v, const struct ograph *g, const struct oact *acts, size_t n,
                       double share)
{
	bool drawn[NODES][NODES] = { { false } }, wanted[NODES][NODES] = { { false } };
	for (size_t i = 0; i < v->n_edges; i++) drawn[v->edges[i].from][v->edges[i].to] = true;
	for (size_t i = 0; i < n; i++) {
		drawn[START][i] = v->activities[i].start_kept;
		drawn[i][END] = v->activities[i].end_kept;
	}
	okeep(g, acts, n, NODES, share, wanted);
	okeep(g, acts, n, START, share, wanted);
	okeep(g, acts, n, END, share, wanted);

	static int64_t all[NODES][NODES], some[NODES][NODES];
	memcpy(all, g->arcs, sizeof all);
	memset(some, 0, sizeof some);
	size_t extra = 0;
	for (size_t i = 0; i < NODES; i++) {
		for (size_t j = 0; j < NODES; j++) {
			if (wanted[i][j]) assert_true(drawn[i][j]);
			if (!drawn[i][j]) continue;
			assert_true(g->arcs[i][j] > 0);
			some[i][j] = g->arcs[i][j];
			extra += !wanted[i][j];
		}
	}
	owidest(all);
	owidest(some);
	for (size_t x = 0; x < n; x++) {
		assert_true(some[START][x] > 0);
		assert_true(some[x][END] > 0);
		int64_t in = 0, out = 0;
		for (size_t i = 0; i < NODES; i++) {
			if (i == x) continue;
			if (drawn[i][x] && g->arcs[i][x] > in) in = g->arcs[i][x];
			if (drawn[x][i] && g->arcs[x][i] > out) out = g->arcs[x][i];
		}
		assert_int_equal(in, ostrongest(g, n, x, true));
		assert_int_equal(out, ostrongest(g, n, x, false));
	}
	/* At most: one strongest arc in and out each, and the ways of two trees. */
	assert_true(extra <= 4 * n);
}

/* Mean and clustered interval of the ratings that speak of an activity, recounted. */
static void check_score(const struct oasked *w, const struct journey_view_activity *x)
{
	static struct stats_answer answers[4096];
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		for (size_t k = 0; k < w->cases[i].n; k++) {
			const struct orow *r = w->cases[i].rows[k];
			if (r->score != r->score) continue;
			bool whole = false;
			uint16_t code = 0;
			const char *name = "";
			if (w->o.q.rules) {
				code = oabout(&w->o.q, w->cases, w->n, &w->cases[i], k, &whole);
				if (code) name = w->o.q.rules->touchpoints[code - 1].key.ptr;
			} else if (!*r->about) {
				name = r->event;
			} else if (strcmp(r->about, "journey") != 0) {
				/* The latest earlier row of that event in the case, else of the customer. */
				for (size_t j = 0; j < w->n; j++)
					for (size_t m = 0; w->cases[j].customer == r->customer && m < w->cases[j].n;
					     m++) {
						const struct orow *o = w->cases[j].rows[m];
						const bool earlier = o->at_ms != r->at_ms ? o->at_ms < r->at_ms
						                                          : o->arrival < r->arrival;
						if (earlier && strcmp(o->event, r->about) == 0) name = r->about;
					}
			}
			if (whole || !str_eq(str_of(name), x->name)) continue;
			answers[n++] =
			        (struct stats_answer){ 100 * (r->score - r->min) / (r->max - r->min), 1, r->customer };
		}
	}
	struct stats_estimate want;
	double se;
	assert_int_equal(stats_mean_clustered(answers, n, &want, &se, NULL), OK);
	assert_int_equal(x->score.n, n);
	assert_int_equal(!!(x->score.flags & STATS_SUPPRESSED), n < 5);
	if (n < 5) return;
	stats_on_scale(&want, (struct interval){ 0, 100 });
	assert_near(x->score.est, want.est, 1e-4);
	assert_near(x->score.lo, want.lo, 1e-3);
	assert_near(x->score.hi, want.hi, 1e-3);
}

static int64_t people(const struct oasked *w, const struct journey_plan *p, struct journey_flow_figure f)
{
	const struct journey_behind what = { journey_flow_holds, &f };
	void *pass = oasked_run(w, p, &journey_behind_pass, &what);
	const struct journey_set *set;
	struct err err;
	assert_int_equal(journey_behind_set(pass, &set, &err), OK);
	const int64_t n = journey_set_n(set);
	journey_behind_pass.free(pass);
	return n;
}

static struct journey_flow *flow_over(const struct oasked *w, const struct journey_plan *p)
{
	struct journey_flow *f = journey_flow_new(p, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS);
	assert_non_null(f);
	for (int i = 0; i < OASKED_RUNS; i++) journey_flow_add(f, &w->c[i]);
	return f;
}

static void check_one(struct oasked *w, double activities, double edges)
{
	const struct journey_simplify what = { activities, edges };
	struct journey_activities all;
	struct journey_choice choice;
	struct journey_plan *plan;
	struct journey_dfg g;
	struct journey_view v;
	struct err err;
	void *visits = oasked_run(w, w->plan, &journey_visits_pass, NULL);
	assert_int_equal(journey_visits_list(visits, &w->a, &all, &err), OK);
	assert_int_equal(journey_choose(&all, &what, &w->a, &choice, &err), OK);
	assert_int_equal(journey_plan_keep(w->plan, choice.keep, &w->a, &plan, &err), OK);
	journey_visits_pass.free(visits);
	struct journey_flow *f = flow_over(w, plan);
	assert_int_equal(journey_flow_dfg(f, &w->a, &g, &err), OK);
	assert_int_equal(journey_view(&choice, &g, &what, &w->a, &v, &err), OK);
	journey_flow_free(f);

	struct oact acts[NAMES_MAX];
	static struct ograph want;
	size_t kept = 0;
	const size_t n = oactivities(w, activities, acts);
	while (kept < n && acts[kept].kept) kept++;
	struct ocase *cases = ARENA_ARRAY(&w->a, struct ocase, w->n + 1);
	const size_t n_cases = ofiltered(w, acts, n, cases);
	ocount(w, acts, kept, cases, n_cases, &want);

	assert_int_equal(v.n_activities, kept);
	assert_int_equal(v.kept.activities, kept);
	assert_int_equal(v.kept.of_activities, n);
	assert_int_equal(v.cases, n_cases);
	assert_int_equal(v.kept.cases, n_cases);
	assert_int_equal(v.kept.of_cases, w->n);
	assert_int_equal(v.kept.events, want.events);
	assert_int_equal(v.kept.of_edge_count, want.edges);
	int64_t events = 0, starts = 0, ends = 0, drawn = 0, different = 0;
	for (size_t i = 0; i < n; i++) events += acts[i].count;
	assert_int_equal(v.kept.of_events, events);
	for (size_t i = 0; i < kept; i++) {
		const struct journey_view_activity *x = &v.activities[i];
		assert_true(str_eq(x->name, str_of(acts[i].name)));
		assert_int_equal(x->count, acts[i].count);
		assert_int_equal(x->cases, acts[i].cases);
		assert_int_equal(x->customers, acts[i].customers);
		assert_int_equal(x->starts, want.arcs[START][i]);
		assert_int_equal(x->ends, want.arcs[i][END]);
		starts += x->starts;
		ends += x->ends;
		for (size_t j = 0; j < kept; j++) different += want.arcs[i][j] > 0;
		check_score(w, x);
		assert_int_equal(people(w, plan, (struct journey_flow_figure){ JOURNEY_FLOW_ACTIVITY, x->code, 0 }),
		                 x->customers);
		assert_int_equal(people(w, plan, (struct journey_flow_figure){ JOURNEY_FLOW_START, x->code, 0 }),
		                 want.people[START][i]);
		assert_int_equal(people(w, plan, (struct journey_flow_figure){ JOURNEY_FLOW_END, x->code, 0 }),
		                 want.people[i][END]);
	}
	assert_int_equal(starts, n_cases);
	assert_int_equal(ends, n_cases);
	for (size_t i = 0; i < v.n_edges; i++) {
		const struct journey_view_edge *e = &v.edges[i];
		assert_int_equal(e->count, want.arcs[e->from][e->to]);
		assert_int_equal(e->customers, want.people[e->from][e->to]);
		assert_int_equal(people(w, plan,
		                        (struct journey_flow_figure){ JOURNEY_FLOW_EDGE, v.activities[e->from].code,
		                                                      v.activities[e->to].code }),
		                 e->customers);
		drawn += e->count;
	}
	assert_int_equal(v.kept.edges, v.n_edges);
	assert_int_equal(v.kept.of_edges, different);
	assert_int_equal(v.kept.edge_count, drawn);
	check_arcs(&v, &want, acts, kept, edges);
	for (size_t i = 0; i < n_cases; i++) free(cases[i].rows);
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	static const double shares[] = { 0, 0.3, 0.5, 0.8, 0.95, 1 };
	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct oasked w;
		struct rng r;
		rng_init(&r, seed, 7);
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 9),
		                              .events_max = 14,
		                              .activities = 2 + (int)(seed % 5),
		                              .tick_ms = 100,
		                              .evidence = true },
		            seed % 2);
		if (seed % 500 == 0) print_message("seed %d\n", (int)seed);
		check_one(&w, shares[rng_below(&r, 6)], shares[rng_below(&r, 6)]);
		oasked_done(&w);
	}
}

static void a_share_outside_its_range_is_refused_by_name(void **state)
{
	struct oasked w;
	struct journey_activities all;
	struct journey_choice c;
	struct err err;
	oasked_make(&w, 1, &(struct oshape){ 2, 5, 2, 10, false }, false);
	void *visits = oasked_run(&w, w.plan, &journey_visits_pass, NULL);
	assert_int_equal(journey_visits_list(visits, &w.a, &all, &err), OK);
	assert_int_equal(journey_choose(&all, &(struct journey_simplify){ 1.1, 0.5 }, &w.a, &c, &err), ERR_INPUT);
	assert_string_equal(err.field, "activities");
	assert_int_equal(journey_choose(&all, &(struct journey_simplify){ 1, (double)NAN }, &w.a, &c, &err), ERR_INPUT);
	assert_string_equal(err.field, "edges");
	journey_visits_pass.free(visits);
	oasked_done(&w);
}

/* Forty activities, each followed by each other: 1,560 edges of which no strong few can be picked by hand. */
static void at_first_sight_few_edges_are_drawn_and_asking_for_their_share_draws_the_same(void **state)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		const struct journey_simplify sight = { JOURNEY_AT_SIGHT, JOURNEY_AT_SIGHT };
		struct journey_activities all;
		struct journey_choice choice;
		struct journey_plan *plan;
		struct journey_dfg g;
		struct journey_view v, again;
		struct oasked w;
		struct err err;
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 60, .events_max = 90, .activities = 2 + (int)seed % 38 },
		            false);
		void *visits = oasked_run(&w, w.plan, &journey_visits_pass, NULL);
		assert_int_equal(journey_visits_list(visits, &w.a, &all, &err), OK);
		journey_visits_pass.free(visits);
		assert_int_equal(journey_choose(&all, &sight, &w.a, &choice, &err), OK);
		assert_true(choice.n_kept == (all.n < JOURNEY_SIGHT_ACTIVITIES ? all.n : JOURNEY_SIGHT_ACTIVITIES));
		assert_int_equal(journey_plan_keep(w.plan, choice.keep, &w.a, &plan, &err), OK);
		struct journey_flow *f = flow_over(&w, plan);
		assert_int_equal(journey_flow_dfg(f, &w.a, &g, &err), OK);
		journey_flow_free(f);
		assert_int_equal(journey_view(&choice, &g, &sight, &w.a, &v, &err), OK);
		assert_true(v.shares.edges >= 0 && v.shares.edges <= 1);
		/* A strongest way in and out of fifteen activities, and nothing beside. */
		assert_true(v.kept.edges <= JOURNEY_SIGHT_EDGES || v.shares.edges == 0);
		assert_int_equal(journey_view(&choice, &g, &v.shares, &w.a, &again, &err), OK);
		assert_int_equal(again.kept.edges, v.kept.edges);
		assert_int_equal(again.kept.edge_count, v.kept.edge_count);
		assert_int_equal(journey_choose(&all, &v.shares, &w.a, &choice, &err), OK);
		assert_int_equal(choice.n_kept, v.n_activities);
		oasked_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(at_first_sight_few_edges_are_drawn_and_asking_for_their_share_draws_the_same),
		cmocka_unit_test(a_share_outside_its_range_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
