/* Follow-ups: units and their weeks, rules, opening once, overdue, what became of them. */
#include "act/act.h"
#include "tests/unit/unit.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/hash.h"
#include "base/when.h"

struct world {
	char dir[64];
	struct store *st;
	struct govern *g;
	struct inbox *x;
	struct outbox *o;
	struct act *act;
	struct arena a;
	int64_t now_ms;
	int n; /* events so far: their ids */
};

static int64_t clock_of(void *ctx)
{
	return ((struct world *)ctx)->now_ms;
}

static int64_t at(const char *iso)
{
	int64_t ms;
	assert_true(when_parse_iso(str_of(iso), &ms, NULL));
	return ms;
}

static struct err why;
#define OK_OR_SHOW(call)                                                                                               \
	do {                                                                                                           \
		enum err_code rc_ = (call);                                                                            \
		if (rc_ != OK) fail_msg("%s: %s (%s)", #call, why.text, why.id ? why.id : "?");                        \
	} while (0)

static int drop(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s, (void)type, (void)f;
	return remove(path);
}

static void open_all(struct world *w)
{
	OK_OR_SHOW(store_open(w->dir, STORE_CREATE, &w->st, &why));
	OK_OR_SHOW(govern_open(w->st, &(struct govern_options){ clock_of, w }, &w->g, &why));
	OK_OR_SHOW(inbox_open(w->st, &w->x, &why));
	OK_OR_SHOW(outbox_open(w->st, &(struct outbox_options){ clock_of, w }, &w->o, &why));
	OK_OR_SHOW(act_open(w->st, &(struct act_options){ clock_of, w, w->g, w->x, w->o, NULL }, &w->act, &why));
}

static void close_all(struct world *w)
{
	act_close(w->act);
	outbox_close(w->o);
	inbox_close(w->x);
	govern_close(w->g);
	store_close(w->st);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	snprintf(w->dir, sizeof w->dir, "/tmp/act-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	arena_init(&w->a, 256 * MIB);
	w->now_ms = at("2026-03-02T09:00:00Z");
	open_all(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	close_all(w);
	arena_done(&w->a);
	nftw(w->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

/* A score and words that come in now. */
static uint64_t put(struct world *w, const char *customer, const char *unit, double score, const char *comment)
{
	char id[16];
	snprintf(id, sizeof id, "e%d", w->n++);
	const struct str body = str_format(&w->a,
	                                   "{\"properties\":{\"score\":%g,\"score_kind\":\"nps\",\"unit\":\"%s\","
	                                   "\"about\":\"Order Delivered\",\"comment\":\"%s\"}}",
	                                   score, unit, comment);
	struct wire_event e = { .type = WIRE_TRACK,
		                .customer = str_of(customer),
		                .anonymous = STR(""),
		                .previous = STR(""),
		                .name = STR("Survey"),
		                .channel = STR("sms"),
		                .id = str_of(id),
		                .at_ms = w->now_ms,
		                .body = body,
		                .content = hash64(body) };
	struct store_item item = { .event = &e };
	OK_OR_SHOW(store_append(w->st, 1, w->now_ms, &item, 1, NULL, &why));
	return item.arrival;
}

static void look(struct world *w)
{
	OK_OR_SHOW(inbox_catch_up(w->x, &why));
	OK_OR_SHOW(act_catch_up(w->act, &why));
}

static int64_t rule(struct world *w, const char *document)
{
	int64_t id = 0;
	OK_OR_SHOW(act_rule_save(w->act, 0, str_of(document), true, STR("ann"), &w->a, &id, &why));
	return id;
}

static const char unhappy[] =
        "{\"name\":{\"en\":\"Unhappy\",\"fa\":\"ناراضی\"},\"score\":{\"at_most\":6,\"kind\":\"nps\"},"
        "\"due_hours\":8}";

static struct act_page all(struct world *w)
{
	struct act_page p;
	const struct act_filter any = { .arrival = -1 };
	OK_OR_SHOW(act_list(w->act, &any, ACT_FIRST, 100, &w->a, &p, &why));
	return p;
}

static void unit(struct world *w, const char *path, const char *country, const char *responsible)
{
	const struct act_unit u = { .unit = str_of(path),
		                    .country = str_of(country),
		                    .zone = STR(""),
		                    .responsible = str_of(responsible),
		                    .mail = STR(""),
		                    .lang = STR(""),
		                    .author = STR("ann") };
	OK_OR_SHOW(act_unit_put(w->act, &u, &why));
}

/* 2026-03-05 is a Thursday: an evening before a weekend, and not the same weekend in both. */
static void each_unit_has_its_own_week(void **state)
{
	struct world *w = *state;
	unit(w, "", "", "boss@example.com");
	unit(w, "saudi", "SA", "saad@example.com");
	unit(w, "iran", "IR", "parisa@example.com");
	rule(w, unhappy);
	w->now_ms = at("2026-03-05T18:00:00+03:00");
	put(w, "u1", "saudi/riyadh", 2, "late");
	put(w, "u2", "iran/tehran", 2, "دیر رسید");
	put(w, "u3", "", 2, "late");
	look(w);
	const struct act_page p = all(w);
	assert_int_equal(p.n, 3);
	for (size_t i = 0; i < p.n; i++) {
		const struct act_follow_up *f = &p.rows[i];
		assert_int_equal(f->opened_ms, w->now_ms);
		/* Riyadh: Friday and Saturday off, so the eight hours are Sunday's, 9 to 17. Tehran: Friday off, and
		 * the week begins on Saturday. Nobody says how the rest works: 9 to 17 by UTC, of which Thursday has
		 * two left. */
		const char *due = str_eq(f->unit, STR("saudi/riyadh"))  ? "2026-03-08T17:00:00+03:00"
		                  : str_eq(f->unit, STR("iran/tehran")) ? "2026-03-07T17:00:00+03:30"
		                                                        : "2026-03-06T15:00:00Z";
		const char *who = str_eq(f->unit, STR("saudi/riyadh"))  ? "saad@example.com"
		                  : str_eq(f->unit, STR("iran/tehran")) ? "parisa@example.com"
		                                                        : "boss@example.com";
		assert_int_equal(f->due_ms, at(due));
		assert_string_equal(f->responsible.ptr, who);
	}
}

/* By its country, or where nobody says one by that of its zone: days from Monday, and the first day of the week. */
static void a_week_is_that_of_the_country_and_without_one_that_of_the_zone(void **state)
{
	static const struct {
		const char *country, *zone, *days,
		        *week; /* o open, h half, - closed; the newest whole week on 2026-03-11 */
	} rows[] = {
		{ "SA", "", "oooo--o", "2026-03-01T00:00:00+03:00" },
		{ "", "Asia/Riyadh", "oooo--o", "2026-03-01T00:00:00+03:00" },
		{ "IR", "", "oooh-oo", "2026-02-28T00:00:00+03:30" },
		{ "", "Asia/Tehran", "oooh-oo", "2026-02-28T00:00:00+03:30" },
		{ "AE", "", "ooooh--", NULL },
		{ "", "Asia/Dubai", "ooooh--", NULL },
		{ "GB", "", "ooooo--", "2026-03-02T00:00:00Z" },
		{ "", "Europe/London", "ooooo--", "2026-03-02T00:00:00Z" },
		{ "", "Europe/Belfast", "ooooo--", "2026-03-02T00:00:00Z" }, /* another name of it */
		/* The country says the days, the zone the hours: a Saudi unit whose people sit in London. */
		{ "SA", "Europe/London", "oooo--o", "2026-03-01T00:00:00Z" },
		{ "", "UTC", "ooooo--", "2026-03-02T00:00:00Z" },
	};
	struct world *w = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct act_unit u = { .unit = STR("here"),
			              .country = str_of(rows[i].country),
			              .zone = str_of(rows[i].zone),
			              .responsible = STR(""),
			              .mail = STR(""),
			              .lang = STR(""),
			              .author = STR("ann") };
		struct act_week week;
		char days[8] = { 0 };
		OK_OR_SHOW(act_unit_put(w->act, &u, &why));
		OK_OR_SHOW(act_unit(w->act, STR("here/there"), &w->a, &u, &why));
		for (int d = 0; d < 7; d++)
			days[d] = u.hours.day[d].to == 0 ? '-' : u.hours.day[d].to == 17 * 60 ? 'o' : 'h';
		assert_string_equal(days, rows[i].days);
		OK_OR_SHOW(act_week_of(&u, at("2026-03-11T12:00:00Z"), &week, &why));
		if (rows[i].week) assert_int_equal(week.from_ms, at(rows[i].week));
	}
}

static void a_feedback_opens_one_by_its_strictest_rule_also_after_a_restart(void **state)
{
	struct world *w = *state;
	put(w, "u0", "", 1, "before the rule");
	look(w);
	rule(w, unhappy);
	rule(w, "{\"name\":{\"en\":\"Refund\"},\"words\":[\"refund\",\"استرداد\"]}");
	put(w, "u1", "", 3, "I want my refund");
	put(w, "u2", "", 9, "fine");
	put(w, "u3", "", 9, "أريد الاسترداد");
	look(w);
	assert_int_equal(all(w).n, 2); /* of the first both rules fit */
	OK_OR_SHOW(inbox_rebuild(w->x, &why));
	look(w);
	close_all(w);
	open_all(w);
	look(w);
	put(w, "u4", "", 0, "worst");
	look(w);
	look(w);
	assert_int_equal(all(w).n, 3);
}

static void a_rule_takes_all_or_any(void **state)
{
	struct world *w = *state;
	struct act_rule r;
	struct act_fitter *f;
	bool fits;
	OK_OR_SHOW(act_fitter_new(w->act, &f, &why));
	struct inbox_row row = { .event = STR("Survey"),
		                 .about = STR("Order Delivered"),
		                 .unit = STR("sa/riyadh"),
		                 .channel = STR("sms"),
		                 .lang = STR("en"),
		                 .score_kind = STR("csat"),
		                 .has_score = true,
		                 .score = 2,
		                 .utility = 25,
		                 .comment = STR("never again") };
	static const struct {
		const char *document;
		bool fits;
	} cases[] = {
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":2,\"kind\":\"csat\"}}", true },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":2,\"kind\":\"nps\"}}", false },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":24}}", false },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":25},\"events\":[\"Order Delivered\"]}", true },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":25},\"words\":[\"refund\"]}", false },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":25},\"words\":[\"refund\"],\"match\":\"any\"}",
		  true },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"\\\"never again\\\"\"],\"unit\":\"sa\"}", true },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"never\"],\"unit\":\"sa/ri\"}", false },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"never\"],\"channel\":\"web\"}", false },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"never\"],\"lang\":\"en\"}", true },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OK_OR_SHOW(act_rule_read(str_of(cases[i].document), &w->a, &r, &why));
		OK_OR_SHOW(act_rule_fits(f, &r, &row, &fits, &why));
		if (fits != cases[i].fits) fail_msg("%s", cases[i].document);
	}
	act_fitter_free(f);
}

