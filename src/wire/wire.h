/*
 * Bytes to typed events. Pure: no file is opened, no clock is read; the
 * caller gives bytes and "now", and takes events and refusals through a sink.
 *
 * One struct for every protocol and file kind. What differs between senders
 * is gone after this module; what they said beyond the fixed fields is kept
 * word for word in `body`.
 *
 * STANDARD PROPERTIES. These names inside properties have a meaning for the
 * product, whoever sends them (docs/events.md is the page for people):
 *
 *   score        number   a rating ...
 *   score_min    number   ... on this scale, 1 and 5 unless said; a score outside
 *   score_max    number   the scale is refused ("score 11 is not on 0 to 10")
 *   score_kind   text     "rating" (default), "nps" (0-10), "csat" (1-5), "ces" (1-7)
 *   about        text     what the score or comment is about: absent = this event's own
 *                         touchpoint; "journey" = the whole instance; else the name of
 *                         another event type ("Order Delivered")
 *   comment      text     what the person wrote; `comment_lang` its language if known
 *   expected_at  time     when we had promised it: at > expected_at is a breach
 *   wait_ms      number   how long the person waited
 *   failed       bool or 1..3   a failure event and how bad
 *   abandoned    bool     waited and left without service
 *   effort       number   contacts, pages or transfers that it took (>= 1)
 *   value        number   money in major units of `currency` (ISO 4217); less than nothing is
 *   currency     text     paid back. Without a currency it is a number, not money
 *   journey      text     key of the journey instance (an order number)
 *   channel, unit, environment   text, standard dimensions
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"

/* Documented maxima (docs/events.md); each has a test. */
#define WIRE_EVENT_BYTES_MAX ((size_t)32 * 1024)
#define WIRE_BATCH_BYTES_MAX ((size_t)500 * 1024)
#define WIRE_ID_BYTES_MAX 512   /* customer, anonymous and message ids */
#define WIRE_NAME_BYTES_MAX 512 /* event names and channels */
#define WIRE_LIVE_AHEAD_MS WHEN_DAY_MS

enum wire_type { WIRE_TRACK, WIRE_PAGE, WIRE_SCREEN, WIRE_IDENTIFY, WIRE_GROUP, WIRE_ALIAS, WIRE_TYPES };
extern const char *const wire_type_names[WIRE_TYPES]; /* "track", ... */

struct wire_event {
	enum wire_type type;
	struct str customer;  /* userId, or the customer of a file; "" when absent */
	struct str anonymous; /* anonymousId; "" when absent. One of the two is present */
	struct str previous;  /* alias: previousId; else "" */
	struct str name;      /* event name, or page / screen name; for identify, group, alias the type's name */
	struct str channel;   /* "" unknown */
	struct str id;        /* the sender's message id; "" when it sent none */
	int64_t at_ms;        /* when it happened, corrected for the sender's clock */
	struct str body;      /* canonical JSON object of "properties", "traits", "context" (those present) */
	uint64_t content;     /* hash of what the sender said, without what a retry may change */
	int64_t line;         /* 1-based line or row of a file, index in a batch; 0 unknown */
};

/* One thing that was not taken, and why. `raw` is what came, cut to 4 KiB. */
struct wire_refusal {
	int64_t line;   /* as above */
	struct err err; /* field (column or JSON pointer), text, hint */
	struct str raw;
	bool set_aside;     /* true: well-formed, kept for replay (a time in 1850); false: refused */
	const char *reason; /* set_aside: stable id such as "time.range", "customer.placeholder" */
};

/* What a mapping declares besides events. */
struct wire_declare {
	enum { WIRE_DECLARE_NAME, WIRE_DECLARE_DIMENSION, WIRE_DECLARE_STEP } what;
	struct str event; /* NAME, STEP: the event name spoken of */
	struct str lang;  /* NAME: "en", "ar", "fa", ... */
	struct str text;  /* NAME: the touchpoint's name in that language; DIMENSION: the property */
	int order;        /* STEP: place of the event in the journey as the mapping lists it, from 0 */
	struct str stage; /* STEP: the stage's key, or "" */
};

/*
 * Where parsed things go. Strings are borrowed until the call returns. A
 * callback that fails stops the parse with its error.
 */
