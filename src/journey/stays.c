/* Staying: when somebody was there first, and when a silence had lasted too long. */
#include "journey/purse.h"

#include <stdlib.h>

#include "journey/stays.h"

struct journey_stays_plan {
	const struct journey_plan *p;
	const struct journey_stays_query *q;
	struct active active;
	bool grouped;
	struct dimension by;
	int64_t end_ms; /* of what is seen */
};

enum err_code active_find(const struct journey_plan *p, struct str name, bool any, uint32_t order, struct active *out,
                          struct err *err)
{
	*out = (struct active){ .by = ACTIVE_ANY, .currency = CURRENCY_ANY, .order = order };
	if (any) return OK;
	if (name.len) {
		out->by = ACTIVE_NAMED;
		return activity_find(p, name, "activity", &out->code, err);
	}
	if (p->s->currencies.n > 1) out->by = ACTIVE_BOUGHT;
	return OK;
}

enum err_code journey_stays_plan(const struct journey_plan *p, const struct journey_stays_query *q, struct arena *a,
                                 struct journey_stays_plan **out, struct err *err)
{
	if (p->cut != JOURNEY_CUT_CUSTOMER)
		return err_set(err, ERR_INPUT, "stays.case", "case", "customers stay, not instances");
	if (q->pause_ms < 0)
		return err_set(err, ERR_INPUT, "stays.pause", "pause", "a pause cannot be shorter than nothing");
	struct journey_stays_plan *r = ARENA_NEW(a, struct journey_stays_plan);
	if (!r) return err_no_memory(err);
	*r = (struct journey_stays_plan){ .p = p, .q = q, .grouped = q->by.len > 0, .end_ms = p->s->newest_ms };
	if (p->q->to_ms <= r->end_ms) r->end_ms = p->q->to_ms - 1;
	TRY(active_find(p, q->activity, q->any, q->order, &r->active, err));
	if (r->grouped) TRY(dimension_by_name(p, q->by, "by", &r->by, err));
	*out = r;
	return OK;
}

struct str journey_stays_name(const struct journey_stays_plan *p, uint32_t group)
{
	return p->grouped && group < p->by.words->n ? journey_word(p->by.words, group) : STR("");
}

struct stays {
	const struct journey_stays_plan *r;
	struct journey_stay *rows;
	uint32_t n, cap;
	struct journey_durations gaps;
	struct cases cs;
	bool failed;
};

static void stays_free(void *pass)
{
	struct stays *x = pass;
	if (!x) return;
	free(x->rows);
	journey_durations_done(&x->gaps);
	cases_done(&x->cs);
	free(x);
}

static void *stays_make(const struct journey_plan *p, const void *what)
{
	struct stays *x = calloc(1, sizeof *x);
	(void)p;
	if (x) x->r = what;
	return x;
}

/* The silence up to `now`, or up to the end of what was seen, is looked at against the pause. */
static void see_gap(struct journey_stay *s, int64_t last_ms, int64_t now_ms, int64_t pause_ms)
{
	if (s->gone || now_ms - last_ms <= pause_ms) return;
	s->gone = true;
	s->until_ms = last_ms + pause_ms;
}

static void see_customer(struct stays *x, const struct journey_columns *c, uint32_t i, const struct span *s)
{
	const struct journey_stays_plan *r = x->r;
	struct purse purse = purse_of(c, i, span_row(s, 0), r->active.currency);
	struct journey_stay stay = { .customer = c->customer[i] };
	bool there = false;
	int64_t last_ms = 0;
	for (uint32_t at = 0; at < s->n; at++) {
		const uint32_t row = span_row(s, at);
		const int64_t spent = r->active.by == ACTIVE_BOUGHT ? purse_spent(&purse, row, NULL) : 0;
		if (!active_row(&r->active, r->p, c, row, s->code[at], spent)) continue;
		if (!there) {
			stay.first_ms = s->at_ms[at];
			if (r->grouped) stay.group = dimension_code(&r->by, c, row);
		} else if (!r->q->pause_ms) {
			/* Several rows of one moment or one visit say nothing about coming back. */
			if (s->at_ms[at] - last_ms >= JOURNEY_STAYS_VISIT_MS)
				journey_durations_add(&x->gaps, s->at_ms[at] - last_ms);
		} else {
			see_gap(&stay, last_ms, s->at_ms[at], r->q->pause_ms);
			stay.back |= stay.gone;
		}
		there = true;
		last_ms = s->at_ms[at];
	}
	if (!there || !r->q->pause_ms) return;
	see_gap(&stay, last_ms, r->end_ms, r->q->pause_ms);
	if (!stay.gone) stay.until_ms = r->end_ms;
	if (!grow((void **)&x->rows, &x->cap, x->n + 1, sizeof *x->rows)) x->failed = true;
	else x->rows[x->n++] = stay;
}

static void stays_add(void *pass, const struct journey_columns *c)
{
	struct stays *x = pass;
	for (uint32_t i = 0; i < c->n_customers && !x->failed; i++) {
		if (journey_dead(c, i) || !spans_cut(x->r->p, c, i, &x->cs)) continue;
		const struct span s = spans_get(&x->cs, 0);
		if (s.n) see_customer(x, c, i, &s);
	}
}

static void stays_merge(void *pass, void *other)
{
	struct stays *x = pass;
	const struct stays *from = other;
	journey_durations_merge(&x->gaps, &from->gaps);
	x->cs.failed |= from->cs.failed;
	x->failed |= from->failed || !grow((void **)&x->rows, &x->cap, x->n + from->n, sizeof *x->rows);
	for (uint32_t i = 0; i < from->n && !x->failed; i++) x->rows[x->n++] = from->rows[i];
}

const struct journey_pass journey_stays_pass = {
	.make = stays_make, .add = stays_add, .merge = stays_merge, .free = stays_free
};

static int by_customer(const void *va, const void *vb)
{
	const struct journey_stay *a = va, *b = vb;
	return (a->customer > b->customer) - (a->customer < b->customer);
}

enum err_code journey_stays_result(void *pass, const struct journey_stay **out, size_t *n, struct err *err)
{
	struct stays *x = pass;
	if (x->failed || x->cs.failed) return err_no_memory(err);
	if (x->n) qsort(x->rows, x->n, sizeof *x->rows, by_customer);
	*out = x->rows;
	*n = x->n;
	return OK;
}

enum err_code journey_stays_gap(void *pass, double q, double *out_ms, int64_t *n, struct err *err)
{
	struct stays *x = pass;
	if (x->gaps.failed || x->cs.failed) return err_no_memory(err);
	*n = x->gaps.n;
	*out_ms = x->gaps.n ? journey_durations_quantile(&x->gaps, q) : 0;
	return OK;
}
