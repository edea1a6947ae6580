/*
 * The measure of a map in one scan: for each customer the cases are cut, for
 * each case its rows are walked once, then its evidence once. Everything
 * that depends on "which customer, which case" is a serial remembered beside
 * a counter; nothing is cleared between cases.
 *
 * All sums are integers (counts, ms, utilities in units of 2^-32), so a
 * merge of two meters is exact and order plays no part.
 */
#include "journey/priv.h"

#include <math.h>

enum { QUOTES_MAX = 200 };

struct signal_sum {
	int64_t n, customers;
	wide sum, squares; /* of the customers' means */
	int64_t newest_ms;
};

struct signal_of_customer {
	uint32_t last; /* serial of the customer */
	uint32_t n;
	int64_t sum;
};

struct quotes { /* a heap, the oldest on top */
	struct journey_quote *list;
	uint32_t n;
};

/* What each row of a touchpoint touches: a line of the cache. */
struct spot {
	int64_t visits, first_ms, last_ms, instances;
	int64_t rank_sum; /* of relative positions, in units of 2^-32 */
	uint32_t customers, repeats;
	uint32_t last_customer, last_instance;
	uint32_t visit;       /* place in the list of visits of the instance at hand */
	uint32_t last_repeat; /* the newest instance that came again; where visits are not listed */
};
_Static_assert(sizeof(struct spot) == 64, "a spot is a line of the cache");

/* The rest of a touchpoint. */
struct point {
	int64_t kept, broken, comments;
	struct journey_durations to_next, overrun;
	struct signal_sum signals[JOURNEY_SIGNALS];
	struct signal_of_customer own[JOURNEY_SIGNALS];
	struct quotes quotes;
};

struct loop {
	int64_t count;
	uint32_t instances, last_instance;
};

struct journey_meter {
	const struct journey_plan *p;
	unsigned parts;
	struct spot *spots;   /* [code] */
	struct point *points; /* [code]; 0: about the whole instance */
	struct journey_step_stat *steps;
	struct loop *loops; /* [from * (T + 1) + to]; with JOURNEY_METER_MAP */
	int64_t *ribbons;   /* the same */
	struct effects *effects;
	struct kinds kinds; /* with JOURNEY_METER_KINDS */
	struct journey_instances_end total;
	int64_t customers, events, other_events, newest_ms, oldest_ms, rating_n;
	wide rating_sum;
	uint32_t customer, instance; /* serials */
	struct cases cs;
	struct visit *visits;
	uint32_t n_visits;
	int64_t *visit_ms;                      /* [visit] when it began */
	uint64_t waiting;                       /* a bit for each step whose visits still wait for a later step */
	uint32_t waiting_at[JOURNEY_STEPS_MAX]; /* [step] the last of them */
	uint32_t *waiting_next;                 /* [visit] the one before it, NO_PLACE */
	struct rating *ratings;
	uint32_t n_ratings, cap_ratings;
	uint32_t *touched, n_touched, cap_touched; /* code * JOURNEY_SIGNALS + signal, of the customer at hand */
	uint16_t met_at[JOURNEY_STEPS_MAX];        /* the touchpoint that the instance met first at each step of */
	uint64_t met;                              /* a bit for each step */
	bool failed;
};
_Static_assert(JOURNEY_STEPS_MAX <= 64, "steps are bits of a word");

struct journey_meter *journey_meter_new(const struct journey_plan *p, unsigned parts)
{
	struct journey_meter *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	const size_t n = p->n_touchpoints + 1;
	m->p = p;
	m->parts = parts;
	m->newest_ms = INT64_MIN;
	m->oldest_ms = INT64_MAX;
	m->spots = aligned_alloc(sizeof *m->spots, n * sizeof *m->spots);
	m->points = calloc(n, sizeof *m->points);
	m->steps = calloc(JOURNEY_STEPS_MAX, sizeof *m->steps);
	m->visits = calloc(n, sizeof *m->visits);
	m->visit_ms = calloc(n, sizeof *m->visit_ms);
	m->waiting_next = calloc(n, sizeof *m->waiting_next);
	bool ok = m->spots && m->points && m->steps && m->visits && m->visit_ms && m->waiting_next;
	if (m->spots) memset(m->spots, 0, n * sizeof *m->spots);
	if (parts & JOURNEY_METER_MAP) {
		m->loops = calloc(n * n, sizeof *m->loops);
		m->ribbons = calloc(n * n, sizeof *m->ribbons);
		m->effects = effects_new(p);
		ok = ok && m->loops && m->ribbons && m->effects;
	}
	if (parts & JOURNEY_METER_KINDS) ok = ok && kinds_init(&m->kinds, p);
	if (ok) return m;
	journey_meter_free(m);
	return NULL;
}

