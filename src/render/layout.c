/* The frame: what may be drawn at all, the columns, the washes behind them, and the order of the lanes. */
#include "render/priv.h"

#define ONE_PAGE_W 1700.0 /* wider ones are printed on two */

static enum err_code check(const struct render_map *m, struct err *err)
{
	if (m->n_steps > RENDER_STEPS_MAX)
		return err_limit(err, "render.steps", "steps", (int64_t)m->n_steps, RENDER_STEPS_MAX,
		                 "%zu steps are more than a drawing shows", m->n_steps);
	if (m->n_nodes > RENDER_NODES_MAX)
		return err_limit(err, "render.nodes", "nodes", (int64_t)m->n_nodes, RENDER_NODES_MAX,
		                 "%zu touchpoints are more than a drawing shows", m->n_nodes);
	for (size_t i = 0; i < m->n_steps; i++)
		if (m->steps[i].stage >= m->n_stages)
			return err_set(err, ERR_INPUT, "render.stage", "steps", "step %zu stands in stage %zu of %zu",
			               i + 1, m->steps[i].stage + 1, m->n_stages);
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].step >= m->n_steps)
			return err_set(err, ERR_INPUT, "render.node", "nodes",
			               "touchpoint %zu stands in step %zu of %zu", i + 1, m->nodes[i].step + 1,
			               m->n_steps);
	for (size_t i = 0; i < m->n_ribbons; i++) {
		const struct render_ribbon *r = &m->ribbons[i];
		if (r->from >= m->n_nodes || r->to >= m->n_nodes || m->nodes[r->from].step >= m->nodes[r->to].step)
			return err_set(err, ERR_INPUT, "render.ribbon", "ribbons",
			               "ribbon %zu does not lead to a later step", i + 1);
	}
	for (size_t i = 0; i < m->n_loops; i++)
		if (m->loops[i].from >= m->n_nodes || m->loops[i].to >= m->n_nodes)
			return err_set(err, ERR_INPUT, "render.loop", "loops",
			               "loop %zu names a touchpoint that is not there", i + 1);
	for (size_t i = 0; i < m->n_marks; i++)
		if (m->marks[i].node >= m->n_nodes)
			return err_set(err, ERR_INPUT, "render.mark", "marks",
			               "mark %zu names a touchpoint that is not there", i + 1);
	for (size_t i = 0; i < m->n_quotes; i++)
		if (!m->quotes[i].whole && m->quotes[i].node >= m->n_nodes)
			return err_set(err, ERR_INPUT, "render.quote", "quotes",
			               "quote %zu names a touchpoint that is not there", i + 1);
	return OK;
}

/* The widths of docs/design/drawing.md, "Density". */
static void set_columns(struct drawing *d)
{
	const size_t n = d->map->n_steps;
	double w, area;
	if (n <= 7) {
		d->density = DENSITY_WIDE;
		area = fmax(960, 190 * (double)n);
		w = n == 0 ? area : fmin(n < 5 ? 240 : 190, area / (double)n);
	} else if (n <= 12) {
		d->density = DENSITY_NORMAL;
		area = 1380;
		w = area / (double)n;
	} else {
		d->density = DENSITY_DENSE;
		w = fmax(72, 1380 / (double)n);
		area = w * (double)n;
	}
	d->width = round(220 + area);
	d->x0 = 180 + (area - w * (double)n) / 2;
	d->x1 = d->x0 + w * (double)n;
	for (size_t i = 0; i < n; i++) {
		const double x = d->x0 + w * (double)i;
		d->columns[i] = (struct column){ .x = x, .w = w, .cx = x + w / 2, .main = NO_NODE };
	}
}

/* The main node of a step is the one that most journeys entered; the named ones go before "other". */
static void set_nodes(struct drawing *d)
{
	const struct render_map *m = d->map;
	for (size_t i = 0; i < m->n_nodes; i++) {
		struct column *c = &d->columns[m->nodes[i].step];
		c->n_nodes++;
		if (c->main == NO_NODE) {
			c->main = i;
			continue;
		}
		const struct render_node *best = &m->nodes[c->main], *n = &m->nodes[i];
		if (n->other < best->other || (n->other == best->other && n->entered > best->entered)) c->main = i;
	}
	for (size_t i = 0; i < m->n_marks; i++) {
		const struct render_mark *mark = &m->marks[i];
		if (!mark->annotated) continue;
		struct column *c = &d->columns[m->nodes[mark->node].step];
		if (mark->kind == RENDER_PAIN) c->wash_pain = true;
		if (mark->kind == RENDER_DELIGHT) c->wash_delight = true;
	}
}

