/* Experience scores of a measure: docs/methods/scores.md. */
#include <math.h>

#include "maps/priv.h"

static const double bias_sd[JOURNEY_SIGNALS] = {
	[JOURNEY_RATING] = 0, [JOURNEY_EFFORT] = 8, [JOURNEY_WAIT] = 10, [JOURNEY_FAILURE] = 10, [JOURNEY_BREACH] = 10,
};

/* What nobody's spread is known for: nearly that of an even spread over 0..100. */
#define SD_UNKNOWN 30.0
#define NEUTRAL 50.0
#define CUSTOMERS_MIN 5

static bool is_said(enum journey_signal j)
{
	return j == JOURNEY_RATING || j == JOURNEY_SENTIMENT;
}

/*
 * The engine tells of failures and broken promises only where they
 * happened. Those who passed unharmed count as neutral, so that a touchpoint
 * that fails one in ten is not scored as if it failed everybody.
 */
static struct journey_signal_stat diluted(const struct journey_touchpoint_stat *t, enum journey_signal j)
{
	struct journey_signal_stat s = t->signals[j];
	if ((j != JOURNEY_FAILURE && j != JOURNEY_BREACH) || s.customers < 1) return s;
	double all = (double)t->customers;
	if (j == JOURNEY_BREACH && t->broken > 0)
		all = (double)s.customers * (double)(t->kept + t->broken) / (double)t->broken;
	all = fmax(all, (double)s.customers);
	const double p = (double)s.customers / all, d = s.mean - NEUTRAL;
	const double var = s.customers > 1 ? s.var : 0;
	s.mean = NEUTRAL + p * d;
	s.var = p * (var + d * d) - p * d * p * d;
	s.customers = (int64_t)llround(all);
	return s;
}

static void pooled_spread(const struct maps_measured *mm, double out[JOURNEY_SIGNALS])
{
	for (int j = 0; j < JOURNEY_SIGNALS; j++) {
		double squares = 0, df = 0;
		for (size_t t = 0; t < mm->measure.n_touchpoints; t++) {
			const struct journey_signal_stat s =
			        diluted(&mm->measure.touchpoints[t], (enum journey_signal)j);
			if (s.customers < CUSTOMERS_MIN) continue;
			squares += s.var * (double)(s.customers - 1);
			df += (double)(s.customers - 1);
		}
		out[j] = df > 0 ? sqrt(squares / df) : SD_UNKNOWN;
	}
}

struct combined {
	double x, v;
	int64_t said, seen, customers;
	bool usable;
};

static void combine(struct maps_measured *mm, size_t t, const double pooled[JOURNEY_SIGNALS], struct combined *out)
{
	const struct journey_touchpoint_stat *stat = &mm->measure.touchpoints[t];
	struct stats_signal signals[JOURNEY_SIGNALS];
	double weights[JOURNEY_SIGNALS];
	*out = (struct combined){ 0 };
	for (int j = 0; j < JOURNEY_SIGNALS; j++) {
		const struct journey_signal_stat s = diluted(stat, (enum journey_signal)j);
		signals[j] =
		        (struct stats_signal){ .mean = s.mean,
			                       .var = s.var,
			                       .customers = s.customers,
			                       .n = s.n,
			                       .bias_sd = j == JOURNEY_SENTIMENT ? map_comments_bias(mm) : bias_sd[j],
			                       .pooled_sd = pooled[j] };
		if (is_said((enum journey_signal)j)) out->said += s.n;
		else out->seen += s.n;
	}
	struct stats_combined c;
	stats_combine(signals, JOURNEY_SIGNALS, weights, &c);
	out->x = c.x, out->v = c.v, out->customers = c.customers;
	out->usable = c.any && out->said + out->seen >= CUSTOMERS_MIN;
	if (!out->usable) return;
	mm->shares[t][0] = weights[JOURNEY_RATING];
	mm->shares[t][1] = weights[JOURNEY_SENTIMENT];
	mm->shares[t][2] =
	        weights[JOURNEY_EFFORT] + weights[JOURNEY_WAIT] + weights[JOURNEY_FAILURE] + weights[JOURNEY_BREACH];
}

