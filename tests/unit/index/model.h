/*
 * A feed in memory that grows in batches, with people who turn out to be
 * one, or are taken apart by hand and joined again, and everything that a snapshot of it promises: every row is there
 * once, in its customer's one slice, in order, with what its body says.
 */
#ifndef TESTS_INDEX_MODEL_H
#define TESTS_INDEX_MODEL_H

#include "tests/unit/unit.h"

#include <stdatomic.h>

#include "base/rng.h"
#include "index/index.h"

enum { EVENTS_MAX = 40000, IDENTITIES = 300, BLOCK = 97 };

struct model_event {
	struct store_head head;
	char body[200];
	const char *colour;
	int score, overrun_s, wait, cents; /* 0 none */
	const char *currency;
	bool left;
	bool decided; /* no event: this number is that of what a person decided about somebody's identities */
};

struct model {
	struct model_event *events; /* arrival = place + 1 */
	_Atomic uint64_t end;       /* events below it are there */
	struct store_edge *edges;   /* in order of arrival */
	size_t n_edges_all, cap_edges;
	size_t n_events_all; /* decisions among them */
	uint64_t *n_below;   /* [arrival]: events before it */
};

/* n events of a seed; none of them there yet. */
void model_make(struct model *m, uint64_t seed, size_t n);
void model_done(struct model *m);
/* Components of identities by what was said last about each pair below `end`. */
void paint(const struct model *m, uint64_t end, uint32_t *component);
struct index_feed feed_of(struct model *m);
uint64_t m_end(void *ctx);
bool m_identity(void *ctx, uint32_t id, bool *anonymous, struct str *external);
/* Everything that a snapshot promises. `colour`: place of that dimension, SIZE_MAX when it is not declared or not
 * filled. */
void check_snapshot(struct index *ix, const struct model *m, const struct index_snapshot *s, size_t colour);

#endif
