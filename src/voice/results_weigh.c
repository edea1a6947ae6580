/*
 * Weights of the answers: the groups of the people and of the answers are
 * counted, those that cannot stand for anybody are told, and the rest is
 * raked. The method is stats/weight.c's.
 */
#include <math.h>

#include "voice/results_priv.h"

const char *const voice_divide_names[VOICE_DIVIDES] = { "channel", "language", "unit", "segment" };
const char *const voice_weights_names[VOICE_WEIGHTS_STATES] = { "none", "made",       "empty",  "few",      "unknown",
	                                                        "many", "contradict", "chance", "employees" };
static const struct str sides[2] = { { "false", 5 }, { "true", 4 } };

#define OUTSIDE UINT32_MAX /* in place of an answer's place among the people */

struct weighing {
	struct work *w;
	const struct voice_weigh *ask;
	struct voice_weighting *out;
	struct asked *asked;
	size_t n_asked, n_answers;
	struct tally groups[VOICE_DIVISIONS_MAX]; /* by value: how many people */
	uint32_t *place;                          /* [n_answers] among those asked, or any number; or OUTSIDE */
	uint32_t *cell[VOICE_DIVISIONS_MAX];      /* [n_answers] */
	double *start;                            /* [n_answers] weights before the groups are looked at */
};

static enum err_code stop(struct weighing *k, enum voice_weights why, int margin, int cell)
{
	k->out->state = why;
	k->out->at_margin = margin, k->out->at_cell = cell;
	return OK;
}

static struct str value_of(const struct voice_division *d, const struct asked *x)
{
	return d->by == VOICE_BY_SEGMENT ? sides[d->takes(d->ctx, x->customer)] : x->of[d->by];
}

static uint32_t cell_of(const struct tally *t, struct str value)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->all[i].value, value)) return (uint32_t)i;
	return 0;
}

/* --- counting ------------------------------------------------------------------------------------------- */

static enum err_code count_people(struct weighing *k, struct err *err)
{
	struct arena *a = k->w->a;
	k->out->people = k->out->invited ? (int64_t)k->n_asked : k->ask->customers;
	for (size_t d = 0; d < k->ask->n_divisions; d++) {
		const struct voice_division *by = &k->ask->divisions[d];
		for (size_t i = 0; i < k->n_asked; i++)
			if (!results_tally_add(&k->groups[d], value_of(by, &k->asked[i]), a)) return err_no_memory(err);
		if (k->out->invited) continue;
		for (int side = 0; side < 2; side++) {
			struct count *c = results_count(&k->groups[d], sides[side], a);
			if (!c) return err_no_memory(err);
			c->n = side ? by->members : k->ask->customers - by->members;
		}
	}
	return OK;
}

static uint32_t place_of(const struct weighing *k, const struct given *g)
{
	size_t lo = 0, hi = k->n_asked;
	if (!k->out->invited) return g->customer.len ? 0 : OUTSIDE;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (k->asked[mid].token < g->token) lo = mid + 1;
		else hi = mid;
	}
	return lo < k->n_asked && k->asked[lo].token == g->token ? (uint32_t)lo : OUTSIDE;
}

static enum err_code place_answers(struct weighing *k, struct err *err)
{
	const struct given *given = results_given(k->w);
	const size_t n = k->n_answers;
	k->place = ARENA_ARRAY(k->w->a, uint32_t, n + 1);
	k->start = ARENA_ARRAY(k->w->a, double, n + 1);
	if (!k->place || !k->start) return err_no_memory(err);
	for (size_t d = 0; d < k->ask->n_divisions; d++)
		if (!(k->cell[d] = ARENA_ARRAY(k->w->a, uint32_t, n + 1))) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		k->place[i] = place_of(k, &given[i]);
		k->start[i] = 1;
		if (k->place[i] == OUTSIDE) continue;
		for (size_t d = 0; d < k->ask->n_divisions; d++) {
			const struct voice_division *by = &k->ask->divisions[d];
			const struct asked open = { .customer = given[i].customer };
			const struct asked *x = k->out->invited ? &k->asked[k->place[i]] : &open;
			k->cell[d][i] = cell_of(&k->groups[d], value_of(by, x));
		}
	}
	return OK;
}

