/* The ten rules over a real store: order, caps when many ask at once, other rules tried on what happened. */
#include <ftw.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "base/json.h"
#include "contact/contact.h"

struct room {
	char dir[64];
	struct store *store;
	struct outbox *outbox;
	struct contact *contact;
	struct arena arena;
	int64_t now_ms;
	struct err err;
};

static int64_t room_now(void *ctx)
{
	return ((struct room *)ctx)->now_ms;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

static int room_open(void **state)
{
	struct room *r = calloc(1, sizeof *r);
	snprintf(r->dir, sizeof r->dir, "/tmp/safar-contact-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	arena_init(&r->arena, 256 << 20);
	assert_true(when_parse_iso(STR("2026-11-18T10:00:00Z"), &r->now_ms, NULL)); /* a Wednesday */
	const struct outbox_options out = { .now_ms = room_now, .now_ctx = r };
	assert_int_equal(store_open(r->dir, STORE_CREATE, &r->store, &r->err), OK);
	assert_int_equal(outbox_open(r->store, &out, &r->outbox, &r->err), OK);
	const struct contact_options opt = { .store = r->store, .outbox = r->outbox, .now_ms = room_now, .now_ctx = r };
	assert_int_equal(contact_open(&opt, &r->contact, &r->err), OK);
	*state = r;
	return 0;
}

static int room_close(void **state)
{
	struct room *r = *state;
	contact_close(r->contact);
	outbox_close(r->outbox);
	store_close(r->store);
	arena_done(&r->arena);
	nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(r);
	return 0;
}

struct putting {
	struct contact_person p;
	int64_t at_ms;
};

static enum err_code put_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct putting *p = ctx;
	return contact_person_put_in(w, &p->p, p->at_ms, err);
}

static void person(struct room *r, const char *customer, const char *email, const char *phone, const char *country)
{
	struct putting p = { { str_of(customer), str_of(email), str_of(phone), STR("ar"), str_of(country), STR(""),
		               STR(""), false },
		             r->now_ms };
	assert_int_equal(store_write(r->store, put_write, &p, &r->err), OK);
}

static void rules(struct room *r, const char *json)
{
	struct buf b;
	int64_t version;
	buf_init(&b, 1 << 20);
	assert_int_equal(contact_rules_get(r->contact, &b, &r->err), OK);
	assert_true(json_get_i64(buf_view(&b), STR("version"), &version));
	buf_done(&b);
	if (contact_rules_put(r->contact, (int)version, str_of(json), STR("ann"), &r->err) != OK)
		fail_msg("%s", r->err.text);
}

static struct contact_decision ask_by(struct room *r, const char *customer, const char *survey, enum contact_channel c)
{
	struct contact_decision d;
	const struct contact_request q = {
		.customer = str_of(customer), .survey = str_of(survey), .trigger = STR("invite"), .channel = c
	};
	if (contact_decide(r->contact, &q, &r->arena, &d, &r->err) != OK) fail_msg("%s", r->err.text);
	return d;
}

static enum contact_reason ask(struct room *r, const char *customer, const char *survey)
{
	return ask_by(r, customer, survey, CONTACT_EMAIL).reason;
}

static void rules_say_no_in_their_order(void **state)
{
	struct room *r = *state;
	person(r, "ann", "ann@example.com", "+966501234567", "SA");
	assert_int_equal(ask(r, "nobody", "csat"), CONTACT_NO_ADDRESS);
	assert_int_equal(ask_by(r, "ann", "csat", CONTACT_SMS).reason, CONTACT_NO_CONSENT); /* SMS are opt-in */
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_OK);
	assert_int_equal(ask(r, "ann", "nps"), CONTACT_QUARANTINE);
	r->now_ms += 91 * WHEN_DAY_MS;
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_RECONTACT);
	assert_int_equal(ask(r, "ann", "nps"), CONTACT_OK);
	/* Two ids with one address are one person. */
	person(r, "ann-2", "ann@example.com", "", "SA");
	assert_int_equal(ask(r, "ann-2", "ces"), CONTACT_QUARANTINE);
	assert_int_equal(contact_consent(r->contact, CONTACT_EMAIL, STR("ann@example.com"), CONTACT_WITHDRAWN,
	                                 STR("test"), &r->err),
	                 OK);
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_UNSUBSCRIBED);
	assert_int_equal(contact_consent(r->contact, CONTACT_EMAIL, STR("ann@example.com"), CONTACT_BOUNCES,
	                                 STR("test"), &r->err),
	                 OK);
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_BOUNCED);
	assert_int_equal(
	        contact_consent(r->contact, CONTACT_EMAIL, STR("ann@example.com"), CONTACT_GIVEN, STR("test"), &r->err),
	        OK);
	r->now_ms += 91 * WHEN_DAY_MS;
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_OK);
}

