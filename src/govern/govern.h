/*
 * Who may. The organisation, the people who sign in with their roles, their
 * sessions and settings, and the one-time token with which the first
 * administrator is made.
 *
 * Secrets. Passwords are kept as argon2id (m = 19 MiB, t = 2, p = 1) in the
 * usual encoded form. Of a session's 256-bit token only the SHA-256 is kept;
 * the setup token lives in memory alone and is gone once it was used.
 *
 * Thread-safe. At most GOVERN_HASHES passwords are hashed at a time, at most
 * GOVERN_HASH_QUEUE more wait, the next one gets ERR_UNAVAILABLE
 * "session.busy": a flood of sign-ins cannot take the machine.
 */
#ifndef GOVERN_GOVERN_H
#define GOVERN_GOVERN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/store.h"

/* Each role may what those before it may. NOBODY has not signed in. */
enum govern_role { GOVERN_NOBODY, GOVERN_VIEWER, GOVERN_AGENT, GOVERN_ANALYST, GOVERN_ADMINISTRATOR, GOVERN_ROLES };
extern const char *const govern_role_names[GOVERN_ROLES]; /* "nobody", "viewer", ... */
/* False for an unknown name, and for "nobody". */
NODISCARD bool govern_role_of(struct str name, enum govern_role *out);

#define GOVERN_USERS_MAX 10000
#define GOVERN_LOGIN_BYTES_MAX 128
#define GOVERN_NAME_BYTES_MAX 256
#define GOVERN_UNIT_BYTES_MAX 512     /* as an event may write it */
#define GOVERN_PASSWORD_POINTS_MIN 10 /* code points */
#define GOVERN_PASSWORD_BYTES_MAX 1024
#define GOVERN_HASHES 2
#define GOVERN_HASH_QUEUE 16
#define GOVERN_SESSION_MS ((int64_t)30 * 86400000) /* from signing in */
#define GOVERN_IDLE_MS ((int64_t)7 * 86400000)     /* from the last request */
#define GOVERN_FREE_TRIES 10                       /* wrong passwords for one login before delays begin */
#define GOVERN_FREE_TRIES_NET 100                  /* the same for one network (/24, /64) */

struct govern;
struct govern_options {
	int64_t (*now_ms)(void *ctx); /* the one clock */
	void *now_ctx;
};
NODISCARD enum err_code govern_open(struct store *st, const struct govern_options *opt, struct govern **out,
                                    struct err *err);
void govern_close(struct govern *g);

/* --- the first administrator -------------------------------------------------------- */

/* True as long as no enabled administrator exists. */
bool govern_setup_needed(struct govern *g);

/* A fresh one-time token (in the arena); an older one stops working. ERR_CONFLICT when setup is not needed. */
NODISCARD enum err_code govern_setup_token(struct govern *g, struct arena *a, struct str *token, struct err *err);

/* Makes the first administrator; ERR_DENIED "setup.token" for a wrong or used token. The token is used up only by
 * success. */
NODISCARD enum err_code govern_setup(struct govern *g, struct str token, struct str login, struct str name,
                                     struct str password, struct err *err);

/* --- people who sign in ----------------------------------------------------------------- */

struct govern_user {
	int64_t id;
	struct str login, name;
	enum govern_role role;
	int64_t created_ms, last_ms; /* last_ms 0: never signed in */
	bool disabled;
	struct str settings; /* JSON object, see below */
	struct str unit;     /* path; sees this unit and those below it, "" the whole organisation */
};

/*
 * Logins are 1 to 128 bytes of ASCII letters, digits and . _ - @ +, compared without regard to case. ERR_INPUT
 * "user.unit" for an administrator with a unit: who gives rights has them all.
 */
NODISCARD enum err_code govern_user_new(struct govern *g, struct str login, struct str name, enum govern_role role,
                                        struct str unit, struct str password, struct err *err);
/* By login. */
NODISCARD enum err_code govern_users(struct govern *g, struct arena *a, struct govern_user **out, size_t *n,
                                     struct err *err);
NODISCARD enum err_code govern_user(struct govern *g, struct str login, struct arena *a, struct govern_user *out,
                                    struct err *err);

/*
 * Changes what is given: pointers that are NULL leave their field alone. A
 * new role, password or being disabled ends all sessions of the person. The
 * last enabled administrator keeps role and access: ERR_CONFLICT "user.last".
 */
struct govern_change {
	const struct str *name, *password, *unit;
	const enum govern_role *role;
	const bool *disabled;
};
NODISCARD enum err_code govern_user_change(struct govern *g, struct str login, const struct govern_change *c,
                                           struct err *err);
NODISCARD enum err_code govern_user_delete(struct govern *g, struct str login, struct err *err);

/* --- sessions --------------------------------------------------------------------------- */

struct govern_session {
	struct str token; /* for the cookie; hex */
	struct str csrf;  /* for the header of every changing request; made from the token, useless without it */
	struct govern_user user;
};

/*
 * Signs in. `network` is the peer's address as text ("" for none): its /24
 * or /64 is what is slowed down.
 *
 * Errors: ERR_DENIED "session.wrong", the same words and the same time for
 * an unknown login, a disabled one and a wrong password; ERR_UNAVAILABLE
 * "session.slow" with err.limit the seconds to wait, after too many tries
 * (the delay doubles from 1 s to 15 min and is forgotten after an hour
 * without tries); ERR_UNAVAILABLE "session.busy".
 */
NODISCARD enum err_code govern_sign_in(struct govern *g, struct str login, struct str password, struct str network,
                                       struct arena *a, struct govern_session *out, struct err *err);

/* The session of a cookie. ERR_DENIED "session.none" when it is unknown, ended, too old, or its person was disabled. */
NODISCARD enum err_code govern_session(struct govern *g, struct str token, struct arena *a, struct govern_session *out,
                                       struct err *err);
/* Ends it; an unknown one is no error. */
NODISCARD enum err_code govern_sign_out(struct govern *g, struct str token, struct err *err);

/* Compares in constant time. */
bool govern_csrf_ok(const struct govern_session *s, struct str header);

/* Changes the own password after checking the old one. Ends all sessions but `keep_token`. */
NODISCARD enum err_code govern_password(struct govern *g, struct str login, struct str old, struct str fresh,
                                        struct str keep_token, struct err *err);

/*
 * Settings of a person: {"lang","digits","calendar","theme"}, values as in
 * docs/api.md. A patch gives some of them; a value outside the list is
 * ERR_INPUT with the field. `out` is the whole object afterwards.
 */
NODISCARD enum err_code govern_settings_change(struct govern *g, struct str login, struct str patch, struct arena *a,
                                               struct str *out, struct err *err);
extern const char govern_settings_default[];

/* --- the organisation --------------------------------------------------------------------- */

/*
 * {"name","sector","languages":["en",...],"customer_word":{by language},"zone","configured"},
 * canonical JSON. configured turns true with the first change.
 */
NODISCARD enum err_code govern_organisation(struct govern *g, struct arena *a, struct str *json, struct err *err);
NODISCARD enum err_code govern_organisation_change(struct govern *g, struct str patch, struct arena *a,
                                                   struct str *json, struct err *err);
/* Its time zone, "UTC" until one was chosen. */
NODISCARD enum err_code govern_zone(struct govern *g, struct arena *a, struct str *zone, struct err *err);

#endif
