/*
 * What employees say of the contacts that they have, and what customers had
 * expected. Both have draws of their own, so the rest of the story is the
 * same with and without them.
 */
#include "demo/priv.h"

#define LIKE 3.2       /* how alike people are, see score_of */
#define RECOMMENDS 0.3 /* of those who answer also say ... */
#define RECOMMEND 71.0 /* ... how likely they recommend working here, in points */

#define DRAWS_SAYS UINT64_C(0x7374616666)
#define DRAWS_EXPECTS UINT64_C(0x65787065637473)

/* A sequence for each contact of an intent. */
static struct rng contact_draws(const struct gen *g, const struct order *o, const char *about, uint64_t purpose)
{
	for (const char *c = about; *c; c++) purpose = purpose * 31 + (unsigned char)*c;
	return own_draws(g, o, purpose);
}

/* How those who work there believe it feels: a delivery far better than it does, an address call worse. */
void staff_say(struct gen *g, const struct order *o, const char *about, int64_t at_ms)
{
	static const struct {
		const char *about;
		double share, points;
	} beliefs[] = { { "Order Delivered", 0.09, 79 },   { "Payment Entered", 0.04, 70 },
		        { "Store Visited", 0.08, 66 },     { "Question Asked", 0.25, 58 },
		        { "Installation Visit", 0.2, 68 }, { "Return Requested", 0.4, 56 },
		        { "Address Call", 0.06, 42 } };
	struct rng r = contact_draws(g, o, about, DRAWS_SAYS);
	for (size_t i = 0; i < COUNT_OF(beliefs); i++) {
		if (strcmp(beliefs[i].about, about) != 0 || !chance(&r, beliefs[i].share)) continue;
		struct facts f = { .about = about, .employee = "rating", .score_max = 5 };
		f.score = 1 + score_of(&r, beliefs[i].points, 4, LIKE);
		put_event(g, o, "Staff Asked", "staff form", "branch", at_ms, &f);
		if (!chance(&r, RECOMMENDS)) return;
		f = (struct facts){ .about = "journey", .employee = "nps", .score_max = 10 };
		f.score = score_of(&r, RECOMMEND, 10, LIKE);
		put_event(g, o, "Staff Asked", "staff form", "branch", at_ms, &f);
	}
}

/* What somebody had expected of it: on the same scale as the answer, 0 to `steps`; -1 when it was not asked. */
int expected_of(const struct gen *g, const struct order *o, const char *about, int steps)
{
	static const struct {
		const char *about;
		double points;
	} hopes[] = { { "Order Delivered", 74 },
		      { "Installation Visit", 66 },
		      { "Parcel Unboxed", 52 },
		      { "Payment Entered", 72 },
		      { "First Use", 67 } };
	struct rng r = contact_draws(g, o, about, DRAWS_EXPECTS);
	if (!chance(&r, 0.5)) return -1;
	for (size_t i = 0; i < COUNT_OF(hopes); i++)
		if (strcmp(hopes[i].about, about) == 0) return score_of(&r, hopes[i].points, steps, LIKE);
	return -1;
}
