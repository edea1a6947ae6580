/* Moments of truth: two passes over whole histories, then differences with their errors. */
#include <math.h>

#include "ask/priv.h"

#define SIDE_MIN 5 /* fewer are not shown */
#define FDR 0.05

static enum err_code check(const struct journey_query *q, const struct journey_moments_question *what, struct err *err)
{
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "moments of truth need a map");
	if (!what->outcome && !what->outcome_event.len)
		return err_set(err, ERR_INPUT, "moments.outcome", "outcome", "no outcome is named");
	if (what->within_ms <= 0)
		return err_set(err, ERR_INPUT, "moments.within", "within", "a window of nothing holds no outcome");
	if (!(what->bad >= 0 && what->bad <= what->good && what->good <= 100))
		return err_set(err, ERR_INPUT, "moments.bounds", "bad",
		               "bad below %g and good from %g do not part a scale of 0 to 100", what->bad, what->good);
	return OK;
}

static enum err_code estimate(struct ask_moment *t, int64_t customers, struct arena *scratch, struct err *err)
{
	const struct journey_moments_touchpoint *c = &t->counts;
	t->reach = customers > 0 ? (double)c->met / (double)customers : 0;
	t->raw_diff = NAN;
	t->p = t->p_adjusted = 1;
	t->diff = (struct stats_estimate){
		.level = 0.95, .n = c->good.n + c->bad.n, .method = STATS_MANTEL_HAENSZEL, .flags = STATS_NOT_IDENTIFIED
	};
	if (c->good.n < SIDE_MIN || c->bad.n < SIDE_MIN) {
		t->diff.flags |= STATS_SUPPRESSED;
		return OK;
	}
	struct stats_stratum *strata = ARENA_ARRAY(scratch, struct stats_stratum, c->n_strata);
	if (!strata) return err_no_memory(err);
	for (size_t k = 0; k < c->n_strata; k++) {
		const struct journey_moments_stratum *s = &c->strata[k];
		strata[k] = (struct stats_stratum){ { s->good.reached, s->good.n }, { s->bad.reached, s->bad.n } };
	}
	t->raw_diff = (double)c->good.reached / (double)c->good.n - (double)c->bad.reached / (double)c->bad.n;
	return stats_risk_difference(strata, c->n_strata, &t->diff, &t->p, err);
}

/* The interval of a difference is too short for a handful of people; they are shown, and not judged. */
static bool is_judged(const struct ask_moment *t)
{
	return !(t->diff.flags & STATS_NOT_IDENTIFIED) && t->counts.good.n >= ASK_MOMENT_SIDE &&
	       t->counts.bad.n >= ASK_MOMENT_SIDE;
}

/* One family: every touchpoint that is judged. */
static enum err_code judge(struct ask_moments *r, struct arena *scratch, struct err *err)
{
	const size_t n = r->n_touchpoints;
	double *p = ARENA_ARRAY(scratch, double, n), *adjusted = ARENA_ARRAY(scratch, double, n);
	size_t k = 0;
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (is_judged(&r->touchpoints[i])) p[k++] = r->touchpoints[i].p;
	TRY(stats_bh(p, k, scratch, adjusted, err));
	k = 0;
	for (size_t i = 0; i < n; i++) {
		struct ask_moment *t = &r->touchpoints[i];
		if (!is_judged(t)) continue;
		t->diff.flags |= STATS_MULTIPLE_TESTED;
		t->p_adjusted = adjusted[k++];
		t->moment = t->p_adjusted <= FDR && t->diff.est > 0 && t->reach >= ASK_MOMENT_REACH;
	}
	return OK;
}

static enum err_code result(struct asking *k, const void *pass, struct arena *m, struct ask_moments *out,
                            struct err *err)
{
	struct journey_moments counts;
	struct ask_moments r = { 0 };
	TRY(journey_moments_result(pass, m, &counts, err));
	r.customers = counts.customers;
	r.n_touchpoints = counts.n_touchpoints;
	r.touchpoints = ARENA_ARRAY(m, struct ask_moment, r.n_touchpoints);
	if (!r.touchpoints) return err_no_memory(err);
	TRY(stats_proportion(counts.base.reached, counts.base.n, &r.rate, err));
	for (size_t i = 0; i < r.n_touchpoints; i++) {
		r.touchpoints[i].counts = counts.touchpoints[i];
		TRY(estimate(&r.touchpoints[i], r.customers, &k->scratch, err));
	}
	TRY(judge(&r, &k->scratch, err));
	*out = r;
	return OK;
}

/* Both passes; *counts is the caller's to free. */
static enum err_code count(struct asking *k, struct journey_moments_question *w, void **counts, struct err *err)
{
	void *scales = NULL;
	enum err_code rc = asking_pass(k, &journey_moments_scales_pass, w, &scales, err);
	if (rc == OK) rc = journey_moments_scales_result(scales, &k->scratch, &w->scales, err);
	if (rc == OK) rc = asking_pass(k, &journey_moments_pass, w, counts, err);
	journey_moments_scales_pass.free(scales);
	return rc;
}

static struct journey_query whole_history(const struct journey_query *q)
{
	struct journey_query whole = *q;
	whole.by = JOURNEY_BY_CUSTOMER;
	whole.from_ms = INT64_MIN, whole.to_ms = INT64_MAX;
	return whole;
}

enum err_code ask_moments(struct ask *a, const struct journey_query *q, const struct journey_moments_question *what,
                          struct arena *m, struct ask_moments *out, struct err *err)
{
	TRY(check(q, what, err));
	const struct journey_query whole = whole_history(q);
	struct journey_moments_question w = *what;
	w.from_ms = q->from_ms, w.to_ms = q->to_ms;
	struct asking k;
	void *counts = NULL;
	enum err_code rc = asking_start(&k, a, &whole, err);
	if (rc == OK) rc = count(&k, &w, &counts, err);
	if (rc == OK) rc = result(&k, counts, m, out, err);
	journey_moments_pass.free(counts);
	asking_done(&k);
	return rc;
}

enum err_code ask_moments_people(struct ask *a, const struct journey_query *q,
                                 const struct journey_moments_question *what, uint64_t cursor, size_t limit,
                                 struct arena *m, struct ask_members *out, struct err *err)
{
	TRY(check(q, what, err));
	const struct journey_query whole = whole_history(q);
	struct journey_moments_question w = *what;
	w.from_ms = q->from_ms, w.to_ms = q->to_ms;
	w.people = journey_set_new();
	if (!w.people) return err_no_memory(err);
	struct asking k;
	void *counts = NULL;
	struct journey_moments unused;
	enum err_code rc = asking_start(&k, a, &whole, err);
	if (rc == OK) rc = count(&k, &w, &counts, err);
	if (rc == OK) rc = journey_moments_result(counts, &k.scratch, &unused, err);
	if (rc == OK) rc = asking_members(&k, w.people, cursor, limit, m, out, err);
	journey_moments_pass.free(counts);
	asking_done(&k);
	journey_set_free(w.people);
	return rc;
}
