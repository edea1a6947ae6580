/* What the files of store/ share. Others include store.h. */
#ifndef STORE_PRIV_H
#define STORE_PRIV_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include <sqlite3.h>

#include "base/checked.h"
#include "base/embed.h"
#include "base/json.h"
#include "store/block.h"
#include "store/ids.h"
#include "store/intern.h"
#include "store/store.h"

extern const struct embed_file store_queries[], store_schema[];
extern const size_t store_queries_count, store_schema_count;

/* --- conn.c: a connection, its statements, and SQLite's errors in our words ------------- */

enum conn_kind { CONN_WRITER, CONN_READER, CONN_CHECKPOINT, CONN_COPY };

struct conn {
	sqlite3 *db;
	struct stmt **cached; /* one for each embedded query, made on first use */
	struct conn *next;    /* in the pool */
};

struct stmt {
	sqlite3_stmt *handle;
	struct conn *conn;
	struct store *pool;  /* gets conn back; NULL on the writer's connection */
	struct store *owner; /* learns of failed syncs */
	bool cached, busy;
	int bind_rc;
};

/* flags are SQLite's; a `?immutable=1` URI is allowed. */
NODISCARD enum err_code conn_open(const char *path, int flags, enum conn_kind kind, struct conn **out, struct err *err);
void conn_close(struct conn *c);
NODISCARD enum err_code conn_exec(struct conn *c, const char *sql, struct err *err);
NODISCARD enum err_code conn_prepare(struct conn *c, const char *name, struct stmt **out, struct err *err);
/* A query without values and rows. */
NODISCARD enum err_code conn_run(struct conn *c, const char *name, struct err *err);
/* From an SQLite result code; full disk and broken syncs are told apart. */
enum err_code conn_err(sqlite3 *db, int rc, struct err *err);
bool conn_sync_failed(int extended_rc);

/* Steps a statement that gives no rows and makes it ready for the next values. */
NODISCARD enum err_code stmt_run(struct stmt *s, struct err *err);
void stmt_reset(struct stmt *s);

/* --- writer.c ------------------------------------------------------------------------------- */

struct id_undo {
	struct hash128 key;
};

/* An append on its way through the writer. Lives on the caller's stack. */
struct append {
	uint32_t source;
	int64_t received_ms;
	struct store_item *items;
	size_t n;
	struct block_event *events;   /* ids and k's: filled by the caller's thread */
	struct hash128 *fingerprints; /* of refusals to be set aside */
	struct id_undo *undo;         /* ids taken so far */
	size_t n_undo;
};

struct waiting {
	atomic_int left; /* requests that are not done */
	sem_t done;      /* posted with the last */
};
struct request {
	struct request *next;
	struct waiting *waiting;
	struct append *append; /* one of the two, or both: then the append follows a successful fn */
	store_write_fn fn;
	void *ctx;
	enum err_code rc;
	struct err err;
};

struct store_write {
	struct store *st;
};

struct store {
	char *dir;
	unsigned flags;
	int lock_fd;
	struct hash_key key; /* of ids */
	struct conn *writer; /* only the writer thread uses it */

	pthread_mutex_t pool_lock;
	struct conn *pool; /* idle readers */
	size_t n_pool;

	/* The writer's mailbox. */
	pthread_mutex_t queue_lock;
	pthread_cond_t queue_filled;
	struct request *head, **tail;
	bool stop;                  /* queue_lock */
	bool dead;                  /* queue_lock: a sync failed; nothing is written any more */
	void (*on_dead)(void *ctx); /* queue_lock */
	void *on_dead_ctx;
	pthread_t writer_thread;
	bool writer_running;

	/* What is committed. */
	pthread_mutex_t end_lock;
	pthread_cond_t end_moved;
	_Atomic uint64_t arrival_end;
	bool closing; /* end_lock */

	struct ids *ids;
	bool ids_partial;           /* opened for reading, and the log is damaged: ids are not complete */
	pthread_mutex_t ids_lock;   /* writer for a batch at a time; verify for a block */
	pthread_mutex_t names_lock; /* held for moments */
	struct ids *names;          /* names_lock; of records: names.c */
	struct intern *kinds, *identities;
	struct edge_set *edges;
	struct left { /* who left; writer only */
		struct hash128 hash;
		int64_t at_ms;
	} * left;
	size_t n_left;
	struct left *owed;    /* who left by DIR/erased and is in a database that was restored; sorted by hash */
	atomic_size_t n_owed; /* routes read it */
	uint32_t *kinds_of;   /* kinds first said by source i; writer only */
	size_t n_kinds_of;
	uint32_t *kind_source; /* which source that was; writer only */
	size_t cap_kind_source;

	/* The writer's working memory. */
	struct block_builder builder;
	struct encoded {
		struct block_frame frame;
		struct buf head, body;
	} * blocks;
	size_t n_blocks, cap_blocks;
	struct new_edge {
		uint64_t arrival;
		uint32_t a, b;
	} * new_edges;
	size_t n_new_edges, cap_new_edges;
	uint64_t next_arrival;
	struct hash128 *new_names; /* of this group */
	size_t n_new_names, cap_new_names;
	uint64_t next_name;

