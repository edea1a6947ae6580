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
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/thread.h"
#include "http/transport.h"

#define POOL_THREADS 2u
/* Request line and headers, with room for what the library keeps beside them. It touches all of it after each answer,
 * so this is what a kept connection costs: ten thousand of them 200 MB. */
#define CONNECTION_POOL_BYTES ((size_t)18 * 1024)
/* The socket of this user's own commands. */
#define LOCAL_CONNECTIONS_MAX 512u
#define TICK_MS 200
#define BEAT_MS 15000 /* of streams that have nothing to tell */

const struct http_deadlines http_deadlines_default = {
	.idle_ms = 60000, .headers_ms = 10000, .body_ms = 30000, .answer_ms = 60000
};

/*
 * Where there is more to do than processors can, those who read requests and refuse them come before those who work off
 * deliveries, and so do people who look at pages; but not so far before that refusing is all that is done. At three
 * times the capacity on two processors, which refusing alone nearly fills, 5 keeps 73 to 89 % of the deliveries and the
 * middle refusal takes 39 to 44 ms, 14 keeps 43 to 51 % and it takes 23 to 32.
 */
#define DELIVERIES_NICE 5

const char *const http_lane_names[LANES] = { [LANE_PRODUCT] = "product",
	                                     [LANE_EVENTS] = "events",
	                                     [LANE_COLLECT] = "deliveries",
	                                     [LANE_ANSWER] = "answers",
	                                     [LANE_SIGN_IN] = "sign_in" };

static const struct lane_size {
	const char *name;
	int threads, queue, batch; /* batch: requests that a thread takes at once */
	bool alone;                /* one sender may fill it */
	int nice;                  /* of its threads, above the program's */
} lane_sizes[LANES] = {
	[LANE_PRODUCT] = { "product", 4, 128, 1, false, 0 },
	/* Events: a thread reads what came and has it written in one go, another while the first waits for the fsync.
	 */
	[LANE_EVENTS] = { "events", 3, 1024, LANE_BATCH_MAX, false, DELIVERIES_NICE },
	/* Those mostly wait for one fsync together: more of them make bigger group commits. */
	[LANE_COLLECT] = { "collect", 8, 512, 1, false, DELIVERIES_NICE },
	/* Short requests that all wait for an fsync: one thread prepares what came while another waits. */
	[LANE_ANSWER] = { "answers", 3, 1024, LANE_BATCH_MAX, false, 0 },
	/* Who tries too often is slowed by address and name (govern/). */
	[LANE_SIGN_IN] = { "sign-in", GOVERN_HASHES, GOVERN_HASH_QUEUE, 1, true, 0 },
};

/* --- connections and their deadlines --------------------------------------------------------------- */

static int64_t monotonic_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t monotonic_ms(void)
{
	return monotonic_us() / 1000;
}

void deadline(struct request *r, int64_t in_ms)
{
	if (r->entry)
		atomic_store_explicit(&r->entry->until_ms, in_ms ? monotonic_ms() + in_ms : 0, memory_order_relaxed);
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
		atomic_init(&c->until_ms, monotonic_ms() + s->deadlines.headers_ms);
		pthread_mutex_lock(&s->conns_lock);
		c->next = s->conns;
		c->back = &s->conns;
		if (c->next) c->next->back = &c->next;
		s->conns = c;
		s->n_conns++;
		pthread_mutex_unlock(&s->conns_lock);
		*context = c;
	} else if (c) {
		/* Told before the descriptor is closed: under the lock nobody can shut down a number that is somebody
		 * else's by now. */
		pthread_mutex_lock(&s->conns_lock);
		*c->back = c->next;
		s->n_conns--;
		if (c->next) c->next->back = c->back;
		pthread_mutex_unlock(&s->conns_lock);
		*context = NULL;
		free(c);
	}
}

