/* From the confirmation on: calls, delivery, unboxing, installation, help, returns, reviews; and what people answer
 * when asked. */
#include "demo/priv.h"

#include <math.h>

#define SPREAD 3.2   /* of answers, see score_of */
#define ALIKE 12.0   /* of answers about a parcel: they mostly see what was packed */
#define SHIFTED 5.0  /* what late parcels and calls take from answers about returns, on average */
#define ANSWERS 0.76 /* of the shares given below: makes 40,000 answers of 50,000 customers */

/* --- answers ------------------------------------------------------------------------------ */

/* Gamma with scale 1 (Marsaglia and Tsang 2000). */
static double gamma_of(struct rng *r, double shape)
{
	if (shape < 1) return gamma_of(r, shape + 1) * pow(1.0 - rng_unit(r), 1.0 / shape);
	const double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
	for (;;) {
		const double x = rng_normal(r), v = pow(1.0 + c * x, 3);
		if (1.0 + c * x <= 0) continue;
		if (log(1.0 - rng_unit(r)) < 0.5 * x * x + d - d * v + d * log(v)) return d * v;
	}
}

/*
 * A score on 0..steps whose mean over many people is exactly `points` of 100:
 * a beta (people differ, some are furious; the larger k, the more alike they
 * are) rounded up or down by chance. Rounding to the nearest would bend the
 * mean at the ends of the scale.
 */
int score_of(struct rng *r, double points, int steps, double k)
{
	const double m = fmin(97, fmax(3, points)) / 100;
	const double a = gamma_of(r, m * k), b = gamma_of(r, (1 - m) * k);
	const double v = (a + b > 0 ? a / (a + b) : m) * steps;
	const int low = (int)v;
	return low >= steps ? steps : low + chance(r, v - low);
}

static bool at_sharjah(const struct gen *g)
{
	return strcmp(g->c.city->unit, "uae/sharjah") == 0;
}

/* What there is to say, from what was asked about and what happened. */
static enum topic topic_of(struct gen *g, const struct order *o, const char *about, bool good)
{
	struct rng *r = &g->c.r;
	static const struct {
		const char *about;
		enum topic bad, good;
	} topics[] = {
		{ "Order Delivered", SAY_ADDRESS, SAY_DELIVERED },
		{ "Address Call", SAY_ADDRESS, SAY_DELIVERED },
		{ "Order Picked Up", SAY_SHOP_BAD, SAY_SHOP },
		{ "Payment Entered", SAY_SHOP_BAD, SAY_PAID },
		{ "Parcel Unboxed", SAY_DAMAGED, SAY_UNBOXED },
		{ "Installation Visit", SAY_INSTALL_BAD, SAY_INSTALLED },
		{ "First Use", SAY_USE_BAD, SAY_USE },
		{ "Question Asked", SAY_HELP_BAD, SAY_HELP },
		{ "Complaint Made", SAY_HELP_BAD, SAY_HELP },
		{ "Return Requested", SAY_RETURN_BAD, SAY_RETURN },
		{ "Repair Requested", SAY_HELP_BAD, SAY_HELP },
		{ "Review Written", SAY_USE_BAD, SAY_USE },
		{ "Bought Again", SAY_BAD, SAY_GOOD },
	};
	if (strcmp(about, "journey") == 0) {
		if (good) return o->card && chance(r, 0.5) ? SAY_CARD : SAY_GOOD;
		if (o->late && chance(r, 0.7)) return SAY_LATE;
		if (o->install_late && chance(r, 0.7)) return SAY_INSTALL_LATE;
		return SAY_BAD;
	}
	if (!good && o->late && strcmp(about, "Order Delivered") == 0) return SAY_LATE;
	if (!good && o->pay_failed && strstr(o->method, "one-time") && strcmp(about, "Payment Entered") == 0)
		return SAY_CODE;
	if (!good && o->install_late && strcmp(about, "Installation Visit") == 0) return SAY_INSTALL_LATE;
	if (good && o->card && chance(r, 0.7) &&
	    (strcmp(about, "Parcel Unboxed") == 0 || strcmp(about, "Review Written") == 0))
		return SAY_CARD;
	if (good && o->told_private && chance(r, 0.5)) return SAY_PRIVATE;
	for (size_t i = 0; i < COUNT_OF(topics); i++)
		if (strcmp(about, topics[i].about) == 0) return good ? topics[i].good : topics[i].bad;
	return good ? SAY_SHOP : SAY_SHOP_BAD;
}

