/* Surveys for those who answer them, over the API: the questions, and keeping what was answered. */
#include "http/priv.h"

/*
 * Who asks, and for what. A link's code or a token in the path says it all;
 * a write key, when one is sent, may also name a survey and the customer.
 */
static enum err_code start_read(struct http_call *c, struct voice_start *out, struct err *err)
{
	uint32_t source;
	const bool keyed = c->headers[H_AUTHORIZATION].len > 0 || query_get(c, "writeKey").len > 0;
	*out = (struct voice_start){ .way = c->params[0] };
	if (keyed) TRY(write_key_source(c, STR(""), &source, err));
	out->trusted = keyed;
	return OK;
}

static void put_session(struct json_out *o, const struct voice_session *s)
{
	json_kv_str(o, "survey", s->survey);
	json_kv_i64(o, "version", s->version);
	json_kv_z(o, "open", voice_open_names[s->open]);
	json_kv_str(o, "lang", s->lang);
	json_key(o, "expires_ms");
	if (s->expires_ms) json_put_i64(o, s->expires_ms);
	else json_put_null(o);
	if (s->open != VOICE_OPEN) return;
	json_kv_str(o, "response", s->response);
	json_key(o, "answers");
	json_put_raw(o, s->answers);
	json_key(o, "document");
	json_put_raw(o, s->form->json);
}

HANDLER(get_survey_form)
{
	struct voice_start start;
	struct voice_session s;
	struct json_out o;
	answer_cors(c);
	TRY(start_read(c, &start, err));
	start.lang = query_get(c, "lang");
	start.response = query_get(c, "response");
	TRY(voice_open_session(c->h->opt.voice, &start, c->arena, &s, err));
	answer_header(c, "Cache-Control", STR("no-store"));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_session(&o, &s);
	json_close(&o, '}');
	return OK;
}

/* Answers that are wrong: the first as the problem, all of them in a list. */
static void answer_wrong(struct http_call *c, const struct voice_saved *s, const struct locale *l)
{
	struct err first = { .code = ERR_INPUT, .id = "form.answer" };
	struct json_out o;
	for (size_t i = s->problems.n; i-- > 0;) {
		const struct form_problem *p = &s->problems.all[i];
		if (p->warning) continue;
		first.id = p->id;
		snprintf(first.field, sizeof first.field, STR_FMT,
		         STR_ARG(str_cut(p->field, 0, sizeof first.field - 1)));
		snprintf(first.text, sizeof first.text, STR_FMT,
		         STR_ARG(str_cut(form_problem_words(p, l, c->arena), 0, sizeof first.text - 1)));
	}
	c->status = 400;
	c->content_type = "application/problem+json";
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	problem_members(&o, &first, 400);
	json_kv_str(&o, "response", s->response);
	put_form_problems(&o, &s->problems, l, c->arena);
	json_close(&o, '}');
}

static void answer_saved(struct http_call *c, const struct voice_saved *s, const struct locale *l)
{
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_z(&o, "open", voice_open_names[s->open]);
	json_kv_str(&o, "response", s->response);
	json_kv_bool(&o, "complete", s->complete);
	json_kv_bool(&o, "again", s->again);
	put_form_problems(&o, &s->problems, l, c->arena);
	json_close(&o, '}');
}

struct keeping {
	struct voice_saving *saving;
	struct locale locale;
	bool complete;
};

static enum err_code answer_kept(struct http_call *c, void *ctx, struct err *err)
{
	const struct keeping *k = ctx;
	struct voice_saved saved;
	TRY(voice_save_end(c->h->opt.voice, k->saving, &saved, err));
	if (saved.problems.errors && k->complete) answer_wrong(c, &saved, &k->locale);
	else answer_saved(c, &saved, &k->locale);
	return OK;
}

static enum err_code keep(struct http_call *c, const struct voice_start *start, bool complete, struct err *err)
{
	struct form_answers answers;
	struct keeping *k = ARENA_ARRAY(c->arena, struct keeping, 1);
	struct str raw;
	enum lang lang = LANG_EN;
	bool given;
	if (!k) return err_no_memory(err);
	if (!lang_of(start->lang, &lang)) lang = LANG_EN;
	if (!body_member(c, "answers", &raw))
		return err_set(err, ERR_INPUT, "http.missing", "answers", "\"answers\" is missing");
	TRY(body_bool(c, "complete", &complete, &given, err));
	TRY(form_answers_json(raw, c->arena, &answers, err));
	*k = (struct keeping){ .locale = locale_of(lang), .complete = complete };
	TRY(voice_save_begin(c->h->opt.voice, start, &answers, complete, c->headers[H_IDEMPOTENCY], c->arena,
	                     &k->saving, err));
	c->later = (struct http_later){ .job = voice_save_job(k->saving), .answer = answer_kept, .ctx = k };
	return c->later.job ? OK : answer_kept(c, k, err);
}

HANDLER(post_response)
{
	struct voice_start start;
	answer_cors(c);
	TRY(start_read(c, &start, err));
	const struct {
		const char *key;
		struct str *to;
		bool trusted;
	} texts[] = { { "lang", &start.lang, false },
		      { "channel", &start.channel, false },
		      { "anonymous", &start.anonymous, false },
		      { "response", &start.response, false },
		      { "customer", &start.customer, true },
		      { "about", &start.about, true },
		      { "journey", &start.journey, true },
		      { "unit", &start.unit, true },
		      { "environment", &start.environment, true } };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		TRY(body_text(c, texts[i].key, false, texts[i].to, err));
		if (texts[i].trusted && !start.trusted && texts[i].to->len) {
			err_set(err, ERR_DENIED, "survey.trusted", texts[i].key,
			        "\"%s\" can be said with a write key only", texts[i].key);
			err_hint(err,
			         "Send the key in Authorization, or leave the member out: an invitation knows it.");
			return ERR_DENIED;
		}
	}
	return keep(c, &start, true, err);
}

HANDLER(patch_response)
{
	struct voice_start start = { .response = c->params[0] };
	answer_cors(c);
	TRY(body_text(c, "lang", false, &start.lang, err));
	return keep(c, &start, false, err);
}
