#include "base/checked.h"
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

void oasked_make(struct oasked *w, uint64_t seed, const struct oshape *shape, bool with_rules)
{
	oasked_plant(w, seed, shape, with_rules, NULL);
}

void oasked_plant(struct oasked *w, uint64_t seed, const struct oshape *shape, bool with_rules, oplant_fn plant)
{
	arena_init(&w->a, 256 * MIB);
	olog_make(&w->log, &w->a, seed, shape);
	if (plant) plant(&w->log, &w->a, seed);
	oquestion_make(&w->o, seed, with_rules);
	olog_columns(&w->log, OASKED_RUNS, &w->a, w->c, &w->s);
	struct err err;
	if (journey_plan_new(&w->o.q, &w->s, &w->a, &w->plan, &err) != OK) abort();
	for (int i = 0; i < OASKED_RUNS; i++) {
		uint16_t *codes = ARENA_ARRAY(&w->a, uint16_t, w->c[i].n_rows + 1);
		journey_fill(w->plan, &w->c[i], codes);
		w->c[i].touchpoints = codes;
	}
	w->cases = ocases_and_loose(&w->log, &w->o.q, &w->a, &w->n, &w->n_loose);
}

void *oasked_run(const struct oasked *w, const struct journey_plan *plan, const struct journey_pass *pass,
                 const void *what)
{
	void *one = pass->make(plan, what), *two = pass->make(plan, what);
	if (!one || !two) abort();
	for (int i = 0; i < OASKED_RUNS; i++) pass->add(i % 2 ? two : one, &w->c[i]);
	pass->merge(one, two);
	pass->free(two);
	return one;
}

void oasked_done(struct oasked *w)
{
	arena_done(&w->a);
}

struct str oasked_activity(const struct oasked *w, struct rng *r)
{
	const struct journey_rules *rules = w->o.q.rules;
	if (!rules) return journey_word(&w->s.events, 1 + (uint32_t)rng_below(r, w->s.events.n - 1));
	const size_t i = rng_below(r, rules->n_touchpoints + 1);
	return i ? rules->touchpoints[i - 1].key : STR("(other)");
}

void oasked_same_people(const struct journey_set *set, const uint32_t *customers, size_t n)
{
	int64_t different = 0;
	for (size_t i = 0; i < n; i++) {
		bool seen = false;
		for (size_t k = 0; k < i; k++) seen |= customers[k] == customers[i];
		different += !seen;
		if (!journey_set_has(set, customers[i])) fail_msg("customer %u is missing", customers[i]);
	}
	if (journey_set_n(set) != different) fail_msg("%d customers, not %d", (int)journey_set_n(set), (int)different);
}
