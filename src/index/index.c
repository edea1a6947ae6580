/* Opening, following, filling, closing. */
#include "index/writer.h"

#include "base/checked.h"
#include "base/thread.h"

/* At most this many arrivals before a snapshot is published: bounds the lag and the stage. */
enum {
	BATCH = 400000,
	FILL_STEP = 400000,
	WAIT_MS = 500,
	KEEP_TICK_MS = 50,
	KEEP_WAIT_MS = 30000,
	REST_STEP_MS = 10,
	REST_TIMES = 3,
	REST_MAX_MS = 800
};

/* --- taking in ----------------------------------------------------------------------------------- */

void swap_parts(struct index *ix, struct part *fresh[INDEX_PARTS])
{
	for (int q = 0; q < INDEX_PARTS; q++) {
		if (!fresh[q]) continue;
		part_free(ix->parts[q]);
		ix->parts[q] = fresh[q];
	}
}

static enum err_code take_rows(struct index *ix, uint64_t to, struct err *err)
{
	/* Edges first: whoever they join is one customer before the rows that told us are placed. */
	TRY(take_edges(ix, to, err));
	struct part *fresh[INDEX_PARTS];
	/* Before the first snapshot nobody else looks at people, and there is no part yet. */
	if (!atomic_load(&ix->current)) {
		TRY(build_parts(ix, to, fresh, err));
	} else {
		TRY(take_events(ix, ix->next_arrival, to, err));
		TRY(rebuild_parts(ix, fresh, err));
	}
	swap_parts(ix, fresh);
	return OK;
}

/* One batch: what the feed has, up to `most` arrivals. *more says whether there is something left. */
static enum err_code take_batch(struct index *ix, uint64_t most, bool *more, struct err *err)
{
	const uint64_t end = ix->feed.end(ix->feed.ctx);
	uint64_t to = end - ix->next_arrival > most ? ix->next_arrival + most : end;
	*more = false;
	if (end <= ix->next_arrival) return OK;
	const enum err_code rc = take_rows(ix, to, err);
	if (rc != OK) {
		ix->torn = true;
		return rc;
	}
	for (int q = 0; q < INDEX_PARTS; q++) stage_clear(&ix->stages[q]);
	edges_taken(ix);
	ix->next_arrival = to;
	ix->edges_from = to;
	*more = to < end;
	return publish(ix, err);
}

/* --- filling a dimension --------------------------------------------------------------------------- */

static enum err_code fill_block(void *ctx, const struct store_block *b, struct err *err)
{
	struct index *ix = ctx;
	struct fill *f = &ix->fill;
	/* event_read fills values by place: a list whose other names are "" reads this one alone. */
	struct str names[DIMS_STANDARD + 1] = { STR(""), STR(""), STR(""), STR(""), ix->names[f->dimension] };
	struct event_names look;
	event_names_init(&look, names, DIMS_STANDARD + 1);
	for (size_t i = 0; i < b->n; i++) {
		struct event_fields fields;
		arena_reset(&ix->scratch);
		event_read(b->bodies[i], &look, &ix->scratch, &fields);
		if (!words_code(&ix->dims[f->dimension], fields.values[DIMS_STANDARD], &f->codes[b->heads[i].arrival]))
			return err_no_memory(err);
	}
	return OK;
}

static enum err_code fill_end(struct index *ix, struct err *err)
{
	struct fill *f = &ix->fill;
	struct part *fresh[INDEX_PARTS] = { 0 };
	bool ok = true;
	for (int q = 0; q < INDEX_PARTS && ok; q++) {
		const struct part *old = ix->parts[q];
		if (!old) continue;
		struct run *both[2] = { NULL, NULL };
		uint64_t *dead = NULL;
		if (old->base)
			ok = (both[0] = run_with_dimension(old->base, f->dimension, f->codes, f->end,
			                                   ix->next_run++)) != NULL;
		if (ok && old->delta)
			ok = (both[1] = run_with_dimension(old->delta, f->dimension, f->codes, f->end,
			                                   ix->next_run++)) != NULL;
		if (ok && old->dead) {
			const size_t words = old->base->columns.n_customers / 64 + 1;
			ok = (dead = malloc(words * sizeof *dead)) != NULL;
			if (ok) memcpy(dead, old->dead, words * sizeof *dead);
		}
		ok = ok && (fresh[q] = part_new(both[0], both[1], dead)) != NULL;
		if (ok) continue;
		run_free(both[0]);
		run_free(both[1]);
		free(dead);
	}
	if (ok) swap_parts(ix, fresh);
	else
		for (int q = 0; q < INDEX_PARTS; q++) part_free(fresh[q]);
	free(f->codes);
	const size_t d = f->dimension;
	*f = (struct fill){ 0 };
	if (!ok) return err_no_memory(err);
	TRY(publish(ix, err));
	atomic_store(&ix->ready_ppm[d], PPM);
	return OK;
}

