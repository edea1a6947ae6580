/* The least value of a smooth function of a few numbers, without derivatives. */
#include "stats/priv.h"

#include <math.h>

#define P STATS_MINIMISE_MAX
#define ROUNDS_MAX 4000
#define RESTARTS 6
#define SETTLED 1e-10 /* of the value, relative */

struct corner {
	double x[P], f;
};

/* Outside of the box the function is not asked: the nearest point of the box is, plus what grows with the distance. */
static double value_at(const struct minimise *m, const double *x)
{
	double inside[P], away = 0;
	for (size_t j = 0; j < m->p; j++) {
		inside[j] = fmin(m->hi, fmax(m->lo, x[j]));
		away += fabs(x[j] - inside[j]);
	}
	const double f = m->f(m->ctx, inside);
	return isfinite(f) ? f + away * (1 + fabs(f)) : DBL_MAX;
}

static void sort_corners(struct corner *c, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct corner moved = c[i];
		size_t k = i;
		for (; k > 0 && c[k - 1].f > moved.f; k--) c[k] = c[k - 1];
		c[k] = moved;
	}
}

/* The point on the line from the worst corner through the middle of the others. */
static struct corner along(const struct minimise *m, const struct corner *c, double by)
{
	struct corner out = { .f = 0 };
	for (size_t j = 0; j < m->p; j++) {
		double mid = 0;
		for (size_t i = 0; i < m->p; i++) mid += c[i].x[j];
		mid /= (double)m->p;
		out.x[j] = mid + by * (mid - c[m->p].x[j]);
	}
	out.f = value_at(m, out.x);
	return out;
}

static void shrink(const struct minimise *m, struct corner *c)
{
	for (size_t i = 1; i <= m->p; i++) {
		for (size_t j = 0; j < m->p; j++) c[i].x[j] = (c[0].x[j] + c[i].x[j]) / 2;
		c[i].f = value_at(m, c[i].x);
	}
}

/* Nelder and Mead 1965 from a simplex of side `side` at c[0]; whether it closed. */
static bool descend(const struct minimise *m, struct corner *c, double side)
{
	for (size_t i = 1; i <= m->p; i++) {
		c[i] = c[0];
		c[i].x[i - 1] += side;
		c[i].f = value_at(m, c[i].x);
	}
	for (int round = 0; round < ROUNDS_MAX; round++) {
		sort_corners(c, m->p + 1);
		double span = 0;
		for (size_t j = 0; j < m->p; j++) span = fmax(span, fabs(c[m->p].x[j] - c[0].x[j]));
		if (c[m->p].f - c[0].f <= SETTLED * (1e-3 + fabs(c[0].f)) && span < 1e-4) return true;
		const struct corner back = along(m, c, 1);
		if (back.f < c[0].f) {
			const struct corner far = along(m, c, 2);
			c[m->p] = far.f < back.f ? far : back;
		} else if (back.f < c[m->p - 1].f) {
			c[m->p] = back;
		} else {
			const struct corner near = along(m, c, back.f < c[m->p].f ? 0.5 : -0.5);
			if (near.f < fmin(back.f, c[m->p].f)) c[m->p] = near;
			else shrink(m, c);
		}
	}
	return false;
}

/* Second differences at the least point. */
static void curvature(const struct minimise *m, const double *x, double *h)
{
	const double d = 1e-3, f0 = m->f(m->ctx, x);
	double at[P];
	for (size_t j = 0; j < m->p; j++) {
		for (size_t k = 0; k <= j; k++) {
			double s = 0;
			for (int way = 0; way < 4; way++) {
				for (size_t l = 0; l < m->p; l++) at[l] = x[l];
				at[j] += way & 1 ? d : -d;
				at[k] += way & 2 ? d : -d;
				s += (way == 0 || way == 3 ? 1 : -1) * m->f(m->ctx, at);
			}
			h[j * m->p + k] = h[k * m->p + j] = s / (4 * d * d);
		}
		double up[P], down[P];
		for (size_t l = 0; l < m->p; l++) up[l] = down[l] = x[l];
		up[j] += d, down[j] -= d;
		h[j * m->p + j] = (m->f(m->ctx, up) - 2 * f0 + m->f(m->ctx, down)) / (d * d);
	}
}

bool minimise(const struct minimise *m, const double *start, double *x, double *least, double *h)
{
	struct corner c[P + 1] = { { .f = 0 } };
	bool settled = false;
	for (size_t j = 0; j < m->p; j++) c[0].x[j] = start[j];
	c[0].f = value_at(m, c[0].x);
	/* A simplex may close on a slope; one begun anew where it closed then goes on. */
	for (int again = 0; again < RESTARTS && !settled; again++) {
		const double before = c[0].f;
		const bool closed = descend(m, c, again ? 0.1 : 0.5);
		settled = again > 0 && closed && before - c[0].f <= 1e-8 * (1 + fabs(c[0].f));
	}
	for (size_t j = 0; j < m->p; j++) {
		x[j] = fmin(m->hi, fmax(m->lo, c[0].x[j]));
		if (x[j] < m->lo + 0.01 || x[j] > m->hi - 0.01) settled = false; /* it would rather be further out */
	}
	*least = m->f(m->ctx, x);
	if (h) curvature(m, x, h);
	return settled && isfinite(*least);
}

void inverse_of_curvature(double *h, size_t p, struct arena *scratch, double *cov)
{
	for (size_t k = 0; k < p * p; k++) cov[k] = 0;
	if (!cholesky(h, p) || !cholesky_inverse(h, p, scratch, cov))
		for (size_t k = 0; k < p * p; k++) cov[k] = 0;
}
