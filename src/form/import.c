/* Surveys of other tools: which it is, and the document that grows. */
#include "form/import.h"

#include "base/checked.h"

const char *const form_format_names[FORM_FORMATS] = { "surveyjs", "qsf", "lss", "limesurvey" };

struct str json_str(const json_t *v)
{
	return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : STR("");
}

void draft_string(json_t *o, const char *member, struct str value)
{
	json_object_set_new(o, member, json_stringn(value.ptr ? value.ptr : "", value.len));
}

struct str language_code(struct str code, struct arena *a)
{
	char *z = arena_alloc(a, code.len + 1);
	if (!z) return STR("");
	for (size_t i = 0; i < code.len; i++) {
		const char c = code.ptr[i];
		z[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == '_' ? '-' : c;
	}
	return (struct str){ z, code.len };
}

/* --- the words of HTML ------------------------------------------------------------------------------------ */

/* A character reference at s.ptr[0] == '&'; its length, 0 when it is none. */
static size_t reference(struct str s, uint32_t *out)
{
	static const struct {
		const char *name;
		uint32_t c;
	} named[] = { { "&amp;", '&' },      { "&lt;", '<' },       { "&gt;", '>' },      { "&quot;", '"' },
		      { "&apos;", '\'' },    { "&nbsp;", ' ' },     { "&zwnj;", 0x200c }, { "&ndash;", 0x2013 },
		      { "&rsquo;", 0x2019 }, { "&hellip;", 0x2026 } };
	for (size_t i = 0; i < COUNT_OF(named); i++)
		if (str_starts(s, str_of(named[i].name))) return *out = named[i].c, strlen(named[i].name);
	const size_t end = str_find(str_cut(s, 0, 12), ';');
	if (end == 12 || end >= s.len || end < 3 || s.ptr[1] != '#') return 0;
	const bool hex = s.ptr[2] == 'x' || s.ptr[2] == 'X';
	uint32_t c = 0;
	for (size_t i = hex ? 3 : 2; i < end; i++) {
		const char d = s.ptr[i];
		const uint32_t v = d >= '0' && d <= '9'          ? (uint32_t)(d - '0')
		                   : hex && d >= 'a' && d <= 'f' ? (uint32_t)(d - 'a' + 10)
		                   : hex && d >= 'A' && d <= 'F' ? (uint32_t)(d - 'A' + 10)
		                                                 : 99;
		if (v == 99) return 0;
		c = c * (hex ? 16 : 10) + v;
	}
	*out = c < ' ' ? ' ' : c;
	return end + 1;
}

struct str plain_of_html(struct str html, struct arena *a)
{
	struct buf b;
	bool space = false;
	buf_init(&b, 4 * FORM_TEXT_BYTES_MAX);
	for (size_t i = 0; i < html.len;) {
		const struct str rest = str_cut(html, i, html.len);
		uint32_t c;
		size_t n = 0;
		if (rest.ptr[0] == '<' && str_find(rest, '>') < rest.len) {
			i += str_find(rest, '>') + 1;
			space = true;
			continue;
		}
		if (rest.ptr[0] == '&') n = reference(rest, &c);
		if (n) i += n;
		else c = utf8_next(html, &i);
		if (c <= ' ' || c == 0xa0) {
			space = true;
			continue;
		}
		char z[4];
		if (space && b.len) buf_byte(&b, ' ');
		space = false;
		buf_put(&b, z, utf8_put(z, c));
	}
	const struct str out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return out.ptr ? out : STR("");
}

/* --- the document -------------------------------------------------------------------------------------------- */

void draft_text(struct draft *d, json_t *o, const char *member, struct str lang, struct str html)
{
	const struct str text = plain_of_html(html, d->a);
	json_t *texts = json_object_get(o, member);
	if (!text.len || !lang.len) return;
	if (!texts) json_object_set_new(o, member, texts = json_object());
	const char *z = str_z(d->a, lang);
	if (z) draft_string(texts, z, text);
}

json_t *draft_choice(json_t *o, const char *member, struct str value)
{
	json_t *list = json_object_get(o, member), *one = json_object();
	int64_t number;
	if (!list) json_object_set_new(o, member, list = json_array());
	/* "01" is a code, not a number. */
	if (str_to_i64(value, &number) && (value.ptr[0] != '0' || value.len == 1) && value.ptr[0] != '+')
		json_object_set_new(one, "value", json_integer(number));
	else draft_string(one, "value", value);
	json_array_append_new(list, one);
	return one;
}

json_t *draft_page(struct draft *d)
{
	if (d->elements && json_array_size(d->elements) == 0)
		return json_array_get(d->pages, json_array_size(d->pages) - 1);
	json_t *page = json_object();
	d->elements = json_array();
	json_object_set_new(page, "elements", d->elements);
	json_array_append_new(d->pages, page);
	return page;
}

/* Without what a name may not have; with a number behind it when it is taken. */
static const char *fit_name(struct draft *d, struct str name)
{
	struct buf b;
	char number[24] = "";
	buf_init(&b, 4096);
	for (size_t i = 0; i < name.len && b.len < 100;) {
		const size_t from = i;
		const uint32_t c = utf8_next(name, &i);
		if (sign_invisible(c) || c == '{' || c == '}' || c == '[' || c == ']' || (c == '_' && b.len == 0))
			continue;
		buf_put(&b, name.ptr + from, i - from);
	}
	if (b.len == 0) buf_str(&b, STR("question"));
	const struct str base = str_copy(d->a, buf_view(&b));
	const char *out = NULL;
	for (int n = 2; base.ptr; n++) {
		buf_clear(&b);
		buf_str(&b, base);
		buf_str(&b, str_of(number));
		out = str_z(d->a, buf_view(&b));
		if (!out || !json_object_get(d->names, out)) break;
		snprintf(number, sizeof number, "-%d", n);
	}
	buf_done(&b);
	if (out) json_object_set_new(d->names, out, json_true());
	return out ? out : "question";
}

json_t *draft_question(struct draft *d, const char *type, struct str name)
{
	if (!d->elements) draft_page(d);
	json_t *q = json_object();
	json_object_set_new(q, "type", json_string(type));
	json_object_set_new(q, "name", json_string(fit_name(d, name)));
	json_array_append_new(d->elements, q);
	return q;
}

enum err_code draft_warn(struct draft *d, struct str where, const char *id, struct str what)
{
	return problem_add(d->notes, d->a, str_copy(d->a, where),
	                   &(struct said){ .id = id, .warning = true, .what = str_copy(d->a, what) });
}

enum err_code draft_untold(struct draft *d, struct str name, const char *type, struct str what)
{
	json_t *q = draft_question(d, "html", name);
	json_t *html = json_object();
	draft_string(html, "default", what.len ? what : name);
	json_object_set_new(q, "html", html);
	return draft_warn(d, name, WORDS_KEY("form.import.type"), str_of(type));
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static enum err_code printed(const json_t *root, struct arena *a, struct str *out, struct err *err)
{
	char *z = json_dumps(root, JSON_COMPACT);
	if (!z) return err_no_memory(err);
	*out = str_copy(a, str_of(z));
	free(z);
	return out->ptr ? OK : err_no_memory(err);
}

/* Reads the document that was made: its warnings follow those of the import. */
static enum err_code take(struct str made, struct arena *a, struct str *json, struct form_problems *notes,
                          struct err *err)
{
	struct form *f;
	struct form_problems read;
	const enum err_code rc = form_read(made, a, &f, &read, err);
	for (size_t i = 0; i < read.n; i++) {
		const struct form_problem *p = &read.all[i];
		TRY(problem_add(notes, a, p->field,
		                &(struct said){ .id = p->id,
		                                .warning = p->warning,
		                                .what = p->what,
		                                .hint = p->hint,
		                                .least = p->least,
		                                .most = p->most,
		                                .value = p->value }));
	}
	if (rc == OK) *json = f->json;
	return rc;
}

static enum err_code unknown(struct err *err)
{
	const enum err_code rc = err_set(err, ERR_INPUT, "form.import", "", "the file is no survey that can be read");
	err_hint(err, "Give SurveyJS JSON, a Qualtrics .qsf, a LimeSurvey .lss, or its tab-separated .txt.");
	return rc;
}

static enum err_code import_text(struct draft *d, struct str bytes, enum form_format *format, struct err *err)
{
	*format = bytes.ptr[0] == '<' ? FORM_LSS : FORM_LIMESURVEY_TSV;
	if (*format == FORM_LSS) return import_lss(d, bytes, err);
	const struct str first = str_cut(bytes, 0, str_find(bytes, '\n'));
	/* The columns that every version of that export has, with or without quotes. */
	for (size_t i = 0; i + 10 < first.len; i++)
		if (str_starts(str_cut(first, i, first.len), STR("type/scale")))
			return import_limesurvey_tsv(d, bytes, err);
	return unknown(err);
}

static enum err_code import_into(struct draft *d, struct str bytes, struct str *made, enum form_format *format,
                                 struct err *err)
{
	if (bytes.ptr[0] != '{') {
		TRY(import_text(d, bytes, format, err));
		return printed(d->root, d->a, made, err);
	}
	json_error_t e;
	json_t *file = json_loadb(bytes.ptr, bytes.len, 0, &e);
	if (!file)
		return err_set(err, ERR_INPUT, "json.syntax", "", "line %d, column %d: %.160s", e.line, e.column,
		               e.text);
	const bool qsf = json_is_array(json_object_get(file, "SurveyElements"));
	enum err_code rc = OK;
	*format = qsf ? FORM_QSF : FORM_SURVEYJS;
	*made = bytes;
	if (qsf) rc = import_qsf(d, file, err);
	if (qsf && rc == OK) rc = printed(d->root, d->a, made, err);
	json_decref(file);
	return rc;
}

enum err_code form_import(struct str bytes, struct arena *a, struct str *json, enum form_format *format,
                          struct form_problems *notes, struct err *err)
{
	*notes = (struct form_problems){ 0 };
	if (bytes.len > FORM_IMPORT_BYTES_MAX)
		return err_limit(err, "form.import", "", (int64_t)bytes.len, (int64_t)FORM_IMPORT_BYTES_MAX,
		                 "the file has %zu bytes, at most %zu fit", bytes.len, FORM_IMPORT_BYTES_MAX);
	if (str_starts(bytes, STR("\xef\xbb\xbf"))) bytes = str_cut(bytes, 3, bytes.len);
	bytes = str_trim(bytes);
	if (!bytes.len || utf8_valid(bytes.ptr, bytes.len) != bytes.len) return unknown(err);
	struct draft d = {
		.a = a, .notes = notes, .root = json_object(), .pages = json_array(), .names = json_object()
	};
	struct str made = { 0 };
	json_object_set_new(d.root, "pages", d.pages);
	enum err_code rc = import_into(&d, bytes, &made, format, err);
	if (rc == OK) rc = take(made, a, json, notes, err);
	json_decref(d.root);
	json_decref(d.names);
	return rc;
}
