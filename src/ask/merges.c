/* Who is one customer: what was said about its ids, and saying it by hand. */
#include "ask/priv.h"

#include "base/checked.h"

/* --- what was said ---------------------------------------------------------------------------- */

struct said {
	struct arena *m;
	struct ask_link *list;
	size_t n, cap;
};

static enum err_code take_link(void *ctx, const struct store_edge *e, struct err *err)
{
	struct said *s = ctx;
	if (s->n == s->cap) {
		const size_t cap = s->cap ? s->cap * 2 : 64;
		struct ask_link *grown = ARENA_ARRAY(s->m, struct ask_link, cap);
		if (!grown) return err_no_memory(err);
		if (s->n) memcpy(grown, s->list, s->n * sizeof *grown);
		s->list = grown;
		s->cap = cap;
	}
	struct ask_link *l = &s->list[s->n++];
	*l = (struct ask_link){ .arrival = e->arrival,
		                .at_ms = e->at_ms,
		                .identity = { e->a, e->b },
		                .apart = e->apart,
		                .by_hand = e->by_hand,
		                .author = str_copy(s->m, e->author),
		                .reason = str_copy(s->m, e->reason) };
	return l->author.ptr && l->reason.ptr ? OK : err_no_memory(err);
}

static int by_arrival(const void *x, const void *y)
{
	const struct ask_link *p = x, *q = y;
	if (p->arrival != q->arrival) return p->arrival < q->arrival ? -1 : 1;
	for (int i = 0; i < 2; i++)
		if (p->identity[i] != q->identity[i]) return p->identity[i] < q->identity[i] ? -1 : 1;
	return 0;
}

/* When the events that told of a pair happened, from the customer's rows. */
static void link_times(struct asking *k, uint32_t customer, struct ask_link *list, size_t n)
{
	const struct index_run *run;
	uint32_t place;
	if (!n || !index_find(k->s, customer, &run, &place)) return;
	const struct journey_columns *c = &run->columns;
	for (uint32_t r = c->offset[place]; r < c->offset[place + 1]; r++) {
		size_t lo = 0, hi = n;
		while (lo < hi) {
			const size_t mid = lo + (hi - lo) / 2;
			if (list[mid].arrival < c->arrival[r]) lo = mid + 1;
			else hi = mid;
		}
		for (; lo < n && list[lo].arrival == c->arrival[r]; lo++) list[lo].at_ms = c->at_ms[r];
	}
}

enum err_code customer_links(struct asking *k, const uint32_t *ids, size_t n_ids, struct arena *m,
                             struct ask_customer *out, struct err *err)
{
	struct said s = { .m = m };
	for (size_t i = 0; i < n_ids; i++)
		TRY(store_edges_of(k->a->st, ids[i], k->s->schema.arrival_end, take_link, &s, err));
	if (s.n) qsort(s.list, s.n, sizeof *s.list, by_arrival);
	size_t n = 0; /* a pair of two of these ids was met twice */
	for (size_t i = 0; i < s.n; i++)
		if (n == 0 || by_arrival(&s.list[n - 1], &s.list[i]) != 0) s.list[n++] = s.list[i];
	const size_t from = n > ASK_LINKS_MAX ? n - ASK_LINKS_MAX : 0;
	out->links = s.list ? s.list + from : NULL;
	out->n_links = n - from;
	link_times(k, out->number, out->links, out->n_links);
	for (size_t i = 0; i < out->n_links; i++) {
		struct ask_link *l = &out->links[i];
		for (int e = 0; e < 2; e++)
			if (!store_identity_get(k->a->st, l->identity[e], &l->anonymous[e], &l->id[e]))
				l->id[e] = STR("");
	}
	return OK;
}

/* --- saying it ----------------------------------------------------------------------------------- */

/* A customer's id, else a device's. */
static enum err_code identity_of(struct ask *a, struct str external, const char *field, uint32_t *out, struct err *err)
{
	*out = store_identity_find(a->st, false, external);
	if (!*out) *out = store_identity_find(a->st, true, external);
	return *out ? OK
	            : err_set(err, ERR_NOT_FOUND, "customer", field, "nobody is known as \"" STR_FMT "\"",
	                      STR_ARG(external));
}

/* The answer comes when the figures know it. */
static enum err_code done(struct ask *a, uint64_t arrival, uint64_t *out, struct err *err)
{
	*out = arrival;
	return index_reach(a->ix, arrival + 1, err);
}

enum err_code ask_merge(struct ask *a, struct str customer, struct str with, const struct store_said *said,
                        uint64_t *arrival, struct err *err)
{
	uint32_t x, y;
	uint64_t at;
	TRY(identity_of(a, customer, "customer", &x, err));
	TRY(identity_of(a, with, "with", &y, err));
	TRY(store_merge(a->st, x, y, said, &at, err));
	return done(a, at, arrival, err);
}

enum err_code ask_unmerge(struct ask *a, struct str customer, struct str id, const struct store_said *said,
                          uint64_t *arrival, struct err *err)
{
	uint32_t x, y;
	uint64_t at;
	TRY(identity_of(a, customer, "customer", &x, err));
	TRY(identity_of(a, id, "id", &y, err));
	enum err_code rc = store_unmerge(a->st, x, y, said, &at, err);
	/* One text may be a customer's id and a device's, of two people: the one of this customer is meant. */
	const uint32_t device = store_identity_find(a->st, true, id);
	if (rc == ERR_CONFLICT && device && device != y) rc = store_unmerge(a->st, x, device, said, &at, err);
	TRY(rc);
	return done(a, at, arrival, err);
}
