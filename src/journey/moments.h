/*
 * Moments of truth: what customers who had a good experience at a touchpoint
 * did later, against those who had a bad one (docs/methods/moments.md).
 *
 * One customer counts once a touchpoint: with the first answer about it in the
 * period. What came before that answer says who the customer is compared with
 * (the stratum); what comes within `within_ms` after it says whether the
 * outcome happened. Customers whose answer is younger than that are left out.
 *
 * Two passes: journey_moments_scales finds where to cut tenure, money and
 * exposure, journey_moments counts. Both read whole histories, so the plan's
 * question is by customer and has no period; filters and segment hold.
 */
#ifndef JOURNEY_MOMENTS_H
#define JOURNEY_MOMENTS_H

#include "journey/journey.h"

#define JOURNEY_MOMENTS_PRIOR 4  /* outcomes before: 0, 1, 2, 3 or more */
#define JOURNEY_MOMENTS_THIRDS 3 /* of tenure, of exposure */
#define JOURNEY_MOMENTS_MONEY 4  /* none, and its thirds */
#define JOURNEY_MOMENTS_STRATA                                                                                         \
	(JOURNEY_MOMENTS_PRIOR * JOURNEY_MOMENTS_MONEY * JOURNEY_MOMENTS_THIRDS * JOURNEY_MOMENTS_THIRDS * 2)

struct journey_moments_scales; /* where the thirds are cut, by touchpoint; made by the first pass */

struct journey_moments_question {
	const bool *outcome;      /* [touchpoint code]: an event there is the outcome; NULL none */
	struct str outcome_event; /* "" none; an event of that name is the outcome, too */
	const bool *purchase;     /* [touchpoint code]: money counts as spent there; NULL: wherever it stands */
	int64_t from_ms, to_ms;   /* answers in [from, to) */
	int64_t within_ms;        /* > 0 */
	int64_t recent_ms;        /* trouble elsewhere (a broken promise, a failure) counts this long */
	double good, bad;         /* utilities: good at or above, bad below; bad <= good */
	const struct journey_moments_scales *scales; /* second pass */
	/* Who is behind a figure: customers with this experience at this touchpoint; 0 nobody. */
	uint16_t touchpoint;
	bool is_good, is_reached;
	struct journey_set *people;
};

struct journey_moments_count {
	int64_t n, reached;
};
struct journey_moments_stratum {
	struct journey_moments_count good, bad;
};
struct journey_moments_touchpoint {
	int64_t met;       /* customers who were there in the period */
	int64_t answered;  /* customers with an answer */
	int64_t too_short; /* of these not observed long enough: left out */
	int64_t middling;  /* neither good nor bad */
	struct journey_moments_count good, bad;
	const struct journey_moments_stratum *strata; /* those with anybody */
	size_t n_strata;
};
struct journey_moments {
	int64_t customers;                 /* in the period */
	struct journey_moments_count base; /* who answered about anything and was observed long enough, from the first
	                                      answer on */
	const struct journey_moments_touchpoint *touchpoints; /* [code - 1] */
	size_t n_touchpoints;
};

/* Passes for journey_moments_question; the plan needs rules, columns come with codes. */
extern const struct journey_pass journey_moments_scales_pass, journey_moments_pass;
NODISCARD enum err_code journey_moments_scales_result(const void *pass, struct arena *a,
                                                      const struct journey_moments_scales **out, struct err *err);
NODISCARD enum err_code journey_moments_result(const void *pass, struct arena *a, struct journey_moments *out,
                                               struct err *err);

#endif
