/*
 * What happens behind the writer's back: pages go from the write-ahead log
 * into the database, and small blocks become large ones.
 *
 * Checkpoints. PASSIVE ones by a thread of its own, so that no commit pays
 * for one. Under steady load such a checkpoint never reaches the end of a
 * log that grows meanwhile, and the file would grow for ever: when it has
 * passed WAL_PAGES_MAX, the few pages that remain are copied with the writer
 * held at its gate; the next commit then starts the log anew. A checkpoint
 * is begun only when something was committed since the last complete one:
 * SQLite before 3.51.3 can lose a page when a checkpoint with nothing to do
 * meets a writer who resets the log.
 */
#include <errno.h>

#include "base/thread.h"
#include "store/priv.h"

enum {
	CHECKPOINT_PAGES = 1024, /* 16 MiB of log wake the thread at once; less waits for the second */
	WAL_PAGES_MAX = 4096,    /* 64 MiB */
	CHECKPOINT_MS = 1000,
	MERGE_BODY_BYTES = 1 << 20,                   /* compressed */
	MERGE_DONE_EVENTS = BLOCK_EVENTS_MAX * 3 / 4, /* a block like this is left alone */
};

static struct timespec after_ms(int ms)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
	return t;
}

static int wal_grew(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct store *st = ctx;
	(void)db, (void)name;
	atomic_store(&st->wal_pages, pages);
	return SQLITE_OK;
}

void care_committed(struct store *st, uint64_t n_events)
{
	pthread_mutex_lock(&st->care_lock);
	st->commits++;
	st->events_since += n_events;
	int pages = atomic_load(&st->wal_pages);
	if (pages < st->wal_seen) st->wal_copied = 0; /* the log was started anew */
	st->wal_seen = pages;
	if (pages - st->wal_copied > CHECKPOINT_PAGES) pthread_cond_signal(&st->checkpoint_wake);
	if (st->events_since >= BLOCK_EVENTS_MAX) pthread_cond_signal(&st->merge_wake);
	pthread_mutex_unlock(&st->care_lock);
}

/* --- checkpoints ------------------------------------------------------------------------- */

/* complete: all pages of the log are in the database. */
static bool checkpoint(struct store *st, struct conn *c, int *pages, bool *complete)
{
	int copied = 0;
	int rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, pages, &copied);
	if (conn_sync_failed(sqlite3_extended_errcode(c->db)) && rc != SQLITE_OK) store_mark_dead(st);
	if (rc != SQLITE_OK) return false;
	*complete = copied == *pages;
	pthread_mutex_lock(&st->care_lock);
	st->wal_copied = copied;
	pthread_mutex_unlock(&st->care_lock);
	return true;
}

static void *checkpoint_main(void *ctx)
{
	struct store *st = ctx;
	uint64_t done = 0; /* commits that are surely in the database */
	pthread_mutex_lock(&st->care_lock);
	while (!st->care_stop) {
		struct timespec until = after_ms(CHECKPOINT_MS);
		while (!st->care_stop && atomic_load(&st->wal_pages) - st->wal_copied <= CHECKPOINT_PAGES)
			if (pthread_cond_timedwait(&st->checkpoint_wake, &st->care_lock, &until) == ETIMEDOUT) break;
		uint64_t seen = st->commits;
		if (st->care_stop || seen == done) continue;
		pthread_mutex_unlock(&st->care_lock);
		int pages = 0;
		bool complete = false;
		bool ok = checkpoint(st, st->checkpointer, &pages, &complete);
		if (ok && pages > WAL_PAGES_MAX) {
			pthread_mutex_lock(&st->gate);
			pthread_mutex_lock(&st->care_lock);
			bool more = st->commits != seen;
			seen = st->commits;
			pthread_mutex_unlock(&st->care_lock);
			if (more || !complete) ok = checkpoint(st, st->checkpointer, &pages, &complete);
			pthread_mutex_unlock(&st->gate);
		}
		pthread_mutex_lock(&st->care_lock);
		if (ok && complete) {
			done = seen;
		} else if (!st->care_stop) { /* a reader is in the way, or the disk: not at once again */
			until = after_ms(100);
			pthread_cond_timedwait(&st->checkpoint_wake, &st->care_lock, &until);
		}
	}
	pthread_mutex_unlock(&st->care_lock);
	return NULL;
}

