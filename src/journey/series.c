/*
 * Scores over time: cells [series * periods + period], about 200 bytes each.
 * Sums are integers in units of 2^-32, so that they do not depend on how runs
 * were dealt out. `cross` holds what a cell has in common with the one before
 * it in time: people who answered in both are no independent sample.
 */
#include "journey/priv.h"

#include <math.h>

struct journey_series_plan {
	const struct journey_series_query *q;
	struct dimension by;
	bool by_touchpoint;
	uint32_t n_series, n_periods;
	uint32_t only; /* the code of the touchpoint asked for, ALL_CODES without */
	uint32_t cell; /* of the people, NO_CELL when nobody can be meant */
};
#define NO_CELL UINT32_MAX
#define ALL_CODES UINT32_MAX

enum { ANSWERS_MIN = 5 };

struct cell {
	struct side all;
	int64_t up, down; /* promoters and detractors; the satisfied and the rest */
	wide answers;     /* sum of squares of single answers */
	struct {
		int64_t customers;
		wide ss, sn, ns, nn; /* sums over customers of both: S S', S n', n S', n n'; ' is the period before */
	} cross;
	struct cluster own; /* of the customer at hand */
};

struct series {
	const struct journey_plan *p;
	const struct journey_series_plan *what;
	struct cell *cells;
	uint32_t *touched, n_touched, cap_touched;
	struct journey_set *people;
	struct cases cs;
	bool failed;
};

static enum err_code cell_of_people(const struct journey_plan *p, struct journey_series_plan *s, struct err *err)
{
	const struct journey_series_query *q = s->q;
	uint32_t line = 0, period = 0;
	s->cell = NO_CELL;
	if (!q->people) return OK;
	if (s->by_touchpoint && str_eq(q->value, STR(JOURNEY_SERIES_WHOLE))) line = s->n_series - 1;
	else if (s->by_touchpoint) TRY(activity_find(p, q->value, "value", &line, err));
	else if (s->by.where != TEST_NOWHERE) line = journey_word_find(s->by.words, q->value);
	else if (q->value.len) line = NO_CELL;
	while (period < s->n_periods && q->bounds[period] != q->start_ms) period++;
	if (period == s->n_periods)
		return err_set(err, ERR_INPUT, "series.start", "start_ms", "no period begins at %lld",
		               (long long)q->start_ms);
	if (line < s->n_series) s->cell = line * s->n_periods + period;
	return OK;
}

enum err_code journey_series_plan(const struct journey_plan *p, const struct journey_series_query *q, struct arena *a,
                                  struct journey_series_plan **out, struct err *err)
{
	struct journey_series_plan *s = ARENA_NEW(a, struct journey_series_plan);
	if (!s) return err_no_memory(err);
	s->q = q;
	s->n_series = 1;
	s->by.where = TEST_NOWHERE;
	s->n_periods = q->n_bounds > 1 ? (uint32_t)q->n_bounds - 1 : 0;
	s->by_touchpoint = str_eq(q->by, STR(JOURNEY_SERIES_TOUCHPOINT));
	s->only = ALL_CODES;
	if (q->touchpoint.len) TRY(activity_find(p, q->touchpoint, "touchpoint", &s->only, err));
	if (s->by_touchpoint) {
		s->n_series = activities_of(p) + 1; /* the last: about the whole, or about nothing that is there */
	} else if (q->by.len) {
		TRY(dimension_by_name(p, q->by, "by", &s->by, err));
		s->n_series = s->by.words->n;
	}
	if (s->n_periods > JOURNEY_SERIES_PERIODS_MAX)
		return err_limit(err, "series.periods", "period", s->n_periods, JOURNEY_SERIES_PERIODS_MAX,
		                 "%u periods are too many", s->n_periods);
	const uint64_t cells = (uint64_t)s->n_series * s->n_periods;
	if (cells > JOURNEY_SERIES_CELLS_MAX) {
		err_limit(err, "query.split", "by", (int64_t)cells, JOURNEY_SERIES_CELLS_MAX,
		          "%u series of %u periods are too many", s->n_series, s->n_periods);
		err_hint(err, "Choose longer periods, or a shorter time with `from` and `to`.");
		return ERR_LIMIT;
	}
	TRY(cell_of_people(p, s, err));
	*out = s;
	return OK;
}

