/* Signing in, settings, people, the organisation; and what says how the server is. */
#include "http/priv.h"

/* --- session ---------------------------------------------------------------------------------- */

static void put_settings(struct json_out *o, struct str kept)
{
	json_put_raw(o, kept.len > 2 ? kept : str_of(govern_settings_default));
}

static enum err_code put_session(struct http_call *c, struct err *err)
{
	struct str organisation;
	struct json_out o;
	const struct govern_user *u = &c->session.user;
	bool person = c->signed_in && !c->local, demo;
	TRY(demo_there(c, &demo, err));
	TRY(govern_organisation(c->h->opt.govern, c->arena, &organisation, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_bool(&o, "signed_in", c->signed_in);
	json_key(&o, "user");
	if (c->signed_in) {
		json_open(&o, '{');
		json_kv_str(&o, "login", person ? u->login : STR("local"));
		json_kv_str(&o, "name", person ? u->name : STR("local"));
		json_kv_z(&o, "role", govern_role_names[c->role]);
		json_kv_str(&o, "unit", call_unit(c));
		json_close(&o, '}');
	} else {
		json_put_null(&o);
	}
	json_key(&o, "settings");
	put_settings(&o, person ? u->settings : (struct str){ 0 });
	json_kv_str(&o, "csrf", person ? c->session.csrf : STR(""));
	json_kv_bool(&o, "setup_needed", govern_setup_needed(c->h->opt.govern));
	json_key(&o, "organisation");
	json_put_raw(&o, organisation);
	json_kv_bool(&o, "demo", demo);
	json_kv_z(&o, "version", c->h->opt.version);
	json_close(&o, '}');
	return OK;
}

static void set_cookie(struct http_call *c, struct str token, int64_t seconds)
{
	answer_header(c, "Set-Cookie",
	              str_format(c->arena, "%s=" STR_FMT "; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld",
	                         route_cookie(c), STR_ARG(token), (long long)seconds));
}

HANDLER(get_session)
{
	return put_session(c, err);
}

static enum err_code sign_in(struct http_call *c, struct str login, struct str password, struct err *err)
{
	struct govern_session fresh;
	TRY(govern_sign_in(c->h->opt.govern, login, password, c->peer, c->arena, &fresh, err));
	if (c->signed_in && !c->local) TRY(govern_sign_out(c->h->opt.govern, c->session.token, err));
	c->session = fresh;
	c->signed_in = true;
	c->local = false;
	c->role = fresh.user.role;
	set_cookie(c, fresh.token, GOVERN_SESSION_MS / 1000);
	return put_session(c, err);
}

HANDLER(post_session)
{
	struct str login, password;
	TRY(body_text(c, "login", true, &login, err));
	TRY(body_text(c, "password", true, &password, err));
	return sign_in(c, login, password, err);
}

static enum err_code need_person(struct http_call *c, struct err *err)
{
	if (c->local) return err_set(err, ERR_INPUT, "session.local", "", "nobody signs in on the local socket");
	return OK;
}

HANDLER(delete_session)
{
	TRY(need_person(c, err));
	TRY(govern_sign_out(c->h->opt.govern, c->session.token, err));
	set_cookie(c, STR(""), 0);
	answer_empty(c, 204);
	return OK;
}

HANDLER(post_setup)
{
	struct str token, login, password, name = STR("");
	TRY(body_text(c, "token", true, &token, err));
	TRY(body_text(c, "login", true, &login, err));
	TRY(body_text(c, "password", true, &password, err));
	TRY(body_text(c, "name", false, &name, err));
	TRY(govern_setup(c->h->opt.govern, token, login, name, password, err));
	return sign_in(c, login, password, err);
}

HANDLER(patch_me)
{
	struct str raw, old, fresh, settings;
	TRY(need_person(c, err));
	struct govern_user *u = &c->session.user;
	if (json_get(c->body, STR("password"), &raw)) {
		if (!json_get_text(raw, STR("old"), c->arena, &old) ||
		    !json_get_text(raw, STR("new"), c->arena, &fresh))
			return err_set(err, ERR_INPUT, "http.member", "password",
			               "\"password\" has to be {\"old\",\"new\"}");
		TRY(govern_password(c->h->opt.govern, u->login, old, fresh, c->session.token, err));
	}
	TRY(govern_settings_change(c->h->opt.govern, u->login, c->body, c->arena, &settings, err));
	buf_str(&c->out, settings);
	return OK;
}

/* --- organisation ------------------------------------------------------------------------------- */

HANDLER(get_organisation)
{
	struct str json;
	TRY(govern_organisation(c->h->opt.govern, c->arena, &json, err));
	buf_str(&c->out, json);
	return OK;
}

HANDLER(patch_organisation)
{
	struct str json;
	TRY(govern_organisation_change(c->h->opt.govern, c->body, c->arena, &json, err));
	atomic_fetch_add(&c->h->map_generation, 1); /* its time zone cuts days */
	buf_str(&c->out, json);
	return OK;
}

/* --- people who sign in ---------------------------------------------------------------------------- */

static void put_user(struct json_out *o, const struct govern_user *u)
{
	json_open(o, '{');
	json_kv_str(o, "login", u->login);
	json_kv_str(o, "name", u->name);
	json_kv_z(o, "role", govern_role_names[u->role]);
	json_kv_str(o, "unit", u->unit);
	json_kv_i64(o, "created_ms", u->created_ms);
	json_kv_i64(o, "last_ms", u->last_ms);
	json_kv_bool(o, "disabled", u->disabled);
	json_close(o, '}');
}

HANDLER(get_users)
{
	struct govern_user *users;
	struct json_out o;
	size_t n;
	TRY(govern_users(c->h->opt.govern, c->arena, &users, &n, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_key(&o, "users");
	json_open(&o, '[');
	for (size_t i = 0; i < n; i++) put_user(&o, &users[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

static enum err_code read_role(struct http_call *c, bool required, enum govern_role *out, bool *given, struct err *err)
{
	struct str role = { 0 };
	TRY(body_text(c, "role", required, &role, err));
	*given = role.ptr != NULL;
	if (!role.ptr || govern_role_of(role, out)) return OK;
	enum err_code rc = err_set(err, ERR_INPUT, "user.role", "role", "\"" STR_FMT "\" is no role",
	                           (int)(role.len < 40 ? role.len : 40), role.ptr);
	err_hint(err, "One of viewer, agent, analyst, administrator.");
	return rc;
}

static enum err_code answer_user(struct http_call *c, struct str login, struct err *err)
{
	struct govern_user u;
	struct json_out o;
	TRY(govern_user(c->h->opt.govern, login, c->arena, &u, err));
	json_out_init(&o, &c->out);
	put_user(&o, &u);
	return OK;
}

HANDLER(post_users)
{
	struct str login, name = STR(""), unit = STR(""), password;
	enum govern_role role = GOVERN_VIEWER;
	bool given;
	TRY(body_text(c, "login", true, &login, err));
	TRY(body_text(c, "name", false, &name, err));
	TRY(body_text(c, "password", true, &password, err));
	TRY(body_text(c, "unit", false, &unit, err));
	TRY(read_role(c, true, &role, &given, err));
	TRY(govern_user_new(c->h->opt.govern, login, name, role, unit, password, err));
	c->status = 201;
	return answer_user(c, login, err);
}

HANDLER(patch_user)
{
	struct str name = { 0 }, password = { 0 }, unit = { 0 };
	enum govern_role role;
	bool disabled = false, given_role, given_disabled;
	TRY(body_text(c, "name", false, &name, err));
	TRY(body_text(c, "password", false, &password, err));
	TRY(body_text(c, "unit", false, &unit, err));
	TRY(read_role(c, false, &role, &given_role, err));
	TRY(body_bool(c, "disabled", &disabled, &given_disabled, err));
	struct govern_change change = {
		.name = name.ptr ? &name : NULL,
		.password = password.ptr ? &password : NULL,
		.unit = unit.ptr ? &unit : NULL,
		.role = given_role ? &role : NULL,
		.disabled = given_disabled ? &disabled : NULL,
	};
	TRY(govern_user_change(c->h->opt.govern, c->params[0], &change, err));
	return answer_user(c, c->params[0], err);
}

HANDLER(delete_user)
{
	TRY(govern_user_delete(c->h->opt.govern, c->params[0], err));
	answer_empty(c, 204);
	return OK;
}

/* --- how the server is -------------------------------------------------------------------------------- */

HANDLER(get_healthz)
{
	buf_str(&c->out, STR("{\"ok\":true}"));
	return OK;
}

HANDLER(get_readyz)
{
	struct ask *ask;
	TRY(need_ask(c, &ask, err));
	buf_str(&c->out, STR("{\"ok\":true}"));
	return OK;
}

HANDLER(get_version)
{
	buf_printf(&c->out, "{\"version\":\"%s\"}", c->h->opt.version);
	return OK;
}

HANDLER(get_openapi)
{
	http_openapi(&c->out, c->h->opt.version);
	return OK;
}
