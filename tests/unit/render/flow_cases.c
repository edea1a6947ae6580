#include "tests/unit/render/flow_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/rng.h"

static const struct render_score unscored = { .evidence = RENDER_NONE };

static struct render_score score_of(double est, int64_t n)
{
	return (struct render_score){ .evidence = RENDER_MEASURED,
		                      .est = est,
		                      .lo80 = est - 1,
		                      .hi80 = est + 1,
		                      .lo95 = est - 2,
		                      .hi95 = est + 2,
		                      .n = n,
		                      .assumed = NAN };
}

static struct render_flow *flow_new(struct arena *a, size_t nodes, size_t edges)
{
	struct render_flow *f = ARENA_NEW(a, struct render_flow);
	if (!f) abort();
	f->nodes = ARENA_ARRAY(a, struct render_flow_node, nodes);
	f->edges = ARENA_ARRAY(a, struct render_flow_edge, edges);
	if (!f->nodes || !f->edges) abort();
	return f;
}

/* What follows from the rest; starts and ends from 1 % of the journeys have a mark. */
static void count_cases(struct render_flow *f)
{
	f->cases = 0;
	for (size_t i = 0; i < f->n_nodes; i++) f->cases += f->nodes[i].starts;
	for (size_t i = 0; i < f->n_nodes; i++) {
		f->nodes[i].start_mark = f->nodes[i].starts * 100 >= f->cases;
		f->nodes[i].end_mark = f->nodes[i].ends * 100 >= f->cases;
	}
}

/* --- the mockup -------------------------------------------------------------------------------------- */

static struct render_flow *shop(struct arena *a, enum lang l)
{
	static const struct {
		const char *names[LANGS];
		int64_t count, starts, ends;
		double score;
	} steps[] = {
		{ { "Advert or search", "إعلان أو بحث", "تبلیغ یا جست‌وجو" }, 31600, 31600, 9120, 48 },
		{ { "Product page", "صفحة المنتج", "صفحهٔ کالا" }, 45500, 16600, 17180, 58 },
		{ { "Cart", "سلة التسوّق", "سبد خرید" }, 21900, 0, 220, 61 },
		{ { "Payment", "الدفع", "پرداخت" }, 17400, 0, 2420, 38 },
		{ { "Confirmation", "التأكيد", "تأیید سفارش" }, 12840, 0, 230, -1 },
		{ { "Parcel tracking", "تتبّع الشحنة", "پیگیری مرسوله" }, 8140, 0, 100, -1 },
		{ { "Home delivery", "التوصيل إلى المنزل", "تحویل در خانه" }, 9390, 0, 445, 31 },
		{ { "Pick-up in shop", "الاستلام من المتجر", "دریافت از فروشگاه" }, 2745, 0, 105, 71 },
		{ { "other, 6 ways", "غير ذلك، 6 طرق", "دیگر، ۶ راه" }, 375, 0, 28, -1 },
		{ { "Unpacking and first use", "فتح العبوة والاستخدام الأول", "باز کردن بسته و نخستین استفاده" },
		  11932,
		  0,
		  6662,
		  82 },
		{ { "Getting help", "طلب المساعدة", "کمک گرفتن" }, 2960, 0, 1210, 47 },
		{ { "Return", "الإرجاع", "مرجوعی" }, 1140, 0, 850, 41 },
		{ { "Buying again", "الشراء مجددًا", "خرید دوباره" }, 3210, 0, 3210, 76 },
	};
	static const struct {
		size_t from, to;
		int64_t count;
		double half_h;
	} paths[] = {
		{ 0, 1, 22480, 0.05 }, { 1, 2, 21900, 0.2 }, { 2, 3, 15260, 0.1 }, { 3, 4, 12840, 0.03 },
		{ 9, 10, 2960, 140 },  { 6, 9, 8945, 3 },    { 4, 5, 8140, 26 },   { 2, 1, 6420, 0.6 },
		{ 5, 6, 4920, 51 },    { 4, 6, 4470, 49 },   { 5, 7, 2745, 30 },   { 7, 9, 2640, 4 },
		{ 9, 12, 2310, 900 },  { 3, 3, 2140, 0.04 }, { 10, 11, 1140, 50 }, { 10, 12, 610, 700 },
		{ 5, 8, 375, 20 },     { 8, 9, 347, 9 },     { 11, 12, 290, 800 },
	};
	struct render_flow *f = flow_new(a, COUNT_OF(steps), COUNT_OF(paths));
	f->n_nodes = COUNT_OF(steps);
	f->n_edges = COUNT_OF(paths);
	for (size_t i = 0; i < f->n_nodes; i++)
		f->nodes[i] = (struct render_flow_node){ .key = str_of(steps[i].names[LANG_EN]),
			                                 .name = str_of(steps[i].names[l]),
			                                 .count = steps[i].count,
			                                 .customers = steps[i].count * 9 / 10,
			                                 .starts = steps[i].starts,
			                                 .ends = steps[i].ends,
			                                 .score = steps[i].score < 0 ? unscored
			                                                             : score_of(steps[i].score, 1820) };
	for (size_t i = 0; i < f->n_edges; i++)
		f->edges[i] = (struct render_flow_edge){ .from = paths[i].from,
			                                 .to = paths[i].to,
			                                 .count = paths[i].count,
			                                 .customers = paths[i].count * 8 / 10,
			                                 .mean_ms = paths[i].half_h * 4.1e6,
			                                 .p50_ms = paths[i].half_h * 3.6e6,
			                                 .p90_ms = paths[i].half_h * 1.2e7 };
	static const char *const titles[LANGS] = { "Buying and receiving an order", "شراء الطلب واستلامه",
		                                   "خرید و دریافت سفارش" };
	static const char *const scopes[LANGS] = {
		"all customers; a journey ends with an order or 30 days of silence",
		"كل العملاء؛ تنتهي الرحلة بطلب أو بصمت 30 يومًا",
		"همهٔ مشتریان؛ سفر با سفارش یا ۳۰ روز سکوت پایان می‌یابد"
	};
	f->heading.shown = true;
	f->heading.title = str_of(titles[l]);
	f->heading.scope = str_of(scopes[l]);
	f->heading.from_ms = 1785542400000;
	f->heading.to_ms = 1793491200000;
	f->heading.current_to_ms = 1793480000000;
	f->of_nodes = 18;
	f->of_edges = 64;
	f->edge_count = 968;
	f->of_edge_count = 1000;
	count_cases(f);
	return f;
}

