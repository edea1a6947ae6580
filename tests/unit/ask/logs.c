/* Real event logs through reader, store, index and questions: the counts that are published for them. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "ask/ask.h"
#include "base/checked.h"
#include "wire/wire.h"

struct taken {
	struct store *st;
	struct arena a;
	struct store_item items[4096];
	struct wire_event events[4096];
	size_t n;
	struct store_scope *scope;
};

static enum err_code flush(struct taken *t, struct err *err)
{
	if (!t->n) return OK;
	const enum err_code rc = store_append(t->st, 1, 1000, t->items, t->n, t->scope, err);
	t->n = 0;
	arena_reset(&t->a);
	return rc;
}

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct taken *t = ctx;
	struct wire_event *c = &t->events[t->n];
	*c = *e;
	struct str *const texts[] = {
		&c->customer, &c->anonymous, &c->previous, &c->name, &c->channel, &c->id, &c->body
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		*texts[i] = str_copy(&t->a, *texts[i]);
		if (!texts[i]->ptr) return err_no_memory(err);
	}
	t->items[t->n] = (struct store_item){ .event = c };
	return ++t->n == COUNT_OF(t->items) ? flush(t, err) : OK;
}

static enum err_code on_refusal(void *ctx, const struct wire_refusal *r, struct err *err)
{
	return err_set(err, ERR_INPUT, "test.refused", r->err.field, "line %lld: %s", (long long)r->line, r->err.text);
}

static enum err_code on_declare(void *ctx, const struct wire_declare *d, struct err *err)
{
	return OK;
}

static int64_t read_fd(void *ctx, void *into, size_t cap)
{
	return read(*(int *)ctx, into, cap);
}

struct named {
	const char *from, *to;
	int64_t count;
};
struct log_case {
	const char *file;
	int64_t events, cases, activities, variants, edges;
	struct named named[10]; /* "" as `from`: a start; "" as `to`: an end */
	int64_t tops[4];
	int64_t top10;  /* cases of the ten commonest variants; 0 not known */
	size_t edges80; /* edges that hold 80 % of all successions; 0 not known */
};

static const struct log_case logs[] = {
	{ "running-example.xes",
	  42,
	  6,
	  8,
	  6,
	  16,
	  { { "register request", "examine casually", 3 },
	    { "register request", "check ticket", 2 },
	    { "register request", "examine thoroughly", 1 },
	    { "examine casually", "check ticket", 4 },
	    { "check ticket", "decide", 6 },
	    { "decide", "reject request", 3 },
	    { "decide", "pay compensation", 3 },
	    { "reinitiate request", "check ticket", 1 },
	    { "", "register request", 6 } },
	  { 1 },
	  0,
	  10 },
	{ "receipt.xes.gz",
	  8577,
	  1434,
	  27,
	  116,
	  99,
	  { { "T04 Determine confirmation of receipt", "T05 Print and send confirmation of receipt", 1177 },
	    { "T06 Determine necessity of stop advice", "T10 Determine necessity to stop indication", 1165 },
	    { "T02 Check confirmation of receipt", "T04 Determine confirmation of receipt", 1119 },
	    { "Confirmation of receipt", "T02 Check confirmation of receipt", 1079 },
	    { "T05 Print and send confirmation of receipt", "T06 Determine necessity of stop advice", 791 },
	    { "Confirmation of receipt", "T06 Determine necessity of stop advice", 239 },
	    { "", "Confirmation of receipt", 1434 },
	    { "T10 Determine necessity to stop indication", "", 828 },
	    { "T05 Print and send confirmation of receipt", "", 400 },
	    { "Confirmation of receipt", "", 116 } },
	  { 713, 123, 116 },
	  1260,
	  7 },
	{ "sepsis_cases.xes.gz",
	  15214,
	  1050,
	  16,
	  846,
	  115,
	  { { "Leucocytes", "CRP", 1778 },
	    { "CRP", "Leucocytes", 1445 },
	    { "ER Registration", "ER Triage", 971 },
	    { "ER Triage", "ER Sepsis Triage", 905 },
	    { "CRP", "LacticAcid", 629 },
	    { "", "ER Registration", 995 },
	    { "Release A", "", 393 },
	    { "Return ER", "", 291 } },
	  { 35, 24, 22 },
	  136,
	  21 },
	{ "helpdesk.xes.gz", 21348, 4580, 14, 226, 0, { { 0 } }, { 0 }, 0, 0 },
	{ "bpic2020_domestic_declarations.xes.gz", 55628, 10357, 14, 90, 0, { { 0 } }, { 0 }, 0, 0 },
	{ "bpic2020_prepaid_travel_cost.xes.gz", 17507, 2007, 29, 189, 0, { { 0 } }, { 0 }, 0, 0 },
	{ "bpic2012_loan_applications.xes.gz", 262200, 13087, 24, 4366, 0, { { 0 } }, { 3429 }, 0, 0 },
};

