/* What the files of inbox/ share. */
#ifndef INBOX_PRIV_H
#define INBOX_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/when.h"
#include "inbox/inbox.h"

struct inbox {
	struct store *st;
	pthread_mutex_t reading;   /* held while the log is read; guards nothing else */
	atomic_uint_fast64_t mark; /* the log is read up to here */
	pthread_t thread;
	bool following;
	atomic_bool stop;
	void (*news)(void *ctx); /* set before the thread starts */
	void *news_ctx;
};

void inbox_tell(struct inbox *x); /* there is news */

/* --- list.c: what fits a filter, newest first -------------------------------------------------------- */

struct finding {
	struct inbox_cursor *found; /* the page, and one more */
	size_t n, max;
	int64_t total;
	bool count; /* go on behind the page to count */
};
NODISCARD enum err_code inbox_find(struct inbox *x, const struct inbox_filter *f, struct inbox_cursor behind,
                                   struct arena *a, struct finding *to, struct err *err);

/* follow.c: the month of a time, as names of tables have it, and those that have a table. */
enum { INBOX_MONTHS_MAX = 12 * 202 };
int inbox_month_of(int64_t at_ms);
NODISCARD enum err_code inbox_months(struct inbox *x, int *out, size_t max, size_t *n, struct err *err);

/* --- read.c: what a body says of feedback ---------------------------------------------------------- */

struct said {
	bool has_score;
	double score, min, max;
	struct str kind, about, comment, lang, unit; /* "" absent */
};
/* False when the event is no feedback. Texts are in the body or in the arena. */
NODISCARD bool said_read(struct str body, struct arena *a, struct said *out);

#endif
