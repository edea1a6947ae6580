/* Follow-ups: lists, one, and what people do with it. */
#include "act/priv.h"

#include <math.h>

#include "contact/contact.h"

static enum err_code unknown(int64_t id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "follow_up.unknown", "", "there is no follow-up %lld", (long long)id);
}

/* --- reading ------------------------------------------------------------------------------------------ */

static enum err_code row_read(struct act *a, struct stmt *s, struct arena *m, struct act_follow_up *out)
{
	bool anonymous;
	const struct str document = text_at(s, 18, m);
	*out = (struct act_follow_up){
		.id = stmt_i64(s, 0),
		.rule = stmt_i64(s, 1),
		.arrival = (uint64_t)stmt_i64(s, 2),
		.identity = (uint32_t)stmt_i64(s, 3),
		.unit = text_at(s, 4, m),
		.event = text_at(s, 5, m),
		.about = text_at(s, 6, m),
		.utility = stmt_null(s, 7) ? NAN : stmt_double(s, 7),
		.opened_ms = stmt_i64(s, 8),
		.due_ms = stmt_i64(s, 9),
		.state = (enum act_state)stmt_i64(s, 10),
		.responsible = text_at(s, 11, m),
		.cause = text_at(s, 12, m),
		.outcome = text_at(s, 13, m),
		.first_reply_ms = stmt_i64(s, 14),
		.closed_ms = stmt_i64(s, 15),
		.escalated_ms = stmt_i64(s, 16),
		.comment = text_at(s, 17, m),
	};
	if (!json_get(document, STR("name"), &out->rule_name)) out->rule_name = STR("{}");
	if (!store_identity_get(a->st, out->identity, &anonymous, &out->customer)) out->customer = STR("");
	return OK;
}

enum err_code act_get(struct act *a, int64_t id, struct arena *m, struct act_follow_up *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, a->st, "follow_up_get", err));
	stmt_bind_i64(s, 1, id);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) rc = row_read(a, s, m, out);
	stmt_free(s);
	return rc == OK && !row ? unknown(id, err) : rc;
}

enum err_code act_list(struct act *a, const struct act_filter *f, struct act_cursor behind, size_t limit,
                       struct arena *m, struct act_page *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct act_page page = { .rows = ARENA_ARRAY(m, struct act_follow_up, limit + 1) };
	if (!page.rows) return err_no_memory(err);
	TRY(stmt_prepare(&s, a->st, "follow_up_list", err));
	if (f->states) stmt_bind_i64(s, 1, f->states);
	stmt_bind_str(s, 2, f->responsible);
	stmt_bind_str(s, 3, f->unit);
	if (f->rule) stmt_bind_i64(s, 4, f->rule);
	if (f->overdue_ms) stmt_bind_i64(s, 5, f->overdue_ms);
	if (f->arrival >= 0) stmt_bind_i64(s, 6, f->arrival);
	stmt_bind_i64(s, 7, behind.closed);
	stmt_bind_i64(s, 8, behind.due_ms);
	stmt_bind_i64(s, 9, behind.id);
	stmt_bind_i64(s, 10, (int64_t)limit + 1);
	while (page.n <= limit && rc == OK && (rc = stmt_step(s, &row, err)) == OK && row)
		rc = row_read(a, s, m, &page.rows[page.n++]);
	stmt_free(s);
	page.more = page.n > limit;
	if (page.more) {
		page.n = limit;
		const struct act_follow_up *last = &page.rows[limit - 1];
		page.next = (struct act_cursor){ last->state == ACT_CLOSED, last->due_ms, last->id };
	}
	*out = page;
	return rc;
}

enum err_code act_steps(struct act *a, int64_t id, struct arena *m, struct act_step **out, size_t *n, struct err *err)
{
	enum { MAX = 1000 };
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	struct act_step *list = ARENA_ARRAY(m, struct act_step, MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, a->st, "follow_up_step_list", err));
	stmt_bind_i64(s, 1, id);
	for (*n = 0; *n < MAX && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		list[*n] = (struct act_step){ .id = stmt_i64(s, 0),
			                      .at_ms = stmt_i64(s, 1),
			                      .author = text_at(s, 2, m),
			                      .what = text_at(s, 3, m),
			                      .text = text_at(s, 4, m) };
	stmt_free(s);
	*out = list;
	return rc;
}

