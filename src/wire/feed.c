/* Bytes of a file: inflated, without byte order mark, UTF-16 made UTF-8. */
#include <zlib.h>
#include <zstd.h>

#include "base/checked.h"
#include "wire/priv.h"

enum { CHUNK = 128 * 1024 };
enum packing { PLAIN, GZIP, ZSTD };

struct feed {
	const struct wire_input *in;
	enum packing packing;
	bool ended, failed; /* of the input */
	int64_t bytes_in, bytes_out;
	size_t from, to; /* unread part of raw[] */
	z_stream gz;
	bool gz_open, member_done;
	ZSTD_DStream *zs;
	enum { UTF8, UTF16LE, UTF16BE } charset;
	unsigned char wide[4096]; /* UTF-16 not yet turned */
	size_t n_wide;
	bool wide_end;
	const char *error_id, *error_text;
	unsigned char head[4]; /* first inflated bytes, looked at and given back */
	size_t n_head, head_at;
	unsigned char raw[CHUNK];
};

static bool feed_fail(struct feed *f, const char *id, const char *text)
{
	f->failed = true;
	if (!f->error_id) f->error_id = id, f->error_text = text;
	return false;
}

enum err_code feed_error(const struct feed *f, struct err *err)
{
	bool io = f->error_id && strcmp(f->error_id, "file.read") == 0;
	struct str name = wire_show(f->in->name, 80);
	err_set(err, io ? ERR_IO : ERR_INPUT, f->error_id ? f->error_id : "file.read", "", STR_FMT ": %s",
	        STR_ARG(name), f->error_text ? f->error_text : "the file cannot be read");
	err_hint(err, io ? "Check the disk and the file's permissions, then try again."
	                 : "Pack the file again, or give it unpacked.");
	return io ? ERR_IO : ERR_INPUT;
}

/* At least one byte in raw[], unless the input has ended. */
static bool fill(struct feed *f)
{
	if (f->from < f->to || f->ended) return !f->failed;
	f->from = f->to = 0;
	int64_t n = f->in->read(f->in->ctx, f->raw, sizeof f->raw);
	if (n < 0 || (uint64_t)n > sizeof f->raw) return feed_fail(f, "file.read", "the file cannot be read");
	if (n == 0) f->ended = true;
	f->to = (size_t)n;
	f->bytes_in += n;
	return true;
}

static int64_t read_plain(struct feed *f, void *into, size_t cap)
{
	if (!fill(f)) return -1;
	size_t n = f->to - f->from;
	if (n > cap) n = cap;
	if (n) memcpy(into, f->raw + f->from, n);
	f->from += n;
	return (int64_t)n;
}

static int64_t read_gzip(struct feed *f, void *into, size_t cap)
{
	f->gz.next_out = into;
	f->gz.avail_out = (uInt)(cap > INT32_MAX ? INT32_MAX : cap);
	size_t asked = f->gz.avail_out;
	while (f->gz.avail_out == asked) {
		if (!fill(f)) return -1;
		if (f->from == f->to) {
			if (f->member_done) break;
			return feed_fail(f, "file.gzip", "the gzip stream ends too early"), -1;
		}
		if (f->member_done) { /* gzip files may be joined end to end; anything else behind one is padding */
			if (f->raw[f->from] != 0x1F) {
				f->from = f->to;
				continue;
			}
			inflateReset(&f->gz);
			f->member_done = false;
		}
		f->gz.next_in = f->raw + f->from;
		f->gz.avail_in = (uInt)(f->to - f->from);
		int z = inflate(&f->gz, Z_NO_FLUSH);
		f->from = f->to - f->gz.avail_in;
		if (z == Z_STREAM_END) f->member_done = true;
		else if (z != Z_OK && z != Z_BUF_ERROR)
			return feed_fail(f, "file.gzip", "the gzip stream is broken"), -1;
	}
	return (int64_t)(asked - f->gz.avail_out);
}

static int64_t read_zstd(struct feed *f, void *into, size_t cap)
{
	ZSTD_outBuffer out = { into, cap, 0 };
	while (out.pos == 0) {
		if (!fill(f)) return -1;
		bool end = f->from == f->to;
		if (end && f->member_done) break;
		ZSTD_inBuffer in = { f->raw + f->from, f->to - f->from, 0 };
		size_t z = ZSTD_decompressStream(f->zs, &out, &in);
		f->from += in.pos;
		if (ZSTD_isError(z)) return feed_fail(f, "file.zstd", "the zstd stream is broken"), -1;
		f->member_done = z == 0;
		if (end && out.pos == 0 && !f->member_done)
			return feed_fail(f, "file.zstd", "the zstd stream ends too early"), -1;
	}
	return (int64_t)out.pos;
}

static int64_t read_bytes(struct feed *f, void *into, size_t cap)
{
	if (f->failed) return -1;
	if (f->head_at < f->n_head) {
		size_t n = f->n_head - f->head_at;
		if (n > cap) n = cap;
		memcpy(into, f->head + f->head_at, n);
		f->head_at += n;
		return (int64_t)n;
	}
	int64_t n = f->packing == GZIP   ? read_gzip(f, into, cap)
	            : f->packing == ZSTD ? read_zstd(f, into, cap)
	                                 : read_plain(f, into, cap);
	if (n > 0) f->bytes_out += n;
	if (f->packing != PLAIN && f->bytes_out > FEED_FREE_BYTES && f->bytes_out / FEED_RATIO_MAX > f->bytes_in)
		return feed_fail(f, "file.bomb", "the packed file grows more than 1,100-fold, which no real data does"),
		       -1;
	return n;
}

