/*
 * What comes back from gateways: delivered, failed, bounced, complaints, and replies such as STOP. Bodies are JSON or
 * forms; where in them to look is part of the channel's settings, with names that many gateways use as the default.
 */
#include <openssl/crypto.h>

#include "base/country.h"
#include "outbox/priv.h"
#include "text/text.h"

#define ITEMS_AT_ONCE 100   /* of a body, in one transaction */
#define REPLY_BYTES_MAX 200 /* no word of leaving is longer, with what stands around it */

/* --- values in a body -------------------------------------------------------------------------------- */

static bool is_json(struct str body)
{
	body = str_trim(body);
	return body.len && (body.ptr[0] == '{' || body.ptr[0] == '[');
}

/* One step of a JSON pointer: a member of an object, or the i-th of an array, as written. */
static bool json_step(struct str value, struct str key, struct str *out)
{
	int64_t i;
	struct json_reader r;
	enum json_token t;
	value = str_trim(value);
	if (value.len && value.ptr[0] == '{') return json_get(value, key, out);
	if (!str_to_i64(key, &i) || i < 0) return false;
	json_read(&r, value);
	if (json_next(&r) != JT_ARRAY) return false;
	for (int64_t k = 0; (t = json_next(&r)) != JT_ARRAY_END && t != JT_ERROR && t != JT_END; k++) {
		if (!json_slice(&r, t, out)) return false;
		if (k == i) return true;
	}
	return false;
}

static bool json_at(struct str value, struct str path, struct str *out)
{
	*out = value;
	if (!path.len) return true;
	if (path.ptr[0] != '/') return json_step(value, path, out);
	while (path.len) {
		path = str_cut(path, 1, path.len);
		const size_t end = str_find(path, '/');
		if (!json_step(*out, str_cut(path, 0, end), out)) return false;
		path = str_cut(path, end, path.len);
	}
	return true;
}

static bool hex(char c, unsigned *v)
{
	if (c >= '0' && c <= '9') *v = *v * 16 + (unsigned)(c - '0');
	else if ((c | 32) >= 'a' && (c | 32) <= 'f') *v = *v * 16 + (unsigned)((c | 32) - 'a') + 10;
	else return false;
	return true;
}

/* Percent codes and plus signs; broken ones stay as they are. */
static struct str form_decode(struct str in, struct arena *a)
{
	char *out = arena_alloc(a, in.len + 1);
	size_t n = 0;
	if (!out) return STR("");
	for (size_t i = 0; i < in.len; i++) {
		unsigned v = 0;
		if (in.ptr[i] == '%' && i + 2 < in.len && hex(in.ptr[i + 1], &v) && hex(in.ptr[i + 2], &v)) {
			out[n++] = (char)v;
			i += 2;
		} else {
			out[n++] = in.ptr[i] == '+' ? ' ' : in.ptr[i];
		}
	}
	return (struct str){ out, n };
}

static bool form_at(struct str body, struct str name, struct arena *a, struct str *out)
{
	while (body.len) {
		const size_t end = str_find(body, '&');
		const struct str pair = str_cut(body, 0, end);
		const size_t eq = str_find(pair, '=');
		if (eq < pair.len && str_eq(form_decode(str_cut(pair, 0, eq), a), name)) {
			*out = form_decode(str_cut(pair, eq + 1, pair.len), a);
			return true;
		}
		body = end < body.len ? str_cut(body, end + 1, body.len) : STR("");
	}
	return false;
}

bool receipt_value(struct str body, struct str path, struct arena *a, struct str *out)
{
	struct str raw;
	if (!is_json(body)) {
		if (!form_at(body, path, a, out)) return false;
	} else {
		if (!json_at(body, path, &raw) || !raw.len) return false;
		struct json_reader r;
		json_read(&r, raw);
		const enum json_token t = json_next(&r);
		if (t == JT_STRING) {
			if (!json_text(&r, a, out)) return false;
		} else if (t == JT_NUMBER) {
			*out = raw;
		} else {
			return false;
		}
	}
	*out = str_trim(*out);
	return out->len > 0 && utf8_valid(out->ptr, out->len) == out->len;
}

/* The first of a configured path and the names that are tried without one. */
static struct str pick(struct str item, struct str path, const char *const *usual, struct arena *a)
{
	struct str v;
	if (path.len) return receipt_value(item, path, a, &v) ? v : STR("");
	for (; *usual; usual++)
		if (receipt_value(item, str_of(*usual), a, &v)) return v;
	return STR("");
}

