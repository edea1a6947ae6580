/*
 * Scores over time: panels of one width and one axis, a line with its 80 %
 * band and 95 % whiskers. Time runs with the reading. An arrow stands only
 * where a change is more than chance.
 */
#include "render/priv.h"

#define SIDE 40.0
#define NAMES 64.0 /* of the axis, before the first period */
#define PANEL_H 120.0
#define PANEL_GAP 52.0
#define WIDTH 1000.0
#define LABEL_W 96.0 /* of a day */

struct series_view {
	struct drawing *d;
	const struct render_series *r;
	size_t first, n_lines; /* the first period drawn, how many lines */
	double cw, low, high, step;
};

static const struct style caption = { 11, 400, INK3, false };

/* The whole scale of a kind, and the steps of its axis. */
static const struct {
	double low, high, step;
	const char *about;
} scales[RENDER_SCORE_KINDS] = {
	[RENDER_RATING] = { 0, 100, 25, WORDS_KEY("render.series.rating") },
	[RENDER_NPS] = { -100, 100, 25, WORDS_KEY("render.series.nps") },
	[RENDER_CSAT] = { 0, 1, 0.25, WORDS_KEY("render.series.csat") },
	[RENDER_CES] = { 1, 7, 1, WORDS_KEY("render.series.ces") },
};

static bool known(const struct render_series_point *p)
{
	return isfinite(p->score.est);
}

static enum err_code check(const struct render_series *r, struct err *err)
{
	for (size_t i = 0; i < r->n_lines; i++)
		for (size_t k = 0; k < r->n_periods; k++) {
			const struct render_series_point *p = &r->lines[i].points[k];
			if (!known(p) || (p->score.est >= scales[r->kind].low && p->score.est <= scales[r->kind].high))
				continue;
			return err_set(err, ERR_INPUT, "render.series", "lines", "a score of %g is not on its scale",
			               p->score.est);
		}
	return OK;
}

static struct str value(const struct series_view *v, double x)
{
	struct drawing *d = v->d;
	if (v->r->kind == RENDER_CSAT) return words_percent(&d->opt->locale, d->arena, x, 0);
	return words_number(&d->opt->locale, d->arena, x, v->r->kind == RENDER_CES ? 1 : 0);
}

/* The part of the scale that figures and intervals fill, in whole steps; two of them at least. */
static void set_axis(struct series_view *v)
{
	const double least = scales[v->r->kind].low, most = scales[v->r->kind].high;
	double low = most, high = least;
	v->step = scales[v->r->kind].step;
	for (size_t i = 0; i < v->n_lines; i++)
		for (size_t k = v->first; k < v->r->n_periods; k++) {
			const struct render_series_point *p = &v->r->lines[i].points[k];
			if (!known(p)) continue;
			low = fmin(low, isfinite(p->score.lo) ? p->score.lo : p->score.est);
			high = fmax(high, isfinite(p->score.hi) ? p->score.hi : p->score.est);
		}
	if (low > high) low = least, high = most;
	v->low = fmax(least, least + floor((low - least) / v->step) * v->step);
	v->high = fmin(most, least + ceil((high - least) / v->step) * v->step);
	if (v->high - v->low < 2 * v->step) v->high = fmin(most, v->low + 2 * v->step);
	if (v->high - v->low < 2 * v->step) v->low = fmax(least, v->high - 2 * v->step);
	if (v->high - v->low > 4 * v->step + 1e-9) v->step *= 2;
}

static double left_of(const struct series_view *v, size_t k)
{
	return SIDE + NAMES + v->cw * (double)(k - v->first);
}

static double x_of(const struct series_view *v, size_t k)
{
	return left_of(v, k) + v->cw / 2;
}

static double y_of(const struct series_view *v, double top, double score)
{
	const double share = (score - v->low) / (v->high - v->low);
	return top + PANEL_H * (1 - fmin(1, fmax(0, share)));
}

static struct str answers_words(struct drawing *d, int64_t n)
{
	return draw_words1(d, "render.series.answers", ARG_INT("n", n));
}

static struct str name_of(struct drawing *d, const struct render_series_line *l)
{
	return l->name.len ? l->name : draw_words(d, "render.series.all");
}

/* --- a panel --------------------------------------------------------------------------------------- */

static void draw_scale(struct series_view *v, const struct render_series_line *l, double top)
{
	static const char *const trends[] = { WORDS_KEY("render.series.down"), WORDS_KEY("render.series.level"),
		                              WORDS_KEY("render.series.up") };
	struct drawing *d = v->d;
	const struct style name = { 13, 700, INK, true };
	draw_text(d, SIDE, top - 12, ANCHOR_START, name, draw_own(d, name_of(d, l), name, d->width / 2));
	bool any = false;
	for (size_t k = v->first; k < v->r->n_periods; k++) any |= known(&l->points[k]);
	const struct str about[] = { answers_words(d, l->n),
		                     any ? draw_words(d, trends[l->trend + 1]) : draw_words(d, "render.series.few") };
	draw_text(d, d->width - SIDE, top - 12, ANCHOR_END, caption, draw_join(d, about, COUNT_OF(about)));
	for (double at = v->low; at <= v->high + 1e-9; at += v->step) {
		const double y = y_of(v, top, at);
		draw_text(d, SIDE + NAMES - 14, y + 4, ANCHOR_END, caption, value(v, at));
		draw_line(d, left_of(v, v->first), y, d->width - SIDE, y, at > v->low ? "hair" : "rule");
	}
	const size_t every = (size_t)ceil(LABEL_W / v->cw);
	for (size_t k = v->first; k < v->r->n_periods; k += every)
		if (left_of(v, k) + LABEL_W <= d->width - 4)
			draw_text(d, left_of(v, k) + 2, top + PANEL_H + 15, ANCHOR_START, caption,
			          words_date(&d->opt->locale, d->arena, v->r->starts[k]));
}

