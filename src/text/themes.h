/*
 * Themes: what a heap of texts speaks of when nobody has said what to look
 * for. Non-negative factors of their words (tf-idf), found again with the
 * same seed to the last bit. docs/methods/text-themes.md.
 */
#ifndef TEXT_THEMES_H
#define TEXT_THEMES_H

#include "base/arena.h"
#include "base/err.h"
#include "text/text.h"

#define TEXT_THEMES_MAX 30
#define TEXT_THEME_WORDS 10 /* shown of one theme */
#define TEXT_CORPUS_TEXTS_MAX 50000
#define TEXT_CORPUS_TERMS_MAX 20000 /* the commonest are kept */

/* Texts as bags of words, without stop words. */
struct text_corpus;
NODISCARD struct text_corpus *text_corpus_new(void);
void text_corpus_free(struct text_corpus *c); /* NULL is fine */
/* ERR_LIMIT "text.themes" above TEXT_CORPUS_TEXTS_MAX: the caller draws a sample. ERR_NO_MEMORY. */
NODISCARD enum err_code text_corpus_add(struct text_corpus *c, const struct text *t, struct err *err);

struct text_theme {
	struct str words[TEXT_THEME_WORDS]; /* heaviest first */
	size_t n_words;
	int64_t texts;    /* of which it is the strongest theme */
	double coherence; /* mean NPMI of its words' pairs: how often they stand in one text */
	double *vector;   /* of all terms, length 1 */
};
struct text_themes {
	struct text_theme *themes; /* most texts first */
	size_t n;
	struct str *terms;
	size_t n_terms;
	int16_t *of_text; /* the theme of each text in the order of adding, -1: none of its words is a term */
	size_t n_texts;
	double *loss; /* what is left unexplained after each round: never rises; 1 is all */
	size_t rounds;
};
struct text_themes_ask {
	size_t n; /* themes; 0: the number between 5 and 30 whose words belong together best */
	uint64_t seed;
	int64_t at_least; /* texts that a term must be in: 5 */
	size_t rounds;    /* at most: 200 */
};
#define TEXT_THEMES_ASK ((struct text_themes_ask){ 0, 1, 5, 200 })
/*
 * Fewer than 2 texts or terms: no themes. Cost: rounds * words * themes.
 * progress (may be NULL) is called with 0..1 and says whether to go on;
 * stopped: ERR_UNAVAILABLE "text.stopped".
 * ERR_INPUT "text.themes" for n above TEXT_THEMES_MAX; ERR_NO_MEMORY.
 */
NODISCARD enum err_code text_themes_find(const struct text_corpus *c, const struct text_themes_ask *ask,
                                         bool (*progress)(void *ctx, double share), void *ctx, struct arena *a,
                                         struct text_themes *out, struct err *err);

#define TEXT_THEMES_SAME .6 /* cosine from which two themes of different times are one */
/*
 * Which theme of `before` each of `now` is: the pairing with the largest sum
 * of cosines; -1 below TEXT_THEMES_SAME. match has now->n places.
 */
NODISCARD enum err_code text_themes_match(const struct text_themes *before, const struct text_themes *now, int *match,
                                          struct err *err);

/*
 * The assignment of n rows to n columns with the largest sum (Kuhn 1955, by
 * shortest augmenting paths); gain is n * n, column[i] the column of row i.
 */
NODISCARD enum err_code text_assign(const double *gain, size_t n, int *column, struct err *err);

#endif
