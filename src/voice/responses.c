/* Reading what was answered. */
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

enum err_code voice_responses_shown(struct voice *v, const struct voice_survey *s, int64_t after, struct str unit,
                                    size_t limit, struct arena *a, struct voice_response **out, size_t *n,
                                    struct err *err)
{
	const struct form *form;
	TRY(voice_form(v, s->id, s->newest, a, &form, err));
	const bool employees = form->audience == FORM_EMPLOYEES;
	*n = 0;
	if (employees && (s->completed < VOICE_SMALL_GROUP || unit.len)) return OK;
	TRY(voice_responses(v, s->id, after, employees, unit, limit, a, out, n, err));
	for (size_t i = 0; i < *n; i++) {
		struct voice_response *r = &(*out)[i];
		if (employees) veil(r);
		/* Who knows the code of one that is under way may go on answering it: that is the respondent alone. */
		else if (!r->completed_ms) r->code = STR("");
	}
	return OK;
}
