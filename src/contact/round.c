/* Rounds: people who are asked one survey together. They wait in contact_pending and go the way of all invitations. */
#include "contact/priv.h"

#define BATCH 200     /* who is put in a transaction */
#define BATCH_BACK 50 /* who is taken back in one */

struct starting {
	struct contact *c;
	const struct contact_invite *v;
	struct contact_round *r;
	size_t first, last;
};

static enum err_code add_round(struct starting *k, struct store_write *w, struct err *err)
{
	const struct contact_round *r = k->r;
	struct stmt *s = NULL;
	const struct str texts[] = { k->v->survey, k->v->channels, k->v->lang };
	TRY(write_prepare(&s, w, "contact_round_add", err));
	for (size_t i = 0; i < COUNT_OF(texts); i++) stmt_bind_str(s, (int)i + 1, texts[i].ptr ? texts[i] : STR(""));
	stmt_bind_i64(s, 4, k->v->lang_all);
	stmt_bind_str(s, 5, r->whom);
	stmt_bind_str(s, 6, r->segment.ptr ? r->segment : STR(""));
	stmt_bind_i64(s, 7, (int64_t)k->v->n_customers);
	stmt_bind_str(s, 8, r->author);
	stmt_bind_i64(s, 9, r->made_ms);
	stmt_bind_i64(s, 10, r->due_ms);
	TRY(contact_run(s, err));
	k->r->id = write_last_id(w);
	return OK;
}

static enum err_code start_write(void *ctx, struct store_write *w, struct err *err)
{
	struct starting *k = ctx;
	if (!k->first) TRY(add_round(k, w, err));
	for (size_t i = k->first; i < k->last; i++) {
		struct stmt *s = NULL;
		TRY(write_prepare(&s, w, "contact_pending_add", err));
		stmt_bind_i64(s, 1, k->r->due_ms);
		stmt_bind_str(s, 2, k->v->survey);
		stmt_bind_str(s, 3, k->v->customers[i]);
		stmt_bind_str(s, 4, k->v->channels);
		stmt_bind_str(s, 5, k->v->about.ptr ? k->v->about : STR(""));
		stmt_bind_str(s, 6, STR(""));
		stmt_bind_str(s, 7, k->v->unit.ptr ? k->v->unit : STR(""));
		stmt_bind_i64(s, 8, -k->r->id);
		TRY(contact_run(s, err));
	}
	return OK;
}

/* What is put in while the round is being written is not asked before the whole of it is there, or an interruption
 * would have asked some: it is due a little later than now. */
#define HEAD_START_MS 1000

enum err_code contact_round_start(struct contact *c, const struct contact_invite *v, struct contact_round *out,
                                  struct err *err)
{
	struct starting k = { .c = c, .v = v, .r = out };
	if (v->n_customers > CONTACT_ROUND_MAX)
		return err_limit(err, "contact.many", "customers", (int64_t)v->n_customers, CONTACT_ROUND_MAX,
		                 "at most %d customers are invited at a time", CONTACT_ROUND_MAX);
	if (!v->n_customers) return err_set(err, ERR_INPUT, "contact.nobody", "customers", "there is nobody to ask");
	TRY(contact_can_invite(c, v->survey, err));
	out->made_ms = contact_now(c);
	if (out->due_ms < out->made_ms + HEAD_START_MS) out->due_ms = out->made_ms + HEAD_START_MS;
	out->survey = v->survey;
	out->people = (int64_t)v->n_customers;
	for (; k.first < v->n_customers; k.first = k.last) {
		k.last = v->n_customers - k.first > BATCH ? k.first + BATCH : v->n_customers;
		TRY(store_write(c->st, start_write, &k, err));
	}
	return OK;
}

/* --- stopping ------------------------------------------------------------------------------------------------ */

struct stopping {
	struct contact *c;
	int64_t round, after, now_ms;
	size_t n; /* looked at by the last transaction */
};

static enum err_code one_number(struct store_write *w, const char *query, int64_t a, int64_t b, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_i64(s, 1, a);
	if (b) stmt_bind_i64(s, 2, b);
	return contact_run(s, err);
}

