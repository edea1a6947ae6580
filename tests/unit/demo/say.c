/* The grammar: enough families, well-formed choices, every dialect. */
#include "tests/unit/unit.h"

#include "demo/priv.h"

struct table {
	const struct phrase *of;
	size_t n;
};

static void tables(struct table out[4])
{
	out[0] = (struct table){ phrases_delivery, phrases_delivery_n };
	out[1] = (struct table){ phrases_parcel, phrases_parcel_n };
	out[2] = (struct table){ phrases_policy, phrases_policy_n };
	out[3] = (struct table){ phrases_service, phrases_service_n };
}

static void every_topic_has_twelve_families(void **state)
{
	struct table t[4];
	size_t n[TOPICS] = { 0 };
	tables(t);
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < t[i].n; k++) n[t[i].of[k].topic]++;
	for (size_t topic = 0; topic < TOPICS; topic++)
		if (n[topic] < 12) fail_msg("topic %zu has %zu families", topic, n[topic]);
}

static void brackets_are_closed_and_texts_are_utf_8(void **state)
{
	struct table t[4];
	tables(t);
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < t[i].n; k++) {
			const char *p = t[i].of[k].text;
			int depth = 0;
			assert_int_equal(utf8_valid(p, strlen(p)), strlen(p));
			for (; *p; p++) {
				depth += *p == '[' ? 1 : *p == ']' ? -1 : 0;
				if (depth < 0 || depth > 1 || (*p == '|' && depth == 0))
					fail_msg("%s", t[i].of[k].text);
			}
			assert_int_equal(depth, 0);
		}
}

static void every_voice_finds_words_for_every_topic(void **state)
{
	static struct sayings s;
	struct rng r;
	struct buf b;
	say_index(&s);
	rng_init(&r, 1, 1);
	buf_init(&b, 1 << 16);
	for (int t = 0; t < TOPICS; t++)
		for (int v = 0; v < VOICES; v++)
			for (int k = 0; k < 20; k++) {
				enum voice said;
				buf_clear(&b);
				/* The Gulf's and Egypt's dialects are not mixed: each topic has both. */
				if (v < VOICE_ARABIZI) assert_true(s.n[t][v] > 0);
				say(&s, (enum topic)t, (enum voice)v, &r, &b, &said);
				assert_true(b.len > 5);
				assert_true(str_find(buf_view(&b), '[') == b.len &&
				            str_find(buf_view(&b), '|') == b.len);
			}
	buf_done(&b);
}

static void the_calendars_are_where_they_should_be(void **state)
{
	/* Ramadan 1446 was 1 to 29 March 2025 by Umm al-Qura; White Friday 2025 was 28 November. */
	static const struct {
		int year, month, day;
		bool peak;
	} days[] = {
		{ 2025, 3, 20, false },  { 2025, 3, 21, true },  { 2025, 3, 29, true }, { 2025, 3, 30, false },
		{ 2025, 11, 27, false }, { 2025, 11, 28, true }, { 2025, 12, 4, true }, { 2025, 12, 5, false },
	};
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		bool peak;
		struct err err;
		assert_int_equal(demo_peak_day(when_days(days[i].year, days[i].month, days[i].day), &peak, &err), OK);
		if (peak != days[i].peak) fail_msg("%d-%02d-%02d", days[i].year, days[i].month, days[i].day);
	}
	static struct seasons s;
	struct err err;
	assert_int_equal(season_fill(&s, when_days(2024, 6, 1), &err), OK);
	assert_true(season_at(&s, IRAN, when_days(2025, 3, 21))->closed);        /* 1 Farvardin 1404 */
	assert_true(season_at(&s, IRAN, when_days(2025, 3, 10))->weight > 1.5F); /* Esfand */
	assert_true(season_at(&s, EGYPT, when_days(2025, 4, 21))->closed);       /* Sham el-Nessim */
	assert_true(season_at(&s, SAUDI, when_days(2025, 9, 23))->weight > 1.5F);
	assert_true(season_at(&s, EMIRATES, when_days(2025, 3, 30))->closed); /* Eid al-Fitr */
	assert_false(season_at(&s, EGYPT, when_days(2025, 3, 30))->closed);   /* a day later there */
	assert_true(season_egypt_summer(when_days(2025, 4, 25)) && !season_egypt_summer(when_days(2025, 4, 24)));
	assert_true(season_egypt_summer(when_days(2025, 10, 29)) && !season_egypt_summer(when_days(2025, 10, 30)));
}

/* What people read about the company is what it is. */
static void the_page_tells_every_truth(void **state)
{
	static char page[64 * 1024];
	FILE *f = fopen(DEMO_PAGE, "r");
	assert_non_null(f);
	page[fread(page, 1, sizeof page - 1, f)] = '\0';
	fclose(f);
	for (size_t i = 0; i < demo_n_truths; i++) {
		char number[16];
		snprintf(number, sizeof number, "**%d.** ", demo_truths[i].id);
		const char *at = strstr(page, number);
		if (!at || strncmp(at + strlen(number), demo_truths[i].sentence, strlen(demo_truths[i].sentence)) != 0)
			fail_msg("truth %d", demo_truths[i].id);
		const char *end = strstr(at + 2, "\n**");
		for (size_t k = 0; k < DEMO_SIZES; k++) {
			if (demo_sizes[k].truth != demo_truths[i].id || k == DEMO_RAHWAN_SHARE)
				continue; /* "a third" */
			const double points = demo_sizes[k].size < 1 && demo_sizes[k].size > -1
			                              ? demo_sizes[k].size * 100
			                              : demo_sizes[k].size;
			snprintf(number, sizeof number, "%.0f", points < 0 ? -points : points);
			const char *there = strstr(at, number);
			if (!there || (end && there > end))
				fail_msg("truth %d does not say %s: %s", demo_truths[i].id, number, demo_sizes[k].what);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_topic_has_twelve_families),
		cmocka_unit_test(brackets_are_closed_and_texts_are_utf_8),
		cmocka_unit_test(every_voice_finds_words_for_every_topic),
		cmocka_unit_test(the_calendars_are_where_they_should_be),
		cmocka_unit_test(the_page_tells_every_truth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
