/* A whole table in memory, found by key: what joins look up. */
#ifndef WIRE_STORE_H
#define WIRE_STORE_H

#include "wire/mapping.h"

struct store;

struct store_options {
	const size_t *key; /* columns; n_key 0: rows are kept in order only */
	size_t n_key;
	int many;          /* join_map.many */
	const size_t *sum; /* columns added up over the rows of a key */
	size_t n_sum;
	char decimal;
	bool keep_all;  /* the table is read too: rows of a key that is known stay in order, though not found */
	size_t *budget; /* bytes left for all stores of the import; taken from */
};

/* Reads the rest of `t` in. Rows that cannot be taken are refused through the gate. Progress counts go on in *rows. */
NODISCARD enum err_code store_read(struct table *t, const struct store_options *opt, struct gate *g, int64_t *rows,
                                   int64_t bytes_before, struct store **out, struct err *err);
void store_free(struct store *s);

/* Cells of the row with that key, or NULL. Parts are compared one by one. */
struct str *store_find(const struct store *s, const struct str *parts);

/* Rows in the order of the file, for tables that are read and joined too. */
size_t store_rows(const struct store *s);
struct str *store_row(const struct store *s, size_t i, int64_t *line);

#endif
