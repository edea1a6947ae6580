/*
 * Topics over time. A share is a ratio of two sums over customers, of what
 * they said of the topic and of all that they said, so its variance and what
 * it has in common with the period before come from sums over customers.
 */
#include <math.h>

#include "insight/priv.h"

#define ANSWERS_MIN 5
#define SAID_MIN 5 /* of a topic in both periods together: fewer tell no difference, and would only add looks */
#define DISTINGUISHABLE .05

/* What one customer said in one period. */
struct part {
	uint32_t period;
	uint32_t n, felt;
	double sum; /* of the feelings */
};
struct parts { /* by period, each once */
	struct part *of;
	size_t n, cap;
};

/* Sums over customers of a numerator and a denominator; `c_` with those of the period before (second letter). */
struct ratio {
	double num, den, nn, nd, dd, c_nn, c_nd, c_dn, c_dd;
	int64_t customers, in_both;
};

struct look {
	const struct insight_scope *scope;
	struct insight_series *out;
	struct parts all, *topics;     /* of the customer at hand */
	uint16_t met[TEXT_TOPICS_MAX]; /* topics that they speak of */
	size_t n_met;
	struct ratio *said, *shares, *feelings; /* of each period; the last two of each topic's */
};

/* The period of an instant, n_periods when it is in none. */
static size_t period_of(const struct insight_series *s, int64_t at_ms)
{
	size_t lo = 0, hi = s->n_periods;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (s->periods[mid].to_ms <= at_ms) lo = mid + 1;
		else hi = mid;
	}
	return lo < s->n_periods && at_ms >= s->periods[lo].from_ms ? lo : s->n_periods;
}

/* Comments come by arrival, so the place is at the end or near it. */
static bool part_add(struct parts *p, uint32_t period, double felt)
{
	size_t at = p->n;
	while (at && p->of[at - 1].period > period) at--;
	if (!at || p->of[at - 1].period != period) {
		if (p->n == p->cap) {
			const size_t cap = p->cap ? p->cap * 2 : 16;
			struct part *grown = realloc(p->of, cap * sizeof *grown);
			if (!grown) return false;
			p->of = grown;
			p->cap = cap;
		}
		memmove(&p->of[at + 1], &p->of[at], (p->n++ - at) * sizeof *p->of);
		p->of[at++] = (struct part){ .period = period };
	}
	struct part *one = &p->of[at - 1];
	one->n++;
	if (isnan(felt)) return true;
	one->felt++;
	one->sum += felt;
	return true;
}

/* The part one period on, or back; NULL. */
static const struct part *next_to(const struct parts *p, size_t i, int step)
{
	if (step < 0 && i == 0) return NULL;
	const size_t at = step < 0 ? i - 1 : i + 1;
	return at < p->n && (int64_t)p->of[at].period == (int64_t)p->of[i].period + step ? &p->of[at] : NULL;
}

static void said_sums(const struct parts *all, struct ratio *r)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct part *one = &all->of[i], *before = next_to(all, i, -1);
		struct ratio *now = &r[one->period];
		now->den += one->n;
		now->dd += (double)one->n * one->n;
		now->customers++;
		if (!before) continue;
		now->c_dd += (double)one->n * before->n;
		now->in_both++;
	}
}

/* What is said of the topic among all that is said; what is in said_sums is added at the end. */
static void share_sums(const struct parts *all, const struct parts *topic, struct ratio *r)
{
	size_t at = 0;
	for (size_t i = 0; i < topic->n; i++) {
		const struct part *t = &topic->of[i];
		while (all->of[at].period < t->period) at++;
		const struct part *back = next_to(all, at, -1), *on = next_to(all, at, 1);
		const struct part *said_back = next_to(topic, i, -1);
		const double n = t->n;
		struct ratio *now = &r[t->period];
		now->num += n;
		now->nn += n * n;
		now->nd += n * all->of[at].n;
		if (said_back) now->c_nn += n * said_back->n;
		if (back) now->c_nd += n * back->n;
		if (on) now[1].c_dn += n * on->n;
	}
}

