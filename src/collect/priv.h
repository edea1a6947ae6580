/* What the files of collect/ share. Others include collect.h. */
#ifndef COLLECT_PRIV_H
#define COLLECT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_tree.h"
#include "collect/collect.h"

#define KEY_HASH_BYTES 32
#define MASKS_KEPT 256

struct key_row {
	unsigned char hash[KEY_HASH_BYTES];
	uint32_t id;
	bool enabled;
};

struct collect {
	struct store *st;
	struct collect_options opt;
	pthread_rwlock_t keys_lock;
	struct key_row *keys; /* sorted by hash; replaced as a whole under keys_lock */
	size_t n_keys;
	struct clocks *clocks;
	atomic_uint_fast64_t mask_changes;
	/* What collect_source_masks found, by source modulo MASKS_KEPT: source << 32 | changes, 30 bits << 2 | hides <<
	 * 1 | masks.
	 */
	atomic_uint_fast64_t masks[MASKS_KEPT];
};

static inline int64_t now_of(const struct collect *c)
{
	return c->opt.now_ms(c->opt.now_ctx);
}

/* --- sources.c ------------------------------------------------------------------------- */

/* The source of this name; made when absent. */
NODISCARD enum err_code source_for_import(struct collect *c, struct str name, uint32_t *id, struct err *err);
NODISCARD enum err_code source_find(struct collect *c, struct str name, uint32_t *id, struct err *err); /* id 0: none */
NODISCARD enum err_code source_kind(struct collect *c, uint32_t id, enum collect_source_kind *kind, struct err *err);

NODISCARD enum err_code source_rules(struct collect *c, uint32_t id, struct arena *a, struct collect_rule **out,
                                     size_t *n, struct err *err);
/* "" without one. */
NODISCARD enum err_code source_secret(struct collect *c, uint32_t id, struct arena *a, struct str *out,
                                      struct err *err);

/* --- masking.c -------------------------------------------------------------------------- */

/* hiding.c: the rules of a source for named properties. */
struct hiding {
	const struct store *st;
	struct collect_rule *rules;
	size_t n_rules;
};
NODISCARD enum err_code hiding_read(struct str json, struct arena *a, struct collect_rule **out, size_t *n,
                                    struct err *err);
void hiding_write(const struct collect_rule *rules, size_t n, struct json_out *o);
const struct collect_rule *hiding_rule(const struct collect_rule *rules, size_t n,
                                       struct str property); /* NULL: none */
/* JSON as the rules leave it, at the end of out; false when it is none, or memory is short. */
NODISCARD bool hide_json(const struct hiding *h, struct str json, struct arena *a, struct buf *out);

/* A sink that masks comments, applies the rules, and hands on to another; what it hands on lives until it is called
 * again. */
struct masking {
	struct wire_sink to;
	bool comments; /* texts of comments are masked */
	struct hiding hiding;
	struct buf out, text, hidden;
	struct arena scratch, kept;
};
/* The sink for what a source sends: `to` itself where nothing of it is personal. To be ended by masking_done. */
NODISCARD enum err_code masking_open(struct collect *c, uint32_t source, const struct wire_sink *to, struct masking *m,
                                     struct wire_sink *sink, struct err *err);
void masking_done(struct masking *m);

/* --- clocks.c: by how much senders' clocks are wrong ----------------------------------------- */

/*
 * A measurement holds the clock's error and how long the request was on its
 * way, so two of one clock differ. What is taken off a sender's times is
 * therefore one offset: nothing while its clock is right to CLOCK_RIGHT_MS
 * (then its own times are the better ones), else its first measurement,
 * until one differs by more than CLOCK_JUMP_MS: then the clock was set anew.
 * So events of one sender keep its order. Kept in memory, for the
 * CLOCKS_MAX senders heard last.
 */
#define CLOCK_RIGHT_MS ((int64_t)60 * 1000)
#define CLOCK_JUMP_MS ((int64_t)5 * 60 * 1000)
#define CLOCKS_MAX ((size_t)1 << 18)
struct clocks;
NODISCARD struct clocks *clocks_new(void); /* NULL: memory is short */
void clocks_free(struct clocks *k);
struct clock_of_source {
	struct clocks *clocks;
	uint32_t source;
};
int64_t clock_offset(void *clock_of_source, struct str sender, int64_t skew_ms);

/* --- rules.c: what holds for an event before it is stored ------------------------------- */

/*
 * Copies of events and refusals that wait for one store_append. Strings are
 * copied into the arena: those of a sink live only until its call returns.
 */
