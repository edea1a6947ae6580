/*
 * XLSX (ECMA-376): sharedStrings and styles are read first, the sheet is
 * streamed. Of formulas the value that the spreadsheet stored. Numbers shown
 * as dates become "2026-01-31 18:00:00", the sheet's own wall clock, by the
 * 1900 or the 1904 system; other numbers keep 15 digits.
 *
 * A zip is a stranger's: the number of entries, each part's size, its ratio
 * and the size it really inflates to are limited, whatever its directory says.
 */
#include <unistd.h>
#include <math.h>
#include <zip.h>

#include "base/checked.h"
#include "wire/table.h"
#include "wire/value.h"
#include "wire/xml.h"

#define FILE_BYTES_MAX ((size_t)512 * MIB) /* only where the input is no regular file */
#define PART_BYTES_MAX ((uint64_t)4 * GIB) /* of the sheet, inflated */
#define STRINGS_BYTES_MAX ((size_t)512 * MIB)
enum {
	ENTRIES_MAX = 10000,
	RATIO_MAX = 200,
	RATIO_FREE = 16 * 1024 * 1024,
	STYLES_MAX = 65536,
	COLUMN_MAX = 16384,
	STRINGS_MAX = 20000000
};

struct part {
	zip_file_t *file;
	uint64_t declared, got;
	bool lies, broken;
	struct xml xml;
};

struct xlsx {
	const struct wire_input *in;
	zip_t *zip;
	char *whole; /* the file, when it is no regular one */
	struct arena strings_arena, row_arena, arena;
	struct str *strings;
	size_t n_strings, cap_strings;
	bool *date_style;
	size_t n_styles;
	bool from_1904;
	struct part sheet;
	bool sheet_open;
	int64_t n_rows;
	struct str *cells;
	size_t cap_cells;
	struct buf text, raw;
	uint64_t sheet_packed;
};

static enum err_code limit(struct err *err, const char *what, int64_t value, int64_t max)
{
	err_limit(err, "xlsx.limit", "", value, max, "the workbook %s", what);
	err_hint(err, "Save the sheet as CSV, or as a new workbook, and import that.");
	return ERR_LIMIT;
}

/* --- parts of the zip ------------------------------------------------------------------- */

static int64_t part_read(void *ctx, void *into, size_t cap)
{
	struct part *p = ctx;
	zip_int64_t n = zip_fread(p->file, into, cap);
	if (n < 0) return p->broken = true, -1;
	p->got += (uint64_t)n;
	if (p->got > p->declared) return p->lies = true, -1;
	return n;
}

static void close_part(struct part *p)
{
	xml_close(&p->xml);
	if (p->file) zip_fclose(p->file);
	*p = (struct part){ 0 };
}

/* ERR_NOT_FOUND without words when there is no such part. */
static enum err_code open_part(struct xlsx *x, const char *name, struct part *p, struct err *err)
{
	zip_stat_t st;
	*p = (struct part){ 0 };
	zip_int64_t i = zip_name_locate(x->zip, name, ZIP_FL_NOCASE);
	if (i < 0 || zip_stat_index(x->zip, (zip_uint64_t)i, 0, &st) != 0) return ERR_NOT_FOUND;
	if (!(st.valid & ZIP_STAT_SIZE) || !(st.valid & ZIP_STAT_COMP_SIZE))
		return limit(err, "does not say how large its parts are", 0, 0);
	if (st.size > PART_BYTES_MAX)
		return limit(err, "holds a part of more than 4 GiB", (int64_t)(st.size >> 20),
		             (int64_t)(PART_BYTES_MAX >> 20));
	if (st.size > RATIO_FREE && st.size / RATIO_MAX > st.comp_size)
		return limit(err, "holds a part that grows more than 200-fold", (int64_t)(st.size / (st.comp_size + 1)),
		             RATIO_MAX);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE) {
		err_set(err, ERR_INPUT, "xlsx.zip", "", "the workbook is encrypted");
		err_hint(err, "Save it without a password.");
		return ERR_INPUT;
	}
	p->file = zip_fopen_index(x->zip, (zip_uint64_t)i, 0);
	if (!p->file) {
		err_set(err, ERR_INPUT, "xlsx.zip", "", "the part %.60s cannot be unpacked", name);
		err_hint(err, "Save the workbook again.");
		return ERR_INPUT;
	}
	p->declared = st.size;
	p->xml.read = part_read;
	p->xml.ctx = p;
	return xml_open(&p->xml, err);
}

