/* People who sign in, and their settings. */
#include "base/json.h"
#include "govern/priv.h"

const char govern_settings_default[] =
        "{\"calendar\":\"gregorian\",\"digits\":\"latn\",\"lang\":\"en\",\"theme\":\"auto\"}";

enum err_code login_clean(struct str login, char out[GOVERN_LOGIN_BYTES_MAX + 1], struct err *err)
{
	login = str_trim(login);
	bool fine = login.len >= 1 && login.len <= GOVERN_LOGIN_BYTES_MAX;
	for (size_t i = 0; fine && i < login.len; i++) {
		char c = login.ptr[i];
		if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
		fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("._-@+", c));
		out[i] = c;
	}
	if (fine) {
		out[login.len] = '\0';
		return OK;
	}
	enum err_code rc = err_set(err, ERR_INPUT, "user.login", "login",
	                           "a name to sign in with has 1 to %d of a-z 0-9 . _ - @ +", GOVERN_LOGIN_BYTES_MAX);
	err_hint(err, "An e-mail address will do.");
	return rc;
}

/* Columns of user_by_login and user_list. */
static enum err_code row_read(struct stmt *s, struct arena *a, struct user_row *out, struct err *err)
{
	out->user = (struct govern_user){
		.id = stmt_i64(s, 0),
		.login = str_copy(a, stmt_str(s, 1)),
		.name = str_copy(a, stmt_str(s, 2)),
		.role = (enum govern_role)stmt_i64(s, 3),
		.created_ms = stmt_i64(s, 4),
		.last_ms = stmt_i64(s, 5),
		.disabled = stmt_i64(s, 6) != 0,
		.settings = str_copy(a, stmt_str(s, 7)),
	};
	out->password = str_copy(a, stmt_str(s, 8));
	out->user.unit = str_copy(a, stmt_str(s, 9));
	if (!out->user.unit.ptr || !out->user.login.ptr || !out->user.name.ptr || !out->user.settings.ptr ||
	    !out->password.ptr)
		return err_no_memory(err);
	return OK;
}

enum err_code user_find(struct govern *g, struct str login, struct arena *a, struct user_row *out, bool *found,
                        struct err *err)
{
	struct stmt *s = NULL;
	*found = false;
	enum err_code rc = stmt_prepare(&s, g->store, "user_by_login", err);
	if (rc == OK) {
		stmt_bind_str(s, 1, login);
		rc = stmt_step(s, found, err);
	}
	if (rc == OK && *found) rc = row_read(s, a, out, err);
	stmt_free(s);
	return rc;
}

/* Like user_find for what somebody typed; ERR_NOT_FOUND when there is none. */
static enum err_code user_get(struct govern *g, struct str login, struct arena *a, struct user_row *out,
                              struct err *err)
{
	char clean[GOVERN_LOGIN_BYTES_MAX + 1];
	bool found = false;
	if (login_clean(login, clean, NULL) == OK) TRY(user_find(g, str_of(clean), a, out, &found, err));
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "user.unknown", "login", "nobody signs in as \"" STR_FMT "\"",
		               STR_ARG(login));
	return OK;
}

enum err_code govern_user(struct govern *g, struct str login, struct arena *a, struct govern_user *out, struct err *err)
{
	struct user_row row = { 0 };
	TRY(user_get(g, login, a, &row, err));
	*out = row.user;
	return OK;
}

enum err_code govern_users(struct govern *g, struct arena *a, struct govern_user **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	size_t used = 0, cap = 16;
	struct govern_user *users = ARENA_ARRAY(a, struct govern_user, cap);
	enum err_code rc = users ? stmt_prepare(&s, g->store, "user_list", err) : err_no_memory(err);
	for (bool row = false; rc == OK;) {
		rc = stmt_step(s, &row, err);
		if (rc != OK || !row) break;
		if (used == cap) {
			struct govern_user *more = ARENA_ARRAY(a, struct govern_user, cap * 2);
			if (!more) {
				rc = err_no_memory(err);
				break;
			}
			memcpy(more, users, used * sizeof *users);
			users = more;
			cap *= 2;
		}
		struct user_row full;
		rc = row_read(s, a, &full, err);
		users[used++] = full.user;
	}
	stmt_free(s);
	if (rc != OK) return rc;
	*out = users;
	*n = used;
	return OK;
}

