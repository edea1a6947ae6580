/* Shares and means at any level, and the score of one question. docs/methods/proportions.md, means.md, answers.md. */
#include "stats/priv.h"

#include <math.h>
#include <stdlib.h>

const char *const stats_how_names[STATS_HOWS] = {
	"default", "score", "wald", "adjwald", "bayes", "exact", "t", "bca",
};
const char *const stats_score_kind_names[STATS_SCORE_KINDS] = { "nps", "csat", "ces" };

enum err_code level_z(double level, double *z, struct err *err)
{
	if (!(level >= 0.5 && level <= 0.9999))
		return err_set(err, ERR_INPUT, "stats.level", "level", "a level of %g is not between 0.5 and 0.9999",
		               level);
	*z = level == 0.95 ? STATS_Z95 : stats_normal_quantile((1 + level) / 2);
	return OK;
}

enum err_code wrong_how(enum stats_how how, const char *of_what, struct err *err)
{
	return err_set(err, ERR_INPUT, "stats.how", "interval", "%s has no interval by '%s'", of_what,
	               how < STATS_HOWS ? stats_how_names[how] : "?");
}

double sorted_quantile(const double *sorted, size_t n, double q)
{
	const double at = q * (double)(n - 1);
	const size_t below = (size_t)at;
	const double next = below + 1 < n ? sorted[below + 1] : sorted[below];
	return sorted[below] + (at - (double)below) * (next - sorted[below]);
}

/* --- shares ------------------------------------------------------------------------------- */

static struct interval agresti_coull(struct stats_count c, double z)
{
	const double n = (double)c.n + z * z, p = ((double)c.hits + z * z / 2) / n;
	const double half = z * sqrt(p * (1 - p) / n);
	return (struct interval){ fmax(0, p - half), fmin(1, p + half) };
}

/* Brown, Cai and DasGupta 2001: the ends are 0 and 1 where nobody or everybody did it. */
static struct interval jeffreys(struct stats_count c, double level)
{
	const double a = (double)c.hits + 0.5, b = (double)(c.n - c.hits) + 0.5;
	return (struct interval){
		.low = c.hits == 0 ? 0 : stats_beta_quantile((1 - level) / 2, a, b),
		.high = c.hits == c.n ? 1 : stats_beta_quantile((1 + level) / 2, a, b),
	};
}

static enum err_code share_interval(struct stats_count c, enum stats_how how, double level, struct interval *out,
                                    struct err *err)
{
	double z;
	TRY(level_z(level, &z, err));
	switch (how) {
	case STATS_BY_DEFAULT:
	case STATS_BY_SCORE: return stats_wilson(c.hits, c.n, z, out, err);
	case STATS_BY_ADJWALD: *out = agresti_coull(c, z); return OK;
	case STATS_BY_BAYES: *out = jeffreys(c, level); return OK;
	case STATS_BY_EXACT: return stats_exact(c.hits, c.n, level, out, err);
	default: return wrong_how(how, "a share", err);
	}
}

enum err_code stats_share(struct stats_count c, enum stats_how how, double level, struct stats_estimate *out,
                          struct err *err)
{
	static const enum stats_method methods[STATS_HOWS] = {
		[STATS_BY_DEFAULT] = STATS_WILSON,        [STATS_BY_SCORE] = STATS_WILSON,
		[STATS_BY_ADJWALD] = STATS_AGRESTI_COULL, [STATS_BY_BAYES] = STATS_JEFFREYS,
		[STATS_BY_EXACT] = STATS_CLOPPER_PEARSON,
	};
	struct stats_estimate e;
	struct interval wide, band;
	TRY(stats_proportion(c.hits, c.n, &e, err)); /* checks the counts */
	if (e.flags & STATS_NOT_IDENTIFIED) c = (struct stats_count){ 0, 1 };
	TRY(share_interval(c, how, level, &wide, err));
	TRY(share_interval(c, how, 0.8, &band, err));
	e.level = level;
	e.method = methods[how];
	if (!(e.flags & STATS_NOT_IDENTIFIED)) e.lo = wide.low, e.hi = wide.high, e.lo80 = band.low, e.hi80 = band.high;
	*out = e;
	return OK;
}

/* --- means --------------------------------------------------------------------------------- */

enum err_code stats_mean_at(const struct stats_moments *m, double level, struct stats_estimate *out, struct err *err)
{
	double z;
	TRY(level_z(level, &z, err));
	stats_mean(m, out);
	out->level = level;
	if (out->flags & (STATS_NOT_IDENTIFIED | STATS_NO_SPREAD)) return OK;
	const double half = stats_t_quantile((1 + level) / 2, (double)(m->n - 1)) * sqrt(stats_var(m) / (double)m->n);
	out->lo = m->mean - half, out->hi = m->mean + half;
	return OK;
}

