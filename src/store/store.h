/*
 * safar.db: the whole truth. Event log of compressed blocks, and records
 * (maps, people who sign in, sources, ...) in the same SQLite file, so that
 * one transaction covers an event and the record it creates.
 *
 * Threads. One writer thread inside the store runs every write; callers on
 * any thread submit work and wait. Readers use a pool of read connections.
 * What returns OK from a write is in a committed and fsynced transaction.
 * After the first fsync error every write answers ERR_UNAVAILABLE until the
 * process is started anew.
 *
 * Layout of the event log, capacities and the file's schema: store/README.md.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "wire/wire.h"

struct store;

enum store_open_flags {
	STORE_CREATE = 1,    /* make the directory and the file when absent */
	STORE_READ_ONLY = 2, /* no lock, no writer thread; for verify */
};

/*
 * Opens DIR: takes DIR/lock (ERR_UNAVAILABLE "store.locked" when another
 * process has it), migrates, reads what the id runs lack from the log.
 */
NODISCARD enum err_code store_open(const char *dir, unsigned flags, struct store **out, struct err *err);
void store_close(struct store *st);
const char *store_dir(const struct store *st);
/*
 * Who is told, once, when a sync failed and nothing is accepted any more: a
 * second sync could succeed and have kept nothing, so the process is to leave
 * and read at its next start what the disk really has. Called on the thread
 * that met it; must be quick and call nothing of the store.
 */
void store_on_dead(struct store *st, void (*fn)(void *ctx), void *ctx);
/* A number of this organisation's data, the same for as long as safar.db is: what is derived from it carries it. */
uint64_t store_mark(const struct store *st);

/* --- events ------------------------------------------------------------------------- */

#define STORE_ARRIVAL_MAX (((uint64_t)1 << 40) - 1)

enum store_verdict { STORE_STORED, STORE_DUPLICATE, STORE_CONFLICT, STORE_SET_ASIDE, STORE_REFUSED, STORE_VERDICTS };

struct store_item {
	/* in: an event ... */
	const struct wire_event *event; /* borrowed until the call returns; NULL with set_aside or refused */
	/* ... or one that is kept apart (reason set), or only counted (refused) */
	const struct wire_refusal *refusal;
	/* out */
	enum store_verdict verdict;
	uint64_t arrival; /* STORED and DUPLICATE (the first one's): the event's address for ever */
	/* in: not 0 when the event is tried again out of this row of set_aside: if it is stored or known, the row
	   goes and the sums move instead of rising */
	int64_t set_aside_id;
};

/*
 * Stores n items of one source in one transaction, together with others
 * that arrive at the same moment (group commit). An event with a message id
 * is checked against every id ever stored for the source: same id and same
 * content is DUPLICATE, same id and other content CONFLICT, which is set
 * aside with reason "id.conflict". An event without an id gets the hash of
 * (source, customer, content, k) with k its how-manieth equal one within
 * `scope` (a file import; pass NULL for live traffic, where k counts within
 * this call).
 *
 * The source's counters move in the same transaction, so that received =
 * stored + duplicate + set aside + refused holds at every instant.
 * Returns after the fsync. At most STORE_APPEND_MAX items a call.
 */
#define STORE_APPEND_MAX 16384
struct store_scope; /* counts equal events of one import */
NODISCARD enum err_code store_scope_new(struct store_scope **out, struct err *err);
void store_scope_free(struct store_scope *s);
NODISCARD enum err_code store_append(struct store *st, uint32_t source, int64_t received_ms, struct store_item *items,
                                     size_t n, struct store_scope *scope, struct err *err);

/*
 * The same with records that belong to the events (a survey's answer): `fn`
 * runs in the transaction that keeps the events, before them. When it fails,
 * neither its rows nor the events are there, and its error is returned; when
 * the events fail, its rows are not there. Others of the group lose nothing.
 * fn is as short as one of store_write; it may be run twice, after what it did
 * the first time was undone, so whatever it leaves in ctx it sets anew.
 * n may be 0: then it is store_write.
 */
