#include "tests/unit/render/cases.h"

#include <math.h>

#define DAY_MS (int64_t)86400000
#define HOUR 3600e3
#define DAY 86400e3
#define END_MS 1793491140000 /* 2026-10-31T23:59Z */

static struct str in(enum lang l, const char *en, const char *ar, const char *fa)
{
	return str_of(l == LANG_AR ? ar : l == LANG_FA ? fa : en);
}

struct node_row {
	const char *key, *en, *ar, *fa, *channels_en, *channels_ar, *channels_fa, *owner_en, *owner_ar, *owner_fa,
	        *behind_en, *behind_ar, *behind_fa;
	size_t step;
	int64_t entered;
	enum render_evidence evidence;
	double est, half80, half95;
	int64_t n;
	double stated, text, behaviour;
	int64_t newest_ms;
};

/* clang-format off */
static const struct node_row example_nodes[] = {
	{ "advert", "Advert or search", "إعلان أو بحث", "آگهی یا جست‌وجو", "ads, search", "إعلانات، بحث", "آگهی، جست‌وجو", "Marketing", "التسويق", "بازاریابی", "ad accounts", "حسابات الإعلان", "حساب آگهی",
	  0, 31600, RENDER_MEASURED, 54, 4, 6, 412, .09, .19, .72, 2 * DAY_MS },
	{ "product", "Product page", "صفحة المنتج", "صفحه کالا", "web, app", "الموقع، التطبيق", "وب، اپ", "E-commerce", "التجارة الإلكترونية", "فروش برخط", "web shop", "المتجر الإلكتروني", "فروشگاه وب",
	  1, 39080, RENDER_MEASURED, 63, 2, 3, 2310, .24, .30, .46, DAY_MS },
	{ "cart", "Cart", "سلة التسوق", "سبد خرید", "web, app", "الموقع، التطبيق", "وب، اپ", "E-commerce", "التجارة الإلكترونية", "فروش برخط", "web shop", "المتجر الإلكتروني", "فروشگاه وب",
	  2, 21900, RENDER_MEASURED, 58, 3, 4, 940, .19, .09, .72, DAY_MS },
	{ "payment", "Payment", "الدفع", "پرداخت", "web, app", "الموقع، التطبيق", "وب، اپ", "Finance", "المالية", "مالی", "bank code: 90 s", "رمز البنك: 90 ثانية", "رمز پویا: ۹۰ ثانیه",
	  3, 15260, RENDER_MEASURED, 38, 2, 3, 1820, .45, .25, .30, DAY_MS },
	{ "confirmation", "Confirmation", "تأكيد الطلب", "تأیید سفارش", "e-mail, sms", "بريد، رسالة", "ایمیل، پیامک", "E-commerce", "التجارة الإلكترونية", "فروش برخط", "mailer", "نظام البريد", "سامانه ایمیل",
	  4, 12840, RENDER_NONE, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "tracking", "Parcel tracking", "تتبّع الطرد", "پیگیری بسته", "carrier’s site", "موقع الناقل", "سایت پستچی", "", "", "", "", "", "",
	  5, 8140, RENDER_INFERRED, 44, 7, 11, 8140, 0, 0, 1, DAY_MS },
	{ "home", "home", "المنزل", "خانه", "carrier, shop", "الناقل، المتجر", "پیک، فروشگاه", "Logistics", "الخدمات اللوجستية", "تدارکات", "carrier contract", "عقد الناقل", "قرارداد پستچی",
	  6, 9390, RENDER_MEASURED, 31, 1, 2, 3940, .63, .28, .09, 3 * DAY_MS / 24 },
	{ "pickup", "pick-up", "الاستلام", "فروشگاه", "shop", "المتجر", "فروشگاه", "Logistics", "الخدمات اللوجستية", "تدارکات", "", "", "",
	  6, 2745, RENDER_MEASURED, 71, 3, 4, 610, .6, .3, .1, 3 * DAY_MS / 24 },
	{ "other", "other", "أخرى", "دیگر", "", "", "", "", "", "", "", "", "", 6, 375, RENDER_NONE, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "unpacking", "Unpacking and first use", "فتح الطرد وأول استخدام", "بازکردن بسته و نخستین استفاده", "at home", "في المنزل", "در خانه", "Product", "المنتج", "محصول", "packing guide", "دليل التغليف", "راهنمای بسته‌بندی",
	  7, 11932, RENDER_MEASURED, 82, 1, 2, 4120, .55, .40, .05, 5 * DAY_MS / 24 },
	{ "help", "Getting help", "طلب المساعدة", "کمک گرفتن", "phone, chat, e-mail", "هاتف، دردشة، بريد", "تلفن، گپ، ایمیل", "Support", "الدعم", "پشتیبانی", "help desk", "مكتب المساعدة", "میز کمک",
	  8, 2960, RENDER_MEASURED, 47, 3, 4, 690, .40, .45, .15, DAY_MS },
	{ "return", "Return", "الإرجاع", "پس‌فرستادن", "post, shop", "البريد، المتجر", "پست، فروشگاه", "Logistics", "الخدمات اللوجستية", "تدارکات", "rule: 14 days", "القاعدة: 14 يومًا", "قانون: ۱۴ روز",
	  9, 1140, RENDER_MEASURED, 41, 5, 8, 58, .50, .35, .15, 4 * DAY_MS },
	{ "again", "Buying again", "الشراء مجددًا", "خرید دوباره", "web, app", "الموقع، التطبيق", "وب، اپ", "Marketing", "التسويق", "بازاریابی", "loyalty club", "نادي الولاء", "باشگاه مشتریان",
	  10, 3210, RENDER_MEASURED, 76, 2, 3, 880, .35, .15, .50, 2 * DAY_MS },
};
static const struct render_step example_steps[] = {
	{ 0, { 0 }, 31600, 22480, 0, 8700, 420, 31600, 240e3, 2 * DAY, 0, false, { 0 } },
	{ 1, { 0 }, 39080, 21900, 0, 16380, 800, 16600, 540e3, 6 * DAY, 0, false, { 0 } },
	{ 1, { 0 }, 21900, 15260, 0, 6190, 450, 0, 180e3, DAY, 0, false, { 0 } },
	{ 2, { 0 }, 15260, 12840, 0, 2290, 130, 0, 120e3, 660e3, 0, false, { 0 } },
	{ 2, { 0 }, 12840, 12610, 0, 190, 40, 0, 6 * HOUR, DAY, 0, false, { 0 } },
	{ 3, { 0 }, 8140, 8040, 0, 60, 40, 0, 2 * DAY, 7 * DAY, 4470, true, { 0 } },
	{ 3, { 0 }, 12510, 11932, 0, 340, 238, 0, HOUR, 2 * DAY, 0, false, { 0 } },
	{ 3, { 0 }, 11932, 5270, 0, 4022, 2640, 0, 12 * DAY, 58 * DAY, 0, false, { 0 } },
	{ 4, { 0 }, 2960, 1750, 0, 890, 320, 0, 2 * DAY, 9 * DAY, 2310, true, { 0 } },
	{ 4, { 0 }, 1140, 290, 0, 700, 150, 0, 6 * DAY, 21 * DAY, 2920, true, { 0 } },
	{ 4, { 0 }, 3210, 0, 3210, 0, 0, 0, NAN, NAN, 0, false, { 0 } },
};
static const struct render_ribbon example_ribbons[] = {
	{ 0, 1, 22480 }, { 1, 2, 21900 }, { 2, 3, 15260 }, { 3, 4, 12840 }, { 4, 5, 8140 }, { 4, 6, 4470 }, { 5, 6, 4920 }, { 5, 7, 2745 }, { 5, 8, 375 },
	{ 6, 9, 8942 }, { 7, 9, 2635 }, { 8, 9, 355 }, { 9, 10, 2960 }, { 9, 12, 2310 }, { 10, 11, 1140 }, { 10, 12, 610 }, { 11, 12, 290 },
};
static const struct render_loop example_loops[] = { { 2, 1, 6420 }, { 3, 3, 2140 } };
/* clang-format on */

