/* Customers as components of identities: union-find with halving, and a ring through each component to list it. */
#include "index/priv.h"

bool people_reserve(struct people *p, uint32_t identity, const struct index_feed *feed)
{
	if (identity >= p->cap) {
		uint64_t cap = p->cap ? (uint64_t)p->cap * 2 : 1024;
		while (cap <= identity) cap *= 2;
		uint32_t *parent = realloc(p->parent, cap * sizeof *parent);
		if (parent) p->parent = parent;
		uint32_t *next = realloc(p->next, cap * sizeof *next);
		if (next) p->next = next;
		bool *known = realloc(p->known, cap * sizeof *known);
		if (known) p->known = known;
		uint32_t *customer = realloc(p->customer, cap * sizeof *customer);
		if (customer) p->customer = customer;
		if (!parent || !next || !known || !customer) return false;
		p->cap = (uint32_t)cap;
	}
	for (; p->n <= identity; p->n++) {
		bool anonymous = true;
		struct str external;
		p->parent[p->n] = p->next[p->n] = p->customer[p->n] = p->n;
		p->known[p->n] = feed->identity(feed->ctx, p->n, &anonymous, &external) && !anonymous;
	}
	return true;
}

uint32_t people_root(struct people *p, uint32_t x)
{
	while (p->parent[x] != x) x = p->parent[x] = p->parent[p->parent[x]];
	return x;
}

uint32_t people_better(const struct people *p, uint32_t a, uint32_t b)
{
	const bool keep_a = p->known[a] != p->known[b] ? p->known[a] : a < b;
	return keep_a ? a : b;
}

uint32_t people_join(struct people *p, uint32_t a, uint32_t b)
{
	a = people_root(p, a);
	b = people_root(p, b);
	if (a == b) return a;
	const uint32_t root = people_better(p, a, b), other = root == a ? b : a;
	p->parent[other] = root;
	const uint32_t t = p->next[root];
	p->next[root] = p->next[other];
	p->next[other] = t;
	p->changes++;
	return root;
}

void people_part(struct people *p, const uint32_t *members, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) p->parent[members[i]] = p->next[members[i]] = members[i];
	p->changes++;
}

void people_done(struct people *p)
{
	free(p->parent);
	free(p->next);
	free(p->known);
	free(p->customer);
	*p = (struct people){ 0 };
}
