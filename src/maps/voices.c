/* What employees say beside what customers say, and what customers had expected: docs/methods/voices.md. */
#include <math.h>

#include "maps/priv.h"

#define SMALL 5
#define FDR 0.05

/* --- what `about` means --------------------------------------------------------------------------- */

struct naming {
	const struct map_doc *d;
	struct str **names; /* [touchpoint] folded, in each language */
	struct arena *a;
};

/* A rule that asks for nothing else first; then what people write: a touchpoint's key, or its name. */
static uint16_t touchpoint_of(void *ctx, struct str about)
{
	const struct naming *n = ctx;
	const struct map_doc *d = n->d;
	if (about.len == 0) return 0;
	uint16_t narrow = 0;
	for (size_t i = 0; i < d->n_rules; i++) {
		const struct journey_rule *r = &d->rules[i];
		if (!str_eq(r->event, about)) continue;
		if (r->channel.len == 0 && r->n_conditions == 0) return r->touchpoint;
		if (!narrow) narrow = r->touchpoint;
	}
	if (narrow) return narrow;
	for (size_t t = 0; t < d->n_touchpoints; t++)
		if (str_eq(d->touchpoints[t].key, about)) return (uint16_t)(t + 1);
	const struct str folded = map_fold(about, n->a);
	for (size_t t = 0; folded.len && t < d->n_touchpoints; t++)
		for (size_t i = 0; i < d->touchpoints[t].name.n; i++)
			if (str_eq(n->names[t][i], folded)) return (uint16_t)(t + 1);
	return 0;
}

static enum err_code naming_init(struct naming *n, const struct map_doc *d, struct arena *a, struct err *err)
{
	*n = (struct naming){ .d = d, .a = a, .names = ARENA_ARRAY(a, struct str *, d->n_touchpoints) };
	if (!n->names) return err_no_memory(err);
	for (size_t t = 0; t < d->n_touchpoints; t++) {
		const struct map_texts *name = &d->touchpoints[t].name;
		if (!(n->names[t] = ARENA_ARRAY(a, struct str, name->n))) return err_no_memory(err);
		for (size_t i = 0; i < name->n; i++) n->names[t][i] = map_fold(name->all[i].text, a);
	}
	return OK;
}

/* --- estimates ------------------------------------------------------------------------------------ */

static const struct interval UTILITY = { 0, 100 }, APART = { -100, 100 }; /* of one answer; of two */

/* A mean of `customers` people's means, which lie on `scale`; they gave `n` answers. */
static struct stats_estimate mean_of(const struct journey_side_mean *x, int64_t n, int64_t customers,
                                     struct interval scale, enum stats_method method)
{
	const struct stats_moments m = { .n = customers,
		                         .mean = x->mean,
		                         .m2 = customers > 1 ? x->var * (double)(customers - 1) : 0 };
	struct stats_estimate e;
	stats_mean(&m, &e);
	if (!(e.flags & STATS_NO_SPREAD)) e.method = method;
	stats_on_scale(&e, scale);
	e.n = n;
	e.n_eff = (double)customers;
	e.flags &= ~(unsigned)STATS_SMALL_N;
	stats_mark(&e);
	return e;
}

static bool has_number(const struct stats_estimate *e)
{
	return !(e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED));
}

static struct stats_estimate hidden(int64_t n, enum stats_method method)
{
	return (struct stats_estimate){ .level = 0.95,
		                        .n = n,
		                        .method = method,
		                        .flags = n ? STATS_SUPPRESSED | STATS_NOT_IDENTIFIED : STATS_NOT_IDENTIFIED };
}

/*
 * Whether a group of employees may be seen: large enough; nobody is left
 * alone by taking it from all there ever were; and of filtered groups none,
 * where some unit is small and could be told by taking the others away.
 */
struct crowd {
	int64_t n, ever, least_unit;
	bool narrowed;
};

static bool may_show(struct crowd c)
{
	return c.n >= SMALL && (c.ever == c.n || c.ever - c.n >= SMALL) && (!c.narrowed || c.least_unit >= SMALL);
}

static struct stats_estimate staff_mean(const struct journey_said *s, struct crowd crowd)
{
	if (!may_show(crowd)) {
		struct stats_estimate e = hidden(s->n, STATS_MEAN_T);
		if (s->more) e.flags |= STATS_SUPPRESSED;
		return e;
	}
	return mean_of(&(struct journey_side_mean){ s->mean, s->var }, s->n, s->n, UTILITY, STATS_MEAN_T);
}

static struct stats_group group_of(double mean, double var, int64_t n, int64_t clusters)
{
	return (struct stats_group){
		.mean = mean, .se = clusters > 1 ? sqrt(var / (double)clusters) : NAN, .n = n, .clusters = clusters
	};
}