	/* Checkpoints and merging: merge.c. */
	pthread_mutex_t gate;      /* held by the writer in a transaction, by the checkpoint for its last pages */
	pthread_mutex_t rewriting; /* held by whoever reads blocks to write others in their place */
	pthread_mutex_t care_lock;
	pthread_cond_t checkpoint_wake, merge_wake;
	struct conn *checkpointer; /* only its thread uses it */
	_Atomic int wal_pages;     /* length of the write-ahead log at the last commit */
	int wal_copied, wal_seen;  /* care_lock; pages in the database; wal_pages when last looked at */
	uint64_t commits;          /* care_lock; written by the writer after each commit */
	uint64_t events_since;     /* care_lock; events appended since the merger last looked */
	bool care_stop;            /* care_lock */
	pthread_t checkpoint_thread, merge_thread;
	bool checkpoint_running, merge_running;
};

NODISCARD enum err_code writer_start(struct store *st, struct err *err);
void writer_stop(struct store *st);
NODISCARD enum err_code writer_submit(struct store *st, struct request *r, struct err *err);
/* Of a list of n: returns when each is in the log or has failed; its rc and err say which. */
void writer_submit_all(struct store *st, struct request *first, int n);
void store_mark_dead(struct store *st);
NODISCARD enum err_code store_dead_err(struct err *err);

/* --- store.c */

/* What was written to a file, or which names a folder holds, is on the disk when this returns OK. */
NODISCARD enum err_code store_sync_path(const char *path, struct err *err);
NODISCARD enum err_code store_sync_folder_of(const char *path, struct err *err);

/* The key in the table of ids of the i-th event of a block. */
struct hash128 store_event_key(const struct store *st, const struct block_reader *r, size_t i);

enum { BODY_BYTES_MAX = 2 * 32 * 1024 }; /* of one event */

/* --- append.c: what the writer does with one append before the transaction ---------------------- */

/* Decides verdicts, gives numbers, fills blocks. On failure nothing of it remains but interned words. */
NODISCARD enum err_code append_prepare(struct store *st, struct append *a, struct err *err);
NODISCARD enum err_code append_seal(struct store *st, struct err *err); /* what the builder holds becomes a block */
void append_undo(struct store *st, struct append *a);

/* For what people decide, inside the transaction: a number in the order of arrivals, and a pair that is known from now
 * on; both go back when the group fails. */
NODISCARD enum err_code append_take_arrival(struct store *st, uint64_t *arrival, struct err *err);
NODISCARD enum err_code append_know_edge(struct store *st, uint32_t a, uint32_t b, uint64_t arrival, struct err *err);
/* A kind that `source` says first: into memory, and into the count of its source. */
NODISCARD enum err_code append_load_kind(struct store *st, const struct intern_word *w, uint32_t source, uint32_t *kind,
                                         struct err *err);
/* The key under which an event without a message id is known. */
struct hash128 append_anonymous_id(const struct store *st, uint32_t source, bool anonymous, struct str who,
                                   uint64_t content, uint32_t k);

/* What is known by it when it is set aside again: the i-th item, a refusal or an event whose id was used otherwise. */
struct hash128 append_fingerprint(const struct store *st, const struct append *a, size_t i);

/* The key under which a name of a record is known. */
struct hash128 append_name_key(const struct store *st, struct str name);

/* --- names.c ------------------------------------------------------------------------------------- */

NODISCARD enum err_code names_open(struct store *st, struct err *err);
/* The newest of a group, down to the from-th, are given back; or all of them are on disk. */
void names_forget(struct store *st, size_t from);
void names_committed(struct store *st);

/* --- commit.c: the rows of it, inside the transaction -------------------------------------------- */

/* Sums of one source that are not in its row yet. */
struct append_sums {
	uint32_t source;
	bool any;
	struct store_sums sums;
};
/* Rows of what is set aside; sums are gathered, and those of another source before are written. */
NODISCARD enum err_code append_commit(struct store *st, struct append *a, struct append_sums *sums, struct err *err);
NODISCARD enum err_code append_sums_put(struct store *st, struct append_sums *sums, struct err *err);
NODISCARD enum err_code append_commit_log(struct store *st, struct err *err); /* blocks, words, edges */

/* --- merge.c ------------------------------------------------------------------------------------ */

NODISCARD enum err_code care_start(struct store *st, struct err *err);
void care_stop(struct store *st);
void care_committed(struct store *st, uint64_t n_events);

/* --- erase.c: who left ---------------------------------------------------------------------------- */

NODISCARD enum err_code ledger_put(struct store *st, struct hash128 h, int64_t at_ms, struct err *err);
/* ledger.c: DIR/erased. Adds lines, synced; compares it with the ledger of the database that is in memory. */
NODISCARD enum err_code ledger_file_add(struct store *st, const struct left *lines, size_t n, struct err *err);
NODISCARD enum err_code ledger_file_open(struct store *st, struct err *err);
bool ledger_refuses(const struct store *st, struct str external, int64_t at_ms);

/* Puts a block in the place of those that begin in [first, end). */
struct replace {
	uint64_t first, end;
	const struct block_frame *frame;
	struct str head, body;
};
NODISCARD enum err_code replace_blocks(struct store_write *w, const struct replace *r, struct err *err);

/* --- scan.c ------------------------------------------------------------------------------------- */

/* One block's rows as stored: the one that holds `pos`, else the next; false at the end of the log. */
struct block_bytes {
	struct block_frame frame;
	struct buf head, body;
};
void block_bytes_init(struct block_bytes *b);
void block_bytes_done(struct block_bytes *b);
NODISCARD enum err_code scan_block(struct store *st, uint64_t pos, bool body, struct block_bytes *out, bool *found,
                                   struct err *err);

#endif
