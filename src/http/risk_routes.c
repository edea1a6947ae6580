/* Who may not come back, with reasons, and what is at stake. */
#include <math.h>

#include "base/when.h"
#include "http/priv.h"

static void put_reasons(struct json_out *o, const struct ask_risk_person *p)
{
	open_list(o, "reasons");
	for (size_t i = 0; i < p->n_reasons; i++) {
		json_open(o, '{');
		json_kv_z(o, "column", ask_risk_column_names[p->reasons[i].column]);
		json_kv_double(o, "by", p->reasons[i].by);
		json_kv_double(o, "value", p->values[p->reasons[i].column]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_person(struct json_out *o, const struct ask_risk_person *p, bool money)
{
	json_open(o, '{');
	json_kv_str(o, "customer", p->external);
	json_kv_double(o, "chance", p->chance);
	put_estimate(o, "alike", &p->alike);
	json_kv_i64(o, "last_ms", p->last_ms);
	json_key(o, "spent_minor");
	if (money) json_put_i64(o, p->spent);
	else json_put_null(o);
	json_key(o, "recent_minor");
	if (money) json_put_i64(o, p->recent);
	else json_put_null(o);
	json_kv_double(o, "stake_minor", money ? p->stake : NAN);
	put_reasons(o, p);
	json_close(o, '}');
}

static void put_judged(struct json_out *o, const struct stats_judged *j)
{
	json_key(o, "judged");
	json_open(o, '{');
	put_estimate(o, "rate", &j->rate);
	put_estimate(o, "auc", &j->auc);
	json_kv_double(o, "brier", j->brier);
	json_kv_double(o, "precision", j->precision);
	json_kv_double(o, "lift", j->lift);
	json_kv_double(o, "slope", j->slope);
	open_list(o, "bins");
	for (size_t i = 0; i < STATS_CALIBRATION_BINS; i++) {
		if (!j->bins[i].observed.n) continue;
		json_open(o, '{');
		json_kv_double(o, "predicted", j->bins[i].predicted);
		put_estimate(o, "observed", &j->bins[i].observed);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void put_at(struct json_out *o, const char *key, int64_t at_ms)
{
	json_key(o, key);
	if (at_ms) json_put_i64(o, at_ms);
	else json_put_null(o);
}

static void put_weights(struct json_out *o, const struct ask_risk *r)
{
	json_key(o, "weights");
	if (r->state != ASK_RISK_OK) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	for (size_t j = 0; j < ASK_RISK_COLUMNS; j++) json_kv_double(o, ask_risk_column_names[j], r->weights[j]);
	json_close(o, '}');
}

static void put_risk(struct json_out *o, const struct ask_risk *r, int64_t horizon_ms)
{
	const bool money = r->currency.len > 0, ok = r->state == ASK_RISK_OK;
	open_list(o, "rows");
	for (size_t i = 0; i < r->n_rows; i++) put_person(o, &r->rows[i], money);
	json_close(o, ']');
	json_key(o, "customer");
	if (r->one) put_person(o, r->one, money);
	else json_put_null(o);
	json_kv_z(o, "state", ask_risk_state_names[r->state]);
	json_kv_i64(o, "horizon_ms", horizon_ms);
	put_purchase(o, r->purchase);
	put_at(o, "learned_ms", r->learned_ms);
	put_at(o, "judged_ms", r->judged_ms);
	put_at(o, "today_ms", r->today_ms);
	json_kv_i64(o, "learned_customers", r->learned);
	json_kv_i64(o, "judged_customers", r->judged_n);
	json_kv_i64(o, "customers", r->today);
	json_key(o, "currency");
	if (money) json_put_str(o, r->currency);
	else json_put_null(o);
	json_kv_double(o, "stake_minor", ok && money ? r->stake : NAN);
	if (ok) put_estimate(o, "leaving", &r->leaving);
	else json_key(o, "leaving"), json_put_null(o);
	if (ok) put_judged(o, &r->judged);
	else json_key(o, "judged"), json_put_null(o);
	put_weights(o, r);
}

HANDLER(get_risk)
{
	struct ask *ask;
	struct question q;
	struct ask_risk_question what = { .activity = query_get(c, "activity"),
		                          .currency = query_get(c, "currency"),
		                          .customer = query_get(c, "customer") };
	struct ask_risk r;
	struct json_out o;
	int64_t limit;
	TRY(need_ask(c, &ask, err));
	TRY(span_read(c, "horizon", 180 * WHEN_DAY_MS, &what.horizon_ms, err));
	TRY(query_i64(c, "limit", 0, 500, 50, &limit, err));
	what.limit = (size_t)limit;
	TRY(question_read(c, ask, &q, err));
	const enum err_code rc = ask_risk(ask, &q.query, &what, c->arena, &r, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		put_risk(&o, &r, what.horizon_ms);
		put_asked(&o, c, &q);
		json_close(&o, '}');
	}
	cache_put(c->h->cache, q.map);
	return rc;
}
