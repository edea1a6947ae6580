/* Tokens of a text and where they stand in it. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/text.h"

static const char *const letters[TEXT_KINDS] = {
	[TEXT_WORD] = "w", [TEXT_NUMBER] = "n",  [TEXT_EMOJI] = "e", [TEXT_MARK] = "m",  [TEXT_URL] = "u",
	[TEXT_MAIL] = "a", [TEXT_MENTION] = "@", [TEXT_TAG] = "#",   [TEXT_PHONE] = "p",
};

static struct text_reader *reader;

static int setup(void **s)
{
	(void)s;
	reader = text_reader_new();
	return reader ? 0 : -1;
}
static int teardown(void **s)
{
	(void)s;
	text_reader_free(reader);
	return 0;
}

static struct text read(const char *raw)
{
	struct text t;
	text_read(reader, str_of(raw), TEXT_OTHER, &t);
	return t;
}

static void a_text_is_cut_into_words_marks_and_addresses(void **s)
{
	(void)s;
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "Don't go, it's BAD!!!", "don't/w go/w ,/m it's/w bad/w !!/m" },
		{ "خدمة ممتازة، شكرا؟", "خدمه/w ممتازه/w ,/m شكرا/w ?/m" },
		{ "خیلی بد بود،نمی خرم", "خیلی/w بد/w بود/w ,/m نمی‌خرم/w" },
		{ "سلامhello123 iphone14 AB12345", "سلام/w hello123/n iphone14/w ab12345/n" },
		{ "paid 1,234.50 on 2024.", "paid/w 1,234.50/n on/w 2024/n ./m" },
		{ "see https://a.io/x?y=1, or www.b.ir. c.com/d",
		  "see/w https://a.io/x?y=1/u ,/m or/w www.b.ir/u ./m c.com/d/u" },
		{ "the end.Now fine", "the/w end/w ./m now/w fine/w" },
		{ "write me@ex-ample.co.uk.", "write/w me@ex-ample.co.uk/a ./m" },
		{ "@Safar_CX #خیلی_بد #1 a@b", "safar_cx/@ خیلی_بد/# 1/n a/w b/w" },
		{ "call +49 (170) 123-4567 or 0912 345 6789.", "call/w +49 (170) 123-4567/p or/w 0912 345 6789/p ./m" },
		{ "۰۹۱۲۳۴۵۶۷۸۹", "09123456789/p" },
		{ "0.123456789 1234567890", "0.123456789/n 1234567890/n" },
		{ "ok :-))) :( <3 =D a:b 10:30", "ok/w :)/e :(/e <3/e =d/e a/w :/m b/w 10/n :/m 30/n" },
		{ "👍🏽👍 ❤️ 👩‍💻 🇮🇷", "👍/e 👍/e ❤/e 👩/e 💻/e 🇮🇷/e" },
		{ "很好", "很好/w" },
		{ "", "" },
		{ "...", "../m" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b;
		buf_init(&b, 4096);
		const struct text t = read(rows[i].raw);
		for (size_t k = 0; k < t.n; k++)
			buf_printf(&b, "%s" STR_FMT "/%s", k ? " " : "", STR_ARG(t.tokens[k].word),
			           letters[t.tokens[k].kind]);
		if (!str_eq(buf_view(&b), str_of(rows[i].want)))
			fail_msg("\"%s\" gave \"" STR_FMT "\", not \"%s\"", rows[i].raw, STR_ARG(buf_view(&b)),
			         rows[i].want);
		buf_done(&b);
	}
}

/* The n-th token's original. */
static struct str original(const struct text *t, size_t i)
{
	return str_cut(t->raw, t->tokens[i].at.from, t->tokens[i].at.to);
}

static void a_token_points_at_all_of_its_original(void **s)
{
	(void)s;
	struct text t = read("  Sooooo \xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD ok");
	assert_str(original(&t, 0), "Sooooo");
	assert_str(original(&t, 1), "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD");
	assert_str(original(&t, 2), "ok");
	t = read("مُمْتَازٌ جدّاً!");
	assert_str(original(&t, 0), "مُمْتَازٌ");
	assert_str(original(&t, 1), "جدّاً");
	assert_str(original(&t, 2), "!");
	text_read(reader, STR("کتاب ها را نمي خواهم"), TEXT_FA, &t);
	assert_str(original(&t, 0), "کتاب ها");
	assert_str(original(&t, 2), "نمي خواهم");
	/* One character that becomes four words: each is found in it. */
	t = read("ﷺ x");
	assert_int_equal(t.n, 5);
	assert_str(original(&t, 0), "ﷺ");
	assert_str(original(&t, 3), "ﷺ");
}

static void capitals_and_long_letters_are_kept_apart_from_the_word(void **s)
{
	(void)s;
	const struct text t = read("WORST Worst I soooo !!!");
	assert_true(t.tokens[0].upper && !t.tokens[1].upper && !t.tokens[2].upper);
	assert_true(!t.tokens[0].elongated && t.tokens[3].elongated && t.tokens[4].elongated);
}

