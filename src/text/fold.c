/*
 * Words in one spelling: letters that a language writes in several ways
 * become one, runs of a letter become two, Latin look-alikes become Latin,
 * and Persian words get their half-spaces where people leave them out.
 */
#include "text/priv.h"

/* --- letters ----------------------------------------------------------------------------------------------- */

#define BLOCK 0x600
#define LETTERS 256

/* Arabic letters of U+0600..06FF by what they are folded into; 0: themselves. */
static const uint16_t arabic_letter[LETTERS] = {
	[0x0622 - BLOCK] = 0x0627, [0x0623 - BLOCK] = 0x0627, [0x0625 - BLOCK] = 0x0627,
	[0x0671 - BLOCK] = 0x0627, /* ا */
	[0x0624 - BLOCK] = 0x0648, /* و */
	[0x0626 - BLOCK] = 0x064A, [0x0649 - BLOCK] = 0x064A, [0x06CC - BLOCK] = 0x064A,
	[0x06D0 - BLOCK] = 0x064A, /* ي */
	[0x0629 - BLOCK] = 0x0647, [0x06C0 - BLOCK] = 0x0647, [0x06C1 - BLOCK] = 0x0647,
	[0x06BE - BLOCK] = 0x0647,                                                       /* ه */
	[0x06D5 - BLOCK] = 0x0647, [0x06C3 - BLOCK] = 0x0647, [0x06C2 - BLOCK] = 0x0647, /* ه */
	[0x06A9 - BLOCK] = 0x0643, [0x06AF - BLOCK] = 0x0643, [0x06AA - BLOCK] = 0x0643, /* ك */
	[0x06A4 - BLOCK] = 0x0641,                                                       /* ف */
};
static const uint16_t persian_letter[LETTERS] = {
	[0x0623 - BLOCK] = 0x0627, [0x0625 - BLOCK] = 0x0627, [0x0671 - BLOCK] = 0x0627, /* ا */
	[0x064A - BLOCK] = 0x06CC, [0x0649 - BLOCK] = 0x06CC, [0x06D0 - BLOCK] = 0x06CC, /* ی */
	[0x0629 - BLOCK] = 0x0647, [0x06C0 - BLOCK] = 0x0647, [0x06C1 - BLOCK] = 0x0647,
	[0x06BE - BLOCK] = 0x0647,                                                       /* ه */
	[0x06D5 - BLOCK] = 0x0647, [0x06C3 - BLOCK] = 0x0647, [0x06C2 - BLOCK] = 0x0647, /* ه */
	[0x0643 - BLOCK] = 0x06A9, [0x06AA - BLOCK] = 0x06A9,                            /* ک */
};

/* Small Cyrillic and Greek letters that pass for a Latin one. */
static const struct {
	uint16_t letter;
	char latin;
} alike[] = {
	{ 0x03B1, 'a' }, { 0x03B9, 'i' }, { 0x03BA, 'k' }, { 0x03BD, 'v' }, { 0x03BF, 'o' }, { 0x03C1, 'p' },
	{ 0x03C4, 't' }, { 0x03C5, 'u' }, { 0x03C7, 'x' }, { 0x0430, 'a' }, { 0x0435, 'e' }, { 0x043A, 'k' },
	{ 0x043C, 'm' }, { 0x043E, 'o' }, { 0x0440, 'p' }, { 0x0441, 'c' }, { 0x0442, 't' }, { 0x0443, 'y' },
	{ 0x0445, 'x' }, { 0x0455, 's' }, { 0x0456, 'i' }, { 0x0458, 'j' }, { 0x04BB, 'h' }, { 0x0501, 'd' },
	{ 0x051B, 'q' }, { 0x051D, 'w' },
};

static uint32_t latin_of(uint32_t cp)
{
	for (size_t i = 0; i < COUNT_OF(alike); i++)
		if (alike[i].letter == cp) return (uint32_t)alike[i].latin;
	return cp;
}

/* --- one word ---------------------------------------------------------------------------------------------- */

static bool has_class(const struct normal *n, size_t from, size_t to, uint8_t class)
{
	return memchr(n->class + from, class, to - from) != NULL;
}

/* Whether anything but Arabic letters and half-spaces stands in it, as in tags. */
static bool has_other(const struct normal *n, size_t from, size_t to)
{
	unsigned any = 0;
	for (size_t i = from; i < to; i++) any |= (n->class[i] != C_ARABIC) & (n->class[i] != C_ZWNJ);
	return any;
}

static bool is_ascii(const struct normal *n, size_t from, size_t to)
{
	unsigned char any = 0;
	for (size_t i = from; i < to; i++) any |= (unsigned char)n->bytes[i];
	return any < 0x80;
}

