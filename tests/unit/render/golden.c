/*
 * Drawings compared with those that somebody has looked at, in
 * tests/golden/render. After a change that is meant:
 *
 *   SAFAR_ACCEPT=1 meson test -C BUILD golden      and look at the diff
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "tests/unit/render/answer_cases.h"
#include "tests/unit/render/cases.h"
#include "tests/unit/render/flow_cases.h"
#include "tests/unit/unit.h"

static const struct {
	const char *name;
	enum lang lang;
	enum render_theme theme;
} goldens[] = {
	{ "example", LANG_EN, RENDER_LIGHT },  { "example", LANG_FA, RENDER_LIGHT },
	{ "example", LANG_AR, RENDER_LIGHT },  { "example", LANG_EN, RENDER_DARK },
	{ "example", LANG_FA, RENDER_PRINT },  { "compared", LANG_EN, RENDER_LIGHT },
	{ "compared", LANG_AR, RENDER_LIGHT }, { "assumed", LANG_FA, RENDER_LIGHT },
	{ "three", LANG_EN, RENDER_LIGHT },    { "twenty", LANG_AR, RENDER_LIGHT },
	{ "hostile", LANG_EN, RENDER_LIGHT },  { "empty", LANG_EN, RENDER_LIGHT },
};

static const char *const themes[] = { "light", "dark", "print" };

static struct buf read_all(const char *path)
{
	struct buf b;
	buf_init(&b, 16 * MIB);
	FILE *f = fopen(path, "rb");
	if (!f) return b;
	char chunk[64 * KIB];
	for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) buf_put(&b, chunk, n);
	fclose(f);
	return b;
}

static bool same_as_golden(const char *path, const struct buf *got)
{
	if (getenv("SAFAR_ACCEPT")) {
		FILE *f = fopen(path, "wb");
		assert_non_null(f);
		fwrite(got->ptr, 1, got->len, f);
		fclose(f);
		return true;
	}
	struct buf want = read_all(path);
	size_t line = 1, i = 0;
	while (i < want.len && i < got->len && want.ptr[i] == got->ptr[i]) line += want.ptr[i++] == '\n';
	const bool same = want.len == got->len && i == want.len;
	if (!same) {
		size_t from = i;
		while (from > 0 && got->ptr[from - 1] != '\n') from--;
		const struct str rest = str_cut(buf_view(got), from, got->len);
		print_message("%s differs in line %zu, now: " STR_FMT "\n", path, line,
		              STR_ARG(str_cut(rest, 0, str_find(rest, '\n'))));
	}
	buf_done(&want);
	return same;
}

static void drawings_are_those_that_were_looked_at(void **state)
{
	int differ = 0;
	for (size_t i = 0; i < COUNT_OF(goldens); i++) {
		const struct render_case *c = NULL;
		for (size_t k = 0; k < n_render_cases; k++)
			if (strcmp(render_cases[k].name, goldens[i].name) == 0) c = &render_cases[k];
		assert_non_null(c);
		struct arena a;
		struct buf b;
		struct err err = { 0 };
		arena_init(&a, 16 * MIB);
		buf_init(&b, 16 * MIB);
		const struct render_options o = { .locale = locale_of(goldens[i].lang),
			                          .theme = goldens[i].theme,
			                          .interactive = i == 0 };
		if (render_map_svg(c->make(&a, goldens[i].lang), &o, &b, &err) != OK) fail_msg("%s", err.text);
		char path[1024];
		snprintf(path, sizeof path, "%s/%s-%s-%s.svg", GOLDEN_DIR, c->name, lang_codes[goldens[i].lang],
		         themes[goldens[i].theme]);
		if (!same_as_golden(path, &b)) differ++;
		buf_done(&b);
		arena_done(&a);
	}
	assert_int_equal(differ, 0);
}

typedef enum err_code draw_fn(struct arena *a, size_t i, const struct render_options *o, struct buf *out,
                              struct err *err);

static enum err_code draw_flow(struct arena *a, size_t i, const struct render_options *o, struct buf *out,
                               struct err *err)
{
	return render_flow(flow_cases[i].make(a, o->locale.lang), RENDER_SVG, o, out, err);
}
static enum err_code draw_funnel(struct arena *a, size_t i, const struct render_options *o, struct buf *out,
                                 struct err *err)
{
	return render_funnel(funnel_cases[i].make(a, o->locale.lang), RENDER_SVG, o, out, err);
}
static enum err_code draw_retention(struct arena *a, size_t i, const struct render_options *o, struct buf *out,
                                    struct err *err)
{
	return render_retention(retention_cases[i].make(a, o->locale.lang), RENDER_SVG, o, out, err);
}

static enum err_code draw_series(struct arena *a, size_t i, const struct render_options *o, struct buf *out,
                                 struct err *err)
{
	return render_series(series_cases[i].make(a, o->locale.lang), RENDER_SVG, o, out, err);
}

static const struct {
	const char *kind;
	draw_fn *draw;
	size_t i;
	enum lang lang;
	enum render_theme theme;
	bool interactive;
} answer_goldens[] = {
	{ "flow-shop", draw_flow, 0, LANG_EN, RENDER_LIGHT, true },
	{ "flow-shop", draw_flow, 0, LANG_FA, RENDER_LIGHT, false },
	{ "flow-shop", draw_flow, 0, LANG_AR, RENDER_DARK, false },
	{ "flow-demo12", draw_flow, 1, LANG_AR, RENDER_LIGHT, false },
	{ "flow-demo30", draw_flow, 2, LANG_EN, RENDER_PRINT, false },
	{ "flow-hostile", draw_flow, 4, LANG_FA, RENDER_LIGHT, false },
	{ "funnel-order", draw_funnel, 0, LANG_EN, RENDER_LIGHT, true },
	{ "funnel-order", draw_funnel, 0, LANG_FA, RENDER_DARK, false },
	{ "funnel-lost", draw_funnel, 2, LANG_AR, RENDER_PRINT, false },
	{ "retention-months", draw_retention, 0, LANG_EN, RENDER_LIGHT, true },
	{ "retention-months", draw_retention, 0, LANG_FA, RENDER_DARK, false },
	{ "scores-nps", draw_series, 0, LANG_AR, RENDER_LIGHT, true },
	{ "scores-csat", draw_series, 1, LANG_FA, RENDER_DARK, false },
	{ "scores-csat", draw_series, 1, LANG_EN, RENDER_PRINT, false },
};

static void answers_are_those_that_were_looked_at(void **state)
{
	int differ = 0;
	for (size_t i = 0; i < COUNT_OF(answer_goldens); i++) {
		struct arena a;
		struct buf b;
		struct err err = { 0 };
		arena_init(&a, 16 * MIB);
		buf_init(&b, 16 * MIB);
		const struct render_options o = { .locale = locale_of(answer_goldens[i].lang),
			                          .theme = answer_goldens[i].theme,
			                          .interactive = answer_goldens[i].interactive };
		if (answer_goldens[i].draw(&a, answer_goldens[i].i, &o, &b, &err) != OK) fail_msg("%s", err.text);
		char path[1024];
		snprintf(path, sizeof path, "%s/%s-%s-%s.svg", GOLDEN_DIR, answer_goldens[i].kind,
		         lang_codes[answer_goldens[i].lang], themes[answer_goldens[i].theme]);
		if (!same_as_golden(path, &b)) differ++;
		buf_done(&b);
		arena_done(&a);
	}
	assert_int_equal(differ, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(drawings_are_those_that_were_looked_at),
		                            cmocka_unit_test(answers_are_those_that_were_looked_at) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
