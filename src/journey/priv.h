/* Shared by the passes: the compiled question and the cutting of cases. */
#ifndef JOURNEY_PRIV_H
#define JOURNEY_PRIV_H

#include "journey/journey.h"
#include "stats/stats.h"

enum test_where { TEST_EVENT, TEST_CHANNEL, TEST_DIMENSION, TEST_NOWHERE };

/* "dimension is value", with both as numbers. */
struct test {
	enum test_where where;
	bool is_not;
	uint32_t dimension; /* TEST_DIMENSION */
	uint32_t code;      /* UINT32_MAX: a value that nothing has */
	const uint8_t *in;  /* [code] of a branch of values; NULL: `code` alone */
	uint32_t n_in;
};
static inline bool test_row(const struct test *t, const struct journey_columns *c, uint32_t row)
{
	const uint32_t code = t->dimension < c->n_dimensions ? journey_code(c->dimensions[t->dimension], row) : 0;
	if (t->in) return code < t->n_in && t->in[code];
	return (code == t->code) != t->is_not;
}

/* A filter of a question, which may ask for a branch of a tree of values. Where it is not TEST_DIMENSION, the kind
 * decides. */
NODISCARD enum err_code test_compile(const struct journey_schema *s, const struct journey_filter *f, struct arena *a,
                                     struct test *out, struct err *err);
bool test_kind(const struct test *t, const struct journey_kind *k);

struct rule {
	uint16_t touchpoint;
	uint32_t event, channel;                   /* codes; RULE_ANY */
	struct test tests[JOURNEY_CONDITIONS_MAX]; /* on dimensions only; those on kinds are folded into the table */
	size_t n_tests;
};
#define RULE_ANY (UINT32_MAX - 1)

#define NO_RULE UINT16_MAX
#define CODE_BY_ROW UINT16_MAX /* in kind_code: rules have to look at the row */

struct journey_plan {
	const struct journey_query *q;
	const struct journey_schema *s;
	enum journey_cut cut; /* CUT_CUSTOMER when cases are customers */
	bool by_row;          /* the period takes rows, not instances */
	bool ends_at_goal;
	bool all_kinds;           /* no kind of event is unseen */
	bool ranges;              /* cases are ranges of a slice without unseen kinds */
	bool plain;               /* a slice is its one case as it stands, but for the period and the segment */
	bool always;              /* the period is all of time */
	uint32_t key;             /* CUT_KEY: dimension */
	const uint8_t *kind_seen; /* [kind] */
	struct test tests[JOURNEY_FILTERS_MAX]; /* of rows, on dimensions */
	size_t n_tests;
	/* with rules */
	const uint16_t *kind_code;         /* [kind] touchpoint, or CODE_BY_ROW */
	const uint16_t *const *kind_rules; /* [kind] with CODE_BY_ROW: rules that its rows may fit, then NO_RULE */
	const struct rule *rules;
	size_t n_rules;
	const uint16_t *event_code; /* [event] touchpoint of the first rule that names it; for `about` without a row */
	const uint16_t *step;       /* [touchpoint code]; 0 for code 0 */
	size_t n_touchpoints, n_steps;
	/* after journey_plan_split: code = (code before - 1) * n_split + value code + 1 */
	uint32_t split, n_split; /* dimension, or SPLIT_CHANNEL, SPLIT_NONE; number of its values */
	const uint8_t *keep;     /* [activity]; rows of the others are taken out of the cases; NULL: none is */
};

#define SPLIT_CHANNEL (UINT32_MAX - 1)
#define SPLIT_NONE UINT32_MAX

/* One case as the passes see it: plain arrays in order, in the columns themselves or gathered. */
struct span {
	uint32_t n;
	const uint16_t *code; /* touchpoint, or event without rules */
	const int64_t *at_ms;
	const uint32_t *row; /* NULL: row i is first + i */
	uint32_t first;
};
static inline uint32_t span_row(const struct span *s, uint32_t i)
{
	return s->row ? s->row[i] : s->first + i;
}

/*
 * One customer's cases. cases_cut leaves the rows of case i in row[start[i]] .. row[start[i + 1] - 1], in order; cases
 * in order of their first row. spans_cut does so only where it has to: cases that are ranges of the slice are known by
 * their bounds.
 *
 * Behind the n cases stand n_loose rows, each as a case of its own: cut by key, they belong to no case, but say how
 * something on the map was. What is stated counts; they are no visits, and nobody's journey.
 */
