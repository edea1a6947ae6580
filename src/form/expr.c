/*
 * Expressions, by recursive descent over words that are cut as they are
 * needed. docs/surveys.md has the grammar and what every case gives.
 */
#include "base/checked.h"
#include "form/priv.h"

enum token_kind { T_END, T_VALUE, T_NAME, T_WORD, T_SIGN };

struct token {
	enum token_kind kind;
	size_t at;               /* characters in front of it */
	struct str text;         /* as written */
	struct form_value value; /* VALUE; NAME: what stands between the braces */
};

struct parser {
	struct str text;
	size_t i, at; /* behind the token: bytes, characters */
	struct token t;
	struct arena *a;
	struct said *mistake;
	struct err *err;
	int depth, nodes;
	struct str *names;
	size_t n_names;
};

/* The sentence of a mistake in English, for the log and for who asks by hand; pages say it in the reader's language. */
static enum err_code say(struct parser *p, enum err_code code, const struct said *s)
{
	const struct form_problem problem = {
		.id = s->id, .what = s->what, .hint = s->hint, .value = s->value, .most = s->most
	};
	const struct locale en = locale_of(LANG_EN);
	const struct str text = form_problem_words(&problem, &en, p->a);
	*p->mistake = *s;
	(void)err_set(p->err, code, "form.expression", "", STR_FMT, STR_ARG(signs_cut(text, 255)));
	err_hint(p->err, "Such as: {nps} notempty and {nps} < 7.");
	return code;
}

static enum err_code wrong(struct parser *p, const char *expected)
{
	const bool end = p->t.kind == T_END;
	const enum err_code rc =
	        say(p, ERR_INPUT,
	            &(struct said){ .id = end ? WORDS_KEY("form.expression_end") : WORDS_KEY("form.expression"),
	                            .what = str_copy(p->a, signs_cut(p->t.text, 40)),
	                            .hint = expected,
	                            .value = (double)p->t.at + 1 });
	if (p->err) {
		p->err->value = (int64_t)p->t.at;
		p->err->limit = (int64_t)(p->at > p->t.at ? p->at : p->t.at + 1);
	}
	return rc;
}

static enum err_code too_much(struct parser *p, const char *what, int limit)
{
	const enum err_code rc = say(p, ERR_LIMIT,
	                             &(struct said){ .id = WORDS_KEY("form.expression_limit"),
	                                             .hint = what,
	                                             .most = limit,
	                                             .value = (double)p->t.at + 1 });
	if (p->err) {
		p->err->value = (int64_t)p->t.at;
		p->err->limit = limit;
	}
	return rc;
}

/* --- words ------------------------------------------------------------------------------------------ */

static uint32_t peek(const struct parser *p)
{
	size_t i = p->i;
	return i < p->text.len ? utf8_next(p->text, &i) : 0;
}

static uint32_t take(struct parser *p)
{
	p->at++;
	return utf8_next(p->text, &p->i);
}

static bool letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (c >= 0x80 && sign_digit(c) < 0 && (!sign_invisible(c) || c == 0x200c || c == 0x200d) && c != 0x60c &&
	        c != 0x66b && c != 0x66c);
}

/* A text up to its mark; a backslash makes the character behind it plain. */
static enum err_code read_quoted(struct parser *p, uint32_t end)
{
	char *out = arena_alloc(p->a, p->text.len - p->i + 1);
	size_t n = 0;
	if (!out) return err_no_memory(p->err);
	while (p->i < p->text.len) {
		uint32_t c = take(p);
		if (c == end) {
			p->t.kind = T_VALUE;
			p->t.value = value_text((struct str){ out, n });
			return OK;
		}
		if (c == '\\') {
			if (p->i == p->text.len) break;
			c = take(p);
		}
		n += utf8_put(out + n, c);
	}
	return wrong(p, WORDS_KEY("form.expr.quote"));
}

static enum err_code read_name(struct parser *p)
{
	const size_t from = p->i;
	while (p->i < p->text.len && peek(p) != '}' && peek(p) != '{') take(p);
	const struct str name = signs_trim(str_cut(p->text, from, p->i));
	if (peek(p) != '}') return wrong(p, WORDS_KEY("form.expr.brace"));
	take(p);
	if (name.len == 0) return wrong(p, WORDS_KEY("form.expr.name"));
	if (name.len > FORM_NAME_BYTES_MAX) return too_much(p, WORDS_KEY("form.expr.bytes_name"), FORM_NAME_BYTES_MAX);
	p->t.kind = T_NAME;
	p->t.value = value_text(name);
	return OK;
}

