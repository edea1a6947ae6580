#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TIMES_MAX = 4000000 };

struct connection {
	int fd, number, sent;
	bool asking; /* the socket took a part of the request: the rest waits for room */
	double began;
	size_t out_at, out_len;
	size_t got, want;        /* bytes of the answer; want is 0 until its headers are there */
	struct connection *idle; /* the next of those that wait for their time */
	char *out;
	char in[LOAD_ANSWER_BYTES];
};

struct run {
	const struct load *l;
	int epoll;
	struct times {
		float *ms;
		size_t n;
	} taken, away;
	struct connection *idle;
	double began;
	size_t sent;
};

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static bool open_one(const struct run *r, struct connection *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)r->l->port) };
	const int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	return c->fd >= 0 && setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
	       connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0 && fcntl(c->fd, F_SETFL, O_NONBLOCK) == 0 &&
	       epoll_ctl(r->epoll, EPOLL_CTL_ADD, c->fd, &e) == 0;
}

/* Gives the socket what it takes; asks to be told when there is room again. */
static bool push(const struct run *r, struct connection *c)
{
	while (c->out_at < c->out_len) {
		const ssize_t n = write(c->fd, c->out + c->out_at, c->out_len - c->out_at);
		if (n < 0 && errno != EAGAIN) return false;
		if (n < 0) break;
		c->out_at += (size_t)n;
	}
	const bool left = c->out_at < c->out_len;
	if (left == c->asking) return true;
	c->asking = left;
	struct epoll_event e = { .events = left ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c };
	return epoll_ctl(r->epoll, EPOLL_CTL_MOD, c->fd, &e) == 0;
}

static bool ask(struct run *r, struct connection *c)
{
	r->sent++;
	c->out_len = r->l->request(r->l->ctx, c->number, c->sent, c->out, r->l->request_bytes);
	c->out_at = 0;
	c->sent++;
	c->got = c->want = 0;
	c->began = now();
	return push(r, c);
}

static void note(struct times *t, const struct connection *c)
{
	if (t->n < TIMES_MAX) t->ms[t->n++] = (float)((now() - c->began) * 1000);
}

/* What came so far; *whole when that is the answer. False: it is not what was asked for. */
static bool answer_read(struct run *r, struct connection *c, bool *whole)
{
	const ssize_t n = read(c->fd, c->in + c->got, sizeof c->in - 1 - c->got);
	*whole = false;
	if (n <= 0) return n < 0 && errno == EAGAIN;
	c->got += (size_t)n;
	c->in[c->got] = 0;
	if (!c->want) {
		const char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "content-length: ");
		if (!end || !length) return c->got < sizeof c->in - 1;
		c->want = (size_t)(end + 4 - c->in) + strtoul(length + 16, NULL, 10);
	}
	if (c->got < c->want) return c->got < sizeof c->in - 1;
	*whole = true;
	if (c->got != c->want) return false;
	const bool away = r->l->away && r->l->away(r->l->ctx, c->in, c->got);
	note(away ? &r->away : &r->taken, c);
	return away || r->l->right(r->l->ctx, c->in, c->got);
}

static void rest(struct run *r, struct connection *c)
{
	c->idle = r->idle;
	r->idle = c;
}

/* Those whose time has come. */
static bool ask_due(struct run *r, double until, int *busy)
{
	const double at = now();
	const double due = ((at < until ? at : until) - r->began) * r->l->per_second;
	while (r->idle && (double)r->sent < due) {
		struct connection *c = r->idle;
		r->idle = c->idle;
		if (!ask(r, c)) return false;
		++*busy;
	}
	return true;
}

static bool turn(struct run *r, struct connection *c, double until, int *busy)
{
	bool whole;
	if (c->asking && !push(r, c)) return false;
	if (!answer_read(r, c, &whole)) {
		fprintf(stderr, "not what was asked for: %.400s\n", c->in);
		return false;
	}
	if (!whole) return true;
	if (!(r->l->per_second > 0) && now() < until) return ask(r, c);
	rest(r, c);
	--*busy;
	return true;
}

static bool drive(struct run *r, struct connection *all, double until)
{
	struct epoll_event events[256];
	const bool paced = r->l->per_second > 0;
	int busy = paced ? 0 : r->l->connections;
	double heard = now();
	for (int i = 0; i < r->l->connections; i++) {
		if (paced) rest(r, &all[i]);
		else if (!ask(r, &all[i])) return false;
	}
	while (busy || (paced && now() < until)) {
		if (paced && !ask_due(r, until, &busy)) return false;
		const int came = epoll_wait(r->epoll, events, 256, paced ? 1 : 1000);
		if (came > 0 || !busy) heard = now();
		if (now() - heard > 10) return fprintf(stderr, "nobody answers\n"), false;
		for (int i = 0; i < came; i++)
			if (!turn(r, events[i].data.ptr, until, &busy)) return false;
	}
	return true;
}

static int by_size(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

static struct load_times times_of(struct times *t)
{
	if (!t->n) return (struct load_times){ 0 };
	qsort(t->ms, t->n, sizeof *t->ms, by_size);
	return (struct load_times){ t->n, (double)t->ms[t->n / 2], (double)t->ms[t->n * 99 / 100],
		                    (double)t->ms[t->n - 1] };
}

bool load_run(const struct load *l, struct load_result *out)
{
	struct run r = { .l = l, .epoll = epoll_create1(0) };
	r.taken.ms = malloc(TIMES_MAX * sizeof *r.taken.ms);
	r.away.ms = malloc(TIMES_MAX * sizeof *r.away.ms);
	struct connection *all = calloc((size_t)l->connections, sizeof *all);
	*out = (struct load_result){ 0 };
	bool fine = all && r.taken.ms && r.away.ms && r.epoll >= 0;
	for (int i = 0; fine && i < l->connections; i++) {
		all[i].number = i;
		all[i].out = malloc(l->request_bytes);
		fine = all[i].out && open_one(&r, &all[i]);
		if (!fine) fprintf(stderr, "no connection %d\n", i);
	}
	r.began = now();
	if (fine) fine = drive(&r, all, r.began + l->seconds);
	out->seconds = now() - r.began;
	const struct load_times taken = times_of(&r.taken);
	out->n = taken.n;
	out->p50_ms = taken.p50_ms;
	out->p99_ms = taken.p99_ms;
	out->max_ms = taken.max_ms;
	out->away = times_of(&r.away);
	for (int i = 0; all && i < l->connections; i++) {
		if (all[i].fd > 0) close(all[i].fd);
		free(all[i].out);
	}
	free(all);
	free(r.taken.ms);
	free(r.away.ms);
	if (r.epoll >= 0) close(r.epoll);
	return fine;
}
