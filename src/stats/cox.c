/* Proportional hazards. docs/methods/staying.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

#define ROUNDS_MAX 50
#define LEFT_MIN 5 /* who left, for each column */
#define SETTLED 1e-10
#define BETA_MAX 30.0 /* of a standardised column: by then one side has wholly left before the other */

const char *const stats_cox_state_names[STATS_COX_STATES] = { "ok", "nobody", "few", "collinear", "separated" };

/* Rows by falling time, so that the risk set only grows. */
struct cox {
	const struct stats_stay *rows;
	struct stats_matrix m;
	const size_t *order;
	const double *mean, *sd;
	double *row;
	double *s1, *d1; /* sums of w z over the risk set, and over those who leave at the moment */
	double *s2, *d2; /* the same of w z z', lower triangles */
	double *score, *info, *step;
};

static void read_row(const struct cox *c, size_t i)
{
	for (size_t j = 0; j < c->m.p; j++)
		c->row[j] = c->sd[j] > 0 ? (c->m.x[i * c->m.p + j] - c->mean[j]) / c->sd[j] : 0;
}

static void add_row(const struct cox *c, double w, double *one, double *two)
{
	for (size_t j = 0; j < c->m.p; j++) {
		one[j] += w * c->row[j];
		for (size_t k = 0; two && k <= j; k++) two[j * c->m.p + k] += w * c->row[j] * c->row[k];
	}
}

/* Efron: of d who leave together, the l-th of them leaves a risk set from which l / d of each are already gone. */
static double one_moment(const struct cox *c, double s0, double d0, int d, bool slopes)
{
	const size_t p = c->m.p;
	double loglik = 0;
	for (int l = 0; l < d; l++) {
		const double gone = (double)l / d, whole = s0 - gone * d0;
		loglik -= log(whole);
		if (!slopes) continue;
		for (size_t j = 0; j < p; j++) {
			const double zj = (c->s1[j] - gone * c->d1[j]) / whole;
			c->score[j] -= zj;
			for (size_t k = 0; k <= j; k++) {
				const double zk = (c->s1[k] - gone * c->d1[k]) / whole;
				c->info[j * p + k] += (c->s2[j * p + k] - gone * c->d2[j * p + k]) / whole - zj * zk;
			}
		}
	}
	return loglik;
}

/* Log likelihood at b; with slopes, its score and information too. */
static double at(const struct cox *c, const double *b, bool slopes)
{
	const size_t p = c->m.p, n = c->m.n;
	double loglik = 0, s0 = 0;
	for (size_t j = 0; j < p; j++) c->s1[j] = c->score[j] = 0;
	for (size_t k = 0; k < p * p; k++) c->s2[k] = c->info[k] = 0;
	for (size_t i = 0, next; i < n; i = next) {
		const double t = c->rows[c->order[i]].until;
		double d0 = 0;
		int d = 0;
		for (size_t j = 0; j < p; j++) c->d1[j] = 0;
		for (size_t k = 0; k < p * p; k++) c->d2[k] = 0;
		for (next = i; next < n && c->rows[c->order[next]].until == t; next++) {
			double eta = 0;
			read_row(c, c->order[next]);
			for (size_t j = 0; j < p; j++) eta += b[j] * c->row[j];
			const double w = exp(eta);
			s0 += w;
			add_row(c, w, c->s1, slopes ? c->s2 : NULL);
			if (!c->rows[c->order[next]].gone) continue;
			d++, d0 += w, loglik += eta;
			add_row(c, w, c->d1, slopes ? c->d2 : NULL);
			for (size_t j = 0; j < p; j++) c->score[j] += c->row[j];
		}
		loglik += one_moment(c, s0, d0, d, slopes);
	}
	return loglik;
}

/* Newton's step into c->step; the factor of the information stays in c->info. */
static bool solve(const struct cox *c)
{
	const size_t p = c->m.p;
	for (size_t j = 0; j < p; j++) {
		if (!(c->sd[j] > 0)) c->info[j * p + j] = 1;
		for (size_t k = j + 1; k < p; k++) c->info[j * p + k] = c->info[k * p + j];
	}
	if (!cholesky(c->info, p)) return false;
	for (size_t j = 0; j < p; j++) c->step[j] = c->score[j];
	cholesky_solve(c->info, p, c->step);
	return true;
}

static bool beyond(const double *b, size_t p)
{
	for (size_t j = 0; j < p; j++)
		if (!(fabs(b[j]) < BETA_MAX)) return true;
	return false;
}

