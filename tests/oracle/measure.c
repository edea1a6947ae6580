/* The measure of a map, recounted from cases with loops over loops. */
#include "tests/oracle/oracle.h"

#include <math.h>

#include "base/checked.h"

static uint16_t step_of(const struct journey_query *q, uint16_t t)
{
	return q->rules->touchpoints[t - 1].step;
}

/* Place of the first row of t in a case, from a place on; n when there is none. */
static size_t first_at(const struct journey_query *q, const struct ocase *c, uint16_t t, size_t from)
{
	while (from < c->n && otouchpoint(q, c->rows[from]) != t) from++;
	return from;
}

static int furthest(const struct journey_query *q, const struct ocase *c)
{
	int f = -1;
	for (size_t i = 0; i < c->n; i++) {
		const uint16_t t = otouchpoint(q, c->rows[i]);
		if (t && step_of(q, t) > f) f = step_of(q, t);
	}
	return f;
}

static bool enters_step(const struct journey_query *q, const struct ocase *c, int step)
{
	for (size_t i = 0; i < c->n; i++) {
		const uint16_t t = otouchpoint(q, c->rows[i]);
		if (t && step_of(q, t) == step) return true;
	}
	return false;
}

/* 'g'oal, 's'till in, 'l'ost, 0: on no touchpoint. */
static char end_of(const struct olog *l, const struct journey_query *q, const struct ocase *c)
{
	const int f = furthest(q, c);
	if (f < 0) return 0;
	if (f + 1 == (int)q->rules->n_steps) return 'g';
	return l->newest_ms - c->rows[c->n - 1]->at_ms < q->instance.gap_ms ? 's' : 'l';
}

static bool later(const struct orow *a, const struct orow *b)
{
	return a->at_ms != b->at_ms ? a->at_ms > b->at_ms : a->arrival > b->arrival;
}

uint16_t oabout(const struct journey_query *q, const struct ocase *cases, size_t n, const struct ocase *c, size_t at,
                bool *whole)
{
	const struct orow *r = c->rows[at];
	*whole = strcmp(r->about, "journey") == 0;
	if (*whole) return 0;
	if (!*r->about) return otouchpoint(q, r);
	for (size_t i = at; i-- > 0;)
		if (strcmp(c->rows[i]->event, r->about) == 0) return otouchpoint(q, c->rows[i]);
	const struct orow *best = NULL;
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < cases[k].n; i++) {
			const struct orow *x = cases[k].rows[i];
			if (x->customer == r->customer && strcmp(x->event, r->about) == 0 && later(r, x) &&
			    (!best || later(x, best)))
				best = x;
		}
	if (best) return otouchpoint(q, best);
	for (size_t i = 0; i < q->rules->n_rules; i++)
		if (str_eq(q->rules->rules[i].event, str_of(r->about))) return q->rules->rules[i].touchpoint;
	return 0;
}

static double w50_of(const struct olog *l, const char *event)
{
	/* The middle by counting how many are below. */
	double lower = NAN, upper = NAN;
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) n += !isnan(l->rows[i].wait_ms) && strcmp(l->rows[i].event, event) == 0;
	for (size_t i = 0; i < l->n; i++) {
		const double w = l->rows[i].wait_ms;
		if (isnan(w) || strcmp(l->rows[i].event, event) != 0) continue;
		size_t below = 0, same = 0;
		for (size_t k = 0; k < l->n; k++) {
			if (isnan(l->rows[k].wait_ms) || strcmp(l->rows[k].event, event) != 0) continue;
			below += l->rows[k].wait_ms < w;
			same += l->rows[k].wait_ms >= w && l->rows[k].wait_ms <= w;
		}
		if (below <= (n - 1) / 2 && (n - 1) / 2 < below + same) lower = w;
		if (below <= n / 2 && n / 2 < below + same) upper = w;
	}
	return n == 0 ? 0 : (lower + upper) / 2;
}