/* --- making and changing -------------------------------------------------------------------- */

static enum err_code count_of(struct store_write *w, const char *query, int64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, query, err));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK) *out = row ? stmt_i64(s, 0) : 0;
	stmt_free(s);
	return rc;
}

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

struct making {
	struct str login, name, password, unit;
	enum govern_role role;
	int64_t now_ms;
};

static enum err_code making_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct making *m = ctx;
	int64_t n = 0;
	struct stmt *s = NULL;
	bool there = false;
	TRY(count_of(w, "user_count", &n, err));
	if (n >= GOVERN_USERS_MAX)
		return err_limit(err, "user.many", "", n, GOVERN_USERS_MAX,
		                 "%d people sign in already, no more are taken", GOVERN_USERS_MAX);
	TRY(write_prepare(&s, w, "user_by_login", err));
	stmt_bind_str(s, 1, m->login);
	enum err_code rc = stmt_step(s, &there, err);
	stmt_free(s);
	if (rc != OK) return rc;
	if (there)
		return err_set(err, ERR_CONFLICT, "user.taken", "login", "somebody signs in as \"" STR_FMT "\" already",
		               STR_ARG(m->login));
	TRY(write_prepare(&s, w, "user_insert", err));
	stmt_bind_str(s, 1, m->login);
	stmt_bind_str(s, 2, m->name);
	stmt_bind_i64(s, 3, m->role);
	stmt_bind_str(s, 4, m->password);
	stmt_bind_i64(s, 5, m->now_ms);
	stmt_bind_str(s, 6, m->unit);
	return run(s, err);
}

static enum err_code name_check(struct str name, struct err *err)
{
	if (name.len > GOVERN_NAME_BYTES_MAX)
		return err_limit(err, "user.name", "name", (int64_t)name.len, GOVERN_NAME_BYTES_MAX,
		                 "the name has %zu bytes, at most %d are taken", name.len, GOVERN_NAME_BYTES_MAX);
	return OK;
}

static enum err_code unit_check(struct str unit, enum govern_role role, struct err *err)
{
	if (unit.len > GOVERN_UNIT_BYTES_MAX)
		return err_limit(err, "unit.path", "unit", (int64_t)unit.len, GOVERN_UNIT_BYTES_MAX,
		                 "a unit has at most %d bytes", GOVERN_UNIT_BYTES_MAX);
	if (!unit.len || role != GOVERN_ADMINISTRATOR) return OK;
	return err_set(err, ERR_INPUT, "user.unit", "unit", "an administrator sees the whole organisation");
}

enum err_code govern_user_new(struct govern *g, struct str login, struct str name, enum govern_role role,
                              struct str unit, struct str password, struct err *err)
{
	char clean[GOVERN_LOGIN_BYTES_MAX + 1], encoded[160];
	TRY(login_clean(login, clean, err));
	name = str_trim(name);
	TRY(name_check(name, err));
	TRY(unit_check(unit, role, err));
	TRY(password_acceptable(password, str_of(clean), err));
	TRY(password_hash(g, password, encoded, err));
	struct making m = { .login = str_of(clean),
		            .name = name.len ? name : str_of(clean),
		            .password = str_of(encoded),
		            .unit = unit,
		            .role = role,
		            .now_ms = now_ms(g) };
	return store_write(g->store, making_write, &m, err);
}

/* One transaction: the person's newest row is read in it, so that two changes at once cannot undo each other. */
struct changing {
	struct str login;
	const struct govern_change *change;
	const char *password; /* encoded, or NULL */
	struct str keep;      /* hash of the session that stays; {NULL,0} none */
	bool delete;
};

