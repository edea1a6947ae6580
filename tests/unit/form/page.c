/* The HTML of a survey: scales in reading direction, answers kept and escaped, errors at their question, pages that
 * adapt. */
#include "form/page.h"

#include "base/checked.h"
#include "tests/unit/unit.h"

static struct arena arena;
static struct buf html;

static int setup(void **state)
{
	arena_init(&arena, 256 * MIB);
	buf_init(&html, MIB);
	(void)state;
	return 0;
}

static int teardown(void **state)
{
	buf_done(&html);
	arena_done(&arena);
	(void)state;
	return 0;
}

static const char delivery[] =
        "{\"locale\":\"en\",\"title\":\"Delivery\",\"showProgressBar\":true,\"pages\":["
        "{\"elements\":[{\"type\":\"rating\",\"name\":\"nps\",\"isRequired\":true,\"rateMin\":0,\"rateMax\":10,"
        "\"title\":{\"default\":\"How <likely>?\",\"fa\":\"چقدر؟\"},\"cx:metric\":\"nps\"},"
        "{\"type\":\"comment\",\"name\":\"why\",\"visibleIf\":\"{nps} < 7\"}]},"
        "{\"elements\":[{\"type\":\"ranking\",\"name\":\"order\",\"choices\":[\"a\",\"b\"]},"
        "{\"type\":\"matrix\",\"name\":\"m\",\"columns\":[\"1\",\"2\"],\"rows\":[\"x\"]}]},"
        "{\"visibleIf\":\"{nps} > 8\",\"elements\":[{\"type\":\"checkbox\",\"name\":\"liked\",\"choices\":[\"c\","
        "\"d\"],\"showOtherItem\":true}]}]}";

static struct form_view view_of(const char *json, const char *answers, enum lang l)
{
	struct form *f = NULL;
	struct form_problems problems;
	struct form_answers *a = arena_alloc(&arena, sizeof *a);
	struct err err = { 0 };
	if (form_read(str_of(json), &arena, &f, &problems, &err) != OK) fail_msg("%s: %s", err.field, err.text);
	if (form_answers_json(str_of(answers), &arena, a, &err) != OK) fail_msg("%s", err.text);
	return (struct form_view){ .form = f,
		                   .locale = locale_of(l),
		                   .lang = str_of(lang_codes[l]),
		                   .answers = a,
		                   .organisation = STR("Naranj"),
		                   .action = STR("/s/abc"),
		                   .style = STR("/s.css"),
		                   .script = STR("/s.js") };
}

static const char *page(const struct form_view *v)
{
	struct err err = { 0 };
	buf_clear(&html);
	if (form_page_put(v, &arena, &html, &err) != OK) fail_msg("%s", err.text);
	return str_z(&arena, buf_view(&html));
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part)) fail_msg("\"%s\" stands in\n%s", part, text);
}

static void a_scale_begins_with_its_least_score_in_the_digits_of_the_reader(void **state)
{
	(void)state;
	const struct form_view v = view_of(delivery, "{}", LANG_FA);
	const char *text = page(&v);
	has(text, "<html lang=\"fa\" dir=\"rtl\">");
	has(text, "چقدر؟");
	const char *first = strstr(text, "class=\"sc n11\""), *zero = strstr(text, "value=\"0\"><span>۰</span>");
	assert_non_null(first);
	assert_non_null(zero);
	assert_true(zero > first && zero < strstr(text, "value=\"10\"><span>۱۰</span>"));
	has_not(text, "<span>10</span>");
}

static void what_an_author_or_a_respondent_wrote_is_text(void **state)
{
	(void)state;
	const struct form_view v =
	        view_of(delivery, "{\"nps\":3,\"why\":\"\\\"></textarea><script>alert(1)</script>\"}", LANG_EN);
	const char *text = page(&v);
	has(text, "How &lt;likely&gt;?");
	has(text, "&lt;script&gt;alert(1)");
	has_not(text, "<script>alert");
	has_not(text, " style=");
	has_not(text, " onclick=");
}

static void a_hidden_question_is_there_for_the_script_alone(void **state)
{
	(void)state;
	struct form_view v = view_of(delivery, "{\"nps\":9}", LANG_EN);
	has(page(&v), "data-name=\"why\" data-if=\"{nps} &lt; 7\" hidden>");
	has_not(page(&v), "name=\"_seen\" value=\"why\"");
	v = view_of(delivery, "{\"nps\":3}", LANG_EN);
	has(page(&v), "data-name=\"why\" data-if=\"{nps} &lt; 7\">");
	has(page(&v), "name=\"_seen\" value=\"why\"");
	has(page(&v), "value=\"3\" checked>");
}

