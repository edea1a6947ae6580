/* HMAC-SHA256 (RFC 2104), from its definition: the library's own call is in headers that name what base/banned.h bans.
 */
/* The newer calls look the algorithm up by its name each time, which takes longer than a short text's hash. */
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>

#include "voice/priv.h"

enum { BLOCK = 64 };

bool voice_hmac(struct str key, struct str text, unsigned char out[SHA256_DIGEST_LENGTH])
{
	unsigned char inner[BLOCK] = { 0 }, outer[BLOCK] = { 0 }, hash[SHA256_DIGEST_LENGTH];
	SHA256_CTX c;
	if (key.len > BLOCK || text.len > SEAL_TEXT_BYTES_MAX) return false;
	memcpy(inner, key.ptr, key.len);
	memcpy(outer, key.ptr, key.len);
	for (int i = 0; i < BLOCK; i++) inner[i] ^= 0x36, outer[i] ^= 0x5c;
	SHA256_Init(&c);
	SHA256_Update(&c, inner, sizeof inner);
	SHA256_Update(&c, text.ptr, text.len);
	SHA256_Final(hash, &c);
	SHA256_Init(&c);
	SHA256_Update(&c, outer, sizeof outer);
	SHA256_Update(&c, hash, sizeof hash);
	SHA256_Final(out, &c);
	return true;
}
