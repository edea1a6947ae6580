/* Who could have answered: those invited, or those who are known to have answered, beside everybody else. */
#include <math.h>

#include "voice/results_priv.h"

/* --- invitations ---------------------------------------------------------------------------------------- */

static bool asked_in_scope(const struct voice_results_query *q, const struct asked *x)
{
	return (!q->lang.len || str_eq(q->lang, x->of[VOICE_BY_LANGUAGE])) &&
	       (!q->channel.len || str_eq(q->channel, x->of[VOICE_BY_CHANNEL])) &&
	       (!q->takes || q->takes(q->takes_ctx, x->customer));
}

/* A word of few: kept once. */
static struct str word_once(struct tally *words, struct str word, struct arena *a)
{
	const struct count *c = results_count(words, word, a);
	return c ? c->value : (struct str){ NULL, 0 };
}

static enum err_code read_asked(struct work *w, struct stmt *s, struct buf *rows, struct err *err)
{
	struct tally words[VOICE_BY_SEGMENT] = { { .n = 0 } };
	bool row = true;
	for (;;) {
		TRY(stmt_step(s, &row, err));
		if (!row) return buf_check(rows, err);
		struct asked x = { .token = stmt_i64(s, 0),
			           .customer = stmt_str(s, 1),
			           .of = { stmt_str(s, 2), stmt_str(s, 3), stmt_str(s, 4) },
			           .asked_ms = stmt_i64(s, 5) };
		if (!asked_in_scope(w->scope, &x)) continue;
		x.customer = str_copy(w->a, x.customer);
		for (int i = 0; i < VOICE_BY_SEGMENT; i++) {
			x.of[i] = word_once(&words[i], x.of[i], w->a);
			if (!x.of[i].ptr) return err_no_memory(err);
		}
		if (!x.customer.ptr) return err_no_memory(err);
		buf_put(rows, &x, sizeof x);
	}
}

enum err_code results_asked(struct work *w, struct asked **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	struct buf rows;
	buf_init(&rows, 1024 * MIB);
	enum err_code rc = stmt_prepare(&s, w->v->st, "survey_asked", err);
	if (rc == OK) {
		stmt_bind_i64(s, 1, w->out->survey.id);
		stmt_bind_i64(s, 2, w->scope->from_ms);
		stmt_bind_i64(s, 3, w->scope->to_ms);
		stmt_bind_str(s, 4, w->scope->unit.ptr ? w->scope->unit : STR(""));
		rc = read_asked(w, s, &rows, err);
	}
	stmt_free(s);
	*n = rows.len / sizeof **out;
	*out = rc == OK ? ARENA_ARRAY(w->a, struct asked, *n + 1) : NULL;
	if (rc == OK && !*out) rc = err_no_memory(err);
	if (rc == OK && *n) memcpy(*out, rows.ptr, *n * sizeof **out);
	buf_done(&rows);
	return rc;
}

/* --- people with their scores ------------------------------------------------------------------------------ */

static const struct column *scored_column(const struct work *w, struct str name, struct stats_score_rule *rule)
{
	for (size_t i = 0; i < w->n_columns; i++) {
		const struct column *c = &w->columns[i];
		if (c->q->kind != VOICE_SCALE || (name.len && !str_eq(name, c->q->question->name))) continue;
		if (results_rule(c->q->question, rule)) return c;
	}
	return NULL;
}

/* In the unit of the score: points, a share, or the scale of the answers. */
static double unit_of(const struct stats_score_rule *rule)
{
	return rule->kind == STATS_SCORE_NPS ? 100 : 1;
}

static void ends_of(const struct stats_score_rule *rule, struct interval *out)
{
	*out = (struct interval){ rule->min, rule->max };
	if (rule->kind == STATS_SCORE_NPS) *out = (struct interval){ -100, 100 };
	if (rule->kind == STATS_SCORE_CSAT) *out = (struct interval){ 0, 1 };
}

static int by_customer(const void *x, const void *y)
{
	const struct voice_person *a = x, *b = y;
	const int way = str_cmp(a->customer, b->customer);
	return way ? way : a->answered - b->answered;
}

