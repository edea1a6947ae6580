/*
 * VADER: sentiment of English by a lexicon and five rules, exactly as
 * published (Hutto and Gilbert 2014, and the rules of release 3.3). It reads
 * the raw text its own way: words are what white space separates, and
 * capitals, apostrophes and faces in it mean something.
 *
 * Method: docs/methods/text-vader.md. The lexicon is vader.tsv, one word and
 * its mean valence a line, in the order of bytes; MIT, see docs/text-models.md.
 */
#include <math.h>
#include <stdlib.h>

#include <unicode/uchar.h>

#include "base/embed.h"
#include "text/priv.h"

#define BOOST 0.293
#define CAPITALS 0.733
#define NEGATED (-0.74)
#define NEVER_SO 1.25
#define SPREAD 15.0 /* compound = sum / sqrt(sum^2 + SPREAD) */

/* One word as it stands and in small letters, with what the tables say of it. */
struct word {
	struct str as, small;
	double valence; /* of the lexicon, then of the rules */
	double boost;   /* of the next words; 0 for none */
	bool known;     /* in the lexicon */
	bool upper;
};

struct vader {
	struct word words[TEXT_VADER_WORDS_MAX];
	size_t n;
	char *small; /* the text in small letters */
	size_t cap_small;
	bool some_capitals; /* some words are capitals, some are not */
};

/* --- tables ------------------------------------------------------------------------------------------------- */

static const char *const raising[] = {
	"absolutely",    "amazingly",  "awfully",   "completely", "considerable", "considerably", "decidedly",
	"deeply",        "effing",     "enormous",  "enormously", "entirely",     "especially",   "exceptional",
	"exceptionally", "extreme",    "extremely", "fabulously", "flippin",      "flipping",     "frackin",
	"fracking",      "frickin",    "fricking",  "friggin",    "frigging",     "fuckin",       "fucking",
	"fuggin",        "fugging",    "fully",     "greatly",    "hella",        "highly",       "hugely",
	"incredible",    "incredibly", "intensely", "major",      "majorly",      "more",         "most",
	"particularly",  "purely",     "quite",     "really",     "remarkably",   "so",           "substantially",
	"thoroughly",    "total",      "totally",   "tremendous", "tremendously", "uber",         "unbelievably",
	"unusually",     "utter",      "utterly",   "very",
};
static const char *const lowering[] = {
	"almost",   "barely",   "hardly",     "kind-of",    "kinda",        "kindof", "less",
	"little",   "marginal", "marginally", "occasional", "occasionally", "partly", "scarce",
	"scarcely", "slight",   "slightly",   "somewhat",   "sort-of",      "sorta",  "sortof",
};
/* Of two words, and so seen only before a third. */
static const char *const lowering_pairs[] = { "just enough", "kind of", "sort of" };
static const char *const negations[] = {
	"aint",  "arent", "cannot", "cant",    "couldnt", "darent",  "despite", "didnt",   "doesnt", "dont",
	"hadnt", "hasnt", "havent", "isnt",    "mightnt", "mustnt",  "neednt",  "neither", "never",  "none",
	"nope",  "nor",   "not",    "nothing", "nowhere", "oughtnt", "rarely",  "seldom",  "shant",  "shouldnt",
	"uh-uh", "uhuh",  "wasnt",  "werent",  "without", "wont",    "wouldnt",
};
static const struct {
	const char *words;
	double valence;
} idioms[] = {
	{ "the shit", 3 },         { "the bomb", 3 },        { "bad ass", 1.5 },
	{ "bus stop", 0 },         { "yeah right", -2 },     { "to die for", 3 },
	{ "kiss of death", -1.5 }, { "beating heart", 3.1 }, { "broken heart", -2.9 },
};

static bool among(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(list[i]))) return true;
	return false;
}
#define AMONG(s, list) among((s), (list), COUNT_OF(list))

extern const struct embed_file text_files[];
extern const size_t text_files_count;

