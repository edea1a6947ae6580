/*
 * Matomo's tracking API: everything is a parameter. Those that have a place
 * here go there; the others are kept under "more", by their own names.
 */
#include "base/checked.h"
#include "base/hash.h"
#include "wire/live.h"

enum parameter {
	Q_ACTION,
	Q_CDT,
	Q_CID,
	Q_COUNT,
	Q_DOWNLOAD,
	Q_E_ACTION,
	Q_E_CATEGORY,
	Q_E_NAME,
	Q_E_VALUE,
	Q_GOAL,
	Q_ID,
	Q_ITEMS,
	Q_LANG,
	Q_LINK,
	Q_ORDER,
	Q_PING,
	Q_RAND,
	Q_REC,
	Q_REFERRER,
	Q_REVENUE,
	Q_SCOUNT,
	Q_SEARCH,
	Q_SCAT,
	Q_SITE,
	Q_TOKEN,
	Q_UA,
	Q_UID,
	Q_URL,
	Q_KEY,
	PARAMETERS
};
static const char *const parameters[PARAMETERS] = {
	[Q_ACTION] = "action_name",  [Q_CDT] = "cdt",       [Q_CID] = "cid",         [Q_COUNT] = "_idvc",
	[Q_DOWNLOAD] = "download",   [Q_E_ACTION] = "e_a",  [Q_E_CATEGORY] = "e_c",  [Q_E_NAME] = "e_n",
	[Q_E_VALUE] = "e_v",         [Q_GOAL] = "idgoal",   [Q_ID] = "_id",          [Q_ITEMS] = "ec_items",
	[Q_LANG] = "lang",           [Q_LINK] = "link",     [Q_ORDER] = "ec_id",     [Q_PING] = "ping",
	[Q_RAND] = "rand",           [Q_REC] = "rec",       [Q_REFERRER] = "urlref", [Q_REVENUE] = "revenue",
	[Q_SCOUNT] = "search_count", [Q_SEARCH] = "search", [Q_SCAT] = "search_cat", [Q_SITE] = "idsite",
	[Q_TOKEN] = "token_auth",    [Q_UA] = "ua",         [Q_UID] = "uid",         [Q_URL] = "url",
	[Q_KEY] = "writeKey",
};

struct hit {
	struct str value[PARAMETERS]; /* "" absent */
	const struct str_pair *pairs;
	size_t n;
};

struct visit {
	const struct wire_live *in;
	struct gate *gate;
};

static int parameter_of(struct str key)
{
	for (int i = 0; i < PARAMETERS; i++)
		if (str_eq(key, str_of(parameters[i]))) return i;
	return -1;
}

static void take(const struct str_pair *pairs, size_t n, struct hit *h)
{
	*h = (struct hit){ .pairs = pairs, .n = n };
	for (int i = 0; i < PARAMETERS; i++) h->value[i] = STR("");
	for (size_t i = 0; i < n; i++) {
		const int at = parameter_of(pairs[i].key);
		if (at >= 0) h->value[at] = str_trim(pairs[i].value);
	}
}

static bool is_number(struct str s)
{
	double v;
	return str_to_double(s, &v);
}

/* A number as one, anything else as text. */
static void put_value(struct json_out *o, const char *name, struct str s)
{
	struct json_reader r;
	if (!s.len) return;
	json_key(o, name);
	json_read(&r, s);
	if (is_number(s) && json_next(&r) == JT_NUMBER && json_next(&r) == JT_END) json_put_raw(o, s);
	else json_put_str(o, s);
}

/* [["sku","name","category",price,quantity], ...] as it came, when it is JSON. */
static void put_items(struct json_out *o, struct str items)
{
	struct json_reader r;
	if (!items.len) return;
	json_read(&r, items);
	json_key(o, "items");
	if (json_skip(&r, json_next(&r)) && json_next(&r) == JT_END) json_put_raw(o, items);
	else json_put_str(o, items);
}

