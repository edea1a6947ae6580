/* Net Promoter Score. docs/methods/nps.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

/*
 * Tango 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B:
 * the score statistic of "the true difference is theta" for counts P against D.
 */
static double tango(double p, double d, double n, double theta)
{
	const double a = 2 * n;
	const double b = -p - d + (2 * n - p + d) * theta;
	const double c = -d * theta * (1 - theta);
	const double q = (sqrt(fmax(0, b * b - 4 * a * c)) - b) / (2 * a);
	const double var = n * (2 * q + theta * (1 - theta));
	const double top = p - d - n * theta;
	if (var > 0) return top / sqrt(var);
	return top > 0 ? HUGE_VAL : top < 0 ? -HUGE_VAL : 0;
}

static struct interval nps_score(double p, double d, double n, double z)
{
	const double s = (p - d) / n;
	struct interval out = { -1, 1 };
	if (s > -1) {
		double lo = -1, hi = s;
		for (int i = 0; i < 60; i++) {
			const double mid = (lo + hi) / 2;
			if (tango(p, d, n, mid) > z) lo = mid;
			else hi = mid;
		}
		out.low = lo;
	}
	if (s < 1) {
		double lo = s, hi = 1;
		for (int i = 0; i < 60; i++) {
			const double mid = (lo + hi) / 2;
			if (tango(p, d, n, mid) < -z) hi = mid;
			else lo = mid;
		}
		out.high = hi;
	}
	return out;
}

/* s +- z se of counts that may be pseudo counts. */
static struct interval nps_normal(struct stats_nps_mass m, double z)
{
	const double n = m.promoters + m.passives + m.detractors;
	const double p = m.promoters / n, d = m.detractors / n, s = p - d;
	const double half = z * sqrt(fmax(0, p + d - s * s) / n);
	return (struct interval){ s - half, s + half };
}

/* Sauro's and Lewis's three more answers, shared out as 1/4, 1/2, 1/4; a score outside -1..1 cannot be. */
static struct interval nps_adjusted(struct stats_nps_mass m, double z)
{
	const struct interval i =
	        nps_normal((struct stats_nps_mass){ m.promoters + 0.75, m.passives + 1.5, m.detractors + 0.75 }, z);
	return (struct interval){ fmax(-1, i.low), fmin(1, i.high) };
}