struct cases {
	uint32_t *row, *start;
	uint32_t n, n_loose;
	/* scratch */
	uint32_t *picked, *of, *slot_key, *slot_case;
	uint32_t *count;
	uint16_t *code;
	int64_t *at;
	uint32_t cap;
	bool failed;
	/* spans */
	const struct journey_columns *c;
	bool in_place; /* they are ranges of the slice: all of it when `one`, else place[k] .. place[k + 1] */
	bool one;
	uint32_t lo, hi; /* the slice */
	uint32_t *place, cap_place;
};
/* Cuts customer i of a run. False when memory is short (remembered in cs->failed) or the customer has no case. */
bool cases_cut(const struct journey_plan *p, const struct journey_columns *c, uint32_t i, struct cases *cs);
void cases_done(struct cases *cs);

/* Whether the slice is its one case as it stands. */
static inline bool spans_whole(const struct journey_plan *p, const struct journey_columns *c, uint32_t lo, uint32_t hi)
{
	if (!p->plain || !c->touchpoints || lo == hi) return false;
	/* Times lie elsewhere than codes: looking at one is as dear as all the rest of many a pass. */
	if (p->always) return true;
	return c->at_ms[lo] >= p->q->from_ms && c->at_ms[p->by_row ? hi - 1 : lo] < p->q->to_ms;
}
uint32_t spans_cut_up(const struct journey_plan *p, const struct journey_columns *c, uint32_t i, struct cases *cs);

/*
 * The same as spans: how many cases customer i has (0 also when memory is short), and case k < that. Spans live until
 * the next cut; those in place, as long as the columns. Columns should come with touchpoints: then a plain question
 * copies nothing.
 */
static inline uint32_t spans_cut(const struct journey_plan *p, const struct journey_columns *c, uint32_t i,
                                 struct cases *cs)
{
	cs->c = c;
	cs->lo = c->offset[i];
	cs->hi = c->offset[i + 1];
	cs->n_loose = 0;
	cs->one = cs->in_place = spans_whole(p, c, cs->lo, cs->hi);
	if (!cs->one) return spans_cut_up(p, c, i, cs);
	cs->n = !p->q->segment || journey_set_has(p->q->segment, c->customer[i]);
	return cs->n;
}

/* The same where the question takes all rows of the run and each customer is one case: not even a time is looked at. */
static inline uint32_t spans_one(const struct journey_columns *c, uint32_t i, struct cases *cs)
{
	cs->c = c;
	cs->lo = c->offset[i];
	cs->hi = c->offset[i + 1];
	cs->one = cs->in_place = true;
	cs->n_loose = 0;
	return cs->n = 1;
}

/* Where statements stand: the cases, and the loose rows behind them. */
static inline uint32_t cases_stated(const struct cases *cs)
{
	return cs->n + cs->n_loose;
}

static inline struct span spans_get(const struct cases *cs, uint32_t k)
{
	if (cs->in_place) {
		const uint32_t lo = cs->one ? cs->lo : cs->place[k], hi = cs->one ? cs->hi : cs->place[k + 1];
		return (struct span){
			.n = hi - lo, .code = cs->c->touchpoints + lo, .at_ms = cs->c->at_ms + lo, .first = lo
		};
	}
	const uint32_t lo = cs->start[k];
	return (struct span){
		.n = cs->start[k + 1] - lo, .code = cs->code + lo, .at_ms = cs->at + lo, .row = cs->row + lo
	};
}

/* Activity of a row: event code without rules, touchpoint code with them. */
static inline uint32_t activity(const struct journey_plan *p, const struct journey_columns *c, uint32_t row)
{
	return c->touchpoints ? c->touchpoints[row] : p->s->kinds[c->kind[row]].event;
}

/* Codes of activities are below this; and what one is called. plan.c */
uint32_t activities_of(const struct journey_plan *p);
struct str activity_name(const struct journey_plan *p, uint32_t code);
/* --- names.c ---------------------------------------------------------------------------------- */

/* The code of an activity (journey_activity_find); ERR_INPUT when nothing has the name. */
NODISCARD enum err_code activity_find(const struct journey_plan *p, struct str name, const char *field, uint32_t *out,
                                      struct err *err);

/* The code of a currency; the only one of the log when none is chosen. ERR_INPUT when it is not there, or several are
 * and none is chosen, or (of `field`) there is no money at all. */
