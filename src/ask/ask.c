/* Opening, and what all questions share: a snapshot, a plan, a scan on several threads. */
#include "ask/priv.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/hash.h"

/* Scratch of one question: plans over 60,000 kinds with 500 rules need a few MiB. Codes of that many maps, map versions
 * and splits of the whole log are kept, however large it is. */
enum { SCRATCH_BYTES = 256 << 20, CODES_BYTES = 512 << 20, CODE_SETS = 8 };

enum err_code ask_open(struct store *st, const struct ask_options *opt, bool follow,
                       void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, struct ask **out,
                       struct err *err)
{
	struct ask *a = calloc(1, sizeof *a);
	if (!a) return err_no_memory(err);
	const bool kept = segments_init(&a->segments);
	if (!codes_init(&a->codes, CODES_BYTES) || !kept) {
		segments_done(&a->segments);
		free(a);
		return err_no_memory(err);
	}
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	a->st = st;
	a->follow = follow;
	a->threads = opt->threads > 0 ? opt->threads : processors > 0 ? (int)processors : 1;
	if (a->threads > ASK_THREADS_MAX) a->threads = ASK_THREADS_MAX;
	char columns[4096];
	snprintf(columns, sizeof columns, "%s/index/columns", store_dir(st));
	const struct index_feed feed = index_feed_store(st);
	const struct index_options io = {
		.dimensions = opt->dimensions, .n_dimensions = opt->n_dimensions, .threads = a->threads, .dir = columns
	};
	enum err_code rc = index_open(&feed, &io, progress, ctx, &a->ix, err);
	if (rc == OK && follow) rc = index_follow(a->ix, err);
	if (rc != OK) {
		ask_close(a);
		return rc;
	}
	*out = a;
	return OK;
}

void ask_close(struct ask *a)
{
	if (!a) return;
	index_close(a->ix);
	codes_done(&a->codes);
	segments_done(&a->segments);
	free(a);
}

enum err_code ask_catch_up(struct ask *a, struct err *err)
{
	return index_reach(a->ix, store_arrival_end(a->st), err);
}

enum err_code ask_declare(struct ask *a, struct str property, struct err *err)
{
	return index_declare(a->ix, property, err);
}

double ask_dimension_ready(struct ask *a, struct str property)
{
	return index_dimension_ready(a->ix, property);
}

enum err_code ask_columns_check(const char *dir, int64_t *files, int64_t *bytes, struct err *err)
{
	char columns[4096];
	struct index_files f;
	snprintf(columns, sizeof columns, "%s/index/columns", dir);
	TRY(index_files_check(columns, &f, err));
	*files = f.files;
	*bytes = f.bytes;
	return OK;
}

void ask_state(struct ask *a, struct ask_state *out)
{
	const struct index_reader r = index_enter(a->ix);
	const struct index_snapshot *s = r.snapshot;
	*out = (struct ask_state){ .arrival_end = s->schema.arrival_end,
		                   .store_end = store_arrival_end(a->st),
		                   .events = s->events,
		                   .customers = s->customers,
		                   .oldest_ms = s->oldest_ms,
		                   .newest_ms = s->events ? s->schema.newest_ms : 0,
		                   .memory_bytes = s->memory_bytes };
	index_leave(a->ix, r);
	struct index_files f;
	index_files(a->ix, &f);
	out->index_bytes = f.bytes;
	out->index_files = f.files;
	out->index_end = f.arrival_end;
	out->index_kept = f.kept;
	memcpy(out->index_rebuilt, f.rebuilt, sizeof out->index_rebuilt);
	memcpy(out->index_failed, f.failed, sizeof out->index_failed);
}

/* --- one question ----------------------------------------------------------------------------- */

#define READING_WAIT_MS 3000

/*
 * Waits a little for a property that is being read from the log: an answer
 * over half of its values would be a wrong number that nothing shows.
 */
static enum err_code read_whole(struct ask *a, struct str property, const char *field, struct err *err)
{
	if (index_dimension_ready(a->ix, property) >= 1) return OK;
	/* Without a thread that follows, whoever asks reads. */
	if (!a->follow) TRY(index_update(a->ix, err));
	for (int ms = 0; ms < READING_WAIT_MS && index_dimension_ready(a->ix, property) < 1; ms += 5)
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	if (index_dimension_ready(a->ix, property) >= 1) return OK;
	err_set(err, ERR_UNAVAILABLE, "query.key.reading", field, "\"" STR_FMT "\" is still being read from the log",
	        STR_ARG(property));
	err_hint(err, "Try again in a moment.");
	return ERR_UNAVAILABLE;
}

