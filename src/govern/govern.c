/* Opening, the first administrator, and the organisation. */
#include "govern/govern.h"

#include "base/json.h"
#include "base/when.h"
#include "govern/priv.h"

#define ARENA_BYTES ((size_t)1024 * 1024)

const char *const govern_role_names[GOVERN_ROLES] = { "nobody", "viewer", "agent", "analyst", "administrator" };

bool govern_role_of(struct str name, enum govern_role *out)
{
	for (int i = GOVERN_VIEWER; i < GOVERN_ROLES; i++)
		if (str_eq(name, str_of(govern_role_names[i]))) {
			*out = (enum govern_role)i;
			return true;
		}
	return false;
}

enum err_code govern_open(struct store *st, const struct govern_options *opt, struct govern **out, struct err *err)
{
	struct govern *g = calloc(1, sizeof *g);
	if (!g) return err_no_memory(err);
	g->store = st;
	g->opt = *opt;
	pthread_mutex_init(&g->hash_lock, NULL);
	pthread_cond_init(&g->hash_free, NULL);
	pthread_mutex_init(&g->setup_lock, NULL);
	throttle_init(&g->throttle);
	enum err_code rc = password_hash(g, STR("nobody signs in with this"), g->nobody, err);
	if (rc != OK) {
		govern_close(g);
		return rc;
	}
	*out = g;
	return OK;
}

void govern_close(struct govern *g)
{
	if (!g) return;
	throttle_done(&g->throttle);
	pthread_mutex_destroy(&g->setup_lock);
	pthread_cond_destroy(&g->hash_free);
	pthread_mutex_destroy(&g->hash_lock);
	free(g);
}

/* --- the first administrator ------------------------------------------------------------ */

bool govern_setup_needed(struct govern *g)
{
	struct err err;
	struct stmt *s = NULL;
	bool row = false, needed = false;
	if (stmt_prepare(&s, g->store, "user_administrators", &err) == OK && stmt_step(s, &row, &err) == OK && row)
		needed = stmt_i64(s, 0) == 0;
	stmt_free(s);
	return needed;
}

enum err_code govern_setup_token(struct govern *g, struct arena *a, struct str *token, struct err *err)
{
	if (!govern_setup_needed(g))
		return err_set(err, ERR_CONFLICT, "setup.done", "", "there is an administrator already");
	struct str fresh;
	TRY(token_new(a, &fresh, err));
	pthread_mutex_lock(&g->setup_lock);
	token_hash(fresh, g->setup_hash);
	g->setup_armed = true;
	pthread_mutex_unlock(&g->setup_lock);
	*token = fresh;
	return OK;
}

enum err_code govern_setup(struct govern *g, struct str token, struct str login, struct str name, struct str password,
                           struct err *err)
{
	unsigned char hash[32];
	token_hash(token, hash);
	/* Held over the making, so that two requests with one token make one administrator. */
	pthread_mutex_lock(&g->setup_lock);
	enum err_code rc;
	if (!g->setup_armed ||
	    !same_bytes((struct str){ (char *)hash, 32 }, (struct str){ (char *)g->setup_hash, 32 })) {
		rc = err_set(err, ERR_DENIED, "setup.token", "token", "this set-up link was used or is not the newest");
		err_hint(err, "Start the server again: it prints a new link as long as there is no administrator.");
	} else if (!govern_setup_needed(g)) {
		rc = err_set(err, ERR_CONFLICT, "setup.done", "", "there is an administrator already");
	} else {
		rc = govern_user_new(g, login, name, GOVERN_ADMINISTRATOR, STR(""), password, err);
		if (rc == OK) g->setup_armed = false;
	}
	pthread_mutex_unlock(&g->setup_lock);
	return rc;
}

/* --- the organisation --------------------------------------------------------------------- */

struct organisation {
	struct str name, sector, languages, customer_word, zone;
	bool configured;
};

static enum err_code organisation_read(struct govern *g, struct arena *a, struct organisation *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	enum err_code rc = stmt_prepare(&s, g->store, "organisation_get", err);
	if (rc == OK) rc = stmt_step(s, &row, err);
	if (rc == OK && !row)
		rc = err_set(err, ERR_CORRUPT, "organisation.missing", "", "the organisation's row is missing");
	if (rc == OK) {
		struct str *fields[] = { &out->name, &out->sector, &out->languages, &out->customer_word, &out->zone };
		for (int i = 0; i < 5 && rc == OK; i++) {
			*fields[i] = str_copy(a, stmt_str(s, i));
			if (!fields[i]->ptr) rc = err_no_memory(err);
		}
		out->configured = stmt_i64(s, 5) != 0;
	}
	stmt_free(s);
	return rc;
}

static enum err_code organisation_json(const struct organisation *o, struct arena *a, struct str *json, struct err *err)
{
	struct buf b;
	buf_init(&b, ARENA_BYTES);
	struct json_out j;
	json_out_init(&j, &b);
	json_open(&j, '{');
	json_kv_bool(&j, "configured", o->configured);
	json_key(&j, "customer_word");
	json_put_raw(&j, o->customer_word);
	json_key(&j, "languages");
	json_put_raw(&j, o->languages);
	json_kv_str(&j, "name", o->name);
	json_kv_str(&j, "sector", o->sector);
	json_kv_str(&j, "zone", o->zone);
	json_close(&j, '}');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK) {
		*json = str_copy(a, buf_view(&b));
		if (!json->ptr) rc = err_no_memory(err);
	}
	buf_done(&b);
	return rc;
}

