/* The gate: what holds for every event, whoever sent it. */
#include <math.h>

#include "wire/priv.h"

const char *const wire_type_names[WIRE_TYPES] = { "track", "page", "screen", "identify", "group", "alias" };
const char *const wire_format_names[WIRE_FORMATS] = { "auto", "csv",     "xlsx", "ndjson",
	                                              "xes",  "segment", "ocel", "access" };

void gate_init(struct gate *g, const struct wire_sink *sink, struct arena *scratch, int64_t now_ms, int64_t ahead_ms)
{
	*g = (struct gate){ .sink = sink, .scratch = scratch };
	g->latest_ms = now_ms > 0 && now_ms < WHEN_MAX_MS ? now_ms + ahead_ms : INT64_MAX;
	/* Four times the maximum: what is too long is written once, to say how long it is. */
	buf_init(&g->body, WIRE_LINE_BYTES_MAX * 4);
	buf_init(&g->hashed, WIRE_LINE_BYTES_MAX * 4);
}

void gate_done(struct gate *g)
{
	buf_done(&g->body);
	buf_done(&g->hashed);
}

struct str wire_show(struct str s, size_t max)
{
	if (s.len > max) {
		s.len = max;
		while (s.len && ((unsigned char)s.ptr[s.len] & 0xC0) == 0x80) s.len--;
	}
	s.len = utf8_valid(s.ptr, s.len);
	return s;
}

bool wire_time(struct str s, bool number, int64_t *out_ms)
{
	if (!number) return when_parse_iso(str_trim(s), out_ms, NULL);
	double v;
	if (!str_to_double(s, &v) || fabs(v) > (double)WIRE_MS_MAX) return false;
	*out_ms = (int64_t)floor(v);
	return true;
}

/* --- refusing -------------------------------------------------------------------- */

/* Raw bytes may be anything; what leaves here is UTF-8 of at most 4 KiB. */
static struct str clean_raw(struct gate *g, struct str raw)
{
	raw = str_cut(raw, 0, WIRE_RAW_BYTES_MAX);
	if (utf8_valid(raw.ptr, raw.len) == raw.len) return raw;
	char *out = arena_alloc(g->scratch, raw.len * 3 + 1);
	if (!out) return STR("");
	size_t len = 0;
	while (raw.len) {
		size_t ok = utf8_valid(raw.ptr, raw.len);
		memcpy(out + len, raw.ptr, ok);
		len += ok;
		if (ok < raw.len) len += utf8_put(out + len, 0xFFFD), ok++;
		raw = str_cut(raw, ok, raw.len);
	}
	return wire_show((struct str){ out, len }, WIRE_RAW_BYTES_MAX);
}

static enum err_code tell(struct gate *g, int64_t line, struct str raw, const struct err *why, const char *reason,
                          struct err *err)
{
	struct wire_refusal r = {
		.line = line, .err = *why, .raw = clean_raw(g, raw), .set_aside = reason != NULL, .reason = reason
	};
	if (g->file.len) err_context(&r.err, STR_FMT, STR_ARG(wire_show(g->file, 60)));
	/* Texts are cut by bytes in err_set; a code point must not end in the middle. */
	r.err.text[wire_show(str_of(r.err.text), sizeof r.err.text).len] = '\0';
	r.err.hint[wire_show(str_of(r.err.hint), sizeof r.err.hint).len] = '\0';
	r.err.field[wire_show(str_of(r.err.field), sizeof r.err.field).len] = '\0';
	g->n_refused++;
	return g->sink->refuse ? g->sink->refuse(g->sink->ctx, &r, err) : OK;
}

enum err_code gate_refuse(struct gate *g, int64_t line, struct str raw, const struct err *why, struct err *err)
{
	return tell(g, line, raw, why, NULL, err);
}

enum err_code gate_progress(struct gate *g, int64_t bytes, int64_t rows, struct err *err)
{
	if (!g->sink->progress || g->sink->progress(g->sink->ctx, bytes, rows) == 0) return OK;
	return err_set(err, ERR_UNAVAILABLE, "cancelled", "", "stopped on request after %lld rows", (long long)rows);
}

/* --- standard properties ------------------------------------------------------------ */

enum std_kind { STD_NUMBER, STD_TEXT, STD_KIND, STD_TIME, STD_FAILED, STD_BOOL, STD_CURRENCY };
enum std_id {
	P_ABANDONED,
	P_ABOUT,
	P_CHANNEL,
	P_COMMENT,
	P_LANG,
	P_CURRENCY,
	P_EFFORT,
	P_ENVIRONMENT,
	P_EXPECTED,
	P_FAILED,
	P_JOURNEY,
	P_SCORE,
	P_SCORE_KIND,
	P_SCORE_MAX,
	P_SCORE_MIN,
	P_UNIT,
	P_VALUE,
	P_WAIT,
	P_COUNT
};

