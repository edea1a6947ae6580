/*
 * The product's API (docs/api.md), over TCP and over a local socket. One
 * route table says for every route its method, path, who may, whether the
 * CSRF header is needed, what body it takes and which function answers; the
 * router, GET /openapi.json and the page's types are made from it.
 *
 * The transport is libmicrohttpd (epoll, a small pool) behind this header.
 * Requests are read there, checked, and put into one of the bounded lanes of
 * worker threads (docs/load.md). Senders take turns in a lane (queue.h); one
 * who has more waiting than is left for all gets 429, and a full lane answers
 * 503, both with Retry-After and before the body is kept. Handlers may block.
 *
 * Refused on first sight, before any handler: Content-Length with
 * Transfer-Encoding, repeated Content-Length, Transfer-Encoding or Host,
 * header names that are no tokens, control bytes in values, broken percent
 * codes or NUL in paths. Limits and deadlines are below.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "act/act.h"
#include "ask/ask.h"
#include "collect/collect.h"
#include "contact/contact.h"
#include "govern/govern.h"
#include "inbox/inbox.h"
#include "insight/insight.h"
#include "maps/maps.h"
#include "outbox/outbox.h"
#include "people/people.h"
#include "rights/rights.h"
#include "voice/voice.h"

#define HTTP_URL_BYTES_MAX ((size_t)8 * 1024)         /* 414 */
#define HTTP_HEADER_BYTES_MAX ((size_t)16 * 1024)     /* 431; with the address some 17 KiB */
#define HTTP_INGEST_BYTES_MAX ((size_t)1024 * 1024)   /* as sent, 413 */
#define HTTP_INFLATED_BYTES_MAX ((size_t)4096 * 1024) /* 413 */
#define HTTP_JSON_BYTES_MAX ((size_t)4096 * 1024)     /* 413 */
#define HTTP_FORM_BYTES_MAX ((size_t)256 * 1024)      /* 413 */
#define HTTP_TABLE_BYTES_MAX ((size_t)16384 * 1024)   /* 413 */
#define HTTP_UPLOAD_BYTES_MAX ((int64_t)2 << 30)      /* 413 */
#define HTTP_UPLOAD_KEPT_MS ((int64_t)86400000)
#define HTTP_CONNECTIONS_MAX 12288 /* kept at once; fewer where the system allows fewer descriptors */

/* Deadlines are absolute: a client that sends a byte now and then does not move them. */
struct http_deadlines {
	int64_t idle_ms;    /* between requests, 60 s */
	int64_t headers_ms; /* from the request line to the end of the headers, and for the first request line: 10 s */
	int64_t body_ms;    /* from the end of the headers on: 30 s, plus a second for each 8 KiB that arrived */
	int64_t answer_ms;  /* for the client to take the answer: 60 s, plus a second for each 8 KiB */
};
extern const struct http_deadlines http_deadlines_default;

struct http;
struct http_options {
	struct store *store;
	struct collect *collect;
	struct govern *govern;
	struct inbox *inbox;
	struct insight *insight;
	struct voice *voice;
	struct outbox *outbox;
	struct act *act;
	struct contact *contact;
	struct rights *rights;
	int64_t (*now_ms)(void *ctx); /* the one clock */
	void *now_ctx;
	const char *version;
	enum err_code (*demo_remove)(void *ctx, struct err *err); /* takes the demo company away; NULL: cannot */
	void *demo_ctx;
	const struct embed_file *assets; /* the built page; NULL when it was not built in */
	size_t n_assets;
};
NODISCARD enum err_code http_open(const struct http_options *opt, struct http **out, struct err *err);

/* Other deadlines than the default; before anybody listens. */
void http_deadlines(struct http *h, struct http_deadlines d);

/* Until this is called, what needs an index answers 503 "index.reading", and /readyz says so; collection works. */
void http_ready(struct http *h, struct ask *ask, struct maps *maps);

/* The inbox has news: pages that look at it are told. From any thread; the context is the struct http. */
void http_news(void *h);

/* Listens on "ADDRESS:PORT" ("[::1]:8787"; port 0 lets the system choose). `port` is the one that it got. */
NODISCARD enum err_code http_listen(struct http *h, const char *address_port, int *port, struct err *err);
/* Listens on a local socket with mode 0600. Peers of this user (or root) are administrators without signing in. */
NODISCARD enum err_code http_listen_local(struct http *h, const char *path, struct err *err);

/* Takes no new requests, finishes those under way, stops jobs, ends the threads. Accepts NULL. */
void http_close(struct http *h);

/*
 * One request without a socket, as administrator: what the command line uses
 * when no server runs. `target` is path and query as in a request line. The
 * answer's body is put into `out`. Returns the HTTP status.
 * Routes that stream (job events) and uploads answer 400 here.
 */
int http_local(struct http *h, const char *method, const char *target, struct str body, struct buf *out);

/* The route table as OpenAPI 3.1 (JSON), and as a TypeScript module for web/src/api/routes.ts. */
void http_openapi(struct buf *out, const char *version);
void http_typescript(struct buf *out);

#endif
