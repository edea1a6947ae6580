/*
 * Not annoying people. One function decides for every message that asks somebody for an answer and for every showing
 * of a widget, by ten rules in order, across all surveys and channels; each decision is kept with its reason in the
 * transaction of what it permits. All decisions are made on the store's one writer, so caps hold however many ask at
 * once.
 *
 *   1 legal       unsubscribed, no consent, bounced, a minor, no address
 *   2 quarantine  days since the person was last asked for anything (90; 30 for transactional surveys)
 *   3 recontact   days since the person was last asked this (180)
 *   4 year        times in 365 days (4)
 *   5 complaint   never while a complaint of the person is open
 *   6 quiet       by the customer's country: not refused but sent when hours allow
 *   7 daily       messages of a channel in 24 hours
 *   8 sample      a share of customers, by a stable hash of customer, survey and wave
 *   9 quota       customers asked of one language, country or unit
 *  10 reminder    one, after 3 days
 *
 * A person is who is one customer by all their ids, and whoever has an address in common with them. docs/contact.md is
 * the page for people.
 */
#ifndef CONTACT_CONTACT_H
#define CONTACT_CONTACT_H

#include "base/country.h"
#include "outbox/outbox.h"
#include "store/store.h"
#include "voice/voice.h"

#define CONTACT_RULES_BYTES_MAX (256 * 1024)
#define CONTACT_SURVEYS_MAX 1000 /* with rules of their own */
#define CONTACT_WHAT_IF_DAYS 90
#define CONTACT_WHAT_IF_MAX 2000000 /* triggers */

/* The first three are media of outbox.h. Quiet hours and addresses do not matter on a page that somebody is reading. */
enum contact_channel { CONTACT_EMAIL, CONTACT_SMS, CONTACT_WHATSAPP, CONTACT_WEB, CONTACT_CHANNELS };
extern const char *const contact_channel_names[CONTACT_CHANNELS]; /* "email", "sms", "whatsapp", "web" */
NODISCARD bool contact_channel_of(struct str name, enum contact_channel *out);

enum contact_reason {
	CONTACT_OK,
	CONTACT_UNSUBSCRIBED,
	CONTACT_NO_CONSENT,
	CONTACT_BOUNCED,
	CONTACT_SPAM, /* complained about our mail */
	CONTACT_MINOR,
	CONTACT_NO_ADDRESS,
	CONTACT_NO_CHANNEL, /* nothing here sends by this medium */
	CONTACT_QUARANTINE,
	CONTACT_RECONTACT,
	CONTACT_YEAR,
	CONTACT_COMPLAINT,
	CONTACT_DAILY,
	CONTACT_SAMPLE,
	CONTACT_QUOTA,
	CONTACT_REMINDER, /* a second reminder, one too early, or of what was answered */
	CONTACT_STOPPED,  /* it was asked, and taken back before anything left */
	CONTACT_REASONS
};
extern const char *const contact_reason_names[CONTACT_REASONS]; /* "ok", "unsubscribed" ... */
extern const int contact_reason_rules[CONTACT_REASONS];         /* 0, 1 ... 10 */

struct contact;
struct contact_options {
	struct store *store;
	struct outbox *outbox;
	struct voice *voice;          /* NULL: deciding alone, no invitations */
	int64_t (*now_ms)(void *ctx); /* the one clock */
	void *now_ctx;
	/* The organisation's zone, for customers of whom no country is known; NULL: UTC. */
	enum err_code (*zone)(void *ctx, struct arena *a, struct str *zone, struct err *err);
	void *zone_ctx;
	/* The unit where a customer was last, "" unknown: what an invitation is of when nobody names one. NULL:
	 * unknown. */
	enum err_code (*unit)(void *ctx, struct str customer, struct arena *a, struct str *unit, struct err *err);
	void *unit_ctx;
	/* All ids of the person who has this one, itself among them, "anonymous:ID" of visitors; none when nobody has
	 * it. NULL: everybody has one. */
	enum err_code (*ids)(void *ctx, struct str id, struct arena *a, struct str **ids, size_t *n, struct err *err);
	void *ids_ctx;
};
/* Listens to the outbox: open before outbox_start. */
NODISCARD enum err_code contact_open(const struct contact_options *opt, struct contact **out, struct err *err);
void contact_close(struct contact *c); /* accepts NULL */
/*
 * Starts following the log: addresses, complaints, and the events behind which a live survey asks ("cx:ask": {"after":
 * event, "wait": "2h", "channels": ["email", "sms"]}); sends what is due, and one reminder. A second or two behind.
 */
