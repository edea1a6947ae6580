/*
 * The one thread that writes. It takes whatever has gathered in the mailbox
 * while the last transaction was synced, and makes one transaction of it:
 * under load many callers share an fsync, alone nobody waits for company.
 */
#include "base/thread.h"
#include "store/priv.h"

enum { GROUP_REQUESTS_MAX = 256, GROUP_EVENTS_MAX = STORE_APPEND_MAX };

enum err_code store_dead_err(struct err *err)
{
	(void)err_set(err, ERR_UNAVAILABLE, "store.sync", "",
	              "the disk failed to keep what was written; nothing more is accepted");
	err_hint(err, "Check the disk, then start Safar again: everything that was answered with success is there.");
	return ERR_UNAVAILABLE;
}

void store_mark_dead(struct store *st)
{
	pthread_mutex_lock(&st->queue_lock);
	void (*tell)(void *ctx) = st->dead ? NULL : st->on_dead;
	void *ctx = st->on_dead_ctx;
	st->dead = true;
	pthread_mutex_unlock(&st->queue_lock);
	if (tell) tell(ctx);
}

void store_on_dead(struct store *st, void (*fn)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&st->queue_lock);
	st->on_dead = fn;
	st->on_dead_ctx = ctx;
	pthread_mutex_unlock(&st->queue_lock);
}

static bool is_dead(struct store *st)
{
	pthread_mutex_lock(&st->queue_lock);
	bool dead = st->dead;
	pthread_mutex_unlock(&st->queue_lock);
	return dead;
}

/* --- callers' side --------------------------------------------------------------------------- */

static enum err_code mailbox_put(struct store *st, struct request *first, struct request *last, struct err *err)
{
	pthread_mutex_lock(&st->queue_lock);
	const bool stop = st->stop, empty = !st->head;
	if (!stop) {
		*st->tail = first;
		st->tail = &last->next;
	}
	pthread_mutex_unlock(&st->queue_lock);
	if (stop) return err_set(err, ERR_UNAVAILABLE, "store.closing", "", "the server is stopping");
	if (empty) pthread_cond_signal(&st->queue_filled); /* it sleeps only while nothing is there */
	return OK;
}

void writer_submit_all(struct store *st, struct request *first, int n)
{
	struct waiting waiting = { .left = n };
	struct request *last = first;
	struct err err = { 0 };
	enum err_code rc = OK;
	if (!n) return;
	sem_init(&waiting.done, 0, 0);
	for (struct request *r = first; r; r = r->next) {
		r->waiting = &waiting;
		last = r;
	}
	if (!st->writer_running)
		rc = err_set(&err, ERR_UNAVAILABLE, "store.read_only", "",
		             "the data directory is open for reading only");
	if (rc == OK) rc = mailbox_put(st, first, last, &err);
	while (rc == OK && sem_wait(&waiting.done) != 0) continue; /* a signal came in between */
	sem_destroy(&waiting.done);
	for (struct request *r = rc == OK ? NULL : first; r; r = r->next) {
		r->rc = rc;
		r->err = err;
	}
}

enum err_code writer_submit(struct store *st, struct request *r, struct err *err)
{
	writer_submit_all(st, r, 1);
	if (r->rc != OK && err) *err = r->err;
	return r->rc;
}

enum err_code store_write(struct store *st, store_write_fn fn, void *ctx, struct err *err)
{
	struct request r = { .fn = fn, .ctx = ctx };
	return writer_submit(st, &r, err);
}

/* --- one group -------------------------------------------------------------------------------- */

static void forget_edges(struct store *st, size_t from)
{
	while (st->n_new_edges > from) {
		const struct new_edge *e = &st->new_edges[--st->n_new_edges];
		edge_set_remove(st->edges, e->a, e->b);
	}
}

/* Everything that was given out in memory and is not in the log goes back. */
static void group_undo(struct store *st, struct request *group)
{
	for (struct request *r = group; r; r = r->next)
		if (r->append) append_undo(st, r->append);
	for (uint32_t id = intern_count(st->kinds) + 1; id < intern_pending(st->kinds); id++)
		st->kinds_of[st->kind_source[id]]--;
	intern_rollback(st->kinds);
	intern_rollback(st->identities);
	forget_edges(st, 0);
	names_forget(st, 0);
	st->next_arrival = atomic_load(&st->arrival_end);
	/* Words of this group are gone; verdicts mean nothing any more. */
}

