#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What may come next. */
enum { S_VALUE, S_FIRST_KEY, S_KEY, S_COLON, S_FIRST_ELEMENT, S_AFTER, S_DONE, S_ERROR };

void json_read(struct json_reader *r, struct str text)
{
	*r = (struct json_reader){ .p = text.ptr, .start = text.ptr, .end = text.ptr + text.len, .state = S_VALUE };
	if (!text.ptr) r->p = r->start = r->end = "";
}

static enum json_token fail(struct json_reader *r, const char *why)
{
	if (r->state != S_ERROR) r->error = why;
	r->state = S_ERROR;
	return JT_ERROR;
}

static void space(struct json_reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) r->p++;
}

static void after_value(struct json_reader *r)
{
	r->state = r->depth ? S_AFTER : S_DONE;
}

static bool hex4(const char *p, const char *end, uint32_t *out)
{
	if (end - p < 4) return false;
	uint32_t v = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		uint32_t d;
		if (c >= '0' && c <= '9') d = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f') d = (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F') d = (uint32_t)(c - 'A' + 10);
		else return false;
		v = v * 16 + d;
	}
	*out = v;
	return true;
}

/*
 * Where ASCII that means itself ends: at a quote, a backslash, a control or
 * a byte of a longer character. Eight bytes at a time: the lowest high bit in
 * `odd` is that of the first such byte (borrows only reach those above it).
 */
static const char *plain_end(const char *p, const char *end)
{
	const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
	for (; end - p >= 8; p += 8) {
		uint64_t x;
		memcpy(&x, p, sizeof x);
		const uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
		const uint64_t odd = ((x - ones * 0x20) | (quote - ones) | (slash - ones) | x) & high;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		if (odd) return p + __builtin_ctzll(odd) / 8;
#else
		if (odd) break;
#endif
	}
	while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\') p++;
	return p;
}

/* p stands behind the opening quote. */
static bool string(struct json_reader *r)
{
	const char *from = r->p;
	bool high = false;
	r->escaped = false;
	for (; (r->p = plain_end(r->p, r->end)) < r->end && *r->p != '"'; r->p++) {
		unsigned char c = (unsigned char)*r->p;
		if (c < 0x20) return fail(r, "a control character stands in a string"), false;
		if (c >= 0x80) {
			high = true;
			while (r->end - r->p > 1 && (unsigned char)r->p[1] >= 0x80) r->p++;
		}
		if (c != '\\') continue;
		r->escaped = true;
		if (++r->p >= r->end) break;
		uint32_t cp;
		if (*r->p == 'u') {
			if (!hex4(r->p + 1, r->end, &cp)) return fail(r, "\\u needs four hex digits"), false;
			r->p += 4;
		} else if (!strchr("\"\\/bfnrt", *r->p) || *r->p == '\0')
			return fail(r, "an unknown escape stands in a string"), false;
	}
	if (r->p >= r->end) return fail(r, "a string is not closed"), false;
	r->raw = (struct str){ from, (size_t)(r->p - from) };
	if (high) {
		size_t ok = utf8_valid(from, r->raw.len);
		if (ok != r->raw.len) {
			r->p = from + ok;
			return fail(r, "a string is not valid UTF-8"), false;
		}
	}
	r->p++;
	return true;
}

static bool digit_run(struct json_reader *r)
{
	const char *from = r->p;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') r->p++;
	return r->p > from;
}

static bool number(struct json_reader *r)
{
	const char *from = r->p;
	if (*r->p == '-') r->p++;
	if (r->p < r->end && *r->p == '0') r->p++;
	else if (!digit_run(r)) return fail(r, "a value is not JSON"), false;
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!digit_run(r)) return fail(r, "a number ends in its point"), false;
	}
	bool exponent = false;
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		exponent = true;
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-')) r->p++;
		if (!digit_run(r)) return fail(r, "a number's exponent has no digits"), false;
	}
	r->raw = (struct str){ from, (size_t)(r->p - from) };
	if (exponent || r->raw.len > 300) {
		/* Only an exponent or hundreds of digits can leave the range of a double. */
		char z[400];
		if (r->raw.len >= sizeof z) return fail(r, "a number has too many digits"), false;
		memcpy(z, from, r->raw.len);
		z[r->raw.len] = '\0';
		if (!isfinite(strtod(z, NULL))) return fail(r, "a number is too large"), false;
	}
	return true;
}

