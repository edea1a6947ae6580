/*
 * The threads that send. Each takes one message at a time in a transaction of its own: the message is SENDING from
 * then on, so no other thread has it, and a process that dies leaves it so; the next start queues it again.
 */
#include <curl/curl.h>

#include "base/thread.h"
#include "outbox/priv.h"

#define IDLE_MS 1000
#define PATIENCE_S 5        /* at the end, for what is being handed over */
#define HEARD_KEPT_DAYS 400 /* no gateway tells anything again after a year */
#define FORGET_EVERY_MS ((int64_t)3600 * 1000)

/* After the first try: 10 s, 2 min, 15 min, 1 h, 3 h, 8 h, 24 h, spread by a tenth so that retries do not meet. */
int64_t sender_backoff_ms(int tries, int64_t id)
{
	static const int64_t seconds[OUTBOX_TRIES_MAX] = { 0, 10, 120, 900, 3600, 10800, 28800, 86400 };
	const int i = tries < 0 ? 0 : tries < OUTBOX_TRIES_MAX ? tries : OUTBOX_TRIES_MAX - 1;
	const int64_t base = seconds[i] * 1000;
	return base + base / 10 * (int64_t)(hash64_mix((uint64_t)id, (uint64_t)tries) % 100) / 100;
}

/* --- taking one ------------------------------------------------------------------------------------ */

struct taking {
	struct outbox *o;
	struct arena *a;
	size_t first; /* channel to look at first, so that threads begin at different ones */
	bool taken;
	struct channel_row channel;
	struct letter letter;
};

/* The message of a channel that has waited longest; 0 none. */
static enum err_code due_one(struct store_write *w, struct str key, int64_t now, int64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = 0;
	TRY(write_prepare(&s, w, "outbox_due", err));
	stmt_bind_str(s, 1, key);
	stmt_bind_i64(s, 2, now);
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row) *out = stmt_i64(s, 0);
	stmt_free(s);
	return rc;
}

static enum err_code run2(struct store_write *w, const char *query, struct str key, int64_t id, int64_t v,
                          struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, query, err));
	if (key.ptr) stmt_bind_str(s, 1, key);
	else stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, v);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code read_files(struct store_write *w, struct taking *t, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	enum err_code rc;
	TRY(write_prepare(&s, w, "outbox_file_list", err));
	stmt_bind_i64(s, 1, t->letter.row.id);
	t->letter.files = ARENA_ARRAY(t->a, struct outbox_file, OUTBOX_FILES_MAX);
	rc = t->letter.files ? OK : err_no_memory(err);
	while (rc == OK && t->letter.n_files < OUTBOX_FILES_MAX && (rc = stmt_step(s, &row, err)) == OK && row) {
		struct outbox_file *f = &t->letter.files[t->letter.n_files++];
		*f = (struct outbox_file){ str_copy(t->a, stmt_str(s, 0)), str_copy(t->a, stmt_str(s, 1)),
			                   str_copy(t->a, stmt_str(s, 2)) };
		if (!f->name.ptr || !f->type.ptr || !f->bytes.ptr) rc = err_no_memory(err);
	}
	stmt_free(s);
	return rc;
}

static enum err_code read_letter(struct taking *t, struct store_write *w, int64_t id, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	TRY(write_prepare(&s, w, "outbox_message", err));
	stmt_bind_i64(s, 1, id);
	const enum err_code rc = letter_read(s, t->a, &t->letter, &row, err);
	stmt_free(s);
	return rc;
}

/* Whether it may be taken; if not, it was put off or dropped. */
static enum err_code may_leave(struct taking *t, struct store_write *w, int64_t now, bool *may, struct err *err)
{
	const struct outbox *o = t->o;
	struct outbox_leave leave = { .not_before_ms = now };
	*may = true;
	if (!o->gate) return OK;
	TRY(o->gate(o->gate_ctx, w, &t->letter.row, now, &leave, err));
	if (!leave.drop && leave.not_before_ms <= now) return OK;
	*may = false;
	const struct move m = { .state = leave.drop ? OUTBOX_DROPPED : OUTBOX_QUEUED,
		                .next_ms = leave.not_before_ms,
		                .reason = leave.drop ? leave.reason : t->letter.row.reason };
	return outbox_move(t->o, w, &t->letter.row, &m, err);
}

