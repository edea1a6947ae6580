/* Waits by edge against a slow twin, and the order of the worst. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

static int by_double(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

/* Times of the edge, sorted. */
static size_t waits_of(const struct oasked *w, struct str from, struct str to, double *out)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct ocase *c = &w->cases[i];
		for (size_t k = 1; k < c->n; k++)
			if (str_eq(str_of(oactivity(&w->o.q, c->rows[k - 1])), from) &&
			    str_eq(str_of(oactivity(&w->o.q, c->rows[k])), to))
				out[n++] = (double)(c->rows[k]->at_ms - c->rows[k - 1]->at_ms);
	}
	qsort(out, n, sizeof *out, by_double);
	return n;
}

static double quantile(const double *v, size_t n, double q)
{
	const double h = (double)(n - 1) * q;
	const size_t i = (size_t)h;
	return i + 1 < n ? v[i] + (h - (double)i) * (v[i + 1] - v[i]) : v[i];
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	static double times[4096];
	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct oasked w;
		struct journey_bottlenecks b;
		struct err err;
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 12),
		                              .events_max = 20,
		                              .activities = 2 + (int)(seed % 4),
		                              .tick_ms = 100 },
		            seed % 2);
		if (seed % 500 == 0) print_message("seed %d\n", (int)seed);
		const int64_t target = (int64_t)(seed % 4) * 150;
		void *pass = oasked_run(&w, w.plan, &journey_waits_pass, NULL);
		assert_int_equal(journey_bottlenecks_result(pass, target, &w.a, &b, &err), OK);
		journey_waits_pass.free(pass);
		int64_t waits = 0, total = 0;
		double shares = 0;
		for (size_t i = 0; i < w.n; i++) waits += (int64_t)w.cases[i].n - 1;
		for (size_t i = 0; i < b.n; i++) {
			const struct journey_bottleneck *e = &b.edges[i];
			const size_t n = waits_of(&w, e->from, e->to, times);
			double sum = 0;
			for (size_t k = 0; k < n; k++) sum += times[k];
			assert_int_equal(e->times.n, n);
			assert_near((double)e->total_ms, sum, 0.5);
			assert_near(e->times.p50, quantile(times, n, 0.5), 1e-9);
			assert_near(e->times.p90, quantile(times, n, 0.9), 1e-9);
			assert_near(e->score, (double)n * fmax(0, quantile(times, n, 0.5) - (double)target), 1e-6);
			/* The interval's ranks as the quantiles of stats have them. */
			struct stats_estimate want;
			stats_quantile(times, n, 0.5, &want);
			if (!(want.flags & STATS_NOT_IDENTIFIED)) {
				assert_near(e->times.p50_lo, want.lo, 1e-9);
				assert_near(e->times.p50_hi, want.hi, 1e-9);
			}
			if (i) assert_true(b.edges[i - 1].score >= e->score);
			waits -= e->times.n;
			total += e->total_ms;
			shares += e->share;
		}
		assert_int_equal(waits, 0);
		assert_int_equal(total, b.total_ms);
		assert_near(shares, total > 0 ? 1 : 0, 1e-9);
		oasked_done(&w);
	}
}

static void a_target_below_nothing_is_refused(void **state)
{
	struct oasked w;
	struct journey_bottlenecks b;
	struct err err;
	oasked_make(&w, 1, &(struct oshape){ 2, 5, 2, 10, false }, false);
	void *pass = oasked_run(&w, w.plan, &journey_waits_pass, NULL);
	assert_int_equal(journey_bottlenecks_result(pass, -1, &w.a, &b, &err), ERR_INPUT);
	assert_string_equal(err.field, "target");
	journey_waits_pass.free(pass);
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(a_target_below_nothing_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
