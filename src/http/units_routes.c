/* Figures by unit of the organisation. */
#include "http/priv.h"

static void put_unit(struct json_out *o, const struct journey_unit *u)
{
	json_open(o, '{');
	json_kv_str(o, "path", u->path);
	json_kv_str(o, "name", u->name);
	json_key(o, "parent");
	if (u->parent == SIZE_MAX) json_put_null(o);
	else json_put_i64(o, (int64_t)u->parent);
	json_kv_i64(o, "depth", u->depth);
	json_kv_bool(o, "unknown", u->unknown);
	json_kv_i64(o, "n", u->n);
	json_kv_i64(o, "customers", u->customers);
	json_kv_i64(o, "answers", u->answers);
	put_estimate(o, "score", &u->score);
	json_close(o, '}');
}

HANDLER(get_units)
{
	struct ask *ask;
	struct question q;
	struct journey_units r = { 0 };
	struct json_out o;
	struct str dimension = query_get(c, "dimension");
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_units(ask, &q.query, dimension.len ? dimension : STR("unit"), c->arena, &r, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "units");
	for (size_t i = 0; i < r.n; i++) put_unit(&o, &r.list[i]);
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}