/* Employees less customers, of the ratings alone: what people said against what people said. */
static void compare(const struct journey_said *said, const struct journey_signal_stat *ratings, struct maps_voice *v)
{
	v->customers = hidden(ratings->n, STATS_MEAN_CLUSTER);
	v->ahead = hidden(0, STATS_DIFF_CLUSTER);
	v->ahead_p = 1;
	if (ratings->customers < SMALL) return;
	v->customers = mean_of(&(struct journey_side_mean){ ratings->mean, ratings->var }, ratings->n,
	                       ratings->customers, UTILITY, STATS_MEAN_CLUSTER);
	if (!has_number(&v->employees)) return;
	const struct stats_group a = group_of(said->mean, said->var, said->n, said->n),
	                         b = group_of(ratings->mean, ratings->var, ratings->n, ratings->customers);
	stats_diff_groups(&a, &b, NAN, &v->ahead, &v->ahead_p);
}

static void paired(const struct journey_paired *p, struct maps_voice *v)
{
	v->gap_p = 1;
	if (p->customers < SMALL) {
		v->gap = v->expected = v->experienced = hidden(p->n, STATS_PAIRED_T);
		return;
	}
	v->gap = mean_of(&p->gap, p->n, p->customers, APART, STATS_PAIRED_T);
	v->expected = mean_of(&p->expected, p->n, p->customers, UTILITY, STATS_MEAN_CLUSTER);
	v->experienced = mean_of(&p->experienced, p->n, p->customers, UTILITY, STATS_MEAN_CLUSTER);
	if (v->gap.method == STATS_MEAN_AGREED) v->gap_p = stats_agreed_p(v->gap.est, (double)p->customers, APART);
	else if (has_number(&v->gap))
		v->gap_p = stats_t_two_sided(p->gap.mean / sqrt(p->gap.var / (double)p->customers),
		                             (double)(p->customers - 1));
}

/* Which of many differences can be told from none. */
static enum err_code adjust(struct maps_voice *list, size_t n, bool gaps, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, n), *adjusted = ARENA_ARRAY(a, double, n);
	size_t k = 0;
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (has_number(gaps ? &list[i].gap : &list[i].ahead)) p[k++] = gaps ? list[i].gap_p : list[i].ahead_p;
	TRY(stats_bh(p, k, a, adjusted, err));
	k = 0;
	for (size_t i = 0; i < n; i++) {
		struct maps_voice *v = &list[i];
		struct stats_estimate *e = gaps ? &v->gap : &v->ahead;
		if (!has_number(e)) continue;
		e->flags |= STATS_MULTIPLE_TESTED;
		*(gaps ? &v->gap_p : &v->ahead_p) = adjusted[k];
		*(gaps ? &v->gap_told : &v->ahead_told) = adjusted[k] <= FDR;
		k++;
	}
	return OK;
}

static int64_t nps_n(const struct stats_nps_counts *c)
{
	return c->promoters + c->passives + c->detractors;
}

static enum err_code nps_of(const struct stats_nps_counts *c, bool shown, struct stats_estimate *out, struct err *err)
{
	*out = hidden(nps_n(c), STATS_NPS_SCORE);
	if (!shown) return OK;
	TRY(stats_nps(c, out, err));
	stats_mark(out);
	return OK;
}

static struct crowd crowd_of(const struct ask_staff *s, size_t t)
{
	return (struct crowd){ s->said.touchpoints[t].n, s->ever.touchpoints[t].n, s->period.touchpoints[t].least_unit,
		               s->narrowed };
}

enum err_code map_voices(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	const size_t n = mm->doc->n_touchpoints;
	struct maps_voices *v = &mm->voices;
	struct ask_staff staff;
	struct journey_expected pairs;
	struct naming naming;
	v->list = ARENA_ARRAY(a, struct maps_voice, n);
	v->n = n;
	if (!v->list) return err_no_memory(err);
	TRY(naming_init(&naming, mm->doc, a, err));
	const struct ask_staff_names names = { touchpoint_of, &naming };
	TRY(ask_staff(m->ask, &mm->query, &names, a, &staff, err));
	const struct journey_staff *said = &staff.said;
	TRY(ask_expected(m->ask, &mm->query, a, &pairs, err));
	for (size_t t = 0; t < n; t++) {
		struct maps_voice *x = &v->list[t];
		x->employees = staff_mean(&said->touchpoints[t], crowd_of(&staff, t));
		compare(&said->touchpoints[t], &mm->measure.touchpoints[t].signals[JOURNEY_RATING], x);
		paired(&pairs.touchpoints[t], x);
	}
	TRY(adjust(v->list, n, false, a, err));
	TRY(adjust(v->list, n, true, a, err));
	const struct crowd whole = { said->whole.n, staff.ever.whole.n, staff.period.whole.least_unit, staff.narrowed },
	                   work = { nps_n(&said->nps), nps_n(&staff.ever.nps), staff.period.nps_least_unit,
		                    staff.narrowed };
	v->whole.employees = staff_mean(&said->whole, whole);
	compare(&said->whole, &mm->measure.whole, &v->whole);
	paired(&pairs.whole, &v->whole);
	TRY(nps_of(&said->nps, may_show(work), &v->enps, err));
	return nps_of(&pairs.nps, nps_n(&pairs.nps) >= SMALL, &v->nps, err);
}