static bool word(struct json_reader *r, const char *w, size_t n)
{
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, w, n) != 0) return fail(r, "a value is not JSON"), false;
	r->p += n;
	return true;
}

static enum json_token open_level(struct json_reader *r, enum json_token token)
{
	if (r->depth == JSON_DEPTH_MAX) return fail(r, "it is nested more than 64 deep");
	r->closers[r->depth++] = token == JT_OBJECT ? '}' : ']';
	r->state = token == JT_OBJECT ? S_FIRST_KEY : S_FIRST_ELEMENT;
	r->p++;
	return token;
}

static enum json_token close_level(struct json_reader *r)
{
	enum json_token token = r->closers[--r->depth] == '}' ? JT_OBJECT_END : JT_ARRAY_END;
	r->p++;
	after_value(r);
	return token;
}

static enum json_token value(struct json_reader *r)
{
	bool ok;
	enum json_token token;
	switch (*r->p) {
	case '{': return open_level(r, JT_OBJECT);
	case '[': return open_level(r, JT_ARRAY);
	case '"':
		r->p++;
		ok = string(r);
		token = JT_STRING;
		break;
	case 't': ok = word(r, "true", 4), token = JT_TRUE; break;
	case 'f': ok = word(r, "false", 5), token = JT_FALSE; break;
	case 'n': ok = word(r, "null", 4), token = JT_NULL; break;
	default: ok = number(r), token = JT_NUMBER; break;
	}
	if (!ok) return JT_ERROR;
	after_value(r);
	return token;
}

static enum json_token key(struct json_reader *r)
{
	if (*r->p != '"') return fail(r, "a member needs a name in quotes");
	r->p++;
	if (!string(r)) return JT_ERROR;
	r->state = S_COLON;
	return JT_KEY;
}

enum json_token json_next(struct json_reader *r)
{
	space(r);
	if (r->state == S_ERROR) return JT_ERROR;
	if (r->state == S_DONE) return r->p == r->end ? JT_END : fail(r, "something follows the end of the value");
	if (r->p == r->end) return fail(r, r->start == r->end ? "there is nothing to read" : "it ends too early");

	if (r->state == S_COLON) {
		if (*r->p != ':') return fail(r, "a colon is missing");
		r->p++;
		space(r);
		if (r->p == r->end) return fail(r, "it ends too early");
		return value(r);
	}
	if (r->state == S_FIRST_KEY) return *r->p == '}' ? close_level(r) : key(r);
	if (r->state == S_FIRST_ELEMENT) return *r->p == ']' ? close_level(r) : value(r);
	if (r->state == S_AFTER) {
		if ((uint8_t)*r->p == r->closers[r->depth - 1]) return close_level(r);
		if (*r->p != ',') return fail(r, "a comma is missing");
		r->p++;
		space(r);
		if (r->p == r->end) return fail(r, "it ends too early");
		return r->closers[r->depth - 1] == '}' ? key(r) : value(r);
	}
	return value(r);
}

bool json_skip(struct json_reader *r, enum json_token just_read)
{
	if (just_read != JT_OBJECT && just_read != JT_ARRAY) return just_read != JT_ERROR;
	int depth = r->depth - 1;
	while (r->depth > depth)
		if (json_next(r) == JT_ERROR) return false;
	return true;
}

bool json_slice(struct json_reader *r, enum json_token just_read, struct str *out)
{
	const char *from;
	switch (just_read) {
	case JT_OBJECT:
	case JT_ARRAY: from = r->p - 1; break;
	case JT_STRING: from = r->raw.ptr - 1; break;
	case JT_NUMBER: from = r->raw.ptr; break;
	case JT_TRUE:
	case JT_NULL: from = r->p - 4; break;
	case JT_FALSE: from = r->p - 5; break;
	default: return false;
	}
	if (!json_skip(r, just_read)) return false;
	*out = (struct str){ from, (size_t)(r->p - from) };
	return true;
}

