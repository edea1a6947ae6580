/*
 * Results: the responses are looked at once, in pages; each question keeps a
 * tally of its values. Estimates are made at the end.
 */
#include "voice/results.h"

#include <math.h>

#include "base/hash.h"
#include "base/when.h"
#include "voice/priv.h"

enum { PAGE = 5000, VERSIONS_MAX = 200 };

const char *const voice_answer_kind_names[VOICE_ANSWER_KINDS] = { "choices", "scale",   "numbers",
	                                                          "matrix",  "ranking", "words" };

/* --- tallies ----------------------------------------------------------------------------------- */

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

static struct count *count_of(struct tally *t, struct str value, struct arena *a)
{
	const uint64_t hash = hash64(value);
	for (size_t i = 0; i < t->n; i++)
		if (t->all[i].hash == hash && str_eq(t->all[i].value, value)) return &t->all[i];
	if (t->n >= VOICE_VALUES_MAX && value.len) return count_of(t, STR(""), a);
	if (t->n == t->cap) {
		struct count *more = ARENA_ARRAY(a, struct count, t->cap = t->cap ? t->cap * 2 : 8);
		if (!more) return NULL;
		if (t->n) memcpy(more, t->all, t->n * sizeof *more);
		t->all = more;
	}
	t->all[t->n] = (struct count){ .value = str_copy(a, value), .hash = hash };
	return t->all[t->n].value.ptr ? &t->all[t->n++] : NULL;
}

static bool tally_add(struct tally *t, struct str value, struct arena *a)
{
	struct count *c = count_of(t, value, a);
	if (!c) return false;
	c->n++;
	return true;
}

