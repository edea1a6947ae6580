/* Planted themes are found again: docs/methods/text-themes.md. */
#include "tests/unit/unit.h"

#include <math.h>

#include "base/rng.h"
#include "text/themes.h"

#define THEMES 20
#define WORDS 25 /* of a theme's own */
#define COMMON 100
#define TEXTS 3000

static struct arena arena;
static struct text_reader *reader;

static int setup(void **s)
{
	(void)s;
	arena_init(&arena, 256 * MIB);
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

/* A made-up word: letters only, and none three times in a row, which reading would fold. a, b below 169. */
static void put_word(char *out, char kind, unsigned a, unsigned b)
{
	snprintf(out, 16, "%c%c%c%c%c", kind, 'a' + a % 13, 'n' + a / 13, 'a' + b % 13, 'n' + b / 13);
}

/* Words of a theme are used ever less often, as in any language. */
static unsigned zipf(struct rng *g, unsigned n)
{
	double sum = 0, u;
	for (unsigned i = 1; i <= n; i++) sum += 1.0 / (i + 2);
	u = rng_unit(g) * sum;
	for (unsigned i = 1; i < n; i++)
		if ((u -= 1.0 / (i + 2)) <= 0) return i - 1;
	return n - 1;
}

static struct text_corpus *planted(uint64_t seed, int *of_text)
{
	struct text_corpus *c = text_corpus_new();
	struct rng g;
	rng_init(&g, seed, 0);
	for (int i = 0; i < TEXTS; i++) {
		char raw[1024], word[16];
		size_t n = 0;
		const unsigned theme = (unsigned)rng_below(&g, THEMES), other = (unsigned)rng_below(&g, THEMES);
		of_text[i] = (int)theme;
		for (int k = 0; k < 20; k++) {
			const double u = rng_unit(&g);
			if (u < .25) put_word(word, 'k', (unsigned)rng_below(&g, COMMON), 0);
			else put_word(word, 't', u < .9 ? theme : other, zipf(&g, WORDS));
			n += (size_t)snprintf(raw + n, sizeof(raw) - n, "%s ", word);
		}
		struct text t;
		text_read(reader, str_of(raw), TEXT_EN, &t);
		assert_int_equal(text_corpus_add(c, &t, NULL), OK);
	}
	return c;
}

/*
 * The planted theme over the found terms, length 1: how often a text of the
 * theme has the word, times how rare it is among all, as the rows are weighed.
 * 13 of 20 words are the theme's own.
 */
static void planted_vector(const struct text_themes *t, unsigned theme, double *out)
{
	double square = 0, sum = 0;
	for (unsigned w = 0; w < WORDS; w++) sum += 1.0 / (w + 3);
	for (size_t j = 0; j < t->n_terms; j++) out[j] = 0;
	for (unsigned w = 0; w < WORDS; w++) {
		char word[16];
		const double has = 1 - pow(1 - 1 / (sum * (w + 3)), 13);
		put_word(word, 't', theme, w);
		for (size_t j = 0; j < t->n_terms; j++)
			if (str_eq(t->terms[j], str_of(word)))
				out[j] = has * (log((1.0 + TEXTS) / (1 + has * TEXTS / THEMES)) + 1);
	}
	for (size_t j = 0; j < t->n_terms; j++) square += out[j] * out[j];
	for (size_t j = 0; j < t->n_terms; j++) out[j] /= sqrt(square);
}

static void planted_themes_are_found(void **s)
{
	(void)s;
	static int of_text[TEXTS];
	struct text_corpus *c = planted(11, of_text);
	struct text_themes t;
	const struct text_themes_ask ask = { .n = THEMES, .seed = 1, .at_least = 5, .rounds = 200 };
	assert_int_equal(text_themes_find(c, &ask, NULL, NULL, &arena, &t, NULL), OK);
	assert_int_equal(t.n, THEMES);
	for (size_t i = 1; i < t.rounds; i++) assert_true(t.loss[i] <= t.loss[i - 1] + 1e-12);
	assert_true(t.loss[t.rounds - 1] < t.loss[0] && t.loss[0] < 1);
	double *gain = calloc(THEMES * THEMES, sizeof(double)), *vector = calloc(t.n_terms, sizeof(double));
	int column[THEMES], right = 0;
	for (unsigned p = 0; p < THEMES; p++) {
		planted_vector(&t, p, vector);
		for (size_t r = 0; r < t.n; r++)
			for (size_t j = 0; j < t.n_terms; j++)
				gain[p * THEMES + r] += vector[j] * t.themes[r].vector[j];
	}
	assert_int_equal(text_assign(gain, THEMES, column, NULL), OK);
	for (unsigned p = 0; p < THEMES; p++) assert_true(gain[p * THEMES + (unsigned)column[p]] >= .9);
	for (int i = 0; i < TEXTS; i++) right += t.of_text[i] == column[of_text[i]];
	assert_true(right > TEXTS * 85 / 100);
	for (size_t r = 1; r < t.n; r++) assert_true(t.themes[r].texts <= t.themes[r - 1].texts);
	free(gain);
	free(vector);
	text_corpus_free(c);
}

static void the_same_seed_gives_the_same_bits_and_other_times_are_matched(void **s)
{
	(void)s;
	static int of_text[TEXTS];
	struct text_corpus *c = planted(12, of_text), *later = planted(13, of_text);
	struct text_themes one, two, other;
	const struct text_themes_ask ask = { .n = THEMES, .seed = 1, .at_least = 5, .rounds = 60 };
	int match[THEMES];
	bool taken[THEMES] = { false };
	assert_int_equal(text_themes_find(c, &ask, NULL, NULL, &arena, &one, NULL), OK);
	assert_int_equal(text_themes_find(c, &ask, NULL, NULL, &arena, &two, NULL), OK);
	for (size_t r = 0; r < one.n; r++)
		assert_memory_equal(one.themes[r].vector, two.themes[r].vector, one.n_terms * sizeof(double));
	assert_int_equal(text_themes_find(later, &ask, NULL, NULL, &arena, &other, NULL), OK);
	assert_int_equal(text_themes_match(&one, &other, match, NULL), OK);
	for (size_t r = 0; r < other.n; r++) {
		assert_true(match[r] >= 0 && !taken[match[r]]);
		taken[match[r]] = true;
		/* Words of theme n begin with "t" and its letters. */
		assert_memory_equal(other.themes[r].words[0].ptr, one.themes[match[r]].words[0].ptr, 3);
	}
	text_corpus_free(c);
	text_corpus_free(later);
}

static bool stop_soon(void *ctx, double share)
{
	(*(int *)ctx)++;
	return share < .1;
}

static void the_number_is_chosen_and_the_search_can_be_stopped(void **s)
{
	(void)s;
	static int of_text[TEXTS];
	struct text_corpus *c = planted(14, of_text);
	struct text_themes t;
	struct err err;
	int calls = 0;
	struct text_themes_ask ask = TEXT_THEMES_ASK;
	ask.rounds = 20;
	assert_int_equal(text_themes_find(c, &ask, NULL, NULL, &arena, &t, NULL), OK);
	assert_true(t.n >= 16 && t.n <= 25);
	assert_int_equal(text_themes_find(c, &ask, stop_soon, &calls, &arena, &t, &err), ERR_UNAVAILABLE);
	assert_true(calls > 1 && calls < 40);
	text_corpus_free(c);
}

static void too_little_has_no_themes(void **s)
{
	(void)s;
	struct text_corpus *c = text_corpus_new();
	struct text_themes t;
	struct text text;
	const struct text_themes_ask ask = { .n = 5, .seed = 1, .at_least = 1, .rounds = 10 };
	assert_int_equal(text_themes_find(c, &TEXT_THEMES_ASK, NULL, NULL, &arena, &t, NULL), OK);
	assert_int_equal(t.n, 0);
	static const char *const raws[] = { "blue sofa", "red sofa", "", "the of and", "blue lamp" };
	for (size_t i = 0; i < COUNT_OF(raws); i++) {
		text_read(reader, str_of(raws[i]), TEXT_EN, &text);
		assert_int_equal(text_corpus_add(c, &text, NULL), OK);
	}
	assert_int_equal(text_themes_find(c, &ask, NULL, NULL, &arena, &t, NULL), OK);
	assert_int_equal(t.n, 4);
	assert_int_equal(t.of_text[2], -1);
	assert_int_equal(t.of_text[3], -1);
	for (size_t r = 0; r < t.n; r++)
		for (size_t j = 0; j < t.n_terms; j++) assert_true(isfinite(t.themes[r].vector[j]));
	text_corpus_free(c);
}

static void pairs_have_the_largest_sum(void **s)
{
	(void)s;
	struct rng g;
	rng_init(&g, 3, 0);
	for (int round = 0; round < 300; round++) {
		double gain[25], best = -1;
		int column[5];
		for (int i = 0; i < 25; i++) gain[i] = (double)rng_below(&g, 8);
		assert_int_equal(text_assign(gain, 5, column, NULL), OK);
		double got = 0;
		unsigned used = 0;
		for (int i = 0; i < 5; i++) {
			got += gain[i * 5 + column[i]];
			used |= 1u << column[i];
		}
		assert_int_equal(used, 31);
		for (int code = 0; code < 3125; code++) {
			unsigned seen = 0;
			double sum = 0;
			for (int i = 0, left = code; i < 5; i++, left /= 5) {
				seen |= 1u << left % 5;
				sum += gain[i * 5 + left % 5];
			}
			if (seen == 31 && sum > best) best = sum;
		}
		assert_float_equal(got, best, 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planted_themes_are_found),
		cmocka_unit_test(the_same_seed_gives_the_same_bits_and_other_times_are_matched),
		cmocka_unit_test(the_number_is_chosen_and_the_search_can_be_stopped),
		cmocka_unit_test(too_little_has_no_themes),
		cmocka_unit_test(pairs_have_the_largest_sum),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
