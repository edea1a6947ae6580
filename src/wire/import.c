/* Files under a mapping: which file is which table, columns found, joins read, rows run through. */
#include "base/checked.h"
#include "wire/row.h"
#include "wire/store.h"

enum { PROGRESS_EVERY = 512, ROW_ARENA_BYTES = 256 * 1024 * 1024, FILES_MAX = 64, USES_MAX = 128 };

/* One file (and sheet) in one role or two. */
struct use {
	size_t i_in;
	struct str sheet;
	struct table *table;
	struct store *store;
	bool is_main;
	const struct join_map *join; /* the first that names it; others must agree */
	int64_t bytes;               /* read, once closed */
};

struct import {
	const struct wire_mapping *m;
	const struct wire_input *in;
	size_t n_in;
	enum wire_format format;
	struct gate gate;
	struct arena scratch;
	struct buf properties, traits, raw;
	struct use uses[USES_MAX];
	size_t n_uses;
	size_t main_use[WIRE_TABLES_MAX][FILES_MAX], n_main[WIRE_TABLES_MAX];
	size_t join_use[WIRE_TABLES_MAX][WIRE_JOINS_MAX];
	size_t budget;
	int64_t rows;
};

/* --- which file is which -------------------------------------------------------------------- */

static bool glob(struct str p, struct str s)
{
	size_t i = 0, k = 0, star = SIZE_MAX, mark = 0;
	while (k < s.len) {
		if (i < p.len && p.ptr[i] == '*') star = i++, mark = k;
		else if (i < p.len &&
		         (p.ptr[i] == '?' || str_eq_ascii_nocase(str_cut(p, i, i + 1), str_cut(s, k, k + 1))))
			i++, k++;
		else if (star != SIZE_MAX) i = star + 1, k = ++mark;
		else return false;
	}
	while (i < p.len && p.ptr[i] == '*') i++;
	return i == p.len;
}

/* The whole name without folders, or without one, two or three endings: orders.csv.zst, orders.csv, orders. */
static bool matches(struct str pattern, struct str name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
			name = str_cut(name, i, name.len);
			break;
		}
	for (int endings = 0; endings < 4; endings++) {
		if (glob(pattern, name)) return true;
		size_t dot = name.len;
		while (dot > 0 && name.ptr[dot - 1] != '.') dot--;
		if (dot < 2) return false;
		name = str_cut(name, 0, dot - 1);
	}
	return false;
}

static enum err_code add_use(struct import *im, size_t i_in, struct str sheet, size_t *out, struct err *err)
{
	for (size_t i = 0; i < im->n_uses; i++)
		if (im->uses[i].i_in == i_in && str_eq(im->uses[i].sheet, sheet)) return *out = i, OK;
	if (im->n_uses == USES_MAX)
		return err_set(err, ERR_INPUT, "mapping.file", "", "the mapping uses more than %d tables", USES_MAX);
	im->uses[im->n_uses] = (struct use){ .i_in = i_in, .sheet = sheet };
	*out = im->n_uses++;
	return OK;
}

static enum wire_format format_of(const struct import *im, size_t i_in)
{
	if (im->format == WIRE_CSV || im->format == WIRE_XLSX) return im->format;
	struct str name = im->in[i_in].name;
	return str_ends(name, STR(".xlsx")) || str_ends(name, STR(".XLSX")) || str_ends(name, STR(".xlsm")) ? WIRE_XLSX
	                                                                                                    : WIRE_CSV;
}

static enum err_code open_use(struct import *im, size_t i, const struct table_options *opt, struct err *err)
{
	struct use *u = &im->uses[i];
	if (u->table || u->store) return OK;
	enum wire_format format = format_of(im, u->i_in);
	for (size_t k = 0; k < i && format == WIRE_CSV; k++)
		if (im->uses[k].i_in == u->i_in)
			return err_set(err, ERR_INPUT, "mapping.file", "sheet", "'" STR_FMT "' has no sheets",
			               STR_ARG(wire_show(im->in[u->i_in].name, 60)));
	return table_open(&im->in[u->i_in], format, opt, &u->table, err);
}

