/*
 * The demo company in a data directory: filled once, taken away as a whole
 * (docs/adr/0004-demo-directory.md).
 *
 * While it is being filled its source is named "Rawnaq demo, being filled:
 * SEED END CUSTOMERS"; with the last event stored and the maps saved it gets its plain
 * name. So a fill that was cut off goes on with the same company, whatever
 * day it is then, and stores only what is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "app/priv.h"
#include "base/checked.h"
#include "base/when.h"
#include "demo/demo.h"

#define FILLING DEMO_SOURCE ", being filled:"
#define REMOVED_MARK "demo-removed"
#define BATCH 8192 /* half of what the store takes at once */

struct fill {
	struct app *app;
	uint32_t source;
	struct arena arena; /* of the batch */
	struct wire_event batch[BATCH];
	size_t n;
	int64_t stored, made, began_ms, told_ms;
	uint32_t n_customers;
};

static enum err_code flush(struct fill *f, struct err *err)
{
	struct collect_tally t;
	if (f->n == 0) return OK;
	TRY(collect_events(f->app->collect, f->source, f->batch, f->n, &t, err));
	if (t.stored + t.duplicate != t.received)
		return err_set(err, ERR_CORRUPT, "demo.events", "", "%lld events of the demo were not taken",
		               (long long)(t.received - t.stored - t.duplicate));
	f->stored += t.stored;
	f->n = 0;
	arena_reset(&f->arena);
	return OK;
}

static bool keep(struct arena *a, struct str *s)
{
	if (s->len == 0) return true;
	*s = str_copy(a, *s);
	return s->ptr != NULL;
}

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct fill *f = ctx;
	struct wire_event *to = &f->batch[f->n];
	*to = *e;
	/* Names and channels are the generator's own constants; what it writes anew for each event is copied. */
	if (!keep(&f->arena, &to->customer) || !keep(&f->arena, &to->anonymous) || !keep(&f->arena, &to->id) ||
	    !keep(&f->arena, &to->body))
		return err_no_memory(err);
	f->made++;
	return ++f->n == BATCH ? flush(f, err) : OK;
}

static int on_progress(void *ctx, int64_t events, int64_t customers)
{
	struct fill *f = ctx;
	const int64_t now = app_now_ms(NULL), took = now - f->began_ms;
	if (took < WHEN_SECOND_MS || now - f->told_ms < WHEN_SECOND_MS || customers == 0) return 0;
	f->told_ms = now;
	fprintf(stderr, "making the demo company: %lld events, %lld of %u customers, %.0f s left\n", (long long)events,
	        (long long)customers, f->n_customers,
	        (double)took / 1000 * ((double)f->n_customers - (double)customers) / (double)customers);
	return 0;
}

static enum err_code events(struct app *a, uint32_t source, const struct demo_options *o, struct err *err)
{
	struct fill *f = calloc(1, sizeof *f);
	if (!f) return err_no_memory(err);
	f->app = a;
	f->source = source;
	f->n_customers = o->n_customers;
	f->began_ms = app_now_ms(NULL);
	arena_init(&f->arena, 256 * MIB);
	const struct wire_sink sink = { .ctx = f, .event = on_event, .progress = on_progress };
	enum err_code rc = demo_generate(o, &sink, err);
	if (rc == OK) rc = flush(f, err);
	if (rc == OK)
		fprintf(stderr, "the demo company has %lld events of %u customers; %lld were new\n", (long long)f->made,
		        f->n_customers, (long long)f->stored);
	arena_done(&f->arena);
	free(f);
	return rc;
}

static enum err_code dimensions(struct app *a, struct err *err)
{
	for (size_t i = 0; i < demo_n_dimensions; i++) {
		TRY(collect_dimension_declare(a->collect, demo_dimensions[i], err));
		TRY(ask_declare(a->ask, demo_dimensions[i], err));
	}
	return OK;
}

#define DIMENSIONS_NAP_MS 5
#define DIMENSIONS_WAIT_MS (5 * 60 * 1000)

