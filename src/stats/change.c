/* One change of level, by days. docs/methods/lead.md. */
#include "stats/change.h"

#include <math.h>

#include "stats/priv.h"

/* Quantiles of the likelihood ratio of a change point: P(x) = (1 - exp(-x / 2))^2, Hansen 2000. */
#define RATIO95 7.352
#define RATIO80 4.497

/* P(sup |Brownian bridge| > x). */
static double kolmogorov(double x)
{
	double p = 0;
	if (x < 0.2) return 1; /* the series alternates without end there; 1 to twelve digits */
	for (int k = 1; k <= 50; k++) p += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * x * x);
	return fmin(1, fmax(0, p));
}

struct sums {
	double n, sum, squares;
};

static struct sums all_of(const struct stats_day *days, size_t n)
{
	struct stats_sum k = { 0, 0 }, s = { 0, 0 }, q = { 0, 0 };
	for (size_t i = 0; i < n; i++) {
		stats_add(&k, days[i].n);
		stats_add(&s, days[i].sum);
		stats_add(&q, days[i].squares);
	}
	return (struct sums){ stats_total(&k), stats_total(&s), stats_total(&q) };
}

static enum err_code check(const struct stats_day *days, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!(days[i].n >= 0) || !isfinite(days[i].n) || !isfinite(days[i].sum) || !isfinite(days[i].squares) ||
		    (i && days[i].day <= days[i - 1].day))
			return err_set(err, ERR_INPUT, "change.days", "days",
			               "day %lld does not follow or holds no number", (long long)days[i].day);
	return OK;
}

/* Twice the log likelihood of a level before and one after, up to a constant; of a mean with variance 1. */
static double mean_likelihood(const struct sums *a, const struct sums *b)
{
	return a->sum * a->sum / a->n + b->sum * b->sum / b->n;
}

static double events_likelihood(const struct sums *s)
{
	return s->sum > 0 ? 2 * s->sum * log(s->sum / s->n) : 0;
}

static double rate_likelihood(const struct sums *a, const struct sums *b)
{
	return events_likelihood(a) + events_likelihood(b);
}

struct search {
	const struct stats_day *days;
	size_t n;
	struct sums all;
	double side; /* least n on each side */
	double (*likelihood)(const struct sums *, const struct sums *);
};

/* Calls for each day i that may begin the new level; returns the best, 0 for none. With `ratio` >= 0 instead widens
 * lo..hi to the days within it of `best`. */
static size_t walk(const struct search *w, double scale, double ratio, double best_value, double *value, int64_t *lo,
                   int64_t *hi)
{
	struct sums a = { 0, 0, 0 };
	size_t best = 0;
	for (size_t i = 1; i < w->n; i++) {
		const struct stats_day *d = &w->days[i - 1];
		a.n += d->n, a.sum += d->sum, a.squares += d->squares;
		const struct sums b = { w->all.n - a.n, w->all.sum - a.sum, w->all.squares - a.squares };
		if (a.n < w->side || b.n < w->side) continue;
		const double l = w->likelihood(&a, &b);
		if (ratio < 0) {
			if (!best || l > *value) best = i, *value = l;
		} else if ((best_value - l) / scale <= ratio) {
			/* The change may have come on any day since the last one seen. */
			if (d->day + 1 < *lo) *lo = d->day + 1;
			if (w->days[i].day > *hi) *hi = w->days[i].day;
		}
	}
	return best;
}

static void place(const struct search *w, size_t best, double scale, double value, struct stats_estimate *at)
{
	const int64_t day = w->days[best].day;
	int64_t lo = day, hi = day, lo80 = day, hi80 = day;
	walk(w, scale, RATIO95, value, NULL, &lo, &hi);
	walk(w, scale, RATIO80, value, NULL, &lo80, &hi80);
	at->est = (double)day;
	at->lo = (double)lo, at->hi = (double)hi;
	at->lo80 = (double)lo80, at->hi80 = (double)hi80;
	at->flags &= ~(unsigned)STATS_NOT_IDENTIFIED;
}

