/* Survey documents: what is read, what is said about the rest, texts by language, and that a document prints itself. */
#include "base/checked.h"
#include "form/form.h"
#include "tests/unit/unit.h"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena, 256 * MIB);
	(void)state;
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	(void)state;
	return 0;
}

static struct form *read_form(const char *json)
{
	struct form *f = NULL;
	struct form_problems problems;
	struct err err = { 0 };
	if (form_read(str_of(json), &arena, &f, &problems, &err) != OK)
		fail_msg("%s: %s: %s", json, err.field, err.text);
	return f;
}

static const char support[] =
        "{\"locale\":\"en\",\"title\":{\"default\":\"Support\",\"ar\":\"الدعم\",\"fa\":\"پشتیبانی\"},"
        "\"showProgressBar\":\"top\",\"pages\":[{\"name\":\"p1\",\"elements\":["
        "{\"type\":\"rating\",\"name\":\"nps\",\"title\":{\"default\":\"How likely?\",\"fa\":\"چقدر؟\"},\"rateMin\":0,"
        "\"rateMax\":10,\"minRateDescription\":\"Not at all\",\"isRequired\":true,\"cx:metric\":\"nps\"},"
        "{\"type\":\"comment\",\"name\":\"why\",\"visibleIf\":\"{nps} notempty and {nps} < 7\",\"maxLength\":2000,"
        "\"cx:text\":true},"
        "{\"type\":\"panel\",\"name\":\"more\",\"elements\":[{\"type\":\"radiogroup\",\"name\":\"topic\",\"choices\":[\"price\","
        "{\"value\":\"speed\",\"text\":{\"default\":\"Speed\",\"ar\":\"السرعة\"}},3],\"showOtherItem\":true,"
        "\"choicesOrder\":\"random\"}]}]}],"
        "\"triggers\":[{\"type\":\"complete\",\"expression\":\"{nps} = 10\"}],\"completedHtml\":{\"default\":\"Thanks\"},"
        "\"surveyPostId\":\"kept\"}";

#define ASKING(ask) "{\"elements\":[{\"type\":\"comment\",\"name\":\"why\"}],\"cx:ask\":" ask "}"

static void when_a_survey_asks_by_itself_is_read(void **state)
{
	const struct form *f =
	        read_form(ASKING("{\"after\":\"Order Delivered\",\"wait\":\"2h\",\"channels\":[\"sms\",\"email\"]}"));
	assert_str(f->ask.after, "Order Delivered");
	assert_int_equal(f->ask.wait_ms, 7200000);
	assert_str(f->ask.channels, "sms,email");
	f = read_form(ASKING("{\"after\":\"A\",\"wait\":\"0s\"}"));
	assert_int_equal(f->ask.wait_ms, 0);
	assert_str(f->ask.after, "A");
	assert_str(f->ask.channels, "email");
	assert_int_equal(read_form(ASKING("null"))->ask.after.len, 0);
	assert_int_equal(read_form(support)->ask.after.len, 0);
	(void)state;
}

