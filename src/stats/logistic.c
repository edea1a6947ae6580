/* Logistic regression, and who answers. docs/methods/weights.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

#define ROUNDS_MAX 50
#define DEVIANCE_SETTLED 1e-9
#define PROPENSITY_RIDGE 1.0
#define FOLDS 5

/* One fit: columns are standardised as they are read, the first is 1. */
struct fit {
	struct stats_matrix m;
	const uint8_t *y, *taken; /* taken NULL: all rows */
	double ridge;
	double *mean, *sd, *b, *step, *hessian, *row;
};

static void read_row(const struct fit *f, size_t i)
{
	f->row[0] = 1;
	for (size_t j = 0; j < f->m.p; j++)
		f->row[j + 1] = f->sd[j] > 0 ? (f->m.x[i * f->m.p + j] - f->mean[j]) / f->sd[j] : 0;
}

static double linear(const struct fit *f, const double *b)
{
	double eta = 0;
	for (size_t j = 0; j <= f->m.p; j++) eta += b[j] * f->row[j];
	return eta;
}

static double chance(double eta)
{
	return eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta));
}

static double log1pexp(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* Log likelihood less the penalty. */
static double likelihood(const struct fit *f, const double *b, double *plain)
{
	struct stats_sum s = { 0, 0 };
	double penalty = 0;
	for (size_t i = 0; i < f->m.n; i++) {
		if (f->taken && !f->taken[i]) continue;
		read_row(f, i);
		const double eta = linear(f, b);
		stats_add(&s, (f->y[i] ? eta : 0) - log1pexp(eta));
	}
	for (size_t j = 1; j <= f->m.p; j++) penalty += b[j] * b[j];
	if (plain) *plain = stats_total(&s);
	return stats_total(&s) - f->ridge / 2 * penalty;
}

/* Newton's step at b into f->step; false when the system cannot be solved. */
static bool newton(const struct fit *f)
{
	const size_t q = f->m.p + 1;
	for (size_t k = 0; k < q * q; k++) f->hessian[k] = 0;
	for (size_t j = 0; j < q; j++) f->step[j] = 0;
	for (size_t i = 0; i < f->m.n; i++) {
		if (f->taken && !f->taken[i]) continue;
		read_row(f, i);
		const double mu = chance(linear(f, f->b)), w = mu * (1 - mu), off = (f->y[i] ? 1 : 0) - mu;
		for (size_t j = 0; j < q; j++) {
			f->step[j] += f->row[j] * off;
			for (size_t k = 0; k <= j; k++) f->hessian[j * q + k] += w * f->row[j] * f->row[k];
		}
	}
	for (size_t j = 1; j < q; j++) {
		f->step[j] -= f->ridge * f->b[j];
		f->hessian[j * q + j] += f->ridge;
		if (!(f->sd[j - 1] > 0)) f->hessian[j * q + j] = 1; /* a constant column: slope 0 */
	}
	for (size_t j = 0; j < q; j++)
		for (size_t k = j + 1; k < q; k++) f->hessian[j * q + k] = f->hessian[k * q + j];
	if (!cholesky(f->hessian, q)) return false;
	cholesky_solve(f->hessian, q, f->step);
	return true;
}

/* Iterates from b = 0; whether the last step was solvable. */
static bool iterate(const struct fit *f, int *rounds, bool *converged)
{
	const size_t q = f->m.p + 1;
	double now = likelihood(f, f->b, NULL);
	*converged = false;
	for (*rounds = 0; *rounds < ROUNDS_MAX && !*converged; (*rounds)++) {
		if (!newton(f)) return false;
		double next = 0;
		for (int half = 0; half < 30; half++) {
			for (size_t j = 0; j < q; j++) f->b[j] += f->step[j];
			next = likelihood(f, f->b, NULL);
			if (next >= now - 1e-12 * fabs(now)) break;
			for (size_t j = 0; j < q; j++) f->b[j] -= f->step[j], f->step[j] /= 2;
		}
		*converged = 2 * fabs(next - now) < DEVIANCE_SETTLED;
		now = next;
	}
	return true;
}

static bool open_fit(struct fit *f, struct arena *a)
{
	const size_t q = f->m.p + 1;
	f->mean = ARENA_ARRAY(a, double, q), f->sd = ARENA_ARRAY(a, double, q), f->b = ARENA_ARRAY(a, double, q);
	f->step = ARENA_ARRAY(a, double, q), f->row = ARENA_ARRAY(a, double, q);
	f->hessian = ARENA_ARRAY(a, double, q *q);
	if (!f->mean || !f->sd || !f->b || !f->step || !f->row || !f->hessian) return false;
	scale_columns(f->m, f->taken, f->mean, f->sd);
	return true;
}

enum err_code stats_logistic(struct stats_matrix m, const uint8_t *y, double ridge, struct arena *a,
                             struct stats_logistic *out, struct err *err)
{
	const size_t q = m.p + 1;
	struct fit f = { .m = m, .y = y, .ridge = ridge };
	struct stats_logistic r = { .rounds = 0 };
	TRY(check_matrix(m, err));
	double *inverse = ARENA_ARRAY(a, double, q *q);
	r.beta = ARENA_ARRAY(a, double, q), r.se = ARENA_ARRAY(a, double, q);
	if (!open_fit(&f, a) || !inverse || !r.beta || !r.se) return err_no_memory(err);
	if (!iterate(&f, &r.rounds, &r.converged) || !newton(&f)) {
		/* A system without a ridge fails for columns that explain each other, and when all chances are 0 or 1.
		 */
		return err_set(err, ERR_INPUT, "regress.collinear", "features",
		               "the columns explain each other or the outcome wholly");
	}
	likelihood(&f, f.b, &r.loglik);
	if (!cholesky_inverse(f.hessian, q, a, inverse)) return err_no_memory(err);

	/* Back to the columns' own units: b_j / sd_j, and the intercept less what centring took. */
	double *c = f.row;
	r.beta[0] = f.b[0];
	c[0] = 1;
	for (size_t j = 1; j < q; j++) {
		const double sd = f.sd[j - 1], unit = sd > 0 ? 1 / sd : 0;
		r.beta[j] = f.b[j] * unit;
		r.se[j] = sqrt(inverse[j * q + j]) * unit;
		c[j] = -f.mean[j - 1] * unit;
		r.beta[0] += f.b[j] * c[j];
	}
	double var = 0;
	for (size_t j = 0; j < q; j++)
		for (size_t k = 0; k < q; k++) var += c[j] * c[k] * inverse[j * q + k];
	r.se[0] = sqrt(fmax(0, var));
	*out = r;
	return OK;
}

/* --- who answers ------------------------------------------------------------------------------ */

struct scored {
	double score;
	uint8_t y;
};

static int by_score(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;
	return (x->score > y->score) - (x->score < y->score);
}

void stats_auc(const double *score, const uint8_t *y, size_t n, struct arena *scratch, struct stats_estimate *out)
{
	struct scored *order = ARENA_ARRAY(scratch, struct scored, n);
	double with = 0, ranks = 0;
	*out = (struct stats_estimate){ .level = 0.95, .n = (int64_t)n, .method = STATS_HANLEY_MCNEIL };
	if (n < 30) out->flags |= STATS_SMALL_N;
	for (size_t i = 0; order && i < n; i++) {
		order[i] = (struct scored){ score[i], y[i] != 0 };
		with += y[i] != 0;
	}
	const double without = (double)n - with;
	if (!order || with < 1 || without < 1) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return;
	}
	qsort(order, n, sizeof *order, by_score);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i; next < n && order[next].score == order[i].score;) next++;
		for (size_t k = i; k < next; k++)
			if (order[k].y) ranks += ((double)i + 1 + (double)next) / 2;
	}
	const double u = (ranks - with * (with + 1) / 2) / (with * without);
	const double q1 = u / (2 - u), q2 = 2 * u * u / (1 + u);
	const double se =
	        sqrt((u * (1 - u) + (with - 1) * (q1 - u * u) + (without - 1) * (q2 - u * u)) / (with * without));
	out->n_eff = fmin(with, without);
	out->est = u;
	out->lo = fmax(0, u - STATS_Z95 * se), out->hi = fmin(1, u + STATS_Z95 * se);
	out->lo80 = fmax(0, u - STATS_Z80 * se), out->hi80 = fmin(1, u + STATS_Z80 * se);
}

