/* Retention: cohorts by the period of the first event, and who comes back. */
#include "http/priv.h"

static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };

enum err_code periods_read(struct http_call *c, enum period usual, struct ask_periods *out, struct err *err)
{
	size_t period, first;
	*out = (struct ask_periods){ .rule = { .origin_ms = INT64_MIN } };
	TRY(govern_zone(c->h->opt.govern, c->arena, &out->zone, err));
	TRY(choice_read(c, "period", period_names, PERIODS, usual, &period, err));
	out->rule.period = (enum period)period;
	if (query_get(c, "week_start").len) {
		TRY(choice_read(c, "week_start", weekdays, COUNT_OF(weekdays), 0, &first, err));
		out->rule.week_start = (int)first;
	} else if (out->rule.period == PERIOD_WEEK) {
		out->rule.week_start = zone_week_start(out->zone);
	}
	TRY(time_read(c, "origin", &out->rule.origin_ms, err));
	out->rule.anchored = out->rule.origin_ms != INT64_MIN;
	return OK;
}

static enum err_code retention_read(struct http_call *c, struct ask_retention_question *r, struct err *err)
{
	static const char *const weights[] = { "customers", "value" };
	size_t kind, weight;
	*r = (struct ask_retention_question){ .m = c->arena };
	TRY(periods_read(c, PERIOD_WEEK, &r->periods, err));
	TRY(choice_read(c, "kind", journey_retention_kind_names, JOURNEY_RETENTION_KINDS, JOURNEY_RETENTION_CLASSIC,
	                &kind, err));
	TRY(choice_read(c, "weight", weights, COUNT_OF(weights), 0, &weight, err));
	r->kind = (enum journey_retention_kind)kind;
	r->weighted = weight;
	r->start = query_get(c, "start");
	r->back = query_get(c, "back");
	r->currency = query_get(c, "currency");
	return OK;
}

struct str day_of(struct http_call *c, struct zone *z, int64_t at_ms)
{
	char text[WHEN_TEXT_BYTES];
	return str_copy(c->arena, str_cut(when_format_iso(at_ms + zone_offset_ms(z, at_ms), text), 0, 10));
}

static void put_numbers(struct json_out *o, const char *key, const int64_t *list, size_t n)
{
	json_key(o, key);
	if (!list) {
		json_put_null(o);
		return;
	}
	json_open(o, '[');
	for (size_t i = 0; i < n; i++) json_put_i64(o, list[i]);
	json_close(o, ']');
}

static enum err_code put_cohorts(struct json_out *o, struct http_call *c, struct str zone_name,
                                 const struct journey_retention *r, struct err *err)
{
	struct zone *zone;
	TRY(zone_open(zone_name, &zone, err));
	open_list(o, "cohorts");
	for (size_t i = 0; i < r->n_cohorts; i++) {
		const struct journey_cohort *h = &r->cohorts[i];
		json_open(o, '{');
		json_kv_str(o, "start", day_of(c, zone, h->start_ms));
		json_kv_i64(o, "start_ms", h->start_ms);
		json_kv_i64(o, "size", h->size);
		put_numbers(o, "active", h->active, h->n);
		put_numbers(o, "value", h->value, h->n);
		json_close(o, '}');
	}
	json_close(o, ']');
	zone_close(zone);
	return OK;
}

static void put_curve(struct json_out *o, const struct journey_retention *r)
{
	open_list(o, "curve");
	for (size_t k = 0; k < r->n_curve; k++) {
		json_open(o, '{');
		json_kv_i64(o, "offset", (int64_t)k);
		json_kv_i64(o, "active", r->curve[k].active);
		json_kv_i64(o, "size", r->curve[k].size);
		put_estimate(o, "share", &r->curve[k].share);
		json_close(o, '}');
	}
	json_close(o, ']');
}

enum err_code retention_ask(struct http_call *c, struct question *q, struct ask_retention_question *what,
                            struct journey_retention *out, struct err *err)
{
	struct ask *ask;
	TRY(need_ask(c, &ask, err));
	TRY(retention_read(c, what, err));
	TRY(question_read(c, ask, q, err));
	const enum err_code rc = ask_retention(ask, &q->query, what, out, err);
	if (rc != OK) cache_put(c->h->cache, q->map);
	return rc;
}

HANDLER(get_retention)
{
	struct question q;
	struct ask_retention_question what;
	struct journey_retention r;
	struct json_out o;
	TRY(retention_ask(c, &q, &what, &r, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_z(&o, "period", period_names[what.periods.rule.period]);
	json_kv_z(&o, "kind", journey_retention_kind_names[what.kind]);
	json_kv_i64(&o, "customers", r.customers);
	json_key(&o, "currency");
	if (r.currency.len) json_put_str(&o, r.currency);
	else json_put_null(&o);
	const enum err_code rc = put_cohorts(&o, c, what.periods.zone, &r, err);
	put_curve(&o, &r);
	put_asked(&o, c, &q);
	json_close(&o, '}');
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_retention_people)
{
	struct ask *ask;
	struct question q;
	struct ask_retention_question what;
	struct people_page page;
	struct ask_members people;
	struct json_out o;
	int64_t offset;
	TRY(need_ask(c, &ask, err));
	TRY(retention_read(c, &what, err));
	TRY(people_page(c, &page, err));
	TRY(query_i64(c, "offset", 0, JOURNEY_RETENTION_PERIODS_MAX, 0, &offset, err));
	TRY(query_i64(c, "cohort", INT64_MIN, INT64_MAX, INT64_MIN, &what.cohort_ms, err));
	what.people = true;
	what.offset = (size_t)offset;
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_retention_people(ask, &q.query, &what, page.cursor, page.limit, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, q.map);
	return rc;
}
