/*
 * Scores by activity and value: cells [code * values + value].
 *
 *   met      how often                     8 bytes a cell, all that a row touches
 *   answers  sums of the answers           by cell, touched by one row in twenty
 *   kinds    how often a kind was met      8 bytes a kind, twice
 *
 * What lives of a run that the question takes whole is counted in plain loops
 * over its two columns; over one, its kinds, where a kind decides on the cell.
 * Sums are integers: utilities and scores in units of 2^-32.
 */
#include "journey/priv.h"

#include <math.h>

struct journey_scores_plan {
	const struct journey_scores_query *q;
	struct dimension by;
	uint32_t n_values, n_codes;
	uint32_t cell; /* of the people, NO_CELL when nobody can be meant */
};
#define NO_CELL UINT32_MAX

enum { SCALES_OTHER = 63, ANSWERS_MIN = 5 };

struct answers {
	struct side all;
	int64_t low;
	wide raw_squares;
	uint64_t scales;    /* a bit for each scale met */
	struct cluster own; /* of the customer at hand */
};

struct scores {
	const struct journey_plan *p;
	const struct journey_scores_plan *what;
	int64_t *met;
	struct answers *answers;
	uint32_t *cell_of; /* [kind]; NULL: the row decides */
	int64_t *kinds;    /* [kind] in rows 0, 2, ... of runs, then [kind] in rows 1, 3, ...; with cell_of */
	uint32_t *touched, n_touched, cap_touched; /* cells that the customer at hand has answered about */
	struct journey_set *people;
	struct cases cs;
	bool failed;
};

enum err_code journey_scores_plan(const struct journey_plan *p, const struct journey_scores_query *q, struct arena *a,
                                  struct journey_scores_plan **out, struct err *err)
{
	struct journey_scores_plan *s = ARENA_NEW(a, struct journey_scores_plan);
	if (!s) return err_no_memory(err);
	s->q = q;
	s->n_codes = activities_of(p);
	s->n_values = 1;
	s->by.where = TEST_NOWHERE;
	if (q->by.len) {
		TRY(dimension_by_name(p, q->by, "by", &s->by, err));
		s->n_values = s->by.words->n;
	}
	const uint64_t cells = (uint64_t)s->n_codes * s->n_values;
	if (cells > JOURNEY_SCORES_CELLS_MAX)
		return err_limit(err, "query.split", "by", (int64_t)cells, JOURNEY_SCORES_CELLS_MAX,
		                 "%u activities by %u values are too many", s->n_codes, s->n_values);
	s->cell = NO_CELL;
	if (q->people) {
		uint32_t code;
		TRY(activity_find(p, q->name, "name", &code, err));
		const uint32_t value = q->by.len ? journey_word_find(s->by.words, q->value) : q->value.len != 0;
		if (value < s->n_values) s->cell = code * s->n_values + value;
	}
	*out = s;
	return OK;
}

static void scores_free(void *pass)
{
	struct scores *s = pass;
	if (!s) return;
	cases_done(&s->cs);
	journey_set_free(s->people);
	free(s->met);
	free(s->answers);
	free(s->cell_of);
	free(s->kinds);
	free(s->touched);
	free(s);
}

/* Whether rows of one kind are always in one cell. */
static bool kinds_decide(const struct journey_plan *p, const struct journey_scores_plan *what)
{
	if (what->by.where == TEST_DIMENSION) return false;
	for (uint32_t k = 0; p->q->rules && k < p->s->n_kinds; k++)
		if (p->kind_code[k] == CODE_BY_ROW) return false;
	return true;
}

static uint32_t cell_of_kind(const struct scores *s, uint32_t k)
{
	const struct journey_kind *kind = &s->p->s->kinds[k];
	const uint32_t code = s->p->q->rules ? s->p->kind_code[k] : kind->event;
	const enum test_where by = s->what->by.where;
	return code * s->what->n_values + (by == TEST_EVENT ? kind->event : by == TEST_CHANNEL ? kind->channel : 0);
}

