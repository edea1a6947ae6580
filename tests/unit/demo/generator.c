/*
 * The generator against its own table: every truth counted again from the
 * events alone, by counting that shares no code with the product's engine.
 */
#include "tests/unit/unit.h"

#include <math.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/when.h"
#include "demo/demo.h"

#define CUSTOMERS 8000
#define END_DAY 20604 /* 2026-05-31 */

struct share {
	double hits, n;
};
struct mean {
	double n, sum, squares;
};

static void share_add(struct share *s, bool hit)
{
	s->hits += hit;
	s->n++;
}
static void mean_add(struct mean *m, double x)
{
	m->n++;
	m->sum += x;
	m->squares += x * x;
}
static double mean_of(const struct mean *m)
{
	return m->sum / m->n;
}
static double var_of(const struct mean *m)
{
	return (m->squares - m->sum * m->sum / m->n) / (m->n - 1) / m->n;
}

/* Within three standard errors, and enough of them for that to mean something. */
static void share_is(const struct share *s, double want, double slack, const char *what)
{
	const double p = s->hits / s->n, se = sqrt(want * (1 - want) / s->n);
	if (s->n < 50 || fabs(p - want) > 3 * se + slack)
		fail_msg("%s: %.4f of %.0f, the table says %.4f (se %.4f)", what, p, s->n, want, se);
}

static void difference_is(const struct mean *with, const struct mean *without, double want, const char *what)
{
	const double diff = mean_of(with) - mean_of(without);
	/* Answers of one customer hang together; 1.3 covers it. */
	const double se = 1.3 * sqrt(var_of(with) + var_of(without));
	if (with->n < 50 || fabs(diff - want) > 3 * se)
		fail_msg("%s: %.2f with n %.0f, the table says %.2f (se %.2f)", what, diff, with->n, want, se);
}

/* --- one pass over the events ---------------------------------------------------------------- */

struct journey {
	char key[24];
	bool paid_code_web, paid_code_app, confirmed, delivered, late, first, large, unboxed;
	bool needed, messaged, nameless, filled;
	int calls, care; /* 1 complained, 2 called back within 24 hours, 3 later */
	bool member;
	int64_t complaint_ms;
	char returned_by[16];
	int64_t payment_ms, confirmed_ms, delivered_ms;
};

struct tally {
	int64_t events, surveys, comments, notes, newsletters, customers;
	uint64_t hash;
	int64_t previous_ms;
	char customer[64];
	struct journey of[64];
	size_t n;
	struct share rahwan, rahwan_peak, other, carried, lost_web, lost_app, messaged, promise_newcomer, promise_other,
	        again_late, again_on_time;
	struct mean after_late, after_on_time, unboxing_card, unboxing, review_card, review, nps_card, nps;
	struct share left, elsewhere;
	struct share kept[4], members, others, noted, noted_before; /* kept by care */
	struct mean returns_before, returns_after;
	int64_t cited[3], cited_early; /* by language: Arabic, Persian, English */
	struct share baskets, baskets_before;
	int64_t wordings[12];
	struct mean calls, store, phone, web, sharjah, dubai;
	double tape[4][2], birth[12][2]; /* good answers and others */
};

static struct str text_of(struct str properties, const char *key, char (*into)[128])
{
	struct arena a;
	struct str s;
	arena_init(&a, 4096);
	(*into)[0] = '\0';
	if (json_get_text(properties, str_of(key), &a, &s) && s.len < sizeof *into)
		snprintf(*into, sizeof *into, STR_FMT, STR_ARG(s));
	arena_done(&a);
	return str_of(*into);
}

static struct journey *journey_of(struct tally *t, struct str key)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(key, str_of(t->of[i].key))) return &t->of[i];
	assert_true(t->n < COUNT_OF(t->of));
	struct journey *j = &t->of[t->n++];
	*j = (struct journey){ 0 };
	snprintf(j->key, sizeof j->key, STR_FMT, STR_ARG(key));
	return j;
}

