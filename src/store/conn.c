#include "store/priv.h"

/* --- errors ------------------------------------------------------------------------------ */

bool conn_sync_failed(int rc)
{
	return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

enum err_code conn_err(sqlite3 *db, int rc, struct err *err)
{
	const char *words = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
	switch (rc & 0xff) {
	case SQLITE_FULL:
		(void)err_set(err, ERR_UNAVAILABLE, "store.full", "", "the disk is full; nothing of this was stored");
		err_hint(err, "Make room on the disk of the data directory, then send it again.");
		return ERR_UNAVAILABLE;
	case SQLITE_CONSTRAINT: return err_set(err, ERR_CONFLICT, "store.constraint", "", "%s", words);
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return err_set(err, ERR_UNAVAILABLE, "store.busy", "", "the database is busy: %s", words);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		(void)err_set(err, ERR_CORRUPT, "store.corrupt", "", "safar.db: %s", words);
		err_hint(err, "Run `safar verify`, then restore a backup.");
		return ERR_CORRUPT;
	case SQLITE_NOMEM: return err_no_memory(err);
	case SQLITE_TOOBIG: return err_set(err, ERR_LIMIT, "store.too_big", "", "%s", words);
	case SQLITE_READONLY:
		return err_set(err, ERR_UNAVAILABLE, "store.read_only", "",
		               "the data directory is open for reading only");
	case SQLITE_CANTOPEN: return err_set(err, ERR_IO, "store.open", "", "safar.db cannot be opened: %s", words);
	case SQLITE_IOERR:
		(void)err_set(err, ERR_UNAVAILABLE, "store.io", "", "the disk does not do what it is asked (SQLite %d)",
		              rc);
		err_hint(err, "Check the disk of the data directory, then try again: nothing of this was stored.");
		return ERR_UNAVAILABLE;
	default: return err_set(err, ERR_IO, "store.io", "", "safar.db: %s (SQLite %d)", words, rc);
	}
}

/* --- opening ------------------------------------------------------------------------------- */

static enum err_code harden(struct conn *c, enum conn_kind kind, struct err *err)
{
	static const struct {
		int option, value;
	} options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },          { SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 }, { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	};
	static const struct {
		int limit, value;
	} limits[] = {
		{ SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024 },
		{ SQLITE_LIMIT_SQL_LENGTH, 100 * 1024 },
		{ SQLITE_LIMIT_COLUMN, 100 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 10 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 20 },
		{ SQLITE_LIMIT_VARIABLE_NUMBER, 100 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 10 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 },
	};
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		int rc = sqlite3_db_config(c->db, options[i].option, options[i].value, (int *)NULL);
		if (rc != SQLITE_OK) return conn_err(c->db, rc, err);
	}
	for (size_t i = 0; i < COUNT_OF(limits); i++) sqlite3_limit(c->db, limits[i].limit, limits[i].value);
	/* VACUUM INTO attaches its target. */
	sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, kind == CONN_COPY ? 1 : 0);
	sqlite3_busy_timeout(c->db, 5000);
	return OK;
}

/* Nobody reads SQLite's sums of memory, and every thread would take one lock for them at each allocation. */
static void library_begin(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err_code conn_open(const char *path, int flags, enum conn_kind kind, struct conn **out, struct err *err)
{
	static pthread_once_t begun = PTHREAD_ONCE_INIT;
	pthread_once(&begun, library_begin);
	struct conn *c = calloc(1, sizeof *c);
	if (!c) return err_no_memory(err);
	c->cached = calloc(store_queries_count + 1, sizeof(struct stmt *));
	enum err_code rc = OK;
	if (!c->cached) {
		rc = err_no_memory(err);
		goto done;
	}
	int sq = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI,
	                         NULL);
	if (sq != SQLITE_OK) {
		rc = conn_err(c->db, sq, err);
		goto done;
	}
	rc = harden(c, kind, err);
	if (rc == OK)
		rc = conn_exec(
		        c, "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 0;",
		        err);
	if (rc == OK && kind == CONN_WRITER) /* Size limit: what the log file shrinks to after a reset. */
		rc = conn_exec(
		        c,
		        "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
		        "foreign_keys = ON;"
		        "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768; PRAGMA cache_spill = OFF;"
		        "PRAGMA secure_delete = OFF;",
		        err);
	if (rc == OK && kind == CONN_CHECKPOINT) rc = conn_exec(c, "PRAGMA synchronous = FULL;", err);
	if (rc == OK && kind == CONN_READER)
		rc = conn_exec(c, "PRAGMA query_only = ON; PRAGMA cache_size = -8192;", err);
done:
	if (rc != OK) conn_close(c);
	else *out = c;
	return rc;
}

