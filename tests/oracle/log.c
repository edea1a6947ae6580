#include "tests/oracle/oracle.h"

#include <math.h>

static const char *const events[] = { "a", "b", "c", "d", "e", "f" };
static const char *const channels[] = { "", "web", "shop" };
static const char *const colours[] = { "", "red", "blue" };
static const char *const currencies[] = { "EUR", "KWD", "JPY" };

static bool chance(struct rng *r, unsigned percent)
{
	return rng_below(r, 100) < percent;
}

static const char *event_name(struct arena *a, uint64_t i)
{
	return i < COUNT_OF(events) ? events[i] : str_format(a, "e%u", (unsigned)i).ptr;
}

void olog_make(struct olog *l, struct arena *a, uint64_t seed, const struct oshape *s)
{
	struct rng r, money; /* apart, so that a log is otherwise the same with it or without */
	rng_init(&r, seed, 1);
	rng_init(&money, seed, 5);
	*l = (struct olog){ .newest_ms = INT64_MIN };
	l->rows = ARENA_ARRAY(a, struct orow, (size_t)s->customers * (size_t)s->events_max);
	const size_t want = 1 + rng_below(&r, (uint64_t)s->customers * (uint64_t)s->events_max);
	for (size_t i = 0; i < want; i++) {
		struct orow *o = &l->rows[l->n++];
		*o = (struct orow){ .customer = 1 + (uint32_t)rng_below(&r, (uint64_t)s->customers),
			            .at_ms = 1000 + (int64_t)rng_below(&r, 40) * s->tick_ms,
			            .arrival = 1 + i,
			            .event = event_name(a, rng_below(&r, (uint64_t)s->activities)),
			            .channel = channels[rng_below(&r, 3)],
			            .key = "",
			            .colour = colours[rng_below(&r, 3)],
			            .about = "",
			            .score = NAN,
			            .overrun_ms = NAN,
			            .wait_ms = NAN,
			            .effort = NAN,
			            .money = NAN,
			            .currency = "" };
		if (chance(&r, 70)) o->key = str_format(a, "%u-%u", o->customer, (unsigned)rng_below(&r, 3)).ptr;
		if (o->at_ms > l->newest_ms) l->newest_ms = o->at_ms;
		if (!s->evidence) continue;
		if (chance(&r, 40)) {
			o->min = chance(&r, 85) ? 1 : 0;
			o->max = o->min > 0 ? 5 : 10;
			o->score = o->min + (double)rng_below(&r, (uint64_t)(o->max - o->min) + 1);
		}
		o->comment = chance(&r, 25);
		if (chance(&r, 25)) o->about = "journey";
		else if (chance(&r, 30)) o->about = event_name(a, rng_below(&r, (uint64_t)s->activities));
		if (chance(&r, 20)) o->overrun_ms = (double)rng_below(&r, 200) - 100;
		if (chance(&r, 15)) o->wait_ms = (double)rng_below(&r, 300);
		if (chance(&r, 10)) o->effort = 1 + (double)rng_below(&r, 4);
		if (chance(&r, 12)) o->failed = 1 + (int)rng_below(&r, 3);
		if (chance(&money, 20)) {
			o->money = (double)rng_below(&money, 100000) - 10000;
			o->currency = currencies[rng_below(&money, 3)];
		}
		o->left = chance(&money, 10);
	}
}

/* --- questions --------------------------------------------------------------------------------------- */

