/* What the files of demo/ share. Others include demo.h. */
#ifndef DEMO_PRIV_H
#define DEMO_PRIV_H

#include "base/rng.h"
#include "demo/demo.h"

/* --- season.c ------------------------------------------------------------------------- */

enum country_id { EMIRATES, SAUDI, EGYPT, IRAN, COUNTRIES };

#define SEASON_DAYS (DEMO_DAYS + 60) /* promises reach past the end day */

struct season_day {
	float weight, sum; /* sum: of weights up to and with this day */
	bool peak;         /* Rahwan's bad days */
	bool ramadan, closed;
	bool queue; /* before Eid, and at the end of Esfand: evenings are full */
};
struct seasons {
	int64_t from_day;
	struct season_day day[COUNTRIES][SEASON_DAYS];
};
NODISCARD enum err_code season_fill(struct seasons *s, int64_t from_day, struct err *err);
const struct season_day *season_at(const struct seasons *s, enum country_id c, int64_t day);
int64_t season_pick(const struct seasons *s, enum country_id c, int64_t lo, int64_t hi, struct rng *r);
bool season_egypt_summer(int64_t day);

/* --- say.c: what people write ----------------------------------------------------------- */

enum voice { VOICE_GULF, VOICE_EGYPT, VOICE_FA, VOICE_EN, VOICE_ARABIZI, VOICE_FINGLISH, VOICES };
extern const char *const voice_langs[VOICES]; /* BCP 47 */

enum topic {
	SAY_LATE,
	SAY_ADDRESS,
	SAY_DELIVERED,
	SAY_CODE,
	SAY_PAID,
	SAY_DAMAGED,
	SAY_UNBOXED,
	SAY_CARD,
	SAY_INSTALL_LATE,
	SAY_INSTALL_BAD,
	SAY_INSTALLED,
	SAY_USE_BAD,
	SAY_USE,
	SAY_HELP_BAD,
	SAY_HELP,
	SAY_PRIVATE,
	SAY_RETURN_BAD,
	SAY_RETURN,
	SAY_SHOP_BAD,
	SAY_SHOP,
	SAY_POLICY,
	SAY_STAFF_SEES,
	SAY_BASKET,
	SAY_BAD,
	SAY_GOOD,
	TOPICS
};

/*
 * A family of phrases. Square brackets hold what may vary: "[two|three]
 * calls" says one of two. Families are the rows; each is said in its own
 * dialect, never translated word for word.
 */
struct phrase {
	enum topic topic;
	enum voice voice;
	const char *text;
};
extern const struct phrase phrases_delivery[], phrases_parcel[], phrases_policy[], phrases_service[];
extern const size_t phrases_delivery_n, phrases_parcel_n, phrases_policy_n, phrases_service_n;

struct sayings { /* places of the phrases of each (topic, voice) */
	const struct phrase *of[TOPICS][VOICES][24];
	uint8_t n[TOPICS][VOICES];
};
void say_index(struct sayings *s);
/* Writes one phrase; Latin-letter voices fall back to their own language's letters where a topic has none. */
void say(const struct sayings *s, enum topic t, enum voice v, struct rng *r, struct buf *out, enum voice *said);

/* --- people.c ----------------------------------------------------------------------------- */

struct city {
	const char *unit, *name, *code; /* code: of the country */
	const char *currency;
	double share;     /* within the country unit */
	int zone_minutes; /* offset from UTC; Egypt's summer hour is added */
	bool no_postcodes;
};
struct country {
	const char *carriers[4]; /* the first is Rahwan in the Gulf */
	const char *warehouses[3];
	double warehouse_share[3];
	double share;
	double voices[VOICES];
	const char *message_channel;  /* private messages to branch staff */
	const char *help_channels[3]; /* the official ones */
	const char *survey_channel, *confirm_channel;
	double price;      /* units of money for one unit of the Emirates' */
	double device[4];  /* app, mobile web, desktop web, store */
	double code_share; /* of digital payments that need a one-time code */
	double cash_share; /* of digital orders paid at the door */
	const char *code_method, *card_method;
	struct city cities[4];
};
extern const struct country countries[COUNTRIES];

enum device { APP, MOBILE_WEB, DESKTOP_WEB, STORE, DEVICES };
extern const char *const device_names[DEVICES];

struct customer {
	uint32_t number;
	struct rng r;
	enum country_id country;
	const struct city *city;
	enum voice voice;
	bool town; /* lives outside the big cities; the nearest branch serves */
	bool anonymous_first;
	bool old_customer; /* bought before the window began */
	bool club;         /* a member of the club, from before or by now */
	int birth_month;
	double mood; /* points on each of their answers */
	char id[24], anonymous[24];
};
void customer_make(struct customer *c, uint64_t seed, uint32_t number);
void customer_traits(struct customer *c, struct buf *out); /* canonical {"traits":{...}} */
int64_t customer_offset_ms(const struct customer *c, int64_t day);

/* A choice by shares; the last takes what is left. */
size_t pick_share(struct rng *r, const double *shares, size_t n);
static inline bool chance(struct rng *r, double p)
{
	return rng_unit(r) < p;
}
static inline double size_of_truth(enum demo_size_id id)
{
	return demo_sizes[id].size;
}