/* Sums of the second and third powers of what lies round the mean. */
static void central(const double *x, size_t n, double *m2, double *m3)
{
	struct stats_sum sum = { 0, 0 }, two = { 0, 0 }, three = { 0, 0 };
	for (size_t i = 0; i < n; i++) stats_add(&sum, x[i]);
	const double mean = n ? stats_total(&sum) / (double)n : 0;
	for (size_t i = 0; i < n; i++) {
		const double d = x[i] - mean;
		stats_add(&two, d * d);
		stats_add(&three, d * d * d);
	}
	*m2 = stats_total(&two), *m3 = stats_total(&three);
}

double stats_skewness(const double *x, size_t n)
{
	double m2, m3;
	central(x, n, &m2, &m3);
	return m2 > 0 ? sqrt((double)n) * m3 / pow(m2, 1.5) : 0;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Where the bootstrap's quantile of a normal quantile z is read: moved by bias z0 and acceleration a. */
static double bca_at(double z, double z0, double a)
{
	return stats_normal_cdf(z0 + (z0 + z) / (1 - a * (z0 + z)));
}

/* Efron 1987, doi 10.1080/01621459.1987.10478410; the acceleration of a mean is its skewness / (6 sqrt n). */
static enum err_code bca(const double *x, size_t n, double z, uint64_t seed, struct arena *scratch,
                         struct stats_estimate *e, struct err *err)
{
	double *means = ARENA_ARRAY(scratch, double, STATS_BCA_DRAWS);
	if (!means) return err_no_memory(err);
	struct rng r;
	double below = 0;
	rng_init(&r, seed, 0);
	for (size_t d = 0; d < STATS_BCA_DRAWS; d++) {
		double sum = 0;
		for (size_t i = 0; i < n; i++) sum += x[rng_below(&r, n)];
		means[d] = sum / (double)n;
		/* Answers are whole numbers: many draws have the very mean, and lie half on each side. */
		const double off = means[d] - e->est;
		below += fabs(off) <= 1e-12 * fabs(e->est) ? 0.5 : off < 0 ? 1 : 0;
	}
	qsort(means, STATS_BCA_DRAWS, sizeof *means, by_value);
	below = fmin(STATS_BCA_DRAWS - 0.5, fmax(0.5, below));
	const double z0 = stats_normal_quantile(below / STATS_BCA_DRAWS);
	const double a = stats_skewness(x, n) / (6 * sqrt((double)n));
	e->lo = sorted_quantile(means, STATS_BCA_DRAWS, bca_at(-z, z0, a));
	e->hi = sorted_quantile(means, STATS_BCA_DRAWS, bca_at(z, z0, a));
	e->lo80 = sorted_quantile(means, STATS_BCA_DRAWS, bca_at(-STATS_Z80, z0, a));
	e->hi80 = sorted_quantile(means, STATS_BCA_DRAWS, bca_at(STATS_Z80, z0, a));
	e->method = STATS_MEAN_BCA;
	return OK;
}

enum err_code stats_mean_of(const double *x, size_t n, enum stats_how how, double level, uint64_t seed,
                            struct arena *scratch, struct stats_estimate *out, struct err *err)
{
	struct stats_moments m = { 0, 0, 0 };
	struct stats_estimate e;
	double z;
	if (how != STATS_BY_DEFAULT && how != STATS_BY_T && how != STATS_BY_BCA) return wrong_how(how, "a mean", err);
	TRY(level_z(level, &z, err));
	if (how == STATS_BY_BCA && n > STATS_BCA_MAX)
		return err_limit(err, "stats.bca", "interval", (int64_t)n, STATS_BCA_MAX,
		                 "a bootstrap of more than %d answers", STATS_BCA_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]))
			return err_set(err, ERR_INPUT, "mean.answer", "answers", "%g cannot be averaged", x[i]);
		stats_see(&m, x[i]);
	}
	TRY(stats_mean_at(&m, level, &e, err));
	const bool boot = how == STATS_BY_BCA || (how == STATS_BY_DEFAULT && n <= STATS_BCA_USEFUL &&
	                                          fabs(stats_skewness(x, n)) > STATS_SKEWED);
	if (boot && !(e.flags & (STATS_NOT_IDENTIFIED | STATS_NO_SPREAD))) TRY(bca(x, n, z, seed, scratch, &e, err));
	*out = e;
	return OK;
}

