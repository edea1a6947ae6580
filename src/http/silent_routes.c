/* The silent majority: what those would have said who did not answer. */
#include <math.h>

#include "http/priv.h"

static void put_who(struct json_out *o, const char *who, int64_t customers, const struct stats_estimate *e)
{
	json_open(o, '{');
	json_kv_z(o, "who", who);
	json_kv_i64(o, "customers", customers);
	put_estimate(o, "score", e);
	json_close(o, '}');
}

/* Figures of a fit that there is; null without one. */
static void put_fit(struct json_out *o, const char *key, double x, bool there)
{
	json_key(o, key);
	if (there && isfinite(x)) json_put_double(o, x);
	else json_put_null(o);
}

HANDLER(get_silent)
{
	struct ask *ask;
	struct question q;
	struct stats_silent r;
	struct json_out o;
	const struct journey_silent_query what = { .about = query_get(c, "about"), .asked = query_get(c, "asked") };
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_silent(ask, &q.query, &what, &r, err);
	if (rc == OK) {
		const bool fit = !(r.everybody.flags & STATS_NOT_IDENTIFIED);
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_str(&o, "about", what.about);
		json_key(&o, "asked");
		if (what.asked.len) json_put_str(&o, what.asked);
		else json_put_null(&o);
		put_estimate(&o, "rate", &r.response.rate);
		open_list(&o, "scores");
		put_who(&o, "answered", r.answered, &r.raw);
		put_who(&o, "silent", r.silent, &r.predicted);
		put_who(&o, "everybody", r.answered + r.silent, &r.everybody);
		json_close(&o, ']');
		put_fit(&o, "r2", r.r2, r.answered >= STATS_SILENT_MIN);
		put_fit(&o, "rmse", r.rmse, r.answered >= STATS_SILENT_MIN);
		put_fit(&o, "outside", r.outside, fit);
		put_estimate(&o, "auc", &r.response.auc);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}
