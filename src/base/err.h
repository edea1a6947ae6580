/*
 * One convention for failure. A function that can fail returns enum err_code
 * and fills struct err; results go through `out`, untouched on failure.
 *
 * The code says what kind, the struct says the words. Write for the person
 * who clicked: name the field, the value and the remedy.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdint.h>

#include "base/attr.h"

enum err_code {
	OK = 0,
	ERR_INPUT,       /* the caller can correct it        400 */
	ERR_DENIED,      /* not signed in, or not allowed    401, 403 */
	ERR_NOT_FOUND,   /*                                  404 */
	ERR_CONFLICT,    /* someone else changed it first    409 */
	ERR_LIMIT,       /* a documented maximum was passed  413 */
	ERR_UNAVAILABLE, /* try again later                  503 */
	ERR_CORRUPT,     /* stored bytes fail validation     500 */
	ERR_IO,          /*                                  500 */
	ERR_NO_MEMORY,   /*                                  503 */
};

struct err {
	enum err_code code;
	const char *id;       /* stable, for translation: "funnel.window"; static storage */
	char field[64];       /* the parameter, column or JSON pointer at fault, or "" */
	int64_t value, limit; /* what came and what is allowed, where that applies */
	char text[256];       /* one line, lower case, no full stop */
	char hint[256];       /* what to do, a full sentence, or "" */
};

/* Fills *err (NULL is allowed) and returns the code. `id` must be a literal. */
enum err_code err_set(struct err *err, enum err_code code, const char *id, const char *field, const char *fmt, ...)
        PRINTF_LIKE(5, 6);

/* The same for a maximum: code ERR_LIMIT, with value and limit for the UI. */
enum err_code err_limit(struct err *err, const char *id, const char *field, int64_t value, int64_t limit,
                        const char *fmt, ...) PRINTF_LIKE(6, 7);

/* What to do about it. */
void err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A caller that knows more puts it in front: "map 17: step 4 comes ...". */
void err_context(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* HTTP status and process exit code (DESIGN section 8) of a code. */
int err_http_status(enum err_code code);
int err_exit_code(enum err_code code);

/* Return early on failure; for functions that own nothing yet. */
#define TRY(call)                                                                                                      \
	do {                                                                                                           \
		enum err_code try_rc_ = (call);                                                                        \
		if (try_rc_ != OK) return try_rc_;                                                                     \
	} while (0)

#endif
