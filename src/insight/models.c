/* Which model reads a language: decisions, each kept; the newest holds. */
#include "insight/priv.h"

#define MODELS_BYTES_MAX (64 * MIB)

const char *const insight_languages[INSIGHT_LANGUAGES] = { "en", "ar", "fa" };
static const enum text_language languages[INSIGHT_LANGUAGES + 1] = { TEXT_EN, TEXT_AR, TEXT_FA, TEXT_LATIN_AR_FA };

enum err_code insight_language(struct str name, size_t *out, struct err *err)
{
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++)
		if (str_eq(name, str_of(insight_languages[i]))) {
			*out = i;
			return OK;
		}
	return err_set(err, ERR_INPUT, "insight.lang", "lang", "there are models of en, ar and fa, and of no other");
}

void models_free(struct models *m)
{
	if (!m) return;
	text_judge_free(m->judge);
	free(m);
}

static enum err_code name_of(size_t lang, int64_t model, struct arena *a, struct str *out, struct err *err)
{
	*out = model ? str_format(a, "own-%lld", (long long)model)
	             : str_format(a, "shipped-%08x", (unsigned)text_judge_shipped(languages[lang]));
	return out->ptr ? OK : err_no_memory(err);
}

/* With the bytes of the model, which are empty for the shipped one. */
static enum err_code in_use(struct insight *x, size_t lang, struct arena *a, struct insight_in_use *out,
                            struct str *bytes, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = (struct insight_in_use){ .author = STR("") };
	*bytes = STR("");
	TRY(stmt_prepare(&s, x->st, "insight_in_use", err));
	stmt_bind_str(s, 1, str_of(insight_languages[lang]));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		out->model = stmt_null(s, 0) ? 0 : stmt_i64(s, 0);
		out->at_ms = stmt_i64(s, 1);
		out->author = str_copy(a, stmt_str(s, 2));
		out->made_ms = stmt_i64(s, 3);
		if (out->model) *bytes = str_copy(a, stmt_str(s, 4));
		if (!out->author.ptr || !bytes->ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc == OK ? name_of(lang, out->model, a, &out->name, err) : rc;
}

enum err_code insight_in_use(struct insight *x, struct arena *a, struct insight_in_use out[INSIGHT_LANGUAGES],
                             struct err *err)
{
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) {
		struct arena scratch;
		struct insight_in_use u;
		struct str bytes;
		arena_init(&scratch, MODELS_BYTES_MAX);
		enum err_code rc = in_use(x, i, &scratch, &u, &bytes, err);
		out[i] = u;
		if (rc == OK) {
			out[i].name = str_copy(a, u.name);
			out[i].author = u.author.len ? str_copy(a, u.author) : STR("");
			if (!out[i].name.ptr || !out[i].author.ptr) rc = err_no_memory(err);
		}
		arena_done(&scratch);
		TRY(rc);
	}
	return OK;
}

/* --- who reads -------------------------------------------------------------------------------------------- */

#define READERS (INSIGHT_LANGUAGES + 1) /* and the one of Latin letters */

struct naming {
	struct str name[READERS];
	int64_t reader;
};

static enum err_code reader_write(void *ctx, struct store_write *w, struct err *err)
{
	struct naming *k = ctx;
	struct stmt *s = NULL;
	bool row = false, same = true;
	TRY(write_prepare(&s, w, "insight_reader_newest", err));
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		k->reader = stmt_i64(s, 0);
		for (int i = 0; i < READERS; i++) same = same && str_eq(stmt_str(s, 1 + i), k->name[i]);
	}
	stmt_free(s);
	if (rc != OK || (row && same)) return rc;
	TRY(write_prepare(&s, w, "insight_reader_add", err));
	for (int i = 0; i < READERS; i++) stmt_bind_str(s, 1 + i, k->name[i]);
	rc = stmt_step(s, &row, err);
	stmt_free(s);
	k->reader = write_last_id(w);
	return rc;
}

enum err_code models_open(struct insight *x, struct models **out, struct err *err)
{
	struct arena a;
	struct insight_in_use use[INSIGHT_LANGUAGES];
	struct str own[INSIGHT_LANGUAGES];
	struct naming naming = { .reader = 0 };
	struct models *m = calloc(1, sizeof *m);
	if (!m) return err_no_memory(err);
	arena_init(&a, MODELS_BYTES_MAX);
	enum err_code rc = OK;
	for (size_t i = 0; rc == OK && i < INSIGHT_LANGUAGES; i++) {
		rc = in_use(x, i, &a, &use[i], &own[i], err);
		naming.name[i] = use[i].name;
	}
	if (rc == OK) rc = name_of(INSIGHT_LANGUAGES, 0, &a, &naming.name[INSIGHT_LANGUAGES], err);
	if (rc == OK) rc = text_judge_own(own, &m->judge, err);
	if (rc == OK) rc = store_write(x->st, reader_write, &naming, err);
	m->reader = naming.reader;
	arena_done(&a);
	if (rc == OK) *out = m;
	else models_free(m);
	return rc;
}

