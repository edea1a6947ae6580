/* Outcome lift: one stamp an activity says whether the case at hand has met it. */
#include "journey/priv.h"

struct journey_lift_plan {
	const struct journey_plan *p;
	const struct journey_lift_query *q;
	uint32_t n, outcome, name; /* activities; codes */
};

enum err_code journey_lift_plan(const struct journey_plan *p, const struct journey_lift_query *q, struct arena *a,
                                struct journey_lift_plan **out, struct err *err)
{
	struct journey_lift_plan *l = arena_alloc(a, sizeof *l);
	if (!l) return err_no_memory(err);
	*l = (struct journey_lift_plan){ .p = p, .q = q, .n = activities_of(p) };
	if (!q->outcome.len) return err_set(err, ERR_INPUT, "lift.outcome", "outcome", "lift needs an outcome");
	TRY(activity_find(p, q->outcome, "outcome", &l->outcome, err));
	if (q->people) TRY(activity_find(p, q->name, "name", &l->name, err));
	*out = l;
	return OK;
}

/* --- counting ------------------------------------------------------------------------------------ */

struct met {
	int64_t cases, reached;
};

struct lift {
	const struct journey_lift_plan *l;
	struct met *met; /* [code] */
	uint32_t *stamp; /* [code]: the last case that met it */
	uint16_t *list;  /* what the case at hand has met */
	uint32_t serial;
	int64_t cases, reached;
	struct journey_set *people;
	struct cases cs;
};

static void lift_free(void *pass)
{
	struct lift *x = pass;
	if (!x) return;
	free(x->met);
	free(x->stamp);
	free(x->list);
	journey_set_free(x->people);
	cases_done(&x->cs);
	free(x);
}

static void *lift_make(const struct journey_plan *p, const void *what)
{
	const struct journey_lift_plan *l = what;
	struct lift *x = calloc(1, sizeof *x);
	if (!x) return NULL;
	x->l = l;
	x->met = calloc(l->n, sizeof *x->met);
	x->stamp = calloc(l->n, sizeof *x->stamp);
	x->list = malloc(((size_t)l->n + 1) * sizeof *x->list); /* one more: the loop writes before it knows */
	if (l->q->people) x->people = journey_set_new();
	if (x->met && x->stamp && x->list && (!l->q->people || x->people)) return x;
	lift_free(x);
	return NULL;
}

/* The place of the first outcome, s->n without one. */
static uint32_t first_outcome(const struct span *s, uint32_t outcome)
{
	uint32_t i = 0;
	while (i < s->n && s->code[i] != outcome) i++;
	return i;
}

static void case_counts(struct lift *x, uint32_t customer, const struct span *s)
{
	const struct journey_lift_plan *l = x->l;
	const uint32_t serial = ++x->serial;
	uint32_t *stamp = x->stamp, n = 0;
	uint16_t *list = x->list;
	uint32_t end = s->n;
	if (l->q->before) end = first_outcome(s, l->outcome);
	for (uint32_t i = 0; i < end; i++) {
		const uint16_t code = s->code[i];
		list[n] = code;
		n += stamp[code] != serial;
		stamp[code] = serial;
	}
	const bool reached = l->q->before ? end < s->n : stamp[l->outcome] == serial;
	x->cases++;
	x->reached += reached;
	for (uint32_t i = 0; i < n; i++) {
		x->met[list[i]].cases++;
		x->met[list[i]].reached += reached;
	}
	if (x->people && reached == l->q->reached && stamp[l->name] == serial) journey_set_add(x->people, customer);
}

static void lift_add(void *pass, const struct journey_columns *c)
{
	struct lift *x = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(x->l->p, c, i, &x->cs);
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&x->cs, k);
			case_counts(x, c->customer[i], &s);
		}
	}
}

static void lift_merge(void *pass, void *other)
{
	struct lift *x = pass;
	const struct lift *from = other;
	x->cs.failed |= from->cs.failed;
	x->cases += from->cases;
	x->reached += from->reached;
	for (uint32_t i = 0; i < x->l->n; i++) {
		x->met[i].cases += from->met[i].cases;
		x->met[i].reached += from->met[i].reached;
	}
	if (x->people) journey_set_or(x->people, from->people);
}

const struct journey_pass journey_lift_pass = {
	.make = lift_make, .add = lift_add, .merge = lift_merge, .free = lift_free
};

const struct journey_set *journey_lift_people(const void *pass)
{
	const struct lift *x = pass;
	return x->people;
}

/* --- results ------------------------------------------------------------------------------------------ */

enum { SHOWN_MIN = 5 }; /* cases on each side */

static bool is_shown(const struct journey_lift_row *r)
{
	return r->cases >= SHOWN_MIN && r->without_cases >= SHOWN_MIN;
}

static enum err_code estimate(struct journey_lift_row *r, struct err *err)
{
	const struct stats_count with = { r->reached, r->cases }, without = { r->without_reached, r->without_cases };
	TRY(stats_proportion(r->reached, r->cases, &r->rate, err));
	stats_mark(&r->rate);
	r->p = r->p_adjusted = 1;
	if (!is_shown(r)) {
		r->diff = (struct stats_estimate){ .n = r->cases, .flags = STATS_SUPPRESSED, .method = STATS_NEWCOMBE };
		return OK;
	}
	TRY(stats_newcombe(with, without, &r->diff, err));
	r->p = stats_same_share(with, without);
	return OK;
}

/* Adjusts over the first n rows, which are those that have a p. */
static enum err_code adjust(struct journey_lift_row *rows, size_t n, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, n), *adjusted = ARENA_ARRAY(a, double, n);
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) p[i] = rows[i].p;
	TRY(stats_bh(p, n, a, adjusted, err));
	for (size_t i = 0; i < n; i++) {
		rows[i].p_adjusted = adjusted[i];
		rows[i].diff.flags |= STATS_MULTIPLE_TESTED;
	}
	return OK;
}

static int by_shown_then_diff(const void *a, const void *b)
{
	const struct journey_lift_row *x = a, *y = b;
	if (is_shown(x) != is_shown(y)) return is_shown(x) ? -1 : 1;
	if (x->diff.est != y->diff.est) return x->diff.est > y->diff.est ? -1 : 1;
	return str_cmp(x->name, y->name);
}

enum err_code journey_lift_result(const void *pass, struct arena *a, struct journey_lift *out, struct err *err)
{
	const struct lift *x = pass;
	struct journey_lift r = { .cases = x->cases, .reached = x->reached };
	if (x->cs.failed) return err_no_memory(err);
	r.touchpoints = ARENA_ARRAY(a, struct journey_lift_row, x->l->n);
	if (!r.touchpoints) return err_no_memory(err);
	TRY(stats_proportion(r.reached, r.cases, &r.rate, err));
	stats_mark(&r.rate);
	size_t shown = 0;
	for (uint32_t i = 0; i < x->l->n; i++) {
		const struct met *m = &x->met[i];
		if (!m->cases || i == x->l->outcome) continue;
		struct journey_lift_row *row = &r.touchpoints[r.n_touchpoints++];
		*row = (struct journey_lift_row){ .name = str_copy(a, activity_name(x->l->p, i)),
			                          .cases = m->cases,
			                          .reached = m->reached,
			                          .without_cases = r.cases - m->cases,
			                          .without_reached = r.reached - m->reached };
		TRY(estimate(row, err));
		shown += is_shown(row);
	}
	qsort(r.touchpoints, r.n_touchpoints, sizeof *r.touchpoints, by_shown_then_diff);
	TRY(adjust(r.touchpoints, shown, a, err));
	*out = r;
	return OK;
}
