/* The ledger of consent, the addresses of its page, and what the outbox has to tell. */
#include <sys/random.h>

#include "contact/priv.h"

#define TOKEN_CHARS 26 /* of 5 bits */
/* A gateway's clock and ours; within it a word of leaving wins over a consent. */
#define CLOCKS_APART_MS WHEN_MINUTE_MS

const char *const contact_consent_names[CONTACT_CONSENTS] = { "unknown", "given", "withdrawn", "bounced",
	                                                      "complained" };

/* The newest line of an address. */
struct line {
	enum contact_consent state;
	int64_t at_ms;
	bool by_traits; /* it came with the traits of a customer */
};

static enum err_code newest(struct contact *c, struct store_write *w, enum contact_channel channel, struct str address,
                            struct line *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	char hash[CONTACT_HASH_BYTES];
	*out = (struct line){ CONTACT_UNKNOWN, 0, false };
	contact_address_hash(store_keyed(c->st, address), hash);
	TRY(contact_stmt(c, w, "contact_consent_newest", &s, err));
	stmt_bind_str(s, 1, address);
	stmt_bind_i64(s, 2, channel);
	stmt_bind_str(s, 3, str_of(hash));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row)
		*out = (struct line){ (enum contact_consent)stmt_i64(s, 0), stmt_i64(s, 1), stmt_i64(s, 2) != 0 };
	stmt_free(s);
	return rc;
}

enum err_code consent_read(struct contact *c, struct store_write *w, enum contact_channel channel, struct str address,
                           enum contact_consent *out, struct err *err)
{
	struct line l;
	TRY(newest(c, w, channel, address, &l, err));
	*out = l.state;
	return OK;
}

enum err_code consent_by_traits(struct contact *c, struct store_write *w, enum contact_channel channel,
                                struct str address, bool yes, int64_t at_ms, struct err *err)
{
	const enum contact_consent said = yes ? CONTACT_GIVEN : CONTACT_WITHDRAWN;
	struct line l;
	TRY(newest(c, w, channel, address, &l, err));
	if (l.state == said || (yes && l.state > CONTACT_GIVEN && !l.by_traits)) return OK;
	return contact_consent_in(c, w, channel, address, said, STR("identify"), at_ms, err);
}

enum err_code contact_consent_in(struct contact *c, struct store_write *w, enum contact_channel channel,
                                 struct str address, enum contact_consent state, struct str source, int64_t at_ms,
                                 struct err *err)
{
	struct stmt *s = NULL;
	if (!address.len || address.len > 600 || source.len > 200)
		return err_set(err, ERR_INPUT, "contact.address", "address", "there is no address to note consent for");
	TRY(write_prepare(&s, w, "contact_consent_add", err));
	stmt_bind_i64(s, 1, channel);
	stmt_bind_str(s, 2, address);
	stmt_bind_i64(s, 3, state);
	stmt_bind_str(s, 4, source.ptr ? source : STR(""));
	stmt_bind_i64(s, 5, at_ms);
	TRY(contact_run(s, err));
	if (state == CONTACT_GIVEN || channel == CONTACT_WEB || !c->opt.outbox) return OK;
	return outbox_drop_in(c->opt.outbox, w, (enum outbox_medium)channel, address,
	                      str_of(contact_consent_names[state]), err);
}

enum err_code contact_consent_of(struct contact *c, enum contact_channel channel, struct str address,
                                 enum contact_consent *out, struct err *err)
{
	return consent_read(c, NULL, channel, address, out, err);
}

struct noting {
	struct contact *c;
	enum contact_channel channel;
	struct str address, source;
	enum contact_consent state;
};

static enum err_code consent_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct noting *n = ctx;
	return contact_consent_in(n->c, w, n->channel, n->address, n->state, n->source, contact_now(n->c), err);
}

enum err_code contact_consent(struct contact *c, enum contact_channel channel, struct str address,
                              enum contact_consent state, struct str source, struct err *err)
{
	struct noting n = { c, channel, address, source, state };
	return store_write(c->st, consent_write, &n, err);
}