/* A column of numbers, by question; NaN where somebody did not answer. */
struct column {
	struct voice_question *q;
	struct buf values; /* doubles, one for each complete response; of SCALE and NUMBERS */
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

/* --- one answer ------------------------------------------------------------------------------------ */

static struct str word_of(const struct form_value *v, char room[32])
{
	if (v->kind == FORM_STRING) return v->text;
	if (v->kind == FORM_BOOL) return str_of(v->yes ? "true" : "false");
	if (v->kind != FORM_NUMBER) return STR("");
	const int n = snprintf(room, 32, "%.15g", v->number);
	return (struct str){ room, (size_t)n };
}

static double number_of(const struct form_value *v)
{
	double x;
	if (v->kind == FORM_NUMBER) return v->number;
	if (v->kind == FORM_BOOL) return v->yes;
	return v->kind == FORM_STRING && str_to_double(v->text, &x) ? x : (double)NAN;
}

/* Which of the choices it is; NaN for none or several. */
static double place_of(const struct form_question *q, const struct form_value *v)
{
	char room[32];
	const struct str value = word_of(v, room);
	for (size_t i = 0; value.len && i < q->n_choices; i++)
		if (str_eq(q->choices[i].value, value)) return (double)i;
	return (double)NAN;
}

static void add_choices(struct column *c, const struct form_value *v, struct arena *a)
{
	char room[32];
	if (v->kind != FORM_LIST) c->broken |= !tally_add(&c->tally, word_of(v, room), a);
	for (size_t i = 0; v->kind == FORM_LIST && i < v->n; i++)
		c->broken |= !tally_add(&c->tally, word_of(&v->items[i], room), a);
}

static void add_ranking(struct column *c, const struct form_value *v, struct arena *a)
{
	char room[32];
	for (size_t i = 0; v->kind == FORM_LIST && i < v->n; i++) {
		struct count *one = count_of(&c->tally, word_of(&v->items[i], room), a);
		if (!one) {
			c->broken = true;
			return;
		}
		one->n++;
		stats_see(&one->place, (double)i + 1);
	}
}

static void add_matrix(struct column *c, const struct form_value *v, struct arena *a)
{
	const struct form_question *q = c->q->question;
	char room[32];
	for (size_t r = 0; v->kind == FORM_OBJECT && r < q->n_rows; r++)
		for (size_t i = 0; i < v->n; i++) {
			if (!str_eq(v->names[i], q->rows[r].value)) continue;
			c->rows[r].answered++;
			c->broken |= !tally_add(&c->rows[r], word_of(&v->items[i], room), a);
		}
}

/* The newest ones stay: responses come by age. */
static void add_words(struct work *w, struct column *c, const struct form_value *v, const struct voice_response *r)
{
	struct voice_question *q = c->q;
	char room[32];
	const struct str text = word_of(v, room);
	if (!q->words) q->words = ARENA_ARRAY(w->a, struct voice_words, VOICE_WORDS_MAX);
	if (!q->words) {
		c->broken = true;
		return;
	}
	if (q->n_words == VOICE_WORDS_MAX)
		memmove(q->words, q->words + 1, (VOICE_WORDS_MAX - 1) * sizeof *q->words), q->n_words--;
	/* A page's memory ends before the pass does; what falls out again is some memory lost. */
	q->words[q->n_words++] = (struct voice_words){ .text = str_copy(w->a, text),
		                                       .lang = str_copy(w->a, r->lang),
		                                       .response = str_copy(w->a, r->code),
		                                       .customer = str_copy(w->a, r->customer),
		                                       .at_ms = r->completed_ms };
}

static void add_answer(struct work *w, struct column *c, const struct form_answers *answers,
                       const struct voice_response *r)
{
	const struct form_value *v = form_answer(answers, c->q->question->name);
	double x = (double)NAN;
	if (v && form_value_empty(v)) v = NULL;
	if (v) {
		c->q->answered++;
		switch (c->q->kind) {
		case VOICE_SCALE:
		case VOICE_NUMBERS:
			x = number_of(v); /* and its value is counted */
			__attribute__((fallthrough));
		case VOICE_CHOICES:
			if (c->q->kind == VOICE_CHOICES) x = place_of(c->q->question, v);
			add_choices(c, v, w->a);
			break;
		case VOICE_RANKING: add_ranking(c, v, w->a); break;
		case VOICE_MATRIX: add_matrix(c, v, w->a); break;
		default: add_words(w, c, v, r); break;
		}
	}
	if (c->q->kind == VOICE_SCALE || c->q->kind == VOICE_NUMBERS || c->q->kind == VOICE_CHOICES)
		buf_put(&c->values, &x, sizeof x);
}

/* --- one response --------------------------------------------------------------------------------------- */

static bool unit_below(struct str unit, struct str of)
{
	return !of.len || str_eq(unit, of) || (str_starts(unit, of) && unit.len > of.len && unit.ptr[of.len] == '/');
}

static bool in_scope(const struct voice_results_query *q, const struct voice_response *r)
{
	const int64_t at_ms = r->completed_ms ? r->completed_ms : r->started_ms;
	return at_ms >= q->from_ms && at_ms < q->to_ms && (!q->version || q->version == r->version) &&
	       (!q->lang.len || str_eq(q->lang, r->lang)) && (!q->channel.len || str_eq(q->channel, r->channel)) &&
	       unit_below(r->unit, q->unit) && (!q->takes || (r->customer.len && q->takes(q->takes_ctx, r->customer)));
}

static enum err_code add_response(struct work *w, const struct voice_response *r, struct arena *scratch,
                                  struct err *err)
{
	struct form_answers answers;
	struct voice_results *out = w->out;
	if (!in_scope(w->scope, r)) return OK;
	out->started++;
	if (!r->completed_ms) return OK;
	out->completed++;
	TRY(form_answers_json(r->answers, scratch, &answers, err));
	for (size_t i = 0; i < out->n_questions; i++) add_answer(w, &w->columns[i], &answers, r);
	w->broken |= !tally_add(&w->langs, r->lang, w->a) || !tally_add(&w->channels, r->channel, w->a) ||
	             !tally_add(&w->units, r->unit, w->a);
	const double took = (double)(r->completed_ms - r->started_ms);
	if (took > 0) buf_put(&w->took, &took, sizeof took);
	return OK;
}

static enum err_code look(struct work *w, struct err *err)
{
	struct arena scratch;
	struct voice_response *rows;
	enum err_code rc = OK;
	size_t n = PAGE;
	arena_init(&scratch, 256 * MIB);
	for (int64_t after = 0; rc == OK && n == PAGE;) {
		arena_reset(&scratch);
		rc = voice_responses(w->v, w->out->survey.id, after, false, STR(""), PAGE, &scratch, &rows, &n, err);
		for (size_t i = 0; rc == OK && i < n; i++) rc = add_response(w, &rows[i], &scratch, err);
		if (rc == OK && n) after = rows[n - 1].id;
	}
	arena_done(&scratch);
	return rc;
}

/* --- which questions there are ------------------------------------------------------------------------------ */

static bool asks(const struct form_question *q)
{
	return q->type != FORM_HTML && q->type != FORM_PANEL && q->type != FORM_FILE;
}

static enum voice_answer_kind kind_of(const struct form_question *q)
{
	const struct form_metric *m = q->metric.len ? form_metric(q->metric) : NULL;
	double least, most;
	if (m && m->scored && form_scale(q, &least, &most)) return VOICE_SCALE;
	if (q->type == FORM_MATRIX) return VOICE_MATRIX;
	if (q->type == FORM_RANKING) return VOICE_RANKING;
	if (q->type == FORM_RATING || (q->type == FORM_SLIDER && form_scale(q, &least, &most) && most - least <= 20))
		return VOICE_SCALE;
	if (q->type == FORM_SLIDER || (q->type == FORM_TEXT && q->input == FORM_INPUT_NUMBER)) return VOICE_NUMBERS;
	if (q->type == FORM_RADIO || q->type == FORM_CHECKBOX || q->type == FORM_DROPDOWN || q->type == FORM_TAGBOX ||
	    q->type == FORM_BOOLEAN || q->type == FORM_IMAGEPICKER)
		return VOICE_CHOICES;
	return VOICE_WORDS;
}

static bool has(const struct voice_results *r, struct str name)
{
	for (size_t i = 0; i < r->n_questions; i++)
		if (str_eq(r->questions[i].question->name, name)) return true;
	return false;
}

/* Those of the newest version in its order, then those that older versions had. */
static enum err_code find_questions(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	size_t cap = 0;
	const int newest = out->survey.newest, oldest = newest > VERSIONS_MAX ? newest - VERSIONS_MAX : 1;
	for (int version = newest; version >= oldest; version--) {
		const struct form *f;
		TRY(voice_form(w->v, out->survey.id, version, w->a, &f, err));
		for (size_t i = 0; i < f->n_questions; i++) {
			const struct form_question *q = f->questions[i];
			if (!asks(q) || has(out, q->name)) continue;
			if (out->n_questions == cap) {
				struct voice_question *more =
				        ARENA_ARRAY(w->a, struct voice_question, cap = cap ? cap * 2 : 32);
				if (!more) return err_no_memory(err);
				if (out->n_questions) memcpy(more, out->questions, out->n_questions * sizeof *more);
				out->questions = more;
			}
			out->questions[out->n_questions++] = (struct voice_question){ .question = q,
				                                                      .form = f,
				                                                      .version = version,
				                                                      .gone = version != newest,
				                                                      .kind = kind_of(q) };
		}
	}
	w->columns = ARENA_ARRAY(w->a, struct column, out->n_questions + 1);
	if (!w->columns) return err_no_memory(err);
	for (size_t i = 0; i < out->n_questions; i++, w->n_columns++) {
		w->columns[i].q = &out->questions[i];
		buf_init(&w->columns[i].values, 256 * MIB);
		w->columns[i].rows = ARENA_ARRAY(w->a, struct tally, out->questions[i].question->n_rows + 1);
		if (!w->columns[i].rows) return err_no_memory(err);
	}
	return OK;
}

/* --- figures of one question ----------------------------------------------------------------------------------- */

static enum err_code share(const struct count *c, int64_t of, struct voice_share *out, struct err *err)
{
	TRY(stats_proportion(c->n, of, &out->share, err));
	stats_mark(&out->share);
	out->n = c->n;
	stats_mean(&c->place, &out->place);
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
static enum err_code shares_of(const struct tally *t, int64_t of, const struct form_choice *choices, size_t n_choices,
                               struct arena *a, struct voice_share **out, size_t *n, struct err *err)
{
	struct voice_share *all = ARENA_ARRAY(a, struct voice_share, n_choices + t->n + 1);
	if (!all) return err_no_memory(err);
	*n = 0;
	for (size_t i = 0; i < n_choices; i++) {
		const struct count none = { 0 };
		all[*n] = (struct voice_share){ .value = choices[i].value, .choice = &choices[i] };
		TRY(share(&none, of, &all[(*n)++], err));
	}
	for (size_t i = 0; i < t->n; i++) {
		struct voice_share *s = share_find(all, *n, t->all[i].value);
		if (!s) {
			s = &all[(*n)++];
			*s = (struct voice_share){ .value = t->all[i].value, .raw = n_choices > 0 };
		}
		TRY(share(&t->all[i], of, s, err));
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
		return shares_of(&c->tally, q->answered, of->choices, of->n_choices, a, &q->shares, &q->n_shares, err);
	const size_t steps = (size_t)llround((of->max - of->min) / of->step) + 1;
	struct form_choice *choices = ARENA_ARRAY(a, struct form_choice, steps);
	if (!choices) return err_no_memory(err);
	for (size_t i = 0; i < steps; i++) {
		choices[i].number = of->min + (double)i * of->step;
		choices[i].is_number = true;
		choices[i].value = str_format(a, "%.15g", choices[i].number);
		if (!choices[i].value.ptr) return err_no_memory(err);
	}
	return shares_of(&c->tally, q->answered, choices, steps, a, &q->shares, &q->n_shares, err);
}

static int by_size(const void *x, const void *y)
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
	qsort(*out, *n, sizeof **out, by_size);
	return OK;
}

/* NPS, CSAT and CES on whole scales; a question whose scale does not fit has its mean alone. */
static enum err_code score_of(struct voice_question *q, double *x, size_t n, struct arena *a, struct err *err)
{
	struct stats_score_rule rule = { .seed = 1 };
	double least, most;
	int kind = 0;
	while (kind < STATS_SCORE_KINDS && !str_eq(q->question->metric, str_of(stats_score_kind_names[kind]))) kind++;
	if (kind == STATS_SCORE_KINDS || !form_scale(q->question, &least, &most)) return OK;
	rule.kind = (enum stats_score_kind)kind;
	if (rint(least) != least || rint(most) != most || most - least >= STATS_SCORE_VALUES_MAX || least < -1000 ||
	    most > 1000)
		return OK;
	rule.min = (int)least, rule.max = (int)most;
	if (stats_score_rule(&rule, NULL) != OK) return OK;
	size_t fit = 0;
	for (size_t i = 0; i < n; i++)
		if (stats_score_check(&rule, x[i], NULL) == OK) x[fit++] = x[i];
	q->scored = true;
	return stats_score_of(&rule, x, fit, a, &q->score, err);
}

static enum err_code numbers_of(const struct column *c, struct arena *a, struct err *err)
{
	double *x = NULL;
	size_t n = 0;
	struct stats_moments m = { 0 };
	TRY(answers_of(c, a, &x, &n, err));
	for (size_t i = 0; i < n; i++) stats_see(&m, x[i]);
	stats_mean(&m, &c->q->mean);
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
		TRY(shares_of(&c->rows[r], row->n, of->choices, of->n_choices, a, &row->shares, &row->n_shares, err));
	}
	return OK;
}

static enum err_code question_of(const struct column *c, struct arena *a, struct err *err)
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
		return shares_of(&c->tally, q->answered, q->question->choices, q->question->n_choices, a, &q->shares,
		                 &q->n_shares, err);
	default: return OK;
	}
}