/* What one hit is: the first row that fits. */
static void put_order(const struct hit *h, struct json_out *o)
{
	put_value(o, "value", is_number(h->value[Q_REVENUE]) ? h->value[Q_REVENUE] : STR(""));
	if (h->value[Q_ORDER].len) json_kv_str(o, "order_id", h->value[Q_ORDER]);
	put_items(o, h->value[Q_ITEMS]);
}
static void put_goal(const struct hit *h, struct json_out *o)
{
	json_kv_str(o, "goal", h->value[Q_GOAL]);
	put_value(o, "value", is_number(h->value[Q_REVENUE]) ? h->value[Q_REVENUE] : STR(""));
}
static void put_event(const struct hit *h, struct json_out *o)
{
	json_kv_str(o, "category", h->value[Q_E_CATEGORY]);
	json_kv_str(o, "action", h->value[Q_E_ACTION]);
	if (h->value[Q_E_NAME].len) json_kv_str(o, "name", h->value[Q_E_NAME]);
	put_value(o, "event_value", h->value[Q_E_VALUE]);
}
static void put_search(const struct hit *h, struct json_out *o)
{
	json_kv_str(o, "query", h->value[Q_SEARCH]);
	if (h->value[Q_SCAT].len) json_kv_str(o, "category", h->value[Q_SCAT]);
	put_value(o, "results", h->value[Q_SCOUNT]);
}
static void put_download(const struct hit *h, struct json_out *o)
{
	json_kv_str(o, "href", h->value[Q_DOWNLOAD]);
}
static void put_link(const struct hit *h, struct json_out *o)
{
	json_kv_str(o, "href", h->value[Q_LINK]);
}
static void put_view(const struct hit *h, struct json_out *o)
{
	if (h->value[Q_ACTION].len) json_kv_str(o, "title", h->value[Q_ACTION]);
	if (h->value[Q_URL].len) json_kv_str(o, "url", h->value[Q_URL]);
}

static const struct kind {
	enum parameter asks, also; /* both say something */
	const char *name;          /* of the event; NULL: made of what was said */
	void (*put)(const struct hit *h, struct json_out *o);
} kinds[] = {
	{ Q_ORDER, Q_ORDER, "Order Completed", put_order },          { Q_E_CATEGORY, Q_E_ACTION, NULL, put_event },
	{ Q_SEARCH, Q_SEARCH, "Site Search", put_search },           { Q_GOAL, Q_GOAL, NULL, put_goal },
	{ Q_DOWNLOAD, Q_DOWNLOAD, "File Downloaded", put_download }, { Q_LINK, Q_LINK, "Link Followed", put_link },
};

static struct str name_of(const struct hit *h, const struct kind *k, struct arena *a)
{
	if (k && k->name) return str_of(k->name);
	if (k && k->asks == Q_E_CATEGORY)
		return str_format(a, STR_FMT ": " STR_FMT, STR_ARG(h->value[Q_E_CATEGORY]),
		                  STR_ARG(h->value[Q_E_ACTION]));
	if (k && str_eq(h->value[Q_GOAL], STR("0"))) return STR("Cart Updated");
	if (k) return str_format(a, "Goal " STR_FMT, STR_ARG(h->value[Q_GOAL]));
	if (h->value[Q_ACTION].len) return h->value[Q_ACTION];
	return live_url_path(h->value[Q_URL]);
}

/* Parameters without a place of their own, and without what only carried the request here. */
static bool kept(const struct str_pair *p)
{
	static const char *const carriers[] = {
		"send_image", "apiv", "h", "m", "s", "bots", "_idts", "_idn", "_viewts"
	};
	for (size_t i = 0; i < COUNT_OF(carriers); i++)
		if (str_eq(p->key, str_of(carriers[i]))) return false;
	return p->key.len && p->value.len && parameter_of(p->key) < 0;
}

