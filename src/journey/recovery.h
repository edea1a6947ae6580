/*
 * Service recovery: of customers who had a bad experience, how many stay,
 * by how soon somebody got back to them. docs/methods/recovery.md.
 *
 * A customer counts once, with the first bad experience in the period. Who
 * was contacted is settled at a landmark, `later_ms` after it; staying is
 * counted from there to `window_ms`, so that nobody is in a group for having
 * stayed long enough to be called. Who came back before the landmark, and
 * whose experience is younger than the window, are left out and counted.
 */
#ifndef JOURNEY_RECOVERY_H
#define JOURNEY_RECOVERY_H

#include "journey/journey.h"
#include "stats/stats.h"

struct journey_recovery_query {
	struct str after;                       /* an activity that is a bad experience, a complaint; "" none */
	double hurt;                            /* a rating of less utility is one, too; 0 none */
	struct str contact, stay;               /* activities: somebody got back to them; they stayed */
	int64_t within_ms, later_ms, window_ms; /* 0 < within <= later < window */
	int64_t from_ms, to_ms;                 /* bad experiences in [from, to) */
	struct str by;                          /* a dimension, by the row of the bad experience; "" none */
};

enum journey_recovery_contact {
	JOURNEY_CONTACT_SOON,  /* within_ms */
	JOURNEY_CONTACT_LATER, /* up to the landmark */
	JOURNEY_CONTACT_NONE,
	JOURNEY_CONTACTS,
	JOURNEY_CONTACT_ANY = JOURNEY_CONTACTS /* all three together */
};
extern const char *const journey_recovery_contact_names[JOURNEY_CONTACTS + 1];

#define JOURNEY_RECOVERY_VALUES_MAX 50

struct journey_recovery_row {
	struct str value; /* of `by` */
	bool all;         /* of everybody: value is "" */
	enum journey_recovery_contact contact;
	int64_t customers, stayed;
	struct stats_estimate rate; /* Wilson */
	/* Soon and later: against those never contacted, of the same value; any: against everybody of other values and
	 * the same contact. Mantel and Haenszel over customers alike before; not identified below 5 on a side, and
	 * where there is nobody to compare with. raw_diff without strata (Newcombe). */
	struct stats_estimate diff, raw_diff;
	double p, p_adjusted; /* of diff; Benjamini-Hochberg over all rows that have one */
};
struct journey_recovery {
	int64_t hurt, too_short,
	        back; /* customers: with a bad experience; too young; of the rest back before the landmark */
	struct journey_recovery_row
	        *rows; /* everybody: any, soon, later, none; then so each value, by falling customers */
	size_t n_rows;
	size_t n_values, left_out; /* values shown, and those beyond JOURNEY_RECOVERY_VALUES_MAX or below 5 customers */
};

/*
 * Compiles; lives in the arena, borrows q and p, whose cases must be customers
 * without a period. ERR_INPUT for a name that no activity has, neither `after`
 * nor `hurt`, or spans out of order.
 */
struct journey_recovery_plan;
NODISCARD enum err_code journey_recovery_plan(const struct journey_plan *p, const struct journey_recovery_query *q,
                                              struct arena *a, struct journey_recovery_plan **out, struct err *err);
extern const struct journey_pass journey_recovery_pass; /* O(rows) */
NODISCARD enum err_code journey_recovery_result(const void *pass, struct arena *a, struct journey_recovery *out,
                                                struct err *err);

#endif