struct store_write;
typedef enum err_code (*store_write_fn)(void *ctx, struct store_write *w, struct err *err);
NODISCARD enum err_code store_append_with(struct store *st, uint32_t source, int64_t received_ms,
                                          struct store_item *items, size_t n, store_write_fn fn, void *ctx,
                                          struct err *err);

/* One of several store_append_with. Borrows everything until it is done. */
struct store_job {
	uint32_t source;
	int64_t received_ms;
	struct store_item *items;
	size_t n;
	store_write_fn fn;
	void *ctx;
	enum err_code rc; /* how it ended */
	struct err err;
};
/* All of them, each on its own: returns when the last is in the log or has failed. One thread can so fill a group
 * commit. */
void store_append_jobs(struct store *st, struct store_job *const *jobs, size_t n);

/*
 * What store_append would say, without storing: for dry runs. Verdicts are
 * STORED, DUPLICATE, CONFLICT, SET_ASIDE and REFUSED; an event that comes
 * twice within `scope` is found too. A source that does not exist yet is 0.
 */
NODISCARD enum err_code store_probe(struct store *st, uint32_t source, struct store_item *items, size_t n,
                                    struct store_scope *scope, struct err *err);

/*
 * An event as the text in which it is set aside, and back. JSON:
 * {"type","name","channel","customer","anonymous","previous","id","at_ms",
 * "content":"hex","body":{}}; empty members are left out.
 */
void store_event_text(const struct wire_event *e, struct buf *out);
NODISCARD enum err_code store_event_read(struct str text, struct arena *a, struct wire_event *out, struct err *err);

/* One row of the log as readers see it. Numbers are stable for ever. */
struct store_head {
	uint64_t arrival;
	uint32_t source;
	uint32_t kind;     /* row of store_kind */
	uint32_t identity; /* row of store_identity: the customer id, or the anonymous id without one */
	int64_t at_ms, received_ms;
};

/* A decoded run of the log: heads, and bodies when asked for. Views live until the callback returns. */
struct store_block {
	size_t n;
	const struct store_head *heads;
	const struct str *bodies; /* NULL when heads only were asked for */
};
typedef enum err_code (*store_block_fn)(void *ctx, const struct store_block *b, struct err *err);

/* Every event with arrival in [from, to), in arrival order. Checks each block's checksum: ERR_CORRUPT names it. */
NODISCARD enum err_code store_scan(struct store *st, uint64_t from, uint64_t to, bool bodies, store_block_fn fn,
                                   void *ctx, struct err *err);
/* Chosen events (arrivals ascending). Missing ones are left out. */
NODISCARD enum err_code store_fetch(struct store *st, const uint64_t *arrivals, size_t n, bool bodies,
                                    store_block_fn fn, void *ctx, struct err *err);

/* One past the newest committed arrival. store_wait returns when it is above `seen`, or after timeout_ms, or at close.
 */
uint64_t store_arrival_end(struct store *st);
uint64_t store_wait(struct store *st, uint64_t seen, int timeout_ms);
/*
 * The same for one who writes what it makes of the events: it works at most
 * once in STORE_PACE_MS. What comes alone is taken at once, what comes in a
 * stream in batches, whose rows share the pages that they are written to.
 * *worked_ms (monotonic, 0 at first): when the work before began; set anew.
 */
#define STORE_PACE_MS 200
uint64_t store_wait_paced(struct store *st, uint64_t seen, int timeout_ms, int64_t *worked_ms);

/* Interned words. Numbers start at 1 and are dense. Answers are valid until store_close. */
struct store_kind {
	uint32_t id;
	uint8_t type; /* enum wire_type */
	struct str name, channel;
};
uint32_t store_kind_count(struct store *st);
NODISCARD bool store_kind_get(struct store *st, uint32_t id, struct store_kind *out);
uint32_t store_identity_count(struct store *st);
NODISCARD bool store_identity_get(struct store *st, uint32_t id, bool *anonymous, struct str *external);
/* 0 when nobody has this external id. */
uint32_t store_identity_find(struct store *st, bool anonymous, struct str external);

/* --- who is one person ---------------------------------------------------------------------- */

