/*
 * One spelling for what Unicode can write in many ways: NFKC with case
 * folded, digits of every script as 0-9, quotes, dashes and punctuation as
 * their plain forms; tatweel, vowel signs, bidi marks, skin tones and
 * characters without width taken away. Works character by character from a
 * table that ICU fills when a character is first met; letters with marks
 * are composed pair by pair, so a text of any length costs its length.
 *
 * Not NFKC to the letter: marks of Latin, Greek and Cyrillic letters that
 * compose with nothing are dropped, and sequences of scripts that no
 * language of ours uses are not reordered.
 */
#include <stdlib.h>

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "text/priv.h"

/* What Unicode's tables do not say, or say otherwise. `to` 0: written as itself. */
static const struct {
	uint32_t from, last;
	uint8_t class;
	uint32_t to;
} special[] = {
	{ 0x0000, 0x0020, C_SPACE, ' ' },
	{ '\'', '\'', C_APOSTROPHE, '\'' },
	{ '`', '`', C_APOSTROPHE, '\'' },
	{ 0x007F, 0x00A0, C_SPACE, ' ' },
	{ 0x00AB, 0x00AB, C_SYMBOL, '"' },
	{ 0x00AC, 0x00AC, C_ZWNJ, 0 }, /* how old converters wrote the half-space */
	{ 0x00AD, 0x00AD, C_ZERO, 0 },
	{ 0x00B4, 0x00B4, C_APOSTROPHE, '\'' },
	{ 0x00BB, 0x00BB, C_SYMBOL, '"' },
	{ 0x02B9, 0x02BC, C_APOSTROPHE, '\'' },
	{ 0x0300, 0x036F, C_JOIN, 0 },
	{ 0x0589, 0x0589, C_MARK, '.' },
	{ 0x060C, 0x060C, C_MARK, ',' },
	{ 0x0610, 0x061A, C_DROP, 0 },
	{ 0x061B, 0x061B, C_MARK, ';' },
	{ 0x061C, 0x061C, C_ZERO, 0 },
	{ 0x061E, 0x061F, C_MARK, '?' },
	{ 0x0640, 0x0640, C_DROP, 0 },
	{ 0x064B, 0x0652, C_DROP, 0 },
	{ 0x0653, 0x0655, C_JOIN, 0 }, /* madda and hamza belong to the letter */
	{ 0x0656, 0x065F, C_DROP, 0 },
	{ 0x066A, 0x066A, C_SYMBOL, '%' },
	{ 0x066B, 0x066B, C_MARK, '.' },
	{ 0x066C, 0x066C, C_MARK, ',' },
	{ 0x0670, 0x0670, C_DROP, 0 },
	{ 0x06D4, 0x06D4, C_MARK, '.' },
	{ 0x06D6, 0x06ED, C_DROP, 0 },
	{ 0x08D3, 0x08FF, C_DROP, 0 },
	{ 0x0964, 0x0965, C_MARK, '.' },
	{ 0x180B, 0x180F, C_ZERO, 0 },
	{ 0x1AB0, 0x1AFF, C_JOIN, 0 },
	{ 0x1DC0, 0x1DFF, C_JOIN, 0 },
	{ 0x2000, 0x200A, C_SPACE, ' ' },
	{ 0x200B, 0x200B, C_ZERO, 0 },
	{ 0x200C, 0x200C, C_ZWNJ, 0 },
	{ 0x200D, 0x200D, C_DROP, 0 },
	{ 0x200E, 0x200F, C_ZERO, 0 },
	{ 0x2010, 0x2015, C_SYMBOL, '-' },
	{ 0x2018, 0x201B, C_APOSTROPHE, '\'' },
	{ 0x201C, 0x201F, C_SYMBOL, '"' },
	{ 0x2028, 0x2029, C_SPACE, ' ' },
	{ 0x202A, 0x202C, C_ZERO, 0 },
	{ 0x202D, 0x202E, C_BIDI, 0 },
	{ 0x2032, 0x2032, C_APOSTROPHE, '\'' },
	{ 0x2060, 0x206F, C_ZERO, 0 },
	{ 0x20D0, 0x20FF, C_DROP, 0 },
	{ 0x2212, 0x2212, C_SYMBOL, '-' },
	{ 0x2640, 0x2640, C_DROP, 0 }, /* the sexes of emoji */
	{ 0x2642, 0x2642, C_DROP, 0 },
	{ 0x3001, 0x3001, C_MARK, ',' },
	{ 0x3002, 0x3002, C_MARK, '.' },
	{ 0xFE00, 0xFE0F, C_DROP, 0 },
	{ 0xFE20, 0xFE2F, C_JOIN, 0 },
	{ 0xFEFF, 0xFEFF, C_ZERO, 0 },
	{ 0x1F1E6, 0x1F1FF, C_REGION, 0 },
	{ 0x1F3FB, 0x1F3FF, C_DROP, 0 }, /* skin tones */
	{ 0xE0000, 0xE0FFF, C_ZERO, 0 },
};

