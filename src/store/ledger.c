/*
 * Who left, beside the database: DIR/erased, one line for each external id
 * that was erased, its keyed hash in 32 hexadecimal digits and the moment in
 * milliseconds. It is in no backup. A database that lacks a line is older than
 * the file: it was restored, and those people are erased again
 * (rights_forget_again). A database that has more (the file was lost, or the
 * power went between both) has its lines written behind the others.
 *
 * Lines are only added. A last line without its end is of a write that was
 * never answered for, and is left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/priv.h"

enum { LINE_BYTES = 64, HASH_DIGITS = 32 };

static enum err_code file_err(const struct store *st, struct err *err)
{
	return err_set(err, ERR_IO, "store.file", "", "%.200s/erased: %s", st->dir, strerror(errno));
}

static void path_of(const struct store *st, char path[4096])
{
	snprintf(path, 4096, "%s/erased", st->dir);
}

static bool line_read(const char *line, struct left *out)
{
	char *end;
	char half[17] = "";
	if (strspn(line, "0123456789abcdef") != HASH_DIGITS || line[HASH_DIGITS] != ' ' || !strchr(line, '\n'))
		return false;
	memcpy(half, line, 16);
	out->hash.hi = strtoull(half, NULL, 16);
	memcpy(half, line + 16, 16);
	out->hash.lo = strtoull(half, NULL, 16);
	out->at_ms = strtoll(line + HASH_DIGITS + 1, &end, 10);
	return *end == '\n';
}

enum err_code ledger_file_add(struct store *st, const struct left *lines, size_t n, struct err *err)
{
	char path[4096];
	if (!n) return OK;
	path_of(st, path);
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0) return file_err(st, err);
	/* Behind a line that was cut: its rest would make this one unreadable. */
	bool ok = lseek(fd, 0, SEEK_END) == 0 || write(fd, "\n", 1) == 1;
	for (size_t i = 0; ok && i < n; i++) {
		char line[LINE_BYTES];
		const int len =
		        snprintf(line, sizeof line, "%016llx%016llx %lld\n", (unsigned long long)lines[i].hash.hi,
		                 (unsigned long long)lines[i].hash.lo, (long long)lines[i].at_ms);
		ok = write(fd, line, (size_t)len) == len;
	}
	ok = ok && fsync(fd) == 0;
	const enum err_code rc = ok ? OK : file_err(st, err);
	close(fd);
	TRY(rc);
	return store_sync_folder_of(path, err);
}

static int by_hash(const void *x, const void *y)
{
	const struct left *a = x, *b = y;
	const int c = id_cmp(a->hash, b->hash);
	return c ? c : (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

/* The newest line of each hash, sorted. */
static enum err_code file_read(struct store *st, struct left **out, size_t *n, struct err *err)
{
	char path[4096], line[LINE_BYTES + 2];
	size_t cap = 0, kept = 0;
	struct left one, *list = NULL;
	*n = 0;
	*out = NULL;
	path_of(st, path);
	FILE *f = fopen(path, "re");
	if (!f) return errno == ENOENT ? OK : file_err(st, err);
	enum err_code rc = OK;
	while (rc == OK && fgets(line, sizeof line, f)) {
		if (!line_read(line, &one)) continue;
		if (*n == cap) {
			struct left *more = realloc(list, (cap = cap ? cap * 2 : 64) * sizeof *more);
			if (!more) rc = err_no_memory(err);
			else list = more;
		}
		if (rc == OK) list[(*n)++] = one;
	}
	if (rc == OK && ferror(f)) rc = file_err(st, err);
	fclose(f);
	if (rc != OK) free(list);
	TRY(rc);
	if (*n) qsort(list, *n, sizeof *list, by_hash);
	for (size_t i = 0; i < *n; i++)
		if (i + 1 == *n || id_cmp(list[i].hash, list[i + 1].hash) != 0) list[kept++] = list[i];
	*n = kept;
	*out = list;
	return OK;
}

static const struct left *among(const struct left *list, size_t n, struct hash128 h)
{
	const struct left key = { h, 0 };
	for (size_t lo = 0, hi = n; lo < hi;) {
		const size_t mid = lo + (hi - lo) / 2;
		const int c = id_cmp(list[mid].hash, key.hash);
		if (c == 0) return &list[mid];
		if (c < 0) lo = mid + 1;
		else hi = mid;
	}
	return NULL;
}

static enum err_code compare(struct store *st, const struct left *file, size_t n, struct err *err)
{
	struct left *more = calloc(st->n_left + 1, sizeof *more);
	size_t n_more = 0;
	st->owed = calloc(n + 1, sizeof *st->owed);
	enum err_code rc = more && st->owed ? OK : err_no_memory(err);
	for (size_t i = 0; rc == OK && i < st->n_left; i++) {
		const struct left *in_file = among(file, n, st->left[i].hash);
		if (!in_file || in_file->at_ms < st->left[i].at_ms) more[n_more++] = st->left[i];
	}
	for (size_t i = 0; rc == OK && i < n; i++) {
		const struct left *in_database = among(st->left, st->n_left, file[i].hash);
		if (!in_database || in_database->at_ms < file[i].at_ms) st->owed[st->n_owed++] = file[i];
	}
	if (rc == OK) rc = ledger_file_add(st, more, n_more, err);
	/* From now on, before anybody is erased again: what they did before is refused. */
	for (size_t i = 0; rc == OK && i < st->n_owed; i++)
		rc = ledger_put(st, st->owed[i].hash, st->owed[i].at_ms, err);
	free(more);
	return rc;
}

enum err_code ledger_file_open(struct store *st, struct err *err)
{
	struct left *file;
	size_t n;
	TRY(file_read(st, &file, &n, err));
	const enum err_code rc = compare(st, file, n, err);
	free(file);
	return rc;
}

/* --- after a restore ---------------------------------------------------------------------------------------- */

bool store_owes(const struct store *st)
{
	return atomic_load(&st->n_owed) > 0;
}

enum err_code store_owed(struct store *st, struct arena *a, struct str **out, size_t *n, struct err *err)
{
	const uint32_t all = store_identity_count(st);
	*n = 0;
	*out = ARENA_ARRAY(a, struct str, st->n_owed * 2 + 1); /* a customer and a device may have one id */
	if (!*out) return err_no_memory(err);
	for (uint32_t id = 1; st->n_owed && id <= all; id++) {
		struct str external;
		bool anonymous;
		if (!store_identity_get(st, id, &anonymous, &external) || !external.len) continue;
		if (*n < st->n_owed * 2 && among(st->owed, st->n_owed, store_keyed(st, external)))
			(*out)[(*n)++] = external;
	}
	return OK;
}

static enum err_code owed_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct store *st = ctx;
	for (size_t i = 0; i < st->n_owed; i++) {
		const struct left *now = among(st->left, st->n_left, st->owed[i].hash);
		struct stmt *s = NULL;
		TRY(write_prepare(&s, w, "erase_left_put", err));
		stmt_bind_blob(s, 1, (struct str){ (const char *)&st->owed[i].hash, sizeof st->owed[i].hash });
		stmt_bind_i64(s, 2, now && now->at_ms > st->owed[i].at_ms ? now->at_ms : st->owed[i].at_ms);
		const enum err_code rc = stmt_run(s, err);
		stmt_free(s);
		TRY(rc);
	}
	return OK;
}

enum err_code store_owed_done(struct store *st, struct err *err)
{
	if (!st->n_owed) return OK;
	TRY(store_write(st, owed_write, st, err));
	st->n_owed = 0;
	return OK;
}