static enum err_code part_error(const struct part *p, struct err *err)
{
	if (p->lies)
		return limit(err, "holds a part that is larger than it says", (int64_t)p->got, (int64_t)p->declared);
	if (p->broken) {
		err_set(err, ERR_INPUT, "xlsx.zip", "", "the workbook is damaged: a part cannot be unpacked");
		err_hint(err, "Open it in a spreadsheet and save it again.");
		return ERR_INPUT;
	}
	return xml_error(&p->xml, "xlsx.syntax", "xlsx.doctype", err);
}

/* Every element of a part through `each`; a part that is absent is no error. */
static enum err_code each_element(struct xlsx *x, const char *name, bool needed,
                                  enum err_code (*each)(struct xlsx *x, struct xml *xml, struct str tag, bool end,
                                                        void *ctx, struct err *err),
                                  void *ctx, struct err *err)
{
	struct part p;
	enum err_code rc = open_part(x, name, &p, err);
	if (rc == ERR_NOT_FOUND) {
		if (!needed) return OK;
		err_set(err, ERR_INPUT, "xlsx.zip", "", "this is no workbook: it has no %.60s", name);
		err_hint(err, "Save it as .xlsx; .xls and .ods are other formats.");
		return ERR_INPUT;
	}
	int got = 1;
	while (rc == OK && (got = xml_next(&p.xml)) == 1) {
		int type = xml_type(&p.xml);
		if (type == XML_READER_TYPE_ELEMENT || type == XML_READER_TYPE_END_ELEMENT)
			rc = each(x, &p.xml, xml_name(&p.xml), type == XML_READER_TYPE_END_ELEMENT, ctx, err);
		else if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE ||
		         type == XML_READER_TYPE_CDATA)
			rc = each(x, &p.xml, STR(""), false, ctx, err);
	}
	if (rc == OK && got < 0) rc = part_error(&p, err);
	close_part(&p);
	return rc;
}

/* --- workbook ---------------------------------------------------------------------------------- */

struct wanted {
	struct str sheet; /* name asked for, or "" */
	struct str id;    /* relation of the sheet found */
	struct str target;
	char names[160]; /* of all sheets, for the message */
};

static enum err_code on_workbook(struct xlsx *x, struct xml *xml, struct str tag, bool end, void *ctx, struct err *err)
{
	struct wanted *w = ctx;
	if (end) return OK;
	if (str_eq(tag, STR("workbookPr"))) {
		struct str v = xml_attr(xml, "date1904");
		x->from_1904 = str_eq(v, STR("1")) || str_eq(v, STR("true"));
	}
	if (!str_eq(tag, STR("sheet"))) return OK;
	struct str name = xml_attr(xml, "name");
	size_t at = strlen(w->names);
	if (at < 100) {
		struct str n = wire_show(name, 40);
		snprintf(w->names + at, sizeof w->names - at, "%s" STR_FMT, at ? ", " : "", STR_ARG(n));
	}
	bool hit = w->id.ptr == NULL && (w->sheet.len == 0 || str_eq(w->sheet, name));
	if (!hit) return OK;
	w->id = str_copy(&x->arena, xml_attr(xml, "r:id"));
	return w->id.ptr ? OK : err_no_memory(err);
}

static enum err_code on_relation(struct xlsx *x, struct xml *xml, struct str tag, bool end, void *ctx, struct err *err)
{
	struct wanted *w = ctx;
	if (end || !str_eq(tag, STR("Relationship")) || !str_eq(xml_attr(xml, "Id"), w->id)) return OK;
	struct str t = xml_attr(xml, "Target");
	w->target = str_starts(t, STR("/")) ? str_copy(&x->arena, str_cut(t, 1, t.len))
	                                    : str_format(&x->arena, "xl/" STR_FMT, STR_ARG(t));
	return w->target.ptr ? OK : err_no_memory(err);
}

/* --- styles -------------------------------------------------------------------------------------- */

struct formats {
	int64_t ids[4096]; /* own formats that show a date */
	size_t n;
	bool in_cell_xfs;
};

