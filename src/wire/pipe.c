/*
 * Events over a pipe. "SFW" and a version byte; then frames: length of the
 * payload (u32), kind (u8), payload. Integers are little endian; a text is
 * its length (u32) and its bytes.
 *
 *   event     type u8, at i64, content u64, line i64, customer, anonymous,
 *             previous, name, channel, id, body
 *   refusal   line i64, set_aside u8, reason (text), error, raw
 *   declare   what u8, order i64, event, lang, text, stage
 *   progress  bytes i64, rows i64
 *   end       code u8, error
 *   error     id, field, value i64, limit i64, text, hint
 *
 * The reader believes nothing: the process that wrote it read a stranger's
 * file. Lengths, ranges, UTF-8 and the JSON of bodies are checked again.
 */
#include "base/checked.h"
#include "wire/priv.h"

enum { VERSION = 1, FLUSH_BYTES = 64 * 1024, FRAME_BYTES_MAX = 1024 * 1024, HEAD = 5 };
static const char magic[4] = { 'S', 'F', 'W', VERSION };
enum frame { FRAME_EVENT = 1, FRAME_REFUSAL, FRAME_DECLARE, FRAME_PROGRESS, FRAME_END };

/* --- writing ---------------------------------------------------------------------- */

static void put_u8(struct buf *b, unsigned v)
{
	buf_byte(b, (char)v);
}

static void put_u64(struct buf *b, uint64_t v)
{
	unsigned char p[8];
	for (int i = 0; i < 8; i++) p[i] = (unsigned char)(v >> (8 * i));
	buf_put(b, p, sizeof p);
}

static void put_u32(char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++) p[i] = (char)(v >> (8 * i));
}

static void put_text(struct buf *b, struct str s)
{
	char p[4];
	put_u32(p, (uint32_t)s.len);
	buf_put(b, p, 4);
	buf_str(b, s);
}

static void put_err(struct buf *b, const struct err *e)
{
	put_text(b, str_of(e->id ? e->id : ""));
	put_text(b, str_of(e->field));
	put_u64(b, (uint64_t)e->value);
	put_u64(b, (uint64_t)e->limit);
	put_text(b, str_of(e->text));
	put_text(b, str_of(e->hint));
}

static size_t open_frame(struct wire_pipe *p, enum frame kind)
{
	size_t at = p->frame.len;
	buf_put(&p->frame, "\0\0\0\0", 4);
	put_u8(&p->frame, kind);
	return at;
}

static enum err_code flush(struct wire_pipe *p, struct err *err)
{
	if (p->frame.len && p->write(p->ctx, p->frame.ptr, p->frame.len) != 0)
		return err_set(err, ERR_IO, "pipe.write", "", "the other side of the pipe is gone");
	buf_clear(&p->frame);
	return OK;
}

static enum err_code close_frame(struct wire_pipe *p, size_t at, bool now, struct err *err)
{
	TRY(buf_check(&p->frame, err));
	size_t len = p->frame.len - at - HEAD;
	if (len > FRAME_BYTES_MAX) {
		p->frame.len = at;
		return err_limit(err, "pipe.frame", "", (int64_t)len, FRAME_BYTES_MAX, "a frame of %zu bytes", len);
	}
	put_u32(p->frame.ptr + at, (uint32_t)len);
	return now || p->frame.len >= FLUSH_BYTES ? flush(p, err) : OK;
}

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct wire_pipe *p = ctx;
	size_t at = open_frame(p, FRAME_EVENT);
	put_u8(&p->frame, e->type);
	put_u64(&p->frame, (uint64_t)e->at_ms);
	put_u64(&p->frame, e->content);
	put_u64(&p->frame, (uint64_t)e->line);
	put_text(&p->frame, e->customer);
	put_text(&p->frame, e->anonymous);
	put_text(&p->frame, e->previous);
	put_text(&p->frame, e->name);
	put_text(&p->frame, e->channel);
	put_text(&p->frame, e->id);
	put_text(&p->frame, e->body);
	return close_frame(p, at, false, err);
}

static enum err_code on_refuse(void *ctx, const struct wire_refusal *r, struct err *err)
{
	struct wire_pipe *p = ctx;
	size_t at = open_frame(p, FRAME_REFUSAL);
	put_u64(&p->frame, (uint64_t)r->line);
	put_u8(&p->frame, r->set_aside);
	put_text(&p->frame, str_of(r->reason ? r->reason : ""));
	put_u8(&p->frame, r->err.code);
	put_err(&p->frame, &r->err);
	put_text(&p->frame, r->raw);
	return close_frame(p, at, false, err);
}

