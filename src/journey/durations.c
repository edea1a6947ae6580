/*
 * Durations: exact while they are few, in classes of constant ratio after
 * that (priv.h). Values of one class are taken as evenly spread over it.
 */
#include "journey/priv.h"

#include <math.h>

/* k >= 1; class 0 is the value 0. */
static double class_low(uint32_t k)
{
	const int e = (int)((k - 1) >> DURATION_SUB_BITS), part = (int)((k - 1) & ((1 << DURATION_SUB_BITS) - 1));
	return ldexp((double)((1 << DURATION_SUB_BITS) + part), e - DURATION_SUB_BITS);
}

static double class_width(uint32_t k)
{
	return ldexp(1.0, (int)((k - 1) >> DURATION_SUB_BITS) - DURATION_SUB_BITS);
}

void journey_durations_to_classes(struct journey_durations *d, uint32_t *zeroed)
{
	if (!zeroed) {
		d->failed = true;
		return;
	}
	d->classes = zeroed;
	const int64_t n = d->n < DURATION_FEW ? d->n : DURATION_FEW;
	for (int64_t i = 0; i < n; i++) d->classes[duration_class(d->few[i])]++;
	free(d->few);
	d->few = NULL;
}

static bool to_classes(struct journey_durations *d)
{
	if (!d->classes) journey_durations_to_classes(d, calloc(DURATION_CLASSES, sizeof *d->classes));
	return !d->failed;
}

void journey_durations_add(struct journey_durations *d, int64_t ms)
{
	if (d->n == 0 || ms < d->min) d->min = ms;
	if (d->n == 0 || ms > d->max) d->max = ms;
	d->sum += ms;
	const int64_t i = d->n;
	if (!d->classes && i < DURATION_FEW) {
		/* Places come in powers of two: 4, 8, ... 256. */
		if ((i & (i - 1)) == 0 && (i == 0 || i >= 4)) {
			int64_t *grown = realloc(d->few, (size_t)(i ? 2 * i : 4) * sizeof *grown);
			if (!grown) {
				d->failed = true;
				return;
			}
			d->few = grown;
		}
		d->few[i] = ms;
	} else if (to_classes(d)) {
		d->classes[duration_class(ms)]++;
	}
	d->n++;
}

void journey_durations_merge(struct journey_durations *d, const struct journey_durations *from)
{
	d->failed |= from->failed;
	if (from->n == 0) return;
	if (!from->classes) {
		for (int64_t i = 0; i < from->n && from->few; i++) journey_durations_add(d, from->few[i]);
		return;
	}
	if (!to_classes(d)) return;
	const uint32_t last = duration_class(from->max);
	for (uint32_t i = duration_class(from->min); i <= last; i++) d->classes[i] += from->classes[i];
	if (d->n == 0 || from->min < d->min) d->min = from->min;
	if (d->n == 0 || from->max > d->max) d->max = from->max;
	d->n += from->n;
	d->sum += from->sum;
}

/* Puts the value of rank i of v[0..n) in its place, none greater before it and none less behind (Hoare 1961). */
static int64_t place_rank(int64_t *v, int64_t n, int64_t i)
{
	int64_t lo = 0, hi = n - 1;
	while (lo < hi) {
		const int64_t middle = v[lo + (hi - lo) / 2];
		int64_t x = lo, y = hi;
		while (x <= y) {
			while (v[x] < middle) x++;
			while (v[y] > middle) y--;
			if (x > y) break;
			const int64_t swapped = v[x];
			v[x++] = v[y];
			v[y--] = swapped;
		}
		if (i <= y) hi = y;
		else if (i >= x) lo = x;
		else break;
	}
	return v[i];
}

/* The value of place `at`, from 0, in class k. */
static double in_class(const struct journey_durations *d, uint32_t k, int64_t at)
{
	if (k == 0) return 0;
	if (class_width(k) < 1.0) return class_low(k); /* it holds one value */
	double v = class_low(k) + class_width(k) * (((double)at + 0.5) / (double)d->classes[k]);
	if (v < (double)d->min) v = (double)d->min;
	if (v > (double)d->max) v = (double)d->max;
	return v;
}

/* The value of rank i by classes, and in *high that of the rank above it, or the same when there is none. */
static double in_classes(const struct journey_durations *d, int64_t i, double *high)
{
	int64_t before = 0;
	uint32_t k = 0;
	double v[2] = { 0, 0 };
	for (int64_t r = i; r <= i + 1 && r < d->n; r++) {
		while (k + 1 < DURATION_CLASSES && before + d->classes[k] <= r) before += d->classes[k++];
		v[r - i] = in_class(d, k, r - before);
		if (r == i) v[1] = v[0];
	}
	*high = v[1];
	return v[0];
}

