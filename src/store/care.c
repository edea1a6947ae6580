/* Copies, and the proof that what is there is what was stored. */
#include "store/priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err_code file_err(struct err *err, const char *what, const char *path)
{
	int e = errno;
	return err_set(err, e == ENOSPC || e == EDQUOT ? ERR_UNAVAILABLE : ERR_IO, "store.file", "", "%s %s: %s", what,
	               path, strerror(e));
}

/* --- backup --------------------------------------------------------------------------------- */

static enum err_code vacuum_into(struct conn *c, const char *path, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(c->db, "VACUUM INTO ?1", -1, &s, NULL);
	if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK) rc = sqlite3_step(s);
	enum err_code code = rc == SQLITE_DONE ? OK : conn_err(c->db, rc, err);
	sqlite3_finalize(s);
	return code;
}

/* A database file that nobody writes: no log, no shared memory, no lock. Names may hold what a URI reserves. */
static enum err_code open_still(const char *path, struct conn **out, struct err *err)
{
	char uri[4096 * 3 + 64], *p = uri;
	p += snprintf(uri, 8, "file:");
	for (const char *q = path; *q && p < uri + sizeof uri - 32; q++) {
		bool plain = (*q >= 'a' && *q <= 'z') || (*q >= 'A' && *q <= 'Z') || (*q >= '0' && *q <= '9') ||
		             strchr("/._-", *q);
		p += snprintf(p, 4, plain ? "%c" : "%%%02X", (unsigned char)*q);
	}
	snprintf(p, 16, "?immutable=1");
	return conn_open(uri, SQLITE_OPEN_READONLY, CONN_READER, out, err);
}

/* Raises *end to what a query says; leaves it without a row. */
static enum err_code end_by(struct conn *c, const char *query, uint64_t *end, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(conn_prepare(c, query, &s, err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row && (uint64_t)stmt_i64(s, 0) > *end) *end = (uint64_t)stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

/* One past the highest number given out. */
static enum err_code end_of(const char *path, uint64_t *end, struct err *err)
{
	struct conn *c = NULL;
	*end = 0;
	TRY(open_still(path, &c, err));
	enum err_code rc = end_by(c, "store_arrival_end", end, err);
	if (rc == OK) rc = end_by(c, "store_change_end", end, err);
	conn_close(c);
	return rc;
}

static enum err_code backup_exists(const char *path, struct err *err)
{
	return err_set(err, ERR_CONFLICT, "backup.exists", "path", "%s is there already", path);
}

/* What is whole gets its name; nobody takes a part of a backup for one. */
static enum err_code name_whole(const char *part, const char *path, struct err *err)
{
	if (link(part, path) != 0) return errno == EEXIST ? backup_exists(path, err) : file_err(err, "naming", path);
	unlink(part);
	return store_sync_folder_of(path, err);
}

enum err_code store_backup(struct store *st, const char *path, uint64_t *arrival_end, struct err *err)
{
	char from[4096], part[4096];
	if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
		return err_set(err, ERR_INPUT, "backup.path", "path", "the path of the backup is too long");
	if (access(path, F_OK) == 0) return backup_exists(path, err);
	unlink(part); /* of one that was interrupted */
	/* Ours from the first byte on, and nobody else's to read. VACUUM INTO takes an empty file. */
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) return file_err(err, "making", part);
	close(fd);
	struct conn *c = NULL;
	snprintf(from, sizeof from, "%s/safar.db", st->dir);
	enum err_code rc = conn_open(from, SQLITE_OPEN_READONLY, CONN_COPY, &c, err);
	if (rc == OK) rc = vacuum_into(c, part, err);
	conn_close(c);
	if (rc == OK) rc = store_sync_path(part, err);
	if (rc == OK) rc = end_of(part, arrival_end, err);
	if (rc == OK) rc = name_whole(part, path, err);
	if (rc != OK) unlink(part);
	return rc;
}

/* --- verify ------------------------------------------------------------------------------------- */

struct verify {
	struct arena *arena;
	struct store_verify_report report;
};

static void problem(struct verify *v, const char *text)
{
	if (v->report.first_problem.len == 0) v->report.first_problem = str_format(v->arena, "%s", text);
}

static enum err_code check_integrity(struct conn *c, struct verify *v, struct err *err)
{
	sqlite3_stmt *s = NULL;
	char text[300];
	int rc = sqlite3_prepare_v2(c->db, "PRAGMA integrity_check(1)", -1, &s, NULL);
	if (rc == SQLITE_OK) rc = sqlite3_step(s);
	const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : sqlite3_errmsg(c->db);
	if (!said || strcmp(said, "ok") != 0) {
		snprintf(text, sizeof text, "safar.db: %s", said ? said : "integrity check failed");
		problem(v, text);
	}
	sqlite3_finalize(s);
	(void)err;
	return OK;
}

static enum err_code check_sums(struct conn *c, struct verify *v, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	char text[300];
	v->report.sums_agree = true;
	TRY(conn_prepare(c, "store_verify_counts", &s, err));
	enum err_code rc;
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		int64_t received = stmt_i64(s, 1),
		        parts = stmt_i64(s, 2) + stmt_i64(s, 3) + stmt_i64(s, 4) + stmt_i64(s, 5) + stmt_i64(s, 7);
		if (received == parts && stmt_i64(s, 4) == stmt_i64(s, 6)) continue;
		v->report.sums_agree = false;
		snprintf(text, sizeof text,
		         "table source_count, source %lld: received %lld, sum of parts %lld, set aside %lld of %lld "
		         "rows",
		         (long long)stmt_i64(s, 0), (long long)received, (long long)parts, (long long)stmt_i64(s, 4),
		         (long long)stmt_i64(s, 6));
		problem(v, text);
	}
	stmt_free(s);
	TRY(rc);
	TRY(conn_prepare(c, "store_verify_totals", &s, err));
	rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		v->report.set_aside = stmt_i64(s, 2);
		v->report.blocks = stmt_i64(s, 3);
		if (stmt_i64(s, 0) != stmt_i64(s, 1)) {
			v->report.sums_agree = false;
			snprintf(text, sizeof text, "table event_block: %lld events, but %lld were stored",
			         (long long)stmt_i64(s, 0), (long long)stmt_i64(s, 1));
			problem(v, text);
		}
	}
	stmt_free(s);
	return rc;
}

