/*
 * Funnels. A plain case takes two looks: how deep it gets, by the latest
 * start that each step could be met with (one table look-up a row), and only
 * when a second step was met, the attempt itself. Both are linear: the
 * places of the next events never move back as the start moves on.
 */
#include "journey/priv.h"

const char *const journey_funnel_order_names[JOURNEY_FUNNEL_ORDERS] = { "later", "strict", "any" };

enum { STEPS_MAX = JOURNEY_FUNNEL_STEPS_MAX, NO_RANK = UINT8_MAX };
#define NOWHERE UINT32_MAX
#define EXCLUDED ((uint32_t)1 << 31) /* in bits: of no step, ends attempts */

struct journey_funnel_plan {
	const struct journey_plan *p;
	const struct journey_funnel_query *q;
	uint32_t n_codes;
	const uint32_t *bits; /* [code]: steps that it is of, EXCLUDED */
	const uint8_t
	        *rank; /* [code]: place of its one required step among the required; NULL when it is not so plain */
	uint8_t required[STEPS_MAX];
	int n_required;
	uint32_t required_mask;
	bool detailed; /* a first step alone is worth a look at the attempt */
	struct dimension by;
	uint32_t value; /* of the figure */
};

/* --- compiling ------------------------------------------------------------------------------------- */

static enum err_code mark(const struct journey_funnel_plan *f, const struct str *names, size_t n, const char *field,
                          uint32_t bit, uint32_t *bits, struct err *err)
{
	if (n > JOURNEY_FUNNEL_NAMES_MAX)
		return err_limit(err, "funnel.names", field, (int64_t)n, JOURNEY_FUNNEL_NAMES_MAX,
		                 "at most %d names go together", JOURNEY_FUNNEL_NAMES_MAX);
	for (size_t i = 0; i < n; i++) {
		uint32_t code;
		TRY(activity_find(f->p, names[i], field, &code, err));
		const bool step = bits[code] & ~EXCLUDED;
		if (step && (bit == EXCLUDED || f->q->order == JOURNEY_FUNNEL_ANY) && !(bits[code] & bit))
			return err_set(err, ERR_INPUT, bit == EXCLUDED ? "funnel.excluded" : "funnel.twice", field,
			               bit == EXCLUDED ? "\"" STR_FMT "\" is a step, so it cannot be excluded"
			                               : "\"" STR_FMT
			                                 "\" is in two steps; in any order each has its own",
			               STR_ARG(names[i]));
		bits[code] |= bit;
	}
	return OK;
}

static enum err_code mark_steps(struct journey_funnel_plan *f, uint32_t *bits, struct err *err)
{
	const struct journey_funnel_query *q = f->q;
	for (size_t i = 0; i < q->n_steps; i++) {
		if (q->steps[i].n_names == 0)
			return err_set(err, ERR_INPUT, "funnel.step", "steps", "step %zu has no name", i + 1);
		TRY(mark(f, q->steps[i].names, q->steps[i].n_names, "steps", (uint32_t)1 << i, bits, err));
		if (q->steps[i].optional) continue;
		f->required[f->n_required++] = (uint8_t)i;
		f->required_mask |= (uint32_t)1 << i;
	}
	return mark(f, q->exclude, q->n_exclude, "exclude", EXCLUDED, bits, err);
}

/* The table of the plain loop, when every activity is of one required step at most and none is excluded. */
static void rank_codes(struct journey_funnel_plan *f, uint8_t *rank)
{
	if (f->q->order != JOURNEY_FUNNEL_LATER || f->q->n_exclude) return;
	for (uint32_t c = 0; c < f->n_codes; c++) {
		const uint32_t steps = f->bits[c] & f->required_mask;
		rank[c] = NO_RANK;
		for (int k = 0; k < f->n_required; k++)
			if (steps >> f->required[k] & 1) rank[c] = (uint8_t)k;
		if (steps & (steps - 1)) return;
	}
	f->rank = rank;
}

