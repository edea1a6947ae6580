/*
 * The feeling lane: the emotion curve with its bands and whiskers. A segment
 * joins neighbours that both have evidence; where there is none there is a
 * gap and it says so. Labels try a few places around their point and take
 * the one that disturbs least; what finds no room is left out in the order
 * of docs/design/drawing.md, "Labels".
 */
#include "render/priv.h"

#define SCORE_PX 2.0
#define NOTE_ROW 38.0
#define DELIGHT_ROW 38.0
#define OBSTACLES_MAX 1024
#define SEGMENTS_MAX 512
#define NEVER 1e6
#define MEAN_PLACES 12

struct feeling {
	struct drawing *d;
	double top, zero;                    /* y of 100 and of 0 */
	struct box obstacles[OBSTACLES_MAX]; /* points, marks, leaders */
	size_t n_obstacles;
	struct {
		double x0, y0, x1, y1;
	} segments[SEGMENTS_MAX];
	size_t n_segments;
	double notes_y; /* common height of the notes */
	int note_rows;
	double low; /* lowest thing drawn */
};

struct candidate {
	double x, y;
	enum anchor anchor;
	double cost;
};

static double y_of(const struct feeling *f, double score)
{
	return f->zero - SCORE_PX * fmin(100, fmax(0, score));
}
static bool felt(const struct render_score *s)
{
	return (s->evidence == RENDER_MEASURED || s->evidence == RENDER_INFERRED) && isfinite(s->est);
}

static void add_obstacle(struct feeling *f, double x0, double y0, double x1, double y1)
{
	if (f->n_obstacles < OBSTACLES_MAX) f->obstacles[f->n_obstacles++] = (struct box){ x0, y0, x1, y1 };
}

static bool boxes_meet(struct box a, struct box b)
{
	return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/* How much of the segment runs inside the box, by its x range. */
static double crossing(struct box b, double x0, double y0, double x1, double y1)
{
	const double lo = fmax(b.x0, fmin(x0, x1)), hi = fmin(b.x1, fmax(x0, x1));
	if (lo >= hi) return 0;
	double inside = 0;
	for (int i = 0; i <= 8; i++) {
		const double x = lo + (hi - lo) * i / 8, y = y0 + (y1 - y0) * (x - x0) / (x1 - x0);
		if (y > b.y0 - 1 && y < b.y1 + 1) inside += (hi - lo) / 9;
	}
	return inside;
}

static double disturbance(const struct feeling *f, struct box b)
{
	const struct drawing *d = f->d;
	if (b.x0 < 8 || b.x1 > d->width - 8) return NEVER;
	double cost = b.x0 < 30 || b.x1 > d->width - 30 ? 20 : 0;
	if (!draw_free(f->d, b, 2)) cost += 1000;
	for (size_t i = 0; i < f->n_obstacles; i++)
		if (boxes_meet(b, f->obstacles[i])) cost += 120;
	for (size_t i = 0; i < f->n_segments; i++)
		cost += 2.5 * crossing(b, f->segments[i].x0, f->segments[i].y0, f->segments[i].x1, f->segments[i].y1);
	if (b.y1 > f->notes_y - 4 && f->note_rows > 0) cost += 60;
	return cost;
}

/* Draws at the best place; not at all when every place costs more than `most`. */
static bool place_label(struct feeling *f, const struct candidate *c, size_t n, const struct span *spans,
                        size_t n_spans, double most)
{
	size_t best = n;
	double best_cost = most;
	for (size_t i = 0; i < n; i++) {
		const struct box b = draw_text_box(f->d, c[i].x, c[i].y, c[i].anchor, spans, n_spans);
		const double cost = c[i].cost + disturbance(f, b);
		if (cost < best_cost) {
			best_cost = cost;
			best = i;
		}
	}
	if (best == n) return false;
	draw_spans(f->d, c[best].x, c[best].y, c[best].anchor, spans, n_spans);
	f->low = fmax(f->low, c[best].y + 4);
	return true;
}

static void draw_axis(struct feeling *f)
{
	struct drawing *d = f->d;
	const struct {
		int v;
		const char *cls;
	} rules[] = { { 100, "hair" }, { 70, "dot" }, { 50, "rule" }, { 40, "dot" }, { 0, "hair" } };
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		draw_line(d, 180, y_of(f, rules[i].v), d->width - 40, y_of(f, rules[i].v), rules[i].cls);
		draw_text(d, 166, y_of(f, rules[i].v) + 4, ANCHOR_END, (struct style){ 11, 400, INK3, false },
		          draw_int(d, rules[i].v));
	}
	for (int i = 0; i < 9; i++) {
		static const char *const classes[] = { "e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8" };
		draw_rect(d, 171, y_of(f, 100.0 * (i + 1) / 9), 6, SCORE_PX * 100 / 9, 0, classes[i]);
	}
	if (isfinite(d->map->mean))
		draw_line(d, 180, y_of(f, d->map->mean), d->width - 40, y_of(f, d->map->mean), "dash");
}

