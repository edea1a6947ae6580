/* Questions outside the map page: flow, variants, touchpoints, inventory, values. */
#include "http/priv.h"
#include "stats/stats.h"

#define LIST_MAX 500

/* --- flow ------------------------------------------------------------------------------------------ */

static void put_ends(struct json_out *o, const char *key, const struct journey_dfg *d, const int64_t *counts)
{
	open_list(o, key);
	for (size_t i = 0; i < d->n_activities; i++) {
		if (!counts[i]) continue;
		json_open(o, '{');
		json_kv_str(o, "name", d->activities[i].name);
		json_kv_i64(o, "count", counts[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* Of a directly-follows graph. */
struct graph_parts {
	unsigned parts; /* of journey_flow_new */
	bool edges, variants;
};

static enum err_code graph_read(struct http_call *c, struct graph_parts *out, struct err *err)
{
	static const char *const times[] = { "quantiles", "mean", "none" };
	static const unsigned parts[] = { JOURNEY_FLOW_EDGES, JOURNEY_FLOW_MEANS, JOURNEY_FLOW_COUNTS };
	size_t chosen;
	int64_t edges, variants;
	TRY(choice_read(c, "times", times, COUNT_OF(times), 0, &chosen, err));
	TRY(query_i64(c, "edges", 0, 1, 1, &edges, err));
	TRY(query_i64(c, "variants", 0, 1, 1, &variants, err));
	out->edges = edges;
	out->variants = variants;
	out->parts = parts[chosen] | (variants ? JOURNEY_FLOW_VARIANTS : 0);
	return OK;
}

static void put_edges(struct json_out *o, const struct journey_dfg *d)
{
	open_list(o, "edges");
	for (size_t i = 0; i < d->n_edges; i++) {
		const struct journey_edge *e = &d->edges[i];
		json_open(o, '{');
		json_kv_str(o, "from", d->activities[e->from].name);
		json_kv_str(o, "to", d->activities[e->to].name);
		json_kv_i64(o, "count", e->count);
		json_kv_i64(o, "customers", e->customers);
		json_kv_double(o, "mean_ms", e->mean_ms);
		json_kv_double(o, "p50_ms", e->p50_ms);
		json_kv_double(o, "p90_ms", e->p90_ms);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* What was not asked for is null; edges are left out. */
static void put_dfg(struct json_out *o, const struct journey_dfg *d, const struct graph_parts *what)
{
	json_open(o, '{');
	json_kv_i64(o, "events", d->events);
	json_kv_i64(o, "customers", d->customers);
	json_kv_i64(o, "cases", d->cases);
	open_list(o, "activities");
	for (size_t i = 0; i < d->n_activities; i++) {
		json_open(o, '{');
		json_kv_str(o, "name", d->activities[i].name);
		json_kv_i64(o, "count", d->activities[i].count);
		json_kv_i64(o, "customers", d->activities[i].customers);
		json_close(o, '}');
	}
	json_close(o, ']');
	if (what->edges) put_edges(o, d);
	put_ends(o, "starts", d, d->starts);
	put_ends(o, "ends", d, d->ends);
	json_key(o, "variants");
	if (what->variants) json_put_i64(o, d->variants);
	else json_put_null(o);
}

HANDLER(get_dfg)
{
	struct ask *ask;
	struct question q;
	struct graph_parts what;
	struct journey_dfg d = { 0 };
	struct json_out o;
	TRY(graph_read(c, &what, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_dfg(ask, &q.query, what.parts, c->arena, &d, err);
	json_out_init(&o, &c->out);
	if (rc == OK) {
		put_dfg(&o, &d, &what);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

#define CUT_MAX 1000

HANDLER(get_variants)
{
	struct ask *ask;
	struct question q;
	struct journey_variants v = { 0 };
	struct json_out o;
	int64_t top, cut;
	TRY(need_ask(c, &ask, err));
	TRY(query_i64(c, "top", 0, 10000, 10, &top, err));
	TRY(query_i64(c, "cut", 0, CUT_MAX, 0, &cut, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_variants(ask, &q.query, (size_t)top, (uint32_t)cut, c->arena, &v, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "variants", v.variants);
	json_kv_i64(&o, "cases", v.cases);
	open_list(&o, "top");
	for (size_t i = 0; i < v.n_top; i++) {
		json_open(&o, '{');
		open_list(&o, "steps");
		for (size_t k = 0; k < v.top[i].n_steps; k++) json_put_str(&o, v.activities[v.top[i].steps[k]]);
		json_close(&o, ']');
		json_kv_i64(&o, "count", v.top[i].count);
		json_kv_i64(&o, "customers", v.top[i].customers);
		json_kv_str(&o, "id", str_format(c->arena, "%016llx", (unsigned long long)v.top[i].id));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

/* 16 hexadecimal digits, as variants tell them. */
static enum err_code id_read(struct http_call *c, uint64_t *out, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	struct str text = query_get(c, "id");
	uint64_t id = 0;
	for (size_t i = 0; i < text.len; i++) {
		const char *at = memchr(digits, text.ptr[i], 16);
		if (!at || text.len != 16)
			return err_set(err, ERR_INPUT, "variants.id", "id",
			               "\"" STR_FMT "\" is not the id of a variant",
			               (int)(text.len < 40 ? text.len : 40), text.ptr);
		id = id << 4 | (uint64_t)(at - digits);
	}
	*out = id;
	return text.len ? OK : err_set(err, ERR_INPUT, "variants.id", "id", "say whose people: the id of a variant");
}

HANDLER(get_variants_people)
{
	struct ask *ask;
	struct question q;
	struct people_page page;
	struct ask_members m;
	struct json_out o;
	uint64_t id;
	int64_t cut;
	TRY(id_read(c, &id, err));
	TRY(query_i64(c, "cut", 0, CUT_MAX, 0, &cut, err));
	TRY(people_page(c, &page, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc =
	        ask_variant_people(ask, &q.query, id, (uint32_t)cut, page.cursor, page.limit, c->arena, &m, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &m);
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- touchpoints ------------------------------------------------------------------------------------- */

/* Ratings alone, customers first: a plain mean with Student's interval, null when nobody rated or too few did. */
void put_ratings(struct json_out *o, const struct journey_signal_stat *s)
{
	struct stats_estimate e;
	json_key(o, "score");
	struct stats_moments m = { .n = s->customers,
		                   .mean = s->mean,
		                   .m2 = s->customers > 1 ? s->var * (double)(s->customers - 1) : 0 };
	stats_mean(&m, &e);
	stats_on_scale(&e, (struct interval){ 0, 100 });
	e.n = s->n;
	stats_mark(&e);
	if (s->customers == 0 || e.flags & STATS_SUPPRESSED) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_double(o, "est", e.est);
	json_kv_double(o, "lo", e.lo);
	json_kv_double(o, "hi", e.hi);
	json_kv_i64(o, "n", s->n);
	json_close(o, '}');
}

static void put_touchpoint(struct json_out *o, const struct ask_touchpoint *t)
{
	const struct journey_touchpoint_stat *s = &t->stat;
	json_open(o, '{');
	json_kv_str(o, "name", t->name);
	json_kv_str(o, "value", t->value);
	json_kv_i64(o, "n", s->visits);
	json_kv_i64(o, "customers", s->customers);
	json_kv_i64(o, "repeats", s->repeats);
	put_ratings(o, &s->signals[JOURNEY_RATING]);
	json_key(o, "to_next");
	json_open(o, '{');
	json_kv_i64(o, "n", s->to_next.n);
	json_kv_double(o, "mean_ms", s->to_next.mean);
	json_kv_double(o, "p50_ms", s->to_next.p50);
	json_kv_double(o, "p90_ms", s->to_next.p90);
	json_close(o, '}');
	json_key(o, "promise");
	json_open(o, '{');
	json_kv_i64(o, "kept", s->kept);
	json_kv_i64(o, "broken", s->broken);
	json_kv_double(o, "overrun_mean_ms", s->overrun_mean_ms);
	json_close(o, '}');
	open_list(o, "signals");
	for (int i = 0; i < JOURNEY_SIGNALS; i++) {
		if (!s->signals[i].n) continue;
		json_open(o, '{');
		json_kv_z(o, "signal", journey_signal_names[i]);
		json_kv_i64(o, "n", s->signals[i].n);
		json_kv_i64(o, "customers", s->signals[i].customers);
		json_kv_double(o, "mean", s->signals[i].mean);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_kv_i64(o, "first_ms", s->first_ms);
	json_kv_i64(o, "last_ms", s->last_ms);
	json_close(o, '}');
}

HANDLER(get_touchpoints)
{
	struct ask *ask;
	struct question q;
	struct ask_touchpoint *t = NULL;
	size_t n = 0;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	struct str by = query_get(c, "by");
	enum err_code rc = ask_touchpoints(ask, &q.query, by.len ? by : STR(""), c->arena, &t, &n, NULL, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "touchpoints");
	for (size_t i = 0; rc == OK && i < n; i++) put_touchpoint(&o, &t[i]);
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

static enum err_code inventory(struct http_call *c, const char *list, struct err *err)
{
	static const char *const status[] = {
		[ASK_DOCUMENTED] = "documented",
		[ASK_UNDOCUMENTED] = "undocumented",
		[ASK_SILENT] = "silent",
		[ASK_FEEDBACK] = "feedback",
	};
	struct ask *ask;
	struct question q;
	struct ask_inventory_row *r = NULL;
	size_t n = 0;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_inventory(ask, &q.query, c->arena, &r, &n, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, list);
	for (size_t i = 0; rc == OK && i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "event", r[i].event);
		json_kv_str(&o, "channel", r[i].channel);
		json_kv_str(&o, "touchpoint", r[i].touchpoint);
		json_kv_z(&o, "status", status[r[i].status]);
		json_kv_i64(&o, "count", r[i].count);
		json_kv_i64(&o, "customers", r[i].customers);
		json_kv_i64(&o, "first_ms", r[i].first_ms);
		json_kv_i64(&o, "last_ms", r[i].last_ms);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_inventory)
{
	return inventory(c, "rows", err);
}
HANDLER(get_query_inventory)
{
	return inventory(c, "touchpoints", err);
}

HANDLER(get_dimension_values)
{
	struct ask *ask;
	struct question q;
	struct ask_value *v = NULL;
	size_t n = 0;
	int64_t limit;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(query_i64(c, "limit", 1, 5000, LIST_MAX, &limit, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_values(ask, &q.query, c->params[0], (size_t)limit, c->arena, &v, &n, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "values");
	for (size_t i = 0; rc == OK && i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "value", v[i].value);
		json_kv_i64(&o, "count", v[i].count);
		json_kv_i64(&o, "customers", v[i].customers);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}
