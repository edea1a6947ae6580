/* What must hold for every flow: layers and order of its graph, words that do not collide, each edge once, the same
 * bytes again, hostile names. */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <time.h>

#include "render/flow.h"
#include "tests/unit/render/flow_cases.h"
#include "tests/unit/unit.h"

#define GRAPHS 60

static struct buf svg_of(const struct render_flow *f, enum lang l, bool interactive)
{
	struct buf out;
	struct err err = { 0 };
	buf_init(&out, 32 * MIB);
	const struct render_options o = { .locale = locale_of(l), .interactive = interactive };
	if (render_flow(f, RENDER_SVG, &o, &out, &err) != OK) fail_msg("%s", err.text);
	return out;
}

static int count(xmlDoc *doc, const char *path)
{
	xmlXPathContext *x = xmlXPathNewContext(doc);
	xmlXPathRegisterNs(x, (const xmlChar *)"s", (const xmlChar *)"http://www.w3.org/2000/svg");
	xmlXPathObject *r = xmlXPathEvalExpression((const xmlChar *)path, x);
	assert_non_null(r);
	const int n = r->nodesetval ? r->nodesetval->nodeNr : 0;
	xmlXPathFreeObject(r);
	xmlXPathFreeContext(x);
	return n;
}

static bool has(const struct buf *b, const char *text)
{
	return memmem(b->ptr, b->len, text, strlen(text)) != NULL;
}

/* --- every drawing ------------------------------------------------------------------------------------- */

static int collisions(const struct drawing *d, const char *name, enum lang l)
{
	int bad = 0;
	for (size_t i = 0; i < d->n_shapes; i++) {
		const struct shape *s = &d->shapes[i];
		if (s->kind != SHAPE_TEXT) continue;
		if (s->box.x0 < -0.5 || s->box.x1 > d->width + 0.5 || s->box.y0 < -0.5 || s->box.y1 > d->height + 0.5) {
			print_message("%s %s: \"" STR_FMT "\" leaves the page\n", name, lang_codes[l],
			              STR_ARG(s->spans[0].text));
			bad++;
		}
		for (size_t k = 0; k < i; k++) {
			const struct shape *t = &d->shapes[k];
			if (t->kind != SHAPE_TEXT) continue;
			const double w = fmin(s->box.x1, t->box.x1) - fmax(s->box.x0, t->box.x0),
			             h = fmin(s->box.y1, t->box.y1) - fmax(s->box.y0, t->box.y0);
			if (w <= 4 || h <= 4) continue;
			print_message("%s %s: \"" STR_FMT "\" and \"" STR_FMT "\" overlap by %.1f x %.1f\n", name,
			              lang_codes[l], STR_ARG(s->spans[0].text), STR_ARG(t->spans[0].text), w, h);
			bad++;
		}
	}
	return bad;
}

/* Bars, and the points that curves and lines run through: nothing outside the paper. */
static int strays(const struct drawing *d, const char *name)
{
	int bad = 0;
	for (size_t i = 0; i < d->n_shapes; i++) {
		const struct shape *s = &d->shapes[i];
		if (s->kind == SHAPE_RECT &&
		    (s->x < -0.5 || s->y < -0.5 || s->x + s->w > d->width + 0.5 || s->y + s->h > d->height + 0.5))
			bad++;
		if (s->kind != SHAPE_PATH) continue;
		const char *p = s->data.ptr, *end = p + str_find(s->data, '"');
		for (int k = 0, skip = 0; p < end;) {
			char *after;
			const double v = strtod(p, &after);
			if (after == p) {
				/* The first two of a curve's three points only pull. */
				if (*p++ == 'C') skip = 4;
				continue;
			}
			if (skip-- <= 0 && (v < -0.5 || v > (k % 2 ? d->height : d->width) + 0.5)) bad++;
			k++;
			p = after;
		}
	}
	if (bad) print_message("%s: %d points outside the paper\n", name, bad);
	return bad;
}

