/* Members of the document's objects, checked one by one; what is wrong is said and reading goes on. */
#include <jansson.h>

#include "form/priv.h"

/* The JSON pointer, RFC 6901. */
static struct str pointer(const struct where *w, struct arena *a)
{
	struct str parts[64];
	size_t n = 0;
	char z[24];
	struct buf b;
	buf_init(&b, 4096);
	for (; w && n < COUNT_OF(parts); w = w->up) {
		if (!w->name) {
			snprintf(z, sizeof z, "%zu", w->i);
			parts[n++] = str_copy(a, str_of(z));
		} else if (w->name[0]) parts[n++] = str_of(w->name);
	}
	while (n) {
		const struct str part = parts[--n];
		buf_byte(&b, '/');
		for (size_t i = 0; i < part.len; i++) {
			if (part.ptr[i] == '~') buf_str(&b, STR("~0"));
			else if (part.ptr[i] == '/') buf_str(&b, STR("~1"));
			else buf_byte(&b, part.ptr[i]);
		}
	}
	const struct str out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

enum err_code problem_add(struct form_problems *to, struct arena *a, struct str field, const struct said *s)
{
	if (!s->warning) to->errors++;
	if (to->n == FORM_PROBLEMS_MAX) return OK;
	if (!to->all) to->all = ARENA_ARRAY(a, struct form_problem, FORM_PROBLEMS_MAX);
	if (!to->all) return err_no_memory(NULL);
	to->all[to->n++] = (struct form_problem){ .id = s->id,
		                                  .field = field,
		                                  .warning = s->warning,
		                                  .what = signs_cut(s->what, 80),
		                                  .hint = s->hint,
		                                  .least = s->least,
		                                  .most = s->most,
		                                  .value = s->value };
	return OK;
}

enum err_code problem_at(struct reader *r, const struct where *w, const struct said *s)
{
	return problem_add(r->problems, r->a, pointer(w, r->a), s);
}

static bool absent(const json_t *v)
{
	return !v || json_is_null(v);
}

static struct str text_of(const json_t *v)
{
	return (struct str){ json_string_value(v), json_string_length(v) };
}

enum err_code member_bool(struct reader *r, const json_t *o, const struct where *w, const char *name, bool *out)
{
	const json_t *v = json_object_get(o, name);
	if (absent(v)) return OK;
	if (!json_is_boolean(v))
		return problem_at(r, WHERE(w, name), &(struct said){ .id = WORDS_KEY("form.kind.bool") });
	*out = json_is_true(v);
	return OK;
}

enum err_code member_number(struct reader *r, const json_t *o, const struct where *w, const char *name, double *out,
                            bool *given)
{
	const json_t *v = json_object_get(o, name);
	if (absent(v)) return OK;
	if (!json_is_number(v))
		return problem_at(r, WHERE(w, name), &(struct said){ .id = WORDS_KEY("form.kind.number") });
	*out = json_number_value(v);
	*given = true;
	return OK;
}

static enum err_code too_long(struct reader *r, const struct where *w, size_t bytes, size_t max)
{
	return problem_at(
	        r, w, &(struct said){ .id = WORDS_KEY("form.text_long"), .value = (double)bytes, .most = (double)max });
}

enum err_code member_string(struct reader *r, const json_t *o, const struct where *w, const char *name,
                            size_t max_bytes, struct str *out)
{
	const json_t *v = json_object_get(o, name);
	if (absent(v)) return OK;
	if (!json_is_string(v))
		return problem_at(r, WHERE(w, name), &(struct said){ .id = WORDS_KEY("form.kind.text") });
	if (json_string_length(v) > max_bytes) return too_long(r, WHERE(w, name), json_string_length(v), max_bytes);
	const struct str copy = str_copy(r->a, text_of(v));
	if (!copy.ptr) return err_no_memory(NULL);
	*out = copy;
	return OK;
}

/* --- texts ---------------------------------------------------------------------------------------------- */

static bool language_fine(struct str s)
{
	if (s.len < 2 || s.len > 16) return false;
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (i > 1 && (c == '-' || (c >= '0' && c <= '9')))))
			return false;
	}
	return true;
}

/* Adds the language to those of the document. */
static enum err_code language_seen(struct reader *r, struct str lang, const struct where *w)
{
	struct form *f = r->f;
	for (size_t i = 0; i < f->n_languages; i++)
		if (str_eq(f->languages[i], lang)) return OK;
	if (f->n_languages == FORM_LANGUAGES_MAX)
		return problem_at(r, w,
		                  &(struct said){ .id = WORDS_KEY("form.list_long"), .most = FORM_LANGUAGES_MAX });
	f->languages[f->n_languages++] = lang;
	return OK;
}

/* One text of one language; the document's own goes to the front. */
static enum err_code text_add(struct reader *r, struct str lang, const json_t *v, const struct where *w,
                              struct form_said *into, size_t *n)
{
	if (absent(v)) return OK;
	if (!json_is_string(v)) return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.text") });
	const struct str text = text_of(v);
	if (text.len > FORM_TEXT_BYTES_MAX) return too_long(r, w, text.len, FORM_TEXT_BYTES_MAX);
	if (signs_trim(text).len == 0) return OK;
	for (size_t i = 0; i < *n; i++)
		if (str_eq(into[i].lang, lang)) return OK;
	const struct form_said said = { lang, str_copy(r->a, text) };
	if (!said.text.ptr) return err_no_memory(NULL);
	TRY(language_seen(r, lang, w));
	into[(*n)++] = said;
	if (!str_eq(lang, r->f->locale)) return OK;
	for (size_t i = *n - 1; i > 0; i--) into[i] = into[i - 1];
	into[0] = said;
	return OK;
}

