/*
 * Bodies as clients really send them: compressed or not and not always saying
 * so, under any Content-Type, in a form or bare. What the bytes are decides.
 */
#include <zlib.h>
#include <zstd.h>

#include "http/priv.h"

static enum err_code too_much(struct err *err)
{
	return err_limit(err, "collect.inflated", "", 0, (int64_t)HTTP_INFLATED_BYTES_MAX,
	                 "unpacked, the body has more than %zu bytes", HTTP_INFLATED_BYTES_MAX);
}

static enum err_code broken(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "collect.packed", "", "the %s body is broken", what);
}

/* gzip, zlib, and with `raw` a bare deflate stream. */
static enum err_code unzip(struct str in, bool raw, struct arena *a, struct str *out, struct err *err)
{
	size_t cap = in.len * 8 < 64 * KIB ? 64 * KIB : in.len * 8;
	if (cap > HTTP_INFLATED_BYTES_MAX + 1) cap = HTTP_INFLATED_BYTES_MAX + 1;
	enum err_code rc = OK;
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.ptr, .avail_in = (uInt)in.len };
	if (inflateInit2(&z, raw ? -15 : 15 + 32) != Z_OK) return err_no_memory(err);
	char *room = NULL;
	for (size_t used = 0;;) {
		char *more = arena_alloc(a, cap);
		if (!more) {
			rc = err_no_memory(err);
			break;
		}
		if (used) memcpy(more, room, used);
		room = more;
		z.next_out = (Bytef *)room + used;
		z.avail_out = (uInt)(cap - used);
		int got = inflate(&z, Z_FINISH);
		used = cap - z.avail_out;
		if (got == Z_STREAM_END) {
			*out = (struct str){ room, used };
			if (used > HTTP_INFLATED_BYTES_MAX) rc = too_much(err);
			break;
		}
		if (z.avail_out > 0 || (got != Z_BUF_ERROR && got != Z_OK)) {
			rc = broken(err, "compressed");
			break;
		}
		if (cap > HTTP_INFLATED_BYTES_MAX) {
			rc = too_much(err);
			break;
		}
		cap = cap * 2 > HTTP_INFLATED_BYTES_MAX + 1 ? HTTP_INFLATED_BYTES_MAX + 1 : cap * 2;
	}
	inflateEnd(&z);
	return rc;
}

static enum err_code unzstd(struct str in, struct arena *a, struct str *out, struct err *err)
{
	/* The size that a frame claims is not believed: unpacked in a stream up to the limit. */
	char *room = arena_alloc(a, HTTP_INFLATED_BYTES_MAX + 1);
	ZSTD_DCtx *d = ZSTD_createDCtx();
	enum err_code rc = OK;
	ZSTD_inBuffer from = { in.ptr, in.len, 0 };
	ZSTD_outBuffer to = { room, HTTP_INFLATED_BYTES_MAX + 1, 0 };
	if (!d || !room) rc = err_no_memory(err);
	/* A window above 8 MiB has no use for a body of 4. */
	else if (ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, 23))) rc = err_no_memory(err);
	size_t left = 1;
	while (rc == OK && left) {
		size_t before = from.pos, wrote = to.pos;
		left = ZSTD_decompressStream(d, &to, &from);
		if (ZSTD_isError(left)) rc = broken(err, "zstd");
		else if (to.pos > HTTP_INFLATED_BYTES_MAX) rc = too_much(err);
		else if (left && from.pos == before && to.pos == wrote) rc = broken(err, "zstd");
	}
	ZSTD_freeDCtx(d);
	if (rc == OK) *out = (struct str){ room, to.pos };
	return rc;
}

/* Compressed bytes by how they begin; anything else as it is. */
static enum err_code by_magic(struct str b, struct arena *a, struct str *out, struct err *err)
{
	const unsigned char *p = (const unsigned char *)b.ptr;
	*out = b;
	if (b.len > 2 && p[0] == 0x1f && p[1] == 0x8b) return unzip(b, false, a, out, err);
	if (b.len > 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd) return unzstd(b, a, out, err);
	return OK;
}

/* The value of "data=": JSON, or base64 of JSON, or of something compressed. */
static enum err_code unform(struct arena *a, struct str decoded, struct str *out, struct err *err)
{
	struct str raw;
	*out = decoded;
	if (decoded.len && (decoded.ptr[0] == '{' || decoded.ptr[0] == '[')) return OK;
	return base64_decode(a, decoded, &raw) ? by_magic(raw, a, out, err) : broken(err, "form");
}

enum err_code unpack(struct http_call *c, struct str *out, struct err *err)
{
	const struct str b = c->body, said = c->headers[H_ENCODING], data = query_get(c, "data");
	const unsigned char *p = (const unsigned char *)b.ptr;
	if (!b.len && data.len) return unform(c->arena, data, out, err);
	TRY(by_magic(b, c->arena, out, err));
	const struct str text = str_trim(*out);
	if (out->ptr != b.ptr || (text.len && (text.ptr[0] == '{' || text.ptr[0] == '['))) return OK;
	if (str_eq_ascii_nocase(said, STR("deflate"))) {
		const bool wrapped = b.len > 2 && (p[0] & 15) == 8 && ((unsigned)p[0] << 8 | p[1]) % 31 == 0;
		return unzip(b, !wrapped, c->arena, out, err);
	}
	if (said.len && !str_eq_ascii_nocase(said, STR("identity"))) return broken(err, "compressed");
	if (str_starts(text, STR("data="))) {
		struct str value = str_cut(text, 5, text.len), decoded;
		value = str_cut(value, 0, str_find(value, '&'));
		if (!percent_decode(c->arena, value, true, &decoded)) return broken(err, "form");
		return unform(c->arena, decoded, out, err);
	}
	return OK;
}