static void draw_band(struct series_view *v, const struct render_series_line *l, double top, size_t k)
{
	const struct render_series_point *a = &l->points[k - 1], *b = &l->points[k];
	struct path p;
	if (isfinite(a->lo80 + a->hi80 + b->lo80 + b->hi80)) {
		path_begin(&p, v->d);
		path_move(&p, x_of(v, k - 1), y_of(v, top, a->hi80));
		path_to(&p, x_of(v, k), y_of(v, top, b->hi80));
		path_to(&p, x_of(v, k), y_of(v, top, b->lo80));
		path_to(&p, x_of(v, k - 1), y_of(v, top, a->lo80));
		path_close(&p);
		path_end(&p, "band", NULL);
	}
	path_begin(&p, v->d);
	path_move(&p, x_of(v, k - 1), y_of(v, top, a->score.est));
	path_to(&p, x_of(v, k), y_of(v, top, b->score.est));
	path_end(&p, "cv", NULL);
}

static void draw_arrow(struct series_view *v, double x, double y, int change)
{
	struct path p;
	path_begin(&p, v->d);
	path_move(&p, x, y - 6 * change);
	path_to(&p, x + 5, y + 3 * change);
	path_to(&p, x - 5, y + 3 * change);
	path_close(&p);
	path_end(&p, change > 0 ? "up" : "down", NULL);
}

static void draw_point(struct series_view *v, const struct render_series_line *l, double top, size_t k, bool newest)
{
	struct drawing *d = v->d;
	const struct render_series_point *p = &l->points[k];
	const double x = x_of(v, k), y = y_of(v, top, p->score.est);
	if (isfinite(p->score.lo) && isfinite(p->score.hi))
		draw_line(d, x, y_of(v, top, p->score.lo), x, y_of(v, top, p->score.hi), "wh");
	if (p->change) draw_arrow(v, x, y, p->change);
	else draw_circle(d, x, y, 3, "fi");
	if (!newest && !p->change) return;
	const struct span label = { value(v, p->score.est), { 11, 600, INK, true } };
	const double spots[] = { y - 10, y + 20 };
	for (size_t i = 0; i < COUNT_OF(spots); i++) {
		const struct box b = draw_text_box(d, x, spots[i], ANCHOR_MIDDLE, &label, 1);
		if (b.y0 < top - 8 || b.y1 > top + PANEL_H || b.x1 > d->width - 4 || !draw_free(d, b, 2)) continue;
		draw_spans(d, x, spots[i], ANCHOR_MIDDLE, &label, 1);
		return;
	}
}

static void draw_panel(struct series_view *v, const struct render_series_line *l, double top)
{
	size_t newest = v->first;
	draw_group(v->d, "series", "group", name_of(v->d, l));
	draw_scale(v, l, top);
	for (size_t k = v->first; k < v->r->n_periods; k++)
		if (known(&l->points[k])) newest = k;
	for (size_t k = v->first + 1; k < v->r->n_periods; k++)
		if (known(&l->points[k - 1]) && known(&l->points[k])) draw_band(v, l, top, k);
	for (size_t k = v->first; k < v->r->n_periods; k++)
		if (known(&l->points[k])) draw_point(v, l, top, k, k == newest);
	draw_group_end(v->d);
}

/* --- links and words ------------------------------------------------------------------------------- */

static struct str point_words(struct series_view *v, const struct render_series_line *l, size_t k)
{
	struct drawing *d = v->d;
	const struct render_series_point *p = &l->points[k];
	const bool interval = isfinite(p->score.lo) && isfinite(p->score.hi);
	const struct word_arg args[] = { ARG_TEXT("name", name_of(d, l)),
		                         ARG_TEXT("start", words_date(&d->opt->locale, d->arena, p->start_ms)),
		                         ARG_TEXT("score", value(v, p->score.est)),
		                         ARG_TEXT("lo", value(v, interval ? p->score.lo : p->score.est)),
		                         ARG_TEXT("hi", value(v, interval ? p->score.hi : p->score.est)),
		                         ARG_TEXT("answers", answers_words(d, p->n)) };
	return draw_wordsn(d, "render.series.label.point", args, COUNT_OF(args));
}

