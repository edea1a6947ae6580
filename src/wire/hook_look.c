/*
 * What a sample of a webhook holds, and what its members probably mean, by
 * their names. A guess is to be looked at by a person, so it is short: the
 * first and least deep member with a name of the table counts.
 */
#include "wire/hook.h"

#include "base/checked.h"

enum { VALUE_SHOWN = 80, NAMES = 14, DEEP = 12 };

/* Names are compared without case, "_", "-" and blanks. */
static const struct role {
	const char *key;
	const char *names[NAMES]; /* the better ones first */
} roles[] = {
	{ "customer",
	  { "customerid", "userid", "externalid", "contactid", "clientid", "subscriberid", "memberid", "patientid",
	    "requesterid", "customer", "email", "phone", "user" } },
	{ "name_column", { "event", "eventtype", "eventname", "topic", "type", "action", "activity" } },
	{ "time",
	  { "occurredat", "happenedat", "eventtime", "createdat", "timestamp", "submittedat", "completedat", "time",
	    "date", "datetime", "created", "sentat", "updatedat" } },
	{ "id", { "eventid", "messageid", "deliveryid", "webhookid", "uuid", "id" } },
	{ "journey", { "orderid", "ordernumber", "ticketid", "caseid", "conversationid", "bookingid", "journey" } },
	{ "score", { "rating", "score", "nps", "csat", "stars" } },
	{ "comment", { "comment", "feedback", "review", "remark", "message", "text", "body" } },
	{ "value", { "amount", "total", "totalprice", "value", "price", "revenue" } },
	{ "currency", { "currency", "currencycode" } },
	{ "channel", { "channel" } },
	{ "unit", { "unit", "branch", "store", "storeid", "location" } },
};
/* Objects whose own id is a customer's. */
static const char *const persons[] = { "customer", "user",  "contact", "client",    "buyer", "member",
	                               "sender",   "payer", "patient", "requester", "guest" };
/* Lists whose elements are events of their own. */
static const char *const lists[] = { "events", "records", "entries", "notifications", "results", "data" };

struct looking {
	struct arena *a;
	struct wire_hook_sample *out;
	size_t depth[WIRE_HOOK_PATHS_MAX];
	bool of_person[WIRE_HOOK_PATHS_MAX];
};

static bool same_name(struct str said, const char *known)
{
	for (size_t i = 0; i < said.len; i++) {
		char c = said.ptr[i];
		if (c == '_' || c == '-' || c == ' ') continue;
		if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
		if (c != *known++) return false;
	}
	return !*known;
}

static bool among(struct str said, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_name(said, names[i])) return true;
	return false;
}

/* --- the single values ------------------------------------------------------------------------- */

static const char *kind_of(const struct json_node *at)
{
	switch ((int)at->type) {
	case JT_STRING: return "text";
	case JT_NUMBER: return "number";
	case JT_NULL: return "null";
	default: return "bool";
	}
}

static enum err_code look_at(struct looking *l, const struct json_node *at, struct str path, size_t depth, bool person,
                             struct err *err)
{
	struct wire_hook_sample *out = l->out;
	if (at->type == JT_OBJECT && depth < DEEP) {
		for (const struct json_node *m = at->first; m; m = m->next) {
			const struct str inner = hook_path_add(l->a, path, m->key);
			if (!inner.ptr) return err_no_memory(err);
			const bool inside_person = m->type == JT_OBJECT && among(m->key, persons, COUNT_OF(persons));
			TRY(look_at(l, m, inner, depth + 1, m->type == JT_OBJECT ? inside_person : person, err));
		}
		return OK;
	}
	if (at->type == JT_ARRAY && depth < DEEP) {
		const struct str inner = str_format(l->a, STR_FMT "[0]", STR_ARG(path));
		if (!inner.ptr) return err_no_memory(err);
		return at->first ? look_at(l, at->first, inner, depth + 1, false, err) : OK;
	}
	if (out->n == WIRE_HOOK_PATHS_MAX) {
		out->more = true;
		return OK;
	}
	struct str text = at->raw;
	if (at->type == JT_STRING && !json_node_text(at, l->a, &text)) return err_no_memory(err);
	l->depth[out->n] = depth;
	l->of_person[out->n] = person;
	out->paths[out->n++] = (struct wire_hook_path){
		.path = path, .value = wire_show(text, VALUE_SHOWN), .kind = kind_of(at), .role = ""
	};
	return OK;
}

/* --- what they mean -------------------------------------------------------------------------------- */

static bool is_time(const struct wire_hook_path *p)
{
	int64_t at;
	if (strcmp(p->kind, "text") == 0) return when_parse_iso(p->value, &at, NULL);
	return strcmp(p->kind, "number") == 0 && str_to_i64(p->value, &at) && at > 100000000 && at < WIRE_MS_MAX;
}

static bool can_be(const char *key, const struct wire_hook_path *p)
{
	if (p->role[0] || !p->value.len || strcmp(p->kind, "null") == 0) return false;
	if (strcmp(key, "time") == 0) return is_time(p);
	if (strcmp(key, "score") == 0 || strcmp(key, "value") == 0) return strcmp(p->kind, "number") == 0;
	if (strcmp(key, "customer") == 0 || strcmp(key, "id") == 0 || strcmp(key, "journey") == 0)
		return strcmp(p->kind, "bool") != 0;
	return strcmp(p->kind, "text") == 0;
}