static void feeling_sums(const struct parts *topic, struct ratio *r)
{
	for (size_t i = 0; i < topic->n; i++) {
		const struct part *t = &topic->of[i], *back = next_to(topic, i, -1);
		struct ratio *now = &r[t->period];
		if (!t->felt) continue;
		now->num += t->sum;
		now->den += t->felt;
		now->nn += t->sum * t->sum;
		now->nd += t->sum * t->felt;
		now->dd += (double)t->felt * t->felt;
		now->customers++;
		if (!back || !back->felt) continue;
		now->c_nn += t->sum * back->sum;
		now->c_nd += t->sum * back->felt;
		now->c_dn += t->felt * back->sum;
		now->c_dd += (double)t->felt * back->felt;
		now->in_both++;
	}
}

/* --- customer by customer ------------------------------------------------------------------------------ */

static void customer_close(struct look *k)
{
	const size_t periods = k->out->n_periods;
	said_sums(&k->all, k->said);
	for (size_t i = 0; i < k->n_met; i++) {
		struct parts *topic = &k->topics[k->met[i]];
		share_sums(&k->all, topic, k->shares + k->met[i] * periods);
		feeling_sums(topic, k->feelings + k->met[i] * periods);
		topic->n = 0;
	}
	k->all.n = k->n_met = 0;
}

static bool comment_add(struct look *k, const struct columns *c, const struct column_row *r, const uint16_t *topics)
{
	const size_t period = period_of(k->out, r->at_ms);
	if (period == k->out->n_periods) return true;
	if (!part_add(&k->all, (uint32_t)period, r->sentiment)) return false;
	for (size_t i = 0; i < r->n_said; i++) {
		const struct column_said *said = &c->said[r->first + i];
		const uint16_t topic = topics[said->key];
		if (topic >= k->out->n) continue;
		if (!k->topics[topic].n) k->met[k->n_met++] = topic;
		if (!part_add(&k->topics[topic], (uint32_t)period, said->felt)) return false;
	}
	return true;
}

static enum err_code go_through(struct insight *x, struct look *k, const struct text_topics *t, int64_t from_ms,
                                int64_t to_ms, struct arena *a, struct err *err)
{
	struct picks p;
	uint16_t *topics;
	TRY(picks_take(x, k->scope, from_ms, to_ms, true, &p, err));
	enum err_code rc = picks_topics(x, t, a, &topics, err);
	for (size_t i = 0; rc == OK && i < p.n; i++) {
		if (i && p.of[i].who != p.of[i - 1].who) customer_close(k);
		if (!comment_add(k, &x->columns, &x->columns.rows[p.of[i].row], topics)) rc = err_no_memory(err);
	}
	if (rc == OK) customer_close(k);
	picks_done(x, &p);
	for (size_t j = 0; j < k->out->n_periods; j++) k->out->periods[j].comments = (int64_t)k->said[j].den;
	return rc;
}

/* --- figures of one topic ------------------------------------------------------------------------------ */

static struct stats_group group_of(const struct ratio *r)
{
	const double m = (double)r->customers, mean = r->den > 0 ? r->num / r->den : 0;
	const double var = fmax(0, r->nn - 2 * mean * r->nd + mean * mean * r->dd);
	return (struct stats_group){ .mean = mean,
		                     .se = m > 1 ? sqrt(var * m / (m - 1)) / r->den : NAN,
		                     .n = (int64_t)r->den,
		                     .clusters = r->customers };
}

static double covariance(const struct ratio *now, const struct ratio *before)
{
	const double a = now->num / now->den, b = before->num / before->den;
	return (now->c_nn - b * now->c_nd - a * now->c_dn + a * b * now->c_dd) / (now->den * before->den);
}