static void a_year_has_four_and_complaints_are_left_in_peace(void **state)
{
	struct room *r = *state;
	static const char *const surveys[] = { "a", "b", "c", "d" };
	person(r, "ann", "ann@example.com", "", "");
	rules(r, "{\"quarantine_days\":1}");
	for (size_t i = 0; i < COUNT_OF(surveys); i++) {
		assert_int_equal(ask(r, "ann", surveys[i]), CONTACT_OK);
		r->now_ms += 10 * WHEN_DAY_MS;
	}
	assert_int_equal(ask(r, "ann", "e"), CONTACT_YEAR);
	r->now_ms += 330 * WHEN_DAY_MS;
	struct contact_request q = { .customer = STR("ann"), .survey = STR("e"), .channel = CONTACT_EMAIL };
	struct contact_decision d;
	assert_int_equal(contact_would(r->contact, &q, &r->arena, &d, &r->err), OK);
	assert_int_equal(d.reason, CONTACT_OK);
	assert_int_equal(d.id, 0);
	assert_int_equal(ask(r, "ann", "e"), CONTACT_OK); /* looking kept nothing */
}

struct holding {
	bool release;
};

static enum err_code hold_write(void *ctx, struct store_write *w, struct err *err)
{
	const struct holding *h = ctx;
	return h->release ? contact_release_in(w, STR("ann"), STR("f1"), err)
	                  : contact_hold_in(w, STR("ann"), STR("f1"), 5, err);
}

static void an_open_complaint_holds_until_it_is_released(void **state)
{
	struct room *r = *state;
	struct holding h = { false };
	person(r, "ann", "ann@example.com", "", "");
	assert_int_equal(store_write(r->store, hold_write, &h, &r->err), OK);
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_COMPLAINT);
	h.release = true;
	assert_int_equal(store_write(r->store, hold_write, &h, &r->err), OK);
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_OK);
}

static void quiet_hours_are_those_of_the_customers_country(void **state)
{
	struct room *r = *state;
	struct contact_decision d;
	int64_t want;
	person(r, "riyadh", "a@example.com", "", "SA");
	person(r, "tehran", "b@example.com", "", "IR");
	person(r, "london", "c@example.com", "", "GB");
	assert_true(when_parse_iso(STR("2026-11-19T18:00:00Z"), &r->now_ms, NULL)); /* Thursday evening */
	d = ask_by(r, "riyadh", "csat", CONTACT_EMAIL);
	assert_true(d.ask);
	assert_true(when_parse_iso(STR("2026-11-22T06:00:00Z"), &want, NULL)); /* Sunday 9:00 */
	assert_int_equal(d.not_before_ms, want);
	d = ask_by(r, "tehran", "csat", CONTACT_EMAIL);
	assert_true(when_parse_iso(STR("2026-11-21T05:30:00Z"), &want, NULL)); /* Saturday 9:00 */
	assert_int_equal(d.not_before_ms, want);
	d = ask_by(r, "london", "csat", CONTACT_EMAIL);
	assert_int_equal(d.not_before_ms, r->now_ms); /* 18:00 on a Thursday */
	d = ask_by(r, "riyadh-2", "csat", CONTACT_WEB);
	assert_int_equal(d.not_before_ms, r->now_ms); /* who reads a page is awake */
}

