/*
 * Proposing a map (methods 4.7) and the gap between instances (4.1).
 *
 * Steps stand in order of mean relative position. With f(a,b) direct
 * successions among them, m their sum, out and in the sums of rows and
 * columns, a contiguous group g scores
 *   Q(g) = [ sum_{a,b in g} f(a,b) - (sum_g out)(sum_g in) / m ] / m
 * and the best cut into K groups is found by dynamic programming.
 */
#include "journey/priv.h"

#include <math.h>

enum { GROUPS_MIN = 3, GROUPS_MAX = 7 };

static int by_customers(const void *a, const void *b)
{
	const struct journey_proposal_step *x = a, *y = b;
	if (x->customers != y->customers) return x->customers > y->customers ? -1 : 1;
	if (x->count != y->count) return x->count > y->count ? -1 : 1;
	return str_cmp(x->event, y->event);
}

static int by_position(const void *a, const void *b)
{
	const struct journey_proposal_step *x = a, *y = b;
	if (x->position != y->position) return x->position < y->position ? -1 : 1;
	return by_customers(a, b);
}

/* Fills group[] of n steps from q[i * n + j], the score of steps i..j as one group. */
static size_t cut_groups(const double *q, size_t n, struct journey_proposal_step *steps, double *best, struct arena *a)
{
	double *v = ARENA_ARRAY(a, double, (GROUPS_MAX + 1) * (n + 1));
	size_t *from = ARENA_ARRAY(a, size_t, (GROUPS_MAX + 1) * (n + 1));
	if (!v || !from) return 0;
	const size_t w = n + 1;
	const size_t most = n < GROUPS_MAX ? n : GROUPS_MAX;
	for (size_t k = 0; k <= most; k++)
		for (size_t j = 0; j <= n; j++) v[k * w + j] = -INFINITY;
	v[0] = 0;
	for (size_t k = 1; k <= most; k++) {
		for (size_t j = k; j <= n; j++) {
			for (size_t i = k - 1; i < j; i++) {
				const double x = v[(k - 1) * w + i] + q[i * n + j - 1];
				if (x <= v[k * w + j]) continue;
				v[k * w + j] = x;
				from[k * w + j] = i;
			}
		}
	}
	/* Fewer than three groups only where there are fewer than three steps. */
	size_t groups = most < GROUPS_MIN ? most : GROUPS_MIN;
	for (size_t k = groups + 1; k <= most; k++)
		if (v[k * w + n] > v[groups * w + n] + 1e-12) groups = k;
	*best = v[groups * w + n];
	for (size_t k = groups, j = n; k > 0; j = from[k * w + j], k--)
		for (size_t i = from[k * w + j]; i < j; i++) steps[i].group = k - 1;
	return groups;
}

static bool scores(const struct journey_dfg *g, const struct journey_proposal_step *steps, size_t n, double *q,
                   struct arena *a)
{
	double *f = ARENA_ARRAY(a, double, n *n), *out = ARENA_ARRAY(a, double, n), *in = ARENA_ARRAY(a, double, n);
	size_t *step_of = ARENA_ARRAY(a, size_t, g->n_activities);
	if (!f || !out || !in || !step_of) return false;
	for (size_t x = 0; x < g->n_activities; x++) {
		step_of[x] = SIZE_MAX;
		for (size_t i = 0; i < n; i++)
			if (str_eq(steps[i].event, g->activities[x].name)) step_of[x] = i;
	}
	double m = 0;
	for (size_t e = 0; e < g->n_edges; e++) {
		const size_t i = step_of[g->edges[e].from], j = step_of[g->edges[e].to];
		if (i == SIZE_MAX || j == SIZE_MAX) continue;
		const double count = (double)g->edges[e].count;
		f[i * n + j] += count;
		out[i] += count;
		in[j] += count;
		m += count;
	}
	if (m <= 0) m = 1; /* nothing follows anything: all cuts score 0 */
	for (size_t i = 0; i < n; i++) {
		double inside = 0, o = 0, s = 0;
		for (size_t j = i; j < n; j++) {
			for (size_t k = i; k < j; k++) inside += f[k * n + j] + f[j * n + k];
			inside += f[j * n + j];
			o += out[j];
			s += in[j];
			q[i * n + j] = (inside - o * s / m) / m;
		}
	}
	return true;
}

