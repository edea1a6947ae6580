/* Pain and delight: docs/methods/effects.md. */
#include <math.h>

#include "maps/priv.h"

#define FDR 0.05
#define POINTS_MIN 3.0
#define REACH_MIN 20
#define REACH_SHARE 0.01
/* Two candidates at one touchpoint are one fact when their counts differ by less, and their means. */
#define SAME_SHARE 0.02
#define SAME_POINTS 0.5

struct candidate {
	const struct journey_effect *effect;
	struct stats_estimate diff;
	double p, adjusted;
	bool kept;
};

static struct stats_group group_of(const struct journey_ratings *r)
{
	return (struct stats_group){ .mean = r->mean, .se = r->se, .n = r->n, .clusters = r->customers };
}

static bool same_dimension(const struct journey_effect *a, const struct journey_effect *b)
{
	return a->kind == JOURNEY_EFFECT_DIMENSION && b->kind == JOURNEY_EFFECT_DIMENSION &&
	       str_eq(a->dimension, b->dimension);
}

static double strength(const struct candidate *c)
{
	return -log(fmax(c->p, 1e-300)) + fabs(c->diff.est) * 1e-3;
}

/*
 * Of the values of one dimension at one touchpoint, one very bad one makes
 * all others look good. So they are taken by strength, and each next one is
 * compared with the rest without those taken already. Of a dimension with
 * two values nothing is left for the second: one fact is told once, as the
 * pain, or as the delight of less than a third.
 */
static bool better_told(const struct candidate *a, const struct candidate *b)
{
	const struct journey_effect *e = a->effect;
	const bool mirror = fabs(a->diff.est + b->diff.est) < 1e-6 * (1 + fabs(a->diff.est));
	if (!mirror) return strength(a) > strength(b);
	const bool rare = e->instances * 3 < e->instances + e->other_instances;
	const bool b_rare = b->effect->instances * 3 < b->effect->instances + b->effect->other_instances;
	if (rare != b_rare) return rare;
	return a->diff.est < b->diff.est;
}

/* The candidate against the rest without what is taken: means and errors by their parts. */
static bool still_differs(const struct candidate *c, const struct candidate *all, size_t n, double p_cut)
{
	const struct journey_ratings *rest = &c->effect->without;
	double k = (double)rest->n, sum = rest->mean * k, people = (double)rest->customers;
	bool first = true;
	for (size_t i = 0; i < n; i++) {
		const struct candidate *o = &all[i];
		if (!o->kept || o == c || o->effect->touchpoint != c->effect->touchpoint ||
		    !same_dimension(o->effect, c->effect))
			continue;
		first = false;
		k -= (double)o->effect->with.n;
		sum -= o->effect->with.mean * (double)o->effect->with.n;
		people -= (double)o->effect->with.customers;
	}
	if (first) return true;
	if (k < 5 || people < 2) return false;
	const struct stats_group with = group_of(&c->effect->with);
	const struct stats_group left = { .mean = fmin(100, fmax(0, sum / k)),
		                          .se = rest->se * sqrt((double)rest->n / k),
		                          .n = (int64_t)k,
		                          .clusters = (int64_t)people };
	struct stats_estimate diff;
	double p;
	stats_diff_groups(&with, &left, NAN, &diff, &p);
	return p <= p_cut && fabs(diff.est) >= POINTS_MIN && (diff.est < 0) == (c->diff.est < 0);
}

static void keep_dimension(struct candidate *all, size_t n, const struct candidate *first, double p_cut,
                           const bool *fit, bool *seen)
{
	for (;;) {
		struct candidate *best = NULL;
		for (size_t i = 0; i < n; i++) {
			if (!fit[i] || seen[i] || all[i].effect->touchpoint != first->effect->touchpoint ||
			    !same_dimension(all[i].effect, first->effect))
				continue;
			if (!best || better_told(&all[i], best)) best = &all[i];
		}
		if (!best) return;
		seen[best - all] = true;
		/* What most share is no delight; it is the step itself. */
		if (best->diff.est > 0 && best->effect->instances > best->effect->other_instances) continue;
		best->kept = still_differs(best, all, n, p_cut);
	}
}

static double size_of(const struct candidate *c)
{
	return (double)c->effect->instances * fabs(c->diff.est);
}

/*
 * A value that stays the same through an instance (a carrier, a country)
 * differs at every step alike. It is told once, where it shows most; of
 * touchpoints where it shows about as much, where it concerns most journeys.
 * A channel belongs to its own event and is told wherever it differs.
 */