void write_comment(struct gen *g, struct facts *f, enum topic t, struct rng *r)
{
	enum voice said;
	buf_clear(&g->words);
	say(&g->sayings, t, g->c.voice, r, &g->words, &said);
	f->comment = buf_view(&g->words);
	f->comment_lang = voice_langs[said];
}

/* Sharjah's branch is good at everything. */
double everywhere(const struct gen *g)
{
	return g->c.mood + (at_sharjah(g) ? size_of_truth(DEMO_SHARJAH) : 0);
}

/* A name behind what is said, in the letters of who says it. */
static void praise(struct gen *g, struct facts *f)
{
	static const char *const team[][2] = { { "Reem", "ريم" }, { "Hind", "هند" }, { "Bilal", "بلال" } };
	const size_t k = rng_below(&g->c.r, COUNT_OF(team));
	const bool latin = strstr(f->comment_lang, "Latn") != NULL || strcmp(f->comment_lang, "en") == 0;
	buf_str(&g->words, latin                                ? STR(". Thanks to ")
	                   : strcmp(f->comment_lang, "fa") == 0 ? STR("، دستش درد نکند: ")
	                                                        : STR("، والشكر لـ"));
	buf_str(&g->words, str_of(team[k][!latin]));
	f->comment = buf_view(&g->words);
	f->staff = team[k][0];
}

static void say_why(struct gen *g, const struct order *o, const char *about, double p_comment, struct facts *f)
{
	const int steps = f->score_max == 10 ? 10 : f->score_max - 1;
	const double utility = 100.0 * f->score / steps;
	if (steps != 10) f->score++;
	f->has_score = true;
	if (!chance(&g->c.r, p_comment)) return;
	const bool good = utility > 55 || (utility >= 45 && chance(&g->c.r, 0.5));
	write_comment(g, f, topic_of(g, o, about, good), &g->c.r);
	if (good && at_sharjah(g) && chance(&g->c.r, 0.25)) praise(g, f);
}

/* What is asked about an event, and on which scale. */
static struct facts survey_of(const char *about)
{
	const bool journey = strcmp(about, "journey") == 0,
	           help = strcmp(about, "Question Asked") == 0 || strcmp(about, "Complaint Made") == 0;
	return (struct facts){ .about = about,
		               .kind = journey ? "nps"
		                       : help  ? "ces"
		                               : "csat",
		               .score_max = journey ? 10
		                            : help  ? 7
		                                    : 5,
		               .parcel = true,
		               .birth = true,
		               .carrier = true };
}

/* f->score on 0.. is already known. */
static void answer(struct gen *g, const struct order *o, struct facts *f, int64_t at_ms)
{
	const int steps = f->score_max == 10 ? 10 : f->score_max - 1, felt = f->score,
	          expected = expected_of(g, o, f->about, steps);
	say_why(g, o, f->about, 0.46, f);
	policy_cite(g, o, f, at_ms);
	f->has_gap = expected >= 0;
	f->gap = felt - expected;
	put_event(g, o, "Survey Answered", countries[g->c.country].survey_channel, "message", at_ms, f);
}

void ask_survey(struct gen *g, const struct order *o, double p, const char *about, double base, double extra,
                int64_t at_ms)
{
	staff_say(g, o, about, at_ms);
	if (!chance(&g->c.r, p * ANSWERS)) return;
	struct facts f = survey_of(about);
	const int steps = f.score_max == 10 ? 10 : f.score_max - 1;
	f.score = score_of(&g->c.r, base + o->shift + extra + everywhere(g), steps, SPREAD);
	answer(g, o, &f, at_ms);
}

