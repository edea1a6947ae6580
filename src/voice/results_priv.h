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
struct work {
	struct voice *v;
	const struct voice_results_query *scope;
	struct arena *a;
	struct voice_results *out;
	struct column *columns;
	size_t n_columns;
	struct tally langs, channels, units;
	struct buf took; /* doubles */
	bool broken;
};
static inline const double *results_values(const struct column *c)
{
	return (const double *)(const void *)c->values.ptr;
}
/* Of doubles, for qsort; none is NaN. */
int results_by_size(const void *x, const void *y);

/* Those of the newest version in its order, then those that older versions had; with an empty column for each. */
NODISCARD enum err_code results_questions(struct work *w, struct err *err);
/* One complete response's answer to one question; what fails marks the column as broken. */
void results_add_answer(struct work *w, struct column *c, const struct form_answers *answers,
                        const struct voice_response *r);

/* --- figures --------------------------------------------------------------------------------------------- */

/* The choices of the document first, in its order; then what was answered beside them. */
NODISCARD enum err_code results_shares(const struct tally *t, int64_t of, const struct form_choice *choices,
                                       size_t n_choices, struct arena *a, struct voice_share **out, size_t *n,
                                       struct err *err);
NODISCARD enum err_code results_question(const struct column *c, struct arena *a, struct err *err);
NODISCARD enum err_code results_gaps(struct work *w, struct err *err);
NODISCARD enum err_code results_kano(struct work *w, struct err *err);
NODISCARD enum err_code results_engagement(struct work *w, struct err *err);
NODISCARD enum err_code results_servqual(struct work *w, struct err *err);

#endif
