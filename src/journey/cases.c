/*
 * Cutting a customer's slice into cases.
 *
 * Where no row is left out and no key joins distant rows, cases are ranges
 * of the slice: a span then points into the columns and nothing is copied.
 * Else the rows that fit are gathered, and a span points into the gathered
 * arrays. The passes see spans and know nothing of the difference.
 */
#include "journey/priv.h"

bool grow(void **ptr, uint32_t *cap, uint32_t need, size_t size)
{
	if (need <= *cap) return true;
	uint64_t want = *cap < 64 ? 64 : (uint64_t)*cap * 2;
	if (want < need) want = need;
	if (want > UINT32_MAX) return false;
	void *grown = realloc(*ptr, (size_t)want * size);
	if (!grown) return false;
	*ptr = grown;
	*cap = (uint32_t)want;
	return true;
}

static void cases_free(struct cases *cs)
{
	void *const olds[] = { cs->row,      cs->start,     cs->picked, cs->of, cs->count,
		               cs->slot_key, cs->slot_case, cs->code,   cs->at };
	for (size_t i = 0; i < COUNT_OF(olds); i++) free(olds[i]);
}

static bool cases_reserve(struct cases *cs, uint32_t n)
{
	if (n < cs->cap) return true;
	cases_free(cs);
	const size_t cap = (size_t)n * 2 + 64;
	size_t slots = 64;
	while (slots < 2 * cap) slots *= 2;
	cs->row = malloc(cap * sizeof *cs->row);
	cs->start = malloc((cap + 1) * sizeof *cs->start);
	cs->picked = malloc(cap * sizeof *cs->picked);
	cs->of = malloc(cap * sizeof *cs->of);
	cs->count = malloc((cap + 1) * sizeof *cs->count);
	cs->slot_key = calloc(slots, sizeof *cs->slot_key);
	cs->slot_case = malloc(slots * sizeof *cs->slot_case);
	cs->code = malloc(cap * sizeof *cs->code);
	cs->at = malloc(cap * sizeof *cs->at);
	cs->cap = (uint32_t)cap;
	if (cs->row && cs->start && cs->picked && cs->of && cs->count && cs->slot_key && cs->slot_case && cs->code &&
	    cs->at)
		return true;
	cs->cap = 0;
	cs->failed = true;
	return false;
}

void cases_done(struct cases *cs)
{
	cases_free(cs);
	free(cs->place);
	*cs = (struct cases){ 0 };
}

static uint32_t pick_rows(const struct journey_plan *p, const struct journey_columns *c, uint32_t lo, uint32_t hi,
                          uint32_t *out)
{
	uint32_t n = 0;
	for (uint32_t r = lo; r < hi; r++) {
		if (p->by_row && (c->at_ms[r] < p->q->from_ms || c->at_ms[r] >= p->q->to_ms)) continue;
		if (!p->kind_seen[c->kind[r]]) continue;
		bool fits = true;
		for (size_t t = 0; t < p->n_tests && fits; t++) fits = test_row(&p->tests[t], c, r);
		if (fits) out[n++] = r;
	}
	return n;
}

static bool at_goal(const struct journey_plan *p, const struct journey_columns *c, uint32_t row)
{
	const uint16_t code = c->touchpoints[row];
	return code && (size_t)p->step[code] + 1 == p->n_steps;
}

/* Slot of a key in the customer's small table; keys are codes >= 1, 0 marks a free slot. */
static uint32_t key_slot(const struct cases *cs, uint32_t mask, uint32_t key)
{
	uint32_t i = (key * 2654435769u) & mask;
	while (cs->slot_key[i] && cs->slot_key[i] != key) i = (i + 1) & mask;
	return i;
}

#define NO_CASE UINT32_MAX

/* Whether a row states something of another event, of the whole, or of its own touchpoint. */
static bool speaks(const struct journey_plan *p, const struct journey_columns *c, uint32_t customer, uint32_t row)
{
	const uint32_t end = c->evidence_offset[customer + 1];
	for (uint32_t e = evidence_from(c, customer, row); e < end && c->evidence[e].row == row; e++) {
		const struct journey_evidence *v = &c->evidence[e];
		if (is_stated(v) && (v->about != JOURNEY_ABOUT_OWN || activity(p, c, row))) return true;
	}
	return false;
}

