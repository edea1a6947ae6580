/* Phrases and what sets groups apart: docs/methods/text-phrases.md. */
#include "tests/unit/unit.h"

#include <math.h>

#include "text/phrases.h"

static struct arena arena;
static struct text_reader *reader;

static int setup(void **s)
{
	(void)s;
	arena_init(&arena, 64 * MIB);
	reader = text_reader_new();
	return reader ? 0 : 1;
}
static int teardown(void **s)
{
	(void)s;
	text_reader_free(reader);
	arena_done(&arena);
	return 0;
}

static void measures_are_those_of_the_tables(void **s)
{
	(void)s;
	assert_float_equal(text_npmi(1000, 50, 40, 20), .588592, 1e-6);
	assert_float_equal(text_g2(1000, 50, 40, 20), 74.58198, 1e-5);
	assert_float_equal(text_npmi(1000, 50, 40, 2), 0, 1e-12);
	assert_float_equal(text_npmi(1000, 50, 40, 0), -1, 0);
	assert_float_equal(text_npmi(10, 10, 10, 10), 1, 0);
	assert_float_equal(text_g2(1000, 50, 40, 2), 0, 1e-9);
	assert_float_equal(text_log_odds_z(5, 100, 5, 100, 10), 0, 1e-12);
	assert_true(text_log_odds_z(20, 100, 5, 100, 10) > 2.5);
	assert_float_equal(text_log_odds_z(20, 100, 5, 300, 10), -text_log_odds_z(5, 300, 20, 100, 10), 1e-12);
}

static void add(struct text_phrases *p, const char *raw, int group, int times)
{
	struct text t;
	for (int i = 0; i < times; i++) {
		text_read(reader, str_of(raw), TEXT_EN, &t);
		assert_int_equal(text_phrases_add(p, &t, group, NULL), OK);
	}
}

static const struct text_phrase *phrase(const struct text_phrase *all, size_t n, const char *words)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].words, str_of(words))) return &all[i];
	return NULL;
}

static void phrases_are_found_and_parts_of_longer_ones_left_out(void **s)
{
	(void)s;
	struct text_phrases *p = text_phrases_new();
	struct text_phrase *top;
	size_t n;
	add(p, "The customer service desk was slow", 0, 8);
	add(p, "Delivery was slow. Delivery was slow! Delivery", 1, 20);
	add(p, "nice shoes", 0, 30);
	add(p, "nice bag", 0, 30);
	add(p, "good shoes", 1, 30);
	assert_int_equal(text_phrases_texts(p, 0), 68);
	struct text_phrases_ask ask = TEXT_PHRASES_ASK;
	assert_int_equal(text_phrases_top(p, &ask, &arena, &top, &n, NULL), OK);
	const struct text_phrase *desk = phrase(top, n, "customer service desk");
	assert_non_null(desk);
	assert_int_equal(desk->n[0], 8);
	assert_null(phrase(top, n, "customer service"));
	assert_null(phrase(top, n, "service desk"));
	assert_null(phrase(top, n, "was slow"));
	assert_null(phrase(top, n, "the customer"));
	assert_null(phrase(top, n, "delivery"));
	const struct text_phrase *slow = phrase(top, n, "delivery was slow");
	assert_non_null(slow);
	assert_int_equal(slow->n[1], 20); /* texts, not words */
	assert_true(slow->z > 2);
	assert_non_null(phrase(top, n, "slow"));
	ask.contrast = true;
	ask.max = 1;
	assert_int_equal(text_phrases_top(p, &ask, &arena, &top, &n, NULL), OK);
	assert_int_equal(n, 1);
	assert_true(top[0].z > 3 && top[0].n[0] == 0);
	text_phrases_free(p);
}

static void nothing_is_an_answer_too(void **s)
{
	(void)s;
	struct text_phrases *p = text_phrases_new();
	struct text_phrase *top;
	size_t n;
	add(p, "", 0, 3);
	add(p, "!!! the of", 1, 3);
	assert_int_equal(text_phrases_top(p, &TEXT_PHRASES_ASK, &arena, &top, &n, NULL), OK);
	assert_int_equal(n, 0);
	text_phrases_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_are_those_of_the_tables),
		cmocka_unit_test(phrases_are_found_and_parts_of_longer_ones_left_out),
		cmocka_unit_test(nothing_is_an_answer_too),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
