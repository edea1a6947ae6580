/* The examples of docs/methods/journey.md, read from the page and run. */
#include "tests/unit/unit.h"

#include "tests/oracle/oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"

enum { ROWS_MAX = 64, STEPS = 8 };

struct example {
	struct arena a;
	struct olog l;
	struct orow rows[ROWS_MAX];
	struct journey_touchpoint touchpoints[STEPS];
	struct journey_rule rule[STEPS];
	struct journey_rules rules;
	struct journey_query q;
	uint32_t customers;
	bool measured;
	struct journey_dfg g;
	struct journey_measure m;
};

static struct str word(struct str *rest)
{
	*rest = str_trim(*rest);
	const size_t n = str_find(*rest, ' ');
	const struct str w = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n, rest->len);
	return w;
}

static int64_t number(struct str s)
{
	int64_t v;
	if (!str_to_i64(s, &v)) fail_msg("\"" STR_FMT "\" is no number", STR_ARG(s));
	return v;
}

static void read_map(struct example *x, struct str rest)
{
	for (struct str w = word(&rest); w.len; w = word(&rest)) {
		const size_t i = x->rules.n_steps++;
		x->touchpoints[i] = (struct journey_touchpoint){ w, (uint16_t)i };
		x->rule[i] = (struct journey_rule){ .touchpoint = (uint16_t)(i + 1), .event = w };
	}
	x->rules.n_touchpoints = x->rules.n_rules = x->rules.n_steps;
	x->rules.touchpoints = x->touchpoints;
	x->rules.rules = x->rule;
}

static void read_cut(struct example *x, struct str rest)
{
	const struct str how = word(&rest);
	x->q.instance.cut = str_eq(how, STR("gap"))   ? JOURNEY_CUT_GAP
	                    : str_eq(how, STR("key")) ? JOURNEY_CUT_KEY
	                                              : JOURNEY_CUT_CUSTOMER;
	x->q.instance.key = STR("journey");
	x->q.instance.gap_ms = number(word(&rest));
	x->q.instance.ends_at_goal = str_eq(word(&rest), STR("goal"));
}

static void read_rows(struct example *x, struct str rest)
{
	x->customers++;
	for (struct str w = word(&rest); w.len; w = word(&rest)) {
		const size_t at = str_find(w, '@'), slash = str_find(w, '/');
		assert_true(x->l.n < ROWS_MAX && at < w.len);
		x->rows[x->l.n] = (struct orow){ .customer = x->customers,
			                         .at_ms = number(str_cut(w, at + 1, slash)),
			                         .arrival = x->l.n + 1,
			                         .event = str_z(&x->a, str_cut(w, 0, at)),
			                         .channel = "",
			                         .key = slash < w.len ? str_z(&x->a, str_cut(w, slash + 1, w.len)) : "",
			                         .colour = "",
			                         .about = "",
			                         .score = NAN,
			                         .overrun_ms = NAN,
			                         .wait_ms = NAN,
			                         .effort = NAN };
		x->l.n++;
	}
}

static void measure(struct example *x)
{
	struct err err = { 0 };
	struct journey_columns c;
	struct journey_schema s;
	struct journey_plan *p;
	x->l.rows = x->rows;
	olog_columns(&x->l, 1, &x->a, &c, &s);
	x->q.from_ms = INT64_MIN;
	x->q.to_ms = INT64_MAX;
	x->q.by = JOURNEY_BY_INSTANCE;
	x->q.rules = &x->rules;
	if (journey_plan_new(&x->q, &s, &x->a, &p, &err) != OK) fail_msg("%s", err.text);
	uint16_t *codes = ARENA_ARRAY(&x->a, uint16_t, c.n_rows);
	journey_fill(p, &c, codes);
	c.touchpoints = codes;
	struct journey_flow *f = journey_flow_new(p, JOURNEY_FLOW_EDGES);
	struct journey_meter *m = journey_meter_new(p, JOURNEY_METER_MAP);
	journey_flow_add(f, &c);
	journey_meter_add(m, &c);
	assert_int_equal(journey_flow_dfg(f, &x->a, &x->g, &err), OK);
	assert_int_equal(journey_meter_measure(m, &x->a, &x->m, &err), OK);
	journey_flow_free(f);
	journey_meter_free(m);
	x->measured = true;
}