void journey_meter_free(struct journey_meter *m)
{
	if (!m) return;
	for (size_t i = 0; m->points && i <= m->p->n_touchpoints; i++) {
		journey_durations_done(&m->points[i].to_next);
		journey_durations_done(&m->points[i].overrun);
		free(m->points[i].quotes.list);
	}
	effects_free(m->effects);
	kinds_done(&m->kinds);
	cases_done(&m->cs);
	free(m->spots);
	free(m->points);
	free(m->steps);
	free(m->loops);
	free(m->ribbons);
	free(m->visits);
	free(m->visit_ms);
	free(m->waiting_next);
	free(m->ratings);
	free(m->touched);
	free(m);
}

/* --- quotes: the newest QUOTES_MAX ---------------------------------------------------------- */

static bool older(const struct journey_quote *a, const struct journey_quote *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->arrival < b->arrival;
}

static void sift_down(struct quotes *q)
{
	for (uint32_t i = 0;;) {
		uint32_t low = i;
		if (2 * i + 1 < q->n && older(&q->list[2 * i + 1], &q->list[low])) low = 2 * i + 1;
		if (2 * i + 2 < q->n && older(&q->list[2 * i + 2], &q->list[low])) low = 2 * i + 2;
		if (low == i) return;
		const struct journey_quote t = q->list[i];
		q->list[i] = q->list[low];
		q->list[low] = t;
		i = low;
	}
}

static void quote_add(struct journey_meter *m, const struct journey_quote *quote)
{
	struct quotes *q = &m->points[quote->touchpoint].quotes;
	if (!q->list && !(q->list = malloc(QUOTES_MAX * sizeof *q->list))) {
		m->failed = true;
		return;
	}
	if (q->n == QUOTES_MAX) {
		if (older(quote, &q->list[0])) return;
		q->list[0] = *quote;
		sift_down(q);
		return;
	}
	uint32_t i = q->n++;
	q->list[i] = *quote;
	while (i && older(&q->list[i], &q->list[(i - 1) / 2])) {
		const struct journey_quote t = q->list[i];
		q->list[i] = q->list[(i - 1) / 2];
		q->list[(i - 1) / 2] = t;
		i = (i - 1) / 2;
	}
}

/* --- rows of a case ------------------------------------------------------------------------- */

static void visit_new(struct journey_meter *m, uint16_t code, int64_t at_ms, uint32_t place)
{
	const uint32_t v = m->n_visits++;
	m->visits[v] = (struct visit){
		.touchpoint = code, .first = place, .second = NO_PLACE, .broken = NO_PLACE, .failed = NO_PLACE
	};
	m->visit_ms[v] = at_ms;
	const uint16_t step = m->p->step[code];
	const uint64_t bit = UINT64_C(1) << step;
	m->waiting_next[v] = m->waiting & bit ? m->waiting_at[step] : NO_PLACE;
	m->waiting_at[step] = v;
	m->waiting |= bit;
	if (m->met & bit) return;
	m->met |= bit;
	m->met_at[step] = code;
}

static inline void visit_row(struct journey_meter *m, uint16_t code, int64_t at_ms, uint32_t place, int64_t rank)
{
	struct spot *t = &m->spots[code];
	if (t->visits++ == 0) t->first_ms = t->last_ms = at_ms;
	if (at_ms < t->first_ms) t->first_ms = at_ms;
	if (at_ms > t->last_ms) t->last_ms = at_ms;
	t->rank_sum += rank;
	if (t->last_instance == m->instance) {
		struct visit *v = &m->visits[t->visit];
		if (v->second != NO_PLACE) return;
		v->second = place;
		t->repeats++;
		return;
	}
	t->customers += t->last_customer != m->customer;
	t->last_customer = m->customer;
	t->last_instance = m->instance;
	t->instances++;
	t->visit = m->n_visits;
	visit_new(m, code, at_ms, place);
}

