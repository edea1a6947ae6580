/*
 * Load for a running server (load.h): `bench/answers.py` makes the survey and runs this.
 *
 *   answers PORT answer CODE CONNECTIONS SECONDS    complete responses; each is acknowledged after the fsync
 *   answers PORT page   CODE CONNECTIONS SECONDS    GET of the hosted page
 *
 * Prints one line of JSON: how many, seconds, how many a second, and how long one took in ms. It fails with the first
 * answer that is not what it should be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

enum { REQUEST_BYTES = 1024 };

struct survey {
	int port;
	const char *code;
};

static size_t page_put(void *ctx, int number, int sent, char *out, size_t size)
{
	const struct survey *s = ctx;
	(void)number, (void)sent;
	return (size_t)snprintf(out, size, "GET /s/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Language: en\r\n\r\n",
	                        s->code, s->port);
}

static size_t answer_put(void *ctx, int number, int sent, char *out, size_t size)
{
	const struct survey *s = ctx;
	char body[256];
	const int n = snprintf(body, sizeof body,
	                       "{\"answers\":{\"nps\":%d,\"why\":\"answer %d of connection %d, which says a few "
	                       "words\"},\"complete\":true,\"lang\":\"en\"}",
	                       sent % 11, sent, number);
	return (size_t)snprintf(
	        out, size,
	        "POST /v1/surveys/%s/responses HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	        "Idempotency-Key: %d-%d-%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	        s->code, s->port, (int)getpid(), number, sent, n, body);
}

static bool page_right(void *ctx, const char *answer, size_t len)
{
	(void)ctx, (void)len;
	return strncmp(answer, "HTTP/1.1 200", 12) == 0 && strstr(answer, "</html>") != NULL;
}

static bool answer_right(void *ctx, const char *answer, size_t len)
{
	(void)ctx, (void)len;
	return strncmp(answer, "HTTP/1.1 200", 12) == 0 && strstr(answer, "\"complete\":true,\"again\":false") != NULL;
}

int main(int argc, char **argv)
{
	if (argc != 6 || (strcmp(argv[2], "answer") && strcmp(argv[2], "page")))
		return fprintf(stderr, "usage: answers PORT answer|page CODE CONNECTIONS SECONDS\n"), 2;
	const bool answers = strcmp(argv[2], "answer") == 0;
	struct survey s = { .port = (int)strtol(argv[1], NULL, 10), .code = argv[3] };
	const struct load l = { .port = s.port,
		                .connections = (int)strtol(argv[4], NULL, 10),
		                .seconds = strtod(argv[5], NULL),
		                .ctx = &s,
		                .request = answers ? answer_put : page_put,
		                .request_bytes = REQUEST_BYTES,
		                .right = answers ? answer_right : page_right };
	if (l.connections < 1 || l.connections > LOAD_CONNECTIONS_MAX)
		return fprintf(stderr, "1 to %d connections\n", LOAD_CONNECTIONS_MAX), 2;
	struct load_result got;
	const bool fine = load_run(&l, &got);
	printf("{\"n\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"failed\":%s}\n",
	       got.n, got.seconds, (double)got.n / got.seconds, got.p50_ms, got.p99_ms, fine ? "false" : "true");
	return fine ? 0 : 1;
}
