/* Answers: tests/data/form/checks.json, which the TypeScript twin runs as well; posted forms; text on its way out. */
#include <jansson.h>

#include "base/checked.h"
#include "form/form.h"
#include "tests/unit/unit.h"

static struct arena arena;
static json_t *data;

static int setup(void **state)
{
	json_error_t e;
	arena_init(&arena, 512 * MIB);
	data = json_load_file(DATA_DIR "/checks.json", 0, &e);
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
	char *z = json_dumps(v, JSON_COMPACT);
	const struct str out = str_copy(&arena, str_of(z));
	free(z);
	return out;
}

static struct form *form_of(struct str json)
{
	struct form *f = NULL;
	struct form_problems problems;
	struct err err = { 0 };
	if (form_read(json, &arena, &f, &problems, &err) != OK) fail_msg(STR_FMT ": %s", STR_ARG(json), err.text);
	return f;
}

static struct form_answers answers_of(struct str json)
{
	struct form_answers a = { 0 };
	struct err err;
	if (form_answers_json(json, &arena, &a, &err) != OK) fail_msg("%s", err.text);
	return a;
}

static struct str printed(const struct form_answers *a)
{
	struct buf b;
	buf_init(&b, MIB);
	form_answers_print(a, &b);
	const struct str out = str_copy(&arena, buf_view(&b));
	buf_done(&b);
	return out;
}

static void same_json(const char *name, const char *what, const struct form_answers *got, const json_t *want)
{
	json_error_t e;
	const struct str text = printed(got);
	json_t *read = json_loadb(text.ptr, text.len, 0, &e);
	if (!json_equal(read, want)) fail_msg("%s: %s are " STR_FMT, name, what, STR_ARG(text));
	json_decref(read);
}

static void every_shared_case_gives_what_it_says(void **state)
{
	size_t i, k;
	json_t *one;
	assert_true(json_array_size(data) > 100);
	json_array_foreach(data, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "name"));
		const struct form *f = form_of(json_words(json_object_get(one, "form")));
		const struct form_answers a = answers_of(json_words(json_object_get(one, "answers")));
		const json_t *want = json_object_get(one, "problems");
		struct form_checked out;
		struct err err;
		assert_int_equal(
		        form_check(f, &a, json_is_true(json_object_get(one, "complete")), 0, &arena, &out, &err), OK);
		for (k = 0; k < out.problems.n; k++) {
			const json_t *p = json_array_get(want, k);
			if (!str_eq(out.problems.all[k].field, str_of(json_string_value(json_array_get(p, 1)))) ||
			    strcmp(out.problems.all[k].id, json_string_value(json_array_get(p, 0))) != 0)
				fail_msg("%s: %s at " STR_FMT, name, out.problems.all[k].id,
				         STR_ARG(out.problems.all[k].field));
			for (int l = 0; l < LANGS; l++) {
				const struct locale locale = locale_of((enum lang)l);
				assert_false(str_starts(form_problem_words(&out.problems.all[k], &locale, &arena),
				                        STR("form.")));
			}
		}
		if (k != json_array_size(want)) fail_msg("%s: %zu problems", name, k);
		same_json(name, "answers", &out.answers, json_object_get(one, "kept"));
		same_json(name, "raw ones", &out.raw, json_object_get(one, "raw"));
	}
	(void)state;
}

