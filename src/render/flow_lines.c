/* From a graph in layers to curves: how high each bar is, where each edge leaves and arrives, and its way. */
#include "render/flow.h"

#define BAR_TALLEST 64.0
#define EDGE_WIDEST 30.0
#define EDGE_THINNEST 1.2
#define LINE_NAME 14.0
#define HOOK 26.0 /* how far above its bar an edge that runs back leaves and arrives */

static const struct style name_style = { 12, 600, INK, true };

double flow_x(const struct flow_view *v, size_t node)
{
	return v->x0 + v->pitch * (double)v->g.items[node].layer;
}

struct str flow_name_of(const struct flow_view *v, size_t node)
{
	const struct render_flow_node *n = &v->f->nodes[node];
	return text_user(v->d->arena, n->name.len ? n->name : n->key);
}

/* --- names, heights, rooms ----------------------------------------------------------------------------- */

static void set_name(struct flow_view *v, size_t node)
{
	struct drawing *d = v->d;
	const struct render_flow_node *n = &v->f->nodes[node];
	struct flow_name *name = &v->names[node];
	struct str lines[4];
	name->n = text_wrap(d->kit, d->arena, flow_name_of(v, node), name_style, d->rtl, (v->pitch - 12) / 1.06, 2,
	                    lines);
	for (size_t i = 0; i < name->n; i++) name->lines[i] = text_isolate(d->arena, lines[i], d->rtl);
	struct str parts[2] = { draw_int(d, n->count), { 0 } };
	if (n->score.evidence == RENDER_MEASURED)
		parts[1] = draw_words1(d, "render.flow.feels", ARG_TEXT("score", draw_score(d, n->score.est)));
	name->count = draw_join(d, parts, COUNT_OF(parts));
}

/* One linear scale. A bar is as high as the visits that came from elsewhere or began here; what happens again in place
 * is its loop's. */
static void set_scale(struct flow_view *v, int64_t *visits)
{
	const struct render_flow *f = v->f;
	int64_t most = 1, widest = 1;
	for (size_t i = 0; i < f->n_nodes; i++) visits[i] = f->nodes[i].count;
	for (size_t e = 0; e < f->n_edges; e++) {
		if (f->edges[e].from == f->edges[e].to) visits[f->edges[e].to] -= f->edges[e].count;
		else if (f->edges[e].count > widest) widest = f->edges[e].count;
	}
	for (size_t i = 0; i < f->n_nodes; i++) most = visits[i] > most ? visits[i] : most;
	v->scale = fmin(BAR_TALLEST / (double)most, EDGE_WIDEST / (double)widest);
}

static bool has_loop(const struct flow_view *v, size_t node, enum flow_kind kind)
{
	for (size_t e = 0; e < v->f->n_edges; e++)
		if (v->g.ways[e].kind == kind && (v->f->edges[e].from == node || v->f->edges[e].to == node))
			return true;
	return false;
}

static void set_rooms(struct flow_view *v)
{
	for (size_t i = 0; i < v->g.n_items; i++) {
		struct flow_item *it = &v->g.items[i];
		if (it->node == NO_NODE) {
			/* Words fit between two edges that pass by. */
			it->above = fmax(v->lines[it->edge].w, 2) / 2 + 9;
			it->below = fmax(v->lines[it->edge].w, 2) / 2 + 2;
			continue;
		}
		const double half = v->bars[i] / 2;
		const bool loops = has_loop(v, i, FLOW_SELF) || has_loop(v, i, FLOW_BACK);
		it->above = half + (loops ? FLOW_LOOP_RISE + 14 : 10);
		it->below = half + 16 + LINE_NAME * (double)v->names[i].n + 4;
	}
}

/* --- ports ------------------------------------------------------------------------------------------- */

struct port {
	size_t edge;
	double *offset, w;
	double key; /* the order from the top */
};

static int by_key(const void *a, const void *b)
{
	const struct port *x = a, *y = b;
	if (x->key < y->key || x->key > y->key) return x->key < y->key ? -1 : 1;
	return x->edge < y->edge ? -1 : x->edge > y->edge;
}

/* Stacks one side of a bar around its middle; what is together higher than the bar is pushed together. */
static void stack(struct port *ports, size_t n, double bar)
{
	double all = 0;
	for (size_t i = 0; i < n; i++) all += ports[i].w;
	const double squeeze = all > bar ? bar / all : 1;
	double at = -all * squeeze / 2;
	qsort(ports, n, sizeof *ports, by_key);
	for (size_t i = 0; i < n; i++) {
		*ports[i].offset = at + ports[i].w * squeeze / 2;
		at += ports[i].w * squeeze;
	}
}

