/* What staff say before customers feel it: counts by activity and day against a loop over all rows. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"
#include "base/when.h"

enum { DAYS_MAX = 4096 };

/* One touchpoint's days, counted anew for every row of the answer. */
struct days {
	int64_t day[DAYS_MAX];
	double visits[DAYS_MAX], reports[DAYS_MAX], answers[DAYS_MAX], sum[DAYS_MAX], squares[DAYS_MAX];
	size_t n;
};

static size_t place_of(struct days *d, int64_t at_ms)
{
	const int64_t day = (int64_t)floor((double)at_ms / (double)WHEN_DAY_MS);
	size_t i = 0;
	while (i < d->n && d->day[i] < day) i++;
	if (i < d->n && d->day[i] == day) return i;
	assert_true(d->n < DAYS_MAX);
	for (size_t k = d->n++; k > i; k--) {
		d->day[k] = d->day[k - 1];
		d->visits[k] = d->visits[k - 1], d->reports[k] = d->reports[k - 1];
		d->answers[k] = d->answers[k - 1], d->sum[k] = d->sum[k - 1], d->squares[k] = d->squares[k - 1];
	}
	d->day[i] = day;
	d->visits[i] = d->reports[i] = d->answers[i] = d->sum[i] = d->squares[i] = 0;
	return i;
}

static void count(const struct oasked *w, struct str staff, uint16_t code, struct days *d)
{
	d->n = 0;
	for (size_t i = 0; i < w->n; i++)
		for (size_t at = 0; at < w->cases[i].n; at++) {
			const struct orow *r = w->cases[i].rows[at];
			const bool by_staff = str_eq(str_of(r->event), staff);
			bool whole;
			if (otouchpoint(&w->o.q, r) == code) d->visits[place_of(d, r->at_ms)]++;
			if (isnan(r->score) && !r->comment) continue;
			if (oabout(&w->o.q, w->cases, w->n, &w->cases[i], at, &whole) != code || whole) continue;
			if (by_staff) {
				d->reports[place_of(d, r->at_ms)]++;
			} else if (!isnan(r->score)) {
				const double u = 100 * (r->score - r->min) / (r->max - r->min);
				const size_t k = place_of(d, r->at_ms);
				d->answers[k]++, d->sum[k] += u, d->squares[k] += u * u;
			}
		}
}

static void same_change(const struct stats_change *got, const struct stats_change *want)
{
	assert_int_equal(got->at.flags, want->at.flags);
	assert_near(got->p, want->p, 1e-6);
	assert_near(got->before, want->before, 1e-6);
	assert_near(got->after, want->after, 1e-6);
	assert_near(got->at.est, want->at.est, 0);
	assert_near(got->at.lo, want->at.lo, 0);
	assert_near(got->at.hi, want->at.hi, 0);
}

static int check(const struct oasked *w, const struct journey_lead_query *q, const struct journey_lead *r)
{
	static struct days d;
	static struct stats_day list[DAYS_MAX];
	int dated = 0;
	size_t rows = 0;
	for (size_t t = 0; t < w->o.rules.n_touchpoints; t++) {
		const struct str name = w->o.rules.touchpoints[t].key;
		const struct journey_lead_row *row = NULL;
		double visits = 0, reports = 0, answers = 0;
		struct stats_change want;
		for (size_t i = 0; i < r->n_rows; i++)
			if (str_eq(r->rows[i].name, name)) row = &r->rows[i];
		count(w, q->staff, (uint16_t)(t + 1), &d);
		for (size_t i = 0; i < d.n; i++)
			visits += d.visits[i], reports += d.reports[i], answers += d.answers[i];
		const bool asked = !q->about.len || str_eq(q->about, name);
		assert_int_equal(row != NULL, reports > 0 && asked);
		if (!row) continue;
		rows++;
		assert_int_equal(row->visits, (int64_t)visits);
		assert_int_equal(row->reports, (int64_t)reports);
		assert_int_equal(row->answers, (int64_t)answers);
		size_t k = 0;
		for (size_t i = 0; i < d.n; i++)
			if (d.answers[i] > 0)
				list[k++] = (struct stats_day){ d.day[i], d.answers[i], d.sum[i], d.squares[i] };
		assert_int_equal(stats_change_mean(list, k, &want, NULL), OK);
		/* Where two days are as likely, rounding may take either. */
		if (row->scores.at.est == want.at.est) same_change(&row->scores, &want);
		for (size_t i = 0; i < d.n; i++)
			list[i] = (struct stats_day){ d.day[i], visits > 0 ? d.visits[i] : 1, d.reports[i], 0 };
		assert_int_equal(stats_change_rate(list, d.n, &want, NULL), OK);
		same_change(&row->staff, &want);
		dated += !(want.at.flags & STATS_NOT_IDENTIFIED);
	}
	assert_int_equal(rows, r->n_rows);
	return dated;
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int dated = 0;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		struct oasked w;
		struct rng random;
		struct err err;
		struct journey_lead_plan *plan;
		struct journey_lead r;
		const struct oshape shape = { .customers = 1 + (int)(seed % 60),
			                      .events_max = 14,
			                      .activities = 2 + (int)(seed % 3),
			                      .tick_ms = 6 * (int)WHEN_HOUR_MS,
			                      .evidence = true };
		oasked_make(&w, seed, &shape, true);
		w.o.q.by = JOURNEY_BY_CUSTOMER;
		w.o.q.instance.cut = JOURNEY_CUT_CUSTOMER;
		assert_int_equal(journey_plan_new(&w.o.q, &w.s, &w.a, &w.plan, &err), OK);
		w.cases = ocases(&w.log, &w.o.q, &w.a, &w.n);
		rng_init(&random, seed, 15);
		struct journey_lead_query q = { .staff = str_of(w.log.n ? w.log.rows[0].event : "a") };
		if (rng_below(&random, 3) == 0) q.about = w.o.rules.touchpoints[0].key;
		if (journey_lead_plan(w.plan, &q, &w.a, &plan, &err) == OK) {
			void *pass = oasked_run(&w, w.plan, &journey_lead_pass, plan);
			assert_int_equal(journey_lead_result(pass, &w.a, &r, &err), OK);
			dated += check(&w, &q, &r);
			journey_lead_pass.free(pass);
		}
		oasked_done(&w);
	}
	assert_true(dated > 100);
}

static void reports_that_nobody_makes_are_refused(void **state)
{
	struct oasked w;
	struct err err;
	struct journey_lead_plan *plan;
	oasked_make(&w, 2, &(struct oshape){ 2, 14, 4, 100, false }, false);
	assert_int_equal(
	        journey_lead_plan(w.plan, &(struct journey_lead_query){ .staff = STR("nobody") }, &w.a, &plan, &err),
	        ERR_INPUT);
	assert_string_equal(err.field, "staff");
	assert_int_equal(journey_lead_plan(w.plan,
	                                   &(struct journey_lead_query){ .staff = STR("a"), .about = STR("nowhere") },
	                                   &w.a, &plan, &err),
	                 ERR_INPUT);
	assert_string_equal(err.field, "about");
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(reports_that_nobody_makes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
