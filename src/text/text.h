/*
 * What people write, in English, Arabic and Persian: read once into tokens
 * that point back at the original. Pure: no clock, no file, no locale; the
 * same bytes give the same answer on every machine and thread.
 *
 *   raw bytes ─ normal ─► one spelling ─ tokens ─► words, marks, emoji …
 *                         language ─► folding by language, canonical Persian
 *
 * docs/methods/text-reading.md says what is folded into what and why.
 *
 * A reader owns the scratch memory and the tables that reading needs; it
 * belongs to one thread at a time, and what text_read answers is borrowed
 * from it (and from the raw bytes) until its next text_read.
 */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "base/checked.h"
#include "base/str.h"

#define TEXT_BYTES_MAX (64 * KIB)   /* of one comment; what follows is not read, and flagged */
#define TEXT_FOLDED_BYTES_MAX_OF 12 /* folding grows a text at most by this factor, plus 64 bytes */
#define TEXT_LETTERS_SURE 5         /* fewer letters take the hint as their language */

enum text_language {
	TEXT_OTHER, /* none of the three: not a guess */
	TEXT_EN,
	TEXT_AR,
	TEXT_FA,
	TEXT_MIXED,       /* English beside Arabic or Persian, each at least a quarter */
	TEXT_LATIN_AR_FA, /* Arabic or Persian in Latin letters: Arabizi, Finglish */
	TEXT_LANGUAGES
};

/* "other", "en", "ar", "fa", "mixed", "latin". */
struct str text_language_name(enum text_language lang);
/* The language of a tag ("fa", "fa-IR"); TEXT_OTHER for any but en, ar, fa. */
enum text_language text_language_of(struct str tag);

/* Bytes of the original, [from, to). */
struct text_span {
	uint32_t from, to;
};

enum text_kind {
	TEXT_WORD,
	TEXT_NUMBER, /* digits with . or , between; also codes, letters with three digits and more: "ab1234" */
	TEXT_EMOJI,  /* one emoji without skin tone, one pair of flag letters, or an emoticon such as ":)" */
	TEXT_MARK,   /* . , ; : ! ? … and those of the other scripts; a run is one token of at most two */
	TEXT_URL,
	TEXT_MAIL,
	TEXT_MENTION, /* word: the name without its @ */
	TEXT_TAG,     /* word: the name without its # */
	TEXT_PHONE,
	TEXT_KINDS
};

struct text_token {
	struct str word;     /* folded; TEXT_URL, TEXT_MAIL, TEXT_PHONE: as normalised */
	struct text_span at; /* with the diacritics, tatweel and repeats that folding took away */
	enum text_kind kind;
	bool upper;     /* two Latin letters and more, all of them capitals in the original */
	bool elongated; /* a letter or mark stood three times and more in a row */
};

/* What is odd about a text: for the people who read it, and reasons to trust a classification less. */
enum text_flag {
	TEXT_FLAG_CUT = 1,        /* longer than TEXT_BYTES_MAX */
	TEXT_FLAG_BROKEN = 2,     /* bytes that are no UTF-8, or U+FFFD in their place; each stretch reads as a space */
	TEXT_FLAG_SURROGATE = 4,  /* UTF-16 surrogates written as UTF-8; a pair is read as its character */
	TEXT_FLAG_ZERO_WIDTH = 8, /* more than a quarter of the characters have no width, eight at least */
	TEXT_FLAG_BIDI = 16,      /* overrides of direction (U+202D, U+202E) */
	TEXT_FLAG_LOOK_ALIKE = 32,   /* a word mixes Latin letters with Cyrillic or Greek ones that look the same */
	TEXT_FLAG_REPEATS = 64,      /* twenty words and more, fewer than a quarter of them distinct */
	TEXT_FLAG_SHORT_MEMORY = 128 /* memory ran out: what is there is a beginning */
};

struct text {
	struct str raw;
	enum text_language lang;
	double lang_p;           /* how sure, 0..1; the hint's share when there was too little to read: 0.5 */
	enum text_language fold; /* whose folding the words had: EN, AR or FA */
	struct text_token *tokens;
	size_t n;
	size_t letters; /* characters in words */
	unsigned flags; /* of enum text_flag */
	bool cut;       /* TEXT_FLAG_CUT */
};