/* Where an edge meets its two bars, from their centres. */
struct ends {
	double from, to;
};

static bool set_ports(struct flow_view *v, struct ends *ends)
{
	const struct flow_graph *g = &v->g;
	struct port *in = ARENA_ARRAY(v->d->arena, struct port, v->f->n_edges + 1),
	            *out = ARENA_ARRAY(v->d->arena, struct port, 2 * v->f->n_edges + 1);
	if (!in || !out) return false;
	for (size_t node = 0; node < v->f->n_nodes; node++) {
		size_t n_in = 0, n_out = 0;
		for (size_t e = 0; e < v->f->n_edges; e++) {
			const struct render_flow_edge *edge = &v->f->edges[e];
			const struct flow_way *way = &g->ways[e];
			const double w = v->lines[e].w;
			if (way->kind == FLOW_FORWARD && edge->to == node)
				in[n_in++] = (struct port){
					e, &ends[e].to, w,
					(double)g->items[g->links[way->link + way->n_links - 1].low].at
				};
			if (way->kind == FLOW_FORWARD && edge->from == node)
				out[n_out++] = (struct port){ e, &ends[e].from, w,
					                      (double)g->items[g->links[way->link].high].at };
			/* Between nodes of one layer an edge leaves and arrives outside of all others. */
			if (way->kind == FLOW_LEVEL && (edge->from == node || edge->to == node)) {
				const bool here = edge->from == node;
				const bool up = g->items[here ? edge->to : edge->from].at < g->items[node].at;
				out[n_out++] = (struct port){ e, here ? &ends[e].from : &ends[e].to, w,
					                      up ? -1 : (double)g->n_items };
			}
		}
		if (v->starts[node].w > 0) in[n_in++] = (struct port){ 0, &v->starts[node].y, v->starts[node].w, -2 };
		if (v->ends[node].w > 0)
			out[n_out++] = (struct port){ 0, &v->ends[node].y, v->ends[node].w, (double)g->n_items + 1 };
		stack(in, n_in, v->bars[node]);
		stack(out, n_out, v->bars[node]);
	}
	for (size_t e = 0; e < v->f->n_edges; e++) {
		const struct flow_way *way = &g->ways[e];
		if (way->n_links == 0) continue;
		struct flow_link *first = &g->links[way->link], *last = &g->links[way->link + way->n_links - 1];
		if (way->kind == FLOW_FORWARD) {
			first->off_low = ends[e].from;
			last->off_high = ends[e].to;
		} else {
			first->off_low = -v->bars[v->f->edges[e].to] / 2 - HOOK;
			last->off_high = -v->bars[v->f->edges[e].from] / 2 - HOOK;
		}
	}
	return true;
}

/* --- curves ------------------------------------------------------------------------------------------- */

/* The slope at a point between two pieces that keeps the curve from swinging out (Fritsch and Butland 1984). */
static double slope_at(double before, double after)
{
	return before * after <= 0 ? 0 : 2 * before * after / (before + after);
}

static struct flow_cubic piece(double x0, double y0, double s0, double x1, double y1, double s1)
{
	const double reach = (x1 - x0) * 0.45;
	return (struct flow_cubic){ { x0, x0 + reach, x1 - reach, x1 }, { y0, y0 + s0 * reach, y1 - s1 * reach, y1 } };
}

static void set_forward(struct flow_view *v, size_t e, const struct ends *ends)
{
	const struct flow_way *way = &v->g.ways[e];
	const struct render_flow_edge *edge = &v->f->edges[e];
	struct flow_line *l = &v->lines[e];
	double x0 = flow_x(v, edge->from) + FLOW_BAR_W / 2, y0 = v->g.items[edge->from].y + ends->from, s0 = 0;
	for (size_t i = 0; i < way->n_links; i++) {
		const bool last = i + 1 == way->n_links;
		const struct flow_item *to = &v->g.items[v->g.links[way->link + i].high];
		const double x1 = last ? flow_x(v, edge->to) - FLOW_BAR_W / 2 : v->x0 + v->pitch * (double)to->layer,
		             y1 = to->y + (last ? ends->to : 0);
		double s1 = 0;
		if (!last) {
			const bool ends_next = i + 2 == way->n_links;
			const double y2 = v->g.items[v->g.links[way->link + i + 1].high].y + (ends_next ? ends->to : 0);
			s1 = slope_at((y1 - y0) / (x1 - x0), (y2 - y1) / v->pitch);
		}
		l->pieces[i] = piece(x0, y0, s0, x1, y1, s1);
		x0 = x1;
		y0 = y1;
		s0 = s1;
	}
	l->n = way->n_links;
}

