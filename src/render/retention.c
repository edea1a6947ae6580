/*
 * Retention: a row for each cohort, a column for each period since its start,
 * a cell where that period has passed and nothing where it has not; under it
 * the curve over all cohorts on the same columns. Time runs with the reading.
 */
#include "render/priv.h"

#define SIDE 40.0
#define NAMES 196.0 /* cohort and size, before the first column */
#define ROW 28.0
#define CURVE_H 150.0

struct retention_view {
	struct drawing *d;
	const struct render_retention *r;
	size_t first, columns; /* the first cohort drawn, how many offsets */
	double cw, top, curve;
	double scale; /* the share at the top of the curve's axis */
	size_t from;  /* first offset on the curve */
};

static const struct style caption = { 11, 400, INK3, false }, number = { 11, 500, INK, false };

static enum err_code check(const struct render_retention *r, struct err *err)
{
	for (size_t i = 0; i < r->n_cohorts; i++)
		for (size_t k = 0; k < r->cohorts[i].n; k++)
			if (r->cohorts[i].active[k] < 0 || r->cohorts[i].active[k] > r->cohorts[i].size)
				return err_set(err, ERR_INPUT, "render.retention", "cohorts",
				               "cohort %zu has %lld of %lld active", i + 1,
				               (long long)r->cohorts[i].active[k], (long long)r->cohorts[i].size);
	return OK;
}

static double left_of(const struct retention_view *v, size_t offset)
{
	return SIDE + NAMES + v->cw * (double)offset;
}

static struct str percent(struct drawing *d, double share, int decimals)
{
	return words_percent(&d->opt->locale, d->arena, share, decimals);
}

static double share_of(const struct render_cohort *c, size_t offset)
{
	return c->size > 0 ? (double)c->active[offset] / (double)c->size : 0;
}

/* --- the triangle -------------------------------------------------------------------------------------- */

static const char *const units[RENDER_PERIODS] = { WORDS_KEY("render.retention.days"),
	                                           WORDS_KEY("render.retention.weeks"),
	                                           WORDS_KEY("render.retention.months"),
	                                           WORDS_KEY("render.retention.quarters") };

static void draw_header(struct retention_view *v, double y)
{
	struct drawing *d = v->d;
	draw_text(d, SIDE, y + 18, ANCHOR_START, caption, draw_words(d, "render.retention.cohort"));
	draw_text(d, SIDE + NAMES - 14, y + 18, ANCHOR_END, caption, draw_words(d, "render.retention.size"));
	draw_text(d, left_of(v, 0), y, ANCHOR_START, caption, draw_words(d, units[v->r->period]));
	for (size_t k = 0; k < v->columns; k++)
		draw_text(d, left_of(v, k) + v->cw / 2, y + 18, ANCHOR_MIDDLE, caption, draw_int(d, (int64_t)k));
	draw_line(d, SIDE, y + 26, d->width - SIDE, y + 26, "hair");
}

/* Eight depths of one colour, closer to each other where most shares are; the number says the rest. */
static const struct {
	double from;
	const char *cls, *opacity;
} depths[] = { { 0, "r0", ".1" },    { 0.02, "r1", ".2" }, { 0.05, "r2", ".3" },  { 0.1, "r3", ".42" },
	       { 0.2, "r4", ".55" }, { 0.35, "r5", ".7" }, { 0.55, "r6", ".85" }, { 0.8, "r7", "1" } };

static const char *cell_class(double share)
{
	size_t i = COUNT_OF(depths) - 1;
	while (i > 0 && share < depths[i].from) i--;
	return depths[i].cls;
}

static void draw_cohort(struct retention_view *v, const struct render_cohort *c, double y)
{
	struct drawing *d = v->d;
	draw_text(d, SIDE, y + 18, ANCHOR_START, (struct style){ 12, 400, INK, false },
	          words_date(&d->opt->locale, d->arena, c->start_ms));
	draw_text(d, SIDE + NAMES - 14, y + 18, ANCHOR_END, (struct style){ 12, 400, INK2, false },
	          draw_int(d, c->size));
	for (size_t k = 0; k < c->n && k < v->columns; k++) {
		const double share = share_of(c, k);
		draw_rect(d, left_of(v, k) + 1, y + 1, v->cw - 2, ROW - 2, 2, cell_class(share));
		draw_text(d, left_of(v, k) + v->cw / 2, y + 18, ANCHOR_MIDDLE, number,
		          percent(d, share, share > 0 && share < 0.005 ? 1 : 0));
	}
}

