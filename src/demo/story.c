/*
 * A customer's 24 months: intents to buy, from the first look to the payment.
 * What follows the confirmation is in after.c. One intent is one journey: all
 * its events carry one key, which is the order's number when it becomes one.
 */
#include "demo/priv.h"

/*
 * Plans of buying again within half a year, where something was installed and
 * where not, and what habit adds before and after there is one. Some planned
 * orders fail at payment and some parcels are late; over all orders these give
 * DEMO_REPEAT, after a good and a bad visit DEMO_AGAIN_GOOD and DEMO_AGAIN_BAD.
 */
#define INSTALLED_AGAIN 0.39
#define OTHERS_AGAIN 0.405
#define NO_HABIT (-0.15)
#define HABIT 0.22

static const struct {
	const char *name;
	double share, price;
	const char *products[5];
} categories[] = {
	{ "large appliance",
	  0.24,
	  2100,
	  { "Fridge 480 L", "Washing machine 9 kg", "Gas cooker 90 cm", "Dishwasher 14 settings",
	    "Split air conditioner" } },
	{ "kitchen",
	  0.24,
	  160,
	  { "Granite pan set", "Knife set", "Tea glasses, 12", "Rice cooker", "Dallah coffee pot" } },
	{ "small appliance", 0.20, 330, { "Stand mixer", "Steam iron", "Vacuum cleaner", "Air fryer", "Samovar" } },
	{ "furniture", 0.14, 900, { "Dining table", "Wardrobe", "Majlis corner sofa", "Bookshelf", "Bed frame" } },
	{ "decor", 0.18, 120, { "Wool rug", "Curtains", "Brass lamp", "Wall mirror", "Incense burner" } },
};

int64_t at_hour(const struct customer *c, int64_t day, double hour)
{
	return day * WHEN_DAY_MS + (int64_t)(hour * (double)WHEN_HOUR_MS) - customer_offset_ms(c, day);
}

/* Half of the orders of Ramadan come after iftar. */
static double shopping_hour(struct gen *g, int64_t day)
{
	struct rng *r = &g->c.r;
	const bool night = season_at(&g->season, g->c.country, day)->ramadan && g->c.country != IRAN && chance(r, 0.6);
	if (night) return 20.5 + 5 * rng_unit(r);
	const double morning = 7 * rng_unit(r); /* drawn one by one: C leaves the order inside an expression open */
	return 9 + morning + 6.5 * rng_unit(r);
}

static void order_make(struct gen *g, struct order *o, uint32_t i, bool first)
{
	struct customer *c = &g->c;
	double shares[COUNT_OF(categories)];
	for (size_t k = 0; k < COUNT_OF(categories); k++) shares[k] = categories[k].share;
	const size_t k = pick_share(&c->r, shares, COUNT_OF(categories));
	*o = (struct order){ .serial = i, .first = first, .category = categories[k].name };
	o->product = categories[k].products[rng_below(&c->r, 5)];
	o->device = (enum device)pick_share(&c->r, countries[c->country].device, DEVICES);
	const double price = categories[k].price * (0.5 + rng_unit(&c->r)) * countries[c->country].price;
	o->value = strcmp(c->city->currency, "KWD") == 0 ? (double)(int64_t)(price / 12 * 1000) / 1000
	                                                 : (double)(int64_t)price;
	snprintf(o->key, sizeof o->key, "R%06u-%02u", c->number + 100000, i);
}

static const char *place_of(const struct order *o)
{
	return o->device == STORE ? "branch" : o->device == APP ? "app screen" : "web page";
}
static const char *channel_of(const struct order *o)
{
	return o->device == STORE ? "store" : o->device == APP ? "app" : "web";
}

/* Evenings before a feast, when the branches are full. */
static bool queues(struct gen *g, int64_t at_ms)
{
	const struct customer *c = &g->c;
	const int64_t local_ms = at_ms + customer_offset_ms(c, at_ms / WHEN_DAY_MS), day = local_ms / WHEN_DAY_MS;
	return season_at(&g->season, c->country, day)->queue && local_ms % WHEN_DAY_MS >= 16 * WHEN_HOUR_MS;
}

/* A visit to a branch, with its wait. False when the queue was too long. */
static bool visit_store(struct gen *g, struct order *o, int64_t at_ms)
{
	struct rng *r = &g->c.r;
	struct facts f = { .wait_ms = WHEN_SECOND_MS * (int64_t)(30 + rng_below(r, 300)) };
	if (queues(g, at_ms)) f.wait_ms = WHEN_SECOND_MS * (int64_t)(240 + rng_below(r, 1500));
	o->left = f.wait_ms > DEMO_QUEUE_MS && chance(r, size_of_truth(DEMO_QUEUE_LEFT));
	f.abandoned = f.money = o->left; /* what they had come to buy */
	put_event(g, o, "Store Visited", "store", "branch", at_ms, &f);
	if (!o->left) {
		ask_survey(g, o, 0.01, "Store Visited", 63, 0, at_ms + 3 * WHEN_HOUR_MS);
		return true;
	}
	o->elsewhere = chance(r, size_of_truth(DEMO_QUEUE_ELSEWHERE));
	if (chance(r, 0.5))
		put_event(g, o, "Survey Answered", countries[g->c.country].survey_channel, "message",
		          at_ms + 20 * WHEN_HOUR_MS,
		          &(struct facts){ .about = "Store Visited", .elsewhere = o->elsewhere ? "yes" : "no" });
	return false;
}

