/*
 * Effects: ratings of instances in which something happened at a touchpoint,
 * against those of the other instances that were there.
 *
 * For a touchpoint t an instance brings the ratings at or after its first
 * visit of t; for a candidate f at t, those at or after the row where f
 * happened; answers about the whole instance count wherever they stand. The
 * side "without" is everything at t minus what the instances with f brought
 * to it, so the work per instance is what it has, never what it lacks.
 *
 * Standard errors are clustered by customer (methods 1). With S_c, n_c the
 * sum and number of c's ratings and ybar = S/n:
 *   sum_c (S_c - n_c ybar)^2 = sum S_c^2 - 2 ybar sum S_c n_c + ybar^2 sum n_c^2
 * and for the difference the residual of c is the difference of both sides'
 * residuals over their n; the cross terms exist for customers on both sides.
 */
#include "journey/priv.h"

#include <math.h>

#include "base/checked.h"

enum {
	VALUES_MAX = 256 /* more values than that is an identifier, not a cause */,
	SCALES = 64,
	RATINGS_MIN = 5,
	STRATA = 8
};

/* What every row touches, apart from the rest so that all of it stays near. */
struct reached {
	uint32_t last_instance, last_customer, last_rated; /* serials; last_rated: whose clusters are begun */
	uint32_t instances, customers;
};

struct candidate {
	uint16_t touchpoint;
	uint8_t kind;
	uint32_t dimension, value;
	struct side with, minus;
	struct side same; /* belongs to both: of customers all of whose ratings at the touchpoint are with it */
	wide s1s0, s1n0, n1s0, n1n0;
	int64_t both;
	struct cluster with_c, base_c; /* of the customer at hand */
};

/* Ratings in each top part of `unit`: 0 unknown or beyond those that are told apart. */
struct part {
	int64_t n;
	wide s;
};
struct parts { /* of a candidate: its own, and what its instances brought to the touchpoint */
	struct part with[STRATA], base[STRATA];
};

struct at_touchpoint {
	int64_t instances;
	struct side all;
	uint64_t scales; /* a bit for each scale met */
	struct cluster all_c;
	struct part parts[STRATA];
	struct side one; /* all_c as a side, once the customer is through */
	uint32_t last_customer;
	struct cluster here; /* what the instance at hand brings: its ratings from the first visit on */
};

/* Ratings of the instance at hand at or after a place, and those about the whole of it. */
struct from {
	uint32_t at;
	struct cluster sum;
	uint64_t scales; /* a bit for each scale among them */
};

struct effects {
	const struct journey_plan *p;
	struct at_touchpoint *at; /* [touchpoint code] */
	struct candidate *found;
	struct reached *reached; /* [candidate] */
	uint32_t n_found, cap_found, cap_reached;
	uint32_t *place; /* [touchpoint * width + i]: candidate + 1; i = kind for the first three, then dimension values
	                  */
	uint32_t width;
	uint32_t *base; /* [dimension]: where its values begin; 0 when it is no candidate. The last is the channel */
	size_t n_dimensions;
	struct column {
		struct journey_codes codes;
		uint32_t dimension, base;
	} * columns; /* those of the run at hand that have values and are candidates */
	size_t n_columns;
	uint32_t *touched, n_touched, cap_touched; /* candidates of the customer at hand */
	uint16_t *met;                             /* touchpoints of the customer at hand */
	uint32_t n_met;
	uint32_t instance, customer; /* serials */
	struct from *from;           /* by place, the last one with those about the whole alone */
	uint32_t n_from, cap_from;
	struct parts *parts; /* [candidate], where `unit` has two parts or more */
	uint32_t cap_parts;
	size_t unit;               /* the dimension `unit`; n_dimensions without one */
	uint8_t *stratum_of;       /* [code of unit] */
	uint8_t n_strata, stratum; /* stratum: of the instance at hand */
	bool failed;
};

static bool is_candidate(const struct journey_plan *p, size_t d)
{
	const struct journey_dimension *dim = &p->s->dimensions[d];
	if (p->cut == JOURNEY_CUT_KEY && d == p->key) return false;
	if (str_eq(dim->name, STR("journey")) || str_eq(dim->name, STR("source"))) return false;
	return dim->words.n > 1 && dim->words.n <= VALUES_MAX + 1;
}

