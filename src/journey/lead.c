/* Visits, answers and employees' reports by activity and day; then when each changed. */
#include "journey/lead.h"

#include "base/checked.h"
#include "base/when.h"
#include "journey/priv.h"

enum { DAY_ZERO = 1 << 20 }; /* days before 1970 are places too */
#define EVERYTHING UINT32_MAX
#define FDR 0.05

struct journey_lead_plan {
	const struct journey_plan *p;
	uint32_t staff, about; /* event; activity, EVERYTHING */
};

enum err_code journey_lead_plan(const struct journey_plan *p, const struct journey_lead_query *q, struct arena *a,
                                struct journey_lead_plan **out, struct err *err)
{
	struct journey_lead_plan *l = arena_alloc(a, sizeof *l);
	if (!l) return err_no_memory(err);
	*l = (struct journey_lead_plan){ .p = p, .about = EVERYTHING };
	l->staff = q->staff.len ? journey_word_find(&p->s->events, q->staff) : UINT32_MAX;
	if (l->staff == UINT32_MAX)
		return err_set(err, ERR_INPUT, "lead.staff", "staff", "no event is called \"" STR_FMT "\"",
		               STR_ARG(q->staff));
	if (q->about.len) TRY(activity_find(p, q->about, "about", &l->about, err));
	*out = l;
	return OK;
}

/* --- counting ------------------------------------------------------------------------------------- */

struct cell { /* an activity's day */
	int64_t visits, reports, answers;
	int64_t sum; /* of utilities, 2^-32 */
	wide squares;
};

struct lead {
	const struct journey_lead_plan *plan;
	struct pairs places; /* (activity, day) */
	struct cell *cells;
	uint32_t cap;
	struct cases cs;
	bool failed;
};

static void lead_free(void *pass)
{
	struct lead *l = pass;
	if (!l) return;
	pairs_done(&l->places);
	free(l->cells);
	cases_done(&l->cs);
	free(l);
}

static void *lead_make(const struct journey_plan *p, const void *what)
{
	struct lead *l = calloc(1, sizeof *l);
	if (l) l->plan = what;
	return l;
}

static struct cell *cell_of(struct lead *l, uint32_t activity, uint32_t day)
{
	const uint32_t before = l->places.n, place = pairs_place(&l->places, activity, day);
	if (place == NO_PLACE || !grow((void **)&l->cells, &l->cap, l->places.n, sizeof *l->cells)) {
		l->failed = true;
		return NULL;
	}
	if (place == before) l->cells[place] = (struct cell){ 0 };
	return &l->cells[place];
}

static uint32_t day_of(int64_t at_ms)
{
	const int64_t day = at_ms >= 0 ? at_ms / WHEN_DAY_MS : -((-at_ms + WHEN_DAY_MS - 1) / WHEN_DAY_MS);
	return (uint32_t)(day + DAY_ZERO);
}

static bool wanted(const struct lead *l, uint32_t activity)
{
	return l->plan->about == EVERYTHING || l->plan->about == activity;
}

/* A report may come with a score or words, and under the voice of those who wrote it or not. */
static bool says(uint8_t what)
{
	return what == JOURNEY_RATING || what == JOURNEY_SENTIMENT || what == JOURNEY_COMMENT ||
	       what == JOURNEY_EMPLOYEE || what == JOURNEY_NOTE;
}

/* What one row says about activities: its ratings, or once about each when it is a report. */
static void see_said(struct lead *l, const struct journey_columns *c, const struct span *s, uint32_t at, uint32_t e,
                     uint32_t end)
{
	const struct journey_plan *p = l->plan->p;
	const uint32_t row = span_row(s, at), day = day_of(s->at_ms[at]);
	const bool staff = p->s->kinds[c->kind[row]].event == l->plan->staff;
	uint32_t reported = EVERYTHING;
	for (; e < end && c->evidence[e].row == row; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		bool whole;
		if (staff ? !says(v->what) : v->what != JOURNEY_RATING) continue;
		const uint32_t activity = evidence_touchpoint(p, c, &l->cs, 0, at, v, &whole);
		if (whole || !activity || !wanted(l, activity) || (staff && activity == reported)) continue;
		struct cell *x = cell_of(l, activity, day);
		if (!x) return;
		if (staff) {
			x->reports++;
			reported = activity;
			continue;
		}
		const int64_t u = fix(evidence_utility(p, c, v));
		x->answers++;
		x->sum += u;
		x->squares += (wide)u * u;
	}
}

static void lead_add(void *pass, const struct journey_columns *c)
{
	struct lead *l = pass;
	for (uint32_t i = 0; i < c->n_customers && !l->failed; i++) {
		if (journey_dead(c, i) || !spans_cut(l->plan->p, c, i, &l->cs)) continue;
		const struct span s = spans_get(&l->cs, 0);
		const uint32_t end = c->evidence_offset[i + 1];
		uint32_t e = evidence_from(c, i, span_row(&s, 0));
		for (uint32_t at = 0; at < s.n; at++) {
			const uint32_t row = span_row(&s, at);
			if (s.code[at] && wanted(l, s.code[at])) {
				struct cell *x = cell_of(l, s.code[at], day_of(s.at_ms[at]));
				if (x) x->visits++;
			}
			while (e < end && c->evidence[e].row < row) e++;
			if (e < end && c->evidence[e].row == row) see_said(l, c, &s, at, e, end);
		}
	}
}

