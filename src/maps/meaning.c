/* What the journey means: consistency, money and the phases round the purchase. docs/methods/consistency.md, money.md.
 */
#include <math.h>

#include "maps/priv.h"

enum err_code maps_money(struct maps *m, const struct maps_measured *mm, const struct journey_query *q,
                         int64_t horizon_ms, struct arena *a, struct ask_money *out, struct err *err)
{
	const struct journey_money_question what = { .horizon_ms = horizon_ms,
		                                     .purchase_step = mm->doc->purchase_step };
	return ask_money(m->ask, q, &what, a, out, err);
}

enum err_code map_meaning(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	static const char *const by[MAPS_CONSISTENCIES] = { "channel", "unit" };
	for (int i = 0; i < MAPS_CONSISTENCIES; i++) {
		mm->consistency[i].by = str_of(by[i]);
		TRY(ask_consistency(m->ask, &mm->query, mm->consistency[i].by, a, &mm->consistency[i].found, err));
	}
	return maps_money(m, mm, &mm->query, MAPS_MONEY_HORIZON_MS, a, &mm->money, err);
}

static struct str key_of(const struct maps_measured *mm, uint16_t code)
{
	return mm->doc->touchpoints[code - 1].key;
}

void maps_consistency_json(struct json_out *o, const struct maps_measured *mm, struct str by,
                           const struct ask_consistency *c, const struct locale *l, struct arena *a)
{
	json_kv_str(o, "by", by);
	json_kv_str(o, "by_name", map_dimension_words(mm, by, l, a));
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t i = 0; i < c->n; i++) {
		const struct ask_consistent *t = &c->list[i];
		json_open(o, '{');
		json_kv_str(o, "name", key_of(mm, t->touchpoint));
		json_key(o, "tau");
		if (t->tau.flags & STATS_NOT_IDENTIFIED) json_put_null(o);
		else maps_put_estimate(o, &t->tau);
		json_kv_double(o, "p_adjusted", t->p_adjusted);
		json_kv_bool(o, "differs", t->differs);
		json_key(o, "groups");
		json_open(o, '[');
		for (size_t g = 0; g < t->n_groups; g++) {
			json_open(o, '{');
			json_kv_str(o, "value", t->groups[g].value);
			json_kv_str(o, "value_name", map_value_words(mm, by, t->groups[g].value, l, a));
			json_key(o, "score");
			maps_put_estimate(o, &t->groups[g].score);
			json_close(o, '}');
		}
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* The losses that can be told from nothing: ranked inside each currency. */
static void put_ranking(struct json_out *o, const struct maps_measured *mm, const struct ask_money *r)
{
	int rank = 0;
	json_key(o, "ranking");
	json_open(o, '[');
	for (size_t i = 0; i < r->n; i++) {
		const struct ask_money_row *x = &r->rows[i];
		if (i && !str_eq(x->counts.currency, r->rows[i - 1].counts.currency)) rank = 0;
		if (!x->told) continue;
		json_open(o, '{');
		json_kv_i64(o, "rank", ++rank);
		json_kv_str(o, "currency", x->counts.currency);
		json_kv_str(o, "name", key_of(mm, x->counts.touchpoint));
		json_kv_i64(o, "lost_customers", x->counts.hurt);
		json_key(o, "lost");
		maps_put_estimate(o, &x->lost);
		json_close(o, '}');
	}
	json_close(o, ']');
}

void maps_money_json(struct json_out *o, const struct maps_measured *mm, const struct ask_money *r, int64_t horizon_ms,
                     const struct locale *l, struct arena *a)
{
	json_kv_i64(o, "horizon_ms", horizon_ms);
	json_kv_str(o, "note", words(l, a, r->n ? "maps.money.note" : "maps.money.none", NULL, 0));
	json_kv_i64(o, "without_money", r->counts.without_money);
	json_key(o, "currencies");
	json_open(o, '[');
	for (size_t i = 0; i < r->n;) {
		const struct str currency = r->rows[i].counts.currency;
		json_open(o, '{');
		json_kv_str(o, "currency", currency);
		json_key(o, "touchpoints");
		json_open(o, '[');
		for (; i < r->n && str_eq(r->rows[i].counts.currency, currency); i++) {
			const struct ask_money_row *x = &r->rows[i];
			const bool shown = !(x->lost.flags & STATS_NOT_IDENTIFIED);
			json_open(o, '{');
			json_kv_str(o, "name", key_of(mm, x->counts.touchpoint));
			json_kv_i64(o, "lost_customers", x->counts.hurt);
			json_kv_double(o, "value_mean_minor", shown ? x->counts.without.mean : NAN);
			json_kv_double(o, "hurt_mean_minor", shown ? x->counts.with.mean : NAN);
			json_key(o, "lost");
			if (shown) maps_put_estimate(o, &x->lost);
			else json_put_null(o);
			json_kv_double(o, "p_adjusted", x->p_adjusted);
			json_kv_bool(o, "told", x->told);
			json_close(o, '}');
		}
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
	put_ranking(o, mm, r);
}

void maps_phases_json(struct json_out *o, const struct maps_measured *mm, const struct journey_money *r)
{
	static const char *const names[] = { [RENDER_NONE] = "none",
		                             [RENDER_ASSUMED] = "assumed",
		                             [RENDER_INFERRED] = "inferred",
		                             [RENDER_MEASURED] = "measured" };
	const int at = mm->doc->purchase_step;
	json_key(o, "phases");
	json_open(o, '[');
	for (int phase = 0; at >= 0 && phase < JOURNEY_PHASES; phase++) {
		enum render_evidence best = RENDER_NONE;
		int64_t touchpoints = 0;
		for (size_t t = 0; t < mm->doc->n_touchpoints; t++) {
			const int step = (int)mm->doc->touchpoints[t].step;
			const int of = step < at ? JOURNEY_BEFORE : step == at ? JOURNEY_DURING : JOURNEY_AFTER;
			if (of != phase) continue;
			touchpoints++;
			if (mm->evidence[t] > best) best = mm->evidence[t];
		}
		json_open(o, '{');
		json_kv_z(o, "key", journey_phase_names[phase]);
		json_kv_i64(o, "customers", r->phases[phase].customers);
		json_kv_i64(o, "events", r->phases[phase].events);
		json_kv_i64(o, "touchpoints", touchpoints);
		json_kv_z(o, "evidence", names[best]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* --- on the drawing ---------------------------------------------------------------------------------------- */

/* An amount in few characters: a currency and a rounded number. */
static struct str short_money(struct str currency, double minor, const struct locale *l, struct arena *a)
{
	static const struct {
		double from;
		const char *key;
	} scales[] = { { 1e9, "maps.money.b" }, { 1e6, "maps.money.m" }, { 1e3, "maps.money.k" } };
	int digits = 2;
	if (!wire_currency(currency, &digits)) digits = 2;
	const double major = minor / pow(10, digits);
	const char *key = NULL;
	double n = major;
	for (size_t i = 0; i < COUNT_OF(scales) && !key; i++)
		if (major >= scales[i].from) {
			key = scales[i].key;
			n = major / scales[i].from;
		}
	struct word_arg arg = { .name = "n", .kind = WORD_TEXT, .text = words_number(l, a, n, n < 10 ? 1 : 0) };
	if (key) arg.text = words(l, a, key, &arg, 1);
	const struct word_arg args[] = {
		{ .name = "currency",
		  .kind = WORD_TEXT,
		  .text = str_format(a, "\xE2\x81\xA8" STR_FMT "\xE2\x81\xA9", STR_ARG(currency)) },
		arg,
	};
	return words(l, a, "maps.money.amount", args, COUNT_OF(args));
}

/* Losses told at a touchpoint: the two currencies with most people, and how many more there are. */
static void money_of(const struct maps_measured *mm, size_t t, const struct locale *l, struct arena *a,
                     struct render_meaning *out)
{
	const struct ask_money *r = &mm->money;
	const struct ask_money_row *top[2] = { NULL, NULL };
	int more = -2;
	for (size_t i = 0; i < r->n; i++) {
		const struct ask_money_row *x = &r->rows[i];
		if (!x->told || x->counts.touchpoint != t + 1) continue;
		more++;
		if (!top[0] || x->counts.hurt > top[0]->counts.hurt) {
			top[1] = top[0];
			top[0] = x;
		} else if (!top[1] || x->counts.hurt > top[1]->counts.hurt) top[1] = x;
	}
	if (top[0]) out->money = short_money(top[0]->counts.currency, top[0]->lost.est, l, a);
	if (top[1]) out->money_more = short_money(top[1]->counts.currency, top[1]->lost.est, l, a);
	if (more <= 0) return;
	const struct word_arg args[] = { { .name = "first", .kind = WORD_TEXT, .text = out->money_more },
		                         { .name = "n", .kind = WORD_INTEGER, .number = more } };
	out->money_more = words(l, a, "maps.money.more", args, COUNT_OF(args));
}

struct render_meaning map_meaning_drawn(const struct maps_measured *mm, size_t t, const struct locale *l,
                                        struct arena *a)
{
	const struct journey_friction_stat *f = &mm->friction.list[t];
	const struct maps_consistency *c = &mm->consistency[0];
	struct render_meaning out = { .friction_known = f->visits >= 5 };
	if (out.friction_known) {
		out.friction = maps_friction_total(f);
		out.friction_most = map_friction_words(f, l, a);
	}
	for (size_t i = 0; i < c->found.n; i++) {
		const struct ask_consistent *x = &c->found.list[i];
		if (x->touchpoint != t + 1 || !x->differs) continue;
		const struct ask_consistent_group *low = &x->groups[0], *high = &x->groups[x->n_groups - 1];
		out.differs = true;
		out.low = low->score.est, out.high = high->score.est;
		out.low_name = map_value_words(mm, c->by, low->value, l, a);
		out.high_name = map_value_words(mm, c->by, high->value, l, a);
	}
	money_of(mm, t, l, a, &out);
	return out;
}
