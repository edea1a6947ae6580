/* Compiling a question: words become codes, rules become a table over kinds. */
#include "journey/priv.h"

#include <math.h>

const char *const journey_rating_kind_names[JOURNEY_RATING_KINDS] = { "rating", "nps", "csat", "ces" };
const char *const journey_signal_names[JOURNEY_SIGNALS] = {
	[JOURNEY_RATING] = "rating", [JOURNEY_SENTIMENT] = "sentiment", [JOURNEY_EFFORT] = "effort",
	[JOURNEY_WAIT] = "wait",     [JOURNEY_FAILURE] = "failure",     [JOURNEY_BREACH] = "breach",
};

double journey_utility_rating(double r, double min, double max)
{
	return 100.0 * (r - min) / (max - min);
}

double journey_utility_effort(double contacts)
{
	return 100.0 * exp2(-(contacts - 1.0) / 1.5);
}

double journey_utility_wait(double wait_ms, double w50_ms)
{
	/* Without a median (nobody waited: all waits are 0) a wait of 0 is as good as it gets. */
	if (!(w50_ms > 0)) return wait_ms > 0 ? 50.0 : 100.0;
	const double x = wait_ms / w50_ms;
	return 100.0 / (1.0 + x * x);
}

double journey_utility_failure(int severity)
{
	return severity <= 1 ? 35.0 : severity == 2 ? 15.0 : 0.0;
}

uint32_t journey_word_find(const struct journey_words *w, struct str word)
{
	if (word.len == 0) return 0;
	for (uint32_t i = 1; i < w->n; i++)
		if (str_eq(journey_word(w, i), word)) return i;
	return UINT32_MAX;
}

static uint32_t dimension_find(const struct journey_schema *s, struct str name)
{
	for (uint32_t i = 0; i < s->n_dimensions; i++)
		if (str_eq(s->dimensions[i].name, name)) return i;
	return UINT32_MAX;
}

static bool is_under(struct str word, struct str top)
{
	return str_starts(word, top) && (word.len == top.len || word.ptr[top.len] == '/');
}

/* A byte for each word that is `top` or below it; NULL when memory is short. */
static const uint8_t *words_under(const struct journey_words *w, struct str top, struct arena *a)
{
	uint8_t *under = ARENA_ARRAY(a, uint8_t, w->n);
	for (uint32_t i = 1; under && i < w->n; i++) under[i] = is_under(journey_word(w, i), top);
	return under;
}

static struct test compile_test(const struct journey_schema *s, const struct journey_filter *f)
{
	struct test t = { .is_not = f->op == JOURNEY_IS_NOT };
	if (str_eq(f->dimension, STR("event"))) {
		t.where = TEST_EVENT;
		t.code = journey_word_find(&s->events, f->value);
	} else if (str_eq(f->dimension, STR("channel"))) {
		t.where = TEST_CHANNEL;
		t.code = journey_word_find(&s->channels, f->value);
	} else {
		t.dimension = dimension_find(s, f->dimension);
		/* A property that is no column has no value anywhere: every row is "unknown". */
		t.where = t.dimension == UINT32_MAX ? TEST_NOWHERE : TEST_DIMENSION;
		t.code = t.where == TEST_NOWHERE ? (f->value.len ? UINT32_MAX : 0)
		                                 : journey_word_find(&s->dimensions[t.dimension].words, f->value);
	}
	return t;
}

enum err_code test_compile(const struct journey_schema *s, const struct journey_filter *f, struct arena *a,
                           struct test *out, struct err *err)
{
	*out = compile_test(s, f);
	if (f->op != JOURNEY_UNDER) return OK;
	if (out->where != TEST_DIMENSION)
		return err_set(err, ERR_INPUT, "query.under", "filter",
		               "\"" STR_FMT "\" has no values above and below each other", STR_ARG(f->dimension));
	out->n_in = s->dimensions[out->dimension].words.n;
	out->in = words_under(&s->dimensions[out->dimension].words, f->value, a);
	return out->in ? OK : err_no_memory(err);
}

bool test_kind(const struct test *t, const struct journey_kind *k)
{
	const uint32_t code = t->where == TEST_EVENT ? k->event : t->where == TEST_CHANNEL ? k->channel : 0;
	return (code == t->code) != t->is_not;
}

