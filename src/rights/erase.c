/* Erasing, step by step. What each step has done is in the same transaction as what says so. */
#include "rights/priv.h"

#include <stdlib.h>

#define ARRIVALS_AT_ONCE 64 /* records of as many events a transaction */

struct erasing {
	struct rights *r;
	struct ask *ask;
	struct arena *a;
	int64_t id;
	struct rights_id *ids;
	uint32_t *identities;
	size_t n_ids;
	struct str *words; /* by which files know them: ids, mail, telephone */
	size_t n_words;
	struct ask_whole_person who;
};

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code count_in(struct store_write *w, int64_t id, const char *kind, int64_t n, struct err *err)
{
	struct stmt *s = NULL;
	if (n == 0) return OK;
	TRY(write_prepare(&s, w, "erasure_count", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_str(s, 2, str_of(kind));
	stmt_bind_i64(s, 3, n);
	return run(s, err);
}

struct counting {
	int64_t id, n;
	const char *kind;
};

static enum err_code count_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct counting *c = ctx;
	return count_in(w, c->id, c->kind, c->n, err);
}

static enum err_code count(struct erasing *e, const char *kind, int64_t n, struct err *err)
{
	struct counting c = { e->id, n, kind };
	return n ? store_write(e->r->st, count_write, &c, err) : OK;
}

/* --- it begins ------------------------------------------------------------------------------------- */

struct beginning {
	struct erasing *e;
	struct str author, reason;
	int64_t now_ms;
};

static enum err_code add_id(struct store_write *w, int64_t erasure, const struct rights_id *id, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "erasure_id_add", err));
	stmt_bind_i64(s, 1, erasure);
	stmt_bind_i64(s, 2, id->identity);
	stmt_bind_i64(s, 3, id->anonymous);
	stmt_bind_str(s, 4, id->external);
	return run(s, err);
}

static enum err_code add_word(struct store_write *w, int64_t id, struct str word, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "erasure_word_add", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_str(s, 2, word);
	return run(s, err);
}

static enum err_code begin_write(void *ctx, struct store_write *w, struct err *err)
{
	struct beginning *b = ctx;
	struct erasing *e = b->e;
	struct stmt *s = NULL;
	/* Read here, where whatever was written before is older: what began before it is known by its time. */
	b->now_ms = e->r->opt.now_ms(e->r->opt.now_ctx);
	TRY(write_prepare(&s, w, "erasure_add", err));
	stmt_bind_i64(s, 1, b->now_ms);
	stmt_bind_str(s, 2, b->author);
	stmt_bind_str(s, 3, b->reason);
	TRY(run(s, err));
	e->id = write_last_id(w);
	for (size_t i = 0; i < e->n_ids; i++) TRY(add_id(w, e->id, &e->ids[i], err));
	for (size_t i = 0; i < e->n_words; i++) TRY(add_word(w, e->id, e->words[i], err));
	return count_in(w, e->id, "ids", (int64_t)e->n_ids, err);
}

/* Ids, and the addresses under which a file may name them. */
static enum err_code list_words(struct erasing *e, struct contact *contact, struct err *err)
{
	e->words = ARENA_ARRAY(e->a, struct str, e->n_ids * 3 + 1);
	if (!e->words) return err_no_memory(err);
	for (size_t i = 0; i < e->n_ids; i++) {
		struct contact_person p = { 0 };
		e->words[e->n_words++] = e->ids[i].external;
		if (e->ids[i].anonymous) continue;
		TRY(contact_person_get(contact, e->ids[i].external, e->a, &p, err));
		if (p.email.len) e->words[e->n_words++] = p.email;
		if (p.phone.len) e->words[e->n_words++] = p.phone;
	}
	return OK;
}

static enum err_code list_identities(struct erasing *e, struct err *err)
{
	e->identities = ARENA_ARRAY(e->a, uint32_t, e->n_ids + 1);
	if (!e->identities) return err_no_memory(err);
	for (size_t i = 0; i < e->n_ids; i++) e->identities[i] = e->ids[i].identity;
	return OK;
}

/* --- records ------------------------------------------------------------------------------------------ */

struct part {
	struct erasing *e;
	const struct store_personal *p;
	size_t from, to; /* of arrivals, or of ids */
};

static enum err_code part_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct part *k = ctx;
	struct erasing *e = k->e;
	int64_t n = 0;
	for (size_t i = k->from; i < k->to; i++) {
		if (k->p->by == PERSONAL_ARRIVAL)
			TRY(write_erase(w, k->p, STR(""), (int64_t)e->who.arrivals[i], &n, err));
		else if (k->p->by == PERSONAL_IDENTITY || asked_by(k->p, &e->ids[i]))
			TRY(write_erase(w, k->p, e->ids[i].external, e->ids[i].identity, &n, err));
	}
	return count_in(w, e->id, k->p->kind, n, err);
}

