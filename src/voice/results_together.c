/* Figures of several questions at once: gaps, Kano, the levels of engagement, SERVQUAL. */
#include <math.h>

#include "voice/results_priv.h"

static bool pair_of(const struct form_question *e, const struct form_question *x)
{
	return str_eq(e->metric, STR("expectation")) && str_eq(x->metric, STR("experience")) &&
	       str_eq(e->item, x->item) && str_eq(e->about, x->about);
}

/* The scale that both are answered on; {0, 0} when they differ or one has no ends. */
static struct interval scale_of(const struct form_question *a, const struct form_question *b)
{
	struct interval x, y;
	const bool same =
	        form_scale(a, &x.low, &x.high) && form_scale(b, &y.low, &y.high) && x.low == y.low && x.high == y.high;
	return same ? x : (struct interval){ 0, 0 };
}

enum err_code results_gaps(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	const size_t n = out->n_questions;
	out->gaps = ARENA_ARRAY(w->a, struct voice_gap, n + 1);
	if (!out->gaps) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			const struct column *e = &w->columns[i], *x = &w->columns[k];
			if (!pair_of(e->q->question, x->q->question) || e->values.len != x->values.len) continue;
			struct voice_gap *g = &out->gaps[out->n_gaps++];
			*g = (struct voice_gap){ .expected = e->q->question, .experienced = x->q->question };
			TRY(stats_gap(results_values(e), results_values(x), e->values.len / sizeof(double),
			              scale_of(e->q->question, x->q->question), &g->gap, err));
			stats_mark(&g->gap.gap);
			if (out->n_gaps == n) return OK;
		}
	return OK;
}

/* Kano's five answers stand in the document in their order: like, must be, neutral, live with, dislike. */
static uint8_t kano_answer(const struct column *c, size_t person)
{
	const double at = results_values(c)[person];
	return isnan(at) || at >= STATS_KANO_NO_ANSWER ? STATS_KANO_NO_ANSWER : (uint8_t)at;
}

static const struct column *kano_without(const struct work *w, const struct column *with)
{
	for (size_t i = 0; i < w->out->n_questions; i++) {
		const struct column *c = &w->columns[i];
		if (str_eq(c->q->question->metric, STR("kano.g")) &&
		    str_eq(c->q->question->item, with->q->question->item) && c->q->kind == VOICE_CHOICES)
			return c;
	}
	return NULL;
}

enum err_code results_kano(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	const size_t people = (size_t)out->completed;
	const struct column **with = ARENA_ARRAY(w->a, const struct column *, out->n_questions + 1);
	size_t n = 0;
	int64_t discarded;
	if (!with) return err_no_memory(err);
	for (size_t i = 0; i < out->n_questions; i++)
		if (str_eq(out->questions[i].question->metric, STR("kano.f")) &&
		    out->questions[i].kind == VOICE_CHOICES && kano_without(w, &w->columns[i]))
			with[n++] = &w->columns[i];
	if (n == 0) return OK;
	struct stats_kano_pair *pairs = ARENA_ARRAY(w->a, struct stats_kano_pair, people * n + 1);
	struct stats_kano *found = ARENA_ARRAY(w->a, struct stats_kano, n);
	out->kano = ARENA_ARRAY(w->a, struct voice_kano, n);
	if (!pairs || !found || !out->kano) return err_no_memory(err);
	for (size_t k = 0; k < n; k++) {
		const struct column *without = kano_without(w, with[k]);
		for (size_t p = 0; p < people; p++)
			pairs[p * n + k] = (struct stats_kano_pair){ kano_answer(with[k], p), kano_answer(without, p) };
	}
	TRY(stats_kano(pairs, people, n, found, &discarded, err));
	for (size_t k = 0; k < n; k++)
		out->kano[out->n_kano++] = (struct voice_kano){ with[k]->q->question->item, found[k] };
	return OK;
}

