/* The language of segments: what is understood, how it is written back, where a mistake is. */
#include "people/people.h"
#include "tests/unit/unit.h"

#include "base/checked.h"

static int64_t three_hours_east(void *ctx, int64_t wall_ms)
{
	(void)ctx;
	return wall_ms - 3 * 3600000;
}

static struct str again(struct arena *a, const char *rule)
{
	const struct people_clock clock = { three_hours_east, NULL };
	struct journey_segment_node *n;
	struct err err;
	struct buf b;
	if (people_rule_read(str_of(rule), &clock, a, &n, &err) != OK) fail_msg("%s: %s", rule, err.text);
	buf_init(&b, 64 * KIB);
	assert_int_equal(people_rule_print(n, false, &b, &err), OK);
	const struct str text = str_copy(a, buf_view(&b));
	buf_done(&b);
	return text;
}

static void rules_are_written_back_in_one_spelling(void **state)
{
	static const char *const same[] = {
		"did \"Order Placed\"",
		"did not \"Order Returned\"",
		"did \"X\" at least 3 times within 30d",
		"did \"X\" at most 0 times",
		"did \"X\" exactly 2 times since 2026-01-01 before 2026-02-01T10:00:00Z in the last 90d",
		"did anything where channel is \"app\", carrier is not \"x\" at least 10 times",
		"did \"A\" then \"B\" within 7d",
		"did \"A\" then directly \"B\" where unit under \"saudi\" then \"C\" all within 12h",
		"did not \"A\" then \"B\" within 90s in the last 30d",
		"country is \"SA\"",
		"country is not unknown",
		"unit under \"saudi\" and not country is unknown",
		"rating of \"Order Delivered\" below 40",
		"last rating at least 60.5 in the last 90d",
		"any sentiment of \"Survey \"\"B\"\"\" above 0",
		"commented",
		"commented on \"X\" at least 2 times within 1ms",
		"spent at least 500 AED",
		"spent below 0.005 KWD on \"Order Placed\" since 2026-01-01",
		"first seen since 2026-01-01",
		"last seen before 2026-01-01 in the last 400d",
		"trait \"plan type\" is \"pro\"",
		"trait plan is not \"pro\"",
		"in segment \"late\"",
		"(commented or in segment \"x\") and not (commented and country is \"SA\")",
		"commented or commented and commented",
		"rating is \"x\"",
		"\"not\" is \"x\"",
		"\"a \"\"b\" is \"c\"",
	};
	static const char *const other[][2] = {
		{ "DID \"a\" AND Did Not 'b'", "did \"a\" and did not \"b\"" },
		{ "did «سفارش»", "did \"سفارش\"" },
		{ "did “a” at least ۳ times within ٢٤ hours", "did \"a\" at least 3 times within 1d" },
		{ "did 'it''s' in the last 2 weeks", "did \"it's\" in the last 14d" },
		{ "events at least 10", "did anything at least 10 times" },
		{ "country is SA and (((commented)))", "country is \"SA\" and commented" },
		{ "a is b and (c is d and e is f)", "a is \"b\" and c is \"d\" and e is \"f\"" },
		{ "did \"a\" at least 1 time", "did \"a\"" },
		{ "mean rating of anything below ۴۰٫۵", "rating below 40.5" },
		{ "spent at least 12.50 eur", "spent at least 12.50 EUR" },
		{ "spent at least 7 jpy", "spent at least 7 JPY" },
		{ "did \"a\" since ۲۰۲۶-۰۱-۰۱", "did \"a\" since 2026-01-01" },
		{ "  did\t\"a\"\n", "did \"a\"" },
		{ "\xe2\x80\x8f"
		  "commented",
		  "commented" },
		{ "\"did\" is x", "did is \"x\"" },
	};
	struct arena a;
	arena_init(&a, 64 * MIB);
	for (size_t i = 0; i < COUNT_OF(same); i++) {
		const struct str got = again(&a, same[i]);
		if (!str_eq(got, str_of(same[i]))) fail_msg("%s came back as " STR_FMT, same[i], STR_ARG(got));
	}
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		const struct str got = again(&a, other[i][0]);
		if (!str_eq(got, str_of(other[i][1]))) fail_msg("%s came back as " STR_FMT, other[i][0], STR_ARG(got));
		assert_str(again(&a, got.ptr), other[i][1]);
	}
	arena_done(&a);
	(void)state;
}