static void complaint_ends(struct tally *t, const struct journey *j)
{
	bool again = false;
	for (size_t k = 0; k < t->n; k++)
		again = again || (t->of[k].confirmed_ms > j->complaint_ms &&
		                  t->of[k].confirmed_ms <= j->complaint_ms + 180 * WHEN_DAY_MS);
	share_add(&t->kept[j->care], again);
	share_add(j->member ? &t->members : &t->others, again);
}

static void customer_ends(struct tally *t)
{
	const int64_t end_ms = (END_DAY + 1) * WHEN_DAY_MS;
	for (size_t i = 0; i < t->n; i++) {
		const struct journey *j = &t->of[i];
		if (j->payment_ms && j->payment_ms < end_ms - WHEN_DAY_MS) {
			if (j->paid_code_web) share_add(&t->lost_web, !j->confirmed);
			if (j->paid_code_app) share_add(&t->lost_app, !j->confirmed);
		}
		if (j->needed || j->messaged) share_add(&t->messaged, j->messaged);
		if (j->calls && j->nameless && j->delivered) mean_add(&t->calls, j->calls);
		if (j->care && j->complaint_ms < end_ms - 180 * WHEN_DAY_MS) complaint_ends(t, j);
		if (!j->delivered || j->delivered_ms > end_ms - 200 * WHEN_DAY_MS) continue;
		bool again = false;
		for (size_t k = 0; k < t->n; k++)
			again = again || (t->of[k].confirmed_ms > j->delivered_ms &&
			                  t->of[k].confirmed_ms <= j->delivered_ms + 180 * WHEN_DAY_MS);
		share_add(j->late ? &t->again_late : &t->again_on_time, again);
	}
	t->n = 0;
	t->customers++;
}

/* Where a policy about refunds is named, by a plain look for its words: 0 Arabic, 1 Persian, 2 English; -1 nowhere. */
static int policy_cited(struct str said)
{
	static const struct {
		const char *words;
		int language;
	} phrases[] = {
		{ "نفس الفرع", 0 },
		{ "لنفس الفرع", 0 },
		{ "الفرع اللي", 0 },
		{ "للفرع اللي", 0 },
		{ "nafs el far3", 0 },
		{ "همون شعبه", 1 },
		{ "شعبه‌ای که", 1 },
		{ "شعبه‌ی خرید", 1 },
		{ "hamoon shobe", 1 },
		{ "branch of purchase", 2 },
		{ "same branch", 2 },
		{ "branch where I bought", 2 },
		{ "original branch", 2 },
	};
	for (size_t i = 0; i < COUNT_OF(phrases); i++)
		if (memmem(said.ptr, said.len, phrases[i].words, strlen(phrases[i].words))) return phrases[i].language;
	return -1;
}

#define POLICY_MS ((END_DAY - DEMO_POLICY_DAYS) * WHEN_DAY_MS)
#define FELT_MS (POLICY_MS + (int64_t)demo_sizes[DEMO_POLICY_LEAD].size * WHEN_DAY_MS)
#define BASKET_MS ((END_DAY - DEMO_BASKET_DAYS) * WHEN_DAY_MS)

static void on_comment(struct tally *t, const struct wire_event *e, struct str p)
{
	static const char *const baskets[12] = {
		"بعد التحديث السلة تفضى لحالها",
		"عبيت السلة وطلعت من التطبيق، رجعت لقيتها فاضية",
		"التطبيق بعد التحديث بيمسح السلة",
		"كل ما أفتح التطبيق ألاقي العربة فاضية وأبدأ من الأول",
		"بعد از آپدیت سبد خریدم خالی می‌شه",
		"هر چی توی سبد گذاشتم پرید، از وقتی برنامه به‌روز شده",
		"اپ رو که می‌بندم سبد پاک می‌شه",
		"نسخه‌ی جدید سبدم رو نگه نمی‌داره",
		"Since the update my cart empties itself",
		"The app lost everything in my basket",
		"Added six things, came back, the basket was empty",
		"New version forgets the cart every time I switch apps",
	};
	struct arena a;
	struct str said;
	arena_init(&a, 4096);
	if (json_get_text(p, STR("comment"), &a, &said)) {
		const int language = policy_cited(said);
		const bool staff = str_eq(e->name, STR("Staff Note"));
		t->comments++;
		if (language >= 0 && !staff) {
			t->cited[language]++;
			t->cited_early += e->at_ms < FELT_MS;
		}
		for (size_t i = 0; i < COUNT_OF(baskets); i++)
			if (str_eq(said, str_of(baskets[i]))) {
				t->wordings[i]++;
				t->cited_early += e->at_ms < BASKET_MS;
			}
	}
	arena_done(&a);
}

