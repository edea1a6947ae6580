/*
 * The live protocols: one way for all of them, and a dialect for each, which
 * says who reads a body, where its key may stand and what its clients want to
 * hear. Answers only after the events are on disk, never with a redirection
 * (clients take that for delivered), and never with a status that makes a
 * client throw away what could be sent again. docs/protocols.md
 */
#include "http/priv.h"

struct dialect {
	wire_reader read;
	wire_key_reader key; /* NULL: not inside the request */
	void (*taken)(struct http_call *c, const struct wire_live *in, const struct collect_tally *t);
	bool hook;      /* its sender may sign */
	bool drops_413; /* its clients throw a batch away at 413 as at 400, and its description knows only 400 */
};

/* --- who sends -------------------------------------------------------------------------------------- */

static bool known(struct http_call *c, struct str key, uint32_t *source, enum err_code *rc, struct err *err)
{
	key = str_trim(key);
	if (!key.len || *rc != ERR_DENIED) return *rc == OK;
	struct err why = { 0 };
	enum err_code got = collect_source_by_key(c->h->opt.collect, key, source, &why);
	/* A full disk is not a wrong key: such an error stands. */
	if (got == OK || got != ERR_DENIED) *rc = got;
	if (got != OK && got != ERR_DENIED) *err = why;
	return got == OK;
}

static enum err_code no_key(struct http_call *c, struct err *err)
{
	c->status = 401;
	(void)err_set(err, ERR_DENIED, "collect.key", "writeKey",
	              "no source has this write key, or it is switched off");
	err_hint(err, "Take the key from the page Sources.");
	return ERR_DENIED;
}

/* Basic user name, Bearer, path, body, query: the first known key counts. */
static enum err_code source_of(struct http_call *c, const struct wire_live *in, wire_key_reader key, uint32_t *source,
                               struct err *err)
{
	static const char *const names[] = { "writeKey", "token", "api_key" };
	struct str auth = c->headers[H_AUTHORIZATION], text;
	enum err_code rc = ERR_DENIED;
	if (auth.len > 6 && str_eq_ascii_nocase(str_cut(auth, 0, 6), STR("Basic ")) &&
	    base64_decode(c->arena, str_trim(str_cut(auth, 6, auth.len)), &text))
		known(c, str_cut(text, 0, str_find(text, ':')), source, &rc, err);
	if (auth.len > 7 && str_eq_ascii_nocase(str_cut(auth, 0, 7), STR("Bearer ")))
		known(c, str_cut(auth, 7, auth.len), source, &rc, err);
	for (size_t i = 0; i < CALL_PARAMS_MAX; i++)
		if (rc == ERR_DENIED) known(c, c->params[i], source, &rc, err);
	if (rc == ERR_DENIED && key && key(in, c->arena, &text)) known(c, text, source, &rc, err);
	for (size_t i = 0; i < COUNT_OF(names); i++) known(c, query_get(c, names[i]), source, &rc, err);
	return rc == ERR_DENIED ? no_key(c, err) : rc;
}

bool live_source(struct http_call *c, uint32_t *source)
{
	const struct wire_live in = { .body = STR("") };
	struct err err;
	const int status = c->status;
	const bool found = source_of(c, &in, NULL, source, &err) == OK;
	c->status = status;
	return found;
}

enum err_code write_key_source(struct http_call *c, struct str body, uint32_t *source, struct err *err)
{
	const struct wire_live in = { .body = body };
	return source_of(c, &in, wire_segment_key, source, err);
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
	answer_header(c, "Access-Control-Allow-Methods", STR("GET, POST, PATCH, OPTIONS"));
	if (c->headers[H_CORS_HEADERS].len)
		answer_header(c, "Access-Control-Allow-Headers", c->headers[H_CORS_HEADERS]);
	answer_header(c, "Access-Control-Max-Age", STR("86400"));
	answer_empty(c, 204);
	return OK;
}

/* --- answers ------------------------------------------------------------------------------------------------ */

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

static void say_success(struct http_call *c, const struct wire_live *in, const struct collect_tally *t)
{
	buf_str(&c->out, STR("{\"success\":true}"));
}

static void say_ok(struct http_call *c, const struct wire_live *in, const struct collect_tally *t)
{
	buf_str(&c->out, STR("{\"status\":\"Ok\"}"));
}

