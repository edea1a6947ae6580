/* Buyers: one look at each customer's money. */
#include "journey/purse.h"

#include <math.h>
#include <stdlib.h>

struct journey_buyers_plan {
	const struct journey_plan *p;
	const struct journey_buyers_query *q;
	uint32_t purchase, currency; /* codes; purchase UINT32_MAX: any activity */
};

struct buyers {
	const struct journey_buyers_plan *r;
	struct journey_buyer *rows;
	uint32_t n, cap;
	struct cases cs;
	bool failed;
};

enum err_code journey_buyers_plan(const struct journey_plan *p, const struct journey_buyers_query *q, struct arena *a,
                                  struct journey_buyers_plan **out, struct err *err)
{
	if (p->cut != JOURNEY_CUT_CUSTOMER)
		return err_set(err, ERR_INPUT, "buyers.case", "case", "buyers are customers, not instances");
	if (q->n_bounds < 2 || q->n_bounds - 1 > JOURNEY_BUYER_DAYS_MAX)
		return err_limit(err, "buyers.days", "from", (int64_t)q->n_bounds - 1, JOURNEY_BUYER_DAYS_MAX,
		                 "buyers are read over 1 to %d days", JOURNEY_BUYER_DAYS_MAX);
	struct journey_buyers_plan *r = ARENA_NEW(a, struct journey_buyers_plan);
	if (!r) return err_no_memory(err);
	*r = (struct journey_buyers_plan){ .p = p, .q = q, .purchase = UINT32_MAX };
	if (q->purchase.len) TRY(activity_find(p, q->purchase, "purchase", &r->purchase, err));
	TRY(currency_find(p, q->currency, "currency", &r->currency, err));
	*out = r;
	return OK;
}

static void buyers_free(void *pass)
{
	struct buyers *x = pass;
	if (!x) return;
	free(x->rows);
	cases_done(&x->cs);
	free(x);
}

static void *buyers_make(const struct journey_plan *p, const void *what)
{
	struct buyers *x = calloc(1, sizeof *x);
	if (x) x->r = what;
	return x;
}

/* The day of a time; n_bounds - 1 when it lies outside of all. Times come in order, so `from` is where to begin. */
static size_t day_of(const struct journey_buyers_query *q, int64_t at, size_t from)
{
	size_t lo = from, hi = q->n_bounds - 1;
	if (at < q->bounds[0] || at >= q->bounds[hi]) return hi;
	while (hi - lo > 1) {
		const size_t mid = lo + (hi - lo) / 2;
		if (q->bounds[mid] <= at) lo = mid;
		else hi = mid;
	}
	return lo;
}

static void count_purchase(struct journey_buyer *b, size_t day, int64_t minor, size_t split)
{
	if (!b->orders) b->first_day = (uint32_t)day;
	else if (day > b->first_day) b->repeat_spent += minor;
	if (!b->orders || day > b->last_day) {
		b->days++;
		if (day < split) b->early_days++, b->early_last = (uint32_t)day;
	}
	b->last_day = (uint32_t)day;
	b->orders++;
}

static void customer_counts(struct buyers *x, const struct journey_columns *c, uint32_t customer, struct span s)
{
	const struct journey_buyers_plan *r = x->r;
	const uint32_t end = c->evidence_offset[customer + 1];
	struct journey_buyer b = { .customer = c->customer[customer] };
	size_t day = 0;
	uint32_t i = 0;
	for (uint32_t e = evidence_from(c, customer, span_row(&s, 0)); e < end; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (v->what != JOURNEY_MONEY || v->about != r->currency) continue;
		while (i < s.n && span_row(&s, i) < v->row) i++;
		if (i == s.n) break;
		if (span_row(&s, i) != v->row) continue;
		const int64_t minor = llround(v->raw);
		const size_t at = day_of(r->q, s.at_ms[i], day);
		if (at == r->q->n_bounds - 1) continue;
		day = at;
		const bool bought = minor > 0 && (r->purchase == UINT32_MAX ? is_order(r->q->order, r->p, c, v->row)
		                                                            : s.code[i] == r->purchase);
		if (bought || minor < 0) b.spent += minor;
		if (bought) count_purchase(&b, day, minor, r->q->split);
	}
	if (!b.orders) return;
	if (!grow((void **)&x->rows, &x->cap, x->n + 1, sizeof *x->rows)) x->failed = true;
	else x->rows[x->n++] = b;
}

static void buyers_add(void *pass, const struct journey_columns *c)
{
	struct buyers *x = pass;
	for (uint32_t i = 0; i < c->n_customers && !x->failed; i++) {
		if (journey_dead(c, i) || c->evidence_offset[i] == c->evidence_offset[i + 1]) continue;
		if (spans_cut(x->r->p, c, i, &x->cs)) customer_counts(x, c, i, spans_get(&x->cs, 0));
	}
}

static void buyers_merge(void *pass, void *other)
{
	struct buyers *x = pass;
	const struct buyers *from = other;
	x->cs.failed |= from->cs.failed;
	x->failed |= from->failed || !grow((void **)&x->rows, &x->cap, x->n + from->n, sizeof *x->rows);
	for (uint32_t i = 0; i < from->n && !x->failed; i++) x->rows[x->n++] = from->rows[i];
}

const struct journey_pass journey_buyers_pass = {
	.make = buyers_make, .add = buyers_add, .merge = buyers_merge, .free = buyers_free
};

static int by_customer(const void *va, const void *vb)
{
	const struct journey_buyer *a = va, *b = vb;
	return (a->customer > b->customer) - (a->customer < b->customer);
}

enum err_code journey_buyers_result(void *pass, const struct journey_buyer **out, size_t *n, struct str *currency,
                                    struct err *err)
{
	struct buyers *x = pass;
	if (x->failed || x->cs.failed) return err_no_memory(err);
	if (x->n) qsort(x->rows, x->n, sizeof *x->rows, by_customer);
	*out = x->rows;
	*n = x->n;
	*currency = journey_word(&x->r->p->s->currencies, x->r->currency);
	return OK;
}