/* What so many comments of fewer people are worth, as for scores over time (docs/methods/series.md). */
static double worth(const struct ratio *r, const struct stats_group *g)
{
	const double n = r->den, m = (double)r->customers;
	if (m >= n) return n;
	const double alone = g->mean * (1 - g->mean) / (n - 1);
	if (!(alone > 0) || !isfinite(g->se) || !(g->se > 0)) return m;
	return fmin(n, n * alone / (g->se * g->se));
}

/* The difference of the means, and its p; corr: of the two estimates. */
static double difference(const struct ratio *now, const struct ratio *before, struct insight_figure *out)
{
	const struct stats_group a = group_of(now), b = group_of(before);
	const double cov = covariance(now, before), both = a.se * b.se;
	const double se = now->in_both ? sqrt(fmax(0, a.se * a.se + b.se * b.se - 2 * cov)) : (double)NAN;
	stats_diff_groups(&a, &b, se, &out->diff, &out->p);
	return both > 0 && isfinite(both) ? cov / both : 0;
}

static enum err_code share_point(const struct ratio *r, size_t j, struct insight_point *points, struct err *err)
{
	struct insight_figure *f = &points[j].share;
	const struct stats_group g = group_of(&r[j]);
	const struct stats_count c = { (int64_t)r[j].num, (int64_t)r[j].den };
	points[j].n = c.hits;
	if (c.n == 0) TRY(stats_proportion(0, 0, &f->is, err));
	else TRY(stats_share_worth(c, worth(&r[j], &g), &f->is, err));
	if (j == 0 || r[j].den < ANSWERS_MIN || r[j - 1].den < ANSWERS_MIN) return OK;
	if (points[j].n + points[j - 1].n < SAID_MIN) return OK;
	const double corr = difference(&r[j], &r[j - 1], f);
	if (!(f->diff.flags & STATS_NOT_IDENTIFIED)) stats_mover_diff(&f->is, &points[j - 1].share.is, corr, &f->diff);
	return OK;
}

static void feeling_point(const struct ratio *r, size_t j, struct insight_point *points)
{
	struct insight_figure *f = &points[j].feeling;
	const struct stats_group g = group_of(&r[j]);
	stats_mean_group(&g, &f->is);
	stats_on_scale(&f->is, (struct interval){ -1, 1 });
	if (j > 0 && r[j].den >= ANSWERS_MIN && r[j - 1].den >= ANSWERS_MIN) difference(&r[j], &r[j - 1], f);
}

static enum err_code line_of(const struct look *k, size_t topic, struct arena *a, struct insight_line *out,
                             struct err *err)
{
	const size_t n = k->out->n_periods;
	const struct insight_figure none = {
		.is.flags = STATS_NOT_IDENTIFIED, .diff.flags = STATS_NOT_IDENTIFIED, .p = 1, .p_adjusted = 1
	};
	struct ratio *share = k->shares + topic * n, *feeling = k->feelings + topic * n;
	double *figures = ARENA_ARRAY(a, double, n);
	out->points = ARENA_ARRAY(a, struct insight_point, n);
	if (!figures || !out->points) return err_no_memory(err);
	for (size_t j = 0; j < n; j++) {
		struct insight_point *p = &out->points[j];
		struct ratio *r = &share[j];
		r->den = k->said[j].den, r->dd = k->said[j].dd, r->c_dd = k->said[j].c_dd;
		r->customers = k->said[j].customers, r->in_both = k->said[j].in_both;
		p->share = p->feeling = none;
		TRY(share_point(share, j, out->points, err));
		feeling_point(feeling, j, out->points);
		out->n += p->n;
		const bool enough = k->out->periods[j].complete && k->out->periods[j].comments >= ANSWERS_MIN;
		figures[j] = enough ? p->share.is.est : (double)NAN;
	}
	return stats_mann_kendall(figures, n, 1, a, &out->trend, err);
}

/* --- all of them ---------------------------------------------------------------------------------------- */

static struct insight_figure *figure_of(struct insight_point *p, bool feeling)
{
	return feeling ? &p->feeling : &p->share;
}

