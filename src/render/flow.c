/* The drawing of a flow: what may be drawn at all, its frame, head and key. The graph is flow.h's. */
#include "render/flow.h"

#define PITCH_MIN 122.0
#define PITCH_MAX 176.0
#define WIDTH_WANTED 1240.0
#define SIDE 40.0
#define MARK_ROOM 118.0 /* "16,600 start here" before the first bar, "… end here" after the last */

static enum err_code check(const struct render_flow *f, struct err *err)
{
	if (f->n_nodes > RENDER_FLOW_NODES_MAX)
		return err_limit(err, "render.activities", "activities", (int64_t)f->n_nodes, RENDER_FLOW_NODES_MAX,
		                 "%zu steps are more than a flow shows", f->n_nodes);
	if (f->n_edges > RENDER_FLOW_EDGES_MAX)
		return err_limit(err, "render.edges", "edges", (int64_t)f->n_edges, RENDER_FLOW_EDGES_MAX,
		                 "%zu paths are more than a flow shows", f->n_edges);
	for (size_t i = 0; i < f->n_edges; i++) {
		const struct render_flow_edge *e = &f->edges[i];
		if (e->from >= f->n_nodes || e->to >= f->n_nodes)
			return err_set(err, ERR_INPUT, "render.edge", "edges",
			               "path %zu names a step that is not there", i + 1);
		if (e->count < 1)
			return err_set(err, ERR_INPUT, "render.edge", "edges", "path %zu was taken %lld times", i + 1,
			               (long long)e->count);
	}
	for (size_t i = 0; i < f->n_nodes; i++)
		if (f->nodes[i].count < 0 || f->nodes[i].starts < 0 || f->nodes[i].ends < 0)
			return err_set(err, ERR_INPUT, "render.activity", "activities", "step %zu has a count below 0",
			               i + 1);
	return OK;
}

static void flow_style(struct buf *out, const struct palette *p)
{
	buf_printf(out,
	           ".fe{fill:none;stroke:%s} .fth{fill:none;stroke:%s;stroke-opacity:.65} "
	           ".fem{fill:none;stroke:%s} .fbk{fill:none;stroke:%s;stroke-width:1.3} .fca{fill:none;stroke:%s}\n",
	           p->people, p->line2, p->way, p->line2, p->bg);
	buf_printf(out, ".fah{fill:%s} .fno{stroke:%s;stroke-width:1.2} .fst{fill:url(#start)} .fen{fill:url(#end)}\n",
	           p->ink2, p->ink);
	buf_printf(out,
	           ".fhit{fill:none;stroke:%s;stroke-opacity:0;pointer-events:stroke} a:hover "
	           ".fhit{stroke:%s;stroke-opacity:.3} a:focus .fhit{stroke:%s;stroke-opacity:.45}\n",
	           p->bg, p->ink2, p->focus);
}

static void flow_defs(struct buf *out, const struct palette *p, bool rtl)
{
	buf_printf(out,
	           "<linearGradient id=\"end\" x1=\"%d\" y1=\"0\" x2=\"%d\" y2=\"0\"><stop offset=\"0\" "
	           "stop-color=\"%s\"/><stop offset=\"1\" stop-color=\"%s\" stop-opacity=\"0\"/></linearGradient>\n",
	           rtl, !rtl, p->people, p->people);
}

static struct str kept_words(struct drawing *d, const struct render_flow *f)
{
	if (f->of_nodes <= 0 || f->of_edges <= 0 || f->of_edge_count <= 0) return (struct str){ 0 };
	const struct word_arg args[] = { ARG_INT("steps", f->n_nodes), ARG_INT("of_steps", f->of_nodes),
		                         ARG_INT("paths", f->n_edges), ARG_INT("of_paths", f->of_edges),
		                         ARG_TEXT("share",
		                                  words_percent(&d->opt->locale, d->arena,
		                                                (double)f->edge_count / (double)f->of_edge_count, 1)) };
	return draw_wordsn(d, "render.flow.kept", args, COUNT_OF(args));
}