static void draw_band(struct feeling *f, double x0, const struct render_score *a, double x1,
                      const struct render_score *b)
{
	struct path p;
	path_begin(&p, f->d);
	path_move(&p, x0, y_of(f, a->hi80));
	path_to(&p, x1, y_of(f, b->hi80));
	path_to(&p, x1, y_of(f, b->lo80));
	path_to(&p, x0, y_of(f, a->lo80));
	path_close(&p);
	path_end(&p, "band", NULL);
}

static void draw_segment(struct feeling *f, double x0, double y0, double x1, double y1, const char *cls)
{
	struct path p;
	path_begin(&p, f->d);
	path_move(&p, x0, y0);
	path_to(&p, x1, y1);
	path_end(&p, cls, NULL);
	if (f->n_segments < SEGMENTS_MAX) {
		f->segments[f->n_segments].x0 = x0;
		f->segments[f->n_segments].y0 = y0;
		f->segments[f->n_segments].x1 = x1;
		f->segments[f->n_segments++].y1 = y1;
	}
}

static const struct render_score *main_score(const struct drawing *d, size_t step)
{
	const size_t main = d->columns[step].main;
	return main == NO_NODE ? NULL : &d->map->nodes[main].score;
}

static void draw_curves(struct feeling *f)
{
	struct drawing *d = f->d;
	const struct render_map *m = d->map;
	/* Branches first, they lie below. */
	for (size_t k = 0; k < m->n_nodes; k++) {
		const struct render_node *n = &m->nodes[k];
		if (k == d->columns[n->step].main || n->other || !felt(&n->score)) continue;
		const double x = d->columns[n->step].cx, y = y_of(f, n->score.est);
		const struct render_score *before = n->step > 0 ? main_score(d, n->step - 1) : NULL,
		                          *after = n->step + 1 < m->n_steps ? main_score(d, n->step + 1) : NULL;
		if (before && felt(before))
			draw_segment(f, d->columns[n->step - 1].cx, y_of(f, before->est), x, y, "cv2");
		if (after && felt(after)) draw_segment(f, x, y, d->columns[n->step + 1].cx, y_of(f, after->est), "cv2");
	}
	if (m->compare) {
		const struct render_compare *c = m->compare;
		for (size_t i = 0; i + 1 < m->n_steps; i++) {
			const size_t a = d->columns[i].main, b = d->columns[i + 1].main;
			if (a == NO_NODE || b == NO_NODE || !isfinite(c->est[a]) || !isfinite(c->est[b])) continue;
			draw_segment(f, d->columns[i].cx, y_of(f, c->est[a]), d->columns[i + 1].cx, y_of(f, c->est[b]),
			             "cv2");
		}
	}
	for (size_t i = 0; i + 1 < m->n_steps; i++) {
		const struct render_score *a = main_score(d, i), *b = main_score(d, i + 1);
		if (!a || !b || !felt(a) || !felt(b)) continue;
		const bool inferred = a->evidence == RENDER_INFERRED || b->evidence == RENDER_INFERRED;
		draw_band(f, d->columns[i].cx, a, d->columns[i + 1].cx, b);
		draw_segment(f, d->columns[i].cx, y_of(f, a->est), d->columns[i + 1].cx, y_of(f, b->est),
		             inferred ? "cvi" : "cv");
	}
	/* What a team believes has no curve; a dotted thread joins it where nothing else is on the map. */
	for (size_t i = 0; m->assumed_only && i + 1 < m->n_steps; i++) {
		const struct render_score *a = main_score(d, i), *b = main_score(d, i + 1);
		if (a && b && isfinite(a->assumed) && isfinite(b->assumed))
			draw_segment(f, d->columns[i].cx, y_of(f, a->assumed), d->columns[i + 1].cx,
			             y_of(f, b->assumed), "cva");
	}
}

