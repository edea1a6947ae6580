/* How many speak of what, how they feel about it, and what is said more than before. */
#include <math.h>

#include "insight/priv.h"

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

/*
 * A mean over answers that come customer by customer, twice: sums first, then
 * the squares of what each customer is off the mean (docs/methods/means.md).
 */
struct mean {
	int64_t n, customers;
	uint32_t last; /* customer, one up; 0 none yet */
	struct stats_sum sum, off, squares;
	double is;
};

/* Of one topic, or of all comments. */
struct said {
	int64_t n, customers, negative;
	uint32_t last;
	struct mean felt, scored;
};

static void mean_add(struct mean *m, uint32_t who, double x)
{
	stats_add(&m->sum, x);
	m->n++;
	m->customers += m->last != who + 1;
	m->last = who + 1;
}

static void mean_settle(struct mean *m)
{
	m->is = m->n ? stats_total(&m->sum) / (double)m->n : 0;
	m->last = 0;
}

static void mean_close(struct mean *m)
{
	const double off = stats_total(&m->off);
	stats_add(&m->squares, off * off);
	m->off = (struct stats_sum){ 0 };
}

static void mean_again(struct mean *m, uint32_t who, double x)
{
	if (m->last && m->last != who + 1) mean_close(m);
	m->last = who + 1;
	stats_add(&m->off, x - m->is);
}

static const struct interval FEELING = { -1, 1 }, UTILITY = { 0, 100 };

/* The mean with its clustered interval; of nobody, an estimate that says so. */
static void mean_of(struct mean *m, struct interval scale, struct stats_estimate *out)
{
	const double n = (double)m->n, k = (double)m->customers;
	mean_close(m);
	const struct stats_group g = { .mean = m->is,
		                       .se = k > 1 ? sqrt(k / (k - 1) * stats_total(&m->squares)) / n : 0,
		                       .n = m->n,
		                       .clusters = m->customers };
	stats_mean_group(&g, out);
	if (!(out->flags & STATS_NO_SPREAD)) out->n_eff = n;
	stats_on_scale(out, scale);
	stats_mark(out);
}

static void said_add(struct said *t, uint32_t who, double felt, double score)
{
	t->n++;
	t->customers += t->last != who + 1;
	t->last = who + 1;
	if (!isnan(felt)) mean_add(&t->felt, who, felt);
	if (felt < NEGATIVE) t->negative++;
	if (!isnan(score)) mean_add(&t->scored, who, score);
}

static void said_settle(struct said *t)
{
	mean_settle(&t->felt);
	mean_settle(&t->scored);
}

static void said_again(struct said *t, uint32_t who, double felt, double score)
{
	if (!isnan(felt)) mean_again(&t->felt, who, felt);
	if (!isnan(score)) mean_again(&t->scored, who, score);
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
	out->customers = t->customers;
	TRY(share_of(t->n, comments, &out->share, err));
	TRY(share_of(t->negative, t->felt.n, &out->negative, err));
	mean_of(&t->felt, FEELING, &out->sentiment);
	mean_of(&t->scored, UTILITY, &out->score);
	return OK;
}

typedef void (*said_fn)(struct said *t, uint32_t who, double felt, double score);

/* fn for all comments, and for each topic that the set has; of[n_topics] is that of all. */
static void go_through(const struct columns *c, const struct picks *p, const uint16_t *topics, size_t n_topics,
                       said_fn fn, struct said *of)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct column_row *r = &c->rows[p->of[i].row];
		const struct column_said *said = c->said + r->first;
		fn(&of[n_topics], p->of[i].who, r->sentiment, r->from.utility);
		for (size_t k = 0; k < r->n_said; k++)
			if (topics[said[k].key] < n_topics)
				fn(&of[topics[said[k].key]], p->of[i].who, said[k].felt, r->from.utility);
	}
}

static enum err_code count_all(struct insight *x, const struct insight_scope *scope, const struct text_topics *t,
                               struct arena *a, struct said *of, struct err *err)
{
	const size_t n = text_topics_count(t);
	struct picks p;
	uint16_t *topics;
	TRY(picks_take(x, scope, scope->from_ms, scope->to_ms, true, &p, err));
	const enum err_code rc = picks_topics(x, t, a, &topics, err);
	if (rc == OK) {
		go_through(&x->columns, &p, topics, n, said_add, of);
		for (size_t i = 0; i <= n; i++) said_settle(&of[i]);
		go_through(&x->columns, &p, topics, n, said_again, of);
	}
	picks_done(x, &p);
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
                                struct arena *a, struct days *d, struct err *err)
{
	const struct columns *c = &x->columns;
	struct picks p;
	uint16_t *topics;
	TRY(picks_take(x, scope, d->begin_ms, d->begin_ms + DAYS * WHEN_DAY_MS, false, &p, err));
	const enum err_code rc = picks_topics(x, t, a, &topics, err);
	for (size_t i = 0; rc == OK && i < p.n; i++) {
		const struct column_row *r = &c->rows[p.of[i].row];
		const size_t day = (size_t)((r->at_ms - d->begin_ms) / WHEN_DAY_MS);
		for (size_t k = 0; k < r->n_said; k++) {
			const size_t at = topics[c->said[r->first + k].key];
			if (at < text_topics_count(t)) d->n[at * DAYS + day]++;
		}
	}
	picks_done(x, &p);
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
	TRY(count_days(x, &ever, t, a, &d, err));
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

static enum err_code list_put(const struct text_topics *t, struct said *of, struct arena *a,
                              struct insight_topic_list *out, struct err *err)
{
	out->n = text_topics_count(t);
	out->topics = ARENA_ARRAY(a, struct insight_topic, out->n);
	if (!out->topics) return err_no_memory(err);
	struct said *const all = &of[out->n];
	out->comments = all->n;
	out->customers = all->customers;
	out->felt = all->felt.n;
	mean_of(&all->felt, FEELING, &out->sentiment);
	for (size_t i = 0; i < out->n; i++) {
		struct insight_name name;
		struct insight_topic *to = &out->topics[i];
		TRY(name_copy(text_topics_at(t, i), a, &name, err));
		to->key = name.key;
		to->policy = name.policy;
		memcpy(to->names, name.names, sizeof to->names);
		TRY(topic_settle(&of[i], out->comments, to, err));
	}
	return OK;
}

enum err_code insight_topic_list(struct insight *x, const struct insight_scope *scope, int64_t zone_ms, struct arena *a,
                                 struct insight_topic_list *out, struct err *err)
{
	struct insight_topic_list list = { 0 };
	struct topic_set *set = set_hold(x);
	struct said *of = ARENA_ARRAY(a, struct said, text_topics_count(set->topics) + 1);
	enum err_code rc = of ? count_all(x, scope, set->topics, a, of, err) : err_no_memory(err);
	if (rc == OK) rc = list_put(set->topics, of, a, &list, err);
	if (rc == OK && list.n) rc = rises(x, scope, zone_ms, set->topics, a, &list, err);
	set_let_go(x, set);
	if (rc != OK) return rc;
	qsort(list.topics, list.n, sizeof *list.topics, by_comments);
	*out = list;
	return OK;
}
