#include "base/json_scan.h"

/* What may come next. */
enum { S_VALUE, S_FIRST_KEY, S_KEY, S_COLON, S_FIRST_ELEMENT, S_AFTER, S_DONE, S_ERROR = JSON_STATE_ERROR };

void json_read(struct json_reader *r, struct str text)
{
	*r = (struct json_reader){ .p = text.ptr, .start = text.ptr, .end = text.ptr + text.len, .state = S_VALUE };
	if (!text.ptr) r->p = r->start = r->end = "";
}

static void after_value(struct json_reader *r)
{
	r->state = r->depth ? S_AFTER : S_DONE;
}

/* The rest of a string that began at `from`: p stands at what does not mean itself. */
bool scan_string_on(struct json_reader *r, const char *from)
{
	bool high = false;
	for (; (r->p = plain_end(r->p, r->end)) < r->end && *r->p != '"'; r->p++) {
		unsigned char c = (unsigned char)*r->p;
		if (c < 0x20) return scan_fail(r, "a control character stands in a string"), false;
		if (c >= 0x80) {
			high = true;
			while (r->end - r->p > 1 && (unsigned char)r->p[1] >= 0x80) r->p++;
		}
		if (c != '\\') continue;
		r->escaped = true;
		if (++r->p >= r->end) break;
		uint32_t cp;
		if (*r->p == 'u') {
			if (!scan_hex4(r->p + 1, r->end, &cp)) return scan_fail(r, "\\u needs four hex digits"), false;
			r->p += 4;
		} else if (!strchr("\"\\/bfnrt", *r->p) || *r->p == '\0')
			return scan_fail(r, "an unknown escape stands in a string"), false;
	}
	if (r->p >= r->end) return scan_fail(r, "a string is not closed"), false;
	r->raw = (struct str){ from, (size_t)(r->p - from) };
	if (high) {
		size_t ok = utf8_valid(from, r->raw.len);
		if (ok != r->raw.len) {
			r->p = from + ok;
			return scan_fail(r, "a string is not valid UTF-8"), false;
		}
	}
	r->p++;
	return true;
}

static enum json_token open_level(struct json_reader *r, enum json_token token)
{
	if (r->depth == JSON_DEPTH_MAX) return scan_fail(r, "it is nested more than 64 deep");
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
		ok = scan_string(r);
		token = JT_STRING;
		break;
	case 't': ok = scan_word(r, "true", 4), token = JT_TRUE; break;
	case 'f': ok = scan_word(r, "false", 5), token = JT_FALSE; break;
	case 'n': ok = scan_word(r, "null", 4), token = JT_NULL; break;
	default: ok = scan_number(r), token = JT_NUMBER; break;
	}
	if (!ok) return JT_ERROR;
	after_value(r);
	return token;
}

static enum json_token key(struct json_reader *r)
{
	if (*r->p != '"') return scan_fail(r, "a member needs a name in quotes");
	r->p++;
	if (!scan_string(r)) return JT_ERROR;
	r->state = S_COLON;
	return JT_KEY;
}

enum json_token json_next(struct json_reader *r)
{
	scan_space(r);
	if (r->state == S_ERROR) return JT_ERROR;
	if (r->state == S_DONE) return r->p == r->end ? JT_END : scan_fail(r, "something follows the end of the value");
	if (r->p == r->end) return scan_fail(r, r->start == r->end ? "there is nothing to read" : "it ends too early");

	if (r->state == S_COLON) {
		if (*r->p != ':') return scan_fail(r, "a colon is missing");
		r->p++;
		scan_space(r);
		if (r->p == r->end) return scan_fail(r, "it ends too early");
		return value(r);
	}
	if (r->state == S_FIRST_KEY) return *r->p == '}' ? close_level(r) : key(r);
	if (r->state == S_FIRST_ELEMENT) return *r->p == ']' ? close_level(r) : value(r);
	if (r->state == S_AFTER) {
		if ((uint8_t)*r->p == r->closers[r->depth - 1]) return close_level(r);
		if (*r->p != ',') return scan_fail(r, "a comma is missing");
		r->p++;
		scan_space(r);
		if (r->p == r->end) return scan_fail(r, "it ends too early");
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
	scan_hex4(p + 1, end, &cp);
	size_t took = 5;
	if (cp >= 0xD800 && cp < 0xDC00 && end - p >= 11 && p[5] == '\\' && p[6] == 'u' &&
	    scan_hex4(p + 7, end, &low) && low >= 0xDC00 && low < 0xE000) {
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

/* --- look-up --------------------------------------------------------------- */

/* Stands at the value of the last member named `key`, its first token in *t: of one name the last counts, as in the
 * canonical form. */
static bool find(struct str object, struct str key, struct json_reader *r, enum json_token *t)
{
	struct arena a;
	struct json_reader at;
	enum json_token next;
	bool hit = false;
	arena_init(&a, 64 * 1024);
	json_read(&at, object);
	if (json_next(&at) == JT_OBJECT) {
		while (json_next(&at) == JT_KEY) {
			struct str name;
			const bool same = json_text(&at, &a, &name) && str_eq(name, key);
			next = json_next(&at);
			if (same) {
				hit = true;
				*r = at;
				*t = next;
			}
			if (!json_skip(&at, next)) break;
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
