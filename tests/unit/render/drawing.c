/* What must hold for every drawing: well formed, in bounds, without colliding words, exact sums, the same bytes again.
 */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "render/priv.h"
#include "tests/unit/render/cases.h"
#include "tests/unit/unit.h"

static struct buf svg_of(const struct render_map *m, enum lang l, enum render_theme t, bool interactive)
{
	struct buf out;
	struct err err = { 0 };
	buf_init(&out, 16 * MIB);
	const struct render_options o = { .locale = locale_of(l), .theme = t, .interactive = interactive };
	if (render_map_svg(m, &o, &out, &err) != OK) fail_msg("%s", err.text);
	return out;
}

typedef void each_case(const char *name, const struct render_map *m, enum lang l);
static void for_every_case(each_case *check)
{
	for (size_t i = 0; i < n_render_cases; i++)
		for (enum lang l = 0; l < LANGS; l++) {
			struct arena a;
			arena_init(&a, 16 * MIB);
			check(render_cases[i].name, render_cases[i].make(&a, l), l);
			arena_done(&a);
		}
}

static xmlDoc *parse(const struct buf *b)
{
	return xmlReadMemory(b->ptr, (int)b->len, "drawing.svg", NULL,
	                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
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

static int times_in(struct str s, const char *part)
{
	int n = 0;
	const size_t len = strlen(part);
	for (const char *p = s.ptr; (p = memmem(p, s.len - (size_t)(p - s.ptr), part, len)); p += len) n++;
	return n;
}

/* --- */

static void well_formed(const char *name, const struct render_map *m, enum lang l)
{
	struct buf b = svg_of(m, l, RENDER_LIGHT, true);
	xmlDoc *doc = parse(&b);
	if (!doc) fail_msg("%s in %s is not well-formed", name, lang_codes[l]);
	assert_int_equal(count(doc, "/s:svg/s:title"), 1);
	assert_int_equal(count(doc, "/s:svg/s:desc[string-length(.) > 10]"), 1);
	assert_int_equal(count(doc, "//s:a[@aria-label and @data-step and @tabindex='0']"), (int)m->n_steps);
	assert_int_equal(count(doc, "//s:script | //s:foreignObject | //s:filter | //s:mask | //s:image | //@onload"),
	                 0);
	/* Everything that is no decoration has a name. */
	assert_int_equal(count(doc, "/s:svg/s:g[not(@aria-label) and not(@aria-hidden) and @id != 'head']"), 0);
	xmlFreeDoc(doc);
	buf_done(&b);
}

static void every_drawing_is_well_formed_and_named(void **state)
{
	for_every_case(well_formed);
}

static void in_bounds(const char *name, const struct render_map *m, enum lang l)
{
	struct arena a;
	struct drawing d;
	struct err err = { 0 };
	arena_init(&a, RENDER_ARENA_MAX);
	const struct render_options o = { .locale = locale_of(l) };
	assert_int_equal(layout_map(m, &o, &a, &d, &err), OK);
	int bad = 0;
	for (size_t i = 0; i < d.n_shapes; i++) {
		const struct shape *s = &d.shapes[i];
		if (s->kind != SHAPE_TEXT) continue;
		if (s->box.x0 < -0.5 || s->box.x1 > d.width + 0.5 || s->box.y0 < -0.5 || s->box.y1 > d.height + 0.5) {
			print_message("%s %s: \"" STR_FMT "\" leaves the page\n", name, lang_codes[l],
			              STR_ARG(s->spans[0].text));
			bad++;
		}
		for (size_t k = 0; k < i; k++) {
			const struct shape *t = &d.shapes[k];
			if (t->kind != SHAPE_TEXT) continue;
			const double w = fmin(s->box.x1, t->box.x1) - fmax(s->box.x0, t->box.x0),
			             h = fmin(s->box.y1, t->box.y1) - fmax(s->box.y0, t->box.y0);
			if (w > 4 && h > 4) {
				print_message("%s %s: \"" STR_FMT "\" and \"" STR_FMT "\" overlap by %.1f x %.1f\n",
				              name, lang_codes[l], STR_ARG(s->spans[0].text), STR_ARG(t->spans[0].text),
				              w, h);
				bad++;
			}
		}
	}
	arena_done(&a);
	assert_int_equal(bad, 0);
}

static void no_words_collide_or_leave_the_page(void **state)
{
	for_every_case(in_bounds);
}

/* --- */

static int64_t number_in(const struct drawing *d, double x, double y)
{
	for (size_t i = 0; i < d->n_shapes; i++) {
		const struct shape *s = &d->shapes[i];
		if (s->kind != SHAPE_TEXT || fabs(s->x - x) > 0.1 || fabs(s->y - y) > 0.1) continue;
		int64_t n = 0;
		for (size_t k = 0; k < s->spans[0].text.len; k++)
			if (s->spans[0].text.ptr[k] >= '0' && s->spans[0].text.ptr[k] <= '9')
				n = n * 10 + (s->spans[0].text.ptr[k] - '0');
		return n;
	}
	fail_msg("no number at %.1f %.1f", x, y);
	return 0;
}

static void the_sums_in_the_drawing_are_the_models_and_add_up(void **state)
{
	struct arena a;
	struct drawing d;
	struct err err = { 0 };
	arena_init(&a, 80 * MIB);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	const struct render_map *m = render_cases[0].make(&a, LANG_EN);
	assert_int_equal(layout_map(m, &o, &a, &d, &err), OK);
	double top = 0;
	for (size_t i = 0; i < d.n_shapes && top == 0; i++)
		if (d.shapes[i].kind == SHAPE_TEXT && str_eq(d.shapes[i].spans[0].text, STR("= advanced")))
			top = d.shapes[i].y - 18;
	assert_true(top > 0);
	for (size_t i = 0; i < m->n_steps; i++) {
		const double x = d.columns[i].cx;
		const int64_t entered = number_in(&d, x, top), advanced = number_in(&d, x, top + 18),
		              lost = number_in(&d, x, top + 36), still = number_in(&d, x, top + 54);
		assert_int_equal(entered, m->steps[i].entered);
		assert_int_equal(lost, m->steps[i].lost);
		assert_int_equal(entered, advanced + lost + still);
	}
	assert_int_equal(m->entered, m->goal + m->lost + m->still_in);
	/* The sum bar's labels. */
	struct buf b = svg_of(m, LANG_EN, RENDER_LIGHT, false);
	static const char *const said[] = { ">48,200<", ">3,210<", ">5,228<", ">39,762<",
		                            "Of 100 journeys, 7 reach the goal." };
	for (size_t i = 0; i < COUNT_OF(said); i++) assert_non_null(memmem(b.ptr, b.len, said[i], strlen(said[i])));
	buf_done(&b);
	arena_done(&a);
}

static void the_same_map_gives_the_same_bytes(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	const struct render_map *m = render_cases[1].make(&a, LANG_FA);
	struct buf x = svg_of(m, LANG_FA, RENDER_DARK, false), y = svg_of(m, LANG_FA, RENDER_DARK, false);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.ptr, y.ptr, x.len);
	buf_done(&x);
	buf_done(&y);
	arena_done(&a);
}

static bool has(const struct buf *b, const char *text)
{
	return memmem(b->ptr, b->len, text, strlen(text)) != NULL;
}

static void absence_is_shown_and_no_line_crosses_it(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	const struct render_map *m = render_cases[0].make(&a, LANG_EN);
	struct buf b = svg_of(m, LANG_EN, RENDER_LIGHT, false);
	assert_true(has(&b, ">no evidence<"));
	assert_true(has(&b, ">ask 5 to show<"));
	assert_true(has(&b, ">assumed 75<"));
	xmlDoc *doc = parse(&b);
	/* Eleven steps, one gap: eight segments of the curve are left, one of them inferred, and two of the branch. */
	assert_int_equal(count(doc, "//s:path[@class='cv']"), 7);
	assert_int_equal(count(doc, "//s:path[@class='cvi']"), 1);
	assert_int_equal(count(doc, "//s:path[@class='cv2']"), 2);
	assert_int_equal(count(doc, "//s:path[@class='band']"), 8);
	assert_int_equal(count(doc, "//s:circle[@class='hol']"), 2); /* the point and its key */
	xmlFreeDoc(doc);
	buf_done(&b);
	arena_done(&a);
}

static void the_key_explains_only_what_occurs(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct buf b = svg_of(render_cases[2].make(&a, LANG_EN), LANG_EN, RENDER_LIGHT, false);
	assert_true(has(&b, "assumed, not measured"));
	assert_false(has(&b, "inferred from behaviour"));
	assert_false(has(&b, ">delight<"));
	assert_false(has(&b, ">still in<"));
	buf_done(&b);
	arena_done(&a);
}

/* Friction, consistency and money have a lane where anything is told, and none where nothing is. */
static void lanes_of_meaning_are_there_when_told(void **state)
{
	static const char *const lanes[] = { "//s:g[@id='friction']", "//s:g[@id='consistency']",
		                             "//s:g[@id='money']" };
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct render_map m = *render_cases[0].make(&a, LANG_FA);
	struct render_node *nodes = ARENA_ARRAY(&a, struct render_node, m.n_nodes);
	memcpy(nodes, m.nodes, m.n_nodes * sizeof *nodes);
	for (int told = 0; told < 2; told++) {
		if (told)
			nodes[m.n_nodes - 1].meaning = (struct render_meaning){ .friction_known = true,
				                                                .friction = 12.4,
				                                                .friction_most = STR("تکرار"),
				                                                .differs = true,
				                                                .low = 44,
				                                                .high = 71,
				                                                .low_name = STR("وب"),
				                                                .high_name = STR("فروشگاه"),
				                                                .money = STR("IRR ۶۴") };
		m.nodes = nodes;
		struct buf svg = svg_of(&m, LANG_FA, RENDER_LIGHT, false);
		xmlDoc *doc = parse(&svg);
		assert_non_null(doc);
		for (size_t i = 0; i < COUNT_OF(lanes); i++) assert_int_equal(count(doc, lanes[i]), told);
		assert_int_equal(times_in(buf_view(&svg), "۴۴ تا ۷۱"), told);
		xmlFreeDoc(doc);
		buf_done(&svg);
	}
	arena_done(&a);
}

static void right_to_left_mirrors_places_and_never_scales(void **state)
{
	struct arena a;
	struct drawing en, fa;
	struct err err;
	arena_init(&a, 2 * RENDER_ARENA_MAX);
	const struct render_options ltr = { .locale = locale_of(LANG_EN) }, rtl = { .locale = locale_of(LANG_FA) };
	assert_int_equal(layout_map(render_cases[0].make(&a, LANG_EN), &ltr, &a, &en, &err), OK);
	assert_int_equal(layout_map(render_cases[0].make(&a, LANG_FA), &rtl, &a, &fa, &err), OK);
	size_t nodes = 0;
	for (size_t i = 0; i < en.n_shapes && nodes < 10; i++) {
		if (en.shapes[i].kind != SHAPE_RECT || !strstr(en.shapes[i].cls, "ndo")) continue;
		bool mirrored = false;
		for (size_t k = 0; k < fa.n_shapes; k++)
			if (fa.shapes[k].kind == SHAPE_RECT && strcmp(fa.shapes[k].cls, en.shapes[i].cls) == 0 &&
			    fabs(fa.shapes[k].x + fa.shapes[k].w - (fa.width - en.shapes[i].x)) < 0.01)
				mirrored = true;
		assert_true(mirrored);
		nodes++;
	}
	assert_int_equal(nodes, 10);
	struct buf b = svg_of(render_cases[0].make(&a, LANG_FA), LANG_FA, RENDER_LIGHT, false);
	assert_true(has(&b, "lang=\"fa\" direction=\"rtl\""));
	assert_false(has(&b, "scale("));
	assert_true(has(&b, "۴۸٬۲۰۰"));
	assert_true(has(&b, "هیچ‌کس"));
	buf_done(&b);
	arena_done(&a);
}

static double luminance(const char *hex)
{
	double sum = 0;
	static const double weight[] = { 0.2126, 0.7152, 0.0722 };
	for (int i = 0; i < 3; i++) {
		const char two[3] = { hex[1 + 2 * i], hex[2 + 2 * i], 0 };
		const double c = (double)strtol(two, NULL, 16) / 255;
		sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(const char *a, const char *b)
{
	const double x = luminance(a), y = luminance(b);
	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static void words_have_contrast_in_every_theme(void **state)
{
	for (enum render_theme t = 0; t <= RENDER_PRINT; t++) {
		const struct palette *p = palette_of(t);
		const char *const inks[] = { p->ink, p->ink2, p->ink3, p->pain, p->delight };
		for (size_t i = 0; i < COUNT_OF(inks); i++) assert_true(contrast(inks[i], p->bg) >= 4.5);
		assert_true(contrast(p->pain, p->pain_wash) >= 4.5);
		assert_true(contrast(p->ink3, p->pain_wash) >= 4.5);
		assert_true(contrast(p->delight, p->delight_wash) >= 4.5);
		assert_true(contrast(p->ink2, p->people) >= 4.5);
		assert_true(contrast(p->line2, p->bg) >= 3);
	}
}

static void other_languages_are_marked_and_a_silent_branch_is_named(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	const struct render_case *c = &render_cases[0];
	struct render_map m = *c->make(&a, LANG_FA);
	struct buf b = svg_of(&m, LANG_FA, RENDER_LIGHT, false);
	assert_true(times_in(buf_view(&b), "(en)") == 0);
	buf_done(&b);
	m.steps[2].name_lang = STR("en");
	m.stages[0].name_lang = STR("en");
	for (size_t i = 0; i < m.n_nodes; i++)
		if (m.nodes[i].step == m.nodes[m.n_nodes - 1].step) m.nodes[i].name_lang = STR("en");
	b = svg_of(&m, LANG_FA, RENDER_LIGHT, false);
	assert_true(times_in(buf_view(&b), "(en)") >= 2);
	buf_done(&b);

	/* The smallest node of a column with several is silent: it is named, and the column is not called silent. */
	m = *c->make(&a, LANG_EN);
	size_t least = 0;
	for (size_t i = 0; i < m.n_nodes; i++)
		for (size_t k = 0; k < m.n_nodes; k++)
			if (i != k && m.nodes[i].step == m.nodes[k].step && !m.nodes[i].other &&
			    m.nodes[i].entered < m.nodes[k].entered)
				least = i;
	m.nodes[least].silent = true;
	m.nodes[least].name = STR("Quiet");
	b = svg_of(&m, LANG_EN, RENDER_LIGHT, false);
	assert_int_equal(times_in(buf_view(&b), "silent: Quiet"), 1);
	buf_done(&b);
	arena_done(&a);
}

static void png_and_pdf_come_from_the_same_drawing(void **state)
{
	for (enum lang l = 0; l < LANGS; l++) {
		struct arena a;
		struct buf png, again, pdf;
		struct err err = { 0 };
		arena_init(&a, 16 * MIB);
		buf_init(&png, 32 * MIB);
		buf_init(&again, 32 * MIB);
		buf_init(&pdf, 32 * MIB);
		const struct render_map *m = render_cases[0].make(&a, l);
		const struct render_options o = { .locale = locale_of(l), .scale = 1 };
		assert_int_equal(render_map_png(m, &o, &png, &err), OK);
		assert_int_equal(render_map_png(m, &o, &again, &err), OK);
		assert_int_equal(render_map_pdf(m, &o, &pdf, &err), OK);
		assert_memory_equal(png.ptr, "\x89PNG", 4);
		assert_memory_equal(pdf.ptr, "%PDF", 4);
		assert_int_equal(png.len, again.len);
		assert_memory_equal(png.ptr, again.ptr, png.len);
		/* Its own fonts, not a system's. */
		assert_true(has(&pdf, "Vazirmatn"));
		buf_done(&png);
		buf_done(&again);
		buf_done(&pdf);
		arena_done(&a);
	}
}

static void wide_drawings_print_on_two_pages(void **state)
{
	struct arena a;
	struct buf one, two;
	struct err err = { 0 };
	arena_init(&a, 16 * MIB);
	buf_init(&one, 32 * MIB);
	buf_init(&two, 32 * MIB);
	const struct render_options o = { .locale = locale_of(LANG_AR) };
	for (size_t i = 0; i < n_render_cases; i++) {
		if (strcmp(render_cases[i].name, "twelve") == 0)
			assert_int_equal(render_map_pdf(render_cases[i].make(&a, LANG_AR), &o, &one, &err), OK);
		if (strcmp(render_cases[i].name, "thirty") == 0)
			assert_int_equal(render_map_pdf(render_cases[i].make(&a, LANG_AR), &o, &two, &err), OK);
	}
	assert_true(has(&one, "/Count 1"));
	assert_true(has(&two, "/Count 2"));
	buf_done(&one);
	buf_done(&two);
	arena_done(&a);
}

static void an_exported_file_carries_its_fonts(void **state)
{
	struct arena a;
	struct buf b;
	struct err err;
	arena_init(&a, 16 * MIB);
	buf_init(&b, 16 * MIB);
	const struct render_options o = { .locale = locale_of(LANG_FA), .embed_fonts = true };
	assert_int_equal(render_map_svg(render_cases[0].make(&a, LANG_FA), &o, &b, &err), OK);
	assert_true(has(&b, "font-family:Inter;"));
	assert_true(has(&b, "font-family:Vazirmatn;"));
	assert_true(has(&b, "data:font/woff2;base64,d09GMg"));
	buf_done(&b);
	arena_done(&a);
}

static void impossible_maps_are_refused_by_name(void **state)
{
	struct arena a;
	struct buf b;
	struct err err;
	arena_init(&a, 16 * MIB);
	buf_init(&b, MIB);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	struct render_map *m = render_cases[0].make(&a, LANG_EN);
	m->ribbons[0].to = 0;
	assert_int_equal(render_map_svg(m, &o, &b, &err), ERR_INPUT);
	assert_string_equal(err.field, "ribbons");
	m = render_cases[0].make(&a, LANG_EN);
	m->nodes[3].step = 99;
	assert_int_equal(render_map_svg(m, &o, &b, &err), ERR_INPUT);
	m = render_cases[0].make(&a, LANG_EN);
	m->n_steps = RENDER_STEPS_MAX + 1;
	assert_int_equal(render_map_svg(m, &o, &b, &err), ERR_LIMIT);
	assert_int_equal(b.len, 0);
	buf_done(&b);
	arena_done(&a);
}

static void *draw_in_thread(void *arg)
{
	const struct buf *want = arg;
	struct arena a;
	arena_init(&a, 64 * MIB);
	intptr_t bad = 0;
	const struct render_map *m = render_cases[0].make(&a, LANG_AR);
	const struct render_options o = { .locale = locale_of(LANG_AR) };
	for (int i = 0; i < 5; i++) {
		struct buf b;
		struct err err;
		buf_init(&b, 16 * MIB);
		if (render_map_svg(m, &o, &b, &err) != OK || b.len != want->len || memcmp(b.ptr, want->ptr, b.len) != 0)
			bad++;
		buf_done(&b);
	}
	arena_done(&a);
	return (void *)bad;
}

static void threads_draw_at_once(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	struct buf want = svg_of(render_cases[0].make(&a, LANG_AR), LANG_AR, RENDER_LIGHT, false);
	pthread_t t[3];
	for (size_t i = 0; i < COUNT_OF(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, draw_in_thread, &want), 0);
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		void *bad;
		pthread_join(t[i], &bad);
		assert_null(bad);
	}
	buf_done(&want);
	arena_done(&a);
}

static void the_miniature_has_a_curve_and_no_words(void **state)
{
	struct arena a;
	struct buf b;
	struct err err;
	arena_init(&a, 16 * MIB);
	buf_init(&b, MIB);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	assert_int_equal(render_map_thumb(render_cases[0].make(&a, LANG_EN), &o, &b, &err), OK);
	xmlDoc *doc = parse(&b);
	assert_non_null(doc);
	assert_int_equal(count(doc, "//s:text"), 0);
	assert_int_equal(count(doc, "//s:path[@fill='none']"), 2); /* before and after the gap */
	xmlFreeDoc(doc);
	buf_done(&b);
	arena_done(&a);
}

/* A figure for whoever changes the layout; the gate is in bench/. */
static void the_time_of_a_drawing_is_printed(void **state)
{
	struct arena a;
	arena_init(&a, 16 * MIB);
	const struct render_map *m = render_cases[7].make(&a, LANG_EN);
	struct buf first = svg_of(m, LANG_EN, RENDER_LIGHT, false);
	buf_done(&first);
	struct timespec t0, t1;
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (int i = 0; i < 20; i++) {
		struct buf b = svg_of(m, LANG_EN, RENDER_LIGHT, false);
		buf_done(&b);
	}
	clock_gettime(CLOCK_MONOTONIC, &t1);
	print_message("%s steps: %.1f ms a drawing\n", render_cases[7].name,
	              ((double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6) / 20);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_drawing_is_well_formed_and_named),
		cmocka_unit_test(no_words_collide_or_leave_the_page),
		cmocka_unit_test(the_sums_in_the_drawing_are_the_models_and_add_up),
		cmocka_unit_test(the_same_map_gives_the_same_bytes),
		cmocka_unit_test(absence_is_shown_and_no_line_crosses_it),
		cmocka_unit_test(the_key_explains_only_what_occurs),
		cmocka_unit_test(lanes_of_meaning_are_there_when_told),
		cmocka_unit_test(right_to_left_mirrors_places_and_never_scales),
		cmocka_unit_test(words_have_contrast_in_every_theme),
		cmocka_unit_test(other_languages_are_marked_and_a_silent_branch_is_named),
		cmocka_unit_test(png_and_pdf_come_from_the_same_drawing),
		cmocka_unit_test(wide_drawings_print_on_two_pages),
		cmocka_unit_test(an_exported_file_carries_its_fonts),
		cmocka_unit_test(impossible_maps_are_refused_by_name),
		cmocka_unit_test(threads_draw_at_once),
		cmocka_unit_test(the_miniature_has_a_curve_and_no_words),
		cmocka_unit_test(the_time_of_a_drawing_is_printed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