/* Of one customer's rows one: answered when any was, the mean of the scores, the first time of asking. */
static size_t one_each(struct voice_person *all, size_t n)
{
	size_t kept = 0;
	if (n) qsort(all, n, sizeof *all, by_customer);
	for (size_t i = 0; i < n;) {
		struct voice_person x = all[i];
		double sum = 0;
		int scores = 0;
		size_t k = i;
		for (; k < n && str_eq(all[k].customer, x.customer); k++) {
			if (all[k].asked_ms < x.asked_ms) x.asked_ms = all[k].asked_ms;
			if (!all[k].answered) continue;
			sum += all[k].score;
			scores++;
		}
		x.answered = scores > 0;
		x.score = scores ? sum / scores : 0;
		all[kept++] = x;
		i = k;
	}
	return kept;
}

static int by_token(const void *key, const void *of)
{
	const int64_t token = *(const int64_t *)key;
	const struct asked *x = of;
	return token < x->token ? -1 : token > x->token;
}

static bool answer_of(const struct work *w, const struct column *c, const struct stats_score_rule *rule, size_t i,
                      double *score)
{
	const double x = results_values(c)[i];
	if (stats_score_check(rule, x, NULL) != OK) return false;
	*score = unit_of(rule) * stats_score_value(rule, x);
	return results_given(w)[i].customer.len > 0;
}

static enum err_code people_of(struct work *w, const struct column *c, const struct stats_score_rule *rule,
                               struct voice_people *out, struct err *err)
{
	struct asked *asked;
	size_t n_asked, n = 0;
	const struct given *given = results_given(w);
	const size_t n_given = c->values.len / sizeof(double);
	TRY(results_asked(w, &asked, &n_asked, err));
	const bool invited = n_asked > 0;
	if (!invited && (w->scope->unit.len || w->scope->lang.len || w->scope->channel.len)) return OK;
	struct voice_person *all = ARENA_ARRAY(w->a, struct voice_person, n_asked + n_given + 1);
	if (!all) return err_no_memory(err);
	for (size_t i = 0; i < n_asked; i++)
		all[n++] = (struct voice_person){ .customer = asked[i].customer, .asked_ms = asked[i].asked_ms };
	for (size_t i = 0; i < n_given; i++) {
		double score;
		int64_t at_ms = INT64_MAX;
		if (!answer_of(w, c, rule, i, &score)) continue;
		if (invited) {
			const struct asked *x = bsearch(&given[i].token, asked, n_asked, sizeof *asked, by_token);
			if (!x) continue;
			at_ms = x->asked_ms;
		}
		all[n++] = (struct voice_person){ given[i].customer, at_ms, true, score };
	}
	*out = (struct voice_people){
		.all = all, .n = one_each(all, n), .others = !invited, .survey = w->out->survey.key
	};
	ends_of(rule, &out->scale);
	return OK;
}

enum err_code voice_people(struct voice *v, struct str key, const struct voice_results_query *q, struct str question,
                           struct arena *a, struct voice_people *out, struct stats_score_rule *rule, struct str *found,
                           struct err *err)
{
	struct voice_results results = { 0 };
	struct work w = { .v = v, .scope = q, .a = a, .out = &results, .keep_given = true };
	const struct column *c = NULL;
	bool employees = false;
	*out = (struct voice_people){ 0 };
	TRY(voice_get(v, key, 0, a, &results.survey, err));
	enum err_code rc = results_questions(&w, err);
	if (rc == OK) rc = results_employees(&w, &employees, err);
	if (rc == OK && !(c = scored_column(&w, question, rule)))
		rc = err_set(err, ERR_NOT_FOUND, "survey.question", "question", "no question of it has such a score");
	if (rc == OK) *found = c->q->question->name;
	if (rc == OK && !employees) {
		rc = results_look(&w, err);
		if (rc == OK && w.broken) rc = err_no_memory(err);
		if (rc == OK) rc = buf_check(&c->values, err);
		if (rc == OK) rc = people_of(&w, c, rule, out, err);
	}
	results_work_done(&w);
	return rc;
}
