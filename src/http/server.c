/*
 * The transport: libmicrohttpd reads and writes, worker threads answer.
 *
 *   request line   uri_seen: a struct request is made, the deadline of headers starts
 *   headers        first call of on_request: checked, routed; the body's way is chosen
 *   body           further calls; memory or a file, within the route's limit
 *   whole          the request goes into its lane, the connection sleeps
 *   answered       a worker wakes the connection, on_request queues the answer
 *
 * Deadlines are kept outside the library, because its own timeout starts
 * anew with every byte: each connection has an entry with its state and the
 * instant when that state ends; a thread shuts down the sockets that are late.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "http/priv.h"

#define POOL_THREADS 2u
#define CONNECTION_POOL_BYTES                                                                                          \
	((size_t)48 * 1024) /* request line and headers, with room for what the library keeps beside them */
#define LISTENERS_MAX 4
#define DRAIN_BYTES ((int64_t)16 << 20) /* of a refused body that are still read, so that the client sees the answer   \
	                                 */
#define TICK_MS 200

const struct http_deadlines http_deadlines_default = {
	.idle_ms = 60000, .headers_ms = 10000, .body_ms = 30000, .answer_ms = 60000
};

static const struct lane_size {
	int threads, queue;
} lane_sizes[LANES] = {
	[LANE_PRODUCT] = { 4, 128 },
	/* Collectors mostly wait for one fsync together: more of them make bigger group commits. */
	[LANE_COLLECT] = { 16, 512 },
	[LANE_SIGN_IN] = { GOVERN_HASHES, GOVERN_HASH_QUEUE },
};

/* --- connections and their deadlines --------------------------------------------------------------- */

struct conn {
	struct conn *next, **back; /* under server.conns_lock */
	int fd;
	int64_t until_ms; /* monotonic; 0: none. Written by the connection's own thread under the lock */
};

struct request {
	struct MHD_Connection *conn;
	struct conn *entry;
	struct arena arena;
	struct http_call call;
	struct buf body;
	struct str target;
	int file; /* of the body, -1 none */
	int64_t received, limit;
	bool too_long, begun, local;
	bool refused;  /* the answer stands; the body is only read to its end */
	bool finished; /* a worker has answered: the connection is awake again */
	bool permitted;
	struct request *next; /* in its lane */
	struct server *server;
	uint64_t seen; /* job events: state already sent */
};

struct lane {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct request *first, **last;
	int n, max;
	bool closing;
	pthread_t threads[16];
	int n_threads;
};

struct listener {
	struct server *server;
	struct MHD_Daemon *daemon;
	int fd;
	bool local;
	char path[108];
};

struct server {
	struct http *h;
	struct http_deadlines deadlines;
	struct listener listeners[LISTENERS_MAX];
	int n_listeners;
	struct lane lanes[LANES];
	pthread_mutex_t conns_lock;
	struct conn *conns;
	pthread_t watcher;
	bool watching;
	atomic_bool closing;
};

static int64_t monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void deadline(struct request *r, int64_t in_ms)
{
	if (!r->entry) return;
	pthread_mutex_lock(&r->server->conns_lock);
	r->entry->until_ms = in_ms ? monotonic_ms() + in_ms : 0;
	pthread_mutex_unlock(&r->server->conns_lock);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
	struct server *s = ((struct listener *)cls)->server;
	struct conn *c = *context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
		        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		c = calloc(1, sizeof *c);
		if (!c || !info) {
			free(c);
			return; /* no deadline, and so no entry: the library's own timeout still stands */
		}
		c->fd = info->connect_fd;
		c->until_ms = monotonic_ms() + s->deadlines.headers_ms;
		pthread_mutex_lock(&s->conns_lock);
		c->next = s->conns;
		c->back = &s->conns;
		if (c->next) c->next->back = &c->next;
		s->conns = c;
		pthread_mutex_unlock(&s->conns_lock);
		*context = c;
	} else if (c) {
		/* Told before the descriptor is closed: under the lock nobody can shut down a number that is somebody
		 * else's by now. */
		pthread_mutex_lock(&s->conns_lock);
		*c->back = c->next;
		if (c->next) c->next->back = c->back;
		pthread_mutex_unlock(&s->conns_lock);
		*context = NULL;
		free(c);
	}
}

