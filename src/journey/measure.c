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

struct point {
	int64_t visits, instances, customers, repeats, first_ms, last_ms, kept, broken, comments;
	struct journey_durations to_next, overrun;
	struct signal_sum signals[JOURNEY_SIGNALS];
	struct signal_of_customer own[JOURNEY_SIGNALS];
	struct quotes quotes;
	int64_t rank_sum; /* of relative positions, in units of 2^-32 */
	uint32_t last_customer, last_instance;
	uint32_t visit; /* place in the list of visits of the instance at hand */
};

struct pair {
	int64_t ribbon, loop, loop_instances;
	uint32_t last_instance;
};

struct journey_meter {
	const struct journey_plan *p;
	unsigned parts;
	struct point *points; /* [code]; 0: about the whole instance */
	struct journey_step_stat *steps;
	struct pair *pairs; /* [from * (T + 1) + to] */
	struct effects *effects;
	struct kinds kinds; /* with JOURNEY_METER_KINDS */
	struct journey_instances_end total;
	int64_t customers, events, other_events, newest_ms, oldest_ms, rating_n;
	wide rating_sum;
	uint32_t customer, instance; /* serials */
	struct cases cs;
	struct visit *visits;
	uint32_t n_visits;
	uint32_t *waiting, n_waiting; /* visits whose next touchpoint has not come yet */
	struct rating *ratings;
	uint32_t n_ratings, cap_ratings;
	uint32_t *touched, n_touched, cap_touched;    /* code * JOURNEY_SIGNALS + signal, of the customer at hand */
	uint16_t step_of_instance[JOURNEY_STEPS_MAX]; /* the touchpoint met first at each step; 0 none */
	bool failed;
};