void oquestion_make(struct oquestion *o, uint64_t seed, bool with_rules)
{
	struct rng r;
	rng_init(&r, seed, 2);
	*o = (struct oquestion){ 0 };
	struct journey_query *q = &o->q;
	q->from_ms = chance(&r, 50) ? INT64_MIN : 1000 + (int64_t)rng_below(&r, 1000);
	q->to_ms = chance(&r, 50) ? INT64_MAX : 3000 + (int64_t)rng_below(&r, 3000);
	q->by = chance(&r, 30) ? JOURNEY_BY_CUSTOMER : JOURNEY_BY_INSTANCE;
	q->instance = (struct journey_instance_rule){ .cut = (enum journey_cut)rng_below(&r, 3),
		                                      .key = STR("journey"),
		                                      .gap_ms = 100 + (int64_t)rng_below(&r, 900),
		                                      .ends_at_goal = chance(&r, 30) };
	static const char *const dims[] = { "channel", "event", "colour", "nothing" };
	static const char *const values[] = { "web", "a", "red", "" };
	q->n_filters = chance(&r, 60) ? 0 : 1 + rng_below(&r, 2);
	for (size_t i = 0; i < q->n_filters; i++) {
		const size_t k = rng_below(&r, 4);
		q->filters[i] = (struct journey_filter){ str_of(dims[k]), str_of(chance(&r, 20) ? "" : values[k]),
			                                 chance(&r, 50) ? JOURNEY_IS : JOURNEY_IS_NOT };
	}
	if (!with_rules) return;

	static const char *const keys[] = { "ta", "tb", "tc", "td", "te", "tf" };
	const size_t n = 2 + rng_below(&r, 5);
	uint16_t step = 0;
	for (size_t i = 0; i < n; i++) {
		if (i && chance(&r, 75)) step++;
		o->touchpoints[i] = (struct journey_touchpoint){ str_of(keys[i]), step };
		struct journey_rule *rule = &o->rule[i];
		*rule = (struct journey_rule){ .touchpoint = (uint16_t)(i + 1), .event = str_of(events[i]) };
		if (chance(&r, 25)) rule->channel = str_of(channels[1 + rng_below(&r, 2)]);
		if (chance(&r, 25))
			rule->conditions[rule->n_conditions++] =
			        (struct journey_filter){ STR("colour"), str_of(colours[rng_below(&r, 3)]),
				                         chance(&r, 50) ? JOURNEY_IS : JOURNEY_IS_NOT };
		if (chance(&r, 10))
			rule->conditions[rule->n_conditions++] =
			        (struct journey_filter){ STR("channel"), STR("web"), JOURNEY_IS_NOT };
	}
	o->rules = (struct journey_rules){ .version_hash = seed,
		                           .touchpoints = o->touchpoints,
		                           .n_touchpoints = n,
		                           .n_steps = (size_t)step + 1,
		                           .rules = o->rule,
		                           .n_rules = n };
	if (chance(&r, 30))
		o->rule[o->rules.n_rules++] = (struct journey_rule){ .touchpoint = 1, .channel = STR("shop") };
	q->rules = &o->rules;
}

