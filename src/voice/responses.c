/* Reading what was answered. */
#include "base/hash.h"
#include "base/when.h"
#include "voice/priv.h"

/* Columns of response_page. */
static bool page_row(struct stmt *s, struct arena *a, struct voice_response *out)
{
	*out = (struct voice_response){ .id = stmt_i64(s, 0),
		                        .version = (int)stmt_i64(s, 2),
		                        .started_ms = stmt_i64(s, 11),
		                        .completed_ms = stmt_i64(s, 12),
		                        .token = stmt_i64(s, 14),
		                        .answers = str_copy(a, stmt_str(s, 13)),
		                        .code = str_copy(a, stmt_str(s, 1)) };
	struct str *const texts[] = { &out->customer, &out->anonymous,   &out->lang,  &out->channel,
		                      &out->unit,     &out->environment, &out->about, &out->journey };
	for (int i = 0; i < (int)COUNT_OF(texts); i++)
		if (!(*texts[i] = str_copy(a, stmt_str(s, 3 + i))).ptr) return false;
	return out->code.ptr && out->answers.ptr;
}

enum err_code voice_responses(struct voice *v, int64_t survey, int64_t after, bool complete, struct str unit,
                              size_t limit, struct arena *a, struct voice_response **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	struct voice_response *rows = ARENA_ARRAY(a, struct voice_response, limit);
	bool row = true;
	if (!rows) return err_no_memory(err);
	TRY(stmt_prepare(&s, v->st, "response_page", err));
	stmt_bind_i64(s, 1, survey);
	stmt_bind_i64(s, 2, after);
	stmt_bind_i64(s, 3, complete);
	stmt_bind_i64(s, 4, (int64_t)limit);
	stmt_bind_str(s, 5, unit.ptr ? unit : STR(""));
	enum err_code rc = OK;
	*n = 0;
	while (rc == OK && *n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!page_row(s, a, &rows[(*n)++])) rc = err_no_memory(err);
	stmt_free(s);
	if (rc == OK) *out = rows;
	return rc;
}

enum err_code voice_counts_of_unit(struct voice *v, struct voice_survey *of, struct str unit, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, v->st, "response_counts", err));
	stmt_bind_i64(s, 1, of->id);
	stmt_bind_str(s, 2, unit);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		of->started = stmt_i64(s, 0);
		of->completed = stmt_i64(s, 1);
		of->invited = stmt_i64(s, 2);
	}
	stmt_free(s);
	return rc;
}

/* What is left of an employee's response. */
static void veil(struct voice_response *r)
{
	struct str *const texts[] = { &r->code, &r->customer,    &r->anonymous, &r->lang,   &r->channel,
		                      &r->unit, &r->environment, &r->about,     &r->journey };
	for (size_t i = 0; i < COUNT_OF(texts); i++) *texts[i] = STR("");
	r->token = 0;
	r->started_ms -= r->started_ms % WHEN_DAY_MS;
	r->completed_ms -= r->completed_ms % WHEN_DAY_MS;
}

/* Within a page in no order that tells who was first; the numbers, by which one goes on, stay ascending. */
static int by_code(const void *x, const void *y)
{
	const struct voice_response *a = x, *b = y;
	const uint64_t p = hash64(a->code), q = hash64(b->code);
	return p < q ? -1 : p > q;
}

static void shuffle(struct voice_response *rows, size_t n, int64_t *ids)
{
	for (size_t i = 0; i < n; i++) ids[i] = rows[i].id;
	if (n) qsort(rows, n, sizeof *rows, by_code);
	for (size_t i = 0; i < n; i++) rows[i].id = ids[i];
}

/* Until a page is full or there are no more. */
static enum err_code employees_shown(struct voice *v, const struct voice_survey *s, int64_t after, size_t limit,
                                     struct arena *a, struct voice_response **out, size_t *n, struct err *err)
{
	struct voice_response *rows, *shown = ARENA_ARRAY(a, struct voice_response, limit);
	int64_t *ids, *order = ARENA_ARRAY(a, int64_t, limit);
	size_t n_ids, got = limit;
	if (!shown || !order) return err_no_memory(err);
	TRY(voice_veiled(v, s->id, STR(""), INT64_MIN, INT64_MAX, a, &ids, &n_ids, err));
	while (n_ids && *n < limit && got == limit) {
		TRY(voice_responses(v, s->id, after, true, STR(""), limit, a, &rows, &got, err));
		for (size_t i = 0; i < got && *n < limit; i++) {
			after = rows[i].id;
			if (voice_veiled_has(ids, n_ids, after)) shown[(*n)++] = rows[i];
		}
	}
	shuffle(shown, *n, order);
	for (size_t i = 0; i < *n; i++) veil(&shown[i]);
	*out = shown;
	return OK;
}

enum err_code voice_responses_shown(struct voice *v, const struct voice_survey *s, int64_t after, struct str unit,
                                    size_t limit, struct arena *a, struct voice_response **out, size_t *n,
                                    struct err *err)
{
	const struct form *form;
	TRY(voice_form(v, s->id, s->newest, a, &form, err));
	*n = 0;
	if (form->audience == FORM_EMPLOYEES)
		return unit.len ? OK : employees_shown(v, s, after, limit, a, out, n, err);
	TRY(voice_responses(v, s->id, after, false, unit, limit, a, out, n, err));
	for (size_t i = 0; i < *n; i++) {
		struct voice_response *r = &(*out)[i];
		/* Who knows the code of one that is under way may go on answering it: that is the respondent alone. */
		if (!r->completed_ms) r->code = STR("");
	}
	return OK;
}
