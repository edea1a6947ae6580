/* Conformance to a model: the one that comes with the request, or the map's steps in order. */
#include "http/priv.h"

static enum err_code model_read(struct http_call *c, const struct question *q, struct journey_model *out,
                                struct err *err)
{
	struct str json = query_get(c, "model");
	if (json.len) return journey_model_read(json, c->arena, out, err);
	if (!q->map) {
		err_set(err, ERR_INPUT, "conformance.model", "model", "without a map there is no journey intended");
		err_hint(err, "Name a map, or give a model: {\"nodes\":[\"first event\",\"second event\"]}.");
		return ERR_INPUT;
	}
	const struct journey_rules *rules = q->query.rules;
	bool *optional = ARENA_ARRAY(c->arena, bool, rules->n_touchpoints);
	if (!optional) return err_no_memory(err);
	for (size_t i = 0; i < rules->n_touchpoints; i++)
		optional[i] = maps_touchpoint_optional(&q->map->measured, (uint16_t)(i + 1));
	return journey_model_of_map(rules, optional, c->arena, out, err);
}

static void put_deviation(struct json_out *o, const struct journey_deviation *d)
{
	json_open(o, '{');
	json_kv_z(o, "kind", d->inserted ? "inserted" : "skipped");
	json_kv_str(o, "activity", d->activity);
	json_kv_i64(o, "cases", d->cases);
	json_kv_i64(o, "customers", d->customers);
	put_estimate(o, "share", &d->share);
	json_close(o, '}');
}

static void put_misfit(struct json_out *o, const struct journey_misfit *m)
{
	json_open(o, '{');
	open_list(o, "steps");
	for (size_t i = 0; i < m->n_steps; i++) json_put_str(o, m->steps[i]);
	json_close(o, ']');
	json_kv_i64(o, "count", m->count);
	json_kv_double(o, "fitness", m->fitness);
	json_close(o, '}');
}

HANDLER(get_conformance)
{
	struct ask *ask;
	struct question q;
	struct journey_model model;
	struct journey_conformance r = { 0 };
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = model_read(c, &q, &model, err);
	if (rc == OK) rc = ask_conformance(ask, &q.query, &model, c->arena, &r, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "cases", r.cases);
	json_kv_i64(&o, "customers", r.customers);
	json_kv_i64(&o, "outside", r.outside);
	json_kv_i64(&o, "too_long", r.too_long);
	json_kv_i64(&o, "fitting", r.fitting);
	json_kv_i64(&o, "variants", r.variants);
	json_key(&o, "fitness_mean");
	if (r.cases) json_put_double(&o, r.fitness_mean);
	else json_put_null(&o);
	put_estimate(&o, "fitness", &r.fitness);
	open_list(&o, "deviations");
	for (size_t i = 0; i < r.n_deviations; i++) put_deviation(&o, &r.deviations[i]);
	json_close(&o, ']');
	open_list(&o, "worst");
	for (size_t i = 0; i < r.n_worst; i++) put_misfit(&o, &r.worst[i]);
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_conformance_people)
{
	static const char *const kinds[] = { "skipped", "inserted" };
	struct ask *ask;
	struct question q;
	struct people_page page;
	struct journey_model model;
	struct ask_members m;
	struct json_out o;
	size_t kind;
	TRY(choice_read(c, "deviation", kinds, COUNT_OF(kinds), 0, &kind, err));
	const struct journey_conformance_figure figure = { .inserted = kind == 1,
		                                           .activity = query_get(c, "activity") };
	if (!figure.activity.len)
		return err_set(err, ERR_INPUT, "conformance.figure", "activity",
		               "say which deviation: activity, and deviation=skipped or inserted");
	TRY(people_page(c, &page, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	enum err_code rc = model_read(c, &q, &model, err);
	if (rc == OK)
		rc = ask_conformance_people(ask, &q.query, &model, &figure, page.cursor, page.limit, c->arena, &m, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &m);
	cache_put(c->h->cache, q.map);
	return rc;
}
