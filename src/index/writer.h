/* The writer's state; see index.h for the idea, priv.h for its parts. */
#ifndef INDEX_WRITER_H
#define INDEX_WRITER_H

#include "index/priv.h"

enum { READERS_MAX = 256, SCALES_MAX = 63 };

/* A version of a part. refs, base, delta belong to the writer; `pub` is what readers see. */
struct part {
	struct index_part pub; /* first: readers hold pointers to it */
	int refs;
	struct run *base, *delta;
	uint64_t *dead;
};

struct snapshot {
	struct index_snapshot pub; /* first */
	struct snapshot *retired_next;
	void *tables;
};

struct fill { /* of one dimension from the log */
	bool busy;
	size_t dimension;
	uint64_t next, end;
	uint32_t *codes; /* [arrival] */
};

struct index {
	struct index_feed feed;
	int threads;

	/* under people_lock: the writer changes it, ask looks up customers in it */
	pthread_mutex_t people_lock;
	struct people people;

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t moved; /* the snapshot moved on, or failed was set */
	struct str names[INDEX_DIMENSIONS_MAX];
	struct arena name_text;
	enum err_code failed;
	struct err failure;

	_Atomic size_t n_dims; /* release: names[] and dims[] below it are ready */
	struct words_made dims[INDEX_DIMENSIONS_MAX];
	_Atomic uint32_t ready_ppm[INDEX_DIMENSIONS_MAX];

	/* of whoever holds writer_lock */
	pthread_mutex_t writer_lock;
	struct words_made events, channels, currencies;
	struct journey_kind *kinds;
	uint32_t n_kinds, cap_kinds;
	struct journey_durations *waits; /* [event code] */
	uint32_t n_waits;
	struct {
		double min, max;
	} scales[SCALES_MAX];
	uint8_t n_scales;
	struct arena scratch;
	struct stage stages[INDEX_PARTS];
	struct part *parts[INDEX_PARTS];
	uint32_t *losers, n_losers, cap_losers; /* customers that another has absorbed in this batch */
	uint64_t next_arrival, edges_from, next_run;
	int64_t events_n, newest_ms, oldest_ms;
	struct snapshot *retired;
	struct fill fill;

	_Atomic(struct snapshot *) current; /* seq_cst, as hazards: see index_enter */
	_Atomic(struct snapshot *) hazards[READERS_MAX];

	pthread_t thread;
	bool following;
	atomic_bool stop;
	void (*progress)(void *ctx, int64_t done, int64_t total);
	void *progress_ctx;
	uint64_t first_arrival;
};

/* rebuild.c: new versions of the parts that staged rows and losers touch, into fresh[] (NULL: untouched). */
NODISCARD enum err_code rebuild_parts(struct index *ix, struct part *fresh[INDEX_PARTS], struct err *err);
void part_free(struct part *p); /* drops a reference */
struct part *part_new(struct run *base, struct run *delta, uint64_t *dead);

/* take.c: from the feed into stages. */
NODISCARD enum err_code take_events(struct index *ix, uint64_t from, uint64_t to, struct err *err);
NODISCARD enum err_code take_edges(struct index *ix, struct err *err);

#endif