static enum err_code erase_records(struct erasing *e, struct err *err)
{
	for (size_t m = 0; m < rights_holds_count; m++) {
		for (const struct store_personal *p = rights_holds[m]; p->kind; p++) {
			const size_t n = p->by == PERSONAL_ARRIVAL ? e->who.n_arrivals : e->n_ids;
			for (size_t at = 0; at < n; at += ARRIVALS_AT_ONCE) {
				struct part k = { e, p, at, at + ARRIVALS_AT_ONCE < n ? at + ARRIVALS_AT_ONCE : n };
				TRY(store_write(e->r->st, part_write, &k, err));
			}
		}
	}
	insight_forget(e->r->opt.insight, e->who.arrivals, e->who.n_arrivals);
	return OK;
}

/* What keeps up with the log has seen all of their events: none of it writes another row of them. */
static enum err_code let_others_catch_up(struct rights *r, struct err *err)
{
	TRY(inbox_catch_up(r->opt.inbox, err));
	TRY(insight_catch_up(r->opt.insight, err));
	return act_catch_up(r->opt.act, err);
}

/* --- one step after the other -------------------------------------------------------------------------- */

static enum err_code erase_log(struct erasing *e, struct err *err)
{
	int64_t n;
	TRY(store_erase_events(e->r->st, e->who.arrivals, e->who.n_arrivals, &n, err));
	TRY(count(e, "events", n, err));
	for (size_t i = 0; i < e->n_words; i++) {
		TRY(store_erase_set_aside(e->r->st, e->words[i], &n, err));
		TRY(count(e, "set_aside", n, err));
	}
	return OK;
}

struct moving {
	int64_t id, now_ms;
	const char *query;
};

static enum err_code move_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct moving *m = ctx;
	static const char *const forget[] = { "erasure_forget_ids", "erasure_forget_words" };
	struct stmt *s = NULL;
	for (size_t i = 0; i < COUNT_OF(forget); i++) {
		TRY(write_prepare(&s, w, forget[i], err));
		stmt_bind_i64(s, 1, m->id);
		TRY(run(s, err));
	}
	TRY(write_prepare(&s, w, m->query, err));
	stmt_bind_i64(s, 1, m->id);
	if (m->now_ms) stmt_bind_i64(s, 2, m->now_ms);
	return run(s, err);
}

/* Files that hold what was deleted, and the last sign of whom it was. */
static enum err_code sweep(struct rights *r, int64_t id, struct err *err)
{
	struct moving m = { .id = id, .query = "erasure_done", .now_ms = r->opt.now_ms(r->opt.now_ctx) };
	TRY(inbox_pack(r->opt.inbox, err));
	TRY(store_scrub(r->st, err));
	return store_write(r->st, move_write, &m, err);
}

static enum err_code erase_steps(struct erasing *e, struct err *err)
{
	struct rights *r = e->r;
	int64_t lines = 0, files = 0;
	TRY(ask_whole_person_of(e->ask, e->identities, e->n_ids, e->a, &e->who, err));
	TRY(let_others_catch_up(r, err));
	TRY(erase_records(e, err));
	TRY(erase_log(e, err));
	TRY(ask_drop(e->ask, e->identities, e->n_ids, err));
	TRY(rights_sweep_rejects(store_dir(r->st), e->words, e->n_words, &lines, err));
	TRY(count(e, "rejects", lines, err));
	TRY(rights_sweep_uploads(store_dir(r->st), err));
	/* Once more: who was in the middle of writing what it had read before has done so by now. */
	TRY(let_others_catch_up(r, err));
	TRY(erase_records(e, err));
	/* The words of their messages are gone, so the files of them go. */
	if (r->opt.outbox) TRY(outbox_sweep(r->opt.outbox, &files, err));
	TRY(count(e, "files", files, err));
	struct moving m = { .id = e->id, .query = "erasure_sweeping" };
	TRY(store_write(r->st, move_write, &m, err));
	return sweep(r, e->id, err);
}

enum err_code rights_erase(struct rights *r, struct ask *ask, struct str customer, struct str author, struct str reason,
                           struct arena *a, struct rights_receipt *out, struct err *err)
{
	struct erasing e = { .r = r, .ask = ask, .a = a };
	struct rights_receipt *list;
	size_t n = 0;
	if (reason.len > RIGHTS_REASON_BYTES_MAX)
		return err_limit(err, "rights.reason", "reason", (int64_t)reason.len, RIGHTS_REASON_BYTES_MAX,
		                 "a reason has at most %d bytes", RIGHTS_REASON_BYTES_MAX);
	pthread_mutex_lock(&r->erasing);
	enum err_code rc = rights_person(r, ask, customer, a, &e.who, &e.ids, err);
	e.n_ids = rc == OK ? e.who.n_identities : 0;
	if (rc == OK) rc = list_identities(&e, err);
	if (rc == OK) rc = list_words(&e, r->opt.contact, err);
	struct beginning b = { &e, author, reason, 0 };
	if (rc == OK) rc = store_erase_names(r->st, e.identities, e.n_ids, &b.now_ms, begin_write, &b, err);
	if (rc == OK) rc = erase_steps(&e, err);
	pthread_mutex_unlock(&r->erasing);
	if (rc == OK) rc = rights_receipts(r, RIGHTS_PAGE_MAX, a, &list, &n, err);
	for (size_t i = 0; rc == OK && i < n; i++)
		if (list[i].id == e.id) *out = list[i];
	return rc;
}

