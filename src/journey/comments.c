/* Comments by touchpoint: one look at the evidence. */
#include "journey/comments.h"

#include "journey/priv.h"

#include <math.h>

struct comments {
	const struct journey_plan *p;
	struct journey_comment *list;
	uint32_t n, cap;
	struct cases cs;
};

static void comments_free(void *pass)
{
	struct comments *m = pass;
	if (!m) return;
	free(m->list);
	cases_done(&m->cs);
	free(m);
}

static void *comments_new(const struct journey_plan *p, const void *what)
{
	(void)what;
	struct comments *m = calloc(1, sizeof *m);
	if (m) m->p = p;
	return m;
}

static void comment_add(struct comments *m, const struct journey_comment *one)
{
	if (m->cs.failed || !grow((void **)&m->list, &m->cap, m->n + 1, sizeof *m->list)) {
		m->cs.failed = true;
		return;
	}
	m->list[m->n++] = *one;
}

/* Evidence stands in order of rows, a row's rating before its comment; the rows of a case are walked with it. */
static void comments_of_case(struct comments *m, const struct journey_columns *c, uint32_t customer, uint32_t k)
{
	const struct span s = spans_get(&m->cs, k);
	const uint32_t end = c->evidence_offset[customer + 1], last = span_row(&s, s.n - 1);
	uint32_t place = 0, row = UINT32_MAX;
	float score = NAN;
	for (uint32_t e = evidence_from(c, customer, span_row(&s, 0)); e < end && c->evidence[e].row <= last; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (v->row != row) score = NAN;
		row = v->row;
		if (!s.row) place = row - s.first;
		while (span_row(&s, place) < row) place++;
		if (span_row(&s, place) != row) continue;
		if (v->what == JOURNEY_RATING && isnan(score)) score = v->utility;
		if (v->what != JOURNEY_COMMENT) continue;
		bool whole;
		const uint16_t code = evidence_touchpoint(m->p, c, &m->cs, k, place, v, &whole);
		if (!code && !whole) continue;
		comment_add(m, &(struct journey_comment){ .arrival = c->arrival[row],
		                                          .at_ms = c->at_ms[row],
		                                          .customer = c->customer[customer],
		                                          .touchpoint = code,
		                                          .utility = score });
	}
}

static void comments_add(void *pass, const struct journey_columns *c)
{
	struct comments *m = pass;
	for (uint32_t i = 0; i < c->n_customers && !m->cs.failed; i++) {
		if (journey_dead(c, i) || c->evidence_offset[i] == c->evidence_offset[i + 1]) continue;
		(void)spans_cut(m->p, c, i, &m->cs);
		for (uint32_t k = 0; k < cases_stated(&m->cs); k++) comments_of_case(m, c, i, k);
	}
}

static void comments_merge(void *into, void *from)
{
	struct comments *m = into;
	const struct comments *f = from;
	m->cs.failed |= f->cs.failed;
	for (uint32_t i = 0; i < f->n; i++) comment_add(m, &f->list[i]);
}

static int by_arrival(const void *pa, const void *pb)
{
	const struct journey_comment *a = pa, *b = pb;
	return (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

enum err_code journey_comments_result(const void *pass, struct arena *a, struct journey_comment **out, size_t *n,
                                      struct err *err)
{
	const struct comments *m = pass;
	struct journey_comment *list = ARENA_ARRAY(a, struct journey_comment, m->n);
	if (m->cs.failed || !list) return err_no_memory(err);
	if (m->n) memcpy(list, m->list, m->n * sizeof *list);
	if (m->n) qsort(list, m->n, sizeof *list, by_arrival);
	*out = list;
	*n = m->n;
	return OK;
}

const struct journey_pass journey_comments_pass = { comments_new, comments_add, comments_merge, comments_free };
