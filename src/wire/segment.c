/* Segment's HTTP tracking API: one body, one message or a batch of them. */
#include "base/checked.h"
#include "wire/live.h"

/* Members of a message that we know; what is none of them goes to `more`. */
enum member {
	M_ANONYMOUS,
	M_CATEGORY,
	M_CHANNEL,
	M_CONTEXT,
	M_EVENT,
	M_GROUP,
	M_INTEGRATIONS,
	M_ID,
	M_NAME,
	M_ORIGINAL,
	M_PREVIOUS,
	M_PROPERTIES,
	M_RECEIVED,
	M_SENT,
	M_TIMESTAMP,
	M_TRAITS,
	M_TYPE,
	M_USER,
	M_KEY,
	M_META,
	M_BATCH,
	MEMBERS
};
static const struct live_member members[MEMBERS] = {
	{ STR("anonymousId"), false },  { STR("category"), false },
	{ STR("channel"), false },      { STR("context"), false },
	{ STR("event"), false },        { STR("groupId"), false },
	{ STR("integrations"), false }, { STR("messageId"), false },
	{ STR("name"), false },         { STR("originalTimestamp"), false },
	{ STR("previousId"), false },   { STR("properties"), false },
	{ STR("receivedAt"), false },   { STR("sentAt"), false },
	{ STR("timestamp"), false },    { STR("traits"), false },
	{ STR("type"), false },         { STR("userId"), false },
	{ STR("writeKey"), false },     { STR("_metadata"), false },
	{ STR("batch"), false },
};

struct message {
	const struct json_node *node[MEMBERS]; /* NULL absent or null */
	struct str slice[MEMBERS];             /* as written; "" absent or null */
	struct str more;                       /* `"k":v,...` of unknown members, without braces */
};

/* Takes an object apart. A syntax error is the caller's refusal. */
static enum err_code read_message(const struct json_node *object, struct live_order *order, struct arena *a,
                                  struct message *m, struct err *why)
{
	TRY(live_members(object, members, MEMBERS, order, a, m->node, &m->more, why));
	for (int i = 0; i < MEMBERS; i++) m->slice[i] = m->node[i] ? m->node[i]->raw : STR("");
	return OK;
}

static enum err_code bad_member(const struct segment_item *in, enum member which, struct err *why, const char *what,
                                const char *hint)
{
	return live_bad(why, in->pointer, members[which].name.ptr, what, hint);
}

/* Text; whole numbers are taken in their digits, since many senders write ids so. */
static enum err_code text_member(const struct segment_item *in, const struct message *m, enum member which,
                                 struct arena *a, struct str *out, struct err *why)
{
	struct str s = m->slice[which];
	*out = STR("");
	if (s.len == 0) return OK;
	if (m->node[which]->type == JT_STRING) {
		if (!json_node_text(m->node[which], a, out)) return err_no_memory(why);
		*out = str_trim(*out);
		return OK;
	}
	int64_t n;
	if (str_to_i64(s, &n)) {
		*out = s;
		return OK;
	}
	return bad_member(in, which, why, "must be text", "Send it in quotes.");
}

static enum err_code object_member(const struct segment_item *in, const struct message *m, enum member which,
                                   struct str *out, struct err *why)
{
	*out = m->slice[which];
	if (out->len == 0 || out->ptr[0] == '{') return OK;
	return bad_member(in, which, why, "must be a JSON object", "Send {\"name\": value, ...}.");
}

/*
 * at = received - (sentAt - timestamp). Whatever the sender's clock shows, it
 * shows it in both; without sentAt the timestamp must be believed, without
 * both it is now.
 */
static enum err_code set_time(const struct segment_item *in, const struct message *m,
                              const struct segment_defaults *top, struct arena *a, struct draft *d, struct err *why)
{
	enum member first = in->history ? M_TIMESTAMP : M_ORIGINAL, second = in->history ? M_ORIGINAL : M_TIMESTAMP;
	enum member which = m->slice[first].len ? first : second;
	d->at_ms = in->received_ms;
	if (m->slice[which].len == 0) return OK;
	int64_t said, sent = top->sent_ms;
	if (!live_node_moment(m->node[which], a, &said)) {
		bad_member(in, which, why, "is not a time",
		           "Use ISO 8601 such as 2026-01-01T10:00:00Z, or milliseconds since 1970.");
		snprintf(why->text, sizeof why->text, "%s is not a time: '" STR_FMT "'", members[which].name.ptr,
		         STR_ARG(wire_show(m->slice[which], 60)));
		return ERR_INPUT;
	}
	bool has_sent = m->slice[M_SENT].len ? live_moment(m->slice[M_SENT], a, &sent) : top->has_sent;
	const struct wire_live here = { .received_ms = in->received_ms, .clock = in->clock };
	live_time(&here, said, has_sent && !in->history ? &sent : NULL, STR(""), d);
	return OK;
}