NODISCARD enum err_code contact_follow(struct contact *c, struct err *err);
/* The log is followed up to here. */
uint64_t contact_mark(struct contact *c);
/* Until the log was followed to its end as it is now, and nothing that is due waits: does it when nobody follows, else
 * waits for it; ERR_UNAVAILABLE after a minute. */
NODISCARD enum err_code contact_catch_up(struct contact *c, struct err *err);
void contact_stop(struct contact *c); /* before the outbox is closed; accepts NULL */

/* --- deciding ------------------------------------------------------------------------------------ */

struct contact_request {
	struct str customer;  /* external id; "" for a visitor who is not known */
	struct str anonymous; /* id of the visitor, when customer is "" */
	struct str survey;    /* key */
	struct str trigger;   /* what made us think of it: "invite", "event", "widget", "reminder" */
	struct str unit;      /* "" unknown */
	enum contact_channel channel;
	bool no_channel; /* nothing sends by this medium */
	bool reminder;
	int64_t invitation; /* which a reminder is of */
	int64_t at_ms;      /* 0: now */
	int64_t round;      /* of people asked together; 0: none */
};
struct contact_decision {
	int64_t id; /* its row; 0 from contact_would */
	bool ask;   /* the winner may be asked */
	enum contact_reason reason;
	int64_t not_before_ms; /* when to send; later than at_ms in quiet hours */
	struct str address;    /* in the caller's arena: mail or phone */
	struct str lang;       /* of the customer, "" unknown */
};
/* Decides and keeps the decision. ERR_NOT_FOUND never: a customer of whom nothing is known has no address. */
NODISCARD enum err_code contact_decide(struct contact *c, const struct contact_request *r, struct arena *a,
                                       struct contact_decision *out, struct err *err);
/* The same within the caller's transaction, together with what is sent then. */
NODISCARD enum err_code contact_decide_in(struct contact *c, struct store_write *w, const struct contact_request *r,
                                          struct arena *a, struct contact_decision *out, struct err *err);
/* What it would say, without keeping anything: dry runs. */
NODISCARD enum err_code contact_would(struct contact *c, const struct contact_request *r, struct arena *a,
                                      struct contact_decision *out, struct err *err);

struct contact_row {
	int64_t id, at_ms, not_before_ms;
	struct str customer, survey, trigger;
	enum contact_channel channel;
	enum contact_reason reason;
	bool reminder;
	int64_t declined_ms; /* when whoever was asked said no; 0: they did not */
};
/* The log, newest first. survey and customer "": any; reason CONTACT_REASONS: any. */
NODISCARD enum err_code contact_log(struct contact *c, struct str survey, struct str customer,
                                    enum contact_reason reason, int64_t before, size_t limit, struct arena *a,
                                    struct contact_row **out, size_t *n, struct err *err);
struct contact_sum {
	struct str survey;
	enum contact_channel channel;
	enum contact_reason reason;
	int64_t n;
};
/* How often each reason was given since then, by survey and channel: their sum is the number of triggers. */
NODISCARD enum err_code contact_sums(struct contact *c, int64_t since_ms, struct arena *a, struct contact_sum **out,
                                     size_t *n, struct err *err);

/* --- invitations ----------------------------------------------------------------------------------- */

#define CONTACT_INVITE_MAX 20000 /* customers a call */

