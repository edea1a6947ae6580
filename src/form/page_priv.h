/* What page.c and page_question.c share. */
#ifndef FORM_PAGE_PRIV_H
#define FORM_PAGE_PRIV_H

#include "base/checked.h"
#include "form/page.h"

struct page_out {
	const struct form_view *v;
	struct arena *a;
	struct buf *b;
	const bool *shown; /* of form->questions */
	size_t n;          /* questions written so far: their ids are q1, q2 ... */
};

static inline void put(struct page_out *o, const char *markup)
{
	buf_str(o->b, str_of(markup));
}
static inline void put_text(struct page_out *o, struct str s)
{
	form_put_html(o->b, s);
}
static inline struct str say(struct page_out *o, const char *key)
{
	return words(&o->v->locale, o->a, key, NULL, 0);
}
struct str page_text(struct page_out *o, const struct form_text *t); /* in the reader's language, answers filled in */
struct str page_value(struct page_out *o,
                      const struct form_value *v); /* a value that is no list, as a field holds it */
void put_attr(struct page_out *o, const char *name, struct str value); /* ` name="value"` */
void put_digits(struct page_out *o, double v);                         /* a score as the reader writes it */
struct str say_number(struct page_out *o, const char *key, const char *name, double n);

/* A question with its children; `lead` makes it the headline of its page. */
void put_question(struct page_out *o, const struct form_question *q, bool lead);
/* The error that stands at a question, NULL none. */
const struct form_problem *page_problem(const struct form_view *v, struct str name);
bool page_shown(const struct page_out *o, const struct form_question *q);

#endif