static bool tells_more(const struct candidate *a, const struct candidate *b)
{
	const double mine = fabs(a->diff.est), other = fabs(b->diff.est);
	if (fabs(mine - other) >= POINTS_MIN) return mine > other;
	if (size_of(a) != size_of(b)) return size_of(a) > size_of(b);
	return a < b;
}

static void once_a_value(struct candidate *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!all[i].kept || all[i].effect->kind != JOURNEY_EFFECT_DIMENSION ||
		    str_eq(all[i].effect->dimension, STR("channel")))
			continue;
		/* "About as much" does not chain: everything is measured against the strongest. */
		struct candidate *best = &all[i];
		double most = 0;
		for (int pass = 0; pass < 2; pass++)
			for (size_t k = 0; k < n; k++) {
				if (!all[k].kept || !same_dimension(all[i].effect, all[k].effect) ||
				    !str_eq(all[i].effect->value, all[k].effect->value) ||
				    (all[i].diff.est < 0) != (all[k].diff.est < 0))
					continue;
				const double mine = fabs(all[k].diff.est);
				if (pass == 0) most = fmax(most, mine);
				else if (most - mine < POINTS_MIN &&
				         (most - fabs(best->diff.est) >= POINTS_MIN || tells_more(&all[k], best)))
					best = &all[k];
			}
		for (size_t k = 0; k < n; k++)
			if (&all[k] != best && all[k].kept && same_dimension(all[i].effect, all[k].effect) &&
			    str_eq(all[i].effect->value, all[k].effect->value) &&
			    (all[i].diff.est < 0) == (all[k].diff.est < 0))
				all[k].kept = false;
	}
}

/* What the value does at the map's other touchpoints, each weighted by its ratings; NaN when it is at none. */
static double elsewhere(const struct candidate *all, size_t n, size_t own)
{
	double sum = 0, weights = 0;
	for (size_t k = 0; k < n; k++) {
		if (k == own || !same_dimension(all[own].effect, all[k].effect) ||
		    !str_eq(all[own].effect->value, all[k].effect->value))
			continue;
		const double w = (double)all[k].effect->with.n;
		sum += w * all[k].diff.est;
		weights += w;
	}
	return weights > 0 ? sum / weights : NAN;
}

/*
 * Customers or the step? Three ways in which a value says something about
 * those who have it and nothing about where it was found: it makes the same
 * difference at most of the map's touchpoints (a region, a device); compared
 * inside one country at a time nothing is left (a way to pay that one country
 * has); or it is a country itself, or a thing of one country alone, and shows
 * hardly more here than elsewhere. They are left to filters and segments.
 */
static bool of_customers(const struct candidate *all, size_t n, size_t i, size_t n_touchpoints)
{
	const struct journey_effect *e = all[i].effect;
	size_t alike = 1;
	for (size_t k = 0; k < n; k++) {
		const struct journey_effect *o = all[k].effect;
		if (k == i || !same_dimension(e, o) || !str_eq(e->value, o->value)) continue;
		if (fabs(all[k].diff.est - all[i].diff.est) < POINTS_MIN) alike++;
	}
	if (alike >= 3 && 2 * alike > n_touchpoints) return true;
	if (e->within_n < 0) return false;
	if (2 * e->within_n >= e->with.n)
		return fabs(e->within_diff) < POINTS_MIN || (e->within_diff < 0) != (all[i].diff.est < 0);
	const double other = elsewhere(all, n, i);
	return !isnan(other) && (all[i].diff.est < 0 ? other - all[i].diff.est : all[i].diff.est - other) < POINTS_MIN;
}

static void only_of_steps(struct candidate *all, size_t n, size_t n_touchpoints)
{
	for (size_t i = 0; i < n; i++) {
		const struct journey_effect *e = all[i].effect;
		if (!all[i].kept || e->kind != JOURNEY_EFFECT_DIMENSION || str_eq(e->dimension, STR("channel")))
			continue;
		if (of_customers(all, n, i, n_touchpoints)) all[i].kept = false;
	}
}

/* Which of two tells why: a broken promise before a failure, both before going through it again, and a thing that
 * happened before a property. */
static int explains(const struct candidate *c)
{
	switch (c->effect->kind) {
	case JOURNEY_EFFECT_BREACH: return 0;
	case JOURNEY_EFFECT_FAILURE: return 1;
	case JOURNEY_EFFECT_REPEAT: return 2;
	default: return 3;
	}
}

static bool about_same(double a, double b)
{
	return fabs(a - b) <= SAME_SHARE * fmax(fabs(a), fabs(b));
}