static void looks_right(const struct render_flow *f, const char *name, enum lang l)
{
	struct arena a;
	struct drawing d;
	struct err err = { 0 };
	arena_init(&a, RENDER_ARENA_MAX);
	const struct render_options o = { .locale = locale_of(l), .interactive = true };
	assert_int_equal(layout_flow(f, &o, &a, &d, &err), OK);
	assert_int_equal(collisions(&d, name, l) + strays(&d, name), 0);
	arena_done(&a);

	struct buf b = svg_of(f, l, true), again = svg_of(f, l, true);
	assert_int_equal(b.len, again.len);
	assert_memory_equal(b.ptr, again.ptr, b.len);
	xmlDoc *doc = xmlReadMemory(b.ptr, (int)b.len, "flow.svg", NULL,
	                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
	if (!doc) fail_msg("%s in %s is not well-formed", name, lang_codes[l]);
	/* Each edge is drawn once, in its own class, with a head, and is a link; so is each node. */
	assert_int_equal(
	        count(doc, "//s:g[@id='graph']/s:path[@class='fe' or @class='fem' or @class='fth' or @class='fbk']"),
	        (int)f->n_edges);
	assert_int_equal(count(doc, "//s:g[@id='graph']/s:path[@class='fah']"), (int)f->n_edges);
	assert_int_equal(count(doc, "//s:g[@id='graph']/s:rect[contains(@class, 'fno')]"), (int)f->n_nodes);
	assert_int_equal(count(doc, "//s:a[@data-from and @data-to and @aria-label and @tabindex='0'][s:title]"),
	                 (int)f->n_edges);
	assert_int_equal(count(doc, "//s:a[@data-activity and @aria-label and @tabindex='0'][s:title]"),
	                 (int)f->n_nodes);
	assert_int_equal(count(doc, "/s:svg/s:title"), 1);
	assert_int_equal(count(doc, "/s:svg/s:desc[string-length(.) > 10]"), 1);
	assert_int_equal(count(doc, "//s:script | //s:foreignObject | //s:filter | //s:mask | //s:image | //@onload"),
	                 0);
	assert_false(has(&b, "scale("));
	assert_false(has(&b, "nan"));
	xmlFreeDoc(doc);
	buf_done(&b);
	buf_done(&again);
}

static void every_flow_is_whole_and_its_words_do_not_collide(void **state)
{
	for (size_t i = 0; i < n_flow_cases; i++)
		for (enum lang l = 0; l < LANGS; l++) {
			struct arena a;
			arena_init(&a, 16 * MIB);
			looks_right(flow_cases[i].make(&a, l), flow_cases[i].name, l);
			arena_done(&a);
		}
}

static void random_graphs_are_whole_and_their_words_do_not_collide(void **state)
{
	for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
		struct arena a;
		char name[40];
		arena_init(&a, 64 * MIB);
		snprintf(name, sizeof name, "seed %llu", (unsigned long long)seed);
		looks_right(flow_random(&a, seed, 2 + seed % 29, seed * 7 % 200), name, seed % LANGS);
		arena_done(&a);
	}
}

/* --- the graph ------------------------------------------------------------------------------------------ */

static struct flow_graph graph_of(struct arena *a, const struct render_flow *f)
{
	struct flow_graph g = { .flow = f, .arena = a, .gap = 6 };
	assert_true(flow_layers(&g));
	return g;
}

static void a_chain_is_one_layer_a_step_and_a_way_back_runs_back(void **state)
{
	struct arena a;
	arena_init(&a, 4 * MIB);
	struct render_flow_node nodes[4] = {
		{ .count = 9, .starts = 9 }, { .count = 12 }, { .count = 9 }, { .count = 9 }
	};
	struct render_flow_edge edges[] = { { .from = 2, .to = 3, .count = 9 },
		                            { .from = 0, .to = 1, .count = 9 },
		                            { .from = 1, .to = 2, .count = 9 },
		                            { .from = 2, .to = 1, .count = 3 },
		                            { .from = 3, .to = 3, .count = 2 } };
	const struct render_flow f = { .nodes = nodes, .n_nodes = 4, .edges = edges, .n_edges = 5 };
	struct flow_graph g = graph_of(&a, &f);
	for (size_t i = 0; i < 4; i++) assert_int_equal(g.items[i].layer, i);
	assert_int_equal(g.ways[3].kind, FLOW_BACK);
	assert_int_equal(g.ways[4].kind, FLOW_SELF);
	assert_int_equal(g.n_layers, 4);
	arena_done(&a);
}

