#include "base/str.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	if (n && a.ptr[0] != b.ptr[0]) return (unsigned char)a.ptr[0] < (unsigned char)b.ptr[0] ? -1 : 1;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
	if (c) return c;
	return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str p)
{
	return s.len >= p.len && (p.len == 0 || memcmp(s.ptr, p.ptr, p.len) == 0);
}

bool str_ends(struct str s, struct str p)
{
	return s.len >= p.len && (p.len == 0 || memcmp(s.ptr + s.len - p.len, p.ptr, p.len) == 0);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.len && is_space(s.ptr[0])) s.ptr++, s.len--;
	while (s.len && is_space(s.ptr[s.len - 1])) s.len--;
	return s;
}

struct str str_cut(struct str s, size_t from, size_t to)
{
	if (to > s.len) to = s.len;
	if (from > to) from = to;
	return (struct str){ s.ptr ? s.ptr + from : NULL, to - from };
}

size_t str_find(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.ptr, c, s.len) : NULL;
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_ascii_nocase(struct str a, struct str b)
{
	if (a.len != b.len) return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i])) return false;
	return true;
}

struct str str_copy(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.len + 1);
	if (!p) return (struct str){ 0 };
	if (s.len) memcpy(p, s.ptr, s.len);
	return (struct str){ p, s.len };
}

const char *str_z(struct arena *a, struct str s)
{
	return str_copy(a, s).ptr;
}

struct str str_format(struct arena *a, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (p) vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p ? (struct str){ p, (size_t)n } : (struct str){ 0 };
}

bool str_to_i64(struct str s, int64_t *out)
{
	size_t i = 0;
	bool neg = false;
	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) neg = s.ptr[0] == '-', i = 1;
	if (i == s.len) return false;
	int64_t v = 0;
	for (; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9') return false;
		int64_t d = s.ptr[i] - '0';
		if (__builtin_mul_overflow(v, 10, &v)) return false;
		if (neg ? __builtin_sub_overflow(v, d, &v) : __builtin_add_overflow(v, d, &v)) return false;
	}
	*out = v;
	return true;
}

/* Whatever the process has set: another locale may ask for a decimal comma. The C library's own, nothing to free. */
static locale_t plain_locale(void)
{
	static _Atomic(locale_t) plain;
	locale_t l = atomic_load_explicit(&plain, memory_order_relaxed);
	if (!l) {
		l = newlocale(LC_ALL_MASK, "C", (locale_t)0);
		atomic_store_explicit(&plain, l, memory_order_relaxed);
	}
	return l;
}

/*
 * Digits with at most one point, as few as a double holds exactly, over a
 * power of ten that it holds exactly too: one division rounds as strtod does.
 */
static bool plain_decimal(struct str s, double *out)
{
	static const double tens[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
		                       1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	const bool minus = s.len && s.ptr[0] == '-';
	uint64_t digits = 0;
	size_t n = 0, behind = 0;
	bool point = false;
	for (size_t i = minus; i < s.len; i++) {
		if (s.ptr[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.ptr[i] < '0' || s.ptr[i] > '9' || ++n > COUNT_OF(tens) - 1) return false;
		digits = digits * 10 + (uint64_t)(s.ptr[i] - '0');
		behind += point;
	}
	if (!n) return false;
	const double v = (double)digits / tens[behind];
	*out = minus ? -v : v;
	return true;
}

bool str_to_double(struct str s, double *out)
{
	if (plain_decimal(s, out)) return true;
	/* strtod also reads "nan", "inf" and hex: let only decimal characters through to it. */
	char z[64];
	if (s.len == 0 || s.len >= sizeof z) return false;
	bool digit = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c >= '0' && c <= '9') digit = true;
		else if (!strchr("+-.eE", c) || c == '\0') return false;
		z[i] = c;
	}
	if (!digit) return false;
	z[s.len] = '\0';
	char *end;
	double v = strtod_l(z, &end, plain_locale());
	if (end != z + s.len || !isfinite(v)) return false;
	*out = v;
	return true;
}

size_t utf8_valid(const char *ptr, size_t len)
{
	const unsigned char *p = (const unsigned char *)ptr;
	size_t i = 0;
	while (i < len) {
		unsigned char c = p[i];
		if (c < 0x80) {
			/* Most texts are ASCII: eight bytes at a time, then one. */
			uint64_t eight = 0;
			while (len - i >= sizeof eight) {
				memcpy(&eight, p + i, sizeof eight);
				if (eight & 0x8080808080808080u) break;
				i += sizeof eight;
			}
			while (i < len && p[i] < 0x80) i++;
			continue;
		}
		/* Table of RFC 3629: the second byte's range depends on the first. */
		size_t n;
		unsigned char lo = 0x80, hi = 0xBF;
		if (c >= 0xC2 && c <= 0xDF) n = 2;
		else if (c >= 0xE0 && c <= 0xEF) {
			n = 3;
			if (c == 0xE0) lo = 0xA0;
			if (c == 0xED) hi = 0x9F;
		} else if (c >= 0xF0 && c <= 0xF4) {
			n = 4;
			if (c == 0xF0) lo = 0x90;
			if (c == 0xF4) hi = 0x8F;
		} else return i;
		if (len - i < n || p[i + 1] < lo || p[i + 1] > hi) return i;
		for (size_t k = 2; k < n; k++)
			if ((p[i + k] & 0xC0) != 0x80) return i;
		i += n;
	}
	return len;
}

size_t utf8_put(char out[4], uint32_t cp)
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) cp = 0xFFFD;
	if (cp < 0x80) return out[0] = (char)cp, 1;
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | (cp >> 6));
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | (cp >> 12));
		out[1] = (char)(0x80 | ((cp >> 6) & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | (cp >> 18));
	out[1] = (char)(0x80 | ((cp >> 12) & 0x3F));
	out[2] = (char)(0x80 | ((cp >> 6) & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

uint32_t utf8_next(struct str s, size_t *i)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *i;
	unsigned char c = p[0];
	size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	if (n > s.len - *i) n = 1;
	uint32_t cp = n == 1 ? c : n == 2 ? c & 0x1Fu : n == 3 ? c & 0x0Fu : c & 0x07u;
	for (size_t k = 1; k < n; k++) cp = (cp << 6) | (p[k] & 0x3Fu);
	*i += n;
	return cp;
}

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max = max_bytes };
}

void buf_done(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
}

bool buf_reserve(struct buf *b, size_t extra)
{
	size_t need;
	if (b->full || !size_add(b->len, extra, &need) || need > b->max) return b->full = true, false;
	if (need <= b->cap) return true;
	size_t cap = b->cap ? b->cap * 2 : 256;
	if (cap < need) cap = need;
	if (cap > b->max) cap = b->max;
	char *p = realloc(b->ptr, cap);
	if (!p) return b->full = true, false;
	b->ptr = p;
	b->cap = cap;
	return true;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	/* vsnprintf ends with a NUL, which needs one byte more than it leaves behind. */
	if (n >= 0 && buf_reserve(b, (size_t)n + 1)) {
		vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

enum err_code buf_check(const struct buf *b, struct err *err)
{
	if (!b->full) return OK;
	return err_limit(err, "size", "", (int64_t)b->len, (int64_t)b->max,
	                 "more than %zu bytes, which is the maximum here", b->max);
}
