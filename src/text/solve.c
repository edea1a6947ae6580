/*
 * The solver of the classifiers: dual coordinate descent for the L2-loss
 * linear support vector machine, with shrinking.
 * Source: Hsieh, Chang, Lin, Keerthi, Sundararajan 2008, ICML, 408-415.
 */
#include <math.h>

#include "base/rng.h"
#include "text/model_priv.h"

enum { ROUNDS_MAX = 60 };
#define TOLERANCE 0.1

double row_score(const struct solve_row *r, const struct cell_weight *cells, size_t n_cells)
{
	double words = 0, pieces = 0;
	uint32_t j = 0;
	for (; j < r->n_words; j++) words += (double)(cells[r->id[j]].w * cells[r->id[j]].rarity);
	for (; j < r->n; j++) pieces += (double)(cells[r->id[j]].w * cells[r->id[j]].rarity);
	return words * (double)r->words + pieces * (double)r->pieces + (double)cells[n_cells].w;
}

static void move(const struct solve_row *r, struct cell_weight *cells, size_t n_cells, double by)
{
	const float words = (float)by * r->words, pieces = (float)by * r->pieces;
	uint32_t j = 0;
	for (; j < r->n_words; j++) cells[r->id[j]].w += words * cells[r->id[j]].rarity;
	for (; j < r->n; j++) cells[r->id[j]].w += pieces * cells[r->id[j]].rarity;
	cells[n_cells].w += (float)by;
}

/* x·x of a row: each block that is there has length 1, and the constant is 1. */
static double row_square(const struct solve_row *r)
{
	return (r->words > 0 ? 1.0 : 0.0) + (r->pieces > 0 ? 1.0 : 0.0) + 1.0;
}

static void swap(uint32_t *a, uint32_t *b)
{
	const uint32_t t = *a;
	*a = *b;
	*b = t;
}

void solve(const struct solve_task *t, struct cell_weight *cells, size_t n_cells, struct solve_scratch *s)
{
	struct rng rng;
	double high_before = INFINITY;
	size_t active = t->n_use;
	rng_init(&rng, t->seed, 0);
	for (size_t i = 0; i <= n_cells; i++) cells[i].w = 0;
	for (size_t i = 0; i < t->n_use; i++) {
		s->order[i] = (uint32_t)i;
		s->alpha[i] = 0;
	}
	for (int round = 0; round < ROUNDS_MAX; round++) {
		double high = -INFINITY, low = INFINITY;
		for (size_t i = 0; i < active; i++) swap(&s->order[i], &s->order[i + rng_below(&rng, active - i)]);
		for (size_t k = 0; k < active; k++) {
			const uint32_t i = s->order[k];
			const struct solve_row *r = &t->rows[t->use[i]];
			const double sign = t->sign[t->use[i]], slack = 0.5 / (t->cost * (double)r->weight);
			const double g = sign * row_score(r, cells, n_cells) - 1 + s->alpha[i] * slack;
			double projected = g;
			if (s->alpha[i] <= 0) {
				if (g > high_before) { /* far on the right side: not looked at until the end */
					swap(&s->order[k--], &s->order[--active]);
					continue;
				}
				projected = g < 0 ? g : 0;
			}
			high = fmax(high, projected);
			low = fmin(low, projected);
			if (fabs(projected) < 1e-12) continue;
			const double before = s->alpha[i];
			s->alpha[i] = fmax(before - g / (row_square(r) + slack), 0);
			move(r, cells, n_cells, (s->alpha[i] - before) * sign);
		}
		if (high - low <= TOLERANCE) {
			if (active == t->n_use) break;
			active = t->n_use;
			high_before = INFINITY;
		} else high_before = high <= 0 ? INFINITY : high;
	}
}

/* --- calibration -------------------------------------------------------------------- */

void spread_scores(size_t labels, double *scores)
{
	if (labels == 2) scores[1] = -scores[0];
}

void calibrate(const struct calibration *c, size_t labels, double *scores)
{
	double high = -INFINITY, sum = 0;
	for (size_t k = 0; k < labels; k++) {
		scores[k] = c->slope * scores[k] + c->bias[k];
		high = fmax(high, scores[k]);
	}
	for (size_t k = 0; k < labels; k++) sum += scores[k] = exp(scores[k] - high);
	for (size_t k = 0; k < labels; k++) scores[k] /= sum;
}

/*
 * Slope by Newton's step, biases by matching the sum of each label's
 * probabilities to its count (where the gradient is 0), in turn. A row of
 * every label with no score at all is the prior, which keeps both finite.
 */
void fit_calibration(const struct held_out *h, size_t labels, double *slope, double *bias)
{
	enum { TURNS = 40 };
	double p[TEXT_LABELS_MAX], sum[TEXT_LABELS_MAX], count[TEXT_LABELS_MAX];
	*slope = 1;
	for (size_t k = 0; k < labels; k++) bias[k] = 0, count[k] = 1;
	for (size_t i = 0; i < h->n; i++) count[h->label[i]] += (double)h->weight[i];
	for (int turn = 0; turn < TURNS; turn++) {
		double gradient = 0, curvature = 0;
		const struct calibration c = { *slope, bias };
		memset(p, 0, labels * sizeof *p);
		calibrate(&c, labels, p);
		for (size_t k = 0; k < labels; k++) sum[k] = p[k] * (double)labels;
		for (size_t i = 0; i < h->n; i++) {
			const double *s = h->scores + i * labels, weight = (double)h->weight[i];
			double mean = 0, square = 0;
			memcpy(p, s, labels * sizeof *p);
			calibrate(&c, labels, p);
			for (size_t k = 0; k < labels; k++) {
				sum[k] += weight * p[k];
				mean += p[k] * s[k];
				square += p[k] * s[k] * s[k];
			}
			gradient += weight * (s[h->label[i]] - mean);
			curvature += weight * (square - mean * mean);
		}
		for (size_t k = 0; k < labels; k++) bias[k] += log(count[k] / sum[k]) / 2;
		const double step = gradient / (curvature + 1);
		*slope = fmin(fmax(*slope + fmin(fmax(step, -0.5), 0.5), 0.05), 50);
	}
}
