#include "base/checked.h"
#include "tests/oracle/oracle.h"

void oasked_make(struct oasked *w, uint64_t seed, const struct oshape *shape, bool with_rules)
{
	arena_init(&w->a, 256 * MIB);
	olog_make(&w->log, &w->a, seed, shape);
	oquestion_make(&w->o, seed, with_rules);
	olog_columns(&w->log, OASKED_RUNS, &w->a, w->c, &w->s);
	struct err err;
	if (journey_plan_new(&w->o.q, &w->s, &w->a, &w->plan, &err) != OK) abort();
	for (int i = 0; i < OASKED_RUNS; i++) {
		uint16_t *codes = ARENA_ARRAY(&w->a, uint16_t, w->c[i].n_rows + 1);
		journey_fill(w->plan, &w->c[i], codes);
		w->c[i].touchpoints = codes;
	}
	w->cases = ocases(&w->log, &w->o.q, &w->a, &w->n);
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
