/* Taking requests apart, whoever sent them. */
#include "base/checked.h"
#include "base/coding.h"
#include "wire/live.h"

enum { PAIRS_MAX = 512 };

enum err_code live_bad(struct err *why, const char *pointer, const char *member, const char *what, const char *hint)
{
	char f[64];
	snprintf(f, sizeof f, "%s/%s", pointer, member);
	err_set(why, ERR_INPUT, "segment.member", f, "%s %s", member, what);
	err_hint(why, "%s", hint);
	return ERR_INPUT;
}

static bool is_named(const struct live_member *m, struct str key)
{
	return m->name.len == key.len && m->name.ptr[0] == key.ptr[0] && memcmp(m->name.ptr, key.ptr, key.len) == 0;
}

static size_t member_of(const struct live_member *known, size_t n, struct str key)
{
	size_t i = 0;
	if (!key.len) return n;
	while (i < n && !is_named(&known[i], key)) i++;
	return i;
}

/* The k-th of its object: looked for first where the k-th of the object before was found. */
static size_t member_again(const struct live_member *known, size_t n, struct live_order *order, size_t k,
                           struct str key)
{
	if (!order || k >= COUNT_OF(order->at) || !key.len) return member_of(known, n, key);
	if (order->at[k] < n && is_named(&known[order->at[k]], key)) return order->at[k];
	const size_t i = member_of(known, n, key);
	order->at[k] = (uint8_t)i;
	return i;
}

/* `"key":value` of what is not known, one behind the other. */
static enum err_code put_rest(const struct json_node *object, const struct live_member *known, size_t n,
                              struct arena *a, struct str *rest, struct err *why)
{
	struct buf more;
	struct json_out o;
	buf_init(&more, object->raw.len * 6 + 16); /* a key may be written longer than it was */
	json_out_init(&o, &more);
	for (const struct json_node *m = object->first; m; m = m->next) {
		const size_t i = member_of(known, n, m->key);
		if (i < n && !known[i].keep) continue;
		json_key_str(&o, m->key);
		json_put_raw(&o, m->raw);
		o.comma = true;
	}
	enum err_code rc = buf_check(&more, why);
	if (rc == OK) {
		*rest = str_copy(a, buf_view(&more));
		if (!rest->ptr) rc = err_no_memory(why);
	}
	buf_done(&more);
	return rc;
}

enum err_code live_members(const struct json_node *object, const struct live_member *known, size_t n,
                           struct live_order *order, struct arena *a, const struct json_node **members,
                           struct str *rest, struct err *why)
{
	bool others = false;
	size_t k = 0;
	for (size_t i = 0; i < n; i++) members[i] = NULL;
	*rest = STR("");
	if (object->type != JT_OBJECT) {
		err_set(why, ERR_INPUT, "segment.object", "", "a message must be a JSON object");
		err_hint(why, "Send {\"type\":\"track\",\"userId\":\"...\",\"event\":\"...\"}.");
		return ERR_INPUT;
	}
	for (const struct json_node *m = object->first; m; m = m->next, k++) {
		const size_t i = member_again(known, n, order, k, m->key);
		if (i < n) members[i] = m->type == JT_NULL ? NULL : m;
		others = others || i == n || known[i].keep;
	}
	return others ? put_rest(object, known, n, a, rest, why) : OK;
}

enum err_code live_take(struct str object, const struct live_member *known, size_t n, struct arena *a,
                        struct str *slices, struct str *rest, struct err *why)
{
	struct json_node *root;
	const struct json_node **members = ARENA_ARRAY(a, const struct json_node *, n);
	if (!members) return err_no_memory(why);
	TRY(json_tree(object, a, &root, why));
	TRY(live_members(root, known, n, NULL, a, members, rest, why));
	for (size_t i = 0; i < n; i++) slices[i] = members[i] ? members[i]->raw : STR("");
	return OK;
}

struct str live_text(struct str slice, struct arena *a)
{
	struct str text;
	int64_t n;
	if (slice.len && slice.ptr[0] == '"') {
		struct json_reader r;
		json_read(&r, slice);
		if (json_next(&r) == JT_STRING && json_text(&r, a, &text)) return str_trim(text);
		return STR("");
	}
	return slice.len && str_to_i64(slice, &n) ? slice : STR("");
}

struct str live_object(struct str slice)
{
	return slice.len && slice.ptr[0] == '{' ? slice : STR("");
}

struct str live_inside(struct str object)
{
	if (object.len < 2) return STR("");
	return str_trim(str_cut(object, 1, object.len - 1));
}

