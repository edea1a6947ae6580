/*
 * Rules of a source for properties that are personal: dropped, hashed under
 * the secret of this directory, or masked, before anything is stored. They
 * hold at any depth of what was sent, whatever the way it came.
 */
#include "collect/priv.h"

enum { HASH_DIGITS = 32 };
#define HASH_SIGN "hash:"
#define DOTS "\u2022\u2022\u2022"

const char *const collect_hiding_names[COLLECT_HIDINGS] = {
	[COLLECT_DROP] = "drop", [COLLECT_HASH] = "hash", [COLLECT_MASK] = "mask"
};

/* Properties with a meaning for the product: of these a number or a time cannot become another text. */
static const char *const typed[] = { "score",     "score_min", "score_max", "expected_at", "wait_ms", "failed",
	                             "abandoned", "effort",    "value",     "score_kind",  "currency" };

/* --- reading and keeping -------------------------------------------------------------------- */

static enum err_code bad_rule(struct err *err, const char *id, struct str property, const char *what, const char *hint)
{
	(void)err_set(err, ERR_INPUT, id, "rules", "\"%.*s\" %s", (int)(property.len < 60 ? property.len : 60),
	              property.len ? property.ptr : "", what);
	err_hint(err, "%s", hint);
	return ERR_INPUT;
}

static enum err_code read_rule(const struct json_node *node, struct arena *a, struct collect_rule *out, struct err *err)
{
	const struct json_node *property = json_member(node, STR("property")),
	                       *action = json_member(node, STR("action"));
	struct str name, text;
	int i = 0;
	if (!property || !action || !json_node_text(property, a, &name) || !json_node_text(action, a, &text))
		return bad_rule(err, "rules.form", STR(""), "is no rule",
		                "A rule is {\"property\":\"email\",\"action\":\"drop\"}, or hash, or mask.");
	name = str_trim(name);
	while (i < COLLECT_HIDINGS && !str_eq(text, str_of(collect_hiding_names[i]))) i++;
	if (i == COLLECT_HIDINGS)
		return bad_rule(err, "rules.action", text, "is nothing that can be done", "Use drop, hash or mask.");
	if (!name.len || name.len > COLLECT_RULE_BYTES_MAX)
		return bad_rule(err, "rules.property", name, "is no name of a property", "A name has 1 to 200 bytes.");
	bool standard = str_eq(name, STR("channel"));
	for (size_t k = 0; k < COUNT_OF(typed) && i != COLLECT_DROP; k++)
		standard = standard || str_eq(name, str_of(typed[k]));
	if (standard)
		return bad_rule(
		        err, "rules.standard", name, "has a meaning of its own here",
		        "Numbers, times and the channel cannot be hashed or masked; drop it, or send it under another name.");
	*out = (struct collect_rule){ name, (enum collect_hiding)i };
	return OK;
}

enum err_code hiding_read(struct str json, struct arena *a, struct collect_rule **out, size_t *n, struct err *err)
{
	struct json_node *root;
	*n = 0;
	*out = NULL;
	if (!json.len) return OK;
	TRY(json_tree(json, a, &root, err));
	if (root->type != JT_ARRAY)
		return bad_rule(err, "rules.form", STR(""), "is no list of rules", "Rules are a list.");
	if (root->n > COLLECT_RULES_MAX)
		return err_limit(err, "rules.many", "rules", root->n, COLLECT_RULES_MAX, "%u rules for one source",
		                 root->n);
	*out = ARENA_ARRAY(a, struct collect_rule, root->n + 1);
	if (!*out) return err_no_memory(err);
	for (const struct json_node *r = root->first; r; r = r->next) {
		TRY(read_rule(r, a, &(*out)[*n], err));
		for (size_t i = 0; i < *n; i++)
			if (str_eq_ascii_nocase((*out)[i].property, (*out)[*n].property))
				return bad_rule(err, "rules.twice", (*out)[i].property, "has two rules",
				                "Keep one of them.");
		++*n;
	}
	return OK;
}

