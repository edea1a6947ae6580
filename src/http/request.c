/* Reading a request: target, cookies, bodies. */
#include "http/priv.h"

const char *const http_header_names[HTTP_HEADERS] = {
	[H_AUTHORIZATION] = "Authorization",
	[H_COOKIE] = "Cookie",
	[H_CSRF] = "X-Safar-Csrf",
	[H_ORIGIN] = "Origin",
	[H_HOST] = "Host",
	[H_FETCH_SITE] = "Sec-Fetch-Site",
	[H_ENCODING] = "Content-Encoding",
	[H_ACCEPT_ENCODING] = "Accept-Encoding",
	[H_CORS_HEADERS] = "Access-Control-Request-Headers",
	[H_IF_NONE_MATCH] = "If-None-Match",
	[H_ACCEPT_LANGUAGE] = "Accept-Language",
	[H_IDEMPOTENCY] = "Idempotency-Key",
};

static enum err_code bad_url(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "http.url", "", "the address has %s", what);
}

enum err_code request_target(struct http_call *c, struct str target, struct err *err)
{
	struct str path = str_cut(target, 0, str_find(target, '?'));
	struct str rest = path.len < target.len ? str_cut(target, path.len + 1, target.len) : (struct str){ 0 };
	if (path.len == 0 || path.ptr[0] != '/') return bad_url(err, "no path");
	struct str decoded;
	c->path = path; /* as sent: a parameter may hold a "/" as %2F, so it is decoded after the cutting */
	if (!percent_decode(c->arena, path, false, &decoded))
		return bad_url(err, "a broken percent code or a control character in its path");
	size_t n = rest.len ? 1 : 0;
	for (size_t i = 0; i < rest.len; i++) n += rest.ptr[i] == '&';
	if (n > 256)
		return err_limit(err, "http.query", "", (int64_t)n, 256, "%zu parameters, at most 256 are read", n);
	c->query = ARENA_ARRAY(c->arena, struct str_pair, n);
	if (!c->query) return err_no_memory(err);
	while (rest.len) {
		struct str one = str_cut(rest, 0, str_find(rest, '&'));
		rest = one.len < rest.len ? str_cut(rest, one.len + 1, rest.len) : (struct str){ 0 };
		if (!one.len) continue;
		struct str key = str_cut(one, 0, str_find(one, '='));
		struct str value = key.len < one.len ? str_cut(one, key.len + 1, one.len) : STR("");
		struct str_pair *p = &c->query[c->n_query++];
		if (!percent_decode(c->arena, key, true, &p->key) || !percent_decode(c->arena, value, true, &p->value))
			return bad_url(err, "a broken percent code or a control character in its parameters");
	}
	return OK;
}

struct str query_get(const struct http_call *c, const char *key)
{
	for (size_t i = 0; i < c->n_query; i++)
		if (str_eq(c->query[i].key, str_of(key))) return c->query[i].value;
	return (struct str){ 0 };
}

enum err_code query_i64(const struct http_call *c, const char *key, int64_t min, int64_t max, int64_t otherwise,
                        int64_t *out, struct err *err)
{
	struct str text = query_get(c, key);
	int64_t v = otherwise;
	if (text.len && (!str_to_i64(text, &v) || v < min || v > max)) {
		enum err_code rc =
		        err_set(err, ERR_INPUT, "http.number", key, "\"" STR_FMT "\" is not a number that fits here",
		                (int)(text.len < 40 ? text.len : 40), text.ptr);
		err_hint(err, "Give a whole number from %lld to %lld.", (long long)min, (long long)max);
		return rc;
	}
	*out = v;
	return OK;
}

struct str cookie_get(struct str header, const char *name)
{
	struct str want = str_of(name);
	while (header.len) {
		struct str one = str_cut(header, 0, str_find(header, ';'));
		header = one.len < header.len ? str_cut(header, one.len + 1, header.len) : (struct str){ 0 };
		one = str_trim(one);
		if (one.len > want.len && one.ptr[want.len] == '=' && str_starts(one, want))
			return str_cut(one, want.len + 1, one.len);
	}
	return (struct str){ 0 };
}

/* --- JSON bodies ---------------------------------------------------------------------------- */

