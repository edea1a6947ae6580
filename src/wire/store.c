#include "wire/store.h"

#include "base/checked.h"

struct stored {
	struct str *cells;
	int64_t line;
	uint64_t hash;
	size_t next; /* + 1, in the chain of its bucket; 0 end */
	bool reachable;
};

struct store {
	struct arena arena;
	size_t n_columns;
	struct stored *rows;
	size_t n, cap;
	size_t *bucket; /* index + 1 of the first row */
	size_t n_buckets;
	size_t key[16], n_key;
};

static uint64_t hash_parts(const struct str *cells, const size_t *at, size_t n)
{
	uint64_t h = 0;
	for (size_t i = 0; i < n; i++) h = hash64_seed(cells[at ? at[i] : i], h + i + 1);
	return h;
}

static size_t find(const struct store *s, uint64_t h, const struct str *parts, const size_t *at)
{
	for (size_t i = s->n_buckets ? s->bucket[h & (s->n_buckets - 1)] : 0; i; i = s->rows[i - 1].next) {
		const struct stored *r = &s->rows[i - 1];
		bool same = r->hash == h;
		for (size_t k = 0; same && k < s->n_key; k++) same = str_eq(r->cells[s->key[k]], parts[at ? at[k] : k]);
		if (same) return i;
	}
	return 0;
}

static void link_row(struct store *s, size_t i)
{
	size_t *b = &s->bucket[s->rows[i].hash & (s->n_buckets - 1)];
	s->rows[i].next = *b;
	s->rows[i].reachable = true;
	*b = i + 1;
}

static bool grow(struct store *s, size_t *budget)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 1024;
		if ((cap - s->cap) * sizeof *s->rows > *budget) return false;
		struct stored *rows = realloc(s->rows, cap * sizeof *rows);
		if (!rows) return false;
		*budget -= (cap - s->cap) * sizeof *s->rows;
		s->rows = rows;
		s->cap = cap;
	}
	if (s->n_key == 0 || s->n < s->n_buckets) return true;
	size_t n = s->n_buckets ? s->n_buckets * 2 : 1024;
	size_t *bucket = calloc(n, sizeof *bucket);
	if (!bucket) return false;
	free(s->bucket);
	s->bucket = bucket;
	s->n_buckets = n;
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].reachable) link_row(s, i);
	return true;
}

/* One block of memory a row: the views, then the bytes. */
static struct str *copy_cells(struct store *s, const struct str *cells, size_t *budget)
{
	size_t bytes = 0;
	for (size_t i = 0; i < s->n_columns; i++) bytes += cells[i].len;
	size_t need = s->n_columns * sizeof *cells + bytes + 16;
	if (need > *budget) return NULL;
	*budget -= need;
	struct str *out = arena_alloc(&s->arena, need);
	if (!out) return NULL;
	char *p = (char *)(out + s->n_columns);
	for (size_t i = 0; i < s->n_columns; i++) {
		if (cells[i].len) memcpy(p, cells[i].ptr, cells[i].len);
		out[i] = (struct str){ p, cells[i].len };
		p += cells[i].len;
	}
	return out;
}

static enum err_code too_large(struct err *err)
{
	err_limit(err, "mapping.join", "", 0, (int64_t)WIRE_JOIN_BYTES_MAX,
	          "the joined files need more than %zu MiB of memory", WIRE_JOIN_BYTES_MAX / MIB);
	err_hint(err, "Take out columns and rows that are not needed, or join the files before the import.");
	return ERR_LIMIT;
}

/* Adds the row's number to that of the row which is there already. */
static bool add_up(struct store *s, struct stored *there, const struct str *cells, const struct store_options *opt,
                   size_t column)
{
	struct str a, b;
	double x = 0, y = 0;
	if (cells[column].len == 0) return true;
	if (there->cells[column].len &&
	    (!value_number_text(&s->arena, there->cells[column], opt->decimal, &a) || !str_to_double(a, &x)))
		return false;
	if (!value_number_text(&s->arena, cells[column], opt->decimal, &b) || !str_to_double(b, &y)) return false;
	/* 12 digits: cents stay cents, without the dust of binary fractions. */
	struct str sum = str_format(&s->arena, "%.12g", x + y);
	if (!sum.ptr) return false;
	if (opt->decimal == ',')
		for (char *p = (char *)(uintptr_t)sum.ptr; *p; p++)
			if (*p == '.') *p = ',';
	there->cells[column] = sum;
	return true;
}

