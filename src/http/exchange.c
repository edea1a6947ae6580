/* One request: checked, read, handed to its lane, answered. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "http/transport.h"

/* Of a refused body this much is still read, so that the client sees the answer. */
#define DRAIN_BYTES ((int64_t)16 << 20)
/* A body that comes slower than this, or an answer that is taken slower, is given up in the end. */
#define LEAST_BYTES_PER_S ((int64_t)8 * 1024)

/* --- one request --------------------------------------------------------------------------------------- */

/*
 * The threads of the library have little to do at a time, and much of it: reading, refusing, sending. Turns of a tenth
 * of a millisecond come sooner than the usual ones of some, behind which each of them would wait for those who work off
 * deliveries. Linux from 6.12 on knows this; others take no notice.
 */
static void short_turns(void)
{
	static _Thread_local bool done;
	if (done) return;
	done = true;
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime_ns, deadline_ns, period_ns;
	} attr = { .size = sizeof attr, .nice = getpriority(PRIO_PROCESS, 0), .runtime_ns = 100000 };
	(void)syscall(SYS_sched_setattr, 0, &attr, 0);
}

void *uri_seen(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct listener *l = cls;
	struct request *r = calloc(1, sizeof *r);
	short_turns();
	if (!r) return NULL;
	r->server = l->server;
	r->conn = connection;
	r->local = l->local;
	r->file = -1;
	arena_init(&r->arena, CALL_ARENA_BYTES);
	size_t len = strlen(uri);
	r->too_long = len > HTTP_URL_BYTES_MAX;
	r->target = str_copy(&r->arena, (struct str){ uri, r->too_long ? 0 : len });
	r->call = (struct http_call){ .h = l->server->h, .arena = &r->arena, .local = l->local, .fd = -1 };
	buf_init(&r->call.out, CALL_OUT_BYTES);
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	r->entry = info ? info->socket_context : NULL;
	deadline(r, r->server->deadlines.headers_ms);
	return r;
}

static void request_free(struct request *r)
{
	atomic_fetch_sub(&r->server->held_bytes, r->held_bytes);
	if (r->file >= 0) close(r->file);
	if (r->call.body_path) unlink(r->call.body_path);
	if (r->call.fd >= 0) close(r->call.fd);
	if (r->call.watch) r->call.watch->release(r->call.watch);
	buf_done(&r->body);
	buf_done(&r->call.out);
	arena_done(&r->arena);
	free(r);
}

void on_completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
	struct request *r = *context;
	if (!r) return;
	deadline(r, r->server->deadlines.idle_ms);
	*context = NULL;
	request_free(r);
}

/* What the library lets through and we do not. */
struct header_check {
	struct request *r;
	size_t bytes;
	int hosts, lengths, encodings;
	const char *wrong;
};

static bool token_char(unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-') return true;
	return c && strchr("!#$%&'*+.^_`|~", c);
}

/* Most headers are none that anybody looks at, and begin otherwise. */
static bool is_header(struct str key, const char *name)
{
	return key.len && (key.ptr[0] | 32) == (name[0] | 32) && str_eq_ascii_nocase(key, str_of(name));
}

/* Headers that protocols add are kept for their readers. */
static bool keep_sent(struct http_call *c, struct arena *a, struct str key, struct str value)
{
	static const char *const prefixes[] = { "ce-", "webhook-", "x-" };
	bool wanted = false;
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		const struct str p = str_of(prefixes[i]);
		wanted = wanted || (key.len > p.len && str_eq_ascii_nocase(str_cut(key, 0, p.len), p));
	}
	if (!wanted || c->n_sent == CALL_SENT_MAX) return true;
	if (!c->sent) c->sent = ARENA_ARRAY(a, struct str_pair, CALL_SENT_MAX);
	char *name = arena_alloc(a, key.len);
	const struct str text = str_copy(a, value);
	if (!c->sent || !name || !text.ptr) return false;
	for (size_t i = 0; i < key.len; i++)
		name[i] = key.ptr[i] >= 'A' && key.ptr[i] <= 'Z' ? (char)(key.ptr[i] | 32) : key.ptr[i];
	c->sent[c->n_sent++] = (struct str_pair){ { name, key.len }, text };
	return true;
}