/* Points in the order of reading; the first of each panel takes the keyboard's focus. */
static void draw_links(struct series_view *v, double top)
{
	struct drawing *d = v->d;
	size_t n = 0;
	draw_group(d, "points", "list", draw_words(d, "render.series.about"));
	for (size_t i = 0; i < v->n_lines; i++) {
		const struct render_series_line *l = &v->r->lines[i];
		bool first = true;
		for (size_t k = v->first; k < v->r->n_periods; k++) {
			if (!known(&l->points[k])) continue;
			const struct str data = str_format(d->arena, " data-series=\"%zu\" data-start=\"%lld\"", i,
			                                   (long long)l->points[k].start_ms);
			frame_link(d, "point", ++n, point_words(v, l, k), data, first);
			draw_rect(d, left_of(v, k), top + (PANEL_H + PANEL_GAP) * (double)i, v->cw, PANEL_H, 2, "hit");
			frame_link_end(d);
			first = false;
		}
	}
	draw_group_end(d);
}

static void series_style(struct buf *out, const struct palette *p)
{
	buf_printf(out, ".up{fill:%s}.down{fill:%s}\n", p->delight, p->pain);
}

static double draw_panels(struct series_view *v, double y)
{
	struct drawing *d = v->d;
	const struct str keys[] = {
		draw_words1(d, "render.feeling.sub2", ARG_TEXT("p", words_percent(&d->opt->locale, d->arena, 0.8, 0))),
		draw_words1(d, "render.feeling.sub3", ARG_TEXT("p", words_percent(&d->opt->locale, d->arena, 0.95, 0))),
		draw_words(d, "render.series.arrow"),
	};
	draw_text(d, SIDE, y + 14, ANCHOR_START, caption, draw_join(d, keys, COUNT_OF(keys)));
	const double top = y + 54;
	set_axis(v);
	for (size_t i = 0; i < v->n_lines; i++) draw_panel(v, &v->r->lines[i], top + (PANEL_H + PANEL_GAP) * (double)i);
	draw_links(v, top);
	return top + (PANEL_H + PANEL_GAP) * (double)v->n_lines - 20;
}

/* What is not drawn, in one line. */
static double draw_rest(struct series_view *v, double y)
{
	struct drawing *d = v->d;
	struct str parts[2] = { STR(""), STR("") };
	if (v->n_lines < v->r->n_lines)
		parts[0] = draw_words1(d, "render.series.more", ARG_INT("n", v->r->n_lines - v->n_lines));
	if (v->first > 0) parts[1] = draw_words1(d, "render.series.earlier", ARG_INT("n", v->first));
	if (!parts[0].len && !parts[1].len) return y;
	draw_text(d, SIDE, y + 8, ANCHOR_START, caption, draw_join(d, parts, COUNT_OF(parts)));
	return y + 20;
}

enum err_code layout_series(const struct render_series *r, const struct render_options *o, struct arena *a,
                            struct drawing *d, struct err *err)
{
	TRY(check(r, err));
	*d = (struct drawing){ .opt = o,
		               .arena = a,
		               .rtl = lang_rtl(o->locale.lang),
		               .palette = palette_of(o->theme),
		               .kind = "scores",
		               .style = series_style,
		               .width = WIDTH };
	TRY(text_kit_get(&d->kit, err));
	struct series_view v = { .d = d, .r = r };
	v.first = r->n_periods > RENDER_PERIODS_SHOWN ? r->n_periods - RENDER_PERIODS_SHOWN : 0;
	v.n_lines = r->n_lines < RENDER_SERIES_SHOWN ? r->n_lines : RENDER_SERIES_SHOWN;
	const double periods = (double)(r->n_periods - v.first);
	v.cw = (WIDTH - 2 * SIDE - NAMES) / fmax(1, periods);
	d->title = frame_title(d, &r->heading, WORDS_KEY("render.series"), WORDS_KEY("render.series.title"));
	const struct word_arg ends[] = { ARG_INT("lo", scales[r->kind].low), ARG_INT("hi", scales[r->kind].high) };
	const struct str about = draw_wordsn(d, scales[r->kind].about, ends, COUNT_OF(ends));
	const struct str said[] = { str_format(a, STR_FMT ".", STR_ARG(about)), draw_words(d, "render.desc.table") };
	d->desc = draw_sentences(d, said, COUNT_OF(said));

	struct shape *paper = draw_rect(d, 0, 0, d->width, 0, 0, "bg");
	const size_t paper_at = (size_t)(paper - d->shapes);
	double y = frame_head(d, &r->heading, about);
	if (v.n_lines == 0)
		y = draw_lines(d, draw_words(d, "render.series.empty"), (struct style){ 13, 400, INK2, false }, y + 20,
		               18, d->width - 2 * SIDE, 2);
	else y = draw_rest(&v, draw_panels(&v, y));
	d->height = round(y + 8);
	d->shapes[paper_at].h = d->height;
	return d->full ? err_no_memory(err) : OK;
}

static enum err_code layout(const void *model, const struct render_options *o, struct arena *a, struct drawing *d,
                            struct err *err)
{
	return layout_series(model, o, a, d, err);
}

enum err_code render_series(const struct render_series *r, enum render_format format, const struct render_options *o,
                            struct buf *out, struct err *err)
{
	return picture_make(layout, r, format, o, out, err);
}
