/* What is true about the company. Numbers live here and nowhere else. */
#include "demo/demo.h"

const struct demo_truth demo_truths[] = {
	{ 1,
	  "The carrier Rahwan, a third of all Gulf parcels, is late far more often than the others; a late parcel "
	  "costs 28 points and every ninth next order.",
	  "all 24 months; worse in the last ten days of Ramadan and in the seven days from White Friday" },
	{ 2,
	  "On mobile web the one-time code arrives after the countdown in Iran and Saudi Arabia: people try three "
	  "times and leave.",
	  "all 24 months" },
	{ 4, "A hand-written card with dates or saffron, put in by one warehouse only, delights at unboxing.",
	  "all 24 months" },
	{ 6,
	  "Customers who need help write to branch staff on private WhatsApp or Instagram, which no map shows; the "
	  "club's newsletter is on the map and never arrives.",
	  "all 24 months" },
	{ 7,
	  "First-time buyers of large appliances outside the big cities get their installation on the promised day "
	  "half of the time.",
	  "all 24 months" },
	{ 15, "The month of birth and the colour of the parcel tape change nothing.", "all 24 months" },
};
const size_t demo_n_truths = COUNT_OF(demo_truths);

const struct demo_size demo_sizes[DEMO_SIZES] = {
	[DEMO_LATE_RAHWAN] = { 1, "Rahwan's parcels late outside its peaks", 0.24 },
	[DEMO_LATE_RAHWAN_PEAK] = { 1, "Rahwan's parcels late in its peaks", 0.45 },
	[DEMO_LATE_OTHER] = { 1, "other carriers' parcels late", 0.06 },
	[DEMO_RAHWAN_SHARE] = { 1, "Gulf parcels carried by Rahwan", 1.0 / 3.0 },
	[DEMO_LATE_SCORE] = { 1, "points on answers after a late parcel", -28 },
	[DEMO_LATE_REPEAT] = { 1, "buy again within 180 days, late against on time", -0.11 },
	[DEMO_REPEAT] = { 1, "buy again within 180 days of a parcel on time", 0.38 },
	[DEMO_CODE_LOST_WEB] = { 2, "payments by code lost on mobile web", 0.14 },
	[DEMO_CODE_LOST_APP] = { 2, "payments by code lost in the app", 0.04 },
	[DEMO_PAYMENT_FAILED_SCORE] = { 2, "points on answers after a failed payment", -16 },
	[DEMO_CARD_UNBOXING] = { 4, "points at unboxing with the card", 17 },
	[DEMO_CARD_REVIEW] = { 4, "points on reviews with the card", 10 },
	[DEMO_CARD_RECOMMEND] = { 4, "points on recommendation with the card", 6 },
	[DEMO_PRIVATE_MESSAGE] = { 6, "after-sales journeys with a private message", 0.09 },
	[DEMO_PROMISE_NEWCOMER] = { 7,
	                            "installations on the promised day: first large appliance, outside the big cities",
	                            0.52 },
	[DEMO_PROMISE_OTHER] = { 7, "installations on the promised day: everybody else", 0.88 },
	[DEMO_INSTALL_LATE_SCORE] = { 7, "points on answers after a late installation", -15 },
};
