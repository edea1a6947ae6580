#include "base/embed.h"

struct str embed_find(const struct embed_file *table, size_t n, const char *name)
{
	size_t lo = 0, hi = n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(table[mid].name, name);
		if (c == 0)
			return (struct str){ (const char *)table[mid].ptr, (size_t)(table[mid].end - table[mid].ptr) };
		if (c < 0) lo = mid + 1;
		else hi = mid;
	}
	return (struct str){ 0 };
}
