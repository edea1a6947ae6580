/*
 * Keeping up with the log. Feedback is written in batches, each with the
 * mark behind it in one transaction: whatever ends in between, nothing is
 * read twice and nothing is left out.
 */
#include "inbox/priv.h"

#include "base/hash.h"
#include "base/thread.h"

#define BATCH 256       /* rows a transaction: below 5 ms */
#define MARK_LAG 262144 /* events without feedback after which the mark is written all the same */
#define WAIT_MS 500
#define MONTHS_OPEN 32 /* statements kept within a batch */
#define WORDS_KEPT 1024

struct pending {
	uint64_t arrival;
	int64_t at_ms, received_ms;
	uint32_t source, identity;
	struct str event, channel, folded;
	struct said said;
};

struct kept_word {
	uint64_t hash;
	int64_t id;
};

struct reading {
	struct inbox *x;
	struct arena arena; /* of the rows */
	struct arena scratch;
	struct pending rows[BATCH];
	size_t n;
	uint64_t upto, written;             /* events seen; the mark in the file */
	struct kept_word words[WORDS_KEPT]; /* ids that were committed before */
};

struct batch {
	struct reading *r;
	struct {
		int month;
		struct stmt *s;
	} months[MONTHS_OPEN];
	size_t n_months;
};

static enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code word_id(struct store_write *w, struct reading *r, struct str text, int64_t *id, struct err *err)
{
	const uint64_t hash = hash64(text) | 1;
	struct kept_word *k = &r->words[hash % WORDS_KEPT];
	struct stmt *s = NULL;
	bool row = false;
	if (k->hash == hash) {
		*id = k->id;
		return OK;
	}
	TRY(write_prepare(&s, w, "inbox_word_find", err));
	stmt_bind_str(s, 1, text);
	enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) {
		*id = stmt_i64(s, 0);
		*k = (struct kept_word){ hash, *id };
	}
	stmt_free(s);
	if (rc != OK || row) return rc;
	TRY(write_prepare(&s, w, "inbox_word_add", err));
	stmt_bind_str(s, 1, text);
	TRY(run(s, err));
	*id = write_last_id(w);
	return OK;
}

int inbox_month_of(int64_t at_ms)
{
	struct civil c;
	when_to_civil(at_ms, &c);
	return c.year * 100 + c.month;
}

static enum err_code month_make(struct store_write *w, int month, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare_month(&s, w, "inbox_month_make", month, err));
	TRY(run(s, err));
	TRY(write_prepare(&s, w, "inbox_month_add", err));
	stmt_bind_i64(s, 1, month);
	return run(s, err);
}

/* The statement that adds to a month; `kept` for the rest of the batch, as rows of one month come together. */
static enum err_code month_stmt(struct store_write *w, struct batch *b, int month, struct stmt **out, bool *kept,
                                struct err *err)
{
	*kept = true;
	for (size_t i = 0; i < b->n_months; i++) {
		*out = b->months[i].s;
		if (b->months[i].month == month) return OK;
	}
	TRY(month_make(w, month, err));
	TRY(write_prepare_month(out, w, "inbox_text_add", month, err));
	*kept = b->n_months < MONTHS_OPEN;
	if (!*kept) return OK;
	b->months[b->n_months].month = month;
	b->months[b->n_months++].s = *out;
	return OK;
}

static enum err_code text_add(struct store_write *w, struct batch *b, const struct pending *p, struct err *err)
{
	struct stmt *s = NULL;
	bool kept, row;
	TRY(month_stmt(w, b, inbox_month_of(p->at_ms), &s, &kept, err));
	stmt_bind_i64(s, 1, (int64_t)p->arrival);
	stmt_bind_str(s, 2, p->folded);
	const enum err_code rc = stmt_step(s, &row, err);
	if (kept) stmt_again(s);
	else stmt_free(s);
	return rc;
}

