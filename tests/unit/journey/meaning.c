/* Consistency and money against counting by hand. */
#include "tests/unit/unit.h"

#include "tests/oracle/oracle.h"

#include <math.h>

#include "base/checked.h"

struct world {
	struct arena a;
	struct olog l;
	struct oquestion o;
	struct journey_columns c[3];
	struct journey_schema s;
	struct journey_plan *p;
	const struct ocase *cases;
	size_t n_cases, n_loose;
};

static void world_make(struct world *w, uint64_t seed)
{
	*w = (struct world){ 0 };
	arena_init(&w->a, 512 * MIB);
	olog_make(&w->l, &w->a, seed,
	          &(struct oshape){ .customers = 1 + (int)(seed % 9),
	                            .events_max = seed % 2 ? 14 : 40,
	                            .activities = 2 + (int)(seed % 5),
	                            .tick_ms = 100,
	                            .evidence = true });
	oquestion_make(&w->o, seed, true);
	w->o.q.rules = &w->o.rules;
	w->o.rules.touchpoints = w->o.touchpoints;
	w->o.rules.rules = w->o.rule;
	w->o.q.from_ms = INT64_MIN, w->o.q.to_ms = INT64_MAX;
	olog_columns(&w->l, 3, &w->a, w->c, &w->s);
	struct err err;
	if (journey_plan_new(&w->o.q, &w->s, &w->a, &w->p, &err) != OK) fail_msg("seed %d: %s", (int)seed, err.text);
	for (int i = 0; i < 3; i++) {
		uint16_t *codes = ARENA_ARRAY(&w->a, uint16_t, w->c[i].n_rows);
		journey_fill(w->p, &w->c[i], codes);
		w->c[i].touchpoints = codes;
	}
	w->cases = ocases_and_loose(&w->l, &w->o.q, &w->a, &w->n_cases, &w->n_loose);
}

static void *run(struct world *w, const struct journey_pass *pass, const void *what, uint64_t seed)
{
	void *m[3];
	for (int i = 0; i < 3; i++) {
		m[i] = pass->make(w->p, what);
		assert_non_null(m[i]);
		pass->add(m[i], &w->c[i]);
	}
	const int first = (int)(seed % 3);
	for (int i = 1; i < 3; i++) {
		pass->merge(m[first], m[(first + i) % 3]);
		pass->free(m[(first + i) % 3]);
	}
	return m[first];
}

static bool later(const struct orow *a, const struct orow *b)
{
	return a->at_ms != b->at_ms ? a->at_ms > b->at_ms : a->arrival > b->arrival;
}

/* The visit that an answer speaks of. */
static const struct orow *visit_of(const struct world *w, const struct ocase *c, size_t at)
{
	const struct orow *r = c->rows[at], *best = NULL;
	if (strcmp(r->about, "journey") == 0) return NULL;
	if (!*r->about) return r;
	for (size_t i = 0; i < at; i++)
		if (strcmp(c->rows[i]->event, r->about) == 0) best = c->rows[i];
	if (best) return best;
	for (size_t k = 0; k < w->n_cases; k++)
		for (size_t i = 0; i < w->cases[k].n; i++) {
			const struct orow *x = w->cases[k].rows[i];
			if (x->customer == r->customer && strcmp(x->event, r->about) == 0 && later(r, x) &&
			    (!best || later(x, best)))
				best = x;
		}
	return best;
}

static void group_by_hand(const struct world *w, uint16_t t, const char *value, struct journey_consistency_group *out)
{
	double sum = 0, squares = 0;
	for (uint32_t customer = 1; customer < 12; customer++) {
		double own = 0, n = 0;
		for (size_t k = 0; k < w->n_cases + w->n_loose; k++)
			for (size_t i = 0; i < w->cases[k].n; i++) {
				const struct orow *r = w->cases[k].rows[i];
				if (r->customer != customer || isnan(r->score)) continue;
				const struct orow *v = visit_of(w, &w->cases[k], i);
				if (!v || otouchpoint(&w->o.q, v) != t || strcmp(v->channel, value) != 0) continue;
				own += 100 * (r->score - r->min) / (r->max - r->min);
				n++;
			}
		if (n == 0) continue;
		out->n += (int64_t)n;
		out->customers++;
		sum += own / n;
		squares += own / n * (own / n);
	}
	const double m = (double)out->customers;
	if (m > 0) out->mean = sum / m;
	if (m > 1) out->var = fmax(0, (squares - sum * sum / m) / (m - 1));
}