/* Utility of one kind of evidence of a row; NaN when it has none. Written from methods 2.1, not from the engine. */
static double utility(const struct olog *l, const struct orow *r, int what)
{
	switch (what) {
	case JOURNEY_RATING: return isnan(r->score) ? NAN : 100 * (r->score - r->min) / (r->max - r->min);
	case JOURNEY_EFFORT: return isnan(r->effort) ? NAN : 100 * pow(2, -(r->effort - 1) / 1.5);
	case JOURNEY_WAIT: {
		if (isnan(r->wait_ms)) return NAN;
		const double w50 = w50_of(l, r->event);
		if (!(w50 > 0)) return r->wait_ms > 0 ? 50 : 100;
		return 100 / (1 + pow(r->wait_ms / w50, 2));
	}
	case JOURNEY_FAILURE: return r->failed == 0 ? NAN : r->failed == 1 ? 35 : r->failed == 2 ? 15 : 0;
	case JOURNEY_BREACH: return r->overrun_ms > 0 ? 15 : NAN;
	default: return NAN;
	}
}

struct given {
	uint32_t customer;
	double u;
	int64_t at_ms;
};

static struct journey_signal_stat stat_of(const struct given *g, size_t n)
{
	struct journey_signal_stat s = { .n = (int64_t)n };
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || g[i].at_ms > s.newest_ms) s.newest_ms = g[i].at_ms;
		bool seen = false;
		double own = 0;
		size_t k = 0;
		for (size_t j = 0; j < n; j++) {
			if (g[j].customer != g[i].customer) continue;
			seen |= j < i;
			own += g[j].u;
			k++;
		}
		if (seen) continue;
		s.customers++;
		sum += own / (double)k;
		squares += own / (double)k * (own / (double)k);
	}
	const double m = (double)s.customers;
	if (m > 0) s.mean = sum / m;
	if (m > 1) s.var = fmax(0, (squares - sum * sum / m) / (m - 1));
	return s;
}

static int by_double(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_double);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* `stated`: cases, and what is stated outside them. */
static void touchpoint(const struct olog *l, const struct journey_query *q, const struct ocase *cases, size_t n,
                       size_t stated, uint16_t t, struct arena *a, struct journey_touchpoint_stat *s)
{
	double *next = ARENA_ARRAY(a, double, n + 1), *over = ARENA_ARRAY(a, double, l->n + 1), sum = 0, rank = 0;
	size_t n_next = 0, n_over = 0;
	uint32_t last = 0;
	for (size_t k = 0; k < n; k++) {
		const struct ocase *c = &cases[k];
		int64_t visits = 0;
		for (size_t i = first_at(q, c, t, 0); i < c->n; i = first_at(q, c, t, i + 1)) {
			const struct orow *r = c->rows[i];
			if (s->visits == 0 || r->at_ms < s->first_ms) s->first_ms = r->at_ms;
			if (s->visits == 0 || r->at_ms > s->last_ms) s->last_ms = r->at_ms;
			s->visits++;
			visits++;
			rank += ((double)i + 0.5) / (double)c->n;
			if (!isnan(r->overrun_ms) && r->overrun_ms <= 0) s->kept++;
			if (r->overrun_ms > 0) {
				s->broken++;
				over[n_over++] = r->overrun_ms;
				s->overrun_mean_ms += r->overrun_ms;
			}
		}
		s->instances += visits > 0;
		s->repeats += visits > 1;
		s->customers += visits > 0 && c->customer != last;
		if (visits) last = c->customer;
		for (size_t i = first_at(q, c, t, 0); visits && i < c->n; i++) {
			const uint16_t other = otouchpoint(q, c->rows[i]);
			if (!other || step_of(q, other) <= step_of(q, t)) continue;
			next[n_next] = (double)(c->rows[i]->at_ms - c->rows[first_at(q, c, t, 0)]->at_ms);
			sum += next[n_next++];
			break;
		}
	}
	if (s->visits) s->position = rank / (double)s->visits;
	s->to_next.n = (int64_t)n_next;
	if (n_next) s->to_next.mean = sum / (double)n_next;
	if (n_next) s->to_next.p50 = median(next, n_next);
	if (n_over) s->overrun_mean_ms /= (double)n_over;
	if (n_over) s->overrun_p50_ms = median(over, n_over);

	struct given *g = ARENA_ARRAY(a, struct given, l->n + 1);
	for (int what = 0; what < JOURNEY_SIGNALS; what++) {
		size_t m = 0;
		for (size_t k = 0; k < (what == JOURNEY_RATING ? stated : n); k++) {
			for (size_t i = 0; i < cases[k].n; i++) {
				const struct orow *r = cases[k].rows[i];
				bool whole = false;
				const uint16_t at = what == JOURNEY_RATING ? oabout(q, cases, n, &cases[k], i, &whole)
				                                           : otouchpoint(q, r);
				const double u = utility(l, r, what);
				if (at == t && !whole && !isnan(u)) g[m++] = (struct given){ r->customer, u, r->at_ms };
			}
		}
		s->signals[what] = stat_of(g, m);
	}
	for (size_t k = 0; k < stated; k++) {
		for (size_t i = 0; i < cases[k].n; i++) {
			bool whole;
			s->comments +=
			        cases[k].rows[i]->comment && oabout(q, cases, n, &cases[k], i, &whole) == t && !whole;
		}
	}
}

