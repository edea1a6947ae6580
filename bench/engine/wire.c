/*
 * How fast a request of a published client is read, on one core: the JSON walked token by token, made canonical, and
 * the whole way from the body to checked events.
 *
 *   build/bench/engine/wire [SECONDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/checked.h"
#include "base/json.h"
#include "wire/wire.h"

enum { EVENTS = 20 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void body_put(struct buf *b)
{
	buf_str(b, STR("{\"batch\":["));
	for (int i = 0; i < EVENTS; i++)
		buf_printf(b,
		           "%s{\"timestamp\":\"2026-11-22T03:50:44.714Z\",\"integrations\":{},\"type\":\"track\","
		           "\"userId\":\"u%07d\",\"event\":\"Order Completed\",\"properties\":{\"channel\":\"web\","
		           "\"value\":%d.95,\"currency\":\"EUR\",\"journey\":\"order-%d\",\"product\":\"P-%d\","
		           "\"note\":\"سریع و خوب\"},\"context\":{\"library\":{\"name\":\"@segment/analytics-node\","
		           "\"version\":\"3.1.0\"}},\"messageId\":\"node-next-1795319444714-86b4dcca-5c3e-45d4-%04d\","
		           "\"_metadata\":{\"nodeVersion\":\"v20.20.2\",\"jsRuntime\":\"node\"}}",
		           i ? "," : "", i * 37, i * 3, i, i % 7, i);
	buf_str(b, STR("],\"writeKey\":\"WK\",\"sentAt\":\"2026-11-22T03:50:44.720Z\"}"));
}

static size_t n_events;

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	(void)ctx, (void)e, (void)err;
	n_events++;
	return OK;
}

static bool walk(struct str body, struct arena *a, struct buf *out)
{
	(void)a, (void)out;
	struct json_reader r;
	enum json_token t;
	json_read(&r, body);
	while ((t = json_next(&r)) != JT_END)
		if (t == JT_ERROR) return false;
	return true;
}

static bool canonical(struct str body, struct arena *a, struct buf *out)
{
	struct err err = { 0 };
	buf_clear(out);
	return json_canonical(body, a, out, &err) == OK;
}

static bool read_events(struct str body, struct arena *a, struct buf *out)
{
	(void)out;
	struct err err = { 0 };
	const struct wire_sink sink = { .event = on_event };
	const struct wire_live in = { .body = body, .what = WIRE_EP_BATCH, .received_ms = 1795319444800 };
	return wire_segment(&in, a, &sink, &err) == OK;
}

static const struct {
	const char *name;
	bool (*run)(struct str body, struct arena *a, struct buf *out);
} ways[] = { { "walked", walk }, { "canonical", canonical }, { "events", read_events } };

int main(int argc, char **argv)
{
	const double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	struct buf body, out;
	struct arena a;
	buf_init(&body, 1 * MIB);
	buf_init(&out, 1 * MIB);
	arena_init(&a, 64 * MIB);
	body_put(&body);
	printf("%d events, %zu bytes\n", EVENTS, body.len);
	for (size_t w = 0; w < COUNT_OF(ways); w++) {
		size_t n = 0;
		const double began = now();
		double took = 0;
		while ((took = now() - began) < seconds) {
			for (int i = 0; i < 100; i++, n++) {
				if (!ways[w].run(buf_view(&body), &a, &out)) return 1;
				arena_reset(&a);
			}
		}
		printf("%-10s %7.0f MB/s  %6.3f us an event\n", ways[w].name, (double)(n * body.len) / took / 1e6,
		       took * 1e6 / (double)(n * EVENTS));
	}
	if (n_events == 0) return 1;
	arena_done(&a);
	buf_done(&out);
	buf_done(&body);
	return 0;
}
