/* The document: its root, its pages, its texts. */
#include <math.h>

#include <jansson.h>

#include "base/checked.h"
#include "base/when.h"
#include "form/priv.h"

const char *const form_audience_names[3] = { "customers", "employees", "observers" };

/* --- reading ------------------------------------------------------------------------------------------- */

static enum err_code read_page(struct reader *r, const json_t *o, const struct where *w, size_t i,
                               struct form_page *page)
{
	static const char *const known[] = {
		"name", "title", "description", "elements", "questions", "visibleIf", NULL
	};
	if (!json_is_object(o)) return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.object") });
	page->name = STR("");
	TRY(member_string(r, o, w, "name", FORM_NAME_BYTES_MAX, &page->name));
	TRY(member_text(r, o, w, "title", &page->title));
	TRY(member_text(r, o, w, "description", &page->description));
	TRY(member_expr(r, o, w, "visibleIf", &page->visible_if));
	TRY(members_known(r, o, w, known));
	const char *list = json_object_get(o, "elements") ? "elements" : "questions";
	return questions_read(r, o, w, list, NULL, i, 0, &page->questions, &page->n);
}

/* A document without pages is one page. */
static enum err_code read_pages(struct reader *r, const json_t *root)
{
	struct form *f = r->f;
	const json_t *list;
	const struct where *w = WHERE(NULL, "pages");
	const bool one = !json_object_get(root, "pages");
	TRY(member_list(r, root, NULL, "pages", FORM_PAGES_MAX, &list, &f->n_pages));
	if (one) f->n_pages = 1;
	f->pages = ARENA_ARRAY(r->a, struct form_page, f->n_pages);
	if (!f->pages) return err_no_memory(NULL);
	if (one) {
		const char *name = json_object_get(root, "elements") ? "elements" : "questions";
		f->pages[0].name = STR("");
		return questions_read(r, root, NULL, name, NULL, 0, 0, &f->pages[0].questions, &f->pages[0].n);
	}
	for (size_t i = 0; i < f->n_pages; i++)
		TRY(read_page(r, json_array_get(list, i), WHERE_AT(w, i), i, &f->pages[i]));
	return OK;
}

static enum err_code read_triggers(struct reader *r, const json_t *root)
{
	struct form *f = r->f;
	const json_t *list;
	size_t n;
	const struct where *w = WHERE(NULL, "triggers");
	TRY(member_list(r, root, NULL, "triggers", FORM_PAGES_MAX, &list, &n));
	f->triggers = ARENA_ARRAY(r->a, struct form_trigger, n);
	if (!f->triggers) return err_no_memory(NULL);
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		struct str type = STR("");
		struct form_expr *expression = NULL;
		if (!json_is_object(o)) {
			TRY(problem_at(r, WHERE_AT(w, i), &(struct said){ .id = WORDS_KEY("form.kind.object") }));
			continue;
		}
		TRY(member_string(r, o, WHERE_AT(w, i), "type", 80, &type));
		TRY(member_expr(r, o, WHERE_AT(w, i), "expression", &expression));
		if (!str_eq(type, STR("complete")))
			TRY(problem_at(
			        r, WHERE_AT(w, i),
			        &(struct said){ .id = WORDS_KEY("form.trigger"), .warning = true, .what = type }));
		else if (expression) f->triggers[f->n_triggers++].expression = expression;
	}
	return OK;
}

static enum err_code read_parameters(struct reader *r, const json_t *root)
{
	struct form *f = r->f;
	const json_t *o = json_object_get(root, "cx:parameters");
	const struct where *w = WHERE(NULL, "cx:parameters");
	if (!o) return OK;
	if (!json_is_object(o)) return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.object") });
	if (json_object_size(o) > FORM_PAGES_MAX)
		return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.list_long"), .most = FORM_PAGES_MAX });
	f->parameters = ARENA_ARRAY(r->a, struct form_parameter, json_object_size(o));
	if (!f->parameters) return err_no_memory(NULL);
	const char *name;
	json_t *text;
	json_object_foreach((json_t *)o, name, text)
	{
		struct form_parameter *p = &f->parameters[f->n_parameters++];
		p->name = str_copy(r->a, str_of(name));
		if (!p->name.ptr) return err_no_memory(NULL);
		TRY(form_text_read(r, text, WHERE(w, name), &p->text));
	}
	return OK;
}

