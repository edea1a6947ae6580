/* usage: render_show DIR [CASE | FILE of a flow]: every case in every language and theme, as files to look at. */
#include "tests/unit/render/answer_cases.h"
#include "tests/unit/render/cases.h"
#include "tests/unit/render/flow_cases.h"

#include <stdio.h>

#include "base/checked.h"

static void put(const char *dir, const char *name, const char *lang, const char *theme, const char *ext,
                const struct buf *b)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s-%s-%s.%s", dir, name, lang, theme, ext);
	FILE *f = fopen(path, "wb");
	if (!f) return;
	fwrite(b->ptr, 1, b->len, f);
	fclose(f);
}

static const char *const themes[] = { "light", "dark", "print" };

typedef enum err_code draw_fn(const void *model, enum render_format format, const struct render_options *o,
                              struct buf *out, struct err *err);

static enum err_code draw_flow(const void *m, enum render_format k, const struct render_options *o, struct buf *out,
                               struct err *err)
{
	return render_flow(m, k, o, out, err);
}
static enum err_code draw_funnel(const void *m, enum render_format k, const struct render_options *o, struct buf *out,
                                 struct err *err)
{
	return render_funnel(m, k, o, out, err);
}
static enum err_code draw_retention(const void *m, enum render_format k, const struct render_options *o,
                                    struct buf *out, struct err *err)
{
	return render_retention(m, k, o, out, err);
}
static enum err_code draw_series(const void *m, enum render_format k, const struct render_options *o, struct buf *out,
                                 struct err *err)
{
	return render_series(m, k, o, out, err);
}

static int show_one(const char *dir, const char *name, draw_fn *draw, const void *model, enum lang l,
                    enum render_theme t)
{
	static const char *const ext[] = { "svg", "png", "pdf" };
	const struct render_options o = { .locale = locale_of(l), .theme = t, .scale = 1 };
	int rc = 0;
	for (enum render_format k = RENDER_SVG; k <= RENDER_PDF; k++) {
		struct buf out;
		struct err err = { 0 };
		if (k == RENDER_PDF && t != RENDER_PRINT) continue;
		buf_init(&out, 64 * MIB);
		if (draw(model, k, &o, &out, &err) == OK) put(dir, name, lang_codes[l], themes[t], ext[k], &out);
		else rc = fprintf(stderr, "%s: %s\n", name, err.text);
		buf_done(&out);
	}
	return rc;
}

#define SHOW_ALL(kind, cases, n_cases, draw)                                                                           \
	for (size_t i = 0; i < (n_cases); i++) {                                                                       \
		char name[80];                                                                                         \
		snprintf(name, sizeof name, kind "-%s", cases[i].name);                                                \
		if (only && strcmp(only, name) != 0) continue;                                                         \
		for (enum lang l = 0; l < LANGS; l++)                                                                  \
			for (enum render_theme t = 0; t <= RENDER_PRINT; t++) {                                        \
				struct arena a;                                                                        \
				arena_init(&a, 8 * MIB);                                                               \
				rc |= show_one(dir, name, draw, cases[i].make(&a, l), l, t);                           \
				arena_done(&a);                                                                        \
			}                                                                                              \
	}

static int show_answers(const char *dir, const char *only)
{
	int rc = 0;
	SHOW_ALL("flow", flow_cases, n_flow_cases, draw_flow)
	SHOW_ALL("funnel", funnel_cases, n_funnel_cases, draw_funnel)
	SHOW_ALL("retention", retention_cases, n_retention_cases, draw_retention)
	SHOW_ALL("scores", series_cases, n_series_cases, draw_series)
	return rc;
}

int main(int argc, char **argv)
{
	if (argc < 2) return 64;
	int rc = show_answers(argv[1], argc > 2 ? argv[2] : NULL);
	if (argc > 2 && strchr(argv[2], '/')) {
		struct arena a;
		arena_init(&a, 8 * MIB);
		rc |= show_one(argv[1], "flow-file", draw_flow, flow_read(&a, argv[2]), LANG_EN, RENDER_LIGHT);
		arena_done(&a);
	}
	for (size_t i = 0; i < n_render_cases; i++) {
		if (argc > 2 && strcmp(argv[2], render_cases[i].name) != 0) continue;
		for (enum lang l = 0; l < LANGS; l++)
			for (enum render_theme t = 0; t <= RENDER_PRINT; t++) {
				struct arena a;
				struct buf out;
				struct err err = { 0 };
				arena_init(&a, 8 * MIB);
				buf_init(&out, 64 * MIB);
				const struct render_map *m = render_cases[i].make(&a, l);
				const struct render_options o = { .locale = locale_of(l), .theme = t, .scale = 1 };
				if (render_map_svg(m, &o, &out, &err) == OK)
					put(argv[1], render_cases[i].name, lang_codes[l], themes[t], "svg", &out);
				else rc = fprintf(stderr, "%s: %s\n", render_cases[i].name, err.text);
				buf_clear(&out);
				if (render_map_png(m, &o, &out, &err) == OK)
					put(argv[1], render_cases[i].name, lang_codes[l], themes[t], "png", &out);
				else rc = fprintf(stderr, "%s: %s\n", render_cases[i].name, err.text);
				buf_clear(&out);
				if (t == RENDER_PRINT && render_map_pdf(m, &o, &out, &err) == OK)
					put(argv[1], render_cases[i].name, lang_codes[l], themes[t], "pdf", &out);
				buf_clear(&out);
				if (render_map_thumb(m, &o, &out, &err) == OK)
					put(argv[1], render_cases[i].name, lang_codes[l], themes[t], "thumb.svg", &out);
				buf_done(&out);
				arena_done(&a);
			}
	}
	return rc ? 1 : 0;
}
