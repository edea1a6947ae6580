/* Currencies: one look at each customer's money. */
#include "journey/purse.h"

#include <stdlib.h>

#include "journey/currencies.h"

struct sums {
	int64_t purchases, customers;
	uint64_t last; /* serial of the customer counted last, from 1 */
};

struct currencies {
	const struct journey_plan *p;
	struct sums *of; /* [code] */
	uint8_t *paid;   /* [event code]: it comes with money */
	uint64_t serial;
	struct cases cs;
};

static void currencies_free(void *pass)
{
	struct currencies *x = pass;
	if (!x) return;
	cases_done(&x->cs);
	free(x->of);
	free(x->paid);
	free(x);
}

static void *currencies_make(const struct journey_plan *p, const void *what)
{
	struct currencies *x = calloc(1, sizeof *x);
	(void)what;
	if (!x) return NULL;
	x->p = p;
	x->of = calloc(p->s->currencies.n + 1, sizeof *x->of);
	x->paid = calloc(p->s->events.n + 1, 1);
	if (x->of && x->paid) return x;
	free(x->of);
	free(x->paid);
	free(x);
	return NULL;
}

static void see_span(struct currencies *x, const struct journey_columns *c, uint32_t i, const struct span *s)
{
	const uint32_t end = c->evidence_offset[i + 1];
	uint32_t at = 0;
	for (uint32_t e = evidence_from(c, i, span_row(s, 0)); e < end; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (v->what != JOURNEY_MONEY || !(v->raw > 0) || v->about >= x->p->s->currencies.n) continue;
		while (at < s->n && span_row(s, at) < v->row) at++;
		if (at == s->n) return;
		if (span_row(s, at) != v->row) continue;
		struct sums *sum = &x->of[v->about];
		x->paid[x->p->s->kinds[c->kind[v->row]].event] = 1;
		sum->purchases++;
		sum->customers += sum->last != x->serial;
		sum->last = x->serial;
	}
}

static void currencies_add(void *pass, const struct journey_columns *c)
{
	struct currencies *x = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i) || c->evidence_offset[i] == c->evidence_offset[i + 1]) continue;
		const uint32_t n = spans_cut(x->p, c, i, &x->cs);
		x->serial++;
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&x->cs, k);
			if (s.n) see_span(x, c, i, &s);
		}
	}
}

static void currencies_merge(void *pass, void *other)
{
	struct currencies *x = pass;
	const struct currencies *from = other;
	x->cs.failed |= from->cs.failed;
	for (uint32_t i = 0; i < x->p->s->currencies.n; i++) {
		x->of[i].purchases += from->of[i].purchases;
		x->of[i].customers += from->of[i].customers;
	}
	for (uint32_t e = 0; e < x->p->s->events.n; e++) x->paid[e] |= from->paid[e];
}

const struct journey_pass journey_currencies_pass = {
	.make = currencies_make, .add = currencies_add, .merge = currencies_merge, .free = currencies_free
};

uint32_t journey_currencies_order(const void *pass)
{
	static const char *const names[] = { "Order Completed", "order_completed", "Order Confirmed", "Order Paid",
		                             "Order Placed",    "Purchase",        "purchase",        "Purchased" };
	const struct currencies *x = pass;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const uint32_t event = journey_word_find(&x->p->s->events, str_of(names[i]));
		if (event < x->p->s->events.n && x->paid[event]) return event;
	}
	return 0;
}

static int by_customers(const void *va, const void *vb)
{
	const struct journey_currency *a = va, *b = vb;
	if (a->customers != b->customers) return a->customers > b->customers ? -1 : 1;
	return str_cmp(a->currency, b->currency);
}

enum err_code journey_currencies_result(void *pass, struct arena *a, struct journey_currency **out, size_t *n,
                                        struct err *err)
{
	struct currencies *x = pass;
	if (x->cs.failed) return err_no_memory(err);
	*n = 0;
	*out = ARENA_ARRAY(a, struct journey_currency, x->p->s->currencies.n + 1);
	if (!*out) return err_no_memory(err);
	for (uint32_t i = 1; i < x->p->s->currencies.n; i++)
		if (x->of[i].purchases)
			(*out)[(*n)++] = (struct journey_currency){ journey_word(&x->p->s->currencies, i),
				                                    x->of[i].purchases, x->of[i].customers };
	if (*n) qsort(*out, *n, sizeof **out, by_customers);
	return OK;
}