void conn_close(struct conn *c)
{
	if (!c) return;
	for (size_t i = 0; c->cached && i < store_queries_count; i++) {
		if (!c->cached[i]) continue;
		sqlite3_finalize(c->cached[i]->handle);
		free(c->cached[i]);
	}
	free(c->cached);
	sqlite3_close_v2(c->db);
	free(c);
}

enum err_code conn_exec(struct conn *c, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : conn_err(c->db, rc, err);
}

/* --- statements --------------------------------------------------------------------------------- */

static bool query_find(const char *name, size_t *out)
{
	size_t lo = 0, hi = store_queries_count, len = strlen(name);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const char *file = store_queries[mid].name;
		int c = strncmp(file, name, len);
		if (c == 0) c = strcmp(file + len, ".sql");
		if (c == 0) {
			*out = mid;
			return true;
		}
		if (c < 0) lo = mid + 1;
		else hi = mid;
	}
	/* File names sort with their ending, so "a.sql" and "a_b.sql" may stand the other way round. */
	for (size_t i = 0; i < store_queries_count; i++)
		if (strncmp(store_queries[i].name, name, len) == 0 &&
		    strcmp(store_queries[i].name + len, ".sql") == 0) {
			*out = i;
			return true;
		}
	return false;
}

static enum err_code stmt_make(struct conn *c, const struct embed_file *f, struct str sql, bool cached,
                               struct stmt **out, struct err *err)
{
	struct stmt *s = calloc(1, sizeof *s);
	if (!s) return err_no_memory(err);
	int rc = sqlite3_prepare_v3(c->db, sql.ptr, (int)sql.len, cached ? SQLITE_PREPARE_PERSISTENT : 0, &s->handle,
	                            NULL);
	if (rc != SQLITE_OK || !s->handle) {
		free(s);
		enum err_code code = conn_err(c->db, rc, err);
		err_context(err, "query %s", f->name);
		return code == OK ? err_set(err, ERR_IO, "store.query", "", "query %s is empty", f->name) : code;
	}
	s->conn = c;
	s->cached = cached;
	*out = s;
	return OK;
}

static enum err_code stmt_new(struct conn *c, size_t query, bool cached, struct stmt **out, struct err *err)
{
	const struct embed_file *f = &store_queries[query];
	return stmt_make(c, f, (struct str){ (const char *)f->ptr, (size_t)(f->end - f->ptr) }, cached, out, err);
}

/* "@month" in the text of a query, as six digits. Never kept: there are as many as months. */
static enum err_code stmt_of_month(struct conn *c, size_t query, int month, struct stmt **out, struct err *err)
{
	static const struct str place = STR("@month");
	const struct embed_file *f = &store_queries[query];
	struct str rest = { (const char *)f->ptr, (size_t)(f->end - f->ptr) };
	struct buf sql;
	if (month < 190001 || month > 210112)
		return err_set(err, ERR_INPUT, "store.month", "", "%d is no month", month);
	buf_init(&sql, 64 * KIB);
	for (size_t at; rest.len; rest = str_cut(rest, at, rest.len)) {
		at = str_find(rest, '@');
		buf_str(&sql, str_cut(rest, 0, at));
		if (at == rest.len) break;
		const bool here = str_starts(str_cut(rest, at, rest.len), place);
		if (here) buf_printf(&sql, "%06d", month);
		else buf_byte(&sql, '@');
		at += here ? place.len : 1;
	}
	enum err_code rc = buf_check(&sql, err);
	if (rc == OK) rc = stmt_make(c, f, buf_view(&sql), false, out, err);
	buf_done(&sql);
	return rc;
}

