/*
 * What the organisation holds of one person: all of it as one document, and
 * taking all of it away.
 *
 * Erasing goes in steps, each of which can be done again, so that whatever
 * stops it, the next start goes on (docs/erasure.md):
 *
 *   named ─► their ids are nobody's ─► records ─► log ─► index ─► records ─► swept ─► done
 *
 * The receipt counts by kind what went. It names nobody; who asks whether an
 * id was erased gets the answer by a keyed hash of it. What came of it before
 * that is refused for ever: later events are of a new person.
 */
#ifndef RIGHTS_RIGHTS_H
#define RIGHTS_RIGHTS_H

#include "act/act.h"
#include "ask/ask.h"
#include "contact/contact.h"
#include "inbox/inbox.h"
#include "insight/insight.h"
#include "outbox/outbox.h"
#include "store/store.h"
#include "voice/voice.h"

#define RIGHTS_REASON_BYTES_MAX 500
#define RIGHTS_PAGE_MAX 200

struct rights;
struct rights_options {
	struct store *store;
	struct inbox *inbox;
	struct insight *insight;
	struct act *act;
	struct contact *contact;
	struct outbox *outbox; /* NULL: there are no messages */
	int64_t (*now_ms)(void *ctx);
	void *now_ctx;
};
NODISCARD enum err_code rights_open(const struct rights_options *opt, struct rights **out, struct err *err);
void rights_close(struct rights *r); /* accepts NULL */

/*
 * Everything that is held of the customer of an external id, as one JSON
 * object: "customer", "ids", "traits" and lists by kind ("events", "answers",
 * "feedback" ...). Columns that a person reads are as they are stored.
 * ERR_NOT_FOUND "customer"; ERR_DENIED "customer.shared" for an id under
 * which many people speak; ERR_NO_MEMORY when `out` is full.
 */
NODISCARD enum err_code rights_export(struct rights *r, struct ask *ask, struct str customer, struct buf *out,
                                      struct err *err);

enum rights_state { RIGHTS_ERASING, RIGHTS_SWEEPING, RIGHTS_DONE, RIGHTS_STATES };
extern const char *const rights_state_names[RIGHTS_STATES]; /* "erasing", "sweeping", "done" */
struct rights_count {
	struct str kind;
	int64_t n;
};
struct rights_receipt {
	int64_t id, asked_ms, done_ms; /* done_ms 0: not yet */
	enum rights_state state;
	struct str author, reason;
	const struct rights_count *counts; /* by kind */
	size_t n_counts;
};
/*
 * Erases a customer and returns when nothing of it is in any file of the data
 * directory; one at a time, others wait. When it fails half way what is left
 * is done at the next start, or by rights_resume. Errors as of rights_export;
 * ERR_INPUT "rights.reason".
 */
NODISCARD enum err_code rights_erase(struct rights *r, struct ask *ask, struct str customer, struct str author,
                                     struct str reason, struct arena *a, struct rights_receipt *out, struct err *err);
/* Goes on with what was begun; nothing when nothing was. */
NODISCARD enum err_code rights_resume(struct rights *r, struct ask *ask, struct err *err);

/* Erases again whom the store's file of the erased names and a database that was restored has (store_owed). */
NODISCARD enum err_code rights_forget_again(struct rights *r, struct ask *ask, struct err *err);

/* Newest first. */
NODISCARD enum err_code rights_receipts(struct rights *r, size_t limit, struct arena *a, struct rights_receipt **out,
                                        size_t *n, struct err *err);
/* When an external id was last erased; 0: it was not. */
NODISCARD enum err_code rights_erased(struct rights *r, struct str external, int64_t *at_ms, struct err *err);

#endif
