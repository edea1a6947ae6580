/*
 * Who may send, what is kept apart, and the way of a file. Above wire/ (what
 * was said) and store/ (what is kept): here are the rules between them.
 */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include "ask/ask.h"

#include "store/store.h"

struct collect;

struct collect_options {
	const char *self_path; /* this binary, started anew as the parser of uploaded files; NULL parses in-process
	                          (tests) */
	int64_t (*now_ms)(void *ctx); /* the one clock */
	void *now_ctx;
	/* The organisation's time zone, for tables whose mapping says none; "" is UTC. NULL: UTC always. */
	enum err_code (*zone)(void *ctx, struct arena *a, struct str *zone, struct err *err);
	void *zone_ctx;
};
NODISCARD enum err_code collect_open(struct store *st, const struct collect_options *opt, struct collect **out,
                                     struct err *err);
void collect_close(struct collect *c);

/* --- sources and their keys ------------------------------------------------------------- */

enum collect_source_kind { COLLECT_SDK, COLLECT_FILE, COLLECT_DEMO, COLLECT_SURVEY };
/* What is done with a property of this name (letters of ASCII in any case), at any depth, before anything is stored. */
enum collect_hiding { COLLECT_DROP, COLLECT_HASH, COLLECT_MASK, COLLECT_HIDINGS };
extern const char *const collect_hiding_names[COLLECT_HIDINGS]; /* "drop", "hash", "mask" */
#define COLLECT_RULES_MAX 50
#define COLLECT_RULE_BYTES_MAX 200
struct collect_rule {
	struct str property;
	enum collect_hiding action;
};

struct collect_source {
	uint32_t id;
	enum collect_source_kind kind;
	struct str name;
	bool enabled;
	bool mask;                  /* see collect_source_mask */
	bool signs;                 /* see collect_source_secret */
	struct collect_rule *rules; /* see collect_source_rules */
	size_t n_rules;
	struct str hook; /* the mapping of its webhooks; "" none */
	int64_t created_ms;
	struct str key_hint; /* last four characters of the write key; "" without one */
	struct store_sums sums;
};
/* Makes a source; for COLLECT_SDK a write key is minted and given once. Only its SHA-256 is stored. */
NODISCARD enum err_code collect_source_new(struct collect *c, enum collect_source_kind kind, struct str name,
                                           struct arena *a, uint32_t *id, struct str *write_key, struct err *err);
NODISCARD enum err_code collect_source_list(struct collect *c, struct arena *a, struct collect_source **out, size_t *n,
                                            struct err *err);
NODISCARD enum err_code collect_source_rename(struct collect *c, uint32_t id, struct str name, struct err *err);
NODISCARD enum err_code collect_source_enable(struct collect *c, uint32_t id, bool enabled, struct err *err);
/*
 * From now on, mail addresses, phone numbers, bank cards, IBANs and national
 * ids in the comments of what this source sends are masked (text_mask) before
 * anything is stored, set aside or written to a rejects file. What is stored
 * already stays.
 */
NODISCARD enum err_code collect_source_mask(struct collect *c, uint32_t id, bool mask, struct err *err);
/*
 * The rules for personal properties of what this source sends from now on: a
 * JSON list of {"property","action"}, "[]" none. Dropped; hashed under the
 * secret of the data directory ("hash:" and 32 digits, equal for equal
 * values); masked to its last two letters. They hold for what is set aside or
 * refused too; of what is refused and is no JSON (a row of a table) nothing
 * is kept. ERR_INPUT "rules.*", ERR_LIMIT "rules.many".
 */
NODISCARD enum err_code collect_source_rules(struct collect *c, uint32_t id, struct str rules, struct err *err);
/* Whether there are any. */
NODISCARD enum err_code collect_source_hides(struct collect *c, uint32_t id, bool *out, struct err *err);
/* Whether it is so; false for a source that is not there. And how often that was changed, for whoever keeps it. */
NODISCARD enum err_code collect_source_masks(struct collect *c, uint32_t id, bool *out, struct err *err);
uint64_t collect_mask_changes(const struct collect *c);
/* The secret by which a webhook's sender signs; "" takes it away. It is kept, and never told again. */
#define COLLECT_SECRET_BYTES_MAX 512
NODISCARD enum err_code collect_source_secret(struct collect *c, uint32_t id, struct str secret, struct err *err);
/*
 * What the members of webhooks of the kind "custom" mean (docs/protocols.md); "" takes the mapping away. ERR_INPUT with
 * its line when it is none.
 */
NODISCARD enum err_code collect_source_hook(struct collect *c, uint32_t id, struct str mapping, struct err *err);
/* "" without one. */
NODISCARD enum err_code collect_hook_mapping(struct collect *c, uint32_t id, struct arena *a, struct str *out,
                                             struct err *err);
NODISCARD enum err_code collect_source_new_key(struct collect *c, uint32_t id, struct arena *a, struct str *write_key,
                                               struct err *err);
