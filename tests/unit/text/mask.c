/* What identifies a person is masked, what does not stays: rates on tests/data/text/pii.tsv, and shapes one by one. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/text.h"

static const char *masked(const char *raw, unsigned kinds)
{
	static char out[1024];
	struct buf b;
	buf_init(&b, sizeof(out) - 1);
	text_mask(str_of(raw), kinds, &b, NULL, 0);
	assert_false(b.full);
	memcpy(out, b.ptr ? b.ptr : "", b.len);
	out[b.len] = '\0';
	buf_done(&b);
	return out;
}

static void each_kind_has_its_mark(void **s)
{
	(void)s;
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{ "write ali@x.com.", "write [email]." },
		{ "ایمیلم ali@x.ir است", "ایمیلم [email] است" },
		{ "+98 912 345 6789!", "[phone]!" },
		{ "(021) 8888 1234", "[phone]" },
		{ "شماره ۰۹۱۲۳۴۵۶۷۸۹ من", "شماره [phone] من" },
		{ "جوال ٠٥٠ ١٢٣ ٤٥٦٧", "جوال [phone]" },
		{ "card 6037-9912-3456-7893 ok", "card [card] ok" },
		{ "GB82 WEST 1234 5698 7654 32.", "[iban]." },
		{ "کد ملی 0013542419", "کد ملی [id]" },
		{ "0912 345 6789 1402/05/06", "[phone] 1402/05/06" },
		{ "order 1234567890, 12,500 on 2024-01-31 10:30", "order 1234567890, 12,500 on 2024-01-31 10:30" },
		{ "a@b, @shop, 5 @ 10", "a@b, @shop, 5 @ 10" },
		{ "4111 1111 1111 1112", "4111 1111 1111 1112" }, /* Luhn's digit is wrong */
		{ "", "" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *got = masked(rows[i].raw, TEXT_PII_ALL);
		if (strcmp(got, rows[i].want) != 0) fail_msg("\"%s\" gave \"%s\"", rows[i].raw, got);
	}
}

static void only_the_kinds_asked_for_are_masked(void **s)
{
	(void)s;
	const char *raw = "ali@x.com +989123456789 4111111111111111";
	assert_string_equal(masked(raw, TEXT_PII_MAIL), "[email] +989123456789 4111111111111111");
	assert_string_equal(masked(raw, TEXT_PII_PHONE), "ali@x.com [phone] 4111111111111111");
	assert_string_equal(masked(raw, TEXT_PII_CARD), "ali@x.com +989123456789 [card]");
	assert_string_equal(masked(raw, 0), raw);
}

static void found_places_are_of_the_original(void **s)
{
	(void)s;
	const struct str raw = STR("با ۰۹۱۲۳۴۵۶۷۸۹ یا a@b.co");
	struct text_span found[2];
	struct buf b;
	buf_init(&b, 1024);
	assert_int_equal(text_mask(raw, TEXT_PII_ALL, &b, found, 2), 2);
	assert_str(str_cut(raw, found[0].from, found[0].to), "۰۹۱۲۳۴۵۶۷۸۹");
	assert_str(str_cut(raw, found[1].from, found[1].to), "a@b.co");
	buf_done(&b);
}

/* One line of the set: kind, the thing, the comment. True when all of the thing, and in "none" nothing, was masked. */
static bool is_right(struct str kind, struct str thing, struct str comment)
{
	struct text_span found[8];
	struct buf b;
	buf_init(&b, 4096);
	const size_t n = text_mask(comment, TEXT_PII_ALL, &b, found, COUNT_OF(found));
	const char *at = memmem(comment.ptr, comment.len, thing.ptr, thing.len);
	assert_non_null(at);
	const size_t from = (size_t)(at - comment.ptr);
	bool right = str_eq(kind, STR("none")) && n == 0;
	for (size_t i = 0; i < n && i < COUNT_OF(found); i++)
		if (!str_eq(kind, STR("none"))) right |= found[i].from <= from && found[i].to >= from + thing.len;
	if (!right)
		printf("  " STR_FMT ": " STR_FMT " -> " STR_FMT "\n", STR_ARG(kind), STR_ARG(comment),
		       STR_ARG(buf_view(&b)));
	buf_done(&b);
	return right;
}

static void recall_and_false_alarms_are_within_their_gates(void **s)
{
	(void)s;
	FILE *f = fopen(DATA_DIR "/pii.tsv", "r");
	char *line = NULL;
	size_t cap = 0, things = 0, masked_things = 0, others = 0, spared = 0;
	ssize_t len;
	assert_non_null(f);
	while ((len = getline(&line, &cap, f)) > 0) {
		const struct str all = { line, (size_t)len - 1 };
		const struct str kind = str_cut(all, 0, str_find(all, '\t'));
		const struct str rest = str_cut(all, kind.len + 1, all.len);
		const struct str thing = str_cut(rest, 0, str_find(rest, '\t'));
		const bool right = is_right(kind, thing, str_cut(rest, thing.len + 1, rest.len));
		if (str_eq(kind, STR("none"))) others++, spared += right;
		else things++, masked_things += right;
	}
	free(line);
	fclose(f);
	printf("  masked %zu of %zu, spared %zu of %zu\n", masked_things, things, spared, others);
	assert_true(things >= 600 && others >= 300);
	assert_true((double)masked_things >= 0.99 * (double)things);
	assert_true((double)(others - spared) <= 0.02 * (double)others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_mark),
		cmocka_unit_test(only_the_kinds_asked_for_are_masked),
		cmocka_unit_test(found_places_are_of_the_original),
		cmocka_unit_test(recall_and_false_alarms_are_within_their_gates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