/* Rows of all other tables, for the person who asks what is in there. */
static enum err_code count_records(struct conn *c, struct verify *v, struct err *err)
{
	sqlite3_stmt *tables = NULL;
	int rc = sqlite3_prepare_v2(c->db,
	                            "SELECT 'SELECT count(*) FROM \"' || name || '\"' FROM sqlite_schema WHERE type = "
	                            "'table' AND name NOT LIKE "
	                            "'sqlite_%' AND name NOT IN ('event_block', 'set_aside', 'migration') AND sql NOT "
	                            "LIKE 'CREATE VIRTUAL%'",
	                            -1, &tables, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(tables)) == SQLITE_ROW) {
		sqlite3_stmt *count = NULL;
		rc = sqlite3_prepare_v2(c->db, (const char *)sqlite3_column_text(tables, 0), -1, &count, NULL);
		if (rc == SQLITE_OK && (rc = sqlite3_step(count)) == SQLITE_ROW) {
			v->report.records += sqlite3_column_int64(count, 0);
			rc = SQLITE_OK;
		}
		sqlite3_finalize(count);
	}
	sqlite3_finalize(tables);
	return rc == SQLITE_DONE ? OK : conn_err(c->db, rc, err);
}

/* Each id of the block is known under exactly this event's number. */
static void check_ids(struct store *st, const struct block_reader *r, uint64_t first, struct verify *v)
{
	char text[200];
	uint64_t known_end =
	        store_arrival_end(st); /* a directory open for reading does not learn what its owner stores meanwhile */
	for (size_t i = 0; i < r->n && r->heads[i].arrival < known_end; i++) {
		struct id_entry e;
		bool found = ids_find(st->ids, store_event_key(st, r, i), &e);
		if (found && e.arrival == r->heads[i].arrival && e.content == r->contents[i]) continue;
		snprintf(text, sizeof text, "event block %llu, event %llu: its id is %s", (unsigned long long)first,
		         (unsigned long long)r->heads[i].arrival, found ? "there twice" : "not in the index of ids");
		problem(v, text);
		return;
	}
}

