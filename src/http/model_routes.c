/* Models of feeling: what they learned from, how good they are, which is in use, and what to ask people next. */
#include <math.h>

#include "http/priv.h"

#define MODELS_SHOWN 30
#define TRAIN_KIND "training"

static struct insight *insight_of(struct http_call *c)
{
	return c->h->opt.insight;
}

/* --- how good they are ---------------------------------------------------------------------------------- */

static void put_confusion(struct json_out *o, const struct insight_confusion *c)
{
	open_list(o, "confusion");
	for (int i = 0; i < INSIGHT_FEELINGS; i++) {
		json_open(o, '[');
		for (int k = 0; k < INSIGHT_FEELINGS; k++) json_put_i64(o, c->n[i][k]);
		json_close(o, ']');
	}
	json_close(o, ']');
}

void quality_put(struct json_out *o, size_t lang, const struct insight_in_use *use, const struct insight_quality *q)
{
	json_kv_z(o, "lang", insight_languages[lang]);
	json_kv_str(o, "name", use->name);
	json_key(o, "model");
	if (use->model) json_put_i64(o, use->model);
	else json_put_null(o);
	json_kv_i64(o, "made_ms", use->made_ms);
	json_kv_i64(o, "since_ms", use->at_ms);
	json_kv_str(o, "author", use->author);
	put_estimate(o, "accuracy", &q->accuracy);
	json_key(o, "macro_f1");
	if (q->accuracy.n) json_put_double(o, q->macro_f1);
	else json_put_null(o);
	put_confusion(o, &q->confusion);
}

/* --- the page --------------------------------------------------------------------------------------------- */