/* Advert, looking, comparing. *at_ms becomes when it ended; false when they left. */
static bool look(struct gen *g, struct order *o, int64_t *looked_ms, bool anonymous)
{
	static const struct {
		const char *name, *channel;
		double share;
	} arrivals[] = {
		{ "Ad Clicked", "ads", 0.45 },
		{ "Search Arrived", "search", 0.35 },
		{ "Referral Arrived", "social", 0.20 },
	};
	struct rng *r = &g->c.r;
	const struct facts f = { .anonymous = anonymous && o->device != STORE };
	int64_t at_ms = *looked_ms;
	if (chance(r, 0.6)) {
		const double shares[] = { arrivals[0].share, arrivals[1].share, arrivals[2].share };
		const size_t k = pick_share(r, shares, 3);
		put_event(g, o, arrivals[k].name, arrivals[k].channel, "web page", at_ms, &f);
		at_ms += WHEN_SECOND_MS * (int64_t)(20 + rng_below(r, 200));
		if (!f.anonymous) ask_survey(g, o, 0.004, arrivals[k].name, 55, 0, at_ms + WHEN_HOUR_MS);
	}
	if (o->device == STORE) {
		*looked_ms = at_ms + WHEN_MINUTE_MS * (int64_t)(10 + rng_below(r, 50));
		return visit_store(g, o, at_ms);
	}
	do {
		put_event(g, o, "Product Viewed", channel_of(o), place_of(o), at_ms, &f);
		at_ms += WHEN_SECOND_MS * (int64_t)(40 + rng_below(r, 400));
		if (chance(r, 0.12)) at_ms += WHEN_HOUR_MS * (int64_t)(6 + rng_below(r, 40));
	} while (chance(r, 0.58));
	if (chance(r, 0.3)) {
		put_event(g, o, "Products Compared", channel_of(o), place_of(o), at_ms, &f);
		at_ms += WHEN_SECOND_MS * (int64_t)(60 + rng_below(r, 300));
	}
	if (!f.anonymous) ask_survey(g, o, 0.008, "Product Viewed", 62, 0, at_ms + WHEN_HOUR_MS);
	*looked_ms = at_ms;
	return true;
}

static void basket(struct gen *g, struct order *o, int64_t at_ms)
{
	do {
		put_event(g, o, "Product Added", channel_of(o), place_of(o), at_ms, &(struct facts){ .money = true });
		at_ms += WHEN_SECOND_MS * (int64_t)(30 + rng_below(&g->c.r, 60));
	} while (chance(&g->c.r, 0.25));
	ask_survey(g, o, 0.012, "Product Added", 58, 0, at_ms + WHEN_HOUR_MS);
	basket_emptied(g, o, at_ms);
}

static void failed_once(struct gen *g, struct order *o, bool code, int64_t *at_ms)
{
	*at_ms += WHEN_SECOND_MS * (int64_t)(95 + rng_below(&g->c.r, 60));
	put_event(g, o, "Payment Failed", channel_of(o), place_of(o), *at_ms,
	          &(struct facts){ .failed = 2, .reason = code ? "code expired" : "card declined", .money = true });
	o->pay_failed = true;
}

/* True when the payment went through, then at *at_ms. */
static bool pay(struct gen *g, struct order *o, int64_t *at_ms)
{
	struct rng *r = &g->c.r;
	const struct country *k = &countries[g->c.country];
	bool code = false, digital = o->device != STORE;
	if (!digital) o->method = chance(r, 0.4) ? "cash" : k->card_method;
	else if (chance(r, k->cash_share))
		o->method = g->c.country == IRAN ? "card machine at the door" : "cash on delivery";
	else if ((code = chance(r, k->code_share))) o->method = k->code_method;
	else o->method = k->card_method;
	if (digital &&
	    (strcmp(o->method, "cash on delivery") == 0 || strcmp(o->method, "card machine at the door") == 0))
		digital = false;

	put_event(g, o, "Payment Entered", channel_of(o), place_of(o), *at_ms, &(struct facts){ .money = true });
	const bool late_code = code && o->device == MOBILE_WEB;
	const bool lost = chance(r, late_code ? size_of_truth(DEMO_CODE_LOST_WEB)
	                            : digital ? size_of_truth(DEMO_CODE_LOST_APP)
	                                      : 0.01);
	int failures = 0;
	if (late_code) failures = lost ? 3 : chance(r, 0.22) ? 1 + (int)rng_below(r, 2) : 0;
	else if (digital) failures = chance(r, lost ? 0.5 : 0.025);
	while (failures-- > 0) failed_once(g, o, late_code, at_ms);
	if (o->pay_failed) o->shift += size_of_truth(DEMO_PAYMENT_FAILED_SCORE);
	ask_survey(g, o, lost ? 0.25 : 0.035, "Payment Entered", 60, 0, *at_ms + 2 * WHEN_HOUR_MS);
	*at_ms += WHEN_SECOND_MS * (int64_t)(20 + rng_below(r, 60));
	return !lost;
}

