/*
 * The people lane: a river whose width is journeys, on one linear scale.
 *
 * Each column is a stack with a flat top: what passes the step by, then its
 * nodes. A node takes in, from its top: those who start here, those who come
 * past other steps, those from the step before; and lets out: those who will
 * pass steps by, those to the next step, still in, lost. So what is lost is
 * at the bottom and is seen to fall.
 */
#include "render/priv.h"

#define TALLEST 140.0
#define STACK_MAX 174.0
#define RIVER_DEPTH 184.0
#define PASS_GAP 10.0
#define BRANCH_GAP 22.0
#define NODE_W 9.0
#define LOOPS_SHOWN 3

struct node_place {
	double y, h;
	double in_at, out_at; /* where the next ribbon goes in and out */
	double starts;        /* height of those who start here */
	int64_t out;          /* journeys that leave by ribbons */
};

struct ribbon_place {
	const struct render_ribbon *r;
	double h, y_out, y_in;
	double *y_pass; /* one for each column in between */
};

struct river {
	struct drawing *d;
	double top, bottom, scale;
	struct node_place *nodes;
	struct ribbon_place *ribbons;
	size_t n_ribbons;
	double *pass; /* height of what passes each column by */
	double *pass_at;
	double *low; /* lowest point of ribbons and nodes in each column */
};

static size_t step_of(const struct river *v, size_t node)
{
	return v->d->map->nodes[node].step;
}

