/*
 * Shapes printed as SVG: classes in one style sheet with literal colours
 * (librsvg knows no variables), coordinates to a tenth, text as text. The
 * same shapes give the same bytes.
 */
#include "render/priv.h"

static const struct palette palettes[] = {
	[RENDER_LIGHT] = {
		.bg = "#FBFAF7", .ink = "#1A1C21", .ink2 = "#50555F", .ink3 = "#626771", .line = "#DEDBD3", .line2 = "#8B8F97",
		.people = "#C8CED7", .people2 = "#DFE3E8", .way = "#ABB4C2", .node = "#5A6372", .pain = "#B4400C", .pain_wash = "#FCF0E6",
		.delight = "#0F6A86", .delight_wash = "#EAF4F6", .focus = "#1F4FD1",
		.scale = { "#7F2704", "#B4400C", "#DB7430", "#EFB184", "#CFCCC4", "#96C3CE", "#4B9BB2", "#0F6A86", "#083F57" },
	},
	[RENDER_DARK] = {
		.bg = "#131519", .ink = "#F0EEE8", .ink2 = "#B4B8C0", .ink3 = "#9297A1", .line = "#2E323A", .line2 = "#6C727D",
		.people = "#3B4350", .people2 = "#2A303A", .way = "#525D6D", .node = "#A6AFBD", .pain = "#F08A4B", .pain_wash = "#241912",
		.delight = "#5FB8D0", .delight_wash = "#122126", .focus = "#8FB0FF",
		.scale = { "#FFB07A", "#F08A4B", "#C9662A", "#8A5230", "#5E6068", "#3F7484", "#3E9DB8", "#5FB8D0", "#A8E2F0" },
	},
	[RENDER_PRINT] = {
		.bg = "#FFFFFF", .ink = "#1A1C21", .ink2 = "#50555F", .ink3 = "#626771", .line = "#DEDBD3", .line2 = "#8B8F97",
		.people = "#C8CED7", .people2 = "#DFE3E8", .way = "#ABB4C2", .node = "#5A6372", .pain = "#B4400C", .pain_wash = "#FCF0E6",
		.delight = "#0F6A86", .delight_wash = "#EAF4F6", .focus = "#1F4FD1",
		.scale = { "#7F2704", "#B4400C", "#DB7430", "#EFB184", "#CFCCC4", "#96C3CE", "#4B9BB2", "#0F6A86", "#083F57" },
	},
};

const struct palette *palette_of(enum render_theme t)
{
	return &palettes[t <= RENDER_PRINT ? t : RENDER_LIGHT];
}

void svg_number(struct buf *out, double v)
{
	/* In whole tenths, so that rounding and "-0" are the same everywhere. */
	const long long tenths = isfinite(v) && fabs(v) < 1e9 ? llround(v * 10) : 0;
	const long long whole = llabs(tenths) / 10, part = llabs(tenths) % 10;
	if (part) buf_printf(out, "%s%lld.%lld", tenths < 0 ? "-" : "", whole, part);
	else buf_printf(out, "%s%lld", tenths < 0 ? "-" : "", whole);
}

/*
 * Text from people, into an element or an attribute: valid UTF-8 without
 * what XML forbids, without marks that turn what stands around; our own
 * isolates pass when they are closed.
 */
void svg_text(struct buf *out, struct str s)
{
	int depth = 0;
	bool closed = true;
	for (size_t i = 0; i + 2 < s.len; i++) {
		if ((unsigned char)s.ptr[i] != 0xE2 || (unsigned char)s.ptr[i + 1] != 0x81) continue;
		const unsigned char c = (unsigned char)s.ptr[i + 2];
		if (c >= 0xA6 && c <= 0xA8) depth++;
		if (c == 0xA9 && --depth < 0) closed = false;
	}
	closed = closed && depth == 0;

	for (size_t i = 0; i < s.len;) {
		const size_t from = i;
		if (utf8_valid(s.ptr + i, s.len - i < 4 ? s.len - i : 4) == 0) {
			buf_str(out, STR("\xEF\xBF\xBD"));
			i++;
			continue;
		}
		const uint32_t cp = utf8_next(s, &i);
		switch (cp) {
		case '&': buf_str(out, STR("&amp;")); continue;
		case '<': buf_str(out, STR("&lt;")); continue;
		case '>': buf_str(out, STR("&gt;")); continue;
		case '"': buf_str(out, STR("&quot;")); continue;
		case '\'': buf_str(out, STR("&#39;")); continue;
		case '\t':
		case '\n':
		case '\r': buf_byte(out, ' '); continue;
		default: break;
		}
		if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp >= 0x202A && cp <= 0x202E) || (cp & 0xFFFE) == 0xFFFE)
			continue;
		if (cp >= 0x2066 && cp <= 0x2069 && !closed) continue;
		buf_put(out, s.ptr + from, i - from);
	}
}

