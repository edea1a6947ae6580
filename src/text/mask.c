/*
 * What identifies a person, taken out of a text: mail addresses, phone
 * numbers, bank cards, IBANs, national ids, with digits of Latin, Arabic or
 * Persian and whatever people put between them. Works on the original bytes
 * and is linear in them: an attempt looks at GROUPS_MAX groups at most.
 *
 * What a number must be to count, and what was measured: docs/methods/text-mask.md.
 */
#include "text/text.h"

#define GROUPS_MAX 12
#define DIGITS_MAX 34
#define HINT_BYTES 40 /* how far before a number a word such as "phone" is looked for */

/* Digits that stand together, as bytes of the text and as a range of struct number's digits. */
struct group {
	size_t from, to;
	size_t digit, n;
};

/* Groups of digits with little between them. */
struct number {
	struct group groups[GROUPS_MAX];
	size_t n;
	char digits[DIGITS_MAX];
	size_t n_digits;
	bool plus;       /* the first group follows a + */
	bool of_a_thing; /* "order", "کد پیگیری" … stands before */
	bool of_a_phone; /* "phone", "جوال" … stands before */
};

struct masker {
	struct str raw;
	unsigned kinds;
	size_t done; /* bytes of raw already written or masked */
	struct buf *out;
	struct text_span *found;
	size_t n_found, cap;
};

/* --- characters -------------------------------------------------------------------------------------------- */

static bool is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned char byte_at(struct str s, size_t i)
{
	return i < s.len ? (unsigned char)s.ptr[i] : 0;
}

/* The digit at `i`, with its length in bytes; -1 for none. */
static int digit_at(struct str s, size_t i, size_t *len)
{
	const unsigned char a = byte_at(s, i), b = byte_at(s, i + 1), c = byte_at(s, i + 2);
	*len = 1;
	if (a >= '0' && a <= '9') return a - '0';
	*len = 2;
	if (a == 0xD9 && b >= 0xA0 && b <= 0xA9) return b - 0xA0; /* ٠ */
	if (a == 0xDB && b >= 0xB0 && b <= 0xB9) return b - 0xB0; /* ۰ */
	*len = 3;
	if (a == 0xEF && b == 0xBC && c >= 0x90 && c <= 0x99) return c - 0x90; /* ０ */
	return -1;
}

static const char *const separators[] = {
	" ",
	"-",
	".",
	"(",
	")",
	"/",
	"\xC2\xA0", /* no-break space */
	"\xD9\x80", /* tatweel */
	"\xE2\x80\x8B",
	"\xE2\x80\x8C",
	"\xE2\x80\x8D",
	"\xE2\x80\x8E",
	"\xE2\x80\x8F", /* no width */
	"\xE2\x80\x90",
	"\xE2\x80\x91",
	"\xE2\x80\x92",
	"\xE2\x80\x93",
	"\xE2\x80\x94", /* dashes */
	"\xE2\x80\xAA",
	"\xE2\x80\xAB",
	"\xE2\x80\xAC",
	"\xE2\x81\xA6",
	"\xE2\x81\xA7",
	"\xE2\x81\xA8",
	"\xE2\x81\xA9",
};

static size_t separator_at(struct str s, size_t i)
{
	const struct str rest = str_cut(s, i, s.len);
	for (size_t k = 0; k < COUNT_OF(separators); k++)
		if (str_starts(rest, str_of(separators[k]))) return strlen(separators[k]);
	return 0;
}

/* At most four between two groups: ") -" and marks without width. The byte behind them. */
static size_t skip_separators(struct str s, size_t i)
{
	for (int k = 0; k < 4; k++) {
		const size_t len = separator_at(s, i);
		if (len == 0) break;
		i += len;
	}
	return i;
}

static bool has_byte(struct str s, size_t from, size_t to, char c)
{
	return memchr(s.ptr + from, c, to - from) != NULL;
}

/* --- a number ---------------------------------------------------------------------------------------------- */

/* Words in front that say what a number is. Compared in bytes, ASCII without case. */
static const char *const phone_words[] = { "phone",    "mobile", "mob",      "tel",    "cell",   "call",
	                                   "whatsapp", "sms",    "جوال",     "هاتف",   "موبايل", "موبایل",
	                                   "تلفن",     "تماس",   "واتس",     "واتساپ", "همراه",  "زنگ",
	                                   "اتصل",     "شمارم",  "شماره من", "رقمي",   "تلفون",  "تليفون" };
static const char *const thing_words[] = { "order",   "invoice", "ticket", "tracking", "ref",    "code",   "booking",
	                                   "receipt", "case",    "طلب",    "الطلب",    "فاتورة", "تذكرة",  "شحنة",
	                                   "حجز",     "بلاغ",    "تتبع",   "سفارش",    "فاکتور", "پیگیری", "رهگیری",
	                                   "کد",      "تیکت",    "رزرو",   "مرسوله",   "کالا" };

