/* What the inbox holds of a person. */
#include "inbox/priv.h"

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code drop_text(struct store_write *w, uint64_t arrival, int month, struct str folded, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare_month(&s, w, "inbox_text_drop", month, err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	stmt_bind_str(s, 2, folded);
	return run(s, err);
}

/* Words leave the search before the comment does, which says what they were. */
static enum err_code forget_words(struct store_write *w, int64_t arrival, struct str customer, struct err *err)
{
	struct stmt *s = NULL;
	struct arena a;
	struct search_text words = { 0 };
	bool row = false;
	int month = 0;
	(void)customer;
	TRY(write_prepare(&s, w, "inbox_personal_words", err));
	stmt_bind_i64(s, 1, arrival);
	arena_init(&a, 4 * MIB);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		month = inbox_month_of(stmt_i64(s, 0));
		rc = search_fold(stmt_str(s, 1), &a, &words, err);
	}
	stmt_free(s);
	if (rc == OK && row) rc = drop_text(w, (uint64_t)arrival, month, words.folded, err);
	arena_done(&a);
	return rc;
}

const struct store_personal inbox_personal[] = {
	{ "feedback", PERSONAL_ARRIVAL, "inbox_personal", { "inbox_erase", "inbox_erase_comment" }, forget_words },
	{ "feedback_states", PERSONAL_ARRIVAL, "inbox_personal_care", { "inbox_erase_care" }, NULL },
	{ "notes", PERSONAL_ARRIVAL, "inbox_personal_note", { "inbox_erase_note" }, NULL },
	{ "tags", PERSONAL_ARRIVAL, "inbox_personal_tag", { "inbox_erase_tag" }, NULL },
	{ 0 },
};

/* --- the tables of search --------------------------------------------------------------------------- */

static enum err_code pack_write(void *ctx, struct store_write *w, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare_month(&s, w, "inbox_text_pack", *(const int *)ctx, err));
	return run(s, err);
}

enum err_code inbox_pack(struct inbox *x, struct err *err)
{
	int list[INBOX_MONTHS_MAX];
	size_t n;
	TRY(inbox_months(x, list, INBOX_MONTHS_MAX, &n, err));
	for (size_t i = 0; i < n; i++) TRY(store_write(x->st, pack_write, &list[i], err));
	return OK;
}
