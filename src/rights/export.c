/* All that is held of a person, as one document. */
#include "rights/priv.h"

struct writing {
	struct rights *r;
	struct json_out *o;
	struct buf *out;
};

static enum err_code put_rows(struct writing *k, const struct store_personal *p, struct str who, int64_t number,
                              struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	TRY(stmt_prepare(&s, k->r->st, p->show, err));
	if (p->by == PERSONAL_CUSTOMER || p->by == PERSONAL_DEVICE) stmt_bind_str(s, 1, who);
	else stmt_bind_i64(s, 1, number);
	while ((rc = stmt_step(s, &row, err)) == OK && row && !k->out->full) stmt_json(s, k->o);
	stmt_free(s);
	return rc == OK ? buf_check(k->out, err) : rc;
}

static enum err_code put_kind(struct writing *k, const struct store_personal *p, const struct rights_id *ids,
                              const struct ask_whole_person *who, struct err *err)
{
	if (p->by == PERSONAL_ARRIVAL) {
		for (size_t i = 0; i < who->n_arrivals; i++)
			TRY(put_rows(k, p, STR(""), (int64_t)who->arrivals[i], err));
		return OK;
	}
	for (size_t i = 0; i < who->n_identities; i++)
		if (p->by == PERSONAL_IDENTITY || asked_by(p, &ids[i]))
			TRY(put_rows(k, p, ids[i].external, ids[i].identity, err));
	return OK;
}

/* Rows that share a kind stand one behind the other in their module's list, and make one list here. */
static enum err_code put_records(struct writing *k, const struct rights_id *ids, const struct ask_whole_person *who,
                                 struct err *err)
{
	for (size_t m = 0; m < rights_holds_count; m++) {
		const struct store_personal *p = rights_holds[m];
		while (p->kind) {
			const char *kind = p->kind;
			json_key(k->o, kind);
			json_open(k->o, '[');
			for (; p->kind && strcmp(p->kind, kind) == 0; p++)
				if (p->show) TRY(put_kind(k, p, ids, who, err));
			json_close(k->o, ']');
		}
	}
	return OK;
}

static enum err_code put_block(void *ctx, const struct store_block *b, struct err *err)
{
	struct writing *k = ctx;
	for (size_t i = 0; i < b->n; i++) {
		const struct store_head *h = &b->heads[i];
		struct store_kind kind = { .name = STR(""), .channel = STR("") };
		if (!store_kind_get(k->r->st, h->kind, &kind)) continue;
		json_open(k->o, '{');
		json_kv_i64(k->o, "arrival", (int64_t)h->arrival);
		json_kv_i64(k->o, "at_ms", h->at_ms);
		json_kv_i64(k->o, "received_ms", h->received_ms);
		json_kv_i64(k->o, "source", h->source);
		json_kv_str(k->o, "name", kind.name);
		json_kv_str(k->o, "channel", kind.channel);
		json_key(k->o, "body");
		json_put_raw(k->o, b->bodies[i].len ? b->bodies[i] : STR("{}"));
		json_close(k->o, '}');
	}
	return buf_check(k->out, err);
}

static void put_ids(struct writing *k, const struct rights_id *ids, size_t n)
{
	json_key(k->o, "ids");
	json_open(k->o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(k->o, '{');
		json_kv_str(k->o, "id", ids[i].external);
		json_kv_bool(k->o, "anonymous", ids[i].anonymous);
		json_close(k->o, '}');
	}
	json_close(k->o, ']');
}

static enum err_code write_document(struct writing *k, struct str customer, const struct rights_id *ids,
                                    const struct ask_whole_person *who, struct err *err)
{
	json_open(k->o, '{');
	json_kv_str(k->o, "customer", customer);
	json_kv_i64(k->o, "exported_ms", k->r->opt.now_ms(k->r->opt.now_ctx));
	put_ids(k, ids, who->n_identities);
	json_key(k->o, "events");
	json_open(k->o, '[');
	TRY(store_fetch(k->r->st, who->arrivals, who->n_arrivals, true, put_block, k, err));
	json_close(k->o, ']');
	TRY(put_records(k, ids, who, err));
	json_close(k->o, '}');
	return buf_check(k->out, err);
}

enum err_code rights_export(struct rights *r, struct ask *ask, struct str customer, struct buf *out, struct err *err)
{
	struct arena a;
	struct json_out o;
	struct ask_whole_person who;
	struct rights_id *ids;
	struct writing k = { r, &o, out };
	arena_init(&a, 256 * MIB);
	json_out_init(&o, out);
	enum err_code rc = rights_person(r, ask, customer, &a, &who, &ids, err);
	if (rc == OK) rc = inbox_catch_up(r->opt.inbox, err);
	if (rc == OK) rc = insight_catch_up(r->opt.insight, err);
	if (rc == OK) rc = write_document(&k, customer, ids, &who, err);
	arena_done(&a);
	return rc;
}
