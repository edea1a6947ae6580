/* Who may not come back: a model learned at one moment, judged at the next, and used today. */
#include "ask/priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/when.h"

#define ROOM ((size_t)2 << 30)
#define SAMPLE 20000 /* customers a fit is of */
#define SEED 1
#define RIDGE 1.0
#define P ASK_RISK_COLUMNS

const char *const ask_risk_column_names[P] = { "quiet_days", "tenure_days", "times",      "recent",      "events",
	                                       "channels",   "answered",    "experience", "last_answer", "failures",
	                                       "broken",     "contacts",    "waited_min" };
const char *const ask_risk_state_names[ASK_RISK_STATES] = { "ok", "short", "few", "unsettled" };

enum { LEARNED, JUDGED, TODAY, MOMENTS };

struct moment {
	const struct journey_standing *rows;
	size_t n;
	int64_t at_ms;
	double felt; /* mean experience of those who said it */
	double *x;   /* rows of P */
	uint8_t *y;  /* gone */
	double mean[P], sd[P];
};

/* --- columns ----------------------------------------------------------------------------------------------------- */

static double days(int64_t ms)
{
	return ms > 0 ? (double)ms / (double)WHEN_DAY_MS : 0;
}

/* In plain units, as people are told. */
static void plain(const struct journey_standing *s, int64_t at_ms, double felt, double *out)
{
	const double experience = s->answers ? (double)s->experience : felt;
	out[ASK_RISK_QUIET] = days(at_ms - s->last_ms);
	out[ASK_RISK_TENURE] = days(at_ms - s->first_ms);
	out[ASK_RISK_TIMES] = s->times;
	out[ASK_RISK_RECENT] = s->recent;
	out[ASK_RISK_EVENTS] = s->events;
	out[ASK_RISK_CHANNELS] = s->channels;
	out[ASK_RISK_ANSWERED] = s->answers > 0;
	out[ASK_RISK_EXPERIENCE] = experience;
	out[ASK_RISK_LAST] = s->answers ? (double)s->last - experience : 0;
	out[ASK_RISK_FAILURES] = s->failures;
	out[ASK_RISK_BROKEN] = s->broken;
	out[ASK_RISK_CONTACTS] = (double)s->contacts;
	out[ASK_RISK_WAITED] = (double)s->waited_min;
}

/* Counts and lengths of time grow by factors, so their logs go in. */
static void columns(const struct journey_standing *s, int64_t at_ms, double felt, double *out)
{
	plain(s, at_ms, felt, out);
	for (size_t j = 0; j < P; j++)
		if (j != ASK_RISK_ANSWERED && j != ASK_RISK_EXPERIENCE && j != ASK_RISK_LAST)
			out[j] = log1p(fmax(0, out[j]));
}

static enum err_code fill(struct moment *m, struct arena *room, struct err *err)
{
	struct stats_moments felt = { 0 };
	m->x = ARENA_ARRAY(room, double, m->n *P + 1);
	m->y = ARENA_ARRAY(room, uint8_t, m->n + 1);
	if (!m->x || !m->y) return err_no_memory(err);
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].answers) stats_see(&felt, (double)m->rows[i].experience);
	m->felt = felt.n ? felt.mean : 50;
	for (size_t i = 0; i < m->n; i++) {
		columns(&m->rows[i], m->at_ms, m->felt, m->x + i * P);
		m->y[i] = !m->rows[i].after;
	}
	for (size_t j = 0; j < P; j++) {
		struct stats_moments of = { 0 };
		for (size_t i = 0; i < m->n; i++) stats_see(&of, m->x[i * P + j]);
		m->mean[j] = of.n ? of.mean : 0;
		m->sd[j] = sqrt(stats_var(&of));
	}
	return OK;
}

/* --- fits -------------------------------------------------------------------------------------------------------- */

/* Of at most SAMPLE rows, each with the chance that is left for it. */
static enum err_code fit(const struct moment *m, struct arena *room, struct stats_logistic *out, struct err *err)
{
	const size_t want = m->n < SAMPLE ? m->n : SAMPLE;
	double *x = ARENA_ARRAY(room, double, want *P + 1);
	uint8_t *y = ARENA_ARRAY(room, uint8_t, want + 1);
	struct rng r;
	size_t k = 0;
	if (!x || !y) return err_no_memory(err);
	rng_init(&r, SEED, 0);
	for (size_t i = 0; i < m->n && k < want; i++) {
		if (rng_below(&r, m->n - i) >= want - k) continue;
		memcpy(x + k * P, m->x + i * P, P * sizeof *x);
		y[k++] = m->y[i];
	}
	return stats_logistic((struct stats_matrix){ x, k, P }, y, RIDGE, room, out, err);
}