enum depth { LOOKS, FILLS_BASKET, BUYS };

/* One intent that starts at `at_ms`. True when it became an order, confirmed at *confirmed_ms and in hand at *hand_ms.
 */
static bool intent(struct gen *g, struct order *o, enum depth depth, bool anonymous, int64_t at_ms,
                   int64_t *confirmed_ms, int64_t *hand_ms)
{
	const bool stays = look(g, o, &at_ms, anonymous);
	if (anonymous && o->device != STORE) {
		put_identify(g, at_ms, true);
		at_ms += WHEN_SECOND_MS;
	}
	if (depth == LOOKS || !stays) return false;
	basket(g, o, at_ms);
	at_ms += WHEN_MINUTE_MS * (int64_t)(2 + rng_below(&g->c.r, 15));
	if (depth == FILLS_BASKET) return false;
	if (!pay(g, o, &at_ms)) return false;
	*confirmed_ms = at_ms;
	put_event(g, o, "Order Confirmed", countries[g->c.country].confirm_channel, "message", at_ms,
	          &(struct facts){ .money = true, .birth = true });
	*hand_ms = after_confirmation(g, o, at_ms);
	return true;
}

static void abandoned(struct gen *g, int64_t from_day, uint32_t *i)
{
	struct customer *c = &g->c;
	for (uint64_t n = rng_below(&c->r, 7); n > 0; n--) {
		struct order o;
		int64_t unused;
		const int64_t day = season_pick(&g->season, c->country, from_day, g->o->end_day, &c->r);
		order_make(g, &o, (*i)++, !c->old_customer && n > 5);
		const int64_t at_ms = at_hour(c, day, shopping_hour(g, day));
		intent(g, &o, chance(&c->r, 0.6) ? LOOKS : FILLS_BASKET, false, at_ms, &unused, &unused);
	}
}

/* Whether an order is followed by another one within half a year. */
static bool buys_again(struct gen *g, const struct order *o)
{
	const double share = (o->installed ? INSTALLED_AGAIN : OTHERS_AGAIN) + (o->before ? HABIT : NO_HABIT) +
	                     o->again + (o->late ? size_of_truth(DEMO_LATE_REPEAT) : 0);
	return chance(&g->c.r, share < 0.02 ? 0.02 : share);
}

void story_tell(struct gen *g)
{
	struct customer *c = &g->c;
	bool first = !c->old_customer, known = !c->anonymous_first, before = false;
	g->let_down = 0;
	struct order order, previous;
	uint32_t i = 1, n_orders = 0;
	int64_t day = season_pick(&g->season, c->country, g->from_day + 1, g->o->end_day, &c->r), confirmed_ms, hand_ms;
	const int64_t start_day = day;
	if (known) put_identify(g, at_hour(c, day, 8.5), false);
	while (day <= g->o->end_day && i < 40) {
		order_make(g, &order, i++, first);
		order.before = (int)n_orders;
		const bool bought = intent(g, &order, BUYS, !known, at_hour(c, day, shopping_hour(g, day)),
		                           &confirmed_ms, &hand_ms);
		if (!known && order.device == STORE) put_identify(g, at_hour(c, day, 8.5), false);
		known = true;
		if (!bought) { /* about half try once more */
			if (order.elsewhere || !chance(&c->r, 0.5)) break;
			day += 1 + (int64_t)rng_below(&c->r, 14);
			continue;
		}
		if (before) {
			put_event(g, &previous, "Bought Again", channel_of(&order), place_of(&order),
			          confirmed_ms + WHEN_MINUTE_MS, &(struct facts){ .parcel = true, .carrier = true });
			ask_survey(g, &previous, 0.03, "Bought Again", 74, 0, confirmed_ms + WHEN_DAY_MS);
		}
		previous = order;
		before = true;
		first = false;
		n_orders++;
		/* Who complained decides anew from then on. */
		const int64_t hand_day = (order.care ? order.complaint_ms : hand_ms) / WHEN_DAY_MS;
		int64_t gap;
		const bool planned = buys_again(g, &order);
		if (order.care ? forgives(g, &order) : planned) gap = 18 + (int64_t)rng_below(&c->r, 140);
		else if (!order.installed && chance(&c->r, 0.2)) gap = 200 + (int64_t)rng_below(&c->r, 200);
		else break;
		if (hand_day + gap - 8 > g->o->end_day) break;
		day = season_pick(&g->season, c->country, hand_day + gap - 8, hand_day + gap + 8, &c->r);
	}
	abandoned(g, start_day, &i);
	if (start_day + 21 < yearly_day(g)) ask_yearly(g);
}
