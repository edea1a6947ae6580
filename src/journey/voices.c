/* Employees' ratings and customers' pairs: one look at the evidence each, sums of whole numbers. */
#include "journey/voices.h"

#include "journey/priv.h"

#include <math.h>

/* Ends of the sorts on the scale of utilities, a hair below: a utility is a float. */
#define PROMOTER 89.999
#define PASSIVE 69.999

static void nps_add(struct stats_nps_counts *c, double utility)
{
	if (utility >= PROMOTER) c->promoters++;
	else if (utility >= PASSIVE) c->passives++;
	else c->detractors++;
}

static void nps_merge(struct stats_nps_counts *into, const struct stats_nps_counts *from)
{
	into->promoters += from->promoters;
	into->passives += from->passives;
	into->detractors += from->detractors;
}

struct sum {
	wide x, xx;
};

static void sum_add(struct sum *s, int64_t x)
{
	s->x += x;
	s->xx += (wide)x * x;
}

static void sum_merge(struct sum *into, const struct sum *from)
{
	into->x += from->x;
	into->xx += from->xx;
}

static void sum_stat(const struct sum *s, int64_t n, double *mean, double *var)
{
	*mean = *var = 0;
	if (n == 0) return;
	const long double m = (long double)s->x / (long double)n;
	const long double rss = (long double)s->xx - m * (long double)s->x;
	*mean = (double)(m * 0x1p-32L);
	if (n > 1 && rss > 0) *var = (double)(rss / (long double)(n - 1) * 0x1p-64L);
}

static bool speaks(const struct journey_columns *c, uint32_t customer, bool (*said)(const struct journey_evidence *e))
{
	for (uint32_t e = c->evidence_offset[customer]; e < c->evidence_offset[customer + 1]; e++)
		if (said(&c->evidence[e])) return !journey_dead(c, customer);
	return false;
}

/* --- employees --------------------------------------------------------------------------------- */

/* One rating; [code] 0 the whole journey, n_touchpoints + 1 eNPS. */
struct staff_rating {
	int64_t at_ms, utility; /* fixed point */
	uint32_t code;
};

struct staff {
	const struct journey_plan *p;
	struct journey_staff_question q;
	struct staff_rating *ratings;
	size_t n_ratings, room;
	struct dimension by; /* unit */
	uint32_t *units; /* [code * values + value] in the period; made when the first employee speaks, NULL before */
	bool uncounted;  /* too many units */
	struct cases cs;
};

static size_t staff_codes(const struct staff *m)
{
	return m->p->n_touchpoints + 2;
}

static void staff_free(void *pass)
{
	struct staff *m = pass;
	if (!m) return;
	free(m->ratings);
	free(m->units);
	cases_done(&m->cs);
	free(m);
}

static void *staff_new(const struct journey_plan *p, const void *what)
{
	struct staff *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->q = *(const struct journey_staff_question *)what;
	if (dimension_by_name(p, STR("unit"), "unit", &m->by, NULL) == OK) return m;
	staff_free(m);
	return NULL;
}

static void unit_say(struct staff *m, const struct journey_columns *c, uint32_t row, size_t code)
{
	const size_t values = m->by.words->n, cells = staff_codes(m) * values;
	if (!m->units && !m->uncounted) {
		m->uncounted = cells > JOURNEY_STAFF_PAIRS_MAX;
		m->units = m->uncounted ? NULL : calloc(cells, sizeof *m->units);
		m->cs.failed |= !m->units && !m->uncounted;
	}
	if (m->units) m->units[code * values + dimension_code(&m->by, c, row)]++;
}

static bool staff_room(struct staff *m, size_t more)
{
	if (m->n_ratings + more <= m->room) return true;
	const size_t room = m->n_ratings + more + m->n_ratings / 2 + 64;
	struct staff_rating *grown = realloc(m->ratings, room * sizeof *grown);
	if (!grown) return false;
	m->ratings = grown;
	m->room = room;
	return true;
}