static void on_care(struct tally *t, const struct wire_event *e, struct str p, struct journey *j)
{
	char value[128];
	if (str_eq(e->name, STR("Complaint Made")) && !j->care) {
		j->care = 1;
		j->complaint_ms = e->at_ms;
		j->member = str_eq(text_of(p, "club", &value), STR("member"));
	}
	if (str_eq(e->name, STR("Called Back"))) {
		assert_int_equal(j->care, 1);
		j->care = e->at_ms <= j->complaint_ms + WHEN_DAY_MS ? 2 : 3;
	}
}

/* Reports of staff against returns, and baskets in the app against what is written about them, before and after. */
static void on_days(struct tally *t, const struct wire_event *e, struct str p)
{
	char about[128], device[128];
	text_of(p, "about", &about);
	text_of(p, "device", &device);
	const bool policy = e->at_ms >= POLICY_MS, update = e->at_ms >= BASKET_MS, app = strcmp(device, "app") == 0;
	struct share *noted = policy ? &t->noted : &t->noted_before,
	             *baskets = update ? &t->baskets : &t->baskets_before;
	if (str_eq(e->name, STR("Return Requested"))) noted->n++;
	if (str_eq(e->name, STR("Staff Note")) && strcmp(about, "Return Requested") == 0) noted->hits++;
	if (app && str_eq(e->name, STR("Survey Answered")) && strcmp(about, "Product Added") == 0 &&
	    str_eq(e->channel, STR("app")))
		baskets->hits++;
}

static void on_score(struct tally *t, const struct wire_event *e, struct str p, const struct journey *j)
{
	char about[128], warehouse[128], value[128];
	double score = 0, min = 0, max = 0;
	if (!json_get_number(p, STR("score"), &score)) return;
	assert_true(json_get_number(p, STR("score_min"), &min) && json_get_number(p, STR("score_max"), &max));
	assert_true(score >= min && score <= max);
	const double u = 100 * (score - min) / (max - min);
	const struct str unit = text_of(p, "unit", &value);
	if (str_eq(unit, STR("uae/sharjah"))) mean_add(&t->sharjah, u);
	if (str_eq(unit, STR("uae/dubai"))) mean_add(&t->dubai, u);
	text_of(p, "about", &about);
	text_of(p, "warehouse", &warehouse);
	const bool card = strcmp(warehouse, DEMO_CARD_WAREHOUSE) == 0;
	if (strcmp(about, "Return Requested") == 0)
		mean_add(j->returned_by[0] == 's' ? &t->store : j->returned_by[0] == 'p' ? &t->phone : &t->web, u);
	if (strcmp(about, "Return Requested") == 0)
		mean_add(e->at_ms >= FELT_MS ? &t->returns_after : &t->returns_before, u);
	if (j->delivered) mean_add(j->late ? &t->after_late : &t->after_on_time, u);
	if (strcmp(about, "Parcel Unboxed") == 0) mean_add(card ? &t->unboxing_card : &t->unboxing, u);
	/* Reviews and recommendations know of the card where the parcel was seen opened. */
	if (j->unboxed && str_eq(e->name, STR("Review Written"))) mean_add(card ? &t->review_card : &t->review, u);
	if (j->unboxed && strcmp(about, "journey") == 0) mean_add(card ? &t->nps_card : &t->nps, u);
	if (text_of(p, "tape_colour", &value).len)
		t->tape[value[1] == 'r' ? value[0] == 'b' : value[0] == 'b' ? 2 : 3][u >= 75]++;
	if (text_of(p, "birth_month", &value).len) t->birth[strtol(value, NULL, 10) - 1][u >= 75]++;
}