static bool get_text(const struct json_node *object, struct str key, struct arena *a, struct str *out)
{
	return out->len == 0 && json_node_text(json_member(object, key), a, out) && (*out = str_trim(*out)).len > 0;
}

static enum err_code set_name(const struct segment_item *in, const struct message *m, struct arena *a, struct draft *d,
                              struct err *why)
{
	const struct json_node *const page = json_member(d->context_read, STR("page"));
	struct str url = { 0 };
	switch (d->type) {
	case WIRE_TRACK:
		TRY(text_member(in, m, M_EVENT, a, &d->name, why));
		if (d->name.len) return OK;
		return bad_member(in, M_EVENT, why, "is missing or empty",
		                  "A track message says in `event` what happened.");
	case WIRE_PAGE:
	case WIRE_SCREEN:
		TRY(text_member(in, m, M_NAME, a, &d->name, why));
		get_text(d->properties_read, STR("name"), a, &d->name);
		get_text(d->properties_read, STR("path"), a, &d->name);
		get_text(page, STR("path"), a, &d->name);
		if (d->name.len == 0 &&
		    (get_text(d->properties_read, STR("url"), a, &url) || get_text(page, STR("url"), a, &url)))
			d->name = live_url_path(url);
		if (d->name.len == 0) TRY(text_member(in, m, M_CATEGORY, a, &d->name, why));
		break;
	default: break;
	}
	if (d->name.len == 0) d->name = str_of(wire_type_names[d->type]);
	return OK;
}

/* Libraries that run in a web page, by context.library.name. */
static bool browser_library(const struct json_node *context, struct arena *a)
{
	static const char *const names[] = { "analytics.js", "RudderLabs JavaScript SDK", "@segment/analytics-next",
		                             "posthog-js", "web" };
	struct str name = { 0 };
	if (!get_text(json_member(context, STR("library")), STR("name"), a, &name)) return false;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_eq(name, str_of(names[i]))) return true;
	return false;
}

static enum err_code set_channel(const struct segment_item *in, const struct message *m, struct arena *a,
                                 struct draft *d, struct err *why)
{
	TRY(text_member(in, m, M_CHANNEL, a, &d->channel, why));
	get_text(d->context_read, STR("channel"), a, &d->channel);
	get_text(d->properties_read, STR("channel"), a, &d->channel);
	if (d->channel.len == 0 && browser_library(d->context_read, a)) d->channel = STR("web");
	return OK;
}

/* The part as it is read: as it came, or anew when something was joined to it. */
static enum err_code part_read(struct str text, const struct json_node *came, struct arena *a,
                               const struct json_node **out, struct err *why)
{
	struct json_node *node = NULL;
	const bool same = came && text.ptr == came->raw.ptr && text.len == came->raw.len;
	if (!same && text.len) TRY(json_tree(text, a, &node, why));
	*out = same ? came : node;
	return OK;
}

/* What the batch says for all its items, under what the item says; plus members that have no place of their own. */
static enum err_code merge(const struct segment_item *in, const struct message *m, const struct segment_defaults *top,
                           struct arena *a, struct draft *d, struct err *why)
{
	struct str own, integrations;
	TRY(object_member(in, m, M_CONTEXT, &own, why));
	TRY(object_member(in, m, M_PROPERTIES, &d->properties, why));
	TRY(object_member(in, m, M_TRAITS, &d->traits, why));
	if (top->context.len)
		d->context = own.len ? live_join(a, live_inside(top->context), live_inside(own)) : top->context;
	else d->context = own;
	if (m->slice[M_GROUP].len) {
		struct str group = str_format(a, "\"groupId\":" STR_FMT, STR_ARG(m->slice[M_GROUP]));
		d->context = live_join(a, live_inside(d->context), group);
	}
	if (m->slice[M_CATEGORY].len && !json_member(m->node[M_PROPERTIES], STR("category"))) {
		const struct str category = str_format(a, "\"category\":" STR_FMT, STR_ARG(m->slice[M_CATEGORY]));
		d->properties = live_join(a, live_inside(d->properties), category);
	}
	integrations = m->slice[M_INTEGRATIONS].len ? m->slice[M_INTEGRATIONS] : top->integrations;
	struct str extra = { 0 };
	if (integrations.len && live_inside(integrations).len)
		extra = str_format(a, "\"integrations\":" STR_FMT, STR_ARG(integrations));
	d->more = live_join(a, m->more, extra);
	TRY(part_read(d->context, m->node[M_CONTEXT], a, &d->context_read, why));
	TRY(part_read(d->traits, m->node[M_TRAITS], a, &d->traits_read, why));
	return part_read(d->properties, m->node[M_PROPERTIES], a, &d->properties_read, why);
}

