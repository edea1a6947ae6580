/* How the words of comments feel, as a signal of a touchpoint: docs/methods/scores.md. */
#include <math.h>

#include "maps/priv.h"

#define PAIRS_MIN 200 /* comments with a score, to read feeling by them */
#define R2_MIN .05    /* below it, feeling says too little of the score */
#define BIAS_RAW 8.0  /* sd, points of 100 */
#define BIAS_FITTED 4.0

struct one {
	uint16_t touchpoint;
	uint32_t customer;
	int64_t at_ms;
	double utility;
};

static double clamped(double u)
{
	return fmin(100, fmax(0, u));
}

static double utility_of(const struct maps_comments *k, double sentiment)
{
	return k->calibrated ? clamped(k->at_zero + k->slope * sentiment) : 50 * (1 + sentiment);
}

/* Least squares of the score on the feeling, over comments that have both. */
static void calibrate(const struct journey_comment *list, const double *sentiment, size_t n, struct maps_comments *k)
{
	struct stats_sum x = { 0, 0 }, y = { 0, 0 }, xx = { 0, 0 }, xy = { 0, 0 }, yy = { 0, 0 };
	for (size_t i = 0; i < n; i++) {
		if (isnan(sentiment[i]) || isnan(list[i].utility)) continue;
		k->pairs++;
		stats_add(&x, sentiment[i]);
		stats_add(&y, (double)list[i].utility);
	}
	if (k->pairs < PAIRS_MIN) return;
	const double m = (double)k->pairs, mx = stats_total(&x) / m, my = stats_total(&y) / m;
	for (size_t i = 0; i < n; i++) {
		if (isnan(sentiment[i]) || isnan(list[i].utility)) continue;
		const double dx = sentiment[i] - mx, dy = (double)list[i].utility - my;
		stats_add(&xx, dx * dx);
		stats_add(&xy, dx * dy);
		stats_add(&yy, dy * dy);
	}
	const double sxx = stats_total(&xx), sxy = stats_total(&xy), syy = stats_total(&yy);
	if (!(sxx > 0) || !(syy > 0)) return;
	k->r2 = sxy * sxy / (sxx * syy);
	k->calibrated = k->r2 >= R2_MIN && sxy > 0;
	if (!k->calibrated) return;
	k->slope = sxy / sxx;
	k->at_zero = my - k->slope * mx;
	k->rest_var = syy * (1 - k->r2) / (m - 2);
}

static int by_touchpoint_and_customer(const void *pa, const void *pb)
{
	const struct one *a = pa, *b = pb;
	if (a->touchpoint != b->touchpoint) return a->touchpoint < b->touchpoint ? -1 : 1;
	return (a->customer > b->customer) - (a->customer < b->customer);
}

/* One touchpoint's run: each customer first, then over customers. What the line leaves unsaid of a score is variance.
 */
static void signal_of(const struct one *list, size_t n, const struct maps_comments *k, struct journey_signal_stat *out)
{
	struct stats_sum sum = { 0, 0 }, squares = { 0, 0 };
	struct journey_signal_stat s = { .n = (int64_t)n, .newest_ms = INT64_MIN };
	for (size_t i = 0, end; i < n; i = end) {
		double mean = 0;
		for (end = i; end < n && list[end].customer == list[i].customer; end++) {
			mean += list[end].utility;
			if (list[end].at_ms > s.newest_ms) s.newest_ms = list[end].at_ms;
		}
		mean /= (double)(end - i);
		s.customers++;
		stats_add(&sum, mean);
		stats_add(&squares, mean * mean);
	}
	const double m = (double)s.customers;
	s.mean = stats_total(&sum) / m;
	if (s.customers > 1) s.var = fmax(0, (stats_total(&squares) - m * s.mean * s.mean) / (m - 1)) + k->rest_var;
	*out = s;
}

static enum err_code fill(struct maps_measured *mm, const struct journey_comment *list, const double *sentiment,
                          size_t n, struct arena *a, struct err *err)
{
	struct one *ones = ARENA_ARRAY(a, struct one, n);
	size_t m = 0;
	if (!ones) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		/* Who gave a score has said how it was; their words would be counted twice. */
		if (!list[i].touchpoint || !isnan(list[i].utility) || isnan(sentiment[i])) continue;
		ones[m++] = (struct one){ list[i].touchpoint, list[i].customer, list[i].at_ms,
			                  utility_of(&mm->comments, sentiment[i]) };
	}
	if (m) qsort(ones, m, sizeof *ones, by_touchpoint_and_customer);
	for (size_t i = 0, end; i < m; i = end) {
		for (end = i; end < m && ones[end].touchpoint == ones[i].touchpoint; end++) continue;
		signal_of(ones + i, end - i, &mm->comments,
		          &mm->measure.touchpoints[ones[i].touchpoint - 1].signals[JOURNEY_SENTIMENT]);
	}
	return OK;
}

double map_comments_bias(const struct maps_measured *mm)
{
	return mm->comments.calibrated ? BIAS_FITTED : BIAS_RAW;
}

enum err_code map_comments(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	struct journey_comment *list;
	size_t n;
	if (!mm->comments.on || !m->hear) return OK;
	TRY(ask_comments(m->ask, &mm->query, a, &list, &n, err));
	uint64_t *arrivals = ARENA_ARRAY(a, uint64_t, n);
	double *sentiment = ARENA_ARRAY(a, double, n);
	if (!arrivals || !sentiment) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) arrivals[i] = list[i].arrival;
	TRY(m->hear(m->hear_ctx, arrivals, n, sentiment, err));
	calibrate(list, sentiment, n, &mm->comments);
	return fill(mm, list, sentiment, n, a, err);
}
