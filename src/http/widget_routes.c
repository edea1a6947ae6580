/*
 * The widget of other sites' pages: which surveys it may think of, and the
 * one question whether to ask this visitor now. The document of a survey says
 * when to think of it ("cx:widget"); contact_decide says whether to ask, in
 * one transaction with the invitation that it permits.
 */
#include "http/survey_page.h"

#define INVITED_FOR_MS ((int64_t)7 * 86400000)
#define LINK_NAME "widget" /* of visitors who are not known */

static enum err_code of_source(struct http_call *c, struct err *err)
{
	uint32_t source;
	answer_cors(c);
	return collect_source_by_key(c->h->opt.collect, c->params[0], &source, err);
}

/* What the document says of the widget; false when it says nothing, or the survey is not live. */
static bool widget_of(struct http_call *c, const struct voice_survey *s, const struct form **form, struct str *out,
                      struct err *err)
{
	return s->state == VOICE_LIVE && voice_form(c->h->opt.voice, s->id, s->newest, c->arena, form, err) == OK &&
	       json_get((*form)->json, STR("cx:widget"), out);
}

HANDLER(get_widget_config)
{
	struct voice_survey *all;
	struct json_out o;
	size_t n;
	TRY(of_source(c, err));
	TRY(voice_list(c->h->opt.voice, c->arena, &all, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "surveys");
	for (size_t i = 0; i < n; i++) {
		const struct form *form;
		struct str widget, mode;
		struct err none;
		if (!widget_of(c, &all[i], &form, &widget, &none)) continue;
		json_open(&o, '{');
		json_kv_str(&o, "survey", all[i].key);
		const bool modal = json_get_text(widget, STR("mode"), c->arena, &mode) && str_eq(mode, STR("modal"));
		json_kv_z(&o, "mode", modal ? "modal" : "corner");
		json_key(&o, "triggers");
		json_put_raw(&o, widget);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	answer_header(c, "Cache-Control", STR("public, max-age=60"));
	return OK;
}

/* --- asking ------------------------------------------------------------------------------------------ */

struct asking {
	struct http_call *c;
	struct voice_invitation invitation;
	struct contact_request request;
	struct contact_decision decision;
	char token[VOICE_TOKEN_BYTES];
};

static enum err_code ask_in(void *ctx, struct store_write *w, struct err *err)
{
	struct asking *a = ctx;
	const struct http *h = a->c->h;
	int64_t id;
	TRY(contact_decide_in(h->opt.contact, w, &a->request, a->c->arena, &a->decision, err));
	if (!a->decision.ask || !a->request.customer.len) return OK;
	return voice_invite(h->opt.voice, w, &a->invitation, a->token, &id, err);
}

/* The link through which visitors answer whom nobody knows; made with the first of them. */
static enum err_code visitors_link(struct http_call *c, struct str survey, struct str *code, struct err *err)
{
	struct voice_link *all, made = { .survey = survey, .name = STR(LINK_NAME), .channel = STR("web") };
	size_t n;
	TRY(voice_links(c->h->opt.voice, survey, c->arena, &all, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, STR(LINK_NAME))) {
			*code = all[i].code;
			return OK;
		}
	TRY(voice_link_new(c->h->opt.voice, &made, c->arena, &made, err));
	*code = made.code;
	return OK;
}

static enum err_code answer_no(struct http_call *c, const char *reason)
{
	struct json_out o;
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_bool(&o, "show", false);
	json_kv_z(&o, "reason", reason);
	json_close(&o, '}');
	return OK;
}

/* The key stands in the page, so anybody may ask of any customer: what concerns the person alone, their consent, their
 * age, their complaint, is told to those who sign in. */
static const char *told(enum contact_reason reason)
{
	const int rule = contact_reason_rules[reason];
	return rule == 1 || rule == 5 ? "refused" : contact_reason_names[reason];
}

static enum err_code answer_ask(struct http_call *c, struct str way, struct str lang, struct err *err)
{
	struct survey_page page;
	struct buf html;
	struct json_out o;
	buf_init(&html, HTTP_JSON_BYTES_MAX);
	enum err_code rc = survey_inside(c, way, lang, &page, &html, err);
	if (rc == OK) rc = buf_check(&html, err);
	if (rc == OK) {
		const struct form_view *v = &page.view;
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_bool(&o, "show", true);
		json_kv_z(&o, "reason", contact_reason_names[CONTACT_OK]);
		json_kv_str(&o, "lang", v->lang);
		json_kv_z(&o, "dir", lang_rtl(v->locale.lang) ? "rtl" : "ltr");
		json_kv_str(&o, "title", form_say(v->form, &v->form->title, v->lang, v->answers, c->arena));
		json_kv_str(&o, "close", words(&v->locale, c->arena, "survey.close", NULL, 0));
		json_kv_str(&o, "html", buf_view(&html));
		json_close(&o, '}');
	}
	buf_done(&html);
	return rc;
}

HANDLER(post_widget_ask)
{
	struct voice_survey survey;
	const struct form *form;
	struct asking a = { .c = c };
	struct str key, widget, lang = STR(""), way = { 0 };
	TRY(of_source(c, err));
	TRY(body_text(c, "survey", true, &key, err));
	TRY(body_text(c, "customer", false, &a.request.customer, err));
	TRY(body_text(c, "anonymous", false, &a.request.anonymous, err));
	TRY(body_text(c, "lang", false, &lang, err));
	if (a.request.customer.len > WIRE_ID_BYTES_MAX || a.request.anonymous.len > WIRE_ID_BYTES_MAX || lang.len > 16)
		return err_limit(err, "widget.long", "customer", (int64_t)a.request.customer.len, WIRE_ID_BYTES_MAX,
		                 "an id or a language is too long");
	if (!a.request.customer.len && !a.request.anonymous.len)
		return err_set(err, ERR_INPUT, "http.missing", "anonymous",
		               "nobody is named: \"customer\" or \"anonymous\"");
	TRY(voice_get(c->h->opt.voice, key, 0, c->arena, &survey, err));
	if (!widget_of(c, &survey, &form, &widget, err)) return answer_no(c, "closed");
	a.request.survey = a.invitation.survey = survey.key;
	a.request.trigger = STR("widget");
	a.request.channel = CONTACT_WEB;
	a.invitation.customer = a.request.customer;
	a.invitation.channel = STR("web");
	a.invitation.expires_ms = call_now(c) + INVITED_FOR_MS;
	if (!a.request.customer.len) TRY(visitors_link(c, survey.key, &way, err));
	TRY(store_write(c->h->opt.store, ask_in, &a, err));
	if (!a.decision.ask) return answer_no(c, told(a.decision.reason));
	return answer_ask(c, way.len ? way : str_of(a.token), lang, err);
}
