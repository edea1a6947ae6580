/* How good foretold chances are, and what made them. docs/methods/churn.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

#define SURE 1e-9 /* chances nearer to 0 and 1 count as this near when their log odds are taken */

struct told {
	double p;
	uint8_t y;
};

static int by_falling_chance(const void *va, const void *vb)
{
	const struct told *a = va, *b = vb;
	return (a->p < b->p) - (a->p > b->p);
}

/* Mean over those with y of the precision at their chance; rows of one chance come in together. */
static double average_precision(const struct told *t, size_t n, double with)
{
	double sum = 0, hits = 0;
	for (size_t i = 0, next; i < n; i = next) {
		double here = 0;
		for (next = i; next < n && t[next].p == t[i].p; next++) here += t[next].y;
		hits += here;
		sum += here * hits / (double)next;
	}
	return sum / with;
}

/* Share with y among the first tenth; of rows that tie at its end, their mean. */
static double top_share(const struct told *t, size_t n)
{
	const double tenth = (double)n / 10;
	double seen = 0, hits = 0;
	for (size_t i = 0, next; i < n && seen < tenth; i = next) {
		double here = 0;
		for (next = i; next < n && t[next].p == t[i].p; next++) here += t[next].y;
		const double rows = (double)(next - i), taken = fmin(rows, tenth - seen);
		hits += here * taken / rows;
		seen += taken;
	}
	return hits / seen;
}

static enum err_code fill_bins(const struct told *t, size_t n, struct stats_judged *out, struct err *err)
{
	for (size_t b = 0; b < STATS_CALIBRATION_BINS; b++) {
		/* Falling chances: the last tenth comes first in the answer. */
		const size_t from = n * (STATS_CALIBRATION_BINS - 1 - b) / STATS_CALIBRATION_BINS,
		             to = n * (STATS_CALIBRATION_BINS - b) / STATS_CALIBRATION_BINS;
		double sum = 0;
		int64_t hits = 0;
		for (size_t i = from; i < to; i++) sum += t[i].p, hits += t[i].y;
		out->bins[b].predicted = to > from ? sum / (double)(to - from) : 0;
		TRY(stats_proportion(hits, (int64_t)(to - from), &out->bins[b].observed, err));
	}
	return OK;
}

static double slope_of(const struct told *t, size_t n, struct arena *scratch)
{
	double *x = ARENA_ARRAY(scratch, double, n);
	uint8_t *y = ARENA_ARRAY(scratch, uint8_t, n);
	struct stats_logistic fit;
	struct err err;
	if (!x || !y) return 0;
	for (size_t i = 0; i < n; i++) {
		const double p = fmin(1 - SURE, fmax(SURE, t[i].p));
		x[i] = log(p / (1 - p)), y[i] = t[i].y;
	}
	const struct stats_matrix m = { x, n, 1 };
	if (stats_logistic(m, y, 0, scratch, &fit, &err) != OK || !fit.converged) return 0;
	return fit.beta[1];
}

enum err_code stats_judge(const double *p, const uint8_t *y, size_t n, struct arena *scratch, struct stats_judged *out,
                          struct err *err)
{
	struct stats_judged r = { .brier = 0 };
	struct told *t = ARENA_ARRAY(scratch, struct told, n);
	struct stats_sum brier = { 0, 0 };
	int64_t with = 0;
	if (!t) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (!(p[i] >= 0 && p[i] <= 1))
			return err_set(err, ERR_INPUT, "churn.chance", "p", "%g of row %zu is no chance", p[i], i);
		t[i] = (struct told){ p[i], y[i] != 0 };
		with += y[i] != 0;
		stats_add(&brier, (p[i] - t[i].y) * (p[i] - t[i].y));
	}
	TRY(stats_proportion(with, (int64_t)n, &r.rate, err));
	stats_auc(p, y, n, scratch, &r.auc);
	r.known = with > 0 && with < (int64_t)n;
	if (r.known) {
		qsort(t, n, sizeof *t, by_falling_chance);
		r.brier = stats_total(&brier) / (double)n;
		r.precision = average_precision(t, n, (double)with);
		r.lift = top_share(t, n) / ((double)with / (double)n);
		r.slope = slope_of(t, n, scratch);
		if (n >= STATS_CALIBRATION_BINS) TRY(fill_bins(t, n, &r, err));
	}
	*out = r;
	return OK;
}

size_t stats_reasons(const struct stats_logistic *m, size_t p, const double *mean, const double *row,
                     struct stats_reason *out, size_t max)
{
	size_t n = 0;
	for (size_t j = 0; j < p; j++) {
		const struct stats_reason r = { j, m->beta[j + 1] * (row[j] - mean[j]) };
		if (!(fabs(r.by) > 0)) continue;
		size_t k = n < max ? n++ : max;
		for (; k > 0 && fabs(out[k - 1].by) < fabs(r.by); k--)
			if (k < max) out[k] = out[k - 1];
		if (k < max) out[k] = r;
	}
	return n;
}
