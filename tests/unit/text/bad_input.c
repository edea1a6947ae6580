/* What comes instead of a comment: each sort of bad text in three languages, read, flagged and never guessed at. */
#include <math.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "text/text.h"

#define BYTES (100 * KIB)

/* `times` of `unit` behind `begin`; 0: until BYTES are full. */
static const struct {
	const char *what, *begin, *unit;
	int times;
	enum text_language hint, lang;
	unsigned flags; /* exactly these */
	bool told;      /* it has a feeling */
} rows[] = {
	{ "empty", "", "", 1, TEXT_EN, TEXT_EN, 0, false },
	{ "empty", "", "", 1, TEXT_AR, TEXT_AR, 0, false },
	{ "empty", "", "", 1, TEXT_FA, TEXT_FA, 0, false },
	{ "white space", "", " \t\n\xe2\x80\x8c", 1, TEXT_FA, TEXT_FA, 0, false },
	{ "one letter", "k", "", 1, TEXT_EN, TEXT_EN, 0, true },
	{ "one letter", "و", "", 1, TEXT_AR, TEXT_AR, 0, true },
	{ "one letter", "ه", "", 1, TEXT_FA, TEXT_FA, 0, true },
	{ "100 KB", "", "The courier was late and the food was cold. ", 0, TEXT_OTHER, TEXT_EN,
	  TEXT_FLAG_CUT | TEXT_FLAG_REPEATS, true },
	{ "100 KB", "", "تأخر المندوب كثيرا وكان الأكل باردا. ", 0, TEXT_OTHER, TEXT_AR,
	  TEXT_FLAG_CUT | TEXT_FLAG_REPEATS, true },
	{ "100 KB", "", "پیک خیلی دیر رسید و غذا سرد بود. ", 0, TEXT_OTHER, TEXT_FA, TEXT_FLAG_CUT | TEXT_FLAG_REPEATS,
	  true },
	{ "all emoji", "", "😀🎉😡", 3, TEXT_EN, TEXT_EN, 0, true },
	{ "all emoji", "", "😀🎉😡", 3, TEXT_AR, TEXT_AR, 0, true },
	{ "all emoji", "", "😀🎉😡", 3, TEXT_FA, TEXT_FA, 0, true },
	{ "two scripts", "the delivery was really late again خدمة سيئة جدا والله العظيم", "", 1, TEXT_OTHER, TEXT_MIXED,
	  0, true },
	{ "two scripts", "the delivery was really late again ارسال خیلی دیر رسید و پشتیبانی بد بود", "", 1, TEXT_OTHER,
	  TEXT_MIXED, 0, true },
	{ "half of a pair", "very late \xed\xa0\xbd delivery, awful", "", 1, TEXT_EN, TEXT_EN, TEXT_FLAG_SURROGATE,
	  true },
	{ "half of a pair", "التوصيل متأخر \xed\xa0\xbd وسيئ جدا", "", 1, TEXT_AR, TEXT_AR, TEXT_FLAG_SURROGATE, true },
	{ "half of a pair", "خیلی دیر رسید \xed\xa0\xbd و بد بود", "", 1, TEXT_FA, TEXT_FA, TEXT_FLAG_SURROGATE, true },
	{ "no UTF-8", "very late \xff\xfe delivery, awful", "", 1, TEXT_EN, TEXT_EN, TEXT_FLAG_BROKEN, true },
	{ "no UTF-8", "التوصيل متأخر \xff\xfe وسيئ جدا", "", 1, TEXT_AR, TEXT_AR, TEXT_FLAG_BROKEN, true },
	{ "no UTF-8", "خیلی دیر رسید \xff\xfe و بد بود", "", 1, TEXT_FA, TEXT_FA, TEXT_FLAG_BROKEN, true },
	{ "no width", "late delivery", "\xe2\x80\x8b", 50, TEXT_EN, TEXT_EN, TEXT_FLAG_ZERO_WIDTH, true },
	{ "no width", "توصيل متأخر", "\xe2\x80\x8b", 50, TEXT_AR, TEXT_AR, TEXT_FLAG_ZERO_WIDTH, true },
	{ "no width", "ارسال دیر", "\xe2\x80\x8c", 50, TEXT_FA, TEXT_FA, TEXT_FLAG_ZERO_WIDTH, true },
	{ "turned round", "\xe2\x80\xaelate delivery, awful", "", 1, TEXT_EN, TEXT_EN, TEXT_FLAG_BIDI, true },
	{ "turned round", "\xe2\x80\xadالتوصيل متأخر", "", 1, TEXT_AR, TEXT_AR, TEXT_FLAG_BIDI, true },
	{ "turned round", "\xe2\x80\xaeارسال خیلی دیر", "", 1, TEXT_FA, TEXT_FA, TEXT_FLAG_BIDI, true },
	{ "look-alikes", "the dеlivery was late and the driver was rude", "", 1, TEXT_EN, TEXT_EN, TEXT_FLAG_LOOK_ALIKE,
	  true },
	{ "spam", "", "buy now ", 40, TEXT_EN, TEXT_EN, TEXT_FLAG_REPEATS, true },
	{ "spam", "", "اشتر الآن ", 40, TEXT_AR, TEXT_AR, TEXT_FLAG_REPEATS, true },
	{ "spam", "", "همین الان بخرید ", 40, TEXT_FA, TEXT_FA, TEXT_FLAG_REPEATS, true },
	{ "German", "Das Paket kam leider viel zu spät an und war beschädigt", "", 1, TEXT_EN, TEXT_OTHER, 0, false },
	{ "Turkish", "Kargo çok geç geldi ve kutu ezilmişti, çok kötü", "", 1, TEXT_FA, TEXT_OTHER, 0, false },
	{ "Urdu", "ڈیلیوری بہت دیر سے آئی اور کھانا ٹھنڈا تھا، بہت برا تجربہ رہا", "", 1, TEXT_AR, TEXT_OTHER, 0,
	  false },
};