static uint16_t code(const struct example *x, struct str name)
{
	for (size_t i = 0; i < x->rules.n_touchpoints; i++)
		if (str_eq(x->touchpoints[i].key, name)) return (uint16_t)(i + 1);
	fail_msg("the map has no " STR_FMT, STR_ARG(name));
	return 0;
}

static int64_t result(const struct example *x, struct str what, struct str rest)
{
	if (str_eq(what, STR("cases"))) return x->g.cases;
	const struct str first = word(&rest), second = word(&rest);
	const uint16_t a = code(x, first), b = second.len && !str_eq(second, STR("=")) ? code(x, second) : 0;
	const struct journey_step_stat *s = &x->m.steps[a - 1];
	const struct journey_touchpoint_stat *t = &x->m.touchpoints[a - 1];
	const struct {
		const char *name;
		int64_t value;
	} single[] = { { "entered", s->entered }, { "advanced", s->advanced }, { "goal", s->goal },
		       { "lost", s->lost },       { "still_in", s->still_in }, { "starts", s->starts },
		       { "visits", t->visits },   { "repeats", t->repeats } };
	for (size_t i = 0; i < COUNT_OF(single); i++)
		if (str_eq(what, str_of(single[i].name))) return single[i].value;
	assert_true(b > 0);
	for (size_t i = 0; str_eq(what, STR("edge")) && i < x->g.n_edges; i++)
		if (str_eq(x->g.activities[x->g.edges[i].from].name, first) &&
		    str_eq(x->g.activities[x->g.edges[i].to].name, second))
			return x->g.edges[i].count;
	for (size_t i = 0; str_eq(what, STR("loop")) && i < x->m.n_loops; i++)
		if (x->m.loops[i].from == a && x->m.loops[i].to == b) return x->m.loops[i].count;
	for (size_t i = 0; str_eq(what, STR("ribbon")) && i < x->m.n_ribbons; i++)
		if (x->m.ribbons[i].from == a && x->m.ribbons[i].to == b) return x->m.ribbons[i].instances;
	assert_true(str_eq(what, STR("edge")) || str_eq(what, STR("loop")) || str_eq(what, STR("ribbon")));
	return 0;
}

/* One line of an example; true when it was an expectation. */
static bool line_of(struct example *x, struct str line)
{
	struct str rest = line;
	const struct str head = word(&rest);
	if (str_eq(head, STR("map:"))) read_map(x, rest);
	else if (str_eq(head, STR("cut:"))) read_cut(x, rest);
	else if (str_eq(head, STR("now:"))) x->l.newest_ms = number(word(&rest));
	else if (str_ends(head, STR(":"))) read_rows(x, rest);
	else {
		if (!x->measured) measure(x);
		const size_t equals = str_find(line, '=');
		assert_true(equals < line.len);
		const int64_t got = result(x, head, rest), want = number(str_trim(str_cut(line, equals + 1, line.len)));
		if (got != want) fail_msg("\"" STR_FMT "\", but it is %lld", STR_ARG(line), (long long)got);
		return true;
	}
	return false;
}

static void every_example_of_the_page_comes_out(void **state)
{
	static char page[64 * 1024];
	FILE *f = fopen(PAGE, "re");
	assert_non_null(f);
	struct str rest = { page, fread(page, 1, sizeof page, f) };
	fclose(f);
	static struct example x;
	bool inside = false;
	int examples = 0, expectations = 0;
	while (rest.len) {
		const size_t end = str_find(rest, '\n');
		const struct str line = str_cut(rest, 0, end);
		rest = str_cut(rest, end + (end < rest.len), rest.len);
		if (!inside && str_eq(line, STR("```example"))) {
			x = (struct example){ 0 };
			arena_init(&x.a, 64 * MIB);
			inside = true;
			examples++;
		} else if (inside && str_eq(line, STR("```"))) {
			assert_true(x.measured);
			arena_done(&x.a);
			inside = false;
		} else if (inside) {
			expectations += line_of(&x, line);
		}
	}
	print_message("%d examples, %d expectations\n", examples, expectations);
	assert_true(examples >= 5 && expectations >= 20);
}

