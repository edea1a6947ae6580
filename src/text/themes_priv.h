/* Texts as a sparse matrix, and what passes between the files that look for themes. */
#ifndef TEXT_THEMES_PRIV_H
#define TEXT_THEMES_PRIV_H

#include "base/checked.h"
#include "text/themes.h"

struct term {
	uint64_t hash;
	struct str word;
	uint32_t texts, seen;
};

struct text_corpus {
	struct arena words;
	struct term *terms;
	size_t n_terms, cap_terms;
	uint32_t *places; /* hash table: 1 + place in terms; 0 free */
	size_t room;
	size_t *begins; /* of each text in term[]; n_texts + 1 */
	size_t n_texts, cap_texts;
	uint32_t *term; /* the words of all texts */
	size_t n_words, cap_words;
};

struct kept_term {
	struct str word;
	uint32_t texts;
	uint32_t term;
};

/* n texts by m terms, by rows and turned; every row has length 1 or is empty. */
struct matrix {
	size_t n, m;
	size_t *row;
	uint32_t *col; /* ascending within a row */
	float *val;
	size_t *t_row; /* m + 2 places; the first m + 1 count */
	uint32_t *t_col;
	float *t_val;
	struct str *terms; /* borrowed from the corpus */
};
NODISCARD bool matrix_make(const struct text_corpus *c, int64_t at_least, struct matrix *out); /* done either way */
void matrix_done(struct matrix *m);

/* out (m or n rows of k) = V w, or its transpose times w; w has k columns. */
void matrix_times(const struct matrix *v, const double *w, size_t k, double *out);
void matrix_turned_times(const struct matrix *v, const double *w, size_t k, double *out);

/* Where factors begin: NNDSVD. w is n * k, h is m * k. False when memory is short. */
NODISCARD bool factors_begin(const struct matrix *v, size_t k, uint64_t seed, double *w, double *h);

#endif
