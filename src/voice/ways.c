/* The ways to a survey: links that anybody may follow, and invitations of one person. */
#include <assert.h>

#include "base/hash.h"
#include "base/when.h"
#include "voice/priv.h"

enum { CODE_LETTERS = 8 };

/* --- links ---------------------------------------------------------------------------------------- */

/* Columns of survey_link_list. */
static bool link_read(struct stmt *s, struct arena *a, struct voice_link *out)
{
	struct str *const texts[] = { &out->code, &out->survey,      &out->name,  &out->channel,
		                      &out->unit, &out->environment, &out->about, &out->lang };
	for (int i = 0; i < (int)COUNT_OF(texts); i++)
		if (!(*texts[i] = str_copy(a, stmt_str(s, i))).ptr) return false;
	out->created_ms = stmt_i64(s, 8);
	out->expires_ms = stmt_i64(s, 9);
	out->answers_max = stmt_i64(s, 10);
	out->started = stmt_i64(s, 11);
	out->completed = stmt_i64(s, 12);
	return true;
}

enum err_code voice_links(struct voice *v, struct str survey, struct arena *a, struct voice_link **out, size_t *n,
                          struct err *err)
{
	struct stmt *s = NULL;
	struct voice_survey of;
	struct voice_link *rows = NULL;
	size_t cap = 0;
	bool row = true;
	TRY(voice_get(v, survey, 0, a, &of, err));
	TRY(stmt_prepare(&s, v->st, "survey_link_list", err));
	stmt_bind_str(s, 1, survey);
	enum err_code rc = OK;
	*n = 0;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		if (*n == cap) {
			struct voice_link *more = ARENA_ARRAY(a, struct voice_link, cap = cap ? cap * 2 : 16);
			if (more && *n) memcpy(more, rows, *n * sizeof *rows);
			rows = more;
		}
		if (!rows || !link_read(s, a, &rows[(*n)++])) rc = err_no_memory(err);
	}
	stmt_free(s);
	if (rc == OK) *out = rows;
	return rc;
}

static enum err_code link_insert(void *ctx, struct store_write *w, struct err *err)
{
	const struct voice_link *l = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "survey_link_insert", err));
	const struct str texts[] = {
		l->code, l->survey, l->name, l->channel, l->unit, l->environment, l->about, l->lang
	};
	for (int i = 0; i < (int)COUNT_OF(texts); i++) stmt_bind_str(s, i + 1, texts[i]);
	stmt_bind_i64(s, 9, l->created_ms);
	/* What is not bound is NULL: no end. */
	if (l->expires_ms) stmt_bind_i64(s, 10, l->expires_ms);
	if (l->answers_max) stmt_bind_i64(s, 11, l->answers_max);
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc == OK && write_changes(w) == 0) rc = no_survey(err, l->survey, 0);
	return rc;
}

static enum err_code link_check(const struct voice_link *l, int64_t now_ms, struct err *err)
{
	TRY(voice_word(l->name, "name", err));
	TRY(voice_word(l->channel, "channel", err));
	TRY(voice_unit(l->unit, err));
	TRY(voice_word(l->environment, "environment", err));
	TRY(voice_word(l->about, "about", err));
	TRY(voice_lang(l->lang, err));
	if (l->expires_ms && l->expires_ms <= now_ms)
		return err_set(err, ERR_INPUT, "survey.past", "expires", "this moment has passed");
	if (l->answers_max < 0)
		return err_set(err, ERR_INPUT, "survey.answers_max", "answers_max",
		               "a link takes one answer or more, or any number");
	return OK;
}

static struct str or_empty(struct str s)
{
	return s.ptr ? s : STR("");
}