/* --- groups -------------------------------------------------------------------------------------------------- */

/* Answers of each group, of those that are not outside. */
static void count_answers(struct weighing *k)
{
	k->out->answers = k->out->outside = 0;
	for (size_t d = 0; d < k->out->n_margins; d++)
		for (size_t c = 0; c < k->out->margins[d].n; c++) k->out->margins[d].cells[c].answers = 0;
	for (size_t i = 0; i < k->n_answers; i++) {
		if (k->place[i] == OUTSIDE) {
			k->out->outside++;
			continue;
		}
		k->out->answers++;
		for (size_t d = 0; d < k->out->n_margins; d++) k->out->margins[d].cells[k->cell[d][i]].answers++;
	}
}

/* Too small a part of the people to be worth asking after; its answers are nobody's. */
static bool leave_out(struct weighing *k)
{
	bool any = false;
	for (size_t d = 0; d < k->out->n_margins; d++)
		for (size_t c = 0; c < k->out->margins[d].n; c++) {
			struct voice_cell *x = &k->out->margins[d].cells[c];
			const double share = k->out->people ? (double)x->people / (double)k->out->people : 0;
			if (x->left_out || x->answers >= VOICE_CELL_MIN || !(share < VOICE_CELL_SHARE_MIN)) continue;
			x->left_out = any = true;
		}
	for (size_t i = 0; i < k->n_answers && any; i++)
		for (size_t d = 0; d < k->out->n_margins && k->place[i] != OUTSIDE; d++)
			if (k->out->margins[d].cells[k->cell[d][i]].left_out) k->place[i] = OUTSIDE;
	return any;
}

static enum err_code make_groups(struct weighing *k, struct err *err)
{
	k->out->margins = ARENA_ARRAY(k->w->a, struct voice_margin, k->ask->n_divisions + 1);
	if (!k->out->margins) return err_no_memory(err);
	for (size_t d = 0; d < k->ask->n_divisions; d++) {
		const struct tally *t = &k->groups[d];
		struct voice_margin *m = &k->out->margins[k->out->n_margins++];
		*m = (struct voice_margin){ k->ask->divisions[d].by, k->ask->divisions[d].segment,
			                    ARENA_ARRAY(k->w->a, struct voice_cell, t->n + 1), t->n };
		if (!m->cells) return err_no_memory(err);
		for (size_t c = 0; c < t->n; c++)
			m->cells[c] = (struct voice_cell){ .value = t->all[c].value, .people = t->all[c].n };
	}
	count_answers(k);
	if (leave_out(k)) count_answers(k);
	return OK;
}

/* Whether each group that is left can stand for its people. */
static enum err_code check_groups(struct weighing *k)
{
	if (k->out->answers < VOICE_WEIGHED_MIN) stop(k, VOICE_WEIGHTS_FEW, -1, -1);
	for (int d = 0; d < (int)k->out->n_margins; d++)
		for (int c = 0; c < (int)k->out->margins[d].n; c++) {
			const struct voice_cell *x = &k->out->margins[d].cells[c];
			if (x->left_out || x->answers >= VOICE_CELL_MIN) continue;
			return stop(k, x->answers ? VOICE_WEIGHTS_FEW : VOICE_WEIGHTS_EMPTY, d, c);
		}
	return OK;
}

/* --- chances of answering ------------------------------------------------------------------------------------- */

struct rank { /* of a row of people among all rows */
	struct voice_person person;
	size_t row;
};

static int by_customer(const void *x, const void *y)
{
	const struct rank *a = x, *b = y;
	const int way = str_cmp(a->person.customer, b->person.customer);
	return way ? way : (a->row > b->row) - (a->row < b->row);
}