/* The columns whose metric begins so, as a table [person * n + column]. */
static enum err_code table_of(struct work *w, const char *prefix, const char *suffix, double **x, size_t *n_columns,
                              const struct column **which, struct err *err)
{
	const size_t people = (size_t)w->out->completed;
	*n_columns = 0;
	for (size_t i = 0; i < w->out->n_questions; i++) {
		const struct column *c = &w->columns[i];
		if (str_starts(c->q->question->metric, str_of(prefix)) &&
		    str_ends(c->q->question->metric, str_of(suffix)) && c->values.len == people * sizeof(double))
			which[(*n_columns)++] = c;
	}
	*x = ARENA_ARRAY(w->a, double, people **n_columns + 1);
	if (!*x) return err_no_memory(err);
	for (size_t k = 0; k < *n_columns; k++)
		for (size_t p = 0; p < people; p++) (*x)[p * *n_columns + k] = results_values(which[k])[p];
	return OK;
}

/* The five levels together; questions on different scales are no one scale. */
enum err_code results_engagement(struct work *w, struct err *err)
{
	const struct column **which = ARENA_ARRAY(w->a, const struct column *, w->out->n_questions + 1);
	struct interval scale, other;
	double *x;
	size_t n = 0;
	if (!which) return err_no_memory(err);
	TRY(table_of(w, "engagement.", "", &x, &n, which, err));
	if (n < 2 || !form_scale(which[0]->q->question, &scale.low, &scale.high)) return OK;
	for (size_t i = 1; i < n; i++)
		if (!form_scale(which[i]->q->question, &other.low, &other.high) || other.low != scale.low ||
		    other.high != scale.high)
			return OK;
	w->out->has_engagement = true;
	return stats_scale_score(x, (size_t)w->out->completed, n, scale, &w->out->engagement, err);
}

static uint8_t servqual_dimension(struct str metric)
{
	for (uint8_t d = 0; d < STATS_SERVQUAL_DIMENSIONS; d++) {
		struct str name = str_of(stats_servqual_names[d]);
		if (metric.len > 9 + name.len && str_starts(str_cut(metric, 9, metric.len), name)) return d;
	}
	return STATS_SERVQUAL_DIMENSIONS;
}

/* Items are paired by dimension and item, in the order of the document. */
enum err_code results_servqual(struct work *w, struct err *err)
{
	const size_t most = w->out->n_questions + 1;
	const struct column **expected = ARENA_ARRAY(w->a, const struct column *, most);
	const struct column **perceived = ARENA_ARRAY(w->a, const struct column *, most);
	uint8_t *dimension = ARENA_ARRAY(w->a, uint8_t, most);
	double *e, *p;
	size_t n_e = 0, n_p = 0;
	bool met[STATS_SERVQUAL_DIMENSIONS] = { false };
	struct interval scale = { 0, 0 };
	if (!expected || !perceived || !dimension) return err_no_memory(err);
	TRY(table_of(w, "servqual.", ".e", &e, &n_e, expected, err));
	TRY(table_of(w, "servqual.", ".p", &p, &n_p, perceived, err));
	if (n_e == 0 || n_e != n_p) return OK;
	for (size_t i = 0; i < n_e; i++) {
		const struct form_question *a = expected[i]->q->question, *b = perceived[i]->q->question;
		dimension[i] = servqual_dimension(a->metric);
		if (dimension[i] == STATS_SERVQUAL_DIMENSIONS || dimension[i] != servqual_dimension(b->metric) ||
		    !str_eq(a->item, b->item))
			return OK;
		met[dimension[i]] = true;
		const struct interval ends = scale_of(a, b);
		if (i == 0) scale = ends;
		else if (ends.low != scale.low || ends.high != scale.high) scale = (struct interval){ 0, 0 };
	}
	for (int d = 0; d < STATS_SERVQUAL_DIMENSIONS; d++)
		if (!met[d]) return OK;
	const struct stats_servqual_in in = { .expected = e,
		                              .perceived = p,
		                              .dimension = dimension,
		                              .weights = stats_servqual_weights,
		                              .n = (size_t)w->out->completed,
		                              .n_items = n_e,
		                              .n_dimensions = STATS_SERVQUAL_DIMENSIONS,
		                              .scale = scale };
	w->out->has_servqual = true;
	return stats_servqual(&in, w->a, &w->out->servqual, err);
}
