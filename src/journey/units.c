/* Figures by unit. Units are numbered so that one stands before those below it: rolling up is a loop backwards. */
#include "journey/units.h"

#include "base/checked.h"
#include "journey/priv.h"

struct unit {
	struct str path, name;
	uint32_t parent, depth; /* 0 is the whole */
};
struct journey_units_tree {
	uint32_t dimension;
	struct unit *units;
	uint32_t n;
	uint32_t *of; /* [code of a value] its unit */
	uint32_t n_values;
};

/* --- the tree ---------------------------------------------------------------------------------- */

struct value {
	struct str path;
	uint32_t code;
};

/* By bytes with "/" before all others: what is below a unit follows it at once. */
static int by_path(const void *x, const void *y)
{
	const struct str a = ((const struct value *)x)->path, b = ((const struct value *)y)->path;
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		if (a.ptr[i] == b.ptr[i]) continue;
		if (a.ptr[i] == '/' || b.ptr[i] == '/') return a.ptr[i] == '/' ? -1 : 1;
		return (unsigned char)a.ptr[i] < (unsigned char)b.ptr[i] ? -1 : 1;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

static bool is_below(struct str path, struct str top)
{
	return top.len == 0 || (str_starts(path, top) && (path.len == top.len || path.ptr[top.len] == '/'));
}

/* The unit of a path that is not before any there is; the units between it and the newest are made on the way. */
static bool unit_of(struct journey_units_tree *t, struct str path, uint32_t *out)
{
	uint32_t at = t->n - 1;
	while (!is_below(path, t->units[at].path)) at = t->units[at].parent;
	while (t->units[at].path.len < path.len) {
		const size_t before = t->units[at].path.len, from = before ? before + 1 : 0;
		size_t end = from;
		/* A path that begins with "/" has no unit in front of that one. */
		while (end < path.len && (path.ptr[end] != '/' || end == 0)) end++;
		if (t->n == JOURNEY_UNITS_MAX) return false;
		t->units[t->n] = (struct unit){ .path = str_cut(path, 0, end),
			                        .name = str_cut(path, from, end),
			                        .parent = at,
			                        .depth = t->units[at].depth + 1 };
		at = t->n++;
	}
	*out = at;
	return true;
}

enum err_code journey_units_tree(const struct journey_schema *s, struct str dimension, struct arena *a,
                                 struct journey_units_tree **out, struct err *err)
{
	size_t d = 0;
	while (d < s->n_dimensions && !str_eq(s->dimensions[d].name, dimension)) d++;
	if (d == s->n_dimensions)
		return err_set(err, ERR_INPUT, "query.dimension", "dimension",
		               "\"" STR_FMT "\" is not a declared property", STR_ARG(dimension));
	const struct journey_words *w = &s->dimensions[d].words;
	if (w->n > JOURNEY_UNITS_MAX)
		return err_limit(err, "query.units", "dimension", w->n, JOURNEY_UNITS_MAX,
		                 "%u values are more than a tree of units has", w->n);
	struct journey_units_tree *t = ARENA_NEW(a, struct journey_units_tree);
	struct value *values = ARENA_ARRAY(a, struct value, w->n);
	if (!t || !values) return err_no_memory(err);
	*t = (struct journey_units_tree){ .dimension = (uint32_t)d,
		                          .units = ARENA_ARRAY(a, struct unit, JOURNEY_UNITS_MAX),
		                          .n = 1,
		                          .of = ARENA_ARRAY(a, uint32_t, w->n),
		                          .n_values = w->n };
	if (!t->units || !t->of) return err_no_memory(err);
	uint32_t n = 0;
	for (uint32_t code = 1; code < w->n; code++) {
		values[n] = (struct value){ str_copy(a, journey_word(w, code)), code };
		if (!values[n++].path.ptr) return err_no_memory(err);
	}
	qsort(values, n, sizeof *values, by_path);
	for (uint32_t i = 0; i < n; i++)
		if (!unit_of(t, values[i].path, &t->of[values[i].code]))
			return err_limit(err, "query.units", "dimension", JOURNEY_UNITS_MAX + 1, JOURNEY_UNITS_MAX,
			                 "the tree has more than %d units", JOURNEY_UNITS_MAX);
	*out = t;
	return OK;
}

/* --- the pass ---------------------------------------------------------------------------------- */

struct sums { /* of a unit, without those below it */
	int64_t n, customers, answers;
};

/* Ratings are summed twice: of a unit alone, at [unit], and with those below it, at [units + unit], because one
 * customer's ratings in several units are not independent. */
struct units {
	const struct journey_plan *p;
	const struct journey_units_tree *t;
	struct sums *sums;
	struct side *sides;
	struct cluster *own;          /* of the customer at hand */
	uint32_t *touched, n_touched; /* places in own */
	struct cases cs;
};

static void units_free(void *pass)
{
	struct units *u = pass;
	if (!u) return;
	free(u->sums);
	free(u->sides);
	free(u->own);
	free(u->touched);
	cases_done(&u->cs);
	free(u);
}

static void *units_make(const struct journey_plan *p, const void *what)
{
	struct units *u = calloc(1, sizeof *u);
	if (!u) return NULL;
	u->p = p;
	u->t = what;
	const size_t n = u->t->n;
	u->sums = calloc(n, sizeof *u->sums);
	u->sides = calloc(2 * n, sizeof *u->sides);
	u->own = calloc(2 * n, sizeof *u->own);
	u->touched = malloc(2 * n * sizeof *u->touched);
	if (u->sums && u->sides && u->own && u->touched) return u;
	units_free(u);
	return NULL;
}

static void rate(struct units *u, uint32_t place, int64_t utility)
{
	struct cluster *own = &u->own[place];
	if (!own->n) u->touched[u->n_touched++] = place;
	own->n++;
	own->s += utility;
}

static void rate_unit(struct units *u, uint32_t unit, int64_t utility)
{
	u->sums[unit].answers++;
	rate(u, unit, utility);
	for (uint32_t at = unit;; at = u->t->units[at].parent) {
		rate(u, u->t->n + at, utility);
		if (at == 0) return;
	}
}

static uint32_t unit_at(const struct units *u, const struct journey_columns *c, uint32_t row)
{
	const struct journey_units_tree *t = u->t;
	const uint32_t code = t->dimension < c->n_dimensions ? journey_code(c->dimensions[t->dimension], row) : 0;
	return code < t->n_values ? t->of[code] : 0;
}

/*
 * Rows and ratings of one case; *home becomes the first row with a unit, in the customer's own order. `home` NULL: a
 * loose row, of which the ratings count.
 */
static void add_case(struct units *u, const struct journey_columns *c, uint32_t customer, const struct span *s,
                     uint32_t *home)
{
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t e = c->evidence_offset[customer] < end ? evidence_from(c, customer, span_row(s, 0)) : end;
	for (uint32_t i = 0; i < s->n; i++) {
		const uint32_t row = span_row(s, i), unit = unit_at(u, c, row);
		u->sums[unit].n += home != NULL;
		if (unit && home && row < *home) *home = row;
		while (e < end && c->evidence[e].row < row) e++;
		for (; e < end && c->evidence[e].row == row; e++)
			if (c->evidence[e].what == JOURNEY_RATING)
				rate_unit(u, unit, fix((double)c->evidence[e].utility));
	}
}

static void units_add(void *pass, const struct journey_columns *c)
{
	struct units *u = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t cases = spans_cut(u->p, c, i, &u->cs);
		uint32_t home = UINT32_MAX;
		for (uint32_t k = 0; k < cases_stated(&u->cs); k++) {
			const struct span s = spans_get(&u->cs, k);
			add_case(u, c, i, &s, k < cases ? &home : NULL);
		}
		if (cases) u->sums[home == UINT32_MAX ? 0 : unit_at(u, c, home)].customers++;
		for (; u->n_touched; u->n_touched--) {
			const uint32_t place = u->touched[u->n_touched - 1];
			side_add(&u->sides[place], &u->own[place], 1);
			u->own[place] = (struct cluster){ 0 };
		}
	}
}

