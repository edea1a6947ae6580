/* Funnels against their slow twin, against windowFunnel of ClickHouse, and the rules by example. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

static bool is_any_of(const struct str *names, size_t n, const char *activity)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], str_of(activity))) return true;
	return false;
}

struct twin {
	const struct journey_query *q;
	const struct journey_funnel_query *f;
	const struct ocase *c;
};

static bool is_step(const struct twin *t, size_t step, size_t row)
{
	return is_any_of(t->f->steps[step].names, t->f->steps[step].n_names, oactivity(t->q, t->c->rows[row]));
}

static bool is_excluded(const struct twin *t, size_t row)
{
	return is_any_of(t->f->exclude, t->f->n_exclude, oactivity(t->q, t->c->rows[row]));
}

/* One past the last row that an attempt from `first` may use. */
static size_t end_of(const struct twin *t, size_t first)
{
	size_t i = first + 1;
	while (i < t->c->n && t->c->rows[i]->at_ms - t->c->rows[first]->at_ms <= t->f->window_ms && !is_excluded(t, i))
		i++;
	return i;
}

#define NOT_MET SIZE_MAX
struct met {
	size_t at[JOURNEY_FUNNEL_STEPS_MAX];
	int depth; /* required steps */
};

static size_t first_of(const struct twin *t, size_t step, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (is_step(t, step, i)) return i;
	return NOT_MET;
}

static void attempt_later(const struct twin *t, size_t first, struct met *m)
{
	const size_t end = end_of(t, first);
	size_t from = first + 1;
	for (size_t k = 1; k < t->f->n_steps; k++) {
		if (t->f->steps[k].optional) continue;
		m->at[k] = first_of(t, k, from, end);
		if (m->at[k] == NOT_MET) break;
		m->depth++;
		from = m->at[k] + 1;
	}
	from = first + 1;
	for (size_t k = 1; k < t->f->n_steps; k++) {
		if (t->f->steps[k].optional) {
			size_t to = end;
			for (size_t j = t->f->n_steps - 1; j > k; j--)
				if (!t->f->steps[j].optional && m->at[j] != NOT_MET) to = m->at[j];
			m->at[k] = first_of(t, k, from, to);
		} else if (m->at[k] == NOT_MET) {
			return;
		}
		if (m->at[k] != NOT_MET) from = m->at[k] + 1;
	}
}

static void attempt_strict(const struct twin *t, size_t first, struct met *m)
{
	const size_t end = end_of(t, first);
	size_t step = 1;
	for (size_t i = first + 1; i < end; i++) {
		size_t required = step, k = step;
		while (required < t->f->n_steps && t->f->steps[required].optional) required++;
		if (required < t->f->n_steps && is_step(t, required, i)) {
			k = required;
			m->depth++;
		} else {
			while (k < required && !is_step(t, k, i)) k++;
			if (k == required) return;
		}
		m->at[k] = i;
		step = k + 1;
	}
}

static void attempt_any(const struct twin *t, size_t first, struct met *m)
{
	const size_t end = end_of(t, first);
	size_t k = 1;
	for (; k < t->f->n_steps; k++) {
		m->at[k] = first_of(t, k, first + 1, end);
		if (t->f->steps[k].optional) continue;
		if (m->at[k] == NOT_MET) return;
		m->depth++;
	}
}

static struct met best_attempt(const struct twin *t)
{
	struct met best = { .depth = 0 };
	for (size_t first = 0; first < t->c->n; first++) {
		if (!is_step(t, 0, first)) continue;
		struct met m = { .depth = 1 };
		for (size_t k = 0; k < JOURNEY_FUNNEL_STEPS_MAX; k++) m.at[k] = NOT_MET;
		m.at[0] = first;
		if (t->f->order == JOURNEY_FUNNEL_LATER) attempt_later(t, first, &m);
		else if (t->f->order == JOURNEY_FUNNEL_STRICT) attempt_strict(t, first, &m);
		else attempt_any(t, first, &m);
		if (m.depth > best.depth) best = m;
	}
	return best;
}