/* --- figures of several questions ------------------------------------------------------------------------------- */

static const double *column_values(const struct column *c)
{
	return (const double *)(const void *)c->values.ptr;
}

static bool pair_of(const struct form_question *e, const struct form_question *x)
{
	return str_eq(e->metric, STR("expectation")) && str_eq(x->metric, STR("experience")) &&
	       str_eq(e->item, x->item) && str_eq(e->about, x->about);
}

static enum err_code find_gaps(struct work *w, struct err *err)
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
			TRY(stats_gap(column_values(e), column_values(x), e->values.len / sizeof(double), &g->gap,
			              err));
			stats_mark(&g->gap.gap);
			if (out->n_gaps == n) return OK;
		}
	return OK;
}

/* Kano's five answers stand in the document in their order: like, must be, neutral, live with, dislike. */
static uint8_t kano_answer(const struct column *c, size_t person)
{
	const double at = column_values(c)[person];
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

static enum err_code find_kano(struct work *w, struct err *err)
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
		for (size_t p = 0; p < people; p++) (*x)[p * *n_columns + k] = column_values(which[k])[p];
	return OK;
}

/* The five levels together; questions on different scales are no one scale. */
static enum err_code find_engagement(struct work *w, struct err *err)
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
static enum err_code find_servqual(struct work *w, struct err *err)
{
	const size_t most = w->out->n_questions + 1;
	const struct column **expected = ARENA_ARRAY(w->a, const struct column *, most);
	const struct column **perceived = ARENA_ARRAY(w->a, const struct column *, most);
	uint8_t *dimension = ARENA_ARRAY(w->a, uint8_t, most);
	double *e, *p;
	size_t n_e = 0, n_p = 0;
	bool met[STATS_SERVQUAL_DIMENSIONS] = { false };
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
	}
	for (int d = 0; d < STATS_SERVQUAL_DIMENSIONS; d++)
		if (!met[d]) return OK;
	const struct stats_servqual_in in = { .expected = e,
		                              .perceived = p,
		                              .dimension = dimension,
		                              .weights = stats_servqual_weights,
		                              .n = (size_t)w->out->completed,
		                              .n_items = n_e,
		                              .n_dimensions = STATS_SERVQUAL_DIMENSIONS };
	w->out->has_servqual = true;
	return stats_servqual(&in, w->a, &w->out->servqual, err);
}

