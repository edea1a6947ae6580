/* The marks of the flow: ribbons, loops, bars with their names, and who starts and ends where. */
#include "render/flow.h"

#define STUB 30.0
#define THIN 2.0
#define ARROW 6.0

void flow_path(struct path *p, const struct flow_line *l)
{
	path_move(p, l->pieces[0].x[0], l->pieces[0].y[0]);
	for (size_t i = 0; i < l->n; i++) {
		const struct flow_cubic *c = &l->pieces[i];
		path_curve(p, c->x[1], c->y[1], c->x[2], c->y[2], c->x[3], c->y[3]);
	}
}

static void put_line(struct flow_view *v, const struct flow_line *l, const char *cls, double width)
{
	struct path p;
	struct buf b;
	path_begin(&p, v->d);
	flow_path(&p, l);
	buf_init(&b, KIB);
	if (width > 0) {
		buf_str(&b, STR("stroke-width=\""));
		svg_number(&b, width);
		buf_byte(&b, '"');
	}
	const struct str attributes = str_copy(v->d->arena, buf_view(&b));
	const char *z = str_z(v->d->arena, attributes);
	buf_done(&b);
	path_end(&p, cls, width > 0 ? z : NULL);
}

/* A triangle whose tip is at (x, y), pointing along (dx, dy), one of which is 0. */
static void put_arrow(struct flow_view *v, double x, double y, double dx, double dy, const char *cls)
{
	struct path p;
	path_begin(&p, v->d);
	path_move(&p, x, y);
	path_to(&p, x - dx * ARROW - dy * ARROW * 0.55, y - dy * ARROW - dx * ARROW * 0.55);
	path_to(&p, x - dx * ARROW + dy * ARROW * 0.55, y - dy * ARROW + dx * ARROW * 0.55);
	path_close(&p);
	path_end(&p, cls, NULL);
}

static void put_head(struct flow_view *v, size_t e)
{
	const struct flow_line *l = &v->lines[e];
	const struct flow_cubic *end = &l->pieces[l->n - 1];
	const double x = end->x[3], y = end->y[3];
	switch (v->g.ways[e].kind) {
	case FLOW_FORWARD: put_arrow(v, x - 0.5, y, 1, 0, "fah"); break;
	case FLOW_LEVEL: put_arrow(v, x + 0.5, y, -1, 0, "fah"); break;
	case FLOW_BACK:
	case FLOW_SELF: put_arrow(v, x, y + ARROW, 0, 1, "fah"); break;
	}
}

static int by_width(const void *a, const void *b, void *view)
{
	const struct flow_view *v = view;
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const double wx = v->lines[x].w, wy = v->lines[y].w;
	if (wx > wy || wx < wy) return wx > wy ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* A start fades in from where reading starts, an end fades out; between them a count makes the width. */
static void put_stubs(struct flow_view *v)
{
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		const double x = flow_x(v, i);
		const struct flow_mark *s = &v->starts[i], *t = &v->ends[i];
		if (s->w > 0) draw_rect(v->d, x - FLOW_BAR_W / 2 - STUB, s->y - s->w / 2, STUB, s->w, 0, "fst");
		if (t->w > 0) draw_rect(v->d, x + FLOW_BAR_W / 2, t->y - t->w / 2, STUB, t->w, 0, "fen");
	}
}

/* Wide ones below; each stands off from what it crosses by an edge of paper. */
void flow_draw_lines(struct flow_view *v)
{
	size_t *order = ARENA_ARRAY(v->d->arena, size_t, v->f->n_edges);
	if (!order) {
		v->d->full = true;
		return;
	}
	for (size_t e = 0; e < v->f->n_edges; e++) order[e] = e;
	qsort_r(order, v->f->n_edges, sizeof *order, by_width, v);
	put_stubs(v);
	for (size_t i = 0; i < v->f->n_edges; i++) {
		const size_t e = order[i];
		const struct flow_line *l = &v->lines[e];
		if (l->w > 0) {
			put_line(v, l, "fca", l->w + 1.6);
			put_line(v, l, l->strong ? "fem" : l->w < THIN ? "fth" : "fe", l->w);
		} else {
			put_line(v, l, "fca", 3.4);
			put_line(v, l, "fbk", 0);
		}
	}
	for (size_t e = 0; e < v->f->n_edges; e++) put_head(v, e);
}

static const char *bar_class(const struct render_flow_node *n)
{
	static const char *const filled[] = { "e0 fno", "e1 fno", "e2 fno", "e3 fno", "e4 fno",
		                              "e5 fno", "e6 fno", "e7 fno", "e8 fno" };
	return n->score.evidence == RENDER_MEASURED ? filled[score_class(n->score.est)[1] - '0'] : "nd fno";
}

void flow_draw_nodes(struct flow_view *v)
{
	struct drawing *d = v->d;
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		const double x = flow_x(v, i), y = v->g.items[i].y, half = v->bars[i] / 2;
		draw_rect(d, x - FLOW_BAR_W / 2, y - half, FLOW_BAR_W, 2 * half, 2, bar_class(&v->f->nodes[i]));
	}
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		const struct flow_name *name = &v->names[i];
		const double x = flow_x(v, i);
		double y = v->g.items[i].y + v->bars[i] / 2 + 15;
		for (size_t k = 0; k < name->n; k++, y += 14)
			draw_text(d, x, y, ANCHOR_MIDDLE, (struct style){ 12, v->strong[i] ? 700 : 600, INK, true },
			          name->lines[k]);
		draw_text(d, x, y, ANCHOR_MIDDLE, (struct style){ 11, 400, INK3, true }, name->count);
	}
}