static void check_words(struct store *st, const struct block_reader *r, uint64_t first, struct verify *v)
{
	char text[200];
	uint64_t known_end = store_arrival_end(st);
	for (size_t i = 0; i < r->n && r->heads[i].arrival < known_end; i++) {
		const struct store_head *h = &r->heads[i];
		if (h->kind >= 1 && h->kind <= intern_count(st->kinds) && h->identity >= 1 &&
		    h->identity <= intern_count(st->identities))
			continue;
		snprintf(text, sizeof text, "event block %llu, event %llu: its kind %u or identity %u is missing",
		         (unsigned long long)first, (unsigned long long)h->arrival, h->kind, h->identity);
		problem(v, text);
		return;
	}
}

static enum err_code check_blocks(struct store *st, struct verify *v, struct err *err)
{
	struct block_bytes bytes;
	struct block_reader r;
	block_bytes_init(&bytes);
	block_reader_init(&r);
	enum err_code rc = OK;
	for (uint64_t pos = 0;; pos = bytes.frame.arrival_end) {
		bool found;
		struct err bad = { 0 };
		rc = scan_block(st, pos, true, &bytes, &found, &bad);
		if (rc == ERR_CORRUPT) {
			v->report.bad_blocks++;
			problem(v, bad.text);
			rc = OK;
			break; /* without its row there is no way to the next */
		}
		if (rc != OK) {
			if (err) *err = bad;
			break;
		}
		if (!found) break;
		rc = block_read_head(&r, &bytes.frame, buf_view(&bytes.head), &bad);
		if (rc == OK) rc = block_read_body(&r, &bytes.frame, buf_view(&bytes.body), NULL, &bad);
		if (rc == ERR_CORRUPT) {
			v->report.bad_blocks++;
			problem(v, bad.text);
			rc = OK;
			if (bytes.frame.arrival_end <= pos) break; /* cannot be trusted to lead on */
			continue;
		}
		if (rc != OK) {
			if (err) *err = bad;
			break;
		}
		v->report.events += (int64_t)r.n;
		check_words(st, &r, bytes.frame.first_arrival, v);
		pthread_mutex_lock(&st->ids_lock);
		if (!st->ids_partial) check_ids(st, &r, bytes.frame.first_arrival, v);
		pthread_mutex_unlock(&st->ids_lock);
	}
	block_reader_done(&r);
	block_bytes_done(&bytes);
	return rc;
}

enum err_code store_verify(struct store *st, struct arena *a, struct store_verify_report *out, struct err *err)
{
	struct verify v = { .arena = a };
	struct conn *c = NULL;
	char path[4096];
	snprintf(path, sizeof path, "%s/safar.db", st->dir);
	TRY(conn_open(path, SQLITE_OPEN_READONLY, CONN_READER, &c, err));
	/* One read transaction for the sums: they and the rows are of one moment. */
	enum err_code rc = conn_exec(c, "BEGIN", err);
	if (rc == OK) rc = check_sums(c, &v, err);
	if (rc == OK) rc = count_records(c, &v, err);
	if (rc == OK) rc = conn_exec(c, "COMMIT", err);
	if (rc == OK) rc = check_integrity(c, &v, err);
	conn_close(c);
	if (rc == ERR_CORRUPT) { /* a finding, not a failure to look */
		problem(&v, err ? err->text : "safar.db is damaged");
		v.report.sums_agree = false;
		rc = OK;
	}
	if (rc == OK) rc = check_blocks(st, &v, err);
	if (rc == OK && !v.report.first_problem.ptr) v.report.first_problem = STR("");
	if (rc == OK) *out = v.report;
	return rc;
}

/* --- restore -------------------------------------------------------------------------------------- */

