/* What the store's tests share: a folder that goes away, and events made in a line. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include "tests/unit/unit.h"

#include <ftw.h>
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/store.h"

static inline int remove_one(const char *path, const struct stat *sb, int type, struct FTW *f)
{
	(void)sb, (void)type, (void)f;
	return remove(path);
}

static inline void remove_all(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A new empty folder; the test removes it. */
static inline void make_folder(char out[64])
{
	snprintf(out, 64, "/tmp/safar-test-XXXXXX");
	assert_non_null(mkdtemp(out));
}

/* Calls that must work write `why` as their last argument. */
static struct err why_not;
static struct err *const why = &why_not;
#define OK_OR_SHOW(call)                                                                                               \
	do {                                                                                                           \
		enum err_code rc_ = (call);                                                                            \
		if (rc_ != OK) fail_msg("%s: %s (%s)", #call, why_not.text, why_not.id ? why_not.id : "?");            \
	} while (0)

static inline struct store *open_store(const char *dir)
{
	struct store *st = NULL;
	OK_OR_SHOW(store_open(dir, STORE_CREATE, &st, why));
	return st;
}

static inline struct wire_event event_of(const char *customer, const char *name, const char *id, int64_t at_ms,
                                         const char *body)
{
	struct wire_event e = { .type = WIRE_TRACK,
		                .customer = str_of(customer),
		                .anonymous = STR(""),
		                .previous = STR(""),
		                .name = str_of(name),
		                .channel = STR("web"),
		                .id = str_of(id ? id : ""),
		                .at_ms = at_ms,
		                .body = str_of(body) };
	e.content = hash64_mix(hash64(e.body), hash64_mix(hash64(e.name), (uint64_t)at_ms));
	return e;
}

/* Stores one event; the verdict, and where it is. */
static inline enum store_verdict put(struct store *st, uint32_t source, const struct wire_event *e, uint64_t *arrival)
{
	struct store_item item = { .event = e };
	OK_OR_SHOW(store_append(st, source, 1000, &item, 1, NULL, why));
	if (arrival) *arrival = item.arrival;
	return item.verdict;
}

#endif
