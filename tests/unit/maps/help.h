/* What the tests of maps share: a data directory that goes away, events made in a line, JSON looked into. */
#ifndef TESTS_MAPS_HELP_H
#define TESTS_MAPS_HELP_H

#include "tests/unit/unit.h"

#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "maps/maps.h"

static struct err why_not;
static struct err *const why = &why_not;
#define OK_OR_SHOW(call)                                                                                               \
	do {                                                                                                           \
		const enum err_code rc_ = (call);                                                                      \
		if (rc_ != OK)                                                                                         \
			fail_msg("%s: %s: %s (%s)", #call, why_not.field, why_not.text,                                \
			         why_not.id ? why_not.id : "?");                                                       \
	} while (0)

#define NOW ((int64_t)1790000000000)

struct house {
	char dir[64];
	struct arena a;
	struct store *st;
	struct collect *collect;
	struct ask *ask;
	struct maps *maps;
};

static UNUSED int64_t house_now(void *ctx)
{
	return NOW;
}

static inline struct house *house_open(const struct str *dimensions, size_t n)
{
	struct house *h = calloc(1, sizeof *h);
	assert_non_null(h);
	snprintf(h->dir, sizeof h->dir, "/tmp/safar-maps-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	arena_init(&h->a, (size_t)512 << 20);
	OK_OR_SHOW(store_open(h->dir, STORE_CREATE, &h->st, why));
	const struct collect_options opt = { .now_ms = house_now };
	OK_OR_SHOW(collect_open(h->st, &opt, &h->collect, why));
	const struct ask_options how = { .dimensions = dimensions, .n_dimensions = n, .threads = 1 };
	OK_OR_SHOW(ask_open(h->st, &how, true, NULL, NULL, &h->ask, why));
	OK_OR_SHOW(maps_open(h->st, h->ask, h->collect, &h->maps, why));
	return h;
}

static inline int house_remove(const char *path, const struct stat *sb, int type, struct FTW *f)
{
	return remove(path);
}

static inline void house_close(struct house *h)
{
	maps_close(h->maps);
	ask_close(h->ask);
	collect_close(h->collect);
	store_close(h->st);
	arena_done(&h->a);
	nftw(h->dir, house_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(h);
}

struct batch {
	struct house *h;
	uint32_t source;
	struct wire_event *events;
	size_t n, cap;
};

static inline void batch_flush(struct batch *b)
{
	struct collect_tally tally;
	OK_OR_SHOW(collect_events(b->h->collect, b->source, b->events, b->n, &tally, why));
	assert_int_equal(tally.stored, (int64_t)b->n);
	b->n = 0;
}

/* One event; `properties` is a JSON object. */
static inline void batch_put(struct batch *b, struct str customer, const char *name, const char *channel, int64_t at_ms,
                             struct str properties)
{
	if (b->n == b->cap) {
		if (b->n) batch_flush(b);
		else {
			b->cap = 4096;
			b->events = arena_array(&b->h->a, b->cap, sizeof *b->events);
			assert_non_null(b->events);
		}
	}
	struct buf canonical;
	buf_init(&canonical, 65536);
	const struct str body = str_format(&b->h->a, "{\"properties\":" STR_FMT "}", STR_ARG(properties));
	OK_OR_SHOW(json_canonical(body, &b->h->a, &canonical, why));
	struct wire_event *e = &b->events[b->n++];
	*e = (struct wire_event){ .type = WIRE_TRACK,
		                  .customer = str_copy(&b->h->a, customer),
		                  .anonymous = STR(""),
		                  .previous = STR(""),
		                  .name = str_of(name),
		                  .channel = str_of(channel),
		                  .id = STR(""),
		                  .at_ms = at_ms,
		                  .body = str_copy(&b->h->a, buf_view(&canonical)) };
	e->content = hash64_mix(hash64(e->body), hash64_mix(hash64(e->name), (uint64_t)at_ms));
	buf_done(&canonical);
}

static inline struct batch batch_open(struct house *h, const char *source)
{
	struct batch b = { .h = h };
	OK_OR_SHOW(collect_source_new(h->collect, COLLECT_DEMO, str_of(source), &h->a, &b.source, &(struct str){ 0 },
	                              why));
	return b;
}

static inline void batch_done(struct batch *b)
{
	if (b->n) batch_flush(b);
	OK_OR_SHOW(ask_catch_up(b->h->ask, why));
}

static inline json_t *parsed(struct str s)
{
	json_error_t e;
	json_t *v = json_loadb(s.ptr, s.len, 0, &e);
	if (!v)
		fail_msg("line %d column %d: %s in %.*s", e.line, e.column, e.text, (int)(s.len < 400 ? s.len : 400),
		         s.ptr);
	return v;
}

static inline const struct maps_scope *everything(void)
{
	static const struct maps_scope s = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	return &s;
}

#endif
