/*
 * Text measured, cut and wrapped by Pango. Each thread has its own font map
 * and layouts: Pango's are not shared between threads. Hinting is off and
 * positions are not rounded, so a width does not depend on the machine.
 */
#include <pango/pangocairo.h>
#include <pthread.h>
#include <unicode/uchar.h>

#include "base/hash.h"
#include "render/priv.h"

#define SIZE_MAX_PX 40
#define SEEN_WIDTHS 4096 /* power of two */

struct text_kit {
	PangoFontMap *map;
	PangoContext *context;
	PangoLayout *layout;
	PangoFontDescription *fonts[2][SIZE_MAX_PX + 1][4]; /* rtl, size, weight */
	PangoAttrList *tabular;
	/* Widths measured before, by hash of text and style; shaping is most of the time of a drawing. */
	struct {
		uint64_t key;
		double width;
	} seen[SEEN_WIDTHS];
};

static pthread_key_t kit_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void kit_free(void *p)
{
	struct text_kit *k = p;
	for (int rtl = 0; rtl < 2; rtl++)
		for (int s = 0; s <= SIZE_MAX_PX; s++)
			for (int w = 0; w < 4; w++)
				if (k->fonts[rtl][s][w]) pango_font_description_free(k->fonts[rtl][s][w]);
	if (k->tabular) pango_attr_list_unref(k->tabular);
	if (k->layout) g_object_unref(k->layout);
	if (k->context) g_object_unref(k->context);
	pango_cairo_font_map_set_default(NULL);
	if (k->map) g_object_unref(k->map);
	free(k);
}

static void make_key(void)
{
	pthread_key_create(&kit_key, kit_free);
}

enum err_code text_kit_get(struct text_kit **out, struct err *err)
{
	pthread_once(&once, make_key);
	struct text_kit *k = pthread_getspecific(kit_key);
	if (k) {
		*out = k;
		return OK;
	}
	struct _FcConfig *config;
	TRY(fonts_config(&config, err));
	k = calloc(1, sizeof *k);
	if (!k) return err_no_memory(err);
	k->map = font_map_new(config);
	if (!k->map) {
		free(k);
		return err_no_memory(err);
	}
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(k->map), 96);
	k->context = pango_font_map_create_context(k->map);
	pango_context_set_round_glyph_positions(k->context, FALSE);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	pango_cairo_context_set_font_options(k->context, options);
	cairo_font_options_destroy(options);
	k->layout = pango_layout_new(k->context);
	pango_layout_set_auto_dir(k->layout, FALSE);
	k->tabular = pango_attr_list_new();
	pango_attr_list_insert(k->tabular, pango_attr_font_features_new("tnum, cv11"));
	/* librsvg asks for the thread's default map: it draws with what we measured with. */
	pango_cairo_font_map_set_default(PANGO_CAIRO_FONT_MAP(k->map));
	pthread_setspecific(kit_key, k);
	*out = k;
	return OK;
}