static void on_delivered(struct tally *t, const struct wire_event *e, struct str p, struct journey *j)
{
	char value[128], carrier[128];
	int64_t expected_ms;
	bool peak;
	struct err err;
	assert_true(when_parse_iso(text_of(p, "expected_at", &value), &expected_ms, NULL));
	text_of(p, "carrier", &carrier);
	j->delivered = true;
	j->delivered_ms = e->at_ms;
	j->late = e->at_ms > expected_ms;
	const bool rahwan = strcmp(carrier, "Rahwan") == 0;
	/* The promise ends in the evening or the night of its day, in UTC the same day in every country. */
	assert_int_equal(demo_peak_day(expected_ms / WHEN_DAY_MS, &peak, &err), OK);
	share_add(!rahwan ? &t->other : peak ? &t->rahwan_peak : &t->rahwan, j->late);
	const struct str country = text_of(p, "country", &value);
	if (!str_eq(country, STR("EG")) && !str_eq(country, STR("IR"))) share_add(&t->carried, rahwan);
}

static void on_visit(struct tally *t, struct str p)
{
	double wait_ms = 0;
	struct str left;
	assert_true(json_get_number(p, STR("wait_ms"), &wait_ms));
	const bool gone = json_get(p, STR("abandoned"), &left);
	if (wait_ms > DEMO_QUEUE_MS) share_add(&t->left, gone);
	else assert_false(gone);
}

static enum err_code on_event(void *ctx, const struct wire_event *e, struct err *err)
{
	struct tally *t = ctx;
	char value[128], device[128];
	struct str p;
	const struct str who = e->customer.len ? e->customer : e->anonymous;
	t->events++;
	t->hash = hash64_mix(t->hash, hash64_mix(hash64(e->id),
	                                         hash64_mix(e->content, hash64_mix(hash64(who), (uint64_t)e->at_ms))));
	assert_true(e->body.len <= WIRE_EVENT_BYTES_MAX && utf8_valid(e->body.ptr, e->body.len) == e->body.len);
	assert_true(e->at_ms < (END_DAY + 1) * WHEN_DAY_MS && e->at_ms >= (END_DAY - DEMO_DAYS + 1) * WHEN_DAY_MS);
	/* The message id names the customer, known or not: "rawnaq-DAY-SEED-CUSTOMER-PLACE". */
	const size_t tail = (size_t)((const char *)memrchr(e->id.ptr, '-', e->id.len) - e->id.ptr);
	if (!str_eq(str_cut(e->id, 0, tail), str_of(t->customer))) {
		if (t->events > 1) customer_ends(t);
		snprintf(t->customer, sizeof t->customer, STR_FMT, STR_ARG(str_cut(e->id, 0, tail)));
		t->previous_ms = INT64_MIN;
	}
	assert_true(e->at_ms >= t->previous_ms);
	t->previous_ms = e->at_ms;
	if (e->type == WIRE_IDENTIFY) return OK;
	assert_true(json_get(e->body, STR("properties"), &p));
	if (text_of(p, "journey", &value).len == 0) fail_msg("an event without a journey");
	struct journey *j = journey_of(t, str_of(value));
	on_comment(t, e, p);
	on_care(t, e, p, j);
	on_days(t, e, p);
	if (str_eq(e->name, STR("Survey Answered"))) t->surveys++;
	if (str_eq(e->name, STR("Staff Note"))) t->notes++;
	if (str_eq(e->name, STR("Club Newsletter Opened"))) t->newsletters++;
	if (str_eq(e->name, STR("Branch Staff Messaged"))) j->messaged = true;
	if (str_eq(e->name, STR("Parcel Unboxed"))) j->unboxed = true;
	if (str_eq(e->name, STR("Address Call"))) {
		j->calls++;
		const struct str unit = text_of(p, "unit", &device);
		j->nameless = str_eq(unit, STR("uae/dubai")) || str_eq(unit, STR("uae/sharjah"));
	}
	if (str_eq(e->name, STR("Return Requested")))
		snprintf(j->returned_by, sizeof j->returned_by, STR_FMT, STR_ARG(e->channel));
	if (str_eq(e->name, STR("Product Added")) && !j->filled) {
		j->filled = true;
		if (str_eq(text_of(p, "device", &device), STR("app")))
			(e->at_ms >= BASKET_MS ? &t->baskets : &t->baskets_before)->n++;
	}
	if (str_eq(e->name, STR("Store Visited"))) on_visit(t, p);
	if (text_of(p, "bought_elsewhere", &device).len) share_add(&t->elsewhere, device[0] == 'y');
	if (str_eq(e->name, STR("Question Asked")) || str_eq(e->name, STR("Complaint Made")) ||
	    str_eq(e->name, STR("Return Requested")) || str_eq(e->name, STR("Repair Requested")))
		j->needed = true;
	if (str_eq(e->name, STR("Payment Entered"))) {
		text_of(p, "device", &device);
		const bool code = strstr(text_of(p, "payment_method", &value).ptr, "one-time code") != NULL;
		j->payment_ms = e->at_ms;
		j->paid_code_web = code && strcmp(device, "mobile web") == 0;
		j->paid_code_app = code && strcmp(device, "app") == 0;
	}
	if (str_eq(e->name, STR("Order Confirmed"))) {
		j->confirmed = true;
		j->confirmed_ms = e->at_ms;
	}
	if (str_eq(e->name, STR("Order Delivered"))) on_delivered(t, e, p, j);
	if (str_eq(e->name, STR("Installation Visit"))) {
		int64_t expected_ms;
		assert_true(when_parse_iso(text_of(p, "expected_at", &value), &expected_ms, NULL));
		const bool newcomer = str_eq(text_of(p, "first_time", &value), STR("yes")) &&
		                      str_eq(text_of(p, "city_size", &device), STR("town"));
		assert_str(text_of(p, "product_category", &value), "large appliance");
		share_add(newcomer ? &t->promise_newcomer : &t->promise_other, e->at_ms <= expected_ms);
	}
	on_score(t, e, p, j);
	return OK;
}

