/*
 * Text as it is searched. Words are folded so that what people write in
 * different ways is found as one: case, Latin accents, Arabic and Persian
 * vowel signs, the forms of yeh, kaf, heh and alef, teh marbuta, hamza,
 * tatweel, ZWNJ, digits of any script. Pure; docs/methods/search.md.
 */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include "base/arena.h"
#include "base/str.h"

#define SEARCH_TERMS_MAX 16
#define SEARCH_PHRASE_MAX 8 /* words in one phrase */
#define SEARCH_QUERY_BYTES_MAX 512

struct search_word {
	uint32_t from, to; /* bytes of the original, half open */
	struct str word;   /* folded; part of search_text.folded */
};
struct search_text {
	struct str folded; /* the words with one space between */
	struct search_word *words;
	size_t n;
};
/* text is valid UTF-8 of less than 4 GiB. Only memory can be short. Cost: one pass, about 30 ns a character. */
NODISCARD enum err_code search_fold(struct str text, struct arena *a, struct search_text *out, struct err *err);

/*
 * What somebody looks for: words, all of which have to be there; "several
 * words" in quotes stand side by side; -word must not be there; word* and the
 * last word, unless a space follows it, match beginnings. An Arabic word is
 * also found behind the article and the particles written on to it.
 */
struct search_term {
	struct str words[SEARCH_PHRASE_MAX]; /* folded; of a single word the article is taken off */
	size_t n;
	bool prefix, without;
};
struct search_query {
	struct search_term terms[SEARCH_TERMS_MAX];
	size_t n; /* 0: nothing was asked for */
};
/* ERR_INPUT when only absent words are asked for, ERR_LIMIT above the maxima. Field "text". */
NODISCARD enum err_code search_query_read(struct str text, struct arena *a, struct search_query *out, struct err *err);
/* As an expression of FTS5. Only letters and digits of the query get into it, in quotes. */
void search_query_fts(const struct search_query *q, struct buf *out);

bool search_fits(const struct search_query *q, const struct search_text *t);

/* Where the wanted words stand in the original: bytes, half open, ascending. Returns how many were written. */
struct search_mark {
	uint32_t from, to;
};
size_t search_marks(const struct search_query *q, const struct search_text *t, struct search_mark *out, size_t max);

#endif