static void words_fit_whatever_their_endings(void **state)
{
	struct world *w = *state;
	struct act_rule r;
	struct act_fitter *f;
	static const struct {
		const char *lang, *comment, *word;
		bool fits;
	} cases[] = {
		{ "en", "Both deliveries were late", "delivery", true },
		{ "en", "You are refunding nobody", "refunds", true },
		{ "en", "I was promised a call", "calling -promised", false },
		{ "en", "My order has the wrong size", "\\\"order wrong\\\"", false },
		{ "en", "two orders wrong again", "\\\"order wrong\\\"", true },
		{ "ar", "المندوبين تأخروا علينا", "مندوب", true },
		{ "ar", "والتوصيل كان بطيئا", "التوصيل", true },
		{ "ar", "السعر جيد", "توصيل", false },
		{ "fa", "سفارش‌هایم را نفرستادید", "سفارش", true },
		{ "fa", "کتاب‌ها پاره بودند", "کتاب‌هایم", true },
		{ "fa", "قیمت خوب بود", "سفارش", false },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct inbox_row row = { .lang = str_of(cases[i].lang), .comment = str_of(cases[i].comment) };
		const struct str document =
		        str_format(&w->a, "{\"name\":{\"en\":\"x\"},\"words\":[\"%s\"]}", cases[i].word);
		bool fits;
		OK_OR_SHOW(act_fitter_new(w->act, &f, &why));
		OK_OR_SHOW(act_rule_read(document, &w->a, &r, &why));
		OK_OR_SHOW(act_rule_fits(f, &r, &row, &fits, &why));
		if (fits != cases[i].fits) fail_msg("%s: %s", cases[i].word, cases[i].comment);
		act_fitter_free(f);
	}
}

