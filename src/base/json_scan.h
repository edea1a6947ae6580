/*
 * The marks of JSON, in line for the two that read it: the reader (json.c)
 * and the tree (json_tree.c). Each function stands at p and moves behind what
 * it read; false after scan_fail, which keeps the first reason.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <math.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/json.h"

enum { JSON_STATE_ERROR = 7 }; /* of a reader that failed */

static inline enum json_token scan_fail(struct json_reader *r, const char *why)
{
	if (r->state != JSON_STATE_ERROR) r->error = why;
	r->state = JSON_STATE_ERROR;
	return JT_ERROR;
}

static inline void scan_space(struct json_reader *r)
{
	if (r->p < r->end && (unsigned char)*r->p > ' ') return;
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) r->p++;
}

static inline bool scan_hex4(const char *p, const char *end, uint32_t *out)
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
 * a byte of a longer character. Sixteen bytes at a time where the processor
 * has it: as signed numbers, bytes of longer characters are below a space
 * too. Else eight: the lowest high bit in `odd` is that of the first such
 * byte (borrows only reach those above it).
 */
static inline const char *plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quotes = _mm_set1_epi8('"'), slashes = _mm_set1_epi8('\\'), spaces = _mm_set1_epi8(' ');
	for (; end - p >= 16; p += 16) {
		const __m128i x16 = _mm_loadu_si128((const __m128i *)(const void *)p);
		const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(x16, quotes), _mm_cmpeq_epi8(x16, slashes));
		const int found = _mm_movemask_epi8(_mm_or_si128(marks, _mm_cmplt_epi8(x16, spaces)));
		if (found) return p + __builtin_ctz((unsigned)found);
	}
#endif
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

/* p stands behind the opening quote. Most strings are short, plain and closed within what is looked at in one step. */
NODISCARD bool scan_string_on(struct json_reader *r, const char *from);
static inline bool scan_string(struct json_reader *r)
{
	const char *from = r->p;
	r->escaped = false;
	r->p = plain_end(from, r->end);
	if (r->p == r->end || *r->p != '"') return scan_string_on(r, from);
	r->raw = (struct str){ from, (size_t)(r->p++ - from) };
	return true;
}

static inline bool digit_run(struct json_reader *r)
{
	const char *from = r->p;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') r->p++;
	return r->p > from;
}

static inline bool scan_number(struct json_reader *r)
{
	const char *from = r->p;
	if (*r->p == '-') r->p++;
	if (r->p < r->end && *r->p == '0') r->p++;
	else if (!digit_run(r)) return scan_fail(r, "a value is not JSON"), false;
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!digit_run(r)) return scan_fail(r, "a number ends in its point"), false;
	}
	bool exponent = false;
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		exponent = true;
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-')) r->p++;
		if (!digit_run(r)) return scan_fail(r, "a number's exponent has no digits"), false;
	}
	r->raw = (struct str){ from, (size_t)(r->p - from) };
	if (exponent || r->raw.len > 300) {
		/* Only an exponent or hundreds of digits can leave the range of a double. */
		char z[400];
		if (r->raw.len >= sizeof z) return scan_fail(r, "a number has too many digits"), false;
		memcpy(z, from, r->raw.len);
		z[r->raw.len] = '\0';
		if (!isfinite(strtod(z, NULL))) return scan_fail(r, "a number is too large"), false;
	}
	return true;
}

static inline bool scan_word(struct json_reader *r, const char *w, size_t n)
{
	if ((size_t)(r->end - r->p) < n || memcmp(r->p, w, n) != 0) return scan_fail(r, "a value is not JSON"), false;
	r->p += n;
	return true;
}

#endif