/* --- JSON ------------------------------------------------------------------------------------------ */

static double weight_ahead(const struct maps_voice *v)
{
	return has_number(&v->ahead) ? fabs(v->ahead.est) + (v->ahead_told ? 1000 : 0) : -1;
}

/* The most disappointed first; what was better than expected comes last, and then what is not known. */
static double weight_gap(const struct maps_voice *v)
{
	return has_number(&v->gap) ? 1000 - v->gap.est : -1;
}

/* Touchpoints by falling weight; as on the map where that is equal. */
static size_t *order_of(const struct maps_voices *v, double (*weight)(const struct maps_voice *v), struct arena *a)
{
	size_t *order = ARENA_ARRAY(a, size_t, v->n);
	for (size_t i = 0; order && i < v->n; i++) {
		size_t k = i;
		for (; k > 0 && weight(&v->list[i]) > weight(&v->list[order[k - 1]]); k--) order[k] = order[k - 1];
		order[k] = i;
	}
	return order;
}

static struct str told(const struct maps_measured *mm, const char *key, size_t t, const struct stats_estimate *e,
                       const struct locale *l, struct arena *a)
{
	const struct map_texts *name = &mm->doc->touchpoints[t].name;
	const struct word_arg args[] = {
		{ .name = "name", .kind = WORD_TEXT, .text = map_text_for(name, l->lang, &mm->doc->name) },
		{ .name = "points", .kind = WORD_INTEGER, .number = round(fabs(e->est)) },
		{ .name = "lo", .kind = WORD_INTEGER, .number = round(fmin(fabs(e->lo), fabs(e->hi))) },
		{ .name = "hi", .kind = WORD_INTEGER, .number = round(fmax(fabs(e->lo), fabs(e->hi))) },
	};
	return words(l, a, key, args, COUNT_OF(args));
}

static struct str said_ahead(const struct maps_measured *mm, size_t t, const struct locale *l, struct arena *a)
{
	const struct maps_voice *x = &mm->voices.list[t];
	return told(mm, x->ahead.est > 0 ? "maps.voices.better" : "maps.voices.worse", t, &x->ahead, l, a);
}

/* One side of a gap, with the members that a side of any finding has. */
static void put_gap_side(struct json_out *o, const char *name, const struct stats_estimate *e)
{
	json_key(o, name);
	json_open(o, '{');
	json_kv_i64(o, "n", e->n);
	json_kv_double(o, "mean", e->est);
	json_kv_double(o, "raw_mean", NAN);
	json_close(o, '}');
}

static void put_gap(struct json_out *o, const struct maps_measured *mm, size_t t, int rank, const struct locale *l,
                    struct arena *a)
{
	static const char *const nothing[] = { "dimension", "value", "dimension_name", "value_name" };
	const struct maps_voice *x = &mm->voices.list[t];
	const struct word_arg args[] = {
		{ .name = "employees", .kind = WORD_INTEGER, .number = round(x->employees.est) },
		{ .name = "answers", .kind = WORD_INTEGER, .number = (double)x->employees.n },
		{ .name = "customers", .kind = WORD_INTEGER, .number = round(x->customers.est) },
		{ .name = "n", .kind = WORD_INTEGER, .number = (double)x->customers.n },
	};
	json_open(o, '{');
	json_kv_z(o, "kind", "gap");
	json_kv_i64(o, "rank", rank);
	json_kv_str(o, "touchpoint", mm->doc->touchpoints[t].key);
	json_kv_z(o, "cause", "employees");
	for (size_t i = 0; i < COUNT_OF(nothing); i++) json_kv_z(o, nothing[i], "");
	json_kv_i64(o, "instances", 0);
	json_kv_i64(o, "customers", 0);
	json_kv_i64(o, "others", 0);
	put_gap_side(o, "with", &x->employees);
	put_gap_side(o, "without", &x->customers);
	json_key(o, "diff");
	maps_put_estimate(o, &x->ahead);
	json_kv_double(o, "p", x->ahead_p);
	json_kv_double(o, "size", fabs(x->ahead.est));
	json_kv_str(o, "title", said_ahead(mm, t, l, a));
	json_kv_str(o, "detail", words(l, a, "maps.finding.employees.detail", args, COUNT_OF(args)));
	json_close(o, '}');
}

