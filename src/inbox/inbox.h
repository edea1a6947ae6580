/*
 * The inbox: every event with a score or a comment, as people read and
 * answer it. It follows the log by its own mark, so a restart goes on where
 * it stopped; what the log says can be read again at any time, what people
 * did with it (state, who has it, tags, notes, replies) stays.
 *
 * Search is FTS5 over folded words (base/search.h), one table a month.
 * Thread-safe; one caller at a time reads the log.
 *
 * Errors of all: ERR_NOT_FOUND "inbox.unknown" for an arrival that is no
 * feedback, and those of the store.
 */
#ifndef INBOX_INBOX_H
#define INBOX_INBOX_H

#include "base/search.h"
#include "store/store.h"

#define INBOX_PAGE_MAX 200
#define INBOX_COUNT_MAX 100000 /* what is found beyond is not counted */
#define INBOX_TAGS_MAX 20      /* of one feedback */
#define INBOX_TAG_BYTES_MAX 64
#define INBOX_NOTE_BYTES_MAX 8192

struct inbox;
NODISCARD enum err_code inbox_open(struct store *st, struct inbox **out, struct err *err);
/*
 * Starts the thread that keeps up with the log. news (may be NULL) is called
 * on it, and by those who change something, after feedback came in or
 * changed.
 */
NODISCARD enum err_code inbox_follow(struct inbox *x, void (*news)(void *ctx), void *ctx, struct err *err);
bool inbox_follows(const struct inbox *x);
/* Reads what the log has by now. Callers without a following thread need it; with one it waits for that. */
NODISCARD enum err_code inbox_catch_up(struct inbox *x, struct err *err);
/* Forgets what was read from the log and reads it again. Lists are short meanwhile; inbox_state says so. */
NODISCARD enum err_code inbox_rebuild(struct inbox *x, struct err *err);
/* Ends the thread; news is not called by it any more. What is asked later is answered. */
void inbox_stop(struct inbox *x);
void inbox_close(struct inbox *x); /* accepts NULL */

/* The log is read up to here. */
uint64_t inbox_mark(const struct inbox *x);

struct inbox_state {
	uint64_t arrival_end, store_end; /* read up to here, of */
	int64_t feedback, fresh, open, commented;
};
/* Counts of a unit and those below it; "" all. */
NODISCARD enum err_code inbox_state(struct inbox *x, struct str unit, struct inbox_state *out, struct err *err);

enum inbox_care { INBOX_NEW, INBOX_OPEN, INBOX_DONE, INBOX_CARES };
extern const char *const inbox_care_names[INBOX_CARES]; /* "new", "open", "done" */

/* One feedback. Words that are not known are "". */
struct inbox_row {
	uint64_t arrival;
	int64_t at_ms, received_ms;
	uint32_t source, identity;
	struct str source_name, event, about, channel, unit, lang, score_kind;
	struct str customer; /* the external id of its identity */
	bool anonymous;
	bool has_score;
	double score, score_min, score_max;
	double utility;     /* 0 worst .. 100 best; only with has_score */
	struct str comment; /* as written */
	enum inbox_care state;
	struct str assigned; /* login */
	struct str tags;     /* JSON array of texts */
};

struct inbox_filter {
	int64_t from_ms, to_ms;   /* at_ms in [from, to); INT64_MIN, INT64_MAX when open */
	double at_least, at_most; /* of utility; NaN: any */
	struct str events;        /* JSON array of event names, of which it is or speaks; {NULL,0}: any, as below */
	struct str source, channel, unit;  /* source by name; the unit and those below it */
	struct str lang;                   /* of the survey; of a comment that came without one, as it was read */
	struct str tag, assigned;          /* assigned "": to nobody */
	unsigned states;                   /* bits 1 << enum inbox_care; 0 any */
	int commented;                     /* 0 without words, 1 with; -1 any */
	const struct search_query *search; /* NULL or empty: any */
	/* What insight/ read in the words; all NULL, 0: any. JSON arrays of keys, one of which is said. */
	struct str topics, policies;
	unsigned feelings;   /* bits of enum inbox_feeling; of the part on the topic or policy asked for, else of the
	                        whole */
	struct str arrivals; /* JSON array of numbers: only these */
};
/* Thirds of -1 .. 1. */
enum inbox_feeling { INBOX_NEGATIVE = 1, INBOX_NEUTRAL = 2, INBOX_POSITIVE = 4, INBOX_NOT_TOLD = 8 };
#define INBOX_FEELINGS 4
extern const char *const inbox_feeling_names[INBOX_FEELINGS]; /* by bit: "negative", "neutral", "positive", "none" */
extern const struct inbox_filter inbox_filter_any;

