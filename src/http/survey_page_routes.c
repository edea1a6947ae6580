/*
 * The hosted page of a survey: /s/{way}, a link's code or one person's token.
 * Every step is one request and one page; what was answered on other pages
 * goes along in the page, and is kept on disk as a partial response as well.
 */
#include "http/survey_page.h"

static enum form_end end_of(enum voice_open open)
{
	static const enum form_end ends[VOICE_OPENS] = {
		[VOICE_OPEN] = FORM_DONE,      [VOICE_ANSWERED] = FORM_AGAIN, [VOICE_EXPIRED] = FORM_EXPIRED,
		[VOICE_WAITING] = FORM_PAUSED, [VOICE_ENDED] = FORM_CLOSED,
	};
	return ends[open];
}

/* A page that asks nothing. Its status stays 200 for people who came too late, 404 where nothing ever was. */
static enum err_code answer_end(struct http_call *c, struct survey_page *page, enum form_end end, struct err *err)
{
	static const struct form_answers none = { .all = { .kind = FORM_OBJECT } };
	if (!page->view.answers) page->view.answers = &none;
	if (end == FORM_MISSING || end == FORM_GONE) c->status = 404;
	survey_headers(c, false);
	if (page->view.place == FORM_KIOSK)
		answer_header(c, "Refresh", str_format(c->arena, "8; url=" STR_FMT, STR_ARG(page->view.action)));
	form_end_put(&page->view, end, page->session.expires_ms, c->arena, &c->out);
	return buf_check(&c->out, err);
}

static enum err_code answer_page(struct http_call *c, struct survey_page *page, struct err *err)
{
	survey_headers(c, false);
	return form_page_put(&page->view, c->arena, &c->out, err);
}

/* The language of somebody for whom there is no survey. */
static struct str any_language(struct http_call *c)
{
	static struct str three[] = { { "en", 2 }, { "ar", 2 }, { "fa", 2 } };
	const struct form all = { .languages = three, .n_languages = COUNT_OF(three) };
	return survey_language(c, &all, query_get(c, "lang"));
}

/* The session behind an address. *ended says that the answer is written already. */
static enum err_code open_page(struct http_call *c, struct survey_page *page, struct str response, struct str lang,
                               bool *ended, struct err *err)
{
	const bool widget = str_eq(survey_field(c, "_place", 0), STR("widget"));
	const enum form_place place = widget ? FORM_WIDGET : query_get(c, "kiosk").len ? FORM_KIOSK : FORM_HOSTED;
	if (widget) answer_cors(c); /* it stands on a page of another site */
	const struct voice_start start = { .way = page->way,
		                           .response = response,
		                           .channel = place == FORM_KIOSK ? STR("kiosk") : STR("") };
	*ended = false;
	const enum err_code rc = voice_open_session(c->h->opt.voice, &start, c->arena, &page->session, err);
	if (rc == ERR_NOT_FOUND) {
		const bool gone = strcmp(err->id, "survey.way") != 0;
		*ended = true;
		page->session = (struct voice_session){ 0 };
		TRY(survey_view(c, page, any_language(c), place, err));
		return answer_end(c, page, gone ? FORM_GONE : FORM_MISSING, err);
	}
	TRY(rc);
	const struct voice_session *s = &page->session;
	if (!lang.len) lang = s->lang;
	TRY(form_answers_json(s->answers.len ? s->answers : STR("{}"), c->arena, &page->answers, err));
	TRY(survey_view(c, page, survey_language(c, s->form, lang), place, err));
	if (s->open == VOICE_OPEN) return OK;
	*ended = true;
	return answer_end(c, page, end_of(s->open), err);
}

/* --- GET ------------------------------------------------------------------------------------------------ */

/* The first page without an answer; whoever comes back goes on there. */
static enum err_code page_to_go_on(struct http_call *c, struct survey_page *page, struct err *err)
{
	const struct form *f = page->view.form;
	size_t *pages = ARENA_ARRAY(c->arena, size_t, f->n_pages + 1), n;
	bool *shown;
	if (!pages) return err_no_memory(err);
	TRY(form_shown(f, &page->answers, page->view.now_ms, c->arena, &shown, err));
	n = form_pages_shown(f, shown, pages);
	for (size_t i = 0; i < n; i++) {
		bool answered = false;
		for (size_t k = 0; k < f->n_questions && !answered; k++)
			answered =
			        f->questions[k]->page == pages[i] && form_answer(&page->answers, f->questions[k]->name);
		page->view.page = pages[i];
		if (!answered) return OK;
	}
	return OK;
}

HANDLER(get_survey_page)
{
	struct survey_page page = { .way = c->params[0] };
	bool ended;
	TRY(open_page(c, &page, query_get(c, "r"), query_get(c, "lang"), &ended, err));
	contact_opened(c->h->opt.contact, page.way);
	if (ended) return OK;
	TRY(page_to_go_on(c, &page, err));
	return answer_page(c, &page, err);
}

/*
 * A score that was clicked in a mail. Whoever opens it sees the score chosen
 * and sends it; the opening itself keeps nothing, because mail programs and
 * their scanners open every link.
 */
