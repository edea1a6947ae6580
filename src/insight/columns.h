/*
 * Every comment that was read, in memory: what figures are counted from.
 * Tables say the same and come first: rows are put here after they are
 * written, and all are read from the tables when the first question comes.
 *
 *   rows   80 bytes each: [0, n_settled) by identity, then arrival, since
 *          figures go customer by customer; those that came since by arrival
 *   said   16 bytes for each topic of a comment; those of a row lie together,
 *          in the order of rows as far as these are settled
 */
#ifndef INSIGHT_COLUMNS_H
#define INSIGHT_COLUMNS_H

#include <pthread.h>

#include "insight/insight.h"

/* Where a comment came from, as feedback has it: numbers of identity, source, feedback_word. */
struct given {
	uint32_t identity, source, event, about, channel, unit, lang;
	double utility; /* NaN: it has no score */
};
/* Columns from `at`, in this order. */
struct given given_at(struct stmt *s, int at);

struct column_row {
	uint64_t arrival;
	int64_t at_ms;
	struct given from;
	double sentiment, judged; /* NaN: not told */
	uint32_t first;           /* of said */
	uint8_t n_said, lang;     /* enum text_language, as it was read */
};
struct column_said {
	double felt;  /* mean of the parts that speak of it; NaN */
	uint16_t key; /* of keys */
};

#define COLUMN_KEYS_MAX 4096 /* topics of all sets that rows were read by since the start */

struct columns {
	pthread_rwlock_t lock; /* of all below; nothing waits for a disk under it */
	bool there;            /* they hold what the tables do */
	struct column_row *rows;
	size_t n, n_settled, cap;
	struct column_said *said;
	size_t n_said, cap_said, waste; /* waste: said by rows that were read again */
	char *keys[COLUMN_KEYS_MAX];    /* C strings */
	size_t n_keys;
};

void columns_init(struct columns *c);
void columns_done(struct columns *c);
/* They are there, and stay as they are until columns_let_go. The first caller reads the tables. */
NODISCARD enum err_code columns_hold(struct insight *x, struct err *err);
void columns_let_go(struct insight *x);

struct pick {
	uint32_t who; /* customer */
	uint32_t row;
};
/* By `who`; those of one stay as they are. Digit by digit: linear. False without memory, with nothing changed. */
NODISCARD bool picks_sort(struct pick **p, size_t n);

struct one;
struct topic_set;
/* After rows were written. The caller holds `reading`. Without memory, they are read from the tables again. */
void columns_put(struct insight *x, const struct topic_set *set, const struct one *rows, size_t n);
/* After rows of these arrivals, in ascending order, were deleted. The caller holds `reading`. */
void columns_drop(struct insight *x, const uint64_t *arrivals, size_t n);

/* --- pick.c: the comments of a scope ----------------------------------------------------------------- */

struct picks {
	struct pick *of;
	size_t n;
};
/*
 * The comments of a scope given in [from_ms, to_ms); those of one customer
 * together with by_customer. The columns are held until picks_done.
 * Cost: linear in all comments, 8 bytes each (by customer: 16).
 */
NODISCARD enum err_code picks_take(struct insight *x, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms,
                                   bool by_customer, struct picks *out, struct err *err);
void picks_done(struct insight *x, struct picks *p); /* accepts what picks_take left */

/* The place of each key of the columns in a set of topics; text_topics_count for those that are not in it. In `a`. */
NODISCARD enum err_code picks_topics(const struct insight *x, const struct text_topics *t, struct arena *a,
                                     uint16_t **out, struct err *err);

#endif
