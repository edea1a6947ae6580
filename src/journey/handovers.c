/* Hand-overs between channels, with what people rated before and after. */
#include "journey/priv.h"

#include <math.h>

enum { BEFORE, AFTER, DIFF, SIDES };

struct hand {
	int64_t count, customers, ended;
	uint32_t last_customer; /* serial */
	struct journey_durations times;
	struct cluster own[SIDES]; /* of the customer at hand */
	struct side sides[SIDES];
};

/* One case as a hand-over sees it. */
struct stations {
	uint32_t *at; /* places of its steps: events on a known channel that are not about another event */
	uint32_t n, cap;
	/* by place in the case */
	int64_t *rating;          /* mean utility of the ratings that stand there, in units of 2^-32 ... */
	uint32_t *ratings;        /* ... and how many */
	uint32_t *before, *after; /* the nearest place with one, from here down and from here up; NO_PLACE */
};

struct handovers {
	const struct journey_plan *p;
	struct pairs pairs;
	struct hand *hands;
	uint32_t cap;
	uint32_t *touched, n_touched, cap_touched; /* hands of the customer at hand */
	struct cases cs;
	struct stations st;
	uint32_t customer;
	int64_t cases, crossing;
};

static void stations_done(struct stations *st)
{
	free(st->at);
	free(st->rating);
	free(st->ratings);
	free(st->before);
	free(st->after);
}

static void handovers_free(void *pass)
{
	struct handovers *h = pass;
	if (!h) return;
	for (uint32_t i = 0; i < h->pairs.n && h->hands; i++) journey_durations_done(&h->hands[i].times);
	free(h->hands);
	free(h->touched);
	stations_done(&h->st);
	pairs_done(&h->pairs);
	cases_done(&h->cs);
	free(h);
}

static void *handovers_make(const struct journey_plan *p, const void *what)
{
	struct handovers *h = calloc(1, sizeof *h);
	if (h) h->p = p;
	return h;
}

static struct hand *hand_of(struct handovers *h, uint32_t from, uint32_t to, uint32_t *place)
{
	if (!grow((void **)&h->hands, &h->cap, h->pairs.n + 1, sizeof *h->hands)) {
		h->pairs.failed = true;
		return NULL;
	}
	const uint32_t before = h->pairs.n;
	*place = pairs_place(&h->pairs, from, to);
	if (*place == NO_PLACE) return NULL;
	if (h->pairs.n > before) h->hands[*place] = (struct hand){ 0 };
	return &h->hands[*place];
}

static bool stations_reserve(struct stations *st, uint32_t n)
{
	if (n <= st->cap) return true;
	const size_t cap = (size_t)n * 2;
	stations_done(st);
	*st = (struct stations){ .at = malloc(cap * sizeof *st->at),
		                 .rating = malloc(cap * sizeof *st->rating),
		                 .ratings = malloc(cap * sizeof *st->ratings),
		                 .before = malloc(cap * sizeof *st->before),
		                 .after = malloc(cap * sizeof *st->after) };
	if (!st->at || !st->rating || !st->ratings || !st->before || !st->after) return false;
	st->cap = (uint32_t)cap;
	return true;
}

/* The place in the case of what a piece of evidence at place `at` speaks of; NO_PLACE when it is not there. */
static uint32_t place_of(const struct journey_plan *p, const struct journey_columns *c, const uint32_t *rows,
                         uint32_t at, const struct journey_evidence *e)
{
	if (e->about == JOURNEY_ABOUT_OWN) return at;
	if (e->about == JOURNEY_ABOUT_WHOLE) return NO_PLACE;
	const uint32_t event = e->about - JOURNEY_ABOUT_EVENT;
	for (uint32_t i = at; i-- > 0;)
		if (p->s->kinds[c->kind[rows[i]]].event == event) return i;
	return NO_PLACE;
}

/* Sums to means, and from each place the nearest rating on both sides. */
static void find_ratings(struct stations *st, uint32_t n)
{
	uint32_t last = NO_PLACE;
	for (uint32_t i = 0; i < n; i++) {
		if (st->ratings[i]) {
			st->rating[i] /= st->ratings[i];
			last = i;
		}
		st->before[i] = last;
	}
	last = NO_PLACE;
	for (uint32_t i = n; i-- > 0;) {
		if (st->ratings[i]) last = i;
		st->after[i] = last;
	}
}

