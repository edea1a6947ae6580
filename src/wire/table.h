/* Tables: a header and rows of text cells, whatever file they come from. */
#ifndef WIRE_TABLE_H
#define WIRE_TABLE_H

#include "wire/priv.h"

/* Documented maxima (docs/mapping.md). */
#define WIRE_COLUMNS_MAX ((size_t)1000)
#define WIRE_FIELD_BYTES_MAX ((size_t)2 * 1024 * 1024)
#define WIRE_ROW_BYTES_MAX ((size_t)8 * 1024 * 1024)

struct table_options {
	char delimiter;   /* CSV; '\0' looks for itself */
	bool no_header;   /* columns are called "1", "2", ... */
	int64_t skip;     /* lines (CSV) or rows (XLSX) before the header */
	struct str sheet; /* XLSX; "" the first */
};

struct row {
	struct str *cells; /* as many as the table has columns; valid until the next call */
	int64_t line;
	struct str raw; /* for refusals */
};

struct table;
NODISCARD enum err_code table_open(const struct wire_input *in, enum wire_format format,
                                   const struct table_options *opt, struct table **out, struct err *err);
void table_close(struct table *t);
size_t table_columns(const struct table *t, const struct str **names);

enum table_got { TABLE_END, TABLE_ROW, TABLE_BAD_ROW, TABLE_FAILED };
/* TABLE_BAD_ROW: row->line, row->raw and *why say what was left out. TABLE_FAILED: *why ends the reading. */
enum table_got table_next(struct table *t, struct row *row, struct err *why);
int64_t table_bytes(const struct table *t);

/* What a reader of one file kind gives. next: cells and n_cells of any number; table.c fits them to the header. */
struct raw_row {
	struct str *cells;
	size_t n_cells;
	int64_t line;
	struct str raw;
};
struct reader {
	enum table_got (*next)(void *ctx, struct raw_row *row, struct err *why);
	int64_t (*bytes)(void *ctx);
	void (*close)(void *ctx);
	void *ctx;
};
NODISCARD enum err_code csv_open(const struct wire_input *in, const struct table_options *opt, struct reader *out,
                                 struct err *err);
NODISCARD enum err_code xlsx_open(const struct wire_input *in, const struct table_options *opt, struct reader *out,
                                  struct err *err);
/* After the header: one column only, though another delimiter would give more; '\0' when not. */
char csv_better_delimiter(const struct reader *r);

#endif