static void impossible_rules_are_refused(void **state)
{
	struct world *w = *state;
	struct act_rule r;
	static const struct {
		const char *document, *field;
	} cases[] = {
		{ "{\"score\":{\"at_most\":2}}", "name" },
		{ "{\"name\":{\"en\":\" \"},\"score\":{\"at_most\":2}}", "name" },
		{ "{\"name\":{\"en\":\"x\"}}", "score" },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":\"2\"}}", "at_most" },
		{ "{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":2,\"kind\":\"stars\"}}", "score" },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"-x\"]}", "words" },
		{ "{\"name\":{\"en\":\"x\"},\"words\":\"late\"}", "words" },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"late\"],\"match\":\"some\"}", "match" },
		{ "{\"name\":{\"en\":\"x\"},\"words\":[\"late\"],\"due_hours\":0}", "due_hours" },
		{ "{\"name\":{\"en\":\"x\"},\"topics\":\"delivery\"}", "topics" },
		{ "{\"name\":{\"en\":\"x\"},\"feelings\":[\"sad\"]}", "feelings" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		why = (struct err){ 0 };
		if (act_rule_read(str_of(cases[i].document), &w->a, &r, &why) != ERR_INPUT ||
		    strcmp(why.field, cases[i].field) != 0)
			fail_msg("%s: %s", cases[i].document, why.field);
	}
}

