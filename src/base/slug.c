#include "base/slug.h"

#include <unicode/uchar.h>

struct str slug_of(struct str words, size_t bytes_max, struct str otherwise, struct arena *a)
{
	char *out = arena_alloc(a, words.len * 2 + 8), letter[4];
	size_t n = 0;
	if (!out) return (struct str){ NULL, 0 };
	for (size_t i = 0; i < words.len;) {
		const uint32_t c = utf8_next(words, &i);
		if (!u_isalnum((UChar32)c)) {
			if (n && out[n - 1] != '-') out[n++] = '-';
			continue;
		}
		const size_t len = utf8_put(letter, (uint32_t)u_tolower((UChar32)c));
		if (n + len > bytes_max) break;
		memcpy(out + n, letter, len);
		n += len;
	}
	while (n && out[n - 1] == '-') n--;
	return n ? (struct str){ out, n } : str_copy(a, otherwise);
}
