/* Ridge regression, and the score of those who did not answer. docs/methods/silent.md. */
#include "stats/priv.h"

#include <math.h>

#define FOLDS 5
#define LAMBDAS 25
#define EXTRAPOLATED_SHARE 0.05

/* lambda for rows of mean square 1: from next to nothing to more than all of them. */
static double lambda_at(int k)
{
	return pow(10, -3 + 7.0 * k / (LAMBDAS - 1));
}

/* Sums of one set of rows in standardised columns: what any lambda is solved from. */
struct normal {
	double *xx, *xy; /* p x p, p */
	double *mean, *sd, y_mean;
	size_t n;
};

static double standard(const struct normal *s, struct stats_matrix m, size_t i, size_t j)
{
	return s->sd[j] > 0 ? (m.x[i * m.p + j] - s->mean[j]) / s->sd[j] : 0;
}

static bool add_normal(struct stats_matrix m, const double *y, const uint8_t *taken, struct arena *a, struct normal *s)
{
	const size_t p = m.p;
	struct stats_moments ym = { 0, 0, 0 };
	s->xx = ARENA_ARRAY(a, double, p *p), s->xy = ARENA_ARRAY(a, double, p);
	s->mean = ARENA_ARRAY(a, double, p), s->sd = ARENA_ARRAY(a, double, p);
	double *row = ARENA_ARRAY(a, double, p);
	if (!s->xx || !s->xy || !s->mean || !s->sd || !row) return false;
	scale_columns(m, taken, s->mean, s->sd);
	for (size_t i = 0; i < m.n; i++)
		if (taken[i]) stats_see(&ym, y[i]);
	s->y_mean = ym.mean, s->n = (size_t)ym.n;
	for (size_t i = 0; i < m.n; i++) {
		if (!taken[i]) continue;
		for (size_t j = 0; j < p; j++) row[j] = standard(s, m, i, j);
		for (size_t j = 0; j < p; j++) {
			s->xy[j] += row[j] * (y[i] - s->y_mean);
			for (size_t k = 0; k <= j; k++) s->xx[j * p + k] += row[j] * row[k];
		}
	}
	return true;
}

/* Factor of xx + lambda into l, slopes into b. A lambda above 0 makes it solvable whatever the columns are. */
static bool solve_at(const struct normal *s, size_t p, double lambda, double *l, double *b)
{
	for (size_t j = 0; j < p; j++) {
		for (size_t k = 0; k < p; k++) l[j * p + k] = k <= j ? s->xx[j * p + k] : s->xx[k * p + j];
		l[j * p + j] += lambda;
		b[j] = s->xy[j];
	}
	if (!cholesky(l, p)) return false;
	cholesky_solve(l, p, b);
	return true;
}

/* Squares of what the others' fit leaves of one fold, for each lambda; and of what their mean leaves. */
static enum err_code hold_out(struct stats_matrix m, const double *y, const uint8_t *fold, unsigned f, uint8_t *taken,
                              struct arena *a, double *left, double *of_mean, struct err *err)
{
	const size_t p = m.p;
	struct normal s = { .n = 0 };
	double *l = ARENA_ARRAY(a, double, p *p), *b = ARENA_ARRAY(a, double, p);
	for (size_t i = 0; i < m.n; i++) taken[i] = fold[i] != f;
	if (!l || !b || !add_normal(m, y, taken, a, &s)) return err_no_memory(err);
	for (int k = 0; k < LAMBDAS; k++) {
		if (!solve_at(&s, p, lambda_at(k) * (double)s.n / 100, l, b)) {
			left[k] = INFINITY;
			continue;
		}
		for (size_t i = 0; i < m.n; i++) {
			if (taken[i]) continue;
			double e = y[i] - s.y_mean;
			if (k == 0) *of_mean += e * e;
			for (size_t j = 0; j < p; j++) e -= b[j] * standard(&s, m, i, j);
			left[k] += e * e;
		}
	}
	return OK;
}