/* --- from the warehouse to the home ----------------------------------------------------------- */

static int64_t open_day(struct gen *g, int64_t day)
{
	while (season_at(&g->season, g->c.country, day)->closed) day++;
	return day;
}

static void parcel_packed(struct gen *g, struct order *o)
{
	static const char *const tapes[] = { "brown", "blue", "white", "green" };
	struct rng *r = &g->c.r, tape;
	const struct country *k = &countries[g->c.country];
	const bool gulf = g->c.country == EMIRATES || g->c.country == SAUDI;
	const double rahwan = gulf ? size_of_truth(DEMO_RAHWAN_SHARE) : 1.0 / 3.0;
	o->carrier = chance(r, rahwan) ? k->carriers[0] : k->carriers[1 + rng_below(r, 2)];
	o->warehouse = k->warehouses[pick_share(r, k->warehouse_share, 3)];
	o->card = strcmp(o->warehouse, DEMO_CARD_WAREHOUSE) == 0;
	/* A sequence of its own, like the month of birth: the colour shares nothing with what happens. */
	rng_init(&tape, g->o->seed ^ 0x74617065ULL, (uint64_t)g->c.number * 64 + o->serial);
	o->tape = tapes[rng_below(&tape, COUNT_OF(tapes))];
}

static void address_calls(struct gen *g, struct order *o, int64_t delivered_ms)
{
	static const double share[COUNTRIES] = { 0.55, 0.6, 0.7, 0.5 };
	struct rng *r = &g->c.r;
	if (!chance(r, g->c.city->no_postcodes ? 0.9 : share[g->c.country])) return;
	const bool lost = g->c.city->no_postcodes;
	const double once_more = lost ? 1 - 1 / size_of_truth(DEMO_CALLS) : 0.35;
	int64_t at_ms = delivered_ms - WHEN_HOUR_MS * (int64_t)((lost ? 3 : 1) + rng_below(r, 3));
	struct facts f = { .carrier = true };
	/* The courier calls, then the call centre for the courier, who calls again. */
	do {
		f.effort++;
		const bool courier = !lost || (int)f.effort % 2 == 1;
		put_event(g, o, "Address Call", courier ? "phone" : "call-centre", "call", at_ms, &f);
		at_ms += WHEN_MINUTE_MS * (int64_t)(5 + rng_below(r, 12));
	} while (chance(r, once_more) && at_ms < delivered_ms);
	if (lost) o->shift += size_of_truth(DEMO_CALL_SCORE) * (f.effort - 1);
	ask_survey(g, o, 0.012, "Address Call", 50, 0, delivered_ms - WHEN_MINUTE_MS);
}

static int64_t deliver(struct gen *g, struct order *o, int64_t confirmed_ms)
{
	struct customer *c = &g->c;
	const int64_t today = (confirmed_ms + customer_offset_ms(c, confirmed_ms / WHEN_DAY_MS)) / WHEN_DAY_MS;
	const bool large = strcmp(o->category, "large appliance") == 0;
	const int64_t promised = open_day(g, today + 1 + (int64_t)rng_below(&c->r, large ? 4 : 3));
	const struct season_day *s = season_at(&g->season, c->country, promised);
	const bool night = s->ramadan && c->country != IRAN; /* delivery windows after iftar */
	const int64_t expected_ms = at_hour(c, promised, night ? 26 : 21);
	const bool rahwan = strcmp(o->carrier, "Rahwan") == 0;
	o->late = chance(&c->r, !rahwan   ? size_of_truth(DEMO_LATE_OTHER)
	                        : s->peak ? size_of_truth(DEMO_LATE_RAHWAN_PEAK)
	                                  : size_of_truth(DEMO_LATE_RAHWAN));
	int64_t at_ms = night ? at_hour(c, promised, 20.5 + 5 * rng_unit(&c->r))
	                      : at_hour(c, promised, 9.5 + 11 * rng_unit(&c->r));
	if (o->late) {
		int64_t days = 1;
		while (days < 6 && chance(&c->r, 0.42)) days++;
		at_ms = at_hour(c, open_day(g, promised + days), 10 + 10 * rng_unit(&c->r));
	} else if (promised > today + 1 && chance(&c->r, 0.2)) {
		at_ms -= WHEN_DAY_MS;
	}
	if (at_ms < confirmed_ms + WHEN_HOUR_MS) at_ms = confirmed_ms + WHEN_HOUR_MS;
	address_calls(g, o, at_ms);
	put_event(g, o, "Order Delivered", "courier", "home", at_ms,
	          &(struct facts){ .expected_ms = expected_ms, .carrier = true });
	if (o->late) o->shift += size_of_truth(DEMO_LATE_SCORE);
	ask_survey(g, o, 0.17, "Order Delivered", 62, 0, at_ms + WHEN_MINUTE_MS * (int64_t)(10 + rng_below(&c->r, 50)));
	return at_ms;
}