/* --- from files ---------------------------------------------------------------------------------------- */

struct render_flow *flow_read(struct arena *a, const char *path)
{
	struct render_flow *f = flow_new(a, RENDER_FLOW_NODES_MAX, RENDER_FLOW_EDGES_MAX);
	FILE *in = fopen(path, "r");
	if (!in) abort();
	char line[1024];
	while (fgets(line, sizeof line, in)) {
		char name[200], score[40];
		long long n[5];
		double t[3];
		if (sscanf(line, "step\t%199[^\t]\t%lld\t%lld\t%lld\t%lld\t%39s", name, &n[0], &n[1], &n[2], &n[3],
		           score) == 6) {
			const struct str kept = str_copy(a, str_of(name));
			f->nodes[f->n_nodes++] = (struct render_flow_node){
				.key = kept,
				.count = n[0],
				.customers = n[1],
				.starts = n[2],
				.ends = n[3],
				.score = score[0] == '-' ? unscored : score_of(strtod(score, NULL), 200)
			};
		} else if (sscanf(line, "path\t%lld\t%lld\t%lld\t%lld\t%lf\t%lf\t%lf", &n[0], &n[1], &n[2], &n[3],
		                  &t[0], &t[1], &t[2]) == 7) {
			f->edges[f->n_edges++] =
			        (struct render_flow_edge){ (size_t)n[0], (size_t)n[1], n[2], n[3], t[0], t[1], t[2] };
		}
	}
	fclose(in);
	count_cases(f);
	return f;
}

static struct render_flow *demo12(struct arena *a, enum lang l)
{
	return flow_read(a, FLOW_DIR "/demo12.tsv");
}
static struct render_flow *demo30(struct arena *a, enum lang l)
{
	return flow_read(a, FLOW_DIR "/demo30.tsv");
}

/* --- corners ----------------------------------------------------------------------------------------- */

static struct render_flow *hostile(struct arena *a, enum lang l)
{
	static const char *const names[] = {
		"<script>alert(1)</script>",
		"\xE2\x80\xAE"
		"desrever \"quoted\" & 'single'",
		"می‌شود، هیچ‌کس و نقشهٔ بسیار بلندی که در دو سطر هم جا نمی‌شود و باید بریده شود",
		"\xE2\x81\xA6"
		"open isolate",
		"]]> -->\x01\x7F\n\tlines",
		"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7 family",
		"",
		"\xFF\xFE broken bytes",
	};
	struct render_flow *f = flow_new(a, COUNT_OF(names) + 1, 24);
	char *longest = arena_alloc(a, 300);
	if (!longest) abort();
	memset(longest, 'W', 300);
	for (size_t i = 0; i < COUNT_OF(names) + 1; i++)
		f->nodes[f->n_nodes++] = (struct render_flow_node){
			.key = i < COUNT_OF(names) ? str_of(names[i]) : (struct str){ longest, 300 },
			.count = 1000 - 100 * (int64_t)i,
			.customers = 500,
			.starts = i == 0 ? 1000 : 0,
			.ends = i == COUNT_OF(names) ? 200 : 100,
			.score = unscored,
		};
	for (size_t i = 0; i + 1 < f->n_nodes; i++)
		f->edges[f->n_edges++] =
		        (struct render_flow_edge){ i, i + 1, 900 - 100 * (int64_t)i, 400, NAN, NAN, NAN };
	f->edges[f->n_edges++] = (struct render_flow_edge){ 5, 1, 40, 30, 1e3, INFINITY, 1e5 };
	f->edges[f->n_edges++] = (struct render_flow_edge){ 2, 2, 70, 30, 1e3, 1e3, 1e5 };
	f->heading.shown = true;
	f->heading.title = STR("\"><svg onload=alert(1)>");
	f->heading.scope = STR("\xE2\x80\xAEscope & more");
	count_cases(f);
	return f;
}

