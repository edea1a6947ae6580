/* What the tests of voice/ share: a directory with a clock that stands, and one survey. */
#ifndef TESTS_VOICE_HELP_H
#define TESTS_VOICE_HELP_H

#include "tests/unit/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/json.h"
#include "voice/voice.h"

#define NOON INT64_C(1764000000000)

struct world {
	char dir[64];
	struct store *st;
	struct collect *c;
	struct voice *v;
	struct arena a;
	int64_t now_ms;
};

static inline int64_t world_now(void *ctx)
{
	return ((struct world *)ctx)->now_ms;
}

/* Calls that must work write `why` as their last argument. */
static struct err why_not;
static struct err *const why = &why_not;
#define OK_OR_SHOW(call)                                                                                               \
	do {                                                                                                           \
		enum err_code rc_ = (call);                                                                            \
		if (rc_ != OK) fail_msg("%s: %s (%s)", #call, why_not.text, why_not.id ? why_not.id : "?");            \
	} while (0)

static inline void world_open(struct world *w)
{
	const struct collect_options collect = { .now_ms = world_now, .now_ctx = w };
	OK_OR_SHOW(store_open(w->dir, STORE_CREATE, &w->st, why));
	OK_OR_SHOW(collect_open(w->st, &collect, &w->c, why));
	const struct voice_options voice = { .store = w->st, .collect = w->c, .now_ms = world_now, .now_ctx = w };
	OK_OR_SHOW(voice_open(&voice, &w->v, why));
}

static inline void world_close(struct world *w)
{
	voice_close(w->v);
	collect_close(w->c);
	store_close(w->st);
}

static inline int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	snprintf(w->dir, sizeof w->dir, "/tmp/safar-voice-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->a, 256 * MIB);
	w->now_ms = NOON;
	world_open(w);
	*state = w;
	return 0;
}

static inline int drop(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return remove(path);
}

static inline int tear_down(void **state)
{
	struct world *w = *state;
	world_close(w);
	arena_done(&w->a);
	nftw(w->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

/* NPS with a reason, and a choice. */
#define SURVEY                                                                                                           \
	"{\"title\":{\"default\":\"After delivery\",\"fa\":\"پس از تحویل\"},\"cx:about\":\"Order Delivered\","  \
	"\"pages\":[{\"name\":\"p\",\"elements\":["                                                                      \
	"{\"type\":\"rating\",\"name\":\"nps\",\"rateMin\":0,\"rateMax\":10,\"isRequired\":true,\"cx:metric\":\"nps\"}," \
	"{\"type\":\"comment\",\"name\":\"why\",\"cx:text\":true},"                                                      \
	"{\"type\":\"radiogroup\",\"name\":\"next\",\"choices\":[\"again\",\"never\"]}]}]}"

static inline struct voice_survey survey_new(struct world *w, const char *document)
{
	struct voice_survey s;
	struct form_problems problems;
	OK_OR_SHOW(voice_save_survey(w->v, STR(""), 0, str_of(document), STR("ann"), &w->a, &s, &problems, why));
	return s;
}

#endif