static void series_free(void *pass)
{
	struct series *s = pass;
	if (!s) return;
	cases_done(&s->cs);
	journey_set_free(s->people);
	free(s->cells);
	free(s->touched);
	free(s);
}

static void *series_make(const struct journey_plan *p, const void *what)
{
	struct series *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	s->p = p;
	s->what = what;
	s->cells = calloc((size_t)s->what->n_series * s->what->n_periods + 1, sizeof *s->cells);
	s->people = journey_set_new();
	if (!s->cells || !s->people) {
		series_free(s);
		return NULL;
	}
	return s;
}

/* --- answers ----------------------------------------------------------------------------------- */

/* The period of an instant, n_periods when it is in none. */
static uint32_t period_of(const struct journey_series_plan *w, int64_t at_ms)
{
	const int64_t *bounds = w->q->bounds;
	uint32_t lo = 0, hi = w->n_periods;
	if (w->n_periods == 0 || at_ms < bounds[0] || at_ms >= bounds[w->n_periods]) return w->n_periods;
	while (hi - lo > 1) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (bounds[mid] <= at_ms) lo = mid;
		else hi = mid;
	}
	return lo;
}

/* Ends of the sorts on the scale of utilities, a hair below: a utility is a float. */
#define PROMOTER 89.999
#define PASSIVE 69.999
#define SATISFIED 74.999

/* What an answer counts as: 100, 0 or -100 points; 1 or 0; a mean's value. */
static double value_of(enum journey_rating_kind kind, double utility)
{
	switch (kind) {
	case JOURNEY_RATING_NPS: return utility >= PROMOTER ? 100 : utility >= PASSIVE ? 0 : -100;
	case JOURNEY_RATING_CSAT: return utility >= SATISFIED;
	case JOURNEY_RATING_CES: return 1 + 6 * utility / 100;
	default: return utility;
	}
}

static void answer_add(struct series *s, uint32_t cell, const struct journey_evidence *e)
{
	struct cell *c = &s->cells[cell];
	if (c->own.n == 0) {
		if (!grow((void **)&s->touched, &s->cap_touched, s->n_touched + 1, sizeof *s->touched)) {
			s->failed = true;
			return;
		}
		s->touched[s->n_touched++] = cell;
	}
	const enum journey_rating_kind kind = s->what->q->kind;
	const double value = value_of(kind, (double)e->utility);
	const int64_t x = fix(value);
	cluster_add(&c->own, &(struct cluster){ 1, x, 0 });
	c->answers += (wide)x * x;
	if (kind == JOURNEY_RATING_NPS) c->up += value > 50, c->down += value < -50;
	if (kind == JOURNEY_RATING_CSAT) c->up += value > 0.5, c->down += value < 0.5;
}

static bool is_asked(const struct journey_series_plan *w, const struct journey_evidence *e)
{
	return e->what == JOURNEY_RATING && (w->q->kind == JOURNEY_RATING_PLAIN || e->kind == w->q->kind);
}

/* The activity that an answer speaks of by its row, else by name; ALL_CODES none. */
static uint32_t code_of(const struct series *s, const struct journey_columns *c, uint32_t row,
                        const struct journey_evidence *e)
{
	if (row != NO_ROW) return activity(s->p, c, row);
	const uint16_t named = evidence_named(s->p, e);
	return named ? named : ALL_CODES;
}

/* The series of an answer that speaks of `row`; n_series when it is not asked for. */
static uint32_t line_of(const struct series *s, const struct journey_columns *c, uint32_t row,
                        const struct journey_evidence *e)
{
	const struct journey_series_plan *w = s->what;
	const uint32_t code = code_of(s, c, row, e);
	if (w->only != ALL_CODES && code != w->only) return w->n_series;
	if (w->by_touchpoint) return code == ALL_CODES ? w->n_series - 1 : code;
	if (w->by.where == TEST_NOWHERE) return 0;
	const uint32_t value = row == NO_ROW ? 0 : dimension_code(&w->by, c, row);
	return value ? value : dimension_code(&w->by, c, e->row);
}

