/* Estimates as JSON and as one plain sentence. */
#include <math.h>

#include "maps/priv.h"

void maps_put_estimate_members(struct json_out *o, const struct stats_estimate *e)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ STATS_SMALL_N, "small_n" },
		{ STATS_SUPPRESSED, "suppressed" },
		{ STATS_NOT_IDENTIFIED, "not_identified" },
		{ STATS_EXTRAPOLATED, "extrapolated" },
		{ STATS_WEIGHTED, "weighted" },
		{ STATS_MULTIPLE_TESTED, "multiple_tested" },
		{ STATS_SHRUNK, "shrunk" },
		{ STATS_NO_SPREAD, "no_spread" },
	};
	const bool hidden = e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED);
	const struct {
		const char *name;
		double v;
	} numbers[] = { { "est", e->est }, { "lo", e->lo }, { "hi", e->hi }, { "lo80", e->lo80 }, { "hi80", e->hi80 } };
	/* Without spread the estimate stands, and how well it is known does not. */
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		json_kv_double(o, numbers[i].name,
		               hidden || (i > 0 && e->flags & STATS_NO_SPREAD) ? NAN : numbers[i].v);
	json_kv_double(o, "level", e->level);
	json_kv_i64(o, "n", e->n);
	json_kv_double(o, "n_eff", e->n_eff);
	json_kv_z(o, "method", stats_method_names[e->method]);
	json_key(o, "flags");
	json_open(o, '[');
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (e->flags & names[i].flag) json_put_z(o, names[i].name);
	json_close(o, ']');
}

void maps_put_estimate(struct json_out *o, const struct stats_estimate *e)
{
	if (e->n == 0 && (e->flags & (STATS_NOT_IDENTIFIED | STATS_SUPPRESSED))) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	maps_put_estimate_members(o, e);
	json_close(o, '}');
}

static void put_counts(struct json_out *o, const struct stats_score *s)
{
	json_key(o, "counts");
	json_open(o, '{');
	if (s->kind == STATS_SCORE_NPS) {
		json_kv_i64(o, "promoters", s->nps.promoters);
		json_kv_i64(o, "passives", s->nps.passives);
		json_kv_i64(o, "detractors", s->nps.detractors);
	} else {
		json_kv_i64(o, "good", s->good_n);
		json_kv_i64(o, "rest", s->n - s->good_n);
	}
	json_close(o, '}');
	json_key(o, "values");
	json_open(o, '[');
	for (int v = s->min; v <= s->max; v++) {
		json_open(o, '{');
		json_kv_i64(o, "value", v);
		json_kv_i64(o, "n", s->values[v - s->min]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

void maps_put_score(struct json_out *o, const struct stats_score *s)
{
	static const char *const units[STATS_SCORE_KINDS] = { "points", "share", "mean" };
	json_kv_z(o, "kind", stats_score_kind_names[s->kind]);
	json_kv_z(o, "unit", units[s->kind]);
	maps_put_estimate_members(o, &s->main);
	put_counts(o, s);
	json_key(o, s->kind == STATS_SCORE_CES ? "good_share" : "mean");
	maps_put_estimate(o, &s->other);
	json_key(o, "scale");
	json_open(o, '{');
	json_kv_i64(o, "min", s->min);
	json_kv_i64(o, "max", s->max);
	if (s->kind != STATS_SCORE_NPS) json_kv_i64(o, "good_from", s->good);
	json_kv_bool(o, "reversed", s->reversed);
	json_close(o, '}');
}

struct str map_sentence(const struct locale *l, const struct stats_estimate *e, enum render_evidence evidence,
                        struct arena *a)
{
	const struct word_arg args[] = {
		{ .name = "lo", .kind = WORD_INTEGER, .number = round(e->lo) },
		{ .name = "hi", .kind = WORD_INTEGER, .number = round(e->hi) },
		{ .name = "n", .kind = WORD_INTEGER, .number = (double)e->n },
		{ .name = "more", .kind = WORD_INTEGER, .number = (double)(5 - e->n) },
		{ .name = "hundred", .kind = WORD_INTEGER, .number = 100 },
	};
	const char *key = "maps.sentence.measured";
	if (evidence == RENDER_INFERRED) key = "maps.sentence.inferred";
	else if (evidence != RENDER_MEASURED)
		key = e->n > 0 && e->n < 5         ? "maps.sentence.few"
		      : evidence == RENDER_ASSUMED ? "maps.sentence.assumed"
		                                   : "maps.sentence.none";
	else if (e->flags & STATS_SMALL_N) key = "maps.sentence.small";
	return words(l, a, key, args, COUNT_OF(args));
}
