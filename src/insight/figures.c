/* How many speak of what, how they feel about it, and what is said more than before. */
#include <math.h>

#include "insight/priv.h"

#define ROWS_FIRST 1024
#define NEGATIVE (-1.0 / 3) /* of -1 .. 1: thirds of the scale are negative, neutral, positive */
#define SURE 1e-5           /* one day is enough below it; otherwise two of three have to be out of the ordinary */

void scope_bind(struct stmt *s, const struct insight_scope *scope, int64_t from_ms, int64_t to_ms)
{
	const struct str texts[] = { scope->events, scope->source, scope->channel, scope->unit, scope->lang };
	stmt_bind_i64(s, 1, from_ms);
	stmt_bind_i64(s, 2, to_ms);
	for (int i = 0; i < (int)COUNT_OF(texts); i++)
		stmt_bind_str(s, 3 + i, texts[i].len ? texts[i] : (struct str){ NULL, 0 });
	stmt_bind_str(s, 10, scope->arrivals);
}

/* Of one topic, or of all comments. */
struct said {
	struct stats_answer *felt, *scored;
	size_t n_felt, n_scored, cap_felt, cap_scored;
	int64_t negative, n;
	uint64_t *who;
	size_t cap_who;
};

static bool room(void **p, size_t *cap, size_t n, size_t each)
{
	if (n < *cap) return true;
	const size_t to = *cap ? *cap * 2 : ROWS_FIRST;
	void *grown = realloc(*p, to * each);
	if (!grown) return false;
	*p = grown;
	*cap = to;
	return true;
}

static bool said_add(struct said *t, uint64_t who, bool felt, double sentiment, bool scored, double score)
{
	if (!room((void **)&t->who, &t->cap_who, (size_t)t->n, sizeof *t->who)) return false;
	t->who[t->n++] = who;
	if (felt) {
		if (!room((void **)&t->felt, &t->cap_felt, t->n_felt, sizeof *t->felt)) return false;
		t->felt[t->n_felt++] = (struct stats_answer){ sentiment, 1, who };
		t->negative += sentiment < NEGATIVE;
	}
	if (!scored) return true;
	if (!room((void **)&t->scored, &t->cap_scored, t->n_scored, sizeof *t->scored)) return false;
	t->scored[t->n_scored++] = (struct stats_answer){ score, 1, who };
	return true;
}

static void said_done(struct said *t)
{
	free(t->felt);
	free(t->scored);
	free(t->who);
}

static int by_number(const void *pa, const void *pb)
{
	const uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
	return (a > b) - (a < b);
}

static int64_t people(struct said *t)
{
	int64_t n = 0;
	if (t->n) qsort(t->who, (size_t)t->n, sizeof *t->who, by_number);
	for (int64_t i = 0; i < t->n; i++) n += i == 0 || t->who[i] != t->who[i - 1];
	return n;
}

static const struct interval FEELING = { -1, 1 }, UTILITY = { 0, 100 };

/* The mean with its clustered interval; of nobody, an estimate that says so. */
static enum err_code mean_of(struct stats_answer *a, size_t n, struct interval scale, struct stats_estimate *out,
                             struct err *err)
{
	double se;
	if (!n) {
		*out = (struct stats_estimate){ .flags = STATS_NOT_IDENTIFIED,
			                        .level = .95,
			                        .method = STATS_MEAN_CLUSTER };
		stats_mark(out);
		return OK;
	}
	TRY(stats_mean_clustered(a, n, out, &se, err));
	stats_on_scale(out, scale);
	stats_mark(out);
	return OK;
}

static enum err_code share_of(int64_t k, int64_t n, struct stats_estimate *out, struct err *err)
{
	TRY(stats_proportion(k, n, out, err));
	stats_mark(out);
	return OK;
}

static enum err_code topic_settle(struct said *t, int64_t comments, struct insight_topic *out, struct err *err)
{
	out->n = t->n;
	out->customers = people(t);
	TRY(share_of(t->n, comments, &out->share, err));
	TRY(mean_of(t->felt, t->n_felt, FEELING, &out->sentiment, err));
	TRY(share_of(t->negative, (int64_t)t->n_felt, &out->negative, err));
	return mean_of(t->scored, t->n_scored, UTILITY, &out->score, err);
}

/* Columns from `at`: customer, sentiment, score. */
static bool row_add(struct said *t, struct stmt *s, int at)
{
	return said_add(t, (uint64_t)stmt_i64(s, at), !stmt_null(s, at + 1), stmt_double(s, at + 1),
	                !stmt_null(s, at + 2), stmt_double(s, at + 2));
}