static void check_named(const struct journey_dfg *g, const struct named *want)
{
	for (size_t i = 0; i < g->n_activities && (!*want->from || !*want->to); i++) {
		if (!str_eq(g->activities[i].name, str_of(*want->from ? want->from : want->to))) continue;
		assert_int_equal((*want->from ? g->ends : g->starts)[i], want->count);
		return;
	}
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct journey_edge *e = &g->edges[i];
		if (!str_eq(g->activities[e->from].name, str_of(want->from)) ||
		    !str_eq(g->activities[e->to].name, str_of(want->to)))
			continue;
		assert_int_equal(e->count, want->count);
		return;
	}
	fail_msg("%s -> %s is missing", want->from, want->to);
}

/* The simplified graph with all activities: nothing is counted otherwise, and its edges begin with those that hold 80
 * %. */
static void check_view(struct ask *a, const struct journey_query *q, const struct log_case *want,
                       const struct journey_dfg *g, struct arena *m)
{
	struct err err;
	struct journey_view v;
	struct ask_graph kept;
	const struct journey_simplify what = { 1, 0.8 };
	assert_int_equal(ask_graph(a, q, NULL, &what, true, m, &kept, &err), OK);
	assert_int_equal(journey_view(&kept.choice, &kept.graph, &what, m, &v, &err), OK);
	assert_int_equal(v.n_activities, g->n_activities);
	assert_int_equal(v.kept.of_edges, g->n_edges);
	assert_int_equal(v.kept.of_edge_count, g->events - g->cases);
	assert_int_equal(v.cases, g->cases);
	assert_int_equal(v.variants, g->variants);
	int64_t sum = 0;
	size_t n = 0;
	while (n < v.n_edges && (double)sum < 0.8 * (double)v.kept.of_edge_count) sum += v.edges[n++].count;
	assert_true((double)sum >= 0.8 * (double)v.kept.of_edge_count);
	if (want->edges80) assert_int_equal(n, want->edges80);
}

static void remove_dir(const char *dir)
{
	char command[600];
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

static void check_log(const struct log_case *want)
{
	char path[512], dir[] = "/tmp/safar-test-XXXXXX", data[64];
	snprintf(path, sizeof path, "%s/%s", LOGS_DIR, want->file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_non_null(mkdtemp(dir));
	snprintf(data, sizeof data, "%s/data", dir);

	struct err err = { 0 };
	static struct taken t;
	memset(&t, 0, sizeof t);
	arena_init(&t.a, 256 * MIB);
	if (store_open(data, STORE_CREATE, &t.st, &err) != OK) fail_msg("%s", err.text);
	assert_int_equal(store_scope_new(&t.scope, &err), OK);
	const struct wire_input in = { .ctx = &fd, .read = read_fd, .name = str_of(want->file), .size_bytes = -1 };
	const struct wire_sink sink = { .ctx = &t, .event = on_event, .refuse = on_refusal, .declare = on_declare };
	enum err_code rc = wire_xes(&in, 1790000000000, &sink, &err);
	if (rc == OK) rc = flush(&t, &err);
	if (rc != OK) fail_msg("%s: %s %s", want->file, err.field, err.text);
	close(fd);

	struct ask *a;
	const struct ask_options opt = { .threads = 2 };
	if (ask_open(t.st, &opt, false, NULL, NULL, &a, &err) != OK) fail_msg("%s", err.text);
	struct arena m;
	arena_init(&m, 256 * MIB);
	const struct journey_query q = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	struct journey_dfg g;
	struct journey_variants v;
	assert_int_equal(ask_dfg(a, &q, JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS, &m, &g, &err), OK);
	assert_int_equal(ask_variants(a, &q, 10, 0, &m, &v, &err), OK);
	print_message("%s: %lld events, %lld cases, %zu activities, %lld variants, %zu edges\n", want->file,
	              (long long)g.events, (long long)g.cases, g.n_activities, (long long)g.variants, g.n_edges);
	assert_int_equal(g.events, want->events);
	assert_int_equal(g.customers, want->cases);
	assert_int_equal(g.n_activities, want->activities);
	assert_int_equal(g.variants, want->variants);
	assert_int_equal(v.variants, want->variants);
	if (want->edges) assert_int_equal(g.n_edges, want->edges);
	for (size_t i = 0; i < COUNT_OF(want->named) && want->named[i].from; i++) check_named(&g, &want->named[i]);
	for (size_t i = 0; i < COUNT_OF(want->tops) && want->tops[i]; i++)
		assert_int_equal(v.top[i].count, want->tops[i]);
	int64_t ten = 0;
	for (size_t i = 0; i < v.n_top; i++) ten += v.top[i].count;
	if (want->top10) assert_int_equal(ten, want->top10);

	check_view(a, &q, want, &g, &m);

	arena_done(&m);
	ask_close(a);
	store_scope_free(t.scope);
	store_close(t.st);
	arena_done(&t.a);
	remove_dir(dir);
}

static void published_logs_give_their_published_counts(void **state)
{
	if (access(LOGS_DIR, R_OK) != 0) {
		print_message("skipped: the event logs are not beside this repository (%s)\n", LOGS_DIR);
		skip();
	}
	for (size_t i = 0; i < COUNT_OF(logs); i++) check_log(&logs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(published_logs_give_their_published_counts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
