/* What customers are worth: fifths, the two models, the value to come, and how the model did on the second half. */
#include "ask/priv.h"

#include <math.h>

#define SEED 1
#define DRAWS 100
#define DAYS_A_MONTH (365.25 / 12)
#define ROOM ((size_t)2 << 30)
#define A_MOMENT 1e-6 /* days: somebody who first bought on the last day was seen for next to nothing */

struct worth {
	const struct journey_buyer *rows;
	size_t n, n_days, split;
	struct arena *room;
};

/* --- fifths ---------------------------------------------------------------------------------------------------- */

static double recency(const struct journey_buyer *b)
{
	return b->last_day;
}

static double frequency(const struct journey_buyer *b)
{
	return b->orders;
}

static double money(const struct journey_buyer *b)
{
	return (double)b->spent;
}

static enum err_code fifths(const struct worth *w, double (*of)(const struct journey_buyer *b), uint8_t **out,
                            struct err *err)
{
	double *x = ARENA_ARRAY(w->room, double, w->n);
	*out = ARENA_ARRAY(w->room, uint8_t, w->n);
	if (!x || !*out) return err_no_memory(err);
	for (size_t i = 0; i < w->n; i++) x[i] = of(&w->rows[i]);
	return stats_fifths(x, w->n, w->room, *out, err);
}

static enum err_code count_cells(const struct worth *w, struct ask_worth *out, struct err *err)
{
	uint8_t *r, *f, *m;
	TRY(fifths(w, recency, &r, err));
	TRY(fifths(w, frequency, &f, err));
	TRY(fifths(w, money, &m, err));
	for (size_t i = 0; i < w->n; i++) {
		out->orders += w->rows[i].orders;
		out->spent += w->rows[i].spent;
		out->cells[r[i] - 1][f[i] - 1][m[i] - 1].customers++;
		out->cells[r[i] - 1][f[i] - 1][m[i] - 1].spent += w->rows[i].spent;
	}
	return OK;
}

/* --- models ---------------------------------------------------------------------------------------------------- */

/* At most ASK_WORTH_SAMPLE buyers, each with the chance that is left for it; n is where to find how many. */
static const struct journey_buyer **sample(const struct worth *w, size_t *n)
{
	const size_t want = w->n < ASK_WORTH_SAMPLE ? w->n : ASK_WORTH_SAMPLE;
	const struct journey_buyer **out = ARENA_ARRAY(w->room, const struct journey_buyer *, want);
	struct rng r;
	rng_init(&r, SEED, 0);
	*n = 0;
	for (size_t i = 0; out && i < w->n && *n < want; i++)
		if (rng_below(&r, w->n - i) < want - *n) out[(*n)++] = &w->rows[i];
	return out;
}

static struct stats_buyer history(const struct journey_buyer *b, size_t last_day)
{
	return (struct stats_buyer){ .repeats = b->days - 1.0,
		                     .last = (double)b->last_day - b->first_day,
		                     .seen = fmax((double)last_day - b->first_day, A_MOMENT),
		                     .weight = 1 };
}

static struct stats_spender spending(const struct journey_buyer *b)
{
	const double repeats = b->days - 1.0;
	return (struct stats_spender){ repeats, repeats > 0 ? (double)b->repeat_spent / repeats : 0 };
}

static enum err_code fit_models(const struct worth *w, const struct journey_buyer *const *rows, size_t n,
                                struct ask_worth *out, struct err *err)
{
	struct stats_buyer *c = ARENA_ARRAY(w->room, struct stats_buyer, n);
	struct stats_spender *s = ARENA_ARRAY(w->room, struct stats_spender, n);
	size_t n_c = 0, n_s = 0;
	if (!c || !s) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		/* Whoever was not seen for a day tells nothing. */
		if (rows[i]->first_day + 1 < w->n_days) c[n_c++] = history(rows[i], w->n_days - 1);
		if (rows[i]->days > 1) s[n_s++] = spending(rows[i]);
	}
	TRY(stats_bgnbd_fit(c, n_c, w->room, &out->back, err));
	return stats_spend_fit(s, n_s, w->room, &out->spend, err);
}