/* The words name what was given, not what it would be without its decimals. */
static void a_wrong_number_is_said_as_it_was_given(void **state)
{
	static const struct {
		const char *answers;
		enum lang lang;
		const char *words;
	} cases[] = {
		{ "{\"q\":10.5}", LANG_EN, "The answer 10.5 is outside 0 to 10." },
		{ "{\"q\":11}", LANG_EN, "The answer 11 is outside 0 to 10." },
		{ "{\"q\":9.25}", LANG_EN, "The answer 9.25 is not a value of this scale." },
		{ "{\"q\":-0.125}", LANG_EN, "The answer -0.125 is outside 0 to 10." },
		{ "{\"q\":1e300}", LANG_EN, "The answer 1e+300 is outside 0 to 10." },
		{ "{\"q\":10.5}", LANG_FA, "پاسخ ۱۰٫۵ بیرون از بازه ۰ تا ۱۰ است." },
	};
	const struct form *f =
	        form_of(STR("{\"elements\":[{\"type\":\"rating\",\"name\":\"q\",\"rateMin\":0,\"rateMax\":10}]}"));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct form_answers a = answers_of(str_of(cases[i].answers));
		const struct locale locale = locale_of(cases[i].lang);
		struct form_checked out;
		struct err err;
		assert_int_equal(form_check(f, &a, true, 0, &arena, &out, &err), OK);
		assert_int_equal(out.problems.errors, 1);
		const struct str said = form_problem_words(&out.problems.all[0], &locale, &arena);
		if (!str_eq(said, str_of(cases[i].words))) fail_msg("%s: " STR_FMT, cases[i].answers, STR_ARG(said));
	}
	(void)state;
}

static void a_hundred_kilobytes_are_too_long_in_any_script(void **state)
{
	static const char *const letters[] = { "x", "ش", "👍" };
	const struct form *f =
	        form_of(STR("{\"elements\":[{\"type\":\"text\",\"name\":\"q\",\"maxLength\":1000000},"
	                    "{\"type\":\"radiogroup\",\"name\":\"r\",\"choices\":[1],\"hasOther\":true}]}"));
	for (size_t i = 0; i < COUNT_OF(letters); i++) {
		struct form_checked out;
		struct err err;
		struct buf b;
		buf_init(&b, MIB);
		const size_t n = 102400 / strlen(letters[i]);
		for (size_t k = 0; k < n; k++) buf_str(&b, str_of(letters[i]));
		struct form_answers a = answers_of(STR("{\"r\":\"other\"}"));
		const struct form_value text = { .kind = FORM_STRING, .text = buf_view(&b) };
		assert_int_equal(form_answers_with(&a, STR("q"), text, &arena, &a, &err), OK);
		assert_int_equal(form_answers_with(&a, STR("r-Comment"), text, &arena, &a, &err), OK);
		assert_int_equal(form_check(f, &a, true, 0, &arena, &out, &err), OK);
		assert_int_equal(out.problems.errors, 2);
		assert_string_equal(out.problems.all[0].id, "form.answer.long");
		assert_true(out.problems.all[0].value == (double)n &&
		            out.problems.all[0].most == FORM_ANSWER_CHARACTERS_MAX);
		assert_str(out.problems.all[1].field, "r-Comment");
		assert_str(printed(&out.answers), "{\"r\":\"other\"}");
		buf_done(&b);
	}
	(void)state;
}

static void too_much_is_refused(void **state)
{
	struct form_answers a;
	struct err err;
	struct buf b;
	buf_init(&b, MIB);
	buf_str(&b, STR("{\"a\":\""));
	for (size_t i = 0; i < FORM_ANSWERS_BYTES_MAX; i++) buf_byte(&b, 'x');
	buf_str(&b, STR("\"}"));
	assert_int_equal(form_answers_json(buf_view(&b), &arena, &a, &err), ERR_LIMIT);
	buf_clear(&b);
	for (int i = 0; i <= FORM_ANSWERS_MAX; i++) buf_printf(&b, "%s\"q%d\":1", i ? "," : "{", i);
	buf_byte(&b, '}');
	assert_int_equal(form_answers_json(buf_view(&b), &arena, &a, &err), ERR_LIMIT);
	assert_int_equal(form_answers_json(STR("{\"a\":[[[[[[[[[1]]]]]]]]]}"), &arena, &a, &err), ERR_LIMIT);
	assert_int_equal(form_answers_json(STR("[1]"), &arena, &a, &err), ERR_INPUT);
	assert_int_equal(form_answers_json(STR("{\"a\":1} x"), &arena, &a, &err), ERR_INPUT);
	assert_int_equal(form_answers_json(STR("{\"a\":1,\"a\":2}"), &arena, &a, &err), ERR_INPUT);
	assert_string_equal(err.id, "form.answers_twice");
	assert_string_equal(err.field, "a");
	assert_int_equal(form_answers_json(STR("{\"a\":{\"b\":1,\"b\":1}}"), &arena, &a, &err), ERR_INPUT);
	buf_done(&b);
	(void)state;
}