static enum err_code write_parts(const struct hit *h, const struct kind *k, struct arena *a, struct draft *d,
                                 struct err *why)
{
	struct buf b;
	struct json_out o;
	size_t end[2];
	buf_init(&b, WIRE_BATCH_BYTES_MAX);
	json_out_init(&o, &b);
	json_open(&o, '{');
	(k ? k->put : put_view)(h, &o);
	json_close(&o, '}');
	end[0] = b.len;
	json_out_init(&o, &b);
	json_open(&o, '{');
	live_page(&o, h->value[Q_URL], h->value[Q_REFERRER], k ? h->value[Q_ACTION] : STR(""));
	if (h->value[Q_UA].len) json_kv_str(&o, "userAgent", h->value[Q_UA]);
	if (h->value[Q_LANG].len) json_kv_str(&o, "locale", h->value[Q_LANG]);
	json_close(&o, '}');
	end[1] = b.len;
	json_out_init(&o, &b);
	json_open(&o, '{');
	if (h->value[Q_SITE].len) put_value(&o, "idsite", h->value[Q_SITE]);
	for (size_t i = 0; i < h->n; i++)
		if (kept(&h->pairs[i])) {
			json_key_str(&o, h->pairs[i].key);
			json_put_str(&o, h->pairs[i].value);
		}
	json_close(&o, '}');
	const struct str all = str_copy(a, buf_view(&b));
	enum err_code rc = buf_check(&b, why);
	buf_done(&b);
	if (rc == OK && !all.ptr) rc = err_no_memory(why);
	if (rc != OK) return rc;
	d->properties = str_cut(all, 0, end[0]);
	d->context = str_cut(all, end[0], end[1]);
	d->more = str_cut(all, end[1], all.len);
	return OK;
}

/* "2026-03-01 10:00:00" in UTC, or seconds since 1970. */
static bool hit_time(struct str s, int64_t *out_ms)
{
	int64_t seconds;
	if (str_to_i64(s, &seconds)) {
		if (seconds < 0 || seconds > WIRE_MS_MAX / 1000) return false;
		*out_ms = seconds * 1000;
		return true;
	}
	return when_parse_iso(s, out_ms, NULL);
}

/*
 * A hit has no id and mostly no time. `rand` is new for every one and the
 * same in a retry; without it and without a time only the instant tells two
 * views of one page apart.
 */
static enum err_code set_when(const struct visit *v, const struct hit *h, struct arena *a, struct draft *d,
                              struct err *why)
{
	int64_t said;
	d->at_ms = v->in->received_ms;
	if (h->value[Q_CDT].len) {
		if (!hit_time(h->value[Q_CDT], &said))
			return live_bad(why, d->pointer, "cdt", "is not a time",
			                "Use YYYY-MM-DD HH:MM:SS in UTC, or seconds since 1970.");
		live_time(v->in, said, NULL, STR(""), d);
	} else if (!h->value[Q_RAND].len) {
		d->said_ms = d->at_ms;
	}
	if (!h->value[Q_RAND].len) return OK;
	uint64_t mark = 0;
	for (size_t i = 0; i < h->n; i++) mark = hash64_seed(h->pairs[i].value, hash64_seed(h->pairs[i].key, mark));
	d->id = str_format(a, STR_FMT "-%016llx", STR_ARG(wire_show(h->value[Q_RAND], 100)), (unsigned long long)mark);
	return d->id.ptr ? OK : err_no_memory(why);
}

static enum err_code read_hit(const struct visit *v, const struct hit *h, struct arena *a, struct draft *d,
                              struct err *why)
{
	const struct kind *k = NULL;
	for (size_t i = 0; i < COUNT_OF(kinds) && !k; i++)
		if (h->value[kinds[i].asks].len && h->value[kinds[i].also].len) k = &kinds[i];
	d->customer = h->value[Q_UID];
	d->anonymous = h->value[Q_ID].len ? h->value[Q_ID] : h->value[Q_CID];
	if (!d->customer.len && !d->anonymous.len)
		return live_bad(why, d->pointer, "uid", "and _id are both missing",
		                "Say with uid who it is, or send the visitor's _id.");
	d->type = k ? WIRE_TRACK : WIRE_PAGE;
	d->name = name_of(h, k, a);
	if (!d->name.len)
		return live_bad(why, d->pointer, "url", "and action_name are both missing", "Say which page was seen.");
	if (str_starts(h->value[Q_URL], STR("http"))) d->channel = STR("web");
	TRY(write_parts(h, k, a, d, why));
	return set_when(v, h, a, d, why);
}

