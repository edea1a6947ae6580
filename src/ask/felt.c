/* What customers spend by how they felt: experience of the first half of the time, money of the second. */
#include "ask/priv.h"

#include <math.h>
#include <stdlib.h>

#define ROOM ((size_t)2 << 30)
#define STRATA 5         /* fifths of what they had spent */
#define TENURES_MIN 1000 /* customers; from then on, each fifth is cut in two by how long they had been there */

enum err_code asking_currencies(struct asking *k, struct arena *m, struct journey_currency **out, size_t *n,
                                struct asking_orders *orders, struct err *err)
{
	void *pass = NULL;
	*n = 0;
	*orders = (struct asking_orders){ 0, STR("") };
	if (!k->s->events || k->s->schema.currencies.n < 2) return OK;
	enum err_code rc = asking_pass(k, &journey_currencies_pass, NULL, &pass, err);
	if (rc == OK) rc = journey_currencies_result(pass, m, out, n, err);
	for (size_t i = 0; rc == OK && i < *n; i++) {
		(*out)[i].currency = str_copy(m, (*out)[i].currency);
		if (!(*out)[i].currency.ptr) rc = err_no_memory(err);
	}
	if (rc == OK) orders->code = journey_currencies_order(pass);
	if (orders->code) orders->name = str_copy(m, journey_word(&k->s->schema.events, orders->code));
	journey_currencies_pass.free(pass);
	return rc;
}

static int by_time(const void *va, const void *vb)
{
	const int64_t a = *(const int64_t *)va, b = *(const int64_t *)vb;
	return (a > b) - (a < b);
}

static enum err_code median_first(const struct journey_standing *const *rows, size_t n, struct arena *room,
                                  int64_t *out, struct err *err)
{
	int64_t *first = ARENA_ARRAY(room, int64_t, n);
	if (!first) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) first[i] = rows[i]->first_ms;
	qsort(first, n, sizeof *first, by_time);
	*out = first[n / 2];
	return OK;
}

/* Best less worst fifth, both as if mixed alike. */
static void put_difference(struct ask_felt *f)
{
	const struct stats_estimate *worst = &f->fifths[0].adjusted, *best = &f->fifths[4].adjusted;
	f->difference = (struct stats_estimate){
		.level = 0.95, .n = worst->n + best->n, .method = STATS_ADJUSTED, .flags = STATS_NOT_IDENTIFIED
	};
	if ((worst->flags | best->flags) & (STATS_NOT_IDENTIFIED | STATS_SUPPRESSED)) return;
	const double half = hypot(worst->hi - worst->est, best->hi - best->est);
	const double half80 = hypot(worst->hi80 - worst->est, best->hi80 - best->est);
	f->difference.flags = 0;
	f->difference.n_eff = (double)f->difference.n;
	f->difference.est = best->est - worst->est;
	f->difference.lo = f->difference.est - half, f->difference.hi = f->difference.est + half;
	f->difference.lo80 = f->difference.est - half80, f->difference.hi80 = f->difference.est + half80;
}

