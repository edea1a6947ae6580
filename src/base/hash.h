/* Hashing for tables (XXH3, not for secrets) and a keyed 128-bit hash for identifiers. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

struct hash128 {
	uint64_t hi, lo;
};

/* A secret of one data directory; 32 bytes from the system's random source. */
struct hash_key {
	unsigned char bytes[32];
};

uint64_t hash64(struct str s);
uint64_t hash64_seed(struct str s, uint64_t seed);
uint64_t hash64_mix(uint64_t a, uint64_t b);

/* SipHash-2-4-128 under the first 16 bytes of `key`; the scope is hashed as a word of its own before the text. */
struct hash128 hash_keyed(const struct hash_key *key, uint64_t scope, struct str text);

#endif