HANDLER(get_mail_page)
{
	struct survey_page page = { .way = c->params[0] };
	const struct str name = query_get(c, "q"), value = query_get(c, "v");
	bool ended;
	TRY(open_page(c, &page, query_get(c, "r"), query_get(c, "lang"), &ended, err));
	contact_opened(c->h->opt.contact, page.way);
	if (ended) return OK;
	const struct form_question *q = form_question(page.view.form, name);
	if (!q || !value.len) return answer_page(c, &page, err);
	const struct form_value v = { .kind = FORM_STRING, .text = value };
	const struct word_arg said = { "v", WORD_TEXT, .text = value };
	double score;
	TRY(form_answers_with(&page.answers, name, v, c->arena, &page.answers, err));
	page.view.page = q->page;
	const struct word_arg number = { "v", WORD_INTEGER, .number = form_number(value, &score) ? score : 0 };
	const struct str chosen = words(&page.view.locale, c->arena, "survey.mail.title",
	                                form_number(value, &score) ? &number : &said, 1);
	page.view.notice = str_format(c->arena, STR_FMT ". " STR_FMT, STR_ARG(chosen),
	                              STR_ARG(words(&page.view.locale, c->arena, "survey.mail.text", NULL, 0)));
	return answer_page(c, &page, err);
}

/* --- POST ----------------------------------------------------------------------------------------------- */

struct step {
	struct http_call *c;
	struct survey_page *page;
	struct voice_start start;
	bool *shown;   /* with the answers that came */
	size_t *pages; /* that these leave */
	size_t n_pages, at;
};

static bool was_seen(struct http_call *c, struct str name)
{
	for (size_t i = 0;; i++) {
		const struct str seen = survey_field(c, "_seen", i);
		if (!seen.ptr) return false;
		if (str_eq(seen, name)) return true;
	}
}

/* The answers of the body. What stood on the page and came back empty was taken away, so it is said as nothing. */
static enum err_code read_answers(struct http_call *c, struct survey_page *page, struct err *err)
{
	TRY(form_answers_form(page->view.form, c->body, c->arena, &page->answers, err));
	for (size_t i = 0; i < FORM_QUESTIONS_MAX; i++) {
		const struct str seen = survey_field(c, "_seen", i);
		if (!seen.ptr) break;
		if (form_answer(&page->answers, seen)) continue;
		TRY(form_answers_with(&page->answers, seen, (struct form_value){ .kind = FORM_NOTHING }, c->arena,
		                      &page->answers, err));
	}
	return OK;
}

/* What is wrong on one page, as problems of their own; on < 0: on all, and the first page with one is the page to show.
 */
static enum err_code problems_of(struct step *s, const struct form_problems *all, int64_t on, struct form_problems *out,
                                 struct err *err)
{
	const struct form *f = s->page->view.form;
	*out = (struct form_problems){ .all = ARENA_ARRAY(s->c->arena, struct form_problem, all->n + 1) };
	if (!out->all) return err_no_memory(err);
	for (size_t i = 0; i < all->n; i++) {
		const struct form_problem *p = &all->all[i];
		struct str name = p->field;
		const struct form_question *q = form_question(f, name);
		if (!q && str_ends(name, STR("-Comment"))) q = form_question(f, str_cut(name, 0, name.len - 8));
		for (size_t cut = name.len; !q && cut > 0; cut--)
			if (name.ptr[cut - 1] == '.') q = form_question(f, str_cut(name, 0, cut - 1));
		if (p->warning || !q || (on >= 0 && q->page != (size_t)on)) continue;
		if (!out->n && on < 0) s->page->view.page = q->page;
		out->all[out->n++] = *p;
		out->errors++;
	}
	return OK;
}

/* Questions of this page that its own answers brought up. */
static size_t brought_up(struct step *s, size_t page)
{
	const struct form *f = s->page->view.form;
	size_t n = 0;
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_question *q = f->questions[i];
		const bool asks = q->type != FORM_PANEL && q->type != FORM_HTML && q->type != FORM_EXPRESSION &&
		                  q->type != FORM_FILE;
		if (s->shown[i] && asks && q->page == page && !form_answer(&s->page->answers, q->name))
			n += !was_seen(s->c, q->name);
	}
	return n;
}

static enum err_code keep(struct step *s, bool complete, struct voice_saved *saved, struct err *err)
{
	struct str key = survey_field(s->c, "_key", 0);
	TRY(voice_save(s->c->h->opt.voice, &s->start, &s->page->answers, complete, key.len ? key : STR(""), s->c->arena,
	               saved, err));
	if (saved->response.len) s->page->view.response = s->page->session.response = saved->response;
	return OK;
}

static enum err_code finish(struct step *s, struct err *err)
{
	struct voice_saved saved;
	struct form_problems problems;
	TRY(keep(s, true, &saved, err));
	if (saved.complete) return answer_end(s->c, s->page, saved.again ? FORM_AGAIN : FORM_DONE, err);
	if (saved.open != VOICE_OPEN) return answer_end(s->c, s->page, end_of(saved.open), err);
	TRY(problems_of(s, &saved.problems, -1, &problems, err));
	s->page->view.problems = &problems;
	return answer_page(s->c, s->page, err);
}