static enum err_code check(const struct journey_funnel_query *q, struct err *err)
{
	if (q->n_steps < 1 || q->n_steps > STEPS_MAX)
		return err_limit(err, "funnel.steps", "steps", (int64_t)q->n_steps, STEPS_MAX,
		                 "a funnel has 1 to %d steps", STEPS_MAX);
	if (q->steps[0].optional)
		return err_set(err, ERR_INPUT, "funnel.first", "steps", "the first step cannot be optional");
	if (q->window_ms <= 0)
		return err_set(err, ERR_INPUT, "funnel.window", "window", "the window has to be longer than nothing");
	if (q->people && q->step >= q->n_steps)
		return err_set(err, ERR_INPUT, "funnel.figure", "step", "the funnel has %zu steps, counted from 0",
		               q->n_steps);
	if (q->people && q->of_value && !q->by.len)
		return err_set(err, ERR_INPUT, "funnel.group", "value", "there are no groups without \"by\"");
	return OK;
}

enum err_code journey_funnel_plan(const struct journey_plan *p, const struct journey_funnel_query *q, struct arena *a,
                                  struct journey_funnel_plan **out, struct err *err)
{
	TRY(check(q, err));
	struct journey_funnel_plan *f = arena_alloc(a, sizeof *f);
	if (!f) return err_no_memory(err);
	*f = (struct journey_funnel_plan){ .p = p, .q = q, .n_codes = activities_of(p) };
	uint32_t *bits = ARENA_ARRAY(a, uint32_t, f->n_codes);
	uint8_t *rank = ARENA_ARRAY(a, uint8_t, f->n_codes);
	if (!bits || !rank) return err_no_memory(err);
	memset(bits, 0, f->n_codes * sizeof *bits);
	TRY(mark_steps(f, bits, err));
	f->bits = bits;
	rank_codes(f, rank);
	if (q->by.len) TRY(dimension_by_name(p, q->by, "by", &f->by, err));
	if (q->people && q->of_value) {
		f->value = journey_word_find(f->by.words, q->value);
		if (f->value == UINT32_MAX)
			return err_set(err, ERR_INPUT, "funnel.value", "value", "nothing has the value \"" STR_FMT "\"",
			               (int)(q->value.len < 80 ? q->value.len : 80), q->value.ptr);
	}
	f->detailed = q->by.len || q->people || (size_t)f->n_required < q->n_steps;
	*out = f;
	return OK;
}

/* --- how deep ---------------------------------------------------------------------------------------- */

/* Required steps that the best attempt meets. start[k]: the latest start with which step k could be met. */
static int depth_plain(const struct journey_funnel_plan *f, const struct span *s)
{
	int64_t start[STEPS_MAX];
	const int64_t window = f->q->window_ms;
	const uint8_t *rank = f->rank;
	int depth = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		const int k = rank[s->code[i]];
		if (k > depth) continue; /* of no step, or of one that cannot be met yet */
		if (k == 0) {
			start[0] = s->at_ms[i];
			depth += depth == 0;
		} else if (s->at_ms[i] - start[k - 1] <= window) {
			start[k] = start[k - 1];
			if (depth == k && ++depth == f->n_required) break;
		}
	}
	return depth;
}

/* The same when an event may be of several steps (it is taken for one: later ones first), or end attempts. */
static int depth_later(const struct journey_funnel_plan *f, const struct span *s)
{
	int64_t start[STEPS_MAX];
	int depth = 0, live = 0; /* steps that an attempt still open has met */
	for (uint32_t i = 0; i < s->n && depth < f->n_required; i++) {
		const uint32_t bits = f->bits[s->code[i]];
		if (bits & EXCLUDED) live = 0;
		for (int k = live < f->n_required ? live : f->n_required - 1; k >= 0; k--) {
			if (!(bits >> f->required[k] & 1)) continue;
			if (k && s->at_ms[i] - start[k - 1] > f->q->window_ms) continue;
			start[k] = k ? start[k - 1] : s->at_ms[i];
			if (live == k) live++;
		}
		if (live > depth) depth = live;
	}
	return depth;
}

/* --- the attempt ----------------------------------------------------------------------------------------- */

