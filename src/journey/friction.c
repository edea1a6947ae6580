/* Friction and waits: rows of a case once, its evidence once, counts by activity. */
#include "journey/friction.h"

#include "journey/priv.h"

#include <math.h>

enum { CURRENCIES_MAX = 64 };

const char *const journey_friction_names[JOURNEY_FRICTION_RULES] = {
	[JOURNEY_FRICTION_REPEAT] = "repeat",       [JOURNEY_FRICTION_ERROR] = "error",
	[JOURNEY_FRICTION_DEAD_END] = "dead_end",   [JOURNEY_FRICTION_BACK] = "back_track",
	[JOURNEY_FRICTION_ABANDONED] = "abandoned", [JOURNEY_FRICTION_LATE] = "late",
	[JOURNEY_FRICTION_CONTACTS] = "contacts",
};

struct point {
	int64_t visits, cases, queued, left;
	int64_t counts[JOURNEY_FRICTION_RULES];
	struct journey_durations wait;
	int64_t (*money)[2]; /* [currency]: minor units, rows */
	uint32_t last_case;
	int64_t effort; /* the largest of the case at hand */
};

struct event_met { /* where an event was last */
	uint32_t last_case, code;
};

struct pass {
	const struct journey_plan *p;
	const struct journey_friction_question *q;
	struct point *points; /* [code] */
	size_t n;             /* codes */
	uint32_t serial;
	struct cases cs;
	uint32_t *met, n_met;     /* codes of the case at hand */
	struct event_met *events; /* [event] */
	bool failed;
};

static void pass_free(void *pass)
{
	struct pass *m = pass;
	if (!m) return;
	for (size_t i = 0; m->points && i < m->n; i++) {
		journey_durations_done(&m->points[i].wait);
		free(m->points[i].money);
	}
	free(m->points);
	free(m->met);
	free(m->events);
	cases_done(&m->cs);
	free(m);
}

static void *pass_new(const struct journey_plan *p, const void *what)
{
	struct pass *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->q = what;
	m->n = p->q->rules ? p->n_touchpoints + 1 : p->s->events.n;
	m->points = calloc(m->n, sizeof *m->points);
	m->met = calloc(m->n, sizeof *m->met);
	m->events = calloc(p->s->events.n, sizeof *m->events);
	if (m->points && m->met && m->events) return m;
	pass_free(m);
	return NULL;
}

static void rows_of_case(struct pass *m, const struct journey_columns *c, const uint32_t *rows, uint32_t n)
{
	uint32_t before = 0, last = 0;
	m->serial++;
	m->n_met = 0;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t code = activity(m->p, c, rows[i]);
		if (!code) continue;
		struct point *t = &m->points[code];
		t->visits++;
		if (t->last_case != m->serial) {
			t->last_case = m->serial;
			t->cases++;
			t->effort = 0;
			m->met[m->n_met++] = code;
		}
		struct event_met *event = &m->events[m->p->s->kinds[c->kind[rows[i]]].event];
		t->counts[JOURNEY_FRICTION_REPEAT] += event->last_case == m->serial && event->code == code;
		*event = (struct event_met){ m->serial, code };
		if (before && m->p->q->rules && m->p->step[code] < m->p->step[before])
			t->counts[JOURNEY_FRICTION_BACK]++;
		before = last = code;
	}
	if (!last || !m->p->q->rules) return;
	const struct reach r = reach_of(m->p, c, rows, n);
	if (r.furthest < m->q->before_step && !r.still_in) m->points[last].counts[JOURNEY_FRICTION_DEAD_END]++;
}

static void money_add(struct pass *m, struct point *t, const struct journey_evidence *e)
{
	if (!t->money && !(t->money = calloc(CURRENCIES_MAX, sizeof *t->money))) {
		m->failed = true;
		return;
	}
	const uint32_t currency = e->about < CURRENCIES_MAX ? e->about : 0;
	t->money[currency][0] += llrint(e->raw);
	t->money[currency][1]++;
}

/* All that one row says; its pieces stand next to each other. */
static void row_evidence(struct pass *m, struct point *t, const struct journey_evidence *e, uint32_t n)
{
	bool waited = false, left = false;
	for (uint32_t i = 0; i < n; i++) {
		t->counts[JOURNEY_FRICTION_ERROR] += e[i].what == JOURNEY_FAILURE;
		t->counts[JOURNEY_FRICTION_LATE] += e[i].what == JOURNEY_BREACH && e[i].raw > 0;
		if (e[i].what == JOURNEY_EFFORT && e[i].raw > (double)t->effort) t->effort = llrint(e[i].raw);
		if (e[i].what == JOURNEY_WAIT) {
			waited = true;
			journey_durations_add(&t->wait, llrint(e[i].raw));
		}
		left |= e[i].what == JOURNEY_LEFT;
	}
	t->queued += waited || left;
	t->left += left;
	t->counts[JOURNEY_FRICTION_ABANDONED] += left;
	for (uint32_t i = 0; left && i < n; i++)
		if (e[i].what == JOURNEY_MONEY) money_add(m, t, &e[i]);
}