/* --- effects ------------------------------------------------------------------------------------ */

/* Place of the row at t that has the cause; n when none. */
static size_t cause_at(const struct journey_query *q, const struct ocase *c, const struct journey_effect *e)
{
	const size_t first = first_at(q, c, e->touchpoint, 0);
	if (e->kind == JOURNEY_EFFECT_REPEAT) return first == c->n ? c->n : first_at(q, c, e->touchpoint, first + 1);
	for (size_t i = first; i < c->n; i = first_at(q, c, e->touchpoint, i + 1)) {
		const struct orow *r = c->rows[i];
		if (e->kind == JOURNEY_EFFECT_BREACH && r->overrun_ms > 0) return i;
		if (e->kind == JOURNEY_EFFECT_FAILURE && r->failed) return i;
		if (e->kind == JOURNEY_EFFECT_DIMENSION &&
		    str_eq(str_of(str_eq(e->dimension, STR("channel")) ? r->channel : r->colour), e->value))
			return i;
	}
	return c->n;
}

struct answer {
	uint32_t customer;
	double u, raw, max;
	bool with;
};

static struct journey_ratings side(const struct answer *x, size_t n, bool with, bool one_scale)
{
	struct journey_ratings r = { .raw_mean = NAN, .se = NAN };
	double sum = 0, raw = 0, v = 0;
	for (size_t i = 0; i < n; i++) {
		if (x[i].with != with) continue;
		r.n++;
		sum += x[i].u;
		raw += x[i].raw;
	}
	r.mean = sum / (double)r.n;
	if (one_scale) r.raw_mean = raw / (double)r.n;
	for (size_t i = 0; i < n; i++) {
		bool seen = x[i].with != with;
		double residual = 0;
		for (size_t j = 0; j < n; j++) {
			if (x[j].customer != x[i].customer || x[j].with != with) continue;
			seen |= j < i;
			residual += x[j].u - r.mean;
		}
		if (seen) continue;
		r.customers++;
		v += residual * residual;
	}
	const double m = (double)r.customers;
	if (m > 1) r.se = sqrt(m / (m - 1) * v) / (double)r.n;
	return r;
}