/* --- words ----------------------------------------------------------------------------------------------- */

static const char *const id_names[] = { "id",         "message_id", "messageId", "messageid",
	                                "MessageSid", "Message-ID", "msgid",     NULL };
static const char *const status_names[] = {
	"status", "MessageStatus", "message_status", "state", "event", "type", NULL
};
static const char *const reason_names[] = { "reason", "error", "ErrorCode", "description", NULL };
static const char *const from_names[] = { "from", "From", "msisdn", "sender", "recipient", "email", NULL };
static const char *const text_names[] = { "text", "Body", "message", "content", NULL };

static const char *const time_names[] = { "timestamp",   "time",       "at",          "date",
	                                  "received_at", "receivedAt", "occurred_at", "sent_at",
	                                  "created_at",  "DateSent",   NULL };

static const char *const delivered_words[] = { "delivered", "delivery", "delivrd", "read", "opened", NULL };
static const char *const failed_words[] = { "failed",  "undelivered", "undeliv", "rejected",
	                                    "rejectd", "expired",     "error",   NULL };
static const char *const bounced_words[] = { "bounce", "bounced", "invalid", "unknown_subscriber", NULL };
static const char *const complaint_words[] = { "complaint", "spam", "spamreport", NULL };
/* What people write to be left alone, in the three languages, as reply_word has it. */
static const char *const stop_words[] = { "stop", "stopall", "unsubscribe", "cancel", "end",       "quit",
	                                  "off",  "توقف",    "ايقاف",       "اوقف",   "الغاء",     "الغاء الاشتراك",
	                                  "لغو",  "لغو11",   "بس",          "نفرست",  "لغو عضویت", "انصراف",
	                                  NULL };

static bool one_of(struct str word, const struct str *own, const char *const *usual)
{
	bool configured = false;
	for (size_t i = 0; i < WORDS_MAX && own[i].ptr; i++) {
		configured = true;
		if (str_eq_ascii_nocase(word, own[i])) return true;
	}
	for (; !configured && *usual; usual++)
		if (str_eq_ascii_nocase(word, str_of(*usual))) return true;
	return false;
}

/* What may stand around and between the letters of a reply: marks of ASCII and of Arabic, spaces, and signs of
 * direction. */
static bool is_mark(uint32_t c)
{
	if (c < 0x80) return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
	return (c >= 0x80 && c < 0xc0) || (c >= 0x600 && c < 0x620) || (c >= 0x66a && c < 0x66e) || c == 0x6d4 ||
	       (c >= 0x2000 && c < 0x2070) || c == 0xfeff;
}

/*
 * A reply as one word: without case, vowel signs, direction marks, and the punctuation and spaces that people and
 * phones put around and between ("لغو ۱۱", "STOP!", «تَوَقَّف»). Longer ones than any word of leaving are none.
 */
struct str reply_word(struct str reply, struct arena *a)
{
	const struct str folded = reply.len > REPLY_BYTES_MAX ? STR("") : text_fold(a, reply, TEXT_AR);
	char *out = arena_alloc(a, folded.len + 1);
	size_t n = 0;
	if (!folded.len || !out) return STR("");
	for (size_t i = 0; i < folded.len;) {
		const size_t from = i;
		if (is_mark(utf8_next(folded, &i))) continue;
		memcpy(out + n, folded.ptr + from, i - from);
		n += i - from;
	}
	return (struct str){ out, n };
}

static bool says_stop(struct str reply, const struct str *own, struct arena *a)
{
	const struct str word = reply_word(reply, a);
	if (!word.len) return false;
	for (size_t i = 0; i < WORDS_MAX && own[i].ptr; i++)
		if (str_eq(word, reply_word(own[i], a))) return true;
	for (const char *const *w = stop_words; !own[0].ptr && *w; w++)
		if (str_eq(word, reply_word(str_of(*w), a))) return true;
	return false;
}

/* --- one receipt -------------------------------------------------------------------------------------------- */

struct taking_in {
	struct outbox *o;
	struct arena *a;
	const struct channel_row *c;
	const struct settings *s;
	struct str body;
	size_t from; /* items before it are taken in */
	bool more;   /* some are left */
	size_t seen; /* of this transaction */
};