/* The aggregate function of ClickHouse (AggregateFunctionWindowFunnel), for rows that are already in order. */
static int window_funnel(const struct twin *t)
{
	int64_t start[JOURNEY_FUNNEL_STEPS_MAX];
	bool has[JOURNEY_FUNNEL_STEPS_MAX] = { 0 };
	for (size_t i = 0; i < t->c->n; i++) {
		const int64_t at = t->c->rows[i]->at_ms;
		for (size_t k = t->f->n_steps; k-- > 0;) {
			if (!is_step(t, k, i)) continue;
			if (k == 0) {
				start[0] = at;
				has[0] = true;
			} else if (has[k - 1] && at <= start[k - 1] + t->f->window_ms) {
				start[k] = start[k - 1];
				has[k] = true;
			}
		}
	}
	for (int k = (int)t->f->n_steps; k > 0; k--)
		if (has[k - 1]) return k;
	return 0;
}

static int required_of(const struct journey_funnel_query *f)
{
	int n = 0;
	for (size_t k = 0; k < f->n_steps; k++) n += !f->steps[k].optional;
	return n;
}

static int last_of(const struct met *m, size_t n_steps)
{
	int last = 0;
	for (size_t k = 0; k < n_steps; k++)
		if (m->at[k] != NOT_MET) last = (int)k;
	return last;
}

/* Every number of one list of steps, from the attempts of the cases that belong to it. */
static void check_steps(struct oasked *w, const struct journey_funnel_query *f, const struct met *best, const bool *in,
                        const struct journey_funnel_stat *got)
{
	int64_t first = 0, lost_sum = 0, complete = 0;
	for (size_t k = 0; k < f->n_steps; k++) {
		int64_t cases = 0, customers = 0, lost = 0, sum_start = 0, sum_previous = 0;
		uint32_t last_customer = 0;
		for (size_t i = 0; i < w->n; i++) {
			const struct met *m = &best[i];
			if (!in[i] || !m->depth || m->at[k] == NOT_MET) continue;
			cases++;
			customers += last_customer != w->cases[i].customer;
			last_customer = w->cases[i].customer;
			lost += last_of(m, f->n_steps) == (int)k && m->depth < required_of(f);
			complete += k == 0 && m->depth == required_of(f);
			int64_t before = 0, now = 0;
			for (size_t j = 0; j <= k; j++) {
				if (m->at[j] == NOT_MET) continue;
				const int64_t at =
				        w->cases[i].rows[m->at[j]]->at_ms - w->cases[i].rows[m->at[0]]->at_ms;
				before = now;
				if (at > now) now = at;
			}
			sum_start += now;
			sum_previous += now - before;
		}
		if (k == 0) first = cases;
		assert_int_equal(got[k].cases, cases);
		assert_int_equal(got[k].customers, customers);
		assert_int_equal(got[k].lost, lost);
		assert_int_equal(got[k].from_start.n, k ? cases : 0);
		assert_int_equal(got[k].from_previous.n, k ? cases : 0);
		if (k && cases) {
			assert_near(got[k].from_start.mean, (double)sum_start / (double)cases, 1e-6);
			assert_near(got[k].from_previous.mean, (double)sum_previous / (double)cases, 1e-6);
		}
		if (first >= 5) assert_near(got[k].share.est, (double)cases / (double)first, 1e-12);
		lost_sum += got[k].lost;
	}
	assert_int_equal(first, lost_sum + complete);
}

static void check_groups(struct oasked *w, const struct journey_funnel_query *f, const struct met *best,
                         const struct journey_funnel *r)
{
	int64_t sum = 0;
	for (size_t g = 0; g < r->n_groups; g++) {
		bool in[256];
		for (size_t i = 0; i < w->n; i++)
			in[i] = best[i].depth &&
			        str_eq(str_of(w->cases[i].rows[best[i].at[0]]->channel), r->groups[g].value);
		check_steps(w, f, best, in, r->groups[g].steps);
		sum += r->groups[g].steps[0].cases;
		if (g) assert_true(r->groups[g - 1].steps[0].cases >= r->groups[g].steps[0].cases);
	}
	assert_int_equal(r->n_groups, r->n_values);
	assert_int_equal(sum, r->steps[0].cases);
}

static void check_people(struct oasked *w, const struct journey_funnel_query *f, const struct met *best,
                         const struct journey_set *people, const struct journey_funnel_stat *steps)
{
	uint32_t customers[256];
	size_t n = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct met *m = &best[i];
		if (!m->depth || m->at[f->step] == NOT_MET) continue;
		if (f->of_value && !str_eq(str_of(w->cases[i].rows[m->at[0]]->channel), f->value)) continue;
		if (f->lost && (last_of(m, f->n_steps) != (int)f->step || m->depth == required_of(f))) continue;
		customers[n++] = w->cases[i].customer;
	}
	oasked_same_people(people, customers, n);
	if (f->of_value) return;
	assert_int_equal(journey_set_n(people), f->lost ? steps[f->step].lost_customers : steps[f->step].customers);
}

