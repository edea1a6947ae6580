/*
 * What a classifier sees of a text: hashes of its words, of pairs of
 * neighbours and of pieces of two to five letters within words, which carry
 * typing errors and the forms of Arabic and Persian words. A word that
 * stands within three words of a negation counts once more as negated. Of
 * Arabic and Persian in Latin letters it sees the words' bones (latin.c).
 */
#include <stdlib.h>

#include "base/hash.h"
#include "text/priv.h"

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

static inline uint64_t mix(uint64_t h)
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

static inline uint64_t step(uint64_t h, uint32_t c)
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
		const uint32_t c = one_spelling(next_letter(word, &i));
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
	f->n_seen = f->cap_seen = 4096;
	f->hash = malloc(f->cap * sizeof *f->hash);
	f->seen = calloc(f->cap_seen, sizeof *f->seen);
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

/* Where a hash stands among those seen, or the free place for it. */
static inline size_t seen_at(const struct text_features *f, uint32_t hash)
{
	size_t i = (hash >> 1) & (f->n_seen - 1);
	while (f->seen[i] != 0 && f->seen[i] != hash) i = (i + 1) & (f->n_seen - 1);
	return i;
}

/* A table of `n` free places for those seen. */
static bool clear_seen(struct text_features *f, size_t n)
{
	if (n > f->cap_seen) {
		uint32_t *seen = malloc(n * sizeof *seen);
		if (!seen) return false;
		free(f->seen);
		f->seen = seen;
		f->cap_seen = n;
	}
	f->n_seen = n;
	memset(f->seen, 0, n * sizeof *f->seen);
	return true;
}

/* Room for one more feature; the table of those seen stays at most half full. */
static bool make_room(struct text_features *f)
{
	if (f->n == f->cap) {
		const size_t cap = f->cap * 2;
		uint32_t *hash = cap > TEXT_FEATURES_MAX ? NULL : realloc(f->hash, cap * sizeof *hash);
		if (!hash) return false;
		f->hash = hash;
		f->cap = cap;
	}
	if (f->n * 2 < f->n_seen) return true;
	if (!clear_seen(f, f->n_seen * 2)) return false;
	for (size_t k = 0; k < f->n; k++) f->seen[seen_at(f, f->hash[k])] = f->hash[k];
	return true;
}

static inline void add(struct text_features *f, uint64_t h, uint32_t block)
{
	uint32_t hash = ((uint32_t)mix(h) & ~1u) | block;
	if (hash == 0) hash = 2; /* 0 is no feature */
	size_t i = seen_at(f, hash);
	if (f->seen[i] == hash) return;
	if (__builtin_expect(f->n == f->cap || f->n * 2 >= f->n_seen, 0)) {
		if (!make_room(f)) return;
		i = seen_at(f, hash);
	}
	f->seen[i] = hash;
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

/* Forms that the shipped models have not learned as negations. */
static const char *const more_negations[] = { "لست", "لسنا", "ليسوا", "نبودم", "نبودیم", "نبودن", "نیستیم", "نیستند" };

static bool is_negation(const struct text_token *x)
{
	if (x->kind != TEXT_WORD) return false;
	if (str_ends(x->word, STR("n't")) || (x->word.len > 8 && str_starts(x->word, STR("نمی")))) return true;
	for (size_t i = 0; i < COUNT_OF(negators); i++)
		if (str_eq(x->word, str_of(negators[i]))) return true;
	for (size_t i = 0; i < COUNT_OF(more_negations); i++)
		if (str_eq(x->word, str_of(more_negations[i]))) return true;
	return false;
}

bool text_negated(const struct text *t, size_t first, size_t last)
{
	enum { BEHIND = 2 };
	size_t words = 0;
	for (size_t i = first; i-- > 0 && words < NEGATED_WORDS; words += t->tokens[i].kind == TEXT_WORD) {
		if (t->tokens[i].kind == TEXT_MARK && ends_clause(t->tokens[i].word)) break;
		if (is_negation(&t->tokens[i])) return true;
	}
	if (t->fold != TEXT_FA) return false;
	for (size_t i = last; i < t->n && i < last + BEHIND; i++) {
		if (t->tokens[i].kind == TEXT_MARK) break;
		if (is_negation(&t->tokens[i])) return true;
	}
	return false;
}

/* No feature yet, and a table as large as the text will mostly need: a small one stays in the nearest cache. */
static void begin(struct text_features *f, const struct text *t, size_t from, size_t to)
{
	size_t bytes = 0, n = 256;
	for (size_t i = from; i < to; i++) bytes += t->tokens[i].word.len + 2;
	while (n < bytes * 8 && n < f->cap_seen) n *= 2;
	f->n = 0;
	f->n_seen = n;
	memset(f->seen, 0, n * sizeof *f->seen);
}

void text_features_of(struct text_features *f, const struct text *t, size_t from, size_t to)
{
	uint64_t before = STEP;
	int negated = 0;
	begin(f, t, from, to);
	for (size_t i = from; i < to && f->n < TEXT_FEATURES_MAX; i++) {
		const struct text_token *x = &t->tokens[i];
		const bool word = x->kind == TEXT_WORD || x->kind == TEXT_TAG;
		struct letters letters;
		char bones[LATIN_BONES_BYTES];
		const bool latin = word && t->lang == TEXT_LATIN_AR_FA && (unsigned char)x->word.ptr[0] < 0x80;
		const struct str w = latin ? latin_bones(x->word, bones) : x->word;
		const uint64_t h = word ? read_letters(w, &letters) : kind_hash(x);
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
		if (negates(f, w, h)) negated = NEGATED_WORDS;
	}
}
