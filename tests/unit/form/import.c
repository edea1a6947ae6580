/* Surveys of other tools: small files with every kind of question, and the documents that they become. */
#include <stdio.h>

#include "base/checked.h"
#include "form/form.h"
#include "tests/unit/unit.h"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena, 512 * MIB);
	(void)state;
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	(void)state;
	return 0;
}

static struct str file(const char *name)
{
	char path[512], *bytes = arena_alloc(&arena, 64 * KIB);
	snprintf(path, sizeof path, DATA_DIR "/import/%s", name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	const size_t n = fread(bytes, 1, 64 * KIB, f);
	fclose(f);
	return (struct str){ bytes, n };
}

static struct form *imported(const char *name, enum form_format want, struct form_problems *notes)
{
	enum form_format format;
	struct str json;
	struct form *f;
	struct form_problems problems;
	struct err err = { 0 };
	if (form_import(file(name), &arena, &json, &format, notes, &err) != OK)
		fail_msg("%s: %s: %s", name, err.field, err.text);
	assert_int_equal(format, want);
	assert_int_equal(form_read(json, &arena, &f, &problems, &err), OK);
	return f;
}

static const struct form_question *question(const struct form *f, const char *name, enum form_type type)
{
	const struct form_question *q = form_question(f, str_of(name));
	if (!q) fail_msg("no %s", name);
	if (q->type != type) fail_msg("%s is of type %s", name, form_type_names[q->type]);
	return q;
}

static void title(const struct form_question *q, const char *lang, const char *want)
{
	assert_str(form_text_in(&q->title, str_of(lang), NULL), want);
}

static void notes_are(const struct form_problems *notes, const char *const (*want)[2], size_t n)
{
	for (size_t i = 0; i < notes->n; i++)
		if (i >= n || strcmp(notes->all[i].id, want[i][0]) != 0 ||
		    !str_eq(notes->all[i].what, str_of(want[i][1])))
			fail_msg("note %zu: %s " STR_FMT, i, notes->all[i].id, STR_ARG(notes->all[i].what));
	assert_int_equal(notes->n, n);
}

static void a_qualtrics_survey(void **state)
{
	static const char *const notes[][2] = {
		{ "form.import.entry", "topic" },        { "form.import.flow", "SkipLogic" },
		{ "form.import.logic", "grid" },         { "form.import.flow", "Branch" },
		{ "form.import.type", "HeatMap/IMAGE" },
	};
	struct form_problems said;
	const struct form *f = imported("small.qsf", FORM_QSF, &said);
	notes_are(&said, notes, COUNT_OF(notes));
	assert_str(form_text_in(&f->title, STR("en"), NULL), "Delivery");
	assert_int_equal(f->n_pages, 3);
	const struct form_question *q = question(f, "nps", FORM_RATING);
	title(q, "en", "How likely are you to recommend us?");
	title(q, "ar", "ما مدى احتمال أن توصوا بنا؟");
	assert_true(q->required && q->min == 0 && q->max == 10);
	assert_str(q->metric, "nps");
	q = question(f, "topic", FORM_RADIO);
	assert_int_equal(q->n_choices, 3);
	assert_true(q->choices[0].number == 20 && q->choices[1].number == 10 && q->choices[2].number == 4 &&
	            q->comment);
	assert_str(form_text_in(&q->choices[0].text, STR("en"), NULL), "Speed & care");
	assert_str(form_text_in(&q->choices[1].text, STR("fa"), NULL), "قیمت");
	q = question(f, "why", FORM_COMMENT);
	assert_str(form_expr_text(q->visible_if), "{topic} anyof ['10'] and {topic} noneof ['4']");
	assert_int_equal(q->page, 1);
	q = question(f, "grid", FORM_MATRIX);
	assert_true(q->n_rows == 2 && q->choices[0].number == 2 && !q->visible_if);
	q = question(f, "warm", FORM_SLIDER);
	assert_true(q->max == 50);
	assert_str(form_text_in(&q->description, STR("en"), NULL), "Tea");
	(void)question(f, "warm-2", FORM_SLIDER);
	q = question(f, "rank", FORM_RANKING);
	assert_str(form_text_in(&q->choices[0].text, STR("en"), NULL), "B");
	q = question(f, "nps-2", FORM_MULTITEXT);
	title(&q->children[1], "en", "City");
	(void)question(f, "heat", FORM_HTML);
	(void)question(f, "QID9", FORM_HTML);
	assert_null(form_question(f, STR("QID99")));
	/* A condition over numbers holds for the answer as it is kept. */
	struct form_answers a;
	bool *shown;
	struct err err;
	assert_int_equal(form_answers_json(STR("{\"topic\":10}"), &arena, &a, &err), OK);
	assert_int_equal(form_shown(f, &a, 0, &arena, &shown, &err), OK);
	assert_true(shown[2]);
	(void)state;
}

static void a_limesurvey_table(void **state)
{
	static const char *const notes[][2] = { { "form.import.logic", "Q3" }, { "form.import.type", "1" } };
	struct form_problems said;
	const struct form *f = imported("small.txt", FORM_LIMESURVEY_TSV, &said);
	notes_are(&said, notes, COUNT_OF(notes));
	assert_int_equal(f->n_pages, 2);
	assert_str(form_text_in(&f->title, STR("fa"), NULL), "پشتیبانی");
	assert_str(form_text_in(&f->done_html, STR("en"), NULL), "Thanks");
	assert_str(form_text_in(&f->pages[1].title, STR("ar"), NULL), "ثانيًا");
	const struct form_question *q = question(f, "Q1", FORM_RADIO);
	title(q, "fa", "از کجا خریدید؟");
	assert_true(q->required && q->other && q->n_choices == 2);
	assert_str(q->choices[1].value, "A2");
	assert_str(form_text_in(&q->choices[1].text, STR("ar"), NULL), "الويب");
	q = question(f, "Q2", FORM_COMMENT);
	title(q, "en", "Tell us \"more\"");
	assert_str(form_expr_text(q->visible_if), "(({Q1} == \"A1\"))");
	q = question(f, "Q3", FORM_CHECKBOX);
	assert_true(q->n_choices == 2 && !q->visible_if);
	q = question(f, "Q4", FORM_MATRIX);
	assert_true(q->n_rows == 1 && q->n_choices == 2 && q->all_rows && q->choices[1].number == 2);
	assert_int_equal(question(f, "Q5", FORM_TEXT)->input, FORM_INPUT_NUMBER);
	assert_true(question(f, "Q6", FORM_RATING)->max == 5);
	(void)question(f, "Q7", FORM_BOOLEAN);
	(void)question(f, "Q8", FORM_HTML);
	(void)question(f, "Q9", FORM_HTML);
	title(&question(f, "Q10", FORM_MULTITEXT)->children[0], "fa", "نام");
	q = question(f, "Q11", FORM_MATRIX);
	assert_str(form_text_in(&q->choices[1].text, STR("fa"), NULL), "نامطمئن");
	for (int l = 0; l < LANGS; l++)
		assert_in_range(form_missing(f, str_of(lang_codes[l]), NULL), 0,
		                3); /* the note, the end, a group's words */
	(void)state;
}

static void a_limesurvey_dump(void **state)
{
	struct form_problems said;
	const struct form *f = imported("small.lss", FORM_LSS, &said);
	assert_int_equal(said.n, 0);
	assert_str(form_text_in(&f->title, STR("fa"), NULL), "خرید");
	assert_str(form_text_in(&f->pages[0].title, STR("fa"), NULL), "نخست");
	assert_str(form_text_in(&f->pages[0].description, STR("en"), NULL), "Hello");
	const struct form_question *q = question(f, "Q1", FORM_RADIO);
	title(q, "en", "Where?");
	title(q, "fa", "کجا؟");
	assert_str(form_text_in(&q->description, STR("en"), NULL), "Tell");
	assert_str(q->choices[0].value, "A1");
	assert_str(form_text_in(&q->choices[0].text, STR("fa"), NULL), "فروشگاه");
	q = question(f, "Q2", FORM_CHECKBOX);
	assert_str(q->choices[0].value, "SQ1");
	assert_true(q->page == 1 && q->other);
	assert_str(form_expr_text(q->visible_if), "(({Q1} == \"A2\"))");
	f = imported("old.lss", FORM_LSS, &said);
	q = question(f, "Q1", FORM_DROPDOWN);
	title(q, "ar", "أين؟");
	assert_int_equal(q->n_choices, 1);
	assert_str(form_text_in(&q->choices[0].text, STR("ar"), NULL), "متجر");
	assert_int_equal(f->n_pages, 1);
	(void)state;
}

static void a_surveyjs_document_is_one_already(void **state)
{
	enum form_format format;
	struct str json;
	struct form_problems notes;
	struct err err;
	const struct str text = STR("\xef\xbb\xbf {\"elements\":[{\"type\":\"text\",\"name\":\"a\",\"odd\":1}]} ");
	assert_int_equal(form_import(text, &arena, &json, &format, &notes, &err), OK);
	assert_int_equal(format, FORM_SURVEYJS);
	assert_str(json, "{\"elements\":[{\"name\":\"a\",\"odd\":1,\"type\":\"text\"}]}");
	assert_int_equal(notes.n, 1);
	(void)state;
}

static void other_files_are_refused(void **state)
{
	static const char *const files[] = {
		"",
		"hello",
		"a\tb\tc",
		"<html></html>",
		"<!DOCTYPE d [<!ENTITY x \"y\">]><document><LimeSurveyDocType>&x;</LimeSurveyDocType></document>",
		"{",
		"{\"SurveyElements\":[]}",
		"<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>",
		"[1]",
		"\xff\xfe"
	};
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		enum form_format format;
		struct str json = { 0 };
		struct form_problems notes;
		struct err err = { 0 };
		if (form_import(str_of(files[i]), &arena, &json, &format, &notes, &err) != ERR_INPUT)
			fail_msg("%s", files[i]);
		assert_true(err.text[0] && !json.ptr);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_qualtrics_survey),      cmocka_unit_test(a_limesurvey_table),
		cmocka_unit_test(a_limesurvey_dump),       cmocka_unit_test(a_surveyjs_document_is_one_already),
		cmocka_unit_test(other_files_are_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