static enum err_code no_file(const struct import *im, const struct file_spec *f, struct err *err)
{
	struct str p = wire_show(f->pattern, 60);
	char given[160] = "";
	for (size_t i = 0; i < im->n_in && strlen(given) < 100; i++) {
		struct str n = wire_show(im->in[i].name, 40);
		snprintf(given + strlen(given), sizeof given - strlen(given), "%s" STR_FMT, i ? ", " : "", STR_ARG(n));
	}
	err_set(err, ERR_INPUT, "mapping.file", "file", "mapping, line %d: no file is called '" STR_FMT "'; given: %s",
	        f->at.line, STR_ARG(p), given);
	err_hint(err, "Give that file too, or correct its name in the mapping (* stands for any characters).");
	return ERR_INPUT;
}

static bool claimed(const struct import *im, size_t i_in)
{
	for (size_t t = 0; t < im->m->n_tables; t++) {
		const struct table_map *tm = &im->m->tables[t];
		if (tm->file.pattern.len && matches(tm->file.pattern, im->in[i_in].name)) return true;
		for (size_t j = 0; j < tm->n_joins; j++)
			if (matches(tm->joins[j].file.pattern, im->in[i_in].name)) return true;
	}
	return false;
}

/* --- columns ------------------------------------------------------------------------------------- */

struct visit {
	struct import *im;
	size_t i_table, i_use; /* of the main table */
	bool only_test;
	struct err *err;
};

static size_t column(const struct str *names, size_t n, struct str want)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], want)) return i;
	for (size_t i = 0; i < n; i++)
		if (str_eq_ascii_nocase(names[i], str_trim(want))) return i;
	return n;
}

static enum err_code missing_column(const struct import *im, const struct use *u, struct str want, struct place at,
                                    const struct str *names, size_t n, struct err *err)
{
	char field[64];
	struct str w = wire_show(want, 50), near = mapping_nearest(want, names, n),
	           file = wire_show(im->in[u->i_in].name, 50);
	snprintf(field, sizeof field, STR_FMT, STR_ARG(w));
	if (near.ptr)
		err_set(err, ERR_INPUT, "mapping.column", field,
		        "mapping, line %d: " STR_FMT " has no column '" STR_FMT "'; did you mean '" STR_FMT "'?",
		        at.line, STR_ARG(file), STR_ARG(w), STR_ARG(wire_show(near, 50)));
	else
		err_set(err, ERR_INPUT, "mapping.column", field,
		        "mapping, line %d: " STR_FMT " has no column '" STR_FMT "'", at.line, STR_ARG(file),
		        STR_ARG(w));
	char first[120] = "";
	for (size_t i = 0; i < n && strlen(first) < 80; i++) {
		struct str s = wire_show(names[i], 30);
		snprintf(first + strlen(first), sizeof first - strlen(first), "%s" STR_FMT, i ? ", " : "", STR_ARG(s));
	}
	err_hint(err, "The file's columns are: %s%s", first, n > 4 ? " ..." : ".");
	return ERR_INPUT;
}

static enum err_code bind_ref(const struct visit *v, struct ref *r)
{
	size_t i_use = r->join < 0 ? v->i_use : v->im->join_use[v->i_table][r->join];
	const struct use *u = &v->im->uses[i_use];
	if (v->only_test && r->join >= 0) return OK;
	const struct str *names;
	size_t n = table_columns(u->table, &names);
	r->index = column(names, n, r->column);
	if (r->index == n && r->join < 0 && str_eq(r->column, STR(WIRE_ROW_COLUMN))) {
		r->index = WIRE_ROW_INDEX;
		return OK;
	}
	return r->index < n ? OK : missing_column(v->im, u, r->column, r->at, names, n, v->err);
}