static void utilities_are_those_of_the_page(void **state)
{
	assert_near(journey_utility_rating(4, 1, 5), 75, 1e-12);
	assert_near(journey_utility_rating(9, 0, 10), 90, 1e-12);
	assert_near(journey_utility_rating(7, 1, 7), 100, 1e-12);
	assert_near(journey_utility_effort(1), 100, 1e-12);
	assert_near(journey_utility_effort(2.5), 50, 1e-12);
	assert_near(journey_utility_wait(60, 60), 50, 1e-12);
	assert_near(journey_utility_wait(120, 60), 20, 1e-12);
	assert_near(journey_utility_failure(1) + journey_utility_failure(2) + journey_utility_failure(3), 50, 1e-12);
}

static void two_clusters_of_activities_become_two_stages_of_three(void **state)
{
	/* a-b-c follow one another often, d-e-f likewise, c to d seldom. */
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct journey_activity act[] = { { STR("f"), 10, 10 }, { STR("a"), 100, 100 }, { STR("d"), 60, 60 },
		                          { STR("b"), 90, 90 }, { STR("e"), 50, 50 },   { STR("c"), 80, 80 },
		                          { STR("z"), 1, 1 } };
	struct journey_edge edges[] = { { .from = 1, .to = 3, .count = 90 }, { .from = 3, .to = 1, .count = 40 },
		                        { .from = 2, .to = 4, .count = 50 }, { .from = 4, .to = 2, .count = 40 },
		                        { .from = 5, .to = 2, .count = 5 },  { .from = 3, .to = 5, .count = 5 },
		                        { .from = 5, .to = 5, .count = 60 }, { .from = 4, .to = 0, .count = 10 } };
	const double position[] = { 0.95, 0.1, 0.6, 0.2, 0.8, 0.4, 0.99 };
	const struct journey_dfg g = { .activities = act, .n_activities = 7, .edges = edges, .n_edges = 8 };
	struct journey_proposal p;
	struct err err;
	assert_int_equal(journey_propose(&g, position, 6, &a, &p, &err), OK);
	assert_int_equal(p.n_steps, 6);
	assert_int_equal(p.rest_names, 1);
	assert_int_equal(p.rest_events, 1);
	static const char *const order[] = { "a", "b", "c", "d", "e", "f" };
	static const size_t group[] = { 0, 0, 1, 2, 2, 2 };
	assert_int_equal(p.n_groups, 3);
	for (size_t i = 0; i < 6; i++) {
		assert_str(p.steps[i].event, order[i]);
		assert_int_equal(p.steps[i].group, group[i]);
	}
	assert_int_equal(journey_propose(&g, position, 2, &a, &p, &err), OK);
	assert_int_equal(p.n_groups, 2);
	assert_int_equal(journey_propose(&(struct journey_dfg){ 0 }, NULL, 5, &a, &p, &err), OK);
	assert_int_equal(p.n_steps, 0);
	arena_done(&a);
}

static void the_gap_is_the_valley_between_visits_and_returns(void **state)
{
	struct journey_gaps g = { 0 };
	assert_int_equal(journey_gap_find(&g), JOURNEY_GAP_DEFAULT_MS);
	struct rng r;
	rng_init(&r, 1, 0);
	/* Within a visit around ten minutes, between visits around 30 days; both log-normal. */
	for (int i = 0; i < 20000; i++) {
		const double ms =
		        i % 3 ? 600000 * exp(0.7 * rng_normal(&r)) : 30.0 * 86400000 * exp(0.6 * rng_normal(&r));
		g.classes[(int)(log10(ms) * 20)]++;
	}
	const double gap = (double)journey_gap_find(&g);
	assert_true(gap > 3 * 3600000.0 && gap < 6 * 86400000.0);
	struct journey_gaps one = { 0 };
	for (int i = 0; i < 20000; i++) one.classes[(int)(log10(600000 * exp(0.7 * rng_normal(&r))) * 20)]++;
	assert_int_equal(journey_gap_find(&one), JOURNEY_GAP_DEFAULT_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_of_the_page_comes_out),
		cmocka_unit_test(utilities_are_those_of_the_page),
		cmocka_unit_test(two_clusters_of_activities_become_two_stages_of_three),
		cmocka_unit_test(the_gap_is_the_valley_between_visits_and_returns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
