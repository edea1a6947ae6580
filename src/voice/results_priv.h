/* What the files of the results share. */
#ifndef VOICE_RESULTS_PRIV_H
#define VOICE_RESULTS_PRIV_H

#include "voice/priv.h"

/* --- tallies (results_tally.c) -------------------------------------------------------------------- */

struct count {
	struct str value;
	uint64_t hash;
	int64_t n;
	struct stats_moments place; /* of a ranking */
};
struct tally {
	struct count *all;
	size_t n, cap;
	int64_t answered;
};
/* Made when it is new; of more than VOICE_VALUES_MAX values the one of "". NULL: no memory. */
struct count *results_count(struct tally *t, struct str value, struct arena *a);
/* One more of a value; false: no memory. */
NODISCARD bool results_tally_add(struct tally *t, struct str value, struct arena *a);

/* --- what is kept while looking ------------------------------------------------------------------------- */

/* A column of numbers, by question; NaN where somebody did not answer. */
struct column {
	struct voice_question *q;
	struct buf values; /* doubles, one for each complete response; of SCALE, NUMBERS and CHOICES */
	struct tally tally;
	struct tally *rows; /* of a matrix */
	bool broken;        /* memory */
};
/* Who gave a complete response: kept where weights or people are asked for. */
struct given {
	int64_t token; /* 0: nobody was invited */
	struct str customer;
	uint64_t cluster; /* answers of one person */
};
struct work {
	struct voice *v;
	const struct voice_results_query *scope;
	struct arena *a;
	struct voice_results *out;
	struct column *columns;
	size_t n_columns;
	struct tally langs, channels, units;
	struct buf took; /* doubles */
	bool keep_given;
	struct buf given; /* struct given, as the values of a column */
	bool veiled;      /* employees: complete responses of `shown` alone */
	int64_t *shown;
	size_t n_shown;
	double *weights; /* of each complete response, 0 for none; NULL: all count alike */
	bool broken;
};
static inline const double *results_values(const struct column *c)
{
	return (const double *)(const void *)c->values.ptr;
}
static inline const struct given *results_given(const struct work *w)
{
	return (const struct given *)(const void *)w->given.ptr;
}
/* Of doubles, for qsort; none is NaN. */
int results_by_size(const void *x, const void *y);

/* Those of the newest version in its order, then those that older versions had; with an empty column for each. */
NODISCARD enum err_code results_questions(struct work *w, struct err *err);
/* One complete response's answer to one question; what fails marks the column as broken. */
void results_add_answer(struct work *w, struct column *c, const struct form_answers *answers,
                        const struct voice_response *r);

/* One look at each response of the survey, into the columns. results.c */
NODISCARD enum err_code results_look(struct work *w, struct err *err);
void results_work_done(struct work *w);
NODISCARD enum err_code results_employees(struct work *w, bool *out, struct err *err);

/* --- who could have answered (results_people.c) ------------------------------------------------------------ */

struct asked {
	int64_t token;
	struct str customer;
	struct str of[VOICE_BY_SEGMENT]; /* its channel, language and unit */
	int64_t asked_ms;
};
/* The invitations of the scope, by number. */
NODISCARD enum err_code results_asked(struct work *w, struct asked **out, size_t *n, struct err *err);
/* Weights of all complete responses, into w->weights; or why there are none. */
NODISCARD enum err_code results_weigh(struct work *w, struct err *err);

/* --- figures --------------------------------------------------------------------------------------------- */

/* The choices of the document first, in its order; then what was answered beside them. */
NODISCARD enum err_code results_shares(const struct tally *t, int64_t of, const struct form_choice *choices,
                                       size_t n_choices, struct arena *a, struct voice_share **out, size_t *n,
                                       struct err *err);
NODISCARD enum err_code results_question(const struct column *c, struct arena *a, struct err *err);
/* How the answers of a question become a score; false when they do not. */
bool results_rule(const struct form_question *q, struct stats_score_rule *out);
/* The score with w->weights. */
NODISCARD enum err_code results_weighted(struct work *w, const struct column *c, struct err *err);
NODISCARD enum err_code results_gaps(struct work *w, struct err *err);
NODISCARD enum err_code results_kano(struct work *w, struct err *err);
NODISCARD enum err_code results_engagement(struct work *w, struct err *err);
NODISCARD enum err_code results_servqual(struct work *w, struct err *err);

#endif