/* By halves over the bytes of the file: a line is found from any byte in it. */
static bool in_lexicon(struct str small, double *valence)
{
	const struct str table = embed_find(text_files, text_files_count, "vader.tsv");
	size_t low = 0, high = table.len;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		size_t from = mid;
		while (from > low && table.ptr[from - 1] != '\n') from--;
		const struct str line = str_cut(table, from, from + str_find(str_cut(table, from, high), '\n'));
		const size_t tab = str_find(line, '\t');
		const int order = str_cmp(small, str_cut(line, 0, tab));
		if (order == 0) return str_to_double(str_cut(line, tab + 1, line.len), valence);
		if (order < 0) high = from;
		else low = from + line.len + 1;
	}
	return false;
}

/* --- words ------------------------------------------------------------------------------------------------- */

static bool is_space(uint32_t cp)
{
	return cp < 0x80 ? (cp >= 0x09 && cp <= 0x0D) || (cp >= 0x1C && cp <= 0x20) : u_isUWhiteSpace((UChar32)cp);
}

static bool is_punctuation(char c)
{
	return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* Without punctuation around it, unless that leaves hardly anything: ":)" stays. */
static struct str strip(struct str word)
{
	size_t from = 0, to = word.len, letters = 0;
	while (from < to && is_punctuation(word.ptr[from])) from++;
	while (to > from && is_punctuation(word.ptr[to - 1])) to--;
	for (size_t i = from; i < to; i++) letters += ((unsigned char)word.ptr[i] & 0xC0) != 0x80;
	return letters <= 2 ? word : str_cut(word, from, to);
}

/* Copies in small letters; true when there are capitals and nothing but them among the letters that have cases. */
static bool make_small(struct str as, char *out, struct str *small)
{
	bool capitals = false, others = false;
	size_t len = 0;
	for (size_t i = 0; i < as.len;) {
		const uint32_t cp = utf8_next(as, &i);
		const uint32_t low =
		        cp < 0x80 ? (cp >= 'A' && cp <= 'Z' ? cp + 32 : cp) : (uint32_t)u_tolower((UChar32)cp);
		const bool cased =
		        cp >= 0x80 ? u_isULowercase((UChar32)cp) || u_istitle((UChar32)cp) : cp >= 'a' && cp <= 'z';
		capitals |= low != cp || (cp >= 0x80 && u_isUUppercase((UChar32)cp));
		others |= cased;
		len += utf8_put(out + len, low);
	}
	*small = (struct str){ out, len };
	return capitals && !others;
}

static void add_word(struct vader *v, struct str as, char **small_at)
{
	struct word *w = &v->words[v->n++];
	*w = (struct word){ .as = strip(as) };
	w->upper = make_small(w->as, *small_at, &w->small);
	*small_at += w->small.len;
	w->known = in_lexicon(w->small, &w->valence);
	w->boost = AMONG(w->small, raising) ? BOOST : AMONG(w->small, lowering) ? -BOOST : 0;
}

/* `text` is UTF-8. A letter's small form may be longer than it, by half at most. */
static bool cut(struct vader *v, struct str text)
{
	const size_t need = text.len * 2 + 8;
	if (need > v->cap_small) {
		char *more = realloc(v->small, need);
		if (!more) return false;
		v->small = more;
		v->cap_small = need;
	}
	char *small_at = v->small;
	size_t n_upper = 0;
	v->n = 0;
	for (size_t i = 0; i < text.len && v->n < TEXT_VADER_WORDS_MAX;) {
		size_t from = i;
		uint32_t cp = 0;
		while (i < text.len && is_space(cp = utf8_next(text, &i))) from = i;
		if (from == text.len) break;
		size_t to = i;
		while (i < text.len && !is_space(cp = utf8_next(text, &i))) to = i;
		add_word(v, str_cut(text, from, to), &small_at);
		n_upper += v->words[v->n - 1].upper;
	}
	v->some_capitals = n_upper > 0 && n_upper < v->n;
	return true;
}

/* --- rules ------------------------------------------------------------------------------------------------- */

static bool is(const struct word *w, const char *text)
{
	return str_eq(w->small, str_of(text));
}

static bool negates(const struct word *w)
{
	return AMONG(w->small, negations) || memmem(w->small.ptr, w->small.len, "n't", 3) != NULL;
}

/* Whether the words from `from` on are those of `phrase`, which has single spaces. */
static bool says(const struct vader *v, size_t from, const char *phrase)
{
	struct str rest = str_of(phrase);
	for (size_t i = from; i < v->n; i++) {
		const size_t space = str_find(rest, ' ');
		if (!str_eq(v->words[i].small, str_cut(rest, 0, space))) return false;
		if (space == rest.len) return true;
		rest = str_cut(rest, space + 1, rest.len);
	}
	return false;
}

static size_t words_in(const char *phrase)
{
	size_t n = 1;
	for (; *phrase; phrase++) n += *phrase == ' ';
	return n;
}

static double with_capitals(const struct vader *v, const struct word *w, double valence, double by)
{
	if (!w->upper || !v->some_capitals) return by;
	return valence > 0 ? by + CAPITALS : by - CAPITALS;
}

static double boost(const struct vader *v, const struct word *w, double valence, size_t distance)
{
	static const double fading[] = { 1, 0.95, 0.9 };
	if (w->boost == 0) return 0;
	return with_capitals(v, w, valence, valence < 0 ? -w->boost : w->boost) * fading[distance];
}

static bool so_or_this(const struct word *w)
{
	return is(w, "so") || is(w, "this");
}

/* What a word `distance` + 1 before the i-th does to its valence as a negation. */
static double negate(const struct vader *v, size_t i, size_t distance, double valence)
{
	const struct word *w = v->words + i;
	if (distance == 1) {
		if (is(w - 2, "never") && so_or_this(w - 1)) return valence * NEVER_SO;
		if (is(w - 2, "without") && is(w - 1, "doubt")) return valence;
	}
	if (distance == 2) {
		/* As published: the second half needs no "never". */
		if ((is(w - 3, "never") && so_or_this(w - 2)) || so_or_this(w - 1)) return valence * NEVER_SO;
		if (is(w - 3, "without") && (is(w - 2, "doubt") || is(w - 1, "doubt"))) return valence;
	}
	return negates(w - distance - 1) ? valence * NEGATED : valence;
}

/* Idioms that end at the i-th word or up to two before it, or begin at it; the first in this order counts. */
static double idiom(const struct vader *v, size_t i, double valence)
{
	static const struct {
		size_t back, words;
	} before[] = { { 1, 2 }, { 2, 3 }, { 2, 2 }, { 3, 3 }, { 3, 2 } };
	bool found = false;
	for (size_t k = 0; k < COUNT_OF(before) && !found; k++)
		for (size_t m = 0; m < COUNT_OF(idioms) && !found; m++) {
			found = words_in(idioms[m].words) == before[k].words &&
			        says(v, i - before[k].back, idioms[m].words);
			if (found) valence = idioms[m].valence;
		}
	for (size_t words = 2; words <= 3; words++)
		for (size_t m = 0; m < COUNT_OF(idioms); m++)
			if (words_in(idioms[m].words) == words && says(v, i, idioms[m].words))
				valence = idioms[m].valence;
	for (size_t back = 3; back >= 2; back--)
		for (size_t m = 0; m < COUNT_OF(lowering_pairs); m++)
			if (says(v, i - back, lowering_pairs[m])) valence -= BOOST;
	return valence;
}

static double least(const struct vader *v, size_t i, double valence)
{
	const struct word *w = v->words + i;
	if (i == 0 || (w - 1)->known || !is(w - 1, "least")) return valence;
	if (i > 1 && (is(w - 2, "at") || is(w - 2, "very"))) return valence;
	return valence * NEGATED;
}

/* "no" before a word of the lexicon negates it and has no valence of its own. */
static double no(const struct vader *v, size_t i, double valence)
{
	const struct word *w = v->words + i;
	if (is(w, "no") && i + 1 < v->n && (w + 1)->known) valence = 0;
	if ((i > 0 && is(w - 1, "no")) || (i > 1 && is(w - 2, "no")) ||
	    (i > 2 && is(w - 3, "no") && (is(w - 1, "or") || is(w - 1, "nor"))))
		valence = w->valence * NEGATED;
	return valence;
}

static double valence_of(const struct vader *v, size_t i)
{
	const struct word *w = v->words + i;
	if (!w->known || w->boost != 0) return 0;
	if (is(w, "kind") && i + 1 < v->n && is(w + 1, "of")) return 0;
	double valence = no(v, i, w->valence);
	valence += with_capitals(v, w, valence, 0);
	for (size_t distance = 0; distance < 3 && i > distance; distance++) {
		const struct word *before = w - distance - 1;
		if (before->known) continue;
		valence += boost(v, before, valence, distance);
		valence = negate(v, i, distance, valence);
		if (distance == 2) valence = idiom(v, i, valence);
	}
	return least(v, i, valence);
}

/* What comes before "but" counts half, what comes after half as much again. As published, a value that stands several
 * times is looked up by its first place. */
static void weigh_but(const struct vader *v, double *valences)
{
	size_t but = 0;
	while (but < v->n && !is(&v->words[but], "but")) but++;
	if (but == v->n) return;
	for (size_t i = 0; i < v->n; i++) {
		const double value = valences[i];
		size_t first = 0;
		while (valences[first] < value || valences[first] > value) first++;
		if (first < but) valences[first] = value * 0.5;
		else if (first > but) valences[first] = value * 1.5;
	}
}

static double emphasis(struct str text)
{
	size_t calls = 0, questions = 0;
	for (size_t i = 0; i < text.len; i++) {
		calls += text.ptr[i] == '!';
		questions += text.ptr[i] == '?';
	}
	const double asked = questions < 2 ? 0 : questions <= 3 ? (double)questions * 0.18 : 0.96;
	return (calls > 4 ? 4.0 : (double)calls) * 0.292 + asked;
}

static struct text_vader add_up(const double *valences, size_t n, double emphasis_)
{
	double sum = 0, pos = 0, neg = 0;
	size_t neutral = 0;
	for (size_t i = 0; i < n; i++) {
		sum += valences[i];
		/* One is added for the word itself, so that neutral words weigh against it. */
		if (valences[i] > 0) pos += valences[i] + 1;
		else if (valences[i] < 0) neg -= valences[i] - 1;
		else neutral++;
	}
	if (sum > 0) sum += emphasis_;
	else if (sum < 0) sum -= emphasis_;
	if (pos > neg) pos += emphasis_;
	else if (neg > pos) neg += emphasis_;
	const double total = pos + neg + (double)neutral;
	return (struct text_vader){ .compound = fmax(-1, fmin(1, sum / sqrt(sum * sum + SPREAD))),
		                    .pos = pos / total,
		                    .neu = (double)neutral / total,
		                    .neg = neg / total };
}

struct text_vader text_vader(struct text_reader *r, struct str raw)
{
	double valences[TEXT_VADER_WORDS_MAX];
	if (!r->vader) r->vader = calloc(1, sizeof(*r->vader));
	const struct str text = str_cut(raw, 0, utf8_valid(raw.ptr, raw.len));
	if (!r->vader || !cut(r->vader, text) || r->vader->n == 0) return (struct text_vader){ 0 };
	for (size_t i = 0; i < r->vader->n; i++) valences[i] = valence_of(r->vader, i);
	weigh_but(r->vader, valences);
	return add_up(valences, r->vader->n, emphasis(text));
}

void vader_free(struct vader *v)
{
	if (v) free(v->small);
	free(v);
}
