/* Rows of a table without a mapping. */
#include "wire/table.h"

enum err_code wire_rows(const struct wire_input *in, enum wire_format format, const struct wire_rows *rows,
                        struct err *err)
{
	struct table *t = NULL;
	struct row row;
	struct err why;
	enum table_got got = TABLE_ROW;
	enum err_code rc = table_open(in, format, &(struct table_options){ .no_header = true }, &t, err);
	if (rc != OK) return rc;
	const struct str *names;
	const size_t n = table_columns(t, &names);
	while (rc == OK && got != TABLE_END) {
		why = (struct err){ 0 };
		got = table_next(t, &row, &why);
		if (got == TABLE_ROW) rc = rows->row(rows->ctx, row.cells, n, row.line, err);
		else if (got == TABLE_BAD_ROW) rc = rows->bad(rows->ctx, row.line, &why, err);
		else if (got == TABLE_FAILED) {
			if (err) *err = why;
			rc = why.code;
		}
	}
	table_close(t);
	return rc;
}