static enum err_code mark_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct stopping *k = ctx;
	TRY(one_number(w, "contact_round_stop", k->round, k->now_ms, err));
	return one_number(w, "contact_round_forget", k->round, 0, err);
}

enum err_code contact_not_asked(struct store_write *w, int64_t invitation, int64_t decision, int64_t token,
                                enum contact_reason reason, struct err *err)
{
	TRY(one_number(w, "contact_decision_stopped", decision, (int64_t)reason, err));
	TRY(one_number(w, "contact_invitation_stopped", invitation, 0, err));
	return one_number(w, "survey_token_drop", token, 0, err);
}

/* An invitation whose message has not left: the customer was not asked. */
static enum err_code take_back(struct stopping *k, struct store_write *w, int64_t id, int64_t decision, int64_t token,
                               struct err *err)
{
	char key[40];
	bool taken;
	snprintf(key, sizeof key, "invitation:%lld", (long long)id);
	TRY(outbox_take_back_in(k->c->opt.outbox, w, str_of(key), STR("stopped"), &taken, err));
	return taken ? contact_not_asked(w, id, decision, token, CONTACT_STOPPED, err) : OK;
}

static enum err_code back_write(void *ctx, struct store_write *w, struct err *err)
{
	struct stopping *k = ctx;
	int64_t id[BATCH_BACK], decision[BATCH_BACK], token[BATCH_BACK];
	struct stmt *s = NULL;
	bool row = true;
	k->n = 0;
	TRY(write_prepare(&s, w, "contact_round_waiting", err));
	stmt_bind_i64(s, 1, k->round);
	stmt_bind_i64(s, 2, k->after);
	stmt_bind_i64(s, 3, BATCH_BACK);
	enum err_code rc = OK;
	while (k->n < BATCH_BACK && (rc = stmt_step(s, &row, err)) == OK && row) {
		id[k->n] = stmt_i64(s, 0);
		decision[k->n] = stmt_i64(s, 1);
		token[k->n++] = stmt_i64(s, 2);
	}
	stmt_free(s);
	for (size_t i = 0; i < k->n && rc == OK; i++) rc = take_back(k, w, id[i], decision[i], token[i], err);
	if (rc == OK && k->n) k->after = id[k->n - 1];
	return rc;
}

enum err_code contact_round_stop(struct contact *c, int64_t round, struct err *err)
{
	struct arena a;
	struct contact_round r;
	struct stopping k = { .c = c, .round = round, .now_ms = contact_now(c) };
	arena_init(&a, 64 * KIB);
	enum err_code rc = contact_round_get(c, round, &a, &r, NULL, err);
	arena_done(&a);
	if (rc == OK) rc = store_write(c->st, mark_write, &k, err);
	do
		if (rc == OK) rc = store_write(c->st, back_write, &k, err);
	while (rc == OK && k.n == BATCH_BACK);
	return rc;
}

/* --- looking --------------------------------------------------------------------------------------------------- */

static enum err_code list(struct contact *c, struct str survey, int64_t round, size_t limit, struct arena *a,
                          struct contact_round **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	*n = 0;
	*out = ARENA_ARRAY(a, struct contact_round, limit);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, c->st, "contact_round_list", err));
	stmt_bind_str(s, 1, survey.ptr ? survey : STR(""));
	stmt_bind_i64(s, 2, round);
	stmt_bind_i64(s, 3, (int64_t)limit);
	enum err_code rc = OK;
	while (*n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] = (struct contact_round){ .id = stmt_i64(s, 0),
			                                 .survey = str_copy(a, stmt_str(s, 1)),
			                                 .channels = str_copy(a, stmt_str(s, 2)),
			                                 .lang = str_copy(a, stmt_str(s, 3)),
			                                 .lang_all = stmt_i64(s, 4) != 0,
			                                 .whom = str_copy(a, stmt_str(s, 5)),
			                                 .segment = str_copy(a, stmt_str(s, 6)),
			                                 .people = stmt_i64(s, 7),
			                                 .author = str_copy(a, stmt_str(s, 8)),
			                                 .made_ms = stmt_i64(s, 9),
			                                 .due_ms = stmt_i64(s, 10),
			                                 .stopped_ms = stmt_i64(s, 11),
			                                 .waiting = stmt_i64(s, 12) };
	stmt_free(s);
	return rc;
}

