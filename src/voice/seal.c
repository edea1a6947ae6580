/* HMAC-SHA256 (RFC 2104), from its definition: the library's own call is in headers that name what base/banned.h bans.
 */
#include <openssl/sha.h>

#include "voice/priv.h"

enum { BLOCK = 64 };

bool voice_hmac(struct str key, struct str text, unsigned char out[SHA256_DIGEST_LENGTH])
{
	unsigned char inner[BLOCK + SEAL_TEXT_BYTES_MAX] = { 0 }, outer[BLOCK + SHA256_DIGEST_LENGTH] = { 0 };
	if (key.len > BLOCK || text.len > SEAL_TEXT_BYTES_MAX) return false;
	memcpy(inner, key.ptr, key.len);
	memcpy(outer, key.ptr, key.len);
	for (int i = 0; i < BLOCK; i++) inner[i] ^= 0x36, outer[i] ^= 0x5c;
	memcpy(inner + BLOCK, text.ptr, text.len);
	SHA256(inner, BLOCK + text.len, outer + BLOCK);
	SHA256(outer, sizeof outer, out);
	return true;
}
