/* The simplified graph, and who is behind a figure of it or of the whole one. */
#include "http/priv.h"

/* What to keep when nobody says: as many activities as can be seen, and the edges that carry most. */
#define ACTIVITIES_SHARE 1.0
#define EDGES_SHARE 0.8

static enum err_code simplify_read(struct http_call *c, struct journey_simplify *out, struct err *err)
{
	TRY(number_read(c, "activities", ACTIVITIES_SHARE, &out->activities, err));
	return number_read(c, "edges", EDGES_SHARE, &out->edges, err);
}

/* Words of the map for each activity; without one they are called as their events are. */
static enum err_code name_activities(struct http_call *c, const struct question *q, struct journey_view *v,
                                     struct err *err)
{
	struct locale l;
	TRY(locale_read(c, &l, err));
	for (size_t i = 0; i < v->n_activities; i++) {
		struct journey_view_activity *a = &v->activities[i];
		a->label = a->name;
		a->stage = STR("");
		if (q->map && a->code)
			maps_touchpoint_words(&q->map->measured, (uint16_t)a->code, &l, &a->label, &a->stage);
		else if (q->map) a->label = words(&l, c->arena, "flow.other", NULL, 0);
	}
	return OK;
}

enum err_code flow_ask(struct http_call *c, struct question *q, struct journey_view *out, struct err *err)
{
	struct ask *ask;
	struct journey_simplify what;
	TRY(simplify_read(c, &what, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, q, err));
	enum err_code rc = ask_flow(ask, &q->query, &what, c->arena, out, err);
	if (rc == OK) rc = name_activities(c, q, out, err);
	if (rc != OK) cache_put(c->h->cache, q->map);
	return rc;
}

static void put_activity(struct json_out *o, const struct journey_view_activity *a)
{
	json_open(o, '{');
	json_kv_str(o, "name", a->name);
	json_kv_str(o, "label", a->label);
	json_kv_i64(o, "count", a->count);
	json_kv_i64(o, "customers", a->customers);
	json_kv_i64(o, "cases", a->cases);
	json_kv_i64(o, "starts", a->starts);
	json_kv_i64(o, "ends", a->ends);
	json_kv_bool(o, "start_kept", a->start_kept);
	json_kv_bool(o, "end_kept", a->end_kept);
	put_estimate(o, "score", &a->score);
	json_key(o, "stage");
	if (a->stage.len) json_put_str(o, a->stage);
	else json_put_null(o);
	json_close(o, '}');
}

static void put_edge(struct json_out *o, const struct journey_view *v, const struct journey_view_edge *e)
{
	json_open(o, '{');
	json_kv_str(o, "from", v->activities[e->from].name);
	json_kv_str(o, "to", v->activities[e->to].name);
	json_kv_i64(o, "count", e->count);
	json_kv_i64(o, "customers", e->customers);
	json_kv_double(o, "mean_ms", e->mean_ms);
	json_kv_double(o, "p50_ms", e->p50_ms);
	json_kv_double(o, "p90_ms", e->p90_ms);
	json_close(o, '}');
}

static void put_kept(struct json_out *o, const struct journey_view_kept *k)
{
	const struct {
		const char *name;
		int64_t n;
	} all[] = { { "activities", k->activities }, { "of_activities", k->of_activities },
		    { "events", k->events },         { "of_events", k->of_events },
		    { "cases", k->cases },           { "of_cases", k->of_cases },
		    { "edges", k->edges },           { "of_edges", k->of_edges },
		    { "edge_count", k->edge_count }, { "of_edge_count", k->of_edge_count } };
	json_key(o, "kept");
	json_open(o, '{');
	for (size_t i = 0; i < COUNT_OF(all); i++) json_kv_i64(o, all[i].name, all[i].n);
	json_close(o, '}');
}

HANDLER(get_flow)
{
	struct question q;
	struct journey_view v;
	struct json_out o;
	TRY(flow_ask(c, &q, &v, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "activities");
	for (size_t i = 0; i < v.n_activities; i++) put_activity(&o, &v.activities[i]);
	json_close(&o, ']');
	open_list(&o, "edges");
	for (size_t i = 0; i < v.n_edges; i++) put_edge(&o, &v, &v.edges[i]);
	json_close(&o, ']');
	put_kept(&o, &v.kept);
	json_kv_i64(&o, "variants", v.variants);
	json_kv_i64(&o, "cases", v.cases);
	json_kv_i64(&o, "customers", v.customers);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return OK;
}

/* --- people ------------------------------------------------------------------------------------ */

static enum err_code figure_read(struct http_call *c, struct ask_flow_figure *out, struct err *err)
{
	static const struct {
		const char *key;
		enum journey_flow_part part;
	} parts[] = { { "activity", JOURNEY_FLOW_ACTIVITY },
		      { "start", JOURNEY_FLOW_START },
		      { "end", JOURNEY_FLOW_END },
		      { "edge_from", JOURNEY_FLOW_EDGE } };
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct str name = query_get(c, parts[i].key);
		if (!name.len) continue;
		*out = (struct ask_flow_figure){ .part = parts[i].part,
			                         .activity = name,
			                         .to = query_get(c, "edge_to") };
		if (out->part != JOURNEY_FLOW_EDGE || out->to.len) return OK;
		return err_set(err, ERR_INPUT, "flow.figure", "edge_to",
		               "an edge has two ends; \"edge_to\" is missing");
	}
	return err_set(err, ERR_INPUT, "flow.figure", "activity",
	               "say whose people: activity, start, end, or edge_from with edge_to");
}

static enum err_code people(struct http_call *c, const struct journey_simplify *what, struct err *err)
{
	struct ask *ask;
	struct question q;
	struct people_page page;
	struct ask_flow_figure figure;
	struct ask_members m;
	struct json_out o;
	TRY(figure_read(c, &figure, err));
	TRY(people_page(c, &page, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = ask_flow_people(ask, &q.query, what, &figure, page.cursor, page.limit, c->arena, &m, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &m);
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_flow_people)
{
	struct journey_simplify what;
	TRY(simplify_read(c, &what, err));
	return people(c, &what, err);
}

HANDLER(get_dfg_people)
{
	return people(c, NULL, err);
}
