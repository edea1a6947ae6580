/*
 * Segments: who a rule takes. The rule is a plain tree (people/ reads it from
 * words, docs/segments.md); one scan over the customers answers all of it.
 *
 * Everything looks at a customer's whole history, whatever the period and the
 * filters of the question that the segment narrows. Rows that say who somebody
 * is (hidden kinds) are not events; who has no other rows is in no segment,
 * not even in one that says "not".
 */
#ifndef JOURNEY_SEGMENT_H
#define JOURNEY_SEGMENT_H

#include "journey/journey.h"

#define JOURNEY_SEGMENT_LEAVES_MAX 60 /* conditions, those of segments named in it included */
#define JOURNEY_SEGMENT_NODES_MAX 250
#define JOURNEY_SEGMENT_STEPS_MAX 8
#define JOURNEY_SEGMENT_WHERE_MAX 4
#define JOURNEY_TRAIT "trait:" /* in front of a trait's name: the dimension that holds it */

enum journey_segment_op {
	JOURNEY_SEGMENT_AND,
	JOURNEY_SEGMENT_OR,
	JOURNEY_SEGMENT_NOT,
	JOURNEY_SEGMENT_DID,      /* steps[0] happened min to max times */
	JOURNEY_SEGMENT_SEQUENCE, /* steps one after the other, others between them unless `directly` */
	JOURNEY_SEGMENT_HAS,      /* `filter` holds: IS, UNDER on any event; IS_NOT on no event the value; "" unknown */
	JOURNEY_SEGMENT_TRAIT,    /* the newest value of the trait passes `filter` */
	JOURNEY_SEGMENT_SCORE,    /* utility of `signal` about `event` compared with `bar`; without any: no */
	JOURNEY_SEGMENT_COMMENTED, /* comments about `event`, min to max of them */
	JOURNEY_SEGMENT_SPENT,     /* sum of money in `currency` on `event` compared with `minor`; 0 without any */
	JOURNEY_SEGMENT_FIRST,     /* the first event is in the period */
	JOURNEY_SEGMENT_LAST,      /* the last one is */
	JOURNEY_SEGMENT_IN,        /* another segment, `name`; `a` is its rule */
};
enum journey_segment_compare { JOURNEY_AT_LEAST, JOURNEY_AT_MOST, JOURNEY_EXACTLY, JOURNEY_BELOW, JOURNEY_ABOVE };
enum journey_segment_of { JOURNEY_OF_MEAN, JOURNEY_OF_LAST, JOURNEY_OF_ANY };

struct journey_segment_step {
	struct str event; /* "" any */
	struct journey_filter where[JOURNEY_SEGMENT_WHERE_MAX];
	size_t n_where;
	bool directly;     /* the customer's very next event after the step before */
	int64_t within_ms; /* at most this after the step before; 0 any time. Not looked at when the node has one */
};

struct journey_segment_node {
	enum journey_segment_op op;
	size_t at; /* where it stands in the rule, in characters from 0: for messages */
	struct journey_segment_node *a, *b;
	const struct journey_segment_step *steps;
	size_t n_steps;
	enum journey_segment_compare compare; /* with `times`, `minor` or `bar` */
	int64_t times;
	/*
	 * DID, COMMENTED: the number compared is that of the busiest stretch of
	 * this length, both ends in it. SEQUENCE: first to last step. 0: none.
	 */
	int64_t within_ms;
	int64_t from_ms, to_ms;        /* only events in [from, to) count; INT64_MIN, INT64_MAX open */
	int64_t last_ms;               /* only those later than the newest event of all minus this; 0: all */
	struct str from_text, to_text; /* as they were written */
	struct journey_filter filter;
	struct str event; /* SCORE, COMMENTED: what is spoken of; SPENT: what was paid for; "" anything */
	enum journey_signal signal;
	enum journey_segment_of of;
	double bar; /* utility, 0..100 */
	struct str currency;
	int64_t minor;
	struct str name;
};

struct journey_segment {
	const struct journey_segment_node *root;
	struct str text; /* says all of it, other segments and times written out: the same text, the same customers */
};

/*
 * A segment compiled against a schema; lives in the arena, borrows both, is
 * read by any number of threads. Errors: ERR_LIMIT for too many conditions,
 * ERR_INPUT "segment.unresolved" when a named one has no rule, and what a
 * filter can be wrong about (err.value: its place in the rule).
 */
struct journey_segment_plan;
NODISCARD enum err_code journey_segment_compile(const struct journey_segment *s, const struct journey_schema *schema,
                                                struct arena *a, struct journey_segment_plan **out, struct err *err);

/* The pass: a kind of event at about 1 ns a row; other conditions look a second time at customers that may have them.
 */
struct journey_segment_pass;
struct journey_segment_pass *journey_segment_new(const struct journey_segment_plan *p); /* NULL: memory is short */
void journey_segment_add(struct journey_segment_pass *s, const struct journey_columns *c);
void journey_segment_merge(struct journey_segment_pass *s, struct journey_segment_pass *from);
/* Takes the customers out of the pass; ERR_NO_MEMORY when it ran short. *of: how many there are in all. */
NODISCARD enum err_code journey_segment_take(struct journey_segment_pass *s, struct journey_set **out, int64_t *of,
                                             struct err *err);
void journey_segment_free(struct journey_segment_pass *s);

/* Calls fn for each filter of the rule, its dimension's name as the schema has it; stops at the first failure. */
typedef enum err_code (*journey_segment_filter_fn)(void *ctx, const struct journey_filter *f, size_t at,
                                                   struct err *err);
NODISCARD enum err_code journey_segment_filters(const struct journey_segment_node *n, journey_segment_filter_fn fn,
                                                void *ctx, struct err *err);

#endif
