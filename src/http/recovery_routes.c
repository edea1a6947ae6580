/* Service recovery: who stays after a bad experience, by how soon somebody got back to them. */
#include "base/when.h"
#include "http/priv.h"

static enum err_code recovery_read(struct http_call *c, struct journey_recovery_query *r, struct err *err)
{
	*r = (struct journey_recovery_query){ .after = query_get(c, "after"), .by = query_get(c, "by") };
	r->contact = query_get(c, "contact");
	r->stay = query_get(c, "stay");
	if (!r->contact.len)
		return err_set(err, ERR_INPUT, "recovery.contact", "contact", "say what getting back to a customer is");
	if (!r->stay.len) return err_set(err, ERR_INPUT, "recovery.stay", "stay", "say what staying is");
	TRY(number_read(c, "hurt", r->after.len ? 0 : 40, &r->hurt, err));
	if (!(r->hurt >= 0 && r->hurt <= 100))
		return err_set(err, ERR_INPUT, "recovery.score", "hurt", "a score lies between 0 and 100");
	TRY(span_read(c, "within", WHEN_DAY_MS, &r->within_ms, err));
	TRY(span_read(c, "later", 7 * WHEN_DAY_MS, &r->later_ms, err));
	return span_read(c, "window", 180 * WHEN_DAY_MS, &r->window_ms, err);
}

static void put_row(struct json_out *o, const struct journey_recovery_row *r)
{
	json_open(o, '{');
	json_key(o, "value");
	if (r->all) json_put_null(o);
	else json_put_str(o, r->value);
	json_kv_z(o, "contact", journey_recovery_contact_names[r->contact]);
	json_kv_i64(o, "customers", r->customers);
	json_kv_i64(o, "stayed", r->stayed);
	put_estimate(o, "rate", &r->rate);
	put_estimate(o, "diff", &r->diff);
	put_estimate(o, "raw_diff", &r->raw_diff);
	json_kv_double(o, "p", r->p);
	json_kv_double(o, "p_adjusted", r->p_adjusted);
	json_close(o, '}');
}

HANDLER(get_recovery)
{
	struct ask *ask;
	struct question q;
	struct journey_recovery_query what;
	struct journey_recovery r;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(recovery_read(c, &what, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_recovery(ask, &q.query, &what, c->arena, &r, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_str(&o, "after", what.after);
		json_kv_double(&o, "hurt", what.hurt);
		json_kv_str(&o, "contact", what.contact);
		json_kv_str(&o, "stay", what.stay);
		json_kv_i64(&o, "within_ms", what.within_ms);
		json_kv_i64(&o, "later_ms", what.later_ms);
		json_kv_i64(&o, "window_ms", what.window_ms);
		json_kv_str(&o, "by", what.by);
		json_kv_i64(&o, "hurt_customers", r.hurt);
		json_kv_i64(&o, "too_short", r.too_short);
		json_kv_i64(&o, "back", r.back);
		json_kv_i64(&o, "values_left_out", (int64_t)r.left_out);
		open_list(&o, "groups");
		for (size_t i = 0; i < r.n_rows; i++) put_row(&o, &r.rows[i]);
		json_close(&o, ']');
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}