static void caps_of_a_day_samples_and_quotas_are_kept(void **state)
{
	struct room *r = *state;
	char name[32], mail[48];
	int asked = 0, sampled_out = 0;
	rules(r,
	      "{\"daily\":{\"email\":10},\"surveys\":{\"half\":{\"sample\":0.5},\"few\":{\"quota\":{\"n\":3,\"by\":\"lang\"}}}}");
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "day-%d", i);
		snprintf(mail, sizeof mail, "d%d@example.com", i);
		person(r, name, mail, "", "");
		const enum contact_reason why = ask(r, name, "all");
		assert_true(why == CONTACT_OK || why == CONTACT_DAILY);
		asked += why == CONTACT_OK;
	}
	assert_int_equal(asked, 10);
	r->now_ms += 2 * WHEN_DAY_MS;
	asked = 0;
	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof name, "web-%d", i);
		const enum contact_reason why = ask_by(r, name, "half", CONTACT_WEB).reason;
		asked += why == CONTACT_OK;
		sampled_out += why == CONTACT_SAMPLE;
		/* The draw is the customer's: asking again says the same. */
		if (why == CONTACT_SAMPLE)
			assert_int_equal(ask_by(r, name, "half", CONTACT_WEB).reason, CONTACT_SAMPLE);
	}
	assert_int_equal(asked + sampled_out, 400);
	assert_in_range(asked, 160, 240); /* four standard errors of 400 fair draws */
	asked = 0;
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "few-%d", i);
		asked += ask_by(r, name, "few", CONTACT_WEB).reason == CONTACT_OK;
	}
	assert_int_equal(asked, 3);
}

/* --- many at once ------------------------------------------------------------------------------------ */

enum { CUSTOMERS = 1000, SURVEYS = 5 };
struct many {
	struct room *r;
	int survey;
	int asked[CUSTOMERS];
};

static void *ask_all(void *arg)
{
	struct many *m = arg;
	char name[32], survey[16];
	struct arena a;
	arena_init(&a, 64 << 20);
	snprintf(survey, sizeof survey, "survey-%d", m->survey);
	for (int i = 0; i < CUSTOMERS; i++) {
		struct contact_decision d;
		snprintf(name, sizeof name, "c%d", i);
		const struct contact_request q = { .customer = str_of(name),
			                           .survey = str_of(survey),
			                           .trigger = STR("widget"),
			                           .channel = CONTACT_WEB };
		if (contact_decide(m->r->contact, &q, &a, &d, NULL) != OK) break;
		m->asked[i] = d.ask;
		arena_reset(&a);
	}
	arena_done(&a);
	return NULL;
}

static void a_thousand_customers_and_five_surveys_at_once_pass_no_cap(void **state)
{
	struct room *r = *state;
	static struct many many[SURVEYS];
	pthread_t threads[SURVEYS];
	for (int i = 0; i < SURVEYS; i++) {
		many[i] = (struct many){ .r = r, .survey = i };
		assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &many[i]), 0);
	}
	for (int i = 0; i < SURVEYS; i++) pthread_join(threads[i], NULL);
	for (int c = 0; c < CUSTOMERS; c++) {
		int n = 0;
		for (int i = 0; i < SURVEYS; i++) n += many[i].asked[c];
		assert_int_equal(n, 1);
	}
	struct contact_sum *sums;
	size_t n;
	int64_t total = 0, asked = 0;
	assert_int_equal(contact_sums(r->contact, 0, &r->arena, &sums, &n, &r->err), OK);
	for (size_t i = 0; i < n; i++) {
		total += sums[i].n;
		if (sums[i].reason == CONTACT_OK) asked += sums[i].n;
	}
	assert_int_equal(total, CUSTOMERS * SURVEYS);
	assert_int_equal(asked, CUSTOMERS);
}

/* --- other rules ------------------------------------------------------------------------------------------ */

static int64_t number(struct str json, const char *key)
{
	int64_t v = -1;
	if (!json_get_i64(json, str_of(key), &v)) fail_msg("no %s in %.200s", key, json.ptr);
	return v;
}