struct attempt {
	uint32_t met;           /* steps, as bits */
	uint32_t at[STEPS_MAX]; /* place of the event that met it */
};

static uint32_t next_of(const struct journey_funnel_plan *f, const struct span *s, uint32_t bit, uint32_t from)
{
	while (from < s->n && !(f->bits[s->code[from]] & bit)) from++;
	return from < s->n ? from : NOWHERE;
}

static void meet(struct attempt *t, unsigned step, uint32_t at)
{
	t->met |= (uint32_t)1 << step;
	t->at[step] = at;
}

/* The first place behind an attempt: past its window, or of an event that ends it. */
static uint32_t attempt_end(const struct journey_funnel_plan *f, const struct span *s, uint32_t first)
{
	uint32_t i = first + 1;
	while (i < s->n && s->at_ms[i] - s->at_ms[first] <= f->q->window_ms && !(f->bits[s->code[i]] & EXCLUDED)) i++;
	return i;
}

/* Optional steps between the required ones: the first event behind the step met before and ahead of the next one. */
static void meet_optional(const struct journey_funnel_plan *f, const struct span *s, struct attempt *t)
{
	const uint32_t end = attempt_end(f, s, t->at[0]);
	uint32_t from = t->at[0] + 1;
	for (unsigned step = 1; step < f->q->n_steps; step++) {
		if (!f->q->steps[step].optional) {
			if (!(t->met >> step & 1)) return;
			from = t->at[step] + 1;
			continue;
		}
		unsigned ahead = step + 1;
		while (ahead < f->q->n_steps && f->q->steps[ahead].optional) ahead++;
		const bool closed = ahead < f->q->n_steps && t->met >> ahead & 1;
		const uint32_t at = next_of(f, s, (uint32_t)1 << step, from);
		if (at >= (closed ? t->at[ahead] : end)) continue;
		meet(t, step, at);
		from = at + 1;
	}
}

/* The first attempt that meets `depth` required steps, each by the first event that can. */
static void attempt_later(const struct journey_funnel_plan *f, const struct span *s, int depth, struct attempt *t)
{
	uint32_t at[STEPS_MAX] = { 0 }, ended = 0;
	for (uint32_t from = 0;; from = at[0] + 1) {
		at[0] = next_of(f, s, 1, from);
		for (int k = 1; k < depth; k++)
			if (at[k] <= at[k - 1]) at[k] = next_of(f, s, (uint32_t)1 << f->required[k], at[k - 1] + 1);
		if (f->q->n_exclude && ended <= at[0]) ended = next_of(f, s, EXCLUDED, at[0] + 1);
		const uint32_t last = at[depth - 1];
		if (s->at_ms[last] - s->at_ms[at[0]] <= f->q->window_ms && (!f->q->n_exclude || last < ended)) break;
	}
	t->met = 0;
	for (int k = 0; k < depth; k++) meet(t, f->required[k], at[k]);
	if (f->n_required < (int)f->q->n_steps) meet_optional(f, s, t);
}

/* Row by row from a start: each is the next required step, else an optional one ahead of it, else it is the end. */
static int walk_strict(const struct journey_funnel_plan *f, const struct span *s, uint32_t first, struct attempt *t)
{
	unsigned step = 0; /* the last one met */
	int k = 1;
	t->met = 0;
	meet(t, 0, first);
	for (uint32_t i = first + 1; i < s->n && s->at_ms[i] - s->at_ms[first] <= f->q->window_ms; i++) {
		const uint32_t bits = f->bits[s->code[i]];
		const unsigned next = k < f->n_required ? f->required[k] : (unsigned)f->q->n_steps;
		if (k < f->n_required && bits >> next & 1) {
			step = next;
			k++;
		} else {
			do step++;
			while (step < next && !(bits >> step & 1));
			if (step == next) break;
		}
		meet(t, step, i);
	}
	return k;
}

