/*
 * What the passes of the engine cost, apart from everything around them.
 *
 *   passes SORTED.bin [runs [threads [part of a name]]]
 *
 * SORTED.bin holds records of 24 bytes sorted by (customer, time, arrival), as the generator of the comparison bench
 * writes them: int64 at_ms, u32 customer, u32 arrival, u8 touchpoint (0..39), u8 channel (0..4), u8 score (0..10, 255
 * none). They become 256 runs of columns as index/ makes them; a kind is (touchpoint's name, channel), a score is a
 * rating. Each pass is run `runs` times on `threads` threads that take run after run, then merged and turned into its
 * answer. Printed: the least wall time, and the least processor time of the busiest thread with merge and answer,
 * which is what a machine that does something else besides can still say.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/checked.h"
#include "journey/journey.h"

enum { RUNS = 256, TOUCHPOINTS = 40, CHANNELS = 5, KINDS = TOUCHPOINTS * CHANNELS, HANDS_MAX = 16 };

struct record {
	int64_t at_ms;
	uint32_t customer, arrival;
	uint8_t touchpoint, channel, score, spare[5];
};

static struct journey_columns runs[RUNS];
static struct journey_schema schema;
static struct journey_set *segment; /* customers who met touchpoint 17 */
static int64_t n_events;
static int repeats = 5, threads = 2;
static const char *only; /* part of the name of what is run; NULL all */

static void die(const char *what)
{
	fprintf(stderr, "passes: %s\n", what);
	exit(1);
}

static int number(const char *text, int max)
{
	int64_t n;
	if (!str_to_i64(str_of(text), &n) || n < 1 || n > max) die("that many make no sense");
	return (int)n;
}

static void *reserve(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);
	if (!p) die("memory is short");
	return p;
}

static double seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* --- columns ---------------------------------------------------------------------------------- */

static const struct str *words(const char *prefix, int n)
{
	struct str *w = reserve(JOURNEY_CHUNK, sizeof *w);
	w[0] = STR("");
	for (int i = 1; i <= n; i++) {
		char *text = reserve(16, 1);
		snprintf(text, 16, "%s%02d", prefix, i - 1);
		w[i] = str_of(text);
	}
	return w;
}

static void make_schema(int64_t newest_ms)
{
	static struct journey_kind kinds[KINDS + 1];
	static struct journey_dimension dimensions[4];
	static const struct str *events[1], *channels[1], *none[1], *sources[1];
	static double w50[TOUCHPOINTS + 1];
	for (int k = 0; k < KINDS; k++)
		kinds[k + 1] = (struct journey_kind){ .event = (uint16_t)(k / CHANNELS + 1),
			                              .channel = (uint16_t)(k % CHANNELS + 1) };
	events[0] = words("touch", TOUCHPOINTS);
	channels[0] = words("channel", CHANNELS);
	none[0] = words("", 0);
	sources[0] = words("source", 1);
	dimensions[0] = (struct journey_dimension){ STR("journey"), { none, 1 } };
	dimensions[1] = (struct journey_dimension){ STR("unit"), { none, 1 } };
	dimensions[2] = (struct journey_dimension){ STR("environment"), { none, 1 } };
	dimensions[3] = (struct journey_dimension){ STR("source"), { sources, 2 } };
	schema = (struct journey_schema){ .kinds = kinds,
		                          .n_kinds = KINDS + 1,
		                          .events = { events, TOUCHPOINTS + 1 },
		                          .channels = { channels, CHANNELS + 1 },
		                          .currencies = { none, 1 },
		                          .dimensions = dimensions,
		                          .n_dimensions = 4,
		                          .wait_w50 = w50,
		                          .newest_ms = newest_ms,
		                          .arrival_end = (uint64_t)n_events + 1 };
}

static uint32_t run_of(uint32_t customer)
{
	return (customer * 2654435761u) >> 24;
}