double draw_gamma(struct rng *r, double shape)
{
	if (shape < 1) return draw_gamma(r, shape + 1) * pow(1 - rng_unit(r), 1 / shape);
	const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	for (;;) {
		const double x = rng_normal(r), t = 1 + c * x, v = t * t * t;
		if (t <= 0) continue;
		if (log(1 - rng_unit(r)) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
	}
}

static double draw_nps(struct rng *r, struct stats_nps_mass m)
{
	const double p = draw_gamma(r, m.promoters + 0.5), q = draw_gamma(r, m.passives + 0.5),
	             d = draw_gamma(r, m.detractors + 0.5);
	return (p - d) / (p + q + d);
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static enum err_code nps_bayes(struct stats_nps_mass m, double level, uint64_t seed, struct arena *scratch,
                               struct interval *wide, struct interval *band, struct err *err)
{
	double *draws = ARENA_ARRAY(scratch, double, STATS_NPS_DRAWS);
	if (!draws) return err_no_memory(err);
	struct rng r;
	rng_init(&r, seed, 0);
	for (size_t i = 0; i < STATS_NPS_DRAWS; i++) draws[i] = draw_nps(&r, m);
	qsort(draws, STATS_NPS_DRAWS, sizeof *draws, by_value);
	*wide = (struct interval){ sorted_quantile(draws, STATS_NPS_DRAWS, (1 - level) / 2),
		                   sorted_quantile(draws, STATS_NPS_DRAWS, (1 + level) / 2) };
	*band = (struct interval){ sorted_quantile(draws, STATS_NPS_DRAWS, 0.1),
		                   sorted_quantile(draws, STATS_NPS_DRAWS, 0.9) };
	return OK;
}

#define MASS_MAX 9e15

static bool is_mass(double x)
{
	return x >= 0 && x <= MASS_MAX;
}

static enum err_code check_mass(struct stats_nps_mass m, struct err *err)
{
	if (is_mass(m.promoters) && is_mass(m.passives) && is_mass(m.detractors)) return OK;
	return err_set(err, ERR_INPUT, "nps.counts", "counts", "counts of answers cannot be negative");
}

enum err_code stats_nps_by(struct stats_nps_mass m, enum stats_how how, double level, uint64_t seed,
                           struct arena *scratch, struct stats_estimate *out, struct err *err)
{
	static const enum stats_method methods[STATS_HOWS] = {
		[STATS_BY_DEFAULT] = STATS_NPS_SCORE, [STATS_BY_SCORE] = STATS_NPS_SCORE,
		[STATS_BY_WALD] = STATS_NPS_WALD,     [STATS_BY_ADJWALD] = STATS_NPS_ADJWALD,
		[STATS_BY_BAYES] = STATS_NPS_BAYES,
	};
	double z;
	TRY(check_mass(m, err));
	TRY(level_z(level, &z, err));
	if (how > STATS_BY_BAYES) return wrong_how(how, "a net promoter score", err);
	const double n = m.promoters + m.passives + m.detractors;
	*out = (struct stats_estimate){ .level = level, .n = (int64_t)llround(n), .n_eff = n, .method = methods[how] };
	if (out->n < 30) out->flags |= STATS_SMALL_N;
	if (!(n > 0)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	struct interval wide = { 0, 0 }, band = { 0, 0 };
	switch (how) {
	case STATS_BY_WALD: wide = nps_normal(m, z), band = nps_normal(m, STATS_Z80); break;
	case STATS_BY_ADJWALD: wide = nps_adjusted(m, z), band = nps_adjusted(m, STATS_Z80); break;
	case STATS_BY_BAYES: TRY(nps_bayes(m, level, seed, scratch, &wide, &band, err)); break;
	default:
		wide = nps_score(m.promoters, m.detractors, n, z);
		band = nps_score(m.promoters, m.detractors, n, STATS_Z80);
	}
	out->est = 100 * (m.promoters - m.detractors) / n;
	out->lo = 100 * wide.low, out->hi = 100 * wide.high;
	out->lo80 = 100 * band.low, out->hi80 = 100 * band.high;
	return OK;
}

static struct stats_nps_mass mass_of(const struct stats_nps_counts *c)
{
	return (struct stats_nps_mass){ (double)c->promoters, (double)c->passives, (double)c->detractors };
}

enum err_code stats_nps(const struct stats_nps_counts *c, struct stats_estimate *out, struct err *err)
{
	return stats_nps_by(mass_of(c), STATS_BY_DEFAULT, 0.95, 0, NULL, out, err);
}

enum err_code stats_nps_chance(struct stats_nps_mass a, struct stats_nps_mass b, uint64_t seed, double *out,
                               struct err *err)
{
	struct rng ra, rb;
	int higher = 0;
	TRY(check_mass(a, err));
	TRY(check_mass(b, err));
	rng_init(&ra, seed, 1);
	rng_init(&rb, seed, 2);
	if (a.promoters + a.passives + a.detractors <= 0 && b.promoters + b.passives + b.detractors <= 0) {
		*out = 0.5;
		return OK;
	}
	for (int i = 0; i < STATS_NPS_DRAWS; i++) higher += draw_nps(&ra, a) > draw_nps(&rb, b);
	*out = (double)higher / STATS_NPS_DRAWS;
	return OK;
}

enum err_code stats_nps_diff(const struct stats_nps_counts *a, const struct stats_nps_counts *b,
                             struct stats_estimate *out, struct err *err)
{
	struct stats_estimate ea, eb;
	TRY(stats_nps(a, &ea, err));
	TRY(stats_nps(b, &eb, err));
	*out = (struct stats_estimate){ .level = 0.95,
		                        .n = ea.n + eb.n,
		                        .n_eff = ea.n_eff + eb.n_eff,
		                        .method = STATS_NPS_SCORE,
		                        .flags = ea.flags | eb.flags };
	if (out->flags & STATS_NOT_IDENTIFIED) return OK;
	const struct interval wide =
	        mover(ea.est, (struct interval){ ea.lo, ea.hi }, eb.est, (struct interval){ eb.lo, eb.hi });
	const struct interval band =
	        mover(ea.est, (struct interval){ ea.lo80, ea.hi80 }, eb.est, (struct interval){ eb.lo80, eb.hi80 });
	out->est = ea.est - eb.est;
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
	return OK;
}

enum err_code stats_nps_weighted(struct stats_answer *answers, size_t n, double level, struct stats_estimate *out,
                                 struct err *err)
{
	struct stats_sum mass[3] = { { 0, 0 }, { 0, 0 }, { 0, 0 } };
	struct stats_estimate mean;
	double z, se;
	TRY(level_z(level, &z, err));
	for (size_t i = 0; i < n; i++) {
		const double x = answers[i].x;
		if (x != -1 && x != 0 && x != 1)
			return err_set(err, ERR_INPUT, "nps.sort", "answers", "%g is not -1, 0 or 1", x);
		stats_add(&mass[(int)x + 1], answers[i].w);
	}
	TRY(stats_mean_clustered(answers, n, &mean, &se, err));
	if (n == 0) {
		TRY(stats_nps_by((struct stats_nps_mass){ 0, 0, 0 }, STATS_BY_ADJWALD, level, 0, NULL, out, err));
		return OK;
	}
	const double d = stats_total(&mass[0]), q = stats_total(&mass[1]), p = stats_total(&mass[2]), w = d + q + p;
	const double var = (p + d) / w - mean.est * mean.est;
	/* Everybody alike has no error by this formula: the weights alone then say how much there is. */
	const double n_eff = se > 0 ? fmin(mean.n_eff, var / (se * se)) : mean.n_eff;
	TRY(stats_nps_by((struct stats_nps_mass){ p / w * n_eff, q / w * n_eff, d / w * n_eff }, STATS_BY_ADJWALD,
	                 level, 0, NULL, out, err));
	out->n = (int64_t)n;
	out->flags = (n < 30 ? STATS_SMALL_N : 0U) | (mean.flags & STATS_WEIGHTED);
	return OK;
}
