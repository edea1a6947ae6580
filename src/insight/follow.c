/*
 * Keeping up with the inbox, then with the set of topics. Comments are read
 * in batches, each written in one transaction with the mark behind it.
 */
#include <math.h>
#include <sched.h>

#include "base/thread.h"
#include "insight/priv.h"

#define BATCH 256
#define WAIT_MS 500

struct batch {
	struct insight *x;
	struct topic_set *set;
	struct comprehension c;
	struct one rows[BATCH];
	size_t n;
	bool fresh; /* move the mark */
	uint64_t mark;
};

static void put_topic(struct one *o, uint16_t topic, double felt)
{
	size_t i = 0;
	while (i < o->n_topics && o->topics[i].topic != topic) i++;
	if (i == o->n_topics) o->topics[o->n_topics++] = (struct found_topic){ .topic = topic };
	if (isnan(felt)) return;
	o->topics[i].sum += felt;
	o->topics[i].n++;
}

void one_of(const struct comprehension *c, uint64_t arrival, int64_t at_ms, const struct given *from, struct one *out)
{
	*out = (struct one){ .arrival = arrival,
		             .at_ms = at_ms,
		             .from = *from,
		             .lang = c->text.lang,
		             .sentiment = c->sentiment,
		             .judged = c->judged,
		             .margin = c->margin,
		             .flags = c->text.flags };
	for (size_t i = 0; i < c->n_hits; i++) put_topic(out, c->hits[i].topic, felt_at(c, i));
	for (size_t i = 0; i < c->n_added; i++) put_topic(out, c->added[i], c->sentiment);
}

static void take(struct batch *b, struct stmt *s)
{
	comprehend(&b->c, b->set->models->judge, b->set->topics, stmt_str(s, 2), stmt_str(s, 3));
	if (stmt_i64(s, 4)) {
		const struct insight_correction k = { .feeling =
			                                      stmt_null(s, 5) ? INSIGHT_AS_READ : (int)stmt_i64(s, 5),
			                              .added = stmt_str(s, 6),
			                              .dropped = stmt_str(s, 7) };
		comprehension_correct(&b->c, b->set->topics, &k);
	}
	const struct given from = given_at(s, 8);
	one_of(&b->c, (uint64_t)stmt_i64(s, 0), stmt_i64(s, 1), &from, &b->rows[b->n++]);
}

static enum err_code step(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_again(s);
	return rc;
}

struct puts {
	struct stmt *comment, *drop, *add;
};

static void bind_known(struct stmt *s, int at, double v)
{
	if (!isnan(v)) stmt_bind_double(s, at, v);
}

static enum err_code put_one(const struct topic_set *set, const struct one *o, const struct puts *p, struct err *err)
{
	stmt_bind_i64(p->comment, 1, (int64_t)o->arrival);
	stmt_bind_i64(p->comment, 2, set->version);
	stmt_bind_str(p->comment, 3, text_language_name(o->lang));
	bind_known(p->comment, 4, o->sentiment);
	stmt_bind_i64(p->comment, 5, o->flags);
	bind_known(p->comment, 6, o->judged);
	bind_known(p->comment, 7, o->margin);
	stmt_bind_i64(p->comment, 8, set->models->reader);
	TRY(step(p->comment, err));
	stmt_bind_i64(p->drop, 1, (int64_t)o->arrival);
	TRY(step(p->drop, err));
	for (size_t i = 0; i < o->n_topics; i++) {
		const struct found_topic *t = &o->topics[i];
		stmt_bind_str(p->add, 1, text_topics_at(set->topics, t->topic)->key);
		stmt_bind_i64(p->add, 2, o->at_ms);
		stmt_bind_i64(p->add, 3, (int64_t)o->arrival);
		if (t->n > 0) stmt_bind_double(p->add, 4, t->sum / t->n);
		TRY(step(p->add, err));
	}
	return OK;
}

enum err_code one_write(struct store_write *w, const struct topic_set *set, const struct one *rows, size_t n,
                        struct err *err)
{
	struct puts p = { 0 };
	enum err_code rc = write_prepare(&p.comment, w, "insight_comment_put", err);
	if (rc == OK) rc = write_prepare(&p.drop, w, "insight_said_drop", err);
	if (rc == OK) rc = write_prepare(&p.add, w, "insight_said_add", err);
	for (size_t i = 0; rc == OK && i < n; i++) rc = put_one(set, &rows[i], &p, err);
	stmt_free(p.comment);
	stmt_free(p.drop);
	stmt_free(p.add);
	return rc;
}

static enum err_code write_batch(void *ctx, struct store_write *w, struct err *err)
{
	const struct batch *b = ctx;
	struct stmt *mark = NULL;
	TRY(one_write(w, b->set, b->rows, b->n, err));
	if (!b->fresh) return OK;
	TRY(write_prepare(&mark, w, "insight_mark_put", err));
	stmt_bind_i64(mark, 1, (int64_t)b->mark);
	const enum err_code rc = step(mark, err);
	stmt_free(mark);
	return rc;
}

