/*
 * Acting on what people say: follow-ups that rules open for feedback, each
 * with a person responsible and a time by which it is due in the week of its
 * unit; and what became of them. docs/follow-ups.md. And praise.h.
 *
 * Rules look at the inbox behind a mark of their own: an event opens at most
 * one follow-up for a rule, also after a restart. Messages to people go
 * through the outbox in the transaction that gives the reason for them.
 */
#ifndef ACT_ACT_H
#define ACT_ACT_H

#include "base/country.h"
#include "govern/govern.h"
#include "inbox/inbox.h"
#include "insight/insight.h"
#include "maps/maps.h"
#include "outbox/outbox.h"
#include "stats/stats.h"

#define ACT_RULES_MAX 100
#define ACT_WORDS_MAX 20  /* of a rule */
#define ACT_EVENTS_MAX 50 /* of a rule */
#define ACT_TOPICS_MAX 20 /* of a rule */
#define ACT_PAGE_MAX 200
#define ACT_TEXT_BYTES_MAX 8192
#define ACT_DUE_HOURS_MAX 1000

struct act;
struct act_options {
	int64_t (*now_ms)(void *ctx);
	void *now_ctx;
	struct govern *govern;
	struct inbox *inbox;
	struct outbox *outbox;   /* may be NULL: nobody is told */
	struct insight *insight; /* may be NULL: comments speak of nothing */
};
NODISCARD enum err_code act_open(struct store *st, const struct act_options *opt, struct act **out, struct err *err);
/* Starts the thread that looks at new feedback and at what is overdue. news as of inbox_follow. */
NODISCARD enum err_code act_follow(struct act *a, void (*news)(void *ctx), void *ctx, struct err *err);
bool act_follows(const struct act *a);
/* The log is looked at up to here by the following thread. */
uint64_t act_mark(const struct act *a);
/* Looks at what the inbox has by now, and at what is overdue. */
NODISCARD enum err_code act_catch_up(struct act *a, struct err *err);
void act_stop(struct act *a);
void act_close(struct act *a); /* accepts NULL */

/* --- units --------------------------------------------------------------------------------------- */

/* How a unit works. Stored: "" and has_hours false inherit. In force: everything that is known. */
struct act_unit {
	struct str unit;          /* path, "" the whole organisation */
	struct str country, zone; /* ISO 3166-1, IANA */
	bool has_hours;
	struct hours hours;
	struct str responsible, mail; /* login; address */
	struct str lang;
	int64_t changed_ms;
	struct str author;
};
/* As stored, by path. */
NODISCARD enum err_code act_units(struct act *a, struct arena *m, struct act_unit **out, size_t *n, struct err *err);
/*
 * In force: from the whole organisation down the path, what is nearest
 * stands. A unit that names a country has that country's zone and week unless
 * it says its own. Nobody says anything: the organisation's zone, and 9 to 17
 * on every day but Saturday and Sunday.
 */
NODISCARD enum err_code act_unit(struct act *a, struct str unit, struct arena *m, struct act_unit *out,
                                 struct err *err);
/* Stores it; one that says nothing is removed. ERR_INPUT names the field. */
NODISCARD enum err_code act_unit_put(struct act *a, const struct act_unit *u, struct err *err);
/* {"days":[[540,1020],null,...],"holidays":false} and back. ERR_INPUT "unit.hours". */
NODISCARD enum err_code act_hours_read(struct str json, struct hours *out, struct err *err);
void act_hours_print(const struct hours *h, struct buf *out);
/* When open_ms of the unit's open time have passed. */
int64_t act_due(const struct act_unit *u, int64_t from_ms, int64_t open_ms);

/* --- rules ------------------------------------------------------------------------------------------ */

