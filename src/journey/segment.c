/*
 * One scan for a whole rule. Each condition (leaf) is a bit. For each kind of
 * event a table says which leaves a row of it may speak to, so that the first
 * look at a customer is an OR over its rows. Leaves that this decides ("did
 * X") are done; for the others, those customers that have a row for them are
 * looked at once more, row by row. The tree is then worked out on the bits.
 */
#include "journey/segment.h"

#include <math.h>

#include "base/checked.h"
#include "journey/priv.h"

#define BIT_OF(i) (UINT64_C(1) << (i))
#define VISIBLE BIT_OF(63) /* of a kind: its rows are events */

struct step {
	const uint8_t *kind; /* [kind] may be this step */
	struct test tests[JOURNEY_SEGMENT_WHERE_MAX];
	size_t n_tests;
	int64_t within_ms;
	bool directly;
};

struct leaf {
	const struct journey_segment_node *node;
	int64_t from_ms, to_ms; /* with `in the last` */
	struct step *steps;
	size_t n_steps;
	uint32_t event;    /* code; RULE_ANY */
	uint32_t currency; /* code */
};

enum { DO_AND = -1, DO_OR = -2, DO_NOT = -3 }; /* in a program, beside numbers of leaves */

struct journey_segment_plan {
	const struct journey_schema *s;
	struct arena *arena;
	const uint64_t *kind;                 /* [kind] leaves that its rows may speak to */
	uint64_t plain, rows, evidence, ends; /* leaves that kinds decide; rows; evidence; the first or last row */
	uint64_t inverted;                    /* those that are then turned round */
	struct leaf leaves[JOURNEY_SEGMENT_LEAVES_MAX];
	size_t n_leaves;
	int8_t program[2 * JOURNEY_SEGMENT_NODES_MAX];
	size_t n_program;
};

/* --- compiling --------------------------------------------------------------------------------- */

static enum err_code compile_step(struct journey_segment_plan *p, const struct journey_segment_step *from,
                                  const struct journey_segment_node *n, struct step *out, struct err *err)
{
	const struct journey_schema *s = p->s;
	uint8_t *kind = ARENA_ARRAY(p->arena, uint8_t, s->n_kinds);
	if (!kind) return err_no_memory(err);
	const uint32_t event = from->event.len ? journey_word_find(&s->events, from->event) : RULE_ANY;
	for (uint32_t k = 0; k < s->n_kinds; k++)
		kind[k] = k > 0 && !s->kinds[k].hidden && (event == RULE_ANY || s->kinds[k].event == event);
	*out = (struct step){ .kind = kind, .within_ms = from->within_ms, .directly = from->directly };
	for (size_t i = 0; i < from->n_where; i++) {
		struct test t;
		const enum err_code rc = test_compile(s, &from->where[i], p->arena, &t, err);
		if (rc != OK) {
			if (err) err->value = (int64_t)n->at, err->limit = err->value + 1;
			return rc;
		}
		if (t.where == TEST_DIMENSION) out->tests[out->n_tests++] = t;
		else
			for (uint32_t k = 0; k < s->n_kinds; k++) kind[k] &= test_kind(&t, &s->kinds[k]);
	}
	return OK;
}

/* A dimension of the customer as a step: an event that has the value. */
static struct journey_segment_step has_step(const struct journey_segment_node *n, bool *inverted)
{
	struct journey_segment_step step = { .where = { n->filter }, .n_where = 1 };
	const bool unknown = n->filter.value.len == 0, is_not = n->filter.op == JOURNEY_IS_NOT;
	if (n->filter.op != JOURNEY_UNDER) step.where[0].op = unknown ? JOURNEY_IS_NOT : JOURNEY_IS;
	*inverted = unknown != is_not && n->filter.op != JOURNEY_UNDER;
	return step;
}

static bool counts_plainly(const struct journey_segment_node *n, bool *inverted)
{
	if (n->within_ms || n->last_ms || n->from_ms != INT64_MIN || n->to_ms != INT64_MAX) return false;
	*inverted = n->times == 0;
	return (n->compare == JOURNEY_AT_LEAST && n->times == 1) || (n->compare != JOURNEY_AT_LEAST && n->times == 0);
}