/* One transparent point. */
static void show_point(struct http_call *c, const struct wire_live *in, const struct collect_tally *t)
{
	static const unsigned char gif[] = { 0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80,
		                             0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04,
		                             0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01,
		                             0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b };
	if (str_eq(query_get(c, "send_image"), STR("0"))) {
		answer_empty(c, 204);
		return;
	}
	c->content_type = "image/gif";
	c->fixed = gif;
	c->n_fixed = sizeof gif;
	answer_header(c, "Cross-Origin-Resource-Policy", STR("cross-origin"));
}

/* Many at once are counted, one is a point. */
static void say_tracked(struct http_call *c, const struct wire_live *in, const struct collect_tally *t)
{
	const struct str body = str_trim(in->body);
	if (!body.len || body.ptr[0] != '{') {
		show_point(c, in, t);
		return;
	}
	buf_printf(&c->out, "{\"status\":\"success\",\"tracked\":%lld,\"invalid\":0}", (long long)t->received);
}

/* --- taking -------------------------------------------------------------------------------------------------- */

static const struct dialect segment = { wire_segment, wire_segment_key, say_success, false, true };
static const struct dialect pixel = { wire_pixel, NULL, show_point, false, true };
static const struct dialect posthog = { wire_posthog, wire_posthog_key, say_ok, false, false };
static const struct dialect matomo = { wire_matomo, wire_matomo_key, say_tracked, false, false };
static const struct dialect cloudevents = { wire_cloudevents, NULL, say_success, false, false };
static const struct dialect webhook = { wire_webhook, NULL, say_success, true, false };

struct taking {
	const struct dialect *dialect;
	struct wire_live in;
	struct collect_live *live;
};

static enum err_code taken(struct http_call *c, void *ctx, struct err *err)
{
	const struct taking *t = ctx;
	struct collect_tally tally;
	struct collect_refused *refused;
	size_t n;
	TRY(collect_live_end(t->live, &tally, &refused, &n, err));
	if (tally.refused > 0) answer_refused(c, &tally, refused, n);
	else t->dialect->taken(c, &t->in, &tally);
	return OK;
}

static enum err_code take(struct http_call *c, const struct dialect *d, int what, struct err *err)
{
	struct taking *t = ARENA_NEW(c->arena, struct taking);
	uint32_t source;
	if (str_eq(c->method, STR("HEAD"))) return OK; /* asks whether we are there */
	if (!t) return err_no_memory(err);
	t->dialect = d;
	t->in = (struct wire_live){
		.query = c->query, .n_query = c->n_query, .headers = c->sent, .n_headers = c->n_sent, .what = what
	};
	TRY(unpack(c, &t->in.body, err));
	TRY(source_of(c, &t->in, d->key, &source, err));
	if (d->hook)
		TRY(collect_hook_check(c->h->opt.collect, source, (enum wire_hook)what, c->body, c->sent, c->n_sent,
		                       c->arena, err));
	if (d->hook && what == WIRE_HOOK_CUSTOM)
		TRY(collect_hook_mapping(c->h->opt.collect, source, c->arena, &t->in.mapping, err));
	const enum err_code rc = collect_live_begin(c->h->opt.collect, source, d->read, t->in, c->arena, &t->live, err);
	if (rc == ERR_LIMIT && d->drops_413) c->status = 400;
	if (rc != OK) return rc;
	c->later = (struct http_later){ .job = collect_live_job(t->live), .answer = taken, .ctx = t };
	return c->later.job ? OK : taken(c, t, err);
}

/* One row an address of a protocol; the route table names them. */
#define LIVE(name, dialect, what)                                                                                      \
	HANDLER(name)                                                                                                  \
	{                                                                                                              \
		return take(c, &dialect, what, err);                                                                   \
	}
LIVE(post_identify, segment, WIRE_EP_IDENTIFY)
LIVE(post_track, segment, WIRE_EP_TRACK)
LIVE(post_page, segment, WIRE_EP_PAGE)
LIVE(post_screen, segment, WIRE_EP_SCREEN)
LIVE(post_group, segment, WIRE_EP_GROUP)
LIVE(post_alias, segment, WIRE_EP_ALIAS)
LIVE(post_batch, segment, WIRE_EP_BATCH)
LIVE(post_import_events, segment, WIRE_EP_IMPORT)
LIVE(get_pixel_track, pixel, WIRE_EP_TRACK)
LIVE(get_pixel_page, pixel, WIRE_EP_PAGE)
LIVE(take_matomo, matomo, 0)
LIVE(post_cloudevents, cloudevents, 0)