/* The engine keeps no list of whose instances these are. Equal in number of journeys, of customers and of ratings, and
 * in both means: two sets at one touchpoint are then taken for one. */
static bool one_fact(const struct candidate *a, const struct candidate *b)
{
	const struct journey_effect *x = a->effect, *y = b->effect;
	return x->touchpoint == y->touchpoint && !(x->kind == y->kind && x->kind != JOURNEY_EFFECT_DIMENSION) &&
	       about_same((double)x->instances, (double)y->instances) &&
	       about_same((double)x->customers, (double)y->customers) &&
	       about_same((double)x->with.n, (double)y->with.n) && fabs(x->with.mean - y->with.mean) < SAME_POINTS &&
	       fabs(x->without.mean - y->without.mean) < SAME_POINTS;
}

static void once_a_fact(struct candidate *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n && all[i].kept; k++) {
			if (k == i || !all[k].kept || !one_fact(&all[i], &all[k])) continue;
			const int mine = explains(&all[i]), other = explains(&all[k]);
			if (mine > other || (mine == other && i > k)) all[i].kept = false;
		}
}

static int by_kind_and_size(const void *a, const void *b)
{
	const struct maps_finding *x = a, *y = b;
	if (x->pain != y->pain) return x->pain ? -1 : 1;
	if (x->size != y->size) return x->size > y->size ? -1 : 1;
	if (x->effect.touchpoint != y->effect.touchpoint) return x->effect.touchpoint < y->effect.touchpoint ? -1 : 1;
	if (x->effect.kind != y->effect.kind) return x->effect.kind < y->effect.kind ? -1 : 1;
	return str_cmp(x->effect.value, y->effect.value);
}

enum err_code map_findings(struct maps_measured *mm, struct arena *a, struct err *err)
{
	const struct journey_measure *ms = &mm->measure;
	const size_t n = ms->n_effects;
	struct candidate *all = ARENA_ARRAY(a, struct candidate, n);
	double *p = ARENA_ARRAY(a, double, n), *adjusted = ARENA_ARRAY(a, double, n);
	bool *fit = ARENA_ARRAY(a, bool, n), *seen = ARENA_ARRAY(a, bool, n);
	if (!all || !p || !adjusted || !fit || !seen) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct journey_effect *e = &ms->effects[i];
		const struct stats_group with = group_of(&e->with), without = group_of(&e->without);
		all[i] = (struct candidate){ .effect = e };
		stats_diff_groups(&with, &without, e->clustered_together ? e->diff_se : NAN, &all[i].diff, &p[i]);
		all[i].p = p[i];
	}
	TRY(stats_bh(p, n, a, adjusted, err));

	const double reach = fmax(REACH_MIN, REACH_SHARE * (double)ms->total.entered);
	double p_cut = 0;
	for (size_t i = 0; i < n; i++) {
		all[i].adjusted = adjusted[i];
		all[i].diff.flags |= STATS_MULTIPLE_TESTED;
		if (adjusted[i] <= FDR) p_cut = fmax(p_cut, p[i]);
		fit[i] = adjusted[i] <= FDR && fabs(all[i].diff.est) >= POINTS_MIN &&
		         (double)all[i].effect->instances >= reach;
	}
	for (size_t i = 0; i < n; i++) {
		if (!fit[i]) continue;
		if (all[i].effect->kind != JOURNEY_EFFECT_DIMENSION) all[i].kept = true;
		else if (!seen[i]) keep_dimension(all, n, &all[i], p_cut, fit, seen);
	}
	only_of_steps(all, n, mm->doc->n_touchpoints);
	once_a_value(all, n);
	once_a_fact(all, n);

	size_t k = 0;
	for (size_t i = 0; i < n; i++) k += all[i].kept;
	mm->findings = ARENA_ARRAY(a, struct maps_finding, k);
	if (!mm->findings) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (!all[i].kept) continue;
		mm->findings[mm->n_findings++] = (struct maps_finding){
			.pain = all[i].diff.est < 0,
			.effect = *all[i].effect,
			.diff = all[i].diff,
			.p_adjusted = all[i].adjusted,
			.size = size_of(&all[i]),
		};
	}
	qsort(mm->findings, mm->n_findings, sizeof *mm->findings, by_kind_and_size);
	for (size_t i = 0; i < mm->n_findings; i++)
		mm->findings[i].rank =
		        i && mm->findings[i].pain == mm->findings[i - 1].pain ? mm->findings[i - 1].rank + 1 : 1;
	return OK;
}