/* Up from the bar, over the places where it passes by, and down on the other bar. */
static void set_back(struct flow_view *v, size_t e)
{
	const struct flow_way *way = &v->g.ways[e];
	const struct render_flow_edge *edge = &v->f->edges[e];
	struct flow_line *l = &v->lines[e];
	const double xs = flow_x(v, edge->from) - 1, ys = v->g.items[edge->from].y - v->bars[edge->from] / 2 - 1,
	             xt = flow_x(v, edge->to) + 1, yt = v->g.items[edge->to].y - v->bars[edge->to] / 2 - 7;
	l->n = way->n_links;
	if (way->n_links == 1) {
		const double top = fmin(ys, yt) - FLOW_LOOP_RISE;
		l->pieces[0] = (struct flow_cubic){ { xs, xs, xt, xt }, { ys, top, top, yt } };
		return;
	}
	double x0 = xs, y0 = ys, s0 = 0;
	for (size_t i = 0; i < way->n_links; i++) {
		/* The links run from the end of this edge to its start. */
		const struct flow_item *to = &v->g.items[v->g.links[way->link + way->n_links - 1 - i].low];
		const bool last = i + 1 == way->n_links;
		const double x1 = last ? xt : v->x0 + v->pitch * (double)to->layer, y1 = last ? yt : to->y;
		double s1 = 0;
		if (!last && i + 2 < way->n_links && i > 0) {
			const double y2 = v->g.items[v->g.links[way->link + way->n_links - 2 - i].low].y;
			s1 = slope_at((y1 - y0) / (x1 - x0), (y1 - y2) / v->pitch);
		}
		l->pieces[i] = piece(x0, y0, s0, x1, y1, s1);
		if (i == 0) {
			l->pieces[i].x[1] = x0;
			l->pieces[i].y[1] = fmin(y0, y1) - HOOK;
		}
		if (last) {
			l->pieces[i].x[2] = x1;
			l->pieces[i].y[2] = fmin(y0, y1) - HOOK;
		}
		x0 = x1;
		y0 = y1;
		s0 = s1;
	}
}

static void set_level(struct flow_view *v, size_t e, const struct ends *ends)
{
	const struct render_flow_edge *edge = &v->f->edges[e];
	struct flow_line *l = &v->lines[e];
	const double x = flow_x(v, edge->from) + FLOW_BAR_W / 2, y0 = v->g.items[edge->from].y + ends->from,
	             y1 = v->g.items[edge->to].y + ends->to;
	const double out = x + fmin(v->pitch * 0.5, 24 + fabs(y1 - y0) * 0.12);
	l->pieces[0] = (struct flow_cubic){ { x, out, out, x + 1 }, { y0, y0, y1, y1 } };
	l->n = 1;
}

static void set_self(struct flow_view *v, size_t e)
{
	const double x = flow_x(v, v->f->edges[e].from),
	             top = v->g.items[v->f->edges[e].from].y - v->bars[v->f->edges[e].from] / 2;
	v->lines[e].pieces[0] =
	        (struct flow_cubic){ { x + 4, x + 20, x - 20, x - 4 }, { top - 1, top - 44, top - 44, top - 7 } };
	v->lines[e].n = 1;
}

void flow_point(const struct flow_line *l, double t, double *x, double *y)
{
	const double at = t * (double)l->n;
	size_t i = (size_t)at;
	if (i >= l->n) i = l->n - 1;
	const struct flow_cubic *c = &l->pieces[i];
	const double s = at - (double)i, u = 1 - s;
	const double b[4] = { u * u * u, 3 * u * u * s, 3 * u * s * s, s * s * s };
	*x = b[0] * c->x[0] + b[1] * c->x[1] + b[2] * c->x[2] + b[3] * c->x[3];
	*y = b[0] * c->y[0] + b[1] * c->y[1] + b[2] * c->y[2] + b[3] * c->y[3];
}