static enum err_code read_progress(struct reader *r, const json_t *root)
{
	const json_t *v = json_object_get(root, "showProgressBar");
	if (!json_is_string(v)) return member_bool(r, root, NULL, "showProgressBar", &r->f->progress);
	r->f->progress = strcmp(json_string_value(v), "off") != 0;
	return OK;
}

static enum err_code read_audience(struct reader *r, const json_t *root)
{
	struct str s = STR("customers");
	TRY(member_string(r, root, NULL, "cx:audience", 40, &s));
	for (size_t k = 0; k < COUNT_OF(form_audience_names); k++)
		if (str_eq(s, str_of(form_audience_names[k]))) {
			r->f->audience = (enum form_audience)k;
			return OK;
		}
	return problem_at(r, WHERE(NULL, "cx:audience"), &(struct said){ .id = WORDS_KEY("form.audience"), .what = s });
}

const char *const form_ask_channel_names[FORM_ASK_CHANNELS] = { "email", "sms", "whatsapp" };

/* The name goes with the document's tree, the problem stays. */
static enum err_code ask_channel_wrong(struct reader *r, const struct where *at, const char *name)
{
	const struct str what = str_copy(r->a, str_of(name ? name : ""));
	if (!what.ptr) return err_no_memory(NULL);
	return problem_at(r, at, &(struct said){ .id = WORDS_KEY("form.ask_channel"), .what = what });
}

/* Each of the three names at most once. */
static enum err_code ask_channels(struct reader *r, const json_t *o, const struct where *w)
{
	const json_t *list;
	size_t n;
	unsigned seen = 0;
	struct str all = STR("");
	TRY(member_list(r, o, w, "channels", FORM_ASK_CHANNELS, &list, &n));
	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(list, i));
		size_t k = 0;
		while (k < FORM_ASK_CHANNELS && (!name || strcmp(name, form_ask_channel_names[k]) != 0)) k++;
		if (k == FORM_ASK_CHANNELS || seen >> k & 1)
			return ask_channel_wrong(r, WHERE_AT(WHERE(w, "channels"), i), name);
		seen |= 1U << k;
		all = str_format(r->a, STR_FMT "%s%s", STR_ARG(all), all.len ? "," : "", form_ask_channel_names[k]);
		if (!all.ptr) return err_no_memory(NULL);
	}
	if (all.len) r->f->ask.channels = all;
	return OK;
}

/* No wait at all is one too. */
static bool wait_read(struct str s, int64_t *out_ms)
{
	static const char *const none[] = { "0", "0s", "0m", "0h", "0d" };
	for (size_t i = 0; i < COUNT_OF(none); i++)
		if (str_eq(s, str_of(none[i]))) {
			*out_ms = 0;
			return true;
		}
	return when_parse_duration(s, out_ms) && *out_ms <= FORM_ASK_WAIT_MS_MAX;
}

static enum err_code read_ask(struct reader *r, const json_t *root)
{
	static const char *const known[] = { "after", "wait", "channels", NULL };
	const json_t *o = json_object_get(root, "cx:ask");
	const struct where *w = WHERE(NULL, "cx:ask");
	struct form_ask *ask = &r->f->ask;
	struct str wait = STR("");
	*ask = (struct form_ask){ .after = STR(""), .channels = STR("email") };
	if (!o || json_is_null(o)) return OK;
	if (!json_is_object(o)) return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.object") });
	TRY(member_string(r, o, w, "after", FORM_NAME_BYTES_MAX, &ask->after));
	if (!ask->after.len) TRY(problem_at(r, WHERE(w, "after"), &(struct said){ .id = WORDS_KEY("form.ask_after") }));
	TRY(member_string(r, o, w, "wait", 40, &wait));
	if (wait.len && !wait_read(wait, &ask->wait_ms))
		TRY(problem_at(r, WHERE(w, "wait"), &(struct said){ .id = WORDS_KEY("form.ask_wait"), .what = wait }));
	TRY(ask_channels(r, o, w));
	return members_known(r, o, w, known);
}