static void what_if_decides_the_same_triggers_again(void **state)
{
	struct room *r = *state;
	struct buf b;
	char name[32];
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "w%d", i);
		assert_int_equal(ask_by(r, name, "one", CONTACT_WEB).reason, CONTACT_OK);
		r->now_ms += WHEN_HOUR_MS;
		assert_int_equal(ask_by(r, name, "two", CONTACT_WEB).reason, CONTACT_QUARANTINE);
	}
	assert_int_equal(contact_what_if(r->contact, STR("{}"), &b, &r->err), OK);
	assert_int_equal(number(buf_view(&b), "triggers"), 100);
	assert_int_equal(number(buf_view(&b), "asked_before"), 50);
	assert_int_equal(number(buf_view(&b), "asked_after"), 50);
	assert_int_equal(number(buf_view(&b), "more"), 0);
	assert_int_equal(number(buf_view(&b), "fewer"), 0);
	buf_clear(&b);
	assert_int_equal(contact_what_if(r->contact, STR("{\"quarantine_days\":0}"), &b, &r->err), OK);
	assert_int_equal(number(buf_view(&b), "asked_after"), 100);
	assert_int_equal(number(buf_view(&b), "more"), 50);
	buf_clear(&b);
	assert_int_equal(contact_what_if(r->contact, STR("{\"surveys\":{\"one\":{\"sample\":0}}}"), &b, &r->err), OK);
	assert_int_equal(number(buf_view(&b), "fewer"), 50); /* survey one asks nobody, so ... */
	assert_int_equal(number(buf_view(&b), "more"), 50);  /* ... survey two may */
	buf_done(&b);
}

static void the_stricter_of_two_rules_holds_and_is_shown(void **state)
{
	struct room *r = *state;
	struct buf b;
	person(r, "ann", "ann@example.com", "", "");
	rules(r, "{\"quarantine_days\":90,\"surveys\":{\"eager\":{\"quarantine_days\":7,\"year_max\":50}}}");
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_OK);
	r->now_ms += 30 * WHEN_DAY_MS;
	assert_int_equal(ask(r, "ann", "eager"), CONTACT_QUARANTINE);
	buf_init(&b, 1 << 20);
	assert_int_equal(contact_rules_get(r->contact, &b, &r->err), OK);
	buf_byte(&b, '\0');
	assert_non_null(strstr(b.ptr, "{\"survey\":\"eager\",\"rule\":\"quarantine_days\",\"wanted\":7,\"holds\":90}"));
	assert_non_null(strstr(b.ptr, "\"wanted\":50,\"holds\":4"));
	buf_done(&b);
	static const char *const bad[] = { "[]",
		                           "{\"quarantine\":3}",
		                           "{\"sample\":2}",
		                           "{\"quiet\":{\"from\":\"20:00\",\"to\":\"08:00\"}}",
		                           "{\"consent\":{\"fax\":\"opt_in\"}}",
		                           "{\"surveys\":{\"a\":{\"quota\":{}}}}",
		                           "{\"year_max\":-1}" };
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (contact_rules_put(r->contact, 1, str_of(bad[i]), STR(""), &r->err) != ERR_INPUT)
			fail_msg("took %s", bad[i]);
	assert_int_equal(contact_rules_put(r->contact, 0, STR("{}"), STR(""), &r->err), ERR_CONFLICT);
}

static void traits_become_addresses(void **state)
{
	struct room *r = *state;
	struct contact_person p = { .customer = STR("ann") };
	assert_int_equal(contact_person_merge(
	                         STR("{\"email\":\"Ann@Example.com\",\"phone\":\"۰۹۱۲ ۱۲۳ ۴۵۶۷\",\"country\":\"ir\","
	                             "\"locale\":\"fa-IR\",\"birthday\":\"2012-01-01\"}"),
	                         r->now_ms, &r->arena, &p, &r->err),
	                 OK);
	assert_str(p.email, "ann@example.com");
	assert_str(p.phone, "+989121234567");
	assert_str(p.country, "IR");
	assert_str(p.lang, "fa");
	assert_true(p.minor);
	/* What is not said stays, what is wrong stays out, null takes away. */
	assert_int_equal(contact_person_merge(STR("{\"email\":\"no mail\",\"phone\":null,\"age\":40}"), r->now_ms,
	                                      &r->arena, &p, &r->err),
	                 OK);
	assert_str(p.email, "ann@example.com");
	assert_str(p.phone, "");
	assert_false(p.minor);
}

struct leaving {
	struct room *r;
	struct str path;
};

static enum err_code leave_write(void *ctx, struct store_write *w, struct err *err)
{
	struct leaving *l = ctx;
	return contact_leave_path_in(l->r->contact, w, CONTACT_EMAIL, STR("ann@example.com"), &l->r->arena, &l->path,
	                             err);
}