static enum err_code compile_steps(struct journey_segment_plan *p, struct leaf *l,
                                   const struct journey_segment_step *steps, size_t n, struct err *err)
{
	l->n_steps = n;
	l->steps = ARENA_ARRAY(p->arena, struct step, n);
	if (!l->steps) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) TRY(compile_step(p, &steps[i], l->node, &l->steps[i], err));
	return OK;
}

static enum err_code compile_rows(struct journey_segment_plan *p, struct leaf *l, uint64_t bit, struct err *err)
{
	const struct journey_segment_node *n = l->node;
	struct journey_segment_step has;
	bool plain = n->op != JOURNEY_SEGMENT_SEQUENCE, inverted = false;
	if (n->op == JOURNEY_SEGMENT_HAS) {
		has = has_step(n, &inverted);
		TRY(compile_steps(p, l, &has, 1, err));
	} else {
		if (plain) plain = counts_plainly(n, &inverted);
		TRY(compile_steps(p, l, n->steps, n->n_steps, err));
	}
	if (plain && l->steps[0].n_tests == 0) p->plain |= bit;
	else p->rows |= bit;
	/* What counts compares with the number itself; only what is a yes or no is turned round. */
	if (inverted && (n->op == JOURNEY_SEGMENT_HAS || (p->plain & bit))) p->inverted |= bit;
	return OK;
}

static enum err_code compile_trait(struct journey_segment_plan *p, struct leaf *l, struct err *err)
{
	struct journey_filter f = l->node->filter;
	f.dimension = str_format(p->arena, JOURNEY_TRAIT STR_FMT, STR_ARG(f.dimension));
	if (!f.dimension.ptr) return err_no_memory(err);
	l->n_steps = 1;
	l->steps = ARENA_ARRAY(p->arena, struct step, 1);
	if (!l->steps) return err_no_memory(err);
	return test_compile(p->s, &f, p->arena, &l->steps[0].tests[0], err);
}

static enum err_code compile_leaf(struct journey_segment_plan *p, const struct journey_segment_node *n, struct err *err)
{
	if (p->n_leaves == JOURNEY_SEGMENT_LEAVES_MAX)
		return err_limit(err, "segment.conditions", "segment", JOURNEY_SEGMENT_LEAVES_MAX + 1,
		                 JOURNEY_SEGMENT_LEAVES_MAX, "a segment has at most %d conditions",
		                 JOURNEY_SEGMENT_LEAVES_MAX);
	const uint64_t bit = BIT_OF(p->n_leaves);
	struct leaf *l = &p->leaves[p->n_leaves];
	*l = (struct leaf){ .node = n, .from_ms = n->from_ms, .to_ms = n->to_ms, .event = RULE_ANY };
	if (n->last_ms && p->s->newest_ms != INT64_MIN && p->s->newest_ms - n->last_ms + 1 > l->from_ms)
		l->from_ms = p->s->newest_ms - n->last_ms + 1;
	if (n->event.len) l->event = journey_word_find(&p->s->events, n->event);
	switch (n->op) {
	case JOURNEY_SEGMENT_DID:
	case JOURNEY_SEGMENT_SEQUENCE:
	case JOURNEY_SEGMENT_HAS: TRY(compile_rows(p, l, bit, err)); break;
	case JOURNEY_SEGMENT_SCORE:
	case JOURNEY_SEGMENT_COMMENTED: p->evidence |= bit; break;
	case JOURNEY_SEGMENT_SPENT:
		l->currency = journey_word_find(&p->s->currencies, n->currency);
		p->evidence |= bit;
		break;
	case JOURNEY_SEGMENT_TRAIT: TRY(compile_trait(p, l, err)); /* fall through */
	default: p->ends |= bit; break;
	}
	p->program[p->n_program++] = (int8_t)p->n_leaves++;
	return OK;
}