/* Rows of no case that speak are each numbered behind the cases; returns with how many there are of both. */
static uint32_t number_loose(const struct journey_plan *p, const struct journey_columns *c, uint32_t customer,
                             uint32_t n, uint32_t cases, struct cases *cs)
{
	if (c->evidence_offset[customer] == c->evidence_offset[customer + 1]) return cases;
	for (uint32_t i = 0; i < n; i++)
		if (cs->of[i] == NO_CASE && speaks(p, c, customer, cs->picked[i])) cs->of[i] = cases++;
	return cases;
}

/* Says for each picked row the case it is of; returns the number of cases, which are numbered by their first row. */
static uint32_t cut_by_key(const struct journey_plan *p, const struct journey_columns *c, uint32_t n, struct cases *cs)
{
	uint32_t mask = 63;
	while (mask + 1 < 2 * (uint64_t)n) mask = mask * 2 + 1;
	memset(cs->slot_key, 0, ((size_t)mask + 1) * sizeof *cs->slot_key);

	uint32_t cases = 0, open = NO_CASE, open_slot = 0;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t row = cs->picked[i];
		const uint32_t key = p->key < c->n_dimensions ? journey_code(c->dimensions[p->key], row) : 0;
		if (key) {
			const uint32_t s = key_slot(cs, mask, key);
			if (!cs->slot_key[s]) {
				cs->slot_key[s] = key;
				cs->slot_case[s] = NO_CASE;
			}
			if (cs->slot_case[s] == NO_CASE) cs->slot_case[s] = cases++;
			open = cs->slot_case[s];
			open_slot = s;
		}
		cs->of[i] = open;
		if (p->ends_at_goal && open != NO_CASE && at_goal(p, c, row)) {
			/* The instance ends here; its key may begin another one. */
			cs->slot_case[open_slot] = NO_CASE;
			open = NO_CASE;
		}
	}
	return cases;
}

/* Gathers the rows of each case, keeping their order, and drops cases that begin outside the period. Of the `cases` the
 * first `whole` are no loose rows. */
static void gather(const struct journey_plan *p, const struct journey_columns *c, uint32_t n, uint32_t whole,
                   uint32_t cases, struct cases *cs)
{
	memset(cs->count, 0, ((size_t)cases + 1) * sizeof *cs->count);
	for (uint32_t i = 0; i < n; i++)
		if (cs->of[i] != NO_CASE && cs->count[cs->of[i]]++ == 0) cs->start[cs->of[i]] = cs->picked[i];
	uint32_t at = 0, kept = 0;
	cs->n = 0;
	for (uint32_t k = 0; k < cases; k++) {
		const int64_t first = c->at_ms[cs->start[k]];
		const uint32_t size = cs->count[k];
		if (!p->by_row && (first < p->q->from_ms || first >= p->q->to_ms)) {
			cs->count[k] = NO_CASE;
			continue;
		}
		cs->count[k] = at;      /* from here on: where its next row goes */
		cs->start[kept++] = at; /* kept <= k: places of cases already read */
		at += size;
		cs->n += k < whole;
	}
	cs->start[kept] = at;
	for (uint32_t i = 0; i < n; i++)
		if (cs->of[i] != NO_CASE && cs->count[cs->of[i]] != NO_CASE)
			cs->row[cs->count[cs->of[i]]++] = cs->picked[i];
	cs->n_loose = kept - cs->n;
}

/* Takes the rows of activities that are not kept out of the cases, which were cut with them; cases left empty go. */
static void drop_rows(const struct journey_plan *p, const struct journey_columns *c, struct cases *cs)
{
	uint32_t at = 0, kept = 0;
	for (uint32_t k = 0; k < cs->n; k++) {
		const uint32_t lo = cs->start[k], hi = cs->start[k + 1], first = at;
		for (uint32_t i = lo; i < hi; i++)
			if (p->keep[activity(p, c, cs->row[i])]) cs->row[at++] = cs->row[i];
		if (at > first) cs->start[kept++] = first; /* kept <= k, and start[k] has been read */
	}
	cs->start[kept] = at;
	cs->n = kept;
	cs->n_loose = 0;
}

/* Whether a case begins at `row`, the row before it in its case or in the one before being `last`. */
static bool begins(const struct journey_plan *p, const struct journey_columns *c, uint32_t last, uint32_t row)
{
	if (p->cut == JOURNEY_CUT_GAP && c->at_ms[row] - c->at_ms[last] > p->q->instance.gap_ms) return true;
	return p->ends_at_goal && at_goal(p, c, last);
}

