/*
 * Moments of truth. For each customer the rows are walked once to know what
 * had happened before each place, the evidence once to find the first answer
 * about each touchpoint. Every figure is an integer count.
 */
#include "journey/moments.h"

#include "journey/priv.h"

#include <math.h>

/* Classes of what is cut into thirds: four to an octave; 0 is none. */
enum { CLASSES = 256, CURRENCIES_MAX = 32 };

static uint32_t class_of(double x)
{
	if (!(x >= 1)) return 0;
	const double c = 1 + 4 * log2(x);
	return c >= CLASSES - 1 ? CLASSES - 1 : (uint32_t)c;
}

struct journey_moments_scales { /* [code]: last class of the first and of the second third */
	size_t n_touchpoints;
	uint8_t (*tenure)[2], (*exposure)[2];
	uint8_t (*money)[CURRENCIES_MAX][2];
};

/* What is known of a customer at an answer. */
struct experience {
	uint16_t touchpoint;
	uint32_t at; /* place of the answer among the customer's rows */
	int64_t at_ms;
	int64_t sum, n; /* of utilities, 2^-32 */
};

struct place { /* before this row of the customer at hand */
	uint32_t outcomes, met;
	uint32_t currency;
	double money; /* spent in that currency, the one paid last */
};
struct trouble {
	uint32_t at;
	int64_t at_ms;
	uint16_t touchpoint;
};

struct cell {
	uint32_t n, reached;
};
struct point {
	int64_t met, answered, too_short, middling;
	uint32_t last;            /* customer, by serial */
	struct cell (*strata)[2]; /* [JOURNEY_MOMENTS_STRATA][good] */
	uint32_t tenure[CLASSES], exposure[CLASSES];
	uint32_t (*money)[CLASSES]; /* [currency] */
};

struct pass {
	const struct journey_plan *p;
	const struct journey_moments_question *q;
	bool counting; /* second pass */
	uint32_t outcome_event;
	uint32_t serial;
	int64_t customers;
	struct journey_moments_count base;
	struct point *points; /* [code] */
	double spent[CURRENCIES_MAX];
	/* of the customer at hand */
	struct cases cs;
	struct place *places;
	uint32_t cap_places;
	struct experience *experiences;
	uint32_t n_experiences, cap_experiences;
	struct trouble *troubles;
	uint32_t n_troubles, cap_troubles;
	uint32_t *experience_of; /* [code]: place + 1 in experiences */
	struct journey_set *people;
	bool failed;
};

static void pass_free(void *pass)
{
	struct pass *m = pass;
	if (!m) return;
	for (size_t t = 0; m->points && t <= m->p->n_touchpoints; t++) {
		free(m->points[t].strata);
		free(m->points[t].money);
	}
	free(m->points);
	free(m->places);
	free(m->experiences);
	free(m->troubles);
	free(m->experience_of);
	journey_set_free(m->people);
	cases_done(&m->cs);
	free(m);
}

static void *pass_new(const struct journey_plan *p, const struct journey_moments_question *q, bool counting)
{
	struct pass *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->q = q;
	m->counting = counting;
	m->outcome_event = q->outcome_event.len ? journey_word_find(&p->s->events, q->outcome_event) : UINT32_MAX;
	m->points = calloc(p->n_touchpoints + 1, sizeof *m->points);
	m->experience_of = calloc(p->n_touchpoints + 1, sizeof *m->experience_of);
	bool ok = m->points && m->experience_of;
	if (counting && q->people) ok = ok && (m->people = journey_set_new()) != NULL;
	if (ok) return m;
	pass_free(m);
	return NULL;
}

static void *new_scales(const struct journey_plan *p, const void *what)
{
	return pass_new(p, what, false);
}

static void *new_counting(const struct journey_plan *p, const void *what)
{
	return pass_new(p, what, true);
}

/* --- one customer ------------------------------------------------------------------------------ */

static bool is_outcome(const struct pass *m, const struct journey_columns *c, uint32_t row)
{
	const uint16_t code = c->touchpoints[row];
	return (m->q->outcome && code && m->q->outcome[code]) || m->p->s->kinds[c->kind[row]].event == m->outcome_event;
}

static bool in_period(const struct pass *m, int64_t at_ms)
{
	return at_ms >= m->q->from_ms && at_ms < m->q->to_ms;
}

static void answer_add(struct pass *m, uint16_t code, uint32_t at, int64_t at_ms, int64_t u)
{
	const uint32_t known = m->experience_of[code];
	if (known) {
		struct experience *e = &m->experiences[known - 1];
		if (e->at_ms != at_ms) return;
		e->sum += u;
		e->n++;
		e->at = at;
		return;
	}
	if (!grow((void **)&m->experiences, &m->cap_experiences, m->n_experiences + 1, sizeof *m->experiences)) {
		m->failed = true;
		return;
	}
	m->experiences[m->n_experiences++] =
	        (struct experience){ .touchpoint = code, .at = at, .at_ms = at_ms, .sum = u, .n = 1 };
	m->experience_of[code] = m->n_experiences;
}