static struct tally counted; /* the company of most tests, made once */

static void run(uint64_t seed, uint32_t customers, struct tally *out)
{
	struct err err = { 0 };
	*out = (struct tally){ .previous_ms = INT64_MIN };
	const struct wire_sink sink = { .ctx = out, .event = on_event };
	if (demo_generate(&(struct demo_options){ .seed = seed, .end_day = END_DAY, .n_customers = customers }, &sink,
	                  &err) != OK)
		fail_msg("%s", err.text);
	customer_ends(out);
}

static int make(void **state)
{
	run(1, CUSTOMERS, &counted);
	return 0;
}

/* --- tests --------------------------------------------------------------------------------------- */

static void the_same_seed_gives_the_same_bytes(void **state)
{
	static struct tally a, b, c;
	run(3, 400, &a);
	run(3, 400, &b);
	run(4, 400, &c);
	assert_true(a.hash == b.hash);
	assert_true(a.hash != c.hash);
}

static enum err_code on_hash(void *ctx, const struct wire_event *e, struct err *err)
{
	uint64_t *h = ctx;
	if (h[0] == h[1]) return OK; /* enough of them */
	h[0]++;
	h[2] = hash64_mix(h[2], e->content);
	return OK;
}

static void fewer_customers_are_the_first_of_more(void **state)
{
	struct err err;
	static struct tally few;
	run(3, 50, &few);
	uint64_t a[3] = { 0, (uint64_t)few.events, 0 }, b[3] = { 0, (uint64_t)few.events, 0 };
	struct wire_sink sink = { .ctx = a, .event = on_hash };
	assert_int_equal(
	        demo_generate(&(struct demo_options){ .seed = 3, .end_day = END_DAY, .n_customers = 50 }, &sink, &err),
	        OK);
	sink.ctx = b;
	assert_int_equal(
	        demo_generate(&(struct demo_options){ .seed = 3, .end_day = END_DAY, .n_customers = 300 }, &sink, &err),
	        OK);
	assert_true(a[2] == b[2]);
}

static void near(double got, double want, double share, const char *what)
{
	if (fabs(got - want) > share * want) fail_msg("%s: %.0f, about %.0f was stated", what, got, want);
}

