/* The program's own fonts, as fontconfig, Pango and the browser take them. */
#ifndef RENDER_FONTS_H
#define RENDER_FONTS_H

#include <stddef.h>

struct _FcConfig;
struct _PangoFontMap;

/* freetype.c. A font map that knows the fonts of `config` only; NULL without memory. */
struct _PangoFontMap *font_map_new(struct _FcConfig *config);
/* freetype.c. WOFF2 to TrueType: bytes to be freed by the caller, NULL when they are no font or memory is short. */
unsigned char *font_unpack(const unsigned char *woff2, size_t n, size_t *out_len);

#endif