static bool make_cells_of_kinds(struct scores *s)
{
	const uint32_t n = s->p->s->n_kinds;
	s->cell_of = malloc(n * sizeof *s->cell_of);
	s->kinds = calloc(n, 2 * sizeof *s->kinds);
	if (!s->cell_of || !s->kinds) return false;
	for (uint32_t k = 0; k < n; k++) s->cell_of[k] = cell_of_kind(s, k);
	return true;
}

static void *scores_make(const struct journey_plan *p, const void *what)
{
	struct scores *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	s->p = p;
	s->what = what;
	const size_t cells = (size_t)s->what->n_codes * s->what->n_values;
	s->met = calloc(cells, sizeof *s->met);
	s->answers = calloc(cells, sizeof *s->answers);
	s->people = journey_set_new();
	if (s->met && s->answers && s->people && (!kinds_decide(p, what) || make_cells_of_kinds(s))) return s;
	scores_free(s);
	return NULL;
}

static uint32_t value_of(const struct scores *s, const struct journey_columns *c, uint32_t row)
{
	return s->what->by.where == TEST_NOWHERE ? 0 : dimension_code(&s->what->by, c, row);
}

static uint32_t cell_of(const struct scores *s, const struct journey_columns *c, uint32_t row)
{
	if (s->cell_of) return s->cell_of[c->kind[row]];
	return activity(s->p, c, row) * s->what->n_values + value_of(s, c, row);
}

/* --- rows -------------------------------------------------------------------------------------- */

struct range {
	uint32_t lo, hi;
};

#define COUNT_BY(value)                                                                                                \
	for (uint32_t i = r.lo; i < r.hi; i++) met[(size_t)code[i] * n + (value)]++

/* Two places for each kind, in turns: the next row often has the same, and would wait for it. */
static void count_kinds(struct scores *s, const struct journey_columns *c, struct range r)
{
	const uint16_t *kind = c->kind;
	int64_t *even = s->kinds, *odd = s->kinds + s->p->s->n_kinds;
	uint32_t i = r.lo;
	for (; i + 1 < r.hi; i += 2) {
		even[kind[i]]++;
		odd[kind[i + 1]]++;
	}
	if (i < r.hi) even[kind[i]]++;
}

/* A loop for each width of the column. */
static void count_rows(struct scores *s, const struct journey_columns *c, struct range r)
{
	const uint16_t *code = c->touchpoints, *kind = c->kind;
	const struct journey_kind *kinds = s->p->s->kinds;
	const uint32_t n = s->what->n_values, d = s->what->by.number;
	int64_t *met = s->met;
	if (s->what->by.where == TEST_CHANNEL) {
		COUNT_BY(kinds[kind[i]].channel);
		return;
	}
	if (s->what->by.where == TEST_EVENT) {
		COUNT_BY(kinds[kind[i]].event);
		return;
	}
	const struct journey_codes none = { 0 };
	const struct journey_codes v =
	        s->what->by.where == TEST_DIMENSION && d < c->n_dimensions ? c->dimensions[d] : none;
	switch (v.bytes) {
	case 1: COUNT_BY(((const uint8_t *)v.ptr)[i]); break;
	case 2: COUNT_BY(((const uint16_t *)v.ptr)[i]); break;
	case 4: COUNT_BY(((const uint32_t *)v.ptr)[i]); break;
	default: COUNT_BY(0);
	}
}

static void count_range(struct scores *s, const struct journey_columns *c, struct range r)
{
	if (s->cell_of) count_kinds(s, c, r);
	else count_rows(s, c, r);
}

/* All rows of a run but those of dead slices: neighbours that live are one range. */
static void count_run(struct scores *s, const struct journey_columns *c)
{
	struct range r = { 0 };
	for (uint32_t i = 0; c->dead && i < c->n_customers; i++) {
		if (!journey_dead(c, i)) continue;
		r.hi = c->offset[i];
		if (r.lo < r.hi) count_range(s, c, r);
		r.lo = c->offset[i + 1];
	}
	r.hi = c->n_rows;
	count_range(s, c, r);
}

