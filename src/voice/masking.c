/*
 * What identifies a person is taken out of the words of answers, before they are kept as a response and before they
 * become events, where the survey or the source of surveys asks for it. An answer to a question that asks for a mail
 * address or a number stays: it was asked for.
 */
#include "text/text.h"
#include "voice/priv.h"

struct masker {
	struct arena *a;
	struct buf text;
};

static enum err_code mask_value(struct masker *m, struct form_value *v, struct err *err)
{
	if (v->kind == FORM_STRING) {
		buf_clear(&m->text);
		if (!text_mask(v->text, TEXT_PII_ALL, &m->text, NULL, 0)) return buf_check(&m->text, err);
		v->text = str_copy(m->a, buf_view(&m->text));
		return v->text.ptr && !m->text.full ? OK : err_no_memory(err);
	}
	if (v->kind != FORM_LIST && v->kind != FORM_OBJECT) return OK;
	struct form_value *items = ARENA_ARRAY(m->a, struct form_value, v->n + 1);
	if (!items) return err_no_memory(err);
	for (size_t i = 0; i < v->n; i++) {
		items[i] = v->items[i];
		TRY(mask_value(m, &items[i], err));
	}
	v->items = items;
	return OK;
}

/* Items of a multipletext that ask for an address or a number stay as well. */
static bool asked_for(const struct form_question *q)
{
	return q->type == FORM_TEXT && q->input != FORM_INPUT_TEXT;
}

static enum err_code mask_items(struct masker *m, const struct form_question *q, struct form_value *v, struct err *err)
{
	if (v->kind != FORM_OBJECT) return mask_value(m, v, err);
	struct form_value *items = ARENA_ARRAY(m->a, struct form_value, v->n + 1);
	if (!items) return err_no_memory(err);
	for (size_t i = 0; i < v->n; i++) {
		bool stays = false;
		items[i] = v->items[i];
		for (size_t k = 0; k < q->n_children; k++)
			stays = stays || (str_eq(q->children[k].name, v->names[i]) && asked_for(&q->children[k]));
		if (!stays) TRY(mask_value(m, &items[i], err));
	}
	v->items = items;
	return OK;
}

/* Answers by name; of raw ones, which no question is there for, all words are masked. */
static enum err_code mask_answers(struct masker *m, const struct form *form, bool raw, struct form_answers *f,
                                  struct err *err)
{
	struct form_value *items = ARENA_ARRAY(m->a, struct form_value, f->all.n + 1);
	if (!items) return err_no_memory(err);
	for (size_t i = 0; i < f->all.n; i++) {
		const struct str name = f->all.names[i];
		const struct form_question *q = form_question(form, name);
		items[i] = f->all.items[i];
		if (raw || str_ends(name, STR("-Comment")) || (q && q->type == FORM_COMMENT) ||
		    (q && q->type == FORM_TEXT && !asked_for(q)))
			TRY(mask_value(m, &items[i], err));
		else if (q && q->type == FORM_MULTITEXT) TRY(mask_items(m, q, &items[i], err));
	}
	f->all.items = items;
	return OK;
}

enum err_code voice_mask(const struct form *form, struct form_checked *c, struct arena *a, struct err *err)
{
	struct masker m = { .a = a };
	buf_init(&m.text, 4 * FORM_ANSWERS_BYTES_MAX);
	enum err_code rc = mask_answers(&m, form, false, &c->answers, err);
	if (rc == OK) rc = mask_answers(&m, form, true, &c->raw, err);
	buf_done(&m.text);
	return rc;
}
