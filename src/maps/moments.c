/* Moments of truth of a map: which outcome, which money; the answer as JSON and as a sentence. docs/methods/moments.md.
 */
#include <math.h>

#include "maps/priv.h"

/* Touchpoint code of a key; 0 none. */
static uint16_t code_of(const struct map_doc *d, struct str key)
{
	for (size_t t = 0; t < d->n_touchpoints; t++)
		if (str_eq(d->touchpoints[t].key, key)) return (uint16_t)(t + 1);
	return 0;
}

static bool event_there(const struct maps_measured *mm, struct str name)
{
	for (size_t i = 0; i < mm->measure.n_kinds; i++)
		if (str_eq(mm->measure.kinds[i].event, name)) return true;
	for (size_t i = 0; i < mm->doc->n_rules; i++)
		if (str_eq(mm->doc->rules[i].event, name)) return true;
	return false;
}

static bool *step_of(const struct map_doc *d, int step, struct arena *a)
{
	bool *in = ARENA_ARRAY(a, bool, d->n_touchpoints + 1);
	for (size_t t = 0; in && t < d->n_touchpoints; t++) in[t + 1] = (int)d->touchpoints[t].step == step;
	return in;
}

/* What is left open is as the document says. */
static enum err_code settle(const struct maps_measured *mm, const struct maps_moments *what, struct arena *a,
                            struct maps_moments *out, struct journey_moments_question *q, struct err *err)
{
	const struct map_doc *d = mm->doc;
	*out = *what;
	if (out->outcome.len == 0) out->outcome = d->outcome;
	if (out->within_ms == 0) out->within_ms = d->outcome_within_ms ? d->outcome_within_ms : MAPS_MOMENTS_WITHIN_MS;
	if (isnan(out->good)) out->good = MAPS_MOMENTS_GOOD;
	if (isnan(out->bad)) out->bad = MAPS_MOMENTS_BAD;
	*q = (struct journey_moments_question){ .outcome_event = STR(""),
		                                .within_ms = out->within_ms,
		                                .recent_ms = mm->query.instance.gap_ms,
		                                .good = out->good,
		                                .bad = out->bad };
	const uint16_t code = out->outcome.len ? code_of(d, out->outcome) : 0;
	bool *outcome = step_of(d, out->outcome.len ? -1 : (int)d->n_steps - 1, a);
	if (!outcome) return err_no_memory(err);
	if (code) outcome[code] = true;
	else if (out->outcome.len) {
		q->outcome_event = out->outcome;
		if (!event_there(mm, out->outcome)) {
			const enum err_code rc = err_set(err, ERR_NOT_FOUND, "moments.outcome", "outcome",
			                                 "no touchpoint and no event is called \"" STR_FMT "\"",
			                                 STR_ARG(str_cut(out->outcome, 0, 80)));
			err_hint(err, "Name the key of a touchpoint of this map, or an event.");
			return rc;
		}
	}
	q->outcome = outcome;
	if (d->purchase_step < 0) return OK;
	q->purchase = step_of(d, d->purchase_step, a);
	return q->purchase ? OK : err_no_memory(err);
}

enum err_code maps_moments(struct maps *m, const struct maps_measured *mm, const struct journey_query *query,
                           const struct maps_moments *what, struct arena *a, struct maps_moments *out, struct err *err)
{
	struct journey_moments_question q;
	struct maps_moments mo;
	TRY(settle(mm, what, a, &mo, &q, err));
	TRY(ask_moments(m->ask, query, &q, a, &mo.found, err));
	*out = mo;
	return OK;
}

enum err_code maps_moments_people(struct maps *m, const struct maps_measured *mm, const struct journey_query *query,
                                  const struct maps_moments *what, const struct maps_moments_figure *figure,
                                  struct arena *a, struct ask_members *out, struct err *err)
{
	struct journey_moments_question q;
	struct maps_moments mo;
	TRY(settle(mm, what, a, &mo, &q, err));
	q.touchpoint = figure->touchpoint;
	q.is_good = figure->good;
	q.is_reached = figure->reached;
	return ask_moments_people(m->ask, query, &q, figure->cursor, figure->limit, a, out, err);
}