static bool of_kinds(struct str dimension)
{
	return str_eq(dimension, STR("event")) || str_eq(dimension, STR("channel"));
}

/* A property that has no column, as a mistake of whoever wrote it. */
static enum err_code undeclared(struct str name, const char *field, struct err *err)
{
	err_set(err, ERR_INPUT, "query.dimension", field, "\"" STR_FMT "\" is not a declared property", STR_ARG(name));
	err_hint(err, "Declare it first: in `dimensions` of a mapping, by a rule of a map, or by POST "
	              "/api/dimensions.");
	return ERR_INPUT;
}

enum err_code asking_needs(struct ask *a, struct str property, const char *field, struct err *err)
{
	if (property.len == 0 || of_kinds(property)) return OK;
	if (index_dimension_ready(a->ix, property) < 0) return undeclared(property, field, err);
	return read_whole(a, property, field, err);
}

static enum err_code segment_filter(void *ctx, const struct journey_filter *f, size_t at, struct err *err)
{
	struct ask *a = ctx;
	const enum err_code rc = asking_needs(a, f->dimension, "segment", err);
	if (rc == ERR_INPUT && err) err->value = (int64_t)at, err->limit = err->value + 1;
	return rc;
}

/*
 * Properties that a map's rules or a cut speak of become columns; what
 * people type into filters does not, and is refused when it has no column:
 * taken for "no value anywhere", it would answer nothing, or everything.
 */
static enum err_code declare_needed(struct ask *a, const struct journey_query *q, struct err *err)
{
	for (size_t i = 0; i < q->n_filters; i++) TRY(asking_needs(a, q->filters[i].dimension, "filter", err));
	for (size_t i = 0; q->rules && i < q->rules->n_rules; i++) {
		const struct journey_rule *r = &q->rules->rules[i];
		for (size_t c = 0; c < r->n_conditions; c++) {
			const struct str name = r->conditions[c].dimension;
			if (of_kinds(name)) continue;
			TRY(index_declare(a->ix, name, err));
			TRY(read_whole(a, name, "map", err));
		}
	}
	if (q->who) TRY(journey_segment_filters(q->who->root, segment_filter, a, err));
	if (q->by != JOURNEY_BY_INSTANCE || q->instance.cut != JOURNEY_CUT_KEY) return OK;
	TRY(index_declare(a->ix, q->instance.key, err));
	return read_whole(a, q->instance.key, "case", err);
}

/* In place of a rule list's hash: codes are those of event names. */
#define EVENT_CODES UINT64_C(0x6576656e74206e61)

enum err_code asking_start(struct asking *k, struct ask *a, const struct journey_query *q, struct err *err)
{
	*k = (struct asking){ .a = a, .query = *q, .codes = q->rules ? q->rules->version_hash : EVENT_CODES };
	arena_init(&k->scratch, SCRATCH_BYTES);
	TRY(declare_needed(a, q, err));
	k->reader = index_enter(a->ix);
	k->s = k->reader.snapshot;
	if (q->who) {
		TRY(segments_get(k, q->who, &k->segment, err));
		k->query.segment = segments_set(k->segment);
	}
	TRY(journey_plan_new(&k->query, &k->s->schema, &k->scratch, &k->base, err));
	k->plan = k->base;
	return OK;
}

enum err_code asking_split(struct asking *k, struct str by, uint32_t *n_values, struct err *err)
{
	TRY(journey_plan_split(k->plan, by, &k->scratch, &k->plan, n_values, err));
	/* Split by nothing they stay what they are. A value that is new since makes others of all of them. */
	if (by.len) k->codes = hash64_mix(hash64_seed(by, k->codes), *n_values);
	return OK;
}

void asking_done(struct asking *k)
{
	if (k->segment) segments_release(&k->a->segments, k->segment);
	if (k->s) index_leave(k->a->ix, k->reader);
	arena_done(&k->scratch);
}

/* --- on several threads ------------------------------------------------------------------------- */

struct work {
	void (*task)(void *ctx, int hand, uint32_t i);
	void *ctx;
	uint32_t n;
	_Atomic uint32_t next;
};