struct str live_join(struct arena *a, struct str x, struct str y)
{
	if (x.len == 0) return y.len ? str_format(a, "{" STR_FMT "}", STR_ARG(y)) : STR("");
	if (y.len == 0) return str_format(a, "{" STR_FMT "}", STR_ARG(x));
	return str_format(a, "{" STR_FMT "," STR_FMT "}", STR_ARG(x), STR_ARG(y));
}

bool live_moment(struct str slice, struct arena *a, int64_t *out_ms)
{
	struct json_reader r;
	struct str text;
	json_read(&r, slice);
	const enum json_token t = json_next(&r);
	if (t == JT_NUMBER) return wire_time(slice, true, out_ms);
	return t == JT_STRING && json_text(&r, a, &text) && wire_time(text, false, out_ms);
}

bool live_node_moment(const struct json_node *node, struct arena *a, int64_t *out_ms)
{
	struct str text;
	if (node->type == JT_NUMBER) return wire_time(node->raw, true, out_ms);
	return json_node_text(node, a, &text) && wire_time(text, false, out_ms);
}

struct str live_url_path(struct str url)
{
	const size_t colon = str_find(url, ':');
	if (colon == url.len || !str_starts(str_cut(url, colon, url.len), STR("://"))) return STR("");
	struct str rest = str_cut(url, colon + 3, url.len);
	const size_t slash = str_find(rest, '/');
	if (slash == rest.len) return STR("/");
	rest = str_cut(rest, slash, rest.len);
	rest = str_cut(rest, 0, str_find(rest, '?'));
	return str_cut(rest, 0, str_find(rest, '#'));
}

void live_page(struct json_out *o, struct str url, struct str referrer, struct str title)
{
	const struct str path = live_url_path(url);
	const struct {
		const char *name;
		struct str value;
	} members[] = { { "path", path }, { "referrer", referrer }, { "title", title }, { "url", url } };
	if (!url.len && !referrer.len && !title.len) return;
	json_key(o, "page");
	json_open(o, '{');
	for (size_t i = 0; i < COUNT_OF(members); i++)
		if (members[i].value.len) json_kv_str(o, members[i].name, members[i].value);
	json_close(o, '}');
}

bool live_form(struct str text, struct arena *a, struct str_pair **out, size_t *n)
{
	if (str_starts(text, STR("?"))) text = str_cut(text, 1, text.len);
	size_t cap = text.len > 0;
	for (size_t i = 0; i < text.len; i++) cap += text.ptr[i] == '&';
	if (cap > PAIRS_MAX) return false;
	struct str_pair *pairs = ARENA_ARRAY(a, struct str_pair, cap ? cap : 1);
	if (!pairs) return false;
	*n = 0;
	while (text.len) {
		const struct str one = str_cut(text, 0, str_find(text, '&'));
		const struct str key = str_cut(one, 0, str_find(one, '='));
		const struct str value = str_cut(one, key.len < one.len ? key.len + 1 : one.len, one.len);
		text = str_cut(text, one.len < text.len ? one.len + 1 : text.len, text.len);
		if (!one.len) continue;
		if (!percent_decode(a, key, true, &pairs[*n].key)) return false;
		if (!percent_decode(a, value, true, &pairs[*n].value)) return false;
		(*n)++;
	}
	*out = pairs;
	return true;
}

void live_time(const struct wire_live *in, int64_t said_ms, const int64_t *sent_ms, struct str device, struct draft *d)
{
	d->said_ms = d->at_ms = said_ms;
	if (!sent_ms) return;
	int64_t skew = *sent_ms - in->received_ms;
	const struct str sender = device.len ? device : d->anonymous.len ? d->anonymous : d->customer;
	if (in->clock) skew = in->clock->offset_ms(in->clock->ctx, sender, skew);
	d->at_ms = said_ms - skew;
}

enum err_code live_each(struct str list, live_item item, void *ctx, struct err *err)
{
	struct json_reader r;
	enum json_token t;
	json_read(&r, list);
	if ((t = json_next(&r)) != JT_ARRAY)
		return t == JT_ERROR ? json_error(&r, err)
		                     : err_set(err, ERR_INPUT, "segment.member", "", "a list must come here");
	for (int64_t i = 0; (t = json_next(&r)) != JT_ARRAY_END; i++) {
		struct str value;
		if (!json_slice(&r, t, &value)) return json_error(&r, err);
		TRY(item(ctx, value, i, err));
	}
	return json_next(&r) == JT_END ? OK : json_error(&r, err);
}

enum err_code live_put(struct gate *g, const struct draft *d, enum err_code said, const struct err *why,
                       struct err *err)
{
	if (said == OK) return gate_event(g, d, err);
	if (said != ERR_NO_MEMORY) return gate_refuse(g, d->line, d->raw, why, err);
	if (err) *err = *why;
	return said;
}
