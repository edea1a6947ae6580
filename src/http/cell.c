/* A cell of a map, a touchpoint or a stage, as a set of comments: exactly those that the map counts there. */
#include "http/priv.h"

struct cell {
	struct str touchpoint, stage;
	bool *codes; /* [code] */
	bool any;
};

static enum err_code codes_of(const struct maps_measured *mm, struct http_call *c, struct cell *cell, struct err *err)
{
	const size_t n = mm->rules->n_touchpoints;
	const struct locale l = locale_of(LANG_EN); /* only keys are looked at */
	cell->codes = ARENA_ARRAY(c->arena, bool, n + 1);
	if (!cell->codes) return err_no_memory(err);
	if (cell->touchpoint.len) {
		uint16_t code;
		TRY(touchpoint_code(mm->rules, cell->touchpoint, &code, err));
		return cell->codes[code] = cell->any = true, OK;
	}
	for (size_t i = 1; i <= n; i++) {
		struct str name, stage;
		maps_touchpoint_words(mm, (uint16_t)i, &l, &name, &stage);
		cell->codes[i] = str_eq(stage, cell->stage);
		cell->any |= cell->codes[i];
	}
	if (cell->any) return OK;
	return err_set(err, ERR_NOT_FOUND, "map.stage", "stage", "this map has no stage \"" STR_FMT "\"",
	               (int)(cell->stage.len < 60 ? cell->stage.len : 60), cell->stage.ptr);
}

static enum err_code arrivals_of(const struct journey_comment *list, size_t n, const struct cell *cell, struct arena *a,
                                 struct str *out, struct err *err)
{
	struct buf b;
	struct json_out o;
	buf_init(&b, 64 + n * 21);
	json_out_init(&o, &b);
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++)
		if (cell->codes[list[i].touchpoint]) json_put_i64(&o, (int64_t)list[i].arrival);
	json_close(&o, ']');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

enum err_code cell_comments(struct http_call *c, bool ever, struct str *out, struct err *err)
{
	struct cell cell = { .touchpoint = query_get(c, "touchpoint"), .stage = query_get(c, "stage") };
	struct scope s;
	struct ask *ask;
	struct cache_entry *e;
	struct journey_comment *list;
	size_t n;
	if (!cell.touchpoint.len && !cell.stage.len) return OK;
	TRY(need_ask(c, &ask, err));
	TRY(scope_read(c, &s, err));
	if (ever) s.maps.from_ms = INT64_MIN;
	TRY(map_question_get(c, query_get(c, "map"), &s, &e, err));
	enum err_code rc = codes_of(&e->measured, c, &cell, err);
	if (rc == OK) rc = ask_comments(ask, &e->measured.query, c->arena, &list, &n, err);
	if (rc == OK) rc = arrivals_of(list, n, &cell, c->arena, out, err);
	cache_put(c->h->cache, e);
	return rc;
}