#define UNREADABLE UINT32_MAX

/* --- the table of characters ------------------------------------------------------------------------------ */

static bool is_letter(uint32_t cp)
{
	return (U_MASK(u_charType((UChar32)cp)) & (U_GC_L_MASK | U_GC_M_MASK)) != 0;
}

/* Of a character that stands for itself. */
static struct cell plain(uint32_t cp)
{
	struct cell c = { .class = C_SPACE, .n = 1, .to = cp };
	UErrorCode why = U_ZERO_ERROR;
	if (cp < 0x80) {
		if (cp >= 'a' && cp <= 'z') c.class = C_LATIN;
		else if (cp >= '0' && cp <= '9') c.class = C_DIGIT;
		else if (memchr(".,;:!?", (int)cp, 6)) c.class = C_MARK;
		else c.class = C_SYMBOL;
	} else if (is_letter(cp)) {
		switch (uscript_getScript((UChar32)cp, &why)) {
		case USCRIPT_LATIN: c.class = C_LATIN; break;
		case USCRIPT_ARABIC: c.class = C_ARABIC; break;
		case USCRIPT_CYRILLIC:
		case USCRIPT_GREEK: c.class = C_ALIKE; break;
		default: c.class = C_LETTER;
		}
	} else if (u_hasBinaryProperty((UChar32)cp, UCHAR_EXTENDED_PICTOGRAPHIC)) c.class = C_EMOJI;
	else c.to = ' ';
	return c;
}

static const struct cell *in_special(uint32_t cp, struct cell *out)
{
	size_t low = 0, high = COUNT_OF(special);
	while (low < high) {
		const size_t mid = (low + high) / 2;
		if (cp > special[mid].last) low = mid + 1;
		else high = mid;
	}
	if (low == COUNT_OF(special) || cp < special[low].from) return NULL;
	*out = (struct cell){ .class = special[low].class, .n = 1, .to = special[low].to ? special[low].to : cp };
	return out;
}

/* The characters that cp stands for, as plain cells would write them one by one. */
static size_t casefolded(const struct cells *c, uint32_t cp, uint32_t *out, size_t cap)
{
	const UChar32 one = (UChar32)cp;
	UChar from[2], to[64];
	UChar32 parts[64];
	int32_t n_from = 0, n_parts = 0;
	UErrorCode why = U_ZERO_ERROR;
	u_strFromUTF32(from, COUNT_OF(from), &n_from, &one, 1, &why);
	const int32_t n = unorm2_normalize(c->casefold, from, n_from, to, COUNT_OF(to), &why);
	u_strToUTF32(parts, COUNT_OF(parts), &n_parts, to, n, &why);
	if (U_FAILURE(why) || (size_t)n_parts > cap) return 0;
	for (int32_t i = 0; i < n_parts; i++) out[i] = (uint32_t)parts[i];
	return (size_t)n_parts;
}

