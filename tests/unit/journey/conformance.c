/* Alignments against published figures, and against all words that a small model has. */
#include "tests/oracle/oracle.h"
#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"

static struct journey_model model(struct arena *a, const char *json)
{
	struct journey_model m;
	struct err err = { 0 };
	if (journey_model_read(str_of(json), a, &m, &err) != OK) fail_msg("%s: %s", json, err.text);
	return m;
}

/* One letter an event. */
static struct journey_alignment align(const struct journey_model *m, const char *trace, struct arena *a)
{
	struct journey_alignment out;
	struct err err;
	const size_t n = strlen(trace);
	struct str *names = ARENA_ARRAY(a, struct str, n);
	for (size_t i = 0; i < n; i++) names[i] = (struct str){ trace + i, 1 };
	assert_int_equal(journey_model_align(m, names, n, a, &out, &err), OK);
	return out;
}

static void the_published_example_costs_two(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	const struct journey_model m = model(&a, "{\"nodes\":[\"a\",\"c\",\"d\",\"e\",\"h\"]}");
	struct journey_alignment got = align(&m, "abdeh", &a);
	assert_int_equal(got.cost, 2);
	assert_int_equal(got.length, 5);
	assert_int_equal(got.shortest, 5);
	assert_near(got.fitness, 0.8, 1e-12);
	got = align(&m, "acdeh", &a);
	assert_near(got.fitness, 1, 0);
	got = align(&m, "", &a);
	assert_int_equal(got.cost, 5);
	assert_near(got.fitness, 0, 0);
	got = align(&m, "zzz", &a);
	assert_int_equal(got.cost, 8);
	assert_near(got.fitness, 0, 0);
	arena_done(&a);
}

static const struct {
	const char *trace;
	int count;
} full[] = { { "acdeh", 455 },          { "abdeg", 191 },       { "adceh", 177 },       { "abdeh", 144 },
	     { "acdeg", 111 },          { "adceg", 82 },        { "adbeh", 56 },        { "acdefdbeh", 47 },
	     { "adbeg", 38 },           { "acdefbdeh", 33 },    { "acdefbdeg", 14 },    { "acdefdbeg", 11 },
	     { "adcefcdeh", 9 },        { "adcefdbeh", 8 },     { "adcefbdeg", 5 },     { "acdefbdefdbeg", 3 },
	     { "adcefdbeg", 2 },        { "adcefbdefbdeg", 2 }, { "adcefdbefbdeh", 1 }, { "adbefbdefdbeg", 1 },
	     { "adcefdbefcdefdbeg", 1 } };

/* Methods 4.9: the log L_full fits the net N1, where d stands beside b or c; and not the net N2, where it comes after.
 */
