/* How journeys begin, and the credit of the contacts on the way to the first outcome. */
#include "http/priv.h"

static enum err_code begin_ask(struct http_call *c, bool credit, struct question *q, struct ask_begin *out,
                               struct err *err)
{
	struct ask *ask;
	const struct ask_begin_question what = { .by = query_get(c, "by"),
		                                 .outcome = query_get(c, "outcome"),
		                                 .currency = query_get(c, "currency") };
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, q, err));
	const enum err_code rc = ask_begin(ask, &q->query, &what, credit, c->arena, out, err);
	if (rc != OK) cache_put(c->h->cache, q->map);
	return rc;
}

static void put_row(struct json_out *o, const struct ask_begin_row *r)
{
	json_kv_i64(o, "customers", r->customers);
	json_kv_i64(o, "indirect", r->indirect);
	put_estimate(o, "converted", &r->converted);
	put_estimate(o, "feeling", &r->feeling);
	put_estimate(o, "later", &r->later);
	put_estimate(o, "days", &r->days);
}

HANDLER(get_beginnings)
{
	static const char *const ways[] = { "direct", "indirect" };
	struct question q;
	struct ask_begin b;
	struct json_out o;
	TRY(begin_ask(c, false, &q, &b, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "rows");
	for (size_t i = 0; i < b.n_rows; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "value", b.rows[i].name);
		json_kv_bool(&o, "others", b.rows[i].others);
		put_row(&o, &b.rows[i]);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	open_list(&o, "ways");
	for (size_t i = 0; b.n_rows && i < COUNT_OF(ways); i++) {
		json_open(&o, '{');
		json_kv_z(&o, "way", ways[i]);
		put_row(&o, &b.ways[i]);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_key(&o, "all");
	json_open(&o, '{');
	put_row(&o, &b.all);
	json_close(&o, '}');
	json_kv_bool(&o, "outcomes", b.outcomes);
	put_purchase(&o, b.purchase);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return OK;
}

static void put_credit(struct json_out *o, const struct ask_credit_row *r, bool money)
{
	json_open(o, '{');
	json_kv_str(o, "channel", r->name);
	json_kv_bool(o, "others", r->others);
	json_kv_i64(o, "touched", r->credit.touched);
	json_kv_i64(o, "touched_converted", r->credit.touched_converted);
	for (int rule = 0; rule < STATS_CREDIT_RULES; rule++)
		put_estimate(o, stats_credit_names[rule], &r->credit.conversions[rule]);
	json_kv_double(o, "removal", r->credit.removal);
	json_key(o, "value_minor");
	if (money && r->credit.touched >= 5) {
		json_open(o, '{');
		for (int rule = 0; rule < STATS_CREDIT_RULES; rule++)
			json_kv_double(o, stats_credit_names[rule], r->credit.value[rule]);
		json_close(o, '}');
	} else json_put_null(o);
	json_close(o, '}');
}

HANDLER(get_credit)
{
	struct question q;
	struct ask_begin b;
	struct json_out o;
	TRY(begin_ask(c, true, &q, &b, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "channels");
	for (size_t i = 0; i < b.n_credit; i++) put_credit(&o, &b.credit[i], b.currency.len > 0);
	json_close(&o, ']');
	json_kv_i64(&o, "converted", b.sum.converted);
	json_kv_i64(&o, "lost", b.sum.lost);
	put_estimate(&o, "rate", &b.sum.rate);
	json_key(&o, "currency");
	if (b.currency.len) json_put_str(&o, b.currency);
	else json_put_null(&o);
	json_kv_double(&o, "value_minor", b.sum.value);
	json_kv_bool(&o, "outcomes", b.outcomes);
	put_purchase(&o, b.purchase);
	json_kv_z(&o, "proof", "none");
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return OK;
}