struct contact_invite {
	struct str survey;           /* key of a live survey */
	struct str channels;         /* in the order in which they are tried: "email,sms" */
	struct str about;            /* event type or "journey"; "" as the survey says */
	struct str journey, unit;    /* unit "": the customer's, where it is known */
	struct str trigger;          /* "invite", "event" */
	struct str lang;             /* of whom no language is known; "" the survey's own */
	bool lang_all;               /* everybody is asked in it */
	int64_t round;               /* 0: none */
	int64_t at_ms;               /* dry runs: as if it were then; 0: now */
	const struct str *customers; /* external ids */
	size_t n_customers;
	bool dry_run;
};
#define CONTACT_TRIED_MAX 5 /* customers shown for each reason */
struct contact_tried {
	struct str customer, lang; /* lang: that they would be asked in; "" when they are not */
	enum contact_channel channel;
	int64_t not_before_ms;
};
struct contact_tally {
	int64_t reasons[CONTACT_REASONS]; /* [CONTACT_OK]: asked, or would be */
	int64_t waits;                    /* of those asked: because of quiet hours */
	/* Of a dry run: those asked by channel and language, and the first few of each reason. */
	int64_t channels[CONTACT_CHANNELS], langs[LANGS];
	struct contact_tried tried[CONTACT_REASONS][CONTACT_TRIED_MAX];
};
/*
 * Decides for each customer and sends to those who may be asked. A dry run keeps nothing; it looks at each customer
 * alone, so caps of a day and quotas that this very list would reach are not in its figures. ERR_CONFLICT
 * "contact.survey" unless the survey is live, "contact.url" without the server's public address.
 */
NODISCARD enum err_code contact_invite(struct contact *c, const struct contact_invite *v, struct contact_tally *out,
                                       struct err *err);

/*
 * A round asks many, later or at once: they wait in the store, are decided for one by one when it is time, and can be
 * stopped meanwhile. Which of them waits, was asked or was not, and why, can be looked at as it goes on.
 */
#define CONTACT_ROUND_MAX 100000 /* customers */
struct contact_round {
	int64_t id;
	struct str survey, channels, lang;
	bool lang_all;
	struct str whom, segment; /* "everybody", "segment", "list"; the segment's key or rule, "" none */
	int64_t people;
	struct str author;
	int64_t made_ms, due_ms;
	int64_t stopped_ms; /* 0: it was not */
	int64_t waiting;    /* that nothing was decided for yet */
	/* Read by contact_round_get alone: */
	int64_t reasons[CONTACT_REASONS];
	int64_t steps[8]; /* in the outbox, sent, delivered, opened, started, completed, failed, declined */
};
/* Puts it in; the survey is live and customers are different ones. `v` as for contact_invite; author, whom, segment and
 * due_ms of `out` are given. ERR_LIMIT "contact.many". */
NODISCARD enum err_code contact_round_start(struct contact *c, const struct contact_invite *v,
                                            struct contact_round *out, struct err *err);
/* Takes back who still waits and what has not left; those people count as not asked. ERR_NOT_FOUND "contact.round". */
NODISCARD enum err_code contact_round_stop(struct contact *c, int64_t round, struct err *err);
/* Of a survey, newest first; "" of all. */
NODISCARD enum err_code contact_rounds(struct contact *c, struct str survey, size_t limit, struct arena *a,
                                       struct contact_round **out, size_t *n, struct err *err);
/* With its figures; failures as JSON list of {"reason","n"}. */
NODISCARD enum err_code contact_round_get(struct contact *c, int64_t round, struct arena *a, struct contact_round *out,
                                          struct buf *failures, struct err *err);
/* The invitations of a round, for whoever answers in these people's place (the demo company), by age. */
struct contact_link {
	struct str customer, token, lang;
};
NODISCARD enum err_code contact_round_links(struct contact *c, int64_t round, size_t limit, struct arena *a,
                                            struct contact_link **out, size_t *n, struct err *err);

/* Customers of whom something is known (an address, a language, a country), by id. */
NODISCARD enum err_code contact_known(struct contact *c, size_t limit, struct arena *a, struct str *out, size_t *n,
                                      struct err *err);
/* Who a mail address or telephone number belongs to; "" nobody. */
NODISCARD enum err_code contact_customer_of(struct contact *c, struct str address, struct arena *a, struct str *out,
                                            struct err *err);

/* Eligible to completed since then, by channel, and why messages failed; JSON. */
NODISCARD enum err_code contact_funnel(struct contact *c, struct str survey, int64_t since_ms, struct buf *out,
                                       struct err *err);
/* Somebody said "No, thanks" to the invitation of a token: kept once, with the decision that asked them, unless they
 * had answered. They are not reminded. Nothing for a token that is not ours. */
NODISCARD enum err_code contact_declined(struct contact *c, struct str token, struct err *err);
/* Somebody, or a machine, opened the page of an invitation. Unknown tokens are no error. */
void contact_opened(struct contact *c, struct str token);

/* --- rules ------------------------------------------------------------------------------------------ */