static enum MHD_Result header_seen(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_len,
                                   const char *value, size_t value_len)
{
	struct header_check *h = cls;
	struct str k = { key, key_len }, v = { value ? value : "", value ? value_len : 0 };
	h->bytes += key_len + value_len + 4;
	if (!k.len) h->wrong = "a header without a name";
	for (size_t i = 0; i < k.len; i++)
		if (!token_char((unsigned char)k.ptr[i]))
			h->wrong = "a header name with a character that none may have";
	for (size_t i = 0; i < v.len; i++)
		if (((unsigned char)v.ptr[i] < 0x20 && v.ptr[i] != '\t') || v.ptr[i] == 0x7f)
			h->wrong = "a control character in a header";
	if (str_eq_ascii_nocase(k, STR("Host")) && h->hosts++) h->wrong = "more than one Host";
	if (str_eq_ascii_nocase(k, STR("Content-Length"))) {
		if (h->lengths++) h->wrong = "more than one Content-Length";
		int64_t n;
		if (!v.len || v.len > 18 || v.ptr[0] == '+' || v.ptr[0] == '-' || !str_to_i64(v, &n))
			h->wrong = "a Content-Length that is no number";
	}
	if (str_eq_ascii_nocase(k, STR("Transfer-Encoding"))) {
		if (h->encodings++) h->wrong = "more than one Transfer-Encoding";
		if (!str_eq_ascii_nocase(v, STR("chunked"))) h->wrong = "a Transfer-Encoding that is not \"chunked\"";
	}
	if (h->lengths && h->encodings) h->wrong = "Content-Length and Transfer-Encoding together";
	for (int i = 0; i < HTTP_HEADERS; i++)
		if (is_header(k, http_header_names[i]) && !h->r->call.headers[i].ptr) {
			h->r->call.headers[i] = str_copy(&h->r->arena, v);
			if (!h->r->call.headers[i].ptr) h->wrong = "more than fits";
		}
	if (!keep_sent(&h->r->call, &h->r->arena, k, v)) h->wrong = "more than fits";
	return MHD_YES;
}

static struct str peer_address(struct request *r)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char text[INET6_ADDRSTRLEN] = "";
	if (info && info->client_addr) {
		const struct sockaddr *sa = info->client_addr;
		if (sa->sa_family == AF_INET)
			inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, text,
			          sizeof text);
		if (sa->sa_family == AF_INET6)
			inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, text,
			          sizeof text);
	}
	return str_copy(&r->arena, str_of(text));
}

/* A peer of this user, or root. */
static bool peer_trusted(struct request *r)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred who;
	socklen_t len = sizeof who;
	if (!info || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0) return false;
	return who.uid == geteuid() || who.uid == 0;
}

static int64_t body_limit(enum http_body kind)
{
	switch (kind) {
	case BODY_INGEST: return (int64_t)HTTP_INGEST_BYTES_MAX;
	case BODY_TABLE: return (int64_t)HTTP_TABLE_BYTES_MAX;
	case BODY_UPLOAD: return HTTP_UPLOAD_BYTES_MAX;
	case BODY_FORM: return (int64_t)HTTP_FORM_BYTES_MAX;
	default: return (int64_t)HTTP_JSON_BYTES_MAX;
	}
}

static enum err_code too_large(struct request *r, int64_t bytes, struct err *err)
{
	return err_limit(err, "http.body", "", bytes, r->limit, "the body has more than %lld bytes",
	                 (long long)r->limit);
}

/* The source where the request says it outside its body, else the address that it came from. */
static uint64_t sender_of(struct http_call *c)
{
	uint32_t source;
	if (c->route->flags & ROUTE_KEY && live_source(c, &source)) return source;
	return hash64(c->peer);
}

static enum err_code no_room(struct request *r, enum queue_room room, struct err *err)
{
	if (room == QUEUE_ROOM) return OK;
	r->room = room;
	if (room == QUEUE_SENDER_FULL) {
		(void)err_set(err, ERR_UNAVAILABLE, "http.often", "", "too much of this sender's waits already");
		err_hint(err, "Send it again later; what was answered before is kept.");
		return ERR_UNAVAILABLE;
	}
	(void)err_set(err, ERR_UNAVAILABLE, "http.busy", "", "the server has more to do than it can");
	err_hint(err, "Try again in a few seconds.");
	return ERR_UNAVAILABLE;
}

