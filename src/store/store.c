#include "store/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x53414652 /* "SAFR" */
#define KEYED_SCOPE UINT64_MAX    /* of hashes that are no ids of events: no source has this number */

/* --- the directory ---------------------------------------------------------------------- */

static enum err_code io_err(struct err *err, const char *what, const char *path)
{
	int e = errno;
	return err_set(err, e == ENOSPC || e == EDQUOT ? ERR_UNAVAILABLE : ERR_IO, "store.io", "", "%s %s: %s", what,
	               path, strerror(e));
}

static enum err_code take_lock(struct store *st, struct err *err)
{
	char path[4096], pid[32];
	snprintf(path, sizeof path, "%s/lock", st->dir);
	st->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (st->lock_fd < 0) return io_err(err, "opening", path);
	if (flock(st->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		ssize_t n = pread(st->lock_fd, pid, sizeof pid - 1, 0);
		pid[n > 0 ? n : 0] = 0;
		(void)err_set(err, ERR_UNAVAILABLE, "store.locked", "data", "%s is in use by process %.20s", st->dir,
		              n > 0 ? pid : "unknown");
		err_hint(err, "Stop that process, or name another folder with --data.");
		return ERR_UNAVAILABLE;
	}
	int n = snprintf(pid, sizeof pid, "%ld", (long)getpid());
	/* For people only: the lock itself is the kernel's. */
	if (ftruncate(st->lock_fd, 0) != 0 || pwrite(st->lock_fd, pid, (size_t)n, 0) != n)
		return io_err(err, "writing", path);
	return OK;
}

enum err_code store_sync_path(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	/* A folder that we may write to and not read cannot be synced by us, nor can one of some systems be by anyone.
	 */
	if (fd < 0) return errno == EACCES ? OK : io_err(err, "opening", path);
	int rc = fsync(fd), e = errno;
	close(fd);
	errno = e;
	return rc == 0 || e == EINVAL ? OK : io_err(err, "syncing", path);
}

enum err_code store_sync_folder_of(const char *path, struct err *err)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash) return store_sync_path(".", err);
	slash[slash == folder] = 0;
	return store_sync_path(folder, err);
}

/* A new name is on the disk when its folder was synced, whatever was synced within it. */
static enum err_code make_dir(const char *dir, struct err *err)
{
	if (mkdir(dir, 0700) == 0) return store_sync_folder_of(dir, err);
	return errno == EEXIST ? OK : io_err(err, "making", dir);
}

/* SQLite gives the log and the shared memory the mode of the database. */
static enum err_code make_file(const char *path, bool create, bool *fresh, struct err *err)
{
	struct stat sb;
	*fresh = stat(path, &sb) != 0;
	if (!*fresh) return OK;
	if (!create) {
		(void)err_set(err, ERR_NOT_FOUND, "store.absent", "data", "there is no Safar data at %s", path);
		err_hint(err, "Start with `safar serve` or `safar import`, which make the folder, or name another with "
		              "--data.");
		return ERR_NOT_FOUND;
	}
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) return io_err(err, "making", path);
	close(fd);
	return store_sync_folder_of(path, err);
}

/* --- migrations --------------------------------------------------------------------------- */

static enum err_code query_i64(struct conn *c, const char *sql, int64_t *out, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);
	if (rc == SQLITE_OK) rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) *out = sqlite3_column_int64(s, 0);
	enum err_code code = rc == SQLITE_ROW ? OK : rc == SQLITE_DONE ? ERR_NOT_FOUND : conn_err(c->db, rc, err);
	sqlite3_finalize(s);
	return code;
}