static enum err_code copy_file(const char *from, const char *to, struct err *err)
{
	enum { PIECE = 1 << 20 };
	char *piece = malloc(PIECE);
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	enum err_code rc = OK;
	ssize_t n = 0;
	if (!piece) rc = err_no_memory(err);
	else if (in < 0) rc = file_err(err, "opening", from);
	else if ((out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0) rc = file_err(err, "making", to);
	while (rc == OK && (n = read(in, piece, PIECE)) > 0)
		for (ssize_t at = 0, put; rc == OK && at < n; at += put) {
			put = write(out, piece + at, (size_t)(n - at));
			if (put < 0) rc = file_err(err, "writing", to);
		}
	if (rc == OK && n < 0) rc = file_err(err, "reading", from);
	if (rc == OK && fsync(out) != 0) rc = file_err(err, "syncing", to);
	if (in >= 0) close(in);
	if (out >= 0) close(out);
	free(piece);
	return rc;
}

/* What a restore that was interrupted leaves behind; only a whole copy becomes safar.db. */
#define PART "safar.db.part"

static enum err_code must_be_empty(const char *dir, struct err *err)
{
	DIR *d = opendir(dir);
	if (!d) {
		if (errno != ENOENT) return file_err(err, "opening", dir);
		return mkdir(dir, 0700) == 0 ? OK : file_err(err, "making", dir);
	}
	bool empty = true;
	struct dirent *e;
	/* Who was erased since the backup was made may be said before: erased. */
	static const char *const may_be[] = { ".", "..", PART, "erased" };
	while (empty && (e = readdir(d)) != NULL) {
		size_t i = 0;
		while (i < COUNT_OF(may_be) && strcmp(e->d_name, may_be[i]) != 0) i++;
		empty = i < COUNT_OF(may_be);
	}
	closedir(d);
	if (empty) return chmod(dir, 0700) == 0 ? OK : file_err(err, "closing to others", dir);
	return err_set(err, ERR_CONFLICT, "restore.not_empty", "data", "%s is not empty", dir);
}

/* Opens the copy in its new place and looks at all of it. */
static enum err_code verify_copy(const char *dir, struct err *err)
{
	struct store *st = NULL;
	struct store_verify_report report;
	struct arena a;
	arena_init(&a, MIB);
	enum err_code rc = store_open(dir, 0, &st, err);
	if (rc == OK) rc = store_verify(st, &a, &report, err);
	if (rc == OK && (report.first_problem.len || !report.sums_agree)) {
		rc = err_set(err, ERR_CORRUPT, "restore.damaged", "backup", "the backup is damaged: %.200s",
		             report.first_problem.ptr);
		err_hint(err, "Use an older backup.");
	}
	store_close(st);
	arena_done(&a);
	return rc;
}

static void remove_restored(const char *dir)
{
	static const char *const names[] = { PART,   "safar.db",  "safar.db-wal", "safar.db-shm",
		                             "lock", "index/ids", "index" };
	char path[4096];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (unlink(path) != 0) rmdir(path);
	}
}

enum err_code store_restore(const char *backup, const char *dir, struct err *err)
{
	char path[4096];
	struct conn *c = NULL;
	uint64_t end = 0;
	if (access(backup, R_OK) != 0) {
		if (errno == ENOENT)
			return err_set(err, ERR_NOT_FOUND, "restore.absent", "backup", "there is no file %s", backup);
		return file_err(err, "opening", backup);
	}
	/* First look: that it is a database of ours at all. The close look follows on the copy. */
	TRY(open_still(backup, &c, err));
	const bool ours = end_by(c, "store_arrival_end", &end, err) == OK;
	conn_close(c);
	if (!ours) return err_set(err, ERR_CORRUPT, "restore.damaged", "backup", "%s is not a backup of Safar", backup);
	TRY(must_be_empty(dir, err));
	char part[4096];
	snprintf(path, sizeof path, "%s/safar.db", dir);
	snprintf(part, sizeof part, "%s/" PART, dir);
	unlink(part);
	enum err_code rc = copy_file(backup, part, err);
	if (rc == OK && rename(part, path) != 0) rc = file_err(err, "naming", path);
	if (rc == OK) rc = store_sync_folder_of(path, err);
	if (rc == OK) rc = store_sync_folder_of(dir, err);
	if (rc == OK) rc = verify_copy(dir, err);
	if (rc != OK) remove_restored(dir);
	return rc;
}