/* --- merging -------------------------------------------------------------------------------- */

struct small {
	uint64_t first, end;
	int64_t n, body_bytes;
};

enum err_code replace_blocks(struct store_write *w, const struct replace *r, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "store_block_drop", err));
	stmt_bind_i64(s, 1, (int64_t)r->first);
	stmt_bind_i64(s, 2, (int64_t)r->end);
	enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	TRY(rc);
	TRY(write_prepare(&s, w, "store_block_add", err));
	stmt_bind_i64(s, 1, (int64_t)r->frame->first_arrival);
	stmt_bind_i64(s, 2, (int64_t)r->frame->arrival_end);
	stmt_bind_i64(s, 3, r->frame->n);
	stmt_bind_i64(s, 4, (int64_t)r->frame->checksum);
	stmt_bind_blob(s, 5, r->head);
	stmt_bind_blob(s, 6, r->body.ptr ? r->body : STR("")); /* of a block that lost all of its events */
	rc = stmt_run(s, err);
	stmt_free(s);
	return rc;
}

static enum err_code write_merged(void *ctx, struct store_write *w, struct err *err)
{
	return replace_blocks(w, ctx, err);
}

/* Puts the blocks of [first, *end) into one, or as many of them as fit; *end says how far it came. */
static enum err_code merge_range(struct store *st, uint64_t first, uint64_t *end, struct err *err)
{
	struct block_bytes bytes;
	struct block_reader r;
	struct block_builder b;
	struct buf head, body;
	block_bytes_init(&bytes);
	block_reader_init(&r);
	block_builder_init(&b);
	buf_init(&head, 8 * MIB);
	buf_init(&body, 32 * MIB);
	enum err_code rc = OK;
	uint64_t pos = first;
	size_t n_blocks = 0, text_bytes = 0;
	for (; rc == OK && pos < *end; pos = bytes.frame.arrival_end, n_blocks++) {
		bool found;
		rc = scan_block(st, pos, true, &bytes, &found, err);
		if (rc != OK || !found || bytes.frame.first_arrival >= *end) break;
		rc = block_read_head(&r, &bytes.frame, buf_view(&bytes.head), err);
		if (rc != OK) break;
		const size_t more = block_text_bytes(&r);
		if (n_blocks && (b.n + r.n > BLOCK_EVENTS_MAX || text_bytes + more > BLOCK_BODY_BYTES_MAX)) break;
		text_bytes += more;
		rc = block_add_block(&b, &r, &bytes.frame, buf_view(&bytes.body), err);
	}
	*end = pos;
	struct block_frame frame = { .first_arrival = first, .arrival_end = pos };
	if (rc == OK && n_blocks > 1) rc = block_encode(&b, 3, &frame, &head, &body, err);
	if (rc == OK && n_blocks > 1) {
		struct replace ctx = { first, pos, &frame, buf_view(&head), buf_view(&body) };
		rc = store_write(st, write_merged, &ctx, err);
	}
	block_reader_done(&r);
	block_builder_done(&b);
	block_bytes_done(&bytes);
	buf_done(&head);
	buf_done(&body);
	return rc;
}

static enum err_code list_small(struct store *st, uint64_t from, struct small **out, size_t *n_out, struct err *err)
{
	struct stmt *s = NULL;
	struct small *list = NULL;
	size_t n = 0, cap = 0;
	bool row;
	TRY(stmt_prepare(&s, st, "store_block_sizes", err));
	stmt_bind_i64(s, 1, (int64_t)from);
	enum err_code rc;
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		if (n == cap) {
			cap = cap ? cap * 2 : 256;
			struct small *more = realloc(list, cap * sizeof *more);
			if (!more) {
				rc = err_no_memory(err);
				break;
			}
			list = more;
		}
		list[n++] = (struct small){ (uint64_t)stmt_i64(s, 0), (uint64_t)stmt_i64(s, 1), stmt_i64(s, 2),
			                    stmt_i64(s, 3) };
	}
	stmt_free(s);
	if (rc != OK) free(list);
	else *out = list, *n_out = n;
	return rc;
}