static enum err_code read_number(struct parser *p)
{
	char z[48];
	size_t n = 0;
	bool point = false;
	while (p->i < p->text.len) {
		const uint32_t c = peek(p);
		const bool is_point = !point && n && (c == '.' || c == 0x66b);
		if (sign_digit(c) < 0 && !is_point) break;
		if (n == 40) return too_much(p, WORDS_KEY("form.expr.digits"), 40);
		z[n++] = is_point ? '.' : (char)('0' + sign_digit(c));
		point |= is_point;
		take(p);
	}
	double v;
	p->t.kind = T_VALUE;
	if (z[n - 1] == '.' || letter(peek(p)) || peek(p) == '.' || !str_to_double((struct str){ z, n }, &v))
		return wrong(p, WORDS_KEY("form.expr.number"));
	p->t.value = value_number(v);
	return OK;
}

static void read_sign(struct parser *p)
{
	static const char *const two[] = { "<>", "<=", ">=", "!=", "==", "&&", "||", "*=" };
	p->t.kind = T_SIGN;
	const struct str pair = str_cut(p->text, p->i, p->i + 2);
	for (size_t k = 0; k < COUNT_OF(two); k++)
		if (str_eq(pair, str_of(two[k]))) {
			take(p);
			break;
		}
	take(p);
}

static enum err_code next(struct parser *p)
{
	while (p->i < p->text.len && sign_invisible(peek(p))) take(p);
	const size_t from = p->i;
	p->t = (struct token){ .kind = T_END, .at = p->at };
	if (p->i == p->text.len) return OK;
	enum err_code rc = OK;
	const uint32_t c = peek(p);
	/* Until it is known: what stands here, for errors. */
	char first[4];
	p->t.kind = T_SIGN;
	p->t.text = str_cut(p->text, from, from + utf8_put(first, c));
	if (c == '\'' || c == '"') take(p), rc = read_quoted(p, c);
	else if (c == '{') take(p), rc = read_name(p);
	else if (sign_digit(c) >= 0) rc = read_number(p);
	else if (letter(c)) {
		p->t.kind = T_WORD;
		while (p->i < p->text.len && (letter(peek(p)) || sign_digit(peek(p)) >= 0 || peek(p) == '.')) take(p);
	} else read_sign(p);
	p->t.text = str_cut(p->text, from, p->i);
	return rc;
}

static bool is_sign(const struct parser *p, const char *sign)
{
	return p->t.kind == T_SIGN && str_eq(p->t.text, str_of(sign));
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->t.kind == T_WORD && str_eq_ascii_nocase(p->t.text, str_of(word));
}

static bool takes_comma(const struct parser *p)
{
	return is_sign(p, ",") || is_sign(p, "،");
}

/* --- the tree ------------------------------------------------------------------------------------------ */

static enum err_code node(struct parser *p, enum expr_op op, struct expr_node **out)
{
	if (++p->nodes > FORM_EXPRESSION_NODES_MAX)
		return too_much(p, WORDS_KEY("form.expr.parts"), FORM_EXPRESSION_NODES_MAX);
	*out = ARENA_NEW(p->a, struct expr_node);
	if (!*out) return err_no_memory(p->err);
	(*out)->op = op;
	return OK;
}

static enum err_code pair(struct parser *p, enum expr_op op, struct expr_node *l, struct expr_node *r,
                          struct expr_node **out)
{
	TRY(node(p, op, out));
	(*out)->args = l;
	(*out)->n_args = 1;
	if (r) l->next = r, (*out)->n_args = 2;
	return OK;
}

static enum err_code read_or(struct parser *p, struct expr_node **out);

/* One level deeper: brackets, lists, functions and signs in front. */
static enum err_code deeper(struct parser *p, enum err_code (*read)(struct parser *, struct expr_node **),
                            struct expr_node **out)
{
	if (p->depth == FORM_EXPRESSION_DEPTH_MAX)
		return too_much(p, WORDS_KEY("form.expr.levels"), FORM_EXPRESSION_DEPTH_MAX);
	p->depth++;
	const enum err_code rc = read(p, out);
	p->depth--;
	return rc;
}

/* Behind the opening bracket, up to and with the closing one. */
static enum err_code read_items(struct parser *p, const char *closing, struct expr_node *into)
{
	struct expr_node **last = &into->args;
	if (is_sign(p, closing)) return next(p);
	for (;;) {
		TRY(deeper(p, read_or, last));
		last = &(*last)->next;
		into->n_args++;
		if (is_sign(p, closing)) return next(p);
		if (!takes_comma(p)) return wrong(p, WORDS_KEY("form.expr.comma"));
		TRY(next(p));
	}
}

static const struct {
	const char *name;
	size_t least, most;
	const char *expected;
} functions[EXPR_FUNCTIONS] = {
	[EXPR_IIF] = { "iif", 3, 3, WORDS_KEY("form.expr.iif") },
	[EXPR_SUM] = { "sum", 1, 100, WORDS_KEY("form.expr.sum") },
	[EXPR_AVG] = { "avg", 1, 100, WORDS_KEY("form.expr.avg") },
	[EXPR_COUNT] = { "count", 1, 100, WORDS_KEY("form.expr.count") },
	[EXPR_TODAY] = { "today", 0, 1, WORDS_KEY("form.expr.today") },
	[EXPR_AGE] = { "age", 1, 1, WORDS_KEY("form.expr.age") },
};