static enum err_code changing_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct changing *c = ctx;
	char room_name[GOVERN_NAME_BYTES_MAX], room_password[160], room_unit[GOVERN_UNIT_BYTES_MAX];
	struct stmt *s = NULL;
	bool there = false;
	int64_t id = 0, administrators = 0;
	enum govern_role role = GOVERN_NOBODY;
	bool disabled = false;
	struct str name = { 0 }, password = { 0 }, unit = { 0 };

	TRY(write_prepare(&s, w, "user_by_login", err));
	stmt_bind_str(s, 1, c->login);
	enum err_code rc = stmt_step(s, &there, err);
	if (rc == OK && there) {
		id = stmt_i64(s, 0);
		role = (enum govern_role)stmt_i64(s, 3);
		disabled = stmt_i64(s, 6) != 0;
		name = stmt_str(s, 2);
		password = stmt_str(s, 8);
		unit = stmt_str(s, 9);
		if (name.len > sizeof room_name || password.len > sizeof room_password || unit.len > sizeof room_unit)
			rc = err_set(err, ERR_CORRUPT, "user.row", "", "the row of \"" STR_FMT "\" is damaged",
			             STR_ARG(c->login));
		else {
			memcpy(room_name, name.ptr ? name.ptr : "", name.len);
			memcpy(room_password, password.ptr ? password.ptr : "", password.len);
			memcpy(room_unit, unit.ptr ? unit.ptr : "", unit.len);
			name.ptr = room_name;
			password.ptr = room_password;
			unit.ptr = room_unit;
		}
	}
	stmt_free(s);
	if (rc != OK) return rc;
	if (!there)
		return err_set(err, ERR_NOT_FOUND, "user.unknown", "login", "nobody signs in as \"" STR_FMT "\"",
		               STR_ARG(c->login));

	static const struct govern_change nothing;
	const struct govern_change *want = c->change ? c->change : &nothing;
	enum govern_role new_role = want->role ? *want->role : role;
	if (want->unit) unit = *want->unit;
	TRY(unit_check(unit, new_role, err));
	bool new_disabled = want->disabled ? *want->disabled : disabled;
	bool was = role == GOVERN_ADMINISTRATOR && !disabled;
	bool stays = new_role == GOVERN_ADMINISTRATOR && !new_disabled && !c->delete;
	if (was && !stays) {
		TRY(count_of(w, "user_administrators", &administrators, err));
		if (administrators <= 1) {
			rc = err_set(err, ERR_CONFLICT, "user.last", "role",
			             "\"" STR_FMT "\" is the only administrator", STR_ARG(c->login));
			err_hint(err, "Make another administrator first.");
			return rc;
		}
	}
	if (c->delete || new_role != role || (new_disabled && !disabled) || c->password) {
		TRY(write_prepare(&s, w, "session_delete_user", err));
		stmt_bind_i64(s, 1, id);
		stmt_bind_blob(s, 2, c->keep);
		TRY(run(s, err));
	}
	if (c->delete) {
		TRY(write_prepare(&s, w, "user_delete", err));
		stmt_bind_i64(s, 1, id);
		return run(s, err);
	}
	TRY(write_prepare(&s, w, "user_update", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_str(s, 2, want->name ? *want->name : name);
	stmt_bind_i64(s, 3, new_role);
	stmt_bind_i64(s, 4, new_disabled);
	stmt_bind_str(s, 5, c->password ? str_of(c->password) : password);
	stmt_bind_str(s, 6, unit);
	return run(s, err);
}

enum err_code govern_user_change(struct govern *g, struct str login, const struct govern_change *change,
                                 struct err *err)
{
	char clean[GOVERN_LOGIN_BYTES_MAX + 1], encoded[160];
	struct govern_change c = *change;
	struct str name;
	TRY(login_clean(login, clean, err));
	if (c.name) {
		name = str_trim(*c.name);
		TRY(name_check(name, err));
		if (!name.len) name = str_of(clean);
		c.name = &name;
	}
	if (c.password) {
		TRY(password_acceptable(*c.password, str_of(clean), err));
		TRY(password_hash(g, *c.password, encoded, err));
	}
	struct changing ch = { .login = str_of(clean), .change = &c, .password = c.password ? encoded : NULL };
	return store_write(g->store, changing_write, &ch, err);
}

enum err_code govern_user_delete(struct govern *g, struct str login, struct err *err)
{
	char clean[GOVERN_LOGIN_BYTES_MAX + 1];
	TRY(login_clean(login, clean, err));
	struct changing ch = { .login = str_of(clean), .delete = true };
	return store_write(g->store, changing_write, &ch, err);
}

enum err_code govern_password(struct govern *g, struct str login, struct str old, struct str fresh,
                              struct str keep_token, struct err *err)
{
	struct arena a;
	arena_init(&a, 64 * 1024);
	char encoded[160];
	unsigned char keep[32];
	struct user_row row = { 0 };
	bool right = false;
	uint64_t key = throttle_key_login(login);
	enum err_code rc = user_get(g, login, &a, &row, err);
	if (rc != OK) goto done;
	if (throttle_wait(&g->throttle, key, now_ms(g)) > 0) {
		rc = err_set(err, ERR_UNAVAILABLE, "session.slow", "", "too many wrong passwords");
		err_hint(err, "Wait a little, then try again.");
		goto done;
	}
	rc = password_check(g, row.password.ptr, old, &right, err);
	if (rc != OK) goto done;
	if (!right) {
		throttle_failed(&g->throttle, key, GOVERN_FREE_TRIES, now_ms(g));
		rc = err_set(err, ERR_DENIED, "password.old", "password", "the old password is not right");
		goto done;
	}
	rc = password_acceptable(fresh, row.user.login, err);
	if (rc != OK) goto done;
	rc = password_hash(g, fresh, encoded, err);
	if (rc != OK) goto done;
	token_hash(keep_token, keep);
	struct changing ch = { .login = row.user.login,
		               .password = encoded,
		               .keep = { (const char *)keep, sizeof keep } };
	rc = store_write(g->store, changing_write, &ch, err);
done:
	arena_done(&a);
	return rc;
}

/* --- settings --------------------------------------------------------------------------------- */

static const struct {
	const char *key, *values[5];
} settings[] = {
	/* by key, as the canonical form has them */
	{ "calendar", { "gregorian", "persian", "islamic-umalqura" } },
	{ "digits", { "latn", "arab", "arabext" } },
	{ "lang", { "en", "ar", "fa" } },
	{ "theme", { "auto", "light", "dark" } },
};

/* The value of settings[i] in a JSON object, if it is one of the list. */
static const char *setting_in(struct str object, size_t i, struct arena *a)
{
	struct str text;
	if (!json_get_text(object, str_of(settings[i].key), a, &text)) return NULL;
	for (size_t k = 0; settings[i].values[k]; k++)
		if (str_eq(text, str_of(settings[i].values[k]))) return settings[i].values[k];
	return NULL;
}

struct settings_writing {
	int64_t user;
	struct str json;
};

static enum err_code settings_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct settings_writing *c = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "user_settings", err));
	stmt_bind_i64(s, 1, c->user);
	stmt_bind_str(s, 2, c->json);
	return run(s, err);
}

