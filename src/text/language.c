/*
 * Which language a text is in. Script first; within Latin and within Arabic
 * letters, a linear model over sequences of one to four letters and whole
 * words, learned by tools/text/language.py from the sets and texts that
 * docs/text-models.md lists. Letters that a keyboard decides and not the
 * language (ی ي ى, ک ك) are one letter to it.
 *
 * Method, classes and measured accuracy: docs/methods/text-language.md.
 */
#include <math.h>

#include "base/embed.h"
#include "text/priv.h"

extern const struct embed_file text_files[];
extern const size_t text_files_count;

/* The model's three answers in each script; TEXT_OTHER first. */
static const enum text_language answers[LANGUAGE_SCRIPTS][LANGUAGE_CLASSES] = {
	{ TEXT_OTHER, TEXT_EN, TEXT_LATIN_AR_FA },
	{ TEXT_OTHER, TEXT_AR, TEXT_FA },
};

/* --- what the model looks at ------------------------------------------------------------------------------- */

#define GRAM_MAX 4
#define EDGE 0x20

static uint32_t keyboard_letter(uint32_t cp)
{
	if (cp == 0x064A || cp == 0x0649) return 0x06CC;
	return cp == 0x0643 ? 0x06A9 : cp;
}

static uint32_t slot_of(uint64_t h)
{
	return (uint32_t)((h * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - LANGUAGE_BITS));
}

/* All sequences that end at letter `i` of word[0..n), and do not begin before it. */
static size_t put_grams(const uint32_t *word, size_t i, uint64_t seed, uint32_t *out)
{
	uint64_t h = seed;
	size_t n = 0;
	for (size_t k = 0; k < GRAM_MAX && k <= i; k++) {
		h = (h ^ word[i - k]) * UINT64_C(0x100000001B3) + k;
		out[n++] = slot_of(h);
	}
	return n;
}

static bool is_of_script(const struct normal *n, const struct piece *p, enum language_script script)
{
	if (p->kind != TEXT_WORD && p->kind != TEXT_TAG) return false;
	return (n->class[p->from + (p->kind == TEXT_TAG)] == C_ARABIC) == (script == LANGUAGE_ARABIC);
}

/* The letters of a word between two edges, what was drawn out as one letter; `keyboard` is the last letter that tells
 * one. What is no letter (# and _ of a tag) is an edge. */
static size_t letters_of(const struct normal *n, const struct piece *p, uint32_t *word, uint32_t *keyboard)
{
	size_t len = 0, run = 0;
	word[len++] = EDGE;
	for (size_t i = p->from; i < p->to && len <= LANGUAGE_WORD_MAX;) {
		const uint8_t class = n->class[i];
		const uint32_t raw = next_letter((struct str){ n->bytes, p->to }, &i);
		if (class == C_ZWNJ) continue;
		const uint32_t cp = class == C_SYMBOL ? EDGE : keyboard_letter(raw);
		if (cp == 0x06CC || cp == 0x06A9) *keyboard = raw;
		run = cp == word[len - 1] ? run + 1 : 1;
		if (run == 3) len--;
		if (run < 3 && !(cp == EDGE && run > 1)) word[len++] = cp;
	}
	if (word[len - 1] != EDGE) word[len++] = EDGE;
	return len;
}

#define WORD_GRAMS_MAX (GRAM_MAX * (LANGUAGE_WORD_MAX + 2) + 2)

/* All of one word; 0 when they are not sure to fit in `room`. */
static size_t word_grams(const struct normal *n, const struct piece *p, enum language_script script, size_t room,
                         uint32_t *out)
{
	uint32_t word[LANGUAGE_WORD_MAX + 2];
	uint32_t keyboard = 0;
	uint64_t whole = 77 + (uint64_t)script;
	size_t n_out = 0;
	const size_t len = letters_of(n, p, word, &keyboard);
	if (GRAM_MAX * len + 2 > room) return 0;
	for (size_t i = 1; i < len; i++) {
		n_out += put_grams(word, i, 3 + (uint64_t)script, out + n_out);
		whole = (whole ^ word[i]) * UINT64_C(0x100000001B3);
	}
	out[n_out++] = slot_of(whole);
	if (keyboard) out[n_out++] = slot_of(keyboard);
	return n_out;
}

size_t language_grams(const struct normal *n, const struct piece *pieces, size_t n_pieces, enum language_script script,
                      uint32_t *out)
{
	size_t n_out = 0;
	for (size_t p = 0; p < n_pieces; p++) {
		if (!is_of_script(n, &pieces[p], script)) continue;
		const size_t more = word_grams(n, &pieces[p], script, LANGUAGE_GRAMS_MAX - n_out, out + n_out);
		if (!more) break;
		n_out += more;
	}
	return n_out;
}

/* --- the model --------------------------------------------------------------------------------------------- */

/* language.bin: this, in the order of bytes of the machine that made it, little-endian. */
struct language_model {
	char magic[8];
	float step; /* of a weight */
	float bias[LANGUAGE_SCRIPTS][LANGUAGE_CLASSES];
	int8_t weight[LANGUAGE_SLOTS][4]; /* of the three classes; the fourth is 0 */
};

static const struct language_model *the_model(void)
{
	const struct str bytes = embed_find(text_files, text_files_count, "language.bin");
	const struct language_model *m = (const void *)bytes.ptr;
	return bytes.len == sizeof(*m) && memcmp(m->magic, LANGUAGE_MAGIC, sizeof(m->magic)) == 0 ? m : NULL;
}

