/* Means and differences of means. docs/methods/means.md. */
#include "stats/stats.h"

#include <math.h>

static void spread(struct stats_estimate *e, double se, double df)
{
	const double t95 = stats_t_quantile(0.975, df), t80 = stats_t_quantile(0.9, df);
	e->lo = e->est - t95 * se, e->hi = e->est + t95 * se;
	e->lo80 = e->est - t80 * se, e->hi80 = e->est + t80 * se;
}

void stats_mark(struct stats_estimate *e)
{
	if (e->n < 30) e->flags |= STATS_SMALL_N;
	if (e->n >= 5) return;
	e->flags |= STATS_SUPPRESSED;
	e->est = e->lo = e->hi = e->lo80 = e->hi80 = 0;
}

void stats_mean(const struct stats_moments *m, struct stats_estimate *out)
{
	*out = (struct stats_estimate){ .level = 0.95, .n = m->n, .n_eff = (double)m->n, .method = STATS_MEAN_T };
	if (m->n < 30) out->flags |= STATS_SMALL_N;
	if (m->n == 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	out->est = out->lo = out->hi = out->lo80 = out->hi80 = m->mean;
	const double var = stats_var(m);
	if (m->n < 2 || !(var > 0)) {
		out->flags |= STATS_NO_SPREAD;
		return;
	}
	spread(out, sqrt(var / (double)m->n), (double)(m->n - 1));
}

/* The share that says something else, at most, where none of n did. */
static double others_at_most(double n, double level)
{
	return 1 - pow((1 - level) / 2, 1 / n);
}

void stats_on_scale(struct stats_estimate *e, struct interval scale)
{
	if (e->flags & (STATS_NOT_IDENTIFIED | STATS_SUPPRESSED)) return;
	if (e->flags & STATS_NO_SPREAD) {
		const double below = e->est - scale.low, above = scale.high - e->est;
		const double p = others_at_most(e->n_eff, e->level), p80 = others_at_most(e->n_eff, 0.8);
		e->lo = e->est - below * p, e->hi = e->est + above * p;
		e->lo80 = e->est - below * p80, e->hi80 = e->est + above * p80;
		e->method = STATS_MEAN_AGREED;
		e->flags &= ~(unsigned)STATS_NO_SPREAD;
	}
	e->lo = fmax(e->lo, scale.low), e->hi = fmin(e->hi, scale.high);
	e->lo80 = fmax(e->lo80, scale.low), e->hi80 = fmin(e->hi80, scale.high);
}

double stats_agreed_p(double c, double n, struct interval scale)
{
	/* The level at which the interval's end comes to lie on 0. */
	const double end = c > 0 ? -scale.low : scale.high;
	return fmin(1, 2 * pow(end / (end + fabs(c)), n));
}

static int by_cluster(const void *a, const void *b)
{
	const struct stats_answer *x = a, *y = b;
	return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

static int sided_by_cluster(const void *a, const void *b)
{
	const struct stats_sided *x = a, *y = b;
	return by_cluster(&x->answer, &y->answer);
}

static enum err_code check_answer(const struct stats_answer *a, struct err *err)
{
	if (isfinite(a->x) && isfinite(a->w) && a->w > 0) return OK;
	return err_set(err, ERR_INPUT, "mean.answer", "answers", "an answer of %g with weight %g cannot be averaged",
	               a->x, a->w);
}

enum err_code stats_mean_clustered(struct stats_answer *answers, size_t n, struct stats_estimate *out, double *se,
                                   struct err *err)
{
	struct stats_sum sw = { 0 }, sww = { 0 }, swx = { 0 };
	bool weighted = false;
	for (size_t i = 0; i < n; i++) {
		TRY(check_answer(&answers[i], err));
		stats_add(&sw, answers[i].w);
		stats_add(&sww, answers[i].w * answers[i].w);
		stats_add(&swx, answers[i].w * answers[i].x);
		weighted |= answers[i].w != answers[0].w;
	}
	*se = 0;
	*out = (struct stats_estimate){ .level = 0.95, .n = (int64_t)n, .method = STATS_MEAN_CLUSTER };
	if (weighted) out->flags |= STATS_WEIGHTED;
	if (n < 30) out->flags |= STATS_SMALL_N;
	if (n == 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double w = stats_total(&sw), mean = stats_total(&swx) / w;
	out->est = out->lo = out->hi = out->lo80 = out->hi80 = mean;
	out->n_eff = w * w / stats_total(&sww);

	qsort(answers, n, sizeof *answers, by_cluster);
	struct stats_sum squares = { 0 };
	double m = 0;
	for (size_t i = 0; i < n;) {
		struct stats_sum one = { 0 };
		const uint64_t cluster = answers[i].cluster;
		for (; i < n && answers[i].cluster == cluster; i++)
			stats_add(&one, answers[i].w * (answers[i].x - mean));
		stats_add(&squares, stats_total(&one) * stats_total(&one));
		m++;
	}
	/* Answers that are all alike may still lie a rounding beside their mean. */
	const double error = m < 2 ? 0 : sqrt(m / (m - 1) * stats_total(&squares)) / w;
	if (!(error > 1e-12 * fabs(mean))) {
		out->flags |= STATS_NO_SPREAD;
		out->n_eff *= m / (double)n;
		return OK;
	}
	*se = error;
	spread(out, *se, m - 1);
	return OK;
}

void stats_mean_group(const struct stats_group *g, struct stats_estimate *out)
{
	*out = (struct stats_estimate){
		.level = 0.95, .n = g->n, .n_eff = (double)g->clusters, .method = STATS_MEAN_CLUSTER
	};
	if (g->n < 30) out->flags |= STATS_SMALL_N;
	if (g->n == 0 || !isfinite(g->mean)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	out->est = out->lo = out->hi = out->lo80 = out->hi80 = g->mean;
	/* Sums of squares leave a rounding behind where all are alike. */
	if (g->clusters < 2 || fabs(g->se) <= 1e-8 * fabs(g->mean)) {
		out->flags |= STATS_NO_SPREAD;
		return;
	}
	if (!isfinite(g->se) || g->se < 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	spread(out, g->se, (double)(g->clusters - 1));
}

/* Sums over one cluster of the difference's influence: its answers' share of mean a minus their share of mean b. */
enum err_code stats_diff_clustered(struct stats_sided *answers, size_t n, struct stats_estimate *out, double *se,
                                   double *p, struct err *err)
{
	struct stats_sum w[2] = { { 0, 0 }, { 0, 0 } }, wx[2] = { { 0, 0 }, { 0, 0 } };
	int64_t counts[2] = { 0, 0 };
	for (size_t i = 0; i < n; i++) {
		const struct stats_answer *x = &answers[i].answer;
		const int side = answers[i].in_a ? 0 : 1;
		TRY(check_answer(x, err));
		stats_add(&w[side], x->w);
		stats_add(&wx[side], x->w * x->x);
		counts[side]++;
	}
	*se = 0, *p = 1;
	*out = (struct stats_estimate){
		.level = 0.95, .n = (int64_t)n, .n_eff = (double)n, .method = STATS_DIFF_CLUSTER
	};
	if (counts[0] < 30 || counts[1] < 30) out->flags |= STATS_SMALL_N;
	if (counts[0] == 0 || counts[1] == 0) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double total[2] = { stats_total(&w[0]), stats_total(&w[1]) };
	const double mean[2] = { stats_total(&wx[0]) / total[0], stats_total(&wx[1]) / total[1] };
	out->est = out->lo = out->hi = out->lo80 = out->hi80 = mean[0] - mean[1];

	qsort(answers, n, sizeof *answers, sided_by_cluster);
	struct stats_sum squares = { 0 };
	double m = 0, seen[2] = { 0, 0 };
	for (size_t i = 0; i < n;) {
		struct stats_sum one = { 0 };
		bool on[2] = { false, false };
		const uint64_t cluster = answers[i].answer.cluster;
		for (; i < n && answers[i].answer.cluster == cluster; i++) {
			const struct stats_answer *x = &answers[i].answer;
			const int side = answers[i].in_a ? 0 : 1;
			on[side] = true;
			stats_add(&one, (side ? -1 : 1) * x->w * (x->x - mean[side]) / total[side]);
		}
		stats_add(&squares, stats_total(&one) * stats_total(&one));
		seen[0] += on[0], seen[1] += on[1];
		m++;
	}
	const double ss = stats_total(&squares);
	if (seen[0] < 2 || seen[1] < 2 || !(ss > 0)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	*se = sqrt(m / (m - 1) * ss);
	/* The smaller side decides how well the spread is known. */
	const double df = fmin(seen[0], seen[1]) - 1;
	spread(out, *se, df);
	*p = stats_t_two_sided(out->est / *se, df);
	return OK;
}

void stats_diff_groups(const struct stats_group *a, const struct stats_group *b, double se_diff,
                       struct stats_estimate *out, double *p)
{
	*out = (struct stats_estimate){ .level = 0.95,
		                        .n = a->n + b->n,
		                        .n_eff = (double)(a->clusters + b->clusters),
		                        .method = STATS_DIFF_CLUSTER };
	*p = 1;
	if (a->n < 30 || b->n < 30) out->flags |= STATS_SMALL_N;
	if (a->clusters < 2 || b->clusters < 2 || !isfinite(a->se) || !isfinite(b->se) || !isfinite(a->mean) ||
	    !isfinite(b->mean)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	out->est = out->lo = out->hi = out->lo80 = out->hi80 = a->mean - b->mean;

	/* se^2 n is the variance of one answer, with what clustering adds to it. */
	const double ma = (double)(a->clusters - 1), mb = (double)(b->clusters - 1);
	const double na = (double)a->n, nb = (double)b->n;
	const double pooled = (a->se * a->se * na * ma + b->se * b->se * nb * mb) / (ma + mb);
	double va = a->se * a->se, vb = b->se * b->se;
	va = fmax(va, pooled / na);
	vb = fmax(vb, pooled / nb);
	double v = va + vb;
	if (!(v > 0)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	const double df = v * v / (va * va / ma + vb * vb / mb);
	/* Shared customers: their covariance, as measured, moved by what the floors above added. */
	if (isfinite(se_diff)) v = fmax(se_diff * se_diff, v - a->se * a->se - b->se * b->se + se_diff * se_diff);
	if (!(v > 0)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	spread(out, sqrt(v), df);
	*p = stats_t_two_sided(out->est / sqrt(v), df);
}
