/* Words in three languages: messages, plurals, digits, calendars, durations, and that the catalogues agree. */
#include "base/words.h"

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <sys/stat.h>
#include <unicode/umsg.h>
#include <unicode/ustring.h>

#include "base/checked.h"
#include "tests/unit/unit.h"

static struct arena arena;
static const struct locale *in(enum lang l)
{
	static struct locale made[LANGS];
	made[l] = locale_of(l);
	return &made[l];
}

static int setup(void **state)
{
	arena_init(&arena, 16 * MIB);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static void numbers_follow_the_readers_digits(void **state)
{
	assert_str(words_number(in(LANG_EN), &arena, 48200, 0), "48,200");
	assert_str(words_number(in(LANG_FA), &arena, 48200, 0), "۴۸٬۲۰۰");
	assert_str(words_number(in(LANG_AR), &arena, 48200, 0), "48,200");
	struct locale egypt = locale_of(LANG_AR);
	egypt.digits = DIGITS_ARABIC;
	assert_str(words_number(&egypt, &arena, 48200.5, 1), "٤٨٬٢٠٠٫٥");
	assert_str(words_number(in(LANG_EN), &arena, -0.2, 0), "0");
	assert_str(words_number(in(LANG_EN), &arena, 2.5, 0), "3");
	assert_str(words_number(in(LANG_EN), &arena, NAN, 0), "–");
}

static void percents_carry_the_sign_of_the_digits(void **state)
{
	assert_str(words_percent(in(LANG_EN), &arena, 0.34, 0), "34%");
	assert_str(words_percent(in(LANG_FA), &arena, 0.34, 0), "۳۴٪");
	assert_str(words_percent(in(LANG_EN), &arena, 0.3456, 1), "34.6%");
}

static void dates_follow_the_readers_calendar_and_zone(void **state)
{
	const int64_t at = 1793491140000; /* 2026-10-31T23:59:00Z */
	assert_str(words_date(in(LANG_EN), &arena, at), "31 Oct 2026");
	assert_str(words_day(in(LANG_EN), &arena, at), "31 Oct");
	assert_str(words_date_time(in(LANG_EN), &arena, at), "31 Oct 2026, 23:59");
	assert_str(words_date(in(LANG_FA), &arena, at), "۹ آبان ۱۴۰۵");
	assert_str(words_date_time(in(LANG_FA), &arena, at), "۹ آبان ۱۴۰۵، ۲۳:۵۹");
	assert_str(words_date(in(LANG_AR), &arena, at), "31 أكتوبر 2026");
	struct locale riyadh = locale_of(LANG_AR);
	riyadh.calendar = CALENDAR_UMALQURA;
	riyadh.digits = DIGITS_ARABIC;
	snprintf(riyadh.zone, sizeof riyadh.zone, "Asia/Riyadh");
	assert_str(words_date(&riyadh, &arena, at), "٢١ جمادى الأولى ١٤٤٨"); /* already 1 November there */
	assert_str(words_calendar(&riyadh, &arena), "هجري (أم القرى)");
	assert_str(words_calendar(in(LANG_FA), &arena), "هجری خورشیدی");
}

static void durations_have_two_parts_at_most_and_are_within_a_twentieth(void **state)
{
	static const struct {
		double ms;
		const char *text;
	} cases[] = {
		{ 0, "0 ms" },
		{ 400, "400 ms" },
		{ 999.6, "1 s" },
		{ 59700, "1 min" },
		{ 90e3, "1 min 30 s" },
		{ 240e3, "4 min" },
		{ 97200e3, "1 d 3 h" },
		{ 2 * 86400e3, "2 d" },
		{ 58 * 86400e3 + 3 * 3600e3, "58 d" },
		{ 1200 * 86400e3, "1,200 d" },
		{ -240e3, "4 min" },
		{ 86399e3, "1 d" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_str(words_duration(in(LANG_EN), &arena, cases[i].ms), cases[i].text);
	assert_str(words_duration(in(LANG_FA), &arena, 97200e3), "۱ روز و ۳ ساعت");
	assert_str(words_duration(in(LANG_AR), &arena, 2 * 86400e3), "يومان");
	assert_str(words_duration(in(LANG_AR), &arena, 97200e3), "يوم واحد و3 ساعات");
}

static void arabic_has_six_forms(void **state)
{
	static const struct {
		double n;
		const char *text;
	} cases[] = {
		{ 0, "لا رحلات" }, { 1, "رحلة واحدة" }, { 2, "رحلتان" },     { 5, "5 رحلات" },
		{ 11, "11 رحلة" }, { 102, "102 رحلة" }, { 100, "100 رحلة" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct word_arg n = { "n", WORD_INTEGER, .number = cases[i].n };
		assert_str(words(in(LANG_AR), &arena, "count.journeys", &n, 1), cases[i].text);
	}
}

static void text_against_the_direction_is_isolated_and_cannot_turn_its_surroundings(void **state)
{
	struct word_arg v = { "version", WORD_TEXT, .text = STR("سه") };
	assert_str(words(in(LANG_EN), &arena, "render.version.measured", &v, 1),
	           "Measured map · version \u2068سه\u2069");
	v.text = STR("b2");
	assert_str(words(in(LANG_EN), &arena, "render.version.measured", &v, 1), "Measured map · version b2");
	v.text = STR("a\u202Eb\u2069c");
	assert_str(words(in(LANG_EN), &arena, "render.version.measured", &v, 1), "Measured map · version abc");
}

static void an_unknown_key_gives_itself_and_a_missing_argument_is_visible(void **state)
{
	const char *absent = "nowhere.at.all";
	assert_str(words(in(LANG_AR), &arena, absent, NULL, 0), "nowhere.at.all");
	const char *key = "render.version.measured";
	assert_str(words(in(LANG_EN), &arena, key, NULL, 0), "Measured map · version {version}");
}

/* The names of a message's arguments, sorted, each once: "n,share,". */
static void parameters(struct str m, char out[256])
{
	char names[16][32];
	size_t n = 0;
	for (size_t i = 0; i < m.len; i++) {
		if (m.ptr[i] != '{') continue;
		size_t end = i + 1;
		while (end < m.len && ((m.ptr[end] >= 'a' && m.ptr[end] <= 'z') || m.ptr[end] == '_' ||
		                       (m.ptr[end] >= '0' && m.ptr[end] <= '9')))
			end++;
		if (end == i + 1 || end >= m.len || (m.ptr[end] != '}' && m.ptr[end] != ',')) continue;
		/* A case such as one{text} is no argument: what stands before its brace is a word. */
		if (i > 0 && m.ptr[i - 1] >= 'a' && m.ptr[i - 1] <= 'z' && m.ptr[end] == '}') continue;
		char name[32];
		snprintf(name, sizeof name, "%.*s", (int)(end - i - 1), m.ptr + i + 1);
		size_t at = 0;
		while (at < n && strcmp(names[at], name) < 0) at++;
		if (at < n && strcmp(names[at], name) == 0) continue;
		assert_true(n < COUNT_OF(names));
		memmove(names + at + 1, names + at, (n - at) * sizeof *names);
		memcpy(names[at], name, sizeof name);
		n++;
	}
	size_t len = 0;
	out[0] = 0;
	for (size_t i = 0; i < n; i++) len += (size_t)snprintf(out + len, 256 - len, "%s,", names[i]);
}

static void the_three_catalogues_have_the_same_keys_and_parameters(void **state)
{
	int bad = 0;
	for (enum lang l = 0; l < LANGS; l++) {
		assert_true(words_count(l) > 0);
		for (size_t i = 0; i < words_count(l); i++) {
			const struct str key = words_key_at(l, i);
			if (i + 1 < words_count(l) && str_eq(key, words_key_at(l, i + 1))) {
				print_message("%s: \"" STR_FMT "\" stands twice\n", lang_codes[l], STR_ARG(key));
				bad++;
			}
			struct str mine, other;
			assert_true(words_message(l, key, &mine));
			for (enum lang m = 0; m < LANGS; m++) {
				if (!words_message(m, key, &other)) {
					print_message("\"" STR_FMT "\" is in %s and not in %s\n", STR_ARG(key),
					              lang_codes[l], lang_codes[m]);
					bad++;
					continue;
				}
				char a[256], b[256];
				parameters(mine, a);
				parameters(other, b);
				if (strcmp(a, b) != 0) {
					print_message("\"" STR_FMT "\" has {%s} in %s and {%s} in %s\n", STR_ARG(key),
					              a, lang_codes[l], b, lang_codes[m]);
					bad++;
				}
			}
		}
	}
	assert_int_equal(bad, 0);
}

static bool has(struct str m, const char *part)
{
	return memmem(m.ptr, m.len, part, strlen(part)) != NULL;
}

/* ICU reads every message; Arabic plurals have all six forms; digits come from the reader's settings, never from the
 * catalogue. */
static void every_message_is_sound(void **state)
{
	static const char *const forms[LANGS][7] = {
		[LANG_EN] = { "one{", "other{" },
		[LANG_AR] = { "zero{", "one{", "two{", "few{", "many{", "other{" },
		[LANG_FA] = { "other{" },
	};
	int bad = 0;
	for (enum lang l = 0; l < LANGS; l++) {
		for (size_t i = 0; i < words_count(l); i++) {
			const struct str key = words_key_at(l, i);
			struct str m;
			assert_true(words_message(l, key, &m));
			const char *problem = NULL;
			UChar pattern[4096];
			UErrorCode status = U_ZERO_ERROR;
			int32_t n = 0;
			u_strFromUTF8(pattern, (int32_t)COUNT_OF(pattern), &n, m.ptr, (int32_t)m.len, &status);
			UMessageFormat *f = umsg_open(pattern, n, lang_codes[l], NULL, &status);
			if (U_FAILURE(status)) problem = "is no ICU message";
			umsg_close(f);
			if (m.len == 0) problem = "is empty";
			if (has(m, ", plural,"))
				for (size_t k = 0; forms[l][k]; k++)
					if (!has(m, forms[l][k])) problem = "lacks a plural form";
			int depth = 0;
			for (size_t k = 0; k < m.len;) {
				const size_t from = k;
				const uint32_t cp = utf8_next(m, &k);
				if (cp == '{') depth++;
				if (cp == '}') depth--;
				const bool digit = (cp >= '0' && cp <= '9') || (cp >= 0x660 && cp <= 0x669) ||
				                   (cp >= 0x6F0 && cp <= 0x6F9);
				const bool in_name = from > 0 && (m.ptr[from - 1] == '=' ||
				                                  (m.ptr[from - 1] >= 'a' && m.ptr[from - 1] <= 'z') ||
				                                  (m.ptr[from - 1] >= '0' && m.ptr[from - 1] <= '9'));
				if (digit && !(depth > 0 && in_name))
					problem = "has a digit written out; pass it as an argument";
				if (l == LANG_FA && (cp == 0x64A || cp == 0x643))
					problem = "has an Arabic letter in Persian";
				if (l == LANG_AR && (cp == 0x6CC || cp == 0x6A9))
					problem = "has a Persian letter in Arabic";
			}
			if (problem) {
				print_message("%s: \"" STR_FMT "\" %s\n", lang_codes[l], STR_ARG(key), problem);
				bad++;
			}
		}
	}
	assert_int_equal(bad, 0);
}

/* Keys in calls words…(…"key") and in tables WORDS_KEY("key"). */
static int absent_keys(const char *path)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	static char text[1 << 20];
	const size_t len = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[len] = 0;

	static const char *const patterns[] = {
		"[^a-z_](draw_|page_|mail_)?words\\([^;\"]*\"([^\"]+)\"",
		"(WORDS_KEY)\\(\"([^\"]+)\"\\)",
	};
	int absent = 0;
	for (size_t p = 0; p < COUNT_OF(patterns); p++) {
		regex_t re;
		regmatch_t hit[3];
		assert_int_equal(regcomp(&re, patterns[p], REG_EXTENDED), 0);
		for (const char *at = text; regexec(&re, at, 3, hit, 0) == 0; at += hit[0].rm_eo) {
			const struct str key = { at + hit[2].rm_so, (size_t)(hit[2].rm_eo - hit[2].rm_so) };
			struct str m;
			if (!words_message(LANG_EN, key, &m)) {
				print_message("%s: \"" STR_FMT "\" is in no catalogue\n", path, STR_ARG(key));
				absent++;
			}
		}
		regfree(&re);
	}
	return absent;
}

static int absent_below(const char *folder, int *files)
{
	DIR *d = opendir(folder);
	assert_non_null(d);
	int absent = 0;
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.') continue;
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		const size_t n = strlen(path);
		struct stat st;
		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode)) absent += absent_below(path, files);
		else if (n > 2 && strcmp(path + n - 2, ".c") == 0) {
			absent += absent_keys(path);
			++*files;
		}
	}
	closedir(d);
	return absent;
}