static enum err_code compile_node(struct journey_segment_plan *p, const struct journey_segment_node *n, int depth,
                                  struct err *err)
{
	if (depth > JOURNEY_SEGMENT_NODES_MAX || p->n_program + 2 > COUNT_OF(p->program))
		return err_limit(err, "segment.size", "segment", depth, JOURNEY_SEGMENT_NODES_MAX,
		                 "the segment has too many parts");
	switch (n->op) {
	case JOURNEY_SEGMENT_IN:
		if (!n->a)
			return err_set(err, ERR_INPUT, "segment.unresolved", "segment",
			               "the rule of segment \"" STR_FMT "\" is not known", STR_ARG(n->name));
		return compile_node(p, n->a, depth + 1, err);
	case JOURNEY_SEGMENT_NOT:
		TRY(compile_node(p, n->a, depth + 1, err));
		p->program[p->n_program++] = DO_NOT;
		return OK;
	case JOURNEY_SEGMENT_AND:
	case JOURNEY_SEGMENT_OR:
		TRY(compile_node(p, n->a, depth + 1, err));
		TRY(compile_node(p, n->b, depth + 1, err));
		if (p->n_program == COUNT_OF(p->program))
			return err_limit(err, "segment.size", "segment", depth, JOURNEY_SEGMENT_NODES_MAX,
			                 "the segment has too many parts");
		p->program[p->n_program++] = n->op == JOURNEY_SEGMENT_AND ? DO_AND : DO_OR;
		return OK;
	default: return compile_leaf(p, n, err);
	}
}

enum err_code journey_segment_compile(const struct journey_segment *s, const struct journey_schema *schema,
                                      struct arena *a, struct journey_segment_plan **out, struct err *err)
{
	struct journey_segment_plan *p = ARENA_NEW(a, struct journey_segment_plan);
	uint64_t *kind = ARENA_ARRAY(a, uint64_t, schema->n_kinds);
	if (!p || !kind) return err_no_memory(err);
	p->s = schema;
	p->arena = a;
	TRY(compile_node(p, s->root, 0, err));
	for (uint32_t k = 1; k < schema->n_kinds; k++) {
		if (schema->kinds[k].hidden) continue;
		kind[k] = VISIBLE;
		for (size_t i = 0; i < p->n_leaves; i++)
			for (size_t t = 0; ((p->plain | p->rows) & BIT_OF(i)) && t < p->leaves[i].n_steps; t++)
				if (p->leaves[i].steps[t].kind[k]) kind[k] |= BIT_OF(i);
	}
	p->kind = kind;
	*out = p;
	return OK;
}

static enum err_code node_filters(const struct journey_segment_node *n, size_t at, journey_segment_filter_fn fn,
                                  void *ctx, struct err *err)
{
	for (size_t i = 0; i < n->n_steps; i++)
		for (size_t k = 0; k < n->steps[i].n_where; k++) TRY(fn(ctx, &n->steps[i].where[k], at, err));
	if (n->op == JOURNEY_SEGMENT_HAS) TRY(fn(ctx, &n->filter, at, err));
	if (n->op != JOURNEY_SEGMENT_TRAIT) return OK;
	char name[256];
	const int len = snprintf(name, sizeof name, JOURNEY_TRAIT STR_FMT, STR_ARG(n->filter.dimension));
	struct journey_filter f = n->filter;
	f.dimension = (struct str){ name, (size_t)len < sizeof name ? (size_t)len : sizeof name - 1 };
	return fn(ctx, &f, at, err);
}

/* What another segment is wrong about stands where that one is named. */
static enum err_code filters_below(const struct journey_segment_node *n, const struct journey_segment_node *named,
                                   journey_segment_filter_fn fn, void *ctx, struct err *err)
{
	if (!n) return OK;
	TRY(node_filters(n, named ? named->at : n->at, fn, ctx, err));
	if (!named && n->op == JOURNEY_SEGMENT_IN) named = n;
	TRY(filters_below(n->a, named, fn, ctx, err));
	return filters_below(n->b, named, fn, ctx, err);
}

enum err_code journey_segment_filters(const struct journey_segment_node *n, journey_segment_filter_fn fn, void *ctx,
                                      struct err *err)
{
	return filters_below(n, NULL, fn, ctx, err);
}

/* --- the pass ---------------------------------------------------------------------------------- */

struct state {       /* of a leaf, for one customer */
	int64_t n;   /* so far; SPENT: minor units */
	int64_t *at; /* with a window: times of what counts */
	uint32_t n_at, cap;
	bool hit;
	double sum, last; /* SCORE */
	/* SEQUENCE, for each step: the latest moment (of the step; of the first step, with a window over all) of a
	   chain that ends with it, and the same of the row numbered `row`, the last that ended one */
	int64_t best[JOURNEY_SEGMENT_STEPS_MAX], row_best[JOURNEY_SEGMENT_STEPS_MAX];
	uint32_t row[JOURNEY_SEGMENT_STEPS_MAX];
	unsigned there; /* bits of steps that have a `best` */
};