/* Sandwich: (xx + lambda)^-1 (sum of e^2 x x') (xx + lambda)^-1 of the slopes, e^2 spread over n - p rows. */
static enum err_code covariance(struct stats_matrix m, const double *y, const struct normal *s, const double *l,
                                const double *b, struct arena *a, double *cov, struct err *err)
{
	const size_t p = m.p;
	double *row = ARENA_ARRAY(a, double, p), mean_var = 0;
	if (!row) return err_no_memory(err);
	const double loss = (double)m.n / fmax(1, (double)m.n - (double)p - 1);
	for (size_t i = 0; i < m.n; i++) {
		double e = y[i] - s->y_mean;
		for (size_t j = 0; j < p; j++) row[j] = standard(s, m, i, j), e -= b[j] * row[j];
		cholesky_solve(l, p, row);
		mean_var += e * e;
		for (size_t j = 0; j < p; j++)
			for (size_t k = 0; k < p; k++) cov[(j + 1) * (p + 1) + k + 1] += loss * e * e * row[j] * row[k];
	}
	cov[0] = loss * mean_var / ((double)m.n * (double)m.n);
	return OK;
}

enum err_code stats_ridge(struct stats_matrix m, const double *y, uint64_t seed, struct arena *a,
                          struct stats_ridge *out, struct err *err)
{
	const size_t p = m.p;
	double left[LAMBDAS] = { 0 }, of_mean = 0;
	struct stats_ridge r = { .r2 = 0 };
	struct normal s = { .n = 0 };
	int best = 0;
	TRY(check_matrix(m, err));
	if (m.n < p + 10)
		return err_set(err, ERR_INPUT, "regress.few", "answers", "%zu answers are too few for %zu columns", m.n,
		               p);
	uint8_t *fold = ARENA_ARRAY(a, uint8_t, m.n), *taken = ARENA_ARRAY(a, uint8_t, m.n);
	double *l = ARENA_ARRAY(a, double, p *p), *b = ARENA_ARRAY(a, double, p);
	r.beta = ARENA_ARRAY(a, double, p + 1), r.centre = ARENA_ARRAY(a, double, p);
	r.cov = ARENA_ARRAY(a, double, (p + 1) * (p + 1));
	if (!fold || !taken || !l || !b || !r.beta || !r.centre || !r.cov) return err_no_memory(err);
	for (size_t i = 0; i < m.n; i++)
		if (!isfinite(y[i])) return err_set(err, ERR_INPUT, "mean.answer", "answers", "an answer of %g", y[i]);
	deal_folds(m.n, FOLDS, seed, fold);
	for (unsigned f = 0; f < FOLDS; f++) TRY(hold_out(m, y, fold, f, taken, a, left, &of_mean, err));
	for (int k = 1; k < LAMBDAS; k++)
		if (left[k] < left[best]) best = k;
	r.lambda = lambda_at(best) * (double)m.n / 100;
	r.rmse = sqrt(left[best] / (double)m.n);
	r.r2 = of_mean > 0 ? 1 - left[best] / of_mean : 0;

	for (size_t i = 0; i < m.n; i++) taken[i] = 1;
	if (!add_normal(m, y, taken, a, &s)) return err_no_memory(err);
	if (!isfinite(left[best]) || !solve_at(&s, p, r.lambda, l, b))
		return err_set(err, ERR_INPUT, "regress.collinear", "features",
		               "the columns explain each other wholly");
	TRY(covariance(m, y, &s, l, b, a, r.cov, err));
	r.beta[0] = s.y_mean;
	for (size_t j = 0; j < p; j++) {
		const double unit = s.sd[j] > 0 ? 1 / s.sd[j] : 0;
		r.centre[j] = s.mean[j];
		r.beta[j + 1] = b[j] * unit;
		r.beta[0] -= r.beta[j + 1] * s.mean[j];
		for (size_t k = 0; k <= p; k++) r.cov[(j + 1) * (p + 1) + k] *= unit;
		for (size_t k = 0; k <= p; k++) r.cov[k * (p + 1) + j + 1] *= unit;
	}
	*out = r;
	return OK;
}

double stats_ridge_at(const struct stats_ridge *r, size_t p, const double *row, double *var)
{
	double y = r->beta[0], v = r->cov[0];
	for (size_t j = 0; j < p; j++) {
		y += r->beta[j + 1] * row[j];
		for (size_t k = 0; k < p; k++)
			v += (row[j] - r->centre[j]) * (row[k] - r->centre[k]) * r->cov[(j + 1) * (p + 1) + k + 1];
	}
	if (var) *var = fmax(0, v);
	return y;
}

