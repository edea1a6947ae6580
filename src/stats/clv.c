/* The value to come. docs/methods/value.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

#define PURCHASES_MAX 20000 /* drawn of one customer, once */

/* Beta(a, b). */
static double draw_beta(struct rng *r, double a, double b)
{
	const double x = draw_gamma(r, a), y = draw_gamma(r, b);
	return x + y > 0 ? x / (x + y) : a / (a + b);
}

static bool terms_wrong(const struct stats_clv_terms *t)
{
	return t->periods < 1 || t->periods > STATS_CLV_PERIODS_MAX || !(isfinite(t->length) && t->length > 0) ||
	       !(t->discount >= 0 && t->discount < 1) || !(t->margin >= 0 && t->margin <= 1);
}

double stats_clv(const struct stats_bgnbd *m, const struct stats_spend *s, const struct stats_buyer *c,
                 const struct stats_spender *amount, const struct stats_clv_terms *terms)
{
	struct stats_sum sum = { 0, 0 };
	double before = 0, kept = 1;
	for (size_t i = 1; i <= terms->periods; i++) {
		const double until = stats_bgnbd_future(m, c, (double)i * terms->length);
		kept /= 1 + terms->discount;
		stats_add(&sum, (until - before) * kept);
		before = until;
	}
	return terms->margin * stats_spend_mean(s, amount) * stats_total(&sum);
}

/* Log parameters moved by one draw of their joint normal. */
static void move(const double *factor, size_t p, struct rng *r, double *out)
{
	double z[STATS_MINIMISE_MAX];
	for (size_t j = 0; j < p; j++) z[j] = rng_normal(r);
	for (size_t j = 0; j < p; j++) {
		out[j] = 0;
		for (size_t k = 0; k <= j; k++) out[j] += factor[j * p + k] * z[k];
	}
}

/* What one customer spends in the time to come, once: discounted, before margin. */
static double one_future(const struct stats_bgnbd *m, const struct stats_spend *s, const struct stats_buyer *c,
                         const struct stats_spender *amount, const struct stats_clv_terms *terms, struct rng *r)
{
	if (rng_unit(r) >= stats_bgnbd_alive(m, c)) return 0;
	const double rate = draw_gamma(r, m->r + c->repeats) / (m->alpha + c->seen);
	const double drop = draw_beta(r, m->a, m->b + c->repeats);
	const double scale = draw_gamma(r, s->p * amount->repeats + s->q) / (s->v + amount->repeats * amount->mean);
	const double end = (double)terms->periods * terms->length;
	double value = 0, at = 0;
	if (!(rate > 0) || !(scale > 0)) return 0;
	for (int k = 0; k < PURCHASES_MAX; k++) {
		at -= log(1 - rng_unit(r)) / rate;
		if (at >= end) break;
		value += draw_gamma(r, s->p) / scale * pow(1 + terms->discount, -(floor(at / terms->length) + 1));
		if (rng_unit(r) < drop) break;
	}
	return value;
}

static int by_number(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

enum err_code stats_clv_total(const struct stats_bgnbd *m, const struct stats_spend *s, const struct stats_buyer *c,
                              const struct stats_spender *amounts, size_t n, const struct stats_clv_terms *terms,
                              size_t draws, uint64_t seed, struct arena *scratch, struct stats_estimate *out,
                              struct err *err)
{
	struct stats_estimate e = { .level = 0.95, .n = (int64_t)n, .n_eff = (double)n, .method = STATS_PREDICTIVE };
	struct stats_sum sum = { 0, 0 };
	double of_m[16], of_s[9];
	if (terms_wrong(terms) || draws < 20)
		return err_set(err, ERR_INPUT, "clv.terms", "terms", "these terms of a value to come are impossible");
	if (m->fit != STATS_FIT_OK || s->fit != STATS_FIT_OK)
		return err_set(err, ERR_INPUT, "clv.model", "model", "there is no model: \"%s\" and \"%s\"",
		               stats_fit_names[m->fit], stats_fit_names[s->fit]);
	double *totals = ARENA_ARRAY(scratch, double, draws);
	if (!totals) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) stats_add(&sum, stats_clv(m, s, &c[i], &amounts[i], terms));
	e.est = stats_total(&sum);
	for (size_t k = 0; k < 16; k++) of_m[k] = m->cov[k];
	for (size_t k = 0; k < 9; k++) of_s[k] = s->cov[k];
	if (!cholesky(of_m, 4) || !cholesky(of_s, 3)) {
		e.flags |= STATS_NOT_IDENTIFIED;
		*out = e;
		return OK;
	}
	for (size_t k = 0; k < draws; k++) {
		struct rng r;
		double by_m[4], by_s[3];
		rng_init(&r, seed, k);
		move(of_m, 4, &r, by_m);
		move(of_s, 3, &r, by_s);
		struct stats_bgnbd mk = *m;
		struct stats_spend sk = *s;
		mk.r *= exp(by_m[0]), mk.alpha *= exp(by_m[1]), mk.a *= exp(by_m[2]), mk.b *= exp(by_m[3]);
		sk.p *= exp(by_s[0]), sk.q *= exp(by_s[1]), sk.v *= exp(by_s[2]);
		for (size_t i = 0; i < n; i++) totals[k] += one_future(&mk, &sk, &c[i], &amounts[i], terms, &r);
		totals[k] *= terms->margin;
	}
	qsort(totals, draws, sizeof *totals, by_number);
	e.lo = sorted_quantile(totals, draws, 0.025), e.hi = sorted_quantile(totals, draws, 0.975);
	e.lo80 = sorted_quantile(totals, draws, 0.1), e.hi80 = sorted_quantile(totals, draws, 0.9);
	stats_mark(&e);
	*out = e;
	return OK;
}

double stats_clv_retained(double margin, double r, double d, bool at_start)
{
	return margin * (at_start ? 1 + d : r) / (1 + d - r);
}
