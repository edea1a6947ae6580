/* One row of a table to events: what the mapping's fields give for it. */
#ifndef WIRE_ROW_H
#define WIRE_ROW_H

#include "wire/mapping.h"

struct row_cells {
	struct str *cells[1 + WIRE_JOINS_MAX]; /* main, then joins; NULL: no such row, its columns are empty */
	int64_t line;
	struct str number; /* the line as text: what the column WIRE_ROW_COLUMN holds */
	struct str raw;
	/* Webhooks: members of an object, without braces, that stand before the mapping's own properties; and an object
	   for `more` of the event. "" none. */
	struct str kept, more;
};

/* Events of the row through the gate. Buffers are the caller's, reused. */
NODISCARD enum err_code row_events(const struct table_map *t, const struct row_cells *row, struct gate *g,
                                   struct buf *properties, struct buf *traits, struct err *err);

/* The text of a field: constant, first non-empty column or template, then map, default, condition. */
NODISCARD enum err_code row_field(const struct field *f, const struct row_cells *row, struct arena *a, struct str *out,
                                  struct err *why);

#endif
