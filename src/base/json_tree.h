/*
 * A JSON text as nodes, made in one pass: for those who look up members more than once, or write them in another
 * order. Nodes and decoded texts live in the caller's arena and point into the text.
 */
#ifndef BASE_JSON_TREE_H
#define BASE_JSON_TREE_H

#include "base/json.h"

struct json_node {
	struct str key;          /* of a member of an object, decoded */
	struct str raw;          /* the whole value as written; strings with their quotes */
	struct json_node *first; /* members or elements, in the order of the text */
	struct json_node *next;  /* behind this one in the same object or array */
	uint32_t n;              /* how many there are inside */
	enum json_token type;    /* JT_OBJECT, JT_ARRAY, JT_STRING, JT_NUMBER, JT_TRUE, JT_FALSE or JT_NULL */
	bool escaped;            /* a string that holds a backslash */
	bool key_escaped;        /* so did the key, as it was written */
	bool canonical;          /* raw is the canonical form already */
};

/* ERR_INPUT as json_error says it. Strict as json_next; some 80 bytes of arena a value. */
NODISCARD enum err_code json_tree(struct str text, struct arena *a, struct json_node **root, struct err *err);

/* The member of this name, of several the last; NULL when there is none, or the node is no object. */
const struct json_node *json_member(const struct json_node *object, struct str key);

/* Of a string its text, decoded; false for any other node (nothing is written), and without memory (ptr is NULL). */
NODISCARD bool json_node_text(const struct json_node *node, struct arena *a, struct str *out);

/* Appends the canonical form (json.h); `a` holds what is needed on the way. */
NODISCARD enum err_code json_node_canonical(const struct json_node *node, struct arena *a, struct buf *out,
                                            struct err *err);

#endif