/* "saudi/riyadh" lies in "saudi". */
static bool find_strata(struct effects *x)
{
	const struct journey_schema *s = x->p->s;
	x->unit = 0;
	while (x->unit < x->n_dimensions && !str_eq(s->dimensions[x->unit].name, STR("unit"))) x->unit++;
	if (x->unit == x->n_dimensions) return true;
	const struct journey_words *names = &s->dimensions[x->unit].words;
	struct str tops[STRATA];
	x->stratum_of = calloc((size_t)names->n + 1, 1);
	if (!x->stratum_of) return false;
	for (uint32_t w = 1; w < names->n; w++) {
		const struct str all = journey_word(names, w), top = str_cut(all, 0, str_find(all, '/'));
		uint8_t k = 0;
		while (k < x->n_strata && !str_eq(tops[k], top)) k++;
		if (k == x->n_strata && x->n_strata + 1 < STRATA) tops[x->n_strata++] = top;
		x->stratum_of[w] = k < x->n_strata ? (uint8_t)(k + 1) : 0;
	}
	return true;
}

static void part_add(struct part *p, const struct cluster *c)
{
	p->n += c->n;
	p->s += c->s;
}

static void parts_merge(struct part *p, const struct part *from)
{
	for (int k = 0; k < STRATA; k++) {
		p[k].n += from[k].n;
		p[k].s += from[k].s;
	}
}

struct effects *effects_new(const struct journey_plan *p)
{
	struct effects *x = calloc(1, sizeof *x);
	if (!x) return NULL;
	x->p = p;
	x->n_dimensions = p->s->n_dimensions;
	x->base = calloc(x->n_dimensions + 1, sizeof *x->base);
	x->columns = calloc(x->n_dimensions + 1, sizeof *x->columns);
	x->at = calloc(p->n_touchpoints + 1, sizeof *x->at);
	x->met = calloc(p->n_touchpoints + 1, sizeof *x->met);
	x->customer = 1; /* serials begin at 1: 0 stands for none */
	x->width = 3;
	for (size_t d = 0; x->base && d < x->n_dimensions; d++) {
		if (!is_candidate(p, d)) continue;
		x->base[d] = x->width;
		x->width += p->s->dimensions[d].words.n;
	}
	if (x->base && p->s->channels.n > 1 && p->s->channels.n <= VALUES_MAX + 1) {
		x->base[x->n_dimensions] = x->width;
		x->width += p->s->channels.n;
	}
	x->place = calloc((p->n_touchpoints + 1) * x->width, sizeof *x->place);
	if (x->base && x->columns && x->at && x->met && x->place && find_strata(x)) return x;
	effects_free(x);
	return NULL;
}

void effects_free(struct effects *x)
{
	if (!x) return;
	free(x->base);
	free(x->columns);
	free(x->at);
	free(x->met);
	free(x->place);
	free(x->found);
	free(x->reached);
	free(x->touched);
	free(x->from);
	free(x->parts);
	free(x->stratum_of);
	free(x);
}

void effects_columns(struct effects *x, const struct journey_columns *c)
{
	x->n_columns = 0;
	for (size_t d = 0; d < c->n_dimensions && d < x->n_dimensions; d++)
		if (x->base[d] && c->dimensions[d].bytes)
			x->columns[x->n_columns++] = (struct column){ c->dimensions[d], (uint32_t)d, x->base[d] };
}

#define NO_CANDIDATE UINT32_MAX

static uint32_t candidate_new(struct effects *x, uint32_t *place, const struct candidate *c)
{
	if (!grow((void **)&x->found, &x->cap_found, x->n_found + 1, sizeof *x->found) ||
	    !grow((void **)&x->reached, &x->cap_reached, x->n_found + 1, sizeof *x->reached) ||
	    (x->n_strata > 1 && !grow((void **)&x->parts, &x->cap_parts, x->n_found + 1, sizeof *x->parts))) {
		x->failed = true;
		return NO_CANDIDATE;
	}
	x->found[x->n_found] = *c;
	x->reached[x->n_found] = (struct reached){ 0 };
	if (x->n_strata > 1) x->parts[x->n_found] = (struct parts){ 0 };
	*place = x->n_found + 1;
	return x->n_found++;
}

/* Of the value of a dimension (`i` is base + value), or of a kind (`i` is the kind). */
static inline uint32_t candidate_at(struct effects *x, uint16_t touchpoint, uint32_t i, uint8_t kind,
                                    uint32_t dimension, uint32_t value)
{
	uint32_t *place = &x->place[(size_t)touchpoint * x->width + i];
	if (*place) return *place - 1;
	return candidate_new(
	        x, place,
	        &(struct candidate){ .touchpoint = touchpoint, .kind = kind, .dimension = dimension, .value = value });
}