enum err_code form_text_read(struct reader *r, const json_t *v, const struct where *w, struct form_text *out)
{
	if (absent(v)) return OK;
	if (!json_is_string(v) && !json_is_object(v))
		return problem_at(r, w, &(struct said){ .id = WORDS_KEY("form.kind.words") });
	const size_t most = json_is_object(v) ? json_object_size(v) : 1;
	if (most > FORM_LANGUAGES_MAX)
		return problem_at(r, w,
		                  &(struct said){ .id = WORDS_KEY("form.list_long"), .most = FORM_LANGUAGES_MAX });
	struct form_said *all = ARENA_ARRAY(r->a, struct form_said, most);
	size_t n = 0;
	if (!all) return err_no_memory(NULL);
	if (json_is_string(v)) TRY(text_add(r, r->f->locale, v, w, all, &n));
	else {
		const char *name;
		json_t *text;
		json_object_foreach((json_t *)v, name, text)
		{
			struct str lang = str_of(name);
			if (str_eq(lang, STR("default"))) lang = r->f->locale;
			else if (!language_fine(lang)) {
				TRY(problem_at(r, WHERE(w, name),
				               &(struct said){ .id = WORDS_KEY("form.language"),
				                               .what = str_copy(r->a, lang) }));
				continue;
			} else lang = str_copy(r->a, lang);
			if (!lang.ptr) return err_no_memory(NULL);
			TRY(text_add(r, lang, text, WHERE(w, name), all, &n));
		}
	}
	*out = (struct form_text){ all, n };
	return OK;
}

enum err_code member_text(struct reader *r, const json_t *o, const struct where *w, const char *name,
                          struct form_text *out)
{
	return form_text_read(r, json_object_get(o, name), WHERE(w, name), out);
}

/* --- expressions, lists, names ------------------------------------------------------------------------------ */

enum err_code member_expr(struct reader *r, const json_t *o, const struct where *w, const char *name,
                          struct form_expr **out)
{
	const json_t *v = json_object_get(o, name);
	struct err err = { 0 };
	if (absent(v)) return OK;
	if (!json_is_string(v))
		return problem_at(r, WHERE(w, name), &(struct said){ .id = WORDS_KEY("form.kind.text") });
	if (signs_trim(text_of(v)).len == 0) return OK;
	struct said mistake;
	const enum err_code rc = expr_read(text_of(v), r->a, out, &mistake, &err);
	return rc == OK || rc == ERR_NO_MEMORY ? rc : problem_at(r, WHERE(w, name), &mistake);
}

enum err_code member_list(struct reader *r, const json_t *o, const struct where *w, const char *name, size_t max,
                          const json_t **out, size_t *n)
{
	const json_t *v = json_object_get(o, name);
	*out = NULL;
	*n = 0;
	if (absent(v)) return OK;
	if (!json_is_array(v))
		return problem_at(r, WHERE(w, name), &(struct said){ .id = WORDS_KEY("form.kind.list") });
	*out = v;
	*n = json_array_size(v);
	if (*n <= max) return OK;
	const double had = (double)*n;
	*n = max;
	return problem_at(r, WHERE(w, name),
	                  &(struct said){ .id = WORDS_KEY("form.list_long"), .value = had, .most = (double)max });
}

/* Names stand between braces in expressions and before brackets in posted forms; "_" belongs to pages. */
static bool name_fine(struct str s)
{
	if (s.len > FORM_NAME_BYTES_MAX || s.ptr[0] == '_' || str_ends(s, STR("-Comment"))) return false;
	if (signs_trim(s).len != s.len) return false;
	for (size_t i = 0; i < s.len;) {
		const uint32_t c = utf8_next(s, &i);
		if (c < ' ' || c == '{' || c == '}' || c == '[' || c == ']' || sign_direction(c)) return false;
	}
	return true;
}

enum err_code member_name(struct reader *r, const json_t *o, const struct where *w, struct str *out)
{
	struct str s = STR("");
	const json_t *v = json_object_get(o, "name");
	TRY(member_string(r, o, w, "name", FORM_TEXT_BYTES_MAX, &s));
	if (s.len == 0)
		return absent(v) || json_is_string(v)
		               ? problem_at(r, WHERE(w, "name"), &(struct said){ .id = WORDS_KEY("form.name_missing") })
		               : OK;
	*out = s;
	if (name_fine(s)) return OK;
	return problem_at(r, WHERE(w, "name"),
	                  &(struct said){ .id = WORDS_KEY("form.name_bad"), .what = s, .most = FORM_NAME_BYTES_MAX });
}

enum err_code members_known(struct reader *r, const json_t *o, const struct where *w, const char *const *known)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)o, name, v)
	{
		size_t k = 0;
		while (known[k] && strcmp(known[k], name) != 0) k++;
		if (known[k]) continue;
		const struct str s = str_of(name);
		size_t u = 0;
		while (u < r->n_unknown && !str_eq(r->unknown[u], s)) u++;
		if (u < r->n_unknown || u == FORM_PROBLEMS_MAX) continue;
		r->unknown[u] = str_copy(r->a, s);
		if (!r->unknown[u].ptr) return err_no_memory(NULL);
		r->n_unknown++;
		TRY(problem_at(
		        r, WHERE(w, name),
		        &(struct said){ .id = WORDS_KEY("form.member"), .warning = true, .what = r->unknown[u] }));
	}
	return OK;
}
