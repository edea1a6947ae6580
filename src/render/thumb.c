/* A card's miniature: bars of who entered each step, and the curve above them. No text, no colour but data. */
#include "render/priv.h"

#define THUMB_W 240.0
#define THUMB_H 96.0

static double mirror(bool rtl, double x)
{
	return rtl ? THUMB_W - x : x;
}

static void put_xy(struct buf *out, const char *before, double x, double y)
{
	buf_str(out, str_of(before));
	svg_number(out, x);
	buf_byte(out, ' ');
	svg_number(out, y);
}

static const struct render_node *main_node(const struct render_map *m, size_t step)
{
	const struct render_node *best = NULL;
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].step == step && !m->nodes[i].other && (!best || m->nodes[i].entered > best->entered))
			best = &m->nodes[i];
	return best;
}

/* What is believed is drawn only where nothing is measured: no line runs through a gap. */
static double point_of(const struct render_map *m, const struct render_node *n)
{
	if (!n) return NAN;
	if (n->score.evidence == RENDER_MEASURED || n->score.evidence == RENDER_INFERRED) return n->score.est;
	return m->assumed_only ? n->score.assumed : NAN;
}

enum err_code render_map_thumb(const struct render_map *m, const struct render_options *o, struct buf *out,
                               struct err *err)
{
	const struct palette *p = palette_of(o->theme);
	const bool rtl = lang_rtl(o->locale.lang);
	const size_t n = m->n_steps;
	if (n > RENDER_STEPS_MAX)
		return err_limit(err, "render.steps", "steps", (int64_t)n, RENDER_STEPS_MAX,
		                 "%zu steps are more than a drawing shows", n);
	int64_t most = 1;
	for (size_t i = 0; i < n; i++) most = m->steps[i].entered > most ? m->steps[i].entered : most;
	buf_printf(out,
	           "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 96\" width=\"240\" height=\"96\" "
	           "aria-hidden=\"true\">\n"
	           "<rect width=\"240\" height=\"96\" fill=\"%s\"/>\n<line x1=\"8\" y1=\"30\" x2=\"232\" y2=\"30\" "
	           "stroke=\"%s\"/>\n",
	           p->bg, p->line);
	const double pitch = (THUMB_W - 16) / (double)(n ? n : 1);
	/* The river: a step's height joins the next one's. */
	for (size_t i = 0; i < n && m->entered > 0; i++) {
		const double x0 = mirror(rtl, 8 + pitch * ((double)i + 0.5)),
		             h = 36 * (double)m->steps[i].entered / (double)most;
		if (i + 1 < n) {
			const double x1 = mirror(rtl, 8 + pitch * ((double)i + 1.5)),
			             kept = 36 *
			                    (double)(m->steps[i].advanced < m->steps[i + 1].entered
			                                     ? m->steps[i].advanced
			                                     : m->steps[i + 1].entered) /
			                    (double)most;
			buf_printf(out, "<path fill=\"%s\" d=\"", p->people);
			put_xy(out, "M", x0, 56);
			put_xy(out, "L", x1, 56);
			put_xy(out, "L", x1, 56 + kept);
			put_xy(out, "L", x0, 56 + kept);
			buf_str(out, STR("Z\"/>\n"));
		}
		buf_str(out, STR("<rect"));
		buf_str(out, STR(" x=\""));
		svg_number(out, x0 - 1.5);
		buf_str(out, STR("\" y=\"56\" width=\"3\" height=\""));
		svg_number(out, fmax(1, h));
		buf_printf(out, "\" fill=\"%s\"/>\n", p->node);
	}
	bool open = false;
	for (size_t i = 0; i < n; i++) {
		const double v = point_of(m, main_node(m, i));
		if (!isfinite(v)) {
			if (open) buf_str(out, STR("\"/>\n"));
			open = false;
			continue;
		}
		if (!open)
			buf_printf(out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"%s d=\"", p->ink,
			           m->assumed_only ? " stroke-dasharray=\"1 3\"" : "");
		put_xy(out, open ? "L" : "M", mirror(rtl, 8 + pitch * ((double)i + 0.5)), 8 + 44 * (1 - v / 100));
		open = true;
	}
	if (open) buf_str(out, STR("\"/>\n"));
	for (size_t i = 0; i < n; i++) {
		const struct render_node *node = main_node(m, i);
		const double v = point_of(m, node);
		if (!isfinite(v)) continue;
		buf_str(out, STR("<circle cx=\""));
		svg_number(out, mirror(rtl, 8 + pitch * ((double)i + 0.5)));
		buf_str(out, STR("\" cy=\""));
		svg_number(out, 8 + 44 * (1 - v / 100));
		const bool measured = node->score.evidence == RENDER_MEASURED;
		const int step = (int)fmin(8, fmax(0, floor(v * 9 / 100)));
		buf_printf(out, "\" r=\"%s\" fill=\"%s\" stroke=\"%s\"/>\n", measured ? "3.5" : "3",
		           measured ? p->scale[step] : p->bg, p->ink);
	}
	buf_str(out, STR("</svg>\n"));
	return buf_check(out, err);
}
