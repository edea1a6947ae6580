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
void *pages_raw(size_t bytes); /* with whatever is in them, for who fills them at once */

/*
 * One page of PAGES_LARGE_BYTES, with whatever is in it; NULL when memory is
 * short. The system clears each page that it gives, which takes as long as
 * counting what is put there: pages given back are kept, up to
 * PAGES_KEPT_MAX, for whoever takes one next, on any thread: what the
 * variants of 100 M events pile up fits into them. The system may take the
 * kept ones when memory is short.
 */
enum { PAGES_KEPT_MAX = 256 };
void *page_take(void);
void page_give(void *page); /* NULL is fine */

#endif
