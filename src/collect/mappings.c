/* Mappings that are kept to use again: those of this organisation, and those that come with the program
 * (examples/imports). */
#include "base/embed.h"
#include "collect/priv.h"

extern const struct embed_file example_mappings[];
extern const size_t example_mappings_count;

/* --- reading -------------------------------------------------------------------------------------- */

static enum err_code read_saved(struct collect *c, struct arena *a, struct collect_mapping *rows, size_t *n,
                                struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	enum err_code rc;
	TRY(stmt_prepare(&s, c->st, "collect_mapping_list", err));
	while ((rc = stmt_step(s, &row, err)) == OK && row && *n < COLLECT_MAPPINGS_MAX) {
		struct collect_mapping *m = &rows[(*n)++];
		*m = (struct collect_mapping){ .name = str_copy(a, stmt_str(s, 0)),
			                       .toml = str_copy(a, stmt_str(s, 1)),
			                       .author = str_copy(a, stmt_str(s, 2)),
			                       .changed_ms = stmt_i64(s, 3) };
		if (!m->name.ptr || !m->toml.ptr || !m->author.ptr) {
			rc = err_no_memory(err);
			break;
		}
	}
	stmt_free(s);
	return rc;
}

enum err_code collect_mapping_list(struct collect *c, struct arena *a, struct collect_mapping **out, size_t *n,
                                   struct err *err)
{
	struct collect_mapping *rows =
	        ARENA_ARRAY(a, struct collect_mapping, COLLECT_MAPPINGS_MAX + example_mappings_count);
	if (!rows) return err_no_memory(err);
	*n = 0;
	TRY(read_saved(c, a, rows, n, err));
	for (size_t i = 0; i < example_mappings_count; i++) {
		const struct embed_file *f = &example_mappings[i];
		const size_t len = strlen(f->name);
		if (!str_ends((struct str){ f->name, len }, STR(".toml"))) continue;
		rows[(*n)++] = (struct collect_mapping){ .name = { f->name, len - 5 },
			                                 .toml = { (const char *)f->ptr, (size_t)(f->end - f->ptr) },
			                                 .author = STR(""),
			                                 .shipped = true };
	}
	*out = rows;
	return OK;
}

/* --- keeping --------------------------------------------------------------------------------------- */

struct keeping {
	struct str name, toml, author;
	int64_t now_ms;
};

static enum err_code put(void *ctx, struct store_write *w, struct err *err)
{
	const struct keeping *k = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "collect_mapping_count", err));
	enum err_code rc = stmt_step(s, &row, err);
	const int64_t n = rc == OK && row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	TRY(rc);
	if (n >= (int64_t)COLLECT_MAPPINGS_MAX)
		return err_limit(err, "mapping.many", "name", n, (int64_t)COLLECT_MAPPINGS_MAX,
		                 "%lld mappings are kept already", (long long)n);
	TRY(write_prepare(&s, w, "collect_mapping_put", err));
	stmt_bind_str(s, 1, k->name);
	stmt_bind_str(s, 2, k->toml);
	stmt_bind_str(s, 3, k->author);
	stmt_bind_i64(s, 4, k->now_ms);
	rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code drop(void *ctx, struct store_write *w, struct err *err)
{
	const struct keeping *k = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "collect_mapping_drop", err));
	stmt_bind_str(s, 1, k->name);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	TRY(rc);
	if (write_changes(w) == 0)
		return err_set(err, ERR_NOT_FOUND, "mapping.unknown", "name", "there is no mapping of this name");
	return OK;
}

enum err_code collect_mapping_save(struct collect *c, struct str name, struct str toml, struct str author,
                                   struct err *err)
{
	struct arena a;
	struct wire_mapping *m;
	name = str_trim(name);
	if (name.len == 0 || name.len > COLLECT_MAPPING_NAME_BYTES_MAX || utf8_valid(name.ptr, name.len) != name.len)
		return err_set(err, ERR_INPUT, "mapping.name", "name", "a mapping needs a name of 1 to %d bytes",
		               COLLECT_MAPPING_NAME_BYTES_MAX);
	if (toml.len > COLLECT_MAPPING_BYTES_MAX)
		return err_limit(err, "import.mapping", "mapping", (int64_t)toml.len,
		                 (int64_t)COLLECT_MAPPING_BYTES_MAX, "the mapping is too long");
	arena_init(&a, 64 * MIB);
	enum err_code rc = wire_mapping_read(toml, &a, &m, err);
	arena_done(&a);
	TRY(rc);
	struct keeping k = { name, toml, author, now_of(c) };
	return store_write(c->st, put, &k, err);
}

enum err_code collect_mapping_drop(struct collect *c, struct str name, struct err *err)
{
	struct keeping k = { .name = name };
	return store_write(c->st, drop, &k, err);
}
