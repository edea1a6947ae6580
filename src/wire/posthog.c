/*
 * PostHog's capture API. One id, distinct_id, names both strangers and
 * customers; which of the two it is follows from the device's own id, which
 * libraries of pages and apps send along.
 */
#include "base/checked.h"
#include "wire/live.h"

enum item_member {
	I_BATCH,
	I_DISTINCT,
	I_DISTINCT_OLD,
	I_EVENT,
	I_HISTORY,
	I_KEY,
	I_OFFSET,
	I_PROPERTIES,
	I_SENT,
	I_SET,
	I_SET_ONCE,
	I_TIME,
	I_TOKEN,
	I_ID,
	ITEM_MEMBERS
};
static const struct live_member item_members[ITEM_MEMBERS] = {
	[I_BATCH] = { STR("batch"), false },
	[I_DISTINCT] = { STR("distinct_id"), false },
	[I_DISTINCT_OLD] = { STR("$distinct_id"), false },
	[I_EVENT] = { STR("event"), false },
	[I_HISTORY] = { STR("historical_migration"), false },
	[I_KEY] = { STR("api_key"), false },
	[I_OFFSET] = { STR("offset"), false },
	[I_PROPERTIES] = { STR("properties"), false },
	[I_SENT] = { STR("sent_at"), false },
	[I_SET] = { STR("$set"), false },
	[I_SET_ONCE] = { STR("$set_once"), false },
	[I_TIME] = { STR("timestamp"), false },
	[I_TOKEN] = { STR("token"), false },
	[I_ID] = { STR("uuid"), false },
};

enum property {
	P_ALIAS,
	P_ANONYMOUS,
	P_DEVICE,
	P_DISTINCT,
	P_EL_TEXT,
	P_EVENT_TYPE,
	P_GROUP_KEY,
	P_GROUP_SET,
	P_GROUP_TYPE,
	P_IDENTIFIED,
	P_INSERT,
	P_LIB,
	P_LIB_VERSION,
	P_PATH,
	P_REFERRER,
	P_RESPONSE,
	P_SCREEN,
	P_SET,
	P_SET_ONCE,
	P_TITLE,
	P_TOKEN,
	P_URL,
	P_AGENT,
	PROPERTIES
};
/* Those that have a place of their own here are not said twice. */
static const struct live_member property_members[PROPERTIES] = {
	[P_ALIAS] = { STR("alias"), false },
	[P_ANONYMOUS] = { STR("$anon_distinct_id"), false },
	[P_DEVICE] = { STR("$device_id"), true },
	[P_DISTINCT] = { STR("distinct_id"), false },
	[P_EL_TEXT] = { STR("$el_text"), true },
	[P_EVENT_TYPE] = { STR("$event_type"), true },
	[P_GROUP_KEY] = { STR("$group_key"), true },
	[P_GROUP_SET] = { STR("$group_set"), false },
	[P_GROUP_TYPE] = { STR("$group_type"), true },
	[P_IDENTIFIED] = { STR("$is_identified"), true },
	[P_INSERT] = { STR("$insert_id"), false },
	[P_LIB] = { STR("$lib"), false },
	[P_LIB_VERSION] = { STR("$lib_version"), false },
	[P_PATH] = { STR("$pathname"), true },
	[P_REFERRER] = { STR("$referrer"), false },
	[P_RESPONSE] = { STR("$survey_response"), true },
	[P_SCREEN] = { STR("$screen_name"), true },
	[P_SET] = { STR("$set"), false },
	[P_SET_ONCE] = { STR("$set_once"), false },
	[P_TITLE] = { STR("title"), true },
	[P_TOKEN] = { STR("token"), false },
	[P_URL] = { STR("$current_url"), false },
	[P_AGENT] = { STR("$raw_user_agent"), false },
};

struct capture {
	const struct wire_live *in;
	struct gate *gate;
	bool history, has_sent;
	int64_t sent_ms;
};

struct taken {
	struct str item[ITEM_MEMBERS], property[PROPERTIES];
	struct str rest; /* of the properties */
};

/* Events of the libraries themselves that are a kind of message here. */
static enum wire_type type_of(struct str event)
{
	static const struct {
		const char *event;
		enum wire_type type;
	} types[] = {
		{ "$pageview", WIRE_PAGE }, { "$screen", WIRE_SCREEN },      { "$identify", WIRE_IDENTIFY },
		{ "$set", WIRE_IDENTIFY },  { "$create_alias", WIRE_ALIAS }, { "$groupidentify", WIRE_GROUP },
	};
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (str_eq(event, str_of(types[i].event))) return types[i].type;
	return WIRE_TRACK;
}

/* Group messages of servers name nobody: their id is "$company_acme", made of the group itself. */
static bool id_of_group(const struct taken *t, struct str id, struct arena *a)
{
	const struct str made = str_format(a, "$" STR_FMT "_" STR_FMT, STR_ARG(live_text(t->property[P_GROUP_TYPE], a)),
	                                   STR_ARG(live_text(t->property[P_GROUP_KEY], a)));
	return str_eq(made, id);
}

