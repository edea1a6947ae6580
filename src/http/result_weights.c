/* Weights on a survey's results, and what its silent majority would have said. */
#include <math.h>

#include "http/priv.h"

/* --- segments by the ids that customers are shown by ------------------------------------------------ */

struct members {
	struct str *ids; /* sorted */
	size_t n;
};

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool members_takes(void *ctx, struct str customer)
{
	const struct members *m = ctx;
	return m->n && bsearch(&customer, m->ids, m->n, sizeof *m->ids, by_bytes);
}

enum err_code members_read(struct http_call *c, struct str key_or_rule, struct members **out, struct err *err)
{
	struct ask *ask;
	struct ask_state state;
	struct ask_segment r;
	const struct journey_segment *who;
	struct members *m = ARENA_NEW(c->arena, struct members);
	if (!m) return err_no_memory(err);
	TRY(need_ask(c, &ask, err));
	ask_state(ask, &state);
	TRY(scope_segment(c, key_or_rule, c->arena, &who, err));
	TRY(ask_segment(ask, who, (size_t)state.customers, c->arena, &r, err));
	m->ids = r.sample, m->n = r.n_sample;
	if (m->n) qsort(m->ids, m->n, sizeof *m->ids, by_bytes);
	*out = m;
	return OK;
}

/* --- people of a survey, asked for what they did ------------------------------------------------------- */

/* Customers of the request's segment; their whole story. */
static enum err_code people_query(struct http_call *c, struct journey_query *out, struct err *err)
{
	*out = (struct journey_query){ .from_ms = INT64_MIN,
		                       .to_ms = INT64_MAX,
		                       .by = JOURNEY_BY_CUSTOMER,
		                       .instance = { .cut = JOURNEY_CUT_CUSTOMER, .gap_ms = JOURNEY_GAP_DEFAULT_MS } };
	return scope_segment(c, query_get(c, "segment"), c->arena, &out->who, err);
}

static enum err_code people_of(struct http_call *c, const struct voice_people *p, struct ask_silent_people *out,
                               struct err *err)
{
	struct ask_silent_person *all = ARENA_ARRAY(c->arena, struct ask_silent_person, p->n + 1);
	if (!all) return err_no_memory(err);
	for (size_t i = 0; i < p->n; i++)
		all[i] = (struct ask_silent_person){ p->all[i].customer, p->all[i].asked_ms, p->all[i].answered,
			                             p->all[i].score };
	*out = (struct ask_silent_people){ .all = all,
		                           .n = p->n,
		                           .others = p->others,
		                           .answers = str_format(c->arena, "Survey: " STR_FMT, STR_ARG(p->survey)),
		                           .scale = p->scale };
	return out->answers.ptr ? OK : err_no_memory(err);
}

static enum err_code chances(void *ctx, const struct voice_people *p, double *w, struct stats_propensity *out,
                             struct err *err)
{
	struct http_call *c = ctx;
	struct ask *ask;
	struct journey_query q;
	struct ask_silent_people people;
	TRY(need_ask(c, &ask, err));
	TRY(people_query(c, &q, err));
	TRY(people_of(c, p, &people, err));
	return ask_silent_chances(ask, &q, &people, w, out, err);
}

/* --- by what ---------------------------------------------------------------------------------------------- */

static enum err_code division_read(struct http_call *c, struct str word, struct voice_weigh *w,
                                   struct voice_division *out, struct err *err)
{
	static const struct str segment = { "segment:", 8 };
	if (str_eq(word, STR("behaviour"))) {
		w->chances = chances, w->ctx = c;
		return OK;
	}
	for (int by = 0; by < VOICE_BY_SEGMENT; by++)
		if (str_eq(word, str_of(voice_divide_names[by]))) {
			*out = (struct voice_division){ .by = (enum voice_divide)by };
			w->n_divisions++;
			return OK;
		}
	if (!str_starts(word, segment) || word.len == segment.len) {
		err_set(err, ERR_INPUT, "weights.by", "weight", "weights by \"" STR_FMT "\" are not known",
		        (int)(word.len < 80 ? word.len : 80), word.ptr);
		err_hint(err, "Choose channel, language, unit, segment:KEY or behaviour.");
		return ERR_INPUT;
	}
	struct members *m;
	*out = (struct voice_division){ .by = VOICE_BY_SEGMENT, .segment = str_cut(word, segment.len, word.len) };
	TRY(members_read(c, out->segment, &m, err));
	out->takes = members_takes, out->ctx = m;
	out->members = (int64_t)m->n;
	w->n_divisions++;
	return OK;
}

