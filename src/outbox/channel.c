/* Channels: their settings as JSON, checked when they are saved and read again for each message. */
#include <sys/random.h>

#include "outbox/priv.h"

const char *const outbox_kind_names[OUTBOX_KINDS] = { "smtp", "gateway", "webhook", "folder" };
const char *const outbox_medium_names[OUTBOX_MEDIA] = { "email", "sms", "whatsapp", "webhook" };

#define SETTINGS_BYTES_MAX (64 * KIB)
#define SECRET_BYTES_MAX 4096
#define RATE_MAX 60000.0 /* messages a minute */

static bool name_index(struct str name, const char *const *names, size_t n, size_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_of(names[i]))) {
			*out = i;
			return true;
		}
	return false;
}

bool outbox_medium_of(struct str name, enum outbox_medium *out)
{
	size_t i;
	if (!name_index(name, outbox_medium_names, OUTBOX_MEDIA, &i)) return false;
	*out = (enum outbox_medium)i;
	return true;
}

/* --- reading settings ------------------------------------------------------------------------------ */

enum member { M_TEXT, M_PORT, M_TLS, M_BODY_KIND, M_BOOL, M_RATE, M_HEADERS, M_RECEIPTS, M_TYPES };
#define SMTP 1
#define GATEWAY 2
#define WEBHOOK 4
#define FOLDER 8
static const struct member_row {
	const char *name;
	enum member what;
	unsigned kinds;
	size_t at;
} members[] = {
	{ "host", M_TEXT, SMTP, offsetof(struct settings, host) },
	{ "port", M_PORT, SMTP, offsetof(struct settings, port) },
	{ "tls", M_TLS, SMTP, offsetof(struct settings, tls) },
	{ "user", M_TEXT, SMTP, offsetof(struct settings, user) },
	{ "from", M_TEXT, SMTP | FOLDER, offsetof(struct settings, from) },
	{ "from_name", M_TEXT, SMTP | FOLDER, offsetof(struct settings, from_name) },
	{ "reply_to", M_TEXT, SMTP | FOLDER, offsetof(struct settings, reply_to) },
	{ "ca", M_TEXT, SMTP | GATEWAY | WEBHOOK, offsetof(struct settings, ca) },
	{ "url", M_TEXT, GATEWAY | WEBHOOK, offsetof(struct settings, url) },
	{ "method", M_TEXT, GATEWAY, offsetof(struct settings, method) },
	{ "headers", M_HEADERS, GATEWAY | WEBHOOK, 0 },
	{ "body", M_TEXT, GATEWAY, offsetof(struct settings, body) },
	{ "encoding", M_BODY_KIND, GATEWAY, offsetof(struct settings, body_kind) },
	{ "sender", M_TEXT, GATEWAY | FOLDER, offsetof(struct settings, sender) },
	{ "id", M_TEXT, GATEWAY, offsetof(struct settings, id_path) },
	{ "plain_http", M_BOOL, GATEWAY | WEBHOOK, offsetof(struct settings, plain) },
	{ "receipts", M_RECEIPTS, SMTP | GATEWAY | FOLDER, 0 },
	{ "types", M_TYPES, WEBHOOK, 0 },
	{ "per_minute", M_RATE, SMTP | GATEWAY | WEBHOOK | FOLDER, offsetof(struct settings, per_minute) },
};
static const char *const tls_names[] = { "required", "implicit", "none" };
static const char *const body_names[] = { "json", "form", "text" };

static enum err_code wrong(struct err *err, struct str member, const char *what)
{
	char field[64];
	snprintf(field, sizeof field, "settings." STR_FMT,
	         STR_ARG(str_cut(member, 0, member.len < 40 ? member.len : 40)));
	return err_set(err, ERR_INPUT, "outbox.settings", field, "%s %s", field, what);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 32 || s.ptr[i] == 127) return true;
	return false;
}

/* A JSON string value as written (with its quotes), decoded. */
static bool text_of(struct str raw, struct arena *a, struct str *out)
{
	struct json_reader r;
	json_read(&r, raw);
	return json_next(&r) == JT_STRING && json_text(&r, a, out);
}

