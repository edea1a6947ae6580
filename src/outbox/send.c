/*
 * Handing a message over, by libcurl. Redirects are never followed, no environment's proxy is used, answers are read
 * up to 64 KiB, and a transfer ends after 30 s. Where a message goes is what an administrator wrote: hosts hold no
 * placeholders (channel.c).
 */
#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "outbox/priv.h"

#define ANSWER_BYTES_MAX (64 * KIB)
#define TRANSFER_S 30L
#define CONNECT_S 10L

/*
 * Connections are kept from one message to the next, but only for the very same settings: one that was made without
 * encryption, or with another password, must not carry what is sent after the channel was changed.
 */
#define KEPT 4
struct carrier {
	struct {
		uint64_t settings;
		CURL *curl;
		curl_socket_t socket; /* CURL_SOCKET_BAD: none is open */
	} kept[KEPT];
	size_t next; /* to be given up */
	size_t i;    /* of the message at hand */
	CURL *curl;
};

static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
	curl_socket_t *kept = ctx;
	return *kept = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static int on_close(void *ctx, curl_socket_t s)
{
	curl_socket_t *kept = ctx;
	if (*kept == s) *kept = CURL_SOCKET_BAD;
	return close(s);
}

/* curl says goodbye before it closes, and would wait two minutes for an answer: nobody listens any more. */
static void hang_up(struct carrier *c, size_t i)
{
	if (!c->kept[i].curl) return;
	if (c->kept[i].socket != CURL_SOCKET_BAD) shutdown(c->kept[i].socket, SHUT_RDWR);
	curl_easy_cleanup(c->kept[i].curl);
}

struct carrier *carrier_new(void)
{
	return calloc(1, sizeof(struct carrier));
}

void carrier_free(struct carrier *c)
{
	if (!c) return;
	for (size_t i = 0; i < KEPT; i++) hang_up(c, i);
	free(c);
}

static bool choose(struct carrier *c, const struct channel_row *ch)
{
	const uint64_t settings = hash64_mix(hash64_mix(hash64(ch->c.key), hash64(ch->c.settings)), hash64(ch->secret));
	for (size_t i = 0; i < KEPT; i++)
		if (c->kept[i].curl && c->kept[i].settings == settings) {
			c->i = i;
			c->curl = c->kept[i].curl;
			return true;
		}
	const size_t i = c->next++ % KEPT;
	hang_up(c, i);
	c->i = i;
	c->kept[i].socket = CURL_SOCKET_BAD;
	c->kept[i].curl = c->curl = curl_easy_init();
	c->kept[i].settings = settings;
	return c->curl != NULL;
}

/* --- what curl calls ------------------------------------------------------------------------------- */

struct upload {
	struct str left;
};

static size_t on_read(char *to, size_t size, size_t n, void *ctx)
{
	struct upload *u = ctx;
	size_t bytes = size * n < u->left.len ? size * n : u->left.len;
	memcpy(to, u->left.ptr, bytes);
	u->left = str_cut(u->left, bytes, u->left.len);
	return bytes;
}

static size_t on_write(char *from, size_t size, size_t n, void *ctx)
{
	struct buf *answer = ctx;
	const size_t room = answer->max - answer->len;
	buf_put(answer, from, size * n < room ? size * n : room); /* what is too much is read and left */
	return size * n;
}

/* The last refusal of an SMTP conversation says why; the goodbye behind it does not. */
static size_t on_smtp_line(char *from, size_t size, size_t n, void *ctx)
{
	struct buf *line = ctx;
	if (size * n == 0 || (from[0] != '4' && from[0] != '5')) return size * n;
	buf_clear(line);
	return on_write(from, size, n, line);
}

static int on_progress(void *ctx, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un)
{
	return atomic_load(&((struct outbox *)ctx)->hurry) ? 1 : 0;
}

/* setopt's third argument has no type: these two have. */
static void set_long(CURL *c, CURLoption o, long v)
{
	curl_easy_setopt(c, o, v);
}