static enum err_code bind_field(const struct visit *v, struct field *f)
{
	for (size_t i = 0; i < f->n_refs; i++) TRY(bind_ref(v, &f->refs[i]));
	for (size_t i = 0; i < f->n_pieces; i++)
		if (f->pieces[i].has_ref) TRY(bind_ref(v, &f->pieces[i].ref));
	return OK;
}

static enum err_code bind_list(const struct visit *v, struct field *f, size_t n)
{
	for (size_t i = 0; i < n; i++) TRY(bind_field(v, &f[i]));
	return OK;
}

/* Looks up every column that the table's fields name. */
static enum err_code bind_table(const struct visit *v)
{
	struct table_map *t = &v->im->m->tables[v->i_table];
	for (size_t j = 0; j < t->n_joins; j++) TRY(bind_list(v, t->joins[j].on, t->joins[j].n_key));
	for (size_t i = 0; i < t->n_events; i++) {
		struct event_map *e = &t->events[i];
		TRY(bind_list(v, e->known, KNOWN_FIELDS));
		TRY(bind_field(v, &e->wait_from));
		TRY(bind_field(v, &e->wait_to));
		TRY(bind_list(v, e->when, e->n_when));
		TRY(bind_list(v, e->properties, e->n_properties));
		TRY(bind_list(v, e->traits, e->n_traits));
	}
	return OK;
}

/* As bind_table, against a header that is not open: nothing is bound. */
static bool named(const struct field *f, const struct str *names, size_t n, size_t *hits)
{
	for (size_t i = 0; i < f->n_refs + f->n_pieces; i++) {
		const struct ref *r = i < f->n_refs ? &f->refs[i] : &f->pieces[i - f->n_refs].ref;
		if (i >= f->n_refs && !f->pieces[i - f->n_refs].has_ref) continue;
		if (str_eq(r->column, STR(WIRE_ROW_COLUMN))) continue;
		if (column(names, n, r->column) == n) return false;
		++*hits;
	}
	return true;
}

static bool all_named(const struct field *f, size_t n_fields, const struct str *names, size_t n, size_t *hits)
{
	for (size_t i = 0; i < n_fields; i++)
		if (!named(&f[i], names, n, hits)) return false;
	return true;
}

bool wire_mapping_fits(const struct wire_mapping *m, const struct str *columns, size_t n)
{
	size_t hits = 0;
	if (m->n_tables != 1 || m->tables[0].n_joins) return false;
	for (size_t i = 0; i < m->tables[0].n_events; i++) {
		const struct event_map *e = &m->tables[0].events[i];
		if (!all_named(e->known, KNOWN_FIELDS, columns, n, &hits) || !named(&e->wait_from, columns, n, &hits) ||
		    !named(&e->wait_to, columns, n, &hits) || !all_named(e->when, e->n_when, columns, n, &hits) ||
		    !all_named(e->properties, e->n_properties, columns, n, &hits) ||
		    !all_named(e->traits, e->n_traits, columns, n, &hits))
			return false;
	}
	return hits > 0;
}

/* --- opening -------------------------------------------------------------------------------------- */

/* A table that says no file: the one whose header has all its columns. */
static enum err_code find_by_header(struct import *im, size_t t, struct err *err)
{
	const struct table_map *tm = &im->m->tables[t];
	size_t candidates = 0;
	struct err first = { 0 };
	for (size_t i = 0; i < im->n_in; i++) {
		size_t use;
		if (claimed(im, i)) continue;
		TRY(add_use(im, i, tm->file.options.sheet, &use, err));
		TRY(open_use(im, use, &tm->file.options, err));
		struct err why = { 0 };
		enum err_code rc = bind_table(&(struct visit){ im, t, use, true, &why });
		if (rc == OK && im->n_main[t] == 0) {
			im->main_use[t][im->n_main[t]++] = use;
			im->uses[use].is_main = true;
		}
		if (rc != OK && candidates++ == 0) first = why;
	}
	if (im->n_main[t]) return OK;
	if (candidates) {
		if (err) *err = first;
		return ERR_INPUT;
	}
	return err_set(err, ERR_INPUT, "mapping.file", "file", "mapping, line %d: no file is left for this table",
	               tm->at.line);
}

