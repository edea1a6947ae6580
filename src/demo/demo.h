/*
 * Rawnaq, the demo company: a retailer of home goods and large appliances
 * with delivery, installation and repair in four countries. Everything about
 * it is invented; docs/demo.md tells its story.
 *
 * Pure: no file, clock or hidden random state. The same (seed, end day,
 * number of customers) gives the same bytes on every machine.
 *
 * What is true about the company is one table (demo_truths, demo_sizes): the
 * generator places effects of these sizes, tests find them again, and the
 * docs quote them.
 */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include "base/str.h"
#include "wire/wire.h"

#define DEMO_CUSTOMERS 50000 /* unless said otherwise */
#define DEMO_CUSTOMERS_MAX 1000000
#define DEMO_DAYS 730 /* 24 months up to and with the end day */
#define DEMO_SOURCE "Rawnaq demo"

struct demo_options {
	uint64_t seed;
	int64_t end_day;      /* days since 1970: the last day with events */
	uint32_t n_customers; /* 0: DEMO_CUSTOMERS */
	bool all_answer; /* nobody keeps silent when asked about the year: for finding out what the silent would say */
};

/*
 * Calls sink->event for every event: customer after customer, each one's
 * events in order of time. Strings are borrowed until the call returns. Each
 * event has a message id made of (end day, seed, customer, place), so a second
 * fill stores nothing new, and one with another end day is another company.
 * sink->progress (may be NULL) gets the number of events and of customers so
 * far; nonzero stops with ERR_CONFLICT "demo.stopped". The other callbacks
 * are not used.
 *
 * Errors: ERR_INPUT for an end day outside 1990..2090 or more customers than
 * DEMO_CUSTOMERS_MAX; ERR_NO_MEMORY; ERR_IO when ICU has no calendar data;
 * and whatever the sink answers.
 */
NODISCARD enum err_code demo_generate(const struct demo_options *o, const struct wire_sink *sink, struct err *err);

/* Properties worth a column, to be declared before or after the fill. */
extern const struct str demo_dimensions[];
extern const size_t demo_n_dimensions;

/* The company's maps: documents as in maps/maps.h, the main one first. */
struct demo_map {
	const char *key;
	struct str json;
};
extern const char *const demo_map_keys[];
extern const size_t demo_n_maps;
struct str demo_map_json(size_t i); /* i < demo_n_maps */

/* The company's name, language by language, as a JSON object. */
extern const struct str demo_organisation_json;

/* --- what is true -------------------------------------------------------------------- */

enum demo_size_id {
	DEMO_LATE_RAHWAN, /* share of parcels late */
	DEMO_LATE_RAHWAN_PEAK,
	DEMO_LATE_OTHER,
	DEMO_RAHWAN_SHARE,  /* share of Gulf parcels that it carries */
	DEMO_LATE_SCORE,    /* points of 100 on every later answer */
	DEMO_LATE_REPEAT,   /* change in the share that buys again within 180 days */
	DEMO_REPEAT,        /* that share, on time */
	DEMO_CODE_LOST_WEB, /* share of payments with a one-time code that are lost, mobile web */
	DEMO_CODE_LOST_APP,
	DEMO_PAYMENT_FAILED_SCORE,
	DEMO_CARD_UNBOXING, /* points at unboxing */
	DEMO_CARD_REVIEW,
	DEMO_CARD_RECOMMEND,
	DEMO_PRIVATE_MESSAGE,  /* share of after-sales journeys */
	DEMO_PROMISE_NEWCOMER, /* installation on the promised day: first large appliance, outside the big cities */
	DEMO_PROMISE_OTHER,
	DEMO_INSTALL_LATE_SCORE,
	DEMO_CALLS,            /* calls for the address, of orders that get any, in cities without postcodes */
	DEMO_CALL_SCORE,       /* points on later answers with each further call there */
	DEMO_AGAIN_GOOD,       /* buy again within a year of a good installation visit, ... */
	DEMO_AGAIN_BAD,        /* ... of a bad one */
	DEMO_REGULAR_UNBOXING, /* points at unboxing for those who had bought before */
	DEMO_QUEUE_LEFT,       /* share that leaves of those who wait longer than 12 minutes */
	DEMO_QUEUE_ELSEWHERE,  /* share of these that buys elsewhere */
	DEMO_RETURN_STORE,     /* score of asking for a return, by channel */
	DEMO_RETURN_PHONE,
	DEMO_RETURN_WEB,
	DEMO_SHARJAH,       /* points on every answer in Sharjah */
	DEMO_POLICY_SCORE,  /* points on answers about returns once the policy is felt */
	DEMO_POLICY_LEAD,   /* days by which staff report it before that */
	DEMO_BASKET_TOLD,   /* share of filled baskets in the app whose owners write that it was emptied */
	DEMO_KEPT_SOON,     /* of those who complained, buy again within 180 days: called back within 24 hours, ... */
	DEMO_KEPT_LATER,    /* ... later, ... */
	DEMO_KEPT_NONE,     /* ... or never */
	DEMO_CLUB_FORGIVES, /* difference of that share, members of the club against others */
	DEMO_SILENT,        /* points of those who do not answer about the year, against those who do */
	DEMO_SIZES
};

struct demo_size {
	int truth;        /* number of the truth it belongs to */
	const char *what; /* English, for docs and messages of tests */
	double size;      /* shares 0..1, points 0..100 */
};
extern const struct demo_size demo_sizes[DEMO_SIZES];

struct demo_truth {
	int id; /* numbering of docs/demo.md */
	const char *sentence;
	const char *window; /* when it holds */
};
extern const struct demo_truth demo_truths[];
extern const size_t demo_n_truths;

/* The days in which Rahwan is at its peak rate: last ten of Ramadan (Umm al-Qura), and seven from the last Friday of
 * November. */
NODISCARD enum err_code demo_peak_day(int64_t day, bool *out, struct err *err);

/* Days that the story turns on, counted back from the end day. */
#define DEMO_POLICY_DAYS 320 /* refunds only at the branch of purchase; staff say so from here on */
#define DEMO_BASKET_DAYS 12  /* the app's update that empties baskets */

#define DEMO_QUEUE_MS (12 * 60000) /* a longer wait makes people leave */
#define DEMO_CARD_WAREHOUSE "dubai-south"

#endif
