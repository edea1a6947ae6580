/* The drawings of answers: plain numbers into render's models, and those into a picture. */
#include <math.h>
#include <stdio.h>

#include "http/priv.h"
#include "stats/stats.h"

static struct render_score score_of(const struct stats_estimate *e)
{
	struct render_score s = { .evidence = RENDER_NONE, .assumed = NAN };
	if (e->n < 1 || e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED) || !isfinite(e->est)) return s;
	s.evidence = RENDER_MEASURED;
	s.est = e->est, s.lo80 = e->lo80, s.hi80 = e->hi80, s.lo95 = e->lo, s.hi95 = e->hi;
	s.n = e->n;
	s.few = e->flags & STATS_SMALL_N;
	return s;
}

static struct str joined(struct http_call *c, struct str a, struct str b)
{
	if (!a.len) return b;
	return str_format(c->arena, STR_FMT " · " STR_FMT, STR_ARG(a), STR_ARG(b));
}

/* Without a map nobody knows better words for a dimension than its name. */
static struct str filters_said(struct http_call *c, const struct question *q, const struct locale *l)
{
	struct str out = { 0 };
	for (size_t i = 0; i < q->query.n_filters; i++) {
		const struct journey_filter *f = &q->query.filters[i];
		const struct word_arg args[] = { { .name = "dimension", .kind = WORD_TEXT, .text = f->dimension },
			                         { .name = "value", .kind = WORD_TEXT, .text = f->value } };
		out = joined(
		        c, out,
		        words(l, c->arena,
		              f->op == JOURNEY_IS_NOT ? WORDS_KEY("maps.scope.is_not") : WORDS_KEY("maps.scope.is"),
		              args, COUNT_OF(args)));
	}
	return out;
}

/* Pages have their own head. */
static enum err_code heading_of(struct http_call *c, const struct question *q, const struct render_options *o,
                                struct render_heading *out, struct err *err)
{
	struct ask *ask;
	struct ask_state state;
	TRY(need_ask(c, &ask, err));
	ask_state(ask, &state);
	*out = (struct render_heading){
		.shown = !o->interactive,
		.from_ms = q->query.from_ms == INT64_MIN ? state.oldest_ms : q->query.from_ms,
		.to_ms = q->query.to_ms == INT64_MAX ? state.newest_ms + 1 : q->query.to_ms,
		.current_to_ms = state.newest_ms,
	};
	struct str scope = { 0 };
	if (q->map) maps_heading(&q->map->measured, &q->query, &o->locale, c->arena, &out->title, &scope);
	else scope = filters_said(c, q, &o->locale);
	const struct str segment = query_get(c, "segment");
	const struct word_arg name = { .name = "name", .kind = WORD_TEXT, .text = segment };
	if (segment.len) scope = joined(c, scope, words(&o->locale, c->arena, "maps.scope.segment", &name, 1));
	out->scope = scope;
	return OK;
}

/* --- flow -------------------------------------------------------------------------------------------- */

static enum err_code flow_model(struct http_call *c, const struct question *q, const struct journey_view *v,
                                const struct render_options *o, struct render_flow *out, struct err *err)
{
	*out = (struct render_flow){
		.nodes = ARENA_ARRAY(c->arena, struct render_flow_node, v->n_activities),
		.n_nodes = v->n_activities,
		.edges = ARENA_ARRAY(c->arena, struct render_flow_edge, v->n_edges),
		.n_edges = v->n_edges,
		.cases = v->cases,
		.of_nodes = v->kept.of_activities,
		.of_edges = v->kept.of_edges,
		.edge_count = v->kept.edge_count,
		.of_edge_count = v->kept.of_edge_count,
	};
	if (!out->nodes || !out->edges) return err_no_memory(err);
	TRY(heading_of(c, q, o, &out->heading, err));
	for (size_t i = 0; i < v->n_activities; i++) {
		const struct journey_view_activity *a = &v->activities[i];
		out->nodes[i] = (struct render_flow_node){ .key = a->name,
			                                   .name = a->label,
			                                   .count = a->count,
			                                   .customers = a->customers,
			                                   .starts = a->starts,
			                                   .ends = a->ends,
			                                   .start_mark = a->start_kept,
			                                   .end_mark = a->end_kept,
			                                   .score = score_of(&a->score) };
	}
	for (size_t i = 0; i < v->n_edges; i++) {
		const struct journey_view_edge *e = &v->edges[i];
		out->edges[i] = (struct render_flow_edge){ e->from,    e->to,     e->count, e->customers,
			                                   e->mean_ms, e->p50_ms, e->p90_ms };
	}
	return OK;
}

