/* The funnel: how far cases get through a row of steps. */
#include "http/priv.h"

/* A "?" at the end makes a step optional, unless a backslash makes it a part of the name. */
static bool cut_optional(struct str *part)
{
	size_t slashes = 0;
	if (!str_ends(*part, STR("?"))) return false;
	while (slashes + 1 < part->len && part->ptr[part->len - 2 - slashes] == '\\') slashes++;
	if (slashes % 2) return false;
	*part = str_cut(*part, 0, part->len - 1);
	return true;
}

static enum err_code steps_read(struct http_call *c, struct journey_funnel_query *f, struct err *err)
{
	struct str text = query_get(c, "steps");
	if (!text.len) {
		const enum err_code rc = err_set(err, ERR_INPUT, "funnel.steps", "steps", "a funnel needs steps");
		err_hint(err, "Name them in order: steps=Visited,Ordered|Called,Paid?");
		return rc;
	}
	for (struct str part; name_next(&text, ',', &part);) {
		if (f->n_steps == JOURNEY_FUNNEL_STEPS_MAX)
			return err_limit(err, "funnel.steps", "steps", JOURNEY_FUNNEL_STEPS_MAX + 1,
			                 JOURNEY_FUNNEL_STEPS_MAX, "a funnel has 1 to %d steps",
			                 JOURNEY_FUNNEL_STEPS_MAX);
		struct names names;
		struct journey_funnel_step *step = &f->steps[f->n_steps++];
		part = str_trim(part);
		step->optional = cut_optional(&part);
		TRY(names_split(c, "steps", part, '|', JOURNEY_FUNNEL_NAMES_MAX, &names, err));
		step->names = names.list;
		step->n_names = names.n;
	}
	return OK;
}

static enum err_code funnel_read(struct http_call *c, struct journey_funnel_query *f, struct err *err)
{
	struct names exclude;
	size_t order;
	*f = (struct journey_funnel_query){ 0 };
	TRY(steps_read(c, f, err));
	TRY(names_read(c, "exclude", JOURNEY_FUNNEL_NAMES_MAX, &exclude, err));
	f->exclude = exclude.list;
	f->n_exclude = exclude.n;
	TRY(span_read(c, "window", INT64_MAX, &f->window_ms, err));
	TRY(choice_read(c, "order", journey_funnel_order_names, JOURNEY_FUNNEL_ORDERS, JOURNEY_FUNNEL_LATER, &order,
	                err));
	f->order = (enum journey_funnel_order)order;
	f->by = query_get(c, "by");
	return OK;
}

static void put_name(struct json_out *o, struct http_call *c, const struct journey_funnel_step *step)
{
	struct str name = step->names[0];
	for (size_t i = 1; i < step->n_names; i++)
		name = str_format(c->arena, STR_FMT "|" STR_FMT, STR_ARG(name), STR_ARG(step->names[i]));
	json_kv_str(o, "name", name);
}

static void put_steps(struct json_out *o, struct http_call *c, const struct journey_funnel_query *f,
                      const struct journey_funnel_stat *steps)
{
	open_list(o, "steps");
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct journey_funnel_stat *s = &steps[i];
		json_open(o, '{');
		put_name(o, c, &f->steps[i]);
		json_kv_bool(o, "optional", f->steps[i].optional);
		json_kv_i64(o, "cases", s->cases);
		json_kv_i64(o, "customers", s->customers);
		put_estimate(o, "share", &s->share);
		put_estimate(o, "step_share", &s->step_share);
		json_kv_i64(o, "lost", s->lost);
		json_kv_i64(o, "lost_customers", s->lost_customers);
		put_times(o, "from_start", &s->from_start);
		put_times(o, "from_previous", &s->from_previous);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_funnel(struct json_out *o, struct http_call *c, const struct journey_funnel_query *f,
                       const struct journey_funnel *r)
{
	json_kv_i64(o, "cases", r->cases);
	json_kv_i64(o, "customers", r->customers);
	json_key(o, "window_ms");
	if (f->window_ms == INT64_MAX) json_put_null(o);
	else json_put_i64(o, f->window_ms);
	json_kv_z(o, "order", journey_funnel_order_names[f->order]);
	put_steps(o, c, f, r->steps);
	open_list(o, "groups");
	for (size_t g = 0; g < r->n_groups; g++) {
		json_open(o, '{');
		json_kv_str(o, "value", r->groups[g].value);
		put_steps(o, c, f, r->groups[g].steps);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_kv_i64(o, "of_groups", (int64_t)r->n_values);
}

enum err_code funnel_ask(struct http_call *c, struct question *q, struct journey_funnel_query *f,
                         struct journey_funnel *out, struct err *err)
{
	struct ask *ask;
	*out = (struct journey_funnel){ 0 };
	TRY(need_ask(c, &ask, err));
	TRY(funnel_read(c, f, err));
	TRY(question_read(c, ask, q, err));
	const enum err_code rc = ask_funnel(ask, &q->query, f, c->arena, out, err);
	if (rc != OK) cache_put(c->h->cache, q->map);
	return rc;
}

HANDLER(get_funnel)
{
	struct question q;
	struct journey_funnel_query f;
	struct journey_funnel r;
	struct json_out o;
	TRY(funnel_ask(c, &q, &f, &r, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_funnel(&o, c, &f, &r);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return OK;
}

HANDLER(get_funnel_people)
{
	struct ask *ask;
	struct question q;
	struct journey_funnel_query f;
	struct people_page page;
	struct ask_members people = { 0 };
	struct json_out o;
	int64_t step, lost;
	TRY(need_ask(c, &ask, err));
	TRY(funnel_read(c, &f, err));
	TRY(people_page(c, &page, err));
	TRY(query_i64(c, "step", 0, JOURNEY_FUNNEL_STEPS_MAX - 1, 0, &step, err));
	TRY(query_i64(c, "lost", 0, 1, 0, &lost, err));
	f.people = true;
	f.step = (size_t)step;
	f.lost = lost;
	f.value = query_get(c, "value");
	f.of_value = f.value.ptr; /* "value=" is the group of those without one */
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_funnel_people(ask, &q.query, &f, page.cursor, page.limit, c->arena, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, q.map);
	return rc;
}