NODISCARD enum err_code currency_find(const struct journey_plan *p, struct str chosen, const char *field, uint32_t *out,
                                      struct err *err);

/* A dimension by name, "event" and "channel" too. */
struct dimension {
	enum test_where where;
	uint32_t number;
	const struct journey_words *words;
	const struct journey_kind *kinds;
};
NODISCARD enum err_code dimension_by_name(const struct journey_plan *p, struct str name, const char *field,
                                          struct dimension *out, struct err *err);
static inline uint32_t dimension_code(const struct dimension *d, const struct journey_columns *c, uint32_t row)
{
	switch (d->where) {
	case TEST_EVENT: return d->kinds[c->kind[row]].event;
	case TEST_CHANNEL: return d->kinds[c->kind[row]].channel;
	default: return d->number < c->n_dimensions ? journey_code(c->dimensions[d->number], row) : 0;
	}
}

/* Relative positions (i + 1/2) / n of the rows of a case, in units of 2^-32, rounded down; without a division a row. */
struct rank {
	int64_t rank;
	uint32_t rest, step_rest, n;
	int64_t step;
};
static inline struct rank rank_first(uint32_t n)
{
	const uint64_t half = UINT64_C(1) << 31, whole = UINT64_C(1) << 32;
	return (struct rank){ .rank = (int64_t)(half / n),
		              .rest = (uint32_t)(half % n),
		              .step = (int64_t)(whole / n),
		              .step_rest = (uint32_t)(whole % n),
		              .n = n };
}
static inline void rank_next(struct rank *r)
{
	const uint64_t rest = (uint64_t)r->rest + r->step_rest;
	const bool carry = rest >= r->n;
	r->rank += r->step + carry;
	r->rest = (uint32_t)(carry ? rest - r->n : rest);
}

/* --- durations ------------------------------------------------------------------------------ */

/*
 * Classes of durations: 32 to an octave, 0 apart. A double's exponent and the
 * first bits of its fraction are the class, and the processor makes a double
 * of a number faster than it finds the number's first bit. Below 32 a class
 * holds one value.
 */
enum {
	DURATION_FEW = 256, /* kept one by one up to here */
	DURATION_SUB_BITS = 5,
	DURATION_OCTAVE_MAX = 43,
	DURATION_CLASSES = 1 + ((DURATION_OCTAVE_MAX + 1) << DURATION_SUB_BITS)
};
static inline uint32_t duration_class(int64_t ms)
{
	union {
		double value;
		uint64_t bits;
	} x = { .value = (double)ms };
	const int64_t k = (int64_t)(x.bits >> (52 - DURATION_SUB_BITS)) - (INT64_C(1023) << DURATION_SUB_BITS) + 1;
	if (k >= DURATION_CLASSES) return DURATION_CLASSES - 1;
	return k < 0 ? 0 : (uint32_t)k;
}

/* Goes over to classes in room of the caller's; NULL: memory is short, which is remembered. Who gives it takes it back
 * before journey_durations_done. */
void journey_durations_to_classes(struct journey_durations *d, uint32_t *zeroed);

/* One more where there are classes already, all but its class: that is left to the caller, who may do it later. */
static inline uint32_t *durations_count(struct journey_durations *d, int64_t ms)
{
	d->n++;
	d->sum += ms;
	if (ms < d->min) d->min = ms;
	if (ms > d->max) d->max = ms;
	return &d->classes[duration_class(ms)];
}

/* journey_durations_add without a call where there are classes already. */
static inline void durations_add(struct journey_durations *d, int64_t ms)
{
	if (d->classes) ++*durations_count(d, ms);
	else journey_durations_add(d, ms);
}

/* --- variants -------------------------------------------------------------------------------- */

/* 1,024 piles, so that a pile of five million cases and its tables still fit a processor's own cache. */
enum { VARIANTS_PILES = 16 * JOURNEY_FLOW_SHARES };

