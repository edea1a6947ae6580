/* A complaint, the call back, and whether the customer stays (truth 14). */
#include "demo/priv.h"

/*
 * Plans that give DEMO_KEPT_* over all who complain. Some orders planned then
 * fail at payment; late parcels and visits to install count here as elsewhere
 * and add ELSEWHERE on average; MEMBERS of those who complain are in
 * the club.
 */
#define FAILED_PLANS 1.08
#define ELSEWHERE 0.04
#define MEMBERS 0.28
#define FORGIVE_MORE 0.12 /* who is in the club has bought before, which adds the rest of DEMO_CLUB_FORGIVES */
#define CALL_SOON 0.40
#define CALL_LATER 0.25

enum { DRAWS_CALL = 0x63616c6c, DRAWS_KEPT = 0x6b657074 };

struct rng own_draws(const struct gen *g, const struct order *o, uint64_t purpose)
{
	struct rng r;
	rng_init(&r, g->o->seed ^ purpose, (uint64_t)g->c.number * 64 + o->serial);
	return r;
}

void complaint(struct gen *g, struct order *o, const char *channel, int64_t at_ms, struct facts *f)
{
	struct rng r = own_draws(g, o, DRAWS_CALL);
	f->club = g->c.club ? "member" : "no";
	put_event(g, o, "Complaint Made", channel, strcmp(channel, "phone") == 0 ? "call" : "message", at_ms, f);
	static const double shares[] = { CALL_SOON, CALL_LATER, 1 - CALL_SOON - CALL_LATER };
	static const enum care cares[] = { CALLED_SOON, CALLED_LATER, NOT_CALLED };
	o->care = cares[pick_share(&r, shares, COUNT_OF(shares))];
	o->complaint_ms = at_ms;
	o->club = g->c.club;
	if (o->care == NOT_CALLED) return;
	const uint64_t hours = o->care == CALLED_SOON ? 1 + rng_below(&r, 22) : 26 + rng_below(&r, 90);
	put_event(g, o, "Called Back", "phone", "call", at_ms + WHEN_HOUR_MS * (int64_t)hours, NULL);
}

bool forgives(const struct gen *g, const struct order *o)
{
	static const enum demo_size_id kept[] = {
		[CALLED_SOON] = DEMO_KEPT_SOON, [CALLED_LATER] = DEMO_KEPT_LATER, [NOT_CALLED] = DEMO_KEPT_NONE
	};
	struct rng r = own_draws(g, o, DRAWS_KEPT);
	const double more = FORGIVE_MORE * ((o->club ? 1 : 0) - MEMBERS),
	             other = o->again + (o->late ? size_of_truth(DEMO_LATE_REPEAT) : 0) - ELSEWHERE;
	return chance(&r, FAILED_PLANS * (size_of_truth(kept[o->care]) + more + other));
}