/* One row a property. For numbers low and high are inclusive, for texts high is the bytes allowed. */
static const struct std {
	struct str name;
	enum std_kind kind;
	double low, high;
} std[P_COUNT] = {
	[P_ABANDONED] = { STR("abandoned"), STD_BOOL, 0, 0 },
	[P_ABOUT] = { STR("about"), STD_TEXT, 0, WIRE_NAME_BYTES_MAX },
	[P_CHANNEL] = { STR("channel"), STD_TEXT, 0, WIRE_NAME_BYTES_MAX },
	[P_COMMENT] = { STR("comment"), STD_TEXT, 0, WIRE_EVENT_BYTES_MAX },
	[P_LANG] = { STR("comment_lang"), STD_TEXT, 0, 35 },
	[P_CURRENCY] = { STR("currency"), STD_CURRENCY, 0, 0 },
	[P_EFFORT] = { STR("effort"), STD_NUMBER, 1, 1e6 },
	[P_ENVIRONMENT] = { STR("environment"), STD_TEXT, 0, WIRE_NAME_BYTES_MAX },
	[P_EXPECTED] = { STR("expected_at"), STD_TIME, 0, 0 },
	[P_FAILED] = { STR("failed"), STD_FAILED, 0, 0 },
	[P_JOURNEY] = { STR("journey"), STD_TEXT, 0, WIRE_ID_BYTES_MAX },
	[P_SCORE] = { STR("score"), STD_NUMBER, -1e9, 1e9 },
	[P_SCORE_KIND] = { STR("score_kind"), STD_KIND, 0, 0 },
	[P_SCORE_MAX] = { STR("score_max"), STD_NUMBER, -1e9, 1e9 },
	[P_SCORE_MIN] = { STR("score_min"), STD_NUMBER, -1e9, 1e9 },
	[P_UNIT] = { STR("unit"), STD_TEXT, 0, WIRE_NAME_BYTES_MAX },
	[P_VALUE] = { STR("value"), STD_NUMBER, -1e12, 1e12 },
	[P_WAIT] = { STR("wait_ms"), STD_NUMBER, 0, 1e13 },
};

static const struct {
	const char *name;
	double low, high;
} score_kinds[] = { { "rating", 1, 5 }, { "nps", 0, 10 }, { "csat", 1, 5 }, { "ces", 1, 7 } };

struct seen {
	bool is[P_COUNT];
	double number[P_COUNT]; /* where it is, and is a number */
};

static const char *field_of(const struct draft *d, const char *group, const char *name, char out[64])
{
	for (size_t i = 0; i < d->n_columns; i++)
		if (strcmp(d->columns[i].property, name) == 0) {
			struct str c = wire_show(d->columns[i].column, 63);
			snprintf(out, 64, STR_FMT, STR_ARG(c));
			return out;
		}
	snprintf(out, 64, "%s%s/%s", d->pointer, group, name);
	return out;
}

static enum err_code std_bad(const struct draft *d, const struct std *p, struct err *why, const char *what,
                             struct str got, const char *hint)
{
	char f[64];
	struct str g = wire_show(got, 60);
	err_set(why, ERR_INPUT, "event.property", field_of(d, "/properties", p->name.ptr, f),
	        "%s %s, '" STR_FMT "' came", p->name.ptr, what, STR_ARG(g));
	err_hint(why, "%s", hint);
	return ERR_INPUT;
}

static enum err_code std_value(const struct draft *d, struct arena *a, enum std_id id, const struct json_node *node,
                               struct seen *seen, struct err *why)
{
	const struct std *p = &std[id];
	const enum json_token t = node->type;
	const struct str raw = node->raw;
	struct str text = { 0 };
	if (t == JT_NULL) return OK;
	seen->is[id] = true;
	if (t == JT_STRING && !json_node_text(node, a, &text)) return err_no_memory(why);
	int64_t ms;

