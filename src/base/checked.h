/* Arithmetic on sizes that says no instead of wrapping round. */
#ifndef BASE_CHECKED_H
#define BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

#define KIB ((size_t)1024)
#define MIB (KIB * 1024)
#define GIB (MIB * 1024)

NODISCARD static inline bool size_add(size_t a, size_t b, size_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}

NODISCARD static inline bool size_mul(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* Narrowing that fails instead of cutting. */
NODISCARD static inline bool to_u32(uint64_t x, uint32_t *out)
{
	if (x > UINT32_MAX) return false;
	*out = (uint32_t)x;
	return true;
}

NODISCARD static inline bool to_u16(uint64_t x, uint16_t *out)
{
	if (x > UINT16_MAX) return false;
	*out = (uint16_t)x;
	return true;
}

#endif
