/* Shared by the passes: the compiled question and the cutting of cases. */
#ifndef JOURNEY_PRIV_H
#define JOURNEY_PRIV_H

#include "journey/journey.h"

enum test_where { TEST_EVENT, TEST_CHANNEL, TEST_DIMENSION, TEST_NOWHERE };

/* "dimension is value", with both as numbers. */
struct test {
	enum test_where where;
	bool is_not;
	uint32_t dimension; /* TEST_DIMENSION */
	uint32_t code;      /* UINT32_MAX: a value that nothing has */
};

struct rule {
	uint16_t touchpoint;
	uint32_t event, channel; /* codes; RULE_ANY */
	struct test tests[JOURNEY_CONDITIONS_MAX]; /* on dimensions only; those on kinds are folded into the table */
	size_t n_tests;
};
#define RULE_ANY (UINT32_MAX - 1)

#define CODE_BY_ROW UINT16_MAX /* in kind_code: rules have to look at the row */

struct journey_plan {
	const struct journey_query *q;
	const struct journey_schema *s;
	enum journey_cut cut;      /* CUT_CUSTOMER when cases are customers */
	bool by_row;               /* the period takes rows, not instances */
	bool ends_at_goal;
	uint32_t key;              /* CUT_KEY: dimension */
	bool all_kinds;            /* kind_seen is 1 throughout */
	const uint8_t *kind_seen;  /* [kind] */
	struct test tests[JOURNEY_FILTERS_MAX]; /* of rows, on dimensions */
	size_t n_tests;
	/* with rules */
	const uint16_t *kind_code; /* [kind] touchpoint, or CODE_BY_ROW */
	const struct rule *rules;
	size_t n_rules;
	const uint16_t *event_code; /* [event] touchpoint of the first rule that names it; for `about` without a row */
	const uint16_t *step;      /* [touchpoint code]; 0 for code 0 */
	size_t n_touchpoints, n_steps;
};

/* One customer's cases: rows of case i are row[start[i]] .. row[start[i + 1] - 1], in order; cases in order of their first row. */
struct cases {
	uint32_t *row, *start;
	uint32_t n;
	/* scratch */
	uint32_t *picked, *of, *slot_key, *slot_case;
	uint32_t *count;
	uint32_t cap;
	bool failed;
};
/* Cuts customer i of a run. False when memory is short (remembered in cs->failed) or the customer has no case. */
bool cases_cut(const struct journey_plan *p, const struct journey_columns *c, uint32_t i, struct cases *cs);
void cases_done(struct cases *cs);

/* Activity of a row: event code without rules, touchpoint code with them. */
static inline uint32_t activity(const struct journey_plan *p, const struct journey_columns *c, uint32_t row)
{
	return c->touchpoints ? c->touchpoints[row] : p->s->kinds[c->kind[row]].event;
}

/* Grows *ptr to hold at least `need` elements of `size`; false and nothing changed when memory is short. */
bool grow(void **ptr, uint32_t *cap, uint32_t need, size_t size);

#endif