static void make_run(uint32_t q, const struct record *r, const uint32_t *first, uint32_t n_customers)
{
	struct journey_columns *c = &runs[q];
	size_t customers = 0, rows = 0, ratings = 0;
	for (uint32_t i = 0; i < n_customers; i++) {
		if (run_of(i + 1) != q) continue;
		customers++;
		rows += first[i + 1] - first[i];
		for (uint32_t k = first[i]; k < first[i + 1]; k++) ratings += r[k].score != 255;
	}
	uint32_t *customer = reserve(customers, 4), *offset = reserve(customers + 1, 4),
	         *evidence_offset = reserve(customers + 1, 4);
	uint16_t *kind = reserve(rows, 2);
	int64_t *at_ms = reserve(rows, 8);
	uint64_t *arrival = reserve(rows, 8);
	uint8_t *source = reserve(rows, 1);
	struct journey_evidence *evidence = reserve(ratings, sizeof *evidence);
	struct journey_codes *codes = reserve(4, sizeof *codes);
	codes[3] = (struct journey_codes){ source, 1 };
	uint32_t at = 0, row = 0, e = 0;
	for (uint32_t i = 0; i < n_customers; i++) {
		if (run_of(i + 1) != q) continue;
		customer[at++] = i + 1;
		for (uint32_t k = first[i]; k < first[i + 1]; k++, row++) {
			kind[row] = (uint16_t)(r[k].touchpoint * CHANNELS + r[k].channel + 1);
			at_ms[row] = r[k].at_ms;
			arrival[row] = r[k].arrival + 1;
			source[row] = 1;
			if (r[k].score == 255) continue;
			evidence[e++] = (struct journey_evidence){ .row = row,
				                                   .what = JOURNEY_RATING,
				                                   .scale = 1,
				                                   .about = JOURNEY_ABOUT_OWN,
				                                   .utility = 10.0f * (float)r[k].score,
				                                   .raw = r[k].score };
		}
		offset[at] = row;
		evidence_offset[at] = e;
	}
	*c = (struct journey_columns){ .n_customers = at,
		                       .n_rows = row,
		                       .n_evidence = e,
		                       .customer = customer,
		                       .offset = offset,
		                       .evidence_offset = evidence_offset,
		                       .kind = kind,
		                       .at_ms = at_ms,
		                       .arrival = arrival,
		                       .dimensions = codes,
		                       .n_dimensions = 4,
		                       .evidence = evidence };
}

static void load(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END)) die("the file cannot be read");
	n_events = ftell(f) / (long)sizeof(struct record);
	rewind(f);
	struct record *r = reserve((size_t)n_events, sizeof *r);
	uint32_t *first = reserve((size_t)n_events + 1, sizeof *first), n_customers = 0;
	if (fread(r, sizeof *r, (size_t)n_events, f) != (size_t)n_events) die("the file is cut off");
	fclose(f);
	int64_t newest = INT64_MIN;
	segment = journey_set_new();
	for (int64_t i = 0; i < n_events; i++) {
		if (i == 0 || r[i].customer != r[i - 1].customer) first[n_customers++] = (uint32_t)i;
		if (r[i].at_ms > newest) newest = r[i].at_ms;
		if (r[i].touchpoint == 17) journey_set_add(segment, n_customers);
	}
	first[n_customers] = (uint32_t)n_events;
	make_schema(newest);
	for (uint32_t q = 0; q < RUNS; q++) make_run(q, r, first, n_customers);
	free(first);
	free(r);
	printf("%lld events, %u customers, %d threads, %d runs each\n", (long long)n_events, n_customers, threads,
	       repeats);
}

/* --- running ---------------------------------------------------------------------------------- */

struct bench {
	const char *name;
	struct journey_pass pass;
	const void *what;
	void (*answer)(void *pass, struct arena *a); /* prints one line of it when `say` */
};
static bool say;

struct hand {
	const struct bench *b;
	void *pass;
	_Atomic uint32_t *next;
	pthread_t thread;
	double cpu;
};

static void *hand_run(void *arg)
{
	struct hand *h = arg;
	const double t = seconds(CLOCK_THREAD_CPUTIME_ID);
	for (uint32_t q; (q = atomic_fetch_add(h->next, 1)) < RUNS;) h->b->pass.add(h->pass, &runs[q]);
	h->cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - t;
	return NULL;
}

