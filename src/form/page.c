/* The frame of a survey's page: head, progress, errors in sum, what goes along, buttons, foot; and the pages that ask
 * nothing. */
#include "form/page_priv.h"

static const char *const go_names[] = { "next", "back", "decline" };

struct str page_text(struct page_out *o, const struct form_text *t)
{
	return form_say(o->v->form, t, o->v->lang, o->v->answers, o->a);
}

void put_attr(struct page_out *o, const char *name, struct str value)
{
	buf_byte(o->b, ' ');
	put(o, name);
	put(o, "=\"");
	put_text(o, value);
	buf_byte(o->b, '"');
}

void put_digits(struct page_out *o, double v)
{
	const double whole = v < 0 ? -v : v;
	const int decimals = whole < 1e15 && whole == (double)(int64_t)whole ? 0 : 1;
	put_text(o, words_number(&o->v->locale, o->a, v, decimals));
}

struct str say_number(struct page_out *o, const char *key, const char *name, double n)
{
	const struct word_arg arg = { name, WORD_INTEGER, .number = n };
	return words(&o->v->locale, o->a, key, &arg, 1);
}

struct str page_value(struct page_out *o, const struct form_value *v)
{
	switch (v->kind) {
	case FORM_STRING: return v->text;
	case FORM_BOOL: return v->yes ? STR("true") : STR("false");
	case FORM_NUMBER: return str_format(o->a, "%.15g", v->number);
	default: return STR("");
	}
}

/* --- which page ------------------------------------------------------------------------------ */

static size_t index_of(const struct form *f, const struct form_question *q)
{
	size_t i = 0;
	while (i < f->n_questions && f->questions[i] != q) i++;
	return i;
}

bool page_shown(const struct page_out *o, const struct form_question *q)
{
	const size_t i = index_of(o->v->form, q);
	return i == o->v->form->n_questions || o->shown[i];
}

size_t form_pages_shown(const struct form *f, const bool *shown, size_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_question *q = f->questions[i];
		if (shown[i] && q->type != FORM_PANEL && (!n || out[n - 1] != q->page)) out[n++] = q->page;
	}
	return n;
}

/* --- the document ------------------------------------------------------------------------------ */

static void put_head(struct page_out *o, struct str title)
{
	const struct form_view *v = o->v;
	put(o, "<!doctype html><html");
	put_attr(o, "lang", v->lang);
	put(o, lang_rtl(v->locale.lang) ? " dir=\"rtl\"" : " dir=\"ltr\"");
	put(o, "><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
	       "<meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\"><title>");
	put_text(o, title);
	put(o, "</title><link rel=\"stylesheet\"");
	put_attr(o, "href", v->style);
	put(o, "><script defer");
	put_attr(o, "src", v->script);
	put(o, v->place == FORM_KIOSK     ? "></script></head><body class=\"cx\" data-place=\"kiosk\">"
	       : v->place == FORM_PREVIEW ? "></script></head><body class=\"cx\" data-place=\"preview\">"
	                                  : "></script></head><body class=\"cx\" data-place=\"page\">");
}

static void put_languages(struct page_out *o)
{
	if (o->v->n_languages < 2) return;
	put(o, "<nav class=\"langs\"");
	put_attr(o, "aria-label", say(o, "survey.language"));
	buf_byte(o->b, '>');
	for (size_t i = 0; i < o->v->n_languages; i++) {
		const struct form_language *l = &o->v->languages[i];
		if (str_eq(l->code, o->v->lang)) continue;
		put(o, "<a");
		put_attr(o, "href", l->href);
		put_attr(o, "lang", l->code);
		put_attr(o, "hreflang", l->code);
		put(o, "><bdi>");
		put_text(o, l->name);
		put(o, "</bdi></a>");
	}
	put(o, "</nav>");
}

static void put_progress(struct page_out *o, size_t at, size_t n)
{
	const struct word_arg args[] = { { "i", WORD_INTEGER, .number = (double)at + 1 },
		                         { "n", WORD_INTEGER, .number = (double)n } };
	if (n < 2) return;
	const struct str text = words(&o->v->locale, o->a, "survey.progress", args, COUNT_OF(args));
	buf_printf(o->b, "<div class=\"where\"><progress value=\"%zu\" max=\"%zu\"", at + 1, n);
	put_attr(o, "aria-label", text);
	put(o, "></progress><span>");
	put_text(o, text);
	put(o, "</span></div>");
}

/* Who asks, the other languages, and how far it is. */
static void put_header(struct page_out *o, bool languages, size_t at, size_t n)
{
	if (o->v->place == FORM_WIDGET) return;
	put(o, "<header><b><bdi>");
	put_text(o, o->v->organisation);
	put(o, "</bdi></b>");
	if (languages) put_languages(o);
	put_progress(o, at, n);
	put(o, "</header>");
}

