/*
 * Weights on what a survey found: who answered is not who was asked. The
 * population is everybody invited in the scope, or, when nobody was, every
 * customer. Divided as the user chooses, each group of it gets the share
 * among the answers that it has among the people. docs/methods/weights.md,
 * "On a survey's results".
 */
#ifndef VOICE_WEIGHTING_H
#define VOICE_WEIGHTING_H

#include "stats/stats.h"
#include "voice/voice.h"

#define VOICE_DIVISIONS_MAX STATS_MARGINS_MAX
#define VOICE_WEIGHED_MIN 30     /* answers; fewer carry no weights */
#define VOICE_CELL_MIN 5         /* answers that a group needs to stand for its people */
#define VOICE_CELL_SHARE_MIN .01 /* groups with fewer answers that are less than this of the people are left out */

enum voice_divide { VOICE_BY_CHANNEL, VOICE_BY_LANGUAGE, VOICE_BY_UNIT, VOICE_BY_SEGMENT, VOICE_DIVIDES };
extern const char *const voice_divide_names[VOICE_DIVIDES]; /* "channel", "language", "unit", "segment" */

struct voice_division {
	enum voice_divide by;
	/* Of a segment: its key or rule, who is in it, and how many customers that are. */
	struct str segment;
	bool (*takes)(void *ctx, struct str customer);
	void *ctx;
	int64_t members;
};

/* Somebody who could have answered. */
struct voice_person {
	struct str customer;
	int64_t asked_ms; /* what they did before it is known of them; INT64_MAX: all they did */
	bool answered;
	double score; /* of those who answered */
};
/* Whom behaviour is looked at of. Others: everybody else kept silent too. */
struct voice_people {
	const struct voice_person *all; /* by customer */
	size_t n;
	bool others;
	struct str survey; /* key: its answers are no behaviour */
	struct interval scale;
};

struct voice_weigh {
	const struct voice_division *divisions;
	size_t n_divisions;
	int64_t customers; /* everybody that is known; the population when nobody was invited */
	/* The inverse chance of answering of each of the people (w[n], mean 1 over those who answered); NULL: not asked
	 * for. 0 for somebody of whom nothing is known. */
	enum err_code (*chances)(void *ctx, const struct voice_people *p, double *w, struct stats_propensity *out,
	                         struct err *err);
	void *ctx;
};

/* Why there are no weights. */
enum voice_weights {
	VOICE_WEIGHTS_NONE, /* not asked for */
	VOICE_WEIGHTS_MADE,
	VOICE_WEIGHTS_EMPTY,      /* a group of the people has no answer */
	VOICE_WEIGHTS_FEW,        /* fewer than VOICE_WEIGHED_MIN answers, or than VOICE_CELL_MIN of a group */
	VOICE_WEIGHTS_UNKNOWN,    /* nobody was invited, so how many there are of each channel, language or unit is not
	                             known */
	VOICE_WEIGHTS_MANY,       /* a division into more groups than can be weighed */
	VOICE_WEIGHTS_CONTRADICT, /* the divisions do not go together */
	VOICE_WEIGHTS_CHANCE,     /* too little to learn from who answers */
	VOICE_WEIGHTS_EMPLOYEES,  /* groups of employees are small */
	VOICE_WEIGHTS_STATES
};
extern const char *const voice_weights_names[VOICE_WEIGHTS_STATES]; /* "none", "made", "empty" … */

struct voice_cell {
	struct str value; /* a segment's: "true", "false" */
	int64_t people, answers;
	double weight; /* mean of its answers' weights; 0 when left out */
	bool left_out;
};
struct voice_margin {
	enum voice_divide by;
	struct str segment;
	struct voice_cell *cells; /* by falling number of people */
	size_t n;
};
struct voice_weighting {
	enum voice_weights state;
	int at_margin, at_cell;  /* that stand in the way (EMPTY, FEW, UNKNOWN, MANY); -1: none */
	bool invited;            /* the people are those invited; else every customer */
	int64_t people, answers; /* answers of theirs */
	int64_t outside;         /* answers of others, and of groups left out: they have no weight */
	struct voice_margin *margins;
	size_t n_margins;
	struct stats_raked raked;
	bool by_chance;
	struct stats_propensity chance;
};

#endif