struct drawn { /* a random funnel */
	struct journey_funnel_query q;
	struct str names[JOURNEY_FUNNEL_STEPS_MAX][2], exclude[1];
};

static void draw(const struct oasked *w, struct rng *r, struct drawn *d)
{
	*d = (struct drawn){ 0 };
	struct journey_funnel_query *f = &d->q;
	f->n_steps = 1 + rng_below(r, 5);
	for (size_t k = 0; k < f->n_steps; k++) {
		const size_t n = 1 + rng_below(r, 4) / 3;
		for (size_t i = 0; i < n; i++) d->names[k][i] = oasked_activity(w, r);
		f->steps[k] = (struct journey_funnel_step){ d->names[k], n, k && rng_below(r, 4) == 0 };
	}
	d->exclude[0] = oasked_activity(w, r);
	f->exclude = d->exclude;
	f->n_exclude = rng_below(r, 3) == 0;
	f->window_ms = rng_below(r, 3) ? 100 * (1 + (int64_t)rng_below(r, 30)) - (int64_t)rng_below(r, 2) : INT64_MAX;
	f->order = (enum journey_funnel_order)rng_below(r, 3);
	if (rng_below(r, 2)) f->by = STR("channel");
	f->people = rng_below(r, 2);
	f->step = rng_below(r, f->n_steps);
	f->lost = rng_below(r, 2);
	f->of_value = f->by.len && rng_below(r, 2);
	f->value = journey_word(&w->s.channels, (uint32_t)rng_below(r, w->s.channels.n));
}

static void random_logs_agree_with_the_slow_twin(void **state)
{
	int asked = 0, refused = 0, compared = 0;
	for (uint64_t seed = 1; seed <= 6000; seed++) {
		struct oasked w;
		struct rng random;
		struct drawn d;
		struct journey_funnel_plan *plan;
		struct journey_funnel r;
		struct err err;
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 7),
		                              .events_max = 14,
		                              .activities = 2 + (int)(seed % 5),
		                              .tick_ms = 100 },
		            seed % 2);
		rng_init(&random, seed, 7);
		if (seed % 1000 == 0) print_message("seed %d\n", (int)seed);
		draw(&w, &random, &d);
		if (journey_funnel_plan(w.plan, &d.q, &w.a, &plan, &err) != OK) {
			/* Chance may exclude a step, or name one activity twice where that cannot be. */
			assert_true(strcmp(err.id, "funnel.excluded") == 0 || strcmp(err.id, "funnel.twice") == 0);
			refused++;
			oasked_done(&w);
			continue;
		}
		void *pass = oasked_run(&w, w.plan, &journey_funnel_pass, plan);
		assert_int_equal(journey_funnel_result(pass, &w.a, &r, &err), OK);
		struct met best[256];
		bool all[256];
		assert_true(w.n <= 256);
		int64_t sum = 0, want = 0;
		const bool plain = d.q.order == JOURNEY_FUNNEL_LATER && !d.q.n_exclude &&
		                   required_of(&d.q) == (int)d.q.n_steps && d.q.window_ms < INT64_MAX;
		for (size_t i = 0; i < w.n; i++) {
			const struct twin t = { &w.o.q, &d.q, &w.cases[i] };
			best[i] = best_attempt(&t);
			all[i] = true;
			sum += best[i].depth;
			if (plain) want += window_funnel(&t);
		}
		if (plain) assert_int_equal(sum, want);
		compared += plain;
		assert_int_equal(r.cases, w.n);
		check_steps(&w, &d.q, best, all, r.steps);
		if (d.q.by.len) check_groups(&w, &d.q, best, &r);
		if (d.q.people) check_people(&w, &d.q, best, journey_funnel_people(pass), r.steps);
		journey_funnel_pass.free(pass);
		oasked_done(&w);
		asked++;
	}
	assert_true(asked > 2000 && refused > 100 && compared > 300);
}

