/* Answers against the document: what counts, what is kept raw, what is wrong. web/survey/check.ts says the same. */
#include <math.h>

#include "base/when.h"
#include "form/priv.h"

struct checker {
	const struct form *f;
	struct arena *a;
	struct err *err;
	bool complete;
	struct form_checked *out;
	struct form_value *kept, *raw; /* items of out->answers and out->raw, to write */
	struct str *kept_names, *raw_names;
};

static enum err_code say(struct checker *c, struct str field, const struct said *s)
{
	const enum err_code rc = problem_add(&c->out->problems, c->a, field, s);
	return rc == OK ? OK : err_no_memory(c->err);
}

static void keep(struct checker *c, struct str name, struct form_value v)
{
	struct form_value *all = &c->out->answers.all;
	if (v.kind == FORM_NOTHING) return;
	c->kept_names[all->n] = name;
	c->kept[all->n++] = v;
}

static void keep_raw(struct checker *c, struct str name, struct form_value v)
{
	struct form_value *all = &c->out->raw.all;
	if (v.kind == FORM_NOTHING) return;
	c->raw_names[all->n] = name;
	c->raw[all->n++] = v;
}

/* What is kept of one answer: it counts, or it does not. Nothing in both: it was wrong. */
struct kept {
	struct form_value value, raw;
};

struct question {
	const struct form_question *q;
	struct str field; /* its name, or "multi.item" */
};

static struct str shown_text(const struct form_value *v, struct arena *a)
{
	if (v->kind == FORM_STRING) return v->text;
	if (v->kind == FORM_NUMBER) return value_decimal(v->number, a);
	if (v->kind == FORM_BOOL) return v->yes ? STR("true") : STR("false");
	return STR("");
}

static enum err_code wrong_kind(struct checker *c, const struct question *x)
{
	return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.kind") });
}

/* --- numbers ---------------------------------------------------------------------------------------------- */

static enum err_code out_of_range(struct checker *c, const struct question *x, double v)
{
	const struct form_question *q = x->q;
	const char *id = !isfinite(q->min)   ? WORDS_KEY("form.answer.most")
	                 : !isfinite(q->max) ? WORDS_KEY("form.answer.least")
	                                     : WORDS_KEY("form.answer.range");
	return say(c, x->field,
	           &(struct said){ .id = id,
	                           .value = v,
	                           .least = isfinite(q->min) ? q->min : 0,
	                           .most = isfinite(q->max) ? q->max : 0 });
}

static enum err_code check_number(struct checker *c, const struct question *x, const struct form_value *v,
                                  struct kept *k)
{
	double n;
	if (v->kind == FORM_NUMBER) n = v->number;
	else if (v->kind != FORM_STRING) return wrong_kind(c, x);
	else if (!form_number(v->text, &n))
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.number"), .what = v->text });
	if (!(n >= x->q->min && n <= x->q->max)) return out_of_range(c, x, n);
	if (x->q->type == FORM_RATING) {
		const double steps = (n - x->q->min) / x->q->step;
		if (fabs(steps - round(steps)) > 1e-6)
			return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.step"), .value = n });
	}
	k->value = value_number(n);
	return OK;
}

/* --- choices ------------------------------------------------------------------------------------------------ */

/* The answer as the document writes it; nothing when the document has no such choice. A page without JavaScript sends
 * texts, so "3" is 3 where the choice is the number. */
static struct form_value chosen(const struct checker *c, const struct form_question *q, const struct form_value *v)
{
	const struct str text = shown_text(v, c->a);
	if (text.len && q->other && str_eq(text, STR("other"))) return value_text(STR("other"));
	if (text.len && q->none && str_eq(text, STR("none"))) return value_text(STR("none"));
	for (size_t i = 0; i < q->n_choices && text.len; i++) {
		const struct form_choice *one = &q->choices[i];
		if (str_eq(one->value, text))
			return one->is_number ? value_number(one->number) : value_text(one->value);
	}
	return (struct form_value){ 0 };
}

static enum err_code no_option(struct checker *c, struct str field, const struct form_value *v)
{
	return say(
	        c, field,
	        &(struct said){ .id = WORDS_KEY("form.answer.option"), .warning = true, .what = shown_text(v, c->a) });
}

static enum err_code check_choice(struct checker *c, const struct question *x, const struct form_value *v,
                                  struct kept *k)
{
	if (v->kind == FORM_LIST && v->n == 1) v = &v->items[0];
	if (v->kind == FORM_LIST || v->kind == FORM_OBJECT) return wrong_kind(c, x);
	k->value = chosen(c, x->q, v);
	if (k->value.kind != FORM_NOTHING) return OK;
	k->raw = *v;
	return no_option(c, x->field, v);
}