/* The common case, without code points: true when a letter stood three times. */
static bool put_ascii_word(const struct normal *n, size_t from, size_t to, struct words *w)
{
	char *const out = w->ptr + w->n;
	size_t len = 0;
	for (size_t i = from; i < to; i++) {
		const char c = n->bytes[i];
		const bool third = len >= 2 && out[len - 1] == c && out[len - 2] == c && n->class[i] != C_DIGIT;
		out[len] = c;
		len += !third;
	}
	w->n += len;
	return len < to - from;
}

/* A word that begins with an Arabic letter holds such and half-spaces only; nearly all are two bytes long. */
static bool put_arabic_word(const struct normal *n, size_t from, size_t to, enum text_language lang, struct words *w)
{
	const uint16_t *const letters = lang == TEXT_FA ? persian_letter : arabic_letter;
	const struct str text = { n->bytes, to };
	uint32_t last = 0, before = 0;
	char *out = w->ptr + w->n;
	bool elongated = false;
	for (size_t i = from; i < to;) {
		const bool half = n->class[i] == C_ZWNJ;
		uint32_t cp = next_letter(text, &i);
		if (half && lang != TEXT_FA) continue;
		if (cp >= BLOCK && cp < BLOCK + LETTERS && letters[cp - BLOCK]) cp = letters[cp - BLOCK];
		if (cp == last && cp == before) {
			elongated = true;
			continue;
		}
		before = last, last = cp;
		out += put_letter(out, cp);
	}
	w->n = (size_t)(out - w->ptr);
	return elongated;
}

struct word_out put_word(const struct normal *n, size_t from, size_t to, enum text_language lang, struct words *w)
{
	struct word_out out = { .from = w->n };
	if (is_ascii(n, from, to)) {
		out.elongated = put_ascii_word(n, from, to, w);
		return out;
	}
	if (n->class[from] == C_ARABIC && !has_other(n, from, to)) {
		out.elongated = put_arabic_word(n, from, to, lang, w);
		return out;
	}
	const uint16_t *const letters = lang == TEXT_FA ? persian_letter : arabic_letter;
	out.look_alike = has_class(n, from, to, C_ALIKE) && has_class(n, from, to, C_LATIN);
	const struct str text = { n->bytes, to };
	uint32_t last = 0, before = 0;
	for (size_t i = from; i < to;) {
		const uint8_t class = n->class[i];
		uint32_t cp = next_letter(text, &i);
		if (class == C_ARABIC && cp >= BLOCK && cp < BLOCK + LETTERS && letters[cp - BLOCK])
			cp = letters[cp - BLOCK];
		else if (class == C_ZWNJ && lang != TEXT_FA) continue;
		else if (class == C_ALIKE && out.look_alike) cp = latin_of(cp);
		if (cp == last && cp == before && class != C_DIGIT) {
			out.elongated = true;
			continue;
		}
		before = last, last = cp;
		w->n += put_letter(w->ptr + w->n, cp);
	}
	return out;
}

/* --- Persian half-spaces ----------------------------------------------------------------------------------- */

#define HALF "\xE2\x80\x8C"

/* Of verbs, present and past; after می and نمی, with an ending, they make a verb. Written for this program. */
static const char *const stems[] = {
	"آموز",  "آموخت", "آور",   "آورد",  "آی",    "آمد",   "افت",    "افتاد", "انداز",  "انداخت", "ایست",   "ایستاد",
	"باش",   "بر",    "برد",   "بند",   "بست",   "بین",   "دید",    "پذیر",  "پذیرفت", "پرداز",  "پرداخت", "پرس",
	"پرسید", "پز",    "پخت",   "ترس",   "ترسید", "توان",  "تونست",  "تون",   "توانست", "چسب",    "چسبید",  "چرخ",
	"چرخید", "خر",    "خرید",  "خند",   "خندید", "خواب",  "خوابید", "خوان",  "خواند",  "خون",    "خوند",   "خواه",
	"خواست", "خوا",   "خور",   "خورد",  "داد",   "دان",   "دانست",  "دون",   "دونست",  "ده",     "دار",    "داشت",
	"ذار",   "ذاشت",  "گذار",  "گذاشت", "گذر",   "گذشت",  "رس",     "رسید",  "رسان",   "رساند",  "رو",     "رفت",
	"ریز",   "ریخت",  "زن",    "زد",    "ساز",   "ساخت",  "سپار",   "سپرد",  "سوز",    "سوخت",   "شد",     "شمار",
	"شمرد",  "شناس",  "شناخت", "شنو",   "شنید",  "شو",    "شین",    "شست",   "شکن",    "شکست",   "فرست",   "فرستاد",
	"فروش",  "فروخت", "فهم",   "فهمید", "کرد",   "کش",    "کشید",   "کن",    "کوب",    "گرد",    "گشت",    "گشاد",
	"گفت",   "گو",    "گوی",   "گیر",   "گرفت",  "مان",   "ماند",   "مون",   "موند",   "مرد",    "نویس",   "نوشت",
	"نشین",  "نشست",  "نما",   "نمود",  "نوش",   "نوشید", "یاب",    "یافت",  "آ",      "اومد",   "ار",     "اورد",
	"ر",     "گ",     "ش",     "د",
};
/* Of persons; "" is he or she in the past. */
static const char *const persons[] = { "م", "ی", "د", "یم", "ید", "ند", "ن", "ین", "ه", "" };