/* One escape at p (behind the backslash) to UTF-8; returns how many bytes it took. */
static size_t unescape(const char *p, const char *end, char out[4], size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (*p != 'u') {
		out[0] = to[strchr(from, *p) - from];
		*n = 1;
		return 1;
	}
	uint32_t cp = 0, low;
	hex4(p + 1, end, &cp);
	size_t took = 5;
	if (cp >= 0xD800 && cp < 0xDC00 && end - p >= 11 && p[5] == '\\' && p[6] == 'u' && hex4(p + 7, end, &low) &&
	    low >= 0xDC00 && low < 0xE000) {
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
		took = 11;
	}
	*n = utf8_put(out, cp);
	return took;
}

static bool decode(struct str raw, struct arena *a, struct str *out)
{
	char *w = arena_alloc(a, raw.len + 1); /* decoding never grows: \u00e9 is six bytes for two */
	if (!w) return false;
	const char *p = raw.ptr, *end = raw.ptr + raw.len;
	size_t len = 0;
	while (p < end) {
		if (*p != '\\') {
			w[len++] = *p++;
			continue;
		}
		char four[4];
		size_t n;
		p += 1 + unescape(p + 1, end, four, &n);
		memcpy(w + len, four, n);
		len += n;
	}
	*out = (struct str){ w, len };
	return true;
}

bool json_text(const struct json_reader *r, struct arena *a, struct str *out)
{
	if (r->escaped) return decode(r->raw, a, out);
	*out = r->raw;
	return true;
}

size_t json_offset(const struct json_reader *r)
{
	return (size_t)(r->p - r->start);
}

enum err_code json_error(const struct json_reader *r, struct err *err)
{
	int line = 1, column = 1;
	for (const char *p = r->start; p < r->p && p < r->end; p++) {
		column++;
		if (*p == '\n') line++, column = 1;
	}
	err_set(err, ERR_INPUT, "json.syntax", "", "not JSON at line %d, column %d: %s", line, column,
	        r->error ? r->error : "unreadable");
	err_hint(err, "Check the text with a JSON tool; Safar reads RFC 8259 without extensions.");
	return ERR_INPUT;
}

/* --- canonical form ------------------------------------------------------ */

struct member {
	struct str key;   /* decoded */
	struct str value; /* canonical bytes in the arena */
	size_t order;
};

static int by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int c = str_cmp(x->key, y->key);
	return c ? c : (x->order > y->order) - (x->order < y->order);
}

static enum err_code canonical_value(struct json_reader *r, enum json_token t, struct arena *a, struct buf *out,
                                     struct err *err);

static enum err_code canonical_object(struct json_reader *r, struct arena *a, struct buf *out, struct err *err)
{
	size_t n = 0, cap = 8;
	struct member *m = ARENA_ARRAY(a, struct member, cap);
	if (!m) return err_no_memory(err);
	for (enum json_token t; (t = json_next(r)) != JT_OBJECT_END; n++) {
		if (t != JT_KEY) return json_error(r, err);
		if (n == cap) {
			struct member *grown = ARENA_ARRAY(a, struct member, cap * 2);
			if (!grown) return err_no_memory(err);
			memcpy(grown, m, n * sizeof *m);
			m = grown;
			cap *= 2;
		}
		struct str k;
		if (!json_text(r, a, &k)) return err_no_memory(err);
		m[n].key = k;
		m[n].order = n;
		/* The value is written at the end of `out` and moved to the arena: its place is known after sorting. */
		size_t at = out->len;
		TRY(canonical_value(r, json_next(r), a, out, err));
		TRY(buf_check(out, err));
		m[n].value = str_copy(a, (struct str){ out->ptr + at, out->len - at });
		if (!m[n].value.ptr) return err_no_memory(err);
		out->len = at;
	}
	qsort(m, n, sizeof *m, by_key);
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(m[i].key, m[i + 1].key)) continue; /* the last of one name stands */
		json_key_str(&o, m[i].key);
		json_put_raw(&o, m[i].value);
	}
	json_close(&o, '}');
	return OK;
}

static enum err_code canonical_array(struct json_reader *r, struct arena *a, struct buf *out, struct err *err)
{
	bool comma = false;
	buf_byte(out, '[');
	for (enum json_token t; (t = json_next(r)) != JT_ARRAY_END; comma = true) {
		if (comma && t != JT_ERROR) buf_byte(out, ',');
		TRY(canonical_value(r, t, a, out, err));
	}
	buf_byte(out, ']');
	return OK;
}

