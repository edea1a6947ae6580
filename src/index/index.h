/*
 * The index: columns of all events, made from the log or taken from the
 * files in which they were kept (docs/adr/0005), and kept up with the log.
 * One writer; readers take a snapshot and never lock.
 *
 *   log ──heads, bodies──► stage (arrival order) ──sort──► run (journey_columns, immutable)
 *
 *   snapshot ─► 256 parts by hash of customer ─► base run  + bits of dead slices
 *                                             └► delta run: whole customers that changed since
 *
 * A customer who gets new rows, or is joined with another, is written anew
 * and whole into the delta of its part, and its slice in the base is marked
 * dead. So a reader scans base and delta one after the other and meets each
 * customer once. When a delta outgrows an eighth of its base the part is
 * compacted: both become a new base.
 *
 * A customer is a component of identities; its number is that of a member
 * (the smallest known one, else the smallest), so that it is stable unless
 * people are joined.
 */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "journey/journey.h"
#include "store/store.h"

#define INDEX_PARTS 256
#define INDEX_DIMENSIONS_MAX 64 /* with the standard four */

struct index;

/* Where events come from. index_feed_store gives the log; tests give arrays. */
struct index_feed {
	void *ctx;
	uint64_t mark; /* of the log: columns of another are not taken */
	uint64_t (*end)(void *ctx);
	uint64_t (*wait)(void *ctx, uint64_t seen, int timeout_ms);
	/* From any thread, also at the same time. */
	enum err_code (*scan)(void *ctx, uint64_t from, uint64_t to, store_block_fn fn, void *fn_ctx,
	                      struct err *err); /* with bodies */
	/* Of chosen events, arrivals ascending, the heads alone. */
	enum err_code (*heads)(void *ctx, const uint64_t *arrivals, size_t n, store_block_fn fn, void *fn_ctx,
	                       struct err *err);
	/* As store_edges and store_edges_of. */
	enum err_code (*edges)(void *ctx, uint64_t from, uint64_t to, store_edge_fn fn, void *fn_ctx, struct err *err);
	enum err_code (*edges_of)(void *ctx, uint32_t identity, uint64_t to, store_edge_fn fn, void *fn_ctx,
	                          struct err *err);
	bool (*kind)(void *ctx, uint32_t id, struct store_kind *out);
	uint32_t (*identities)(void *ctx); /* the highest number that is there now */
	bool (*identity)(void *ctx, uint32_t id, bool *anonymous, struct str *external);
};
struct index_feed index_feed_store(struct store *st);

struct index_options {
	const struct str *dimensions; /* declared; the standard ones ("journey", "unit", "environment", "source") are
	                                 always there */
	size_t n_dimensions;
	int threads;          /* at least 1 */
	const char *dir;      /* where columns are kept; made when absent. NULL: in memory only */
	uint64_t keep_events; /* new events that are worth writing at close; 0: as save.c finds */
};
/*
 * Takes the columns that are kept in the folder and what the feed has since,
 * or reads all of the feed: when there are none, or when any of their bytes
 * is not as it was written (index_files then says which). progress may be
 * NULL.
 */
NODISCARD enum err_code index_open(const struct index_feed *feed, const struct index_options *opt,
                                   void (*progress)(void *ctx, int64_t done, int64_t total), void *ctx,
                                   struct index **out, struct err *err);
/* Starts the thread that keeps up with the feed and fills new dimensions. */
NODISCARD enum err_code index_follow(struct index *ix, struct err *err);
void index_close(struct index *ix);

/* Takes in what the feed has now and does a piece of what is to be filled. For callers without a following thread. */
NODISCARD enum err_code index_update(struct index *ix, struct err *err);
/* Returns when the snapshot reaches `arrival_end`, whoever brings it there; the first error of the following thread
 * otherwise. */
NODISCARD enum err_code index_reach(struct index *ix, uint64_t arrival_end, struct err *err);

struct index_files {
	int64_t bytes, files; /* in the folder */
	uint64_t arrival_end; /* they reach up to here; what came later is read from the log at start */
	bool kept;            /* the columns of this start came from them */
	char rebuilt[256];    /* why the log was read instead: the file and what is wrong with it; "" no fault */
	char failed[256];     /* why they could not be written the last time; "" they were */
};
void index_files(struct index *ix, struct index_files *out);
/* Looks at each byte of the files in a folder, without a log; ERR_CORRUPT names the first that is damaged,
 * ERR_NOT_FOUND says that there are none. */
NODISCARD enum err_code index_files_check(const char *dir, struct index_files *out, struct err *err);

/* A new column; filled in the background. OK when it is there already. ERR_LIMIT above INDEX_DIMENSIONS_MAX. */
NODISCARD enum err_code index_declare(struct index *ix, struct str property, struct err *err);
/* 0..1; -1 when not declared. */
double index_dimension_ready(struct index *ix, struct str property);

/*
 * The customers of these identities are in no snapshot from now on, and the
 * folder holds nothing any more until the next start has read the log.
 */
NODISCARD enum err_code index_drop(struct index *ix, const uint32_t *identities, size_t n, struct err *err);

struct index_run {
	uint64_t id; /* never used again: the key of caches */
	struct journey_columns columns;
};
struct index_part {
	size_t n; /* 0 to 2 runs; columns with the dead bits of this version */
	struct index_run runs[2];
};
struct index_snapshot {
	struct journey_schema schema;
	const struct index_part *parts[INDEX_PARTS];
	int64_t events, customers, oldest_ms, memory_bytes;
};

/* A snapshot to read from, until index_leave. Never blocks the writer, nor is blocked by it. */
struct index_reader {
	const struct index_snapshot *snapshot;
	int slot;
};
struct index_reader index_enter(struct index *ix);
void index_leave(struct index *ix, struct index_reader r);

/* The customer of an identity, and its part; of n identities, `stride` bytes apart, in their place. */
uint32_t index_customer(struct index *ix, uint32_t identity);
void index_customers(struct index *ix, uint32_t *identities, size_t n, size_t stride);
uint32_t index_part_of(uint32_t customer);
/* The slice of a customer in a snapshot: its run and place; false when it has no rows. */
NODISCARD bool index_find(const struct index_snapshot *s, uint32_t customer, const struct index_run **run,
                          uint32_t *place);
/* Identities of a customer, smallest first, at most `max`; returns how many there are. */
size_t index_identities(struct index *ix, uint32_t customer, uint32_t *out, size_t max);

#endif