struct kept_case {
	uint64_t hash;  /* of its steps */
	uint64_t first; /* arrival of its first event */
	uint32_t n, customer;
	uint16_t steps[];
};
struct variant {
	const struct kept_case *of; /* one of its cases */
	uint64_t first;             /* the least of theirs */
	int64_t count;
	uint32_t customers, last; /* last: the customer that had it last */
};
struct pile {
	_Alignas(64) char *at; /* where its next case goes; a pile is a line of the cache */
	char *end;             /* of the last chunk */
	struct chunk *chunks, *last;
	struct variant *kept; /* once it is counted: the commonest, in any order */
	uint32_t n_kept, n, cases;
	bool failed;
};
struct variants {
	struct pile *piles; /* VARIANTS_PILES; NULL: no case */
	struct slab *slabs;
	size_t keep; /* how many of the commonest may be asked for */
	bool failed;
};
void variants_done(struct variants *v);
/* Takes in one case, n >= 1. A customer's cases come one after the other, to one accumulator. */
void variants_add(struct variants *v, const uint16_t *steps, uint32_t n, uint64_t first, uint32_t customer);
/* Before either is counted. */
void variants_merge(struct variants *v, struct variants *from);
/* Counts a share of the piles, once, after the last merge; several threads may count different shares. */
void variants_count(struct variants *v, uint32_t share);
/* Counts what has not been counted; how many variants there are, -1 when memory is short. */
int64_t variants_n(struct variants *v);
/* The first `max` <= keep by falling count, then first met; returns how many. All are counted. */
size_t variants_top(const struct variants *v, const struct variant **out, size_t max);

/* A variant's id: of the names of its steps alone. */
uint64_t variant_id(const struct journey_plan *p, const uint16_t *steps, uint32_t n);

/* --- what is shared by the measure and by the people behind it ------------------------------- */

#define NO_STEP UINT16_MAX

/* How far an instance went. */
struct reach {
	uint16_t first, furthest; /* steps in the map's order; NO_STEP when it is on no touchpoint */
	bool goal, still_in;      /* else lost; of the furthest step */
};
struct reach reach_of(const struct journey_plan *p, const struct journey_columns *c, const uint32_t *rows, uint32_t n);

/* What people state: it counts for what it speaks of also where its row belongs to no case. */
static inline bool is_stated(const struct journey_evidence *e)
{
	return e->what == JOURNEY_RATING || e->what == JOURNEY_SENTIMENT || e->what == JOURNEY_COMMENT ||
	       e->what == JOURNEY_GAP;
}

/* The first piece of the customer's evidence at or after a row; evidence_offset bounds it. */
uint32_t evidence_from(const struct journey_columns *c, uint32_t customer, uint32_t row);

/* The row that a piece of evidence speaks of: its own, or the latest before it of the event that `about` names, in the
 * case first; NO_ROW when there is none, and when it is about the whole. */
#define NO_ROW UINT32_MAX
uint32_t evidence_row(const struct journey_plan *p, const struct journey_columns *c, const struct cases *cs, uint32_t k,
                      uint32_t at, const struct journey_evidence *e);

/* What `about` names where no row of it is there: the touchpoint of the first rule that names the event; 0 none. A
 * split by values has no answer to whose value that would be. */
uint16_t evidence_named(const struct journey_plan *p, const struct journey_evidence *e);

/*
 * The touchpoint that a piece of evidence speaks of: of its own row, or of
 * the row that `about` names (see docs/methods/journey.md); 0 none. *whole
 * when it is about the instance. `at` is the place of its row in case k.
 */
uint16_t evidence_touchpoint(const struct journey_plan *p, const struct journey_columns *c, const struct cases *cs,
                             uint32_t k, uint32_t at, const struct journey_evidence *e, bool *whole);

/* Utility on the scale of 0 to 100; NaN when it has none. */
double evidence_utility(const struct journey_plan *p, const struct journey_columns *c,
                        const struct journey_evidence *e);

/* Sums of utilities are integers of 2^-32, so that they do not depend on order. */
typedef __int128 wide;
int64_t fix(double x);
double unfix(wide x);

/* Sums over clusters (customers) of one side of a comparison; S_c is the sum of c's ratings, n_c their number. */
struct cluster {
	int64_t n, s, raw;
};
struct side {
	int64_t n, customers;
	wide s, raw, ss, sn, nn; /* sum of S_c, of raw scores, of S_c^2, S_c n_c, n_c^2 */
};
void side_add(struct side *a, const struct cluster *c, int sign);
/* One cluster as a side; none when it has no ratings. */
static inline struct side side_of(const struct cluster *c)
{
	return (struct side){ .n = c->n,
		              .customers = c->n != 0,
		              .s = c->s,
		              .raw = c->raw,
		              .ss = (wide)c->s * c->s,
		              .sn = (wide)c->s * c->n,
		              .nn = (wide)c->n * c->n };
}
static inline void side_merge(struct side *a, const struct side *b)
{
	a->n += b->n;
	a->customers += b->customers;
	a->s += b->s;
	a->raw += b->raw;
	a->ss += b->ss;
	a->sn += b->sn;
	a->nn += b->nn;
}
/* sum_c (S_c - n_c ybar)^2 and ybar, n >= 1, in units of 2^-64 and 2^-32. */
long double side_residuals(const struct side *v, long double *mean);
/* Mean and clustered error: se^2 = m/(m-1) sum_c (S_c - n_c ybar)^2 / n^2; NaN with fewer than two customers, and mean
 * NaN without ratings. */