static void draw_washes(struct drawing *d, double top)
{
	draw_hidden_group(d, "washes");
	d->wash_at = d->n_shapes;
	for (size_t i = 0; i < d->map->n_steps; i++) {
		const struct column *c = &d->columns[i];
		if (!c->wash_pain && !c->wash_delight) continue;
		draw_rect(d, c->x + 3, top, c->w - 6, 0, 6, c->wash_pain ? "wp" : "wd");
		d->n_washes++;
	}
	const int after = d->map->purchase_after_step;
	if (after >= 0 && (size_t)after + 1 < d->map->n_steps) {
		d->seen.purchase = true;
		const double x = d->columns[after].x + d->columns[after].w;
		draw_line(d, x, top + 5, x, top + 5, "dash");
	}
	draw_group_end(d);
}

/* Lanes below know their height only once they are drawn. */
static void stretch_washes(struct drawing *d, double bottom)
{
	for (size_t i = 0; i < d->n_washes; i++) d->shapes[d->wash_at + i].h = bottom - d->shapes[d->wash_at + i].y;
	if (d->seen.purchase) d->shapes[d->wash_at + d->n_washes].h = bottom;
}

enum err_code layout_map(const struct render_map *m, const struct render_options *o, struct arena *a, struct drawing *d,
                         struct err *err)
{
	TRY(check(m, err));
	*d = (struct drawing){ .map = m,
		               .kind = "map",
		               .opt = o,
		               .arena = a,
		               .rtl = lang_rtl(o->locale.lang),
		               .palette = palette_of(o->theme) };
	TRY(text_kit_get(&d->kit, err));
	d->columns = ARENA_ARRAY(a, struct column, m->n_steps);
	if (!d->columns) return err_no_memory(err);
	set_columns(d);
	set_nodes(d);
	d->empty_people = m->assumed_only || m->entered == 0;

	struct shape *paper = draw_rect(d, 0, 0, d->width, 0, 0, "bg");
	const size_t paper_at = (size_t)(paper - d->shapes);
	/* The head's height decides where the washes begin, and they lie below everything: head first, then turned
	 * round. */
	const size_t head_at = d->n_shapes;
	lane_head(d);
	const size_t head_end = d->n_shapes;
	d->lanes_top = d->y + 38;
	draw_washes(d, d->lanes_top);
	const size_t n_wash = d->n_shapes - head_end, n_head = head_end - head_at;
	struct shape *moved = ARENA_ARRAY(a, struct shape, n_head);
	if (!moved || d->full) return err_no_memory(err);
	memcpy(moved, d->shapes + head_at, n_head * sizeof *moved);
	memmove(d->shapes + head_at, d->shapes + head_end, n_wash * sizeof *moved);
	memcpy(d->shapes + head_at + n_wash, moved, n_head * sizeof *moved);
	d->wash_at -= n_head;

	lane_stages(d);
	lane_touchpoints(d);
	lane_people(d);
	lane_sums(d);
	lane_feeling(d);
	lane_words(d);
	lane_expectation(d);
	lane_employees(d);
	lane_evidence(d);
	lane_friction(d);
	lane_consistency(d);
	lane_behind(d);
	lane_money(d);
	d->lanes_bottom = d->y;
	lane_key(d);
	stretch_washes(d, d->lanes_bottom);
	draw_steps(d);
	d->height = round(d->y);
	d->shapes[paper_at].h = d->height;
	d->title = draw_title(d);
	d->desc = draw_description(d);
	if (d->width > ONE_PAGE_W) d->second_page = d->columns[(m->n_steps + 1) / 2].x;
	return d->full ? err_no_memory(err) : OK;
}

static enum err_code layout(const void *model, const struct render_options *o, struct arena *a, struct drawing *d,
                            struct err *err)
{
	return layout_map(model, o, a, d, err);
}

enum err_code render_map_svg(const struct render_map *m, const struct render_options *o, struct buf *out,
                             struct err *err)
{
	return picture_make(layout, m, RENDER_SVG, o, out, err);
}

enum err_code render_map_png(const struct render_map *m, const struct render_options *o, struct buf *out,
                             struct err *err)
{
	return picture_make(layout, m, RENDER_PNG, o, out, err);
}

enum err_code render_map_pdf(const struct render_map *m, const struct render_options *o, struct buf *out,
                             struct err *err)
{
	return picture_make(layout, m, RENDER_PDF, o, out, err);
}