/* Sums from the back; ratings stand in order of their places. */
static bool sum_ratings(struct effects *x, const struct rating *r, uint32_t n)
{
	if (!grow((void **)&x->from, &x->cap_from, n + 1, sizeof *x->from)) {
		x->failed = true;
		return false;
	}
	struct from sum = { .at = UINT32_MAX };
	uint32_t own = 0;
	for (uint32_t i = 0; i < n; i++) {
		own += !r[i].whole;
		if (!r[i].whole) continue;
		cluster_add(&sum.sum, &(struct cluster){ 1, r[i].s, r[i].raw });
		sum.scales |= UINT64_C(1) << (r[i].scale % SCALES);
	}
	x->n_from = own + 1;
	x->from[own] = sum;
	for (uint32_t i = n; i-- > 0;) {
		if (r[i].whole) continue;
		cluster_add(&sum.sum, &(struct cluster){ 1, r[i].s, r[i].raw });
		sum.scales |= UINT64_C(1) << (r[i].scale % SCALES);
		sum.at = r[i].at;
		x->from[--own] = sum;
	}
	return true;
}

static const struct from *ratings_from(const struct effects *x, uint32_t place)
{
	uint32_t lo = 0, hi = x->n_from - 1;
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (x->from[mid].at < place) lo = mid + 1;
		else hi = mid;
	}
	return &x->from[lo];
}

/* Counts the instance for candidate i; whether it is the first time. */
static inline bool reached(struct effects *x, uint32_t i)
{
	struct reached *r = &x->reached[i];
	if (r->last_instance == x->instance) return false;
	r->last_instance = x->instance;
	r->instances++;
	r->customers += r->last_customer != x->customer;
	r->last_customer = x->customer;
	return true;
}

/* Candidate i happened at `place`; the instance brings ratings to its touchpoint. */
static void rated(struct effects *x, uint32_t i, uint32_t place)
{
	struct candidate *c = &x->found[i];
	const struct cluster *all = &x->at[c->touchpoint].here, *with = &ratings_from(x, place)->sum;
	if (x->reached[i].last_rated != x->customer) {
		x->reached[i].last_rated = x->customer;
		c->with_c = c->base_c = (struct cluster){ 0 };
		if (!grow((void **)&x->touched, &x->cap_touched, x->n_touched + 1, sizeof *x->touched)) {
			x->failed = true;
			return;
		}
		x->touched[x->n_touched++] = i;
	}
	cluster_add(&c->with_c, with);
	cluster_add(&c->base_c, all);
	if (x->n_strata < 2) return;
	part_add(&x->parts[i].with[x->stratum], with);
	part_add(&x->parts[i].base[x->stratum], all);
}

/* The first time that something happens in the instance counts. */
static inline void happened(struct effects *x, uint32_t i, uint32_t touchpoint, uint32_t place, bool ratings)
{
	if (i != NO_CANDIDATE && reached(x, i) && ratings && x->at[touchpoint].here.n) rated(x, i, place);
}

static void visit_of_instance(struct effects *x, const struct visit *v, bool ratings)
{
	struct at_touchpoint *t = &x->at[v->touchpoint];
	t->instances++;
	if (ratings) {
		if (t->last_customer != x->customer) {
			t->last_customer = x->customer;
			t->all_c = (struct cluster){ 0 };
			x->met[x->n_met++] = v->touchpoint;
		}
		const struct from *from = ratings_from(x, v->first);
		t->here = from->sum;
		t->scales |= from->scales;
		cluster_add(&t->all_c, &t->here);
		part_add(&t->parts[x->stratum], &t->here);
	}
	const struct {
		uint8_t kind;
		uint32_t place;
	} causes[] = { { JOURNEY_EFFECT_BREACH, v->broken },
		       { JOURNEY_EFFECT_FAILURE, v->failed },
		       { JOURNEY_EFFECT_REPEAT, v->second } };
	for (size_t k = 0; k < COUNT_OF(causes); k++)
		if (causes[k].place != NO_PLACE)
			happened(x, candidate_at(x, v->touchpoint, causes[k].kind, causes[k].kind, 0, 0), v->touchpoint,
			         causes[k].place, ratings);
}

