/* An expression of a survey, and behind a line break the answers it is asked about. */
#include <math.h>

#include "form/form.h"
#include "fuzz/one.h"

static void sound(const struct form_value *v, int depth)
{
	must(v->kind != FORM_NUMBER || isfinite(v->number), "numbers are finite");
	must(v->kind != FORM_STRING || is_utf8(v->text), "texts are UTF-8");
	must(depth < 64, "lists end");
	if (v->kind == FORM_LIST || v->kind == FORM_OBJECT)
		for (size_t i = 0; i < v->n; i++) sound(&v->items[i], depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct err err = { 0 };
	struct form_expr *e, *again;
	struct form_answers answers = { { .kind = FORM_OBJECT } };
	const struct str input = { (const char *)data, size };
	const size_t line = str_find(input, '\n');
	const struct str text = str_cut(input, 0, line), json = str_cut(input, line + 1, size);
	arena_init(&a, 256 * MIB);
	const enum err_code rc = form_expr_read(text, &a, &e, &err);
	if (rc != OK) {
		must(err.text[0] && is_utf8(str_of(err.text)), "an error has words");
		must(err.value >= 0 && err.value <= (int64_t)text.len, "a mistake has its place");
	} else if (form_answers_json(json, &a, &answers, &err) == OK || json.len == 0) {
		const struct form_value v = form_expr_eval(e, &answers, 1795348800000, &a);
		sound(&v, 0);
		must(str_eq(form_expr_text(e), text), "it keeps its words");
		must(form_expr_read(form_expr_text(e), &a, &again, &err) == OK, "it reads again");
	}
	arena_done(&a);
	return 0;
}