static void the_full_log_fits_the_first_net_and_not_the_second(void **state)
{
	struct arena a;
	arena_init(&a, 64 * MIB);
	const struct journey_model beside =
	        model(&a, "{\"nodes\":[\"a\",{\"name\":\"x1\",\"activities\":[\"b\",\"c\"]},{\"name\":\"d2\","
	                  "\"activities\":[\"d\"]},{\"name\":\"d1\",\"activities\":[\"d\"]},{\"name\":\"x2\","
	                  "\"activities\":[\"b\",\"c\"]},\"e\",\"f\",{\"name\":\"z\",\"activities\":[\"g\",\"h\"]}],"
	                  "\"edges\":[[\"a\",\"x1\"],[\"x1\",\"d2\"],[\"d2\",\"e\"],[\"a\",\"d1\"],[\"d1\",\"x2\"],"
	                  "[\"x2\",\"e\"],[\"e\",\"f\"],[\"f\",\"x1\"],[\"f\",\"d1\"],[\"e\",\"z\"]]}");
	const struct journey_model after =
	        model(&a, "{\"nodes\":[\"a\",{\"name\":\"x\",\"activities\":[\"b\",\"c\"]},\"d\",\"e\",\"f\",{\"name\":"
	                  "\"z\",\"activities\":[\"g\",\"h\"]}],\"edges\":[[\"a\",\"x\"],[\"x\",\"d\"],[\"d\",\"e\"],"
	                  "[\"e\",\"f\"],[\"f\",\"x\"],[\"e\",\"z\"]]}");
	int cases = 0, fit_beside = 0, fit_after = 0, events = 0;
	for (size_t i = 0; i < COUNT_OF(full); i++) {
		cases += full[i].count;
		events += full[i].count * (int)strlen(full[i].trace);
		fit_beside += align(&beside, full[i].trace, &a).cost == 0 ? full[i].count : 0;
		fit_after += align(&after, full[i].trace, &a).cost == 0 ? full[i].count : 0;
	}
	assert_int_equal(cases, 1391);
	assert_int_equal(events, 7539);
	assert_int_equal(fit_beside, 1391);
	/* Those in which each round has b or c, then d: 455 + 191 + 144 + 111 + 33 + 14. */
	assert_int_equal(fit_after, 948);
	/* d moved to after c: one inserted, one skipped. */
	assert_int_equal(align(&after, "adceh", &a).cost, 2);
	assert_near(align(&after, "adceh", &a).fitness, 1 - 2.0 / 10, 1e-12);
	arena_done(&a);
}

/* --- the slow twin: every word of the model ---------------------------------------------------------- */

struct omodel {
	int n;
	struct {
		bool is[4], optional, repeat, start, end; /* is[k]: activity 'a' + k */
	} nodes[4];
	bool edge[4][4], ignored[4], ignore_unknown;
	char json[2000];
};

static bool chance(struct rng *r, unsigned percent)
{
	return rng_below(r, 100) < percent;
}

static void omodel_make(struct omodel *m, struct rng *r)
{
	*m = (struct omodel){ .n = 1 + (int)rng_below(r, 4), .ignore_unknown = chance(r, 30) };
	char *p = m->json, *const end = m->json + sizeof m->json;
	p += snprintf(p, (size_t)(end - p), "{\"edges\":[");
	for (int i = 0, k = 0; i < m->n; i++)
		for (int j = 0; j < m->n; j++) {
			m->edge[i][j] = j == i + 1 || (i != j && chance(r, 20));
			if (m->edge[i][j])
				p += snprintf(p, (size_t)(end - p), "%s[\"n%d\",\"n%d\"]", k++ ? "," : "", i, j);
		}
	p += snprintf(p, (size_t)(end - p), "],\"nodes\":[");
	for (int i = 0; i < m->n; i++) {
		m->nodes[i].optional = chance(r, 30);
		m->nodes[i].repeat = chance(r, 30);
		p += snprintf(p, (size_t)(end - p),
		              "%s{\"name\":\"n%d\",\"optional\":%s,\"repeat\":%s,\"activities\":[", i ? "," : "", i,
		              m->nodes[i].optional ? "true" : "false", m->nodes[i].repeat ? "true" : "false");
		const int first = (int)rng_below(r, 3);
		m->nodes[i].is[first] = true;
		p += snprintf(p, (size_t)(end - p), "\"%c\"", 'a' + first);
		for (int k = 0; k < 3; k++) {
			if (k == first || !chance(r, 25)) continue;
			m->nodes[i].is[k] = true;
			p += snprintf(p, (size_t)(end - p), ",\"%c\"", 'a' + k);
		}
		p += snprintf(p, (size_t)(end - p), "]}");
	}
	/* The first node begins and the last ends, and now and then another. */
	p += snprintf(p, (size_t)(end - p), "],\"starts\":[\"n0\"");
	m->nodes[0].start = m->nodes[m->n - 1].end = true;
	for (int i = 1; i < m->n; i++)
		if ((m->nodes[i].start = chance(r, 20))) p += snprintf(p, (size_t)(end - p), ",\"n%d\"", i);
	p += snprintf(p, (size_t)(end - p), "],\"ends\":[\"n%d\"", m->n - 1);
	for (int i = 0; i + 1 < m->n; i++)
		if ((m->nodes[i].end |= chance(r, 20))) p += snprintf(p, (size_t)(end - p), ",\"n%d\"", i);
	p += snprintf(p, (size_t)(end - p), "],\"unknown\":\"%s\"", m->ignore_unknown ? "ignore" : "count");
	if (chance(r, 20)) {
		m->ignored[1] = true;
		p += snprintf(p, (size_t)(end - p), ",\"ignore\":[\"b\"]");
	}
	snprintf(p, (size_t)(end - p), "}");
}