static enum err_code flow(struct http_call *c, enum render_format format, struct err *err)
{
	struct flow_answer f;
	struct render_options o;
	struct render_flow model;
	TRY(picture_read(c, format, &o, err));
	TRY(flow_ask(c, &f, err));
	enum err_code rc = flow_model(c, &f.question, &f.view, &o, &model, err);
	if (rc == OK) rc = render_flow(&model, format, &o, &c->out, err);
	flow_done(c, &f);
	if (rc == OK) picture_sent(c, format);
	return rc;
}

HANDLER(get_flow_svg)
{
	return flow(c, RENDER_SVG, err);
}
HANDLER(get_flow_png)
{
	return flow(c, RENDER_PNG, err);
}
HANDLER(get_flow_pdf)
{
	return flow(c, RENDER_PDF, err);
}

/* --- funnel ------------------------------------------------------------------------------------------ */

/* What a reader calls a step: the map's words for each of its names, joined with "or". */
static struct str step_name(struct http_call *c, const struct question *q, const struct journey_funnel_step *s,
                            const struct locale *l)
{
	struct str out = { 0 };
	for (size_t i = 0; i < s->n_names; i++) {
		struct str name = s->names[i], stage;
		uint16_t code;
		if (q->map && touchpoint_code(q->query.rules, name, &code, NULL) == OK)
			maps_touchpoint_words(&q->map->measured, code, l, &name, &stage);
		const struct word_arg args[] = { { .name = "a", .kind = WORD_TEXT, .text = out },
			                         { .name = "b", .kind = WORD_TEXT, .text = name } };
		out = i ? words(l, c->arena, "funnel.or", args, COUNT_OF(args)) : name;
	}
	return out;
}

static struct render_share share_of(const struct stats_estimate *e)
{
	if (e->n < 1 || e->flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED))
		return (struct render_share){ NAN, NAN, NAN };
	return (struct render_share){ e->est, e->lo, e->hi };
}

static enum err_code funnel_model(struct http_call *c, const struct question *q, const struct journey_funnel_query *f,
                                  const struct journey_funnel *r, const struct render_options *o,
                                  struct render_funnel *out, struct err *err)
{
	static const enum render_order orders[JOURNEY_FUNNEL_ORDERS] = { [JOURNEY_FUNNEL_LATER] = RENDER_LATER,
		                                                         [JOURNEY_FUNNEL_STRICT] = RENDER_STRICT,
		                                                         [JOURNEY_FUNNEL_ANY] = RENDER_ANY_ORDER };
	*out = (struct render_funnel){ .steps = ARENA_ARRAY(c->arena, struct render_funnel_step, r->n_steps),
		                       .n_steps = r->n_steps,
		                       .window_ms = f->window_ms,
		                       .order = orders[f->order] };
	if (!out->steps) return err_no_memory(err);
	TRY(heading_of(c, q, o, &out->heading, err));
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct journey_funnel_stat *s = &r->steps[i];
		out->steps[i] = (struct render_funnel_step){ .name = step_name(c, q, &f->steps[i], &o->locale),
			                                     .optional = f->steps[i].optional,
			                                     .cases = s->cases,
			                                     .customers = s->customers,
			                                     .lost = s->lost,
			                                     .share = share_of(&s->share),
			                                     .previous_p50_ms =
			                                             s->from_previous.n ? s->from_previous.p50 : NAN };
	}
	return OK;
}

static enum err_code funnel(struct http_call *c, enum render_format format, struct err *err)
{
	struct question q;
	struct journey_funnel_query f;
	struct journey_funnel r;
	struct render_options o;
	struct render_funnel model;
	TRY(picture_read(c, format, &o, err));
	TRY(funnel_ask(c, &q, &f, &r, err));
	enum err_code rc = funnel_model(c, &q, &f, &r, &o, &model, err);
	if (rc == OK) rc = render_funnel(&model, format, &o, &c->out, err);
	cache_put(c->h->cache, q.map);
	if (rc == OK) picture_sent(c, format);
	return rc;
}