static void answers_of_case(struct series *s, const struct journey_columns *c, uint32_t customer, uint32_t k)
{
	const struct span span = spans_get(&s->cs, k);
	const uint32_t end = c->evidence_offset[customer + 1], last = span_row(&span, span.n - 1);
	uint32_t place = 0;
	for (uint32_t i = evidence_from(c, customer, span_row(&span, 0)); i < end && c->evidence[i].row <= last; i++) {
		const struct journey_evidence *e = &c->evidence[i];
		if (!is_asked(s->what, e)) continue;
		if (!span.row) place = e->row - span.first;
		while (span_row(&span, place) < e->row) place++;
		if (span_row(&span, place) != e->row) continue;
		const uint32_t period = period_of(s->what, c->at_ms[e->row]);
		if (period == s->what->n_periods) continue;
		const uint32_t line = line_of(s, c, evidence_row(s->p, c, &s->cs, k, place, e), e);
		if (line < s->what->n_series) answer_add(s, line * s->what->n_periods + period, e);
	}
}

static int by_cell(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return (a > b) - (a < b);
}

static void customer_end(struct series *s, uint32_t customer)
{
	if (s->n_touched > 1) qsort(s->touched, s->n_touched, sizeof *s->touched, by_cell);
	for (uint32_t i = 0; i < s->n_touched; i++) {
		const uint32_t at = s->touched[i];
		struct cell *c = &s->cells[at];
		const struct side one = side_of(&c->own);
		side_merge(&c->all, &one);
		if (at == s->what->cell) journey_set_add(s->people, customer);
		if (i == 0 || s->touched[i - 1] + 1 != at || at % s->what->n_periods == 0) continue;
		const struct cluster *before = &s->cells[at - 1].own;
		c->cross.customers++;
		c->cross.ss += (wide)c->own.s * before->s;
		c->cross.sn += (wide)c->own.s * before->n;
		c->cross.ns += (wide)c->own.n * before->s;
		c->cross.nn += (wide)c->own.n * before->n;
	}
	for (uint32_t i = 0; i < s->n_touched; i++) s->cells[s->touched[i]].own = (struct cluster){ 0 };
	s->n_touched = 0;
}

static void series_add(void *pass, const struct journey_columns *c)
{
	struct series *s = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (c->evidence_offset[i] == c->evidence_offset[i + 1] || journey_dead(c, i)) continue;
		(void)spans_cut(s->p, c, i, &s->cs);
		for (uint32_t k = 0; k < cases_stated(&s->cs); k++) answers_of_case(s, c, i, k);
		customer_end(s, c->customer[i]);
	}
	s->failed |= s->cs.failed;
}

static void series_merge(void *pass, void *from)
{
	struct series *s = pass;
	const struct series *o = from;
	const size_t cells = (size_t)s->what->n_series * s->what->n_periods;
	s->failed |= o->failed;
	for (size_t i = 0; i < cells; i++) {
		struct cell *a = &s->cells[i];
		const struct cell *b = &o->cells[i];
		side_merge(&a->all, &b->all);
		a->up += b->up;
		a->down += b->down;
		a->answers += b->answers;
		a->cross.customers += b->cross.customers;
		a->cross.ss += b->cross.ss;
		a->cross.sn += b->cross.sn;
		a->cross.ns += b->cross.ns;
		a->cross.nn += b->cross.nn;
	}
	journey_set_or(s->people, o->people);
}

const struct journey_pass journey_series_pass = { series_make, series_add, series_merge, series_free };

const struct journey_set *journey_series_people(const void *pass)
{
	return ((const struct series *)pass)->people;
}

/* --- result --------------------------------------------------------------------------------------- */

/*
 * What n answers of fewer people are worth: n over the design effect, the
 * clustered variance of their mean over that of as many people. Answers all
 * alike have neither; they are worth as many as there are people.
 */
static double worth(const struct cell *c, const struct stats_group *g)
{
	const double n = (double)c->all.n, m = (double)c->all.customers;
	if (c->all.customers >= c->all.n) return n;
	const long double sum = (long double)c->all.s;
	const double alone = (double)(((long double)c->answers - sum * sum / n) / n / (n - 1) * 0x1p-64L);
	if (!(alone > 0) || !isfinite(g->se) || !(g->se > 0)) return m;
	return fmin(n, n * alone / (g->se * g->se));
}