enum err_code govern_organisation(struct govern *g, struct arena *a, struct str *json, struct err *err)
{
	struct organisation o = { 0 };
	TRY(organisation_read(g, a, &o, err));
	return organisation_json(&o, a, json, err);
}

enum err_code govern_zone(struct govern *g, struct arena *a, struct str *zone, struct err *err)
{
	struct organisation o = { 0 };
	TRY(organisation_read(g, a, &o, err));
	*zone = o.zone;
	return OK;
}

static enum err_code bad(struct err *err, const char *field, const char *text, const char *hint)
{
	enum err_code rc = err_set(err, ERR_INPUT, "organisation.value", field, "%s", text);
	err_hint(err, "%s", hint);
	return rc;
}

/* Copies a text of the patch into *out when the patch has it. */
static enum err_code take_text(struct str patch, const char *key, size_t max, struct arena *a, struct str *out,
                               struct err *err)
{
	struct str raw, text;
	if (!json_get(patch, str_of(key), &raw)) return OK;
	if (!json_get_text(patch, str_of(key), a, &text)) return bad(err, key, "this has to be a text", "");
	text = str_trim(text);
	if (text.len > max)
		return err_limit(err, "organisation.long", key, (int64_t)text.len, (int64_t)max,
		                 "%zu bytes, at most %zu are taken", text.len, max);
	*out = text;
	return OK;
}

static bool language_known(struct str s)
{
	return str_eq(s, STR("en")) || str_eq(s, STR("ar")) || str_eq(s, STR("fa"));
}

/* ["en","ar"]: one to three of the product's languages, none twice. */
static enum err_code take_languages(struct str patch, struct arena *a, struct str *out, struct err *err)
{
	struct str raw, seen[3];
	size_t n = 0;
	if (!json_get(patch, STR("languages"), &raw)) return OK;
	struct json_reader r;
	json_read(&r, raw);
	enum json_token t = json_next(&r);
	bool fine = t == JT_ARRAY;
	while (fine && (t = json_next(&r)) == JT_STRING) {
		fine = n < 3 && json_text(&r, a, &seen[n]) && language_known(seen[n]);
		for (size_t i = 0; fine && i < n; i++) fine = !str_eq(seen[i], seen[n]);
		n++;
	}
	if (!fine || t != JT_ARRAY_END || n == 0)
		return bad(err, "languages", "this has to be a list of languages",
		           "Give one or more of \"en\", \"ar\", \"fa\", each once.");
	*out = raw;
	return OK;
}

/* {"en":"guest"}: texts by language. */
static enum err_code take_words(struct str patch, struct arena *a, struct str *out, struct err *err)
{
	struct str raw, text;
	if (!json_get(patch, STR("customer_word"), &raw)) return OK;
	struct json_reader r;
	json_read(&r, raw);
	enum json_token t = json_next(&r);
	bool fine = t == JT_OBJECT;
	while (fine && (t = json_next(&r)) == JT_KEY) {
		fine = json_text(&r, a, &text) && language_known(text) && json_next(&r) == JT_STRING &&
		       json_text(&r, a, &text) && text.len <= 64;
	}
	if (!fine || t != JT_OBJECT_END)
		return bad(err, "customer_word", "this has to be a short text by language",
		           "For example {\"en\":\"guest\",\"fa\":\"مهمان\"}.");
	struct buf b;
	buf_init(&b, 4096);
	enum err_code rc = json_canonical(raw, a, &b, err);
	if (rc == OK) {
		*out = str_copy(a, buf_view(&b));
		if (!out->ptr) rc = err_no_memory(err);
	}
	buf_done(&b);
	return rc;
}

static enum err_code organisation_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct organisation *o = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "organisation_update", err));
	stmt_bind_str(s, 1, o->name);
	stmt_bind_str(s, 2, o->sector);
	stmt_bind_str(s, 3, o->languages);
	stmt_bind_str(s, 4, o->customer_word);
	stmt_bind_str(s, 5, o->zone);
	enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

enum err_code govern_organisation_change(struct govern *g, struct str patch, struct arena *a, struct str *json,
                                         struct err *err)
{
	struct organisation o = { 0 };
	TRY(organisation_read(g, a, &o, err));
	TRY(take_text(patch, "name", GOVERN_NAME_BYTES_MAX, a, &o.name, err));
	TRY(take_text(patch, "sector", 64, a, &o.sector, err));
	TRY(take_text(patch, "zone", 64, a, &o.zone, err));
	TRY(take_languages(patch, a, &o.languages, err));
	TRY(take_words(patch, a, &o.customer_word, err));
	struct zone *zone = NULL;
	if (zone_open(o.zone, &zone, NULL) != OK)
		return bad(err, "zone", "no such time zone is known", "Use an IANA name such as \"Asia/Dubai\".");
	zone_close(zone);
	o.configured = true;
	/* An empty text must not be bound as NULL. */
	struct str *fields[] = { &o.name, &o.sector, &o.zone };
	for (int i = 0; i < 3; i++)
		if (!fields[i]->ptr || !fields[i]->len) *fields[i] = STR("");
	TRY(store_write(g->store, organisation_write, &o, err));
	return organisation_json(&o, a, json, err);
}
