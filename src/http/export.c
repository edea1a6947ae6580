/*
 * The rows of an answer as a file for spreadsheets: ?format=csv|xlsx on every
 * question. One place for all of them: the answer is written as JSON, then
 * its main array is laid flat.
 *
 *   members of a row       columns; objects inside give "outer.inner"
 *   an ESTIMATE            name, name.lo, name.hi, name.n
 *   a list of numbers      name 0, name 1 ... (a cohort's offsets)
 *   a list of texts        one cell, joined by " > "; of objects, by "; "
 *   null                   an empty cell; a column when another row has a value
 *   "columns"              texts: the columns that the file has in any case, first and in this order
 *   instants               ISO 8601 in UTC, without "_ms" in the name
 *
 * Names of columns may be what strangers wrote, answers to questions that no
 * survey has: behind COLUMNS_MAX of them the rest of a row stands in one
 * column, "name: text" by "name: text", until OTHERS_BYTES_MAX.
 */
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "http/priv.h"

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_XLSX, FORMATS };
static const char *const format_names[FORMATS] = { "json", "csv", "xlsx" };

#define QUESTIONS "/api/query/"

/* Where the rows of an answer are, when they are not its first list of objects: one list, or a list in each of a list.
 */
static const struct section {
	const char *path, *outer, *inner;
} sections[] = {
	{ QUESTIONS "consistency", "touchpoints", "groups" },
	{ QUESTIONS "dfg", NULL, "edges" },
	{ QUESTIONS "flow", NULL, "edges" },
	{ QUESTIONS "friction", NULL, "touchpoints" },
	{ QUESTIONS "funnel", NULL, "steps" },
	{ QUESTIONS "funnel", "groups", "steps" },
	{ QUESTIONS "money", "currencies", "touchpoints" },
	{ QUESTIONS "series", NULL, "rows" },
};

bool export_has(const struct http_route *r)
{
	const struct str path = str_of(r->path);
	if (str_eq(path, STR("/api/surveys/{key}/responses"))) return true;
	return str_starts(path, STR(QUESTIONS)) && str_find(path, '.') == path.len;
}

/* --- laying flat ------------------------------------------------------------------------------------ */

struct cell {
	uint32_t column;
	bool number;
	double value;
	struct str text;
};

struct row {
	struct cell *cells;
	size_t n, cap;
	size_t other; /* 1 and the place of the cell of others; 0: none */
};

enum { COLUMNS_MAX = 2000, SLOTS = 8192, OTHERS_BYTES_MAX = 2048, CELL_CHARS_MAX = 32767 /* of a workbook */ };
static const struct str others = STR("…"); /* the column of what has none of its own */

struct sheet {
	struct arena *a;
	struct str *columns;
	size_t n_columns, columns_cap;
	uint16_t slots[SLOTS]; /* by hash of the name: its column and 1 */
	struct row *rows;
	size_t n_rows, rows_cap;
	uint32_t hint; /* columns of a row come in the order of those of the row before */
	bool failed;
};

/* Room for one more; old room stays in the arena until the answer is sent. */
static void *more(struct sheet *s, void *list, size_t n, size_t *cap, size_t size)
{
	if (n < *cap) return list;
	const size_t want = *cap ? 2 * *cap : 16;
	void *grown = arena_array(s->a, want, size);
	if (!grown) {
		s->failed = true;
		return NULL;
	}
	if (n) memcpy(grown, list, n * size);
	*cap = want;
	return grown;
}

/* What a file for people can hold: no NUL and no other control characters, no non-characters, which XML has no word
 * for. */
static struct str for_people(struct sheet *s, struct str text)
{
	bool plain = true;
	for (size_t i = 0; i < text.len && plain; i++)
		plain = (unsigned char)text.ptr[i] >= 32 && (unsigned char)text.ptr[i] < 127;
	if (plain) return text;
	struct buf b;
	buf_init(&b, 2 * text.len + 64);
	form_put_plain(&b, text);
	const struct str out = str_copy(s->a, buf_view(&b));
	buf_done(&b);
	return out;
}

/* Where a name stands, or would. */
static uint16_t *slot_of(struct sheet *s, struct str name)
{
	size_t i = hash64(name) % SLOTS;
	while (s->slots[i] && !str_eq(s->columns[s->slots[i] - 1], name)) i = (i + 1) % SLOTS;
	return &s->slots[i];
}

