/* Friction, waits and tasks against counting by hand: loops over cases as texts. */
#include "tests/unit/unit.h"

#include "tests/oracle/oracle.h"

#include <math.h>

#include "base/checked.h"

struct world {
	struct arena a;
	struct olog l;
	struct oquestion o;
	struct journey_columns c[3];
	struct journey_schema s;
	struct journey_plan *p;
};

static void world_make(struct world *w, uint64_t seed)
{
	*w = (struct world){ 0 };
	arena_init(&w->a, 512 * MIB);
	olog_make(&w->l, &w->a, seed,
	          &(struct oshape){ .customers = 1 + (int)(seed % 6),
	                            .events_max = seed % 2 ? 14 : 60,
	                            .activities = 2 + (int)(seed % 5),
	                            .tick_ms = 100,
	                            .evidence = true });
	oquestion_make(&w->o, seed, true);
	w->o.q.rules = &w->o.rules;
	w->o.rules.touchpoints = w->o.touchpoints;
	w->o.rules.rules = w->o.rule;
	olog_columns(&w->l, 3, &w->a, w->c, &w->s);
	struct err err;
	if (journey_plan_new(&w->o.q, &w->s, &w->a, &w->p, &err) != OK) fail_msg("seed %d: %s", (int)seed, err.text);
	for (int i = 0; i < 3; i++) {
		uint16_t *codes = ARENA_ARRAY(&w->a, uint16_t, w->c[i].n_rows);
		journey_fill(w->p, &w->c[i], codes);
		w->c[i].touchpoints = codes;
	}
}

static void *run(struct world *w, const struct journey_pass *pass, const void *what, uint64_t seed)
{
	void *m[3];
	for (int i = 0; i < 3; i++) {
		m[i] = pass->make(w->p, what);
		assert_non_null(m[i]);
		pass->add(m[i], &w->c[i]);
	}
	const int first = (int)(seed % 3);
	for (int i = 1; i < 3; i++) {
		pass->merge(m[first], m[(first + i) % 3]);
		pass->free(m[(first + i) % 3]);
	}
	return m[first];
}

static int step_of(const struct journey_query *q, uint16_t t)
{
	return q->rules->touchpoints[t - 1].step;
}

/* One touchpoint, one case. */
static void case_counts(const struct olog *l, const struct journey_query *q, const struct ocase *c, uint16_t t,
                        int before_step, struct journey_friction_stat *s)
{
	double effort = 0;
	int furthest = -1;
	uint16_t previous = 0, last = 0;
	bool here = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct orow *r = c->rows[i];
		const uint16_t code = otouchpoint(q, r);
		if (!code) continue;
		if (step_of(q, code) > furthest) furthest = step_of(q, code);
		if (code == t) {
			bool again = false;
			here = true;
			s->visits++;
			/* Only the latest row of that event tells whether it was here. */
			for (size_t k = 0; k < i; k++)
				if (otouchpoint(q, c->rows[k]) && strcmp(c->rows[k]->event, r->event) == 0)
					again = otouchpoint(q, c->rows[k]) == t;
			s->counts[JOURNEY_FRICTION_REPEAT] += again;
			s->counts[JOURNEY_FRICTION_ERROR] += r->failed > 0;
			s->counts[JOURNEY_FRICTION_LATE] += r->overrun_ms > 0;
			s->counts[JOURNEY_FRICTION_ABANDONED] += r->left;
			s->counts[JOURNEY_FRICTION_BACK] += previous && step_of(q, t) < step_of(q, previous);
			if (r->effort > effort) effort = r->effort;
			s->queued += r->left || !isnan(r->wait_ms);
			s->left += r->left;
			s->wait.n += !isnan(r->wait_ms);
		}
		previous = last = code;
	}
	s->cases += here;
	if (effort > 1) s->counts[JOURNEY_FRICTION_CONTACTS] += (int64_t)effort - 1;
	const bool still_in =
	        l->newest_ms - c->rows[c->n - 1]->at_ms < q->instance.gap_ms && furthest + 1 < (int)q->rules->n_steps;
	s->counts[JOURNEY_FRICTION_DEAD_END] += last == t && furthest < before_step && !still_in;
}

static double left_money(const struct journey_query *q, const struct ocase *cases, size_t n, uint16_t t,
                         const char *currency)
{
	double sum = 0;
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < cases[k].n; i++) {
			const struct orow *r = cases[k].rows[i];
			if (otouchpoint(q, r) == t && r->left && !isnan(r->money) && strcmp(r->currency, currency) == 0)
				sum += r->money;
		}
	return sum;
}

#define same(got, want)                                                                                                \
	if ((got) != (want))                                                                                           \
	fail_msg("seed %d, touchpoint %d: %s is %lld, not %lld", (int)seed, t, #got, (long long)(got),                 \
	         (long long)(want))