/* Ribbons of one node in the order in which they leave it: the furthest first, then by place. */
static int by_leaving(const void *a, const void *b, void *map)
{
	const struct render_map *m = map;
	const struct render_ribbon *x = ((const struct ribbon_place *)a)->r, *y = ((const struct ribbon_place *)b)->r;
	const size_t sx = m->nodes[x->to].step, sy = m->nodes[y->to].step;
	if (sx != sy) return sx > sy ? -1 : 1;
	if (x->to != y->to) return x->to < y->to ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* In the order in which they arrive: the longest way first, then by place. */
static int by_arriving(const void *a, const void *b, void *map)
{
	const struct render_map *m = map;
	const struct render_ribbon *x = (*(struct ribbon_place *const *)a)->r,
	                           *y = (*(struct ribbon_place *const *)b)->r;
	const size_t sx = m->nodes[x->from].step, sy = m->nodes[y->from].step;
	if (sx != sy) return sx < sy ? -1 : 1;
	if (x->from != y->from) return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static double branch_gap(size_t n)
{
	return n > 1 ? fmin(BRANCH_GAP, 84 / (double)(n - 1)) : 0;
}

/* One scale for all: the tallest step is 140 high, unless a stack would leave the lane. */
static void set_scale(struct river *v, const int64_t *passing)
{
	const struct render_map *m = v->d->map;
	v->scale = INFINITY;
	for (size_t i = 0; i < m->n_steps; i++) {
		int64_t in_nodes = 0;
		for (size_t k = 0; k < m->n_nodes; k++)
			if (m->nodes[k].step == i) in_nodes += m->nodes[k].entered;
		const double gaps = (passing[i] > 0 ? PASS_GAP : 0) +
		                    branch_gap(v->d->columns[i].n_nodes) *
		                            (double)(v->d->columns[i].n_nodes ? v->d->columns[i].n_nodes - 1 : 0);
		if (in_nodes > 0) v->scale = fmin(v->scale, TALLEST / (double)in_nodes);
		if (in_nodes + passing[i] > 0)
			v->scale = fmin(v->scale, (STACK_MAX - gaps) / (double)(in_nodes + passing[i]));
	}
	if (!isfinite(v->scale)) v->scale = 0;
}

static bool place(struct river *v)
{
	struct drawing *d = v->d;
	const struct render_map *m = d->map;
	int64_t *passing = ARENA_ARRAY(d->arena, int64_t, m->n_steps);
	v->nodes = ARENA_ARRAY(d->arena, struct node_place, m->n_nodes);
	v->ribbons = ARENA_ARRAY(d->arena, struct ribbon_place, m->n_ribbons);
	v->pass = ARENA_ARRAY(d->arena, double, m->n_steps);
	v->pass_at = ARENA_ARRAY(d->arena, double, m->n_steps);
	v->low = ARENA_ARRAY(d->arena, double, m->n_steps);
	struct ribbon_place **order = ARENA_ARRAY(d->arena, struct ribbon_place *, m->n_ribbons);
	if (!passing || !v->nodes || !v->ribbons || !v->pass || !v->pass_at || !v->low || !order) return false;

	for (size_t i = 0; i < m->n_ribbons; i++) {
		const struct render_ribbon *r = &m->ribbons[i];
		if (r->instances <= 0) continue;
		const size_t from = step_of(v, r->from), to = step_of(v, r->to);
		struct ribbon_place *p = &v->ribbons[v->n_ribbons++];
		p->r = r;
		p->y_pass = ARENA_ARRAY(d->arena, double, to - from);
		if (!p->y_pass) return false;
		for (size_t s = from + 1; s < to; s++) passing[s] += r->instances;
		v->nodes[r->from].out += r->instances;
		v->nodes[r->to].starts += (double)r->instances;
	}
	set_scale(v, passing);

	/* `starts` held what came in by ribbons; the rest of who entered started here. */
	double first_offset = 0;
	for (size_t k = 0; k < m->n_nodes; k++) {
		struct node_place *n = &v->nodes[k];
		n->h = (double)m->nodes[k].entered * v->scale;
		n->starts = fmax(0, n->h - n->starts * v->scale);
	}
	/* The second step's starters stand on top of it: the first is lowered by as much, so that its ribbon runs
	 * level. */
	if (m->n_steps > 1 && d->columns[0].n_nodes == 1 && d->columns[1].n_nodes == 1 && passing[1] == 0) {
		const double starts = v->nodes[d->columns[1].main].starts, h = v->nodes[d->columns[0].main].h;
		if (starts + h <= STACK_MAX) first_offset = starts;
	}
	for (size_t i = 0; i < m->n_steps; i++) {
		v->pass[i] = (double)passing[i] * v->scale;
		v->pass_at[i] = v->top;
		double y = v->top + (passing[i] > 0 ? v->pass[i] + PASS_GAP : 0) + (i == 0 ? first_offset : 0);
		v->low[i] = v->top + v->pass[i];
		for (size_t k = 0; k < m->n_nodes; k++) {
			if (m->nodes[k].step != i) continue;
			struct node_place *n = &v->nodes[k];
			n->y = y;
			n->out_at = y;
			n->in_at = y + n->starts;
			v->low[i] = fmax(v->low[i], y + n->h);
			y += n->h + branch_gap(d->columns[i].n_nodes);
		}
	}

	qsort_r(v->ribbons, v->n_ribbons, sizeof *v->ribbons, by_leaving, (void *)m);
	for (size_t i = 0; i < v->n_ribbons; i++) {
		struct ribbon_place *p = &v->ribbons[i];
		p->h = (double)p->r->instances * v->scale;
		p->y_out = v->nodes[p->r->from].out_at;
		v->nodes[p->r->from].out_at += p->h;
		for (size_t s = step_of(v, p->r->from) + 1; s < step_of(v, p->r->to); s++) {
			p->y_pass[s - step_of(v, p->r->from) - 1] = v->pass_at[s];
			v->pass_at[s] += p->h;
		}
		order[i] = p;
	}
	qsort_r(order, v->n_ribbons, sizeof *order, by_arriving, (void *)m);
	for (size_t i = 0; i < v->n_ribbons; i++) {
		order[i]->y_in = v->nodes[order[i]->r->to].in_at;
		v->nodes[order[i]->r->to].in_at += order[i]->h;
	}
	return true;
}

static void draw_piece(struct drawing *d, double x0, double y0, double x1, double y1, double h, const char *cls)
{
	const double mid = (x0 + x1) / 2;
	struct path p;
	path_begin(&p, d);
	path_move(&p, x0, y0);
	path_curve(&p, mid, y0, mid, y1, x1, y1);
	path_to(&p, x1, y1 + h);
	path_curve(&p, mid, y1 + h, mid, y0 + h, x0, y0 + h);
	path_close(&p);
	path_end(&p, cls, NULL);
}

static void draw_ribbon(struct river *v, const struct ribbon_place *p)
{
	struct drawing *d = v->d;
	/* Thinner than this is a hair that nobody can see or tell from a neighbour. */
	if (p->h < 0.15) return;
	const double h = fmax(p->h, 0.6);
	const size_t from = step_of(v, p->r->from), to = step_of(v, p->r->to);
	double y = p->y_out;
	for (size_t s = from + 1; s <= to; s++) {
		const double y1 = s == to ? p->y_in : p->y_pass[s - from - 1];
		draw_piece(d, d->columns[s - 1].cx, y, d->columns[s].cx, y1, h, to > from + 1 ? "fl2" : "fl");
		y = y1;
	}
	if (to > from + 1) d->seen.pass_by = true;
}

/* The end of a node: what is neither passed on nor at the goal, split as its step says. */
static void ends_of(const struct river *v, size_t node, double *still, double *lost)
{
	const struct render_map *m = v->d->map;
	const struct render_step *s = &m->steps[m->nodes[node].step];
	const double left = (double)(m->nodes[node].entered - v->nodes[node].out),
	             ends = (double)(s->lost + s->still_in + s->goal);
	*still = ends > 0 && left > 0 ? left * (double)s->still_in / ends * v->scale : 0;
	*lost = ends > 0 && left > 0 ? left * (double)s->lost / ends * v->scale : 0;
}

static void draw_ends(struct river *v, bool falls)
{
	struct drawing *d = v->d;
	for (size_t k = 0; k < d->map->n_nodes; k++) {
		double still, lost;
		ends_of(v, k, &still, &lost);
		const struct node_place *n = &v->nodes[k];
		const double cx = d->columns[d->map->nodes[k].step].cx, bottom = n->y + n->h;
		if (falls && lost > 0)
			draw_fall(d, cx, bottom - fmax(lost, 1.4), lost, d->columns[d->map->nodes[k].step].w * 0.62,
			          v->bottom);
		if (falls || still <= 0) continue;
		const double h = fmax(still, 0.9), y = bottom - fmax(lost, lost > 0 ? 1.4 : 0) - still,
		             stub = fmin(20, d->columns[0].w / 4);
		draw_rect(d, cx + NODE_W / 2, y, stub, h, 0, "fl");
		draw_line(d, cx + NODE_W / 2 + stub + 1.5, y - 2, cx + NODE_W / 2 + stub + 1.5, y + h + 2, "rule");
		d->seen.still_in = true;
	}
}

static void draw_starts(struct river *v)
{
	struct drawing *d = v->d;
	for (size_t k = 0; k < d->map->n_nodes; k++) {
		const struct node_place *n = &v->nodes[k];
		const size_t step = d->map->nodes[k].step;
		const struct column *c = &d->columns[step];
		if (n->starts < 0.5) continue;
		const double w = step == 0 ? fmin(62, c->w / 2) : fmin(105, c->w * 0.84);
		draw_rect(d, c->cx - w, n->y, w, n->starts, 0, "starts");
	}
}

static void label_starts(struct river *v)
{
	struct drawing *d = v->d;
	for (size_t k = 0; k < d->map->n_nodes; k++) {
		const struct node_place *n = &v->nodes[k];
		const size_t step = d->map->nodes[k].step;
		if (step == 0 || n->starts < 15) continue;
		const struct span label = { draw_words1(d, "render.starts_here",
			                                ARG_INT("n", llround(n->starts / v->scale))),
			                    { 11, 400, INK2, false } };
		const double x = d->columns[step].cx - 12, y = n->y + n->starts / 2 + 4;
		if (draw_free(d, draw_text_box(d, x, y, ANCHOR_END, &label, 1), 2))
			draw_spans(d, x, y, ANCHOR_END, &label, 1);
	}
}

static void draw_nodes(struct river *v)
{
	struct drawing *d = v->d;
	for (size_t k = 0; k < d->map->n_nodes; k++) {
		const struct render_node *n = &d->map->nodes[k];
		const struct node_place *p = &v->nodes[k];
		if (n->entered <= 0) continue;
		const char *cls = n->other || n->score.evidence == RENDER_INFERRED ? "nd ndo"
		                  : n->score.evidence == RENDER_MEASURED           ? NULL
		                                                                   : "bl ndo";
		char scored[8];
		if (!cls) {
			snprintf(scored, sizeof scored, "%s ndo", score_class(n->score.est));
			static const char *const filled[] = { "e0 ndo", "e1 ndo", "e2 ndo", "e3 ndo", "e4 ndo",
				                              "e5 ndo", "e6 ndo", "e7 ndo", "e8 ndo" };
			cls = filled[scored[1] - '0'];
		}
		struct shape *s =
		        draw_rect(d, d->columns[n->step].cx - NODE_W / 2, p->y, NODE_W, fmax(2, p->h), 2, cls);
		if (d->opt->interactive && n->key.len) s->data = svg_attr(d->arena, "data-node", n->key);
	}
}

#define LABEL_LINES 3
#define LABEL_LEADING 13

struct label {
	struct span line[LABEL_LINES][3];
	size_t parts[LABEL_LINES], n;
};

static struct box label_box(struct drawing *d, const struct label *l, double x, double y)
{
	struct box all = draw_text_box(d, x, y, ANCHOR_START, l->line[0], l->parts[0]);
	for (size_t i = 1; i < l->n; i++) {
		const struct box b =
		        draw_text_box(d, x, y + LABEL_LEADING * (double)i, ANCHOR_START, l->line[i], l->parts[i]);
		all.x1 = fmax(all.x1, b.x1);
		all.y1 = b.y1;
	}
	return all;
}

/* A name and its count, the name in at most `lines` lines of the room between two columns. */
static struct label branch_label(struct drawing *d, const struct render_node *n, double room, size_t lines)
{
	const struct style strong = { 11, 600, INK, true }, weak = { 11, 400, INK2, true };
	struct label l = { .n = 1 };
	if (n->other) {
		const struct word_arg args[] = { ARG_INT("n", n->entered), ARG_INT("ways", n->other_ways) };
		l.line[0][0] = (struct span){
			draw_wordsn(d, n->other_ways > 0 ? WORDS_KEY("render.other.ways") : WORDS_KEY("render.other"),
			            args, COUNT_OF(args)),
			weak
		};
		l.parts[0] = 1;
		return l;
	}
	const struct span count = { draw_int(d, n->entered), strong };
	struct span tag;
	const size_t tags = draw_lang_tag(d, n->name_lang, 11, &tag);
	const double behind =
	        draw_spans_width(d, &count, 1) + draw_gap(d) + (tags ? draw_spans_width(d, &tag, 1) + draw_gap(d) : 0);
	struct str name[LABEL_LINES];
	if (lines == 1) {
		l.line[0][0] = (struct span){ draw_own(d, n->name, strong, fmax(40, room - behind)), strong };
	} else {
		l.n = text_wrap(d->kit, d->arena, text_user(d->arena, n->name), strong, d->rtl, room / 1.06, lines - 1,
		                name);
		for (size_t i = 0; i < l.n; i++)
			l.line[i][0] = (struct span){ text_isolate(d->arena, name[i], d->rtl), strong };
	}
	for (size_t i = 0; i < l.n; i++) l.parts[i] = 1;
	size_t last = l.n - 1;
	if (lines > 1 && draw_spans_width(d, l.line[last], 1) + behind > room) last = l.n++;
	if (tags) l.line[last][l.parts[last]++] = tag;
	l.line[last][l.parts[last]++] = count;
	return l;
}

/*
 * The label of a branch stands right of its node, and before the next
 * column's: in one line if it fits there, else in two or three, and only
 * where nothing of that is free is the name cut.
 */
static void label_branches(struct river *v)
{
	struct drawing *d = v->d;
	const struct render_map *m = d->map;
	for (size_t k = 0; k < m->n_nodes; k++) {
		const struct render_node *n = &m->nodes[k];
		const struct column *c = &d->columns[n->step];
		if (c->n_nodes < 2 || n->entered <= 0) continue;
		const struct node_place *p = &v->nodes[k];
		const double x = c->cx + 9, room = fmax(60, c->w - 22);
		for (size_t lines = LABEL_LINES + 1; lines-- > 1;) {
			/* Three lines stand for "as few as the name needs". */
			if (lines == 2) continue;
			const struct label l = branch_label(d, n, lines == 1 ? fmin(150, c->w * 1.1) : room, lines);
			const double more = LABEL_LEADING * (double)(l.n - 1);
			const double ys[] = { p->y + p->h + 13, p->y + p->h / 2 + 4 - more / 2, p->y - 4 - more };
			bool drawn = false;
			for (size_t i = 0; i < COUNT_OF(ys) && !drawn; i++) {
				const struct box b = label_box(d, &l, x, ys[i]);
				if (b.x1 > d->width - 8 || b.y1 > v->bottom + 4 || !draw_free(d, b, 1)) continue;
				for (size_t r = 0; r < l.n; r++)
					draw_spans(d, x, ys[i] + LABEL_LEADING * (double)r, ANCHOR_START, l.line[r],
					           l.parts[r]);
				drawn = true;
			}
			if (drawn) break;
		}
	}
}

/* Branches, what passes by, and the goal. Each label only where it stands free. */
static void draw_labels(struct river *v)
{
	struct drawing *d = v->d;
	const struct render_map *m = d->map;
	label_branches(v);
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct render_step *s = &m->steps[i];
		if (s->passing <= 0 || (double)s->passing < 0.03 * (double)m->entered || v->pass[i] <= 0) continue;
		const struct span label = { draw_words1(d, "render.pass_by", ARG_INT("n", s->passing)),
			                    { 11, 400, INK2, false } };
		const double y = v->pass[i] >= 13 ? v->top + v->pass[i] / 2 + 4 : v->top - 6;
		const struct box b = draw_text_box(d, d->columns[i].cx, y, ANCHOR_MIDDLE, &label, 1);
		if (b.x1 < d->width - 40 && draw_free(d, b, 4))
			draw_spans(d, d->columns[i].cx, y, ANCHOR_MIDDLE, &label, 1);
	}
	for (size_t i = 0; i < m->n_steps; i++) {
		if (m->steps[i].goal <= 0 || d->columns[i].main == NO_NODE) continue;
		const struct node_place *n = &v->nodes[d->columns[i].main];
		const double x = d->columns[i].cx + 12, y = n->y + fmin(n->h / 2, 12);
		struct path p;
		path_begin(&p, d);
		path_move(&p, x, y - 6);
		path_to(&p, x, y + 6);
		path_to(&p, x + 9, y);
		path_close(&p);
		path_end(&p, "fi", NULL);
		const struct span label = { draw_words(d, "render.goal"), { 11, 600, INK, true } };
		const struct box b = draw_text_box(d, x + 14, y + 4, ANCHOR_START, &label, 1);
		if (b.x1 <= d->width - 8 && draw_free(d, b, 1)) draw_spans(d, x + 14, y + 4, ANCHOR_START, &label, 1);
	}
}

/* The three largest loops as arcs, each above those that it would cross. */
static size_t pick_loops(const struct drawing *d, size_t picked[LOOPS_SHOWN])
{
	const struct render_map *m = d->map;
	size_t n = 0;
	for (size_t i = 0; i < m->n_loops; i++) {
		if (m->loops[i].instances <= 0 || m->nodes[m->loops[i].from].step < m->nodes[m->loops[i].to].step)
			continue;
		size_t at = n;
		while (at > 0 && m->loops[picked[at - 1]].instances < m->loops[i].instances) at--;
		if (at >= LOOPS_SHOWN) continue;
		for (size_t k = n < LOOPS_SHOWN ? n : LOOPS_SHOWN - 1; k > at; k--) picked[k] = picked[k - 1];
		picked[at] = i;
		if (n < LOOPS_SHOWN) n++;
	}
	return n;
}

struct arc {
	double x0, x1;
	int level;
};

static double rise_of(const struct arc *a)
{
	return 30 + 24 * a->level;
}

/* True when an arc other than `own` runs through the box. */
static bool arcs_meet(const struct river *v, const struct arc *arcs, size_t n, size_t own, struct box b)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k <= 24 && i != own; k++) {
			const double t = k / 24.0, u = 1 - t, rise = rise_of(&arcs[i]);
			const double x =
			        arcs[i].x1 * (u * u * u + 3 * u * u * t) + arcs[i].x0 * (3 * u * t * t + t * t * t);
			const double y = v->top - 3 * u * u * u - rise * 3 * u * t - 6 * t * t * t;
			if (x > b.x0 - 2 && x < b.x1 + 2 && y > b.y0 - 1 && y < b.y1 + 1) return true;
		}
	return false;
}