static uint32_t column_of(struct sheet *s, struct str name)
{
	name = for_people(s, name);
	if (s->n_columns) {
		const uint32_t k = s->hint % (uint32_t)s->n_columns;
		if (str_eq(s->columns[k], name)) {
			s->hint = k + 1;
			return k;
		}
	}
	uint16_t *slot = slot_of(s, name);
	if (!*slot && s->n_columns >= COLUMNS_MAX) slot = slot_of(s, others);
	if (!*slot) {
		struct str *grown = more(s, s->columns, s->n_columns, &s->columns_cap, sizeof *grown);
		if (!grown) return 0;
		s->columns = grown;
		s->columns[s->n_columns] = s->n_columns < COLUMNS_MAX ? str_copy(s->a, name) : others;
		*slot = (uint16_t)++s->n_columns;
	}
	s->hint = *slot;
	return *slot - 1U;
}

/* In the column of the others names go with their texts; true when it is done with. */
static bool put_other(struct sheet *s, struct row *r, struct str name, struct cell *c)
{
	struct str text = c->text;
	if (c->column < COLUMNS_MAX) return false;
	if (c->number) text = str_format(s->a, "%.15g", c->value);
	text = str_format(s->a, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(text));
	*c = (struct cell){ .column = c->column, .text = text };
	if (!r->other) {
		r->other = r->n + 1;
		return false;
	}
	struct str *const all = &r->cells[r->other - 1].text;
	if (all->len >= OTHERS_BYTES_MAX) return true;
	*all = str_format(s->a, STR_FMT "; " STR_FMT, STR_ARG(*all), STR_ARG(for_people(s, text)));
	return true;
}

static void put_cell(struct sheet *s, struct row *r, struct str name, struct cell c)
{
	c.column = column_of(s, name);
	if (put_other(s, r, name, &c)) return;
	struct cell *grown = more(s, r->cells, r->n, &r->cap, sizeof *grown);
	if (!grown) return;
	r->cells = grown;
	if (!c.number) c.text = for_people(s, c.text);
	r->cells[r->n++] = c;
}

static struct str member_name(struct sheet *s, struct str outer, const char *key)
{
	return outer.len ? str_format(s->a, STR_FMT ".%s", STR_ARG(outer), key) : str_of(key);
}

static bool is_instant(struct str name)
{
	static const char *const ends[] = { "first_ms", "last_ms", "at_ms" };
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (str_ends(name, str_of(ends[i]))) return true;
	return false;
}

static void flatten(struct sheet *s, struct row *r, struct str name, const json_t *v);

static void flatten_object(struct sheet *s, struct row *r, struct str name, const json_t *v)
{
	const char *key;
	json_t *member;
	if (json_object_get(v, "est") && json_object_get(v, "method")) {
		static const char *const parts[] = { "lo", "hi", "n" };
		(void)column_of(s, name); /* also where it is suppressed */
		flatten(s, r, name, json_object_get(v, "est"));
		for (size_t i = 0; i < COUNT_OF(parts); i++)
			flatten(s, r, member_name(s, name, parts[i]), json_object_get(v, parts[i]));
		return;
	}
	json_object_foreach((json_t *)v, key, member) flatten(s, r, member_name(s, name, key), member);
}

/* Texts and numbers of an element, one behind the other. */
static struct str in_words(struct sheet *s, const json_t *v)
{
	struct str text = STR("");
	const char *key;
	json_t *member;
	if (json_is_string(v)) return (struct str){ json_string_value(v), json_string_length(v) };
	if (json_is_integer(v)) return str_format(s->a, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v)) return str_format(s->a, "%.15g", json_real_value(v));
	json_object_foreach((json_t *)v, key, member) text = str_format(
	        s->a, STR_FMT "%s" STR_FMT, STR_ARG(text), text.len ? " " : "", STR_ARG(in_words(s, member)));
	return text;
}

