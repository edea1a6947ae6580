/* Service recovery against its slow twin: one customer at a time, every question by a loop over all rows. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"
#include "base/when.h"

struct one { /* what happened to a customer */
	enum { NOT_HURT, TOO_SHORT, BACK, COUNTED } what;
	enum journey_recovery_contact contact;
	bool stayed;
	const char *value;
	int stratum;
};

static bool is_activity(const struct oasked *w, const struct orow *r, struct str name)
{
	return name.len && str_eq(str_of(oactivity(&w->o.q, r)), name);
}

static struct one look(const struct oasked *w, const struct journey_recovery_query *q, const struct ocase *c)
{
	struct one x = { .what = NOT_HURT, .contact = JOURNEY_CONTACT_NONE };
	const struct orow *hurt = NULL;
	int prior = 0;
	for (size_t i = 0; i < c->n && !hurt; i++) {
		const struct orow *r = c->rows[i];
		const bool low = !isnan(r->score) && 100 * (r->score - r->min) / (r->max - r->min) < q->hurt;
		if ((is_activity(w, r, q->after) || low) && r->at_ms >= q->from_ms && r->at_ms < q->to_ms) hurt = r;
		else prior += is_activity(w, r, q->stay);
	}
	if (!hurt) return x;
	x.what = TOO_SHORT;
	if (hurt->at_ms + q->window_ms > w->log.newest_ms) return x;
	const int64_t tenure_ms = hurt->at_ms - c->rows[0]->at_ms;
	x.what = COUNTED;
	x.value = q->by.len ? hurt->colour : "";
	x.stratum = 3 * (prior < 3 ? prior : 3) + (tenure_ms >= 30 * WHEN_DAY_MS) + (tenure_ms >= 365 * WHEN_DAY_MS);
	/* Backwards, so that what comes first has the last word. */
	for (size_t i = c->n; i-- > 0 && c->rows[i] != hurt;) {
		const int64_t after_ms = c->rows[i]->at_ms - hurt->at_ms;
		if (is_activity(w, c->rows[i], q->contact) && after_ms <= q->later_ms)
			x.contact = after_ms <= q->within_ms ? JOURNEY_CONTACT_SOON : JOURNEY_CONTACT_LATER;
		if (!is_activity(w, c->rows[i], q->stay)) continue;
		if (after_ms <= q->later_ms) x.what = BACK;
		else if (after_ms <= q->window_ms) x.stayed = true;
	}
	return x;
}

static bool in_group(const struct one *x, const char *value, enum journey_recovery_contact contact)
{
	return x->what == COUNTED && (!value || strcmp(x->value, value) == 0) &&
	       (contact == JOURNEY_CONTACT_ANY || x->contact == contact);
}

/* Mantel and Haenszel's difference between two groups, strata by contact too where all are compared. */
static double difference(const struct one *list, size_t n, const char *value, enum journey_recovery_contact contact)
{
	double sum = 0, weight = 0;
	const bool any = contact == JOURNEY_CONTACT_ANY;
	for (int s = 0; s < 12; s++)
		for (int k = 0; k < (any ? JOURNEY_CONTACTS : 1); k++) {
			double n1 = 0, n0 = 0, a = 0, b = 0;
			const enum journey_recovery_contact mine = any ? (enum journey_recovery_contact)k : contact,
			                                    other = any ? mine : JOURNEY_CONTACT_NONE;
			for (size_t i = 0; i < n; i++) {
				if (list[i].what != COUNTED || list[i].stratum != s) continue;
				if (in_group(&list[i], value, mine)) n1++, a += list[i].stayed;
				else if (any ? in_group(&list[i], NULL, mine) : in_group(&list[i], value, other))
					n0++, b += list[i].stayed;
			}
			if (n1 == 0 || n0 == 0) continue;
			sum += (a * n0 - b * n1) / (n1 + n0);
			weight += n1 * n0 / (n1 + n0);
		}
	return weight > 0 ? sum / weight : NAN;
}