static void *watch(void *arg)
{
	struct server *s = arg;
	int64_t swept = 0, beaten = monotonic_ms();
	while (!atomic_load(&s->closing)) {
		int64_t now = monotonic_ms();
		pthread_mutex_lock(&s->conns_lock);
		for (struct conn *c = s->conns; c; c = c->next) {
			int64_t until_ms = atomic_load_explicit(&c->until_ms, memory_order_relaxed);
			/* Unless it was put off just now. */
			if (until_ms && until_ms <= now && atomic_compare_exchange_strong(&c->until_ms, &until_ms, 0))
				shutdown(c->fd, SHUT_RDWR);
		}
		pthread_mutex_unlock(&s->conns_lock);
		if (!swept || now - swept > WHEN_HOUR_MS) {
			uploads_sweep(s->h);
			swept = now;
		}
		if (now - beaten > BEAT_MS) {
			feed_beat(s->h->feed);
			counts_beat(s->h->counts);
			beaten = now;
		}
		struct timespec tick = { 0, TICK_MS * 1000000L };
		nanosleep(&tick, NULL);
	}
	return NULL;
}

/* --- lanes -------------------------------------------------------------------------------------------- */

/* Says how long the answer took, without the way here and back (W3C Server Timing); of the product's answers alone:
 * at a sign-in it would say whether a login exists. */
static void answer_timed(struct http_call *c, bool permitted)
{
	const int64_t began = monotonic_us();
	route_answer(c, permitted);
	if (c->route->lane != LANE_PRODUCT) return;
	const int64_t us = monotonic_us() - began;
	answer_header(c, "Server-Timing",
	              str_format(c->arena, "answer;dur=%lld.%03d", (long long)(us / 1000), (int)(us % 1000)));
}

/* Waits for work and takes what there is, at most a batch of so many requests and bytes; 0: closing, and all that
 * waited is answered. */
static int lane_take(struct lane *l, struct request *out[LANE_BATCH_MAX])
{
	int n = 0;
	pthread_mutex_lock(&l->lock);
	while (!l->queue.n && !l->closing) pthread_cond_wait(&l->work, &l->lock);
	size_t bytes = 0;
	for (const struct waiting *w; n < l->batch && (w = queue_next(&l->queue)); n++) {
		if (n && bytes + w->bytes > LANE_BATCH_BYTES) break;
		bytes += w->bytes;
		out[n] = (struct request *)queue_take(&l->queue);
	}
	pthread_mutex_unlock(&l->lock);
	return n;
}

static void wake_up(struct request *r)
{
	r->finished = true; /* read by the connection's thread after the resume, which is a barrier */
	MHD_resume_connection(r->conn);
}

/* Each is prepared, all that write are written in one go, and each has its answer. */
static void answer_batch(struct request *const *all, int n)
{
	struct request *waiting[LANE_BATCH_MAX];
	struct store_job *jobs[LANE_BATCH_MAX];
	size_t n_jobs = 0;
	for (int i = 0; i < n; i++) {
		struct request *r = all[i];
		if (route_begin(&r->call, r->permitted)) {
			waiting[n_jobs] = r;
			jobs[n_jobs++] = r->call.later.job;
		} else {
			wake_up(r);
		}
	}
	if (n_jobs) store_append_jobs(waiting[0]->call.h->opt.store, jobs, n_jobs);
	for (size_t i = 0; i < n_jobs; i++) {
		route_end(&waiting[i]->call);
		wake_up(waiting[i]);
	}
}

static void *lane_run(void *arg)
{
	struct lane *l = arg;
	struct request *batch[LANE_BATCH_MAX];
	/* Of this thread alone, as Linux has it; refused, all are alike. */
	if (l->nice) (void)setpriority(PRIO_PROCESS, (id_t)gettid(), l->nice + getpriority(PRIO_PROCESS, 0));
	for (int n; (n = lane_take(l, batch)) > 0;) {
		if (n > 1) {
			answer_batch(batch, n);
			continue;
		}
		answer_timed(&batch[0]->call, batch[0]->permitted);
		wake_up(batch[0]);
	}
	return NULL;
}

enum queue_room lane_look(struct lane *l, const struct request *r)
{
	pthread_mutex_lock(&l->lock);
	const enum queue_room room = l->closing ? QUEUE_FULL : queue_look(&l->queue, r->waiting.sender);
	l->away[room]++;
	pthread_mutex_unlock(&l->lock);
	return room;
}