static enum err_code keep_batch(struct batch *b, struct err *err)
{
	TRY(store_write(b->x->st, write_batch, b, err));
	columns_put(b->x, b->set, b->rows, b->n);
	return OK;
}

/* One batch from a statement that is bound; how many there were. */
static enum err_code read_batch(struct batch *b, struct stmt *s, struct err *err)
{
	bool row = true;
	enum err_code rc = OK;
	b->n = 0;
	while (b->n < BATCH && (rc = stmt_step(s, &row, err)) == OK && row) take(b, s);
	stmt_free(s);
	return rc;
}

/* `more`: somebody waits and is let in first. */
static enum err_code read_fresh(struct batch *b, bool *more, struct err *err)
{
	const uint64_t to = inbox_mark(b->x->inbox);
	uint64_t from = atomic_load(&b->x->mark);
	b->fresh = true;
	/* An inbox that is read anew is behind for a while; what it brings again has been read, under the same arrival.
	 */
	while (from < to && !atomic_load(&b->x->stop) && !atomic_load(&b->x->waiting)) {
		struct stmt *s = NULL;
		TRY(stmt_prepare(&s, b->x->st, "insight_fresh", err));
		stmt_bind_i64(s, 1, (int64_t)from);
		stmt_bind_i64(s, 2, (int64_t)to);
		stmt_bind_i64(s, 3, BATCH);
		TRY(read_batch(b, s, err));
		b->mark = b->n == BATCH ? b->rows[BATCH - 1].arrival + 1 : to;
		/* Without a comment the mark is kept in memory only: what lies behind it is cheap to look at again. */
		if (b->n) TRY(keep_batch(b, err));
		atomic_store(&b->x->mark, b->mark);
		from = b->mark;
		if (b->n && b->x->news) b->x->news(b->x->news_ctx);
	}
	*more = from < to;
	return OK;
}

/* A batch of what an older set of topics was used for, else of what other models read; `more` when there was one. */
static enum err_code read_stale(struct batch *b, bool *more, struct err *err)
{
	struct stmt *s = NULL;
	b->fresh = false;
	TRY(stmt_prepare(&s, b->x->st, "insight_stale", err));
	stmt_bind_i64(s, 1, b->set->version);
	stmt_bind_i64(s, 2, BATCH);
	TRY(read_batch(b, s, err));
	if (!b->n) {
		TRY(stmt_prepare(&s, b->x->st, "insight_stale_reader", err));
		stmt_bind_i64(s, 1, b->set->models->reader);
		stmt_bind_i64(s, 2, BATCH);
		TRY(read_batch(b, s, err));
	}
	*more |= b->n > 0;
	return b->n ? keep_batch(b, err) : OK;
}

/* What is new, then one batch of what has to be read again. */
static enum err_code read_some(struct batch *b, bool *more, struct err *err)
{
	reading_begin(b->x);
	b->set = set_hold(b->x);
	*more = false;
	enum err_code rc = read_fresh(b, more, err);
	if (rc == OK && !*more) rc = read_stale(b, more, err);
	set_let_go(b->x, b->set);
	reading_end(b->x);
	return rc;
}

enum err_code insight_catch_up(struct insight *x, struct err *err)
{
	bool more = true;
	struct batch *b = calloc(1, sizeof *b);
	if (!b) return err_no_memory(err);
	b->x = x;
	enum err_code rc = comprehension_open(&b->c, err);
	while (rc == OK && more && !atomic_load(&x->stop)) {
		rc = read_some(b, &more, err);
		/* A mutex is not fair: whoever waits gets in only while nobody asks. */
		while (atomic_load(&x->waiting) > 0) sched_yield();
	}
	comprehension_done(&b->c);
	free(b);
	return rc;
}

static bool behind(struct insight *x)
{
	struct topic_set *set = set_hold(x);
	struct err err;
	int64_t old = 0;
	const bool known = stale_count(x, set, &old, &err) == OK;
	set_let_go(x, set);
	return !known || old > 0 || inbox_mark(x->inbox) != atomic_load(&x->mark);
}

static void *follow(void *ctx)
{
	struct insight *x = ctx;
	struct err first;
	int64_t worked_ms = 0;
	thread_behind();
	/* Before anybody asks; what fails now is tried again by the first question. */
	if (columns_hold(x, &first) == OK) columns_let_go(x);
	while (!atomic_load(&x->stop)) {
		struct err err;
		const bool fine = !behind(x) || insight_catch_up(x, &err) == OK;
		/* What cannot be read or written now is tried again: the mark stands before it. */
		store_wait_paced(x->st, fine ? store_arrival_end(x->st) : UINT64_MAX, WAIT_MS, &worked_ms);
	}
	return NULL;
}

enum err_code insight_follow(struct insight *x, void (*news)(void *ctx), void *ctx, struct err *err)
{
	x->news = news;
	x->news_ctx = ctx;
	if (!thread_start(&x->thread, "insight", follow, x))
		return err_set(err, ERR_UNAVAILABLE, "insight.thread", "",
		               "the system gives no thread to read comments");
	x->following = true;
	return OK;
}