/* Every edge's links lead from layer to layer, and the order holds each item of a layer once. */
static void check_graph(struct flow_graph *g)
{
	const struct render_flow *f = g->flow;
	for (size_t e = 0; e < f->n_edges; e++) {
		const struct flow_way *w = &g->ways[e];
		const size_t from = g->items[f->edges[e].from].layer, to = g->items[f->edges[e].to].layer;
		assert_int_equal(w->n_links, from < to ? to - from : from - to);
		for (size_t i = 0; i < w->n_links; i++) {
			const struct flow_link *l = &g->links[w->link + i];
			assert_int_equal(g->items[l->low].layer + 1, g->items[l->high].layer);
			if (i > 0) assert_int_equal(l->low, g->links[w->link + i - 1].high);
		}
	}
	size_t items = 0;
	for (size_t l = 0; l < g->n_layers; l++)
		for (size_t i = 0; i < g->n_rows[l]; i++, items++) {
			assert_int_equal(g->items[g->rows[l][i]].at, i);
			assert_int_equal(g->items[g->rows[l][i]].layer, l);
		}
	assert_int_equal(items, g->n_items);
}

static void random_graphs_keep_their_rooms_and_their_bound_on_layers(void **state)
{
	for (uint64_t seed = 100; seed < 160; seed++) {
		struct arena a;
		arena_init(&a, 64 * MIB);
		const struct render_flow *f = flow_random(&a, seed, 1 + seed % 40, seed * 11 % 300);
		struct flow_graph g = graph_of(&a, f);
		assert_true(g.n_layers <= FLOW_LAYERS(f->n_nodes));
		assert_true(flow_order(&g));
		check_graph(&g);
		for (size_t i = 0; i < g.n_items; i++) {
			g.items[i].above = 4 + (double)(i % 5);
			g.items[i].below = 6 + (double)(i % 3);
		}
		assert_true(flow_place(&g));
		for (size_t l = 0; l < g.n_layers; l++)
			for (size_t i = 1; i < g.n_rows[l]; i++) {
				const struct flow_item *x = &g.items[g.rows[l][i - 1]], *y = &g.items[g.rows[l][i]];
				assert_true(y->y - y->above - (x->y + x->below) > g.gap - 1e-6);
			}
		arena_done(&a);
	}
}

/* Two chains side by side whose order in the model crosses at every layer. */
static void crossings_that_need_not_be_are_not(void **state)
{
	struct arena a;
	arena_init(&a, 4 * MIB);
	struct render_flow_node nodes[8] = { { .count = 5, .starts = 5 }, { .count = 5, .starts = 5 } };
	struct render_flow_edge edges[6];
	for (size_t i = 0; i < 6; i++) {
		const size_t layer = i / 2, lane = i % 2;
		edges[i] = (struct render_flow_edge){ .from = 2 * layer + (lane ^ (layer & 1)),
			                              .to = 2 * layer + 2 + (lane ^ (~layer & 1)),
			                              .count = 5 };
		nodes[edges[i].to].count = 5;
	}
	const struct render_flow f = { .nodes = nodes, .n_nodes = 8, .edges = edges, .n_edges = 6 };
	struct flow_graph g = graph_of(&a, &f);
	assert_true(flow_order(&g));
	assert_true(flow_crossings(&g) <= 0);
	arena_done(&a);
}

/* --- what it says ------------------------------------------------------------------------------------ */

