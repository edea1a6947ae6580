#include "tests/unit/unit.h"

#include "base/country.h"
#include "base/words.h"

static int64_t at(const char *iso)
{
	int64_t ms = 0;
	if (!when_parse_iso(str_of(iso), &ms, NULL)) fail_msg("not a time: %s", iso);
	return ms;
}

static const struct country *of(const char *code)
{
	const struct country *c = country_of(str_of(code));
	if (!c) fail_msg("no country %s", code);
	return c;
}

static void every_country_has_a_zone_a_prefix_and_named_holidays(void **s)
{
	(void)s;
	static const char *const wanted[] = { "AE", "SA", "EG", "KW", "BH", "OM", "QA", "JO", "IQ", "LB",
		                              "MA", "IR", "TR", "PK", "IN", "GB", "US", "DE", "FR" };
	for (size_t i = 0; i < COUNT_OF(wanted); i++) of(wanted[i]);
	assert_ptr_equal(country_of(STR("sa")), of("SA"));
	assert_null(country_of(STR("XX")));
	assert_null(country_of((struct str){ 0 }));
	for (size_t i = 0; country_at(i); i++) {
		const struct country *c = country_at(i);
		struct zone *z = NULL;
		assert_int_equal(zone_open(str_of(c->zone), &z, NULL), OK);
		zone_close(z);
		if (i) assert_true(strcmp(country_at(i - 1)->code, c->code) < 0);
		for (size_t k = 0; country_at(k); k++)
			if (k != i) assert_false(str_starts(str_of(c->prefix), str_of(country_at(k)->prefix)));
		/* Each holiday of four years has words. */
		int found = 0;
		for (int64_t day = when_days(2025, 1, 1); day < when_days(2029, 1, 1); day++) {
			const char *key = NULL;
			struct str text;
			if (!country_holiday(c, day * WHEN_DAY_MS + 12 * WHEN_HOUR_MS, STR("UTC"), &key)) continue;
			for (enum lang l = 0; l < LANGS; l++)
				if (!words_message(l, str_of(key), &text)) fail_msg("%s has no words", key);
			found++;
		}
		if (found < 4 * 3) fail_msg("%s has %d holidays in four years", c->code, found);
	}
}

static void holidays_fall_where_calendars_of_that_year_had_them(void **s)
{
	(void)s;
	static const struct {
		const char *country, *day, *key; /* key NULL: a working day */
	} rows[] = {
		{ "SA", "2025-03-30", "holiday.eid_al_fitr" }, /* 1 Shawwal 1446 */
		{ "SA", "2025-03-29", NULL },
		{ "SA", "2025-06-06", "holiday.eid_al_adha" }, /* 10 Dhu al-Hijja 1446 */
		{ "SA", "2025-06-05", "holiday.arafah" },
		{ "SA", "2026-02-22", "holiday.founding" },
		{ "AE", "2025-06-26", "holiday.hijri_new_year" }, /* 1 Muharram 1447 */
		{ "IR", "2025-03-21", "holiday.nowruz" },         /* 1 Farvardin 1404 */
		{ "IR", "2025-04-02", "holiday.nature" },
		{ "IR", "2026-03-20", "holiday.oil" }, /* 29 Esfand 1404 */
		{ "IR", "2025-02-10", "holiday.revolution" },
		{ "TR", "2025-10-29", "holiday.republic" },
		{ "TR", "2025-10-28", NULL }, /* half */
		{ "EG", "2025-04-21", "holiday.spring" },
		{ "EG", "2026-04-13", "holiday.spring" },
		{ "LB", "2024-05-03", "holiday.good_friday" }, /* Orthodox */
		{ "LB", "2024-03-29", "holiday.good_friday" },
		{ "GB", "2026-04-03", "holiday.good_friday" },
		{ "GB", "2026-05-04", "holiday.bank_holiday" },
		{ "GB", "2026-05-25", "holiday.bank_holiday" },
		{ "GB", "2026-08-31", "holiday.bank_holiday" },
		{ "GB", "2026-12-28", "holiday.second_christmas" }, /* the 26th is a Saturday */
		{ "GB", "2021-12-27", "holiday.christmas" },        /* the 25th is a Saturday ... */
		{ "GB", "2021-12-28", "holiday.second_christmas" }, /* ... and the 26th a Sunday */
		{ "GB", "2022-12-27", "holiday.christmas" },        /* the 25th is a Sunday, the 26th its own */
		{ "GB", "2022-12-28", NULL },
		{ "GB", "2022-01-03", "holiday.new_year" },
		{ "US", "2021-12-31", "holiday.new_year" }, /* 1 January 2022 is a Saturday */
		{ "US", "2026-07-03", "holiday.independence" },
		{ "US", "2026-11-26", "holiday.thanksgiving" },
		{ "US", "2026-11-25", NULL },
		{ "DE", "2026-05-14", "holiday.ascension" },
		{ "DE", "2026-05-25", "holiday.whit_monday" },
		{ "FR", "2026-07-14", "holiday.national" },
		{ "QA", "2026-02-10", "holiday.sport" },
		{ "IN", "2026-10-02", "holiday.gandhi" },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct country *c = of(rows[i].country);
		const char *key = NULL;
		const bool is = country_holiday(c, at(rows[i].day) + 12 * WHEN_HOUR_MS, STR("UTC"), &key);
		if (is != (rows[i].key != NULL))
			fail_msg("%s %s: %s", rows[i].country, rows[i].day, key ? key : "none");
		if (is && strcmp(key, rows[i].key) != 0) {
			/* On 27 December 2022 in Britain the moved day of the 25th is meant. */
			fail_msg("%s %s is %s, not %s", rows[i].country, rows[i].day, key, rows[i].key);
		}
	}
}

