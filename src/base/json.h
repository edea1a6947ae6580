/*
 * JSON in and out, RFC 8259 and nothing more.
 *
 * The reader pulls one token at a time out of the caller's bytes, in one
 * pass, without allocating. It is strict: UTF-8 is checked, numbers must be
 * finite as doubles, depth is at most JSON_DEPTH_MAX, nothing may follow the
 * value. A lone surrogate escape decodes to U+FFFD.
 *
 * The writer puts commas and escapes; it cannot write a NaN (it writes null).
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/str.h"

#define JSON_DEPTH_MAX 64

enum json_token {         /* JT_: jansson, used for documents, has the names JSON_OBJECT and so on */
	          JT_END, /* the value is complete and only white space followed */
	          JT_OBJECT,
	          JT_OBJECT_END,
	          JT_ARRAY,
	          JT_ARRAY_END,
	          JT_KEY, /* .raw without the quotes; .escaped as for strings */
	          JT_STRING,
	          JT_NUMBER,
	          JT_TRUE,
	          JT_FALSE,
	          JT_NULL,
	          JT_ERROR, /* .error says why; the reader stays here */
};

struct json_reader {
	const char *p, *end, *start;
	struct str raw;    /* bytes of the newest key, string (without quotes) or number */
	bool escaped;      /* raw holds a backslash: decode with json_text */
	const char *error; /* static words, such as "a comma is missing" */
	int depth;
	uint8_t state;
	uint8_t closers[JSON_DEPTH_MAX];
};

void json_read(struct json_reader *r, struct str text);
enum json_token json_next(struct json_reader *r);

/* After JT_OBJECT or JT_ARRAY: runs to the matching end. After anything else: nothing to do. False on error. */
NODISCARD bool json_skip(struct json_reader *r, enum json_token just_read);

/* Like json_skip, and gives the bytes of the whole value as written. Strings keep their quotes. */
NODISCARD bool json_slice(struct json_reader *r, enum json_token just_read, struct str *out);

/* The newest key or string, decoded: the input's own bytes where nothing is escaped, else a copy in the arena. */
NODISCARD bool json_text(const struct json_reader *r, struct arena *a, struct str *out);

/* Byte offset of the reader, for messages. */
size_t json_offset(const struct json_reader *r);

/* ERR_INPUT "json.syntax" with line, column and words. */
enum err_code json_error(const struct json_reader *r, struct err *err);

/*
 * Canonical form: members sorted by key bytes, no white space, strings in
 * their shortest escaping, numbers as they were written. Of members with one
 * name the last stands. Two texts with one canonical form say the same.
 */
NODISCARD enum err_code json_canonical(struct str text, struct arena *scratch, struct buf *out, struct err *err);

/* The value at a top-level key of an object, as written; false when absent or not an object. */
NODISCARD bool json_get(struct str object, struct str key, struct str *out);
/* The same, typed. Strings are decoded into the arena. */
NODISCARD bool json_get_text(struct str object, struct str key, struct arena *a, struct str *out);
NODISCARD bool json_get_number(struct str object, struct str key, double *out);
NODISCARD bool json_get_i64(struct str object, struct str key, int64_t *out);

struct json_out {
	struct buf *buf; /* borrowed */
	bool comma;      /* the next element of this level needs one */
};

void json_out_init(struct json_out *o, struct buf *b);
void json_open(struct json_out *o, char bracket);  /* '{' or '[' */
void json_close(struct json_out *o, char bracket); /* '}' or ']' */
void json_key(struct json_out *o, const char *key);
void json_key_str(struct json_out *o, struct str key);
void json_put_str(struct json_out *o, struct str s);
void json_put_z(struct json_out *o, const char *s); /* NULL gives null */
void json_put_i64(struct json_out *o, int64_t v);
void json_put_double(struct json_out *o, double v); /* shortest form that reads back; NaN and infinity give null */
void json_put_bool(struct json_out *o, bool v);
void json_put_null(struct json_out *o);
void json_put_raw(struct json_out *o, struct str value); /* must be one valid JSON value */

/* Key and value at once. */
void json_kv_str(struct json_out *o, const char *key, struct str v);
void json_kv_z(struct json_out *o, const char *key, const char *v);
void json_kv_i64(struct json_out *o, const char *key, int64_t v);
void json_kv_double(struct json_out *o, const char *key, double v);
void json_kv_bool(struct json_out *o, const char *key, bool v);

#endif