static enum err_code row_add(struct store_write *w, struct batch *b, const struct pending *p, struct err *err)
{
	const struct said *said = &p->said;
	const struct str words[] = { p->event, said->about, p->channel, said->unit, said->lang, said->kind };
	int64_t ids[COUNT_OF(words)];
	struct stmt *s = NULL;
	for (size_t i = 0; i < COUNT_OF(words); i++) TRY(word_id(w, b->r, words[i], &ids[i], err));
	TRY(write_prepare(&s, w, "inbox_add", err));
	stmt_bind_i64(s, 1, (int64_t)p->arrival);
	stmt_bind_i64(s, 2, p->at_ms);
	stmt_bind_i64(s, 3, p->received_ms);
	stmt_bind_i64(s, 4, p->source);
	stmt_bind_i64(s, 5, p->identity);
	for (int i = 0; i < (int)COUNT_OF(words); i++) stmt_bind_i64(s, 6 + i, ids[i]);
	if (said->has_score) {
		stmt_bind_double(s, 12, said->score);
		stmt_bind_double(s, 13, said->min);
		stmt_bind_double(s, 14, said->max);
		stmt_bind_double(s, 15, 100 * (said->score - said->min) / (said->max - said->min));
	}
	stmt_bind_i64(s, 16, said->comment.len > 0);
	TRY(run(s, err));
	if (!said->comment.len) return OK;
	TRY(write_prepare(&s, w, "inbox_comment_add", err));
	stmt_bind_i64(s, 1, (int64_t)p->arrival);
	stmt_bind_str(s, 2, said->comment);
	TRY(run(s, err));
	return text_add(w, b, p, err);
}

static enum err_code mark_put(struct store_write *w, uint64_t mark, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "inbox_mark_put", err));
	stmt_bind_i64(s, 1, (int64_t)mark);
	return run(s, err);
}

static enum err_code write_batch(void *ctx, struct store_write *w, struct err *err)
{
	struct batch *b = ctx;
	enum err_code rc = OK;
	for (size_t i = 0; rc == OK && i < b->r->n; i++) rc = row_add(w, b, &b->r->rows[i], err);
	if (rc == OK) rc = mark_put(w, b->r->upto, err);
	for (size_t i = 0; i < b->n_months; i++) stmt_free(b->months[i].s);
	b->n_months = 0;
	return rc;
}

static enum err_code flush(struct reading *r, struct err *err)
{
	struct batch b = { .r = r };
	const bool news = r->n > 0;
	TRY(store_write(r->x->st, write_batch, &b, err));
	r->n = 0;
	r->written = r->upto;
	arena_reset(&r->arena);
	atomic_store(&r->x->mark, r->upto);
	if (news) inbox_tell(r->x);
	return OK;
}

static enum err_code keep(struct arena *a, struct str *s, struct err *err)
{
	*s = s->len ? str_copy(a, *s) : STR("");
	return s->ptr ? OK : err_no_memory(err);
}

static enum err_code take(struct reading *r, const struct store_head *h, struct str body, struct err *err)
{
	struct pending *p = &r->rows[r->n];
	struct store_kind kind;
	struct search_text words;
	*p = (struct pending){ .arrival = h->arrival,
		               .at_ms = h->at_ms,
		               .received_ms = h->received_ms,
		               .source = h->source,
		               .identity = h->identity };
	arena_reset(&r->scratch);
	if (!said_read(body, &r->scratch, &p->said) || !store_kind_get(r->x->st, h->kind, &kind)) return OK;
	p->event = kind.name; /* lives as long as the store */
	p->channel = kind.channel;
	struct str *const texts[] = { &p->said.kind, &p->said.about, &p->said.comment, &p->said.lang, &p->said.unit };
	for (size_t i = 0; i < COUNT_OF(texts); i++) TRY(keep(&r->arena, texts[i], err));
	TRY(search_fold(p->said.comment, &r->scratch, &words, err));
	p->folded = words.folded;
	TRY(keep(&r->arena, &p->folded, err));
	r->n++;
	return OK;
}