/* --- all of it ---------------------------------------------------------------------------------------- */

/* From where most begin, always the strongest way on, until more end there than go on. */
static void set_strong(struct flow_view *v)
{
	const struct render_flow *f = v->f;
	size_t at = NO_NODE;
	for (size_t i = 0; i < f->n_nodes; i++)
		if (f->nodes[i].starts > 0 && (at == NO_NODE || f->nodes[i].starts > f->nodes[at].starts)) at = i;
	while (at != NO_NODE) {
		v->strong[at] = true;
		size_t best = NO_NODE;
		for (size_t e = 0; e < f->n_edges; e++)
			if (f->edges[e].from == at && !v->strong[f->edges[e].to] &&
			    (best == NO_NODE || f->edges[e].count > f->edges[best].count))
				best = e;
		if (best == NO_NODE || f->edges[best].count < f->nodes[at].ends) return;
		v->lines[best].strong = true;
		at = f->edges[best].to;
	}
}

static struct flow_mark mark_of(const struct flow_view *v, int64_t n, bool marked)
{
	return (struct flow_mark){ .w = marked && n > 0 ? fmax(EDGE_THINNEST, (double)n * v->scale) : 0 };
}

static bool set_sizes(struct flow_view *v)
{
	const struct render_flow *f = v->f;
	int64_t *visits = ARENA_ARRAY(v->d->arena, int64_t, f->n_nodes);
	if (!visits) return false;
	set_scale(v, visits);
	for (size_t i = 0; i < f->n_nodes; i++) {
		v->bars[i] = fmax(FLOW_BAR_MIN, (double)visits[i] * v->scale);
		v->starts[i] = mark_of(v, f->nodes[i].starts, f->nodes[i].start_mark);
		v->ends[i] = mark_of(v, f->nodes[i].ends, f->nodes[i].end_mark);
		set_name(v, i);
	}
	for (size_t e = 0; e < f->n_edges; e++) {
		const struct flow_way *way = &v->g.ways[e];
		struct flow_line *l = &v->lines[e];
		l->pieces = ARENA_ARRAY(v->d->arena, struct flow_cubic, way->n_links + 1);
		if (!l->pieces) return false;
		if (way->kind == FLOW_FORWARD || way->kind == FLOW_LEVEL)
			l->w = fmax(EDGE_THINNEST, (double)f->edges[e].count * v->scale);
	}
	return true;
}

static void set_curves(struct flow_view *v, const struct ends *ends)
{
	for (size_t e = 0; e < v->f->n_edges; e++) switch (v->g.ways[e].kind) {
		case FLOW_FORWARD: set_forward(v, e, &ends[e]); break;
		case FLOW_LEVEL: set_level(v, e, &ends[e]); break;
		case FLOW_BACK: set_back(v, e); break;
		case FLOW_SELF: set_self(v, e); break;
		}
}

#define SAMPLES 12

/* Highest (sign -1) or lowest (sign 1) point of anything. */
static double extreme(const struct flow_view *v, double sign)
{
	double out = -INFINITY;
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		const struct flow_item *it = &v->g.items[i];
		out = fmax(out, sign > 0 ? it->y + it->below : -(it->y - it->above));
	}
	for (size_t e = 0; e < v->f->n_edges; e++)
		for (size_t k = 0; k <= SAMPLES * v->lines[e].n; k++) {
			double x, y;
			flow_point(&v->lines[e], (double)k / (double)(SAMPLES * v->lines[e].n), &x, &y);
			out = fmax(out, sign * y + v->lines[e].w / 2);
		}
	return sign * out;
}

double flow_bottom(const struct flow_view *v)
{
	return v->f->n_nodes ? extreme(v, 1) : 0;
}

bool flow_lines(struct flow_view *v, double top)
{
	struct ends *ends = ARENA_ARRAY(v->d->arena, struct ends, v->f->n_edges);
	if (!ends || !set_sizes(v)) return false;
	set_rooms(v);
	if (!set_ports(v, ends) || !flow_place(&v->g)) return false;
	set_strong(v);
	set_curves(v, ends);
	if (v->f->n_nodes == 0) return true;
	const double shift = top - extreme(v, -1);
	for (size_t i = 0; i < v->g.n_items; i++) v->g.items[i].y += shift;
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		v->starts[i].y += v->g.items[i].y;
		v->ends[i].y += v->g.items[i].y;
	}
	set_curves(v, ends);
	return true;
}