struct journey_segment_pass {
	const struct journey_segment_plan *p;
	struct journey_set *set;
	int64_t of;
	bool failed;
	struct state states[JOURNEY_SEGMENT_LEAVES_MAX];
};

struct journey_segment_pass *journey_segment_new(const struct journey_segment_plan *p)
{
	struct journey_segment_pass *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	s->p = p;
	s->set = journey_set_new();
	if (s->set) return s;
	free(s);
	return NULL;
}

void journey_segment_free(struct journey_segment_pass *s)
{
	if (!s) return;
	for (size_t i = 0; i < COUNT_OF(s->states); i++) free(s->states[i].at);
	journey_set_free(s->set);
	free(s);
}

static void state_reset(struct state *x)
{
	x->n = 0;
	x->n_at = 0;
	x->hit = false;
	x->sum = 0;
	x->there = 0;
}

static void count_one(struct journey_segment_pass *s, struct state *x, bool window, int64_t at_ms)
{
	x->n++;
	if (!window) return;
	if (!grow((void **)&x->at, &x->cap, x->n_at + 1, sizeof *x->at)) {
		s->failed = true;
		return;
	}
	x->at[x->n_at++] = at_ms;
}

static bool in_period(const struct leaf *l, int64_t at_ms)
{
	return at_ms >= l->from_ms && at_ms < l->to_ms;
}

static bool step_fits(const struct step *t, const struct journey_columns *c, uint32_t row)
{
	if (!t->kind[c->kind[row]]) return false;
	for (size_t i = 0; i < t->n_tests; i++)
		if (!test_row(&t->tests[i], c, row)) return false;
	return true;
}

/* Row number `place` of the customer's events moves the chains on. Later steps first: a row is one step of a chain. */
static void sequence_row(const struct leaf *l, struct state *x, const struct journey_columns *c, uint32_t row,
                         uint32_t place)
{
	const int64_t at_ms = c->at_ms[row], all = l->node->within_ms;
	for (size_t k = l->n_steps; k-- > 0;) {
		const struct step *t = &l->steps[k];
		if (!step_fits(t, c, row)) continue;
		int64_t mark = at_ms;
		if (k > 0) {
			if (!(x->there >> (k - 1) & 1)) continue;
			if (t->directly && x->row[k - 1] + 1 != place) continue;
			const int64_t before = t->directly ? x->row_best[k - 1] : x->best[k - 1];
			const int64_t most = all ? all : t->within_ms;
			if (most && at_ms - before > most) continue;
			if (all) mark = before;
		}
		if (!(x->there >> k & 1) || mark > x->best[k]) x->best[k] = mark;
		x->row[k] = place;
		x->row_best[k] = mark;
		x->there |= 1u << k;
		x->hit |= k + 1 == l->n_steps;
	}
}

static void look_at_rows(struct journey_segment_pass *s, const struct journey_columns *c, uint32_t lo, uint32_t hi,
                         uint64_t wanted)
{
	const struct journey_segment_plan *p = s->p;
	uint32_t place = 0; /* of the events, from 1 */
	for (uint32_t row = lo; row < hi; row++) {
		const uint64_t kind = p->kind[c->kind[row]];
		place += (kind & VISIBLE) != 0;
		for (uint64_t bits = kind & wanted; bits; bits &= bits - 1) {
			const int i = __builtin_ctzll(bits);
			const struct leaf *l = &p->leaves[i];
			if (!in_period(l, c->at_ms[row])) continue;
			if (l->node->op == JOURNEY_SEGMENT_SEQUENCE) sequence_row(l, &s->states[i], c, row, place);
			else if (step_fits(&l->steps[0], c, row)) {
				s->states[i].hit = true;
				count_one(s, &s->states[i], l->node->within_ms > 0, c->at_ms[row]);
			}
		}
	}
}

static bool compares(enum journey_segment_compare how, double x, double bar)
{
	switch (how) {
	case JOURNEY_AT_LEAST: return x >= bar;
	case JOURNEY_AT_MOST: return x <= bar;
	case JOURNEY_EXACTLY: return x == bar;
	case JOURNEY_BELOW: return x < bar;
	default: return x > bar;
	}
}

