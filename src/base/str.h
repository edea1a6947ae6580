/*
 * struct str: a view of UTF-8 bytes, not NUL-terminated, not owning.
 * struct buf: bytes that grow up to a maximum, owned.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"

struct str {
	const char *ptr;
	size_t len; /* bytes */
};

/* A name and what it says: a parameter, a header. */
struct str_pair {
	struct str key, value;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int str_cmp(struct str a, struct str b); /* by bytes, shorter first on a tie */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s); /* ASCII white space at both ends */
struct str str_cut(struct str s, size_t from, size_t to);

/* Index of the first `c`, or s.len. */
size_t str_find(struct str s, char c);

/* Case-insensitive for ASCII letters only; for keywords of formats, never for people's text. */
bool str_eq_ascii_nocase(struct str a, struct str b);

/* A copy in the arena, NUL-terminated behind the view; ptr NULL when memory is short. */
NODISCARD struct str str_copy(struct arena *a, struct str s);
NODISCARD const char *str_z(struct arena *a, struct str s);
NODISCARD struct str str_format(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Whole-string numbers: optional sign, digits; false on anything else or overflow. */
NODISCARD bool str_to_i64(struct str s, int64_t *out);
/* Decimal with point and exponent, no locale, no hex, no "nan"; false unless finite. */
NODISCARD bool str_to_double(struct str s, double *out);

/* Offset of the first byte that is not valid UTF-8 (RFC 3629), or len when all is. */
size_t utf8_valid(const char *ptr, size_t len);

/* Writes code point cp (surrogates become U+FFFD) into out[4]; returns the length. */
size_t utf8_put(char out[4], uint32_t cp);

/* The code point at s.ptr[*i], moving *i behind it. The text must be valid UTF-8, *i < s.len. */
uint32_t utf8_next(struct str s, size_t *i);

struct buf {
	char *ptr;
	size_t len, cap, max;
	bool full; /* sticky: a put did not fit the maximum or memory ran out */
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b); /* accepts zeroed */
void buf_clear(struct buf *b);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
NODISCARD bool buf_reserve(struct buf *b, size_t extra);

/* In line: writers call them for every comma. */
static inline void buf_put(struct buf *b, const void *bytes, size_t len)
{
	if (len == 0 || ((b->full || len > b->cap - b->len) && !buf_reserve(b, len))) return;
	memcpy(b->ptr + b->len, bytes, len);
	b->len += len;
}
static inline void buf_str(struct buf *b, struct str s)
{
	buf_put(b, s.ptr, s.len);
}
static inline void buf_byte(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}
static inline struct str buf_view(const struct buf *b)
{
	return (struct str){ b->ptr, b->len };
}

/* ERR_LIMIT when a put was lost, else OK: ask once, after the last put. */
NODISCARD enum err_code buf_check(const struct buf *b, struct err *err);

#endif