static enum err_code find_files(struct import *im, struct err *err)
{
	for (size_t t = 0; t < im->m->n_tables; t++) {
		const struct table_map *tm = &im->m->tables[t];
		for (size_t j = 0; j < tm->n_joins; j++) {
			const struct join_map *jm = &tm->joins[j];
			size_t hits = 0;
			for (size_t i = 0; i < im->n_in; i++)
				if (matches(jm->file.pattern, im->in[i].name) && hits++ == 0)
					TRY(add_use(im, i, jm->file.options.sheet, &im->join_use[t][j], err));
			if (hits == 0) return no_file(im, &jm->file, err);
			if (hits > 1)
				return err_set(err, ERR_INPUT, "mapping.file", "file",
				               "mapping, line %d: %zu files fit the join", jm->at.line, hits);
			struct use *u = &im->uses[im->join_use[t][j]];
			if (!u->join) u->join = jm;
			TRY(open_use(im, im->join_use[t][j], &jm->file.options, err));
		}
		for (size_t i = 0; tm->file.pattern.len && i < im->n_in; i++) {
			if (!matches(tm->file.pattern, im->in[i].name)) continue;
			size_t use;
			TRY(add_use(im, i, tm->file.options.sheet, &use, err));
			TRY(open_use(im, use, &tm->file.options, err));
			im->main_use[t][im->n_main[t]++] = use;
			if (im->uses[use].is_main)
				return err_set(
				        err, ERR_INPUT, "mapping.file", "file",
				        "mapping, line %d: a file is read once; put its events below one [[table]]",
				        tm->at.line);
			im->uses[use].is_main = true;
		}
		if (tm->file.pattern.len && im->n_main[t] == 0) return no_file(im, &tm->file, err);
	}
	for (size_t t = 0; t < im->m->n_tables; t++)
		if (im->m->tables[t].file.pattern.len == 0) TRY(find_by_header(im, t, err));
	for (size_t i = 0; i < im->n_in; i++) {
		bool used = false;
		for (size_t u = 0; u < im->n_uses; u++)
			used = used || (im->uses[u].i_in == i && (im->uses[u].is_main || im->uses[u].join));
		if (used) continue;
		struct str n = wire_show(im->in[i].name, 80);
		err_set(err, ERR_INPUT, "mapping.file", "file", "the mapping says nothing about " STR_FMT, STR_ARG(n));
		err_hint(err, "Leave the file out, or give it a [[table]] or a join in the mapping.");
		return ERR_INPUT;
	}
	return OK;
}

static bool same_join(const struct join_map *a, const struct join_map *b)
{
	bool same = a->n_key == b->n_key && a->n_sum == b->n_sum && a->many == b->many;
	for (size_t i = 0; same && i < a->n_key; i++) same = str_eq(a->key[i], b->key[i]);
	for (size_t i = 0; same && i < a->n_sum; i++) same = str_eq(a->sum[i], b->sum[i]);
	return same;
}

static int64_t bytes_done(const struct import *im)
{
	int64_t sum = 0;
	for (size_t i = 0; i < im->n_uses; i++)
		sum += im->uses[i].table ? table_bytes(im->uses[i].table) : im->uses[i].bytes;
	return sum;
}

static void set_file(struct import *im, const struct use *u)
{
	im->gate.file = im->n_in > 1 ? im->in[u->i_in].name : STR("");
}

static enum err_code find_all(struct import *im, const struct use *u, const struct str *want, size_t n, size_t *out,
                              struct err *err)
{
	const struct str *names;
	size_t n_names = table_columns(u->table, &names);
	for (size_t i = 0; i < n; i++) {
		out[i] = column(names, n_names, want[i]);
		if (out[i] == n_names) return missing_column(im, u, want[i], u->join->at, names, n_names, err);
	}
	return OK;
}

