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
	{ 3,
	  "In cities without postcodes the courier and the call centre call for the address again and again, and each "
	  "further call lowers the score.",
	  "all 24 months" },
	{ 4, "A hand-written card with dates or saffron, put in by one warehouse only, delights at unboxing.",
	  "all 24 months" },
	{ 5,
	  "The installation visit is a moment of truth: after a good one 41 % buy again within a year, after a bad one "
	  "19 %. Unboxing looks as strong and is not: those who have bought before get their parcel wrapped as a gift, "
	  "and buy again anyway.",
	  "all 24 months" },
	{ 6,
	  "Customers who need help write to branch staff on private WhatsApp or Instagram, which no map shows; the "
	  "club's newsletter is on the map and never arrives.",
	  "all 24 months" },
	{ 7,
	  "First-time buyers of large appliances outside the big cities get their installation on the promised day "
	  "half of the time.",
	  "all 24 months" },
	{ 8,
	  "Refunds are made only at the branch of purchase: staff report it 21 days before customers feel it; then "
	  "answers about returns fall by 24 points, and complaints cite the policy in three languages.",
	  "staff from 320 days before the end day, customers from 299 days before" },
	{ 9,
	  "In the evenings of the week before Eid, and of the last week of Esfand, people queue in the branches: of "
	  "those who wait longer than 12 minutes one in four leaves, and a third of these buys elsewhere.",
	  "the seven days before both Eids; in Iran the last week of Esfand, too" },
	{ 10,
	  "Asked how the year was, those who were let down mostly keep silent: people who do not answer would score 9 "
	  "points lower than those who do, and the mean of the answers misleads.",
	  "the last weeks" },
	{ 12,
	  "An update of the app empties baskets: from one day on, every tenth who fills a basket there writes so, in "
	  "twelve wordings, four each in Arabic, English and Persian.",
	  "from 12 days before the end day" },
	{ 13,
	  "The same return scores 71 in stores, 58 by phone and 44 on the web; the branch in Sharjah is good everywhere, "
	  "and its team is praised by name.",
	  "all 24 months" },
	{ 14,
	  "People forgive: of those who complained 78 % buy again when they are called back within 24 hours, 55 % when "
	  "later, 41 % when never; members of the club forgive more.",
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
	[DEMO_CALLS] = { 3, "calls for the address of an order that gets any, cities without postcodes", 2.7 },
	[DEMO_CALL_SCORE] = { 3, "points on answers with each further call", -4 },
	[DEMO_AGAIN_GOOD] = { 5, "buy again within a year of a good installation visit", 0.41 },
	[DEMO_AGAIN_BAD] = { 5, "buy again within a year of a bad installation visit", 0.19 },
	[DEMO_REGULAR_UNBOXING] = { 5, "points at unboxing for those who had bought before", 28 },
	[DEMO_QUEUE_LEFT] = { 9, "leave the queue after twelve minutes", 0.25 },
	[DEMO_QUEUE_ELSEWHERE] = { 9, "of these buy elsewhere", 1.0 / 3.0 },
	[DEMO_RETURN_STORE] = { 13, "score of a return in a store", 71 },
	[DEMO_RETURN_PHONE] = { 13, "score of a return by phone", 58 },
	[DEMO_RETURN_WEB] = { 13, "score of a return on the web", 44 },
	[DEMO_SHARJAH] = { 13, "points on every answer in Sharjah", 12 },
	[DEMO_POLICY_SCORE] = { 8, "points on answers about returns under the policy", -24 },
	[DEMO_POLICY_LEAD] = { 8, "days from the first reports of staff to the fall", 21 },
	[DEMO_BASKET_TOLD] = { 12, "filled baskets in the app whose owners write that they were emptied", 0.10 },
	[DEMO_KEPT_SOON] = { 14, "buy again within 180 days of a complaint, called back within 24 hours", 0.78 },
	[DEMO_KEPT_LATER] = { 14, "buy again within 180 days of a complaint, called back later", 0.55 },
	[DEMO_KEPT_NONE] = { 14, "buy again within 180 days of a complaint, never called back", 0.41 },
	[DEMO_CLUB_FORGIVES] = { 14, "of that share, members of the club against others", 0.15 },
	[DEMO_SILENT] = { 10, "points of those who do not answer about the year, against those who do", -9 },
	[DEMO_INSTALL_LATE_SCORE] = { 7, "points on answers after a late installation", -15 },
};
