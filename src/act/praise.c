/* Glad comments that name a colleague: finding, telling, and saying who was meant. */
#include "act/priv.h"

#define CHUNK 200
#define NAMED_MAX 8    /* colleagues in one comment */
#define GLAD (1.0 / 3) /* above: as inbox_feeling has it */

struct thanks {
	const struct inbox_row *row;
	struct named named[NAMED_MAX];
	size_t n;
};
struct looking {
	struct act *a;
	const struct act_colleague *people;
	struct thanks *thanks;
	size_t n;
	bool move; /* the mark, to: */
	uint64_t mark;
	bool fresh; /* something was added */
};

/* --- finding ---------------------------------------------------------------------------------------- */

static enum err_code is_glad(struct act *a, const struct inbox_row *row, struct arena *m, bool *out, struct err *err)
{
	struct insight_heard heard = { 0 };
	*out = false;
	if (!a->opt.insight || !row->comment.len) return OK;
	TRY(insight_heard(a->opt.insight, row->arrival, row->comment, row->lang, m, &heard, err));
	*out = heard.felt && heard.sentiment > GLAD;
	return OK;
}

static enum err_code put_one(struct looking *k, struct store_write *w, const struct thanks *t, const struct named *x,
                             struct err *err)
{
	const struct inbox_row *row = t->row;
	const struct act_colleague *who = &k->people[x->person];
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "praise_add", err));
	stmt_bind_i64(s, 1, (int64_t)row->arrival);
	stmt_bind_i64(s, 2, who->id);
	stmt_bind_str(s, 3, x->words);
	stmt_bind_str(s, 4, row->unit);
	stmt_bind_i64(s, 5, row->at_ms);
	stmt_bind_i64(s, 6, x->held);
	TRY(run(s, err));
	if (!write_changes(w)) return OK;
	k->fresh = true;
	return x->held ? OK : tell_praise(k->a, w, who, row, err);
}

static enum err_code put_all(void *ctx, struct store_write *w, struct err *err)
{
	struct looking *k = ctx;
	struct stmt *s = NULL;
	for (size_t i = 0; i < k->n; i++)
		for (size_t j = 0; j < k->thanks[i].n; j++)
			TRY(put_one(k, w, &k->thanks[i], &k->thanks[i].named[j], err));
	if (!k->move) return OK;
	TRY(write_prepare(&s, w, "praise_mark_put", err));
	stmt_bind_i64(s, 1, (int64_t)k->mark);
	return run(s, err);
}

/* Names first: most comments name nobody, and that is told faster than how they feel. */
static enum err_code look_row(struct looking *k, const struct roster *r, const struct inbox_row *row, struct arena *m,
                              struct err *err)
{
	struct thanks t = { .row = row };
	bool glad;
	if (!row->comment.len) return OK;
	TRY(roster_find(r, row, m, t.named, NAMED_MAX, &t.n, err));
	if (!t.n) return OK;
	TRY(is_glad(k->a, row, m, &glad, err));
	if (glad) k->thanks[k->n++] = t;
	return OK;
}

static enum err_code write_found(struct looking *k, struct err *err)
{
	TRY(store_write(k->a->st, put_all, k, err));
	if (k->fresh && k->a->opt.outbox) outbox_wake(k->a->opt.outbox);
	if (k->fresh) act_tell(k->a);
	return OK;
}

static enum err_code look_chunk(struct act *a, const struct act_colleague *people, const struct roster *r,
                                uint64_t from, uint64_t to, struct arena *m, uint64_t *reached, struct err *err)
{
	struct inbox_row *rows;
	size_t n = 0;
	struct looking k = { .a = a, .people = people, .move = true };
	TRY(inbox_rows(a->opt.inbox, from, to, CHUNK, m, &rows, &n, err));
	k.thanks = ARENA_ARRAY(m, struct thanks, n + 1);
	if (!k.thanks) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) TRY(look_row(&k, r, &rows[i], m, err));
	*reached = k.mark = n == CHUNK ? rows[n - 1].arrival + 1 : to;
	return n ? write_found(&k, err) : OK;
}

