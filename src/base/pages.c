#include "base/pages.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PLAIN_BYTES = 1 << 20 };

void *pages_raw(size_t bytes)
{
	if (bytes < PLAIN_BYTES) return malloc(bytes);
	if (bytes > SIZE_MAX - PAGES_LARGE_BYTES) return NULL;
	const size_t room = (bytes + PAGES_LARGE_BYTES - 1) & ~(PAGES_LARGE_BYTES - 1);
	void *p = aligned_alloc(PAGES_LARGE_BYTES, room);
	if (!p) return NULL;
	madvise(p, room, MADV_HUGEPAGE); /* a wish: small pages are right too, and slower */
	return p;
}

void *pages_new(size_t bytes)
{
	void *p = bytes < PLAIN_BYTES ? calloc(1, bytes) : pages_raw(bytes);
	if (p && bytes >= PLAIN_BYTES) memset(p, 0, bytes);
	return p;
}

static struct {
	pthread_mutex_t lock; /* of both */
	void *pages[PAGES_KEPT_MAX];
	size_t n;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

void *page_take(void)
{
	pthread_mutex_lock(&kept.lock);
	void *p = kept.n ? kept.pages[--kept.n] : NULL;
	pthread_mutex_unlock(&kept.lock);
	if (p) return p;
	p = aligned_alloc(PAGES_LARGE_BYTES, PAGES_LARGE_BYTES);
	if (p) madvise(p, PAGES_LARGE_BYTES, MADV_HUGEPAGE);
	return p;
}

void page_give(void *page)
{
	if (!page) return;
	madvise(page, PAGES_LARGE_BYTES, MADV_FREE);
	pthread_mutex_lock(&kept.lock);
	const bool room = kept.n < PAGES_KEPT_MAX;
	if (room) kept.pages[kept.n++] = page;
	pthread_mutex_unlock(&kept.lock);
	if (!room) free(page);
}
