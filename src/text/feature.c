/*
 * What a classifier sees of a text: hashes of its words, of pairs of
 * neighbours and of pieces of two to five letters within words, which carry
 * typing errors and the forms of Arabic and Persian words. A word that
 * stands within three words of a negation counts once more as negated.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "text/text.h"

enum { PIECE_MIN = 2, PIECE_MAX = 5, WORD_LETTERS = 40, NEGATED_WORDS = 3 };
#define STEP 0x9e3779b97f4a7c15ULL
enum { SEED_KIND = 1, SEED_NEGATED, SEED_SHOUT, SEED_LONG };

/* Folded as the reader folds: straight apostrophes, Persian ی and ک in Persian words only. */
static const char *const negators[] = {
	"not",   "no",    "never", "nor",     "neither", "cannot",  "cant",   "dont", "didnt",   "doesnt", "wont",
	"isnt",  "wasnt", "arent", "couldnt", "wouldnt", "nothing", "nobody", "none", "without", "hardly", "لا",
	"ما",    "لم",    "لن",    "ليس",     "ليست",    "مش",      "مو",     "غير",  "بدون",    "ولا",    "مفيش",
	"محدش",  "عمري",  "نه",    "نیست",    "نبود",    "نشد",     "بدون",   "بی",   "هیچ",     "ندارد",  "نداره",
	"نداشت", "ندارن", "نکنید", "نکرد",    "نیستم",   "نیستن",   "هرگز",
};

static uint64_t mix(uint64_t h)
{
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9ULL;
	return h ^ (h >> 32);
}

/* A word's letters between two spaces. Arabic and Persian foldings agree here, so that a wrong guess at the language
 * costs nothing, and half-spaces do not count: both ways of writing a Persian verb are one. */
struct letters {
	uint32_t at[WORD_LETTERS + 2];
	size_t n;
};

static uint32_t one_spelling(uint32_t c)
{
	switch (c) {
	case 0x0622: return 0x0627; /* ا */
	case 0x0626:
	case 0x064A: return 0x06CC; /* ی */
	case 0x0624: return 0x0648; /* و */
	case 0x0643:
	case 0x06AF: return 0x06A9; /* ک */
	default: return c;
	}
}

static uint64_t step(uint64_t h, uint32_t c)
{
	h = (h ^ c) * STEP;
	return h ^ (h >> 31);
}

/* The letters that pieces are made of, and the hash of the whole word. */
static uint64_t read_letters(struct str word, struct letters *l)
{
	uint64_t h = 0;
	l->n = 0;
	l->at[l->n++] = ' ';
	for (size_t i = 0; i < word.len;) {
		const uint32_t c = one_spelling(utf8_next(word, &i));
		if (c == 0x200C) continue;
		h = step(h, c);
		if (l->n <= WORD_LETTERS) l->at[l->n++] = c;
	}
	l->at[l->n++] = ' ';
	return h;
}

static bool known_negator(const struct text_features *f, uint64_t h)
{
	for (size_t i = h % COUNT_OF(f->negators);; i = (i + 1) % COUNT_OF(f->negators)) {
		if (f->negators[i] == h) return true;
		if (f->negators[i] == 0) return false;
	}
}

struct text_features *text_features_new(void)
{
	struct text_features *f = calloc(1, sizeof *f);
	if (!f) return NULL;
	f->cap = 1024;
	f->n_seen = 4096;
	f->hash = malloc(f->cap * sizeof *f->hash);
	f->seen = calloc(f->n_seen, sizeof *f->seen);
	if (!f->hash || !f->seen) {
		text_features_free(f);
		return NULL;
	}
	_Static_assert(COUNT_OF(negators) * 2 < COUNT_OF(f->negators), "the table of negators stays half empty");
	for (size_t k = 0; k < COUNT_OF(negators); k++) {
		struct letters letters;
		const uint64_t h = read_letters(str_of(negators[k]), &letters);
		size_t i = h % COUNT_OF(f->negators);
		while (f->negators[i] != 0 && f->negators[i] != h) i = (i + 1) % COUNT_OF(f->negators);
		f->negators[i] = h;
	}
	return f;
}

void text_features_free(struct text_features *f)
{
	if (!f) return;
	free(f->hash);
	free(f->seen);
	free(f);
}

