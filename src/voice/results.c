/*
 * Results: the responses are looked at once, in pages; each question keeps a
 * column of its values. Estimates are made at the end.
 */
#include "base/hash.h"
#include "base/when.h"
#include "voice/results_priv.h"

enum { PAGE = 5000 };

const char *const voice_answer_kind_names[VOICE_ANSWER_KINDS] = { "choices", "scale",   "numbers",
	                                                          "matrix",  "ranking", "words" };

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
	if (w->veiled && r->completed_ms && !voice_veiled_has(w->shown, w->n_shown, r->id)) return OK;
	if (!in_scope(w->scope, r)) return OK;
	out->started++;
	if (!r->completed_ms) return OK;
	out->completed++;
	TRY(form_answers_json(r->answers, scratch, &answers, err));
	for (size_t i = 0; i < out->n_questions; i++) results_add_answer(w, &w->columns[i], &answers, r);
	w->broken |= !results_tally_add(&w->langs, r->lang, w->a) ||
	             !results_tally_add(&w->channels, r->channel, w->a) || !results_tally_add(&w->units, r->unit, w->a);
	if (w->keep_given) {
		const uint64_t cluster = r->customer.len ? hash64(r->customer) : hash64_seed(r->code, 1);
		const struct given g = { r->token, str_copy(w->a, r->customer), cluster };
		w->broken |= !g.customer.ptr;
		buf_put(&w->given, &g, sizeof g);
	}
	const double took = (double)(r->completed_ms - r->started_ms);
	if (took > 0) buf_put(&w->took, &took, sizeof took);
	return OK;
}

void results_work_done(struct work *w)
{
	buf_done(&w->took);
	buf_done(&w->given);
	for (size_t i = 0; i < w->n_columns; i++) buf_done(&w->columns[i].values);
}

enum err_code results_look(struct work *w, struct err *err)
{
	struct arena scratch;
	struct voice_response *rows;
	enum err_code rc = OK;
	size_t n = PAGE;
	buf_init(&w->took, 256 * MIB);
	buf_init(&w->given, 1024 * MIB);
	arena_init(&scratch, 256 * MIB);
	for (int64_t after = 0; rc == OK && n == PAGE;) {
		arena_reset(&scratch);
		rc = voice_responses(w->v, w->out->survey.id, after, false, STR(""), PAGE, &scratch, &rows, &n, err);
		for (size_t i = 0; rc == OK && i < n; i++) rc = add_response(w, &rows[i], &scratch, err);
		if (rc == OK && n) after = rows[n - 1].id;
	}
	arena_done(&scratch);
	return rc == OK ? buf_check(&w->given, err) : rc;
}

/* --- all of them ---------------------------------------------------------------------------------------- */

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
	if (n_took) qsort(took, n_took, sizeof *took, results_by_size);
	stats_quantile(took, n_took, 0.5, &out->took);
	stats_mark(&out->took);
	TRY(results_shares(&w->langs, out->completed, NULL, 0, w->a, &out->langs, &out->n_langs, err));
	TRY(results_shares(&w->channels, out->completed, NULL, 0, w->a, &out->channels, &out->n_channels, err));
	return results_shares(&w->units, out->completed, NULL, 0, w->a, &out->units, &out->n_units, err);
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

/* Words of employees with the day alone, in an order that does not tell who came first. */
static int by_text(const void *x, const void *y)
{
	const struct voice_words *a = x, *b = y;
	const uint64_t p = hash64(a->text), q = hash64(b->text);
	return p < q ? -1 : p > q;
}

static void veil(struct voice_results *out)
{
	for (size_t i = 0; i < out->n_questions; i++) {
		struct voice_question *q = &out->questions[i];
		for (size_t k = 0; k < q->n_words; k++) {
			q->words[k].at_ms -= q->words[k].at_ms % WHEN_DAY_MS;
			q->words[k].response = STR("");
		}
		if (q->n_words) qsort(q->words, q->n_words, sizeof *q->words, by_text);
	}
}

enum err_code results_employees(struct work *w, bool *out, struct err *err)
{
	const struct form *newest;
	TRY(voice_form(w->v, w->out->survey.id, w->out->survey.newest, w->a, &newest, err));
	*out = newest->audience == FORM_EMPLOYEES;
	return OK;
}

/* By a language, a way, a version or a segment nothing of employees is shown: crossed with each other and with units
 * they would leave one person alone. */
static enum err_code read_shown(struct work *w, struct err *err)
{
	const struct voice_results_query *q = w->scope;
	const struct str unit = q->unit.ptr ? q->unit : STR("");
	if (q->lang.len || q->channel.len || q->version || q->takes) return OK;
	return voice_veiled(w->v, w->out->survey.id, unit, q->from_ms, q->to_ms, w->a, &w->shown, &w->n_shown, err);
}

static enum err_code figures(struct work *w, struct err *err)
{
	struct voice_results *out = w->out;
	TRY(overall(w, err));
	if (w->veiled && out->completed < VOICE_SMALL_GROUP) {
		out->hidden = true;
		out->n_questions = out->n_langs = out->n_channels = out->n_units = 0;
		return OK;
	}
	for (size_t i = 0; i < out->n_questions; i++) TRY(results_question(&w->columns[i], w->a, err));
	if (w->scope->weigh) TRY(results_weigh(w, err));
	for (size_t i = 0; w->weights && i < out->n_questions; i++) TRY(results_weighted(w, &w->columns[i], err));
	if (w->veiled) veil(out);
	TRY(results_gaps(w, err));
	TRY(results_kano(w, err));
	TRY(results_servqual(w, err));
	return results_engagement(w, err);
}

enum err_code voice_results(struct voice *v, struct str key, const struct voice_results_query *q, struct arena *a,
                            struct voice_results *out, struct err *err)
{
	struct work w = { .v = v, .scope = q, .a = a, .out = out, .keep_given = q->weigh != NULL };
	*out = (struct voice_results){ 0 };
	TRY(voice_get(v, key, 0, a, &out->survey, err));
	enum err_code rc = results_questions(&w, err);
	if (rc == OK) rc = results_employees(&w, &w.veiled, err);
	if (rc == OK && w.veiled) rc = read_shown(&w, err);
	if (rc == OK) rc = results_look(&w, err);
	if (rc == OK) rc = count_invited(&w, err);
	if (rc == OK) rc = figures(&w, err);
	results_work_done(&w);
	return rc;
}