static void flatten_list(struct sheet *s, struct row *r, struct str name, const json_t *v)
{
	const size_t n = json_array_size(v);
	const json_t *first = json_array_get(v, 0);
	if (json_is_number(first)) {
		for (size_t i = 0; i < n && !s->failed; i++)
			flatten(s, r, str_format(s->a, STR_FMT " %zu", STR_ARG(name), i), json_array_get(v, i));
		return;
	}
	struct buf all;
	buf_init(&all, MIB);
	for (size_t i = 0; i < n; i++) {
		if (i) buf_str(&all, json_is_string(first) ? STR(" > ") : STR("; "));
		buf_str(&all, in_words(s, json_array_get(v, i)));
	}
	if (buf_check(&all, NULL) != OK) s->failed = true;
	else if (n) put_cell(s, r, name, (struct cell){ .text = str_copy(s->a, buf_view(&all)) });
	buf_done(&all);
}

static void flatten(struct sheet *s, struct row *r, struct str name, const json_t *v)
{
	if (json_is_object(v)) {
		flatten_object(s, r, name, v);
	} else if (json_is_array(v)) {
		flatten_list(s, r, name, v);
	} else if (json_is_integer(v) && is_instant(name)) {
		char iso[WHEN_TEXT_BYTES];
		const struct str text = str_copy(s->a, when_format_iso(json_integer_value(v), iso));
		put_cell(s, r, str_cut(name, 0, name.len - 3), (struct cell){ .text = text });
	} else if (json_is_number(v)) {
		put_cell(s, r, name, (struct cell){ .number = true, .value = json_number_value(v) });
	} else if (json_is_string(v)) {
		const struct str text = { json_string_value(v), json_string_length(v) };
		put_cell(s, r, name, (struct cell){ .text = text });
	} else if (json_is_boolean(v)) {
		put_cell(s, r, name, (struct cell){ .text = str_of(json_is_true(v) ? "yes" : "no") });
	}
}

static struct row *new_row(struct sheet *s)
{
	struct row *grown = more(s, s->rows, s->n_rows, &s->rows_cap, sizeof *grown);
	if (!grown) return NULL;
	s->rows = grown;
	s->rows[s->n_rows] = (struct row){ 0 };
	s->hint = 0;
	return &s->rows[s->n_rows++];
}

/* A row of a list inside of another begins with what the outer one says of all its rows. */
static void lay_rows(struct sheet *s, const json_t *outer, const char *inner)
{
	size_t i;
	json_t *element;
	json_array_foreach(json_object_get(outer, inner), i, element)
	{
		struct row *r = new_row(s);
		const char *key;
		json_t *member;
		if (!r) return;
		json_object_foreach((json_t *)outer, key, member) if (strcmp(key, inner) != 0)
		        flatten(s, r, str_of(key), member);
		flatten(s, r, STR(""), element);
	}
}

static void lay_section(struct sheet *s, const json_t *answer, const struct section *of)
{
	if (!of->outer) {
		json_t *only = json_pack("{s:O}", of->inner, json_object_get(answer, of->inner));
		lay_rows(s, only, of->inner);
		json_decref(only);
		return;
	}
	size_t i;
	json_t *outer;
	json_array_foreach(json_object_get(answer, of->outer), i, outer) lay_rows(s, outer, of->inner);
}

/* Those that the answer names; rows may add to them. */
static void lay_columns(struct sheet *s, const json_t *answer)
{
	size_t i;
	json_t *name;
	json_array_foreach(json_object_get(answer, "columns"), i, name) if (json_is_string(name))(void)
	        column_of(s, (struct str){ json_string_value(name), json_string_length(name) });
}

/* Without a section: the first list of objects, else the answer itself is the one row. */
static void lay_plain(struct sheet *s, const json_t *answer)
{
	const char *key;
	json_t *member;
	json_object_foreach((json_t *)answer, key, member)
	{
		if (!json_is_array(member)) continue;
		lay_section(s, answer, &(struct section){ .inner = key });
		return;
	}
	struct row *r = new_row(s);
	if (r) flatten(s, r, STR(""), answer);
}

/* --- files ------------------------------------------------------------------------------------------------ */

/* A spreadsheet takes a text that begins like this for a formula, in some countries the wide forms too; the mark in
 * front keeps it a text. */
static bool like_formula(struct str s)
{
	static const char *const wide[] = { "＝", "＋", "－", "＠" };
	if (s.len && memchr("=+-@\t\r\n", s.ptr[0], 7)) return true;
	for (size_t i = 0; i < COUNT_OF(wide); i++)
		if (str_starts(s, str_of(wide[i]))) return true;
	return false;
}

