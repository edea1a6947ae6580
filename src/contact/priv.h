/* What the files of contact/ share. Others include contact.h. */
#ifndef CONTACT_PRIV_H
#define CONTACT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/json.h"
#include "contact/contact.h"
#include "form/form.h"

#define EVENTS_MAX 16 /* names of events that open or close a complaint */
#define YEAR_MS (365 * WHEN_DAY_MS)

/* --- personal.c: what stands in the place of an address that was erased ------------------------ */

enum { CONTACT_HASH_BYTES = 40 };
void contact_address_hash(struct hash128 h, char out[CONTACT_HASH_BYTES]);

/* --- rules.c ---------------------------------------------------------------------------------- */

enum stratum { STRATUM_NONE, STRATUM_LANG, STRATUM_COUNTRY, STRATUM_UNIT, STRATA };

/* What a survey, or all of them, may say. A negative number says nothing. */
struct limits {
	int quarantine_days, recontact_days, year_max, reminder_days;
	double sample;
	int64_t quota;
	int quota_days;
	enum stratum quota_by;
	struct str wave;
	bool transactional;
};
struct survey_limits {
	struct str survey;
	struct limits own;
};
struct rules {
	int version;
	struct arena arena;
	atomic_int users;
	struct limits all;
	int transactional_days;
	bool opt_in[CONTACT_CHANNELS];   /* without consent nobody is asked */
	bool minors;                     /* those who are not of age may be asked */
	bool complaint;                  /* an open complaint matters */
	int quiet_from, quiet_to;        /* minutes of the day in which people may be written to */
	bool weekends, holidays;         /* also then */
	int64_t daily[CONTACT_CHANNELS]; /* 0: no cap */
	struct str opens[EVENTS_MAX], closes[EVENTS_MAX];
	struct survey_limits *surveys;
	size_t n_surveys;
	struct str text; /* as saved */
};
NODISCARD enum err_code rules_read(struct str json, struct rules **out, struct err *err);
void rules_free(struct rules *r);
/* What holds for a survey: of each rule the stricter. */
void rules_for(const struct rules *r, struct str survey, struct limits *out);
/* The rules in force, until rules_put. */
struct rules *rules_get(struct contact *c);
void rules_put(struct contact *c, struct rules *r);
NODISCARD enum err_code rules_load(struct contact *c, struct err *err);
extern const char *const stratum_names[STRATA];

/* --- judge.c: the ten rules, pure --------------------------------------------------------------- */

enum legal {
	LEGAL_UNKNOWN,
	LEGAL_GIVEN,
	LEGAL_WITHDRAWN,
	LEGAL_BOUNCES,
	LEGAL_COMPLAINED,
	LEGAL_MINOR,
	LEGAL_NO_ADDRESS,
	LEGAL_NO_CHANNEL
};
struct facts {
	enum legal legal;
	bool held;
	int64_t last_ms, last_survey_ms; /* INT64_MIN: never asked */
	int64_t in_year, in_day, in_stratum;
	double draw;
	bool reminder_due; /* of a reminder: it is the first, not early, and not answered */
};
struct judged {
	int64_t at_ms;
	enum contact_channel channel;
	bool reminder;
};
enum contact_reason judge(const struct rules *r, const struct limits *l, const struct judged *q, const struct facts *f);
double draw_of(struct str customer, struct str survey, struct str wave);
/* When it may go out: at_ms, or the end of quiet hours. */
int64_t quiet_until(const struct rules *r, struct str country, struct str zone, int64_t at_ms);

/* --- decide.c ------------------------------------------------------------------------------------- */

struct contact {
	struct contact_options opt;
	struct store *st;
	pthread_mutex_t rules_lock;
	struct rules *rules; /* rules_lock */
	pthread_t thread;    /* follow.c */
	bool following;
	atomic_bool stop;
};

static inline int64_t contact_now(const struct contact *c)
{
	return c->opt.now_ms(c->opt.now_ctx);
}
/* A statement within a write, or without one on a reader's connection. */
NODISCARD enum err_code contact_stmt(struct contact *c, struct store_write *w, const char *name, struct stmt **out,
                                     struct err *err);
/* Steps a statement that gives nothing and frees it. */
NODISCARD enum err_code contact_run(struct stmt *s, struct err *err);
/* Whether a complaint of the person is open, whichever of their ids it has. */
NODISCARD enum err_code contact_person_held(struct contact *c, struct store_write *w, struct str customer,
                                            struct arena *a, bool *out, struct err *err);
NODISCARD enum err_code contact_org_zone(struct contact *c, struct arena *a, struct str *zone, struct err *err);
NODISCARD enum err_code person_read(struct contact *c, struct store_write *w, struct str customer, struct arena *a,
                                    struct contact_person *out, struct err *err);
NODISCARD enum err_code consent_read(struct contact *c, struct store_write *w, enum contact_channel channel,
                                     struct str address, enum contact_consent *out, struct err *err);
/* What traits say of consent. A shop tells the same traits again and again: whoever left by their own word, or whose
 * address bounced, is not brought back by them. */
NODISCARD enum err_code consent_by_traits(struct contact *c, struct store_write *w, enum contact_channel channel,
                                          struct str address, bool yes, int64_t at_ms, struct err *err);
/* same.c: who is one person, as far as there is room. */
#define CONTACT_SAME_MAX 64
struct contact_same {
	struct str ids[CONTACT_SAME_MAX]; /* the one that was asked for first */
	size_t n_ids;
	struct str addresses[CONTACT_SAME_MAX];
	size_t n_addresses;
};
NODISCARD enum err_code contact_same(struct contact *c, struct store_write *w, struct str id, struct arena *a,
                                     struct contact_same *out, struct err *err);
/* --- invite.c --------------------------------------------------------------------------------------- */

/* ERR_CONFLICT unless the survey is live and links of ours can be followed. */
NODISCARD enum err_code contact_can_invite(struct contact *c, struct str survey, struct err *err);

/* What live surveys say about events: "cx:ask". */
struct contact_ask {
	struct str survey, after, channels;
	int64_t wait_ms;
};
#define ASKS_MAX 256
struct contact_asks {
	struct arena arena;
	struct contact_ask all[ASKS_MAX];
	size_t n;
};
void contact_asks_read(struct contact *c, struct contact_asks *out);
/* Decides for what waits and is due, and for reminders; at most `max` a transaction, until nothing is due. */
void contact_send_due(struct contact *c, int max);
void contact_remind_due(struct contact *c, int max);

/* leaving.c: whether an invitation that waited may leave now. */
enum err_code contact_may_leave(void *ctx, struct store_write *w, const struct outbox_row *m, int64_t now_ms,
                                struct outbox_leave *out, struct err *err);
/* round.c: an invitation of which nothing left; its customer was not asked, for this reason. */
NODISCARD enum err_code contact_not_asked(struct store_write *w, int64_t invitation, int64_t decision, int64_t token,
                                          enum contact_reason reason, struct err *err);

/* consent.c: what the outbox has to tell. */
enum err_code contact_on_news(void *ctx, struct store_write *w, const struct outbox_news *n, struct err *err);

#endif
