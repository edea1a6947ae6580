/*
 * Reading is linear in the bytes, whatever they are: twice the text is at
 * most a little more than twice the work. Work is counted, not timed: this
 * test has its own copy of src/text in which the compiler counts every
 * stretch of code that runs (-fsanitize-coverage=trace-pc).
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/text.h"

#define HITS_MAX 64
#define STEPS_A_BYTE_MAX 3000 /* common texts need some 60; the most a refused phone number, tried at every bracket */

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

/* What is repeated to make a long text. */
static const struct {
	const char *what, *part;
} floods[] = {
	{ "a sentence", "The courier was late, but the food was good. " },
	{ "an Arabic sentence", "والتوصيل تأخر كثيرا لكن الأكل لذيذ. " },
	{ "a Persian sentence", "ارسال دیر بود ولی می خواهم دوباره کتاب ها را بخرم. " },
	{ "one letter", "a" },
	{ "one Arabic letter", "ه" },
	{ "a plural without end", "ها" },
	{ "half-spaces", "ها\xE2\x80\x8C" },
	{ "emoji", "👍" },
	{ "flags", "🇮🇷" },
	{ "digits", "1" },
	{ "numbers", "1.2," },
	{ "an address that is none", "a.b@" },
	{ "addresses", "a@b.com " },
	{ "http", "http://" },
	{ "www", "www." },
	{ "phones", "+98 912 345 6789 " },
	{ "a phone that is none", "0 1-2 " },
	{ "brackets", "(0" },
	{ "cards", "4111 1111 1111 1111 " },
	{ "an IBAN", "DE89 3704 0044 0532 0130 00 " },
	{ "marks", "!" },
	{ "marks apart", ". " },
	{ "faces", ":-) " },
	{ "half a face", ":-" },
	{ "names", "@a" },
	{ "tags", "#a_" },
	{ "apostrophes", "a'" },
	{ "hyphens", "a-" },
	{ "no width", "\xE2\x80\x8B" },
	{ "marks that join", "\xCC\x81" },
	{ "a letter with a mark", "e\xCC\x81" },
	{ "overrides", "\xE2\x80\xAE"
	               "a" },
	{ "no text", "\xFF" },
	{ "surrogates", "\xED\xA0\xBD" },
	{ "a character that is many", "ﷺ" },
	{ "look-alikes", "p\xD0\xB0" },
	{ "turns", "but " },
	{ "a verb in pieces", "می " },
	{ "seeds", "late " },
	{ "prefixes", "وال" },
	{ "negations", "not " },
	{ "capitals", "BAD " },
	{ "nothing", " " },
	{ "zeros", "\\0" },
	{ "Chinese", "很好" },
	{ "Hangul in parts", "\xE1\x84\x80\xE1\x85\xA1" },
};

struct tools {
	struct arena arena;
	struct text_reader *reader;
	struct text_features *features;
	struct text_judge *judge;
	struct text_topics *topics;
	struct buf masked;
	char *bytes;
};

static struct tools tools;

static int setup(void **s)
{
	(void)s;
	struct err err = { 0 };
	arena_init(&tools.arena, 64 * MIB);
	buf_init(&tools.masked, MIB);
	tools.reader = text_reader_new();
	tools.features = text_features_new();
	tools.bytes = malloc(TEXT_BYTES_MAX);
	return tools.reader && tools.features && tools.bytes && text_judge_new(&tools.judge, &err) == OK &&
	                       text_topics_read(text_topics_shipped(), &tools.arena, &tools.topics, &err) == OK
	               ? 0
	               : 1;
}

static int teardown(void **s)
{
	(void)s;
	text_judge_free(tools.judge);
	text_features_free(tools.features);
	text_reader_free(tools.reader);
	buf_done(&tools.masked);
	arena_done(&tools.arena);
	free(tools.bytes);
	return 0;
}

static struct str flood(const char *part, size_t bytes)
{
	const size_t len = strlen(part);
	size_t n = 0;
	while (n + len <= bytes) {
		memcpy(tools.bytes + n, part, len);
		n += len;
	}
	return (struct str){ tools.bytes, n };
}

/* Everything that is done with a comment. */
static uint64_t work(struct str raw)
{
	struct text t;
	struct text_feeling feeling;
	struct text_hit hits[HITS_MAX];
	struct text_span clauses[HITS_MAX];
	const uint64_t before = steps;
	text_read(tools.reader, raw, TEXT_FA, &t);
	text_features_of(tools.features, &t, 0, t.n);
	text_feel(tools.judge, &t, tools.features, &feeling);
	text_topics_find(tools.topics, &t, hits, HITS_MAX);
	text_clauses(&t, clauses, HITS_MAX);
	buf_clear(&tools.masked);
	text_mask(raw, TEXT_PII_ALL, &tools.masked, NULL, 0);
	text_vader(tools.reader, raw);
	return steps - before;
}

static void twice_the_text_is_twice_the_work(void **s)
{
	(void)s;
	size_t wrong = 0;
	for (size_t i = 0; i < COUNT_OF(floods); i++) {
		/* Once before, so that tables which are made when first needed are there. */
		work(flood(floods[i].part, TEXT_BYTES_MAX / 2));
		const uint64_t half = work(flood(floods[i].part, TEXT_BYTES_MAX / 4)),
		               whole = work(flood(floods[i].part, TEXT_BYTES_MAX / 2));
		assert_true(half > TEXT_BYTES_MAX / 64);
		if (whole <= half * 2 + half / 10 && whole < STEPS_A_BYTE_MAX * TEXT_BYTES_MAX / 2) continue;
		print_error("%s: %.1f steps a byte, %.1f in twice the text\n", floods[i].what,
		            (double)half / (TEXT_BYTES_MAX / 4.0), (double)whole / (TEXT_BYTES_MAX / 2.0));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(twice_the_text_is_twice_the_work) };
	return cmocka_run_group_tests(tests, setup, teardown);
}