static enum err_code read_words(struct str raw, struct str name, struct arena *a, struct str *out, size_t *n,
                                struct err *err)
{
	struct json_reader r;
	enum json_token t;
	*n = 0;
	json_read(&r, raw);
	if (json_next(&r) != JT_ARRAY) return wrong(err, name, "is a list of texts");
	while ((t = json_next(&r)) == JT_STRING) {
		if (*n == WORDS_MAX) return wrong(err, name, "has too many entries");
		if (!json_text(&r, a, &out[(*n)++])) return err_no_memory(err);
	}
	return t == JT_ARRAY_END ? OK : wrong(err, name, "is a list of texts");
}

static enum err_code read_receipts(struct str raw, struct arena *a, struct receipt_map *m, struct err *err)
{
	const struct {
		const char *name;
		struct str *text, *words;
	} rows[] = {
		{ "list", &m->list, NULL },          { "id", &m->id, NULL },
		{ "status", &m->status, NULL },      { "reason", &m->reason, NULL },
		{ "from", &m->from, NULL },          { "text", &m->text, NULL },
		{ "time", &m->time, NULL },          { "delivered", NULL, m->delivered },
		{ "failed", NULL, m->failed },       { "bounced", NULL, m->bounced },
		{ "complaint", NULL, m->complaint }, { "stop", NULL, m->stop },
	};
	struct json_reader r;
	enum json_token t;
	json_read(&r, raw);
	if (json_next(&r) != JT_OBJECT) return wrong(err, STR("receipts"), "is an object");
	while ((t = json_next(&r)) == JT_KEY) {
		struct str name, value;
		size_t i = 0, n;
		if (!json_text(&r, a, &name) || !json_slice(&r, json_next(&r), &value)) return err_no_memory(err);
		while (i < COUNT_OF(rows) && !str_eq(name, str_of(rows[i].name))) i++;
		if (i == COUNT_OF(rows)) return wrong(err, STR("receipts"), "has a member that is not known");
		if (rows[i].words) {
			struct str words[WORDS_MAX] = { 0 };
			TRY(read_words(value, STR("receipts"), a, words, &n, err));
			memcpy(rows[i].words, words, sizeof words);
		} else if (!text_of(value, a, rows[i].text)) {
			return wrong(err, STR("receipts"), "has texts as paths");
		}
	}
	return t == JT_OBJECT_END ? OK : wrong(err, STR("receipts"), "is an object");
}

/* Characters of a header name (RFC 9110 token). */
static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr("!#$%&'*+-.^_`|~", c))))
			return false;
	}
	return s.len > 0 && s.len <= 100;
}

static enum err_code read_headers(struct str raw, struct arena *a, struct settings *s, struct err *err)
{
	struct json_reader r;
	enum json_token t;
	json_read(&r, raw);
	if (json_next(&r) != JT_OBJECT) return wrong(err, STR("headers"), "is an object of texts");
	while ((t = json_next(&r)) == JT_KEY) {
		struct header h;
		if (s->n_headers == HEADERS_MAX) return wrong(err, STR("headers"), "has too many members");
		if (!json_text(&r, a, &h.name)) return err_no_memory(err);
		if (json_next(&r) != JT_STRING) return wrong(err, STR("headers"), "is an object of texts");
		if (!json_text(&r, a, &h.value)) return err_no_memory(err);
		if (!is_token(h.name) || has_control(h.value))
			return wrong(err, STR("headers"), "has a name or a value that cannot be a header");
		TRY(template_check(h.value, "settings.headers", err));
		s->headers[s->n_headers++] = h;
	}
	return t == JT_OBJECT_END ? OK : wrong(err, STR("headers"), "is an object of texts");
}

