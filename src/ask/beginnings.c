/* How journeys begin: by first contact, direct or indirect, and the credit of the ways to the first outcome. */
#include "ask/priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/when.h"

#define ROOM ((size_t)2 << 30)
#define DRAWS 100
#define SEED 1

/* Channels on which somebody else speaks of the organisation, or for it: the first contact there is indirect. */
static const char *const indirect_channels[] = { "ads",    "affiliate", "marketplace", "news",         "partner",
	                                         "press",  "radio",     "referral",    "review",       "reviews",
	                                         "search", "social",    "tv",          "word of mouth" };

static bool is_indirect(struct str channel)
{
	for (size_t i = 0; i < COUNT_OF(indirect_channels); i++)
		if (str_eq_ascii_nocase(channel, str_of(indirect_channels[i]))) return true;
	return false;
}

struct begin {
	const struct journey_beginnings_plan *plan;
	const struct journey_schema *schema;
	const struct journey_beginning *rows;
	size_t n;
	const uint32_t *steps;
	struct arena *room, *m;
};

/* --- values by size ---------------------------------------------------------------------------------------------- */

struct counted {
	uint32_t value;
	int64_t n;
};

static int by_size(const void *va, const void *vb)
{
	const struct counted *a = va, *b = vb;
	if (a->n != b->n) return a->n > b->n ? -1 : 1;
	return (a->value > b->value) - (a->value < b->value);
}

/* The largest values first, and the place of each: `most` for all that are not among them. *n: how many are told
 * apart; *others: somebody is in none of these. */
struct places {
	struct counted *largest;
	uint32_t *of;
	size_t n;
	bool others;
};

static enum err_code place_values(struct counted *c, size_t n_values, size_t most, struct arena *room,
                                  struct places *out, struct err *err)
{
	*out = (struct places){ .largest = c, .of = ARENA_ARRAY(room, uint32_t, n_values) };
	if (!out->of) return err_no_memory(err);
	qsort(c, n_values, sizeof *c, by_size);
	while (out->n < most && out->n < n_values && c[out->n].n) out->n++;
	out->others = out->n < n_values && c[out->n].n > 0;
	for (size_t v = 0; v < n_values; v++) out->of[c[v].value] = (uint32_t)(v < out->n ? v : out->n);
	return OK;
}

static enum err_code empty_counts(size_t n_values, struct arena *room, struct counted **out, struct err *err)
{
	*out = ARENA_ARRAY(room, struct counted, n_values);
	if (!*out) return err_no_memory(err);
	for (size_t v = 0; v < n_values; v++) (*out)[v] = (struct counted){ .value = (uint32_t)v };
	return OK;
}

/* --- first contacts ---------------------------------------------------------------------------------------------- */

struct sums {
	int64_t customers, converted, indirect;
	struct stats_moments feeling, later;
	double *days;
	size_t n_days;
};

static void see(struct sums *s, const struct journey_beginning *b, bool indirect)
{
	s->customers++;
	s->indirect += indirect;
	s->converted += b->converted;
	if (!isnan(b->feeling)) stats_see(&s->feeling, (double)b->feeling);
	if (!isnan(b->later)) stats_see(&s->later, (double)b->later);
	if (b->converted) s->days[s->n_days++] = (double)(b->outcome_ms - b->first_ms) / (double)WHEN_DAY_MS;
}

static void mean_of(const struct stats_moments *m, struct stats_estimate *out)
{
	stats_mean(m, out);
	if (m->n >= 5) return;
	*out = (struct stats_estimate){ .level = 0.95,
		                        .n = m->n,
		                        .method = STATS_MEAN_T,
		                        .flags = STATS_SMALL_N | (m->n ? STATS_SUPPRESSED : STATS_NOT_IDENTIFIED) };
}

static int by_double(const void *va, const void *vb)
{
	const double a = *(const double *)va, b = *(const double *)vb;
	return (a > b) - (a < b);
}

static enum err_code put_row(struct sums *s, struct ask_begin_row *out, struct err *err)
{
	out->customers = s->customers, out->indirect = s->indirect;
	TRY(stats_proportion(s->converted, s->customers, &out->converted, err));
	mean_of(&s->feeling, &out->feeling);
	mean_of(&s->later, &out->later);
	out->days = (struct stats_estimate){
		.level = 0.95, .n = (int64_t)s->n_days, .method = STATS_QUANTILE_ORDER, .flags = STATS_NOT_IDENTIFIED
	};
	if (s->n_days < 5) return OK;
	qsort(s->days, s->n_days, sizeof *s->days, by_double);
	stats_quantile(s->days, s->n_days, 0.5, &out->days);
	return OK;
}