void server_load(struct server *s, struct server_load *out)
{
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &s->lanes[i];
		pthread_mutex_lock(&l->lock);
		out->waiting[i] = l->queue.n;
		out->sender_full[i] = l->away[QUEUE_SENDER_FULL];
		out->full[i] = l->away[QUEUE_FULL];
		pthread_mutex_unlock(&l->lock);
	}
	pthread_mutex_lock(&s->conns_lock);
	out->connections = s->n_conns;
	pthread_mutex_unlock(&s->conns_lock);
	out->held_bytes = (int64_t)atomic_load(&s->held_bytes);
}

enum queue_room lane_put(struct lane *l, struct request *r)
{
	pthread_mutex_lock(&l->lock);
	enum queue_room room = l->closing ? QUEUE_FULL : queue_look(&l->queue, r->waiting.sender);
	if (room == QUEUE_ROOM) {
		/* Asleep before a worker can wake it. */
		MHD_suspend_connection(r->conn);
		room = queue_put(&l->queue, &r->waiting);
		pthread_cond_signal(&l->work);
	} else {
		l->away[room]++;
	}
	pthread_mutex_unlock(&l->lock);
	return room;
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
	s->deadlines = http_deadlines_default;
	refusals_make(s);
	pthread_mutex_init(&s->conns_lock, NULL);
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &s->lanes[i];
		pthread_mutex_init(&l->lock, NULL);
		pthread_cond_init(&l->work, NULL);
		queue_init(&l->queue, lane_sizes[i].queue, !lane_sizes[i].alone);
		l->batch = lane_sizes[i].batch;
	}
	h->cache = cache_new();
	h->jobs = jobs_new(h);
	h->feed = feed_new();
	h->counts = counts_new(h);
	if (!h->cache || !h->jobs || !h->feed || !h->counts || people_open(opt->store, &h->people, err) != OK) {
		http_close(h);
		return err_no_memory(err);
	}
	*out = h;
	return OK;
}

void http_deadlines(struct http *h, struct http_deadlines d)
{
	h->server->deadlines = d;
}

void http_ready(struct http *h, struct ask *ask, struct maps *maps)
{
	atomic_store(&h->maps, maps);
	atomic_store(&h->ask, ask);
}

void http_news(void *h)
{
	feed_news(((struct http *)h)->feed);
}

/* Threads are made with the first listener: http_local needs none. */
static enum err_code threads_start(struct server *s, struct err *err)
{
	if (s->watching) return OK;
	for (int i = 0; i < LANES; i++) {
		struct lane *l = &s->lanes[i];
		while (l->n_threads < lane_sizes[i].threads) {
			l->nice = lane_sizes[i].nice;
			if (!thread_start(&l->threads[l->n_threads], lane_sizes[i].name, lane_run, l))
				return err_set(err, ERR_IO, "http.thread", "", "no more threads can be made");
			l->n_threads++;
		}
	}
	if (!thread_start(&s->watcher, "deadlines", watch, s))
		return err_set(err, ERR_IO, "http.thread", "", "no more threads can be made");
	s->watching = true;
	return OK;
}

/* As many as there are descriptors for, beside those of files. */
static unsigned connections_max(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= HTTP_CONNECTIONS_MAX + 2 * LOCAL_CONNECTIONS_MAX)
		return HTTP_CONNECTIONS_MAX;
	return l.rlim_cur > 4 * LOCAL_CONNECTIONS_MAX ? (unsigned)l.rlim_cur - 2 * LOCAL_CONNECTIONS_MAX
	                                              : (unsigned)l.rlim_cur / 2;
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
	        MHD_OPTION_CONNECTION_LIMIT, local ? LOCAL_CONNECTIONS_MAX : connections_max(),
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_POOL_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, 120u,
	        MHD_OPTION_URI_LOG_CALLBACK, uri_seen, l, MHD_OPTION_NOTIFY_COMPLETED, on_completed, l,
	        MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
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
	/* The mode is the socket's before it has a name. umask would do for other threads too, which make folders. */
	bool bound = fd >= 0 && fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
	int why = errno;
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
	if (h->feed) feed_stop(h->feed);
	if (h->counts) counts_stop(h->counts);
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
	feed_free(h->feed);
	counts_free(h->counts);
	people_close(h->people);
	cache_free(h->cache);
	refusals_free(s);
	free(s);
	free(h);
}