/* A row at `step` ends the waiting of every touchpoint of an earlier step. */
static inline void next_came(struct journey_meter *m, uint16_t step, int64_t at_ms)
{
	uint64_t ended = m->waiting & ((UINT64_C(1) << step) - 1);
	m->waiting ^= ended;
	for (; ended; ended &= ended - 1)
		for (uint32_t v = m->waiting_at[__builtin_ctzll(ended)]; v != NO_PLACE; v = m->waiting_next[v])
			durations_add(&m->points[m->visits[v].touchpoint].to_next, at_ms - m->visit_ms[v]);
}

static inline void loop_add(struct journey_meter *m, uint16_t from, uint16_t to)
{
	if (!m->loops || m->p->step[to] > m->p->step[from]) return;
	struct loop *l = &m->loops[from * (m->p->n_touchpoints + 1) + to];
	l->count++;
	l->instances += l->last_instance != m->instance;
	l->last_instance = m->instance;
}

static void rows_of_case(struct journey_meter *m, const struct journey_columns *c, const struct span *s)
{
	uint16_t before = 0;
	struct rank r = rank_first(s->n);
	m->n_visits = 0;
	m->waiting = m->met = 0;
	m->events += s->n;
	if (s->at_ms[0] < m->oldest_ms) m->oldest_ms = s->at_ms[0];
	if (s->at_ms[s->n - 1] > m->newest_ms) m->newest_ms = s->at_ms[s->n - 1];
	for (uint32_t i = 0; i < s->n; i++, rank_next(&r)) {
		const int64_t at_ms = s->at_ms[i];
		const uint16_t code = s->code[i];
		if (m->kinds.n) kinds_row(&m->kinds, c->kind[span_row(s, i)], m->customer, at_ms, r.rank);
		if (!code) {
			m->other_events++;
			continue;
		}
		if (before) loop_add(m, before, code);
		before = code;
		next_came(m, m->p->step[code], at_ms);
		visit_row(m, code, at_ms, i, r.rank);
	}
}

/* One row where nobody asks for single visits. Nothing here is a branch that data decide. */
static inline void spot_row(struct spot *t, uint32_t customer, uint32_t instance, int64_t at_ms, int64_t rank)
{
	const bool again = t->last_instance == instance;
	if (t->visits++ == 0) t->first_ms = t->last_ms = at_ms;
	t->first_ms = at_ms < t->first_ms ? at_ms : t->first_ms;
	t->last_ms = at_ms > t->last_ms ? at_ms : t->last_ms;
	t->rank_sum += rank;
	t->repeats += again & (t->last_repeat != instance);
	t->last_repeat = again ? instance : t->last_repeat;
	t->instances += !again;
	t->customers += t->last_customer != customer;
	t->last_customer = customer;
	t->last_instance = instance;
}

/* Statistics of touchpoints alone: there is one step, so no visit waits for a later one. */
static void rows_counted(struct journey_meter *m, const struct span *s)
{
	struct rank r = rank_first(s->n);
	uint16_t met = 0;
	int64_t other = 0;
	m->events += s->n;
	if (s->at_ms[0] < m->oldest_ms) m->oldest_ms = s->at_ms[0];
	if (s->at_ms[s->n - 1] > m->newest_ms) m->newest_ms = s->at_ms[s->n - 1];
	for (uint32_t i = 0; i < s->n; i++, rank_next(&r)) {
		const uint16_t code = s->code[i];
		if (!code) {
			other++;
			continue;
		}
		if (!met) met = code;
		spot_row(&m->spots[code], m->customer, m->instance, s->at_ms[i], r.rank);
	}
	m->other_events += other;
	m->met = met != 0;
	m->met_at[0] = met;
}

