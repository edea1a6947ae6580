/*
 * Events over Segment's batch route, each with an id of its own: `bench/ingest.py` makes the source and runs this.
 *
 *   ingest PORT KEY CONNECTIONS SECONDS EVENTS START [BATCHES_A_SECOND]
 *
 * EVENTS a request, about 500 bytes each, as the published clients write them: 200 different bodies, fifty thousand
 * customers, twelve names of events. With BATCHES_A_SECOND they are sent at that rate, whatever is answered, and may be
 * turned away (429, 503 with Retry-After). START makes the ids of this run others than those of the runs before. Prints
 * one line of JSON.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"

enum { EVENTS_MAX = 500, EVENT_BYTES = 640, HEAD_BYTES = 512, CUSTOMERS = 50000 };

struct source {
	int port, events;
	uint64_t start;
	const char *key;
	char when[32];
	uint64_t state;
	struct body *bodies;
};

static uint64_t next(struct source *s)
{
	s->state ^= s->state << 13;
	s->state ^= s->state >> 7;
	s->state ^= s->state << 17;
	return s->state;
}

static size_t event_put(struct source *s, char *out, size_t size, uint64_t id)
{
	static const char *const names[] = { "Product Viewed",  "Product Added", "Cart Viewed",     "Checkout Started",
		                             "Order Completed", "Order Shipped", "Order Delivered", "Support Contacted",
		                             "Call Answered",   "Store Visited", "App Opened",      "Survey Shown" };
	static const char *const channels[] = { "web", "app", "store", "phone" };
	const uint64_t r = next(s);
	return (size_t)snprintf(
	        out, size,
	        "{\"type\":\"track\",\"messageId\":\"node-next-%016" PRIx64 "\",\"userId\":\"u%07" PRIu64
	        "\",\"event\":\"%s\",\"timestamp\":\"%s\",\"integrations\":{},\"properties\":{\"channel\":\"%s\","
	        "\"value\":%u.%02u,\"currency\":\"EUR\",\"journey\":\"order-%u\",\"product\":\"P-%u\",\"quantity\":%u},"
	        "\"context\":{\"library\":{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"},"
	        "\"locale\":\"fa-IR\"},\"_metadata\":{\"nodeVersion\":\"v20.20.2\",\"jsRuntime\":\"node\"}}",
	        id, r % CUSTOMERS, names[(r >> 20) % 12], s->when, channels[(r >> 24) % 4], (unsigned)(r >> 26) % 500,
	        (unsigned)(r >> 35) % 100, (unsigned)(r % CUSTOMERS), (unsigned)(r >> 42) % 1000,
	        (unsigned)(r >> 52) % 5 + 1);
}

/* Bodies are written once; of each only the ids are new when it is sent. */
enum { BODIES = 200, ID_DIGITS = 16 };
struct body {
	char *bytes;
	size_t len, ids[EVENTS_MAX]; /* where the digits of an id stand */
};

static bool bodies_make(struct source *s)
{
	const size_t size = 128 + (size_t)s->events * EVENT_BYTES;
	for (int b = 0; b < BODIES; b++) {
		struct body *to = &s->bodies[b];
		char *p = to->bytes = malloc(size);
		if (!p) return false;
		p += snprintf(p, 16, "{\"batch\":[");
		for (int i = 0; i < s->events; i++) {
			if (i) *p++ = ',';
			char *const event = p;
			p += event_put(s, p, EVENT_BYTES, 0);
			to->ids[i] = (size_t)(strstr(event, "node-next-") + 10 - to->bytes);
		}
		p += snprintf(p, 64, "],\"sentAt\":\"%s\"}", s->when);
		to->len = (size_t)(p - to->bytes);
	}
	return true;
}

static void id_put(char *out, uint64_t id)
{
	static const char digits[] = "0123456789abcdef";
	for (int i = ID_DIGITS - 1; i >= 0; i--, id >>= 4) out[i] = digits[id & 15];
}

static size_t request(void *ctx, int number, int sent, char *out, size_t size)
{
	struct source *s = ctx;
	struct body *body = &s->bodies[(number * 31 + sent) % BODIES];
	const uint64_t id = s->start << 48 | (uint64_t)number << 36 | (uint64_t)sent * (uint64_t)s->events;
	for (int i = 0; i < s->events; i++) id_put(body->bytes + body->ids[i], id + (uint64_t)i);
	const int n = snprintf(out, size,
	                       "POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Basic %s\r\n"
	                       "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	                       s->port, s->key, body->len);
	memcpy(out + n, body->bytes, body->len);
	return (size_t)n + body->len;
}

static bool right(void *ctx, const char *answer, size_t len)
{
	(void)ctx, (void)len;
	return strncmp(answer, "HTTP/1.1 200", 12) == 0 && strstr(answer, "\"success\":true") != NULL;
}

static bool away(void *ctx, const char *answer, size_t len)
{
	(void)ctx, (void)len;
	return (strncmp(answer, "HTTP/1.1 503", 12) == 0 || strncmp(answer, "HTTP/1.1 429", 12) == 0) &&
	       strstr(answer, "\r\nRetry-After: ") != NULL;
}

int main(int argc, char **argv)
{
	if (argc != 7 && argc != 8)
		return fprintf(stderr, "usage: ingest PORT KEY CONNECTIONS SECONDS EVENTS START [BATCHES_A_SECOND]\n"),
		       2;
	struct source s = { .port = (int)strtol(argv[1], NULL, 10),
		            .key = argv[2],
		            .events = (int)strtol(argv[5], NULL, 10),
		            .start = strtoull(argv[6], NULL, 10),
		            .state = strtoull(argv[6], NULL, 10) * 2654435761u + 88172645463325252u };
	const time_t now = time(NULL) - 60;
	struct tm tm;
	strftime(s.when, sizeof s.when, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&now, &tm));
	struct load l = { .port = s.port,
		          .connections = (int)strtol(argv[3], NULL, 10),
		          .seconds = strtod(argv[4], NULL),
		          .ctx = &s,
		          .request = request,
		          .per_second = argc == 8 ? strtod(argv[7], NULL) : 0,
		          .right = right,
		          .away = argc == 8 ? away : NULL };
	if (s.events < 1 || s.events > EVENTS_MAX || l.connections < 1 || l.connections > LOAD_CONNECTIONS_MAX)
		return fprintf(stderr, "1 to %d events, 1 to %d connections\n", EVENTS_MAX, LOAD_CONNECTIONS_MAX), 2;
	l.request_bytes = HEAD_BYTES + 128 + (size_t)s.events * EVENT_BYTES;
	s.bodies = calloc(BODIES, sizeof *s.bodies);
	if (!s.bodies || !bodies_make(&s)) return 1;
	struct load_result got;
	const bool fine = load_run(&l, &got);
	printf("{\"batches\":%zu,\"events\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,"
	       "\"max_ms\":%.2f,\"away\":{\"batches\":%zu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}}\n",
	       got.n, got.n * (size_t)s.events, got.seconds, (double)got.n * s.events / got.seconds, got.p50_ms,
	       got.p99_ms, got.max_ms, got.away.n, got.away.p50_ms, got.away.p99_ms, got.away.max_ms);
	return fine ? 0 : 1;
}