#define COPY(a, T, from) ((T *)memcpy(ARENA_ARRAY((a), T, COUNT_OF(from)), (from), sizeof(from)))

static void set_nodes(struct render_map *m, struct arena *a, enum lang l, const struct node_row *rows, size_t n)
{
	m->nodes = ARENA_ARRAY(a, struct render_node, n);
	m->n_nodes = n;
	for (size_t i = 0; i < n; i++) {
		const struct node_row *r = &rows[i];
		m->nodes[i] = (struct render_node){
			.key = str_of(r->key),
			.name = in(l, r->en, r->ar, r->fa),
			.step = r->step,
			.channels = in(l, r->channels_en, r->channels_ar, r->channels_fa),
			.entered = r->entered,
			.owner = in(l, r->owner_en, r->owner_ar, r->owner_fa),
			.behind = in(l, r->behind_en, r->behind_ar, r->behind_fa),
			.share_stated = r->stated,
			.share_text = r->text,
			.share_behaviour = r->behaviour,
			.newest_ms = r->newest_ms ? END_MS - r->newest_ms : 0,
			.overrun_mean_ms = NAN,
			.score = { r->evidence,
			           r->est,
			           r->est - r->half80,
			           r->est + r->half80,
			           r->est - r->half95,
			           r->est + r->half95,
			           r->n,
			           r->n > 0 && r->n < 30,
			           NAN,
			           { 0 },
			           0 },
		};
	}
}