/* Prior of the usable touchpoints of a stage (SIZE_MAX: of the journey). */
static void prior_of(const struct maps_measured *mm, const struct combined *c, size_t stage, double mean0, double *x,
                     double *v, struct stats_prior *out)
{
	size_t k = 0;
	for (size_t t = 0; t < mm->measure.n_touchpoints; t++) {
		if (!c[t].usable || (stage != SIZE_MAX && mm->doc->touchpoints[t].stage != stage)) continue;
		x[k] = c[t].x;
		v[k++] = fmax(c[t].v, 1e-4);
	}
	stats_prior(x, v, k, mean0, out);
}

/* Where fewer than four touchpoints have evidence: the mean of all ratings, else of the scores there are. */
static double mean_of_all(const struct maps_measured *mm, const struct combined *c)
{
	if (mm->measure.rating_n >= CUSTOMERS_MIN) return mm->measure.rating_mean;
	struct stats_sum w = { 0, 0 }, wx = { 0, 0 };
	for (size_t t = 0; t < mm->measure.n_touchpoints; t++) {
		if (!c[t].usable) continue;
		stats_add(&w, 1 / fmax(c[t].v, 1e-4));
		stats_add(&wx, c[t].x / fmax(c[t].v, 1e-4));
	}
	return stats_total(&w) > 0 ? stats_total(&wx) / stats_total(&w) : NAN;
}

static void whole_of(struct maps_measured *mm)
{
	const struct journey_signal_stat *s = &mm->measure.whole;
	const struct stats_moments m = { .n = s->customers,
		                         .mean = s->mean,
		                         .m2 = s->customers > 1 ? s->var * (double)(s->customers - 1) : 0 };
	stats_mean(&m, &mm->whole);
	struct stats_estimate *e = &mm->whole;
	if (!(e->flags & STATS_NO_SPREAD)) e->method = STATS_MEAN_CLUSTER;
	stats_on_scale(e, (struct interval){ 0, 100 });
	e->n = s->n;
	e->n_eff = (double)s->customers;
	e->flags &= ~(unsigned)STATS_SMALL_N;
	stats_mark(e);
}

enum err_code map_scores(struct maps_measured *mm, struct arena *a, struct err *err)
{
	const size_t n = mm->measure.n_touchpoints;
	mm->scores = ARENA_ARRAY(a, struct stats_estimate, n);
	mm->sd = ARENA_ARRAY(a, double, n);
	mm->evidence = ARENA_ARRAY(a, enum render_evidence, n);
	mm->shares = arena_array(a, n, sizeof *mm->shares);
	struct combined *c = ARENA_ARRAY(a, struct combined, n);
	double *x = ARENA_ARRAY(a, double, n), *v = ARENA_ARRAY(a, double, n);
	if (!mm->scores || !mm->sd || !mm->evidence || !mm->shares || !c || !x || !v) return err_no_memory(err);

	double pooled[JOURNEY_SIGNALS];
	pooled_spread(mm, pooled);
	for (size_t t = 0; t < n; t++) combine(mm, t, pooled, &c[t]);

	const double mean0 = mean_of_all(mm, c);
	struct stats_prior journey;
	prior_of(mm, c, SIZE_MAX, mean0, x, v, &journey);
	mm->mean = journey.mean;
	for (size_t t = 0; t < n; t++) {
		struct stats_estimate *e = &mm->scores[t];
		mm->evidence[t] = mm->doc->touchpoints[t].assumed.given ? RENDER_ASSUMED : RENDER_NONE;
		if (!c[t].usable) {
			*e = (struct stats_estimate){ .level = 0.95,
				                      .n = c[t].said + c[t].seen,
				                      .method = STATS_EB_NORMAL };
			e->flags = STATS_NOT_IDENTIFIED;
			stats_mark(e);
			continue;
		}
		struct stats_prior stage;
		prior_of(mm, c, mm->doc->touchpoints[t].stage, mean0, x, v, &stage);
		const struct stats_prior *prior = stage.fixed ? &journey : &stage;
		const double var = fmax(c[t].v, 1e-4), b = var / (var + prior->tau2);
		stats_shrink(c[t].x, var, prior, e);
		mm->sd[t] = sqrt((1 - b) * var + b * b * prior->mean_var);
		const bool said = c[t].said >= CUSTOMERS_MIN;
		mm->evidence[t] = said ? RENDER_MEASURED : RENDER_INFERRED;
		e->n = said ? c[t].said : c[t].said + c[t].seen;
		e->n_eff = (double)c[t].customers;
		stats_mark(e);
	}
	whole_of(mm);
	return OK;
}
