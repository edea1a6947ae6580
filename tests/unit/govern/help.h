/* A govern over a fresh directory, with a clock that the test moves. */
#ifndef TESTS_GOVERN_HELP_H
#define TESTS_GOVERN_HELP_H

#include <ftw.h>
#include <unistd.h>

#include "base/when.h"
#include "govern/govern.h"
#include "tests/unit/unit.h"

struct room {
	char dir[64];
	struct store *store;
	struct govern *govern;
	struct arena arena;
	int64_t now_ms;
	struct err err;
};

static int64_t room_now(void *ctx)
{
	return ((struct room *)ctx)->now_ms;
}

static int room_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

static inline int room_open(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	snprintf(r->dir, sizeof r->dir, "/tmp/safar-govern-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	arena_init(&r->arena, 4 << 20);
	r->now_ms = when_days(2026, 3, 1) * WHEN_DAY_MS;
	const struct govern_options opt = { .now_ms = room_now, .now_ctx = r };
	assert_int_equal(store_open(r->dir, STORE_CREATE, &r->store, &r->err), OK);
	assert_int_equal(govern_open(r->store, &opt, &r->govern, &r->err), OK);
	*state = r;
	return 0;
}

static inline int room_close(void **state)
{
	struct room *r = *state;
	govern_close(r->govern);
	store_close(r->store);
	arena_done(&r->arena);
	nftw(r->dir, room_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(r);
	return 0;
}

#endif