/* Counts what the body takes now. */
static enum err_code hold(struct request *r, struct err *err)
{
	const size_t more = r->body.cap - r->held_bytes;
	r->held_bytes += more;
	if (atomic_fetch_add(&r->server->held_bytes, more) + more <= HELD_BYTES_MAX) return OK;
	return no_room(r, QUEUE_FULL, err);
}

/* Everything that can be said before the body came. */
static enum err_code begin(struct request *r, const char *method, int64_t *announced, struct err *err)
{
	struct http_call *c = &r->call;
	struct header_check check = { .r = r };
	struct arena *a = &r->arena;
	*announced = 0;
	r->limit = (int64_t)HTTP_JSON_BYTES_MAX;
	if (r->too_long)
		return err_limit(err, "http.url_long", "", 0, (int64_t)HTTP_URL_BYTES_MAX,
		                 "the address is longer than %zu bytes", HTTP_URL_BYTES_MAX);
	MHD_get_connection_values_n(r->conn, MHD_HEADER_KIND, header_seen, &check);
	if (check.wrong) {
		*announced = INT64_MAX; /* where its body ends is not to be trusted: answer and close */
		return err_set(err, ERR_INPUT, "http.header", "", "the request has %s", check.wrong);
	}
	const char *length = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "Content-Length");
	if (length && !str_to_i64(str_of(length), announced)) *announced = 0;
	if (check.bytes > HTTP_HEADER_BYTES_MAX)
		return err_limit(err, "http.headers", "", (int64_t)check.bytes, (int64_t)HTTP_HEADER_BYTES_MAX,
		                 "the headers have %zu bytes, at most %zu are read", check.bytes,
		                 HTTP_HEADER_BYTES_MAX);
	c->method = str_copy(a, str_of(method));
	c->peer = r->local ? STR("") : peer_address(r);
	if (!c->method.ptr || !c->peer.ptr || !r->target.ptr) return err_no_memory(err);
	if (r->local && !peer_trusted(r))
		return err_set(err, ERR_DENIED, "http.peer", "", "this socket is for the user who runs the server");
	TRY(request_target(c, r->target, err));
	TRY(route_find(c, err));
	r->limit = body_limit(c->route->body);
	if (*announced > r->limit) return too_large(r, *announced, err);
	/* What will not be taken need not be kept while it comes. */
	r->waiting.sender = sender_of(c);
	TRY(no_room(r, lane_look(&r->server->lanes[c->route->lane], r), err));
	if (c->route->body == BODY_UPLOAD || c->route->body == BODY_TABLE) {
		/* Nobody fills the disk before we know who it is. */
		TRY(route_permit(c, err));
		r->permitted = true;
		const char *folder;
		uint64_t name[2];
		TRY(uploads_folder(c->h, a, &folder, err));
		if (getrandom(name, sizeof name, 0) != (ssize_t)sizeof name)
			return err_set(err, ERR_IO, "http.random", "", "no random bytes");
		struct str path = str_format(a, "%s/%016llx%016llx.part", folder, (unsigned long long)name[0],
		                             (unsigned long long)name[1]);
		if (!path.ptr) return err_no_memory(err);
		r->file = open(path.ptr, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
		if (r->file < 0)
			return err_set(err, ERR_IO, "http.upload", "", "the upload cannot be kept: %s",
			               strerror(errno));
		c->body_path = path.ptr;
	} else {
		buf_init(&r->body, (size_t)r->limit + 1);
		if (*announced > 0 && !buf_reserve(&r->body, (size_t)*announced)) return err_no_memory(err);
		TRY(hold(r, err));
	}
	return OK;
}

/* A refused request keeps nothing. */
static void refuse(struct request *r, const struct err *err)
{
	r->refused = true;
	buf_done(&r->body);
	atomic_fetch_sub(&r->server->held_bytes, r->held_bytes);
	r->held_bytes = 0;
	/* One that is made already says the same to everybody; what other sites' pages are told is of the request. */
	if (r->room != QUEUE_ROOM && r->server->no_room[r->room] && !r->call.n_answer) return;
	r->room = QUEUE_ROOM;
	answer_problem(&r->call, err);
}