/* Some ask with HEAD or GET whether somebody listens. */
HANDLER(take_hook)
{
	int hook = 0;
	while (hook < WIRE_HOOKS && !str_eq(c->params[0], str_of(wire_hook_names[hook]))) hook++;
	if (hook == WIRE_HOOKS) return err_set(err, ERR_NOT_FOUND, "http.path", "", "there is nothing at this address");
	if (str_eq(c->method, STR("POST"))) return take(c, &webhook, hook, err);
	say_success(c, NULL, NULL);
	return OK;
}

/* The one packing that nobody sends any more is told so, instead of being taken for broken JSON. */
HANDLER(take_posthog)
{
	if (str_eq(query_get(c, "compression"), STR("lz64")))
		return err_set(err, ERR_INPUT, "collect.packed", "compression",
		               "lz64 is not read: send gzip, or nothing");
	return take(c, &posthog, 0, err);
}

/* --- what clients ask before they send --------------------------------------------------------------------------- */

/* Recordings of screens: taken, and forgotten. */
HANDLER(post_recording)
{
	say_ok(c, NULL, NULL);
	return OK;
}

/* There are no switches here; without an answer clients would ask again and again. */
HANDLER(take_flags)
{
	buf_str(&c->out, STR("{\"flags\":{},\"featureFlags\":{},\"featureFlagPayloads\":{},"
	                     "\"errorsWhileComputingFlags\":false,\"surveys\":false,\"sessionRecording\":false,"
	                     "\"supportedCompression\":[\"gzip-js\"]}"));
	return OK;
}

HANDLER(get_capture_config)
{
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "token", c->params[0]);
	json_key(&o, "supportedCompression");
	json_put_raw(&o, STR("[\"gzip-js\"]"));
	json_kv_bool(&o, "surveys", false);
	json_kv_bool(&o, "sessionRecording", false);
	json_kv_bool(&o, "hasFeatureFlags", false);
	json_kv_bool(&o, "autocapture_opt_out", false); /* clicks are told only when this is said */
	json_close(&o, '}');
	return OK;
}

/* What RudderStack's SDK for pages asks for before it sends: nothing goes on from here to others. */
HANDLER(get_source_config)
{
	uint32_t source;
	struct json_out o;
	const struct wire_live in = { .body = STR("") };
	TRY(source_of(c, &in, NULL, &source, err));
	const struct str id = str_format(c->arena, "%u", source);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "source");
	json_open(&o, '{');
	json_kv_str(&o, "id", id);
	json_kv_z(&o, "name", "safar");
	json_kv_str(&o, "writeKey", query_get(c, "writeKey"));
	json_kv_bool(&o, "enabled", true);
	json_kv_z(&o, "workspaceId", "safar");
	json_key(&o, "config");
	json_put_raw(&o, STR("{\"statsCollection\":{\"errors\":{\"enabled\":false},\"metrics\":{\"enabled\":false}}}"));
	json_key(&o, "destinations");
	json_put_raw(&o, STR("[]"));
	json_close(&o, '}');
	json_close(&o, '}');
	return OK;
}

/* A client's figures about itself: taken, and forgotten. */
HANDLER(post_metrics)
{
	buf_str(&c->out, STR("{\"success\":true}"));
	return OK;
}

/* By which the client came: a proxy in front says so. */
static struct str call_scheme(const struct http_call *c)
{
	for (size_t i = 0; i < c->n_sent; i++)
		if (str_eq(c->sent[i].key, STR("x-forwarded-proto")) &&
		    str_eq_ascii_nocase(c->sent[i].value, STR("https")))
			return STR("https");
	return STR("http");
}

/* What AnalyticsBrowser.load asks for when cdnURL points here. An unknown key is told so at once. */
HANDLER(get_settings)
{
	uint32_t source;
	struct json_out o;
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
	json_kv_str(&o, "protocol", call_scheme(c));
	json_close(&o, '}');
	json_close(&o, '}');
	json_close(&o, '}');
	return OK;
}
