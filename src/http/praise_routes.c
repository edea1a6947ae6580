/* Colleagues who can be praised, and what customers said about them. */
#include "http/priv.h"

/* --- colleagues ------------------------------------------------------------------------------------- */

static void put_colleague(struct json_out *o, const struct act_colleague *k)
{
	json_open(o, '{');
	json_kv_i64(o, "id", k->id);
	json_kv_str(o, "name", k->name);
	open_list(o, "spellings");
	for (size_t i = 0; i < k->n_spellings; i++) json_put_str(o, k->spellings[i]);
	json_close(o, ']');
	json_kv_str(o, "unit", k->unit);
	json_kv_str(o, "login", k->login);
	json_kv_str(o, "mail", k->mail);
	json_kv_str(o, "lang", k->lang);
	json_kv_i64(o, "changed_ms", k->changed_ms);
	json_kv_str(o, "author", k->author);
	json_close(o, '}');
}

HANDLER(get_colleagues)
{
	struct act_colleague *list;
	size_t n;
	struct json_out o;
	TRY(act_colleagues(c->h->opt.act, c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "colleagues");
	for (size_t i = 0; i < n; i++)
		if (call_sees(c, list[i].unit)) put_colleague(&o, &list[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static enum err_code id_read(struct http_call *c, int64_t *out, struct err *err)
{
	if (str_to_i64(c->params[0], out) && *out >= 1) return OK;
	return err_set(err, ERR_NOT_FOUND, "http.path", "", "there is nothing at this address");
}

static enum err_code save(struct http_call *c, int64_t id, struct err *err)
{
	struct act_colleague k = { .id = id, .author = call_author(c) };
	struct str *spellings = NULL;
	TRY(body_text(c, "name", true, &k.name, err));
	TRY(texts_read(c, "spellings", &spellings, &k.n_spellings, err));
	for (size_t i = 0; i < k.n_spellings; i++) k.spellings[i] = spellings[i];
	TRY(body_text(c, "unit", false, &k.unit, err));
	TRY(body_text(c, "login", false, &k.login, err));
	TRY(body_text(c, "mail", false, &k.mail, err));
	TRY(body_text(c, "lang", false, &k.lang, err));
	TRY(act_colleague_save(c->h->opt.act, &k, err));
	c->status = id ? 200 : 201;
	return get_colleagues(c, err);
}

HANDLER(post_colleagues)
{
	return save(c, 0, err);
}

HANDLER(put_colleague_one)
{
	int64_t id;
	TRY(id_read(c, &id, err));
	return save(c, id, err);
}

HANDLER(delete_colleague)
{
	int64_t id;
	TRY(id_read(c, &id, err));
	TRY(act_colleague_delete(c->h->opt.act, id, err));
	answer_empty(c, 204);
	return OK;
}

/* --- praise ------------------------------------------------------------------------------------------ */

/* of=me (also without it), team, or the number of a colleague. */
static enum err_code of_read(struct http_call *c, struct act_praise_filter *f, struct err *err)
{
	const struct str of = query_get(c, "of");
	if (!of.len || str_eq(of, STR("me"))) {
		f->login = call_author(c);
		return OK;
	}
	if (!str_eq(of, STR("team")) && (!str_to_i64(of, &f->colleague) || f->colleague < 1))
		return err_set(err, ERR_INPUT, "praise.of", "of", "praise is of me, team or the number of a colleague");
	if (c->role < GOVERN_ANALYST)
		return err_set(err, ERR_DENIED, "praise.denied", "of", "praise of others is shown to analysts");
	f->unit = call_unit(c);
	return OK;
}

/* "TIME.ARRIVAL.COLLEAGUE", as an earlier page gave it. */
static enum err_code cursor_read(struct http_call *c, struct act_praise_filter *f, struct err *err)
{
	int64_t at[] = { INT64_MAX, INT64_MAX, INT64_MAX };
	const struct str text = query_get(c, "cursor");
	struct str rest = text;
	for (size_t i = 0; text.len && i < COUNT_OF(at); i++) {
		const size_t end = i + 1 < COUNT_OF(at) ? str_find(rest, '.') : rest.len;
		if (!str_to_i64(str_cut(rest, 0, end), &at[i]) || (i == 1 && at[i] < 0))
			return err_set(err, ERR_INPUT, "http.cursor", "cursor", "this is not a place in the list");
		rest = str_cut(rest, end + 1, rest.len);
	}
	f->at_ms = at[0];
	f->arrival = (uint64_t)at[1];
	f->behind = at[2];
	return OK;
}

static void put_praise(struct json_out *o, const struct act_praise *p)
{
	json_open(o, '{');
	json_kv_i64(o, "arrival", (int64_t)p->arrival);
	json_kv_i64(o, "colleague", p->colleague);
	json_kv_str(o, "name", p->name);
	json_kv_str(o, "words", p->words);
	json_kv_bool(o, "held", p->held);
	json_kv_i64(o, "at_ms", p->at_ms);
	json_kv_str(o, "unit", p->unit);
	json_kv_str(o, "comment", p->comment);
	json_close(o, '}');
}

HANDLER(get_praise)
{
	struct act_praise_filter f = { .unit = STR("") };
	struct act_praise *list;
	size_t n;
	int64_t limit;
	struct json_out o;
	TRY(query_i64(c, "limit", 1, ACT_PAGE_MAX, 50, &limit, err));
	TRY(of_read(c, &f, err));
	TRY(cursor_read(c, &f, err));
	TRY(feedback_fresh(c, err));
	TRY(act_praise_list(c->h->opt.act, &f, (size_t)limit, c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "praise");
	for (size_t i = 0; i < n; i++) put_praise(&o, &list[i]);
	json_close(&o, ']');
	json_key(&o, "next");
	if (n == (size_t)limit)
		json_put_str(&o, str_format(c->arena, "%lld.%llu.%lld", (long long)list[n - 1].at_ms,
		                            (unsigned long long)list[n - 1].arrival, (long long)list[n - 1].colleague));
	else json_put_null(&o);
	json_close(&o, '}');
	return OK;
}

/* A few are counted for the colleague and for administrators alone. */
static bool may_count(const struct http_call *c, const struct act_praised *p)
{
	return p->n >= ACT_PRAISED_MIN || c->role >= GOVERN_ADMINISTRATOR ||
	       (p->login.len && str_eq(p->login, call_author(c)));
}

HANDLER(get_praise_counts)
{
	struct act_praised *list;
	size_t n;
	int64_t from = INT64_MIN, to = INT64_MAX;
	struct json_out o;
	TRY(time_read(c, "from", &from, err));
	TRY(time_read(c, "to", &to, err));
	TRY(feedback_fresh(c, err));
	TRY(act_praise_counts(c->h->opt.act, call_unit(c), from, to, c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "at_least", ACT_PRAISED_MIN);
	open_list(&o, "colleagues");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "colleague", list[i].colleague);
		json_kv_str(&o, "name", list[i].name);
		json_kv_str(&o, "unit", list[i].unit);
		json_key(&o, "n");
		if (may_count(c, &list[i])) json_put_i64(&o, list[i].n);
		else json_put_null(&o);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

enum err_code praised_put(struct json_out *o, struct http_call *c, const struct inbox_row *r, struct err *err)
{
	struct act_praise *list = NULL;
	size_t n = 0;
	if (r->comment.len) TRY(act_praise_of(c->h->opt.act, r->arrival, c->arena, &list, &n, err));
	open_list(o, "praise");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_i64(o, "colleague", list[i].colleague);
		json_kv_str(o, "name", list[i].name);
		json_kv_str(o, "words", list[i].words);
		json_kv_bool(o, "held", list[i].held);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

/* {"colleague":ID} is the one who is meant; null: none of them. */
HANDLER(post_feedback_praise)
{
	uint64_t arrival = 0;
	int64_t colleague = 0;
	struct str raw;
	TRY(feedback_arrival(c, &arrival, err));
	if (!json_get(c->body, STR("colleague"), &raw) ||
	    (!str_eq(raw, STR("null")) && (!json_get_i64(c->body, STR("colleague"), &colleague) || colleague < 1)))
		return err_set(err, ERR_INPUT, "http.missing", "colleague", "\"colleague\" is a number or null");
	TRY(act_praise_settle(c->h->opt.act, arrival, colleague, err));
	return feedback_answer(c, arrival, err);
}
