/* Keys made of names. */
#ifndef BASE_SLUG_H
#define BASE_SLUG_H

#include "base/str.h"

/*
 * Lower-case letters and digits of any script, "-" between them: "Late
 * orders!" gives "late-orders". Stops before a letter that would pass
 * bytes_max; `otherwise` when no letter is left. ptr NULL when memory is short.
 */
NODISCARD struct str slug_of(struct str words, size_t bytes_max, struct str otherwise, struct arena *a);

#endif
