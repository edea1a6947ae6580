/* Words that say nothing of what a text is about, in the spelling after folding. Short lists: a plain scan finds them.
 */
#include "text/phrases.h"

static const char *const en[] = {
	"a",      "about",   "after", "again", "all",    "also",    "always", "am",      "an",    "and",     "any",
	"are",    "as",      "at",    "back",  "be",     "because", "been",   "before",  "being", "but",     "by",
	"can",    "can't",   "could", "did",   "didn't", "do",      "does",   "doesn't", "don't", "even",    "ever",
	"every",  "few",     "first", "for",   "from",   "get",     "gets",   "getting", "go",    "going",   "got",
	"had",    "has",     "have",  "he",    "her",    "here",    "him",    "his",     "how",   "i",       "i'm",
	"i've",   "if",      "in",    "into",  "is",     "isn't",   "it",     "it's",    "its",   "just",    "last",
	"like",   "made",    "make",  "many",  "me",     "more",    "most",   "much",    "my",    "no",      "not",
	"now",    "of",      "off",   "on",    "one",    "only",    "or",     "other",   "our",   "out",     "over",
	"own",    "really",  "same",  "she",   "should", "since",   "so",     "some",    "still", "such",    "than",
	"that",   "that's",  "the",   "their", "them",   "then",    "there",  "these",   "they",  "they're", "this",
	"those",  "through", "to",    "too",   "two",    "u",       "until",  "up",      "us",    "very",    "was",
	"wasn't", "we",      "well",  "were",  "what",   "when",    "where",  "which",   "while", "who",     "why",
	"will",   "with",    "won't", "would", "you",    "you're",  "your",
};

static const char *const ar[] = {
	"ابدا", "الا",  "الان", "التي", "الذي", "اللي", "الي",  "اما", "ان",   "انا",  "انت", "انه", "انها",
	"او",   "اي",   "ايضا", "اذا",  "بس",   "بعد",  "بعض",  "بل",  "به",   "بها",  "تم",  "ثم",  "جدا",
	"حتي",  "حيث",  "ذلك",  "شو",   "ش",    "شي",   "عليه", "علي", "عن",   "عند",  "غير", "فقط", "في",
	"فيه",  "فيها", "قبل",  "قد",   "كان",  "كانت", "كل",   "كما", "كم",   "كنت",  "كيف", "لا",  "لان",
	"لكن",  "لم",   "لن",   "له",   "لها",  "لو",   "ليس",  "ما",  "مع",   "مثل",  "مره", "مش",  "معي",
	"من",   "منه",  "منها", "مو",   "نحن",  "هذا",  "هذه",  "هل",  "هم",   "هنا",  "هو",  "هي",  "و",
	"وكان", "ولا",  "ولكن", "ولم",  "وما",  "ومن",  "وهو",  "يا",  "يعني", "يكون",
};

static const char *const fa[] = {
	"آن",    "آنها", "از",   "است",   "اش",   "اما",    "ان",   "او",   "اون",  "اگر", "اگه",   "ای",   "این",
	"اینکه", "با",   "باز",  "باید",  "بار",  "بدون",   "برای", "بعد",  "بعضی", "به",  "بود",   "بودم", "بودن",
	"بوده",  "بی",   "تا",   "تر",    "ترین", "تو",     "توی",  "حتی",  "خب",   "خود", "خودم",  "خیلی", "داد",
	"دارد",  "داره", "داشت", "داشتم", "در",   "درباره", "دو",   "دیگر", "دیگه", "را",  "رو",    "روی",  "سر",
	"شد",    "شده",  "شما",  "شود",   "صد",   "ضمن",    "ما",   "مثل",  "من",   "می",  "نمی",   "نه",   "نیز",
	"نیست",  "ها",   "های",  "هایی",  "هر",   "هم",     "همه",  "همین", "هنوز", "هست", "هستند", "هیچ",  "و",
	"واقعا", "وقتی", "ولی",  "پس",    "پیش",  "چه",     "چون",  "چی",   "چیزی", "کرد", "کردم",  "کردن", "کرده",
	"کن",    "کنم",  "که",   "کنید",  "کنه",  "یا",     "یعنی", "یک",   "یه",
};

static const struct {
	const char *const *words;
	size_t n;
} lists[TEXT_LANGUAGES] = {
	[TEXT_EN] = { en, COUNT_OF(en) },
	[TEXT_AR] = { ar, COUNT_OF(ar) },
	[TEXT_FA] = { fa, COUNT_OF(fa) },
};

bool text_stop_word(struct str word, enum text_language fold)
{
	/* English stands in the texts of the others too. */
	const enum text_language lang = word.len && (unsigned char)word.ptr[0] < 0x80 ? TEXT_EN : fold;
	for (size_t i = 0; i < lists[lang].n; i++)
		if (str_eq(word, str_of(lists[lang].words[i]))) return true;
	return false;
}
