/* Topics and themes over time, and one time beside another. */
#include <math.h>

#include "http/priv.h"

static void put_figure(struct json_out *o, const char *key, const struct insight_figure *f)
{
	const bool compared = !(f->diff.flags & STATS_NOT_IDENTIFIED);
	json_key(o, key);
	json_open(o, '{');
	put_estimate(o, "is", &f->is);
	put_estimate(o, "diff", &f->diff);
	json_kv_double(o, "p", compared ? f->p : NAN);
	json_kv_double(o, "p_adjusted", compared ? f->p_adjusted : NAN);
	json_kv_bool(o, "distinguishable", f->distinguishable);
	json_close(o, '}');
}

static void put_period(struct json_out *o, struct http_call *c, struct zone *zone, const struct insight_period *p)
{
	json_open(o, '{');
	json_kv_str(o, "start", day_of(c, zone, p->from_ms));
	json_kv_i64(o, "start_ms", p->from_ms);
	json_kv_i64(o, "end_ms", p->to_ms);
	json_kv_bool(o, "complete", p->complete);
	json_kv_i64(o, "comments", p->comments);
	json_close(o, '}');
}

static void put_trend(struct json_out *o, const struct insight_line *l)
{
	static const char *const directions[] = { "down", NULL, "up" };
	json_key(o, "trend");
	json_open(o, '{');
	json_kv_i64(o, "periods", l->trend.sen.n);
	json_kv_double(o, "p", l->trend.p);
	json_kv_double(o, "p_adjusted", l->trend_p_adjusted);
	put_estimate(o, "slope", &l->trend.sen);
	json_kv_z(o, "direction", directions[l->direction + 1]);
	json_close(o, '}');
}

static void put_line(struct json_out *o, const struct insight_line *l, size_t n_periods)
{
	json_open(o, '{');
	json_kv_str(o, "key", l->topic.key);
	topic_names_put(o, l->topic.names);
	json_kv_bool(o, "policy", l->topic.policy);
	json_kv_i64(o, "n", l->n);
	put_trend(o, l);
	open_list(o, "points");
	for (size_t i = 0; i < n_periods; i++) {
		json_open(o, '{');
		json_kv_i64(o, "n", l->points[i].n);
		put_figure(o, "share", &l->points[i].share);
		put_figure(o, "feeling", &l->points[i].feeling);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void put_series(struct json_out *o, struct http_call *c, struct zone *zone, const struct insight_series *s)
{
	open_list(o, "periods");
	for (size_t i = 0; i < s->n_periods; i++) put_period(o, c, zone, &s->periods[i]);
	json_close(o, ']');
	open_list(o, "topics");
	for (size_t i = 0; i < s->n; i++) put_line(o, &s->lines[i], s->n_periods);
	json_close(o, ']');
}

HANDLER(get_topic_series)
{
	struct insight_scope scope;
	struct insight_series s;
	struct ask_periods periods;
	struct zone *zone;
	int64_t newest;
	struct json_out o;
	TRY(query_i64(c, "periods", 0, INSIGHT_PERIODS_MAX, 0, &newest, err));
	TRY(periods_read(c, PERIOD_WEEK, &periods, err));
	TRY(topic_scope_read(c, &scope, err));
	TRY(zone_open(periods.zone, &zone, err));
	const enum err_code rc =
	        insight_topic_series(c->h->opt.insight, &scope, &periods.rule, zone, (size_t)newest, c->arena, &s, err);
	if (rc == OK) {
		json_out_init(&o, &c->out);
		json_open(&o, '{');
		json_kv_z(&o, "period", period_names[periods.rule.period]);
		put_series(&o, c, zone, &s);
		json_close(&o, '}');
	}
	zone_close(zone);
	return rc;
}

static enum err_code end_read(struct http_call *c, const char *key, int64_t *out, struct err *err)
{
	if (!query_get(c, key).len) return err_set(err, ERR_INPUT, "http.missing", key, "%s is missing", key);
	return time_read(c, key, out, err);
}

struct two_times {
	struct insight_scope now;
	int64_t before_from_ms, before_to_ms;
};

/* Both by when comments were given, in a cell of a map too: of all journeys that it ever counted. */
static enum err_code two_times_read(struct http_call *c, struct two_times *out, struct err *err)
{
	TRY(topic_scope_read(c, &out->now, err));
	TRY(end_read(c, "from", &out->now.from_ms, err));
	TRY(end_read(c, "to", &out->now.to_ms, err));
	TRY(end_read(c, "before_from", &out->before_from_ms, err));
	TRY(end_read(c, "before_to", &out->before_to_ms, err));
	if (out->now.ever.ptr) out->now.arrivals = out->now.ever;
	return OK;
}

HANDLER(get_topic_changes)
{
	struct two_times t;
	struct insight_series s;
	struct org_clock clock;
	struct json_out o;
	TRY(two_times_read(c, &t, err));
	TRY(insight_topic_changes(c->h->opt.insight, &t.now, t.before_from_ms, t.before_to_ms, c->arena, &s, err));
	TRY(clock_open(c, &clock, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	put_series(&o, c, clock.zone, &s);
	json_close(&o, '}');
	clock_close(&clock);
	return OK;
}

static void put_words(struct json_out *o, const char *key, const struct str *words, size_t n)
{
	open_list(o, key);
	for (size_t i = 0; i < n; i++) json_put_str(o, words[i]);
	json_close(o, ']');
}

static enum err_code answer_themes_since(struct http_call *c, size_t n, struct err *err)
{
	struct two_times t;
	struct insight_theme_list l;
	struct json_out o;
	TRY(two_times_read(c, &t, err));
	TRY(insight_themes_since(c->h->opt.insight, &t.now, t.before_from_ms, t.before_to_ms, n, c->arena, &l, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "comments", l.comments);
	json_kv_i64(&o, "comments_before", l.comments_before);
	open_list(&o, "themes");
	for (size_t i = 0; i < l.n; i++) {
		const struct insight_theme *m = &l.themes[i];
		json_open(&o, '{');
		json_kv_z(&o, "fate", insight_theme_fates[m->fate]);
		json_kv_i64(&o, "n", m->n);
		json_kv_i64(&o, "n_before", m->n_before);
		put_figure(&o, "share", &m->share);
		put_estimate(&o, "share_before", &m->share_before);
		put_words(&o, "words", m->words, m->n_words);
		put_words(&o, "was", m->was, m->n_was);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}

HANDLER(get_topic_themes)
{
	struct insight_scope scope;
	struct text_themes t;
	int64_t n;
	struct json_out o;
	TRY(query_i64(c, "themes", 0, TEXT_THEMES_MAX, 12, &n, err));
	if (query_get(c, "before_from").len) return answer_themes_since(c, (size_t)n, err);
	TRY(topic_scope_read(c, &scope, err));
	TRY(insight_themes(c->h->opt.insight, &scope, (size_t)n, c->arena, &t, err));
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_i64(&o, "comments", (int64_t)t.n_texts);
	open_list(&o, "themes");
	for (size_t i = 0; i < t.n; i++) {
		json_open(&o, '{');
		json_kv_i64(&o, "n", t.themes[i].texts);
		json_kv_double(&o, "coherence", t.themes[i].coherence);
		put_words(&o, "words", t.themes[i].words, t.themes[i].n_words);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	return OK;
}
