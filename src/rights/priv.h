/* What the files of rights/ share. */
#ifndef RIGHTS_PRIV_H
#define RIGHTS_PRIV_H

#include <pthread.h>

#include "base/checked.h"
#include "base/json.h"
#include "rights/rights.h"

struct rights {
	struct rights_options opt;
	struct store *st;
	pthread_mutex_t erasing; /* one at a time */
};

/* Every module's list of what it holds: the one place that names them. */
extern const struct store_personal *const rights_holds[];
extern const size_t rights_holds_count;

/* An id of the person at hand. */
struct rights_id {
	uint32_t identity;
	bool anonymous;
	struct str external;
};

/* Everybody that an external id is one with, and their ids; in a. */
NODISCARD enum err_code rights_person(struct rights *r, struct ask *ask, struct str customer, struct arena *a,
                                      struct ask_whole_person *who, struct rights_id **ids, struct err *err);

/* Whether a row is asked by this id's text. */
static inline bool asked_by(const struct store_personal *p, const struct rights_id *id)
{
	return p->by == (id->anonymous ? PERSONAL_DEVICE : PERSONAL_CUSTOMER);
}

/* sweep.c: lines of files that speak of one of the words go, `n` more of them. */
NODISCARD enum err_code rights_sweep_rejects(const char *dir, const struct str *words, size_t n_words, int64_t *n,
                                             struct err *err);

NODISCARD enum err_code rights_sweep_uploads(const char *dir, struct err *err);

#endif