static bool stopping(struct store *st)
{
	pthread_mutex_lock(&st->care_lock);
	bool stop = st->care_stop;
	pthread_mutex_unlock(&st->care_lock);
	return stop;
}

/* Merges neighbours from *from on; *from moves to the first block that waits for company. */
static enum err_code merge_pass(struct store *st, uint64_t *from, struct err *err)
{
	struct small *list = NULL;
	size_t n = 0;
	TRY(list_small(st, *from, &list, &n, err));
	enum err_code rc = OK;
	size_t start = 0;
	int64_t events = 0, bytes = 0;
	for (size_t i = 0; i <= n && rc == OK && !stopping(st); i++) {
		bool last = i == n;
		bool large =
		        !last && (list[i].n >= MERGE_DONE_EVENTS || list[i].body_bytes >= MERGE_BODY_BYTES / 4 * 3);
		/* Small blocks are packed less tightly than their sum will be, so the byte limit errs on the safe side.
		 */
		bool fits = !last && !large && events + list[i].n <= BLOCK_EVENTS_MAX &&
		            bytes + list[i].body_bytes <= MERGE_BODY_BYTES * 2;
		if (fits) {
			events += list[i].n;
			bytes += list[i].body_bytes;
			continue;
		}
		if (last) break;
		uint64_t end = i - start >= 2 ? list[i - 1].end : 0;
		for (uint64_t pos = list[start].first, to; rc == OK && pos < end; pos = to) {
			to = end;
			pthread_mutex_lock(&st->rewriting);
			rc = merge_range(st, pos, &to, err);
			pthread_mutex_unlock(&st->rewriting);
			if (to <= pos) break; /* the log has changed under us: look again later */
		}
		start = large ? i + 1 : i;
		events = large ? 0 : list[i].n;
		bytes = large ? 0 : list[i].body_bytes;
		if (rc == OK) *from = start < n ? list[start].first : list[n - 1].end;
	}
	free(list);
	return rc;
}

static void *merge_main(void *ctx)
{
	struct store *st = ctx;
	uint64_t from = 0;
	thread_behind();
	pthread_mutex_lock(&st->care_lock);
	for (;;) {
		while (!st->care_stop && st->events_since < BLOCK_EVENTS_MAX)
			pthread_cond_wait(&st->merge_wake, &st->care_lock);
		if (st->care_stop) break;
		st->events_since = 0;
		pthread_mutex_unlock(&st->care_lock);
		struct err err;
		(void)!merge_pass(st, &from, &err); /* what did not work is tried again after the next events */
		pthread_mutex_lock(&st->care_lock);
	}
	pthread_mutex_unlock(&st->care_lock);
	return NULL;
}

/* --- start and stop ------------------------------------------------------------------------------ */

enum err_code care_start(struct store *st, struct err *err)
{
	sqlite3_wal_hook(st->writer->db, wal_grew, st);
	st->events_since = BLOCK_EVENTS_MAX; /* look once: small blocks may be left from the last life */
	if (!thread_start(&st->checkpoint_thread, "checkpoint", checkpoint_main, st))
		return err_set(err, ERR_NO_MEMORY, "store.thread", "", "no thread can be started");
	st->checkpoint_running = true;
	if (!thread_start(&st->merge_thread, "merge", merge_main, st))
		return err_set(err, ERR_NO_MEMORY, "store.thread", "", "no thread can be started");
	st->merge_running = true;
	return OK;
}

void care_stop(struct store *st)
{
	pthread_mutex_lock(&st->care_lock);
	st->care_stop = true;
	pthread_cond_broadcast(&st->checkpoint_wake);
	pthread_cond_broadcast(&st->merge_wake);
	pthread_mutex_unlock(&st->care_lock);
	if (st->merge_running) pthread_join(st->merge_thread, NULL);
	if (st->checkpoint_running) pthread_join(st->checkpoint_thread, NULL);
	st->merge_running = st->checkpoint_running = false;
}
