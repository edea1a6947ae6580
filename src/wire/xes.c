/*
 * XES event logs (IEEE 1849-2016 and -2023), streamed. A trace is a
 * customer, called by its concept:name literally; an event's concept:name is
 * what happened and time:timestamp when. All other attributes of the event
 * become properties in their types, those of the trace too, under "case:".
 * Attributes inside attributes are joined by a point ("org.level"); a second
 * attribute of one key gets "#2". Log attributes, globals and classifiers
 * describe the file and are not events.
 */
#include <math.h>

#include "base/checked.h"
#include "wire/xml.h"

enum {
	ATTRIBUTES_MAX = 500, /* of one event or trace */
	NESTING_MAX = 64,
	PROGRESS_EVERY = 512,
	ARENA_BYTES = 128 * 1024 * 1024,
};

struct attribute {
	struct str key, json;
};

struct attributes {
	struct arena arena;
	struct str name; /* concept:name; ptr NULL when absent */
	struct attribute list[ATTRIBUTES_MAX];
	size_t n;
	bool too_many;
};

struct xes {
	struct xml xml;
	struct gate *gate;
	struct feed *feed;
	struct attributes trace, event;
	bool in_trace, in_event, has_time, bad_time;
	struct str time;
	int64_t n_traces, n_events, n_trace_events, at_ms;
	int skip_depth; /* depth of <global> and others whose inside is not data; -1 none */
	/* Keys of the attributes that are open, joined: prefix[0 .. lengths[n_open]). */
	char prefix[4096];
	size_t lengths[NESTING_MAX + 1];
	int n_open;
	struct buf json;
};

static void clear(struct attributes *a)
{
	arena_reset(&a->arena);
	a->name = (struct str){ 0 };
	a->n = 0;
	a->too_many = false;
}

static bool is_attribute(struct str tag)
{
	static const char *const tags[] = { "string", "date", "int",       "float", "boolean",
		                            "id",     "list", "container", "values" };
	for (size_t i = 0; i < COUNT_OF(tags); i++)
		if (str_eq(tag, str_of(tags[i]))) return true;
	return false;
}

/* --- values --------------------------------------------------------------------------- */

static bool json_number(struct str s)
{
	struct json_reader r;
	json_read(&r, s);
	return s.len && s.len < 60 && json_next(&r) == JT_NUMBER && json_next(&r) == JT_END;
}

static void value_json(struct str tag, struct str value, struct buf *out)
{
	struct json_out o;
	struct str trimmed = str_trim(value);
	double v;
	json_out_init(&o, out);
	bool number = str_eq(tag, STR("int")) || str_eq(tag, STR("float"));
	if (number && json_number(trimmed)) json_put_raw(&o, trimmed);
	else if (number && str_to_double(trimmed, &v)) json_put_double(&o, v); /* "+1", ".5" */
	else if (str_eq(tag, STR("boolean")) && (str_eq(trimmed, STR("true")) || str_eq(trimmed, STR("1"))))
		json_put_bool(&o, true);
	else if (str_eq(tag, STR("boolean")) && (str_eq(trimmed, STR("false")) || str_eq(trimmed, STR("0"))))
		json_put_bool(&o, false);
	else json_put_str(&o, value); /* "NaN" and "INF" of floats too: JSON has no such numbers */
}

static enum err_code add(struct xes *x, struct attributes *a, struct str key, struct str tag, struct str value,
                         struct err *err)
{
	if (a->n == ATTRIBUTES_MAX) {
		a->too_many = true;
		return OK;
	}
	int times = 1;
	for (size_t i = 0; i < a->n; i++) {
		struct str k = a->list[i].key;
		if (str_eq(k, key) || (k.len > key.len + 1 && str_starts(k, key) && k.ptr[key.len] == '#')) times++;
	}
	struct attribute *n = &a->list[a->n];
	n->key = times > 1 ? str_format(&a->arena, STR_FMT "#%d", STR_ARG(key), times) : str_copy(&a->arena, key);
	buf_clear(&x->json);
	value_json(tag, value, &x->json);
	TRY(buf_check(&x->json, err));
	n->json = str_copy(&a->arena, buf_view(&x->json));
	if (!n->key.ptr || !n->json.ptr) return err_no_memory(err);
	a->n++;
	return OK;
}

/* The joined key of an attribute below those that are open; "" key gives the parents' alone. */
static struct str joined_key(struct xes *x, struct str key, size_t *len)
{
	size_t at = x->lengths[x->n_open];
	if (at && key.len && at < sizeof x->prefix) x->prefix[at++] = '.';
	size_t n = key.len < sizeof x->prefix - at ? key.len : sizeof x->prefix - at;
	if (n) memcpy(x->prefix + at, key.ptr, n);
	*len = at + n;
	return wire_show((struct str){ x->prefix, *len }, WIRE_NAME_BYTES_MAX);
}

