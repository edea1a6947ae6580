/*
 * The words on the flow's edges. Each label tries places along its edge,
 * above, below and on it; a place costs what it would cover and how far it is
 * from the middle. The strongest edges choose first; what finds no room is
 * shortened to its count, then left to the title and the table.
 */
#include "render/flow.h"

#define STEP 5.0 /* between the points at which lines are looked at */
#define CELL 24.0
#define TOO_MUCH 7.0
#define INSIDE 14.0 /* an edge as wide as this has room for words on itself */

struct spot {
	double x, y;
	size_t edge;
	double w;
};

struct labelling {
	struct flow_view *v;
	struct spot *spots; /* by cell */
	size_t *cells;      /* where each cell's spots begin; one more than there are cells */
	size_t columns, rows;
	double widest;
};

static size_t spots_of(const struct flow_line *l)
{
	double length = 0;
	for (size_t i = 0; i < l->n; i++)
		length += hypot(l->pieces[i].x[3] - l->pieces[i].x[0], l->pieces[i].y[3] - l->pieces[i].y[0]) + 8;
	return (size_t)(length / STEP) + 8;
}

static size_t clamp_cell(double at, size_t n)
{
	return at < 0 ? 0 : at >= CELL * (double)n ? n - 1 : (size_t)(at / CELL);
}

static size_t cell_of(const struct labelling *s, double x, double y)
{
	return clamp_cell(y, s->rows) * s->columns + clamp_cell(x, s->columns);
}

/* Points along all lines, sorted into cells so that a box looks at its neighbourhood only. */
static bool gather(struct labelling *s)
{
	const struct flow_view *v = s->v;
	size_t n = 0, k = 0;
	for (size_t e = 0; e < v->f->n_edges; e++) n += spots_of(&v->lines[e]) + 1;
	s->columns = (size_t)(v->d->width / CELL) + 1;
	s->rows = (size_t)(fmax(0, flow_bottom(v)) / CELL) + 1;
	struct spot *all = ARENA_ARRAY(v->d->arena, struct spot, n);
	s->spots = ARENA_ARRAY(v->d->arena, struct spot, n);
	s->cells = ARENA_ARRAY(v->d->arena, size_t, s->columns * s->rows + 2);
	if (!all || !s->spots || !s->cells) return false;
	for (size_t e = 0; e < v->f->n_edges; e++) {
		const size_t steps = spots_of(&v->lines[e]);
		s->widest = fmax(s->widest, v->lines[e].w);
		for (size_t i = 0; i <= steps; i++, k++) {
			all[k] = (struct spot){ .edge = e, .w = v->lines[e].w };
			flow_point(&v->lines[e], (double)i / (double)steps, &all[k].x, &all[k].y);
			s->cells[cell_of(s, all[k].x, all[k].y) + 2]++;
		}
	}
	for (size_t i = 2; i < s->columns * s->rows + 2; i++) s->cells[i] += s->cells[i - 1];
	for (size_t i = 0; i < n; i++) s->spots[s->cells[cell_of(s, all[i].x, all[i].y) + 1]++] = all[i];
	return true;
}

/* Whether a bar, or the paper's edge, stands in the box. */
static bool blocked(const struct flow_view *v, struct box b)
{
	if (b.x0 < 6 || b.x1 > v->d->width - 6) return true;
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		const double x = flow_x(v, i), y = v->g.items[i].y, half = v->bars[i] / 2;
		if (b.x0 < x + 7 && b.x1 > x - 7 && b.y0 < y + half + 2 && b.y1 > y - half - 2) return true;
	}
	return false;
}