static const char *const person_words[] = { "national", "passport", "هوية", "الهوية", "ملی", "ملي" };

/* Whether one of them stands before `at`: near, not before `floor`, another number, a mark of ours or the sentence. */
static bool says_before(struct str s, size_t floor, size_t at, const char *const *words, size_t n)
{
	size_t from = at > floor + HINT_BYTES ? at - HINT_BYTES : floor, len;
	for (size_t i = from; i < at; i++)
		if (memchr("\n!?;,[]", s.ptr[i], 7) || digit_at(s, i, &len) >= 0) from = i + 1;
	for (size_t i = from; i < at; i++)
		for (size_t k = 0; k < n; k++) {
			const size_t word = strlen(words[k]);
			const bool starts = i == 0 || !is_ascii_letter(s.ptr[i]) || !is_ascii_letter(s.ptr[i - 1]);
			if (starts && word <= at - i && str_eq_ascii_nocase(str_cut(s, i, i + word), str_of(words[k])))
				return true;
		}
	return false;
}
#define SAYS_BEFORE(s, floor, at, words) says_before((s), (floor), (at), (words), COUNT_OF(words))

static struct number read_number(struct str s, size_t floor, size_t i)
{
	const size_t start = i;
	struct number m = { .plus = i > 0 && s.ptr[i - 1] == '+' };
	while (m.n < GROUPS_MAX) {
		struct group g = { .from = i, .to = i, .digit = m.n_digits };
		size_t len;
		for (int d; (d = digit_at(s, g.to, &len)) >= 0 && m.n_digits < DIGITS_MAX; g.to += len, g.n++)
			m.digits[m.n_digits++] = (char)('0' + d);
		/* Too long a run of digits is nobody's number. */
		if (g.n == 0 || digit_at(s, g.to, &len) >= 0) break;
		m.groups[m.n++] = g;
		i = skip_separators(s, g.to);
		if (i == g.to || digit_at(s, i, &len) < 0) break;
	}
	if (m.n_digits < 7) return m;
	m.of_a_phone = SAYS_BEFORE(s, floor, start, phone_words);
	m.of_a_thing = !m.of_a_phone && SAYS_BEFORE(s, floor, start, thing_words) &&
	               !SAYS_BEFORE(s, floor, start, person_words);
	return m;
}

/* --- what a number can be ---------------------------------------------------------------------------------- */

/* Candidate groups first..last of a number. */
struct candidate {
	const char *digits;
	size_t n;
	size_t from, to; /* bytes */
	const struct group *groups;
	size_t n_groups;
	bool plus, of_a_thing, of_a_phone;
};

static bool luhn(const char *digits, size_t n)
{
	int sum = 0;
	for (size_t i = 0; i < n; i++) {
		const int d = digits[n - 1 - i] - '0', twice = d * 2;
		sum += i % 2 == 0 ? d : twice > 9 ? twice - 9 : twice;
	}
	return sum % 10 == 0;
}

static bool all_same(const char *digits, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (digits[i] != digits[0]) return false;
	return true;
}

/* Lengths by the first digit, as the networks give them out; Iran's are 16 digits from 5 and 6. */
static bool is_card(const struct candidate *c)
{
	const char first = c->digits[0];
	bool length;
	switch (c->n) {
	case 13: length = first == '4'; break;
	case 14: length = first == '3' && (c->digits[1] == '0' || c->digits[1] == '6' || c->digits[1] == '8'); break;
	case 15: length = first == '3' && (c->digits[1] == '4' || c->digits[1] == '7'); break;
	case 16: length = (first >= '2' && first <= '6') || first == '9'; break;
	case 17:
	case 18:
	case 19: length = first == '5' || first == '6'; break;
	default: return false;
	}
	return length && !all_same(c->digits, c->n) && luhn(c->digits, c->n);
}

/* Iran: ten digits, the last is a remainder by eleven. */
static bool is_iranian_id(const char *digits)
{
	int sum = 0;
	for (int i = 0; i < 9; i++) sum += (digits[i] - '0') * (10 - i);
	const int rest = sum % 11;
	return !all_same(digits, 10) && digits[9] - '0' == (rest < 2 ? rest : 11 - rest);
}

static bool is_national_id(const struct candidate *c)
{
	/* Ten digits together, or as on the card: 3-6-1. */
	const bool shape = c->n_groups == 1 || (c->n_groups == 3 && c->groups[0].n == 3 && c->groups[1].n == 6);
	if (c->n == 10 && shape && !c->of_a_thing && !c->plus)
		return is_iranian_id(c->digits) ||
		       ((c->digits[0] == '1' || c->digits[0] == '2') && luhn(c->digits, 10));
	/* The Emirates: 784, year, seven digits, check. */
	return c->n == 15 && memcmp(c->digits, "784", 3) == 0 && luhn(c->digits, 15);
}