static int check(const struct oasked *w, const struct journey_recovery_query *q, const struct journey_recovery *r)
{
	struct one *list = calloc(w->n + 1, sizeof *list);
	int64_t hurt = 0, too_short = 0, back = 0;
	int compared = 0;
	for (size_t i = 0; i < w->n; i++) {
		list[i] = look(w, q, &w->cases[i]);
		hurt += list[i].what != NOT_HURT, too_short += list[i].what == TOO_SHORT;
		back += list[i].what == BACK;
	}
	assert_int_equal(r->hurt, hurt);
	assert_int_equal(r->too_short, too_short);
	assert_int_equal(r->back, back);
	assert_int_equal(r->n_rows, 4 * (r->n_values + 1));
	for (size_t k = 0; k < r->n_rows; k++) {
		const struct journey_recovery_row *row = &r->rows[k];
		char value[32];
		int64_t n = 0, stayed = 0;
		snprintf(value, sizeof value, STR_FMT, STR_ARG(row->value));
		for (size_t i = 0; i < w->n; i++) {
			if (!in_group(&list[i], row->all ? NULL : value, row->contact)) continue;
			n++, stayed += list[i].stayed;
		}
		assert_int_equal(row->customers, n);
		assert_int_equal(row->stayed, stayed);
		if (row->diff.flags & STATS_NOT_IDENTIFIED) continue;
		compared++;
		assert_near(row->diff.est, difference(list, w->n, row->all ? NULL : value, row->contact), 1e-9);
		assert_true(row->p_adjusted >= row->p && row->p_adjusted <= 1);
	}
	free(list);
	return compared;
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int compared = 0;
	for (uint64_t seed = 1; seed <= 2000; seed++) {
		struct oasked w;
		struct rng random;
		struct err err;
		struct journey_recovery_plan *plan;
		struct journey_recovery r;
		const struct oshape shape = { .customers = 1 + (int)(seed % 120),
			                      .events_max = 14,
			                      .activities = 3 + (int)(seed % 3),
			                      .tick_ms = 100,
			                      .evidence = true };
		oasked_make(&w, seed, &shape, seed % 2);
		w.o.q.by = JOURNEY_BY_CUSTOMER;
		w.o.q.instance.cut = JOURNEY_CUT_CUSTOMER;
		w.o.q.from_ms = INT64_MIN, w.o.q.to_ms = INT64_MAX;
		assert_int_equal(journey_plan_new(&w.o.q, &w.s, &w.a, &w.plan, &err), OK);
		w.cases = ocases(&w.log, &w.o.q, &w.a, &w.n);
		rng_init(&random, seed, 14);
		const int64_t span_ms = 1 + (int64_t)rng_below(&random, 300);
		struct journey_recovery_query q = { .hurt = rng_below(&random, 2) ? 50 : 0,
			                            .contact = oasked_activity(&w, &random),
			                            .stay = oasked_activity(&w, &random),
			                            .within_ms = span_ms,
			                            .later_ms = 2 * span_ms,
			                            .window_ms = 8 * span_ms,
			                            .from_ms = INT64_MIN,
			                            .to_ms = INT64_MAX,
			                            .by = rng_below(&random, 2) ? STR("colour") : STR("") };
		if (!(q.hurt > 0) || rng_below(&random, 2)) q.after = oasked_activity(&w, &random);
		assert_int_equal(journey_recovery_plan(w.plan, &q, &w.a, &plan, &err), OK);
		void *pass = oasked_run(&w, w.plan, &journey_recovery_pass, plan);
		assert_int_equal(journey_recovery_result(pass, &w.a, &r, &err), OK);
		compared += check(&w, &q, &r);
		journey_recovery_pass.free(pass);
		oasked_done(&w);
	}
	assert_true(compared > 500);
}

static void what_cannot_be_asked_is_refused(void **state)
{
	struct oasked w;
	struct err err;
	struct journey_recovery_plan *plan;
	oasked_make(&w, 2, &(struct oshape){ 2, 14, 4, 100, false }, false);
	const struct journey_recovery_query good = {
		.after = STR("a"), .contact = STR("b"), .stay = STR("a"), .within_ms = 1, .later_ms = 2, .window_ms = 3
	};
	struct journey_recovery_query q = good;
	assert_int_equal(journey_recovery_plan(w.plan, &q, &w.a, &plan, &err), OK);
	q.after = STR("");
	assert_int_equal(journey_recovery_plan(w.plan, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "hurt");
	q = good, q.later_ms = 3;
	assert_int_equal(journey_recovery_plan(w.plan, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "within");
	q = good, q.contact = STR("nowhere");
	assert_int_equal(journey_recovery_plan(w.plan, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "contact");
	q = good, q.by = STR("nothing");
	assert_int_equal(journey_recovery_plan(w.plan, &q, &w.a, &plan, &err), ERR_INPUT);
	assert_string_equal(err.field, "by");
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(what_cannot_be_asked_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