static void what_is_wrong_with_when_it_asks_is_said(void **state)
{
	static const struct {
		const char *json, *field, *id;
	} bad[] = {
		{ ASKING("7"), "/cx:ask", "form.kind.object" },
		{ ASKING("{}"), "/cx:ask/after", "form.ask_after" },
		{ ASKING("{\"after\":\"\"}"), "/cx:ask/after", "form.ask_after" },
		{ ASKING("{\"after\":\"A\",\"wait\":\"05m\",\"later\":1}"), "/cx:ask/later", "form.member" },
		{ ASKING("{\"after\":\"A\",\"wait\":\"soon\"}"), "/cx:ask/wait", "form.ask_wait" },
		{ ASKING("{\"after\":\"A\",\"wait\":\"-2h\"}"), "/cx:ask/wait", "form.ask_wait" },
		{ ASKING("{\"after\":\"A\",\"wait\":\"9000000w\"}"), "/cx:ask/wait", "form.ask_wait" },
		{ ASKING("{\"after\":\"A\",\"wait\":2}"), "/cx:ask/wait", "form.kind.text" },
		{ ASKING("{\"after\":\"A\",\"channels\":[\"email\",\"fax\"]}"), "/cx:ask/channels/1",
		  "form.ask_channel" },
		{ ASKING("{\"after\":\"A\",\"channels\":[\"sms\",\"sms\"]}"), "/cx:ask/channels/1",
		  "form.ask_channel" },
		{ ASKING("{\"after\":\"A\",\"channels\":[7]}"), "/cx:ask/channels/0", "form.ask_channel" },
		{ ASKING("{\"after\":\"A\",\"channels\":\"sms\"}"), "/cx:ask/channels", "form.kind.list" },
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct form *f;
		struct form_problems problems;
		struct err err = { 0 };
		const enum err_code rc = form_read(str_of(bad[i].json), &arena, &f, &problems, &err);
		assert_int_equal(problems.n, 1);
		assert_str(problems.all[0].field, bad[i].field);
		assert_string_equal(problems.all[0].id, bad[i].id);
		assert_int_equal(rc, problems.all[0].warning ? OK : ERR_INPUT);
	}
	(void)state;
}

static void a_document_is_read(void **state)
{
	const struct form *f = read_form(support);
	assert_str(f->locale, "en");
	assert_true(f->progress);
	assert_int_equal(f->n_languages, 3);
	assert_str(f->languages[1], "ar");
	assert_int_equal(f->n_pages, 1);
	assert_int_equal(f->pages[0].n, 3);
	assert_int_equal(f->n_questions, 4);
	assert_int_equal(f->n_triggers, 1);
	const struct form_question *q = form_question(f, STR("nps"));
	assert_int_equal(q->type, FORM_RATING);
	assert_true(q->min == 0 && q->max == 10 && q->step == 1 && q->required);
	assert_str(q->metric, "nps");
	assert_str(q->about, "");
	assert_str(f->about, "journey");
	q = form_question(f, STR("why"));
	assert_true(q->text);
	assert_int_equal(q->max_length, 2000);
	assert_str(form_expr_text(q->visible_if), "{nps} notempty and {nps} < 7");
	q = form_question(f, STR("topic"));
	assert_ptr_equal(q->panel, form_question(f, STR("more")));
	assert_int_equal(q->n_choices, 3);
	assert_true(q->choices[2].is_number && q->choices[2].number == 3);
	assert_str(q->choices[2].value, "3");
	assert_true(q->other);
	assert_int_equal(q->order, FORM_RANDOM);
	assert_null(form_question(f, STR("nobody")));
	(void)state;
}

static void texts_fall_back_to_the_documents_language(void **state)
{
	const struct form *f = read_form(support);
	struct str said;
	assert_str(form_text_in(&f->title, STR("fa"), &said), "پشتیبانی");
	assert_str(said, "fa");
	assert_str(form_text_in(&f->title, STR("fa-AF"), &said), "پشتیبانی");
	assert_str(form_text_in(&f->title, STR("de"), &said), "Support");
	assert_str(said, "en");
	assert_str(form_text_in(&form_question(f, STR("nps"))->title, STR("ar"), &said), "How likely?");
	const struct form_text none = { 0 };
	assert_str(form_text_in(&none, STR("ar"), &said), "");
	f = read_form(
	        "{\"locale\":\"fa\",\"title\":{\"ar\":\"ع\",\"en\":\"E\"},\"elements\":[{\"type\":\"text\",\"name\":\"q\","
	        "\"title\":{\"ar\":\"ع\",\"default\":\"ف\"}}]}");
	assert_str(form_text_in(&f->title, STR("fa"), &said), "ع"); /* no Persian: what stands first */
	assert_str(form_text_in(&f->questions[0]->title, STR("de"), &said), "ف");
	assert_str(said, "fa");
	(void)state;
}