struct batch {
	struct arena *arena;
	struct store_item *items;
	size_t n, cap;
};
NODISCARD enum err_code batch_event(struct batch *b, const struct wire_event *e, bool live, struct err *err);
NODISCARD enum err_code batch_refusal(struct batch *b, const struct wire_refusal *r, struct err *err);
/* The time rules that hold for any event, whoever made it; OK when it passes, else `why` and the reason. */
const char *time_rule(const struct wire_event *e, int64_t now_ms, bool live, struct err *why);

void tally_add(struct collect_tally *t, const struct store_item *items, size_t n);

/* --- parser.c: reading files in a process of its own ---------------------------------------- */

struct parse_job {
	enum wire_format format;
	struct str mapping_toml;
	struct str zone; /* of a mapping that says none; "" UTC */
	int64_t now_ms;
	const char *paths[COLLECT_FILES_MAX]; /* "-": standard input */
	struct str names[COLLECT_FILES_MAX];
	size_t n_files;
	bool guess;
};
/* Called at least four times a second while the parser works, whatever it does; nonzero stops it. */
typedef int (*parse_tick)(void *ctx);
NODISCARD enum err_code parse_files(const char *self_path, const struct parse_job *job, const struct wire_sink *sink,
                                    parse_tick tick, void *ctx, struct err *err);
NODISCARD enum err_code parse_guess(const char *self_path, const struct parse_job *job, struct arena *a,
                                    struct wire_guess *out, struct err *err);
/* The work itself, in whichever process: inputs are open. parse_work.c */
NODISCARD enum err_code parse_run(const struct parse_job *job, const int *fds, const struct wire_sink *sink,
                                  struct err *err);
NODISCARD enum err_code parse_run_guess(const struct parse_job *job, const int *fds, struct arena *a,
                                        struct wire_guess *out, struct err *err);
/* JSON of the job and of the guess, both ways. parse_text.c */
void parse_job_write(const struct parse_job *job, struct buf *out);
NODISCARD enum err_code parse_job_read(struct str text, struct arena *a, struct parse_job *out, struct err *err);
void parse_guess_write(const struct wire_guess *g, struct buf *out);
NODISCARD enum err_code parse_guess_read(struct str text, struct arena *a, struct wire_guess *out, struct err *err);

/* --- rejects.c ----------------------------------------------------------------------------------- */

struct rejects;
NODISCARD enum err_code rejects_new(const char *dir, struct str source, int64_t now_ms, struct rejects **out,
                                    struct err *err);
void rejects_free(struct rejects *r);
/* Makes the file on the first call. */
NODISCARD enum err_code rejects_add(struct rejects *r, struct str file, const struct wire_refusal *refusal,
                                    struct err *err);
/* Syncs; name is "" when there were none, else valid until rejects_free. */
NODISCARD enum err_code rejects_end(struct rejects *r, struct str *name, struct err *err);

/* --- facts.c: what an import held ------------------------------------------------------------------ */

struct hash_set {
	uint64_t *slots;
	size_t n, n_slots; /* a power of two, at least half of them empty */
};
struct facts {
	struct arena arena;
	int64_t first_ms, last_ms;
	struct hash_set customers, names; /* names beyond those in touchpoints */
	struct collect_count touchpoints[COLLECT_TOUCHPOINTS_MAX];
	uint64_t touchpoint_hash[COLLECT_TOUCHPOINTS_MAX]; /* of their names */
	size_t n_touchpoints;
	struct collect_reason reasons[COLLECT_REASONS_MAX];
	size_t n_reasons;
};
void facts_init(struct facts *f);
void facts_done(struct facts *f);
NODISCARD enum err_code facts_event(struct facts *f, const struct wire_event *e, struct err *err);
NODISCARD enum err_code facts_refusal(struct facts *f, const struct wire_refusal *r, struct err *err);
/* Into the result's members; texts are copied. */
NODISCARD enum err_code facts_tell(struct facts *f, struct arena *a, struct collect_import_result *out,
                                   struct err *err);

/* --- declared.c ------------------------------------------------------------------------------------ */

/* What a mapping declared, kept until the import ends. */
struct declared {
	struct arena arena;
	struct wire_declare *rows;
	size_t n, cap;
};
NODISCARD enum err_code declared_add(struct declared *d, const struct wire_declare *row, struct err *err);
NODISCARD enum err_code declared_store(struct collect *c, const struct declared *d, struct err *err);

#endif