/* One customer's events, ten ms apart unless a time is written behind the name: "a b@15 c". */
static void story(struct olog *l, struct arena *a, const char *text)
{
	*l = (struct olog){ .rows = ARENA_ARRAY(a, struct orow, 32), .newest_ms = 1000 };
	struct str rest = str_of(text);
	int64_t at = 0;
	while (rest.len) {
		const struct str one = str_cut(rest, 0, str_find(rest, ' '));
		rest = str_cut(rest, one.len < rest.len ? one.len + 1 : rest.len, rest.len);
		const size_t mark = str_find(one, '@');
		if (mark == one.len || !str_to_i64(str_cut(one, mark + 1, one.len), &at)) at += 10;
		l->rows[l->n] = (struct orow){ .customer = 1,
			                       .at_ms = at,
			                       .arrival = l->n + 1,
			                       .event = str_z(a, str_cut(one, 0, mark)),
			                       .channel = "",
			                       .key = "",
			                       .colour = "",
			                       .about = "",
			                       .currency = "",
			                       .score = NAN,
			                       .overrun_ms = NAN,
			                       .wait_ms = NAN,
			                       .effort = NAN,
			                       .money = NAN };
		l->n++;
	}
}

/* Steps of one letter each, a "?" behind one that is optional; an "x" is excluded. Which steps were met, as "a-c". */
static const char *met_in(struct arena *a, const char *events, const char *steps, enum journey_funnel_order order,
                          int64_t window_ms)
{
	struct olog l;
	struct journey_columns c;
	struct journey_schema s;
	struct journey_plan *p;
	struct journey_funnel_plan *plan;
	struct journey_funnel r;
	struct err err;
	story(&l, a, str_format(a, "%s a@5000000 b@5000000 c@5000000 d@5000000 x@5000000", events).ptr);
	olog_columns(&l, 1, a, &c, &s);
	const struct journey_query q = { .from_ms = INT64_MIN, .to_ms = 4000000, .by = JOURNEY_BY_CUSTOMER };
	struct journey_funnel_query f = { .window_ms = window_ms, .order = order };
	const struct str x = STR("x");
	f.exclude = &x;
	f.n_exclude = 1;
	for (const char *z = steps; *z; z++) {
		if (*z == '?') {
			f.steps[f.n_steps - 1].optional = true;
			continue;
		}
		struct str *name = ARENA_ARRAY(a, struct str, 1);
		*name = (struct str){ z, 1 };
		f.steps[f.n_steps++] = (struct journey_funnel_step){ name, 1, false };
	}
	if (journey_plan_new(&q, &s, a, &p, &err) != OK || journey_funnel_plan(p, &f, a, &plan, &err) != OK)
		fail_msg("%s", err.text);
	void *pass = journey_funnel_pass.make(p, plan);
	journey_funnel_pass.add(pass, &c);
	assert_int_equal(journey_funnel_result(pass, a, &r, &err), OK);
	journey_funnel_pass.free(pass);
	char *out = arena_alloc(a, f.n_steps + 1);
	for (size_t k = 0; k < f.n_steps; k++) out[k] = r.steps[k].cases ? f.steps[k].names[0].ptr[0] : '-';
	out[f.n_steps] = '\0';
	return out;
}