static void what_is_overdue_goes_one_up_once(void **state)
{
	struct world *w = *state;
	struct act_step *steps;
	size_t n, escalated = 0;
	unit(w, "", "SA", "boss@example.com");
	unit(w, "saudi/riyadh", "", "saad@example.com");
	rule(w, unhappy);
	put(w, "u1", "saudi/riyadh", 2, "late");
	look(w);
	const int64_t id = all(w).rows[0].id;
	w->now_ms = all(w).rows[0].due_ms;
	look(w);
	assert_int_equal(all(w).rows[0].escalated_ms, 0);
	w->now_ms++;
	look(w);
	look(w);
	OK_OR_SHOW(act_steps(w->act, id, &w->a, &steps, &n, &why));
	for (size_t i = 0; i < n; i++)
		if (str_eq(steps[i].what, STR("escalated"))) {
			escalated++;
			assert_string_equal(steps[i].text.ptr, "boss@example.com");
		}
	assert_int_equal(escalated, 1);
	assert_int_equal(all(w).rows[0].escalated_ms, w->now_ms);
}

static void the_responsible_is_told_by_mail(void **state)
{
	struct world *w = *state;
	struct outbox_row *rows;
	size_t n;
	OK_OR_SHOW(outbox_channel_put(w->o, STR("mail"),
	                              str_of("{\"kind\":\"folder\",\"medium\":\"email\",\"enabled\":true}"), &why));
	unit(w, "iran", "IR", "parisa@example.com");
	rule(w, unhappy);
	put(w, "u1", "iran/tehran", 2, "دیر");
	look(w);
	OK_OR_SHOW(outbox_list(w->o, STR(""), OUTBOX_STATES, 0, 10, &w->a, &rows, &n, &why));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].address.ptr, "parisa@example.com");
	assert_string_equal(rows[0].purpose.ptr, "follow-up");
}