static enum err_code all_comments(struct insight *x, const struct insight_scope *scope, struct insight_topic_list *out,
                                  struct err *err)
{
	struct said all = { 0 };
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_read", err));
	scope_bind(s, scope, scope->from_ms, scope->to_ms);
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row)
		if (!row_add(&all, s, 0)) rc = err_no_memory(err);
	stmt_free(s);
	out->comments = all.n;
	out->felt = (int64_t)all.n_felt;
	out->customers = people(&all);
	if (rc == OK) rc = mean_of(all.felt, all.n_felt, FEELING, &out->sentiment, err);
	said_done(&all);
	return rc;
}

/* Rows come by topic; those of a topic that the set does not have any more wait to be read again. */
static enum err_code all_topics(struct insight *x, const struct insight_scope *scope, const struct text_topics *t,
                                struct insight_topic_list *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_said_rows", err));
	scope_bind(s, scope, scope->from_ms, scope->to_ms);
	struct said one = { 0 };
	size_t at = out->n;
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		const struct str key = stmt_str(s, 0);
		if (at == out->n || !str_eq(key, out->topics[at].key)) {
			if (at < out->n) rc = topic_settle(&one, out->comments, &out->topics[at], err);
			said_done(&one);
			one = (struct said){ 0 };
			at = topic_place(t, key);
		}
		if (rc == OK && at < out->n && !row_add(&one, s, 1)) rc = err_no_memory(err);
	}
	stmt_free(s);
	if (rc == OK && at < out->n) rc = topic_settle(&one, out->comments, &out->topics[at], err);
	said_done(&one);
	return rc;
}

/* --- more than before ------------------------------------------------------------------------------- */

#define DAYS (INSIGHT_DAYS + INSIGHT_PAST_DAYS)

struct days {
	int64_t *n; /* topics * DAYS */
	double *p;  /* topics * INSIGHT_DAYS */
	double *adjusted;
	struct stats_surprise *s;
	int64_t begin_ms;
};

static enum err_code count_days(struct insight *x, const struct insight_scope *scope, const struct text_topics *t,
                                struct days *d, struct err *err)
{
	struct stmt *s = NULL;
	bool row = true;
	TRY(stmt_prepare(&s, x->st, "insight_said_days", err));
	scope_bind(s, scope, d->begin_ms, d->begin_ms + DAYS * WHEN_DAY_MS);
	stmt_bind_i64(s, 8, WHEN_DAY_MS);
	enum err_code rc = OK;
	while (rc == OK && (rc = stmt_step(s, &row, err)) == OK && row) {
		const size_t at = topic_place(t, stmt_str(s, 0));
		const int64_t day = stmt_i64(s, 1);
		if (at < text_topics_count(t) && day >= 0 && day < DAYS) d->n[at * DAYS + (size_t)day] = stmt_i64(s, 2);
	}
	stmt_free(s);
	return rc;
}

/* Each of the last days beside the INSIGHT_PAST_DAYS before the first of them. */
static enum err_code surprise_days(struct days *d, size_t n_topics, struct err *err)
{
	for (size_t i = 0; i < n_topics; i++) {
		for (size_t k = 0; k < INSIGHT_DAYS; k++) {
			const size_t at = i * INSIGHT_DAYS + k;
			const int64_t *past = d->n + i * DAYS;
			TRY(stats_surprise(past, NULL, INSIGHT_PAST_DAYS, 1, past[INSIGHT_PAST_DAYS + k], &d->s[at],
			                   err));
			d->p[at] = d->s[at].p;
		}
	}
	return OK;
}

static bool out_of_the_ordinary(const struct days *d, size_t at)
{
	return d->adjusted[at] <= INSIGHT_FALSE && (double)d->s[at].observed >= INSIGHT_FLOOR * d->s[at].expected;
}

/* From the first day on that is followed by another within two days, or is beyond doubt. */
static void find_rise(const struct days *d, size_t i, struct insight_topic *out)
{
	size_t most = i * INSIGHT_DAYS;
	for (size_t k = 0; k < INSIGHT_DAYS; k++) {
		const size_t at = i * INSIGHT_DAYS + k;
		if (d->p[at] < d->p[most]) most = at;
		if (out->rising || !out_of_the_ordinary(d, at)) continue;
		bool again = d->p[at] < SURE;
		for (size_t m = k + 1; m < INSIGHT_DAYS && m <= k + 2; m++)
			again |= out_of_the_ordinary(d, i * INSIGHT_DAYS + m);
		out->rising = again;
		out->since_ms = d->begin_ms + (int64_t)(INSIGHT_PAST_DAYS + k) * WHEN_DAY_MS;
	}
	if (!out->rising) out->since_ms = 0;
	out->surprise = d->s[most];
	out->p_adjusted = d->adjusted[most];
}