static bool counts(const struct omodel *m, int activity)
{
	if (m->ignored[activity]) return false;
	bool known = false;
	for (int v = 0; v < m->n; v++) known |= m->nodes[v].is[activity];
	return known || !m->ignore_unknown;
}

struct search {
	const struct omodel *m;
	const int *trace;
	int n, word[16], length, longest, best, shortest;
};

/* Inserting and skipping only: |trace| + |word| - 2 * the longest common subsequence. */
static int distance(const struct search *s)
{
	int lcs[17][17] = { { 0 } };
	for (int i = 1; i <= s->n; i++)
		for (int j = 1; j <= s->length; j++) {
			lcs[i][j] = lcs[i - 1][j] > lcs[i][j - 1] ? lcs[i - 1][j] : lcs[i][j - 1];
			if (s->m->nodes[s->word[j - 1]].is[s->trace[i - 1]] && lcs[i - 1][j - 1] + 1 > lcs[i][j])
				lcs[i][j] = lcs[i - 1][j - 1] + 1;
		}
	return s->n + s->length - 2 * lcs[s->n][s->length];
}

static void goes_on(struct search *s, int node, unsigned passed);

static void arrived(struct search *s)
{
	const int d = distance(s);
	if (s->best < 0 || d < s->best) s->best = d;
	if (s->shortest < 0 || s->length < s->shortest) s->shortest = s->length;
}

/* At a node before going through it: through it, or past it when it is optional. `passed`: nodes gone past without a
 * step since the last one, so that a ring of optional nodes ends. */
static void comes_to(struct search *s, int node, unsigned passed)
{
	if (s->length < s->longest) {
		s->word[s->length++] = node;
		goes_on(s, node, 0);
		s->length--;
	}
	if (s->m->nodes[node].optional && !(passed >> node & 1)) goes_on(s, node, passed | 1u << node);
}

static void goes_on(struct search *s, int node, unsigned passed)
{
	if (s->m->nodes[node].end) arrived(s);
	if (s->m->nodes[node].repeat && !(passed >> node & 1)) comes_to(s, node, passed);
	for (int v = 0; v < s->m->n; v++)
		if (s->m->edge[node][v]) comes_to(s, v, passed);
}

static struct search osearch(const struct omodel *m, const int *trace, int n)
{
	/* The shortest word has each node at most once. A word as long as that gives a bound: one that costs less is at
	 * most so much longer than the trace. */
	struct search s = { .m = m, .trace = trace, .n = n, .longest = m->n, .best = -1, .shortest = -1 };
	for (int v = 0; v < m->n; v++)
		if (m->nodes[v].start) comes_to(&s, v, 0);
	s.longest = n + s.best - 1;
	for (int v = 0; v < m->n && s.longest > m->n; v++)
		if (m->nodes[v].start) comes_to(&s, v, 0);
	return s;
}