static enum err_code on_declare(void *ctx, const struct wire_declare *d, struct err *err)
{
	struct wire_pipe *p = ctx;
	size_t at = open_frame(p, FRAME_DECLARE);
	put_u8(&p->frame, d->what);
	put_u64(&p->frame, (uint64_t)(int64_t)d->order);
	put_text(&p->frame, d->event);
	put_text(&p->frame, d->lang);
	put_text(&p->frame, d->text);
	put_text(&p->frame, d->stage);
	return close_frame(p, at, false, err);
}

static int on_progress(void *ctx, int64_t bytes_done, int64_t rows_done)
{
	struct wire_pipe *p = ctx;
	size_t at = open_frame(p, FRAME_PROGRESS);
	put_u64(&p->frame, (uint64_t)bytes_done);
	put_u64(&p->frame, (uint64_t)rows_done);
	return close_frame(p, at, true, NULL) != OK;
}

void wire_pipe_sink(struct wire_pipe *p, struct wire_sink *out)
{
	buf_init(&p->frame, 4 * MIB);
	buf_put(&p->frame, magic, sizeof magic);
	*out = (struct wire_sink){
		.ctx = p, .event = on_event, .refuse = on_refuse, .declare = on_declare, .progress = on_progress
	};
}

enum err_code wire_pipe_end(struct wire_pipe *p, enum err_code rc, const struct err *verdict, struct err *err)
{
	static const struct err none = { 0 };
	if (p->frame.full) buf_clear(&p->frame); /* a half frame must not stand before the verdict */
	size_t at = open_frame(p, FRAME_END);
	put_u8(&p->frame, rc);
	put_err(&p->frame, rc == OK || !verdict ? &none : verdict);
	enum err_code done = close_frame(p, at, true, err);
	buf_done(&p->frame);
	return done;
}

/* --- reading ------------------------------------------------------------------------ */

/* Ids travel as text but live in static storage: this is all that wire/ says. */
static const char *const known_ids[] = {
	"cancelled",      "csv.delimiter",  "csv.empty",     "csv.fields",     "csv.limit",      "csv.quote",
	"csv.utf8",       "event.customer", "event.length",  "event.member",   "event.name",     "event.object",
	"event.property", "event.scale",    "event.size",    "file.bomb",      "file.format",    "file.gzip",
	"file.read",      "file.zstd",      "import.format", "import.kind",    "import.mapping", "import.pipe",
	"import.read",    "json.syntax",    "line.size",     "map.value",      "mapping.column", "mapping.file",
	"mapping.join",   "mapping.key",    "mapping.value", "memory",         "number.syntax",  "pipe.frame",
	"pipe.write",     "row.empty",      "row.join",      "segment.member", "segment.object", "segment.size",
	"size",           "time.ahead",     "time.empty",    "time.range",     "time.syntax",    "time.zone",
	"toml.syntax",    "xes.doctype",    "xes.event",     "xes.syntax",     "xes.trace",      "xlsx.doctype",
	"xlsx.limit",     "xlsx.sheet",     "xlsx.syntax",   "xlsx.zip",
};

const char *wire_known_id(struct str id)
{
	for (size_t i = 0; i < COUNT_OF(known_ids); i++)
		if (str_eq(id, str_of(known_ids[i]))) return known_ids[i];
	return NULL;
}

struct cursor {
	const unsigned char *p, *end;
	bool bad;
};

static unsigned get_u8(struct cursor *c)
{
	if (c->p >= c->end) return c->bad = true, 0;
	return *c->p++;
}

static uint64_t get_u64(struct cursor *c)
{
	if (c->end - c->p < 8) return c->bad = true, 0;
	uint64_t v = 0;
	for (int i = 7; i >= 0; i--) v = v << 8 | c->p[i];
	c->p += 8;
	return v;
}

