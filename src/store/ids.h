/*
 * Every message id ever accepted: 128-bit keyed hash -> content hash and
 * arrival number. Exact, not a filter.
 *
 * The newest ids are in a table in memory. When it holds IDS_TABLE_MAX of
 * them it is frozen, sorted and written as an immutable run under
 * DIR/index/ids/ by a thread of its own, while a new table fills. Four runs
 * of about one size are merged into one. A run is mapped, not owned: what
 * it costs in memory is the 2 bytes a key of its filter while they are hot.
 *
 * All of it is derived. A run names the arrival numbers that it covers
 * [from, to) and an anchor, the id at the last of them; ids_open takes the
 * unbroken chain of runs from 0 and says where it ends; the rest is read
 * from the log by the caller. Runs whose checksum or anchor is wrong are
 * deleted, and so is what follows them.
 *
 * Threads: find, add, remove and committed are called under one lock of the
 * caller's (store.ids_lock).
 */
#ifndef STORE_IDS_H
#define STORE_IDS_H

#include "base/err.h"
#include "base/hash.h"

#define IDS_TABLE_MAX ((size_t)800000) /* a table of 2^20 slots of 32 bytes, filled to 3/4 */
#define IDS_FAN 4                      /* runs of one size that become one */

struct id_entry {
	struct hash128 key;
	uint64_t content;
	uint64_t arrival;
};

struct ids;
/* True when the id of the event at `arrival` has this key; called for each run's anchor. */
typedef bool (*ids_anchor_fn)(void *ctx, uint64_t arrival, struct hash128 key);

struct ids_options {
	const char *dir;      /* DIR/index/ids; made when absent */
	uint64_t check;       /* of the secret: runs made with another one are not ours */
	uint64_t arrival_end; /* runs that reach further are of another life of this directory */
	bool read_only;       /* nothing is written or deleted */
	size_t table_max;     /* IDS_TABLE_MAX; smaller in tests */
	ids_anchor_fn anchor;
	void *ctx;
};
NODISCARD enum err_code ids_open(const struct ids_options *opt, struct ids **out, uint64_t *covered_end,
                                 struct err *err);
/*
 * The same in two: checking every byte of the runs takes a while, in which
 * the caller may find out how far the log goes. ids_begin looks at dir, check,
 * read_only and table_max alone; ids_end, with the same options whole, waits
 * for the runs. After an error of ids_end, ids_close is still the caller's.
 */
NODISCARD enum err_code ids_begin(const struct ids_options *opt, struct ids **out, struct err *err);
NODISCARD enum err_code ids_end(struct ids *x, const struct ids_options *opt, uint64_t *covered_end, struct err *err);
void ids_close(struct ids *x);

NODISCARD bool ids_find(struct ids *x, struct hash128 key, struct id_entry *out);
void ids_prefetch(struct ids *x, struct hash128 key);
/* For ids_find where every run will be asked. */
void ids_prefetch_runs(struct ids *x, struct hash128 key);
/* The key must be new. */
NODISCARD enum err_code ids_add(struct ids *x, const struct id_entry *e, struct err *err);
/* Takes back an id that was added since the last ids_committed. */
void ids_remove(struct ids *x, struct hash128 key);
/* All that was added is on disk; no number below arrival_end will be added again. May freeze the table. */
void ids_committed(struct ids *x, uint64_t arrival_end);
/* While reading the log at start: waits until at most one table is in flight. */
void ids_settle(struct ids *x);

struct ids_stats {
	size_t n_runs, n_table;
	uint64_t n_in_runs, covered_end;
};
void ids_stats(struct ids *x, struct ids_stats *out);

/* --- idrun.c: one file ------------------------------------------------------------------ */

struct idrun {
	char path[512];
	unsigned char *map;
	size_t map_bytes;
	uint64_t n, from, to;
	const unsigned char *filter;
	uint64_t n_filter;              /* blocks of 64 bytes */
	const struct id_entry *entries; /* sorted by key */
	struct id_entry anchor;
};
struct idrun_meta {
	uint64_t check, from, to;
	struct id_entry anchor;
};
/* Pulls entries in key order: false at the end. */
typedef bool (*idrun_next)(void *ctx, struct id_entry *out);
/* Writes DIR/FROM-TO.run with n entries, synced, and opens it. */
NODISCARD enum err_code idrun_write(const char *dir, const struct idrun_meta *meta, uint64_t n, idrun_next next,
                                    void *ctx, struct idrun **out, struct err *err);
NODISCARD enum err_code idrun_open(const char *path, uint64_t check, struct idrun **out, struct err *err);
void idrun_close(struct idrun *r);
NODISCARD bool idrun_find(const struct idrun *r, struct hash128 key, struct id_entry *out);
void idrun_prefetch(const struct idrun *r, struct hash128 key);

static inline int id_cmp(struct hash128 a, struct hash128 b)
{
	if (a.hi != b.hi) return a.hi < b.hi ? -1 : 1;
	return (a.lo > b.lo) - (a.lo < b.lo);
}

#endif