static void levels(const struct search *w, size_t best, struct stats_change *out)
{
	const struct sums a = all_of(w->days, best), b = all_of(w->days + best, w->n - best);
	out->before = a.sum / a.n, out->after = b.sum / b.n;
}

/* The largest distance of the path of sums from the straight line of its exposure. */
static double farthest(const struct search *w)
{
	double n = 0, sum = 0, far = 0;
	for (size_t i = 0; i < w->n; i++) {
		n += w->days[i].n, sum += w->days[i].sum;
		far = fmax(far, fabs(sum - w->all.sum * n / w->all.n));
	}
	return far;
}

static struct stats_change unknown(double n, enum stats_method method)
{
	return (struct stats_change){
		.at = { .level = 0.95, .n = (int64_t)n, .n_eff = n, .method = method, .flags = STATS_NOT_IDENTIFIED },
		.p = 1
	};
}

enum err_code stats_change_mean(const struct stats_day *days, size_t n, struct stats_change *out, struct err *err)
{
	TRY(check(days, n, err));
	struct search w = { .days = days, .n = n, .all = all_of(days, n), .likelihood = mean_likelihood };
	double value = 0;
	*out = unknown(w.all.n, STATS_CHANGE_POINT);
	if (w.all.n < 2 * STATS_CHANGE_MIN) return OK;
	const double squares = w.all.squares - w.all.sum * w.all.sum / w.all.n;
	w.side = fmax(STATS_CHANGE_MIN, STATS_CHANGE_SIDE * w.all.n);
	const size_t best = walk(&w, 1, -1, 0, &value, NULL, NULL);
	const double left = w.all.squares - value;
	/* Rounding leaves a little where there is no spread. */
	if (!best || !(left > 1e-9 * w.all.squares)) return OK;
	out->p = kolmogorov(farthest(&w) / sqrt(squares));
	place(&w, best, left / (w.all.n - 2), value, &out->at);
	levels(&w, best, out);
	return OK;
}

enum err_code stats_change_rate(const struct stats_day *days, size_t n, struct stats_change *out, struct err *err)
{
	TRY(check(days, n, err));
	struct search w = { .days = days, .n = n, .all = all_of(days, n), .likelihood = rate_likelihood };
	double value = 0;
	*out = unknown(w.all.sum, STATS_CHANGE_POINT);
	if (w.all.sum < STATS_CHANGE_MIN || !(w.all.n > 0)) return OK;
	w.side = STATS_CHANGE_SIDE * w.all.n;
	const size_t best = walk(&w, 1, -1, 0, &value, NULL, NULL);
	if (!best) return OK;
	/* Stephens' correction for few. */
	const double root = sqrt(w.all.sum);
	out->p = kolmogorov((root + 0.12 + 0.11 / root) * farthest(&w) / w.all.sum);
	place(&w, best, 1, value, &out->at);
	levels(&w, best, out);
	return OK;
}

void stats_change_lead(const struct stats_change *first, const struct stats_change *then, struct stats_estimate *out)
{
	const struct stats_estimate *a = &then->at, *b = &first->at;
	*out = (struct stats_estimate){ .level = 0.95,
		                        .n = a->n < b->n ? a->n : b->n,
		                        .n_eff = fmin(a->n_eff, b->n_eff),
		                        .method = STATS_MOVER,
		                        .flags = (a->flags | b->flags) & STATS_NOT_IDENTIFIED };
	if (out->flags) return;
	const struct interval wide = mover(a->est, (struct interval){ a->lo, a->hi }, b->est,
	                                   (struct interval){ b->lo, b->hi }),
	                      band = mover(a->est, (struct interval){ a->lo80, a->hi80 }, b->est,
	                                   (struct interval){ b->lo80, b->hi80 });
	out->est = a->est - b->est;
	out->lo = wide.low, out->hi = wide.high;
	out->lo80 = band.low, out->hi80 = band.high;
}
