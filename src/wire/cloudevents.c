/*
 * CloudEvents 1.0 over HTTP, in its three forms: attributes in headers and
 * data in the body, both in one JSON object, or a list of such objects.
 */
#include "base/checked.h"
#include "base/coding.h"
#include "wire/live.h"

enum attribute {
	A_ANONYMOUS,
	A_CHANNEL,
	A_DATA,
	A_DATA64,
	A_ID,
	A_SCHEMA,
	A_SOURCE,
	A_SPEC,
	A_SUBJECT,
	A_TIME,
	A_TYPE,
	A_USER,
	ATTRIBUTES
};
static const struct live_member attributes[ATTRIBUTES] = {
	[A_ANONYMOUS] = { STR("anonymousid"), false },
	[A_CHANNEL] = { STR("channel"), false },
	[A_DATA] = { STR("data"), false },
	[A_DATA64] = { STR("data_base64"), false },
	[A_ID] = { STR("id"), false },
	[A_SCHEMA] = { STR("dataschema"), true },
	[A_SOURCE] = { STR("source"), true },
	[A_SPEC] = { STR("specversion"), true },
	[A_SUBJECT] = { STR("subject"), false },
	[A_TIME] = { STR("time"), false },
	[A_TYPE] = { STR("type"), true },
	[A_USER] = { STR("userid"), false },
};

struct delivery {
	const struct wire_live *in;
	struct gate *gate;
};

static enum err_code check_required(const struct draft *d, const struct str *slices, struct arena *a, struct err *why)
{
	static const enum attribute required[] = { A_SPEC, A_ID, A_SOURCE, A_TYPE };
	for (size_t i = 0; i < COUNT_OF(required); i++)
		if (!live_text(slices[required[i]], a).len)
			return live_bad(why, d->pointer, attributes[required[i]].name.ptr, "is missing or empty",
			                "CloudEvents need specversion, id, source and type.");
	if (live_text(slices[A_USER], a).len || live_text(slices[A_SUBJECT], a).len ||
	    live_text(slices[A_ANONYMOUS], a).len)
		return OK;
	return live_bad(why, d->pointer, "subject", "is missing",
	                "Say in subject, or in the extension userid or anonymousid, whose event it is.");
}

/* The data as properties; what is no object becomes their only member, "data". */
static enum err_code set_data(const struct str *slices, struct arena *a, struct draft *d, struct err *why)
{
	struct str data = slices[A_DATA], bytes;
	const struct str packed = live_text(slices[A_DATA64], a);
	if (packed.len && base64_decode(a, packed, &bytes)) {
		struct json_reader r;
		json_read(&r, bytes);
		const enum json_token t = json_next(&r);
		if (t == JT_OBJECT && json_skip(&r, t) && json_next(&r) == JT_END) data = bytes;
		else data = slices[A_DATA64];
	}
	d->properties = live_object(data);
	if (!data.len || d->properties.len) return OK;
	d->properties = str_format(a, "{\"data\":" STR_FMT "}", STR_ARG(data));
	return d->properties.ptr ? OK : err_no_memory(why);
}

static enum err_code read_event(const struct delivery *in, struct str object, struct arena *a, struct draft *d,
                                struct err *why)
{
	struct str slices[ATTRIBUTES], rest, channel = STR("");
	TRY(live_take(object, attributes, ATTRIBUTES, a, slices, &rest, why));
	TRY(check_required(d, slices, a, why));
	d->customer = live_text(slices[A_USER], a);
	if (!d->customer.len) d->customer = live_text(slices[A_SUBJECT], a);
	d->anonymous = live_text(slices[A_ANONYMOUS], a);
	d->name = live_text(slices[A_TYPE], a);
	d->context = live_join(a, rest, STR(""));
	/* Unique are source and id together. */
	d->id = str_format(a, STR_FMT " " STR_FMT, STR_ARG(live_text(slices[A_SOURCE], a)),
	                   STR_ARG(live_text(slices[A_ID], a)));
	if (!d->id.ptr || !d->context.ptr) return err_no_memory(why);
	TRY(set_data(slices, a, d, why));
	d->channel = live_text(slices[A_CHANNEL], a);
	if (!d->channel.len && json_get_text(d->properties, STR("channel"), a, &channel))
		d->channel = str_trim(channel);
	d->at_ms = in->in->received_ms;
	int64_t said;
	if (!slices[A_TIME].len) return OK;
	if (!live_moment(slices[A_TIME], a, &said))
		return live_bad(why, d->pointer, "time", "is not a time", "Use RFC 3339 such as 2026-01-01T10:00:00Z.");
	live_time(in->in, said, NULL, STR(""), d);
	return OK;
}

static enum err_code put_event(const struct delivery *c, struct str object, int64_t index, const char *pointer,
                               struct err *err)
{
	struct err why = { 0 };
	struct draft d = { .line = index, .raw = object, .pointer = pointer };
	const enum err_code rc = read_event(c, object, c->gate->scratch, &d, &why);
	return live_put(c->gate, &d, rc, &why, err);
}

static enum err_code put_item(void *ctx, struct str value, int64_t index, struct err *err)
{
	char pointer[48];
	snprintf(pointer, sizeof pointer, "/%lld", (long long)index);
	return put_event(ctx, value, index, pointer, err);
}

/* The structured form of what came in headers; data that is no JSON is text, or base64 when it is not even that. */
static enum err_code gather(const struct wire_live *in, struct arena *a, struct str *out, struct err *err)
{
	struct buf b;
	struct json_out o;
	struct json_reader r;
	buf_init(&b, in->body.len * 2 + 256 * 1024);
	json_out_init(&o, &b);
	json_open(&o, '{');
	for (size_t i = 0; i < in->n_headers; i++) {
		struct str value;
		if (!str_starts(in->headers[i].key, STR("ce-"))) continue;
		if (!percent_decode(a, in->headers[i].value, false, &value)) value = STR("");
		json_key_str(&o, str_cut(in->headers[i].key, 3, in->headers[i].key.len));
		json_put_str(&o, value);
	}
	if (str_trim(in->body).len) {
		json_key(&o, "data");
		json_read(&r, in->body);
		if (json_skip(&r, json_next(&r)) && json_next(&r) == JT_END) json_put_raw(&o, in->body);
		else if (utf8_valid(in->body.ptr, in->body.len) == in->body.len) json_put_str(&o, in->body);
		else json_put_null(&o);
	}
	json_close(&o, '}');
	const enum err_code rc = buf_check(&b, err);
	if (rc == OK) *out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return rc != OK || out->ptr ? rc : err_no_memory(err);
}

static enum err_code put_body(struct delivery *c, struct err *err)
{
	struct str body = str_trim(c->in->body), packed;
	for (size_t i = 0; i < c->in->n_headers; i++)
		if (str_eq(c->in->headers[i].key, STR("ce-specversion"))) {
			TRY(gather(c->in, c->gate->scratch, &packed, err));
			return put_event(c, packed, 0, "", err);
		}
	if (body.len && body.ptr[0] == '[') return live_each(body, put_item, c, err);
	struct json_reader r;
	json_read(&r, body);
	if (!json_skip(&r, json_next(&r)) || json_next(&r) != JT_END) return json_error(&r, err);
	return put_event(c, body, 0, "", err);
}

enum err_code wire_cloudevents(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                               struct err *err)
{
	struct gate g;
	struct delivery c = { .in = in, .gate = &g };
	gate_init(&g, sink, scratch, in->received_ms, WIRE_LIVE_AHEAD_MS);
	const enum err_code rc = put_body(&c, err);
	gate_done(&g);
	return rc;
}
