#include "base/json.h"
#include "store/store.h"

static const char *const type_names[WIRE_TYPES] = { "track", "page", "screen", "identify", "group", "alias" };

void store_event_text(const struct wire_event *e, struct buf *out)
{
	struct json_out o;
	char content[20];
	snprintf(content, sizeof content, "%016llx", (unsigned long long)e->content);
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_z(&o, "type", type_names[e->type]);
	json_kv_str(&o, "name", e->name);
	if (e->channel.len) json_kv_str(&o, "channel", e->channel);
	if (e->customer.len) json_kv_str(&o, "customer", e->customer);
	if (e->anonymous.len) json_kv_str(&o, "anonymous", e->anonymous);
	if (e->previous.len) json_kv_str(&o, "previous", e->previous);
	if (e->id.len) json_kv_str(&o, "id", e->id);
	json_kv_i64(&o, "at_ms", e->at_ms);
	json_kv_z(&o, "content", content);
	json_key(&o, "body");
	json_put_raw(&o, e->body.len ? e->body : STR("{}"));
	json_close(&o, '}');
}

static bool read_hex(struct str s, uint64_t *out)
{
	uint64_t v = 0;
	if (s.len != 16) return false;
	for (size_t i = 0; i < s.len; i++) {
		const char *digits = "0123456789abcdef", *at = memchr(digits, s.ptr[i], 16);
		if (!at) return false;
		v = v << 4 | (uint64_t)(at - digits);
	}
	*out = v;
	return true;
}

enum err_code store_event_read(struct str text, struct arena *a, struct wire_event *out, struct err *err)
{
	struct wire_event e = { 0 };
	struct str type, content, body;
	struct {
		const char *key;
		struct str *to;
	} optional[] = {
		{ "channel", &e.channel },
		{ "customer", &e.customer },
		{ "anonymous", &e.anonymous },
		{ "previous", &e.previous },
		{ "id", &e.id },
	};
	bool ok = json_get_text(text, STR("type"), a, &type) && json_get_text(text, STR("name"), a, &e.name) &&
	          json_get_i64(text, STR("at_ms"), &e.at_ms) && json_get_text(text, STR("content"), a, &content) &&
	          read_hex(content, &e.content) && json_get(text, STR("body"), &body) && body.len >= 2 &&
	          body.ptr[0] == '{';
	if (!ok) return err_set(err, ERR_INPUT, "set_aside.raw", "raw", "this is not an event that was set aside");
	size_t t = 0;
	while (t < WIRE_TYPES && !str_eq(type, str_of(type_names[t]))) t++;
	if (t == WIRE_TYPES) return err_set(err, ERR_INPUT, "set_aside.raw", "type", "unknown type of event");
	for (size_t i = 0; i < COUNT_OF(optional); i++)
		if (!json_get_text(text, str_of(optional[i].key), a, optional[i].to)) *optional[i].to = STR("");
	e.type = (enum wire_type)t;
	e.body = body;
	*out = e;
	return OK;
}
