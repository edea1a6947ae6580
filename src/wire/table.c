/* Fits what a reader gives to the header: names of columns, number of fields. */
#include "wire/table.h"

#include "base/checked.h"

struct table {
	struct reader reader;
	bool open, blank_tail; /* blank_tail: spreadsheets leave out empty cells at a row's end */
	struct arena arena;    /* header */
	struct str *names, *cells;
	size_t n_columns;
	struct raw_row held; /* first row of a table without header */
	bool has_held;
};

static enum err_code name_columns(struct table *t, const struct raw_row *row, bool no_header, struct err *err)
{
	t->n_columns = row->n_cells;
	if (t->n_columns > WIRE_COLUMNS_MAX)
		return err_limit(err, "csv.limit", "", (int64_t)t->n_columns, (int64_t)WIRE_COLUMNS_MAX,
		                 "the table has %zu columns, at most %zu are read", t->n_columns, WIRE_COLUMNS_MAX);
	t->names = ARENA_ARRAY(&t->arena, struct str, t->n_columns);
	t->cells = ARENA_ARRAY(&t->arena, struct str, t->n_columns);
	if (!t->names || !t->cells) return err_no_memory(err);
	for (size_t i = 0; i < t->n_columns; i++) {
		struct str name = no_header ? STR("") : str_trim(row->cells[i]);
		int same = 1;
		for (size_t k = 0; k < i && name.len; k++) same += str_eq(t->names[k], name);
		if (name.len == 0) t->names[i] = str_format(&t->arena, "%zu", i + 1);
		else if (same > 1) t->names[i] = str_format(&t->arena, STR_FMT "#%d", STR_ARG(name), same);
		else t->names[i] = str_copy(&t->arena, name);
		if (!t->names[i].ptr) return err_no_memory(err);
	}
	return OK;
}

static enum err_code read_header(struct table *t, const struct wire_input *in, const struct table_options *opt,
                                 struct err *err)
{
	struct raw_row row = { 0 };
	struct err why = { 0 };
	struct str name = wire_show(in->name, 80);
	switch (t->reader.next(t->reader.ctx, &row, &why)) {
	case TABLE_ROW: break;
	case TABLE_END:
		err_set(err, ERR_INPUT, "csv.empty", "", STR_FMT " is empty", STR_ARG(name));
		err_hint(err, "The first row names the columns, each further row is one record.");
		return ERR_INPUT;
	default:
		if (err) *err = why;
		err_context(err, STR_FMT ", header", STR_ARG(name));
		return why.code;
	}
	char better = csv_better_delimiter(&t->reader);
	if (row.n_cells == 1 && better) {
		char shown[8] = { better, '\0' }, toml[8] = { better, '\0' };
		if (better == '\t') memcpy(shown, "tab", 4), memcpy(toml, "\\t", 3);
		else if ((unsigned char)better < ' ') {
			snprintf(shown, sizeof shown, "0x%02X", (unsigned char)better);
			snprintf(toml, sizeof toml, "\\u%04X", (unsigned char)better);
		} else if (better == '\\') memcpy(toml, "\\\\", 3);
		err_set(err, ERR_INPUT, "csv.delimiter", "delimiter",
		        "only one column was found; is the separator '%s'?", shown);
		err_hint(err, "Write delimiter = \"%s\" in the mapping, or save the file with commas or semicolons.",
		         toml);
		return ERR_INPUT;
	}
	TRY(name_columns(t, &row, opt->no_header, err));
	t->held = row;
	t->has_held = opt->no_header;
	return OK;
}

enum err_code table_open(const struct wire_input *in, enum wire_format format, const struct table_options *opt,
                         struct table **out, struct err *err)
{
	struct table *t = calloc(1, sizeof *t);
	if (!t) return err_no_memory(err);
	arena_init(&t->arena, 64 * MIB);
	t->blank_tail = format == WIRE_XLSX;
	enum err_code rc =
	        format == WIRE_XLSX ? xlsx_open(in, opt, &t->reader, err) : csv_open(in, opt, &t->reader, err);
	t->open = rc == OK;
	if (rc == OK) rc = read_header(t, in, opt, err);
	if (rc != OK) {
		table_close(t);
		return rc;
	}
	*out = t;
	return OK;
}

void table_close(struct table *t)
{
	if (!t) return;
	if (t->open) t->reader.close(t->reader.ctx);
	arena_done(&t->arena);
	free(t);
}

size_t table_columns(const struct table *t, const struct str **names)
{
	*names = t->names;
	return t->n_columns;
}

int64_t table_bytes(const struct table *t)
{
	return t->reader.bytes(t->reader.ctx);
}

enum table_got table_next(struct table *t, struct row *row, struct err *why)
{
	struct raw_row raw = t->held;
	enum table_got got = TABLE_ROW;
	if (t->has_held) t->has_held = false;
	else got = t->reader.next(t->reader.ctx, &raw, why);
	row->line = raw.line;
	row->raw = raw.raw;
	if (got != TABLE_ROW) return got;
	size_t n = raw.n_cells;
	while (n > t->n_columns && t->blank_tail && raw.cells[n - 1].len == 0) n--;
	if (n > t->n_columns || (n < t->n_columns && !t->blank_tail)) {
		err_set(why, ERR_INPUT, "csv.fields", "", "the row has %zu fields, the header has %zu", n,
		        t->n_columns);
		err_hint(why, "A field with a delimiter or a line break inside needs quotes around it.");
		return TABLE_BAD_ROW;
	}
	if (n) memcpy(t->cells, raw.cells, n * sizeof *t->cells);
	for (size_t i = n; i < t->n_columns; i++) t->cells[i] = STR("");
	row->cells = t->cells;
	return TABLE_ROW;
}
