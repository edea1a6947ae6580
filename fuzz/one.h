/*
 * What every target shares: a sink that checks what wire/ promises about each
 * event and refusal, and an input over memory.
 */
#ifndef FUZZ_ONE_H
#define FUZZ_ONE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/json.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds, const char *what)
{
	if (holds) return;
	fprintf(stderr, "broken promise: %s\n", what);
	abort();
}

static inline bool is_utf8(struct str s)
{
	return utf8_valid(s.ptr, s.len) == s.len;
}

static enum err_code check_event(void *ctx, const struct wire_event *e, struct err *err)
{
	(void)ctx, (void)err;
	struct json_reader r;
	must((unsigned)e->type < WIRE_TYPES, "type");
	must(e->customer.len || e->anonymous.len, "somebody is named");
	must(e->name.len > 0 && e->name.len <= WIRE_NAME_BYTES_MAX && is_utf8(e->name), "name");
	must(e->customer.len <= WIRE_ID_BYTES_MAX && is_utf8(e->customer), "customer");
	must(e->id.len <= WIRE_ID_BYTES_MAX && is_utf8(e->id), "id");
	must(e->at_ms >= WHEN_MIN_MS && e->at_ms < WHEN_MAX_MS, "time");
	must(e->body.len <= WIRE_EVENT_BYTES_MAX, "size of the body");
	json_read(&r, e->body);
	must(json_next(&r) == JT_OBJECT && json_skip(&r, JT_OBJECT) && json_next(&r) == JT_END, "the body is JSON");
	return OK;
}

static enum err_code check_refusal(void *ctx, const struct wire_refusal *w, struct err *err)
{
	(void)ctx, (void)err;
	must(w->err.id && w->err.text[0], "a refusal has words");
	must(is_utf8(str_of(w->err.text)) && is_utf8(str_of(w->err.field)) && is_utf8(w->raw), "a refusal is UTF-8");
	must(w->set_aside == (w->reason != NULL), "set aside with a reason");
	return OK;
}

static enum err_code check_declare(void *ctx, const struct wire_declare *d, struct err *err)
{
	(void)ctx, (void)err;
	must(is_utf8(d->event) && is_utf8(d->text), "a declaration is UTF-8");
	return OK;
}

UNUSED static const struct wire_sink checking = { .event = check_event,
	                                          .refuse = check_refusal,
	                                          .declare = check_declare };

struct bytes {
	const uint8_t *data;
	size_t size, at, step;
};

static int64_t bytes_read(void *ctx, void *into, size_t cap)
{
	struct bytes *b = ctx;
	size_t n = b->size - b->at;
	if (n > cap) n = cap;
	if (b->step && n > b->step) n = b->step;
	if (n) memcpy(into, b->data + b->at, n);
	b->at += n;
	return (int64_t)n;
}

UNUSED static struct wire_input bytes_input(struct bytes *b, const char *name)
{
	return (struct wire_input){ .ctx = b, .read = bytes_read, .name = str_of(name), .size_bytes = -1 };
}

#endif