static void evidence_of_case(struct pass *m, const struct journey_columns *c, uint32_t customer, const uint32_t *rows,
                             uint32_t n)
{
	const uint32_t end = c->evidence_offset[customer + 1];
	uint32_t e = evidence_from(c, customer, rows[0]);
	for (uint32_t i = 0; i < n && e < end; i++) {
		while (e < end && c->evidence[e].row < rows[i]) e++;
		const uint32_t first = e;
		while (e < end && c->evidence[e].row == rows[i]) e++;
		const uint32_t code = activity(m->p, c, rows[i]);
		if (code && e > first) row_evidence(m, &m->points[code], &c->evidence[first], e - first);
	}
	for (uint32_t i = 0; i < m->n_met; i++) {
		struct point *t = &m->points[m->met[i]];
		if (t->effort > 1) t->counts[JOURNEY_FRICTION_CONTACTS] += t->effort - 1;
	}
}

static void pass_add(void *pass, const struct journey_columns *c)
{
	struct pass *m = pass;
	for (uint32_t i = 0; i < c->n_customers && !m->failed; i++) {
		if (journey_dead(c, i) || !cases_cut(m->p, c, i, &m->cs)) continue;
		for (uint32_t k = 0; k < m->cs.n; k++) {
			const uint32_t *rows = m->cs.row + m->cs.start[k], n = m->cs.start[k + 1] - m->cs.start[k];
			rows_of_case(m, c, rows, n);
			if (c->evidence_offset[i] < c->evidence_offset[i + 1]) evidence_of_case(m, c, i, rows, n);
		}
	}
	m->failed |= m->cs.failed;
}

static void pass_merge(void *into, void *from)
{
	struct pass *m = into, *f = from;
	m->failed |= f->failed;
	for (size_t i = 0; i < m->n; i++) {
		struct point *t = &m->points[i], *o = &f->points[i];
		t->visits += o->visits;
		t->cases += o->cases;
		t->queued += o->queued;
		t->left += o->left;
		for (int k = 0; k < JOURNEY_FRICTION_RULES; k++) t->counts[k] += o->counts[k];
		journey_durations_merge(&t->wait, &o->wait);
		for (int c = 0; o->money && t->money && c < CURRENCIES_MAX; c++) {
			t->money[c][0] += o->money[c][0];
			t->money[c][1] += o->money[c][1];
		}
		if (t->money || !o->money) continue;
		t->money = o->money;
		o->money = NULL;
	}
}

static enum err_code money_result(const struct pass *m, const struct point *t, struct arena *a,
                                  struct journey_friction_stat *out, struct err *err)
{
	struct journey_left_money *list = ARENA_ARRAY(a, struct journey_left_money, t->money ? CURRENCIES_MAX : 0);
	if (!list) return err_no_memory(err);
	for (uint32_t c = 0; t->money && c < CURRENCIES_MAX; c++)
		if (t->money[c][1])
			list[out->n_money++] = (struct journey_left_money){
				c < m->p->s->currencies.n ? journey_word(&m->p->s->currencies, c) : STR(""),
				t->money[c][0], t->money[c][1]
			};
	out->money = list;
	return OK;
}

enum err_code journey_friction_result(const void *pass, struct arena *a, struct journey_friction *out, struct err *err)
{
	const struct pass *m = pass;
	if (m->failed) return err_no_memory(err);
	struct journey_friction r = { .list = ARENA_ARRAY(a, struct journey_friction_stat, m->n) };
	if (!r.list) return err_no_memory(err);
	for (uint32_t code = 1; code < m->n; code++) {
		const struct point *t = &m->points[code];
		const struct journey_rules *rules = m->p->q->rules;
		if (t->visits == 0 && !rules) continue;
		if (t->wait.failed) return err_no_memory(err);
		struct journey_friction_stat *s = &r.list[r.n++];
		*s = (struct journey_friction_stat){ .name = rules ? rules->touchpoints[code - 1].key
			                                           : journey_word(&m->p->s->events, code),
			                             .visits = t->visits,
			                             .cases = t->cases,
			                             .queued = t->queued,
			                             .left = t->left };
		memcpy(s->counts, t->counts, sizeof s->counts);
		journey_durations_times(&t->wait, &s->wait);
		TRY(money_result(m, t, a, s, err));
	}
	*out = r;
	return OK;
}

const struct journey_pass journey_friction_pass = { pass_new, pass_add, pass_merge, pass_free };