/* 31.12.2024 and 2024-12-31 with more behind: no phone number. */
static bool begins_like_date(const struct candidate *c)
{
	if (c->n_groups < 3) return false;
	const size_t a = c->groups[0].n, b = c->groups[1].n, d = c->groups[2].n;
	return b <= 2 && ((a <= 2 && (d == 4 || d == 2)) || (a == 4 && d <= 2));
}

static bool groups_are(const struct candidate *c, size_t a, size_t b, size_t d)
{
	return c->n_groups == 3 && c->groups[0].n == a && c->groups[1].n == b && c->groups[2].n == d;
}

static bool is_phone(const struct candidate *c, struct str raw)
{
	if (begins_like_date(c) || all_same(c->digits, c->n) || has_byte(raw, c->from, c->to, '/')) return false;
	if (c->plus) return c->n >= 8 && c->n <= 15 && c->digits[0] != '0';
	if (c->digits[0] == '0' && c->digits[1] == '0') return c->n >= 11 && c->n <= 17 && c->digits[2] != '0';
	if (c->digits[0] == '0') return c->n >= 9 && c->n <= 12;
	if (c->of_a_thing) return false;
	/* Written (555) 123-4567, and Iran's mobiles without their 0. */
	if (c->n == 10 && groups_are(c, 3, 3, 4) && !has_byte(raw, c->from, c->to, '.')) return true;
	if (c->n == 10 && c->digits[0] == '9' && c->n_groups == 1 && strchr("01239", c->digits[1])) return true;
	/* The country's code without a + : Iran, Saudi Arabia, the Emirates, Egypt, Iraq, Jordan, Kuwait. */
	static const char *const codes[] = { "989", "9665", "9715", "201", "9647", "9627", "965" };
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if ((c->n == 11 || c->n == 12) && memcmp(c->digits, codes[i], strlen(codes[i])) == 0) return true;
	return c->n >= 7 && c->n <= 15 && c->of_a_phone;
}

/* Letters right behind a number make a code of it, also when they were an address or account that is masked by now. */
static bool goes_on(struct str s, size_t to)
{
	const struct str rest = str_cut(s, to, s.len);
	return is_ascii_letter((char)byte_at(s, to)) || str_starts(rest, STR("[email]")) ||
	       str_starts(rest, STR("[iban]"));
}

/* --- IBAN -------------------------------------------------------------------------------------------------- */

static int iban_value(struct str s, size_t i, size_t *len)
{
	const char c = (char)byte_at(s, i);
	*len = 1;
	if (is_ascii_letter(c)) return (c | 32) - 'a' + 10;
	return digit_at(s, i, len);
}

/* An IBAN that begins at `i`: its end, or `i`. ISO 13616: 15 to 34 characters; the first four moved to the end, letters
 * as numbers, remainder 1 by 97. */
static size_t iban_end(struct str s, size_t i)
{
	int values[34];
	size_t n = 0, at = i, end = i, len;
	while (n < COUNT_OF(values)) {
		const int v = iban_value(s, at, &len);
		if (v < 0) {
			const size_t next = skip_separators(s, at);
			if (next == at || n < 2 || iban_value(s, next, &len) < 0) break;
			at = next;
			continue;
		}
		if ((n < 2) != (v >= 10) && n < 4) return i;
		values[n++] = v;
		at += len;
		if (n < 15) continue;
		/* Remainder of the whole so far; a space or the end must follow. */
		int rest = 0;
		for (size_t k = 0; k < n; k++) {
			const int x = values[(k + 4) % n];
			rest = (rest * (x >= 10 ? 100 : 10) + x) % 97;
		}
		if (rest == 1 && iban_value(s, at, &len) < 0 && !goes_on(s, at)) end = at;
	}
	return end;
}

/* Iran's account numbers are often given without their IR: 24 digits. */
static bool is_bare_iranian_iban(const struct candidate *c)
{
	int rest = 0;
	if (c->n != 24) return false;
	for (size_t k = 2; k < 24; k++) rest = (rest * 10 + c->digits[k] - '0') % 97;
	rest = (rest * 100 + 18) % 97; /* I */
	rest = (rest * 100 + 27) % 97; /* R */
	rest = (rest * 100 + (c->digits[0] - '0') * 10 + c->digits[1] - '0') % 97;
	return rest == 1;
}

/* --- finding ----------------------------------------------------------------------------------------------- */