enum { ALL = ASK_BEGIN_ROWS + 1, DIRECT, INDIRECT, ROWS };

static enum err_code tell_rows(const struct begin *g, struct ask_begin *out, struct err *err)
{
	const size_t n_values = journey_beginnings_values(g->plan);
	struct counted *c;
	struct places p;
	struct sums sums[ROWS] = { { 0 } };
	TRY(empty_counts(n_values, g->room, &c, err));
	for (size_t i = 0; i < g->n; i++) c[g->rows[i].first].n++;
	TRY(place_values(c, n_values, ASK_BEGIN_ROWS, g->room, &p, err));
	bool *indirect = ARENA_ARRAY(g->room, bool, g->schema->channels.n);
	if (!indirect) return err_no_memory(err);
	for (uint32_t v = 0; v < g->schema->channels.n; v++)
		indirect[v] = is_indirect(journey_word(&g->schema->channels, v));
	for (size_t i = 0; i < ROWS; i++) {
		sums[i].days = ARENA_ARRAY(g->room, double, g->n);
		if (!sums[i].days) return err_no_memory(err);
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct journey_beginning *b = &g->rows[i];
		const bool through_others = indirect[b->channel];
		see(&sums[p.of[b->first]], b, through_others);
		see(&sums[ALL], b, through_others);
		see(&sums[through_others ? INDIRECT : DIRECT], b, through_others);
	}
	out->n_rows = p.n + p.others;
	for (size_t i = 0; i < out->n_rows; i++) {
		out->rows[i].others = i == p.n;
		if (i < p.n) out->rows[i].name = str_copy(g->m, journey_beginnings_name(g->plan, p.largest[i].value));
		TRY(put_row(&sums[i], &out->rows[i], err));
	}
	TRY(put_row(&sums[DIRECT], &out->ways[0], err));
	TRY(put_row(&sums[INDIRECT], &out->ways[1], err));
	return put_row(&sums[ALL], &out->all, err);
}

/* --- credit ------------------------------------------------------------------------------------------------------ */

struct way { /* for sorting: equal ways stand together */
	const uint16_t *channels;
	uint32_t n;
	const struct journey_beginning *of;
};

static int same_way(const struct way *a, const struct way *b)
{
	if (a->n != b->n) return a->n < b->n ? -1 : 1;
	return a->n ? memcmp(a->channels, b->channels, a->n * sizeof *a->channels) : 0;
}

static int by_way(const void *va, const void *vb)
{
	return same_way(va, vb);
}

/* How many ways go over each value; a way that meets it twice counts once. */
static enum err_code count_touched(const struct begin *g, struct counted *c, size_t n_values, struct err *err)
{
	size_t *last = ARENA_ARRAY(g->room, size_t, n_values);
	if (!last) return err_no_memory(err);
	memset(last, 0, n_values * sizeof *last);
	for (size_t i = 0; i < g->n; i++)
		for (uint32_t k = 0; k < g->rows[i].path_n; k++) {
			const uint32_t v = g->steps[g->rows[i].path_at + k];
			c[v].n += last[v] != i + 1;
			last[v] = i + 1;
		}
	return OK;
}

/* The ways with channels told apart, equal neighbours joined again where the others became one. */
static enum err_code make_ways(const struct begin *g, const struct places *p, struct way **out, struct err *err)
{
	size_t n_steps = 0, at = 0;
	for (size_t i = 0; i < g->n; i++) n_steps += g->rows[i].path_n;
	uint16_t *channels = ARENA_ARRAY(g->room, uint16_t, n_steps + 1);
	*out = ARENA_ARRAY(g->room, struct way, g->n);
	if (!channels || !*out) return err_no_memory(err);
	for (size_t i = 0; i < g->n; i++) {
		struct way *w = &(*out)[i];
		*w = (struct way){ .channels = channels + at, .of = &g->rows[i] };
		for (uint32_t k = 0; k < g->rows[i].path_n; k++) {
			const uint16_t code = (uint16_t)p->of[g->steps[g->rows[i].path_at + k]];
			if (w->n && channels[at - 1] == code) continue;
			channels[at++] = code;
			w->n++;
		}
	}
	return OK;
}