/* --- UTF-16 ------------------------------------------------------------------------- */

static uint32_t unit(const struct feed *f, size_t i)
{
	const unsigned char *p = f->wide + i;
	return f->charset == UTF16LE ? (uint32_t)(p[0] | p[1] << 8) : (uint32_t)(p[0] << 8 | p[1]);
}

/* Three bytes in the pattern of UTF-8, which is not UTF-8 for a surrogate. */
static size_t put_broken(unsigned char *out, uint32_t u)
{
	out[0] = (unsigned char)(0xE0 | u >> 12);
	out[1] = (unsigned char)(0x80 | (u >> 6 & 0x3F));
	out[2] = (unsigned char)(0x80 | (u & 0x3F));
	return 3;
}

static int64_t read_wide(struct feed *f, unsigned char *into, size_t cap)
{
	size_t len = 0;
	while (len == 0) {
		while (!f->wide_end && f->n_wide < sizeof f->wide) {
			int64_t n = read_bytes(f, f->wide + f->n_wide, sizeof f->wide - f->n_wide);
			if (n < 0) return -1;
			if (n == 0) f->wide_end = true;
			f->n_wide += (size_t)n;
		}
		size_t i = 0;
		while (i + 2 <= f->n_wide && len + 4 <= cap) {
			uint32_t u = unit(f, i);
			if (u >= 0xD800 && u < 0xDC00) {
				if (i + 4 > f->n_wide && !f->wide_end) break;
				uint32_t low = i + 4 <= f->n_wide ? unit(f, i + 2) : 0;
				if (low >= 0xDC00 && low < 0xE000) {
					len += utf8_put((char *)into + len,
					                0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00));
					i += 4;
					continue;
				}
			}
			if (u >= 0xD800 && u < 0xE000) len += put_broken(into + len, u);
			else len += utf8_put((char *)into + len, u);
			i += 2;
		}
		if (f->wide_end && f->n_wide - i == 1 && len + 1 <= cap)
			into[len++] = 0xFF, i++; /* half a unit at the end */
		memmove(f->wide, f->wide + i, f->n_wide - i);
		f->n_wide -= i;
		if (f->wide_end && f->n_wide == 0) break;
		if (i == 0 && len == 0) break; /* cap under four bytes: never asked for */
	}
	return (int64_t)len;
}

int64_t feed_read(struct feed *f, void *into, size_t cap)
{
	return f->charset == UTF8 ? read_bytes(f, into, cap) : read_wide(f, into, cap);
}

int64_t feed_bytes_in(const struct feed *f)
{
	return f->bytes_in - (int64_t)(f->to - f->from);
}

/* --- opening --------------------------------------------------------------------------- */

static bool start_packing(struct feed *f)
{
	const unsigned char *p = f->raw;
	if (f->to >= 2 && p[0] == 0x1F && p[1] == 0x8B) {
		f->packing = GZIP;
		if (inflateInit2(&f->gz, 15 + 16) != Z_OK) return false;
		f->gz_open = true;
	} else if (f->to >= 4 && memcmp(p, "\x28\xB5\x2F\xFD", 4) == 0) {
		f->packing = ZSTD;
		f->zs = ZSTD_createDStream();
		if (!f->zs) return false;
		/* 128 MiB: what `zstd --long=27` needs; more is refused instead of allocated. */
		ZSTD_DCtx_setParameter(f->zs, ZSTD_d_windowLogMax, 27);
	}
	return true;
}

static void start_charset(struct feed *f)
{
	const unsigned char *h = f->head;
	size_t n = f->n_head;
	if (n >= 3 && memcmp(h, "\xEF\xBB\xBF", 3) == 0) f->head_at = 3;
	else if (n >= 2 && h[0] == 0xFF && h[1] == 0xFE) f->head_at = 2, f->charset = UTF16LE;
	else if (n >= 2 && h[0] == 0xFE && h[1] == 0xFF) f->head_at = 2, f->charset = UTF16BE;
}

enum err_code feed_open(const struct wire_input *in, bool text, struct feed **out, struct err *err)
{
	struct feed *f = calloc(1, sizeof *f);
	if (!f) return err_no_memory(err);
	f->in = in;
	/* A pipe may give one byte at a time: the magic numbers need four. */
	while (!f->ended && f->to < 4) {
		int64_t n = in->read(in->ctx, f->raw + f->to, sizeof f->raw - f->to);
		if (n < 0 || (uint64_t)n > sizeof f->raw - f->to) {
			feed_fail(f, "file.read", "the file cannot be read");
			break;
		}
		if (n == 0) f->ended = true;
		f->to += (size_t)n;
		f->bytes_in += n;
	}
	if (!f->failed && !start_packing(f)) {
		feed_close(f);
		return err_no_memory(err);
	}
	while (text && !f->failed && f->n_head < sizeof f->head) {
		size_t n_head = f->n_head;
		f->n_head = 0; /* read past what is already there */
		int64_t n = read_bytes(f, f->head + n_head, sizeof f->head - n_head);
		f->n_head = n_head + (size_t)(n > 0 ? n : 0);
		if (n <= 0) break;
	}
	if (f->failed) {
		enum err_code rc = feed_error(f, err);
		feed_close(f);
		return rc;
	}
	if (text) start_charset(f);
	*out = f;
	return OK;
}

void feed_close(struct feed *f)
{
	if (!f) return;
	if (f->gz_open) inflateEnd(&f->gz);
	ZSTD_freeDStream(f->zs);
	free(f);
}
