/* What the public pages of surveys share: headers, addresses, languages, fields. */
#include "base/hash.h"
#include "http/survey_page.h"

/* Pictures of a question may come from anywhere over https; everything else is ours. */
#define POLICY                                                                                                                  \
	"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' https:; connect-src 'self'; " \
	"form-action 'self'; base-uri 'none'; frame-ancestors "

void survey_headers(struct http_call *c, bool framed)
{
	c->content_type = "text/html; charset=utf-8";
	answer_header(c, "Content-Security-Policy", framed ? STR(POLICY "'self'") : STR(POLICY "'none'"));
	answer_header(c, "X-Frame-Options", framed ? STR("SAMEORIGIN") : STR("DENY"));
	/* The address holds a token: it is told to nobody. "no-referrer" would take the Origin from our own forms. */
	answer_header(c, "Referrer-Policy", STR("same-origin"));
	answer_header(c, "X-Robots-Tag", STR("noindex"));
}

struct str survey_asset(struct http_call *c, const char *name)
{
	const struct str bytes = embed_find(c->h->opt.assets, c->h->opt.n_assets, name);
	return str_format(c->arena, "/%s?v=%08x", name, (unsigned)(bytes.ptr ? hash64(bytes) & 0xffffffffu : 0));
}

/* --- languages ----------------------------------------------------------------------------------- */

static struct str main_language(struct str tag)
{
	return str_cut(tag, 0, str_find(tag, '-'));
}

static bool has_language(const struct form *f, struct str tag, struct str *out)
{
	for (size_t i = 0; i < f->n_languages; i++)
		if (str_eq_ascii_nocase(f->languages[i], tag)) {
			*out = f->languages[i];
			return true;
		}
	for (size_t i = 0; i < f->n_languages; i++)
		if (str_eq_ascii_nocase(main_language(f->languages[i]), main_language(tag))) {
			*out = f->languages[i];
			return true;
		}
	return false;
}

struct str survey_language(struct http_call *c, const struct form *f, struct str wanted)
{
	struct str out, accept = c->headers[H_ACCEPT_LANGUAGE];
	if (wanted.len && has_language(f, wanted, &out)) return out;
	/* In the order in which they are named: browsers send them by weight. */
	while (accept.len) {
		const struct str one = str_cut(accept, 0, str_find(accept, ','));
		accept = str_cut(accept, one.len < accept.len ? one.len + 1 : one.len, accept.len);
		const struct str tag = str_trim(str_cut(one, 0, str_find(one, ';')));
		if (tag.len && has_language(f, tag, &out)) return out;
	}
	return f->n_languages ? f->languages[0] : f->locale;
}

static struct str language_name(struct str code)
{
	static const struct {
		const char *code, *name;
	} names[] = { { "en", "English" }, { "ar", "العربية" },  { "fa", "فارسی" },  { "de", "Deutsch" },
		      { "es", "Español" }, { "fr", "Français" }, { "tr", "Türkçe" }, { "ur", "اردو" } };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_eq(main_language(code), str_of(names[i].code))) return str_of(names[i].name);
	return code;
}

/* --- the view ---------------------------------------------------------------------------------------- */

static enum err_code language_links(struct http_call *c, struct survey_page *page, struct err *err)
{
	const struct form *f = page->session.form;
	struct form_language *all = ARENA_ARRAY(c->arena, struct form_language, f->n_languages + 1);
	if (!all) return err_no_memory(err);
	for (size_t i = 0; i < f->n_languages; i++) {
		const struct str response = page->session.response;
		all[i] = (struct form_language){
			.code = f->languages[i],
			.name = language_name(f->languages[i]),
			.href = str_format(c->arena, "?lang=" STR_FMT "%s%s" STR_FMT, STR_ARG(f->languages[i]),
			                   page->view.place == FORM_KIOSK ? "&kiosk=1" : "", response.len ? "&r=" : "",
			                   STR_ARG(response)),
		};
		if (!all[i].href.ptr) return err_no_memory(err);
	}
	page->view.languages = all;
	page->view.n_languages = f->n_languages;
	return OK;
}

enum err_code survey_view(struct http_call *c, struct survey_page *page, struct str lang, enum form_place place,
                          struct err *err)
{
	const struct voice_session *s = &page->session;
	struct str organisation, name = { 0 }, zone;
	enum lang l;
	TRY(govern_organisation(c->h->opt.govern, c->arena, &organisation, err));
	if (!json_get_text(organisation, STR("name"), c->arena, &name)) name = STR("");
	page->view = (struct form_view){
		.form = s->form,
		.locale = locale_of(lang_of(main_language(lang), &l) ? l : LANG_EN),
		.lang = lang,
		.answers = &page->answers,
		.now_ms = call_now(c),
		.place = place,
		.organisation = name,
		.action = str_format(c->arena, "/s/" STR_FMT "%s", STR_ARG(page->way),
		                     place == FORM_KIOSK ? "?kiosk=1" : ""),
		.response = s->response,
		.style = survey_asset(c, "survey/survey.css"),
		.script = survey_asset(c, "survey/survey.js"),
		.named = s->invited || s->customer.len > 0,
		.may_decline = s->invited,
	};
	if (json_get_text(organisation, STR("zone"), c->arena, &zone) && zone.len < sizeof page->view.locale.zone)
		memcpy(page->view.locale.zone, zone.ptr, zone.len);
	return s->form ? language_links(c, page, err) : OK;
}

enum err_code survey_inside(struct http_call *c, struct str way, struct str lang, struct survey_page *page,
                            struct buf *out, struct err *err)
{
	const struct voice_start start = { .way = way };
	*page = (struct survey_page){ .way = way };
	TRY(voice_open_session(c->h->opt.voice, &start, c->arena, &page->session, err));
	TRY(form_answers_json(page->session.answers.len ? page->session.answers : STR("{}"), c->arena, &page->answers,
	                      err));
	TRY(survey_view(c, page, survey_language(c, page->session.form, lang), FORM_WIDGET, err));
	return form_page_put(&page->view, c->arena, out, err);
}

/* --- fields --------------------------------------------------------------------------------------------- */

struct str survey_field(struct http_call *c, const char *name, size_t i)
{
	struct str rest = c->body;
	while (rest.len) {
		const struct str one = str_cut(rest, 0, str_find(rest, '&'));
		const struct str key = str_cut(one, 0, str_find(one, '='));
		struct str value;
		rest = str_cut(rest, one.len < rest.len ? one.len + 1 : one.len, rest.len);
		if (!str_eq(key, str_of(name)) || i-- > 0) continue;
		const struct str raw = key.len < one.len ? str_cut(one, key.len + 1, one.len) : STR("");
		return percent_decode(c->arena, raw, true, &value) ? value : (struct str){ 0 };
	}
	return (struct str){ 0 };
}