static void random_models_cost_what_their_best_word_does(void **state)
{
	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct arena a;
		struct rng r;
		struct omodel m;
		arena_init(&a, 16 * MIB);
		rng_init(&r, seed, 3);
		omodel_make(&m, &r);
		const struct journey_model got = model(&a, m.json);
		for (int k = 0; k < 3; k++) {
			char text[8] = "";
			int trace[8], n = 0;
			const int length = (int)rng_below(&r, 4);
			for (int i = 0; i < length; i++) {
				const int x = (int)rng_below(&r, 4);
				text[i] = (char)('a' + x);
				text[i + 1] = 0;
				if (counts(&m, x)) trace[n++] = x;
			}
			const struct search want = osearch(&m, trace, n);
			const struct journey_alignment al = align(&got, text, &a);
			if (al.cost != want.best || al.shortest != want.shortest || al.length != n)
				fail_msg("seed %d, \"%s\" in %s: cost %d not %d, shortest %d not %d, length %d not %d",
				         (int)seed, text, m.json, (int)al.cost, want.best, (int)al.shortest,
				         want.shortest, (int)al.length, n);
			assert_near(al.fitness, n + want.shortest ? 1 - (double)want.best / (n + want.shortest) : 1,
			            1e-12);
		}
		arena_done(&a);
	}
}

/* --- over a log ---------------------------------------------------------------------------------------- */

/* The events of a case that count, as letters or as names. */
static size_t counted(const struct oasked *w, const struct journey_model *m, const struct ocase *c, struct str *out)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct str name = str_of(oactivity(&w->o.q, c->rows[i]));
		bool known = !m->ignore_unknown, ignored = false;
		for (size_t v = 0; v < m->n_nodes; v++)
			for (size_t k = 0; k < m->nodes[v].n_activities; k++)
				known |= str_eq(m->nodes[v].activities[k], name);
		for (size_t k = 0; k < m->n_ignored; k++) ignored |= str_eq(m->ignored[k], name);
		if (known && !ignored) out[n++] = name;
	}
	return n;
}

static void check_log(struct oasked *w, const struct journey_model *m)
{
	struct journey_conformance_query q = { .model = m };
	struct journey_conformance got;
	struct err err;
	void *pass = oasked_run(w, w->plan, &journey_conformance_pass, &q);
	assert_int_equal(journey_conformance_result(pass, &w->a, &got, &err), OK);
	journey_conformance_pass.free(pass);

	static struct stats_answer answers[4096];
	struct str *trace = ARENA_ARRAY(&w->a, struct str, w->log.n + 1);
	size_t n = 0;
	int64_t fitting = 0, outside = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct journey_alignment al;
		const size_t length = counted(w, m, &w->cases[i], trace);
		if (!length) {
			outside++;
			continue;
		}
		assert_int_equal(journey_model_align(m, trace, length, &w->a, &al, &err), OK);
		fitting += al.cost == 0;
		answers[n++] = (struct stats_answer){ al.fitness, 1, w->cases[i].customer };
	}
	assert_int_equal(got.cases, n);
	assert_int_equal(got.outside, outside);
	assert_int_equal(got.fitting, fitting);
	assert_int_equal(got.too_long, 0);
	struct stats_estimate want;
	double se;
	assert_int_equal(stats_mean_clustered(answers, n, &want, &se, NULL), OK);
	assert_int_equal(got.fitness.n, n);
	if (n >= 5) {
		stats_on_scale(&want, (struct interval){ 0, 1 });
		assert_near(got.fitness.est, want.est, 1e-8);
		assert_near(got.fitness.lo, want.lo, 1e-6);
	}
	int64_t most = 0;
	for (size_t i = 0; i < got.n_deviations; i++) {
		const struct journey_deviation *d = &got.deviations[i];
		assert_true(d->cases > 0 && d->cases <= got.cases && d->customers <= d->cases);
		if (d->cases > most) most = d->cases;
		const struct journey_conformance_figure f = { d->inserted, d->activity };
		const struct journey_set *set;
		q.figure = &f;
		pass = oasked_run(w, w->plan, &journey_conformance_pass, &q);
		assert_int_equal(journey_conformance_people(pass, &set, &err), OK);
		assert_int_equal(journey_set_n(set), d->customers);
		journey_conformance_pass.free(pass);
	}
	/* A case that does not fit deviates somewhere. */
	assert_true(most <= got.cases - fitting);
	assert_int_equal(got.n_deviations > 0, got.cases > fitting);
	for (size_t i = 0; i < got.n_worst; i++) assert_true(got.worst[i].fitness < 1 && got.worst[i].count > 0);
	assert_int_equal(got.n_worst > 0, got.cases > fitting);
}