static struct render_map *example(struct arena *a, enum lang l)
{
	struct render_map *m = ARENA_NEW(a, struct render_map);
	set_nodes(m, a, l, example_nodes, COUNT_OF(example_nodes));
	m->nodes[5].found_in_data = true;
	m->nodes[8].other = true;
	m->nodes[8].other_ways = 6;
	m->nodes[4].score.assumed = 75;
	m->nodes[4].score.assumed_by = in(l, "workshop", "ورشة", "کارگاه");
	m->nodes[4].score.assumed_ms = END_MS - 242 * DAY_MS;

	m->title = in(l, "Buying and receiving an order", "شراء الطلب واستلامه", "خرید و دریافت سفارش");
	m->version = STR("14");
	m->scope = in(l, "All customers · one journey = one order, or 30 days of silence",
	              "جميع العملاء · كل رحلة = طلب واحد، أو 30 يومًا من الصمت",
	              "همه مشتریان · هر سفر = یک سفارش، یا ۳۰ روز سکوت");
	m->headline_pain = in(l, "Home delivery hurts most:", "التوصيل إلى المنزل هو الأكثر إيلامًا:",
	                      "تحویل در خانه بیش از همه آزار می‌دهد:");
	m->headline = in(l, "9,390 journeys feel 31 of 100 there.", "تبلغ درجة 9,390 رحلة هناك 31 من 100.",
	                 "۹٬۳۹۰ سفر در آنجا امتیازی برابر ۳۱ از ۱۰۰ دارند.");
	m->from_ms = END_MS - 92 * DAY_MS + 60000;
	m->to_ms = END_MS + 60000;
	m->current_to_ms = END_MS;
	static const char *const stages[][3] = { { "Discover", "الاكتشاف", "آشنایی" },
		                                 { "Choose", "الاختيار", "انتخاب" },
		                                 { "Buy", "الشراء", "خرید" },
		                                 { "Receive", "الاستلام", "دریافت" },
		                                 { "Keep", "الاستمرار", "ماندن" } };
	static const int64_t entered[] = { 31600, 39080, 15260, 12610, 5270 };
	m->n_stages = COUNT_OF(stages);
	m->stages = ARENA_ARRAY(a, struct render_stage, m->n_stages);
	for (size_t i = 0; i < m->n_stages; i++)
		m->stages[i] = (struct render_stage){
			{ 0 }, in(l, stages[i][0], stages[i][1], stages[i][2]), entered[i], { 0 }
		};
	m->steps = COPY(a, struct render_step, example_steps);
	m->n_steps = COUNT_OF(example_steps);
	m->steps[6].name = in(l, "Delivery", "التوصيل", "تحویل");
	m->ribbons = COPY(a, struct render_ribbon, example_ribbons);
	m->n_ribbons = COUNT_OF(example_ribbons);
	m->loops = COPY(a, struct render_loop, example_loops);
	m->n_loops = COUNT_OF(example_loops);

