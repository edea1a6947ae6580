/* Bytes that were written as text on the way: percent codes and base64. */
#ifndef BASE_CODING_H
#define BASE_CODING_H

#include "base/str.h"

/* Percent codes, and with `plus` a plus as a space. False when broken, or when a control byte or bad UTF-8 comes out.
 */
NODISCARD bool percent_decode(struct arena *a, struct str in, bool plus, struct str *out);

/* Either alphabet, with or without padding at the end. False when a byte is in neither. */
NODISCARD bool base64_decode(struct arena *a, struct str in, struct str *out);

#endif