/* Room for more features; the table of those seen stays at most half full. */
static bool grow(struct text_features *f)
{
	const size_t cap = f->cap * 2, n_seen = f->n_seen * 2;
	if (cap > TEXT_FEATURES_MAX) return false;
	uint32_t *hash = realloc(f->hash, cap * sizeof *hash);
	if (!hash) return false;
	f->hash = hash;
	uint64_t *seen = calloc(n_seen, sizeof *seen);
	if (!seen) return false;
	free(f->seen);
	f->seen = seen;
	f->cap = cap;
	f->n_seen = n_seen;
	f->round = 1;
	for (size_t k = 0; k < f->n; k++) {
		size_t i = (f->hash[k] >> 1) & (n_seen - 1);
		while (seen[i] >> 32 == f->round) i = (i + 1) & (n_seen - 1);
		seen[i] = (uint64_t)f->round << 32 | f->hash[k];
	}
	return true;
}

static void add(struct text_features *f, uint64_t h, uint32_t block)
{
	uint32_t hash = ((uint32_t)mix(h) & ~1u) | block;
	if (hash == 0) hash = 2; /* 0 is no feature */
	const uint64_t here = (uint64_t)f->round << 32 | hash;
	size_t i = (hash >> 1) & (f->n_seen - 1);
	while (f->seen[i] >> 32 == f->round) {
		if (f->seen[i] == here) return;
		i = (i + 1) & (f->n_seen - 1);
	}
	if (f->n == f->cap) {
		if (!grow(f)) return;
		add(f, h, block);
		return;
	}
	f->seen[i] = here;
	f->hash[f->n++] = hash;
}

static void add_pieces(struct text_features *f, const struct letters *l)
{
	for (size_t from = 0; from + PIECE_MIN <= l->n; from++) {
		uint64_t h = STEP;
		const size_t end = l->n - from < PIECE_MAX ? l->n : from + PIECE_MAX;
		for (size_t i = from; i < end; i++) {
			h = step(h, l->at[i]);
			if (i - from + 1 >= PIECE_MIN) add(f, h, 1);
		}
	}
}

/* What stands for a token without letters: itself, or its kind where the kind says more. */
static uint64_t kind_hash(const struct text_token *t)
{
	const bool itself =
	        t->kind == TEXT_EMOJI || t->kind == TEXT_MARK || (t->kind == TEXT_NUMBER && t->word.len <= 2);
	if (itself) return hash64(t->word);
	return hash64_mix(SEED_KIND,
	                  (uint64_t)t->kind << 8 | (t->kind == TEXT_NUMBER && t->word.len < 8 ? t->word.len : 8));
}

/* "isn't", نمی‌شود, or a word of the list. */
static bool negates(const struct text_features *f, struct str word, uint64_t h)
{
	return str_ends(word, STR("n't")) || (word.len > 8 && str_starts(word, STR("نمی"))) || known_negator(f, h);
}

static bool ends_clause(struct str mark)
{
	return mark.len && (strchr(".,;!?", mark.ptr[0]) || (unsigned char)mark.ptr[0] >= 0x80);
}

void text_features_of(struct text_features *f, const struct text *t, size_t from, size_t to)
{
	uint64_t before = STEP;
	int negated = 0;
	f->n = 0;
	if (++f->round == 0) {
		memset(f->seen, 0, f->n_seen * sizeof *f->seen);
		f->round = 1;
	}
	for (size_t i = from; i < to && f->n < TEXT_FEATURES_MAX; i++) {
		const struct text_token *x = &t->tokens[i];
		const bool word = x->kind == TEXT_WORD || x->kind == TEXT_TAG;
		struct letters letters;
		const uint64_t h = word ? read_letters(x->word, &letters) : kind_hash(x);
		add(f, h, 0);
		add(f, before * STEP ^ h, 0);
		before = h;
		if (x->kind == TEXT_MENTION) add(f, hash64_seed(x->word, SEED_KIND), 0);
		if (x->kind == TEXT_MARK && ends_clause(x->word)) negated = 0;
		if (!word) continue;
		if (negated > 0) {
			negated--;
			add(f, hash64_mix(SEED_NEGATED, h), 0);
		}
		if (x->upper) add(f, hash64_mix(SEED_SHOUT, 0), 0);
		if (x->elongated) add(f, hash64_mix(SEED_LONG, 0), 0);
		add_pieces(f, &letters);
		if (negates(f, x->word, h)) negated = NEGATED_WORDS;
	}
}
