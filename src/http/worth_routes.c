/* What customers are worth: fifths, how they come back, and the value to come. */
#include <math.h>

#include "http/priv.h"

/* The events taken for purchases by convention; null: any with money, or what the question named. */
void put_purchase(struct json_out *o, struct str purchase)
{
	json_key(o, "purchase");
	if (purchase.len) json_put_str(o, purchase);
	else json_put_null(o);
}

static enum err_code worth_read(struct http_call *c, struct ask_worth_question *w, struct err *err)
{
	int64_t discount, margin;
	TRY(govern_zone(c->h->opt.govern, c->arena, &w->zone, err));
	TRY(query_i64(c, "months", 1, 120, 12, &w->months, err));
	TRY(query_i64(c, "discount", 0, 99, 10, &discount, err));
	TRY(query_i64(c, "margin", 0, 100, 100, &margin, err));
	w->yearly_discount = (double)discount / 100, w->margin = (double)margin / 100;
	w->purchase = query_get(c, "purchase");
	w->currency = query_get(c, "currency");
	return OK;
}

/* Only those that somebody is in, the best first; fewer than five people are not shown, but their number is. */
static void put_cells(struct json_out *o, const struct ask_worth *w)
{
	open_list(o, "cells");
	for (int r = 5; r >= 1; r--)
		for (int f = 5; f >= 1; f--)
			for (int m = 5; m >= 1; m--) {
				const int64_t n = w->cells[r - 1][f - 1][m - 1].customers;
				if (!n) continue;
				json_open(o, '{');
				json_kv_i64(o, "recency", r);
				json_kv_i64(o, "frequency", f);
				json_kv_i64(o, "money", m);
				json_kv_i64(o, "customers", n);
				json_key(o, "spent_minor");
				if (n < 5) json_put_null(o);
				else json_put_i64(o, w->cells[r - 1][f - 1][m - 1].spent);
				json_close(o, '}');
			}
	json_close(o, ']');
}

static void put_back(struct json_out *o, const struct ask_worth *w)
{
	const struct stats_bgnbd *b = &w->back;
	const bool ok = b->fit == STATS_FIT_OK;
	json_key(o, "coming_back");
	json_open(o, '{');
	json_kv_z(o, "fit", stats_fit_names[b->fit]);
	json_kv_z(o, "unit", "day");
	json_kv_i64(o, "customers", b->n);
	json_kv_i64(o, "came_back", b->repeaters);
	json_kv_double(o, "r", ok ? b->r : NAN);
	json_kv_double(o, "alpha", ok ? b->alpha : NAN);
	json_kv_double(o, "a", ok ? b->a : NAN);
	json_kv_double(o, "b", ok ? b->b : NAN);
	json_kv_double(o, "log_likelihood", ok ? b->loglik : NAN);
	json_kv_double(o, "still_customers", ok ? w->still : NAN);
	json_close(o, '}');
}

static void put_spend(struct json_out *o, const struct stats_spend *s)
{
	const bool ok = s->fit == STATS_FIT_OK;
	json_key(o, "spending");
	json_open(o, '{');
	json_kv_z(o, "fit", stats_fit_names[s->fit]);
	json_kv_i64(o, "customers", s->n);
	json_kv_double(o, "p", ok ? s->p : NAN);
	json_kv_double(o, "q", ok ? s->q : NAN);
	json_kv_double(o, "v_minor", ok ? s->v : NAN);
	json_kv_double(o, "log_likelihood", ok ? s->loglik : NAN);
	json_kv_double(o, "mean_minor", ok ? s->mean : NAN);
	json_kv_double(o, "with_count", s->with_count);
	json_close(o, '}');
}

static void put_held(struct json_out *o, const struct ask_worth *w)
{
	json_key(o, "held_back");
	json_open(o, '{');
	json_kv_z(o, "fit", stats_fit_names[w->held.fit]);
	json_kv_i64(o, "from_ms", w->held.from_ms);
	json_kv_i64(o, "customers", w->held.customers);
	json_kv_i64(o, "came", w->held.came);
	json_kv_double(o, "foretold", w->held.fit == STATS_FIT_OK ? w->held.foretold : NAN);
	json_close(o, '}');
}