/* How many points of other lines the box would cover. */
static double covered(const struct labelling *s, struct box b, size_t own)
{
	const double reach = s->widest / 2 + 1;
	const size_t c0 = clamp_cell(b.x0 - 2, s->columns), c1 = clamp_cell(b.x1 + 2, s->columns),
	             r0 = clamp_cell(b.y0 - reach, s->rows), r1 = clamp_cell(b.y1 + reach, s->rows);
	double sum = 0;
	for (size_t r = r0; r <= r1; r++)
		for (size_t i = s->cells[r * s->columns + c0]; i < s->cells[r * s->columns + c1 + 1]; i++) {
			const struct spot *p = &s->spots[i];
			if (p->edge != own && p->x >= b.x0 - 2 && p->x <= b.x1 + 2 && p->y + p->w / 2 >= b.y0 - 1 &&
			    p->y - p->w / 2 <= b.y1 + 1)
				sum += 1;
		}
	return sum;
}

struct choice {
	double x, y, cost;
	bool inside; /* on its own wide edge */
};

/* A text, half of what it is wide at most in a browser, and the edge that it speaks of. */
struct label {
	struct span span;
	double half;
	size_t own;
};

static struct label label_of(const struct labelling *s, struct str text, struct style st, size_t own)
{
	struct label l = { { text, st }, 0, own };
	l.half = draw_spans_width(s->v->d, &l.span, 1) * 0.53;
	return l;
}

static void try_at(const struct labelling *s, const struct label *l, double x, double y, double extra, bool inside,
                   struct choice *best)
{
	if (extra >= best->cost) return;
	const struct box b = { x - l->half, y - 0.78 * l->span.style.size, x + l->half, y + 0.24 * l->span.style.size };
	if (blocked(s->v, b)) return;
	const double cost = covered(s, b, l->own) + extra;
	if (cost < best->cost && draw_free(s->v->d, b, 2)) *best = (struct choice){ x, y, cost, inside };
}

static bool put_best(const struct labelling *s, struct label *l, const struct choice *best)
{
	if (best->cost >= TOO_MUCH) return false;
	l->span.style.halo = !best->inside;
	draw_spans(s->v->d, best->x, best->y, ANCHOR_MIDDLE, &l->span, 1);
	return true;
}

static double slope_at(const struct flow_line *line, double t)
{
	double x0, y0, x1, y1;
	flow_point(line, fmax(0, t - 0.02), &x0, &y0);
	flow_point(line, fmin(1, t + 0.02), &x1, &y1);
	return fabs(y1 - y0) / fmax(1, fabs(x1 - x0));
}

/* The best place for a text along an edge; false when each covers too much. */
static bool put_along(struct labelling *s, size_t e, struct str text)
{
	static const double places[] = { 0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82 };
	const struct flow_line *line = &s->v->lines[e];
	const struct style st = { 11, line->strong ? 600 : 400, line->strong ? INK : INK2, true };
	struct label l = label_of(s, text, st, e);
	struct choice best = { 0, 0, TOO_MUCH, false };
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		double x, y;
		flow_point(line, places[i], &x, &y);
		const double off = line->w / 2, far = fabs(places[i] - 0.5) * 6;
		/* On a wide edge the words stay within it; on a thin one they stand across a steep line, not along it.
		 */
		const double slope = slope_at(line, places[i]);
		const bool inside = line->w >= INSIDE && slope * l.half < (line->w - 12) / 2 + 2;
		try_at(s, &l, x, y + 4, far + (inside ? 0 : slope > 0.5 ? 2.5 : 5.5), inside, &best);
		try_at(s, &l, x, y - off - 4, far + 0.2, false, &best);
		try_at(s, &l, x, y + off + 12, far + 0.7, false, &best);
	}
	return put_best(s, &l, &best);
}

/* A loop's words stand over it. */
static bool put_over(struct labelling *s, size_t e, struct str text)
{
	static const double places[] = { 0.5, 0.4, 0.6, 0.3, 0.7 };
	struct label l = label_of(s, text, (struct style){ 11, 400, INK2, true }, e);
	struct choice best = { 0, 0, TOO_MUCH, false };
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		double x, y;
		flow_point(&s->v->lines[e], places[i], &x, &y);
		const double far = fabs(places[i] - 0.5) * 6;
		for (int k = 0; k < 3; k++) try_at(s, &l, x, y - 5 - 6 * k, far + 0.5 * k, false, &best);
		try_at(s, &l, x, y + 13, far + 1.5, false, &best);
		try_at(s, &l, x, y + 4, far + (slope_at(&s->v->lines[e], places[i]) > 0.5 ? 2.5 : 5.5), false, &best);
	}
	return put_best(s, &l, &best);
}