static int by_credit(const void *va, const void *vb)
{
	const struct ask_credit_row *a = va, *b = vb;
	const double x = a->credit.conversions[STATS_CREDIT_SHAPLEY].est,
	             y = b->credit.conversions[STATS_CREDIT_SHAPLEY].est;
	if (x != y) return x > y ? -1 : 1;
	return str_cmp(a->name, b->name);
}

static enum err_code tell_credit(const struct begin *g, struct ask_begin *out, struct err *err)
{
	const size_t n_values = journey_beginnings_values(g->plan);
	struct counted *c;
	struct places p;
	struct way *ways;
	size_t n_paths = 0;
	TRY(empty_counts(n_values, g->room, &c, err));
	TRY(count_touched(g, c, n_values, err));
	TRY(place_values(c, n_values, ASK_CREDIT_CHANNELS - 1, g->room, &p, err));
	TRY(make_ways(g, &p, &ways, err));
	struct stats_path *paths = ARENA_ARRAY(g->room, struct stats_path, g->n);
	if (!paths) return err_no_memory(err);
	qsort(ways, g->n, sizeof *ways, by_way);
	for (size_t i = 0; i < g->n; i++) {
		if (!i || same_way(&ways[i - 1], &ways[i]))
			paths[n_paths++] = (struct stats_path){ .channels = ways[i].channels, .n = ways[i].n };
		struct stats_path *path = &paths[n_paths - 1];
		if (ways[i].of->converted) path->converted++, path->value += (double)ways[i].of->value;
		else path->lost++;
	}
	out->n_credit = p.n + p.others;
	TRY(stats_credit(paths, n_paths, out->n_credit, DRAWS, SEED, g->room, &out->sum, err));
	out->credit = ARENA_ARRAY(g->m, struct ask_credit_row, out->n_credit);
	if (!out->credit) return err_no_memory(err);
	for (size_t i = 0; i < out->n_credit; i++) {
		out->credit[i] = (struct ask_credit_row){ .others = i == p.n, .credit = out->sum.channels[i] };
		if (i < p.n) out->credit[i].name = str_copy(g->m, journey_beginnings_name(g->plan, p.largest[i].value));
	}
	out->sum.channels = NULL;
	qsort(out->credit, out->n_credit, sizeof *out->credit, by_credit);
	return OK;
}

/* --- the question ------------------------------------------------------------------------------------------------ */

static enum err_code tell(struct begin *g, bool credit, struct ask_begin *out, struct err *err)
{
	TRY(tell_rows(g, out, err));
	return credit && out->outcomes ? tell_credit(g, out, err) : OK;
}

enum err_code ask_begin(struct ask *a, const struct journey_query *q, const struct ask_begin_question *what,
                        bool credit, struct arena *m, struct ask_begin *out, struct err *err)
{
	struct asking k = { 0 };
	struct arena room;
	struct journey_query all = *q;
	struct journey_beginnings_query b = { .by = what->by, .outcome = what->outcome };
	struct journey_beginnings_plan *plan;
	struct journey_currency *currencies;
	struct asking_orders orders;
	struct ask_begin r = { .outcomes = what->outcome.len > 0 };
	size_t n_currencies = 0;
	void *pass = NULL;
	TRY(asking_needs(a, what->by, "by", err));
	all.by = JOURNEY_BY_CUSTOMER;
	arena_init(&room, ROOM);
	struct begin g = { .room = &room, .m = m };
	enum err_code rc = asking_start(&k, a, &all, err);
	if (rc == OK) rc = asking_currencies(&k, m, &currencies, &n_currencies, &orders, err);
	if (rc == OK && k.s->events) {
		if (what->currency.len) r.currency = what->currency;
		else if (n_currencies) r.currency = currencies[0].currency;
		b.currency = r.currency;
		b.order = orders.code;
		if (!what->outcome.len) r.purchase = orders.name;
		r.outcomes |= k.s->schema.currencies.n > 1;
		g.schema = &k.s->schema;
		rc = journey_beginnings_plan(k.plan, &b, &k.scratch, &plan, err);
		if (rc == OK) rc = asking_pass(&k, &journey_beginnings_pass, plan, &pass, err);
		if (rc == OK) rc = journey_beginnings_result(pass, &g.rows, &g.n, &g.steps, err);
		if (rc == OK) g.plan = plan;
		if (rc == OK && g.n) rc = tell(&g, credit, &r, err);
	}
	if (rc == OK) *out = r;
	journey_beginnings_pass.free(pass);
	asking_done(&k);
	arena_done(&room);
	return rc;
}
