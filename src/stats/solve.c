/* Small symmetric systems. A factor is the lower triangle, row after row, p by p. */
#include "stats/priv.h"

#include <math.h>

bool cholesky(double *a, size_t p)
{
	for (size_t j = 0; j < p; j++) {
		double d = a[j * p + j];
		const double before = d;
		for (size_t k = 0; k < j; k++) d -= a[j * p + k] * a[j * p + k];
		/* What is left of a column that others explain is rounding. */
		if (!(d > 1e-12 * before) || !isfinite(d)) return false;
		d = sqrt(d);
		a[j * p + j] = d;
		for (size_t i = j + 1; i < p; i++) {
			double s = a[i * p + j];
			for (size_t k = 0; k < j; k++) s -= a[i * p + k] * a[j * p + k];
			a[i * p + j] = s / d;
		}
	}
	return true;
}

void cholesky_solve(const double *l, size_t p, double *b)
{
	for (size_t i = 0; i < p; i++) {
		for (size_t k = 0; k < i; k++) b[i] -= l[i * p + k] * b[k];
		b[i] /= l[i * p + i];
	}
	for (size_t i = p; i-- > 0;) {
		for (size_t k = i + 1; k < p; k++) b[i] -= l[k * p + i] * b[k];
		b[i] /= l[i * p + i];
	}
}

bool cholesky_inverse(const double *l, size_t p, struct arena *scratch, double *out)
{
	double *column = ARENA_ARRAY(scratch, double, p);
	if (!column) return false;
	for (size_t j = 0; j < p; j++) {
		for (size_t i = 0; i < p; i++) column[i] = i == j;
		cholesky_solve(l, p, column);
		for (size_t i = 0; i < p; i++) out[i * p + j] = column[i];
	}
	return true;
}

enum err_code check_matrix(struct stats_matrix m, struct err *err)
{
	if (m.p > STATS_FEATURES_MAX)
		return err_limit(err, "regress.columns", "features", (int64_t)m.p, STATS_FEATURES_MAX,
		                 "%zu columns of behaviour", m.p);
	for (size_t i = 0; i < m.n * m.p; i++)
		if (!isfinite(m.x[i]))
			return err_set(err, ERR_INPUT, "regress.columns", "features",
			               "column %zu of row %zu is no number", i % m.p, i / m.p);
	return OK;
}

void scale_columns(struct stats_matrix m, const uint8_t *taken, double *mean, double *sd)
{
	for (size_t j = 0; j < m.p; j++) {
		struct stats_moments s = { 0, 0, 0 };
		for (size_t i = 0; i < m.n; i++)
			if (!taken || taken[i]) stats_see(&s, m.x[i * m.p + j]);
		const double var = s.n > 0 ? s.m2 / (double)s.n : 0;
		mean[j] = s.mean;
		sd[j] = var > 1e-20 * s.mean * s.mean ? sqrt(var) : 0;
	}
}