enum err_code weigh_read(struct http_call *c, struct voice_weigh *out, struct err *err)
{
	struct voice_division *all = ARENA_ARRAY(c->arena, struct voice_division, VOICE_DIVISIONS_MAX + 1);
	struct ask *ask;
	struct ask_state state;
	*out = (struct voice_weigh){ .divisions = all };
	if (!all) return err_no_memory(err);
	for (struct str rest = query_get(c, "weight"); rest.len;) {
		const size_t end = str_find(rest, ',');
		const struct str word = str_cut(rest, 0, end);
		rest = end < rest.len ? str_cut(rest, end + 1, rest.len) : STR("");
		if (!word.len) continue;
		if (out->n_divisions == VOICE_DIVISIONS_MAX)
			return err_limit(err, "weights.many", "weight", VOICE_DIVISIONS_MAX + 1, VOICE_DIVISIONS_MAX,
			                 "at most %d divisions go together", VOICE_DIVISIONS_MAX);
		TRY(division_read(c, word, out, &all[out->n_divisions], err));
	}
	if (!out->n_divisions && !out->chances) return OK;
	TRY(need_ask(c, &ask, err));
	ask_state(ask, &state);
	out->customers = state.customers;
	return OK;
}

/* --- out --------------------------------------------------------------------------------------------------- */

static void put_group(struct json_out *o, const struct voice_cell *x)
{
	json_open(o, '{');
	json_kv_str(o, "value", x->value);
	json_kv_i64(o, "people", x->people);
	json_kv_i64(o, "answers", x->answers);
	json_key(o, "weight");
	if (x->weight > 0) json_put_double(o, x->weight);
	else json_put_null(o);
	json_kv_bool(o, "left_out", x->left_out);
	json_close(o, '}');
}

/* The group, or the division, that stands in the way. */
static void put_at(struct json_out *o, const struct voice_weighting *w)
{
	json_key(o, "at");
	if (w->at_margin < 0 || (size_t)w->at_margin >= w->n_margins) {
		json_put_null(o);
		return;
	}
	const struct voice_margin *m = &w->margins[w->at_margin];
	json_open(o, '{');
	json_kv_z(o, "by", voice_divide_names[m->by]);
	json_kv_str(o, "segment", m->segment);
	json_key(o, "group");
	if (w->at_cell >= 0) put_group(o, &m->cells[w->at_cell]);
	else json_put_null(o);
	json_close(o, '}');
}