static void draw_loops(struct river *v, const size_t *picked, const struct arc *arcs, size_t n)
{
	struct drawing *d = v->d;
	const struct render_map *m = d->map;
	for (size_t i = 0; i < n; i++) {
		const double rise = rise_of(&arcs[i]), x0 = arcs[i].x0, x1 = arcs[i].x1, top = v->top;
		/* From the end side to the start: it goes back. */
		struct path p;
		path_begin(&p, d);
		path_move(&p, x1, top - 3);
		path_curve(&p, x1, top - rise, x0, top - rise, x0, top - 6);
		path_end(&p, "lp", NULL);
		path_begin(&p, d);
		path_move(&p, x0 - 3.5, top - 8);
		path_to(&p, x0 + 3.5, top - 8);
		path_to(&p, x0, top - 2);
		path_close(&p);
		path_end(&p, "lph", NULL);
	}
	for (size_t i = 0; i < n; i++) {
		const struct render_loop *l = &m->loops[picked[i]];
		const bool again = m->nodes[l->from].step == m->nodes[l->to].step;
		const struct span label = {
			draw_words1(d, again ? WORDS_KEY("render.loop.again") : WORDS_KEY("render.loop.back"),
			            ARG_INT("n", l->instances)),
			{ 11, 400, INK2, true }
		};
		const double mid = (arcs[i].x0 + arcs[i].x1) / 2, y = v->top - rise_of(&arcs[i]) * 0.75 - 6;
		/* Over the middle, else moved along; at worst a thin line runs behind the words. */
		static const double moves[] = { 0, 24, -24, 44, -44, 64, -64 };
		for (int strict = 1; strict >= 0; strict--) {
			size_t k = 0;
			for (; k < COUNT_OF(moves); k++) {
				const struct box b = draw_text_box(d, mid + moves[k], y, ANCHOR_MIDDLE, &label, 1);
				if (draw_free(d, b, 2) && !(strict && arcs_meet(v, arcs, n, i, b))) break;
			}
			if (k == COUNT_OF(moves)) continue;
			draw_spans(d, mid + moves[k], y, ANCHOR_MIDDLE, &label, 1);
			break;
		}
	}
}

