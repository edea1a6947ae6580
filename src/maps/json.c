/* The measured map as JSON: docs/api.md, "Measured map M". */
#include <math.h>

#include "maps/priv.h"

static const char *const status_names[] = {
	[ASK_DOCUMENTED] = "documented", [ASK_UNDOCUMENTED] = "undocumented", [ASK_SILENT] = "silent"
};
static const char *const evidence_names[] = { [RENDER_NONE] = "none",
	                                      [RENDER_ASSUMED] = "assumed",
	                                      [RENDER_INFERRED] = "inferred",
	                                      [RENDER_MEASURED] = "measured" };
static const char *const cause_names[] = {
	[JOURNEY_EFFECT_BREACH] = "breach",
	[JOURNEY_EFFECT_FAILURE] = "failure",
	[JOURNEY_EFFECT_REPEAT] = "repeat",
	[JOURNEY_EFFECT_DIMENSION] = "dimension",
};
static const char *const compare_names[] = {
	[MAPS_COMPARE_NONE] = "none", [MAPS_COMPARE_PREVIOUS] = "previous", [MAPS_COMPARE_SEASON] = "season"
};

static struct str key_of(const struct maps_measured *mm, uint16_t code)
{
	return mm->doc->touchpoints[code - 1].key;
}

static void put_open_time(struct json_out *o, const char *key, int64_t v)
{
	json_key(o, key);
	if (v == INT64_MIN || v == INT64_MAX) json_put_null(o);
	else json_put_i64(o, v);
}