static void set_text(CURL *c, CURLoption o, struct str v, struct arena *a)
{
	const char *z = v.len ? str_z(a, v) : NULL;
	if (z) curl_easy_setopt(c, o, z);
}

static void set_common(struct carrier *k, struct outbox *o, const struct settings *s, struct arena *a)
{
	CURL *c = k->curl;
	curl_easy_reset(c);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, &k->kept[k->i].socket);
	curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, &k->kept[k->i].socket);
	set_long(c, CURLOPT_NOSIGNAL, 1);
	set_long(c, CURLOPT_FOLLOWLOCATION, 0);
	set_long(c, CURLOPT_TIMEOUT, TRANSFER_S);
	set_long(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, o);
	set_long(c, CURLOPT_NOPROGRESS, 0);
	set_text(c, CURLOPT_CAINFO, s->ca, a);
}

static void fail(struct outcome *out, struct arena *a, enum sent kind, bool trouble, const char *what,
                 struct str detail)
{
	*out = (struct outcome){ .kind = kind, .trouble = trouble };
	const struct str clean = outbox_clean(a, detail, REASON_BYTES_MAX - 60);
	out->reason = str_format(a, "%s%s" STR_FMT, what, clean.len ? ": " : "", STR_ARG(clean));
	if (!out->reason.ptr) out->reason = STR("");
}

/* --- mail ---------------------------------------------------------------------------------------------- */

/* What an SMTP answer means: 4yz later; 550, 551, 553, 556 and 521 the mailbox; other 5yz this mail or this sender. */
static void smtp_outcome(CURLcode rc, long code, struct str line, struct arena *a, struct outcome *out)
{
	const bool mailbox = code == 550 || code == 551 || code == 553 || code == 556 || code == 521;
	if (rc == CURLE_OK) *out = (struct outcome){ .kind = SENT_OK };
	else if (rc == CURLE_LOGIN_DENIED) fail(out, a, SENT_LATER, true, "the mail server refused the sign-in", line);
	else if (rc == CURLE_USE_SSL_FAILED || rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CONNECT_ERROR)
		fail(out, a, SENT_LATER, true, "no trusted encryption with the mail server",
		     str_of(curl_easy_strerror(rc)));
	else if (code >= 500 && rc == CURLE_SEND_ERROR && mailbox)
		fail(out, a, SENT_BOUNCED, false, "mailbox refused", line);
	else if (code >= 500 && code < 600 && code != 530 && code != 535)
		fail(out, a, SENT_NEVER, false, "the mail server refused", line);
	else if (code >= 400 && code < 600) fail(out, a, SENT_LATER, code >= 500, "the mail server said later", line);
	else fail(out, a, SENT_LATER, true, "the mail server was not reached", str_of(curl_easy_strerror(rc)));
}

static void send_smtp(struct carrier *c, struct outbox *o, const struct channel_row *ch, const struct settings *s,
                      const struct letter *l, struct arena *a, struct outcome *out)
{
	struct buf mail, line;
	buf_init(&mail, MAIL_BYTES_MAX);
	buf_init(&line, 1024);
	if (mime_write(l, s, outbox_now(o), &mail, NULL) != OK) {
		fail(out, a, SENT_NEVER, false, "the mail is too large", STR(""));
		goto done;
	}
	struct upload up = { buf_view(&mail) };
	set_common(c, o, s, a);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	set_text(c->curl, CURLOPT_URL,
	         str_format(a, "%s://" STR_FMT ":%d", s->tls == TLS_IMPLICIT ? "smtps" : "smtp", STR_ARG(s->host),
	                    s->port),
	         a);
	set_long(c->curl, CURLOPT_USE_SSL, s->tls == TLS_NONE ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	set_text(c->curl, CURLOPT_USERNAME, s->user, a);
	if (s->user.len) set_text(c->curl, CURLOPT_PASSWORD, ch->secret, a);
	set_text(c->curl, CURLOPT_MAIL_FROM, str_format(a, "<" STR_FMT ">", STR_ARG(s->from)), a);
	struct curl_slist *to = curl_slist_append(NULL, str_format(a, "<" STR_FMT ">", STR_ARG(l->row.address)).ptr);
	curl_easy_setopt(c->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(c->curl, CURLOPT_READDATA, &up);
	set_long(c->curl, CURLOPT_UPLOAD, 1);
	curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_smtp_line);
	curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, &line);
	const CURLcode rc = curl_easy_perform(c->curl);
	long code = 0;
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
	smtp_outcome(rc, code, buf_view(&line), a, out);
	curl_easy_reset(c->curl); /* before the list that it names goes */
	curl_slist_free_all(to);
done:
	buf_done(&line);
	buf_done(&mail);
}