static void weekends_follow_the_local_day(void **s)
{
	(void)s;
	/* 2026-11-20 is a Friday. 21:30 UTC on Thursday is Friday in Riyadh and in Tehran, and Thursday in London. */
	const int64_t thursday_night = at("2026-11-19T21:30:00Z");
	assert_true(country_weekend(of("SA"), thursday_night, (struct str){ 0 }));
	assert_true(country_weekend(of("IR"), thursday_night, (struct str){ 0 }));
	assert_false(country_weekend(of("SA"), thursday_night, STR("Europe/London")));
	assert_false(country_weekend(of("GB"), thursday_night, (struct str){ 0 }));
	assert_false(country_weekend(of("AE"), at("2026-11-20T08:00:00Z"), (struct str){ 0 })); /* a half day */
	assert_true(country_weekend(of("AE"), at("2026-11-22T08:00:00Z"), (struct str){ 0 }));
	assert_false(country_weekend(of("SA"), at("2026-11-22T08:00:00Z"), (struct str){ 0 }));
	assert_false(country_weekend(NULL, thursday_night, STR("Asia/Riyadh")));
	/* A zone that nobody has is the country's own. */
	assert_true(country_weekend(of("SA"), thursday_night, STR("Mars/Olympus")));
}

static void a_follow_up_of_thursday_evening_is_due_by_each_units_week(void **s)
{
	(void)s;
	const int64_t thursday = at("2026-11-19T17:00:00Z"); /* 20:00 in Riyadh, 20:30 in Tehran */
	const struct hours riyadh = country_hours(of("SA"), 9 * 60, 17 * 60);
	const struct hours tehran = country_hours(of("IR"), 9 * 60, 17 * 60);
	const struct str own = { 0 };
	assert_int_equal(country_next_open(of("SA"), own, &riyadh, thursday), at("2026-11-22T06:00:00Z"));
	assert_int_equal(country_next_open(of("IR"), own, &tehran, thursday), at("2026-11-21T05:30:00Z"));
	assert_int_equal(country_after(of("SA"), own, &riyadh, thursday, 4 * WHEN_HOUR_MS), at("2026-11-22T10:00:00Z"));
	assert_int_equal(country_after(of("IR"), own, &tehran, thursday, 12 * WHEN_HOUR_MS),
	                 at("2026-11-22T09:30:00Z"));
	/* A Thursday noon in Tehran still has an hour until the half day ends. */
	assert_int_equal(country_after(of("IR"), own, &tehran, at("2026-11-19T08:30:00Z"), WHEN_HOUR_MS),
	                 at("2026-11-19T09:30:00Z"));
	assert_int_equal(country_after(of("IR"), own, &tehran, at("2026-11-19T08:30:00Z"), 2 * WHEN_HOUR_MS),
	                 at("2026-11-21T06:30:00Z"));
}