static enum err_code apply(struct conn *c, const struct embed_file *f, struct err *err)
{
	char sql[200];
	int64_t there;
	int number = (int)strtol(f->name, NULL, 10);
	snprintf(sql, sizeof sql, "SELECT 1 FROM migration WHERE number = %d", number);
	enum err_code rc = query_i64(c, sql, &there, err);
	if (rc != ERR_NOT_FOUND) return rc;
	TRY(conn_exec(c, "BEGIN IMMEDIATE", err));
	rc = conn_exec(c, (const char *)f->ptr, err);
	snprintf(sql, sizeof sql, "INSERT INTO migration (number, name) VALUES (%d, '%.60s')", number, f->name);
	if (rc == OK) rc = conn_exec(c, sql, err);
	if (rc == OK) rc = conn_exec(c, "COMMIT", err);
	if (rc != OK) {
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
		err_context(err, "migration %s", f->name);
	}
	return rc;
}

/* Every schema file that this database has not seen, by number. One from a newer version is refused. */
static enum err_code migrate(struct conn *c, bool fresh, struct err *err)
{
	int64_t id = 0, highest = 0, known = 0;
	TRY(query_i64(c, "PRAGMA application_id", &id, err));
	if (!fresh && id != APPLICATION_ID && id != 0)
		return err_set(err, ERR_CORRUPT, "store.foreign", "", "safar.db is not a database of Safar");
	char sql[200];
	/* Together: who was killed in between would leave a database that is ours and has no migrations. */
	snprintf(sql, sizeof sql,
	         "BEGIN IMMEDIATE; PRAGMA application_id = %d; CREATE TABLE IF NOT EXISTS migration (number INTEGER "
	         "PRIMARY KEY, name TEXT NOT NULL) STRICT; COMMIT;",
	         APPLICATION_ID);
	if (id != APPLICATION_ID) TRY(conn_exec(c, sql, err));
	TRY(query_i64(c, "SELECT coalesce(max(number), 0) FROM migration", &highest, err));
	for (size_t i = 0; i < store_schema_count; i++) {
		int64_t number = strtol(store_schema[i].name, NULL, 10);
		if (number > known) known = number;
	}
	if (highest > known) {
		(void)err_set(err, ERR_UNAVAILABLE, "store.newer", "",
		              "safar.db was written by a newer version (migration %lld, this one knows %lld)",
		              (long long)highest, (long long)known);
		err_hint(err, "Start the newer version.");
		return ERR_UNAVAILABLE;
	}
	for (size_t i = 0; i < store_schema_count; i++)
		TRY(apply(c, &store_schema[i], err)); /* embedded sorted by name */
	return OK;
}

/* The secret of this directory; made once. */
static enum err_code load_key(struct store *st, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(stmt_prepare(&s, st, "store_meta_get", err));
	stmt_bind_str(s, 1, STR("id_key"));
	enum err_code rc = stmt_step(s, &row, err);
	bool there = rc == OK && row && stmt_str(s, 0).len == sizeof st->key.bytes;
	if (there) memcpy(st->key.bytes, stmt_str(s, 0).ptr, sizeof st->key.bytes);
	stmt_free(s);
	if (rc != OK || there) return rc;
	if (!st->writer) return err_set(err, ERR_CORRUPT, "store.key", "", "safar.db has no id key");
	if (getrandom(st->key.bytes, sizeof st->key.bytes, 0) != sizeof st->key.bytes)
		return err_set(err, ERR_IO, "store.random", "", "the system gives no random bytes");
	TRY(conn_prepare(st->writer, "store_meta_put", &s, err));
	stmt_bind_str(s, 1, STR("id_key"));
	stmt_bind_blob(s, 2, (struct str){ (const char *)st->key.bytes, sizeof st->key.bytes });
	rc = stmt_run(s, err);
	stmt_free(s);
	return rc;
}

/* --- what is kept in memory ------------------------------------------------------------------- */

typedef enum err_code (*row_fn)(struct store *st, struct stmt *s, struct err *err);

static enum err_code each_row(struct store *st, const char *query, row_fn fn, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	enum err_code rc;
	TRY(stmt_prepare(&s, st, query, err));
	while ((rc = stmt_step(s, &row, err)) == OK && row && (rc = fn(st, s, err)) == OK) {}
	stmt_free(s);
	return rc;
}

