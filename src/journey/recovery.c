/* Service recovery: one walk over each customer's rows, then counts by value, contact and what was known before. */
#include "journey/recovery.h"

#include "base/checked.h"
#include "base/when.h"
#include "journey/priv.h"

const char *const journey_recovery_contact_names[JOURNEY_CONTACTS + 1] = { "soon", "later", "none", "any" };

/* Alike before the bad experience: how often they had stayed, and how long they had been customers. */
enum { PRIORS = 4, TENURES = 3, STRATA = PRIORS * TENURES, CELLS = JOURNEY_CONTACTS * STRATA, SHOWN_MIN = 5 };
#define NO_CODE UINT32_MAX

struct journey_recovery_plan {
	const struct journey_plan *p;
	const struct journey_recovery_query *q;
	uint32_t after, contact, stay;
	bool parted;
	struct dimension by;
};

enum err_code journey_recovery_plan(const struct journey_plan *p, const struct journey_recovery_query *q,
                                    struct arena *a, struct journey_recovery_plan **out, struct err *err)
{
	struct journey_recovery_plan *r = arena_alloc(a, sizeof *r);
	if (!r) return err_no_memory(err);
	*r = (struct journey_recovery_plan){ .p = p, .q = q, .after = NO_CODE, .parted = q->by.len > 0 };
	if (!q->after.len && !(q->hurt > 0))
		return err_set(err, ERR_INPUT, "recovery.hurt", "hurt",
		               "say what is a bad experience: an event, or a score it is below");
	if (!(q->within_ms > 0 && q->within_ms <= q->later_ms && q->later_ms < q->window_ms))
		return err_set(err, ERR_INPUT, "recovery.spans", "within",
		               "the first contact, the latest one and the window must follow each other");
	if (q->after.len) TRY(activity_find(p, q->after, "after", &r->after, err));
	TRY(activity_find(p, q->contact, "contact", &r->contact, err));
	TRY(activity_find(p, q->stay, "stay", &r->stay, err));
	if (r->parted) TRY(dimension_by_name(p, q->by, "by", &r->by, err));
	*out = r;
	return OK;
}

/* --- counting ------------------------------------------------------------------------------------- */

struct kept {
	int64_t n, stayed;
};

struct recovery {
	const struct journey_recovery_plan *plan;
	int64_t hurt, too_short, back;
	struct pairs cells; /* (value, contact and stratum) */
	struct kept *kept;  /* [place] */
	uint32_t cap;
	struct cases cs;
	bool failed;
};

static void recovery_free(void *pass)
{
	struct recovery *r = pass;
	if (!r) return;
	pairs_done(&r->cells);
	free(r->kept);
	cases_done(&r->cs);
	free(r);
}

static void *recovery_make(const struct journey_plan *p, const void *what)
{
	struct recovery *r = calloc(1, sizeof *r);
	if (r) r->plan = what;
	return r;
}

static void kept_add(struct recovery *r, uint32_t value, uint32_t cell, int64_t n, int64_t stayed)
{
	const uint32_t before = r->cells.n, place = pairs_place(&r->cells, value, cell);
	if (place == NO_PLACE || !grow((void **)&r->kept, &r->cap, r->cells.n, sizeof *r->kept)) {
		r->failed = true;
		return;
	}
	if (place == before) r->kept[place] = (struct kept){ 0, 0 };
	r->kept[place].n += n;
	r->kept[place].stayed += stayed;
}

/* The place of the first bad experience of the period; s->n without one. */
static uint32_t first_hurt(const struct recovery *r, const struct journey_columns *c, uint32_t customer,
                           const struct span *s)
{
	const struct journey_recovery_query *q = r->plan->q;
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t e = evidence_from(c, customer, span_row(s, 0));
	for (uint32_t i = 0; i < s->n; i++) {
		const uint32_t row = span_row(s, i);
		bool bad = s->code[i] == r->plan->after;
		while (e < end && c->evidence[e].row < row) e++;
		for (; e < end && c->evidence[e].row == row; e++)
			bad |= c->evidence[e].what == JOURNEY_RATING &&
			       evidence_utility(r->plan->p, c, &c->evidence[e]) < q->hurt;
		if (bad && s->at_ms[i] >= q->from_ms && s->at_ms[i] < q->to_ms) return i;
	}
	return s->n;
}

static uint32_t stratum_of(const struct recovery *r, const struct span *s, uint32_t at)
{
	uint32_t prior = 0;
	for (uint32_t i = 0; i < at; i++) prior += s->code[i] == r->plan->stay;
	if (prior >= PRIORS) prior = PRIORS - 1;
	const int64_t tenure_ms = s->at_ms[at] - s->at_ms[0];
	const uint32_t tenure = tenure_ms < 30 * WHEN_DAY_MS ? 0 : tenure_ms < 365 * WHEN_DAY_MS ? 1 : 2;
	return prior * TENURES + tenure;
}

