/* Distributions. docs/methods/distributions.md. */
#include "stats/stats.h"

#include <float.h>
#include <math.h>

const char *const stats_method_names[STATS_METHODS] = {
	[STATS_WILSON] = "wilson",
	[STATS_MEAN_T] = "mean_t",
	[STATS_MEAN_CLUSTER] = "mean_cluster",
	[STATS_DIFF_CLUSTER] = "diff_cluster",
	[STATS_EB_NORMAL] = "eb_normal",
	[STATS_QUANTILE_ORDER] = "quantile_order",
	[STATS_NPS_SCORE] = "nps_score",
	[STATS_NEWCOMBE] = "newcombe",
	[STATS_MANTEL_HAENSZEL] = "mantel_haenszel",
	[STATS_Q_PROFILE] = "q_profile",
	[STATS_KAPLAN_MEIER] = "kaplan_meier",
	[STATS_AGRESTI_COULL] = "agresti_coull",
	[STATS_CLOPPER_PEARSON] = "clopper_pearson",
	[STATS_JEFFREYS] = "jeffreys",
	[STATS_NPS_WALD] = "nps_wald",
	[STATS_NPS_ADJWALD] = "nps_adjwald",
	[STATS_NPS_BAYES] = "nps_bayes",
	[STATS_MEAN_BCA] = "mean_bca",
	[STATS_PAIRED_T] = "paired_t",
	[STATS_ALPHA_F] = "alpha_f",
	[STATS_SEN] = "sen",
	[STATS_WLS] = "wls",
	[STATS_DOUBLY_ROBUST] = "doubly_robust",
	[STATS_HANLEY_MCNEIL] = "hanley_mcneil",
	[STATS_CHANGE_POINT] = "change_point",
	[STATS_ADJUSTED] = "adjusted",
	[STATS_MOVER] = "mover",
	[STATS_PREDICTIVE] = "predictive",
	[STATS_RESTRICTED_MEAN] = "restricted_mean",
	[STATS_BOOTSTRAP] = "bootstrap",
	[STATS_GARWOOD] = "garwood",
	[STATS_MEAN_AGREED] = "mean_agreed",
};

void stats_add(struct stats_sum *s, double x)
{
	const double t = s->sum + x;
	s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
	s->sum = t;
}

void stats_see(struct stats_moments *m, double x)
{
	m->n++;
	const double d = x - m->mean;
	m->mean += d / (double)m->n;
	m->m2 += d * (x - m->mean);
}

double stats_normal_cdf(double x)
{
	return 0.5 * erfc(-x / M_SQRT2);
}

static double poly(const double *c, size_t n, double x)
{
	double v = 0;
	while (n-- > 0) v = v * x + c[n];
	return v;
}

/* Wichura 1988, Algorithm AS 241 (PPND16), Appl. Statist. 37, 477-484, doi 10.2307/2347330. */
double stats_normal_quantile(double p)
{
	static const double a[] = { 3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
		                    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
		                    3.3430575583588128105e4, 2.5090809287301226727e3 };
	static const double b[] = { 1.0,
		                    4.2313330701600911252e1,
		                    6.8718700749205790830e2,
		                    5.3941960214247511077e3,
		                    2.1213794301586595867e4,
		                    3.9307895800092710610e4,
		                    2.8729085735721942674e4,
		                    5.2264952788528545610e3 };
	static const double c[] = { 1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
		                    3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
		                    2.27238449892691845833e-2, 7.74545014278341407640e-4 };
	static const double d[] = { 1.0,
		                    2.05319162663775882187e0,
		                    1.67638483018380384940e0,
		                    6.89767334985100004550e-1,
		                    1.48103976427480074590e-1,
		                    1.51986665636164571966e-2,
		                    5.47593808499534494600e-4,
		                    1.05075007164441684324e-9 };
	static const double e[] = { 6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
		                    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
		                    2.71155556874348757815e-5, 2.01033439929228813265e-7 };
	static const double f[] = { 1.0,
		                    5.99832206555887937690e-1,
		                    1.36929880922735805310e-1,
		                    1.48753612908506148525e-2,
		                    7.86869131145613259100e-4,
		                    1.84631831751005468180e-5,
		                    1.42151175831644588870e-7,
		                    2.04426310338993978564e-15 };
	if (!(p > DBL_MIN)) p = DBL_MIN;
	if (p > 1.0 - DBL_EPSILON / 2) p = 1.0 - DBL_EPSILON / 2;
	const double q = p - 0.5;
	if (fabs(q) <= 0.425) {
		const double r = 0.180625 - q * q;
		return q * poly(a, 8, r) / poly(b, 8, r);
	}
	double r = sqrt(-log(q < 0 ? p : 1.0 - p));
	double x;
	if (r <= 5.0) {
		r -= 1.6;
		x = poly(c, 8, r) / poly(d, 8, r);
	} else {
		r -= 5.0;
		x = poly(e, 8, r) / poly(f, 8, r);
	}
	return q < 0 ? -x : x;
}

#define TERMS_MAX 20000
#define TINY 1e-300