enum err_code map_moments(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err)
{
	const struct maps_moments own = { .outcome = STR(""), .good = NAN, .bad = NAN };
	return maps_moments(m, mm, &mm->query, &own, a, &mm->moments, err);
}

/* --- words --------------------------------------------------------------------------------------------- */

struct str map_outcome_words(const struct maps_measured *mm, const struct maps_moments *mo, const struct locale *l,
                             struct arena *a)
{
	const struct map_doc *d = mm->doc;
	const uint16_t code =
	        mo->outcome.len ? code_of(d, mo->outcome) : (uint16_t)(map_main_of(mm, d->n_steps - 1) + 1);
	return code ? map_text_for(&d->touchpoints[code - 1].name, l->lang, &d->name) : map_pretty(mo->outcome, a);
}

struct str map_moment_words(const struct maps_measured *mm, const struct maps_moments *mo, size_t touchpoint,
                            const struct locale *l, struct arena *a)
{
	const struct journey_moments_touchpoint *c = &mo->found.touchpoints[touchpoint].counts;
	if (c->good.n == 0 || c->bad.n == 0) return STR("");
	const double good = (double)c->good.reached / (double)c->good.n,
	             bad = (double)c->bad.reached / (double)c->bad.n;
	const struct word_arg args[] = {
		{ .name = "outcome", .kind = WORD_TEXT, .text = map_outcome_words(mm, mo, l, a) },
		{ .name = "good", .kind = WORD_TEXT, .text = words_percent(l, a, good, 0) },
		{ .name = "bad", .kind = WORD_TEXT, .text = words_percent(l, a, bad, 0) },
	};
	return words(l, a, "maps.moment.detail", args, COUNT_OF(args));
}

/* --- JSON ------------------------------------------------------------------------------------------------ */

static void put_side(struct json_out *o, const char *name, const struct journey_moments_count *c)
{
	json_key(o, name);
	json_open(o, '{');
	json_kv_i64(o, "n", c->n);
	json_kv_i64(o, "reached", c->reached);
	json_close(o, '}');
}

void maps_moments_json(struct json_out *o, const struct maps_measured *mm, const struct maps_moments *mo,
                       const struct locale *l, struct arena *a)
{
	const struct ask_moments *r = &mo->found;
	json_kv_str(o, "outcome", mo->outcome.len ? mo->outcome : mm->doc->steps[mm->doc->n_steps - 1].key);
	json_kv_str(o, "outcome_name", map_outcome_words(mm, mo, l, a));
	json_kv_i64(o, "within_ms", mo->within_ms);
	json_kv_double(o, "good_from", mo->good);
	json_kv_double(o, "bad_below", mo->bad);
	json_kv_i64(o, "customers", r->customers);
	json_key(o, "rate");
	maps_put_estimate(o, &r->rate);
	json_key(o, "touchpoints");
	json_open(o, '[');
	for (size_t t = 0; t < r->n_touchpoints; t++) {
		const struct ask_moment *x = &r->touchpoints[t];
		json_open(o, '{');
		json_kv_str(o, "name", mm->doc->touchpoints[t].key);
		json_kv_i64(o, "met", x->counts.met);
		json_kv_i64(o, "answered", x->counts.answered);
		json_kv_i64(o, "too_short", x->counts.too_short);
		json_kv_i64(o, "middling", x->counts.middling);
		put_side(o, "good", &x->counts.good);
		put_side(o, "bad", &x->counts.bad);
		json_key(o, "diff");
		if (x->diff.flags & STATS_NOT_IDENTIFIED) json_put_null(o);
		else maps_put_estimate(o, &x->diff);
		json_kv_double(o, "raw_diff", x->raw_diff);
		json_kv_double(o, "p", x->p);
		json_kv_double(o, "p_adjusted", x->p_adjusted);
		json_kv_double(o, "reach", x->reach);
		json_kv_bool(o, "moment", x->moment);
		json_kv_str(o, "sentence", x->moment ? map_moment_words(mm, mo, t, l, a) : STR(""));
		json_close(o, '}');
	}
	json_close(o, ']');
}