static struct str numbers(struct drawing *d, const struct render_flow *f)
{
	const struct str parts[] = { draw_words1(d, "count.journeys", ARG_INT("n", f->cases)), kept_words(d, f) };
	return draw_join(d, parts, COUNT_OF(parts));
}

/* Key. */

static void key_mark(struct drawing *d, char mark, double x, double y)
{
	struct path p;
	switch (mark) {
	case 'w': draw_rect(d, x, y - 4, 22, 8, 0, "fl"); break;
	case 's':
		path_begin(&p, d);
		path_move(&p, x, y);
		path_to(&p, x + 22, y);
		path_end(&p, "fem", "stroke-width=\"8\"");
		break;
	case 'b':
		path_begin(&p, d);
		path_move(&p, x + 18, y + 4);
		path_curve(&p, x + 18, y - 9, x + 4, y - 9, x + 4, y + 1);
		path_end(&p, "fbk", NULL);
		path_begin(&p, d);
		path_move(&p, x + 4, y + 6);
		path_to(&p, x + 0.7, y);
		path_to(&p, x + 7.3, y);
		path_close(&p);
		path_end(&p, "fah", NULL);
		break;
	case 'f':
		draw_rect(d, x, y - 4, 10, 8, 0, "fst");
		draw_rect(d, x + 12, y - 4, 10, 8, 0, "fen");
		break;
	case 'n': draw_rect(d, x + 2, y - 6, 8, 12, 2, "nd fno"); break;
	default: break;
	}
}

/* Nine steps from 0 to 100, with both ends said. */
static double key_scale(struct drawing *d, double x, double y)
{
	static const char *const classes[] = { "e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8" };
	const struct style small = { 11, 400, INK2, false };
	const struct str low = draw_score(d, 0), high = draw_score(d, 100);
	draw_text(d, x, y + 4, ANCHOR_START, small, low);
	x += draw_width(d, low, small) + 5;
	for (size_t i = 0; i < COUNT_OF(classes); i++) draw_rect(d, x + 9 * (double)i, y - 5, 9, 10, 0, classes[i]);
	x += 9 * (double)COUNT_OF(classes) + 5;
	draw_text(d, x, y + 4, ANCHOR_START, small, high);
	return x + draw_width(d, high, small) + 6;
}

static double draw_key(struct flow_view *v, double y)
{
	struct drawing *d = v->d;
	bool loops = false, strong = false, scored = false, plain = false, marks = false;
	for (size_t e = 0; e < v->f->n_edges; e++) {
		loops = loops || v->lines[e].w <= 0;
		strong = strong || v->lines[e].strong;
	}
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		const bool felt = v->f->nodes[i].score.evidence == RENDER_MEASURED;
		scored = scored || felt;
		plain = plain || !felt;
		marks = marks || v->starts[i].w > 0 || v->ends[i].w > 0;
	}
	const struct {
		bool shown;
		char mark;
		double w;
		const char *key;
	} all[] = {
		{ v->f->n_edges > 0, 'w', 22, WORDS_KEY("render.flow.key.width") },
		{ strong, 's', 22, WORDS_KEY("render.flow.key.strong") },
		{ loops, 'b', 22, WORDS_KEY("render.flow.key.loop") },
		{ marks, 'f', 22, WORDS_KEY("render.flow.key.marks") },
		{ scored, 'e', 0, WORDS_KEY("render.feeling.sub1") },
		{ plain && scored, 'n', 12, WORDS_KEY("render.flow.key.plain") },
	};
	const struct style small = { 11, 400, INK2, false };
	draw_group(d, "key", "group", draw_words(d, "render.key"));
	double x = SIDE;
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		if (!all[i].shown) continue;
		const struct str label = draw_words(d, all[i].key);
		const double w = (all[i].mark == 'e' ? 130 : all[i].w + 6) + draw_width(d, label, small);
		if (x > SIDE && x + w > d->width - SIDE) {
			x = SIDE;
			y += 22;
		}
		if (all[i].mark == 'e') {
			const double after = key_scale(d, x, y);
			draw_text(d, after, y + 4, ANCHOR_START, small, label);
			x = after + draw_width(d, label, small) + 22;
			continue;
		}
		key_mark(d, all[i].mark, x, y);
		draw_text(d, x + all[i].w + 6, y + 4, ANCHOR_START, small, label);
		x += w + 22;
	}
	draw_group_end(d);
	return y + 20;
}

