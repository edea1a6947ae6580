/* Passwords and tokens: argon2id, randomness, constant-time comparison. */
#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include "govern/priv.h"

#define ARGON_PASSES 2u
#define ARGON_KIB 19456u
#define ARGON_LANES 1u

static enum err_code random_bytes(unsigned char *out, size_t n, struct err *err)
{
	if (getrandom(out, n, 0) != (ssize_t)n)
		return err_set(err, ERR_IO, "govern.random", "", "the system gave no random bytes");
	return OK;
}

static struct str hex(struct arena *a, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_alloc(a, n * 2 + 1);
	if (!out) return (struct str){ 0 };
	for (size_t i = 0; i < n; i++) {
		out[i * 2] = digits[bytes[i] >> 4];
		out[i * 2 + 1] = digits[bytes[i] & 15];
	}
	return (struct str){ out, n * 2 };
}

enum err_code token_new(struct arena *a, struct str *out, struct err *err)
{
	unsigned char bytes[TOKEN_BYTES];
	TRY(random_bytes(bytes, sizeof bytes, err));
	*out = hex(a, bytes, sizeof bytes);
	return out->ptr ? OK : err_no_memory(err);
}

void token_hash(struct str token, unsigned char out[32])
{
	SHA256((const unsigned char *)token.ptr, token.len, out);
}

enum err_code token_csrf(struct str token, struct arena *a, struct str *out, struct err *err)
{
	struct str labelled = str_format(a, "csrf:" STR_FMT, STR_ARG(token));
	if (!labelled.ptr) return err_no_memory(err);
	unsigned char sum[32];
	token_hash(labelled, sum);
	*out = hex(a, sum, sizeof sum);
	return out->ptr ? OK : err_no_memory(err);
}

bool same_bytes(struct str a, struct str b)
{
	return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool govern_csrf_ok(const struct govern_session *s, struct str header)
{
	return s->csrf.len && header.len == s->csrf.len && same_bytes(s->csrf, header);
}

enum err_code password_acceptable(struct str password, struct str login, struct err *err)
{
	if (password.len > GOVERN_PASSWORD_BYTES_MAX)
		return err_limit(err, "password.long", "password", (int64_t)password.len, GOVERN_PASSWORD_BYTES_MAX,
		                 "the password has %zu bytes, at most %d are taken", password.len,
		                 GOVERN_PASSWORD_BYTES_MAX);
	if (utf8_valid(password.ptr, password.len) != password.len)
		return err_set(err, ERR_INPUT, "password.utf8", "password", "the password is not valid UTF-8");
	int points = 0, different = 0;
	uint32_t first = 0;
	for (size_t i = 0; i < password.len; points++) {
		uint32_t cp = utf8_next(password, &i);
		if (points == 0) first = cp;
		else if (cp != first) different = 1;
	}
	if (points < GOVERN_PASSWORD_POINTS_MIN) {
		enum err_code rc = err_set(err, ERR_INPUT, "password.short", "password",
		                           "the password has %d characters, at least %d are needed", points,
		                           GOVERN_PASSWORD_POINTS_MIN);
		if (err) err->value = points, err->limit = GOVERN_PASSWORD_POINTS_MIN;
		err_hint(err, "A few words with spaces make a good one.");
		return rc;
	}
	if (!different || str_eq_ascii_nocase(password, login)) {
		enum err_code rc =
		        err_set(err, ERR_INPUT, "password.easy", "password", "the password is easy to guess");
		err_hint(err, "Not the name one signs in with, and not one character again and again.");
		return rc;
	}
	return OK;
}

/* Each hash takes 19 MiB and some 20 ms of a processor; the gate keeps a flood of sign-ins from taking the machine. */
static enum err_code gate_enter(struct govern *g, struct err *err)
{
	enum err_code rc = OK;
	pthread_mutex_lock(&g->hash_lock);
	if (g->hashing >= GOVERN_HASHES && g->waiting >= GOVERN_HASH_QUEUE) {
		rc = err_set(err, ERR_UNAVAILABLE, "session.busy", "", "too many people are signing in at this moment");
		err_hint(err, "Try again in a few seconds.");
	} else {
		g->waiting++;
		while (g->hashing >= GOVERN_HASHES) pthread_cond_wait(&g->hash_free, &g->hash_lock);
		g->waiting--;
		g->hashing++;
	}
	pthread_mutex_unlock(&g->hash_lock);
	return rc;
}

static void gate_leave(struct govern *g)
{
	pthread_mutex_lock(&g->hash_lock);
	g->hashing--;
	pthread_cond_signal(&g->hash_free);
	pthread_mutex_unlock(&g->hash_lock);
}

enum err_code password_hash(struct govern *g, struct str password, char out[160], struct err *err)
{
	unsigned char salt[16];
	TRY(random_bytes(salt, sizeof salt, err));
	TRY(gate_enter(g, err));
	int rc = argon2id_hash_encoded(ARGON_PASSES, ARGON_KIB, ARGON_LANES, password.ptr, password.len, salt,
	                               sizeof salt, 32, out, 160);
	gate_leave(g);
	if (rc == ARGON2_OK) return OK;
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR) return err_no_memory(err);
	return err_set(err, ERR_IO, "password.hash", "", "the password could not be hashed: %s",
	               argon2_error_message(rc));
}

enum err_code password_check(struct govern *g, const char *encoded, struct str password, bool *right, struct err *err)
{
	if (password.len > GOVERN_PASSWORD_BYTES_MAX) password.len = GOVERN_PASSWORD_BYTES_MAX + 1;
	TRY(gate_enter(g, err));
	int rc = argon2id_verify(encoded, password.ptr ? password.ptr : "", password.len);
	gate_leave(g);
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR) return err_no_memory(err);
	*right = rc == ARGON2_OK;
	return OK;
}