void hiding_write(const struct collect_rule *rules, size_t n, struct json_out *o)
{
	json_open(o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_str(o, "property", rules[i].property);
		json_kv_z(o, "action", collect_hiding_names[rules[i].action]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* --- applying ------------------------------------------------------------------------------------ */

const struct collect_rule *hiding_rule(const struct collect_rule *rules, size_t n, struct str property)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_ascii_nocase(rules[i].property, property)) return &rules[i];
	return NULL;
}

/* Once hashed, hashed for all: what was set aside is tried again under the rules. */
static bool hashed_already(struct str text)
{
	const struct str sign = STR(HASH_SIGN);
	if (text.len != sign.len + HASH_DIGITS || !str_starts(text, sign)) return false;
	for (size_t i = sign.len; i < text.len; i++)
		if (!strchr("0123456789abcdef", text.ptr[i])) return false;
	return true;
}

static void put_hash(const struct store *st, struct str text, struct json_out *o)
{
	char out[64];
	if (hashed_already(text)) {
		json_put_str(o, text);
		return;
	}
	const struct hash128 h = store_keyed(st, text);
	snprintf(out, sizeof out, HASH_SIGN "%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
	json_put_z(o, out);
}

/* The last two letters of what has more than five. */
static void put_masked(struct str text, struct json_out *o)
{
	char out[sizeof DOTS + 8] = DOTS;
	size_t n = 0, starts[2] = { 0, 0 };
	for (size_t i = 0; i < text.len;) {
		starts[0] = starts[1];
		starts[1] = i;
		(void)utf8_next(text, &i);
		n++;
	}
	if (str_starts(text, STR(DOTS)) && n <= 5) {
		json_put_str(o, text);
		return;
	}
	if (n > 5) memcpy(out + sizeof DOTS - 1, text.ptr + starts[0], text.len - starts[0]);
	json_put_z(o, out);
}

static bool put_node(const struct hiding *h, const struct json_node *at, struct arena *a, struct json_out *o);

static bool put_hidden(const struct hiding *h, const struct json_node *at, enum collect_hiding how, struct arena *a,
                       struct json_out *o)
{
	struct str text = at->raw;
	if (at->type == JT_NULL) return json_put_null(o), true;
	if (at->type == JT_STRING && !json_node_text(at, a, &text)) return false;
	if (how == COLLECT_HASH) put_hash(h->st, text, o);
	else if (at->type == JT_OBJECT || at->type == JT_ARRAY) json_put_z(o, DOTS);
	else put_masked(text, o);
	return true;
}

static bool put_members(const struct hiding *h, const struct json_node *at, struct arena *a, struct json_out *o)
{
	for (const struct json_node *m = at->first; m; m = m->next) {
		const struct collect_rule *r = hiding_rule(h->rules, h->n_rules, m->key);
		if (r && r->action == COLLECT_DROP) continue;
		json_key_str(o, m->key);
		if (!(r ? put_hidden(h, m, r->action, a, o) : put_node(h, m, a, o))) return false;
	}
	return true;
}

static bool put_node(const struct hiding *h, const struct json_node *at, struct arena *a, struct json_out *o)
{
	if (at->type != JT_OBJECT && at->type != JT_ARRAY) return json_put_raw(o, at->raw), true;
	json_open(o, at->type == JT_OBJECT ? '{' : '[');
	bool fine = true;
	if (at->type == JT_OBJECT) fine = put_members(h, at, a, o);
	for (const struct json_node *e = at->first; e && at->type == JT_ARRAY && fine; e = e->next)
		fine = put_node(h, e, a, o);
	json_close(o, at->type == JT_OBJECT ? '}' : ']');
	return fine;
}

bool hide_json(const struct hiding *h, struct str json, struct arena *a, struct buf *out)
{
	struct json_node *root;
	struct json_out o;
	struct err ignored;
	if (json_tree(json, a, &root, &ignored) != OK) return false;
	json_out_init(&o, out);
	return put_node(h, root, a, &o) && !out->full;
}