/* --- after a crash ----------------------------------------------------------------------------------------- */

static enum err_code read_ids(struct erasing *e, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	size_t cap = 0;
	TRY(stmt_prepare(&s, e->r->st, "erasure_ids", err));
	stmt_bind_i64(s, 1, e->id);
	while ((rc = stmt_step(s, &row, err)) == OK && row) {
		if (!cap) {
			cap = (size_t)stmt_i64(s, 3);
			e->ids = ARENA_ARRAY(e->a, struct rights_id, cap + 1);
		}
		if (!e->ids || e->n_ids == cap) break;
		e->ids[e->n_ids++] = (struct rights_id){ (uint32_t)stmt_i64(s, 0), stmt_i64(s, 1) != 0,
			                                 str_copy(e->a, stmt_str(s, 2)) };
	}
	stmt_free(s);
	return rc != OK ? rc : cap && !e->ids ? err_no_memory(err) : list_identities(e, err);
}

static enum err_code read_words(struct erasing *e, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	const size_t cap = e->n_ids * 3;
	e->words = ARENA_ARRAY(e->a, struct str, cap + 1);
	if (!e->words) return err_no_memory(err);
	TRY(stmt_prepare(&s, e->r->st, "erasure_words", err));
	stmt_bind_i64(s, 1, e->id);
	while (e->n_words < cap && (rc = stmt_step(s, &row, err)) == OK && row)
		e->words[e->n_words++] = str_copy(e->a, stmt_str(s, 0));
	stmt_free(s);
	return rc;
}

static enum err_code resume_one(struct rights *r, struct ask *ask, int64_t id, enum rights_state state, struct err *err)
{
	struct arena a;
	struct erasing e = { .r = r, .ask = ask, .a = &a, .id = id };
	if (state == RIGHTS_SWEEPING) return sweep(r, id, err);
	arena_init(&a, 256 * MIB);
	enum err_code rc = read_ids(&e, err);
	if (rc == OK) rc = read_words(&e, err);
	if (rc == OK) rc = erase_steps(&e, err);
	arena_done(&a);
	return rc;
}

static enum err_code next_open(struct rights *r, int64_t *id, enum rights_state *state, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*id = 0;
	TRY(stmt_prepare(&s, r->st, "erasure_open", err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		*id = stmt_i64(s, 0);
		*state = (enum rights_state)stmt_i64(s, 1);
	}
	stmt_free(s);
	return rc;
}

enum err_code rights_resume(struct rights *r, struct ask *ask, struct err *err)
{
	int64_t id = 0;
	enum rights_state state = RIGHTS_DONE;
	pthread_mutex_lock(&r->erasing);
	enum err_code rc = next_open(r, &id, &state, err);
	while (rc == OK && id) {
		rc = resume_one(r, ask, id, state, err);
		if (rc == OK) rc = next_open(r, &id, &state, err);
	}
	pthread_mutex_unlock(&r->erasing);
	return rc;
}

/* --- after a restore ---------------------------------------------------------------------------------------- */

static enum err_code forget_one(struct rights *r, struct ask *ask, struct str external, struct err *err)
{
	struct arena a;
	struct rights_receipt receipt;
	/* Gone already, with somebody they were one with. */
	if (!store_identity_find(r->st, false, external) && !store_identity_find(r->st, true, external)) return OK;
	arena_init(&a, 256 * MIB);
	const enum err_code rc = rights_erase(r, ask, external, STR("restore"),
	                                      STR("erased before the backup was restored"), &a, &receipt, err);
	arena_done(&a);
	return rc;
}

enum err_code rights_forget_again(struct rights *r, struct ask *ask, struct err *err)
{
	struct arena a;
	struct str *list;
	size_t n = 0;
	arena_init(&a, 64 * MIB);
	enum err_code rc = store_owed(r->st, &a, &list, &n, err);
	for (size_t i = 0; rc == OK && i < n; i++) {
		list[i] = str_copy(&a, list[i]);
		if (!list[i].ptr) rc = err_no_memory(err);
	}
	for (size_t i = 0; rc == OK && i < n; i++) rc = forget_one(r, ask, list[i], err);
	if (rc == OK) rc = store_owed_done(r->st, err);
	arena_done(&a);
	return rc;
}
