/* The customers behind a figure, and what the figures of a graph hold of. */
#include "journey/priv.h"

struct behind {
	const struct journey_plan *p;
	const struct journey_behind *what;
	struct journey_set *set;
	struct cases cs;
};

static void behind_free(void *pass)
{
	struct behind *b = pass;
	if (!b) return;
	journey_set_free(b->set);
	cases_done(&b->cs);
	free(b);
}

static void *behind_make(const struct journey_plan *p, const void *what)
{
	struct behind *b = calloc(1, sizeof *b);
	if (!b) return NULL;
	*b = (struct behind){ .p = p, .what = what, .set = journey_set_new() };
	if (b->set) return b;
	behind_free(b);
	return NULL;
}

static void behind_add(void *pass, const struct journey_columns *c)
{
	struct behind *b = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(b->p, c, i, &b->cs);
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&b->cs, k);
			if (!b->what->holds(b->p, c, &s, b->what->figure)) continue;
			journey_set_add(b->set, c->customer[i]);
			break;
		}
	}
}

static void behind_merge(void *pass, void *from)
{
	struct behind *b = pass, *o = from;
	b->cs.failed |= o->cs.failed;
	journey_set_or(b->set, o->set);
}

const struct journey_pass journey_behind_pass = { behind_make, behind_add, behind_merge, behind_free };

enum err_code journey_behind_set(const void *pass, const struct journey_set **out, struct err *err)
{
	const struct behind *b = pass;
	if (b->cs.failed) return err_no_memory(err);
	*out = b->set;
	return OK;
}

uint32_t journey_activity_find(const struct journey_plan *p, struct str name)
{
	const struct journey_rules *rs = p->q->rules;
	if (!rs) {
		/* The empty word is code 0, and no event has it for a name. */
		return name.len ? journey_word_find(&p->s->events, name) : JOURNEY_NOWHERE;
	}
	if (str_eq(name, STR("(other)"))) return 0;
	for (uint32_t i = 0; i < rs->n_touchpoints; i++)
		if (str_eq(rs->touchpoints[i].key, name)) return i + 1;
	return JOURNEY_NOWHERE;
}

bool journey_flow_holds(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
                        const void *figure)
{
	const struct journey_flow_figure *f = figure;
	switch (f->part) {
	case JOURNEY_FLOW_START: return s->code[0] == f->activity;
	case JOURNEY_FLOW_END: return s->code[s->n - 1] == f->activity;
	case JOURNEY_FLOW_ACTIVITY:
		for (uint32_t i = 0; i < s->n; i++)
			if (s->code[i] == f->activity) return true;
		return false;
	case JOURNEY_FLOW_EDGE:
		for (uint32_t i = 1; i < s->n; i++)
			if (s->code[i - 1] == f->activity && s->code[i] == f->to) return true;
		return false;
	}
	return false;
}
