/* What expressions give. Total: each case has a value, if only "nothing". docs/surveys.md lists them. */
#include <math.h>

#include "base/when.h"
#include "form/priv.h"

struct eval {
	const struct form_answers *answers;
	int64_t now_ms;
	struct arena *a;
};

static const struct form_value nothing = { 0 };

/* --- names -------------------------------------------------------------------------------------------- */

/* ".row" and "[2]" behind an answer; the whole rest first, since names of rows may have points. */
static const struct form_value *descend(const struct form_value *v, struct str rest)
{
	while (rest.len) {
		if (rest.ptr[0] == '[') {
			const size_t close = str_find(rest, ']');
			int64_t i;
			if (v->kind != FORM_LIST || close == rest.len || !str_to_i64(str_cut(rest, 1, close), &i) ||
			    i < 0 || (uint64_t)i >= v->n)
				return NULL;
			v = &v->items[i];
			rest = str_cut(rest, close + 1, rest.len);
			continue;
		}
		if (rest.ptr[0] != '.') return NULL;
		rest = str_cut(rest, 1, rest.len);
		const struct form_value *whole = value_member(v, rest);
		if (whole) return whole;
		size_t end = 0;
		while (end < rest.len && rest.ptr[end] != '.' && rest.ptr[end] != '[') end++;
		v = value_member(v, str_cut(rest, 0, end));
		if (!v) return NULL;
		rest = str_cut(rest, end, rest.len);
	}
	return v;
}

const struct form_value *expr_resolve(const struct form_answers *answers, struct str name)
{
	for (;;) {
		const struct form_value *v = value_member(&answers->all, name);
		if (v) return v;
		for (size_t i = 0; i < name.len; i++) {
			if (name.ptr[i] != '.' && name.ptr[i] != '[') continue;
			v = value_member(&answers->all, str_cut(name, 0, i));
			if (v) return descend(v, str_cut(name, i, name.len));
		}
		/* {panel.x} is {x}: panels hold no answers. */
		const size_t dot = str_find(name, '.');
		if (dot == name.len) return NULL;
		name = str_cut(name, dot + 1, name.len);
	}
}

/* --- comparing ------------------------------------------------------------------------------------------- */

static bool numeric(const struct form_value *v, double *out)
{
	if (v->kind == FORM_NUMBER) *out = v->number;
	return v->kind == FORM_NUMBER || (v->kind == FORM_STRING && form_number(v->text, out));
}

static bool equal_lists(const struct form_value *l, const struct form_value *r)
{
	bool used[FORM_ANSWERS_MAX] = { false };
	if (l->n != r->n || l->n > FORM_ANSWERS_MAX) return false;
	for (size_t i = 0; i < l->n; i++) {
		size_t k = 0;
		while (k < r->n && (used[k] || !expr_equal(&l->items[i], &r->items[k]))) k++;
		if (k == r->n) return false;
		used[k] = true;
	}
	return true;
}

static bool equal_objects(const struct form_value *l, const struct form_value *r)
{
	if (l->n != r->n) return false;
	for (size_t i = 0; i < l->n; i++) {
		const struct form_value *other = value_member(r, l->names[i]);
		if (!other || !expr_equal(&l->items[i], other)) return false;
	}
	return true;
}

bool expr_equal(const struct form_value *l, const struct form_value *r)
{
	double x, y;
	if (form_value_empty(l) || form_value_empty(r)) return form_value_empty(l) && form_value_empty(r);
	if (l->kind == FORM_STRING && r->kind == FORM_STRING) return str_eq_ascii_nocase(l->text, r->text);
	if (l->kind == FORM_BOOL && r->kind == FORM_BOOL) return l->yes == r->yes;
	if (l->kind == FORM_LIST && r->kind == FORM_LIST) return equal_lists(l, r);
	if (l->kind == FORM_OBJECT && r->kind == FORM_OBJECT) return equal_objects(l, r);
	if (l->kind == FORM_BOOL && r->kind == FORM_STRING)
		return str_eq_ascii_nocase(r->text, l->yes ? STR("true") : STR("false"));
	if (l->kind == FORM_STRING && r->kind == FORM_BOOL) return expr_equal(r, l);
	return numeric(l, &x) && numeric(r, &y) && x == y;
}

/* -1, 0, 1; false when there is no order. Two texts are compared by characters, else both must be numbers. */
static bool order_of(const struct form_value *l, const struct form_value *r, int *out)
{
	double x, y;
	if (form_value_empty(l) || form_value_empty(r)) return false;
	if (l->kind == FORM_STRING && r->kind == FORM_STRING) {
		const int c = str_cmp(l->text, r->text);
		*out = (c > 0) - (c < 0);
		return true;
	}
	if (!numeric(l, &x) || !numeric(r, &y)) return false;
	*out = (x > y) - (x < y);
	return true;
}

