/* Writing answers: problems (RFC 9457), headers, tags. */
#include "base/hash.h"
#include "http/priv.h"

#define GIVEN_BYTES_MAX 80

const char *status_title(int status)
{
	static const struct {
		int status;
		const char *title;
	} titles[] = {
		{ 400, "That cannot be right" }, { 401, "Not signed in" },
		{ 403, "Not allowed" },          { 404, "Not found" },
		{ 405, "Not possible here" },    { 408, "Too slow" },
		{ 409, "Somebody was faster" },  { 413, "Too large" },
		{ 414, "Address too long" },     { 429, "Too often" },
		{ 431, "Headers too large" },    { 503, "Not now" },
	};
	for (size_t i = 0; i < COUNT_OF(titles); i++)
		if (titles[i].status == status) return titles[i].title;
	return status < 400 ? "OK" : "Something went wrong";
}

void problem_members(struct json_out *j, const struct err *err, int status)
{
	json_kv_z(j, "type", "about:blank");
	json_kv_z(j, "title", status_title(status));
	json_kv_i64(j, "status", status);
	json_kv_z(j, "id", err->id ? err->id : "http.error");
	json_kv_z(j, "field", err->field);
	json_kv_z(j, "detail", err->text);
	json_kv_z(j, "hint", err->hint);
	if (err->value || err->limit) {
		json_kv_i64(j, "value", err->value);
		json_kv_i64(j, "limit", err->limit);
	}
}

/* A code that says more than its kind: these have a status of their own. */
static int status_of(const struct err *err)
{
	static const struct {
		const char *id;
		int status;
	} own[] = {
		{ "session.none", 401 },   { "session.slow", 429 }, { "collect.key", 401 },
		{ "hook.signature", 401 }, { "hook.time", 401 },    { "http.method", 405 },
		{ "http.url_long", 414 },  { "http.headers", 431 }, { "http.often", 429 },
	};
	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (err->id && strcmp(err->id, own[i].id) == 0) return own[i].status;
	return err_http_status(err->code);
}

/* What the address said there, so that a sentence in any language can name it. */
static void put_given(struct json_out *j, const struct http_call *c, const struct err *err)
{
	const struct str given = err->field[0] ? query_get(c, err->field) : (struct str){ NULL, 0 };
	size_t len = given.len < GIVEN_BYTES_MAX ? given.len : GIVEN_BYTES_MAX;
	while (len && len < given.len && (given.ptr[len] & 0xc0) == 0x80) len--; /* not inside a character */
	if (given.ptr) json_kv_str(j, "given", str_cut(given, 0, len));
}

void answer_problem(struct http_call *c, const struct err *err)
{
	struct json_out j;
	int status = c->status >= 400 ? c->status : status_of(err);
	c->status = status;
	c->content_type = "application/problem+json";
	buf_clear(&c->out);
	json_out_init(&j, &c->out);
	json_open(&j, '{');
	problem_members(&j, err, status);
	put_given(&j, c, err);
	json_close(&j, '}');
	if (status == 503 || status == 429) {
		int64_t seconds = status == 429 && err->limit > 0 ? err->limit : 2;
		answer_header(c, "Retry-After", str_format(c->arena, "%lld", (long long)seconds));
	}
}

void answer_header(struct http_call *c, const char *name, struct str value)
{
	if (c->n_answer < CALL_HEADERS_MAX && value.ptr)
		c->answer[c->n_answer++] = (struct str_pair){ str_of(name), value };
}

void answer_empty(struct http_call *c, int status)
{
	c->status = status;
	buf_clear(&c->out);
}

void answer_tagged(struct http_call *c)
{
	struct str tag = str_format(c->arena, "\"%016llx\"", (unsigned long long)hash64(buf_view(&c->out)));
	answer_header(c, "ETag", tag);
	answer_header(c, "Cache-Control", STR("private, no-cache"));
	if (tag.ptr && str_eq(c->headers[H_IF_NONE_MATCH], tag)) answer_empty(c, 304);
}
