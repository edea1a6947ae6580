/* Shared by the files of ask. */
#ifndef ASK_PRIV_H
#define ASK_PRIV_H

#include <pthread.h>

#include "ask/ask.h"
#include "index/index.h"

enum { ASK_THREADS_MAX = 64 };

struct code_entry;
struct codes { /* cache of touchpoint codes by (run, rules); under lock */
	pthread_mutex_t lock;
	struct code_entry **slots;
	size_t n_slots, n_entries;
	int64_t bytes, max_bytes;
	uint64_t clock;
};
NODISCARD bool codes_init(struct codes *k, int64_t max_bytes);
void codes_done(struct codes *k);
/* From now on at most that many bytes. */
void codes_room(struct codes *k, int64_t max_bytes);
/* The codes of a run, made when they are not there; pinned until codes_release. NULL when memory is short. */
const struct code_entry *codes_get(struct codes *k, const struct journey_plan *p, uint64_t rules_hash,
                                   const struct index_run *run);
const uint16_t *codes_of(const struct code_entry *e);
void codes_release(struct codes *k, const struct code_entry *e);

struct asking;
struct segment_entry;
struct segments { /* customers of segments by (rule, arrival_end); under lock */
	pthread_mutex_t lock;
	struct segment_entry **slots;
	uint64_t clock;
};
NODISCARD bool segments_init(struct segments *k);
void segments_done(struct segments *k);
/* Those of the question's snapshot, found when they are not there; held until segments_release. */
NODISCARD enum err_code segments_get(struct asking *k, const struct journey_segment *s, struct segment_entry **out,
                                     struct err *err);
const struct journey_set *segments_set(const struct segment_entry *e);
void segments_release(struct segments *k, struct segment_entry *e);

struct ask {
	struct store *st;
	struct index *ix;
	int threads;
	bool follow;
	struct codes codes;
	struct segments segments;
};

/* A question on its way: one snapshot and its plan. */
struct asking {
	struct ask *a;
	struct index_reader reader;
	const struct index_snapshot *s;
	struct journey_query query;    /* the question, with the customers of its segment */
	struct segment_entry *segment; /* NULL: none */
	struct journey_plan *base;     /* the question itself */
	struct journey_plan *plan;     /* scans use this one; asking_split may change it */
	struct arena scratch;
	uint64_t codes; /* what the rows' codes are of: the key to those that are kept */
};
/* Enters a snapshot and compiles q. asking_done after OK and after failure. */
NODISCARD enum err_code asking_start(struct asking *k, struct ask *a, const struct journey_query *q, struct err *err);
/* A property whose values the question looks at must be declared and wholly read; before asking_start, so that the
 * snapshot has them. "", "event" and "channel" always are. */
NODISCARD enum err_code asking_needs(struct ask *a, struct str property, const char *field, struct err *err);
NODISCARD enum err_code asking_split(struct asking *k, struct str by, uint32_t *n_values, struct err *err);
void asking_done(struct asking *k);

/*
 * Runs `each` over every run, on several threads. One accumulator a thread,
 * made by `make` (NULL: memory is short); returned in accs[0..*n). Which run
 * went to which accumulator is left to chance: results must not depend on it.
 */
struct scan {
	void *(*make)(void *ctx);
	void (*each)(void *ctx, void *acc, const struct journey_columns *c);
	void *ctx;
	bool codes; /* columns come with touchpoints */
};
NODISCARD enum err_code asking_scan(struct asking *k, const struct scan *scan, void *accs[ASK_THREADS_MAX], int *n,
                                    struct err *err);
/* Runs a pass of the engine over every run, with codes, and merges; *out is the caller's to free by the pass. */
NODISCARD enum err_code asking_pass(struct asking *k, const struct journey_pass *pass, const void *what, void **out,
                                    struct err *err);
/* Every activity of the question's rows, in m. */
NODISCARD enum err_code asking_activities(struct asking *k, struct arena *m, struct journey_activities *out,
                                          struct err *err);
/* Does the shares 0 to n - 1 of some work, each once, on several threads. */
void asking_shares(struct asking *k, uint32_t n, void (*share)(void *ctx, int hand, uint32_t i), void *ctx);
/* The pass over flow (parts: JOURNEY_FLOW_...; variants cut to `cut` steps, 0: whole, of which the `top` commonest can
 * be asked for), with nothing left to be counted. */
NODISCARD enum err_code asking_flow(struct asking *k, unsigned parts, uint32_t cut, size_t top,
                                    struct journey_flow **out, struct err *err);

/* Which events are purchases when nobody said it: code 0 and name "" for any with money. The name lives in the arena.
 */
struct asking_orders {
	uint32_t code;
	struct str name;
};
/* What people bought in, the commonest first; none without money. Names live in m. felt.c */
NODISCARD enum err_code asking_currencies(struct asking *k, struct arena *m, struct journey_currency **out, size_t *n,
                                          struct asking_orders *orders, struct err *err);

/* The id to show of a customer; "" when nobody is known by that number. */
struct str external_of(struct ask *a, uint32_t customer);
/* merges.c: what was said about ids of a customer, into out->links. */
NODISCARD enum err_code customer_links(struct asking *k, const uint32_t *ids, size_t n_ids, struct arena *m,
                                       struct ask_customer *out, struct err *err);
/*
 * A page of a set of customers of this question's snapshot, by ascending
 * number from above `cursor` (0: the first page). first, last and events are
 * of the rows in the question's scope.
 */
NODISCARD enum err_code asking_members(struct asking *k, const struct journey_set *set, uint64_t cursor, size_t limit,
                                       struct arena *m, struct ask_members *out, struct err *err);
/* The same of the customers with a case of which something holds. */
NODISCARD enum err_code asking_behind(struct asking *k, const struct journey_behind *what, uint64_t cursor,
                                      size_t limit, struct arena *m, struct ask_members *out, struct err *err);

/* The boundaries of the periods that touch both the question's scope and the snapshot's events; in m. */
NODISCARD enum err_code asking_periods(const struct asking *k, const struct journey_query *q,
                                       const struct ask_periods *what, size_t max, struct arena *m,
                                       const int64_t **bounds, size_t *n, struct err *err);

#endif