struct wire_sink {
	void *ctx;
	enum err_code (*event)(void *ctx, const struct wire_event *e, struct err *err);
	enum err_code (*refuse)(void *ctx, const struct wire_refusal *r, struct err *err);
	enum err_code (*declare)(void *ctx, const struct wire_declare *d, struct err *err);
	/* Often, from long files: bytes read so far of the input. Nonzero asks to stop (cancelled). May be NULL. */
	int (*progress)(void *ctx, int64_t bytes_done, int64_t rows_done);
};

/* --- live protocols (docs/protocols.md) ---------------------------------------------- */

/*
 * The clock of one sender, wrong by about skew_ms (what it showed when it
 * sent, minus when that came), as one offset for all that it says: two
 * measurements of one clock differ by how long the way took, and taking each
 * as it is would put events in another order than the sender's.
 */
struct wire_clock {
	void *ctx;
	int64_t (*offset_ms)(void *ctx, struct str sender, int64_t skew_ms);
};

/* One request as readers see it: unpacked, its parameters decoded, without transport. */
struct wire_live {
	struct str body; /* "" when there is none */
	const struct str_pair *query, *headers;
	size_t n_query, n_headers; /* header names in lower case */
	int what;                  /* Segment: enum wire_endpoint; else 0 */
	int64_t received_ms;
	const struct wire_clock *clock; /* NULL: each request's own measurement */
	struct str mapping;             /* WIRE_HOOK_CUSTOM: which member means what (docs/protocols.md) */
};

/*
 * Reads one request. Events of a batch that are wrong are refused one by
 * one; the rest goes on. ERR_INPUT or ERR_LIMIT only when the request as a
 * whole cannot be read.
 */
typedef enum err_code (*wire_reader)(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                     struct err *err);
/* The key inside a request, where that protocol puts it; false when there is none. */
typedef bool (*wire_key_reader)(const struct wire_live *in, struct arena *a, struct str *out);

enum wire_endpoint {
	WIRE_EP_IDENTIFY,
	WIRE_EP_TRACK,
	WIRE_EP_PAGE,
	WIRE_EP_SCREEN,
	WIRE_EP_GROUP,
	WIRE_EP_ALIAS,
	WIRE_EP_BATCH,
	WIRE_EP_IMPORT
};

/*
 * Segment's HTTP tracking API, RudderStack's too. Time: at = received -
 * (sentAt - timestamp), except for WIRE_EP_IMPORT.
 */
NODISCARD enum err_code wire_segment(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                     struct err *err);
NODISCARD bool wire_segment_key(const struct wire_live *in, struct arena *a, struct str *out); /* writeKey */
/* RudderStack's picture: one message in parameters; dots in a name mean an object ("properties.plan"). */
NODISCARD enum err_code wire_pixel(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                   struct err *err);

/* PostHog's capture API: {"batch":[...]}, a list, or one event. */
NODISCARD enum err_code wire_posthog(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                     struct err *err);
NODISCARD bool wire_posthog_key(const struct wire_live *in, struct arena *a, struct str *out); /* api_key, token */

/* Matomo's tracking API: parameters in the address, in a form, or many in {"requests":["?...", ...]}. */
NODISCARD enum err_code wire_matomo(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                    struct err *err);
NODISCARD bool wire_matomo_key(const struct wire_live *in, struct arena *a, struct str *out); /* token_auth, idsite */

/* CloudEvents 1.0: attributes in headers, in the body, or a list of such bodies. */
NODISCARD enum err_code wire_cloudevents(const struct wire_live *in, struct arena *scratch,
                                         const struct wire_sink *sink, struct err *err);

/*
 * Webhooks: one event of somebody else's system in a request, by that
 * system's own names (docs/protocols.md). `what` of the request is an enum
 * wire_hook. What is no customer's experience (a ping, a private note) is no event.
 */
enum wire_hook {
	WIRE_HOOK_STANDARD,
	WIRE_HOOK_ZENDESK,
	WIRE_HOOK_CHATWOOT,
	WIRE_HOOK_INTERCOM,
	WIRE_HOOK_CUSTOM, /* any system's, by the mapping of the source */
	WIRE_HOOKS
};
extern const char *const wire_hook_names[WIRE_HOOKS]; /* "standard", "zendesk", ... as in the address */
NODISCARD enum err_code wire_webhook(const struct wire_live *in, struct arena *scratch, const struct wire_sink *sink,
                                     struct err *err);

/*
 * The mapping of a webhook: the language of tables (docs/mapping.md) with
 * paths into the body where a table has columns.
 */
