/*
 * A printed way to a survey: its title, a QR code (ISO/IEC 18004, error
 * correction M, quiet zone of 4), what place it is for, and the address in
 * letters for whoever has no camera. One page of A4 a code; as SVG the page
 * of the first one.
 */
#include <cairo-pdf.h>
#include <cairo.h>
#include <librsvg/rsvg.h>
#include <qrcodegen/qrcodegen.h>

#include "render/priv.h"

#define PAGE_W 595.0
#define PAGE_H 842.0
#define CODE 340.0 /* with its quiet zone */
#define QUIET 4
#define TITLE_LINES 3
#define TEXT_WIDTH 480.0

#define INK_COLOUR "#1A1C21"
#define INK2_COLOUR "#50555F"

struct line {
	struct str text;
	double y;
	struct style style;
	const char *colour;
	bool rtl;
};

static void put_line(struct buf *b, const struct line *l)
{
	buf_printf(
	        b,
	        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-family=\"%s\" font-size=\"%d\" font-weight=\"%d\" "
	        "fill=\"%s\"%s>",
	        PAGE_W / 2, l->y, l->rtl ? "Vazirmatn, Inter" : "Inter, Vazirmatn", l->style.size, l->style.weight,
	        l->colour, l->rtl ? " direction=\"rtl\"" : "");
	svg_text(b, l->text);
	buf_str(b, STR("</text>\n"));
}

/* Dark modules of a row that stand together are one rectangle. */
static void put_modules(struct buf *b, const uint8_t *code, double x0, double y0, double module)
{
	const int n = qrcodegen_getSize(code);
	buf_str(b, STR("<path fill=\"#000000\" shape-rendering=\"crispEdges\" d=\""));
	for (int y = 0; y < n; y++)
		for (int x = 0; x < n; x++) {
			int run = 0;
			while (x + run < n && qrcodegen_getModule(code, x + run, y)) run++;
			if (!run) continue;
			buf_printf(b, "M%.3f %.3fh%.3fv%.3fh-%.3fz", x0 + (x + QUIET) * module,
			           y0 + (y + QUIET) * module, run * module, module, run * module);
			x += run;
		}
	buf_str(b, STR("\"/>\n"));
}

static enum err_code put_code(struct buf *b, struct str address, double y, struct err *err)
{
	uint8_t code[qrcodegen_BUFFER_LEN_MAX], scratch[qrcodegen_BUFFER_LEN_MAX];
	char text[RENDER_QR_BYTES_MAX + 1];
	if (address.len > RENDER_QR_BYTES_MAX)
		return err_limit(err, "qr.long", "address", (int64_t)address.len, RENDER_QR_BYTES_MAX,
		                 "the address has more than %d bytes", RENDER_QR_BYTES_MAX);
	memcpy(text, address.ptr, address.len);
	text[address.len] = 0;
	if (!qrcodegen_encodeText(text, scratch, code, qrcodegen_Ecc_MEDIUM, qrcodegen_VERSION_MIN,
	                          qrcodegen_VERSION_MAX, qrcodegen_Mask_AUTO, true))
		return err_set(err, ERR_INPUT, "qr.address", "address", "no code can hold this address");
	const double module = CODE / (qrcodegen_getSize(code) + 2 * QUIET);
	put_modules(b, code, (PAGE_W - CODE) / 2, y, module);
	return OK;
}

static enum err_code put_page(const struct render_qr *q, struct arena *a, struct buf *b, struct err *err)
{
	static const struct style big = { 30, 700, INK, false }, middle = { 17, 600, INK, false },
	                          small = { 15, 400, INK2, false }, least = { 13, 400, INK2, false };
	struct text_kit *kit;
	struct str lines[TITLE_LINES];
	TRY(text_kit_get(&kit, err));
	const struct str title = text_user(a, q->title), label = text_user(a, q->label);
	const size_t n = title.len ? text_wrap(kit, a, title, big, q->rtl, TEXT_WIDTH, TITLE_LINES, lines) : 0;
	buf_printf(b,
	           "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
	           "role=\"img\"><rect width=\"%.0f\" height=\"%.0f\" fill=\"#FFFFFF\"/>\n",
	           PAGE_W, PAGE_H, PAGE_W, PAGE_H, PAGE_W, PAGE_H);
	double y = 150;
	for (size_t i = 0; i < n; i++, y += q->rtl ? 52 : 40)
		put_line(b, &(struct line){ lines[i], y, big, INK_COLOUR, q->rtl });
	put_line(b, &(struct line){ text_user(a, q->hint), y, small, INK2_COLOUR, q->rtl });
	y += 26;
	TRY(put_code(b, q->address, y, err));
	y += CODE + 30;
	if (label.len)
		put_line(b, &(struct line){ text_cut(kit, a, label, middle, q->rtl, TEXT_WIDTH), y, middle, INK_COLOUR,
		                            q->rtl });
	put_line(b, &(struct line){ text_user(a, q->address), y + 30, least, INK2_COLOUR, false });
	buf_str(b, STR("</svg>\n"));
	return buf_check(b, err);
}

/* --- PDF ------------------------------------------------------------------------------------------- */

static cairo_status_t put_bytes(void *closure, const unsigned char *bytes, unsigned int n)
{
	struct buf *out = closure;
	buf_put(out, bytes, n);
	return out->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static enum err_code paint(cairo_t *cr, struct str svg, struct err *err)
{
	GError *problem = NULL;
	const RsvgRectangle page = { 0, 0, PAGE_W, PAGE_H };
	RsvgHandle *handle = rsvg_handle_new_from_data((const guint8 *)svg.ptr, svg.len, &problem);
	enum err_code rc = OK;
	if (!handle || !rsvg_handle_render_document(handle, cr, &page, &problem))
		rc = err_set(err, ERR_CORRUPT, "render.paint", "", "the page cannot be painted: %s",
		             problem ? problem->message : "no reason given");
	g_clear_error(&problem);
	if (handle) g_object_unref(handle);
	if (rc == OK) cairo_show_page(cr);
	return rc;
}

static enum err_code put_pdf(const struct render_qr *codes, size_t n, struct arena *a, struct buf *svg, struct buf *out,
                             struct err *err)
{
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(put_bytes, out, PAGE_W, PAGE_H);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
	cairo_t *cr = cairo_create(surface);
	enum err_code rc = OK;
	for (size_t i = 0; i < n && rc == OK; i++) {
		buf_clear(svg);
		rc = put_page(&codes[i], a, svg, err);
		if (rc == OK) rc = paint(cr, buf_view(svg), err);
	}
	cairo_surface_finish(surface);
	if (rc == OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		rc = out->full ? buf_check(out, err) : err_no_memory(err);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return rc;
}

enum err_code render_qr(const struct render_qr *codes, size_t n, enum render_format format, struct buf *out,
                        struct err *err)
{
	struct arena a;
	struct buf svg;
	if (!n) return err_set(err, ERR_NOT_FOUND, "qr.none", "", "there is no link to print");
	arena_init(&a, RENDER_ARENA_MAX);
	buf_init(&svg, RENDER_SVG_MAX);
	enum err_code rc;
	if (format == RENDER_PDF) {
		rc = put_pdf(codes, n, &a, &svg, out, err);
	} else {
		rc = put_page(&codes[0], &a, &svg, err);
		if (rc == OK) buf_str(out, buf_view(&svg));
		if (rc == OK) rc = buf_check(out, err);
	}
	buf_done(&svg);
	arena_done(&a);
	return rc;
}