static void *watch(void *arg)
{
	struct server *s = arg;
	int64_t swept = 0;
	while (!atomic_load(&s->closing)) {
		int64_t now = monotonic_ms();
		pthread_mutex_lock(&s->conns_lock);
		for (struct conn *c = s->conns; c; c = c->next)
			if (c->until_ms && c->until_ms <= now) {
				c->until_ms = 0;
				shutdown(c->fd, SHUT_RDWR);
			}
		pthread_mutex_unlock(&s->conns_lock);
		if (!swept || now - swept > WHEN_HOUR_MS) {
			uploads_sweep(s->h);
			swept = now;
		}
		struct timespec tick = { 0, TICK_MS * 1000000L };
		nanosleep(&tick, NULL);
	}
	return NULL;
}

/* --- lanes -------------------------------------------------------------------------------------------- */

static void *lane_run(void *arg)
{
	struct lane *l = arg;
	for (;;) {
		pthread_mutex_lock(&l->lock);
		while (!l->first && !l->closing) pthread_cond_wait(&l->work, &l->lock);
		struct request *r = l->first;
		if (!r) {
			pthread_mutex_unlock(&l->lock);
			return NULL; /* closing, and all that waited is answered */
		}
		l->first = r->next;
		if (!l->first) l->last = &l->first;
		l->n--;
		pthread_mutex_unlock(&l->lock);
		route_answer(&r->call, r->permitted);
		r->finished = true; /* read by the connection's thread after the resume below, which is a barrier */
		MHD_resume_connection(r->conn);
	}
}

static bool lane_put(struct lane *l, struct request *r)
{
	bool room;
	pthread_mutex_lock(&l->lock);
	room = l->n < l->max && !l->closing;
	if (room) {
		/* Asleep before a worker can wake it. */
		MHD_suspend_connection(r->conn);
		r->next = NULL;
		*l->last = r;
		l->last = &r->next;
		l->n++;
		pthread_cond_signal(&l->work);
	}
	pthread_mutex_unlock(&l->lock);
	return room;
}

/* --- one request --------------------------------------------------------------------------------------- */

static void *uri_seen(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct listener *l = cls;
	struct request *r = calloc(1, sizeof *r);
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
	if (r->file >= 0) close(r->file);
	if (r->call.body_path) unlink(r->call.body_path);
	if (r->call.fd >= 0) close(r->call.fd);
	if (r->call.watch) job_release(r->call.watch);
	buf_done(&r->body);
	buf_done(&r->call.out);
	arena_done(&r->arena);
	free(r);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
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
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
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
		if (str_eq_ascii_nocase(k, str_of(http_header_names[i])) && !h->r->call.headers[i].ptr) {
			h->r->call.headers[i] = str_copy(&h->r->arena, v);
			if (!h->r->call.headers[i].ptr) h->wrong = "more than fits";
		}
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
	default: return (int64_t)HTTP_JSON_BYTES_MAX;
	}
}

static enum err_code too_large(struct request *r, int64_t bytes, struct err *err)
{
	return err_limit(err, "http.body", "", bytes, r->limit, "the body has more than %lld bytes",
	                 (long long)r->limit);
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
	}
	return OK;
}