/* The rows of people by customer: one person each, answered when any of their rows was; of[row] is their place. */
static size_t people_once(struct rank *rows, size_t n, struct voice_person *people, uint32_t *of)
{
	size_t kept = 0;
	if (n) qsort(rows, n, sizeof *rows, by_customer);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !str_eq(people[kept - 1].customer, rows[i].person.customer))
			people[kept++] = rows[i].person;
		struct voice_person *x = &people[kept - 1];
		x->answered |= rows[i].person.answered;
		if (rows[i].person.asked_ms < x->asked_ms) x->asked_ms = rows[i].person.asked_ms;
		of[rows[i].row] = (uint32_t)(kept - 1);
	}
	return kept;
}

static enum err_code chances(struct weighing *k, struct err *err)
{
	struct arena *a = k->w->a;
	const struct given *given = results_given(k->w);
	const size_t n = k->out->invited ? k->n_asked : k->n_answers;
	struct rank *rows = ARENA_ARRAY(a, struct rank, n + 1);
	struct voice_person *people = ARENA_ARRAY(a, struct voice_person, n + 1);
	uint32_t *of = ARENA_ARRAY(a, uint32_t, n + 1);
	double *w = ARENA_ARRAY(a, double, n + 1);
	size_t n_rows = 0;
	if (!rows || !people || !of || !w) return err_no_memory(err);
	for (size_t i = 0; i < k->n_asked; i++)
		rows[n_rows++] =
		        (struct rank){ { .customer = k->asked[i].customer, .asked_ms = k->asked[i].asked_ms }, i };
	for (size_t i = 0; i < k->n_answers; i++) {
		if (k->place[i] == OUTSIDE) continue;
		if (k->out->invited) rows[k->place[i]].person.answered = true;
		else rows[n_rows++] = (struct rank){ { given[i].customer, INT64_MAX, true, 0 }, i };
	}
	const struct voice_people all = { .all = people,
		                          .n = people_once(rows, n_rows, people, of),
		                          .others = !k->out->invited,
		                          .survey = k->w->out->survey.key };
	TRY(k->ask->chances(k->ask->ctx, &all, w, &k->out->chance, err));
	k->out->by_chance = true;
	if (!k->out->chance.identified) return stop(k, VOICE_WEIGHTS_CHANCE, -1, -1);
	for (size_t i = 0; i < k->n_answers; i++) {
		if (k->place[i] == OUTSIDE) continue;
		k->start[i] = w[of[k->out->invited ? k->place[i] : i]];
		if (!(k->start[i] > 0)) k->place[i] = OUTSIDE; /* nothing is known of them */
	}
	return OK;
}

/* --- weights --------------------------------------------------------------------------------------------------- */

static enum err_code rake(struct weighing *k, double *w, size_t n, struct err *err)
{
	struct stats_margin margins[VOICE_DIVISIONS_MAX];
	struct err why = { .code = OK };
	for (size_t d = 0; d < k->out->n_margins; d++) {
		const struct voice_margin *m = &k->out->margins[d];
		uint32_t *cell = ARENA_ARRAY(k->w->a, uint32_t, n + 1);
		double *target = ARENA_ARRAY(k->w->a, double, m->n + 1);
		size_t at = 0;
		if (!cell || !target) return err_no_memory(err);
		for (size_t i = 0; i < k->n_answers; i++)
			if (k->place[i] != OUTSIDE) cell[at++] = k->cell[d][i];
		for (size_t c = 0; c < m->n; c++) target[c] = m->cells[c].left_out ? 0 : (double)m->cells[c].people;
		margins[d] = (struct stats_margin){ cell, target, m->n };
	}
	const enum err_code rc = stats_rake(margins, k->out->n_margins, n, w, &k->out->raked, &why);
	if (rc == ERR_INPUT) return stop(k, VOICE_WEIGHTS_CONTRADICT, -1, -1);
	if (rc != OK && err) *err = why;
	return rc;
}