static enum err_code read_member(const struct member_row *m, struct str raw, struct arena *a, struct settings *s,
                                 struct err *err)
{
	void *at = (char *)s + m->at;
	const struct str name = str_of(m->name);
	struct str text;
	size_t i;
	double v;
	switch (m->what) {
	case M_TEXT:
		if (!text_of(raw, a, at)) return wrong(err, name, "is a text");
		return OK;
	case M_PORT:
		if (!str_to_double(raw, &v) || v < 1 || v > 65535)
			return wrong(err, name, "is a number from 1 to 65535");
		*(int *)at = (int)v;
		return OK;
	case M_TLS:
		if (!text_of(raw, a, &text) || !name_index(text, tls_names, COUNT_OF(tls_names), &i))
			return wrong(err, name, "is required, implicit or none");
		*(enum tls *)at = (enum tls)i;
		return OK;
	case M_BODY_KIND:
		if (!text_of(raw, a, &text) || !name_index(text, body_names, COUNT_OF(body_names), &i))
			return wrong(err, name, "is json, form or text");
		*(enum body_kind *)at = (enum body_kind)i;
		return OK;
	case M_BOOL:
		if (!str_eq(raw, STR("true")) && !str_eq(raw, STR("false")))
			return wrong(err, name, "is true or false");
		*(bool *)at = raw.len == 4;
		return OK;
	case M_RATE:
		if (!str_to_double(raw, &v) || v < 0 || v > RATE_MAX)
			return wrong(err, name, "is a number from 0 to 60000");
		*(double *)at = v;
		return OK;
	case M_HEADERS: return read_headers(raw, a, s, err);
	case M_RECEIPTS: return read_receipts(raw, a, &s->receipts, err);
	case M_TYPES: return read_words(raw, name, a, s->types, &s->n_types, err);
	}
	return OK;
}

/* --- what must hold ---------------------------------------------------------------------------------- */

/* http or https with a fixed host: no placeholder, user or control character may decide where a message goes. */
static enum err_code check_url(const struct settings *s, struct err *err)
{
	const bool https = str_starts(s->url, STR("https://")), http = str_starts(s->url, STR("http://"));
	if (!https && !http) return wrong(err, STR("url"), "begins with https://");
	if (http && !s->plain) {
		(void)wrong(err, STR("url"), "is not encrypted");
		err_hint(err, "Use https://, or set plain_http where the gateway is on the same machine or network.");
		return ERR_INPUT;
	}
	struct str host = str_cut(s->url, https ? 8 : 7, s->url.len);
	size_t end = 0;
	while (end < host.len && !strchr("/?#", host.ptr[end])) end++;
	host = str_cut(host, 0, end);
	if (host.len == 0 || has_control(s->url) || str_find(host, '{') < host.len || str_find(host, '@') < host.len ||
	    str_find(s->url, ' ') < s->url.len)
		return wrong(err, STR("url"), "has no fixed host");
	return OK;
}

static enum err_code check_smtp(const struct settings *s, bool needs_host, struct err *err)
{
	if (needs_host) {
		if (!s->host.len) return wrong(err, STR("host"), "is missing");
		for (size_t i = 0; i < s->host.len; i++) {
			const char c = s->host.ptr[i];
			if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
			      c == '-' || c == ':' || c == '[' || c == ']'))
				return wrong(err, STR("host"), "is not the name of a server");
		}
	}
	if (!outbox_mail_address(s->from)) return wrong(err, STR("from"), "is not a mail address");
	if (s->reply_to.len && !outbox_mail_address(s->reply_to))
		return wrong(err, STR("reply_to"), "is not a mail address");
	if (has_control(s->from_name)) return wrong(err, STR("from_name"), "has control characters");
	if (has_control(s->user)) return wrong(err, STR("user"), "has control characters");
	return OK;
}

static enum err_code check_gateway(struct settings *s, struct err *err)
{
	if (!s->method.len) s->method = STR("POST");
	if (!str_eq(s->method, STR("POST")) && !str_eq(s->method, STR("GET")) && !str_eq(s->method, STR("PUT")))
		return wrong(err, STR("method"), "is POST, PUT or GET");
	TRY(template_check(s->url, "settings.url", err));
	TRY(template_check(s->body, "settings.body", err));
	if (!memmem(s->url.ptr, s->url.len, "{{", 2) && !memmem(s->body.ptr ? s->body.ptr : "", s->body.len, "{{", 2))
		return wrong(err, STR("body"), "has neither {{to}} nor {{text}}");
	return check_url(s, err);
}