enum err_code voice_link_new(struct voice *v, const struct voice_link *link, struct arena *a, struct voice_link *out,
                             struct err *err)
{
	struct voice_link l = *link, *others;
	char *code = arena_alloc(a, CODE_LETTERS + 1);
	size_t n;
	if (!code) return err_no_memory(err);
	struct str *const texts[] = { &l.name, &l.channel, &l.unit, &l.environment, &l.about, &l.lang };
	for (size_t i = 0; i < COUNT_OF(texts); i++) *texts[i] = or_empty(*texts[i]);
	l.created_ms = now_of(v);
	l.started = l.completed = 0;
	TRY(link_check(&l, l.created_ms, err));
	TRY(voice_links(v, l.survey, a, &others, &n, err));
	if (n >= VOICE_LINKS_MAX)
		return err_limit(err, "survey.links", "", (int64_t)n + 1, VOICE_LINKS_MAX,
		                 "a survey has at most %d links", VOICE_LINKS_MAX);
	enum err_code rc = ERR_CONFLICT;
	for (int tries = 0; rc == ERR_CONFLICT && tries < 4; tries++) { /* a code that is taken */
		TRY(voice_letters(code, CODE_LETTERS, err));
		l.code = (struct str){ code, CODE_LETTERS };
		rc = store_write(v->st, link_insert, &l, err);
	}
	if (rc == OK) *out = l;
	return rc;
}

struct removal {
	struct str survey, code;
	int64_t now_ms;
};

static enum err_code link_remove(void *ctx, struct store_write *w, struct err *err)
{
	const struct removal *j = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "survey_link_remove", err));
	stmt_bind_str(s, 1, j->survey);
	stmt_bind_str(s, 2, j->code);
	stmt_bind_i64(s, 3, j->now_ms);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc == OK && write_changes(w) == 0)
		return err_set(err, ERR_NOT_FOUND, "survey.link", "code", "the survey has no link \"" STR_FMT "\"",
		               STR_ARG(str_cut(j->code, 0, 40)));
	return rc;
}

enum err_code voice_link_remove(struct voice *v, struct str survey, struct str code, struct err *err)
{
	struct removal j = { survey, code, now_of(v) };
	const enum err_code rc = store_write(v->st, link_remove, &j, err);
	voice_changed(v);
	return rc;
}

/* --- invitations ------------------------------------------------------------------------------------- */

enum { SEALED_BYTES = 9, SEAL_BYTES = 12, TOKEN_BYTES = SEALED_BYTES + SEAL_BYTES, TOKEN_LETTERS = 28 };
static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void seal(const struct voice *v, const unsigned char *sealed, unsigned char out[SEAL_BYTES])
{
	unsigned char whole[32] = { 0 };
	const struct str key = { (const char *)v->secret, SECRET_BYTES };
	const bool fits = voice_hmac(key, (struct str){ (const char *)sealed, SEALED_BYTES }, whole);
	assert(fits);
	memcpy(out, whole, fits ? SEAL_BYTES : 0);
}

static void token_put(const struct voice *v, int64_t id, int64_t expires_ms, char out[VOICE_TOKEN_BYTES])
{
	unsigned char bytes[TOKEN_BYTES];
	const int64_t minute = expires_ms / WHEN_MINUTE_MS;
	for (int i = 0; i < 5; i++) bytes[i] = (unsigned char)(id >> (8 * (4 - i)));
	for (int i = 0; i < 4; i++) bytes[5 + i] = (unsigned char)(minute >> (8 * (3 - i)));
	seal(v, bytes, bytes + SEALED_BYTES);
	for (int i = 0, at = 0; i < TOKEN_BYTES; i += 3) {
		const unsigned three = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
		for (int k = 3; k >= 0; k--) out[at++] = base64url[three >> (6 * k) & 63];
	}
	out[TOKEN_LETTERS] = 0;
}

static bool token_bytes(struct str token, unsigned char out[TOKEN_BYTES])
{
	if (token.len != TOKEN_LETTERS) return false;
	for (int i = 0, at = 0; i < TOKEN_LETTERS; i += 4) {
		unsigned three = 0;
		for (int k = 0; k < 4; k++) {
			const char *where = token.ptr[i + k] ? strchr(base64url, token.ptr[i + k]) : NULL;
			if (!where) return false;
			three = three << 6 | (unsigned)(where - base64url);
		}
		for (int k = 2; k >= 0; k--) out[at++] = (unsigned char)(three >> (8 * k));
	}
	return true;
}