static void put_text(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	if (like_formula(s)) buf_byte(b, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"') buf_byte(b, '"');
		buf_byte(b, s.ptr[i]);
	}
	buf_byte(b, '"');
}

static void put_csv_cell(struct buf *b, const struct cell *c)
{
	if (!c) return;
	if (!c->number) put_text(b, c->text);
	else if (floor(c->value) == c->value && fabs(c->value) < 1e15) buf_printf(b, "%.0f", c->value);
	else buf_printf(b, "%.15g", c->value);
}

/* RFC 4180, with the mark by which spreadsheets know UTF-8. */
static enum err_code write_csv(const struct sheet *s, struct buf *b, struct err *err)
{
	const struct cell **line = ARENA_ARRAY(s->a, const struct cell *, s->n_columns);
	if (!line) return err_no_memory(err);
	buf_put(b, "\xef\xbb\xbf", 3);
	for (size_t k = 0; k < s->n_columns; k++) {
		if (k) buf_byte(b, ',');
		put_text(b, s->columns[k]);
	}
	buf_put(b, "\r\n", 2);
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct row *r = &s->rows[i];
		memset(line, 0, s->n_columns * sizeof *line);
		for (size_t k = 0; k < r->n; k++) line[r->cells[k].column] = &r->cells[k];
		for (size_t k = 0; k < s->n_columns; k++) {
			if (k) buf_byte(b, ',');
			put_csv_cell(b, line[k]);
		}
		buf_put(b, "\r\n", 2);
	}
	return buf_check(b, err);
}

/* As much as a cell of a workbook holds, counted as the library counts: in characters. */
static const char *cell_text(const struct sheet *s, struct str text)
{
	size_t i = 0, n = 0;
	if (text.len <= CELL_CHARS_MAX) return str_z(s->a, text);
	while (i < text.len && n < CELL_CHARS_MAX - 1) (void)utf8_next(text, &i), n++;
	const char *ellipsis = i < text.len ? "…" : "";
	return str_format(s->a, STR_FMT "%s", STR_ARG(str_cut(text, 0, i)), ellipsis).ptr;
}

static lxw_error fill_workbook(const struct sheet *s, lxw_workbook *book)
{
	lxw_worksheet *page = workbook_add_worksheet(book, NULL);
	lxw_format *bold = workbook_add_format(book);
	if (!page || !bold) return LXW_ERROR_MEMORY_MALLOC_FAILED;
	format_set_bold(bold);
	worksheet_freeze_panes(page, 1, 0);
	lxw_error rc = LXW_NO_ERROR;
	for (size_t k = 0; k < s->n_columns && rc == LXW_NO_ERROR; k++)
		rc = worksheet_write_string(page, 0, (lxw_col_t)k, str_z(s->a, s->columns[k]), bold);
	for (size_t i = 0; i < s->n_rows; i++)
		for (size_t k = 0; k < s->rows[i].n && rc == LXW_NO_ERROR; k++) {
			const struct cell *c = &s->rows[i].cells[k];
			const lxw_row_t row = (lxw_row_t)i + 1;
			const lxw_col_t column = (lxw_col_t)c->column;
			if (c->number) rc = worksheet_write_number(page, row, column, c->value, NULL);
			else rc = worksheet_write_string(page, row, column, cell_text(s, c->text), NULL);
		}
	return rc;
}

static enum err_code read_back(const char *path, struct buf *b, struct err *err)
{
	char piece[16 * KIB];
	ssize_t n = -1;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0) buf_put(b, piece, (size_t)n);
	if (fd >= 0) close(fd);
	if (n == 0) return buf_check(b, err);
	return err_set(err, ERR_IO, "export.workbook", "format", "the workbook could not be read again");
}

