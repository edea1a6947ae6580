/* The list of colleagues who can be praised. */
#include "act/priv.h"

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

/* --- reading --------------------------------------------------------------------------------------- */

static enum err_code spellings_read(struct str json, struct arena *m, struct act_colleague *k, struct err *err)
{
	struct json_reader r;
	json_read(&r, json);
	if (json_next(&r) != JT_ARRAY) return OK;
	while (json_next(&r) == JT_STRING && k->n_spellings < ACT_SPELLINGS_MAX)
		if (!json_text(&r, m, &k->spellings[k->n_spellings++])) return err_no_memory(err);
	return OK;
}

static enum err_code row_read(struct stmt *s, struct arena *m, struct act_colleague *out, struct err *err)
{
	*out = (struct act_colleague){ .id = stmt_i64(s, 0),
		                       .name = text_at(s, 1, m),
		                       .unit = text_at(s, 3, m),
		                       .login = text_at(s, 4, m),
		                       .mail = text_at(s, 5, m),
		                       .lang = text_at(s, 6, m),
		                       .from_arrival = (uint64_t)stmt_i64(s, 7),
		                       .changed_ms = stmt_i64(s, 8),
		                       .author = text_at(s, 9, m) };
	return spellings_read(text_at(s, 2, m), m, out, err);
}

static enum err_code count_of(struct stmt *s, int64_t *n, struct err *err)
{
	bool row = false;
	const enum err_code rc = stmt_step(s, &row, err);
	*n = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	return rc;
}

enum err_code act_colleagues(struct act *a, struct arena *m, struct act_colleague **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	int64_t max = 0;
	TRY(stmt_prepare(&s, a->st, "colleague_count", err));
	TRY(count_of(s, &max, err));
	struct act_colleague *list = ARENA_ARRAY(m, struct act_colleague, (size_t)max + 1);
	if (!list) return err_no_memory(err);
	enum err_code rc = stmt_prepare(&s, a->st, "colleague_list", err);
	for (*n = 0; rc == OK && *n < (size_t)max && (rc = stmt_step(s, &row, err)) == OK && row;)
		rc = row_read(s, m, &list[(*n)++], err);
	stmt_free(s);
	*out = list;
	return rc;
}

/* --- keeping --------------------------------------------------------------------------------------- */

static enum err_code name_check(struct str name, const char *field, struct err *err)
{
	if (!str_trim(name).len)
		return err_set(err, ERR_INPUT, "colleague.name", field, "a name needs a letter or digit");
	if (name.len > ACT_NAME_BYTES_MAX)
		return err_limit(err, "colleague.size", field, (int64_t)name.len, ACT_NAME_BYTES_MAX,
		                 "a name has at most %d bytes", ACT_NAME_BYTES_MAX);
	return OK;
}

static enum err_code check(const struct act_colleague *k, struct err *err)
{
	enum lang lang;
	TRY(name_check(k->name, "name", err));
	for (size_t i = 0; i < k->n_spellings; i++) TRY(name_check(k->spellings[i], "spellings", err));
	if (k->unit.len > WIRE_NAME_BYTES_MAX || k->login.len > WIRE_NAME_BYTES_MAX)
		return err_limit(err, "colleague.size", k->unit.len > WIRE_NAME_BYTES_MAX ? "unit" : "login",
		                 (int64_t)(k->unit.len > k->login.len ? k->unit.len : k->login.len),
		                 WIRE_NAME_BYTES_MAX, "this has at most %d bytes", WIRE_NAME_BYTES_MAX);
	if (k->mail.len && !outbox_mail_address(k->mail))
		return err_set(err, ERR_INPUT, "colleague.mail", "mail", "\"" STR_FMT "\" is not an address of mail",
		               STR_ARG(str_cut(k->mail, 0, 80)));
	if (k->lang.len && !lang_of(k->lang, &lang))
		return err_set(err, ERR_INPUT, "colleague.lang", "lang", "a language is en, ar or fa");
	return OK;
}

static enum err_code unknown(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "colleague.unknown", "", "there is no such colleague");
}

static void put_spellings(const struct act_colleague *k, struct buf *b)
{
	struct json_out o;
	json_out_init(&o, b);
	json_open(&o, '[');
	for (size_t i = 0; i < k->n_spellings; i++) json_put_str(&o, str_trim(k->spellings[i]));
	json_close(&o, ']');
}

static enum err_code bind_and_run(struct stmt *s, const struct act_colleague *k, int64_t last, struct err *err)
{
	struct buf spellings;
	buf_init(&spellings, 64 * KIB);
	put_spellings(k, &spellings);
	stmt_bind_str(s, 1, str_trim(k->name));
	stmt_bind_str(s, 2, buf_view(&spellings));
	stmt_bind_str(s, 3, or_empty(k->unit));
	stmt_bind_str(s, 4, or_empty(k->login));
	stmt_bind_str(s, 5, or_empty(k->mail));
	stmt_bind_str(s, 6, or_empty(k->lang));
	stmt_bind_i64(s, 7, k->changed_ms);
	stmt_bind_str(s, 8, or_empty(k->author));
	stmt_bind_i64(s, 9, last);
	const enum err_code rc = run(s, err);
	buf_done(&spellings);
	return rc;
}

static enum err_code save_write(void *ctx, struct store_write *w, struct err *err)
{
	struct act_colleague *k = ctx;
	struct stmt *s = NULL;
	int64_t n;
	if (k->id) {
		TRY(write_prepare(&s, w, "colleague_put", err));
		TRY(bind_and_run(s, k, k->id, err));
		return write_changes(w) ? OK : unknown(err);
	}
	TRY(write_prepare(&s, w, "colleague_count", err));
	TRY(count_of(s, &n, err));
	if (n >= ACT_COLLEAGUES_MAX)
		return err_limit(err, "colleague.many", "", n + 1, ACT_COLLEAGUES_MAX,
		                 "at most %d colleagues can be kept", ACT_COLLEAGUES_MAX);
	TRY(write_prepare(&s, w, "colleague_add", err));
	TRY(bind_and_run(s, k, (int64_t)k->from_arrival, err));
	k->id = write_last_id(w);
	return OK;
}

enum err_code act_colleague_save(struct act *a, struct act_colleague *k, struct err *err)
{
	struct act_colleague copy = *k;
	TRY(check(k, err));
	copy.changed_ms = act_now(a);
	copy.from_arrival = store_arrival_end(a->st);
	TRY(store_write(a->st, save_write, &copy, err));
	*k = copy;
	return OK;
}

static enum err_code drop_write(void *ctx, struct store_write *w, struct err *err)
{
	const int64_t *id = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "praise_forget_colleague", err));
	stmt_bind_i64(s, 1, *id);
	TRY(run(s, err));
	TRY(write_prepare(&s, w, "colleague_drop", err));
	stmt_bind_i64(s, 1, *id);
	TRY(run(s, err));
	return write_changes(w) ? OK : unknown(err);
}

enum err_code act_colleague_delete(struct act *a, int64_t id, struct err *err)
{
	return store_write(a->st, drop_write, &id, err);
}