static void units_merge(void *pass, void *from)
{
	struct units *u = pass;
	const struct units *f = from;
	for (uint32_t i = 0; i < u->t->n; i++) {
		u->sums[i].n += f->sums[i].n;
		u->sums[i].customers += f->sums[i].customers;
		u->sums[i].answers += f->sums[i].answers;
	}
	for (uint32_t i = 0; i < 2 * u->t->n; i++) side_merge(&u->sides[i], &f->sides[i]);
	u->cs.failed |= f->cs.failed;
}

const struct journey_pass journey_units_pass = { units_make, units_add, units_merge, units_free };

/* --- the answer --------------------------------------------------------------------------------- */

static bool any(const struct sums *s)
{
	return s->n || s->customers || s->answers;
}

static struct journey_unit row(const struct units *u, uint32_t unit, const struct sums *s, const struct side *side)
{
	const struct unit *x = &u->t->units[unit];
	struct journey_unit r = { .path = x->path,
		                  .name = x->name,
		                  .depth = x->depth,
		                  .n = s->n,
		                  .customers = s->customers,
		                  .answers = s->answers };
	const struct stats_group g = side_group(side);
	stats_mean_group(&g, &r.score);
	stats_on_scale(&r.score, (struct interval){ 0, 100 });
	return r;
}

