#include "store/block.h"

#include <zstd.h>

enum { VERSION = 1, VARINT_BYTES = 10, COLUMNS = 8, BYTES_PER_ROW_MAX = COLUMNS * VARINT_BYTES };

/* --- numbers ------------------------------------------------------------------------- */

static uint64_t zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}
static int64_t unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}
/* Differences wrap round on purpose: the reader wraps back. */
static int64_t diff(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}
static int64_t sum(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static char *put_varint(char *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7) *p++ = (char)(v | 0x80);
	*p++ = (char)v;
	return p;
}

static bool get_varint(const char **p, const char *end, uint64_t *out)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (*p == end) return false;
		uint64_t byte = (unsigned char)*(*p)++;
		v |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out = v;
			return shift < 63 || byte < 2;
		}
	}
	return false;
}

static void buf_varint(struct buf *b, uint64_t v)
{
	char bytes[VARINT_BYTES];
	buf_put(b, bytes, (size_t)(put_varint(bytes, v) - bytes));
}

/* --- writing ---------------------------------------------------------------------------- */

void block_builder_init(struct block_builder *b)
{
	*b = (struct block_builder){ 0 };
	buf_init(&b->text, BLOCK_BODY_BYTES_MAX + 16 * MIB);
	buf_init(&b->frames, BLOCK_BODY_BYTES_MAX + 32 * MIB);
	buf_init(&b->columns, (size_t)BLOCK_EVENTS_MAX * BYTES_PER_ROW_MAX + 64);
	buf_init(&b->packed, BLOCK_BODY_BYTES_MAX + 32 * MIB); /* zstd's bound of the largest of both */
}

void block_builder_done(struct block_builder *b)
{
	free(b->events);
	free(b->body_len);
	free(b->ready);
	buf_done(&b->text);
	buf_done(&b->frames);
	buf_done(&b->columns);
	buf_done(&b->packed);
	ZSTD_freeCCtx(b->zstd);
	*b = (struct block_builder){ 0 };
}

void block_builder_clear(struct block_builder *b)
{
	b->n = b->n_ready = 0;
	buf_clear(&b->text);
	buf_clear(&b->frames);
}

static enum err_code event_add(struct block_builder *b, const struct block_event *e, uint32_t body_bytes,
                               struct err *err)
{
	if (b->n == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		struct block_event *events = realloc(b->events, cap * sizeof *events);
		if (events) b->events = events;
		uint32_t *body_len = realloc(b->body_len, cap * sizeof *body_len);
		if (body_len) b->body_len = body_len;
		if (!events || !body_len) return err_no_memory(err);
		b->cap = cap;
	}
	b->events[b->n] = *e;
	b->body_len[b->n] = body_bytes;
	b->n++;
	return OK;
}

enum err_code block_add(struct block_builder *b, const struct block_event *e, struct str body, struct err *err)
{
	TRY(event_add(b, e, (uint32_t)body.len, err));
	buf_str(&b->text, body);
	return b->text.full ? err_no_memory(err) : OK;
}

/* `text` as a zstd frame, in b->packed. */
static enum err_code deflate(struct block_builder *b, int level, struct str text, struct err *err)
{
	struct buf *out = &b->packed;
	if (!b->zstd) b->zstd = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(text.len);
	buf_clear(out);
	if (!b->zstd || !buf_reserve(out, bound)) return err_no_memory(err);
	size_t len = ZSTD_compressCCtx(b->zstd, out->ptr + out->len, bound, text.ptr ? text.ptr : "", text.len, level);
	if (ZSTD_isError(len))
		return err_set(err, ERR_NO_MEMORY, "store.compress", "", "zstd: %s", ZSTD_getErrorName(len));
	out->len += len;
	return OK;
}

static uint64_t frame_sum(const struct block_frame *f, struct str head)
{
	uint64_t seed = hash64_mix(hash64_mix(f->first_arrival, f->arrival_end), f->n);
	return hash64_seed(head, seed);
}