static enum err_code take(struct request *r, const char *bytes, size_t n, struct err *err)
{
	r->received += (int64_t)n;
	if (r->refused) return OK;
	if (r->received > r->limit) return too_large(r, r->received, err);
	if (r->file < 0) {
		buf_put(&r->body, bytes, n);
		return buf_check(&r->body, err);
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
	struct buf *b = &r->call.out;
	bool ended = false;
	if (b->len == 0 && !job_event(r->call.watch, &r->seen, b, &ended, NULL, NULL)) {
		if (ended) return MHD_CONTENT_READER_END_OF_STREAM;
		/* Nothing new: asleep first, so that the job can wake it. What came in between is sent when it is
		 * called again. */
		MHD_suspend_connection(r->conn);
		if (job_event(r->call.watch, &r->seen, b, &ended, wake, r->conn) || ended)
			MHD_resume_connection(r->conn);
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

static enum MHD_Result send_answer(struct request *r, bool close_after)
{
	struct http_call *c = &r->call;
	struct MHD_Response *m = NULL;
	struct stat st;
	int64_t size = (int64_t)c->out.len;
	if (c->watch) {
		m = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, events_read, r, NULL);
		size = 0;
	} else if (c->fd >= 0 && fstat(c->fd, &st) == 0) {
		size = st.st_size;
		m = MHD_create_response_from_fd64((uint64_t)size, c->fd); /* closes it */
		if (m) c->fd = -1;
	} else if (c->fixed) {
		size = (int64_t)c->n_fixed;
		m = MHD_create_response_from_buffer(c->n_fixed, (void *)(uintptr_t)c->fixed, MHD_RESPMEM_PERSISTENT);
	} else {
		m = MHD_create_response_from_buffer(c->out.len, c->out.ptr ? c->out.ptr : (void *)(uintptr_t) "",
		                                    MHD_RESPMEM_PERSISTENT);
	}
	if (!m) return MHD_NO;
	const char *type = c->content_type ? c->content_type : "application/json";
	bool drawing = strncmp(type, "image/svg", 9) == 0;
	bool caching = false;
	if (size || c->watch) put_header(m, "Content-Type", type);
	put_header(m, "X-Content-Type-Options", "nosniff");
	put_header(m, "X-Frame-Options", "DENY");
	put_header(m, "Referrer-Policy", "same-origin");
	put_header(m, "Content-Security-Policy", drawing ? drawing_policy : page_policy);
	for (size_t i = 0; i < c->n_answer; i++) {
		put_header(m, c->answer[i].key.ptr, c->answer[i].value.ptr);
		caching = caching || str_eq(c->answer[i].key, STR("Cache-Control"));
	}
	if (!caching) put_header(m, "Cache-Control", "no-store");
	if (c->watch) put_header(m, "X-Accel-Buffering", "no");
	if (close_after) put_header(m, "Connection", "close");
	deadline(r, c->watch ? 0 : r->server->deadlines.answer_ms + size * 1000 / 1024);
	enum MHD_Result rc = MHD_queue_response(r->conn, (unsigned)c->status, m);
	MHD_destroy_response(m);
	return rc;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **context)
{
	struct request *r = *context;
	struct err err = { 0 };
	if (!r) return MHD_NO; /* no memory when the request line came */
	if (!r->begun) {
		int64_t announced;
		r->begun = true;
		enum err_code rc = begin(r, method, &announced, &err);
		deadline(r, r->server->deadlines.body_ms);
		if (rc == OK) return MHD_YES;
		r->refused = true;
		answer_problem(&r->call, &err);
		return announced > DRAIN_BYTES ? send_answer(r, true) : MHD_YES;
	}
	if (*size) {
		bool was = r->refused;
		enum err_code rc = take(r, data, *size, &err);
		*size = 0;
		if (rc != OK) {
			r->refused = true;
			answer_problem(&r->call, &err);
		}
		/* A refused body is read to its end for a while, and then cut off. */
		if (r->refused && r->received > r->limit + DRAIN_BYTES) return MHD_NO;
		if (!was && !r->refused && r->received % (64 * 1024) < 16384)
			deadline(r, r->server->deadlines.body_ms + r->received * 1000 / 1024 / 8);
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
	if (lane_put(&r->server->lanes[c->route->lane], r)) return MHD_YES;
	err_set(&err, ERR_UNAVAILABLE, "http.busy", "", "the server has more to do than it can");
	err_hint(&err, "Try again in a few seconds.");
	answer_problem(c, &err);
	return send_answer(r, false);
}

/* --- opening and closing ------------------------------------------------------------------------------------- */

enum err_code http_open(const struct http_options *opt, struct http **out, struct err *err)
{
	struct http *h = calloc(1, sizeof *h);
	struct server *s = calloc(1, sizeof *s);
	if (!h || !s) {
		free(h);
		free(s);
		return err_no_memory(err);
	}
	h->opt = *opt;
	h->server = s;
	s->h = h;
	s->deadlines = opt->deadlines.headers_ms ? opt->deadlines : http_deadlines_default;
	pthread_mutex_init(&s->conns_lock, NULL);
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &s->lanes[i];
		pthread_mutex_init(&l->lock, NULL);
		pthread_cond_init(&l->work, NULL);
		l->last = &l->first;
		l->max = lane_sizes[i].queue;
	}
	h->cache = cache_new();
	h->jobs = jobs_new(h);
	if (!h->cache || !h->jobs) {
		http_close(h);
		return err_no_memory(err);
	}
	*out = h;
	return OK;
}

void http_ready(struct http *h, struct ask *ask, struct maps *maps)
{
	atomic_store(&h->maps, maps);
	atomic_store(&h->ask, ask);
}

/* Threads are made with the first listener: http_local needs none. */
static enum err_code threads_start(struct server *s, struct err *err)
{
	if (s->watching) return OK;
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &s->lanes[i];
		while (l->n_threads < lane_sizes[i].threads) {
			if (pthread_create(&l->threads[l->n_threads], NULL, lane_run, l) != 0)
				return err_set(err, ERR_IO, "http.thread", "", "no more threads can be made");
			l->n_threads++;
		}
	}
	if (pthread_create(&s->watcher, NULL, watch, s) != 0)
		return err_set(err, ERR_IO, "http.thread", "", "no more threads can be made");
	s->watching = true;
	return OK;
}

static enum err_code daemon_start(struct server *s, int fd, bool local, const char *path, struct err *err)
{
	enum err_code rc = threads_start(s, err);
	if (rc != OK) return rc;
	if (s->n_listeners == LISTENERS_MAX)
		return err_limit(err, "http.listeners", "", LISTENERS_MAX, LISTENERS_MAX, "too many addresses");
	struct listener *l = &s->listeners[s->n_listeners];
	*l = (struct listener){ .server = s, .fd = fd, .local = local };
	snprintf(l->path, sizeof l->path, "%s", path);
	l->daemon = MHD_start_daemon(
	        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC, 0, NULL, NULL, on_request, l,
	        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_THREAD_POOL_SIZE, POOL_THREADS,
	        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	        CONNECTION_POOL_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, 120u, MHD_OPTION_URI_LOG_CALLBACK, uri_seen, l,
	        MHD_OPTION_NOTIFY_COMPLETED, on_completed, l, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l,
	        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!l->daemon) return err_set(err, ERR_IO, "http.listen", "", "the server cannot start: %s", strerror(errno));
	s->n_listeners++;
	return OK;
}

enum err_code http_listen(struct http *h, const char *address_port, int *port, struct err *err)
{
	struct str at = str_of(address_port), host, number;
	size_t colon = at.len;
	while (colon && at.ptr[colon - 1] != ':') colon--;
	int64_t n = -1;
	host = colon ? str_cut(at, 0, colon - 1) : (struct str){ 0 };
	number = str_cut(at, colon, at.len);
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') host = str_cut(host, 1, host.len - 1);
	char name[256], service[8];
	if (!host.len || host.len >= sizeof name || !str_to_i64(number, &n) || n < 0 || n > 65535) {
		enum err_code rc = err_set(err, ERR_INPUT, "http.address", "listen", "\"%s\" is no address and port",
		                           address_port);
		err_hint(err, "For example 127.0.0.1:8787, or [::1]:8787.");
		return rc;
	}
	memcpy(name, host.ptr, host.len);
	name[host.len] = '\0';
	snprintf(service, sizeof service, "%d", (int)n);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		                  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE },
	                *found = NULL;
	if (str_eq(host, STR("localhost"))) hints.ai_flags &= ~AI_NUMERICHOST;
	if (getaddrinfo(name, service, &hints, &found) != 0) {
		enum err_code rc =
		        err_set(err, ERR_INPUT, "http.address", "listen", "\"%s\" is no address of this machine", name);
		err_hint(err, "Give an IP address, such as 127.0.0.1.");
		return rc;
	}
	int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	bool bound = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	             bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0;
	int why = errno;
	freeaddrinfo(found);
	enum err_code rc = bound ? OK
	                         : err_set(err, ERR_UNAVAILABLE, "http.listen", "listen", "cannot listen on %s: %s",
	                                   address_port, strerror(why));
	if (rc != OK) err_hint(err, "Choose another port with --listen 127.0.0.1:PORT.");
	struct sockaddr_storage got;
	socklen_t len = sizeof got;
	if (rc == OK && getsockname(fd, (struct sockaddr *)&got, &len) == 0)
		*port = ntohs(got.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&got)->sin6_port
		                                        : ((struct sockaddr_in *)&got)->sin_port);
	if (rc == OK) rc = daemon_start(h->server, fd, false, "", err);
	if (rc != OK && fd >= 0) close(fd);
	return rc;
}