/* Steps of a case and where its ratings stand. False when memory is short. */
static bool stations_of(const struct journey_plan *p, const struct journey_columns *c, uint32_t customer,
                        const uint32_t *rows, uint32_t n, struct stations *st)
{
	if (!stations_reserve(st, n)) return false;
	memset(st->ratings, 0, n * sizeof *st->ratings);
	memset(st->rating, 0, n * sizeof *st->rating);
	st->n = 0;
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t e = c->evidence_offset[customer] < end ? evidence_from(c, customer, rows[0]) : end;
	for (uint32_t at = 0; at < n; at++) {
		bool talks = false;
		while (e < end && c->evidence[e].row < rows[at]) e++;
		for (; e < end && c->evidence[e].row == rows[at]; e++) {
			const struct journey_evidence *v = &c->evidence[e];
			const bool rating = v->what == JOURNEY_RATING;
			if (!rating && v->what != JOURNEY_SENTIMENT && v->what != JOURNEY_COMMENT) continue;
			talks |= v->about != JOURNEY_ABOUT_OWN;
			const uint32_t place = rating ? place_of(p, c, rows, at, v) : NO_PLACE;
			if (place == NO_PLACE) continue;
			st->rating[place] += fix((double)v->utility);
			st->ratings[place]++;
		}
		if (!talks && p->s->kinds[c->kind[rows[at]]].channel) st->at[st->n++] = at;
	}
	find_ratings(st, n);
	return true;
}

static uint32_t channel_at(const struct journey_plan *p, const struct journey_columns *c, uint32_t row)
{
	return p->s->kinds[c->kind[row]].channel;
}

static void rated(struct cluster *own, int64_t utility)
{
	own->n++;
	own->s += utility;
}

static void hand_add(struct handovers *h, const struct journey_columns *c, const uint32_t *rows, uint32_t i)
{
	const struct stations *st = &h->st;
	const uint32_t from = st->at[i - 1], to = st->at[i];
	uint32_t place;
	struct hand *x = hand_of(h, channel_at(h->p, c, rows[from]), channel_at(h->p, c, rows[to]), &place);
	if (!x) return;
	if (x->last_customer != h->customer) {
		if (!grow((void **)&h->touched, &h->cap_touched, h->n_touched + 1, sizeof *h->touched)) {
			h->pairs.failed = true;
			return;
		}
		h->touched[h->n_touched++] = place;
		x->customers++;
		x->last_customer = h->customer;
	}
	x->count++;
	x->ended += i + 1 == st->n;
	journey_durations_add(&x->times, c->at_ms[rows[to]] - c->at_ms[rows[from]]);
	const uint32_t before = st->before[from], after = st->after[to];
	if (before != NO_PLACE) rated(&x->own[BEFORE], st->rating[before]);
	if (after != NO_PLACE) rated(&x->own[AFTER], st->rating[after]);
	if (before != NO_PLACE && after != NO_PLACE) rated(&x->own[DIFF], st->rating[after] - st->rating[before]);
}

static void customer_end(struct handovers *h)
{
	for (; h->n_touched; h->n_touched--) {
		struct hand *x = &h->hands[h->touched[h->n_touched - 1]];
		for (int s = 0; s < SIDES; s++) {
			side_add(&x->sides[s], &x->own[s], 1);
			x->own[s] = (struct cluster){ 0 };
		}
	}
}

static void handovers_add(void *pass, const struct journey_columns *c)
{
	struct handovers *h = pass;
	for (uint32_t i = 0; i < c->n_customers && !h->pairs.failed; i++) {
		if (journey_dead(c, i) || !cases_cut(h->p, c, i, &h->cs)) continue;
		h->customer++;
		for (uint32_t k = 0; k < h->cs.n; k++) {
			const uint32_t *rows = h->cs.row + h->cs.start[k], n = h->cs.start[k + 1] - h->cs.start[k];
			if (!stations_of(h->p, c, i, rows, n, &h->st)) {
				h->pairs.failed = true;
				return;
			}
			bool crossing = false;
			for (uint32_t s = 1; s < h->st.n; s++) {
				if (channel_at(h->p, c, rows[h->st.at[s - 1]]) ==
				    channel_at(h->p, c, rows[h->st.at[s]]))
					continue;
				crossing = true;
				hand_add(h, c, rows, s);
			}
			h->cases++;
			h->crossing += crossing;
		}
		customer_end(h);
	}
}

static void handovers_merge(void *pass, void *from)
{
	struct handovers *h = pass;
	const struct handovers *o = from;
	h->cs.failed |= o->cs.failed;
	h->pairs.failed |= o->pairs.failed;
	h->cases += o->cases;
	h->crossing += o->crossing;
	for (uint32_t i = 0; i < o->pairs.n; i++) {
		uint32_t place;
		struct hand *x = hand_of(h, o->pairs.list[i].a, o->pairs.list[i].b, &place);
		if (!x) return;
		x->count += o->hands[i].count;
		x->customers += o->hands[i].customers;
		x->ended += o->hands[i].ended;
		journey_durations_merge(&x->times, &o->hands[i].times);
		for (int s = 0; s < SIDES; s++) side_merge(&x->sides[s], &o->hands[i].sides[s]);
	}
}

