/* What a journey means: questions that need a map and speak in its words. */
#include "http/priv.h"

#include <math.h>

/* The measured map that the question is about; put back after use. */
static enum err_code need_map(struct http_call *c, struct maps **maps, struct cache_entry **out, struct err *err)
{
	struct scope s;
	const struct str map = query_get(c, "map");
	if (!map.len) {
		const enum err_code rc = err_set(err, ERR_INPUT, "query.map", "map", "this question needs a map");
		err_hint(err, "Name one by its key, such as map=orders.");
		return rc;
	}
	TRY(need_maps(c, maps, err));
	TRY(scope_read(c, &s, err));
	return measured_get(c, map, &s, out, err);
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
	struct cache_entry *e;
	struct maps_moments what, found;
	struct locale l;
	struct json_out o;
	TRY(moments_read(c, &what, err));
	TRY(locale_read(c, &l, err));
	TRY(need_map(c, &maps, &e, err));
	const enum err_code rc = maps_moments(maps, &e->measured, &what, c->arena, &found, err);
	json_out_init(&o, &c->out);
	if (rc == OK) maps_moments_json(&o, &e->measured, &found, &l, c->arena);
	cache_put(c->h->cache, e);
	return rc;
}

HANDLER(get_moments_people)
{
	static const char *const sides[] = { "bad", "good" };
	struct maps *maps;
	struct cache_entry *e;
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
	TRY(need_map(c, &maps, &e, err));
	enum err_code rc = touchpoint_code(e->measured.rules, query_get(c, "name"), &figure.touchpoint, err);
	figure.good = side == 1, figure.reached = reached == 1;
	figure.cursor = page.cursor, figure.limit = page.limit;
	if (rc == OK) rc = maps_moments_people(maps, &e->measured, &what, &figure, c->arena, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, e);
	return rc;
}