/* Steps, sum bar and ribbons of the case. */
static void ends_of_case(struct journey_meter *m, const struct span *s)
{
	const unsigned first = (unsigned)__builtin_ctzll(m->met), furthest = 63u - (unsigned)__builtin_clzll(m->met);
	const bool goal = furthest + 1 == m->p->n_steps;
	/* Two times between 1900 and 2101: the difference fits. */
	const bool still_in = !goal && m->p->s->newest_ms - s->at_ms[s->n - 1] < m->p->q->instance.gap_ms;
	const bool lost = !goal && !still_in;
	m->total.entered++;
	m->total.goal += goal;
	m->total.still_in += still_in;
	m->total.lost += lost;
	m->steps[first].starts++;
	m->steps[furthest].goal += goal;
	m->steps[furthest].still_in += still_in;
	m->steps[furthest].lost += lost;
	m->steps[furthest].advanced--; /* all others of the loop advance */
	uint16_t before = 0;
	for (uint64_t met = m->met; met; met &= met - 1) {
		const unsigned step = (unsigned)__builtin_ctzll(met);
		const uint16_t code = m->met_at[step];
		m->steps[step].entered++;
		m->steps[step].advanced++;
		if (before && m->ribbons) m->ribbons[before * (m->p->n_touchpoints + 1) + code]++;
		before = code;
	}
}

/* --- evidence of a case ------------------------------------------------------------------------- */

static void signal_add(struct journey_meter *m, uint16_t code, uint8_t signal, int64_t u, int64_t at_ms)
{
	struct signal_sum *s = &m->points[code].signals[signal];
	struct signal_of_customer *own = &m->points[code].own[signal];
	if (s->n++ == 0 || at_ms > s->newest_ms) s->newest_ms = at_ms;
	if (own->last != m->customer) {
		*own = (struct signal_of_customer){ .last = m->customer };
		if (!grow((void **)&m->touched, &m->cap_touched, m->n_touched + 1, sizeof *m->touched)) {
			m->failed = true;
			return;
		}
		m->touched[m->n_touched++] = (uint32_t)code * JOURNEY_SIGNALS + signal;
	}
	own->n++;
	own->sum += u;
}

static void promise_add(struct journey_meter *m, uint16_t code, double overrun_ms, uint32_t place)
{
	struct point *t = &m->points[code];
	if (!(overrun_ms > 0)) {
		t->kept++;
		return;
	}
	t->broken++;
	durations_add(&t->overrun, llrint(overrun_ms));
	struct visit *v = &m->visits[m->spots[code].visit];
	if (v->broken == NO_PLACE) v->broken = place;
}

static void rating_add(struct journey_meter *m, const struct journey_evidence *e, int64_t u, bool whole, uint32_t place)
{
	m->rating_n++;
	m->rating_sum += u;
	if (!grow((void **)&m->ratings, &m->cap_ratings, m->n_ratings + 1, sizeof *m->ratings)) {
		m->failed = true;
		return;
	}
	m->ratings[m->n_ratings++] =
	        (struct rating){ .at = place, .whole = whole, .scale = e->scale, .s = u, .raw = fix(e->raw) };
}

/* `score` is the utility of the rating on the same row, NaN without. */
static void evidence_add(struct journey_meter *m, const struct journey_columns *c, uint32_t k, uint32_t place,
                         const struct journey_evidence *e, double *score)
{
	if (e->what > JOURNEY_COMMENT) return; /* money and leaving say nothing of how it felt */
	if (k >= m->cs.n && !is_stated(e)) return;
	bool whole;
	const uint16_t code = evidence_touchpoint(m->p, c, &m->cs, k, place, e, &whole);
	const int64_t at_ms = c->at_ms[e->row];
	if (e->what == JOURNEY_COMMENT) {
		if (!code && !whole) return;
		m->points[code].comments++;
		if (m->loops)
			quote_add(m, &(struct journey_quote){ .touchpoint = code,
			                                      .arrival = c->arrival[e->row],
			                                      .at_ms = at_ms,
			                                      .utility = (float)*score });
		return;
	}
	if (e->what == JOURNEY_BREACH && code) promise_add(m, code, e->raw, place);
	const double utility = evidence_utility(m->p, c, e);
	if (isnan(utility)) return; /* a kept promise */
	const int64_t u = fix(utility);
	if (e->what == JOURNEY_RATING) {
		if (isnan(*score)) *score = utility;
		rating_add(m, e, u, whole, place);
	}
	if (e->what == JOURNEY_FAILURE && code) {
		struct visit *v = &m->visits[m->spots[code].visit];
		if (v->failed == NO_PLACE) v->failed = place;
	}
	if (code || (whole && e->what == JOURNEY_RATING)) signal_add(m, code, e->what, u, at_ms);
}