static int64_t pick_up(struct gen *g, struct order *o, int64_t confirmed_ms)
{
	const int64_t at_ms =
	        confirmed_ms +
	        (o->device == STORE ? 20 * WHEN_MINUTE_MS : (int64_t)(5 + rng_below(&g->c.r, 60)) * WHEN_HOUR_MS);
	put_event(g, o, "Order Picked Up", "store", "branch", at_ms, NULL);
	ask_survey(g, o, 0.06, "Order Picked Up", 62, 0, at_ms + WHEN_HOUR_MS);
	return at_ms;
}

static void install(struct gen *g, struct order *o, int64_t hand_ms)
{
	struct customer *c = &g->c;
	const int64_t promised = open_day(g, hand_ms / WHEN_DAY_MS + 1 + (int64_t)rng_below(&c->r, 3));
	const bool newcomer = o->first && c->town;
	o->install_late = !chance(&c->r, size_of_truth(newcomer ? DEMO_PROMISE_NEWCOMER : DEMO_PROMISE_OTHER));
	const int64_t came = o->install_late ? open_day(g, promised + 1 + (int64_t)rng_below(&c->r, 3)) : promised;
	const int64_t at_ms = at_hour(c, came, 10 + 9 * rng_unit(&c->r));
	put_event(g, o, "Installation Visit", "technician", "home", at_ms,
	          &(struct facts){ .expected_ms = at_hour(c, promised, 20), .birth = true });
	if (o->install_late) o->shift += size_of_truth(DEMO_INSTALL_LATE_SCORE);
	/* What it was like decides, whether or not anybody asks. */
	struct facts f = survey_of("Installation Visit");
	f.score = score_of(&c->r, 69 + o->shift + everywhere(g), 4, SPREAD);
	const double reach = (size_of_truth(DEMO_AGAIN_GOOD) - size_of_truth(DEMO_AGAIN_BAD)) / 2;
	o->again = f.score >= 3 ? reach : f.score <= 1 ? -reach : 0;
	o->installed = true;
	if (chance(&c->r, 0.45 * ANSWERS)) answer(g, o, &f, at_ms + 2 * WHEN_HOUR_MS);
}

/* --- needing something afterwards --------------------------------------------------------------- */

static void ask_help(struct gen *g, struct order *o, int64_t at_ms)
{
	struct rng *r = &g->c.r;
	const char *name = chance(r, 0.62) ? "Question Asked" : "Complaint Made";
	const char *channel = countries[g->c.country].help_channels[rng_below(r, 3)];
	struct facts f = { .effort = 1 + (double)rng_below(r, 3) };
	if (name[0] == 'C' && chance(r, 0.5))
		write_comment(g, &f, o->late ? SAY_LATE : o->install_late ? SAY_INSTALL_LATE : SAY_HELP_BAD, r);
	if (name[0] == 'C') complaint(g, o, channel, at_ms, &f);
	else put_event(g, o, name, channel, strcmp(channel, "phone") == 0 ? "call" : "message", at_ms, &f);
	ask_survey(g, o, 0.16, name, 50, 0, at_ms + WHEN_DAY_MS);
}

