/* What a journey means: questions that need a map and speak in its words. */
#include "http/priv.h"

#include <math.h>

/* question_read, or question_measured for what rests on the measured map. */
typedef enum err_code (*question_reader)(struct http_call *c, struct ask *ask, struct question *out, struct err *err);

/* The question with its map, which is put back after use. */
static enum err_code need_map(struct http_call *c, question_reader read, struct ask **ask, struct question *q,
                              struct err *err)
{
	TRY(need_ask(c, ask, err));
	if (query_get(c, "map").len) return read(c, *ask, q, err);
	const enum err_code rc = err_set(err, ERR_INPUT, "query.map", "map", "this question needs a map");
	err_hint(err, "Name one by its key, such as map=orders.");
	return rc;
}

static enum err_code utility_read(struct http_call *c, const char *key, double *out, struct err *err)
{
	const struct str text = query_get(c, key);
	*out = NAN;
	if (!text.len || (str_to_double(text, out) && *out >= 0 && *out <= 100)) return OK;
	return err_set(err, ERR_INPUT, "http.number", key, "\"" STR_FMT "\" is no number from 0 to 100",
	               (int)(text.len < 40 ? text.len : 40), text.ptr);
}

/* --- moments of truth ------------------------------------------------------------------------ */

static enum err_code moments_read(struct http_call *c, struct maps_moments *out, struct err *err)
{
	*out = (struct maps_moments){ .outcome = query_get(c, "outcome") };
	TRY(span_read(c, "within", 0, &out->within_ms, err));
	TRY(utility_read(c, "good", &out->good, err));
	return utility_read(c, "bad", &out->bad, err);
}