struct act_rule {
	int64_t id;
	struct str name;       /* JSON object: by language */
	double at_most;        /* NaN: any; else the score, on score_kind's own scale, on 0 to 100 when that is "" */
	struct str score_kind; /* "nps", "csat", "ces", "rating", "" */
	struct str events[ACT_EVENTS_MAX]; /* it is or speaks of one of them; none: any */
	size_t n_events;
	struct search_query words[ACT_WORDS_MAX]; /* one of them fits, as written or by the stems; none: any */
	struct str texts[ACT_WORDS_MAX];          /* words[i] as it was given */
	size_t n_words;
	struct str topics[ACT_TOPICS_MAX]; /* keys, policies too: its comment speaks of one of them; none: any */
	size_t n_topics;
	unsigned feelings; /* bits of enum inbox_feeling; 0 any. Of the part on one of the topics, where all have to fit
	                    */
	bool any;          /* one of score, events, words, topics and feelings is enough; else all that are given */
	struct str unit, channel, lang; /* "" any; the unit and those below it; lang as of struct inbox_filter */
	double due_hours;               /* of the unit's open time */
	struct str responsible;         /* login; "" the unit's */
	int64_t within_ms;              /* feedback that was older when it came opens nothing */
	/* of stored ones */
	bool enabled;
	uint64_t from_arrival;
	int64_t created_ms, changed_ms, opened; /* opened: follow-ups so far */
	struct str author, document;
};
/* From a document, as in docs/follow-ups.md. ERR_INPUT with the member in `field`. */
NODISCARD enum err_code act_rule_read(struct str json, struct arena *m, struct act_rule *out, struct err *err);
/*
 * What fitting needs: words as their stems, and what comments were heard to
 * say, read once for all rules that meet one row in a row. For one thread.
 */
struct act_fitter;
NODISCARD enum err_code act_fitter_new(struct act *a, struct act_fitter **out, struct err *err);
void act_fitter_free(struct act_fitter *f); /* accepts NULL */
NODISCARD enum err_code act_rule_fits(struct act_fitter *f, const struct act_rule *r, const struct inbox_row *row,
                                      bool *out, struct err *err);
NODISCARD enum err_code act_rules(struct act *a, struct arena *m, struct act_rule **out, size_t *n, struct err *err);
/* id 0 makes one. ERR_NOT_FOUND "rule.unknown", ERR_LIMIT "rule.many". */
NODISCARD enum err_code act_rule_save(struct act *a, int64_t id, struct str document, bool enabled, struct str author,
                                      struct arena *m, int64_t *saved, struct err *err);
NODISCARD enum err_code act_rule_delete(struct act *a, int64_t id, struct err *err);
/* What it would have done: feedback of [from, to) that it takes, the newest as samples. */
#define ACT_SAMPLES 10
struct act_trial {
	int64_t feedback, would_open;
	struct inbox_row samples[ACT_SAMPLES];
	size_t n_samples;
};
NODISCARD enum err_code act_rule_try(struct act *a, const struct act_rule *r, int64_t from_ms, int64_t to_ms,
                                     struct arena *m, struct act_trial *out, struct err *err);

/* --- follow-ups ---------------------------------------------------------------------------------------- */

enum act_state { ACT_OPEN, ACT_DOING, ACT_WAITING, ACT_CLOSED, ACT_STATES };
extern const char *const act_state_names[ACT_STATES]; /* "open", "doing", "waiting", "closed" */
#define ACT_OUTCOMES 5
extern const char *const act_outcome_names[ACT_OUTCOMES]; /* solved, partly, not_solved, not_reached, no_need */

struct act_follow_up {
	int64_t id, rule;
	uint64_t arrival;
	struct str rule_name; /* JSON object */
	uint32_t identity;
	struct str customer, unit, event, about, comment;
	double utility; /* NaN without a score */
	int64_t opened_ms, due_ms;
	enum act_state state;
	struct str responsible, cause, outcome;
	int64_t first_reply_ms, closed_ms, escalated_ms; /* 0: not */
};
struct act_filter {
	unsigned states;        /* bits; 0 any */
	struct str responsible; /* {NULL,0} any, "" nobody */
	struct str unit;        /* {NULL,0} any; and those below */
	int64_t rule;           /* 0 any */
	int64_t overdue_ms;     /* not closed and due before; 0 any */
	int64_t arrival;        /* of this feedback; -1 any */
};
struct act_cursor {
	int64_t closed, due_ms, id;
};
#define ACT_FIRST ((struct act_cursor){ -1, INT64_MIN, 0 })
struct act_page {
	struct act_follow_up *rows; /* those that are not closed first, by when they are due */
	size_t n;
	bool more;
	struct act_cursor next;
};
NODISCARD enum err_code act_list(struct act *a, const struct act_filter *f, struct act_cursor behind, size_t limit,
                                 struct arena *m, struct act_page *out, struct err *err);