static void the_numbers_are_those_of_the_story(void **state)
{
	const double k = (double)CUSTOMERS / DEMO_CUSTOMERS;
	near((double)counted.customers, CUSTOMERS, 0.001, "customers");
	near((double)counted.events, 1.5e6 * k, 0.1, "events");
	near((double)counted.surveys, 40000 * k, 0.1, "survey answers");
	near((double)counted.comments, 27000 * k, 0.1, "comments");
	near((double)counted.notes, 900 * k, 0.25, "staff notes");
}

static void truth_1_rahwan_is_late_and_it_costs(void **state)
{
	share_is(&counted.carried, demo_sizes[DEMO_RAHWAN_SHARE].size, 0, "carried by Rahwan");
	share_is(&counted.rahwan, demo_sizes[DEMO_LATE_RAHWAN].size, 0, "late by Rahwan");
	share_is(&counted.rahwan_peak, demo_sizes[DEMO_LATE_RAHWAN_PEAK].size, 0, "late by Rahwan in its peaks");
	share_is(&counted.other, demo_sizes[DEMO_LATE_OTHER].size, 0, "late by others");
	difference_is(&counted.after_late, &counted.after_on_time, demo_sizes[DEMO_LATE_SCORE].size,
	              "answers after a late parcel");
	/* A next order that fails at payment is none: a point or two less than planned. */
	share_is(&counted.again_on_time, demo_sizes[DEMO_REPEAT].size, 0.02, "buy again, on time");
	share_is(&counted.again_late, demo_sizes[DEMO_REPEAT].size + demo_sizes[DEMO_LATE_REPEAT].size, 0.02,
	         "buy again, late");
}

static void truth_2_the_code_comes_late_on_mobile_web(void **state)
{
	share_is(&counted.lost_web, demo_sizes[DEMO_CODE_LOST_WEB].size, 0, "lost on mobile web");
	share_is(&counted.lost_app, demo_sizes[DEMO_CODE_LOST_APP].size, 0, "lost in the app");
}

static void truth_3_they_call_again_and_again(void **state)
{
	const double mean = mean_of(&counted.calls), se = sqrt(var_of(&counted.calls));
	/* Calls end when the parcel is there: a few hundredths fewer. */
	if (counted.calls.n < 500 || fabs(mean - demo_sizes[DEMO_CALLS].size) > 3 * se + 0.05)
		fail_msg("%.3f calls, se %.3f", mean, se);
}

static void truth_9_one_in_four_leaves_the_queue(void **state)
{
	share_is(&counted.left, demo_sizes[DEMO_QUEUE_LEFT].size, 0, "left the queue");
	assert_true(counted.elsewhere.n >= 10);
	const double p = demo_sizes[DEMO_QUEUE_ELSEWHERE].size, n = counted.elsewhere.n;
	if (fabs(counted.elsewhere.hits / n - p) > 3 * sqrt(p * (1 - p) / n))
		fail_msg("%.0f of %.0f", counted.elsewhere.hits, n);
}

/* Who answered about the year, and what everybody would have said: by the customer's number in the id. */
struct year {
	double score[CUSTOMERS];
	bool asked[CUSTOMERS], said[CUSTOMERS];
	int64_t n_asked;
};

static enum err_code on_year(void *ctx, const struct wire_event *e, struct err *err)
{
	struct year *y = ctx;
	struct str p;
	unsigned customer;
	if (!str_starts(e->name, STR("Yearly Question "))) return OK;
	assert_int_equal(sscanf(e->id.ptr, "rawnaq-%*[0-9]-%*[0-9a-f]-%x-", &customer), 1);
	assert_true(customer < CUSTOMERS);
	if (str_ends(e->name, STR("Asked"))) {
		y->n_asked += !y->asked[customer];
		y->asked[customer] = true;
		return OK;
	}
	assert_true(y->asked[customer] && !y->said[customer]);
	assert_true(json_get(e->body, STR("properties"), &p) && json_get_number(p, STR("score"), &y->score[customer]));
	y->said[customer] = true;
	return OK;
}

