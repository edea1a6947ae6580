/* LimeSurvey: from rows to questions. */
#include "form/import_lime.h"

void lime_begin(struct lime *l, struct draft *d)
{
	*l = (struct lime){
		.d = d, .base = STR("en"), .groups = json_array(), .by_lang = json_object(), .by_name = json_object()
	};
}

/* --- rows -------------------------------------------------------------------------------------------------- */

static json_t *member(json_t *o, const char *name, json_t *(*make)(void))
{
	json_t *v = json_object_get(o, name);
	if (!v) json_object_set_new(o, name, v = make());
	return v;
}

static void row_setting(struct lime *l, const struct lime_row *r)
{
	if (str_eq(r->name, STR("language")) && r->text.len) l->base = language_code(r->text, l->d->a);
}

static void row_language_setting(struct lime *l, const struct lime_row *r)
{
	static const struct {
		const char *name, *member;
	} taken[] = { { "surveyls_title", "title" },
		      { "surveyls_description", "description" },
		      { "surveyls_endtext", "completedHtml" } };
	for (size_t i = 0; i < COUNT_OF(taken); i++)
		if (str_eq(r->name, str_of(taken[i].name)))
			draft_text(l->d, l->d->root, taken[i].member, r->lang, r->text);
}

static void row_group(struct lime *l, const struct lime_row *r)
{
	const char *lang = str_z(l->d->a, r->lang);
	if (!lang) return;
	const size_t k = (size_t)json_integer_value(json_object_get(l->by_lang, lang));
	json_object_set_new(l->by_lang, lang, json_integer((json_int_t)k + 1));
	if (k == json_array_size(l->groups)) json_array_append_new(l->groups, json_object());
	json_t *group = json_array_get(l->groups, k);
	if (!group) return;
	draft_text(l->d, group, "title", r->lang, r->name.len ? r->name : r->text);
	draft_text(l->d, group, "description", r->lang, r->name.len ? r->text : STR(""));
}

static void row_question(struct lime *l, const struct lime_row *r)
{
	const char *name = str_z(l->d->a, r->name);
	if (!name) return;
	json_t *q = json_object_get(l->by_name, name);
	if (!q) {
		const size_t n = json_array_size(l->groups);
		json_t *group = n ? json_array_get(l->groups, n - 1) : NULL;
		if (!group) json_array_append_new(l->groups, group = json_object());
		json_object_set_new(l->by_name, name, q = json_object());
		json_array_append(member(group, "questions", json_array), q);
		draft_string(q, "name", r->name);
		draft_string(q, "type", r->type);
		draft_string(q, "relevance", r->relevance);
		json_object_set_new(q, "required", json_boolean(str_eq(r->mandatory, STR("Y"))));
		json_object_set_new(q, "other", json_boolean(str_eq(r->other, STR("Y"))));
	}
	l->question = q;
	draft_text(l->d, q, "title", r->lang, r->text);
	draft_text(l->d, q, "description", r->lang, r->help);
}

/* A subquestion or an answer: one entry a code, a text a language. */
static void row_part(struct lime *l, const struct lime_row *r, const char *list)
{
	if (!l->question) return;
	json_t *all = member(l->question, list, json_array), *one;
	size_t i;
	json_array_foreach(all, i, one)
	{
		if (!str_eq(json_str(json_object_get(one, "code")), r->name)) continue;
		draft_text(l->d, one, "text", r->lang, r->text);
		return;
	}
	one = json_object();
	draft_string(one, "code", r->name);
	draft_text(l->d, one, "text", r->lang, r->text);
	json_array_append_new(all, one);
}

void lime_row(struct lime *l, const struct lime_row *r)
{
	struct lime_row row = *r;
	row.lang = r->lang.len ? language_code(r->lang, l->d->a) : l->base;
	if (str_eq(row.cls, STR("S"))) row_setting(l, &row);
	else if (str_eq(row.cls, STR("SL"))) row_language_setting(l, &row);
	else if (str_eq(row.cls, STR("G"))) row_group(l, &row);
	else if (str_eq(row.cls, STR("Q"))) row_question(l, &row);
	else if (str_eq(row.cls, STR("SQ"))) row_part(l, &row, "parts");
	else if (str_eq(row.cls, STR("A")) && !str_eq(row.type, STR("1"))) row_part(l, &row, "answers");
}

/* --- questions ------------------------------------------------------------------------------------------------- */

static void put_parts(const json_t *from, const char *list, json_t *q, const char *to)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(from, list), i, one)
	{
		json_t *c = draft_choice(q, to, json_str(json_object_get(one, "code")));
		if (json_object_get(one, "text")) json_object_set(c, "text", json_object_get(one, "text"));
	}
}