static enum err_code check_rating(struct checker *c, const struct question *x, const struct form_value *v,
                                  struct kept *k)
{
	return x->q->n_choices ? check_choice(c, x, v, k) : check_number(c, x, v, k);
}

static bool among(const struct form_value *items, size_t n, const struct form_value *v)
{
	for (size_t i = 0; i < n; i++)
		if (expr_equal(&items[i], v)) return true;
	return false;
}

static enum err_code check_choices(struct checker *c, const struct question *x, const struct form_value *v,
                                   struct kept *k)
{
	const struct form_value all =
	        v->kind == FORM_LIST ? *v : (struct form_value){ .kind = FORM_LIST, .items = v, .n = 1 };
	struct form_value *good = ARENA_ARRAY(c->a, struct form_value, all.n);
	struct form_value *bad = ARENA_ARRAY(c->a, struct form_value, all.n);
	size_t n_good = 0, n_bad = 0;
	if (!good || !bad) return err_no_memory(c->err);
	for (size_t i = 0; i < all.n; i++) {
		const struct form_value *one = &all.items[i];
		if (one->kind == FORM_LIST || one->kind == FORM_OBJECT) return wrong_kind(c, x);
		if (form_value_empty(one)) continue;
		const struct form_value choice = chosen(c, x->q, one);
		if (choice.kind == FORM_NOTHING) {
			bad[n_bad++] = *one;
			TRY(no_option(c, x->field, one));
		} else if (!among(good, n_good, &choice)) good[n_good++] = choice;
	}
	if (n_bad) k->raw = (struct form_value){ .kind = FORM_LIST, .items = bad, .n = n_bad };
	const double least = x->q->min_chosen, most = x->q->max_chosen;
	if (n_good + n_bad < (size_t)x->q->min_chosen)
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.few"), .least = least });
	if (most > 0 && n_good > (size_t)x->q->max_chosen)
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.many"), .most = most });
	if (n_good) k->value = (struct form_value){ .kind = FORM_LIST, .items = good, .n = n_good };
	return OK;
}

static enum err_code check_images(struct checker *c, const struct question *x, const struct form_value *v,
                                  struct kept *k)
{
	return x->q->multiple ? check_choices(c, x, v, k) : check_choice(c, x, v, k);
}

static enum err_code check_boolean(struct checker *c, const struct question *x, const struct form_value *v,
                                   struct kept *k)
{
	const struct str text = shown_text(v, c->a);
	if (!str_eq(text, STR("true")) && !str_eq(text, STR("false"))) return wrong_kind(c, x);
	k->value = value_bool(str_eq(text, STR("true")));
	return OK;
}

static enum err_code check_matrix(struct checker *c, const struct question *x, const struct form_value *v,
                                  struct kept *k)
{
	const struct form_question *q = x->q;
	if (v->kind != FORM_OBJECT) return wrong_kind(c, x);
	struct form_value *good = ARENA_ARRAY(c->a, struct form_value, v->n);
	struct form_value *bad = ARENA_ARRAY(c->a, struct form_value, v->n);
	struct str *good_names = ARENA_ARRAY(c->a, struct str, v->n), *bad_names = ARENA_ARRAY(c->a, struct str, v->n);
	size_t n_good = 0, n_bad = 0;
	if (!good || !bad || !good_names || !bad_names) return err_no_memory(c->err);
	for (size_t i = 0; i < v->n; i++) {
		const struct form_value *one = &v->items[i];
		if (one->kind == FORM_LIST || one->kind == FORM_OBJECT) return wrong_kind(c, x);
		if (form_value_empty(one)) continue;
		size_t row = 0;
		while (row < q->n_rows && !str_eq(q->rows[row].value, v->names[i])) row++;
		const struct form_value choice = chosen(c, q, one);
		if (row < q->n_rows && choice.kind != FORM_NOTHING) {
			good_names[n_good] = q->rows[row].value;
			good[n_good++] = choice;
			continue;
		}
		const struct form_value name = value_text(v->names[i]);
		TRY(no_option(c, x->field, row < q->n_rows ? one : &name));
		bad_names[n_bad] = v->names[i];
		bad[n_bad++] = *one;
	}
	if (n_bad) k->raw = (struct form_value){ .kind = FORM_OBJECT, .items = bad, .names = bad_names, .n = n_bad };
	if (c->complete && q->all_rows && n_good < q->n_rows)
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.rows") });
	if (n_good)
		k->value = (struct form_value){ .kind = FORM_OBJECT, .items = good, .names = good_names, .n = n_good };
	return OK;
}