static void truth_10_who_keeps_silent_would_score_lower(void **state)
{
	static struct year some, all;
	struct mean said = { 0 }, silent = { 0 };
	struct err err = { 0 };
	struct wire_sink sink = { .ctx = &some, .event = on_year };
	struct demo_options o = { .seed = 1, .end_day = END_DAY, .n_customers = CUSTOMERS };
	assert_int_equal(demo_generate(&o, &sink, &err), OK);
	sink.ctx = &all;
	o.all_answer = true;
	assert_int_equal(demo_generate(&o, &sink, &err), OK);
	assert_int_equal(some.n_asked, all.n_asked);
	assert_true(some.n_asked > CUSTOMERS / 2);
	for (size_t i = 0; i < CUSTOMERS; i++) {
		if (!all.said[i]) continue;
		if (some.said[i]) assert_true(some.score[i] == all.score[i]);
		mean_add(some.said[i] ? &said : &silent, 25 * (all.score[i] - 1));
	}
	difference_is(&silent, &said, demo_sizes[DEMO_SILENT].size, "the silent against those who answer");
}

static void truth_13_a_return_is_not_the_same_everywhere(void **state)
{
	const double store = demo_sizes[DEMO_RETURN_STORE].size, phone = demo_sizes[DEMO_RETURN_PHONE].size;
	difference_is(&counted.store, &counted.phone, store - phone, "returns, store against phone");
	difference_is(&counted.store, &counted.web, store - demo_sizes[DEMO_RETURN_WEB].size,
	              "returns, store against web");
	assert_true(fabs(mean_of(&counted.store) - store) < 3 * sqrt(var_of(&counted.store)) + 1);
	difference_is(&counted.sharjah, &counted.dubai, demo_sizes[DEMO_SHARJAH].size, "Sharjah against Dubai");
}

static void truth_4_the_card_delights(void **state)
{
	difference_is(&counted.unboxing_card, &counted.unboxing, demo_sizes[DEMO_CARD_UNBOXING].size,
	              "unboxing with the card");
	difference_is(&counted.review_card, &counted.review, demo_sizes[DEMO_CARD_REVIEW].size,
	              "reviews with the card");
	difference_is(&counted.nps_card, &counted.nps, demo_sizes[DEMO_CARD_RECOMMEND].size,
	              "recommendation with the card");
}

static void truth_6_some_write_to_branch_staff_and_nobody_gets_the_newsletter(void **state)
{
	share_is(&counted.messaged, demo_sizes[DEMO_PRIVATE_MESSAGE].size, 0, "private messages");
	assert_int_equal(counted.newsletters, 0);
}

static void truth_7_newcomers_outside_the_cities_wait(void **state)
{
	share_is(&counted.promise_newcomer, demo_sizes[DEMO_PROMISE_NEWCOMER].size, 0, "promise, newcomers in towns");
	share_is(&counted.promise_other, demo_sizes[DEMO_PROMISE_OTHER].size, 0, "promise, others");
}

static void truth_8_staff_see_the_policy_before_customers_feel_it(void **state)
{
	difference_is(&counted.returns_after, &counted.returns_before, demo_sizes[DEMO_POLICY_SCORE].size,
	              "answers about returns under the policy");
	/* Nobody names it before it is felt; then they do, in each language. */
	assert_int_equal(counted.cited_early, 0);
	for (size_t i = 0; i < 3; i++) assert_true(counted.cited[i] >= 10);
	/* Staff: ten times as often from the day of the policy on. */
	assert_true(counted.noted.hits / counted.noted.n > 0.06);
	assert_true(counted.noted_before.hits / counted.noted_before.n < 0.03);
}

static void truth_12_baskets_are_emptied_from_one_day_on(void **state)
{
	int64_t all = 0;
	share_is(&counted.baskets, demo_sizes[DEMO_BASKET_TOLD].size, 0, "baskets told of");
	assert_true(counted.baskets_before.hits == 0 && counted.baskets_before.n > 1000);
	for (size_t i = 0; i < COUNT_OF(counted.wordings); i++) {
		assert_true(counted.wordings[i] > 0);
		all += counted.wordings[i];
	}
	assert_true((double)all == counted.baskets.hits);
}

