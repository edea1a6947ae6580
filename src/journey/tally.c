/* Counting the values of one dimension. */
#include "journey/priv.h"

struct count {
	int64_t count, customers;
	uint32_t last;
};

struct journey_tally {
	const struct journey_plan *p;
	const struct journey_words *words;
	enum test_where where;
	uint32_t dimension;
	struct count *counts;
	uint32_t serial;
	struct cases cs;
};

struct journey_tally *journey_tally_new(const struct journey_plan *p, struct str dimension)
{
	struct journey_tally *t = calloc(1, sizeof *t);
	if (!t) return NULL;
	t->p = p;
	if (str_eq(dimension, STR("event"))) {
		t->where = TEST_EVENT;
		t->words = &p->s->events;
	} else if (str_eq(dimension, STR("channel"))) {
		t->where = TEST_CHANNEL;
		t->words = &p->s->channels;
	} else {
		t->where = TEST_DIMENSION;
		for (uint32_t d = 0; d < p->s->n_dimensions; d++) {
			if (!str_eq(p->s->dimensions[d].name, dimension)) continue;
			t->dimension = d;
			t->words = &p->s->dimensions[d].words;
		}
	}
	t->counts = t->words ? calloc(t->words->n, sizeof *t->counts) : NULL;
	if (t->counts) return t;
	free(t);
	return NULL;
}

static uint32_t value_of(const struct journey_tally *t, const struct journey_columns *c, uint32_t row)
{
	switch (t->where) {
	case TEST_EVENT: return t->p->s->kinds[c->kind[row]].event;
	case TEST_CHANNEL: return t->p->s->kinds[c->kind[row]].channel;
	default: return t->dimension < c->n_dimensions ? journey_code(c->dimensions[t->dimension], row) : 0;
	}
}

void journey_tally_add(struct journey_tally *t, const struct journey_columns *c)
{
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i) || !cases_cut(t->p, c, i, &t->cs)) continue;
		t->serial++;
		for (uint32_t k = 0; k < t->cs.start[t->cs.n]; k++) {
			struct count *v = &t->counts[value_of(t, c, t->cs.row[k])];
			v->count++;
			v->customers += v->last != t->serial;
			v->last = t->serial;
		}
	}
}

void journey_tally_merge(struct journey_tally *t, const struct journey_tally *from)
{
	t->cs.failed |= from->cs.failed;
	for (uint32_t v = 0; v < t->words->n; v++) {
		t->counts[v].count += from->counts[v].count;
		t->counts[v].customers += from->counts[v].customers;
	}
}

uint32_t journey_tally_n(const struct journey_tally *t)
{
	return t->words->n;
}

struct str journey_tally_get(const struct journey_tally *t, uint32_t v, int64_t *count, int64_t *customers)
{
	*count = t->counts[v].count;
	*customers = t->counts[v].customers;
	return journey_word(t->words, v);
}

bool journey_tally_failed(const struct journey_tally *t)
{
	return t->cs.failed;
}

void journey_tally_free(struct journey_tally *t)
{
	if (!t) return;
	cases_done(&t->cs);
	free(t->counts);
	free(t);
}