static enum err_code compile_filters(struct journey_plan *p, struct arena *a, struct err *err)
{
	const struct journey_query *q = p->q;
	uint8_t *seen = ARENA_ARRAY(a, uint8_t, p->s->n_kinds);
	if (!seen) return err_no_memory(err);
	for (uint32_t k = 0; k < p->s->n_kinds; k++) seen[k] = !p->s->kinds[k].hidden;
	for (size_t i = 0; i < q->n_filters; i++) {
		struct test t;
		TRY(test_compile(p->s, &q->filters[i], a, &t, err));
		if (t.where == TEST_DIMENSION) {
			p->tests[p->n_tests++] = t;
			continue;
		}
		for (uint32_t k = 0; k < p->s->n_kinds; k++)
			if (!test_kind(&t, &p->s->kinds[k])) seen[k] = 0;
	}
	p->kind_seen = seen;
	p->all_kinds = !memchr(seen + 1, 0, p->s->n_kinds - 1);
	p->ranges = p->n_tests == 0 && p->cut != JOURNEY_CUT_KEY;
	p->plain = p->ranges && p->all_kinds && p->cut == JOURNEY_CUT_CUSTOMER && !p->ends_at_goal;
	return OK;
}

/* A rule whose tests on event and channel fail can match no row of the kind; those that hold say nothing more. */
static bool rule_may_match(const struct journey_rule *r, const struct rule *c, const struct journey_schema *s,
                           const struct journey_kind *k)
{
	if (c->event != RULE_ANY && c->event != k->event) return false;
	if (c->channel != RULE_ANY && c->channel != k->channel) return false;
	for (size_t i = 0; i < r->n_conditions; i++) {
		const struct test t = compile_test(s, &r->conditions[i]);
		if (t.where != TEST_DIMENSION && !test_kind(&t, k)) return false;
	}
	return true;
}

/* Rules that rows of a kind may fit, up to the first that takes them all; returns how many. */
static size_t rules_of_kind(const struct journey_plan *p, const struct journey_kind *k, uint16_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n_rules; i++) {
		if (!rule_may_match(&p->q->rules->rules[i], &p->rules[i], p->s, k)) continue;
		out[n++] = (uint16_t)i;
		if (!p->rules[i].n_tests) break;
	}
	out[n] = NO_RULE;
	return n;
}

/* The touchpoint of each kind, or the rules that have to look at its rows; neighbours often share the list. */
static enum err_code compile_kinds(struct journey_plan *p, uint16_t *kind_code, struct arena *a, struct err *err)
{
	const uint16_t **lists = (const uint16_t **)arena_array(a, p->s->n_kinds, sizeof *lists);
	uint16_t *list = ARENA_ARRAY(a, uint16_t, p->n_rules + 1);
	if (!lists || !list) return err_no_memory(err);
	const uint16_t *last = list;
	size_t last_n = 0;
	for (uint32_t k = 0; k < p->s->n_kinds; k++) {
		const size_t n = rules_of_kind(p, &p->s->kinds[k], list);
		if (n == 0) continue;
		kind_code[k] = p->rules[list[0]].n_tests ? CODE_BY_ROW : p->rules[list[0]].touchpoint;
		if (kind_code[k] != CODE_BY_ROW) continue;
		if (n != last_n || memcmp(last, list, n * sizeof *list) != 0) {
			uint16_t *kept = ARENA_ARRAY(a, uint16_t, n + 1);
			if (!kept) return err_no_memory(err);
			memcpy(kept, list, (n + 1) * sizeof *kept);
			last = kept;
			last_n = n;
		}
		lists[k] = last;
	}
	p->kind_rules = lists;
	return OK;
}

static enum err_code compile_rules(struct journey_plan *p, struct arena *a, struct err *err)
{
	const struct journey_rules *rs = p->q->rules;
	const struct journey_schema *s = p->s;
	if (rs->n_touchpoints > JOURNEY_TOUCHPOINTS_MAX)
		return err_limit(err, "map.touchpoints", "touchpoints", (int64_t)rs->n_touchpoints,
		                 JOURNEY_TOUCHPOINTS_MAX, "%zu touchpoints are more than a map can have",
		                 rs->n_touchpoints);
	if (rs->n_steps > JOURNEY_STEPS_MAX)
		return err_limit(err, "map.steps", "steps", (int64_t)rs->n_steps, JOURNEY_STEPS_MAX,
		                 "%zu steps are more than a map can have", rs->n_steps);
	p->n_touchpoints = rs->n_touchpoints;
	p->n_steps = rs->n_steps;

