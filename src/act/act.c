/* Opening, closing, the thread, and what all files share. */
#include "act/priv.h"

#include "base/thread.h"

#define STEP_MS 250
#define ESCALATE_MS (30 * WHEN_SECOND_MS)
#define REPORTS_MS (60 * WHEN_SECOND_MS)

const char *const act_state_names[ACT_STATES] = { "open", "doing", "waiting", "closed" };
const char *const act_outcome_names[ACT_OUTCOMES] = { "solved", "partly", "not_solved", "not_reached", "no_need" };

int64_t act_now(struct act *a)
{
	return a->opt.now_ms(a->opt.now_ctx);
}

void act_tell(struct act *a)
{
	if (a->news) a->news(a->news_ctx);
}

enum err_code run(struct stmt *s, struct err *err)
{
	bool row;
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	return rc;
}

struct str text_at(struct stmt *s, int column, struct arena *m)
{
	const struct str t = stmt_str(s, column);
	const struct str copy = t.len ? str_copy(m, t) : STR("");
	return copy.ptr ? copy : STR("");
}

enum err_code step_put(struct store_write *w, int64_t id, int64_t at_ms, struct str author, const char *what,
                       struct str text, struct err *err)
{
	struct stmt *s = NULL;
	TRY(write_prepare(&s, w, "follow_up_step_add", err));
	stmt_bind_i64(s, 1, id);
	stmt_bind_i64(s, 2, at_ms);
	stmt_bind_str(s, 3, author);
	stmt_bind_str(s, 4, str_of(what));
	stmt_bind_str(s, 5, text.ptr ? text : STR(""));
	return run(s, err);
}

enum err_code act_open(struct store *st, const struct act_options *opt, struct act **out, struct err *err)
{
	struct act *a = calloc(1, sizeof *a);
	if (!a) return err_no_memory(err);
	a->st = st;
	a->opt = *opt;
	pthread_mutex_init(&a->looking, NULL);
	*out = a;
	return OK;
}

enum err_code act_catch_up(struct act *a, struct err *err)
{
	pthread_mutex_lock(&a->looking);
	enum err_code rc = look(a, err);
	if (rc == OK) rc = praise_look(a, err);
	if (rc == OK) rc = escalate(a, err);
	pthread_mutex_unlock(&a->looking);
	return rc;
}

static void *follow(void *ctx)
{
	struct act *a = ctx;
	uint64_t seen = UINT64_MAX;
	int64_t escalated_ms = 0, reported_ms = 0;
	while (!atomic_load(&a->stop)) {
		const uint64_t mark = inbox_mark(a->opt.inbox);
		const int64_t now = act_now(a);
		struct err err;
		enum err_code rc = OK;
		pthread_mutex_lock(&a->looking);
		if (mark != seen) rc = look(a, &err);
		if (mark != seen && rc == OK) rc = praise_look(a, &err);
		if (rc == OK) atomic_store(&a->seen, seen = mark); /* what failed is tried again */
		if (now - escalated_ms >= ESCALATE_MS && escalate(a, &err) == OK) escalated_ms = now;
		pthread_mutex_unlock(&a->looking);
		if (now - reported_ms >= REPORTS_MS && reports_due(a, &err) == OK) reported_ms = now;
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
	}
	return NULL;
}

enum err_code act_follow(struct act *a, void (*news)(void *ctx), void *ctx, struct err *err)
{
	a->news = news;
	a->news_ctx = ctx;
	if (!thread_start(&a->thread, "act", follow, a))
		return err_set(err, ERR_UNAVAILABLE, "act.thread", "", "the system gives no thread for follow-ups");
	a->following = true;
	return OK;
}

bool act_follows(const struct act *a)
{
	return a->following;
}

uint64_t act_mark(const struct act *a)
{
	return atomic_load(&a->seen);
}

void act_stop(struct act *a)
{
	atomic_store(&a->stop, true);
	if (a->following) pthread_join(a->thread, NULL);
	a->following = false;
}

void act_close(struct act *a)
{
	if (!a) return;
	act_stop(a);
	pthread_mutex_destroy(&a->looking);
	free(a);
}