static enum err_code again(struct store *s, size_t i, const struct row *row, const struct store_options *opt,
                           struct gate *g, struct err *err)
{
	struct err why = { 0 };
	struct stored *there = &s->rows[i - 1];
	for (size_t k = 0; k < opt->n_sum; k++)
		if (!add_up(s, there, row->cells, opt, opt->sum[k])) {
			err_set(&why, ERR_INPUT, "number.syntax", "",
			        "column %zu of the joined row is not a number to add up", opt->sum[k] + 1);
			err_hint(&why, "Correct the number, or take the column out of sum.");
			return gate_refuse(g, row->line, row->raw, &why, err);
		}
	if (opt->n_sum || opt->many == MANY_FIRST) return OK;
	if (opt->many == MANY_LAST && !opt->keep_all) {
		there->cells = copy_cells(s, row->cells, opt->budget);
		there->line = row->line;
		return there->cells ? OK : too_large(err);
	}
	err_set(&why, ERR_INPUT, "row.join", "", "the key of this joined row stood already on line %lld",
	        (long long)there->line);
	err_hint(&why, "Say in the mapping which row stands: many = \"first\" or \"last\", or sum = [\"column\"].");
	return gate_refuse(g, row->line, row->raw, &why, err);
}

static enum err_code add(struct store *s, const struct row *row, const struct store_options *opt, struct gate *g,
                         struct err *err)
{
	uint64_t h = hash_parts(row->cells, opt->key, opt->n_key);
	size_t there = opt->n_key ? find(s, h, row->cells, opt->key) : 0;
	if (there) TRY(again(s, there, row, opt, g, err));
	bool keep = opt->keep_all && opt->many != MANY_REJECT;
	if (there && !keep) return OK;
	if (!grow(s, opt->budget)) return too_large(err);
	struct stored *r = &s->rows[s->n];
	*r = (struct stored){ .cells = copy_cells(s, row->cells, opt->budget), .line = row->line, .hash = h };
	if (!r->cells) return too_large(err);
	s->n++;
	if (there && opt->many == MANY_LAST) s->rows[there - 1].hash = ~s->rows[there - 1].hash; /* no longer found */
	if (opt->n_key && !(there && opt->many == MANY_FIRST)) link_row(s, s->n - 1);
	return OK;
}

enum err_code store_read(struct table *t, const struct store_options *opt, struct gate *g, int64_t *rows,
                         int64_t bytes_before, struct store **out, struct err *err)
{
	const struct str *names;
	struct row row = { 0 };
	struct err why = { 0 };
	struct store *s = calloc(1, sizeof *s);
	enum err_code rc = OK;
	if (!s) return err_no_memory(err);
	arena_init(&s->arena, 2 * WIRE_JOIN_BYTES_MAX);
	s->n_columns = table_columns(t, &names);
	s->n_key = opt->n_key;
	if (opt->n_key) memcpy(s->key, opt->key, opt->n_key * sizeof *opt->key);
	for (enum table_got got; rc == OK && (got = table_next(t, &row, &why)) != TABLE_END;) {
		if (got == TABLE_FAILED) {
			if (err) *err = why;
			rc = why.code;
			break;
		}
		++*rows;
		rc = got == TABLE_BAD_ROW ? gate_refuse(g, row.line, row.raw, &why, err) : add(s, &row, opt, g, err);
		arena_reset(g->scratch);
		if (rc == OK && *rows % 1024 == 0) rc = gate_progress(g, bytes_before + table_bytes(t), *rows, err);
	}
	if (rc != OK) {
		store_free(s);
		return rc;
	}
	*out = s;
	return OK;
}

void store_free(struct store *s)
{
	if (!s) return;
	arena_done(&s->arena);
	free(s->rows);
	free(s->bucket);
	free(s);
}

struct str *store_find(const struct store *s, const struct str *parts)
{
	size_t i = find(s, hash_parts(parts, NULL, s->n_key), parts, NULL);
	return i ? s->rows[i - 1].cells : NULL;
}

size_t store_rows(const struct store *s)
{
	return s->n;
}

struct str *store_row(const struct store *s, size_t i, int64_t *line)
{
	*line = s->rows[i].line;
	return s->rows[i].cells;
}
