/* Surveys in the store: versions, states, deletion. */
#include "base/slug.h"
#include "voice/priv.h"

const char *const voice_state_names[VOICE_STATES] = { "draft", "live", "paused", "closed" };

bool voice_state_of(struct str name, enum voice_state *out)
{
	for (int i = 0; i < VOICE_STATES; i++)
		if (str_eq(name, str_of(voice_state_names[i]))) {
			*out = (enum voice_state)i;
			return true;
		}
	return false;
}

/* --- reading ----------------------------------------------------------------------------------- */

/* Columns of survey_list. */
static bool row_read(struct stmt *s, struct arena *a, struct voice_survey *out)
{
	*out = (struct voice_survey){ .key = str_copy(a, stmt_str(s, 0)),
		                      .name = str_copy(a, stmt_str(s, 1)),
		                      .version = (int)stmt_i64(s, 2),
		                      .state = (enum voice_state)stmt_i64(s, 3),
		                      .created_ms = stmt_i64(s, 4),
		                      .changed_ms = stmt_i64(s, 5),
		                      .author = str_copy(a, stmt_str(s, 6)),
		                      .n_questions = (int)stmt_i64(s, 7),
		                      .started = stmt_i64(s, 8),
		                      .completed = stmt_i64(s, 9),
		                      .invited = stmt_i64(s, 10),
		                      .id = stmt_i64(s, 11),
		                      .newest = (int)stmt_i64(s, 12),
		                      .document = str_copy(a, stmt_str(s, 13)) };
	return out->key.ptr && out->name.ptr && out->author.ptr && out->document.ptr;
}

static enum err_code rows_read(struct voice *v, struct str key, int version, struct arena *a, struct voice_survey *rows,
                               size_t max, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, v->st, "survey_list", err));
	stmt_bind_str(s, 1, key);
	stmt_bind_i64(s, 2, version);
	enum err_code rc = OK;
	*n = 0;
	while (rc == OK && *n < max && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!row_read(s, a, &rows[(*n)++])) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

enum err_code voice_list(struct voice *v, struct arena *a, struct voice_survey **out, size_t *n, struct err *err)
{
	*out = ARENA_ARRAY(a, struct voice_survey, VOICE_SURVEYS_MAX);
	if (!*out) return err_no_memory(err);
	return rows_read(v, STR(""), 0, a, *out, VOICE_SURVEYS_MAX, n, err);
}

enum err_code voice_get(struct voice *v, struct str key, int version, struct arena *a, struct voice_survey *out,
                        struct err *err)
{
	size_t n = 0;
	if (key.len) TRY(rows_read(v, key, version, a, out, 1, &n, err));
	if (n == 0 && version > 0 && key.len) {
		struct voice_survey any;
		TRY(rows_read(v, key, 0, a, &any, 1, &n, err));
		return no_survey(err, key, n ? version : 0);
	}
	return n ? OK : no_survey(err, key, 0);
}

/* --- saving -------------------------------------------------------------------------------------- */

static const struct store_versions survey_versions = { "survey_newest", "survey_insert" };

struct save {
	struct str key, name, document, author;
	bool fresh;
	bool other_audience; /* than base_version has */
	int base_version, questions, version;
	int64_t now_ms;
	struct arena *a;
};

static enum err_code stale(const struct save *j, int newest, struct err *err)
{
	enum err_code rc = err_set(err, ERR_CONFLICT, "survey.stale", "base_version",
	                           "version %d was saved meanwhile, and yours starts from %d", newest, j->base_version);
	if (err) err->value = j->base_version, err->limit = newest;
	err_hint(err, "Open the newest version and make your change there.");
	return rc;
}

static enum err_code insert_version(const struct save *j, struct store_write *w, int64_t id, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "survey_version_insert", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, j->version);
	stmt_bind_i64(s, 3, j->now_ms);
	stmt_bind_str(s, 4, j->author);
	stmt_bind_str(s, 5, j->name);
	stmt_bind_i64(s, 6, j->questions);
	stmt_bind_str(s, 7, j->document);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