static void lead_merge(void *pass, void *other)
{
	struct lead *l = pass;
	const struct lead *from = other;
	l->failed |= from->failed || from->cs.failed;
	for (uint32_t i = 0; i < from->places.n && !l->failed; i++) {
		const struct cell *y = &from->cells[i];
		struct cell *x = cell_of(l, from->places.list[i].a, from->places.list[i].b);
		if (!x) return;
		x->visits += y->visits, x->reports += y->reports, x->answers += y->answers;
		x->sum += y->sum, x->squares += y->squares;
	}
}

const struct journey_pass journey_lead_pass = {
	.make = lead_make, .add = lead_add, .merge = lead_merge, .free = lead_free
};

/* --- results -------------------------------------------------------------------------------------- */

struct day {
	uint32_t activity, day;
	const struct cell *cell;
};

static int by_activity_day(const void *a, const void *b)
{
	const struct day *x = a, *y = b;
	if (x->activity != y->activity) return x->activity < y->activity ? -1 : 1;
	return x->day < y->day ? -1 : x->day > y->day;
}

/* One activity's days. Where nobody was seen there, a report has every day alike for its exposure. */
static enum err_code row_of(const struct lead *l, const struct day *days, size_t n, struct stats_day *scratch,
                            struct journey_lead_row *row, struct err *err)
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		const struct cell *x = days[i].cell;
		row->visits += x->visits, row->answers += x->answers, row->reports += x->reports;
		if (!x->answers) continue;
		scratch[k++] = (struct stats_day){ .day = (int64_t)days[i].day - DAY_ZERO,
			                           .n = (double)x->answers,
			                           .sum = unfix(x->sum),
			                           .squares = (double)((long double)x->squares * 0x1p-64L) };
	}
	TRY(stats_change_mean(scratch, k, &row->scores, err));
	for (size_t i = 0; i < n; i++)
		scratch[i] = (struct stats_day){ .day = (int64_t)days[i].day - DAY_ZERO,
			                         .n = row->visits ? (double)days[i].cell->visits : 1,
			                         .sum = (double)days[i].cell->reports };
	return stats_change_rate(scratch, n, &row->staff, err);
}

static enum err_code adjust(struct journey_lead *r, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, r->n_rows), *adjusted = ARENA_ARRAY(a, double, r->n_rows);
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < r->n_rows; i++) p[i] = r->rows[i].scores.p;
	TRY(stats_bh(p, r->n_rows, a, adjusted, err));
	for (size_t i = 0; i < r->n_rows; i++) r->rows[i].scores_p = adjusted[i], p[i] = r->rows[i].staff.p;
	TRY(stats_bh(p, r->n_rows, a, adjusted, err));
	for (size_t i = 0; i < r->n_rows; i++) {
		struct journey_lead_row *row = &r->rows[i];
		row->staff_p = adjusted[i];
		stats_change_lead(&row->staff, &row->scores, &row->lead);
		if (row->scores_p > FDR || row->staff_p > FDR) {
			row->lead.est = row->lead.lo = row->lead.hi = row->lead.lo80 = row->lead.hi80 = 0;
			row->lead.flags |= STATS_NOT_IDENTIFIED;
		}
		row->ahead = !(row->lead.flags & STATS_NOT_IDENTIFIED) && row->lead.lo > 0 &&
		             row->staff.after > row->staff.before && row->scores.after < row->scores.before;
	}
	return OK;
}

static int by_lead(const void *a, const void *b)
{
	const struct journey_lead_row *x = a, *y = b;
	const bool no_x = x->lead.flags & STATS_NOT_IDENTIFIED, no_y = y->lead.flags & STATS_NOT_IDENTIFIED;
	if (no_x != no_y) return no_x ? 1 : -1;
	if (x->lead.est != y->lead.est) return x->lead.est > y->lead.est ? -1 : 1;
	return str_cmp(x->name, y->name);
}

enum err_code journey_lead_result(const void *pass, struct arena *a, struct journey_lead *out, struct err *err)
{
	const struct lead *l = pass;
	struct journey_lead r = { .n_rows = 0 };
	const size_t n = l->places.n;
	if (l->failed || l->cs.failed) return err_no_memory(err);
	struct day *days = ARENA_ARRAY(a, struct day, n);
	struct stats_day *scratch = ARENA_ARRAY(a, struct stats_day, n);
	r.rows = ARENA_ARRAY(a, struct journey_lead_row, activities_of(l->plan->p));
	if (!days || !scratch || !r.rows) return err_no_memory(err);
	for (uint32_t i = 0; i < n; i++)
		days[i] = (struct day){ l->places.list[i].a, l->places.list[i].b, &l->cells[i] };
	qsort(days, n, sizeof *days, by_activity_day);
	for (size_t i = 0, next; i < n; i = next) {
		for (next = i; next < n && days[next].activity == days[i].activity;) next++;
		struct journey_lead_row *row = &r.rows[r.n_rows];
		*row = (struct journey_lead_row){ .name = str_copy(a, activity_name(l->plan->p, days[i].activity)) };
		TRY(row_of(l, days + i, next - i, scratch, row, err));
		r.n_rows += row->reports > 0;
	}
	TRY(adjust(&r, a, err));
	qsort(r.rows, r.n_rows, sizeof *r.rows, by_lead);
	*out = r;
	return OK;
}
