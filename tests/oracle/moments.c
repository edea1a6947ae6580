/* Moments of truth, customer by customer with loops over loops. */
#include "tests/oracle/oracle.h"

#include <math.h>

#include "base/checked.h"

/* Four classes to an octave, from 1 on; found by climbing. */
static int class_of(double x)
{
	int k = 0;
	while (k < 255 && x >= pow(2, k / 4.0)) k++;
	return k;
}

struct met {
	uint16_t touchpoint;
	bool good, middling, hit, troubled, young;
	int prior, exposure, tenure, money, key;
	size_t first_at; /* place of the first answer */
	const char *currency;
	int64_t at_ms;
	uint32_t customer;
};

static bool is_outcome(const struct journey_query *q, const struct journey_moments_question *w, const struct orow *r)
{
	const uint16_t t = otouchpoint(q, r);
	return (w->outcome && t && w->outcome[t]) ||
	       (w->outcome_event.len && str_eq(w->outcome_event, str_of(r->event)));
}

static bool in_period(const struct journey_moments_question *w, int64_t at_ms)
{
	return at_ms >= w->from_ms && at_ms < w->to_ms;
}

static bool answers(const struct olog *l, const struct journey_query *q, const struct ocase *cases, size_t n,
                    const struct ocase *c, size_t i, uint16_t t)
{
	bool whole;
	return !isnan(c->rows[i]->score) && oabout(q, cases, n, c, i, &whole) == t;
}

/* The customer's first answer about t; false without one. */
static bool experience(const struct olog *l, const struct journey_query *q, const struct journey_moments_question *w,
                       const struct ocase *cases, size_t n, const struct ocase *c, uint16_t t, struct met *out)
{
	size_t at = c->n;
	double sum = 0, count = 0;
	for (size_t i = c->n; i-- > 0;)
		if (in_period(w, c->rows[i]->at_ms) && answers(l, q, cases, n, c, i, t)) at = i;
	if (at == c->n) return false;
	const int64_t at_ms = c->rows[at]->at_ms;
	const size_t first_at = at;
	for (size_t i = at; i < c->n && c->rows[i]->at_ms == at_ms; i++)
		if (answers(l, q, cases, n, c, i, t)) {
			const struct orow *r = c->rows[i];
			sum += 100 * (r->score - r->min) / (r->max - r->min);
			count++;
			at = i;
		}
	*out = (struct met){
		.touchpoint = t, .at_ms = at_ms, .customer = c->customer, .currency = "", .first_at = first_at
	};
	out->good = sum / count >= w->good;
	out->middling = !out->good && sum / count >= w->bad;
	out->young = at_ms > l->newest_ms - w->within_ms;
	for (size_t i = at + 1; i < c->n; i++)
		if (c->rows[i]->at_ms <= at_ms + w->within_ms && is_outcome(q, w, c->rows[i])) out->hit = true;

	double money = 0;
	for (size_t i = 0; i < at; i++) {
		const struct orow *r = c->rows[i];
		const uint16_t here = otouchpoint(q, r);
		bool seen = false;
		for (size_t k = 0; k < i; k++) seen |= otouchpoint(q, c->rows[k]) == here;
		out->exposure += here && !seen;
		out->prior += is_outcome(q, w, r);
		out->troubled |=
		        here && here != t && (r->failed || r->overrun_ms > 0) && r->at_ms >= at_ms - w->recent_ms;
		if (!isnan(r->money) && (!w->purchase || (here && w->purchase[here]))) out->currency = r->currency;
	}
	for (size_t i = 0; i < at; i++) {
		const struct orow *r = c->rows[i];
		const uint16_t here = otouchpoint(q, r);
		if (!isnan(r->money) && strcmp(r->currency, out->currency) == 0 &&
		    (!w->purchase || (here && w->purchase[here])))
			money += r->money;
	}
	if (out->prior > 3) out->prior = 3;
	out->money = money > 0 ? class_of(money) : -1;
	out->tenure = class_of((double)(at_ms - c->rows[0]->at_ms) / 3600000.0);
	return true;
}