enum err_code contact_ledger(struct contact *c, struct str address, bool blocked, int64_t before, size_t limit,
                             struct arena *a, struct contact_line **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	*n = 0;
	*out = ARENA_ARRAY(a, struct contact_line, limit);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, c->st, blocked ? "contact_blocked" : "contact_ledger", err));
	stmt_bind_str(s, 1, address.len ? address : STR(""));
	stmt_bind_i64(s, 2, before ? before : INT64_MAX);
	stmt_bind_i64(s, 3, (int64_t)limit);
	enum err_code rc = OK;
	while (*n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] = (struct contact_line){ .id = stmt_i64(s, 0),
			                                .channel = (enum contact_channel)stmt_i64(s, 1),
			                                .address = str_copy(a, stmt_str(s, 2)),
			                                .state = (enum contact_consent)stmt_i64(s, 3),
			                                .source = str_copy(a, stmt_str(s, 4)),
			                                .at_ms = stmt_i64(s, 5) };
	stmt_free(s);
	return rc;
}

/* --- unsubscribing ------------------------------------------------------------------------------------- */

static enum err_code fresh_token(struct arena *a, struct str *out, struct err *err)
{
	static const char set[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char bytes[TOKEN_CHARS];
	char *text = arena_alloc(a, TOKEN_CHARS + 1);
	if (!text) return err_no_memory(err);
	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return err_set(err, ERR_IO, "contact.random", "", "the system gives no random bytes");
	for (size_t i = 0; i < TOKEN_CHARS; i++) text[i] = set[bytes[i] & 31];
	*out = (struct str){ text, TOKEN_CHARS };
	return OK;
}

enum err_code contact_leave_path_in(struct contact *c, struct store_write *w, enum contact_channel channel,
                                    struct str address, struct arena *a, struct str *path, struct err *err)
{
	struct stmt *s = NULL;
	struct str token = { 0 };
	bool row = false;
	TRY(contact_stmt(c, w, "contact_leave_get", &s, err));
	stmt_bind_str(s, 1, address);
	stmt_bind_i64(s, 2, channel);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row && !(token = str_copy(a, stmt_str(s, 0))).ptr) rc = err_no_memory(err);
	stmt_free(s);
	TRY(rc);
	if (!row) {
		TRY(fresh_token(a, &token, err));
		TRY(write_prepare(&s, w, "contact_leave_put", err));
		stmt_bind_str(s, 1, token);
		stmt_bind_i64(s, 2, channel);
		stmt_bind_str(s, 3, address);
		TRY(contact_run(s, err));
	}
	*path = str_format(a, "/u/" STR_FMT, STR_ARG(token));
	return path->ptr ? OK : err_no_memory(err);
}