static void answers_of_other_pages_go_along_as_a_form_sends_them(void **state)
{
	(void)state;
	struct form_view v =
	        view_of(delivery,
	                "{\"nps\":9,\"order\":[\"b\",\"a\"],\"m\":{\"x\":\"2\"},\"liked\":[\"c\",\"other\"],"
	                "\"liked-Comment\":\"it\"}",
	                LANG_EN);
	v.page = 1;
	const char *text = page(&v);
	has(text, "data-kept name=\"nps\" value=\"9\"");
	has(text, "data-kept name=\"liked\" value=\"c\"");
	has(text, "data-kept name=\"liked\" value=\"other\"");
	has(text, "data-kept name=\"liked-Comment\" value=\"it\"");
	has_not(text, "data-kept name=\"order");
	has(text, "name=\"order[b]\"><option value=\"\">–</option><option value=\"1\" selected>");
	has(text, "name=\"m[x]\" value=\"2\" checked>");
	v.page = 0;
	text = page(&v);
	has(text, "data-kept name=\"order[b]\" value=\"1\"");
	has(text, "data-kept name=\"order[a]\" value=\"2\"");
	has(text, "data-kept name=\"m[x]\" value=\"2\"");
}

static void what_goes_along_comes_back_as_the_same_answers(void **state)
{
	(void)state;
	const char *answers = "{\"nps\":9,\"order\":[\"b\",\"a\"],\"m\":{\"x\":\"2\"}}";
	const struct form_view v = view_of(delivery, answers, LANG_EN);
	struct form_answers back;
	struct form_checked checked;
	struct err err = { 0 };
	struct buf out;
	assert_int_equal(form_answers_form(v.form, STR("nps=9&order%5Bb%5D=1&order%5Ba%5D=2&m%5Bx%5D=2&_page=1"),
	                                   &arena, &back, &err),
	                 OK);
	assert_int_equal(form_check(v.form, &back, true, 0, &arena, &checked, &err), OK);
	assert_int_equal(checked.problems.errors, 0);
	buf_init(&out, MIB);
	form_answers_print(&checked.answers, &out);
	buf_byte(&out, 0);
	assert_string_equal(out.ptr, answers);
	buf_done(&out);
}

static void an_error_stands_at_its_question_and_in_the_sum(void **state)
{
	(void)state;
	struct form_view v = view_of(delivery, "{}", LANG_AR);
	struct form_checked checked;
	struct err err = { 0 };
	assert_int_equal(form_check(v.form, v.answers, true, 0, &arena, &checked, &err), OK);
	v.problems = &checked.problems;
	const char *text = page(&v);
	has(text, "id=\"sum\" role=\"alert\"");
	has(text, "<a href=\"#q1\">");
	has(text, "aria-invalid=\"true\" aria-describedby=\"q1-e\"");
	has(text, "<p class=\"err\" id=\"q1-e\">");
}

static void pages_without_a_question_to_ask_are_passed_over(void **state)
{
	(void)state;
	bool *shown;
	size_t pages[4];
	struct err err = { 0 };
	struct form_view v = view_of(delivery, "{\"nps\":3}", LANG_EN);
	assert_int_equal(form_shown(v.form, v.answers, 0, &arena, &shown, &err), OK);
	assert_int_equal(form_pages_shown(v.form, shown, pages), 2);
	has(page(&v), "<progress value=\"1\" max=\"2\"");
	v = view_of(delivery, "{\"nps\":10}", LANG_EN);
	has(page(&v), "<progress value=\"1\" max=\"3\"");
	v.page = 2;
	has(page(&v), "value=\"other\"><span>");
	has(page(&v), "value=\"back\"");
	v.place = FORM_KIOSK;
	has(page(&v), "name=\"order[a]\"");
	has(page(&v), "<template>");
}

static void every_end_explains_itself_in_three_languages(void **state)
{
	(void)state;
	for (enum lang l = 0; l < LANGS; l++) {
		struct form_view v = view_of(delivery, "{}", l);
		for (enum form_end e = 0; e < FORM_ENDS; e++) {
			buf_clear(&html);
			form_end_put(&v, e, 1793491140000, &arena, &html);
			buf_byte(&html, 0);
			has(html.ptr, "<h1>");
			has_not(html.ptr, "survey.");
			has_not(html.ptr, "{date}");
		}
	}
}

static void the_inside_of_a_widget_is_no_document(void **state)
{
	(void)state;
	struct form_view v = view_of(delivery, "{}", LANG_EN);
	v.place = FORM_WIDGET;
	const char *text = page(&v);
	assert_true(strncmp(text, "<main", 5) == 0);
	has_not(text, "<link");
	has_not(text, "<script");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_scale_begins_with_its_least_score_in_the_digits_of_the_reader, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(what_an_author_or_a_respondent_wrote_is_text, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hidden_question_is_there_for_the_script_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_of_other_pages_go_along_as_a_form_sends_them, setup, teardown),
		cmocka_unit_test_setup_teardown(what_goes_along_comes_back_as_the_same_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(an_error_stands_at_its_question_and_in_the_sum, setup, teardown),
		cmocka_unit_test_setup_teardown(pages_without_a_question_to_ask_are_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(every_end_explains_itself_in_three_languages, setup, teardown),
		cmocka_unit_test_setup_teardown(the_inside_of_a_widget_is_no_document, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