static void count_case(struct scores *s, const struct journey_columns *c, const struct span *span)
{
	for (uint32_t i = 0; i < span->n; i++)
		s->met[(size_t)span->code[i] * s->what->n_values + value_of(s, c, span_row(span, i))]++;
}

/* Whether the question takes all rows of the run that live. */
static bool takes_all(const struct scores *s, const struct journey_columns *c)
{
	const struct journey_query *q = s->p->q;
	return s->p->plain && s->p->always && c->touchpoints && !q->segment;
}

/* --- answers ----------------------------------------------------------------------------------- */

static void answer_add(struct scores *s, uint32_t cell, const struct journey_evidence *e)
{
	struct answers *a = &s->answers[cell];
	if (a->own.n == 0) {
		if (!grow((void **)&s->touched, &s->cap_touched, s->n_touched + 1, sizeof *s->touched)) {
			s->failed = true;
			return;
		}
		s->touched[s->n_touched++] = cell;
	}
	const int64_t raw = fix(e->raw);
	cluster_add(&a->own, &(struct cluster){ 1, fix((double)e->utility), raw });
	a->raw_squares += (wide)raw * raw;
	a->low += (double)e->utility < s->what->q->low;
	a->scales |= UINT64_C(1) << (e->scale <= SCALES_OTHER ? e->scale : SCALES_OTHER);
}

static void answers_of_case(struct scores *s, const struct journey_columns *c, uint32_t customer, uint32_t k)
{
	const struct span span = spans_get(&s->cs, k);
	const uint32_t end = c->evidence_offset[customer + 1], last = span_row(&span, span.n - 1);
	uint32_t place = 0;
	for (uint32_t i = evidence_from(c, customer, span_row(&span, 0)); i < end && c->evidence[i].row <= last; i++) {
		const struct journey_evidence *e = &c->evidence[i];
		if (e->what != JOURNEY_RATING) continue;
		if (!span.row) place = e->row - span.first;
		while (span_row(&span, place) < e->row) place++;
		if (span_row(&span, place) != e->row) continue;
		const uint32_t row = evidence_row(s->p, c, &s->cs, k, place, e);
		if (row == NO_ROW) continue;
		answer_add(s, cell_of(s, c, row), e);
	}
}

static void answers_of_customer_end(struct scores *s, uint32_t customer)
{
	for (uint32_t i = 0; i < s->n_touched; i++) {
		struct answers *a = &s->answers[s->touched[i]];
		const struct side one = side_of(&a->own);
		side_merge(&a->all, &one);
		a->own = (struct cluster){ 0 };
		if (s->touched[i] == s->what->cell) journey_set_add(s->people, customer);
	}
	s->n_touched = 0;
}

static void scores_add(void *pass, const struct journey_columns *c)
{
	struct scores *s = pass;
	const bool all = takes_all(s, c);
	if (all) count_run(s, c);
	for (uint32_t i = 0; i < c->n_customers; i++) {
		const bool evidence = c->evidence_offset[i] < c->evidence_offset[i + 1];
		if ((all && !evidence) || journey_dead(c, i)) continue;
		const uint32_t n = all ? spans_one(c, i, &s->cs) : spans_cut(s->p, c, i, &s->cs);
		for (uint32_t k = 0; k < n && !all; k++) {
			const struct span span = spans_get(&s->cs, k);
			count_case(s, c, &span);
		}
		for (uint32_t k = 0; k < cases_stated(&s->cs) && evidence; k++) answers_of_case(s, c, i, k);
		answers_of_customer_end(s, c->customer[i]);
	}
	s->failed |= s->cs.failed;
}