/* --- all of them -----------------------------------------------------------------------------------------------------
 */

static enum err_code overall(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	double *took = (double *)(void *)w->took.ptr;
	const size_t n_took = w->took.len / sizeof *took;
	if (w->broken) return err_no_memory(err);
	TRY(buf_check(&w->took, err));
	TRY(stats_proportion(out->completed, out->started, &out->completion, err));
	TRY(stats_proportion(out->invited_completed, out->invited, &out->response_rate, err));
	stats_mark(&out->completion);
	stats_mark(&out->response_rate);
	if (n_took) qsort(took, n_took, sizeof *took, by_size);
	stats_quantile(took, n_took, 0.5, &out->took);
	stats_mark(&out->took);
	TRY(shares_of(&w->langs, out->completed, NULL, 0, w->a, &out->langs, &out->n_langs, err));
	TRY(shares_of(&w->channels, out->completed, NULL, 0, w->a, &out->channels, &out->n_channels, err));
	return shares_of(&w->units, out->completed, NULL, 0, w->a, &out->units, &out->n_units, err);
}

/* How many were invited in the period of the scope, and how many of them have answered. */
static enum err_code count_invited(struct work *w, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, w->v->st, "survey_invited", err));
	stmt_bind_i64(s, 1, w->out->survey.id);
	stmt_bind_i64(s, 2, w->scope->from_ms);
	stmt_bind_i64(s, 3, w->scope->to_ms);
	stmt_bind_str(s, 4, w->scope->unit.ptr ? w->scope->unit : STR(""));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) w->out->invited = stmt_i64(s, 0), w->out->invited_completed = stmt_i64(s, 1);
	stmt_free(s);
	return rc;
}