static enum err_code read_call(struct parser *p, const struct token *name, struct expr_node **out)
{
	size_t k = 0;
	while (k < EXPR_FUNCTIONS && !str_eq_ascii_nocase(name->text, str_of(functions[k].name))) k++;
	if (k == EXPR_FUNCTIONS) {
		p->at = name->at + signs_count(name->text);
		p->t = *name;
		return wrong(p, WORDS_KEY("form.expr.function"));
	}
	TRY(node(p, EXPR_CALL, out));
	(*out)->function = (enum expr_function)k;
	TRY(next(p));
	TRY(read_items(p, ")", *out));
	if ((*out)->n_args >= functions[k].least && (*out)->n_args <= functions[k].most) return OK;
	p->at = name->at + signs_count(name->text);
	p->t = *name;
	return wrong(p, functions[k].expected);
}

static bool reserved(struct str word)
{
	static const char *const words[] = { "and",           "or",      "empty",       "notempty",
		                             "contains",      "contain", "notcontains", "notcontain",
		                             "anyof",         "allof",   "noneof",      "equal",
		                             "notequal",      "less",    "lessorequal", "greater",
		                             "greaterorequal" };
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (str_eq_ascii_nocase(word, str_of(words[i]))) return true;
	return false;
}

/* A word alone: true, false, null, or a text without quotation marks. */
static enum err_code read_word(struct parser *p, struct expr_node **out)
{
	const struct token word = p->t;
	if (reserved(word.text)) return wrong(p, WORDS_KEY("form.expr.value"));
	TRY(next(p));
	if (is_sign(p, "(")) return read_call(p, &word, out);
	TRY(node(p, EXPR_VALUE, out));
	if (str_eq_ascii_nocase(word.text, STR("true"))) (*out)->value = value_bool(true);
	else if (str_eq_ascii_nocase(word.text, STR("false"))) (*out)->value = value_bool(false);
	else if (!str_eq_ascii_nocase(word.text, STR("null")) && !str_eq_ascii_nocase(word.text, STR("undefined")))
		(*out)->value = value_text(word.text);
	return OK;
}

static enum err_code read_primary(struct parser *p, struct expr_node **out)
{
	if (p->t.kind == T_VALUE || p->t.kind == T_NAME) {
		TRY(node(p, p->t.kind == T_NAME ? EXPR_NAME : EXPR_VALUE, out));
		(*out)->value = p->t.value;
		if (p->t.kind == T_NAME) p->names[p->n_names++] = p->t.value.text;
		return next(p);
	}
	if (p->t.kind == T_WORD) return read_word(p, out);
	if (is_sign(p, "(")) {
		TRY(next(p));
		TRY(deeper(p, read_or, out));
		return is_sign(p, ")") ? next(p) : wrong(p, WORDS_KEY("form.expr.close"));
	}
	if (is_sign(p, "[")) {
		TRY(next(p));
		TRY(node(p, EXPR_LIST, out));
		return read_items(p, "]", *out);
	}
	return wrong(p, WORDS_KEY("form.expr.value"));
}

static enum err_code read_unary(struct parser *p, struct expr_node **out)
{
	if (!is_sign(p, "-")) return read_primary(p, out);
	struct expr_node *of;
	TRY(next(p));
	TRY(deeper(p, read_unary, &of));
	return pair(p, EXPR_NEGATE, of, NULL, out);
}

struct level {
	const char *sign;
	enum expr_op op;
};

static const struct level *found(const struct parser *p, const struct level *all, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (p->t.kind == T_SIGN ? is_sign(p, all[k].sign) : is_word(p, all[k].sign)) return &all[k];
	return NULL;
}

/* Operators of one rank, from the left. */
static enum err_code read_left(struct parser *p, const struct level *all, size_t n,
                               enum err_code (*below)(struct parser *, struct expr_node **), struct expr_node **out)
{
	TRY(below(p, out));
	for (const struct level *op; (op = found(p, all, n));) {
		struct expr_node *l = *out, *r;
		TRY(next(p));
		TRY(below(p, &r));
		TRY(pair(p, op->op, l, r, out));
	}
	return OK;
}

static enum err_code read_product(struct parser *p, struct expr_node **out)
{
	static const struct level all[] = { { "*", EXPR_MULTIPLY }, { "/", EXPR_DIVIDE }, { "%", EXPR_REMAINDER } };
	return read_left(p, all, COUNT_OF(all), read_unary, out);
}

