/* Values: what answers and expressions are made of. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "form/priv.h"

struct form_value value_text(struct str s)
{
	return (struct form_value){ .kind = FORM_STRING, .text = s };
}

struct form_value value_number(double v)
{
	if (!isfinite(v)) return (struct form_value){ 0 };
	return (struct form_value){ .kind = FORM_NUMBER, .number = v == 0 ? 0 : v };
}

struct form_value value_bool(bool v)
{
	return (struct form_value){ .kind = FORM_BOOL, .yes = v };
}

bool form_value_empty(const struct form_value *v)
{
	switch (v->kind) {
	case FORM_NOTHING: return true;
	case FORM_STRING: return signs_trim(v->text).len == 0;
	case FORM_LIST:
	case FORM_OBJECT: return v->n == 0;
	default: return false;
	}
}

bool form_value_true(const struct form_value *v)
{
	if (v->kind == FORM_BOOL) return v->yes;
	if (v->kind == FORM_NUMBER) return v->number != 0;
	return !form_value_empty(v);
}

/* ASCII of a typed number, signs of direction gone; 0 when a sign has no place in a number. */
static size_t number_signs(struct str s, char out[48])
{
	size_t n = 0;
	for (size_t i = 0; i < s.len;) {
		const uint32_t c = utf8_next(s, &i);
		if (sign_direction(c)) continue;
		if (n == 40) return 0;
		if (sign_digit(c) >= 0) out[n++] = (char)('0' + sign_digit(c));
		else if (c == '.' || c == 0x66b) out[n++] = '.';
		else if (c == ',' || c == 0x66c) out[n++] = ',';
		else if (c == '-' || c == 0x2212) out[n++] = '-';
		else if (c == '+') out[n++] = '+';
		else return 0;
	}
	return n;
}

static size_t digits_from(const char *z, size_t i, size_t n)
{
	size_t k = i;
	while (k < n && z[k] >= '0' && z[k] <= '9') k++;
	return k - i;
}

bool form_number(struct str text, double *out)
{
	char z[48], plain[48];
	const size_t n = number_signs(signs_trim(text), z);
	size_t i = 0, w = 0;
	for (size_t k = 0; k < text.len; k++) /* other white space than that is no slip of a thumb */
		if ((unsigned char)text.ptr[k] < ' ' && !strchr("\t\n\r", text.ptr[k] ? text.ptr[k] : 1)) return false;
	if (n == 0) return false;
	if (z[0] == '-' || z[0] == '+') plain[w++] = z[i++];
	const size_t first = digits_from(z, i, n);
	memcpy(plain + w, z + i, first);
	w += first, i += first;
	if (i < n && z[i] == ',' && (first < 1 || first > 3)) return false;
	while (i < n && z[i] == ',') {
		if (digits_from(z, i + 1, n) != 3) return false;
		memcpy(plain + w, z + i + 1, 3);
		w += 3, i += 4;
	}
	if (i < n && z[i] == '.') {
		const size_t fraction = digits_from(z, i + 1, n);
		if (fraction == 0) return false;
		memcpy(plain + w, z + i, fraction + 1);
		w += fraction + 1, i += fraction + 1;
	} else if (first == 0) return false;
	if (i != n || !str_to_double((struct str){ plain, w }, out)) return false;
	if (*out == 0) *out = 0;
	return true;
}

struct str value_decimal(double v, struct arena *a)
{
	char z[40];
	const double size = fabs(v);
	if (v == 0) return STR("0");
	if (!isfinite(v) || size < 1e-6 || size >= 1e21) return STR("");
	int precision = 0;
	do snprintf(z, sizeof z, "%.*e", precision, size);
	while (strtod(z, NULL) != size && ++precision < 17);
	/* z is d.ddde±xx: its digits, and where the point belongs. */
	char digits[24];
	size_t n = 0;
	const char *p = z;
	for (; *p != 'e'; p++)
		if (*p != '.') digits[n++] = *p;
	const long point = strtol(p + 1, NULL, 10) + 1;
	struct buf b;
	buf_init(&b, 64);
	if (v < 0) buf_byte(&b, '-');
	if (point <= 0) buf_str(&b, STR("0."));
	for (long k = point; k < 0; k++) buf_byte(&b, '0');
	for (long k = 0; k < (long)n || k < point; k++) {
		if (k == point && k > 0) buf_byte(&b, '.');
		buf_byte(&b, k < (long)n ? digits[k] : '0');
	}
	const struct str out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

bool value_day(struct str s, int64_t *out_day)
{
	int d[10];
	size_t i = 0;
	s = signs_trim(s);
	for (int k = 0; k < 10; k++) {
		if (i >= s.len) return false;
		const uint32_t c = utf8_next(s, &i);
		d[k] = sign_digit(c);
		if ((k == 4 || k == 7) ? c != '-' : d[k] < 0) return false;
	}
	if (i < s.len && s.ptr[i] != 'T' && s.ptr[i] != ' ') return false;
	const struct civil c = { .year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3],
		                 .month = d[5] * 10 + d[6],
		                 .day = d[8] * 10 + d[9] };
	if (c.year < 1000 || !civil_valid(&c)) return false;
	*out_day = when_days(c.year, c.month, c.day);
	return true;
}