static void closing_needs_an_outcome_and_finishes_the_feedback(void **state)
{
	struct world *w = *state;
	struct inbox_row row;
	const enum act_state closed = ACT_CLOSED, open = ACT_DOING;
	const struct str solved = STR("solved"), odd = STR("magic"), cause = STR("courier");
	rule(w, unhappy);
	const uint64_t arrival = put(w, "u1", "", 2, "late");
	look(w);
	const int64_t id = all(w).rows[0].id;
	OK_OR_SHOW(inbox_get(w->x, arrival, &w->a, &row, &why));
	assert_int_equal(row.state, INBOX_OPEN);
	assert_int_equal(act_change(w->act, id, &(struct act_change){ .state = &closed }, STR("ann"), &why), ERR_INPUT);
	assert_int_equal(act_change(w->act, id, &(struct act_change){ .outcome = &odd }, STR("ann"), &why), ERR_INPUT);
	assert_int_equal(act_change(w->act, id + 1, &(struct act_change){ .cause = &cause }, STR("ann"), &why),
	                 ERR_NOT_FOUND);
	w->now_ms += 1000;
	OK_OR_SHOW(act_change(w->act, id, &(struct act_change){ .state = &closed, .outcome = &solved, .cause = &cause },
	                      STR("ann"), &why));
	OK_OR_SHOW(inbox_get(w->x, arrival, &w->a, &row, &why));
	assert_int_equal(row.state, INBOX_DONE);
	assert_int_equal(all(w).rows[0].closed_ms, w->now_ms);
	OK_OR_SHOW(act_change(w->act, id, &(struct act_change){ .state = &open }, STR("ann"), &why));
	assert_int_equal(all(w).rows[0].closed_ms, 0);
}