static void a_mistake_has_its_place(void **state)
{
	static const struct {
		const char *rule;
		int64_t from, to;
	} wrong[] = {
		{ "", 0, 1 },
		{ "did", 3, 4 },
		{ "did \"a\" thne \"b\"", 8, 12 },
		{ "did «خرید» at laest 3 times", 14, 19 },
		{ "did \"a", 4, 6 },
		{ "did \"a\" at least three times", 17, 22 },
		{ "did \"a\" within 30", 17, 18 },
		{ "did \"a\" since soon", 14, 18 },
		{ "did \"a\" since 2026-01-02 before 2026-01-01", 25, 26 },
		{ "did \"a\" then \"b\" at least 2 times", 17, 19 },
		{ "did \"a\" then \"b\" within 1d all within 2d", 27, 28 },
		{ "rating below 140", 13, 14 },
		{ "rating exactly 40", 15, 17 },
		{ "spent at least 5 XYZ", 17, 20 },
		{ "spent 5 AED", 6, 7 },
		{ "(commented", 10, 11 },
		{ "commented)", 9, 10 },
		{ "not", 3, 4 },
		{ "first seen", 10, 11 },
		{ "country is", 10, 11 },
		{ "country is and", 11, 14 },
		{ "hello", 0, 5 },
		{ "in segment", 10, 11 },
		{ "did \"\"", 4, 6 },
		{ "سسسسسسسسسسسسسسسسسسسxسسسسسسسسسسسسسسس", 0, 35 }, /* cut to whole characters in the message */
	};
	struct arena a;
	struct journey_segment_node *n;
	arena_init(&a, 64 * MIB);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct err err = { 0 };
		assert_int_equal(people_rule_read(str_of(wrong[i].rule), NULL, &a, &n, &err), ERR_INPUT);
		assert_string_equal(err.id, "segment.rule");
		assert_string_equal(err.field, "rule");
		if (err.value != wrong[i].from || err.limit != wrong[i].to)
			fail_msg("%s: %lld to %lld, not %lld to %lld: %s", wrong[i].rule, (long long)err.value,
			         (long long)err.limit, (long long)wrong[i].from, (long long)wrong[i].to, err.text);
		assert_int_equal(utf8_valid(err.text, strlen(err.text)), strlen(err.text));
	}
	arena_done(&a);
	(void)state;
}

static void what_is_too_much_is_refused(void **state)
{
	struct arena a;
	struct journey_segment_node *n;
	struct err err;
	struct buf b;
	arena_init(&a, 64 * MIB);
	buf_init(&b, MIB);
	for (int i = 0; i < 40; i++) buf_byte(&b, '(');
	assert_int_equal(people_rule_read(buf_view(&b), NULL, &a, &n, &err), ERR_LIMIT);
	buf_clear(&b);
	for (int i = 0; i < 200; i++) buf_str(&b, STR("commented or "));
	assert_int_equal(people_rule_read(buf_view(&b), NULL, &a, &n, &err), ERR_LIMIT);
	buf_clear(&b);
	for (int i = 0; i < 9; i++) buf_str(&b, i ? STR(" then \"a\"") : STR("did \"a\""));
	assert_int_equal(people_rule_read(buf_view(&b), NULL, &a, &n, &err), ERR_LIMIT);
	buf_clear(&b);
	for (int i = 0; i < 5000; i++) buf_byte(&b, ' ');
	assert_int_equal(people_rule_read(buf_view(&b), NULL, &a, &n, &err), ERR_LIMIT);
	assert_int_equal(people_rule_read((struct str){ "commented\0", 10 }, NULL, &a, &n, &err), ERR_INPUT);
	assert_int_equal(people_rule_read((struct str){ "commented\xff", 10 }, NULL, &a, &n, &err), ERR_INPUT);
	buf_done(&b);
	arena_done(&a);
	(void)state;
}

static void dates_are_those_of_the_organisation(void **state)
{
	const struct people_clock clock = { three_hours_east, NULL };
	struct arena a;
	struct journey_segment_node *n;
	struct err err;
	arena_init(&a, MIB);
	assert_int_equal(
	        people_rule_read(STR("first seen since 2026-01-01 before 2026-01-02t00:00:00z"), &clock, &a, &n, &err),
	        OK);
	assert_int_equal(n->from_ms, INT64_C(1767225600000) - 3 * 3600000);
	assert_int_equal(n->to_ms, INT64_C(1767225600000) + 86400000);
	arena_done(&a);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_written_back_in_one_spelling),
		cmocka_unit_test(a_mistake_has_its_place),
		cmocka_unit_test(what_is_too_much_is_refused),
		cmocka_unit_test(dates_are_those_of_the_organisation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