struct str svg_attr(struct arena *a, const char *name, struct str value)
{
	struct buf b;
	buf_init(&b, 256 * KIB);
	buf_printf(&b, " %s=\"", name);
	svg_text(&b, value);
	buf_byte(&b, '"');
	const struct str out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

static void put_base64(struct buf *out, struct str bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < bytes.len; i += 3) {
		const size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t v = 0;
		for (size_t k = 0; k < 3; k++) v = v << 8 | (k < n ? (unsigned char)bytes.ptr[i + k] : 0);
		const char four[4] = { digits[v >> 18], digits[v >> 12 & 63], n > 1 ? digits[v >> 6 & 63] : '=',
			               n > 2 ? digits[v & 63] : '=' };
		buf_put(out, four, 4);
	}
}

void svg_style(struct buf *out, const struct palette *p, bool rtl, bool embed_fonts, extra_style *more)
{
	buf_str(out, STR("<style>\n"));
	if (embed_fonts) {
		static const char *const names[] = { "Inter", "Vazirmatn" };
		for (int arabic = 0; arabic < 2; arabic++) {
			buf_printf(out, "@font-face{font-family:%s;font-weight:100 900;src:url(data:font/woff2;base64,",
			           names[arabic]);
			put_base64(out, fonts_web(arabic));
			buf_str(out, STR(") format('woff2')}\n"));
		}
	}
	/* Pages load the variable families of the same designs. */
	buf_printf(out, "text{font-family:%s;fill:%s;font-size:12px%s}\n",
	           rtl ? "Vazirmatn,'Vazirmatn Variable',Inter,'Inter Variable','Noto Sans Arabic',sans-serif"
	               : "Inter,'Inter Variable',Vazirmatn,'Vazirmatn Variable','Noto Sans',sans-serif",
	           p->ink, rtl ? "" : ";font-feature-settings:'tnum','cv11'");
	buf_printf(out,
	           ".t30{font-size:30px;letter-spacing:%s} .t17{font-size:17px} .t16{font-size:16px} "
	           ".t15{font-size:15px} .t14{font-size:14px} .t13{font-size:13px} .t11{font-size:11px}\n",
	           rtl ? "0" : "-.6px");
	buf_str(out, STR(".b{font-weight:700} .m{font-weight:600} .w5{font-weight:500}\n"));
	buf_printf(out, ".i2{fill:%s} .i3{fill:%s} .pn{fill:%s} .dl{fill:%s} .on{fill:%s}\n", p->ink2, p->ink3, p->pain,
	           p->delight, p->bg);
	buf_printf(out, ".bg{fill:%s} .wp{fill:%s} .wd{fill:%s}\n", p->bg, p->pain_wash, p->delight_wash);
	buf_printf(out,
	           ".hair{stroke:%s;fill:none} .rule{stroke:%s;fill:none} .dot{stroke:%s;stroke-dasharray:1 "
	           "4;stroke-linecap:round;fill:none} .dash{stroke:%s;stroke-dasharray:4 3;fill:none}\n",
	           p->line, p->line2, p->line2, p->line2);
	buf_printf(out,
	           ".stage{stroke:%s;stroke-width:2} .fl{fill:%s} .fl2{fill:%s} .nd{fill:%s} "
	           ".ndo{stroke:%s;stroke-width:.75}\n",
	           p->ink, p->people, p->people2, p->node, p->ink2);
	buf_printf(out,
	           ".lp{fill:none;stroke:%s;stroke-width:1.4} .lph{fill:%s} .falls{fill:url(#fall)} "
	           ".starts{fill:url(#start)}\n",
	           p->node, p->node);
	buf_printf(out,
	           ".band{fill:%s;fill-opacity:.2} .cv{fill:none;stroke:%s;stroke-width:2;stroke-linejoin:round} "
	           ".cvi{fill:none;stroke:%s;stroke-width:1.5;stroke-dasharray:5 4} "
	           ".cv2{fill:none;stroke:%s;stroke-width:1.5} .cva{fill:none;stroke:%s;stroke-dasharray:1 "
	           "4;stroke-linecap:round}\n",
	           p->line2, p->ink, p->ink, p->line2, p->line2);
	buf_printf(out,
	           ".wh{stroke:%s} .pt{stroke:%s;stroke-width:1.5} .hol{fill:%s;stroke:%s;stroke-width:1.75} "
	           ".cmp{fill:%s;stroke:%s;stroke-width:1.5}\n",
	           p->ink2, p->ink, p->bg, p->ink, p->bg, p->line2);
	buf_printf(out,
	           ".lead{stroke:%s;fill:none} .leadd{stroke:%s;fill:none} .leadi{stroke:%s;fill:none} .fp{fill:%s} "
	           ".fd{fill:%s} .fi{fill:%s}\n",
	           p->pain, p->delight, p->ink2, p->pain, p->delight, p->ink);
	buf_printf(out,
	           ".st{fill:%s} .tx{fill:%s} .bh{fill:url(#hb);stroke:%s;stroke-width:.75} "
	           ".bl{fill:url(#hx);stroke:%s;stroke-dasharray:3 2} .no{fill:none;stroke:%s;stroke-dasharray:1 3}\n",
	           p->ink2, p->line2, p->line2, p->line2, p->line2);
	buf_printf(out,
	           ".pill{fill:none;stroke:%s;stroke-dasharray:3 2} .hs{stroke:%s} "
	           ".halo{paint-order:stroke;stroke:%s;stroke-width:4px;stroke-linejoin:round}\n",
	           p->ink2, p->ink2, p->bg);
	buf_printf(out,
	           ".hit{fill:%s;fill-opacity:0} a:focus{outline:none} a:hover .hit{stroke:%s} a:focus "
	           ".hit{stroke:%s;stroke-width:2}\n",
	           p->bg, p->line2, p->focus);
	for (int i = 0; i < 9; i++) buf_printf(out, ".e%d{fill:%s}%s", i, p->scale[i], i < 8 ? " " : "\n");
	if (more) more(out, p);
	buf_str(out, STR("</style>\n"));
}