static void every_key_in_the_source_is_in_the_catalogue(void **state)
{
	int files = 0;
	assert_int_equal(absent_below(SOURCE_DIR, &files), 0);
	assert_true(files > 5);
}

static void *format_many(void *arg)
{
	struct arena mine;
	arena_init(&mine, 64 * MIB);
	intptr_t bad = 0;
	for (int i = 0; i < 2000; i++) {
		for (enum lang l = 0; l < LANGS; l++) {
			const struct locale loc = locale_of(l);
			static const char *const want[LANGS] = { "31 Oct 2026", "31 أكتوبر 2026", "۹ آبان ۱۴۰۵" };
			if (!str_eq(words_date(&loc, &mine, 1793491140000), str_of(want[l]))) bad++;
			if (words_duration(&loc, &mine, 97200e3).len == 0) bad++;
		}
	}
	arena_done(&mine);
	return (void *)bad;
}

static void threads_format_at_once(void **state)
{
	pthread_t threads[4];
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, format_many, NULL), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		void *bad;
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_follow_the_readers_digits),
		cmocka_unit_test(percents_carry_the_sign_of_the_digits),
		cmocka_unit_test(dates_follow_the_readers_calendar_and_zone),
		cmocka_unit_test(durations_have_two_parts_at_most_and_are_within_a_twentieth),
		cmocka_unit_test(arabic_has_six_forms),
		cmocka_unit_test(text_against_the_direction_is_isolated_and_cannot_turn_its_surroundings),
		cmocka_unit_test(an_unknown_key_gives_itself_and_a_missing_argument_is_visible),
		cmocka_unit_test(the_three_catalogues_have_the_same_keys_and_parameters),
		cmocka_unit_test(every_message_is_sound),
		cmocka_unit_test(every_key_in_the_source_is_in_the_catalogue),
		cmocka_unit_test(threads_format_at_once),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
