/* Answers by touchpoint and value: one look at the evidence, sums of whole numbers. */
#include "journey/consistency.h"

#include "journey/priv.h"

#include <math.h>

struct cell {
	int64_t n, customers;
	wide sum, squares; /* of customers' means */
	/* of the customer at hand */
	uint32_t last;
	int64_t own_n, own_sum;
};

struct pass {
	const struct journey_plan *p;
	const struct journey_consistency_question *q;
	struct dimension by;
	enum err_code rc;
	struct err err;
	size_t n_values, n_cells;
	struct cell *cells; /* [(touchpoint - 1) * n_values + value] */
	uint32_t serial;
	struct cases cs;
	uint32_t *touched, n_touched, cap_touched;
	bool failed;
};

static void pass_free(void *pass)
{
	struct pass *m = pass;
	if (!m) return;
	free(m->cells);
	free(m->touched);
	cases_done(&m->cs);
	free(m);
}

static void *pass_new(const struct journey_plan *p, const void *what)
{
	struct pass *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->q = what;
	m->rc = dimension_by_name(p, m->q->by, "by", &m->by, &m->err);
	if (m->rc != OK) return m;
	m->n_values = m->by.words->n;
	if (m->n_values * p->n_touchpoints > JOURNEY_CONSISTENCY_PAIRS_MAX) {
		m->rc = err_limit(&m->err, "consistency.by", "by", (int64_t)(m->n_values * p->n_touchpoints),
		                  JOURNEY_CONSISTENCY_PAIRS_MAX, "\"" STR_FMT "\" has too many values to compare",
		                  STR_ARG(str_cut(m->q->by, 0, 80)));
		return m;
	}
	m->n_cells = m->n_values * p->n_touchpoints;
	m->cells = calloc(m->n_cells + 1, sizeof *m->cells);
	if (m->cells) return m;
	pass_free(m);
	return NULL;
}

static void rating_add(struct pass *m, const struct journey_columns *c, uint32_t row, uint16_t code, int64_t u)
{
	const uint32_t value = dimension_code(&m->by, c, row);
	const uint32_t at = (uint32_t)((size_t)(code - 1) * m->n_values + value);
	struct cell *x = &m->cells[at];
	x->n++;
	if (x->last != m->serial) {
		x->last = m->serial;
		x->own_n = x->own_sum = 0;
		if (!grow((void **)&m->touched, &m->cap_touched, m->n_touched + 1, sizeof *m->touched)) {
			m->failed = true;
			return;
		}
		m->touched[m->n_touched++] = at;
	}
	x->own_n++;
	x->own_sum += u;
}

static void customer_end(struct pass *m)
{
	for (uint32_t i = 0; i < m->n_touched; i++) {
		struct cell *x = &m->cells[m->touched[i]];
		const int64_t mean = x->own_sum / x->own_n;
		x->customers++;
		x->sum += mean;
		x->squares += (wide)mean * mean;
	}
	m->n_touched = 0;
}

static void case_add(struct pass *m, const struct journey_columns *c, uint32_t customer, uint32_t k)
{
	const uint32_t *rows = m->cs.row + m->cs.start[k], n = m->cs.start[k + 1] - m->cs.start[k];
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t e = evidence_from(c, customer, rows[0]);
	for (uint32_t i = 0; i < n && e < end; i++) {
		while (e < end && c->evidence[e].row < rows[i]) e++;
		for (; e < end && c->evidence[e].row == rows[i]; e++) {
			const struct journey_evidence *v = &c->evidence[e];
			if (v->what != JOURNEY_RATING) continue;
			const uint32_t row = evidence_row(m->p, c, &m->cs, k, i, v);
			if (row == NO_ROW || !c->touchpoints[row]) continue;
			rating_add(m, c, row, c->touchpoints[row], fix((double)v->utility));
		}
	}
}

static void pass_add(void *pass, const struct journey_columns *c)
{
	struct pass *m = pass;
	for (uint32_t i = 0; i < c->n_customers && m->rc == OK && !m->failed; i++) {
		if (c->evidence_offset[i] == c->evidence_offset[i + 1]) continue;
		if (journey_dead(c, i)) continue;
		(void)cases_cut(m->p, c, i, &m->cs);
		m->serial++;
		for (uint32_t k = 0; k < cases_stated(&m->cs); k++) case_add(m, c, i, k);
		customer_end(m);
	}
	m->failed |= m->cs.failed;
}

static void pass_merge(void *into, void *from)
{
	struct pass *m = into, *f = from;
	m->failed |= f->failed;
	for (size_t i = 0; i < m->n_cells; i++) {
		m->cells[i].n += f->cells[i].n;
		m->cells[i].customers += f->cells[i].customers;
		m->cells[i].sum += f->cells[i].sum;
		m->cells[i].squares += f->cells[i].squares;
	}
}

enum err_code journey_consistency_result(const void *pass, struct arena *a, struct journey_consistency *out,
                                         struct err *err)
{
	const struct pass *m = pass;
	if (m->rc != OK) {
		if (err) *err = m->err;
		return m->rc;
	}
	if (m->failed) return err_no_memory(err);
	size_t n = 0;
	for (size_t i = 0; i < m->n_cells; i++) n += m->cells[i].customers > 0;
	struct journey_consistency r = { .groups = ARENA_ARRAY(a, struct journey_consistency_group, n) };
	if (!r.groups) return err_no_memory(err);
	for (size_t i = 0; i < m->n_cells; i++) {
		const struct cell *x = &m->cells[i];
		if (x->customers == 0) continue;
		const long double k = (long double)x->customers, mean = (long double)x->sum / k;
		const long double rss = (long double)x->squares - mean * (long double)x->sum;
		r.groups[r.n++] = (struct journey_consistency_group){
			.touchpoint = (uint16_t)(i / m->n_values + 1),
			.value = journey_word(m->by.words, (uint32_t)(i % m->n_values)),
			.n = x->n,
			.customers = x->customers,
			.mean = (double)(mean * 0x1p-32L),
			.var = x->customers > 1 && rss > 0 ? (double)(rss / (k - 1) * 0x1p-64L) : 0,
		};
	}
	*out = r;
	return OK;
}

const struct journey_pass journey_consistency_pass = { pass_new, pass_add, pass_merge, pass_free };