static int by_order(const void *x, const void *y)
{
	const struct orow *a = *(const struct orow *const *)x, *b = *(const struct orow *const *)y;
	if (a->customer != b->customer) return a->customer < b->customer ? -1 : 1;
	if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
	return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

/* --- cases --------------------------------------------------------------------------------------------- */

static const char *value_of(const struct orow *r, struct str dimension)
{
	if (str_eq(dimension, STR("channel"))) return r->channel;
	if (str_eq(dimension, STR("event"))) return r->event;
	if (str_eq(dimension, STR("colour"))) return r->colour;
	if (str_eq(dimension, STR("journey"))) return r->key;
	return "";
}

static bool fits(const struct journey_filter *f, const struct orow *r)
{
	return str_eq(str_of(value_of(r, f->dimension)), f->value) == (f->op == JOURNEY_IS);
}

uint16_t otouchpoint(const struct journey_query *q, const struct orow *r)
{
	for (size_t i = 0; i < q->rules->n_rules; i++) {
		const struct journey_rule *rule = &q->rules->rules[i];
		bool ok = (!rule->event.len || str_eq(rule->event, str_of(r->event))) &&
		          (!rule->channel.len || str_eq(rule->channel, str_of(r->channel)));
		for (size_t k = 0; k < rule->n_conditions; k++) ok = ok && fits(&rule->conditions[k], r);
		if (ok) return rule->touchpoint;
	}
	return 0;
}

const char *oactivity(const struct journey_query *q, const struct orow *r)
{
	if (!q->rules) return r->event;
	const uint16_t c = otouchpoint(q, r);
	return c ? q->rules->touchpoints[c - 1].key.ptr : "(other)";
}

static bool is_goal(const struct journey_query *q, const struct orow *r)
{
	if (!q->rules || !q->instance.ends_at_goal) return false;
	const uint16_t c = otouchpoint(q, r);
	return c && q->rules->touchpoints[c - 1].step + 1u == q->rules->n_steps;
}

/* Says how something on the map was, or something else. */
static bool speaks(const struct journey_query *q, const struct orow *r)
{
	return (!isnan(r->score) || r->comment) && (*r->about || !q->rules || otouchpoint(q, r));
}

static struct ocase case_new(const struct orow *r, size_t rows_max, struct arena *a)
{
	return (struct ocase){ .customer = r->customer,
		               .rows = (const struct orow **)arena_array(a, rows_max, sizeof(struct orow *)) };
}

struct ocase *ocases(const struct olog *l, const struct journey_query *q, struct arena *a, size_t *n_out)
{
	size_t n_loose;
	return ocases_and_loose(l, q, a, n_out, &n_loose);
}

struct ocase *ocases_and_loose(const struct olog *l, const struct journey_query *q, struct arena *a, size_t *n_out,
                               size_t *n_loose)
{
	const struct orow **seen = (const struct orow **)arena_array(a, l->n + 1, sizeof *seen);
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct orow *r = &l->rows[i];
		bool ok = q->by == JOURNEY_BY_INSTANCE || (r->at_ms >= q->from_ms && r->at_ms < q->to_ms);
		for (size_t k = 0; k < q->n_filters; k++) ok = ok && fits(&q->filters[k], r);
		if (ok) seen[n++] = r;
	}
	qsort(seen, n, sizeof *seen, by_order);

	struct ocase *cases = ARENA_ARRAY(a, struct ocase, n + 1), *loose = ARENA_ARRAY(a, struct ocase, n + 1);
	*n_loose = 0;
	bool *closed = ARENA_ARRAY(a, bool, n + 1);
	const char **key = (const char **)arena_array(a, n + 1, sizeof *key);
	size_t nc = 0;
	const enum journey_cut cut = q->by == JOURNEY_BY_CUSTOMER ? JOURNEY_CUT_CUSTOMER : q->instance.cut;
	for (size_t i = 0; i < n; i++) {
		const struct orow *r = seen[i];
		size_t home = SIZE_MAX;
		if (cut == JOURNEY_CUT_KEY) {
			if (*r->key) {
				for (size_t k = 0; k < nc; k++)
					if (cases[k].customer == r->customer && !closed[k] &&
					    strcmp(key[k], r->key) == 0)
						home = k;
			} else {
				/* the open instance: that of the customer's latest row with a key, unless its goal
				 * ended it */
				for (size_t j = i; j-- > 0 && seen[j]->customer == r->customer;) {
					if (!*seen[j]->key) {
						continue;
					}
					for (size_t k = 0; k < nc; k++)
						for (size_t x = 0; x < cases[k].n; x++)
							if (cases[k].rows[x] == seen[j] && !closed[k]) home = k;
					break;
				}
				if (home == SIZE_MAX) {
					if (!speaks(q, r) || r->at_ms < q->from_ms || r->at_ms >= q->to_ms) continue;
					loose[*n_loose] = case_new(r, 1, a);
					loose[*n_loose].rows[loose[*n_loose].n++] = r;
					++*n_loose;
					continue;
				}
			}
		} else if (nc && cases[nc - 1].customer == r->customer && !closed[nc - 1]) {
			const struct ocase *open = &cases[nc - 1];
			if (cut != JOURNEY_CUT_GAP || r->at_ms - open->rows[open->n - 1]->at_ms <= q->instance.gap_ms)
				home = nc - 1;
		}
		if (home == SIZE_MAX) {
			home = nc++;
			cases[home] = case_new(r, n, a);
			key[home] = r->key;
		}
		cases[home].rows[cases[home].n++] = r;
		if (q->by == JOURNEY_BY_INSTANCE && is_goal(q, r)) closed[home] = true;
	}
	size_t kept = 0;
	for (size_t k = 0; k < nc; k++) {
		const int64_t first = cases[k].rows[0]->at_ms;
		if (q->by == JOURNEY_BY_INSTANCE && (first < q->from_ms || first >= q->to_ms)) continue;
		cases[kept++] = cases[k];
	}
	for (size_t k = 0; k < *n_loose; k++) cases[kept + k] = loose[k];
	*n_out = kept;
	return cases;
}

enum journey_rating_kind orating_kind(const struct orow *r)
{
	static const enum journey_rating_kind of_five[] = { JOURNEY_RATING_PLAIN, JOURNEY_RATING_CSAT,
		                                            JOURNEY_RATING_CES };
	return r->min > 0 ? of_five[r->arrival % 3] : JOURNEY_RATING_NPS;
}