struct text_reader;

/* Some 60 KB, growing with what is read. NULL when memory is short. */
NODISCARD struct text_reader *text_reader_new(void);
void text_reader_free(struct text_reader *r); /* NULL is fine */

/*
 * Reads one text. Never fails and takes any bytes; linear in them.
 *   hint  the language of the customer or the survey, for texts too short to
 *         tell; TEXT_OTHER for none
 * Tokens stand in the order of the text and do not overlap. Persian verbs and
 * plurals are one token however they are spelled: "می روم", "میروم" and
 * "می‌روم" are the word "می‌روم". Empty input: no token, the hint's language.
 * Cost: some 5 us for 100 bytes.
 */
void text_read(struct text_reader *r, struct str raw, enum text_language hint, struct text *out);

/*
 * The folded text of `lang` (EN, AR, FA; others fold like AR): words in one
 * spelling, everything between them as normalised, white space as one space.
 * f(f(x)) = f(x). For keys, seeds and search. {NULL, 0} when memory is short.
 */
NODISCARD struct str text_fold(struct arena *a, struct str raw, enum text_language lang);

#define TEXT_STEM_BYTES_MAX 100 /* longer words are their own stem */

/*
 * The stem of a folded word: English by its letters, else Persian or Arabic
 * by `lang`. Borrowed from the word, or from the reader until the next call.
 * "deliveries" -> "deliveri", "والتوصيل" -> "توصيل", "می‌خواهم" -> "خواهم".
 */
struct str text_stem(struct text_reader *r, struct str word, enum text_language lang);

/*
 * The parts of a text that may feel differently: split after . ! ? ; and
 * before words that turn round (but, however, لكن, بس, ولی, اما …). Spans are
 * token numbers [from, to), in order, together all tokens; each has a word
 * unless the text has none. Past `cap` the last one holds the rest; 0 for
 * no tokens.
 */
size_t text_clauses(const struct text *t, struct text_span *out, size_t cap);

/* --- what identifies a person ------------------------------------------------------------------------------- */

enum text_pii {
	TEXT_PII_MAIL = 1,
	TEXT_PII_PHONE = 2,
	TEXT_PII_CARD = 4, /* bank cards, by length and Luhn's digit */
	TEXT_PII_IBAN = 8, /* by its remainder; Iran's also without IR */
	TEXT_PII_ID = 16,  /* national ids of Iran, Saudi Arabia and the Emirates, by their check digit */
	TEXT_PII_ALL = 31
};

/*
 * Appends `raw` to `out` with what identifies a person replaced by [email],
 * [phone], [card], [iban], [id]. Digits may be Latin, Arabic or Persian, with
 * spaces, dashes, dots, brackets or marks without width between them. Takes
 * any bytes; linear; what is masked stays as it is when masked again.
 *   kinds  of enum text_pii
 *   found  the first `cap` places in raw, in order; may be NULL with cap 0
 * Returns how many were masked.
 * Measured: docs/methods/text-mask.md.
 */
size_t text_mask(struct str raw, unsigned kinds, struct buf *out, struct text_span *found, size_t cap);

/* --- sentiment by lexicon ----------------------------------------------------------------------------------- */

#define TEXT_VADER_WORDS_MAX 2000 /* what follows is not read */

struct text_vader {
	double compound;      /* -1..1 */
	double pos, neu, neg; /* shares, together 1; all 0 when there is no word */
};

/*
 * VADER's sentiment of an English text, by its published rules and lexicon;
 * other languages give next to nothing. Reads the original, up to the first
 * byte that is no UTF-8. Not rounded; VADER prints four decimals of compound
 * and three of the shares.
 * Source: Hutto and Gilbert 2014, ICWSM.
 * Checked: its worked examples, tests/unit/text/vader.c; its correlations with
 * people, tests/e2e/text_vader.py.
 */
struct text_vader text_vader(struct text_reader *r, struct str raw);

#include "text/model.h"
#include "text/phrases.h"
#include "text/themes.h"
#include "text/topics.h"

#endif