static void missing_words_are_counted(void **state)
{
	const struct form *f = read_form(support);
	size_t n;
	assert_int_equal(form_missing(f, STR("en"), &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(form_missing(f, STR("fa"), NULL), 3);
	assert_int_equal(form_missing(f, STR("ar"), NULL), 3);
	assert_int_equal(form_missing(f, STR("de"), NULL), 5);
	(void)state;
}

static struct str printed(const struct form *f)
{
	struct buf b;
	buf_init(&b, FORM_DOCUMENT_BYTES_MAX);
	form_print(f, &b);
	const struct str out = str_copy(&arena, buf_view(&b));
	buf_done(&b);
	return out;
}

static void what_is_printed_reads_back_to_itself_with_unknown_members(void **state)
{
	const struct str once = printed(read_form(support));
	const struct str twice = printed(read_form(once.ptr));
	assert_str(once, twice.ptr);
	assert_non_null(strstr(once.ptr, "\"surveyPostId\":\"kept\""));
	(void)state;
}

static void answers_and_parameters_are_filled_into_texts(void **state)
{
	const struct form *f = read_form(
	        "{\"cx:parameters\":{\"feature\":{\"en\":\"home delivery\",\"fa\":\"تحویل در خانه\"}},\"elements\":["
	        "{\"type\":\"radiogroup\",\"name\":\"topic\",\"choices\":[{\"value\":1,\"text\":{\"en\":\"Speed\",\"fa\":\"سرعت\"}}]},"
	        "{\"type\":\"checkbox\",\"name\":\"many\",\"choices\":[\"a\",{\"value\":\"b\",\"text\":\"Bee\"}]},"
	        "{\"type\":\"text\",\"name\":\"q\",\"title\":{\"en\":\"If {feature} had {topic} {many} {panel.nps}{nobody} {x\","
	        "\"fa\":\"اگر {feature} و {topic}\"}},{\"type\":\"rating\",\"name\":\"nps\",\"rateMin\":0,\"rateMax\":10}]}");
	struct form_answers a;
	struct err err;
	assert_int_equal(form_answers_json(STR("{\"topic\":1,\"many\":[\"b\",\"a\"],\"nps\":9.5}"), &arena, &a, &err),
	                 OK);
	const struct form_text *t = &form_question(f, STR("q"))->title;
	assert_str(form_say(f, t, STR("en"), &a, &arena),
	           "If \u2068home delivery\u2069 had \u2068Speed\u2069 \u2068Bee, a\u2069 \u20689.5\u2069{nobody} {x");
	assert_str(form_say(f, t, STR("fa"), &a, &arena), "اگر \u2068تحویل در خانه\u2069 و \u2068سرعت\u2069");
	assert_str(form_say(f, t, STR("fa"), NULL, &arena), "اگر \u2068تحویل در خانه\u2069 و ");
	(void)state;
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *json, *id, *field;
	} wrong[] = {
		{ "[]", "form.kind.object", "" },
		{ "{\"pages\":{}}", "form.kind.list", "/pages" },
		{ "{\"pages\":[]}", "form.no_questions", "/pages" },
		{ "{\"pages\":[7]}", "form.kind.object", "/pages/0" },
		{ "{\"elements\":[{\"type\":\"text\"}]}", "form.name_missing", "/elements/0/name" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a{b}\"}]}", "form.name_bad", "/elements/0/name" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"_a\"}]}", "form.name_bad", "/elements/0/name" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\"},{\"type\":\"text\",\"name\":\"a\"}]}",
		  "form.name_twice", "/elements/1/name" },
		{ "{\"elements\":[{\"type\":\"signaturepad\",\"name\":\"a\"}]}", "form.type", "/elements/0/type" },
		{ "{\"elements\":[{\"type\":\"radiogroup\",\"name\":\"a\"}]}", "form.choices_missing",
		  "/elements/0/choices" },
		{ "{\"elements\":[{\"type\":\"radiogroup\",\"name\":\"a\",\"choices\":[\"x\",\"x\"]}]}",
		  "form.choice_twice", "/elements/0/choices/1" },
		{ "{\"elements\":[{\"type\":\"radiogroup\",\"name\":\"a\",\"choices\":[\"\"]}]}", "form.choice_value",
		  "/elements/0/choices/0" },
		{ "{\"elements\":[{\"type\":\"rating\",\"name\":\"a\",\"rateMin\":5,\"rateMax\":1}]}", "form.scale",
		  "/elements/0" },
		{ "{\"elements\":[{\"type\":\"rating\",\"name\":\"a\",\"rateMax\":5000}]}", "form.scale",
		  "/elements/0" },
		{ "{\"elements\":[{\"type\":\"rating\",\"name\":\"a\",\"cx:metric\":\"joy\"}]}", "form.metric",
		  "/elements/0/cx:metric" },
		{ "{\"elements\":[{\"type\":\"rating\",\"name\":\"a\",\"cx:metric\":\"nps\"}]}", "form.metric_nps",
		  "/elements/0/cx:metric" },
		{ "{\"elements\":[{\"type\":\"comment\",\"name\":\"a\",\"cx:metric\":\"csat\"}]}", "form.metric_scale",
		  "/elements/0/cx:metric" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"cx:consent\":true}]}", "form.consent",
		  "/elements/0/cx:consent" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"visibleIf\":\"{b} <\"}]}", "form.expression_end",
		  "/elements/0/visibleIf" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"requiredIf\":\"1 < 2 < 3\"}]}", "form.expression",
		  "/elements/0/requiredIf" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"enableIf\":\"!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!1\"}]}",
		  "form.expression_limit", "/elements/0/enableIf" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"title\":{\"not/a~language\":\"x\"}}]}",
		  "form.language", "/elements/0/title/not~1a~0language" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"title\":7}]}", "form.kind.words",
		  "/elements/0/title" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"inputType\":\"date\",\"min\":\"soon\"}]}",
		  "form.date", "/elements/0/min" },
		{ "{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"inputType\":\"number\",\"min\":3,\"max\":1}]}",
		  "form.ends", "/elements/0/min" },
		{ "{\"elements\":[{\"type\":\"slider\",\"name\":\"a\",\"sliderType\":\"range\"}]}", "form.slider",
		  "/elements/0/sliderType" },
		{ "{\"elements\":[{\"type\":\"imagepicker\",\"name\":\"a\",\"choices\":[{\"value\":1,\"imageLink\":"
		  "\"javascript:x\"}]}]}",
		  "form.image", "/elements/0/choices/0/imageLink" },
		{ "{\"cx:audience\":\"cats\",\"elements\":[{\"type\":\"text\",\"name\":\"a\"}]}", "form.audience",
		  "/cx:audience" },
	};
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct form *f = NULL;
		struct form_problems problems;
		struct err err = { 0 };
		if (form_read(str_of(wrong[i].json), &arena, &f, &problems, &err) != ERR_INPUT)
			fail_msg("%s", wrong[i].json);
		assert_null(f);
		if (strcmp(err.id, wrong[i].id) != 0 || !str_eq(problems.all[0].field, str_of(wrong[i].field)))
			fail_msg("%s: %s at " STR_FMT, wrong[i].json, err.id, STR_ARG(problems.all[0].field));
		assert_string_equal(problems.all[0].id, wrong[i].id);
		for (int l = 0; l < LANGS; l++) {
			const struct locale locale = locale_of((enum lang)l);
			const struct str words = form_problem_words(&problems.all[0], &locale, &arena);
			assert_true(words.len > 10 && !str_starts(words, STR("form.")));
		}
	}
	(void)state;
}

