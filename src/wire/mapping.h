/* A mapping as read from TOML, before it meets files. docs/mapping.md is the language. */
#ifndef WIRE_MAPPING_H
#define WIRE_MAPPING_H

#include "wire/table.h"
#include "wire/toml.h"
#include "wire/value.h"

#define WIRE_TABLES_MAX 64
#define WIRE_JOINS_MAX 16
#define WIRE_MAPPED_EVENTS_MAX 200
#define WIRE_JOIN_BYTES_MAX ((size_t)1024 * 1024 * 1024) /* all joined tables of an import together */

/* Where in the mapping something stands, for messages. */
struct place {
	int line, column;
};

/*
 * The name under which a mapping speaks of the number of the row itself
 * (its line in the file), where the file has no column of that name: rows
 * without a customer's id are customers of their own.
 */
#define WIRE_ROW_COLUMN "#"
#define WIRE_ROW_INDEX SIZE_MAX

/* The same for the moment at which a webhook came, in milliseconds since 1970. */
#define WIRE_RECEIVED_COLUMN "@received"

/* A column of the main table (join -1) or of a joined one; of a webhook a path into its body. */
struct ref {
	int join;
	struct str column;
	struct place at;
	size_t index; /* found when the files are opened; WIRE_ROW_INDEX: the row's number */
};

struct piece { /* of a template: text, then a column */
	struct str text;
	bool has_ref;
	struct ref ref;
};

enum value_type { VALUE_TEXT, VALUE_NUMBER, VALUE_BOOL, VALUE_TIME };

/* How one value is made from a row. Exactly one of constant, refs, pieces is there. */
struct field {
	bool present, is_constant, has_fallback, has_equals, has_not, map_only;
	bool deadline; /* VALUE_TIME: a bare day means its end */
	enum value_type type;
	struct str name; /* of a property; the standard's or the user's */
	struct str constant, fallback;
	struct ref *refs;
	size_t n_refs;
	struct piece *pieces;
	size_t n_pieces;
	struct str *map_from, *map_to;
	size_t n_map;
	struct str *equals, *not_equals;
	size_t n_equals, n_not;
	struct value_times *times; /* VALUE_TIME */
	char decimal;
};

/* Fields with a meaning of their own, in the order of the table in mapping.c. */
enum known_field {
	F_CUSTOMER,
	F_ANONYMOUS,
	F_PREVIOUS,
	F_ID,
	F_NAME,
	F_TIME,
	F_CHANNEL,
	F_UNIT,
	F_ENVIRONMENT,
	F_JOURNEY,
	F_SCORE,
	F_SCORE_MIN,
	F_SCORE_MAX,
	F_SCORE_KIND,
	F_ABOUT,
	F_COMMENT,
	F_COMMENT_LANG,
	F_EXPECTED,
	F_WAIT,
	F_WAIT_S,
	F_FAILED,
	F_ABANDONED,
	F_EFFORT,
	F_VALUE,
	F_CURRENCY,
	KNOWN_FIELDS
};
extern const char
        *const known_field_property[KNOWN_FIELDS]; /* "score"; "at" and so on for those that are no properties */

struct event_map {
	enum wire_type type;
	struct field known[KNOWN_FIELDS];
	struct field wait_from, wait_to;
	struct field *when; /* all must hold */
	size_t n_when;
	struct field *properties, *traits;
	size_t n_properties, n_traits;
	struct str stage;
	int order;
	struct draft_column columns[KNOWN_FIELDS];
	size_t n_columns;
	struct place at;
};

struct file_spec {
	struct str pattern; /* "" any */
	struct table_options options;
	struct place at;
};

struct join_map {
	struct str name;
	struct file_spec file;
	struct str *key;  /* columns of the joined file */
	struct field *on; /* as many */
	size_t n_key;
	bool keep_missing;
	enum { MANY_REJECT, MANY_FIRST, MANY_LAST } many;
	struct str *sum;
	size_t n_sum;
	char decimal;
	struct place at;
};

struct table_map {
	struct file_spec file;
	struct join_map joins[WIRE_JOINS_MAX];
	size_t n_joins;
	struct event_map *events;
	size_t n_events;
	struct place at;
};

struct wire_mapping {
	struct str source;
	struct str each,
	        keep; /* webhooks: paths of a list whose elements are events, and of an object that is kept; "" */
	struct wire_hook_sign sign;
	struct table_map *tables;
	size_t n_tables;
	struct wire_declare *declared;
	size_t n_declared;
	struct value_times **times; /* every one in use, to open and close */
	size_t n_times, times_cap;
};

/* The name of a path's last member: "data.items[0].sku" gives "sku". */
struct str hook_path_name(struct str path);

/* The name closest to a wrong one; ptr NULL when none is near. */
struct str mapping_nearest(struct str wrong, const struct str *names, size_t n);

#endif
