/* Percent codes and base64. */
#include "base/coding.h"

static int hex_of(char c)
{
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

bool percent_decode(struct arena *a, struct str in, bool plus, struct str *out)
{
	char *p = arena_alloc(a, in.len + 1);
	size_t n = 0;
	if (!p) return false;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		if (c == '%') {
			if (in.len - i < 3) return false;
			int hi = hex_of(in.ptr[i + 1]), lo = hex_of(in.ptr[i + 2]);
			if (hi < 0 || lo < 0) return false;
			c = (char)(hi * 16 + lo);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7f) return false;
		p[n++] = c;
	}
	*out = (struct str){ p, n };
	return utf8_valid(p, n) == n;
}

bool base64_decode(struct arena *a, struct str in, struct str *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	while (in.len && in.ptr[in.len - 1] == '=') in.len--;
	char *p = arena_alloc(a, in.len / 4 * 3 + 4);
	if (!p) return false;
	size_t n = 0;
	uint32_t bits = 0;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i] == '-' ? '+' : in.ptr[i] == '_' ? '/' : in.ptr[i];
		const char *at = c ? strchr(alphabet, c) : NULL;
		if (!at) return false;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		if (i % 4 == 1) p[n++] = (char)(bits >> 4);
		if (i % 4 == 2) p[n++] = (char)(bits >> 2);
		if (i % 4 == 3) p[n++] = (char)bits;
	}
	*out = (struct str){ p, n };
	return in.len % 4 != 1;
}