struct journey_meter *journey_meter_new(const struct journey_plan *p, unsigned parts)
{
	struct journey_meter *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	const size_t n = p->n_touchpoints + 1;
	m->p = p;
	m->parts = parts;
	m->newest_ms = INT64_MIN;
	m->oldest_ms = INT64_MAX;
	m->points = calloc(n, sizeof *m->points);
	m->steps = calloc(JOURNEY_STEPS_MAX, sizeof *m->steps);
	m->visits = calloc(n, sizeof *m->visits);
	m->waiting = calloc(n, sizeof *m->waiting);
	bool ok = m->points && m->steps && m->visits && m->waiting;
	if (parts & JOURNEY_METER_MAP) {
		m->pairs = calloc(n * n, sizeof *m->pairs);
		m->effects = effects_new(p);
		ok = ok && m->pairs && m->effects;
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
	free(m->points);
	free(m->steps);
	free(m->pairs);
	free(m->visits);
	free(m->waiting);
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

static void visit_row(struct journey_meter *m, uint16_t code, int64_t at_ms, uint32_t place)
{
	struct point *t = &m->points[code];
	if (t->visits++ == 0) t->first_ms = t->last_ms = at_ms;
	if (at_ms < t->first_ms) t->first_ms = at_ms;
	if (at_ms > t->last_ms) t->last_ms = at_ms;
	if (t->last_customer != m->customer) {
		t->last_customer = m->customer;
		t->customers++;
	}
	if (t->last_instance == m->instance) {
		struct visit *v = &m->visits[t->visit];
		if (v->second != NO_PLACE) return;
		v->second = place;
		t->repeats++;
		return;
	}
	t->last_instance = m->instance;
	t->instances++;
	t->visit = m->n_visits;
	m->waiting[m->n_waiting++] = m->n_visits;
	m->visits[m->n_visits++] = (struct visit){
		.touchpoint = code, .first = place, .second = NO_PLACE, .broken = NO_PLACE, .failed = NO_PLACE
	};
	uint16_t *met = &m->step_of_instance[m->p->step[code]];
	if (!*met) *met = code;
}

/* A row at `step` ends the waiting of every touchpoint of an earlier step. */
static void next_came(struct journey_meter *m, const struct journey_columns *c, const uint32_t *rows, uint16_t step,
                      int64_t at_ms)
{
	uint32_t left = 0;
	for (uint32_t i = 0; i < m->n_waiting; i++) {
		const struct visit *v = &m->visits[m->waiting[i]];
		if (m->p->step[v->touchpoint] >= step) {
			m->waiting[left++] = m->waiting[i];
			continue;
		}
		journey_durations_add(&m->points[v->touchpoint].to_next, at_ms - c->at_ms[rows[v->first]]);
	}
	m->n_waiting = left;
}

static void loop_add(struct journey_meter *m, uint16_t from, uint16_t to)
{
	if (!m->pairs || m->p->step[to] > m->p->step[from]) return;
	struct pair *l = &m->pairs[from * (m->p->n_touchpoints + 1) + to];
	l->loop++;
	if (l->last_instance != m->instance) {
		l->last_instance = m->instance;
		l->loop_instances++;
	}
}

static void rows_of_case(struct journey_meter *m, const struct journey_columns *c, const uint32_t *rows, uint32_t n)
{
	uint16_t before = 0;
	m->n_visits = m->n_waiting = 0;
	m->events += n;
	for (uint32_t i = 0; i < n; i++) {
		const int64_t at_ms = c->at_ms[rows[i]];
		const uint16_t code = c->touchpoints[rows[i]];
		if (at_ms < m->oldest_ms) m->oldest_ms = at_ms;
		if (at_ms > m->newest_ms) m->newest_ms = at_ms;
		const int64_t rank = (int64_t)(((uint64_t)(2 * i + 1) << 31) / n);
		if (m->kinds.n) kinds_row(&m->kinds, c->kind[rows[i]], m->customer, at_ms, rank);
		if (!code) {
			m->other_events++;
			continue;
		}
		if (before) loop_add(m, before, code);
		before = code;
		if (m->n_waiting) next_came(m, c, rows, m->p->step[code], at_ms);
		visit_row(m, code, at_ms, i);
		m->points[code].rank_sum += rank;
	}
}

/* Steps, sum bar and ribbons of the case. */
static void ends_of_case(struct journey_meter *m, const struct reach *r)
{
	m->total.entered++;
	m->total.goal += r->goal;
	m->total.still_in += r->still_in;
	m->total.lost += !r->goal && !r->still_in;
	m->steps[r->first].starts++;
	uint16_t before = 0;
	for (uint16_t s = r->first; s <= r->furthest; s++) {
		const uint16_t code = m->step_of_instance[s];
		if (!code) continue;
		m->step_of_instance[s] = 0;
		struct journey_step_stat *st = &m->steps[s];
		st->entered++;
		if (s < r->furthest) st->advanced++;
		else if (r->goal) st->goal++;
		else if (r->still_in) st->still_in++;
		else st->lost++;
		if (before && m->pairs) m->pairs[before * (m->p->n_touchpoints + 1) + code].ribbon++;
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
	journey_durations_add(&t->overrun, llrint(overrun_ms));
	struct visit *v = &m->visits[t->visit];
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
	bool whole;
	const uint16_t code = evidence_touchpoint(m->p, c, &m->cs, k, place, e, &whole);
	const int64_t at_ms = c->at_ms[e->row];
	if (e->what == JOURNEY_COMMENT) {
		if (!code && !whole) return;
		m->points[code].comments++;
		if (m->pairs)
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
		struct visit *v = &m->visits[m->points[code].visit];
		if (v->failed == NO_PLACE) v->failed = place;
	}
	if (code || (whole && e->what == JOURNEY_RATING)) signal_add(m, code, e->what, u, at_ms);
}

static void evidence_of_case(struct journey_meter *m, const struct journey_columns *c, uint32_t customer, uint32_t k,
                             const uint32_t *rows, uint32_t n)
{
	const uint32_t end = c->evidence_offset[customer + 1];
	m->n_ratings = 0;
	uint32_t e = evidence_from(c, customer, rows[0]);
	for (uint32_t i = 0; i < n && e < end; i++) {
		while (e < end && c->evidence[e].row < rows[i]) e++;
		double score = NAN;
		for (; e < end && c->evidence[e].row == rows[i]; e++) evidence_add(m, c, k, i, &c->evidence[e], &score);
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
	if (m->effects) effects_columns(m->effects, c);
	for (uint32_t i = 0; i < c->n_customers && !m->failed; i++) {
		if (journey_dead(c, i) || !cases_cut(m->p, c, i, &m->cs)) continue;
		m->customer++;
		m->customers++;
		const bool evidence = c->evidence_offset[i] < c->evidence_offset[i + 1];
		for (uint32_t k = 0; k < m->cs.n; k++) {
			const uint32_t *rows = m->cs.row + m->cs.start[k], n = m->cs.start[k + 1] - m->cs.start[k];
			m->instance++;
			rows_of_case(m, c, rows, n);
			const struct reach r = reach_of(m->p, c, rows, n);
			if (r.furthest != NO_STEP) ends_of_case(m, &r);
			m->n_ratings = 0;
			if (evidence) evidence_of_case(m, c, i, k, rows, n);
			if (m->effects)
				effects_instance(m->effects, c, rows, n, m->visits, m->n_visits, m->ratings,
				                 m->n_ratings);
		}
		signals_of_customer_end(m);
		if (m->effects) effects_customer_end(m->effects);
	}
	m->failed |= m->cs.failed;
}

/* --- merging and results ---------------------------------------------------------------------------- */

static void point_merge(struct journey_meter *m, struct point *t, const struct point *o)
{
	if (o->visits) {
		if (t->visits == 0 || o->first_ms < t->first_ms) t->first_ms = o->first_ms;
		if (t->visits == 0 || o->last_ms > t->last_ms) t->last_ms = o->last_ms;
	}
	t->visits += o->visits;
	t->instances += o->instances;
	t->customers += o->customers;
	t->repeats += o->repeats;
	t->kept += o->kept;
	t->broken += o->broken;
	t->comments += o->comments;
	t->rank_sum += o->rank_sum;
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
	for (size_t i = 0; i < n; i++) point_merge(m, &m->points[i], &from->points[i]);
	for (size_t i = 0; i < JOURNEY_STEPS_MAX; i++) {
		m->steps[i].entered += from->steps[i].entered;
		m->steps[i].advanced += from->steps[i].advanced;
		m->steps[i].goal += from->steps[i].goal;
		m->steps[i].lost += from->steps[i].lost;
		m->steps[i].still_in += from->steps[i].still_in;
		m->steps[i].starts += from->steps[i].starts;
	}
	for (size_t i = 0; m->pairs && i < n * n; i++) {
		m->pairs[i].ribbon += from->pairs[i].ribbon;
		m->pairs[i].loop += from->pairs[i].loop;
		m->pairs[i].loop_instances += from->pairs[i].loop_instances;
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

static void point_stat(const struct point *t, struct journey_touchpoint_stat *out)
{
	*out = (struct journey_touchpoint_stat){ .visits = t->visits,
		                                 .instances = t->instances,
		                                 .customers = t->customers,
		                                 .repeats = t->repeats,
		                                 .first_ms = t->first_ms,
		                                 .last_ms = t->last_ms,
		                                 .kept = t->kept,
		                                 .broken = t->broken,
		                                 .comments = t->comments,
		                                 .position = t->visits ? unfix(t->rank_sum) / (double)t->visits : 0 };
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
		ribbons += m->pairs[i].ribbon > 0;
		loops += m->pairs[i].loop > 0;
	}
	for (size_t i = 0; i < n; i++) quotes += m->points[i].quotes.n;
	out->ribbons = ARENA_ARRAY(a, struct journey_ribbon, ribbons);
	out->loops = ARENA_ARRAY(a, struct journey_loop, loops);
	out->quotes = ARENA_ARRAY(a, struct journey_quote, quotes);
	if (!out->ribbons || !out->loops || !out->quotes) return err_no_memory(err);
	for (size_t i = 0; i < n * n; i++) {
		const struct pair *p = &m->pairs[i];
		const uint16_t from = (uint16_t)(i / n), to = (uint16_t)(i % n);
		if (p->ribbon) out->ribbons[out->n_ribbons++] = (struct journey_ribbon){ from, to, p->ribbon };
		if (p->loop) out->loops[out->n_loops++] = (struct journey_loop){ from, to, p->loop, p->loop_instances };
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
	for (size_t i = 0; i < r.n_touchpoints; i++) point_stat(&m->points[i + 1], &r.touchpoints[i]);
	if (m->pairs) TRY(pairs_result(m, a, &r, err));
	if (m->kinds.n) TRY(kinds_result(&m->kinds, m->p, a, &r.kinds, &r.n_kinds, err));
	*out = r;
	return OK;
}
