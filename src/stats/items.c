/* Kano, gaps and scales. docs/methods/items.md. */
#include "stats/priv.h"

#include <math.h>

/* --- Kano ---------------------------------------------------------------------------------- */

const char stats_kano_letters[STATS_KANO_SORTS + 1] = "MOAIRQ";

enum stats_kano_sort stats_kano_sort(struct stats_kano_pair p)
{
	enum {
		M = STATS_KANO_M,
		O = STATS_KANO_O,
		A = STATS_KANO_A,
		I = STATS_KANO_I,
		R = STATS_KANO_R,
		Q = STATS_KANO_Q
	};
	static const uint8_t table[5][5] = { /* rows: with; columns: without */
		                             { Q, A, A, A, O },
		                             { R, I, I, I, M },
		                             { R, I, I, I, M },
		                             { R, I, I, I, M },
		                             { R, R, R, R, Q }
	};
	return (enum stats_kano_sort)table[p.with][p.without];
}

static bool answered(struct stats_kano_pair p)
{
	return p.with < STATS_KANO_NO_ANSWER && p.without < STATS_KANO_NO_ANSWER;
}

/* More than a quarter of a person's answers contradict themselves. */
static bool confused(const struct stats_kano_pair *pairs, size_t n_features)
{
	size_t n = 0, questionable = 0;
	for (size_t f = 0; f < n_features; f++) {
		if (!answered(pairs[f])) continue;
		n++;
		questionable += stats_kano_sort(pairs[f]) == STATS_KANO_Q;
	}
	return 4 * questionable > n;
}

/* Better, worse, the commonest sort and Fong's test. */
static enum err_code conclude(struct stats_kano *k, struct err *err)
{
	const int64_t *c = k->counts, clear = c[STATS_KANO_A] + c[STATS_KANO_O] + c[STATS_KANO_M] + c[STATS_KANO_I];
	const struct stats_count better = { c[STATS_KANO_A] + c[STATS_KANO_O], clear },
	                         worse = { c[STATS_KANO_O] + c[STATS_KANO_M], clear };
	TRY(stats_proportion(better.hits, better.n, &k->better, err));
	TRY(stats_proportion(worse.hits, worse.n, &k->worse, err));
	const struct stats_estimate w = k->worse;
	k->worse.est = 0 - w.est; /* 0 stays 0, without a sign */
	k->worse.lo = 0 - w.hi, k->worse.hi = 0 - w.lo;
	k->worse.lo80 = 0 - w.hi80, k->worse.hi80 = 0 - w.lo80;

	enum stats_kano_sort next = STATS_KANO_SORTS;
	for (enum stats_kano_sort s = STATS_KANO_M; s < STATS_KANO_SORTS; s++) {
		k->n += c[s];
		if (c[s] > c[k->sort]) k->sort = s; /* of equal ones the first stands */
	}
	for (enum stats_kano_sort s = STATS_KANO_M; s < STATS_KANO_SORTS; s++)
		if (s != k->sort && (next == STATS_KANO_SORTS || c[s] > c[next])) next = s;
	const double a = (double)c[k->sort], b = (double)c[next], n = (double)k->n;
	k->ahead = a - b;
	k->needed = n > 0 ? 1.65 * sqrt((a + b) * (2 * n - a - b) / (2 * n)) : 0;
	k->clear = n > 0 && k->ahead > k->needed;
	return OK;
}

enum err_code stats_kano(const struct stats_kano_pair *pairs, size_t n_respondents, size_t n_features,
                         struct stats_kano *out, int64_t *discarded, struct err *err)
{
	for (size_t i = 0; i < n_respondents * n_features; i++)
		if (pairs[i].with > STATS_KANO_NO_ANSWER || pairs[i].without > STATS_KANO_NO_ANSWER)
			return err_set(err, ERR_INPUT, "kano.answer", "answers",
			               "%u and %u are no answers to Kano's questions", pairs[i].with, pairs[i].without);
	for (size_t f = 0; f < n_features; f++) out[f] = (struct stats_kano){ .n = 0 };
	*discarded = 0;
	for (size_t r = 0; r < n_respondents; r++) {
		const struct stats_kano_pair *own = pairs + r * n_features;
		if (confused(own, n_features)) {
			(*discarded)++;
			continue;
		}
		for (size_t f = 0; f < n_features; f++)
			if (answered(own[f])) out[f].counts[stats_kano_sort(own[f])]++;
	}
	for (size_t f = 0; f < n_features; f++) TRY(conclude(&out[f], err));
	return OK;
}

/* --- expectation and experience --------------------------------------------------------------- */

const char *const stats_servqual_names[STATS_SERVQUAL_DIMENSIONS] = { "tangibles", "reliability", "responsiveness",
	                                                              "assurance", "empathy" };
const double stats_servqual_weights[STATS_SERVQUAL_DIMENSIONS] = { .11, .32, .22, .19, .16 };
const int stats_servqual_items[STATS_SERVQUAL_DIMENSIONS] = { 4, 5, 4, 4, 5 };