static void prepare(struct text_kit *k, struct str s, struct style st, bool rtl)
{
	const int size = st.size > SIZE_MAX_PX ? SIZE_MAX_PX : st.size, weight = st.weight / 100 - 4;
	PangoFontDescription **f = &k->fonts[rtl][size][weight & 3];
	if (!*f) {
		*f = pango_font_description_from_string(rtl ? "Vazirmatn, Inter" : "Inter, Vazirmatn");
		pango_font_description_set_weight(*f, (PangoWeight)st.weight);
		pango_font_description_set_absolute_size(*f, (double)size * PANGO_SCALE);
	}
	pango_context_set_base_dir(k->context, rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
	pango_layout_set_font_description(k->layout, *f);
	/* Vazirmatn's tabular digits gape. */
	pango_layout_set_attributes(k->layout, rtl ? NULL : k->tabular);
	pango_layout_set_text(k->layout, s.ptr ? s.ptr : "", (int)s.len);
}

double text_width(struct text_kit *k, struct str s, struct style st, bool rtl)
{
	if (s.len == 0) return 0;
	const uint64_t key = hash64_seed(s, (uint64_t)st.size << 16 | (uint64_t)st.weight << 1 | rtl) | 1;
	const size_t slot = key >> 20 & (SEEN_WIDTHS - 1);
	if (k->seen[slot].key == key) return k->seen[slot].width;
	prepare(k, s, st, rtl);
	int w, h;
	pango_layout_get_size(k->layout, &w, &h);
	double width = (double)w / PANGO_SCALE;
	/* The title's letters stand closer. */
	if (st.size == 30 && !rtl) width -= 0.6 * (double)pango_layout_get_character_count(k->layout);
	k->seen[slot].key = key;
	k->seen[slot].width = width;
	return width;
}

/* Byte offsets at which the text may be cut (clusters) or broken (words); 0 and len are left out. */
static size_t breaks(struct text_kit *k, struct arena *a, struct str s, struct style st, bool rtl, bool words_only,
                     size_t **out)
{
	prepare(k, s, st, rtl);
	int n = 0;
	const PangoLogAttr *attrs = pango_layout_get_log_attrs_readonly(k->layout, &n);
	*out = ARENA_ARRAY(a, size_t, (size_t)n + 1);
	if (!*out) return 0;
	size_t count = 0, byte = 0;
	for (int i = 0; i < n && byte < s.len; i++) {
		size_t next = byte;
		const uint32_t cp = utf8_next(s, &next);
		const bool joiner = cp == 0x200C || cp == 0x200D;
		if (byte > 0 && !joiner && (words_only ? attrs[i].is_line_break : attrs[i].is_cursor_position))
			(*out)[count++] = byte;
		byte = next;
	}
	return count;
}

static struct str with_dots(struct arena *a, struct str s)
{
	/* A space or joiner before the dots says nothing. */
	for (;;) {
		if (s.len && s.ptr[s.len - 1] == ' ') s.len--;
		else if (s.len >= 3 && memcmp(s.ptr + s.len - 3, "\xE2\x80\x8C", 3) == 0) s.len -= 3;
		else break;
	}
	/* An isolate that the cut left open is closed again. */
	int open = 0;
	for (size_t i = 0; i + 2 < s.len; i++)
		if (memcmp(s.ptr + i, "\xE2\x81\xA8", 3) == 0) open++;
		else if (memcmp(s.ptr + i, "\xE2\x81\xA9", 3) == 0) open--;
	return str_format(a, STR_FMT "…%s", STR_ARG(s), open > 0 ? "\xE2\x81\xA9" : "");
}

struct str text_cut(struct text_kit *k, struct arena *a, struct str s, struct style st, bool rtl, double max_width)
{
	if (text_width(k, s, st, rtl) <= max_width) return s;
	size_t *at;
	const size_t n = breaks(k, a, s, st, rtl, false, &at);
	if (n == 0) return s;
	/* Widths grow with the length: look for the last that fits by halving. */
	size_t lo = 0, hi = n - 1;
	while (lo < hi) {
		const size_t mid = (lo + hi + 1) / 2;
		if (text_width(k, with_dots(a, str_cut(s, 0, at[mid])), st, rtl) <= max_width) lo = mid;
		else hi = mid - 1;
	}
	return with_dots(a, str_cut(s, 0, at[lo]));
}

size_t text_wrap(struct text_kit *k, struct arena *a, struct str s, struct style st, bool rtl, double max_width,
                 size_t max_lines, struct str *lines)
{
	size_t n = 0;
	s = str_trim(s);
	while (s.len > 0 && n < max_lines) {
		if (text_width(k, s, st, rtl) <= max_width) {
			lines[n++] = s;
			return n;
		}
		size_t *at;
		const size_t count = breaks(k, a, s, st, rtl, true, &at);
		size_t best = 0;
		for (size_t i = 0; i < count; i++) {
			if (text_width(k, str_trim(str_cut(s, 0, at[i])), st, rtl) > max_width) break;
			best = at[i];
		}
		/* The last line, or one word too long for any: cut. */
		if (n + 1 == max_lines) {
			lines[n++] = text_cut(k, a, s, st, rtl, max_width);
			return n;
		}
		if (best == 0) {
			const size_t end = count ? at[0] : s.len;
			lines[n++] = text_cut(k, a, str_trim(str_cut(s, 0, end)), st, rtl, max_width);
			s = str_trim(str_cut(s, end, s.len));
			continue;
		}
		lines[n++] = str_trim(str_cut(s, 0, best));
		s = str_trim(str_cut(s, best, s.len));
	}
	return n;
}

bool text_runs_rtl(struct str s)
{
	for (size_t i = 0; i < s.len;) {
		const UCharDirection dir = u_charDirection((UChar32)utf8_next(s, &i));
		if (dir == U_RIGHT_TO_LEFT || dir == U_RIGHT_TO_LEFT_ARABIC) return true;
		if (dir == U_LEFT_TO_RIGHT) return false;
	}
	return false;
}

static bool has_direction(struct str s, bool rtl)
{
	for (size_t i = 0; i < s.len;) {
		const UCharDirection dir = u_charDirection((UChar32)utf8_next(s, &i));
		if (rtl ? dir == U_RIGHT_TO_LEFT || dir == U_RIGHT_TO_LEFT_ARABIC : dir == U_LEFT_TO_RIGHT) return true;
	}
	return false;
}

/* What may not stand in a drawing: controls (XML forbids most), noncharacters, marks that turn the text around them. */
static bool is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x202A && cp <= 0x202E) || (cp & 0xFFFE) == 0xFFFE ||
	       (cp >= 0xFDD0 && cp <= 0xFDEF) || cp == 0x2028 || cp == 0x2029 || cp == 0xFEFF;
}