static enum err_code read_root(struct reader *r, const json_t *root)
{
	static const char *const known[] = { "locale",
		                             "title",
		                             "description",
		                             "completedHtml",
		                             "pages",
		                             "elements",
		                             "questions",
		                             "triggers",
		                             "showProgressBar",
		                             "cx:about",
		                             "cx:ask",
		                             "cx:audience",
		                             "cx:parameters",
		                             "cx:purpose",
		                             "cx:group",
		                             "cx:mask",
		                             "cx:widget",
		                             "logo",
		                             "logoPosition",
		                             "progressBarType",
		                             "progressBarLocation",
		                             "showQuestionNumbers",
		                             "questionErrorLocation",
		                             "widthMode",
		                             "width",
		                             "name",
		                             NULL };
	struct form *f = r->f;
	f->locale = STR("en");
	f->about = STR("journey");
	TRY(member_string(r, root, NULL, "locale", 16, &f->locale));
	if (!f->locale.len) f->locale = STR("en");
	f->languages[f->n_languages++] = f->locale;
	TRY(member_text(r, root, NULL, "title", &f->title));
	TRY(member_text(r, root, NULL, "description", &f->description));
	TRY(member_text(r, root, NULL, "completedHtml", &f->done_html));
	TRY(member_text(r, root, NULL, "cx:purpose", &f->purpose));
	TRY(member_string(r, root, NULL, "cx:about", FORM_NAME_BYTES_MAX, &f->about));
	if (!f->about.len) f->about = STR("journey");
	TRY(member_bool(r, root, NULL, "cx:mask", &f->mask));
	TRY(read_audience(r, root));
	TRY(read_ask(r, root));
	TRY(read_progress(r, root));
	TRY(read_parameters(r, root));
	TRY(read_pages(r, root));
	TRY(read_triggers(r, root));
	if (!f->n_questions)
		TRY(problem_at(r, WHERE(NULL, "pages"), &(struct said){ .id = WORDS_KEY("form.no_questions") }));
	return members_known(r, root, NULL, known);
}

/* --- names in expressions --------------------------------------------------------------------------------- */

/* True when the name, or the part of it that names an answer, is a question's. */
static bool names_question(const struct form *f, struct str name)
{
	for (;;) {
		for (size_t end = name.len;; end--) {
			if (end == name.len || name.ptr[end] == '.' || name.ptr[end] == '[') {
				struct str part = str_cut(name, 0, end);
				if (form_question(f, part)) return true;
				if (str_ends(part, STR("-Comment")) && form_question(f, str_cut(part, 0, part.len - 8)))
					return true;
			}
			if (end == 0) break;
		}
		const size_t dot = str_find(name, '.');
		if (dot == name.len) return false;
		name = str_cut(name, dot + 1, name.len);
	}
}

static enum err_code check_names(struct reader *r, const struct form_expr *e, const struct where *w)
{
	for (size_t i = 0; e && i < e->n_names; i++)
		if (!names_question(r->f, e->names[i]))
			TRY(problem_at(r, w,
			               &(struct said){ .id = WORDS_KEY("form.expression_name"),
			                               .warning = true,
			                               .what = e->names[i] }));
	return OK;
}

static enum err_code check_all_names(struct reader *r)
{
	const struct form *f = r->f;
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct form_question *q = f->questions[i];
		const char *name = str_z(r->a, q->name);
		if (!name) return err_no_memory(NULL);
		const struct where *w = WHERE(NULL, name);
		TRY(check_names(r, q->visible_if, w));
		TRY(check_names(r, q->enable_if, w));
		TRY(check_names(r, q->required_if, w));
		TRY(check_names(r, q->expression, w));
	}
	for (size_t i = 0; i < f->n_pages; i++)
		TRY(check_names(r, f->pages[i].visible_if, WHERE_AT(WHERE(NULL, "pages"), i)));
	for (size_t i = 0; i < f->n_triggers; i++)
		TRY(check_names(r, f->triggers[i].expression, WHERE_AT(WHERE(NULL, "triggers"), i)));
	return OK;
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