/* --- the silent majority ------------------------------------------------------------------------- */

/* The rows of one side behind each other. */
static struct stats_matrix side(struct stats_matrix m, const uint8_t *answered, bool which, double *rows)
{
	size_t n = 0;
	for (size_t i = 0; i < m.n; i++) {
		if ((answered[i] != 0) != which) continue;
		for (size_t j = 0; j < m.p; j++) rows[n * m.p + j] = m.x[i * m.p + j];
		n++;
	}
	return (struct stats_matrix){ rows, n, m.p };
}

/* Weights of those who answered, behind each other in their own place. */
static const double *packed(double *w, const uint8_t *answered, size_t n)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (answered[i]) w[k++] = w[i];
	return w;
}

/*
 * Leaves those of the silent who lie within what all who answered span, column by column; the share of the others.
 * What a column does to the score out there nobody has said: a slope that holds among those who answered, followed far
 * enough, says anything.
 */
static double leave_outside(struct stats_matrix known, struct stats_matrix *silent, double *rows)
{
	const size_t n = silent->n, p = known.p;
	size_t inside = 0;
	double low[STATS_FEATURES_MAX], high[STATS_FEATURES_MAX];
	for (size_t j = 0; j < p; j++) {
		low[j] = INFINITY, high[j] = -INFINITY;
		for (size_t i = 0; i < known.n; i++) {
			low[j] = fmin(low[j], known.x[i * p + j]);
			high[j] = fmax(high[j], known.x[i * p + j]);
		}
	}
	for (size_t i = 0; i < n; i++) {
		const double *row = &rows[i * p];
		size_t j = 0;
		while (j < p && row[j] >= low[j] && row[j] <= high[j]) j++;
		if (j == p) memmove(&rows[inside++ * p], row, p * sizeof *row);
	}
	silent->n = inside;
	return n ? (double)(n - inside) / (double)n : 0;
}

static double within(double x, struct interval scale)
{
	return fmin(scale.high, fmax(scale.low, x));
}

static void put(double est, double var, struct interval scale, struct stats_estimate *e)
{
	const double se = sqrt(var);
	e->est = within(est, scale);
	e->lo = within(est - STATS_Z95 * se, scale), e->hi = within(est + STATS_Z95 * se, scale);
	e->lo80 = within(est - STATS_Z80 * se, scale), e->hi80 = within(est + STATS_Z80 * se, scale);
}

/* What is known of both sides, and the chances of having answered as weights of those who did (mean 1). */
struct sides {
	struct stats_matrix known, silent;
	const double *y, *w;
};

/* Mean of each column, of all rows or by weight. */
static void mean_row(struct stats_matrix m, const double *w, double all, double *row)
{
	for (size_t j = 0; j < m.p; j++) {
		struct stats_sum s = { 0, 0 };
		for (size_t i = 0; i < m.n; i++) stats_add(&s, (w ? w[i] : 1) * m.x[i * m.p + j]);
		row[j] = stats_total(&s) / all;
	}
}

/*
 * The silent's mean by the fit, put right by what the fit leaves of those who
 * answered, each standing for as many silent people as their odds of silence
 * say. Right when either the fit or the odds are. The variance is that of the
 * odds' sum of residuals, of the coefficients where the two mean rows differ,
 * and of the silent people's own answers round their prediction.
 */
