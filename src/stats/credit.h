/*
 * Which contacts get credit for what came of journeys, and what friends
 * bring. docs/methods/credit.md. All rules share out what happened; none of
 * them says what would have happened without a contact.
 */
#ifndef STATS_CREDIT_H
#define STATS_CREDIT_H

#include "stats/stats.h"

struct stats_path {               /* journeys that went over the same channels */
	const uint16_t *channels; /* in order, from 0 */
	size_t n;                 /* >= 1 */
	int64_t converted, lost;
	double value; /* of the converted ones together, one currency */
};
enum stats_credit_rule {
	STATS_CREDIT_FIRST,
	STATS_CREDIT_LAST,
	STATS_CREDIT_LINEAR,
	STATS_CREDIT_MARKOV,
	STATS_CREDIT_SHAPLEY,
	STATS_CREDIT_RULES
};
extern const char *const stats_credit_names[STATS_CREDIT_RULES];

struct stats_channel_credit {
	struct stats_estimate conversions[STATS_CREDIT_RULES]; /* n: journeys that touched the channel */
	double value[STATS_CREDIT_RULES];
	double removal; /* share of conversions that the chain loses without it */
	int64_t touched, touched_converted;
};
struct stats_credit {
	struct stats_channel_credit *channels;
	size_t n_channels;
	int64_t converted, lost;
	double value;
	struct stats_estimate rate; /* of journeys that convert; equals the chain's P(conversion from the start) */
};
#define STATS_CHANNELS_MAX 50
#define STATS_PATH_MAX 1000
/*
 * Each rule's credits sum to the conversions (and to the value). Markov: chain of order 1, removal without
 * renormalising; its value is shared out as its conversions are. Shapley: of the set of channels of a path, whose
 * conversions are shared equally; exact. Intervals: 95 % by a Poisson bootstrap of journeys (`draws`, 0: none, each
 * STATS_NOT_IDENTIFIED), by seed. Nobody converted: credits 0, not identified.
 * O(draws (steps + channels^4)).
 * Errors: ERR_INPUT "credit.path", ERR_LIMIT "credit.channels".
 * Source: Anderl, Becker, von Wangenheim and Schumann 2016, doi 10.1016/j.ijresmar.2016.03.001; Zhao, Mahboobi and
 * Bagheri 2018, arXiv 1804.05327.
 */
NODISCARD enum err_code stats_credit(const struct stats_path *paths, size_t n_paths, size_t n_channels, size_t draws,
                                     uint64_t seed, struct arena *a, struct stats_credit *out, struct err *err);

/* Events in an exposure > 0 as a rate, with exact limits (Garwood 1936). n: the events; exposure 0: not identified. */
NODISCARD enum err_code stats_rate(int64_t events, double exposure, struct stats_estimate *out, struct err *err);

struct stats_earned {  /* money of two periods of equal length, one currency */
	double before; /* revenue of the period before */
	double kept;   /* this period's, from customers of the one before */
	double earned; /* this period's, from new customers who came by recommendation */
	double bought; /* this period's, from other new customers */
};
struct stats_growth {
	bool known;                    /* false: no revenue before; all zeros */
	double kept_rate, earned_rate; /* of the revenue before: NRR and ENC */
	double earned_growth;          /* kept_rate + earned_rate - 1 */
	double growth;                 /* of all revenue */
};
/* Earned growth (Reichheld, Darnell and Burns 2021). Amounts that are no number or negative count as unknown. */
struct stats_growth stats_earned_growth(const struct stats_earned *m);

#endif
