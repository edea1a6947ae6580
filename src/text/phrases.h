/*
 * Phrases: one to three words in a row that stand together more often than
 * chance, and those that one group of texts uses more than another.
 * docs/methods/text-phrases.md.
 */
#ifndef TEXT_PHRASES_H
#define TEXT_PHRASES_H

#include "base/arena.h"
#include "base/err.h"
#include "text/text.h"

/* A word that says nothing of what a text is about ("the", "في", "که"), in the spelling after folding by `fold`. */
bool text_stop_word(struct str word, enum text_language fold);

/* How two things that are in c_x and c_y of n texts, in c_xy together, belong to each other. */
double text_npmi(double n, double c_x, double c_y, double c_xy); /* -1 never .. 0 chance .. 1 always together */
double text_g2(double n, double c_x, double c_y, double c_xy);   /* likelihood ratio, chi squared with 1 df */
/*
 * How much more often a phrase is in group a than in group b: log-odds with
 * an informative prior, as z. In y_a of n_a texts and y_b of n_b; the prior
 * is the phrase's share in both times `weight` texts. Monroe et al. 2008.
 */
double text_log_odds_z(double y_a, double n_a, double y_b, double n_b, double weight);

/*
 * Counting. A text counts once for each of its phrases, however often it says
 * it, so spam does not weigh more than a voice. Memory is bounded: above
 * TEXT_PHRASES_MAX different ones, those of one text only are forgotten.
 */
#define TEXT_PHRASES_MAX 1000000
struct text_phrases;
NODISCARD struct text_phrases *text_phrases_new(void);
void text_phrases_free(struct text_phrases *p); /* NULL is fine */
/* group 0 or 1. ERR_NO_MEMORY. */
NODISCARD enum err_code text_phrases_add(struct text_phrases *p, const struct text *t, int group, struct err *err);

struct text_phrase {
	struct str words; /* folded, one space between; in the arena */
	int n_words;
	int64_t n[2]; /* texts of each group */
	double npmi;  /* of its weakest joint; 1 for one word */
	double z;     /* of group 1 against group 0 */
};
struct text_phrases_ask {
	int64_t at_least; /* texts, of both groups: 5 */
	double npmi;      /* phrases of several words below it are left out: 0.25 */
	bool contrast;    /* by z; otherwise by the number of texts */
	size_t max;
};
#define TEXT_PHRASES_ASK ((struct text_phrases_ask){ 5, .25, false, 50 })
/*
 * The first `max`, ties by their words. A phrase that is only ever part of a
 * longer one that is shown is left out. No phrase begins or ends with a stop
 * word. ERR_NO_MEMORY.
 */
NODISCARD enum err_code text_phrases_top(const struct text_phrases *p, const struct text_phrases_ask *ask,
                                         struct arena *a, struct text_phrase **out, size_t *n, struct err *err);
int64_t text_phrases_texts(const struct text_phrases *p, int group);

#endif
