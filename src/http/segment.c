/*
 * Segment's tracking API, in the forms that its clients really send: any
 * Content-Type, compressed or not and not always saying so, the key in one of
 * four places. Answers only after the events are on disk, and never with a
 * status that makes a client throw away what could be sent again.
 */
#include <zlib.h>
#include <zstd.h>

#include "http/priv.h"

/* --- unpacking ------------------------------------------------------------------------------------ */

static enum err_code too_much(struct err *err)
{
	return err_limit(err, "collect.inflated", "", 0, (int64_t)HTTP_INFLATED_BYTES_MAX,
	                 "unpacked, the body has more than %zu bytes", HTTP_INFLATED_BYTES_MAX);
}

static enum err_code broken(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "collect.packed", "", "the %s body is broken", what);
}

/* gzip, zlib, and with `raw` a bare deflate stream. */
static enum err_code unzip(struct str in, bool raw, struct arena *a, struct str *out, struct err *err)
{
	size_t cap = in.len * 8 < 64 * KIB ? 64 * KIB : in.len * 8;
	if (cap > HTTP_INFLATED_BYTES_MAX + 1) cap = HTTP_INFLATED_BYTES_MAX + 1;
	enum err_code rc = OK;
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len };
	if (inflateInit2(&z, raw ? -15 : 15 + 32) != Z_OK) return err_no_memory(err);
	char *room = NULL;
	for (size_t used = 0;;) {
		char *more = arena_alloc(a, cap);
		if (!more) {
			rc = err_no_memory(err);
			break;
		}
		if (used) memcpy(more, room, used);
		room = more;
		z.next_out = (Bytef *)room + used;
		z.avail_out = (uInt)(cap - used);
		int got = inflate(&z, Z_FINISH);
		used = cap - z.avail_out;
		if (got == Z_STREAM_END) {
			*out = (struct str){ room, used };
			if (used > HTTP_INFLATED_BYTES_MAX) rc = too_much(err);
			break;
		}
		if (z.avail_out > 0 || (got != Z_BUF_ERROR && got != Z_OK)) {
			rc = broken(err, "compressed");
			break;
		}
		if (cap > HTTP_INFLATED_BYTES_MAX) {
			rc = too_much(err);
			break;
		}
		cap = cap * 2 > HTTP_INFLATED_BYTES_MAX + 1 ? HTTP_INFLATED_BYTES_MAX + 1 : cap * 2;
	}
	inflateEnd(&z);
	return rc;
}

static enum err_code unzstd(struct str in, struct arena *a, struct str *out, struct err *err)
{
	/* The size that a frame claims is not believed: unpacked in a stream up to the limit. */
	char *room = arena_alloc(a, HTTP_INFLATED_BYTES_MAX + 1);
	ZSTD_DCtx *d = ZSTD_createDCtx();
	enum err_code rc = OK;
	ZSTD_inBuffer from = { in.ptr, in.len, 0 };
	ZSTD_outBuffer to = { room, HTTP_INFLATED_BYTES_MAX + 1, 0 };
	if (!d || !room) rc = err_no_memory(err);
	/* A window above 8 MiB has no use for a body of 4. */
	else if (ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, 23))) rc = err_no_memory(err);
	size_t left = 1;
	while (rc == OK && left) {
		size_t before = from.pos, wrote = to.pos;
		left = ZSTD_decompressStream(d, &to, &from);
		if (ZSTD_isError(left)) rc = broken(err, "zstd");
		else if (to.pos > HTTP_INFLATED_BYTES_MAX) rc = too_much(err);
		else if (left && from.pos == before && to.pos == wrote) rc = broken(err, "zstd");
	}
	ZSTD_freeDCtx(d);
	if (rc == OK) *out = (struct str){ room, to.pos };
	return rc;
}