/* False when there are fewer than five ratings on a side. */
static bool effect(const struct journey_query *q, const struct ocase *cases, size_t n, struct arena *a,
                   struct journey_effect *e)
{
	size_t rows = 0, m = 0;
	for (size_t k = 0; k < n; k++) rows += cases[k].n;
	struct answer *x = ARENA_ARRAY(a, struct answer, rows + 1);
	bool one_scale = true;
	double scale = 0;
	uint32_t last = 0;
	for (size_t k = 0; k < n; k++) {
		const struct ocase *c = &cases[k];
		const size_t first = first_at(q, c, e->touchpoint, 0), cause = cause_at(q, c, e);
		if (first == c->n) continue;
		const bool has = cause < c->n;
		e->instances += has;
		e->other_instances += !has;
		e->customers += has && c->customer != last;
		if (has) last = c->customer;
		for (size_t i = 0; i < c->n; i++) {
			const struct orow *r = c->rows[i];
			if (isnan(r->score)) continue;
			const bool whole = strcmp(r->about, "journey") == 0;
			if (whole || i >= first) {
				if (scale > 0 && fabs(scale - r->max) > 0.5) one_scale = false;
				scale = r->max;
			}
			if (whole || i >= (has ? cause : first))
				x[m++] = (struct answer){ r->customer, 100 * (r->score - r->min) / (r->max - r->min),
					                  r->score, r->max, has };
		}
	}
	e->with = side(x, m, true, one_scale);
	e->without = side(x, m, false, one_scale);
	if (e->with.n < 5 || e->without.n < 5) return false;
	e->diff = e->with.mean - e->without.mean;
	double v = 0, people = 0;
	for (size_t i = 0; i < m; i++) {
		bool seen = false, w = false, wo = false;
		double residual = 0;
		for (size_t j = 0; j < m; j++) {
			if (x[j].customer != x[i].customer) continue;
			seen |= j < i;
			w |= x[j].with;
			wo |= !x[j].with;
			residual += x[j].with ? (x[j].u - e->with.mean) / (double)e->with.n
			                      : -(x[j].u - e->without.mean) / (double)e->without.n;
		}
		if (seen) continue;
		e->clustered_together |= w && wo;
		people++;
		v += residual * residual;
	}
	e->diff_se = people > 1 ? sqrt(people / (people - 1) * v) : NAN;
	return true;
}

static void effects(const struct journey_query *q, const struct ocase *cases, size_t n, struct arena *a,
                    struct journey_measure *out)
{
	static const struct {
		enum journey_effect_kind kind;
		const char *dimension, *value;
	} kinds[] = {
		{ JOURNEY_EFFECT_BREACH, "", "" },
		{ JOURNEY_EFFECT_FAILURE, "", "" },
		{ JOURNEY_EFFECT_REPEAT, "", "" },
		{ JOURNEY_EFFECT_DIMENSION, "channel", "shop" },
		{ JOURNEY_EFFECT_DIMENSION, "channel", "web" },
		{ JOURNEY_EFFECT_DIMENSION, "colour", "blue" },
		{ JOURNEY_EFFECT_DIMENSION, "colour", "red" },
	};
	out->effects = ARENA_ARRAY(a, struct journey_effect, out->n_touchpoints * COUNT_OF(kinds));
	for (uint16_t t = 1; t <= out->n_touchpoints; t++)
		for (size_t k = 0; k < COUNT_OF(kinds); k++) {
			struct journey_effect e = { .touchpoint = t,
				                    .kind = kinds[k].kind,
				                    .dimension = str_of(kinds[k].dimension),
				                    .value = str_of(kinds[k].value) };
			if (effect(q, cases, n, a, &e)) out->effects[out->n_effects++] = e;
		}
}

/* --- all of it --------------------------------------------------------------------------------------- */