	switch (p->kind) {
	case STD_NUMBER:
		if (t != JT_NUMBER || !str_to_double(raw, &seen->number[id]))
			return std_bad(d, p, why, "must be a number", raw,
			               "Send a JSON number without quotes, or use another name for it.");
		if (seen->number[id] < p->low || seen->number[id] > p->high)
			return std_bad(d, p, why,
			               p->low == 1   ? "must be 1 or more"
			               : p->low == 0 ? "must be 0 or more"
			                             : "is out of range",
			               raw, "See the table of standard properties in docs/events.md.");
		return OK;
	case STD_TEXT:
		if (t != JT_STRING)
			return std_bad(d, p, why, "must be text", raw, "Send it in quotes, also when it is a number.");
		if ((double)text.len > p->high) {
			char f[64];
			return err_limit(why, "event.property", field_of(d, "/properties", p->name.ptr, f),
			                 (int64_t)text.len, (int64_t)p->high, "%s has %zu bytes, at most %.0f are kept",
			                 p->name.ptr, text.len, p->high);
		}
		return OK;
	case STD_KIND:
		for (size_t i = 0; t == JT_STRING && i < COUNT_OF(score_kinds); i++)
			if (str_eq(text, str_of(score_kinds[i].name))) {
				seen->number[id] = (double)i;
				return OK;
			}
		return std_bad(d, p, why, "must be rating, nps, csat or ces", raw,
		               "Use one of the four, or send score_min and score_max.");
	case STD_TIME:
		if ((t == JT_STRING && wire_time(text, false, &ms)) || (t == JT_NUMBER && wire_time(raw, true, &ms))) {
			if (ms >= WHEN_MIN_MS && ms < WHEN_MAX_MS) return OK;
			return std_bad(d, p, why, "must lie between 1900 and 2100", raw,
			               "Check the date's format and its calendar.");
		}
		return std_bad(d, p, why, "must be a time", raw,
		               "Use ISO 8601 such as 2026-01-31T18:00:00+03:00, or milliseconds since 1970.");
	case STD_FAILED:
		if (t == JT_TRUE || t == JT_FALSE) return OK;
		double v;
		if (t == JT_NUMBER && str_to_double(raw, &v) && (v == 1 || v == 2 || v == 3)) return OK;
		return std_bad(d, p, why, "must be true, false, 1, 2 or 3", raw,
		               "1 is a slight failure, 3 a grave one.");
	case STD_BOOL:
		if (t == JT_TRUE || t == JT_FALSE) return OK;
		return std_bad(d, p, why, "must be true or false", raw,
		               "Write it without quotes, or use another name for it.");
	case STD_CURRENCY:
		if (t == JT_STRING && wire_currency(text, NULL)) return OK;
		return std_bad(d, p, why, "must be a currency code of ISO 4217", raw,
		               "Use three capital letters such as EUR, SAR or IRR.");
	}
	return OK;
}

static int find_std(struct str key)
{
	for (int i = 0; i < P_COUNT; i++)
		if (key.len == std[i].name.len && key.ptr[0] == std[i].name.ptr[0] && str_eq(key, std[i].name))
			return i;
	return -1;
}

static enum err_code check_scale(const struct draft *d, const struct seen *s, struct err *why)
{
	if (!s->is[P_SCORE]) return OK;
	size_t kind = s->is[P_SCORE_KIND] ? (size_t)s->number[P_SCORE_KIND] : 0;
	double low = s->is[P_SCORE_MIN] ? s->number[P_SCORE_MIN] : score_kinds[kind].low;
	double high = s->is[P_SCORE_MAX] ? s->number[P_SCORE_MAX] : score_kinds[kind].high;
	char f[64];
	if (low >= high) {
		err_set(why, ERR_INPUT, "event.scale", field_of(d, "/properties", "score_min", f),
		        "a scale from %.10g to %.10g has no room for a score", low, high);
		err_hint(why, "score_min must be less than score_max.");
		return ERR_INPUT;
	}
	if (s->number[P_SCORE] >= low && s->number[P_SCORE] <= high) return OK;
	err_set(why, ERR_INPUT, "event.scale", field_of(d, "/properties", "score", f),
	        "score %.10g is not on %.10g to %.10g", s->number[P_SCORE], low, high);
	err_hint(why, "Say which scale is meant with score_min and score_max, or correct the score.");
	return ERR_INPUT;
}

static enum err_code check_properties(const struct draft *d, struct arena *a, const struct json_node *properties,
                                      struct err *why)
{
	const struct json_node *said[P_COUNT] = { 0 }; /* of several of one name the last counts */
	struct seen seen;
	memset(seen.is, 0, sizeof seen.is);
	for (const struct json_node *m = properties ? properties->first : NULL; m; m = m->next) {
		const int id = find_std(m->key);
		if (id >= 0) said[id] = m;
	}
	for (int id = 0; id < P_COUNT; id++)
		if (said[id]) TRY(std_value(d, a, (enum std_id)id, said[id], &seen, why));
	return check_scale(d, &seen, why);
}

