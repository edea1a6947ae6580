/* Customers: finding them, one with its story, and who is one customer. */
#include "http/priv.h"

#define LIST_MAX 500

HANDLER(get_customers)
{
	struct ask *ask;
	struct ask_found *f;
	size_t n;
	int64_t limit;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(query_i64(c, "limit", 1, LIST_MAX, 50, &limit, err));
	struct str search = query_get(c, "search");
	TRY(ask_customers(ask, search.len ? search : STR(""), call_unit(c), (size_t)limit, c->arena, &f, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "customers");
	for (size_t i = 0; i < n; i++) {
		if (voice_shared_id(f[i].external)) continue;
		json_open(&o, '{');
		json_kv_str(&o, "customer", f[i].external);
		json_kv_i64(&o, "first_ms", f[i].first_ms);
		json_kv_i64(&o, "last_ms", f[i].last_ms);
		json_kv_i64(&o, "events", f[i].events);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static void put_event(struct json_out *o, const struct ask_event *e, const struct journey_rules *rules, bool log)
{
	json_open(o, '{');
	json_kv_i64(o, "arrival", (int64_t)e->arrival);
	json_kv_i64(o, "at_ms", e->at_ms);
	json_kv_str(o, "name", e->name);
	json_kv_str(o, "channel", e->channel);
	json_key(o, "touchpoint");
	if (rules && e->touchpoint >= 1 && e->touchpoint <= rules->n_touchpoints)
		json_put_str(o, rules->touchpoints[e->touchpoint - 1].key);
	else json_put_null(o);
	if (log) {
		json_kv_i64(o, "received_ms", e->received_ms);
		json_kv_i64(o, "source", e->source);
		json_kv_str(o, "type", e->type);
		json_key(o, "body");
		json_put_raw(o, e->body.len ? e->body : STR("{}"));
	}
	json_close(o, '}');
}

static void put_link(struct json_out *o, const struct ask_link *l)
{
	json_open(o, '{');
	json_kv_i64(o, "arrival", (int64_t)l->arrival);
	json_key(o, "at_ms");
	if (l->at_ms || l->by_hand) json_put_i64(o, l->at_ms);
	else json_put_null(o);
	open_list(o, "ids");
	for (int i = 0; i < 2; i++) {
		json_open(o, '{');
		json_kv_str(o, "id", l->id[i]);
		json_kv_bool(o, "anonymous", l->anonymous[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_kv_bool(o, "apart", l->apart);
	json_kv_bool(o, "by_hand", l->by_hand);
	json_kv_str(o, "author", l->author);
	json_kv_str(o, "reason", l->reason);
	json_close(o, '}');
}

/* Employees and observers speak under one id each, which is no customer's: their words are not read one by one. */
static enum err_code nobody(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "customer.shared", "customer",
	               "many people speak under this id; it has no page");
}

HANDLER(get_customer)
{
	struct ask *ask;
	struct question q;
	struct ask_customer p = { 0 };
	int64_t limit, bodies;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(query_i64(c, "limit", 1, 5000, 1000, &limit, err));
	TRY(query_i64(c, "bodies", 0, 1, 1, &bodies, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc =
	        ask_customer(ask, &q.query, c->params[0], call_unit(c), (size_t)limit, bodies, c->arena, &p, err);
	for (size_t i = 0; i < p.n_ids && rc == OK; i++)
		if (p.anonymous[i] && voice_shared_id(p.ids[i])) rc = nobody(err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "customer", p.external);
	open_list(&o, "ids");
	for (size_t i = 0; i < p.n_ids; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "id", p.ids[i]);
		json_kv_bool(&o, "anonymous", p.anonymous[i]);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	if (bodies) {
		json_key(&o, "traits");
		json_put_raw(&o, p.traits.len ? p.traits : STR("{}"));
		open_list(&o, "merges");
		for (size_t i = 0; i < p.n_links; i++) put_link(&o, &p.links[i]);
		json_close(&o, ']');
	}
	json_kv_i64(&o, "events_total", p.events_total);
	open_list(&o, "events");
	for (size_t i = 0; i < p.n_events; i++) put_event(&o, &p.events[i], q.query.rules, bodies);
	json_close(&o, ']');
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- by hand ------------------------------------------------------------------------------------------ */

typedef enum err_code (*decide_fn)(struct ask *a, struct str customer, struct str other, const struct store_said *said,
                                   uint64_t *arrival, struct err *err);

static enum err_code decide(struct http_call *c, const char *other_field, decide_fn fn, struct err *err)
{
	struct ask *ask;
	struct str other, reason = STR("");
	uint64_t arrival;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(body_text(c, other_field, true, &other, err));
	TRY(body_text(c, "reason", true, &reason, err));
	if (voice_shared_id(c->params[0]) || voice_shared_id(other)) return nobody(err);
	const struct store_said said = { .author = c->local ? STR("local") : c->session.user.login,
		                         .reason = reason,
		                         .at_ms = call_now(c) };
	TRY(fn(ask, c->params[0], other, &said, &arrival, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "arrival", (int64_t)arrival);
	json_close(&o, '}');
	return OK;
}

HANDLER(post_customer_merge)
{
	return decide(c, "with", ask_merge, err);
}

HANDLER(post_customer_unmerge)
{
	return decide(c, "id", ask_unmerge, err);
}