static bool enough(const struct moment *m)
{
	size_t gone = 0;
	for (size_t i = 0; i < m->n; i++) gone += m->y[i];
	return m->n >= ASK_RISK_MIN && gone >= ASK_RISK_EACH && m->n - gone >= ASK_RISK_EACH;
}

static enum err_code judge(const struct moment *m, const struct stats_logistic *model, struct arena *room,
                           struct stats_judged *out, struct err *err)
{
	double *p = ARENA_ARRAY(room, double, m->n + 1);
	if (!p) return err_no_memory(err);
	for (size_t i = 0; i < m->n; i++) p[i] = stats_logistic_at(model, P, m->x + i * P);
	return stats_judge(p, m->y, m->n, room, out, err);
}

/* --- today ------------------------------------------------------------------------------------------------------- */

/* The tenth whose foretold chance is nearest. */
static const struct stats_estimate *alike(const struct stats_judged *j, double chance)
{
	size_t best = 0;
	for (size_t b = 1; b < STATS_CALIBRATION_BINS; b++)
		if (j->bins[b].observed.n &&
		    fabs(j->bins[b].predicted - chance) < fabs(j->bins[best].predicted - chance))
			best = b;
	return &j->bins[best].observed;
}

struct scored {
	size_t at;
	double chance, stake;
};

