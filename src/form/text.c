/* Texts by language, and words filled into them. */
#include "form/priv.h"

static bool same_main(struct str lang, struct str other)
{
	return str_eq_ascii_nocase(str_cut(lang, 0, str_find(lang, '-')), str_cut(other, 0, str_find(other, '-')));
}

struct str form_text_in(const struct form_text *t, struct str lang, struct str *said)
{
	const struct form_said *best = NULL;
	int rank = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct form_said *s = &t->all[i];
		const int now = str_eq_ascii_nocase(s->lang, lang) ? 5
		                : same_main(s->lang, lang)         ? 4
		                : i == 0                           ? 2
		                : str_eq(s->lang, STR("en"))       ? 1
		                                                   : 0;
		if (best && now <= rank) continue;
		best = s;
		rank = now;
	}
	if (said) *said = best ? best->lang : STR("");
	return best ? best->text : STR("");
}

/* --- every text ------------------------------------------------------------------------------------------- */

struct walk {
	void (*each)(void *ctx, const struct form_text *t);
	void *ctx;
};

static void visit_choices(const struct walk *w, const struct form_choice *c, size_t n)
{
	for (size_t i = 0; i < n; i++) w->each(w->ctx, &c[i].text);
}

static void visit_question(const struct walk *w, const struct form_question *q)
{
	const struct form_text *const texts[] = { &q->title,      &q->description, &q->min_label,
		                                  &q->max_label,  &q->placeholder, &q->required_error,
		                                  &q->other_text, &q->none_text,   &q->html };
	for (size_t i = 0; i < COUNT_OF(texts); i++) w->each(w->ctx, texts[i]);
	visit_choices(w, q->choices, q->n_choices);
	visit_choices(w, q->rows, q->n_rows);
	for (size_t i = 0; q->type == FORM_MULTITEXT && i < q->n_children; i++) visit_question(w, &q->children[i]);
}

void form_each_text(const struct form *f, void (*each)(void *ctx, const struct form_text *t), void *ctx)
{
	const struct walk w = { each, ctx };
	each(ctx, &f->title);
	each(ctx, &f->description);
	each(ctx, &f->done_html);
	each(ctx, &f->purpose);
	for (size_t i = 0; i < f->n_parameters; i++) each(ctx, &f->parameters[i].text);
	for (size_t i = 0; i < f->n_pages; i++) {
		each(ctx, &f->pages[i].title);
		each(ctx, &f->pages[i].description);
	}
	for (size_t i = 0; i < f->n_questions; i++) visit_question(&w, f->questions[i]);
}

struct missing {
	struct str lang;
	size_t without, all;
};

static void count_missing(void *ctx, const struct form_text *t)
{
	struct missing *m = ctx;
	if (!t->n) return;
	m->all++;
	for (size_t i = 0; i < t->n; i++)
		if (same_main(t->all[i].lang, m->lang)) return;
	m->without++;
}

size_t form_missing(const struct form *f, struct str lang, size_t *n_texts)
{
	struct missing m = { .lang = lang };
	form_each_text(f, count_missing, &m);
	if (n_texts) *n_texts = m.all;
	return m.without;
}

/* --- filled in ------------------------------------------------------------------------------------------------ */

static struct locale locale_for(struct str lang)
{
	enum lang l;
	return locale_of(lang_of(str_cut(lang, 0, str_find(lang, '-')), &l) ? l : LANG_EN);
}

static void put_value(struct buf *out, const struct form_question *q, const struct form_value *v, struct str lang,
                      struct arena *a)
{
	const struct locale l = locale_for(lang);
	if (v->kind == FORM_LIST) {
		for (size_t i = 0; i < v->n; i++) {
			if (i) buf_str(out, lang_rtl(l.lang) ? STR("، ") : STR(", "));
			put_value(out, q, &v->items[i], lang, a);
		}
		return;
	}
	for (size_t i = 0; q && i < q->n_choices; i++) {
		const struct form_value value =
		        q->choices[i].is_number ? value_number(q->choices[i].number) : value_text(q->choices[i].value);
		if (!q->choices[i].text.n || !expr_equal(&value, v)) continue;
		buf_str(out, form_text_in(&q->choices[i].text, lang, NULL));
		return;
	}
	if (v->kind == FORM_STRING) buf_str(out, v->text);
	else if (v->kind == FORM_NUMBER) {
		const struct str plain = value_decimal(v->number, a);
		const size_t point = str_find(plain, '.');
		buf_str(out, words_number(&l, a, v->number, point < plain.len ? (int)(plain.len - point - 1) : 0));
	} else if (v->kind == FORM_BOOL) buf_str(out, v->yes ? STR("true") : STR("false"));
}

/* What stands for {name}; false when the name is nobody's and stays as it is written. */
static bool put_named(struct buf *out, const struct form *f, struct str name, struct str lang,
                      const struct form_answers *answers, struct arena *a)
{
	const struct form_value *v = answers ? expr_resolve(answers, name) : NULL;
	const struct form_question *q = form_question(f, name);
	if (v && !form_value_empty(v)) {
		buf_str(out, STR("\u2068"));
		put_value(out, q, v, lang, a);
		buf_str(out, STR("\u2069"));
		return true;
	}
	for (size_t i = 0; i < f->n_parameters; i++) {
		if (!str_eq(f->parameters[i].name, name)) continue;
		buf_str(out, STR("\u2068"));
		buf_str(out, form_text_in(&f->parameters[i].text, lang, NULL));
		buf_str(out, STR("\u2069"));
		return true;
	}
	return q != NULL;
}

struct str form_say(const struct form *f, const struct form_text *t, struct str lang,
                    const struct form_answers *answers, struct arena *a)
{
	const struct str text = form_text_in(t, lang, NULL);
	if (str_find(text, '{') == text.len) return text;
	struct buf b;
	buf_init(&b, 16 * FORM_TEXT_BYTES_MAX);
	for (size_t i = 0; i < text.len;) {
		const struct str rest = str_cut(text, i, text.len);
		const size_t open = str_find(rest, '{'), close = str_find(rest, '}');
		if (open == rest.len || close == rest.len) {
			buf_str(&b, rest);
			break;
		}
		buf_str(&b, str_cut(rest, 0, close < open ? close + 1 : open));
		i += close < open ? close + 1 : open;
		if (close < open) continue;
		if (!put_named(&b, f, signs_trim(str_cut(rest, open + 1, close)), lang, answers, a))
			buf_str(&b, str_cut(rest, open, close + 1));
		i += close - open + 1;
	}
	const struct str out = b.full ? text : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out.ptr ? out : text;
}