static enum err_code read_join(struct import *im, struct use *u, struct err *err)
{
	size_t key[16], sum[64];
	const struct join_map *j = u->join;
	if (j->n_key > COUNT_OF(key) || j->n_sum > COUNT_OF(sum))
		return err_set(err, ERR_INPUT, "mapping.join", "key",
		               "mapping, line %d: at most 16 key columns and 64 sums", j->at.line);
	if (u->is_main && j->n_sum)
		return err_set(err, ERR_INPUT, "mapping.join", "sum",
		               "mapping, line %d: a table that is read itself cannot be summed in a join", j->at.line);
	TRY(find_all(im, u, j->key, j->n_key, key, err));
	TRY(find_all(im, u, j->sum, j->n_sum, sum, err));
	struct store_options opt = { .key = key,
		                     .n_key = j->n_key,
		                     .many = (int)j->many,
		                     .sum = sum,
		                     .n_sum = j->n_sum,
		                     .decimal = j->decimal,
		                     .keep_all = u->is_main,
		                     .budget = &im->budget };
	set_file(im, u);
	int64_t before = bytes_done(im) - table_bytes(u->table);
	TRY(store_read(u->table, &opt, &im->gate, &im->rows, before, &u->store, err));
	u->bytes = table_bytes(u->table);
	return OK;
}

/* --- running ------------------------------------------------------------------------------------------- */

static enum err_code run_row(struct import *im, size_t t, struct row_cells *row, struct err *err)
{
	const struct table_map *tm = &im->m->tables[t];
	struct err why = { 0 };
	char number[24];
	snprintf(number, sizeof number, "%lld", (long long)row->line);
	row->number = str_of(number);
	for (size_t j = 0; j < tm->n_joins; j++) {
		const struct join_map *jm = &tm->joins[j];
		struct str parts[16];
		bool some = false;
		for (size_t k = 0; k < jm->n_key; k++) {
			TRY(row_field(&jm->on[k], row, &im->scratch, &parts[k], err));
			some = some || parts[k].len;
		}
		row->cells[j + 1] = some ? store_find(im->uses[im->join_use[t][j]].store, parts) : NULL;
		if (row->cells[j + 1] || jm->keep_missing) continue;
		struct str name = wire_show(jm->name, 40), value = wire_show(parts[0], 60),
		           column = wire_show(jm->on[0].refs[0].column, 63);
		char field[64];
		snprintf(field, sizeof field, STR_FMT, STR_ARG(column));
		err_set(&why, ERR_INPUT, "row.join", field, "'" STR_FMT "' is not in " STR_FMT, STR_ARG(value),
		        STR_ARG(name));
		err_hint(&why, "Give the rows it belongs to, or set missing = \"keep\" in the join.");
		return gate_refuse(&im->gate, row->line, row->raw, &why, err);
	}
	return row_events(tm, row, &im->gate, &im->properties, &im->traits, err);
}

static enum err_code after_row(struct import *im, struct err *err)
{
	arena_reset(&im->scratch);
	im->rows++;
	return im->rows % PROGRESS_EVERY ? OK : gate_progress(&im->gate, bytes_done(im), im->rows, err);
}

static enum err_code run_stored(struct import *im, size_t t, const struct use *u, struct err *err)
{
	const struct str *names;
	size_t n = table_columns(u->table, &names), n_rows = store_rows(u->store);
	im->rows -= (int64_t)n_rows; /* counted when the join was read */
	for (size_t i = 0; i < n_rows; i++) {
		struct row_cells row = { 0 };
		row.cells[0] = store_row(u->store, i, &row.line);
		buf_clear(&im->raw);
		for (size_t c = 0; c < n && im->raw.len < WIRE_RAW_BYTES_MAX; c++) {
			if (c) buf_byte(&im->raw, ',');
			buf_str(&im->raw, str_cut(row.cells[0][c], 0, WIRE_RAW_BYTES_MAX));
		}
		row.raw = buf_view(&im->raw);
		TRY(run_row(im, t, &row, err));
		TRY(after_row(im, err));
	}
	return OK;
}

