/*
 * The parts of src/text and what passes between them.
 *
 * Normalising leaves three parallel arrays, one entry a byte of the
 * normalised text: the byte, the offset of the character it came from, and
 * the class of the character it belongs to. Everything after works on them.
 */
#ifndef TEXT_PRIV_H
#define TEXT_PRIV_H

#include <unicode/unorm2.h>

#include "text/text.h"

/* utf8_next for loops over every letter: the text must be valid UTF-8, as normalised text and words are. */
static inline uint32_t next_letter(struct str s, size_t *i)
{
	const unsigned char *const p = (const unsigned char *)s.ptr + *i;
	if (p[0] < 0x80) return *i += 1, p[0];
	if (p[0] < 0xE0) return *i += 2, (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	if (p[0] < 0xF0) return *i += 3, (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
	return *i += 4, (p[0] & 7u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

/* Writes a code point that is one; returns its length. */
static inline size_t put_letter(char *out, uint32_t cp)
{
	if (cp < 0x80) return out[0] = (char)cp, 1;
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	return utf8_put(out, cp);
}

/* Of a character in the normalised text. */
enum class {
	C_SPACE,
	C_SYMBOL, /* ASCII that is none of the others: @ # - _ / … */
	C_MARK,   /* . , ; : ! ? and U+2026 */
	C_APOSTROPHE,
	C_DIGIT,
	C_LATIN,
	C_ARABIC,
	C_ALIKE,  /* Greek and Cyrillic, whose letters can pass for Latin ones */
	C_LETTER, /* of any other script, with its vowel signs */
	C_ZWNJ,   /* between Arabic letters only */
	C_EMOJI,
	C_REGION, /* half of a flag */
	/* These never reach the normalised text. */
	C_DROP,
	C_ZERO,  /* dropped; counts as a character without width */
	C_BIDI,  /* an override of direction */
	C_JOIN,  /* a mark that joins the letter before it, or is dropped */
	C_MANY,  /* several characters: see the pool */
	C_UNSEEN /* the table's entry is still to be made */
};

/* What becomes of one code point. */
struct cell {
	uint8_t class;
	uint8_t n;   /* C_MANY: how many */
	uint32_t to; /* the code point it is written as; C_MANY: where in the pool */
};

#define PAGE_CELLS 256
#define PAGES (0x110000 / PAGE_CELLS)

/* Entries are made when a code point is first met, so a reader of English never pays for Hangul. */
struct cells {
	const UNormalizer2 *casefold, *compose;
	struct cell *pages[PAGES];
	uint32_t *pool;
	size_t n_pool, cap_pool;
};

struct normal {
	char *bytes;
	uint32_t *at;
	uint8_t *class;
	size_t n, cap;
	size_t n_characters, n_zero;
	unsigned flags;
};

struct cell *cell_of(struct cells *c, uint32_t cp); /* NULL when memory is short */
void cells_done(struct cells *c);

/* Fills `out` anew from at most TEXT_BYTES_MAX bytes. */
void normalise(struct cells *cells, struct str raw, struct normal *out);
void normal_done(struct normal *n);
/* The end in the original of what ends before byte `to` >= 1 of the normalised text. */
uint32_t raw_end(const struct normal *n, size_t to);

/* A token of the normalised text, before its word is written. */
struct piece {
	uint32_t from, to;
	uint8_t kind; /* enum text_kind */
};
/* Cuts the normalised text; `out` has room for n->n + 1 pieces. */
size_t cut_pieces(const struct normal *n, struct piece *out);
static inline bool is_word_class(uint8_t c)
{
	return c >= C_LATIN && c <= C_LETTER;
}

/* What the model of languages looks at: the same code learns (tools/text/language_fit.c) and tells. */
#define LANGUAGE_BITS 15
#define LANGUAGE_SLOTS (1 << LANGUAGE_BITS)
#define LANGUAGE_CLASSES 3
#define LANGUAGE_WORD_MAX 40    /* letters of a word that are looked at */
#define LANGUAGE_GRAMS_MAX 4096 /* some thousand letters tell enough */
#define LANGUAGE_MAGIC "safarla1"
#define LANGUAGE_LETTERS_FEW 20 /* fewer lean on the hint when the model is not sure */
#define LANGUAGE_P_SURE 0.8
enum language_script { LANGUAGE_LATIN, LANGUAGE_ARABIC, LANGUAGE_SCRIPTS };
/* Slots of all sequences of letters of the words in `script`; `out` has room for LANGUAGE_GRAMS_MAX. */
size_t language_grams(const struct normal *n, const struct piece *pieces, size_t n_pieces, enum language_script script,
                      uint32_t *out);
/* Language of the words among the pieces. */
void tell_language(const struct normal *n, const struct piece *pieces, size_t n_pieces, enum text_language hint,
                   struct text *out);

/* Writing words in one spelling. */
struct words {
	char *ptr;
	size_t n, cap;
};
struct word_out {
	size_t from; /* in words */
	bool elongated, look_alike;
};
/* A word grows by two half-spaces inside and one before, never past four times its bytes. */
#define WORD_GROWTH 4
/* Appends the folded word of normalised bytes [from, to) with `lang`'s folding. The caller made room. */
struct word_out put_word(const struct normal *n, size_t from, size_t to, enum text_language lang, struct words *w);
/* Persian: whether `now`, just written behind `before` in `w`, belongs to it ("می", "ها"). */
bool joins_before(struct str before, struct str now);
/* Persian: the canonical form of the word at the end of `w`, from `from`: half-spaces put in. */
void put_half_spaces(struct words *w, size_t from);

/* Of a word in Latin letters that is Arabic or Persian (latin.c): what it is judged by. Borrowed from `out`. */
#define LATIN_BONES_BYTES 128
#define BONES_FIRST 0x10D0 /* stands for a; nothing but vowels has this one bone */
struct str latin_bones(struct str word, char out[LATIN_BONES_BYTES]);

struct vader; /* vader.c; made when first asked for */
void vader_free(struct vader *v);

struct text_reader {
	struct cells cells;
	struct normal normal;
	struct piece *pieces;
	size_t cap_pieces;
	struct words words;
	struct text_token *tokens;
	struct vader *vader;
	struct sb_stemmer *english;
};

#endif