static void values_of_rows(struct effects *x, const struct journey_columns *c, const struct span *s, bool ratings)
{
	const struct journey_kind *kinds = x->p->s->kinds;
	const uint32_t channel = (uint32_t)x->n_dimensions, channels = x->base[channel];
	for (uint32_t i = 0; i < s->n; i++) {
		const uint16_t code = s->code[i];
		if (!code) continue;
		const uint32_t row = span_row(s, i);
		for (size_t k = 0; k < x->n_columns; k++) {
			const struct column *d = &x->columns[k];
			const uint32_t value = journey_code(d->codes, row);
			if (!value) continue;
			const uint32_t at =
			        candidate_at(x, code, d->base + value, JOURNEY_EFFECT_DIMENSION, d->dimension, value);
			happened(x, at, code, i, ratings);
		}
		const uint32_t value = kinds[c->kind[row]].channel;
		if (channels && value)
			happened(x, candidate_at(x, code, channels + value, JOURNEY_EFFECT_DIMENSION, channel, value),
			         code, i, ratings);
	}
}

void effects_instance(struct effects *x, const struct journey_columns *c, const struct span *s,
                      const struct visit *visits, uint32_t n_visits, const struct rating *ratings, uint32_t n_ratings)
{
	x->instance++;
	x->stratum = 0;
	if (n_ratings && !sum_ratings(x, ratings, n_ratings)) return;
	if (x->n_strata > 1 && n_ratings && x->unit < c->n_dimensions)
		for (uint32_t i = 0; i < s->n && !x->stratum; i++)
			x->stratum = x->stratum_of[journey_code(c->dimensions[x->unit], span_row(s, i))];
	for (uint32_t v = 0; v < n_visits; v++) visit_of_instance(x, &visits[v], n_ratings > 0);
	if (x->width > 3) values_of_rows(x, c, s, n_ratings > 0);
}

void effects_customer_end(struct effects *x)
{
	for (uint32_t i = 0; i < x->n_met; i++) {
		struct at_touchpoint *t = &x->at[x->met[i]];
		t->one = side_of(&t->all_c);
		side_merge(&t->all, &t->one);
	}
	for (uint32_t i = 0; i < x->n_touched; i++) {
		struct candidate *f = &x->found[x->touched[i]];
		const struct cluster *all = &x->at[f->touchpoint].all_c, *with = &f->with_c;
		/* As many ratings as there are, each counted once, are the same ones. */
		if (with->n == all->n && f->base_c.n == all->n) {
			side_merge(&f->same, &x->at[f->touchpoint].one);
			continue;
		}
		const struct cluster without = { all->n - f->base_c.n, all->s - f->base_c.s, all->raw - f->base_c.raw };
		side_add(&f->with, with, 1);
		side_add(&f->minus, all, 1);
		side_add(&f->minus, &without, -1);
		if (with->n == 0 || without.n == 0) continue;
		f->both++;
		f->s1s0 += (wide)with->s * without.s;
		f->s1n0 += (wide)with->s * without.n;
		f->n1s0 += (wide)with->n * without.s;
		f->n1n0 += (wide)with->n * without.n;
	}
	x->n_touched = x->n_met = 0;
	x->customer++;
}

void effects_merge(struct effects *x, const struct effects *from)
{
	x->failed |= from->failed;
	for (size_t t = 0; t <= x->p->n_touchpoints; t++) {
		x->at[t].instances += from->at[t].instances;
		x->at[t].scales |= from->at[t].scales;
		side_merge(&x->at[t].all, &from->at[t].all);
		parts_merge(x->at[t].parts, from->at[t].parts);
	}
	for (uint32_t i = 0; i < from->n_found; i++) {
		const struct candidate *o = &from->found[i];
		const uint32_t k = o->kind == JOURNEY_EFFECT_DIMENSION ? x->base[o->dimension] + o->value : o->kind;
		const uint32_t to = candidate_at(x, o->touchpoint, k, o->kind, o->dimension, o->value);
		if (to == NO_CANDIDATE) return;
		x->reached[to].instances += from->reached[i].instances;
		x->reached[to].customers += from->reached[i].customers;
		struct candidate *c = &x->found[to];
		if (x->n_strata > 1) {
			parts_merge(x->parts[to].with, from->parts[i].with);
			parts_merge(x->parts[to].base, from->parts[i].base);
		}
		side_merge(&c->same, &o->same);
		side_merge(&c->with, &o->with);
		side_merge(&c->minus, &o->minus);
		c->s1s0 += o->s1s0;
		c->s1n0 += o->s1n0;
		c->n1s0 += o->n1s0;
		c->n1n0 += o->n1n0;
		c->both += o->both;
	}
}

static struct journey_ratings ratings_of(const struct side *v, bool one_scale)
{
	const struct stats_group g = side_group(v);
	return (struct journey_ratings){ .n = g.n,
		                         .customers = g.clusters,
		                         .mean = g.mean,
		                         .raw_mean = one_scale ? unfix(v->raw) / (double)v->n : NAN,
		                         .se = g.se };
}

