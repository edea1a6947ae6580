/* Answers as a page without JavaScript sends them: application/x-www-form-urlencoded. */
#include "form/priv.h"

struct sent {
	struct str name, part, value; /* part: between brackets, ptr NULL when there are none */
};

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

static enum err_code decode(struct str s, struct arena *a, struct str *out, struct err *err)
{
	char *z = arena_alloc(a, s.len + 1);
	size_t n = 0;
	bool fine = true;
	if (!z) return err_no_memory(err);
	for (size_t i = 0; i < s.len && fine; i++) {
		char c = s.ptr[i] == '+' ? ' ' : s.ptr[i];
		if (c == '%') {
			fine = i + 2 < s.len && hex(s.ptr[i + 1]) >= 0 && hex(s.ptr[i + 2]) >= 0;
			if (fine) c = (char)(hex(s.ptr[i + 1]) * 16 + hex(s.ptr[i + 2]));
			i += 2;
		}
		z[n++] = c;
	}
	*out = (struct str){ z, n };
	if (fine && utf8_valid(z, n) == n && !memchr(z, '\0', n)) return OK;
	const enum err_code rc =
	        err_set(err, ERR_INPUT, "form.encoding", "", "the answers are not sent as a form sends them");
	err_hint(err, "Send application/x-www-form-urlencoded in UTF-8.");
	return rc;
}

static enum err_code read_pair(const struct form *f, struct str pair, struct arena *a, struct sent *out,
                               struct err *err)
{
	const size_t equals = str_find(pair, '=');
	struct str key;
	TRY(decode(str_cut(pair, 0, equals), a, &key, err));
	TRY(decode(str_cut(pair, equals + 1, pair.len), a, &out->value, err));
	out->name = key;
	out->part = (struct str){ 0 };
	const size_t open = str_find(key, '[');
	if (form_question(f, key) || open == key.len || key.ptr[key.len - 1] != ']') return OK;
	out->name = str_cut(key, 0, open);
	out->part = str_cut(key, open + 1, key.len - 1);
	return OK;
}

static enum err_code read_pairs(const struct form *f, struct str body, struct arena *a, struct sent *out, size_t *n,
                                struct err *err)
{
	*n = 0;
	while (body.len) {
		const size_t end = str_find(body, '&');
		const struct str pair = str_cut(body, 0, end);
		body = str_cut(body, end + 1, body.len);
		if (!pair.len || pair.ptr[0] == '_') continue;
		if (*n == FORM_ANSWERS_MAX)
			return err_limit(err, "form.answers", "", FORM_ANSWERS_MAX + 1, FORM_ANSWERS_MAX,
			                 "at most %d fields can be sent", FORM_ANSWERS_MAX);
		TRY(read_pair(f, pair, a, &out[*n], err));
		if (signs_trim(out[*n].value).len) ++*n;
	}
	return OK;
}

/* All values of one name as a list. */
static enum err_code list_of(const struct sent *all, size_t n, struct str name, struct arena *a, struct form_value *out,
                             struct err *err)
{
	struct form_value *items = ARENA_ARRAY(a, struct form_value, n);
	size_t k = 0;
	if (!items) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, name) && !all[i].part.ptr) items[k++] = value_text(all[i].value);
	*out = (struct form_value){ .kind = FORM_LIST, .items = items, .n = k };
	return OK;
}

/* NAME[ROW]=value: an object by row. */
static enum err_code object_of(const struct sent *all, size_t n, struct str name, struct arena *a,
                               struct form_value *out, struct err *err)
{
	struct form_value *items = ARENA_ARRAY(a, struct form_value, n);
	struct str *names = ARENA_ARRAY(a, struct str, n);
	size_t k = 0;
	if (!items || !names) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(all[i].name, name) || !all[i].part.ptr) continue;
		size_t at = 0;
		while (at < k && !str_eq(names[at], all[i].part)) at++;
		names[at] = all[i].part;
		items[at] = value_text(all[i].value);
		if (at == k) k++;
	}
	*out = (struct form_value){ .kind = FORM_OBJECT, .items = items, .names = names, .n = k };
	return OK;
}

/* NAME[VALUE]=place: a list in the order of the places; one without a place is not ranked. */
static enum err_code ranking_of(const struct form_value *places, struct arena *a, struct form_value *out,
                                struct err *err)
{
	struct form_value *items = ARENA_ARRAY(a, struct form_value, places->n);
	double *at = ARENA_ARRAY(a, double, places->n);
	size_t k = 0;
	if (!items || !at) return err_no_memory(err);
	for (size_t i = 0; i < places->n; i++) {
		double place;
		if (!form_number(places->items[i].text, &place)) continue;
		size_t j = k++;
		for (; j > 0 && at[j - 1] > place; j--) at[j] = at[j - 1], items[j] = items[j - 1];
		at[j] = place;
		items[j] = value_text(places->names[i]);
	}
	*out = (struct form_value){ .kind = FORM_LIST, .items = items, .n = k };
	return OK;
}

static bool is_list(const struct form_question *q)
{
	return q->type == FORM_CHECKBOX || q->type == FORM_TAGBOX || q->type == FORM_RANKING ||
	       (q->type == FORM_IMAGEPICKER && q->multiple);
}

static enum err_code value_of(const struct form *f, const struct sent *all, size_t n, const struct sent *one,
                              struct arena *a, struct form_value *out, struct err *err)
{
	const struct form_question *q = form_question(f, one->name);
	if (one->part.ptr) {
		struct form_value object;
		TRY(object_of(all, n, one->name, a, &object, err));
		if (q && q->type == FORM_RANKING) return ranking_of(&object, a, out, err);
		*out = object;
		return OK;
	}
	if (q && is_list(q)) return list_of(all, n, one->name, a, out, err);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, one->name) && !all[i].part.ptr) *out = value_text(all[i].value);
	return OK;
}

enum err_code form_answers_form(const struct form *f, struct str body, struct arena *a, struct form_answers *out,
                                struct err *err)
{
	size_t room = 1;
	for (size_t i = 0; i < body.len && room < FORM_ANSWERS_MAX; i++) room += body.ptr[i] == '&';
	struct sent *all = ARENA_ARRAY(a, struct sent, room);
	struct form_value *items = ARENA_ARRAY(a, struct form_value, room);
	struct str *names = ARENA_ARRAY(a, struct str, room);
	size_t n, k = 0;
	if (!all || !items || !names) return err_no_memory(err);
	if (body.len > 3 * FORM_ANSWERS_BYTES_MAX)
		return err_limit(err, "form.answers", "", (int64_t)body.len, (int64_t)(3 * FORM_ANSWERS_BYTES_MAX),
		                 "answers have at most %zu bytes", 3 * FORM_ANSWERS_BYTES_MAX);
	TRY(read_pairs(f, body, a, all, &n, err));
	for (size_t i = 0; i < n; i++) {
		size_t before = 0;
		while (before < k && !str_eq(names[before], all[i].name)) before++;
		if (before < k) continue;
		TRY(value_of(f, all, n, &all[i], a, &items[k], err));
		names[k++] = all[i].name;
	}
	out->all = (struct form_value){ .kind = FORM_OBJECT, .items = items, .names = names, .n = k };
	return OK;
}
