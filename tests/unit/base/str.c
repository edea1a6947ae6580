#include <math.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "base/arena.h"
#include "base/checked.h"
#include "base/err.h"

static void utf8_accepts_what_rfc_3629_allows_and_names_the_first_bad_byte(void **s)
{
	(void)s;
	static const struct {
		const char *text;
		size_t ok;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "سفر", 6 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "a\xc0\x80", 1 }, /* overlong */
		{ "\xed\xa0\x80", 0 },
		/* surrogate */ { "\xf4\x90\x80\x80", 0 }, /* past U+10FFFF */
		{ "ab\xff", 2 },
		{ "ab\xe2\x82", 2 }, /* cut */
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(utf8_valid(rows[i].text, strlen(rows[i].text)), rows[i].ok);
}

static void numbers_are_read_whole_or_not_at_all(void **s)
{
	(void)s;
	int64_t i;
	double d;
	assert_true(str_to_i64(STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &i));
	assert_false(str_to_i64(STR(""), &i));
	assert_false(str_to_i64(STR("12x"), &i));
	assert_true(str_to_double(STR("-1.5e3"), &d));
	assert_true(d == -1500);
	assert_false(str_to_double(STR("nan"), &d));
	assert_false(str_to_double(STR("inf"), &d));
	assert_false(str_to_double(STR("1e400"), &d));
	assert_false(str_to_double(STR("0x10"), &d));
}

static void decimals_are_read_as_strtod_reads_them(void **s)
{
	(void)s;
	static const char *const rows[] = { "0",
		                            "-0",
		                            "0.1",
		                            "-0.3",
		                            ".5",
		                            "5.",
		                            "1.",
		                            "-.",
		                            ".",
		                            "-",
		                            "1..2",
		                            "007.5",
		                            "12345.6",
		                            "999999999999999",
		                            "1e3",
		                            "1.5e-7",
		                            "+1.5",
		                            "--1",
		                            "4 ",
		                            "0.000000000000001",
		                            "9007199254740993",
		                            "0.30000000000000004",
		                            "123456789012345.678" };
	char text[64], *end;
	double got;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const double want = strtod(rows[i], &end);
		const bool whole = end != rows[i] && *end == '\0';
		assert_int_equal(str_to_double(str_of(rows[i]), &got), whole);
		if (whole) assert_memory_equal(&got, &want, sizeof got);
	}
	uint64_t x = 88172645463325252u;
	for (int i = 0; i < 200000; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		const unsigned digits = (unsigned)(x >> 60) + 1, behind = (unsigned)(x >> 56) % (digits + 1);
		const unsigned long long mod = digits < 16 ? (unsigned long long)pow(10, digits) : 10000000000000000u;
		char whole[32];
		snprintf(whole, sizeof whole, "%0*llu", (int)digits, (unsigned long long)x % mod);
		snprintf(text, sizeof text, "%s%.*s.%s", x & 1 ? "-" : "", (int)(digits - behind), whole,
		         whole + digits - behind);
		const double want = strtod(text, NULL);
		assert_true(str_to_double(str_of(text), &got));
		assert_memory_equal(&got, &want, sizeof got);
	}
}

static void an_arena_says_no_at_its_ceiling_and_can_be_used_again(void **s)
{
	(void)s;
	struct arena a;
	arena_init(&a, 256 * KIB);
	assert_non_null(arena_alloc(&a, 100 * KIB));
	assert_null(arena_alloc(&a, 200 * KIB));
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	arena_reset(&a);
	char *p = arena_alloc(&a, 90 * KIB);
	assert_non_null(p);
	assert_int_equal(p[89 * KIB], 0);
	arena_done(&a);
}

static void a_buffer_remembers_that_something_was_lost(void **s)
{
	(void)s;
	struct buf b;
	struct err err;
	buf_init(&b, 8);
	buf_str(&b, STR("12345"));
	assert_int_equal(buf_check(&b, &err), OK);
	buf_str(&b, STR("6789"));
	assert_int_equal(buf_check(&b, &err), ERR_LIMIT);
	assert_int_equal(err.limit, 8);
	assert_int_equal(b.len, 5);
	buf_done(&b);
}

static void context_goes_in_front_of_the_words(void **s)
{
	(void)s;
	struct err err;
	assert_int_equal(err_set(&err, ERR_INPUT, "x.y", "steps", "step %d is odd", 4), ERR_INPUT);
	err_context(&err, "map %d", 17);
	assert_string_equal(err.text, "map 17: step 4 is odd");
	assert_string_equal(err.field, "steps");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_accepts_what_rfc_3629_allows_and_names_the_first_bad_byte),
		cmocka_unit_test(numbers_are_read_whole_or_not_at_all),
		cmocka_unit_test(decimals_are_read_as_strtod_reads_them),
		cmocka_unit_test(an_arena_says_no_at_its_ceiling_and_can_be_used_again),
		cmocka_unit_test(a_buffer_remembers_that_something_was_lost),
		cmocka_unit_test(context_goes_in_front_of_the_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