static void put_hidden(struct page_out *o, const char *name, struct str value)
{
	put(o, "<input type=\"hidden\"");
	put_attr(o, "name", str_of(name));
	put_attr(o, "value", value);
	buf_byte(o->b, '>');
}

/* --- what stands above the questions --------------------------------------------------------------- */

struct sum {
	struct page_out *o;
	size_t id, n;
	bool put; /* the second walk, with the links */
};

static void sum_question(struct sum *s, const struct form_question *q)
{
	const struct form_view *v = s->o->v;
	if (q->type == FORM_PANEL) {
		for (size_t i = 0; i < q->n_children; i++) sum_question(s, &q->children[i]);
		return;
	}
	s->id++;
	const struct form_problem *p = page_problem(v, q->name);
	if (!p) return;
	s->n++;
	if (!s->put) return;
	buf_printf(s->o->b, "<li><a href=\"#q%zu\"><bdi>", s->id);
	put_text(s->o, page_text(s->o, &q->title));
	put(s->o, "</bdi><span>");
	put_text(s->o, form_problem_words(p, &v->locale, s->o->a));
	put(s->o, "</span></a></li>");
}

static void sum_pages(struct sum *s, const size_t *pages, size_t n)
{
	s->id = s->n = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < s->o->v->form->pages[pages[i]].n; k++)
			sum_question(s, &s->o->v->form->pages[pages[i]].questions[k]);
}

static void put_errors(struct page_out *o, const size_t *pages, size_t n)
{
	struct sum s = { .o = o };
	sum_pages(&s, pages, n);
	if (!s.n) return;
	put(o, "<div class=\"sum\" id=\"sum\" role=\"alert\" tabindex=\"-1\"><b>");
	put_text(o, say_number(o, "survey.errors", "n", (double)s.n));
	put(o, "</b><ul>");
	s.put = true;
	sum_pages(&s, pages, n);
	put(o, "</ul></div>");
}

static void put_above(struct page_out *o, const size_t *pages, size_t n, bool first)
{
	const struct form_view *v = o->v;
	const struct form_page *p = &v->form->pages[pages[0]];
	const struct str title = n == 1 ? page_text(o, &p->title) : STR("");
	const struct str text = n == 1 && page_text(o, &p->description).len ? page_text(o, &p->description)
	                        : first                                     ? page_text(o, &v->form->description)
	                                                                    : STR("");
	put_errors(o, pages, n);
	if (v->notice.len) {
		put(o, "<p class=\"intro\" role=\"status\">");
		put_text(o, v->notice);
		put(o, "</p>");
	}
	if (v->n_more) {
		put(o, "<p class=\"intro\" role=\"status\">");
		put_text(o, say_number(o, "survey.more", "n", (double)v->n_more));
		put(o, "</p>");
	}
	if (title.len) {
		put(o, "<p class=\"panel\"><bdi>");
		put_text(o, title);
		put(o, "</bdi></p>");
	}
	if (text.len) {
		put(o, "<p class=\"intro\"><bdi>");
		put_text(o, text);
		put(o, "</bdi></p>");
	}
}

/* --- what goes along ----------------------------------------------------------------------------------- */

static bool on_pages(const size_t *pages, size_t n, const struct form_question *q)
{
	for (size_t i = 0; i < n; i++)
		if (pages[i] == q->page) return true;
	return false;
}

static void put_field(struct page_out *o, struct str name, struct str member, const struct form_value *value)
{
	const struct str text = page_value(o, value);
	if (!text.len) return;
	put(o, "<input type=\"hidden\" data-kept name=\"");
	put_text(o, name);
	if (member.len) {
		buf_byte(o->b, '[');
		put_text(o, member);
		buf_byte(o->b, ']');
	}
	buf_byte(o->b, '"');
	put_attr(o, "value", text);
	buf_byte(o->b, '>');
}

/* A ranking is a list of items, best first, and travels as the place of each. */
static void put_places(struct page_out *o, struct str name, const struct form_value *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct form_value place = { .kind = FORM_NUMBER, .number = (double)i + 1 };
		put_field(o, name, page_value(o, &v->items[i]), &place);
	}
}

/* The words beside "other" belong to the question that they follow. */
static struct str owner_of(struct str name)
{
	const struct str tail = STR("-Comment");
	return str_ends(name, tail) ? str_cut(name, 0, name.len - tail.len) : name;
}

