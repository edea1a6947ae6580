#include "tests/unit/unit.h"

#include <math.h>

#include "base/checked.h"
#include "base/json.h"
#include "base/rng.h"

static struct arena arena;

static bool valid(struct str text)
{
	struct json_reader r;
	json_read(&r, text);
	for (;;) {
		enum json_token t = json_next(&r);
		if (t == JT_END) return true;
		if (t == JT_ERROR) return false;
	}
}

static void the_reader_is_strict(void **s)
{
	(void)s;
	static const char *const good[] = { "{}",   "[]", " [1, -0.5e+3, \"x\\u00e9\", true, false, null] ",
		                            "\"\"", "0",  "{\"a\":{\"b\":[{}]}}" };
	static const char *const bad[] = { "",          "{",   "[1,]",  "{\"a\":1,}", "01",     "1.",       "NaN",
		                           "1e400",     "'a'", "[1 2]", "{a:1}",      "\"\t\"", "\"\\x\"",  "[1]]",
		                           "\"\\u12\"", "+1",  "tru",   "\"\xff\"",   "-",      "{\"a\" 1}" };
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!valid(str_of(good[i]))) fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (valid(str_of(bad[i]))) fail_msg("accepted %s", bad[i]);
}

static void depth_64_is_read_and_65_is_not(void **s)
{
	(void)s;
	char text[20000];
	for (int depth = 64; depth <= 10000; depth = depth == 64 ? 65 : depth * 10) {
		if (depth > 9000) break;
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		assert_int_equal(valid((struct str){ text, (size_t)depth * 2 }), depth == 64);
	}
}

static void canonical_form_is_the_same_for_texts_that_say_the_same(void **s)
{
	(void)s;
	struct buf b;
	struct err err;
	buf_init(&b, MIB);
	assert_int_equal(json_canonical(STR(" {\"b\": 1.0, \"a\" : {\"y\":[1 , 2], \"x\":\"\\u0633\\/\"}, \"b\":2} "),
	                                &arena, &b, &err),
	                 OK);
	assert_str(buf_view(&b), "{\"a\":{\"x\":\"س/\",\"y\":[1,2]},\"b\":2}");
	buf_clear(&b);
	assert_int_equal(json_canonical(STR("[1,"), &arena, &b, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "line 1, column 4"));
	buf_done(&b);
}

static void surrogates_join_or_become_the_replacement_character(void **s)
{
	(void)s;
	struct str t;
	assert_true(json_get_text(STR("{\"k\":\"\\ud83d\\ude00 \\ud800!\"}"), STR("k"), &arena, &t));
	assert_str(t, "\xf0\x9f\x98\x80 \xef\xbf\xbd!");
}

static void members_are_found_and_sliced(void **s)
{
	(void)s;
	struct str v;
	double d;
	int64_t i;
	struct str o = STR("{\"a\":{\"k\":1},\"k\":[1,{\"z\":2}],\"n\":-12,\"f\":1.5,\"t\":true}");
	assert_true(json_get(o, STR("k"), &v));
	assert_str(v, "[1,{\"z\":2}]");
	assert_true(json_get(o, STR("t"), &v));
	assert_str(v, "true");
	assert_true(json_get_i64(o, STR("n"), &i));
	assert_int_equal(i, -12);
	assert_true(json_get_number(o, STR("f"), &d));
	assert_true(d == 1.5);
	assert_false(json_get(o, STR("absent"), &v));
	assert_false(json_get(STR("[1]"), STR("k"), &v));
}

static void what_the_writer_writes_reads_back(void **s)
{
	(void)s;
	struct buf b;
	struct json_out o;
	buf_init(&b, MIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_kv_str(&o, "text", STR("a\"\\\n\x01س"));
	json_kv_double(&o, "tenth", 0.1);
	json_kv_double(&o, "sixty", 60);
	json_kv_double(&o, "nan", 0.0 / 0.0);
	json_key(&o, "list");
	json_open(&o, '[');
	json_put_i64(&o, -5);
	json_open(&o, '{');
	json_close(&o, '}');
	json_put_bool(&o, true);
	json_close(&o, ']');
	json_kv_z(&o, "none", NULL);
	json_close(&o, '}');
	assert_str(
	        buf_view(&b),
	        "{\"text\":\"a\\\"\\\\\\n\\u0001س\",\"tenth\":0.1,\"sixty\":60,\"nan\":null,\"list\":[-5,{},true],\"none\":null}");
	assert_true(valid(buf_view(&b)));
	buf_done(&b);
}

/* The fewest digits that give the number back, found by trying them all; whole numbers below 10^15 in full. */
static void a_number_is_written_with_the_fewest_digits(void **s)
{
	(void)s;
	struct rng r;
	rng_init(&r, 7, 0);
	for (int i = 0; i < 8000; i++) {
		const double whole = (double)rng_below(&r, 1000000000);
		const double v[] = { whole / (double)(1 + rng_below(&r, 1000)),
			             ldexp(whole, (int)rng_below(&r, 1800) - 900),
			             whole / 100,
			             -whole,
			             whole * 1e9,
			             0.1 * (double)(i % 10),
			             nextafter(whole / 100, 0),
			             nextafter(whole, 1e9),
			             ldexp(1 + rng_unit(&r), (int)rng_below(&r, 66) - 15) };
		for (size_t k = 0; k < COUNT_OF(v); k++) {
			struct buf b;
			struct json_out o;
			char want[40];
			for (int digits = 1; digits <= 17; digits++) {
				snprintf(want, sizeof want, "%.*g", digits, v[k]);
				if (strtod(want, NULL) == v[k]) break;
			}
			if (fabs(v[k]) < 1e15 && strstr(want, "e+")) snprintf(want, sizeof want, "%.0f", v[k]);
			buf_init(&b, KIB);
			json_out_init(&o, &b);
			json_put_double(&o, v[k]);
			assert_str(buf_view(&b), want);
			buf_done(&b);
		}
	}
}

int main(void)
{
	arena_init(&arena, MIB);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reader_is_strict),
		cmocka_unit_test(depth_64_is_read_and_65_is_not),
		cmocka_unit_test(canonical_form_is_the_same_for_texts_that_say_the_same),
		cmocka_unit_test(surrogates_join_or_become_the_replacement_character),
		cmocka_unit_test(members_are_found_and_sliced),
		cmocka_unit_test(what_the_writer_writes_reads_back),
		cmocka_unit_test(a_number_is_written_with_the_fewest_digits),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_done(&arena);
	return rc;
}