static enum err_code canonical_value(struct json_reader *r, enum json_token t, struct arena *a, struct buf *out,
                                     struct err *err)
{
	struct json_out o;
	struct str text;
	switch (t) {
	case JT_OBJECT: return canonical_object(r, a, out, err);
	case JT_ARRAY: return canonical_array(r, a, out, err);
	case JT_STRING:
		if (!json_text(r, a, &text)) return err_no_memory(err);
		json_out_init(&o, out);
		json_put_str(&o, text);
		return OK;
	case JT_NUMBER: buf_str(out, r->raw); return OK;
	case JT_TRUE: buf_str(out, STR("true")); return OK;
	case JT_FALSE: buf_str(out, STR("false")); return OK;
	case JT_NULL: buf_str(out, STR("null")); return OK;
	default: return json_error(r, err);
	}
}

enum err_code json_canonical(struct str text, struct arena *scratch, struct buf *out, struct err *err)
{
	struct json_reader r;
	json_read(&r, text);
	TRY(canonical_value(&r, json_next(&r), scratch, out, err));
	if (json_next(&r) != JT_END) return json_error(&r, err);
	return buf_check(out, err);
}

/* --- look-up --------------------------------------------------------------- */

/* Stands at the value of the first member named `key`, its first token in *t. */
static bool find(struct str object, struct str key, struct json_reader *r, enum json_token *t)
{
	struct arena a;
	arena_init(&a, 64 * 1024);
	bool hit = false;
	json_read(r, object);
	if (json_next(r) == JT_OBJECT) {
		while (!hit && json_next(r) == JT_KEY) {
			struct str name;
			hit = json_text(r, &a, &name) && str_eq(name, key);
			*t = json_next(r);
			if (!hit && !json_skip(r, *t)) break;
		}
	}
	arena_done(&a);
	return hit && *t != JT_ERROR;
}

bool json_get(struct str object, struct str key, struct str *out)
{
	struct json_reader r;
	enum json_token t;
	return find(object, key, &r, &t) && json_slice(&r, t, out);
}

bool json_get_text(struct str object, struct str key, struct arena *a, struct str *out)
{
	struct json_reader r;
	enum json_token t;
	return find(object, key, &r, &t) && t == JT_STRING && json_text(&r, a, out);
}

bool json_get_number(struct str object, struct str key, double *out)
{
	struct json_reader r;
	enum json_token t;
	return find(object, key, &r, &t) && t == JT_NUMBER && str_to_double(r.raw, out);
}

bool json_get_i64(struct str object, struct str key, int64_t *out)
{
	struct json_reader r;
	enum json_token t;
	return find(object, key, &r, &t) && t == JT_NUMBER && str_to_i64(r.raw, out);
}

/* --- writer ------------------------------------------------------------------ */

void json_out_init(struct json_out *o, struct buf *b)
{
	*o = (struct json_out){ .buf = b };
}

static void element(struct json_out *o)
{
	if (o->comma) buf_byte(o->buf, ',');
	o->comma = true;
}

void json_open(struct json_out *o, char bracket)
{
	element(o);
	buf_byte(o->buf, bracket);
	o->comma = false;
}

void json_close(struct json_out *o, char bracket)
{
	buf_byte(o->buf, bracket);
	o->comma = true;
}

static void quoted(struct buf *b, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	buf_byte(b, '"');
	size_t from = 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c >= 0x20 && c != '"' && c != '\\') continue;
		buf_put(b, s.ptr + from, i - from);
		from = i + 1;
		switch (c) {
		case '"': buf_str(b, STR("\\\"")); break;
		case '\\': buf_str(b, STR("\\\\")); break;
		case '\n': buf_str(b, STR("\\n")); break;
		case '\r': buf_str(b, STR("\\r")); break;
		case '\t': buf_str(b, STR("\\t")); break;
		default: {
			char u[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
			buf_put(b, u, sizeof u);
		}
		}
	}
	buf_put(b, s.ptr + from, s.len - from);
	buf_byte(b, '"');
}

void json_key_str(struct json_out *o, struct str key)
{
	element(o);
	quoted(o->buf, key);
	buf_byte(o->buf, ':');
	o->comma = false;
}

void json_key(struct json_out *o, const char *key)
{
	json_key_str(o, str_of(key));
}