enum err_code write_part(struct store_write *w, store_write_fn fn, void *ctx, enum err_code *how, struct err *why)
{
	struct store *st = w->st;
	struct err lost = { 0 };
	const uint64_t arrival = st->next_arrival;
	const size_t n_edges = st->n_new_edges, n_names = st->n_new_names;
	enum err_code rc = conn_run(st->writer, "store_part_begin", why);
	if (rc != OK) return rc;
	*how = fn(ctx, w, why);
	if (*how != OK) {
		forget_edges(st, n_edges);
		names_forget(st, n_names);
		st->next_arrival = arrival;
	}
	/* Full disk, no memory and I/O errors can end the whole transaction, not the savepoint alone. */
	if (sqlite3_get_autocommit(st->writer->db))
		return *how != OK ? *how : err_set(why, ERR_IO, "store.io", "", "the transaction ended early");
	if (*how != OK) rc = conn_run(st->writer, "store_part_undo", &lost);
	if (rc == OK) rc = conn_run(st->writer, "store_part_end", &lost);
	if (rc != OK && why) *why = lost;
	return rc;
}

static enum err_code run_fn(struct store *st, struct request *r, struct err *err)
{
	struct store_write w = { st };
	const enum err_code rc = write_part(&w, r->fn, r->ctx, &r->rc, &r->err);
	if (rc != OK && err) *err = r->err;
	return rc;
}

/* *whole: none of them failed, and what they did stands; else nothing of it does. */
static enum err_code run_records_together(struct store *st, struct request *group, bool *whole, struct err *err)
{
	struct store_write w = { st };
	const uint64_t arrival = st->next_arrival;
	const size_t n_edges = st->n_new_edges, n_names = st->n_new_names;
	*whole = true;
	for (struct request *r = group; r && *whole; r = r->next)
		if (r->append && r->fn) *whole = r->fn(r->ctx, &w, &r->err) == OK;
	if (*whole && !sqlite3_get_autocommit(st->writer->db)) return OK;
	*whole = false;
	forget_edges(st, n_edges);
	names_forget(st, n_names);
	st->next_arrival = arrival;
	/* What ends a whole transaction is met once more, and told, when they run one by one. */
	if (!sqlite3_get_autocommit(st->writer->db)) TRY(conn_run(st->writer, "store_undo", err));
	return conn_run(st->writer, "store_begin", err);
}

/*
 * Events whose records come first: only those whose records are in. A savepoint
 * costs a copy of every page that is written within it, which is more than a
 * record costs; so the records, which are the first of their transaction, do
 * without, and have one each only when one of them fails.
 */
static enum err_code prepare_with_records(struct store *st, struct request *group, struct err *err)
{
	bool whole;
	TRY(run_records_together(st, group, &whole, err));
	for (struct request *r = group; r; r = r->next) {
		if (!r->append || !r->fn) continue;
		if (!whole) TRY(run_fn(st, r, err));
		if (r->rc == OK) TRY(append_prepare(st, r->append, err));
	}
	return append_seal(st, err);
}

/* What the events of a group do beside the log. The sums of a source that comes several times in a row are written
 * once. */
static enum err_code commit_appends(struct store *st, struct request *group, struct err *err)
{
	struct append_sums sums = { 0 };
	for (struct request *r = group; r; r = r->next) {
		if (!r->append) TRY(run_fn(st, r, err));
		else if (r->rc == OK) TRY(append_commit(st, r->append, &sums, err));
	}
	return append_sums_put(st, &sums, err);
}

static enum err_code group_transaction(struct store *st, struct request *group, bool records, struct err *err)
{
	TRY(conn_run(st->writer, "store_begin", err));
	enum err_code rc = records ? prepare_with_records(st, group, err) : OK;
	if (rc == OK) rc = append_commit_log(st, err);
	if (rc == OK) rc = commit_appends(st, group, err);
	if (rc == OK) rc = conn_run(st->writer, "store_commit", err);
	if (rc != OK) {
		if (conn_sync_failed(sqlite3_extended_errcode(st->writer->db))) {
			store_mark_dead(st);
			rc = store_dead_err(err);
		}
		if (!sqlite3_get_autocommit(st->writer->db)) sqlite3_exec(st->writer->db, "ROLLBACK", NULL, NULL, NULL);
	}
	return rc;
}

