/* Weights from known totals. docs/methods/weights.md. */
#include "stats/priv.h"

#include <math.h>

#define SETTLED 1e-8
#define TRIM_ROUNDS 20

double stats_n_eff(const double *w, size_t n)
{
	struct stats_sum s = { 0, 0 }, ss = { 0, 0 };
	for (size_t i = 0; i < n; i++) {
		stats_add(&s, w[i]);
		stats_add(&ss, w[i] * w[i]);
	}
	const double squares = stats_total(&ss);
	return squares > 0 ? stats_total(&s) * stats_total(&s) / squares : 0;
}

static enum err_code empty(size_t cell, bool answers, struct err *err)
{
	err_set(err, ERR_INPUT, "weights.empty", "strata",
	        answers ? "group %zu has answers, but nobody of the population"
	                : "group %zu is part of the population, but nobody of it answered",
	        cell);
	err_hint(err, "Merge the group with a neighbour, or leave the division out.");
	return ERR_INPUT;
}

/* Sums of weights by cell, checked against what the population has. */
static enum err_code add_up(const struct stats_margin *m, const double *w, size_t n, double *sums, struct err *err)
{
	for (size_t c = 0; c < m->n_cells; c++) sums[c] = 0;
	for (size_t i = 0; i < n; i++) sums[m->cell[i]] += w[i];
	for (size_t c = 0; c < m->n_cells; c++) {
		if (sums[c] > 0 && m->target[c] > 0) continue;
		if (sums[c] > 0 || m->target[c] > 0) return empty(c, sums[c] > 0, err);
	}
	return OK;
}

static enum err_code check_margin(const struct stats_margin *m, size_t n, double *total, struct err *err)
{
	*total = 0;
	if (m->n_cells == 0 || m->n_cells > STATS_CELLS_MAX)
		return err_limit(err, "weights.stratum", "strata", (int64_t)m->n_cells, STATS_CELLS_MAX,
		                 "a division into %zu groups", m->n_cells);
	for (size_t i = 0; i < n; i++)
		if (m->cell[i] >= m->n_cells)
			return err_set(err, ERR_INPUT, "weights.stratum", "strata", "there is no group %u of %zu",
			               m->cell[i], m->n_cells);
	for (size_t c = 0; c < m->n_cells; c++) {
		if (!(m->target[c] >= 0 && m->target[c] <= 1e15))
			return err_set(err, ERR_INPUT, "weights.stratum", "strata", "group %zu cannot have %g people",
			               c, m->target[c]);
		*total += m->target[c];
	}
	return OK;
}

enum err_code stats_poststratify(const uint32_t *stratum, size_t n, const double *population, size_t n_strata,
                                 double *w, struct err *err)
{
	const struct stats_margin m = { stratum, population, n_strata };
	double total, sums[STATS_CELLS_MAX];
	TRY(check_margin(&m, n, &total, err));
	for (size_t i = 0; i < n; i++) w[i] = 1;
	TRY(add_up(&m, w, n, sums, err));
	for (size_t i = 0; i < n; i++) w[i] = population[stratum[i]] / sums[stratum[i]] * (double)n / total;
	return OK;
}

/* One round over all margins; the largest factor's distance from 1. */
static enum err_code rake_once(const struct stats_margin *margins, const double *scale, size_t n_margins, size_t n,
                               double *w, double *moved, struct err *err)
{
	*moved = 0;
	for (size_t k = 0; k < n_margins; k++) {
		double factor[STATS_CELLS_MAX];
		TRY(add_up(&margins[k], w, n, factor, err));
		for (size_t c = 0; c < margins[k].n_cells; c++) {
			if (!(factor[c] > 0)) continue;
			factor[c] = margins[k].target[c] * scale[k] / factor[c];
			*moved = fmax(*moved, fabs(factor[c] - 1));
		}
		for (size_t i = 0; i < n; i++) w[i] *= factor[margins[k].cell[i]];
	}
	return OK;
}