static void see_customer(struct recovery *r, const struct journey_columns *c, uint32_t customer, const struct span *s)
{
	const struct journey_recovery_plan *plan = r->plan;
	const struct journey_recovery_query *q = plan->q;
	const uint32_t at = first_hurt(r, c, customer, s);
	enum journey_recovery_contact contact = JOURNEY_CONTACT_NONE;
	bool stayed = false;
	if (at == s->n) return;
	r->hurt++;
	const int64_t hurt_ms = s->at_ms[at];
	if (hurt_ms > plan->p->s->newest_ms - q->window_ms) {
		r->too_short++;
		return;
	}
	for (uint32_t i = at + 1; i < s->n && s->at_ms[i] <= hurt_ms + q->window_ms; i++) {
		const int64_t after_ms = s->at_ms[i] - hurt_ms;
		if (s->code[i] == plan->contact && after_ms <= q->later_ms && contact == JOURNEY_CONTACT_NONE)
			contact = after_ms <= q->within_ms ? JOURNEY_CONTACT_SOON : JOURNEY_CONTACT_LATER;
		if (s->code[i] != plan->stay) continue;
		if (after_ms <= q->later_ms) {
			r->back++;
			return;
		}
		stayed = true;
		break;
	}
	const uint32_t value = plan->parted ? dimension_code(&plan->by, c, span_row(s, at)) : 0;
	kept_add(r, value, (uint32_t)contact * STRATA + stratum_of(r, s, at), 1, stayed);
}

static void recovery_add(void *pass, const struct journey_columns *c)
{
	struct recovery *r = pass;
	for (uint32_t i = 0; i < c->n_customers && !r->failed; i++) {
		if (journey_dead(c, i) || !spans_cut(r->plan->p, c, i, &r->cs)) continue;
		const struct span s = spans_get(&r->cs, 0);
		see_customer(r, c, i, &s);
	}
}

static void recovery_merge(void *pass, void *other)
{
	struct recovery *r = pass;
	const struct recovery *from = other;
	r->failed |= from->failed || from->cs.failed;
	r->hurt += from->hurt, r->too_short += from->too_short, r->back += from->back;
	for (uint32_t i = 0; i < from->cells.n && !r->failed; i++)
		kept_add(r, from->cells.list[i].a, from->cells.list[i].b, from->kept[i].n, from->kept[i].stayed);
}

const struct journey_pass journey_recovery_pass = {
	.make = recovery_make, .add = recovery_add, .merge = recovery_merge, .free = recovery_free
};

/* --- results -------------------------------------------------------------------------------------- */

struct group { /* one value's counts */
	uint32_t code;
	struct str name;
	int64_t n;
	struct kept cells[CELLS];
};

static int by_code(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	return x->code < y->code ? -1 : x->code > y->code;
}

static int by_n(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	if (x->n != y->n) return x->n > y->n ? -1 : 1;
	return str_cmp(x->name, y->name);
}

/* Groups by value, largest first; *all is everybody. */
static enum err_code regroup(const struct recovery *r, struct arena *a, struct group **out, size_t *n,
                             struct group *all, struct err *err)
{
	struct group *g = ARENA_ARRAY(a, struct group, r->cells.n + 1);
	size_t k = 0;
	if (!g) return err_no_memory(err);
	*all = (struct group){ .n = 0 };
	for (uint32_t i = 0; i < r->cells.n; i++) g[i].code = r->cells.list[i].a;
	qsort(g, r->cells.n, sizeof *g, by_code);
	for (uint32_t i = 0; i < r->cells.n; i++)
		if (i == 0 || g[i].code != g[k - 1].code) g[k++].code = g[i].code;
	for (uint32_t i = 0; i < r->cells.n; i++) {
		const struct code_pair *at = &r->cells.list[i];
		struct group *v = bsearch(&(struct group){ .code = at->a }, g, k, sizeof *g, by_code);
		struct group *both[] = { v, all };
		for (size_t j = 0; j < COUNT_OF(both); j++) {
			both[j]->n += r->kept[i].n;
			both[j]->cells[at->b].n += r->kept[i].n;
			both[j]->cells[at->b].stayed += r->kept[i].stayed;
		}
	}
	for (size_t i = 0; i < k && r->plan->parted; i++)
		g[i].name = str_copy(a, journey_word(r->plan->by.words, g[i].code));
	qsort(g, k, sizeof *g, by_n);
	*out = g, *n = k;
	return OK;
}

static struct stats_count count_of(const struct kept *cells, size_t n)
{
	struct stats_count c = { 0, 0 };
	for (size_t i = 0; i < n; i++) c.hits += cells[i].stayed, c.n += cells[i].n;
	return c;
}