/* --- the whole event -------------------------------------------------------------------- */

static enum err_code check_text(const struct draft *d, const char *field, struct str s, size_t max, struct err *why)
{
	if (s.len <= max) return OK;
	char f[64];
	err_limit(why, "event.length", field_of(d, "", field, f), (int64_t)s.len, (int64_t)max,
	          "%s has %zu bytes, at most %zu are kept", field, s.len, max);
	err_hint(why, "Ids and names are short; long texts belong into properties.");
	return ERR_LIMIT;
}

/* Somebody under an id with control characters could be kept, but never be asked for: no address can hold one. */
static enum err_code check_id(const struct draft *d, const char *field, struct str s, struct err *why)
{
	char f[64];
	TRY(check_text(d, field, s, WIRE_ID_BYTES_MAX, why));
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char c = (unsigned char)s.ptr[i];
		if (c >= 0x20 && c != 0x7f) continue;
		err_set(why, ERR_INPUT, "event.control", field_of(d, "", field, f),
		        "%s has a control character, U+%04X, behind %zu bytes", field, c, i);
		err_hint(why,
		         "Ids are text without line breaks, tabs or zero bytes: look at how the sender makes them.");
		return ERR_INPUT;
	}
	return OK;
}

static enum err_code check_fixed(const struct draft *d, struct err *why)
{
	char f[64];
	TRY(check_id(d, "customer", d->customer, why));
	TRY(check_id(d, "anonymous", d->anonymous, why));
	TRY(check_id(d, "previous", d->previous, why));
	TRY(check_text(d, "id", d->id, WIRE_ID_BYTES_MAX, why));
	TRY(check_text(d, "event", d->name, WIRE_NAME_BYTES_MAX, why));
	TRY(check_text(d, "channel", d->channel, WIRE_NAME_BYTES_MAX, why));
	if (d->customer.len == 0 && d->anonymous.len == 0) {
		err_set(why, ERR_INPUT, "event.customer", field_of(d, "", "customer", f),
		        "nobody is named: the customer is empty");
		err_hint(why, "Each event needs a customer or an anonymous id.");
		return ERR_INPUT;
	}
	if (d->name.len == 0) {
		err_set(why, ERR_INPUT, "event.name", field_of(d, "", "event", f), "the event has no name");
		err_hint(why, "Say what happened, such as \"Order Delivered\".");
		return ERR_INPUT;
	}
	return OK;
}

/* A part of the event: what was said, and where its canonical form stands in the body, which may move. */
struct part {
	const struct json_node *node; /* NULL: nothing was said */
	size_t from, len;
};

/* Appends `"key":canonical(value)`. */
static enum err_code put_part(struct gate *g, const char *key, struct str value, const struct json_node *read,
                              struct part *out, struct err *why)
{
	struct json_node *node;
	*out = (struct part){ 0 };
	if (value.len == 0) return OK;
	if (!read) {
		TRY(json_tree(value, g->scratch, &node, why));
		read = node;
	}
	if (g->body.len > 1) buf_byte(&g->body, ',');
	buf_byte(&g->body, '"');
	buf_str(&g->body, str_of(key));
	buf_str(&g->body, STR("\":"));
	out->node = read;
	out->from = g->body.len;
	TRY(json_node_canonical(read, g->scratch, &g->body, why));
	out->len = g->body.len - out->from;
	return OK;
}

static void hash_field(struct buf *b, struct str s)
{
	uint64_t n = s.len;
	buf_put(b, &n, sizeof n);
	buf_str(b, s);
}

/* The context without "ip", which a proxy or a change of network may alter between two tries. */
static void hash_context(struct buf *b, const struct json_node *said, struct str context)
{
	struct json_reader r;
	json_read(&r, context);
	if (json_member(said, STR("ip")) && json_next(&r) == JT_OBJECT)
		while (json_next(&r) == JT_KEY) {
			bool ip = str_eq(r.raw, STR("ip"));
			size_t from = (size_t)(r.raw.ptr - 1 - context.ptr);
			if (!json_skip(&r, json_next(&r))) break;
			if (!ip) continue;
			size_t to = json_offset(&r);
			/* Also the comma on one side, so that {"a":1,"ip":2} and {"a":1} hash alike. */
			if (to < context.len && context.ptr[to] == ',') to++;
			else if (context.ptr[from - 1] == ',') from--;
			struct str head = str_cut(context, 0, from), tail = str_cut(context, to, context.len);
			if (head.len + tail.len == 2) head = tail = STR(""); /* nothing else was there */
			uint64_t n = head.len + tail.len;
			buf_put(b, &n, sizeof n);
			buf_str(b, head);
			buf_str(b, tail);
			return;
		}
	hash_field(b, str_eq(context, STR("{}")) ? STR("") : context);
}

