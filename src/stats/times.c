/* How long customers stay, and whether groups differ in it. docs/methods/staying.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

static int by_until(const void *va, const void *vb)
{
	const struct stats_stay *a = va, *b = vb;
	return (a->until > b->until) - (a->until < b->until);
}

static int by_from(const void *va, const void *vb)
{
	const struct stats_stay *a = va, *b = vb;
	return (a->from > b->from) - (a->from < b->from);
}

/* Two copies of the rows: by their end, and by their beginning. */
struct line {
	struct stats_stay *ends, *begins;
	size_t n;
};

enum err_code stays_checked(const struct stats_stay *rows, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!(isfinite(rows[i].from) && isfinite(rows[i].until) && rows[i].from >= 0 &&
		      rows[i].from < rows[i].until))
			return err_set(err, ERR_INPUT, "stay.time", "rows", "customer %zu cannot be seen from %g to %g",
			               i, rows[i].from, rows[i].until);
	return OK;
}

static enum err_code make_line(const struct stats_stay *rows, size_t n, struct arena *a, struct line *out,
                               struct err *err)
{
	TRY(stays_checked(rows, n, err));
	*out = (struct line){ ARENA_ARRAY(a, struct stats_stay, n), ARENA_ARRAY(a, struct stats_stay, n), n };
	if (!out->ends || !out->begins) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) out->ends[i] = out->begins[i] = rows[i];
	if (n) qsort(out->ends, n, sizeof *rows, by_until);
	if (n) qsort(out->begins, n, sizeof *rows, by_from);
	return OK;
}

/* --- what is left ---------------------------------------------------------------------------------- */

/* The moments at which somebody left. At risk at t: seen from before t, until t or later. */
static size_t moments_of(const struct line *l, double *time, struct stats_risk *risk)
{
	size_t n = 0, begun = 0;
	for (size_t i = 0, next; i < l->n; i = next) {
		const double t = l->ends[i].until;
		int64_t gone = 0;
		for (next = i; next < l->n && l->ends[next].until == t; next++) gone += l->ends[next].gone;
		while (begun < l->n && l->begins[begun].from < t) begun++;
		if (!gone) continue;
		time[n] = t;
		risk[n++] = (struct stats_risk){ .at_risk = (int64_t)begun - (int64_t)i, .gone = gone };
	}
	return n;
}

/* First time at which a step function that never rises is at most half; exactly half over a stretch: its middle. */
static double half_time(const struct stats_life_point *points, const double *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] > 0.5 + 1e-12) continue;
		const bool flat = fabs(s[i] - 0.5) <= 1e-12 && i + 1 < n;
		return flat ? (points[i].time + points[i + 1].time) / 2 : points[i].time;
	}
	return INFINITY;
}

/* The curve without suppression, and its sum of d / (n (n - d)). */
static void product(const struct stats_risk *risk, size_t n, double *s, double *greenwood)
{
	double left = 1, sum = 0;
	for (size_t i = 0; i < n; i++) {
		const double at_risk = (double)risk[i].at_risk, gone = (double)risk[i].gone;
		left *= 1 - gone / at_risk;
		if (risk[i].gone < risk[i].at_risk) sum += gone / (at_risk * (at_risk - gone));
		s[i] = left, greenwood[i] = sum;
	}
}

static double limit(double s, double greenwood, double z)
{
	return s > 0 && s < 1 ? pow(s, exp(z * sqrt(greenwood) / fabs(log(s)))) : s;
}

/* The area under the curve up to the horizon, and its error: what is still to come of it after each step counts. */
static void mean_within(const struct stats_life *l, const struct stats_risk *risk, const double *s,
                        struct stats_estimate *e)
{
	double area = 0, var = 0, end = l->horizon;
	for (size_t i = l->n_points; i-- > 0;) {
		const double t = l->points[i].time;
		if (t >= l->horizon) continue;
		area += s[i] * (end - t);
		end = t;
		const double at_risk = (double)risk[i].at_risk, gone = (double)risk[i].gone;
		if (gone < at_risk) var += area * area * gone / (at_risk * (at_risk - gone));
	}
	area += end;
	const double se = sqrt(var);
	*e = (struct stats_estimate){ .est = area, .level = 0.95, .n = l->customers, .n_eff = (double)l->customers };
	e->method = STATS_RESTRICTED_MEAN;
	e->lo = fmax(0, area - STATS_Z95 * se), e->hi = fmin(l->horizon, area + STATS_Z95 * se);
	e->lo80 = fmax(0, area - STATS_Z80 * se), e->hi80 = fmin(l->horizon, area + STATS_Z80 * se);
	stats_mark(e);
}