/* Texts are written as texts: nothing in a workbook of ours is a formula. The library writes to a file. */
static enum err_code write_xlsx(const struct sheet *s, struct http *h, struct buf *b, struct err *err)
{
	const char *folder;
	if (s->n_rows >= LXW_ROW_MAX)
		return err_limit(err, "export.large", "format", (int64_t)s->n_rows, LXW_ROW_MAX - 1,
		                 "a workbook has at most %d rows", LXW_ROW_MAX - 1);
	TRY(uploads_folder(h, s->a, &folder, err));
	char *path = (char *)(uintptr_t)str_format(s->a, "%s/export-XXXXXX", folder).ptr;
	if (!path) return err_no_memory(err);
	const int fd = mkstemp(path);
	if (fd < 0) return err_set(err, ERR_IO, "export.workbook", "format", "no file can be made for the workbook");
	close(fd);
	lxw_workbook_options options = { .tmpdir = (char *)(uintptr_t)folder };
	lxw_workbook *book = workbook_new_opt(path, &options);
	lxw_error rc = book ? fill_workbook(s, book) : LXW_ERROR_MEMORY_MALLOC_FAILED;
	const lxw_error closed = book ? workbook_close(book) : rc; /* frees it, whatever happened */
	if (rc == LXW_NO_ERROR) rc = closed;
	enum err_code result = OK;
	if (rc == LXW_NO_ERROR) result = read_back(path, b, err);
	else
		result =
		        err_set(err, rc == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED ? ERR_LIMIT : ERR_IO, "export.workbook",
		                "format", "the workbook could not be written: %s", lxw_strerror(rc));
	unlink(path);
	return result;
}

/* The reader of JSON has no word for NUL in a name, which anybody may send: in its place stands what stands for broken
 * characters. */
static void without_nul(char *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (text[i] != '\\') continue;
		if (i + 6 <= len && memcmp(text + i, "\\u0000", 6) == 0) memcpy(text + i + 2, "fffd", 4);
		i++;
	}
}

/* --- the answer ---------------------------------------------------------------------------------------------- */

static enum err_code lay(struct http_call *c, struct sheet *s, json_t *answer, struct err *err)
{
	bool listed = false;
	json_object_del(answer, "query");
	json_object_del(answer, "arrival_end");
	lay_columns(s, answer);
	for (size_t i = 0; i < COUNT_OF(sections); i++) {
		if (strcmp(sections[i].path, c->route->path) != 0) continue;
		lay_section(s, answer, &sections[i]);
		listed = true;
	}
	if (!listed) lay_plain(s, answer);
	return s->failed ? err_no_memory(err) : OK;
}

/* "safar-funnel.csv", "safar-funnel-people.csv"; "safar-responses.csv" of a survey. */
static struct str file_name(struct http_call *c, enum format format)
{
	const struct str path = str_of(c->route->path);
	const size_t skip = str_starts(path, STR(QUESTIONS)) ? sizeof QUESTIONS - 1 : path.len - sizeof "responses" + 1;
	char *name = (char *)(uintptr_t)str_z(c->arena, str_cut(path, skip, path.len));
	for (char *z = name; z && *z; z++)
		if (*z == '/') *z = '-';
	return str_format(c->arena, "attachment; filename=\"safar-%s.%s\"", name ? name : "rows", format_names[format]);
}

enum err_code export_check(struct http_call *c, struct err *err)
{
	size_t format;
	if (!export_has(c->route)) return OK;
	return choice_read(c, "format", format_names, FORMATS, FORMAT_JSON, &format, err);
}

enum err_code export_answer(struct http_call *c, struct err *err)
{
	size_t format;
	if (!export_has(c->route)) return OK;
	TRY(choice_read(c, "format", format_names, FORMATS, FORMAT_JSON, &format, err));
	if (format == FORMAT_JSON) return OK;
	struct sheet *s = ARENA_NEW(c->arena, struct sheet);
	if (!s) return err_no_memory(err);
	s->a = c->arena;
	without_nul(c->out.ptr, c->out.len);
	json_t *answer = json_loadb(c->out.ptr, c->out.len, 0, NULL);
	if (!answer) return err_no_memory(err);
	enum err_code rc = lay(c, s, answer, err);
	buf_clear(&c->out);
	if (rc == OK) rc = format == FORMAT_CSV ? write_csv(s, &c->out, err) : write_xlsx(s, c->h, &c->out, err);
	json_decref(answer);
	c->content_type = format == FORMAT_CSV ? "text/csv; charset=utf-8"
	                                       : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
	answer_header(c, "Content-Disposition", file_name(c, (enum format)format));
	return rc;
}