static double draw_triangle(struct retention_view *v, double y)
{
	struct drawing *d = v->d;
	draw_group(d, "cohorts", "group", draw_words(d, "render.retention.about"));
	draw_header(v, y + 10);
	v->top = y + 40;
	for (size_t i = v->first; i < v->r->n_cohorts; i++)
		draw_cohort(v, &v->r->cohorts[i], v->top + ROW * (double)(i - v->first));
	double end = v->top + ROW * (double)(v->r->n_cohorts - v->first) + 18;
	if (v->first > 0) {
		draw_text(d, SIDE, end, ANCHOR_START, caption,
		          draw_words1(d, "render.retention.earlier", ARG_INT("n", v->first)));
		end += 16;
	}
	draw_group_end(d);
	return end;
}

/* --- the curve ------------------------------------------------------------------------------------------- */

static double curve_x(const struct retention_view *v, size_t offset)
{
	return left_of(v, offset) + v->cw / 2;
}

static double curve_y(const struct retention_view *v, double share)
{
	return v->curve + CURVE_H * (1 - fmin(1, fmax(0, share / v->scale)));
}

static bool known(const struct render_retention_point *p)
{
	return isfinite(p->share.est);
}

/* At offset 0 everybody is there, which says nothing and would press the rest flat: the curve begins after it, on an
 * axis that its intervals fill. */
static void set_axis(struct retention_view *v, size_t n)
{
	static const double tops[] = { 0.05, 0.1, 0.2, 0.5 };
	const struct render_retention_point *p = v->r->curve;
	double most = 0;
	v->from = n > 1 && known(&p[0]) && p[0].active == p[0].size ? 1 : 0;
	for (size_t k = v->from; k < n; k++)
		if (known(&p[k])) most = fmax(most, isfinite(p[k].share.hi) ? p[k].share.hi : p[k].share.est);
	v->scale = 1;
	for (size_t i = COUNT_OF(tops); i-- > 0;)
		if (most <= tops[i]) v->scale = tops[i];
}

static void draw_band(struct retention_view *v, size_t k)
{
	const struct render_retention_point *a = &v->r->curve[k - 1], *b = &v->r->curve[k];
	if (!isfinite(a->lo80 + a->hi80 + b->lo80 + b->hi80)) return;
	struct path p;
	path_begin(&p, v->d);
	path_move(&p, curve_x(v, k - 1), curve_y(v, a->hi80));
	path_to(&p, curve_x(v, k), curve_y(v, b->hi80));
	path_to(&p, curve_x(v, k), curve_y(v, b->lo80));
	path_to(&p, curve_x(v, k - 1), curve_y(v, a->lo80));
	path_close(&p);
	path_end(&p, "band", NULL);
}

static void draw_point(struct retention_view *v, size_t k)
{
	struct drawing *d = v->d;
	const struct render_retention_point *p = &v->r->curve[k];
	const double x = curve_x(v, k), y = curve_y(v, p->share.est);
	if (isfinite(p->share.lo) && isfinite(p->share.hi))
		draw_line(d, x, curve_y(v, p->share.lo), x, curve_y(v, p->share.hi), "wh");
	draw_circle(d, x, y, 3.5, "fi");
	const struct span label = { percent(d, p->share.est, p->share.est < 0.1 ? 1 : 0), { 11, 600, INK, true } };
	/* After a steep fall the line stands where the words would: they go behind it. */
	const bool steep = k > v->from && known(p - 1) && p[-1].share.est - p->share.est > 0.15 * v->scale;
	const struct {
		double x, y;
		enum anchor anchor;
	} spots[] = { { x + 7, y - 6, ANCHOR_START }, { x, y - 9, ANCHOR_MIDDLE }, { x, y + 18, ANCHOR_MIDDLE } };
	for (size_t i = steep ? 0 : 1; i < COUNT_OF(spots); i++) {
		const struct box b = draw_text_box(d, spots[i].x, spots[i].y, spots[i].anchor, &label, 1);
		if (b.y1 > v->curve + CURVE_H + 14 || b.x1 > d->width - 4 || !draw_free(d, b, 2)) continue;
		draw_spans(d, spots[i].x, spots[i].y, spots[i].anchor, &label, 1);
		return;
	}
}

