/*
 * Messages that leave: mail, SMS and WhatsApp, webhooks. A durable queue in safar.db, and threads that send from it.
 * Knows nothing of surveys or follow-ups: a message is an address and words.
 *
 * A message is *queued* in the caller's own transaction, so it exists exactly if what caused it does. A sender takes
 * it (*sending*), hands it over, and notes *sent*, or tries again later, or gives it up (*failed*, *bounced*). What a
 * receipt says moves it on (*delivered*). After kill -9 a message that was being sent is sent again: at worst twice,
 * with the same Message-ID, idempotency key or webhook-id, by which the receiver can tell.
 *
 * Secrets of channels (passwords, keys) are written and never read back: what comes out says that there is one.
 */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/words.h"
#include "store/store.h"

#define OUTBOX_CHANNELS_MAX 64
#define OUTBOX_KEY_BYTES_MAX 40 /* of a channel: a-z 0-9 - */
#define OUTBOX_ADDRESS_BYTES_MAX 254
#define OUTBOX_SUBJECT_BYTES_MAX 500
#define OUTBOX_TEXT_BYTES_MAX (64 * 1024)
#define OUTBOX_HTML_BYTES_MAX (1024 * 1024)
#define OUTBOX_FILE_BYTES_MAX (8 * 1024 * 1024)
#define OUTBOX_FILES_MAX 4
#define OUTBOX_TRIES_MAX 8
#define OUTBOX_KEPT_DAYS 30 /* words of a message that came to its end are forgotten after it; the row stays */
#define OUTBOX_SENDERS 4

enum outbox_kind { OUTBOX_SMTP, OUTBOX_GATEWAY, OUTBOX_WEBHOOK, OUTBOX_FOLDER, OUTBOX_KINDS };
extern const char *const outbox_kind_names[OUTBOX_KINDS]; /* "smtp", "gateway", "webhook", "folder" */
enum outbox_medium { OUTBOX_EMAIL, OUTBOX_SMS, OUTBOX_WHATSAPP, OUTBOX_HOOK, OUTBOX_MEDIA };
extern const char *const outbox_medium_names[OUTBOX_MEDIA]; /* "email", "sms", "whatsapp", "webhook" */
NODISCARD bool outbox_medium_of(struct str name, enum outbox_medium *out);

enum outbox_state {
	OUTBOX_QUEUED,
	OUTBOX_SENDING,
	OUTBOX_SENT,
	OUTBOX_DELIVERED,
	OUTBOX_FAILED,  /* given up, or refused for good: not the address's fault */
	OUTBOX_BOUNCED, /* the address does not take mail or messages */
	OUTBOX_DROPPED, /* taken back before it was sent */
	OUTBOX_STATES
};
extern const char *const outbox_state_names[OUTBOX_STATES];

struct outbox;

/*
 * Something happened to a message, or came back from an address. Called on the writer thread inside the transaction
 * that notes it, so that what follows (consent, a funnel) is there exactly if this is.
 */
enum outbox_event { OUTBOX_MOVED, OUTBOX_STOP, OUTBOX_COMPLAINT };
struct outbox_news {
	enum outbox_event event;
	enum outbox_medium medium;
	int64_t at_ms; /* when it happened; of a reply or complaint as the gateway says, else when it was heard */
	struct str address;
	/* Of MOVED, and of the others when the message is known: */
	int64_t message; /* 0 unknown */
	enum outbox_state state;
	struct str purpose, ref, reason;
};
typedef enum err_code (*outbox_listen_fn)(void *ctx, struct store_write *w, const struct outbox_news *n,
                                          struct err *err);

/*
 * Whether a message may leave now: asked on the writer thread just before it is handed over, on every try, as much may
 * have happened since it was put in. What a gate does stands in the same transaction as what comes of it.
 */
struct outbox_leave {
	bool drop;             /* it never may: OUTBOX_DROPPED with the reason */
	struct str reason;     /* static */
	int64_t not_before_ms; /* later than now: it waits until then, and that is no try */
};
struct outbox_row;
typedef enum err_code (*outbox_gate_fn)(void *ctx, struct store_write *w, const struct outbox_row *m, int64_t now_ms,
                                        struct outbox_leave *out, struct err *err);

struct outbox_options {
	int64_t (*now_ms)(void *ctx); /* the one clock */
	void *now_ctx;
};
NODISCARD enum err_code outbox_open(struct store *st, const struct outbox_options *opt, struct outbox **out,
                                    struct err *err);