/* --- gateways and webhooks ------------------------------------------------------------------------------- */

struct post {
	struct str url, method, body;
	struct curl_slist *headers;
};

static void add_header(struct post *p, struct arena *a, struct str name, struct str value)
{
	const struct str line = str_format(a, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(value));
	/* A secret with a line end would begin another header. */
	if (!line.ptr || memchr(line.ptr, '\r', line.len) || memchr(line.ptr, '\n', line.len)) return;
	struct curl_slist *more = curl_slist_append(p->headers, line.ptr);
	if (more) p->headers = more;
}

/* 2xx is taken; 3xx is not followed and never right; 408, 425, 429 and 5xx may be right later; other 4xx never. */
static void http_outcome(CURL *c, CURLcode rc, struct str answer, struct arena *a, struct outcome *out)
{
	long code = 0;
	curl_off_t wait_s = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait_s);
	char what[40];
	snprintf(what, sizeof what, "the gateway answered %ld", code);
	if (rc != CURLE_OK)
		fail(out, a, SENT_LATER, true, "the gateway was not reached", str_of(curl_easy_strerror(rc)));
	else if (code >= 200 && code < 300) *out = (struct outcome){ .kind = SENT_OK };
	else if (code == 408 || code == 425 || code == 429 || code >= 500) fail(out, a, SENT_LATER, true, what, answer);
	else if (code == 401 || code == 403 || code == 407) fail(out, a, SENT_LATER, true, what, answer);
	else fail(out, a, SENT_NEVER, code < 400 || code == 404 || code == 410, what, answer);
	if (wait_s > 0) out->retry_after_ms = (wait_s < 86400 ? (int64_t)wait_s : 86400) * 1000;
}

static void perform(struct carrier *c, struct outbox *o, const struct settings *s, struct post *p, struct buf *answer,
                    struct arena *a, struct outcome *out)
{
	set_common(c, o, s, a);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, s->plain ? "http,https" : "https");
	set_text(c->curl, CURLOPT_URL, p->url, a);
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "Safar");
	if (str_eq(p->method, STR("GET"))) {
		set_long(c->curl, CURLOPT_HTTPGET, 1);
	} else {
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->body.len);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, p->body.ptr ? p->body.ptr : "");
		if (!str_eq(p->method, STR("POST"))) set_text(c->curl, CURLOPT_CUSTOMREQUEST, p->method, a);
	}
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, p->headers);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, answer);
	const CURLcode rc = curl_easy_perform(c->curl);
	http_outcome(c->curl, rc, buf_view(answer), a, out);
	curl_easy_reset(c->curl);
}