static enum err_code score_of(enum journey_rating_kind kind, const struct cell *c, const struct stats_group *g,
                              struct journey_series_point *out, struct err *err)
{
	static const struct interval ends[JOURNEY_RATING_KINDS] = {
		[JOURNEY_RATING_PLAIN] = { 0, 100 }, [JOURNEY_RATING_CES] = { 1, 7 }
	};
	struct stats_estimate *e = &out->score;
	out->counts = (struct stats_nps_counts){ c->up, c->all.n - c->up - c->down, c->down };
	if (kind == JOURNEY_RATING_NPS) return stats_nps_worth(&out->counts, worth(c, g), e, err);
	if (kind == JOURNEY_RATING_CSAT)
		return stats_share_worth((struct stats_count){ c->up, c->all.n }, worth(c, g), e, err);
	stats_mean_group(g, e);
	stats_on_scale(e, ends[kind]);
	return OK;
}

/* Covariance of the means of two periods, through the people in both; 0 when there is nobody. */
static double covariance(const struct cell *now, const struct cell *before)
{
	if (now->cross.customers == 0) return 0;
	const long double n1 = (long double)now->all.n, n0 = (long double)before->all.n;
	const long double m1 = (long double)now->all.s / n1, m0 = (long double)before->all.s / n0;
	const long double sum = (long double)now->cross.ss - m0 * (long double)now->cross.sn -
	                        m1 * (long double)now->cross.ns + m1 * m0 * (long double)now->cross.nn;
	return (double)(sum / n1 / n0 * 0x1p-64L);
}

static void compare(enum journey_rating_kind kind, const struct cell *now, const struct cell *before,
                    const struct journey_series_point *last, struct journey_series_point *out)
{
	const struct stats_group a = side_group(&now->all), b = side_group(&before->all);
	const double cov = covariance(now, before);
	double se_diff = NAN;
	if (now->cross.customers > 0) se_diff = sqrt(fmax(0, a.se * a.se + b.se * b.se - 2 * cov));
	stats_diff_groups(&a, &b, se_diff, &out->diff, &out->p);
	if (kind != JOURNEY_RATING_NPS && kind != JOURNEY_RATING_CSAT) return;
	const double both = a.se * b.se;
	stats_mover_diff(&out->score, &last->score, both > 0 && isfinite(both) ? cov / both : 0, &out->diff);
}

static bool complete(const struct series *s, int64_t start_ms, int64_t end_ms)
{
	const struct journey_query *q = s->p->q;
	return start_ms >= q->from_ms && end_ms <= q->to_ms && end_ms <= s->what->q->newest_ms;
}

static enum err_code line_result(const struct series *s, uint32_t line, struct arena *a, struct arena *scratch,
                                 struct journey_series_line *out, struct err *err)
{
	const struct journey_series_plan *w = s->what;
	const struct cell *cells = &s->cells[(size_t)line * w->n_periods];
	double *figures = ARENA_ARRAY(scratch, double, w->n_periods);
	size_t met = 0;
	for (uint32_t j = 0; j < w->n_periods; j++) met += cells[j].all.n > 0;
	out->points = ARENA_ARRAY(a, struct journey_series_point, met);
	if (!out->points || !figures) return err_no_memory(err);
	for (uint32_t j = 0; j < w->n_periods; j++) {
		figures[j] = NAN;
		if (cells[j].all.n == 0) continue;
		const struct stats_group g = side_group(&cells[j].all);
		struct journey_series_point *x = &out->points[out->n_points];
		*x = (struct journey_series_point){ .start_ms = w->q->bounds[j],
			                            .end_ms = w->q->bounds[j + 1],
			                            .n = cells[j].all.n,
			                            .customers = cells[j].all.customers,
			                            .p = 1,
			                            .p_adjusted = 1 };
		x->diff.flags = STATS_NOT_IDENTIFIED;
		x->complete = complete(s, x->start_ms, x->end_ms);
		TRY(score_of(w->q->kind, &cells[j], &g, x, err));
		if (x->complete && x->n >= ANSWERS_MIN) figures[j] = x->score.est;
		if (j > 0 && x->n >= ANSWERS_MIN && cells[j - 1].all.n >= ANSWERS_MIN)
			compare(w->q->kind, &cells[j], &cells[j - 1], x - 1, x);
		out->n += x->n;
		out->customers_points += x->customers;
		out->n_points++;
	}
	return stats_mann_kendall(figures, w->n_periods, 1, scratch, &out->trend, err);
}