/* Forty customers: on time or not, better or not by a rule of thumb, counted again here in plain steps. */
static void the_summary_equals_a_recount(void **state)
{
	struct world *w = *state;
	const enum act_state closed = ACT_CLOSED, doing = ACT_DOING;
	const struct str solved = STR("solved"), partly = STR("partly");
	struct act_summary s;
	int64_t on_time = 0, judged = 0, overdue = 0;
	double sum = 0, sum_without = 0;
	int pairs = 0, pairs_without = 0;
	rule(w, unhappy);
	const int64_t began = w->now_ms;
	for (int i = 0; i < 40; i++) {
		char who[8];
		snprintf(who, sizeof who, "u%d", i);
		put(w, who, "", i % 7, "bad");
	}
	look(w);
	const struct act_page p = all(w);
	assert_int_equal(p.n, 40);
	for (size_t i = 0; i < p.n; i++) {
		const int k = (int)p.rows[i].id - 1; /* in the order of arrival */
		w->now_ms = began + (k + 1) * WHEN_HOUR_MS;
		if (k % 4 == 3) continue; /* stays open */
		OK_OR_SHOW(act_step_add(w->act, p.rows[i].id, "reply", STR("sorry"), STR("ann"), &why));
		/* What is said while it is looked after is neither before nor after; nor is what comes before a second
		 * closing. */
		char who[8];
		snprintf(who, sizeof who, "u%d", k);
		if (k % 5 == 0) put(w, who, "", 10, "meanwhile");
		for (int times = k % 8 == 1 ? 2 : 1; times > 0; times--) {
			w->now_ms += 60000;
			OK_OR_SHOW(act_change(
			        w->act, p.rows[i].id,
			        &(struct act_change){ .state = &closed, .outcome = k % 2 ? &partly : &solved },
			        STR("ann"), &why));
			if (times == 1) break;
			w->now_ms += 60000;
			OK_OR_SHOW(act_change(w->act, p.rows[i].id, &(struct act_change){ .state = &doing }, STR("ann"),
			                      &why));
			put(w, who, "", 9, "reopened");
		}
		on_time += w->now_ms <= p.rows[i].due_ms;
		judged++;
	}
	w->now_ms = began + 10 * WHEN_DAY_MS;
	for (int i = 0; i < 40; i++) {
		char who[8];
		if (i % 3 == 2) continue; /* never heard of again */
		snprintf(who, sizeof who, "u%d", i);
		const int after = (i % 7) + (i % 4 == 3 ? 1 : 3);
		put(w, who, "", after, "again");
		w->now_ms += 1000;
		put(w, who, "", 0, "later still"); /* only the next one counts */
		if (i % 4 == 3) sum_without += 10 * (after - i % 7), pairs_without++;
		else sum += 10 * (after - i % 7), pairs++;
	}
	OK_OR_SHOW(inbox_catch_up(w->x, &why));
	for (size_t i = 0; i < p.n; i++) overdue += (p.rows[i].id - 1) % 4 == 3 && p.rows[i].due_ms < w->now_ms;
	OK_OR_SHOW(act_summary(w->act, STR(""), began, began + 1, &w->a, &s, &why));
	assert_int_equal(s.opened, 40);
	assert_int_equal(s.by_state[ACT_CLOSED], 30);
	assert_int_equal(s.overdue, overdue);
	assert_int_equal(s.on_time.n, judged + overdue);
	struct interval range;
	OK_OR_SHOW(stats_wilson(on_time, judged + overdue, STATS_Z95, &range, &why));
	assert_true(fabs(s.on_time.est - (double)on_time / (double)(judged + overdue)) < 1e-12);
	assert_true(fabs(s.on_time.lo - range.low) < 1e-12 && fabs(s.on_time.hi - range.high) < 1e-12);
	assert_int_equal(s.recovery.n, pairs);
	assert_true(fabs(s.recovery.est - sum / pairs) < 1e-9);
	assert_int_equal(s.without.n, pairs_without);
	assert_true(fabs(s.without.est - sum_without / pairs_without) < 1e-9);
	assert_int_equal(s.outcomes[0] + s.outcomes[1], 30);
	assert_int_equal(s.first_reply.n, 30);
}

static void a_rule_is_tried_on_history(void **state)
{
	struct world *w = *state;
	struct act_rule r;
	struct act_trial t;
	const int64_t began = w->now_ms;
	for (int i = 0; i < 30; i++) {
		put(w, "u1", i % 2 ? "sa/riyadh" : "ae", i % 11, "word");
		w->now_ms += WHEN_HOUR_MS;
	}
	OK_OR_SHOW(inbox_catch_up(w->x, &why));
	OK_OR_SHOW(act_rule_read(
	        STR("{\"name\":{\"en\":\"x\"},\"score\":{\"at_most\":6,\"kind\":\"nps\"},\"unit\":\"sa\"}"), &w->a, &r,
	        &why));
	OK_OR_SHOW(act_rule_try(w->act, &r, began + WHEN_HOUR_MS, began + 29 * WHEN_HOUR_MS, &w->a, &t, &why));
	int64_t want = 0;
	for (int i = 1; i < 29; i++) want += i % 2 && i % 11 <= 6;
	assert_int_equal(t.feedback, 28);
	assert_int_equal(t.would_open, want);
	assert_int_equal(t.n_samples, ACT_SAMPLES);
	for (size_t i = 1; i < t.n_samples; i++) assert_true(t.samples[i - 1].at_ms > t.samples[i].at_ms);
	assert_int_equal(all(w).n, 0);
}