static struct str plain_text(const struct form_value *v, struct arena *a)
{
	switch (v->kind) {
	case FORM_STRING: return v->text;
	case FORM_NUMBER: return value_decimal(v->number, a);
	case FORM_BOOL: return v->yes ? STR("true") : STR("false");
	default: return STR("");
	}
}

static struct str small_letters(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.len + 1);
	if (!out) return STR("");
	for (size_t i = 0; i < s.len; i++)
		out[i] = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (char)(s.ptr[i] + 32) : s.ptr[i];
	return (struct str){ out, s.len };
}

static bool has(const struct form_value *list, const struct form_value *one)
{
	for (size_t i = 0; i < list->n; i++)
		if (expr_equal(&list->items[i], one)) return true;
	return false;
}

/* A list as it is, anything else as a list of one. */
static struct form_value listed(const struct form_value *v)
{
	return v->kind == FORM_LIST ? *v : (struct form_value){ .kind = FORM_LIST, .items = v, .n = 1 };
}

static bool all_of(const struct form_value *l, const struct form_value *r)
{
	if (form_value_empty(l) || form_value_empty(r)) return false;
	const struct form_value left = listed(l), right = listed(r);
	for (size_t i = 0; i < right.n; i++)
		if (!has(&left, &right.items[i])) return false;
	return true;
}

static bool any_of(const struct form_value *l, const struct form_value *r)
{
	if (form_value_empty(l) || form_value_empty(r)) return false;
	const struct form_value left = listed(l), right = listed(r);
	for (size_t i = 0; i < right.n; i++)
		if (has(&left, &right.items[i])) return true;
	return false;
}

static bool contains(const struct eval *e, const struct form_value *l, const struct form_value *r)
{
	if (form_value_empty(l) || form_value_empty(r)) return false;
	if (l->kind == FORM_LIST) return all_of(l, r);
	if (l->kind != FORM_STRING || r->kind == FORM_LIST || r->kind == FORM_OBJECT) return false;
	const struct str in = small_letters(l->text, e->a), what = small_letters(plain_text(r, e->a), e->a);
	return what.len && in.len >= what.len && memmem(in.ptr, in.len, what.ptr, what.len) != NULL;
}

/* --- calculating ------------------------------------------------------------------------------------------ */

static struct form_value joined(const struct eval *e, struct str l, struct str r)
{
	if (!l.len || !r.len || l.len + r.len > FORM_TEXT_BYTES_MAX) return nothing;
	const struct str both = str_format(e->a, STR_FMT STR_FMT, STR_ARG(l), STR_ARG(r));
	return both.ptr ? value_text(both) : nothing;
}

/* Texts are joined, numbers added; a text that is a number counts as one beside a number. */
static struct form_value add(const struct eval *e, const struct form_value *l, const struct form_value *r)
{
	double x, y;
	const bool texts = l->kind == FORM_STRING && r->kind == FORM_STRING;
	if (form_value_empty(l) || form_value_empty(r)) return nothing;
	if (!texts && numeric(l, &x) && numeric(r, &y)) return value_number(x + y);
	if (l->kind != FORM_STRING && r->kind != FORM_STRING) return nothing;
	return joined(e, plain_text(l, e->a), plain_text(r, e->a));
}

static struct form_value calculate(const struct eval *e, enum expr_op op, const struct form_value *l,
                                   const struct form_value *r)
{
	double x, y;
	if (op == EXPR_ADD) return add(e, l, r);
	if (!numeric(l, &x) || !numeric(r, &y)) return nothing;
	if (op == EXPR_SUBTRACT) return value_number(x - y);
	if (op == EXPR_MULTIPLY) return value_number(x * y);
	if (y == 0) return nothing;
	return value_number(op == EXPR_DIVIDE ? x / y : fmod(x, y));
}

/* Numbers and answers among the arguments, lists and objects opened once. */
struct tally {
	double sum;
	int64_t numbers, values;
};

static void tally_one(struct tally *t, const struct form_value *v)
{
	double x;
	if (form_value_empty(v)) return;
	t->values++;
	if (!numeric(v, &x)) return;
	t->numbers++;
	t->sum += x;
}

static struct form_value evaluate(const struct eval *e, const struct expr_node *n);

static struct tally tally_of(const struct eval *e, const struct expr_node *call)
{
	struct tally t = { 0 };
	for (const struct expr_node *arg = call->args; arg; arg = arg->next) {
		const struct form_value v = evaluate(e, arg);
		if (v.kind != FORM_LIST && v.kind != FORM_OBJECT) tally_one(&t, &v);
		else
			for (size_t i = 0; i < v.n; i++) tally_one(&t, &v.items[i]);
	}
	return t;
}

static int64_t day_of(int64_t at_ms)
{
	return at_ms / WHEN_DAY_MS - (at_ms % WHEN_DAY_MS < 0);
}