static enum err_code take_from(struct taking *t, struct store_write *w, const struct channel_row *c, int64_t now,
                               struct err *err)
{
	int64_t id = 0;
	bool may;
	struct settings set;
	TRY(due_one(w, c->c.key, now, &id, err));
	if (!id) return OK;
	TRY(read_letter(t, w, id, err));
	TRY(may_leave(t, w, now, &may, err));
	if (!may) return OK;
	TRY(run2(w, "outbox_take", (struct str){ 0 }, id, now, err));
	TRY(read_letter(t, w, id, err));
	TRY(read_files(w, t, err));
	letter_id(t->o->st, id, t->letter.public_id);
	if (settings_read(c->c.kind, c->c.settings, t->a, &set, NULL) == OK && set.per_minute > 0) {
		const int64_t from = c->next_ms > now - 1000 ? c->next_ms : now;
		TRY(run2(w, "outbox_channel_gate", c->c.key, 0, from + (int64_t)(60000.0 / set.per_minute), err));
	}
	t->channel = *c;
	t->taken = true;
	return OK;
}

static enum err_code take_write(void *ctx, struct store_write *w, struct err *err)
{
	struct taking *t = ctx;
	struct stmt *s = NULL;
	struct channel_row *rows = NULL;
	size_t n = 0;
	const int64_t now = outbox_now(t->o);
	t->taken = false;
	TRY(write_prepare(&s, w, "outbox_channel_list", err));
	stmt_bind_str(s, 1, STR(""));
	enum err_code rc = channel_rows(s, t->a, &rows, &n, err);
	stmt_free(s);
	for (size_t i = 0; i < n && rc == OK && !t->taken; i++) {
		const struct channel_row *c = &rows[(i + t->first) % n];
		if (c->c.enabled && c->next_ms <= now) rc = take_from(t, w, c, now, err);
	}
	return rc;
}

/* --- noting what came of it --------------------------------------------------------------------------- */

struct noting {
	struct outbox *o;
	const struct taking *t;
	const struct outcome *out;
};

static enum err_code note_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct noting *n = ctx;
	static const enum outbox_state states[] = { [SENT_OK] = OUTBOX_SENT,
		                                    [SENT_LATER] = OUTBOX_QUEUED,
		                                    [SENT_NEVER] = OUTBOX_FAILED,
		                                    [SENT_BOUNCED] = OUTBOX_BOUNCED };
	const struct outbox_row *row = &n->t->letter.row;
	struct move m = { .state = states[n->out->kind], .reason = n->out->reason, .provider = n->out->provider };
	struct stmt *s = NULL;
	bool got = false;
	/* A receipt, or an erasure, may have come before this. */
	struct letter l;
	struct arena a;
	arena_init(&a, 2 * MIB + OUTBOX_HTML_BYTES_MAX);
	enum err_code rc = write_prepare(&s, w, "outbox_message", err);
	if (rc == OK) stmt_bind_i64(s, 1, row->id);
	if (rc == OK) rc = letter_read(s, &a, &l, &got, err);
	stmt_free(s);
	const bool still = rc == OK && got && l.row.state == OUTBOX_SENDING;
	arena_done(&a);
	if (rc != OK || !still) return rc;
	if (m.state == OUTBOX_QUEUED && row->tries >= OUTBOX_TRIES_MAX) m.state = OUTBOX_FAILED;
	if (m.state == OUTBOX_QUEUED) {
		const int64_t wait = sender_backoff_ms(row->tries, row->id);
		m.next_ms = outbox_now(n->o) + (n->out->retry_after_ms > wait ? n->out->retry_after_ms : wait);
	}
	TRY(outbox_move(n->o, w, row, &m, err));
	if (n->out->kind != SENT_OK && !n->out->trouble) return OK;
	TRY(write_prepare(&s, w, "outbox_channel_trouble", err));
	stmt_bind_str(s, 1, n->t->channel.c.key);
	stmt_bind_str(s, 2, n->out->trouble ? n->out->reason : STR(""));
	stmt_bind_i64(s, 3, outbox_now(n->o));
	rc = stmt_step(s, &got, err);
	stmt_free(s);
	return rc;
}

/* --- old words ------------------------------------------------------------------------------------------ */

static enum err_code forget_before(struct store_write *w, const char *query, int64_t at_ms, struct err *err)
{
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, query, err));
	stmt_bind_i64(s, 1, at_ms);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static enum err_code forget_write(void *ctx, struct store_write *w, struct err *err)
{
	struct outbox *o = ctx;
	TRY(forget_before(w, "outbox_forget", outbox_now(o) - OUTBOX_KEPT_DAYS * WHEN_DAY_MS, err));
	TRY(forget_before(w, "outbox_heard_forget", outbox_now(o) - HEARD_KEPT_DAYS * WHEN_DAY_MS, err));
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "outbox_forget_files", err));
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

