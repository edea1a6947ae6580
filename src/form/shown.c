/* Which questions show, in one pass in reading order. */
#include "form/priv.h"

/* Behind the pass the answers are those that were seen by expressions: hidden ones taken away, results added. */
struct pass {
	const struct form *f;
	struct form_answers seen;
	struct form_value *items; /* of seen, to write */
	struct str *names;
	int64_t now_ms;
	struct arena *a;
	bool *shown, *open;
	size_t i;
};

static bool holds(const struct pass *p, const struct form_expr *e)
{
	if (!e) return true;
	const struct form_value v = form_expr_eval(e, &p->seen, p->now_ms, p->a);
	return form_value_true(&v);
}

/* Sets the answer of that name, adding room that start() has made. */
static void set(struct pass *p, struct str name, struct form_value v)
{
	size_t k = 0;
	while (k < p->seen.all.n && !str_eq(p->names[k], name)) k++;
	if (k == p->seen.all.n) {
		if (v.kind == FORM_NOTHING) return;
		p->names[k] = name;
		p->seen.all.n++;
	}
	p->items[k] = v;
}

static void visit(struct pass *p, const struct form_question *q, bool shown, bool open)
{
	const size_t i = p->i++;
	shown = shown && holds(p, q->visible_if);
	open = open && shown && !q->read_only && holds(p, q->enable_if);
	p->shown[i] = shown;
	p->open[i] = open;
	if (q->type == FORM_EXPRESSION) {
		const struct form_value none = { 0 };
		set(p, q->name,
		    shown && q->expression ? form_expr_eval(q->expression, &p->seen, p->now_ms, p->a) : none);
	} else if (q->type != FORM_PANEL && !open) set(p, q->name, (struct form_value){ 0 });
	for (size_t k = 0; q->type == FORM_PANEL && k < q->n_children; k++) visit(p, &q->children[k], shown, open);
}

static enum err_code start(struct pass *p, const struct form_answers *answers, struct err *err)
{
	const size_t n = answers->all.n, room = n + p->f->n_questions;
	p->names = ARENA_ARRAY(p->a, struct str, room);
	p->items = ARENA_ARRAY(p->a, struct form_value, room);
	p->shown = ARENA_ARRAY(p->a, bool, p->f->n_questions);
	p->open = ARENA_ARRAY(p->a, bool, p->f->n_questions);
	if (!p->names || !p->items || !p->shown || !p->open) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		p->names[i] = answers->all.names[i];
		p->items[i] = answers->all.items[i];
	}
	p->seen.all = (struct form_value){ .kind = FORM_OBJECT, .names = p->names, .items = p->items, .n = n };
	return OK;
}

enum err_code shown_pass(const struct form *f, const struct form_answers *answers, int64_t now_ms, struct arena *a,
                         struct shown *out, struct err *err)
{
	struct pass p = { .f = f, .now_ms = now_ms, .a = a };
	bool ended = false;
	TRY(start(&p, answers, err));
	for (size_t page = 0; page < f->n_pages; page++) {
		const bool show = !ended && holds(&p, f->pages[page].visible_if);
		for (size_t k = 0; k < f->pages[page].n; k++) visit(&p, &f->pages[page].questions[k], show, show);
		for (size_t t = 0; show && t < f->n_triggers; t++) ended |= holds(&p, f->triggers[t].expression);
	}
	*out = (struct shown){ .shown = p.shown, .open = p.open, .seen = p.seen };
	return OK;
}

enum err_code form_shown(const struct form *f, const struct form_answers *answers, int64_t now_ms, struct arena *a,
                         bool **shown, struct err *err)
{
	struct shown all;
	TRY(shown_pass(f, answers, now_ms, a, &all, err));
	*shown = all.shown;
	return OK;
}