static enum err_code read_sum(struct parser *p, struct expr_node **out)
{
	static const struct level all[] = { { "+", EXPR_ADD }, { "-", EXPR_SUBTRACT } };
	return read_left(p, all, COUNT_OF(all), read_product, out);
}

/* At most one comparison: 1 < 2 < 3 would not mean what it says. */
static enum err_code read_comparison(struct parser *p, struct expr_node **out)
{
	static const struct level all[] = {
		{ "=", EXPR_EQUAL },
		{ "==", EXPR_EQUAL },
		{ "equal", EXPR_EQUAL },
		{ "<>", EXPR_NOT_EQUAL },
		{ "!=", EXPR_NOT_EQUAL },
		{ "notequal", EXPR_NOT_EQUAL },
		{ "<", EXPR_LESS },
		{ "less", EXPR_LESS },
		{ "<=", EXPR_LESS_EQUAL },
		{ "lessorequal", EXPR_LESS_EQUAL },
		{ ">", EXPR_GREATER },
		{ "greater", EXPR_GREATER },
		{ ">=", EXPR_GREATER_EQUAL },
		{ "greaterorequal", EXPR_GREATER_EQUAL },
		{ "*=", EXPR_CONTAINS },
		{ "contains", EXPR_CONTAINS },
		{ "contain", EXPR_CONTAINS },
		{ "notcontains", EXPR_NOT_CONTAINS },
		{ "notcontain", EXPR_NOT_CONTAINS },
		{ "anyof", EXPR_ANY_OF },
		{ "allof", EXPR_ALL_OF },
		{ "noneof", EXPR_NONE_OF },
		{ "empty", EXPR_EMPTY },
		{ "notempty", EXPR_NOT_EMPTY },
	};
	TRY(read_sum(p, out));
	const struct level *op = found(p, all, COUNT_OF(all));
	if (!op) return OK;
	struct expr_node *l = *out, *r = NULL;
	TRY(next(p));
	if (op->op != EXPR_EMPTY && op->op != EXPR_NOT_EMPTY) TRY(read_sum(p, &r));
	TRY(pair(p, op->op, l, r, out));
	return found(p, all, COUNT_OF(all)) ? wrong(p, WORDS_KEY("form.expr.chain")) : OK;
}

static enum err_code read_not(struct parser *p, struct expr_node **out)
{
	if (!is_sign(p, "!")) return read_comparison(p, out);
	struct expr_node *of;
	TRY(next(p));
	TRY(deeper(p, read_not, &of));
	return pair(p, EXPR_NOT, of, NULL, out);
}

static enum err_code read_and(struct parser *p, struct expr_node **out)
{
	static const struct level all[] = { { "and", EXPR_AND }, { "&&", EXPR_AND } };
	return read_left(p, all, COUNT_OF(all), read_not, out);
}

static enum err_code read_or(struct parser *p, struct expr_node **out)
{
	static const struct level all[] = { { "or", EXPR_OR }, { "||", EXPR_OR } };
	return read_left(p, all, COUNT_OF(all), read_and, out);
}

enum err_code expr_read(struct str text, struct arena *a, struct form_expr **out, struct said *mistake, struct err *err)
{
	struct parser p = { .text = text, .a = a, .mistake = mistake, .err = err };
	if (text.len > FORM_EXPRESSION_BYTES_MAX) {
		p.t.at = signs_count(signs_cut(text, FORM_EXPRESSION_BYTES_MAX));
		return too_much(&p, WORDS_KEY("form.expr.bytes"), FORM_EXPRESSION_BYTES_MAX);
	}
	const size_t valid = utf8_valid(text.ptr, text.len);
	if (valid != text.len) {
		p.at = p.t.at = signs_count(str_cut(text, 0, valid));
		return wrong(&p, WORDS_KEY("form.expr.utf"));
	}
	/* What is kept borrows from a copy; no expression has more names than braces. */
	size_t braces = 0;
	for (size_t i = 0; i < text.len; i++) braces += text.ptr[i] == '{';
	p.text = str_copy(a, text);
	p.names = ARENA_ARRAY(a, struct str, braces);
	struct form_expr *e = ARENA_NEW(a, struct form_expr);
	if (!p.text.ptr || !p.names || !e) return err_no_memory(err);
	e->text = p.text;
	TRY(next(&p));
	TRY(read_or(&p, &e->root));
	if (p.t.kind != T_END) return wrong(&p, WORDS_KEY("form.expr.end"));
	e->names = p.names;
	e->n_names = p.n_names;
	*out = e;
	return OK;
}

enum err_code form_expr_read(struct str text, struct arena *a, struct form_expr **out, struct err *err)
{
	struct said mistake;
	return expr_read(text, a, out, &mistake, err);
}

struct str form_expr_text(const struct form_expr *e)
{
	return e->text;
}