static size_t fill(char *to, size_t i)
{
	const size_t each = strlen(rows[i].unit);
	size_t n = strlen(rows[i].begin);
	memcpy(to, rows[i].begin, n);
	for (int k = 0; rows[i].times ? k < rows[i].times : n + each <= BYTES; k++) {
		memcpy(to + n, rows[i].unit, each);
		n += each;
	}
	return n;
}

static struct text_reader *reader;
static struct text_judge *judge;
static struct text_features *features;

/* Tokens lie in the original, in order, however it was. */
static void in_order(const struct text *t, size_t bytes)
{
	for (size_t i = 0; i < t->n; i++) {
		assert_true(t->tokens[i].at.from <= t->tokens[i].at.to && t->tokens[i].at.to <= bytes);
		assert_true(i == 0 || t->tokens[i].at.from >= t->tokens[i - 1].at.to);
	}
}

static void each_sort_is_read_flagged_and_not_guessed_at(void **state)
{
	char *raw = malloc(BYTES + 1);
	size_t wrong = 0;
	(void)state;
	assert_non_null(raw);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text t;
		struct text_feeling f = { .sentiment = 0 };
		const size_t n = fill(raw, i);
		text_read(reader, (struct str){ raw, n }, rows[i].hint, &t);
		in_order(&t, n);
		const bool told = t.n && !(t.lang == TEXT_OTHER && t.letters);
		if (told) {
			text_features_of(features, &t, 0, t.n);
			text_feel(judge, &t, features, &f);
			assert_true(isfinite(f.sentiment) && fabs(f.sentiment) <= 1 && f.p > 0 && f.p <= 1);
		}
		if (t.lang == rows[i].lang && t.flags == rows[i].flags && told == rows[i].told) continue;
		print_error("%s, row %zu: language " STR_FMT ", flags %u, %s\n", rows[i].what, i,
		            STR_ARG(text_language_name(t.lang)), t.flags, told ? "told" : "not told");
		wrong++;
	}
	free(raw);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	struct err err;
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_sort_is_read_flagged_and_not_guessed_at) };
	reader = text_reader_new();
	features = text_features_new();
	if (!reader || !features || text_judge_new(&judge, &err) != OK) return 1;
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	text_judge_free(judge);
	text_features_free(features);
	text_reader_free(reader);
	return failed;
}