static void send_back(struct gen *g, struct order *o, int64_t at_ms)
{
	static const char *const channels[] = { "store", "phone", "web" };
	struct rng *r = &g->c.r;
	const size_t k = rng_below(r, 3);
	const char *channel = channels[k];
	put_event(g, o, "Return Requested", channel,
	          channel[0] == 's'   ? "branch"
	          : channel[0] == 'p' ? "call"
	                              : "web page",
	          at_ms, NULL);
	static const enum demo_size_id scores[] = { DEMO_RETURN_STORE, DEMO_RETURN_PHONE, DEMO_RETURN_WEB };
	ask_survey(g, o, 0.4, "Return Requested", size_of_truth(scores[k]) + SHIFTED,
	           policy_shift(g, at_ms + WHEN_DAY_MS), at_ms + WHEN_DAY_MS);
	policy_return(g, o, at_ms);
	const int64_t collected_ms =
	        at_ms + WHEN_HOUR_MS * (int64_t)(channel[0] == 's' ? 0 : 20 + rng_below(r, 70)) + WHEN_MINUTE_MS;
	put_event(g, o, "Return Received", channel[0] == 's' ? "store" : "courier",
	          channel[0] == 's' ? "branch" : "home", collected_ms, NULL);
	const int64_t expected_ms = at_ms + 10 * WHEN_DAY_MS;
	const int64_t paid_ms = chance(r, 0.74) ? collected_ms + WHEN_HOUR_MS * (int64_t)(24 + rng_below(r, 100))
	                                        : expected_ms + WHEN_HOUR_MS * (int64_t)(8 + rng_below(r, 200));
	put_event(g, o, "Refund Paid", "bank", "message", paid_ms,
	          &(struct facts){ .expected_ms = expected_ms, .money = true });
}

static void repair(struct gen *g, struct order *o, int64_t at_ms)
{
	struct rng *r = &g->c.r;
	put_event(g, o, "Repair Requested", countries[g->c.country].help_channels[0], "message", at_ms, NULL);
	const int64_t expected_ms = at_ms + 4 * WHEN_DAY_MS;
	const int64_t visit_ms = chance(r, 0.82) ? at_ms + WHEN_HOUR_MS * (int64_t)(20 + rng_below(r, 70))
	                                         : expected_ms + WHEN_HOUR_MS * (int64_t)(6 + rng_below(r, 90));
	put_event(g, o, "Repair Visit", "technician", "home", visit_ms, &(struct facts){ .expected_ms = expected_ms });
	ask_survey(g, o, 0.2, "Repair Requested", 52, 0, at_ms + WHEN_DAY_MS);
}

static void after_sales(struct gen *g, struct order *o, int64_t hand_ms)
{
	static const char *const staff[COUNTRIES][4] = {
		{ "Reem", "Joseph", "Hind", "Bilal" },
		{ "Noura", "Fahad", "Amal", "Majed" },
		{ "Heba", "Karim", "Mona", "Walid" },
		{ "Maryam", "Reza", "Negar", "Hamid" },
	};
	struct rng *r = &g->c.r;
	if (!chance(r, 0.27)) return;
	int64_t at_ms = hand_ms + WHEN_HOUR_MS * (int64_t)(5 + rng_below(r, 24 * 20));
	const char *name = staff[g->c.country][rng_below(r, 4)];
	o->told_private = chance(r, size_of_truth(DEMO_PRIVATE_MESSAGE));
	if (o->told_private) {
		int64_t sent_ms = at_ms - 3 * WHEN_HOUR_MS;
		do {
			put_event(g, o, "Branch Staff Messaged", countries[g->c.country].message_channel, "message",
			          sent_ms, &(struct facts){ .staff = name });
			sent_ms += WHEN_MINUTE_MS * (int64_t)(10 + rng_below(r, 50));
		} while (chance(r, 0.5));
	}
	if (!o->told_private || !chance(r, 0.4)) { /* for some the private message was all it took */
		const double needs[] = { 0.64, 0.24, 0.12 };
		switch (pick_share(r, needs, 3)) {
		case 0: ask_help(g, o, at_ms); break;
		case 1: send_back(g, o, at_ms); break;
		default: repair(g, o, at_ms); break;
		}
	}
	if (!chance(r, o->told_private ? 0.15 : 0.028)) return;
	struct facts note = { .about = "journey", .staff = name, .of_staff = true };
	write_comment(g, &note, o->told_private ? SAY_PRIVATE : SAY_HELP_BAD, r);
	put_event(g, o, "Staff Note", "staff form", "branch", at_ms + 4 * WHEN_HOUR_MS, &note);
}