static enum err_code take_time(struct xes *x, struct str value, struct err *err)
{
	x->time = str_copy(&x->event.arena, value);
	if (!x->time.ptr) return err_no_memory(err);
	x->has_time = wire_time(value, false, &x->at_ms);
	x->bad_time = !x->has_time;
	return OK;
}

static enum err_code on_attribute(struct xes *x, struct str tag, struct err *err)
{
	struct attributes *a = x->in_event ? &x->event : &x->trace;
	struct str borrowed = xml_attr(&x->xml, "key"), key, value;
	size_t len;
	struct str full = joined_key(x, borrowed.ptr ? borrowed : STR(""), &len);
	bool holder = str_eq(tag, STR("list")) || str_eq(tag, STR("container")) || str_eq(tag, STR("values"));
	bool nested = x->n_open > 0;
	if (!xml_empty(&x->xml)) {
		if (x->n_open == NESTING_MAX)
			return err_set(err, ERR_INPUT, "xes.syntax", "",
			               "attributes are nested more than %d deep at line %d", NESTING_MAX,
			               xml_line(&x->xml));
		x->lengths[++x->n_open] = len;
	}
	if (holder || full.len == 0) return OK;
	key = str_copy(&a->arena, full);
	value = xml_attr(&x->xml, "value");
	if (!key.ptr) return err_no_memory(err);
	if (!value.ptr) value = STR("");
	if (!nested && str_eq(key, STR("concept:name")) && !a->name.ptr) {
		a->name = str_copy(&a->arena, value);
		return a->name.ptr ? OK : err_no_memory(err);
	}
	if (!nested && x->in_event && str_eq(key, STR("time:timestamp")) && !x->time.ptr)
		return take_time(x, value, err);
	return add(x, a, key, tag, value, err);
}

/* --- events ------------------------------------------------------------------------------- */

static void put_attributes(struct json_out *o, const struct attributes *a, const char *before)
{
	char key[WIRE_NAME_BYTES_MAX + 32];
	for (size_t i = 0; i < a->n; i++) {
		int n = snprintf(key, sizeof key, "%s" STR_FMT, before, STR_ARG(a->list[i].key));
		json_key_str(o, wire_show((struct str){ key, (size_t)n < sizeof key ? (size_t)n : sizeof key - 1 },
		                          sizeof key));
		json_put_raw(o, a->list[i].json);
	}
}

static enum err_code why_not(struct xes *x, struct err *why)
{
	int line = xml_line(&x->xml);
	if (x->trace.name.len == 0) {
		err_set(why, ERR_INPUT, "xes.trace", "concept:name",
		        "trace %lld (line %d) has no concept:name before its events", (long long)x->n_traces, line);
		err_hint(why, "The concept:name of a trace is the customer; give each trace one.");
	} else if (x->event.name.len == 0) {
		err_set(why, ERR_INPUT, "xes.event", "concept:name", "event %lld (line %d) has no concept:name",
		        (long long)x->n_events, line);
		err_hint(why, "The concept:name of an event says what happened.");
	} else if (x->bad_time) {
		struct str t = wire_show(x->time, 40);
		err_set(why, ERR_INPUT, "xes.event", "time:timestamp",
		        "event %lld (line %d): '" STR_FMT "' is not a time", (long long)x->n_events, line, STR_ARG(t));
		err_hint(why, "XES writes times as 2026-01-31T18:00:00.000+03:00.");
	} else if (!x->has_time) {
		err_set(why, ERR_INPUT, "xes.event", "time:timestamp", "event %lld (line %d) has no time:timestamp",
		        (long long)x->n_events, line);
		err_hint(why, "Each event needs the time when it happened.");
	} else if (x->event.too_many || x->trace.too_many) {
		err_limit(why, "event.size", "", ATTRIBUTES_MAX + 1, ATTRIBUTES_MAX,
		          "event %lld (line %d) has more than %d attributes", (long long)x->n_events, line,
		          ATTRIBUTES_MAX);
	} else return OK;
	return why->code;
}

static enum err_code end_event(struct xes *x, struct err *err)
{
	struct err why = { 0 };
	struct json_out o;
	x->in_event = false;
	buf_clear(&x->json);
	json_out_init(&o, &x->json);
	json_open(&o, '{');
	put_attributes(&o, &x->trace, "case:");
	put_attributes(&o, &x->event, "");
	json_close(&o, '}');
	struct str properties = x->json.full ? STR("{}") : buf_view(&x->json);
	if (why_not(x, &why) != OK) return gate_refuse(x->gate, x->n_events, properties, &why, err);
	struct draft d = { .type = WIRE_TRACK,
		           .customer = x->trace.name,
		           .name = x->event.name,
		           .at_ms = x->at_ms,
		           .said_ms = x->at_ms,
		           .properties = properties,
		           .line = x->n_events,
		           .raw = properties,
		           .pointer = "" };
	if (!json_get_text(properties, STR("channel"), &x->event.arena, &d.channel)) d.channel = STR("");
	return gate_event(x->gate, &d, err);
}