static enum err_code set_type(const struct segment_item *in, const struct message *m, struct arena *a, struct draft *d,
                              struct err *why)
{
	static const enum wire_type of_endpoint[] = {
		[WIRE_EP_IDENTIFY] = WIRE_IDENTIFY, [WIRE_EP_TRACK] = WIRE_TRACK, [WIRE_EP_PAGE] = WIRE_PAGE,
		[WIRE_EP_SCREEN] = WIRE_SCREEN,     [WIRE_EP_GROUP] = WIRE_GROUP, [WIRE_EP_ALIAS] = WIRE_ALIAS
	};
	if (in->endpoint < WIRE_EP_BATCH) {
		d->type = of_endpoint[in->endpoint];
		return OK;
	}
	struct str type;
	TRY(text_member(in, m, M_TYPE, a, &type, why));
	for (int i = 0; i < WIRE_TYPES; i++)
		if (str_eq(type, str_of(wire_type_names[i]))) {
			d->type = (enum wire_type)i;
			return OK;
		}
	return bad_member(in, M_TYPE, why, type.len ? "is not one of the six" : "is missing",
	                  "Use track, page, screen, identify, group or alias.");
}

static enum err_code fill_draft(const struct segment_item *in, const struct segment_defaults *top, struct arena *a,
                                struct draft *d, struct err *why)
{
	struct message m;
	struct json_node *own;
	enum err_code rc = in->read ? OK : json_tree(in->object, a, &own, why);
	if (rc == OK) rc = read_message(in->read ? in->read : own, in->order, a, &m, why);
	if (rc != OK) {
		if (why->field[0] == '\0') snprintf(why->field, sizeof why->field, "%s", in->pointer);
		return rc;
	}
	if (in->object.len > WIRE_EVENT_BYTES_MAX) {
		err_limit(why, "event.size", in->pointer, (int64_t)in->object.len, (int64_t)WIRE_EVENT_BYTES_MAX,
		          "the event has %zu bytes, at most %zu are kept", in->object.len, WIRE_EVENT_BYTES_MAX);
		err_hint(why, "Send less in one event; long texts and lists belong elsewhere.");
		return ERR_LIMIT;
	}
	TRY(set_type(in, &m, a, d, why));
	TRY(text_member(in, &m, M_USER, a, &d->customer, why));
	TRY(text_member(in, &m, M_ANONYMOUS, a, &d->anonymous, why));
	TRY(text_member(in, &m, M_PREVIOUS, a, &d->previous, why));
	TRY(text_member(in, &m, M_ID, a, &d->id, why));
	if (d->customer.len == 0 && d->anonymous.len == 0)
		return bad_member(in, M_USER, why, "and anonymousId are both missing",
		                  "Each message needs one of the two.");
	if (d->type == WIRE_ALIAS && (d->customer.len == 0 || d->previous.len == 0))
		return bad_member(in, d->customer.len ? M_PREVIOUS : M_USER, why, "is missing",
		                  "An alias needs userId and previousId.");
	if (d->type == WIRE_GROUP && m.slice[M_GROUP].len == 0)
		return bad_member(in, M_GROUP, why, "is missing", "A group message says which group in groupId.");
	TRY(merge(in, &m, top, a, d, why));
	TRY(set_time(in, &m, top, a, d, why));
	TRY(set_name(in, &m, a, d, why));
	return set_channel(in, &m, a, d, why);
}

enum err_code segment_item(struct gate *g, const struct segment_item *in, const struct segment_defaults *top,
                           struct err *err)
{
	struct err why; /* written as a whole by who fails; clearing it would cost more than the check of an event */
	struct draft d = { .line = in->line, .raw = in->object, .pointer = in->pointer };
	enum err_code rc = fill_draft(in, top, g->scratch, &d, &why);
	if (rc == OK) return gate_event(g, &d, err);
	if (rc == ERR_NO_MEMORY) {
		if (err) *err = why;
		return rc;
	}
	return gate_refuse(g, in->line, in->object, &why, err);
}

static enum err_code read_defaults(const struct segment_item *in, const struct message *m, struct arena *a,
                                   struct segment_defaults *top, struct err *err)
{
	TRY(object_member(in, m, M_CONTEXT, &top->context, err));
	TRY(object_member(in, m, M_INTEGRATIONS, &top->integrations, err));
	top->has_sent = m->slice[M_SENT].len && live_moment(m->slice[M_SENT], a, &top->sent_ms);
	return OK;
}

enum { POINTER_BYTES = 48, POINTER_BEFORE_MAX = 16 };