/* --- one question ------------------------------------------------------------------------------ */

enum err_code stats_score_rule(struct stats_score_rule *rule, struct err *err)
{
	static const int usual[STATS_SCORE_KINDS][2] = { { 0, 10 }, { 1, 5 }, { 1, 7 } };
	struct stats_score_rule r = *rule;
	double z;
	if (r.min == 0 && r.max == 0) r.min = usual[r.kind][0], r.max = usual[r.kind][1];
	if (r.min >= r.max || r.min < -1000 || r.max > 1000 || r.max - r.min >= STATS_SCORE_VALUES_MAX)
		return err_set(err, ERR_INPUT, "score.scale", "scale",
		               "a scale of %d to %d is not one of 2 to %d whole values", r.min, r.max,
		               STATS_SCORE_VALUES_MAX);
	if (r.kind == STATS_SCORE_NPS && (r.min != 0 || r.max != 10 || r.reversed))
		return err_set(err, ERR_INPUT, "score.scale", "scale", "a net promoter score is asked on 0 to 10");
	/* CES: the upper three of seven, in proportion on another scale. */
	if (r.good == 0) r.good = r.kind == STATS_SCORE_CSAT ? r.max - 1 : r.max - (r.max - r.min) * 2 / 6;
	if (r.kind != STATS_SCORE_NPS && (r.good <= r.min || r.good > r.max))
		return err_set(err, ERR_INPUT, "score.scale", "good", "a good answer from %d on is not on %d to %d",
		               r.good, r.min, r.max);
	if (r.level == 0) r.level = 0.95;
	TRY(level_z(r.level, &z, err));
	*rule = r;
	return OK;
}

enum err_code stats_score_check(const struct stats_score_rule *rule, double x, struct err *err)
{
	if (!(x >= rule->min && x <= rule->max)) {
		err_set(err, ERR_INPUT, "score.range", "score", "score %g is not on %d to %d", x, rule->min, rule->max);
		if (err && isfinite(x) && fabs(x) < 1e15) err->value = (int64_t)x, err->limit = rule->max;
		return ERR_INPUT;
	}
	if (rule->kind != STATS_SCORE_CES && x != floor(x))
		return err_set(err, ERR_INPUT, "score.whole", "score", "score %g is not a whole number", x);
	return OK;
}

static void count_answer(const struct stats_score_rule *rule, double x, double good, struct stats_score *s)
{
	s->n++;
	s->values[(int)floor(x) - rule->min]++;
	if (rule->kind == STATS_SCORE_NPS) {
		s->nps.promoters += x >= 9;
		s->nps.passives += x >= 7 && x < 9;
		s->nps.detractors += x < 7;
	} else s->good_n += good >= rule->good;
}

enum err_code stats_score_of(const struct stats_score_rule *rule, const double *x, size_t n, struct arena *scratch,
                             struct stats_score *out, struct err *err)
{
	struct stats_score s = {
		.kind = rule->kind, .min = rule->min, .max = rule->max, .good = rule->good, .reversed = rule->reversed
	};
	struct stats_estimate mean;
	double *good = ARENA_ARRAY(scratch, double, n); /* higher is better */
	if (!good) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		TRY(stats_score_check(rule, x[i], err));
		good[i] = rule->reversed ? rule->min + rule->max - x[i] : x[i];
		count_answer(rule, x[i], good[i], &s);
	}
	const struct stats_count share = { s.good_n, s.n };
	const bool is_mean = rule->kind == STATS_SCORE_CES;
	TRY(stats_mean_of(good, n, is_mean ? rule->how : STATS_BY_DEFAULT, rule->level, rule->seed, scratch, &mean,
	                  err));
	stats_on_scale(&mean, (struct interval){ rule->min, rule->max });
	if (rule->kind == STATS_SCORE_NPS) {
		const struct stats_nps_mass m = { (double)s.nps.promoters, (double)s.nps.passives,
			                          (double)s.nps.detractors };
		TRY(stats_nps_by(m, rule->how, rule->level, rule->seed, scratch, &s.main, err));
		s.other = mean;
	} else if (is_mean) {
		TRY(stats_share(share, STATS_BY_DEFAULT, rule->level, &s.other, err));
		s.main = mean;
	} else {
		TRY(stats_share(share, rule->how, rule->level, &s.main, err));
		s.other = mean;
	}
	stats_mark(&s.main);
	stats_mark(&s.other);
	*out = s;
	return OK;
}
