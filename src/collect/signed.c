/*
 * Signatures of webhooks. Which bytes are signed, and where the signature
 * stands, is one row a sender. HMAC (RFC 2104) is from its definition: the
 * library's own call is in headers that name what base/banned.h bans.
 */
#include <openssl/sha.h>

#include "base/coding.h"
#include "collect/priv.h"

#define TOLERANCE_MS ((int64_t)5 * 60 * 1000)
enum { BLOCK_BYTES = 64, DIGEST_BYTES_MAX = 32 };

static const struct scheme {
	bool any_time;                     /* seconds or ISO 8601 */
	const char *signature, *time, *id; /* headers; NULL none */
	const char *joint;                 /* between what is signed in front of the body and the body */
	const char *prefix;                /* of each signature in the header */
	bool sha1, hex, seconds;           /* else SHA-256, base64, ISO 8601 */
} schemes[WIRE_HOOK_CUSTOM] = {
	[WIRE_HOOK_STANDARD] = { false, "webhook-signature", "webhook-timestamp", "webhook-id", ".", "v1,", false,
	                         false, true },
	[WIRE_HOOK_ZENDESK] = { false, "x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp", NULL, "",
	                        "", false, false, false },
	[WIRE_HOOK_CHATWOOT] = { false, "x-chatwoot-signature", "x-chatwoot-timestamp", NULL, ".", "", false, true,
	                         true },
	[WIRE_HOOK_INTERCOM] = { false, "x-hub-signature", NULL, NULL, "", "sha1=", true, true, false },
};

static struct str header(const struct str_pair *headers, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++)
		if (str_eq(headers[i].key, str_of(name))) return str_trim(headers[i].value);
	return STR("");
}

