/* The three formats. PNG and PDF are the same SVG through librsvg and cairo, with the program's own fonts (text.c makes
 * them the thread's default). */
#include <cairo-pdf.h>
#include <cairo.h>
#include <librsvg/rsvg.h>

#include "render/priv.h"

#define SCALE_MAX 4.0
#define PIXELS_MAX 16000.0

/* The geometry, the SVG and, for the other formats, librsvg's handle of one drawing. */
struct picture {
	struct arena arena;
	struct drawing drawing;
	struct buf svg;
	RsvgHandle *handle;
};

static enum err_code open_svg(struct picture *p, struct err *err)
{
	GError *problem = NULL;
	p->handle = rsvg_handle_new_from_data((const guint8 *)p->svg.ptr, p->svg.len, &problem);
	if (!p->handle) {
		const enum err_code rc = err_set(err, ERR_CORRUPT, "render.svg", "", "librsvg refuses the drawing: %s",
		                                 problem ? problem->message : "no reason given");
		g_clear_error(&problem);
		return rc;
	}
	rsvg_handle_set_dpi(p->handle, 96);
	return OK;
}

static void picture_done(struct picture *p)
{
	if (p->handle) g_object_unref(p->handle);
	buf_done(&p->svg);
	arena_done(&p->arena);
}

static enum err_code paint(struct picture *p, cairo_t *cr, struct err *err)
{
	const RsvgRectangle view = { 0, 0, p->drawing.width, p->drawing.height };
	GError *problem = NULL;
	if (rsvg_handle_render_document(p->handle, cr, &view, &problem) && cairo_status(cr) == CAIRO_STATUS_SUCCESS)
		return OK;
	const enum err_code rc = err_set(err, ERR_CORRUPT, "render.paint", "", "the drawing cannot be painted: %s",
	                                 problem ? problem->message : cairo_status_to_string(cairo_status(cr)));
	g_clear_error(&problem);
	return rc;
}

static cairo_status_t put_bytes(void *closure, const unsigned char *bytes, unsigned int n)
{
	struct buf *out = closure;
	buf_put(out, bytes, n);
	return out->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static enum err_code put_png(struct picture *p, double wanted, struct buf *out, struct err *err)
{
	const double scale =
	        fmin(wanted >= 1 ? fmin(wanted, SCALE_MAX) : 1, PIXELS_MAX / fmax(p->drawing.width, p->drawing.height));
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(p->drawing.width * scale),
	                                                      (int)ceil(p->drawing.height * scale));
	cairo_t *cr = cairo_create(surface);
	cairo_scale(cr, scale, scale);
	enum err_code rc = paint(p, cr, err);
	if (rc == OK && cairo_surface_write_to_png_stream(surface, put_bytes, out) != CAIRO_STATUS_SUCCESS)
		rc = out->full ? buf_check(out, err) : err_no_memory(err);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return rc;
}

/*
 * A3 landscape. One page as long as its height is what limits the scale;
 * wider drawings on two, the second with the lanes' gutter again. A page is the whole drawing seen through a
 * window, so nothing is laid out twice.
 */
#define A3_W 1190.55
#define A3_H 841.89
#define MARGIN 28.35

struct window {
	double gutter, from, to;
}; /* logical: [0, gutter) again, then [from, to) */

static enum err_code paint_page(struct picture *p, cairo_t *cr, const struct window *w, struct err *err)
{
	const struct drawing *d = &p->drawing;
	const double width = w->gutter + w->to - w->from;
	const double scale = fmin((A3_W - 2 * MARGIN) / width, (A3_H - 2 * MARGIN) / d->height);
	cairo_save(cr);
	cairo_translate(cr, (A3_W - width * scale) / 2, (A3_H - d->height * scale) / 2);
	cairo_scale(cr, scale, scale);
	const struct {
		double from, to, at;
	} parts[] = { { 0, w->gutter, 0 }, { w->from, w->to, w->gutter } };
	enum err_code rc = OK;
	for (size_t i = 0; i < COUNT_OF(parts) && rc == OK; i++) {
		const double part = parts[i].to - parts[i].from;
		if (part <= 0) continue;
		/* Right to left the page runs from its right edge. */
		const double page_x = d->rtl ? width - parts[i].at - part : parts[i].at,
		             draw_from = d->rtl ? d->width - parts[i].to : parts[i].from;
		cairo_save(cr);
		/* The second page repeats the names of the lanes, neither the head nor the key. */
		const double top = w->gutter > 0 && i == 0 ? d->lanes_top - 30 : 0;
		cairo_rectangle(cr, page_x, top, part, (w->gutter > 0 ? d->lanes_bottom : d->height) - top);
		cairo_clip(cr);
		cairo_translate(cr, page_x - draw_from, 0);
		rc = paint(p, cr, err);
		cairo_restore(cr);
	}
	cairo_restore(cr);
	if (rc == OK) cairo_show_page(cr);
	return rc;
}

static enum err_code put_pdf(struct picture *p, struct buf *out, struct err *err)
{
	const struct drawing *d = &p->drawing;
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(put_bytes, out, A3_W, A3_H);
	/* The time of making would be another byte sequence each time. */
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
	const char *title = str_z(&p->arena, d->title);
	if (title) cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
	cairo_t *cr = cairo_create(surface);
	enum err_code rc;
	if (d->second_page <= 0) {
		rc = paint_page(p, cr, &(struct window){ 0, 0, d->width }, err);
	} else {
		rc = paint_page(p, cr, &(struct window){ 0, 0, d->second_page }, err);
		if (rc == OK) rc = paint_page(p, cr, &(struct window){ d->x0, d->second_page, d->width }, err);
	}
	cairo_surface_finish(surface);
	if (rc == OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		rc = out->full ? buf_check(out, err) : err_no_memory(err);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return rc;
}

enum err_code picture_make(layout_fn *layout, const void *model, enum render_format format,
                           const struct render_options *o, struct buf *out, struct err *err)
{
	struct picture p = { 0 };
	struct render_options used = *o;
	if (format != RENDER_SVG) {
		/* librsvg has no need of data URIs: the fonts are there. */
		used.embed_fonts = false;
		used.interactive = false;
	}
	if (format == RENDER_PDF) used.theme = RENDER_PRINT;
	arena_init(&p.arena, RENDER_ARENA_MAX);
	buf_init(&p.svg, RENDER_SVG_MAX);
	enum err_code rc = layout(model, &used, &p.arena, &p.drawing, err);
	if (rc == OK) rc = svg_print(&p.drawing, &p.svg, err);
	if (rc == OK && format == RENDER_SVG) {
		buf_str(out, buf_view(&p.svg));
		rc = buf_check(out, err);
	} else if (rc == OK) {
		rc = open_svg(&p, err);
		if (rc == OK) rc = format == RENDER_PNG ? put_png(&p, o->scale, out, err) : put_pdf(&p, out, err);
	}
	picture_done(&p);
	return rc;
}