static enum err_code canonical(struct str json, struct arena *a, struct str *out, struct err *err)
{
	struct buf b;
	buf_init(&b, 2 * FORM_DOCUMENT_BYTES_MAX);
	enum err_code rc = json_canonical(json, a, &b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

/* The first error of the problems, in words. */
static enum err_code first_error(const struct form_problems *all, struct arena *a, struct err *err)
{
	const struct locale en = locale_of(LANG_EN);
	for (size_t i = 0; i < all->n; i++) {
		const struct form_problem *p = &all->all[i];
		if (p->warning) continue;
		const struct str words = form_problem_words(p, &en, a);
		const char *field = str_z(a, signs_cut(p->field, 63));
		return err_set(err, ERR_INPUT, p->id, field ? field : "", STR_FMT, STR_ARG(signs_cut(words, 255)));
	}
	return err_set(err, ERR_INPUT, "form.list_long", "", "the survey has more than %d problems", FORM_PROBLEMS_MAX);
}

static enum err_code read_all(struct reader *r, struct str json, struct err *err)
{
	struct form *f = r->f;
	json_error_t e;
	f->languages = ARENA_ARRAY(r->a, struct str, FORM_LANGUAGES_MAX);
	f->questions = ARENA_ARRAY(r->a, struct form_question *, FORM_QUESTIONS_MAX);
	r->unknown = ARENA_ARRAY(r->a, struct str, FORM_PROBLEMS_MAX);
	if (!f->languages || !f->questions || !r->unknown) return err_no_memory(err);
	TRY(canonical(json, r->a, &f->json, err));
	json_t *root = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &e);
	if (!root)
		return err_set(err, ERR_INPUT, "json.syntax", "", "line %d, column %d: %.160s", e.line, e.column,
		               e.text);
	enum err_code rc = json_is_object(root)
	                           ? read_root(r, root)
	                           : problem_at(r, NULL, &(struct said){ .id = WORDS_KEY("form.kind.object") });
	json_decref(root);
	if (rc == OK) rc = check_all_names(r);
	return rc == OK ? OK : err_no_memory(err);
}

enum err_code form_read(struct str json, struct arena *a, struct form **out, struct form_problems *problems,
                        struct err *err)
{
	*problems = (struct form_problems){ 0 };
	if (json.len > FORM_DOCUMENT_BYTES_MAX)
		return err_limit(err, "form.size", "", (int64_t)json.len, (int64_t)FORM_DOCUMENT_BYTES_MAX,
		                 "the survey has %zu bytes, at most %zu fit", json.len, FORM_DOCUMENT_BYTES_MAX);
	struct reader r = { .a = a, .f = ARENA_NEW(a, struct form), .problems = problems };
	if (!r.f) return err_no_memory(err);
	TRY(read_all(&r, json, err));
	if (problems->errors) return first_error(problems, a, err);
	*out = r.f;
	return OK;
}

void form_print(const struct form *f, struct buf *out)
{
	buf_str(out, f->json);
}

const struct form_question *form_question(const struct form *f, struct str name)
{
	for (size_t i = 0; i < f->n_questions; i++)
		if (str_eq(f->questions[i]->name, name)) return f->questions[i];
	return NULL;
}

/* A number as it was given: with the decimals that it has, up to six; past all that are whole, as the machine writes
 * it. */
static struct word_arg number_arg(const char *name, double v, struct arena *a)
{
	struct word_arg arg = { name, WORD_NUMBER, .number = v };
	if (fabs(v) >= 1e15) return (struct word_arg){ name, WORD_TEXT, .text = str_format(a, "%g", v) };
	for (double scale = 1; arg.decimals < 6 && fabs(v * scale - round(v * scale)) > 1e-6; scale *= 10)
		arg.decimals++;
	return arg;
}

struct str form_problem_words(const struct form_problem *p, const struct locale *l, struct arena *a)
{
	const struct word_arg args[] = {
		{ "what", WORD_TEXT, .text = p->what },
		{ "hint", WORD_TEXT, .text = p->hint ? words(l, a, p->hint, NULL, 0) : STR("") },
		number_arg("least", p->least, a),
		number_arg("most", p->most, a),
		number_arg("value", p->value, a),
	};
	return words(l, a, p->id, args, COUNT_OF(args));
}