/* A piece of the work on the first dimension that is not ready. */
static enum err_code fill_step(struct index *ix, bool *more, struct err *err)
{
	struct fill *f = &ix->fill;
	*more = false;
	if (!f->busy) {
		const size_t n = atomic_load(&ix->n_dims);
		size_t d = 0;
		while (d < n && atomic_load(&ix->ready_ppm[d]) == PPM) d++;
		if (d == n) return OK;
		*f = (struct fill){ .busy = true, .dimension = d, .end = ix->next_arrival };
		f->codes = calloc(f->end + 1, sizeof *f->codes);
		if (!f->codes) {
			f->busy = false;
			return err_no_memory(err);
		}
	}
	*more = true;
	if (f->next >= f->end) return fill_end(ix, err);
	const uint64_t to = f->end - f->next > FILL_STEP ? f->next + FILL_STEP : f->end;
	TRY(ix->feed.scan(ix->feed.ctx, f->next, to, fill_block, ix, err));
	f->next = to;
	/* Never quite all: readers of the dimension come with fill_end. */
	atomic_store(&ix->ready_ppm[f->dimension], (uint32_t)((PPM - 1) * ((double)to / (double)f->end)));
	return OK;
}

static enum err_code update(struct index *ix, bool *more, struct err *err)
{
	bool more_events, more_fill;
	pthread_mutex_lock(&ix->writer_lock);
	enum err_code rc = take_batch(ix, BATCH, &more_events, err);
	if (rc == OK) rc = fill_step(ix, &more_fill, err);
	pthread_mutex_unlock(&ix->writer_lock);
	if (rc == OK) *more = more_events || more_fill;
	return rc;
}

enum err_code index_update(struct index *ix, struct err *err)
{
	bool more = true;
	while (more) TRY(update(ix, &more, err));
	return OK;
}