const struct journey_pass journey_handovers_pass = { handovers_make, handovers_add, handovers_merge, handovers_free };

/* --- results ------------------------------------------------------------------------------------ */

static struct stats_estimate estimate_of(const struct side *s, double low)
{
	struct stats_estimate e;
	const struct stats_group g = side_group(s);
	stats_mean_group(&g, &e);
	stats_on_scale(&e, (struct interval){ low, 100 });
	stats_mark(&e);
	return e;
}

static int by_count(const void *x, const void *y)
{
	const struct journey_handover *a = x, *b = y;
	if (a->count != b->count) return a->count > b->count ? -1 : 1;
	const int c = str_cmp(a->from, b->from);
	return c ? c : str_cmp(a->to, b->to);
}

enum err_code journey_handovers_result(const void *pass, struct arena *a, struct journey_handovers *out,
                                       struct err *err)
{
	const struct handovers *h = pass;
	if (h->cs.failed || h->pairs.failed) return err_no_memory(err);
	struct journey_handovers r = { .cases = h->cases, .crossing = h->crossing, .n = h->pairs.n };
	r.list = ARENA_ARRAY(a, struct journey_handover, r.n);
	if (!r.list) return err_no_memory(err);
	for (uint32_t i = 0; i < r.n; i++) {
		const struct hand *x = &h->hands[i];
		if (x->times.failed) return err_no_memory(err);
		r.list[i] = (struct journey_handover){ .from = journey_word(&h->p->s->channels, h->pairs.list[i].a),
			                               .to = journey_word(&h->p->s->channels, h->pairs.list[i].b),
			                               .count = x->count,
			                               .customers = x->customers,
			                               .ended = x->ended,
			                               .before = estimate_of(&x->sides[BEFORE], 0),
			                               .after = estimate_of(&x->sides[AFTER], 0),
			                               .diff = estimate_of(&x->sides[DIFF], -100) };
		journey_durations_times(&x->times, &r.list[i].times);
	}
	qsort(r.list, r.n, sizeof *r.list, by_count);
	*out = r;
	return OK;
}

/* --- people --------------------------------------------------------------------------------------- */

struct crossers {
	const struct journey_plan *p;
	uint32_t from, to; /* channels; UINT32_MAX: no such channel */
	struct journey_set *set;
	struct cases cs;
	struct stations st;
	bool failed;
};

static void crossers_free(void *pass)
{
	struct crossers *x = pass;
	if (!x) return;
	journey_set_free(x->set);
	stations_done(&x->st);
	cases_done(&x->cs);
	free(x);
}

static void *crossers_make(const struct journey_plan *p, const void *what)
{
	const struct journey_handover_figure *f = what;
	struct crossers *x = calloc(1, sizeof *x);
	if (!x) return NULL;
	*x = (struct crossers){ .p = p,
		                .from = journey_word_find(&p->s->channels, f->from),
		                .to = journey_word_find(&p->s->channels, f->to),
		                .set = journey_set_new() };
	if (x->set) return x;
	crossers_free(x);
	return NULL;
}

static bool crosses(struct crossers *x, const struct journey_columns *c, uint32_t i, uint32_t k)
{
	const uint32_t *rows = x->cs.row + x->cs.start[k], n = x->cs.start[k + 1] - x->cs.start[k];
	if (!stations_of(x->p, c, i, rows, n, &x->st)) {
		x->failed = true;
		return false;
	}
	for (uint32_t s = 1; s < x->st.n; s++)
		if (channel_at(x->p, c, rows[x->st.at[s - 1]]) == x->from &&
		    channel_at(x->p, c, rows[x->st.at[s]]) == x->to)
			return true;
	return false;
}

static void crossers_add(void *pass, const struct journey_columns *c)
{
	struct crossers *x = pass;
	for (uint32_t i = 0; i < c->n_customers && !x->failed; i++) {
		if (journey_dead(c, i) || !cases_cut(x->p, c, i, &x->cs)) continue;
		bool found = false;
		for (uint32_t k = 0; k < x->cs.n && !found; k++) found = crosses(x, c, i, k);
		if (found && x->from != x->to) journey_set_add(x->set, c->customer[i]);
	}
}

static void crossers_merge(void *pass, void *from)
{
	struct crossers *x = pass, *o = from;
	x->failed |= o->failed;
	x->cs.failed |= o->cs.failed;
	journey_set_or(x->set, o->set);
}

const struct journey_pass journey_handover_people_pass = { crossers_make, crossers_add, crossers_merge, crossers_free };

enum err_code journey_handover_people(const void *pass, const struct journey_set **out, struct err *err)
{
	const struct crossers *x = pass;
	if (x->failed || x->cs.failed) return err_no_memory(err);
	*out = x->set;
	return OK;
}
