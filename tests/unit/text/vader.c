/* VADER's own worked examples: four decimals of compound, three of the shares. */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>

#include "text/text.h"

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

static const char *line(const char *text)
{
	static char out[80];
	const struct text_vader v = text_vader(reader, str_of(text));
	snprintf(out, sizeof(out), "%.4f %.3f %.3f %.3f", v.compound, v.pos, v.neu, v.neg);
	return out;
}

static void the_worked_examples_are_as_published(void **s)
{
	(void)s;
	static const struct {
		const char *text, *want; /* compound pos neu neg */
	} rows[] = {
		{ "VADER is smart, handsome, and funny.", "0.8316 0.746 0.254 0.000" },
		{ "VADER is smart, handsome, and funny!", "0.8439 0.752 0.248 0.000" },
		{ "VADER is very smart, handsome, and funny.", "0.8545 0.701 0.299 0.000" },
		{ "VADER is VERY SMART, handsome, and FUNNY.", "0.9227 0.754 0.246 0.000" },
		{ "VADER is VERY SMART, handsome, and FUNNY!!!", "0.9342 0.767 0.233 0.000" },
		{ "VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", "0.9469 0.706 0.294 0.000" },
		{ "VADER is not smart, handsome, nor funny.", "-0.7424 0.000 0.354 0.646" },
		{ "The book was good.", "0.4404 0.492 0.508 0.000" },
		{ "At least it isn't a horrible book.", "0.4310 0.322 0.678 0.000" },
		{ "The book was only kind of good.", "0.3832 0.303 0.697 0.000" },
		{ "The plot was good, but the characters are uncompelling and the dialog is not great.",
		  "-0.7042 0.094 0.579 0.327" },
		{ "Today SUX!", "-0.5461 0.000 0.221 0.779" },
		{ "Today only kinda sux! But I'll get by, lol", "0.5249 0.317 0.556 0.127" },
		{ "Make sure you :) or :D today!", "0.8633 0.706 0.294 0.000" },
		{ "Not bad at all", "0.4310 0.487 0.513 0.000" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) assert_string_equal(line(rows[i].text), rows[i].want);
}

static void a_text_without_a_word_has_no_sentiment(void **s)
{
	(void)s;
	assert_string_equal(line(""), "0.0000 0.000 0.000 0.000");
	assert_string_equal(line(" \t\n"), "0.0000 0.000 0.000 0.000");
	assert_string_equal(line("\xFF good"), "0.0000 0.000 0.000 0.000");
	assert_string_equal(line("table"), "0.0000 0.000 1.000 0.000");
	assert_string_equal(line("سفارش دیر رسید"), "0.0000 0.000 1.000 0.000");
}

static void a_very_long_text_ends_and_stays_in_range(void **s)
{
	(void)s;
	static char text[64 * 1024];
	for (size_t i = 0; i + 5 <= sizeof(text); i += 5) memcpy(text + i, i % 3 ? "good " : "but! ", 5);
	const struct text_vader v = text_vader(reader, (struct str){ text, sizeof(text) });
	assert_true(v.compound > 0.999 && v.compound <= 1);
	assert_true(fabs(v.pos + v.neu + v.neg - 1) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_examples_are_as_published),
		cmocka_unit_test(a_text_without_a_word_has_no_sentiment),
		cmocka_unit_test(a_very_long_text_ends_and_stays_in_range),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
