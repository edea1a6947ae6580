/* People's words, and the table of what a team believes. */
#include "maps/priv.h"
#include "tests/unit/maps/help.h"

static struct arena a;

static void names_become_words(void **state)
{
	static const struct {
		const char *from, *to;
	} t[] = {
		{ "order_delivered", "Order delivered" },
		{ "OrderDelivered", "Order delivered" },
		{ "ORDER-DELIVERED", "Order delivered" },
		{ "Order Delivered", "Order Delivered" },
		{ "customer_state", "Customer state" },
		{ "OTPFailed", "OTP failed" },
		{ "خرید", "خرید" },
		{ "checkout.step2", "Checkout step2" },
		{ " x ", "X" },
	};
	for (size_t i = 0; i < COUNT_OF(t); i++) assert_str(map_pretty(str_of(t[i].from), &a), t[i].to);
	assert_int_equal(map_lang_of(STR("Order")), LANG_EN);
	assert_int_equal(map_lang_of(STR("التوصيل")), LANG_AR);
	assert_int_equal(map_lang_of(STR("گام نخست")), LANG_FA);
	assert_str(map_slug(STR("Order Delivered!"), &a), "order-delivered");
	assert_str(map_slug(STR("سفر مشتری"), &a), "سفر-مشتري");
	assert_str(map_slug(STR("?!"), &a), "map");
}

static void feelings_are_read_in_three_languages_signs_and_numbers(void **state)
{
	static const struct {
		const char *text;
		double v;
	} t[] = {
		{ "2", 2 },
		{ "+1", 1 },
		{ "-2", -2 },
		{ "−1", -1 },
		{ "۲", 2 },
		{ "٠", 0 },
		{ "-0.5", -0.5 },
		{ "Very Good", 2 },
		{ "good", 1 },
		{ "neutral", 0 },
		{ "bad", -1 },
		{ "very bad", -2 },
		{ "not bad, very bad", -2 },
		{ "جيد جدًا", 2 },
		{ "جيد", 1 },
		{ "محايد", 0 },
		{ "سيئ", -1 },
		{ "غاضب", -2 },
		{ "خیلی خوب", 2 },
		{ "خوب", 1 },
		{ "معمولی", 0 },
		{ "بد", -1 },
		{ "خیلی بد", -2 },
		{ "عصباني", -2 },
		{ "😡", -2 },
		{ "🙂", 1 },
		{ "😍 loved it", 2 },
		{ "--", -2 },
		{ "++", 2 },
		{ "-", -1 },
	};
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		double v = 9;
		if (!map_feeling(str_of(t[i].text), &a, &v) || v != t[i].v)
			fail_msg("%s gives %g, not %g", t[i].text, v, t[i].v);
	}
	double v;
	assert_false(map_feeling(STR("3"), &a, &v));
	assert_false(map_feeling(STR("check-in"), &a, &v));
	assert_false(map_feeling(STR(""), &a, &v));
}

static void promises_of_time_are_read_in_three_languages(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} t[] = {
		{ "within 2 days", 2 * WHEN_DAY_MS },
		{ "خلال يومين", 2 * WHEN_DAY_MS },
		{ "ظرف ۲ روز", 2 * WHEN_DAY_MS },
		{ "48h", 48 * WHEN_HOUR_MS },
		{ "answer in 15 minutes", 15 * WHEN_MINUTE_MS },
		{ "خلال ٣ أيام", 3 * WHEN_DAY_MS },
		{ "خلال أسبوع", 7 * WHEN_DAY_MS },
		{ "خلال ساعتين", 2 * WHEN_HOUR_MS },
		{ "ظرف یک هفته", 7 * WHEN_DAY_MS },
		{ "تا ۳۰ دقیقه", 30 * WHEN_MINUTE_MS },
		{ "two weeks", 14 * WHEN_DAY_MS },
		{ "next day", WHEN_DAY_MS },
		{ "24-hour service", 24 * WHEN_HOUR_MS },
	};
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		int64_t ms = 0;
		if (!map_within(str_of(t[i].text), &a, &ms) || ms != t[i].ms)
			fail_msg("%s gives %lld ms", t[i].text, (long long)ms);
	}
	int64_t ms;
	assert_false(map_within(STR("friendly and clean"), &a, &ms));
	assert_false(map_within(STR(""), &a, &ms));
}

static void stages_are_told_by_words(void **state)
{
	static const struct {
		const char *event;
		int stage;
	} t[] = {
		{ "Order Delivered", MAP_USE },
		{ "order_bought", MAP_PURCHASE },
		{ "Product Viewed", MAP_CONSIDERATION },
		{ "Ad Clicked", MAP_AWARENESS },
		{ "Message Read", -1 },
		{ "Order Returned", MAP_SUPPORT },
		{ "Review Written", MAP_LOYALTY },
		{ "توصيل الطلب", MAP_USE },
		{ "پرداخت", MAP_PURCHASE },
		{ "شکایت", MAP_SUPPORT },
		{ "zzz", -1 },
	};
	for (size_t i = 0; i < COUNT_OF(t); i++)
		if (map_stage_of(str_of(t[i].event), &a) != t[i].stage)
			fail_msg("%s gives %d", t[i].event, map_stage_of(str_of(t[i].event), &a));
}

struct bytes {
	struct str s;
	size_t at;
};

static int64_t read_bytes(void *ctx, void *into, size_t cap)
{
	struct bytes *b = ctx;
	const size_t n = b->s.len - b->at < cap ? b->s.len - b->at : cap;
	memcpy(into, b->s.ptr + b->at, n);
	b->at += n;
	return (int64_t)n;
}