static size_t place_loops(const struct drawing *d, size_t picked[LOOPS_SHOWN], struct arc arcs[LOOPS_SHOWN],
                          int *levels)
{
	const struct render_map *m = d->map;
	const size_t n = pick_loops(d, picked);
	*levels = 0;
	for (size_t i = 0; i < n; i++) {
		const struct column *from = &d->columns[m->nodes[m->loops[picked[i]].from].step],
		                    *to = &d->columns[m->nodes[m->loops[picked[i]].to].step];
		const bool again = from == to;
		arcs[i] = (struct arc){ again ? to->cx - 13 : to->cx + 4, again ? from->cx + 13 : from->cx - 2, 0 };
	}
	/* Short arcs lie low; a longer one that shares ground goes above. */
	for (size_t round = 0; round < n; round++)
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < n; k++) {
				const double wi = arcs[i].x1 - arcs[i].x0, wk = arcs[k].x1 - arcs[k].x0;
				const bool share = arcs[i].x0 < arcs[k].x1 + 50 && arcs[k].x0 < arcs[i].x1 + 50;
				if (i != k && share && (wi > wk || (wi == wk && i > k)) &&
				    arcs[i].level <= arcs[k].level)
					arcs[i].level = arcs[k].level + 1;
			}
	for (size_t i = 0; i < n; i++) *levels = arcs[i].level > *levels ? arcs[i].level : *levels;
	return n;
}