enum err_code govern_settings_change(struct govern *g, struct str login, struct str patch, struct arena *a,
                                     struct str *out, struct err *err)
{
	struct user_row row = { 0 };
	struct str raw, now = STR("{");
	TRY(user_get(g, login, a, &row, err));
	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		const char *value = setting_in(patch, i, a);
		if (!value && json_get(patch, str_of(settings[i].key), &raw)) {
			enum err_code rc = err_set(err, ERR_INPUT, "settings.value", settings[i].key,
			                           "" STR_FMT " is no value of this setting",
			                           (int)(raw.len < 60 ? raw.len : 60), raw.ptr);
			err_hint(err, "It is one of %s, %s, %s.", settings[i].values[0], settings[i].values[1],
			         settings[i].values[2]);
			return rc;
		}
		if (!value) value = setting_in(row.user.settings, i, a);
		if (!value) value = setting_in(str_of(govern_settings_default), i, a);
		now = str_format(a, STR_FMT "%s\"%s\":\"%s\"", STR_ARG(now), i ? "," : "", settings[i].key, value);
		if (!now.ptr) return err_no_memory(err);
	}
	now = str_format(a, STR_FMT "}", STR_ARG(now));
	if (!now.ptr) return err_no_memory(err);
	struct settings_writing c = { row.user.id, now };
	TRY(store_write(g->store, settings_write, &c, err));
	*out = now;
	return OK;
}
