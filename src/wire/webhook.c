/*
 * Webhooks of other systems. Each names its customer, its event and its time
 * in its own members; a row a system says where. A member is found by its
 * path, "data.item.id"; of several the first that says something counts.
 */
#include "base/checked.h"
#include "wire/hook.h"

const char *const wire_hook_names[WIRE_HOOKS] = { "standard", "zendesk", "chatwoot", "intercom", "custom" };

enum { PATHS = 9 };

static const struct shape {
	const char *customer[PATHS]; /* ids of who it is about */
	const char *name, *id, *time;
	bool seconds;        /* time in seconds since 1970, else ISO 8601 */
	const char *journey; /* the conversation or ticket */
	const char *channel;
	const char *score, *comment; /* of a rating from 1 to 5 */
	const char *properties;      /* kept as the event's own */
} shapes[WIRE_HOOK_CUSTOM] = {
	[WIRE_HOOK_STANDARD] = { { "data.userId", "data.user_id", "data.customer_id", "data.customerId",
	                           "data.customer.id", "data.user.id", "data.customer", "data.email", NULL },
	                         "type",
	                         NULL,
	                         "timestamp",
	                         false,
	                         "data.journey",
	                         "data.channel",
	                         NULL,
	                         NULL,
	                         "data" },
	[WIRE_HOOK_ZENDESK] = { { "detail.requester_id", "detail.submitter_id", "detail.user_id", NULL },
	                        "type",
	                        "id",
	                        "time",
	                        false,
	                        "detail.id",
	                        "detail.via.channel",
	                        NULL,
	                        NULL,
	                        "detail" },
	[WIRE_HOOK_CHATWOOT] = { { "conversation.meta.sender.identifier", "conversation.meta.sender.email",
	                           "meta.sender.identifier", "meta.sender.email", "sender.identifier", "sender.email",
	                           "conversation.meta.sender.id", "meta.sender.id", "sender.id" },
	                         "event",
	                         NULL,
	                         "created_at",
	                         false,
	                         "conversation.id",
	                         NULL,
	                         "content_attributes.submitted_values.csat_survey_response.rating",
	                         "content_attributes.submitted_values.csat_survey_response.feedback_message",
	                         "" },
	[WIRE_HOOK_INTERCOM] = { { "data.item.user.user_id", "data.item.contact.external_id", "data.item.user.email",
	                           "data.item.contact.email", "data.item.user.id", "data.item.contact.id",
	                           "data.item.source.author.email", "data.item.source.author.id",
	                           "data.item.external_id" },
	                         "topic",
	                         "id",
	                         "created_at",
	                         true,
	                         "data.item.id",
	                         NULL,
	                         "data.item.conversation_rating.rating",
	                         "data.item.conversation_rating.remark",
	                         "data.item" },
};

/* The value at a path as written, "" when a member on it is missing or null. */
static struct str at_path(struct str object, const char *path)
{
	struct str rest = str_of(path), value = object;
	while (path && rest.len) {
		const struct str one = str_cut(rest, 0, str_find(rest, '.'));
		rest = str_cut(rest, one.len < rest.len ? one.len + 1 : one.len, rest.len);
		if (!live_object(value).len || !json_get(value, one, &value)) return STR("");
	}
	return path && !str_eq(value, STR("null")) ? value : STR("");
}

static struct str text_at(struct str object, const char *path, struct arena *a)
{
	return live_text(at_path(object, path), a);
}

/* Not a customer's experience. */
static bool is_none(enum wire_hook hook, struct str body, struct arena *a)
{
	if (hook == WIRE_HOOK_INTERCOM) return str_eq(text_at(body, "topic", a), STR("ping"));
	return hook == WIRE_HOOK_CHATWOOT && str_eq(at_path(body, "private"), STR("true"));
}

/* "zen:event-type:ticket.created" is "ticket.created"; an answered survey of Chatwoot has a name of its own. */
static struct str name_of(enum wire_hook hook, struct str said, bool rated)
{
	const struct str zendesk = STR("zen:event-type:");
	if (hook == WIRE_HOOK_ZENDESK && str_starts(said, zendesk)) return str_cut(said, zendesk.len, said.len);
	return hook == WIRE_HOOK_CHATWOOT && rated ? STR("conversation rated") : said;
}

