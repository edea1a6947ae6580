/* What the files of govern/ share. */
#ifndef GOVERN_PRIV_H
#define GOVERN_PRIV_H

#include <pthread.h>

#include "govern/govern.h"

#define TOKEN_BYTES 32 /* of randomness; written as 64 hex digits */

/* Who tried how often; see throttle.c. */
#define THROTTLE_SLOTS 4096
struct throttle_slot {
	uint64_t key; /* 0: free */
	int tries;
	int64_t last_ms, until_ms;
};
struct throttle {
	pthread_mutex_t lock;
	struct throttle_slot slots[THROTTLE_SLOTS];
};

struct govern {
	struct store *store;
	struct govern_options opt;

	pthread_mutex_t hash_lock; /* guards hashing and waiting */
	pthread_cond_t hash_free;
	int hashing, waiting;

	pthread_mutex_t setup_lock; /* guards setup_hash */
	unsigned char setup_hash[32];
	bool setup_armed;

	struct throttle throttle;
	char nobody[160]; /* the encoded password of nobody: unknown logins cost as much as known ones */
};

static inline int64_t now_ms(struct govern *g)
{
	return g->opt.now_ms(g->opt.now_ctx);
}

/* 256 bits from the system, as hex in the arena. */
NODISCARD enum err_code token_new(struct arena *a, struct str *hex, struct err *err);
void token_hash(struct str token, unsigned char out[32]);
/* The CSRF token of a session: SHA-256 over a label and the token. */
NODISCARD enum err_code token_csrf(struct str token, struct arena *a, struct str *out, struct err *err);
bool same_bytes(struct str a, struct str b); /* constant time for equal lengths */

/* Checks length and words; field "password". */
NODISCARD enum err_code password_acceptable(struct str password, struct str login, struct err *err);
/* ERR_UNAVAILABLE "session.busy" when too many wait. */
NODISCARD enum err_code password_hash(struct govern *g, struct str password, char out[160], struct err *err);
NODISCARD enum err_code password_check(struct govern *g, const char *encoded, struct str password, bool *right,
                                       struct err *err);

void throttle_init(struct throttle *t);
void throttle_done(struct throttle *t);
/* Milliseconds to wait before the next try of this key may be looked at; 0: go on. */
int64_t throttle_wait(struct throttle *t, uint64_t key, int64_t now_ms);
void throttle_failed(struct throttle *t, uint64_t key, int free_tries, int64_t now_ms);
void throttle_forget(struct throttle *t, uint64_t key);
uint64_t throttle_key_login(struct str login);
uint64_t throttle_key_net(struct str address);

/* A row of user, with the encoded password. found false: no such login. */
struct user_row {
	struct govern_user user;
	struct str password;
};
NODISCARD enum err_code user_find(struct govern *g, struct str login, struct arena *a, struct user_row *out,
                                  bool *found, struct err *err);
/* The login in lower case; ERR_INPUT for characters that none may have. */
NODISCARD enum err_code login_clean(struct str login, char out[GOVERN_LOGIN_BYTES_MAX + 1], struct err *err);

#endif