/* Whether a row says something about another event, or about itself: [e, end) begins with its evidence. */
static void about_of_row(struct journey_meter *m, const struct journey_columns *c, uint32_t e, uint32_t end)
{
	const uint32_t row = c->evidence[e].row;
	bool other = false, own = false;
	for (; e < end && c->evidence[e].row == row; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (v->what != JOURNEY_RATING && v->what != JOURNEY_SENTIMENT && v->what != JOURNEY_COMMENT &&
		    v->what != JOURNEY_EMPLOYEE && v->what != JOURNEY_NOTE)
			continue;
		other |= v->about != JOURNEY_ABOUT_OWN;
		own |= v->about == JOURNEY_ABOUT_OWN;
	}
	kinds_about(&m->kinds, c->kind[row], other, own);
}

/* Evidence stands in order of rows, and so do the rows of a case: both are walked together. */
static void evidence_of_case(struct journey_meter *m, const struct journey_columns *c, uint32_t customer, uint32_t k,
                             const struct span *s)
{
	const uint32_t end = c->evidence_offset[customer + 1], last = span_row(s, s->n - 1);
	uint32_t place = 0, row = UINT32_MAX;
	double score = NAN;
	for (uint32_t e = evidence_from(c, customer, span_row(s, 0)); e < end && c->evidence[e].row <= last; e++) {
		const bool first = c->evidence[e].row != row;
		if (first) score = NAN;
		row = c->evidence[e].row;
		if (!s->row) place = row - s->first;
		while (span_row(s, place) < row) place++;
		if (first && m->kinds.n && span_row(s, place) == row) about_of_row(m, c, e, end);
		if (span_row(s, place) == row) evidence_add(m, c, k, place, &c->evidence[e], &score);
	}
}

static void signals_of_customer_end(struct journey_meter *m)
{
	for (uint32_t i = 0; i < m->n_touched; i++) {
		struct point *t = &m->points[m->touched[i] / JOURNEY_SIGNALS];
		const struct signal_of_customer *own = &t->own[m->touched[i] % JOURNEY_SIGNALS];
		struct signal_sum *s = &t->signals[m->touched[i] % JOURNEY_SIGNALS];
		const int64_t mean = own->sum / own->n;
		s->customers++;
		s->sum += mean;
		s->squares += (wide)mean * mean;
	}
	m->n_touched = 0;
}

void journey_meter_add(struct journey_meter *m, const struct journey_columns *c)
{
	const bool counted = m->parts == 0 && m->p->n_steps == 1;
	if (m->effects) effects_columns(m->effects, c);
	for (uint32_t i = 0; i < c->n_customers && !m->failed; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t cases = spans_cut(m->p, c, i, &m->cs);
		if (!cases_stated(&m->cs)) continue;
		m->customer++;
		m->customers += cases > 0;
		const bool evidence = c->evidence_offset[i] < c->evidence_offset[i + 1];
		for (uint32_t k = 0; k < cases; k++) {
			const struct span s = spans_get(&m->cs, k);
			m->instance++;
			if (counted) rows_counted(m, &s);
			else rows_of_case(m, c, &s);
			if (m->met) ends_of_case(m, &s);
			m->n_ratings = 0;
			if (evidence) evidence_of_case(m, c, i, k, &s);
			if (m->effects)
				effects_instance(m->effects, c, &s, m->visits, m->n_visits, m->ratings, m->n_ratings);
		}
		for (uint32_t k = cases; k < cases_stated(&m->cs); k++) {
			const struct span s = spans_get(&m->cs, k);
			m->n_ratings = 0;
			evidence_of_case(m, c, i, k, &s);
		}
		signals_of_customer_end(m);
		if (m->effects) effects_customer_end(m->effects);
	}
	m->failed |= m->cs.failed;
}

/* --- merging and results ---------------------------------------------------------------------------- */

static void spot_merge(struct spot *t, const struct spot *o)
{
	if (o->visits) {
		if (t->visits == 0 || o->first_ms < t->first_ms) t->first_ms = o->first_ms;
		if (t->visits == 0 || o->last_ms > t->last_ms) t->last_ms = o->last_ms;
	}
	t->visits += o->visits;
	t->instances += o->instances;
	t->customers += o->customers;
	t->repeats += o->repeats;
	t->rank_sum += o->rank_sum;
}