static double draw_curve(struct retention_view *v, double y)
{
	struct drawing *d = v->d;
	const struct style name = { 13, 700, INK, false };
	static const double rules[] = { 0, 0.5, 1 }; /* of the axis */
	size_t n = v->r->n_curve < v->columns ? v->r->n_curve : v->columns;
	v->curve = y + 18;
	set_axis(v, n);
	draw_group(d, "curve", "group", draw_words(d, "render.retention.curve.about"));
	draw_text(d, SIDE, v->curve + 10, ANCHOR_START, name, draw_words(d, "render.retention.curve"));
	const struct str bands[] = {
		draw_words1(d, "render.feeling.sub2", ARG_TEXT("p", percent(d, 0.8, 0))),
		draw_words1(d, "render.feeling.sub3", ARG_TEXT("p", percent(d, 0.95, 0))),
	};
	for (size_t i = 0; i < COUNT_OF(bands); i++)
		draw_text(d, SIDE, v->curve + 27 + 15 * (double)i, ANCHOR_START, caption,
		          text_cut(d->kit, d->arena, bands[i], caption, d->rtl, NAMES - 60));
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const double share = rules[i] * v->scale, at = curve_y(v, share);
		draw_text(d, SIDE + NAMES - 14, at + 4, ANCHOR_END, caption,
		          percent(d, share, share > 0 && share < 0.05 ? 1 : 0));
		draw_line(d, left_of(v, 0), at, d->width - SIDE, at, rules[i] > 0 ? "hair" : "rule");
	}
	for (size_t k = v->from + 1; k < n; k++)
		if (known(&v->r->curve[k - 1]) && known(&v->r->curve[k])) draw_band(v, k);
	for (size_t k = v->from + 1; k < n; k++) {
		if (!known(&v->r->curve[k - 1]) || !known(&v->r->curve[k])) continue;
		struct path p;
		path_begin(&p, d);
		path_move(&p, curve_x(v, k - 1), curve_y(v, v->r->curve[k - 1].share.est));
		path_to(&p, curve_x(v, k), curve_y(v, v->r->curve[k].share.est));
		path_end(&p, "cv", NULL);
	}
	for (size_t k = v->from; k < n; k++)
		if (known(&v->r->curve[k])) draw_point(v, k);
	draw_group_end(d);
	return v->curve + CURVE_H + 26;
}

/* --- words for all of it ---------------------------------------------------------------------------------- */

static struct str customers_words(struct drawing *d, const struct render_retention *r)
{
	const struct word_arg args[] = { ARG_TEXT("customers",
		                                  draw_words1(d, "count.customers", ARG_INT("n", r->customers))),
		                         ARG_INT("n", r->n_cohorts) };
	static const char *const kinds[RENDER_KINDS] = { WORDS_KEY("render.retention.classic"),
		                                         WORDS_KEY("render.retention.rolling"),
		                                         WORDS_KEY("render.retention.survival") };
	const struct str parts[] = { draw_wordsn(d, "render.retention.numbers", args, COUNT_OF(args)),
		                     draw_words(d, kinds[r->kind]) };
	return draw_join(d, parts, COUNT_OF(parts));
}

static struct str cell_words(struct retention_view *v, const struct render_cohort *c, size_t k)
{
	struct drawing *d = v->d;
	const struct word_arg args[] = { ARG_TEXT("start", words_date(&d->opt->locale, d->arena, c->start_ms)),
		                         ARG_INT("k", k), ARG_INT("n", c->active[k]), ARG_INT("size", c->size),
		                         ARG_TEXT("share", percent(d, share_of(c, k), 1)) };
	return draw_wordsn(d, "render.retention.label.cell", args, COUNT_OF(args));
}