static enum err_code find_message(struct taking_in *t, struct store_write *w, struct str id, struct letter *l,
                                  bool *got, struct err *err)
{
	struct stmt *s = NULL;
	int64_t number = 0;
	*got = false;
	if (!id.len) return OK;
	/* A Message-ID stands in angle brackets and has the sender's domain behind it. */
	if (id.ptr[0] == '<') id = str_cut(id, 1, str_find(id, '>'));
	number = letter_number(t->o->st, str_cut(id, 0, str_find(id, '@')));
	if (!number) {
		bool row = false;
		TRY(write_prepare(&s, w, "outbox_provider", err));
		stmt_bind_str(s, 1, t->c->c.key);
		stmt_bind_str(s, 2, id);
		const enum err_code rc = stmt_step(s, &row, err);
		if (rc == OK && row) number = stmt_i64(s, 0);
		stmt_free(s);
		TRY(rc);
		s = NULL;
	}
	if (!number) return OK;
	TRY(write_prepare(&s, w, "outbox_message", err));
	stmt_bind_i64(s, 1, number);
	const enum err_code rc = letter_read(s, t->a, l, got, err);
	stmt_free(s);
	if (rc == OK && *got && !str_eq(l->row.channel, t->c->c.key)) *got = false;
	return rc;
}

/* An address as messages have it: E.164, or mail in small letters. A number of some country without its prefix stays
 * as it came: whoever listens knows the customers. */
static struct str address_of(const struct taking_in *t, struct str from)
{
	char phone[COUNTRY_PHONE_BYTES], with[64];
	if (t->c->c.medium == OUTBOX_EMAIL) return from;
	const struct str prefix = STR("whatsapp:");
	if (str_starts(from, prefix)) from = str_cut(from, prefix.len, from.len);
	snprintf(with, sizeof with, "%s" STR_FMT, str_starts(from, STR("+")) || str_starts(from, STR("00")) ? "" : "+",
	         STR_ARG(str_cut(from, 0, from.len < 40 ? from.len : 40)));
	if (country_phone(NULL, str_of(with), phone)) return str_copy(t->a, str_of(phone));
	return from.len < sizeof with ? from : STR("");
}

/* When it happened, as the gateway says: ISO 8601, or seconds or milliseconds since 1970. False when it says nothing
 * that can be; never later than now. */
static bool time_of(struct str said, int64_t now_ms, int64_t *at_ms)
{
	bool zoned;
	int64_t v;
	if (str_to_i64(said, &v)) {
		if (v < 100000000) return false; /* before 1973: a number of something else */
		v = v < 100000000000 ? v * 1000 : v;
	} else if (!when_parse_iso(said, &v, &zoned)) {
		return false;
	}
	*at_ms = v < now_ms ? v : now_ms;
	return true;
}

/*
 * Whether a reply or complaint is heard for the first time. The gateway's own number for it tells, else its time; one
 * that has neither is always new: better a word of leaving twice than none.
 */
static enum err_code first_heard(struct taking_in *t, struct store_write *w, struct str own, struct str time,
                                 const struct outbox_news *n, bool *first, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	*first = true;
	if (!own.len && !time.len) return OK;
	const struct str text =
	        str_format(t->a, STR_FMT "\n" STR_FMT "\n" STR_FMT "\n" STR_FMT "\n%d", STR_ARG(t->c->c.key),
	                   STR_ARG(own), STR_ARG(own.len ? STR("") : time), STR_ARG(n->address), (int)n->event);
	if (!text.ptr) return err_no_memory(err);
	const struct hash128 h = write_keyed(w, text);
	TRY(write_prepare(&s, w, "outbox_heard", err));
	stmt_bind_blob(s, 1, (struct str){ (const char *)&h, sizeof h });
	stmt_bind_i64(s, 2, outbox_now(t->o));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK) *first = write_changes(w) > 0;
	stmt_free(s);
	return rc;
}

/* A reply or a complaint. `own`: the gateway's number for it, "" none. */
static enum err_code take_word(struct taking_in *t, struct store_write *w, struct str item, struct str own,
                               struct outbox_news *n, struct err *err)
{
	const struct str time = pick(item, t->s->receipts.time, time_names, t->a);
	bool first;
	n->at_ms = outbox_now(t->o);
	const bool timed = time_of(time, n->at_ms, &n->at_ms);
	t->seen++;
	TRY(first_heard(t, w, own, timed ? time : STR(""), n, &first, err));
	return first ? outbox_tell(t->o, w, n, err) : OK;
}