/* Until every dimension is read as far as the log goes: a question about one that is not would be refused. */
static enum err_code dimensions_read(struct app *a, struct err *err)
{
	const struct timespec nap = { .tv_nsec = DIMENSIONS_NAP_MS * 1000000L };
	int waited_ms = 0;
	TRY(ask_catch_up(a->ask, err));
	for (size_t i = 0; i < demo_n_dimensions; i++) {
		while (ask_dimension_ready(a->ask, demo_dimensions[i]) < 1) {
			if (waited_ms >= DIMENSIONS_WAIT_MS)
				return err_set(err, ERR_UNAVAILABLE, "index.reading", "",
				               "the index is still being read");
			nanosleep(&nap, NULL);
			waited_ms += DIMENSIONS_NAP_MS;
			TRY(ask_catch_up(a->ask, err));
		}
	}
	return OK;
}

static enum err_code maps_of(struct app *a, struct arena *m, struct err *err)
{
	struct maps_info *there;
	size_t n;
	TRY(maps_list(a->maps, m, &there, &n, err));
	for (size_t i = 0; i < demo_n_maps; i++) {
		bool have = false;
		for (size_t k = 0; k < n; k++) have = have || str_eq(there[k].key, str_of(demo_map_keys[i]));
		if (have) continue; /* saved by an earlier fill, and perhaps changed since */
		struct str key;
		int version;
		TRY(maps_save(a->maps, demo_map_json(i), 0, STR("Rawnaq"), app_now_ms(NULL), m, &key, &version, err));
	}
	return OK;
}

static enum err_code organisation(struct app *a, struct arena *m, struct err *err)
{
	struct str json;
	return govern_organisation_change(a->govern,
	                                  STR("{\"name\":\"Rawnaq\",\"sector\":\"retail\",\"languages\":[\"ar\",\"en\","
	                                      "\"fa\"],\"zone\":\"Asia/Dubai\"}"),
	                                  m, &json, err);
}

/* Surveys that somebody else made and people have begun; the demo's own go with it. */
static enum err_code answered_elsewhere(struct app *a, struct arena *m, int *n_surveys, struct err *err)
{
	struct voice_survey *list;
	size_t n;
	TRY(voice_list(a->voice, m, &list, &n, err));
	for (size_t i = 0; i < n; i++) *n_surveys += list[i].started > 0 && !str_eq(list[i].author, STR("Rawnaq"));
	return OK;
}

