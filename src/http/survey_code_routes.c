/* Printed codes of a survey's links: one as SVG or PDF, all of a survey as one PDF with a page each. */
#include "http/priv.h"

static enum err_code address_of(struct http_call *c, struct str code, struct str *out, struct err *err)
{
	struct str url;
	TRY(outbox_public_url(c->h->opt.outbox, c->arena, &url, err));
	*out = url.len ? str_format(c->arena, STR_FMT "/s/" STR_FMT, STR_ARG(url), STR_ARG(code))
	               : str_format(c->arena, "http://" STR_FMT "/s/" STR_FMT, STR_ARG(c->headers[H_HOST]),
	                            STR_ARG(code));
	return out->ptr ? OK : err_no_memory(err);
}

/* What is printed with a link, in its own language, else the survey's. */
static enum err_code sheet_of(struct http_call *c, const struct form *f, const struct voice_link *l,
                              struct render_qr *out, struct err *err)
{
	enum lang lang = LANG_EN;
	const struct str wanted = l->lang.len ? l->lang : f->locale;
	if (!lang_of(str_cut(wanted, 0, str_find(wanted, '-')), &lang)) lang = LANG_EN;
	const struct locale locale = locale_of(lang);
	*out = (struct render_qr){ .title = form_text_in(&f->title, wanted, NULL),
		                   .label = l->unit.len ? l->unit : l->name,
		                   .hint = words(&locale, c->arena, "survey.qr.hint", NULL, 0),
		                   .rtl = lang_rtl(lang) };
	return address_of(c, l->code, &out->address, err);
}

static enum err_code answer_codes(struct http_call *c, const struct render_qr *codes, size_t n,
                                  enum render_format format, struct err *err)
{
	c->content_type = format == RENDER_PDF ? "application/pdf" : "image/svg+xml";
	answer_header(c, "Cache-Control", STR("private, no-cache"));
	return render_qr(codes, n, format, &c->out, err);
}

static enum err_code all_links(struct http_call *c, struct str survey, struct voice_link **links, size_t *n,
                               const struct form **form, struct err *err)
{
	struct voice_survey s;
	TRY(voice_get(c->h->opt.voice, survey, 0, c->arena, &s, err));
	TRY(voice_form(c->h->opt.voice, s.id, s.newest, c->arena, form, err));
	return voice_links(c->h->opt.voice, s.key, c->arena, links, n, err);
}

static enum err_code one_code(struct http_call *c, enum render_format format, struct err *err)
{
	const struct voice_start start = { .way = c->params[0] };
	struct voice_session session;
	struct voice_link *links;
	const struct form *form;
	struct render_qr code;
	size_t n;
	TRY(voice_open_session(c->h->opt.voice, &start, c->arena, &session, err));
	TRY(all_links(c, session.survey, &links, &n, &form, err));
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(links[i].code, c->params[0])) continue;
		TRY(unit_need(c, links[i].unit, err));
		TRY(sheet_of(c, form, &links[i], &code, err));
		return answer_codes(c, &code, 1, format, err);
	}
	return err_set(err, ERR_NOT_FOUND, "survey.way", "", "this is not the address of a survey");
}

HANDLER(get_link_svg)
{
	return one_code(c, RENDER_SVG, err);
}

HANDLER(get_link_pdf)
{
	return one_code(c, RENDER_PDF, err);
}

HANDLER(get_survey_sheets)
{
	struct voice_link *links;
	const struct form *form;
	size_t n, shown = 0;
	TRY(all_links(c, c->params[0], &links, &n, &form, err));
	struct render_qr *codes = ARENA_ARRAY(c->arena, struct render_qr, n + 1);
	if (!codes) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (call_sees(c, links[i].unit)) TRY(sheet_of(c, form, &links[i], &codes[shown++], err));
	return answer_codes(c, codes, shown, RENDER_PDF, err);
}