/* BEFORE/batch/I, by hand: each event has one, and few are ever shown. */
static void item_pointer(const char *before, int64_t i, char out[POINTER_BYTES])
{
	static const char list[] = "/batch/";
	char digits[20];
	size_t n = 0, len = strnlen(before, POINTER_BEFORE_MAX);
	do digits[n++] = (char)('0' + i % 10);
	while ((i /= 10) > 0);
	memcpy(out, before, len);
	memcpy(out + len, list, sizeof list - 1);
	len += sizeof list - 1;
	while (n) out[len++] = digits[--n];
	out[len] = '\0';
}

static enum err_code read_batch(struct gate *g, const struct segment_item *in, const struct json_node *batch,
                                const struct segment_defaults *top, struct err *err)
{
	int64_t i = 0;
	struct live_order order = { { 0 } };
	if (batch->type != JT_ARRAY)
		return bad_member(in, M_BATCH, err, "must be a list of messages", "Send {\"batch\":[{...},{...}]}.");
	for (const struct json_node *m = batch->first; m; m = m->next, i++) {
		char pointer[POINTER_BYTES];
		struct segment_item item = *in;
		item.object = m->raw;
		item.read = m;
		item.order = &order;
		item_pointer(in->pointer, i, pointer);
		item.pointer = pointer;
		if (in->line == 0) item.line = i;
		TRY(segment_item(g, &item, top, err));
	}
	return OK;
}

enum err_code segment_body(struct gate *g, const struct segment_item *in, struct err *err)
{
	struct segment_defaults top = { 0 };
	struct message m;
	struct json_node *root;
	/* First whether it is JSON at all: else nothing of it is taken, and nothing refused. */
	TRY(json_tree(in->object, g->scratch, &root, err));
	if (in->endpoint < WIRE_EP_BATCH) {
		struct segment_item one = *in;
		one.read = root;
		return segment_item(g, &one, &top, err);
	}
	TRY(read_message(root, NULL, g->scratch, &m, err));
	if (!m.node[M_BATCH]) return bad_member(in, M_BATCH, err, "is missing", "Send {\"batch\":[{...},{...}]}.");
	TRY(read_defaults(in, &m, g->scratch, &top, err));
	return read_batch(g, in, m.node[M_BATCH], &top, err);
}

enum err_code wire_segment(const struct wire_live *live, struct arena *scratch, const struct wire_sink *sink,
                           struct err *err)
{
	const enum wire_endpoint endpoint = (enum wire_endpoint)live->what;
	if (live->body.len > WIRE_BATCH_BYTES_MAX) {
		err_limit(err, "segment.size", "", (int64_t)live->body.len, (int64_t)WIRE_BATCH_BYTES_MAX,
		          "the request has %zu bytes, at most %zu are read", live->body.len, WIRE_BATCH_BYTES_MAX);
		err_hint(err, "Send smaller batches.");
		return ERR_LIMIT;
	}
	struct gate g;
	gate_init(&g, sink, scratch, live->received_ms, WIRE_LIVE_AHEAD_MS);
	struct segment_item in = { .object = live->body,
		                   .endpoint = endpoint,
		                   .history = endpoint == WIRE_EP_IMPORT,
		                   .received_ms = live->received_ms,
		                   .clock = live->clock,
		                   .pointer = "" };
	enum err_code rc = segment_body(&g, &in, err);
	gate_done(&g);
	return rc;
}

bool wire_segment_key(const struct wire_live *in, struct arena *a, struct str *out)
{
	return in->body.len <= WIRE_BATCH_BYTES_MAX && json_get_text(in->body, STR("writeKey"), a, out) && out->len > 0;
}

/* --- RudderStack's picture ------------------------------------------------------------------ */

/* Members of one object out of parameters "prefix.name"; with "" those without a dot. */
static void put_level(struct json_out *o, const struct wire_live *in, struct str prefix)
{
	for (size_t i = 0; i < in->n_query; i++) {
		const struct str key = in->query[i].key;
		const size_t dot = str_find(key, '.');
		const bool plain = dot == key.len;
		if (prefix.len ? plain || !str_eq(str_cut(key, 0, dot), prefix) : !plain) continue;
		json_key_str(o, plain ? key : str_cut(key, dot + 1, key.len));
		json_put_str(o, in->query[i].value);
	}
}

enum err_code wire_pixel(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                         struct err *err)
{
	static const char *const objects[] = { "context", "properties", "traits" };
	struct wire_live live = *in;
	struct buf b;
	struct json_out o;
	buf_init(&b, WIRE_BATCH_BYTES_MAX);
	json_out_init(&o, &b);
	json_open(&o, '{');
	put_level(&o, in, STR(""));
	for (size_t i = 0; i < COUNT_OF(objects); i++) {
		json_key(&o, objects[i]);
		json_open(&o, '{');
		put_level(&o, in, str_of(objects[i]));
		json_close(&o, '}');
	}
	json_close(&o, '}');
	live.body = buf_view(&b);
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) rc = wire_segment(&live, scratch, sink, err);
	buf_done(&b);
	return rc;
}
