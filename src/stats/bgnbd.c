/* Coming back without a contract: BG/NBD. docs/methods/value.md; r, alpha, a, b, x, t_x, T as in the source. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EDGE_LOW -9.0 /* of the log parameters */
#define EDGE_HIGH 12.0

static double log_beta(double a, double b)
{
	return lgamma(a) + lgamma(b) - lgamma(a + b);
}

static double log_sum(double a, double b)
{
	return a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b));
}

struct buyers {
	const struct stats_buyer *rows;
	size_t n;
};

/* Minus the log likelihood at ln r, ln alpha, ln a, ln b. Rows are sorted by repeats: what depends on x alone is taken
 * once for all of one x. */
static double unlikely(const void *ctx, const double *p)
{
	const struct buyers *d = ctx;
	const double r = exp(p[0]), alpha = exp(p[1]), a = exp(p[2]), b = exp(p[3]);
	const double of_r = lgamma(r) - r * p[1], of_ab = log_beta(a, b);
	struct stats_sum s = { 0, 0 };
	double x = -1, common = 0, dropped = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct stats_buyer *c = &d->rows[i];
		if (c->repeats != x) {
			x = c->repeats;
			common = lgamma(r + x) - of_r + log_beta(a, b + x) - of_ab;
			if (x > 0) dropped = p[2] - log(b + x - 1);
		}
		double l = -(r + x) * log(alpha + c->seen);
		if (x > 0) l = log_sum(l, dropped - (r + x) * log(alpha + c->last));
		stats_add(&s, c->weight * (common + l));
	}
	return -stats_total(&s);
}

static int by_row(const void *va, const void *vb)
{
	const struct stats_buyer *a = va, *b = vb;
	if (a->repeats != b->repeats) return a->repeats < b->repeats ? -1 : 1;
	if (a->last != b->last) return a->last < b->last ? -1 : 1;
	return (a->seen > b->seen) - (a->seen < b->seen);
}

size_t stats_buyers_merge(struct stats_buyer *rows, size_t n)
{
	size_t k = 0;
	if (n) qsort(rows, n, sizeof *rows, by_row);
	for (size_t i = 0; i < n; i++) {
		if (k > 0 && by_row(&rows[k - 1], &rows[i]) == 0) rows[k - 1].weight += rows[i].weight;
		else rows[k++] = rows[i];
	}
	return k;
}

static bool impossible(const struct stats_buyer *c)
{
	const bool numbers = isfinite(c->repeats) && isfinite(c->last) && isfinite(c->seen) && isfinite(c->weight);
	return !numbers || c->repeats < 0 || c->repeats != floor(c->repeats) || c->last < 0 || c->last > c->seen ||
	       c->seen <= 0 || c->weight <= 0 || (c->repeats > 0 && c->last <= 0);
}

/* The better of two starts; false when neither settled. Rows are sorted, times in units of about a gap. */
static bool search(const struct buyers *d, double *x, double *least, double *h)
{
	static const double starts[][4] = { { 0, 1, 0, 1 }, { -1, -1, -1, 0 } };
	const struct minimise m = { unlikely, d, 4, EDGE_LOW, EDGE_HIGH };
	bool found = false;
	for (size_t k = 0; k < 2; k++) {
		double at[4], value, curve[16];
		if (!minimise(&m, starts[k], at, &value, curve) || (found && value >= *least)) continue;
		found = true, *least = value;
		memcpy(x, at, sizeof at);
		memcpy(h, curve, sizeof curve);
	}
	return found;
}

/* Fills r from sorted rows. Times are searched in parts of `unit`, so that their own unit does not matter. */
static void fit(struct buyers *d, struct stats_buyer *sorted, double unit, struct arena *scratch, struct stats_bgnbd *r)
{
	double x[4] = { 0 }, h[16], least = 0;
	struct stats_sum purchases = { 0, 0 };
	for (size_t i = 0; i < d->n; i++) {
		sorted[i].last /= unit, sorted[i].seen /= unit;
		stats_add(&purchases, sorted[i].weight * sorted[i].repeats);
	}
	if (!search(d, x, &least, h)) {
		r->fit = STATS_FIT_UNSETTLED;
		return;
	}
	r->r = exp(x[0]), r->alpha = exp(x[1]) * unit, r->a = exp(x[2]), r->b = exp(x[3]);
	/* The density of x purchases changes by unit^-x with the unit of time. */
	r->loglik = -least - stats_total(&purchases) * log(unit);
	inverse_of_curvature(h, 4, scratch, r->cov);
}