/* How many responses are begun, and how many complete. */
static enum err_code responses_of(struct store_write *w, struct str key, int64_t *begun, int64_t *complete,
                                  struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "survey_completed", err));
	stmt_bind_str(s, 1, key);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *complete = stmt_i64(s, 0), *begun = stmt_i64(s, 1);
	stmt_free(s);
	return rc == OK && !row ? no_survey(err, key, 0) : rc;
}

/* Employees answered because nobody would see who they are; another audience would show it. */
static enum err_code audience_stays(const struct save *j, struct store_write *w, struct err *err)
{
	int64_t begun = 0, complete;
	if (!j->other_audience) return OK;
	TRY(responses_of(w, j->key, &begun, &complete, err));
	if (!begun) return OK;
	(void)err_set(err, ERR_CONFLICT, "survey.audience", "cx:audience",
	              "%lld people have begun to answer, and this changes who is asked", (long long)begun);
	if (err) err->value = begun;
	err_hint(err, "Make another survey for the others: what these were promised holds.");
	return ERR_CONFLICT;
}

static enum err_code save_version(void *ctx, struct store_write *w, struct err *err)
{
	struct save *j = ctx;
	struct store_version v = { .key = j->key, .fresh = j->fresh };
	TRY(version_find(w, &survey_versions, j->a, &v, err));
	j->key = v.key;
	if (v.newest == 0 && !j->fresh) return no_survey(err, v.key, 0);
	if (v.newest != j->base_version) return stale(j, v.newest, err);
	TRY(audience_stays(j, w, err));
	TRY(version_begin(w, &survey_versions, &v, j->now_ms, &j->version, err));
	return insert_version(j, w, v.id, err);
}

/* The title by language, as JSON; a survey without one is called by its key's word. */
static enum err_code name_of(const struct form *f, struct arena *a, struct str *out, struct err *err)
{
	struct buf b;
	struct json_out o;
	buf_init(&b, FORM_DOCUMENT_BYTES_MAX);
	json_out_init(&o, &b);
	json_open(&o, '{');
	for (size_t i = 0; i < f->title.n; i++) {
		json_key_str(&o, f->title.all[i].lang.len ? f->title.all[i].lang : f->locale);
		json_put_str(&o, f->title.all[i].text);
	}
	if (f->title.n == 0) json_kv_z(&o, "en", "Survey");
	json_close(&o, '}');
	enum err_code rc = buf_check(&b, err);
	if (rc == OK && !(*out = str_copy(a, buf_view(&b))).ptr) rc = err_no_memory(err);
	buf_done(&b);
	return rc;
}

static int count_questions(const struct form *f)
{
	int n = 0;
	for (size_t i = 0; i < f->n_questions; i++) {
		const enum form_type t = f->questions[i]->type;
		n += t != FORM_HTML && t != FORM_PANEL && t != FORM_EXPRESSION;
	}
	return n;
}

static enum err_code room_for_one(struct voice *v, struct arena *a, struct err *err)
{
	struct voice_survey *all;
	size_t n;
	TRY(voice_list(v, a, &all, &n, err));
	if (n < VOICE_SURVEYS_MAX) return OK;
	return err_limit(err, "survey.many", "", (int64_t)n + 1, VOICE_SURVEYS_MAX, "at most %d surveys can be kept",
	                 VOICE_SURVEYS_MAX);
}

/* Whether the document asks other people than the version it is made of; one that is not there is found when saving. */
static enum err_code compare_audience(struct voice *v, const struct form *f, struct save *j, struct err *err)
{
	struct voice_survey before;
	const struct form *of;
	struct err none;
	if (j->fresh || voice_get(v, j->key, j->base_version, j->a, &before, &none) != OK) return OK;
	TRY(voice_form(v, before.id, before.version, j->a, &of, err));
	j->other_audience = of->audience != f->audience;
	return OK;
}