static bool in_time(const struct journey_staff_question *q, int64_t at_ms)
{
	return at_ms >= q->from_ms && at_ms < q->to_ms;
}

static void staff_say(struct staff *m, const struct journey_columns *c, const struct journey_evidence *e)
{
	const int64_t at_ms = c->at_ms[e->row];
	size_t code = 0;
	if (e->kind == JOURNEY_RATING_NPS) code = staff_codes(m) - 1;
	else if (e->about == JOURNEY_ABOUT_OWN) code = c->touchpoints[e->row];
	else if (e->about >= JOURNEY_ABOUT_EVENT && e->about - JOURNEY_ABOUT_EVENT < m->p->s->events.n)
		code = m->q.touchpoint[e->about - JOURNEY_ABOUT_EVENT];
	if (!code && e->about != JOURNEY_ABOUT_WHOLE) return;
	if (!staff_room(m, 1)) {
		m->cs.failed = true;
		return;
	}
	m->ratings[m->n_ratings++] = (struct staff_rating){ at_ms, fix((double)e->utility), (uint32_t)code };
	if (in_time(&m->q, at_ms)) unit_say(m, c, e->row, code);
}

static bool of_employee(const struct journey_evidence *e)
{
	return e->what == JOURNEY_EMPLOYEE;
}

static void staff_add(void *pass, const struct journey_columns *c)
{
	struct staff *m = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (!speaks(c, i, of_employee) || !cases_cut(m->p, c, i, &m->cs)) continue;
		const uint32_t end = c->evidence_offset[i + 1];
		uint32_t e = c->evidence_offset[i];
		for (uint32_t k = m->cs.start[0]; k < m->cs.start[m->cs.n] && e < end; k++) {
			while (e < end && c->evidence[e].row < m->cs.row[k]) e++;
			for (; e < end && c->evidence[e].row == m->cs.row[k]; e++)
				if (of_employee(&c->evidence[e])) staff_say(m, c, &c->evidence[e]);
		}
	}
}

static void staff_merge(void *into, void *from)
{
	struct staff *m = into, *f = from;
	m->cs.failed |= f->cs.failed;
	if (!staff_room(m, f->n_ratings)) m->cs.failed = true;
	else if (f->n_ratings) memcpy(m->ratings + m->n_ratings, f->ratings, f->n_ratings * sizeof *f->ratings);
	if (!m->cs.failed) m->n_ratings += f->n_ratings;
	m->uncounted |= f->uncounted;
	if (m->units && f->units)
		for (size_t i = 0; i < staff_codes(m) * m->by.words->n; i++) m->units[i] += f->units[i];
	if (m->units || !f->units) return;
	m->units = f->units;
	f->units = NULL;
}

static int64_t least_unit(const struct staff *m, size_t code)
{
	int64_t least = 0;
	if (m->uncounted) return 1;
	for (size_t i = 0; m->units && i < m->by.words->n; i++) {
		const uint32_t n = m->units[code * m->by.words->n + i];
		if (n && (!least || n < least)) least = n;
	}
	return least;
}

static int by_code_and_time(const void *x, const void *y)
{
	const struct staff_rating *a = x, *b = y;
	if (a->code != b->code) return a->code < b->code ? -1 : 1;
	if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
	return a->utility < b->utility ? -1 : a->utility > b->utility;
}

/* Of the ratings with one code, in order of time, the groups that lie in the period as a whole: their first ratings
 * into `groups`, which has room for all. */
static size_t staff_groups(const struct journey_staff_question *q, const struct staff_rating *r, size_t n,
                           const struct staff_rating **groups)
{
	size_t k = 0;
	for (size_t i = 0; i + JOURNEY_STAFF_GROUP <= n; i += JOURNEY_STAFF_GROUP)
		if (r[i].at_ms >= q->from_ms && r[i + JOURNEY_STAFF_GROUP - 1].at_ms < q->to_ms) groups[k++] = &r[i];
	return k;
}

