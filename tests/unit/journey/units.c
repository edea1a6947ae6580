/* Figures by unit on random trees, against a twin that compares paths as texts. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include "base/checked.h"

enum { SEEDS = 1000 };
static uint64_t seed; /* of the log at hand */

static void same(const char *what, struct str unit, int64_t got, int64_t want)
{
	if (got != want)
		fail_msg("seed %llu, unit \"" STR_FMT "\": %s is %lld, not %lld", (unsigned long long)seed,
		         STR_ARG(unit), what, (long long)got, (long long)want);
}

/* Gives the rows units of a random tree in place of the keys: parts of all depths, some with stray strokes. */
static void plant(struct olog *l, struct arena *a, uint64_t with)
{
	static const char *const parts[] = { "a", "b", "ab", "a-b", "", "ü" };
	struct rng r;
	rng_init(&r, with, 9);
	for (size_t i = 0; i < l->n; i++) {
		struct str path = STR("");
		const uint64_t depth = rng_below(&r, 5);
		for (uint64_t d = 0; d < depth; d++)
			path = str_format(a, STR_FMT "%s%s", STR_ARG(path), d ? "/" : "", parts[rng_below(&r, 6)]);
		l->rows[i].key = str_z(a, path);
	}
}

static bool under(const char *path, struct str top)
{
	const struct str p = str_of(path);
	return !top.len || (p.len && str_starts(p, top) && (p.len == top.len || p.ptr[top.len] == '/'));
}

/* The first row with a unit over all of a customer's cases; NULL without. */
static const struct orow *home_of(const struct oasked *w, uint32_t customer)
{
	const struct orow *home = NULL;
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; w->cases[i].customer == customer && k < w->cases[i].n; k++) {
			const struct orow *r = w->cases[i].rows[k];
			if (*r->key && (!home || r->at_ms < home->at_ms ||
			                (r->at_ms == home->at_ms && r->arrival < home->arrival)))
				home = r;
		}
	return home;
}

static void check_unit(struct oasked *w, const struct journey_unit *u)
{
	int64_t n = 0, customers = 0, answers = 0;
	struct stats_answer *said = ARENA_ARRAY(&w->a, struct stats_answer, w->log.n + 1);
	uint32_t last = 0;
	for (size_t i = 0; i < w->n + w->n_loose; i++) {
		const struct ocase *c = &w->cases[i];
		if (i < w->n && c->customer != last) {
			const struct orow *home = home_of(w, c->customer);
			const char *path = home ? home->key : "";
			customers += u->unknown ? str_eq(str_of(path), u->path) : under(path, u->path);
		}
		last = c->customer;
		for (size_t k = 0; k < c->n; k++) {
			const struct orow *r = c->rows[k];
			if (u->unknown ? !str_eq(str_of(r->key), u->path) : !under(r->key, u->path)) continue;
			n += i < w->n;
			if (r->score != r->score) continue;
			said[answers++] = (struct stats_answer){ .x = journey_utility_rating(r->score, r->min, r->max),
				                                 .w = 1,
				                                 .cluster = c->customer };
		}
	}
	same("n", u->path, u->n, n);
	same("customers", u->path, u->customers, customers);
	same("answers", u->path, u->answers, answers);
	same("n of the score", u->path, u->score.n, answers);
	if (answers < 5) return;
	struct stats_estimate e;
	struct err err;
	double se;
	assert_int_equal(stats_mean_clustered(said, (size_t)answers, &e, &se, &err), OK);
	stats_on_scale(&e, (struct interval){ 0, 100 });
	assert_near(u->score.est, e.est, 1e-4);
	assert_near(u->score.lo, e.lo, 1e-3);
	assert_near(u->score.hi, e.hi, 1e-3);
}

/* Below + unknown = parent, on every count; and each unit stands behind its parent. */
static void check_sums(const struct journey_units *r)
{
	for (size_t i = 0; i < r->n; i++) {
		int64_t n = 0, customers = 0, answers = 0;
		size_t below = 0;
		for (size_t k = 0; k < r->n; k++) {
			if (r->list[k].parent != i) continue;
			assert_true(k > i);
			assert_int_equal(r->list[k].depth, r->list[i].depth + 1);
			n += r->list[k].n;
			customers += r->list[k].customers;
			answers += r->list[k].answers;
			below++;
		}
		if (!below) continue;
		same("n of those below", r->list[i].path, n, r->list[i].n);
		same("customers of those below", r->list[i].path, customers, r->list[i].customers);
		same("answers of those below", r->list[i].path, answers, r->list[i].answers);
	}
}

static void figures_of_units_add_up_and_are_those_of_the_twin(void **state)
{
	size_t units = 0;
	for (seed = 1; seed <= SEEDS; seed++) {
		struct oasked w;
		const struct oshape shape = { 10, 8, 4, (int)(1 + seed % 12), true };
		struct journey_units_tree *tree;
		struct journey_units r;
		struct err err = { 0 };
		oasked_plant(&w, seed, &shape, seed % 2 == 0, plant);
		assert_int_equal(journey_units_tree(&w.s, STR("journey"), &w.a, &tree, &err), OK);
		void *pass = oasked_run(&w, w.plan, &journey_units_pass, tree);
		assert_int_equal(journey_units_result(pass, &w.a, &r, &err), OK);
		journey_units_pass.free(pass);
		int64_t events = 0;
		for (size_t i = 0; i < w.n; i++) events += (int64_t)w.cases[i].n;
		assert_true(r.n >= 1);
		same("n of the whole", STR(""), r.list[0].n, events);
		check_sums(&r);
		for (size_t i = 0; i < r.n; i++) check_unit(&w, &r.list[i]);
		units += r.n;
		oasked_done(&w);
	}
	assert_true(units > 5 * SEEDS);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(figures_of_units_add_up_and_are_those_of_the_twin) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