static void forget_sometimes(struct outbox *o)
{
	const int64_t now = outbox_now(o);
	pthread_mutex_lock(&o->lock);
	const bool due = now - o->forgot_ms > FORGET_EVERY_MS;
	if (due) o->forgot_ms = now;
	pthread_mutex_unlock(&o->lock);
	int64_t files;
	if (due && store_write(o->st, forget_write, o, NULL) == OK) (void)!outbox_sweep(o, &files, NULL);
}

/* --- the threads ------------------------------------------------------------------------------------------ */

static bool stopping(struct outbox *o, uint64_t *calls)
{
	pthread_mutex_lock(&o->lock);
	const bool stop = o->stop;
	*calls = o->calls;
	pthread_mutex_unlock(&o->lock);
	return stop;
}

/* Until something is put in, something is due, or a second has passed: a channel may have been changed. */
static void wait_for(struct outbox *o, uint64_t calls, int64_t next_ms)
{
	const int64_t now = outbox_now(o);
	int64_t wait = next_ms == INT64_MAX || next_ms - now > IDLE_MS ? IDLE_MS : next_ms - now;
	struct timespec until;
	if (wait < 1) wait = 1;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += wait / 1000;
	until.tv_nsec += wait % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
	pthread_mutex_lock(&o->lock);
	while (!o->stop && o->calls == calls)
		if (pthread_cond_timedwait(&o->wake, &o->lock, &until) != 0) break;
	pthread_mutex_unlock(&o->lock);
}

static void send_taken(struct outbox *o, struct carrier *c, struct taking *t)
{
	struct settings set;
	struct outcome out = { .kind = SENT_NEVER,
		               .trouble = true,
		               .reason = STR("the channel's settings cannot be read") };
	const bool folder = t->channel.c.kind == OUTBOX_FOLDER;
	if (folder) pthread_mutex_lock(&o->folder);
	if (settings_read(t->channel.c.kind, t->channel.c.settings, t->a, &set, NULL) == OK &&
	    (!folder || folder_wanted(o, t->letter.row.id)))
		carrier_send(c, o, &t->channel, &set, &t->letter, t->a, &out);
	struct noting n = { o, t, &out };
	(void)!store_write(o->st, note_write, &n, NULL); /* on failure the next start tries again */
	if (folder) pthread_mutex_unlock(&o->folder);
}

/* When the next message may go, by the queue and the channels' rates, without a write; INT64_MAX: none waits. */
static int64_t next_due(struct outbox *o)
{
	struct stmt *s = NULL;
	bool row = false;
	int64_t at = INT64_MAX;
	if (stmt_prepare(&s, o->st, "outbox_next_due", NULL) != OK) return at;
	if (stmt_step(s, &row, NULL) == OK && row && !stmt_null(s, 0)) at = stmt_i64(s, 0);
	stmt_free(s);
	return at;
}

struct start {
	struct outbox *o;
	size_t first;
};

static void *sender_main(void *arg)
{
	struct start st = *(struct start *)arg;
	struct carrier *c = carrier_new();
	uint64_t calls;
	struct arena a;
	free(arg);
	arena_init(&a, ARENA_BYTES);
	while (c && !stopping(st.o, &calls)) {
		struct taking t = { .o = st.o, .a = &a, .first = st.first++ };
		arena_reset(&a);
		const int64_t due = next_due(st.o);
		if (due > outbox_now(st.o)) {
			forget_sometimes(st.o);
			wait_for(st.o, calls, due);
		} else if (store_write(st.o->st, take_write, &t, NULL) != OK) {
			wait_for(st.o, calls, INT64_MAX);
		} else if (t.taken) {
			send_taken(st.o, c, &t);
		}
	}
	arena_done(&a);
	carrier_free(c);
	return NULL;
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_begin(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum err_code senders_start(struct outbox *o, struct err *err)
{
	pthread_once(&curl_once, curl_begin);
	for (size_t i = 0; i < OUTBOX_SENDERS; i++) {
		struct start *s = malloc(sizeof *s);
		if (!s) return err_no_memory(err);
		*s = (struct start){ o, i };
		if (!thread_start(&o->senders[i], "sender", sender_main, s)) {
			free(s);
			return err_set(err, ERR_UNAVAILABLE, "outbox.thread", "", "no thread can be made for sending");
		}
		o->n_senders++;
	}
	return OK;
}

void senders_stop(struct outbox *o)
{
	pthread_mutex_lock(&o->lock);
	o->stop = true;
	pthread_cond_broadcast(&o->wake);
	pthread_mutex_unlock(&o->lock);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	for (size_t i = 0; i < o->n_senders; i++) {
		if (pthread_timedjoin_np(o->senders[i], NULL, &until) == 0) continue;
		atomic_store(&o->hurry, true); /* a transfer that is broken off is tried again */
		pthread_join(o->senders[i], NULL);
	}
	o->n_senders = 0;
}