static bool date_code(struct str code)
{
	for (size_t i = 0; i < code.len; i++) {
		char c = code.ptr[i];
		if (c == '"') {
			i++;
			while (i < code.len && code.ptr[i] != '"') i++;
		} else if (c == '\\' || c == '_' || c == '*') i++;
		else if (c == '[') {
			/* [h]:mm counts hours of a duration: a number, no date. */
			char next = i + 1 < code.len ? (char)(code.ptr[i + 1] | 32) : ']';
			size_t close = i + str_find(str_cut(code, i, code.len), ']');
			if ((next == 'h' || next == 'm' || next == 's') && close - i <= 3) return false;
			i = close;
		} else if (c && strchr("ymdhsYMDHS", c)) return true;
	}
	return false;
}

static bool builtin_date(int64_t id)
{
	return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || id == 45 || id == 47 || (id >= 50 && id <= 58);
}

static enum err_code on_style(struct xlsx *x, struct xml *xml, struct str tag, bool end, void *ctx, struct err *err)
{
	struct formats *f = ctx;
	int64_t id = 0;
	if (str_eq(tag, STR("cellXfs"))) f->in_cell_xfs = !end;
	if (end) return OK;
	if (str_eq(tag, STR("numFmt")) && str_to_i64(xml_attr(xml, "numFmtId"), &id)) {
		if (f->n < COUNT_OF(f->ids) && date_code(xml_attr(xml, "formatCode"))) f->ids[f->n++] = id;
	} else if (str_eq(tag, STR("xf")) && f->in_cell_xfs) {
		if (x->n_styles == STYLES_MAX)
			return limit(err, "has more than 65,536 cell formats", STYLES_MAX + 1, STYLES_MAX);
		bool date = str_to_i64(xml_attr(xml, "numFmtId"), &id) && builtin_date(id);
		for (size_t i = 0; i < f->n; i++) date = date || f->ids[i] == id;
		x->date_style[x->n_styles++] = date;
	}
	return OK;
}

/* --- shared strings --------------------------------------------------------------------------------- */

struct strings {
	bool in_item, in_text;
	int phonetic;
};

static enum err_code on_string(struct xlsx *x, struct xml *xml, struct str tag, bool end, void *ctx, struct err *err)
{
	struct strings *s = ctx;
	if (tag.len == 0) {
		if (s->in_item && s->in_text && !s->phonetic) buf_str(&x->text, xml_value(xml));
		return buf_check(&x->text, err);
	}
	bool empty = !end && xml_empty(xml);
	if (str_eq(tag, STR("rPh"))) s->phonetic = !end && !empty;
	if (str_eq(tag, STR("t"))) s->in_text = !end && !empty;
	if (!str_eq(tag, STR("si"))) return OK;
	s->in_item = !end && !empty;
	if (!end) buf_clear(&x->text);
	if (!end && !empty) return OK;
	if (x->n_strings == x->cap_strings) {
		size_t cap = x->cap_strings ? x->cap_strings * 2 : 1024;
		if (x->n_strings >= STRINGS_MAX)
			return limit(err, "has more than 20,000,000 texts", STRINGS_MAX + 1, STRINGS_MAX);
		struct str *grown = realloc(x->strings, cap * sizeof *grown);
		if (!grown) return err_no_memory(err);
		x->strings = grown;
		x->cap_strings = cap;
	}
	struct str copy = str_copy(&x->strings_arena, buf_view(&x->text));
	if (!copy.ptr) return limit(err, "has more than 512 MiB of texts", 0, (int64_t)STRINGS_BYTES_MAX);
	x->strings[x->n_strings++] = copy;
	return OK;
}

/* --- cells ------------------------------------------------------------------------------------------------ */

/* "AB12" to 27; -1 when it is none. */
static int64_t column_of(struct str ref)
{
	int64_t c = 0;
	size_t i = 0;
	for (; i < ref.len && i < 4 && ref.ptr[i] >= 'A' && ref.ptr[i] <= 'Z'; i++) c = c * 26 + (ref.ptr[i] - 'A' + 1);
	return i == 0 || c > COLUMN_MAX ? -1 : c - 1;
}