enum err_code http_listen_local(struct http *h, const char *path, struct err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof at.sun_path)
		return err_limit(err, "http.socket", "", (int64_t)strlen(path), (int64_t)sizeof at.sun_path - 1,
		                 "the path %s is too long for a socket", path);
	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	/* What a killed server left behind; the directory's lock is ours by now. */
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0177);
	bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
	int why = errno;
	umask(mask);
	if (bound && listen(fd, 128) != 0) {
		why = errno;
		bound = false;
	}
	enum err_code rc =
	        bound ? OK : err_set(err, ERR_IO, "http.socket", "", "cannot listen on %s: %s", path, strerror(why));
	if (rc == OK) rc = daemon_start(h->server, fd, true, path, err);
	if (rc != OK && fd >= 0) close(fd);
	return rc;
}

void http_close(struct http *h)
{
	if (!h) return;
	struct server *s = h->server;
	for (int i = 0; i < s->n_listeners; i++) {
		MHD_quiesce_daemon(s->listeners[i].daemon);
		if (s->listeners[i].local) unlink(s->listeners[i].path);
	}
	/* Jobs end first: those who watch them are woken with the end and their connections go on. */
	if (h->jobs) jobs_stop(h->jobs);
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &s->lanes[i];
		pthread_mutex_lock(&l->lock);
		l->closing = true;
		pthread_cond_broadcast(&l->work);
		pthread_mutex_unlock(&l->lock);
		for (int k = 0; k < l->n_threads; k++) pthread_join(l->threads[k], NULL);
	}
	for (int i = 0; i < s->n_listeners; i++) {
		MHD_stop_daemon(s->listeners[i].daemon);
		close(s->listeners[i].fd);
	}
	atomic_store(&s->closing, true);
	if (s->watching) pthread_join(s->watcher, NULL);
	for (int i = 0; i < LANES; i++) {
		pthread_mutex_destroy(&s->lanes[i].lock);
		pthread_cond_destroy(&s->lanes[i].work);
	}
	pthread_mutex_destroy(&s->conns_lock);
	jobs_free(h->jobs);
	cache_free(h->cache);
	free(s);
	free(h);
}