static void hours_know_holidays_half_holidays_and_never(void **s)
{
	(void)s;
	const struct str own = { 0 };
	struct hours h = country_hours(of("TR"), 9 * 60, 18 * 60);
	assert_true(country_open(of("TR"), own, &h, at("2025-10-28T09:59:00Z"))); /* 12:59 in Istanbul */
	assert_false(country_open(of("TR"), own, &h, at("2025-10-28T10:00:00Z")));
	assert_int_equal(country_next_open(of("TR"), own, &h, at("2025-10-28T10:00:00Z")), at("2025-10-30T06:00:00Z"));
	h.holidays = true;
	assert_true(country_open(of("TR"), own, &h, at("2025-10-29T10:00:00Z")));
	struct hours never = { 0 };
	assert_int_equal(country_next_open(of("TR"), own, &never, at("2025-10-28T10:00:00Z")), INT64_MAX);
	assert_int_equal(country_after(of("TR"), own, &never, at("2025-10-28T10:00:00Z"), 1), INT64_MAX);
	/* Nowruz in Tehran: closed from the evening of 28 Esfand to 5 Farvardin. */
	const struct hours tehran = country_hours(of("IR"), 9 * 60, 17 * 60);
	assert_int_equal(country_next_open(of("IR"), own, &tehran, at("2026-03-19T14:00:00Z")),
	                 at("2026-03-25T05:30:00Z"));
	/* Open round the clock, without a country, across the day that loses an hour in Berlin. */
	const struct hours always = country_hours(NULL, 0, 1440);
	assert_int_equal(
	        country_after(NULL, STR("Europe/Berlin"), &always, at("2026-03-28T12:00:00Z"), 24 * WHEN_HOUR_MS),
	        at("2026-03-29T12:00:00Z"));
}

static void phones_become_e164(void **s)
{
	(void)s;
	static const struct {
		const char *country, *text, *want; /* want NULL: refused */
	} rows[] = {
		{ "SA", "050 123 4567", "+966501234567" },
		{ "SA", "501234567", "+966501234567" },
		{ "SA", "966501234567", "+966501234567" },
		{ "SA", "00966 50 123 4567", "+966501234567" },
		{ "SA", "٠٥٠١٢٣٤٥٦٧", "+966501234567" },
		{ "IR", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567" },
		{ "IR", "+98 (0)912 1234567", "+989121234567" },
		{ "GB", "+44 (0)20 7946 0000", "+442079460000" },
		{ "GB", "020 7946 0000", "+442079460000" },
		{ "US", "1 (212) 555-0100", "+12125550100" },
		{ "US", "212.555.0100", "+12125550100" },
		{ "KW", "5000 1234", "+96550001234" },
		{ "DE", "030/123456", "+4930123456" },
		{ NULL, "+966501234567", "+966501234567" },
		{ NULL, "+35312345678", "+35312345678" }, /* a country without a row */
		{ NULL, "0501234567", NULL },
		{ "SA", "050-CALL-NOW", NULL },
		{ "SA", "050", NULL },
		{ "SA", "+9665", NULL },
		{ "SA", "05012345678901234567890123", NULL },
		{ "SA", "", NULL },
		{ "SA", "+", NULL },
		{ "SA", "0501234567\r\nX-Evil: 1", NULL },
		{ "SA", "\xff\xfe", NULL },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct country *c = rows[i].country ? of(rows[i].country) : NULL;
		char out[COUNTRY_PHONE_BYTES] = "";
		const bool ok = country_phone(c, str_of(rows[i].text), out);
		if (ok != (rows[i].want != NULL)) fail_msg("'%s' gave '%s'", rows[i].text, out);
		if (ok) assert_string_equal(out, rows[i].want);
	}
	assert_ptr_equal(country_of_phone(STR("+989121234567")), of("IR"));
	assert_null(country_of_phone(STR("+35312345678")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_country_has_a_zone_a_prefix_and_named_holidays),
		cmocka_unit_test(holidays_fall_where_calendars_of_that_year_had_them),
		cmocka_unit_test(weekends_follow_the_local_day),
		cmocka_unit_test(a_follow_up_of_thursday_evening_is_due_by_each_units_week),
		cmocka_unit_test(hours_know_holidays_half_holidays_and_never),
		cmocka_unit_test(phones_become_e164),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
