/*
 * Retention. Rows of a customer stand by time, so the period only moves
 * forward: a row costs one comparison with the end of the period at hand, and
 * a new period one look into a table of even pieces of time.
 *
 *   cells[c][k], k < periods - c: one triangle of counts
 */
#include "journey/priv.h"

#include <math.h>

const char *const journey_retention_kind_names[JOURNEY_RETENTION_KINDS] = { "classic", "rolling", "survival" };

enum { PIECE_BITS = 22 }; /* 70 minutes, less than any period: a piece touches two of them at most */
enum { IS_START = 1, IS_BACK = 2 };
#define NO_PERIOD SIZE_MAX

struct journey_retention_plan {
	const struct journey_plan *p;
	const struct journey_retention_query *q;
	size_t n, passed;      /* periods; those that have passed */
	const uint16_t *piece; /* [(at - bounds[0]) >> PIECE_BITS]: the period that it begins in */
	const uint8_t *role;   /* [code]: IS_START, IS_BACK; NULL when every activity is both */
	uint32_t currency;     /* code; 0 not weighted */
};

/* --- compiling ---------------------------------------------------------------------------------- */

static enum err_code make_pieces(struct journey_retention_plan *r, struct arena *a, struct err *err)
{
	const int64_t *b = r->q->bounds;
	const size_t n = (size_t)((b[r->n] - 1 - b[0]) >> PIECE_BITS) + 1;
	uint16_t *piece = ARENA_ARRAY(a, uint16_t, n);
	if (!piece) return err_no_memory(err);
	size_t j = 0;
	for (size_t i = 0; i < n; i++) {
		while (b[0] + ((int64_t)i << PIECE_BITS) >= b[j + 1]) j++;
		piece[i] = (uint16_t)j;
	}
	r->piece = piece;
	return OK;
}

static enum err_code make_roles(struct journey_retention_plan *r, struct arena *a, struct err *err)
{
	const struct journey_retention_query *q = r->q;
	if (!q->start.len && !q->back.len) return OK;
	const uint32_t n = activities_of(r->p);
	uint32_t start = 0, back = 0;
	if (q->start.len) TRY(activity_find(r->p, q->start, "start", &start, err));
	if (q->back.len) TRY(activity_find(r->p, q->back, "back", &back, err));
	uint8_t *role = ARENA_ARRAY(a, uint8_t, n);
	if (!role) return err_no_memory(err);
	for (uint32_t c = 0; c < n; c++)
		role[c] = (uint8_t)((!q->start.len || c == start ? IS_START : 0) |
		                    (!q->back.len || c == back ? IS_BACK : 0));
	r->role = role;
	return OK;
}

enum err_code journey_retention_plan(const struct journey_plan *p, const struct journey_retention_query *q,
                                     struct arena *a, struct journey_retention_plan **out, struct err *err)
{
	if (p->cut != JOURNEY_CUT_CUSTOMER)
		return err_set(err, ERR_INPUT, "retention.case", "case", "retention is of customers, not of instances");
	if (q->n_bounds < 2 || q->n_bounds - 1 > JOURNEY_RETENTION_PERIODS_MAX)
		return err_limit(err, "retention.periods", "period", (int64_t)q->n_bounds - 1,
		                 JOURNEY_RETENTION_PERIODS_MAX, "retention takes 1 to %d periods",
		                 JOURNEY_RETENTION_PERIODS_MAX);
	struct journey_retention_plan *r = arena_alloc(a, sizeof *r);
	if (!r) return err_no_memory(err);
	*r = (struct journey_retention_plan){ .p = p, .q = q, .n = q->n_bounds - 1 };
	int64_t known = p->s->newest_ms; /* everything before is there */
	if (p->q->to_ms < known) known = p->q->to_ms;
	while (r->passed < r->n && q->bounds[r->passed + 1] <= known) r->passed++;
	if (q->people && (q->cohort >= r->n || q->offset >= r->n || q->cohort + q->offset >= r->passed))
		return err_set(err, ERR_INPUT, "retention.figure", "offset",
		               "this offset of the cohort has not passed yet");
	TRY(make_roles(r, a, err));
	if (q->weighted) TRY(currency_find(p, q->currency, "weight", &r->currency, err));
	*out = r;
	return make_pieces(r, a, err);
}

/* --- counting -------------------------------------------------------------------------------------- */

struct retention {
	const struct journey_retention_plan *r;
	int64_t *size;  /* [cohort] */
	int64_t *cells; /* classic: customers active; else customers whose last active period this is */
	int64_t *value; /* NULL when not weighted */
	struct journey_set *people;
	struct cases cs;
};

/* Where the row of a cohort begins in the triangle. */
static size_t row_of(const struct journey_retention_plan *r, size_t cohort)
{
	return cohort * r->n - cohort * (cohort - 1) / 2;
}