static enum err_code mark_get(struct act *a, uint64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(stmt_prepare(&s, a->st, "praise_mark_get", err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *out = (uint64_t)stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

enum err_code praise_look(struct act *a, struct err *err)
{
	struct arena m;
	struct act_colleague *people = NULL;
	struct roster *r = NULL;
	size_t n = 0;
	uint64_t at = 0, first = UINT64_MAX;
	const uint64_t to = inbox_mark(a->opt.inbox);
	arena_init(&m, 64 * MIB);
	enum err_code rc = mark_get(a, &at, err);
	if (rc == OK && at < to) rc = act_colleagues(a, &m, &people, &n, err);
	for (size_t i = 0; rc == OK && i < n; i++)
		if (people[i].from_arrival < first) first = people[i].from_arrival;
	/* What came before anybody was on the list is not looked at. */
	if (at < first) at = first;
	if (rc == OK && at < to) rc = roster_make(people, n, &m, &r, err);
	while (rc == OK && at < to && !atomic_load(&a->stop)) {
		struct arena chunk;
		arena_init(&chunk, 64 * MIB);
		rc = look_chunk(a, people, r, at, to, &chunk, &at, err);
		arena_done(&chunk);
	}
	arena_done(&m);
	return rc;
}

/* --- once more -------------------------------------------------------------------------------------- */

static enum err_code drop_write(void *ctx, struct store_write *w, struct err *err)
{
	const uint64_t *arrival = ctx;
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "praise_erase", err));
	stmt_bind_i64(s, 1, (int64_t)*arrival);
	return run(s, err);
}

static enum err_code again(struct act *a, uint64_t arrival, struct arena *m, struct err *err)
{
	struct act_praise *known;
	struct act_colleague *people;
	struct roster *r;
	struct inbox_row row;
	struct thanks t;
	size_t n, n_people;
	bool glad;
	struct looking k = { .a = a, .thanks = &t };
	TRY(inbox_get(a->opt.inbox, arrival, m, &row, err));
	TRY(act_praise_of(a, arrival, m, &known, &n, err));
	TRY(is_glad(a, &row, m, &glad, err));
	if (!glad) return n ? store_write(a->st, drop_write, &arrival, err) : OK;
	if (n) return OK;
	TRY(act_colleagues(a, m, &people, &n_people, err));
	TRY(roster_make(people, n_people, m, &r, err));
	k.people = people;
	TRY(look_row(&k, r, &row, m, err));
	return k.n ? write_found(&k, err) : OK;
}

enum err_code act_praise_again(struct act *a, uint64_t arrival, struct err *err)
{
	struct arena m;
	arena_init(&m, 64 * MIB);
	pthread_mutex_lock(&a->looking);
	const enum err_code rc = again(a, arrival, &m, err);
	pthread_mutex_unlock(&a->looking);
	arena_done(&m);
	return rc;
}

/* --- who was meant ---------------------------------------------------------------------------------- */

struct settling {
	struct act *a;
	const struct inbox_row *row;
	const struct act_colleague *who; /* NULL: nobody */
};

static enum err_code settle_run(struct store_write *w, const char *query, const struct settling *k, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_i64(s, 1, (int64_t)k->row->arrival);
	if (k->who) stmt_bind_i64(s, 2, k->who->id);
	return run(s, err);
}

static enum err_code unknown(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "praise.unknown", "colleague",
	               "nobody has to say whether this one is meant");
}

static enum err_code settle_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct settling *k = ctx;
	TRY(settle_run(w, k->who ? "praise_settle" : "praise_settle_nobody", k, err));
	if (!write_changes(w)) return unknown(err);
	if (!k->who) return OK;
	TRY(settle_run(w, "praise_settle_others", k, err));
	return tell_praise(k->a, w, k->who, k->row, err);
}