static struct str filled(struct str text, enum escape e, const struct slot *slots, size_t n, struct arena *a)
{
	struct buf b;
	buf_init(&b, 8 * OUTBOX_TEXT_BYTES_MAX);
	template_fill(text, e, slots, n, &b);
	const struct str out = b.full ? (struct str){ 0 } : str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

static void send_gateway(struct carrier *c, struct outbox *o, const struct channel_row *ch, const struct settings *s,
                         const struct letter *l, struct arena *a, struct outcome *out)
{
	static const enum escape escapes[] = {
		[BODY_AS_JSON] = ESCAPE_JSON, [BODY_AS_FORM] = ESCAPE_FORM, [BODY_AS_TEXT] = ESCAPE_NONE
	};
	static const char *const types[] = { [BODY_AS_JSON] = "application/json",
		                             [BODY_AS_FORM] = "application/x-www-form-urlencoded",
		                             [BODY_AS_TEXT] = "text/plain; charset=utf-8" };
	const struct slot slots[] = {
		{ "to", l->row.address },
		{ "to.digits", str_starts(l->row.address, STR("+")) ? str_cut(l->row.address, 1, l->row.address.len)
		                                                    : l->row.address },
		{ "text", l->text },
		{ "id", str_of(l->public_id) },
		{ "from", s->sender },
		{ "lang", l->lang },
		{ "secret", ch->secret },
	};
	struct buf answer;
	struct post p = { .method = s->method };
	buf_init(&answer, ANSWER_BYTES_MAX);
	p.url = filled(s->url, ESCAPE_URL, slots, COUNT_OF(slots), a);
	p.body = filled(s->body, escapes[s->body_kind], slots, COUNT_OF(slots), a);
	if (!p.url.ptr || !p.body.ptr) {
		fail(out, a, SENT_NEVER, false, "the message is too long for the gateway's template", STR(""));
		buf_done(&answer);
		return;
	}
	if (!str_eq(p.method, STR("GET"))) add_header(&p, a, STR("Content-Type"), str_of(types[s->body_kind]));
	add_header(&p, a, STR("Idempotency-Key"), str_of(l->public_id));
	for (size_t i = 0; i < s->n_headers; i++)
		add_header(&p, a, s->headers[i].name,
		           filled(s->headers[i].value, ESCAPE_NONE, slots, COUNT_OF(slots), a));
	perform(c, o, s, &p, &answer, a, out);
	if (out->kind == SENT_OK && s->id_path.len) {
		struct str id;
		if (receipt_value(buf_view(&answer), s->id_path, a, &id)) out->provider = outbox_clean(a, id, 200);
	}
	curl_slist_free_all(p.headers);
	buf_done(&answer);
}

static void send_webhook(struct carrier *c, struct outbox *o, const struct channel_row *ch, const struct settings *s,
                         const struct letter *l, struct arena *a, struct outcome *out)
{
	char at[24], signature[64];
	struct buf answer;
	struct post p = { .url = s->url, .method = STR("POST"), .body = l->text };
	const int64_t now_s = outbox_now(o) / 1000;
	buf_init(&answer, ANSWER_BYTES_MAX);
	snprintf(at, sizeof at, "%lld", (long long)now_s);
	add_header(&p, a, STR("Content-Type"), STR("application/json"));
	add_header(&p, a, STR("webhook-id"), str_of(l->public_id));
	add_header(&p, a, STR("webhook-timestamp"), str_of(at));
	if (ch->secret.len && webhook_sign(ch->secret, str_of(l->public_id), now_s, l->text, signature))
		add_header(&p, a, STR("webhook-signature"), str_of(signature));
	for (size_t i = 0; i < s->n_headers; i++) add_header(&p, a, s->headers[i].name, s->headers[i].value);
	perform(c, o, s, &p, &answer, a, out);
	curl_slist_free_all(p.headers);
	buf_done(&answer);
}

void carrier_send(struct carrier *c, struct outbox *o, const struct channel_row *ch, const struct settings *s,
                  const struct letter *l, struct arena *a, struct outcome *out)
{
	if (!choose(c, ch)) {
		fail(out, a, SENT_LATER, false, "memory is short", STR(""));
		return;
	}
	switch (ch->c.kind) {
	case OUTBOX_SMTP: send_smtp(c, o, ch, s, l, a, out); return;
	case OUTBOX_GATEWAY: send_gateway(c, o, ch, s, l, a, out); return;
	case OUTBOX_WEBHOOK: send_webhook(c, o, ch, s, l, a, out); return;
	case OUTBOX_FOLDER: folder_send(o, ch, s, l, out); return;
	case OUTBOX_KINDS: break;
	}
	fail(out, a, SENT_NEVER, true, "this kind of channel is not known", STR(""));
}
