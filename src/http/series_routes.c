/* Scores over time. */
#include <math.h>

#include "http/priv.h"

static enum err_code series_read(struct http_call *c, struct ask_series_question *out, struct err *err)
{
	size_t kind;
	*out = (struct ask_series_question){ .m = c->arena,
		                             .by = query_get(c, "by"),
		                             .touchpoint = query_get(c, "touchpoint") };
	TRY(periods_read(c, PERIOD_MONTH, &out->periods, err));
	TRY(choice_read(c, "kind", journey_rating_kind_names, JOURNEY_RATING_KINDS, JOURNEY_RATING_PLAIN, &kind, err));
	out->kind = (enum journey_rating_kind)kind;
	return OK;
}

/* Counts of a kind that has them, null of few answers. */
static void put_counts(struct json_out *o, enum journey_rating_kind kind, const struct journey_series_point *x)
{
	if (kind != JOURNEY_RATING_NPS && kind != JOURNEY_RATING_CSAT) return;
	json_key(o, "counts");
	if (x->score.flags & STATS_SUPPRESSED) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_i64(o, kind == JOURNEY_RATING_NPS ? "promoters" : "good", x->counts.promoters);
	if (kind == JOURNEY_RATING_NPS) json_kv_i64(o, "passives", x->counts.passives);
	json_kv_i64(o, kind == JOURNEY_RATING_NPS ? "detractors" : "rest", x->counts.detractors);
	json_close(o, '}');
}

static void put_point(struct json_out *o, struct http_call *c, struct zone *zone, enum journey_rating_kind kind,
                      const struct journey_series_line *l, const struct journey_series_point *x)
{
	json_open(o, '{');
	json_kv_str(o, "name", l->name);
	json_kv_str(o, "start", day_of(c, zone, x->start_ms));
	json_kv_i64(o, "start_ms", x->start_ms);
	json_kv_i64(o, "end_ms", x->end_ms);
	json_kv_bool(o, "complete", x->complete);
	json_kv_i64(o, "n", x->n);
	json_kv_i64(o, "customers", x->customers);
	put_counts(o, kind, x);
	put_estimate(o, "score", &x->score);
	put_estimate(o, "diff", &x->diff);
	json_kv_double(o, "p", x->diff.n ? x->p : NAN);
	json_kv_double(o, "p_adjusted", x->diff.n ? x->p_adjusted : NAN);
	json_kv_bool(o, "distinguishable", x->distinguishable);
	json_close(o, '}');
}

static void put_line(struct json_out *o, const struct journey_series_line *l)
{
	static const char *const directions[] = { "down", NULL, "up" };
	json_open(o, '{');
	json_kv_str(o, "name", l->name);
	json_kv_i64(o, "n", l->n);
	json_kv_i64(o, "periods", (int64_t)l->n_points);
	json_key(o, "trend");
	json_open(o, '{');
	json_kv_i64(o, "periods", l->trend.sen.n);
	json_kv_i64(o, "s", l->trend.s);
	json_kv_double(o, "p", l->trend.p);
	json_kv_double(o, "p_adjusted", l->trend_p_adjusted);
	json_kv_bool(o, "exact", l->trend.exact);
	put_estimate(o, "slope", &l->trend.sen);
	json_kv_z(o, "direction", directions[l->direction + 1]);
	json_close(o, '}');
	json_close(o, '}');
}

static void put_series(struct json_out *o, struct http_call *c, struct zone *zone,
                       const struct ask_series_question *what, const struct journey_series *r)
{
	static const char *const units[JOURNEY_RATING_KINDS] = { [JOURNEY_RATING_PLAIN] = "experience",
		                                                 [JOURNEY_RATING_NPS] = "points",
		                                                 [JOURNEY_RATING_CSAT] = "share",
		                                                 [JOURNEY_RATING_CES] = "mean" };
	json_kv_z(o, "kind", journey_rating_kind_names[what->kind]);
	json_kv_z(o, "unit", units[what->kind]);
	json_kv_z(o, "period", period_names[what->periods.rule.period]);
	json_kv_str(o, "by", what->by);
	open_list(o, "series");
	for (size_t i = 0; i < r->n_lines; i++) put_line(o, &r->lines[i]);
	json_close(o, ']');
	open_list(o, "rows");
	for (size_t i = 0; i < r->n_lines; i++)
		for (size_t j = 0; j < r->lines[i].n_points; j++)
			put_point(o, c, zone, what->kind, &r->lines[i], &r->lines[i].points[j]);
	json_close(o, ']');
}

enum err_code series_ask(struct http_call *c, struct question *q, struct ask_series_question *what,
                         struct journey_series *out, struct err *err)
{
	struct ask *ask;
	TRY(need_ask(c, &ask, err));
	TRY(series_read(c, what, err));
	TRY(question_read(c, ask, q, err));
	const enum err_code rc = ask_series(ask, &q->query, what, out, err);
	if (rc != OK) cache_put(c->h->cache, q->map);
	return rc;
}

HANDLER(get_series)
{
	struct question q;
	struct ask_series_question what;
	struct journey_series r;
	struct json_out o;
	struct zone *zone = NULL;
	TRY(series_ask(c, &q, &what, &r, err));
	const enum err_code rc = zone_open(what.periods.zone, &zone, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	if (rc == OK) put_series(&o, c, zone, &what, &r);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	zone_close(zone);
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_series_people)
{
	struct ask *ask;
	struct question q;
	struct ask_series_question what;
	struct people_page page;
	struct ask_members people;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(series_read(c, &what, err));
	TRY(people_page(c, &page, err));
	TRY(query_i64(c, "start_ms", INT64_MIN, INT64_MAX, INT64_MIN, &what.start_ms, err));
	what.people = true;
	what.value = query_get(c, "name");
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_series_people(ask, &q.query, &what, page.cursor, page.limit, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, q.map);
	return rc;
}