/* --- words ------------------------------------------------------------------------------------------------------ */

static enum err_code too_long(struct checker *c, struct str field, struct str text, int most)
{
	const size_t n = signs_count(text);
	if (n <= (size_t)most) return OK;
	return say(c, field, &(struct said){ .id = WORDS_KEY("form.answer.long"), .value = (double)n, .most = most });
}

static bool email_fine(struct str s)
{
	const size_t at = str_find(s, '@');
	const struct str domain = str_cut(s, at + 1, s.len);
	if (at == 0 || at > 64 || s.len > 254 || str_find(domain, '@') != domain.len) return false;
	for (size_t i = 0; i < s.len;) {
		const uint32_t c = utf8_next(s, &i);
		if (sign_invisible(c) || c == '<' || c == '>' || c == ',' || c == ';' || c == '"') return false;
	}
	const size_t dot = str_find(domain, '.');
	return dot > 0 && dot + 1 < domain.len && domain.ptr[domain.len - 1] != '.';
}

static bool url_fine(struct str s)
{
	const size_t scheme = str_starts(s, STR("https://")) ? 8 : str_starts(s, STR("http://")) ? 7 : 0;
	if (!scheme || s.len == scheme || s.len > 2000) return false;
	for (size_t i = 0; i < s.len;) {
		const uint32_t c = utf8_next(s, &i);
		if (sign_invisible(c) || c == '<' || c == '>' || c == '"') return false;
	}
	return s.ptr[scheme] != '/' && s.ptr[scheme] != '.';
}

/* Digits as ASCII; false when it is no telephone number: 4 to 20 digits, and + - ( ) . / and spaces. */
static bool tel_fine(struct str s, struct arena *a, struct str *out)
{
	char *z = arena_alloc(a, s.len + 1);
	size_t n = 0, digits = 0;
	if (!z) return false;
	for (size_t i = 0; i < s.len;) {
		const uint32_t c = utf8_next(s, &i);
		if (sign_direction(c)) continue;
		if (sign_digit(c) >= 0) {
			z[n++] = (char)('0' + sign_digit(c));
			digits++;
		} else if (c < 0x80 && strchr("+-(). /", (int)c) && c) z[n++] = (char)c;
		else return false;
	}
	*out = (struct str){ z, n };
	return digits >= 4 && digits <= 20;
}

static enum err_code check_date(struct checker *c, const struct question *x, struct str text, struct kept *k)
{
	int64_t day;
	if (!value_day(text, &day))
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.date"), .what = text });
	const double at = (double)day * (double)WHEN_DAY_MS;
	const bool early = at < x->q->min;
	if (early || at > x->q->max) {
		const double end = early ? x->q->min : x->q->max;
		const char *id = early ? WORDS_KEY("form.answer.date_least") : WORDS_KEY("form.answer.date_most");
		return say(
		        c, x->field,
		        &(struct said){ .id = id, .what = value_day_text((int64_t)(end / (double)WHEN_DAY_MS), c->a) });
	}
	k->value = value_text(value_day_text(day, c->a));
	return k->value.text.ptr ? OK : err_no_memory(c->err);
}

static enum err_code check_text(struct checker *c, const struct question *x, const struct form_value *v, struct kept *k)
{
	struct str text = signs_trim(shown_text(v, c->a));
	const enum form_input input = x->q->input;
	const int before = (int)c->out->problems.errors;
	if (input == FORM_INPUT_NUMBER) return check_number(c, x, v, k);
	if (v->kind != FORM_STRING && v->kind != FORM_NUMBER) return wrong_kind(c, x);
	TRY(too_long(c, x->field, text, x->q->max_length));
	if ((int)c->out->problems.errors > before) return OK;
	if (input == FORM_INPUT_DATE) return check_date(c, x, text, k);
	if (input == FORM_INPUT_EMAIL && !email_fine(text))
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.email"), .what = text });
	if (input == FORM_INPUT_URL && !url_fine(text))
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.url"), .what = text });
	if (input == FORM_INPUT_TEL && !tel_fine(text, c->a, &text))
		return say(c, x->field, &(struct said){ .id = WORDS_KEY("form.answer.tel"), .what = text });
	k->value = value_text(text);
	return OK;
}

