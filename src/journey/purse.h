/*
 * Shared by the passes that ask what customers did of their own: which rows
 * count as that, and the money of a row. Internal to journey/.
 */
#ifndef JOURNEY_PURSE_H
#define JOURNEY_PURSE_H

#include "journey/priv.h"

#include <math.h>

/* What counts as doing something: buying, one activity, or anything. */
enum active_by { ACTIVE_BOUGHT, ACTIVE_NAMED, ACTIVE_ANY };
struct active {
	enum active_by by;
	uint32_t code;     /* ACTIVE_NAMED */
	uint32_t currency; /* the money that counts; CURRENCY_ANY */
	uint32_t order;    /* ACTIVE_BOUGHT: only events of this code are purchases; 0 any with money */
};
#define CURRENCY_ANY UINT32_MAX

/* Names what counts: `name`, else buying where the log has money, else anything. ERR_INPUT for an unknown name. */
NODISCARD enum err_code active_find(const struct journey_plan *p, struct str name, bool any, uint32_t order,
                                    struct active *out, struct err *err);

/* Walks a customer's evidence beside rows that come in order. */
struct purse {
	const struct journey_columns *c;
	uint32_t at, end, currency;
};
static inline struct purse purse_of(const struct journey_columns *c, uint32_t i, uint32_t row, uint32_t currency)
{
	return (struct purse){ c, evidence_from(c, i, row), c->evidence_offset[i + 1], currency };
}
/* Minor units spent with a row (refunds apart: what is below 0 goes to *back, which may be NULL). */
static inline int64_t purse_spent(struct purse *p, uint32_t row, int64_t *back)
{
	int64_t spent = 0;
	while (p->at < p->end && p->c->evidence[p->at].row < row) p->at++;
	for (uint32_t k = p->at; k < p->end && p->c->evidence[k].row == row; k++) {
		const struct journey_evidence *v = &p->c->evidence[k];
		if (v->what != JOURNEY_MONEY || (p->currency != CURRENCY_ANY && v->about != p->currency)) continue;
		const int64_t minor = llround(v->raw);
		if (minor > 0) spent += minor;
		else if (back) *back += minor;
	}
	return spent;
}
/* Whether a row's event may be a purchase. */
static inline bool is_order(uint32_t order, const struct journey_plan *p, const struct journey_columns *c, uint32_t row)
{
	return !order || p->s->kinds[c->kind[row]].event == order;
}
static inline bool active_row(const struct active *a, const struct journey_plan *p, const struct journey_columns *c,
                              uint32_t row, uint32_t code, int64_t spent)
{
	if (a->by == ACTIVE_BOUGHT) return spent > 0 && is_order(a->order, p, c, row);
	return a->by == ACTIVE_ANY || code == a->code;
}

#endif
