/* What staff reported before customers felt it, by touchpoint. */
#include "base/when.h"
#include "http/priv.h"

static void put_day(struct json_out *o, const char *key, double day, bool there)
{
	json_key(o, key);
	if (there) json_put_i64(o, (int64_t)day * WHEN_DAY_MS);
	else json_put_null(o);
}

static void put_change(struct json_out *o, const char *key, const struct stats_change *c, double p_adjusted)
{
	const bool there = !(c->at.flags & STATS_NOT_IDENTIFIED);
	json_key(o, key);
	json_open(o, '{');
	put_day(o, "at_ms", c->at.est, there);
	put_day(o, "lo_ms", c->at.lo, there);
	put_day(o, "hi_ms", c->at.hi, there);
	json_key(o, "before");
	if (there) json_put_double(o, c->before);
	else json_put_null(o);
	json_key(o, "after");
	if (there) json_put_double(o, c->after);
	else json_put_null(o);
	json_kv_double(o, "p", c->p);
	json_kv_double(o, "p_adjusted", p_adjusted);
	json_close(o, '}');
}

static void put_row(struct json_out *o, const struct journey_lead_row *r)
{
	json_open(o, '{');
	json_kv_str(o, "name", r->name);
	json_kv_i64(o, "visits", r->visits);
	json_kv_i64(o, "answers", r->answers);
	json_kv_i64(o, "reports", r->reports);
	put_change(o, "staff", &r->staff, r->staff_p);
	put_change(o, "scores", &r->scores, r->scores_p);
	put_estimate(o, "lead", &r->lead);
	json_kv_bool(o, "ahead", r->ahead);
	json_close(o, '}');
}

HANDLER(get_lead)
{
	struct ask *ask;
	struct question q;
	struct journey_lead r;
	struct json_out o;
	struct journey_lead_query what = { .staff = query_get(c, "staff"), .about = query_get(c, "about") };
	if (!what.staff.len) what.staff = STR("Staff Note");
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_lead(ask, &q.query, &what, c->arena, &r, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_str(&o, "staff", what.staff);
		open_list(&o, "touchpoints");
		for (size_t i = 0; i < r.n_rows; i++) put_row(&o, &r.rows[i]);
		json_close(&o, ']');
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}
