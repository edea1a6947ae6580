/* Consistency and money. */
#include <math.h>

#include "ask/priv.h"

#define GROUP_MIN 5 /* customers: a smaller group is neither shown nor compared */
#define FDR 0.05

/* --- consistency ------------------------------------------------------------------------------ */

static struct stats_estimate group_score(const struct journey_consistency_group *g)
{
	const struct stats_group s = {
		.mean = g->mean, .se = sqrt(g->var / (double)g->customers), .n = g->n, .clusters = g->customers
	};
	struct stats_estimate e;
	stats_mean_group(&s, &e);
	stats_on_scale(&e, (struct interval){ 0, 100 });
	stats_mark(&e);
	return e;
}

static enum err_code one_touchpoint(const struct journey_consistency_group *g, size_t n, struct ask_consistent *out,
                                    struct arena *m, struct err *err)
{
	double *x = ARENA_ARRAY(m, double, n), *v = ARENA_ARRAY(m, double, n);
	out->groups = ARENA_ARRAY(m, struct ask_consistent_group, n);
	if (!x || !v || !out->groups) return err_no_memory(err);
	double squares = 0, df = 0;
	int64_t answers = 0;
	for (size_t i = 0; i < n; i++) {
		if (g[i].customers < GROUP_MIN) continue;
		squares += g[i].var * (double)(g[i].customers - 1);
		df += (double)(g[i].customers - 1);
	}
	for (size_t i = 0; i < n; i++) {
		if (g[i].customers < GROUP_MIN) continue;
		/* A few equal answers by chance have no spread of their own; the touchpoint's stands in. */
		x[out->n_groups] = g[i].mean;
		v[out->n_groups] = fmax(g[i].var, df > 0 ? squares / df : 0) / (double)g[i].customers;
		if (!(v[out->n_groups] > 0)) v[out->n_groups] = 1e-4;
		answers += g[i].n;
		out->groups[out->n_groups++] =
		        (struct ask_consistent_group){ .value = g[i].value, .score = group_score(&g[i]) };
	}
	stats_spread(x, v, out->n_groups, &out->tau, &out->p);
	out->tau.n = answers;
	return OK;
}

static int by_score(const void *a, const void *b)
{
	const struct ask_consistent_group *x = a, *y = b;
	if (x->score.est != y->score.est) return x->score.est < y->score.est ? -1 : 1;
	return str_cmp(x->value, y->value);
}

/* Worst first; those that cannot be told from none behind, in the map's order. */
static int by_spread(const void *a, const void *b)
{
	const struct ask_consistent *x = a, *y = b;
	const bool has_x = !(x->tau.flags & STATS_NOT_IDENTIFIED), has_y = !(y->tau.flags & STATS_NOT_IDENTIFIED);
	if (has_x != has_y) return has_x ? -1 : 1;
	if (x->differs != y->differs) return x->differs ? -1 : 1;
	if (has_x && x->tau.est != y->tau.est) return x->tau.est > y->tau.est ? -1 : 1;
	return x->touchpoint < y->touchpoint ? -1 : x->touchpoint > y->touchpoint;
}

static enum err_code spreads(const struct journey_consistency *c, struct arena *m, struct ask_consistency *out,
                             struct err *err)
{
	struct ask_consistency r = { .list = ARENA_ARRAY(m, struct ask_consistent, c->n) };
	double *p = ARENA_ARRAY(m, double, c->n), *adjusted = ARENA_ARRAY(m, double, c->n);
	if (!r.list || !p || !adjusted) return err_no_memory(err);
	for (size_t i = 0, end; i < c->n; i = end) {
		for (end = i + 1; end < c->n && c->groups[end].touchpoint == c->groups[i].touchpoint;) end++;
		struct ask_consistent *t = &r.list[r.n++];
		t->touchpoint = c->groups[i].touchpoint;
		TRY(one_touchpoint(&c->groups[i], end - i, t, m, err));
	}
	size_t k = 0;
	for (size_t i = 0; i < r.n; i++)
		if (!(r.list[i].tau.flags & STATS_NOT_IDENTIFIED)) p[k++] = r.list[i].p;
	TRY(stats_bh(p, k, m, adjusted, err));
	k = 0;
	for (size_t i = 0; i < r.n; i++) {
		struct ask_consistent *t = &r.list[i];
		t->p_adjusted = t->tau.flags & STATS_NOT_IDENTIFIED ? 1 : adjusted[k++];
		t->differs = t->p_adjusted <= FDR;
		t->tau.flags |= STATS_MULTIPLE_TESTED;
		qsort(t->groups, t->n_groups, sizeof *t->groups, by_score);
	}
	qsort(r.list, r.n, sizeof *r.list, by_spread);
	*out = r;
	return OK;
}