static double difference_se(const struct candidate *f, const struct side *with, const struct side *without)
{
	long double y1, y0;
	const long double n1 = (long double)with->n, n0 = (long double)without->n;
	const long double r1 = side_residuals(with, &y1) / (n1 * n1), r0 = side_residuals(without, &y0) / (n0 * n0);
	const long double cross = ((long double)f->s1s0 - y0 * (long double)f->s1n0 - y1 * (long double)f->n1s0 +
	                           y1 * y0 * (long double)f->n1n0) /
	                          (n1 * n0);
	const long double m = (long double)(with->customers + without->customers - f->both);
	const long double v = m > 1 ? m / (m - 1) * (r1 + r0 - 2 * cross) : NAN;
	return (double)(sqrtl(v > 0 || v != v ? v : 0) * 0x1p-32L);
}

/* The sums are exact integers, so it does not matter which thread added what. */
static void within_parts(const struct effects *x, uint32_t i, const struct at_touchpoint *t, struct journey_effect *e)
{
	double weights = 0, sum = 0;
	e->within_n = x->n_strata > 1 ? 0 : -1;
	e->within_diff = NAN;
	for (int k = 0; x->n_strata > 1 && k < STRATA; k++) {
		const struct part *with = &x->parts[i].with[k], *base = &x->parts[i].base[k], *all = &t->parts[k];
		const int64_t n1 = with->n, n0 = all->n - base->n;
		if (n1 < RATINGS_MIN || n0 < RATINGS_MIN) continue;
		const double w = (double)n1 * (double)n0 / (double)(n1 + n0);
		weights += w;
		sum += w * (double)(((long double)with->s / (long double)n1 -
		                     (long double)(all->s - base->s) / (long double)n0) *
		                    0x1p-32L);
		e->within_n += n1;
	}
	if (weights > 0) e->within_diff = sum / weights;
}

static int by_touchpoint_kind_words(const void *a, const void *b)
{
	const struct journey_effect *x = a, *y = b;
	if (x->touchpoint != y->touchpoint) return x->touchpoint < y->touchpoint ? -1 : 1;
	if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
	const int c = str_cmp(x->dimension, y->dimension);
	return c ? c : str_cmp(x->value, y->value);
}

enum err_code effects_result(const struct effects *x, struct arena *a, struct journey_effect **out, size_t *n,
                             struct err *err)
{
	if (x->failed) return err_no_memory(err);
	struct journey_effect *list = ARENA_ARRAY(a, struct journey_effect, x->n_found);
	if (!list) return err_no_memory(err);
	size_t k = 0;
	for (uint32_t i = 0; i < x->n_found; i++) {
		const struct candidate *f = &x->found[i];
		const struct at_touchpoint *t = &x->at[f->touchpoint];
		const struct reached *reach = &x->reached[i];
		struct side with = f->with, minus = f->minus;
		side_merge(&with, &f->same);
		side_merge(&minus, &f->same);
		const struct side *m = &minus;
		const struct side without = { t->all.n - m->n,   t->all.customers - m->customers,
			                      t->all.s - m->s,   t->all.raw - m->raw,
			                      t->all.ss - m->ss, t->all.sn - m->sn,
			                      t->all.nn - m->nn };
		if (with.n < RATINGS_MIN || without.n < RATINGS_MIN) continue;
		const bool one_scale = t->scales && (t->scales & (t->scales - 1)) == 0 && !(t->scales >> (SCALES - 1));
		struct journey_effect *e = &list[k++];
		*e = (struct journey_effect){ .touchpoint = f->touchpoint,
			                      .kind = (enum journey_effect_kind)f->kind,
			                      .dimension = STR(""),
			                      .value = STR(""),
			                      .instances = reach->instances,
			                      .customers = reach->customers,
			                      .other_instances = t->instances - reach->instances,
			                      .with = ratings_of(&with, one_scale),
			                      .without = ratings_of(&without, one_scale),
			                      .clustered_together = f->both > 0,
			                      .diff_se = difference_se(f, &with, &without) };
		e->diff = e->with.mean - e->without.mean;
		within_parts(x, i, t, e);
		if (f->kind != JOURNEY_EFFECT_DIMENSION) continue;
		const bool channel = f->dimension == x->n_dimensions;
		e->dimension = channel ? STR("channel") : x->p->s->dimensions[f->dimension].name;
		e->value =
		        journey_word(channel ? &x->p->s->channels : &x->p->s->dimensions[f->dimension].words, f->value);
	}
	qsort(list, k, sizeof *list, by_touchpoint_kind_words);
	*out = list;
	*n = k;
	return OK;
}
