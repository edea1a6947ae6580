/* The figures of one question, from what its column has kept. */
#include <math.h>

#include "voice/results_priv.h"

/* `last` is the lowest place that a ranking gives; answers of another version may lie beyond. */
static enum err_code share(const struct count *c, int64_t of, size_t last, struct voice_share *out, struct err *err)
{
	TRY(stats_proportion(c->n, of, &out->share, err));
	stats_mark(&out->share);
	out->n = c->n;
	stats_mean(&c->place, &out->place);
	if (out->place.est <= (double)last) stats_on_scale(&out->place, (struct interval){ 1, (double)last });
	stats_mark(&out->place);
	return OK;
}

static struct voice_share *share_find(struct voice_share *all, size_t n, struct str value)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].value, value)) return &all[i];
	return NULL;
}

/* The choices of the document first, in its order; then what was answered beside them. */
enum err_code results_shares(const struct tally *t, int64_t of, const struct form_choice *choices, size_t n_choices,
                             struct arena *a, struct voice_share **out, size_t *n, struct err *err)
{
	struct voice_share *all = ARENA_ARRAY(a, struct voice_share, n_choices + t->n + 1);
	if (!all) return err_no_memory(err);
	*n = 0;
	for (size_t i = 0; i < n_choices; i++) {
		const struct count none = { 0 };
		all[*n] = (struct voice_share){ .value = choices[i].value, .choice = &choices[i] };
		TRY(share(&none, of, n_choices, &all[(*n)++], err));
	}
	for (size_t i = 0; i < t->n; i++) {
		struct voice_share *s = share_find(all, *n, t->all[i].value);
		if (!s) {
			s = &all[(*n)++];
			*s = (struct voice_share){ .value = t->all[i].value, .raw = n_choices > 0 };
		}
		TRY(share(&t->all[i], of, n_choices, s, err));
	}
	*out = all;
	return OK;
}

/* Every step of a scale, also where nobody answered; what is not on it behind. */
static enum err_code scale_shares(const struct column *c, struct arena *a, struct err *err)
{
	struct voice_question *q = c->q;
	const struct form_question *of = q->question;
	if (of->n_choices || !(of->step > 0) || !((of->max - of->min) / of->step < FORM_STEPS_MAX))
		return results_shares(&c->tally, q->answered, of->choices, of->n_choices, a, &q->shares, &q->n_shares,
		                      err);
	const size_t steps = (size_t)llround((of->max - of->min) / of->step) + 1;
	struct form_choice *choices = ARENA_ARRAY(a, struct form_choice, steps);
	if (!choices) return err_no_memory(err);
	for (size_t i = 0; i < steps; i++) {
		choices[i].number = of->min + (double)i * of->step;
		choices[i].is_number = true;
		choices[i].value = str_format(a, "%.15g", choices[i].number);
		if (!choices[i].value.ptr) return err_no_memory(err);
	}
	return results_shares(&c->tally, q->answered, choices, steps, a, &q->shares, &q->n_shares, err);
}

int results_by_size(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;
	return a < b ? -1 : a > b;
}

/* Those who answered, sorted. */
static enum err_code answers_of(const struct column *c, struct arena *a, double **out, size_t *n, struct err *err)
{
	const double *x = (const double *)(const void *)c->values.ptr;
	const size_t all = c->values.len / sizeof *x;
	*out = ARENA_ARRAY(a, double, all + 1);
	if (!*out) return err_no_memory(err);
	*n = 0;
	for (size_t i = 0; i < all; i++)
		if (!isnan(x[i])) (*out)[(*n)++] = x[i];
	qsort(*out, *n, sizeof **out, results_by_size);
	return OK;
}

bool results_rule(const struct form_question *q, struct stats_score_rule *out)
{
	struct stats_score_rule rule = { .seed = 1 };
	double least, most;
	int kind = 0;
	while (kind < STATS_SCORE_KINDS && !str_eq(q->metric, str_of(stats_score_kind_names[kind]))) kind++;
	if (kind == STATS_SCORE_KINDS || !form_scale(q, &least, &most)) return false;
	rule.kind = (enum stats_score_kind)kind;
	if (rint(least) != least || rint(most) != most || most - least >= STATS_SCORE_VALUES_MAX || least < -1000 ||
	    most > 1000)
		return false;
	rule.min = (int)least, rule.max = (int)most;
	if (stats_score_rule(&rule, NULL) != OK) return false;
	*out = rule;
	return true;
}