#define WIRE_HOOK_MAPPING_BYTES_MAX ((size_t)16 * 1024)
#define WIRE_HOOK_ITEMS_MAX ((size_t)10000)
struct wire_mapping;
NODISCARD enum err_code wire_hook_mapping_read(struct str toml, struct arena *a, struct wire_mapping **out,
                                               struct err *err);
/* How its sender signs: HMAC of the body, or of time, joint and body. */
struct wire_hook_sign {
	struct str header, time; /* names of headers in lower case; time "": only the body is signed */
	struct str prefix;       /* of the signature in the header */
	struct str joint;
	bool sha1, base64; /* else SHA-256, hexadecimal */
};
const struct wire_hook_sign *wire_mapping_sign(const struct wire_mapping *m);

/* What a body holds, for pointing: each single value with its path, and what it probably means. */
#define WIRE_HOOK_PATHS_MAX ((size_t)300)
struct wire_hook_path {
	struct str path, value; /* the value cut to 80 bytes */
	const char *kind;       /* "text", "number", "bool", "null" */
	const char *role;       /* a key of the mapping ("customer", "time", "name_column", "score" ...) or "" */
};
struct wire_hook_sample {
	struct wire_hook_path *paths;
	size_t n;
	bool more;               /* there are others behind WIRE_HOOK_PATHS_MAX */
	struct str each;         /* the list whose elements the paths are of; "" the body itself */
	struct str mapping_toml; /* what was guessed, ready to use; "" without a customer or a name */
};
NODISCARD enum err_code wire_hook_look(struct str sample, struct arena *a, struct wire_hook_sample *out,
                                       struct err *err);

/* --- files ------------------------------------------------------------------------- */

/*
 * A pull of bytes: returns how many were put into `into` (at most `cap`), 0
 * at the end, -1 on a read error. The reader may be a pipe; only XLSX needs
 * a whole file (wire_open gives it).
 */
struct wire_input {
	void *ctx;
	int64_t (*read)(void *ctx, void *into, size_t cap);
	struct str name;    /* for messages and for the mapping: "orders.csv" */
	int64_t size_bytes; /* -1 unknown */
	const char *path;   /* set when the bytes are a regular file, else NULL; may be "/dev/fd/N" */
};

enum wire_format {
	WIRE_AUTO,
	WIRE_CSV,
	WIRE_XLSX,
	WIRE_NDJSON,
	WIRE_XES,
	WIRE_SEGMENT,
	WIRE_OCEL,
	WIRE_ACCESS,
	WIRE_FORMATS
};
extern const char *const wire_format_names[WIRE_FORMATS];

/* One line of the canonical form per event: NDJSON (docs/events.md) or Segment messages, told apart by their members.
 */
NODISCARD enum err_code wire_ndjson(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink,
                                    struct err *err);

/* XES 1849-2016 and -2023, plain or gzip; streaming. A trace is a customer. DOCTYPE is refused. */
NODISCARD enum err_code wire_xes(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink,
                                 struct err *err);

/* OCEL 2.0 as JSON: which objects are customers and journeys is chosen by the rule of ocel.c (docs/mapping.md). */
NODISCARD enum err_code wire_ocel(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink,
                                  struct err *err);

/* Access logs, common, combined and W3C extended, as page views in visits, by the rule of access.c. */
NODISCARD enum err_code wire_access(const struct wire_input *in, int64_t now_ms, const struct wire_sink *sink,
                                    struct err *err);

/*
 * Tables: CSV and XLSX under one mapping (docs/mapping.md). `in` are all
 * files given; the mapping says by name or header which is the main table
 * and which are joined by a key.
 */
NODISCARD enum err_code wire_mapping_read(struct str toml, struct arena *a, struct wire_mapping **out, struct err *err);
NODISCARD enum err_code wire_table(const struct wire_mapping *m, const struct wire_input *in, size_t n_in,
                                   enum wire_format format, int64_t now_ms, const struct wire_sink *sink,
                                   struct err *err);