static bool compares_whole(enum journey_segment_compare how, int64_t x, int64_t bar)
{
	switch (how) {
	case JOURNEY_AT_LEAST: return x >= bar;
	case JOURNEY_AT_MOST: return x <= bar;
	case JOURNEY_EXACTLY: return x == bar;
	case JOURNEY_BELOW: return x < bar;
	default: return x > bar;
	}
}

/* What a piece of evidence speaks of: its own event, or the one that it names; the whole journey only when anything
 * will do. */
static bool speaks_of(const struct leaf *l, const struct journey_evidence *e, uint32_t own)
{
	if (l->event == RULE_ANY) return true;
	if (l->node->op == JOURNEY_SEGMENT_SPENT || e->about == JOURNEY_ABOUT_OWN) return own == l->event;
	return e->about >= JOURNEY_ABOUT_EVENT && e->about - JOURNEY_ABOUT_EVENT == l->event;
}

static void evidence_piece(struct journey_segment_pass *s, const struct leaf *l, struct state *x,
                           const struct journey_columns *c, const struct journey_evidence *e)
{
	const struct journey_segment_node *n = l->node;
	const uint32_t own = s->p->s->kinds[c->kind[e->row]].event;
	if (!in_period(l, c->at_ms[e->row]) || !speaks_of(l, e, own)) return;
	if (n->op == JOURNEY_SEGMENT_COMMENTED) {
		if (e->what == JOURNEY_COMMENT) count_one(s, x, n->within_ms > 0, c->at_ms[e->row]);
		return;
	}
	if (n->op == JOURNEY_SEGMENT_SPENT) {
		if (e->what == JOURNEY_MONEY && e->about == l->currency) x->n += llrint(e->raw);
		return;
	}
	if (e->what != n->signal) return;
	const double u =
	        e->what == JOURNEY_WAIT ? journey_utility_wait(e->raw, s->p->s->wait_w50[own]) : (double)e->utility;
	if (isnan(u)) return;
	x->n++;
	x->sum += u;
	x->last = u;
	x->hit |= compares(n->compare, u, n->bar);
}

static void look_at_evidence(struct journey_segment_pass *s, const struct journey_columns *c, uint32_t i)
{
	const struct journey_segment_plan *p = s->p;
	for (uint32_t k = c->evidence_offset[i]; k < c->evidence_offset[i + 1]; k++) {
		const struct journey_evidence *e = &c->evidence[k];
		if (!(p->kind[c->kind[e->row]] & VISIBLE)) continue;
		for (uint64_t bits = p->evidence; bits; bits &= bits - 1) {
			const int leaf = __builtin_ctzll(bits);
			evidence_piece(s, &p->leaves[leaf], &s->states[leaf], c, e);
		}
	}
}

/* The most of what counts in any stretch of the window's length. */
static int64_t busiest(const struct state *x, int64_t window_ms)
{
	int64_t most = 0;
	for (uint32_t lo = 0, hi = 0; hi < x->n_at; hi++) {
		while (x->at[hi] - x->at[lo] > window_ms) lo++;
		if ((int64_t)hi - lo + 1 > most) most = (int64_t)hi - lo + 1;
	}
	return most;
}

static bool row_leaf(const struct leaf *l, const struct state *x)
{
	const struct journey_segment_node *n = l->node;
	if (n->op == JOURNEY_SEGMENT_HAS || n->op == JOURNEY_SEGMENT_SEQUENCE) return x->hit;
	return compares_whole(n->compare, n->within_ms ? busiest(x, n->within_ms) : x->n, n->times);
}

static bool evidence_leaf(const struct leaf *l, const struct state *x)
{
	const struct journey_segment_node *n = l->node;
	if (n->op == JOURNEY_SEGMENT_SPENT) return compares_whole(n->compare, x->n, n->minor);
	if (n->op == JOURNEY_SEGMENT_COMMENTED) return row_leaf(l, x);
	if (x->n == 0) return false;
	if (n->of == JOURNEY_OF_ANY) return x->hit;
	return compares(n->compare, n->of == JOURNEY_OF_LAST ? x->last : x->sum / (double)x->n, n->bar);
}