static struct str serial_text(struct arena *a, double serial, bool from_1904)
{
	int64_t ms;
	struct civil c;
	if (!value_serial(serial, from_1904, &ms)) return (struct str){ 0 };
	when_to_civil(ms, &c);
	if (serial < 1 && !from_1904) return str_format(a, "%02d:%02d:%02d", c.hour, c.minute, c.second);
	bool midnight = c.hour == 0 && c.minute == 0 && c.second == 0 && c.milli == 0;
	if (midnight) return str_format(a, "%04d-%02d-%02d", c.year, c.month, c.day);
	if (c.milli)
		return str_format(a, "%04d-%02d-%02d %02d:%02d:%02d.%03d", c.year, c.month, c.day, c.hour, c.minute,
		                  c.second, c.milli);
	return str_format(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

struct cell {
	int64_t column, style;
	enum { C_NUMBER, C_SHARED, C_TEXT, C_BOOL } type;
};

static enum err_code cell_text(struct xlsx *x, const struct cell *c, struct str *out, struct err *err)
{
	struct str t = buf_view(&x->text);
	double v;
	int64_t i;
	*out = (struct str){ 0 };
	if (c->type == C_SHARED) {
		if (!str_to_i64(str_trim(t), &i) || i < 0 || (size_t)i >= x->n_strings) {
			err_set(err, ERR_INPUT, "xlsx.syntax", "",
			        "row %lld: a cell names text %.20s, which the workbook does not have",
			        (long long)x->n_rows, t.len ? "out of range" : "without number");
			err_hint(err, "Open the workbook in a spreadsheet and save it again.");
			return ERR_INPUT;
		}
		*out = x->strings[i];
		return OK;
	}
	if (c->type == C_BOOL) *out = str_eq(str_trim(t), STR("1")) ? STR("true") : t.len ? STR("false") : STR("");
	else if (c->type == C_NUMBER && str_to_double(str_trim(t), &v)) {
		if (c->style >= 0 && (size_t)c->style < x->n_styles && x->date_style[c->style])
			*out = serial_text(&x->row_arena, v, x->from_1904);
		if (!out->ptr)
			*out = fabs(v) < 1e15 && v == floor(v) ? str_format(&x->row_arena, "%.0f", v)
			                                       : str_format(&x->row_arena, "%.15g", v);
	} else *out = str_copy(&x->row_arena, t);
	return out->ptr ? OK : err_no_memory(err);
}

static enum err_code put_cell(struct xlsx *x, const struct cell *c, size_t *n, struct err *err)
{
	struct str text;
	if (buf_view(&x->text).len == 0) return OK;
	TRY(buf_check(&x->text, err));
	TRY(cell_text(x, c, &text, err));
	if (text.len == 0) return OK;
	size_t column = (size_t)c->column;
	while (column >= x->cap_cells) {
		size_t cap = x->cap_cells ? x->cap_cells * 2 : 64;
		struct str *grown = realloc(x->cells, cap * sizeof *grown);
		if (!grown) return err_no_memory(err);
		x->cells = grown;
		x->cap_cells = cap;
	}
	while (*n <= column) x->cells[(*n)++] = STR("");
	x->cells[column] = text;
	return OK;
}

static void start_cell(struct xlsx *x, struct cell *c)
{
	struct xml *xml = &x->sheet.xml;
	int64_t next = c->column + 1;
	struct str t = xml_attr(xml, "t");
	c->type = str_eq(t, STR("s"))   ? C_SHARED
	          : str_eq(t, STR("b")) ? C_BOOL
	          : str_eq(t, STR("str")) || str_eq(t, STR("inlineStr")) || str_eq(t, STR("e")) || str_eq(t, STR("d"))
	                  ? C_TEXT
	                  : C_NUMBER;
	if (!str_to_i64(xml_attr(xml, "s"), &c->style)) c->style = -1;
	struct str ref = xml_attr(xml, "r");
	c->column = ref.len ? column_of(ref) : next;
	buf_clear(&x->text);
}

/* Up to the end of the next row: 1, 0 the sheet's end, -1 with *err. */
static int read_row(struct xlsx *x, size_t *n, struct err *err)
{
	struct xml *xml = &x->sheet.xml;
	struct cell c = { .column = -1, .style = -1 };
	bool in_row = false, in_cell = false, take = false;
	int got, phonetic = 0;
	*n = 0;
	arena_reset(&x->row_arena);
	while ((got = xml_next(xml)) == 1) {
		int type = xml_type(xml);
		if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE ||
		    type == XML_READER_TYPE_CDATA) {
			if (in_cell && take && !phonetic) buf_str(&x->text, xml_value(xml));
			continue;
		}
		bool start = type == XML_READER_TYPE_ELEMENT, end = type == XML_READER_TYPE_END_ELEMENT;
		if (!start && !end) continue;
		struct str tag = xml_name(xml);
		bool empty = start && xml_empty(xml);
		if (str_eq(tag, STR("row"))) {
			if (start) {
				int64_t r;
				x->n_rows++;
				if (str_to_i64(xml_attr(xml, "r"), &r) && r >= x->n_rows && r <= 1048576) x->n_rows = r;
				in_row = true;
			}
			if (end || empty) return 1;
		} else if (in_row && str_eq(tag, STR("c"))) {
			if (start) start_cell(x, &c);
			if (start && (c.column < 0 || c.column >= COLUMN_MAX)) {
				err_set(err, ERR_INPUT, "xlsx.syntax", "", "row %lld: a cell stands in no column",
				        (long long)x->n_rows);
				err_hint(err, "Open the workbook in a spreadsheet and save it again.");
				return -1;
			}
			in_cell = start && !empty;
			if (end && put_cell(x, &c, n, err) != OK) return -1;
		} else if (str_eq(tag, STR("v")) || str_eq(tag, STR("t"))) take = start && !empty;
		else if (str_eq(tag, STR("rPh"))) phonetic = start && !empty;
		else if (str_eq(tag, STR("sheetData")) && end) return 0;
	}
	if (got < 0) (void)part_error(&x->sheet, err);
	return got < 0 ? -1 : 0;
}

static enum table_got next(void *ctx, struct raw_row *row, struct err *why)
{
	struct xlsx *x = ctx;
	size_t n, filled = 0;
	while (filled == 0) {
		int got = read_row(x, &n, why);
		if (got <= 0) return got == 0 ? TABLE_END : TABLE_FAILED;
		for (size_t i = 0; i < n; i++) filled += str_trim(x->cells[i]).len > 0;
	}
	buf_clear(&x->raw);
	for (size_t i = 0; i < n && x->raw.len < WIRE_RAW_BYTES_MAX; i++) {
		if (i) buf_byte(&x->raw, ',');
		buf_str(&x->raw, str_cut(x->cells[i], 0, WIRE_RAW_BYTES_MAX));
	}
	*row = (struct raw_row){ .cells = x->cells, .n_cells = n, .line = x->n_rows, .raw = buf_view(&x->raw) };
	return TABLE_ROW;
}

/* Of the file: the share of the sheet that is read, in packed bytes. */
static int64_t bytes(void *ctx)
{
	const struct xlsx *x = ctx;
	if (!x->sheet_open || x->sheet.declared == 0) return 0;
	return (int64_t)((double)x->sheet.got / (double)x->sheet.declared * (double)x->sheet_packed);
}

static void close_xlsx(void *ctx)
{
	struct xlsx *x = ctx;
	if (x->sheet_open) close_part(&x->sheet);
	if (x->zip) zip_discard(x->zip);
	arena_done(&x->strings_arena);
	arena_done(&x->row_arena);
	arena_done(&x->arena);
	buf_done(&x->text);
	buf_done(&x->raw);
	free(x->strings);
	free(x->cells);
	free(x->date_style);
	free(x->whole);
	free(x);
}

/* --- opening -------------------------------------------------------------------------------------------- */

static enum err_code read_whole(struct xlsx *x, size_t *len, struct err *err)
{
	struct buf b;
	buf_init(&b, FILE_BYTES_MAX);
	for (;;) {
		if (!buf_reserve(&b, 64 * KIB)) {
			buf_done(&b);
			return limit(err, "has more than 512 MiB and is no regular file", 0, (int64_t)FILE_BYTES_MAX);
		}
		int64_t n = x->in->read(x->in->ctx, b.ptr + b.len, 64 * KIB);
		if (n < 0 || n > (int64_t)(64 * KIB)) {
			buf_done(&b);
			return err_set(err, ERR_IO, "file.read", "", "the workbook cannot be read");
		}
		if (n == 0) break;
		b.len += (size_t)n;
	}
	x->whole = b.ptr;
	*len = b.len;
	return OK;
}

/* "/dev/fd/N" is open already. Where files of strangers are read, nothing can be opened by its name. */
static FILE *open_file(const char *path)
{
	int fd = -1;
	char more;
	if (sscanf(path, "/dev/fd/%d%c", &fd, &more) != 1) return NULL;
	fd = dup(fd);
	FILE *f = fd >= 0 ? fdopen(fd, "rb") : NULL;
	if (!f && fd >= 0) close(fd);
	return f;
}

static enum err_code open_zip(struct xlsx *x, struct err *err)
{
	zip_error_t ze;
	int code = 0;
	zip_error_init(&ze);
	FILE *open_already = x->in->path ? open_file(x->in->path) : NULL;
	if (open_already) {
		zip_source_t *src = zip_source_filep_create(open_already, 0, -1, &ze);
		x->zip = src ? zip_open_from_source(src, ZIP_RDONLY, &ze) : NULL;
		if (!src) fclose(open_already);
		else if (!x->zip) zip_source_free(src);
	} else if (x->in->path) {
		x->zip = zip_open(x->in->path, ZIP_RDONLY, &code);
	} else {
		size_t len = 0;
		TRY(read_whole(x, &len, err));
		zip_source_t *src = zip_source_buffer_create(x->whole, len, 0, &ze);
		x->zip = src ? zip_open_from_source(src, ZIP_RDONLY, &ze) : NULL;
		if (src && !x->zip) zip_source_free(src);
	}
	zip_error_fini(&ze);
	if (!x->zip) {
		struct str n = wire_show(x->in->name, 80);
		err_set(err, ERR_INPUT, "xlsx.zip", "", STR_FMT " is no workbook, or it is damaged", STR_ARG(n));
		err_hint(err, "Save it as .xlsx; .xls, .ods and CSV are other formats.");
		return ERR_INPUT;
	}
	int64_t entries = zip_get_num_entries(x->zip, 0);
	return entries > ENTRIES_MAX ? limit(err, "has more than 10,000 parts", entries, ENTRIES_MAX) : OK;
}

static enum err_code open_sheet(struct xlsx *x, const struct table_options *opt, struct err *err)
{
	struct wanted w = { .sheet = opt->sheet };
	TRY(each_element(x, "xl/workbook.xml", true, on_workbook, &w, err));
	if (!w.id.ptr) {
		struct str s = wire_show(opt->sheet, 60);
		err_set(err, ERR_INPUT, "xlsx.sheet", "sheet", "the workbook has no sheet '" STR_FMT "'; it has: %s",
		        STR_ARG(s), w.names);
		err_hint(err, "Correct `sheet` in the mapping; capitals and blanks count.");
		return ERR_INPUT;
	}
	TRY(each_element(x, "xl/_rels/workbook.xml.rels", true, on_relation, &w, err));
	zip_stat_t st;
	if (!w.target.ptr || zip_stat(x->zip, w.target.ptr, ZIP_FL_NOCASE, &st) != 0)
		return err_set(err, ERR_INPUT, "xlsx.sheet", "sheet", "the workbook's sheet is missing");
	struct formats *f = calloc(1, sizeof *f);
	if (!f) return err_no_memory(err);
	enum err_code rc = each_element(x, "xl/styles.xml", false, on_style, f, err);
	free(f);
	TRY(rc);
	TRY(each_element(x, "xl/sharedStrings.xml", false, on_string, &(struct strings){ 0 }, err));
	TRY(open_part(x, w.target.ptr, &x->sheet, err));
	x->sheet.xml.ctx = &x->sheet;
	x->sheet_open = true;
	x->sheet_packed = st.comp_size;
	for (int64_t i = 0; i < opt->skip; i++) {
		size_t n;
		int got = read_row(x, &n, err);
		if (got < 0) return err ? err->code : ERR_INPUT;
		if (got == 0) break;
	}
	return OK;
}

enum err_code xlsx_open(const struct wire_input *in, const struct table_options *opt, struct reader *out,
                        struct err *err)
{
	struct err local;
	if (!err) err = &local;
	struct xlsx *x = calloc(1, sizeof *x);
	if (!x) return err_no_memory(err);
	x->in = in;
	arena_init(&x->strings_arena, STRINGS_BYTES_MAX);
	arena_init(&x->row_arena, 64 * MIB);
	arena_init(&x->arena, MIB);
	buf_init(&x->text, WIRE_ROW_BYTES_MAX);
	buf_init(&x->raw, 3 * WIRE_RAW_BYTES_MAX);
	x->date_style = calloc(STYLES_MAX, sizeof *x->date_style);
	enum err_code rc = x->date_style ? open_zip(x, err) : err_no_memory(err);
	if (rc == OK) rc = open_sheet(x, opt, err);
	if (rc != OK) {
		close_xlsx(x);
		return rc;
	}
	*out = (struct reader){ .next = next, .bytes = bytes, .close = close_xlsx, .ctx = x };
	return OK;
}
