/* Opening: the secret of tokens, the source of events, the documents in use. */
#include "voice/voice.h"

#include <sys/random.h>

#include "voice/priv.h"

char voice_letter(unsigned char byte)
{
	static const char letters[VOICE_LETTERS + 1] = "23456789abcdefghjkmnpqrstuvwxyz"; /* without 0 1 i l o */
	return letters[byte % VOICE_LETTERS];
}

enum err_code voice_random(void *into, size_t bytes, struct err *err)
{
	if (getrandom(into, bytes, 0) == (ssize_t)bytes) return OK;
	return err_set(err, ERR_IO, "survey.random", "", "the system gives no random bytes");
}

enum err_code voice_letters(char *out, size_t n, struct err *err)
{
	unsigned char bytes[64];
	for (size_t i = 0, at = sizeof bytes; i < n;) {
		if (at == sizeof bytes) {
			TRY(voice_random(bytes, sizeof bytes, err));
			at = 0;
		}
		/* Bytes past the last full round would favour the first letters. */
		const unsigned char b = bytes[at++];
		if (b < 256 / VOICE_LETTERS * VOICE_LETTERS) out[i++] = voice_letter(b);
	}
	out[n] = 0;
	return OK;
}

/* --- the secret ------------------------------------------------------------------------------ */

static bool secret_get(struct stmt *s, unsigned char out[SECRET_BYTES])
{
	const struct str kept = stmt_str(s, 0);
	if (kept.len != SECRET_BYTES) return false;
	memcpy(out, kept.ptr, SECRET_BYTES);
	return true;
}

static enum err_code secret_make(void *ctx, struct store_write *w, struct err *err)
{
	struct voice *v = ctx;
	struct stmt *s = NULL;
	bool row = false;
	TRY(voice_random(v->secret, sizeof v->secret, err));
	TRY(write_prepare(&s, w, "store_meta_put", err));
	stmt_bind_str(s, 1, STR("survey_key"));
	stmt_bind_blob(s, 2, (struct str){ (const char *)v->secret, sizeof v->secret });
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code secret_read(struct voice *v, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false, known = false;
	TRY(stmt_prepare(&s, v->st, "store_meta_get", err));
	stmt_bind_str(s, 1, STR("survey_key"));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) known = secret_get(s, v->secret);
	stmt_free(s);
	if (rc != OK || known) return rc;
	if (row) return err_set(err, ERR_CORRUPT, "survey.secret", "", "the secret of invitations is damaged");
	return store_write(v->st, secret_make, v, err);
}

enum err_code voice_open(const struct voice_options *opt, struct voice **out, struct err *err)
{
	struct voice *v = calloc(1, sizeof *v);
	if (!v) return err_no_memory(err);
	v->opt = *opt;
	v->st = opt->store;
	pthread_mutex_init(&v->source_lock, NULL);
	pthread_mutex_init(&v->headlines_lock, NULL);
	pthread_rwlock_init(&v->forms_lock, NULL);
	arena_init(&v->forms_arena, 512 * MIB);
	pthread_rwlock_init(&v->ways.lock, NULL);
	arena_init(&v->ways.arena, MIB);
	const enum err_code rc = secret_read(v, err);
	if (rc != OK) voice_close(v);
	else *out = v;
	return rc;
}

void voice_close(struct voice *v)
{
	if (!v) return;
	pthread_mutex_destroy(&v->source_lock);
	pthread_mutex_destroy(&v->headlines_lock);
	pthread_rwlock_destroy(&v->forms_lock);
	arena_done(&v->forms_arena);
	pthread_rwlock_destroy(&v->ways.lock);
	arena_done(&v->ways.arena);
	free(v);
}

/* --- the source of events ----------------------------------------------------------------------- */

static enum err_code source_find(struct voice *v, uint32_t *id, struct err *err)
{
	struct arena a;
	struct collect_source *all;
	size_t n = 0;
	arena_init(&a, 16 * MIB);
	enum err_code rc = collect_source_list(v->opt.collect, &a, &all, &n, err);
	for (size_t i = 0; rc == OK && i < n; i++)
		if (all[i].kind == COLLECT_SURVEY) *id = all[i].id;
	for (int k = 1; rc == OK && !*id; k++) {
		const struct str name = k == 1 ? STR("Surveys") : str_format(&a, "Surveys %d", k);
		rc = name.ptr ? collect_source_new(v->opt.collect, COLLECT_SURVEY, name, &a, id, NULL, err)
		              : err_no_memory(err);
		if (rc == ERR_CONFLICT) rc = OK; /* somebody's own source has that name */
	}
	arena_done(&a);
	return rc;
}

enum err_code voice_source_masks(struct voice *v, bool *out, struct err *err)
{
	const uint64_t now = collect_mask_changes(v->opt.collect) + 1;
	if (atomic_load(&v->masks_of) != now) {
		uint32_t source;
		TRY(voice_source(v, &source, err));
		TRY(collect_source_masks(v->opt.collect, source, out, err));
		atomic_store(&v->masks, *out);
		atomic_store(&v->masks_of, now);
	}
	*out = atomic_load(&v->masks);
	return OK;
}

