/* What the files of act/ share. */
#ifndef ACT_PRIV_H
#define ACT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "act/act.h"
#include "base/checked.h"
#include "base/json.h"
#include "base/when.h"
#include "base/words.h"

struct act {
	struct store *st;
	struct act_options opt;
	pthread_mutex_t looking; /* held while new feedback is looked at */
	pthread_t thread;
	bool following;
	atomic_bool stop;
	_Atomic uint64_t seen;
	_Atomic(struct maps *) maps; /* NULL until act_ready */
	void (*news)(void *ctx);     /* set before the thread starts */
	void *news_ctx;
};

int64_t act_now(struct act *a);
void act_tell(struct act *a);
/* While a follow-up is not closed its customer is asked nothing: a complaint of rule 5 of contact/. */
NODISCARD enum err_code hold(struct act *a, struct store_write *w, int64_t follow_up, uint32_t identity, bool held,
                             int64_t now_ms, struct err *err);
/* Steps a statement without rows and frees it. */
NODISCARD enum err_code run(struct stmt *s, struct err *err);
/* NULL in the table is "" here. */
struct str text_at(struct stmt *s, int column, struct arena *m);
NODISCARD enum err_code step_put(struct store_write *w, int64_t id, int64_t at_ms, struct str author, const char *what,
                                 struct str text, struct err *err);

/* open.c */
NODISCARD enum err_code look(struct act *a, struct err *err);
NODISCARD enum err_code escalate(struct act *a, struct err *err);
/* reports.c */
NODISCARD enum err_code reports_due(struct act *a, struct err *err);

/* praise.c */
NODISCARD enum err_code praise_look(struct act *a, struct err *err);

/* named.c: names of colleagues in comments. */
struct roster;
struct named {
	size_t person;    /* place in the list of colleagues */
	struct str words; /* of the comment */
	bool held;        /* they fit another one as well */
};
/* `people` is borrowed. In the arena. */
NODISCARD enum err_code roster_make(const struct act_colleague *people, size_t n, struct arena *m, struct roster **out,
                                    struct err *err);
/*
 * Who of them a comment names, each once. The longest name wins where one
 * stands inside another; a person of another unit than a known one is not
 * meant. At most `max`, by place in the comment.
 */
NODISCARD enum err_code roster_find(const struct roster *r, const struct inbox_row *row, struct arena *m,
                                    struct named *out, size_t max, size_t *n, struct err *err);

/* A unit and those below it; "" has all. */
static inline bool unit_under(struct str unit, struct str above)
{
	return !above.len || str_eq(unit, above) ||
	       (str_starts(unit, above) && unit.len > above.len && unit.ptr[above.len] == '/');
}

/* tell.c: to the person responsible, in the words of the unit. */
enum tell_what { TELL_OPENED, TELL_ESCALATED };
struct telling {
	enum tell_what what;
	int64_t follow_up;
	const struct act_unit *unit; /* whose responsible is told */
	struct str name;             /* of the rule: JSON object by language */
	struct str comment, customer;
	double utility; /* NaN without a score */
	int64_t due_ms;
};
/* Queues it, and a webhook, or leaves a step that says that nobody could be told. */
NODISCARD enum err_code tell(struct act *a, struct store_write *w, const struct telling *t, int64_t now_ms,
                             struct err *err);
/* To a colleague who was thanked, by mail; nothing without an address or a channel of mail. */
NODISCARD enum err_code tell_praise(struct act *a, struct store_write *w, const struct act_colleague *k,
                                    const struct inbox_row *row, struct err *err);

#endif