void omeasure(const struct olog *l, const struct journey_query *q, struct arena *a, struct journey_measure *out)
{
	size_t n, n_loose;
	const struct ocase *cases = ocases_and_loose(l, q, a, &n, &n_loose);
	const size_t T = q->rules->n_touchpoints, S = q->rules->n_steps;
	*out = (struct journey_measure){ .n_touchpoints = T, .n_steps = S, .arrival_end = l->n + 1 };
	out->touchpoints = ARENA_ARRAY(a, struct journey_touchpoint_stat, T);
	out->steps = ARENA_ARRAY(a, struct journey_step_stat, S);
	out->ribbons = ARENA_ARRAY(a, struct journey_ribbon, T * T);
	out->loops = ARENA_ARRAY(a, struct journey_loop, T * T);
	out->quotes = ARENA_ARRAY(a, struct journey_quote, l->n + 1);
	struct given *whole = ARENA_ARRAY(a, struct given, l->n + 1);
	size_t n_whole = 0;
	for (uint16_t t = 1; t <= T; t++) touchpoint(l, q, cases, n, n + n_loose, t, a, &out->touchpoints[t - 1]);
	for (size_t k = 0; k < n + n_loose; k++) {
		const struct ocase *c = &cases[k];
		const bool loose = k >= n;
		out->customers += !loose && (k == 0 || cases[k - 1].customer != c->customer);
		for (size_t i = 0; i < c->n; i++) {
			const struct orow *r = c->rows[i];
			if (!loose) {
				if (out->events == 0 || r->at_ms > out->newest_ms) out->newest_ms = r->at_ms;
				if (out->events == 0 || r->at_ms < out->oldest_ms) out->oldest_ms = r->at_ms;
				out->events++;
				out->other_events += otouchpoint(q, r) == 0;
			}
			bool is_whole = false;
			const uint16_t about = oabout(q, cases, n, c, i, &is_whole);
			if (!isnan(r->score)) {
				out->rating_n++;
				out->rating_mean += utility(l, r, JOURNEY_RATING);
				if (is_whole)
					whole[n_whole++] =
					        (struct given){ r->customer, utility(l, r, JOURNEY_RATING), r->at_ms };
			}
			if (r->comment && (about || is_whole))
				out->quotes[out->n_quotes++] =
				        (struct journey_quote){ about, r->arrival, r->at_ms,
					                        (float)utility(l, r, JOURNEY_RATING) };
		}
		const char end = loose ? 0 : end_of(l, q, c);
		if (!end) continue;
		out->total.entered++;
		out->total.goal += end == 'g';
		out->total.still_in += end == 's';
		out->total.lost += end == 'l';
		bool started = false;
		for (int s = 0; s < (int)S; s++) {
			if (!enters_step(q, c, s)) continue;
			struct journey_step_stat *st = &out->steps[s];
			st->starts += !started;
			started = true;
			st->entered++;
			if (s < furthest(q, c)) st->advanced++;
			else if (end == 'g') st->goal++;
			else if (end == 's') st->still_in++;
			else st->lost++;
		}
	}
	if (out->rating_n) out->rating_mean /= (double)out->rating_n;
	out->whole = stat_of(whole, n_whole);
	for (uint16_t x = 1; x <= T; x++) {
		for (uint16_t y = 1; y <= T; y++) {
			struct journey_ribbon ribbon = { x, y, 0 };
			struct journey_loop loop = { x, y, 0, 0 };
			for (size_t k = 0; k < n; k++) {
				const struct ocase *c = &cases[k];
				/* The touchpoint met first in each step stands for it; y is that of the next step
				 * entered after x's. */
				uint16_t met[64] = { 0 };
				int64_t loops = 0;
				uint16_t before = 0;
				for (size_t i = 0; i < c->n; i++) {
					const uint16_t t = otouchpoint(q, c->rows[i]);
					if (!t) continue;
					if (!met[step_of(q, t)]) met[step_of(q, t)] = t;
					loops += before == x && t == y && step_of(q, y) <= step_of(q, x);
					before = t;
				}
				loop.count += loops;
				loop.instances += loops > 0;
				if (met[step_of(q, x)] != x) continue;
				size_t s = step_of(q, x) + 1u;
				while (s < S && !met[s]) s++;
				ribbon.instances += s < S && met[s] == y;
			}
			if (ribbon.instances) out->ribbons[out->n_ribbons++] = ribbon;
			if (loop.count) out->loops[out->n_loops++] = loop;
		}
	}
	effects(q, cases, n, a, out);
}
