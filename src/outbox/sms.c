/*
 * How many parts an SMS has. GSM 03.38: a default alphabet of 7-bit characters and an extension behind an escape, so
 * that a brace or a euro costs two. One character that neither has turns the whole message into UCS-2: Arabic and
 * Persian always. Parts carry a header of six bytes: 153 of 160 septets, 67 of 70 units are left.
 * Sources: 3GPP TS 23.038 (alphabets), TS 23.040 section 9.2.3.24.1 (concatenation).
 */
#include "outbox/priv.h"

static bool gsm_basic(uint32_t cp)
{
	/* Everything printable of ASCII but ` and those of the extension, and these. */
	static const uint32_t others[] = { 0xA1,  0xA3,  0xA4,  0xA5,  0xA7,  0xBF,  0xC4,  0xC5,  0xC6, 0xC7,
		                           0xC9,  0xD1,  0xD6,  0xD8,  0xDC,  0xDF,  0xE0,  0xE4,  0xE5, 0xE6,
		                           0xE8,  0xE9,  0xEC,  0xF1,  0xF2,  0xF6,  0xF8,  0xF9,  0xFC, 0x393,
		                           0x394, 0x398, 0x39B, 0x39E, 0x3A0, 0x3A3, 0x3A6, 0x3A8, 0x3A9 };
	if (cp == '\n' || cp == '\r') return true;
	if (cp < 0x80) return cp >= 0x20 && cp < 0x7F && cp != '`' && !strchr("^{}\\[~]|", (int)cp);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (cp == others[i]) return true;
	return false;
}

static bool gsm_extended(uint32_t cp)
{
	return cp == 0x20AC || cp == '\f' || (cp < 0x80 && cp && strchr("^{}\\[~]|", (int)cp));
}

static bool is_unicode(struct str text)
{
	for (size_t i = 0; i < text.len;) {
		const uint32_t cp = utf8_next(text, &i);
		if (!gsm_basic(cp) && !gsm_extended(cp)) return true;
	}
	return false;
}

static size_t width(uint32_t cp, bool unicode)
{
	if (unicode) return cp > 0xFFFF ? 2 : 1;
	return gsm_extended(cp) ? 2 : 1;
}

struct outbox_sms outbox_sms_count(struct str text)
{
	struct outbox_sms s = { .unicode = is_unicode(text) };
	for (size_t i = 0; i < text.len;) s.units += width(utf8_next(text, &i), s.unicode);
	s.per_part = s.unicode ? 70 : 160;
	if (s.units <= s.per_part) {
		s.parts = s.units > 0;
		s.left = s.per_part - s.units;
		return s;
	}
	s.per_part = s.unicode ? 67 : 153;
	size_t used = 0;
	s.parts = 1;
	for (size_t i = 0; i < text.len;) {
		const size_t w = width(utf8_next(text, &i), s.unicode);
		if (used + w > s.per_part) {
			s.parts++;
			used = 0;
		}
		used += w;
	}
	s.left = s.per_part - used;
	return s;
}

/* Whether the bytes [from, to) of a text all travel in one part. */
static bool in_one_part(struct str text, size_t from, size_t to)
{
	const struct outbox_sms s = outbox_sms_count(text);
	size_t used = 0, part = 0, first = 0;
	if (s.parts <= 1) return true;
	for (size_t i = 0; i < to;) {
		const size_t at = i, w = width(utf8_next(text, &i), s.unicode);
		if (used + w > s.per_part) {
			part++;
			used = 0;
		}
		used += w;
		if (at == from) first = part;
	}
	return part == first;
}

struct str outbox_sms_with_link(struct str text, struct str link, struct arena *a)
{
	static const char hole[] = "{{link}}";
	const char *at = text.len ? memmem(text.ptr, text.len, hole, sizeof hole - 1) : NULL;
	struct str before = text, after = STR("");
	if (at) {
		before = str_cut(text, 0, (size_t)(at - text.ptr));
		after = str_cut(text, before.len + sizeof hole - 1, text.len);
	}
	const char *gap = !at && text.len ? " " : "";
	const struct str whole =
	        str_format(a, STR_FMT "%s" STR_FMT STR_FMT, STR_ARG(before), gap, STR_ARG(link), STR_ARG(after));
	const size_t from = before.len + strlen(gap);
	if (!whole.ptr || in_one_part(whole, from, from + link.len)) return whole;
	const struct str rest = str_trim(str_format(a, STR_FMT STR_FMT, STR_ARG(before), STR_ARG(after)));
	return str_format(a, STR_FMT "\n" STR_FMT, STR_ARG(link), STR_ARG(rest));
}