struct listing {
	const struct units *u;
	const struct sums *all; /* with those below */
	size_t *place;          /* [unit] in the list */
	struct journey_units *out;
};

/* The (unknown) of a unit that has others below it. */
static void close_unit(struct listing *l, uint32_t unit)
{
	struct journey_unit *list = l->out->list;
	const size_t at = l->place[unit];
	const bool parent = unit == 0 || (l->out->n > at + 1);
	if (!parent || !any(&l->u->sums[unit])) return;
	struct journey_unit r = row(l->u, unit, &l->u->sums[unit], &l->u->sides[unit]);
	r.name = STR("(unknown)");
	r.unknown = true;
	r.parent = at;
	r.depth++;
	list[l->out->n++] = r;
}

static void list_units(struct listing *l)
{
	const struct journey_units_tree *t = l->u->t;
	uint32_t open = 0; /* the unit whose branch is being listed */
	for (uint32_t i = 0; i < t->n; i++) {
		if (i && !any(&l->all[i])) continue;
		while (i && open != t->units[i].parent) {
			close_unit(l, open);
			open = t->units[open].parent;
		}
		struct journey_unit r = row(l->u, i, &l->all[i], &l->u->sides[t->n + i]);
		r.parent = i ? l->place[t->units[i].parent] : SIZE_MAX;
		l->place[i] = l->out->n;
		l->out->list[l->out->n++] = r;
		open = i;
	}
	for (;; open = t->units[open].parent) {
		close_unit(l, open);
		if (open == 0) return;
	}
}

enum err_code journey_units_result(const void *pass, struct arena *a, struct journey_units *out, struct err *err)
{
	const struct units *u = pass;
	const uint32_t n = u->t->n;
	if (u->cs.failed) return err_no_memory(err);
	struct sums *all = ARENA_ARRAY(a, struct sums, n);
	struct journey_units r = { .list = ARENA_ARRAY(a, struct journey_unit, 2 * (size_t)n) };
	struct listing l = { .u = u, .all = all, .place = ARENA_ARRAY(a, size_t, n), .out = &r };
	if (!all || !r.list || !l.place) return err_no_memory(err);
	memcpy(all, u->sums, n * sizeof *all);
	for (uint32_t i = n; i-- > 1;) {
		struct sums *up = &all[u->t->units[i].parent];
		up->n += all[i].n;
		up->customers += all[i].customers;
		up->answers += all[i].answers;
	}
	list_units(&l);
	*out = r;
	return OK;
}