static void a_posted_form_gives_the_same_answers(void **state)
{
	const struct form *f =
	        form_of(STR("{\"elements\":[{\"type\":\"rating\",\"name\":\"nps\",\"rateMin\":0,\"rateMax\":10},"
	                    "{\"type\":\"checkbox\",\"name\":\"many\",\"choices\":[\"a\",\"b\"]},"
	                    "{\"type\":\"matrix\",\"name\":\"m\",\"columns\":[1,2],\"rows\":[\"staff\",\"place\"]},"
	                    "{\"type\":\"ranking\",\"name\":\"r\",\"choices\":[\"x\",\"y\",\"z\"]},"
	                    "{\"type\":\"multipletext\",\"name\":\"who\",\"items\":[{\"name\":\"first\"}]},"
	                    "{\"type\":\"comment\",\"name\":\"چرا\"},{\"type\":\"boolean\",\"name\":\"b\"}]}"));
	struct form_answers a;
	struct form_checked out;
	struct err err;
	const struct str body =
	        STR("_page=1&nps=%DB%B9&many=b&many=a&m%5Bstaff%5D=2&m[place]=1&r[x]=3&r[y]=1&r[z]=&who%5Bfirst%5D="
	            "Sara+S&%DA%86%D8%B1%D8%A7=%D8%AE%D9%88%D8%A8&b=true&empty=&nps=");
	assert_int_equal(form_answers_form(f, body, &arena, &a, &err), OK);
	assert_int_equal(form_check(f, &a, true, 0, &arena, &out, &err), OK);
	assert_int_equal(out.problems.n, 0);
	assert_str(printed(&out.answers),
	           "{\"nps\":9,\"many\":[\"b\",\"a\"],\"m\":{\"staff\":2,\"place\":1},\"r\":[\"y\",\"x\"],"
	           "\"who\":{\"first\":\"Sara S\"},\"چرا\":\"خوب\",\"b\":true}");
	assert_int_equal(form_answers_form(f, STR("a=%zz"), &arena, &a, &err), ERR_INPUT);
	assert_int_equal(form_answers_form(f, STR("a=%4"), &arena, &a, &err), ERR_INPUT);
	assert_int_equal(form_answers_form(f, STR("a=%ff"), &arena, &a, &err), ERR_INPUT);
	assert_int_equal(form_answers_form(f, STR("a=%00"), &arena, &a, &err), ERR_INPUT);
	assert_int_equal(form_answers_form(f, STR(""), &arena, &a, &err), OK);
	assert_str(printed(&a), "{}");
	(void)state;
}

static struct str put(void (*how)(struct buf *, struct str), const char *text)
{
	struct buf b;
	buf_init(&b, MIB);
	how(&b, str_of(text));
	const struct str out = str_copy(&arena, buf_view(&b));
	buf_done(&b);
	return out;
}

static void text_cannot_break_out_of_a_page(void **state)
{
	assert_str(put(form_put_html, "<script>alert('x')</script> & \"y\""),
	           "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;");
	assert_str(put(form_put_html, "a\u202eb\u202cc"), "abc");
	assert_str(put(form_put_html, "a\u2067b"), "ab");
	assert_str(put(form_put_html, "a\u2069b\u2067c"), "abc");
	assert_str(put(form_put_html, "a\u2068b\u2069c"), "a\u2068b\u2069c");
	assert_str(put(form_put_html, "می‌شود 👩‍🚀"), "می‌شود 👩‍🚀");
	assert_str(put(form_put_html, "a\x01\x7f\nb\xff"), "a\nb");
	assert_str(put(form_put_plain, "<b>\u202e&"), "<b>&");
	(void)state;
}

