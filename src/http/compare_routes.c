/* Two scopes side by side: a segment and everybody else, or a period and the one before it. docs/methods/compare.md */
#include "http/priv.h"

#include <math.h>

#include "stats/stats.h"

enum against { AGAINST_REST, AGAINST_BEFORE };

struct side {
	struct scope scope;
	struct question question;
	struct ask_touchpoint *list;
	size_t n;
	struct ask_scope_sums sums;
};

struct difference {
	struct stats_estimate est;
	double p, p_adjusted;
};

struct row {
	struct str name;
	struct journey_touchpoint_stat sides[2];
	struct difference score, share;
};

/* --- the other scope --------------------------------------------------------------------------------- */

/* The same length of time, just before. */
static enum err_code before(const struct scope *s, struct scope *out, struct err *err)
{
	if (s->maps.from_ms == INT64_MIN || s->maps.to_ms == INT64_MAX) {
		const enum err_code rc =
		        err_set(err, ERR_INPUT, "compare.period", "from", "there is no time before the whole time");
		err_hint(err, "Say from when to when, with from and to.");
		return rc;
	}
	*out = *s;
	out->maps.from_ms = s->maps.from_ms - (s->maps.to_ms - s->maps.from_ms);
	out->maps.to_ms = s->maps.from_ms;
	return OK;
}

/* A saved segment is named in a rule by its key; anything else is a rule itself. */
static bool is_key(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char ch = s.ptr[i];
		const bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
		if (!plain && ch != '_' && ch != '-') return false;
	}
	return true;
}

/* Everybody who is not in the segment. */
static enum err_code rest(struct http_call *c, const struct scope *s, struct scope *out, struct err *err)
{
	if (!s->segment.len) {
		const enum err_code rc =
		        err_set(err, ERR_INPUT, "compare.segment", "segment", "there is nobody beside everybody");
		err_hint(err, "Say whom to compare with all others, with segment.");
		return rc;
	}
	*out = *s;
	out->segment = str_format(c->arena, is_key(s->segment) ? "not in segment \"" STR_FMT "\"" : "not (" STR_FMT ")",
	                          STR_ARG(s->segment));
	if (!out->segment.ptr) return err_no_memory(err);
	return scope_segment(c, out->segment, c->arena, &out->maps.who, err);
}

/* --- differences ------------------------------------------------------------------------------------- */

static struct stats_group group_of(const struct journey_signal_stat *s)
{
	return (struct stats_group){ .mean = s->mean,
		                     .se = s->customers > 1 ? sqrt(s->var / (double)s->customers) : (double)NAN,
		                     .n = s->n,
		                     .clusters = s->customers };
}

static enum err_code share_of(const struct journey_touchpoint_stat *t, const struct ask_scope_sums *sums,
                              struct stats_estimate *out, struct err *err)
{
	TRY(stats_proportion(t->customers, sums->customers, out, err));
	stats_mark(out);
	return OK;
}

/* Of few answers, or of none, nothing is told. */
static void score_difference(struct row *r)
{
	const struct stats_group a = group_of(&r->sides[0].signals[JOURNEY_RATING]),
	                         b = group_of(&r->sides[1].signals[JOURNEY_RATING]);
	r->score = (struct difference){ .est = { .flags = STATS_NOT_IDENTIFIED }, .p = 1 };
	if (a.clusters > 1 && b.clusters > 1) stats_diff_groups(&a, &b, (double)NAN, &r->score.est, &r->score.p);
	r->score.est.n = a.n < b.n ? a.n : b.n;
	stats_mark(&r->score.est);
}

static enum err_code share_difference(struct row *r, const struct side *sides, struct err *err)
{
	const struct stats_count a = { r->sides[0].customers, sides[0].sums.customers },
	                         b = { r->sides[1].customers, sides[1].sums.customers };
	r->share = (struct difference){ .est = { .flags = STATS_NOT_IDENTIFIED }, .p = 1 };
	if (a.n && b.n) {
		TRY(stats_newcombe(a, b, &r->share.est, err));
		r->share.p = stats_same_share(a, b);
	}
	r->share.est.n = a.n < b.n ? a.n : b.n;
	stats_mark(&r->share.est);
	return OK;
}

/* One family for the scores and one for the shares: that many touchpoints were looked at. */
static enum err_code adjust(struct row *rows, size_t n, struct arena *a, struct err *err)
{
	double *p = ARENA_ARRAY(a, double, n), *adjusted = ARENA_ARRAY(a, double, n);
	if (!p || !adjusted) return err_no_memory(err);
	for (int share = 0; share < 2; share++) {
		for (size_t i = 0; i < n; i++) p[i] = share ? rows[i].share.p : rows[i].score.p;
		TRY(stats_bh(p, n, a, adjusted, err));
		for (size_t i = 0; i < n; i++) (share ? &rows[i].share : &rows[i].score)->p_adjusted = adjusted[i];
	}
	return OK;
}

