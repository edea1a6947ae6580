/* Surveys for those who make them: the list, versions, states, links. */
#include "http/priv.h"

/* Counts are those of the unit that is seen. */
static enum err_code counts_within(struct http_call *c, struct voice_survey *s, struct err *err)
{
	if (!call_unit(c).len) return OK;
	return voice_counts_of_unit(c->h->opt.voice, s, call_unit(c), err);
}

static void put_survey_members(struct json_out *o, const struct voice_survey *s)
{
	json_kv_str(o, "key", s->key);
	json_key(o, "name");
	json_put_raw(o, s->name);
	json_kv_z(o, "state", voice_state_names[s->state]);
	json_kv_i64(o, "version", s->version);
	json_kv_i64(o, "newest", s->newest);
	json_kv_i64(o, "questions", s->n_questions);
	json_kv_i64(o, "created_ms", s->created_ms);
	json_kv_i64(o, "changed_ms", s->changed_ms);
	json_kv_str(o, "author", s->author);
	json_kv_i64(o, "invited", s->invited);
	json_kv_i64(o, "started", s->started);
	json_kv_i64(o, "completed", s->completed);
}

void put_form_problems(struct json_out *o, const struct form_problems *p, const struct locale *l, struct arena *a)
{
	open_list(o, "problems");
	for (size_t i = 0; i < p->n; i++) {
		const struct form_problem *one = &p->all[i];
		json_open(o, '{');
		json_kv_z(o, "id", one->id);
		json_kv_str(o, "field", one->field);
		json_kv_bool(o, "warning", one->warning);
		json_kv_str(o, "text", form_problem_words(one, l, a));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static enum err_code put_headline(struct http_call *c, struct json_out *o, const struct voice_survey *s,
                                  struct err *err)
{
	struct voice_headline h;
	json_key(o, "score");
	if (call_unit(c).len) { /* of a unit it is in the results */
		json_put_null(o);
		return OK;
	}
	TRY(voice_headline(c->h->opt.voice, s, &h, err));
	if (!h.there) {
		json_put_null(o);
		return OK;
	}
	json_open(o, '{');
	json_kv_z(o, "kind", stats_score_kind_names[h.kind]);
	maps_put_estimate_members(o, &h.score);
	json_close(o, '}');
	return OK;
}

HANDLER(get_surveys)
{
	struct voice_survey *s;
	struct json_out o;
	size_t n;
	TRY(voice_list(c->h->opt.voice, c->arena, &s, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "surveys");
	for (size_t i = 0; i < n; i++) {
		json_open(&o, '{');
		TRY(counts_within(c, &s[i], err));
		put_survey_members(&o, &s[i]);
		TRY(put_headline(c, &o, &s[i], err));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_survey_templates)
{
	struct form_template t;
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "templates");
	for (size_t i = 0; form_template_at(i, &t); i++) {
		json_open(&o, '{');
		json_kv_str(&o, "key", t.key);
		json_kv_str(&o, "group", t.group);
		json_key(&o, "document");
		json_put_raw(&o, t.json);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static enum err_code answer_survey(struct http_call *c, struct voice_survey *s, const struct form_problems *problems,
                                   const struct locale *l, struct err *err)
{
	struct json_out o;
	TRY(counts_within(c, s, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_survey_members(&o, s);
	json_key(&o, "document");
	json_put_raw(&o, s->document);
	if (problems) put_form_problems(&o, problems, l, c->arena);
	json_close(&o, '}');
	return OK;
}

HANDLER(get_survey)
{
	struct voice_survey s;
	int64_t version;
	TRY(query_i64(c, "version", 0, INT32_MAX, 0, &version, err));
	TRY(voice_get(c->h->opt.voice, c->params[0], (int)version, c->arena, &s, err));
	return answer_survey(c, &s, NULL, NULL, err);
}

/* A document with errors: the first one as the problem, all of them in a list. */
static void answer_wrong(struct http_call *c, const struct err *first, const struct form_problems *p,
                         const struct locale *l)
{
	struct json_out o;
	c->status = 400;
	c->content_type = "application/problem+json";
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	problem_members(&o, first, 400);
	put_form_problems(&o, p, l, c->arena);
	json_close(&o, '}');
}

static enum err_code document_read(struct http_call *c, struct str *out, struct err *err)
{
	if (json_get(c->body, STR("document"), out)) return OK;
	return err_set(err, ERR_INPUT, "http.missing", "document", "\"document\" is missing");
}

static enum err_code save(struct http_call *c, struct str key, int base, struct err *err)
{
	struct voice_survey s;
	struct form_problems problems = { 0 };
	struct locale l;
	struct str document;
	TRY(locale_read(c, &l, err));
	TRY(document_read(c, &document, err));
	const enum err_code rc =
	        voice_save_survey(c->h->opt.voice, key, base, document, c->local ? STR("local") : c->session.user.login,
	                          c->arena, &s, &problems, err);
	if (rc != OK && problems.errors) {
		answer_wrong(c, err, &problems, &l);
		return OK;
	}
	return rc == OK ? answer_survey(c, &s, &problems, &l, err) : rc;
}

HANDLER(post_surveys)
{
	TRY(save(c, STR(""), 0, err));
	if (!c->status) c->status = 201;
	return OK;
}

HANDLER(put_survey)
{
	int64_t base;
	if (!json_get_i64(c->body, STR("base_version"), &base) || base < 1 || base > INT32_MAX)
		return err_set(err, ERR_INPUT, "http.missing", "base_version",
		               "\"base_version\" has to be the version that was edited");
	return save(c, c->params[0], (int)base, err);
}

HANDLER(delete_survey)
{
	TRY(voice_delete_survey(c->h->opt.voice, c->params[0], err));
	answer_empty(c, 204);
	return OK;
}

/* What is wrong with a document, without keeping it. */
HANDLER(post_survey_check)
{
	struct form *f;
	struct form_problems problems = { 0 };
	struct locale l;
	struct str document;
	struct json_out o;
	struct err first = { 0 };
	TRY(locale_read(c, &l, err));
	TRY(document_read(c, &document, err));
	const enum err_code rc = form_read(document, c->arena, &f, &problems, &first);
	if (rc != OK && !problems.errors) {
		*err = first;
		return rc;
	}
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_bool(&o, "fine", rc == OK);
	put_form_problems(&o, &problems, &l, c->arena);
	open_list(&o, "languages");
	for (size_t i = 0; rc == OK && i < f->n_languages; i++) {
		size_t texts;
		const size_t missing = form_missing(f, f->languages[i], &texts);
		json_open(&o, '{');
		json_kv_str(&o, "lang", f->languages[i]);
		json_kv_i64(&o, "missing", (int64_t)missing);
		json_kv_i64(&o, "texts", (int64_t)texts);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(post_survey_state)
{
	struct voice_survey s;
	struct str name;
	enum voice_state state;
	TRY(body_text(c, "state", true, &name, err));
	if (!voice_state_of(name, &state))
		return err_set(err, ERR_INPUT, "survey.state", "state", "a state is draft, live, paused or closed");
	TRY(voice_set_state(c->h->opt.voice, c->params[0], state, err));
	TRY(voice_get(c->h->opt.voice, c->params[0], 0, c->arena, &s, err));
	return answer_survey(c, &s, NULL, NULL, err);
}

/* --- links -------------------------------------------------------------------------------------- */

static void put_or_null(struct json_out *o, const char *key, int64_t v)
{
	json_key(o, key);
	if (v) json_put_i64(o, v);
	else json_put_null(o);
}

static void put_link(struct json_out *o, const struct voice_link *l)
{
	json_open(o, '{');
	json_kv_str(o, "code", l->code);
	json_kv_str(o, "name", l->name);
	json_kv_str(o, "channel", l->channel);
	json_kv_str(o, "unit", l->unit);
	json_kv_str(o, "environment", l->environment);
	json_kv_str(o, "about", l->about);
	json_kv_str(o, "lang", l->lang);
	json_kv_i64(o, "created_ms", l->created_ms);
	put_or_null(o, "expires_ms", l->expires_ms);
	put_or_null(o, "answers_max", l->answers_max);
	json_kv_i64(o, "started", l->started);
	json_kv_i64(o, "completed", l->completed);
	json_close(o, '}');
}

HANDLER(get_survey_links)
{
	struct voice_link *l;
	struct json_out o;
	size_t n;
	TRY(voice_links(c->h->opt.voice, c->params[0], c->arena, &l, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "links");
	for (size_t i = 0; i < n; i++)
		if (call_sees(c, l[i].unit)) put_link(&o, &l[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static enum err_code body_whole(struct http_call *c, const char *key, int64_t *out, struct err *err)
{
	struct str raw;
	if (!json_get(c->body, str_of(key), &raw) || str_eq(raw, STR("null"))) return OK;
	if (str_to_i64(raw, out) && *out > 0) return OK;
	return err_set(err, ERR_INPUT, "http.member", key, "\"%s\" has to be a whole number above 0", key);
}

HANDLER(post_survey_links)
{
	struct voice_link l = { .survey = c->params[0] };
	struct json_out o;
	const struct {
		const char *key;
		struct str *to;
	} texts[] = { { "name", &l.name },   { "channel", &l.channel },
		      { "unit", &l.unit },   { "environment", &l.environment },
		      { "about", &l.about }, { "lang", &l.lang } };
	for (size_t i = 0; i < COUNT_OF(texts); i++) TRY(body_text(c, texts[i].key, false, texts[i].to, err));
	TRY(unit_need(c, l.unit, err));
	TRY(body_whole(c, "expires_ms", &l.expires_ms, err));
	TRY(body_whole(c, "answers_max", &l.answers_max, err));
	TRY(voice_link_new(c->h->opt.voice, &l, c->arena, &l, err));
	json_out_init(&o, &c->out);
	put_link(&o, &l);
	c->status = 201;
	return OK;
}

HANDLER(delete_survey_link)
{
	struct voice_link *l;
	size_t n;
	TRY(voice_links(c->h->opt.voice, c->params[0], c->arena, &l, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(l[i].code, c->params[1])) TRY(unit_need(c, l[i].unit, err));
	TRY(voice_link_remove(c->h->opt.voice, c->params[0], c->params[1], err));
	answer_empty(c, 204);
	return OK;
}