static void correct(const struct stats_ridge *fit, const struct sides *s, double *odds, double *est, double *var)
{
	const size_t n = s->known.n, p = s->known.p;
	const double ns = (double)s->silent.n, each = (ns + (double)n) / (double)n;
	const double loss = (double)n / fmax(1, (double)n - (double)p - 1);
	struct stats_sum all = { 0, 0 }, rest = { 0, 0 }, squares = { 0, 0 }, spread = { 0, 0 };
	double there[STATS_FEATURES_MAX], stand[STATS_FEATURES_MAX], gap[STATS_FEATURES_MAX], slopes;
	for (size_t i = 0; i < n; i++) {
		odds[i] = fmax(0, s->w[i] * each - 1);
		stats_add(&all, odds[i]);
	}
	const double total = stats_total(&all);
	for (size_t i = 0; i < n && total > 0; i++) {
		const double e = s->y[i] - stats_ridge_at(fit, p, &s->known.x[i * p], NULL), o = odds[i] / total;
		stats_add(&rest, o * e);
		stats_add(&squares, o * o * e * e);
		stats_add(&spread, o * e * e);
	}
	mean_row(s->silent, NULL, ns, there);
	*est = stats_ridge_at(fit, p, there, &slopes) + stats_total(&rest);
	if (total > 0) {
		mean_row(s->known, odds, total, stand);
		for (size_t j = 0; j < p; j++) gap[j] = fit->centre[j] + there[j] - stand[j];
		stats_ridge_at(fit, p, gap, &slopes);
		slopes = fmax(0, slopes - fit->cov[0]); /* the level is in the residuals already */
	}
	*var = slopes + loss * (stats_total(&squares) + stats_total(&spread) / ns);
}

static enum err_code combine(const struct stats_ridge *fit, const struct sides *s, double answers_mean,
                             struct interval scale, struct arena *a, struct stats_silent *r, struct err *err)
{
	const double ns = (double)s->silent.n, share = ns / (ns + (double)r->answered);
	double *odds = ARENA_ARRAY(a, double, s->known.n), mean, var;
	if (!odds) return err_no_memory(err);
	correct(fit, s, odds, &mean, &var);
	put(mean, var, scale, &r->predicted);
	put(share * mean + (1 - share) * answers_mean, share * share * var, scale, &r->everybody);
	return OK;
}

enum err_code stats_silent(struct stats_matrix m, const uint8_t *answered, const double *score, struct interval scale,
                           uint64_t seed, struct arena *scratch, struct stats_silent *out, struct err *err)
{
	struct stats_silent r = { .answered = 0 };
	struct stats_moments answers = { 0, 0, 0 };
	struct stats_ridge fit;
	TRY(check_matrix(m, err));
	double *w = ARENA_ARRAY(scratch, double, m.n), *y = ARENA_ARRAY(scratch, double, m.n);
	double *known_rows = ARENA_ARRAY(scratch, double, m.n *m.p),
	       *silent_rows = ARENA_ARRAY(scratch, double, m.n *m.p);
	if (!w || !y || !known_rows || !silent_rows) return err_no_memory(err);
	for (size_t i = 0; i < m.n; i++) {
		if (!answered[i]) continue;
		if (!(score[i] >= scale.low && score[i] <= scale.high))
			return err_set(err, ERR_INPUT, "mean.answer", "answers", "an answer of %g is not on the scale",
			               score[i]);
		y[r.answered++] = score[i];
		stats_see(&answers, score[i]);
	}
	r.silent = (int64_t)m.n - r.answered;
	TRY(stats_response_weights(m, answered, seed, scratch, w, &r.response, err));
	stats_mean(&answers, &r.raw);
	stats_on_scale(&r.raw, scale);
	const struct stats_estimate none = { .level = 0.95,
		                             .n = r.answered,
		                             .n_eff = (double)r.answered,
		                             .method = STATS_DOUBLY_ROBUST,
		                             .flags = STATS_NOT_IDENTIFIED };
	r.predicted = r.everybody = none;
	if (r.answered >= STATS_SILENT_MIN && (size_t)r.answered >= 10 * m.p && m.p > 0 && r.silent > 0) {
		struct sides s = { side(m, answered, true, known_rows), side(m, answered, false, silent_rows), y,
			           packed(w, answered, m.n) };
		TRY(stats_ridge(s.known, y, seed, scratch, &fit, err));
		r.r2 = fit.r2, r.rmse = fit.rmse, r.lambda = fit.lambda;
		r.outside = leave_outside(s.known, &s.silent, silent_rows);
		if (fit.r2 >= STATS_SILENT_R2 && s.silent.n > 0) {
			const unsigned flags = r.outside > EXTRAPOLATED_SHARE ? STATS_EXTRAPOLATED : 0;
			r.predicted.flags = r.everybody.flags = flags;
			TRY(combine(&fit, &s, answers.mean, scale, scratch, &r, err));
		}
	}
	*out = r;
	return OK;
}
