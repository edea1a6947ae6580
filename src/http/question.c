/* The question of a request: a map's own, or one over event names; and what all answers share. */
#include "http/priv.h"

static enum err_code read_case(struct http_call *c, struct ask *ask, bool mapped, struct journey_query *q,
                               struct err *err)
{
	struct str text = query_get(c, "case");
	if (!text.len) return OK;
	if (str_eq(text, STR("customer"))) {
		q->by = JOURNEY_BY_CUSTOMER;
		return OK;
	}
	q->by = JOURNEY_BY_INSTANCE;
	if (str_eq(text, STR("instance"))) {
		if (mapped) return OK; /* the map says what an instance is */
		q->instance.cut = JOURNEY_CUT_GAP;
		return ask_gap(ask, &q->instance.gap_ms, err);
	}
	q->instance.cut = JOURNEY_CUT_KEY;
	q->instance.key = text;
	return OK;
}

typedef enum err_code (*map_getter)(struct http_call *c, struct str map, const struct scope *s,
                                    struct cache_entry **out, struct err *err);

static enum err_code question_by(struct http_call *c, struct ask *ask, const struct scope *s, map_getter get,
                                 struct question *out, struct err *err)
{
	struct str map = query_get(c, "map");
	struct ask_state state;
	ask_state(ask, &state);
	*out = (struct question){ .arrival_end = state.arrival_end };
	if (map.len) {
		TRY(get(c, map, s, &out->map, err));
		out->query = out->map->measured.query;
	} else {
		out->query = (struct journey_query){
			.from_ms = s->maps.from_ms,
			.to_ms = s->maps.to_ms,
			.by = JOURNEY_BY_CUSTOMER,
			.instance = { .cut = JOURNEY_CUT_CUSTOMER, .gap_ms = JOURNEY_GAP_DEFAULT_MS },
			.n_filters = s->maps.n_filters,
			.who = s->maps.who,
		};
		memcpy(out->query.filters, s->maps.filters, sizeof s->maps.filters);
	}
	enum err_code rc = read_case(c, ask, map.len > 0, &out->query, err);
	if (rc != OK) {
		cache_put(c->h->cache, out->map);
		out->map = NULL;
	}
	return rc;
}

enum err_code question_in(struct http_call *c, struct ask *ask, const struct scope *s, struct question *out,
                          struct err *err)
{
	return question_by(c, ask, s, map_question_get, out, err);
}

enum err_code question_read(struct http_call *c, struct ask *ask, struct question *out, struct err *err)
{
	struct scope s;
	TRY(scope_read(c, &s, err));
	return question_by(c, ask, &s, map_question_get, out, err);
}

enum err_code question_measured(struct http_call *c, struct ask *ask, struct question *out, struct err *err)
{
	struct scope s;
	TRY(scope_read(c, &s, err));
	return question_by(c, ask, &s, measured_get, out, err);
}

void open_list(struct json_out *o, const char *key)
{
	json_key(o, key);
	json_open(o, '[');
}

/* --- the same question as a command -------------------------------------------------------------- */

/* A word as a shell takes it: quoted when it holds anything but plain characters. */
static void put_word(struct buf *b, struct str word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/@%+=";
	bool safe = word.len > 0;
	for (size_t i = 0; i < word.len && safe; i++) safe = memchr(plain, word.ptr[i], sizeof plain - 1);
	if (safe) {
		buf_put(b, word.ptr, word.len);
		return;
	}
	buf_put(b, "'", 1);
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '\'') buf_put(b, "'\\''", 4);
		else buf_put(b, &word.ptr[i], 1);
	}
	buf_put(b, "'", 1);
}

/* How an answer looks, or which part of it is shown, is no part of the question. */
static bool is_question(struct str key)
{
	static const char *const looks[] = { "lang", "digits", "calendar", "theme", "format", "cursor", "limit" };
	for (size_t i = 0; i < COUNT_OF(looks); i++)
		if (str_eq(key, str_of(looks[i]))) return false;
	return true;
}

static struct str command(struct http_call *c)
{
	struct buf b;
	struct str verb = c->path;
	struct str copy = STR("");
	for (size_t at; (at = str_find(verb, '/')) < verb.len;) verb = str_cut(verb, at + 1, verb.len);
	buf_init(&b, 64 * KIB);
	buf_put(&b, "safar query ", 12);
	put_word(&b, verb);
	for (size_t i = 0; i < c->n_query; i++) {
		if (!is_question(c->query[i].key) || !c->query[i].value.len) continue;
		buf_put(&b, " --", 3);
		put_word(&b, c->query[i].key);
		buf_put(&b, " ", 1);
		put_word(&b, c->query[i].value);
	}
	if (buf_check(&b, NULL) == OK) copy = str_copy(c->arena, buf_view(&b));
	buf_done(&b);
	return copy.ptr ? copy : STR("");
}

void put_asked(struct json_out *o, struct http_call *c, const struct question *q)
{
	json_kv_str(o, "query", command(c));
	json_kv_i64(o, "arrival_end", (int64_t)q->arrival_end);
}
