/* Sources, the sums, what was set aside, dimensions, the demo. */
#include "http/priv.h"

#define SET_ASIDE_PAGE 50

static void put_members(struct json_out *j, int64_t received, int64_t stored, int64_t duplicate, int64_t set_aside,
                        int64_t refused)
{
	json_kv_i64(j, "received", received);
	json_kv_i64(j, "stored", stored);
	json_kv_i64(j, "duplicate", duplicate);
	json_kv_i64(j, "set_aside", set_aside);
	json_kv_i64(j, "refused", refused);
}

void put_tally(struct json_out *j, const struct collect_tally *t)
{
	json_open(j, '{');
	put_members(j, t->received, t->stored, t->duplicate, t->set_aside, t->refused);
	json_close(j, '}');
}

static void put_sums(struct json_out *j, const struct store_sums *s)
{
	json_open(j, '{');
	put_members(j, s->received, s->stored, s->duplicate, s->set_aside, s->refused);
	json_kv_i64(j, "erased", s->erased);
	json_close(j, '}');
}

enum err_code sources_put(struct http *h, struct arena *a, struct buf *out, struct err *err)
{
	struct collect_source *s;
	struct ask *ask = atomic_load(&h->ask);
	struct ask_state state = { 0 };
	struct store_sums all = { 0 };
	struct json_out o;
	size_t n;
	TRY(collect_source_list(h->opt.collect, a, &s, &n, err));
	if (ask) ask_state(ask, &state);
	else state.store_end = store_arrival_end(h->opt.store);
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_i64(&o, "lag_events", (int64_t)(state.store_end - state.arrival_end));
	json_key(&o, "sources");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		const struct store_sums *of = &s[i].sums;
		json_open(&o, '{');
		json_kv_i64(&o, "id", s[i].id);
		json_kv_i64(&o, "last_received_ms", of->last_received_ms);
		json_key(&o, "sums");
		put_sums(&o, of);
		json_close(&o, '}');
		all.received += of->received, all.stored += of->stored, all.duplicate += of->duplicate;
		all.set_aside += of->set_aside, all.refused += of->refused, all.erased += of->erased;
	}
	json_close(&o, ']');
	json_key(&o, "sums");
	put_sums(&o, &all);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_source_counts)
{
	TRY(counts_watch(c->h->counts, &c->watch, err));
	c->content_type = "text/event-stream";
	return OK;
}

