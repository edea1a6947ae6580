/* Trying the mapping of a webhook on a sample, before anything comes. */
#include "http/priv.h"

enum { TOLD_MAX = 20 };

struct trying {
	struct json_out *o;
	int64_t events, refused;
};

static enum err_code put_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct trying *t = ctx;
	if (t->events++ >= TOLD_MAX) return OK;
	json_open(t->o, '{');
	json_kv_i64(t->o, "index", e->line);
	json_kv_z(t->o, "type", wire_type_names[e->type]);
	json_kv_str(t->o, "name", e->name);
	json_kv_str(t->o, "customer", e->customer);
	json_kv_str(t->o, "anonymous", e->anonymous);
	json_kv_i64(t->o, "at_ms", e->at_ms);
	json_kv_str(t->o, "channel", e->channel);
	json_kv_str(t->o, "id", e->id);
	json_key(t->o, "body");
	json_put_raw(t->o, e->body);
	json_close(t->o, '}');
	return OK;
}

static enum err_code put_refusal(void *ctx, const struct wire_refusal *r, struct err *err)
{
	struct trying *t = ctx;
	if (t->refused++ >= TOLD_MAX) return OK;
	json_open(t->o, '{');
	json_kv_i64(t->o, "index", r->line);
	json_kv_z(t->o, "id", r->err.id);
	json_kv_z(t->o, "field", r->err.field);
	json_kv_z(t->o, "text", r->err.text);
	json_kv_z(t->o, "hint", r->err.hint);
	json_close(t->o, '}');
	return OK;
}

static enum err_code skip_event(void *ctx, const struct wire_event *e, struct err *err)
{
	return OK;
}

static enum err_code skip_refusal(void *ctx, const struct wire_refusal *r, struct err *err)
{
	return OK;
}

/* Two runs, one for each list: a sample is small. */
static enum err_code put_result(struct http_call *c, uint32_t source, struct str mapping, struct str sample,
                                struct json_out *o, struct err *err)
{
	struct trying t = { .o = o };
	const struct wire_sink events = { .ctx = &t, .event = put_event, .refuse = skip_refusal },
	                       refusals = { .ctx = &t, .event = skip_event, .refuse = put_refusal };
	json_key(o, "events");
	json_open(o, '[');
	TRY(collect_hook_try(c->h->opt.collect, source, mapping, sample, c->arena, &events, err));
	json_close(o, ']');
	json_key(o, "refused");
	json_open(o, '[');
	TRY(collect_hook_try(c->h->opt.collect, source, mapping, sample, c->arena, &refusals, err));
	json_close(o, ']');
	json_kv_i64(o, "of_events", t.events);
	json_kv_i64(o, "of_refused", t.refused);
	return OK;
}

static void put_paths(struct json_out *o, const struct wire_hook_sample *s)
{
	json_key(o, "paths");
	json_open(o, '[');
	for (size_t i = 0; i < s->n; i++) {
		json_open(o, '{');
		json_kv_str(o, "path", s->paths[i].path);
		json_kv_z(o, "kind", s->paths[i].kind);
		json_kv_str(o, "value", s->paths[i].value);
		json_kv_z(o, "role", s->paths[i].role);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_kv_bool(o, "more", s->more);
	json_kv_str(o, "each", s->each);
}

HANDLER(post_hook_try)
{
	uint32_t id = 0;
	struct str sample = STR(""), mapping = { 0 };
	struct wire_hook_sample s;
	struct json_out o;
	TRY(source_id(c, &id, err));
	TRY(body_text(c, "sample", true, &sample, err));
	TRY(body_text(c, "mapping", false, &mapping, err));
	TRY(wire_hook_look(sample, c->arena, &s, err));
	if (!mapping.len) mapping = s.mapping_toml;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_paths(&o, &s);
	json_kv_str(&o, "guess", s.mapping_toml);
	json_kv_str(&o, "mapping", mapping);
	if (mapping.len) TRY(put_result(c, id, mapping, sample, &o, err));
	else {
		json_key(&o, "events");
		json_put_raw(&o, STR("[]"));
		json_key(&o, "refused");
		json_put_raw(&o, STR("[]"));
		json_kv_i64(&o, "of_events", 0);
		json_kv_i64(&o, "of_refused", 0);
	}
	json_close(&o, '}');
	return OK;
}