static enum err_code write_body(struct gate *g, const struct draft *d, struct wire_event *e, struct err *why)
{
	struct part context,
	        others[3], *const more = &others[0], *const properties = &others[1], *const traits = &others[2];
	buf_clear(&g->body);
	buf_byte(&g->body, '{');
	TRY(put_part(g, "context", d->context, d->context_read, &context, why));
	TRY(put_part(g, "more", d->more, NULL, more, why));
	TRY(put_part(g, "properties", d->properties, d->properties_read, properties, why));
	TRY(put_part(g, "traits", d->traits, d->traits_read, traits, why));
	buf_byte(&g->body, '}');
	TRY(buf_check(&g->body, why));
	if (g->body.len > WIRE_EVENT_BYTES_MAX) {
		err_limit(why, "event.size", d->pointer, (int64_t)g->body.len, (int64_t)WIRE_EVENT_BYTES_MAX,
		          "the event has %zu bytes, at most %zu are kept", g->body.len, WIRE_EVENT_BYTES_MAX);
		err_hint(why, "Send less in one event; long texts and lists belong elsewhere.");
		return ERR_LIMIT;
	}
	TRY(check_properties(d, g->scratch, properties->node, why));

	buf_clear(&g->hashed);
	int64_t head[2] = { d->type, d->said_ms };
	buf_put(&g->hashed, head, sizeof head);
	hash_field(&g->hashed, d->customer);
	hash_field(&g->hashed, d->anonymous);
	hash_field(&g->hashed, d->previous);
	hash_field(&g->hashed, d->name);
	hash_field(&g->hashed, d->channel);
	const char *b = g->body.ptr;
	hash_context(&g->hashed, context.node, (struct str){ b + context.from, context.len });
	for (size_t i = 0; i < COUNT_OF(others); i++)
		hash_field(&g->hashed, (struct str){ b + others[i].from, others[i].len });
	TRY(buf_check(&g->hashed, why));
	e->content = hash64(buf_view(&g->hashed));
	e->body = buf_view(&g->body);
	return OK;
}

/* Well-formed but not believable: kept with a reason. */
static const char *implausible(const struct gate *g, const struct draft *d, struct err *why)
{
	char iso[WHEN_TEXT_BYTES], f[64];
	bool range = d->at_ms >= WHEN_MIN_MS && d->at_ms < WHEN_MAX_MS;
	if (range && d->at_ms <= g->latest_ms) return NULL;
	struct civil c;
	when_to_civil(d->at_ms, &c);
	if (c.year < 0 || c.year > 9999) snprintf(iso, sizeof iso, "%lld ms", (long long)d->at_ms);
	else (void)when_format_iso(d->at_ms, iso);
	if (!range) {
		err_set(why, ERR_INPUT, "time.range", field_of(d, "", "at", f), "the time %s lies outside 1900 to 2100",
		        iso);
		err_hint(why, "Check the sender's clock, the unit (milliseconds, not seconds) and the calendar.");
		return "time.range";
	}
	err_set(why, ERR_INPUT, "time.ahead", field_of(d, "", "at", f), "the time %s lies too far ahead of now", iso);
	err_hint(why, "Check the sender's clock and the order of day and month.");
	return "time.ahead";
}

enum err_code gate_event(struct gate *g, const struct draft *d, struct err *err)
{
	struct err why; /* written as a whole by who fails */
	struct wire_event e = {
		.type = d->type,
		.customer = d->customer,
		.anonymous = d->anonymous,
		.previous = d->previous,
		.name = d->name,
		.channel = d->channel,
		.id = d->id,
		.at_ms = d->at_ms,
		.line = d->line,
	};
	enum err_code rc = check_fixed(d, &why);
	if (rc == OK) rc = write_body(g, d, &e, &why);
	if (rc == ERR_NO_MEMORY) {
		if (err) *err = why;
		return rc;
	}
	if (rc != OK) return tell(g, d->line, d->raw, &why, NULL, err);
	const char *reason = implausible(g, d, &why);
	if (reason) return tell(g, d->line, d->raw, &why, reason, err);
	g->n_events++;
	return g->sink->event(g->sink->ctx, &e, err);
}
