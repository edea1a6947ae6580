/* How a drawing is wanted, and how it is sent: for every route that draws. */
#include "http/priv.h"

static enum err_code read_flag(struct http_call *c, const char *key, bool *out, struct err *err)
{
	int64_t v;
	TRY(query_i64(c, key, 0, 1, *out, &v, err));
	*out = v != 0;
	return OK;
}

enum err_code picture_read(struct http_call *c, enum render_format format, struct render_options *out, struct err *err)
{
	static const char *const themes[] = {
		[RENDER_LIGHT] = "light", [RENDER_DARK] = "dark", [RENDER_PRINT] = "print"
	};
	const struct str theme = query_get(c, "theme"), scale = query_get(c, "scale");
	*out = (struct render_options){ .scale = 2, .embed_fonts = format == RENDER_SVG };
	TRY(locale_read(c, &out->locale, err));
	TRY(read_flag(c, "interactive", &out->interactive, err));
	if (out->interactive) out->embed_fonts = false; /* the page has them already */
	TRY(read_flag(c, "fonts", &out->embed_fonts, err));
	size_t t = 0;
	while (theme.len && t < COUNT_OF(themes) && !str_eq(theme, str_of(themes[t]))) t++;
	if (t == COUNT_OF(themes))
		return err_set(err, ERR_INPUT, "drawing.theme", "theme", "theme is one of light, dark, print");
	out->theme = (enum render_theme)t;
	if (scale.len && (!str_to_double(scale, &out->scale) || out->scale < 1 || out->scale > 4))
		return err_set(err, ERR_INPUT, "drawing.scale", "scale", "scale is a number from 1 to 4");
	return OK;
}

void picture_sent(struct http_call *c, enum render_format format)
{
	static const char *const types[] = {
		[RENDER_SVG] = "image/svg+xml", [RENDER_PNG] = "image/png", [RENDER_PDF] = "application/pdf"
	};
	c->content_type = types[format];
	answer_tagged(c);
}