	const struct render_mark marks[] = {
		{ RENDER_PAIN, 1, 6,
		  in(l, "every second parcel is late", "كل طرد ثانٍ يتأخر",
		     "از هر دو بسته یکی دیر می‌رسد"),
		  in(l, "late feels 12, on time 50", "المتأخر 12، وفي الموعد 50",
		     "دیررس ۱۲، به‌موقع ۵۰"),
		  true },
		{ RENDER_PAIN, 2, 3,
		  in(l, "bank code times out", "رمز البنك تنتهي مهلته", "رمز پویا منقضی می‌شود"),
		  in(l, "14% try again, 15% give up here", "14% يعيدون المحاولة و15% ينسحبون",
		     "۱۴٪ دوباره می‌کوشند، ۱۵٪ رها می‌کنند"),
		  true },
		{ RENDER_DELIGHT, 1, 9, in(l, "packed with care", "تغليف بعناية", "بسته‌بندی بادقت"),
		  in(l, "praised in 38% of 1,566 comments", "مدح في 38% من 1,566 تعليقًا", "ستوده در ۳۸٪ از ۱٬۵۶۶ نظر"),
		  true },
		{ RENDER_DELIGHT, 2, 12, { 0 }, { 0 }, false },
		{ RENDER_TRUTH, 1, 10, in(l, "solved at first contact", "حُلّت من أول تواصل", "حل در تماس نخست"),
		  in(l, "buy again 34% against 13%", "يشترون مجددًا 34% مقابل 13%", "خرید دوباره ۳۴٪ در برابر ۱۳٪"),
		  true },
	};
	m->marks = COPY(a, struct render_mark, marks);
	m->n_marks = COUNT_OF(marks);
	const struct str survey = in(l, "survey", "استبيان", "نظرسنجی"), review = in(l, "review", "مراجعة", "دیدگاه"),
	                 call = in(l, "call note", "ملاحظة مكالمة", "یادداشت تماس");
	const struct render_quote quotes[] = {
		{ 1, false, STR("The size table says 38, the reviews say 40. Which is it?"), STR("en"), review,
		  END_MS - 49 * DAY_MS, 34 },
		{ 3, false, STR("The code came after the page had timed out. Twice."), STR("en"), survey,
		  END_MS - 27 * DAY_MS, 17 },
		{ 6, false,
		  STR("سه روز پیگیر بودم و هیچ‌کس نمی‌دانست بسته‌ام کجاست."),
		  STR("fa"), survey, END_MS - 12 * DAY_MS, 0 },
		{ 9, false, STR("So well packed that I kept the box for my daughter."), STR("en"), review,
		  END_MS - 29 * DAY_MS, 100 },
		{ 10, false, STR("تم حل المشكلة في مكالمة واحدة، وسأطلب مرة أخرى."), STR("ar"), call,
		  END_MS - 10 * DAY_MS, 83 },
	};
	m->quotes = COPY(a, struct render_quote, quotes);
	m->n_quotes = COUNT_OF(quotes);
	m->entered = 48200;
	m->goal = 3210;
	m->still_in = 5228;
	m->lost = 39762;
	m->goal_name = in(l, "bought again", "اشتروا مجددًا", "دوباره خریدند");
	m->mean = 57;
	m->purchase_after_step = 4;
	m->truth_share = 0.84;
	m->sources = in(
	        l, "web SDK, orders, delivery survey (32% answered), reviews, call notes",
	        "SDK الموقع، الطلبات، استبيان التوصيل (أجاب 32%)، المراجعات، ملاحظات المكالمات",
	        "SDK وب، سفارش‌ها، نظرسنجی تحویل (۳۲٪ پاسخ)، دیدگاه‌ها، یادداشت تماس‌ها");
	return m;
}

