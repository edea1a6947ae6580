/* A sink that keeps what came, as text: one line an event, one a refusal. Include once a test file. */
#ifndef TESTS_WIRE_CAUGHT_H
#define TESTS_WIRE_CAUGHT_H

#include <stdio.h>

#include "base/checked.h"
#include "tests/unit/unit.h"
#include "wire/wire.h"

enum { KEPT = 200 };

struct caught {
	struct arena arena;
	int64_t n_events, n_refused, n_aside, n_declared;
	struct wire_event event[KEPT]; /* the first ones */
	struct wire_refusal refused[KEPT];
	struct wire_declare declared[KEPT];
	struct wire_sink sink;
};
static struct caught caught;

static inline struct str keep(struct str s)
{
	struct str copy = str_copy(&caught.arena, s);
	assert_non_null(copy.ptr);
	return copy;
}

static enum err_code catch_event(void *ctx, const struct wire_event *e, struct err *err)
{
	(void)err;
	struct caught *c = ctx;
	if (c->n_events < KEPT) {
		struct wire_event *k = &c->event[c->n_events];
		*k = *e;
		k->customer = keep(e->customer), k->anonymous = keep(e->anonymous), k->previous = keep(e->previous);
		k->name = keep(e->name), k->channel = keep(e->channel), k->id = keep(e->id), k->body = keep(e->body);
	}
	c->n_events++;
	return OK;
}

static enum err_code catch_refusal(void *ctx, const struct wire_refusal *r, struct err *err)
{
	(void)err;
	struct caught *c = ctx;
	int64_t n = c->n_refused + c->n_aside;
	if (n < KEPT) c->refused[n] = *r, c->refused[n].raw = keep(r->raw);
	if (r->set_aside) c->n_aside++;
	else c->n_refused++;
	return OK;
}

static enum err_code catch_declare(void *ctx, const struct wire_declare *d, struct err *err)
{
	(void)err;
	struct caught *c = ctx;
	if (c->n_declared < KEPT) {
		struct wire_declare *k = &c->declared[c->n_declared];
		*k = *d;
		k->event = keep(d->event), k->lang = keep(d->lang), k->text = keep(d->text), k->stage = keep(d->stage);
	}
	c->n_declared++;
	return OK;
}

UNUSED static void caught_start(void)
{
	arena_done(&caught.arena);
	caught = (struct caught){ 0 };
	arena_init(&caught.arena, 256 * MIB);
	caught.sink = (struct wire_sink){
		.ctx = &caught, .event = catch_event, .refuse = catch_refusal, .declare = catch_declare
	};
}

/* --- inputs ----------------------------------------------------------------------------- */

struct memory {
	struct str bytes;
	size_t at, step; /* at most `step` bytes a read; 0 any */
};

static int64_t memory_read(void *ctx, void *into, size_t cap)
{
	struct memory *m = ctx;
	size_t n = m->bytes.len - m->at;
	if (n > cap) n = cap;
	if (m->step && n > m->step) n = m->step;
	if (n) memcpy(into, m->bytes.ptr + m->at, n);
	m->at += n;
	return (int64_t)n;
}

UNUSED static struct wire_input memory_input(struct memory *m, const char *name)
{
	return (struct wire_input){
		.ctx = m, .read = memory_read, .name = str_of(name), .size_bytes = (int64_t)m->bytes.len
	};
}

static int64_t file_read(void *ctx, void *into, size_t cap)
{
	size_t n = fread(into, 1, cap, ctx);
	return ferror((FILE *)ctx) ? -1 : (int64_t)n;
}

/* The caller closes .ctx; .ctx NULL when the file is absent. */
UNUSED static struct wire_input file_input(const char *path)
{
	const char *slash = strrchr(path, '/');
	return (struct wire_input){ .ctx = fopen(path, "rb"),
		                    .read = file_read,
		                    .name = str_of(slash ? slash + 1 : path),
		                    .size_bytes = -1,
		                    .path = path };
}

UNUSED static struct str whole_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f) fail_msg("%s is missing", path);
	struct buf b;
	buf_init(&b, 64 * MIB);
	char part[4096];
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) buf_put(&b, part, n);
	fclose(f);
	struct str s = keep(buf_view(&b));
	buf_done(&b);
	return s;
}

UNUSED static int64_t ms(const char *iso)
{
	int64_t at;
	if (!when_parse_iso(str_of(iso), &at, NULL)) fail_msg("not a time: %s", iso);
	return at;
}

#endif