static bool is_isolate(const char *p, const char *end, int *depth)
{
	if (end - p < 3 || (unsigned char)p[0] != 0xE2 || (unsigned char)p[1] != 0x81) return false;
	const unsigned char c = (unsigned char)p[2];
	if (c < 0xA6 || c > 0xA9) return false;
	*depth += c == 0xA9 ? -1 : 1;
	return true;
}

/* Isolates nested and closed come from our own messages and do no harm; any other is dropped. */
static bool isolates_closed(struct str s)
{
	int depth = 0;
	for (size_t i = 0; i < s.len; i++)
		if (is_isolate(s.ptr + i, s.ptr + s.len, &depth) && depth < 0) return false;
	return depth == 0;
}

struct str text_user(struct arena *a, struct str s)
{
	const bool closed = isolates_closed(s);
	char *out = arena_alloc(a, s.len * 3 + 1);
	if (!out) return (struct str){ 0 };
	size_t n = 0;
	bool space = false;
	for (size_t i = 0; i < s.len;) {
		/* Bytes that are no UTF-8 become U+FFFD one by one. */
		if (utf8_valid(s.ptr + i, s.len - i < 4 ? s.len - i : 4) == 0) {
			n += utf8_put(out + n, 0xFFFD);
			i++;
			continue;
		}
		const uint32_t cp = utf8_next(s, &i);
		if (cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r') {
			space = true;
			continue;
		}
		if (is_unsafe(cp) || (!closed && cp >= 0x2066 && cp <= 0x2069)) continue;
		if (space && n > 0) out[n++] = ' ';
		space = false;
		n += utf8_put(out + n, cp);
	}
	return (struct str){ out, n };
}

struct str text_isolate(struct arena *a, struct str s, bool rtl)
{
	static const char fsi[] = "\xE2\x81\xA8";
	if (!has_direction(s, !rtl) || memmem(s.ptr, s.len, fsi, 3)) return s;
	return str_format(a, "\xE2\x81\xA8" STR_FMT "\xE2\x81\xA9", STR_ARG(s));
}