enum err_code settings_read(enum outbox_kind kind, struct str json, struct arena *a, struct settings *out,
                            struct err *err)
{
	struct json_reader r;
	enum json_token t;
	*out = (struct settings){ .port = 587 };
	if (json.len > SETTINGS_BYTES_MAX)
		return err_limit(err, "outbox.settings", "settings", (int64_t)json.len, (int64_t)SETTINGS_BYTES_MAX,
		                 "the settings are too long");
	json_read(&r, json);
	if (json_next(&r) != JT_OBJECT)
		return err_set(err, ERR_INPUT, "outbox.settings", "settings", "settings is an object");
	while ((t = json_next(&r)) == JT_KEY) {
		struct str name, value;
		size_t i = 0;
		if (!json_text(&r, a, &name)) return err_no_memory(err);
		if (!json_slice(&r, json_next(&r), &value)) break;
		while (i < COUNT_OF(members) && !str_eq(name, str_of(members[i].name))) i++;
		if (i == COUNT_OF(members) || !(members[i].kinds >> kind & 1))
			return wrong(err, name, "is not a setting of this kind of channel");
		TRY(read_member(&members[i], value, a, out, err));
	}
	if (t != JT_OBJECT_END) return json_error(&r, err);
	switch (kind) {
	case OUTBOX_SMTP: return check_smtp(out, true, err);
	case OUTBOX_GATEWAY: return check_gateway(out, err);
	case OUTBOX_WEBHOOK: return check_url(out, err);
	case OUTBOX_FOLDER:
		if (!out->from.len) out->from = STR("safar@localhost.localdomain");
		return check_smtp(out, false, err);
	case OUTBOX_KINDS: break;
	}
	return OK;
}

/* --- rows ---------------------------------------------------------------------------------------------- */

enum err_code channel_rows(struct stmt *s, struct arena *a, struct channel_row **out, size_t *n, struct err *err)
{
	bool row = true;
	enum err_code rc = OK;
	*n = 0;
	*out = ARENA_ARRAY(a, struct channel_row, OUTBOX_CHANNELS_MAX);
	if (!*out) return err_no_memory(err);
	while (*n < OUTBOX_CHANNELS_MAX && (rc = stmt_step(s, &row, err)) == OK && row) {
		struct channel_row *c = &(*out)[(*n)++];
		*c = (struct channel_row){ .c = { .key = str_copy(a, stmt_str(s, 0)),
			                          .kind = (enum outbox_kind)stmt_i64(s, 1),
			                          .medium = (enum outbox_medium)stmt_i64(s, 2),
			                          .settings = str_copy(a, stmt_str(s, 3)),
			                          .enabled = stmt_i64(s, 6) != 0,
			                          .trouble = str_copy(a, stmt_str(s, 7)),
			                          .trouble_ms = stmt_i64(s, 8) },
			                   .secret = str_copy(a, stmt_str(s, 4)),
			                   .receipt = str_copy(a, stmt_str(s, 5)),
			                   .next_ms = stmt_i64(s, 9) };
		c->c.has_secret = c->secret.len > 0;
		if (!c->c.key.ptr || !c->c.settings.ptr || !c->secret.ptr || !c->receipt.ptr) return err_no_memory(err);
		if (c->c.kind != OUTBOX_WEBHOOK) {
			c->c.receipts = str_format(a, "/v1/receipts/" STR_FMT "/" STR_FMT, STR_ARG(c->c.key),
			                           STR_ARG(c->receipt));
			if (!c->c.receipts.ptr) return err_no_memory(err);
		}
	}
	return rc;
}

static enum err_code list_rows(struct outbox *o, struct str key, struct arena *a, struct channel_row **out, size_t *n,
                               struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, o->st, "outbox_channel_list", err));
	stmt_bind_str(s, 1, key);
	const enum err_code rc = channel_rows(s, a, out, n, err);
	stmt_free(s);
	return rc;
}

static enum err_code no_channel(struct str key, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "outbox.channel", "channel", "there is no channel \"" STR_FMT "\"",
	               STR_ARG(str_cut(key, 0, key.len < OUTBOX_KEY_BYTES_MAX ? key.len : OUTBOX_KEY_BYTES_MAX)));
}

