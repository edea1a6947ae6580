#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct err *err, enum err_code code, const char *id, const char *field, const char *fmt, va_list args)
        PRINTF_LIKE(5, 0);

static void fill(struct err *err, enum err_code code, const char *id, const char *field, const char *fmt, va_list args)
{
	if (!err) return;
	*err = (struct err){ .code = code, .id = id };
	snprintf(err->field, sizeof err->field, "%s", field ? field : "");
	vsnprintf(err->text, sizeof err->text, fmt, args);
}

enum err_code err_set(struct err *err, enum err_code code, const char *id, const char *field, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fill(err, code, id, field, fmt, args);
	va_end(args);
	return code;
}

enum err_code err_limit(struct err *err, const char *id, const char *field, int64_t value, int64_t limit,
                        const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fill(err, ERR_LIMIT, id, field, fmt, args);
	va_end(args);
	if (err) {
		err->value = value;
		err->limit = limit;
	}
	return ERR_LIMIT;
}

void err_hint(struct err *err, const char *fmt, ...)
{
	if (!err) return;
	va_list args;
	va_start(args, fmt);
	vsnprintf(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
}

void err_context(struct err *err, const char *fmt, ...)
{
	if (!err) return;
	char front[sizeof err->text];
	va_list args;
	va_start(args, fmt);
	vsnprintf(front, sizeof front, fmt, args);
	va_end(args);

	char joined[sizeof err->text * 2 + 2];
	snprintf(joined, sizeof joined, "%s: %s", front, err->text);
	joined[sizeof err->text - 1] = '\0';
	memcpy(err->text, joined, sizeof err->text);
}

static const struct {
	int http, exit;
} codes[] = {
	[OK] = { 200, 0 },
	[ERR_INPUT] = { 400, 1 },
	[ERR_DENIED] = { 403, 1 },
	[ERR_NOT_FOUND] = { 404, 3 },
	[ERR_CONFLICT] = { 409, 4 },
	[ERR_LIMIT] = { 413, 1 },
	[ERR_UNAVAILABLE] = { 503, 5 },
	[ERR_CORRUPT] = { 500, 1 },
	[ERR_IO] = { 500, 1 },
	[ERR_NO_MEMORY] = { 503, 5 },
};

int err_http_status(enum err_code code)
{
	return codes[code].http;
}

int err_exit_code(enum err_code code)
{
	return codes[code].exit;
}