/* What a flow leaves to be done after merging. */
static void flow_add(void *f, const struct journey_columns *c);
struct sharing {
	struct journey_flow *flow;
	_Atomic uint32_t next;
};

static void *share_run(void *arg)
{
	struct sharing *s = arg;
	for (uint32_t i; (i = atomic_fetch_add(&s->next, 1)) < JOURNEY_FLOW_SHARES;) journey_flow_share(s->flow, i);
	return NULL;
}

static void share_out(struct journey_flow *flow)
{
	struct sharing s = { .flow = flow };
	pthread_t others[HANDS_MAX];
	for (int i = 1; i < threads; i++)
		if (pthread_create(&others[i], NULL, share_run, &s)) die("no thread");
	share_run(&s);
	for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
}

static void run(const struct bench *b, const struct journey_plan *p)
{
	if (only && !strstr(b->name, only)) return;
	double wall = 1e9, cpu = 1e9, tail = 1e9;
	for (int k = 0; k < repeats; k++) {
		struct hand hands[HANDS_MAX];
		_Atomic uint32_t next = 0;
		struct arena a;
		arena_init(&a, 1024 * MIB);
		const double t = seconds(CLOCK_MONOTONIC);
		for (int i = 0; i < threads; i++) {
			hands[i] = (struct hand){ .b = b, .pass = b->pass.make(p, b->what), .next = &next };
			if (!hands[i].pass || pthread_create(&hands[i].thread, NULL, hand_run, &hands[i]))
				die("no thread");
		}
		double most = 0;
		for (int i = 0; i < threads; i++) {
			pthread_join(hands[i].thread, NULL);
			if (hands[i].cpu > most) most = hands[i].cpu;
		}
		const double end = seconds(CLOCK_THREAD_CPUTIME_ID);
		for (int i = 1; i < threads; i++) {
			b->pass.merge(hands[0].pass, hands[i].pass);
			b->pass.free(hands[i].pass);
		}
		if (b->pass.add == flow_add) share_out(hands[0].pass);
		say = k == 0;
		b->answer(hands[0].pass, &a);
		b->pass.free(hands[0].pass);
		const double rest = seconds(CLOCK_THREAD_CPUTIME_ID) - end;
		const double w = seconds(CLOCK_MONOTONIC) - t;
		if (w < wall) wall = w;
		if (most + rest < cpu) cpu = most + rest;
		if (rest < tail) tail = rest;
		arena_done(&a);
	}
	printf("%-38s wall %7.4f s, processor %7.4f s (%6.1f M events/s), merge and answer %7.4f s\n", b->name, wall,
	       cpu, (double)n_events / cpu / 1e6, tail);
	fflush(stdout);
}

/* --- the passes --------------------------------------------------------------------------------- */

static uint32_t cut;
static void *flow_make(const struct journey_plan *p, const void *what)
{
	struct journey_flow *f = journey_flow_new(p, *(const unsigned *)what);
	if (f) journey_flow_cut(f, cut);
	return f;
}
static void flow_add(void *f, const struct journey_columns *c)
{
	journey_flow_add(f, c);
}
static void flow_merge(void *f, void *from)
{
	journey_flow_merge(f, from);
}
static void flow_free(void *f)
{
	journey_flow_free(f);
}
static void dfg_answer(void *f, struct arena *a)
{
	struct journey_dfg g;
	struct err err;
	if (journey_flow_dfg(f, a, &g, &err) != OK) die(err.text);
	if (!say) return;
	const struct journey_edge *e = &g.edges[0];
	printf("    %zu edges; %.*s > %.*s n %lld, customers %lld, mean %.1f, p50 %.0f, p90 %.0f; variants %lld\n",
	       g.n_edges, STR_ARG(g.activities[e->from].name), STR_ARG(g.activities[e->to].name), (long long)e->count,
	       (long long)e->customers, e->mean_ms, e->p50_ms, e->p90_ms, (long long)g.variants);
}
static void variants_answer(void *f, struct arena *a)
{
	struct journey_variants v;
	struct err err;
	if (journey_flow_variants(f, 20, a, &v, &err) != OK) die(err.text);
	if (say)
		printf("    %lld variants; top %lld %lld %lld ... %lld\n", (long long)v.variants,
		       (long long)v.top[0].count, (long long)v.top[1].count, (long long)v.top[2].count,
		       (long long)v.top[19].count);
}