static void mask(struct masker *m, size_t from, size_t to, const char *with)
{
	buf_put(m->out, m->raw.ptr + m->done, from - m->done);
	buf_str(m->out, str_of(with));
	if (m->n_found < m->cap) m->found[m->n_found] = (struct text_span){ (uint32_t)from, (uint32_t)to };
	m->n_found++;
	m->done = to;
}

static const char *judge(const struct masker *m, const struct candidate *c)
{
	if (m->kinds & TEXT_PII_IBAN && is_bare_iranian_iban(c)) return "[iban]";
	if (m->kinds & TEXT_PII_CARD && is_card(c)) return "[card]";
	if (m->kinds & TEXT_PII_PHONE && c->plus && is_phone(c, m->raw)) return "[phone]";
	if (m->kinds & TEXT_PII_ID && is_national_id(c)) return "[id]";
	if (m->kinds & TEXT_PII_PHONE && is_phone(c, m->raw)) return "[phone]";
	return NULL;
}

/* Masks the longest that the number at `i` can be, from its first group on; the byte behind it, or behind that group.
 * Every group is tried as the first, so that what is found does not depend on what stands before it. */
static size_t mask_number(struct masker *m, size_t i)
{
	const struct number all = read_number(m->raw, m->done, i);
	size_t len, end = all.n ? all.groups[0].to : i;
	for (size_t b = all.n; b > 0; b--) {
		const struct group *last = &all.groups[b - 1];
		const struct candidate c = { .digits = all.digits,
			                     .n = last->digit + last->n,
			                     .from = i,
			                     .to = last->to,
			                     .groups = all.groups,
			                     .n_groups = b,
			                     .plus = all.plus,
			                     .of_a_thing = all.of_a_thing,
			                     .of_a_phone = all.of_a_phone };
		if (c.n < 7 || goes_on(m->raw, c.to)) continue;
		const char *with = judge(m, &c);
		if (!with) continue;
		/* The + and an opening bracket go with it. */
		size_t from = c.from;
		while (from > m->done && (m->raw.ptr[from - 1] == '+' || m->raw.ptr[from - 1] == '(')) from--;
		mask(m, from, c.to, with);
		return c.to;
	}
	/* A run that was too long is left behind as a whole. */
	while (digit_at(m->raw, end, &len) >= 0) end += len;
	return end;
}

static bool in_local(char c)
{
	return is_ascii_letter(c) || is_ascii_digit(c) || strchr("._%+-", c) != NULL;
}

/* An address around the @ at `at`: masks it; the byte behind it, or behind the @. */
static size_t mask_mail(struct masker *m, size_t at)
{
	const struct str s = m->raw;
	size_t from = at, to = at + 1;
	while (from > m->done && s.ptr[from - 1] && in_local(s.ptr[from - 1])) from--;
	while (to < s.len &&
	       (is_ascii_letter(s.ptr[to]) || is_ascii_digit(s.ptr[to]) || s.ptr[to] == '.' || s.ptr[to] == '-'))
		to++;
	while (to > at + 1 && !is_ascii_letter(s.ptr[to - 1]) && !is_ascii_digit(s.ptr[to - 1])) to--;
	size_t label = to;
	while (label > at + 1 && is_ascii_letter(s.ptr[label - 1])) label--;
	if (from == at || to - label < 2 || label <= at + 2 || s.ptr[label - 1] != '.') return at + 1;
	mask(m, from, to, "[email]");
	return to;
}

size_t text_mask(struct str raw, unsigned kinds, struct buf *out, struct text_span *found, size_t cap)
{
	struct masker m = { .raw = raw, .kinds = kinds, .out = out, .found = found, .cap = cap };
	size_t len;
	bool after_letter = false; /* Latin, or with a dash behind: a number that follows is part of a code */
	for (size_t i = 0; i < raw.len;) {
		const char c = raw.ptr[i];
		const size_t before = i;
		if (c == '@' && kinds & TEXT_PII_MAIL) i = mask_mail(&m, i);
		else if (digit_at(raw, i, &len) >= 0) {
			if (!after_letter || SAYS_BEFORE(raw, m.done, i, phone_words)) i = mask_number(&m, i);
			else
				while (digit_at(raw, i, &len) >= 0) i += len;
		} else if (is_ascii_letter(c) && !after_letter && kinds & TEXT_PII_IBAN) {
			const size_t end = iban_end(raw, i);
			if (end > i) mask(&m, i, end, "[iban]");
			i = end > i ? end : i + 1;
		} else i++;
		const bool one = i == before + 1;
		after_letter = one && (is_ascii_letter(c) || (after_letter && (c == '-' || c == '_')));
	}
	buf_put(out, raw.ptr + m.done, raw.len - m.done);
	return m.n_found;
}
