/* Signatures of Standard Webhooks: HMAC-SHA256 (RFC 2104) over "id.time.body", base64. */
#include <openssl/sha.h>

#include "outbox/priv.h"

#define PREFIX "whsec_"
#define BLOCK 64 /* of SHA-256, bytes */
#define KEY_MIN 24
#define KEY_MAX 64

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z') return c - 'A';
	if (c >= 'a' && c <= 'z') return c - 'a' + 26;
	if (c >= '0' && c <= '9') return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes of a key; 0 when it is none. */
static size_t key_bytes(struct str text, unsigned char out[KEY_MAX])
{
	uint32_t bits = 0;
	int n_bits = 0;
	size_t n = 0;
	while (text.len && text.ptr[text.len - 1] == '=') text.len--;
	for (size_t i = 0; i < text.len; i++) {
		const int v = base64_value(text.ptr[i]);
		if (v < 0) return 0;
		bits = bits << 6 | (uint32_t)v;
		n_bits += 6;
		if (n_bits < 8) continue;
		if (n == KEY_MAX) return 0;
		n_bits -= 8;
		out[n++] = (unsigned char)(bits >> n_bits);
	}
	return n >= KEY_MIN ? n : 0;
}

bool webhook_sign(struct str secret, struct str id, int64_t at_s, struct str body, char out[64])
{
	unsigned char key[BLOCK] = { 0 }, inner[SHA256_DIGEST_LENGTH], outer[BLOCK + SHA256_DIGEST_LENGTH], pad[BLOCK];
	if (!str_starts(secret, STR(PREFIX)) || !key_bytes(str_cut(secret, sizeof PREFIX - 1, secret.len), key))
		return false;
	struct buf bytes;
	buf_init(&bytes, BLOCK + id.len + body.len + 64);
	for (size_t i = 0; i < BLOCK; i++) pad[i] = key[i] ^ 0x36;
	buf_put(&bytes, pad, BLOCK);
	buf_printf(&bytes, STR_FMT ".%lld.", STR_ARG(id), (long long)at_s);
	buf_str(&bytes, body);
	const bool whole = !bytes.full;
	if (whole) SHA256((const unsigned char *)bytes.ptr, bytes.len, inner);
	buf_done(&bytes);
	if (!whole) return false;
	for (size_t i = 0; i < BLOCK; i++) outer[i] = key[i] ^ 0x5c;
	memcpy(outer + BLOCK, inner, sizeof inner);
	SHA256(outer, sizeof outer, inner);
	struct buf text;
	buf_init(&text, 64);
	buf_str(&text, STR("v1,"));
	mime_base64(&text, (struct str){ (const char *)inner, sizeof inner }, 0);
	snprintf(out, 64, STR_FMT, STR_ARG(buf_view(&text)));
	buf_done(&text);
	return true;
}