static void *meter_make(const struct journey_plan *p, const void *what)
{
	return journey_meter_new(p, *(const unsigned *)what);
}
static void meter_add(void *m, const struct journey_columns *c)
{
	journey_meter_add(m, c);
}
static void meter_merge(void *m, void *from)
{
	journey_meter_merge(m, from);
}
static void meter_free(void *m)
{
	journey_meter_free(m);
}
static void meter_answer(void *m, struct arena *a)
{
	struct journey_measure r;
	struct err err;
	if (journey_meter_measure(m, a, &r, &err) != OK) die(err.text);
	if (say)
		printf("    %zu touchpoints, %zu ribbons, %zu loops, %zu effects; entered %lld, goal %lld, mean %.6f\n",
		       r.n_touchpoints, r.n_ribbons, r.n_loops, r.n_effects, (long long)r.total.entered,
		       (long long)r.total.goal, r.rating_mean);
}

static void funnel_answer(void *pass, struct arena *a)
{
	struct journey_funnel r;
	struct err err;
	if (journey_funnel_result(pass, a, &r, &err) != OK) die(err.text);
	if (!say) return;
	printf("    met");
	for (size_t i = 0; i < r.n_steps; i++) printf(" %lld", (long long)r.steps[i].cases);
	printf("; half of the second step within %.0f ms\n", r.steps[1].from_start.p50);
}
static void funnels(const struct journey_plan *p, struct arena *a)
{
	const struct str names[] = { STR("touch00"), STR("touch01"), STR("touch02"), STR("touch03"), STR("touch05") };
	static const char *const titles[] = { "funnel, later", "funnel, strict", "funnel, any order" };
	struct journey_funnel_query q = { .n_steps = COUNT_OF(names), .window_ms = (int64_t)7 * 86400000 };
	for (size_t i = 0; i < q.n_steps; i++) q.steps[i] = (struct journey_funnel_step){ &names[i], 1, false };
	for (int order = 0; order < JOURNEY_FUNNEL_ORDERS; order++) {
		struct journey_funnel_plan *f;
		struct err err;
		q.order = (enum journey_funnel_order)order;
		if (journey_funnel_plan(p, &q, a, &f, &err) != OK) die(err.text);
		run(&(struct bench){ titles[order], journey_funnel_pass, f, funnel_answer }, p);
	}
}

static void retention_answer(void *pass, struct arena *a)
{
	struct journey_retention r;
	struct err err;
	if (journey_retention_result(pass, a, &r, &err) != OK) die(err.text);
	const int64_t *active = r.cohorts[0].active;
	if (say)
		printf("    %zu cohorts; the first %lld %lld %lld\n", r.n_cohorts, (long long)active[0],
		       (long long)active[1], (long long)active[2]);
}
static void retentions(const struct journey_plan *p, struct arena *a)
{
	static const char *const titles[] = { "retention, classic", "retention, rolling", "retention, survival" };
	int64_t weeks[54];
	for (size_t i = 0; i < COUNT_OF(weeks); i++) weeks[i] = INT64_C(1735689600000) + (int64_t)i * 7 * 86400000;
	struct journey_retention_query q = { .bounds = weeks, .n_bounds = COUNT_OF(weeks) };
	for (int kind = 0; kind < JOURNEY_RETENTION_KINDS; kind++) {
		struct journey_retention_plan *r;
		struct err err;
		q.kind = (enum journey_retention_kind)kind;
		if (journey_retention_plan(p, &q, a, &r, &err) != OK) die(err.text);
		run(&(struct bench){ titles[kind], journey_retention_pass, r, retention_answer }, p);
	}
}

