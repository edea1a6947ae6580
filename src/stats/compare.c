/* Two scores, and one group against the rest. docs/methods/nps.md, means.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

static int64_t size_of(const struct stats_nps_counts *c)
{
	return c->promoters + c->passives + c->detractors;
}

enum err_code stats_nps_worth(const struct stats_nps_counts *c, double n_eff, struct stats_estimate *out,
                              struct err *err)
{
	const int64_t n = size_of(c);
	const double scale = n > 0 ? fmin(1, n_eff / (double)n) : 1;
	const struct stats_nps_mass m = { scale * (double)c->promoters, scale * (double)c->passives,
		                          scale * (double)c->detractors };
	TRY(stats_nps_by(m, STATS_BY_DEFAULT, 0.95, 0, NULL, out, err));
	out->n = n;
	out->flags &= ~(unsigned)STATS_SMALL_N;
	if (n < 30) out->flags |= STATS_SMALL_N;
	return OK;
}

struct interval wilson_of(double p, double n, double z)
{
	const double zz_n = z * z / n, scale = 1 / (1 + zz_n), mid = scale * (p + zz_n / 2);
	const double half = scale * sqrt(zz_n * (p * (1 - p) + zz_n / 4));
	return (struct interval){ fmax(0, mid - half), fmin(1, mid + half) };
}

enum err_code stats_share_worth(struct stats_count c, double n_eff, struct stats_estimate *out, struct err *err)
{
	TRY(stats_proportion(c.hits, c.n, out, err));
	if (c.n == 0 || n_eff >= (double)c.n || !(n_eff > 0)) return OK;
	const struct interval wide = wilson_of(out->est, n_eff, STATS_Z95),
	                      band = wilson_of(out->est, n_eff, STATS_Z80);
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
	out->n_eff = n_eff;
	return OK;
}

/* Root of x^2 + y^2 - 2 corr x y; rounding can take it below nothing. */
static double together(double x, double y, double corr)
{
	return sqrt(fmax(0, x * x + y * y - 2 * corr * x * y));
}

void stats_mover_diff(const struct stats_estimate *a, const struct stats_estimate *b, double corr,
                      struct stats_estimate *out)
{
	const double r = fmin(1, fmax(-1, corr));
	*out = (struct stats_estimate){ .level = 0.95,
		                        .n = a->n + b->n,
		                        .n_eff = a->n_eff + b->n_eff,
		                        .method = STATS_MOVER,
		                        .flags = (a->flags | b->flags) &
		                                 (STATS_SMALL_N | STATS_NOT_IDENTIFIED | STATS_WEIGHTED) };
	if (out->flags & STATS_NOT_IDENTIFIED) return;
	out->est = a->est - b->est;
	out->lo = out->est - together(a->est - a->lo, b->hi - b->est, r);
	out->hi = out->est + together(a->hi - a->est, b->est - b->lo, r);
	out->lo80 = out->est - together(a->est - a->lo80, b->hi80 - b->est, r);
	out->hi80 = out->est + together(a->hi80 - a->est, b->est - b->lo80, r);
}

static double log_choose(int64_t n, int64_t k)
{
	return lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
}

/*
 * All tables with the totals of both sides, in which side a has p promoters
 * and d detractors. na nb (difference) = (p - d) N - (P - D) na is whole, so
 * that ties are ties.
 */
static double exact_p(const struct stats_nps_counts *a, const struct stats_nps_counts *b)
{
	const int64_t na = size_of(a), n = na + size_of(b);
	const int64_t all_p = a->promoters + b->promoters, all_d = a->detractors + b->detractors;
	const int64_t all_q = n - all_p - all_d, shift = (all_p - all_d) * na;
	const int64_t seen = llabs((a->promoters - a->detractors) * n - shift);
	const double log_all = log_choose(n, na);
	struct stats_sum sum = { 0, 0 };
	for (int64_t p = 0; p <= all_p && p <= na; p++) {
		const double log_p = log_choose(all_p, p);
		for (int64_t d = 0; d <= all_d && p + d <= na; d++) {
			const int64_t q = na - p - d;
			if (q > all_q || llabs((p - d) * n - shift) < seen) continue;
			stats_add(&sum, exp(log_p + log_choose(all_d, d) + log_choose(all_q, q) - log_all));
		}
	}
	return fmin(1, stats_total(&sum));
}

static double nps_variance(const struct stats_nps_counts *c)
{
	const double n = (double)size_of(c), p = (double)c->promoters / n, d = (double)c->detractors / n;
	return (p + d - (p - d) * (p - d)) / n;
}

enum err_code stats_nps_test(const struct stats_nps_counts *a, const struct stats_nps_counts *b, double *p, bool *exact,
                             struct err *err)
{
	struct stats_estimate ea, eb;
	TRY(stats_nps(a, &ea, err));
	TRY(stats_nps(b, &eb, err));
	*exact = ea.n + eb.n < STATS_NPS_EXACT_MAX;
	*p = 1;
	if (ea.n == 0 || eb.n == 0) return OK;
	if (*exact) {
		*p = exact_p(a, b);
		return OK;
	}
	const double se = 100 * sqrt(nps_variance(a) + nps_variance(b));
	if (se > 0) *p = 2 * stats_normal_cdf(-fabs(ea.est - eb.est) / se);
	else if (ea.est != eb.est) *p = 0;
	return OK;
}