static void draw_points(struct feeling *f)
{
	struct drawing *d = f->d;
	const struct render_map *m = d->map;
	static const char *const filled[] = { "pt e0", "pt e1", "pt e2", "pt e3", "pt e4",
		                              "pt e5", "pt e6", "pt e7", "pt e8" };
	if (m->compare)
		for (size_t i = 0; i < m->n_steps; i++) {
			const size_t k = d->columns[i].main;
			if (k == NO_NODE || !isfinite(m->compare->est[k])) continue;
			d->seen.compare = true;
			if (m->compare->different && m->compare->different[k]) d->compare_differs = true;
			const double y = y_of(f, m->compare->est[k]);
			draw_circle(d, d->columns[i].cx, y, 4, "cmp");
			add_obstacle(f, d->columns[i].cx - 5, y - 5, d->columns[i].cx + 5, y + 5);
		}
	for (size_t k = 0; k < m->n_nodes; k++) {
		const struct render_node *n = &m->nodes[k];
		const struct column *c = &d->columns[n->step];
		const struct render_score *s = &n->score;
		if (n->other) continue;
		if (isfinite(s->assumed) &&
		    (s->evidence == RENDER_ASSUMED || s->evidence == RENDER_NONE || k == c->main)) {
			const double y = y_of(f, s->assumed);
			draw_circle(d, c->cx, y, felt(s) ? 5 : 6.5, "bl");
			d->seen.assumed = true;
			add_obstacle(f, c->cx - 7, y - 7, c->cx + 7, y + 7);
		}
		if (!felt(s)) continue;
		const double y = y_of(f, s->est), hi = y_of(f, s->hi95), lo = y_of(f, s->lo95);
		draw_line(d, c->cx, hi, c->cx, lo, "wh");
		const bool inferred = s->evidence == RENDER_INFERRED;
		draw_circle(d, c->cx, y, inferred ? 6 : 6.5, inferred ? "hol" : filled[score_class(s->est)[1] - '0']);
		if (inferred) d->seen.inferred = true;
		else d->seen.measured = true;
		add_obstacle(f, c->cx - 7, fmin(hi, y - 7), c->cx + 7, fmax(lo, y + 7));
		f->low = fmax(f->low, fmax(lo, y + 7));
	}
}

/* --- marks and notes ------------------------------------------------------------------------------------- */

static void draw_mark(struct feeling *f, const struct render_mark *mark, double cx, double y)
{
	struct drawing *d = f->d;
	struct path p;
	path_begin(&p, d);
	if (mark->kind == RENDER_TRUTH) {
		path_move(&p, cx - 7, y + 7);
		path_to(&p, cx, y);
		path_to(&p, cx + 7, y + 7);
		path_to(&p, cx, y + 14);
		d->seen.truth = true;
	} else if (mark->kind == RENDER_PAIN) {
		path_move(&p, cx - 9, y);
		path_to(&p, cx + 9, y);
		path_to(&p, cx, y + 16);
		d->seen.pain = true;
	} else {
		path_move(&p, cx - 9, y + 16);
		path_to(&p, cx + 9, y + 16);
		path_to(&p, cx, y);
		d->seen.delight = true;
	}
	path_close(&p);
	path_end(&p, mark->kind == RENDER_TRUTH ? "fi" : mark->kind == RENDER_PAIN ? "fp" : "fd", NULL);
	if (mark->kind != RENDER_TRUTH)
		draw_text(d, cx, y + (mark->kind == RENDER_PAIN ? 9.5 : 14.5), ANCHOR_MIDDLE,
		          (struct style){ 11, 700, INK_ON, false }, draw_int(d, mark->rank));
	add_obstacle(f, cx - 9, y - 1, cx + 9, y + 17);
}

