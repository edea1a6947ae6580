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

#include "base/hash.h"

enum { VALUES_MAX = 256 /* more values than that is an identifier, not a cause */, SCALES = 64, RATINGS_MIN = 5 };

struct candidate {
	uint16_t touchpoint;
	uint8_t kind;
	uint32_t dimension, value;
	int64_t instances, customers;
	uint32_t last_instance, last_customer,
	        last_rated; /* serials; last_rated: the customer whose clusters are begun */
	struct side with, minus;
	wide s1s0, s1n0, n1s0, n1n0;
	int64_t both;
	struct cluster with_c, base_c; /* of the customer at hand */
};

struct at_touchpoint {
	int64_t instances;
	struct side all;
	uint64_t scales; /* a bit for each scale met */
	struct cluster all_c;
	uint32_t last_customer;
};

struct effects {
	const struct journey_plan *p;
	struct at_touchpoint *at; /* [touchpoint code] */
	struct candidate *found;
	uint32_t n_found, cap_found;
	uint32_t *place; /* [touchpoint * width + i]: candidate + 1; i = kind for the first three, then dimension values
	                  */
	uint32_t width;
	uint32_t *base; /* [dimension]: where its values begin; 0 when it is no candidate. The last is the channel */
	size_t n_dimensions;
	uint32_t *touched, n_touched, cap_touched; /* candidates of the customer at hand */
	uint16_t *met;                             /* touchpoints of the customer at hand */
	uint32_t n_met;
	uint32_t instance, customer; /* serials */
	bool failed;
};

static bool is_candidate(const struct journey_plan *p, size_t d)
{
	const struct journey_dimension *dim = &p->s->dimensions[d];
	if (p->cut == JOURNEY_CUT_KEY && d == p->key) return false;
	if (str_eq(dim->name, STR("journey")) || str_eq(dim->name, STR("source"))) return false;
	return dim->words.n > 1 && dim->words.n <= VALUES_MAX + 1;
}

struct effects *effects_new(const struct journey_plan *p)
{
	struct effects *x = calloc(1, sizeof *x);
	if (!x) return NULL;
	x->p = p;
	x->n_dimensions = p->s->n_dimensions;
	x->base = calloc(x->n_dimensions + 1, sizeof *x->base);
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
	if (x->base && x->at && x->met && x->place) return x;
	effects_free(x);
	return NULL;
}

void effects_free(struct effects *x)
{
	if (!x) return;
	free(x->base);
	free(x->at);
	free(x->met);
	free(x->place);
	free(x->found);
	free(x->touched);
	free(x);
}

static struct candidate *candidate_at(struct effects *x, uint16_t touchpoint, uint32_t i, uint8_t kind,
                                      uint32_t dimension, uint32_t value)
{
	uint32_t *place = &x->place[(size_t)touchpoint * x->width + i];
	if (*place) return &x->found[*place - 1];
	if (!grow((void **)&x->found, &x->cap_found, x->n_found + 1, sizeof *x->found)) {
		x->failed = true;
		return NULL;
	}
	struct candidate *c = &x->found[x->n_found++];
	*c = (struct candidate){ .touchpoint = touchpoint, .kind = kind, .dimension = dimension, .value = value };
	*place = x->n_found;
	return c;
}

/* Ratings of the instance at or after a place, and those about the whole of it. */
static struct cluster ratings_from(const struct rating *r, uint32_t n, uint32_t place, uint64_t *scales)
{
	struct cluster c = { 0 };
	for (uint32_t i = 0; i < n; i++) {
		if (!r[i].whole && r[i].at < place) continue;
		cluster_add(&c, &(struct cluster){ 1, r[i].s, r[i].raw });
		*scales |= (uint64_t)1 << (r[i].scale % SCALES);
	}
	return c;
}

struct here { /* the instance at hand, at one touchpoint */
	const struct rating *ratings;
	uint32_t n_ratings;
	struct cluster all;
};