static void answers_by_channel_agree_with_counting_by_hand(void **state)
{
	static const char *const channels[] = { "", "web", "shop" };
	int64_t groups = 0;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct world w;
		struct err err;
		struct journey_consistency got;
		world_make(&w, seed);
		const struct journey_consistency_question what = { STR("channel") };
		void *pass = run(&w, &journey_consistency_pass, &what, seed);
		assert_int_equal(journey_consistency_result(pass, &w.a, &got, &err), OK);
		size_t at = 0;
		for (uint16_t t = 1; t <= w.o.rules.n_touchpoints; t++)
			for (size_t k = 0; k < COUNT_OF(channels); k++) {
				struct journey_consistency_group want = { 0 };
				const struct journey_consistency_group *g = NULL;
				group_by_hand(&w, t, channels[k], &want);
				for (size_t i = 0; i < got.n; i++)
					if (got.groups[i].touchpoint == t &&
					    str_eq(got.groups[i].value, str_of(channels[k])))
						g = &got.groups[i];
				if ((g != NULL) != (want.n > 0)) fail_msg("seed %d, touchpoint %d", (int)seed, t);
				if (!g) continue;
				at++;
				assert_int_equal(g->n, want.n);
				assert_int_equal(g->customers, want.customers);
				assert_near(g->mean, want.mean, 1e-6);
				assert_near(g->var, want.var, 1e-4);
			}
		assert_int_equal(at, got.n);
		groups += (int64_t)at;
		journey_consistency_pass.free(pass);
		arena_done(&w.a);
	}
	assert_true(groups > 4000);
}

static void a_dimension_that_is_not_there_is_refused(void **state)
{
	struct world w;
	struct err err = { 0 };
	struct journey_consistency got;
	world_make(&w, 4);
	const struct journey_consistency_question what = { STR("nothing") };
	void *pass = run(&w, &journey_consistency_pass, &what, 0);
	assert_int_equal(journey_consistency_result(pass, &w.a, &got, &err), ERR_INPUT);
	assert_string_equal(err.field, "by");
	journey_consistency_pass.free(pass);
	arena_done(&w.a);
}

/* --- money ------------------------------------------------------------------------------------- */

static int step_of(const struct journey_query *q, uint16_t t)
{
	return q->rules->touchpoints[t - 1].step;
}

/* Whether case c hurts at t: what happened there, or that it ended there. */
static bool hurts(const struct world *w, const struct ocase *c, uint16_t t, int purchase)
{
	const struct journey_query *q = &w->o.q;
	int furthest = -1;
	uint16_t last = 0;
	bool hurt = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct orow *r = c->rows[i];
		const uint16_t code = otouchpoint(q, r);
		if (!code) continue;
		last = code;
		if (step_of(q, code) > furthest) furthest = step_of(q, code);
		hurt |= code == t && (r->failed || r->left || r->overrun_ms > 0);
	}
	const bool still_in =
	        furthest + 1 < (int)q->rules->n_steps && w->l.newest_ms - c->rows[c->n - 1]->at_ms < q->instance.gap_ms;
	return hurt || (last == t && furthest < purchase && !still_in);
}