struct note {
	const struct render_mark *mark;
	double cx, x, w; /* words begin at x and are w wide */
	struct span title, detail;
	int row;
	bool before; /* words stand on the start side of the mark */
};

static struct str note_title(struct drawing *d, const struct render_mark *mark)
{
	const struct word_arg args[] = { ARG_INT("rank", mark->rank),
		                         ARG_TEXT("title", text_user(d->arena, mark->title)) };
	switch (mark->kind) {
	case RENDER_PAIN: return draw_wordsn(d, "render.pain", args, 2);
	case RENDER_DELIGHT: return draw_wordsn(d, "render.delight", args, 2);
	default: return draw_wordsn(d, "render.truth", args + 1, 1);
	}
}

static void measure_note(struct drawing *d, struct note *n, double max)
{
	const enum ink ink = n->mark->kind == RENDER_PAIN      ? INK_PAIN
	                     : n->mark->kind == RENDER_DELIGHT ? INK_DELIGHT
	                                                       : INK;
	const struct style title = { 13, 700, ink, true }, detail = { 12, 400, INK2, true };
	n->title =
	        (struct span){ text_cut(d->kit, d->arena, note_title(d, n->mark), title, d->rtl, max / 1.06), title };
	n->detail = (struct span){ draw_own(d, n->mark->detail, detail, max), detail };
	n->w = fmax(draw_spans_width(d, &n->title, 1), n->detail.text.len ? draw_spans_width(d, &n->detail, 1) : 0);
}

/*
 * From the end to the start, each note in the highest row where its words
 * end before the next mark of that row, and before the leaders that pass
 * through it to lower rows.
 */
static void set_rows(struct drawing *d, struct note *notes, size_t n, int *rows)
{
	*rows = 0;
	for (size_t i = n; i-- > 0;) {
		struct note *a = &notes[i];
		measure_note(d, a, 420);
		const double edge = d->width - 40;
		/* Past the page's edge the words go to the other side of the mark; what fits on neither is cut. */
		if (a->cx + 16 + a->w > edge) {
			a->before = a->w <= a->cx - 16 - 190 || edge - a->cx < a->cx - 190;
			measure_note(d, a, a->before ? a->cx - 16 - 190 : edge - a->cx - 16);
		}
		a->x = a->before ? a->cx - 16 - a->w : a->cx + 16;
		for (a->row = 0; a->row < *rows; a->row++) {
			bool fits = true;
			for (size_t k = i + 1; k < n && fits; k++) {
				const double left =
				        notes[k].row == a->row ? fmin(notes[k].x, notes[k].cx - 10) : notes[k].cx - 4;
				if (notes[k].row >= a->row && fmax(a->x + a->w, a->cx + 10) + 4 > left) fits = false;
			}
			if (fits) break;
		}
		if (a->row + 1 > *rows) *rows = a->row + 1;
	}
}

static void draw_note(struct feeling *f, struct note *n, double y)
{
	struct drawing *d = f->d;
	const struct render_score *s = &d->map->nodes[n->mark->node].score;
	const double from = felt(s)                ? y_of(f, s->est) + 8
	                    : isfinite(s->assumed) ? y_of(f, s->assumed) + 8
	                                           : y_of(f, 50);
	if (y - 3 > from) {
		draw_line(d, n->cx, from, n->cx, y - 3, n->mark->kind == RENDER_PAIN ? "lead" : "leadi");
		add_obstacle(f, n->cx - 2, from, n->cx + 2, y - 3);
	}
	draw_mark(f, n->mark, n->cx, y);
	const double x = n->before ? n->cx - 16 : n->cx + 16;
	const enum anchor anchor = n->before ? ANCHOR_END : ANCHOR_START;
	draw_spans(d, x, y + 11, anchor, &n->title, 1);
	draw_spans(d, x, y + 27, anchor, &n->detail, 1);
	f->low = fmax(f->low, y + 31);
}