/* p of a mean that might be 0. */
static double p_of(const struct stats_moments *m, const struct stats_estimate *e, struct interval ends)
{
	if (e->flags & (STATS_NOT_IDENTIFIED | STATS_NO_SPREAD)) return 1;
	if (e->method == STATS_MEAN_AGREED) return stats_agreed_p(e->est, e->n_eff, ends);
	return stats_t_two_sided(m->mean / sqrt(stats_var(m) / (double)m->n), (double)(m->n - 1));
}

static bool has_ends(struct interval scale)
{
	return scale.low < scale.high;
}

/* The mean of differences of two answers on one scale, which lie between -range and range. */
static void mean_gap(const struct stats_moments *m, struct interval scale, struct stats_estimate *out, double *p)
{
	const double range = scale.high - scale.low;
	const struct interval ends = { -range, range };
	stats_mean(m, out);
	if (!(out->flags & STATS_NO_SPREAD)) out->method = STATS_PAIRED_T;
	if (has_ends(scale) && fabs(m->mean) <= range) stats_on_scale(out, ends);
	*p = p_of(m, out, ends);
}

enum err_code stats_gap(const double *expected, const double *experienced, size_t n, struct interval scale,
                        struct stats_gap *out, struct err *err)
{
	struct stats_moments e = { 0, 0, 0 }, p = { 0, 0, 0 }, d = { 0, 0, 0 };
	struct stats_sum both = { 0, 0 };
	for (size_t i = 0; i < n; i++) {
		if (isinf(expected[i]) || isinf(experienced[i]))
			return err_set(err, ERR_INPUT, "mean.answer", "answers", "%g and %g cannot be compared",
			               expected[i], experienced[i]);
		if (isnan(expected[i]) || isnan(experienced[i])) continue;
		stats_see(&e, expected[i]);
		stats_see(&p, experienced[i]);
		const double least = fmin(expected[i], experienced[i]), most = fmax(expected[i], experienced[i]);
		if (least < scale.low || most > scale.high) scale = (struct interval){ 0, 0 };
		stats_see(&d, experienced[i] - expected[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (!isnan(expected[i]) && !isnan(experienced[i]))
			stats_add(&both, (expected[i] - e.mean) * (experienced[i] - p.mean));
	*out = (struct stats_gap){ .p = 1 };
	stats_mean(&e, &out->expected);
	stats_mean(&p, &out->experienced);
	if (has_ends(scale)) {
		stats_on_scale(&out->expected, scale);
		stats_on_scale(&out->experienced, scale);
	}
	mean_gap(&d, scale, &out->gap, &out->p);
	out->corr_known = e.m2 > 0 && p.m2 > 0;
	if (out->corr_known) out->corr = fmin(1, fmax(-1, stats_total(&both) / sqrt(e.m2 * p.m2)));
	return OK;
}

double stats_gap_reliability(double ee, double pp, double ep)
{
	return ((ee + pp) / 2 - ep) / (1 - ep);
}

/* Mean of one person's answered pairs of items of a dimension; NaN when there is none. */
static void of_dimension(const struct stats_servqual_in *in, size_t person, size_t dimension, double *expected,
                         double *perceived)
{
	double e = 0, p = 0;
	int n = 0;
	for (size_t i = 0; i < in->n_items; i++) {
		const size_t at = person * in->n_items + i;
		if (in->dimension[i] != dimension || isnan(in->expected[at]) || isnan(in->perceived[at])) continue;
		e += in->expected[at], p += in->perceived[at];
		n++;
	}
	*expected = n ? e / n : NAN;
	*perceived = n ? p / n : NAN;
}

static enum err_code check_servqual(const struct stats_servqual_in *in, double *weight_sum, struct err *err)
{
	*weight_sum = 0;
	for (size_t i = 0; i < in->n_items; i++)
		if (in->dimension[i] >= in->n_dimensions)
			return err_set(err, ERR_INPUT, "servqual.dimension", "items", "item %zu is of no dimension", i);
	for (size_t d = 0; d < in->n_dimensions; d++) {
		const double w = in->weights ? in->weights[d] : 1;
		if (!(w > 0) || !isfinite(w))
			return err_set(err, ERR_INPUT, "servqual.weight", "weights", "%g is no weight", w);
		*weight_sum += w;
	}
	return OK;
}

enum err_code stats_servqual(const struct stats_servqual_in *in, struct arena *a, struct stats_servqual *out,
                             struct err *err)
{
	double weight_sum;
	struct stats_servqual r = { .p_weighted = 1 };
	struct stats_moments plain = { 0, 0, 0 }, weighted = { 0, 0, 0 };
	TRY(check_servqual(in, &weight_sum, err));
	/* expected and perceived, [dimension * n + person] */
	double *e = ARENA_ARRAY(a, double, in->n_dimensions * in->n),
	       *p = ARENA_ARRAY(a, double, in->n_dimensions * in->n);
	r.dimensions = ARENA_ARRAY(a, struct stats_gap, in->n_dimensions);
	if (!e || !p || !r.dimensions) return err_no_memory(err);
	for (size_t person = 0; person < in->n; person++) {
		double sum = 0, weighted_sum = 0;
		for (size_t d = 0; d < in->n_dimensions; d++) {
			const size_t at = d * in->n + person;
			of_dimension(in, person, d, &e[at], &p[at]);
			sum += p[at] - e[at];
			weighted_sum += (p[at] - e[at]) * (in->weights ? in->weights[d] : 1);
		}
		if (!isfinite(sum) || in->n_dimensions == 0) continue;
		stats_see(&plain, sum / (double)in->n_dimensions);
		stats_see(&weighted, weighted_sum / weight_sum);
	}
	for (size_t d = 0; d < in->n_dimensions; d++)
		TRY(stats_gap(e + d * in->n, p + d * in->n, in->n, in->scale, &r.dimensions[d], err));
	mean_gap(&plain, in->scale, &r.unweighted, &r.p_unweighted);
	mean_gap(&weighted, in->scale, &r.weighted, &r.p_weighted);
	*out = r;
	return OK;
}

/* --- scales of several items ------------------------------------------------------------------- */

/* Sum of one person's items; NaN when one is missing. */
static double row_sum(const double *row, size_t k)
{
	double sum = 0;
	for (size_t j = 0; j < k; j++) sum += row[j];
	return sum;
}

static double f_quantile(double p, double df1, double df2)
{
	const double b = stats_beta_quantile(p, df1 / 2, df2 / 2);
	return b < 1 ? df2 * b / (df1 * (1 - b)) : HUGE_VAL;
}

/* Feldt 1965, doi 10.1007/BF02289499: (1 - alpha) / (1 - estimate) is F of n - 1 and (n - 1)(k - 1) degrees. */
static struct interval feldt(double alpha, double n, double k, double level)
{
	const double df1 = n - 1, df2 = (n - 1) * (k - 1), tail = (1 - level) / 2;
	return (struct interval){ 1 - (1 - alpha) * f_quantile(1 - tail, df1, df2),
		                  1 - (1 - alpha) * f_quantile(tail, df1, df2) };
}

enum err_code stats_alpha(const double *x, size_t n, size_t k, struct stats_estimate *out, struct err *err)
{
	struct stats_moments sums = { 0, 0, 0 };
	struct stats_sum item_m2 = { 0, 0 };
	for (size_t i = 0; i < n * k; i++)
		if (isinf(x[i])) return err_set(err, ERR_INPUT, "mean.answer", "answers", "an answer of %g", x[i]);
	for (size_t i = 0; i < n; i++)
		if (!isnan(row_sum(x + i * k, k))) stats_see(&sums, row_sum(x + i * k, k));
	for (size_t j = 0; j < k; j++) {
		struct stats_moments item = { 0, 0, 0 };
		for (size_t i = 0; i < n; i++)
			if (!isnan(row_sum(x + i * k, k))) stats_see(&item, x[i * k + j]);
		stats_add(&item_m2, item.m2);
	}
	*out = (struct stats_estimate){ .level = 0.95, .n = sums.n, .n_eff = (double)sums.n, .method = STATS_ALPHA_F };
	if (sums.n < 30) out->flags |= STATS_SMALL_N;
	if (k < 2 || sums.n < 2 || !(sums.m2 > 1e-12)) {
		out->flags |= STATS_NOT_IDENTIFIED;
		return OK;
	}
	const double items = (double)k, people = (double)sums.n;
	const double alpha = items / (items - 1) * (1 - stats_total(&item_m2) / sums.m2);
	const struct interval wide = feldt(alpha, people, items, 0.95), band = feldt(alpha, people, items, 0.8);
	out->est = alpha;
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
	return OK;
}

enum err_code stats_scale_score(const double *x, size_t n, size_t k, struct interval scale,
                                struct stats_scale_score *out, struct err *err)
{
	struct stats_moments m = { 0, 0, 0 };
	struct stats_scale_score r;
	if (!(scale.high > scale.low) || !isfinite(scale.high - scale.low))
		return err_set(err, ERR_INPUT, "score.scale", "scale", "a scale from %g to %g", scale.low, scale.high);
	for (size_t i = 0; i < n; i++) {
		double sum = 0;
		size_t there = 0;
		for (size_t j = 0; j < k; j++) {
			const double v = x[i * k + j];
			if (isnan(v)) continue;
			if (!(v >= scale.low && v <= scale.high))
				return err_set(err, ERR_INPUT, "score.range", "score", "score %g is not on %g to %g", v,
				               scale.low, scale.high);
			sum += v;
			there++;
		}
		if (there == 0 || 2 * there < k) continue;
		stats_see(&m, 100 * (sum / (double)there - scale.low) / (scale.high - scale.low));
	}
	stats_mean(&m, &r.score);
	stats_on_scale(&r.score, (struct interval){ 0, 100 });
	TRY(stats_alpha(x, n, k, &r.alpha, err));
	r.consistent = !(r.alpha.flags & STATS_NOT_IDENTIFIED) && r.alpha.est >= STATS_ALPHA_FAIR;
	*out = r;
	return OK;
}