static void put_currencies(struct json_out *o, const struct journey_currency *list, size_t n)
{
	open_list(o, "currencies");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_str(o, "currency", list[i].currency);
		json_kv_i64(o, "purchases", list[i].purchases);
		json_kv_i64(o, "customers", list[i].customers);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_currency(struct json_out *o, struct str currency)
{
	json_key(o, "currency");
	if (currency.len) json_put_str(o, currency);
	else json_put_null(o);
}

HANDLER(get_worth)
{
	struct ask *ask;
	struct question q;
	struct ask_worth_question what;
	struct ask_worth w;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(worth_read(c, &what, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_worth(ask, &q.query, &what, c->arena, &w, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		put_currency(&o, w.currency);
		put_purchase(&o, w.purchase);
		json_key(&o, "as_of_ms");
		if (w.currency.len) json_put_i64(&o, w.as_of_ms);
		else json_put_null(&o);
		json_kv_i64(&o, "customers", w.customers);
		json_kv_i64(&o, "orders", w.orders);
		json_kv_i64(&o, "spent_minor", w.spent);
		json_kv_i64(&o, "sampled", w.sampled);
		put_cells(&o, &w);
		put_back(&o, &w);
		put_spend(&o, &w.spend);
		json_kv_i64(&o, "months", what.months);
		put_estimate(&o, "to_come_minor", &w.to_come);
		put_held(&o, &w);
		put_currencies(&o, w.currencies, w.n_currencies);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}

HANDLER(get_worth_people)
{
	struct ask *ask;
	struct question q;
	struct ask_worth_question what;
	struct people_page page;
	struct ask_members people;
	struct json_out o;
	int64_t recency, frequency;
	TRY(need_ask(c, &ask, err));
	TRY(worth_read(c, &what, err));
	TRY(people_page(c, &page, err));
	TRY(query_i64(c, "recency", 1, 5, 5, &recency, err));
	TRY(query_i64(c, "frequency", 1, 5, 5, &frequency, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_worth_people(ask, &q.query, &what, (int)recency, (int)frequency, page.cursor,
	                                          page.limit, c->arena, &people, err);
	json_out_init(&o, &c->out);
	if (rc == OK) put_customers_page(&o, &people);
	cache_put(c->h->cache, q.map);
	return rc;
}

static void put_fifths(struct json_out *o, const struct ask_felt *f)
{
	open_list(o, "fifths");
	for (size_t i = 0; i < COUNT_OF(f->fifths); i++) {
		json_open(o, '{');
		json_kv_i64(o, "fifth", (int64_t)i + 1);
		json_kv_i64(o, "customers", f->fifths[i].customers);
		json_kv_double(o, "experience", f->fifths[i].customers >= 5 ? f->fifths[i].experience : NAN);
		put_estimate(o, "raw_minor", &f->fifths[i].raw);
		put_estimate(o, "adjusted_minor", &f->fifths[i].adjusted);
		json_close(o, '}');
	}
	json_close(o, ']');
}

HANDLER(get_felt)
{
	struct ask *ask;
	struct question q;
	struct ask_felt f;
	struct json_out o;
	TRY(need_ask(c, &ask, err));
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_felt(ask, &q.query, query_get(c, "currency"), c->arena, &f, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		put_currency(&o, f.currency);
		put_purchase(&o, f.purchase);
		put_fifths(&o, &f);
		put_estimate(&o, "difference_minor", &f.difference);
		json_kv_i64(&o, "customers", f.customers);
		json_kv_i64(&o, "answered", f.answered);
		json_kv_double(&o, "covered", f.answered ? f.covered : NAN);
		json_key(&o, "cut_ms");
		if (f.currency.len) json_put_i64(&o, f.cut_ms);
		else json_put_null(&o);
		put_currencies(&o, f.currencies, f.n_currencies);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}