/* Delights stand above the scale, on a row of their own. */
static void draw_delight(struct feeling *f, const struct render_mark *mark)
{
	struct drawing *d = f->d;
	const struct render_node *node = &d->map->nodes[mark->node];
	const double cx = d->columns[node->step].cx, top = f->top - DELIGHT_ROW;
	const double y = felt(&node->score) ? y_of(f, node->score.est) - 8 : y_of(f, 50);
	struct note n = { .mark = mark, .cx = cx };
	measure_note(d, &n, 420);
	n.before = cx + 16 + n.w > d->width - 40;
	if (n.before) measure_note(d, &n, cx - 16 - 190);
	const enum anchor anchor = n.before ? ANCHOR_END : ANCHOR_START;
	const double x = cx + (n.before ? -16 : 16);
	struct box words_box = draw_text_box(d, x, top + 12, anchor, &n.title, 1);
	words_box.y1 += 16;
	if (!draw_free(d, words_box, 2)) return;
	if (y > top + 20) {
		draw_line(d, cx, y, cx, top + 19, "leadd");
		add_obstacle(f, cx - 2, top + 18, cx + 2, y);
	}
	draw_mark(f, mark, cx, top);
	draw_spans(d, x, top + 12, anchor, &n.title, 1);
	draw_spans(d, x, top + 28, anchor, &n.detail, 1);
}

static int by_column(const void *a, const void *b)
{
	const double x = ((const struct note *)a)->cx, y = ((const struct note *)b)->cx;
	return x < y ? -1 : x > y;
}

/* Marks that are not written out stand at their point, below it or above. */
static void draw_small_marks(struct feeling *f)
{
	struct drawing *d = f->d;
	for (size_t i = 0; i < d->map->n_marks; i++) {
		const struct render_mark *mark = &d->map->marks[i];
		const struct render_node *n = &d->map->nodes[mark->node];
		if (mark->annotated || !felt(&n->score)) continue;
		const double cx = d->columns[n->step].cx, y = y_of(f, n->score.est),
		             hi = fmin(y_of(f, n->score.hi95), y - 8), lo = fmax(y_of(f, n->score.lo95), y + 8);
		const struct {
			double x, y;
		} at[] = { { cx, lo + 6 }, { cx, hi - 22 }, { cx + 22, y - 8 }, { cx - 22, y - 8 }, { cx, lo + 26 } };
		size_t best = 0;
		double best_cost = INFINITY;
		for (size_t k = 0; k < COUNT_OF(at); k++) {
			const double cost =
			        disturbance(f, (struct box){ at[k].x - 10, at[k].y, at[k].x + 10, at[k].y + 17 }) +
			        (double)k;
			if (cost < best_cost) {
				best_cost = cost;
				best = k;
			}
		}
		if (best_cost < 900) draw_mark(f, mark, at[best].x, at[best].y);
	}
}

/* --- labels ------------------------------------------------------------------------------------------------ */

static void label_point(struct feeling *f, const struct render_node *n, const struct column *c)
{
	struct drawing *d = f->d;
	const struct render_score *s = &n->score;
	const double y = y_of(f, s->est), hi = fmin(y_of(f, s->hi95), y - 7), lo = fmax(y_of(f, s->lo95), y + 7);
	const struct style faint = { 11, 400, INK3, true };
	const struct str note = s->evidence == RENDER_INFERRED
	                                ? draw_words(d, "evidence.inferred")
	                                : draw_words1(d, s->few ? WORDS_KEY("render.n.few") : WORDS_KEY("render.n"),
	                                              ARG_INT("n", s->n));
	const struct span spans[] = { { draw_score(d, s->est), { 14, 700, INK, true } }, { note, faint } };
	const struct candidate at[] = {
		{ c->cx, hi - 7, ANCHOR_MIDDLE, 0 },      { c->cx, lo + 17, ANCHOR_MIDDLE, 1 },
		{ c->cx + 13, y + 13, ANCHOR_START, 3 },  { c->cx + 12, y - 9, ANCHOR_START, 4 },
		{ c->cx - 12, y - 9, ANCHOR_END, 4 },     { c->cx - 13, y + 15, ANCHOR_END, 4 },
		{ c->cx - 32, hi - 7, ANCHOR_MIDDLE, 6 }, { c->cx + 32, hi - 7, ANCHOR_MIDDLE, 6 },
		{ c->cx, hi - 23, ANCHOR_MIDDLE, 9 },     { c->cx, lo + 33, ANCHOR_MIDDLE, 9 },
		{ c->cx + 13, y + 4, ANCHOR_START, 8 },   { c->cx - 13, y + 4, ANCHOR_END, 8 },
	};
	/* Few answers must be said, an inferred point is hollow already: without room n goes, the number stays. */
	if (!place_label(f, at, COUNT_OF(at), spans, 2, d->density == DENSITY_DENSE ? 60 : 260)) {
		if (!place_label(f, at, COUNT_OF(at), spans, 1, 900)) place_label(f, at, COUNT_OF(at), spans, 1, NEVER);
	}
}

