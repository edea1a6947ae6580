/* One spelling: text_fold. Rules: docs/methods/text-reading.md. */
#include "tests/unit/unit.h"

#include "base/rng.h"
#include "text/text.h"

static struct arena arena;

static int setup(void **s)
{
	(void)s;
	arena_init(&arena, 64 * MIB);
	return 0;
}
static int teardown(void **s)
{
	(void)s;
	arena_done(&arena);
	return 0;
}

static struct str fold(const char *raw, enum text_language lang)
{
	return text_fold(&arena, str_of(raw), lang);
}

static void each_language_has_its_own_spelling(void **s)
{
	(void)s;
	static const struct {
		enum text_language lang;
		const char *raw, *want;
	} rows[] = {
		{ TEXT_EN, "  The  STAFF\twas Great ", "the staff was great" },
		{ TEXT_EN, "caf\xC3\x89 \xEF\xBC\xA1\xEF\xBC\xA2 e\xCC\x81t\xC3\xA9",
		  "caf\xC3\xA9 ab \xC3\xA9t\xC3\xA9" },
		{ TEXT_EN, "It’s “fine”…", "it's \"fine\"..." },
		{ TEXT_EN, "soooo goooood!!!! 1000000", "soo good!!!! 1000000" },
		{ TEXT_EN, "z\xCC\xB7\xCC\xA1!", "z!" },
		{ TEXT_AR, "مُمْتَازٌ جِدًّا", "ممتاز جدا" },
		{ TEXT_AR, "رائـــــع", "رايع" },
		{ TEXT_AR, "أحمد إلى آخر مدرسة مسؤول على", "احمد الي اخر مدرسه مسوول علي" },
		{ TEXT_AR, "جمييييل", "جمييل" },
		{ TEXT_AR, "ﻻ ﷲ", "لا الله" },
		{ TEXT_AR, "١٢٣ ۴۵۶", "123 456" },
		{ TEXT_AR, "لماذا؟ نعم، لا؛", "لماذا? نعم, لا;" },
		{ TEXT_FA, "كتابي كه مي خواهم", "کتابی که می‌خواهم" },
		{ TEXT_FA, "می روم میروم می‌روم", "می‌روم می‌روم می‌روم" },
		{ TEXT_FA, "نمي شه نمیشه نمی‌شه", "نمی‌شه نمی‌شه نمی‌شه" },
		{ TEXT_FA, "کتاب ها کتابها کتاب‌ها",
		  "کتاب‌ها کتاب‌ها کتاب‌ها" },
		{ TEXT_FA, "آب میز میدان میوه تنها اشتباهات", "آب میز میدان میوه تنها اشتباهات" },
		{ TEXT_FA, "بزرگ تر رفته ام", "بزرگ‌تر رفته‌ام" },
		{ TEXT_FA, "خانهٔ خانۀ", "خانه خانه" },
		{ TEXT_FA, "۱۲٫۵ درصد", "12.5 درصد" },
		{ TEXT_FA, "خیلییییی خوب", "خیلیی خوب" },
		{ TEXT_FA, "می¬روم", "می‌روم" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct str got = fold(rows[i].raw, rows[i].lang);
		if (got.len != strlen(rows[i].want) || memcmp(got.ptr, rows[i].want, got.len) != 0)
			fail_msg("\"%s\" gave \"" STR_FMT "\", not \"%s\"", rows[i].raw, STR_ARG(got), rows[i].want);
	}
}

static void what_has_no_width_is_taken_away(void **s)
{
	(void)s;
	assert_str(fold("m\xE2\x80\x8Bo\xE2\x80\x8Cr\xE2\x81\xA0"
	                "e\xEF\xBB\xBF",
	                TEXT_EN),
	           "more");
	assert_str(fold("\xE2\x80\xAEhood\xE2\x80\xAC", TEXT_EN), "hood");
	/* A half-space stands between Arabic letters only, and once. */
	assert_str(fold("\xE2\x80\x8Cکتاب\xE2\x80\x8C\xE2\x80\x8C\xE2\x80\x8Cها\xE2\x80\x8C .", TEXT_FA),
	           "کتاب‌ها .");
}

static void look_alikes_within_a_latin_word_become_latin(void **s)
{
	(void)s;
	assert_str(fold("fr\xD0\xB5\xD0\xB5 m\xCE\xBFney", TEXT_EN), "free money");
	assert_str(fold("\xD1\x81\xD0\xBE\xD0\xBD", TEXT_EN), "\xD1\x81\xD0\xBE\xD0\xBD"); /* a Russian word stays */
}

static void bytes_that_are_no_text_become_a_space(void **s)
{
	(void)s;
	assert_str(fold("caf\xE9 zu", TEXT_EN), "caf zu");
	assert_str(fold("a\xED\xA0\x80"
	                "b",
	                TEXT_EN),
	           "a b");
	assert_str(fold("\xED\xA0\xBD\xED\xB8\x80", TEXT_EN), "\xF0\x9F\x98\x80"); /* a pair is its character */
	assert_str(fold("", TEXT_EN), "");
	assert_str(fold("\xFF\xFE\x80", TEXT_EN), "");
}

static void check_stable(struct str raw, enum text_language lang, const char *what, uint64_t id)
{
	const struct str once = text_fold(&arena, raw, lang);
	const struct str twice = text_fold(&arena, once, lang);
	assert_non_null(once.ptr);
	assert_true(once.len <= raw.len * TEXT_FOLDED_BYTES_MAX_OF + 64);
	assert_int_equal(utf8_valid(once.ptr, once.len), once.len);
	if (!str_eq(once, twice))
		fail_msg("%s %llx: \"" STR_FMT "\" is \"" STR_FMT "\" once, then \"" STR_FMT "\"", what,
		         (unsigned long long)id, STR_ARG(raw), STR_ARG(once), STR_ARG(twice));
}

static void every_code_point_is_folded_once_for_all(void **s)
{
	(void)s;
	/* A block of 64 in one text, each between letters, so that joining and half-spaces are met too. */
	for (uint32_t block = 0; block < 0x110000; block += 64) {
		char raw[64 * 8];
		size_t n = 0;
		for (uint32_t cp = block; cp < block + 64; cp++) {
			n += utf8_put(raw + n, cp);
			memcpy(raw + n, cp % 2 ? "a" : "ب", cp % 2 ? 1 : 2);
			n += cp % 2 ? 1 : 2;
		}
		check_stable((struct str){ raw, n }, TEXT_FA, "code points from", block);
		arena_reset(&arena);
	}
}

static void folding_twice_is_folding_once(void **s)
{
	(void)s;
	static const char *const bits[] = {
		"می",
		"نمی",
		"روم",
		"خواهم",
		"کتاب",
		"ها",
		"های",
		"تر",
		"رفته",
		"ام",
		" ",
		" ",
		" ",
		"\xE2\x80\x8C",
		"a",
		"aa",
		"aaa",
		"e",
		"\xCC\x81",
		"\xD9\x94",
		"ا",
		"أ",
		"ي",
		"ى",
		"ک",
		"ك",
		"ه",
		"0912",
		"345",
		"6789",
		"+49",
		"1",
		"22",
		".",
		",",
		"!",
		":",
		")",
		"-",
		"@",
		"#",
		"www.",
		"x.com",
		"http://",
		"/",
		"_",
		"'",
		"’",
		"\xF0\x9F\x91\x8D",
		"\xF0\x9F\x8F\xBD",
		"\xE2\x80\x8D",
		"\xF0\x9F\x87\xAE",
		"\xF0\x9F\x87\xB7",
		"\xD0\xB5",
		"\xFF",
		"\xED\xA0\xBD",
		"\xED\xB8\x80",
		"ß",
		"İ",
		"ﷺ",
		"ـ",
		"ً",
		"3",
		"8",
		"x",
		"d",
	};
	struct rng rng;
	rng_init(&rng, 20, 0);
	for (int round = 0; round < 20000; round++) {
		char raw[256];
		size_t n = 0;
		for (uint64_t k = rng_below(&rng, 12) + 1; k > 0; k--) {
			const char *bit = bits[rng_below(&rng, COUNT_OF(bits))];
			memcpy(raw + n, bit, strlen(bit));
			n += strlen(bit);
		}
		static const enum text_language langs[] = { TEXT_EN, TEXT_AR, TEXT_FA };
		check_stable((struct str){ raw, n }, langs[round % 3], "seed 20, round", (uint64_t)round);
		if (round % 64 == 0) arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_language_has_its_own_spelling),
		cmocka_unit_test(what_has_no_width_is_taken_away),
		cmocka_unit_test(look_alikes_within_a_latin_word_become_latin),
		cmocka_unit_test(bytes_that_are_no_text_become_a_space),
		cmocka_unit_test(every_code_point_is_folded_once_for_all),
		cmocka_unit_test(folding_twice_is_folding_once),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