bool voice_token_read(const struct voice *v, struct str token, int64_t *id, int64_t *expires_ms)
{
	unsigned char bytes[TOKEN_BYTES], right[SEAL_BYTES];
	if (!token_bytes(token, bytes)) return false;
	seal(v, bytes, right);
	/* All of it is looked at, so that the time taken tells nothing about where it differs. */
	unsigned differs = 0;
	for (int i = 0; i < SEAL_BYTES; i++) differs |= (unsigned)(right[i] ^ bytes[SEALED_BYTES + i]);
	if (differs) return false;
	*id = *expires_ms = 0;
	for (int i = 0; i < 5; i++) *id = *id << 8 | bytes[i];
	for (int i = 0; i < 4; i++) *expires_ms = *expires_ms << 8 | bytes[5 + i];
	*expires_ms *= WHEN_MINUTE_MS;
	return true;
}

static enum err_code invitation_check(const struct voice_invitation *i, int64_t now_ms, struct err *err)
{
	if (!i->customer.len || i->customer.len > WIRE_ID_BYTES_MAX)
		return err_set(err, ERR_INPUT, "survey.customer", "customer", "an invitation is of one customer");
	TRY(voice_word(i->about, "about", err));
	TRY(voice_word(i->journey, "journey", err));
	TRY(voice_word(i->channel, "channel", err));
	TRY(voice_unit(i->unit, err));
	TRY(voice_word(i->environment, "environment", err));
	TRY(voice_lang(i->lang, err));
	if (i->expires_ms <= now_ms || i->expires_ms >= WHEN_MAX_MS)
		return err_set(err, ERR_INPUT, "survey.past", "expires", "an invitation ends in the future");
	return OK;
}

enum err_code voice_invite(struct voice *v, struct store_write *w, const struct voice_invitation *i,
                           char token[VOICE_TOKEN_BYTES], int64_t *id, struct err *err)
{
	const int64_t now_ms = now_of(v);
	const int64_t expires_ms = (i->expires_ms + WHEN_MINUTE_MS - 1) / WHEN_MINUTE_MS * WHEN_MINUTE_MS;
	struct stmt *s = NULL;
	bool row;
	TRY(invitation_check(i, now_ms, err));
	if (write_erased(w, i->customer))
		return err_set(err, ERR_NOT_FOUND, "survey.customer", "customer", "this customer was erased");
	TRY(write_prepare(&s, w, "survey_token_insert", err));
	const struct str texts[] = { i->survey,  i->customer, i->about,       i->journey,
		                     i->channel, i->unit,     i->environment, i->lang };
	for (int k = 0; k < (int)COUNT_OF(texts); k++) stmt_bind_str(s, k + 1, or_empty(texts[k]));
	stmt_bind_i64(s, 9, now_ms);
	stmt_bind_i64(s, 10, expires_ms);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc != OK) return rc;
	if (write_changes(w) == 0) return no_survey(err, i->survey, 0);
	*id = write_last_id(w);
	token_put(v, *id, expires_ms, token);
	return OK;
}

struct invite_one {
	struct voice *v;
	const struct voice_invitation *i;
	char *token;
};

static enum err_code invite_one(void *ctx, struct store_write *w, struct err *err)
{
	const struct invite_one *j = ctx;
	int64_t id;
	return voice_invite(j->v, w, j->i, j->token, &id, err);
}

enum err_code voice_invite_one(struct voice *v, const struct voice_invitation *i, char token[VOICE_TOKEN_BYTES],
                               struct err *err)
{
	struct invite_one j = { v, i, token };
	return store_write(v->st, invite_one, &j, err);
}

/* --- following a way ------------------------------------------------------------------------------------- */

static bool way_read(struct stmt *s, struct arena *a, struct way *out)
{
	*out = (struct way){ .survey_id = stmt_i64(s, 0),
		             .survey = str_copy(a, stmt_str(s, 1)),
		             .state = (enum voice_state)stmt_i64(s, 2),
		             .newest = (int)stmt_i64(s, 3),
		             .link = stmt_i64(s, 4),
		             .token = stmt_i64(s, 5),
		             .expires_ms = stmt_i64(s, 13),
		             .closed = stmt_i64(s, 14) != 0,
		             .created_ms = stmt_i64(s, 16) };
	struct str *const texts[] = { &out->customer, &out->about,       &out->journey, &out->channel,
		                      &out->unit,     &out->environment, &out->lang };
	for (int i = 0; i < (int)COUNT_OF(texts); i++)
		if (!(*texts[i] = str_copy(a, stmt_str(s, 6 + i))).ptr) return false;
	return out->survey.ptr != NULL;
}