static void put_numbers(json_t *q, const char *to, int n)
{
	for (int i = 1; i <= n; i++) {
		char z[8];
		snprintf(z, sizeof z, "%d", i);
		draft_choice(q, to, str_of(z));
	}
}

static void put_words(json_t *q, const char *to, const char *const (*words)[4], size_t n)
{
	static const char *const langs[] = { "en", "ar", "fa" };
	for (size_t i = 0; i < n; i++) {
		json_t *c = draft_choice(q, to, str_of(words[i][0])), *text = json_object();
		for (size_t k = 0; k < COUNT_OF(langs); k++)
			json_object_set_new(text, langs[k], json_string(words[i][k + 1]));
		json_object_set_new(c, "text", text);
	}
}

static void put_items(const json_t *from, json_t *q, const char *input)
{
	json_t *items = json_array(), *one;
	size_t i;
	json_array_foreach(json_object_get(from, "parts"), i, one)
	{
		json_t *item = json_object();
		json_object_set(item, "name", json_object_get(one, "code"));
		if (json_object_get(one, "text")) json_object_set(item, "title", json_object_get(one, "text"));
		if (input) json_object_set_new(item, "inputType", json_string(input));
		json_array_append_new(items, item);
	}
	json_object_set_new(q, "items", items);
}

/* What stands behind a letter of LimeSurvey. */
static const struct letter {
	const char *letters, *type, *input;
	enum { PLAIN, ANSWERS, PARTS, ITEMS, FIVE, MATRIX, MATRIX_5, MATRIX_10, MATRIX_YES, MATRIX_MORE, GENDER } has;
	bool beside; /* a text beside the choice */
} letters[] = {
	{ "L", "radiogroup", NULL, ANSWERS, false },
	{ "!", "dropdown", NULL, ANSWERS, false },
	{ "O", "radiogroup", NULL, ANSWERS, true },
	{ "M", "checkbox", NULL, PARTS, false },
	{ "P", "checkbox", NULL, PARTS, true },
	{ "5", "rating", NULL, FIVE, false },
	{ "FH", "matrix", NULL, MATRIX, false },
	{ "A", "matrix", NULL, MATRIX_5, false },
	{ "B", "matrix", NULL, MATRIX_10, false },
	{ "C", "matrix", NULL, MATRIX_YES, false },
	{ "E", "matrix", NULL, MATRIX_MORE, false },
	{ "S", "text", NULL, PLAIN, false },
	{ "TU", "comment", NULL, PLAIN, false },
	{ "Q", "multipletext", NULL, ITEMS, false },
	{ "K", "multipletext", "number", ITEMS, false },
	{ "N", "text", "number", PLAIN, false },
	{ "D", "text", "date", PLAIN, false },
	{ "Y", "boolean", NULL, PLAIN, false },
	{ "G", "radiogroup", NULL, GENDER, false },
	{ "R", "ranking", NULL, ANSWERS, false },
	{ "|", "file", NULL, PLAIN, false },
};

static void fill(const struct letter *k, const json_t *from, json_t *q)
{
	static const char *const yes[][4] = { { "Y", "Yes", "نعم", "بله" },
		                              { "U", "Uncertain", "غير متأكد", "نامطمئن" },
		                              { "N", "No", "لا", "نه" } };
	static const char *const more[][4] = { { "I", "Increase", "زيادة", "افزایش" },
		                               { "S", "Same", "بلا تغيير", "بدون تغییر" },
		                               { "D", "Decrease", "نقصان", "کاهش" } };
	static const char *const gender[][4] = { { "F", "Female", "أنثى", "زن" }, { "M", "Male", "ذكر", "مرد" } };
	if (k->has >= MATRIX && k->has <= MATRIX_MORE) put_parts(from, "parts", q, "rows");
	switch (k->has) {
	case ANSWERS: put_parts(from, "answers", q, "choices"); break;
	case PARTS: put_parts(from, "parts", q, "choices"); break;
	case ITEMS: put_items(from, q, k->input); break;
	case FIVE: json_object_set_new(q, "rateMax", json_integer(5)); break;
	case MATRIX: put_parts(from, "answers", q, "columns"); break;
	case MATRIX_5: put_numbers(q, "columns", 5); break;
	case MATRIX_10: put_numbers(q, "columns", 10); break;
	case MATRIX_YES: put_words(q, "columns", yes, COUNT_OF(yes)); break;
	case MATRIX_MORE: put_words(q, "columns", more, COUNT_OF(more)); break;
	case GENDER: put_words(q, "choices", gender, COUNT_OF(gender)); break;
	case PLAIN:
		if (k->input) json_object_set_new(q, "inputType", json_string(k->input));
		break;
	}
}

/* --- relevance --------------------------------------------------------------------------------------------------- */