/* The source of the demo; id 0 when there is none. Others that have stored something are counted. */
static enum err_code find(struct app *a, struct arena *m, struct collect_source *demo, int *others, struct err *err)
{
	struct collect_source *s;
	size_t n;
	*demo = (struct collect_source){ 0 };
	*others = 0;
	TRY(collect_source_list(a->collect, m, &s, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (s[i].kind == COLLECT_DEMO) *demo = s[i];
		else if (s[i].kind != COLLECT_SURVEY) *others += s[i].sums.stored > 0;
	}
	return answered_elsewhere(a, m, others, err);
}

/* The company that was begun, from its source's name. */
static bool begun(struct str name, struct demo_options *o)
{
	unsigned long long seed;
	long long end_day;
	unsigned customers;
	char text[160];
	if (!str_starts(name, STR(FILLING)) || name.len >= sizeof text) return false;
	snprintf(text, sizeof text, STR_FMT, STR_ARG(str_cut(name, sizeof FILLING - 1, name.len)));
	if (sscanf(text, " %llu %lld %u", &seed, &end_day, &customers) != 3) return false;
	*o = (struct demo_options){ .seed = seed, .end_day = end_day, .n_customers = customers };
	return true;
}

static enum err_code fill(struct app *a, struct demo_options o, struct arena *m, struct err *err)
{
	struct collect_source source;
	int others;
	TRY(find(a, m, &source, &others, err));
	if (source.id && !begun(source.name, &o)) return OK; /* complete */
	if (others) {
		enum err_code rc =
		        err_set(err, ERR_CONFLICT, "demo.mixed", "", "this directory already has events of %d other %s",
		                others, others == 1 ? "source" : "sources");
		err_hint(err, "Make the demo company in a directory of its own: --data DIR.");
		return rc;
	}
	if (!source.id) {
		struct str key = { 0 };
		const struct str name = str_format(m, FILLING " %llu %lld %u", (unsigned long long)o.seed,
		                                   (long long)o.end_day, o.n_customers);
		if (!name.ptr) return err_no_memory(err);
		TRY(collect_source_new(a->collect, COLLECT_DEMO, name, m, &source.id, &key, err));
		TRY(organisation(a, m, err));
		TRY(app_demo_desk_begin(a, o.end_day, err));
	}
	TRY(dimensions(a, err));
	TRY(maps_of(a, m, err));
	/* Dimensions that are ready before the first event are read with it; each other one reads the whole log again.
	 */
	TRY(dimensions_read(a, err));
	TRY(events(a, source.id, &o, err));
	TRY(dimensions_read(a, err));
	TRY(app_demo_desk(a, o.seed, o.end_day, err));
	TRY(ask_catch_up(a->ask, err));
	return collect_source_rename(a->collect, source.id, STR(DEMO_SOURCE), err);
}

enum err_code app_demo(struct app *a, uint64_t seed, int64_t end_day, uint32_t customers, struct err *err)
{
	struct arena m;
	arena_init(&m, 16 * MIB);
	enum err_code rc =
	        fill(a,
	             (struct demo_options){
	                     .seed = seed, .end_day = end_day, .n_customers = customers ? customers : DEMO_CUSTOMERS },
	             &m, err);
	arena_done(&m);
	if (rc != OK) err_context(err, "demo company");
	return rc;
}

/* --- taking it away -------------------------------------------------------------------------------- */

enum err_code app_demo_remove(struct app *a, struct err *err)
{
	struct arena m;
	struct collect_source source;
	int others = 0;
	arena_init(&m, 4 * MIB);
	enum err_code rc = find(a, &m, &source, &others, err);
	if (rc == OK && !source.id) rc = err_set(err, ERR_NOT_FOUND, "demo.none", "", "there is no demo company here");
	if (rc == OK && others) {
		rc = err_set(err, ERR_CONFLICT, "demo.mixed", "", "%d other %s stored events beside the demo company",
		             others, others == 1 ? "source has" : "sources have");
		err_hint(err, "Your own events would go with it. Import them into a directory of their own first: "
		              "safar serve --data DIR.");
	}
	if (rc == OK && !a->leave) {
		rc = err_set(err, ERR_UNAVAILABLE, "demo.server", "",
		             "only a running server takes the demo company away");
		err_hint(err, "Start one with: safar serve --data %s", store_dir(a->store));
	}
	arena_done(&m);
	if (rc != OK) return rc;
	a->demo_gone = true;
	a->leave(a->leave_ctx);
	return OK;
}

static int unlink_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	return remove(path);
}

enum err_code app_demo_wipe(const char *dir, struct err *err)
{
	/* The names that the directory can hold (docs/adr/0004); nothing else in it is touched. */
	static const char *const names[] = { "safar.db", "safar.db-wal", "safar.db-shm", "index",
		                             "rejects",  "uploads",      "safar.sock",   "outbox" };
	char path[4096];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (nftw(path, unlink_one, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
			return err_set(err, ERR_IO, "demo.remove", "", "%s cannot be removed: %s", path,
			               strerror(errno));
	}
	snprintf(path, sizeof path, "%s/" REMOVED_MARK, dir);
	const int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0) return err_set(err, ERR_IO, "demo.remove", "", "%s cannot be written: %s", path, strerror(errno));
	close(fd);
	return OK;
}

bool app_demo_was_removed(const char *dir)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/" REMOVED_MARK, dir);
	return access(path, F_OK) == 0;
}
