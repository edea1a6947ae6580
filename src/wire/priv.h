/*
 * Shared by the files of wire/ only. The way of an event: a reader makes a
 * draft of what was said; the gate checks it, writes its canonical body and
 * hash, and hands it to the sink, or refuses it.
 */
#ifndef WIRE_PRIV_H
#define WIRE_PRIV_H

#include "base/hash.h"
#include "base/json_tree.h"
#include "wire/wire.h"

#define WIRE_RAW_BYTES_MAX ((size_t)4 * 1024)           /* of a refusal */
#define WIRE_LINE_BYTES_MAX ((size_t)2 * 1024 * 1024)   /* of NDJSON */
#define WIRE_FILE_AHEAD_MS ((int64_t)366 * WHEN_DAY_MS) /* files may hold appointments, not 2090 */
#define WIRE_MS_MAX ((int64_t)1000000000000000)         /* epoch milliseconds past this are no time at all */

/* Where a standard property came from, so that messages can name the column. */
struct draft_column {
	const char *property;
	struct str column;
};

struct draft {
	enum wire_type type;
	struct str customer, anonymous, previous, name, channel, id;
	int64_t at_ms;   /* corrected */
	int64_t said_ms; /* as the sender said; 0 when it said none. Part of the content hash, at_ms is not */
	/* JSON objects as they came, or "". `more` is what fits none of the others. */
	struct str properties, traits, context, more;
	/* The same, where they were read already; NULL: the gate reads the text. */
	const struct json_node *properties_read, *traits_read, *context_read;
	int64_t line;
	struct str raw;                     /* what came, for refusals */
	const char *pointer;                /* JSON pointer in front of fields: "/batch/3", or "" */
	const struct draft_column *columns; /* tables: how properties are called there */
	size_t n_columns;
};

struct gate {
	const struct wire_sink *sink;
	struct arena *scratch; /* not reset here */
	struct buf body, hashed;
	int64_t latest_ms; /* events after it are set aside; INT64_MAX: no such check */
	int64_t n_events, n_refused;
	struct str file; /* goes in front of messages when several files are read; "" */
};

void gate_init(struct gate *g, const struct wire_sink *sink, struct arena *scratch, int64_t now_ms, int64_t ahead_ms);
void gate_done(struct gate *g);

/* Checks and passes on; a broken event is refused through the sink and OK is returned. Fails only when the sink does.
 */
NODISCARD enum err_code gate_event(struct gate *g, const struct draft *d, struct err *err);

/* Tells the sink that something was not taken. */
NODISCARD enum err_code gate_refuse(struct gate *g, int64_t line, struct str raw, const struct err *why,
                                    struct err *err);

/* The sink's progress; ERR_UNAVAILABLE "cancelled" when it asks to stop. */
NODISCARD enum err_code gate_progress(struct gate *g, int64_t bytes, int64_t rows, struct err *err);

/* At most `max` bytes of s, cut between code points and before what is not UTF-8: for messages. */
struct str wire_show(struct str s, size_t max);

/* Epoch milliseconds in digits, or ISO 8601; without an offset it is UTC. */
NODISCARD bool wire_time(struct str s, bool number, int64_t *out_ms);

/*
 * One message of Segment's API. `defaults` are members of the batch that
 * apply to items lacking them.
 */
struct segment_defaults {
	struct str context, integrations; /* JSON objects or "" */
	bool has_sent;
	int64_t sent_ms;
};
/* Which of the known members stood where in the object before. */
struct live_order {
	uint8_t at[16];
};
struct segment_item {
	struct str object;
	const struct json_node *read; /* the object, where it was read already; else NULL */
	enum wire_endpoint endpoint;  /* WIRE_EP_BATCH, WIRE_EP_IMPORT: the item's own `type` decides */
	bool history;                 /* timestamps are taken as they are */
	int64_t received_ms;
	const struct wire_clock *clock; /* NULL: none */
	int64_t line;
	const char *pointer;
	struct live_order *order; /* of the batch; NULL none */
};
NODISCARD enum err_code segment_item(struct gate *g, const struct segment_item *in, const struct segment_defaults *top,
                                     struct err *err);
/* A whole body. Items of a batch get `line` when it is not 0, else their index. */
NODISCARD enum err_code segment_body(struct gate *g, const struct segment_item *in, struct err *err);

/* --- bytes of files ----------------------------------------------------------------- */

/*
 * A window over an input, inflated when it is gzip or zstd. `text` feeds turn
 * UTF-16 with a byte order mark into UTF-8 and take a UTF-8 mark away; half
 * a surrogate pair becomes three bytes that are not UTF-8, so that the row
 * it stands in is refused.
 */
struct feed;
NODISCARD enum err_code feed_open(const struct wire_input *in, bool text, struct feed **out, struct err *err);
void feed_close(struct feed *f);
/*
 * Up to cap bytes; 0 at the end, -1 on an error, which feed_error tells.
 * Inflation is stopped past FEED_RATIO_MAX-fold once FEED_FREE_BYTES came out.
 */
int64_t feed_read(struct feed *f, void *into, size_t cap);
enum err_code feed_error(const struct feed *f, struct err *err);
int64_t feed_bytes_in(const struct feed *f); /* of the input itself */
#define FEED_RATIO_MAX 1100
#define FEED_FREE_BYTES ((int64_t)256 * 1024 * 1024)

#endif