static void odd_texts_are_flagged(void **s)
{
	(void)s;
	assert_int_equal(read("plain text").flags, 0);
	assert_int_equal(read("a\xFF").flags, TEXT_FLAG_BROKEN);
	/* What a JSON string with half of a pair becomes. */
	assert_int_equal(read("a\uFFFD").flags, TEXT_FLAG_BROKEN);
	assert_int_equal(read("a\xED\xA0\x80").flags, TEXT_FLAG_SURROGATE);
	assert_int_equal(read("👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍👍").flags, TEXT_FLAG_REPEATS);
	assert_int_equal(read("\xE2\x80\xAE"
	                      "evil")
	                         .flags,
	                 TEXT_FLAG_BIDI);
	assert_int_equal(read("p\xD0\xB0ypal").flags, TEXT_FLAG_LOOK_ALIKE);
	assert_int_equal(
	        read("a\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\x8B")
	                .flags,
	        TEXT_FLAG_ZERO_WIDTH);
	assert_int_equal(
	        read("buy now buy now buy now buy now buy now buy now buy now buy now buy now buy now buy now").flags,
	        TEXT_FLAG_REPEATS);
}

static void words_have_stems(void **s)
{
	(void)s;
	static const struct {
		enum text_language lang;
		const char *word, *stem;
	} rows[] = {
		{ TEXT_EN, "deliveries", "deliveri" },
		{ TEXT_EN, "delivery", "deliveri" },
		{ TEXT_EN, "waiting", "wait" },
		{ TEXT_AR, "والتوصيل", "توصيل" },
		{ TEXT_AR, "الموظفين", "موظف" },
		{ TEXT_AR, "خدمتها", "خدمت" },
		{ TEXT_AR, "ولد", "ولد" },
		{ TEXT_AR, "في", "في" },
		{ TEXT_FA, "کتاب‌ها", "کتاب" },
		{ TEXT_FA, "می‌خواهم", "خواهم" },
		{ TEXT_FA, "سفارش‌های", "سفارش" },
		{ TEXT_FA, "بزرگ‌ترین", "بزرگ" },
		{ TEXT_FA, "خوبی", "خوب" },
		{ TEXT_FA, "بد", "بد" },
		{ TEXT_FA, "iphone", "iphon" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct str got = text_stem(reader, str_of(rows[i].word), rows[i].lang);
		if (!str_eq(got, str_of(rows[i].stem)))
			fail_msg("%s gave " STR_FMT ", not %s", rows[i].word, STR_ARG(got), rows[i].stem);
	}
	assert_int_equal(text_stem(reader, STR(""), TEXT_EN).len, 0);
}

static void clauses_part_where_a_sentence_ends_or_turns_round(void **s)
{
	(void)s;
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "good food but rude staff. never again!!", "0-2 2-6 6-9" },
		{ "الاكل ممتاز بس التوصيل بطيء", "0-2 2-5" },
		{ "غذا خوب بود ولی دیر رسید، اما عیبی ندارد", "0-3 3-7 7-10" },
		{ "But it was fine. 👍", "0-6" },
		{ "...", "0-1" },
		{ "", "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text_span spans[8];
		char got[80] = "";
		const struct text t = read(rows[i].raw);
		const size_t n = text_clauses(&t, spans, COUNT_OF(spans));
		for (size_t k = 0; k < n; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u-%u", k ? " " : "", spans[k].from,
			         spans[k].to);
		assert_string_equal(got, rows[i].want);
	}
	struct text_span two[2];
	const struct text t = read("a. b. c. d.");
	assert_int_equal(text_clauses(&t, two, 2), 2);
	assert_int_equal(two[1].to, t.n);
	assert_int_equal(text_clauses(&t, two, 0), 0);
}

static void a_very_long_text_is_read_up_to_the_maximum(void **s)
{
	(void)s;
	static const char *const fills[] = {
		"a",         "a.",  "a@", "0 1", "ب", "\xEF\xB7\xBA", "\xE2\x80\x8B", "\xF0\x9F\x91\x8D",
		"e\xCC\x81", "می ", "(",  "+0"
	};
	for (size_t i = 0; i < COUNT_OF(fills); i++) {
		const size_t len = strlen(fills[i]), times = 100 * KIB / len;
		char *raw = malloc(times * len);
		struct text t;
		assert_non_null(raw);
		for (size_t k = 0; k < times; k++) memcpy(raw + k * len, fills[i], len);
		text_read(reader, (struct str){ raw, times * len }, TEXT_FA, &t);
		assert_true(t.cut && (t.flags & TEXT_FLAG_CUT));
		assert_false(t.flags & (TEXT_FLAG_SHORT_MEMORY | TEXT_FLAG_BROKEN));
		for (size_t k = 0; k < t.n; k++) {
			assert_true(t.tokens[k].at.from < t.tokens[k].at.to && t.tokens[k].at.to <= TEXT_BYTES_MAX);
			/* Not cut within a character. */
			assert_true(((unsigned char)raw[t.tokens[k].at.to] & 0xC0) != 0x80);
		}
		free(raw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_cut_into_words_marks_and_addresses),
		cmocka_unit_test(a_token_points_at_all_of_its_original),
		cmocka_unit_test(capitals_and_long_letters_are_kept_apart_from_the_word),
		cmocka_unit_test(odd_texts_are_flagged),
		cmocka_unit_test(words_have_stems),
		cmocka_unit_test(clauses_part_where_a_sentence_ends_or_turns_round),
		cmocka_unit_test(a_very_long_text_is_read_up_to_the_maximum),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