/* Words of employees with the day alone. */
static void veil(struct voice_results *out)
{
	for (size_t i = 0; i < out->n_questions; i++) {
		struct voice_question *q = &out->questions[i];
		for (size_t k = 0; k < q->n_words; k++) {
			q->words[k].at_ms -= q->words[k].at_ms % WHEN_DAY_MS;
			q->words[k].response = STR("");
		}
	}
}

static enum err_code figures(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	const struct form *newest;
	TRY(voice_form(w->v, out->survey.id, out->survey.newest, w->a, &newest, err));
	TRY(overall(w, err));
	const bool employees = newest->audience == FORM_EMPLOYEES;
	/* Nor may all but these be told from all. */
	const int64_t others = out->survey.completed - out->completed;
	if (employees && (out->completed < VOICE_SMALL_GROUP || (others > 0 && others < VOICE_SMALL_GROUP))) {
		out->hidden = true;
		out->n_questions = out->n_langs = out->n_channels = out->n_units = 0;
		return OK;
	}
	for (size_t i = 0; i < out->n_questions; i++) TRY(question_of(&w->columns[i], w->a, err));
	if (employees) veil(out);
	TRY(find_gaps(w, err));
	TRY(find_kano(w, err));
	TRY(find_servqual(w, err));
	return find_engagement(w, err);
}