/* 0, 1 or 2: the third that a value is in among all values; cuts at the smallest value that k thirds reach. */
static int third(const int *all, size_t n, int value)
{
	int out = 0;
	for (int k = 1; k <= 2; k++) {
		int cut = 255;
		for (int v = 255; v >= 0; v--) {
			size_t below = 0;
			for (size_t i = 0; i < n; i++) below += all[i] <= v;
			if (3 * below >= (size_t)k * n) cut = v;
		}
		out += value > cut;
	}
	return out;
}

static int key_of(const struct met *m, const struct met *all, size_t n, struct arena *a)
{
	int *tenure = ARENA_ARRAY(a, int, n), *exposure = ARENA_ARRAY(a, int, n), *money = ARENA_ARRAY(a, int, n);
	size_t same = 0, paid = 0;
	for (size_t i = 0; i < n; i++) {
		if (all[i].touchpoint != m->touchpoint || all[i].young) continue;
		tenure[same] = all[i].tenure;
		exposure[same++] = all[i].exposure;
		if (all[i].money >= 0 && strcmp(all[i].currency, m->currency) == 0) money[paid++] = all[i].money;
	}
	const int spent = m->money < 0 ? 0 : 1 + third(money, paid, m->money);
	return (((m->prior * 4 + spent) * 3 + third(tenure, same, m->tenure)) * 3 +
	        third(exposure, same, m->exposure)) *
	               2 +
	       m->troubled;
}

void omoments(const struct olog *l, const struct journey_query *q, const struct journey_moments_question *w,
              struct arena *a, struct journey_moments *out)
{
	size_t n, n_met = 0;
	const struct ocase *cases = ocases(l, q, a, &n);
	const size_t n_touchpoints = q->rules->n_touchpoints;
	struct met *met = ARENA_ARRAY(a, struct met, n * n_touchpoints + 1);
	struct journey_moments_touchpoint *list = ARENA_ARRAY(a, struct journey_moments_touchpoint, n_touchpoints);
	*out = (struct journey_moments){ .n_touchpoints = n_touchpoints, .touchpoints = list };
	for (size_t k = 0; k < n; k++) {
		const struct ocase *c = &cases[k];
		const struct met *first = NULL;
		bool here = false;
		for (size_t i = 0; i < c->n; i++) here |= in_period(w, c->rows[i]->at_ms);
		out->customers += here;
		for (uint16_t t = 1; t <= n_touchpoints; t++) {
			bool was = false;
			for (size_t i = 0; i < c->n; i++)
				was |= otouchpoint(q, c->rows[i]) == t && in_period(w, c->rows[i]->at_ms);
			list[t - 1].met += was;
			struct met *m = &met[n_met];
			if (!experience(l, q, w, cases, n, c, t, m)) continue;
			n_met++;
			list[t - 1].answered++;
			list[t - 1].too_short += m->young;
			list[t - 1].middling += !m->young && m->middling;
		}
		for (size_t i = 0; i < n_met; i++)
			if (met[i].customer == c->customer && !met[i].young &&
			    (!first || met[i].first_at < first->first_at))
				first = &met[i];
		out->base.n += first != NULL;
		out->base.reached += first && first->hit;
	}
	for (size_t i = 0; i < n_met; i++) met[i].key = key_of(&met[i], met, n_met, a);
	for (uint16_t t = 1; t <= n_touchpoints; t++) {
		struct journey_moments_stratum *s =
		        ARENA_ARRAY(a, struct journey_moments_stratum, JOURNEY_MOMENTS_STRATA);
		size_t kept = 0;
		for (int key = 0; key < JOURNEY_MOMENTS_STRATA; key++) {
			struct journey_moments_stratum one = { 0 };
			for (size_t i = 0; i < n_met; i++) {
				const struct met *m = &met[i];
				if (m->touchpoint != t || m->young || m->middling) continue;
				if (key == 0) {
					struct journey_moments_count *all =
					        m->good ? &list[t - 1].good : &list[t - 1].bad;
					all->n++;
					all->reached += m->hit;
				}
				if (m->key != key) continue;
				struct journey_moments_count *side = m->good ? &one.good : &one.bad;
				side->n++;
				side->reached += m->hit;
			}
			if (one.good.n + one.bad.n) s[kept++] = one;
		}
		list[t - 1].strata = s;
		list[t - 1].n_strata = kept;
	}
}
