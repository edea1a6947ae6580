/* The instances behind a number of the measure: the same rules, one instance at a time. */
#include "journey/priv.h"

#include <math.h>

struct chosen { /* what the number is about */
	const struct journey_plan *p;
	uint16_t touchpoint;
	int step;
};

static bool is_of(const struct chosen *w, uint16_t code)
{
	if (!code) return false;
	if (w->touchpoint) return code == w->touchpoint;
	return w->step < 0 || w->p->step[code] == w->step;
}

static void states(const struct chosen *w, const struct journey_columns *c, const uint32_t *rows, uint32_t n,
                   const struct reach *r, uint32_t *counts)
{
	uint32_t visits = 0;
	uint16_t step = 0;
	uint32_t *seen = counts; /* nothing is counted when the instance was never there */
	for (uint32_t i = 0; i < n; i++) {
		const uint16_t code = c->touchpoints[rows[i]];
		if (!is_of(w, code)) continue;
		visits++;
		step = w->p->step[code];
	}
	if (!visits) return;
	if (!w->touchpoint && w->step < 0) step = r->furthest; /* the whole map: where the instance ended */
	seen[JOURNEY_ENTERED] = 1;
	seen[JOURNEY_ADVANCED] = step < r->furthest;
	if (step < r->furthest) return;
	seen[JOURNEY_GOAL] = r->goal;
	seen[JOURNEY_STILL_IN] = r->still_in;
	seen[JOURNEY_LOST] = !r->goal && !r->still_in;
}

/* Touchpoints that the choice covers and that the instance visited more than once. */
static uint32_t repeats(const struct chosen *w, const struct journey_columns *c, const uint32_t *rows, uint32_t n,
                        uint32_t *visits)
{
	uint32_t k = 0;
	for (uint32_t i = 0; i < n; i++) {
		const uint16_t code = c->touchpoints[rows[i]];
		if (is_of(w, code) && ++visits[code] == 2) k++;
	}
	for (uint32_t i = 0; i < n; i++) visits[c->touchpoints[rows[i]]] = 0;
	return k;
}

enum err_code journey_instances(const struct journey_plan *p, const struct journey_columns *c, uint16_t touchpoint,
                                int step, journey_instance_fn each, void *ctx, struct err *err)
{
	const struct chosen w = { p, touchpoint, touchpoint ? -1 : step };
	const bool map = !touchpoint && step < 0;
	struct cases cs = { 0 };
	uint32_t *visits = calloc(p->n_touchpoints + 1, sizeof *visits);
	if (!visits) return err_no_memory(err);
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		(void)cases_cut(p, c, i, &cs);
		const uint32_t end = c->evidence_offset[i + 1];
		for (uint32_t k = 0; k < cases_stated(&cs); k++) {
			const bool loose = k >= cs.n;
			const uint32_t *rows = cs.row + cs.start[k], n = cs.start[k + 1] - cs.start[k];
			const struct reach r = reach_of(p, c, rows, n);
			struct journey_instance out = { .customer = c->customer[i],
				                        .ordinal = k,
				                        .first_ms = c->at_ms[rows[0]],
				                        .last_ms = c->at_ms[rows[n - 1]],
				                        .events = n };
			if (!loose) {
				states(&w, c, rows, n, &r, out.counts);
				out.counts[JOURNEY_REPEATED] = repeats(&w, c, rows, n, visits);
			}
			double sum = 0;
			uint32_t ratings = 0;
			uint32_t e = evidence_from(c, i, rows[0]);
			for (uint32_t at = 0; at < n && e < end; at++) {
				while (e < end && c->evidence[e].row < rows[at]) e++;
				for (; e < end && c->evidence[e].row == rows[at]; e++) {
					const struct journey_evidence *v = &c->evidence[e];
					/* No signal; and what is no statement counts in cases alone. */
					if (v->what > JOURNEY_COMMENT || (loose && !is_stated(v))) continue;
					bool whole;
					const uint16_t code = evidence_touchpoint(p, c, &cs, k, at, v, &whole);
					const bool rated = v->what == JOURNEY_RATING,
					           comment = v->what == JOURNEY_COMMENT;
					if (rated) {
						sum += v->utility;
						ratings++;
					}
					/* Of the whole map are all ratings, and comments about it or about one of its
					 * touchpoints. */
					if (!is_of(&w, code) && !(map && (rated || (comment && whole)))) continue;
					out.counts[JOURNEY_RATED] += rated;
					out.counts[JOURNEY_COMMENTED] += comment;
					out.counts[JOURNEY_FAILED] += v->what == JOURNEY_FAILURE;
					out.counts[JOURNEY_BROKEN] += v->what == JOURNEY_BREACH && v->raw > 0;
					out.counts[JOURNEY_KEPT] += v->what == JOURNEY_BREACH && !(v->raw > 0);
				}
			}
			out.utility = ratings ? (float)(sum / ratings) : NAN;
			each(ctx, &out);
		}
	}
	free(visits);
	const bool failed = cs.failed;
	cases_done(&cs);
	return failed ? err_no_memory(err) : OK;
}

enum err_code journey_extent(const struct journey_plan *p, const struct journey_columns *c, uint32_t i,
                             struct journey_extent *out, struct err *err)
{
	struct cases cs = { 0 };
	*out = (struct journey_extent){ 0 };
	const uint32_t n = spans_cut(p, c, i, &cs);
	for (uint32_t k = 0; k < n; k++) {
		const struct span s = spans_get(&cs, k);
		if (!out->events || s.at_ms[0] < out->first_ms) out->first_ms = s.at_ms[0];
		if (!out->events || s.at_ms[s.n - 1] > out->last_ms) out->last_ms = s.at_ms[s.n - 1];
		out->events += s.n;
	}
	const bool failed = cs.failed;
	cases_done(&cs);
	return failed ? err_no_memory(err) : OK;
}
