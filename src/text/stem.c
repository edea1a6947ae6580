/*
 * Stems: what a word shares with its other forms, as one more thing to look
 * at beside the word. English by Porter's second algorithm (libstemmer);
 * Arabic by the affixes of light10; Persian by endings of our own choice.
 *
 * Source: Larkey, Ballesteros and Connell 2007, Light stemming for Arabic
 * information retrieval, doi 10.1007/978-1-4020-6046-5_12.
 */
#include <libstemmer.h>

#include "text/priv.h"

#define HALF "\xE2\x80\x8C"
#define LETTER 2 /* bytes of an Arabic letter */

/* light10, in this order; each at most once, where enough is left. */
static const char *const ar_articles[] = { "ال", "وال", "بال", "كال", "فال", "لل" };
static const char *const ar_endings[] = { "ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي" };

static const char *const fa_endings[] = {
	HALF "ترین", HALF "تر", HALF "ام", HALF "ای", HALF "اند", HALF "ایم", HALF "اید", "هایشان", "هایتان",
	"هایمان",    "هاشون",   "هاتون",   "هامون",   "هایم",     "هایت",     "هایش",     "هایی",   "های",
	"ها",        "شان",     "تان",     "مان",     "شون",      "تون",      "مون",      "ی",
};

static struct str cut_front(struct str s, const char *const *list, size_t n, size_t letters_left)
{
	for (size_t i = 0; i < n; i++) {
		const struct str a = str_of(list[i]);
		if (str_starts(s, a) && s.len >= a.len + letters_left * LETTER) return str_cut(s, a.len, s.len);
	}
	return s;
}

static struct str cut_end(struct str s, const char *ending, size_t letters_left)
{
	const struct str e = str_of(ending);
	return str_ends(s, e) && s.len >= e.len + letters_left * LETTER ? str_cut(s, 0, s.len - e.len) : s;
}

static struct str arabic(struct str s)
{
	static const char *const and[] = { "و" };
	s = cut_front(s, and, 1, 3);
	s = cut_front(s, ar_articles, COUNT_OF(ar_articles), 2);
	for (size_t i = 0; i < COUNT_OF(ar_endings); i++) s = cut_end(s, ar_endings[i], 2);
	return s;
}

static struct str persian(struct str s)
{
	static const char *const will[] = { "می" HALF, "نمی" HALF };
	s = cut_front(s, will, 2, 1);
	for (size_t i = 0; i < COUNT_OF(fa_endings); i++) {
		const struct str shorter = cut_end(s, fa_endings[i], 3);
		if (shorter.len == s.len) continue;
		s = shorter;
		break;
	}
	/* The half-space before an ending goes with it. */
	return cut_end(s, HALF, 0);
}

static struct str english(struct text_reader *r, struct str s)
{
	if (s.len > TEXT_STEM_BYTES_MAX) return s;
	if (!r->english) r->english = sb_stemmer_new("english", "UTF_8");
	if (!r->english) return s;
	const sb_symbol *out = sb_stemmer_stem(r->english, (const sb_symbol *)s.ptr, (int)s.len);
	return out ? (struct str){ (const char *)out, (size_t)sb_stemmer_length(r->english) } : s;
}

struct str text_stem(struct text_reader *r, struct str word, enum text_language lang)
{
	if (word.len == 0) return word;
	if ((unsigned char)word.ptr[0] < 0x80) return english(r, word);
	return lang == TEXT_FA ? persian(word) : arabic(word);
}
