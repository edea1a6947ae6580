/* What is held of one customer: all of it as a file, and erasing it. */
#include "http/priv.h"

#define EXPORT_BYTES_MAX (192 * MIB)

HANDLER(get_customer_export)
{
	struct ask *ask;
	TRY(need_ask(c, &ask, err));
	buf_done(&c->out);
	buf_init(&c->out, EXPORT_BYTES_MAX);
	TRY(rights_export(c->h->opt.rights, ask, c->params[0], &c->out, err));
	answer_header(c, "Content-Disposition", STR("attachment; filename=\"customer.json\""));
	answer_header(c, "Cache-Control", STR("no-store"));
	return OK;
}

static void put_receipt(struct json_out *o, const struct rights_receipt *t)
{
	json_open(o, '{');
	json_kv_i64(o, "id", t->id);
	json_kv_z(o, "state", rights_state_names[t->state]);
	json_kv_i64(o, "asked_ms", t->asked_ms);
	json_key(o, "done_ms");
	if (t->done_ms) json_put_i64(o, t->done_ms);
	else json_put_null(o);
	json_kv_str(o, "author", t->author);
	json_kv_str(o, "reason", t->reason);
	open_list(o, "erased");
	for (size_t i = 0; i < t->n_counts; i++) {
		json_open(o, '{');
		json_kv_str(o, "kind", t->counts[i].kind);
		json_kv_i64(o, "n", t->counts[i].n);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

/* The id is said twice, in the address and in the body, so that no slip of a finger erases anybody. */
static enum err_code confirmed(struct http_call *c, struct err *err)
{
	struct str said;
	TRY(body_text(c, "confirm", true, &said, err));
	if (str_eq(said, c->params[0])) return OK;
	(void)err_set(err, ERR_INPUT, "rights.confirm", "confirm", "\"confirm\" is not the id of the customer");
	err_hint(err, "Type the customer's id to confirm: erasing cannot be undone.");
	return ERR_INPUT;
}

HANDLER(post_customer_erase)
{
	struct ask *ask;
	struct str reason = STR("");
	struct rights_receipt t = { 0 };
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(confirmed(c, err));
	TRY(body_text(c, "reason", false, &reason, err));
	TRY(rights_erase(c->h->opt.rights, ask, c->params[0], c->local ? STR("local") : c->session.user.login, reason,
	                 c->arena, &t, err));
	atomic_fetch_add(&c->h->map_generation, 1); /* what was measured counted them */
	http_news(c->h);
	json_out_init(&o, &c->out);
	put_receipt(&o, &t);
	return OK;
}

HANDLER(get_erasures)
{
	struct rights_receipt *list;
	size_t n;
	int64_t limit, at_ms = 0;
	struct json_out o;
	const struct str id = query_get(c, "id");
	TRY(query_i64(c, "limit", 1, RIGHTS_PAGE_MAX, 50, &limit, err));
	if (id.len) TRY(rights_erased(c->h->opt.rights, id, &at_ms, err));
	TRY(rights_receipts(c->h->opt.rights, (size_t)limit, c->arena, &list, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "erased_ms");
	if (at_ms) json_put_i64(&o, at_ms);
	else json_put_null(&o);
	open_list(&o, "erasures");
	for (size_t i = 0; i < n; i++) put_receipt(&o, &list[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}