static enum err_code on_block(void *ctx, const struct store_block *b, struct err *err)
{
	struct reading *r = ctx;
	for (size_t i = 0; i < b->n; i++) {
		TRY(take(r, &b->heads[i], b->bodies[i], err));
		r->upto = b->heads[i].arrival + 1;
		if (r->n == BATCH) TRY(flush(r, err));
	}
	if (atomic_load(&r->x->stop))
		return err_set(err, ERR_UNAVAILABLE, "inbox.closing", "", "the server is stopping");
	return OK;
}

/* Everything up to the log's present end. The caller holds `reading`. */
static enum err_code read_on(struct inbox *x, struct err *err)
{
	const uint64_t from = atomic_load(&x->mark), to = store_arrival_end(x->st);
	if (from >= to) return OK;
	struct reading *r = calloc(1, sizeof *r);
	if (!r) return err_no_memory(err);
	r->x = x;
	r->upto = r->written = from;
	arena_init(&r->arena, 64 * MIB);
	arena_init(&r->scratch, 16 * MIB);
	enum err_code rc = store_scan(x->st, from, to, true, on_block, r, err);
	if (rc == OK) {
		r->upto = to;
		if (r->n || to - r->written > MARK_LAG) rc = flush(r, err);
		else atomic_store(&x->mark, to);
	}
	arena_done(&r->arena);
	arena_done(&r->scratch);
	free(r);
	return rc;
}

static void *follow(void *ctx)
{
	struct inbox *x = ctx;
	int64_t worked_ms = 0;
	thread_behind();
	while (!atomic_load(&x->stop)) {
		struct err err;
		pthread_mutex_lock(&x->reading);
		const enum err_code rc = read_on(x, &err);
		const uint64_t mark = atomic_load(&x->mark);
		pthread_mutex_unlock(&x->reading);
		/* What cannot be read or written now is tried again: the mark stands before it. */
		store_wait_paced(x->st, rc == OK ? mark : UINT64_MAX, WAIT_MS, &worked_ms);
	}
	return NULL;
}

enum err_code inbox_follow(struct inbox *x, void (*news)(void *ctx), void *ctx, struct err *err)
{
	x->news = news;
	x->news_ctx = ctx;
	if (!thread_start(&x->thread, "inbox", follow, x))
		return err_set(err, ERR_UNAVAILABLE, "inbox.thread", "",
		               "the system gives no thread to follow the log");
	x->following = true;
	return OK;
}

enum err_code inbox_catch_up(struct inbox *x, struct err *err)
{
	pthread_mutex_lock(&x->reading);
	const enum err_code rc = read_on(x, err);
	pthread_mutex_unlock(&x->reading);
	return rc;
}

/* --- again from the start -------------------------------------------------------------------------- */

enum err_code inbox_months(struct inbox *x, int *out, size_t max, size_t *n, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc = OK;
	TRY(stmt_prepare(&s, x->st, "inbox_month_list", err));
	for (*n = 0; *n < max && (rc = stmt_step(s, &row, err)) == OK && row;) out[(*n)++] = (int)stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

struct forgetting {
	int months[INBOX_MONTHS_MAX];
	size_t n;
};

static enum err_code forget(void *ctx, struct store_write *w, struct err *err)
{
	static const char *const all[] = { "inbox_clear", "inbox_clear_comments", "inbox_month_forget" };
	struct forgetting *f = ctx;
	struct stmt *s = NULL;
	for (size_t i = 0; i < f->n; i++) {
		TRY(write_prepare_month(&s, w, "inbox_month_drop", f->months[i], err));
		TRY(run(s, err));
	}
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		TRY(write_prepare(&s, w, all[i], err));
		TRY(run(s, err));
	}
	return mark_put(w, 0, err);
}

enum err_code inbox_rebuild(struct inbox *x, struct err *err)
{
	struct forgetting f = { .n = 0 };
	pthread_mutex_lock(&x->reading);
	enum err_code rc = inbox_months(x, f.months, COUNT_OF(f.months), &f.n, err);
	if (rc == OK) rc = store_write(x->st, forget, &f, err);
	if (rc == OK) atomic_store(&x->mark, 0);
	pthread_mutex_unlock(&x->reading);
	inbox_tell(x);
	return rc == OK && !x->following ? inbox_catch_up(x, err) : rc;
}