/* The most probable class of the three, with its probability. */
static size_t judge(const struct normal *n, const struct piece *pieces, size_t n_pieces, enum language_script script,
                    double *p)
{
	const struct language_model *m = the_model();
	uint32_t slots[WORD_GRAMS_MAX];
	int32_t sum[LANGUAGE_CLASSES] = { 0 };
	double e[LANGUAGE_CLASSES], total = 0;
	size_t best = 0, k = 0;
	*p = 0;
	for (size_t i = 0; m && i < n_pieces; i++) {
		if (!is_of_script(n, &pieces[i], script)) continue;
		const size_t more = word_grams(n, &pieces[i], script, LANGUAGE_GRAMS_MAX - k, slots);
		if (!more) break;
		k += more;
		for (size_t j = 0; j < more; j++)
			for (size_t c = 0; c < LANGUAGE_CLASSES; c++) sum[c] += m->weight[slots[j]][c];
	}
	if (!m || k == 0) return 0;
	const double scale = (double)m->step / sqrt((double)k);
	for (size_t c = 0; c < LANGUAGE_CLASSES; c++) {
		e[c] = sum[c] * scale + (double)m->bias[script][c];
		if (e[c] > e[best]) best = c;
	}
	for (size_t c = 0; c < LANGUAGE_CLASSES; c++) total += exp(e[c] - e[best]);
	*p = 1 / total;
	return best;
}

/* --- the decision ------------------------------------------------------------------------------------------ */

/* Letters by script, over words and tags. */
struct counts {
	size_t latin, arabic, other;
};

static void count_letters(const struct normal *n, const struct piece *pieces, size_t n_pieces, struct counts *c)
{
	for (size_t p = 0; p < n_pieces; p++) {
		if (pieces[p].kind != TEXT_WORD && pieces[p].kind != TEXT_TAG) continue;
		for (size_t i = pieces[p].from; i < pieces[p].to; i++) {
			if (((unsigned char)n->bytes[i] & 0xC0) == 0x80) continue;
			c->latin += n->class[i] == C_LATIN;
			c->arabic += n->class[i] == C_ARABIC;
			c->other += n->class[i] == C_ALIKE || n->class[i] == C_LETTER;
		}
	}
}

/* Words that no list of names and products has: two of them make English of what stands in Latin letters. */
static bool speaks_english(const struct normal *n, const struct piece *pieces, size_t n_pieces)
{
	static const char *const words[] = {
		"the", "and",  "is",   "are",  "was",  "were", "to",  "but", "not", "it",
		"you", "they", "this", "that", "have", "with", "for", "my",  "i",   "very",
		"we",  "be",   "too",  "so",   "in",   "at",   "of",  "on",  "did", "don't"
	};
	size_t found = 0;
	for (size_t p = 0; p < n_pieces && found < 2; p++) {
		const struct str word = { n->bytes + pieces[p].from, pieces[p].to - pieces[p].from };
		for (size_t i = 0; i < COUNT_OF(words); i++) found += str_eq(word, str_of(words[i]));
	}
	return found >= 2;
}

static bool is_possible(enum text_language hint, enum language_script script)
{
	return script == LANGUAGE_ARABIC ? hint == TEXT_AR || hint == TEXT_FA : hint == TEXT_EN;
}

/* What to fold Arabic letters like; the hint where the text does not tell. */
static enum text_language folding(enum text_language arabic, enum text_language hint)
{
	if (arabic == TEXT_AR || arabic == TEXT_FA) return arabic;
	return hint == TEXT_FA ? TEXT_FA : TEXT_AR;
}

void tell_language(const struct normal *n, const struct piece *pieces, size_t n_pieces, enum text_language hint,
                   struct text *out)
{
	struct counts c = { 0 };
	count_letters(n, pieces, n_pieces, &c);
	const size_t letters = out->letters = c.latin + c.arabic + c.other;
	const enum language_script script = c.arabic > c.latin ? LANGUAGE_ARABIC : LANGUAGE_LATIN;
	double p_arabic = 0;
	enum text_language arabic = TEXT_OTHER;
	if (c.arabic > 0) arabic = answers[LANGUAGE_ARABIC][judge(n, pieces, n_pieces, LANGUAGE_ARABIC, &p_arabic)];
	out->fold = c.arabic > 0 ? folding(arabic, hint) : TEXT_EN;
	if (letters < TEXT_LETTERS_SURE) {
		/* A word or two of a script that the hint's language is not written in say at least that. */
		if (c.other * 2 > letters) out->lang = TEXT_OTHER;
		return;
	}
	if (c.other * 2 > letters) {
		out->lang = TEXT_OTHER;
		out->lang_p = (double)c.other / (double)letters;
		return;
	}
	double p_latin = 0;
	enum text_language latin = TEXT_OTHER;
	if (c.latin > 0) latin = answers[LANGUAGE_LATIN][judge(n, pieces, n_pieces, LANGUAGE_LATIN, &p_latin)];
	if (c.latin * 4 >= letters && c.arabic * 4 >= letters && latin == TEXT_EN && arabic != TEXT_OTHER &&
	    speaks_english(n, pieces, n_pieces)) {
		out->lang = TEXT_MIXED;
		out->lang_p = fmin(p_latin, p_arabic);
		return;
	}
	out->lang = script == LANGUAGE_ARABIC ? arabic : latin;
	out->lang_p = script == LANGUAGE_ARABIC ? p_arabic : p_latin;
	/* Few letters and little evidence: whoever is asked in a language mostly answers in it. */
	if (letters < LANGUAGE_LETTERS_FEW && out->lang_p < LANGUAGE_P_SURE && is_possible(hint, script)) {
		out->lang = hint;
		out->lang_p = 0.5;
		if (script == LANGUAGE_ARABIC) out->fold = hint;
	}
}
