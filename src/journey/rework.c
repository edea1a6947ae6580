/* Repeats, loops and ping-pong: one look at each row, with the two looked at before it. */
#include "journey/priv.h"

struct again { /* of one activity */
	int64_t count, cases, repeated_cases, repeated_customers, self_loops;
	uint32_t last_case, last_repeated, last_customer; /* serials */
};

struct turns { /* a kind of pair */
	struct pairs pairs;
	struct turn {
		int64_t count, cases, customers;
		uint32_t last_case, last_customer;
	} * of;
	uint32_t cap;
};

struct rework {
	const struct journey_plan *p;
	struct again *activities; /* [code] */
	uint32_t n;
	struct turns loops, pingpong;
	struct cases cs;
	uint32_t customer, instance; /* serials */
	int64_t cases;
};

static void turns_done(struct turns *t)
{
	pairs_done(&t->pairs);
	free(t->of);
}

static void rework_free(void *pass)
{
	struct rework *w = pass;
	if (!w) return;
	turns_done(&w->loops);
	turns_done(&w->pingpong);
	cases_done(&w->cs);
	free(w->activities);
	free(w);
}

static void *rework_make(const struct journey_plan *p, const void *what)
{
	struct rework *w = calloc(1, sizeof *w);
	if (!w) return NULL;
	w->p = p;
	w->n = activities_of(p);
	w->activities = calloc(w->n, sizeof *w->activities);
	if (w->activities) return w;
	rework_free(w);
	return NULL;
}

static struct turn *turn_of(struct turns *t, uint32_t a, uint32_t b)
{
	const uint32_t before = t->pairs.n, at = pairs_place(&t->pairs, a, b);
	if (at == NO_PLACE) return NULL;
	if (!grow((void **)&t->of, &t->cap, t->pairs.n, sizeof *t->of)) {
		t->pairs.failed = true;
		return NULL;
	}
	if (t->pairs.n > before) t->of[at] = (struct turn){ 0 };
	return &t->of[at];
}

static void turn_add(struct rework *w, struct turns *t, uint32_t a, uint32_t b)
{
	struct turn *x = turn_of(t, a, b);
	if (!x) return;
	x->count++;
	x->cases += x->last_case != w->instance;
	x->last_case = w->instance;
	x->customers += x->last_customer != w->customer;
	x->last_customer = w->customer;
}

#define NOTHING UINT32_MAX

static void add_case(struct rework *w, const struct span *s)
{
	const bool rules = w->p->q->rules;
	uint32_t before = NOTHING, earlier = NOTHING; /* the row looked at last, and the one before it */
	w->instance++;
	w->cases++;
	for (uint32_t i = 0; i < s->n; i++) {
		const uint32_t code = s->code[i];
		if (rules && code == 0) continue;
		struct again *a = &w->activities[code];
		a->count++;
		if (a->last_case != w->instance) {
			a->last_case = w->instance;
			a->cases++;
		} else {
			if (a->last_repeated != w->instance) {
				a->last_repeated = w->instance;
				a->repeated_cases++;
				a->repeated_customers += a->last_customer != w->customer;
				a->last_customer = w->customer;
			}
			if (before == code) a->self_loops++;
			else turn_add(w, &w->loops, before, code);
		}
		if (earlier == code && before != code) turn_add(w, &w->pingpong, code, before);
		earlier = before;
		before = code;
	}
}

static void rework_add(void *pass, const struct journey_columns *c)
{
	struct rework *w = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(w->p, c, i, &w->cs);
		w->customer++;
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&w->cs, k);
			add_case(w, &s);
		}
	}
}

static void turns_merge(struct turns *t, const struct turns *o)
{
	t->pairs.failed |= o->pairs.failed;
	for (uint32_t i = 0; i < o->pairs.n && !t->pairs.failed; i++) {
		struct turn *x = turn_of(t, o->pairs.list[i].a, o->pairs.list[i].b);
		if (!x) return;
		x->count += o->of[i].count;
		x->cases += o->of[i].cases;
		x->customers += o->of[i].customers;
	}
}

static void rework_merge(void *pass, void *from)
{
	struct rework *w = pass;
	const struct rework *o = from;
	w->cs.failed |= o->cs.failed;
	w->cases += o->cases;
	for (uint32_t i = 0; i < w->n; i++) {
		struct again *a = &w->activities[i];
		const struct again *b = &o->activities[i];
		a->count += b->count;
		a->cases += b->cases;
		a->repeated_cases += b->repeated_cases;
		a->repeated_customers += b->repeated_customers;
		a->self_loops += b->self_loops;
	}
	turns_merge(&w->loops, &o->loops);
	turns_merge(&w->pingpong, &o->pingpong);
}

