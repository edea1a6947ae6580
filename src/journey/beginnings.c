/* Beginnings: one walk from the first contact to the outcome, and the ratings after it. */
#include "journey/purse.h"

#include <stdlib.h>

#include "journey/beginnings.h"

struct journey_beginnings_plan {
	const struct journey_plan *p;
	struct dimension by;
	struct active outcome;
	bool outcomes;     /* there is something that counts as one */
	uint32_t currency; /* 0: none is read */
};

enum err_code journey_beginnings_plan(const struct journey_plan *p, const struct journey_beginnings_query *q,
                                      struct arena *a, struct journey_beginnings_plan **out, struct err *err)
{
	if (p->cut != JOURNEY_CUT_CUSTOMER)
		return err_set(err, ERR_INPUT, "beginnings.case", "case",
		               "beginnings are of customers, not of instances");
	struct journey_beginnings_plan *r = ARENA_NEW(a, struct journey_beginnings_plan);
	if (!r) return err_no_memory(err);
	*r = (struct journey_beginnings_plan){ .p = p };
	TRY(dimension_by_name(p, q->by.len ? q->by : STR("channel"), "by", &r->by, err));
	TRY(active_find(p, q->outcome, false, q->order, &r->outcome, err));
	r->outcomes = r->outcome.by != ACTIVE_ANY;
	if (q->currency.len) TRY(currency_find(p, q->currency, "currency", &r->currency, err));
	*out = r;
	return OK;
}

uint32_t journey_beginnings_values(const struct journey_beginnings_plan *p)
{
	return p->by.words->n;
}

struct str journey_beginnings_name(const struct journey_beginnings_plan *p, uint32_t value)
{
	return value < p->by.words->n ? journey_word(p->by.words, value) : STR("");
}

struct beginnings {
	const struct journey_beginnings_plan *r;
	struct journey_beginning *rows;
	uint32_t n, cap;
	uint32_t *steps, n_steps, cap_steps;
	struct cases cs;
	bool failed;
};

static void beginnings_free(void *pass)
{
	struct beginnings *x = pass;
	if (!x) return;
	free(x->rows);
	free(x->steps);
	cases_done(&x->cs);
	free(x);
}

static void *beginnings_make(const struct journey_plan *p, const void *what)
{
	struct beginnings *x = calloc(1, sizeof *x);
	(void)p;
	if (x) x->r = what;
	return x;
}

static void put_step(struct beginnings *x, struct journey_beginning *b, uint32_t value)
{
	if (b->path_n && x->steps[x->n_steps - 1] == value) return;
	if (b->path_n == JOURNEY_PATH_MAX) {
		uint32_t *mine = x->steps + b->path_at;
		memmove(mine, mine + 1, (JOURNEY_PATH_MAX - 1) * sizeof *mine);
		mine[JOURNEY_PATH_MAX - 1] = value;
		return;
	}
	if (!grow((void **)&x->steps, &x->cap_steps, x->n_steps + 1, sizeof *x->steps)) {
		x->failed = true;
		return;
	}
	x->steps[x->n_steps++] = value;
	b->path_n++;
}

/* The first rating apart from the mean of those after it. */
struct feelings {
	double first, sum;
	uint32_t n; /* after the first */
	bool any;
};

static void see_ratings(struct feelings *f, const struct beginnings *x, const struct journey_columns *c,
                        const struct purse *evidence, uint32_t row)
{
	for (uint32_t k = evidence->at; k < evidence->end && c->evidence[k].row == row; k++) {
		const struct journey_evidence *v = &c->evidence[k];
		if (v->what != JOURNEY_RATING) continue;
		const double u = evidence_utility(x->r->p, c, v);
		if (f->any) f->sum += u, f->n++;
		else f->first = u, f->any = true;
	}
}

static void see_customer(struct beginnings *x, const struct journey_columns *c, uint32_t i, const struct span *s)
{
	const struct journey_beginnings_plan *r = x->r;
	struct purse any = purse_of(c, i, span_row(s, 0), CURRENCY_ANY);
	struct feelings f = { 0 };
	struct journey_beginning b = { .customer = c->customer[i],
		                       .channel = r->p->s->kinds[c->kind[span_row(s, 0)]].channel,
		                       .first = dimension_code(&r->by, c, span_row(s, 0)),
		                       .path_at = x->n_steps,
		                       .first_ms = s->at_ms[0] };
	for (uint32_t at = 0; at < s->n; at++) {
		const uint32_t row = span_row(s, at);
		const bool outcome = active_row(&r->outcome, r->p, c, row, s->code[at], purse_spent(&any, row, NULL));
		see_ratings(&f, x, c, &any, row);
		if (b.converted) continue;
		if (outcome && r->outcomes) {
			struct purse own = any;
			own.currency = r->currency;
			b.converted = true;
			b.outcome_ms = s->at_ms[at];
			b.value = r->currency ? purse_spent(&own, row, NULL) : 0;
			if (b.path_n) continue;
		}
		put_step(x, &b, dimension_code(&r->by, c, row));
	}
	b.feeling = f.any ? (float)f.first : NAN;
	b.later = f.n ? (float)(f.sum / f.n) : NAN;
	if (!grow((void **)&x->rows, &x->cap, x->n + 1, sizeof *x->rows)) x->failed = true;
	else x->rows[x->n++] = b;
}

static void beginnings_add(void *pass, const struct journey_columns *c)
{
	struct beginnings *x = pass;
	for (uint32_t i = 0; i < c->n_customers && !x->failed; i++) {
		if (journey_dead(c, i) || !spans_cut(x->r->p, c, i, &x->cs)) continue;
		const struct span s = spans_get(&x->cs, 0);
		if (s.n) see_customer(x, c, i, &s);
	}
}

static void beginnings_merge(void *pass, void *other)
{
	struct beginnings *x = pass;
	const struct beginnings *from = other;
	x->cs.failed |= from->cs.failed;
	x->failed |= from->failed || !grow((void **)&x->rows, &x->cap, x->n + from->n, sizeof *x->rows) ||
	             !grow((void **)&x->steps, &x->cap_steps, x->n_steps + from->n_steps, sizeof *x->steps);
	if (x->failed) return;
	for (uint32_t i = 0; i < from->n; i++) {
		x->rows[x->n] = from->rows[i];
		x->rows[x->n++].path_at += x->n_steps;
	}
	if (from->n_steps) memcpy(x->steps + x->n_steps, from->steps, from->n_steps * sizeof *x->steps);
	x->n_steps += from->n_steps;
}

const struct journey_pass journey_beginnings_pass = {
	.make = beginnings_make, .add = beginnings_add, .merge = beginnings_merge, .free = beginnings_free
};

static int by_customer(const void *va, const void *vb)
{
	const struct journey_beginning *a = va, *b = vb;
	return (a->customer > b->customer) - (a->customer < b->customer);
}

enum err_code journey_beginnings_result(void *pass, const struct journey_beginning **out, size_t *n,
                                        const uint32_t **steps, struct err *err)
{
	struct beginnings *x = pass;
	if (x->failed || x->cs.failed) return err_no_memory(err);
	if (x->n) qsort(x->rows, x->n, sizeof *x->rows, by_customer);
	*out = x->rows;
	*n = x->n;
	*steps = x->steps;
	return OK;
}
