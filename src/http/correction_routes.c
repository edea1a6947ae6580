/* What people say about how a comment is read: docs/methods/text-corrections.md. */
#include <math.h>

#include "http/priv.h"

#define STEPS_MAX 100

static void put_feeling(struct json_out *o, const char *key, int feeling)
{
	json_key(o, key);
	if (feeling == INSIGHT_AS_READ) json_put_null(o);
	else json_put_str(o, text_feeling_name((enum text_feeling_label)feeling));
}

void correction_put(struct json_out *o, const struct insight_correction *k)
{
	put_feeling(o, "feeling", k->feeling);
	json_key(o, "added");
	json_put_raw(o, k->added);
	json_key(o, "dropped");
	json_put_raw(o, k->dropped);
}

static void put_state(struct json_out *o, const char *key, const struct insight_correction *k)
{
	json_key(o, key);
	json_open(o, '{');
	correction_put(o, k);
	json_close(o, '}');
}

HANDLER(get_corrections)
{
	uint64_t arrival = 0;
	struct insight_step *steps;
	size_t n;
	struct json_out o;
	TRY(feedback_arrival(c, &arrival, err));
	TRY(insight_steps(c->h->opt.insight, arrival, STEPS_MAX, c->arena, &steps, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "steps");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "id", steps[i].id);
		json_kv_i64(&o, "at_ms", steps[i].at_ms);
		json_kv_str(&o, "author", steps[i].author);
		json_kv_z(&o, "chosen", insight_chosen_names[steps[i].chosen]);
		json_key(&o, "judged");
		if (steps[i].judged_felt) json_put_double(&o, round(steps[i].judged * 1000) / 1000);
		else json_put_null(&o);
		put_state(&o, "was", &steps[i].was);
		put_state(&o, "is", &steps[i].is);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

/* "feeling": null takes back what was said of it. */
static enum err_code feeling_read(struct http_call *c, struct insight_change *out, struct err *err)
{
	struct str raw, name;
	if (!json_get(c->body, STR("feeling"), &raw)) return OK;
	out->set_feeling = true;
	out->feeling = INSIGHT_AS_READ;
	if (str_eq(raw, STR("null"))) return OK;
	TRY(body_text(c, "feeling", true, &name, err));
	for (int i = TEXT_NEGATIVE; i <= TEXT_POSITIVE; i++)
		if (str_eq(name, text_feeling_name((enum text_feeling_label)i))) out->feeling = i;
	if (out->feeling != INSIGHT_AS_READ) return OK;
	return err_set(err, ERR_INPUT, "insight.feeling", "feeling", "a feeling is negative, neutral or positive");
}

/* Doubt and chance say that it was met in the list of the doubtful; which of both, the list knows itself. */
static enum err_code chosen_read(struct http_call *c, bool *from_queue, struct err *err)
{
	struct str name = { 0 };
	TRY(body_text(c, "chosen", false, &name, err));
	for (int i = 0; name.ptr && i < INSIGHT_CHOSEN; i++)
		if (str_eq(name, str_of(insight_chosen_names[i]))) {
			*from_queue = i != INSIGHT_BY_HAND;
			return OK;
		}
	if (!name.ptr) return OK;
	return err_set(err, ERR_INPUT, "insight.chosen", "chosen", "a comment is chosen by hand, doubt or chance");
}

HANDLER(post_correction)
{
	uint64_t arrival = 0;
	struct str *add = NULL, *drop = NULL;
	struct insight_change change = { .author = call_author(c), .now_ms = call_now(c) };
	TRY(feedback_arrival(c, &arrival, err));
	TRY(feeling_read(c, &change, err));
	TRY(chosen_read(c, &change.from_queue, err));
	TRY(texts_read(c, "add_topics", &add, &change.n_add, err));
	TRY(texts_read(c, "drop_topics", &drop, &change.n_drop, err));
	change.add = add;
	change.drop = drop;
	TRY(insight_correct(c->h->opt.insight, arrival, &change, err));
	if (change.set_feeling) TRY(act_praise_again(c->h->opt.act, arrival, err));
	return feedback_answer(c, arrival, err);
}

HANDLER(post_correction_undo)
{
	uint64_t arrival = 0;
	int64_t step;
	TRY(feedback_arrival(c, &arrival, err));
	if (!json_get_i64(c->body, STR("step"), &step))
		return err_set(err, ERR_INPUT, "http.missing", "step", "the step that is to be undone is missing");
	TRY(insight_correct_undo(c->h->opt.insight, arrival, step, call_author(c), call_now(c), err));
	TRY(act_praise_again(c->h->opt.act, arrival, err));
	return feedback_answer(c, arrival, err);
}