/* What a stranger's table looks like: for the preview and the guessed mapping. Reads at most the first 5,000 rows. */
struct wire_guess_column {
	struct str name;
	const char *role;  /* "customer", "time", "event", "score", "comment", "expected_at", "value", "channel", "key",
	                      "dimension" or "" */
	const char *type;  /* "text", "number", "time", "date" */
	struct str reason; /* one English sentence: why this role */
	/* The same for a page in another language: which sentence, and what stands in it. */
	struct {
		const char *id;   /* of wire_why_names, "" without a reason */
		struct str word;  /* of the header, or the role that another column has */
		double low, high; /* of its values */
		int64_t from, to; /* the scale */
		int64_t n;        /* different values */
	} why;
	int64_t n_distinct, n_empty;
	struct str samples[3];
};
#define WIRE_PREVIEW_ROWS ((size_t)6)
#define WIRE_PREVIEW_BYTES ((size_t)60) /* of a cell */
extern const char *const wire_guess_roles[], *const wire_guess_types[],
                                                     *const wire_why_names[]; /* each ends with NULL */
struct wire_guess {
	size_t n_columns, n_rows; /* rows looked at */
	struct str *preview;      /* [n_preview * n_columns] the first rows, cells cut to WIRE_PREVIEW_BYTES */
	size_t n_preview;
	struct wire_guess_column *columns;
	struct str mapping_toml; /* ready to use, with a comment on each choice; "" when no time column was found */
};
NODISCARD enum err_code wire_guess_table(const struct wire_input *in, size_t n_in, enum wire_format format,
                                         struct arena *a, struct wire_guess *out, struct err *err);

/* Whether every column that the mapping names is among these: it was made for such a table. False with joins. */
bool wire_mapping_fits(const struct wire_mapping *m, const struct str *columns, size_t n);

/* The IANA zone of times without an offset wherever the mapping says none; without this call, or with "", UTC.
 * Before wire_table; the text must live as long as the mapping. */
void wire_mapping_zone(struct wire_mapping *m, struct str zone);

/* `source = "..."` of a mapping: what the person calls this import; "" when it says nothing. */
struct str wire_mapping_source(const struct wire_mapping *m);

/*
 * A number as a person writes it: digits of three scripts, direction marks,
 * groups, decimal point or ٫. The text is valid UTF-8; false when it is none,
 * or when memory is short.
 */
NODISCARD bool wire_number(struct arena *a, struct str text, double *out);

/* Whether a code is a currency of ISO 4217, and its decimals (may be NULL): EUR 2, JPY 0, KWD 3. */
NODISCARD bool wire_currency(struct str code, int *minor_digits);

/* The format of a file by its first bytes and its name; WIRE_AUTO when neither says. */
enum wire_format wire_detect(struct str head, struct str name);

/* What a file is that nothing can be read from, by its first bytes: "a picture (JPEG)"; NULL when it is none of those.
 */
const char *wire_other_kind(struct str head);

/* The same id in static storage when the reading of files says it (err.id); else NULL. */
const char *wire_known_id(struct str id);

/* --- parser process: events over a pipe (DESIGN 7.7) --------------------------------- */

/* Writes events, refusals, declarations and progress as frames; the sink's ctx is the encoder. */
struct wire_pipe {
	struct buf frame;
	int (*write)(void *ctx, const void *bytes, size_t len); /* 0 on success */
	void *ctx;
};
void wire_pipe_sink(struct wire_pipe *p, struct wire_sink *out);
/* Ends the stream with the parser's own verdict. */
NODISCARD enum err_code wire_pipe_end(struct wire_pipe *p, enum err_code rc, const struct err *verdict,
                                      struct err *err);

/*
 * Reads frames until the end frame and replays them into `sink`. A stream
 * that ends early or holds a malformed frame is ERR_CORRUPT (the parser
 * died); the parser's own verdict is returned otherwise.
 */
NODISCARD enum err_code wire_pipe_replay(const struct wire_input *in, const struct wire_sink *sink, struct err *err);

/* --- rows as they are ---------------------------------------------------------------- */

/*
 * Every row of a CSV or XLSX file as cells of text, the first one (which may
 * be a header) included. For tables that are no events, such as a map that a
 * team wrote down. Cells are borrowed until the call returns.
 */
struct wire_rows {
	void *ctx;
	enum err_code (*row)(void *ctx, const struct str *cells, size_t n, int64_t line, struct err *err);
	enum err_code (*bad)(void *ctx, int64_t line, const struct err *why,
	                     struct err *err); /* a row that cannot be read */
};
NODISCARD enum err_code wire_rows(const struct wire_input *in, enum wire_format format, const struct wire_rows *rows,
                                  struct err *err);

#endif