static struct wire_hook_path *least_deep(struct looking *l, const char *key, const char *name, bool of_person)
{
	struct wire_hook_path *best = NULL;
	size_t depth = SIZE_MAX;
	for (size_t i = 0; i < l->out->n; i++) {
		struct wire_hook_path *p = &l->out->paths[i];
		if (l->depth[i] >= depth || (of_person && !l->of_person[i])) continue;
		if (!same_name(hook_path_name(p->path), name) || !can_be(key, p)) continue;
		/* An id of something in the body is no id of the message. */
		if (strcmp(key, "id") == 0 && strcmp(name, "id") == 0 && l->depth[i] > 1) continue;
		best = p;
		depth = l->depth[i];
	}
	return best;
}

static void give_roles(struct looking *l)
{
	for (size_t r = 0; r < COUNT_OF(roles); r++) {
		struct wire_hook_path *p = NULL;
		if (r == 0) p = least_deep(l, roles[r].key, "id", true);
		if (r == 0 && p) { /* a name of its own is better than an id within */
			struct wire_hook_path *own = NULL;
			for (size_t k = 0; k < 4 && !own; k++)
				own = least_deep(l, "customer", roles[0].names[k], false);
			if (own) p = own;
		}
		for (size_t k = 0; k < NAMES && roles[r].names[k] && !p; k++)
			p = least_deep(l, roles[r].key, roles[r].names[k], false);
		if (p) p->role = roles[r].key;
	}
}

/* --- the mapping ------------------------------------------------------------------------------------ */

static void put_text(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char c = (unsigned char)s.ptr[i];
		if (c == '"' || c == '\\') buf_byte(b, '\\');
		if (c < 0x20 || c == 0x7f) buf_printf(b, "\\u%04x", c);
		else buf_byte(b, (char)c);
	}
	buf_byte(b, '"');
}

static enum err_code write_mapping(struct looking *l, struct err *err)
{
	struct wire_hook_sample *out = l->out;
	struct buf b;
	bool who = false, what = false;
	buf_init(&b, WIRE_HOOK_MAPPING_BYTES_MAX);
	if (out->each.len) {
		buf_str(&b, STR("each = "));
		put_text(&b, out->each);
		buf_byte(&b, '\n');
	}
	for (size_t r = 0; r < COUNT_OF(roles); r++)
		for (size_t i = 0; i < out->n; i++) {
			const struct wire_hook_path *p = &out->paths[i];
			if (p->role != roles[r].key) continue;
			who |= r == 0;
			what |= r == 1;
			buf_printf(&b, "%s = ", p->role);
			put_text(&b, p->path);
			buf_byte(&b, '\n');
			int64_t at;
			if (r == 2 && str_to_i64(p->value, &at))
				buf_printf(&b, "time_format = \"%s\"\n", at > 100000000000 ? "epoch_ms" : "epoch_s");
		}
	if (!what) buf_str(&b, STR("name = \"Webhook\"\n"));
	buf_str(&b, STR("keep = \".\"\n"));
	out->mapping_toml = who ? str_copy(l->a, buf_view(&b)) : STR("");
	const bool bad = b.full || !out->mapping_toml.ptr;
	buf_done(&b);
	return bad ? err_no_memory(err) : OK;
}

/* The list whose elements are events: the body itself, or one of its members by a name that lists have. */
static const struct json_node *find_each(struct looking *l, const struct json_node *top)
{
	if (top->type == JT_ARRAY && top->first && top->first->type == JT_OBJECT) {
		l->out->each = STR("$");
		return top->first;
	}
	for (size_t i = 0; i < COUNT_OF(lists) && top->type == JT_OBJECT; i++)
		for (const struct json_node *m = top->first; m; m = m->next) {
			if (!same_name(m->key, lists[i]) || m->type != JT_ARRAY) continue;
			if (!m->first || m->first->type != JT_OBJECT) continue;
			l->out->each = hook_path_add(l->a, STR(""), m->key);
			return m->first;
		}
	return top;
}

enum err_code wire_hook_look(struct str sample, struct arena *a, struct wire_hook_sample *out, struct err *err)
{
	struct json_node *top;
	struct wire_hook_sample found = { .each = STR(""), .mapping_toml = STR("") };
	struct looking *l = ARENA_NEW(a, struct looking);
	TRY(json_tree(sample, a, &top, err));
	if (!l) return err_no_memory(err);
	*l = (struct looking){ .a = a, .out = &found };
	found.paths = ARENA_ARRAY(a, struct wire_hook_path, WIRE_HOOK_PATHS_MAX);
	if (!found.paths) return err_no_memory(err);
	const struct json_node *item = find_each(l, top);
	if (!found.each.ptr) return err_no_memory(err);
	TRY(look_at(l, item, STR(""), 0, false, err));
	if (item != top && top->type == JT_OBJECT)
		for (const struct json_node *m = top->first; m; m = m->next) {
			if (m->type == JT_OBJECT || m->type == JT_ARRAY) continue;
			const struct str path = hook_path_add(a, STR("$"), m->key);
			if (!path.ptr) return err_no_memory(err);
			TRY(look_at(l, m, path, 2, false, err));
		}
	give_roles(l);
	TRY(write_mapping(l, err));
	*out = found;
	return OK;
}
