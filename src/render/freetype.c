/*
 * What needs FreeType's headers: unpacking WOFF2, and a font map of our own
 * fonts. Alone in a file because those headers name functions that
 * base/banned.h forbids; this file is compiled without it and uses none.
 */
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_TRUETYPE_TABLES_H
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <stdlib.h>

#include "render/fonts.h"

PangoFontMap *font_map_new(FcConfig *config)
{
	PangoFontMap *map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	if (map) pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
	return map;
}

unsigned char *font_unpack(const unsigned char *woff2, size_t n, size_t *out_len)
{
	FT_Library lib;
	FT_Face face;
	if (FT_Init_FreeType(&lib) != 0) return NULL;
	unsigned char *bytes = NULL;
	if (FT_New_Memory_Face(lib, woff2, (FT_Long)n, 0, &face) == 0) {
		/* Tag 0 is the whole font as FreeType sees it: unpacked. */
		FT_ULong len = 0;
		if (FT_Load_Sfnt_Table(face, 0, 0, NULL, &len) == 0 && len > 0 && (bytes = malloc(len)) != NULL) {
			if (FT_Load_Sfnt_Table(face, 0, 0, bytes, &len) == 0) {
				*out_len = len;
			} else {
				free(bytes);
				bytes = NULL;
			}
		}
		FT_Done_Face(face);
	}
	FT_Done_FreeType(lib);
	return bytes;
}