/* Adjusts p over the groups that have one. */
static enum err_code adjust(struct stats_rest *groups, size_t n, struct arena *scratch, struct err *err)
{
	double *p = ARENA_ARRAY(scratch, double, n), *adjusted = ARENA_ARRAY(scratch, double, n);
	size_t m = 0;
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (!(groups[i].diff.flags & STATS_NOT_IDENTIFIED)) p[m++] = groups[i].p;
	TRY(stats_bh(p, m, scratch, adjusted, err));
	m = 0;
	for (size_t i = 0; i < n; i++) {
		if (groups[i].diff.flags & STATS_NOT_IDENTIFIED) continue;
		groups[i].p_adjusted = adjusted[m++];
		groups[i].differs = groups[i].p_adjusted <= 0.05;
		groups[i].diff.flags |= STATS_MULTIPLE_TESTED;
	}
	return OK;
}

enum err_code stats_nps_rest(const struct stats_nps_counts *groups, size_t n, struct arena *scratch,
                             struct stats_rest *out, struct err *err)
{
	struct stats_nps_counts all = { 0, 0, 0 };
	for (size_t i = 0; i < n; i++) {
		all.promoters += groups[i].promoters;
		all.passives += groups[i].passives;
		all.detractors += groups[i].detractors;
	}
	for (size_t i = 0; i < n; i++) {
		const struct stats_nps_counts rest = { all.promoters - groups[i].promoters,
			                               all.passives - groups[i].passives,
			                               all.detractors - groups[i].detractors };
		bool exact;
		out[i] = (struct stats_rest){ .p = 1, .p_adjusted = 1 };
		TRY(stats_nps_diff(&groups[i], &rest, &out[i].diff, err));
		TRY(stats_nps_test(&groups[i], &rest, &out[i].p, &exact, err));
	}
	return adjust(out, n, scratch, err);
}

enum err_code stats_mean_rest(const struct stats_answer *answers, const uint32_t *group, size_t n, size_t n_groups,
                              struct arena *scratch, struct stats_rest *out, struct err *err)
{
	struct stats_sided *sided = ARENA_ARRAY(scratch, struct stats_sided, n);
	if (!sided) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (group[i] >= n_groups)
			return err_set(err, ERR_INPUT, "stats.group", "group", "there is no group %u of %zu", group[i],
			               n_groups);
	for (size_t g = 0; g < n_groups; g++) {
		double se;
		/* Sorting on the way moves answers away from their group: each time from the start. */
		for (size_t i = 0; i < n; i++) sided[i] = (struct stats_sided){ answers[i], group[i] == g };
		out[g] = (struct stats_rest){ .p = 1, .p_adjusted = 1 };
		TRY(stats_diff_clustered(sided, n, &out[g].diff, &se, &out[g].p, err));
	}
	return adjust(out, n_groups, scratch, err);
}

enum err_code stats_paired(const double *earlier, const double *later, size_t n, struct stats_estimate *out, double *p,
                           struct err *err)
{
	struct stats_moments m = { 0, 0, 0 };
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(earlier[i]) || !isfinite(later[i]))
			return err_set(err, ERR_INPUT, "mean.answer", "answers", "%g and %g cannot be compared",
			               earlier[i], later[i]);
		stats_see(&m, later[i] - earlier[i]);
	}
	stats_mean(&m, out);
	out->method = STATS_PAIRED_T;
	*p = 1;
	if (out->flags & (STATS_NOT_IDENTIFIED | STATS_NO_SPREAD)) return OK;
	*p = stats_t_two_sided(m.mean / sqrt(stats_var(&m) / (double)m.n), (double)(m.n - 1));
	return OK;
}

static double mean_between(const double *x, size_t from, size_t to)
{
	struct stats_sum s = { 0, 0 };
	for (size_t i = from; i < to; i++) stats_add(&s, x[i]);
	return stats_total(&s) / (double)(to - from);
}

enum err_code stats_permutation(const double *a, size_t n_a, const double *b, size_t n_b, int draws, uint64_t seed,
                                struct arena *scratch, double *p, struct err *err)
{
	const size_t n = n_a + n_b;
	double *x = ARENA_ARRAY(scratch, double, n);
	if (!x) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		x[i] = i < n_a ? a[i] : b[i - n_a];
		if (!isfinite(x[i]))
			return err_set(err, ERR_INPUT, "mean.answer", "answers", "%g cannot be compared", x[i]);
	}
	*p = 1;
	if (n_a == 0 || n_b == 0 || draws < 1) return OK;
	/* A hair less than the difference seen, so that rounding does not part equal divisions. */
	const double seen = fabs(mean_between(x, 0, n_a) - mean_between(x, n_a, n)) * (1 - 1e-12);
	struct rng r;
	int as_far = 0;
	rng_init(&r, seed, 0);
	for (int d = 0; d < draws; d++) {
		for (size_t i = 0; i < n_a; i++) { /* a random choice of n_a, in front */
			const size_t j = i + (size_t)rng_below(&r, n - i);
			const double moved = x[i];
			x[i] = x[j], x[j] = moved;
		}
		as_far += fabs(mean_between(x, 0, n_a) - mean_between(x, n_a, n)) >= seen;
	}
	*p = (double)(as_far + 1) / (double)(draws + 1);
	return OK;
}