enum err_code channel_get(struct outbox *o, struct str key, struct arena *a, struct channel_row *out, struct err *err)
{
	struct channel_row *rows;
	size_t n = 0;
	if (key.len) TRY(list_rows(o, key, a, &rows, &n, err));
	if (!n) return no_channel(key, err);
	*out = rows[0];
	return OK;
}

enum err_code outbox_channels(struct outbox *o, struct arena *a, struct outbox_channel **out, size_t *n,
                              struct err *err)
{
	struct channel_row *rows;
	TRY(list_rows(o, STR(""), a, &rows, n, err));
	*out = ARENA_ARRAY(a, struct outbox_channel, *n);
	if (!*out) return err_no_memory(err);
	for (size_t i = 0; i < *n; i++) (*out)[i] = rows[i].c;
	return OK;
}

enum err_code outbox_channel_of(struct outbox *o, enum outbox_medium medium, struct arena *a, struct str *key,
                                struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, o->st, "outbox_channel_resolve", err));
	stmt_bind_str(s, 1, STR(""));
	stmt_bind_i64(s, 2, medium);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row && !(*key = str_copy(a, stmt_str(s, 0))).ptr) rc = err_no_memory(err);
	stmt_free(s);
	if (rc == OK && !row) return no_channel(str_of(outbox_medium_names[medium]), err);
	return rc;
}

/* --- saving --------------------------------------------------------------------------------------------- */

enum err_code random_text(struct arena *a, size_t n, struct str *out, struct err *err)
{
	static const char set[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: five bits of each byte */
	unsigned char bytes[64];
	char *text = arena_alloc(a, n + 1);
	if (!text) return err_no_memory(err);
	if (n > sizeof bytes || getrandom(bytes, n, 0) != (ssize_t)n)
		return err_set(err, ERR_IO, "outbox.random", "", "the system gives no random bytes");
	for (size_t i = 0; i < n; i++) text[i] = set[bytes[i] & 31];
	*out = (struct str){ text, n };
	return OK;
}

static enum err_code check_key(struct str key, struct err *err)
{
	bool ok = key.len > 0 && key.len <= OUTBOX_KEY_BYTES_MAX;
	for (size_t i = 0; i < key.len && ok; i++)
		ok = (key.ptr[i] >= 'a' && key.ptr[i] <= 'z') || (key.ptr[i] >= '0' && key.ptr[i] <= '9') ||
		     (key.ptr[i] == '-' && i > 0);
	if (ok) return OK;
	return err_set(err, ERR_INPUT, "outbox.key", "key", "a channel's key has 1 to %d of a to z, 0 to 9 and -",
	               OUTBOX_KEY_BYTES_MAX);
}

struct saving {
	struct outbox_channel c;
	struct str secret, receipt;
	int64_t now_ms;
};

static enum err_code save_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct saving *v = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "outbox_channel_count", err));
	stmt_bind_str(s, 1, v->c.key);
	enum err_code rc = stmt_step(s, &row, err);
	const int64_t n = rc == OK ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	TRY(rc);
	if (n >= OUTBOX_CHANNELS_MAX)
		return err_limit(err, "outbox.many", "", n + 1, OUTBOX_CHANNELS_MAX, "there are %d channels already",
		                 OUTBOX_CHANNELS_MAX);
	TRY(write_prepare(&s, w, "outbox_channel_put", err));
	stmt_bind_str(s, 1, v->c.key);
	stmt_bind_i64(s, 2, v->c.kind);
	stmt_bind_i64(s, 3, v->c.medium);
	stmt_bind_str(s, 4, v->c.settings);
	stmt_bind_str(s, 5, v->secret);
	stmt_bind_str(s, 6, v->receipt);
	stmt_bind_i64(s, 7, v->c.enabled);
	stmt_bind_i64(s, 8, v->now_ms);
	rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

/* Scheme, host and port of where a channel sends to. */
static struct str target(const struct settings *s, struct arena *a)
{
	if (s->host.len) return str_format(a, STR_FMT ":%d", STR_ARG(s->host), s->port);
	size_t end = str_starts(s->url, STR("https://")) ? 8 : 7;
	while (end < s->url.len && !strchr("/?#", s->url.ptr[end])) end++;
	return str_cut(s->url, 0, end);
}

