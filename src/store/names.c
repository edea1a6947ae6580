/*
 * Names of records. The table of the newest and the runs of the older ones
 * are an `ids` of their own under DIR/index/names/, where an arrival is the
 * name's number and a content the record. The rows of record_name are the
 * truth; what the runs lack is read from them at start.
 */
#include "store/priv.h"

#define NAMES_TABLE_MAX ((size_t)100000) /* what a start reads of them at most, about */
enum { SETTLE_EACH = 4096 };

static enum err_code number_of(struct store *st, const char *query, uint64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, st, query, err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *out = (uint64_t)stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

static bool key_read(struct stmt *s, int column, struct hash128 *out)
{
	const struct str bytes = stmt_str(s, column);
	if (bytes.len != sizeof *out) return false;
	memcpy(out, bytes.ptr, sizeof *out);
	return true;
}

static bool anchor_holds(void *ctx, uint64_t number, struct hash128 key)
{
	struct stmt *s = NULL;
	struct hash128 kept;
	struct err err;
	bool row = false;
	if (stmt_prepare(&s, ctx, "store_name_at", &err) != OK) return false;
	stmt_bind_i64(s, 1, (int64_t)number);
	const bool holds = stmt_step(s, &row, &err) == OK && row && key_read(s, 0, &kept) && id_cmp(kept, key) == 0;
	stmt_free(s);
	return holds;
}

static enum err_code read_rest(struct store *st, uint64_t from, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, st, "store_name_from", err));
	stmt_bind_i64(s, 1, (int64_t)from);
	enum err_code rc = OK;
	for (size_t n = 1; rc == OK && (rc = stmt_step(s, &row, err)) == OK && row; n++) {
		struct id_entry e = { .content = (uint64_t)stmt_i64(s, 2), .arrival = (uint64_t)stmt_i64(s, 0) };
		if (!key_read(s, 1, &e.key)) rc = err_set(err, ERR_CORRUPT, "store.name", "", "a name is damaged");
		if (rc == OK) rc = ids_add(st->names, &e, err);
		if (rc != OK || n % SETTLE_EACH) continue;
		ids_committed(st->names, e.arrival + 1);
		ids_settle(st->names);
	}
	stmt_free(s);
	if (rc == OK) ids_committed(st->names, st->next_name);
	return rc;
}

enum err_code names_open(struct store *st, struct err *err)
{
	char dir[4096];
	uint64_t covered;
	snprintf(dir, sizeof dir, "%s/index/names", st->dir);
	TRY(number_of(st, "store_name_end", &st->next_name, err));
	const struct ids_options opt = { .dir = dir,
		                         .check = store_mark(st),
		                         .arrival_end = st->next_name,
		                         .read_only = (st->flags & STORE_READ_ONLY) != 0,
		                         .table_max = NAMES_TABLE_MAX,
		                         .anchor = anchor_holds,
		                         .ctx = st };
	TRY(ids_open(&opt, &st->names, &covered, err));
	return read_rest(st, covered, err);
}

bool store_named(struct store *st, struct str name, int64_t *record)
{
	struct id_entry e;
	pthread_mutex_lock(&st->names_lock);
	const bool there = ids_find(st->names, append_name_key(st, name), &e);
	pthread_mutex_unlock(&st->names_lock);
	if (there) *record = (int64_t)e.content;
	return there;
}

static bool room_for_one(struct store *st)
{
	if (st->n_new_names < st->cap_new_names) return true;
	const size_t cap = st->cap_new_names ? st->cap_new_names * 2 : 256;
	struct hash128 *more = realloc(st->new_names, cap * sizeof *more);
	if (!more) return false;
	st->new_names = more;
	st->cap_new_names = cap;
	return true;
}

enum err_code write_name(struct store_write *w, struct str name, int64_t record, struct err *err)
{
	struct store *st = w->st;
	const struct id_entry e = { append_name_key(st, name), (uint64_t)record, st->next_name };
	struct id_entry known;
	struct stmt *s = NULL;
	if (!room_for_one(st)) return err_no_memory(err);
	pthread_mutex_lock(&st->names_lock);
	const bool given = ids_find(st->names, e.key, &known);
	enum err_code rc = given ? err_set(err, ERR_CONFLICT, "store.named", "", "this name is given already")
	                         : ids_add(st->names, &e, err);
	pthread_mutex_unlock(&st->names_lock);
	TRY(rc);
	st->new_names[st->n_new_names++] = e.key;
	st->next_name++;
	TRY(write_prepare(&s, w, "store_name_add", err));
	stmt_bind_i64(s, 1, (int64_t)e.arrival);
	stmt_bind_blob(s, 2, (struct str){ (const char *)&e.key, sizeof e.key });
	stmt_bind_i64(s, 3, record);
	rc = stmt_run(s, err);
	stmt_free(s);
	return rc;
}

void names_forget(struct store *st, size_t from)
{
	pthread_mutex_lock(&st->names_lock);
	for (; st->n_new_names > from; st->next_name--) ids_remove(st->names, st->new_names[--st->n_new_names]);
	pthread_mutex_unlock(&st->names_lock);
}

void names_committed(struct store *st)
{
	if (!st->n_new_names) return;
	pthread_mutex_lock(&st->names_lock);
	ids_committed(st->names, st->next_name);
	pthread_mutex_unlock(&st->names_lock);
	st->n_new_names = 0;
}