/* From the first byte of the body on, however its bytes are dealt out: a second more for each 8 KiB that are there. */
static void body_deadline(struct request *r)
{
	const int64_t until_ms = r->body_ms + r->server->deadlines.body_ms + r->received * 1000 / LEAST_BYTES_PER_S;
	const int64_t left_ms = until_ms - monotonic_ms();
	deadline(r, left_ms > 0 ? left_ms : 1);
}

static enum err_code take(struct request *r, const char *bytes, size_t n, struct err *err)
{
	r->received += (int64_t)n;
	if (r->refused) return OK;
	if (r->received > r->limit) return too_large(r, r->received, err);
	if (r->file < 0) {
		buf_put(&r->body, bytes, n);
		TRY(buf_check(&r->body, err));
		return r->body.cap > r->held_bytes ? hold(r, err) : OK;
	}
	while (n) {
		ssize_t wrote = write(r->file, bytes, n);
		if (wrote < 0 && errno == EINTR) continue;
		if (wrote <= 0)
			return err_set(err, ERR_IO, "http.upload", "", "the upload cannot be kept: %s",
			               strerror(errno));
		bytes += wrote;
		n -= (size_t)wrote;
	}
	return OK;
}

/* --- sending --------------------------------------------------------------------------------------------- */

static const char page_policy[] = "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; style-src "
                                  "'self' 'unsafe-inline'; object-src 'none'; "
                                  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/* A drawing opened by itself runs nothing and fetches nothing. */
static const char drawing_policy[] =
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; sandbox";

static void wake(void *ctx)
{
	MHD_resume_connection(ctx);
}

static ssize_t events_read(void *cls, uint64_t pos, char *into, size_t max)
{
	struct request *r = cls;
	struct watch *w = r->call.watch;
	struct buf *b = &r->call.out;
	bool ended = false;
	if (b->len == 0 && !w->event(w, &r->seen, b, &ended, NULL, NULL)) {
		if (ended) return MHD_CONTENT_READER_END_OF_STREAM;
		/* Nothing new: asleep first, so that the news can wake it. What came in between is sent when it is
		 * called again. */
		MHD_suspend_connection(r->conn);
		if (w->event(w, &r->seen, b, &ended, wake, r->conn) || ended) MHD_resume_connection(r->conn);
		return 0;
	}
	size_t n = b->len < max ? b->len : max;
	memcpy(into, b->ptr, n);
	memmove(b->ptr, b->ptr + n, b->len - n);
	b->len -= n;
	return (ssize_t)n;
}

static void put_header(struct MHD_Response *m, const char *name, const char *value)
{
	if (MHD_add_response_header(m, name, value) != MHD_YES)
		return; /* memory is short: the answer goes without it */
}

/* A header that a handler may have set otherwise; an empty value of the handler's takes it away. */
static void put_unless_said(struct MHD_Response *m, const struct http_call *c, const char *name, const char *value)
{
	for (size_t i = 0; i < c->n_answer; i++)
		if (str_eq(c->answer[i].key, str_of(name))) return;
	put_header(m, name, value);
}

/* `r` is of a connection, or of none for what is made beforehand. */
static struct MHD_Response *body_of(struct http_call *c, struct request *r, int64_t *size)
{
	struct stat st;
	*size = (int64_t)c->out.len;
	if (c->watch) {
		*size = 0;
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, events_read, r, NULL);
	}
	if (c->fd >= 0 && fstat(c->fd, &st) == 0) {
		*size = st.st_size;
		struct MHD_Response *m = MHD_create_response_from_fd64((uint64_t)st.st_size, c->fd); /* closes it */
		if (m) c->fd = -1;
		return m;
	}
	if (c->fixed) {
		*size = (int64_t)c->n_fixed;
		return MHD_create_response_from_buffer(c->n_fixed, (void *)(uintptr_t)c->fixed, MHD_RESPMEM_PERSISTENT);
	}
	return MHD_create_response_from_buffer(c->out.len, c->out.ptr ? c->out.ptr : (void *)(uintptr_t) "",
	                                       r ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
}