static enum err_code make_weights(struct weighing *k, struct err *err)
{
	double *w = ARENA_ARRAY(k->w->a, double, k->n_answers + 1);
	double *all = ARENA_ARRAY(k->w->a, double, k->n_answers + 1);
	size_t n = 0, at = 0;
	if (!w || !all) return err_no_memory(err);
	for (size_t i = 0; i < k->n_answers; i++)
		if (k->place[i] != OUTSIDE) w[n++] = k->start[i];
	if (k->out->n_margins) TRY(rake(k, w, n, err));
	if (k->out->state == VOICE_WEIGHTS_CONTRADICT) return OK;
	k->out->raked.n_eff = stats_n_eff(w, n);
	k->out->raked.deff = (double)n / k->out->raked.n_eff;
	for (size_t i = 0; i < k->n_answers; i++) all[i] = k->place[i] == OUTSIDE ? 0 : w[at++];
	for (size_t d = 0; d < k->out->n_margins; d++)
		for (size_t i = 0; i < k->n_answers; i++) {
			struct voice_cell *c = &k->out->margins[d].cells[k->cell[d][i]];
			if (all[i] > 0) c->weight += all[i] / (double)c->answers;
		}
	k->w->weights = all;
	return stop(k, VOICE_WEIGHTS_MADE, -1, -1);
}

static int by_people(const void *x, const void *y)
{
	const struct voice_cell *a = x, *b = y;
	return a->people != b->people ? (a->people < b->people ? 1 : -1) : str_cmp(a->value, b->value);
}

/* The biggest group first; the one that stands in the way is found again. */
static void sort_groups(struct voice_weighting *out)
{
	const struct str at = out->at_cell < 0 ? STR("") : out->margins[out->at_margin].cells[out->at_cell].value;
	for (size_t d = 0; d < out->n_margins; d++)
		if (out->margins[d].n)
			qsort(out->margins[d].cells, out->margins[d].n, sizeof(struct voice_cell), by_people);
	for (size_t c = 0; out->at_cell >= 0 && c < out->margins[out->at_margin].n; c++)
		if (str_eq(out->margins[out->at_margin].cells[c].value, at)) {
			out->at_cell = (int)c;
			return;
		}
}

/* Whose numbers are not known when nobody was invited. */
static int unknown_division(const struct weighing *k)
{
	if (k->out->invited) return -1;
	for (size_t d = 0; d < k->ask->n_divisions; d++)
		if (k->ask->divisions[d].by != VOICE_BY_SEGMENT) return (int)d;
	const struct voice_results_query *q = k->w->scope;
	return q->unit.len || q->lang.len || q->channel.len ? 0 : -1;
}

enum err_code results_weigh(struct work *w, struct err *err)
{
	struct weighing k = { .w = w, .ask = w->scope->weigh, .out = &w->out->weighting };
	bool employees;
	*k.out = (struct voice_weighting){ .at_margin = -1, .at_cell = -1 };
	if (!k.ask->n_divisions && !k.ask->chances) return OK;
	TRY(results_employees(w, &employees, err));
	if (employees) return stop(&k, VOICE_WEIGHTS_EMPLOYEES, -1, -1);
	TRY(results_asked(w, &k.asked, &k.n_asked, err));
	k.n_answers = w->given.len / sizeof(struct given);
	k.out->invited = k.n_asked > 0;
	const int unknown = unknown_division(&k);
	if (unknown >= 0) return stop(&k, VOICE_WEIGHTS_UNKNOWN, unknown < (int)k.ask->n_divisions ? unknown : -1, -1);
	TRY(count_people(&k, err));
	for (size_t d = 0; d < k.ask->n_divisions; d++)
		if (k.groups[d].n > STATS_CELLS_MAX) return stop(&k, VOICE_WEIGHTS_MANY, (int)d, -1);
	TRY(place_answers(&k, err));
	TRY(make_groups(&k, err));
	TRY(check_groups(&k));
	if (k.out->state == VOICE_WEIGHTS_NONE && k.ask->chances) TRY(chances(&k, err));
	if (k.out->state == VOICE_WEIGHTS_NONE) count_answers(&k);
	if (k.out->state == VOICE_WEIGHTS_NONE) TRY(check_groups(&k));
	if (k.out->state == VOICE_WEIGHTS_NONE) TRY(make_weights(&k, err));
	sort_groups(k.out);
	return OK;
}