/* What changes comes again under the id that it had: only what begins has one. */
static struct str id_of(const struct wire_live *in, const struct shape *s, struct str said, struct arena *a)
{
	if (in->what == WIRE_HOOK_CHATWOOT) {
		const struct str id = text_at(in->body, "id", a);
		if (!id.len || !str_ends(said, STR("_created"))) return STR("");
		return str_format(a, STR_FMT "/" STR_FMT, STR_ARG(said), STR_ARG(id));
	}
	if (in->what == WIRE_HOOK_STANDARD)
		for (size_t i = 0; i < in->n_headers; i++)
			if (str_eq(in->headers[i].key, STR("webhook-id"))) return in->headers[i].value;
	return s->id ? text_at(in->body, s->id, a) : STR("");
}

static bool moment(const struct shape *s, struct str slice, struct arena *a, int64_t *out)
{
	int64_t seconds;
	if (!str_to_i64(slice, &seconds)) return live_moment(slice, a, out);
	if (seconds < 0 || seconds > WIRE_MS_MAX / 1000) return false;
	/* Chatwoot writes one kind of its messages in seconds as well. */
	*out = s->seconds || seconds < WIRE_MS_MAX / 100000 ? seconds * 1000 : seconds;
	return true;
}

static enum err_code set_properties(const struct shape *s, struct str body, struct arena *a, struct draft *d,
                                    struct err *why)
{
	const struct str own = live_object(s->properties[0] ? at_path(body, s->properties) : body);
	const struct str journey = text_at(body, s->journey, a), comment = at_path(body, s->comment);
	const struct str score = at_path(body, s->score);
	struct buf b;
	struct json_out o;
	double rating;
	buf_init(&b, WIRE_EVENT_BYTES_MAX * 2);
	json_out_init(&o, &b);
	json_open(&o, '{');
	if (journey.len) json_kv_str(&o, "journey", journey);
	if (d->channel.len) json_kv_str(&o, "channel", d->channel);
	if (str_to_double(score, &rating)) {
		json_key(&o, "score");
		json_put_raw(&o, score);
		json_kv_z(&o, "score_kind", "csat");
	}
	if (live_text(comment, a).len) json_kv_str(&o, "comment", live_text(comment, a));
	json_close(&o, '}');
	const struct str ours = str_copy(a, buf_view(&b));
	enum err_code rc = buf_check(&b, why);
	buf_done(&b);
	if (rc != OK) return rc;
	d->properties = live_join(a, live_inside(own), live_inside(ours));
	return ours.ptr && d->properties.ptr ? OK : err_no_memory(why);
}

static enum err_code read_hook(const struct wire_live *in, struct arena *a, struct draft *d, struct err *why)
{
	const struct shape *s = &shapes[in->what];
	const struct str body = in->body, said = text_at(body, s->name, a);
	int64_t at;
	for (size_t i = 0; i < PATHS && s->customer[i] && !d->customer.len; i++)
		d->customer = text_at(body, s->customer[i], a);
	if (!said.len) return live_bad(why, "", s->name, "is missing", "A webhook says in it what happened.");
	if (!d->customer.len)
		return live_bad(why, "", s->customer[0], "is missing", "A webhook has to say whose event it is.");
	d->name = name_of((enum wire_hook)in->what, said, at_path(body, s->score).len > 0);
	d->id = id_of(in, s, said, a);
	d->channel = text_at(body, s->channel, a);
	if (in->what == WIRE_HOOK_CHATWOOT || in->what == WIRE_HOOK_INTERCOM) d->channel = STR("chat");
	TRY(set_properties(s, body, a, d, why));
	d->at_ms = in->received_ms;
	const struct str time = at_path(body, s->time);
	if (!time.len) return OK;
	if (!moment(s, time, a, &at)) return live_bad(why, "", s->time, "is not a time", "Use ISO 8601.");
	live_time(in, at, NULL, STR(""), d);
	return OK;
}

enum err_code wire_webhook(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                           struct err *err)
{
	struct err why = { 0 };
	struct draft d = { .raw = in->body, .pointer = "" };
	struct json_reader r;
	struct gate g;
	if (in->what == WIRE_HOOK_CUSTOM) return hook_custom(in, scratch, sink, err);
	json_read(&r, in->body);
	if (!json_skip(&r, json_next(&r)) || json_next(&r) != JT_END) return json_error(&r, err);
	if (is_none((enum wire_hook)in->what, in->body, scratch)) return OK;
	gate_init(&g, sink, scratch, in->received_ms, WIRE_LIVE_AHEAD_MS);
	const enum err_code said = read_hook(in, scratch, &d, &why);
	const enum err_code rc = live_put(&g, &d, said, &why, err);
	gate_done(&g);
	return rc;
}