static enum err_code dense(uint32_t id, struct stmt *s, const char *table, struct err *err)
{
	return id == (uint64_t)stmt_i64(s, 0)
	               ? OK
	               : err_set(err, ERR_CORRUPT, "store.words", table, "table %s: row %u is missing", table, id);
}

static enum err_code load_kind(struct store *st, struct stmt *s, struct err *err)
{
	struct intern_word w = { (uint8_t)stmt_i64(s, 1), stmt_str(s, 2), stmt_str(s, 3) };
	uint32_t id;
	TRY(append_load_kind(st, &w, (uint32_t)stmt_i64(s, 4), &id, err));
	return dense(id, s, "kind", err);
}

static enum err_code load_identity(struct store *st, struct stmt *s, struct err *err)
{
	struct intern_word w = { (uint8_t)stmt_i64(s, 1), stmt_str(s, 2), { "", 0 } };
	uint32_t id;
	TRY(intern_append(st->identities, &w, &id, err));
	if (!w.a.len) intern_hide(st->identities, id, true); /* erased: nobody is known as "" */
	return dense(id, s, "identity", err);
}

static enum err_code load_edge(struct store *st, struct stmt *s, struct err *err)
{
	bool added;
	return edge_set_add(st->edges, (uint32_t)stmt_i64(s, 0), (uint32_t)stmt_i64(s, 1), &added, err);
}

/* What people decided has its numbers in the order of arrivals too. */
static enum err_code load_change(struct store *st, struct stmt *s, struct err *err)
{
	const uint64_t arrival = (uint64_t)stmt_i64(s, 0);
	bool added;
	if (arrival >= st->next_arrival) st->next_arrival = arrival + 1;
	return edge_set_add(st->edges, (uint32_t)stmt_i64(s, 1), (uint32_t)stmt_i64(s, 2), &added, err);
}

/* Called for a row that says that the table is there: a directory of an earlier version that is open for reading only
 * has none. */
static enum err_code load_changes(struct store *st, struct stmt *s, struct err *err)
{
	(void)s;
	return each_row(st, "store_change_all", load_change, err);
}

static enum err_code load_left(struct store *st, struct stmt *s, struct err *err)
{
	struct hash128 h;
	const struct str bytes = stmt_str(s, 0);
	if (bytes.len != sizeof h) return OK;
	memcpy(&h, bytes.ptr, sizeof h);
	return ledger_put(st, h, stmt_i64(s, 1), err);
}

static enum err_code load_leavers(struct store *st, struct stmt *s, struct err *err)
{
	(void)s;
	return each_row(st, "erase_left_all", load_left, err);
}

static enum err_code load_end(struct store *st, struct stmt *s, struct err *err)
{
	(void)err;
	st->next_arrival = (uint64_t)stmt_i64(s, 0);
	return OK;
}

static enum err_code load_memory(struct store *st, struct err *err)
{
	TRY(intern_new(&st->kinds, err));
	TRY(intern_new(&st->identities, err));
	TRY(edge_set_new(&st->edges, err));
	TRY(each_row(st, "store_kinds", load_kind, err));
	TRY(each_row(st, "store_identities", load_identity, err));
	if (!intern_settle(st->identities)) return err_no_memory(err);
	TRY(each_row(st, "store_edge_all", load_edge, err));
	TRY(each_row(st, "store_arrival_end", load_end, err));
	TRY(each_row(st, "store_change_known", load_changes, err));
	TRY(each_row(st, "erase_left_known", load_leavers, err));
	intern_commit(st->kinds);
	intern_commit(st->identities);
	atomic_store(&st->arrival_end, st->next_arrival);
	return OK;
}

/* --- ids: runs, and what they lack from the log --------------------------------------------------- */