static void label_assumed(struct feeling *f, const struct render_node *n, const struct column *c)
{
	struct drawing *d = f->d;
	const struct render_score *s = &n->score;
	const double y = y_of(f, s->assumed);
	/* Where nothing is measured every number is an assumed one: the head and the key say it once. */
	const struct span number =
	        d->map->assumed_only
	                ? (struct span){ draw_score(d, s->assumed), { 13, 600, INK2, true } }
	                : (struct span){ draw_words1(d, "render.assumed", ARG_TEXT("score", draw_score(d, s->assumed))),
		                         { 11, 400, INK2, true } };
	const struct str who = text_user(d->arena, s->assumed_by),
	                 when = s->assumed_ms ? words_day(&d->opt->locale, d->arena, s->assumed_ms) : (struct str){ 0 };
	const struct word_arg args[] = { ARG_TEXT("who", who), ARG_TEXT("when", when) };
	const struct span by = { who.len && when.len ? draw_wordsn(d, "render.who_when", args, 2)
		                                     : text_isolate(d->arena, who.len ? who : when, d->rtl),
		                 { 11, 400, INK3, true } };
	const struct candidate above[] = { { c->cx, y - 12, ANCHOR_MIDDLE, 0 },
		                           { c->cx, y + 20, ANCHOR_MIDDLE, 5 },
		                           { c->cx + 12, y + 4, ANCHOR_START, 9 },
		                           { c->cx - 12, y + 4, ANCHOR_END, 9 } };
	const struct candidate below[] = { { c->cx, y + 20, ANCHOR_MIDDLE, 0 },
		                           { c->cx, y + 34, ANCHOR_MIDDLE, 5 },
		                           { c->cx, y - 26, ANCHOR_MIDDLE, 6 } };
	const double most = felt(s) ? 40 : 500;
	place_label(f, above, COUNT_OF(above), &number, 1, most);
	if (!d->map->assumed_only && d->density != DENSITY_DENSE && by.text.len &&
	    draw_width(d, by.text, by.style) < c->w * 1.1)
		place_label(f, below, COUNT_OF(below), &by, 1, felt(s) ? 20 : 100);
}

/* Two dotted posts, what is missing, and how to mend it. */
static void draw_gap_posts(struct feeling *f, const struct column *c)
{
	struct drawing *d = f->d;
	const double half = fmin(38, c->w / 2 - 3), top = y_of(f, 59), bottom = y_of(f, 30);
	draw_line(d, c->cx - half, bottom, c->cx - half, top, "no");
	draw_line(d, c->cx + half, bottom, c->cx + half, top, "no");
	const struct style strong = { 11, 600, INK2, true }, weak = { 11, 400, INK3, true };
	const struct str none = text_cut(d->kit, d->arena, draw_words(d, "evidence.none"), strong, d->rtl, c->w - 4);
	draw_text(d, c->cx, y_of(f, 46), ANCHOR_MIDDLE, strong, none);
	const struct str ask = draw_words1(d, "render.ask_more", ARG_INT("n", 5));
	struct str lines[2];
	const size_t n = text_wrap(d->kit, d->arena, ask, weak, d->rtl, (c->w - 4) / 1.06, 2, lines);
	for (size_t i = 0; i < n; i++)
		draw_text(d, c->cx, y_of(f, 46) + 15 + 14 * (double)i, ANCHOR_MIDDLE, weak, lines[i]);
	add_obstacle(f, c->cx - half, top, c->cx + half, bottom);
}