static int by_stake(const void *va, const void *vb)
{
	const struct scored *a = va, *b = vb;
	if (a->stake != b->stake) return a->stake > b->stake ? -1 : 1;
	if (a->chance != b->chance) return a->chance > b->chance ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static void put_person(struct asking *k, const struct moment *now, const struct stats_logistic *model,
                       const struct stats_judged *j, const struct scored *s, struct arena *m,
                       struct ask_risk_person *out)
{
	const struct journey_standing *row = &now->rows[s->at];
	*out = (struct ask_risk_person){ .external = str_copy(m, external_of(k->a, row->customer)),
		                         .customer = row->customer,
		                         .chance = s->chance,
		                         .alike = *alike(j, s->chance),
		                         .last_ms = row->last_ms,
		                         .spent = row->spent,
		                         .recent = row->recent_spent,
		                         .stake = s->stake };
	plain(row, now->at_ms, now->felt, out->values);
	out->n_reasons = stats_reasons(model, P, now->mean, now->x + s->at * P, out->reasons, ASK_RISK_REASONS);
}

static enum err_code score(struct asking *k, const struct moment *now, const struct stats_logistic *model,
                           const struct ask_risk_question *what, uint32_t customer, struct arena *room, struct arena *m,
                           struct ask_risk *out, struct err *err)
{
	struct scored *all = ARENA_ARRAY(room, struct scored, now->n + 1);
	const struct scored *one = NULL;
	if (!all) return err_no_memory(err);
	out->leaving = (struct stats_estimate){ .level = 0.95, .n = (int64_t)now->n, .method = STATS_PREDICTIVE };
	for (size_t i = 0; i < now->n; i++) {
		const double chance = stats_logistic_at(model, P, now->x + i * P);
		const struct stats_estimate *tenth = alike(&out->judged, chance);
		all[i] = (struct scored){ i, chance, chance * fmax(0, (double)now->rows[i].recent_spent) };
		out->leaving.est += tenth->est, out->leaving.lo += tenth->lo, out->leaving.hi += tenth->hi;
		out->leaving.lo80 += tenth->lo80, out->leaving.hi80 += tenth->hi80;
		out->stake += all[i].stake;
	}
	out->leaving.n_eff = (double)out->judged_n;
	if (now->n) qsort(all, now->n, sizeof *all, by_stake);
	out->n_rows = now->n < what->limit ? now->n : what->limit;
	out->rows = ARENA_ARRAY(m, struct ask_risk_person, out->n_rows + 1);
	if (!out->rows) return err_no_memory(err);
	for (size_t i = 0; i < out->n_rows; i++) put_person(k, now, model, &out->judged, &all[i], m, &out->rows[i]);
	for (size_t i = 0; customer && i < now->n && !one; i++)
		if (now->rows[all[i].at].customer == customer) one = &all[i];
	if (!one) return OK;
	out->one = &out->rows[out->n_rows];
	put_person(k, now, model, &out->judged, one, m, out->one);
	return OK;
}

/* --- the question ------------------------------------------------------------------------------------------------ */

static void cut_moments(const struct journey_standing *rows, size_t n, const int64_t *cuts, struct moment *out)
{
	size_t at = 0;
	for (size_t c = 0; c < MOMENTS; c++) {
		out[c] = (struct moment){ .rows = rows + at, .at_ms = cuts[c] };
		while (at < n && rows[at].cut == c) at++, out[c].n++;
	}
}

static enum err_code tell(struct asking *k, struct moment *moments, const struct ask_risk_question *what,
                          uint32_t customer, struct arena *room, struct arena *m, struct ask_risk *out, struct err *err)
{
	struct stats_logistic first, now;
	for (size_t c = 0; c < MOMENTS; c++) TRY(fill(&moments[c], room, err));
	out->learned = (int64_t)moments[LEARNED].n, out->judged_n = (int64_t)moments[JUDGED].n;
	out->today = (int64_t)moments[TODAY].n;
	out->state = ASK_RISK_FEW;
	if (!enough(&moments[LEARNED]) || !enough(&moments[JUDGED])) return OK;
	TRY(fit(&moments[LEARNED], room, &first, err));
	TRY(fit(&moments[JUDGED], room, &now, err));
	out->state = ASK_RISK_UNSETTLED;
	if (!first.converged || !now.converged) return OK;
	TRY(judge(&moments[JUDGED], &first, room, &out->judged, err));
	out->state = ASK_RISK_OK;
	for (size_t j = 0; j < P; j++) out->weights[j] = now.beta[j + 1] * moments[JUDGED].sd[j];
	return score(k, &moments[TODAY], &now, what, customer, room, m, out, err);
}

static uint32_t number_of(struct ask *a, struct str external)
{
	if (!external.len) return 0;
	uint32_t identity = store_identity_find(a->st, false, external);
	if (!identity) identity = store_identity_find(a->st, true, external);
	return identity ? index_customer(a->ix, identity) : 0;
}

/* Three moments a horizon apart, the last one at the end of what was seen; false: there is no time for them. */
static bool set_cuts(const struct asking *k, const struct journey_query *q, int64_t horizon_ms,
                     struct journey_standing_query *s)
{
	const int64_t newest = k->s->schema.newest_ms;
	const int64_t end = q->to_ms <= newest ? q->to_ms : newest + 1;
	const int64_t from = q->from_ms > k->s->oldest_ms ? q->from_ms : k->s->oldest_ms;
	s->n_cuts = MOMENTS, s->horizon_ms = horizon_ms;
	for (int64_t c = 0; c < MOMENTS; c++) s->cuts[c] = end - (MOMENTS - 1 - c) * horizon_ms;
	return s->cuts[LEARNED] - horizon_ms >= from;
}

enum err_code ask_risk(struct ask *a, const struct journey_query *q, const struct ask_risk_question *what,
                       struct arena *m, struct ask_risk *out, struct err *err)
{
	struct asking k = { 0 };
	struct arena room;
	struct journey_query all = *q;
	struct journey_standing_query s = { .activity = what->activity };
	struct journey_standing_plan *plan;
	struct journey_currency *currencies;
	struct asking_orders orders;
	struct moment moments[MOMENTS];
	const struct journey_standing *rows;
	struct ask_risk r = { .state = ASK_RISK_SHORT };
	size_t n, n_currencies = 0;
	void *pass = NULL;
	if (what->horizon_ms < WHEN_DAY_MS || what->horizon_ms > 3650 * WHEN_DAY_MS)
		return err_set(err, ERR_INPUT, "risk.horizon", "horizon", "a horizon has 1 to 3650 days");
	all.by = JOURNEY_BY_CUSTOMER;
	arena_init(&room, ROOM);
	enum err_code rc = asking_start(&k, a, &all, err);
	if (rc == OK) rc = asking_currencies(&k, m, &currencies, &n_currencies, &orders, err);
	if (rc == OK && k.s->events && set_cuts(&k, q, what->horizon_ms, &s)) {
		r.currency = what->currency.len || !n_currencies ? what->currency : currencies[0].currency;
		s.currency = r.currency;
		s.order = orders.code;
		if (!what->activity.len) r.purchase = orders.name;
		r.learned_ms = s.cuts[LEARNED], r.judged_ms = s.cuts[JUDGED], r.today_ms = s.cuts[TODAY];
		rc = journey_standing_plan(k.plan, &s, &k.scratch, &plan, err);
		if (rc == OK) rc = asking_pass(&k, &journey_standing_pass, plan, &pass, err);
		if (rc == OK) rc = journey_standing_result(pass, &rows, &n, err);
		if (rc == OK) cut_moments(rows, n, s.cuts, moments);
		if (rc == OK) rc = tell(&k, moments, what, number_of(a, what->customer), &room, m, &r, err);
	}
	if (rc == OK) *out = r;
	journey_standing_pass.free(pass);
	asking_done(&k);
	arena_done(&room);
	return rc;
}
