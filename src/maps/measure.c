/* A map measured: scope put together, the engine asked, its counts turned into estimates. */
#include <math.h>

#include "maps/priv.h"

const char *const maps_agreement_names[MAPS_AGREEMENTS] = { "agree", "differs", "undocumented", "silent", "unknown" };

/* The document's scope and the reader's, both at once. */
static enum err_code compose(const struct map_doc *d, const struct maps_scope *scope, const struct journey_rules *rules,
                             struct journey_query *q, struct err *err)
{
	*q = (struct journey_query){ .from_ms = d->from_ms,
		                     .to_ms = d->to_ms,
		                     .by = JOURNEY_BY_INSTANCE,
		                     .instance = d->instance,
		                     .rules = rules,
		                     .who = scope->who };
	if (scope->from_ms > q->from_ms) q->from_ms = scope->from_ms;
	if (scope->to_ms < q->to_ms) q->to_ms = scope->to_ms;
	if (q->from_ms >= q->to_ms) {
		enum err_code rc = err_set(err, ERR_INPUT, "map.scope", "to",
		                           "the period ends before it begins, or lies outside the map's own");
		err_hint(err, "Choose a period inside the one of the map.");
		return rc;
	}
	if (d->n_filters + scope->n_filters > JOURNEY_FILTERS_MAX)
		return err_limit(err, "map.filters", "filter", (int64_t)(d->n_filters + scope->n_filters),
		                 JOURNEY_FILTERS_MAX,
		                 "the map and the question have %zu filters together, at most %d fit",
		                 d->n_filters + scope->n_filters, JOURNEY_FILTERS_MAX);
	for (size_t i = 0; i < d->n_filters; i++) q->filters[q->n_filters++] = d->filters[i];
	for (size_t i = 0; i < scope->n_filters; i++) q->filters[q->n_filters++] = scope->filters[i];
	return OK;
}

size_t map_main_of(const struct maps_measured *mm, size_t step)
{
	size_t best = mm->doc->steps[step].first;
	for (size_t t = 0; t < mm->doc->n_touchpoints; t++)
		if (mm->doc->touchpoints[t].step == step &&
		    mm->measure.touchpoints[t].instances > mm->measure.touchpoints[best].instances)
			best = t;
	return best;
}

int64_t map_passing(const struct maps_measured *mm, size_t step)
{
	int64_t n = 0;
	for (size_t i = 0; i < mm->measure.n_ribbons; i++) {
		const struct journey_ribbon *r = &mm->measure.ribbons[i];
		if (mm->doc->touchpoints[r->from - 1].step < step && mm->doc->touchpoints[r->to - 1].step > step)
			n += r->instances;
	}
	return n;
}

/* Four cells a step: people, time, feeling, words; the share of them that is measured. */
static double truth(const struct maps_measured *mm)
{
	const struct map_doc *d = mm->doc;
	int cells = 0;
	for (size_t s = 0; s < d->n_steps; s++) {
		const struct journey_step_stat *step = &mm->measure.steps[s];
		const size_t main = map_main_of(mm, s);
		int64_t comments = 0;
		for (size_t t = 0; t < d->n_touchpoints; t++)
			if (d->touchpoints[t].step == s) comments += mm->measure.touchpoints[t].comments;
		cells += step->entered > 0;
		cells += step->goal > 0 || mm->measure.touchpoints[main].to_next.n > 0;
		cells += mm->evidence[main] == RENDER_MEASURED;
		cells += comments > 0 || mm->shares[main][1] > 0;
	}
	return d->n_steps ? cells / (4.0 * (double)d->n_steps) : 0;
}

/*
 * What was believed against what was found. A feeling stands for a quarter
 * of the scale round its score; reality differs when the 95 % interval lies
 * outside it.
 */