static enum err_code prepare_month(struct conn *c, const char *name, int month, struct stmt **out, struct err *err)
{
	size_t query;
	if (!query_find(name, &query)) return err_set(err, ERR_IO, "store.query", "", "there is no query %s", name);
	return stmt_of_month(c, query, month, out, err);
}

enum err_code conn_prepare(struct conn *c, const char *name, struct stmt **out, struct err *err)
{
	size_t query;
	if (!query_find(name, &query)) return err_set(err, ERR_IO, "store.query", "", "there is no query %s", name);
	struct stmt *s = c->cached[query];
	if (!s) TRY(stmt_new(c, query, true, &c->cached[query], err));
	s = c->cached[query];
	if (s->busy) TRY(stmt_new(c, query, false, &s, err)); /* the same query inside itself */
	s->busy = true;
	s->bind_rc = SQLITE_OK;
	s->pool = NULL;
	s->owner = NULL;
	*out = s;
	return OK;
}

enum err_code conn_run(struct conn *c, const char *name, struct err *err)
{
	struct stmt *s = NULL;
	TRY(conn_prepare(c, name, &s, err));
	const enum err_code rc = stmt_run(s, err);
	stmt_free(s);
	return rc;
}

enum { POOL_MAX = 16 }; /* idle connections that are kept */

/* A connection that reads, out of the pool or new. */
static enum err_code reader_take(struct store *st, struct conn **out, struct err *err)
{
	pthread_mutex_lock(&st->pool_lock);
	struct conn *c = st->pool;
	if (c) {
		st->pool = c->next;
		st->n_pool--;
	}
	pthread_mutex_unlock(&st->pool_lock);
	if (!c) {
		char path[4096];
		snprintf(path, sizeof path, "%s/safar.db", st->dir);
		TRY(conn_open(path, SQLITE_OPEN_READONLY, CONN_READER, &c, err));
	}
	*out = c;
	return OK;
}

enum err_code stmt_prepare(struct stmt **out, struct store *st, const char *name, struct err *err)
{
	struct conn *c;
	TRY(reader_take(st, &c, err));
	enum err_code rc = conn_prepare(c, name, out, err);
	if (rc != OK) {
		conn_close(c);
		return rc;
	}
	(*out)->pool = st;
	return OK;
}

enum err_code stmt_prepare_month(struct stmt **out, struct store *st, const char *name, int month, struct err *err)
{
	struct conn *c;
	TRY(reader_take(st, &c, err));
	enum err_code rc = prepare_month(c, name, month, out, err);
	if (rc != OK) {
		conn_close(c);
		return rc;
	}
	(*out)->pool = st;
	return OK;
}

enum err_code write_prepare(struct stmt **out, struct store_write *w, const char *name, struct err *err)
{
	TRY(conn_prepare(w->st->writer, name, out, err));
	(*out)->owner = w->st;
	return OK;
}

enum err_code write_prepare_month(struct stmt **out, struct store_write *w, const char *name, int month,
                                  struct err *err)
{
	TRY(prepare_month(w->st->writer, name, month, out, err));
	(*out)->owner = w->st;
	return OK;
}

void stmt_reset(struct stmt *s)
{
	sqlite3_reset(s->handle);
	sqlite3_clear_bindings(s->handle);
	s->bind_rc = SQLITE_OK;
}

void stmt_again(struct stmt *s)
{
	stmt_reset(s);
}

void stmt_free(struct stmt *s)
{
	if (!s) return;
	struct store *st = s->pool;
	struct conn *c = s->conn;
	stmt_reset(s);
	s->busy = false;
	if (!s->cached) {
		sqlite3_finalize(s->handle);
		free(s);
	}
	if (!st) return;
	pthread_mutex_lock(&st->pool_lock);
	bool keep = st->n_pool < POOL_MAX;
	if (keep) {
		c->next = st->pool;
		st->pool = c;
		st->n_pool++;
	}
	pthread_mutex_unlock(&st->pool_lock);
	if (!keep) conn_close(c);
}