static void retention_free(void *pass)
{
	struct retention *x = pass;
	if (!x) return;
	free(x->size);
	free(x->cells);
	free(x->value);
	journey_set_free(x->people);
	cases_done(&x->cs);
	free(x);
}

static void *retention_make(const struct journey_plan *p, const void *what)
{
	const struct journey_retention_plan *r = what;
	struct retention *x = calloc(1, sizeof *x);
	if (!x) return NULL;
	x->r = r;
	x->size = calloc(r->n, sizeof *x->size);
	x->cells = calloc(row_of(r, r->n), sizeof *x->cells);
	if (r->currency) x->value = calloc(row_of(r, r->n), sizeof *x->value);
	if (r->q->people) x->people = journey_set_new();
	if (x->size && x->cells && (!r->currency || x->value) && (!r->q->people || x->people)) return x;
	retention_free(x);
	return NULL;
}

static size_t period_of(const struct journey_retention_plan *r, int64_t at)
{
	const int64_t *b = r->q->bounds;
	size_t j = r->piece[(at - b[0]) >> PIECE_BITS];
	while (at >= b[j + 1]) j++;
	return j;
}

/* The rows of a span that lie in periods. */
static struct span inside(const struct journey_retention_plan *r, struct span s)
{
	const int64_t from = r->q->bounds[0], to = r->q->bounds[r->n];
	uint32_t lo = 0, hi = s.n;
	while (lo < hi && s.at_ms[lo] < from) lo++;
	while (hi > lo && s.at_ms[hi - 1] >= to) hi--;
	return (struct span){ .n = hi - lo,
		              .code = s.code + lo,
		              .at_ms = s.at_ms + lo,
		              .row = s.row ? s.row + lo : NULL,
		              .first = s.first + lo };
}

static uint32_t first_start(const struct journey_retention_plan *r, const struct span *s)
{
	uint32_t i = 0;
	if (r->role)
		while (i < s->n && !(r->role[s->code[i]] & IS_START)) i++;
	return i;
}

/* Counts each period with a back event once; says whether `offset` is one of them. */
static bool count_periods(const struct journey_retention_plan *r, const struct span *s, uint32_t i, size_t cohort,
                          int64_t *row, size_t offset)
{
	const int64_t *b = r->q->bounds;
	const uint8_t *role = r->role;
	bool hit = false;
	for (int64_t end = INT64_MIN; i < s->n; i++) {
		if (s->at_ms[i] < end) continue;
		if (role && !(role[s->code[i]] & IS_BACK)) continue;
		const size_t j = period_of(r, s->at_ms[i]);
		end = b[j + 1];
		row[j - cohort]++;
		hit |= j - cohort == offset;
	}
	return hit;
}

static size_t last_period(const struct journey_retention_plan *r, const struct span *s, uint32_t from)
{
	for (uint32_t i = s->n; i-- > from;)
		if (!r->role || r->role[s->code[i]] & IS_BACK) return period_of(r, s->at_ms[i]);
	return NO_PERIOD;
}

/* Money of the back events from row `from` on. */
static void count_money(struct retention *x, const struct journey_columns *c, uint32_t customer, const struct span *s,
                        uint32_t from, size_t cohort, int64_t *row)
{
	const struct journey_retention_plan *r = x->r;
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t i = from;
	for (uint32_t e = evidence_from(c, customer, span_row(s, from)); e < end; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (v->what != JOURNEY_MONEY || v->about != r->currency) continue;
		while (i < s->n && span_row(s, i) < v->row) i++;
		if (i == s->n) return;
		if (span_row(s, i) != v->row || (r->role && !(r->role[s->code[i]] & IS_BACK))) continue;
		row[period_of(r, s->at_ms[i]) - cohort] += llround(v->raw);
	}
}

static void customer_counts(struct retention *x, const struct journey_columns *c, uint32_t customer, struct span s)
{
	const struct journey_retention_plan *r = x->r;
	if (s.at_ms[0] < r->q->bounds[0] || s.at_ms[s.n - 1] >= r->q->bounds[r->n]) s = inside(r, s);
	const uint32_t from = first_start(r, &s);
	if (from >= s.n) return;
	const size_t cohort = period_of(r, s.at_ms[from]);
	int64_t *row = x->cells + row_of(r, cohort);
	bool counts;
	x->size[cohort]++;
	if (r->q->kind == JOURNEY_RETENTION_CLASSIC) {
		counts = count_periods(r, &s, from, cohort, row, r->q->offset);
	} else {
		const size_t last = last_period(r, &s, from);
		counts = last != NO_PERIOD && last - cohort >= r->q->offset;
		if (last != NO_PERIOD) row[last - cohort]++;
	}
	if (x->value) count_money(x, c, customer, &s, from, cohort, x->value + row_of(r, cohort));
	if (x->people && counts && cohort == r->q->cohort) journey_set_add(x->people, c->customer[customer]);
}

