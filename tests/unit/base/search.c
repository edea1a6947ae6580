/* Folding of three languages, queries, marks in the original. */
#include "base/search.h"
#include "tests/unit/unit.h"

#include "base/checked.h"

static struct arena arena;

static int set_up(void **state)
{
	arena_init(&arena, 64 * MIB);
	return 0;
}

static int tear_down(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct search_text fold(const char *text)
{
	struct search_text t;
	struct err err;
	assert_int_equal(search_fold(str_of(text), &arena, &t, &err), OK);
	return t;
}

static void folds_to(const char *text, const char *folded)
{
	const struct search_text t = fold(text);
	if (!str_eq(t.folded, str_of(folded)))
		fail_msg("\"%s\" became \"%.*s\", not \"%s\"", text, STR_ARG(t.folded), folded);
}

static void latin_loses_case_and_accents(void **state)
{
	folds_to("Späte  Lieferung!", "spate lieferung");
	folds_to("I don’t know, it's late", "i dont know its late");
	folds_to("ÀÉÎ x2 №5", "aei x2 no5");
	folds_to("", "");
	folds_to("🙂🙂 !?", "");
}

static void arabic_forms_are_one(void **state)
{
	folds_to("التَّوْصِيلُ", "التوصيل");
	folds_to("خدمة", "خدمه");
	folds_to("أحمد إلى آخر ٱسم", "احمد الي اخر اسم");
	folds_to("مســـــؤول", "مسوول");
	folds_to("سيّئ", "سيي");
	folds_to("شيء", "شي");
	folds_to("رقم ٤٢٥", "رقم 425");
	folds_to("\xef\xbb\xbb", "لا"); /* a presentation form */
}

static void persian_is_folded_with_arabic(void **state)
{
	folds_to("کتاب‌های خوب", "كتابهاي خوب");
	folds_to("می‌رسد", "ميرسد");
	folds_to("خانهٔ ۱۲۳", "خانه 123");
	assert_true(str_eq(fold("كيفيت").folded, fold("کیفیت").folded));
}

static void hostile_text_stays_within_its_room(void **state)
{
	folds_to("\xe2\x80\xae"
	         "abc\xe2\x80\xac",
	         "abc"); /* a bidi override */
	/* U+FDFA is one character and four words. */
	char text[3 * 200 + 1];
	for (size_t i = 0; i < 200; i++) memcpy(text + 3 * i, "\xef\xb7\xba", 3);
	text[600] = '\0';
	const struct search_text t = fold(text);
	assert_int_equal(t.n, 601); /* the last word of one runs into the first of the next */
	assert_int_equal(t.words[0].from, 0);
	assert_int_equal(t.words[t.n - 1].to, 600);
}

static struct search_query read_query(const char *text)
{
	struct search_query q;
	struct err err;
	assert_int_equal(search_query_read(str_of(text), &arena, &q, &err), OK);
	return q;
}

static bool found(const char *query, const char *text)
{
	const struct search_query q = read_query(query);
	const struct search_text t = fold(text);
	return search_fits(&q, &t);
}

static void the_last_word_matches_beginnings(void **state)
{
	assert_true(found("deliv", "The delivery was late"));
	assert_false(found("deliv ", "The delivery was late"));
	assert_true(found("deliv* late ", "The delivery was late"));
	assert_true(found("late delivery", "The delivery was late"));
	assert_false(found("late pizza", "The delivery was late"));
}

static void quotes_and_minus(void **state)
{
	assert_true(found("\"was late\"", "The delivery was late"));
	assert_false(found("\"late was\"", "The delivery was late"));
	assert_false(found("delivery -late", "The delivery was late"));
	assert_true(found("delivery -early", "The delivery was late"));
	assert_true(found("delivery -\"late was\"", "The delivery was late"));
}

static void an_arabic_word_is_found_behind_its_article(void **state)
{
	assert_true(found("توصيل", "التوصيل سيئ"));
	assert_true(found("التوصيل", "كان توصيل بطيء"));
	assert_true(found("توصيل ", "والتوصيل كان سيئا"));
	assert_true(found("مندوب", "للمندوب شكرا"));
	assert_false(found("صيل ", "التوصيل"));
	/* Persian words that begin with the same letters stay whole. */
	assert_true(found("کالا", "کالاها دیر رسید"));
	assert_true(found("الان ", "الان رسید"));
}

static void only_absent_words_are_no_question(void **state)
{
	struct search_query q;
	struct err err;
	assert_int_equal(search_query_read(STR("-late"), &arena, &q, &err), ERR_INPUT);
	assert_string_equal(err.id, "search.absent");
	assert_int_equal(search_query_read(STR("a b c d e f g h i j k l m n o p q"), &arena, &q, &err), ERR_LIMIT);
	assert_int_equal(read_query("").n, 0);
	assert_int_equal(read_query(" \" - * !").n, 0);
}

static void an_expression_holds_letters_only(void **state)
{
	struct buf b;
	buf_init(&b, 4096);
	const struct search_query q = read_query("NEAR(x) \"a\\\"b OR late");
	search_query_fts(&q, &b);
	buf_byte(&b, '\0');
	assert_string_equal(b.ptr, "\"near x\" AND \"a\" AND \"b\" AND \"or\" AND \"late\"*");
	buf_done(&b);
}

static void marks_are_of_the_original(void **state)
{
	const char *text = "کِتاب‌های بد، Späte";
	struct search_mark m[4];
	const struct search_query q = read_query("كتابها* spate");
	const struct search_text t = fold(text);
	assert_int_equal(search_marks(&q, &t, m, 4), 2);
	assert_int_equal(m[0].from, 0);
	assert_int_equal(m[0].to, strlen("کِتاب‌های"));
	assert_string_equal(text + m[1].from, "Späte");
	assert_int_equal(m[1].to, strlen(text));
}

static void marks_do_not_overlap(void **state)
{
	struct search_mark m[8];
	const struct search_query q = read_query("\"very very late\" very ");
	const struct search_text t = fold("very very late, very");
	assert_int_equal(search_marks(&q, &t, m, 8), 2);
	assert_int_equal(m[0].to, 14);
	assert_int_equal(m[1].from, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(latin_loses_case_and_accents, set_up, tear_down),
		cmocka_unit_test_setup_teardown(arabic_forms_are_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(persian_is_folded_with_arabic, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile_text_stays_within_its_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_word_matches_beginnings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(quotes_and_minus, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_arabic_word_is_found_behind_its_article, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_absent_words_are_no_question, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_expression_holds_letters_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(marks_are_of_the_original, set_up, tear_down),
		cmocka_unit_test_setup_teardown(marks_do_not_overlap, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