static enum err_code set_ids(const struct taken *t, struct arena *a, struct draft *d, struct err *why)
{
	struct str id = live_text(t->item[I_DISTINCT], a);
	if (!id.len) id = live_text(t->item[I_DISTINCT_OLD], a);
	if (!id.len) id = live_text(t->property[P_DISTINCT], a);
	const struct str device = live_text(t->property[P_DEVICE], a);
	if (!id.len)
		return live_bad(why, d->pointer, "distinct_id", "is missing or empty",
		                "Each event says in distinct_id whose it is.");
	if (d->type == WIRE_ALIAS) {
		const struct str known = live_text(t->property[P_DISTINCT], a);
		d->customer = known.len ? known : id;
		d->previous = live_text(t->property[P_ALIAS], a);
		if (d->previous.len) return OK;
		return live_bad(why, d->pointer, "properties/alias", "is missing",
		                "An alias says which id is the same.");
	}
	const bool stranger = str_eq(t->property[P_IDENTIFIED], STR("false")) || str_eq(id, device) ||
	                      (d->type == WIRE_GROUP && id_of_group(t, id, a));
	if (stranger) {
		d->anonymous = id;
		return OK;
	}
	d->customer = id;
	const struct str before = live_text(t->property[P_ANONYMOUS], a);
	d->anonymous = before.len && d->type == WIRE_IDENTIFY ? before : device;
	return OK;
}

static enum err_code set_name(const struct taken *t, struct str event, struct arena *a, struct draft *d)
{
	const struct str *p = t->property;
	if (d->type == WIRE_PAGE) {
		d->name = live_text(p[P_PATH], a);
		if (!d->name.len) d->name = live_url_path(live_text(p[P_URL], a));
	} else if (d->type == WIRE_SCREEN) {
		d->name = live_text(p[P_SCREEN], a);
	} else if (d->type == WIRE_TRACK && str_eq(event, STR("$autocapture"))) {
		const struct str what = live_text(p[P_EVENT_TYPE], a), on = wire_show(live_text(p[P_EL_TEXT], a), 100);
		d->name = on.len ? str_format(a, STR_FMT " " STR_FMT, STR_ARG(what), STR_ARG(on)) : what;
		d->name = str_trim(d->name);
		if (!d->name.len) d->name = event;
	} else if (d->type == WIRE_TRACK) {
		d->name = event;
	}
	if (!d->name.len) d->name = str_of(wire_type_names[d->type]);
	return OK;
}

static enum err_code set_context(const struct taken *t, struct arena *a, struct draft *d, struct err *why)
{
	const struct str *p = t->property;
	const struct str lib = live_text(p[P_LIB], a), version = live_text(p[P_LIB_VERSION], a);
	const struct str agent = live_text(p[P_AGENT], a);
	struct buf b;
	struct json_out o;
	buf_init(&b, WIRE_EVENT_BYTES_MAX * 8);
	json_out_init(&o, &b);
	json_open(&o, '{');
	if (lib.len) {
		json_key(&o, "library");
		json_open(&o, '{');
		json_kv_str(&o, "name", lib);
		if (version.len) json_kv_str(&o, "version", version);
		json_close(&o, '}');
	}
	live_page(&o, live_text(p[P_URL], a), live_text(p[P_REFERRER], a), STR(""));
	if (agent.len) json_kv_str(&o, "userAgent", agent);
	const struct str group = live_text(p[P_GROUP_KEY], a);
	if (d->type == WIRE_GROUP && group.len) json_kv_str(&o, "groupId", group);
	json_close(&o, '}');
	if (b.len > 2) d->context = str_copy(a, buf_view(&b));
	const enum err_code rc = buf_check(&b, why);
	buf_done(&b);
	if (str_eq(lib, STR("web"))) d->channel = STR("web");
	return rc;
}

/* What somebody wrote in a survey is a comment; a number stays where it is, for nothing says on which scale. */
static struct str comment_of(const struct taken *t, struct str event, struct arena *a)
{
	const struct str said = t->property[P_RESPONSE];
	double number;
	if (!str_eq(event, STR("survey sent")) || !said.len || said.ptr[0] != '"') return STR("");
	const struct str text = live_text(said, a);
	if (!text.len || str_to_double(text, &number)) return STR("");
	return str_format(a, "\"comment\":" STR_FMT, STR_ARG(said));
}

static void set_objects(const struct taken *t, struct str event, struct arena *a, struct draft *d)
{
	const struct str *p = t->property, *i = t->item;
	const struct str comment = comment_of(t, event, a);
	d->properties = comment.len ? live_join(a, t->rest, comment) : live_join(a, t->rest, STR(""));
	if (d->type == WIRE_GROUP) {
		d->traits = live_object(p[P_GROUP_SET]);
		return;
	}
	const struct str *once = live_object(i[I_SET_ONCE]).len ? &i[I_SET_ONCE] : &p[P_SET_ONCE];
	const struct str *set = live_object(i[I_SET]).len ? &i[I_SET] : &p[P_SET];
	d->traits = live_join(a, live_inside(live_object(*once)), live_inside(live_object(*set)));
}