/* Known ends of an interval round est. */
static struct render_interval about(double est, double half, int64_t n)
{
	return (struct render_interval){ .known = true, .est = est, .lo = est - half, .hi = est + half, .n = n };
}

/* Employees at a column with branches, at its main one, and too few of them; expectations met, missed and not told. */
static void set_voices(struct render_map *m)
{
	m->nps = about(-18, 9, 318);
	m->enps = about(8, 11, 242);
	m->nodes[3].voices = (struct render_voices){ .employees = about(70, 4, 149),
		                                     .customers = about(38, 3, 1820),
		                                     .ahead = about(32, 5, 1969),
		                                     .ahead_told = true,
		                                     .expected = about(73, 6, 60),
		                                     .experienced = about(38, 6, 60),
		                                     .gap = about(-35, 9, 60),
		                                     .gap_told = true };
	m->nodes[7].voices = (struct render_voices){ .employees = about(62, 9, 41), .customers = { .n = 3 } };
	m->nodes[9].voices = (struct render_voices){ .expected = about(60, 3, 1200),
		                                     .experienced = about(82, 3, 1200),
		                                     .gap = about(22, 4, 1200),
		                                     .gap_told = true };
	m->nodes[10].voices = (struct render_voices){ .employees = { .n = 4 },
		                                      .expected = about(49, 8, 30),
		                                      .experienced = about(47, 8, 30),
		                                      .gap = about(-2, 9, 30) };
	m->nodes[12].voices = (struct render_voices){ .employees = about(98, 2, 12),
		                                      .customers = about(99, 1, 880),
		                                      .ahead = about(-1, 2, 892) };
}

static struct render_map *compared(struct arena *a, enum lang l)
{
	struct render_map *m = example(a, l);
	set_voices(m);
	struct render_compare *c = ARENA_NEW(a, struct render_compare);
	double *est = ARENA_ARRAY(a, double, m->n_nodes), *diff = ARENA_ARRAY(a, double, m->n_nodes),
	       *lo = ARENA_ARRAY(a, double, m->n_nodes), *hi = ARENA_ARRAY(a, double, m->n_nodes);
	bool *different = ARENA_ARRAY(a, bool, m->n_nodes);
	static const double change[] = { 1, 2, -3, 9, NAN, NAN, 18, 0, NAN, -4, 2, 1, 0 };
	for (size_t i = 0; i < m->n_nodes; i++) {
		est[i] = m->nodes[i].score.evidence == RENDER_MEASURED ? m->nodes[i].score.est + change[i] : NAN;
		diff[i] = -change[i];
		lo[i] = -change[i] - 3;
		hi[i] = -change[i] + 3;
		different[i] = isfinite(change[i]) && fabs(change[i]) > 3;
	}
	*c = (struct render_compare){
		in(l, "1 May – 31 Jul 2026", "1 مايو – 31 يوليو 2026", "۱۱ اردیبهشت تا ۹ مرداد ۱۴۰۵"),
		est,
		different,
		diff,
		lo,
		hi
	};
	m->compare = c;
	m->whole_est = 61;
	m->whole_lo = 60;
	m->whole_hi = 62;
	m->whole_n = 5120;
	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].step % 3) continue;
		m->nodes[i].promises_kept = 900;
		m->nodes[i].promises_broken = 100 * (int64_t)i;
		m->nodes[i].overrun_mean_ms = 1.2 * DAY;
	}
	return m;
}