/*
 * What was said about a pair of identities: that they are one person, by an
 * event or by hand, or by hand that they are not. Nothing is deleted; what
 * was said last about a pair holds, in either order of the two. A person is
 * a component of the edges that hold. An event says nothing about a pair
 * that was spoken of before (docs/adr/0006).
 */
struct store_edge {
	uint32_t a, b;
	uint64_t arrival; /* of the event; by hand: a number of its own, in the order of arrivals like any other */
	bool apart;
	/* Of store_edges_of alone; texts live until the callback returns. */
	bool by_hand;
	int64_t at_ms;             /* by hand: when; of events 0 */
	struct str author, reason; /* by hand; of events "" */
};
typedef enum err_code (*store_edge_fn)(void *ctx, const struct store_edge *e, struct err *err);
/* With arrival in [from, to), by (arrival, a, b). */
NODISCARD enum err_code store_edges(struct store *st, uint64_t from, uint64_t to, store_edge_fn fn, void *ctx,
                                    struct err *err);
/* Those of one identity with arrival below `to`, in that order. fn must be quick: it holds a reading statement. */
NODISCARD enum err_code store_edges_of(struct store *st, uint32_t identity, uint64_t to, store_edge_fn fn, void *ctx,
                                       struct err *err);
/* Of all that was said about some pairs what holds, to the front of the list: one edge a pair, with the arrival since
 * which it holds, in order of arrival; how many they are. */
size_t store_edges_that_hold(struct store_edge *list, size_t n);

#define STORE_SAID_BYTES_MAX 1000
#define STORE_PERSON_IDS_MAX 100000
struct store_said {
	struct str author, reason; /* at most STORE_SAID_BYTES_MAX each; borrowed */
	int64_t at_ms;
};
/* The persons of two identities are one from now on. ERR_CONFLICT "customer.one" when they are. */
NODISCARD enum err_code store_merge(struct store *st, uint32_t a, uint32_t b, const struct store_said *said,
                                    uint64_t *arrival, struct err *err);
/*
 * The person of two identities becomes two. How they came to be one is told
 * again from the beginning, and each edge that would join the side of a with
 * that of b no longer holds: a merge by hand is undone by its two ids. The
 * other id of the same text (an alias makes both) goes with each of them.
 * ERR_CONFLICT "customer.apart" when they are not one; ERR_LIMIT
 * "customer.ids" for a person of more than STORE_PERSON_IDS_MAX identities.
 * Costs a transaction over all edges of that person.
 */
NODISCARD enum err_code store_unmerge(struct store *st, uint32_t a, uint32_t b, const struct store_said *said,
                                      uint64_t *arrival, struct err *err);

/* --- what does not count, and the sums ------------------------------------------------ */

struct store_sums {
	int64_t received, stored, duplicate, set_aside, refused;
	int64_t last_received_ms; /* 0 never */
	int64_t erased;           /* were stored or set aside, and went with the person that they were of */
};
NODISCARD enum err_code store_source_sums(struct store *st, uint32_t source, struct store_sums *out,
                                          struct err *err); /* source 0: all */

/* --- records ---------------------------------------------------------------------------- */

/*
 * SQL lives in store/queries/NAME.sql, is embedded at build time and is
 * prepared by its name; values are bound. A statement belongs to the thread
 * that prepared it and holds a connection until stmt_free.
 */
struct stmt;
NODISCARD enum err_code stmt_prepare(struct stmt **out, struct store *st, const char *name,
                                     struct err *err); /* reading */
/*
 * Of a query on a table that there is once for each month: "@month" in it stands for the six digits of a month, such as
 * 202611. ERR_INPUT for another number.
 */
NODISCARD enum err_code stmt_prepare_month(struct stmt **out, struct store *st, const char *name, int month,
                                           struct err *err);
void stmt_free(struct stmt *s);
void stmt_bind_i64(struct stmt *s, int at, int64_t v); /* at from 1 */
void stmt_bind_double(struct stmt *s, int at, double v);
void stmt_bind_str(struct stmt *s, int at, struct str v); /* text; borrowed until stmt_free; {NULL,0} binds NULL */
void stmt_bind_blob(struct stmt *s, int at, struct str v);
NODISCARD enum err_code stmt_step(struct stmt *s, bool *row, struct err *err);
void stmt_again(struct stmt *s);              /* forgets the values that were bound, to be stepped once more */
int64_t stmt_i64(struct stmt *s, int column); /* column from 0 */
double stmt_double(struct stmt *s, int column);
bool stmt_null(struct stmt *s, int column);
struct json_out;
/* The row as a JSON object by the names of its columns; a text of a column NAME_json is put as the JSON that it is,
 * under NAME; blobs are left out. */