static void trouble_add(struct pass *m, uint16_t code, uint32_t at, int64_t at_ms)
{
	if (!grow((void **)&m->troubles, &m->cap_troubles, m->n_troubles + 1, sizeof *m->troubles)) {
		m->failed = true;
		return;
	}
	m->troubles[m->n_troubles++] = (struct trouble){ at, at_ms, code };
}

static void money_add(struct pass *m, const struct journey_columns *c, const struct journey_evidence *e,
                      struct place *now)
{
	const uint16_t code = c->touchpoints[e->row];
	if (m->q->purchase && !(code && m->q->purchase[code])) return;
	now->currency = e->about < CURRENCIES_MAX ? e->about : 0;
	m->spent[now->currency] += e->raw;
	now->money = m->spent[now->currency];
}

/* Fills places, experiences and troubles; places[n] is after the last row. */
static void customer_read(struct pass *m, const struct journey_columns *c, uint32_t customer, const uint32_t *rows,
                          uint32_t n)
{
	struct place now = { 0 };
	uint32_t e = evidence_from(c, customer, rows[0]);
	const uint32_t end = c->evidence_offset[customer + 1];
	m->n_experiences = m->n_troubles = 0;
	memset(m->spent, 0, sizeof m->spent);
	for (uint32_t i = 0; i < n; i++) {
		const uint16_t code = c->touchpoints[rows[i]];
		const int64_t at_ms = c->at_ms[rows[i]];
		m->places[i] = now;
		struct point *t = &m->points[code];
		if (code && t->last != m->serial) {
			t->last = m->serial;
			now.met++;
		}
		now.outcomes += is_outcome(m, c, rows[i]);
		while (e < end && c->evidence[e].row < rows[i]) e++;
		for (; e < end && c->evidence[e].row == rows[i]; e++) {
			const struct journey_evidence *v = &c->evidence[e];
			bool whole;
			if (v->what == JOURNEY_MONEY) money_add(m, c, v, &now);
			if (code && (v->what == JOURNEY_FAILURE || (v->what == JOURNEY_BREACH && v->raw > 0)))
				trouble_add(m, code, i, at_ms);
			if (v->what != JOURNEY_RATING || !in_period(m, at_ms)) continue;
			const uint16_t about = evidence_touchpoint(m->p, c, &m->cs, 0, i, v, &whole);
			if (about) answer_add(m, about, i, at_ms, fix(evidence_utility(m->p, c, v)));
		}
	}
	m->places[n] = now;
}

static bool reached(const struct pass *m, const struct journey_columns *c, const uint32_t *rows, uint32_t n,
                    const struct experience *x)
{
	for (uint32_t i = x->at + 1; i < n && c->at_ms[rows[i]] <= x->at_ms + m->q->within_ms; i++)
		if (is_outcome(m, c, rows[i])) return true;
	return false;
}

static bool trouble_elsewhere(const struct pass *m, const struct experience *x)
{
	for (uint32_t i = 0; i < m->n_troubles; i++) {
		const struct trouble *t = &m->troubles[i];
		if (t->at < x->at && t->touchpoint != x->touchpoint && t->at_ms >= x->at_ms - m->q->recent_ms)
			return true;
	}
	return false;
}

static uint32_t third_of(uint32_t class, const uint8_t cuts[2])
{
	return (class > cuts[0] ? 1u : 0u) + (class > cuts[1] ? 1u : 0u);
}

static uint32_t tenure_class(const struct journey_columns *c, const uint32_t *rows, const struct experience *x)
{
	return class_of((double)(x->at_ms - c->at_ms[rows[0]]) / 3600000.0);
}

static uint32_t exposure_class(const struct place *before)
{
	return before->met < CLASSES ? before->met : CLASSES - 1;
}

static uint32_t stratum_of(const struct pass *m, const struct journey_columns *c, const uint32_t *rows,
                           const struct experience *x)
{
	const struct journey_moments_scales *s = m->q->scales;
	const struct place *before = &m->places[x->at];
	const uint32_t prior = before->outcomes < JOURNEY_MOMENTS_PRIOR ? before->outcomes : JOURNEY_MOMENTS_PRIOR - 1;
	uint32_t money = 0;
	if (before->money > 0) money = 1 + third_of(class_of(before->money), s->money[x->touchpoint][before->currency]);
	const uint32_t tenure = third_of(tenure_class(c, rows, x), s->tenure[x->touchpoint]);
	const uint32_t exposure = third_of(exposure_class(before), s->exposure[x->touchpoint]);
	uint32_t k = prior;
	k = k * JOURNEY_MOMENTS_MONEY + money;
	k = k * JOURNEY_MOMENTS_THIRDS + tenure;
	k = k * JOURNEY_MOMENTS_THIRDS + exposure;
	return k * 2 + trouble_elsewhere(m, x);
}