static char *put_columns(const struct block_builder *b, const struct block_frame *frame, char *p)
{
	const struct block_event *e = b->events;
	uint64_t arrival = frame->first_arrival;
	for (size_t i = 0; i < b->n; i++) { /* the first number equals first_arrival unless events were erased */
		p = put_varint(p, e[i].head.arrival - arrival);
		arrival = e[i].head.arrival + 1;
	}
	uint32_t source = 0, identity = 0;
	for (size_t i = 0; i < b->n; i++) {
		p = put_varint(p, zigzag((int64_t)e[i].head.source - source));
		source = e[i].head.source;
	}
	for (size_t i = 0; i < b->n; i++) p = put_varint(p, e[i].head.kind);
	for (size_t i = 0; i < b->n; i++) {
		p = put_varint(p, zigzag((int64_t)e[i].head.identity - identity));
		identity = e[i].head.identity;
	}
	int64_t received = 0, at = 0;
	for (size_t i = 0; i < b->n; i++) {
		p = put_varint(p, zigzag(diff(e[i].head.received_ms, received)));
		received = e[i].head.received_ms;
	}
	for (size_t i = 0; i < b->n; i++) {
		p = put_varint(p, zigzag(diff(e[i].head.at_ms, at)));
		at = e[i].head.at_ms;
	}
	for (size_t i = 0; i < b->n; i++) p = put_varint(p, e[i].k);
	for (size_t i = 0; i < b->n; i++) p = put_varint(p, b->body_len[i]);
	return p;
}

static void put_frame(struct buf *body, size_t n, size_t raw_bytes, struct str packed)
{
	buf_varint(body, n);
	buf_varint(body, raw_bytes);
	buf_varint(body, packed.len);
	buf_str(body, packed);
}

static enum err_code encode_body(struct block_builder *b, int level, struct buf *body, struct err *err)
{
	size_t from = 0, at = 0, next = 0; /* `next` of those that are ready */
	for (size_t i = 0; i < b->n;) {
		const struct block_ready *ready = next < b->n_ready ? &b->ready[next] : NULL;
		if (ready && ready->first == i) {
			put_frame(body, ready->n, ready->raw_bytes,
			          (struct str){ b->frames.ptr + ready->from, ready->packed });
			i += ready->n;
			next++;
			continue;
		}
		const size_t end = ready ? ready->first : b->n;
		size_t n = 0;
		while (i < end && (n == 0 || at - from + b->body_len[i] <= BLOCK_FRAME_BYTES))
			at += b->body_len[i++], n++;
		TRY(deflate(b, level, (struct str){ b->text.ptr ? b->text.ptr + from : "", at - from }, err));
		put_frame(body, n, at - from, buf_view(&b->packed));
		from = at;
	}
	return body->full ? err_no_memory(err) : OK;
}

enum err_code block_encode(struct block_builder *b, int level, struct block_frame *frame, struct buf *head,
                           struct buf *body, struct err *err)
{
	buf_clear(head);
	buf_clear(body);
	frame->n = (uint32_t)b->n;
	TRY(encode_body(b, level, body, err));
	uint64_t body_sum = hash64_seed(buf_view(body), frame->first_arrival);

	buf_clear(&b->columns);
	if (!buf_reserve(&b->columns, b->n * BYTES_PER_ROW_MAX)) return err_no_memory(err);
	b->columns.len = (size_t)(put_columns(b, frame, b->columns.ptr) - b->columns.ptr);
	TRY(deflate(b, level, buf_view(&b->columns), err));
	buf_byte(head, VERSION);
	buf_put(head, &body_sum, sizeof body_sum);
	buf_varint(head, b->columns.len);
	buf_varint(head, b->packed.len);
	buf_str(head, buf_view(&b->packed));
	/* Hashes do not compress: they follow as they are. */
	for (size_t i = 0; i < b->n; i++) buf_put(head, &b->events[i].content, sizeof b->events[i].content);
	for (size_t i = 0; i < b->n; i++)
		if (b->events[i].k == 0) buf_put(head, &b->events[i].id, sizeof b->events[i].id);
	if (head->full) return err_no_memory(err);
	frame->checksum = frame_sum(frame, buf_view(head));
	return OK;
}

/* --- reading ---------------------------------------------------------------------------------- */

void block_reader_init(struct block_reader *r)
{
	*r = (struct block_reader){ 0 };
	buf_init(&r->columns, (size_t)BLOCK_EVENTS_MAX * BYTES_PER_ROW_MAX + 64);
	buf_init(&r->text, BLOCK_BODY_BYTES_MAX + 16 * MIB);
}

void block_reader_done(struct block_reader *r)
{
	free(r->heads);
	free(r->ids);
	free(r->contents);
	free(r->k);
	free(r->body_len);
	free(r->bodies);
	buf_done(&r->columns);
	buf_done(&r->text);
	ZSTD_freeDCtx(r->zstd);
	*r = (struct block_reader){ 0 };
}

static enum err_code broken(const struct block_frame *f, const char *what, struct err *err)
{
	enum err_code rc = err_set(err, ERR_CORRUPT, "store.block", "event_block", "event block %llu: %s",
	                           (unsigned long long)f->first_arrival, what);
	err_hint(err, "The stored bytes have changed since they were written. Check the disk, then restore a backup.");
	return rc;
}

