/* Behaviour and answers of each customer asked, for predicting what the others would have said. */
#include "journey/priv.h"

#include <math.h>

#include "base/checked.h"
#include "base/when.h"

enum column { EVENTS, DAYS, QUIET_DAYS, BROKEN, KEPT, FAILURES, EFFORT, WAIT_MINUTES, TROUBLE, OWN_COLUMNS };
#define COLUMNS_MAX (OWN_COLUMNS + JOURNEY_SILENT_ACTIVITIES)
#define NOBODY_ASKED UINT32_MAX
#define SEED 1 /* of the folds; the estimate is one and the same for everybody who asks */
#define RESULT_BYTES (4096 * MIB)

struct journey_silent_plan {
	const struct journey_plan *p;
	const struct journey_silent_query *people; /* NULL: by about and asked */
	uint32_t answers;                          /* event of the people's answers */
	bool whole;                                /* ratings about the whole */
	uint32_t about, asked;                     /* codes; asked: NOBODY_ASKED without */
	uint8_t *column;                           /* [code] 0: counted among all events only */
	size_t n_columns;
};

enum err_code journey_silent_plan(const struct journey_plan *p, const struct journey_silent_query *q,
                                  const struct journey_choice *kept, struct arena *a, struct journey_silent_plan **out,
                                  struct err *err)
{
	struct journey_silent_plan *s = arena_alloc(a, sizeof *s);
	if (!s) return err_no_memory(err);
	*s = (struct journey_silent_plan){ .p = p, .asked = NOBODY_ASKED, .n_columns = OWN_COLUMNS };
	s->people = q->people ? q : NULL;
	s->whole = q->people || str_eq(q->about, STR("journey"));
	s->answers = journey_word_find(&p->s->events, q->answers);
	if (!q->people && !q->about.len) {
		err_set(err, ERR_INPUT, "silent.about", "about", "say whose score is meant");
		err_hint(err, "Name an event, with a map one of its touchpoints, or journey for all answers.");
		return ERR_INPUT;
	}
	if (!s->whole) TRY(activity_find(p, q->about, "about", &s->about, err));
	if (q->asked.len) TRY(activity_find(p, q->asked, "asked", &s->asked, err));
	s->column = ARENA_ARRAY(a, uint8_t, activities_of(p));
	if (!s->column) return err_no_memory(err);
	for (size_t i = 0; i < kept->n_kept && s->n_columns < COLUMNS_MAX; i++) {
		const uint32_t code = kept->kept[i].code;
		if (code == s->asked || (!s->whole && code == s->about)) continue;
		if (q->people && str_eq(activity_name(p, code), q->answers)) continue;
		s->column[code] = (uint8_t)s->n_columns++;
	}
	*out = s;
	return OK;
}

/* --- collecting ------------------------------------------------------------------------------------- */

struct person {
	uint32_t customer, answers;
	double score; /* sum of utilities */
	float done[COLUMNS_MAX];
};

struct silent {
	const struct journey_silent_plan *plan;
	struct person *people;
	size_t n, cap;
	struct cases cs;
	bool failed;
};

static void silent_free(void *pass)
{
	struct silent *s = pass;
	if (!s) return;
	cases_done(&s->cs);
	free(s->people);
	free(s);
}

static void *silent_make(const struct journey_plan *p, const void *what)
{
	struct silent *s = calloc(1, sizeof *s);
	if (s) s->plan = what;
	return s;
}

static struct person *person_new(struct silent *s, uint32_t customer)
{
	if (s->n == s->cap) {
		const size_t cap = s->cap ? 2 * s->cap : 1024;
		struct person *more = realloc(s->people, cap * sizeof *more);
		if (!more) {
			s->failed = true;
			return NULL;
		}
		s->people = more;
		s->cap = cap;
	}
	struct person *x = &s->people[s->n++];
	*x = (struct person){ .customer = customer };
	return x;
}

static uint32_t first_of(const struct span *s, uint32_t code)
{
	uint32_t i = 0;
	while (i < s->n && s->code[i] != code) i++;
	return i;
}