enum err_code voice_results(struct voice *v, struct str key, const struct voice_results_query *q, struct arena *a,
                            struct voice_results *out, struct err *err)
{
	struct work w = { .v = v, .scope = q, .a = a, .out = out };
	*out = (struct voice_results){ 0 };
	TRY(voice_get(v, key, 0, a, &out->survey, err));
	buf_init(&w.took, 256 * MIB);
	enum err_code rc = find_questions(&w, err);
	if (rc == OK) rc = look(&w, err);
	if (rc == OK) rc = count_invited(&w, err);
	if (rc == OK) rc = figures(&w, err);
	buf_done(&w.took);
	for (size_t i = 0; i < w.n_columns; i++) buf_done(&w.columns[i].values);
	return rc;
}

/* --- for lists ------------------------------------------------------------------------------------------------ */

static bool headline_kept(struct voice *v, const struct voice_survey *s, struct voice_headline *out)
{
	pthread_mutex_lock(&v->headlines_lock);
	const struct kept_headline *k = &v->headlines[s->id % HEADLINES];
	const bool there = k->survey == s->id && k->completed == s->completed && k->version == s->newest;
	if (there) *out = k->headline;
	pthread_mutex_unlock(&v->headlines_lock);
	return there;
}

enum err_code voice_headline(struct voice *v, const struct voice_survey *s, struct voice_headline *out, struct err *err)
{
	static const struct voice_results_query everything = { .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	struct arena a;
	struct voice_results r;
	if (headline_kept(v, s, out)) return OK;
	arena_init(&a, 512 * MIB);
	const enum err_code rc = voice_results(v, s->key, &everything, &a, &r, err);
	struct voice_headline found = { 0 };
	for (size_t i = 0; rc == OK && i < r.n_questions && !found.there; i++)
		if (r.questions[i].scored)
			found = (struct voice_headline){ true, r.questions[i].score.kind, r.questions[i].score.main };
	arena_done(&a);
	if (rc != OK) return rc;
	*out = found;
	pthread_mutex_lock(&v->headlines_lock);
	v->headlines[s->id % HEADLINES] = (struct kept_headline){ s->id, s->completed, s->newest, found };
	pthread_mutex_unlock(&v->headlines_lock);
	return OK;
}