static void warnings_let_the_document_stand(void **state)
{
	struct form *f = NULL;
	struct form_problems problems;
	struct err err;
	assert_int_equal(
	        form_read(STR("{\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"odd\":1,\"visibleIf\":\"{zz} = 1\"},"
	                      "{\"type\":\"text\",\"name\":\"b\",\"odd\":2,\"inputType\":\"color\"}],"
	                      "\"triggers\":[{\"type\":\"skip\",\"expression\":\"{a} = 1\"}]}"),
	                  &arena, &f, &problems, &err),
	        OK);
	static const char *const want[] = { "form.member", "form.input", "form.trigger", "form.expression_name" };
	assert_int_equal(problems.errors, 0);
	assert_int_equal(problems.n, COUNT_OF(want));
	for (size_t i = 0; i < problems.n; i++) {
		assert_string_equal(problems.all[i].id, want[i]);
		assert_true(problems.all[i].warning);
	}
	assert_str(problems.all[3].what, "zz");
	(void)state;
}

static void too_much_is_refused(void **state)
{
	struct form *f = NULL;
	struct form_problems problems;
	struct err err;
	struct buf b;
	buf_init(&b, 8 * MIB);
	buf_str(&b, STR("{\"title\":\""));
	for (size_t i = 0; i < FORM_DOCUMENT_BYTES_MAX; i++) buf_byte(&b, 'x');
	buf_str(&b, STR("\"}"));
	assert_int_equal(form_read(buf_view(&b), &arena, &f, &problems, &err), ERR_LIMIT);
	buf_clear(&b);
	buf_str(&b, STR("{\"elements\":["));
	for (int i = 0; i <= FORM_QUESTIONS_MAX; i++)
		buf_printf(&b, "%s{\"type\":\"text\",\"name\":\"q%d\"}", i ? "," : "", i);
	buf_str(&b, STR("]}"));
	assert_int_equal(form_read(buf_view(&b), &arena, &f, &problems, &err), ERR_INPUT);
	assert_string_equal(err.id, "form.list_long");
	buf_clear(&b);
	buf_str(&b, STR("{\"elements\":["));
	for (int i = 0; i < 6; i++) buf_printf(&b, "{\"type\":\"panel\",\"name\":\"p%d\",\"elements\":[", i);
	for (int i = 0; i < 6; i++) buf_str(&b, STR("]}"));
	buf_str(&b, STR("]}"));
	assert_int_equal(form_read(buf_view(&b), &arena, &f, &problems, &err), ERR_INPUT);
	assert_string_equal(err.id, "form.depth");
	buf_clear(&b);
	buf_str(&b, STR("{\"elements\":["));
	for (int i = 0; i < 400; i++) buf_printf(&b, "%s{\"type\":\"odd\",\"name\":\"q%d\"}", i ? "," : "", i);
	buf_str(&b, STR("]}"));
	assert_int_equal(form_read(buf_view(&b), &arena, &f, &problems, &err), ERR_INPUT);
	assert_int_equal(problems.n, FORM_PROBLEMS_MAX);
	assert_int_equal(problems.errors, 400);
	assert_int_equal(form_read(STR("{\"a\":1,\"a\":2}"), &arena, &f, &problems, &err), ERR_INPUT);
	assert_string_equal(err.id, "json.syntax");
	buf_done(&b);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_read),
		cmocka_unit_test(when_a_survey_asks_by_itself_is_read),
		cmocka_unit_test(what_is_wrong_with_when_it_asks_is_said),
		cmocka_unit_test(texts_fall_back_to_the_documents_language),
		cmocka_unit_test(missing_words_are_counted),
		cmocka_unit_test(what_is_printed_reads_back_to_itself_with_unknown_members),
		cmocka_unit_test(answers_and_parameters_are_filled_into_texts),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(warnings_let_the_document_stand),
		cmocka_unit_test(too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
