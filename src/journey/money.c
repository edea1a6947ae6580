/* Money after a visit, by touchpoint and currency: hurt against others. */
#include "journey/money.h"

#include "journey/priv.h"

#include <math.h>

const char *const journey_phase_names[JOURNEY_PHASES] = { "before", "during", "after" };

struct sum {
	int64_t n;
	wide sum, squares;
};
struct cell {
	int64_t hurt;
	struct sum side[2]; /* [hurt] */
};
struct first_visit { /* the customer's first one at a touchpoint */
	uint16_t touchpoint;
	int64_t at_ms;
	uint32_t of_case;
	bool hurt;
};
struct payment {
	int64_t at_ms, minor;
	uint32_t currency;
};

struct pass {
	const struct journey_plan *p;
	const struct journey_money_question *q;
	struct cell (*cells)[JOURNEY_MONEY_CURRENCIES_MAX]; /* [touchpoint - 1] */
	struct journey_money sums;
	struct cases cs;
	/* of the customer at hand */
	struct first_visit *visits; /* one a touchpoint at most */
	uint32_t n_visits;
	uint32_t *visit_of; /* [code]: place + 1 */
	struct payment *payments;
	uint32_t n_payments, cap_payments;
	bool failed;
};

static void pass_free(void *pass)
{
	struct pass *m = pass;
	if (!m) return;
	free(m->cells);
	free(m->visits);
	free(m->visit_of);
	free(m->payments);
	cases_done(&m->cs);
	free(m);
}

static void *pass_new(const struct journey_plan *p, const void *what)
{
	struct pass *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->q = what;
	m->cells = calloc(p->n_touchpoints + 1, sizeof *m->cells);
	m->visits = calloc(p->n_touchpoints + 1, sizeof *m->visits);
	m->visit_of = calloc(p->n_touchpoints + 1, sizeof *m->visit_of);
	if (m->cells && m->visits && m->visit_of) return m;
	pass_free(m);
	return NULL;
}

static enum journey_phase phase_of(const struct pass *m, uint16_t code)
{
	const int step = m->p->step[code], at = m->q->purchase_step;
	return at < 0 || step < at ? JOURNEY_BEFORE : step == at ? JOURNEY_DURING : JOURNEY_AFTER;
}

/* The earliest first: cases come in order of their first row, visits need not. */
static void visit_add(struct pass *m, uint16_t code, int64_t at_ms, uint32_t k)
{
	const uint32_t known = m->visit_of[code];
	if (known && m->visits[known - 1].at_ms <= at_ms) return;
	struct first_visit *v = &m->visits[known ? known - 1 : m->n_visits++];
	*v = (struct first_visit){ .touchpoint = code, .at_ms = at_ms, .of_case = k };
	m->visit_of[code] = (uint32_t)(v - m->visits) + 1;
}

static void rows_read(struct pass *m, const struct journey_columns *c)
{
	bool in[JOURNEY_PHASES] = { false };
	for (uint32_t k = 0; k < m->cs.n; k++)
		for (uint32_t i = m->cs.start[k]; i < m->cs.start[k + 1]; i++) {
			const uint32_t row = m->cs.row[i];
			const uint16_t code = c->touchpoints[row];
			const int64_t at_ms = c->at_ms[row];
			if (!code || at_ms < m->q->from_ms || at_ms >= m->q->to_ms) continue;
			const enum journey_phase phase = phase_of(m, code);
			m->sums.phases[phase].events++;
			in[phase] = true;
			visit_add(m, code, at_ms, k);
		}
	for (int phase = 0; phase < JOURNEY_PHASES; phase++) m->sums.phases[phase].customers += in[phase];
}

static void payment_add(struct pass *m, const struct journey_columns *c, const struct journey_evidence *e,
                        uint32_t *currency)
{
	const uint16_t code = c->touchpoints[e->row];
	*currency = e->about < JOURNEY_MONEY_CURRENCIES_MAX ? e->about : 0;
	if (m->q->purchase_step >= 0 && !(code && m->p->step[code] == m->q->purchase_step)) return;
	if (!grow((void **)&m->payments, &m->cap_payments, m->n_payments + 1, sizeof *m->payments)) {
		m->failed = true;
		return;
	}
	m->payments[m->n_payments++] = (struct payment){ c->at_ms[e->row], llrint(e->raw), *currency };
}

/* What hurt in the case of the first visit, and all money. Returns the currency of the latest; 0 none. */
static uint32_t evidence_read(struct pass *m, const struct journey_columns *c, uint32_t customer)
{
	uint32_t currency = 0;
	m->n_payments = 0;
	for (uint32_t k = 0; k < m->cs.n; k++) {
		const uint32_t *rows = m->cs.row + m->cs.start[k], n = m->cs.start[k + 1] - m->cs.start[k];
		const uint32_t end = c->evidence_offset[customer + 1];
		uint32_t e = evidence_from(c, customer, rows[0]);
		for (uint32_t i = 0; i < n && e < end; i++) {
			while (e < end && c->evidence[e].row < rows[i]) e++;
			for (; e < end && c->evidence[e].row == rows[i]; e++) {
				const struct journey_evidence *v = &c->evidence[e];
				const uint16_t code = c->touchpoints[rows[i]];
				const uint32_t at = code ? m->visit_of[code] : 0;
				if (v->what == JOURNEY_MONEY) payment_add(m, c, v, &currency);
				if (at && m->visits[at - 1].of_case == k &&
				    (v->what == JOURNEY_FAILURE || v->what == JOURNEY_LEFT ||
				     (v->what == JOURNEY_BREACH && v->raw > 0)))
					m->visits[at - 1].hurt = true;
			}
		}
	}
	return currency;
}