/* The newest value of a trait, in order of arrival; hidden rows are those that say it. */
static bool trait_leaf(const struct leaf *l, const struct journey_columns *c, uint32_t lo, uint32_t hi)
{
	const struct test *t = &l->steps[0].tests[0];
	const bool column = t->where == TEST_DIMENSION && t->dimension < c->n_dimensions;
	uint32_t newest = UINT32_MAX;
	for (uint32_t row = lo; column && row < hi; row++)
		if (journey_code(c->dimensions[t->dimension], row) != 0 &&
		    (newest == UINT32_MAX || c->arrival[row] > c->arrival[newest]))
			newest = row;
	if (newest != UINT32_MAX) return test_row(t, c, newest);
	return !t->in && (t->code == 0) != t->is_not; /* none has a value */
}

static bool end_leaf(const struct journey_segment_plan *p, const struct leaf *l, const struct journey_columns *c,
                     uint32_t lo, uint32_t hi)
{
	if (l->node->op == JOURNEY_SEGMENT_TRAIT) return trait_leaf(l, c, lo, hi);
	if (l->node->op == JOURNEY_SEGMENT_FIRST)
		while (!(p->kind[c->kind[lo]] & VISIBLE)) lo++;
	else
		while (!(p->kind[c->kind[hi - 1]] & VISIBLE)) hi--;
	return in_period(l, c->at_ms[l->node->op == JOURNEY_SEGMENT_FIRST ? lo : hi - 1]);
}

static bool work_out(const struct journey_segment_plan *p, uint64_t holds)
{
	bool stack[JOURNEY_SEGMENT_LEAVES_MAX + 1];
	size_t n = 0;
	for (size_t i = 0; i < p->n_program; i++) {
		const int8_t x = p->program[i];
		if (x >= 0) {
			stack[n++] = holds >> x & 1;
		} else if (x == DO_NOT) {
			stack[n - 1] = !stack[n - 1];
		} else {
			n--;
			stack[n - 1] = x == DO_AND ? stack[n - 1] && stack[n] : stack[n - 1] || stack[n];
		}
	}
	return stack[0];
}

/* Which leaves hold for customer i, whose rows touch those of `seen`. */
static uint64_t leaves_of(struct journey_segment_pass *s, const struct journey_columns *c, uint32_t i, uint64_t seen)
{
	const struct journey_segment_plan *p = s->p;
	const uint32_t lo = c->offset[i], hi = c->offset[i + 1];
	uint64_t holds = seen & p->plain;
	if (!(p->rows | p->evidence | p->ends)) return holds ^ p->inverted;
	if (p->rows | p->evidence)
		for (size_t k = 0; k < p->n_leaves; k++) state_reset(&s->states[k]);
	if (seen & p->rows) look_at_rows(s, c, lo, hi, p->rows);
	if (p->evidence) look_at_evidence(s, c, i);
	for (size_t k = 0; k < p->n_leaves; k++) {
		const struct leaf *l = &p->leaves[k];
		const uint64_t bit = BIT_OF(k);
		bool yes = false;
		if (p->rows & bit) yes = row_leaf(l, &s->states[k]);
		if (p->evidence & bit) yes = evidence_leaf(l, &s->states[k]);
		if (p->ends & bit) yes = end_leaf(p, l, c, lo, hi);
		if (yes) holds |= bit;
	}
	return holds ^ p->inverted;
}

void journey_segment_add(struct journey_segment_pass *s, const struct journey_columns *c)
{
	const uint64_t *kind = s->p->kind;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		uint64_t seen = 0;
		for (uint32_t row = c->offset[i]; row < c->offset[i + 1]; row++) seen |= kind[c->kind[row]];
		if (!(seen & VISIBLE)) continue;
		s->of++;
		if (work_out(s->p, leaves_of(s, c, i, seen))) journey_set_add(s->set, c->customer[i]);
	}
}

void journey_segment_merge(struct journey_segment_pass *s, struct journey_segment_pass *from)
{
	journey_set_or(s->set, from->set);
	s->of += from->of;
	s->failed |= from->failed;
}

enum err_code journey_segment_take(struct journey_segment_pass *s, struct journey_set **out, int64_t *of,
                                   struct err *err)
{
	if (s->failed) return err_no_memory(err);
	*out = s->set;
	*of = s->of;
	s->set = NULL;
	return OK;
}
