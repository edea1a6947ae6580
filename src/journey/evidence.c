/* What a piece of evidence speaks of, how far an instance went, and sums that do not depend on order. */
#include "journey/priv.h"

#include <math.h>

int64_t fix(double x)
{
	return llrint(x * 0x1p32);
}

double unfix(wide x)
{
	return (double)((long double)x * 0x1p-32L);
}

struct reach reach_of(const struct journey_plan *p, const struct journey_columns *c, const uint32_t *rows, uint32_t n)
{
	struct reach r = { .first = NO_STEP, .furthest = NO_STEP };
	for (uint32_t i = 0; i < n; i++) {
		const uint16_t code = c->touchpoints[rows[i]];
		if (!code) continue;
		const uint16_t step = p->step[code];
		if (r.first == NO_STEP || step < r.first) r.first = step;
		if (r.furthest == NO_STEP || step > r.furthest) r.furthest = step;
	}
	if (r.furthest == NO_STEP) return r;
	r.goal = (size_t)r.furthest + 1 == p->n_steps;
	/* Two times between 1900 and 2101: the difference fits. */
	r.still_in = !r.goal && p->s->newest_ms - c->at_ms[rows[n - 1]] < p->q->instance.gap_ms;
	return r;
}

uint32_t evidence_from(const struct journey_columns *c, uint32_t customer, uint32_t row)
{
	uint32_t lo = c->evidence_offset[customer], hi = c->evidence_offset[customer + 1];
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (c->evidence[mid].row < row) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

uint32_t evidence_row(const struct journey_plan *p, const struct journey_columns *c, const struct cases *cs, uint32_t k,
                      uint32_t at, const struct journey_evidence *e)
{
	if (e->about == JOURNEY_ABOUT_WHOLE) return NO_ROW;
	if (e->about == JOURNEY_ABOUT_OWN) return e->row;

	const uint32_t event = e->about - JOURNEY_ABOUT_EVENT;
	const struct journey_kind *kinds = p->s->kinds;
	const struct span own = spans_get(cs, k);
	for (uint32_t i = at; i-- > 0;)
		if (kinds[c->kind[span_row(&own, i)]].event == event) return span_row(&own, i);
	/* Another instance of the same person: the latest row before this one. */
	uint32_t best = NO_ROW;
	for (uint32_t x = 0; x < cs->n; x++) {
		const struct span other = spans_get(cs, x);
		for (uint32_t i = 0; i < other.n; i++) {
			const uint32_t row = span_row(&other, i);
			if (row < e->row && kinds[c->kind[row]].event == event && (best == NO_ROW || row > best))
				best = row;
		}
	}
	return best;
}

uint16_t evidence_named(const struct journey_plan *p, const struct journey_evidence *e)
{
	if (e->about < JOURNEY_ABOUT_EVENT) return 0;
	const uint32_t event = e->about - JOURNEY_ABOUT_EVENT;
	return p->q->rules && !p->n_split && event < p->s->events.n ? p->event_code[event] : 0;
}

uint16_t evidence_touchpoint(const struct journey_plan *p, const struct journey_columns *c, const struct cases *cs,
                             uint32_t k, uint32_t at, const struct journey_evidence *e, bool *whole)
{
	*whole = e->about == JOURNEY_ABOUT_WHOLE;
	if (*whole) return 0;
	const uint32_t row = evidence_row(p, c, cs, k, at, e);
	return row != NO_ROW ? c->touchpoints[row] : evidence_named(p, e);
}

double evidence_utility(const struct journey_plan *p, const struct journey_columns *c, const struct journey_evidence *e)
{
	if (e->what != JOURNEY_WAIT) return (double)e->utility;
	return journey_utility_wait(e->raw, p->s->wait_w50[p->s->kinds[c->kind[e->row]].event]);
}

void side_add(struct side *a, const struct cluster *c, int sign)
{
	if (c->n == 0) return;
	a->n += sign * c->n;
	a->customers += sign;
	a->s += (wide)sign * c->s;
	a->raw += (wide)sign * c->raw;
	a->ss += (wide)c->s * c->s * sign;
	a->sn += (wide)c->s * c->n * sign;
	a->nn += (wide)c->n * c->n * sign;
}

/* In long double: 64 bits against sums of at most 2^107 that nearly cancel. */
long double side_residuals(const struct side *v, long double *mean)
{
	*mean = (long double)v->s / (long double)v->n;
	const long double r = (long double)v->ss - 2 * *mean * (long double)v->sn + *mean * *mean * (long double)v->nn;
	return r > 0 ? r : 0;
}

struct stats_group side_group(const struct side *v)
{
	struct stats_group g = { .mean = NAN, .se = NAN, .n = v->n, .clusters = v->customers };
	if (v->n == 0) return g;
	long double mean;
	const long double rss = side_residuals(v, &mean);
	g.mean = (double)(mean * 0x1p-32L);
	if (v->customers < 2) return g;
	const long double m = (long double)v->customers;
	g.se = (double)(sqrtl(m / (m - 1) * rss) / (long double)v->n * 0x1p-32L);
	return g;
}