double stats_gamma_p(double a, double x)
{
	if (!(x > 0)) return 0;
	const double front = exp(a * log(x) - x - lgamma(a));
	if (x < a + 1) { /* series */
		double term = 1 / a, sum = term;
		for (int i = 1; i < TERMS_MAX && term > sum * DBL_EPSILON; i++) {
			term *= x / (a + i);
			sum += term;
		}
		return fmin(1, sum * front);
	}
	/* Continued fraction of Q by modified Lentz. */
	double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
	for (int i = 1; i < TERMS_MAX; i++) {
		const double an = -i * (i - a);
		b += 2;
		d = an * d + b;
		if (fabs(d) < TINY) d = TINY;
		c = b + an / c;
		if (fabs(c) < TINY) c = TINY;
		d = 1 / d;
		const double step = d * c;
		h *= step;
		if (fabs(step - 1) < DBL_EPSILON) break;
	}
	return fmax(0, 1 - front * h);
}

static double beta_fraction(double x, double a, double b)
{
	double c = 1, d = 1 - (a + b) * x / (a + 1);
	if (fabs(d) < TINY) d = TINY;
	d = 1 / d;
	double h = d;
	for (int m = 1; m < TERMS_MAX; m++) {
		const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 + even * d;
		if (fabs(d) < TINY) d = TINY;
		c = 1 + even / c;
		if (fabs(c) < TINY) c = TINY;
		d = 1 / d;
		h *= d * c;
		const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + odd * d;
		if (fabs(d) < TINY) d = TINY;
		c = 1 + odd / c;
		if (fabs(c) < TINY) c = TINY;
		d = 1 / d;
		const double step = d * c;
		h *= step;
		if (fabs(step - 1) < DBL_EPSILON) break;
	}
	return h;
}

double stats_beta_inc(double x, double a, double b)
{
	if (!(x > 0)) return 0;
	if (x >= 1) return 1;
	const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	/* The fraction converges fast on its own side of the mean. */
	if (x < (a + 1) / (a + b + 2)) return fmin(1, front * beta_fraction(x, a, b) / a);
	return fmax(0, 1 - front * beta_fraction(1 - x, b, a) / b);
}

double stats_beta_quantile(double p, double a, double b)
{
	if (!(p > 0)) return 0;
	if (p >= 1) return 1;
	double lo = 0, hi = 1;
	while (hi - lo > DBL_EPSILON * hi) {
		const double mid = lo + (hi - lo) / 2;
		if (mid <= lo || mid >= hi) break;
		if (stats_beta_inc(mid, a, b) < p) lo = mid;
		else hi = mid;
	}
	return hi;
}

double stats_t_two_sided(double t, double df)
{
	const double tt = t * t;
	/* Far out df/(df+tt) loses digits on neither side: the complement is taken where it is the small one. */
	if (tt < df) return 1 - stats_beta_inc(tt / (df + tt), 0.5, df / 2);
	return stats_beta_inc(df / (df + tt), df / 2, 0.5);
}

/*
 * Newton from the normal quantile, which lies below: the tail is convex
 * there, so every step but the last (of rounding) goes up. Five or so do.
 * Tails too thin for a Newton step (what is left of 1 - p is rounding), or so
 * heavy that a hundred are not enough, are left to bisection.
 */
double stats_t_quantile(double p, double df)
{
	if (df > 1e8) return stats_normal_quantile(p);
	if (p == 0.5) return 0;
	const double tail = 2 * fmin(p, 1 - p);
	const double log_c = lgamma((df + 1) / 2) - lgamma(df / 2) - log(df * M_PI) / 2;
	double t = -stats_normal_quantile(tail / 2);
	for (int i = 0; i < 100 && tail > 1e-6; i++) {
		const double density = exp(log_c - (df + 1) / 2 * log1p(t * t / df));
		const double step = (stats_t_two_sided(t, df) - tail) / (2 * density);
		t += step;
		if (step <= 2 * DBL_EPSILON * t && isfinite(t)) return p < 0.5 ? -t : t;
	}
	double lo = 0, hi = 1;
	while (hi < 1e150 && stats_t_two_sided(hi, df) > tail) hi *= 2;
	for (int i = 0; i < 200 && hi - lo > DBL_EPSILON * hi; i++) {
		const double mid = lo + (hi - lo) / 2;
		if (stats_t_two_sided(mid, df) > tail) lo = mid;
		else hi = mid;
	}
	return p < 0.5 ? -hi : hi;
}

double stats_f_upper(double f, double df1, double df2)
{
	return f > 0 ? stats_beta_inc(df2 / (df2 + df1 * f), df2 / 2, df1 / 2) : 1;
}

double stats_chi2_upper(double x, double df)
{
	return x > 0 ? 1 - stats_gamma_p(df / 2, x / 2) : 1;
}

double stats_binomial_cdf(int64_t k, int64_t n, double p)
{
	if (k < 0) return 0;
	if (k >= n) return 1;
	return stats_beta_inc(1 - p, (double)(n - k), (double)k + 1);
}
