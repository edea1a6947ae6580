/* JSON out: commas, escapes, and the fewest digits that give a number back. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

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

/*
 * Where bytes end that stand for themselves in a string: at a quote, a
 * backslash or a control. Eight at a time: of `odd` the lowest high bit is
 * that of the first such byte (borrows only reach those above it).
 */
static size_t clean(const char *p, size_t len)
{
	const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
	size_t i = 0;
	for (; len - i >= 8; i += 8) {
		uint64_t x;
		memcpy(&x, p + i, sizeof x);
		const uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
		if ((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high) break;
	}
	while (i < len && (unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') i++;
	return i;
}

static void escaped(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
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

static void quoted(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		const size_t n = clean(s.ptr + i, s.len - i);
		buf_put(b, s.ptr + i, n);
		i += n;
		if (i < s.len) escaped(b, (unsigned char)s.ptr[i]);
	}
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
