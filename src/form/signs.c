/* Characters that nobody sees, that turn text, and digits. */
#include "form/priv.h"

bool sign_direction(uint32_t c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool sign_invisible(uint32_t c)
{
	return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x1680 || c == 0x180e ||
	       (c >= 0x2000 && c <= 0x200d) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       (c >= 0x205f && c <= 0x2065) || c == 0x3000 || c == 0xfeff || sign_direction(c);
}

int sign_digit(uint32_t c)
{
	if (c >= '0' && c <= '9') return (int)(c - '0');
	if (c >= 0x660 && c <= 0x669) return (int)(c - 0x660);
	if (c >= 0x6f0 && c <= 0x6f9) return (int)(c - 0x6f0);
	return -1;
}

struct str signs_trim(struct str s)
{
	size_t from = s.len, end = 0;
	for (size_t i = 0; i < s.len;) {
		const size_t at = i;
		if (sign_invisible(utf8_next(s, &i))) continue;
		if (from == s.len) from = at;
		end = i;
	}
	return str_cut(s, from, end);
}

size_t signs_count(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; n++) (void)utf8_next(s, &i);
	return n;
}

struct str signs_cut(struct str s, size_t bytes)
{
	if (s.len <= bytes) return s;
	while (bytes && ((unsigned char)s.ptr[bytes] & 0xC0) == 0x80) bytes--;
	return str_cut(s, 0, bytes);
}
