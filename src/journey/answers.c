/* Answers of one event type by value, kept apart by the scale they were given on until the end. */
#include "journey/priv.h"

#include <math.h>

enum { SCALES = 64, SAME_UTILITY_PPM = 10 };

struct journey_answers_plan {
	const struct journey_answers_query *q;
	uint32_t event;
};

struct by_scale {
	int64_t n, misfits, customers;
	int64_t values[JOURNEY_ANSWERS_VALUES_MAX];
};

struct answers {
	const struct journey_plan *p;
	const struct journey_answers_plan *what;
	int64_t met;
	struct by_scale *scales;
	struct cases cs;
};

enum err_code journey_answers_plan(const struct journey_plan *p, const struct journey_answers_query *q, struct arena *a,
                                   struct journey_answers_plan **out, struct err *err)
{
	struct dimension event;
	struct journey_answers_plan *s = ARENA_NEW(a, struct journey_answers_plan);
	if (!s) return err_no_memory(err);
	if (q->min >= q->max || q->max - q->min >= JOURNEY_ANSWERS_VALUES_MAX)
		return err_set(err, ERR_INPUT, "answers.scale", "scale", "%d to %d is no scale", q->min, q->max);
	TRY(dimension_by_name(p, STR("event"), "event", &event, err));
	s->q = q;
	s->event = journey_word_find(event.words, q->event);
	if (s->event == UINT32_MAX)
		return err_set(err, ERR_INPUT, "answers.event", "survey", "no event is called \"" STR_FMT "\"",
		               STR_ARG(str_cut(q->event, 0, 80)));
	*out = s;
	return OK;
}

static void answers_free(void *pass)
{
	struct answers *s = pass;
	if (!s) return;
	cases_done(&s->cs);
	free(s->scales);
	free(s);
}

static void *answers_make(const struct journey_plan *p, const void *what)
{
	struct answers *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	s->p = p;
	s->what = what;
	s->scales = calloc(SCALES, sizeof *s->scales);
	if (!s->scales) {
		answers_free(s);
		return NULL;
	}
	return s;
}

static bool is_it(const struct answers *s, const struct journey_columns *c, uint32_t row)
{
	return s->p->s->kinds[c->kind[row]].event == s->what->event;
}

/* Utility is kept as a float: exact to some parts in a million. */
static bool fits(const struct journey_answers_query *q, const struct journey_evidence *e)
{
	const double there = 100 * (e->raw - q->min) / (q->max - q->min);
	return e->raw >= q->min && e->raw <= q->max &&
	       fabs(there - (double)e->utility) <= 100.0 * SAME_UTILITY_PPM * 1e-6;
}

static void answer_add(struct answers *s, const struct journey_evidence *e, uint64_t *seen)
{
	const uint32_t scale = e->scale < SCALES ? e->scale : SCALES - 1;
	struct by_scale *to = &s->scales[scale];
	to->n++;
	if (!(*seen >> scale & 1)) to->customers++;
	*seen |= UINT64_C(1) << scale;
	if (fits(s->what->q, e)) to->values[lround(e->raw) - s->what->q->min]++;
	else to->misfits++;
}

static void case_add(struct answers *s, const struct journey_columns *c, uint32_t customer, uint32_t k, uint64_t *seen)
{
	const struct span span = spans_get(&s->cs, k);
	const uint32_t end = c->evidence_offset[customer + 1], last = span_row(&span, span.n - 1);
	uint32_t place = 0;
	for (uint32_t i = 0; i < span.n; i++) s->met += is_it(s, c, span_row(&span, i));
	for (uint32_t i = evidence_from(c, customer, span_row(&span, 0)); i < end && c->evidence[i].row <= last; i++) {
		const struct journey_evidence *e = &c->evidence[i];
		if (e->what != JOURNEY_RATING || !is_it(s, c, e->row)) continue;
		if (!span.row) place = e->row - span.first;
		while (span_row(&span, place) < e->row) place++;
		if (span_row(&span, place) == e->row) answer_add(s, e, seen);
	}
}

static void answers_add(void *pass, const struct journey_columns *c)
{
	struct answers *s = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(s->p, c, i, &s->cs);
		uint64_t seen = 0;
		for (uint32_t k = 0; k < n; k++) case_add(s, c, i, k, &seen);
	}
}

static void answers_merge(void *pass, void *from)
{
	struct answers *s = pass;
	const struct answers *o = from;
	s->met += o->met;
	s->cs.failed |= o->cs.failed;
	for (int i = 0; i < SCALES; i++) {
		struct by_scale *a = &s->scales[i];
		const struct by_scale *b = &o->scales[i];
		a->n += b->n;
		a->misfits += b->misfits;
		a->customers += b->customers;
		for (int v = 0; v < JOURNEY_ANSWERS_VALUES_MAX; v++) a->values[v] += b->values[v];
	}
}

const struct journey_pass journey_answers_pass = { answers_make, answers_add, answers_merge, answers_free };

enum err_code journey_answers_result(const void *pass, struct journey_answers *out, struct err *err)
{
	const struct answers *s = pass;
	if (s->cs.failed) return err_no_memory(err);
	*out = (struct journey_answers){ .met = s->met };
	for (int i = 0; i < SCALES; i++) {
		const struct by_scale *b = &s->scales[i];
		if (b->misfits) {
			out->other += b->n;
			continue;
		}
		out->n += b->n;
		out->customers += b->customers;
		for (int v = 0; v < JOURNEY_ANSWERS_VALUES_MAX; v++) out->values[v] += b->values[v];
	}
	return OK;
}