/* "Of 100 journeys, 7 reach the goal": where the river is narrow, or nowhere. */
static void draw_finding(struct river *v)
{
	struct drawing *d = v->d;
	const struct render_map *m = d->map;
	if (m->goal + m->lost <= 0 || m->n_steps < 3) return;
	const double all = (double)m->entered;
	size_t worst = 0;
	for (size_t i = 1; i < m->n_steps; i++)
		if (m->steps[i].lost > m->steps[worst].lost) worst = i;
	const struct word_arg first[] = { ARG_INT("n", llround(100 * (double)m->goal / all)), ARG_INT("hundred", 100) };
	const struct word_arg second[] = { ARG_INT("lost", llround(100 * (double)m->lost / all)),
		                           ARG_INT("most", llround(100 * (double)m->steps[worst].lost / all)),
		                           ARG_TEXT("step",
		                                    text_cut(d->kit, d->arena, text_user(d->arena, step_name(d, worst)),
		                                             (struct style){ 13, 400, INK2, true }, d->rtl, 150)) };
	const struct span lines[] = {
		{ draw_wordsn(d, "render.of_hundred", first, COUNT_OF(first)), { 14, 600, INK, true } },
		{ draw_wordsn(d, "render.of_hundred.lost", second, COUNT_OF(second)), { 13, 400, INK2, true } }
	};
	const double w = fmax(draw_spans_width(d, &lines[0], 1), draw_spans_width(d, &lines[1], 1)) * 1.06,
	             y = v->bottom - 84;
	for (size_t s = m->n_steps; s-- > 1;) {
		const double x0 = d->columns[s].cx + 24, x1 = x0 + w;
		if (x1 > d->width - 40) continue;
		bool free_here = true;
		for (size_t i = 0; i < m->n_steps && free_here; i++) {
			const double cx = d->columns[i].cx, half = d->columns[i].w;
			if (x0 < cx + half && x1 > cx - half && v->low[i] > y - 26) free_here = false;
			/* A broad fall would run through the words. */
			for (size_t k = 0; k < m->n_nodes && free_here; k++) {
				double still, lost;
				if (m->nodes[k].step != i) continue;
				ends_of(v, k, &still, &lost);
				if (lost > 6 && x0 < cx + 7 + fmin(lost, half * 0.62) + 8 && x1 > cx) free_here = false;
			}
		}
		struct box b = draw_text_box(d, x0, y, ANCHOR_START, lines, 1);
		b.x1 = x1;
		b.y1 += 19;
		if (!free_here || !draw_free(d, b, 4)) continue;
		draw_spans(d, x0, y, ANCHOR_START, &lines[0], 1);
		draw_spans(d, x0, y + 19, ANCHOR_START, &lines[1], 1);
		return;
	}
}

