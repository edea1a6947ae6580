/*
 * Load for a running server: one thread and epoll, so that it takes little of the processors that the server works on.
 * Each connection is kept, sends a request, reads its answer, and sends the next. `bench/answers.py` makes the survey
 * and runs this.
 *
 *   answers PORT answer CODE CONNECTIONS SECONDS    complete responses; each is acknowledged after the fsync
 *   answers PORT page   CODE CONNECTIONS SECONDS    GET of the hosted page
 *
 * Prints one line of JSON: how many, seconds, how many a second, and how long one took in ms. It fails with the first
 * answer that is not what it should be.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, TIMES_MAX = 4000000, IN_BYTES = 64 * 1024 };

struct load {
	int port;
	bool answers; /* else pages */
	const char *code;
	float *took_ms;
	size_t n;
};

struct connection {
	int fd, number, sent;
	double began;
	size_t got, want; /* bytes of the answer; want is 0 until its headers are there */
	char in[IN_BYTES];
};

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static bool open_one(const struct load *l, int epoll, struct connection *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port) };
	const int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	return c->fd >= 0 && setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
	       connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0 && fcntl(c->fd, F_SETFL, O_NONBLOCK) == 0 &&
	       epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) == 0;
}

static int request_put(const struct load *l, const struct connection *c, char *out, size_t size)
{
	char body[256];
	if (!l->answers)
		return snprintf(out, size, "GET /s/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Language: en\r\n\r\n",
		                l->code, l->port);
	const int n = snprintf(body, sizeof body,
	                       "{\"answers\":{\"nps\":%d,\"why\":\"answer %d of connection %d, which says a few "
	                       "words\"},\"complete\":true,\"lang\":\"en\"}",
	                       c->sent % 11, c->sent, c->number);
	return snprintf(out, size,
	                "POST /v1/surveys/%s/responses HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nIdempotency-Key: %d-%d-%d\r\n"
	                "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	                l->code, l->port, (int)getpid(), c->number, c->sent, n, body);
}

static bool ask(const struct load *l, struct connection *c)
{
	char out[1024];
	const int n = request_put(l, c, out, sizeof out);
	c->sent++;
	c->got = c->want = 0;
	c->began = now();
	return write(c->fd, out, (size_t)n) == n;
}

/* What came so far; *whole when that is the answer. False: it is not what was asked for. */
static bool answer_read(const struct load *l, struct connection *c, bool *whole)
{
	static const char done[] = "\"complete\":true,\"again\":false";
	const ssize_t n = read(c->fd, c->in + c->got, sizeof c->in - 1 - c->got);
	*whole = false;
	if (n <= 0) return n < 0 && errno == EAGAIN;
	c->got += (size_t)n;
	if (!c->want) {
		c->in[c->got] = 0;
		const char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "content-length: ");
		if (!end || !length) return c->got < sizeof c->in - 1;
		c->want = (size_t)(end + 4 - c->in) + strtoul(length + 16, NULL, 10);
	}
	if (c->got < c->want) return c->got < sizeof c->in - 1;
	*whole = true;
	if (c->got > c->want || strncmp(c->in, "HTTP/1.1 200", 12) != 0) return false;
	return l->answers ? memmem(c->in, c->got, done, sizeof done - 1) != NULL
	                  : memmem(c->in, c->got, "</html>", 7) != NULL;
}

/* Until `until`, and then until each connection has its last answer. */
static bool run(struct load *l, struct connection *all, int n, int epoll, double until)
{
	struct epoll_event events[256];
	int busy = n;
	for (int i = 0; i < n; i++)
		if (!ask(l, &all[i])) return false;
	while (busy) {
		const int came = epoll_wait(epoll, events, 256, 10000);
		if (came <= 0) return false; /* nobody answers */
		for (int i = 0; i < came; i++) {
			struct connection *c = events[i].data.ptr;
			bool whole;
			if (!answer_read(l, c, &whole)) return false;
			if (!whole) continue;
			const double at = now();
			if (l->n < TIMES_MAX) l->took_ms[l->n++] = (float)((at - c->began) * 1000);
			if (at >= until) busy--;
			else if (!ask(l, c)) return false;
		}
	}
	return true;
}

static int by_size(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	if (argc != 6 || (strcmp(argv[2], "answer") && strcmp(argv[2], "page")))
		return fprintf(stderr, "usage: answers PORT answer|page CODE CONNECTIONS SECONDS\n"), 2;
	struct load l = { .port = (int)strtol(argv[1], NULL, 10),
		          .answers = strcmp(argv[2], "answer") == 0,
		          .code = argv[3],
		          .took_ms = malloc(TIMES_MAX * sizeof *l.took_ms) };
	const int n = (int)strtol(argv[4], NULL, 10), epoll = epoll_create1(0);
	if (n < 1 || n > CONNECTIONS_MAX) return fprintf(stderr, "1 to %d connections\n", CONNECTIONS_MAX), 2;
	struct connection *all = calloc((size_t)n, sizeof *all);
	if (!all || !l.took_ms || epoll < 0) return 1;
	for (int i = 0; i < n; i++) {
		all[i].number = i;
		if (!open_one(&l, epoll, &all[i])) return fprintf(stderr, "no connection %d\n", i), 1;
	}
	const double began = now();
	const bool fine = run(&l, all, n, epoll, began + strtod(argv[5], NULL));
	const double took = now() - began;
	qsort(l.took_ms, l.n, sizeof *l.took_ms, by_size);
	printf("{\"n\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"failed\":%s}\n", l.n,
	       took, (double)l.n / took, l.n ? (double)l.took_ms[l.n / 2] : 0,
	       l.n ? (double)l.took_ms[l.n * 99 / 100] : 0, fine ? "false" : "true");
	return fine ? 0 : 1;
}