/* Whole days of the reader; the last one holds the scope's end. */
static int64_t days_begin(int64_t to_ms, int64_t zone_ms)
{
	const int64_t local = to_ms - 1 + zone_ms, day = local / WHEN_DAY_MS - (local % WHEN_DAY_MS < 0);
	return (day + 1 - DAYS) * WHEN_DAY_MS - zone_ms;
}

/* The end of the days looked at: the scope's, or behind the newest comment where it has none. */
static enum err_code end_of(struct insight *x, const struct insight_scope *scope, int64_t *out, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*out = scope->rise_to_ms;
	if (*out != INT64_MAX) return OK;
	TRY(stmt_prepare(&s, x->st, "insight_newest", err));
	const enum err_code rc = stmt_step(s, &row, err);
	*out = rc == OK && row && !stmt_null(s, 0) ? stmt_i64(s, 0) + 1 : 0;
	stmt_free(s);
	return rc;
}

static enum err_code rises(struct insight *x, const struct insight_scope *scope, int64_t zone_ms,
                           const struct text_topics *t, struct arena *a, struct insight_topic_list *out,
                           struct err *err)
{
	const size_t n = out->n;
	struct insight_scope ever = *scope;
	struct days d = { 0 };
	int64_t end;
	TRY(end_of(x, scope, &end, err));
	d.begin_ms = days_begin(end, zone_ms);
	d.n = ARENA_ARRAY(a, int64_t, n * DAYS);
	d.p = ARENA_ARRAY(a, double, n *INSIGHT_DAYS);
	d.adjusted = ARENA_ARRAY(a, double, n *INSIGHT_DAYS);
	d.s = ARENA_ARRAY(a, struct stats_surprise, n * INSIGHT_DAYS);
	if (!d.n || !d.p || !d.adjusted || !d.s) return err_no_memory(err);
	if (scope->ever.ptr) ever.arrivals = scope->ever;
	TRY(count_days(x, &ever, t, &d, err));
	TRY(surprise_days(&d, n, err));
	TRY(stats_bh(d.p, n * INSIGHT_DAYS, a, d.adjusted, err));
	for (size_t i = 0; i < n; i++) find_rise(&d, i, &out->topics[i]);
	return OK;
}

static int by_comments(const void *pa, const void *pb)
{
	const struct insight_topic *a = pa, *b = pb;
	if (a->n != b->n) return a->n > b->n ? -1 : 1;
	return str_cmp(a->key, b->key);
}

static enum err_code names_put(const struct text_topics *t, struct arena *a, struct insight_topic_list *out,
                               struct err *err)
{
	out->n = text_topics_count(t);
	out->topics = ARENA_ARRAY(a, struct insight_topic, out->n);
	if (!out->topics) return err_no_memory(err);
	for (size_t i = 0; i < out->n; i++) {
		const struct text_topic *from = text_topics_at(t, i);
		struct insight_topic *to = &out->topics[i];
		to->key = str_copy(a, from->key);
		to->policy = from->policy;
		if (!to->key.ptr) return err_no_memory(err);
		for (int k = 0; k < TEXT_IN_LATIN; k++)
			if (!(to->names[k] = str_copy(a, from->names[k])).ptr) return err_no_memory(err);
		TRY(topic_settle(&(struct said){ 0 }, out->comments, to, err));
	}
	return OK;
}

enum err_code insight_topic_list(struct insight *x, const struct insight_scope *scope, int64_t zone_ms, struct arena *a,
                                 struct insight_topic_list *out, struct err *err)
{
	struct insight_topic_list list = { 0 };
	struct topic_set *set = set_hold(x);
	enum err_code rc = all_comments(x, scope, &list, err);
	if (rc == OK) rc = names_put(set->topics, a, &list, err);
	if (rc == OK) rc = all_topics(x, scope, set->topics, &list, err);
	if (rc == OK && list.n) rc = rises(x, scope, zone_ms, set->topics, a, &list, err);
	set_let_go(x, set);
	if (rc != OK) return rc;
	qsort(list.topics, list.n, sizeof *list.topics, by_comments);
	*out = list;
	return OK;
}