static struct cell many(struct cells *c, const uint32_t *parts, size_t n)
{
	if (c->n_pool + n > c->cap_pool) {
		const size_t cap = 2 * c->cap_pool + 256;
		uint32_t *pool = realloc(c->pool, cap * sizeof(*pool));
		if (!pool) return (struct cell){ .class = C_SPACE, .n = 1, .to = ' ' };
		c->pool = pool;
		c->cap_pool = cap;
	}
	const struct cell out = { .class = C_MANY, .n = (uint8_t)n, .to = (uint32_t)c->n_pool };
	memcpy(c->pool + c->n_pool, parts, n * sizeof(*parts));
	c->n_pool += n;
	return out;
}

static struct cell make_cell(struct cells *c, uint32_t cp)
{
	struct cell out;
	uint32_t parts[32];
	if (in_special(cp, &out)) return out;
	if (u_charType((UChar32)cp) == U_DECIMAL_DIGIT_NUMBER)
		return plain((uint32_t)('0' + u_charDigitValue((UChar32)cp)));
	const size_t n = casefolded(c, cp, parts, COUNT_OF(parts));
	if (n == 0) return (struct cell){ .class = C_DROP, .n = 1, .to = cp };
	if (n > 1) return many(c, parts, n);
	if (in_special(parts[0], &out)) return out;
	return plain(parts[0]);
}

struct cell *cell_of(struct cells *c, uint32_t cp)
{
	struct cell **page = &c->pages[cp / PAGE_CELLS];
	if (!*page) {
		*page = malloc(PAGE_CELLS * sizeof(**page));
		if (!*page) return NULL;
		for (size_t i = 0; i < PAGE_CELLS; i++) (*page)[i].class = C_UNSEEN;
	}
	struct cell *cell = &(*page)[cp % PAGE_CELLS];
	if (cell->class == C_UNSEEN) *cell = make_cell(c, cp);
	return cell;
}

void cells_done(struct cells *c)
{
	for (size_t i = 0; i < PAGES; i++) free(c->pages[i]);
	free(c->pool);
}

/* --- bytes in ---------------------------------------------------------------------------------------------- */

static bool is_tail(unsigned char b)
{
	return (b & 0xC0) == 0x80;
}

