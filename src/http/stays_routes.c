/* How long customers stay. */
#include <math.h>

#include "http/priv.h"

static void put_side(struct json_out *o, const char *key, double days)
{
	json_key(o, key);
	if (isfinite(days)) json_put_double(o, days);
	else json_put_null(o);
}

/* The median is told of five and more; a side that is not reached is null. */
static void put_median(struct json_out *o, const struct stats_median *m)
{
	json_key(o, "median_days");
	json_open(o, '{');
	put_side(o, "est", m->est);
	put_side(o, "lo", m->lo);
	put_side(o, "hi", m->hi);
	json_close(o, '}');
}

static void put_points(struct json_out *o, const struct ask_stay_group *g)
{
	open_list(o, "curve");
	for (size_t i = 0; i < g->n_points; i++) {
		json_open(o, '{');
		json_kv_double(o, "days", g->points[i].days);
		json_kv_i64(o, "at_risk", g->points[i].at_risk);
		put_estimate(o, "left", &g->points[i].left);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_group(struct json_out *o, const struct ask_stay_group *g)
{
	json_kv_i64(o, "customers", g->customers);
	json_kv_i64(o, "gone", g->gone);
	json_kv_i64(o, "came_back", g->back);
	put_median(o, &g->median);
	put_estimate(o, "within_days", &g->within);
	put_points(o, g);
}

static void put_groups(struct json_out *o, const struct ask_stays *s)
{
	open_list(o, "groups");
	for (size_t i = 0; i < s->n_groups; i++) {
		json_open(o, '{');
		json_kv_str(o, "value", s->groups[i].name);
		json_kv_bool(o, "others", s->groups[i].others);
		put_group(o, &s->groups[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

HANDLER(get_stays)
{
	struct ask *ask;
	struct question q;
	struct ask_stays_question what = { .activity = query_get(c, "activity"), .by = query_get(c, "by") };
	struct ask_stays s;
	struct json_out o;
	int64_t any;
	TRY(need_ask(c, &ask, err));
	TRY(query_i64(c, "any", 0, 1, 0, &any, err));
	what.any = any;
	TRY(span_read(c, "pause", 0, &what.pause_ms, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_stays(ask, &q.query, &what, c->arena, &s, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_key(&o, "pause_ms");
		if (s.pause_ms) json_put_i64(&o, s.pause_ms);
		else json_put_null(&o);
		json_kv_z(&o, "pause", s.asked ? "asked" : s.pause_ms ? "chosen" : "few");
		json_kv_i64(&o, "gaps", s.gaps);
		json_kv_bool(&o, "bought", s.bought);
		put_purchase(&o, s.purchase);
		json_kv_double(&o, "horizon_days", s.horizon_days);
		put_groups(&o, &s);
		json_key(&o, "all");
		json_open(&o, '{');
		put_group(&o, &s.all);
		json_close(&o, '}');
		json_key(&o, "logrank");
		if (s.differ.df > 0) {
			json_open(&o, '{');
			json_kv_double(&o, "chi2", s.differ.chi2);
			json_kv_i64(&o, "df", s.differ.df);
			json_kv_double(&o, "p", s.differ.p);
			json_close(&o, '}');
		} else json_put_null(&o);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}
