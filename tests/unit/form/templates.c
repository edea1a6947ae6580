/* The templates: each is read without a warning, complete in three languages, prints itself, and asks what it says. */
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

static struct form *read_template(const struct form_template *t)
{
	struct form *f = NULL;
	struct form_problems problems;
	struct err err = { 0 };
	if (form_read(t->json, &arena, &f, &problems, &err) != OK) fail_msg(STR_FMT ": %s", STR_ARG(t->key), err.text);
	if (problems.n)
		fail_msg(STR_FMT ": %s at " STR_FMT, STR_ARG(t->key), problems.all[0].id,
		         STR_ARG(problems.all[0].field));
	return f;
}

static struct form *by_key(const char *key)
{
	struct form_template t;
	for (size_t i = 0; form_template_at(i, &t); i++)
		if (str_eq(t.key, str_of(key))) return read_template(&t);
	fail_msg("no template %s", key);
	return NULL;
}

static void every_template_is_complete_in_three_languages(void **state)
{
	static const char *const groups[] = { "scores", "experience", "market", "quality", "employees" };
	struct form_template t;
	size_t n = 0, group = 0;
	for (; form_template_at(n, &t); n++) {
		const struct form *f = read_template(&t);
		while (group < COUNT_OF(groups) && !str_eq(t.group, str_of(groups[group]))) group++;
		assert_true(group < COUNT_OF(groups)); /* in this order */
		assert_int_equal(f->n_languages, LANGS);
		for (int l = 0; l < LANGS; l++)
			if (form_missing(f, str_of(lang_codes[l]), NULL))
				fail_msg(STR_FMT " lacks words in %s", STR_ARG(t.key), lang_codes[l]);
		assert_true(f->title.n == LANGS && f->purpose.n == LANGS && f->done_html.n == LANGS);
		for (size_t i = 0; i < f->n_questions; i++) assert_true(f->questions[i]->title.n == LANGS);
	}
	assert_int_equal(n, 21);
	(void)state;
}

static void every_template_prints_itself(void **state)
{
	struct form_template t;
	for (size_t i = 0; form_template_at(i, &t); i++) {
		const struct form *f = read_template(&t);
		struct buf once, twice;
		buf_init(&once, FORM_DOCUMENT_BYTES_MAX);
		buf_init(&twice, FORM_DOCUMENT_BYTES_MAX);
		form_print(f, &once);
		form_print(read_template(&(struct form_template){ .key = t.key, .json = buf_view(&once) }), &twice);
		assert_true(str_eq(buf_view(&once), buf_view(&twice)));
		buf_done(&once);
		buf_done(&twice);
	}
	(void)state;
}

static bool in_range(uint32_t c, uint32_t from, uint32_t to)
{
	return c >= from && c <= to;
}

/* Letters of the other language, digits of another script, and characters that have no business in a text. */
static void check_letters(const struct form_template *t, struct str text, enum lang l)
{
	for (size_t i = 0; i < text.len;) {
		const uint32_t c = utf8_next(text, &i);
		const bool arabic = in_range(c, 0x600, 0x6ff);
		const bool persian_only =
		        c == 0x6cc || c == 0x6a9 || c == 0x67e || c == 0x686 || c == 0x698 || c == 0x6af;
		const bool arabic_only = c == 0x64a || c == 0x643 || c == 0x629 || c == 0x649;
		const bool bad =
		        (l == LANG_EN && arabic) || (l == LANG_AR && (persian_only || in_range(c, 0x6f0, 0x6f9))) ||
		        (l == LANG_FA && (arabic_only || in_range(c, 0x660, 0x669) || in_range(c, '0', '9'))) ||
		        (l != LANG_FA && c == 0x200c) || in_range(c, 0x202a, 0x202e) || c == 0x640;
		if (bad) fail_msg(STR_FMT " in %s: " STR_FMT, STR_ARG(t->key), lang_codes[l], STR_ARG(text));
	}
}

static void each_language_has_its_own_letters(void **state)
{
	struct form_template t;
	for (size_t i = 0; form_template_at(i, &t); i++) {
		const struct form *f = read_template(&t);
		for (int l = 0; l < LANGS; l++) {
			const struct str lang = str_of(lang_codes[l]);
			check_letters(&t, form_text_in(&f->title, lang, NULL), (enum lang)l);
			check_letters(&t, form_text_in(&f->done_html, lang, NULL), (enum lang)l);
			for (size_t k = 0; k < f->n_questions; k++) {
				const struct form_question *q = f->questions[k];
				check_letters(&t, form_text_in(&q->title, lang, NULL), (enum lang)l);
				check_letters(&t, form_text_in(&q->min_label, lang, NULL), (enum lang)l);
				check_letters(&t, form_text_in(&q->max_label, lang, NULL), (enum lang)l);
				for (size_t c = 0; c < q->n_choices; c++)
					check_letters(&t, form_text_in(&q->choices[c].text, lang, NULL), (enum lang)l);
			}
		}
	}
	(void)state;
}

static size_t count(const struct form *f, const char *metric)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n_questions; i++) n += str_eq(f->questions[i]->metric, str_of(metric));
	return n;
}

static void templates_measure_what_they_are_named_after(void **state)
{
	static const char *const levels[] = { "engagement.rational", "engagement.emotional", "engagement.sensory",
		                              "engagement.physical", "engagement.spiritual" };
	static const struct {
		const char *dimension;
		size_t items;
	} servqual[] = {
		{ "tangibles", 4 }, { "reliability", 5 }, { "responsiveness", 4 }, { "assurance", 4 }, { "empathy", 5 }
	};
	assert_int_equal(count(by_key("nps"), "nps"), 1);
	assert_int_equal(count(by_key("pulse"), "nps"), 1);
	assert_int_equal(by_key("pulse")->audience, FORM_EMPLOYEES);
	assert_int_equal(by_key("observation")->audience, FORM_OBSERVERS);
	const struct form *f = by_key("engagement");
	for (size_t i = 0; i < COUNT_OF(levels); i++) assert_in_range(count(f, levels[i]), 2, 3);
	f = by_key("servqual");
	for (size_t i = 0; i < COUNT_OF(servqual); i++) {
		char e[64], p[64];
		snprintf(e, sizeof e, "servqual.%s.e", servqual[i].dimension);
		snprintf(p, sizeof p, "servqual.%s.p", servqual[i].dimension);
		assert_int_equal(count(f, e), servqual[i].items);
		assert_int_equal(count(f, p), servqual[i].items);
	}
	for (size_t i = 0; i < f->n_questions; i++) { /* each expected item has its perceived one */
		size_t with = 0;
		for (size_t k = 0; k < f->n_questions; k++)
			with += str_eq(f->questions[i]->item, f->questions[k]->item);
		assert_int_equal(with, 2);
	}
	f = by_key("kano");
	assert_int_equal(count(f, "kano.f") + count(f, "kano.g"), 2);
	assert_str(form_say(f, &form_question(f, STR("present"))->title, STR("en"), NULL, &arena),
	           "How would you feel if we offered this: \u2068delivery in the evening\u2069?");
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_template_is_complete_in_three_languages),
		cmocka_unit_test(every_template_prints_itself),
		cmocka_unit_test(each_language_has_its_own_letters),
		cmocka_unit_test(templates_measure_what_they_are_named_after),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