/* --- changing -------------------------------------------------------------------------------------------- */

struct changing {
	struct act *a;
	int64_t id, now_ms;
	const struct act_change *c;
	struct str author;
	struct arena *m;
	struct act_follow_up f;
	bool all_closed; /* out: nothing of this feedback is open any more */
};

static enum err_code open_of(struct store_write *w, uint64_t arrival, int64_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "follow_up_open_of", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *n = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

enum err_code hold(struct act *a, struct store_write *w, int64_t follow_up, uint32_t identity, bool held,
                   int64_t now_ms, struct err *err)
{
	char ref[40], who[WIRE_ID_BYTES_MAX + 16];
	struct str external;
	bool anonymous;
	if (!store_identity_get(a->st, identity, &anonymous, &external)) return OK;
	snprintf(ref, sizeof ref, "follow-up/%lld", (long long)follow_up);
	snprintf(who, sizeof who, "%s" STR_FMT, anonymous ? "anonymous:" : "", STR_ARG(external));
	return held ? contact_hold_in(w, str_of(who), str_of(ref), now_ms, err)
	            : contact_release_in(w, str_of(who), str_of(ref), err);
}

/* A step for each thing that is different now. */
static enum err_code change_steps(struct store_write *w, const struct changing *k, const struct act_follow_up *now,
                                  struct err *err)
{
	const struct {
		const char *what;
		struct str before, after;
	} texts[] = {
		{ "assigned", k->f.responsible, now->responsible },
		{ "cause", k->f.cause, now->cause },
		{ "outcome", k->f.outcome, now->outcome },
		{ "state", str_of(act_state_names[k->f.state]), str_of(act_state_names[now->state]) },
	};
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!str_eq(texts[i].before, texts[i].after))
			TRY(step_put(w, k->id, k->now_ms, k->author, texts[i].what, texts[i].after, err));
	if (k->f.due_ms == now->due_ms) return OK;
	return step_put(w, k->id, k->now_ms, k->author, "due", str_format(k->m, "%lld", (long long)now->due_ms), err);
}

static enum err_code row_get(struct store_write *w, struct changing *k, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "follow_up_get", err));
	stmt_bind_i64(s, 1, k->id);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) rc = row_read(k->a, s, k->m, &k->f);
	stmt_free(s);
	return rc == OK && !row ? unknown(k->id, err) : rc;
}

/*
 * A due time is an agreement for what is ahead: it moves as long as it has not
 * passed, into what is ahead. What is closed or late stays as it was judged,
 * or the on-time share could be made afterwards.
 */
static enum err_code due_check(const struct changing *k, int64_t due_ms, struct err *err)
{
	enum err_code rc = OK;
	if (due_ms == k->f.due_ms) return OK;
	if (k->f.state == ACT_CLOSED || k->f.due_ms <= k->now_ms) {
		rc = err_set(err, ERR_CONFLICT, "follow_up.due_fixed", "due_ms", "%s: its due time stays",
		             k->f.state == ACT_CLOSED ? "this follow-up is closed" : "this follow-up is late");
		err_hint(err, "Leave a note of what was agreed instead.");
	} else if (due_ms <= k->now_ms || due_ms > k->now_ms + ACT_DUE_HOURS_MAX * WHEN_HOUR_MS) {
		rc = err_set(err, ERR_INPUT, "follow_up.due", "due_ms", "a due time is ahead, by at most %d days",
		             ACT_DUE_HOURS_MAX / 24);
	}
	return rc;
}