static void put_labelling_of(struct json_out *o, const struct insight_labelling *l)
{
	json_key(o, "labelling");
	json_open(o, '{');
	json_kv_i64(o, "version", l->version);
	json_kv_i64(o, "at_ms", l->at_ms);
	json_kv_str(o, "author", l->author);
	open_list(o, "scales");
	for (int i = 0; i < INSIGHT_SCALES; i++) {
		json_open(o, '{');
		json_kv_z(o, "kind", insight_scales[i].name);
		json_kv_double(o, "low", insight_scales[i].low);
		json_kv_double(o, "high", insight_scales[i].high);
		json_kv_bool(o, "used", l->scale[i].used);
		json_kv_double(o, "negative", l->scale[i].negative);
		json_kv_double(o, "positive", l->scale[i].positive);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void put_numbers(struct json_out *o, const char *key, const int64_t n[INSIGHT_FEELINGS])
{
	open_list(o, key);
	for (int i = 0; i < INSIGHT_FEELINGS; i++) json_put_i64(o, n[i]);
	json_close(o, ']');
}

static enum err_code put_languages(struct json_out *o, struct http_call *c, struct err *err)
{
	struct insight_labelled labelled[INSIGHT_LANGUAGES];
	struct insight_in_use use[INSIGHT_LANGUAGES];
	struct insight_quality quality[INSIGHT_LANGUAGES];
	TRY(insight_labelled(insight_of(c), labelled, err));
	TRY(insight_in_use(insight_of(c), c->arena, use, err));
	TRY(insight_quality(insight_of(c), quality, err));
	open_list(o, "languages");
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) {
		json_open(o, '{');
		quality_put(o, i, &use[i], &quality[i]);
		put_numbers(o, "told", labelled[i].told);
		put_numbers(o, "scored", labelled[i].scored);
		json_kv_i64(o, "judge", labelled[i].judge);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

static void put_model(struct json_out *o, const struct insight_model *m)
{
	json_kv_i64(o, "id", m->id);
	json_kv_str(o, "lang", m->lang);
	json_kv_i64(o, "made_ms", m->made_ms);
	json_kv_str(o, "author", m->author);
	json_kv_bool(o, "better", m->better);
	json_key(o, "report");
	json_put_raw(o, m->report);
}

static enum err_code put_history(struct json_out *o, struct http_call *c, struct err *err)
{
	struct insight_model *models;
	struct insight_adoption *list;
	size_t n, m;
	TRY(insight_models(insight_of(c), MODELS_SHOWN, c->arena, &models, &m, err));
	TRY(insight_adoptions(insight_of(c), MODELS_SHOWN, c->arena, &list, &n, err));
	open_list(o, "models");
	for (size_t i = 0; i < m; i++) {
		json_open(o, '{');
		put_model(o, &models[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
	open_list(o, "adoptions");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_str(o, "lang", list[i].lang);
		json_key(o, "model");
		if (list[i].model) json_put_i64(o, list[i].model);
		else json_put_null(o);
		json_kv_i64(o, "at_ms", list[i].at_ms);
		json_kv_str(o, "author", list[i].author);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

static enum err_code answer_models(struct http_call *c, struct err *err)
{
	struct insight_labelling labelling;
	int64_t again;
	struct json_out o;
	TRY(heard_fresh(c, err));
	TRY(insight_labelling(insight_of(c), c->arena, &labelling, err));
	TRY(insight_to_read_again(insight_of(c), &again, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "each", INSIGHT_TRAIN_EACH);
	put_labelling_of(&o, &labelling);
	TRY(put_languages(&o, c, err));
	TRY(put_history(&o, c, err));
	json_kv_i64(&o, "to_read_again", again);
	const struct str job = jobs_running(c->h->jobs, TRAIN_KIND, c->arena);
	json_key(&o, "job");
	if (job.len) json_put_str(&o, job);
	else json_put_null(&o);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_models)
{
	return answer_models(c, err);
}

/* A slip in a scale's name would switch off what was meant. */
static enum err_code scales_known(struct http_call *c, struct err *err)
{
	struct json_reader r;
	json_read(&r, c->body);
	enum json_token t = json_next(&r);
	while ((t = json_next(&r)) == JT_KEY) {
		struct str name;
		int i = 0;
		if (!json_text(&r, c->arena, &name)) return err_no_memory(err);
		while (i < INSIGHT_SCALES && !str_eq(name, str_of(insight_scales[i].name))) i++;
		if (i == INSIGHT_SCALES) {
			const enum err_code rc =
			        err_set(err, ERR_INPUT, "insight.scale", "", "there is no scale \"" STR_FMT "\"",
			                STR_ARG(str_cut(name, 0, 40)));
			snprintf(err->field, sizeof err->field, STR_FMT,
			         STR_ARG(str_cut(name, 0, sizeof err->field - 1)));
			return rc;
		}
		if (!json_skip(&r, json_next(&r))) return json_error(&r, err);
	}
	return OK;
}

HANDLER(put_labelling)
{
	struct insight_labelling l = { .version = 0 };
	TRY(scales_known(c, err));
	for (int i = 0; i < INSIGHT_SCALES; i++) {
		struct str one;
		if (!json_get(c->body, str_of(insight_scales[i].name), &one) || str_eq(one, STR("null"))) continue;
		l.scale[i].used = true;
		if (!json_get_number(one, STR("negative"), &l.scale[i].negative) ||
		    !json_get_number(one, STR("positive"), &l.scale[i].positive))
			return err_set(err, ERR_INPUT, "insight.labelling", insight_scales[i].name,
			               "a scale has the numbers \"negative\" and \"positive\"");
	}
	TRY(insight_labelling_put(insight_of(c), &l, call_author(c), call_now(c), err));
	return answer_models(c, err);
}

/* One of a model's examples, with its words. */
static void put_example(struct json_out *o, struct http_call *c, struct str one)
{
	static const char *const names[] = { "is", "own", "shipped" };
	struct inbox_row row;
	int64_t arrival;
	struct str v;
	struct err gone;
	if (!json_get_i64(one, STR("arrival"), &arrival)) return;
	/* One whose comment is gone by now is left out. */
	if (inbox_get(c->h->opt.inbox, (uint64_t)arrival, c->arena, &row, &gone) != OK || !row.comment.len) return;
	json_open(o, '{');
	json_kv_i64(o, "arrival", arrival);
	json_kv_str(o, "comment", row.comment);
	json_kv_str(o, "lang", row.lang);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (json_get(one, str_of(names[i]), &v)) {
			json_key(o, names[i]);
			json_put_raw(o, v);
		}
	json_close(o, '}');
}

HANDLER(get_model)
{
	struct insight_model m;
	struct json_out o;
	struct json_reader r;
	struct str list, one;
	int64_t id;
	if (!str_to_i64(c->params[0], &id))
		return err_set(err, ERR_NOT_FOUND, "insight.model", "", "there is no such model");
	TRY(insight_model(insight_of(c), id, c->arena, &m, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_model(&o, &m);
	open_list(&o, "examples");
	if (json_get(m.report, STR("differ"), &list)) {
		json_read(&r, list);
		if (json_next(&r) == JT_ARRAY)
			for (enum json_token t = json_next(&r); t == JT_OBJECT; t = json_next(&r)) {
				if (!json_slice(&r, t, &one)) break;
				put_example(&o, c, one);
			}
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

/* --- learning ------------------------------------------------------------------------------------------------ */

struct train {
	char author[256];
	int64_t now_ms;
};

static bool told(void *ctx, double share)
{
	return job_tell(ctx, share);
}

static enum err_code train(struct http *h, void *ctx, struct job *j, struct arena *a, struct str *result,
                           struct err *err)
{
	const struct train *t = ctx;
	int64_t ids[INSIGHT_LANGUAGES];
	struct buf b;
	struct json_out o;
	TRY(insight_train(h->opt.insight,
	                  &(struct insight_training){
	                          .author = str_of(t->author), .now_ms = t->now_ms, .progress = told, .ctx = j },
	                  ids, err));
	buf_init(&b, KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) {
		json_key(&o, insight_languages[i]);
		if (ids[i]) json_put_i64(&o, ids[i]);
		else json_put_null(&o);
	}
	json_close(&o, '}');
	*result = str_copy(a, buf_view(&b));
	buf_done(&b);
	return result->ptr ? OK : err_no_memory(err);
}

HANDLER(post_train)
{
	struct str id;
	struct json_out o;
	TRY(heard_fresh(c, err));
	struct train *t = calloc(1, sizeof *t);
	if (!t) return err_no_memory(err);
	snprintf(t->author, sizeof t->author, STR_FMT, STR_ARG(call_author(c)));
	t->now_ms = call_now(c);
	const enum err_code rc = jobs_run(c->h->jobs, TRAIN_KIND, train, t, &id, err);
	if (rc != OK) {
		free(t);
		return rc;
	}
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "job", id);
	json_close(&o, '}');
	c->status = 202;
	return OK;
}

HANDLER(put_model_use)
{
	struct str raw;
	int64_t model = 0;
	if (!json_get(c->body, STR("model"), &raw) || (!str_eq(raw, STR("null")) && !str_to_i64(raw, &model)))
		return err_set(err, ERR_INPUT, "http.missing", "model",
		               "\"model\" is the number of a model, or null for the one that comes with the program");
	TRY(insight_adopt(insight_of(c), c->params[0], model, call_author(c), call_now(c), err));
	return answer_models(c, err);
}

/* --- what to ask next ------------------------------------------------------------------------------------------ */

static void put_taught(struct json_out *o, const struct insight_taught *t)
{
	json_key(o, "taught");
	json_open(o, '{');
	for (int i = 0; i < INSIGHT_CHOSEN; i++) {
		json_key(o, insight_chosen_names[i]);
		json_open(o, '{');
		json_kv_i64(o, "n", t->by[i].n);
		json_kv_i64(o, "wrong", t->by[i].wrong);
		json_close(o, '}');
	}
	json_close(o, '}');
}

HANDLER(get_doubtful)
{
	struct insight_doubt list[INSIGHT_QUEUE_MAX];
	struct insight_taught taught;
	size_t n;
	int64_t limit;
	struct json_out o;
	const struct search_query none = { .n = 0 };
	TRY(query_i64(c, "limit", 1, INSIGHT_QUEUE_MAX, 20, &limit, err));
	TRY(heard_fresh(c, err));
	TRY(insight_queue(insight_of(c), query_get(c, "unit"), query_get(c, "lang"), (uint64_t)call_now(c),
	                  (size_t)limit, list, &n, err));
	TRY(insight_taught(insight_of(c), &taught, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "queue");
	for (size_t i = 0; i < n; i++) {
		struct inbox_row row;
		TRY(inbox_get(c->h->opt.inbox, list[i].arrival, c->arena, &row, err));
		json_open(&o, '{');
		json_kv_z(&o, "chosen", insight_chosen_names[list[i].chosen]);
		json_kv_double(&o, "margin", round(list[i].margin * 1000) / 1000);
		TRY(feedback_put(&o, c, &row, NULL, &none, err));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	put_taught(&o, &taught);
	json_close(&o, '}');
	return OK;
}