static struct render_map *assumed(struct arena *a, enum lang l)
{
	struct render_map *m = example(a, l);
	static const double believed[] = { 50, 75, 50, 50, 75, 50, 75, 50, NAN, 100, 25, 0, 75 };
	m->assumed_only = true;
	m->entered = m->goal = m->lost = m->still_in = 0;
	m->n_ribbons = m->n_loops = m->n_marks = m->n_quotes = 0;
	m->headline = m->headline_pain = m->sources = (struct str){ 0 };
	m->scope = in(l, "All customers", "جميع العملاء", "همه مشتریان");
	m->version = STR("1");
	m->mean = NAN;
	for (size_t i = 0; i < m->n_nodes; i++) {
		struct render_node *n = &m->nodes[i];
		n->entered = 0;
		n->share_stated = n->share_text = n->share_behaviour = 0;
		n->newest_ms = 0;
		n->found_in_data = false;
		n->score = (struct render_score){ .evidence = isfinite(believed[i]) ? RENDER_ASSUMED : RENDER_NONE,
			                          .est = NAN,
			                          .lo80 = NAN,
			                          .hi80 = NAN,
			                          .lo95 = NAN,
			                          .hi95 = NAN,
			                          .assumed = believed[i] };
	}
	for (size_t i = 0; i < m->n_steps; i++)
		m->steps[i] = (struct render_step){
			.stage = m->steps[i].stage, .name = m->steps[i].name, .next_p50_ms = NAN, .next_p90_ms = NAN
		};
	for (size_t i = 0; i < m->n_stages; i++) m->stages[i].entered = 0;
	return m;
}

static struct render_map *empty(struct arena *a, enum lang l)
{
	struct render_map *m = ARENA_NEW(a, struct render_map);
	m->title = in(l, "New map", "خريطة جديدة", "نقشه تازه");
	m->version = STR("1");
	m->assumed_only = true;
	m->mean = NAN;
	m->purchase_after_step = -1;
	return m;
}