static void put_defs(struct buf *out, const struct palette *p, bool rtl, extra_defs *more)
{
	buf_str(out, STR("<defs>\n<pattern id=\"hx\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
	                 "patternTransform=\"rotate(45)\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" "
	                 "class=\"hs\"/></pattern>\n"
	                 "<pattern id=\"hb\" width=\"3\" height=\"3\" patternUnits=\"userSpaceOnUse\"><line x1=\".5\" "
	                 "y1=\"0\" x2=\".5\" y2=\"3\" class=\"hs\"/></pattern>\n"));
	buf_printf(out,
	           "<linearGradient id=\"fall\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" "
	           "stop-color=\"%s\"/><stop offset=\".45\" stop-color=\"%s\" stop-opacity=\".75\"/><stop offset=\"1\" "
	           "stop-color=\"%s\" stop-opacity=\"0\"/></linearGradient>\n",
	           p->people, p->people, p->people);
	buf_printf(out,
	           "<linearGradient id=\"start\" x1=\"%d\" y1=\"0\" x2=\"%d\" y2=\"0\"><stop offset=\"0\" "
	           "stop-color=\"%s\" stop-opacity=\"0\"/><stop offset=\"1\" "
	           "stop-color=\"%s\"/></linearGradient>\n",
	           rtl, !rtl, p->people, p->people);
	if (more) more(out, p, rtl);
	buf_str(out, STR("</defs>\n"));
}

static void put_classes(struct buf *out, struct style st, bool first)
{
	static const char *const inks[INKS] = {
		[INK] = "", [INK2] = "i2", [INK3] = "i3", [INK_PAIN] = "pn", [INK_DELIGHT] = "dl", [INK_ON] = "on"
	};
	char text[64];
	int n = 0;
	if (st.size != 12) n += snprintf(text + n, sizeof text - (size_t)n, " t%d", st.size);
	if (st.weight != 400)
		n += snprintf(text + n, sizeof text - (size_t)n, " %s",
		              st.weight == 700   ? "b"
		              : st.weight == 600 ? "m"
		                                 : "w5");
	if (inks[st.ink][0]) n += snprintf(text + n, sizeof text - (size_t)n, " %s", inks[st.ink]);
	if (st.halo && first) n += snprintf(text + n, sizeof text - (size_t)n, " halo");
	if (n) buf_printf(out, " class=\"%s\"", text + 1);
}