static void see_signal(struct person *x, const struct journey_evidence *e)
{
	switch (e->what) {
	case JOURNEY_BREACH:
		x->done[e->raw > 0 ? BROKEN : KEPT]++;
		if (e->raw > 0) x->done[TROUBLE] = 1; /* the first time hurts most */
		break;
	case JOURNEY_FAILURE:
		x->done[FAILURES] += (float)e->raw;
		x->done[TROUBLE] = 1;
		break;
	case JOURNEY_EFFORT: x->done[EFFORT] += (float)e->raw; break;
	case JOURNEY_WAIT: x->done[WAIT_MINUTES] += (float)(e->raw / 60000); break;
	default: break;
	}
}

static float days(int64_t ms)
{
	return (float)((double)ms / (double)WHEN_DAY_MS);
}

/* A rating that is the score asked for, and of whom. */
static void see_rating(const struct silent *s, struct person *x, const struct journey_columns *c, uint32_t at,
                       const struct journey_evidence *v, bool before, bool *answer)
{
	const struct journey_silent_plan *q = s->plan;
	bool whole;
	const uint16_t code = evidence_touchpoint(q->p, c, &s->cs, 0, at, v, &whole);
	if (q->whole ? !whole : whole || code != q->about) return;
	*answer = true;
	if (before) return; /* to an earlier question */
	x->answers++;
	x->score += evidence_utility(q->p, c, v);
}

/* Row by row with its evidence. What came before the question is behaviour, answers are not. */
static void see_case(struct silent *s, struct person *x, const struct journey_columns *c, uint32_t i,
                     const struct span *rows, uint32_t cut)
{
	const struct journey_silent_plan *q = s->plan;
	const uint32_t end = c->evidence_offset[i + 1];
	uint32_t e = evidence_from(c, i, span_row(rows, 0)), last = 0;
	for (uint32_t at = 0; at < rows->n; at++) {
		const uint32_t row = span_row(rows, at);
		bool answer = false;
		while (e < end && c->evidence[e].row < row) e++;
		for (uint32_t k = e; k < end && c->evidence[k].row == row; k++) {
			const struct journey_evidence *v = &c->evidence[k];
			if (v->what == JOURNEY_RATING && !q->people)
				see_rating(s, x, c, at, v, q->asked != NOBODY_ASKED && at < cut, &answer);
		}
		if (q->people) answer = q->p->s->kinds[c->kind[row]].event == q->answers;
		if (answer || at >= cut || (!q->whole && rows->code[at] == q->about)) continue;
		for (uint32_t k = e; k < end && c->evidence[k].row == row; k++) see_signal(x, &c->evidence[k]);
		x->done[EVENTS]++;
		if (q->column[rows->code[at]]) x->done[q->column[rows->code[at]]]++;
		last = at;
	}
	const int64_t until = cut < rows->n ? rows->at_ms[cut] : q->p->s->newest_ms;
	x->done[DAYS] = days(rows->at_ms[last] - rows->at_ms[0]);
	x->done[QUIET_DAYS] = until > rows->at_ms[last] ? days(until - rows->at_ms[last]) : 0;
}

/* Whom the query names, or who stands for one that it does not; NULL: not asked. */
static const struct journey_silent_person *person_of(const struct journey_silent_query *q, uint32_t customer)
{
	static const struct journey_silent_person other = { .asked_ms = INT64_MAX };
	size_t lo = 0, hi = q->n_people;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (q->people[mid].customer < customer) lo = mid + 1;
		else hi = mid;
	}
	if (lo < q->n_people && q->people[lo].customer == customer) return &q->people[lo];
	return q->others ? &other : NULL;
}

static uint32_t rows_before(const struct span *s, int64_t at_ms)
{
	uint32_t i = 0;
	while (i < s->n && s->at_ms[i] < at_ms) i++;
	return i;
}

/* Whether somebody counts, and which of their rows came before they were asked. */
static bool cut_of(const struct journey_silent_plan *q, uint32_t customer, const struct span *rows, uint32_t *cut,
                   const struct journey_silent_person **who)
{
	*who = NULL;
	if (q->people) {
		*who = person_of(q->people, customer);
		*cut = *who ? rows_before(rows, (*who)->asked_ms) : 0;
		return *who != NULL;
	}
	*cut = q->asked == NOBODY_ASKED ? rows->n : first_of(rows, q->asked);
	return q->asked == NOBODY_ASKED || *cut < rows->n;
}

