#include "tests/oracle/segment.h"

#include <math.h>

static const char *const events[] = { "a", "b", "c", "d" };
static const char *const colours[] = { "", "red", "blue", "green" };
static const char *const channels[] = { "", "web", "shop" };
static const char *const currencies[] = { "EUR", "KWD", "JPY", "AED" };

/* --- making --------------------------------------------------------------------------------- */

static struct journey_filter filter_make(struct rng *r)
{
	struct journey_filter f = { .op = rng_below(r, 2) ? JOURNEY_IS : JOURNEY_IS_NOT };
	switch (rng_below(r, 3)) {
	case 0: f.dimension = STR("channel"), f.value = str_of(channels[rng_below(r, 3)]); break;
	case 1: f.dimension = STR("event"), f.value = str_of(events[rng_below(r, 4)]); break;
	default:
		f.dimension = STR("colour"), f.value = str_of(colours[rng_below(r, 4)]);
		if (f.value.len && rng_below(r, 4) == 0) f.op = JOURNEY_UNDER;
	}
	return f;
}

static void period_make(struct rng *r, struct journey_segment_node *n)
{
	n->from_ms = rng_below(r, 3) ? INT64_MIN : 1000 + (int64_t)rng_below(r, 300);
	n->to_ms = rng_below(r, 3) ? INT64_MAX : 1000 + (int64_t)rng_below(r, 500);
	n->last_ms = rng_below(r, 3) ? 0 : (int64_t)rng_below(r, 300);
}

static void steps_make(struct rng *r, struct arena *a, struct journey_segment_node *n, size_t steps)
{
	struct journey_segment_step *s = ARENA_ARRAY(a, struct journey_segment_step, steps);
	for (size_t i = 0; i < steps; i++) {
		if (rng_below(r, 5)) s[i].event = str_of(events[rng_below(r, 4)]);
		while (s[i].n_where < 2 && rng_below(r, 3) == 0) s[i].where[s[i].n_where++] = filter_make(r);
		s[i].directly = i && rng_below(r, 3) == 0;
		s[i].within_ms = i && rng_below(r, 2) ? 1 + (int64_t)rng_below(r, 120) : 0;
	}
	n->steps = s;
	n->n_steps = steps;
}

static struct journey_segment_node *leaf_make(struct rng *r, struct arena *a)
{
	struct journey_segment_node *n = ARENA_NEW(a, struct journey_segment_node);
	static const enum journey_segment_op ops[] = { JOURNEY_SEGMENT_DID,       JOURNEY_SEGMENT_SEQUENCE,
		                                       JOURNEY_SEGMENT_HAS,       JOURNEY_SEGMENT_SCORE,
		                                       JOURNEY_SEGMENT_COMMENTED, JOURNEY_SEGMENT_SPENT,
		                                       JOURNEY_SEGMENT_FIRST,     JOURNEY_SEGMENT_LAST };
	n->op = ops[rng_below(r, 8)];
	n->from_ms = INT64_MIN, n->to_ms = INT64_MAX;
	if (n->op != JOURNEY_SEGMENT_HAS && rng_below(r, 2)) period_make(r, n);
	n->compare = (enum journey_segment_compare)rng_below(r, 3);
	n->times = (int64_t)rng_below(r, 4);
	if (rng_below(r, 2)) n->within_ms = 1 + (int64_t)rng_below(r, 200);
	n->filter = filter_make(r);
	if (rng_below(r, 2)) n->event = str_of(events[rng_below(r, 4)]);
	if (n->op == JOURNEY_SEGMENT_DID) steps_make(r, a, n, 1);
	if (n->op == JOURNEY_SEGMENT_SEQUENCE) steps_make(r, a, n, 2 + rng_below(r, 4));
	n->currency = str_of(currencies[rng_below(r, 4)]);
	if (n->op == JOURNEY_SEGMENT_SPENT || n->op == JOURNEY_SEGMENT_SCORE)
		n->compare = rng_below(r, 2) ? JOURNEY_BELOW : JOURNEY_ABOVE;
	n->minor = (int64_t)rng_below(r, 120000) - 10000;
	n->signal = (enum journey_signal)rng_below(r, JOURNEY_SIGNALS);
	if (n->signal == JOURNEY_WAIT) n->signal = JOURNEY_RATING; /* medians are another twin's */
	n->of = (enum journey_segment_of)rng_below(r, 3);
	n->bar = (double)rng_below(r, 101);
	return n;
}

