/* Outcome lift: which activities go with reaching an outcome. */
#include "http/priv.h"

static enum err_code lift_read(struct http_call *c, struct journey_lift_query *l, struct err *err)
{
	int64_t before;
	TRY(query_i64(c, "before", 0, 1, 0, &before, err));
	*l = (struct journey_lift_query){ .outcome = query_get(c, "outcome"), .before = before };
	return OK;
}

static void put_row(struct json_out *o, const struct journey_lift_row *r)
{
	json_open(o, '{');
	json_kv_str(o, "name", r->name);
	json_kv_i64(o, "cases", r->cases);
	json_kv_i64(o, "reached", r->reached);
	put_estimate(o, "rate", &r->rate);
	json_key(o, "without");
	json_open(o, '{');
	json_kv_i64(o, "cases", r->without_cases);
	json_kv_i64(o, "reached", r->without_reached);
	json_close(o, '}');
	put_estimate(o, "diff", &r->diff);
	json_kv_double(o, "p", r->p);
	json_kv_double(o, "p_adjusted", r->p_adjusted);
	json_close(o, '}');
}

HANDLER(get_lift)
{
	struct ask *ask;
	struct question q;
	struct journey_lift_query l;
	struct journey_lift r;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(lift_read(c, &l, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_lift(ask, &q.query, &l, c->arena, &r, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_str(&o, "outcome", l.outcome);
		json_kv_i64(&o, "cases", r.cases);
		json_kv_i64(&o, "reached", r.reached);
		put_estimate(&o, "rate", &r.rate);
		open_list(&o, "touchpoints");
		for (size_t i = 0; i < r.n_touchpoints; i++) put_row(&o, &r.touchpoints[i]);
		json_close(&o, ']');
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_lift_people)
{
	struct ask *ask;
	struct question q;
	struct journey_lift_query l;
	struct people_page page;
	struct ask_members people;
	struct json_out o;
	int64_t reached;
	TRY(need_ask(c, &ask, err));
	TRY(lift_read(c, &l, err));
	TRY(people_page(c, &page, err));
	TRY(query_i64(c, "reached", 0, 1, 1, &reached, err));
	l.people = true;
	l.reached = reached;
	l.name = query_get(c, "name");
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_lift_people(ask, &q.query, &l, page.cursor, page.limit, c->arena, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, q.map);
	return rc;
}