static bool in_period(const struct journey_plan *p, int64_t at_ms)
{
	return at_ms >= p->q->from_ms && at_ms < p->q->to_ms;
}

/* All rows that fit are one case. */
static bool cut_one(const struct journey_plan *p, const struct journey_columns *c, uint32_t lo, uint32_t hi,
                    struct cases *cs)
{
	const uint32_t n = pick_rows(p, c, lo, hi, cs->row);
	if (n == 0 || (!p->by_row && !in_period(p, c->at_ms[cs->row[0]]))) return false;
	cs->start[0] = 0;
	cs->start[1] = n;
	cs->n = 1;
	if (p->keep) drop_rows(p, c, cs);
	return cs->n > 0;
}

bool cases_cut(const struct journey_plan *p, const struct journey_columns *c, uint32_t i, struct cases *cs)
{
	const uint32_t lo = c->offset[i], hi = c->offset[i + 1];
	cs->n = cs->n_loose = 0;
	cs->in_place = false;
	if (p->q->segment && !journey_set_has(p->q->segment, c->customer[i])) return false;
	if (!cases_reserve(cs, hi - lo)) return false;
	if (p->cut == JOURNEY_CUT_CUSTOMER && !p->ends_at_goal) return cut_one(p, c, lo, hi, cs);
	const uint32_t n = pick_rows(p, c, lo, hi, cs->picked);
	if (n == 0) return false;

	uint32_t cases = 1, all;
	if (p->cut == JOURNEY_CUT_KEY) {
		cases = cut_by_key(p, c, n, cs);
		all = number_loose(p, c, i, n, cases, cs);
	} else {
		for (uint32_t k = 0; k < n; k++) {
			cases += k && begins(p, c, cs->picked[k - 1], cs->picked[k]);
			cs->of[k] = cases - 1;
		}
		all = cases;
	}
	gather(p, c, n, cases, all, cs);
	if (p->keep) drop_rows(p, c, cs);
	return cs->n > 0;
}

/* --- spans ---------------------------------------------------------------------------------- */

static bool all_seen(const struct journey_plan *p, const struct journey_columns *c, uint32_t lo, uint32_t hi)
{
	uint8_t seen = 1;
	for (uint32_t r = lo; r < hi; r++) seen &= p->kind_seen[c->kind[r]];
	return seen;
}

/* Cases as ranges of the slice. Those that begin in the period stand together: their first rows are in order of time.
 */
static uint32_t cut_ranges(const struct journey_plan *p, const struct journey_columns *c, struct cases *cs)
{
	uint32_t lo = cs->lo, hi = cs->hi, n = 0;
	if (p->by_row) {
		while (lo < hi && c->at_ms[lo] < p->q->from_ms) lo++;
		while (lo < hi && c->at_ms[hi - 1] >= p->q->to_ms) hi--;
	}
	if (lo == hi) return 0;
	if (!grow((void **)&cs->place, &cs->cap_place, hi - lo + 1, sizeof *cs->place)) {
		cs->failed = true;
		return 0;
	}
	uint32_t end = hi;
	for (uint32_t r = lo; r < hi; r++) {
		if (r > lo && !begins(p, c, r - 1, r)) continue;
		if (!p->by_row && c->at_ms[r] < p->q->from_ms) continue;
		if (!p->by_row && c->at_ms[r] >= p->q->to_ms) {
			end = r;
			break;
		}
		cs->place[n++] = r;
	}
	cs->place[n] = end;
	cs->in_place = true;
	return cs->n = n;
}

uint32_t spans_cut_up(const struct journey_plan *p, const struct journey_columns *c, uint32_t i, struct cases *cs)
{
	cs->n = 0;
	if (p->ranges && c->touchpoints) {
		if (p->q->segment && !journey_set_has(p->q->segment, c->customer[i])) return 0;
		if (p->all_kinds || all_seen(p, c, cs->lo, cs->hi)) return cut_ranges(p, c, cs);
	}
	(void)cases_cut(p, c, i, cs);
	if (!cases_stated(cs)) return 0;
	const uint32_t n = cs->start[cases_stated(cs)];
	for (uint32_t k = 0; k < n; k++) {
		cs->code[k] = (uint16_t)activity(p, c, cs->row[k]);
		cs->at[k] = c->at_ms[cs->row[k]];
	}
	return cs->n;
}