enum err_code contact_rounds(struct contact *c, struct str survey, size_t limit, struct arena *a,
                             struct contact_round **out, size_t *n, struct err *err)
{
	return list(c, survey, 0, limit, a, out, n, err);
}

static enum err_code read_reasons(struct contact *c, struct contact_round *r, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, c->st, "contact_round_reasons", err));
	stmt_bind_i64(s, 1, r->id);
	enum err_code rc = OK;
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		const int64_t reason = stmt_i64(s, 0);
		if (reason >= 0 && reason < CONTACT_REASONS) r->reasons[reason] = stmt_i64(s, 1);
	}
	stmt_free(s);
	return rc;
}

static enum err_code read_steps(struct contact *c, struct contact_round *r, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, c->st, "contact_round_steps", err));
	stmt_bind_i64(s, 1, r->id);
	const enum err_code rc = stmt_step(s, &row, err);
	for (size_t i = 0; rc == OK && row && i < COUNT_OF(r->steps); i++) r->steps[i] = stmt_i64(s, (int)i);
	stmt_free(s);
	return rc;
}

static enum err_code read_failures(struct contact *c, int64_t round, struct buf *out, struct err *err)
{
	struct stmt *s = NULL;
	struct json_out j;
	bool row = true;
	TRY(stmt_prepare(&s, c->st, "contact_round_failures", err));
	stmt_bind_i64(s, 1, round);
	json_out_init(&j, out);
	json_open(&j, '[');
	enum err_code rc = OK;
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		json_open(&j, '{');
		json_kv_str(&j, "reason", stmt_str(s, 0));
		json_kv_i64(&j, "n", stmt_i64(s, 1));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	stmt_free(s);
	return rc;
}

enum err_code contact_round_get(struct contact *c, int64_t round, struct arena *a, struct contact_round *out,
                                struct buf *failures, struct err *err)
{
	struct contact_round *found;
	size_t n = 0;
	if (round > 0) TRY(list(c, STR(""), round, 1, a, &found, &n, err));
	if (!n) return err_set(err, ERR_NOT_FOUND, "contact.round", "round", "there is no such round of invitations");
	*out = found[0];
	TRY(read_reasons(c, out, err));
	TRY(read_steps(c, out, err));
	return failures ? read_failures(c, round, failures, err) : OK;
}

enum err_code contact_customer_of(struct contact *c, struct str address, struct arena *a, struct str *out,
                                  struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = STR("");
	TRY(stmt_prepare(&s, c->st, "contact_customer_of", err));
	stmt_bind_str(s, 1, address);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row && !stmt_null(s, 0) && !(*out = str_copy(a, stmt_str(s, 0))).ptr) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

enum err_code contact_known(struct contact *c, size_t limit, struct arena *a, struct str *out, size_t *n,
                            struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	*n = 0;
	TRY(stmt_prepare(&s, c->st, "contact_known", err));
	stmt_bind_i64(s, 1, (int64_t)limit);
	enum err_code rc = OK;
	while (*n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!(out[(*n)++] = str_copy(a, stmt_str(s, 0))).ptr) rc = err_no_memory(err);
	stmt_free(s);
	return rc;
}

enum err_code contact_round_links(struct contact *c, int64_t round, size_t limit, struct arena *a,
                                  struct contact_link **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	*n = 0;
	*out = ARENA_ARRAY(a, struct contact_link, limit);
	if (!*out) return err_no_memory(err);
	TRY(stmt_prepare(&s, c->st, "contact_round_links", err));
	stmt_bind_i64(s, 1, round);
	stmt_bind_i64(s, 2, (int64_t)limit);
	enum err_code rc = OK;
	while (*n < limit && (rc = stmt_step(s, &row, err)) == OK && row)
		(*out)[(*n)++] = (struct contact_link){ str_copy(a, stmt_str(s, 0)), str_copy(a, stmt_str(s, 1)),
			                                str_copy(a, stmt_str(s, 2)) };
	stmt_free(s);
	return rc;
}