HANDLER(get_funnel_svg)
{
	return funnel(c, RENDER_SVG, err);
}
HANDLER(get_funnel_png)
{
	return funnel(c, RENDER_PNG, err);
}
HANDLER(get_funnel_pdf)
{
	return funnel(c, RENDER_PDF, err);
}

/* --- retention --------------------------------------------------------------------------------------- */

static enum err_code retention_model(struct http_call *c, const struct question *q,
                                     const struct ask_retention_question *what, const struct journey_retention *r,
                                     const struct render_options *o, struct render_retention *out, struct err *err)
{
	static const enum render_period periods[PERIODS] = { [PERIOD_DAY] = RENDER_DAY,
		                                             [PERIOD_WEEK] = RENDER_WEEK,
		                                             [PERIOD_MONTH] = RENDER_MONTH,
		                                             [PERIOD_QUARTER] = RENDER_QUARTER };
	static const enum render_retention_kind kinds[JOURNEY_RETENTION_KINDS] = {
		[JOURNEY_RETENTION_CLASSIC] = RENDER_CLASSIC,
		[JOURNEY_RETENTION_ROLLING] = RENDER_ROLLING,
		[JOURNEY_RETENTION_SURVIVAL] = RENDER_SURVIVAL
	};
	*out = (struct render_retention){ .period = periods[what->periods.rule.period],
		                          .kind = kinds[what->kind],
		                          .cohorts = ARENA_ARRAY(c->arena, struct render_cohort, r->n_cohorts),
		                          .n_cohorts = r->n_cohorts,
		                          .curve = ARENA_ARRAY(c->arena, struct render_retention_point, r->n_curve),
		                          .n_curve = r->n_curve,
		                          .customers = r->customers };
	if (!out->cohorts || !out->curve) return err_no_memory(err);
	TRY(heading_of(c, q, o, &out->heading, err));
	for (size_t i = 0; i < r->n_cohorts; i++) {
		const struct journey_cohort *h = &r->cohorts[i];
		out->cohorts[i] = (struct render_cohort){ h->start_ms, h->size, h->active, h->n };
	}
	for (size_t k = 0; k < r->n_curve; k++) {
		const struct journey_retention_point *p = &r->curve[k];
		out->curve[k] = (struct render_retention_point){ p->active, p->size, share_of(&p->share), p->share.lo80,
			                                         p->share.hi80 };
	}
	return OK;
}

static enum err_code retention(struct http_call *c, enum render_format format, struct err *err)
{
	struct question q;
	struct ask_retention_question what;
	struct journey_retention r;
	struct render_options o;
	struct render_retention model;
	TRY(picture_read(c, format, &o, err));
	TRY(retention_ask(c, &q, &what, &r, err));
	q.query.by = JOURNEY_BY_CUSTOMER; /* whatever the map's journeys are */
	/* Periods begin by the wall clock of the organisation, and are called by it. */
	snprintf(o.locale.zone, sizeof o.locale.zone, STR_FMT, STR_ARG(what.periods.zone));
	enum err_code rc = retention_model(c, &q, &what, &r, &o, &model, err);
	if (rc == OK) rc = render_retention(&model, format, &o, &c->out, err);
	cache_put(c->h->cache, q.map);
	if (rc == OK) picture_sent(c, format);
	return rc;
}

HANDLER(get_retention_svg)
{
	return retention(c, RENDER_SVG, err);
}
HANDLER(get_retention_png)
{
	return retention(c, RENDER_PNG, err);
}
HANDLER(get_retention_pdf)
{
	return retention(c, RENDER_PDF, err);
}

/* --- scores over time ---------------------------------------------------------------------------------- */