static void the_rules_by_example(void **state)
{
	static const struct {
		const char *events, *steps;
		enum journey_funnel_order order;
		int64_t window_ms;
		const char *met;
	} rows[] = {
		{ "a@0 b@70", "ab", JOURNEY_FUNNEL_LATER, 70, "ab" }, /* the window is closed */
		{ "a@0 b@71", "ab", JOURNEY_FUNNEL_LATER, 70, "a-" },
		{ "b@5 a@5", "ab", JOURNEY_FUNNEL_LATER, 70, "a-" }, /* a tie is decided by arrival */
		{ "a@5 b@5", "ab", JOURNEY_FUNNEL_LATER, 70, "ab" },
		{ "a@0 a@50 b@60 c@110", "abc", JOURNEY_FUNNEL_LATER, 60, "abc" }, /* the second start gets there */
		{ "a c", "abc", JOURNEY_FUNNEL_LATER, 70, "a--" },
		{ "a a", "aa", JOURNEY_FUNNEL_LATER, 70, "aa" }, /* one event is of one step */
		{ "a", "aa", JOURNEY_FUNNEL_LATER, 70, "a-" },
		{ "a x b", "ab", JOURNEY_FUNNEL_LATER, 70, "a-" },
		{ "a x a b", "ab", JOURNEY_FUNNEL_LATER, 70, "ab" },
		{ "a b x", "ab", JOURNEY_FUNNEL_LATER, 70, "ab" },
		{ "x a b", "ab", JOURNEY_FUNNEL_LATER, 70, "ab" },
		{ "a c", "ab?c", JOURNEY_FUNNEL_LATER, 70, "a-c" },
		{ "a b c", "ab?c", JOURNEY_FUNNEL_LATER, 70, "abc" },
		{ "a c b", "ab?c", JOURNEY_FUNNEL_LATER, 70, "a-c" },
		{ "a b", "ab?c", JOURNEY_FUNNEL_LATER, 70, "ab-" },
		{ "a d b", "ab", JOURNEY_FUNNEL_STRICT, 70, "a-" },
		{ "a d a b", "ab", JOURNEY_FUNNEL_STRICT, 70, "ab" },
		{ "a b c", "ab?c", JOURNEY_FUNNEL_STRICT, 70, "abc" },
		{ "a c", "ab?c", JOURNEY_FUNNEL_STRICT, 70, "a-c" },
		{ "a d c", "ab?c", JOURNEY_FUNNEL_STRICT, 70, "a--" },
		{ "a c b", "abc", JOURNEY_FUNNEL_ANY, 70, "abc" },
		{ "c a b", "abc", JOURNEY_FUNNEL_ANY, 70, "ab-" }, /* after the first step */
		{ "a c", "abc", JOURNEY_FUNNEL_ANY, 70, "a--" },   /* not reached: b is missing */
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena a;
		arena_init(&a, 16 * MIB);
		const char *got = met_in(&a, rows[i].events, rows[i].steps, rows[i].order, rows[i].window_ms);
		if (strcmp(got, rows[i].met) != 0)
			fail_msg("%s through %s (%s): %s, not %s", rows[i].events, rows[i].steps,
			         journey_funnel_order_names[rows[i].order], got, rows[i].met);
		arena_done(&a);
	}
}

static void an_impossible_funnel_is_refused_by_name(void **state)
{
	struct oasked w;
	struct err err;
	struct journey_funnel_plan *plan;
	oasked_make(&w, 2, &(struct oshape){ 2, 14, 4, 100, false }, false);
	const struct str a = STR("a"), nowhere = STR("nowhere");
	const struct journey_funnel_step step = { &a, 1, false }, optional = { &a, 1, true },
	                                 none = { &nowhere, 1, false };
	const struct {
		struct journey_funnel_query q;
		const char *field, *id;
	} rows[] = {
		{ { .window_ms = 1 }, "steps", "funnel.steps" },
		{ { .n_steps = 17, .window_ms = 1 }, "steps", "funnel.steps" },
		{ { .steps = { optional }, .n_steps = 1, .window_ms = 1 }, "steps", "funnel.first" },
		{ { .steps = { none }, .n_steps = 1, .window_ms = 1 }, "steps", "query.event" },
		{ { .steps = { step }, .n_steps = 1 }, "window", "funnel.window" },
		{ { .steps = { step }, .n_steps = 1, .window_ms = 1, .exclude = &a, .n_exclude = 1 },
		  "exclude",
		  "funnel.excluded" },
		{ { .steps = { step, step }, .n_steps = 2, .window_ms = 1, .order = JOURNEY_FUNNEL_ANY },
		  "steps",
		  "funnel.twice" },
		{ { .steps = { step }, .n_steps = 1, .window_ms = 1, .by = nowhere }, "by", "query.dimension" },
		{ { .steps = { step }, .n_steps = 1, .window_ms = 1, .people = true, .step = 1 },
		  "step",
		  "funnel.figure" },
		{ { .steps = { step }, .n_steps = 1, .window_ms = 1, .people = true, .of_value = true },
		  "value",
		  "funnel.group" },
		{ { .steps = { step },
		    .n_steps = 1,
		    .window_ms = 1,
		    .by = STR("channel"),
		    .people = true,
		    .of_value = true,
		    .value = nowhere },
		  "value",
		  "funnel.value" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const enum err_code rc = journey_funnel_plan(w.plan, &rows[i].q, &w.a, &plan, &err);
		if (rc != ERR_INPUT && rc != ERR_LIMIT) fail_msg("row %zu was not refused", i);
		assert_string_equal(err.field, rows[i].field);
		assert_string_equal(err.id, rows[i].id);
	}
	oasked_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_logs_agree_with_the_slow_twin),
		cmocka_unit_test(the_rules_by_example),
		cmocka_unit_test(an_impossible_funnel_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
