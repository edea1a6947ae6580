/* What became of follow-ups: docs/methods/recovery.md. */
#include "act/priv.h"

#include <math.h>

struct counting {
	struct act_summary sum;
	int64_t on_time, judged;
	double *replies; /* hours */
	size_t n_replies;
	struct stats_answer *after, *without; /* differences, clustered by customer */
	size_t n_after, n_without, cap;
};

static bool room(struct counting *c, struct arena *m)
{
	if (c->n_replies < c->cap && c->n_after < c->cap && c->n_without < c->cap) return true;
	const size_t cap = c->cap ? c->cap * 2 : 256;
	double *replies = ARENA_ARRAY(m, double, cap);
	struct stats_answer *after = ARENA_ARRAY(m, struct stats_answer, cap);
	struct stats_answer *without = ARENA_ARRAY(m, struct stats_answer, cap);
	if (!replies || !after || !without) return false;
	if (c->n_replies) memcpy(replies, c->replies, c->n_replies * sizeof *replies);
	if (c->n_after) memcpy(after, c->after, c->n_after * sizeof *after);
	if (c->n_without) memcpy(without, c->without, c->n_without * sizeof *without);
	c->replies = replies;
	c->after = after;
	c->without = without;
	c->cap = cap;
	return true;
}

static void count_row(struct counting *c, struct stmt *s, int64_t now_ms)
{
	const int64_t state = stmt_i64(s, 0), opened = stmt_i64(s, 1), due = stmt_i64(s, 2);
	const bool closed = state == ACT_CLOSED, late = !closed && due < now_ms;
	const struct str outcome = stmt_str(s, 7);
	c->sum.opened++;
	c->sum.by_state[state]++;
	c->sum.overdue += late;
	if (closed || late) {
		c->judged++;
		c->on_time += closed && stmt_i64(s, 3) <= due;
	}
	for (int i = 0; i < ACT_OUTCOMES; i++) c->sum.outcomes[i] += str_eq(outcome, str_of(act_outcome_names[i]));
	if (!stmt_null(s, 4)) c->replies[c->n_replies++] = (double)(stmt_i64(s, 4) - opened) / (double)WHEN_HOUR_MS;
	if (stmt_null(s, 6) || stmt_null(s, 9)) return;
	const struct stats_answer change = { stmt_double(s, 9) - stmt_double(s, 6), 1, (uint64_t)stmt_i64(s, 5) };
	if (closed) c->after[c->n_after++] = change;
	else c->without[c->n_without++] = change;
}

static enum err_code mean_of(struct stats_answer *x, size_t n, struct stats_estimate *out, struct err *err)
{
	double se;
	if (n == 0) {
		*out = (struct stats_estimate){ .level = 0.95, .flags = STATS_NOT_IDENTIFIED };
		stats_mark(out);
		return OK;
	}
	TRY(stats_mean_clustered(x, n, out, &se, err));
	/* Differences of two answers on 0 to 100. */
	stats_on_scale(out, (struct interval){ -100, 100 });
	stats_mark(out);
	return OK;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static enum err_code conclude(struct counting *c, struct err *err)
{
	TRY(stats_proportion(c->on_time, c->judged, &c->sum.on_time, err));
	stats_mark(&c->sum.on_time);
	if (c->n_replies) qsort(c->replies, c->n_replies, sizeof *c->replies, by_value);
	stats_quantile(c->replies, c->n_replies, 0.5, &c->sum.first_reply);
	stats_mark(&c->sum.first_reply);
	TRY(mean_of(c->after, c->n_after, &c->sum.recovery, err));
	return mean_of(c->without, c->n_without, &c->sum.without, err);
}

enum err_code act_summary(struct act *a, struct str unit, int64_t from_ms, int64_t to_ms, struct arena *m,
                          struct act_summary *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	struct counting c = { 0 };
	const int64_t now = act_now(a);
	TRY(stmt_prepare(&s, a->st, "follow_up_measure", err));
	stmt_bind_i64(s, 1, from_ms);
	stmt_bind_i64(s, 2, to_ms);
	stmt_bind_str(s, 3, unit.ptr ? unit : STR(""));
	enum err_code rc = room(&c, m) ? OK : err_no_memory(err);
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		if (room(&c, m)) count_row(&c, s, now);
		else rc = err_no_memory(err);
	}
	stmt_free(s);
	if (rc == OK) rc = conclude(&c, err);
	if (rc == OK) *out = c.sum;
	return rc;
}