static struct render_flow *one(struct arena *a, enum lang l)
{
	struct render_flow *f = flow_new(a, 1, 1);
	f->nodes[0] = (struct render_flow_node){
		.key = STR("Visit"), .count = 12, .customers = 3, .starts = 5, .ends = 5, .score = unscored
	};
	f->edges[0] = (struct render_flow_edge){ 0, 0, 7, 2, 6e5, 5e5, 8e5 };
	f->n_nodes = f->n_edges = 1;
	count_cases(f);
	return f;
}

static struct render_flow *empty(struct arena *a, enum lang l)
{
	struct render_flow *f = flow_new(a, 0, 0);
	f->heading.shown = true;
	return f;
}

/* Everybody to everybody, and back. */
static struct render_flow *knot(struct arena *a, enum lang l)
{
	struct render_flow *f = flow_new(a, 8, 64);
	for (size_t i = 0; i < 8; i++)
		f->nodes[f->n_nodes++] = (struct render_flow_node){ .key = str_format(a, "Step %zu", i + 1),
			                                            .count = 800,
			                                            .customers = 100,
			                                            .starts = 10,
			                                            .ends = 10,
			                                            .score = score_of(12.5 * (double)i, 40) };
	for (size_t i = 0; i < 64; i++)
		f->edges[f->n_edges++] = (struct render_flow_edge){ i / 8, i % 8, 100, 60, 1e6, 1e6, 2e6 };
	count_cases(f);
	return f;
}

struct render_flow *flow_random(struct arena *a, uint64_t seed, size_t nodes, size_t edges)
{
	struct rng r;
	rng_init(&r, seed, 0);
	struct render_flow *f = flow_new(a, nodes, edges);
	f->n_nodes = nodes;
	for (size_t i = 0; i < nodes; i++) {
		static const char *const words[] = { "Order", "پرداخت", "تتبّع الشحنة", "Delivered at the door",
			                             "کالا",  "x" };
		f->nodes[i] = (struct render_flow_node){
			.key = str_format(a, "%s %zu", words[rng_below(&r, COUNT_OF(words))], i),
			.starts = rng_below(&r, 5) ? 0 : (int64_t)rng_below(&r, 5000),
			.ends = rng_below(&r, 3) ? 0 : (int64_t)rng_below(&r, 3000),
			.score = rng_below(&r, 2) ? unscored : score_of((double)rng_below(&r, 101), 30),
		};
		f->nodes[i].count = f->nodes[i].starts;
	}
	for (size_t k = 0; k < edges && nodes > 0; k++) {
		const size_t from = rng_below(&r, nodes), kind = rng_below(&r, 10);
		size_t to = kind < 6 ? from + 1 + rng_below(&r, 4) : kind < 7 ? from : rng_below(&r, nodes);
		if (to >= nodes) to = nodes - 1;
		bool there = false;
		for (size_t i = 0; i < f->n_edges; i++)
			there = there || (f->edges[i].from == from && f->edges[i].to == to);
		if (there) continue;
		const int64_t count = 1 + (int64_t)(20000.0 * pow((double)(1 + rng_below(&r, 1000)) / 1000, 4));
		f->edges[f->n_edges++] =
		        (struct render_flow_edge){ from, to, count, count, 1e5, (double)rng_below(&r, 9000000), 1e7 };
		f->nodes[to].count += count;
		f->nodes[to].customers = f->nodes[to].count / 2;
	}
	count_cases(f);
	return f;
}

const struct flow_case flow_cases[] = {
	{ "shop", shop },       { "demo12", demo12 }, { "demo30", demo30 }, { "knot", knot },
	{ "hostile", hostile }, { "one", one },       { "empty", empty },
};
const size_t n_flow_cases = COUNT_OF(flow_cases);