static bool grow(struct block_reader *r, size_t n)
{
	if (n <= r->cap && r->heads) return true;
	free(r->heads), free(r->ids), free(r->contents), free(r->k), free(r->body_len), free(r->bodies);
	r->heads = calloc(n + 1, sizeof *r->heads);
	r->ids = calloc(n + 1, sizeof *r->ids);
	r->contents = calloc(n + 1, sizeof *r->contents);
	r->k = calloc(n + 1, sizeof *r->k);
	r->body_len = calloc(n + 1, sizeof *r->body_len);
	r->bodies = calloc(n + 1, sizeof *r->bodies);
	bool ok = r->heads && r->ids && r->contents && r->k && r->body_len && r->bodies;
	r->cap = ok ? n : 0;
	return ok;
}

/* Inflates one frame behind r->text / columns; false when it is not exactly `len` bytes. */
static bool inflate_into(struct block_reader *r, struct str packed, struct buf *out, size_t len)
{
	if (!r->zstd) r->zstd = ZSTD_createDCtx();
	if (!r->zstd || !buf_reserve(out, len + 1)) return false;
	size_t got = ZSTD_decompressDCtx(r->zstd, out->ptr + out->len, len, packed.ptr, packed.len);
	if (ZSTD_isError(got) || got != len) return false;
	out->len += len;
	return true;
}

static bool get_columns(struct block_reader *r, const struct block_frame *f)
{
	const char *p = r->columns.ptr, *end = p + r->columns.len;
	uint64_t v, arrival = f->first_arrival;
	for (size_t i = 0; i < r->n; i++) {
		if (!get_varint(&p, end, &v) || v > STORE_ARRIVAL_MAX || arrival + v >= f->arrival_end) return false;
		r->heads[i].arrival = arrival + v;
		arrival += v + 1;
	}
	int64_t source = 0, identity = 0, received = 0, at = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (!get_varint(&p, end, &v)) return false;
		source = sum(source, unzigzag(v));
		if (source < 0 || source > UINT32_MAX) return false;
		r->heads[i].source = (uint32_t)source;
	}
	for (size_t i = 0; i < r->n; i++)
		if (!get_varint(&p, end, &v) || !to_u32(v, &r->heads[i].kind)) return false;
	for (size_t i = 0; i < r->n; i++) {
		if (!get_varint(&p, end, &v)) return false;
		identity = sum(identity, unzigzag(v));
		if (identity < 0 || identity > UINT32_MAX) return false;
		r->heads[i].identity = (uint32_t)identity;
	}
	for (size_t i = 0; i < r->n; i++) {
		if (!get_varint(&p, end, &v)) return false;
		r->heads[i].received_ms = received = sum(received, unzigzag(v));
	}
	for (size_t i = 0; i < r->n; i++) {
		if (!get_varint(&p, end, &v)) return false;
		r->heads[i].at_ms = at = sum(at, unzigzag(v));
	}
	for (size_t i = 0; i < r->n; i++)
		if (!get_varint(&p, end, &v) || !to_u32(v, &r->k[i])) return false;
	for (size_t i = 0; i < r->n; i++)
		if (!get_varint(&p, end, &v) || !to_u32(v, &r->body_len[i])) return false;
	return p == end;
}

enum err_code block_read_head(struct block_reader *r, const struct block_frame *f, struct str head, struct err *err)
{
	if (frame_sum(f, head) != f->checksum) return broken(f, "the checksum of its head is wrong", err);
	if (f->n > BLOCK_EVENTS_MAX || f->arrival_end > STORE_ARRIVAL_MAX + 1 || f->arrival_end < f->first_arrival)
		return broken(f, "its bounds are impossible", err);
	if (head.len < 9 || head.ptr[0] != VERSION) return broken(f, "its format is unknown to this version", err);
	if (!grow(r, f->n)) return err_no_memory(err);
	memcpy(&r->body_checksum, head.ptr + 1, 8);
	const char *p = head.ptr + 9, *end = head.ptr + head.len;
	uint64_t raw_len, packed_len;
	r->n = f->n;
	buf_clear(&r->columns);
	if (!get_varint(&p, end, &raw_len) || !get_varint(&p, end, &packed_len) || packed_len > (size_t)(end - p) ||
	    raw_len > (uint64_t)f->n * BYTES_PER_ROW_MAX ||
	    !inflate_into(r, (struct str){ p, packed_len }, &r->columns, raw_len) || !get_columns(r, f))
		return broken(f, "its columns cannot be read", err);
	p += packed_len;
	size_t n_ids = 0;
	for (size_t i = 0; i < r->n; i++) n_ids += r->k[i] == 0;
	if ((size_t)(end - p) != r->n * 8 + n_ids * 16) return broken(f, "its hashes are cut", err);
	memcpy(r->contents, p, r->n * 8);
	p += r->n * 8;
	for (size_t i = 0; i < r->n; i++) {
		r->ids[i] = (struct hash128){ 0 };
		if (r->k[i] != 0) continue;
		memcpy(&r->ids[i], p, 16);
		p += 16;
	}
	return OK;
}

