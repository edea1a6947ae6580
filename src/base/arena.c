#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

enum { CHUNK_BYTES = 64 * 1024, ALIGN = 16 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size_bytes, used_bytes;
	_Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
	*a = (struct arena){ .max_bytes = max_bytes };
}

void arena_done(struct arena *a)
{
	for (struct arena_chunk *c = a->chunk, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	a->chunk = NULL;
	a->used_bytes = 0;
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *keep = a->chunk;
	if (!keep) return;
	a->chunk = keep->next;
	arena_done(a);
	keep->next = NULL;
	keep->used_bytes = 0;
	a->chunk = keep;
	a->used_bytes = keep->size_bytes;
}

static struct arena_chunk *grow(struct arena *a, size_t need)
{
	/* Chunks double with the arena, so a large result costs few of them. */
	size_t size = a->used_bytes / 2;
	if (size < CHUNK_BYTES) size = CHUNK_BYTES;
	if (size < need) size = need;
	if (a->used_bytes + size > a->max_bytes) size = need;

	size_t total, block;
	if (!size_add(a->used_bytes, size, &total) || total > a->max_bytes) return NULL;
	if (!size_add(sizeof(struct arena_chunk), size, &block)) return NULL;
	struct arena_chunk *c = malloc(block);
	if (!c) return NULL;
	c->size_bytes = size;
	c->used_bytes = 0;
	c->next = a->chunk;
	a->chunk = c;
	a->used_bytes = total;
	return c;
}

/* Most of what is asked for is small: stores in line that may overlap, not a call. `n` is a multiple of ALIGN. */
static inline void clear(unsigned char *p, size_t n)
{
	if (n > 4 * ALIGN) {
		memset(p, 0, n);
		return;
	}
	if (n > 2 * ALIGN) {
		memset(p + ALIGN, 0, ALIGN);
		memset(p + n - 2 * ALIGN, 0, ALIGN);
	}
	memset(p, 0, ALIGN);
	memset(p + n - ALIGN, 0, ALIGN);
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
	size_t need;
	if (!size_add(size_bytes, ALIGN - 1, &need)) return NULL;
	need &= ~(size_t)(ALIGN - 1);
	if (need == 0) need = ALIGN;

	struct arena_chunk *c = a->chunk;
	if (!c || c->size_bytes - c->used_bytes < need) c = grow(a, need);
	if (!c) return NULL;
	unsigned char *p = c->bytes + c->used_bytes;
	c->used_bytes += need;
	clear(p, need);
	return p;
}

void *arena_array(struct arena *a, size_t n, size_t size_bytes)
{
	size_t total;
	return size_mul(n, size_bytes, &total) ? arena_alloc(a, total) : NULL;
}

enum err_code err_no_memory(struct err *err)
{
	err_set(err, ERR_NO_MEMORY, "memory", "", "not enough memory for this request");
	err_hint(err, "Narrow the period or the filter, or give the server more memory.");
	return ERR_NO_MEMORY;
}
