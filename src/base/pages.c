#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PLAIN_BYTES = 1 << 20 };

void *pages_new(size_t bytes)
{
	if (bytes < PLAIN_BYTES) return calloc(1, bytes);
	if (bytes > SIZE_MAX - PAGES_LARGE_BYTES) return NULL;
	const size_t room = (bytes + PAGES_LARGE_BYTES - 1) & ~(PAGES_LARGE_BYTES - 1);
	void *p = aligned_alloc(PAGES_LARGE_BYTES, room);
	if (!p) return NULL;
	madvise(p, room, MADV_HUGEPAGE); /* a wish: small pages are right too, and slower */
	memset(p, 0, room);
	return p;
}