static void lift_answer(void *pass, struct arena *a)
{
	struct journey_lift r;
	struct err err;
	if (journey_lift_result(pass, a, &r, &err) != OK) die(err.text);
	const struct journey_lift_row *top = &r.touchpoints[0];
	if (say)
		printf("    reached %lld of %lld; %.*s %lld of %lld\n", (long long)r.reached, (long long)r.cases,
		       STR_ARG(top->name), (long long)top->reached, (long long)top->cases);
}
static void lifts(const struct journey_plan *p, struct arena *a)
{
	for (int before = 0; before < 2; before++) {
		const struct journey_lift_query q = { .outcome = STR("touch33"), .before = before };
		struct journey_lift_plan *l;
		struct err err;
		if (journey_lift_plan(p, &q, a, &l, &err) != OK) die(err.text);
		run(&(struct bench){ before ? "lift, before the outcome" : "lift", journey_lift_pass, l, lift_answer },
		    p);
	}
}

static const struct journey_scores_plan *scores_plan(const struct journey_plan *p, struct arena *a)
{
	static const struct journey_scores_query q = { .by = { "channel", 7 }, .low = 65 };
	struct journey_scores_plan *s;
	struct err err;
	if (journey_scores_plan(p, &q, a, &s, &err) != OK) die(err.text);
	return s;
}
static void scores_answer(void *pass, struct arena *a)
{
	struct journey_scores r;
	struct err err;
	if (journey_scores_result(pass, a, &r, &err) != OK) die(err.text);
	if (!say) return;
	const struct journey_scores_row *x = &r.rows[0];
	printf("    %zu rows; %.*s on %.*s n %lld, answers %lld, mean %.5f, sd %.5f, below 6.5 %.5f\n", r.n_rows,
	       STR_ARG(x->name), STR_ARG(x->value), (long long)x->n, (long long)x->answers, x->mean, x->sd,
	       x->low_share.est);
}

/* Filling codes, as a pass: what the first question of a map pays. */
static const struct journey_plan *fill_plan;
static uint16_t *fill_out;
static _Atomic int fill_next;
struct filler {
	uint16_t *out;
};
static void *fill_make(const struct journey_plan *p, const void *what)
{
	struct filler *f = reserve(1, sizeof *f);
	fill_plan = p;
	f->out = fill_out + (size_t)(atomic_fetch_add(&fill_next, 1) % threads) * 1000000;
	return f;
}
static void fill_add(void *f, const struct journey_columns *c)
{
	journey_fill(fill_plan, c, ((struct filler *)f)->out);
}
static void fill_merge(void *f, void *from) {}
static void fill_free(void *f)
{
	free(f);
}
static void fill_answer(void *f, struct arena *a) {}

/* --- questions ------------------------------------------------------------------------------------ */

static struct journey_plan *plan_of(struct journey_query *q, struct arena *a)
{
	struct journey_plan *p;
	struct err err;
	if (journey_plan_new(q, &schema, a, &p, &err) != OK) die(err.text);
	return p;
}

static void codes_of(const struct journey_plan *p)
{
	for (int q = 0; q < RUNS; q++) {
		if (!runs[q].touchpoints) runs[q].touchpoints = reserve(runs[q].n_rows, sizeof(uint16_t));
		journey_fill(p, &runs[q], (uint16_t *)(uintptr_t)runs[q].touchpoints);
	}
}

/* A map of all touchpoints, one in each column. */
static struct journey_rules map_of_all(void)
{
	static struct journey_touchpoint touchpoints[TOUCHPOINTS];
	static struct journey_rule rules[TOUCHPOINTS];
	for (int i = 0; i < TOUCHPOINTS; i++) {
		const struct str name = journey_word(&schema.events, (uint32_t)i + 1);
		touchpoints[i] = (struct journey_touchpoint){ name, (uint16_t)i };
		rules[i] = (struct journey_rule){ .touchpoint = (uint16_t)(i + 1), .event = name };
	}
	return (struct journey_rules){ 1, touchpoints, TOUCHPOINTS, TOUCHPOINTS, rules, TOUCHPOINTS };
}

#define FLOW                                                                                                           \
	{                                                                                                              \
		flow_make, flow_add, flow_merge, flow_free                                                             \
	}