/* --- decisions ----------------------------------------------------------------------------------------------- */

struct adopting {
	struct str lang, author;
	int64_t model, now_ms;
};

static enum err_code adopt_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct adopting *k = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "insight_adopted_add", err));
	stmt_bind_str(s, 1, k->lang);
	if (k->model) stmt_bind_i64(s, 2, k->model);
	stmt_bind_i64(s, 3, k->now_ms);
	stmt_bind_str(s, 4, k->author);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code adoptable(struct insight *x, struct str lang, int64_t model, struct err *err)
{
	struct arena a;
	struct insight_model m;
	arena_init(&a, MIB);
	enum err_code rc = insight_model(x, model, &a, &m, err);
	if (rc == OK && !str_eq(m.lang, lang))
		rc = err_set(err, ERR_NOT_FOUND, "insight.model", "model", "model %lld is of another language",
		             (long long)model);
	if (rc == OK && !m.better) {
		rc = err_set(
		        err, ERR_CONFLICT, "insight.not_better", "model",
		        "model %lld is not better than the shipped one by more than the interval of the difference",
		        (long long)model);
		err_hint(err, "Its report says why. More comments that were told make the interval narrower.");
	}
	arena_done(&a);
	return rc;
}

enum err_code insight_adopt(struct insight *x, struct str lang, int64_t model, struct str author, int64_t now_ms,
                            struct err *err)
{
	size_t place;
	struct models *m = NULL;
	struct adopting k = { lang, author, model, now_ms };
	TRY(insight_language(lang, &place, err));
	if (model) TRY(adoptable(x, lang, model, err));
	reading_begin(x);
	enum err_code rc = store_write(x->st, adopt_write, &k, err);
	if (rc == OK) rc = models_open(x, &m, err);
	if (rc == OK && (rc = set_open(x, m, err)) != OK) models_free(m);
	reading_end(x);
	if (rc != OK) return rc;
	return x->following ? OK : insight_catch_up(x, err);
}

enum err_code insight_adoptions(struct insight *x, size_t max, struct arena *a, struct insight_adoption **out,
                                size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct insight_adoption *list = ARENA_ARRAY(a, struct insight_adoption, max);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "insight_adopted_list", err));
	stmt_bind_i64(s, 1, (int64_t)max);
	for (*n = 0; *n < max && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row; ++*n) {
		list[*n] = (struct insight_adoption){ .lang = str_copy(a, stmt_str(s, 0)),
			                              .model = stmt_null(s, 1) ? 0 : stmt_i64(s, 1),
			                              .at_ms = stmt_i64(s, 2),
			                              .author = str_copy(a, stmt_str(s, 3)) };
		if (!list[*n].lang.ptr || !list[*n].author.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	*out = list;
	return rc;
}

/* --- what was learned -------------------------------------------------------------------------------------------- */

/* Columns lang, made_ms, author, better, report from `at`. */
static enum err_code model_at(struct stmt *s, int at, int64_t id, struct arena *a, struct insight_model *out,
                              struct err *err)
{
	*out = (struct insight_model){ .id = id,
		                       .lang = str_copy(a, stmt_str(s, at)),
		                       .made_ms = stmt_i64(s, at + 1),
		                       .author = str_copy(a, stmt_str(s, at + 2)),
		                       .better = stmt_i64(s, at + 3) != 0,
		                       .report = str_copy(a, stmt_str(s, at + 4)) };
	return out->lang.ptr && out->author.ptr && out->report.ptr ? OK : err_no_memory(err);
}

enum err_code insight_model(struct insight *x, int64_t id, struct arena *a, struct insight_model *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, x->st, "insight_model_get", err));
	stmt_bind_i64(s, 1, id);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && !row)
		rc = err_set(err, ERR_NOT_FOUND, "insight.model", "model", "there is no model %lld", (long long)id);
	if (rc == OK) rc = model_at(s, 0, id, a, out, err);
	stmt_free(s);
	return rc;
}

enum err_code insight_models(struct insight *x, size_t max, struct arena *a, struct insight_model **out, size_t *n,
                             struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct insight_model *list = ARENA_ARRAY(a, struct insight_model, max);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, x->st, "insight_model_list", err));
	stmt_bind_i64(s, 1, (int64_t)max);
	for (*n = 0; *n < max && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		rc = model_at(s, 1, stmt_i64(s, 0), a, &list[*n], err);
	stmt_free(s);
	*out = list;
	return rc;
}