static void put_along(struct page_out *o, const size_t *pages, size_t n)
{
	const struct form_value *all = &o->v->answers->all;
	for (size_t i = 0; i < all->n; i++) {
		const struct str name = all->names[i];
		const struct form_value *v = &all->items[i];
		const struct form_question *q = form_question(o->v->form, name);
		if (!q) q = form_question(o->v->form, owner_of(name));
		if (!q || on_pages(pages, n, q)) continue;
		if (v->kind == FORM_LIST && q->type == FORM_RANKING) put_places(o, name, v);
		else if (v->kind == FORM_LIST || v->kind == FORM_OBJECT)
			for (size_t k = 0; k < v->n; k++)
				put_field(o, name, v->kind == FORM_OBJECT ? v->names[k] : STR(""), &v->items[k]);
		else put_field(o, name, STR(""), v);
	}
}

/* --- the form --------------------------------------------------------------------------------------------- */

static void put_button(struct page_out *o, int go, const char *key, bool first)
{
	put(o, first ? "<button class=\"p\" name=\"_go\"" : "<button name=\"_go\"");
	put_attr(o, "value", str_of(go_names[go]));
	buf_byte(o->b, '>');
	put_text(o, say(o, key));
	put(o, "</button>");
}

/* Sentences that the script speaks; % and # are a name and a number that it fills in. */
static void put_sentences(struct page_out *o)
{
	static const struct {
		const char *attr, *key;
	} plain[] = { { "data-say-saved", WORDS_KEY("survey.say.saved") },
		      { "data-say-offline", WORDS_KEY("survey.say.offline") },
		      { "data-say-sending", WORDS_KEY("survey.say.sending") },
		      { "data-say-busy", WORDS_KEY("survey.busy.text") },
		      { "data-say-required", WORDS_KEY("survey.say.required") } };
	static const struct word_arg place[] = { { "item", WORD_TEXT, .text = { "%", 1 } },
		                                 { "n", WORD_TEXT, .text = { "#", 1 } } };
	for (size_t i = 0; i < COUNT_OF(plain); i++) put_attr(o, plain[i].attr, say(o, plain[i].key));
	put_attr(o, "data-say-place", words(&o->v->locale, o->a, "survey.say.place", place, COUNT_OF(place)));
	if (o->v->place != FORM_KIOSK) return;
	put_attr(o, "data-say-full", say(o, "survey.kiosk.full"));
	put_attr(o, "data-say-again", say(o, "survey.kiosk.again"));
	/* Plural forms, one of each kind; the script takes the last that is not above its number. */
	static const int counts[] = { 0, 1, 2, 3, 11 };
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		const char *name = str_z(o->a, str_format(o->a, "data-say-waiting-%d", counts[i]));
		if (name) put_attr(o, name, say_number(o, "survey.say.waiting", "n", counts[i]));
	}
}

static void put_buttons(struct page_out *o, size_t at, size_t n)
{
	put(o, "<div class=\"act\">");
	put_button(o, 0, at + 1 < n ? "survey.next" : "survey.send", true);
	if (at > 0) put_button(o, 1, "survey.back", false);
	else if (o->v->may_decline) put_button(o, 2, "survey.decline", false);
	put(o, "</div><p class=\"say\" role=\"status\" aria-live=\"polite\"></p>");
}

static void put_footer(struct page_out *o)
{
	const struct form_view *v = o->v;
	const struct word_arg org = { "organisation", WORD_TEXT, .text = v->organisation };
	put(o, "<footer>");
	if (v->place == FORM_PREVIEW) put_text(o, say(o, "survey.preview"));
	else if (v->named) put_text(o, words(&v->locale, o->a, "survey.private.named", &org, 1));
	else put_text(o, say(o, "survey.private.unnamed"));
	if (v->quiet_days > 0) {
		buf_byte(o->b, ' ');
		put_text(o, say_number(o, "survey.quiet", "n", v->quiet_days));
	}
	put(o, "</footer>");
}

static void put_form(struct page_out *o, const size_t *pages, size_t n, size_t at, size_t of)
{
	const struct form_view *v = o->v;
	bool lead = true;
	put(o, "<form method=\"post\" novalidate accept-charset=\"utf-8\"");
	put_attr(o, "action", v->action);
	put_attr(o, "data-digits", str_of(digits_names[v->locale.digits]));
	put_sentences(o);
	put(o, ">");
	put_above(o, pages, n, at == 0);
	buf_printf(o->b, "<input type=\"hidden\" name=\"_page\" value=\"%zu\">", pages[0]);
	put_hidden(o, "_lang", v->lang);
	put_hidden(o, "_response", v->response);
	put_along(o, pages, n);
	if (v->about.len && at == 0) {
		put(o, "<p class=\"hint\"><bdi>");
		put_text(o, v->about);
		put(o, "</bdi></p>");
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v->form->pages[pages[i]].n; k++) {
			put_question(o, &v->form->pages[pages[i]].questions[k], lead);
			lead = false;
		}
	put_buttons(o, at, of);
	put(o, "</form>");
}