static void scores_merge(void *pass, void *from)
{
	struct scores *s = pass;
	const struct scores *o = from;
	const size_t cells = (size_t)s->what->n_codes * s->what->n_values;
	for (size_t k = 0; s->kinds && k < 2 * (size_t)s->p->s->n_kinds; k++) s->kinds[k] += o->kinds[k];
	s->failed |= o->failed;
	for (size_t i = 0; i < cells; i++) {
		struct answers *a = &s->answers[i];
		const struct answers *b = &o->answers[i];
		s->met[i] += o->met[i];
		side_merge(&a->all, &b->all);
		a->low += b->low;
		a->raw_squares += b->raw_squares;
		a->scales |= b->scales;
	}
	journey_set_or(s->people, o->people);
}

const struct journey_pass journey_scores_pass = { scores_make, scores_add, scores_merge, scores_free };

const struct journey_set *journey_scores_people(const void *pass)
{
	return ((const struct scores *)pass)->people;
}

/* --- result --------------------------------------------------------------------------------------- */

static int by_events_then_names(const void *x, const void *y)
{
	const struct journey_scores_row *a = x, *b = y;
	if (a->n != b->n) return a->n > b->n ? -1 : 1;
	const int c = str_cmp(a->name, b->name);
	return c ? c : str_cmp(a->value, b->value);
}

static bool one_scale(uint64_t scales)
{
	return scales && (scales & (scales - 1)) == 0 && !(scales >> SCALES_OTHER);
}

static enum err_code figures(const struct answers *a, struct journey_scores_row *r, struct err *err)
{
	const struct stats_group g = side_group(&a->all);
	r->answers = a->all.n;
	r->customers = a->all.customers;
	r->mean = r->sd = NAN;
	if (a->all.n >= ANSWERS_MIN && one_scale(a->scales)) {
		const long double n = (long double)a->all.n, sum = (long double)a->all.raw;
		const long double ss = (long double)a->raw_squares - sum * sum / n;
		r->mean = (double)(sum / n * 0x1p-32L);
		r->sd = ss > 0 ? (double)(sqrtl(ss / (n - 1)) * 0x1p-32L) : 0;
	}
	stats_mean_group(&g, &r->score);
	stats_on_scale(&r->score, (struct interval){ 0, 100 });
	stats_mark(&r->score);
	TRY(stats_proportion(a->low, a->all.n, &r->low_share, err));
	stats_mark(&r->low_share);
	return OK;
}

/* How often each cell was met, by row or by kind; NULL when memory is short. */
static int64_t *met_in_all(const struct scores *s, size_t cells, struct arena *a)
{
	int64_t *met = ARENA_ARRAY(a, int64_t, cells);
	if (!met) return NULL;
	memcpy(met, s->met, cells * sizeof *met);
	const uint32_t n = s->p->s->n_kinds;
	for (uint32_t k = 0; s->kinds && k < n; k++) met[s->cell_of[k]] += s->kinds[k] + s->kinds[n + k];
	return met;
}

enum err_code journey_scores_result(const void *pass, struct arena *a, struct journey_scores *out, struct err *err)
{
	const struct scores *s = pass;
	if (s->failed) return err_no_memory(err);
	const uint32_t n_values = s->what->n_values;
	const size_t cells = (size_t)s->what->n_codes * n_values;
	int64_t *met = met_in_all(s, cells, a);
	size_t n = 0;
	for (size_t i = 0; met && i < cells; i++) n += met[i] > 0;
	struct journey_scores r = { .rows = ARENA_ARRAY(a, struct journey_scores_row, n) };
	if (!met || !r.rows) return err_no_memory(err);
	for (size_t i = 0; i < cells; i++) {
		if (!met[i]) continue;
		struct journey_scores_row *row = &r.rows[r.n_rows++];
		*row = (struct journey_scores_row){ .name = activity_name(s->p, (uint32_t)(i / n_values)),
			                            .value = STR(""),
			                            .n = met[i] };
		if (s->what->by.where != TEST_NOWHERE)
			row->value = journey_word(s->what->by.words, (uint32_t)(i % n_values));
		TRY(figures(&s->answers[i], row, err));
	}
	qsort(r.rows, r.n_rows, sizeof *r.rows, by_events_then_names);
	*out = r;
	return OK;
}