static void draw_empty(struct drawing *d, double y)
{
	const struct style st = { 13, 400, INK2, false };
	draw_lines(d, draw_words(d, "render.flow.empty"), st, y, 18, d->width - 2 * SIDE, 3);
}

enum err_code layout_flow(const struct render_flow *f, const struct render_options *o, struct arena *a,
                          struct drawing *d, struct err *err)
{
	TRY(check(f, err));
	*d = (struct drawing){ .opt = o,
		               .arena = a,
		               .rtl = lang_rtl(o->locale.lang),
		               .palette = palette_of(o->theme),
		               .kind = "flow",
		               .style = flow_style,
		               .defs = flow_defs };
	TRY(text_kit_get(&d->kit, err));
	struct flow_view v = { .d = d, .f = f, .g = { .flow = f, .arena = a, .gap = 6 } };
	v.lines = ARENA_ARRAY(a, struct flow_line, f->n_edges);
	v.names = ARENA_ARRAY(a, struct flow_name, f->n_nodes);
	v.starts = ARENA_ARRAY(a, struct flow_mark, f->n_nodes);
	v.ends = ARENA_ARRAY(a, struct flow_mark, f->n_nodes);
	v.bars = ARENA_ARRAY(a, double, f->n_nodes);
	v.strong = ARENA_ARRAY(a, bool, f->n_nodes);
	if (!v.lines || !v.names || !v.starts || !v.ends || !v.bars || !v.strong) return err_no_memory(err);
	if (!flow_layers(&v.g) || !flow_order(&v.g)) return err_no_memory(err);

	const double gaps = v.g.n_layers > 1 ? (double)(v.g.n_layers - 1) : 1;
	v.pitch = fmin(PITCH_MAX, fmax(PITCH_MIN, (WIDTH_WANTED - 2 * MARK_ROOM) / gaps));
	d->width = fmax(760, round(2 * MARK_ROOM + gaps * v.pitch));
	v.x0 = (d->width - gaps * v.pitch) / 2;
	if (v.g.n_layers <= 1) v.x0 = d->width / 2;
	d->title = frame_title(d, &f->heading, WORDS_KEY("render.flow"), WORDS_KEY("render.flow.title"));

	struct shape *paper = draw_rect(d, 0, 0, d->width, 0, 0, "bg");
	const size_t paper_at = (size_t)(paper - d->shapes);
	const double top = frame_head(d, &f->heading, numbers(d, f));
	if (!flow_lines(&v, top)) return err_no_memory(err);
	d->desc = flow_description(&v);
	draw_hidden_group(d, "graph");
	flow_draw_lines(&v);
	flow_draw_nodes(&v);
	flow_draw_labels(&v);
	draw_group_end(d);
	if (f->n_nodes == 0) draw_empty(d, top + 20);
	d->height = round(f->n_nodes == 0 ? top + 60 : draw_key(&v, flow_bottom(&v) + 30));
	d->shapes[paper_at].h = d->height;
	flow_draw_links(&v);
	return d->full ? err_no_memory(err) : OK;
}

static enum err_code layout(const void *model, const struct render_options *o, struct arena *a, struct drawing *d,
                            struct err *err)
{
	return layout_flow(model, o, a, d, err);
}

enum err_code render_flow(const struct render_flow *f, enum render_format format, const struct render_options *o,
                          struct buf *out, struct err *err)
{
	return picture_make(layout, f, format, o, out, err);
}