/* Cases that ended before the purchase hurt where they ended. */
static void losses_read(struct pass *m, const struct journey_columns *c)
{
	for (uint32_t k = 0; m->q->purchase_step >= 0 && k < m->cs.n; k++) {
		const uint32_t *rows = m->cs.row + m->cs.start[k], n = m->cs.start[k + 1] - m->cs.start[k];
		const struct reach r = reach_of(m->p, c, rows, n);
		if (r.furthest == NO_STEP || r.furthest >= m->q->purchase_step || r.still_in) continue;
		uint32_t i = n;
		while (i > 0 && !c->touchpoints[rows[i - 1]]) i--;
		const uint32_t at = i ? m->visit_of[c->touchpoints[rows[i - 1]]] : 0;
		if (at && m->visits[at - 1].of_case == k) m->visits[at - 1].hurt = true;
	}
}

static int64_t spent_after(const struct pass *m, const struct first_visit *v, uint32_t currency)
{
	int64_t sum = 0;
	for (uint32_t i = 0; i < m->n_payments; i++) {
		const struct payment *x = &m->payments[i];
		if (x->currency == currency && x->at_ms >= v->at_ms && x->at_ms <= v->at_ms + m->q->horizon_ms)
			sum += x->minor;
	}
	return sum;
}

static void customer_add(struct pass *m, uint32_t currency)
{
	bool hurt = false;
	for (uint32_t i = 0; i < m->n_visits; i++) {
		const struct first_visit *v = &m->visits[i];
		m->visit_of[v->touchpoint] = 0;
		hurt |= v->hurt;
		if (!currency) continue;
		struct cell *x = &m->cells[v->touchpoint - 1][currency];
		x->hurt += v->hurt;
		if (v->at_ms > m->p->s->newest_ms - m->q->horizon_ms) continue;
		struct sum *s = &x->side[v->hurt];
		const int64_t spent = spent_after(m, v, currency);
		s->n++;
		s->sum += spent;
		s->squares += (wide)spent * spent;
	}
	m->sums.without_money += hurt && !currency;
	m->n_visits = 0;
}

static void pass_add(void *pass, const struct journey_columns *c)
{
	struct pass *m = pass;
	for (uint32_t i = 0; i < c->n_customers && !m->failed; i++) {
		if (journey_dead(c, i) || !cases_cut(m->p, c, i, &m->cs)) continue;
		rows_read(m, c);
		losses_read(m, c);
		customer_add(m, evidence_read(m, c, i));
	}
	m->failed |= m->cs.failed;
}

static void pass_merge(void *into, void *from)
{
	struct pass *m = into, *f = from;
	m->failed |= f->failed;
	m->sums.without_money += f->sums.without_money;
	for (int k = 0; k < JOURNEY_PHASES; k++) {
		m->sums.phases[k].customers += f->sums.phases[k].customers;
		m->sums.phases[k].events += f->sums.phases[k].events;
	}
	for (size_t t = 0; t < m->p->n_touchpoints; t++)
		for (int c = 0; c < JOURNEY_MONEY_CURRENCIES_MAX; c++) {
			m->cells[t][c].hurt += f->cells[t][c].hurt;
			for (int side = 0; side < 2; side++) {
				m->cells[t][c].side[side].n += f->cells[t][c].side[side].n;
				m->cells[t][c].side[side].sum += f->cells[t][c].side[side].sum;
				m->cells[t][c].side[side].squares += f->cells[t][c].side[side].squares;
			}
		}
}

static struct journey_money_side money_side(const struct sum *s)
{
	struct journey_money_side out = { .customers = s->n };
	if (s->n == 0) return out;
	const long double n = (long double)s->n, mean = (long double)s->sum / n;
	const long double rss = (long double)s->squares - mean * (long double)s->sum;
	out.mean = (double)mean;
	out.var = s->n > 1 && rss > 0 ? (double)(rss / (n - 1)) : 0;
	return out;
}

enum err_code journey_money_result(const void *pass, struct arena *a, struct journey_money *out, struct err *err)
{
	const struct pass *m = pass;
	if (m->failed) return err_no_memory(err);
	struct journey_money r = m->sums;
	size_t n = 0;
	for (size_t t = 0; t < m->p->n_touchpoints; t++)
		for (int c = 1; c < JOURNEY_MONEY_CURRENCIES_MAX; c++) n += m->cells[t][c].hurt > 0;
	r.rows = ARENA_ARRAY(a, struct journey_money_row, n);
	if (!r.rows) return err_no_memory(err);
	for (uint32_t c = 1; c < JOURNEY_MONEY_CURRENCIES_MAX; c++)
		for (size_t t = 0; t < m->p->n_touchpoints; t++) {
			const struct cell *x = &m->cells[t][c];
			if (x->hurt == 0) continue;
			r.rows[r.n++] = (struct journey_money_row){ .touchpoint = (uint16_t)(t + 1),
				                                    .currency = journey_word(&m->p->s->currencies, c),
				                                    .hurt = x->hurt,
				                                    .with = money_side(&x->side[1]),
				                                    .without = money_side(&x->side[0]) };
		}
	*out = r;
	return OK;
}

const struct journey_pass journey_money_pass = { pass_new, pass_add, pass_merge, pass_free };