enum err_code journey_propose(const struct journey_dfg *g, const double *positions, size_t steps_max, struct arena *a,
                              struct journey_proposal *out, struct err *err)
{
	if (steps_max < 1 || steps_max > JOURNEY_STEPS_MAX)
		return err_limit(err, "propose.steps", "steps", (int64_t)steps_max, JOURNEY_STEPS_MAX,
		                 "a map has 1 to %d steps", JOURNEY_STEPS_MAX);
	struct journey_proposal p = { 0 };
	p.steps = ARENA_ARRAY(a, struct journey_proposal_step, g->n_activities);
	if (!p.steps) return err_no_memory(err);
	for (size_t i = 0; i < g->n_activities; i++)
		p.steps[i] = (struct journey_proposal_step){ .event = g->activities[i].name,
			                                     .position = positions[i],
			                                     .count = g->activities[i].count,
			                                     .customers = g->activities[i].customers };
	qsort(p.steps, g->n_activities, sizeof *p.steps, by_customers);
	p.n_steps = g->n_activities < steps_max ? g->n_activities : steps_max;
	for (size_t i = p.n_steps; i < g->n_activities; i++) {
		p.rest_names++;
		p.rest_events += p.steps[i].count;
	}
	qsort(p.steps, p.n_steps, sizeof *p.steps, by_position);
	if (p.n_steps) {
		double *q = ARENA_ARRAY(a, double, p.n_steps *p.n_steps);
		if (!q || !scores(g, p.steps, p.n_steps, q, a)) return err_no_memory(err);
		p.n_groups = cut_groups(q, p.n_steps, p.steps, &p.modularity, a);
		if (!p.n_groups) return err_no_memory(err);
	}
	*out = p;
	return OK;
}

/* --- the gap --------------------------------------------------------------------------------------- */

enum { CLASSES_A_DECADE = 20, GAPS_MIN = 100 };

void journey_gaps_add(struct journey_gaps *g, const struct journey_columns *c)
{
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		for (uint32_t r = c->offset[i] + 1; r < c->offset[i + 1]; r++) {
			const int64_t ms = c->at_ms[r] - c->at_ms[r - 1];
			if (ms < 60000) continue;
			int k = (int)(log10((double)ms) * CLASSES_A_DECADE);
			if (k >= JOURNEY_GAP_CLASSES) k = JOURNEY_GAP_CLASSES - 1;
			g->classes[k]++;
		}
	}
}

int64_t journey_gap_find(const struct journey_gaps *g)
{
	/* Smoothed by a triangle of half a decade, so that days and weeks do not each make a peak. */
	enum { HALF = 6 };
	double h[JOURNEY_GAP_CLASSES];
	int64_t n = 0;
	for (int i = 0; i < JOURNEY_GAP_CLASSES; i++) {
		n += g->classes[i];
		h[i] = 0;
		for (int d = -HALF; d <= HALF; d++)
			if (i + d >= 0 && i + d < JOURNEY_GAP_CLASSES)
				h[i] += (HALF + 1 - abs(d)) * (double)g->classes[i + d];
	}
	if (n < GAPS_MIN) return JOURNEY_GAP_DEFAULT_MS;

	/* For each place the lower of the highest peaks on both sides; the best valley is the deepest below it. */
	double right[JOURNEY_GAP_CLASSES + 1];
	right[JOURNEY_GAP_CLASSES] = 0;
	for (int i = JOURNEY_GAP_CLASSES; i-- > 0;) right[i] = fmax(right[i + 1], h[i]);
	double left = 0, best = 0;
	int from = -1, to = -1;
	for (int i = 0; i < JOURNEY_GAP_CLASSES; i++) {
		const double rim = fmin(left, right[i + 1]), depth = rim - h[i];
		if (h[i] <= rim / 2 && rim >= 0.1 * (double)n) {
			if (depth > best) {
				best = depth;
				from = to = i;
			} else if (depth >= best && i == to + 1) {
				to = i; /* a flat bottom: its middle */
			}
		}
		left = fmax(left, h[i]);
	}
	if (from < 0) return JOURNEY_GAP_DEFAULT_MS;
	const double ms = pow(10, ((double)(from + to) / 2 + 0.5) / CLASSES_A_DECADE);
	return ms < 3600000 ? JOURNEY_GAP_DEFAULT_MS : (int64_t)llrint(ms / 60000) * 60000;
}