static enum maps_agreement agreement(const struct map_touchpoint *t, enum ask_status status,
                                     const struct stats_estimate *score, enum render_evidence evidence)
{
	if (status == ASK_SILENT) return MAPS_SILENT;
	if (status == ASK_UNDOCUMENTED) return MAPS_UNDOCUMENTED;
	if (!t->assumed.given || (evidence != RENDER_MEASURED && evidence != RENDER_INFERRED)) return MAPS_UNKNOWN;
	const double believed = 50 + 25 * t->assumed.feeling;
	return score->hi < believed - 12.5 || score->lo > believed + 12.5 ? MAPS_DIFFERS : MAPS_AGREE;
}

static enum err_code statuses(struct maps_measured *mm, struct arena *a, struct err *err)
{
	const struct map_doc *d = mm->doc;
	mm->status = ARENA_ARRAY(a, enum ask_status, d->n_touchpoints);
	mm->agreement = ARENA_ARRAY(a, enum maps_agreement, d->n_touchpoints);
	if (!mm->status || !mm->agreement) return err_no_memory(err);
	for (size_t t = 0; t < d->n_touchpoints; t++) {
		const bool silent = mm->measure.touchpoints[t].visits == 0;
		mm->status[t] = !d->touchpoints[t].documented ? ASK_UNDOCUMENTED : silent ? ASK_SILENT : ASK_DOCUMENTED;
		mm->agreement[t] = agreement(&d->touchpoints[t], mm->status[t], &mm->scores[t], mm->evidence[t]);
	}
	struct ask_inventory_row *rows;
	size_t n;
	TRY(ask_inventory_of(&mm->measure, mm->rules, a, &rows, &n, err));
	mm->undocumented = ARENA_ARRAY(a, struct ask_inventory_row, n);
	if (!mm->undocumented) return err_no_memory(err);
	for (size_t i = 0; i < n; i++)
		if (rows[i].status == ASK_UNDOCUMENTED) mm->undocumented[mm->n_undocumented++] = rows[i];
	return OK;
}

static enum err_code one_period(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	TRY(ask_measure(m->ask, &mm->query, a, &mm->measure, err));
	if (mm->measure.n_touchpoints != mm->doc->n_touchpoints || mm->measure.n_steps != mm->doc->n_steps)
		return err_set(err, ERR_CORRUPT, "map.measure", "",
		               "the engine answered for %zu touchpoints, the map has %zu", mm->measure.n_touchpoints,
		               mm->doc->n_touchpoints);
	TRY(map_comments(m, mm, a, err));
	TRY(map_scores(mm, a, err));
	TRY(map_findings(mm, a, err));
	TRY(statuses(mm, a, err));
	mm->truth_share = truth(mm);
	return OK;
}

/* now - then, touchpoint by touchpoint. Both intervals come from posteriors, so the difference is a little cautious. */
static enum err_code changes(const struct maps_measured *now, struct maps_measured *then, struct arena *a,
                             struct err *err)
{
	const size_t n = now->doc->n_touchpoints;
	then->change = ARENA_ARRAY(a, struct stats_estimate, n);
	then->distinguishable = ARENA_ARRAY(a, bool, n);
	double *p = ARENA_ARRAY(a, double, n), *adjusted = ARENA_ARRAY(a, double, n);
	size_t *which = ARENA_ARRAY(a, size_t, n), k = 0;
	if (!then->change || !then->distinguishable || !p || !adjusted || !which) return err_no_memory(err);
	for (size_t t = 0; t < n; t++) {
		struct stats_estimate *e = &then->change[t];
		*e = (struct stats_estimate){ .level = 0.95,
			                      .n = now->scores[t].n + then->scores[t].n,
			                      .method = STATS_EB_NORMAL,
			                      .flags = STATS_NOT_IDENTIFIED };
		const double sd = hypot(now->sd[t], then->sd[t]);
		if (!(now->sd[t] > 0) || !(then->sd[t] > 0)) continue;
		e->flags = STATS_SHRUNK | STATS_MULTIPLE_TESTED;
		e->n_eff = now->scores[t].n_eff + then->scores[t].n_eff;
		e->est = now->scores[t].est - then->scores[t].est;
		e->lo = e->est - STATS_Z95 * sd, e->hi = e->est + STATS_Z95 * sd;
		e->lo80 = e->est - STATS_Z80 * sd, e->hi80 = e->est + STATS_Z80 * sd;
		p[k] = 2 * stats_normal_cdf(-fabs(e->est) / sd);
		which[k++] = t;
	}
	TRY(stats_bh(p, k, a, adjusted, err));
	for (size_t i = 0; i < k; i++) then->distinguishable[which[i]] = adjusted[i] <= 0.05;
	return OK;
}