/* What a reader calls a series: the map's words for a touchpoint, the value of a dimension as it is. */
static struct str series_name(struct http_call *c, const struct question *q, const struct ask_series_question *what,
                              struct str name, const struct locale *l)
{
	struct str stage;
	uint16_t code;
	if (!what->by.len) return STR("");
	if (!name.len) return words(l, c->arena, "render.series.unknown", NULL, 0);
	if (!str_eq(what->by, STR(JOURNEY_SERIES_TOUCHPOINT))) return name;
	if (str_eq(name, STR(JOURNEY_SERIES_WHOLE))) return words(l, c->arena, "render.series.journey", NULL, 0);
	if (q->map && touchpoint_code(q->query.rules, name, &code, NULL) == OK)
		maps_touchpoint_words(&q->map->measured, code, l, &name, &stage);
	return name;
}

static struct render_series_point point_of(const struct journey_series_point *p)
{
	const bool told = !(p->score.flags & (STATS_SUPPRESSED | STATS_NOT_IDENTIFIED));
	return (struct render_series_point){ .start_ms = p->start_ms,
		                             .n = p->n,
		                             .score = share_of(&p->score),
		                             .lo80 = told ? p->score.lo80 : NAN,
		                             .hi80 = told ? p->score.hi80 : NAN,
		                             .change = p->distinguishable ? (p->diff.est > 0) - (p->diff.est < 0) : 0 };
}

/* Points of a line on all periods: what has no answers is a gap. */
static struct render_series_point *points_of(struct arena *a, const struct journey_series *r,
                                             const struct journey_series_line *l)
{
	struct render_series_point *out = ARENA_ARRAY(a, struct render_series_point, r->n_periods);
	for (size_t k = 0, i = 0; out && k < r->n_periods; k++) {
		const bool here = i < l->n_points && l->points[i].start_ms == r->starts[k];
		if (here) out[k] = point_of(&l->points[i++]);
		else out[k] = (struct render_series_point){ r->starts[k], 0, { NAN, NAN, NAN }, NAN, NAN, 0 };
	}
	return out;
}

static enum err_code series_model(struct http_call *c, const struct question *q, const struct ask_series_question *what,
                                  const struct journey_series *r, const struct render_options *o,
                                  struct render_series *out, struct err *err)
{
	static const enum render_score_kind kinds[JOURNEY_RATING_KINDS] = { [JOURNEY_RATING_PLAIN] = RENDER_RATING,
		                                                            [JOURNEY_RATING_NPS] = RENDER_NPS,
		                                                            [JOURNEY_RATING_CSAT] = RENDER_CSAT,
		                                                            [JOURNEY_RATING_CES] = RENDER_CES };
	*out = (struct render_series){ .kind = kinds[what->kind],
		                       .n_periods = r->n_periods,
		                       .starts = r->starts,
		                       .lines = ARENA_ARRAY(c->arena, struct render_series_line, r->n_lines),
		                       .n_lines = r->n_lines };
	if (!out->lines) return err_no_memory(err);
	TRY(heading_of(c, q, o, &out->heading, err));
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct journey_series_line *l = &r->lines[i];
		out->lines[i] = (struct render_series_line){ .name = series_name(c, q, what, l->name, &o->locale),
			                                     .points = points_of(c->arena, r, l),
			                                     .n = l->n,
			                                     .trend = l->direction };
		if (!out->lines[i].points) return err_no_memory(err);
	}
	return OK;
}

static enum err_code series(struct http_call *c, enum render_format format, struct err *err)
{
	struct question q;
	struct ask_series_question what;
	struct journey_series r;
	struct render_options o;
	struct render_series model;
	TRY(picture_read(c, format, &o, err));
	TRY(series_ask(c, &q, &what, &r, err));
	/* Periods begin by the wall clock of the organisation, and are called by it. */
	snprintf(o.locale.zone, sizeof o.locale.zone, STR_FMT, STR_ARG(what.periods.zone));
	enum err_code rc = series_model(c, &q, &what, &r, &o, &model, err);
	if (rc == OK) rc = render_series(&model, format, &o, &c->out, err);
	cache_put(c->h->cache, q.map);
	if (rc == OK) picture_sent(c, format);
	return rc;
}

HANDLER(get_series_svg)
{
	return series(c, RENDER_SVG, err);
}
HANDLER(get_series_png)
{
	return series(c, RENDER_PNG, err);
}
HANDLER(get_series_pdf)
{
	return series(c, RENDER_PDF, err);
}
