/* Segments: the list, saving, deleting, trying a rule. */
#include "http/priv.h"

#define SAMPLE 10

static void put_segment_members(struct json_out *o, const struct people_segment *s)
{
	json_kv_str(o, "key", s->key);
	json_key(o, "name");
	json_put_raw(o, s->name);
	json_kv_str(o, "rule", s->rule);
	json_kv_i64(o, "changed_ms", s->changed_ms);
	json_kv_str(o, "author", s->author);
	json_kv_i64(o, "version", s->version);
}

/* How many customers it has now; null when its rule cannot be asked now, which is no reason to hide the list,
 * and for those who see one unit. */
static void put_customers(struct http_call *c, struct json_out *o, struct ask *ask, struct str key)
{
	const struct journey_segment *who;
	struct ask_segment r;
	json_key(o, "customers");
	if (!call_unit(c).len && scope_segment(c, key, c->arena, &who, NULL) == OK &&
	    ask_segment(ask, who, 0, c->arena, &r, NULL) == OK)
		json_put_i64(o, r.customers);
	else json_put_null(o);
}

HANDLER(get_segments)
{
	struct ask *ask;
	struct people_segment *s;
	size_t n;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(people_list(c->h->people, c->arena, &s, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "segments");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		put_segment_members(&o, &s[i]);
		put_customers(c, &o, ask, s[i].key);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_segment)
{
	struct ask *ask;
	struct people_segment s;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(people_get(c->h->people, c->params[0], c->arena, &s, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_segment_members(&o, &s);
	put_customers(c, &o, ask, s.key);
	json_close(&o, '}');
	return OK;
}

static enum err_code save(struct http_call *c, struct str key, int base, struct err *err)
{
	struct str rule, name = STR("");
	struct people_segment s;
	struct org_clock k;
	struct json_out o;
	TRY(body_text(c, "rule", true, &rule, err));
	if (!json_get(c->body, STR("name"), &name) && !key.len)
		return err_set(err, ERR_INPUT, "http.missing", "name", "\"name\" is missing");
	TRY(clock_open(c, &k, err));
	const enum err_code rc =
	        people_save(c->h->people, key, base, name, rule, &k.clock,
	                    c->local ? STR("local") : c->session.user.login, call_now(c), c->arena, &s, err);
	clock_close(&k);
	if (rc != OK) return rc;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_segment_members(&o, &s);
	json_close(&o, '}');
	return OK;
}

HANDLER(post_segments)
{
	TRY(save(c, STR(""), 0, err));
	c->status = 201;
	return OK;
}

HANDLER(put_segment)
{
	int64_t base;
	if (!json_get_i64(c->body, STR("base_version"), &base) || base < 1 || base > INT32_MAX)
		return err_set(err, ERR_INPUT, "http.missing", "base_version",
		               "\"base_version\" has to be the version that was edited");
	return save(c, c->params[0], (int)base, err);
}

HANDLER(delete_segment)
{
	TRY(people_delete(c->h->people, c->params[0], c->arena, err));
	answer_empty(c, 204);
	return OK;
}

HANDLER(post_segment_try)
{
	struct ask *ask;
	struct str rule;
	struct ask_segment r;
	struct org_clock k;
	const struct journey_segment *who = NULL;
	struct json_out o;
	struct buf text;
	TRY(need_ask(c, &ask, err));
	TRY(body_text(c, "rule", true, &rule, err));
	TRY(clock_open(c, &k, err));
	buf_init(&text, 64 * KIB);
	struct journey_segment_node *root;
	enum err_code rc = people_rule_read(rule, &k.clock, c->arena, &root, err);
	if (rc == OK) rc = people_rule_print(root, false, &text, err);
	if (rc == OK) rc = people_segment_of(c->h->people, buf_view(&text), &k.clock, c->arena, &who, err);
	clock_close(&k);
	if (rc == OK) rc = ask_segment(ask, who, SAMPLE, c->arena, &r, err);
	/* The place is one in the rule that was sent. */
	if (rc != OK && err && strcmp(err->field, "segment") == 0) snprintf(err->field, sizeof err->field, "rule");
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_i64(&o, "customers", r.customers);
		json_kv_i64(&o, "of", r.of);
		open_list(&o, "sample");
		for (size_t i = 0; i < r.n_sample; i++) json_put_str(&o, r.sample[i]);
		json_close(&o, ']');
		json_kv_str(&o, "text", buf_view(&text));
		json_close(&o, '}');
	}
	buf_done(&text);
	return rc;
}