static const struct journey_touchpoint_stat *stat_of(const struct side *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->list[i].name, name)) return &s->list[i].stat;
	return NULL;
}

/* Touchpoints of the first side in its order, then those that only the other has. */
static enum err_code pair_up(const struct side *sides, struct arena *a, struct row **out, size_t *n, struct err *err)
{
	static const struct journey_touchpoint_stat nothing = { 0 };
	struct row *rows = ARENA_ARRAY(a, struct row, sides[0].n + sides[1].n);
	size_t count = 0;
	if (!rows) return err_no_memory(err);
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < sides[k].n; i++) {
			const struct str name = sides[k].list[i].name;
			const struct journey_touchpoint_stat *x = stat_of(&sides[0], name),
			                                     *y = stat_of(&sides[1], name);
			if (k == 1 && x) continue;
			rows[count++] = (struct row){ .name = name, .sides = { x ? *x : nothing, y ? *y : nothing } };
		}
	for (size_t i = 0; i < count; i++) {
		score_difference(&rows[i]);
		TRY(share_difference(&rows[i], sides, err));
	}
	*out = rows;
	*n = count;
	return adjust(rows, count, a, err);
}

/* --- the answer -------------------------------------------------------------------------------------- */

static enum err_code put_side(struct json_out *o, const char *key, const struct journey_touchpoint_stat *t,
                              const struct ask_scope_sums *sums, struct err *err)
{
	struct stats_estimate share;
	TRY(share_of(t, sums, &share, err));
	json_key(o, key);
	json_open(o, '{');
	json_kv_i64(o, "n", t->visits);
	json_kv_i64(o, "customers", t->customers);
	put_estimate(o, "share", &share);
	put_ratings(o, &t->signals[JOURNEY_RATING]);
	json_close(o, '}');
	return OK;
}

static void put_difference(struct json_out *o, const char *key, const struct difference *d)
{
	json_key(o, key);
	json_open(o, '{');
	put_estimate(o, "diff", &d->est);
	json_kv_double(o, "p", d->p);
	json_kv_double(o, "p_adjusted", d->p_adjusted);
	json_kv_bool(o, "told", d->p_adjusted < 0.05 && !(d->est.flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED)));
	json_close(o, '}');
}

static enum err_code put_answer(struct json_out *o, const struct side *sides, const struct row *rows, size_t n,
                                struct err *err)
{
	open_list(o, "sides");
	for (int k = 0; k < 2; k++) {
		json_open(o, '{');
		json_kv_i64(o, "customers", sides[k].sums.customers);
		json_kv_i64(o, "events", sides[k].sums.events);
		json_close(o, '}');
	}
	json_close(o, ']');
	open_list(o, "touchpoints");
	for (size_t i = 0; i < n; i++) {
		json_open(o, '{');
		json_kv_str(o, "name", rows[i].name);
		TRY(put_side(o, "a", &rows[i].sides[0], &sides[0].sums, err));
		TRY(put_side(o, "b", &rows[i].sides[1], &sides[1].sums, err));
		put_difference(o, "score", &rows[i].score);
		put_difference(o, "share", &rows[i].share);
		json_close(o, '}');
	}
	json_close(o, ']');
	return OK;
}

static enum err_code ask_side(struct http_call *c, struct ask *ask, struct side *s, struct err *err)
{
	TRY(question_in(c, ask, &s->scope, &s->question, err));
	return ask_touchpoints(ask, &s->question.query, STR(""), c->arena, &s->list, &s->n, &s->sums, err);
}

HANDLER(get_compare)
{
	static const char *const words[] = { [AGAINST_REST] = "rest", [AGAINST_BEFORE] = "before" };
	struct side sides[2] = { 0 };
	struct row *rows = NULL;
	struct ask *ask;
	struct json_out o;
	size_t against, n = 0;
	TRY(need_ask(c, &ask, err));
	TRY(choice_read(c, "against", words, COUNT_OF(words), AGAINST_REST, &against, err));
	TRY(scope_read(c, &sides[0].scope, err));
	if (against == AGAINST_BEFORE) TRY(before(&sides[0].scope, &sides[1].scope, err));
	else TRY(rest(c, &sides[0].scope, &sides[1].scope, err));

	enum err_code rc = ask_side(c, ask, &sides[0], err);
	if (rc == OK) rc = ask_side(c, ask, &sides[1], err);
	if (rc == OK) rc = pair_up(sides, c->arena, &rows, &n, err);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_z(&o, "against", words[against]);
	if (rc == OK) rc = put_answer(&o, sides, rows, n, err);
	if (rc == OK) put_asked(&o, c, &sides[0].question);
	json_close(&o, '}');
	for (int k = 0; k < 2; k++) cache_put(c->h->cache, sides[k].question.map);
	return rc;
}