#define METER                                                                                                          \
	{                                                                                                              \
		meter_make, meter_add, meter_merge, meter_free                                                         \
	}
#define FILL                                                                                                           \
	{                                                                                                              \
		fill_make, fill_add, fill_merge, fill_free                                                             \
	}

int main(int argc, char **argv)
{
	/* Only what it names is run, when a name is given. */
	if (argc > 4) only = argv[4];
	if (argc < 2) die("usage: passes SORTED.bin [runs [threads [part of a name]]]");
	if (argc > 2) repeats = number(argv[2], 1000);
	if (argc > 3) threads = number(argv[3], HANDS_MAX);
	load(argv[1]);
	fill_out = reserve((size_t)threads * 1000000, sizeof *fill_out);

	struct arena a;
	arena_init(&a, 64 * MIB);
	struct journey_query q = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	const struct journey_plan *events = plan_of(&q, &a);
	codes_of(events);
	static const unsigned edges = JOURNEY_FLOW_EDGES, variants = JOURNEY_FLOW_VARIANTS,
	                      both = JOURNEY_FLOW_EDGES | JOURNEY_FLOW_VARIANTS;
	run(&(struct bench){ "codes of event names", FILL, NULL, fill_answer }, events);
	run(&(struct bench){ "directly-follows, quantiles", FLOW, &edges, dfg_answer }, events);
	static const unsigned means = JOURNEY_FLOW_MEANS, counts = JOURNEY_FLOW_COUNTS;
	run(&(struct bench){ "directly-follows, means", FLOW, &means, dfg_answer }, events);
	run(&(struct bench){ "directly-follows, counts", FLOW, &counts, dfg_answer }, events);
	run(&(struct bench){ "variants, whole", FLOW, &variants, variants_answer }, events);
	cut = 10;
	run(&(struct bench){ "variants, cut to 10", FLOW, &variants, variants_answer }, events);
	cut = 0;
	run(&(struct bench){ "directly-follows and variants", FLOW, &both, dfg_answer }, events);
	funnels(events, &a);
	retentions(events, &a);
	lifts(events, &a);
	run(&(struct bench){ "scores by channel", journey_scores_pass, scores_plan(events, &a), scores_answer },
	    events);
	struct journey_query in = q;
	in.segment = segment;
	run(&(struct bench){ "segment, then directly-follows", FLOW, &edges, dfg_answer }, plan_of(&in, &a));

	const struct journey_rules rules = map_of_all();
	struct journey_query of_map = q;
	of_map.rules = &rules;
	of_map.instance.gap_ms = JOURNEY_GAP_DEFAULT_MS;
	const struct journey_plan *map = plan_of(&of_map, &a);
	codes_of(map);
	/* The same with rules that have to look at each row. */
	static struct journey_rule by_row[TOUCHPOINTS];
	for (int i = 0; i < TOUCHPOINTS; i++) {
		by_row[i] = rules.rules[i];
		by_row[i].conditions[by_row[i].n_conditions++] =
		        (struct journey_filter){ STR("source"), journey_word(&schema.dimensions[3].words, 1),
			                         JOURNEY_IS };
	}
	struct journey_rules looking = rules;
	looking.rules = by_row;
	struct journey_query by_rows = of_map;
	by_rows.rules = &looking;
	run(&(struct bench){ "codes of a map by rows", FILL, NULL, fill_answer }, plan_of(&by_rows, &a));
	static const unsigned whole = JOURNEY_METER_MAP | JOURNEY_METER_KINDS, bare = 0;
	run(&(struct bench){ "codes of a map", FILL, NULL, fill_answer }, map);
	run(&(struct bench){ "a map, measured", METER, &whole, meter_answer }, map);
	run(&(struct bench){ "touchpoints alone", METER, &bare, meter_answer }, map);
	of_map.by = JOURNEY_BY_INSTANCE;
	of_map.instance.cut = JOURNEY_CUT_GAP;
	run(&(struct bench){ "a map, measured by gap", METER, &whole, meter_answer }, plan_of(&of_map, &a));
	arena_done(&a);
	return 0;
}
