/* Compares a measure with its twin's, field by field. */
#include "tests/unit/unit.h"

#include "tests/oracle/check.h"

#include <math.h>

#define SAME(field) assert_int_equal(got->field, want->field)
#define NEAR(field) assert_near(got->field, want->field, 1e-6 * (1 + fabs(want->field)))

static void check_signal(const struct journey_signal_stat *got, const struct journey_signal_stat *want)
{
	SAME(n);
	SAME(customers);
	NEAR(mean);
	NEAR(var);
	SAME(newest_ms);
}

static void check_touchpoint(const struct journey_touchpoint_stat *got, const struct journey_touchpoint_stat *want)
{
	SAME(visits);
	SAME(instances);
	SAME(customers);
	SAME(repeats);
	SAME(first_ms);
	SAME(last_ms);
	SAME(to_next.n);
	NEAR(to_next.mean);
	NEAR(to_next.p50);
	SAME(kept);
	SAME(broken);
	NEAR(overrun_mean_ms);
	NEAR(overrun_p50_ms);
	SAME(comments);
	NEAR(position);
	for (int i = 0; i < JOURNEY_SIGNALS; i++) check_signal(&got->signals[i], &want->signals[i]);
}

static void check_ratings(const struct journey_ratings *got, const struct journey_ratings *want)
{
	SAME(n);
	SAME(customers);
	NEAR(mean);
	NEAR(raw_mean);
	NEAR(se);
}

static void check_effect(const struct journey_effect *got, const struct journey_effect *want)
{
	SAME(touchpoint);
	SAME(kind);
	assert_true(str_eq(got->dimension, want->dimension));
	assert_true(str_eq(got->value, want->value));
	SAME(instances);
	SAME(customers);
	SAME(other_instances);
	check_ratings(&got->with, &want->with);
	check_ratings(&got->without, &want->without);
	SAME(clustered_together);
	NEAR(diff);
	NEAR(diff_se);
}

static bool has_loop(const struct journey_measure *m, const struct journey_loop *l)
{
	for (size_t i = 0; i < m->n_loops; i++)
		if (m->loops[i].from == l->from && m->loops[i].to == l->to)
			return m->loops[i].count == l->count && m->loops[i].instances == l->instances;
	return false;
}

static bool has_quote(const struct journey_measure *m, const struct journey_quote *x)
{
	for (size_t i = 0; i < m->n_quotes; i++) {
		const struct journey_quote *y = &m->quotes[i];
		if (y->arrival != x->arrival) continue;
		return y->touchpoint == x->touchpoint && y->at_ms == x->at_ms &&
		       (fabsf(y->utility - x->utility) < 1e-3f || (isnan(x->utility) && isnan(y->utility)));
	}
	return false;
}

void check_measure(const struct journey_measure *got, const struct journey_measure *want)
{
	SAME(customers);
	SAME(events);
	SAME(other_events);
	SAME(total.entered);
	SAME(total.goal);
	SAME(total.still_in);
	SAME(total.lost);
	SAME(newest_ms);
	SAME(oldest_ms);
	SAME(arrival_end);
	SAME(n_steps);
	SAME(n_touchpoints);
	SAME(rating_n);
	NEAR(rating_mean);
	check_signal(&got->whole, &want->whole);
	for (size_t i = 0; i < want->n_steps; i++) {
		SAME(steps[i].entered);
		SAME(steps[i].advanced);
		SAME(steps[i].goal);
		SAME(steps[i].lost);
		SAME(steps[i].still_in);
		SAME(steps[i].starts);
		assert_int_equal(got->steps[i].entered, got->steps[i].advanced + got->steps[i].goal +
		                                                got->steps[i].lost + got->steps[i].still_in);
	}
	for (size_t i = 0; i < want->n_touchpoints; i++) check_touchpoint(&got->touchpoints[i], &want->touchpoints[i]);
	SAME(n_ribbons);
	for (size_t i = 0; i < want->n_ribbons; i++) {
		SAME(ribbons[i].from);
		SAME(ribbons[i].to);
		SAME(ribbons[i].instances);
	}
	SAME(n_loops);
	for (size_t i = 0; i < want->n_loops; i++) assert_true(has_loop(got, &want->loops[i]));
	for (size_t i = 1; i < got->n_loops; i++) assert_true(got->loops[i - 1].instances >= got->loops[i].instances);
	SAME(n_quotes);
	for (size_t i = 0; i < want->n_quotes; i++) assert_true(has_quote(got, &want->quotes[i]));
	for (size_t i = 1; i < got->n_quotes; i++) {
		const struct journey_quote *x = &got->quotes[i - 1], *y = &got->quotes[i];
		assert_true(x->touchpoint == y->touchpoint ? x->at_ms >= y->at_ms
		                                           : y->touchpoint == 0 || x->touchpoint < y->touchpoint);
	}
	SAME(n_effects);
	for (size_t i = 0; i < want->n_effects; i++) check_effect(&got->effects[i], &want->effects[i]);
}