static enum err_code check_items(struct checker *c, const struct question *x, const struct form_value *v,
                                 struct kept *k)
{
	const struct form_question *q = x->q;
	const struct form_value none = { .kind = FORM_OBJECT };
	if (v->kind == FORM_NOTHING) v = &none;
	if (v->kind != FORM_OBJECT) return wrong_kind(c, x);
	const size_t room = v->n + q->n_children;
	struct form_value *good = ARENA_ARRAY(c->a, struct form_value, room);
	struct form_value *bad = ARENA_ARRAY(c->a, struct form_value, room);
	struct str *good_names = ARENA_ARRAY(c->a, struct str, room), *bad_names = ARENA_ARRAY(c->a, struct str, room);
	size_t n_good = 0, n_bad = 0;
	if (!good || !bad || !good_names || !bad_names) return err_no_memory(c->err);
	for (size_t i = 0; i < q->n_children; i++) {
		const struct form_question *item = &q->children[i];
		const struct form_value *one = value_member(v, item->name);
		const struct question y = { item, str_format(c->a, STR_FMT "." STR_FMT, STR_ARG(q->name),
			                                     STR_ARG(item->name)) };
		struct kept got = { 0 };
		if (!y.field.ptr) return err_no_memory(c->err);
		if (one && !form_value_empty(one)) TRY(check_text(c, &y, one, &got));
		else if (c->complete && item->required)
			TRY(say(c, y.field, &(struct said){ .id = WORDS_KEY("form.answer.required") }));
		if (got.value.kind == FORM_NOTHING) continue;
		good_names[n_good] = item->name;
		good[n_good++] = got.value;
	}
	for (size_t i = 0; i < v->n; i++) {
		size_t known = 0;
		while (known < q->n_children && !str_eq(q->children[known].name, v->names[i])) known++;
		if (known < q->n_children || form_value_empty(&v->items[i])) continue;
		const struct form_value name = value_text(v->names[i]);
		TRY(no_option(c, x->field, &name));
		bad_names[n_bad] = v->names[i];
		bad[n_bad++] = v->items[i];
	}
	if (n_bad) k->raw = (struct form_value){ .kind = FORM_OBJECT, .items = bad, .names = bad_names, .n = n_bad };
	if (n_good)
		k->value = (struct form_value){ .kind = FORM_OBJECT, .items = good, .names = good_names, .n = n_good };
	return OK;
}

static enum err_code check_file(struct checker *c, const struct question *x, const struct form_value *v, struct kept *k)
{
	const struct form_value all =
	        v->kind == FORM_LIST ? *v : (struct form_value){ .kind = FORM_LIST, .items = v, .n = 1 };
	double bytes = 0;
	if (all.n > 1 && !x->q->multiple) return wrong_kind(c, x);
	for (size_t i = 0; i < all.n; i++) {
		const struct form_value *content = value_member(&all.items[i], STR("content"));
		const struct form_value *name = value_member(&all.items[i], STR("name"));
		if (!content || !name || content->kind != FORM_STRING || name->kind != FORM_STRING ||
		    !str_starts(content->text, STR("data:")))
			return wrong_kind(c, x);
		const size_t comma = str_find(content->text, ',');
		bytes += comma < content->text.len ? floor((double)(content->text.len - comma - 1) * 3 / 4) : 0;
	}
	if (bytes > (double)x->q->max_bytes)
		return say(c, x->field,
		           &(struct said){ .id = WORDS_KEY("form.answer.file"),
		                           .value = bytes,
		                           .most = (double)x->q->max_bytes });
	k->value = all;
	return OK;
}

/* --- all of them ---------------------------------------------------------------------------------------------------
 */

static enum err_code (*const checks[FORM_TYPES])(struct checker *, const struct question *, const struct form_value *,
                                                 struct kept *) = {
	[FORM_RATING] = check_rating,   [FORM_RADIO] = check_choice,       [FORM_CHECKBOX] = check_choices,
	[FORM_DROPDOWN] = check_choice, [FORM_TAGBOX] = check_choices,     [FORM_BOOLEAN] = check_boolean,
	[FORM_TEXT] = check_text,       [FORM_COMMENT] = check_text,       [FORM_MATRIX] = check_matrix,
	[FORM_RANKING] = check_choices, [FORM_IMAGEPICKER] = check_images, [FORM_MULTITEXT] = check_items,
	[FORM_SLIDER] = check_number,   [FORM_FILE] = check_file,
};

/* The name of the question that "topic-Comment" belongs to; "" for other names. */
static struct str comment_of(struct str name)
{
	return str_ends(name, STR("-Comment")) ? str_cut(name, 0, name.len - 8) : STR("");
}