/* p values of all differences of one sort, looked at together. */
static enum err_code adjust(struct insight_series *s, bool feeling, struct arena *a, struct err *err)
{
	const size_t cells = s->n * s->n_periods;
	double *p = ARENA_ARRAY(a, double, cells), *adjusted = ARENA_ARRAY(a, double, cells);
	size_t m = 0;
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t c = 0; c < cells; c++) {
		struct insight_figure *f = figure_of(&s->lines[c / s->n_periods].points[c % s->n_periods], feeling);
		if (!(f->diff.flags & STATS_NOT_IDENTIFIED)) p[m++] = f->p;
	}
	TRY(stats_bh(p, m, a, adjusted, err));
	m = 0;
	for (size_t c = 0; c < cells; c++) {
		struct insight_figure *f = figure_of(&s->lines[c / s->n_periods].points[c % s->n_periods], feeling);
		stats_mark(&f->is);
		if (f->diff.flags & STATS_NOT_IDENTIFIED) continue;
		f->p_adjusted = adjusted[m++];
		f->distinguishable = f->p_adjusted <= DISTINGUISHABLE && (f->diff.lo > 0 || f->diff.hi < 0);
	}
	return OK;
}

static enum err_code adjust_trends(struct insight_series *s, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, s->n), *adjusted = ARENA_ARRAY(a, double, s->n);
	if (!p || !adjusted) return err_no_memory(err);
	for (size_t i = 0; i < s->n; i++) p[i] = s->lines[i].trend.p;
	TRY(stats_bh(p, s->n, a, adjusted, err));
	for (size_t i = 0; i < s->n; i++) {
		struct insight_line *l = &s->lines[i];
		l->trend_p_adjusted = adjusted[i];
		if (adjusted[i] <= DISTINGUISHABLE) l->direction = (l->trend.s > 0) - (l->trend.s < 0);
	}
	return OK;
}

static int by_comments(const void *pa, const void *pb)
{
	const struct insight_line *a = pa, *b = pb;
	if (a->n != b->n) return a->n > b->n ? -1 : 1;
	return str_cmp(a->topic.key, b->topic.key);
}

static enum err_code look_at(struct insight *x, struct look *k, const struct text_topics *t, struct arena *a,
                             struct err *err)
{
	struct insight_series *s = k->out;
	const int64_t from = s->periods[0].from_ms, to = s->periods[s->n_periods - 1].to_ms;
	const int64_t first = from > k->scope->from_ms ? from : k->scope->from_ms;
	const int64_t last = to < k->scope->to_ms ? to : k->scope->to_ms;
	s->n = text_topics_count(t);
	s->lines = ARENA_ARRAY(a, struct insight_line, s->n);
	k->topics = ARENA_ARRAY(a, struct parts, s->n);
	k->said = ARENA_ARRAY(a, struct ratio, s->n_periods);
	k->shares = ARENA_ARRAY(a, struct ratio, s->n * s->n_periods);
	k->feelings = ARENA_ARRAY(a, struct ratio, s->n * s->n_periods);
	if (!s->lines || !k->topics || !k->said || !k->shares || !k->feelings) return err_no_memory(err);
	for (size_t i = 0; i < s->n; i++) TRY(name_copy(text_topics_at(t, i), a, &s->lines[i].topic, err));
	const enum err_code rc = go_through(x, k, t, first, last, a, err);
	for (size_t i = 0; i < s->n; i++) free(k->topics[i].of);
	free(k->all.of);
	TRY(rc);
	for (size_t i = 0; i < s->n; i++) TRY(line_of(k, i, a, &s->lines[i], err));
	qsort(s->lines, s->n, sizeof *s->lines, by_comments);
	while (s->n && s->lines[s->n - 1].n == 0) s->n--;
	if (!s->n) return OK;
	TRY(adjust(s, false, a, err));
	TRY(adjust(s, true, a, err));
	return adjust_trends(s, a, err);
}