static void exact_numbers_are_in_the_titles(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct buf b = svg_of(flow_cases[0].make(&a, LANG_EN), LANG_EN, true);
	assert_true(has(
	        &b, "<title>From Parcel tracking to Home delivery. 4,920 times, by 3,936 customers. Half within 2 d "
	            "3 h, 9 in 10 within 7 d, mean 2 d 10 h.</title>"));
	assert_true(has(&b,
	                "<title>Advert or search. 31,600 times, by 28,440 customers. 31,600 journeys start here, 9,120 "
	                "end here. Feels 48 of 100, 46 to 50.</title>"));
	assert_true(has(&b, "data-from=\"Parcel tracking\" data-to=\"Home delivery\""));
	assert_true(has(&b, ">2,140 again"));
	assert_true(has(&b, ">6,420 go back"));
	assert_true(has(&b, "Most often: Advert or search → Product page → Cart → Payment"));
	buf_done(&b);
	struct buf fa = svg_of(flow_cases[0].make(&a, LANG_FA), LANG_FA, true);
	assert_true(has(&fa, "lang=\"fa\" direction=\"rtl\""));
	assert_true(has(&fa, "۴٬۹۲۰"));
	assert_true(has(&fa, "دریافت از فروشگاه"));
	assert_true(has(&fa, "data-from=\"Parcel tracking\""));
	buf_done(&fa);
	arena_done(&a);
}

static void widths_are_one_linear_scale(void **state)
{
	struct arena a;
	struct drawing d;
	struct err err = { 0 };
	arena_init(&a, RENDER_ARENA_MAX);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	const struct render_flow *f = flow_cases[0].make(&a, LANG_EN);
	assert_int_equal(layout_flow(f, &o, &a, &d, &err), OK);
	/* 22,480 is the widest edge, 21,900 the next; 31,600 start at the first step, whose bar is as high. */
	double widest = 0, second = 0, bar = 0;
	for (size_t i = 0; i < d.n_shapes; i++) {
		const struct shape *s = &d.shapes[i];
		if (s->kind == SHAPE_PATH && strcmp(s->cls, "fem") == 0) {
			const char *w = memmem(s->data.ptr, s->data.len, "width=\"", 7);
			const double v = strtod(w + 7, NULL);
			if (v > widest) {
				second = widest;
				widest = v;
			} else if (v > second) {
				second = v;
			}
		}
		if (s->kind == SHAPE_RECT && strstr(s->cls, "e4 fno")) bar = fmax(bar, s->h);
	}
	assert_true(fabs(widest / second - 22480.0 / 21900) < 0.01);
	assert_true(fabs(bar / widest - 31600.0 / 22480) < 0.01);
	arena_done(&a);
}

static void right_to_left_mirrors_places(void **state)
{
	struct arena a;
	struct drawing en, fa;
	struct err err = { 0 };
	arena_init(&a, 2 * RENDER_ARENA_MAX);
	const struct render_options ltr = { .locale = locale_of(LANG_EN) }, rtl = { .locale = locale_of(LANG_FA) };
	const struct render_flow *f = flow_cases[1].make(&a, LANG_EN);
	assert_int_equal(layout_flow(f, &ltr, &a, &en, &err), OK);
	assert_int_equal(layout_flow(f, &rtl, &a, &fa, &err), OK);
	size_t bars = 0;
	for (size_t i = 0; i < en.n_shapes; i++) {
		if (en.shapes[i].kind != SHAPE_RECT || !strstr(en.shapes[i].cls, "fno") || en.shapes[i].w < 9) continue;
		bool mirrored = false;
		for (size_t k = 0; k < fa.n_shapes; k++)
			if (fa.shapes[k].kind == SHAPE_RECT && strcmp(fa.shapes[k].cls, en.shapes[i].cls) == 0 &&
			    fabs(fa.shapes[k].x + fa.shapes[k].w - (fa.width - en.shapes[i].x)) < 0.01)
				mirrored = true;
		assert_true(mirrored);
		bars++;
	}
	assert_true(bars >= f->n_nodes);
	arena_done(&a);
}

static void hostile_names_are_escaped(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	for (size_t i = 0; i < n_flow_cases; i++) {
		if (strcmp(flow_cases[i].name, "hostile") != 0) continue;
		for (enum lang l = 0; l < LANGS; l++) {
			struct buf b = svg_of(flow_cases[i].make(&a, l), l, true);
			assert_false(has(&b, "<script"));
			assert_false(has(&b, "<svg onload"));
			assert_false(has(&b, "\xE2\x80\xAE"));
			assert_true(has(&b, "&lt;script&gt;alert(1)&lt;/script&gt;"));
			assert_true(has(&b, "می‌شود"));
			buf_done(&b);
		}
	}
	arena_done(&a);
}

