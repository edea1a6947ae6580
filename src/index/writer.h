/* The writer's state; see index.h for the idea, priv.h for its parts. */
#ifndef INDEX_WRITER_H
#define INDEX_WRITER_H

#include "index/manifest.h"
#include "index/priv.h"

enum { READERS_MAX = 256, PPM = 1000000, LISTS_MAX = 3 + INDEX_DIMENSIONS_MAX };

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

struct numbers {
	uint32_t *list, n, cap;
};

/* A slice whose customer was taken apart: whose each of its rows is now. */
struct split {
	uint32_t customer, n;
	uint32_t *owner; /* [row of the slice] */
};

struct fill { /* of one dimension from the log */
	bool busy;
	size_t dimension;
	uint64_t next, end;
	uint32_t *codes; /* [arrival] */
};

/* What the folder holds; of whoever saves. */
struct kept {
	struct file_ref words, people;
	uint32_t n_words[LISTS_MAX];
	size_t n_lists;
	uint32_t n_people;
	uint64_t changes, version;
};

struct index {
	struct index_feed feed;
	int threads;
	char *dir; /* NULL: in memory only */
	uint64_t keep_events;
	struct file_map words_file; /* texts of words lie in it */
	struct kept kept;

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
	struct index_files files;

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
	struct scale scales[SCALES_MAX];
	uint8_t n_scales;
	struct arena scratch;
	struct stage stages[INDEX_PARTS];
	struct part *parts[INDEX_PARTS];
	/* Of this batch: customers whose slices are not to stay as they are, absorbed by another or taken apart;
	   identities that were named apart; slices that fall into several, by customer. */
	struct numbers displaced, apart;
	struct split *splits;
	size_t n_splits, cap_splits;
	bool dropping;          /* those that are displaced go nowhere */
	struct numbers renamed; /* identities whose customer may be another than in the newest snapshot */
	uint64_t next_arrival, edges_from, next_run;
	int64_t events_n, newest_ms, oldest_ms;
	struct anchor anchor, edge_anchor;
	bool torn; /* a batch failed half way: what is in memory beside the snapshot is not to be kept */
	struct snapshot *retired;
	struct fill fill;

	_Atomic uint64_t version;           /* how many snapshots there were */
	_Atomic(struct snapshot *) current; /* seq_cst, as hazards: see index_enter */
	_Atomic(struct snapshot *) hazards[READERS_MAX];

	pthread_t thread, keeper;
	bool following, keeping;
	atomic_bool stop;
	void (*progress)(void *ctx, int64_t done, int64_t total);
	void *progress_ctx;
	uint64_t first_arrival;
};

/* rebuild.c: new versions of the parts that staged rows and displaced customers touch, into fresh[] (NULL: untouched).
 */
NODISCARD enum err_code rebuild_parts(struct index *ix, struct part *fresh[INDEX_PARTS], struct err *err);
void swap_parts(struct index *ix, struct part *fresh[INDEX_PARTS]); /* index.c: those that are not NULL */
void part_free(struct part *p);                                     /* drops a reference */
/* The slice of a customer in a version of a part (NULL: an empty one): its columns and place; NULL when it has none. */
const struct journey_columns *part_find(const struct part *p, uint32_t customer, uint32_t *place);
struct part *part_new(struct run *base, struct run *delta, uint64_t *dead);

/* snapshot.c: what the writer has now becomes what readers see. */
NODISCARD enum err_code publish(struct index *ix, struct err *err);
void snapshot_free(struct snapshot *s);

/* index.c: a column that is there from now on. OK when it is there already. */
NODISCARD enum err_code dimension_add(struct index *ix, struct str property, uint32_t ready_ppm, struct err *err);

/* load.c: the state of a new index from its folder; on failure the index is only good to be closed. */
NODISCARD enum err_code index_load(struct index *ix, struct err *err);
uint64_t head_hash(const struct store_head *h); /* never 0 */
/* Takes in what was said of a pair: all of one arrival number together are the anchor. */
void edge_anchor_add(struct anchor *a, const struct store_edge *e);

/* save.c: writes what has changed since it was last written. */
NODISCARD enum err_code index_save(struct index *ix, struct err *err);
/* Whether there is enough to write; at the end of a life less is. */
bool index_save_due(struct index *ix, bool closing);
enum { SAVE_EVENTS_AT_CLOSE = 20000 };

/* drop.c: no file of the folder stays, and none is written any more. Under the writer's lock. */
void index_forget_files(struct index *ix);

/* build.c: parts from all of the feed below `to`, when there are none yet; see build.h. */
NODISCARD enum err_code build_parts(struct index *ix, uint64_t to, struct part *fresh[INDEX_PARTS], struct err *err);

/* take.c: codes of the index for what bodies say, made when they are new. */
NODISCARD enum err_code know_kind(struct index *ix, uint32_t kind, struct err *err);
NODISCARD bool about_code(struct index *ix, struct str about, uint32_t *code);
/* A number for each scale met; those beyond the table share the last, which stands for "of different scales". */
uint8_t scale_code(struct scale *scales, uint8_t *n, double min, double max);

/* edges.c: who is one customer at `to`; fills displaced, splits and renamed. */
NODISCARD enum err_code take_edges(struct index *ix, uint64_t to, struct err *err);
void edges_taken(struct index *ix); /* forgets what was of one batch */
void edges_done(struct index *ix);
const struct split *split_of(const struct index *ix, uint32_t customer); /* NULL: it is whole */

/* take.c: from the feed into stages. */
NODISCARD enum err_code take_events(struct index *ix, uint64_t from, uint64_t to, struct err *err);

#endif
