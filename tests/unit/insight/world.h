/* A directory with comments in it, read by the program. */
#ifndef TESTS_INSIGHT_WORLD_H
#define TESTS_INSIGHT_WORLD_H

#include "insight/insight.h"
#include "tests/unit/unit.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/when.h"

#define T0 INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

struct world {
	char dir[64];
	struct store *st;
	struct inbox *inbox;
	struct insight *x;
	struct arena a;
	int n;
};

static inline int drop(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return remove(path);
}

static inline void opened(struct world *w)
{
	struct err err;
	assert_int_equal(store_open(w->dir, STORE_CREATE, &w->st, &err), OK);
	assert_int_equal(inbox_open(w->st, &w->inbox, &err), OK);
	assert_int_equal(insight_open(w->st, w->inbox, &w->x, &err), OK);
}

static inline void closed(struct world *w)
{
	insight_close(w->x);
	inbox_close(w->inbox);
	store_close(w->st);
}

static inline int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	snprintf(w->dir, sizeof w->dir, "/tmp/insight-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->a, 256 * MIB);
	opened(w);
	*state = w;
	return 0;
}

static inline int tear_down(void **state)
{
	struct world *w = *state;
	closed(w);
	arena_done(&w->a);
	nftw(w->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

static inline void put(struct world *w, const char *customer, int64_t at_ms, const char *comment, int score)
{
	char body[1024], id[32];
	struct err err = { 0 };
	const int n = snprintf(body, sizeof body,
	                       "{\"properties\":{\"comment\":\"%s\",\"score\":%d,\"score_min\":1,\"score_max\":5}}",
	                       comment, score);
	snprintf(id, sizeof id, "e%d", w->n++);
	struct wire_event e = { .type = WIRE_TRACK,
		                .customer = str_of(customer),
		                .anonymous = STR(""),
		                .previous = STR(""),
		                .name = STR("Review"),
		                .channel = STR("web"),
		                .id = str_of(id),
		                .at_ms = at_ms,
		                .body = { body, (size_t)n },
		                .content = hash64((struct str){ body, (size_t)n }) };
	struct store_item item = { .event = &e };
	if (store_append(w->st, 1, at_ms, &item, 1, NULL, &err) != OK) fail_msg("%s", err.text);
}

static inline void read_all(struct world *w)
{
	struct err err;
	assert_int_equal(inbox_catch_up(w->inbox, &err), OK);
	assert_int_equal(insight_catch_up(w->x, &err), OK);
}

static const struct insight_scope everything = { .from_ms = INT64_MIN, .to_ms = INT64_MAX, .rise_to_ms = INT64_MAX };

static inline struct insight_topic_list listed(struct world *w, const struct insight_scope *s)
{
	struct insight_topic_list list;
	assert_int_equal(insight_topic_list(w->x, s, 0, &w->a, &list, NULL), OK);
	return list;
}

static inline const struct insight_topic *topic(const struct insight_topic_list *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->topics[i].key, str_of(key))) return &l->topics[i];
	fail_msg("no topic %s", key);
	return NULL;
}

#endif
