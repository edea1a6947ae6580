/* Scores by touchpoint and value of a dimension, and the score of one survey. */
#include "http/priv.h"

#define LOW_UTILITY 40.0

static enum err_code scores_read(struct http_call *c, struct journey_scores_query *out, struct err *err)
{
	*out = (struct journey_scores_query){ .by = query_get(c, "by") };
	TRY(number_read(c, "low", LOW_UTILITY, &out->low, err));
	if (out->low >= 0 && out->low <= 100) return OK;
	return err_set(err, ERR_INPUT, "scores.low", "low", "what counts as low lies between 0 and 100");
}

static void put_row(struct json_out *o, const struct journey_scores_row *r)
{
	json_open(o, '{');
	json_kv_str(o, "name", r->name);
	json_kv_str(o, "value", r->value);
	json_kv_i64(o, "n", r->n);
	json_kv_i64(o, "answers", r->answers);
	json_kv_i64(o, "customers", r->customers);
	json_kv_double(o, "mean", r->mean);
	json_kv_double(o, "sd", r->sd);
	put_estimate(o, "low_share", &r->low_share);
	put_estimate(o, "score", &r->score);
	json_close(o, '}');
}

HANDLER(get_scores)
{
	struct ask *ask;
	struct question q;
	struct journey_scores_query s;
	struct journey_scores r = { 0 };
	struct json_out o;
	TRY(scores_read(c, &s, err));
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_scores(ask, &q.query, &s, c->arena, &r, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	open_list(&o, "rows");
	for (size_t i = 0; i < r.n_rows; i++) put_row(&o, &r.rows[i]);
	json_close(&o, ']');
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_scores_people)
{
	struct ask *ask;
	struct question q;
	struct journey_scores_query s;
	struct people_page page;
	struct ask_members m = { 0 };
	struct json_out o;
	TRY(scores_read(c, &s, err));
	TRY(people_page(c, &page, err));
	s.people = true;
	s.name = query_get(c, "name");
	s.value = query_get(c, "value");
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_scores_people(ask, &q.query, &s, page.cursor, page.limit, c->arena, &m, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &m);
	cache_put(c->h->cache, q.map);
	return rc;
}

/* --- one survey's score -------------------------------------------------------------------------- */

static enum err_code read_small(struct http_call *c, const char *key, int *out, struct err *err)
{
	int64_t v;
	TRY(query_i64(c, key, -1000, 1000, *out, &v, err));
	*out = (int)v;
	return OK;
}

static enum err_code rule_read(struct http_call *c, struct stats_score_rule *rule, struct err *err)
{
	const struct str scale = query_get(c, "scale");
	const size_t colon = str_find(scale, ':');
	size_t kind, how;
	int64_t min, max;
	*rule = (struct stats_score_rule){ .reversed = str_eq(query_get(c, "reversed"), STR("1")), .seed = 1 };
	TRY(choice_read(c, "kind", stats_score_kind_names, STATS_SCORE_KINDS, STATS_SCORE_NPS, &kind, err));
	TRY(choice_read(c, "interval", stats_how_names, STATS_HOWS, STATS_BY_DEFAULT, &how, err));
	rule->kind = (enum stats_score_kind)kind;
	rule->how = (enum stats_how)how;
	TRY(read_small(c, "good", &rule->good, err));
	TRY(number_read(c, "level", 0, &rule->level, err));
	if (!scale.len) return stats_score_rule(rule, err);
	if (colon == scale.len || !str_to_i64(str_cut(scale, 0, colon), &min) ||
	    !str_to_i64(str_cut(scale, colon + 1, scale.len), &max) || min < -1000 || max > 1000)
		return err_set(err, ERR_INPUT, "score.scale", "scale",
		               "a scale is its lowest and highest answer, as in 1:5");
	rule->min = (int)min, rule->max = (int)max;
	return stats_score_rule(rule, err);
}

/* The answers one by one, as the estimates want them. */
static enum err_code values_of(const struct journey_answers *r, const struct stats_score_rule *rule, struct arena *a,
                               double **out, struct err *err)
{
	double *x = ARENA_ARRAY(a, double, (size_t)r->n + 1);
	size_t n = 0;
	if (!x) return err_no_memory(err);
	for (int v = 0; v <= rule->max - rule->min; v++)
		for (int64_t k = 0; k < r->values[v]; k++) x[n++] = rule->min + v;
	*out = x;
	return OK;
}

/* Of a survey: the answers to its question of that kind, on its own scale. ERR_NOT_FOUND: there is no such survey. */
static enum err_code score_of_survey(struct http_call *c, struct stats_score_rule *rule, struct stats_score *out,
                                     int64_t *completed, struct err *err)
{
	struct voice_results r;
	double *x = NULL;
	TRY(results_read(c, query_get(c, "survey"), &r, err));
	if (query_get(c, "filter").len) {
		enum err_code rc = err_set(err, ERR_INPUT, "score.filter", "filter",
		                           "a survey's own score is narrowed by unit, segment, from and to only");
		err_hint(err, "Ask for its events, such as \"Survey: KEY\", which take any filter.");
		return rc;
	}
	for (size_t i = 0; i < r.n_questions; i++) {
		const struct voice_question *q = &r.questions[i];
		struct journey_answers counted = { .n = q->score.n };
		if (!q->scored || q->score.kind != rule->kind) continue;
		rule->min = q->score.min, rule->max = q->score.max;
		if (!query_get(c, "good").len) rule->good = q->score.good;
		memcpy(counted.values, q->score.values, sizeof counted.values);
		*completed = r.completed;
		TRY(values_of(&counted, rule, c->arena, &x, err));
		return stats_score_of(rule, x, (size_t)counted.n, c->arena, out, err);
	}
	return err_set(err, ERR_INPUT, "score.none", "survey", "no question of this survey is a %s",
	               stats_score_kind_names[rule->kind]);
}

static enum err_code score_of_events(struct http_call *c, const struct stats_score_rule *rule, struct question *q,
                                     struct stats_score *out, struct journey_answers *r, struct err *err)
{
	struct ask *ask;
	double *x;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, q, err));
	const struct journey_answers_query what = { .event = query_get(c, "survey"),
		                                    .min = rule->min,
		                                    .max = rule->max };
	TRY(ask_answers(ask, &q->query, &what, r, err));
	TRY(values_of(r, rule, c->arena, &x, err));
	return stats_score_of(rule, x, (size_t)r->n, c->arena, out, err);
}

HANDLER(get_score)
{
	struct question q = { .map = NULL };
	struct stats_score_rule rule;
	struct stats_score score = { 0 };
	struct journey_answers r = { 0 };
	struct json_out o;
	if (!query_get(c, "survey").len)
		return err_set(err, ERR_INPUT, "http.missing", "survey", "\"survey\" is missing");
	TRY(rule_read(c, &rule, err));
	enum err_code rc = score_of_survey(c, &rule, &score, &r.met, err);
	if (rc == OK) r.n = score.n;
	/* A name of events, such as those of an import: one way for answers that came from elsewhere. */
	else if (rc == ERR_NOT_FOUND) rc = score_of_events(c, &rule, &q, &score, &r, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "survey", query_get(c, "survey"));
	if (rc == OK) maps_put_score(&o, &score);
	json_kv_i64(&o, "unanswered", r.met > r.n + r.other ? r.met - r.n - r.other : 0);
	json_kv_i64(&o, "other_scales", r.other);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}
