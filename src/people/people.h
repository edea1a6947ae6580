/*
 * Segments that people write: rules over customers in words, kept with their
 * versions. The language is docs/segments.md; what a rule means is decided by
 * journey/segment.h.
 */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "ask/ask.h"

#define PEOPLE_RULE_BYTES_MAX 4096
#define PEOPLE_RULE_DEPTH_MAX 32 /* parentheses, and segments in segments */
#define PEOPLE_NAME_BYTES_MAX 200
#define PEOPLE_SEGMENTS_MAX 1000
#define PEOPLE_KEY_BYTES_MAX 128

/* --- rules (rule.c, print.c); pure -------------------------------------------------------------- */

/* What a date without an offset means: the organisation's wall clock. NULL utc: UTC. */
struct people_clock {
	int64_t (*utc)(void *ctx, int64_t wall_ms);
	void *ctx;
};

/*
 * Reads a rule. The tree is in the arena and borrows the text where it can;
 * segments that it names have no rule yet (people_resolve).
 *
 * Errors: ERR_INPUT "segment.rule" with field "rule", what was expected, and
 * where: the mistake is characters (code points) err.value to err.limit, one
 * past its last;
 * ERR_LIMIT for what is too long, too deep or has too many parts.
 */
NODISCARD enum err_code people_rule_read(struct str text, const struct people_clock *clock, struct arena *a,
                                         struct journey_segment_node **out, struct err *err);

/*
 * The rule as it was understood, in one spelling: it reads back to the same
 * rule. `whole` writes segments and instants out instead, for telling rules
 * apart; that is not read back.
 */
NODISCARD enum err_code people_rule_print(const struct journey_segment_node *n, bool whole, struct buf *out,
                                          struct err *err);

/* --- segments ------------------------------------------------------------------------------------ */

struct people;
NODISCARD enum err_code people_open(struct store *st, struct people **out, struct err *err);
void people_close(struct people *p);

struct people_segment {
	struct str key;
	struct str name; /* JSON object of texts by language */
	struct str rule; /* canonical */
	int version;
	int64_t created_ms, changed_ms;
	struct str author;
};
/* By age. */
NODISCARD enum err_code people_list(struct people *p, struct arena *a, struct people_segment **out, size_t *n,
                                    struct err *err);
NODISCARD enum err_code people_get(struct people *p, struct str key, struct arena *a, struct people_segment *out,
                                   struct err *err);

/*
 * Saves a version. `key` "": a new segment, whose key is made of its name;
 * else the newest version of it must be `base_version` (ERR_CONFLICT), and an
 * empty name stays as it was. Segments named in the rule must exist, and none
 * may lead back to this one.
 */
NODISCARD enum err_code people_save(struct people *p, struct str key, int base_version, struct str name,
                                    struct str rule, const struct people_clock *clock, struct str author,
                                    int64_t now_ms, struct arena *a, struct people_segment *out, struct err *err);
/* ERR_CONFLICT while another segment names it. */
NODISCARD enum err_code people_delete(struct people *p, struct str key, struct arena *a, struct err *err);

/* A segment to ask about: the key of a saved one, or a rule. Everything is in the arena. */
NODISCARD enum err_code people_segment_of(struct people *p, struct str key_or_rule, const struct people_clock *clock,
                                          struct arena *a, const struct journey_segment **out, struct err *err);

#endif