static struct stats_estimate nothing(int64_t n, enum stats_method method)
{
	return (struct stats_estimate){ .level = 0.95, .n = n, .method = method, .flags = STATS_NOT_IDENTIFIED };
}

/* `with` against `without`, cell by cell. */
static enum err_code compare(struct journey_recovery_row *row, const struct kept *with, const struct kept *without,
                             size_t n, struct err *err)
{
	struct stats_stratum strata[CELLS];
	const struct stats_count a = count_of(with, n), b = count_of(without, n);
	row->diff = nothing(a.n + b.n, STATS_MANTEL_HAENSZEL), row->raw_diff = nothing(a.n + b.n, STATS_NEWCOMBE);
	if (a.n < SHOWN_MIN || b.n < SHOWN_MIN) return OK;
	for (size_t i = 0; i < n; i++)
		strata[i] =
		        (struct stats_stratum){ { with[i].stayed, with[i].n }, { without[i].stayed, without[i].n } };
	TRY(stats_newcombe(a, b, &row->raw_diff, err));
	return stats_risk_difference(strata, n, &row->diff, &row->p, err);
}

static enum err_code put_row(const struct group *g, const struct group *all, enum journey_recovery_contact contact,
                             struct journey_recovery_row *row, struct err *err)
{
	const bool any = contact == JOURNEY_CONTACT_ANY;
	const struct kept *mine = any ? g->cells : &g->cells[contact * STRATA];
	const struct stats_count c = count_of(mine, any ? CELLS : STRATA);
	*row = (struct journey_recovery_row){ .value = g->name,
		                              .all = g == all,
		                              .contact = contact,
		                              .customers = c.n,
		                              .stayed = c.hits,
		                              .p = 1,
		                              .p_adjusted = 1 };
	TRY(stats_proportion(c.hits, c.n, &row->rate, err));
	stats_mark(&row->rate);
	row->diff = nothing(c.n, STATS_MANTEL_HAENSZEL), row->raw_diff = nothing(c.n, STATS_NEWCOMBE);
	if (contact < JOURNEY_CONTACT_NONE)
		return compare(row, mine, &g->cells[JOURNEY_CONTACT_NONE * STRATA], STRATA, err);
	if (!any || g == all) return OK;
	struct kept others[CELLS];
	for (size_t i = 0; i < CELLS; i++)
		others[i] = (struct kept){ all->cells[i].n - mine[i].n, all->cells[i].stayed - mine[i].stayed };
	return compare(row, mine, others, CELLS, err);
}

static enum err_code adjust(struct journey_recovery *r, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, r->n_rows), *adjusted = ARENA_ARRAY(a, double, r->n_rows);
	size_t n = 0;
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < r->n_rows; i++)
		if (!(r->rows[i].diff.flags & STATS_NOT_IDENTIFIED)) p[n++] = r->rows[i].p;
	TRY(stats_bh(p, n, a, adjusted, err));
	n = 0;
	for (size_t i = 0; i < r->n_rows; i++) {
		struct journey_recovery_row *row = &r->rows[i];
		if (row->diff.flags & STATS_NOT_IDENTIFIED) continue;
		row->p_adjusted = adjusted[n++];
		row->diff.flags |= STATS_MULTIPLE_TESTED;
	}
	return OK;
}

enum err_code journey_recovery_result(const void *pass, struct arena *a, struct journey_recovery *out, struct err *err)
{
	static const enum journey_recovery_contact order[] = { JOURNEY_CONTACT_ANY, JOURNEY_CONTACT_SOON,
		                                               JOURNEY_CONTACT_LATER, JOURNEY_CONTACT_NONE };
	const struct recovery *x = pass;
	struct journey_recovery r = { .hurt = x->hurt, .too_short = x->too_short, .back = x->back };
	struct group *groups = NULL, all;
	size_t n = 0;
	if (x->failed || x->cs.failed) return err_no_memory(err);
	TRY(regroup(x, a, &groups, &n, &all, err));
	while (x->plan->parted && r.n_values < n && r.n_values < JOURNEY_RECOVERY_VALUES_MAX &&
	       groups[r.n_values].n >= SHOWN_MIN)
		r.n_values++;
	if (x->plan->parted) r.left_out = n - r.n_values;
	r.rows = ARENA_ARRAY(a, struct journey_recovery_row, (r.n_values + 1) * COUNT_OF(order));
	if (!r.rows) return err_no_memory(err);
	for (size_t v = 0; v <= r.n_values; v++)
		for (size_t i = 0; i < COUNT_OF(order); i++)
			TRY(put_row(v ? &groups[v - 1] : &all, &all, order[i], &r.rows[r.n_rows++], err));
	TRY(adjust(&r, a, err));
	*out = r;
	return OK;
}