static enum stats_cox_state climb(const struct cox *c, double *b, struct stats_cox *r)
{
	const size_t p = c->m.p;
	double now = r->loglik_null = at(c, b, false);
	bool settled = p == 0;
	for (; r->rounds < ROUNDS_MAX && !settled; r->rounds++) {
		double next = now;
		(void)at(c, b, true);
		if (!solve(c)) return r->rounds ? STATS_COX_SEPARATED : STATS_COX_COLLINEAR;
		for (int half = 0; half < 30; half++) {
			for (size_t j = 0; j < p; j++) b[j] += c->step[j];
			next = beyond(b, p) ? -INFINITY : at(c, b, false);
			if (next >= now - 1e-12 * fabs(now)) break;
			for (size_t j = 0; j < p; j++) b[j] -= c->step[j], c->step[j] /= 2;
		}
		settled = fabs(next - now) <= SETTLED * (1 + fabs(now));
		now = next;
	}
	r->loglik = now;
	return settled ? STATS_COX_OK : STATS_COX_SEPARATED;
}

static int by_falling_time(const void *va, const void *vb)
{
	const struct stats_stay *const *a = va, *const *b = vb;
	if ((*a)->until != (*b)->until) return (*a)->until > (*b)->until ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

static enum err_code open_cox(struct cox *c, struct arena *a, struct err *err)
{
	const size_t n = c->m.n, p = c->m.p;
	double *mean = ARENA_ARRAY(a, double, p), *sd = ARENA_ARRAY(a, double, p);
	const struct stats_stay **by_time = ARENA_ARRAY(a, const struct stats_stay *, n);
	size_t *order = ARENA_ARRAY(a, size_t, n);
	c->row = ARENA_ARRAY(a, double, p), c->s1 = ARENA_ARRAY(a, double, p), c->d1 = ARENA_ARRAY(a, double, p);
	c->score = ARENA_ARRAY(a, double, p), c->step = ARENA_ARRAY(a, double, p);
	c->s2 = ARENA_ARRAY(a, double, p *p), c->d2 = ARENA_ARRAY(a, double, p *p);
	c->info = ARENA_ARRAY(a, double, p *p);
	if (!mean || !sd || !by_time || !order || !c->row || !c->s1 || !c->d1 || !c->score || !c->step || !c->s2 ||
	    !c->d2 || !c->info)
		return err_no_memory(err);
	scale_columns(c->m, NULL, mean, sd);
	for (size_t i = 0; i < n; i++) by_time[i] = &c->rows[i];
	if (n) qsort(by_time, n, sizeof *by_time, by_falling_time);
	for (size_t i = 0; i < n; i++) order[i] = (size_t)(by_time[i] - c->rows);
	c->order = order, c->mean = mean, c->sd = sd;
	return OK;
}

/* In the columns' own units, with errors from the information where it stopped. */
static enum err_code tell(const struct cox *c, double *b, struct arena *a, struct stats_cox *r, struct err *err)
{
	const size_t p = c->m.p;
	double *cov = ARENA_ARRAY(a, double, p *p);
	(void)at(c, b, true);
	if (!cov) return err_no_memory(err);
	if (!solve(c)) {
		r->state = STATS_COX_SEPARATED;
		return OK;
	}
	if (!cholesky_inverse(c->info, p, a, cov)) return err_no_memory(err);
	for (size_t j = 0; j < p; j++) {
		const double unit = c->sd[j] > 0 ? 1 / c->sd[j] : 0;
		r->beta[j] = b[j] * unit;
		r->se[j] = sqrt(cov[j * p + j]) * unit;
	}
	return OK;
}

enum err_code stats_cox(struct stats_matrix m, const struct stats_stay *rows, struct arena *a, struct stats_cox *out,
                        struct err *err)
{
	struct cox c = { .rows = rows, .m = m };
	struct stats_cox r = { .n = (int64_t)m.n };
	TRY(check_matrix(m, err));
	TRY(stays_checked(rows, m.n, err));
	r.beta = ARENA_ARRAY(a, double, m.p), r.se = ARENA_ARRAY(a, double, m.p);
	double *b = ARENA_ARRAY(a, double, m.p);
	if (!r.beta || !r.se || !b) return err_no_memory(err);
	TRY(open_cox(&c, a, err));
	for (size_t i = 0; i < m.n; i++) {
		if (rows[i].from > 0)
			return err_set(err, ERR_INPUT, "cox.entry", "rows", "customer %zu is not seen from the start",
			               i);
		r.gone += rows[i].gone;
	}
	if (!r.gone) r.state = STATS_COX_NOBODY;
	else if (r.gone < LEFT_MIN * (int64_t)m.p) r.state = STATS_COX_FEW;
	else r.state = climb(&c, b, &r);
	if (r.state == STATS_COX_OK) TRY(tell(&c, b, a, &r, err));
	if (r.state != STATS_COX_OK) r.loglik = r.loglik_null = 0;
	*out = r;
	return OK;
}