static void unsubscribing_twice_is_one_line(void **state)
{
	struct room *r = *state;
	struct contact_line *lines;
	size_t n;
	person(r, "ann", "ann@example.com", "", "");
	assert_int_equal(contact_leave(r->contact, STR("nothing"), &r->err), ERR_NOT_FOUND);
	struct leaving leave = { r, { 0 } };
	assert_int_equal(store_write(r->store, leave_write, &leave, &r->err), OK);
	const struct str path = leave.path;
	const struct str token = str_cut(path, 3, path.len);
	enum contact_channel channel;
	struct str address;
	bool left;
	assert_int_equal(contact_leave_look(r->contact, token, &r->arena, &channel, &address, &left, &r->err), OK);
	assert_false(left);
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_OK); /* looking did nothing */
	assert_int_equal(contact_leave(r->contact, token, &r->err), OK);
	assert_int_equal(contact_leave(r->contact, token, &r->err), OK);
	assert_int_equal(
	        contact_ledger(r->contact, STR("ann@example.com"), false, 0, 10, &r->arena, &lines, &n, &r->err), OK);
	assert_int_equal(n, 1);
	assert_int_equal(ask(r, "ann", "nps"), CONTACT_UNSUBSCRIBED);
}

static enum err_code erase_write(void *ctx, struct store_write *w, struct err *err)
{
	int64_t *n = ctx;
	for (const struct store_personal *p = contact_personal; p->kind; p++)
		TRY(write_erase(w, p, STR("ann"), 0, n, err));
	return OK;
}

static void an_erased_customer_leaves_numbers_without_a_name(void **state)
{
	struct room *r = *state;
	struct contact_person p;
	struct contact_row *rows;
	size_t n;
	person(r, "ann", "ann@example.com", "", "");
	assert_int_equal(ask(r, "ann", "csat"), CONTACT_OK);
	int64_t erased = 0;
	assert_int_equal(
	        contact_consent(r->contact, CONTACT_EMAIL, STR("ann@example.com"), CONTACT_GIVEN, STR("root"), &r->err),
	        OK);
	assert_int_equal(contact_consent(r->contact, CONTACT_EMAIL, STR("ann@example.com"), CONTACT_WITHDRAWN,
	                                 STR("stop"), &r->err),
	                 OK);
	assert_int_equal(store_write(r->store, erase_write, &erased, &r->err), OK);
	assert_int_equal(erased, 2); /* an address and a decision */
	/* What she forbade stays forbidden, and nobody reads whom it is about. */
	enum contact_consent is;
	struct contact_line *lines;
	assert_int_equal(contact_consent_of(r->contact, CONTACT_EMAIL, STR("ann@example.com"), &is, &r->err), OK);
	assert_int_equal(is, CONTACT_WITHDRAWN);
	assert_int_equal(
	        contact_ledger(r->contact, STR("ann@example.com"), false, 0, 10, &r->arena, &lines, &n, &r->err), OK);
	assert_int_equal(n, 0);
	assert_int_equal(contact_person_get(r->contact, STR("ann"), &r->arena, &p, &r->err), OK);
	assert_str(p.email, "");
	assert_int_equal(
	        contact_log(r->contact, STR("csat"), STR(""), CONTACT_REASONS, 0, 10, &r->arena, &rows, &n, &r->err),
	        OK);
	assert_int_equal(n, 1);
	assert_str(rows[0].customer, "");
}

int main(void)
{
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, room_open, room_close)
	const struct CMUnitTest tests[] = {
		IN_ROOM(rules_say_no_in_their_order),
		IN_ROOM(a_year_has_four_and_complaints_are_left_in_peace),
		IN_ROOM(an_open_complaint_holds_until_it_is_released),
		IN_ROOM(quiet_hours_are_those_of_the_customers_country),
		IN_ROOM(caps_of_a_day_samples_and_quotas_are_kept),
		IN_ROOM(a_thousand_customers_and_five_surveys_at_once_pass_no_cap),
		IN_ROOM(what_if_decides_the_same_triggers_again),
		IN_ROOM(the_stricter_of_two_rules_holds_and_is_shown),
		IN_ROOM(traits_become_addresses),
		IN_ROOM(unsubscribing_twice_is_one_line),
		IN_ROOM(an_erased_customer_leaves_numbers_without_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