static enum err_code value_to_come(const struct worth *w, const struct journey_buyer *const *rows, size_t n,
                                   const struct ask_worth_question *what, struct ask_worth *out, struct err *err)
{
	const struct stats_clv_terms terms = { .periods = (size_t)what->months,
		                               .length = DAYS_A_MONTH,
		                               .discount = pow(1 + what->yearly_discount, 1.0 / 12) - 1,
		                               .margin = what->margin };
	struct stats_buyer *c = ARENA_ARRAY(w->room, struct stats_buyer, n);
	struct stats_spender *s = ARENA_ARRAY(w->room, struct stats_spender, n);
	const double scale = (double)w->n / (double)n;
	if (!c || !s) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		c[i] = history(rows[i], w->n_days - 1);
		s[i] = spending(rows[i]);
		out->still += stats_bgnbd_alive(&out->back, &c[i]) * scale;
	}
	if (out->spend.fit != STATS_FIT_OK) return OK;
	TRY(stats_clv_total(&out->back, &out->spend, c, s, n, &terms, DRAWS, SEED, w->room, &out->to_come, err));
	out->to_come.n = (int64_t)w->n;
	out->to_come.est *= scale, out->to_come.lo *= scale, out->to_come.hi *= scale;
	out->to_come.lo80 *= scale, out->to_come.hi80 *= scale;
	return OK;
}

/* The model of the first half of the days, and what came in the second. */
static enum err_code hold_out(const struct worth *w, const struct journey_buyer *const *rows, size_t n,
                              struct ask_worth *out, struct err *err)
{
	struct stats_buyer *c = ARENA_ARRAY(w->room, struct stats_buyer, n);
	struct stats_bgnbd m;
	size_t k = 0;
	int64_t came = 0;
	if (!c) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct journey_buyer *b = rows[i];
		if (!b->early_days || b->first_day + 1 >= w->split) continue;
		came += b->days - b->early_days;
		c[k++] = (struct stats_buyer){ .repeats = b->early_days - 1.0,
			                       .last = (double)b->early_last - b->first_day,
			                       .seen = (double)w->split - 1 - b->first_day,
			                       .weight = 1 };
	}
	TRY(stats_bgnbd_fit(c, k, w->room, &m, err));
	out->held.fit = m.fit;
	out->held.customers = (int64_t)k, out->held.came = came;
	for (size_t i = 0; m.fit == STATS_FIT_OK && i < k; i++)
		out->held.foretold += stats_bgnbd_future(&m, &c[i], (double)(w->n_days - w->split));
	return OK;
}

static enum err_code tell(const struct worth *w, const struct ask_worth_question *what, struct ask_worth *out,
                          struct err *err)
{
	size_t n;
	out->customers = (int64_t)w->n;
	TRY(count_cells(w, out, err));
	const struct journey_buyer **rows = sample(w, &n);
	if (!rows) return err_no_memory(err);
	out->sampled = (int64_t)n;
	TRY(fit_models(w, rows, n, out, err));
	if (out->back.fit == STATS_FIT_OK) TRY(value_to_come(w, rows, n, what, out, err));
	return hold_out(w, rows, n, out, err);
}

/* --- the question ------------------------------------------------------------------------------------------------ */

static enum err_code check(const struct ask_worth_question *what, struct err *err)
{
	if (what->months < 1 || what->months > 120)
		return err_limit(err, "worth.months", "months", what->months, 120, "the value is of 1 to 120 months");
	if (!(what->yearly_discount >= 0 && what->yearly_discount < 1))
		return err_set(err, ERR_INPUT, "worth.discount", "discount", "%g is no discount",
		               what->yearly_discount);
	if (!(what->margin >= 0 && what->margin <= 1))
		return err_set(err, ERR_INPUT, "worth.margin", "margin", "%g is no margin", what->margin);
	return OK;
}