static enum err_code from_text(const char *text, struct str *json, struct collect_refused **problems, size_t *n,
                               struct err *err)
{
	struct bytes b = { str_of(text), 0 };
	const struct wire_input in = {
		.ctx = &b, .read = read_bytes, .name = STR("map.csv"), .size_bytes = (int64_t)b.s.len
	};
	return maps_from_table(&in, WIRE_CSV, STR("Workshop"), NOW, &a, json, problems, n, err);
}

static void a_csv_becomes_an_assumed_map_and_names_its_problems(void **state)
{
	struct str json;
	struct collect_refused *problems;
	size_t n;
	OK_OR_SHOW(from_text("Stage,Touchpoint,Channel,Feeling,Promise,Person responsible\n"
	                     "Buying,Search,\"web, app\",good,,Sara\n"
	                     ",Payment,web,awful mood,,Reza\n"
	                     "Getting,Delivered,courier,-2,within 2 days,\n"
	                     "Getting,Delivered,courier,1,,\n"
	                     "Buying,Basket,app,😐,,\n"
	                     ",,web,1,,\n",
	                     &json, &problems, &n, why));
	struct map_doc d;
	OK_OR_SHOW(map_doc_read(json, false, &a, &d, why));
	assert_int_equal(d.n_stages, 2);
	assert_int_equal(d.n_touchpoints, 4);
	assert_str(d.touchpoints[1].key, "payment");
	assert_int_equal(d.touchpoints[1].stage, 0);
	assert_str(d.touchpoints[2].key, "basket");
	assert_true(d.touchpoints[0].assumed.given && d.touchpoints[0].assumed.feeling == 1);
	assert_int_equal(d.touchpoints[0].n_channels, 2);
	assert_str(d.touchpoints[0].owner.all[0].text, "Sara");
	assert_true(d.touchpoints[3].assumed.feeling == -2);
	assert_int_equal(d.touchpoints[3].promise.within_ms, 2 * WHEN_DAY_MS);
	assert_int_equal(d.n_rules, 0);
	assert_int_equal(n, 2);
	assert_string_equal(problems[0].err.field, "touchpoint"); /* the line without one */
	assert_int_equal(problems[0].index, 7);
	assert_string_equal(problems[1].err.id, "table.twice");
	assert_int_equal(problems[1].index, 5);
}

static void arabic_and_persian_headers_and_semicolons_are_read(void **state)
{
	struct str json;
	struct collect_refused *problems;
	size_t n;
	struct map_doc d;
	OK_OR_SHOW(from_text(
	        "المرحلة;نقطة الاتصال;القناة;الشعور;الوعد;المسؤول\nالشراء;الدفع;تطبيق، موقع;سيئ;خلال يومين;ريم\n",
	        &json, &problems, &n, why));
	OK_OR_SHOW(map_doc_read(json, false, &a, &d, why));
	assert_int_equal(n, 0);
	assert_true(d.touchpoints[0].assumed.feeling == -1);
	assert_int_equal(d.touchpoints[0].promise.within_ms, 2 * WHEN_DAY_MS);
	assert_int_equal(d.touchpoints[0].n_channels, 2);
	assert_str(d.touchpoints[0].channels[0], "app");
	assert_str(d.touchpoints[0].name.all[0].lang, "ar");
	assert_str(d.touchpoints[0].owner.all[0].text, "ريم");
	OK_OR_SHOW(from_text("مرحله\tنقطه تماس\tکانال\tاحساس\nخرید\tپرداخت\tوب\tخیلی بد\n", &json, &problems, &n, why));
	OK_OR_SHOW(map_doc_read(json, false, &a, &d, why));
	assert_true(d.touchpoints[0].assumed.feeling == -2);
	assert_str(d.touchpoints[0].name.all[0].lang, "fa");
}

static void lines_without_a_header_go_by_place_and_nothing_is_an_error(void **state)
{
	struct str json;
	struct collect_refused *problems;
	size_t n;
	struct map_doc d;
	OK_OR_SHOW(from_text("Buying\tSearch\tweb\t1\nBuying\tPayment\tweb\t-1\n", &json, &problems, &n, why));
	OK_OR_SHOW(map_doc_read(json, false, &a, &d, why));
	assert_int_equal(d.n_touchpoints, 2);
	assert_str(d.touchpoints[0].name.all[0].text, "Search");
	struct err err = { 0 };
	assert_int_equal(from_text("Stage,Touchpoint\n", &json, &problems, &n, &err), ERR_INPUT);
}

static int begin(void **state)
{
	return arena_init(&a, (size_t)64 << 20), 0;
}
static int finish(void **state)
{
	return arena_done(&a), 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_become_words, begin, finish),
		cmocka_unit_test_setup_teardown(feelings_are_read_in_three_languages_signs_and_numbers, begin, finish),
		cmocka_unit_test_setup_teardown(promises_of_time_are_read_in_three_languages, begin, finish),
		cmocka_unit_test_setup_teardown(stages_are_told_by_words, begin, finish),
		cmocka_unit_test_setup_teardown(a_csv_becomes_an_assumed_map_and_names_its_problems, begin, finish),
		cmocka_unit_test_setup_teardown(arabic_and_persian_headers_and_semicolons_are_read, begin, finish),
		cmocka_unit_test_setup_teardown(lines_without_a_header_go_by_place_and_nothing_is_an_error, begin,
		                                finish),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
