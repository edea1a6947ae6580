/* A person as a whole, for the export and for erasing. */
#include <stdlib.h>

#include "ask/priv.h"

static int by_arrival(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
	return a < b ? -1 : a > b;
}

/* The arrivals of each customer's slice, once; room for all when `list` is there. */
static size_t slices(struct ask *a, const struct index_snapshot *s, const uint32_t *identities, size_t n,
                     uint64_t *list)
{
	size_t rows = 0;
	for (size_t i = 0; i < n; i++) {
		const uint32_t customer = index_customer(a->ix, identities[i]);
		const struct index_run *run;
		uint32_t place;
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++) seen = index_customer(a->ix, identities[k]) == customer;
		if (seen || !index_find(s, customer, &run, &place)) continue;
		const struct journey_columns *c = &run->columns;
		for (uint32_t r = c->offset[place]; r < c->offset[place + 1]; r++, rows++)
			if (list) list[rows] = c->arrival[r];
	}
	return rows;
}

enum err_code ask_whole_person_of(struct ask *a, const uint32_t *identities, size_t n, struct arena *m,
                                  struct ask_whole_person *out, struct err *err)
{
	struct ask_whole_person p = { .identities = identities, .n_identities = n };
	TRY(index_reach(a->ix, store_arrival_end(a->st), err));
	const struct index_reader r = index_enter(a->ix);
	p.n_arrivals = slices(a, r.snapshot, identities, n, NULL);
	uint64_t *list = ARENA_ARRAY(m, uint64_t, p.n_arrivals + 1);
	if (list) slices(a, r.snapshot, identities, n, list);
	index_leave(a->ix, r);
	if (!list) return err_no_memory(err);
	if (p.n_arrivals) qsort(list, p.n_arrivals, sizeof *list, by_arrival);
	p.arrivals = list;
	*out = p;
	return OK;
}

enum err_code ask_whole_person(struct ask *a, struct str external, struct arena *m, struct ask_whole_person *out,
                               struct err *err)
{
	uint32_t identity = store_identity_find(a->st, false, external);
	if (!identity) identity = store_identity_find(a->st, true, external);
	if (!identity)
		return err_set(err, ERR_NOT_FOUND, "customer", "customer", "nobody is known as \"" STR_FMT "\"",
		               STR_ARG(external));
	TRY(index_reach(a->ix, store_arrival_end(a->st), err));
	const uint32_t customer = index_customer(a->ix, identity);
	const size_t n = index_identities(a->ix, customer, NULL, 0);
	uint32_t *ids = ARENA_ARRAY(m, uint32_t, n + 1);
	if (!ids) return err_no_memory(err);
	const size_t now = index_identities(a->ix, customer, ids, n);
	return ask_whole_person_of(a, ids, now < n ? now : n, m, out, err);
}

enum err_code ask_drop(struct ask *a, const uint32_t *identities, size_t n, struct err *err)
{
	return index_drop(a->ix, identities, n, err);
}

void ask_customers_of(struct ask *a, uint32_t *identities, size_t n, size_t stride)
{
	index_customers(a->ix, identities, n, stride);
}