struct hand {
	struct work *w;
	int number;
	pthread_t thread;
};

static void *hand_run(void *arg)
{
	struct hand *h = arg;
	for (uint32_t i; (i = atomic_fetch_add(&h->w->next, 1)) < h->w->n;) h->w->task(h->w->ctx, h->number, i);
	return NULL;
}

/* Does the tasks 0 to n - 1 on as many threads, or on fewer where there are no more; this one is the first of them. */
static void share_out(int threads, struct work *w)
{
	struct hand hands[ASK_THREADS_MAX];
	int started = 1;
	for (int i = 0; i < threads; i++) hands[i] = (struct hand){ .w = w, .number = i };
	while (started < threads && pthread_create(&hands[started].thread, NULL, hand_run, &hands[started]) == 0)
		started++;
	hand_run(&hands[0]);
	for (int i = 1; i < started; i++) pthread_join(hands[i].thread, NULL);
}

/* Below this many events a second thread costs more than it brings. */
enum { EVENTS_A_THREAD = 50000 };

static int threads_for(const struct asking *k)
{
	const int64_t threads = k->s->events / EVENTS_A_THREAD + 1;
	return threads < k->a->threads ? (int)threads : k->a->threads;
}

struct scanning {
	struct asking *k;
	const struct scan *scan;
	void **accs;
	atomic_bool failed;
};

static bool scan_run(struct scanning *x, void *acc, const struct index_run *run)
{
	struct journey_columns c = run->columns;
	if (!x->scan->codes) {
		x->scan->each(x->scan->ctx, acc, &c);
		return true;
	}
	const struct code_entry *e = codes_get(&x->k->a->codes, x->k->plan, x->k->codes, run);
	if (!e) return false;
	c.touchpoints = codes_of(e);
	x->scan->each(x->scan->ctx, acc, &c);
	codes_release(&x->k->a->codes, e);
	return true;
}

static void scan_part(void *ctx, int hand, uint32_t q)
{
	struct scanning *x = ctx;
	const struct index_part *p = x->k->s->parts[q];
	for (size_t i = 0; p && i < p->n; i++)
		if (!scan_run(x, x->accs[hand], &p->runs[i])) atomic_store(&x->failed, true);
}

enum err_code asking_scan(struct asking *k, const struct scan *scan, void *accs[ASK_THREADS_MAX], int *n,
                          struct err *err)
{
	codes_room(&k->a->codes, CODES_BYTES + CODE_SETS * k->s->events * (int64_t)sizeof(uint16_t));
	const int threads = threads_for(k);
	for (*n = 0; *n < threads; ++*n)
		if (!(accs[*n] = scan->make(scan->ctx))) break;
	if (*n == 0) return err_no_memory(err);
	struct scanning x = { .k = k, .scan = scan, .accs = accs };
	share_out(*n, &(struct work){ .task = scan_part, .ctx = &x, .n = INDEX_PARTS });
	return atomic_load(&x.failed) ? err_no_memory(err) : OK;
}

void asking_shares(struct asking *k, uint32_t n, void (*share)(void *ctx, int hand, uint32_t i), void *ctx)
{
	share_out(threads_for(k), &(struct work){ .task = share, .ctx = ctx, .n = n });
}

struct pass_ctx {
	const struct journey_pass *pass;
	const struct journey_plan *plan;
	const void *what;
};

static void *make_pass(void *ctx)
{
	const struct pass_ctx *p = ctx;
	return p->pass->make(p->plan, p->what);
}

static void add_pass(void *ctx, void *acc, const struct journey_columns *c)
{
	const struct pass_ctx *p = ctx;
	p->pass->add(acc, c);
}

enum err_code asking_pass(struct asking *k, const struct journey_pass *pass, const void *what, void **out,
                          struct err *err)
{
	struct pass_ctx ctx = { pass, k->plan, what };
	const struct scan scan = { .make = make_pass, .each = add_pass, .ctx = &ctx, .codes = true };
	void *accs[ASK_THREADS_MAX];
	int n = 0;
	const enum err_code rc = asking_scan(k, &scan, accs, &n, err);
	for (int i = 1; i < n; i++) {
		if (rc == OK) pass->merge(accs[0], accs[i]);
		pass->free(accs[i]);
	}
	if (rc == OK) *out = accs[0];
	else if (n) pass->free(accs[0]);
	return rc;
}