static struct form_value today(const struct eval *e, const struct expr_node *days)
{
	double n = 0;
	if (days) {
		const struct form_value v = evaluate(e, days);
		if (!numeric(&v, &n) || fabs(n) > 100000) return nothing;
	}
	const struct str text = value_day_text(day_of(e->now_ms) + (int64_t)n, e->a);
	return text.ptr ? value_text(text) : nothing;
}

/* Full years from a day to today; who was born on 29 February has a birthday on 1 March in other years. */
static struct form_value age(const struct eval *e, const struct form_value *born)
{
	int64_t day;
	struct civil b, now;
	if (born->kind != FORM_STRING || !value_day(born->text, &day) || day > day_of(e->now_ms)) return nothing;
	when_to_civil(day * WHEN_DAY_MS, &b);
	when_to_civil(e->now_ms, &now);
	const bool before = now.month < b.month || (now.month == b.month && now.day < b.day);
	return value_number(now.year - b.year - (before ? 1 : 0));
}

static struct form_value call(const struct eval *e, const struct expr_node *n)
{
	struct form_value v;
	struct tally t;
	switch (n->function) {
	case EXPR_IIF:
		v = evaluate(e, n->args);
		return evaluate(e, form_value_true(&v) ? n->args->next : n->args->next->next);
	case EXPR_TODAY: return today(e, n->args);
	case EXPR_AGE: v = evaluate(e, n->args); return age(e, &v);
	case EXPR_SUM: t = tally_of(e, n); return value_number(t.sum);
	case EXPR_AVG: t = tally_of(e, n); return t.numbers ? value_number(t.sum / (double)t.numbers) : nothing;
	case EXPR_COUNT: t = tally_of(e, n); return value_number((double)t.values);
	case EXPR_FUNCTIONS: break;
	}
	return nothing;
}

static struct form_value list(const struct eval *e, const struct expr_node *n)
{
	struct form_value *items = ARENA_ARRAY(e->a, struct form_value, n->n_args);
	size_t k = 0;
	if (!items) return nothing;
	for (const struct expr_node *arg = n->args; arg; arg = arg->next) items[k++] = evaluate(e, arg);
	return (struct form_value){ .kind = FORM_LIST, .items = items, .n = k };
}

static bool compare(const struct eval *e, enum expr_op op, const struct form_value *l, const struct form_value *r)
{
	int c;
	switch (op) {
	case EXPR_EQUAL: return expr_equal(l, r);
	case EXPR_NOT_EQUAL: return !expr_equal(l, r);
	case EXPR_LESS: return order_of(l, r, &c) && c < 0;
	case EXPR_LESS_EQUAL: return order_of(l, r, &c) && c <= 0;
	case EXPR_GREATER: return order_of(l, r, &c) && c > 0;
	case EXPR_GREATER_EQUAL: return order_of(l, r, &c) && c >= 0;
	case EXPR_CONTAINS: return contains(e, l, r);
	case EXPR_NOT_CONTAINS: return !contains(e, l, r);
	case EXPR_ANY_OF: return any_of(l, r);
	case EXPR_ALL_OF: return all_of(l, r);
	default: return !any_of(l, r); /* EXPR_NONE_OF */
	}
}

static struct form_value evaluate(const struct eval *e, const struct expr_node *n)
{
	const struct form_value *found;
	struct form_value l, r;
	double x;
	switch (n->op) {
	case EXPR_VALUE: return n->value;
	case EXPR_NAME: found = expr_resolve(e->answers, n->value.text); return found ? *found : nothing;
	case EXPR_LIST: return list(e, n);
	case EXPR_CALL: return call(e, n);
	default: break;
	}
	l = evaluate(e, n->args);
	switch (n->op) {
	case EXPR_NOT: return value_bool(!form_value_true(&l));
	case EXPR_NEGATE: return numeric(&l, &x) ? value_number(-x) : nothing;
	case EXPR_EMPTY: return value_bool(form_value_empty(&l));
	case EXPR_NOT_EMPTY: return value_bool(!form_value_empty(&l));
	case EXPR_OR:
		if (form_value_true(&l)) return value_bool(true);
		break;
	case EXPR_AND:
		if (!form_value_true(&l)) return value_bool(false);
		break;
	default: break;
	}
	r = evaluate(e, n->args->next);
	if (n->op == EXPR_OR || n->op == EXPR_AND) return value_bool(form_value_true(&r));
	if (n->op >= EXPR_ADD && n->op <= EXPR_REMAINDER) return calculate(e, n->op, &l, &r);
	return value_bool(compare(e, n->op, &l, &r));
}

struct form_value form_expr_eval(const struct form_expr *e, const struct form_answers *answers, int64_t now_ms,
                                 struct arena *a)
{
	const struct eval x = { .answers = answers, .now_ms = now_ms, .a = a };
	return evaluate(&x, e->root);
}
