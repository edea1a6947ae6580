/* What the files of form/ share. */
#ifndef FORM_PRIV_H
#define FORM_PRIV_H

#include "base/json.h"
#include "form/form.h"

/* --- signs (signs.c) ---------------------------------------------------------------------------------- */

/* Spaces, zero-width signs and direction marks: what nobody sees. */
bool sign_invisible(uint32_t c);
/* Marks, embeddings, overrides and isolates that turn the direction of text. */
bool sign_direction(uint32_t c);
/* 0..9 for ASCII, Arabic and Persian digits; -1 for the rest. */
int sign_digit(uint32_t c);
/* Without invisible signs at both ends. */
struct str signs_trim(struct str s);
size_t signs_count(struct str s); /* code points */
/* At most `bytes` bytes, cut between characters. */
struct str signs_cut(struct str s, size_t bytes);

/* --- values (value.c) ---------------------------------------------------------------------------------- */

#define FORM_VALUE_DEPTH_MAX 8

struct form_value value_text(struct str s);
struct form_value value_number(double v); /* not finite: nothing; -0: 0 */
struct form_value value_bool(bool v);
const struct form_value *value_member(const struct form_value *object, struct str name); /* NULL none */
void value_print(struct json_out *o, const struct form_value *v);
/* In plain decimal, as short as reads back; "" below 1e-6 and from 1e21, where one would write an exponent. */
struct str value_decimal(double v, struct arena *a);
/* "2026-01-31", also with digits of other scripts and a time of day behind it: days since 1970. */
NODISCARD bool value_day(struct str s, int64_t *out_day);
struct str value_day_text(int64_t day, struct arena *a);

/* Something to say, before it has a place. */
struct said {
	const char *id;
	bool warning;
	struct str what;
	const char *hint; /* a key of the words, or NULL */
	double least, most, value;
};

/* --- expressions (expr.c reads, eval.c) -------------------------------------------------------------------- */

enum expr_op {
	EXPR_VALUE,
	EXPR_NAME,
	EXPR_LIST,
	EXPR_OR,
	EXPR_AND,
	EXPR_NOT,
	EXPR_NEGATE,
	EXPR_ADD,
	EXPR_SUBTRACT,
	EXPR_MULTIPLY,
	EXPR_DIVIDE,
	EXPR_REMAINDER,
	EXPR_EQUAL,
	EXPR_NOT_EQUAL,
	EXPR_LESS,
	EXPR_LESS_EQUAL,
	EXPR_GREATER,
	EXPR_GREATER_EQUAL,
	EXPR_CONTAINS,
	EXPR_NOT_CONTAINS,
	EXPR_ANY_OF,
	EXPR_ALL_OF,
	EXPR_NONE_OF,
	EXPR_EMPTY,
	EXPR_NOT_EMPTY,
	EXPR_CALL
};

enum expr_function { EXPR_IIF, EXPR_SUM, EXPR_AVG, EXPR_COUNT, EXPR_TODAY, EXPR_AGE, EXPR_FUNCTIONS };

struct expr_node {
	enum expr_op op;
	enum expr_function function;
	struct form_value value; /* VALUE; NAME: its text */
	struct expr_node *args;  /* in a list */
	struct expr_node *next;
	size_t n_args;
};

struct form_expr {
	struct str text;
	struct expr_node *root;
	struct str *names; /* as written between braces */
	size_t n_names;
};

/* form_expr_read, which also says the mistake for a problem. */
NODISCARD enum err_code expr_read(struct str text, struct arena *a, struct form_expr **out, struct said *mistake,
                                  struct err *err);
/* The answer that a name in braces means; NULL none. */
const struct form_value *expr_resolve(const struct form_answers *answers, struct str name);
/* As `=` compares. */
bool expr_equal(const struct form_value *l, const struct form_value *r);

/* --- reading the document (document.c, question.c, member.c) --------------------------------------------- */

