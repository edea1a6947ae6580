/* A page of a survey as respondents will see it: of a document that is being written, or of a saved one. Keeps nothing.
 */
#include "http/survey_page.h"

static const struct form_answers no_answers = { .all = { .kind = FORM_OBJECT } };

static enum err_code preview(struct http_call *c, struct str document, struct str lang, int64_t number, struct err *err)
{
	struct form *f;
	struct form_problems problems;
	struct survey_page page = { .answers = no_answers, .way = STR("") };
	TRY(form_read(document, c->arena, &f, &problems, err));
	page.session.form = f;
	TRY(survey_view(c, &page, survey_language(c, f, lang), FORM_PREVIEW, err));
	page.view.page = (size_t)number;
	page.view.n_languages = 0; /* the builder has its own switch */
	survey_headers(c, true);
	return form_page_put(&page.view, c->arena, &c->out, err);
}

HANDLER(post_survey_preview)
{
	struct str document, lang = STR("");
	double number = 0;
	if (!json_get(c->body, STR("document"), &document))
		return err_set(err, ERR_INPUT, "http.missing", "document", "\"document\" is missing");
	TRY(body_text(c, "lang", false, &lang, err));
	if (json_get_number(c->body, STR("page"), &number) && (number < 0 || number >= FORM_PAGES_MAX)) number = 0;
	return preview(c, document, lang, (int64_t)number, err);
}

HANDLER(get_survey_preview)
{
	struct voice_survey survey;
	int64_t number, version;
	TRY(query_i64(c, "page", 0, FORM_PAGES_MAX - 1, 0, &number, err));
	TRY(query_i64(c, "version", 0, INT32_MAX, 0, &version, err));
	TRY(voice_get(c->h->opt.voice, c->params[0], (int)version, c->arena, &survey, err));
	return preview(c, survey.document, query_get(c, "lang"), number, err);
}