struct hash128 store_event_key(const struct store *st, const struct block_reader *r, size_t i)
{
	if (r->k[i] == 0) return r->ids[i];
	struct intern_word w;
	if (!intern_get(st->identities, r->heads[i].identity, &w)) return (struct hash128){ 0 };
	return append_anonymous_id(st, r->heads[i].source, w.tag, w.a, r->contents[i], r->k[i]);
}

static bool anchor_holds(void *ctx, uint64_t arrival, struct hash128 key)
{
	struct store *st = ctx;
	struct block_bytes bytes;
	struct block_reader r;
	struct err err;
	bool found = false, holds = false;
	block_bytes_init(&bytes);
	block_reader_init(&r);
	if (scan_block(st, arrival, false, &bytes, &found, &err) == OK && found &&
	    block_read_head(&r, &bytes.frame, buf_view(&bytes.head), &err) == OK)
		for (size_t i = 0; i < r.n && !holds; i++)
			holds = r.heads[i].arrival == arrival && id_cmp(store_event_key(st, &r, i), key) == 0;
	block_reader_done(&r);
	block_bytes_done(&bytes);
	return holds;
}

enum { AHEAD = 16 };

static enum err_code read_ids(struct store *st, uint64_t from, struct err *err)
{
	struct block_bytes bytes;
	struct block_reader r;
	block_bytes_init(&bytes);
	block_reader_init(&r);
	enum err_code rc = OK;
	uint64_t end = st->next_arrival;
	for (uint64_t pos = from; rc == OK && pos < end; pos = bytes.frame.arrival_end) {
		bool found;
		rc = scan_block(st, pos, false, &bytes, &found, err);
		if (rc != OK || !found) break;
		rc = block_read_head(&r, &bytes.frame, buf_view(&bytes.head), err);
		for (size_t i = 0; rc == OK && i < r.n; i++) {
			/* Keys of one sender's ids are there already: those ahead are fetched meanwhile. */
			if (i + AHEAD < r.n && r.k[i + AHEAD] == 0) ids_prefetch_runs(st->ids, r.ids[i + AHEAD]);
			struct id_entry e = { store_event_key(st, &r, i), r.contents[i], r.heads[i].arrival }, known;
			if (e.arrival < pos || ids_find(st->ids, e.key, &known)) continue;
			rc = ids_add(st->ids, &e, err);
		}
		ids_committed(st->ids, bytes.frame.arrival_end);
		struct ids_stats stats;
		ids_stats(st->ids, &stats);
		if (stats.n_table > 3 * IDS_TABLE_MAX) ids_settle(st->ids);
	}
	block_reader_done(&r);
	block_bytes_done(&bytes);
	return rc;
}

static enum err_code begin_ids(struct store *st, struct err *err)
{
	char dir[4096];
	snprintf(dir, sizeof dir, "%s/index", st->dir);
	if (!(st->flags & STORE_READ_ONLY)) TRY(make_dir(dir, err));
	snprintf(dir, sizeof dir, "%s/index/ids", st->dir);
	const struct ids_options opt = { .dir = dir,
		                         .check = store_mark(st),
		                         .read_only = (st->flags & STORE_READ_ONLY) != 0 };
	return ids_begin(&opt, &st->ids, err);
}

static enum err_code end_ids(struct store *st, struct err *err)
{
	const struct ids_options opt = { .arrival_end = st->next_arrival, .anchor = anchor_holds, .ctx = st };
	uint64_t covered;
	TRY(ids_end(st->ids, &opt, &covered, err));
	enum err_code rc = read_ids(st, covered, err);
	/* A writer must know every id. Who only looks must be able to look at a damaged log. */
	if (rc == ERR_CORRUPT && st->flags & STORE_READ_ONLY) {
		st->ids_partial = true;
		rc = OK;
	}
	return rc;
}

/* --- open and close ------------------------------------------------------------------------------------ */