static enum err_code find_leave(struct contact *c, struct store_write *w, struct str token, struct arena *a,
                                enum contact_channel *channel, struct str *address, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(contact_stmt(c, w, "contact_leave_find", &s, err));
	stmt_bind_str(s, 1, token);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && !row) {
		rc = err_set(err, ERR_NOT_FOUND, "contact.leave", "", "this address to unsubscribe is not one of ours");
	} else if (rc == OK) {
		*channel = (enum contact_channel)stmt_i64(s, 0);
		*address = str_copy(a, stmt_str(s, 1));
		if (!address->ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

enum err_code contact_leave_look(struct contact *c, struct str token, struct arena *a, enum contact_channel *channel,
                                 struct str *address, bool *left, struct err *err)
{
	enum contact_consent state;
	TRY(find_leave(c, NULL, token, a, channel, address, err));
	TRY(consent_read(c, NULL, *channel, *address, &state, err));
	*left = state == CONTACT_WITHDRAWN || state == CONTACT_COMPLAINED;
	return OK;
}

struct leaving {
	struct contact *c;
	struct str token;
};

static enum err_code leave_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct leaving *l = ctx;
	struct arena a;
	struct str address;
	enum contact_channel channel;
	enum contact_consent state;
	arena_init(&a, 64 * KIB);
	enum err_code rc = find_leave(l->c, w, l->token, &a, &channel, &address, err);
	if (rc == OK) rc = consent_read(l->c, w, channel, address, &state, err);
	/* A second click is one line of the ledger. */
	if (rc == OK && state != CONTACT_WITHDRAWN)
		rc = contact_consent_in(l->c, w, channel, address, CONTACT_WITHDRAWN, STR("unsubscribe"),
		                        contact_now(l->c), err);
	arena_done(&a);
	return rc;
}

enum err_code contact_leave(struct contact *c, struct str token, struct err *err)
{
	struct leaving l = { c, token };
	return store_write(c->st, leave_write, &l, err);
}

/* --- what the outbox has to tell -------------------------------------------------------------------------- */

static enum err_code move_invitation(struct store_write *w, const struct outbox_news *n, struct err *err)
{
	static const char *const queries[OUTBOX_STATES] = {
		[OUTBOX_SENT] = "contact_invitation_sent",       [OUTBOX_DELIVERED] = "contact_invitation_delivered",
		[OUTBOX_FAILED] = "contact_invitation_failed",   [OUTBOX_BOUNCED] = "contact_invitation_failed",
		[OUTBOX_DROPPED] = "contact_invitation_dropped",
	};
	struct stmt *s = NULL;
	int64_t id;
	if (!str_eq(n->purpose, STR("invitation")) || !queries[n->state] || !str_to_i64(n->ref, &id)) return OK;
	TRY(write_prepare(&s, w, queries[n->state], err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, n->at_ms);
	if (n->state >= OUTBOX_FAILED)
		stmt_bind_str(s, 3, n->reason.len ? n->reason : str_of(outbox_state_names[n->state]));
	return contact_run(s, err);
}

/*
 * Who a reply or complaint is from. A gateway may write a number as it is dialled at home, which several countries can
 * have: then everybody whom we know by it is meant, as a word of leaving is better heard too often than not at all.
 */
#define MEANT_MAX 8
struct meant {
	struct str all[MEANT_MAX];
	size_t n;
};

static enum err_code add_known(struct contact *c, struct store_write *w, struct str phone, struct arena *a,
                               struct meant *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(contact_stmt(c, w, "contact_customer_of", &s, err));
	stmt_bind_str(s, 1, phone);
	enum err_code rc = stmt_step(s, &row, err);
	const bool known = rc == OK && row && !stmt_null(s, 0);
	stmt_free(s);
	if (!known || out->n == MEANT_MAX) return rc;
	if (!(out->all[out->n++] = str_copy(a, phone)).ptr) rc = err_no_memory(err);
	return rc;
}

static enum err_code meant_by(struct contact *c, struct store_write *w, const struct outbox_news *n, struct arena *a,
                              struct meant *out, struct err *err)
{
	const bool whole = n->medium == OUTBOX_EMAIL || str_starts(n->address, STR("+"));
	const struct str digits =
	        str_starts(n->address, STR("+")) ? str_cut(n->address, 1, n->address.len) : n->address;
	*out = (struct meant){ .n = 0 };
	if (n->message || n->medium == OUTBOX_EMAIL) {
		out->all[out->n++] = n->address;
		return OK;
	}
	if (whole) TRY(add_known(c, w, n->address, a, out, err));
	const bool known = out->n > 0;
	for (size_t i = 0; !known && country_at(i); i++) {
		char phone[COUNTRY_PHONE_BYTES];
		if (country_phone(country_at(i), digits, phone)) TRY(add_known(c, w, str_of(phone), a, out, err));
	}
	if (!out->n && whole) out->all[out->n++] = n->address;
	return OK;
}

static enum err_code note_word(struct contact *c, struct store_write *w, const struct outbox_news *n,
                               struct str address, enum contact_consent state, struct err *err)
{
	const char *const source = n->event == OUTBOX_MOVED  ? "receipt"
	                           : n->event == OUTBOX_STOP ? "stop"
	                                                     : "complaint";
	struct line before;
	/* The same told again is one line of the ledger. */
	TRY(newest(c, w, (enum contact_channel)n->medium, address, &before, err));
	if (before.state == state) return OK;
	/* Who left, and came back since, is not sent away by old news. */
	if (before.state == CONTACT_GIVEN && before.at_ms > n->at_ms + CLOCKS_APART_MS) return OK;
	return contact_consent_in(c, w, (enum contact_channel)n->medium, address, state, str_of(source), n->at_ms, err);
}

enum err_code contact_on_news(void *ctx, struct store_write *w, const struct outbox_news *n, struct err *err)
{
	struct contact *c = ctx;
	const bool bounced = n->event == OUTBOX_MOVED && n->state == OUTBOX_BOUNCED;
	struct arena a;
	struct meant who;
	if (n->event == OUTBOX_MOVED) TRY(move_invitation(w, n, err));
	if (n->medium == OUTBOX_HOOK || !n->address.len || (n->event == OUTBOX_MOVED && !bounced)) return OK;
	const enum contact_consent state = bounced                   ? CONTACT_BOUNCES
	                                   : n->event == OUTBOX_STOP ? CONTACT_WITHDRAWN
	                                                             : CONTACT_COMPLAINED;
	arena_init(&a, 64 * KIB);
	enum err_code rc = meant_by(c, w, n, &a, &who, err);
	for (size_t i = 0; rc == OK && i < who.n; i++) rc = note_word(c, w, n, who.all[i], state, err);
	arena_done(&a);
	return rc;
}