static void scale_add(struct pass *m, const struct journey_columns *c, const uint32_t *rows, const struct experience *x)
{
	struct point *t = &m->points[x->touchpoint];
	const struct place *before = &m->places[x->at];
	if (!t->money && !(t->money = calloc(CURRENCIES_MAX, sizeof *t->money))) {
		m->failed = true;
		return;
	}
	t->tenure[tenure_class(c, rows, x)]++;
	t->exposure[exposure_class(before)]++;
	if (before->money > 0) t->money[before->currency][class_of(before->money)]++;
}

static void count_add(struct pass *m, const struct journey_columns *c, uint32_t customer, const uint32_t *rows,
                      const struct experience *x, bool hit)
{
	struct point *t = &m->points[x->touchpoint];
	const double u = unfix(x->sum) / (double)x->n;
	const bool good = u >= m->q->good;
	if (!good && !(u < m->q->bad)) {
		t->middling++;
		return;
	}
	if (!t->strata && !(t->strata = calloc(JOURNEY_MOMENTS_STRATA, sizeof *t->strata))) {
		m->failed = true;
		return;
	}
	struct cell *cell = &t->strata[stratum_of(m, c, rows, x)][good];
	cell->n++;
	cell->reached += hit;
	if (m->people && m->q->touchpoint == x->touchpoint && m->q->is_good == good && m->q->is_reached == hit)
		journey_set_add(m->people, c->customer[customer]);
}

static void customer_add(struct pass *m, const struct journey_columns *c, uint32_t customer, const uint32_t *rows,
                         uint32_t n)
{
	bool first = true;
	for (uint32_t k = 0; k < m->n_experiences; k++) {
		const struct experience *x = &m->experiences[k];
		struct point *t = &m->points[x->touchpoint];
		m->experience_of[x->touchpoint] = 0;
		t->answered++;
		if (x->at_ms > m->p->s->newest_ms - m->q->within_ms) {
			t->too_short++;
			continue;
		}
		if (!m->counting) {
			scale_add(m, c, rows, x);
			continue;
		}
		const bool hit = reached(m, c, rows, n, x);
		/* Answers stand in order of time: the first one is the earliest. */
		if (first) {
			m->base.n++;
			m->base.reached += hit;
		}
		first = false;
		count_add(m, c, customer, rows, x, hit);
	}
}

/* Who was where in the period. */
static void met_add(struct pass *m, const struct journey_columns *c, const uint32_t *rows, uint32_t n)
{
	bool here = false;
	m->serial++;
	for (uint32_t i = 0; i < n; i++) {
		if (!in_period(m, c->at_ms[rows[i]])) continue;
		here = true;
		struct point *t = &m->points[c->touchpoints[rows[i]]];
		t->met += t->last != m->serial;
		t->last = m->serial;
	}
	m->customers += here;
}

static void pass_add(void *pass, const struct journey_columns *c)
{
	struct pass *m = pass;
	for (uint32_t i = 0; i < c->n_customers && !m->failed; i++) {
		if (journey_dead(c, i) || !cases_cut(m->p, c, i, &m->cs)) continue;
		const uint32_t n = m->cs.start[1];
		const uint32_t *rows = m->cs.row;
		met_add(m, c, rows, n);
		if (c->evidence_offset[i] == c->evidence_offset[i + 1]) continue;
		if (!grow((void **)&m->places, &m->cap_places, n + 1, sizeof *m->places)) {
			m->failed = true;
			return;
		}
		m->serial++;
		customer_read(m, c, i, rows, n);
		customer_add(m, c, i, rows, n);
	}
	m->failed |= m->cs.failed;
}

/* --- merging and results ----------------------------------------------------------------------------- */

static void strata_merge(struct pass *m, struct point *t, struct point *o)
{
	if (!o->strata) return;
	if (!t->strata) {
		t->strata = o->strata;
		o->strata = NULL;
		return;
	}
	for (size_t k = 0; k < JOURNEY_MOMENTS_STRATA; k++)
		for (int good = 0; good < 2; good++) {
			t->strata[k][good].n += o->strata[k][good].n;
			t->strata[k][good].reached += o->strata[k][good].reached;
		}
}

