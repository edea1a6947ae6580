/* Standing at a moment: one walk over a customer's rows, with a state for each cut. */
#include "journey/purse.h"

#include <stdlib.h>

#include "journey/standing.h"

struct journey_standing_plan {
	const struct journey_plan *p;
	const struct journey_standing_query *q;
	struct active active;
	uint32_t currency; /* CURRENCY_NONE: no money is read */
};
#define CURRENCY_NONE 0 /* code 0 is no currency */

enum err_code journey_standing_plan(const struct journey_plan *p, const struct journey_standing_query *q,
                                    struct arena *a, struct journey_standing_plan **out, struct err *err)
{
	if (p->cut != JOURNEY_CUT_CUSTOMER)
		return err_set(err, ERR_INPUT, "standing.case", "case", "customers stand somewhere, not instances");
	if (q->n_cuts < 1 || q->n_cuts > JOURNEY_CUTS_MAX || q->horizon_ms < 1)
		return err_set(err, ERR_INPUT, "standing.horizon", "horizon", "there is no time before and after");
	struct journey_standing_plan *r = ARENA_NEW(a, struct journey_standing_plan);
	if (!r) return err_no_memory(err);
	*r = (struct journey_standing_plan){ .p = p, .q = q, .currency = CURRENCY_NONE };
	TRY(active_find(p, q->activity, q->any, q->order, &r->active, err));
	if (q->currency.len) TRY(currency_find(p, q->currency, "currency", &r->currency, err));
	*out = r;
	return OK;
}

struct standing {
	const struct journey_standing_plan *r;
	struct journey_standing *rows;
	uint32_t n, cap;
	struct cases cs;
	bool failed;
};

static void standing_free(void *pass)
{
	struct standing *x = pass;
	if (!x) return;
	free(x->rows);
	cases_done(&x->cs);
	free(x);
}

static void *standing_make(const struct journey_plan *p, const void *what)
{
	struct standing *x = calloc(1, sizeof *x);
	(void)p;
	if (x) x->r = what;
	return x;
}

/* One customer's state on the way through their rows. */
struct state {
	struct journey_standing s;
	uint64_t channels;
	double experience; /* sum */
};

static void see_evidence(struct state *t, const struct journey_plan *p, const struct journey_columns *c,
                         const struct journey_evidence *v)
{
	switch (v->what) {
	case JOURNEY_RATING:
		t->s.answers++;
		t->s.last = (float)evidence_utility(p, c, v);
		t->experience += t->s.last;
		break;
	case JOURNEY_BREACH: t->s.broken += v->raw > 0; break;
	case JOURNEY_FAILURE: t->s.failures++; break;
	case JOURNEY_EFFORT: t->s.contacts += (float)v->raw; break;
	case JOURNEY_WAIT: t->s.waited_min += (float)(v->raw / 60000); break;
	default: break;
	}
}

/* What one row means for one cut. */
static void see_row(struct state *t, const struct standing *x, const struct journey_columns *c, uint32_t row,
                    int64_t at_ms, bool active, int64_t money, struct purse evidence)
{
	const struct journey_standing_query *q = x->r->q;
	const int64_t cut = q->cuts[t->s.cut];
	if (at_ms >= cut) {
		if (at_ms - cut >= q->horizon_ms) return;
		t->s.after |= active;
		t->s.spent_after += money;
		return;
	}
	t->s.events++;
	t->s.spent += money;
	if (at_ms >= cut - q->horizon_ms) t->s.recent_spent += money;
	t->channels |= UINT64_C(1) << (x->r->p->s->kinds[c->kind[row]].channel & 63);
	for (uint32_t k = evidence.at; k < evidence.end && c->evidence[k].row == row; k++)
		see_evidence(t, x->r->p, c, &c->evidence[k]);
	if (!active) return;
	if (!t->s.times++) t->s.first_ms = at_ms;
	t->s.recent += at_ms >= cut - q->horizon_ms;
	t->s.last_ms = at_ms;
}

static void keep(struct standing *x, struct state *t)
{
	if (!t->s.times || (!x->r->q->everybody && !t->s.recent)) return;
	t->s.channels = (uint8_t)__builtin_popcountll(t->channels);
	if (t->s.answers) t->s.experience = (float)(t->experience / t->s.answers);
	if (!grow((void **)&x->rows, &x->cap, x->n + 1, sizeof *x->rows)) x->failed = true;
	else x->rows[x->n++] = t->s;
}

static void see_customer(struct standing *x, const struct journey_columns *c, uint32_t i, const struct span *s)
{
	const struct journey_standing_plan *r = x->r;
	const size_t n = r->q->n_cuts;
	struct state t[JOURNEY_CUTS_MAX];
	struct purse any = purse_of(c, i, span_row(s, 0), CURRENCY_ANY), own = any;
	own.currency = r->currency;
	for (size_t k = 0; k < n; k++) t[k] = (struct state){ .s = { .customer = c->customer[i], .cut = (uint8_t)k } };
	for (uint32_t at = 0; at < s->n; at++) {
		const uint32_t row = span_row(s, at);
		int64_t back = 0;
		const bool active = active_row(&r->active, r->p, c, row, s->code[at], purse_spent(&any, row, NULL));
		int64_t money = r->currency == CURRENCY_NONE ? 0 : purse_spent(&own, row, &back);
		money = (is_order(r->q->order, r->p, c, row) ? money : 0) + back;
		for (size_t k = 0; k < n; k++) see_row(&t[k], x, c, row, s->at_ms[at], active, money, any);
	}
	for (size_t k = 0; k < n; k++) keep(x, &t[k]);
}

static void standing_add(void *pass, const struct journey_columns *c)
{
	struct standing *x = pass;
	for (uint32_t i = 0; i < c->n_customers && !x->failed; i++) {
		if (journey_dead(c, i) || !spans_cut(x->r->p, c, i, &x->cs)) continue;
		const struct span s = spans_get(&x->cs, 0);
		if (s.n) see_customer(x, c, i, &s);
	}
}

static void standing_merge(void *pass, void *other)
{
	struct standing *x = pass;
	const struct standing *from = other;
	x->cs.failed |= from->cs.failed;
	x->failed |= from->failed || !grow((void **)&x->rows, &x->cap, x->n + from->n, sizeof *x->rows);
	for (uint32_t i = 0; i < from->n && !x->failed; i++) x->rows[x->n++] = from->rows[i];
}

const struct journey_pass journey_standing_pass = {
	.make = standing_make, .add = standing_add, .merge = standing_merge, .free = standing_free
};

static int by_cut(const void *va, const void *vb)
{
	const struct journey_standing *a = va, *b = vb;
	if (a->cut != b->cut) return a->cut < b->cut ? -1 : 1;
	return (a->customer > b->customer) - (a->customer < b->customer);
}

enum err_code journey_standing_result(void *pass, const struct journey_standing **out, size_t *n, struct err *err)
{
	struct standing *x = pass;
	if (x->failed || x->cs.failed) return err_no_memory(err);
	if (x->n) qsort(x->rows, x->n, sizeof *x->rows, by_cut);
	*out = x->rows;
	*n = x->n;
	return OK;
}