static void point_merge(struct journey_meter *m, struct point *t, const struct point *o)
{
	t->kept += o->kept;
	t->broken += o->broken;
	t->comments += o->comments;
	journey_durations_merge(&t->to_next, &o->to_next);
	journey_durations_merge(&t->overrun, &o->overrun);
	for (int i = 0; i < JOURNEY_SIGNALS; i++) {
		struct signal_sum *s = &t->signals[i];
		const struct signal_sum *f = &o->signals[i];
		if (f->n && (s->n == 0 || f->newest_ms > s->newest_ms)) s->newest_ms = f->newest_ms;
		s->n += f->n;
		s->customers += f->customers;
		s->sum += f->sum;
		s->squares += f->squares;
	}
	for (uint32_t i = 0; i < o->quotes.n; i++) quote_add(m, &o->quotes.list[i]);
}

void journey_meter_merge(struct journey_meter *m, struct journey_meter *from)
{
	const size_t n = m->p->n_touchpoints + 1;
	m->failed |= from->failed;
	m->customers += from->customers;
	m->events += from->events;
	m->other_events += from->other_events;
	if (from->newest_ms > m->newest_ms) m->newest_ms = from->newest_ms;
	if (from->oldest_ms < m->oldest_ms) m->oldest_ms = from->oldest_ms;
	m->rating_n += from->rating_n;
	m->rating_sum += from->rating_sum;
	m->total.entered += from->total.entered;
	m->total.goal += from->total.goal;
	m->total.still_in += from->total.still_in;
	m->total.lost += from->total.lost;
	for (size_t i = 0; i < n; i++) spot_merge(&m->spots[i], &from->spots[i]);
	for (size_t i = 0; i < n; i++) point_merge(m, &m->points[i], &from->points[i]);
	for (size_t i = 0; i < JOURNEY_STEPS_MAX; i++) {
		m->steps[i].entered += from->steps[i].entered;
		m->steps[i].advanced += from->steps[i].advanced;
		m->steps[i].goal += from->steps[i].goal;
		m->steps[i].lost += from->steps[i].lost;
		m->steps[i].still_in += from->steps[i].still_in;
		m->steps[i].starts += from->steps[i].starts;
	}
	for (size_t i = 0; m->loops && i < n * n; i++) {
		m->ribbons[i] += from->ribbons[i];
		m->loops[i].count += from->loops[i].count;
		m->loops[i].instances += from->loops[i].instances;
	}
	if (m->effects) effects_merge(m->effects, from->effects);
	if (m->kinds.n) kinds_merge(&m->kinds, &from->kinds);
}

static struct journey_signal_stat signal_stat(const struct signal_sum *s)
{
	struct journey_signal_stat out = { .n = s->n, .customers = s->customers, .newest_ms = s->newest_ms };
	if (s->customers == 0) return out;
	const long double n = (long double)s->customers, sum = (long double)s->sum;
	out.mean = unfix(s->sum) / (double)n;
	if (s->customers < 2) return out;
	const long double ss = (long double)s->squares - sum * sum / n;
	out.var = ss > 0 ? (double)(ss / (n - 1) * 0x1p-64L) : 0;
	return out;
}

static void point_stat(const struct spot *s, const struct point *t, struct journey_touchpoint_stat *out)
{
	*out = (struct journey_touchpoint_stat){ .visits = s->visits,
		                                 .instances = s->instances,
		                                 .customers = s->customers,
		                                 .repeats = s->repeats,
		                                 .first_ms = s->first_ms,
		                                 .last_ms = s->last_ms,
		                                 .kept = t->kept,
		                                 .broken = t->broken,
		                                 .comments = t->comments,
		                                 .position = s->visits ? unfix(s->rank_sum) / (double)s->visits : 0 };
	journey_durations_times(&t->to_next, &out->to_next);
	for (int i = 0; i < JOURNEY_SIGNALS; i++) out->signals[i] = signal_stat(&t->signals[i]);
	if (t->overrun.n == 0) return;
	out->overrun_mean_ms = (double)t->overrun.sum / (double)t->overrun.n;
	out->overrun_p50_ms = journey_durations_quantile(&t->overrun, 0.5);
}