static void random_logs_agree_with_their_cases_one_by_one(void **state)
{
	for (uint64_t seed = 1; seed <= 600; seed++) {
		struct oasked w;
		struct rng r;
		struct omodel m;
		rng_init(&r, seed, 9);
		oasked_make(&w, seed,
		            &(struct oshape){ .customers = 1 + (int)(seed % 9),
		                              .events_max = 10,
		                              .activities = 2 + (int)(seed % 4),
		                              .tick_ms = 100 },
		            seed % 2);
		if (seed % 200 == 0) print_message("seed %d\n", (int)seed);
		omodel_make(&m, &r);
		struct journey_model made;
		struct err err;
		if (seed % 2) {
			bool optional[8];
			for (int i = 0; i < 8; i++) optional[i] = chance(&r, 30);
			assert_int_equal(journey_model_of_map(w.o.q.rules, optional, &w.a, &made, &err), OK);
		} else {
			made = model(&w.a, m.json);
		}
		check_log(&w, &made);
		oasked_done(&w);
	}
}

static void a_model_that_cannot_be_is_refused_by_name(void **state)
{
	static const struct {
		const char *json, *id;
	} bad[] = {
		{ "[]", "model.shape" },
		{ "{\"nodes\":[]}", "model.empty" },
		{ "{}", "model.empty" },
		{ "{\"nodes\":[\"a\",\"a\"]}", "model.shape" },
		{ "{\"nodes\":[\"a\",\"b\"],\"edges\":[[\"a\",\"z\"]]}", "model.shape" },
		{ "{\"nodes\":[\"a\",\"b\"],\"edges\":[[\"a\"]]}", "model.shape" },
		{ "{\"nodes\":[\"a\",\"b\"],\"edges\":[[\"b\",\"a\"]],\"starts\":[\"a\"],\"ends\":[\"a\"]}",
		  "model.way" },
		{ "{\"nodes\":[{\"name\":\"a\",\"optional\":1}]}", "model.shape" },
		{ "{\"nodes\":[{\"optional\":true}]}", "model.shape" },
		{ "{\"nodes\":[\"a\"],\"loops\":[]}", "model.shape" },
		{ "{\"nodes\":[\"a\"],\"unknown\":\"maybe\"}", "model.shape" },
		{ "{\"nodes\":[\"a\"]", "json.syntax" },
		{ "{\"nodes\":[\"a\"]} x", "json.syntax" },
	};
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct journey_model m;
	struct err err;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(journey_model_read(str_of(bad[i].json), &a, &m, &err), ERR_INPUT);
		assert_string_equal(err.id, bad[i].id);
	}
	struct buf b;
	buf_init(&b, MIB);
	buf_put(&b, "{\"nodes\":[", 10);
	for (int i = 0; i <= JOURNEY_MODEL_NODES_MAX; i++) {
		char node[16];
		buf_put(&b, node, (size_t)snprintf(node, sizeof node, "%s\"n%d\"", i ? "," : "", i));
	}
	buf_put(&b, "]}", 2);
	assert_int_equal(journey_model_read(buf_view(&b), &a, &m, &err), ERR_LIMIT);
	assert_int_equal(err.limit, JOURNEY_MODEL_NODES_MAX);
	buf_done(&b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_example_costs_two),
		cmocka_unit_test(the_full_log_fits_the_first_net_and_not_the_second),
		cmocka_unit_test(random_models_cost_what_their_best_word_does),
		cmocka_unit_test(random_logs_agree_with_their_cases_one_by_one),
		cmocka_unit_test(a_model_that_cannot_be_is_refused_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