/* Before outbox_start; at most two. */
void outbox_listen(struct outbox *o, outbox_listen_fn fn, void *ctx);
/* The one gate; before outbox_start. Without it everything may leave. */
void outbox_gate(struct outbox *o, outbox_gate_fn fn, void *ctx);
/* Starts the senders; what was being sent when the last process ended is queued again. */
NODISCARD enum err_code outbox_start(struct outbox *o, struct err *err);
/* Lets what is being handed over end within 5 s; what is broken off then is tried again later. Accepts NULL. */
void outbox_close(struct outbox *o);

/* The address of this server as people outside see it, "https://cx.example.com", without a slash behind; "" until an
 * administrator says it. Links in messages begin with it. */
NODISCARD enum err_code outbox_public_url(struct outbox *o, struct arena *a, struct str *out, struct err *err);
NODISCARD enum err_code outbox_public_url_set(struct outbox *o, struct str url, struct err *err);

/* --- putting messages in ---------------------------------------------------------------------- */

struct outbox_file {
	struct str name, type, bytes; /* "report.pdf", "application/pdf" */
};
struct outbox_message {
	struct str channel;     /* key of a channel, or a medium: then the first enabled channel of it */
	struct str address;     /* of mail, or E.164 */
	struct str name;        /* whom mail is to; "" none */
	struct str subject;     /* mail; webhooks: the type of what is told */
	struct str text;        /* webhooks: the JSON */
	struct str html;        /* mail: what stands in the page (outbox_page is put around it); "" is made of text */
	struct str lang;        /* "en", "ar", "fa": direction and Content-Language */
	struct str purpose;     /* "invitation", "follow-up", "report", "test" ... */
	struct str ref;         /* the sender's own name for it, given back in outbox_news */
	struct str customer;    /* external id, for erasure; "" none */
	struct str key;         /* the same key is queued once; "" always */
	struct str unsubscribe; /* https URL for List-Unsubscribe, "" none */
	int64_t not_before_ms;  /* 0: at once */
	const struct outbox_file *files;
	size_t n_files;
};
/*
 * Queues it; *id is its number, that of the earlier one with the same key. Errors: ERR_INPUT "outbox.address",
 * "outbox.header" (control characters in what becomes a header), "outbox.text", ERR_NOT_FOUND "outbox.channel",
 * "outbox.customer" for somebody who was erased and has not come again.
 */
NODISCARD enum err_code outbox_put(struct outbox *o, const struct outbox_message *m, int64_t *id, struct err *err);
/* The same within the caller's transaction; call outbox_wake after it. */
NODISCARD enum err_code outbox_put_in(struct outbox *o, struct store_write *w, const struct outbox_message *m,
                                      int64_t *id, struct err *err);
/* Tells every enabled webhook channel that wants `type` ("feedback.created"). `data` is one JSON value about
 * `customer`, "" nobody: what still waits goes with them. */
NODISCARD enum err_code outbox_publish_in(struct outbox *o, struct store_write *w, struct str type, struct str data,
                                          struct str customer, struct err *err);
void outbox_wake(struct outbox *o);
/* Files of folder channels whose messages have no words any more go (erased, or older than words are kept); `n` says
 * how many. What is being written is waited for. */
NODISCARD enum err_code outbox_sweep(struct outbox *o, int64_t *n, struct err *err);
/* Takes back what waits for an address in a medium (somebody unsubscribed). */
NODISCARD enum err_code outbox_drop_in(struct outbox *o, struct store_write *w, enum outbox_medium medium,
                                       struct str address, struct str reason, struct err *err);

/* Takes back one message by the key that it was put in with; *taken: it was still waiting. */
NODISCARD enum err_code outbox_take_back_in(struct outbox *o, struct store_write *w, struct str key, struct str reason,
                                            bool *taken, struct err *err);

/* "a@b.example": ASCII, one @, a dot atom, labels of letters, digits and hyphens; 6 to 254 bytes. */
NODISCARD bool outbox_mail_address(struct str s);
/* A page for mail: a table layout that old readers show, in the direction of the language. `inner` and `footer` are
 * HTML; `title` is text. */