static void scales_merge(struct point *t, struct point *o)
{
	for (int k = 0; k < CLASSES; k++) {
		t->tenure[k] += o->tenure[k];
		t->exposure[k] += o->exposure[k];
	}
	if (!o->money) return;
	if (!t->money) {
		t->money = o->money;
		o->money = NULL;
		return;
	}
	for (int c = 0; c < CURRENCIES_MAX; c++)
		for (int k = 0; k < CLASSES; k++) t->money[c][k] += o->money[c][k];
}

static void pass_merge(void *into, void *from)
{
	struct pass *m = into, *f = from;
	m->failed |= f->failed;
	m->customers += f->customers;
	m->base.n += f->base.n;
	m->base.reached += f->base.reached;
	if (m->people) journey_set_or(m->people, f->people);
	for (size_t i = 0; i <= m->p->n_touchpoints; i++) {
		struct point *t = &m->points[i], *o = &f->points[i];
		t->met += o->met;
		t->answered += o->answered;
		t->too_short += o->too_short;
		t->middling += o->middling;
		strata_merge(m, t, o);
		if (!m->counting) scales_merge(t, o);
	}
}

/* Last classes of the first and of the second third: as even as classes allow. */
static void thirds(const uint32_t *classes, uint8_t out[2])
{
	uint64_t n = 0, below = 0;
	int cut = 0;
	for (int k = 0; k < CLASSES; k++) n += classes[k];
	out[0] = out[1] = CLASSES - 1;
	for (int k = 0; k < CLASSES && cut < 2; k++) {
		below += classes[k];
		while (cut < 2 && 3 * below >= (uint64_t)(cut + 1) * n) out[cut++] = (uint8_t)k;
	}
}

enum err_code journey_moments_scales_result(const void *pass, struct arena *a,
                                            const struct journey_moments_scales **out, struct err *err)
{
	const struct pass *m = pass;
	if (m->failed) return err_no_memory(err);
	const size_t n = m->p->n_touchpoints + 1;
	struct journey_moments_scales *s = ARENA_NEW(a, struct journey_moments_scales);
	if (!s) return err_no_memory(err);
	s->n_touchpoints = m->p->n_touchpoints;
	s->tenure = arena_array(a, n, sizeof *s->tenure);
	s->exposure = arena_array(a, n, sizeof *s->exposure);
	s->money = arena_array(a, n, sizeof *s->money);
	if (!s->tenure || !s->exposure || !s->money) return err_no_memory(err);
	for (size_t t = 0; t < n; t++) {
		thirds(m->points[t].tenure, s->tenure[t]);
		thirds(m->points[t].exposure, s->exposure[t]);
		for (int c = 0; m->points[t].money && c < CURRENCIES_MAX; c++)
			thirds(m->points[t].money[c], s->money[t][c]);
	}
	*out = s;
	return OK;
}

static enum err_code strata_result(const struct point *t, struct arena *a, struct journey_moments_touchpoint *out,
                                   struct err *err)
{
	size_t n = 0;
	for (size_t k = 0; t->strata && k < JOURNEY_MOMENTS_STRATA; k++) n += t->strata[k][0].n + t->strata[k][1].n > 0;
	struct journey_moments_stratum *list = ARENA_ARRAY(a, struct journey_moments_stratum, n);
	if (!list) return err_no_memory(err);
	for (size_t k = 0; t->strata && k < JOURNEY_MOMENTS_STRATA; k++) {
		const struct cell *bad = &t->strata[k][0], *good = &t->strata[k][1];
		if (good->n + bad->n == 0) continue;
		list[out->n_strata++] =
		        (struct journey_moments_stratum){ { good->n, good->reached }, { bad->n, bad->reached } };
		out->good.n += good->n;
		out->good.reached += good->reached;
		out->bad.n += bad->n;
		out->bad.reached += bad->reached;
	}
	out->strata = list;
	return OK;
}

enum err_code journey_moments_result(const void *pass, struct arena *a, struct journey_moments *out, struct err *err)
{
	const struct pass *m = pass;
	if (m->failed) return err_no_memory(err);
	const size_t n = m->p->n_touchpoints;
	struct journey_moments_touchpoint *list = ARENA_ARRAY(a, struct journey_moments_touchpoint, n);
	if (!list) return err_no_memory(err);
	for (size_t t = 0; t < n; t++) {
		const struct point *p = &m->points[t + 1];
		list[t] = (struct journey_moments_touchpoint){
			.met = p->met, .answered = p->answered, .too_short = p->too_short, .middling = p->middling
		};
		TRY(strata_result(p, a, &list[t], err));
	}
	*out = (struct journey_moments){
		.customers = m->customers, .base = m->base, .touchpoints = list, .n_touchpoints = n
	};
	if (m->people) journey_set_or(m->q->people, m->people);
	return OK;
}

const struct journey_pass journey_moments_scales_pass = { new_scales, pass_add, pass_merge, pass_free },
                          journey_moments_pass = { new_counting, pass_add, pass_merge, pass_free };
