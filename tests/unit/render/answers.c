/* What must hold for the drawings of funnels, retention and scores over time: sums, absence, words that do not collide,
 * the same bytes.
 */
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "render/priv.h"
#include "tests/unit/render/answer_cases.h"
#include "tests/unit/unit.h"

static int count(const struct buf *b, const char *path)
{
	xmlDoc *doc = xmlReadMemory(b->ptr, (int)b->len, "answer.svg", NULL,
	                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
	assert_non_null(doc);
	xmlXPathContext *x = xmlXPathNewContext(doc);
	xmlXPathRegisterNs(x, (const xmlChar *)"s", (const xmlChar *)"http://www.w3.org/2000/svg");
	xmlXPathObject *r = xmlXPathEvalExpression((const xmlChar *)path, x);
	assert_non_null(r);
	const int n = r->nodesetval ? r->nodesetval->nodeNr : 0;
	xmlXPathFreeObject(r);
	xmlXPathFreeContext(x);
	xmlFreeDoc(doc);
	return n;
}

static bool has(const struct buf *b, const char *text)
{
	return memmem(b->ptr, b->len, text, strlen(text)) != NULL;
}

static struct buf funnel_svg(const struct render_funnel *f, enum lang l)
{
	struct buf out;
	struct err err = { 0 };
	buf_init(&out, 16 * MIB);
	const struct render_options o = { .locale = locale_of(l), .interactive = true };
	if (render_funnel(f, RENDER_SVG, &o, &out, &err) != OK) fail_msg("%s", err.text);
	return out;
}

static struct buf retention_svg(const struct render_retention *r, enum lang l)
{
	struct buf out;
	struct err err = { 0 };
	buf_init(&out, 16 * MIB);
	const struct render_options o = { .locale = locale_of(l), .interactive = true };
	if (render_retention(r, RENDER_SVG, &o, &out, &err) != OK) fail_msg("%s", err.text);
	return out;
}

static struct buf series_svg(const struct render_series *r, enum lang l)
{
	struct buf out;
	struct err err = { 0 };
	buf_init(&out, 16 * MIB);
	const struct render_options o = { .locale = locale_of(l), .interactive = true };
	if (render_series(r, RENDER_SVG, &o, &out, &err) != OK) fail_msg("%s", err.text);
	return out;
}

static int collisions(const struct drawing *d, const char *name, enum lang l)
{
	int bad = 0;
	for (size_t i = 0; i < d->n_shapes; i++) {
		const struct shape *s = &d->shapes[i];
		if (s->kind == SHAPE_RECT &&
		    (s->x < -0.5 || s->y < -0.5 || s->x + s->w > d->width + 0.5 || s->y + s->h > d->height + 0.5)) {
			print_message("%s %s: a rectangle leaves the page\n", name, lang_codes[l]);
			bad++;
		}
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

static void no_words_collide_and_the_same_gives_the_same_bytes(void **state)
{
	int bad = 0;
	for (enum lang l = 0; l < LANGS; l++) {
		const struct render_options o = { .locale = locale_of(l) };
		for (size_t i = 0; i < n_funnel_cases + n_retention_cases + n_series_cases; i++) {
			struct arena a, models;
			struct drawing d;
			struct err err = { 0 };
			arena_init(&a, RENDER_ARENA_MAX);
			arena_init(&models, 8 * MIB);
			struct buf once, again;
			if (i < n_funnel_cases) {
				const struct render_funnel *f = funnel_cases[i].make(&models, l);
				assert_int_equal(layout_funnel(f, &o, &a, &d, &err), OK);
				bad += collisions(&d, funnel_cases[i].name, l);
				once = funnel_svg(f, l);
				again = funnel_svg(f, l);
			} else if (i >= n_funnel_cases + n_retention_cases) {
				const struct series_case *c = &series_cases[i - n_funnel_cases - n_retention_cases];
				const struct render_series *r = c->make(&models, l);
				assert_int_equal(layout_series(r, &o, &a, &d, &err), OK);
				bad += collisions(&d, c->name, l);
				once = series_svg(r, l);
				again = series_svg(r, l);
			} else {
				const struct retention_case *c = &retention_cases[i - n_funnel_cases];
				const struct render_retention *r = c->make(&models, l);
				assert_int_equal(layout_retention(r, &o, &a, &d, &err), OK);
				bad += collisions(&d, c->name, l);
				once = retention_svg(r, l);
				again = retention_svg(r, l);
			}
			assert_int_equal(once.len, again.len);
			assert_memory_equal(once.ptr, again.ptr, once.len);
			assert_int_equal(count(&once, "/s:svg/s:title"), 1);
			assert_int_equal(count(&once, "/s:svg/s:desc[string-length(.) > 10]"), 1);
			assert_int_equal(count(&once, "//s:script | //s:b"), 0);
			assert_false(has(&once, "nan"));
			assert_false(has(&once, "scale("));
			assert_false(has(&once, "\xE2\x80\xAE"));
			buf_done(&once);
			buf_done(&again);
			arena_done(&models);
			arena_done(&a);
		}
	}
	assert_int_equal(bad, 0);
}

static void a_funnel_adds_up_and_who_passes_by_is_said(void **state)
{
	struct arena a;
	arena_init(&a, 8 * MIB);
	const struct render_funnel *f = funnel_cases[0].make(&a, LANG_EN);
	struct buf b = funnel_svg(f, LANG_EN);
	assert_true(has(&b, "4,917 entered = 840 got through + 4,077 lost"));
	assert_true(has(&b, "within 90 d of the first step"));
	/* 4,917 less 102 lost are left, and 1,555 of them compared products. */
	assert_true(has(&b, ">3,260 pass by<"));
	assert_int_equal(count(&b, "//s:rect[@class='opt']"), 1);
	assert_int_equal(count(&b, "//s:rect[@class='nd ndo']"), 6);
	/* Level ribbons between the steps, a fall for each step that loses somebody. */
	assert_int_equal(count(&b, "//s:rect[@class='fl']"), 6);
	assert_int_equal(count(&b, "//s:path[@class='falls']"), 6);
	assert_int_equal(count(&b, "//s:a[@data-step and not(@data-lost)]"), 7);
	assert_int_equal(count(&b, "//s:a[@data-step='5' and @data-lost='1']"), 1);
	assert_true(has(&b, "Delivered or picked up. Entered 4,281, 4,281 customers; lost 3,441."));
	buf_done(&b);
	arena_done(&a);
}

static void heights_of_a_funnel_are_one_linear_scale(void **state)
{
	struct arena a;
	struct drawing d;
	struct err err = { 0 };
	arena_init(&a, RENDER_ARENA_MAX);
	const struct render_options o = { .locale = locale_of(LANG_FA) };
	const struct render_funnel *f = funnel_cases[0].make(&a, LANG_FA);
	assert_int_equal(layout_funnel(f, &o, &a, &d, &err), OK);
	size_t step = 0;
	double x = INFINITY;
	for (size_t i = 0; i < d.n_shapes; i++) {
		const struct shape *s = &d.shapes[i];
		if (s->kind != SHAPE_RECT || (strcmp(s->cls, "nd ndo") != 0 && strcmp(s->cls, "opt") != 0)) continue;
		assert_true(fabs(s->h - 140.0 * (double)f->steps[step].cases / (double)f->steps[0].cases) < 0.01);
		/* Right to left, the steps run to the left. */
		assert_true(s->x < x);
		x = s->x;
		step++;
	}
	assert_int_equal(step, f->n_steps);
	arena_done(&a);
}

static void impossible_funnels_are_refused(void **state)
{
	struct arena a;
	struct buf b;
	struct err err = { 0 };
	arena_init(&a, 8 * MIB);
	buf_init(&b, MIB);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	struct render_funnel *f = funnel_cases[0].make(&a, LANG_EN);
	f->steps[2].cases++;
	assert_int_equal(render_funnel(f, RENDER_SVG, &o, &b, &err), ERR_INPUT);
	assert_string_equal(err.field, "steps");
	f = funnel_cases[0].make(&a, LANG_EN);
	f->steps[0].optional = true;
	assert_int_equal(render_funnel(f, RENDER_SVG, &o, &b, &err), ERR_INPUT);
	f = funnel_cases[0].make(&a, LANG_EN);
	f->n_steps = RENDER_FUNNEL_STEPS_MAX + 1;
	assert_int_equal(render_funnel(f, RENDER_SVG, &o, &b, &err), ERR_LIMIT);
	assert_int_equal(b.len, 0);
	buf_done(&b);
	arena_done(&a);
}

static void what_has_not_passed_is_empty_and_not_zero(void **state)
{
	struct arena a;
	arena_init(&a, 8 * MIB);
	const struct render_retention *r = retention_cases[0].make(&a, LANG_EN);
	struct buf b = retention_svg(r, LANG_EN);
	/* Twelve cohorts: 12 + 11 + … + 1 cells, each a link with its exact numbers; one of each row takes the focus.
	 */
	assert_int_equal(count(&b, "//s:a[@data-cohort and @data-offset][s:title]"), 78);
	assert_int_equal(count(&b, "//s:g[@id='cohorts']/s:rect"), 78);
	assert_int_equal(count(&b, "//s:a[@tabindex='0']"), 12);
	assert_true(has(&b, "From 1 Aug 2025, after 1: 113 of 300, 37.7%."));
	/* A point of which nothing is known has no mark and no line to it, nor has the first, where all are there. */
	assert_int_equal(count(&b, "//s:g[@id='curve']/s:circle"), 10);
	assert_int_equal(count(&b, "//s:path[@class='cv']"), 9);
	assert_int_equal(count(&b, "//s:path[@class='band']"), 9);
	buf_done(&b);
	arena_done(&a);
}

static void older_cohorts_than_fit_are_counted(void **state)
{
	struct arena a;
	arena_init(&a, 8 * MIB);
	struct buf b = retention_svg(retention_cases[1].make(&a, LANG_EN), LANG_EN);
	assert_true(has(&b, ">30 earlier periods are in the table<"));
	/* The newest thirty rows have 30 + 29 + … + 1 cells. */
	assert_int_equal(count(&b, "//s:a[@data-cohort]"), 465);
	buf_done(&b);
	arena_done(&a);
}

static void impossible_cohorts_are_refused(void **state)
{
	struct arena a;
	struct buf b;
	struct err err = { 0 };
	arena_init(&a, 8 * MIB);
	buf_init(&b, MIB);
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	struct render_retention *r = retention_cases[0].make(&a, LANG_EN);
	r->cohorts[3].size = 1;
	assert_int_equal(render_retention(r, RENDER_SVG, &o, &b, &err), ERR_INPUT);
	assert_string_equal(err.field, "cohorts");
	assert_int_equal(b.len, 0);
	buf_done(&b);
	arena_done(&a);
}

static void scores_have_gaps_and_arrows_only_where_they_are_told(void **state)
{
	struct arena models;
	arena_init(&models, 8 * MIB);
	struct render_series *r = series_cases[0].make(&models, LANG_EN);
	struct buf out = series_svg(r, LANG_EN);
	/* Twelve months, the ninth without a figure; the fourth differs from the third.
	 */
	assert_int_equal(count(&out, "//s:circle[@class='fi']"), 10);
	assert_int_equal(count(&out, "//s:path[@class='up' or @class='down']"), 1);
	assert_int_equal(count(&out, "//s:path[@class='cv']"), 9);
	assert_int_equal(count(&out, "//*[@data-start]"), 11);
	buf_done(&out);
	for (size_t k = 0; k < r->n_periods; k++) r->lines[0].points[k].change = 0;
	out = series_svg(r, LANG_FA);
	assert_int_equal(count(&out, "//s:path[@class='up' or @class='down']"), 0);
	assert_true(has(&out, "شاخص خالص مروجان"));
	buf_done(&out);
	r = series_cases[2].make(&models, LANG_EN);
	out = series_svg(r, LANG_EN);
	assert_true(has(&out, "2 more series are in the table"));
	assert_true(has(&out, "30 earlier periods are in the table"));
	buf_done(&out);
	struct err err;
	const struct render_options o = { .locale = locale_of(LANG_EN) };
	buf_init(&out, MIB);
	r->lines[0].points[60].score.est = 101;
	assert_int_equal(render_series(r, RENDER_SVG, &o, &out, &err), ERR_INPUT);
	buf_done(&out);
	arena_done(&models);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_words_collide_and_the_same_gives_the_same_bytes),
		cmocka_unit_test(a_funnel_adds_up_and_who_passes_by_is_said),
		cmocka_unit_test(heights_of_a_funnel_are_one_linear_scale),
		cmocka_unit_test(impossible_funnels_are_refused),
		cmocka_unit_test(what_has_not_passed_is_empty_and_not_zero),
		cmocka_unit_test(older_cohorts_than_fit_are_counted),
		cmocka_unit_test(impossible_cohorts_are_refused),
		cmocka_unit_test(scores_have_gaps_and_arrows_only_where_they_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