void json_put_str(struct json_out *o, struct str s)
{
	element(o);
	quoted(o->buf, s);
}

void json_put_z(struct json_out *o, const char *s)
{
	if (s) json_put_str(o, str_of(s));
	else json_put_null(o);
}

void json_put_i64(struct json_out *o, int64_t v)
{
	element(o);
	buf_printf(o->buf, "%lld", (long long)v);
}

/*
 * The fewest digits that give v back, 1e-4 <= v < 1e15, one after the other:
 * v is a whole number and `rest` of 2^-(q + 1), and digits come until what is
 * left is within half of the distance to the next double (Steele and White
 * 1990, doi 10.1145/93542.93559, by whole numbers that fit). A tenth of
 * the time of trying: an answer may have thousands of numbers. Returns how
 * many characters; 0: not one of these. A power of two is none, where the
 * next doubles are not equally far.
 */
static size_t shortest(char *z, double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	const uint64_t m = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	if (!(v >= 1e-4 && v < 1e15) || m == UINT64_C(1) << 52) return 0;
	const unsigned q = 1075 - (unsigned)(bits >> 52);
	const unsigned __int128 one = (unsigned __int128)1 << (q + 1), all = (unsigned __int128)m << 1;
	unsigned __int128 rest = all & (one - 1), half = 1;
	size_t n = (size_t)snprintf(z, 20, "%llu", (unsigned long long)(all >> (q + 1)));
	if (rest == 0) return n;
	z[n++] = '.';
	const bool even = m % 2 == 0; /* a number in the middle is read as the even one */
	for (;;) {
		rest *= 10;
		half *= 10;
		const unsigned digit = (unsigned)(rest >> (q + 1));
		rest &= one - 1;
		const bool low = even ? rest <= half : rest < half;
		const bool high = even ? rest + half >= one : rest + half > one;
		z[n++] = (char)('0' + digit);
		if (!low && !high) continue;
		const bool up = rest * 2 > one || (rest * 2 == one && digit % 2);
		z[n - 1] = (char)(z[n - 1] + (high && (up || !low)));
		return n;
	}
}

/* The same by trying. A double gives back any decimal of up to 15 digits: 15 without the zeros behind are the fewest.
 * (Below 2.3e-308 there are fewer; such numbers come out longer than need be.) */
static size_t shortest_by_trying(char z[40], double v)
{
	int digits = 15;
	snprintf(z, 40, "%.14e", v);
	if (strtod(z, NULL) == v) {
		const char *last = strchr(z, 'e');
		while (digits > 1 && last[-1] == '0') last--, digits--;
		/* 60 as it is spoken, not as 6e+01. */
		const long whole = strtol(strchr(z, 'e') + 1, NULL, 10) + 1;
		if (whole > digits && whole <= 15) digits = (int)whole;
	} else {
		snprintf(z, 40, "%.16g", v);
		digits = strtod(z, NULL) == v ? 16 : 17;
	}
	return (size_t)snprintf(z, 40, "%.*g", digits, v);
}

void json_put_double(struct json_out *o, double v)
{
	element(o);
	if (!isfinite(v)) {
		buf_str(o->buf, STR("null"));
		return;
	}
	char z[40];
	size_t n = shortest(z, v);
	if (n == 0) n = shortest_by_trying(z, v);
	buf_put(o->buf, z, n);
}

void json_put_bool(struct json_out *o, bool v)
{
	json_put_raw(o, v ? STR("true") : STR("false"));
}

void json_put_null(struct json_out *o)
{
	json_put_raw(o, STR("null"));
}

void json_put_raw(struct json_out *o, struct str value)
{
	element(o);
	buf_str(o->buf, value);
}

void json_kv_str(struct json_out *o, const char *key, struct str v)
{
	json_key(o, key), json_put_str(o, v);
}
void json_kv_z(struct json_out *o, const char *key, const char *v)
{
	json_key(o, key), json_put_z(o, v);
}
void json_kv_i64(struct json_out *o, const char *key, int64_t v)
{
	json_key(o, key), json_put_i64(o, v);
}
void json_kv_double(struct json_out *o, const char *key, double v)
{
	json_key(o, key), json_put_double(o, v);
}
void json_kv_bool(struct json_out *o, const char *key, bool v)
{
	json_key(o, key), json_put_bool(o, v);
}