static struct journey_said said_of(const struct staff *m, const struct staff_rating *const *groups, size_t n_groups,
                                   int64_t in_period, size_t code)
{
	const int64_t n = (int64_t)(n_groups * JOURNEY_STAFF_GROUP);
	struct journey_said s = { .n = n, .more = n < in_period, .least_unit = least_unit(m, code) };
	struct sum sum = { 0 };
	for (size_t g = 0; g < n_groups; g++)
		for (size_t i = 0; i < JOURNEY_STAFF_GROUP; i++) sum_add(&sum, groups[g][i].utility);
	sum_stat(&sum, s.n, &s.mean, &s.var);
	return s;
}

static struct stats_nps_counts nps_of_groups(const struct staff_rating *const *groups, size_t n_groups)
{
	struct stats_nps_counts c = { 0 };
	for (size_t g = 0; g < n_groups; g++)
		for (size_t i = 0; i < JOURNEY_STAFF_GROUP; i++) nps_add(&c, (double)groups[g][i].utility * 0x1p-32);
	return c;
}

enum err_code journey_staff_result(const void *pass, struct arena *a, struct journey_staff *out, struct err *err)
{
	const struct staff *m = pass;
	const size_t n = m->p->n_touchpoints;
	struct journey_staff r = { .touchpoints = ARENA_ARRAY(a, struct journey_said, n), .n = n };
	const struct staff_rating **groups =
	        ARENA_ARRAY(a, const struct staff_rating *, m->n_ratings / JOURNEY_STAFF_GROUP + 1);
	if (m->cs.failed || !r.touchpoints || !groups) return err_no_memory(err);
	if (m->n_ratings) qsort(m->ratings, m->n_ratings, sizeof *m->ratings, by_code_and_time);
	size_t at = 0;
	for (size_t code = 0; code < staff_codes(m); code++) {
		const size_t from = at;
		int64_t in_period = 0;
		for (; at < m->n_ratings && m->ratings[at].code == code; at++)
			in_period += in_time(&m->q, m->ratings[at].at_ms);
		const size_t n_groups = staff_groups(&m->q, m->ratings + from, at - from, groups);
		const struct journey_said said = said_of(m, groups, n_groups, in_period, code);
		if (code == 0) r.whole = said;
		else if (code <= n) r.touchpoints[code - 1] = said;
		else r.nps = nps_of_groups(groups, n_groups);
	}
	r.nps_least_unit = least_unit(m, staff_codes(m) - 1);
	*out = r;
	return OK;
}

const struct journey_pass journey_staff_pass = { staff_new, staff_add, staff_merge, staff_free };

/* --- what was expected ------------------------------------------------------------------------------ */

struct pair_cell {
	int64_t n, customers;
	struct sum gap, expected, experienced; /* of customers' means */
	/* of the customer at hand */
	uint32_t last;
	int64_t own_n, own_gap, own_experienced;
};

struct expected {
	const struct journey_plan *p;
	struct pair_cell *cells; /* [code]; 0 the whole journey */
	struct stats_nps_counts nps;
	struct cases cs;
	uint32_t serial;
	uint16_t *touched; /* room for every touchpoint */
	size_t n_touched;
};

static void expected_free(void *pass)
{
	struct expected *m = pass;
	if (!m) return;
	free(m->cells);
	free(m->touched);
	cases_done(&m->cs);
	free(m);
}

static void *expected_new(const struct journey_plan *p, const void *what)
{
	(void)what;
	struct expected *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->cells = calloc(p->n_touchpoints + 1, sizeof *m->cells);
	m->touched = calloc(p->n_touchpoints + 1, sizeof *m->touched);
	if (m->cells && m->touched) return m;
	expected_free(m);
	return NULL;
}

static void pair_add(struct expected *m, uint16_t code, const struct journey_evidence *e)
{
	struct pair_cell *x = &m->cells[code];
	x->n++;
	if (x->last != m->serial) {
		x->last = m->serial;
		x->own_n = x->own_gap = x->own_experienced = 0;
		m->touched[m->n_touched++] = code;
	}
	x->own_n++;
	x->own_gap += fix(e->raw);
	x->own_experienced += fix((double)e->utility);
}