void stmt_json(struct stmt *s, struct json_out *o);
struct str stmt_str(struct stmt *s, int column); /* valid until the next step or free; copy to keep */

/*
 * Runs fn on the writer thread inside a transaction and returns after the
 * fsync. Any error from fn rolls back what fn did and nothing else. fn uses
 * write_exec / write_prepare with the `struct store_write` it is given and
 * must be short (no transaction over 5 ms).
 */
NODISCARD enum err_code store_write(struct store *st, store_write_fn fn, void *ctx, struct err *err);
NODISCARD enum err_code write_prepare(struct stmt **out, struct store_write *w, const char *name, struct err *err);
NODISCARD enum err_code write_prepare_month(struct stmt **out, struct store_write *w, const char *name, int month,
                                            struct err *err);
/*
 * A part of a write that may fail alone: what fn did is undone then, and *how
 * and *why say so. The result is an error when the whole write is lost; it is
 * to be handed on.
 */
NODISCARD enum err_code write_part(struct store_write *w, store_write_fn fn, void *ctx, enum err_code *how,
                                   struct err *why);
/*
 * Names of records that nobody is to guess, such as a code made of a sender's
 * key. They lie anywhere, and an index of them would write a page for each;
 * so they are kept in their order and found as ids of events are (ids.h). A
 * name is given once for ever, ERR_CONFLICT "store.named" the second time, and
 * outlives its record: whoever looks makes sure that the row has the name.
 */
NODISCARD enum err_code write_name(struct store_write *w, struct str name, int64_t record, struct err *err);
NODISCARD bool store_named(struct store *st, struct str name, int64_t *record); /* also of one under way */
int64_t write_last_id(struct store_write *w);
int64_t write_changes(struct store_write *w);

/*
 * Records in immutable versions (maps, segments, surveys): one row of a
 * record with its key, and rows of versions numbered from 1 without holes,
 * whose columns are their module's. Inside a store_write.
 *
 * version_find looks: `id` and `newest` are 0 when nobody has the key. With
 * `fresh` the key gets "-2", "-3" ... behind it until it is free. The caller
 * compares `newest` with the version that was edited, and says so in its own
 * words when they differ. version_begin then makes the record if it is new
 * and gives the number under which the caller puts its row.
 */
struct store_versions {
	const char *newest; /* query: key -> id of the record, newest version */
	const char *insert; /* query: key, made_ms */
};
struct store_version {
	struct str key;
	bool fresh;
	int64_t id;
	int newest;
};
NODISCARD enum err_code version_find(struct store_write *w, const struct store_versions *of, struct arena *a,
                                     struct store_version *v, struct err *err);
NODISCARD enum err_code version_begin(struct store_write *w, const struct store_versions *of, struct store_version *v,
                                      int64_t now_ms, int *version, struct err *err);
/* Runs queries that take the key (versions first, then the record); *found: the last one changed something. */
NODISCARD enum err_code version_remove(struct store_write *w, const char *const *queries, size_t n, struct str key,
                                       bool *found, struct err *err);

/* --- leaving ------------------------------------------------------------------------------- */

/*
 * The parts of erasing a person; rights/ calls them in this order, again
 * after a crash. Identities are theirs, all of the component.
 *
 * store_erase_names: their texts and what was said about who is one with
 * whom are gone. What happened to one of these ids before *at_ms is refused
 * from now on, and whoever comes with one later is a new person. fn, if any,
 * runs before in the same transaction, and may set *at_ms: a moment read there
 * is behind everything that was written before. The numbers stay, with "" as
 * text.
 * store_erase_events: those of a list of arrivals (ascending) leave the log;
 * `erased` says how many were still there. The sums of their sources move
 * from stored to erased.
 * store_erase_set_aside: rows of set_aside that speak of a word.
 * store_scrub: writes safar.db anew and empties the write-ahead log, so that
 * nothing that was deleted is in either. Writers wait meanwhile: about a
 * second for each 100 MB. ERR_UNAVAILABLE "store.busy" when readers are in the way
 * for long; to be called again.
 */
