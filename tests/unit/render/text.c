/* Text measured, cut, wrapped, and made harmless. */
#include "render/priv.h"
#include "tests/unit/unit.h"

static struct arena arena;
static struct text_kit *kit;
static const struct style plain = { 13, 400, INK, false };

static int setup(void **state)
{
	struct err err;
	arena_init(&arena, 16 * MIB);
	return text_kit_get(&kit, &err) == OK ? 0 : -1;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

/* Inter 4.1 and Vazirmatn 33 as npm has them; a machine's own fonts would give other widths. */
static void widths_are_those_of_the_programs_fonts(void **state)
{
	assert_float_equal(text_width(kit, STR("Buying and receiving an order"), plain, false), 184.9, 0.5);
	assert_true(text_width(kit, STR("خرید و دریافت سفارش"), plain, true) > 80);
	/* Digits of one width in Latin columns. */
	assert_float_equal(text_width(kit, STR("11111"), plain, false), text_width(kit, STR("88888"), plain, false),
	                   0.01);
	assert_true(text_width(kit, STR("bold"), (struct style){ 13, 700, INK, false }, false) >
	            text_width(kit, STR("bold"), plain, false));
	assert_float_equal(text_width(kit, STR(""), plain, false), 0, 0);
}

static void what_fits_is_left_whole(void **state)
{
	assert_str(text_cut(kit, &arena, STR("Delivery"), plain, false, 200), "Delivery");
}

static void a_cut_fits_and_never_splits_a_cluster_or_ends_before_a_joiner(void **state)
{
	static const char *const texts[] = { "Donaudampfschifffahrtsgesellschaft",
		                             "می‌شود نقشهٔ هیچ‌کس می‌شود",
		                             "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301",
		                             "هیچ‌کس‌هیچ‌کس‌هیچ‌کس" };
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		for (double w = 40; w < 160; w += 7) {
			const struct str whole = str_of(texts[i]), s = text_cut(kit, &arena, whole, plain, false, w);
			if (s.len == whole.len) continue;
			assert_true(str_ends(s, STR("…")));
			assert_true(text_width(kit, s, plain, false) <= w);
			const size_t kept = s.len - strlen("…");
			assert_memory_equal(s.ptr, whole.ptr, kept);
			assert_int_equal(utf8_valid(s.ptr, kept), kept);
			/* Neither a joiner nor a combining mark is left standing behind the cut. */
			const char *rest = whole.ptr + kept;
			assert_true(memcmp(rest, "\u0301", 2) != 0);
			if (kept >= 3) assert_true(memcmp(s.ptr + kept - 3, "\u200C", 3) != 0);
		}
}

static void names_wrap_at_words_into_two_lines_at_most(void **state)
{
	struct str lines[2];
	assert_int_equal(text_wrap(kit, &arena, STR("Unpacking and first use"), plain, false, 110, 2, lines), 2);
	assert_str(lines[0], "Unpacking and");
	assert_str(lines[1], "first use");
	assert_int_equal(text_wrap(kit, &arena, STR("Handed over to the carrier at the border of the country"), plain,
	                           false, 110, 2, lines),
	                 2);
	assert_true(str_ends(lines[1], STR("…")));
	assert_int_equal(text_wrap(kit, &arena, STR("  "), plain, false, 110, 2, lines), 0);
}

static void peoples_text_is_made_harmless_and_kept_exact_otherwise(void **state)
{
	assert_str(text_user(&arena, STR("a\xE2\x80\xAEgnp.exe")), "agnp.exe");
	assert_str(text_user(&arena, STR("one\n two\t\x01three")), "one two three");
	assert_str(text_user(&arena, STR("\xFFx\xC0\xAF")), "\uFFFDx\uFFFD\uFFFD");
	assert_str(text_user(&arena, STR("می‌شود نقشهٔ هیچ‌کس")),
	           "می‌شود نقشهٔ هیچ‌کس");
	assert_str(text_user(&arena, STR("a\u2067b")), "ab");
	assert_str(text_user(&arena, STR("از \u2068DHL\u2069 تا")), "از \u2068DHL\u2069 تا");
	assert_str(text_isolate(&arena, STR("سه"), false), "\u2068سه\u2069");
	assert_str(text_isolate(&arena, STR("12"), true), "12");
}

static void the_printer_escapes_everything(void **state)
{
	struct buf b;
	buf_init(&b, KIB);
	svg_text(&b, STR("<a b=\"c\" d='e'>&\x07\xE2\x80\xAE\xE2\x81\xA9\xEF\xBF\xBE\xFF"));
	assert_str(buf_view(&b), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\xEF\xBF\xBD");
	buf_clear(&b);
	svg_text(&b, STR("\u2068closed\u2069"));
	assert_str(buf_view(&b), "\u2068closed\u2069");
	buf_clear(&b);
	svg_number(&b, -0.04);
	buf_byte(&b, ' ');
	svg_number(&b, 12.25);
	buf_byte(&b, ' ');
	svg_number(&b, -3);
	assert_str(buf_view(&b), "0 12.3 -3");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_those_of_the_programs_fonts),
		cmocka_unit_test(what_fits_is_left_whole),
		cmocka_unit_test(a_cut_fits_and_never_splits_a_cluster_or_ends_before_a_joiner),
		cmocka_unit_test(names_wrap_at_words_into_two_lines_at_most),
		cmocka_unit_test(peoples_text_is_made_harmless_and_kept_exact_otherwise),
		cmocka_unit_test(the_printer_escapes_everything),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