static enum err_code run(struct asking *k, struct ask *a, struct journey_query *q,
                         const struct ask_worth_question *what, struct journey_buyers_query *b, struct arena *m,
                         struct ask_worth *out, void **pass, struct err *err)
{
	const struct ask_periods days = { .zone = what->zone, .rule = { .period = PERIOD_DAY } };
	struct journey_buyers_plan *plan;
	struct asking_orders orders;
	*k = (struct asking){ 0 };
	q->by = JOURNEY_BY_CUSTOMER;
	TRY(asking_start(k, a, q, err));
	TRY(asking_currencies(k, m, &out->currencies, &out->n_currencies, &orders, err));
	if (!k->s->events || (!what->currency.len && !out->n_currencies)) return OK; /* nothing was bought */
	TRY(asking_periods(k, q, &days, JOURNEY_BUYER_DAYS_MAX, m, &b->bounds, &b->n_bounds, err));
	b->purchase = what->purchase;
	if (!what->purchase.len) b->order = orders.code, out->purchase = orders.name;
	b->currency = what->currency.len ? what->currency : out->currencies[0].currency;
	b->split = (b->n_bounds - 1) / 2;
	TRY(journey_buyers_plan(k->plan, b, &k->scratch, &plan, err));
	return asking_pass(k, &journey_buyers_pass, plan, pass, err);
}

/* Those of one pair of fifths, whatever they spent. */
static enum err_code in_cell(const struct worth *w, int recency_fifth, int frequency_fifth, struct journey_set *set,
                             struct err *err)
{
	uint8_t *r, *f;
	TRY(fifths(w, recency, &r, err));
	TRY(fifths(w, frequency, &f, err));
	for (size_t i = 0; i < w->n; i++)
		if (r[i] == recency_fifth && f[i] == frequency_fifth) journey_set_add(set, w->rows[i].customer);
	return OK;
}

enum err_code ask_worth_people(struct ask *a, const struct journey_query *q, const struct ask_worth_question *what,
                               int recency_fifth, int frequency_fifth, uint64_t cursor, size_t limit, struct arena *m,
                               struct ask_members *out, struct err *err)
{
	struct asking k = { 0 };
	struct arena room;
	struct journey_query all = *q;
	struct journey_buyers_query b = { .n_bounds = 0 };
	struct ask_worth r = { 0 };
	struct journey_set *set = journey_set_new();
	struct str currency;
	void *pass = NULL;
	if (!set) return err_no_memory(err);
	arena_init(&room, ROOM);
	enum err_code rc = run(&k, a, &all, what, &b, m, &r, &pass, err);
	struct worth w = { .room = &room };
	if (rc == OK && pass) rc = journey_buyers_result(pass, &w.rows, &w.n, &currency, err);
	if (rc == OK && w.n) rc = in_cell(&w, recency_fifth, frequency_fifth, set, err);
	if (rc == OK) rc = asking_members(&k, set, cursor, limit, m, out, err);
	journey_set_free(set);
	journey_buyers_pass.free(pass);
	asking_done(&k);
	arena_done(&room);
	return rc;
}

enum err_code ask_worth(struct ask *a, const struct journey_query *q, const struct ask_worth_question *what,
                        struct arena *m, struct ask_worth *out, struct err *err)
{
	struct asking k = { 0 };
	struct arena room;
	struct journey_query all = *q;
	struct journey_buyers_query b = { .n_bounds = 0 };
	struct ask_worth r = { .to_come = { .level = 0.95, .method = STATS_PREDICTIVE, .flags = STATS_NOT_IDENTIFIED },
		               .back = { .fit = STATS_FIT_FEW },
		               .spend = { .fit = STATS_FIT_FEW },
		               .held = { .fit = STATS_FIT_FEW } };
	void *pass = NULL;
	TRY(check(what, err));
	arena_init(&room, ROOM);
	enum err_code rc = run(&k, a, &all, what, &b, m, &r, &pass, err);
	if (rc == OK && pass) {
		struct worth w = { .n_days = b.n_bounds - 1, .split = b.split, .room = &room };
		struct str currency;
		rc = journey_buyers_result(pass, &w.rows, &w.n, &currency, err);
		r.as_of_ms = b.bounds[w.n_days - 1], r.held.from_ms = b.bounds[b.split];
		if (rc == OK) r.currency = str_copy(m, currency);
		if (rc == OK && w.n) rc = tell(&w, what, &r, err);
	}
	if (rc == OK) *out = r;
	journey_buyers_pass.free(pass);
	asking_done(&k);
	arena_done(&room);
	return rc;
}