static double among_few(const struct journey_durations *d, int64_t i, double *high)
{
	int64_t v[DURATION_FEW];
	memcpy(v, d->few, (size_t)d->n * sizeof *v);
	const int64_t low = place_rank(v, d->n, i);
	int64_t next = i + 1 < d->n ? v[i + 1] : low;
	for (int64_t k = i + 2; k < d->n; k++)
		if (v[k] < next) next = v[k];
	*high = (double)next;
	return (double)low;
}

/* The value of a fractional rank h, from 0: between its two neighbours in proportion. */
static double at_rank(const struct journey_durations *d, double h)
{
	if (h < 0) h = 0;
	if (h > (double)(d->n - 1)) h = (double)(d->n - 1);
	const int64_t i = (int64_t)h;
	double high;
	const double low = d->classes ? in_classes(d, i, &high) : among_few(d, i, &high);
	return low + (h - (double)i) * (high - low);
}

double journey_durations_quantile(const struct journey_durations *d, double q)
{
	return at_rank(d, (double)(d->n - 1) * q);
}

/*
 * Ranks, from 1, of the order statistics that hold the median with at least
 * 95 %: the largest l with P(Binomial(n, 1/2) < l) <= 2.5 %, and n + 1 - l.
 * 0 when there is none (n < 6).
 */
static int64_t median_rank(int64_t n)
{
	if (n < 6) return 0;
	if (n > 1000) return (int64_t)floor((double)n / 2 - 1.959963984540054 * sqrt((double)n) / 2);
	double term = -(double)n * M_LN2, sum = 0;
	int64_t l = 0;
	for (int64_t k = 0; k < n; k++) {
		sum += exp(term);
		if (sum > 0.025) break;
		l = k + 1;
		term += log((double)(n - k)) - log((double)(k + 1));
	}
	return l;
}

void journey_durations_times(const struct journey_durations *d, struct journey_times *out)
{
	*out = (struct journey_times){ .n = d->n };
	if (d->n == 0) return;
	out->mean = (double)d->sum / (double)d->n;
	out->p50 = journey_durations_quantile(d, 0.5);
	out->p90 = journey_durations_quantile(d, 0.9);
	const int64_t l = median_rank(d->n);
	out->p50_lo = l ? at_rank(d, (double)(l - 1)) : out->p50;
	out->p50_hi = l ? at_rank(d, (double)(d->n - l)) : out->p50;
}

void journey_durations_done(struct journey_durations *d)
{
	free(d->few);
	free(d->classes);
	*d = (struct journey_durations){ 0 };
}

/* n, sum, min, max, how many classes; then these, or the durations where there are none. */
void journey_durations_pack(const struct journey_durations *d, struct buf *out)
{
	const int64_t head[5] = { d->n, d->sum, d->min, d->max, d->classes ? DURATION_CLASSES : 0 };
	buf_put(out, head, sizeof head);
	if (d->classes) buf_put(out, d->classes, DURATION_CLASSES * sizeof *d->classes);
	else if (d->n) buf_put(out, d->few, (size_t)d->n * sizeof *d->few);
}

static bool unpack(struct str *in, void *into, size_t bytes)
{
	if (in->len < bytes) return false;
	memcpy(into, in->ptr, bytes);
	in->ptr += bytes;
	in->len -= bytes;
	return true;
}

bool journey_durations_unpack(struct journey_durations *d, struct str *in)
{
	int64_t head[5];
	*d = (struct journey_durations){ 0 };
	if (!unpack(in, head, sizeof head) || head[0] < 0 ||
	    (head[4] == 0 ? head[0] > DURATION_FEW : head[4] != DURATION_CLASSES))
		return false;
	d->sum = head[1];
	d->min = head[2];
	d->max = head[3];
	if (head[4]) {
		d->classes = calloc(DURATION_CLASSES, sizeof *d->classes);
		if (!d->classes || !unpack(in, d->classes, DURATION_CLASSES * sizeof *d->classes)) return false;
	} else if (head[0]) {
		/* All places at once: growing by powers of two never cuts any off. */
		d->few = malloc(DURATION_FEW * sizeof *d->few);
		if (!d->few || !unpack(in, d->few, (size_t)head[0] * sizeof *d->few)) return false;
	}
	d->n = head[0];
	return true;
}
