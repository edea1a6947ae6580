/*
 * Memory that lives and dies together. Four lifetimes are in use: process,
 * snapshot, request, scratch. A function that takes an arena puts its result
 * there; the caller frees nothing.
 *
 * An arena has a ceiling in bytes; past it arena_alloc answers NULL, which
 * the caller turns into ERR_NO_MEMORY. Memory is zeroed and aligned to 16.
 * An arena is owned by one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk; /* newest first */
	size_t used_bytes, max_bytes;
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_done(struct arena *a);  /* accepts a zeroed arena */
void arena_reset(struct arena *a); /* forgets all, keeps the newest chunk */

NODISCARD void *arena_alloc(struct arena *a, size_t size_bytes);

/* n times size_bytes with overflow checked; NULL past the ceiling. n = 0 gives a valid pointer. */
NODISCARD void *arena_array(struct arena *a, size_t n, size_t size_bytes);
#define ARENA_ARRAY(a, T, n) ((T *)arena_array((a), (n), sizeof(T)))
#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))

/* The one error for a NULL from above. */
enum err_code err_no_memory(struct err *err);

#endif