	uint16_t *step = ARENA_ARRAY(a, uint16_t, rs->n_touchpoints + 1);
	struct rule *rules = ARENA_ARRAY(a, struct rule, rs->n_rules);
	uint16_t *kind_code = ARENA_ARRAY(a, uint16_t, s->n_kinds);
	uint16_t *event_code = ARENA_ARRAY(a, uint16_t, s->events.n);
	if (!step || !rules || !kind_code || !event_code) return err_no_memory(err);
	for (size_t i = 0; i < rs->n_touchpoints; i++) {
		step[i + 1] = rs->touchpoints[i].step;
		if (step[i + 1] >= rs->n_steps)
			return err_set(err, ERR_INPUT, "map.step", "step",
			               "touchpoint " STR_FMT " is in step %u of %zu", STR_ARG(rs->touchpoints[i].key),
			               step[i + 1], rs->n_steps);
	}
	for (size_t i = 0; i < rs->n_rules; i++) {
		const struct journey_rule *r = &rs->rules[i];
		if (r->touchpoint < 1 || r->touchpoint > rs->n_touchpoints || r->n_conditions > JOURNEY_CONDITIONS_MAX)
			return err_set(err, ERR_INPUT, "map.rule", "rules", "rule %zu is for touchpoint %u of %zu", i,
			               r->touchpoint, rs->n_touchpoints);
		rules[i].touchpoint = r->touchpoint;
		rules[i].event = r->event.len ? journey_word_find(&s->events, r->event) : RULE_ANY;
		rules[i].channel = r->channel.len ? journey_word_find(&s->channels, r->channel) : RULE_ANY;
		for (size_t k = 0; k < r->n_conditions; k++) {
			const struct test t = compile_test(s, &r->conditions[k]);
			if (t.where == TEST_DIMENSION) rules[i].tests[rules[i].n_tests++] = t;
		}
		const uint32_t e = rules[i].event;
		if (e < s->events.n && event_code[e] == 0) event_code[e] = r->touchpoint;
	}
	p->step = step;
	p->rules = rules;
	p->n_rules = rs->n_rules;
	p->kind_code = kind_code;
	p->event_code = event_code;
	return compile_kinds(p, kind_code, a, err);
}

enum err_code journey_plan_new(const struct journey_query *q, const struct journey_schema *s, struct arena *a,
                               struct journey_plan **out, struct err *err)
{
	if (q->from_ms >= q->to_ms)
		return err_set(err, ERR_INPUT, "query.period", "to", "the period ends before it begins");
	if (q->n_filters > JOURNEY_FILTERS_MAX)
		return err_limit(err, "query.filters", "filter", (int64_t)q->n_filters, JOURNEY_FILTERS_MAX,
		                 "too many filters");
	if (q->by == JOURNEY_BY_INSTANCE && q->instance.cut == JOURNEY_CUT_GAP && q->instance.gap_ms <= 0)
		return err_set(err, ERR_INPUT, "query.gap", "gap", "the gap between instances must be longer than 0");

	struct journey_plan *p = ARENA_NEW(a, struct journey_plan);
	if (!p) return err_no_memory(err);
	p->q = q;
	p->s = s;
	p->split = SPLIT_NONE;
	p->always = q->from_ms == INT64_MIN && q->to_ms == INT64_MAX;
	p->by_row = q->by == JOURNEY_BY_CUSTOMER;
	p->cut = p->by_row ? JOURNEY_CUT_CUSTOMER : q->instance.cut;
	p->ends_at_goal = !p->by_row && q->instance.ends_at_goal && q->rules;
	if (p->cut == JOURNEY_CUT_KEY) {
		p->key = dimension_find(s, q->instance.key);
		if (p->key == UINT32_MAX)
			return err_set(err, ERR_INPUT, "query.key", "case",
			               "\"" STR_FMT "\" is not a declared property", STR_ARG(q->instance.key));
	}
	TRY(compile_filters(p, a, err));
	if (q->rules) TRY(compile_rules(p, a, err));
	*out = p;
	return OK;
}

const struct journey_query *journey_plan_query(const struct journey_plan *p)
{
	return p->q;
}

uint32_t activities_of(const struct journey_plan *p)
{
	return p->q->rules ? (uint32_t)p->n_touchpoints + 1 : p->s->events.n;
}