static void put_headers(struct MHD_Response *m, const struct http_call *c, int64_t size)
{
	const char *type = c->content_type ? c->content_type : "application/json";
	bool drawing = strncmp(type, "image/svg", 9) == 0;
	if (size || c->watch) put_header(m, "Content-Type", type);
	put_header(m, "X-Content-Type-Options", "nosniff");
	put_unless_said(m, c, "X-Frame-Options", "DENY");
	put_unless_said(m, c, "Referrer-Policy", "same-origin");
	put_unless_said(m, c, "Content-Security-Policy", drawing ? drawing_policy : page_policy);
	put_unless_said(m, c, "Cache-Control", "no-store");
	for (size_t i = 0; i < c->n_answer; i++)
		if (c->answer[i].value.len) put_header(m, c->answer[i].key.ptr, c->answer[i].value.ptr);
	if (c->watch) put_header(m, "X-Accel-Buffering", "no");
}

static enum MHD_Result send_answer(struct request *r, bool close_after)
{
	struct http_call *c = &r->call;
	const struct server *s = r->server;
	int64_t size;
	if (r->room != QUEUE_ROOM && !close_after) {
		deadline(r, s->deadlines.answer_ms);
		return MHD_queue_response(r->conn, (unsigned)s->no_room_status[r->room], s->no_room[r->room]);
	}
	struct MHD_Response *m = body_of(c, r, &size);
	if (!m) return MHD_NO;
	put_headers(m, c, size);
	if (close_after) put_header(m, "Connection", "close");
	deadline(r, c->watch ? 0 : s->deadlines.answer_ms + size * 1000 / LEAST_BYTES_PER_S);
	enum MHD_Result rc = MHD_queue_response(r->conn, (unsigned)c->status, m);
	MHD_destroy_response(m);
	return rc;
}

void refusals_make(struct server *s)
{
	static const enum queue_room rooms[] = { QUEUE_SENDER_FULL, QUEUE_FULL };
	for (size_t i = 0; i < COUNT_OF(rooms); i++) {
		struct arena a;
		struct err err;
		struct request r = { 0 };
		int64_t size;
		struct http_call c = { .h = s->h, .arena = &a, .fd = -1 };
		arena_init(&a, CALL_ARENA_BYTES);
		buf_init(&c.out, CALL_OUT_BYTES);
		(void)no_room(&r, rooms[i], &err);
		answer_problem(&c, &err);
		struct MHD_Response *m = body_of(&c, NULL, &size);
		if (m) put_headers(m, &c, size);
		s->no_room[rooms[i]] = m;
		s->no_room_status[rooms[i]] = c.status;
		buf_done(&c.out);
		arena_done(&a);
	}
}

void refusals_free(struct server *s)
{
	for (int i = 0; i <= QUEUE_FULL; i++)
		if (s->no_room[i]) MHD_destroy_response(s->no_room[i]);
}

enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                           const char *version, const char *data, size_t *size, void **context)
{
	struct request *r = *context;
	struct err err;        /* written as a whole by who fails */
	if (!r) return MHD_NO; /* no memory when the request line came */
	if (!r->begun) {
		int64_t announced;
		r->begun = true;
		enum err_code rc = begin(r, method, &announced, &err);
		r->body_ms = monotonic_ms();
		body_deadline(r);
		if (rc == OK) return MHD_YES;
		refuse(r, &err);
		if (announced <= DRAIN_BYTES) return MHD_YES;
		if (r->room != QUEUE_ROOM) answer_problem(&r->call, &err);
		return send_answer(r, true);
	}
	if (*size) {
		enum err_code rc = take(r, data, *size, &err);
		*size = 0;
		if (rc != OK) refuse(r, &err);
		/* A refused body is read to its end for a while, and then cut off. */
		if (r->refused && r->received > r->limit + DRAIN_BYTES) return MHD_NO;
		if (!r->refused) body_deadline(r);
		return MHD_YES;
	}
	if (r->finished || r->refused) return send_answer(r, false);

	struct http_call *c = &r->call;
	deadline(r, 0);
	if (r->file >= 0) {
		close(r->file);
		r->file = -1;
		c->body_bytes = r->received;
	} else {
		c->body = buf_view(&r->body);
	}
	r->waiting.bytes = r->body.len;
	if (no_room(r, lane_put(&r->server->lanes[c->route->lane], r), &err) == OK) return MHD_YES;
	refuse(r, &err);
	return send_answer(r, false);
}
