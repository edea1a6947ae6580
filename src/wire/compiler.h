/*
 * What the files that compile a mapping share. mapping.c reads the whole,
 * its tables and joins; mapping_event.c events and their fields;
 * mapping_keys.c what both need: keys, lists, references to columns.
 */
#ifndef WIRE_COMPILER_H
#define WIRE_COMPILER_H

#include "wire/mapping.h"

/* One row a key: where it may stand and how its value is read. */
enum where {
	IN_ROOT = 1,
	IN_TABLE = 2,
	IN_EVENT = 4,
	IN_JOIN = 8,
	IN_FIELD = 16,
	IN_HOOK = 32,      /* the root of a webhook's mapping */
	IN_SIGNATURE = 64, /* of a webhook */
	EVERYWHERE = IN_ROOT | IN_TABLE | IN_EVENT | IN_HOOK
};

struct compiler {
	struct arena *a;
	struct err *err;
	struct wire_mapping *m;
	const struct toml *root;
	struct table_map *table; /* whose joins references may name */
	bool hook;               /* columns are paths into a body */
	int n_events, scope_depth;
	const struct toml *scope[3]; /* inner to outer: event, table, root */
};

/* --- mapping_keys.c ------------------------------------------------------------------------- */

/* ERR_INPUT with the line of `at`, its key as the field, and a hint. */
enum err_code mapping_bad(struct compiler *c, const struct toml *at, const char *id, const char *hint, const char *fmt,
                          ...) PRINTF_LIKE(5, 6);
enum err_code mapping_wrong_type(struct compiler *c, const struct toml *t, const char *want);
/* Every key of t may stand `where`; else the error says which one was probably meant. */
NODISCARD enum err_code mapping_check_keys(struct compiler *c, const struct toml *t, int where);
/* The innermost of event, table and root that has the key; NULL none. */
const struct toml *mapping_look(const struct compiler *c, const char *key);
/* A text, or a list of texts. */
NODISCARD enum err_code mapping_texts(struct compiler *c, const struct toml *t, struct str **out, size_t *n);
/* The text of a constant, however it was written. */
NODISCARD enum err_code mapping_scalar(struct compiler *c, const struct toml *t, struct str *out);
/* "column", or "join.column" of a join of the table at hand. */
NODISCARD enum err_code mapping_ref(struct compiler *c, const struct toml *at, struct str text, struct ref *out);
NODISCARD enum err_code mapping_refs(struct compiler *c, const struct toml *t, struct field *f);
/* "{order_id}-{item}": braces are written twice to stand for themselves. */
NODISCARD enum err_code mapping_template(struct compiler *c, const struct toml *t, struct field *f);

/* --- mapping_event.c ------------------------------------------------------------------------ */

NODISCARD enum err_code mapping_decimal(struct compiler *c, const struct toml *own, char *out);
NODISCARD enum err_code mapping_event(struct compiler *c, const struct toml *block, struct event_map *e);

#endif