struct str activity_name(const struct journey_plan *p, uint32_t code)
{
	if (!p->q->rules) return journey_word(&p->s->events, code);
	return code ? p->q->rules->touchpoints[code - 1].key : STR("(other)");
}

enum { SPLIT_MAX = 60000 };

static uint16_t code_by_rules(const struct journey_plan *p, const struct journey_columns *c, uint32_t row)
{
	for (const uint16_t *i = p->kind_rules[c->kind[row]]; *i != NO_RULE; i++) {
		const struct rule *r = &p->rules[*i];
		bool fits = true;
		for (size_t t = 0; t < r->n_tests && fits; t++) fits = test_row(&r->tests[t], c, row);
		if (fits) return r->touchpoint;
	}
	return 0;
}

static void fill_rules(const struct journey_plan *p, const struct journey_columns *c, uint16_t *out)
{
	const uint16_t *code = p->kind_code, *kind = c->kind;
	bool residual = false;
	for (uint32_t i = 0; i < c->n_rows; i++) {
		out[i] = code[kind[i]];
		residual |= out[i] == CODE_BY_ROW;
	}
	if (!residual) return;
	for (uint32_t i = 0; i < c->n_rows; i++)
		if (out[i] == CODE_BY_ROW) out[i] = code_by_rules(p, c, i);
}

enum err_code journey_plan_split(const struct journey_plan *p, struct str dimension, struct arena *a,
                                 struct journey_plan **out, uint32_t *n_values, struct err *err)
{
	const struct journey_schema *s = p->s;
	struct journey_plan *n = ARENA_NEW(a, struct journey_plan);
	if (!n) return err_no_memory(err);
	*n = *p;
	n->n_split = 1;
	if (str_eq(dimension, STR("channel"))) {
		n->split = SPLIT_CHANNEL;
		n->n_split = s->channels.n;
	} else if (dimension.len) {
		n->split = dimension_find(s, dimension);
		if (n->split == UINT32_MAX)
			return err_set(err, ERR_INPUT, "query.dimension", "by",
			               "\"" STR_FMT "\" is not a declared property", STR_ARG(dimension));
		n->n_split = s->dimensions[n->split].words.n;
	}
	const size_t base = p->q->rules ? p->n_touchpoints : s->events.n;
	if (base * n->n_split > SPLIT_MAX)
		return err_limit(err, "query.split", "by", (int64_t)(base * n->n_split), SPLIT_MAX,
		                 "%zu touchpoints by %u values are too many", base, n->n_split);
	uint16_t *step = ARENA_ARRAY(a, uint16_t, base * n->n_split + 1);
	if (!step) return err_no_memory(err);
	for (size_t i = 0; i < base * n->n_split; i++) step[i + 1] = p->q->rules ? p->step[i / n->n_split + 1] : 0;
	n->step = step;
	n->n_touchpoints = base * n->n_split;
	if (!p->q->rules) n->n_steps = 1;
	*n_values = n->n_split;
	*out = n;
	return OK;
}

static void fill_split(const struct journey_plan *p, const struct journey_columns *c, uint16_t *out)
{
	for (uint32_t i = 0; i < c->n_rows; i++) {
		const struct journey_kind *k = &p->s->kinds[c->kind[i]];
		const uint32_t base = p->q->rules ? out[i] : k->event;
		const uint32_t value = p->split == SPLIT_NONE       ? 0
		                       : p->split == SPLIT_CHANNEL  ? k->channel
		                       : p->split < c->n_dimensions ? journey_code(c->dimensions[p->split], i)
		                                                    : 0;
		out[i] = base ? (uint16_t)((base - 1) * p->n_split + value + 1) : 0;
	}
}

void journey_fill(const struct journey_plan *p, const struct journey_columns *c, uint16_t *out)
{
	if (!p->q->rules && !p->n_split) {
		for (uint32_t i = 0; i < c->n_rows; i++) out[i] = p->s->kinds[c->kind[i]].event;
		return;
	}
	if (p->q->rules) fill_rules(p, c, out);
	if (p->n_split) fill_split(p, c, out);
}

uint16_t journey_kind_touchpoint(const struct journey_plan *p, struct journey_kind k)
{
	for (size_t i = 0; p->q->rules && i < p->n_rules; i++)
		if (rule_may_match(&p->q->rules->rules[i], &p->rules[i], p->s, &k)) return p->rules[i].touchpoint;
	return 0;
}