struct stats_group side_group(const struct side *v);
static inline void cluster_add(struct cluster *a, const struct cluster *b)
{
	a->n += b->n;
	a->s += b->s;
	a->raw += b->raw;
}

/* kinds.c: what was met, by event name and channel. */
struct kind_sum {
	uint16_t event, channel;
	uint32_t last_customer;
	int64_t count, customers, first_ms, last_ms;
	int64_t rank_sum; /* of relative positions, in units of 2^-32 */
	int64_t about_other,
	        about_own; /* rows with a rating, sentiment or comment about something else; about themselves */
};
struct kinds {
	uint32_t *slot; /* [kind]: its sum; several kinds may have one name and channel */
	struct kind_sum *sums;
	uint32_t n;
};
bool kinds_init(struct kinds *k, const struct journey_plan *p);
void kinds_done(struct kinds *k);
/* `rank` is (place - 0.5) / length of the case, in units of 2^-32; serials of customers begin at 1. */
static inline void kinds_row(struct kinds *k, uint16_t kind, uint32_t customer, int64_t at_ms, int64_t rank)
{
	struct kind_sum *s = &k->sums[k->slot[kind]];
	if (s->count++ == 0) s->first_ms = s->last_ms = at_ms;
	if (at_ms < s->first_ms) s->first_ms = at_ms;
	if (at_ms > s->last_ms) s->last_ms = at_ms;
	s->customers += s->last_customer != customer;
	s->last_customer = customer;
	s->rank_sum += rank;
}
/* A row of the kind speaks of something else, or of itself. */
static inline void kinds_about(struct kinds *k, uint16_t kind, bool other, bool own)
{
	k->sums[k->slot[kind]].about_other += other;
	k->sums[k->slot[kind]].about_own += own;
}
void kinds_merge(struct kinds *k, const struct kinds *from);
NODISCARD enum err_code kinds_result(const struct kinds *k, const struct journey_plan *p, struct arena *a,
                                     struct journey_kind_stat **out, size_t *n, struct err *err);

/* effects.c: candidates touchpoint x (breach, failure, repeat, value of a dimension). */
struct effects;
struct effects *effects_new(const struct journey_plan *p);
void effects_free(struct effects *x);
struct rating {
	uint32_t at;
	bool whole;
	uint8_t scale;
	int64_t s, raw;
};
struct visit {
	uint16_t touchpoint;
	uint32_t first, second, broken, failed; /* places in the case, NO_PLACE */
};
#define NO_PLACE UINT32_MAX
/* Before the instances of a run. */
void effects_columns(struct effects *x, const struct journey_columns *c);
/* One instance; ends of customers are told so that clusters are summed up. */
void effects_instance(struct effects *x, const struct journey_columns *c, const struct span *s,
                      const struct visit *visits, uint32_t n_visits, const struct rating *ratings, uint32_t n_ratings);
void effects_customer_end(struct effects *x);
void effects_merge(struct effects *x, const struct effects *from);
NODISCARD enum err_code effects_result(const struct effects *x, struct arena *a, struct journey_effect **out, size_t *n,
                                       struct err *err);

/* pairs.c: a place, from 0 in the order met, for each pair of codes. What is counted of a pair lies in arrays of the
 * owner. Start from {0}. */
struct code_pair {
	uint32_t a, b;
};
struct pairs {
	struct code_pair *list;
	uint32_t n, cap;
	uint32_t *slots, n_slots; /* place + 1 */
	bool failed;
};
uint32_t pairs_place(struct pairs *t, uint32_t a, uint32_t b); /* NO_PLACE when memory is short: `failed` */
void pairs_done(struct pairs *t);

/* Grows *ptr to hold at least `need` elements of `size`; false and nothing changed when memory is short. */
bool grow(void **ptr, uint32_t *cap, uint32_t need, size_t size);

#endif