static bool takes_comment(const struct form_question *q)
{
	return q->other || q->comment;
}

static bool has_other(const struct form_value *v)
{
	const struct form_value other = value_text(STR("other"));
	return v->kind == FORM_LIST ? among(v->items, v->n, &other) : expr_equal(v, &other);
}

static enum err_code check_comment(struct checker *c, const struct question *x, const struct form_answers *given,
                                   const struct form_value *kept)
{
	const struct str name = str_format(c->a, STR_FMT "-Comment", STR_ARG(x->q->name));
	if (!name.ptr) return err_no_memory(c->err);
	const struct form_value *v = form_answer(given, name);
	if (!v || !(x->q->comment || has_other(kept))) return OK;
	if (v->kind != FORM_STRING) return wrong_kind(c, &(struct question){ x->q, name });
	const size_t before = c->out->problems.errors;
	const struct str text = signs_trim(v->text);
	TRY(too_long(c, name, text, FORM_ANSWER_CHARACTERS_MAX));
	if (c->out->problems.errors == before) keep(c, name, value_text(text));
	return OK;
}

static bool is_required(const struct checker *c, const struct form_question *q, const struct form_answers *seen,
                        int64_t now_ms)
{
	if (q->required || !q->required_if) return q->required;
	const struct form_value v = form_expr_eval(q->required_if, seen, now_ms, c->a);
	return form_value_true(&v);
}

static enum err_code check_question(struct checker *c, const struct form_question *q, const struct shown *all, size_t i,
                                    int64_t now_ms)
{
	const struct question x = { q, q->name };
	const struct form_value nothing = { 0 }, *v = form_answer(&all->seen, q->name);
	struct kept k = { 0 };
	if (q->type == FORM_EXPRESSION && all->shown[i] && v) keep(c, q->name, *v);
	if (!checks[q->type] || !all->open[i]) return OK;
	if (v) TRY(checks[q->type](c, &x, v, &k));
	else if (c->complete && is_required(c, q, &all->seen, now_ms))
		return say(c, q->name, &(struct said){ .id = WORDS_KEY("form.answer.required") });
	else if (q->type == FORM_MULTITEXT) TRY(check_items(c, &x, &nothing, &k));
	keep(c, q->name, k.value);
	keep_raw(c, q->name, k.raw);
	return takes_comment(q) ? check_comment(c, &x, &all->seen, &k.value) : OK;
}

/* Answers to questions that the document does not have, kept as they came. */
static enum err_code check_strangers(struct checker *c, const struct form_answers *given)
{
	for (size_t i = 0; i < given->all.n; i++) {
		const struct str name = given->all.names[i], of = comment_of(name);
		const struct form_question *q = form_question(c->f, of.len ? of : name);
		if (q && (of.len ? takes_comment(q) : checks[q->type] || q->type == FORM_EXPRESSION)) continue;
		if (form_value_empty(&given->all.items[i])) continue;
		keep_raw(c, name, given->all.items[i]);
		TRY(say(c, name,
		        &(struct said){ .id = WORDS_KEY("form.answer.question"), .warning = true, .what = name }));
	}
	return OK;
}

static enum err_code room_for(struct checker *c, size_t n, struct err *err)
{
	c->kept = ARENA_ARRAY(c->a, struct form_value, n);
	c->raw = ARENA_ARRAY(c->a, struct form_value, n);
	c->kept_names = ARENA_ARRAY(c->a, struct str, n);
	c->raw_names = ARENA_ARRAY(c->a, struct str, n);
	if (!c->kept || !c->raw || !c->kept_names || !c->raw_names) return err_no_memory(err);
	c->out->answers.all = (struct form_value){ .kind = FORM_OBJECT, .items = c->kept, .names = c->kept_names };
	c->out->raw.all = (struct form_value){ .kind = FORM_OBJECT, .items = c->raw, .names = c->raw_names };
	return OK;
}

enum err_code form_check(const struct form *f, const struct form_answers *answers, bool complete, int64_t now_ms,
                         struct arena *a, struct form_checked *out, struct err *err)
{
	struct form_checked checked = { 0 };
	struct checker c = { .f = f, .a = a, .err = err, .complete = complete, .out = &checked };
	struct shown all;
	TRY(room_for(&c, 2 * f->n_questions + answers->all.n, err));
	TRY(shown_pass(f, answers, now_ms, a, &all, err));
	for (size_t i = 0; i < f->n_questions; i++) TRY(check_question(&c, f->questions[i], &all, i, now_ms));
	TRY(check_strangers(&c, answers));
	*out = checked;
	return OK;
}