static enum err_code go_on(struct step *s, struct err *err)
{
	struct survey_page *page = s->page;
	struct form_checked checked;
	struct form_problems problems;
	struct voice_saved saved;
	if (page->view.place != FORM_HOSTED) return finish(s, err);
	const size_t here = page->view.page;
	TRY(form_check(page->view.form, &page->answers, true, page->view.now_ms, s->c->arena, &checked, err));
	TRY(problems_of(s, &checked.problems, (int64_t)here, &problems, err));
	page->view.n_more = brought_up(s, here);
	if (problems.errors && !page->view.n_more) page->view.problems = &problems;
	if (problems.errors || page->view.n_more) return answer_page(s->c, page, err);
	if (s->at + 1 >= s->n_pages) return finish(s, err);
	TRY(keep(s, false, &saved, err));
	if (saved.open != VOICE_OPEN) return answer_end(s->c, page, end_of(saved.open), err);
	page->view.page = s->pages[s->at + 1];
	return answer_page(s->c, page, err);
}

static enum err_code go_back(struct step *s, struct err *err)
{
	struct voice_saved saved;
	TRY(keep(s, false, &saved, err));
	if (saved.open != VOICE_OPEN) return answer_end(s->c, s->page, end_of(saved.open), err);
	s->page->view.page = s->pages[s->at ? s->at - 1 : 0];
	return answer_page(s->c, s->page, err);
}

/* The script's partial save: which response it is, nothing to show. */
static enum err_code keep_only(struct step *s, struct err *err)
{
	struct voice_saved saved;
	struct json_out o;
	TRY(keep(s, false, &saved, err));
	json_out_init(&o, &s->c->out);
	json_open(&o, '{');
	json_kv_str(&o, "response", saved.response);
	json_kv_z(&o, "open", voice_open_names[saved.open]);
	json_close(&o, '}');
	return OK;
}

static enum err_code decline(struct step *s, struct err *err)
{
	if (s->c->h->opt.contact) TRY(contact_declined(s->c->h->opt.contact, s->page->way, err));
	return answer_end(s->c, s->page, FORM_DECLINED, err);
}

static const struct {
	const char *name;
	enum err_code (*run)(struct step *s, struct err *err);
} steps[] = { { "next", go_on }, { "back", go_back }, { "keep", keep_only }, { "decline", decline } };

/* One POST of a page. */
static enum err_code step_on(struct http_call *c, struct survey_page *page, struct err *err)
{
	struct step s = { .c = c, .page = page };
	struct str number = survey_field(c, "_page", 0), go = survey_field(c, "_go", 0);
	int64_t at = 0;
	s.start = (struct voice_start){ .way = page->way,
		                        .response = page->session.response,
		                        .lang = page->view.lang,
		                        .channel = page->view.place == FORM_KIOSK ? STR("kiosk") : STR("") };
	TRY(read_answers(c, page, err));
	if (number.len && str_to_i64(number, &at) && at >= 0 && (size_t)at < page->view.form->n_pages)
		page->view.page = (size_t)at;
	s.pages = ARENA_ARRAY(c->arena, size_t, page->view.form->n_pages + 1);
	if (!s.pages) return err_no_memory(err);
	TRY(form_shown(page->view.form, &page->answers, page->view.now_ms, c->arena, &s.shown, err));
	s.n_pages = form_pages_shown(page->view.form, s.shown, s.pages);
	while (s.at + 1 < s.n_pages && s.pages[s.at] < page->view.page) s.at++;
	for (size_t i = 0; i < COUNT_OF(steps); i++)
		if (str_eq(go, str_of(steps[i].name))) return steps[i].run(&s, err);
	return go_on(&s, err); /* Enter in a field names no button in some browsers */
}

/* What was answered cannot be kept just now, such as on a full disk: it stays in the page, which can be sent again. */
static enum err_code answer_later(struct http_call *c, struct survey_page *page, struct err *err)
{
	c->status = 503;
	answer_header(c, "Retry-After", STR("60"));
	page->view.problems = NULL;
	page->view.notice = words(&page->view.locale, c->arena, "survey.later", NULL, 0);
	buf_clear(&c->out);
	return answer_page(c, page, err);
}

HANDLER(post_survey_page)
{
	struct survey_page page = { .way = c->params[0] };
	bool ended;
	TRY(open_page(c, &page, survey_field(c, "_response", 0), survey_field(c, "_lang", 0), &ended, err));
	if (ended) return OK;
	const enum err_code rc = step_on(c, &page, err);
	/* Erased between the reading of the page and the keeping of the answer. */
	if (rc == ERR_NOT_FOUND) return answer_end(c, &page, FORM_GONE, err);
	const bool script = str_eq(survey_field(c, "_go", 0), STR("keep"));
	return rc == ERR_UNAVAILABLE && !script ? answer_later(c, &page, err) : rc;
}