static uint32_t u32_at(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct str get_text(struct cursor *c, size_t max)
{
	struct str s = { "", 0 };
	if (c->bad || c->end - c->p < 4) return c->bad = true, s;
	size_t len = u32_at(c->p);
	c->p += 4;
	if (len > max || len > (size_t)(c->end - c->p)) return c->bad = true, s;
	s = (struct str){ (const char *)c->p, len };
	c->p += len;
	if (utf8_valid(s.ptr, len) != len) c->bad = true;
	return s;
}

static void get_line(struct cursor *c, char *into, size_t cap)
{
	struct str s = get_text(c, cap - 1);
	if (s.len && memchr(s.ptr, '\0', s.len)) c->bad = true;
	memcpy(into, s.ptr, s.len);
	into[s.len] = '\0';
}

static void get_err(struct cursor *c, enum err_code code, struct err *e)
{
	*e = (struct err){ .code = code };
	struct str id = get_text(c, 64);
	e->id = wire_known_id(id);
	if (!e->id) e->id = "file.format"; /* from a part below wire/: the words still say what is wrong */
	get_line(c, e->field, sizeof e->field);
	e->value = (int64_t)get_u64(c);
	e->limit = (int64_t)get_u64(c);
	get_line(c, e->text, sizeof e->text);
	get_line(c, e->hint, sizeof e->hint);
}

static enum err_code broken(struct err *err, const char *why)
{
	err_set(err, ERR_CORRUPT, "pipe.frame", "", "the parser stopped before its end: %s", why);
	err_hint(err, "What was read before is kept. Try again; if it stays so, the file makes the parser fail: please "
	              "report it.");
	return ERR_CORRUPT;
}

static bool json_object(struct str s)
{
	struct json_reader r;
	json_read(&r, s);
	return json_next(&r) == JT_OBJECT && json_skip(&r, JT_OBJECT) && json_next(&r) == JT_END;
}

static enum err_code replay_event(struct cursor *c, const struct wire_sink *sink, struct err *err)
{
	struct wire_event e = { 0 };
	unsigned type = get_u8(c);
	e.at_ms = (int64_t)get_u64(c);
	e.content = get_u64(c);
	e.line = (int64_t)get_u64(c);
	e.customer = get_text(c, WIRE_ID_BYTES_MAX);
	e.anonymous = get_text(c, WIRE_ID_BYTES_MAX);
	e.previous = get_text(c, WIRE_ID_BYTES_MAX);
	e.name = get_text(c, WIRE_NAME_BYTES_MAX);
	e.channel = get_text(c, WIRE_NAME_BYTES_MAX);
	e.id = get_text(c, WIRE_ID_BYTES_MAX);
	e.body = get_text(c, WIRE_EVENT_BYTES_MAX);
	if (c->bad || c->p != c->end || type >= WIRE_TYPES || e.line < 0) return broken(err, "a malformed event");
	e.type = (enum wire_type)type;
	if (e.at_ms < WHEN_MIN_MS || e.at_ms >= WHEN_MAX_MS) return broken(err, "an event out of time");
	if ((e.customer.len == 0 && e.anonymous.len == 0) || e.name.len == 0)
		return broken(err, "an event without customer or name");
	if (!json_object(e.body)) return broken(err, "an event whose body is not JSON");
	return sink->event(sink->ctx, &e, err);
}

static enum err_code replay_refusal(struct cursor *c, const struct wire_sink *sink, struct err *err)
{
	struct wire_refusal r = { 0 };
	r.line = (int64_t)get_u64(c);
	unsigned aside = get_u8(c);
	struct str reason = get_text(c, 64);
	unsigned code = get_u8(c);
	get_err(c, (enum err_code)(code <= ERR_NO_MEMORY ? code : 0), &r.err);
	r.raw = get_text(c, WIRE_RAW_BYTES_MAX);
	r.set_aside = aside == 1;
	r.reason = r.set_aside ? wire_known_id(reason) : NULL;
	if (c->bad || c->p != c->end || aside > 1 || code == OK || code > ERR_NO_MEMORY || r.line < 0 ||
	    (aside == 1) != (r.reason != NULL))
		return broken(err, "a malformed refusal");
	return sink->refuse ? sink->refuse(sink->ctx, &r, err) : OK;
}

static enum err_code replay_declare(struct cursor *c, const struct wire_sink *sink, struct err *err)
{
	struct wire_declare d = { 0 };
	unsigned what = get_u8(c);
	int64_t order = (int64_t)get_u64(c);
	d.event = get_text(c, WIRE_NAME_BYTES_MAX);
	d.lang = get_text(c, 35);
	d.text = get_text(c, WIRE_NAME_BYTES_MAX);
	d.stage = get_text(c, WIRE_NAME_BYTES_MAX);
	if (c->bad || c->p != c->end || what > WIRE_DECLARE_STEP || order < 0 || order > 1000000)
		return broken(err, "a malformed declaration");
	d.what = what;
	d.order = (int)order;
	return sink->declare ? sink->declare(sink->ctx, &d, err) : OK;
}

static enum err_code replay_progress(struct cursor *c, const struct wire_sink *sink, struct err *err)
{
	int64_t bytes = (int64_t)get_u64(c), rows = (int64_t)get_u64(c);
	if (c->bad || c->p != c->end || bytes < 0 || rows < 0) return broken(err, "a malformed progress");
	if (!sink->progress || sink->progress(sink->ctx, bytes, rows) == 0) return OK;
	return err_set(err, ERR_UNAVAILABLE, "cancelled", "", "stopped on request after %lld rows", (long long)rows);
}

static enum err_code replay_end(struct cursor *c, struct err *err)
{
	struct err verdict;
	unsigned code = get_u8(c);
	get_err(c, (enum err_code)(code <= ERR_NO_MEMORY ? code : 0), &verdict);
	if (c->bad || c->p != c->end || code > ERR_NO_MEMORY) return broken(err, "a malformed end");
	if (code != OK && err) *err = verdict;
	return (enum err_code)code;
}

/* Exactly n bytes; false when the stream ends before. */
static enum err_code take(const struct wire_input *in, void *into, size_t n, struct err *err)
{
	for (size_t have = 0; have < n;) {
		int64_t got = in->read(in->ctx, (char *)into + have, n - have);
		if (got < 0 || (uint64_t)got > n - have)
			return err_set(err, ERR_IO, "file.read", "", "the parser's pipe cannot be read");
		if (got == 0) return broken(err, "its stream ends in the middle");
		have += (size_t)got;
	}
	return OK;
}

static enum err_code replay(const struct wire_input *in, const struct wire_sink *sink, unsigned char *frame,
                            struct err *err)
{
	unsigned char head[HEAD];
	TRY(take(in, head, sizeof magic, err));
	if (memcmp(head, magic, sizeof magic) != 0) return broken(err, "another version of it answered");
	for (;;) {
		TRY(take(in, head, HEAD, err));
		size_t len = u32_at(head);
		if (len > FRAME_BYTES_MAX) return broken(err, "a frame is too long");
		TRY(take(in, frame, len, err));
		struct cursor c = { frame, frame + len, false };
		switch (head[4]) {
		case FRAME_EVENT: TRY(replay_event(&c, sink, err)); break;
		case FRAME_REFUSAL: TRY(replay_refusal(&c, sink, err)); break;
		case FRAME_DECLARE: TRY(replay_declare(&c, sink, err)); break;
		case FRAME_PROGRESS: TRY(replay_progress(&c, sink, err)); break;
		case FRAME_END: return replay_end(&c, err);
		default: return broken(err, "a frame of an unknown kind");
		}
	}
}

/* Frames are small: a buffer saves two system calls each. Bytes behind the end frame are dropped. */
struct buffered {
	const struct wire_input *in;
	size_t from, to;
	unsigned char bytes[FLUSH_BYTES];
};

static int64_t buffered_read(void *ctx, void *into, size_t cap)
{
	struct buffered *b = ctx;
	if (b->from == b->to) {
		int64_t n = b->in->read(b->in->ctx, b->bytes, sizeof b->bytes);
		if (n <= 0 || (uint64_t)n > sizeof b->bytes) return n == 0 ? 0 : -1;
		b->from = 0;
		b->to = (size_t)n;
	}
	size_t n = b->to - b->from;
	if (n > cap) n = cap;
	memcpy(into, b->bytes + b->from, n);
	b->from += n;
	return (int64_t)n;
}

enum err_code wire_pipe_replay(const struct wire_input *in, const struct wire_sink *sink, struct err *err)
{
	struct buffered *b = malloc(sizeof *b);
	unsigned char *frame = malloc(FRAME_BYTES_MAX);
	enum err_code rc;
	if (b && frame) {
		b->in = in;
		b->from = b->to = 0;
		struct wire_input buffered = { .ctx = b, .read = buffered_read, .name = in->name, .size_bytes = -1 };
		rc = replay(&buffered, sink, frame, err);
	} else rc = err_no_memory(err);
	free(frame);
	free(b);
	return rc;
}
