#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash64(struct str s)
{
	return XXH3_64bits(s.ptr ? s.ptr : "", s.len);
}

uint64_t hash64_seed(struct str s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.ptr ? s.ptr : "", s.len, seed);
}

uint64_t hash64_mix(uint64_t a, uint64_t b)
{
	uint64_t pair[2] = { a, b };
	return XXH3_64bits(pair, sizeof pair);
}

/*
 * SipHash-2-4 with 128-bit output (Aumasson and Bernstein 2012): keyed, fast
 * on short input, and an outsider who does not know the key cannot make two
 * ids collide.
 */
static inline uint64_t rotl(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1], v[1] = rotl(v[1], 13) ^ v[0], v[0] = rotl(v[0], 32);
	v[2] += v[3], v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3], v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1], v[1] = rotl(v[1], 17) ^ v[2], v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t m)
{
	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
}

struct hash128 hash_keyed(const struct hash_key *key, uint64_t scope, struct str text)
{
	uint64_t k0, k1;
	memcpy(&k0, key->bytes, 8);
	memcpy(&k1, key->bytes + 8, 8);
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL ^ 0xee, k0 ^ 0x6c7967656e657261ULL,
		          k1 ^ 0x7465646279746573ULL };

	sip_word(v, scope); /* a whole word in front, so (scope, text) splits one way only */
	size_t i = 0;
	for (; i + 8 <= text.len; i += 8) {
		uint64_t m;
		memcpy(&m, text.ptr + i, 8);
		sip_word(v, m);
	}
	uint64_t last = (uint64_t)(text.len + 8) << 56;
	for (size_t k = 0; i + k < text.len; k++) last |= (uint64_t)(unsigned char)text.ptr[i + k] << (8 * k);
	sip_word(v, last);

	v[2] ^= 0xee;
	for (int r = 0; r < 4; r++) sip_round(v);
	uint64_t lo = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	for (int r = 0; r < 4; r++) sip_round(v);
	return (struct hash128){ .hi = v[0] ^ v[1] ^ v[2] ^ v[3], .lo = lo };
}