static void random_logs_agree_with_counting_by_hand(void **state)
{
	int64_t all[JOURNEY_FRICTION_RULES] = { 0 }, money = 0;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct world w;
		struct journey_friction got;
		struct err err;
		size_t n;
		world_make(&w, seed);
		const struct journey_friction_question what = { .before_step = (uint16_t)(seed % w.o.rules.n_steps) };
		void *pass = run(&w, &journey_friction_pass, &what, seed);
		assert_int_equal(journey_friction_result(pass, &w.a, &got, &err), OK);
		const struct ocase *cases = ocases(&w.l, &w.o.q, &w.a, &n);
		assert_int_equal(got.n, w.o.rules.n_touchpoints);
		for (int t = 1; t <= (int)got.n; t++) {
			const struct journey_friction_stat *g = &got.list[t - 1];
			struct journey_friction_stat want = { 0 };
			for (size_t k = 0; k < n; k++)
				case_counts(&w.l, &w.o.q, &cases[k], (uint16_t)t, what.before_step, &want);
			same(g->visits, want.visits);
			same(g->cases, want.cases);
			same(g->queued, want.queued);
			same(g->left, want.left);
			same(g->wait.n, want.wait.n);
			for (int k = 0; k < JOURNEY_FRICTION_RULES; k++) {
				same(g->counts[k], want.counts[k]);
				all[k] += g->counts[k];
			}
			for (size_t c = 0; c < g->n_money; c++) {
				same(g->money[c].minor,
				     (int64_t)left_money(&w.o.q, cases, n, (uint16_t)t, g->money[c].currency.ptr));
				money += g->money[c].n;
			}
		}
		journey_friction_pass.free(pass);
		arena_done(&w.a);
	}
	/* Logs in which a rule never speaks would prove nothing of it. */
	for (int k = 0; k < JOURNEY_FRICTION_RULES; k++)
		if (all[k] < 1000) fail_msg("%s: %lld", journey_friction_names[k], (long long)all[k]);
	assert_true(money > 500);
}

/* By the definition: each row is looked at once, what is inside an open task is passed over. */
static void task_by_hand(const struct olog *l, const struct journey_query *q, const struct ocase *c,
                         const struct journey_task_question *w, struct journey_task *out)
{
	int64_t open_since = 0;
	bool open = false;
	for (size_t i = 0; i < c->n; i++) {
		const struct orow *r = c->rows[i];
		if (open && r->at_ms - open_since > w->window_ms) {
			out->started++;
			open = false;
		}
		const bool is_done = str_eq(w->done, str_of(oactivity(q, r)));
		if (open && is_done) {
			out->started++;
			out->completed++;
			out->time.mean += (double)(r->at_ms - open_since);
			open = false;
			if (!str_eq(w->start, w->done)) continue;
		}
		if (!open && str_eq(w->start, str_of(oactivity(q, r)))) {
			open = true;
			open_since = r->at_ms;
		}
	}
	if (!open) return;
	const int64_t allowed = w->window_ms == INT64_MAX ? q->instance.gap_ms : w->window_ms;
	if (l->newest_ms - open_since < allowed) out->open++;
	else out->started++;
}

static void tasks_agree_with_counting_by_hand(void **state)
{
	int64_t completed = 0, given_up = 0, open = 0;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct world w;
		struct journey_task got, want = { 0 };
		struct rng r;
		struct err err;
		size_t n;
		world_make(&w, seed);
		rng_init(&r, seed, 12);
		const struct journey_task_question what = {
			.start = w.o.touchpoints[rng_below(&r, w.o.rules.n_touchpoints)].key,
			.done = w.o.touchpoints[rng_below(&r, w.o.rules.n_touchpoints)].key,
			.window_ms = rng_below(&r, 3) ? 100 * (int64_t)(1 + rng_below(&r, 20)) : INT64_MAX
		};
		void *pass = run(&w, &journey_task_pass, &what, seed);
		assert_int_equal(journey_task_result(pass, &got, &err), OK);
		const struct ocase *cases = ocases(&w.l, &w.o.q, &w.a, &n);
		for (size_t k = 0; k < n; k++) task_by_hand(&w.l, &w.o.q, &cases[k], &what, &want);
		const int t = 0;
		same(got.started, want.started);
		same(got.completed, want.completed);
		same(got.open, want.open);
		same(got.time.n, want.completed);
		if (want.completed) assert_near(got.time.mean, want.time.mean / (double)want.completed, 1e-6);
		completed += got.completed;
		given_up += got.started - got.completed;
		open += got.open;
		journey_task_pass.free(pass);
		arena_done(&w.a);
	}
	assert_true(completed > 1000 && given_up > 1000 && open > 300);
}

static void a_task_of_unknown_names_is_refused(void **state)
{
	struct world w;
	struct err err = { 0 };
	struct journey_task out;
	world_make(&w, 5);
	const struct journey_task_question what = { .start = STR("ta"), .done = STR("nowhere"), .window_ms = 100 };
	void *pass = run(&w, &journey_task_pass, &what, 0);
	assert_int_equal(journey_task_result(pass, &out, &err), ERR_INPUT);
	assert_string_equal(err.field, "done");
	journey_task_pass.free(pass);
	arena_done(&w.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_counting_by_hand),
		cmocka_unit_test(tasks_agree_with_counting_by_hand),
		cmocka_unit_test(a_task_of_unknown_names_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
