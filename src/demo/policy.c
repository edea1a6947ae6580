/* Two things that begin on one day: a policy about refunds (truth 8), and an update of the app (truth 12). */
#include "demo/priv.h"

#define NOTED 0.08        /* of returns, by staff, while the policy holds */
#define NOTED_BEFORE 0.01 /* something else about a return */
#define COMPLAINS 0.3
#define CITED 0.75 /* of bad answers about a return with words */
#define FELT_SHARE                                                                                                     \
	0.5 /* of answers about returns that come once it is felt: leaves their mean over all days as planned */

enum { DRAWS_RETURN = 0x72657475, DRAWS_WORDS = 0x776f7264, DRAWS_BASKET = 0x6261736b };

static int64_t policy_ms(const struct gen *g)
{
	return (g->o->end_day - DEMO_POLICY_DAYS) * WHEN_DAY_MS;
}

bool policy_felt(const struct gen *g, int64_t at_ms)
{
	return at_ms >= policy_ms(g) + (int64_t)size_of_truth(DEMO_POLICY_LEAD) * WHEN_DAY_MS;
}

double policy_shift(const struct gen *g, int64_t at_ms)
{
	return size_of_truth(DEMO_POLICY_SCORE) * ((policy_felt(g, at_ms) ? 1 : 0) - FELT_SHARE);
}

static void staff_notes(struct gen *g, const struct order *o, int64_t at_ms, struct rng *r)
{
	static const char *const staff[COUNTRIES] = { "Joseph", "Noura", "Karim", "Negar" };
	struct facts note = { .about = "Return Requested", .staff = staff[g->c.country], .of_staff = true };
	const bool holds = at_ms >= policy_ms(g);
	if (!chance(r, holds ? NOTED : NOTED_BEFORE)) return;
	write_comment(g, &note, holds ? SAY_STAFF_SEES : SAY_RETURN_BAD, r);
	put_event(g, o, "Staff Note", "staff form", "branch", at_ms + 2 * WHEN_HOUR_MS, &note);
}

void policy_return(struct gen *g, struct order *o, int64_t at_ms)
{
	struct rng r = own_draws(g, o, DRAWS_RETURN);
	struct facts f = { .effort = 2 };
	staff_notes(g, o, at_ms, &r);
	const int64_t told_ms = at_ms + WHEN_HOUR_MS * (int64_t)(20 + rng_below(&r, 48));
	if (!policy_felt(g, told_ms) || !chance(&r, COMPLAINS)) return;
	write_comment(g, &f, SAY_POLICY, &r);
	complaint(g, o, countries[g->c.country].help_channels[rng_below(&r, 3)], told_ms, &f);
}

void policy_cite(struct gen *g, const struct order *o, struct facts *f, int64_t at_ms)
{
	if (!f->comment.len || strcmp(f->about, "Return Requested") != 0 || f->score > 3 || f->staff) return;
	if (!policy_felt(g, at_ms)) return;
	struct rng r = own_draws(g, o, DRAWS_WORDS);
	if (chance(&r, CITED)) write_comment(g, f, SAY_POLICY, &r);
}

void basket_emptied(struct gen *g, const struct order *o, int64_t at_ms)
{
	struct rng r = own_draws(g, o, DRAWS_BASKET);
	if (o->device != APP || at_ms < (g->o->end_day - DEMO_BASKET_DAYS) * WHEN_DAY_MS) return;
	if (!chance(&r, size_of_truth(DEMO_BASKET_TOLD))) return;
	struct facts f = { .about = "Product Added", .kind = "csat", .score_max = 5, .has_score = true };
	f.score = 1 + (int)rng_below(&r, 2);
	write_comment(g, &f, SAY_BASKET, &r);
	put_event(g, o, "Survey Answered", "app", "app screen", at_ms + WHEN_MINUTE_MS, &f);
}
