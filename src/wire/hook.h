/* What the files of the generic webhook share. */
#ifndef WIRE_HOOK_H
#define WIRE_HOOK_H

#include "wire/live.h"
#include "wire/mapping.h"

/* What stands at a path of `item`, or of the body's `top` behind "$"; NULL when nothing does, or the path is none. */
const struct json_node *hook_at(const struct json_node *top, const struct json_node *item, struct str path);

/* The path of a member of what is at `path`; ptr NULL when memory is short. */
NODISCARD struct str hook_path_add(struct arena *a, struct str path, struct str name);

/* A webhook under the mapping of its source. */
NODISCARD enum err_code hook_custom(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                    struct err *err);

#endif