/* The code point at p, with surrogates as they come; UNREADABLE for what is no UTF-8 otherwise, one byte long. */
static uint32_t decode(const unsigned char *p, size_t left, size_t *len)
{
	*len = 1;
	if (p[0] < 0x80) return p[0];
	if (p[0] >= 0xC2 && p[0] < 0xE0 && left >= 2 && is_tail(p[1])) {
		*len = 2;
		return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
	}
	if ((p[0] & 0xF0) == 0xE0 && left >= 3 && is_tail(p[1]) && is_tail(p[2])) {
		const uint32_t cp = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
		if (cp < 0x800) return UNREADABLE;
		*len = 3;
		return cp;
	}
	if ((p[0] & 0xF8) == 0xF0 && left >= 4 && is_tail(p[1]) && is_tail(p[2]) && is_tail(p[3])) {
		const uint32_t cp = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
		                    (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
		if (cp < 0x10000 || cp > 0x10FFFF) return UNREADABLE;
		*len = 4;
		return cp;
	}
	return UNREADABLE;
}

/* As decode, with a pair of surrogates as their character; one alone is unreadable, three bytes long. */
static uint32_t next_character(const unsigned char *p, size_t left, size_t *len, unsigned *flags)
{
	const uint32_t cp = decode(p, left, len);
	if (cp == UNREADABLE || cp == 0xFFFD) *flags |= TEXT_FLAG_BROKEN;
	if (cp < 0xD800 || cp > 0xDFFF) return cp;
	*flags |= TEXT_FLAG_SURROGATE;
	size_t len2;
	if (cp < 0xDC00 && left >= 6) {
		const uint32_t low = decode(p + 3, left - 3, &len2);
		if (low >= 0xDC00 && low <= 0xDFFF) {
			*len = 6;
			return 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	return UNREADABLE;
}

/* --- the normalised text ----------------------------------------------------------------------------------- */

static bool make_room(struct normal *n, size_t room)
{
	if (n->cap - n->n >= room) return true;
	const size_t cap = n->n + room + n->cap / 2;
	char *bytes = realloc(n->bytes, cap);
	if (bytes) n->bytes = bytes;
	uint32_t *at = realloc(n->at, cap * sizeof(*at));
	if (at) n->at = at;
	uint8_t *class = realloc(n->class, cap);
	if (class) n->class = class;
	if (!bytes || !at || !class) return false;
	n->cap = cap;
	return true;
}

void normal_done(struct normal *n)
{
	free(n->bytes);
	free(n->at);
	free(n->class);
}

static void put(struct normal *n, uint32_t cp, uint8_t class, uint32_t at)
{
	if (class == C_SPACE && (n->n == 0 || n->class[n->n - 1] == C_SPACE)) return;
	const size_t len = put_letter(n->bytes + n->n, cp);
	for (size_t i = n->n; i < n->n + len; i++) {
		n->at[i] = at;
		n->class[i] = class;
	}
	n->n += len;
}

/* A mark joins the letter before it where Unicode has the two as one, else it is dropped. */
static void join(struct cells *cells, struct normal *n, uint32_t mark)
{
	if (n->n == 0 || !is_word_class(n->class[n->n - 1])) return;
	size_t start = n->n - 1;
	while (start > 0 && is_tail((unsigned char)n->bytes[start])) start--;
	size_t i = start;
	const uint32_t letter = utf8_next((struct str){ n->bytes, n->n }, &i);
	const UChar32 both = unorm2_composePair(cells->compose, (UChar32)letter, (UChar32)mark);
	if (both < 0) return;
	const struct cell *cell = cell_of(cells, (uint32_t)both);
	if (!cell || cell->to != (uint32_t)both || !is_word_class(cell->class)) return;
	n->n = start;
	put(n, (uint32_t)both, cell->class, n->at[start]);
}

struct half_space {
	bool pending;
	uint32_t at;
};

static void put_cell(struct cells *cells, struct normal *n, struct cell c, uint32_t cp, uint32_t at,
                     struct half_space *half)
{
	switch (c.class) {
	case C_ZERO: n->n_zero++; return;
	case C_BIDI: n->n_zero++, n->flags |= TEXT_FLAG_BIDI; return;
	case C_DROP: return;
	case C_JOIN: join(cells, n, cp); return;
	case C_ZWNJ:
		/* Only between letters, which the next character tells; a flood of them is one. */
		if (half->pending) n->n_zero++;
		*half = (struct half_space){ .pending = true, .at = at };
		return;
	default: break;
	}
	if (half->pending) {
		if (c.class == C_ARABIC && n->n > 0 && n->class[n->n - 1] == C_ARABIC) put(n, 0x200C, C_ZWNJ, half->at);
		half->pending = false;
	}
	put(n, c.to, c.class, at);
}

/* How far ASCII goes on from `from`; it needs no look at what came before but for spaces. */
static size_t put_ascii(const struct cell *ascii, struct normal *n, struct str raw, size_t from)
{
	size_t i = from, w = n->n;
	bool after_space = w == 0 || n->class[w - 1] == C_SPACE;
	for (; i < raw.len && (unsigned char)raw.ptr[i] < 0x80; i++) {
		const struct cell c = ascii[(unsigned char)raw.ptr[i]];
		const bool space = c.class == C_SPACE;
		n->bytes[w] = (char)c.to;
		n->at[w] = (uint32_t)i;
		n->class[w] = c.class;
		w += !(space && after_space);
		after_space = space;
	}
	n->n = w;
	return i;
}

/* How far letters of two bytes that stay letters of two bytes go on from `from`, with single spaces between them:
 * nearly all of an Arabic or Persian text. Nothing of it looks at what came before. */
static size_t put_pairs(struct cells *cells, struct normal *n, struct str raw, size_t from)
{
	const unsigned char *const p = (const unsigned char *)raw.ptr;
	size_t i = from, w = n->n;
	while (i + 1 < raw.len) {
		if (p[i] == ' ' && w > n->n && n->class[w - 1] == C_ARABIC) {
			n->bytes[w] = ' ';
			n->at[w] = (uint32_t)i++;
			n->class[w++] = C_SPACE;
			n->n_characters++;
			continue;
		}
		if (p[i] < 0xC2 || p[i] >= 0xE0 || !is_tail(p[i + 1])) break;
		const uint32_t cp = (p[i] & 0x1Fu) << 6 | (p[i + 1] & 0x3Fu);
		const struct cell *const page = cells->pages[cp / PAGE_CELLS];
		if (!page || page[cp % PAGE_CELLS].class != C_ARABIC) break;
		const uint32_t to = page[cp % PAGE_CELLS].to;
		if (to < 0x80 || to >= 0x800) break;
		n->bytes[w] = (char)(0xC0 | to >> 6);
		n->bytes[w + 1] = (char)(0x80 | (to & 0x3F));
		n->at[w] = n->at[w + 1] = (uint32_t)i;
		n->class[w] = n->class[w + 1] = C_ARABIC;
		n->n_characters++;
		w += 2;
		i += 2;
	}
	n->n = w;
	return i;
}

void normalise(struct cells *cells, struct str raw, struct normal *n)
{
	struct half_space half = { 0 };
	n->n = n->n_characters = n->n_zero = 0;
	n->flags = 0;
	if (raw.len > TEXT_BYTES_MAX) {
		n->flags |= TEXT_FLAG_CUT;
		raw.len = TEXT_BYTES_MAX;
		/* Not in the middle of a character. */
		while (raw.len > TEXT_BYTES_MAX - 4 && is_tail((unsigned char)raw.ptr[raw.len])) raw.len--;
	}
	/* Room for the rest as ASCII and for the longest single character is kept at every step. */
	bool room = make_room(n, raw.len + 128);
	size_t i = 0;
	while (room && i < raw.len) {
		if ((unsigned char)raw.ptr[i] < 0x80) {
			const size_t to = put_ascii(cells->pages[0], n, raw, i);
			n->n_characters += to - i;
			half.pending = false;
			i = to;
			continue;
		}
		const size_t paired = half.pending ? i : put_pairs(cells, n, raw, i);
		if (paired > i) {
			i = paired;
			continue;
		}
		size_t len;
		const uint32_t cp = next_character((const unsigned char *)raw.ptr + i, raw.len - i, &len, &n->flags);
		const uint32_t at = (uint32_t)i;
		i += len;
		n->n_characters++;
		const struct cell *cell = cp == UNREADABLE ? NULL : cell_of(cells, cp);
		if (!cell) put_cell(cells, n, (struct cell){ .class = C_SPACE, .to = ' ' }, ' ', at, &half);
		else if (cell->class != C_MANY) put_cell(cells, n, *cell, cp, at, &half);
		else {
			const struct cell all = *cell;
			for (size_t k = 0; k < all.n; k++) {
				const uint32_t part = cells->pool[all.to + k];
				const struct cell *one = cell_of(cells, part);
				if (one && one->class != C_MANY) put_cell(cells, n, *one, part, at, &half);
			}
		}
		room = make_room(n, raw.len - i + 128);
	}
	if (!room) n->flags |= TEXT_FLAG_SHORT_MEMORY;
	if (n->n_zero >= 8 && n->n_zero * 4 > n->n_characters) n->flags |= TEXT_FLAG_ZERO_WIDTH;
	/* One past the end, for raw_end; room was kept. */
	if (n->cap > n->n) n->at[n->n] = (uint32_t)i;
}

uint32_t raw_end(const struct normal *n, size_t to)
{
	const uint32_t last = n->at[to - 1];
	/* A character that became several begins where its neighbour does. */
	while (to < n->n && n->at[to] == last) to++;
	return n->at[to];
}
