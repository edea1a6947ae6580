/* What goes wrong between events: doing it again, hand-overs between channels, waits. */
#include "http/priv.h"

/* --- rework -------------------------------------------------------------------------------------- */

static void put_pairs(struct json_out *o, const char *key, const char *a, const char *b, const struct journey_rework *r,
                      const struct journey_rework_pair *list, size_t n)
{
	open_list(o, key);
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_str(o, a, r->activities[list[i].a].name);
		json_kv_str(o, b, r->activities[list[i].b].name);
		json_kv_i64(o, "count", list[i].count);
		json_kv_i64(o, "cases", list[i].cases);
		json_kv_i64(o, "customers", list[i].customers);
		json_close(o, '}');
	}
	json_close(o, ']');
}

HANDLER(get_rework)
{
	struct ask *ask;
	struct question q;
	struct journey_rework r = { 0 };
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_rework(ask, &q.query, c->arena, &r, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "cases", r.cases);
	open_list(&o, "activities");
	for (size_t i = 0; i < r.n_activities; i++) {
		const struct journey_rework_activity *a = &r.activities[i];
		json_open(&o, '{');
		json_kv_str(&o, "name", a->name);
		json_kv_i64(&o, "count", a->count);
		json_kv_i64(&o, "cases", a->cases);
		json_kv_i64(&o, "repeated_cases", a->repeated_cases);
		json_kv_i64(&o, "repeated_customers", a->repeated_customers);
		json_kv_i64(&o, "repeats", a->repeats);
		json_kv_i64(&o, "self_loops", a->self_loops);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_pairs(&o, "loops", "from", "to", &r, r.loops, r.n_loops);
	put_pairs(&o, "pingpong", "a", "b", &r, r.pingpong, r.n_pingpong);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

static enum err_code rework_figure(struct http_call *c, struct ask_rework_figure *out, struct err *err)
{
	static const struct {
		const char *a, *b;
		enum journey_rework_part part;
	} parts[] = { { "name", NULL, JOURNEY_REWORK_REPEATED },
		      { "loop_from", "loop_to", JOURNEY_REWORK_LOOP },
		      { "ping", "pong", JOURNEY_REWORK_PINGPONG } };
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct str a = query_get(c, parts[i].a), b = parts[i].b ? query_get(c, parts[i].b) : STR("");
		if (!a.len) continue;
		*out = (struct ask_rework_figure){ .part = parts[i].part, .a = a, .b = b };
		if (!parts[i].b || b.len) return OK;
		return err_set(err, ERR_INPUT, "rework.figure", parts[i].b, "\"%s\" is missing beside \"%s\"",
		               parts[i].b, parts[i].a);
	}
	return err_set(err, ERR_INPUT, "rework.figure", "name",
	               "say whose people: name, loop_from with loop_to, or ping with pong");
}

HANDLER(get_rework_people)
{
	struct ask *ask;
	struct question q;
	struct people_page page;
	struct ask_rework_figure figure;
	struct ask_members m;
	struct json_out o;
	TRY(rework_figure(c, &figure, err));
	TRY(people_page(c, &page, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_rework_people(ask, &q.query, &figure, page.cursor, page.limit, c->arena, &m, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &m);
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- hand-overs ------------------------------------------------------------------------------------ */

HANDLER(get_handovers)
{
	struct ask *ask;
	struct question q;
	struct journey_handovers h = { 0 };
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_handovers(ask, &q.query, c->arena, &h, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "cases", h.cases);
	json_kv_i64(&o, "crossing", h.crossing);
	open_list(&o, "handovers");
	for (size_t i = 0; i < h.n; i++) {
		const struct journey_handover *x = &h.list[i];
		json_open(&o, '{');
		json_kv_str(&o, "from", x->from);
		json_kv_str(&o, "to", x->to);
		json_kv_i64(&o, "count", x->count);
		json_kv_i64(&o, "customers", x->customers);
		json_kv_double(&o, "p50_ms", x->times.p50);
		json_kv_double(&o, "p90_ms", x->times.p90);
		put_estimate(&o, "before", &x->before);
		put_estimate(&o, "after", &x->after);
		put_estimate(&o, "diff", &x->diff);
		json_kv_i64(&o, "ended", x->ended);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_handover_people)
{
	struct ask *ask;
	struct question q;
	struct people_page page;
	struct ask_members m;
	struct json_out o;
	const struct journey_handover_figure figure = { query_get(c, "hand_from"), query_get(c, "hand_to") };
	if (!figure.from.len || !figure.to.len)
		return err_set(err, ERR_INPUT, "handovers.figure", figure.from.len ? "hand_to" : "hand_from",
		               "a hand-over has two channels: hand_from and hand_to");
	TRY(people_page(c, &page, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_handover_people(ask, &q.query, &figure, page.cursor, page.limit, c->arena, &m, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &m);
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- bottlenecks ------------------------------------------------------------------------------------- */

HANDLER(get_bottlenecks)
{
	struct ask *ask;
	struct question q;
	struct journey_bottlenecks b = { 0 };
	struct json_out o;
	int64_t target;
	TRY(span_read(c, "target", 0, &target, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_bottlenecks(ask, &q.query, target, c->arena, &b, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "target_ms", target);
	json_kv_i64(&o, "total_ms", b.total_ms);
	open_list(&o, "edges");
	for (size_t i = 0; i < b.n; i++) {
		const struct journey_bottleneck *e = &b.edges[i];
		json_open(&o, '{');
		json_kv_str(&o, "from", e->from);
		json_kv_str(&o, "to", e->to);
		json_kv_i64(&o, "n", e->times.n);
		json_kv_double(&o, "p50_ms", e->times.p50);
		json_kv_double(&o, "p50_lo_ms", e->times.p50_lo);
		json_kv_double(&o, "p50_hi_ms", e->times.p50_hi);
		json_kv_double(&o, "p90_ms", e->times.p90);
		json_kv_i64(&o, "total_ms", e->total_ms);
		json_kv_double(&o, "share", e->share);
		json_kv_double(&o, "score", e->score);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}
