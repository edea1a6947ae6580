/*
 * The part of TOML 1.0 that mappings need: tables, arrays of tables, dotted
 * keys, the four kinds of strings, integers, floats, booleans, arrays,
 * inline tables, comments. No dates: a mapping writes them as strings.
 */
#ifndef WIRE_TOML_H
#define WIRE_TOML_H

#include "wire/priv.h"

#define TOML_BYTES_MAX ((size_t)1024 * 1024)
#define TOML_DEPTH_MAX 16
#define TOML_NODES_MAX 20000

enum toml_type { TOML_TABLE, TOML_ARRAY, TOML_STRING, TOML_INT, TOML_FLOAT, TOML_BOOL };

struct toml {
	enum toml_type type;
	struct str key;                   /* "" in arrays */
	struct toml *first, *last, *next; /* members or elements, in the order written */
	struct str text;
	int64_t i;
	double f;
	bool b;
	bool defined; /* table: had a header or braces of its own; array: written in brackets */
	int line, column;
};

/* Everything in the arena. Errors: ERR_INPUT "toml.syntax" with line and column; ERR_LIMIT. */
NODISCARD enum err_code toml_read(struct str text, struct arena *a, struct toml **out, struct err *err);

/* A member of a table; NULL when absent. */
struct toml *toml_get(const struct toml *table, const char *key);

extern const char *const toml_type_names[]; /* "a table", ... */

#endif
