/* Parameters of questions: lists of names, windows of time; and figures that many answers have. */
#include "http/priv.h"

bool name_next(struct str *rest, char separator, struct str *part)
{
	if (!rest->ptr) return false;
	size_t i = 0;
	while (i < rest->len && rest->ptr[i] != separator) i += rest->ptr[i] == '\\' && i + 1 < rest->len ? 2 : 1;
	*part = str_cut(*rest, 0, i);
	*rest = i < rest->len ? str_cut(*rest, i + 1, rest->len) : (struct str){ 0 };
	return true;
}

struct str name_plain(struct arena *a, struct str raw)
{
	char *out = arena_alloc(a, raw.len + 1);
	size_t n = 0;
	if (!out) return (struct str){ 0 };
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.ptr[i] == '\\' && i + 1 < raw.len) i++;
		out[n++] = raw.ptr[i];
	}
	return (struct str){ out, n };
}

enum err_code names_split(struct http_call *c, const char *key, struct str text, char separator, size_t max,
                          struct names *out, struct err *err)
{
	struct names names = { .list = ARENA_ARRAY(c->arena, struct str, max) };
	if (!names.list) return err_no_memory(err);
	for (struct str part; name_next(&text, separator, &part);) {
		if (!str_trim(part).len)
			return err_set(err, ERR_INPUT, "names.empty", key, "\"%s\" has an empty name in it", key);
		if (names.n == max)
			return err_limit(err, "names.many", key, (int64_t)max + 1, (int64_t)max,
			                 "\"%s\" has more than %zu names", key, max);
		names.list[names.n] = name_plain(c->arena, str_trim(part));
		if (!names.list[names.n++].ptr) return err_no_memory(err);
	}
	*out = names;
	return OK;
}

enum err_code names_read(struct http_call *c, const char *key, size_t max, struct names *out, struct err *err)
{
	struct str text = query_get(c, key);
	*out = (struct names){ 0 };
	return text.len ? names_split(c, key, text, ',', max, out, err) : OK;
}

enum err_code span_read(struct http_call *c, const char *key, int64_t otherwise, int64_t *out, struct err *err)
{
	struct str text = query_get(c, key);
	*out = otherwise;
	if (!text.len || (str_to_i64(text, out) && *out > 0) || when_parse_duration(text, out)) return OK;
	const enum err_code rc = err_set(err, ERR_INPUT, "http.span", key, "\"" STR_FMT "\" is no length of time",
	                                 (int)(text.len < 40 ? text.len : 40), text.ptr);
	err_hint(err, "Write 90s, 30m, 12h, 7d, 4w, or milliseconds.");
	return rc;
}

enum err_code number_read(struct http_call *c, const char *key, double otherwise, double *out, struct err *err)
{
	struct str text = query_get(c, key);
	*out = otherwise;
	if (!text.len || str_to_double(text, out)) return OK;
	return err_set(err, ERR_INPUT, "http.number", key, "\"" STR_FMT "\" is no number",
	               (int)(text.len < 40 ? text.len : 40), text.ptr);
}

enum err_code choice_read(struct http_call *c, const char *key, const char *const *names, size_t n, size_t otherwise,
                          size_t *out, struct err *err)
{
	struct str text = query_get(c, key);
	*out = otherwise;
	if (!text.len) return OK;
	for (size_t i = 0; i < n; i++)
		if (str_eq(text, str_of(names[i]))) {
			*out = i;
			return OK;
		}
	struct str all = str_of(names[0]);
	for (size_t i = 1; i < n; i++) all = str_format(c->arena, STR_FMT ", %s", STR_ARG(all), names[i]);
	return err_set(err, ERR_INPUT, "http.choice", key, "\"%s\" is one of " STR_FMT, key, STR_ARG(all));
}

void put_times(struct json_out *o, const char *key, const struct journey_times *t)
{
	json_key(o, key);
	if (!t->n) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_i64(o, "n", t->n);
	json_kv_double(o, "mean_ms", t->mean);
	json_kv_double(o, "p50_ms", t->p50);
	json_kv_double(o, "p90_ms", t->p90);
	json_close(o, '}');
}

void put_estimate(struct json_out *o, const char *key, const struct stats_estimate *e)
{
	json_key(o, key);
	maps_put_estimate(o, e);
}