/* Where in the document: a member of, or a place in the list of, what is above. */
struct where {
	const struct where *up;
	const char *name; /* NULL: the place */
	size_t i;
};

struct reader {
	struct arena *a;
	struct form *f;
	struct form_problems *problems;
	size_t n_questions;
	struct str *unknown; /* members that mean nothing here, each said once */
	size_t n_unknown;
};

#define WHERE(up_, name_) (&(const struct where){ .up = (up_), .name = (name_) })
#define WHERE_AT(up_, i_) (&(const struct where){ .up = (up_), .i = (i_) })

/* Adds a problem; past FORM_PROBLEMS_MAX only the count of errors grows. ERR_NO_MEMORY alone is returned by these. */
NODISCARD enum err_code problem_add(struct form_problems *to, struct arena *a, struct str field, const struct said *s);
NODISCARD enum err_code problem_at(struct reader *r, const struct where *w, const struct said *s);

/* Members of an object, checked; an absent one, or one of the wrong kind (a problem), leaves *out as it was. */
struct json_t;
NODISCARD enum err_code member_bool(struct reader *r, const struct json_t *o, const struct where *w, const char *name,
                                    bool *out);
NODISCARD enum err_code member_number(struct reader *r, const struct json_t *o, const struct where *w, const char *name,
                                      double *out, bool *given);
NODISCARD enum err_code member_string(struct reader *r, const struct json_t *o, const struct where *w, const char *name,
                                      size_t max_bytes, struct str *out);
NODISCARD enum err_code member_text(struct reader *r, const struct json_t *o, const struct where *w, const char *name,
                                    struct form_text *out);
NODISCARD enum err_code member_expr(struct reader *r, const struct json_t *o, const struct where *w, const char *name,
                                    struct form_expr **out);
/* The list and its length, cut to max (a problem); NULL and 0 when absent. */
NODISCARD enum err_code member_list(struct reader *r, const struct json_t *o, const struct where *w, const char *name,
                                    size_t max, const struct json_t **out, size_t *n);
NODISCARD enum err_code member_name(struct reader *r, const struct json_t *o, const struct where *w, struct str *out);
/* Warns of members that are not in `known`, a list that ends in NULL. */
NODISCARD enum err_code members_known(struct reader *r, const struct json_t *o, const struct where *w,
                                      const char *const *known);
/* A text: a string, or an object by language. */
NODISCARD enum err_code form_text_read(struct reader *r, const struct json_t *v, const struct where *w,
                                       struct form_text *out);

/* An element at hand. */
struct element {
	struct reader *r;
	const struct json_t *o;
	const struct where *w;
	struct form_question *q;
};
/* types.c: reads what a type has of its own. */
extern enum err_code (*const type_readers[FORM_TYPES])(const struct element *);
/* question.c: an item of multipletext. */
NODISCARD enum err_code item_read(struct reader *r, const struct json_t *o, const struct where *w,
                                  const struct form_question *of, struct form_question *q);
/* metric.c: min and max of a question by its choices; true when all of them are numbers, and there are some. */
void choices_ends(struct form_question *q);
bool choices_are_numbers(const struct form_question *q);

/* The elements of a page or a panel. */
NODISCARD enum err_code questions_read(struct reader *r, const struct json_t *o, const struct where *w,
                                       const char *name, const struct form_question *panel, size_t page, int depth,
                                       struct form_question **out, size_t *n);

/* --- answering (shown.c, check.c) -------------------------------------------------------------------------- */

/* By f->questions: shows; can be answered. And the answers as the expressions saw them. */
struct shown {
	bool *shown, *open;
	struct form_answers seen;
};
NODISCARD enum err_code shown_pass(const struct form *f, const struct form_answers *answers, int64_t now_ms,
                                   struct arena *a, struct shown *out, struct err *err);

/* Calls `each` with every text of the document. */
void form_each_text(const struct form *f, void (*each)(void *ctx, const struct form_text *t), void *ctx);

#endif