static struct journey_segment_node *tree_make(struct rng *r, struct arena *a, int depth)
{
	if (depth == 0 || rng_below(r, 3) == 0) return leaf_make(r, a);
	struct journey_segment_node *n = ARENA_NEW(a, struct journey_segment_node);
	static const enum journey_segment_op ops[] = { JOURNEY_SEGMENT_AND, JOURNEY_SEGMENT_OR, JOURNEY_SEGMENT_NOT,
		                                       JOURNEY_SEGMENT_IN };
	n->op = ops[rng_below(r, 4)];
	n->a = tree_make(r, a, depth - 1);
	if (n->op == JOURNEY_SEGMENT_AND || n->op == JOURNEY_SEGMENT_OR) n->b = tree_make(r, a, depth - 1);
	return n;
}

struct journey_segment_node *osegment_make(struct arena *a, uint64_t seed)
{
	struct rng r;
	rng_init(&r, seed, 7);
	return tree_make(&r, a, (int)rng_below(&r, 4));
}

/* --- answering ------------------------------------------------------------------------------ */

struct person {
	const struct olog *l;
	const struct orow **rows;
	size_t n;
};

static int by_order(const void *x, const void *y)
{
	const struct orow *a = *(const struct orow *const *)x, *b = *(const struct orow *const *)y;
	if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
	return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

static bool counts(const struct person *p, const struct journey_segment_node *n, const struct orow *r)
{
	return r->at_ms >= n->from_ms && r->at_ms < n->to_ms &&
	       (!n->last_ms || r->at_ms > p->l->newest_ms - n->last_ms);
}

static bool passes(const struct orow *r, const struct journey_filter *f)
{
	const char *value = str_eq(f->dimension, STR("channel")) ? r->channel
	                    : str_eq(f->dimension, STR("event")) ? r->event
	                                                         : r->colour;
	return str_eq(str_of(value), f->value) == (f->op != JOURNEY_IS_NOT);
}

static bool is_step(const struct orow *r, const struct journey_segment_step *s)
{
	bool fits = !s->event.len || str_eq(str_of(r->event), s->event);
	for (size_t i = 0; i < s->n_where; i++) fits &= passes(r, &s->where[i]);
	return fits;
}

/* Whether steps k and later can follow row `before`, the first step having been at `first`. */
static bool goes_on(const struct person *p, const struct journey_segment_node *n, size_t k, size_t before, size_t first)
{
	if (k == n->n_steps) return true;
	const struct journey_segment_step *s = &n->steps[k];
	for (size_t i = before + 1; i < p->n; i++) {
		if (s->directly && i > before + 1) return false;
		if (!counts(p, n, p->rows[i]) || !is_step(p->rows[i], s)) continue;
		if (n->within_ms && p->rows[i]->at_ms - p->rows[first]->at_ms > n->within_ms) continue;
		if (!n->within_ms && s->within_ms && p->rows[i]->at_ms - p->rows[before]->at_ms > s->within_ms)
			continue;
		if (goes_on(p, n, k + 1, i, first)) return true;
	}
	return false;
}

static bool sequence(const struct person *p, const struct journey_segment_node *n)
{
	for (size_t i = 0; i < p->n; i++)
		if (counts(p, n, p->rows[i]) && is_step(p->rows[i], &n->steps[0]) && goes_on(p, n, 1, i, i))
			return true;
	return false;
}

static bool compared(const struct journey_segment_node *n, double x, double bar)
{
	switch (n->compare) {
	case JOURNEY_AT_LEAST: return x >= bar;
	case JOURNEY_AT_MOST: return x <= bar;
	case JOURNEY_EXACTLY: return x == bar;
	case JOURNEY_BELOW: return x < bar;
	default: return x > bar;
	}
}

static bool about(const struct journey_segment_node *n, const struct orow *r)
{
	if (!n->event.len) return true;
	const bool speaks = n->signal == JOURNEY_RATING || n->op == JOURNEY_SEGMENT_COMMENTED;
	const char *what = speaks && n->op != JOURNEY_SEGMENT_SPENT && *r->about ? r->about : r->event;
	return str_eq(str_of(what), n->event);
}

/* The most of the marked rows in any stretch that begins with one of them. */
static int64_t most(const struct person *p, const bool *marked, int64_t window_ms)
{
	int64_t best = 0;
	for (size_t i = 0; i < p->n; i++) {
		int64_t n = 0;
		for (size_t k = i; k < p->n; k++)
			n += marked[k] && (!window_ms || p->rows[k]->at_ms - p->rows[i]->at_ms <= window_ms);
		if (marked[i] && n > best) best = n;
	}
	return best;
}

static double utility(const struct journey_segment_node *n, const struct orow *r)
{
	switch (n->signal) {
	case JOURNEY_RATING: return isnan(r->score) ? NAN : journey_utility_rating(r->score, r->min, r->max);
	case JOURNEY_EFFORT: return isnan(r->effort) ? NAN : journey_utility_effort(r->effort);
	case JOURNEY_FAILURE: return r->failed ? journey_utility_failure(r->failed) : NAN;
	case JOURNEY_BREACH: return r->overrun_ms > 0 ? JOURNEY_UTILITY_BREACH : NAN;
	default: return NAN;
	}
}

static bool score(const struct person *p, const struct journey_segment_node *n)
{
	double sum = 0, last = NAN;
	int64_t k = 0;
	bool any = false;
	for (size_t i = 0; i < p->n; i++) {
		const double u = (double)(float)utility(n, p->rows[i]);
		if (isnan(u) || !counts(p, n, p->rows[i]) || !about(n, p->rows[i])) continue;
		k++;
		sum += u;
		last = u;
		any |= compared(n, u, n->bar);
	}
	if (!k) return false;
	return n->of == JOURNEY_OF_ANY ? any : compared(n, n->of == JOURNEY_OF_LAST ? last : sum / (double)k, n->bar);
}

static bool has(const struct person *p, const struct journey_filter *f)
{
	bool with = false, some = false;
	for (size_t i = 0; i < p->n; i++) {
		const struct journey_filter value = { f->dimension, f->value, JOURNEY_IS },
		                            none = { f->dimension, STR(""), JOURNEY_IS };
		with |= passes(p->rows[i], &value);
		some |= !passes(p->rows[i], &none);
	}
	if (!f->value.len) return some == (f->op == JOURNEY_IS_NOT);
	return with == (f->op != JOURNEY_IS_NOT);
}

static bool takes(const struct person *p, const struct journey_segment_node *n, struct arena *a)
{
	bool *marked = ARENA_ARRAY(a, bool, p->n);
	double money = 0;
	switch (n->op) {
	case JOURNEY_SEGMENT_AND: return takes(p, n->a, a) && takes(p, n->b, a);
	case JOURNEY_SEGMENT_OR: return takes(p, n->a, a) || takes(p, n->b, a);
	case JOURNEY_SEGMENT_NOT: return !takes(p, n->a, a);
	case JOURNEY_SEGMENT_IN: return takes(p, n->a, a);
	case JOURNEY_SEGMENT_SEQUENCE: return sequence(p, n);
	case JOURNEY_SEGMENT_HAS: return has(p, &n->filter);
	case JOURNEY_SEGMENT_SCORE: return score(p, n);
	case JOURNEY_SEGMENT_FIRST: return counts(p, n, p->rows[0]);
	case JOURNEY_SEGMENT_LAST: return counts(p, n, p->rows[p->n - 1]);
	case JOURNEY_SEGMENT_SPENT:
		for (size_t i = 0; i < p->n; i++)
			if (!isnan(p->rows[i]->money) && str_eq(str_of(p->rows[i]->currency), n->currency) &&
			    counts(p, n, p->rows[i]) && about(n, p->rows[i]))
				money += p->rows[i]->money;
		return compared(n, money, (double)n->minor);
	default:
		for (size_t i = 0; i < p->n; i++)
			marked[i] = counts(p, n, p->rows[i]) &&
			            (n->op == JOURNEY_SEGMENT_DID ? is_step(p->rows[i], &n->steps[0])
			                                          : p->rows[i]->comment && about(n, p->rows[i]));
		return compared(n, (double)most(p, marked, n->within_ms), (double)n->times);
	}
}

bool osegment_has(const struct olog *l, const struct journey_segment_node *n, uint32_t customer, struct arena *a)
{
	struct person p = { .l = l, .rows = (const struct orow **)arena_array(a, l->n, sizeof(void *)) };
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].customer == customer) p.rows[p.n++] = &l->rows[i];
	qsort(p.rows, p.n, sizeof *p.rows, by_order);
	return p.n && takes(&p, n, a);
}