/* The kinds that can carry a medium. */
static bool carries(enum outbox_kind k, enum outbox_medium m)
{
	if (k == OUTBOX_WEBHOOK || m == OUTBOX_HOOK) return k == OUTBOX_WEBHOOK && m == OUTBOX_HOOK;
	if (k == OUTBOX_SMTP) return m == OUTBOX_EMAIL;
	return true;
}

/*
 * What a telephone shows as the sender: 3 to 11 Latin letters and digits with a letter among them (GSM 03.40), or a
 * number or short code of 3 to 15 digits.
 */
static bool phone_sender(struct str s)
{
	size_t letters = 0, digits = 0;
	const size_t plus = s.len && s.ptr[0] == '+';
	for (size_t i = plus; i < s.len; i++) {
		const char c = s.ptr[i];
		letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		digits += c >= '0' && c <= '9';
	}
	if (letters + digits + plus != s.len || letters + digits < 3) return false;
	return letters ? !plus && s.len <= 11 : digits <= 15;
}

static enum err_code check_sender(const struct channel_row *ch, const struct settings *s, struct err *err)
{
	const char *const text = ch->c.medium == OUTBOX_EMAIL
	                                 ? "a mail address"
	                                 : "3 to 11 letters a-z and digits, or a number of 3 to 15";
	if (ch->c.kind == OUTBOX_FOLDER && ch->c.medium == OUTBOX_EMAIL && s->sender.len)
		return wrong(err, STR("sender"), "is for SMS and WhatsApp; mail has from");
	if (!s->sender.len) {
		const bool asked = template_names(s->url, "from") || template_names(s->body, "from");
		if (ch->c.kind != OUTBOX_GATEWAY || !asked) return OK;
		return err_set(err, ERR_INPUT, "outbox.sender", "settings.sender",
		               "the template has {{from}}, and settings.sender is missing: %s", text);
	}
	const bool good = ch->c.medium == OUTBOX_EMAIL ? outbox_mail_address(s->sender) : phone_sender(s->sender);
	return good ? OK : err_set(err, ERR_INPUT, "outbox.sender", "settings.sender", "settings.sender is %s", text);
}

static enum err_code read_secret(struct str body, const struct channel_row *old, bool moved, struct arena *a,
                                 struct str *out, struct err *err)
{
	struct str raw;
	*out = STR("");
	if (!json_get(body, STR("secret"), &raw)) {
		if (!old || !old->secret.len) return OK;
		if (moved) {
			(void)err_set(err, ERR_INPUT, "outbox.secret", "secret",
			              "a secret belongs to its host, and the host is another one now");
			err_hint(err, "Give the secret of the new host, or null for none.");
			return ERR_INPUT;
		}
		*out = old->secret;
		return OK;
	}
	if (str_eq(raw, STR("null"))) return OK;
	if (!text_of(raw, a, out) || out->len > SECRET_BYTES_MAX || has_control(*out))
		return err_set(err, ERR_INPUT, "outbox.secret", "secret", "a secret is one line of text");
	return OK;
}