/* p values of all differences, and of all trends, looked at together. */
static enum err_code adjust(struct journey_series *r, struct arena *scratch, struct err *err)
{
	size_t m = 0, cap = 0;
	for (size_t i = 0; i < r->n_lines; i++) cap += r->lines[i].n_points + 1;
	double *p = ARENA_ARRAY(scratch, double, cap), *adjusted = ARENA_ARRAY(scratch, double, cap);
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < r->n_lines; i++)
		for (size_t j = 0; j < r->lines[i].n_points; j++)
			if (!(r->lines[i].points[j].diff.flags & STATS_NOT_IDENTIFIED))
				p[m++] = r->lines[i].points[j].p;
	TRY(stats_bh(p, m, scratch, adjusted, err));
	m = 0;
	for (size_t i = 0; i < r->n_lines; i++)
		for (size_t j = 0; j < r->lines[i].n_points; j++) {
			struct journey_series_point *x = &r->lines[i].points[j];
			stats_mark(&x->score);
			if (x->diff.flags & STATS_NOT_IDENTIFIED) continue;
			x->p_adjusted = adjusted[m++];
			x->distinguishable = x->p_adjusted <= 0.05 && (x->diff.lo > 0 || x->diff.hi < 0);
		}
	for (size_t i = 0; i < r->n_lines; i++) p[i] = r->lines[i].trend.p;
	TRY(stats_bh(p, r->n_lines, scratch, adjusted, err));
	for (size_t i = 0; i < r->n_lines; i++) {
		struct journey_series_line *l = &r->lines[i];
		l->trend_p_adjusted = adjusted[i];
		if (adjusted[i] <= 0.05) l->direction = (l->trend.s > 0) - (l->trend.s < 0);
	}
	return OK;
}

static int by_answers_then_name(const void *x, const void *y)
{
	const struct journey_series_line *a = x, *b = y;
	if (a->n != b->n) return a->n > b->n ? -1 : 1;
	return str_cmp(a->name, b->name);
}

static struct str line_name(const struct series *s, uint32_t line)
{
	const struct journey_series_plan *w = s->what;
	if (w->by_touchpoint) return line + 1 == w->n_series ? STR(JOURNEY_SERIES_WHOLE) : activity_name(s->p, line);
	return w->by.where == TEST_NOWHERE ? STR("") : journey_word(w->by.words, line);
}

static enum err_code results(const struct series *s, struct arena *a, struct arena *scratch, struct journey_series *out,
                             struct err *err)
{
	const uint32_t n_periods = s->what->n_periods;
	struct journey_series r = { .starts = s->what->q->bounds,
		                    .n_periods = n_periods,
		                    .lines = ARENA_ARRAY(a, struct journey_series_line, s->what->n_series) };
	if (!r.lines) return err_no_memory(err);
	for (uint32_t line = 0; line < s->what->n_series; line++) {
		bool met = false;
		for (uint32_t j = 0; j < n_periods && !met; j++) met = s->cells[(size_t)line * n_periods + j].all.n > 0;
		if (!met) continue;
		arena_reset(scratch);
		TRY(line_result(s, line, a, scratch, &r.lines[r.n_lines], err));
		r.lines[r.n_lines++].name = line_name(s, line);
	}
	TRY(adjust(&r, scratch, err));
	qsort(r.lines, r.n_lines, sizeof *r.lines, by_answers_then_name);
	*out = r;
	return OK;
}

#define SCRATCH_BYTES ((size_t)64 << 20)

enum err_code journey_series_result(const void *pass, struct arena *a, struct journey_series *out, struct err *err)
{
	const struct series *s = pass;
	struct arena scratch;
	if (s->failed) return err_no_memory(err);
	arena_init(&scratch, SCRATCH_BYTES);
	const enum err_code rc = results(s, a, &scratch, out, err);
	arena_done(&scratch);
	return rc;
}