/* Writes the columns now and then, beside everything else. */
static void *keep(void *arg)
{
	struct index *ix = arg;
	for (int ms = 0, wait_ms = 0; !atomic_load(&ix->stop); ms += KEEP_TICK_MS) {
		nanosleep(&(struct timespec){ .tv_nsec = KEEP_TICK_MS * 1000000L }, NULL);
		if (ms < wait_ms || !index_save_due(ix, false)) continue;
		struct err err;
		(void)!index_save(ix, &err); /* index_files says why it failed; the next try comes */
		ms = 0;
		wait_ms = KEEP_WAIT_MS;
	}
	return NULL;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Where events fill the processors, answers fall behind, which is shown, and events do not. But whoever asks all the
 * time must not keep the news from themselves: behind two who did, 19 let a log of a second take a minute.
 */
#define FOLLOW_NICE 5

static void *follow(void *arg)
{
	struct index *ix = arg;
	uint64_t seen = ix->next_arrival;
	thread_stand_back(FOLLOW_NICE);
	while (!atomic_load(&ix->stop)) {
		const int64_t began_ms = now_ms();
		bool more = true;
		struct err err = { 0 };
		const enum err_code rc = update(ix, &more, &err);
		if (rc != OK) {
			pthread_mutex_lock(&ix->lock);
			ix->failed = rc;
			ix->failure = err;
			pthread_cond_broadcast(&ix->moved);
			pthread_mutex_unlock(&ix->lock);
			return NULL;
		}
		seen = ix->next_arrival;
		if (more) continue;
		/* Under a steady stream it works a quarter of the time, as long as answers are not late: what comes
		 * meanwhile is taken in together. */
		const int64_t rest_ms = (now_ms() - began_ms) * REST_TIMES;
		for (int64_t ms = 0; ms < rest_ms && ms < REST_MAX_MS && !atomic_load(&ix->stop); ms += REST_STEP_MS)
			nanosleep(&(struct timespec){ .tv_nsec = REST_STEP_MS * 1000000L }, NULL);
		ix->feed.wait(ix->feed.ctx, seen, WAIT_MS);
	}
	return NULL;
}

enum err_code index_follow(struct index *ix, struct err *err)
{
	if (!thread_start(&ix->thread, "index", follow, ix))
		return err_set(err, ERR_UNAVAILABLE, "index.thread", "",
		               "the system gives no thread to follow the log");
	ix->following = true;
	/* Without a keeper the columns are written at close alone. */
	if (ix->dir) ix->keeping = thread_start(&ix->keeper, "index-keep", keep, ix);
	return OK;
}

enum err_code index_reach(struct index *ix, uint64_t arrival_end, struct err *err)
{
	if (!ix->following) return index_update(ix, err);
	enum err_code rc = OK;
	for (;;) {
		struct index_reader r = index_enter(ix);
		const bool there = r.snapshot->schema.arrival_end >= arrival_end;
		index_leave(ix, r);
		if (there) return OK;
		pthread_mutex_lock(&ix->lock);
		rc = ix->failed;
		if (rc != OK && err) *err = ix->failure;
		if (rc == OK) {
			/* A short wait: the snapshot may have moved between the look and the lock. */
			struct timespec until;
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 20 * 1000000;
			if (until.tv_nsec >= 1000000000) {
				until.tv_nsec -= 1000000000;
				until.tv_sec++;
			}
			pthread_cond_timedwait(&ix->moved, &ix->lock, &until);
		}
		pthread_mutex_unlock(&ix->lock);
		if (rc != OK) return rc;
	}
}

/* --- dimensions --------------------------------------------------------------------------------------- */

enum err_code dimension_add(struct index *ix, struct str property, uint32_t ready_ppm, struct err *err)
{
	const size_t n = atomic_load(&ix->n_dims);
	for (size_t d = 0; d < n; d++)
		if (str_eq(ix->names[d], property)) return OK;
	if (property.len == 0 || str_eq(property, STR("channel")) || str_eq(property, STR("event")))
		return OK; /* of every kind anyway */
	if (n == INDEX_DIMENSIONS_MAX)
		return err_limit(err, "index.dimensions", "property", (int64_t)n + 1, INDEX_DIMENSIONS_MAX,
		                 "there are %zu dimensions already", n);
	ix->names[n] = str_copy(&ix->name_text, property);
	if (!ix->names[n].ptr) return err_no_memory(err);
	if (!words_init(&ix->dims[n])) {
		words_done(&ix->dims[n]);
		return err_no_memory(err);
	}
	atomic_store(&ix->ready_ppm[n], ready_ppm);
	atomic_store(&ix->n_dims, n + 1);
	return OK;
}

enum err_code index_declare(struct index *ix, struct str property, struct err *err)
{
	pthread_mutex_lock(&ix->lock);
	const enum err_code rc = dimension_add(ix, property, 0, err);
	pthread_mutex_unlock(&ix->lock);
	return rc;
}

double index_dimension_ready(struct index *ix, struct str property)
{
	if (str_eq(property, STR("channel")) || str_eq(property, STR("event"))) return 1;
	const size_t n = atomic_load(&ix->n_dims);
	for (size_t d = 0; d < n; d++)
		if (str_eq(ix->names[d], property)) return (double)atomic_load(&ix->ready_ppm[d]) / PPM;
	return -1;
}

/* --- open and close ------------------------------------------------------------------------------------- */

static void index_free(struct index *ix)
{
	snapshot_free(atomic_load(&ix->current));
	while (ix->retired) {
		struct snapshot *s = ix->retired;
		ix->retired = s->retired_next;
		snapshot_free(s);
	}
	for (int q = 0; q < INDEX_PARTS; q++) {
		part_free(ix->parts[q]);
		stage_clear(&ix->stages[q]);
	}
	for (size_t d = 0; d < atomic_load(&ix->n_dims); d++) words_done(&ix->dims[d]);
	words_done(&ix->events);
	words_done(&ix->channels);
	words_done(&ix->currencies);
	for (uint32_t i = 0; i < ix->n_waits; i++) journey_durations_done(&ix->waits[i]);
	free(ix->waits);
	free(ix->kinds);
	edges_done(ix);
	free(ix->fill.codes);
	people_done(&ix->people);
	arena_done(&ix->name_text);
	arena_done(&ix->scratch);
	file_close(&ix->words_file);
	free(ix->dir);
	pthread_mutex_destroy(&ix->people_lock);
	pthread_mutex_destroy(&ix->lock);
	pthread_mutex_destroy(&ix->writer_lock);
	pthread_cond_destroy(&ix->moved);
	free(ix);
}

static enum err_code index_new(const struct index_feed *feed, const struct index_options *opt, struct index **out,
                               struct err *err)
{
	struct index *ix = calloc(1, sizeof *ix);
	if (!ix) return err_no_memory(err);
	ix->feed = *feed;
	ix->threads = opt->threads < 1 ? 1 : opt->threads;
	pthread_mutex_init(&ix->people_lock, NULL);
	pthread_mutex_init(&ix->lock, NULL);
	pthread_mutex_init(&ix->writer_lock, NULL);
	pthread_cond_init(&ix->moved, NULL);
	ix->keep_events = opt->keep_events ? opt->keep_events : SAVE_EVENTS_AT_CLOSE;
	arena_init(&ix->name_text, 64 * KIB * 4);
	arena_init(&ix->scratch, 4 * MIB);
	enum err_code rc = OK;
	if (opt->dir) ix->dir = strdup(opt->dir);
	if (!words_init(&ix->events) || !words_init(&ix->channels) || !words_init(&ix->currencies) ||
	    (opt->dir && !ix->dir))
		rc = err_no_memory(err);
	static const char *const standard[DIMS_STANDARD] = { [DIM_JOURNEY] = "journey",
		                                             [DIM_UNIT] = "unit",
		                                             [DIM_ENVIRONMENT] = "environment",
		                                             [DIM_SOURCE] = "source" };
	for (size_t d = 0; d < DIMS_STANDARD && rc == OK; d++) rc = dimension_add(ix, str_of(standard[d]), PPM, err);
	*out = ix;
	if (rc != OK) {
		index_free(ix);
		*out = NULL;
	}
	return rc;
}

/* From the folder, else empty; then why. */
static enum err_code index_start(const struct index_feed *feed, const struct index_options *opt, struct index **out,
                                 struct err *err)
{
	TRY(index_new(feed, opt, out, err));
	if (!opt->dir) return OK;
	struct err why = { 0 };
	const enum err_code rc = index_load(*out, &why);
	if (rc == OK) return OK;
	index_free(*out);
	*out = NULL;
	if (rc == ERR_NO_MEMORY) return err_no_memory(err);
	TRY(index_new(feed, opt, out, err));
	/* Nothing in the folder is a first start, not a fault. */
	if (rc != ERR_NOT_FOUND || file_count(opt->dir) > 0)
		snprintf((*out)->files.rebuilt, sizeof(*out)->files.rebuilt, "%s", why.text);
	return OK;
}

enum err_code index_open(const struct index_feed *feed, const struct index_options *opt,
                         void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx, struct index **out,
                         struct err *err)
{
	struct index *ix = NULL;
	TRY(index_start(feed, opt, &ix, err));
	/* At the first reading a column is filled with the rest; to rows that are there already it comes later. */
	const uint32_t ready = ix->files.kept ? 0 : PPM;
	enum err_code rc = OK;
	for (size_t d = 0; d < opt->n_dimensions && rc == OK; d++)
		rc = dimension_add(ix, opt->dimensions[d], ready, err);
	ix->progress = progress;
	ix->progress_ctx = ctx;
	if (rc == OK && ix->files.kept) rc = publish(ix, err);
	ix->kept.version = atomic_load(&ix->version);
	bool more;
	if (rc == OK) rc = take_batch(ix, UINT64_MAX, &more, err);
	if (rc == OK && !atomic_load(&ix->current)) rc = publish(ix, err);
	ix->progress = NULL;
	if (rc != OK) {
		index_free(ix);
		return rc;
	}
	*out = ix;
	return OK;
}

void index_files(struct index *ix, struct index_files *out)
{
	pthread_mutex_lock(&ix->lock);
	*out = ix->files;
	pthread_mutex_unlock(&ix->lock);
}

void index_close(struct index *ix)
{
	if (!ix) return;
	atomic_store(&ix->stop, true);
	if (ix->following) pthread_join(ix->thread, NULL);
	if (ix->keeping) pthread_join(ix->keeper, NULL);
	struct err err; /* what could not be written is read from the log at the next start */
	if (ix->dir && index_save_due(ix, true)) (void)!index_save(ix, &err);
	index_free(ix);
}
