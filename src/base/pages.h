/*
 * Zeroed memory in large pages, for tables that are looked into everywhere
 * at once: in pages of 4 KiB such a look waits for the page table, and each
 * page costs a fault when it is first touched. Below a megabyte it is plain
 * calloc. NULL when memory is short; given back by free().
 */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

#define PAGES_LARGE_BYTES ((size_t)2 << 20)

void *pages_new(size_t bytes);

#endif