enum err_code ask_consistency(struct ask *a, const struct journey_query *q, struct str by, struct arena *m,
                              struct ask_consistency *out, struct err *err)
{
	const struct journey_consistency_question what = { by };
	struct journey_consistency c;
	struct asking k;
	void *pass = NULL;
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "consistency needs a map");
	enum err_code rc = asking_start(&k, a, q, err);
	if (rc == OK) rc = asking_pass(&k, &journey_consistency_pass, &what, &pass, err);
	if (rc == OK) rc = journey_consistency_result(pass, &k.scratch, &c, err);
	if (rc == OK) rc = spreads(&c, m, out, err);
	journey_consistency_pass.free(pass);
	asking_done(&k);
	return rc;
}

/* --- money ------------------------------------------------------------------------------------------- */

static struct stats_group group_of(const struct journey_money_side *s)
{
	return (struct stats_group){ .mean = s->mean,
		                     .se = s->customers ? sqrt(s->var / (double)s->customers) : 0,
		                     .n = s->customers,
		                     .clusters = s->customers };
}

/* Customers hurt, times what each of them spent less than the others: the count is known, the difference is not. */
static void lost_of(const struct journey_money_row *r, struct ask_money_row *out)
{
	const struct stats_group without = group_of(&r->without), with = group_of(&r->with);
	out->counts = *r;
	out->p = 1;
	if (r->with.customers < GROUP_MIN || r->without.customers < GROUP_MIN) {
		out->lost = (struct stats_estimate){ .level = 0.95,
			                             .n = r->hurt,
			                             .method = STATS_DIFF_CLUSTER,
			                             .flags = STATS_NOT_IDENTIFIED | STATS_SUPPRESSED };
		return;
	}
	stats_diff_groups(&without, &with, NAN, &out->lost, &out->p);
	const double k = (double)r->hurt;
	out->lost.est *= k, out->lost.lo *= k, out->lost.hi *= k, out->lost.lo80 *= k, out->lost.hi80 *= k;
}

static int by_currency_and_loss(const void *a, const void *b)
{
	const struct ask_money_row *x = a, *y = b;
	const int c = str_cmp(x->counts.currency, y->counts.currency);
	if (c) return c;
	const bool has_x = !(x->lost.flags & STATS_NOT_IDENTIFIED), has_y = !(y->lost.flags & STATS_NOT_IDENTIFIED);
	if (has_x != has_y) return has_x ? -1 : 1;
	if (has_x && x->lost.est != y->lost.est) return x->lost.est > y->lost.est ? -1 : 1;
	return x->counts.touchpoint < y->counts.touchpoint ? -1 : x->counts.touchpoint > y->counts.touchpoint;
}

static enum err_code losses(const struct journey_money *c, struct arena *m, struct ask_money *out, struct err *err)
{
	struct ask_money r = { .counts = *c, .rows = ARENA_ARRAY(m, struct ask_money_row, c->n), .n = c->n };
	double *p = ARENA_ARRAY(m, double, c->n), *adjusted = ARENA_ARRAY(m, double, c->n);
	if (!r.rows || !p || !adjusted) return err_no_memory(err);
	size_t k = 0;
	for (size_t i = 0; i < c->n; i++) {
		lost_of(&c->rows[i], &r.rows[i]);
		if (!(r.rows[i].lost.flags & STATS_NOT_IDENTIFIED)) p[k++] = r.rows[i].p;
	}
	TRY(stats_bh(p, k, m, adjusted, err));
	k = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct ask_money_row *x = &r.rows[i];
		x->p_adjusted = x->lost.flags & STATS_NOT_IDENTIFIED ? 1 : adjusted[k++];
		x->lost.flags |= STATS_MULTIPLE_TESTED;
		x->told = x->p_adjusted <= FDR && x->lost.est > 0;
	}
	qsort(r.rows, r.n, sizeof *r.rows, by_currency_and_loss);
	*out = r;
	return OK;
}

enum err_code ask_money(struct ask *a, const struct journey_query *q, const struct journey_money_question *what,
                        struct arena *m, struct ask_money *out, struct err *err)
{
	if (!q->rules) return err_set(err, ERR_INPUT, "query.map", "map", "money lost needs a map");
	if (what->horizon_ms <= 0)
		return err_set(err, ERR_INPUT, "money.horizon", "horizon", "nothing is spent within no time");
	struct journey_query whole = *q;
	struct journey_money_question w = *what;
	struct journey_money counts;
	struct asking k;
	void *pass = NULL;
	w.from_ms = q->from_ms, w.to_ms = q->to_ms;
	whole.from_ms = INT64_MIN, whole.to_ms = INT64_MAX;
	enum err_code rc = asking_start(&k, a, &whole, err);
	if (rc == OK) rc = asking_pass(&k, &journey_money_pass, &w, &pass, err);
	if (rc == OK) rc = journey_money_result(pass, m, &counts, err);
	if (rc == OK) rc = losses(&counts, m, out, err);
	journey_money_pass.free(pass);
	asking_done(&k);
	return rc;
}