HANDLER(get_moments)
{
	struct maps *maps;
	struct ask *ask;
	struct question q;
	struct maps_moments what, found;
	struct locale l;
	struct json_out o;
	TRY(moments_read(c, &what, err));
	TRY(locale_read(c, &l, err));
	TRY(need_maps(c, &maps, err));
	TRY(need_map(c, question_measured, &ask, &q, err));
	const enum err_code rc = maps_moments(maps, &q.map->measured, &q.query, &what, c->arena, &found, err);
	json_out_init(&o, &c->out);
	if (rc == OK) {
		json_open(&o, '{');
		maps_moments_json(&o, &q.map->measured, &found, &l, c->arena);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_moments_people)
{
	static const char *const sides[] = { "bad", "good" };
	struct maps *maps;
	struct ask *ask;
	struct question q;
	struct maps_moments what;
	struct maps_moments_figure figure = { 0 };
	struct people_page page;
	struct ask_members people = { 0 };
	struct json_out o;
	size_t side;
	int64_t reached;
	TRY(moments_read(c, &what, err));
	TRY(choice_read(c, "side", sides, COUNT_OF(sides), 1, &side, err));
	TRY(query_i64(c, "reached", 0, 1, 1, &reached, err));
	TRY(people_page(c, &page, err));
	TRY(need_maps(c, &maps, err));
	TRY(need_map(c, question_measured, &ask, &q, err));
	enum err_code rc = touchpoint_code(q.query.rules, query_get(c, "name"), &figure.touchpoint, err);
	figure.good = side == 1, figure.reached = reached == 1;
	figure.cursor = page.cursor, figure.limit = page.limit;
	if (rc == OK)
		rc = maps_moments_people(maps, &q.map->measured, &q.query, &what, &figure, c->arena, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- friction, waits, tasks ------------------------------------------------------------------- */

HANDLER(get_friction)
{
	struct maps *maps;
	struct ask *ask;
	struct question q;
	struct journey_friction f;
	struct locale l;
	struct json_out o;
	TRY(locale_read(c, &l, err));
	TRY(need_maps(c, &maps, err));
	TRY(need_map(c, question_read, &ask, &q, err));
	const enum err_code rc = maps_friction(maps, &q.map->measured, &q.query, c->arena, &f, err);
	json_out_init(&o, &c->out);
	if (rc == OK) {
		json_open(&o, '{');
		maps_friction_json(&o, &f, &l, c->arena);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_waits)
{
	struct ask *ask;
	struct question q;
	struct journey_friction f;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const struct journey_friction_question waits_alone = { 0 };
	const enum err_code rc = ask_friction(ask, &q.query, &waits_alone, c->arena, &f, err);
	json_out_init(&o, &c->out);
	if (rc == OK) {
		json_open(&o, '{');
		maps_waits_json(&o, &f);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

/* Without names, the first task that the map itself expects. */
static enum err_code task_read(struct http_call *c, const struct question *q, struct journey_task_question *out,
                               struct err *err)
{
	*out = (struct journey_task_question){ .start = query_get(c, "start"), .done = query_get(c, "done") };
	TRY(span_read(c, "window", INT64_MAX, &out->window_ms, err));
	if (!out->start.len && !out->done.len && q->map && q->map->measured.n_tasks) {
		const struct maps_task *t = &q->map->measured.tasks[0];
		out->start = q->query.rules->touchpoints[t->start].key;
		out->done = q->query.rules->touchpoints[t->done].key;
	}
	if (out->start.len && out->done.len) return OK;
	const enum err_code rc = err_set(err, ERR_INPUT, "tasks.names", out->start.len ? "done" : "start",
	                                 "a task needs a start and an end");
	err_hint(err, "Name both, such as start=Payment Entered and done=Order Confirmed.");
	return rc;
}

HANDLER(get_tasks)
{
	struct ask *ask;
	struct question q;
	struct journey_task_question what;
	struct ask_task t;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	/* The first task of a map is known when it was measured. */
	const bool named = query_get(c, "start").len && query_get(c, "done").len;
	TRY((named ? question_read : question_measured)(c, ask, &q, err));
	enum err_code rc = task_read(c, &q, &what, err);
	if (rc == OK) rc = ask_task(ask, &q.query, &what, &t, err);
	json_out_init(&o, &c->out);
	if (rc == OK) {
		json_open(&o, '{');
		maps_task_json(&o, what.start, what.done, &t);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- consistency, money, phases ------------------------------------------------------------------- */

HANDLER(get_consistency)
{
	struct ask *ask;
	struct question q;
	struct ask_consistency found;
	struct locale l;
	struct json_out o;
	struct str by = query_get(c, "by");
	if (!by.len) by = STR("channel");
	TRY(locale_read(c, &l, err));
	TRY(need_map(c, question_read, &ask, &q, err));
	const enum err_code rc = ask_consistency(ask, &q.query, by, c->arena, &found, err);
	json_out_init(&o, &c->out);
	if (rc == OK) {
		json_open(&o, '{');
		maps_consistency_json(&o, &q.map->measured, by, &found, &l, c->arena);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

static enum err_code money_read(struct http_call *c, question_reader read, struct question *q, int64_t *horizon_ms,
                                struct ask_money *out, struct err *err)
{
	struct maps *maps;
	struct ask *ask;
	TRY(need_maps(c, &maps, err));
	TRY(span_read(c, "horizon", MAPS_MONEY_HORIZON_MS, horizon_ms, err));
	TRY(need_map(c, read, &ask, q, err));
	const enum err_code rc = maps_money(maps, &q->map->measured, &q->query, *horizon_ms, c->arena, out, err);
	if (rc != OK) cache_put(c->h->cache, q->map);
	return rc;
}

HANDLER(get_money)
{
	struct question q;
	struct ask_money found;
	struct locale l;
	struct json_out o;
	int64_t horizon_ms;
	TRY(locale_read(c, &l, err));
	TRY(money_read(c, question_read, &q, &horizon_ms, &found, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	maps_money_json(&o, &q.map->measured, &found, horizon_ms, &l, c->arena);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return OK;
}

HANDLER(get_phases)
{
	struct question q;
	struct ask_money found;
	struct json_out o;
	int64_t horizon_ms;
	TRY(money_read(c, question_measured, &q, &horizon_ms, &found, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	maps_phases_json(&o, &q.map->measured, &found.counts);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return OK;
}
