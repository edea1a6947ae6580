#include "tests/unit/unit.h"

#include "base/when.h"
#include "base/hash.h"
#include "base/rng.h"

static void iso_times_are_read_as_senders_write_them(void **s)
{
	(void)s;
	static const struct {
		const char *text;
		int64_t ms;
		bool given;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0, true },
		{ "2026-01-01T10:00:00.123Z", 1767261600123, true },
		{ "2026-01-01 10:00:00", 1767261600000, false },
		{ "2026-01-01", 1767225600000, false },
		{ "2026-01-01T13:30:00+03:30", 1767261600000, true },
		{ "2026-01-01T13:30:00+0330", 1767261600000, true },
		{ "2026-01-01T10:00Z", 1767261600000, true },
		{ "2026-01-01T10:00:00.123456789Z", 1767261600123, true },
		{ "1850-06-01T00:00:00Z", -3773779200000, true },
		{ "2024-02-29", 1709164800000, false },
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t ms = 0;
		bool given = false;
		if (!when_parse_iso(str_of(rows[i].text), &ms, &given)) fail_msg("refused %s", rows[i].text);
		assert_int_equal(ms, rows[i].ms);
		assert_int_equal(given, rows[i].given);
	}
	static const char *const bad[] = { "",
		                           "2026",
		                           "2026-13-01",
		                           "2025-02-29",
		                           "2026-01-01T25:00Z",
		                           "2026-01-01T10:00:00x",
		                           "01/02/2026",
		                           "2026-01-01T10:00:00+99:00" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		int64_t ms;
		if (when_parse_iso(str_of(bad[i]), &ms, NULL)) fail_msg("accepted %s", bad[i]);
	}
}

static void civil_and_back_over_four_centuries(void **s)
{
	(void)s;
	for (int64_t day = -200000; day < 200000; day += 37) {
		struct civil c;
		when_to_civil(day * WHEN_DAY_MS + 1, &c);
		assert_true(civil_valid(&c));
		assert_int_equal(when_from_civil(&c), day * WHEN_DAY_MS + 1);
	}
	assert_int_equal(when_weekday(0), 3);
	char text[WHEN_TEXT_BYTES];
	assert_str(when_format_iso(1767261600123, text), "2026-01-01T10:00:00.123Z");
}

static void zones_skip_and_repeat_an_hour(void **s)
{
	(void)s;
	struct zone *z;
	struct err err;
	assert_int_equal(zone_open(STR("Europe/Berlin"), &z, &err), OK);
	int64_t wall, utc;
	assert_true(when_parse_iso(STR("2026-03-29T02:30:00"), &wall, NULL)); /* skipped: becomes 03:30 summer time */
	assert_true(when_parse_iso(STR("2026-03-29T01:30:00Z"), &utc, NULL));
	assert_int_equal(zone_to_utc(z, wall), utc);
	assert_true(when_parse_iso(STR("2026-10-25T02:30:00"), &wall, NULL)); /* twice: the earlier */
	assert_true(when_parse_iso(STR("2026-10-25T00:30:00Z"), &utc, NULL));
	assert_int_equal(zone_to_utc(z, wall), utc);
	zone_close(z);
	assert_int_equal(zone_open(STR("Asia/Tehran"), &z, &err), OK);
	assert_true(when_parse_iso(STR("2026-07-01T12:00:00"), &wall, NULL));
	assert_int_equal(wall - zone_to_utc(z, wall), 12600000);
	zone_close(z);
	assert_int_equal(zone_open(STR("Mars/Olympus"), &z, &err), ERR_INPUT);
}

static void durations_have_units(void **s)
{
	(void)s;
	int64_t ms;
	assert_true(when_parse_duration(STR("7d"), &ms));
	assert_int_equal(ms, 7 * WHEN_DAY_MS);
	assert_true(when_parse_duration(STR("1500ms"), &ms));
	assert_int_equal(ms, 1500);
	assert_false(when_parse_duration(STR("7"), &ms));
	assert_false(when_parse_duration(STR("0d"), &ms));
	assert_false(when_parse_duration(STR("-1d"), &ms));
	assert_false(when_parse_duration(STR("99999999999999w"), &ms));
}

/* The published vector of SipHash-2-4-128 has no scope word; with one, 8 bytes of scope then the text are one message.
 */
static void keyed_hash_is_siphash_128(void **s)
{
	(void)s;
	struct hash_key key;
	for (int i = 0; i < 32; i++) key.bytes[i] = (unsigned char)i;
	/* message 00 01 .. 0e of the reference vectors: scope = first eight bytes, text = the other seven */
	struct hash128 h = hash_keyed(&key, 0x0706050403020100ULL, (struct str){ "\x08\x09\x0a\x0b\x0c\x0d\x0e", 7 });
	static const unsigned char want[16] = { 0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11,
		                                0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9 };
	assert_memory_equal(&h.lo, want, 8);
	assert_memory_equal(&h.hi, want + 8, 8);
}

static void random_numbers_repeat_by_seed_and_differ_by_stream(void **s)
{
	(void)s;
	struct rng a, b, c;
	rng_init(&a, 1, 0);
	rng_init(&b, 1, 0);
	rng_init(&c, 1, 1);
	double sum = 0;
	for (int i = 0; i < 100000; i++) {
		uint64_t x = rng_next(&a);
		assert_true(x == rng_next(&b));
		assert_true(x != rng_next(&c));
		sum += rng_unit(&a) + 0 * rng_unit(&b);
		assert_true(rng_below(&c, 7) < 7);
	}
	assert_true(sum / 100000 > 0.49 && sum / 100000 < 0.51);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso_times_are_read_as_senders_write_them),
		cmocka_unit_test(civil_and_back_over_four_centuries),
		cmocka_unit_test(zones_skip_and_repeat_an_hour),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(keyed_hash_is_siphash_128),
		cmocka_unit_test(random_numbers_repeat_by_seed_and_differ_by_stream),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