void deal_folds(size_t n, size_t folds, uint64_t seed, uint8_t *fold)
{
	struct rng r;
	rng_init(&r, seed, 0);
	for (size_t i = 0; i < n; i++) fold[i] = (uint8_t)(i % folds);
	for (size_t i = n; i > 1; i--) {
		const size_t j = (size_t)rng_below(&r, i);
		const uint8_t moved = fold[i - 1];
		fold[i - 1] = fold[j], fold[j] = moved;
	}
}

#define NO_FOLD UINT8_MAX

/* Chances of the rows of `fold` from a fit to the others, or of all rows from a fit to all (NO_FOLD). */
static enum err_code predict(struct stats_matrix m, const uint8_t *y, double ridge, const uint8_t *folds, unsigned fold,
                             uint8_t *taken, struct arena *a, double *out, struct err *err)
{
	struct fit f = { .m = m, .y = y, .taken = taken, .ridge = ridge };
	int rounds;
	bool converged;
	for (size_t i = 0; i < m.n; i++) taken[i] = folds[i] != fold;
	if (!open_fit(&f, a)) return err_no_memory(err);
	if (!iterate(&f, &rounds, &converged))
		return err_set(err, ERR_INPUT, "regress.collinear", "features",
		               "the columns explain each other wholly");
	for (size_t i = 0; i < m.n; i++) {
		if (fold != NO_FOLD && folds[i] != fold) continue;
		read_row(&f, i);
		out[i] = chance(linear(&f, f.b));
	}
	return OK;
}