static void put_xy(struct buf *out, const char *names, double x, double y)
{
	static const struct {
		const char *x, *y;
	} all[] = { { "x", "y" }, { "x1", "y1" }, { "x2", "y2" }, { "cx", "cy" }, { "width", "height" } };
	const size_t i = (size_t)(names[0] - '0');
	buf_printf(out, " %s=\"", all[i].x);
	svg_number(out, x);
	buf_printf(out, "\" %s=\"", all[i].y);
	svg_number(out, y);
	buf_byte(out, '"');
}

static void put_text(struct buf *out, const struct shape *s)
{
	buf_str(out, STR("<text"));
	put_xy(out, "0", s->x, s->y);
	if (s->anchor != ANCHOR_START)
		buf_printf(out, " text-anchor=\"%s\"", s->anchor == ANCHOR_MIDDLE ? "middle" : "end");
	if (s->n_spans == 1) put_classes(out, s->spans[0].style, true);
	else if (s->spans[0].style.halo) buf_str(out, STR(" class=\"halo\""));
	if (s->quote) {
		buf_printf(out, " direction=\"%s\"", s->quote_rtl ? "rtl" : "ltr");
		if (s->lang.len) buf_str(out, s->lang);
	}
	buf_byte(out, '>');
	for (size_t i = 0; i < s->n_spans; i++) {
		if (s->n_spans > 1) {
			buf_str(out, STR("<tspan"));
			put_classes(out, s->spans[i].style, false);
			buf_byte(out, '>');
		}
		svg_text(out, s->spans[i].text);
		if (s->n_spans > 1) buf_str(out, STR("</tspan>"));
	}
	buf_str(out, STR("</text>\n"));
}

static void put_shape(struct buf *out, const struct shape *s)
{
	switch (s->kind) {
	case SHAPE_RECT:
		buf_str(out, STR("<rect"));
		put_xy(out, "0", s->x, s->y);
		put_xy(out, "4", s->w, s->h);
		if (s->r > 0) {
			buf_str(out, STR(" rx=\""));
			svg_number(out, s->r);
			buf_byte(out, '"');
		}
		buf_printf(out, " class=\"%s\"", s->cls);
		buf_str(out, s->data);
		buf_str(out, STR("/>\n"));
		break;
	case SHAPE_LINE:
		buf_str(out, STR("<line"));
		put_xy(out, "1", s->x, s->y);
		put_xy(out, "2", s->w, s->h);
		buf_printf(out, " class=\"%s\"/>\n", s->cls);
		break;
	case SHAPE_CIRCLE:
		buf_str(out, STR("<circle"));
		put_xy(out, "3", s->x, s->y);
		buf_str(out, STR(" r=\""));
		svg_number(out, s->r);
		buf_printf(out, "\" class=\"%s\"/>\n", s->cls);
		break;
	case SHAPE_PATH:
		buf_str(out, STR("<path d=\""));
		buf_str(out, s->data);
		buf_printf(out, " class=\"%s\"/>\n", s->cls);
		break;
	case SHAPE_TEXT: put_text(out, s); break;
	case SHAPE_OPEN:
		buf_str(out, s->data);
		buf_byte(out, '\n');
		break;
	case SHAPE_CLOSE: buf_printf(out, "</%s>\n", s->cls); break;
	}
}

enum err_code svg_print(const struct drawing *d, struct buf *out, struct err *err)
{
	const struct palette *p = d->palette;
	buf_str(out, STR("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "));
	svg_number(out, d->width);
	buf_byte(out, ' ');
	svg_number(out, d->height);
	buf_byte(out, '"');
	put_xy(out, "4", d->width, d->height);
	buf_printf(out,
	           " lang=\"%s\" direction=\"%s\" role=\"graphics-document\" aria-labelledby=\"%s-title "
	           "%s-desc\">\n<title id=\"%s-title\">",
	           lang_codes[d->opt->locale.lang], d->rtl ? "rtl" : "ltr", d->kind, d->kind, d->kind);
	svg_text(out, d->title);
	buf_printf(out, "</title>\n<desc id=\"%s-desc\">", d->kind);
	svg_text(out, d->desc);
	buf_str(out, STR("</desc>\n"));
	svg_style(out, p, d->rtl, d->opt->embed_fonts, d->style);
	put_defs(out, p, d->rtl, d->defs);
	for (size_t i = 0; i < d->n_shapes; i++) put_shape(out, &d->shapes[i]);
	buf_str(out, STR("</svg>\n"));
	if (d->full) return err_no_memory(err);
	return buf_check(out, err);
}