enum err_code stats_life(const struct stats_stay *rows, size_t n, double horizon, struct arena *a,
                         struct stats_life *out, struct err *err)
{
	struct line line;
	struct stats_life r = { .customers = (int64_t)n, .median = { INFINITY, INFINITY, INFINITY } };
	TRY(make_line(rows, n, a, &line, err));
	double *time = ARENA_ARRAY(a, double, n), *s = ARENA_ARRAY(a, double, n), *g = ARENA_ARRAY(a, double, n);
	double *lo = ARENA_ARRAY(a, double, n), *hi = ARENA_ARRAY(a, double, n);
	struct stats_risk *risk = ARENA_ARRAY(a, struct stats_risk, n);
	if (!time || !s || !g || !lo || !hi || !risk) return err_no_memory(err);
	r.n_points = moments_of(&line, time, risk);
	struct stats_estimate *left = ARENA_ARRAY(a, struct stats_estimate, r.n_points);
	r.points = ARENA_ARRAY(a, struct stats_life_point, r.n_points);
	if (!left || !r.points) return err_no_memory(err);
	TRY(stats_survival(risk, r.n_points, left, err));
	product(risk, r.n_points, s, g);
	for (size_t i = 0; i < r.n_points; i++) {
		r.gone += risk[i].gone;
		r.points[i] = (struct stats_life_point){ time[i], risk[i].at_risk, risk[i].gone, left[i] };
		lo[i] = limit(s[i], g[i], STATS_Z95), hi[i] = limit(s[i], g[i], -STATS_Z95);
	}
	r.horizon = horizon > 0 ? horizon : n ? line.ends[n - 1].until : 0;
	mean_within(&r, risk, s, &r.within);
	if (n >= 5) {
		r.median.est = half_time(r.points, s, r.n_points);
		r.median.lo = half_time(r.points, lo, r.n_points);
		r.median.hi = half_time(r.points, hi, r.n_points);
	}
	*out = r;
	return OK;
}

double stats_life_at(const struct stats_life *l, double time)
{
	double s = 1;
	for (size_t i = 0; i < l->n_points && l->points[i].time <= time; i++)
		s *= 1 - (double)l->points[i].gone / (double)l->points[i].at_risk;
	return s;
}

/* --- whether groups differ ------------------------------------------------------------------------- */

struct logrank {
	size_t k;
	double *at_risk, *gone, *u, *v; /* v: k x k, the lower triangle */
};

/* One moment: d of all at risk left. */
static void one_moment(struct logrank *x, struct stats_logrank *out)
{
	double n = 0, d = 0;
	for (size_t g = 0; g < x->k; g++) n += x->at_risk[g], d += x->gone[g];
	if (n <= 0 || d <= 0) return;
	const double spread = n > 1 ? d * (n - d) / (n * n * (n - 1)) : 0;
	for (size_t g = 0; g < x->k; g++) {
		const double expected = d * x->at_risk[g] / n;
		out->groups[g].expected += expected;
		x->u[g] += x->gone[g] - expected;
		for (size_t h = 0; h <= g; h++)
			x->v[g * x->k + h] += spread * x->at_risk[g] * ((g == h ? n : 0) - x->at_risk[h]);
	}
}

/* u' V^-1 u over the groups of which anybody could leave, less one. */
static void test_groups(const struct logrank *x, double *v, double *u, struct stats_logrank *out)
{
	size_t kept[STATS_LOGRANK_GROUPS_MAX], n = 0;
	for (size_t g = 0; g < x->k; g++)
		if (x->v[g * x->k + g] > 0) kept[n++] = g;
	if (n < 2) return;
	n--;
	for (size_t i = 0; i < n; i++) {
		u[i] = x->u[kept[i]];
		for (size_t j = 0; j <= i; j++) v[i * n + j] = v[j * n + i] = x->v[kept[i] * x->k + kept[j]];
	}
	if (!cholesky(v, n)) return;
	double chi2 = 0;
	cholesky_solve(v, n, u);
	for (size_t i = 0; i < n; i++) chi2 += u[i] * x->u[kept[i]];
	out->chi2 = chi2, out->df = (int)n, out->p = stats_chi2_upper(chi2, (double)n);
}

enum err_code stats_logrank(const struct stats_stay *rows, size_t n, size_t n_groups, struct arena *a,
                            struct stats_logrank *out, struct err *err)
{
	struct line line;
	struct stats_logrank r = { .p = 1 };
	struct logrank x = { .k = n_groups };
	if (n_groups > STATS_LOGRANK_GROUPS_MAX)
		return err_limit(err, "stay.group", "groups", (int64_t)n_groups, STATS_LOGRANK_GROUPS_MAX,
		                 "at most %d groups are compared", STATS_LOGRANK_GROUPS_MAX);
	TRY(make_line(rows, n, a, &line, err));
	x.at_risk = ARENA_ARRAY(a, double, n_groups), x.gone = ARENA_ARRAY(a, double, n_groups);
	x.u = ARENA_ARRAY(a, double, n_groups), x.v = ARENA_ARRAY(a, double, n_groups *n_groups);
	double *u = ARENA_ARRAY(a, double, n_groups), *v = ARENA_ARRAY(a, double, n_groups *n_groups);
	r.groups = arena_array(a, n_groups, sizeof *r.groups);
	if (!x.at_risk || !x.gone || !x.u || !x.v || !u || !v || !r.groups) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].group >= n_groups)
			return err_set(err, ERR_INPUT, "stay.group", "rows", "customer %zu is of group %u of %zu", i,
			               rows[i].group, n_groups);
		r.groups[rows[i].group].customers++;
		r.groups[rows[i].group].gone += rows[i].gone;
	}
	for (size_t i = 0, next, begun = 0; i < n; i = next) {
		const double t = line.ends[i].until;
		for (; begun < n && line.begins[begun].from < t; begun++) x.at_risk[line.begins[begun].group]++;
		for (size_t g = 0; g < n_groups; g++) x.gone[g] = 0;
		for (next = i; next < n && line.ends[next].until == t; next++)
			x.gone[line.ends[next].group] += line.ends[next].gone;
		one_moment(&x, &r);
		for (size_t k = i; k < next; k++) x.at_risk[line.ends[k].group]--;
	}
	test_groups(&x, v, u, &r);
	*out = r;
	return OK;
}