static enum err_code settle(struct act *a, uint64_t arrival, int64_t colleague, struct arena *m, struct err *err)
{
	struct act_colleague *people;
	struct inbox_row row;
	size_t n, i = 0;
	struct settling k = { .a = a, .row = &row };
	TRY(inbox_get(a->opt.inbox, arrival, m, &row, err));
	TRY(act_colleagues(a, m, &people, &n, err));
	while (colleague && i < n && people[i].id != colleague) i++;
	if (colleague && i == n) return unknown(err);
	if (colleague) k.who = &people[i];
	TRY(store_write(a->st, settle_write, &k, err));
	if (a->opt.outbox) outbox_wake(a->opt.outbox);
	act_tell(a);
	return OK;
}

enum err_code act_praise_settle(struct act *a, uint64_t arrival, int64_t colleague, struct err *err)
{
	struct arena m;
	arena_init(&m, 64 * MIB);
	const enum err_code rc = settle(a, arrival, colleague, &m, err);
	arena_done(&m);
	return rc;
}

/* --- looking ---------------------------------------------------------------------------------------- */

static struct act_praise row_of(struct stmt *s, struct arena *m)
{
	return (struct act_praise){ .arrival = (uint64_t)stmt_i64(s, 0),
		                    .colleague = stmt_i64(s, 1),
		                    .name = text_at(s, 2, m),
		                    .words = text_at(s, 3, m),
		                    .unit = text_at(s, 4, m),
		                    .at_ms = stmt_i64(s, 5),
		                    .held = stmt_i64(s, 6) != 0,
		                    .comment = text_at(s, 7, m) };
}

/* Frees the statement. */
static enum err_code rows_of(struct stmt *s, size_t max, struct arena *m, struct act_praise **out, size_t *n,
                             struct err *err)
{
	bool row = true;
	enum err_code rc = OK;
	*out = ARENA_ARRAY(m, struct act_praise, max + 1);
	if (!*out) rc = err_no_memory(err);
	for (*n = 0; rc == OK && *n < max && (rc = stmt_step(s, &row, err)) == OK && row;)
		(*out)[(*n)++] = row_of(s, m);
	stmt_free(s);
	return rc;
}

enum err_code act_praise_of(struct act *a, uint64_t arrival, struct arena *m, struct act_praise **out, size_t *n,
                            struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, a->st, "praise_of", err));
	stmt_bind_i64(s, 1, (int64_t)arrival);
	return rows_of(s, NAMED_MAX, m, out, n, err);
}

enum err_code act_praise_list(struct act *a, const struct act_praise_filter *f, size_t max, struct arena *m,
                              struct act_praise **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	TRY(stmt_prepare(&s, a->st, "praise_list", err));
	if (f->login.ptr) stmt_bind_str(s, 1, f->login);
	stmt_bind_i64(s, 2, f->colleague);
	stmt_bind_str(s, 3, f->unit);
	stmt_bind_i64(s, 4, f->at_ms);
	stmt_bind_i64(s, 5, (int64_t)f->arrival);
	stmt_bind_i64(s, 6, f->behind);
	stmt_bind_i64(s, 7, (int64_t)max);
	return rows_of(s, max, m, out, n, err);
}

enum err_code act_praise_counts(struct act *a, struct str unit, int64_t from_ms, int64_t to_ms, struct arena *m,
                                struct act_praised **out, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	struct act_praised *list = ARENA_ARRAY(m, struct act_praised, ACT_COLLEAGUES_MAX);
	if (!list) return err_no_memory(err);
	TRY(stmt_prepare(&s, a->st, "praise_counts", err));
	stmt_bind_i64(s, 1, from_ms);
	stmt_bind_i64(s, 2, to_ms);
	stmt_bind_str(s, 3, unit);
	enum err_code rc = OK;
	for (*n = 0; *n < ACT_COLLEAGUES_MAX && (rc = stmt_step(s, &row, err)) == OK && row; ++*n)
		list[*n] = (struct act_praised){ .colleague = stmt_i64(s, 0),
			                         .name = text_at(s, 1, m),
			                         .unit = text_at(s, 2, m),
			                         .login = text_at(s, 3, m),
			                         .n = stmt_i64(s, 4) };
	stmt_free(s);
	*out = list;
	return rc;
}