static void silent_add(void *pass, const struct journey_columns *c)
{
	struct silent *s = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i) || !spans_cut(s->plan->p, c, i, &s->cs)) continue;
		const struct span rows = spans_get(&s->cs, 0);
		const struct journey_silent_person *who;
		uint32_t cut;
		if (!cut_of(s->plan, c->customer[i], &rows, &cut, &who)) continue;
		struct person *x = person_new(s, c->customer[i]);
		if (!x) return;
		see_case(s, x, c, i, &rows, cut);
		if (who && who->answered) x->answers = 1, x->score = who->score;
	}
}

static void silent_merge(void *pass, void *other)
{
	struct silent *s = pass;
	const struct silent *from = other;
	s->failed |= from->failed || from->cs.failed;
	for (size_t i = 0; i < from->n && !s->failed; i++) {
		struct person *x = person_new(s, 0);
		if (x) *x = from->people[i];
	}
}

const struct journey_pass journey_silent_pass = {
	.make = silent_make, .add = silent_add, .merge = silent_merge, .free = silent_free
};

/* --- results ---------------------------------------------------------------------------------------- */

static int by_customer(const void *a, const void *b)
{
	const struct person *x = a, *y = b;
	return x->customer < y->customer ? -1 : x->customer > y->customer;
}

/* What the estimators take; of people by customer, as runs come in any order and sums of doubles must not. */
struct table {
	struct stats_matrix m;
	uint8_t *answered;
	double *score;
};

static enum err_code table_of(struct silent *s, struct arena *a, struct table *out, struct err *err)
{
	const size_t p = s->plan->n_columns;
	if (s->failed || s->cs.failed) return err_no_memory(err);
	if (s->n) qsort(s->people, s->n, sizeof *s->people, by_customer);
	double *x = ARENA_ARRAY(a, double, s->n *p);
	*out = (struct table){ { x, s->n, p }, ARENA_ARRAY(a, uint8_t, s->n), ARENA_ARRAY(a, double, s->n) };
	if (!x || !out->answered || !out->score) return err_no_memory(err);
	for (size_t i = 0; i < s->n; i++) {
		const struct person *y = &s->people[i];
		for (size_t k = 0; k < p; k++) x[i * p + k] = log1p((double)y->done[k]);
		out->answered[i] = y->answers > 0;
		out->score[i] = y->answers ? y->score / y->answers : 0;
	}
	return OK;
}

enum err_code journey_silent_result(void *pass, struct stats_silent *out, struct err *err)
{
	struct silent *s = pass;
	const struct interval utility = { 0, 100 };
	struct table t;
	struct arena a;
	arena_init(&a, RESULT_BYTES);
	enum err_code rc = table_of(s, &a, &t, err);
	if (rc == OK)
		rc = stats_silent(t.m, t.answered, t.score, s->plan->people ? s->plan->people->scale : utility, SEED,
		                  &a, out, err);
	arena_done(&a);
	return rc;
}

enum err_code journey_silent_chances(void *pass, double *w, struct stats_propensity *out, struct err *err)
{
	struct silent *s = pass;
	const struct journey_silent_query *q = s->plan->people;
	struct table t;
	struct arena a;
	arena_init(&a, RESULT_BYTES);
	enum err_code rc = table_of(s, &a, &t, err);
	double *all = rc == OK ? ARENA_ARRAY(&a, double, s->n) : NULL;
	if (rc == OK && !all) rc = err_no_memory(err);
	if (rc == OK) rc = stats_response_weights(t.m, t.answered, SEED, &a, all, out, err);
	for (size_t i = 0, k = 0; rc == OK && i < q->n_people; i++) {
		while (k < s->n && s->people[k].customer < q->people[i].customer) k++;
		w[i] = k < s->n && s->people[k].customer == q->people[i].customer ? all[k] : 0;
	}
	arena_done(&a);
	return rc;
}