enum err_code stats_logistic_held(struct stats_matrix m, const uint8_t *y, double ridge, size_t folds, uint64_t seed,
                                  struct arena *scratch, double *out, struct err *err)
{
	TRY(check_matrix(m, err));
	if (folds < 2 || folds > 20)
		return err_limit(err, "regress.folds", "folds", (int64_t)folds, 20, "it takes 2 to 20 folds");
	uint8_t *dealt = ARENA_ARRAY(scratch, uint8_t, m.n), *fold = ARENA_ARRAY(scratch, uint8_t, m.n);
	uint8_t *taken = ARENA_ARRAY(scratch, uint8_t, m.n);
	if (!dealt || !fold || !taken) return err_no_memory(err);
	/* Each side gets folds of its own, so that every fold has its share of y. */
	for (int side = 0; side < 2; side++) {
		size_t n = 0, k = 0;
		for (size_t i = 0; i < m.n; i++) n += (y[i] != 0) == side;
		deal_folds(n, folds, seed + (uint64_t)side, dealt);
		for (size_t i = 0; i < m.n; i++)
			if ((y[i] != 0) == side) fold[i] = dealt[k++];
	}
	for (unsigned f = 0; f < folds; f++) TRY(predict(m, y, ridge, fold, f, taken, scratch, out, err));
	return OK;
}

double stats_logistic_at(const struct stats_logistic *m, size_t p, const double *row)
{
	double eta = m->beta[0];
	for (size_t j = 0; j < p; j++) eta += m->beta[j + 1] * row[j];
	return chance(eta);
}

/* Tenths of the rows by predicted chance. */
static void calibrate(const double *p, const uint8_t *y, size_t n, struct scored *order, struct stats_propensity *out)
{
	for (size_t i = 0; i < n; i++) order[i] = (struct scored){ p[i], y[i] != 0 };
	qsort(order, n, sizeof *order, by_score);
	for (size_t b = 0; b < STATS_CALIBRATION_BINS; b++) {
		const size_t from = n * b / STATS_CALIBRATION_BINS, to = n * (b + 1) / STATS_CALIBRATION_BINS;
		double predicted = 0, observed = 0;
		for (size_t i = from; i < to; i++) predicted += order[i].score, observed += order[i].y;
		const double rows = (double)(to - from);
		out->bins[b].n = (int64_t)(to - from);
		out->bins[b].predicted = to > from ? predicted / rows : 0;
		out->bins[b].observed = to > from ? observed / rows : 0;
	}
}

/* Inverse chances of those who answered: mean 1, trimmed. `packed` has room for all of them. */
static void invert(const double *p, const uint8_t *answered, size_t n, double *packed, double *w,
                   struct stats_propensity *out)
{
	size_t k = 0;
	struct stats_sum sum = { 0, 0 };
	for (size_t i = 0; i < n; i++)
		if (answered[i]) packed[k++] = 1 / p[i];
	out->trimmed = trim(packed, k);
	for (size_t i = 0; i < k; i++) stats_add(&sum, packed[i]);
	const double mean = stats_total(&sum) / (double)k;
	k = 0;
	for (size_t i = 0; i < n; i++) w[i] = answered[i] ? packed[k++] / mean : 0;
	out->n_eff = stats_n_eff(w, n);
	out->deff = (double)k / out->n_eff;
}

enum err_code stats_response_weights(struct stats_matrix m, const uint8_t *answered, uint64_t seed,
                                     struct arena *scratch, double *w, struct stats_propensity *out, struct err *err)
{
	struct stats_propensity r = { .asked = (int64_t)m.n };
	TRY(check_matrix(m, err));
	double *p = ARENA_ARRAY(scratch, double, m.n), *packed = ARENA_ARRAY(scratch, double, m.n);
	struct scored *order = ARENA_ARRAY(scratch, struct scored, m.n);
	uint8_t *folds = ARENA_ARRAY(scratch, uint8_t, m.n), *taken = ARENA_ARRAY(scratch, uint8_t, m.n);
	if (!p || !packed || !order || !folds || !taken) return err_no_memory(err);
	for (size_t i = 0; i < m.n; i++) r.answered += answered[i] != 0;
	for (size_t i = 0; i < m.n; i++) w[i] = answered[i] ? 1 : 0;
	r.n_eff = (double)r.answered, r.deff = 1;
	TRY(stats_proportion(r.answered, r.asked, &r.rate, err));
	r.auc = (struct stats_estimate){ .level = 0.95, .method = STATS_HANLEY_MCNEIL, .flags = STATS_NOT_IDENTIFIED };
	const int64_t silent = r.asked - r.answered, rarer = r.answered < silent ? r.answered : silent;
	r.identified = rarer >= STATS_RARER_MIN && m.n >= 10 * m.p && m.p > 0;
	if (r.identified) {
		deal_folds(m.n, FOLDS, seed, folds);
		for (unsigned fold = 0; fold < FOLDS; fold++)
			TRY(predict(m, answered, PROPENSITY_RIDGE, folds, fold, taken, scratch, p, err));
		stats_auc(p, answered, m.n, scratch, &r.auc);
		calibrate(p, answered, m.n, order, &r);
		TRY(predict(m, answered, PROPENSITY_RIDGE, folds, NO_FOLD, taken, scratch, p, err));
		invert(p, answered, m.n, packed, w, &r);
	}
	*out = r;
	return OK;
}