struct str value_day_text(int64_t day, struct arena *a)
{
	struct civil c;
	when_to_civil(day * WHEN_DAY_MS, &c);
	return str_format(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

/* --- objects ---------------------------------------------------------------------------------------- */

const struct form_value *value_member(const struct form_value *object, struct str name)
{
	if (object->kind != FORM_OBJECT) return NULL;
	for (size_t i = 0; i < object->n; i++)
		if (str_eq(object->names[i], name)) return &object->items[i];
	return NULL;
}

const struct form_value *form_answer(const struct form_answers *f, struct str name)
{
	const struct form_value *v = value_member(&f->all, name);
	return v && !form_value_empty(v) ? v : NULL;
}

enum err_code form_answers_with(const struct form_answers *f, struct str name, struct form_value value, struct arena *a,
                                struct form_answers *out, struct err *err)
{
	const size_t n = f->all.n;
	struct str *names = ARENA_ARRAY(a, struct str, n + 1);
	struct form_value *items = ARENA_ARRAY(a, struct form_value, n + 1);
	if (!names || !items) return err_no_memory(err);
	size_t at = n;
	for (size_t i = 0; i < n; i++) {
		names[i] = f->all.names[i];
		items[i] = f->all.items[i];
		if (str_eq(names[i], name)) at = i;
	}
	names[at] = name;
	items[at] = value;
	out->all = (struct form_value){ .kind = FORM_OBJECT, .items = items, .names = names, .n = at == n ? n + 1 : n };
	return OK;
}

/* --- JSON -------------------------------------------------------------------------------------------- */

struct value_reader {
	struct json_reader r;
	struct arena *a;
	struct err *err;
	int depth;
};

static enum err_code read_value(struct value_reader *x, enum json_token t, struct form_value *out);

static enum err_code too_much(struct value_reader *x, int64_t value, int64_t limit, const char *what)
{
	return err_limit(x->err, "form.answers", "", value, limit, "answers have at most %lld %s", (long long)limit,
	                 what);
}

/* Room that doubles, for items and for names. */
struct growing {
	struct form_value *items;
	struct str *names;
	size_t n, cap;
};

static enum err_code grow(struct value_reader *x, struct growing *g)
{
	if (g->n == FORM_ANSWERS_MAX) return too_much(x, FORM_ANSWERS_MAX + 1, FORM_ANSWERS_MAX, "entries of one kind");
	if (g->n < g->cap) return OK;
	const size_t cap = g->cap ? g->cap * 2 : 8;
	struct form_value *items = ARENA_ARRAY(x->a, struct form_value, cap);
	struct str *names = ARENA_ARRAY(x->a, struct str, cap);
	if (!items || !names) return err_no_memory(x->err);
	for (size_t i = 0; i < g->n; i++) items[i] = g->items[i], names[i] = g->names[i];
	g->items = items, g->names = names, g->cap = cap;
	return OK;
}

static enum err_code read_string(struct value_reader *x, struct str *out)
{
	if (!json_text(&x->r, x->a, out)) return err_no_memory(x->err);
	*out = str_copy(x->a, *out);
	return out->ptr ? OK : err_no_memory(x->err);
}

static enum err_code read_list(struct value_reader *x, struct form_value *out)
{
	struct growing g = { 0 };
	for (enum json_token t; (t = json_next(&x->r)) != JT_ARRAY_END; g.n++) {
		if (t == JT_ERROR) return json_error(&x->r, x->err);
		TRY(grow(x, &g));
		TRY(read_value(x, t, &g.items[g.n]));
	}
	*out = (struct form_value){ .kind = FORM_LIST, .items = g.items, .n = g.n };
	return OK;
}

/* Which of both was meant nobody knows, and two readers would take another one each. */
static enum err_code twice(struct value_reader *x, struct str name)
{
	const enum err_code rc = err_set(x->err, ERR_INPUT, "form.answers_twice", "",
	                                 "\"" STR_FMT "\" is answered twice", STR_ARG(str_cut(name, 0, 80)));
	if (x->err) snprintf(x->err->field, sizeof x->err->field, STR_FMT, STR_ARG(str_cut(name, 0, 60)));
	return rc;
}

static enum err_code read_object(struct value_reader *x, struct form_value *out)
{
	struct growing g = { 0 };
	for (enum json_token t; (t = json_next(&x->r)) != JT_OBJECT_END;) {
		if (t != JT_KEY) return json_error(&x->r, x->err);
		struct str name;
		TRY(read_string(x, &name));
		for (size_t at = 0; at < g.n; at++)
			if (str_eq(g.names[at], name)) return twice(x, name);
		TRY(grow(x, &g));
		g.names[g.n] = name;
		TRY(read_value(x, json_next(&x->r), &g.items[g.n++]));
	}
	*out = (struct form_value){ .kind = FORM_OBJECT, .items = g.items, .names = g.names, .n = g.n };
	return OK;
}

static enum err_code read_value(struct value_reader *x, enum json_token t, struct form_value *out)
{
	double number;
	enum err_code rc = OK;
	*out = (struct form_value){ 0 };
	switch (t) {
	case JT_NULL: return OK;
	case JT_TRUE:
	case JT_FALSE: *out = value_bool(t == JT_TRUE); return OK;
	case JT_NUMBER:
		if (!str_to_double(x->r.raw, &number))
			return too_much(x, (int64_t)x->r.raw.len, 63, "digits in one number");
		*out = value_number(number);
		return OK;
	case JT_STRING: out->kind = FORM_STRING; return read_string(x, &out->text);
	case JT_OBJECT:
	case JT_ARRAY:
		if (x->depth == FORM_VALUE_DEPTH_MAX)
			return too_much(x, FORM_VALUE_DEPTH_MAX + 1, FORM_VALUE_DEPTH_MAX, "levels");
		x->depth++;
		rc = t == JT_OBJECT ? read_object(x, out) : read_list(x, out);
		x->depth--;
		return rc;
	default: return json_error(&x->r, x->err);
	}
}

enum err_code form_answers_json(struct str json, struct arena *a, struct form_answers *out, struct err *err)
{
	struct value_reader x = { .a = a, .err = err };
	struct form_value v;
	if (json.len > FORM_ANSWERS_BYTES_MAX)
		return too_much(&x, (int64_t)json.len, (int64_t)FORM_ANSWERS_BYTES_MAX, "bytes");
	json_read(&x.r, json);
	TRY(read_value(&x, json_next(&x.r), &v));
	if (json_next(&x.r) != JT_END) return json_error(&x.r, err);
	if (v.kind != FORM_OBJECT) {
		enum err_code rc = err_set(err, ERR_INPUT, "form.answers", "", "answers are an object by question");
		err_hint(err, "Send an object such as {\"nps\": 9, \"why\": \"quick\"}.");
		return rc;
	}
	out->all = v;
	return OK;
}

void value_print(struct json_out *o, const struct form_value *v)
{
	switch (v->kind) {
	case FORM_NOTHING: json_put_null(o); return;
	case FORM_BOOL: json_put_bool(o, v->yes); return;
	case FORM_NUMBER: json_put_double(o, v->number); return;
	case FORM_STRING: json_put_str(o, v->text); return;
	case FORM_LIST:
		json_open(o, '[');
		for (size_t i = 0; i < v->n; i++) value_print(o, &v->items[i]);
		json_close(o, ']');
		return;
	case FORM_OBJECT:
		json_open(o, '{');
		for (size_t i = 0; i < v->n; i++) {
			json_key_str(o, v->names[i]);
			value_print(o, &v->items[i]);
		}
		json_close(o, '}');
		return;
	}
}

void form_answers_print(const struct form_answers *f, struct buf *out)
{
	struct json_out o;
	const struct form_value none = { .kind = FORM_OBJECT };
	json_out_init(&o, out);
	value_print(&o, f->all.kind == FORM_OBJECT ? &f->all : &none);
}