static void write_review(struct gen *g, struct order *o, int64_t at_ms)
{
	struct facts f = { .kind = "csat", .score_max = 5, .parcel = true, .birth = true, .carrier = true };
	const double points = 68 + o->shift + (o->card ? size_of_truth(DEMO_CARD_REVIEW) : 0) + everywhere(g);
	f.score = score_of(&g->c.r, points, 4, SPREAD);
	say_why(g, o, "Review Written", 0.72, &f);
	put_event(g, o, "Review Written", o->device == APP ? "app" : "web",
	          o->device == APP ? "app screen" : "web page", at_ms, &f);
}

int64_t after_confirmation(struct gen *g, struct order *o, int64_t at_ms)
{
	struct rng *r = &g->c.r;
	parcel_packed(g, o);
	const bool home = chance(r, o->device == STORE ? 0.6 : 0.88);
	if (!home) o->carrier = NULL;
	const int64_t hand_ms = home ? deliver(g, o, at_ms) : pick_up(g, o, at_ms);
	const int64_t opened_ms = hand_ms + WHEN_MINUTE_MS * (int64_t)(60 + rng_below(r, 300));
	if (chance(r, 0.8)) {
		put_event(g, o, "Parcel Unboxed", "app", "home", opened_ms, &(struct facts){ .parcel = true });
		if (chance(r, 0.15 * ANSWERS)) {
			struct facts f = survey_of("Parcel Unboxed");
			const double gift = o->before ? size_of_truth(DEMO_REGULAR_UNBOXING) : 0,
			             card = o->card ? size_of_truth(DEMO_CARD_UNBOXING) : 0;
			f.score = score_of(r, 50 + gift + card + o->shift + everywhere(g), 4, ALIKE);
			answer(g, o, &f, opened_ms + 3 * WHEN_HOUR_MS);
		}
	} else {
		o->card = false; /* nobody saw it opened; the card was not noticed either */
	}
	if (strcmp(o->category, "large appliance") == 0 && chance(r, 0.92)) install(g, o, hand_ms);
	const int64_t used_ms = opened_ms + WHEN_HOUR_MS * (int64_t)(20 + rng_below(r, 60));
	if (chance(r, 0.42)) {
		put_event(g, o, "First Use", "app", "home", used_ms, NULL);
		ask_survey(g, o, 0.08, "First Use", 69, 0, used_ms + 4 * WHEN_HOUR_MS);
	}
	after_sales(g, o, hand_ms);
	if (chance(r, 0.07)) write_review(g, o, used_ms + WHEN_HOUR_MS * (int64_t)(30 + rng_below(r, 200)));
	ask_survey(g, o, 0.12, "journey", 65, o->card ? size_of_truth(DEMO_CARD_RECOMMEND) : 0,
	           used_ms + 4 * WHEN_DAY_MS);
	if (chance(r, 0.1) && !g->c.club) {
		put_event(g, o, "Club Joined", o->device == STORE ? "store" : "app",
		          o->device == STORE ? "branch" : "app screen", used_ms + 5 * WHEN_DAY_MS, NULL);
		g->c.club = true; /* complaints about this order are told by now */
	}
	if (chance(r, 0.06)) put_event(g, o, "Friend Referred", "social", "message", used_ms + 6 * WHEN_DAY_MS, NULL);
	return hand_ms;
}
