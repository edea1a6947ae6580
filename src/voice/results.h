/*
 * What a survey found: each question by its kind, with n and interval
 * everywhere. Read from the responses in one pass. docs/surveys.md, "Results".
 */
#ifndef VOICE_RESULTS_H
#define VOICE_RESULTS_H

#include "stats/stats.h"
#include "voice/voice.h"
#include "voice/weighting.h"

#define VOICE_WORDS_MAX 50    /* texts of a question that are shown: the newest */
#define VOICE_VALUES_MAX 1000 /* different values of a question that are counted; others are one row "" */

struct voice_results_query {
	int64_t from_ms, to_ms;         /* of the completion; of those not complete, of the start */
	int version;                    /* 0: all */
	struct str lang, channel, unit; /* "" all; a unit takes those below it ("riyadh" takes "riyadh/olaya") */
	bool (*takes)(void *ctx, struct str customer); /* NULL: everybody; else only customers that it takes */
	void *takes_ctx;
	const struct voice_weigh *weigh; /* NULL: every answer counts alike */
};

enum voice_answer_kind {
	VOICE_CHOICES, /* one or several of a list: shares of those who answered */
	VOICE_SCALE,   /* a number on a scale: shares and mean */
	VOICE_NUMBERS, /* any number: mean and median */
	VOICE_MATRIX,  /* rows, each with shares of its columns */
	VOICE_RANKING, /* mean place of each choice */
	VOICE_WORDS,   /* the newest texts */
	VOICE_ANSWER_KINDS
};
extern const char *const voice_answer_kind_names[VOICE_ANSWER_KINDS]; /* "choices", "scale" ... */

struct voice_share {
	struct str value;
	const struct form_choice *choice; /* NULL: a value of the scale, or an option that is gone (raw) */
	bool raw;                         /* not in the newest document */
	int64_t n;
	struct stats_estimate share; /* of those who answered the question, or the row: Wilson */
	struct stats_estimate place; /* RANKING: mean place, 1 first, Student's t */
};
struct voice_matrix_row {
	const struct form_choice *row;
	int64_t n;
	struct voice_share *shares;
	size_t n_shares;
};
struct voice_words {
	struct str text, lang, response, customer;
	int64_t at_ms;
};

struct voice_question {
	const struct form_question *question;
	const struct form *form; /* the newest document that has it */
	int version;
	bool gone; /* not in the newest version */
	enum voice_answer_kind kind;
	int64_t answered;
	struct voice_share *shares;
	size_t n_shares;
	struct stats_estimate mean, median; /* SCALE, NUMBERS */
	bool scored;                        /* its metric is nps, csat or ces on its usual kind of scale */
	struct stats_score score;
	struct stats_estimate weighted; /* scored, and weights were made; else not identified */
	struct voice_matrix_row *rows;
	size_t n_rows;
	struct voice_words *words;
	size_t n_words;
};

/* Figures of several questions. */
struct voice_gap { /* expected and experienced, of one thing */
	const struct form_question *expected, *experienced;
	struct stats_gap gap;
};
struct voice_kano {
	struct str item;
	struct stats_kano result;
};
struct voice_results {
	struct voice_survey survey;
	int64_t started, completed; /* in scope */
	int64_t invited, invited_completed;
	struct stats_estimate completion;    /* completed of started */
	struct stats_estimate response_rate; /* completed of invited; not identified when nobody was invited */
	struct stats_estimate took;          /* median ms from the first answer to the last, of those given in parts */
	bool hidden;                         /* employees, and fewer than 5 answered: nothing below is given */
	struct voice_question *questions;
	size_t n_questions;
	struct voice_share *langs, *channels, *units;
	size_t n_langs, n_channels, n_units;
	struct voice_gap *gaps;
	size_t n_gaps;
	struct voice_kano *kano;
	size_t n_kano;
	struct voice_weighting weighting;
	bool has_servqual, has_engagement;
	struct stats_servqual servqual;
	struct stats_scale_score engagement;
};

/*
 * Everything is in `a`. Cost: one look at each response of the survey.
 * ERR_NOT_FOUND as voice_get.
 */
NODISCARD enum err_code voice_results(struct voice *v, struct str key, const struct voice_results_query *q,
                                      struct arena *a, struct voice_results *out, struct err *err);

/*
 * The people behind a scored question of a survey, answer or not, with their
 * scores as stats_score_value has them (of several answers the mean): what
 * the silent majority is predicted from. `question` "": the first that is
 * scored. `rule`: how it is read; `found`: its name.
 *
 * None when of employees, or of a scope that nobody knows the people of.
 * Errors: ERR_NOT_FOUND "survey.question" when no scored question is named
 * so, and those of voice_get.
 */
NODISCARD enum err_code voice_people(struct voice *v, struct str key, const struct voice_results_query *q,
                                     struct str question, struct arena *a, struct voice_people *out,
                                     struct stats_score_rule *rule, struct str *found, struct err *err);

/*
 * The first score (NPS, CSAT or CES) of a survey, for lists; `there` is false without one. Kept until there is another
 * complete response or version. For `s` as voice_list gave it.
 */
struct voice_headline {
	bool there;
	enum stats_score_kind kind;
	struct stats_estimate score;
};
NODISCARD enum err_code voice_headline(struct voice *v, const struct voice_survey *s, struct voice_headline *out,
                                       struct err *err);

#endif
