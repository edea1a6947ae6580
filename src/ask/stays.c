/* How long customers stay: the pause that counts as leaving, the share left, and whether groups differ. */
#include "ask/priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/when.h"

#define GAPS_MIN 20       /* times between to choose a pause from */
#define GAP_QUANTILE 0.95 /* shorter pauses than this are usual */
#define YEAR_DAYS 365.0
#define ROOM ((size_t)2 << 30)

static double days(int64_t ms)
{
	return (double)ms / (double)WHEN_DAY_MS;
}

/* The pause asked for, or the one that the times between choose: in whole days. 0: too few came back to tell. */
static enum err_code pause_of(struct asking *k, struct journey_stays_query *q, struct ask_stays *out, struct err *err)
{
	struct journey_stays_plan *plan;
	void *pass = NULL;
	double usual = 0;
	if (q->pause_ms) {
		out->pause_ms = q->pause_ms;
		return OK;
	}
	TRY(journey_stays_plan(k->plan, q, &k->scratch, &plan, err));
	enum err_code rc = asking_pass(k, &journey_stays_pass, plan, &pass, err);
	if (rc == OK) rc = journey_stays_gap(pass, GAP_QUANTILE, &usual, &out->gaps, err);
	journey_stays_pass.free(pass);
	if (rc == OK && out->gaps >= GAPS_MIN) out->pause_ms = (int64_t)ceil(days((int64_t)usual)) * WHEN_DAY_MS;
	q->pause_ms = out->pause_ms;
	return rc;
}

/* --- groups ------------------------------------------------------------------------------------------------------ */

struct counted {
	uint32_t value, customers;
};

static int by_size(const void *va, const void *vb)
{
	const struct counted *a = va, *b = vb;
	if (a->customers != b->customers) return a->customers > b->customers ? -1 : 1;
	return (a->value > b->value) - (a->value < b->value);
}

/* Place of each value among the largest groups; what is in none of them has the place behind them. */
static enum err_code place_groups(const struct journey_stay *rows, size_t n, struct arena *m, uint32_t **place,
                                  struct counted **largest, size_t *n_groups, bool *others, struct err *err)
{
	uint32_t most = 0;
	for (size_t i = 0; i < n; i++) most = rows[i].group > most ? rows[i].group : most;
	struct counted *c = ARENA_ARRAY(m, struct counted, (size_t)most + 1);
	*place = ARENA_ARRAY(m, uint32_t, (size_t)most + 1);
	if (!c || !*place) return err_no_memory(err);
	for (uint32_t v = 0; v <= most; v++) c[v] = (struct counted){ .value = v };
	for (size_t i = 0; i < n; i++) c[rows[i].group].customers++;
	qsort(c, (size_t)most + 1, sizeof *c, by_size);
	*n_groups = 0;
	while (*n_groups < ASK_STAY_GROUPS && *n_groups <= most && c[*n_groups].customers) ++*n_groups;
	*others = *n_groups <= most && c[*n_groups].customers > 0;
	for (uint32_t v = 0; v <= most; v++) (*place)[c[v].value] = (uint32_t)(v < *n_groups ? v : *n_groups);
	*largest = c;
	return OK;
}

/* --- curves ------------------------------------------------------------------------------------------------------ */

static int by_double(const void *va, const void *vb)
{
	const double a = *(const double *)va, b = *(const double *)vb;
	return (a > b) - (a < b);
}

static int64_t at_risk(const double *until, size_t n, double t)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (until[mid] < t) lo = mid + 1;
		else hi = mid;
	}
	return (int64_t)(n - lo);
}

/* S at whole steps of days, as long as five are still seen. */
static enum err_code put_points(const struct stats_life *life, double *until, size_t n, double step, struct arena *m,
                                struct ask_stay_group *g, struct err *err)
{
	g->points = ARENA_ARRAY(m, struct ask_stay_point, ASK_STAY_POINTS + 1);
	if (!g->points) return err_no_memory(err);
	if (n) qsort(until, n, sizeof *until, by_double);
	for (size_t i = 0, at = 0; i <= ASK_STAY_POINTS; i++) {
		const double t = (double)i * step;
		const int64_t seen = at_risk(until, n, t);
		if (seen < 5) break;
		while (at < life->n_points && life->points[at].time <= t) at++;
		struct ask_stay_point *p = &g->points[g->n_points++];
		*p = (struct ask_stay_point){ .days = t, .at_risk = seen };
		if (at) p->left = life->points[at - 1].left;
		else
			p->left = (struct stats_estimate){ .est = 1,
				                           .lo = 1,
				                           .hi = 1,
				                           .lo80 = 1,
				                           .hi80 = 1,
				                           .level = 0.95,
				                           .n = seen,
				                           .n_eff = (double)seen,
				                           .method = STATS_KAPLAN_MEIER };
	}
	return OK;
}

