/* Signing in and out. */
#include "base/when.h"
#include "govern/priv.h"

#define TOUCH_MS                                                                                                       \
	((int64_t)5 *                                                                                                  \
	 WHEN_MINUTE_MS) /* how exactly the last request is kept: a write for every request would cost a sync */

struct signing {
	int64_t user, now_ms;
	unsigned char hash[32];
};

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code signing_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct signing *c = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "session_delete_old", err));
	stmt_bind_i64(s, 1, c->now_ms - GOVERN_SESSION_MS);
	stmt_bind_i64(s, 2, c->now_ms - GOVERN_IDLE_MS);
	TRY(run(s, err));
	TRY(write_prepare(&s, w, "session_insert", err));
	stmt_bind_blob(s, 1, (struct str){ (const char *)c->hash, 32 });
	stmt_bind_i64(s, 2, c->user);
	stmt_bind_i64(s, 3, c->now_ms);
	TRY(run(s, err));
	TRY(write_prepare(&s, w, "user_touch", err));
	stmt_bind_i64(s, 1, c->user);
	stmt_bind_i64(s, 2, c->now_ms);
	return run(s, err);
}

static enum err_code slow(struct err *err, int64_t wait_ms)
{
	int64_t seconds = (wait_ms + 999) / 1000;
	enum err_code rc = err_set(err, ERR_UNAVAILABLE, "session.slow", "", "too many wrong passwords: wait %lld s",
	                           (long long)seconds);
	if (err) err->value = err->limit = seconds;
	err_hint(err, "Wait, then try again. An administrator can set a new password.");
	return rc;
}

enum err_code govern_sign_in(struct govern *g, struct str login, struct str password, struct str network,
                             struct arena *a, struct govern_session *out, struct err *err)
{
	char clean[GOVERN_LOGIN_BYTES_MAX + 1];
	struct user_row row = { 0 };
	bool found = false, right = false;
	if (login_clean(login, clean, NULL) == OK) TRY(user_find(g, str_of(clean), a, &row, &found, err));
	else clean[0] = '\0';

	uint64_t by_login = throttle_key_login(str_of(clean)), by_net = throttle_key_net(network);
	int64_t wait = throttle_wait(&g->throttle, by_login, now_ms(g));
	int64_t wait_net = by_net ? throttle_wait(&g->throttle, by_net, now_ms(g)) : 0;
	if (wait || wait_net) return slow(err, wait > wait_net ? wait : wait_net);

	bool possible = found && !row.user.disabled;
	TRY(password_check(g, possible ? row.password.ptr : g->nobody, password, &right, err));
	if (!possible || !right) {
		throttle_failed(&g->throttle, by_login, GOVERN_FREE_TRIES, now_ms(g));
		if (by_net) throttle_failed(&g->throttle, by_net, GOVERN_FREE_TRIES_NET, now_ms(g));
		enum err_code rc = err_set(err, ERR_DENIED, "session.wrong", "", "name or password is not right");
		err_hint(err, "An administrator can set a new password.");
		return rc;
	}
	throttle_forget(&g->throttle, by_login);

	struct govern_session s = { .user = row.user };
	TRY(token_new(a, &s.token, err));
	TRY(token_csrf(s.token, a, &s.csrf, err));
	struct signing c = { .user = row.user.id, .now_ms = now_ms(g) };
	token_hash(s.token, c.hash);
	TRY(store_write(g->store, signing_write, &c, err));
	s.user.last_ms = c.now_ms;
	*out = s;
	return OK;
}

static enum err_code touch_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct signing *c = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "session_touch", err));
	stmt_bind_blob(s, 1, (struct str){ (const char *)c->hash, 32 });
	stmt_bind_i64(s, 2, c->now_ms);
	return run(s, err);
}

enum err_code govern_session(struct govern *g, struct str token, struct arena *a, struct govern_session *out,
                             struct err *err)
{
	struct signing c = { .now_ms = now_ms(g) };
	struct govern_session found = { 0 };
	struct stmt *s = NULL;
	bool row = false;
	int64_t created = 0, last = 0;
	if (token.len != TOKEN_BYTES * 2) return err_set(err, ERR_DENIED, "session.none", "", "nobody is signed in");
	token_hash(token, c.hash);
	enum err_code rc = stmt_prepare(&s, g->store, "session_by_hash", err);
	if (rc == OK) {
		stmt_bind_blob(s, 1, (struct str){ (const char *)c.hash, 32 });
		rc = stmt_step(s, &row, err);
	}
	if (rc == OK && row) {
		found.user = (struct govern_user){
			.id = stmt_i64(s, 0),
			.login = str_copy(a, stmt_str(s, 1)),
			.name = str_copy(a, stmt_str(s, 2)),
			.role = (enum govern_role)stmt_i64(s, 3),
			.created_ms = stmt_i64(s, 4),
			.last_ms = stmt_i64(s, 5),
			.disabled = stmt_i64(s, 6) != 0,
			.settings = str_copy(a, stmt_str(s, 7)),
			.unit = str_copy(a, stmt_str(s, 10)),
		};
		created = stmt_i64(s, 8);
		last = stmt_i64(s, 9);
		found.token = str_copy(a, token);
		if (!found.user.unit.ptr || !found.user.login.ptr || !found.user.name.ptr || !found.user.settings.ptr ||
		    !found.token.ptr)
			rc = err_no_memory(err);
	}
	stmt_free(s);
	if (rc != OK) return rc;
	/* A clock that jumped back must not make a session live for ever: an age below zero is as bad as one too high.
	 */
	int64_t age = c.now_ms - created, idle = c.now_ms - last;
	if (!row || found.user.disabled || age >= GOVERN_SESSION_MS || idle >= GOVERN_IDLE_MS || age < -WHEN_DAY_MS)
		return err_set(err, ERR_DENIED, "session.none", "", "nobody is signed in");
	TRY(token_csrf(found.token, a, &found.csrf, err));
	if (idle >= TOUCH_MS) {
		/* A full disk must not shut out those who are signed in: reading goes on. */
		struct err unwritten;
		enum err_code wrote = store_write(g->store, touch_write, &c, &unwritten);
		(void)wrote;
	}
	*out = found;
	return OK;
}

static enum err_code out_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct signing *c = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "session_delete", err));
	stmt_bind_blob(s, 1, (struct str){ (const char *)c->hash, 32 });
	return run(s, err);
}

enum err_code govern_sign_out(struct govern *g, struct str token, struct err *err)
{
	struct signing c = { 0 };
	token_hash(token, c.hash);
	return store_write(g->store, out_write, &c, err);
}