static bool word_sign(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Q1.NAOK == "A1" and … as {Q1} == "A1" and …; false where a word is no question: functions, other attributes. */
static bool put_relevance(struct lime *l, struct str from, struct buf *out)
{
	for (size_t i = 0; i < from.len;) {
		const char c = from.ptr[i];
		size_t end = i + 1;
		if (c == '"' || c == '\'') {
			end = i + 1 + str_find(str_cut(from, i + 1, from.len), c) + 1;
			if (end > from.len) return false;
			buf_str(out, str_cut(from, i, end));
		} else if (!word_sign(c) || (c >= '0' && c <= '9')) buf_byte(out, c);
		else {
			while (end < from.len && word_sign(from.ptr[end])) end++;
			const struct str word = str_cut(from, i, end), code = str_cut(word, 0, str_find(word, '.'));
			const struct str suffix = str_cut(word, code.len, word.len);
			const char *z = str_z(l->d->a, code);
			const json_t *q = json_object_get(l->by_name, z ? z : "");
			if (str_eq_ascii_nocase(word, STR("and")) || str_eq_ascii_nocase(word, STR("or")))
				buf_str(out, word);
			else if (q && (!suffix.len || str_eq(suffix, STR(".NAOK")) || str_eq(suffix, STR(".value"))))
				buf_printf(out, "{%s}", json_string_value(json_object_get(q, "here")));
			else return false;
		}
		i = end;
	}
	return true;
}

static enum err_code add_relevance(struct lime *l, const json_t *from, json_t *q)
{
	const struct str text = str_trim(json_str(json_object_get(from, "relevance")));
	struct form_expr *e;
	struct err unread;
	struct buf b;
	if (!text.len || str_eq(text, STR("1"))) return OK;
	buf_init(&b, FORM_EXPRESSION_BYTES_MAX);
	bool taken = put_relevance(l, text, &b) && !b.full;
	taken = taken && form_expr_read(buf_view(&b), l->d->a, &e, &unread) == OK;
	if (taken) draft_string(q, "visibleIf", buf_view(&b));
	buf_done(&b);
	const struct str name = json_str(json_object_get(from, "name"));
	return taken ? OK : draft_warn(l->d, name, WORDS_KEY("form.import.logic"), name);
}

/* --- the whole ------------------------------------------------------------------------------------------------------
 */

static enum err_code add_question(struct lime *l, json_t *from)
{
	const struct str letter = json_str(json_object_get(from, "type")),
	                 name = json_str(json_object_get(from, "name"));
	size_t k = 0;
	if (str_eq(letter, STR("X"))) {
		json_t *q = draft_question(l->d, "html", name);
		if (json_object_get(from, "title")) json_object_set(q, "html", json_object_get(from, "title"));
		return add_relevance(l, from, q);
	}
	while (k < COUNT_OF(letters) && !(letter.len == 1 && strchr(letters[k].letters, letter.ptr[0]))) k++;
	if (k == COUNT_OF(letters)) {
		const char *type = str_z(l->d->a, letter);
		const json_t *title = json_object_get(json_object_get(from, "title"), str_z(l->d->a, l->base));
		return draft_untold(l->d, name, type ? type : "", json_str(title));
	}
	json_t *q = draft_question(l->d, letters[k].type, name);
	if (json_object_get(from, "title")) json_object_set(q, "title", json_object_get(from, "title"));
	if (json_object_get(from, "description"))
		json_object_set(q, "description", json_object_get(from, "description"));
	if (json_is_true(json_object_get(from, "required"))) {
		json_object_set_new(q, "isRequired", json_true());
		if (letters[k].has >= MATRIX && letters[k].has <= MATRIX_MORE)
			json_object_set_new(q, "isAllRowRequired", json_true());
	}
	if (json_is_true(json_object_get(from, "other"))) json_object_set_new(q, "showOtherItem", json_true());
	if (letters[k].beside) json_object_set_new(q, "showCommentArea", json_true());
	fill(&letters[k], from, q);
	json_object_set(from, "here", json_object_get(q, "name"));
	return add_relevance(l, from, q);
}

enum err_code lime_end(struct lime *l, struct err *err)
{
	size_t g, i;
	json_t *group, *q;
	enum err_code rc = OK;
	draft_string(l->d->root, "locale", l->base);
	json_array_foreach(l->groups, g, group)
	{
		json_t *page = draft_page(l->d);
		if (json_object_get(group, "title")) json_object_set(page, "title", json_object_get(group, "title"));
		if (json_object_get(group, "description"))
			json_object_set(page, "description", json_object_get(group, "description"));
		json_array_foreach(json_object_get(group, "questions"), i, q) if (rc == OK) rc = add_question(l, q);
	}
	json_decref(l->groups);
	json_decref(l->by_lang);
	json_decref(l->by_name);
	return rc == OK ? OK : err_no_memory(err);
}