/* A kiosk waits for no network and a widget is small: both show all pages in one. */
static bool all_at_once(enum form_place place)
{
	return place == FORM_KIOSK || place == FORM_WIDGET;
}

static void put_done_template(struct page_out *o);

enum err_code form_page_put(const struct form_view *v, struct arena *a, struct buf *out, struct err *err)
{
	struct page_out o = { .v = v, .a = a, .b = out };
	bool *shown = NULL;
	size_t *pages = ARENA_ARRAY(a, size_t, v->form->n_pages + 1);
	if (!pages) return err_no_memory(err);
	TRY(form_shown(v->form, v->answers, v->now_ms, a, &shown, err));
	o.shown = shown;
	size_t n = form_pages_shown(v->form, shown, pages), at = 0;
	if (!n) pages[n++] = 0;
	while (at + 1 < n && pages[at] < v->page) at++;
	const bool whole = all_at_once(v->place);
	if (v->place != FORM_WIDGET) put_head(&o, page_text(&o, &v->form->title));
	put_header(&o, true, at, whole || !v->form->progress ? 1 : n);
	put(&o, "<main id=\"main\" tabindex=\"-1\">");
	if (whole) put_form(&o, pages, n, 0, 1);
	else put_form(&o, pages + at, 1, at, n);
	put(&o, "</main>");
	put_footer(&o);
	if (whole) put_done_template(&o);
	if (v->place != FORM_WIDGET) put(&o, "</body></html>");
	return OK;
}

/* --- the pages that ask nothing ------------------------------------------------------------------------------ */

static const struct {
	const char *title, *text;
} ends[FORM_ENDS] = {
	[FORM_DONE] = { WORDS_KEY("survey.done.title"), WORDS_KEY("survey.done.text") },
	[FORM_AGAIN] = { WORDS_KEY("survey.again.title"), WORDS_KEY("survey.again.text") },
	[FORM_DECLINED] = { WORDS_KEY("survey.declined.title"), WORDS_KEY("survey.declined.text") },
	[FORM_EXPIRED] = { WORDS_KEY("survey.expired.title"), WORDS_KEY("survey.expired.text") },
	[FORM_CLOSED] = { WORDS_KEY("survey.closed.title"), WORDS_KEY("survey.closed.text") },
	[FORM_PAUSED] = { WORDS_KEY("survey.paused.title"), WORDS_KEY("survey.paused.text") },
	[FORM_MISSING] = { WORDS_KEY("survey.missing.title"), WORDS_KEY("survey.missing.text") },
	[FORM_GONE] = { WORDS_KEY("survey.gone.title"), WORDS_KEY("survey.gone.text") },
	[FORM_BUSY] = { WORDS_KEY("survey.busy.title"), WORDS_KEY("survey.busy.text") },
};

static void put_end(struct page_out *o, enum form_end end, int64_t until_ms)
{
	const struct form_view *v = o->v;
	const struct word_arg date = { "date", WORD_TEXT, .text = words_date_time(&v->locale, o->a, until_ms) };
	const struct str own = end == FORM_DONE && v->form ? page_text(o, &v->form->done_html) : STR("");
	put(o, "<div class=\"end\" role=\"status\">");
	if (end == FORM_DONE)
		put(o,
		    "<svg viewBox=\"0 0 44 44\" aria-hidden=\"true\"><circle cx=\"22\" cy=\"22\" r=\"20\"/><path d=\"M14 "
		    "22.5l5.5 5.5L30 17\"/></svg>");
	put(o, "<h1>");
	put_text(o, say(o, ends[end].title));
	put(o, "</h1><div class=\"said\">");
	if (own.len) {
		form_put_rich(o->b, own);
	} else {
		put(o, "<p>");
		put_text(o, words(&v->locale, o->a, ends[end].text, &date, 1));
		put(o, "</p>");
	}
	put(o, "</div></div>");
}

/* What the script shows when it has sent, or kept, the answers by itself. */
static void put_done_template(struct page_out *o)
{
	put(o, "<template>");
	put_end(o, FORM_DONE, 0);
	put(o, "</template>");
}

void form_end_put(const struct form_view *v, enum form_end end, int64_t until_ms, struct arena *a, struct buf *out)
{
	struct page_out o = { .v = v, .a = a, .b = out };
	if (v->place != FORM_WIDGET) put_head(&o, say(&o, ends[end].title));
	put_header(&o, end != FORM_DONE && end != FORM_AGAIN && end != FORM_DECLINED, 0, 0);
	put(&o, "<main id=\"main\" tabindex=\"-1\">");
	put_end(&o, end, until_ms);
	put(&o, "</main>");
	if (v->place != FORM_WIDGET) put(&o, "</body></html>");
}
