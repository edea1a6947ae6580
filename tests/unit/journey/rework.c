/* Repeats, loops and ping-pong against a slow twin that compares names. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include "base/checked.h"

/* The activities of a case as names, without rows on no touchpoint. */
static size_t names_of(const struct oasked *w, const struct ocase *c, const char **names)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		const char *name = oactivity(&w->o.q, c->rows[i]);
		if (strcmp(name, "(other)") != 0) names[n++] = name;
	}
	return n;
}

static bool same(const char *a, struct str b)
{
	return str_eq(str_of(a), b);
}

struct found {
	int64_t count, cases, customers;
};

enum kind { LOOP, PINGPONG };

/* How often, in how many cases and of how many customers the pair occurs. */
static struct found count_pair(const struct oasked *w, enum kind kind, struct str a, struct str b)
{
	struct found f = { 0 };
	uint32_t last = 0;
	const char *names[512];
	for (size_t i = 0; i < w->n; i++) {
		const size_t n = names_of(w, &w->cases[i], names);
		int64_t here = 0;
		for (size_t k = 1; k < n; k++) {
			if (kind == PINGPONG) {
				here += k >= 2 && same(names[k], a) && same(names[k - 2], a) && same(names[k - 1], b);
				continue;
			}
			bool before = false;
			for (size_t j = 0; j < k; j++) before |= same(names[j], b);
			here += before && same(names[k], b) && same(names[k - 1], a);
		}
		f.count += here;
		f.cases += here > 0;
		f.customers += here > 0 && last != w->cases[i].customer;
		if (here) last = w->cases[i].customer;
	}
	return f;
}

static int64_t people(const struct oasked *w, enum journey_rework_part part, struct str a, struct str b)
{
	const struct journey_rework_figure f = { part, journey_activity_find(w->plan, a),
		                                 journey_activity_find(w->plan, b) };
	const struct journey_behind what = { journey_rework_holds, &f };
	void *pass = oasked_run(w, w->plan, &journey_behind_pass, &what);
	const struct journey_set *set;
	struct err err;
	assert_int_equal(journey_behind_set(pass, &set, &err), OK);
	const int64_t n = journey_set_n(set);
	journey_behind_pass.free(pass);
	return n;
}

static void check_pairs(const struct oasked *w, const struct journey_rework *r, enum kind kind)
{
	const struct journey_rework_pair *list = kind == LOOP ? r->loops : r->pingpong;
	const size_t n = kind == LOOP ? r->n_loops : r->n_pingpong;
	int64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		const struct str a = r->activities[list[i].a].name, b = r->activities[list[i].b].name;
		const struct found want = count_pair(w, kind, a, b);
		assert_int_equal(list[i].count, want.count);
		assert_int_equal(list[i].cases, want.cases);
		assert_int_equal(list[i].customers, want.customers);
		assert_int_equal(people(w, kind == LOOP ? JOURNEY_REWORK_LOOP : JOURNEY_REWORK_PINGPONG, a, b),
		                 want.customers);
		if (i) assert_true(list[i - 1].count >= list[i].count);
		sum += list[i].count;
	}
	/* None is missing: the sum over all pairs of activities is that of the list. */
	for (size_t x = 0; x < r->n_activities; x++)
		for (size_t y = 0; y < r->n_activities; y++)
			if (x != y) sum -= count_pair(w, kind, r->activities[x].name, r->activities[y].name).count;
	assert_int_equal(sum, 0);
}

static void check_activity(const struct oasked *w, const struct journey_rework *r, size_t x)
{
	const struct journey_rework_activity *got = &r->activities[x];
	struct journey_rework_activity want = { .name = got->name };
	uint32_t last = 0;
	const char *names[512];
	for (size_t i = 0; i < w->n; i++) {
		const size_t n = names_of(w, &w->cases[i], names);
		int64_t here = 0;
		for (size_t k = 0; k < n; k++) {
			here += same(names[k], got->name);
			want.self_loops += k && same(names[k], got->name) && same(names[k - 1], got->name);
		}
		want.count += here;
		want.cases += here > 0;
		want.repeated_cases += here > 1;
		want.repeated_customers += here > 1 && last != w->cases[i].customer;
		if (here > 1) last = w->cases[i].customer;
	}
	assert_int_equal(got->count, want.count);
	assert_int_equal(got->cases, want.cases);
	assert_int_equal(got->repeated_cases, want.repeated_cases);
	assert_int_equal(got->repeated_customers, want.repeated_customers);
	assert_int_equal(got->self_loops, want.self_loops);
	assert_int_equal(got->repeats, want.count - want.cases);
	assert_int_equal(people(w, JOURNEY_REWORK_REPEATED, got->name, STR("")), want.repeated_customers);
	/* Every repeat is a self loop or the end of one loop. */
	int64_t loops = 0;
	for (size_t i = 0; i < r->n_loops; i++)
		if (r->loops[i].b == x) loops += r->loops[i].count;
	assert_int_equal(got->repeats, got->self_loops + loops);
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct oasked w;
		struct journey_rework r;
		struct err err;
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 8),
		                              .events_max = 16,
		                              .activities = 2 + (int)(seed % 5),
		                              .tick_ms = 100 },
		            seed % 2);
		if (seed % 500 == 0) print_message("seed %d\n", (int)seed);
		void *pass = oasked_run(&w, w.plan, &journey_rework_pass, NULL);
		assert_int_equal(journey_rework_result(pass, &w.a, &r, &err), OK);
		journey_rework_pass.free(pass);
		assert_int_equal(r.cases, w.n);
		for (size_t x = 0; x < r.n_activities; x++) check_activity(&w, &r, x);
		check_pairs(&w, &r, LOOP);
		check_pairs(&w, &r, PINGPONG);
		oasked_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_logs_agree_with_the_slow_twin) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