/* Clients lie about both type and encoding, so the bytes are asked first. */
static enum err_code unpack(struct http_call *c, struct str *out, struct err *err)
{
	struct str b = c->body, said = c->headers[H_ENCODING];
	const unsigned char *p = (const unsigned char *)b.ptr;
	*out = b;
	if (b.len > 2 && p[0] == 0x1f && p[1] == 0x8b) return unzip(b, false, c->arena, out, err);
	if (b.len > 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)
		return unzstd(b, c->arena, out, err);
	struct str text = str_trim(b);
	if (text.len && (text.ptr[0] == '{' || text.ptr[0] == '[')) return OK;
	if (str_eq_ascii_nocase(said, STR("deflate"))) {
		bool wrapped = b.len > 2 && (p[0] & 15) == 8 && ((unsigned)p[0] << 8 | p[1]) % 31 == 0;
		return unzip(b, !wrapped, c->arena, out, err);
	}
	if (said.len && !str_eq_ascii_nocase(said, STR("identity"))) return broken(err, "compressed");
	if (str_starts(text, STR("data="))) {
		struct str value = str_cut(text, 5, text.len), decoded, raw;
		value = str_cut(value, 0, str_find(value, '&'));
		if (!percent_decode(c->arena, value, true, &decoded)) return broken(err, "form");
		if (decoded.len && (decoded.ptr[0] == '{' || decoded.ptr[0] == '[')) *out = decoded;
		else if (base64_decode(c->arena, decoded, &raw)) *out = raw;
		else return broken(err, "form");
	}
	return OK;
}

/* --- who sends -------------------------------------------------------------------------------------- */

static bool known(struct http_call *c, struct str key, uint32_t *source, enum err_code *rc, struct err *err)
{
	key = str_trim(key);
	if (!key.len || *rc == OK) return *rc == OK;
	struct err why = { 0 };
	enum err_code got = collect_source_by_key(c->h->opt.collect, key, source, &why);
	/* A full disk is not a wrong key: such an error stands. */
	if (got == OK || got != ERR_DENIED) *rc = got;
	if (got != OK && got != ERR_DENIED) *err = why;
	return got == OK;
}

/* Basic user name, Bearer, body, query: the first known key counts. */
enum err_code write_key_source(struct http_call *c, struct str body, uint32_t *source, struct err *err)
{
	struct str auth = c->headers[H_AUTHORIZATION], text;
	enum err_code rc = ERR_DENIED;
	if (auth.len > 6 && str_eq_ascii_nocase(str_cut(auth, 0, 6), STR("Basic ")) &&
	    base64_decode(c->arena, str_trim(str_cut(auth, 6, auth.len)), &text))
		known(c, str_cut(text, 0, str_find(text, ':')), source, &rc, err);
	if (auth.len > 7 && str_eq_ascii_nocase(str_cut(auth, 0, 7), STR("Bearer ")))
		known(c, str_cut(auth, 7, auth.len), source, &rc, err);
	if (rc == ERR_DENIED && wire_segment_key(body, c->arena, &text)) known(c, text, source, &rc, err);
	known(c, query_get(c, "writeKey"), source, &rc, err);
	known(c, query_get(c, "token"), source, &rc, err);
	if (rc != ERR_DENIED) return rc;
	c->status = 401;
	rc = err_set(err, ERR_DENIED, "collect.key", "writeKey", "no source has this write key, or it is switched off");
	err_hint(err, "Take the key from the page Sources.");
	return rc;
}

/* --- other sites' pages --------------------------------------------------------------------------------- */

/* A write key can only write, so any page may use it; cookies are not looked at here. */
void answer_cors(struct http_call *c)
{
	struct str origin = c->headers[H_ORIGIN];
	if (!origin.len) return;
	answer_header(c, "Access-Control-Allow-Origin", origin);
	answer_header(c, "Access-Control-Allow-Credentials", STR("true"));
	answer_header(c, "Vary", STR("Origin"));
}

HANDLER(options_collect)
{
	answer_cors(c);
	answer_header(c, "Access-Control-Allow-Methods", STR("GET, POST, PATCH, OPTIONS"));
	if (c->headers[H_CORS_HEADERS].len)
		answer_header(c, "Access-Control-Allow-Headers", c->headers[H_CORS_HEADERS]);
	answer_header(c, "Access-Control-Max-Age", STR("86400"));
	answer_empty(c, 204);
	return OK;
}