static int attempt_strict(const struct journey_funnel_plan *f, const struct span *s, struct attempt *best)
{
	int depth = 0;
	for (uint32_t i = next_of(f, s, 1, 0); i != NOWHERE && depth < f->n_required; i = next_of(f, s, 1, i + 1)) {
		struct attempt t;
		const int k = walk_strict(f, s, i, &t);
		if (k <= depth) continue;
		depth = k;
		*best = t;
	}
	return depth;
}

/* Each step by its first event after the start; depth is how many required steps in a row, from the first, are met. */
static int attempt_any(const struct journey_funnel_plan *f, const struct span *s, struct attempt *best)
{
	uint32_t at[STEPS_MAX] = { 0 }, ended = 0;
	int depth = 0;
	for (at[0] = next_of(f, s, 1, 0); at[0] != NOWHERE && depth < f->n_required;
	     at[0] = next_of(f, s, 1, at[0] + 1)) {
		struct attempt t = { 0 };
		meet(&t, 0, at[0]);
		if (ended <= at[0]) ended = f->q->n_exclude ? next_of(f, s, EXCLUDED, at[0] + 1) : NOWHERE;
		for (unsigned step = 1; step < f->q->n_steps; step++) {
			if (at[step] <= at[0]) at[step] = next_of(f, s, (uint32_t)1 << step, at[0] + 1);
			if (at[step] == NOWHERE || at[step] > ended) continue;
			if (s->at_ms[at[step]] - s->at_ms[at[0]] <= f->q->window_ms) meet(&t, step, at[step]);
		}
		int k = 1;
		while (k < f->n_required && t.met >> f->required[k] & 1) k++;
		/* A step behind one that is missing was not reached. */
		if (k < f->n_required) t.met &= ((uint32_t)1 << f->required[k]) - 1;
		if (k <= depth) continue;
		depth = k;
		*best = t;
	}
	return depth;
}

/* --- counting ------------------------------------------------------------------------------------------------ */

struct sums { /* of all cases, or of one group */
	int64_t cases[STEPS_MAX], customers[STEPS_MAX], lost[STEPS_MAX], lost_customers[STEPS_MAX];
	struct journey_durations from_start[STEPS_MAX], from_previous[STEPS_MAX];
	uint32_t serial, met, stopped; /* of the customer at hand: what counted already */
};

struct funnel {
	const struct journey_funnel_plan *f;
	struct sums all;
	struct sums **groups; /* [value code] */
	struct journey_set *people;
	int64_t n_cases, n_customers;
	uint32_t serial;
	struct cases cs;
	bool failed;
};

static void sums_done(struct sums *u)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		journey_durations_done(&u->from_start[i]);
		journey_durations_done(&u->from_previous[i]);
	}
}

static void funnel_free(void *pass)
{
	struct funnel *x = pass;
	if (!x) return;
	for (uint32_t v = 0; x->groups && v < x->f->by.words->n; v++) {
		if (x->groups[v]) sums_done(x->groups[v]);
		free(x->groups[v]);
	}
	free(x->groups);
	sums_done(&x->all);
	journey_set_free(x->people);
	cases_done(&x->cs);
	free(x);
}

static void *funnel_make(const struct journey_plan *p, const void *what)
{
	const struct journey_funnel_plan *f = what;
	struct funnel *x = calloc(1, sizeof *x);
	if (!x) return NULL;
	x->f = f;
	if (f->q->by.len) x->groups = calloc(f->by.words->n, sizeof(struct sums *));
	if (f->q->people) x->people = journey_set_new();
	if ((!f->q->by.len || x->groups) && (!f->q->people || x->people)) return x;
	funnel_free(x);
	return NULL;
}

static void count_step(struct sums *u, unsigned step, bool stopped)
{
	const uint32_t bit = (uint32_t)1 << step;
	u->cases[step]++;
	u->customers[step] += !(u->met & bit);
	u->met |= bit;
	if (!stopped) return;
	u->lost[step]++;
	u->lost_customers[step] += !(u->stopped & bit);
	u->stopped |= bit;
}

static void customer_begins(struct sums *u, uint32_t serial)
{
	if (u->serial == serial) return;
	u->serial = serial;
	u->met = u->stopped = 0;
}

