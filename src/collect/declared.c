/* What mappings and people declare about event types: names, order, properties that get a column. */
#include "collect/priv.h"

enum { DECLARED_MAX = 100000, PROPERTY_BYTES_MAX = 200 };

enum err_code declared_add(struct declared *d, const struct wire_declare *row, struct err *err)
{
	if (d->n >= DECLARED_MAX)
		return err_limit(err, "mapping.declared", "mapping", DECLARED_MAX + 1, DECLARED_MAX,
		                 "the mapping declares too much");
	if (d->n == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 64;
		struct wire_declare *more = ARENA_ARRAY(&d->arena, struct wire_declare, cap);
		if (!more) return err_no_memory(err);
		if (d->n) memcpy(more, d->rows, d->n * sizeof *more);
		d->rows = more;
		d->cap = cap;
	}
	struct wire_declare copy = *row;
	copy.event = str_copy(&d->arena, row->event);
	copy.lang = str_copy(&d->arena, row->lang);
	copy.text = str_copy(&d->arena, row->text);
	copy.stage = str_copy(&d->arena, row->stage);
	if (!copy.event.ptr || !copy.lang.ptr || !copy.text.ptr || !copy.stage.ptr) return err_no_memory(err);
	d->rows[d->n++] = copy;
	return OK;
}

struct piece {
	const struct wire_declare *rows;
	size_t n;
	int64_t now_ms;
};

static enum err_code write_rows(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const queries[] = { [WIRE_DECLARE_NAME] = "collect_name_put",
		                               [WIRE_DECLARE_DIMENSION] = "collect_dimension_put",
		                               [WIRE_DECLARE_STEP] = "collect_step_put" };
	struct piece *p = ctx;
	for (size_t i = 0; i < p->n; i++) {
		const struct wire_declare *d = &p->rows[i];
		struct stmt *s = NULL;
		bool row;
		TRY(write_prepare(&s, w, queries[d->what], err));
		if (d->what == WIRE_DECLARE_DIMENSION) {
			stmt_bind_str(s, 1, d->text);
			stmt_bind_i64(s, 2, p->now_ms);
		} else {
			stmt_bind_str(s, 1, d->event);
			stmt_bind_str(s, 2, d->what == WIRE_DECLARE_NAME ? d->lang : d->stage);
			if (d->what == WIRE_DECLARE_NAME) stmt_bind_str(s, 3, d->text);
			else stmt_bind_i64(s, 3, d->order);
		}
		enum err_code rc = stmt_step(s, &row, err);
		stmt_free(s);
		TRY(rc);
	}
	return OK;
}

enum err_code declared_store(struct collect *c, const struct declared *d, struct err *err)
{
	enum { PIECE = 500 }; /* keeps the transaction short */
	for (size_t at = 0; at < d->n; at += PIECE) {
		struct piece p = { d->rows + at, d->n - at < PIECE ? d->n - at : PIECE, now_of(c) };
		TRY(store_write(c->st, write_rows, &p, err));
	}
	return OK;
}

enum err_code collect_dimension_declare(struct collect *c, struct str property, struct err *err)
{
	property = str_trim(property);
	if (property.len == 0 || utf8_valid(property.ptr, property.len) != property.len)
		return err_set(err, ERR_INPUT, "dimension.property", "property",
		               "a dimension needs the name of a property");
	if (property.len > PROPERTY_BYTES_MAX)
		return err_limit(err, "dimension.property", "property", (int64_t)property.len, PROPERTY_BYTES_MAX,
		                 "the name is longer than it may be");
	struct wire_declare row = { .what = WIRE_DECLARE_DIMENSION, .text = property };
	struct piece p = { &row, 1, now_of(c) };
	return store_write(c->st, write_rows, &p, err);
}

/* --- reading ---------------------------------------------------------------------------------- */

typedef bool (*fill_row)(void *row, struct stmt *s, struct arena *a);

static enum err_code read_rows(struct collect *c, const char *query, size_t row_bytes, fill_row fill, struct arena *a,
                               void **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	char *rows = arena_alloc(a, 16);
	size_t count = 0, cap = 0;
	bool row;
	enum err_code rc;
	TRY(stmt_prepare(&s, c->st, query, err));
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		if (count == cap) {
			char *more = arena_array(a, cap = cap ? cap * 2 : 32, row_bytes);
			if (more && count) memcpy(more, rows, count * row_bytes);
			rows = more;
		}
		if (!rows || !fill(rows + count * row_bytes, s, a)) {
			rc = err_no_memory(err);
			break;
		}
		count++;
	}
	stmt_free(s);
	if (rc == OK) *out = rows, *n = count;
	return rc;
}

static bool fill_name(void *row, struct stmt *s, struct arena *a)
{
	struct collect_name *r = row;
	*r = (struct collect_name){ str_copy(a, stmt_str(s, 0)), str_copy(a, stmt_str(s, 1)),
		                    str_copy(a, stmt_str(s, 2)) };
	return r->event.ptr && r->lang.ptr && r->text.ptr;
}

static bool fill_step(void *row, struct stmt *s, struct arena *a)
{
	struct collect_step *r = row;
	*r = (struct collect_step){ str_copy(a, stmt_str(s, 0)), str_copy(a, stmt_str(s, 1)), (int)stmt_i64(s, 2) };
	return r->event.ptr && r->stage.ptr;
}

static bool fill_dimension(void *row, struct stmt *s, struct arena *a)
{
	struct str *r = row;
	*r = str_copy(a, stmt_str(s, 0));
	return r->ptr != NULL;
}

enum err_code collect_names(struct collect *c, struct arena *a, struct collect_name **out, size_t *n, struct err *err)
{
	void *rows;
	TRY(read_rows(c, "collect_name_list", sizeof **out, fill_name, a, &rows, n, err));
	*out = rows;
	return OK;
}

enum err_code collect_steps(struct collect *c, struct arena *a, struct collect_step **out, size_t *n, struct err *err)
{
	void *rows;
	TRY(read_rows(c, "collect_step_list", sizeof **out, fill_step, a, &rows, n, err));
	*out = rows;
	return OK;
}

enum err_code collect_dimensions(struct collect *c, struct arena *a, struct str **out, size_t *n, struct err *err)
{
	void *rows;
	TRY(read_rows(c, "collect_dimension_list", sizeof **out, fill_dimension, a, &rows, n, err));
	*out = rows;
	return OK;
}