static size_t digest(bool sha1, const unsigned char *bytes, size_t n, unsigned char *out)
{
	if (sha1) SHA1(bytes, n, out);
	else SHA256(bytes, n, out);
	return sha1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

/* H((k ^ opad) H((k ^ ipad) text)); 0 when memory is short. */
static size_t hmac(bool sha1, struct str key, struct str text, struct arena *a, unsigned char *out)
{
	unsigned char k[BLOCK_BYTES] = { 0 }, outer[BLOCK_BYTES + DIGEST_BYTES_MAX];
	unsigned char *inner = arena_alloc(a, BLOCK_BYTES + text.len);
	if (!inner) return 0;
	if (key.len > BLOCK_BYTES) digest(sha1, (const unsigned char *)key.ptr, key.len, k);
	else if (key.len) memcpy(k, key.ptr, key.len);
	for (size_t i = 0; i < BLOCK_BYTES; i++) inner[i] = k[i] ^ 0x36, outer[i] = k[i] ^ 0x5c;
	if (text.len) memcpy(inner + BLOCK_BYTES, text.ptr, text.len);
	const size_t n = digest(sha1, inner, BLOCK_BYTES + text.len, outer + BLOCK_BYTES);
	return digest(sha1, outer, BLOCK_BYTES + n, out);
}

static int hex_of(char c)
{
	if (c >= '0' && c <= '9') return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(struct arena *a, struct str in, struct str *out)
{
	char *p = arena_alloc(a, in.len / 2 + 1);
	if (!p || in.len % 2) return false;
	for (size_t i = 0; i < in.len; i += 2) {
		const int high = hex_of(in.ptr[i]), low = hex_of(in.ptr[i + 1]);
		if (high < 0 || low < 0) return false;
		p[i / 2] = (char)(high * 16 + low);
	}
	*out = (struct str){ p, in.len / 2 };
	return true;
}

/* In the same time wherever they differ. */
static bool same_bytes(struct str x, const unsigned char *y, size_t n)
{
	unsigned char differs = 0;
	if (x.len != n) return false;
	for (size_t i = 0; i < n; i++) differs |= (unsigned char)x.ptr[i] ^ y[i];
	return differs == 0;
}

/* One of several, separated by spaces: a sender that changes its secret signs with both for a while. */
static bool any_fits(const struct scheme *s, struct str said, const unsigned char *want, size_t n, struct arena *a)
{
	const struct str prefix = str_of(s->prefix);
	while (said.len) {
		struct str one = str_cut(said, 0, str_find(said, ' ')), bytes;
		said = str_cut(said, one.len < said.len ? one.len + 1 : one.len, said.len);
		if (!str_starts(one, prefix)) continue;
		one = str_cut(one, prefix.len, one.len);
		if ((s->hex ? unhex(a, one, &bytes) : base64_decode(a, one, &bytes)) && same_bytes(bytes, want, n))
			return true;
	}
	return false;
}

static enum err_code check_time(const struct scheme *s, struct str said, int64_t now_ms, struct err *err)
{
	int64_t at = 0;
	const bool seconds = s->seconds || (s->any_time && str_to_i64(said, &at));
	bool ok = seconds ? str_to_i64(said, &at) && at > 0 && at < INT64_MAX / 1000 : when_parse_iso(said, &at, NULL);
	if (ok && seconds) at *= 1000;
	if (ok && at >= now_ms - TOLERANCE_MS && at <= now_ms + TOLERANCE_MS) return OK;
	(void)err_set(err, ERR_DENIED, "hook.time", s->time, "it was signed more than five minutes from now");
	err_hint(err, "Compare the clocks of sender and server.");
	return ERR_DENIED;
}

/* As the mapping of the source says. */
static enum err_code own_scheme(struct collect *c, uint32_t source, struct arena *a, struct scheme *out,
                                struct err *err)
{
	struct str toml;
	struct wire_mapping *m;
	TRY(collect_hook_mapping(c, source, a, &toml, err));
	*out = (struct scheme){ .signature = "x-hub-signature-256", .joint = "", .prefix = "sha256=", .hex = true };
	if (!toml.len) return OK;
	TRY(wire_hook_mapping_read(toml, a, &m, err));
	const struct wire_hook_sign *sign = wire_mapping_sign(m);
	out->signature = str_z(a, sign->header);
	out->prefix = str_z(a, sign->prefix);
	out->sha1 = sign->sha1;
	out->hex = !sign->base64;
	if (sign->time.len) {
		out->time = str_z(a, sign->time);
		out->joint = str_z(a, sign->joint);
		out->any_time = true;
		if (!out->time || !out->joint) return err_no_memory(err);
	}
	return out->signature && out->prefix ? OK : err_no_memory(err);
}

enum err_code collect_hook_check(struct collect *c, uint32_t source, enum wire_hook hook, struct str body,
                                 const struct str_pair *headers, size_t n_headers, struct arena *a, struct err *err)
{
	struct scheme own, *s = &own;
	struct str secret, key;
	unsigned char want[DIGEST_BYTES_MAX];
	TRY(source_secret(c, source, a, &secret, err));
	if (!secret.len) return OK;
	if (hook == WIRE_HOOK_CUSTOM) TRY(own_scheme(c, source, a, s, err));
	else own = schemes[hook];
	const struct str said = header(headers, n_headers, s->signature), time = header(headers, n_headers, s->time);
	key = secret;
	if (hook == WIRE_HOOK_STANDARD && str_starts(secret, STR("whsec_")) &&
	    !base64_decode(a, str_cut(secret, 6, secret.len), &key))
		key = secret;
	const struct str id = header(headers, n_headers, s->id);
	const struct str text = str_format(a, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(id), s->id ? s->joint : "",
	                                   STR_ARG(time), s->joint, STR_ARG(body));
	const size_t n = text.ptr ? hmac(s->sha1, key, text, a, want) : 0;
	if (n == 0) return err_no_memory(err);
	if (!any_fits(s, said, want, n, a)) {
		(void)err_set(err, ERR_DENIED, "hook.signature", s->signature,
		              said.len ? "the signature does not fit" : "the signature is missing");
		err_hint(err, "Give the source the secret that the sender shows, on the page Sources.");
		return ERR_DENIED;
	}
	return s->time ? check_time(s, time, now_of(c), err) : OK;
}