/* --- put.c: events of one customer, collected, sorted, sent ----------------------------------- */

/* What was done about a complaint. */
enum care { NO_COMPLAINT, CALLED_SOON, CALLED_LATER, NOT_CALLED };

struct order { /* one intent to buy, from the first look to the last word */
	char key[32];
	uint32_t serial; /* the customer's how-manieth intent */
	const char *category, *product;
	enum device device;
	bool first;
	const char *method;                     /* NULL until payment */
	const char *carrier, *warehouse, *tape; /* NULL until the parcel is packed */
	double value;
	double shift; /* points on answers from here on */
	int before;   /* orders of the customer before this one, in these 24 months */
	double again; /* added to the share that buys again by what the installation visit was like */
	bool card, late, pay_failed, install_late, told_private, installed;
	enum care care;
	bool club; /* of the customer at the complaint */
	int64_t complaint_ms;
	bool left, elsewhere; /* the queue; for good, to another shop */
};

struct facts { /* what one event says beyond its order; zero is absent */
	int64_t expected_ms, wait_ms;
	int failed;
	double effort;
	const char *reason, *about, *kind, *staff, *elsewhere, *club;
	int score, score_max;
	const char *employee; /* the score is an answer of one, and this is its metric */
	bool of_staff;        /* the words are an employee's, not the customer's */
	int gap;              /* the score less what was expected, where has_gap */
	bool has_score, has_gap, anonymous, money, parcel, birth, carrier, abandoned;
	struct str comment;
	const char *comment_lang;
};

struct row {
	int64_t at_ms;
	uint32_t place; /* order of making: breaks ties */
	enum wire_type type;
	const char *name, *channel;
	size_t body, body_len;
	bool anonymous, both;
};

enum { ROWS_MAX = 4096 };

struct gen {
	const struct demo_options *o;
	const struct wire_sink *sink;
	struct seasons season;
	struct sayings sayings;
	int64_t from_day, end_ms;
	struct customer c;
	struct buf text, words;
	struct row rows[ROWS_MAX];
	uint32_t n_rows;
	uint32_t let_down; /* failures and broken promises of the customer before they are asked about the year */
	int64_t n_events;
};
void put_event(struct gen *g, const struct order *o, const char *name, const char *channel, const char *environment,
               int64_t at_ms, const struct facts *f);
void put_identify(struct gen *g, int64_t at_ms, bool both);
NODISCARD enum err_code put_flush(struct gen *g, struct err *err);

/* --- care.c: a complaint, what is done about it, and whether it is forgiven ------------------------ */

/* An own sequence of one order for one purpose: what is drawn from it leaves the rest of the story as it is. */
struct rng own_draws(const struct gen *g, const struct order *o, uint64_t purpose);
void complaint(struct gen *g, struct order *o, const char *channel, int64_t at_ms, struct facts *f);
/* Whether who complained buys again within half a year. */
bool forgives(const struct gen *g, const struct order *o);

/* --- policy.c: refunds only at the branch of purchase; and the update that empties baskets --------- */

/* By answers and complaints of that time. */
bool policy_felt(const struct gen *g, int64_t at_ms);
/* Points on an answer about a return, given at that time. */
double policy_shift(const struct gen *g, int64_t at_ms);
/* A return under the policy, or a while before it: what staff note, and whether the customer complains. */
void policy_return(struct gen *g, struct order *o, int64_t at_ms);
/* Replaces the words of a bad answer about a return, more often than not. */
void policy_cite(struct gen *g, const struct order *o, struct facts *f, int64_t at_ms);
void basket_emptied(struct gen *g, const struct order *o, int64_t at_ms);

/* --- yearly.c ---------------------------------------------------------------------------------- */

/* The day on which this customer is asked how the year was; and the question. */
int64_t yearly_day(const struct gen *g);
void ask_yearly(struct gen *g);

/* --- staff.c ------------------------------------------------------------------------------------ */

/* Maybe what an employee says of a contact, as events of the customer's journey under the voice of an employee. */
void staff_say(struct gen *g, const struct order *o, const char *about, int64_t at_ms);
int expected_of(const struct gen *g, const struct order *o, const char *about, int steps);

/* --- story.c ------------------------------------------------------------------------------------ */

/* One customer's 24 months. */
void story_tell(struct gen *g);

/* --- after.c: from the confirmation on ------------------------------------------------------------ */

/* Everything after the confirmation at `at_ms`; returns the time when the parcel is in the customer's hands. */
int64_t after_confirmation(struct gen *g, struct order *o, int64_t at_ms);
/* Maybe an answer to a survey about `about`, with a score drawn around base + the order's shift + extra. */
int score_of(struct rng *r, double points, int steps, double k); /* 0..steps with a mean of `points` of 100 */
double everywhere(const struct gen *g);                          /* points on each answer of the customer */
void ask_survey(struct gen *g, const struct order *o, double p, const char *about, double base, double extra,
                int64_t at_ms);
/* f's comment, in words drawn from r. */
void write_comment(struct gen *g, struct facts *f, enum topic t, struct rng *r);
/* Time of day at a local hour of a day, with a random minute. */
int64_t at_hour(const struct customer *c, int64_t day, double hour);

#endif