static enum err_code group_run(struct store *st, struct request *group, struct err *err)
{
	if (is_dead(st)) return store_dead_err(err);
	enum err_code rc = OK;
	bool records = false;
	for (struct request *r = group; r && rc == OK; r = r->next) {
		if (r->append && !r->fn) rc = append_prepare(st, r->append, err);
		records = records || (r->append && r->fn);
	}
	/* With records the last block is packed after them, within the transaction: one block a group either way. */
	if (rc == OK && !records) rc = append_seal(st, err);
	if (rc == OK) {
		pthread_mutex_lock(&st->gate);
		rc = group_transaction(st, group, records, err);
		pthread_mutex_unlock(&st->gate);
	}
	return rc;
}

static void publish_end(struct store *st)
{
	pthread_mutex_lock(&st->end_lock);
	atomic_store(&st->arrival_end, st->next_arrival);
	pthread_cond_broadcast(&st->end_moved);
	pthread_mutex_unlock(&st->end_lock);
}

static void group_process(struct store *st, struct request *group)
{
	struct err err = { 0 };
	block_builder_clear(&st->builder);
	st->n_blocks = st->n_new_edges = st->n_new_names = 0;
	uint64_t before = st->next_arrival;

	pthread_mutex_lock(&st->ids_lock);
	enum err_code rc = group_run(st, group, &err);
	if (rc == OK) {
		intern_commit(st->kinds);
		intern_commit(st->identities);
		ids_committed(st->ids, st->next_arrival);
		names_committed(st);
	} else {
		group_undo(st, group);
		for (struct request *r = group; r; r = r->next) {
			if (r->rc != OK) continue; /* has an error of its own */
			r->rc = rc;
			r->err = err;
		}
	}
	pthread_mutex_unlock(&st->ids_lock);
	if (rc == OK && st->next_arrival != before) publish_end(st);
	if (rc == OK) care_committed(st, st->next_arrival - before);
}

/* --- the thread --------------------------------------------------------------------------------- */

/* What fits into one transaction, from the front of the mailbox. queue_lock is held. */
static struct request *take_group(struct store *st)
{
	struct request *group = st->head, **end = &st->head;
	size_t n = 0, events = 0;
	while (*end && n < GROUP_REQUESTS_MAX) {
		size_t more = (*end)->append ? (*end)->append->n : 0;
		if (n > 0 && events + more > GROUP_EVENTS_MAX) break;
		events += more;
		n++;
		end = &(*end)->next;
	}
	st->head = *end;
	if (!st->head) st->tail = &st->head;
	*end = NULL;
	return group;
}

static void *writer_main(void *ctx)
{
	struct store *st = ctx;
	pthread_mutex_lock(&st->queue_lock);
	for (;;) {
		while (!st->head && !st->stop) pthread_cond_wait(&st->queue_filled, &st->queue_lock);
		if (!st->head) break; /* stopping, and nothing is left to do */
		struct request *group = take_group(st);
		pthread_mutex_unlock(&st->queue_lock);
		group_process(st, group);
		/* Told without a lock that all of a large group would wake to and stand in line for. */
		for (struct request *r = group, *next; r; r = next) {
			next = r->next; /* once all are told, they are their caller's again */
			struct waiting *w = r->waiting;
			if (atomic_fetch_sub(&w->left, 1) == 1) sem_post(&w->done);
		}
		pthread_mutex_lock(&st->queue_lock);
	}
	pthread_mutex_unlock(&st->queue_lock);
	return NULL;
}

enum err_code writer_start(struct store *st, struct err *err)
{
	if (!thread_start(&st->writer_thread, "writer", writer_main, st))
		return err_set(err, ERR_NO_MEMORY, "store.thread", "", "no thread can be started");
	st->writer_running = true;
	return OK;
}

void writer_stop(struct store *st)
{
	if (!st->writer_running) return;
	pthread_mutex_lock(&st->queue_lock);
	st->stop = true;
	pthread_cond_signal(&st->queue_filled);
	pthread_mutex_unlock(&st->queue_lock);
	pthread_join(st->writer_thread, NULL);
}