static enum err_code set_time(const struct capture *c, const struct taken *t, struct arena *a, struct draft *d,
                              struct err *why)
{
	const struct str *i = t->item;
	int64_t said, sent = c->sent_ms, offset;
	d->at_ms = c->in->received_ms;
	if (i[I_TIME].len) {
		if (!live_moment(i[I_TIME], a, &said))
			return live_bad(why, d->pointer, "timestamp", "is not a time",
			                "Use ISO 8601 such as 2026-01-01T10:00:00Z.");
		const bool has_sent = i[I_SENT].len ? live_moment(i[I_SENT], a, &sent) : c->has_sent;
		live_time(c->in, said, has_sent && !c->history ? &sent : NULL, live_text(t->property[P_DEVICE], a), d);
	} else if (str_to_i64(i[I_OFFSET], &offset) && offset >= 0 && offset < WIRE_MS_MAX) {
		/* So long ago when it was sent. Nothing of it stays the same in a retry, so it is no part of what was
		 * said. */
		d->at_ms -= offset;
	}
	return OK;
}

static enum err_code read_item(const struct capture *c, struct str object, struct arena *a, struct draft *d,
                               struct err *why)
{
	struct taken t;
	TRY(live_take(object, item_members, ITEM_MEMBERS, a, t.item, &d->more, why));
	d->more = live_join(a, d->more, STR(""));
	if (t.item[I_PROPERTIES].len && t.item[I_PROPERTIES].ptr[0] != '{')
		return live_bad(why, d->pointer, "properties", "must be a JSON object", "Send {\"name\": value, ...}.");
	TRY(live_take(t.item[I_PROPERTIES].len ? t.item[I_PROPERTIES] : STR("{}"), property_members, PROPERTIES, a,
	              t.property, &t.rest, why));
	struct str event = live_text(t.item[I_EVENT], a);
	if (!event.len && live_object(t.item[I_SET]).len) event = STR("$set"); /* /engage says no more than this */
	if (!event.len)
		return live_bad(why, d->pointer, "event", "is missing or empty",
		                "An event says in `event` what happened.");
	d->type = type_of(event);
	d->id = live_text(t.item[I_ID], a);
	if (!d->id.len) d->id = live_text(t.property[P_INSERT], a);
	TRY(set_ids(&t, a, d, why));
	TRY(set_name(&t, event, a, d));
	TRY(set_context(&t, a, d, why));
	set_objects(&t, event, a, d);
	return set_time(c, &t, a, d, why);
}

static enum err_code put_item(void *ctx, struct str value, int64_t index, struct err *err)
{
	const struct capture *c = ctx;
	struct err why = { 0 };
	char pointer[48];
	snprintf(pointer, sizeof pointer, "/batch/%lld", (long long)index);
	struct draft d = { .line = index, .raw = value, .pointer = pointer };
	const enum err_code rc = read_item(c, value, c->gate->scratch, &d, &why);
	return live_put(c->gate, &d, rc, &why, err);
}

static enum err_code put_body(struct capture *c, struct err *err)
{
	struct str top[ITEM_MEMBERS], rest, body = str_trim(c->in->body);
	struct arena *a = c->gate->scratch;
	if (body.len && body.ptr[0] == '[') return live_each(body, put_item, c, err);
	TRY(live_take(body, item_members, ITEM_MEMBERS, a, top, &rest, err));
	if (!top[I_BATCH].len) return put_item(c, body, 0, err);
	c->history = str_eq(top[I_HISTORY], STR("true"));
	c->has_sent = top[I_SENT].len && live_moment(top[I_SENT], a, &c->sent_ms);
	return live_each(top[I_BATCH], put_item, c, err);
}

enum err_code wire_posthog(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                           struct err *err)
{
	struct gate g;
	struct capture c = { .in = in, .gate = &g };
	gate_init(&g, sink, scratch, in->received_ms, WIRE_LIVE_AHEAD_MS);
	const enum err_code rc = put_body(&c, err);
	gate_done(&g);
	return rc;
}

static bool key_of(struct str object, struct arena *a, struct str *out)
{
	struct str properties;
	if (json_get_text(object, STR("api_key"), a, out) && out->len) return true;
	if (json_get_text(object, STR("token"), a, out) && out->len) return true;
	return json_get(object, STR("properties"), &properties) && json_get_text(properties, STR("token"), a, out) &&
	       out->len > 0;
}

bool wire_posthog_key(const struct wire_live *in, struct arena *a, struct str *out)
{
	struct json_reader r;
	struct str first = str_trim(in->body);
	if (first.len && first.ptr[0] == '[') {
		json_read(&r, first);
		(void)json_next(&r);
		if (json_next(&r) != JT_OBJECT || !json_slice(&r, JT_OBJECT, &first)) return false;
	}
	return key_of(first, a, out);
}
