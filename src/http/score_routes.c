/* Scores by touchpoint and value of a dimension. */
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