/*
 * To the end of the object, whose members the call then knows. With an escaped name, or more of them than fit, it
 * does not: each is then looked for in the text. False: it is not JSON.
 */
static bool body_read(struct http_call *c, struct json_reader *r)
{
	struct str_pair *all = ARENA_ARRAY(c->arena, struct str_pair, CALL_MEMBERS_MAX);
	enum json_token t;
	size_t n = 0;
	while ((t = json_next(r)) == JT_KEY) {
		const struct str key = r->raw;
		struct str value;
		if (r->escaped || n == CALL_MEMBERS_MAX) all = NULL;
		if (!json_slice(r, json_next(r), &value)) return false;
		if (all) all[n++] = (struct str_pair){ key, value };
	}
	if (t != JT_OBJECT_END || json_next(r) != JT_END) return false;
	c->members = all;
	c->n_members = n;
	return true;
}

enum err_code body_object(struct http_call *c, struct str *out, struct err *err)
{
	struct json_reader r;
	json_read(&r, c->body);
	enum json_token t = json_next(&r);
	if (t == JT_OBJECT) {
		if (!body_read(c, &r)) return json_error(&r, err);
	} else if (t == JT_ERROR || !json_skip(&r, t) || json_next(&r) != JT_END) {
		return json_error(&r, err);
	} else {
		return err_set(err, ERR_INPUT, "http.object", "", "the body has to be a JSON object");
	}
	*out = c->body;
	return OK;
}

bool body_member(const struct http_call *c, const char *key, struct str *out)
{
	const struct str wanted = str_of(key);
	if (!c->members) return json_get(c->body, wanted, out);
	for (size_t i = 0; i < c->n_members; i++) {
		if (!str_eq(c->members[i].key, wanted)) continue;
		*out = c->members[i].value;
		return true;
	}
	return false;
}

static enum err_code wrong(struct err *err, const char *key, const char *what)
{
	return err_set(err, ERR_INPUT, "http.member", key, "\"%s\" has to be %s", key, what);
}

enum err_code body_text(struct http_call *c, const char *key, bool required, struct str *out, struct err *err)
{
	struct json_reader r;
	struct str raw, text;
	if (!body_member(c, key, &raw) || str_eq(raw, STR("null"))) {
		if (!required) return OK;
		return err_set(err, ERR_INPUT, "http.missing", key, "\"%s\" is missing", key);
	}
	json_read(&r, raw);
	if (json_next(&r) != JT_STRING || !json_text(&r, c->arena, &text)) return wrong(err, key, "a text");
	*out = text.len ? text : STR("");
	return OK;
}

enum err_code body_time(struct http_call *c, const char *key, int64_t *out, bool *given, struct err *err)
{
	struct str raw;
	*given = false;
	if (!body_member(c, key, &raw) || str_eq(raw, STR("null"))) return OK;
	if (!str_to_i64(raw, out)) return wrong(err, key, "a whole number of milliseconds since 1970");
	if (*out < WHEN_MIN_MS || *out > WHEN_MAX_MS)
		return err_set(err, ERR_INPUT, "scope.time", key, "this time is outside 1900 to 2100");
	*given = true;
	return OK;
}

enum err_code person_need(struct http_call *c, struct str name, const char *field, struct err *err)
{
	struct govern_user user;
	struct err none;
	if (!name.len || outbox_mail_address(name) || govern_user(c->h->opt.govern, name, c->arena, &user, &none) == OK)
		return OK;
	const enum err_code rc = err_set(err, ERR_INPUT, "user.nobody", field,
	                                 "nobody here signs in as \"" STR_FMT "\"", STR_ARG(str_cut(name, 0, 80)));
	err_hint(err, "Give the name with which somebody signs in, or a mail address.");
	return rc;
}

enum err_code body_bool(struct http_call *c, const char *key, bool *out, bool *given, struct err *err)
{
	struct str raw;
	*given = false;
	if (!body_member(c, key, &raw) || str_eq(raw, STR("null"))) return OK;
	if (str_eq(raw, STR("true"))) *out = true;
	else if (str_eq(raw, STR("false"))) *out = false;
	else return wrong(err, key, "true or false");
	*given = true;
	return OK;
}