static void has(struct effects *x, struct candidate *c, uint32_t place, const struct here *h)
{
	if (!c || c->last_instance == x->instance) return;
	c->last_instance = x->instance;
	c->instances++;
	if (c->last_customer != x->customer) {
		c->last_customer = x->customer;
		c->customers++;
	}
	if (h->n_ratings == 0) return;
	if (c->last_rated != x->customer) {
		c->last_rated = x->customer;
		c->with_c = c->base_c = (struct cluster){ 0 };
		if (!grow((void **)&x->touched, &x->cap_touched, x->n_touched + 1, sizeof *x->touched)) {
			x->failed = true;
			return;
		}
		x->touched[x->n_touched++] = (uint32_t)(c - x->found);
	}
	uint64_t scales = 0; /* known from the touchpoint: these ratings are among its own */
	const struct cluster with = ratings_from(h->ratings, h->n_ratings, place, &scales);
	cluster_add(&c->with_c, &with);
	cluster_add(&c->base_c, &h->all);
}

static void dimensions_of_row(struct effects *x, const struct journey_columns *c, uint32_t row, uint16_t touchpoint,
                              uint32_t place, const struct here *h)
{
	for (size_t d = 0; d < c->n_dimensions && d < x->n_dimensions; d++) {
		if (!x->base[d]) continue;
		const uint32_t value = journey_code(c->dimensions[d], row);
		if (value)
			has(x,
			    candidate_at(x, touchpoint, x->base[d] + value, JOURNEY_EFFECT_DIMENSION, (uint32_t)d,
			                 value),
			    place, h);
	}
	const size_t d = x->n_dimensions;
	const uint32_t value = x->p->s->kinds[c->kind[row]].channel;
	if (x->base[d] && value)
		has(x, candidate_at(x, touchpoint, x->base[d] + value, JOURNEY_EFFECT_DIMENSION, (uint32_t)d, value),
		    place, h);
}

void effects_instance(struct effects *x, const struct journey_columns *c, const uint32_t *rows, uint32_t n,
                      const struct visit *visits, uint32_t n_visits, const struct rating *ratings, uint32_t n_ratings)
{
	x->instance++;
	for (uint32_t v = 0; v < n_visits; v++) {
		const struct visit *at = &visits[v];
		struct at_touchpoint *t = &x->at[at->touchpoint];
		struct here h = { .ratings = ratings, .n_ratings = n_ratings };
		t->instances++;
		if (n_ratings) {
			if (t->last_customer != x->customer) {
				t->last_customer = x->customer;
				t->all_c = (struct cluster){ 0 };
				x->met[x->n_met++] = at->touchpoint;
			}
			h.all = ratings_from(ratings, n_ratings, at->first, &t->scales);
			cluster_add(&t->all_c, &h.all);
		}
		if (at->broken != NO_PLACE)
			has(x, candidate_at(x, at->touchpoint, JOURNEY_EFFECT_BREACH, JOURNEY_EFFECT_BREACH, 0, 0),
			    at->broken, &h);
		if (at->failed != NO_PLACE)
			has(x, candidate_at(x, at->touchpoint, JOURNEY_EFFECT_FAILURE, JOURNEY_EFFECT_FAILURE, 0, 0),
			    at->failed, &h);
		if (at->second != NO_PLACE)
			has(x, candidate_at(x, at->touchpoint, JOURNEY_EFFECT_REPEAT, JOURNEY_EFFECT_REPEAT, 0, 0),
			    at->second, &h);
		if (x->width == 3) continue;
		dimensions_of_row(x, c, rows[at->first], at->touchpoint, at->first, &h);
		if (at->second == NO_PLACE) continue;
		for (uint32_t i = at->second; i < n; i++)
			if (c->touchpoints[rows[i]] == at->touchpoint)
				dimensions_of_row(x, c, rows[i], at->touchpoint, i, &h);
	}
}