/*
 * The rules as JSON (docs/contact.md), with "version". Rules of a survey may only be stricter than those of all: where
 * one is not, the stricter holds, and "contradictions" of the answer lists {survey, rule, wanted, holds}.
 */
NODISCARD enum err_code contact_rules_get(struct contact *c, struct buf *out, struct err *err);
/* `base_version` must be the newest (ERR_CONFLICT "contact.stale"). ERR_INPUT "contact.rules" names the member. */
NODISCARD enum err_code contact_rules_put(struct contact *c, int base_version, struct str rules, struct str author,
                                          struct err *err);
/*
 * The triggers of the last 90 days decided again under other rules, in memory: how many would be asked and were not,
 * and the other way round, by reason, with up to 100 customers of each. JSON.
 */
NODISCARD enum err_code contact_what_if(struct contact *c, struct str rules, struct buf *out, struct err *err);

/* --- consent ------------------------------------------------------------------------------------------ */

enum contact_consent {
	CONTACT_UNKNOWN,
	CONTACT_GIVEN,
	CONTACT_WITHDRAWN,
	CONTACT_BOUNCES,
	CONTACT_COMPLAINED,
	CONTACT_CONSENTS
};
extern const char *const contact_consent_names[CONTACT_CONSENTS];
/* Writes a line of the ledger: nothing is ever changed in it, the newest line of an address holds. A withdrawal takes
 * back what waits in the outbox. */
NODISCARD enum err_code contact_consent_in(struct contact *c, struct store_write *w, enum contact_channel channel,
                                           struct str address, enum contact_consent state, struct str source,
                                           int64_t at_ms, struct err *err);
NODISCARD enum err_code contact_consent(struct contact *c, enum contact_channel channel, struct str address,
                                        enum contact_consent state, struct str source, struct err *err);
/* What the ledger says of an address now. */
NODISCARD enum err_code contact_consent_of(struct contact *c, enum contact_channel channel, struct str address,
                                           enum contact_consent *out, struct err *err);
struct contact_line {
	int64_t id;
	enum contact_channel channel;
	struct str address, source;
	enum contact_consent state;
	int64_t at_ms;
};
/* Newest first; address "": all. `blocked`: only lines that hold and keep us from asking. `before` is a line's id. */
NODISCARD enum err_code contact_ledger(struct contact *c, struct str address, bool blocked, int64_t before,
                                       size_t limit, struct arena *a, struct contact_line **out, size_t *n,
                                       struct err *err);

/* The path "/u/TOKEN" that unsubscribes an address; the same for each message to it. */
NODISCARD enum err_code contact_leave_path_in(struct contact *c, struct store_write *w, enum contact_channel channel,
                                              struct str address, struct arena *a, struct str *path, struct err *err);
/* Whose token it is; ERR_NOT_FOUND "contact.leave". Changes nothing. */
NODISCARD enum err_code contact_leave_look(struct contact *c, struct str token, struct arena *a,
                                           enum contact_channel *channel, struct str *address, bool *left,
                                           struct err *err);
NODISCARD enum err_code contact_leave(struct contact *c, struct str token, struct err *err);

/* --- customers ------------------------------------------------------------------------------------------ */

struct contact_person {
	struct str customer, email, phone, lang, country, zone, name;
	bool minor;
};
NODISCARD enum err_code contact_person_get(struct contact *c, struct str customer, struct arena *a,
                                           struct contact_person *out, struct err *err);
/*
 * What the traits of an identify say: email, phone (to E.164 by country), lang or language or locale, country, zone or
 * timezone, name, birthday or age or minor. Traits that are not there stay; null takes away. Pure.
 */
NODISCARD enum err_code contact_person_merge(struct str traits, int64_t now_ms, struct arena *a,
                                             struct contact_person *p, struct err *err);
NODISCARD enum err_code contact_person_put_in(struct store_write *w, const struct contact_person *p, int64_t at_ms,
                                              struct err *err);
extern const struct store_personal contact_personal[]; /* what is held of a person; decisions stay without a name */

/* An open complaint (a follow-up, say), by the name that the asking part has for it. */
NODISCARD enum err_code contact_hold_in(struct store_write *w, struct str customer, struct str ref, int64_t at_ms,
                                        struct err *err);
NODISCARD enum err_code contact_release_in(struct store_write *w, struct str customer, struct str ref, struct err *err);

#endif
