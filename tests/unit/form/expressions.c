/* Expressions: tests/data/form/expressions.json, which the TypeScript twin runs as well. */
#include <jansson.h>
#include <math.h>

#include "base/checked.h"
#include "form/form.h"
#include "tests/unit/unit.h"

static struct arena arena;
static json_t *data;

static int setup(void **state)
{
	json_error_t e;
	arena_init(&arena, 512 * MIB);
	data = json_load_file(DATA_DIR "/expressions.json", 0, &e);
	if (!data) fail_msg("line %d: %s", e.line, e.text);
	(void)state;
	return 0;
}

static int teardown(void **state)
{
	json_decref(data);
	arena_done(&arena);
	(void)state;
	return 0;
}

static struct str json_words(const json_t *v)
{
	char *z = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	const struct str out = str_copy(&arena, str_of(z));
	free(z);
	return out;
}

static struct form_answers answers(void)
{
	struct form_answers a;
	struct err err;
	if (form_answers_json(json_words(json_object_get(data, "answers")), &arena, &a, &err) != OK)
		fail_msg("%s", err.text);
	return a;
}

/* The same kind and content, numbers to 1e-9 of their size. */
static bool same(const struct form_value *v, const json_t *want)
{
	const double size = json_is_number(want) ? fmax(1, fabs(json_number_value(want))) : 1;
	if (json_is_null(want)) return v->kind == FORM_NOTHING;
	if (json_is_boolean(want)) return v->kind == FORM_BOOL && v->yes == json_is_true(want);
	if (json_is_number(want))
		return v->kind == FORM_NUMBER && fabs(v->number - json_number_value(want)) < 1e-9 * size;
	if (json_is_string(want)) return v->kind == FORM_STRING && str_eq(v->text, str_of(json_string_value(want)));
	if (v->kind != FORM_LIST || v->n != json_array_size(want)) return false;
	for (size_t i = 0; i < v->n; i++)
		if (!same(&v->items[i], json_array_get(want, i))) return false;
	return true;
}

static void run(const json_t *one, const struct form_answers *a, int64_t now_ms)
{
	const char *text = json_string_value(json_object_get(one, "e"));
	const json_t *wrong = json_object_get(one, "wrong"), *limit = json_object_get(one, "limit");
	struct form_expr *e;
	struct err err = { 0 };
	const enum err_code rc = form_expr_read(str_of(text), &arena, &e, &err);
	const enum err_code want = wrong ? ERR_INPUT : limit ? ERR_LIMIT : OK;
	if (rc != want) fail_msg("%s: %d instead of %d: %s", text, rc, want, err.text);
	if (rc != OK) {
		const json_t *at = wrong ? wrong : limit;
		assert_string_equal(err.id, "form.expression");
		assert_int_equal(utf8_valid(err.text, strlen(err.text)), strlen(err.text));
		if (!json_is_null(at) && err.value != json_integer_value(at))
			fail_msg("%s: at %lld: %s", text, (long long)err.value, err.text);
		return;
	}
	assert_str(form_expr_text(e), text);
	const struct form_value v = form_expr_eval(e, a, now_ms, &arena);
	if (same(&v, json_object_get(one, "is"))) return;
	struct buf b;
	buf_init(&b, MIB);
	const struct form_value object = { .kind = FORM_OBJECT, .items = &v, .names = &(struct str){ "v", 1 }, .n = 1 };
	form_answers_print(&(struct form_answers){ object }, &b);
	fail_msg("%s gives " STR_FMT, text, STR_ARG(buf_view(&b)));
}

static void every_shared_case_gives_what_it_says(void **state)
{
	const json_t *cases = json_object_get(data, "cases");
	const struct form_answers a = answers();
	size_t i;
	json_t *one;
	assert_true(json_array_size(cases) >= 150);
	json_array_foreach((json_t *)cases, i, one) run(one, &a, json_integer_value(json_object_get(data, "now_ms")));
	(void)state;
}

static void numbers_are_read_in_three_scripts(void **state)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(data, "numbers"), i, one)
	{
		const char *text = json_string_value(json_array_get(one, 0));
		const json_t *want = json_array_get(one, 1);
		double v = 0;
		const bool read = form_number(str_of(text), &v);
		if (read != json_is_number(want) ||
		    (read && fabs(v - json_number_value(want)) > 1e-9 * fmax(1, fabs(v))))
			fail_msg("%s: %d %g", text, read, v);
	}
	(void)state;
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	struct form_expr *e;
	struct err err;
	assert_int_equal(form_expr_read((struct str){ "1 + \xff", 5 }, &arena, &e, &err), ERR_INPUT);
	assert_int_equal(err.value, 4);
	assert_int_equal(form_expr_read((struct str){ "1\0", 2 }, &arena, &e, &err), OK); /* a control is white space */
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shared_case_gives_what_it_says),
		cmocka_unit_test(numbers_are_read_in_three_scripts),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
