/* Records in immutable versions: what all of them do alike. */
#include "store/store.h"

static enum err_code newest(struct store_write *w, const char *query, struct store_version *v, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	v->id = 0, v->newest = 0;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_str(s, 1, v->key);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) v->id = stmt_i64(s, 0), v->newest = (int)stmt_i64(s, 1);
	stmt_free(s);
	return rc;
}

enum err_code version_find(struct store_write *w, const struct store_versions *of, struct arena *a,
                           struct store_version *v, struct err *err)
{
	const struct str wanted = v->key;
	TRY(newest(w, of->newest, v, err));
	for (int k = 2; v->fresh && v->newest > 0; k++) {
		v->key = str_format(a, STR_FMT "-%d", STR_ARG(wanted), k);
		if (!v->key.ptr) return err_no_memory(err);
		TRY(newest(w, of->newest, v, err));
	}
	return OK;
}

enum err_code version_begin(struct store_write *w, const struct store_versions *of, struct store_version *v,
                            int64_t now_ms, int *version, struct err *err)
{
	*version = v->newest + 1;
	if (v->id) return OK;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, of->insert, err));
	stmt_bind_str(s, 1, v->key);
	stmt_bind_i64(s, 2, now_ms);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	v->id = write_last_id(w);
	return rc;
}

enum err_code version_remove(struct store_write *w, const char *const *queries, size_t n, struct str key, bool *found,
                             struct err *err)
{
	*found = false;
	for (size_t i = 0; i < n; i++) {
		struct stmt *s = NULL;
		bool row;
		TRY(write_prepare(&s, w, queries[i], err));
		stmt_bind_str(s, 1, key);
		const enum err_code rc = stmt_step(s, &row, err);
		stmt_free(s);
		if (rc != OK) return rc;
		*found = write_changes(w) > 0;
	}
	return OK;
}