static void put_scope(struct json_out *o, const struct maps_measured *mm, struct arena *a)
{
	json_key(o, "scope");
	json_open(o, '{');
	put_open_time(o, "from_ms", mm->query.from_ms);
	put_open_time(o, "to_ms", mm->query.to_ms);
	json_key(o, "filters");
	json_open(o, '[');
	for (size_t i = 0; i < mm->query.n_filters; i++) {
		const struct journey_filter *f = &mm->query.filters[i];
		json_open(o, '{');
		json_kv_str(o, "dimension", f->dimension);
		json_kv_str(o, f->op == JOURNEY_IS_NOT ? "is_not" : f->op == JOURNEY_UNDER ? "under" : "is", f->value);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_kv_z(o, "compare", mm->compare ? compare_names[mm->compare->compared] : "none");
	json_kv_i64(o, "oldest_ms", mm->measure.oldest_ms);
	json_kv_i64(o, "newest_ms", mm->measure.newest_ms);
	json_kv_i64(o, "arrival_end", (int64_t)mm->measure.arrival_end);
	json_kv_str(o, "query", map_command(mm, a));
	json_close(o, '}');
}

static void put_total(struct json_out *o, const struct journey_measure *ms)
{
	json_key(o, "total");
	json_open(o, '{');
	json_kv_i64(o, "customers", ms->customers);
	json_kv_i64(o, "events", ms->events);
	json_kv_i64(o, "other_events", ms->other_events);
	json_kv_i64(o, "entered", ms->total.entered);
	json_kv_i64(o, "goal", ms->total.goal);
	json_kv_i64(o, "still_in", ms->total.still_in);
	json_kv_i64(o, "lost", ms->total.lost);
	json_close(o, '}');
}

static void put_steps(struct json_out *o, const struct maps_measured *mm)
{
	json_key(o, "steps");
	json_open(o, '[');
	for (size_t s = 0; s < mm->doc->n_steps; s++) {
		const struct map_step *step = &mm->doc->steps[s];
		const struct journey_step_stat *st = &mm->measure.steps[s];
		json_open(o, '{');
		json_kv_str(o, "key", step->key);
		json_kv_str(o, "stage", mm->doc->stages[step->stage].key);
		json_key(o, "name");
		map_texts_put(o, &mm->doc->touchpoints[map_main_of(mm, s)].name);
		json_kv_i64(o, "entered", st->entered);
		json_kv_i64(o, "advanced", st->advanced);
		json_kv_i64(o, "goal", st->goal);
		json_kv_i64(o, "lost", st->lost);
		json_kv_i64(o, "still_in", st->still_in);
		json_kv_i64(o, "starts", st->starts);
		json_kv_i64(o, "passing", map_passing(mm, s));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_times(struct json_out *o, const struct journey_times *t)
{
	const struct {
		const char *name;
		double v;
	} all[] = { { "mean_ms", t->mean },
		    { "p50_ms", t->p50 },
		    { "p50_lo_ms", t->p50_lo },
		    { "p50_hi_ms", t->p50_hi },
		    { "p90_ms", t->p90 } };
	json_key(o, "to_next");
	json_open(o, '{');
	json_kv_i64(o, "n", t->n);
	for (size_t i = 0; i < COUNT_OF(all); i++) json_kv_double(o, all[i].name, t->n ? all[i].v : NAN);
	json_close(o, '}');
}

/* Stated and text are signals of their own; what behaviour weighs is shared among its signals by their customers. */
static double share_of(const struct maps_measured *mm, size_t t, int j)
{
	if (j == JOURNEY_RATING) return mm->shares[t][0];
	if (j == JOURNEY_SENTIMENT) return mm->shares[t][1];
	double all = 0;
	for (int k = JOURNEY_EFFORT; k < JOURNEY_SIGNALS; k++)
		all += (double)mm->measure.touchpoints[t].signals[k].customers;
	return all > 0 ? mm->shares[t][2] * (double)mm->measure.touchpoints[t].signals[j].customers / all : 0;
}

static void put_signals(struct json_out *o, const struct maps_measured *mm, size_t t)
{
	json_key(o, "signals");
	json_open(o, '[');
	for (int j = 0; j < JOURNEY_SIGNALS; j++) {
		const struct journey_signal_stat *s = &mm->measure.touchpoints[t].signals[j];
		if (s->n == 0) continue;
		json_open(o, '{');
		json_kv_z(o, "signal", journey_signal_names[j]);
		json_kv_i64(o, "n", s->n);
		json_kv_i64(o, "customers", s->customers);
		const struct stats_moments m = { s->customers, s->mean, s->var * (double)(s->customers - 1) };
		const bool shown = s->customers >= 5; /* fewer people are not shown */
		struct stats_estimate e;
		stats_mean(&m, &e);
		stats_on_scale(&e, (struct interval){ 0, 100 });
		json_kv_double(o, "mean", shown ? e.est : NAN);
		json_kv_double(o, "lo", shown ? e.lo : NAN);
		json_kv_double(o, "hi", shown ? e.hi : NAN);
		json_kv_double(o, "share", share_of(mm, t, j));
		json_kv_i64(o, "newest_ms", s->newest_ms);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_comments(struct json_out *o, const struct maps_comments *k)
{
	json_key(o, "comments");
	json_open(o, '{');
	json_kv_bool(o, "counted", k->on);
	json_kv_i64(o, "pairs", k->pairs);
	json_kv_double(o, "r2", k->r2 > 0 ? k->r2 : NAN);
	json_kv_bool(o, "calibrated", k->calibrated);
	json_kv_double(o, "at_zero", k->calibrated ? k->at_zero : 50);
	json_kv_double(o, "slope", k->calibrated ? k->slope : 50);
	json_close(o, '}');
}

static enum err_code put_promise(struct json_out *o, const struct journey_touchpoint_stat *st, struct err *err)
{
	struct stats_estimate rate;
	TRY(stats_proportion(st->kept, st->kept + st->broken, &rate, err));
	stats_mark(&rate);
	json_key(o, "promise");
	json_open(o, '{');
	json_kv_i64(o, "kept", st->kept);
	json_kv_i64(o, "broken", st->broken);
	json_kv_double(o, "overrun_mean_ms", st->broken ? st->overrun_mean_ms : NAN);
	json_kv_double(o, "overrun_p50_ms", st->broken ? st->overrun_p50_ms : NAN);
	json_key(o, "rate");
	maps_put_estimate(o, &rate);
	json_close(o, '}');
	return OK;
}

static void put_assumed(struct json_out *o, const struct maps_measured *mm, const struct map_assumed *s,
                        const struct locale *l)
{
	json_key(o, "assumed");
	if (!s->given) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_double(o, "feeling", s->feeling);
	json_kv_double(o, "score", 50 + 25 * s->feeling);
	json_kv_str(o, "by", map_text_for(&s->by, l->lang, &mm->doc->name));
	json_kv_str(o, "at", s->at);
	json_close(o, '}');
}

static enum err_code put_touchpoint(struct json_out *o, const struct maps_measured *mm, size_t t,
                                    const struct locale *l, struct arena *a, struct err *err)
{
	const struct map_touchpoint *p = &mm->doc->touchpoints[t];
	const struct journey_touchpoint_stat *st = &mm->measure.touchpoints[t];
	json_open(o, '{');
	json_kv_str(o, "key", p->key);
	json_kv_str(o, "stage", mm->doc->stages[p->stage].key);
	json_kv_str(o, "step", mm->doc->steps[p->step].key);
	json_key(o, "name");
	map_texts_put(o, &p->name);
	json_key(o, "channels");
	json_open(o, '[');
	for (size_t i = 0; i < p->n_channels; i++) json_put_str(o, p->channels[i]);
	json_close(o, ']');
	json_kv_str(o, "owner", map_text_for(&p->owner, l->lang, &mm->doc->name));
	json_kv_str(o, "behind", map_text_for(&p->behind, l->lang, &mm->doc->name));
	json_kv_z(o, "status", status_names[mm->status[t]]);
	json_kv_z(o, "evidence", evidence_names[mm->evidence[t]]);
	json_kv_z(o, "agreement", maps_agreement_names[mm->agreement[t]]);
	json_kv_i64(o, "visits", st->visits);
	json_kv_i64(o, "entered", st->instances);
	json_kv_i64(o, "customers", st->customers);
	json_kv_i64(o, "repeats", st->repeats);
	json_kv_i64(o, "first_ms", st->first_ms);
	json_kv_i64(o, "last_ms", st->last_ms);
	put_times(o, &st->to_next);
	json_key(o, "score");
	maps_put_estimate(o, &mm->scores[t]);
	put_assumed(o, mm, &p->assumed, l);
	put_signals(o, mm, t);
	TRY(put_promise(o, st, err));
	json_kv_i64(o, "comments", st->comments);
	json_kv_str(o, "sentence", map_sentence(l, &mm->scores[t], mm->evidence[t], a));
	json_close(o, '}');
	return OK;
}

static void put_flow(struct json_out *o, const struct maps_measured *mm)
{
	json_key(o, "ribbons");
	json_open(o, '[');
	for (size_t i = 0; i < mm->measure.n_ribbons; i++) {
		const struct journey_ribbon *r = &mm->measure.ribbons[i];
		json_open(o, '{');
		json_kv_str(o, "from", key_of(mm, r->from));
		json_kv_str(o, "to", key_of(mm, r->to));
		json_kv_i64(o, "instances", r->instances);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "loops");
	json_open(o, '[');
	for (size_t i = 0; i < mm->measure.n_loops; i++) {
		const struct journey_loop *r = &mm->measure.loops[i];
		json_open(o, '{');
		json_kv_str(o, "from", key_of(mm, r->from));
		json_kv_str(o, "to", key_of(mm, r->to));
		json_kv_i64(o, "count", r->count);
		json_kv_i64(o, "instances", r->instances);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_side(struct json_out *o, const char *name, const struct journey_ratings *r)
{
	json_key(o, name);
	json_open(o, '{');
	json_kv_i64(o, "n", r->n);
	json_kv_i64(o, "customers", r->customers);
	json_kv_double(o, "mean", r->mean);
	json_kv_double(o, "raw_mean", r->raw_mean);
	json_close(o, '}');
}

static void put_findings(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	json_key(o, "findings");
	json_open(o, '[');
	for (size_t i = 0; i < mm->n_findings; i++) {
		const struct maps_finding *f = &mm->findings[i];
		const struct map_finding_words said = map_finding_words(mm, f, l, a);
		json_open(o, '{');
		json_kv_z(o, "kind", f->pain ? "pain" : "delight");
		json_kv_i64(o, "rank", f->rank);
		json_kv_str(o, "touchpoint", key_of(mm, f->effect.touchpoint));
		json_kv_z(o, "cause", cause_names[f->effect.kind]);
		json_kv_str(o, "dimension", f->effect.dimension);
		json_kv_str(o, "value", f->effect.value);
		const bool dimension = f->effect.kind == JOURNEY_EFFECT_DIMENSION;
		json_kv_str(o, "dimension_name",
		            dimension ? map_dimension_words(mm, f->effect.dimension, l, a) : STR(""));
		json_kv_str(o, "value_name",
		            dimension ? map_value_words(mm, f->effect.dimension, f->effect.value, l, a) : STR(""));
		json_kv_i64(o, "instances", f->effect.instances);
		json_kv_i64(o, "customers", f->effect.customers);
		json_kv_i64(o, "others", f->effect.other_instances);
		put_side(o, "with", &f->effect.with);
		put_side(o, "without", &f->effect.without);
		json_key(o, "diff");
		maps_put_estimate(o, &f->diff);
		json_kv_double(o, "p", f->p_adjusted);
		json_kv_double(o, "size", f->size);
		json_kv_str(o, "title", said.title);
		json_kv_str(o, "detail", said.detail);
		json_close(o, '}');
	}
	map_gap_findings(o, mm, l, a);
	json_close(o, ']');
}

static void put_undocumented(struct json_out *o, const struct maps_measured *mm)
{
	json_key(o, "undocumented");
	json_open(o, '[');
	for (size_t i = 0; i < mm->n_undocumented; i++) {
		const struct ask_inventory_row *r = &mm->undocumented[i];
		json_open(o, '{');
		json_kv_str(o, "event", r->event);
		json_kv_str(o, "channel", r->channel);
		json_kv_i64(o, "count", r->count);
		json_kv_i64(o, "customers", r->customers);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_compare(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	const struct maps_measured *then = mm->compare;
	json_key(o, "compare");
	if (!then) {
		json_put_null(o);
		return;
	}
	json_open(o, '{');
	json_kv_str(o, "label", map_compare_label(mm, l, a));
	json_kv_i64(o, "from_ms", then->query.from_ms);
	json_kv_i64(o, "to_ms", then->query.to_ms);
	if (then->compared == MAPS_COMPARE_SEASON) {
		struct locale in = *l;
		in.calendar = then->calendar;
		const struct word_arg arg = { .name = "calendar", .kind = WORD_TEXT, .text = words_calendar(&in, a) };
		json_kv_str(o, "note", words(l, a, "maps.note.season", &arg, 1));
	}
	json_kv_i64(o, "entered", then->measure.total.entered);
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t t = 0; t < mm->doc->n_touchpoints; t++) {
		json_open(o, '{');
		json_kv_str(o, "key", mm->doc->touchpoints[t].key);
		json_kv_i64(o, "entered", then->measure.touchpoints[t].instances);
		json_key(o, "score");
		maps_put_estimate(o, &then->scores[t]);
		json_key(o, "diff");
		if (then->change[t].flags & STATS_NOT_IDENTIFIED) json_put_null(o);
		else maps_put_estimate(o, &then->change[t]);
		json_kv_bool(o, "distinguishable", then->distinguishable[t]);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

/* What the journey means: each member is the answer of the question of that name. */
static void put_meaning(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a)
{
	json_key(o, "moments");
	json_open(o, '{');
	maps_moments_json(o, mm, &mm->moments, l, a);
	json_close(o, '}');
	json_key(o, "friction");
	json_open(o, '{');
	maps_friction_json(o, &mm->friction, l, a);
	json_close(o, '}');
	maps_waits_json(o, &mm->friction);
	json_key(o, "consistency");
	json_open(o, '[');
	for (int i = 0; i < MAPS_CONSISTENCIES; i++) {
		json_open(o, '{');
		maps_consistency_json(o, mm, mm->consistency[i].by, &mm->consistency[i].found, l, a);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "money");
	json_open(o, '{');
	maps_money_json(o, mm, &mm->money, MAPS_MONEY_HORIZON_MS, l, a);
	json_close(o, '}');
	maps_phases_json(o, mm, &mm->money.counts);
	json_key(o, "tasks");
	json_open(o, '[');
	for (size_t i = 0; i < mm->n_tasks; i++) {
		const struct maps_task *t = &mm->tasks[i];
		json_open(o, '{');
		maps_task_json(o, mm->doc->touchpoints[t->start].key, mm->doc->touchpoints[t->done].key, &t->found);
		json_close(o, '}');
	}
	json_close(o, ']');
}

enum err_code maps_measured_json(const struct maps_measured *mm, const struct locale *l, struct arena *a,
                                 struct buf *out, struct err *err)
{
	struct json_out o;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_str(&o, "key", mm->key);
	json_kv_i64(&o, "version", mm->version);
	json_kv_i64(&o, "newest", mm->newest);
	json_key(&o, "document");
	json_put_raw(&o, mm->document);
	put_scope(&o, mm, a);
	put_total(&o, &mm->measure);
	json_kv_double(&o, "truth_share", mm->truth_share);
	put_comments(&o, &mm->comments);
	json_kv_double(&o, "mean", mm->mean);
	struct str pain, rest;
	map_headline(mm, l, a, &pain, &rest);
	json_key(&o, "headline");
	json_open(&o, '{');
	json_kv_str(&o, "pain", pain);
	json_kv_str(&o, "rest", rest);
	json_close(&o, '}');
	json_key(&o, "whole");
	maps_put_estimate(&o, &mm->whole);
	put_steps(&o, mm);
	json_key(&o, "touchpoints");
	json_open(&o, '[');
	for (size_t t = 0; t < mm->doc->n_touchpoints; t++) TRY(put_touchpoint(&o, mm, t, l, a, err));
	json_close(&o, ']');
	put_flow(&o, mm);
	put_findings(&o, mm, l, a);
	put_meaning(&o, mm, l, a);
	map_voices_json(&o, mm, l, a);
	put_undocumented(&o, mm);
	put_compare(&o, mm, l, a);
	json_close(&o, '}');
	return buf_check(out, err);
}