void map_gap_findings(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	const struct maps_voices *v = &mm->voices;
	const size_t *order = order_of(v, weight_ahead, a);
	for (size_t i = 0; order && i < v->n && v->list[order[i]].ahead_told; i++)
		put_gap(o, mm, order[i], (int)i + 1, l, a);
}

static void put_employees(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	const struct maps_voices *v = &mm->voices;
	const size_t *order = order_of(v, weight_ahead, a);
	json_key(o, "employees");
	json_open(o, '{');
	json_key(o, "whole");
	maps_put_estimate(o, &v->whole.employees);
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t i = 0; order && i < v->n; i++) {
		const struct maps_voice *x = &v->list[order[i]];
		if (x->employees.n == 0 && !(x->employees.flags & STATS_SUPPRESSED)) continue;
		json_open(o, '{');
		json_kv_str(o, "name", mm->doc->touchpoints[order[i]].key);
		json_key(o, "said");
		maps_put_estimate(o, &x->employees);
		json_key(o, "customers");
		maps_put_estimate(o, &x->customers);
		json_key(o, "ahead");
		maps_put_estimate(o, &x->ahead);
		json_kv_double(o, "p", x->ahead_p);
		json_kv_bool(o, "told", x->ahead_told);
		json_kv_str(o, "sentence", x->ahead_told ? said_ahead(mm, order[i], l, a) : STR(""));
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void put_pairs(struct json_out *o, const struct maps_voice *x)
{
	json_key(o, "expected");
	maps_put_estimate(o, &x->expected);
	json_key(o, "experienced");
	maps_put_estimate(o, &x->experienced);
	json_key(o, "gap");
	maps_put_estimate(o, &x->gap);
}

static void put_expectation(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	const struct maps_voices *v = &mm->voices;
	const size_t *order = order_of(v, weight_gap, a);
	json_key(o, "expectation");
	json_open(o, '{');
	json_key(o, "whole");
	json_open(o, '{');
	put_pairs(o, &v->whole);
	json_close(o, '}');
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t i = 0; order && i < v->n; i++) {
		const struct maps_voice *x = &v->list[order[i]];
		if (x->gap.n == 0) continue;
		json_open(o, '{');
		json_kv_str(o, "name", mm->doc->touchpoints[order[i]].key);
		put_pairs(o, x);
		json_kv_double(o, "p", x->gap_p);
		json_kv_bool(o, "told", x->gap_told);
		json_kv_str(o, "sentence",
		            !x->gap_told     ? STR("")
		            : x->gap.est < 0 ? told(mm, "maps.voices.below", order[i], &x->gap, l, a)
		                             : told(mm, "maps.voices.above", order[i], &x->gap, l, a));
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

void map_voices_json(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	json_key(o, "voices");
	json_open(o, '{');
	json_key(o, "nps");
	maps_put_estimate(o, &mm->voices.nps);
	json_key(o, "enps");
	maps_put_estimate(o, &mm->voices.enps);
	put_employees(o, mm, l, a);
	put_expectation(o, mm, l, a);
	json_close(o, '}');
}

/* --- on the drawing --------------------------------------------------------------------------------- */

static struct render_interval interval_of(const struct stats_estimate *e)
{
	if (!has_number(e)) return (struct render_interval){ .n = e->n };
	return (struct render_interval){ .known = true, .est = e->est, .lo = e->lo, .hi = e->hi, .n = e->n };
}

struct render_voices map_voices_drawn(const struct maps_measured *mm, size_t t)
{
	const struct maps_voice *v = &mm->voices.list[t];
	return (struct render_voices){ .employees = interval_of(&v->employees),
		                       .customers = interval_of(&v->customers),
		                       .ahead = interval_of(&v->ahead),
		                       .ahead_told = v->ahead_told,
		                       .expected = interval_of(&v->expected),
		                       .experienced = interval_of(&v->experienced),
		                       .gap = interval_of(&v->gap),
		                       .gap_told = v->gap_told };
}

void map_nps_drawn(const struct maps_measured *mm, struct render_map *out)
{
	out->nps = interval_of(&mm->voices.nps);
	out->enps = interval_of(&mm->voices.enps);
}