static bool complete(const struct journey_funnel_plan *f, uint32_t met)
{
	return (met & f->required_mask) == f->required_mask;
}

static unsigned last_step(uint32_t met)
{
	return 31u - (unsigned)__builtin_clz(met);
}

/* A step counts from the moment that it and those before it were met; only in any order that is not its own event. */
static void count_attempt(struct sums *u, const struct journey_funnel_plan *f, const struct span *s,
                          const struct attempt *t)
{
	const int64_t first = s->at_ms[t->at[0]];
	int64_t before = first;
	const bool done = complete(f, t->met);
	const unsigned last = last_step(t->met);
	for (unsigned step = 0; step <= last; step++) {
		if (!(t->met >> step & 1)) continue;
		count_step(u, step, step == last && !done);
		if (step == 0) continue;
		const int64_t own = s->at_ms[t->at[step]], now = own > before ? own : before;
		journey_durations_add(&u->from_start[step], now - first);
		journey_durations_add(&u->from_previous[step], now - before);
		before = now;
	}
}

static bool is_figure(const struct journey_funnel_plan *f, const struct attempt *t, uint32_t value)
{
	if (f->q->of_value && value != f->value) return false;
	if (f->q->lost) return last_step(t->met) == f->q->step && !complete(f, t->met);
	return t->met >> f->q->step & 1;
}

static void attempt_counts(struct funnel *x, const struct journey_columns *c, uint32_t customer, const struct span *s,
                           const struct attempt *t)
{
	const struct journey_funnel_plan *f = x->f;
	uint32_t value = 0;
	count_attempt(&x->all, f, s, t);
	if (x->groups) {
		value = dimension_code(&f->by, c, span_row(s, t->at[0]));
		struct sums **u = &x->groups[value];
		if (!*u) *u = calloc(1, sizeof **u);
		if (!*u) {
			x->failed = true;
			return;
		}
		customer_begins(*u, x->serial);
		count_attempt(*u, f, s, t);
	}
	if (x->people && is_figure(f, t, value)) journey_set_add(x->people, customer);
}

static void case_counts(struct funnel *x, const struct journey_columns *c, uint32_t customer, const struct span *s)
{
	const struct journey_funnel_plan *f = x->f;
	struct attempt t;
	int depth;
	switch (f->q->order) {
	case JOURNEY_FUNNEL_STRICT: depth = attempt_strict(f, s, &t); break;
	case JOURNEY_FUNNEL_ANY: depth = attempt_any(f, s, &t); break;
	default:
		depth = f->rank ? depth_plain(f, s) : depth_later(f, s);
		if (depth == 1 && !f->detailed) {
			count_step(&x->all, 0, f->n_required > 1);
			return;
		}
		if (depth) attempt_later(f, s, depth, &t);
	}
	if (depth) attempt_counts(x, c, customer, s, &t);
}

static void funnel_add(void *pass, const struct journey_columns *c)
{
	struct funnel *x = pass;
	for (uint32_t i = 0; i < c->n_customers; i++) {
		if (journey_dead(c, i)) continue;
		const uint32_t n = spans_cut(x->f->p, c, i, &x->cs);
		if (n == 0) continue;
		x->n_cases += n;
		x->n_customers++;
		customer_begins(&x->all, ++x->serial);
		for (uint32_t k = 0; k < n; k++) {
			const struct span s = spans_get(&x->cs, k);
			case_counts(x, c, c->customer[i], &s);
		}
	}
}

static void sums_merge(struct sums *u, const struct sums *from)
{
	for (int i = 0; i < STEPS_MAX; i++) {
		u->cases[i] += from->cases[i];
		u->customers[i] += from->customers[i];
		u->lost[i] += from->lost[i];
		u->lost_customers[i] += from->lost_customers[i];
		journey_durations_merge(&u->from_start[i], &from->from_start[i]);
		journey_durations_merge(&u->from_previous[i], &from->from_previous[i]);
	}
}