/* ERR_DENIED for an unknown or disabled key. A write key can write and nothing else. */
NODISCARD enum err_code collect_source_by_key(struct collect *c, struct str write_key, uint32_t *id, struct err *err);

/* --- volume ---------------------------------------------------------------------------------- */

enum collect_span { COLLECT_HOUR, COLLECT_DAY, COLLECT_SPANS }; /* the last whole one, by the organisation's clock */
struct collect_quiet {
	uint32_t source;
	struct str name;
	enum collect_span span;
	int64_t from_ms, to_ms;
	struct stats_lull volume; /* beside the same hour (day) of the same weekday in the 8 weeks before */
	double p_adjusted;        /* times the rows that were looked at */
	bool quiet;               /* p_adjusted <= 0.01 */
};
/*
 * Live sources that are switched on, by the times at which their events
 * happened. Without a row: fewer than 3 weeks since the first event at that
 * hour of the week, or fewer than 5 events expected. Costs 18 passes over the
 * events of one hour or day.
 */
NODISCARD enum err_code collect_quiet(struct collect *c, struct ask *ask, struct arena *a, struct collect_quiet **out,
                                      size_t *n, struct err *err);

/* --- live ---------------------------------------------------------------------------------- */

struct collect_tally {
	int64_t received, stored, duplicate, set_aside, refused; /* received is the sum of the others */
};
struct collect_refused {
	int64_t index; /* place in the batch */
	struct err err;
};
/*
 * One request of a live protocol, read by `read` (wire.h); received_ms and
 * the clock of `said` are set here. In three parts, so that one thread can
 * read many and have them written in one go: begin reads, the job (NULL:
 * nothing is to be written) is run by store_append_jobs, end tells. Bad items
 * of a batch are listed in `refused` (at most 100, in the arena), good ones
 * are stored. Placeholder customers ("null", "undefined", "guest", "0", ...)
 * of live sources lose that id; with no other id the event is set aside.
 */
struct collect_live;
NODISCARD enum err_code collect_live_begin(struct collect *c, uint32_t source, wire_reader read, struct wire_live said,
                                           struct arena *a, struct collect_live **out, struct err *err);
struct store_job *collect_live_job(struct collect_live *l);
NODISCARD enum err_code collect_live_end(struct collect_live *l, struct collect_tally *out,
                                         struct collect_refused **refused, size_t *n_refused, struct err *err);

/*
 * Whether a webhook comes from who has the source's secret, by its bytes as
 * they came and its headers (names in lower case). OK for a source without
 * a secret. ERR_DENIED "hook.signature" (absent or wrong) and "hook.time"
 * (signed more than five minutes from now), so that nothing is sent again by
 * somebody else.
 */
NODISCARD enum err_code collect_hook_check(struct collect *c, uint32_t source, enum wire_hook hook, struct str body,
                                           const struct str_pair *headers, size_t n_headers, struct arena *a,
                                           struct err *err);

/*
 * A webhook of the kind "custom" read as if it came to this source now, into
 * a sink of the caller's; nothing is stored. Errors as of the reader.
 */
NODISCARD enum err_code collect_hook_try(struct collect *c, uint32_t source, struct str mapping, struct str body,
                                         struct arena *a, const struct wire_sink *sink, struct err *err);

/* --- files ----------------------------------------------------------------------------------- */

#define COLLECT_FILES_MAX 16

struct collect_import {
	enum wire_format format; /* WIRE_AUTO looks */
	struct str mapping_toml; /* "" for formats that need none */
	/* The source that the events belong to; made when absent. "": what the mapping calls it (`source = "..."`),
	   else "files", never the file's name, so that a renamed file is still the same
	   (docs/adr/0003-file-sources.md). */
	struct str source_name;
	const char *paths[COLLECT_FILES_MAX]; /* "-" is standard input, first only */
	const char *names[COLLECT_FILES_MAX]; /* what the person called them, for messages and mappings */
	size_t n_files;
	bool dry_run;
};
struct collect_progress {
	int64_t rows, bytes_done, bytes_total; /* -1 unknown */
	struct collect_tally tally;
};
/* At most that many are told apart and told. */
#define COLLECT_TOUCHPOINTS_MAX ((size_t)50)
#define COLLECT_REASONS_MAX ((size_t)20)
#define COLLECT_CUSTOMERS_MAX ((size_t)4000000) /* counted exactly up to here: this many means "or more" */
struct collect_count {
	struct str name;
	int64_t n;
};
struct collect_reason {   /* rows and events that were not taken for one reason in one field */
	int64_t n, line;  /* the line of the first of them */
	struct err first; /* what was wrong with it */
	struct str raw;   /* its beginning, as it came */
};
struct collect_import_result {
	int64_t rows;                              /* of the files, without headers */
	int64_t read, stored, duplicate, rejected; /* read = the sum of the next three */
	struct str rejects_file;                   /* path below DIR/rejects, "" when nothing was rejected */
	uint32_t source;
	struct collect_refused first[5]; /* the first rejections, for people */
	size_t n_first;
	/* Of the events that were taken, new or there already. Without one, times are 0. */
	int64_t first_ms, last_ms;
	int64_t customers;
	struct collect_count touchpoints[COLLECT_TOUCHPOINTS_MAX]; /* event names, the most frequent first */
	size_t n_touchpoints_told;
	int64_t n_touchpoints;                              /* of all names, counted up to 1,000 beyond those told */
	struct collect_reason reasons[COLLECT_REASONS_MAX]; /* the most frequent first */
	size_t n_reasons;
};
/*
 * Parses in a process of its own (see wire.h) and stores in batches. The
 * source is found by name, so importing again, renamed or extended, stores
 * only what is new. `progress` is called at least twice a second; nonzero
 * cancels, and what is stored stays.
 */