static void put_edge(struct labelling *s, size_t e)
{
	struct drawing *d = s->v->d;
	const struct render_flow_edge *edge = &s->v->f->edges[e];
	const enum flow_kind kind = s->v->g.ways[e].kind;
	const struct word_arg n = ARG_INT("n", edge->count);
	const bool loop = kind == FLOW_SELF || kind == FLOW_BACK, timed = isfinite(edge->p50_ms);
	const struct str parts[] = {
		kind == FLOW_SELF   ? draw_words1(d, "render.loop.again", n)
		: kind == FLOW_BACK ? draw_words1(d, "render.loop.back", n)
		                    : draw_int(d, edge->count),
		timed ? words_duration(&d->opt->locale, d->arena, edge->p50_ms) : (struct str){ 0 },
	};
	for (size_t k = timed ? 2 : 1; k > 0; k--) {
		const struct str text = draw_join(d, parts, k);
		if (loop ? put_over(s, e, text) : put_along(s, e, text)) return;
	}
}

/* "16,600 start here" beside the mark, or over it. */
static void put_mark(struct labelling *s, size_t node, bool start)
{
	struct flow_view *v = s->v;
	const struct flow_mark *m = start ? &v->starts[node] : &v->ends[node];
	if (m->w <= 0) return;
	const struct word_arg n = ARG_INT("n", start ? v->f->nodes[node].starts : v->f->nodes[node].ends);
	const struct str text =
	        draw_words1(v->d, start ? WORDS_KEY("render.starts_here") : WORDS_KEY("render.flow.ends"), n);
	struct label l = label_of(s, text, (struct style){ 11, 400, INK2, true }, NO_NODE);
	const double side = start ? -1 : 1, x = flow_x(v, node);
	struct choice best = { 0, 0, TOO_MUCH, false };
	static const double ups[] = { 0, 1, -1, 2, -2 };
	for (size_t i = 0; i < COUNT_OF(ups); i++) {
		const double y = m->y + 4 + ups[i] * (m->w / 2 + 9) * -side;
		try_at(s, &l, x + side * (12 + l.half), y, (double)i * 0.6, false, &best);
		try_at(s, &l, x + side * (30 + l.half), y, (double)i * 0.6 + 1, false, &best);
	}
	put_best(s, &l, &best);
}

struct turn { /* whose words come next */
	enum { TURN_EDGE, TURN_START, TURN_END } kind;
	size_t of;
	int64_t count;
};

static int by_turn(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;
	if (x->count != y->count) return x->count > y->count ? -1 : 1;
	if (x->kind != y->kind) return x->kind > y->kind ? -1 : 1;
	return x->of < y->of ? -1 : x->of > y->of;
}

void flow_draw_labels(struct flow_view *v)
{
	struct labelling s = { .v = v };
	const struct render_flow *f = v->f;
	struct turn *turns = ARENA_ARRAY(v->d->arena, struct turn, f->n_edges + 2 * f->n_nodes);
	if (!turns || !gather(&s)) {
		v->d->full = true;
		return;
	}
	size_t n = 0;
	for (size_t e = 0; e < f->n_edges; e++) turns[n++] = (struct turn){ TURN_EDGE, e, f->edges[e].count };
	for (size_t i = 0; i < f->n_nodes; i++) {
		turns[n++] = (struct turn){ TURN_START, i, f->nodes[i].starts };
		turns[n++] = (struct turn){ TURN_END, i, f->nodes[i].ends };
	}
	qsort(turns, n, sizeof *turns, by_turn);
	for (size_t i = 0; i < n; i++) {
		if (turns[i].kind == TURN_EDGE) put_edge(&s, turns[i].of);
		else put_mark(&s, turns[i].of, turns[i].kind == TURN_START);
	}
}