static enum err_code change_write(void *ctx, struct store_write *w, struct err *err)
{
	struct changing *k = ctx;
	const struct act_change *c = k->c;
	struct stmt *s = NULL;
	int64_t left = 1;
	TRY(row_get(w, k, err));
	struct act_follow_up now = k->f;
	if (c->responsible) now.responsible = *c->responsible;
	if (c->cause) now.cause = *c->cause;
	if (c->outcome) now.outcome = *c->outcome;
	if (c->due_ms) TRY(due_check(k, *c->due_ms, err));
	if (c->due_ms) now.due_ms = *c->due_ms;
	if (c->state) now.state = *c->state;
	if (now.state == ACT_CLOSED && !now.outcome.len) {
		const enum err_code rc = err_set(err, ERR_INPUT, "follow_up.outcome", "outcome",
		                                 "what came of it has to be said to close it");
		err_hint(err, "Give solved, partly, not_solved, not_reached or no_need.");
		return rc;
	}
	if (now.state != ACT_CLOSED) now.closed_ms = 0;
	else if (k->f.state != ACT_CLOSED) now.closed_ms = k->now_ms;
	TRY(write_prepare(&s, w, "follow_up_change", err));
	stmt_bind_i64(s, 1, k->id);
	stmt_bind_i64(s, 2, now.state);
	stmt_bind_str(s, 3, now.responsible);
	stmt_bind_str(s, 4, now.cause);
	stmt_bind_str(s, 5, now.outcome);
	stmt_bind_i64(s, 6, now.due_ms);
	if (now.closed_ms) stmt_bind_i64(s, 7, now.closed_ms);
	TRY(run(s, err));
	TRY(change_steps(w, k, &now, err));
	if ((now.state == ACT_CLOSED) != (k->f.state == ACT_CLOSED))
		TRY(hold(k->a, w, k->id, k->f.identity, now.state != ACT_CLOSED, k->now_ms, err));
	TRY(open_of(w, k->f.arrival, &left, err));
	k->all_closed = now.state == ACT_CLOSED && left == 0;
	return OK;
}

static enum err_code change_check(const struct act_change *c, struct err *err)
{
	bool known = !c->outcome || !c->outcome->len;
	for (int i = 0; i < ACT_OUTCOMES && !known; i++) known = str_eq(*c->outcome, str_of(act_outcome_names[i]));
	if (!known)
		return err_set(err, ERR_INPUT, "follow_up.outcome", "outcome",
		               "an outcome is solved, partly, not_solved, not_reached or no_need");
	if ((c->cause && c->cause->len > WIRE_NAME_BYTES_MAX) ||
	    (c->responsible && c->responsible->len > GOVERN_LOGIN_BYTES_MAX))
		return err_limit(err, "follow_up.long", c->cause ? "cause" : "responsible", 0, WIRE_NAME_BYTES_MAX,
		                 "this text is too long");
	return OK;
}

enum err_code act_change(struct act *a, int64_t id, const struct act_change *c, struct str author, struct err *err)
{
	struct arena m;
	struct changing k = { .a = a, .id = id, .now_ms = act_now(a), .c = c, .author = author, .m = &m };
	TRY(change_check(c, err));
	arena_init(&m, 4 * MIB);
	enum err_code rc = store_write(a->st, change_write, &k, err);
	arena_done(&m);
	if (rc == OK && k.all_closed)
		rc = inbox_change(a->opt.inbox, k.f.arrival,
		                  &(struct inbox_change){ .set_state = true, .state = INBOX_DONE }, author, k.now_ms,
		                  err);
	if (rc == OK) act_tell(a);
	return rc;
}

struct stepping {
	int64_t id, now_ms;
	const char *what;
	struct str text, author;
};

static enum err_code step_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct stepping *k = ctx;
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "follow_up_get", err));
	stmt_bind_i64(s, 1, k->id);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	if (rc == OK && !row) return unknown(k->id, err);
	TRY(rc);
	if (strcmp(k->what, "reply") == 0) {
		TRY(write_prepare(&s, w, "follow_up_replied", err));
		stmt_bind_i64(s, 1, k->id);
		stmt_bind_i64(s, 2, k->now_ms);
		TRY(run(s, err));
	}
	return step_put(w, k->id, k->now_ms, k->author, k->what, k->text, err);
}

enum err_code act_step_add(struct act *a, int64_t id, const char *what, struct str text, struct str author,
                           struct err *err)
{
	struct stepping k = { id, act_now(a), what, text, author };
	if (!str_trim(text).len) return err_set(err, ERR_INPUT, "inbox.note", "text", "the text is empty");
	if (text.len > ACT_TEXT_BYTES_MAX)
		return err_limit(err, "inbox.note_long", "text", (int64_t)text.len, ACT_TEXT_BYTES_MAX,
		                 "a text has at most %d bytes", ACT_TEXT_BYTES_MAX);
	TRY(store_write(a->st, step_write, &k, err));
	act_tell(a);
	return OK;
}