/* NPS, CSAT and CES on whole scales; a question whose scale does not fit has its mean alone. */
static enum err_code score_of(struct voice_question *q, double *x, size_t n, struct arena *a, struct err *err)
{
	struct stats_score_rule rule;
	size_t fit = 0;
	q->weighted.flags = STATS_NOT_IDENTIFIED;
	if (!results_rule(q->question, &rule)) return OK;
	for (size_t i = 0; i < n; i++)
		if (stats_score_check(&rule, x[i], NULL) == OK) x[fit++] = x[i];
	q->scored = true;
	return stats_score_of(&rule, x, fit, a, &q->score, err);
}

enum err_code results_weighted(struct work *w, const struct column *c, struct err *err)
{
	struct stats_score_rule rule;
	const double *x = results_values(c);
	const size_t n = c->values.len / sizeof *x;
	const struct given *given = results_given(w);
	size_t fit = 0;
	if (!c->q->scored || !results_rule(c->q->question, &rule)) return OK;
	struct stats_answer *answers = ARENA_ARRAY(w->a, struct stats_answer, n + 1);
	if (!answers) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (w->weights[i] > 0 && stats_score_check(&rule, x[i], NULL) == OK)
			answers[fit++] = (struct stats_answer){ stats_score_value(&rule, x[i]), w->weights[i],
				                                given[i].cluster };
	return stats_score_weighted(&rule, answers, fit, &c->q->weighted, err);
}

static enum err_code numbers_of(const struct column *c, struct arena *a, struct err *err)
{
	double *x = NULL;
	size_t n = 0;
	struct stats_moments m = { 0 };
	struct interval scale;
	TRY(answers_of(c, a, &x, &n, err));
	for (size_t i = 0; i < n; i++) stats_see(&m, x[i]);
	stats_mean(&m, &c->q->mean);
	/* Answers to another version may lie beside the scale: it then bounds nothing. */
	if (n && form_scale(c->q->question, &scale.low, &scale.high) && x[0] >= scale.low && x[n - 1] <= scale.high)
		stats_on_scale(&c->q->mean, scale);
	stats_quantile(x, n, 0.5, &c->q->median);
	stats_mark(&c->q->mean);
	stats_mark(&c->q->median);
	return score_of(c->q, x, n, a, err);
}

static enum err_code rows_of(const struct column *c, struct arena *a, struct err *err)
{
	struct voice_question *q = c->q;
	const struct form_question *of = q->question;
	q->rows = ARENA_ARRAY(a, struct voice_matrix_row, of->n_rows + 1);
	if (!q->rows) return err_no_memory(err);
	for (size_t r = 0; r < of->n_rows; r++) {
		struct voice_matrix_row *row = &q->rows[q->n_rows++];
		*row = (struct voice_matrix_row){ .row = &of->rows[r], .n = c->rows[r].answered };
		TRY(results_shares(&c->rows[r], row->n, of->choices, of->n_choices, a, &row->shares, &row->n_shares,
		                   err));
	}
	return OK;
}

enum err_code results_question(const struct column *c, struct arena *a, struct err *err)
{
	struct voice_question *q = c->q;
	if (c->broken) return err_no_memory(err);
	TRY(buf_check(&c->values, err));
	switch (q->kind) {
	case VOICE_SCALE: TRY(scale_shares(c, a, err)); return numbers_of(c, a, err);
	case VOICE_NUMBERS: return numbers_of(c, a, err);
	case VOICE_MATRIX: return rows_of(c, a, err);
	case VOICE_CHOICES:
	case VOICE_RANKING:
		return results_shares(&c->tally, q->answered, q->question->choices, q->question->n_choices, a,
		                      &q->shares, &q->n_shares, err);
	default: return OK;
	}
}