/* --- taking ----------------------------------------------------------------------------------------------- */

/* The first refused item as the problem, all of them in a list: the good ones are on disk. */
static void answer_refused(struct http_call *c, const struct collect_tally *t, const struct collect_refused *r,
                           size_t n)
{
	static const struct err unnamed = { .id = "collect.refused", .text = "some events were refused" };
	struct json_out o;
	c->status = 400;
	c->content_type = "application/problem+json";
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	problem_members(&o, n ? &r[0].err : &unnamed, 400);
	json_kv_i64(&o, "index", n ? r[0].index : 0);
	json_key(&o, "tally");
	put_tally(&o, t);
	json_key(&o, "rejected");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "index", r[i].index);
		json_kv_z(&o, "id", r[i].err.id);
		json_kv_z(&o, "field", r[i].err.field);
		json_kv_z(&o, "detail", r[i].err.text);
		json_kv_z(&o, "hint", r[i].err.hint);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
}

static enum err_code collect(struct http_call *c, enum wire_endpoint endpoint, struct err *err)
{
	struct str body;
	uint32_t source;
	struct collect_tally tally = { 0 };
	struct collect_refused *refused = NULL;
	size_t n = 0;
	answer_cors(c);
	TRY(unpack(c, &body, err));
	TRY(write_key_source(c, body, &source, err));
	enum err_code rc =
	        collect_segment(c->h->opt.collect, source, endpoint, body, c->arena, &tally, &refused, &n, err);
	/* 413 would be dropped by clients just the same; the table of answers knows only 400. */
	if (rc == ERR_LIMIT) c->status = 400;
	if (rc != OK) return rc;
	if (tally.refused > 0) answer_refused(c, &tally, refused, n);
	else buf_str(&c->out, STR("{\"success\":true}"));
	return OK;
}

HANDLER(post_identify)
{
	return collect(c, WIRE_EP_IDENTIFY, err);
}
HANDLER(post_track)
{
	return collect(c, WIRE_EP_TRACK, err);
}
HANDLER(post_page)
{
	return collect(c, WIRE_EP_PAGE, err);
}
HANDLER(post_screen)
{
	return collect(c, WIRE_EP_SCREEN, err);
}
HANDLER(post_group)
{
	return collect(c, WIRE_EP_GROUP, err);
}
HANDLER(post_alias)
{
	return collect(c, WIRE_EP_ALIAS, err);
}
HANDLER(post_batch)
{
	return collect(c, WIRE_EP_BATCH, err);
}
HANDLER(post_import_events)
{
	return collect(c, WIRE_EP_IMPORT, err);
}

/* A client's figures about itself: taken, and forgotten. */
HANDLER(post_metrics)
{
	answer_cors(c);
	buf_str(&c->out, STR("{\"success\":true}"));
	return OK;
}

/* What AnalyticsBrowser.load asks for when cdnURL points here. An unknown key is told so at once. */
HANDLER(get_settings)
{
	uint32_t source;
	struct json_out o;
	answer_cors(c);
	enum err_code rc = collect_source_by_key(c->h->opt.collect, c->params[0], &source, err);
	if (rc == ERR_DENIED) c->status = 401;
	if (rc != OK) return rc;
	struct str host = c->headers[H_HOST].len ? c->headers[H_HOST] : STR("127.0.0.1");
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "integrations");
	json_open(&o, '{');
	json_key(&o, "Segment.io");
	json_open(&o, '{');
	json_kv_str(&o, "apiKey", c->params[0]);
	json_kv_str(&o, "apiHost", str_format(c->arena, STR_FMT "/v1", STR_ARG(host)));
	json_kv_z(&o, "protocol", "http");
	json_close(&o, '}');
	json_close(&o, '}');
	json_close(&o, '}');
	return OK;
}