NODISCARD enum err_code collect_import(struct collect *c, const struct collect_import *job,
                                       int (*progress)(void *ctx, const struct collect_progress *p), void *ctx,
                                       struct arena *a, struct collect_import_result *out, struct err *err);

/* The verb `parse` of the binary: reads the job from stdin, writes frames to stdout. Returns the exit code. */
int collect_parse_main(void);

/* Preview and guessed mapping of uploaded tables, through the parser process too. */
NODISCARD enum err_code collect_guess(struct collect *c, const struct collect_import *job, struct arena *a,
                                      struct wire_guess *out, struct err *err);

/* Events made by the program itself (the demo): same checks, same counters. */
NODISCARD enum err_code collect_events(struct collect *c, uint32_t source, const struct wire_event *events, size_t n,
                                       struct collect_tally *out, struct err *err);

/* --- mappings to use again ---------------------------------------------------------------------- */

#define COLLECT_MAPPINGS_MAX ((size_t)200)
#define COLLECT_MAPPING_NAME_BYTES_MAX 200
#define COLLECT_MAPPING_BYTES_MAX (256 * KIB)
struct collect_mapping {
	struct str name; /* of a shipped one its key: "google-play-reviews" */
	struct str toml, author;
	int64_t changed_ms;
	bool shipped; /* comes with the program; cannot be changed */
};
/* By name, then those that are shipped. */
NODISCARD enum err_code collect_mapping_list(struct collect *c, struct arena *a, struct collect_mapping **out,
                                             size_t *n, struct err *err);
/* Under this name from now on. ERR_INPUT: no name, or no mapping. */
NODISCARD enum err_code collect_mapping_save(struct collect *c, struct str name, struct str toml, struct str author,
                                             struct err *err);
NODISCARD enum err_code collect_mapping_drop(struct collect *c, struct str name, struct err *err);

/* --- set aside --------------------------------------------------------------------------------- */

struct collect_set_aside {
	int64_t id;
	uint32_t source;
	int64_t received_ms;
	struct str reason, field, text, raw;
};
NODISCARD enum err_code collect_set_aside_list(struct collect *c, uint32_t source, int64_t before_id, size_t limit,
                                               struct arena *a, struct collect_set_aside **out, size_t *n,
                                               struct err *err);
struct collect_aside_reason {
	struct str reason;
	int64_t n, newest_ms;
};
/* Why events of a source wait, the most frequent reason first. */
NODISCARD enum err_code collect_set_aside_reasons(struct collect *c, uint32_t source, struct arena *a,
                                                  struct collect_aside_reason **out, size_t *n, struct err *err);
/*
 * Tries them again under today's rules. What passes is stored (set aside
 * falls, stored rises); the rest stays. A dry run changes nothing and tells
 * what would pass; the two agree as long as nothing else arrives between
 * them.
 */
NODISCARD enum err_code collect_replay(struct collect *c, uint32_t source, struct str reason, bool dry_run,
                                       struct collect_tally *out, struct err *err);

/* --- what imports declared ------------------------------------------------------------------------ */

struct collect_name { /* the name of an event type in a language, as a mapping gave it */
	struct str event, lang, text;
};
NODISCARD enum err_code collect_names(struct collect *c, struct arena *a, struct collect_name **out, size_t *n,
                                      struct err *err);
struct collect_step { /* place of an event type as the newest mapping listed it */
	struct str event, stage;
	int order;
};
NODISCARD enum err_code collect_steps(struct collect *c, struct arena *a, struct collect_step **out, size_t *n,
                                      struct err *err);
/* Properties declared worth a column. The standard ones (channel, source, unit, environment) are always there. */
NODISCARD enum err_code collect_dimensions(struct collect *c, struct arena *a, struct str **out, size_t *n,
                                           struct err *err);
NODISCARD enum err_code collect_dimension_declare(struct collect *c, struct str property, struct err *err);

#endif
