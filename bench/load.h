/*
 * Load for a running server: one thread and epoll, so that it takes little of the processors that the server works on.
 * Each connection is kept, sends a request, reads its answer, and sends the next: at once, or when its time has come.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>

enum { LOAD_CONNECTIONS_MAX = 4096, LOAD_ANSWER_BYTES = 64 * 1024 };

struct load {
	int port;
	int connections;
	double seconds;
	/* Requests a second of all connections together, whatever is answered; 0: as answers come. While every
	 * connection waits, none is sent. */
	double per_second;
	void *ctx;
	/* Writes request number `sent` of connection `number`, headers and body, into out[0, size); returns its bytes.
	 */
	size_t (*request)(void *ctx, int number, int sent, char *out, size_t size);
	size_t request_bytes; /* the largest */
	/* Whether this whole answer, headers and body with a NUL behind, is what it should be. */
	bool (*right)(void *ctx, const char *answer, size_t len);
	/* Whether it turns the request away, politely; those are counted apart. NULL: none does. */
	bool (*away)(void *ctx, const char *answer, size_t len);
};

struct load_times {
	size_t n;
	double p50_ms, p99_ms, max_ms;
};

struct load_result {
	size_t n;       /* answered as they should be */
	double seconds; /* until the last answer was there */
	double p50_ms, p99_ms, max_ms;
	struct load_times away;
};

/*
 * Until `seconds` have passed, and then until each connection has its last answer. False with words on stderr at the
 * first answer that is not right, a connection that cannot be made, or when nobody answers for ten seconds.
 */
bool load_run(const struct load *l, struct load_result *out);

#endif