NODISCARD enum err_code act_get(struct act *a, int64_t id, struct arena *m, struct act_follow_up *out, struct err *err);
struct act_step {
	int64_t id, at_ms;
	struct str author, what, text;
};
NODISCARD enum err_code act_steps(struct act *a, int64_t id, struct arena *m, struct act_step **out, size_t *n,
                                  struct err *err);

/* NULL leaves alone. Closing needs an outcome: ERR_INPUT "follow_up.outcome". */
struct act_change {
	const enum act_state *state;
	const struct str *responsible, *cause, *outcome;
	const int64_t *due_ms;
};
NODISCARD enum err_code act_change(struct act *a, int64_t id, const struct act_change *c, struct str author,
                                   struct err *err);
/* what: "note" or "reply"; the first reply is when the customer heard of us. */
NODISCARD enum err_code act_step_add(struct act *a, int64_t id, const char *what, struct str text, struct str author,
                                     struct err *err);

/* --- what became of them (docs/methods/recovery.md) -------------------------------------------------------- */

struct act_summary {
	int64_t opened, by_state[ACT_STATES], overdue;
	struct stats_estimate on_time;     /* of those closed or overdue: closed by when they were due (Wilson) */
	struct stats_estimate first_reply; /* median hours from opening to the first reply */
	struct stats_estimate recovery;    /* next score of the customer after closing minus the one before: paired */
	struct stats_estimate without;     /* the same of those whose next score came while nothing was closed */
	int64_t outcomes[ACT_OUTCOMES];
};
/* Of those opened in [from, to) in a unit and below; "" all. */
NODISCARD enum err_code act_summary(struct act *a, struct str unit, int64_t from_ms, int64_t to_ms, struct arena *m,
                                    struct act_summary *out, struct err *err);

/* --- reports that go out --------------------------------------------------------------------------------------- */

#define ACT_REPORTS_MAX 500

/* What stands in a report, and in which order: docs/reports.md. */
enum act_report_role { ACT_LEAD, ACT_OWNER, ACT_EXECUTIVE, ACT_REPORT_ROLES };
extern const char *const act_report_role_names[ACT_REPORT_ROLES]; /* "lead", "owner", "executive" */

struct act_report {
	int64_t id;
	struct str unit, map, address, lang;
	enum act_report_role role;
	bool enabled;
	int64_t sent_week_ms; /* 0: none yet */
	int64_t created_ms;
	struct str author;
};
NODISCARD enum err_code act_reports(struct act *a, struct arena *m, struct act_report **out, size_t *n,
                                    struct err *err);
/* ERR_INPUT "report.address", "report.lang"; ERR_NOT_FOUND for a map that is not there; ERR_LIMIT above
 * ACT_REPORTS_MAX. The first one that goes out is of the week that is now. */
NODISCARD enum err_code act_report_add(struct act *a, const struct act_report *r, int64_t *id, struct err *err);
NODISCARD enum err_code act_report_delete(struct act *a, int64_t id, struct err *err);

/* From now on maps can be measured; reports that are due go out. */
void act_ready(struct act *a, struct maps *maps);

/* The unit's last whole week before an instant, and when its report goes out: the first open moment after it. */
struct act_week {
	int64_t from_ms, to_ms, goes_ms;
};
NODISCARD enum err_code act_week_of(const struct act_unit *u, int64_t now_ms, struct act_week *out, struct err *err);

/* The report of a week: its subject, and what stands in the page. ERR_UNAVAILABLE while the index is read. */
NODISCARD enum err_code act_report_write(struct act *a, const struct act_report *r, const struct act_week *w,
                                         struct arena *m, struct str *subject, struct buf *inner, struct buf *pdf,
                                         struct err *err);
/* Queues the report of the last whole week now, whether or not it went out already. */
NODISCARD enum err_code act_report_send(struct act *a, int64_t id, struct err *err);

extern const struct store_personal act_personal[]; /* what is held of a person */

#include "act/praise.h"

#endif
