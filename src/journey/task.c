/* Tasks: started and completed, case by case. */
#include "journey/friction.h"

#include "journey/priv.h"

struct pass {
	const struct journey_plan *p;
	const struct journey_task_question *q;
	uint32_t start, done;
	struct journey_task sums;
	struct journey_durations time;
	struct cases cs;
};

static void pass_free(void *pass)
{
	struct pass *m = pass;
	if (!m) return;
	journey_durations_done(&m->time);
	cases_done(&m->cs);
	free(m);
}

static void *pass_new(const struct journey_plan *p, const void *what)
{
	const struct journey_task_question *q = what;
	struct pass *m = calloc(1, sizeof *m);
	if (!m) return NULL;
	m->p = p;
	m->q = q;
	m->start = journey_activity_find(p, q->start);
	m->done = journey_activity_find(p, q->done);
	return m;
}

/* Where time runs out for what began at `at_ms`. */
static bool too_young(const struct pass *m, int64_t at_ms)
{
	const int64_t allowed = m->q->window_ms == INT64_MAX ? m->p->q->instance.gap_ms : m->q->window_ms;
	return m->p->s->newest_ms - at_ms < allowed;
}

static void case_add(struct pass *m, const struct span *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		if (s->code[i] != m->start) continue;
		const int64_t began = s->at_ms[i];
		uint32_t k = i + 1;
		while (k < s->n && s->code[k] != m->done && s->at_ms[k] - began <= m->q->window_ms) k++;
		if (k < s->n && s->code[k] == m->done && s->at_ms[k] - began <= m->q->window_ms) {
			m->sums.started++;
			m->sums.completed++;
			journey_durations_add(&m->time, s->at_ms[k] - began);
			/* Its own end may begin the next one. */
			i = m->start == m->done ? k - 1 : k;
		} else if (too_young(m, began)) {
			m->sums.open++;
			return;
		} else {
			m->sums.started++;
			i = k - 1;
		}
	}
}

static void pass_add(void *pass, const struct journey_columns *c)
{
	struct pass *m = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(m->p, c, i, &m->cs);
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&m->cs, k);
			case_add(m, &s);
		}
	}
}

static void pass_merge(void *into, void *from)
{
	struct pass *m = into, *f = from;
	m->sums.started += f->sums.started;
	m->sums.completed += f->sums.completed;
	m->sums.open += f->sums.open;
	m->cs.failed |= f->cs.failed;
	journey_durations_merge(&m->time, &f->time);
}

enum err_code journey_task_result(const void *pass, struct journey_task *out, struct err *err)
{
	const struct pass *m = pass;
	uint32_t code;
	TRY(activity_find(m->p, m->q->start, "start", &code, err));
	TRY(activity_find(m->p, m->q->done, "done", &code, err));
	if (m->cs.failed || m->time.failed) return err_no_memory(err);
	*out = m->sums;
	journey_durations_times(&m->time, &out->time);
	return OK;
}

const struct journey_pass journey_task_pass = { pass_new, pass_add, pass_merge, pass_free };