static void label_compare(struct feeling *f)
{
	struct drawing *d = f->d;
	const struct render_compare *c = d->map->compare;
	if (!c || !c->different) return;
	for (size_t i = 0; i < d->map->n_steps; i++) {
		const size_t k = d->columns[i].main;
		if (k == NO_NODE || !c->different[k] || !isfinite(c->diff[k]) || !isfinite(c->est[k])) continue;
		const bool up = c->diff[k] >= 0;
		const double lo = fmin(fabs(c->diff_lo[k]), fabs(c->diff_hi[k])),
		             hi = fmax(fabs(c->diff_lo[k]), fabs(c->diff_hi[k]));
		const struct word_arg args[] = { ARG_TEXT("n", draw_score(d, fabs(c->diff[k]))),
			                         ARG_TEXT("range", draw_range(d, lo, hi)) };
		const struct span label = {
			draw_wordsn(d, up ? WORDS_KEY("render.compare.up") : WORDS_KEY("render.compare.down"), args, 2),
			{ 11, 600, INK2, true }
		};
		const double y = y_of(f, c->est[k]), cx = d->columns[i].cx;
		const struct candidate at[] = { { cx, y + 19, ANCHOR_MIDDLE, 0 },
			                        { cx, y - 11, ANCHOR_MIDDLE, 1 },
			                        { cx + 11, y + 4, ANCHOR_START, 2 },
			                        { cx - 11, y + 4, ANCHOR_END, 2 },
			                        { cx, y + 34, ANCHOR_MIDDLE, 4 } };
		place_label(f, at, COUNT_OF(at), &label, 1, 400);
	}
}

/* Where the dashed line is: at the start, at the end, or where two columns meet. */
static void label_mean(struct feeling *f)
{
	struct drawing *d = f->d;
	const struct render_map *m = d->map;
	if (!isfinite(m->mean)) return;
	const struct span label = { draw_words1(d, "render.mean", ARG_TEXT("score", draw_score(d, m->mean))),
		                    { 11, 400, INK3, true } };
	const double y = y_of(f, m->mean);
	struct candidate at[4 + 2 * MEAN_PLACES] = { { 186, y - 5, ANCHOR_START, 0 },
		                                     { 186, y + 13, ANCHOR_START, 1 },
		                                     { d->width - 44, y - 5, ANCHOR_END, 2 },
		                                     { d->width - 44, y + 13, ANCHOR_END, 3 } };
	size_t n = 4;
	for (size_t i = 0; i + 1 < m->n_steps && i < MEAN_PLACES; i++) {
		const double x = d->columns[i].x + d->columns[i].w;
		at[n++] = (struct candidate){ x, y - 5, ANCHOR_MIDDLE, 4 + (double)i };
		at[n++] = (struct candidate){ x, y + 13, ANCHOR_MIDDLE, 5 + (double)i };
	}
	place_label(f, at, n, &label, 1, 500);
}

/* The score of the journey as a whole has its own place: it belongs to no step. */
static void label_whole(struct feeling *f)
{
	struct drawing *d = f->d;
	const struct render_map *m = d->map;
	if (m->whole_n > 0 && isfinite(m->whole_est)) {
		const struct word_arg args[] = { ARG_TEXT("score", draw_score(d, m->whole_est)),
			                         ARG_TEXT("range", draw_range(d, m->whole_lo, m->whole_hi)),
			                         ARG_INT("n", m->whole_n) };
		const struct span label = { draw_wordsn(d, "render.whole", args, COUNT_OF(args)),
			                    { 12, 600, INK2, true } };
		const double right = d->width - 44, y = f->top - 8;
		const struct candidate at[] = { { right, y, ANCHOR_END, 0 },
			                        { 186, y, ANCHOR_START, 1 },
			                        { (d->x0 + d->x1) / 2, y, ANCHOR_MIDDLE, 2 },
			                        { right, f->zero + 16, ANCHOR_END, 4 },
			                        { 186, f->zero + 16, ANCHOR_START, 4 } };
		place_label(f, at, COUNT_OF(at), &label, 1, NEVER);
	}
}