/* Binding cannot fail in a way that the caller could act on before the step: the step reports it. */
static void bound(struct stmt *s, int rc)
{
	if (s->bind_rc == SQLITE_OK) s->bind_rc = rc;
}

void stmt_bind_i64(struct stmt *s, int at, int64_t v)
{
	bound(s, sqlite3_bind_int64(s->handle, at, v));
}
void stmt_bind_double(struct stmt *s, int at, double v)
{
	bound(s, sqlite3_bind_double(s->handle, at, v));
}

void stmt_bind_str(struct stmt *s, int at, struct str v)
{
	bound(s, v.ptr ? sqlite3_bind_text64(s->handle, at, v.ptr, v.len, SQLITE_STATIC, SQLITE_UTF8)
	               : sqlite3_bind_null(s->handle, at));
}

void stmt_bind_blob(struct stmt *s, int at, struct str v)
{
	bound(s, v.ptr ? sqlite3_bind_blob64(s->handle, at, v.ptr, v.len, SQLITE_STATIC)
	               : sqlite3_bind_null(s->handle, at));
}

enum err_code stmt_step(struct stmt *s, bool *row, struct err *err)
{
	if (s->bind_rc != SQLITE_OK) return conn_err(s->conn->db, s->bind_rc, err);
	int rc = sqlite3_step(s->handle);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		*row = rc == SQLITE_ROW;
		return OK;
	}
	if (s->owner && conn_sync_failed(sqlite3_extended_errcode(s->conn->db))) store_mark_dead(s->owner);
	return conn_err(s->conn->db, rc, err);
}

enum err_code stmt_run(struct stmt *s, struct err *err)
{
	bool row;
	enum err_code rc = stmt_step(s, &row, err);
	stmt_reset(s);
	return rc;
}

int64_t stmt_i64(struct stmt *s, int column)
{
	return sqlite3_column_int64(s->handle, column);
}
double stmt_double(struct stmt *s, int column)
{
	return sqlite3_column_double(s->handle, column);
}
bool stmt_null(struct stmt *s, int column)
{
	return sqlite3_column_type(s->handle, column) == SQLITE_NULL;
}

struct str stmt_str(struct stmt *s, int column)
{
	if (stmt_null(s, column)) return (struct str){ 0 };
	const void *ptr = sqlite3_column_blob(s->handle, column); /* of a text: its UTF-8 bytes */
	int len = sqlite3_column_bytes(s->handle, column);
	return (struct str){ ptr ? ptr : "", (size_t)len };
}

static void column_json(struct stmt *s, int i, struct json_out *o)
{
	const char *name = sqlite3_column_name(s->handle, i);
	const int type = sqlite3_column_type(s->handle, i);
	const size_t len = strlen(name);
	const bool raw = len > 5 && strcmp(name + len - 5, "_json") == 0;
	if (type == SQLITE_BLOB) return;
	json_key_str(o, (struct str){ name, raw ? len - 5 : len });
	if (type == SQLITE_NULL) json_put_null(o);
	else if (type == SQLITE_INTEGER) json_put_i64(o, stmt_i64(s, i));
	else if (type == SQLITE_FLOAT) json_put_double(o, stmt_double(s, i));
	else if (raw && stmt_str(s, i).len) json_put_raw(o, stmt_str(s, i));
	else json_put_str(o, stmt_str(s, i));
}

void stmt_json(struct stmt *s, struct json_out *o)
{
	json_open(o, '{');
	for (int i = 0; i < sqlite3_column_count(s->handle); i++) column_json(s, i, o);
	json_close(o, '}');
}

int64_t write_last_id(struct store_write *w)
{
	return sqlite3_last_insert_rowid(w->st->writer->db);
}
int64_t write_changes(struct store_write *w)
{
	return sqlite3_changes64(w->st->writer->db);
}