static enum err_code take_item(struct taking_in *t, struct store_write *w, struct str item, struct err *err)
{
	const struct receipt_map *m = &t->s->receipts;
	const struct str id = pick(item, m->id, id_names, t->a), status = pick(item, m->status, status_names, t->a);
	const struct str text = pick(item, m->text, text_names, t->a);
	const struct str why = outbox_clean(t->a, pick(item, m->reason, reason_names, t->a), REASON_BYTES_MAX);
	struct letter l = { 0 };
	bool got = false;
	TRY(find_message(t, w, id, &l, &got, err));
	struct str address = address_of(t, pick(item, m->from, from_names, t->a));
	if (!address.len && got) address = l.row.address;
	const bool stop = says_stop(text, m->stop, t->a);
	const bool complaint = one_of(status, m->complaint, complaint_words);
	if ((stop || complaint) && address.len) {
		struct outbox_news news = { .event = stop ? OUTBOX_STOP : OUTBOX_COMPLAINT,
			                    .medium = t->c->c.medium,
			                    .address = address,
			                    .message = got ? l.row.id : 0,
			                    .state = got ? l.row.state : OUTBOX_SENT,
			                    .purpose = got ? l.row.purpose : STR(""),
			                    .ref = got ? l.row.ref : STR(""),
			                    .reason = stop ? outbox_clean(t->a, text, REASON_BYTES_MAX) : status };
		/* A number of ours is of the message that was answered, and may be answered again. */
		return take_word(t, w, item, got ? STR("") : id, &news, err);
	}
	if (!got) return OK;
	struct move move = { .state = OUTBOX_STATES, .reason = why.len ? why : status };
	if (one_of(status, m->delivered, delivered_words)) move = (struct move){ .state = OUTBOX_DELIVERED };
	else if (one_of(status, m->bounced, bounced_words)) move.state = OUTBOX_BOUNCED;
	else if (one_of(status, m->failed, failed_words)) move.state = OUTBOX_FAILED;
	if (move.state == OUTBOX_STATES) return OK; /* "accepted", "queued": nothing new */
	t->seen++;
	if (l.row.state != OUTBOX_SENT && l.row.state != OUTBOX_SENDING) return OK; /* said before, or too late */
	return outbox_move(t->o, w, &l.row, &move, err);
}

static enum err_code receipt_write(void *ctx, struct store_write *w, struct err *err)
{
	struct taking_in *t = ctx;
	struct str list = t->body;
	t->seen = 0;
	t->more = false;
	if (!is_json(t->body)) return take_item(t, w, t->body, err);
	if (t->s->receipts.list.len && !json_at(t->body, t->s->receipts.list, &list)) return OK;
	list = str_trim(list);
	if (!list.len || list.ptr[0] != '[') return take_item(t, w, list, err);
	struct json_reader r;
	enum json_token tok;
	json_read(&r, list);
	(void)json_next(&r);
	for (size_t i = 0; (tok = json_next(&r)) != JT_ARRAY_END; i++) {
		struct str item;
		if (!json_slice(&r, tok, &item)) return OK;
		t->more = i == t->from + ITEMS_AT_ONCE;
		if (t->more) return OK;
		if (i >= t->from && tok == JT_OBJECT) TRY(take_item(t, w, item, err));
	}
	return OK;
}

enum err_code outbox_receipt(struct outbox *o, struct str channel, struct str secret, struct str body, size_t *seen,
                             struct err *err)
{
	struct arena a;
	struct channel_row c;
	struct settings s;
	arena_init(&a, 8 * MIB);
	enum err_code rc = channel_get(o, channel, &a, &c, NULL);
	const bool right = rc == OK && c.c.kind != OUTBOX_WEBHOOK && secret.len == c.receipt.len &&
	                   CRYPTO_memcmp(secret.ptr, c.receipt.ptr, secret.len) == 0;
	if (rc == ERR_NOT_FOUND || (rc == OK && !right))
		rc = err_set(err, ERR_DENIED, "outbox.receipt", "", "this is not the address of a channel's receipts");
	if (rc == OK) rc = settings_read(c.c.kind, c.c.settings, &a, &s, err);
	if (rc == OK && body.len && is_json(body)) {
		struct json_reader r;
		json_read(&r, body);
		enum json_token t = json_next(&r);
		if (!json_skip(&r, t) || json_next(&r) != JT_END) rc = json_error(&r, err);
	}
	struct taking_in t = { .o = o, .a = &a, .c = &c, .s = &s, .body = body };
	size_t all = 0;
	for (t.more = true; rc == OK && t.more; t.from += ITEMS_AT_ONCE) {
		rc = store_write(o->st, receipt_write, &t, err);
		all += t.seen;
	}
	if (rc == OK) *seen = all;
	arena_done(&a);
	return rc;
}