static void pairs_of_customer_end(struct expected *m)
{
	for (size_t i = 0; i < m->n_touched; i++) {
		struct pair_cell *x = &m->cells[m->touched[i]];
		const int64_t gap = x->own_gap / x->own_n, experienced = x->own_experienced / x->own_n;
		x->customers++;
		sum_add(&x->gap, gap);
		sum_add(&x->experienced, experienced);
		sum_add(&x->expected, experienced - gap);
	}
	m->n_touched = 0;
}

static bool of_nps(const struct journey_evidence *e)
{
	return e->what == JOURNEY_RATING && e->kind == JOURNEY_RATING_NPS;
}

static bool of_pair_or_nps(const struct journey_evidence *e)
{
	return e->what == JOURNEY_GAP || of_nps(e);
}

static void pairs_of_case(struct expected *m, const struct journey_columns *c, uint32_t customer, uint32_t k)
{
	const uint32_t *rows = m->cs.row + m->cs.start[k], n = m->cs.start[k + 1] - m->cs.start[k];
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t e = evidence_from(c, customer, rows[0]);
	for (uint32_t i = 0; i < n && e < end; i++) {
		while (e < end && c->evidence[e].row < rows[i]) e++;
		for (; e < end && c->evidence[e].row == rows[i]; e++) {
			const struct journey_evidence *v = &c->evidence[e];
			bool whole;
			if (of_nps(v)) nps_add(&m->nps, (double)v->utility);
			if (v->what != JOURNEY_GAP) continue;
			const uint16_t code = evidence_touchpoint(m->p, c, &m->cs, k, i, v, &whole);
			if (code || whole) pair_add(m, code, v);
		}
	}
}

static void expected_add(void *pass, const struct journey_columns *c)
{
	struct expected *m = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (!speaks(c, i, of_pair_or_nps)) continue;
		(void)cases_cut(m->p, c, i, &m->cs);
		m->serial++;
		for (uint32_t k = 0; k < cases_stated(&m->cs); k++) pairs_of_case(m, c, i, k);
		pairs_of_customer_end(m);
	}
}

static void expected_merge(void *into, void *from)
{
	struct expected *m = into, *f = from;
	m->cs.failed |= f->cs.failed;
	nps_merge(&m->nps, &f->nps);
	for (size_t i = 0; i <= m->p->n_touchpoints; i++) {
		struct pair_cell *x = &m->cells[i];
		x->n += f->cells[i].n;
		x->customers += f->cells[i].customers;
		sum_merge(&x->gap, &f->cells[i].gap);
		sum_merge(&x->expected, &f->cells[i].expected);
		sum_merge(&x->experienced, &f->cells[i].experienced);
	}
}

static struct journey_paired paired_of(const struct pair_cell *x)
{
	struct journey_paired r = { .n = x->n, .customers = x->customers };
	sum_stat(&x->gap, x->customers, &r.gap.mean, &r.gap.var);
	sum_stat(&x->expected, x->customers, &r.expected.mean, &r.expected.var);
	sum_stat(&x->experienced, x->customers, &r.experienced.mean, &r.experienced.var);
	return r;
}

enum err_code journey_expected_result(const void *pass, struct arena *a, struct journey_expected *out, struct err *err)
{
	const struct expected *m = pass;
	const size_t n = m->p->n_touchpoints;
	struct journey_expected r = { .nps = m->nps, .touchpoints = ARENA_ARRAY(a, struct journey_paired, n), .n = n };
	if (m->cs.failed || !r.touchpoints) return err_no_memory(err);
	r.whole = paired_of(&m->cells[0]);
	for (size_t i = 0; i < n; i++) r.touchpoints[i] = paired_of(&m->cells[i + 1]);
	*out = r;
	return OK;
}

const struct journey_pass journey_expected_pass = { expected_new, expected_add, expected_merge, expected_free };