/* n steps in a row; each loses a share, feelings go up and down. */
static struct render_map *row(struct arena *a, enum lang l, size_t n)
{
	static const char *const names[][3] = {
		{ "Search", "البحث", "جست‌وجو" },
		{ "Product page", "صفحة المنتج", "صفحه کالا" },
		{ "Compare", "المقارنة", "مقایسه" },
		{ "Cart", "سلة التسوق", "سبد خرید" },
		{ "Delivery options", "خيارات التوصيل", "گزینه‌های ارسال" },
		{ "Payment", "الدفع", "پرداخت" },
		{ "Confirmation", "تأكيد الطلب", "تأیید سفارش" },
		{ "Handed over to the carrier", "التسليم إلى الناقل", "تحویل به پستچی" },
		{ "Customs", "الجمارك", "گمرک" },
		{ "Sorting centre", "مركز الفرز", "مرکز تفکیک" },
	};
	struct render_map *m = ARENA_NEW(a, struct render_map);
	m->title = in(l, "Orders of the shop", "طلبات المتجر", "سفارش‌های فروشگاه");
	m->version = STR("3");
	m->scope = in(l, "All customers", "جميع العملاء", "همه مشتریان");
	m->headline_pain = in(l, "Payment hurts most:", "الدفع هو الأكثر إيلامًا:",
	                      "پرداخت بیش از همه آزار می‌دهد:");
	m->headline = in(l, "those who must try again score 24 points lower.", "من يعيدون المحاولة تقل درجتهم 24 نقطة.",
	                 "آنان که دوباره می‌کوشند ۲۴ امتیاز کمتر می‌دهند.");
	m->from_ms = END_MS - 92 * DAY_MS + 60000;
	m->to_ms = END_MS + 60000;
	m->current_to_ms = END_MS;
	m->n_stages = n < 6 ? 1 : 4;
	m->stages = ARENA_ARRAY(a, struct render_stage, m->n_stages);
	m->n_steps = m->n_nodes = n;
	m->steps = ARENA_ARRAY(a, struct render_step, n);
	m->nodes = ARENA_ARRAY(a, struct render_node, n);
	m->n_ribbons = n - 1;
	m->ribbons = ARENA_ARRAY(a, struct render_ribbon, n);
	m->loops = ARENA_ARRAY(a, struct render_loop, 3);
	int64_t people = 98666;
	m->entered = people;
	for (size_t i = 0; i < n; i++) {
		const int64_t lost = i + 1 < n ? people * (int64_t)(3 + (i * 7) % 23) / 100 : 0,
		              still = i + 1 < n ? people / 90 : 0;
		const double est = 52 + 34 * sin(1.1 * (double)i + 0.4);
		const int64_t answers = i == 2 ? 12 : 4000 / (int64_t)(i + 1);
		const size_t stage = i * m->n_stages / n;
		m->steps[i] = (struct render_step){ stage,
			                            { 0 },
			                            people,
			                            i + 1 < n ? people - lost - still : 0,
			                            i + 1 < n ? 0 : people,
			                            lost,
			                            still,
			                            i ? 0 : people,
			                            (0.6 + (double)i) * 7 * HOUR,
			                            (1.4 + (double)i) * 31 * HOUR,
			                            0,
			                            false,
			                            { 0 } };
		m->nodes[i] = (struct render_node){
			.key = str_format(a, "t%zu", i),
			.name = in(l, names[i % COUNT_OF(names)][0], names[i % COUNT_OF(names)][1],
			           names[i % COUNT_OF(names)][2]),
			.step = i,
			.entered = people,
			.channels = in(l, "web, app", "الموقع، التطبيق", "وب، اپ"),
			.found_in_data = i % 6 == 2,
			.silent = i % 9 == 7,
			.score = { RENDER_MEASURED, est, est - 2, est + 2, est - 3, est + 3, answers, answers < 30,
			           i % 5 == 1 ? 80 : NAN, in(l, "workshop", "ورشة", "کارگاه"), END_MS - 100 * DAY_MS },
			.share_stated = .5,
			.share_text = .2,
			.share_behaviour = .3,
			.newest_ms = END_MS - 3 * DAY_MS,
			.owner = i % 4 == 3 ? (struct str){ 0 } : in(l, "Logistics", "الخدمات اللوجستية", "تدارکات"),
			.behind = in(l, "order system", "نظام الطلبات", "سامانه سفارش"),
			.overrun_mean_ms = NAN,
		};
		if (i == 0 || m->steps[i - 1].stage != stage)
			m->stages[stage] = (struct render_stage){ { 0 },
				                                  in(l,
				                                     stage == 0   ? "Choose"
				                                     : stage == 1 ? "Buy"
				                                     : stage == 2 ? "Receive"
				                                                  : "Keep",
				                                     stage == 0   ? "الاختيار"
				                                     : stage == 1 ? "الشراء"
				                                     : stage == 2 ? "الاستلام"
				                                                  : "الاستمرار",
				                                     stage == 0   ? "انتخاب"
				                                     : stage == 1 ? "خرید"
				                                     : stage == 2 ? "دریافت"
				                                                  : "ماندن"),
				                                  people,
				                                  { 0 } };
		if (i + 1 < n) m->ribbons[i] = (struct render_ribbon){ i, i + 1, people - lost - still };
		m->lost += lost;
		m->still_in += still;
		people -= lost + still;
	}
	m->goal = people;
	const struct render_mark marks[] = {
		{ RENDER_PAIN, 1, n > 3 ? 3 : 1, in(l, "the second try", "المحاولة الثانية", "تلاش دوم"),
		  in(l, "again feels 31, once 55", "المكرّر 31، والواحد 55", "دوباره ۳۱، یک‌بار ۵۵"),
		  true },
		{ RENDER_PAIN, 2, n > 4 ? 4 : 2,
		  in(l, "no time named for the delivery", "لا موعد للتوصيل",
		     "زمان ارسال گفته نمی‌شود"),
		  in(l, "named 61, not named 40", "بموعد 61، وبدونه 40", "با زمان ۶۱، بی زمان ۴۰"), true },
		{ RENDER_DELIGHT, 1, n - 1,
		  in(l, "it works at once", "يعمل فورًا", "بی‌درنگ کار می‌کند"),
		  in(l, "80 against 66", "80 مقابل 66", "۸۰ در برابر ۶۶"), true },
		{ RENDER_PAIN, 3, n > 9 ? 9 : 0, { 0 }, { 0 }, false },
	};
	m->marks = COPY(a, struct render_mark, marks);
	m->n_marks = COUNT_OF(marks);
	m->quotes = ARENA_ARRAY(a, struct render_quote, n);
	for (size_t i = 0; i < n; i++)
		m->quotes[m->n_quotes++] = (struct render_quote){
			i,
			false,
			i % 2 ? STR("Perfect, thank you.")
			      : STR("I tried three times and nobody could tell me what was wrong with my card."),
			STR("en"),
			in(l, "review", "مراجعة", "دیدگاه"),
			END_MS - (int64_t)i * 3 * DAY_MS,
			i % 2 ? 90 : 20
		};
	if (n > 4) {
		m->loops[0] = (struct render_loop){ 4, 1, 5200 };
		m->loops[1] = (struct render_loop){ 3, 3, 3100 };
		m->loops[2] = (struct render_loop){ 4, 3, 900 };
		m->n_loops = 3;
	}
	m->mean = 52;
	m->purchase_after_step = n > 6 ? 6 : -1;
	m->sources = in(l, "orders, reviews", "الطلبات، المراجعات", "سفارش‌ها، دیدگاه‌ها");
	return m;
}

