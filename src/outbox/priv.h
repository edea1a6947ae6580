/* What the files of outbox/ share. Others include outbox.h. */
#ifndef OUTBOX_PRIV_H
#define OUTBOX_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/when.h"
#include "outbox/outbox.h"

#define LISTENERS_MAX 2
#define REASON_BYTES_MAX 240
#define ARENA_BYTES (64 * MIB)
#define MAIL_BYTES_MAX ((size_t)OUTBOX_FILE_BYTES_MAX * 2 + 4 * MIB)

struct outbox {
	struct store *st;
	struct outbox_options opt;
	struct {
		outbox_listen_fn fn;
		void *ctx;
	} listeners[LISTENERS_MAX];
	size_t n_listeners;
	outbox_gate_fn gate; /* NULL: none */
	void *gate_ctx;

	pthread_mutex_t folder; /* files of folder channels: from the look whether one is wanted to the note of it */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;         /* lock */
	uint64_t calls;    /* lock; counts outbox_wake, so that none is missed */
	atomic_bool hurry; /* closing: transfers under way end soon */
	pthread_t senders[OUTBOX_SENDERS];
	size_t n_senders;
	int64_t forgot_ms; /* lock; when old words were last forgotten */
};

static inline int64_t outbox_now(const struct outbox *o)
{
	return o->opt.now_ms(o->opt.now_ctx);
}

/* A message as a sender has it. */
struct letter {
	struct outbox_row row;
	struct str name, text, html, lang, unsubscribe;
	struct outbox_file *files;
	size_t n_files;
	char public_id[48]; /* the same on every try: Message-ID, idempotency key, webhook-id */
};

/* outbox.c: what receipts and senders have in common. */
void letter_id(const struct store *st, int64_t id, char out[48]);
/* The number in a public id of this server; 0 for another's. */
int64_t letter_number(const struct store *st, struct str public_id);
NODISCARD enum err_code letter_read(struct stmt *s, struct arena *a, struct letter *out, bool *row, struct err *err);
/* Moves a message and tells the listeners. `next_ms` matters for QUEUED alone. */
struct move {
	enum outbox_state state;
	int64_t next_ms;
	struct str reason, provider;
};
NODISCARD enum err_code outbox_move(struct outbox *o, struct store_write *w, const struct outbox_row *row,
                                    const struct move *m, struct err *err);
NODISCARD enum err_code outbox_tell(struct outbox *o, struct store_write *w, const struct outbox_news *n,
                                    struct err *err);
/* The first `max` bytes of a reason that came from outside: printable, whole code points. */
struct str outbox_clean(struct arena *a, struct str text, size_t max);

/* --- channel.c -------------------------------------------------------------------------------- */

enum tls { TLS_REQUIRED, TLS_IMPLICIT, TLS_NONE };
enum body_kind { BODY_AS_JSON, BODY_AS_FORM, BODY_AS_TEXT };

struct header {
	struct str name, value;
};
#define HEADERS_MAX 16
#define WORDS_MAX 16

/* How receipts of a channel are read. Paths are JSON pointers, or names of form fields. */
struct receipt_map {
	struct str list, id, status, reason, from, text, time;
	struct str delivered[WORDS_MAX], failed[WORDS_MAX], bounced[WORDS_MAX], complaint[WORDS_MAX], stop[WORDS_MAX];
};

struct settings {
	/* smtp */
	struct str host, user, from, from_name, reply_to, ca;
	int port;
	enum tls tls;
	/* gateway, webhook */
	struct str url, method, body, sender, id_path;
	enum body_kind body_kind;
	bool plain; /* http:// is meant */
	struct header headers[HEADERS_MAX];
	size_t n_headers;
	struct receipt_map receipts;
	struct str types[WORDS_MAX]; /* webhooks: what they want to hear; none: everything */
	size_t n_types;
	double per_minute; /* 0: no limit */
};
struct channel_row {
	struct outbox_channel c;
	struct str secret, receipt;
	int64_t next_ms;
};

/* Reads and checks; every member that is not known is refused by name. */
NODISCARD enum err_code settings_read(enum outbox_kind kind, struct str json, struct arena *a, struct settings *out,
                                      struct err *err);
NODISCARD enum err_code channel_rows(struct stmt *s, struct arena *a, struct channel_row **out, size_t *n,
                                     struct err *err);
NODISCARD enum err_code channel_get(struct outbox *o, struct str key, struct arena *a, struct channel_row *out,
                                    struct err *err);
/* Random, URL-safe, n characters. */
NODISCARD enum err_code random_text(struct arena *a, size_t n, struct str *out, struct err *err);

/* --- template.c ------------------------------------------------------------------------------- */

enum escape { ESCAPE_NONE, ESCAPE_JSON, ESCAPE_URL, ESCAPE_FORM };
struct slot {
	const char *name; /* "to" */
	struct str value;
};
/* ERR_INPUT "outbox.template" for {{a name that is no slot}} or braces that do not close. */
NODISCARD enum err_code template_check(struct str text, const char *field, struct err *err);
bool template_names(struct str text, const char *slot); /* whether {{slot}} stands in it */
void template_fill(struct str text, enum escape e, const struct slot *slots, size_t n, struct buf *out);

/* --- mime.c, sign.c --------------------------------------------------------------------------- */

/* The whole mail, CRLF lines, none over 998 bytes. */
NODISCARD enum err_code mime_write(const struct letter *l, const struct settings *s, int64_t now_ms, struct buf *out,
                                   struct err *err);
void mime_word(struct buf *out, struct str text, size_t column);  /* RFC 2047 where needed, folded */
void mime_base64(struct buf *out, struct str bytes, size_t line); /* line 0: in one */
void mime_quoted(struct buf *out, struct str text);

/* "v1,BASE64" of Standard Webhooks. False when the secret is not "whsec_" and 24 to 64 bytes of base64. */
NODISCARD bool webhook_sign(struct str secret, struct str id, int64_t at_s, struct str body, char out[64]);

/* --- send.c ----------------------------------------------------------------------------------- */

enum sent { SENT_OK, SENT_LATER, SENT_NEVER, SENT_BOUNCED };
struct outcome {
	enum sent kind;
	struct str reason, provider; /* in the arena */
	int64_t retry_after_ms;      /* 0 the receiver did not say */
	bool trouble;                /* of the channel, not of this message: worth showing beside it */
};

/* folder.c */
void folder_send(struct outbox *o, const struct channel_row *ch, const struct settings *s, const struct letter *l,
                 struct outcome *out);
bool folder_wanted(struct outbox *o, int64_t id);

struct carrier; /* one thread's connections */
struct carrier *carrier_new(void);
void carrier_free(struct carrier *c);
void carrier_send(struct carrier *c, struct outbox *o, const struct channel_row *ch, const struct settings *s,
                  const struct letter *l, struct arena *a, struct outcome *out);

/* receipt.c: the text or number at a JSON pointer, a member's name or a form field's name. */
NODISCARD bool receipt_value(struct str body, struct str path, struct arena *a, struct str *out);
/* A reply as one folded word, by which words of leaving are known; "" when it is none. */
struct str reply_word(struct str reply, struct arena *a);

/* --- sender.c --------------------------------------------------------------------------------- */

NODISCARD enum err_code senders_start(struct outbox *o, struct err *err);
void senders_stop(struct outbox *o);
/* How long to wait before try n + 1. */
int64_t sender_backoff_ms(int tries, int64_t id);

#endif