void outbox_page(struct buf *out, enum lang lang, struct str title, struct str inner, struct str footer);
/* A text on one line, as headers want it: what breaks lines is a space, overrides of direction are left out; cut to
 * OUTBOX_SUBJECT_BYTES_MAX. In the arena; ptr NULL when it is full. */
struct str outbox_line(struct arena *a, struct str text);
/* Text for HTML, with & < > " ' escaped; control characters and overrides of direction are left out. */
void outbox_escape(struct buf *out, struct str text);

/* --- SMS -------------------------------------------------------------------------------------- */

struct outbox_sms {
	bool unicode;    /* UCS-2; else GSM 03.38 */
	size_t units;    /* septets, or UTF-16 units */
	size_t parts;    /* 1, or by 153 / 67 */
	size_t per_part; /* 160, 153, 70 or 67 */
	size_t left;     /* units left in the last part */
};
/* Exact: an escaped GSM character or a surrogate pair never stands across two parts. Empty text: 0 parts. */
struct outbox_sms outbox_sms_count(struct str text);
/*
 * The words of an SMS with its link: `text` where the first {{link}} is, or behind a space when there is none. A link
 * that would stand across two parts goes in front of the words, where it is whole. ptr NULL when memory is short.
 */
NODISCARD struct str outbox_sms_with_link(struct str text, struct str link, struct arena *a);

/* --- looking ---------------------------------------------------------------------------------- */

struct outbox_row {
	int64_t id, created_ms, changed_ms, next_ms;
	struct str channel, address, subject, purpose, ref, reason, provider;
	enum outbox_medium medium;
	enum outbox_state state;
	int tries;
};
/* Newest first; `before` 0: from the newest. `state` OUTBOX_STATES: any; channel "": any. */
NODISCARD enum err_code outbox_list(struct outbox *o, struct str channel, enum outbox_state state, int64_t before,
                                    size_t limit, struct arena *a, struct outbox_row **out, size_t *n, struct err *err);
NODISCARD enum err_code outbox_get(struct outbox *o, int64_t id, struct arena *a, struct outbox_row *out,
                                   struct err *err);
/* How many of each channel are in each state. */
struct outbox_sum {
	struct str channel;
	enum outbox_state state;
	int64_t n;
};
NODISCARD enum err_code outbox_sums(struct outbox *o, struct arena *a, struct outbox_sum **out, size_t *n,
                                    struct err *err);
/* A failed message once more, from its first try. ERR_CONFLICT unless it failed or bounced. */
NODISCARD enum err_code outbox_again(struct outbox *o, int64_t id, struct err *err);
extern const struct store_personal
        outbox_personal[]; /* what is held of a person; messages stay without words and address */

/* --- channels --------------------------------------------------------------------------------- */

struct outbox_channel {
	struct str key;
	enum outbox_kind kind;
	enum outbox_medium medium;
	struct str settings; /* JSON object, docs/channels.md; never a secret */
	bool enabled, has_secret;
	struct str receipts; /* path of its receipts: "/v1/receipts/KEY/SECRET"; "" for kinds without */
	struct str trouble;  /* why the newest message could not be handed over, "" when it could */
	int64_t trouble_ms;
};
/* By key. */
NODISCARD enum err_code outbox_channels(struct outbox *o, struct arena *a, struct outbox_channel **out, size_t *n,
                                        struct err *err);
/*
 * Makes or changes a channel. `body` is {"kind","medium","enabled","secret","settings":{…}}; "secret" absent keeps the
 * one that is there, null takes it away. Changing the host without giving the secret again is ERR_INPUT
 * "outbox.secret": a secret belongs to a host.
 */
NODISCARD enum err_code outbox_channel_put(struct outbox *o, struct str key, struct str body, struct err *err);
/* What waits in it is dropped. */
NODISCARD enum err_code outbox_channel_delete(struct outbox *o, struct str key, struct err *err);
/* The enabled channel of a medium; ERR_NOT_FOUND "outbox.channel". */
NODISCARD enum err_code outbox_channel_of(struct outbox *o, enum outbox_medium medium, struct arena *a, struct str *key,
                                          struct err *err);

/*
 * What a gateway sends back: body as JSON or as a form. How many messages or replies were understood is in *seen.
 * ERR_DENIED "outbox.receipt" for an unknown channel or a wrong secret, the same for both.
 */
NODISCARD enum err_code outbox_receipt(struct outbox *o, struct str channel, struct str secret, struct str body,
                                       size_t *seen, struct err *err);

#endif
