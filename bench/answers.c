/*
 * Answers a second that a running server acknowledges: many connections, each
 * sends a complete response and waits for its answer, which comes after the
 * fsync. `bench/answers.py` makes the survey and runs this.
 *
 *   answers PORT CODE CONNECTIONS SECONDS
 *
 * Prints one line of JSON: answers, seconds, answers a second, and the times of an answer in ms.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, ANSWERS_MAX = 200000 };

struct connection {
	pthread_t thread;
	const char *code;
	int port, number;
	double until;
	float *took_ms; /* of each answer */
	int n, failed;
};

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int open_one(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
	close(fd);
	return -1;
}

/* Headers and as many bytes as they announce; true for 200 with a complete response. */
static bool answered(int fd)
{
	char in[4096];
	size_t n = 0;
	for (;;) {
		const ssize_t got = read(fd, in + n, sizeof in - 1 - n);
		if (got <= 0) return false;
		n += (size_t)got;
		in[n] = 0;
		const char *end = strstr(in, "\r\n\r\n"), *length = strcasestr(in, "content-length: ");
		if (!end || !length) continue;
		if (n - (size_t)(end + 4 - in) < strtoul(length + 16, NULL, 10)) continue;
		return strncmp(in, "HTTP/1.1 200", 12) == 0 && strstr(in, "\"complete\":true,\"again\":false");
	}
}

static void *run(void *arg)
{
	struct connection *c = arg;
	char body[512], request[1024];
	const int fd = open_one(c->port);
	while (fd >= 0 && c->n < ANSWERS_MAX && now() < c->until) {
		const int body_len =
		        snprintf(body, sizeof body,
		                 "{\"answers\":{\"nps\":%d,\"why\":\"answer %d of connection %d, which says a "
		                 "few words\"},\"complete\":true,\"lang\":\"en\"}",
		                 c->n % 11, c->n, c->number);
		const int len =
		        snprintf(request, sizeof request,
		                 "POST /v1/surveys/%s/responses HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nIdempotency-Key: "
		                 "%d-%d-%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		                 c->code, c->port, (int)getpid(), c->number, c->n, body_len, body);
		const double began = now();
		if (write(fd, request, (size_t)len) != len || !answered(fd)) {
			c->failed = 1;
			break;
		}
		c->took_ms[c->n++] = (float)((now() - began) * 1000);
	}
	if (fd < 0) c->failed = 1;
	else close(fd);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static struct connection all[CONNECTIONS_MAX];
	if (argc != 5) return fprintf(stderr, "usage: answers PORT CODE CONNECTIONS SECONDS\n"), 2;
	const int n = (int)strtol(argv[3], NULL, 10);
	const double seconds = strtod(argv[4], NULL);
	if (n < 1 || n > CONNECTIONS_MAX) return fprintf(stderr, "1 to %d connections\n", CONNECTIONS_MAX), 2;
	const double began = now();
	for (int i = 0; i < n; i++) {
		all[i] = (struct connection){ .code = argv[2],
			                      .port = (int)strtol(argv[1], NULL, 10),
			                      .number = i,
			                      .until = began + seconds,
			                      .took_ms = malloc(ANSWERS_MAX * sizeof(float)) };
		if (!all[i].took_ms || pthread_create(&all[i].thread, NULL, run, &all[i]) != 0) return 1;
	}
	size_t total = 0;
	int failed = 0;
	for (int i = 0; i < n; i++) {
		pthread_join(all[i].thread, NULL);
		total += (size_t)all[i].n;
		failed += all[i].failed;
	}
	const double took = now() - began;
	float *times = malloc((total + 1) * sizeof *times);
	size_t at = 0;
	if (!times) return 1;
	for (int i = 0; i < n; i++) {
		memcpy(times + at, all[i].took_ms, (size_t)all[i].n * sizeof *times);
		at += (size_t)all[i].n;
		free(all[i].took_ms);
	}
	qsort(times, total, sizeof *times, by_size);
	printf("{\"answers\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"failed\":%d}\n",
	       total, took, (double)total / took, total ? (double)times[total / 2] : 0,
	       total ? (double)times[total * 99 / 100] : 0, failed);
	free(times);
	return failed != 0;
}