static void impossible_flows_are_refused_by_name(void **state)
{
	struct arena a;
	struct buf b;
	struct err err = { 0 };
	arena_init(&a, 16 * MIB);
	buf_init(&b, MIB);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	struct render_flow *f = flow_cases[0].make(&a, LANG_EN);
	f->edges[3].to = f->n_nodes;
	assert_int_equal(render_flow(f, RENDER_SVG, &o, &b, &err), ERR_INPUT);
	assert_string_equal(err.field, "edges");
	f = flow_cases[0].make(&a, LANG_EN);
	f->edges[3].count = 0;
	assert_int_equal(render_flow(f, RENDER_SVG, &o, &b, &err), ERR_INPUT);
	f = flow_cases[0].make(&a, LANG_EN);
	f->nodes[1].starts = -1;
	assert_int_equal(render_flow(f, RENDER_SVG, &o, &b, &err), ERR_INPUT);
	f = flow_cases[0].make(&a, LANG_EN);
	f->n_nodes = RENDER_FLOW_NODES_MAX + 1;
	assert_int_equal(render_flow(f, RENDER_SVG, &o, &b, &err), ERR_LIMIT);
	assert_int_equal(b.len, 0);
	buf_done(&b);
	arena_done(&a);
}

static void png_and_pdf_come_from_the_same_drawing(void **state)
{
	struct arena a;
	struct err err = { 0 };
	arena_init(&a, 16 * MIB);
	const struct render_flow *f = flow_cases[0].make(&a, LANG_FA);
	const struct render_options o = { .locale = locale_of(LANG_FA), .scale = 1 };
	struct buf png, pdf, again;
	buf_init(&png, 32 * MIB);
	buf_init(&pdf, 32 * MIB);
	buf_init(&again, 32 * MIB);
	assert_int_equal(render_flow(f, RENDER_PNG, &o, &png, &err), OK);
	assert_int_equal(render_flow(f, RENDER_PDF, &o, &pdf, &err), OK);
	assert_int_equal(render_flow(f, RENDER_PDF, &o, &again, &err), OK);
	assert_memory_equal(png.ptr, "\x89PNG", 4);
	assert_memory_equal(pdf.ptr, "%PDF", 4);
	assert_true(has(&pdf, "/Count 1"));
	assert_true(has(&pdf, "Vazirmatn"));
	assert_int_equal(pdf.len, again.len);
	assert_memory_equal(pdf.ptr, again.ptr, pdf.len);
	buf_done(&png);
	buf_done(&pdf);
	buf_done(&again);
	arena_done(&a);
}

/* A figure for whoever changes the layout; the gate is in bench/. */
static void the_time_of_a_flow_is_printed(void **state)
{
	static const size_t sizes[][2] = { { 30, 200 }, { 60, 600 } };
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct arena a;
		arena_init(&a, 16 * MIB);
		const struct render_flow *f = flow_random(&a, 7, sizes[i][0], sizes[i][1]);
		struct buf first = svg_of(f, LANG_EN, false);
		struct timespec t0, t1;
		clock_gettime(CLOCK_MONOTONIC, &t0);
		struct buf b = svg_of(f, LANG_EN, false);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		print_message("%zu nodes, %zu edges: %.1f ms, %zu bytes\n", f->n_nodes, f->n_edges,
		              (double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6, b.len);
		buf_done(&b);
		buf_done(&first);
		arena_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flow_is_whole_and_its_words_do_not_collide),
		cmocka_unit_test(random_graphs_are_whole_and_their_words_do_not_collide),
		cmocka_unit_test(a_chain_is_one_layer_a_step_and_a_way_back_runs_back),
		cmocka_unit_test(random_graphs_keep_their_rooms_and_their_bound_on_layers),
		cmocka_unit_test(crossings_that_need_not_be_are_not),
		cmocka_unit_test(exact_numbers_are_in_the_titles),
		cmocka_unit_test(widths_are_one_linear_scale),
		cmocka_unit_test(right_to_left_mirrors_places),
		cmocka_unit_test(hostile_names_are_escaped),
		cmocka_unit_test(impossible_flows_are_refused_by_name),
		cmocka_unit_test(png_and_pdf_come_from_the_same_drawing),
		cmocka_unit_test(the_time_of_a_flow_is_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