static struct render_map *three(struct arena *a, enum lang l)
{
	return row(a, l, 3);
}
static struct render_map *five(struct arena *a, enum lang l)
{
	return row(a, l, 5);
}
static struct render_map *seven(struct arena *a, enum lang l)
{
	return row(a, l, 7);
}
static struct render_map *twelve(struct arena *a, enum lang l)
{
	return row(a, l, 12);
}
static struct render_map *twenty(struct arena *a, enum lang l)
{
	return row(a, l, 20);
}
static struct render_map *thirty(struct arena *a, enum lang l)
{
	return row(a, l, 30);
}

/* What somebody could type to break a drawing. */
static struct render_map *hostile(struct arena *a, enum lang l)
{
	struct render_map *m = example(a, l);
	static const char *const nasty[] = {
		"<script>alert(1)</script>",
		"\" onload=\"alert(1)",
		"a\xE2\x80\xAEgnp.exe",
		"Zero\x01\x02 control\x7F",
		"]]>&amp;&lt;&#0;",
		"\xFF\xFE\xC0\xAF broken",
		"\xE2\x81\xA7\xE2\x81\xA7\xE2\x81\xA6 open isolates",
		"👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
		"می‌شود نقشهٔ هیچ‌کس می‌شود نقشهٔ هیچ‌کس می‌شود نقشهٔ",
		"Donaudampfschifffahrtsgesellschaftskapitänsmütze",
		"one\ntwo\tthree",
		"",
		"مرحبا (hello) 12/34",
	};
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct str s = str_of(nasty[i % COUNT_OF(nasty)]);
		m->nodes[i].key = m->nodes[i].name = m->nodes[i].channels = m->nodes[i].owner = m->nodes[i].behind =
		        m->nodes[i].score.assumed_by = s;
	}
	for (size_t i = 0; i < m->n_stages; i++) m->stages[i].name = str_of(nasty[i]);
	for (size_t i = 0; i < m->n_marks; i++) m->marks[i].title = m->marks[i].detail = str_of(nasty[i + 3]);
	for (size_t i = 0; i < m->n_quotes; i++) {
		m->quotes[i].text = str_of(nasty[i + 5]);
		m->quotes[i].lang = STR("en\" x=\"1");
		m->quotes[i].origin = str_of(nasty[i]);
	}
	m->title = STR(
	        "</title><script>alert('x')</script>\xE2\x80\xAE a very long title that goes on and on until there is no room for it at all in the head of any drawing");
	m->scope = m->headline = m->sources = m->goal_name = str_of(nasty[0]);
	m->headline_pain = str_of(nasty[2]);
	m->version = str_of(nasty[1]);
	return m;
}

const struct render_case render_cases[] = {
	{ "example", example }, { "compared", compared }, { "assumed", assumed }, { "empty", empty },
	{ "three", three },     { "five", five },         { "seven", seven },     { "twelve", twelve },
	{ "twenty", twenty },   { "thirty", thirty },     { "hostile", hostile },
};
const size_t n_render_cases = COUNT_OF(render_cases);