enum err_code stats_bgnbd_fit(const struct stats_buyer *rows, size_t n, struct arena *scratch, struct stats_bgnbd *out,
                              struct err *err)
{
	struct stats_bgnbd r = { .fit = STATS_FIT_OK };
	double customers = 0, repeaters = 0, gap = 0;
	bool alike = true;
	struct stats_buyer *sorted = ARENA_ARRAY(scratch, struct stats_buyer, n);
	if (!sorted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct stats_buyer *c = &rows[i];
		if (impossible(c))
			return err_set(err, ERR_INPUT, "bgnbd.buyer", "rows",
			               "customer %zu cannot be: %g repeats, the last at %g of %g", i, c->repeats,
			               c->last, c->seen);
		customers += c->weight;
		if (c->repeats > 0) repeaters += c->weight;
		alike = alike && c->repeats == rows[0].repeats && c->last == rows[0].last;
		gap += c->weight * c->seen / (c->repeats + 1);
		sorted[i] = *c;
	}
	r.n = (int64_t)llround(customers), r.repeaters = (int64_t)llround(repeaters);
	if (r.n < STATS_BGNBD_MIN || r.repeaters < STATS_BGNBD_REPEATERS_MIN) r.fit = STATS_FIT_FEW;
	else if (alike) r.fit = STATS_FIT_CONSTANT;
	struct buyers d = { sorted, stats_buyers_merge(sorted, n) };
	if (r.fit == STATS_FIT_OK) fit(&d, sorted, gap / customers, scratch, &r);
	*out = r;
	return OK;
}

/* --- what the model says ------------------------------------------------------------------------- */

double stats_bgnbd_alive(const struct stats_bgnbd *m, const struct stats_buyer *c)
{
	if (c->repeats <= 0) return 1;
	const double odds = log(m->a) - log(m->b + c->repeats - 1) +
	                    (m->r + c->repeats) * log((m->alpha + c->seen) / (m->alpha + c->last));
	return 1 / (1 + exp(odds));
}

/* 2F1(a, b; c; z), 0 <= z < 1, c no whole number below 1. */
static double hypergeometric(double a, double b, double c, double z)
{
	double term = 1, sum = 1;
	for (int k = 0; k < 200000; k++) {
		term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
		sum += term;
		if (fabs(term) <= 1e-14 * fabs(sum) && k > 4) break;
	}
	return sum;
}

/*
 * 1 - (1 - z)^(r + x) 2F1(r + x, b + x; a + b + x - 1; z) over (a - 1), times a + b + x - 1. By Euler's transformation
 * the powers of 1 - z are taken together, so that none overflows. At a = 1 and at a + b + x = 1 both sides are 0 / 0:
 * a is moved by 1e-6, as the limit from there is the value.
 */
static double purchases_while_alive(double r, double a, double b, double x, double z)
{
	if (fabs(a - 1) < 1e-6) a = 1 + 1e-6;
	if (fabs(a + b + x - 1) < 1e-6) a += 2e-6;
	const double c = a + b + x - 1;
	return c / (a - 1) * (1 - pow(1 - z, a - 1) * hypergeometric(c - r - x, a - 1, c, z));
}

double stats_bgnbd_expected(const struct stats_bgnbd *m, double t)
{
	return t > 0 ? fmax(0, purchases_while_alive(m->r, m->a, m->b, 0, t / (m->alpha + t))) : 0;
}

double stats_bgnbd_future(const struct stats_bgnbd *m, const struct stats_buyer *c, double t)
{
	if (!(t > 0)) return 0;
	const double z = t / (m->alpha + c->seen + t);
	return fmax(0, purchases_while_alive(m->r, m->a, m->b, c->repeats, z)) * stats_bgnbd_alive(m, c);
}

double stats_bgnbd_chance(const struct stats_bgnbd *m, int64_t repeats, double t)
{
	const double x = (double)repeats, part = t / (m->alpha + t), none = m->r * log(m->alpha / (m->alpha + t));
	const double ab = log_beta(m->a, m->b);
	if (repeats < 0 || !(t > 0)) return repeats == 0;
	const double still = exp(log_beta(m->a, m->b + x) - ab + lgamma(m->r + x) - lgamma(m->r) - lgamma(x + 1) +
	                         none + x * log(part));
	if (repeats == 0) return fmin(1, still);
	double term = exp(none), fewer = 0;
	for (int64_t j = 0; j < repeats; j++) {
		fewer += term;
		term *= (m->r + (double)j) / ((double)j + 1) * part;
	}
	return fmin(1, still + exp(log_beta(m->a + 1, m->b + x - 1) - ab) * fmax(0, 1 - fewer));
}