enum err_code voice_save_survey(struct voice *v, struct str key, int base_version, struct str document,
                                struct str author, struct arena *a, struct voice_survey *out,
                                struct form_problems *problems, struct err *err)
{
	struct form *f;
	struct save j = { .key = key,
		          .author = author,
		          .fresh = key.len == 0,
		          .base_version = base_version,
		          .now_ms = now_of(v),
		          .a = a };
	TRY(form_read(document, a, &f, problems, err));
	if (j.fresh) TRY(room_for_one(v, a, err));
	TRY(compare_audience(v, f, &j, err));
	TRY(name_of(f, a, &j.name, err));
	j.document = f->json;
	j.questions = count_questions(f);
	if (j.fresh) {
		struct str title = form_text_in(&f->title, STR("en"), NULL);
		j.key = slug_of(title, VOICE_KEY_BYTES_MAX - 8, STR("survey"), a);
		if (!j.key.ptr) return err_no_memory(err);
	}
	TRY(store_write(v->st, save_version, &j, err));
	voice_changed(v);
	return voice_get(v, j.key, j.version, a, out, err);
}

/* --- states and deletion ----------------------------------------------------------------------------- */

struct change {
	struct str key;
	enum voice_state state;
	int64_t now_ms;
};

/* How many complete responses there are. */
static enum err_code completed(struct store_write *w, struct str key, int64_t *n, struct err *err)
{
	int64_t begun;
	return responses_of(w, key, &begun, n, err);
}

static enum err_code answered(struct err *err, int64_t n, const char *hint)
{
	enum err_code rc = err_set(err, ERR_CONFLICT, "survey.answered", "survey",
	                           "%lld people have answered this survey", (long long)n);
	if (err) err->value = n;
	err_hint(err, "%s", hint);
	return rc;
}

static enum err_code put_state(void *ctx, struct store_write *w, struct err *err)
{
	const struct change *j = ctx;
	struct stmt *s = NULL;
	int64_t n = 0;
	bool row;
	TRY(completed(w, j->key, &n, err));
	if (n && j->state == VOICE_DRAFT)
		return answered(err, n, "Pause it instead: what has been answered stays an answer.");
	TRY(write_prepare(&s, w, "survey_state", err));
	stmt_bind_str(s, 1, j->key);
	stmt_bind_i64(s, 2, (int64_t)j->state);
	stmt_bind_i64(s, 3, j->now_ms);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

enum err_code voice_set_state(struct voice *v, struct str key, enum voice_state state, struct err *err)
{
	struct change j = { .key = key, .state = state, .now_ms = now_of(v) };
	const enum err_code rc = store_write(v->st, put_state, &j, err);
	voice_changed(v);
	return rc;
}

static enum err_code remove_survey(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const queries[] = { "survey_delete_responses", "survey_delete_tokens", "survey_delete_links",
		                               "survey_delete_versions", "survey_delete" };
	const struct change *j = ctx;
	int64_t n = 0;
	bool found;
	TRY(completed(w, j->key, &n, err));
	if (n) return answered(err, n, "Close it instead: its answers are part of what customers said.");
	return version_remove(w, queries, COUNT_OF(queries), j->key, &found, err);
}

enum err_code voice_delete_survey(struct voice *v, struct str key, struct err *err)
{
	struct change j = { .key = key };
	const enum err_code rc = store_write(v->st, remove_survey, &j, err);
	voice_changed(v);
	/* The next survey may get its number. */
	pthread_rwlock_wrlock(&v->forms_lock);
	v->n_forms = 0;
	pthread_rwlock_unlock(&v->forms_lock);
	return rc;
}

uint64_t voice_changes(const struct voice *v)
{
	return atomic_load(&v->changes);
}