static void units_say_less_and_less_down_the_tree(void **state)
{
	struct world *w = *state;
	struct act_unit u, odd = { .unit = STR("x"),
		                   .country = STR("ZZ"),
		                   .zone = STR(""),
		                   .responsible = STR(""),
		                   .mail = STR(""),
		                   .lang = STR("") };
	unit(w, "", "AE", "boss@example.com");
	OK_OR_SHOW(act_unit_put(w->act,
	                        &(struct act_unit){ .unit = STR("iran"),
	                                            .country = STR("IR"),
	                                            .zone = STR(""),
	                                            .responsible = STR(""),
	                                            .mail = STR("iran@example.com"),
	                                            .lang = STR("fa"),
	                                            .author = STR("ann") },
	                        &why));
	OK_OR_SHOW(act_unit(w->act, STR("iran/tehran"), &w->a, &u, &why));
	assert_string_equal(u.zone.ptr, "Asia/Tehran");
	assert_string_equal(u.responsible.ptr, "boss@example.com");
	assert_string_equal(u.mail.ptr, "iran@example.com");
	assert_string_equal(u.lang.ptr, "fa");
	assert_int_equal(u.hours.day[4].to, 0); /* Friday */
	OK_OR_SHOW(act_unit(w->act, STR("iranian"), &w->a, &u, &why));
	assert_string_equal(u.country.ptr, "AE");
	assert_int_equal(act_unit_put(w->act, &odd, &why), ERR_INPUT);
	struct hours h;
	assert_int_equal(act_hours_read(STR("{\"days\":[null,null,null,null,null,null,null]}"), &h, &why), ERR_INPUT);
	assert_int_equal(act_hours_read(STR("{\"days\":[[540,1020],null]}"), &h, &why), ERR_INPUT);
	assert_int_equal(act_hours_read(STR("{\"days\":[[540,500],null,null,null,null,null,null]}"), &h, &why),
	                 ERR_INPUT);
	OK_OR_SHOW(act_hours_read(STR("{\"days\":[[540,1020],null,null,null,null,null,[0,1440]],\"holidays\":true}"),
	                          &h, &why));
	assert_true(h.holidays && h.day[6].to == 1440 && h.day[1].to == 0);
}

/* 2026-03-05 is a Thursday. The week begins on Sunday in Saudi Arabia, on Saturday in Iran, on Monday in Germany. */
static void a_report_covers_the_units_own_week(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *unit, *country, *from, *to, *goes;
	} cases[] = {
		{ "saudi", "SA", "2026-02-22T00:00:00+03:00", "2026-03-01T00:00:00+03:00",
		  "2026-03-01T09:00:00+03:00" },
		{ "iran", "IR", "2026-02-21T00:00:00+03:30", "2026-02-28T00:00:00+03:30", "2026-02-28T09:00:00+03:30" },
		{ "germany", "DE", "2026-02-23T00:00:00+01:00", "2026-03-02T00:00:00+01:00",
		  "2026-03-02T09:00:00+01:00" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct act_unit u;
		struct act_week week;
		unit(w, cases[i].unit, cases[i].country, "ann");
		OK_OR_SHOW(act_unit(w->act, str_of(cases[i].unit), &w->a, &u, &why));
		OK_OR_SHOW(act_week_of(&u, at("2026-03-05T12:00:00Z"), &week, &why));
		if (week.from_ms != at(cases[i].from) || week.to_ms != at(cases[i].to) ||
		    week.goes_ms != at(cases[i].goes))
			fail_msg("%s: %lld %lld %lld", cases[i].unit, (long long)week.from_ms, (long long)week.to_ms,
			         (long long)week.goes_ms);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(each_unit_has_its_own_week),
		CASE(a_week_is_that_of_the_country_and_without_one_that_of_the_zone),
		CASE(a_feedback_opens_one_by_its_strictest_rule_also_after_a_restart),
		CASE(a_rule_takes_all_or_any),
		CASE(words_fit_whatever_their_endings),
		CASE(impossible_rules_are_refused),
		CASE(what_is_overdue_goes_one_up_once),
		CASE(the_responsible_is_told_by_mail),
		CASE(closing_needs_an_outcome_and_finishes_the_feedback),
		CASE(the_summary_equals_a_recount),
		CASE(a_rule_is_tried_on_history),
		CASE(units_say_less_and_less_down_the_tree),
		CASE(a_report_covers_the_units_own_week),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