static enum err_code run_streamed(struct import *im, size_t t, const struct use *u, struct err *err)
{
	struct row r = { 0 };
	struct err why = { 0 };
	for (;;) {
		enum table_got got = table_next(u->table, &r, &why);
		if (got == TABLE_END) return OK;
		if (got == TABLE_FAILED) {
			if (err) *err = why;
			return why.code;
		}
		struct row_cells row = { .cells = { r.cells }, .line = r.line, .raw = r.raw };
		if (got == TABLE_BAD_ROW) TRY(gate_refuse(&im->gate, r.line, r.raw, &why, err));
		else TRY(run_row(im, t, &row, err));
		TRY(after_row(im, err));
	}
}

static enum err_code declare(struct import *im, struct err *err)
{
	const struct wire_sink *sink = im->gate.sink;
	for (size_t i = 0; sink->declare && i < im->m->n_declared; i++)
		TRY(sink->declare(sink->ctx, &im->m->declared[i], err));
	return OK;
}

static enum err_code run(struct import *im, struct err *err)
{
	for (size_t i = 0; i < im->m->n_times; i++) TRY(value_times_open(im->m->times[i], err));
	TRY(find_files(im, err));
	for (size_t t = 0; t < im->m->n_tables; t++) {
		const struct table_map *tm = &im->m->tables[t];
		for (size_t j = 0; j < tm->n_joins; j++)
			if (!same_join(&tm->joins[j], im->uses[im->join_use[t][j]].join))
				return err_set(err, ERR_INPUT, "mapping.join", "key",
				               "mapping, line %d: a file can be joined in one way only",
				               tm->joins[j].at.line);
		for (size_t k = 0; k < im->n_main[t]; k++)
			TRY(bind_table(&(struct visit){ im, t, im->main_use[t][k], false, err }));
	}
	for (size_t i = 0; i < im->n_uses; i++)
		if (im->uses[i].join) TRY(read_join(im, &im->uses[i], err));
	TRY(declare(im, err));
	for (size_t t = 0; t < im->m->n_tables; t++)
		for (size_t k = 0; k < im->n_main[t]; k++) {
			const struct use *u = &im->uses[im->main_use[t][k]];
			TRY(bind_table(&(struct visit){ im, t, im->main_use[t][k], false, err }));
			set_file(im, u);
			TRY(u->store ? run_stored(im, t, u, err) : run_streamed(im, t, u, err));
		}
	return gate_progress(&im->gate, bytes_done(im), im->rows, err);
}

enum err_code wire_table(const struct wire_mapping *m, const struct wire_input *in, size_t n_in,
                         enum wire_format format, int64_t now_ms, const struct wire_sink *sink, struct err *err)
{
	if (n_in == 0 || n_in > FILES_MAX)
		return err_set(err, ERR_INPUT, "mapping.file", "file", "1 to %d files can be imported at once",
		               FILES_MAX);
	struct import *im = calloc(1, sizeof *im);
	if (!im) return err_no_memory(err);
	*im = (struct import){ .m = m, .in = in, .n_in = n_in, .format = format, .budget = WIRE_JOIN_BYTES_MAX };
	arena_init(&im->scratch, ROW_ARENA_BYTES);
	gate_init(&im->gate, sink, &im->scratch, now_ms, WIRE_FILE_AHEAD_MS);
	buf_init(&im->properties, 4 * WIRE_ROW_BYTES_MAX);
	buf_init(&im->traits, 4 * WIRE_ROW_BYTES_MAX);
	buf_init(&im->raw, 3 * WIRE_RAW_BYTES_MAX);
	enum err_code rc = run(im, err);
	for (size_t i = 0; i < im->n_uses; i++) {
		table_close(im->uses[i].table);
		store_free(im->uses[i].store);
	}
	for (size_t i = 0; i < m->n_times; i++) value_times_close(m->times[i]);
	buf_done(&im->properties);
	buf_done(&im->traits);
	buf_done(&im->raw);
	gate_done(&im->gate);
	arena_done(&im->scratch);
	free(im);
	return rc;
}