static enum err_code start_element(struct xes *x, struct str tag, struct err *err)
{
	int depth = xml_depth(&x->xml);
	if (depth == 0 && !str_eq(tag, STR("log"))) {
		struct str t = wire_show(tag, 40);
		err_set(err, ERR_INPUT, "xes.syntax", "",
		        "the file is XML but no XES log: it starts with <" STR_FMT ">", STR_ARG(t));
		err_hint(err, "Export the log as XES, or choose the file's real format.");
		return ERR_INPUT;
	}
	if (depth == 0) return OK;
	if (str_eq(tag, STR("trace")) && depth == 1) {
		clear(&x->trace);
		x->n_traces++;
		x->n_trace_events = 0;
		x->in_trace = !xml_empty(&x->xml);
		x->n_open = 0;
		return OK;
	}
	if (str_eq(tag, STR("event")) && !x->in_event && depth == (x->in_trace ? 2 : 1)) {
		if (!x->in_trace) clear(&x->trace); /* an event of no trace has no customer: refused at its end */
		clear(&x->event);
		x->n_events++;
		x->n_trace_events++;
		x->in_event = true;
		x->has_time = x->bad_time = false;
		x->time = (struct str){ 0 };
		x->n_open = 0;
		return xml_empty(&x->xml) ? end_event(x, err) : OK;
	}
	if ((x->in_trace || x->in_event) && is_attribute(tag)) return on_attribute(x, tag, err);
	if (!xml_empty(&x->xml)) x->skip_depth = depth;
	return OK;
}

static enum err_code end_trace(struct xes *x, struct err *err)
{
	struct err why = { 0 };
	x->in_trace = false;
	if (x->n_trace_events || x->trace.name.len) return OK;
	(void)why_not(x, &why);
	return gate_refuse(x->gate, x->n_events, STR("<trace/>"), &why, err);
}

static enum err_code end_element(struct xes *x, struct str tag, struct err *err)
{
	int depth = xml_depth(&x->xml);
	if (x->in_event && str_eq(tag, STR("event")) && depth == (x->in_trace ? 2 : 1)) {
		TRY(end_event(x, err));
		arena_reset(x->gate->scratch);
		if (x->n_events % PROGRESS_EVERY) return OK;
		return gate_progress(x->gate, feed_bytes_in(x->feed), x->n_events, err);
	}
	if (x->in_trace && depth == 1 && str_eq(tag, STR("trace"))) return end_trace(x, err);
	if (x->n_open > 0 && is_attribute(tag)) x->n_open--;
	return OK;
}

static enum err_code read_log(struct xes *x, struct err *err)
{
	int got;
	while ((got = xml_next(&x->xml)) == 1) {
		int type = xml_type(&x->xml);
		if (x->skip_depth >= 0) {
			if (type == XML_READER_TYPE_END_ELEMENT && xml_depth(&x->xml) == x->skip_depth)
				x->skip_depth = -1;
			continue;
		}
		if (type == XML_READER_TYPE_ELEMENT) TRY(start_element(x, xml_name(&x->xml), err));
		else if (type == XML_READER_TYPE_END_ELEMENT) TRY(end_element(x, xml_name(&x->xml), err));
	}
	if (got == 0) return gate_progress(x->gate, feed_bytes_in(x->feed), x->n_events, err);
	return x->xml.read_failed ? feed_error(x->feed, err) : xml_error(&x->xml, "xes.syntax", "xes.doctype", err);
}

static int64_t from_feed(void *ctx, void *into, size_t cap)
{
	return feed_read(ctx, into, cap);
}

enum err_code wire_xes(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink, struct err *err)
{
	struct arena scratch;
	struct gate g;
	struct xes *x = calloc(1, sizeof *x);
	if (!x) return err_no_memory(err);
	arena_init(&scratch, ARENA_BYTES);
	arena_init(&x->trace.arena, ARENA_BYTES);
	arena_init(&x->event.arena, ARENA_BYTES);
	gate_init(&g, sink, &scratch, now_ms, WIRE_FILE_AHEAD_MS);
	buf_init(&x->json, 64 * MIB);
	x->gate = &g;
	x->skip_depth = -1;
	enum err_code rc = feed_open(in, false, &x->feed, err);
	if (rc == OK) {
		x->xml.read = from_feed;
		x->xml.ctx = x->feed;
		rc = xml_open(&x->xml, err);
	}
	if (rc == OK) rc = read_log(x, err);
	xml_close(&x->xml);
	feed_close(x->feed);
	buf_done(&x->json);
	gate_done(&g);
	arena_done(&x->event.arena);
	arena_done(&x->trace.arena);
	arena_done(&scratch);
	free(x);
	return rc;
}