static void retention_add(void *pass, const struct journey_columns *c)
{
	struct retention *x = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i) || !spans_cut(x->r->p, c, i, &x->cs)) continue;
		customer_counts(x, c, i, spans_get(&x->cs, 0));
	}
}

static void retention_merge(void *pass, void *other)
{
	struct retention *x = pass;
	const struct retention *from = other;
	const size_t cells = row_of(x->r, x->r->n);
	x->cs.failed |= from->cs.failed;
	for (size_t i = 0; i < x->r->n; i++) x->size[i] += from->size[i];
	for (size_t i = 0; i < cells; i++) x->cells[i] += from->cells[i];
	for (size_t i = 0; x->value && i < cells; i++) x->value[i] += from->value[i];
	if (x->people) journey_set_or(x->people, from->people);
}

const struct journey_pass journey_retention_pass = {
	.make = retention_make, .add = retention_add, .merge = retention_merge, .free = retention_free
};

const struct journey_set *journey_retention_people(const void *pass)
{
	const struct retention *x = pass;
	return x->people;
}

/* --- results --------------------------------------------------------------------------------------------- */

static enum err_code cohort_result(const struct retention *x, size_t cohort, struct arena *a,
                                   struct journey_cohort *out, struct err *err)
{
	const struct journey_retention_plan *r = x->r;
	const int64_t *row = x->cells + row_of(r, cohort);
	struct journey_cohort h = { .start_ms = r->q->bounds[cohort], .size = x->size[cohort] };
	h.n = r->passed > cohort ? r->passed - cohort : 0;
	h.active = ARENA_ARRAY(a, int64_t, h.n);
	if (x->value) h.value = ARENA_ARRAY(a, int64_t, h.n);
	if (!h.active || (x->value && !h.value)) return err_no_memory(err);
	int64_t later = 0; /* of the kinds that look ahead: active at k or later, the period at hand included */
	for (size_t k = r->n - cohort; k-- > 0;) {
		later += row[k];
		if (k >= h.n) continue;
		h.active[k] = r->q->kind == JOURNEY_RETENTION_CLASSIC ? row[k] : later;
		if (h.value) h.value[k] = x->value[row_of(r, cohort) + k];
	}
	*out = h;
	return OK;
}

/* Sums over the cohorts for which each offset has passed; those gone are of the survivors of the offset before. */
static enum err_code curve_result(const struct journey_retention_plan *r, struct arena *a,
                                  struct journey_retention *out, struct err *err)
{
	size_t n = 0;
	for (size_t i = 0; i < out->n_cohorts; i++)
		if (out->cohorts[i].n > n) n = out->cohorts[i].n;
	out->n_curve = n;
	out->curve = ARENA_ARRAY(a, struct journey_retention_point, n);
	struct stats_risk *risk = ARENA_ARRAY(a, struct stats_risk, n);
	struct stats_estimate *alive = ARENA_ARRAY(a, struct stats_estimate, n);
	if (!out->curve || !risk || !alive) return err_no_memory(err);
	for (size_t k = 0; k < n; k++) {
		struct journey_retention_point *p = &out->curve[k];
		int64_t before = 0;
		*p = (struct journey_retention_point){ 0 };
		for (size_t i = 0; i < out->n_cohorts; i++) {
			const struct journey_cohort *h = &out->cohorts[i];
			if (h->n <= k) continue;
			p->active += h->active[k];
			p->size += h->size;
			before += k ? h->active[k - 1] : h->size;
		}
		risk[k] = (struct stats_risk){ .at_risk = before, .gone = before - p->active };
		TRY(stats_proportion(p->active, p->size, &p->share, err));
		stats_mark(&p->share);
	}
	if (r->q->kind != JOURNEY_RETENTION_SURVIVAL) return OK;
	TRY(stats_survival(risk, n, alive, err));
	for (size_t k = 0; k < n; k++) out->curve[k].share = alive[k];
	return OK;
}

enum err_code journey_retention_result(const void *pass, struct arena *a, struct journey_retention *out,
                                       struct err *err)
{
	const struct retention *x = pass;
	struct journey_retention r = { .cohorts = ARENA_ARRAY(a, struct journey_cohort, x->r->n) };
	if (x->cs.failed || !r.cohorts) return err_no_memory(err);
	for (size_t c = 0; c < x->r->n; c++) {
		if (!x->size[c]) continue;
		r.customers += x->size[c];
		TRY(cohort_result(x, c, a, &r.cohorts[r.n_cohorts++], err));
	}
	if (x->r->currency) r.currency = str_copy(a, journey_word(&x->r->p->s->currencies, x->r->currency));
	TRY(curve_result(x->r, a, &r, err));
	*out = r;
	return OK;
}