static enum err_code settle(const struct stats_margin *margins, const double *scale, size_t n_margins, size_t n,
                            double *w, int *rounds, bool *settled, struct err *err)
{
	double moved = INFINITY;
	for (int r = 0; r < STATS_RAKE_ROUNDS && moved > SETTLED; r++, (*rounds)++)
		TRY(rake_once(margins, scale, n_margins, n, w, &moved, err));
	*settled = moved <= SETTLED;
	return OK;
}

static size_t cut_once(double *w, size_t n)
{
	struct stats_sum s = { 0, 0 };
	size_t cut = 0;
	for (size_t i = 0; i < n; i++) stats_add(&s, w[i]);
	const double mean = n ? stats_total(&s) / (double)n : 0, low = mean / STATS_TRIM, high = mean * STATS_TRIM;
	for (size_t i = 0; i < n; i++) {
		if (w[i] >= low * (1 - SETTLED) && w[i] <= high * (1 + SETTLED)) continue;
		w[i] = w[i] < low ? low : high;
		cut++;
	}
	return cut;
}

size_t trim(double *w, size_t n)
{
	const size_t first = cut_once(w, n);
	/* Cutting moves the mean, and with it the bounds. */
	for (int i = 0; first && i < STATS_RAKE_ROUNDS && cut_once(w, n); i++) continue;
	return first;
}

static enum err_code miss(const struct stats_margin *margins, const double *scale, size_t n_margins, size_t n,
                          const double *w, double *gap, struct err *err)
{
	*gap = 0;
	for (size_t k = 0; k < n_margins; k++) {
		double sums[STATS_CELLS_MAX];
		TRY(add_up(&margins[k], w, n, sums, err));
		for (size_t c = 0; c < margins[k].n_cells; c++)
			if (sums[c] > 0) *gap = fmax(*gap, fabs(sums[c] / (margins[k].target[c] * scale[k]) - 1));
	}
	return OK;
}

enum err_code stats_rake(const struct stats_margin *margins, size_t n_margins, size_t n, double *w,
                         struct stats_raked *out, struct err *err)
{
	double scale[STATS_MARGINS_MAX], all = 0;
	struct stats_raked r = { .rounds = 0 };
	bool settled = true;
	if (n_margins < 1 || n_margins > STATS_MARGINS_MAX)
		return err_limit(err, "weights.margins", "margins", (int64_t)n_margins, STATS_MARGINS_MAX,
		                 "raking to %zu divisions", n_margins);
	for (size_t i = 0; i < n; i++) {
		if (!(w[i] > 0) || !isfinite(w[i]))
			return err_set(err, ERR_INPUT, "weights.start", "weights", "a weight cannot start at %g", w[i]);
		all += w[i];
	}
	for (size_t k = 0; k < n_margins; k++) {
		double total;
		TRY(check_margin(&margins[k], n, &total, err));
		scale[k] = total > 0 ? all / total : 0;
	}
	TRY(settle(margins, scale, n_margins, n, w, &r.rounds, &settled, err));
	if (!settled) {
		err_set(err, ERR_INPUT, "weights.rake", "margins",
		        "the divisions contradict each other: no weights fit all");
		err_hint(err, "Leave one of the divisions out, or merge small groups.");
		return ERR_INPUT;
	}
	for (int t = 0; t < TRIM_ROUNDS; t++) {
		const size_t cut = trim(w, n);
		if (cut == 0) break;
		r.trimmed = cut;
		TRY(settle(margins, scale, n_margins, n, w, &r.rounds, &settled, err));
	}
	/* What still lies outside is cut for good; the gap says what that costs. */
	trim(w, n);
	TRY(miss(margins, scale, n_margins, n, w, &r.gap, err));
	r.n_eff = stats_n_eff(w, n);
	r.deff = r.n_eff > 0 ? (double)n / r.n_eff : 0;
	*out = r;
	return OK;
}