void effects_customer_end(struct effects *x)
{
	for (uint32_t i = 0; i < x->n_touched; i++) {
		struct candidate *f = &x->found[x->touched[i]];
		const struct cluster *all = &x->at[f->touchpoint].all_c, *with = &f->with_c;
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
	for (uint32_t i = 0; i < x->n_met; i++) side_add(&x->at[x->met[i]].all, &x->at[x->met[i]].all_c, 1);
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
	}
	for (uint32_t i = 0; i < from->n_found; i++) {
		const struct candidate *o = &from->found[i];
		const uint32_t k = o->kind == JOURNEY_EFFECT_DIMENSION ? x->base[o->dimension] + o->value : o->kind;
		struct candidate *c = candidate_at(x, o->touchpoint, k, o->kind, o->dimension, o->value);
		if (!c) return;
		c->instances += o->instances;
		c->customers += o->customers;
		side_merge(&c->with, &o->with);
		side_merge(&c->minus, &o->minus);
		c->s1s0 += o->s1s0;
		c->s1n0 += o->s1n0;
		c->n1s0 += o->n1s0;
		c->n1n0 += o->n1n0;
		c->both += o->both;
	}
}

/* sum_c (S_c - n_c ybar)^2, and ybar. In long double: 64 bits against sums of at most 2^107 that nearly cancel. */
static long double residuals(const struct side *v, long double *mean)
{
	*mean = (long double)v->s / (long double)v->n;
	const long double r = (long double)v->ss - 2 * *mean * (long double)v->sn + *mean * *mean * (long double)v->nn;
	return r > 0 ? r : 0;
}

static struct journey_ratings ratings_of(const struct side *v, bool one_scale)
{
	struct journey_ratings r = { .n = v->n, .customers = v->customers, .raw_mean = NAN, .se = NAN };
	long double mean;
	const long double rss = residuals(v, &mean);
	r.mean = (double)(mean * 0x1p-32L);
	if (one_scale) r.raw_mean = unfix(v->raw) / (double)v->n;
	if (v->customers >= 2) {
		const long double m = (long double)v->customers;
		r.se = (double)(sqrtl(m / (m - 1) * rss) / (long double)v->n * 0x1p-32L);
	}
	return r;
}

static double difference_se(const struct candidate *f, const struct side *without)
{
	long double y1, y0;
	const long double n1 = (long double)f->with.n, n0 = (long double)without->n;
	const long double r1 = residuals(&f->with, &y1) / (n1 * n1), r0 = residuals(without, &y0) / (n0 * n0);
	const long double cross = ((long double)f->s1s0 - y0 * (long double)f->s1n0 - y1 * (long double)f->n1s0 +
	                           y1 * y0 * (long double)f->n1n0) /
	                          (n1 * n0);
	const long double m = (long double)(f->with.customers + without->customers - f->both);
	const long double v = m > 1 ? m / (m - 1) * (r1 + r0 - 2 * cross) : NAN;
	return (double)(sqrtl(v > 0 || v != v ? v : 0) * 0x1p-32L);
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
		const struct side *m = &f->minus;
		const struct side without = { t->all.n - m->n,   t->all.customers - m->customers,
			                      t->all.s - m->s,   t->all.raw - m->raw,
			                      t->all.ss - m->ss, t->all.sn - m->sn,
			                      t->all.nn - m->nn };
		if (f->with.n < RATINGS_MIN || without.n < RATINGS_MIN) continue;
		const bool one_scale = t->scales && (t->scales & (t->scales - 1)) == 0 && !(t->scales >> (SCALES - 1));
		struct journey_effect *e = &list[k++];
		*e = (struct journey_effect){ .touchpoint = f->touchpoint,
			                      .kind = (enum journey_effect_kind)f->kind,
			                      .dimension = STR(""),
			                      .value = STR(""),
			                      .instances = f->instances,
			                      .customers = f->customers,
			                      .other_instances = t->instances - f->instances,
			                      .with = ratings_of(&f->with, one_scale),
			                      .without = ratings_of(&without, one_scale),
			                      .clustered_together = f->both > 0,
			                      .diff_se = difference_se(f, &without) };
		e->diff = e->with.mean - e->without.mean;
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