static void init_locks(struct store *st)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&st->pool_lock, NULL);
	pthread_mutex_init(&st->queue_lock, NULL);
	pthread_mutex_init(&st->end_lock, NULL);
	pthread_mutex_init(&st->ids_lock, NULL);
	pthread_mutex_init(&st->names_lock, NULL);
	pthread_mutex_init(&st->gate, NULL);
	pthread_mutex_init(&st->care_lock, NULL);
	pthread_mutex_init(&st->rewriting, NULL);
	pthread_cond_init(&st->queue_filled, NULL);
	pthread_cond_init(&st->end_moved, &monotonic);
	pthread_cond_init(&st->checkpoint_wake, &monotonic);
	pthread_cond_init(&st->merge_wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static enum err_code open_all(struct store *st, struct err *err)
{
	char path[4096];
	bool fresh, writable = !(st->flags & STORE_READ_ONLY);
	if (snprintf(path, sizeof path, "%s/safar.db", st->dir) >= 1000)
		return err_set(err, ERR_INPUT, "store.path", "data", "the path of the data directory is too long");
	if (writable && (st->flags & STORE_CREATE)) TRY(make_dir(st->dir, err));
	TRY(make_file(path, writable && (st->flags & STORE_CREATE), &fresh, err));
	if (writable) {
		TRY(take_lock(st, err));
		TRY(conn_open(path, SQLITE_OPEN_READWRITE, CONN_WRITER, &st->writer, err));
		TRY(migrate(st->writer, fresh, err));
		TRY(conn_open(path, SQLITE_OPEN_READWRITE, CONN_CHECKPOINT, &st->checkpointer, err));
	}
	TRY(load_key(st, err));
	TRY(begin_ids(st, err)); /* beside the next, which takes as long */
	TRY(load_memory(st, err));
	TRY(end_ids(st, err));
	TRY(names_open(st, err));
	if (!writable) return OK;
	TRY(ledger_file_open(st, err));
	TRY(writer_start(st, err));
	return care_start(st, err);
}

enum err_code store_open(const char *dir, unsigned flags, struct store **out, struct err *err)
{
	struct store *st = calloc(1, sizeof *st);
	if (!st) return err_no_memory(err);
	init_locks(st);
	st->lock_fd = -1;
	st->flags = flags;
	st->tail = &st->head;
	block_builder_init(&st->builder);
	size_t len = strlen(dir);
	while (len > 1 && dir[len - 1] == '/') len--;
	st->dir = strndup(dir, len);
	enum err_code rc = st->dir ? open_all(st, err) : err_no_memory(err);
	if (rc != OK) store_close(st);
	else *out = st;
	return rc;
}

void store_close(struct store *st)
{
	if (!st) return;
	pthread_mutex_lock(&st->end_lock);
	st->closing = true;
	pthread_cond_broadcast(&st->end_moved);
	pthread_mutex_unlock(&st->end_lock);
	care_stop(st);
	writer_stop(st);
	/* Once, with nobody else about: what follows opens faster. Not after a failed sync: that file is not to be
	 * trusted. */
	if (st->writer_running && !st->dead && st->commits)
		sqlite3_wal_checkpoint_v2(st->checkpointer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	ids_close(st->ids);
	ids_close(st->names);
	intern_free(st->kinds);
	intern_free(st->identities);
	edge_set_free(st->edges);
	free(st->left);
	free(st->owed);
	free(st->kinds_of);
	free(st->kind_source);
	for (struct conn *c = st->pool, *next; c; c = next) {
		next = c->next;
		conn_close(c);
	}
	conn_close(st->checkpointer);
	conn_close(st->writer);
	block_builder_done(&st->builder);
	for (size_t i = 0; i < st->cap_blocks; i++) {
		buf_done(&st->blocks[i].head);
		buf_done(&st->blocks[i].body);
	}
	free(st->blocks);
	free(st->new_edges);
	free(st->new_names);
	if (st->lock_fd >= 0) close(st->lock_fd);
	pthread_mutex_t *locks[] = { &st->pool_lock,  &st->queue_lock, &st->end_lock,  &st->ids_lock,
		                     &st->names_lock, &st->gate,       &st->care_lock, &st->rewriting };
	pthread_cond_t *conds[] = { &st->queue_filled, &st->end_moved, &st->checkpoint_wake, &st->merge_wake };
	for (size_t i = 0; i < COUNT_OF(locks); i++) pthread_mutex_destroy(locks[i]);
	for (size_t i = 0; i < COUNT_OF(conds); i++) pthread_cond_destroy(conds[i]);
	explicit_bzero(&st->key, sizeof st->key);
	free(st->dir);
	free(st);
}

uint64_t store_mark(const struct store *st)
{
	return hash64((struct str){ (const char *)st->key.bytes, sizeof st->key.bytes });
}

struct hash128 store_keyed(const struct store *st, struct str text)
{
	return hash_keyed(&st->key, KEYED_SCOPE, text);
}

struct hash128 write_keyed(const struct store_write *w, struct str text)
{
	return store_keyed(w->st, text);
}

const char *store_dir(const struct store *st)
{
	return st->dir;
}

/* --- what is there ---------------------------------------------------------------------------------------- */

uint64_t store_arrival_end(struct store *st)
{
	return atomic_load(&st->arrival_end);
}

uint64_t store_wait(struct store *st, uint64_t seen, int timeout_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
	pthread_mutex_lock(&st->end_lock);
	while (!st->closing && atomic_load(&st->arrival_end) <= seen)
		if (pthread_cond_timedwait(&st->end_moved, &st->end_lock, &until) == ETIMEDOUT) break;
	pthread_mutex_unlock(&st->end_lock);
	return atomic_load(&st->arrival_end);
}

static int64_t monotonic_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

uint64_t store_wait_paced(struct store *st, uint64_t seen, int timeout_ms, int64_t *worked_ms)
{
	store_wait(st, seen, timeout_ms);
	const int64_t rest_ms = *worked_ms ? *worked_ms + STORE_PACE_MS - monotonic_ms() : 0;
	if (rest_ms > 0) nanosleep(&(struct timespec){ .tv_nsec = rest_ms * 1000000 }, NULL);
	*worked_ms = monotonic_ms();
	return store_arrival_end(st);
}

uint32_t store_kind_count(struct store *st)
{
	return intern_count(st->kinds);
}

bool store_kind_get(struct store *st, uint32_t id, struct store_kind *out)
{
	struct intern_word w;
	if (!intern_get(st->kinds, id, &w)) return false;
	*out = (struct store_kind){ id, w.tag, w.a, w.b };
	return true;
}

uint32_t store_identity_count(struct store *st)
{
	return intern_count(st->identities);
}

bool store_identity_get(struct store *st, uint32_t id, bool *anonymous, struct str *external)
{
	struct intern_word w;
	if (!intern_get(st->identities, id, &w)) return false;
	*anonymous = w.tag != 0;
	*external = w.a;
	return true;
}

uint32_t store_identity_find(struct store *st, bool anonymous, struct str external)
{
	struct intern_word w = { anonymous, external, { "", 0 } };
	return intern_find(st->identities, &w);
}

enum err_code store_source_sums(struct store *st, uint32_t source, struct store_sums *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(stmt_prepare(&s, st, source ? "store_count_get" : "store_count_all", err));
	if (source) stmt_bind_i64(s, 1, source);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK) {
		*out = (struct store_sums){ 0 };
		if (row)
			*out = (struct store_sums){ stmt_i64(s, 0), stmt_i64(s, 1), stmt_i64(s, 2), stmt_i64(s, 3),
				                    stmt_i64(s, 4), stmt_i64(s, 5), stmt_i64(s, 6) };
	}
	stmt_free(s);
	return rc;
}
