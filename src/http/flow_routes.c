/* The simplified graph, and who is behind a figure of it or of the whole one. */
#include "http/priv.h"

static enum err_code simplify_read(struct http_call *c, struct journey_simplify *out, struct err *err)
{
	TRY(number_read(c, "activities", JOURNEY_AT_SIGHT, &out->activities, err));
	return number_read(c, "edges", JOURNEY_AT_SIGHT, &out->edges, err);
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

struct graph_making {
	struct http_call *call;
	const struct question *question;
	struct journey_simplify what;
	bool variants;
};

/*
 * Answers of a question are kept under the question as it was put, without
 * the parameters on which that answer does not depend: `skip`, and how it
 * looks.
 */
static enum err_code keep(struct graph_making *g, const char *kind, const char *const *skip, size_t n_skip,
                          cache_make make, struct cache_entry **out, struct err *err)
{
	static const char *const looks[] = { "lang", "digits", "calendar", "theme", "interactive", "fonts", "scale" };
	struct http_call *c = g->call;
	struct str state;
	struct buf key;
	TRY(state_text(c, &state, err));
	buf_init(&key, CALL_OUT_BYTES);
	buf_printf(&key, "%s|" STR_FMT, kind, STR_ARG(state));
	for (size_t i = 0; i < c->n_query; i++) {
		bool beside = false;
		for (size_t k = 0; k < COUNT_OF(looks); k++) beside |= str_eq(c->query[i].key, str_of(looks[k]));
		for (size_t k = 0; k < n_skip; k++) beside |= str_eq(c->query[i].key, str_of(skip[k]));
		if (!beside)
			buf_printf(&key, "|%zu " STR_FMT "=" STR_FMT, c->query[i].value.len, STR_ARG(c->query[i].key),
			           STR_ARG(c->query[i].value));
	}
	enum err_code rc = buf_check(&key, err);
	if (rc == OK) rc = cache_get(c->h->cache, buf_view(&key), make, g, out, err);
	buf_done(&key);
	return rc;
}

static enum err_code activities_make(void *ctx, struct cache_entry *e, struct err *err)
{
	struct graph_making *g = ctx;
	struct ask *ask;
	TRY(need_ask(g->call, &ask, err));
	cache_under(g->call->h->cache, e, g->question->map);
	return ask_activities(ask, &g->question->query, &e->arena, &e->activities, err);
}

/* Moving the slider of the steps asks again which activities there are: that is kept by itself. */
static enum err_code graph_make(void *ctx, struct cache_entry *e, struct err *err)
{
	static const char *const beside[] = { "activities", "edges", "variants" };
	struct graph_making *g = ctx;
	struct cache *cache = g->call->h->cache;
	struct cache_entry *known;
	struct ask *ask;
	TRY(need_ask(g->call, &ask, err));
	TRY(keep(g, "activities", beside, COUNT_OF(beside), activities_make, &known, err));
	cache_under(cache, e, g->question->map);
	const enum err_code rc = ask_graph(ask, &g->question->query, &known->activities, &g->what, g->variants,
	                                   &e->arena, &e->graph, err);
	cache_put(cache, known);
	return rc;
}

/* The numbers of a graph and its drawing are asked for at the same moment, and moving the slider of the paths asks for
 * the same graph again and again. */
static enum err_code graph_get(struct http_call *c, const struct question *q, const struct journey_simplify *what,
                               bool variants, struct cache_entry **out, struct err *err)
{
	static const char *const beside[] = { "edges", "variants" };
	struct graph_making g = { .call = c, .question = q, .what = *what, .variants = variants };
	return keep(&g, variants ? "graph with variants" : "graph", beside, COUNT_OF(beside), graph_make, out, err);
}

enum err_code flow_ask(struct http_call *c, struct flow_answer *out, struct err *err)
{
	struct ask *ask;
	struct journey_simplify what;
	TRY(simplify_read(c, &what, err));
	TRY(query_i64(c, "variants", 0, 1, 1, &out->variants, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &out->question, err));
	enum err_code rc = graph_get(c, &out->question, &what, out->variants, &out->graph, err);
	if (rc == OK) {
		const struct ask_graph *g = &out->graph->graph;
		rc = journey_view(&g->choice, &g->graph, &what, c->arena, &out->view, err);
		if (rc == OK) rc = name_activities(c, &out->question, &out->view, err);
		if (rc != OK) cache_put(c->h->cache, out->graph);
	}
	if (rc != OK) cache_put(c->h->cache, out->question.map);
	return rc;
}

void flow_done(struct http_call *c, struct flow_answer *f)
{
	cache_put(c->h->cache, f->graph);
	cache_put(c->h->cache, f->question.map);
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
	struct flow_answer f;
	struct json_out o;
	TRY(flow_ask(c, &f, err));
	const struct journey_view *v = &f.view;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "activities");
	for (size_t i = 0; i < v->n_activities; i++) put_activity(&o, &v->activities[i]);
	json_close(&o, ']');
	open_list(&o, "edges");
	for (size_t i = 0; i < v->n_edges; i++) put_edge(&o, v, &v->edges[i]);
	json_close(&o, ']');
	put_kept(&o, &v->kept);
	json_key(&o, "shares");
	json_open(&o, '{');
	json_kv_double(&o, "activities", v->shares.activities);
	json_kv_double(&o, "edges", v->shares.edges);
	json_close(&o, '}');
	json_key(&o, "variants");
	if (f.variants) json_put_i64(&o, v->variants);
	else json_put_null(&o);
	json_kv_i64(&o, "cases", v->cases);
	json_kv_i64(&o, "customers", v->customers);
	put_asked(&o, c, &f.question);
	json_close(&o, '}');
	flow_done(c, &f);
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