/* The first ATTACHED of them are also told when nothing stands before: "اشتباهات" does not end in a plural. */
#define ATTACHED 9
static const char *const plurals[] = { "ها",     "های", "هایی", "هایم", "هایت",  "هایش",  "هایمان", "هایتان",
	                               "هایشان", "هاش", "هام",  "هات",  "هاشون", "هامون", "هاتون" };
static const char *const degrees[] = { "تر", "ترین", "تری" };
/* After a participle: "رفته ام". */
static const char *const am[] = { "ام", "ای", "ایم", "اید", "اند" };
/* End like a plural, and are none. */
static const char *const not_plural[] = { "تنها", "تنهای", "تنهایی", "انتها", "انتهای", "انتهایی", "منتها", "بینهایت" };

static bool among(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(s.ptr, list[i], s.len) == 0 && list[i][s.len] == '\0') return true;
	return false;
}
#define AMONG(s, list) among((s), (list), COUNT_OF(list))

static bool is_verb(struct str s)
{
	for (size_t i = 0; i < COUNT_OF(persons); i++) {
		const struct str person = str_of(persons[i]);
		/* Without an ending it is the past of "he", which ends in د or ت: "میدان" is a square. */
		if (!str_ends(s, person)) continue;
		if (person.len == 0 && !str_ends(s, STR("د")) && !str_ends(s, STR("ت"))) continue;
		if (AMONG(str_cut(s, 0, s.len - person.len), stems)) return true;
	}
	return false;
}

/* Bytes of "می" or "نمی" before a verb, or 0. */
static size_t verb_prefix(struct str s)
{
	const struct str mi = STR("می"), nemi = STR("نمی");
	const size_t len = str_starts(s, mi) ? mi.len : str_starts(s, nemi) ? nemi.len : 0;
	return len && is_verb(str_cut(s, len, s.len)) ? len : 0;
}

/* Where a plural ending begins, or 0: at least two letters before it. */
static size_t plural_at(struct str s)
{
	if (s.len < 8 || !memmem(s.ptr + 4, s.len - 4, "ها", 4) || AMONG(s, not_plural)) return 0;
	for (size_t i = 0; i < ATTACHED; i++) {
		const struct str ending = str_of(plurals[i]);
		if (str_ends(s, ending) && s.len >= ending.len + 4) return s.len - ending.len;
	}
	return 0;
}

static void insert_half(struct words *w, size_t at)
{
	memmove(w->ptr + at + 3, w->ptr + at, w->n - at);
	memcpy(w->ptr + at, HALF, 3);
	w->n += 3;
}

void put_half_spaces(struct words *w, size_t from)
{
	const struct str word = { w->ptr + from, w->n - from };
	if (memmem(word.ptr, word.len, HALF, 3)) return;
	size_t at = verb_prefix(word);
	if (!at) at = plural_at(word);
	if (at) insert_half(w, from + at);
}

bool joins_before(struct str before, struct str now)
{
	if (str_eq(before, STR("می")) || str_eq(before, STR("نمی"))) return true;
	/* All that is joined begins with one of three letters, and most words with none of them. */
	if (before.len < 4 || now.len < 4) return false;
	const char *const a = now.ptr;
	if (memcmp(a, "ا", 2) != 0 && memcmp(a, "ها", 4) != 0 && memcmp(a, "تر", 4) != 0) return false;
	if (!AMONG(now, plurals) && !AMONG(now, degrees) && !AMONG(now, am)) return false;
	if (AMONG(before, plurals)) return false;
	if (AMONG(now, plurals)) return !plural_at(before) && !memmem(before.ptr, before.len, HALF "ها", 7);
	if (AMONG(now, degrees)) return !str_ends(before, STR(HALF "تر")) && !str_ends(before, STR(HALF "ترین"));
	return AMONG(now, am) && str_ends(before, STR("ه"));
}