const struct journey_pass journey_rework_pass = { rework_make, rework_add, rework_merge, rework_free };

/* --- results ---------------------------------------------------------------------------------- */

struct placed {
	struct journey_rework_activity a;
	uint32_t code;
};

static int by_repeats(const void *x, const void *y)
{
	const struct journey_rework_activity *a = &((const struct placed *)x)->a, *b = &((const struct placed *)y)->a;
	if (a->repeats != b->repeats) return a->repeats > b->repeats ? -1 : 1;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	return str_cmp(a->name, b->name);
}

struct named {
	struct journey_rework_pair pair;
	struct str a, b;
};

static int by_count(const void *x, const void *y)
{
	const struct named *p = x, *q = y;
	if (p->pair.count != q->pair.count) return p->pair.count > q->pair.count ? -1 : 1;
	const int c = str_cmp(p->a, q->a);
	return c ? c : str_cmp(p->b, q->b);
}

static enum err_code turns_result(const struct rework *w, const struct turns *t, const uint32_t *place, struct arena *a,
                                  struct journey_rework_pair **out, size_t *n, struct err *err)
{
	struct named *list = ARENA_ARRAY(a, struct named, t->pairs.n);
	*out = ARENA_ARRAY(a, struct journey_rework_pair, t->pairs.n);
	if (!list || !*out) return err_no_memory(err);
	for (uint32_t i = 0; i < t->pairs.n; i++) {
		const struct code_pair *p = &t->pairs.list[i];
		list[i] = (struct named){ .pair = { .a = place[p->a],
			                            .b = place[p->b],
			                            .count = t->of[i].count,
			                            .cases = t->of[i].cases,
			                            .customers = t->of[i].customers },
			                  .a = activity_name(w->p, p->a),
			                  .b = activity_name(w->p, p->b) };
	}
	qsort(list, t->pairs.n, sizeof *list, by_count);
	for (uint32_t i = 0; i < t->pairs.n; i++) (*out)[i] = list[i].pair;
	*n = t->pairs.n;
	return OK;
}

enum err_code journey_rework_result(const void *pass, struct arena *a, struct journey_rework *out, struct err *err)
{
	const struct rework *w = pass;
	if (w->cs.failed || w->loops.pairs.failed || w->pingpong.pairs.failed) return err_no_memory(err);
	struct journey_rework r = { .cases = w->cases };
	struct placed *list = ARENA_ARRAY(a, struct placed, w->n);
	uint32_t *place = ARENA_ARRAY(a, uint32_t, w->n);
	if (!list || !place) return err_no_memory(err);
	for (uint32_t i = 0; i < w->n; i++) {
		const struct again *x = &w->activities[i];
		if (!x->count) continue;
		list[r.n_activities++] = (struct placed){ .a = { .name = activity_name(w->p, i),
			                                         .count = x->count,
			                                         .cases = x->cases,
			                                         .repeated_cases = x->repeated_cases,
			                                         .repeated_customers = x->repeated_customers,
			                                         .repeats = x->count - x->cases,
			                                         .self_loops = x->self_loops },
			                                  .code = i };
	}
	qsort(list, r.n_activities, sizeof *list, by_repeats);
	r.activities = ARENA_ARRAY(a, struct journey_rework_activity, r.n_activities);
	if (!r.activities) return err_no_memory(err);
	for (size_t i = 0; i < r.n_activities; i++) {
		r.activities[i] = list[i].a;
		place[list[i].code] = (uint32_t)i;
	}
	TRY(turns_result(w, &w->loops, place, a, &r.loops, &r.n_loops, err));
	TRY(turns_result(w, &w->pingpong, place, a, &r.pingpong, &r.n_pingpong, err));
	*out = r;
	return OK;
}

bool journey_rework_holds(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
                          const void *figure)
{
	const struct journey_rework_figure *f = figure;
	const uint32_t target = f->part == JOURNEY_REWORK_LOOP ? f->b : f->a;
	uint32_t before = NOTHING, earlier = NOTHING;
	bool seen = false;
	for (uint32_t i = 0; i < s->n; i++) {
		const uint32_t code = s->code[i];
		if (p->q->rules && code == 0) continue;
		if (code == target) {
			if (seen && f->part == JOURNEY_REWORK_REPEATED) return true;
			if (seen && f->part == JOURNEY_REWORK_LOOP && before == f->a) return true;
			if (f->part == JOURNEY_REWORK_PINGPONG && earlier == target && before == f->b) return true;
			seen = true;
		}
		earlier = before;
		before = code;
	}
	return false;
}