static bool way_copy(struct arena *a, const struct way *from, struct way *out)
{
	*out = *from;
	struct str *const texts[] = { &out->survey,  &out->customer, &out->about,       &out->journey,
		                      &out->channel, &out->unit,     &out->environment, &out->lang };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!(*texts[i] = str_copy(a, *texts[i])).ptr) return false;
	return true;
}

/* False too when memory is short: then it is read. */
static bool kept_find(struct voice *v, struct str code, struct arena *a, struct way *out)
{
	struct kept_ways *k = &v->ways;
	const size_t at = hash64(code) % WAYS_MAX;
	pthread_rwlock_rdlock(&k->lock);
	const bool there = k->as_of == atomic_load(&v->changes) && str_eq(k->slots[at].code, code) &&
	                   way_copy(a, &k->slots[at].way, out);
	pthread_rwlock_unlock(&k->lock);
	return there;
}

/* as_of: what v->changes was before it was read; whatever changed since then is not in it. */
static void kept_put(struct voice *v, struct str code, const struct way *way, uint64_t as_of)
{
	struct kept_ways *k = &v->ways;
	const size_t at = hash64(code) % WAYS_MAX;
	pthread_rwlock_wrlock(&k->lock);
	if (k->as_of != as_of) {
		memset(k->slots, 0, sizeof k->slots);
		arena_reset(&k->arena);
		k->as_of = as_of;
	}
	/* Of two with one place the first has it, and the other is read each time. */
	if (!k->slots[at].code.len && way_copy(&k->arena, way, &k->slots[at].way))
		k->slots[at].code = str_copy(&k->arena, code);
	pthread_rwlock_unlock(&k->lock);
}

static enum err_code no_way(struct err *err)
{
	/* One answer for all of them: whether a code was ever ours is nobody's business. */
	enum err_code rc = err_set(err, ERR_NOT_FOUND, "survey.way", "", "this is not the address of a survey");
	err_hint(err, "Copy the whole address from the message once more.");
	return rc;
}

enum err_code voice_gone(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "survey.gone", "",
	               "what was kept under this address was erased; nothing is added to it");
}

enum err_code way_find(struct voice *v, const struct voice_start *start, struct arena *a, struct way *out,
                       struct err *err)
{
	struct stmt *s = NULL;
	int64_t token = 0, expires_ms;
	bool row = false;
	const bool sealed = voice_token_read(v, start->way, &token, &expires_ms);
	const bool link = !sealed && start->way.len == CODE_LETTERS;
	const uint64_t as_of = atomic_load(&v->changes);
	bool keep = false;
	if (!sealed && !link && !start->trusted) return no_way(err);
	if (link && kept_find(v, start->way, a, out)) return OK;
	TRY(stmt_prepare(&s, v->st, sealed ? "survey_token_way" : link ? "survey_link_way" : "survey_key_way", err));
	if (sealed) stmt_bind_i64(s, 1, token);
	else stmt_bind_str(s, 1, start->way);
	enum err_code rc = stmt_step(s, &row, err);
	/* A key may have as many letters as a code. */
	if (rc == OK && !row && link && start->trusted) {
		stmt_free(s);
		TRY(stmt_prepare(&s, v->st, "survey_key_way", err));
		stmt_bind_str(s, 1, start->way);
		rc = stmt_step(s, &row, err);
	}
	/* Only we can have sealed it: its customer was erased, or its survey. */
	if (rc == OK && !row) rc = sealed ? voice_gone(err) : no_way(err);
	if (rc == OK && !way_read(s, a, out)) rc = err_no_memory(err);
	if (rc == OK) keep = stmt_i64(s, 15) != 0;
	stmt_free(s);
	if (rc == OK && keep) kept_put(v, start->way, out, as_of);
	return rc;
}