enum err_code voice_source(struct voice *v, uint32_t *id, struct err *err)
{
	*id = atomic_load(&v->source);
	if (*id) return OK;
	pthread_mutex_lock(&v->source_lock);
	*id = atomic_load(&v->source);
	const enum err_code rc = *id ? OK : source_find(v, id, err);
	if (rc == OK) atomic_store(&v->source, *id);
	pthread_mutex_unlock(&v->source_lock);
	return rc;
}

/* --- documents in use ------------------------------------------------------------------------------ */

static const struct form *form_kept(struct voice *v, int64_t survey, int version)
{
	for (size_t i = 0; i < v->n_forms; i++)
		if (v->forms[i].survey == survey && v->forms[i].version == version) return v->forms[i].form;
	return NULL;
}

static enum err_code document_of(struct voice *v, int64_t survey, int version, struct arena *a, struct str *out,
                                 struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, v->st, "survey_document", err));
	stmt_bind_i64(s, 1, survey);
	stmt_bind_i64(s, 2, version);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && !row) rc = no_survey(err, STR(""), version);
	if (rc == OK && !(*out = str_copy(a, stmt_str(s, 0))).ptr) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

enum err_code voice_form(struct voice *v, int64_t survey, int version, struct arena *a, const struct form **out,
                         struct err *err)
{
	struct str document;
	struct form *read = NULL;
	struct form_problems problems;
	pthread_rwlock_rdlock(&v->forms_lock);
	const struct form *f = form_kept(v, survey, version);
	pthread_rwlock_unlock(&v->forms_lock);
	if (f) {
		*out = f;
		return OK;
	}
	TRY(document_of(v, survey, version, a, &document, err));
	pthread_rwlock_wrlock(&v->forms_lock);
	const bool room = v->n_forms < FORMS_MAX;
	f = form_kept(v, survey, version); /* somebody else may have been faster */
	const enum err_code rc = f ? OK : form_read(document, room ? &v->forms_arena : a, &read, &problems, err);
	if (!f && rc == OK && room) v->forms[v->n_forms++] = (struct kept_form){ survey, version, read };
	pthread_rwlock_unlock(&v->forms_lock);
	if (rc == OK) *out = f ? f : read;
	return rc;
}

/* --- words --------------------------------------------------------------------------------------------- */

enum err_code voice_word(struct str word, const char *field, struct err *err)
{
	if (word.len > VOICE_WORD_BYTES_MAX)
		return err_limit(err, "survey.word", field, (int64_t)word.len, VOICE_WORD_BYTES_MAX,
		                 "this has %zu bytes, at most %d are kept", word.len, VOICE_WORD_BYTES_MAX);
	bool fine = utf8_valid(word.ptr, word.len) == word.len;
	for (size_t i = 0; fine && i < word.len;) {
		const uint32_t ch = utf8_next(word, &i);
		/* Signs that turn the text around would turn what stands beside it on a page too. */
		fine = ch >= ' ' && ch != 0x7f && !(ch >= 0x202a && ch <= 0x202e) && !(ch >= 0x2066 && ch <= 0x2069);
	}
	return fine ? OK : err_set(err, ERR_INPUT, "survey.word", field, "this is not a line of plain text");
}

enum err_code voice_lang(struct str lang, struct err *err)
{
	bool fine = lang.len <= 35;
	size_t part = 0;
	for (size_t i = 0; fine && i < lang.len; i++) {
		const char ch = lang.ptr[i];
		const bool letter =
		        (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (i && ch >= '0' && ch <= '9');
		fine = letter ? ++part <= 8 : (ch == '-' || ch == '_') && part > 0;
		if (!letter) part = 0;
	}
	if (fine && (part || !lang.len)) return OK;
	return err_set(err, ERR_INPUT, "survey.lang", "lang", "a language is a short name such as en, ar or fa-IR");
}

enum err_code voice_unit(struct str unit, struct err *err)
{
	TRY(voice_word(unit, "unit", err));
	for (struct str rest = unit; rest.len;) {
		const size_t end = str_find(rest, '/');
		const struct str part = str_cut(rest, 0, end);
		const bool last = end == rest.len;
		if (!str_trim(part).len || str_eq(part, STR(".")) || str_eq(part, STR("..")) ||
		    (!last && end + 1 == rest.len)) {
			const enum err_code rc =
			        err_set(err, ERR_INPUT, "survey.unit", "unit", "this is not the path of a unit");
			err_hint(err, "Write names with a / between them, such as saudi/riyadh.");
			return rc;
		}
		rest = last ? STR("") : str_cut(rest, end + 1, rest.len);
	}
	return OK;
}

enum err_code no_survey(struct err *err, struct str key, int version)
{
	enum err_code rc = version > 0 ? err_set(err, ERR_NOT_FOUND, "survey.version", "version",
	                                         "the survey has no version %d", version)
	                               : err_set(err, ERR_NOT_FOUND, "survey.unknown", "survey",
	                                         "there is no survey \"" STR_FMT "\"", STR_ARG(str_cut(key, 0, 64)));
	err_hint(err, "The list of surveys shows what there is.");
	return rc;
}