/* Cells in the order of reading. The first of each row takes the keyboard's focus; pages move on from it with arrows.
 */
static void draw_links(struct retention_view *v)
{
	struct drawing *d = v->d;
	size_t n = 0;
	draw_group(d, "cells", "list", draw_words(d, "render.retention.about"));
	for (size_t i = v->first; i < v->r->n_cohorts; i++) {
		const struct render_cohort *c = &v->r->cohorts[i];
		for (size_t k = 0; k < c->n && k < v->columns; k++) {
			const struct str data = str_format(d->arena, " data-cohort=\"%lld\" data-offset=\"%zu\"",
			                                   (long long)c->start_ms, k);
			frame_link(d, "cell", ++n, cell_words(v, c, k), data, k == 0);
			draw_rect(d, left_of(v, k) + 1, v->top + ROW * (double)(i - v->first) + 1, v->cw - 2, ROW - 2,
			          2, "hit");
			frame_link_end(d);
		}
	}
	draw_group_end(d);
}

static void retention_style(struct buf *out, const struct palette *p)
{
	for (size_t i = 0; i < COUNT_OF(depths); i++)
		buf_printf(out, ".%s{fill:%s;fill-opacity:%s}\n", depths[i].cls, p->way, depths[i].opacity);
}

enum err_code layout_retention(const struct render_retention *r, const struct render_options *o, struct arena *a,
                               struct drawing *d, struct err *err)
{
	TRY(check(r, err));
	*d = (struct drawing){ .opt = o,
		               .arena = a,
		               .rtl = lang_rtl(o->locale.lang),
		               .palette = palette_of(o->theme),
		               .kind = "retention",
		               .style = retention_style };
	TRY(text_kit_get(&d->kit, err));
	struct retention_view v = { .d = d, .r = r };
	v.first = r->n_cohorts > RENDER_COHORTS_SHOWN ? r->n_cohorts - RENDER_COHORTS_SHOWN : 0;
	for (size_t i = v.first; i < r->n_cohorts; i++)
		v.columns = r->cohorts[i].n > v.columns ? r->cohorts[i].n : v.columns;
	if (r->n_curve > v.columns) v.columns = r->n_curve;
	if (v.columns > RENDER_OFFSETS_SHOWN) v.columns = RENDER_OFFSETS_SHOWN;
	v.cw = fmin(64, fmax(46, 920 / fmax(1, (double)v.columns)));
	d->width = round(fmax(760, 2 * SIDE + NAMES + v.cw * (double)v.columns));
	d->title = frame_title(d, &r->heading, WORDS_KEY("render.retention"), WORDS_KEY("render.retention.title"));
	const struct str numbers = customers_words(d, r);
	const struct str said[] = { str_format(a, STR_FMT ".", STR_ARG(numbers)), draw_words(d, "render.desc.table") };
	d->desc = draw_sentences(d, said, COUNT_OF(said));

	struct shape *paper = draw_rect(d, 0, 0, d->width, 0, 0, "bg");
	const size_t paper_at = (size_t)(paper - d->shapes);
	double y = frame_head(d, &r->heading, numbers);
	if (r->n_cohorts == 0) {
		y = draw_lines(d, draw_words(d, "render.retention.empty"), (struct style){ 13, 400, INK2, false },
		               y + 20, 18, d->width - 2 * SIDE, 2);
	} else {
		y = draw_curve(&v, draw_triangle(&v, y));
		draw_links(&v);
	}
	d->height = round(y + 8);
	d->shapes[paper_at].h = d->height;
	return d->full ? err_no_memory(err) : OK;
}

static enum err_code layout(const void *model, const struct render_options *o, struct arena *a, struct drawing *d,
                            struct err *err)
{
	return layout_retention(model, o, a, d, err);
}

enum err_code render_retention(const struct render_retention *r, enum render_format format,
                               const struct render_options *o, struct buf *out, struct err *err)
{
	return picture_make(layout, r, format, o, out, err);
}
