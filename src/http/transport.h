/* What server.c (sockets, deadlines, lanes) and exchange.c (one request and its answer) share. */
#ifndef HTTP_TRANSPORT_H
#define HTTP_TRANSPORT_H

#include <microhttpd.h>

#include "http/priv.h"
#include "http/queue.h"

#define LISTENERS_MAX 4

struct conn {
	struct conn *next, **back; /* under server.conns_lock */
	int fd;
	/* Monotonic; 0: none. Written by the connection's own thread, read by the one that watches; nothing else hangs
	 * on it, so no order. */
	_Atomic int64_t until_ms;
};

/* Bodies in memory that were not answered yet, of all connections together: past it 503 before the body is read. */
#define HELD_BYTES_MAX ((size_t)256 * 1024 * 1024)

struct request {
	struct waiting waiting; /* first: what waits in a lane is its request */
	struct MHD_Connection *conn;
	struct conn *entry;
	struct arena arena;
	struct http_call call;
	struct buf body;
	size_t held_bytes; /* of the body, as counted in server.held_bytes */
	struct str target;
	int file;        /* of the body, -1 none */
	int64_t body_ms; /* when the body began, monotonic */
	int64_t received, limit;
	bool too_long, begun, local;
	bool refused;  /* the answer stands; the body is only read to its end */
	bool finished; /* a worker has answered: the connection is awake again */
	bool permitted;
	enum queue_room room; /* why there was none, where it was refused for that */
	struct server *server;
	uint64_t seen; /* job events: state already sent */
};

#define LANE_THREADS_MAX 16
#define LANE_BATCH_MAX 128
#define LANE_BATCH_BYTES ((size_t)2 * 1024 * 1024) /* of bodies; one of any size is taken alone */
struct lane {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue queue;
	int64_t away[QUEUE_FULL + 1]; /* by enum queue_room; under the lock */
	int batch, nice;
	bool closing;
	pthread_t threads[LANE_THREADS_MAX];
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
	int64_t n_conns; /* under conns_lock too */
	pthread_t watcher;
	bool watching;
	atomic_bool closing;
	struct MHD_Response *no_room[QUEUE_FULL + 1]; /* made once, by enum queue_room; NULL: without memory */
	int no_room_status[QUEUE_FULL + 1];
	atomic_size_t held_bytes; /* at most HELD_BYTES_MAX and what one read of each thread adds */
};

/* Milliseconds from now until the connection is shut down; 0: no deadline. server.c */
void deadline(struct request *r, int64_t in_ms);
int64_t monotonic_ms(void);
/* Whether the lane would take the request now; counted when not. server.c */
enum queue_room lane_look(struct lane *l, const struct request *r);
/* Puts the connection to sleep and the request into its lane, if that has room. server.c */
enum queue_room lane_put(struct lane *l, struct request *r);

/* What is answered where there is no room is made beforehand: those who are refused are many. exchange.c */
void refusals_make(struct server *s);
void refusals_free(struct server *s);

/* Callbacks of the library; `cls` is the listener. exchange.c */
void *uri_seen(void *cls, const char *uri, struct MHD_Connection *connection);
void on_completed(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code);
enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                           const char *version, const char *data, size_t *size, void **context);

#endif