/* Without any journey the steps stand there, hatched, and one sentence says why. */
static void draw_empty(struct drawing *d, double top)
{
	const struct render_map *m = d->map;
	for (size_t i = 0; i < m->n_steps; i++)
		draw_rect(d, d->columns[i].cx - NODE_W / 2, top + 10, NODE_W, 36, 2, "bl ndo");
	if (m->n_steps == 0) return;
	d->seen.assumed = true;
	const struct style st = { 13, 400, INK2, true };
	struct str lines[3];
	const size_t n = text_wrap(d->kit, d->arena, draw_words(d, "render.empty.people"), st, d->rtl,
	                           (d->width - 220) / 1.06, 3, lines);
	for (size_t i = 0; i < n; i++)
		draw_text(d, (180 + d->width - 40) / 2, top + 76 + 18 * (double)i, ANCHOR_MIDDLE, st, lines[i]);
}

void lane_people(struct drawing *d)
{
	draw_group(d, "people", "group", draw_words(d, "render.people.about"));
	if (d->empty_people) {
		draw_gutter(d, d->y + 30, "render.people", NULL, 0);
		draw_empty(d, d->y + 4);
		draw_group_end(d);
		d->y += 110;
		return;
	}
	size_t picked[LOOPS_SHOWN];
	struct arc arcs[LOOPS_SHOWN];
	int levels;
	const size_t n_loops = place_loops(d, picked, arcs, &levels);
	struct river v = { .d = d, .top = d->y + 40 + 18 * levels };
	v.bottom = v.top + RIVER_DEPTH;
	if (!place(&v)) {
		d->full = true;
		return;
	}
	const struct str subs[] = { draw_words(d, "render.people.sub1"), draw_words(d, "render.people.sub2"),
		                    n_loops ? draw_words(d, "render.people.sub3") : (struct str){ 0 } };
	draw_gutter(d, v.top + 4, "render.people", subs, n_loops ? 3 : 2);
	draw_starts(&v);
	draw_ends(&v, true);
	/* What passes by lies under what goes on. */
	for (size_t i = 0; i < v.n_ribbons; i++)
		if (step_of(&v, v.ribbons[i].r->to) > step_of(&v, v.ribbons[i].r->from) + 1)
			draw_ribbon(&v, &v.ribbons[i]);
	for (size_t i = 0; i < v.n_ribbons; i++)
		if (step_of(&v, v.ribbons[i].r->to) == step_of(&v, v.ribbons[i].r->from) + 1)
			draw_ribbon(&v, &v.ribbons[i]);
	draw_ends(&v, false);
	draw_nodes(&v);
	draw_loops(&v, picked, arcs, n_loops);
	label_starts(&v);
	draw_labels(&v);
	draw_finding(&v);
	draw_group_end(d);
	d->y = v.bottom + 6;
}