HANDLER(get_quiet)
{
	static const char *const spans[COLLECT_SPANS] = { [COLLECT_HOUR] = "hour", [COLLECT_DAY] = "day" };
	struct ask *ask;
	struct collect_quiet *rows;
	struct json_out o;
	size_t n;
	TRY(need_ask(c, &ask, err));
	TRY(collect_quiet(c->h->opt.collect, ask, c->arena, &rows, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "volumes");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		const struct stats_lull *v = &rows[i].volume;
		json_open(&o, '{');
		json_kv_i64(&o, "source", rows[i].source);
		json_kv_str(&o, "name", rows[i].name);
		json_kv_z(&o, "span", spans[rows[i].span]);
		json_kv_i64(&o, "from_ms", rows[i].from_ms);
		json_kv_i64(&o, "to_ms", rows[i].to_ms);
		json_kv_i64(&o, "observed", v->is.observed);
		json_kv_double(&o, "expected", v->is.expected);
		json_kv_i64(&o, "low", v->low);
		json_kv_i64(&o, "high", v->high);
		json_kv_i64(&o, "weeks", (int64_t)v->is.periods);
		json_kv_double(&o, "p", v->is.p);
		json_kv_double(&o, "p_adjusted", rows[i].p_adjusted);
		json_kv_bool(&o, "quiet", rows[i].quiet);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static void put_index(struct json_out *j, const struct ask_state *s)
{
	json_open(j, '{');
	json_kv_i64(j, "memory_bytes", s->memory_bytes);
	json_kv_i64(j, "disk_bytes", s->index_bytes);
	json_kv_i64(j, "files", s->index_files);
	json_kv_i64(j, "arrival_end", (int64_t)s->index_end);
	json_kv_bool(j, "kept", s->index_kept);
	json_kv_z(j, "rebuilt", s->index_rebuilt);
	json_kv_z(j, "failed", s->index_failed);
	json_close(j, '}');
}

const char *const follower_names[FOLLOWERS] = { [FOLLOWER_INBOX] = "inbox",
	                                        [FOLLOWER_CONTACT] = "contact",
	                                        [FOLLOWER_TEXTS] = "texts",
	                                        [FOLLOWER_FOLLOW_UPS] = "follow_ups" };

void followers_behind(struct http *h, uint64_t end, int64_t out[FOLLOWERS])
{
	const uint64_t at[FOLLOWERS] = { [FOLLOWER_INBOX] = inbox_mark(h->opt.inbox),
		                         [FOLLOWER_CONTACT] = contact_mark(h->opt.contact),
		                         [FOLLOWER_TEXTS] = insight_mark(h->opt.insight),
		                         [FOLLOWER_FOLLOW_UPS] = act_mark(h->opt.act) };
	for (int i = 0; i < FOLLOWERS; i++) out[i] = at[i] < end ? (int64_t)(end - at[i]) : 0;
}

static void put_behind(struct json_out *j, struct http *h, uint64_t end)
{
	int64_t behind[FOLLOWERS];
	followers_behind(h, end, behind);
	json_key(j, "behind");
	json_open(j, '{');
	for (int i = 0; i < FOLLOWERS; i++) json_kv_i64(j, follower_names[i], behind[i]);
	json_close(j, '}');
}

HANDLER(get_status)
{
	struct store_sums sums;
	struct ask *ask = atomic_load(&c->h->ask);
	struct ask_state state = { 0 };
	struct json_out o;
	TRY(store_source_sums(c->h->opt.store, 0, &sums, err));
	if (ask) ask_state(ask, &state);
	else state.store_end = store_arrival_end(c->h->opt.store);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "sums");
	put_sums(&o, &sums);
	json_kv_i64(&o, "events", state.events);
	json_kv_i64(&o, "customers", state.customers);
	json_kv_i64(&o, "oldest_ms", state.oldest_ms);
	json_kv_i64(&o, "newest_ms", state.newest_ms);
	json_kv_i64(&o, "arrival_end", (int64_t)state.arrival_end);
	json_kv_i64(&o, "lag_events", (int64_t)(state.store_end - state.arrival_end));
	put_behind(&o, c->h, state.store_end);
	json_key(&o, "index");
	put_index(&o, &state);
	json_kv_i64(&o, "now_ms", call_now(c));
	json_close(&o, '}');
	return OK;
}

/* --- sources -------------------------------------------------------------------------------------- */

static void put_rules(struct json_out *o, const struct collect_source *s)
{
	json_key(o, "rules");
	json_open(o, '[');
	for (size_t i = 0; i < s->n_rules; i++) {
		json_open(o, '{');
		json_kv_str(o, "property", s->rules[i].property);
		json_kv_z(o, "action", collect_hiding_names[s->rules[i].action]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

HANDLER(get_sources)
{
	static const char *const kinds[] = {
		[COLLECT_SDK] = "sdk", [COLLECT_FILE] = "file", [COLLECT_DEMO] = "demo", [COLLECT_SURVEY] = "survey"
	};
	struct collect_source *s;
	size_t n;
	struct json_out o;
	TRY(collect_source_list(c->h->opt.collect, c->arena, &s, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "sources");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "id", s[i].id);
		json_kv_z(&o, "kind", kinds[s[i].kind]);
		json_kv_str(&o, "name", s[i].name);
		json_kv_bool(&o, "enabled", s[i].enabled);
		json_kv_bool(&o, "mask", s[i].mask);
		json_kv_bool(&o, "secret_set", s[i].signs);
		json_kv_str(&o, "hook", s[i].hook);
		put_rules(&o, &s[i]);
		json_kv_i64(&o, "created_ms", s[i].created_ms);
		json_kv_str(&o, "key_hint", s[i].key_hint);
		json_kv_i64(&o, "last_received_ms", s[i].sums.last_received_ms);
		json_key(&o, "sums");
		put_sums(&o, &s[i].sums);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(post_sources)
{
	struct str name, key;
	uint32_t id;
	struct json_out o;
	TRY(body_text(c, "name", true, &name, err));
	TRY(collect_source_new(c->h->opt.collect, COLLECT_SDK, name, c->arena, &id, &key, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "id", id);
	json_kv_str(&o, "write_key", key);
	json_close(&o, '}');
	c->status = 201;
	return OK;
}

enum err_code source_id(struct http_call *c, uint32_t *id, struct err *err)
{
	int64_t v;
	if (!str_to_i64(c->params[0], &v) || v < 1 || v > UINT32_MAX)
		return err_set(err, ERR_NOT_FOUND, "source.unknown", "", "there is no such source");
	*id = (uint32_t)v;
	return OK;
}

HANDLER(patch_source)
{
	uint32_t id = 0;
	struct str name = { 0 }, secret = { 0 }, hook = { 0 }, rules = { 0 };
	bool enabled = true, given, mask = false, masking;
	TRY(source_id(c, &id, err));
	TRY(body_text(c, "name", false, &name, err));
	TRY(body_bool(c, "enabled", &enabled, &given, err));
	TRY(body_bool(c, "mask", &mask, &masking, err));
	TRY(body_text(c, "secret", false, &secret, err));
	TRY(body_text(c, "hook", false, &hook, err));
	if (name.ptr) TRY(collect_source_rename(c->h->opt.collect, id, name, err));
	if (given) TRY(collect_source_enable(c->h->opt.collect, id, enabled, err));
	if (secret.ptr) TRY(collect_source_secret(c->h->opt.collect, id, secret, err));
	if (json_get(c->body, STR("rules"), &rules)) TRY(collect_source_rules(c->h->opt.collect, id, rules, err));
	if (hook.ptr) TRY(collect_source_hook(c->h->opt.collect, id, hook, err));
	if (masking) TRY(collect_source_mask(c->h->opt.collect, id, mask, err));
	buf_str(&c->out, STR("{}"));
	return OK;
}

HANDLER(post_source_key)
{
	uint32_t id = 0;
	struct str key;
	struct json_out o;
	TRY(source_id(c, &id, err));
	TRY(collect_source_new_key(c->h->opt.collect, id, c->arena, &key, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "write_key", key);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_set_aside)
{
	uint32_t id = 0;
	int64_t before;
	struct collect_set_aside *rows;
	size_t n;
	struct json_out o;
	TRY(source_id(c, &id, err));
	TRY(query_i64(c, "before", 1, INT64_MAX, INT64_MAX, &before, err));
	TRY(collect_set_aside_list(c->h->opt.collect, id, before, SET_ASIDE_PAGE + 1, c->arena, &rows, &n, err));
	bool more = n > SET_ASIDE_PAGE;
	if (more) n = SET_ASIDE_PAGE;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "rows");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "id", rows[i].id);
		json_kv_i64(&o, "received_ms", rows[i].received_ms);
		json_kv_str(&o, "reason", rows[i].reason);
		json_kv_str(&o, "field", rows[i].field);
		json_kv_str(&o, "text", rows[i].text);
		json_kv_str(&o, "raw", rows[i].raw);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_key(&o, "next");
	if (more) json_put_i64(&o, rows[n - 1].id);
	else json_put_null(&o);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_aside_reasons)
{
	uint32_t id = 0;
	struct collect_aside_reason *rows;
	struct json_out o;
	size_t n;
	TRY(source_id(c, &id, err));
	TRY(collect_set_aside_reasons(c->h->opt.collect, id, c->arena, &rows, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "reasons");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_str(&o, "reason", rows[i].reason);
		json_kv_i64(&o, "n", rows[i].n);
		json_kv_i64(&o, "newest_ms", rows[i].newest_ms);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(post_replay)
{
	bool dry = false, given;
	int64_t source = 0;
	struct str reason = STR(""), raw;
	struct collect_tally tally = { 0 };
	struct json_out o;
	if (json_get(c->body, STR("source"), &raw) && !str_eq(raw, STR("null")) &&
	    (!json_get_i64(c->body, STR("source"), &source) || source < 0 || source > UINT32_MAX))
		return err_set(err, ERR_INPUT, "http.member", "source", "\"source\" has to be the number of a source");
	TRY(body_text(c, "reason", false, &reason, err));
	TRY(body_bool(c, "dry_run", &dry, &given, err));
	TRY(collect_replay(c->h->opt.collect, (uint32_t)source, reason, dry, &tally, err));
	json_out_init(&o, &c->out);
	put_tally(&o, &tally);
	return OK;
}

/* Whether the demo company is in this directory. */
enum err_code demo_there(struct http_call *c, bool *out, struct err *err)
{
	struct collect_source *s;
	size_t n;
	*out = false;
	TRY(collect_source_list(c->h->opt.collect, c->arena, &s, &n, err));
	for (size_t i = 0; i < n; i++) *out = *out || s[i].kind == COLLECT_DEMO;
	return OK;
}

HANDLER(delete_demo)
{
	bool there;
	TRY(demo_there(c, &there, err));
	if (!there || !c->h->opt.demo_remove)
		return err_set(err, ERR_NOT_FOUND, "demo.none", "", "there is no demo company here");
	TRY(c->h->opt.demo_remove(c->h->opt.demo_ctx, err));
	atomic_fetch_add(&c->h->map_generation, 1);
	answer_empty(c, 204);
	return OK;
}

/* --- dimensions ------------------------------------------------------------------------------------- */

static const char *const standard_dimensions[] = { "channel", "environment", "source", "unit" };

static void put_dimension(struct json_out *o, struct str name, bool standard, double ready)
{
	json_open(o, '{');
	json_kv_str(o, "name", name);
	json_kv_bool(o, "standard", standard);
	json_kv_double(o, "ready", ready);
	json_close(o, '}');
}

HANDLER(get_dimensions)
{
	struct ask *ask;
	struct str *names;
	size_t n;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(collect_dimensions(c->h->opt.collect, c->arena, &names, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "dimensions");
	json_open(&o, '[');
	for (size_t i = 0; i < COUNT_OF(standard_dimensions); i++)
		put_dimension(&o, str_of(standard_dimensions[i]), true, 1);
	for (size_t i = 0; i < n; i++) {
		double ready = ask_dimension_ready(ask, names[i]);
		bool standard = false;
		for (size_t k = 0; k < COUNT_OF(standard_dimensions); k++)
			standard = standard || str_eq(names[i], str_of(standard_dimensions[k]));
		if (!standard) put_dimension(&o, names[i], false, ready < 0 ? 0 : ready);
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(post_dimensions)
{
	struct ask *ask;
	struct str property;
	TRY(need_ask(c, &ask, err));
	TRY(body_text(c, "property", true, &property, err));
	TRY(collect_dimension_declare(c->h->opt.collect, property, err));
	TRY(ask_declare(ask, property, err));
	atomic_fetch_add(&c->h->map_generation, 1);
	return get_dimensions(c, err);
}