struct inbox_cursor {
	int64_t at_ms;
	uint64_t arrival;
};
#define INBOX_NEWEST ((struct inbox_cursor){ INT64_MAX, (uint64_t)INT64_MAX })

struct inbox_page {
	struct inbox_row *rows; /* newest first */
	size_t n;
	int64_t total; /* that fit, at most INBOX_COUNT_MAX; -1 unless the page is the first */
	bool more;     /* a page follows, at `next` */
	struct inbox_cursor next;
};
NODISCARD enum err_code inbox_list(struct inbox *x, const struct inbox_filter *f, struct inbox_cursor behind,
                                   size_t limit, struct arena *a, struct inbox_page *out, struct err *err);
NODISCARD enum err_code inbox_get(struct inbox *x, uint64_t arrival, struct arena *a, struct inbox_row *out,
                                  struct err *err);
/* Feedback in [from, to) by arrival, at most `max`; out in the arena. */
NODISCARD enum err_code inbox_rows(struct inbox *x, uint64_t from, uint64_t to, size_t max, struct arena *a,
                                   struct inbox_row **out, size_t *n, struct err *err);

struct inbox_facet {
	struct str what, value; /* "event", "about", "channel", "unit", "lang", "source", "assigned", "tag" */
	int64_t n;
};
/* Of a unit and those below it; "" all. */
NODISCARD enum err_code inbox_facets(struct inbox *x, struct str unit, struct arena *a, struct inbox_facet **out,
                                     size_t *n, struct err *err);

/*
 * How many each further choice of a kind would leave under all other parts of
 * the filter, of at most INBOX_COUNT_MAX of the newest; the most frequent
 * first. Topics and policies are both counted by key, feelings by
 * inbox_feeling_names, languages as in the filter.
 */
enum inbox_choice { INBOX_BY_TOPIC, INBOX_BY_POLICY, INBOX_BY_FEELING, INBOX_BY_LANG };
struct inbox_count {
	struct str value;
	int64_t n;
};
NODISCARD enum err_code inbox_heard(struct inbox *x, const struct inbox_filter *f, enum inbox_choice by,
                                    struct arena *a, struct inbox_count **out, size_t *n, struct err *err);

/* What people do with it. */
struct inbox_change {
	bool set_state, set_assigned;
	enum inbox_care state;
	struct str assigned; /* "" nobody */
	const struct str *add_tags, *drop_tags;
	size_t n_add, n_drop;
};
/* ERR_INPUT "inbox.tag" for an empty or long tag, ERR_LIMIT above INBOX_TAGS_MAX. */
NODISCARD enum err_code inbox_change(struct inbox *x, uint64_t arrival, const struct inbox_change *c, struct str author,
                                     int64_t now_ms, struct err *err);

struct inbox_note {
	int64_t id, at_ms;
	struct str author, channel, message, text; /* channel and message of replies; message "" when none is known */
	bool reply;
};
/* at_ms, author, reply, channel, message and text are given. A reply makes a new feedback open. */
NODISCARD enum err_code inbox_note_add(struct inbox *x, uint64_t arrival, const struct inbox_note *n, struct err *err);
NODISCARD enum err_code inbox_notes(struct inbox *x, uint64_t arrival, struct arena *a, struct inbox_note **out,
                                    size_t *n, struct err *err);

/* What is held of a person; and after it was erased: search keeps nothing of words that were deleted. */
extern const struct store_personal inbox_personal[];
NODISCARD enum err_code inbox_pack(struct inbox *x, struct err *err);

#endif