void lane_feeling(struct drawing *d)
{
	const struct render_map *m = d->map;
	if (m->n_steps == 0) return;
	static _Thread_local struct feeling scratch;
	struct feeling *f = &scratch;
	*f = (struct feeling){ .d = d };
	draw_group(d, "feeling", "group", draw_words(d, "render.feeling.about"));
	draw_line(d, 40, d->y, d->width - 40, d->y, "hair");
	bool delight = false;
	for (size_t i = 0; i < m->n_marks; i++) delight |= m->marks[i].annotated && m->marks[i].kind == RENDER_DELIGHT;
	f->top = d->y + (delight ? DELIGHT_ROW + 10 : m->whole_n > 0 ? 34 : 24);
	f->zero = f->top + 100 * SCORE_PX;
	f->low = f->zero;

	bool any = false, any_assumed = false;
	double lowest = 100;
	for (size_t k = 0; k < m->n_nodes; k++) {
		const struct render_score *s = &m->nodes[k].score;
		any |= felt(s);
		any_assumed |= isfinite(s->assumed);
		if (felt(s) && !m->nodes[k].other) lowest = fmin(lowest, fmin(s->lo95, s->est - 8));
		else if (isfinite(s->assumed)) lowest = fmin(lowest, s->assumed - 10);
	}
	struct str subs[3] = { draw_words(d, "render.feeling.sub1") };
	if (any) {
		subs[1] = draw_words1(d, "render.feeling.sub2",
		                      ARG_TEXT("p", words_percent(&d->opt->locale, d->arena, 0.80, 0)));
		subs[2] = draw_words1(d, "render.feeling.sub3",
		                      ARG_TEXT("p", words_percent(&d->opt->locale, d->arena, 0.95, 0)));
	}
	draw_gutter(d, f->top + 2, "render.feeling", subs, any ? 3 : 1);

	struct note *notes = ARENA_ARRAY(d->arena, struct note, m->n_marks);
	if (!notes) {
		d->full = true;
		return;
	}
	size_t n_notes = 0;
	for (size_t i = 0; i < m->n_marks; i++)
		if (m->marks[i].annotated && m->marks[i].kind != RENDER_DELIGHT)
			notes[n_notes++] = (struct note){ .mark = &m->marks[i],
				                          .cx = d->columns[m->nodes[m->marks[i].node].step].cx };
	qsort(notes, n_notes, sizeof *notes, by_column);
	set_rows(d, notes, n_notes, &f->note_rows);
	/* Under the curve; inside the scale as long as nobody feels that low. */
	f->notes_y = fmax(f->top + 161, y_of(f, lowest) + 24);

	draw_axis(f);
	draw_curves(f);
	draw_points(f);
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct render_score *s = main_score(d, i);
		if (any && s && s->evidence == RENDER_NONE) draw_gap_posts(f, &d->columns[i]);
		else if (any && s && s->evidence == RENDER_ASSUMED && !m->assumed_only)
			draw_gap_posts(f, &d->columns[i]);
	}
	for (size_t i = 0; i < n_notes; i++) draw_note(f, &notes[i], f->notes_y + NOTE_ROW * notes[i].row);
	for (size_t i = 0; i < m->n_marks; i++)
		if (m->marks[i].annotated && m->marks[i].kind == RENDER_DELIGHT) draw_delight(f, &m->marks[i]);
	label_mean(f);
	draw_small_marks(f);
	for (size_t k = 0; k < m->n_nodes; k++)
		if (felt(&m->nodes[k].score) && !m->nodes[k].other)
			label_point(f, &m->nodes[k], &d->columns[m->nodes[k].step]);
	for (size_t k = 0; k < m->n_nodes; k++)
		if (isfinite(m->nodes[k].score.assumed) && !m->nodes[k].other &&
		    (k == d->columns[m->nodes[k].step].main || !felt(&m->nodes[k].score)))
			label_assumed(f, &m->nodes[k], &d->columns[m->nodes[k].step]);
	label_whole(f);
	label_compare(f);
	if (!any && !any_assumed) {
		const struct style st = { 13, 400, INK2, true };
		draw_text(
		        d, (180 + d->width - 40) / 2, y_of(f, 60), ANCHOR_MIDDLE, st,
		        text_cut(d->kit, d->arena, draw_words(d, "render.empty.feeling"), st, d->rtl, d->width - 240));
	}
	draw_group_end(d);
	d->y = fmax(f->zero + 26, f->low + 14);
}
