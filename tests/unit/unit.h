/* What every unit test includes: cmocka in the order of headers that it needs. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(got, want)                                                                                          \
	do {                                                                                                           \
		struct str got_ = (got);                                                                               \
		assert_int_equal(got_.len, strlen(want));                                                              \
		assert_memory_equal(got_.ptr ? got_.ptr : "", want, got_.len);                                         \
	} while (0)

#endif