NODISCARD enum err_code store_erase_names(struct store *st, const uint32_t *identities, size_t n, const int64_t *at_ms,
                                          store_write_fn fn, void *ctx, struct err *err);
/*
 * External ids that DIR/erased knows as erased and the database has: it was
 * restored from an older backup. None otherwise. store_owed_done: they are
 * erased again, and the database says so too.
 */
NODISCARD enum err_code store_owed(struct store *st, struct arena *a, struct str **out, size_t *n, struct err *err);
/* Whether there are any: what is read of the database may speak of them. */
bool store_owes(const struct store *st);
NODISCARD enum err_code store_owed_done(struct store *st, struct err *err);
/*
 * For whoever writes about an external id what was begun outside of the
 * transaction. write_erased_since: it was erased at or after a moment, so that
 * work begun then is of somebody who left. write_erased: it was erased and
 * nobody has come with it since, as a customer or a device. Writer only; two
 * looks into tables in memory.
 */
bool write_erased_since(const struct store_write *w, struct str external, int64_t since_ms);
bool write_erased(const struct store_write *w, struct str external);
NODISCARD enum err_code store_erase_events(struct store *st, const uint64_t *arrivals, size_t n, int64_t *erased,
                                           struct err *err);
NODISCARD enum err_code store_erase_set_aside(struct store *st, struct str word, int64_t *erased, struct err *err);
NODISCARD enum err_code store_scrub(struct store *st, struct err *err);
/* Whether a text has the word, not as a part of a longer one. */
bool store_speaks_of(struct str text, struct str word);
/* A hash under the secret of this directory: says whether a text is the same without saying what it was. */
struct hash128 store_keyed(const struct store *st, struct str text);
struct hash128 write_keyed(const struct store_write *w, struct str text);

/*
 * What a module holds of a person, for the export and for erasing: one row a
 * kind. ?1 of each query is, by `by`, a customer's id, a device's id, the
 * number of an identity, or the arrival number of one of their events. Columns of `show` are named as they are to be
 * read. A list ends with a row without a kind.
 */
enum store_personal_by { PERSONAL_CUSTOMER, PERSONAL_DEVICE, PERSONAL_IDENTITY, PERSONAL_ARRIVAL };
struct store_personal {
	const char *kind; /* of receipts and exports, such as "answers"; several rows may share one */
	enum store_personal_by by;
	const char *show;     /* query */
	const char *erase[4]; /* queries in order; the rows that the first changes are counted */
	/* For what takes more than queries; runs before them. */
	enum err_code (*before)(struct store_write *w, int64_t number, struct str customer, struct err *err);
};

/* What one row's queries erase of somebody; n grows by the rows of the first. By `by`, `who` or `number` counts. */
NODISCARD enum err_code write_erase(struct store_write *w, const struct store_personal *p, struct str who,
                                    int64_t number, int64_t *n, struct err *err);

/* --- care --------------------------------------------------------------------------------- */

/* A copy from one read transaction, with the arrival number it reaches; the target must not exist. */
NODISCARD enum err_code store_backup(struct store *st, const char *path, uint64_t *arrival_end, struct err *err);
/* Checks the copy, then makes DIR from it; DIR must be absent or empty, but for the file `erased` of the directory that
 * was backed up. */
NODISCARD enum err_code store_restore(const char *backup, const char *dir, struct err *err);

struct store_verify_report {
	int64_t blocks, events, set_aside, records;
	int64_t bad_blocks;
	bool sums_agree; /* received = stored + duplicate + set aside + refused + erased, and stored = events in the log
	                  */
	struct str first_problem; /* "" when all is well; names table, row and what is wrong */
};
NODISCARD enum err_code store_verify(struct store *st, struct arena *a, struct store_verify_report *out,
                                     struct err *err);

#endif