static void authors_may_write_a_little_html(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "<p>Thanks <b>you</b></p>", "<p>Thanks <b>you</b></p>" },
		{ "<p onclick=\"x\" style='y'>a<br/>b</p>", "<p>a<br>b</p>" },
		{ "a<script>alert(1)</script>b", "ab" },
		{ "a<STYLE>p{}</style >b<script>", "ab" },
		{ "<img src=x onerror=alert(1)>x", "x" },
		{ "<a href=\"javascript:alert(1)\">x</a>", "x" },
		{ "<a href=\"https://e.org/?a=1&b=2\" target=_blank>x</a>",
		  "<a rel=\"noopener noreferrer\" href=\"https://e.org/?a=1&amp;b=2\">x</a>" },
		{ "<a href=https://e.org>x</a>", "x" },
		{ "x<a href='https://e.org/\"><script>x'>y</a>", "x" }, /* a tag ends at the first ">" */
		{ "<b>open", "<b>open</b>" },
		{ "</b>x<i><b>y</i>z</b>", "x<i><b>y</b></i>z" },
		{ "1 < 2 & 3 > 2 &amp; &nbsp;&#8238;&bad", "1 &lt; 2 &amp; 3 &gt; 2 &amp; &nbsp;&amp;#8238;&amp;bad" },
		{ "<!-- x -->y", "y" },
		{ "\u202eabc", "abc" },
		{ "<", "&lt;" },
		{ "<p", "<p></p>" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct str got = put(form_put_rich, cases[i].from);
		if (!str_eq(got, str_of(cases[i].to))) fail_msg("%s: " STR_FMT, cases[i].from, STR_ARG(got));
	}
	(void)state;
}

static void a_title_with_html_and_turned_text_is_kept_and_shown_harmless(void **state)
{
	const struct form *f =
	        form_of(STR("{\"elements\":[{\"type\":\"text\",\"name\":\"q\",\"title\":{"
	                    "\"en\":\"<img src=x>\u202eevil\",\"ar\":\"<b>\u202eسؤال\",\"fa\":\"\u2067پرسش<i>\"}}]}"));
	static const char *const shown[] = { "&lt;img src=x&gt;evil", "&lt;b&gt;سؤال", "پرسش&lt;i&gt;" };
	for (int l = 0; l < LANGS; l++) {
		const struct str text = form_text_in(&f->questions[0]->title, str_of(lang_codes[l]), NULL);
		assert_str(put(form_put_html, text.ptr), shown[l]);
	}
	assert_non_null(strstr(f->json.ptr, "<img src=x>\u202eevil"));
	(void)state;
}

static void what_shows_follows_the_answers(void **state)
{
	const struct form *f = form_of(
	        STR("{\"pages\":[{\"elements\":[{\"type\":\"rating\",\"name\":\"a\"}]},{\"visibleIf\":\"{a} > 2\","
	            "\"elements\":[{\"type\":\"html\",\"name\":\"h\",\"html\":\"x\"},{\"type\":\"text\","
	            "\"name\":\"b\",\"visibleIf\":\"{a} = 5\"}]}]}"));
	static const struct {
		const char *answers;
		bool shown[3];
	} cases[] = { { "{}", { true, false, false } },
		      { "{\"a\":3}", { true, true, false } },
		      { "{\"a\":5}", { true, true, true } } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct form_answers a = answers_of(str_of(cases[i].answers));
		bool *shown;
		struct err err;
		assert_int_equal(form_shown(f, &a, 0, &arena, &shown, &err), OK);
		assert_memory_equal(shown, cases[i].shown, sizeof cases[i].shown);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shared_case_gives_what_it_says),
		cmocka_unit_test(a_wrong_number_is_said_as_it_was_given),
		cmocka_unit_test(a_hundred_kilobytes_are_too_long_in_any_script),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_posted_form_gives_the_same_answers),
		cmocka_unit_test(text_cannot_break_out_of_a_page),
		cmocka_unit_test(authors_may_write_a_little_html),
		cmocka_unit_test(a_title_with_html_and_turned_text_is_kept_and_shown_harmless),
		cmocka_unit_test(what_shows_follows_the_answers),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
