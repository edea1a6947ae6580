/*
 * Cuts normalised text into words, numbers, marks, emoji, addresses. One
 * pass: what an attempt looked at and refused is not looked at again, or is
 * bounded by a small number.
 */
#include "text/priv.h"

#define PHONE_DIGITS_MIN 9
#define PHONE_DIGITS_MAX 15
#define PHONE_BYTES_MAX 32

struct cutter {
	const struct normal *n;
	struct piece *out;
	size_t n_out;
	size_t tried; /* no address begins before this byte */
};

static char byte_at(const struct normal *n, size_t i)
{
	return i < n->n ? n->bytes[i] : '\0';
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum_class(uint8_t c)
{
	return is_word_class(c) || c == C_DIGIT;
}

static bool after_word(const struct normal *n, size_t i)
{
	return i > 0 && is_alnum_class(n->class[i - 1]);
}

static bool before_word(const struct normal *n, size_t i)
{
	return i < n->n && is_alnum_class(n->class[i]);
}

static void put_piece(struct cutter *c, enum text_kind kind, size_t from, size_t to)
{
	c->out[c->n_out++] = (struct piece){ .from = (uint32_t)from, .to = (uint32_t)to, .kind = (uint8_t)kind };
}

/* --- addresses --------------------------------------------------------------------------------------------- */

static bool in_address(char c)
{
	return is_small(c) || is_digit(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

static bool in_domain(char c)
{
	return is_small(c) || is_digit(c) || c == '.' || c == '-';
}

static size_t domain_run(const struct normal *n, size_t i)
{
	while (i < n->n && in_domain(n->bytes[i])) i++;
	return i;
}

/* How far what may stand before the @ of an address goes; *dot when there is one in it. */
static size_t address_run(const struct normal *n, size_t i, bool *dot)
{
	*dot = false;
	for (; i < n->n; i++) {
		const char c = n->bytes[i];
		if (is_small(c)) continue;
		if (!in_address(c)) break;
		*dot |= c == '.';
	}
	return i;
}

/* The end of a domain at [from, to) without what punctuation trails, or `from` when it is none: two labels, the last
 * of letters only. */
static size_t domain_end(const struct normal *n, size_t from, size_t to, size_t *last_label)
{
	while (to > from && (n->bytes[to - 1] == '.' || n->bytes[to - 1] == '-')) to--;
	size_t label = to;
	while (label > from && is_small(n->bytes[label - 1])) label--;
	*last_label = label;
	return to - label >= 2 && label > from + 1 && n->bytes[label - 1] == '.' && n->bytes[label - 2] != '.' ? to
	                                                                                                       : from;
}

static bool is_common_ending(struct str label)
{
	static const char *const endings[] = { "com", "net", "org", "ir", "info", "biz",
		                               "edu", "gov", "io",  "sa", "ae",   "eg" };
	for (size_t i = 0; i < COUNT_OF(endings); i++)
		if (str_eq(label, str_of(endings[i]))) return true;
	return false;
}

/* To the next space or letter beyond ASCII, without the punctuation that closes a sentence. */
static size_t url_end(const struct normal *n, size_t i)
{
	const size_t from = i;
	while (i < n->n && n->class[i] != C_SPACE && (unsigned char)n->bytes[i] < 0x80) i++;
	while (i > from && memchr(".,;:!?'\")]}>", n->bytes[i - 1], 12)) i--;
	return i;
}

static bool starts_at(const struct normal *n, size_t i, const char *text)
{
	const size_t len = strlen(text);
	return n->n - i >= len && memcmp(n->bytes + i, text, len) == 0;
}

/* An address that begins at `i`: its end and kind, or `i`. */
static size_t address(struct cutter *c, size_t i, enum text_kind *kind)
{
	const struct normal *n = c->n;
	if (i < c->tried || !in_address(n->bytes[i])) return i;
	bool dot;
	const size_t run = address_run(n, i, &dot);
	size_t label;
	c->tried = run;
	if (!dot && byte_at(n, run) != '@' && byte_at(n, run) != ':') return i;
	if (byte_at(n, run) == '@') {
		const size_t host = domain_run(n, run + 1);
		const size_t end = domain_end(n, run + 1, host, &label);
		*kind = TEXT_MAIL;
		if (end > run + 1) return end;
	}
	*kind = TEXT_URL;
	if ((starts_at(n, i, "http://") || starts_at(n, i, "https://")) && in_domain(byte_at(n, i + 8)))
		return url_end(n, i);
	if (starts_at(n, i, "www.") && in_domain(byte_at(n, i + 4))) return url_end(n, i);
	const size_t end = domain_end(n, i, run, &label);
	if (end == i) return i;
	if (byte_at(n, end) == '/') return url_end(n, i);
	return is_common_ending((struct str){ n->bytes + label, end - label }) && !before_word(n, end) ? end : i;
}

/* --- numbers ----------------------------------------------------------------------------------------------- */

/* +49 170 1234567, 0912-345-6789, (021) 8888 8888: its end, or `i`. */
static size_t phone(const struct normal *n, size_t i)
{
	size_t digits = 0, group = 0, at = i, end = i;
	if (after_word(n, i)) return i;
	if (byte_at(n, at) == '+') at++;
	else if (byte_at(n, at) != '0') return i;
	for (; at < n->n && at - i < PHONE_BYTES_MAX; at++) {
		if (n->class[at] == C_DIGIT) {
			digits++, group++;
			end = at + 1;
			continue;
		}
		/* Groups of two digits and more, one separator between them, or a bracket with a space. */
		const bool between = memchr(" -()", n->bytes[at], 4) != NULL;
		const bool doubled =
		        at > i && memchr(" -()", n->bytes[at - 1], 4) && n->bytes[at] != '(' && n->bytes[at] != ' ';
		if (!between || doubled || group == 1) break;
		group = 0;
	}
	const bool ends = !before_word(n, end) && !(byte_at(n, end) == '.' && is_digit(byte_at(n, end + 1)));
	return group != 1 && ends && digits >= PHONE_DIGITS_MIN && digits <= PHONE_DIGITS_MAX ? end : i;
}

static size_t number_end(const struct normal *n, size_t i)
{
	while (i < n->n) {
		if (n->class[i] == C_DIGIT) i++;
		else if ((n->bytes[i] == '.' || n->bytes[i] == ',') && is_digit(byte_at(n, i + 1))) i += 2;
		else break;
	}
	return i;
}

/* --- words ------------------------------------------------------------------------------------------------- */

static size_t arabic_end(const struct normal *n, size_t i)
{
	while (i < n->n && (n->class[i] == C_ARABIC || n->class[i] == C_ZWNJ)) i++;
	return i;
}

static bool in_other_word(uint8_t c)
{
	return c == C_LATIN || c == C_ALIKE || c == C_LETTER || c == C_DIGIT;
}

/* Letters of other scripts, with digits and inner apostrophes; *digits counts the digits. */
static size_t other_end(const struct normal *n, size_t i, size_t *digits, bool *letters)
{
	const size_t from = i;
	while (i < n->n && n->class[i] == C_LATIN) i++;
	*letters |= i > from;
	for (; i < n->n; i++) {
		const uint8_t c = n->class[i];
		const bool inner = c == C_APOSTROPHE && *letters && i + 1 < n->n && is_word_class(n->class[i + 1]) &&
		                   n->class[i + 1] != C_ARABIC && n->class[i - 1] != C_APOSTROPHE;
		if (!in_other_word(c) && !inner) break;
		*digits += c == C_DIGIT;
		*letters |= c != C_DIGIT && !inner;
	}
	return i;
}

static size_t cut_word(struct cutter *c, size_t i)
{
	const struct normal *n = c->n;
	size_t digits = 0, end;
	bool letters = false;
	if (n->class[i] == C_ARABIC) {
		end = arabic_end(n, i);
		put_piece(c, TEXT_WORD, i, end);
		return end;
	}
	end = other_end(n, i, &digits, &letters);
	if (!letters) end = number_end(n, i);
	put_piece(c, !letters || digits >= 3 ? TEXT_NUMBER : TEXT_WORD, i, end);
	return end;
}

static size_t name_end(const struct normal *n, size_t i, bool *letters)
{
	for (; i < n->n; i++) {
		const uint8_t c = n->class[i];
		if (!is_alnum_class(c) && c != C_ZWNJ && n->bytes[i] != '_') break;
		*letters |= is_word_class(c);
	}
	return i;
}

/* @name, #name: the end, or `i`. */
static size_t cut_name(struct cutter *c, size_t i)
{
	const struct normal *n = c->n;
	bool letters = false;
	if (after_word(n, i)) return i;
	const size_t end = name_end(n, i + 1, &letters);
	if (!letters) return i;
	put_piece(c, n->bytes[i] == '@' ? TEXT_MENTION : TEXT_TAG, i, end);
	return end;
}

/* --- faces and marks --------------------------------------------------------------------------------------- */

/* :) :-( ;) =D <3 and their like, with the mouth repeated: the end, or `i`. */
static size_t face(const struct normal *n, size_t i)
{
	if (after_word(n, i)) return i;
	if (n->bytes[i] == '<') return byte_at(n, i + 1) == '3' && !before_word(n, i + 2) ? i + 2 : i;
	size_t at = i + 1;
	if (byte_at(n, at) && memchr("-^o'", byte_at(n, at), 4)) at++;
	const char mouth = byte_at(n, at);
	if (!mouth || !memchr(")(][dpo/\\|*", mouth, 11)) return i;
	while (byte_at(n, at) == mouth) at++;
	/* ":d" but not the beginning of a word, ":/" but not of an address. */
	return before_word(n, at) || (mouth == '/' && byte_at(n, at - 2) == '/') ? i : at;
}

static size_t cut_mark(struct cutter *c, size_t i)
{
	const struct normal *n = c->n;
	size_t end = memchr(":;", n->bytes[i], 2) ? face(n, i) : i;
	if (end > i) {
		put_piece(c, TEXT_EMOJI, i, end);
		return end;
	}
	while (end < n->n && n->bytes[end] == n->bytes[i]) end++;
	put_piece(c, TEXT_MARK, i, end);
	return end;
}

static size_t cut_symbol(struct cutter *c, size_t i)
{
	const struct normal *n = c->n;
	size_t end = i;
	if (n->bytes[i] == '@' || n->bytes[i] == '#') return cut_name(c, i);
	if (n->bytes[i] == '+' || n->bytes[i] == '(') {
		end = phone(n, n->bytes[i] == '(' ? i + 1 : i);
		if (end == i + 1) end = i;
		if (end > i) put_piece(c, TEXT_PHONE, i, end);
	} else if (n->bytes[i] == '<' || n->bytes[i] == '=') {
		end = face(n, i);
		if (end > i) put_piece(c, TEXT_EMOJI, i, end);
	}
	return end;
}

static size_t character_end(const struct normal *n, size_t i)
{
	do i++;
	while (i < n->n && ((unsigned char)n->bytes[i] & 0xC0) == 0x80);
	return i;
}

static size_t cut_emoji(struct cutter *c, size_t i)
{
	const struct normal *n = c->n;
	size_t end = character_end(n, i);
	if (n->class[i] == C_REGION && end < n->n && n->class[end] == C_REGION) end = character_end(n, end);
	put_piece(c, TEXT_EMOJI, i, end);
	return end;
}

size_t cut_pieces(const struct normal *n, struct piece *out)
{
	struct cutter c = { .n = n, .out = out };
	size_t i = 0;
	while (i < n->n) {
		size_t end = i;
		enum text_kind kind;
		switch (n->class[i]) {
		case C_LATIN:
		case C_DIGIT:
			end = address(&c, i, &kind);
			if (end > i) put_piece(&c, kind, i, end);
			else if (n->bytes[i] == '0' && (end = phone(n, i)) > i) put_piece(&c, TEXT_PHONE, i, end);
			else end = cut_word(&c, i);
			break;
		case C_ARABIC:
		case C_ALIKE:
		case C_LETTER: end = cut_word(&c, i); break;
		case C_MARK: end = cut_mark(&c, i); break;
		case C_EMOJI:
		case C_REGION: end = cut_emoji(&c, i); break;
		case C_SYMBOL: end = cut_symbol(&c, i); break;
		default: break;
		}
		i = end > i ? end : i + 1;
	}
	return c.n_out;
}