static enum err_code series_of(struct insight *x, const struct insight_scope *scope, struct arena *a,
                               struct insight_series *out, struct err *err)
{
	struct look k = { .scope = scope, .out = out };
	struct topic_set *set = set_hold(x);
	const enum err_code rc = out->n_periods ? look_at(x, &k, set->topics, a, err) : OK;
	set_let_go(x, set);
	return rc;
}

/* Of the comments that there are; [0, 0) without any. */
static enum err_code comments_span(struct insight *x, int64_t *from_ms, int64_t *to_ms, struct err *err)
{
	struct stmt *s = NULL;
	bool row = false;
	*from_ms = *to_ms = 0;
	TRY(stmt_prepare(&s, x->st, "insight_span", err));
	const enum err_code rc = stmt_step(s, &row, err);
	if (rc == OK && row && !stmt_null(s, 0)) {
		*from_ms = stmt_i64(s, 0);
		*to_ms = stmt_i64(s, 1) + 1;
	}
	stmt_free(s);
	return rc;
}

/* Periods before the first comment of the scope, and after the last, say nothing. */
static void trim(struct insight_series *s)
{
	size_t skip = 0;
	while (s->n_periods && !s->periods[s->n_periods - 1].comments) s->n_periods--;
	while (skip < s->n_periods && !s->periods[skip].comments) skip++;
	s->periods += skip;
	s->n_periods -= skip;
	for (size_t i = 0; i < s->n; i++) s->lines[i].points += skip;
}

enum err_code insight_topic_series(struct insight *x, const struct insight_scope *scope, const struct period_rule *rule,
                                   struct zone *zone, size_t newest, struct arena *a, struct insight_series *out,
                                   struct err *err)
{
	struct insight_series s = { .n = 0 };
	int64_t oldest, end, *bounds = NULL;
	size_t n = 0;
	TRY(comments_span(x, &oldest, &end, err));
	const int64_t from = scope->from_ms > oldest ? scope->from_ms : oldest;
	const int64_t to = scope->to_ms < end ? scope->to_ms : end;
	if (from < to) {
		const enum err_code rc =
		        period_bounds(rule, zone, from, to - 1, INSIGHT_PERIODS_MAX, a, &bounds, &n, err);
		if (rc == ERR_LIMIT) err_hint(err, "Choose longer periods, or a shorter time with `from` and `to`.");
		TRY(rc);
		s.n_periods = n - 1;
		if (newest && newest < s.n_periods) {
			bounds += s.n_periods - newest;
			s.n_periods = newest;
		}
	}
	s.periods = ARENA_ARRAY(a, struct insight_period, s.n_periods);
	if (!s.periods) return err_no_memory(err);
	for (size_t i = 0; i < s.n_periods; i++)
		s.periods[i] =
		        (struct insight_period){ .from_ms = bounds[i],
			                         .to_ms = bounds[i + 1],
			                         .complete = bounds[i] >= scope->from_ms &&
			                                     bounds[i + 1] <= scope->to_ms && bounds[i + 1] <= end };
	TRY(series_of(x, scope, a, &s, err));
	trim(&s);
	*out = s;
	return OK;
}

enum err_code insight_topic_changes(struct insight *x, const struct insight_scope *scope, int64_t before_from_ms,
                                    int64_t before_to_ms, struct arena *a, struct insight_series *out, struct err *err)
{
	struct insight_scope both = *scope;
	struct insight_series s = { .n_periods = 2, .periods = ARENA_ARRAY(a, struct insight_period, 2) };
	if (!s.periods) return err_no_memory(err);
	if (before_from_ms >= before_to_ms || before_to_ms > scope->from_ms)
		return err_set(err, ERR_INPUT, "insight.before", "before_to",
		               "the period before must end before the other begins");
	both.from_ms = before_from_ms;
	s.periods[0] = (struct insight_period){ before_from_ms, before_to_ms, true, 0 };
	s.periods[1] = (struct insight_period){ scope->from_ms, scope->to_ms, true, 0 };
	TRY(series_of(x, &both, a, &s, err));
	*out = s;
	return OK;
}