void put_weighting(struct json_out *o, struct http_call *c, const struct voice_weighting *w)
{
	json_key(o, "weighting");
	if (w->state == VOICE_WEIGHTS_NONE) {
		json_put_null(o);
		return;
	}
	const bool made = w->state == VOICE_WEIGHTS_MADE;
	json_open(o, '{');
	json_kv_str(o, "by", query_get(c, "weight"));
	json_kv_z(o, "state", voice_weights_names[w->state]);
	put_at(o, w);
	json_kv_z(o, "population", w->invited ? "invited" : "customers");
	json_kv_i64(o, "people", w->people);
	json_kv_i64(o, "answers", w->answers);
	json_kv_i64(o, "outside", w->outside);
	json_kv_double(o, "n_eff", made ? w->raked.n_eff : NAN);
	json_kv_double(o, "deff", made ? w->raked.deff : NAN);
	json_kv_double(o, "missed", made ? w->raked.gap : NAN);
	json_kv_i64(o, "trimmed", (int64_t)w->raked.trimmed);
	open_list(o, "divisions");
	for (size_t d = 0; d < w->n_margins; d++) {
		json_open(o, '{');
		json_kv_z(o, "by", voice_divide_names[w->margins[d].by]);
		json_kv_str(o, "segment", w->margins[d].segment);
		open_list(o, "groups");
		for (size_t i = 0; i < w->margins[d].n; i++) put_group(o, &w->margins[d].cells[i]);
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
	json_key(o, "chance");
	if (w->by_chance) {
		json_open(o, '{');
		put_estimate(o, "rate", &w->chance.rate);
		put_estimate(o, "auc", &w->chance.auc);
		json_close(o, '}');
	} else json_put_null(o);
	json_close(o, '}');
}

/* --- the silent majority --------------------------------------------------------------------------------- */

static const char *why_not(const struct voice_people *p, const struct stats_silent *r)
{
	if (!p->n) return "nobody";
	if (!(r->everybody.flags & STATS_NOT_IDENTIFIED)) return NULL;
	if (r->silent == 0) return "all";
	return r->answered < STATS_SILENT_MIN || !(r->r2 < STATS_SILENT_R2) || r->rmse == 0 ? "few" : "weak";
}

static void put_silent(struct json_out *o, const struct voice_people *p, const struct stats_silent *r)
{
	const struct {
		const char *who;
		int64_t customers;
		const struct stats_estimate *score;
	} rows[] = { { "answered", r->answered, &r->raw },
		     { "silent", r->silent, &r->predicted },
		     { "everybody", r->answered + r->silent, &r->everybody } };
	const bool fit = r->rmse > 0;
	json_kv_z(o, "population", p->others ? "customers" : "invited");
	json_kv_z(o, "refused", why_not(p, r));
	open_list(o, "scores");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_open(o, '{');
		json_kv_z(o, "who", rows[i].who);
		json_kv_i64(o, "customers", rows[i].customers);
		put_estimate(o, "score", rows[i].score);
		json_close(o, '}');
	}
	json_close(o, ']');
	put_estimate(o, "rate", &r->response.rate);
	put_estimate(o, "auc", &r->response.auc);
	json_kv_double(o, "r2", fit ? r->r2 : NAN);
	json_kv_double(o, "rmse", fit ? r->rmse : NAN);
	json_kv_double(o, "outside", r->everybody.flags & STATS_NOT_IDENTIFIED ? NAN : r->outside);
}

HANDLER(get_survey_silent)
{
	static const char *const units[STATS_SCORE_KINDS] = { "points", "share", "mean" };
	struct voice_results_query q;
	struct voice_people people;
	struct stats_score_rule rule;
	struct str question;
	struct ask *ask;
	struct journey_query whole;
	struct ask_silent_people asked;
	struct json_out o;
	const struct stats_estimate none = { .level = 0.95, .flags = STATS_NOT_IDENTIFIED };
	struct stats_silent r = { .raw = none, .predicted = none, .everybody = none };
	r.response.rate = r.response.auc = none;
	TRY(results_scope(c, &q, err));
	TRY(voice_people(c->h->opt.voice, c->params[0], &q, query_get(c, "question"), c->arena, &people, &rule,
	                 &question, err));
	if (people.n) {
		TRY(need_ask(c, &ask, err));
		TRY(people_query(c, &whole, err));
		TRY(people_of(c, &people, &asked, err));
		TRY(ask_silent_people(ask, &whole, &asked, &r, err));
	}
	stats_mark(&r.raw);
	json_out_init(&o, &c->out);
	json_open(&o, '{');
	json_kv_str(&o, "survey", c->params[0]);
	json_kv_str(&o, "question", question);
	json_kv_z(&o, "kind", stats_score_kind_names[rule.kind]);
	json_kv_z(&o, "unit", units[rule.kind]);
	put_silent(&o, &people, &r);
	json_close(&o, '}');
	return OK;
}