static void truth_14_a_call_back_keeps_people(void **state)
{
	share_is(&counted.kept[2], demo_sizes[DEMO_KEPT_SOON].size, 0.01, "kept, called back within 24 hours");
	share_is(&counted.kept[3], demo_sizes[DEMO_KEPT_LATER].size, 0.01, "kept, called back later");
	share_is(&counted.kept[1], demo_sizes[DEMO_KEPT_NONE].size, 0.01, "kept, never called back");
	const double a = counted.members.hits / counted.members.n, b = counted.others.hits / counted.others.n,
	             se = sqrt(a * (1 - a) / counted.members.n + b * (1 - b) / counted.others.n);
	if (counted.members.n < 50 || fabs(a - b - demo_sizes[DEMO_CLUB_FORGIVES].size) > 3 * se)
		fail_msg("members %.3f of %.0f, others %.3f of %.0f", a, counted.members.n, b, counted.others.n);
}

static double chi_square(double (*cells)[2], size_t n)
{
	double column[2] = { 0 }, all = 0, x = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 2; k++) column[k] += cells[i][k], all += cells[i][k];
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 2; k++) {
			const double want = (cells[i][0] + cells[i][1]) * column[k] / all;
			assert_true(want > 5);
			x += (cells[i][k] - want) * (cells[i][k] - want) / want;
		}
	return x;
}

static void truth_15_tape_and_birth_change_nothing(void **state)
{
	/* 99 % quantiles with 3 and 11 degrees of freedom: p > 0.01. */
	const double tape = chi_square(counted.tape, 4), birth = chi_square(counted.birth, 12);
	if (tape >= 11.345) fail_msg("the colour of the tape changes answers: chi-square %.2f", tape);
	if (birth >= 24.725) fail_msg("the month of birth changes answers: chi-square %.2f", birth);
}

static void bad_options_are_refused(void **state)
{
	struct err err;
	const struct wire_sink sink = { .ctx = &counted, .event = on_event };
	assert_int_equal(
	        demo_generate(&(struct demo_options){ .seed = 1, .end_day = 0, .n_customers = 10 }, &sink, &err),
	        ERR_INPUT);
	assert_string_equal(err.field, "end_day");
	assert_int_equal(
	        demo_generate(
	                &(struct demo_options){ .seed = 1, .end_day = END_DAY, .n_customers = DEMO_CUSTOMERS_MAX + 1 },
	                &sink, &err),
	        ERR_LIMIT);
}

static enum err_code on_full(void *ctx, const struct wire_event *e, struct err *err)
{
	return err_set(err, ERR_IO, "test.full", "", "the disk is full");
}

static void an_error_of_the_sink_comes_back(void **state)
{
	struct err err;
	const struct wire_sink sink = { .event = on_full };
	assert_int_equal(
	        demo_generate(&(struct demo_options){ .seed = 1, .end_day = END_DAY, .n_customers = 10 }, &sink, &err),
	        ERR_IO);
	assert_string_equal(err.id, "test.full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_bytes),
		cmocka_unit_test(fewer_customers_are_the_first_of_more),
		cmocka_unit_test(the_numbers_are_those_of_the_story),
		cmocka_unit_test(truth_1_rahwan_is_late_and_it_costs),
		cmocka_unit_test(truth_2_the_code_comes_late_on_mobile_web),
		cmocka_unit_test(truth_3_they_call_again_and_again),
		cmocka_unit_test(truth_4_the_card_delights),
		cmocka_unit_test(truth_6_some_write_to_branch_staff_and_nobody_gets_the_newsletter),
		cmocka_unit_test(truth_7_newcomers_outside_the_cities_wait),
		cmocka_unit_test(truth_8_staff_see_the_policy_before_customers_feel_it),
		cmocka_unit_test(truth_9_one_in_four_leaves_the_queue),
		cmocka_unit_test(truth_10_who_keeps_silent_would_score_lower),
		cmocka_unit_test(truth_12_baskets_are_emptied_from_one_day_on),
		cmocka_unit_test(truth_13_a_return_is_not_the_same_everywhere),
		cmocka_unit_test(truth_14_a_call_back_keeps_people),
		cmocka_unit_test(truth_15_tape_and_birth_change_nothing),
		cmocka_unit_test(bad_options_are_refused),
		cmocka_unit_test(an_error_of_the_sink_comes_back),
	};
	return cmocka_run_group_tests(tests, make, NULL);
}
