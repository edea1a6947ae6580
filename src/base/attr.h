/* Compiler attributes, each under the name that says what the reader gains. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED __attribute__((unused))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