static enum err_code compare(struct maps *m, const struct maps_scope *scope, struct maps_measured *mm, struct arena *a,
                             struct err *err)
{
	struct maps_measured *then = ARENA_NEW(a, struct maps_measured);
	if (!then) return err_no_memory(err);
	/* A period without an end reaches to the newest event. */
	const int64_t to_ms =
	        mm->query.to_ms == INT64_MAX && mm->measure.newest_ms ? mm->measure.newest_ms + 1 : mm->query.to_ms;
	*then = (struct maps_measured){ .key = mm->key,
		                        .version = mm->version,
		                        .newest = mm->newest,
		                        .document = mm->document,
		                        .doc = mm->doc,
		                        .rules = mm->rules,
		                        .query = mm->query,
		                        .comments.on = scope->comments,
		                        .compared = scope->compare,
		                        .calendar = scope->calendar };
	TRY(map_period(scope->compare, scope, mm->query.from_ms, to_ms, &then->query.from_ms, &then->query.to_ms, err));
	TRY(one_period(m, then, a, err));
	TRY(changes(mm, then, a, err));
	mm->compare = then;
	return OK;
}

enum err_code maps_rules(struct maps *m, struct str key, int version, struct arena *a, const struct journey_rules **out,
                         struct err *err)
{
	struct str json;
	int got, newest;
	struct map_doc *doc = ARENA_NEW(a, struct map_doc);
	if (!doc) return err_no_memory(err);
	TRY(map_document(m, key, version, a, &json, &got, &newest, err));
	TRY(map_doc_read(json, true, a, doc, err));
	return map_doc_compile(doc, a, out, err);
}

enum err_code maps_question(struct maps *m, struct str key, int version, const struct maps_scope *scope,
                            struct arena *a, struct maps_measured *out, struct err *err)
{
	struct maps_measured mm = { .calendar = scope->calendar, .comments.on = scope->comments };
	struct map_doc *doc = ARENA_NEW(a, struct map_doc);
	if (!doc) return err_no_memory(err);
	TRY(map_document(m, key, version, a, &mm.document, &mm.version, &mm.newest, err));
	enum err_code rc = map_doc_read(mm.document, true, a, doc, err);
	if (rc == OK) rc = map_doc_compile(doc, a, &mm.rules, err);
	if (rc != OK) {
		err_context(err, "map " STR_FMT " version %d", STR_ARG(str_cut(key, 0, 80)), mm.version);
		return rc;
	}
	mm.doc = doc;
	mm.key = doc->key;
	TRY(compose(doc, scope, mm.rules, &mm.query, err));
	*out = mm;
	return OK;
}

enum err_code maps_measure(struct maps *m, struct str key, int version, const struct maps_scope *scope, int64_t now_ms,
                           struct arena *a, struct maps_measured *out, struct err *err)
{
	struct maps_measured mm;
	TRY(maps_question(m, key, version, scope, a, &mm, err));
	TRY(one_period(m, &mm, a, err));
	TRY(map_moments(m, &mm, a, err));
	TRY(map_friction(m, &mm, a, err));
	TRY(map_meaning(m, &mm, a, err));
	TRY(map_voices(m, &mm, a, err));
	if (scope->compare != MAPS_COMPARE_NONE) TRY(compare(m, scope, &mm, a, err));
	*out = mm;
	return OK;
}