enum err_code outbox_channel_put(struct outbox *o, struct str key, struct str body, struct err *err)
{
	struct arena a;
	struct channel_row old;
	struct settings s, before;
	struct saving v = { .c = { .key = key, .enabled = true }, .now_ms = outbox_now(o) };
	struct str text = { 0 }, raw;
	size_t kind = OUTBOX_KINDS;
	TRY(check_key(key, err));
	arena_init(&a, 4 * MIB);
	enum err_code rc = channel_get(o, key, &a, &old, NULL);
	const bool there = rc == OK;
	if (rc == ERR_NOT_FOUND) rc = OK;
	if (there) {
		kind = old.c.kind;
		v.c = old.c;
		v.receipt = old.receipt;
	}
	if (rc == OK && json_get_text(body, STR("kind"), &a, &text) &&
	    !name_index(text, outbox_kind_names, OUTBOX_KINDS, &kind))
		kind = OUTBOX_KINDS;
	if (rc == OK && kind == OUTBOX_KINDS)
		rc = err_set(err, ERR_INPUT, "outbox.kind", "kind", "kind is smtp, gateway, webhook or folder");
	if (rc == OK) {
		v.c.kind = (enum outbox_kind)kind;
		if (!there)
			v.c.medium = kind == OUTBOX_WEBHOOK   ? OUTBOX_HOOK
			             : kind == OUTBOX_GATEWAY ? OUTBOX_SMS
			                                      : OUTBOX_EMAIL;
		if ((json_get_text(body, STR("medium"), &a, &text) && !outbox_medium_of(text, &v.c.medium)) ||
		    !carries(v.c.kind, v.c.medium))
			rc = err_set(err, ERR_INPUT, "outbox.medium", "medium",
			             "this kind of channel does not carry that medium");
	}
	if (rc == OK && json_get(body, STR("enabled"), &raw)) v.c.enabled = str_eq(raw, STR("true"));
	if (rc == OK && !json_get(body, STR("settings"), &v.c.settings))
		v.c.settings = there ? old.c.settings : STR("{}");
	if (rc == OK) rc = settings_read(v.c.kind, v.c.settings, &a, &s, err);
	if (rc == OK) rc = check_sender(&(struct channel_row){ .c = v.c }, &s, err);
	if (rc == OK) {
		const bool moved = there && (settings_read(old.c.kind, old.c.settings, &a, &before, NULL) != OK ||
		                             !str_eq(target(&s, &a), target(&before, &a)));
		rc = read_secret(body, there ? &old : NULL, moved, &a, &v.secret, err);
	}
	if (rc == OK && v.c.kind == OUTBOX_WEBHOOK && v.secret.len) {
		char signature[64];
		if (!webhook_sign(v.secret, STR("a"), 0, STR(""), signature))
			rc = err_set(err, ERR_INPUT, "outbox.secret", "secret",
			             "a webhook's secret is whsec_ and 24 to 64 bytes in base64");
	}
	if (rc == OK && !v.receipt.ptr) rc = random_text(&a, 26, &v.receipt, err);
	if (rc == OK) rc = store_write(o->st, save_write, &v, err);
	arena_done(&a);
	if (rc == OK) outbox_wake(o);
	return rc;
}

struct deleting {
	struct outbox *o;
	struct str key;
	size_t dropped;
};

static enum err_code delete_write(void *ctx, struct store_write *w, struct err *err)
{
	struct deleting *d = ctx;
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct arena a;
	d->dropped = 0;
	arena_init(&a, 4 * MIB);
	struct outbox_row *rows = ARENA_ARRAY(&a, struct outbox_row, 500);
	if (!rows) rc = err_no_memory(err);
	if (rc == OK) rc = write_prepare(&s, w, "outbox_waiting_channel", err);
	if (rc == OK) stmt_bind_str(s, 1, d->key);
	while (rc == OK && d->dropped < 500 && (rc = stmt_step(s, &row, err)) == OK && row)
		rows[d->dropped++] = (struct outbox_row){ .id = stmt_i64(s, 0),
			                                  .purpose = str_copy(&a, stmt_str(s, 1)),
			                                  .ref = str_copy(&a, stmt_str(s, 2)),
			                                  .address = str_copy(&a, stmt_str(s, 3)),
			                                  .medium = (enum outbox_medium)stmt_i64(s, 4) };
	stmt_free(s);
	const struct move gone = { .state = OUTBOX_DROPPED, .reason = STR("channel deleted") };
	for (size_t i = 0; i < d->dropped && rc == OK; i++) rc = outbox_move(d->o, w, &rows[i], &gone, err);
	if (rc == OK && d->dropped == 0) {
		s = NULL;
		rc = write_prepare(&s, w, "outbox_channel_delete", err);
		if (rc == OK) stmt_bind_str(s, 1, d->key);
		if (rc == OK) rc = stmt_step(s, &row, err);
		stmt_free(s);
		if (rc == OK && write_changes(w) == 0) rc = no_channel(d->key, err);
	}
	arena_done(&a);
	return rc;
}

enum err_code outbox_channel_delete(struct outbox *o, struct str key, struct err *err)
{
	struct deleting d = { .o = o, .key = key };
	/* In steps, so that no transaction is long; the last one finds nothing that waits and deletes. */
	do TRY(store_write(o->st, delete_write, &d, err));
	while (d.dropped > 0);
	return OK;
}