static enum err_code put_group(const struct stats_stay *rows, size_t n, uint32_t only, double horizon, double step,
                               struct arena *room, struct arena *m, struct ask_stay_group *g, struct err *err)
{
	struct stats_stay *mine = ARENA_ARRAY(room, struct stats_stay, n + 1);
	double *until = ARENA_ARRAY(room, double, n + 1);
	struct stats_life life;
	size_t k = 0;
	if (!mine || !until) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (only == ASK_STAY_ALL || rows[i].group == only) until[k] = rows[i].until, mine[k++] = rows[i];
	TRY(stats_life(mine, k, horizon, room, &life, err));
	g->customers = life.customers, g->gone = life.gone;
	g->median = life.median;
	g->within = life.within;
	return put_points(&life, until, k, step, m, g, err);
}

static enum err_code tell(const struct journey_stay *all, size_t n_all, const struct journey_stays_plan *plan,
                          struct arena *room, struct arena *m, struct ask_stays *out, struct err *err)
{
	struct stats_stay *rows = ARENA_ARRAY(room, struct stats_stay, n_all + 1);
	uint32_t *place = NULL;
	struct counted *largest = NULL;
	bool others = false;
	size_t n = 0;
	double longest = 0;
	if (!rows) return err_no_memory(err);
	TRY(place_groups(all, n_all, room, &place, &largest, &out->n_groups, &others, err));
	const size_t n_places = out->n_groups + others;
	out->groups = ARENA_ARRAY(m, struct ask_stay_group, n_places + 1);
	if (!out->groups) return err_no_memory(err);
	for (size_t i = 0; i < n_places; i++) out->groups[i] = (struct ask_stay_group){ .others = i == out->n_groups };
	for (size_t i = 0; i < out->n_groups; i++)
		out->groups[i].name = str_copy(m, journey_stays_name(plan, largest[i].value));
	for (size_t i = 0; i < n_all; i++) {
		const double until = days(all[i].until_ms - all[i].first_ms);
		const uint32_t at = place[all[i].group];
		if (!(until > 0)) continue; /* began at the last moment seen */
		rows[n++] = (struct stats_stay){ .until = until, .group = at, .gone = all[i].gone };
		longest = fmax(longest, until);
		out->all.back += all[i].back;
		out->groups[at].back += all[i].back;
	}
	const double step = fmax(1, ceil(longest / ASK_STAY_POINTS));
	out->horizon_days = fmin(YEAR_DAYS, longest);
	TRY(put_group(rows, n, ASK_STAY_ALL, out->horizon_days, step, room, m, &out->all, err));
	for (uint32_t i = 0; i < n_places; i++)
		TRY(put_group(rows, n, i, out->horizon_days, step, room, m, &out->groups[i], err));
	TRY(stats_logrank(rows, n, n_places, room, &out->differ, err));
	out->n_groups = n_places;
	return OK;
}

enum err_code ask_stays(struct ask *a, const struct journey_query *q, const struct ask_stays_question *what,
                        struct arena *m, struct ask_stays *out, struct err *err)
{
	struct asking k = { 0 };
	struct arena room;
	struct journey_query all = *q;
	struct journey_stays_query s = {
		.activity = what->activity, .any = what->any, .by = what->by, .pause_ms = what->pause_ms
	};
	struct journey_stays_plan *plan = NULL;
	struct journey_currency *currencies;
	struct asking_orders orders = { 0, STR("") };
	size_t n_currencies;
	struct ask_stays r = { .asked = what->pause_ms > 0 };
	const struct journey_stay *rows = NULL;
	size_t n = 0;
	void *pass = NULL;
	TRY(asking_needs(a, what->by, "by", err));
	all.by = JOURNEY_BY_CUSTOMER;
	arena_init(&room, ROOM);
	enum err_code rc = asking_start(&k, a, &all, err);
	if (rc == OK) rc = asking_currencies(&k, m, &currencies, &n_currencies, &orders, err);
	if (rc == OK) s.order = orders.code;
	if (rc == OK && k.s->events) rc = pause_of(&k, &s, &r, err);
	if (rc == OK && r.pause_ms) {
		rc = journey_stays_plan(k.plan, &s, &k.scratch, &plan, err);
		if (rc == OK) rc = asking_pass(&k, &journey_stays_pass, plan, &pass, err);
		if (rc == OK) rc = journey_stays_result(pass, &rows, &n, err);
		if (rc == OK && n) rc = tell(rows, n, plan, &room, m, &r, err);
	}
	if (rc == OK && k.s && k.s->events)
		r.bought = !what->any && !what->activity.len && k.s->schema.currencies.n > 1;
	if (r.bought) r.purchase = orders.name;
	r.differ.groups = NULL;
	if (rc == OK) *out = r;
	journey_stays_pass.free(pass);
	asking_done(&k);
	arena_done(&room);
	return rc;
}
