/* Files carried inside the program; the tables are made by tools/embed.py at build time. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

#include "base/str.h"

struct embed_file {
	const char *name;               /* path, sorted within its table */
	const unsigned char *ptr, *end; /* a NUL follows */
};

/* The bytes of `name` in a table of n files; {NULL, 0} when it has none. */
struct str embed_find(const struct embed_file *table, size_t n, const char *name);

#endif