/* A frame of a body as it is stored. */
struct packed_frame {
	size_t n, raw_bytes;
	struct str packed;
};

/* The one that begins with the i-th event; *p moves behind it. False: it does not agree with the head. */
static bool get_frame(const struct block_reader *r, size_t i, const char **p, const char *end, struct packed_frame *out)
{
	uint64_t n, raw_bytes, packed;
	if (!get_varint(p, end, &n) || !get_varint(p, end, &raw_bytes) || !get_varint(p, end, &packed) || n == 0 ||
	    n > r->n - i || packed > (size_t)(end - *p))
		return false;
	size_t bytes = 0;
	for (size_t j = i; j < i + n; j++) bytes += r->body_len[j];
	*out = (struct packed_frame){ n, raw_bytes, { *p, packed } };
	*p += packed;
	return bytes == raw_bytes;
}

enum err_code block_read_body(struct block_reader *r, const struct block_frame *f, struct str body, const bool *wanted,
                              struct err *err)
{
	if (hash64_seed(body, f->first_arrival) != r->body_checksum)
		return broken(f, "the checksum of its body is wrong", err);
	const char *p = body.ptr, *end = body.ptr + body.len;
	size_t total = 0;
	for (size_t i = 0; i < r->n; i++) total += r->body_len[i];
	buf_clear(&r->text);
	if (!buf_reserve(&r->text, total + 1)) return err_no_memory(err); /* views into it must not move */
	for (size_t i = 0; i < r->n;) {
		struct packed_frame k;
		if (!get_frame(r, i, &p, end, &k)) return broken(f, "its body cannot be read", err);
		size_t want = 0, at = r->text.len;
		for (size_t j = i; j < i + k.n; j++) want += !wanted || wanted[j];
		if (want && !inflate_into(r, k.packed, &r->text, k.raw_bytes))
			return broken(f, "its body cannot be read", err);
		for (size_t j = i; j < i + k.n; j++) {
			r->bodies[j] = want ? (struct str){ r->text.ptr + at, r->body_len[j] } : (struct str){ 0 };
			at += r->body_len[j];
		}
		i += k.n;
	}
	return p == end ? OK : broken(f, "its body is too long", err);
}

static enum err_code ready_add(struct block_builder *b, const struct packed_frame *k, struct err *err)
{
	if (b->n_ready == b->cap_ready) {
		const size_t cap = b->cap_ready ? b->cap_ready * 2 : 16;
		struct block_ready *more = realloc(b->ready, cap * sizeof *more);
		if (!more) return err_no_memory(err);
		b->ready = more;
		b->cap_ready = cap;
	}
	b->ready[b->n_ready++] = (struct block_ready){ b->n, k->n, k->raw_bytes, b->frames.len, k->packed.len };
	buf_str(&b->frames, k->packed);
	return b->frames.full ? err_no_memory(err) : OK;
}

enum err_code block_add_block(struct block_builder *b, struct block_reader *r, const struct block_frame *f,
                              struct str body, struct err *err)
{
	if (hash64_seed(body, f->first_arrival) != r->body_checksum)
		return broken(f, "the checksum of its body is wrong", err);
	const char *p = body.ptr, *end = body.ptr + body.len;
	for (size_t i = 0; i < r->n;) {
		struct packed_frame k;
		if (!get_frame(r, i, &p, end, &k)) return broken(f, "its body cannot be read", err);
		const bool ready = k.raw_bytes >= BLOCK_FRAME_BYTES / 2;
		if (ready) TRY(ready_add(b, &k, err));
		else if (!inflate_into(r, k.packed, &b->text, k.raw_bytes))
			return broken(f, "its body cannot be read", err);
		for (const size_t to = i + k.n; i < to; i++)
			TRY(event_add(b, &(struct block_event){ r->heads[i], r->ids[i], r->contents[i], r->k[i] },
			              r->body_len[i], err));
	}
	return p == end ? OK : broken(f, "its body is too long", err);
}

size_t block_text_bytes(const struct block_reader *r)
{
	size_t bytes = 0;
	for (size_t i = 0; i < r->n; i++) bytes += r->body_len[i];
	return bytes;
}