static enum err_code put_hit(const struct visit *v, const struct str_pair *pairs, size_t n, struct str raw,
                             int64_t index, const char *pointer, struct err *err)
{
	struct hit h;
	struct err why = { 0 };
	struct draft d = { .line = index, .raw = raw, .pointer = pointer };
	take(pairs, n, &h);
	if (h.value[Q_PING].len && !str_eq(h.value[Q_PING], STR("0"))) return OK; /* "still here" is no event */
	const enum err_code rc = read_hit(v, &h, v->gate->scratch, &d, &why);
	return live_put(v->gate, &d, rc, &why, err);
}

/* A hit inside {"requests": [...]}: its parameters as text, or as an object. */
static enum err_code put_request(void *ctx, struct str value, int64_t index, struct err *err)
{
	const struct visit *v = ctx;
	struct arena *a = v->gate->scratch;
	struct str_pair *pairs;
	size_t n;
	char pointer[48];
	snprintf(pointer, sizeof pointer, "/requests/%lld", (long long)index);
	if (live_form(live_text(value, a), a, &pairs, &n)) return put_hit(v, pairs, n, value, index, pointer, err);
	struct err why = { 0 };
	live_bad(&why, pointer, "", "is no list of parameters", "Send \"?idsite=1&rec=1&url=...\".");
	return gate_refuse(v->gate, index, value, &why, err);
}

/* Parameters in the address and in a form are one list; of one name the later counts. */
static enum err_code put_body(struct visit *v, struct err *err)
{
	const struct wire_live *in = v->in;
	struct arena *a = v->gate->scratch;
	struct str body = str_trim(in->body), requests;
	struct str_pair *form = NULL;
	size_t n = 0;
	if (body.len && body.ptr[0] == '{') {
		struct json_reader r;
		json_read(&r, body);
		if (!json_skip(&r, json_next(&r)) || json_next(&r) != JT_END) return json_error(&r, err);
		if (!json_get(body, STR("requests"), &requests))
			return live_bad(err, "", "requests", "is missing",
			                "Send {\"requests\":[\"?idsite=1&rec=1&url=...\"]}.");
		return live_each(requests, put_request, v, err);
	}
	if (body.len && !live_form(body, a, &form, &n))
		return err_set(err, ERR_INPUT, "segment.member", "",
		               "the body is neither JSON nor a list of parameters");
	struct str_pair *all = ARENA_ARRAY(a, struct str_pair, in->n_query + n + 1);
	if (!all) return err_no_memory(err);
	for (size_t i = 0; i < in->n_query; i++) all[i] = in->query[i];
	for (size_t i = 0; i < n; i++) all[in->n_query + i] = form[i];
	return put_hit(v, all, in->n_query + n, body, 0, "", err);
}

enum err_code wire_matomo(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                          struct err *err)
{
	struct gate g;
	struct visit v = { .in = in, .gate = &g };
	gate_init(&g, sink, scratch, in->received_ms, WIRE_LIVE_AHEAD_MS);
	const enum err_code rc = put_body(&v, err);
	gate_done(&g);
	return rc;
}

static bool key_in(const struct str_pair *pairs, size_t n, struct str *out)
{
	struct hit h;
	take(pairs, n, &h);
	static const enum parameter places[] = { Q_KEY, Q_TOKEN, Q_SITE };
	for (size_t i = 0; i < COUNT_OF(places); i++)
		/* A site is a number for Matomo itself; a key in its place is longer. */
		if (h.value[places[i]].len > 8) {
			*out = h.value[places[i]];
			return true;
		}
	return false;
}

bool wire_matomo_key(const struct wire_live *in, struct arena *a, struct str *out)
{
	const struct str body = str_trim(in->body);
	struct str_pair *form;
	size_t n;
	if (key_in(in->query, in->n_query, out)) return true;
	if (body.len && body.ptr[0] == '{') return json_get_text(body, STR("token_auth"), a, out) && out->len > 0;
	return body.len && live_form(body, a, &form, &n) && key_in(form, n, out);
}