static int by_falling_instances(const void *a, const void *b)
{
	const struct journey_loop *x = a, *y = b;
	if (x->instances != y->instances) return x->instances > y->instances ? -1 : 1;
	if (x->count != y->count) return x->count > y->count ? -1 : 1;
	if (x->from != y->from) return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static int by_touchpoint_then_newest(const void *a, const void *b)
{
	const struct journey_quote *x = a, *y = b;
	/* The whole instance, 0, comes last: as the largest of unsigned numbers. */
	const uint16_t tx = (uint16_t)(x->touchpoint - 1), ty = (uint16_t)(y->touchpoint - 1);
	if (tx != ty) return tx < ty ? -1 : 1;
	return older(y, x) ? -1 : older(x, y) ? 1 : 0;
}

static enum err_code pairs_result(const struct journey_meter *m, struct arena *a, struct journey_measure *out,
                                  struct err *err)
{
	const size_t n = m->p->n_touchpoints + 1;
	size_t ribbons = 0, loops = 0, quotes = 0;
	for (size_t i = 0; i < n * n; i++) {
		ribbons += m->ribbons[i] > 0;
		loops += m->loops[i].count > 0;
	}
	for (size_t i = 0; i < n; i++) quotes += m->points[i].quotes.n;
	out->ribbons = ARENA_ARRAY(a, struct journey_ribbon, ribbons);
	out->loops = ARENA_ARRAY(a, struct journey_loop, loops);
	out->quotes = ARENA_ARRAY(a, struct journey_quote, quotes);
	if (!out->ribbons || !out->loops || !out->quotes) return err_no_memory(err);
	for (size_t i = 0; i < n * n; i++) {
		const struct loop *l = &m->loops[i];
		const uint16_t from = (uint16_t)(i / n), to = (uint16_t)(i % n);
		if (m->ribbons[i]) out->ribbons[out->n_ribbons++] = (struct journey_ribbon){ from, to, m->ribbons[i] };
		if (l->count) out->loops[out->n_loops++] = (struct journey_loop){ from, to, l->count, l->instances };
	}
	qsort(out->loops, out->n_loops, sizeof *out->loops, by_falling_instances);
	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < m->points[i].quotes.n; k++)
			out->quotes[out->n_quotes++] = m->points[i].quotes.list[k];
	qsort(out->quotes, out->n_quotes, sizeof *out->quotes, by_touchpoint_then_newest);
	return effects_result(m->effects, a, &out->effects, &out->n_effects, err);
}

enum err_code journey_meter_measure(const struct journey_meter *m, struct arena *a, struct journey_measure *out,
                                    struct err *err)
{
	bool failed = m->failed;
	for (size_t i = 0; i <= m->p->n_touchpoints; i++)
		failed |= m->points[i].to_next.failed || m->points[i].overrun.failed;
	if (failed) return err_no_memory(err);

	struct journey_measure r = { .customers = m->customers,
		                     .events = m->events,
		                     .other_events = m->other_events,
		                     .total = m->total,
		                     .newest_ms = m->events ? m->newest_ms : 0,
		                     .oldest_ms = m->events ? m->oldest_ms : 0,
		                     .arrival_end = m->p->s->arrival_end,
		                     .n_steps = m->p->n_steps,
		                     .n_touchpoints = m->p->n_touchpoints,
		                     .whole = signal_stat(&m->points[0].signals[JOURNEY_RATING]),
		                     .rating_n = m->rating_n,
		                     .rating_mean = m->rating_n ? unfix(m->rating_sum) / (double)m->rating_n : 0 };
	r.steps = ARENA_ARRAY(a, struct journey_step_stat, r.n_steps);
	r.touchpoints = ARENA_ARRAY(a, struct journey_touchpoint_stat, r.n_touchpoints);
	if (!r.steps || !r.touchpoints) return err_no_memory(err);
	memcpy(r.steps, m->steps, r.n_steps * sizeof *r.steps);
	for (size_t i = 0; i < r.n_touchpoints; i++) point_stat(&m->spots[i + 1], &m->points[i + 1], &r.touchpoints[i]);
	if (m->loops) TRY(pairs_result(m, a, &r, err));
	if (m->kinds.n) TRY(kinds_result(&m->kinds, m->p, a, &r.kinds, &r.n_kinds, err));
	*out = r;
	return OK;
}