static void funnel_merge(void *pass, void *other)
{
	struct funnel *x = pass, *from = other;
	x->failed |= from->failed || from->cs.failed;
	x->n_cases += from->n_cases;
	x->n_customers += from->n_customers;
	sums_merge(&x->all, &from->all);
	for (uint32_t v = 0; x->groups && v < x->f->by.words->n; v++) {
		if (!from->groups[v]) continue;
		if (x->groups[v]) {
			sums_merge(x->groups[v], from->groups[v]);
			continue;
		}
		x->groups[v] = from->groups[v];
		from->groups[v] = NULL;
	}
	if (x->people) journey_set_or(x->people, from->people);
}

const struct journey_pass journey_funnel_pass = {
	.make = funnel_make, .add = funnel_add, .merge = funnel_merge, .free = funnel_free
};

const struct journey_set *journey_funnel_people(const void *pass)
{
	const struct funnel *x = pass;
	return x->people;
}

/* --- results ----------------------------------------------------------------------------------------------------- */

static enum err_code steps_result(const struct journey_funnel_plan *f, const struct sums *u, struct arena *a,
                                  struct journey_funnel_stat **out, struct err *err)
{
	struct journey_funnel_stat *r = ARENA_ARRAY(a, struct journey_funnel_stat, f->q->n_steps);
	if (!r) return err_no_memory(err);
	size_t before = 0; /* the nearest required step */
	for (size_t i = 0; i < f->q->n_steps; i++) {
		if (u->from_start[i].failed || u->from_previous[i].failed) return err_no_memory(err);
		r[i] = (struct journey_funnel_stat){ .cases = u->cases[i],
			                             .customers = u->customers[i],
			                             .lost = u->lost[i],
			                             .lost_customers = u->lost_customers[i] };
		TRY(stats_proportion(u->cases[i], u->cases[0], &r[i].share, err));
		TRY(stats_proportion(u->cases[i], u->cases[before], &r[i].step_share, err));
		stats_mark(&r[i].share);
		stats_mark(&r[i].step_share);
		journey_durations_times(&u->from_start[i], &r[i].from_start);
		journey_durations_times(&u->from_previous[i], &r[i].from_previous);
		if (!f->q->steps[i].optional) before = i;
	}
	*out = r;
	return OK;
}

struct ranked {
	struct str value;
	const struct sums *u;
};

static int by_cases_then_value(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->u->cases[0] != y->u->cases[0]) return x->u->cases[0] > y->u->cases[0] ? -1 : 1;
	return str_cmp(x->value, y->value);
}

static enum err_code groups_result(const struct funnel *x, struct arena *a, struct journey_funnel *out, struct err *err)
{
	const struct journey_words *words = x->f->by.words;
	struct ranked *order = ARENA_ARRAY(a, struct ranked, words->n);
	if (!order) return err_no_memory(err);
	for (uint32_t v = 0; v < words->n; v++)
		if (x->groups[v]) order[out->n_values++] = (struct ranked){ journey_word(words, v), x->groups[v] };
	qsort(order, out->n_values, sizeof *order, by_cases_then_value);
	out->n_groups = out->n_values < JOURNEY_FUNNEL_GROUPS_MAX ? out->n_values : JOURNEY_FUNNEL_GROUPS_MAX;
	out->groups = ARENA_ARRAY(a, struct journey_funnel_group, out->n_groups);
	if (!out->groups) return err_no_memory(err);
	for (size_t i = 0; i < out->n_groups; i++) {
		out->groups[i].value = str_copy(a, order[i].value);
		TRY(steps_result(x->f, order[i].u, a, &out->groups[i].steps, err));
	}
	return OK;
}

enum err_code journey_funnel_result(const void *pass, struct arena *a, struct journey_funnel *out, struct err *err)
{
	const struct funnel *x = pass;
	struct journey_funnel r = { .cases = x->n_cases, .customers = x->n_customers, .n_steps = x->f->q->n_steps };
	if (x->failed || x->cs.failed) return err_no_memory(err);
	TRY(steps_result(x->f, &x->all, a, &r.steps, err));
	if (x->groups) TRY(groups_result(x, a, &r, err));
	*out = r;
	return OK;
}