static void money_by_hand(const struct world *w, const struct journey_money_question *q, uint16_t t,
                          const char *currency, struct journey_money_row *out)
{
	double sum[2] = { 0 }, squares[2] = { 0 };
	for (uint32_t customer = 1; customer < 12; customer++) {
		const struct ocase *at = NULL;
		const struct orow *first = NULL, *paid = NULL;
		for (size_t k = 0; k < w->n_cases; k++)
			for (size_t i = 0; i < w->cases[k].n; i++) {
				const struct orow *r = w->cases[k].rows[i];
				if (r->customer != customer) continue;
				/* The engine looks case by case, so the latest money is that of the last case that has
				 * any. */
				if (!isnan(r->money)) paid = r;
				if (otouchpoint(&w->o.q, r) != t || (first && first->at_ms <= r->at_ms)) continue;
				first = r;
				at = &w->cases[k];
			}
		if (!first || !paid || strcmp(paid->currency, currency) != 0) continue;
		const bool hurt = hurts(w, at, t, q->purchase_step);
		double spent = 0;
		for (size_t k = 0; k < w->n_cases; k++)
			for (size_t i = 0; i < w->cases[k].n; i++) {
				const struct orow *r = w->cases[k].rows[i];
				const uint16_t code = otouchpoint(&w->o.q, r);
				if (r->customer == customer && !isnan(r->money) && strcmp(r->currency, currency) == 0 &&
				    r->at_ms >= first->at_ms && r->at_ms <= first->at_ms + q->horizon_ms &&
				    (q->purchase_step < 0 || (code && step_of(&w->o.q, code) == q->purchase_step)))
					spent += r->money;
			}
		out->hurt += hurt;
		if (first->at_ms > w->l.newest_ms - q->horizon_ms) continue;
		struct journey_money_side *side = hurt ? &out->with : &out->without;
		side->customers++;
		sum[hurt] += spent;
		squares[hurt] += spent * spent;
	}
	for (int k = 0; k < 2; k++) {
		struct journey_money_side *side = k ? &out->with : &out->without;
		const double m = (double)side->customers;
		if (m > 0) side->mean = sum[k] / m;
		if (m > 1) side->var = fmax(0, (squares[k] - sum[k] * sum[k] / m) / (m - 1));
	}
}

static void money_agrees_with_counting_by_hand(void **state)
{
	static const char *const currencies[] = { "EUR", "KWD", "JPY" };
	int64_t rows = 0, both = 0;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct world w;
		struct err err;
		struct journey_money got;
		world_make(&w, seed);
		const struct journey_money_question what = { .from_ms = INT64_MIN,
			                                     .to_ms = INT64_MAX,
			                                     .horizon_ms = 100 * (int64_t)(1 + seed % 30),
			                                     .purchase_step =
			                                             (int)(seed % (w.o.rules.n_steps + 1)) - 1 };
		void *pass = run(&w, &journey_money_pass, &what, seed);
		assert_int_equal(journey_money_result(pass, &w.a, &got, &err), OK);
		size_t at = 0;
		for (size_t k = 0; k < COUNT_OF(currencies); k++)
			for (uint16_t t = 1; t <= w.o.rules.n_touchpoints; t++) {
				struct journey_money_row want = { 0 };
				const struct journey_money_row *g = NULL;
				money_by_hand(&w, &what, t, currencies[k], &want);
				for (size_t i = 0; i < got.n; i++)
					if (got.rows[i].touchpoint == t &&
					    str_eq(got.rows[i].currency, str_of(currencies[k])))
						g = &got.rows[i];
				if ((g != NULL) != (want.hurt > 0))
					fail_msg("seed %d, touchpoint %d, %s: %d hurt by hand", (int)seed, t,
					         currencies[k], (int)want.hurt);
				if (!g) continue;
				at++;
				if (g->hurt != want.hurt || g->with.customers != want.with.customers ||
				    g->without.customers != want.without.customers)
					fail_msg("seed %d, touchpoint %d, %s", (int)seed, t, currencies[k]);
				assert_near(g->with.mean, want.with.mean, 1e-6);
				assert_near(g->without.mean, want.without.mean, 1e-6);
				assert_near(g->without.var, want.without.var, 1e-3 + 1e-9 * want.without.var);
				both += g->with.customers > 0 && g->without.customers > 0;
			}
		assert_int_equal(at, got.n);
		rows += (int64_t)at;
		int64_t events = 0;
		for (size_t k = 0; k < w.n_cases; k++)
			for (size_t i = 0; i < w.cases[k].n; i++) events += otouchpoint(&w.o.q, w.cases[k].rows[i]) > 0;
		assert_int_equal(got.phases[0].events + got.phases[1].events + got.phases[2].events, events);
		journey_money_pass.free(pass);
		arena_done(&w.a);
	}
	assert_true(rows > 3000 && both > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_by_channel_agree_with_counting_by_hand),
		cmocka_unit_test(a_dimension_that_is_not_there_is_refused),
		cmocka_unit_test(money_agrees_with_counting_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