static enum err_code tell(const struct journey_standing *const *rows, size_t n, struct arena *room,
                          struct ask_felt *out, struct err *err)
{
	double *felt = ARENA_ARRAY(room, double, n), *before = ARENA_ARRAY(room, double, n);
	uint8_t *fifth = ARENA_ARRAY(room, uint8_t, n), *rich = ARENA_ARRAY(room, uint8_t, n);
	struct stats_placed *placed = ARENA_ARRAY(room, struct stats_placed, n);
	struct stats_estimate raw[5], adjusted[5];
	struct stats_moments mean[5] = { { 0 } };
	int64_t middle = 0;
	if (!felt || !before || !fifth || !rich || !placed) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		felt[i] = (double)rows[i]->experience;
		before[i] = (double)rows[i]->spent;
	}
	TRY(stats_fifths(felt, n, room, fifth, err));
	TRY(stats_fifths(before, n, room, rich, err));
	TRY(median_first(rows, n, room, &middle, err));
	for (size_t i = 0; i < n; i++) {
		const uint32_t newer = n >= TENURES_MIN && rows[i]->first_ms >= middle;
		placed[i] = (struct stats_placed){ .value = (double)rows[i]->spent_after,
			                           .group = fifth[i] - 1U,
			                           .stratum = 2 * (rich[i] - 1U) + newer };
		stats_see(&mean[fifth[i] - 1], felt[i]);
	}
	TRY(stats_standardised(placed, n, 5, 2 * STRATA, room, raw, adjusted, &out->covered, err));
	for (size_t f = 0; f < 5; f++) {
		out->fifths[f].experience = mean[f].n ? mean[f].mean : 0;
		out->fifths[f].customers = mean[f].n;
		out->fifths[f].raw = raw[f], out->fifths[f].adjusted = adjusted[f];
	}
	put_difference(out);
	return OK;
}

/* Who bought in this currency, and of these who had said how they felt: buyers in another one spent nothing in it. */
static enum err_code chosen(const struct journey_standing *all, size_t n_all, struct arena *room,
                            const struct journey_standing ***out, size_t *n, int64_t *buyers, struct err *err)
{
	*n = 0;
	*buyers = 0;
	*out = ARENA_ARRAY(room, const struct journey_standing *, n_all + 1);
	if (!*out) return err_no_memory(err);
	for (size_t i = 0; i < n_all; i++) {
		if (all[i].spent <= 0) continue;
		++*buyers;
		if (all[i].answers) (*out)[(*n)++] = &all[i];
	}
	return OK;
}

enum err_code ask_felt(struct ask *a, const struct journey_query *q, struct str currency, struct arena *m,
                       struct ask_felt *out, struct err *err)
{
	struct asking k = { 0 };
	struct arena room;
	struct journey_query all = *q;
	struct ask_felt r = { .difference = {
		                      .level = 0.95, .method = STATS_ADJUSTED, .flags = STATS_NOT_IDENTIFIED } };
	struct journey_standing_query s = { .n_cuts = 1, .everybody = true };
	struct journey_standing_plan *plan;
	struct asking_orders orders;
	const struct journey_standing *rows, **told;
	size_t n = 0, n_told;
	void *pass = NULL;
	all.by = JOURNEY_BY_CUSTOMER;
	arena_init(&room, ROOM);
	enum err_code rc = asking_start(&k, a, &all, err);
	if (rc == OK) rc = asking_currencies(&k, m, &r.currencies, &r.n_currencies, &orders, err);
	if (rc == OK && r.n_currencies) {
		const int64_t from = q->from_ms > k.s->oldest_ms ? q->from_ms : k.s->oldest_ms;
		const int64_t newest = k.s->schema.newest_ms, to = q->to_ms <= newest ? q->to_ms : newest + 1;
		r.currency = currency.len ? currency : r.currencies[0].currency;
		s.cuts[0] = from + (to - from) / 2;
		s.horizon_ms = to - s.cuts[0] > 1 ? to - s.cuts[0] : 1;
		s.currency = r.currency;
		s.order = orders.code, r.purchase = orders.name;
		r.cut_ms = s.cuts[0], r.to_ms = s.cuts[0] + s.horizon_ms;
		rc = journey_standing_plan(k.plan, &s, &k.scratch, &plan, err);
		if (rc == OK) rc = asking_pass(&k, &journey_standing_pass, plan, &pass, err);
		if (rc == OK) rc = journey_standing_result(pass, &rows, &n, err);
		if (rc == OK) rc = chosen(rows, n, &room, &told, &n_told, &r.customers, err);
		if (rc == OK) r.answered = (int64_t)n_told;
		if (rc == OK && n_told) rc = tell(told, n_told, &room, &r, err);
	}
	if (rc == OK) *out = r;
	journey_standing_pass.free(pass);
	asking_done(&k);
	arena_done(&room);
	return rc;
}
