/* What a screen reader and a keyboard get of the flow: a description, and each node and edge as a link with its exact
 * numbers. The page's table twin holds the same. */
#include "render/flow.h"

#define NAMED 8 /* steps of the commonest way in the description */

static int by_place(const void *a, const void *b, void *view)
{
	const struct flow_view *v = view;
	const struct flow_item *x = &v->g.items[*(const size_t *)a], *y = &v->g.items[*(const size_t *)b];
	if (x->layer != y->layer) return x->layer < y->layer ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void flow_reading_order(const struct flow_view *v, size_t *nodes)
{
	for (size_t i = 0; i < v->f->n_nodes; i++) nodes[i] = i;
	qsort_r(nodes, v->f->n_nodes, sizeof *nodes, by_place, (void *)v);
}

/* The names along the commonest way: "A → B → C". */
static struct str strong_names(const struct flow_view *v)
{
	struct drawing *d = v->d;
	size_t at = NO_NODE, n = 0;
	for (size_t i = 0; i < v->f->n_nodes; i++)
		if (v->strong[i] && (at == NO_NODE || v->f->nodes[i].starts > v->f->nodes[at].starts)) at = i;
	struct str out = { 0 };
	while (at != NO_NODE && n++ < NAMED) {
		const struct str name = text_isolate(d->arena, flow_name_of(v, at), d->rtl);
		const char *const arrow = d->rtl ? "←" : "→";
		out = out.len ? str_format(d->arena, STR_FMT " %s " STR_FMT, STR_ARG(out), arrow, STR_ARG(name)) : name;
		size_t next = NO_NODE;
		for (size_t e = 0; e < v->f->n_edges; e++)
			if (v->lines[e].strong && v->f->edges[e].from == at) next = v->f->edges[e].to;
		at = next;
	}
	return out;
}

struct str flow_description(const struct flow_view *v)
{
	struct drawing *d = v->d;
	const struct word_arg args[] = {
		ARG_TEXT("journeys", draw_words1(d, "count.journeys", ARG_INT("n", v->f->cases))),
		ARG_TEXT("steps", draw_words1(d, "count.steps", ARG_INT("n", v->f->n_nodes))),
		ARG_INT("paths", v->f->n_edges),
	};
	const struct str way = strong_names(v);
	const struct str parts[] = {
		draw_wordsn(d, "render.flow.size", args, COUNT_OF(args)),
		way.len ? draw_words1(d, "render.flow.strongest", ARG_TEXT("names", way)) : (struct str){ 0 },
		draw_words(d, "render.desc.table"),
	};
	return draw_sentences(d, parts, COUNT_OF(parts));
}

static struct str node_label(struct flow_view *v, size_t i)
{
	struct drawing *d = v->d;
	const struct render_flow_node *n = &v->f->nodes[i];
	const struct word_arg args[] = { ARG_TEXT("name", flow_name_of(v, i)), ARG_INT("n", n->count),
		                         ARG_TEXT("customers",
		                                  draw_words1(d, "count.customers", ARG_INT("n", n->customers))),
		                         ARG_INT("starts", n->starts), ARG_INT("ends", n->ends) };
	const struct str parts[] = { draw_wordsn(d, "render.flow.label.step", args, COUNT_OF(args)),
		                     draw_feeling(d, &n->score) };
	return draw_sentences(d, parts, COUNT_OF(parts));
}

static struct str edge_label(struct flow_view *v, size_t e)
{
	struct drawing *d = v->d;
	const struct locale *l = &d->opt->locale;
	const struct render_flow_edge *edge = &v->f->edges[e];
	const struct word_arg args[] = { ARG_TEXT("from", flow_name_of(v, edge->from)),
		                         ARG_TEXT("to", flow_name_of(v, edge->to)), ARG_INT("n", edge->count),
		                         ARG_TEXT("customers",
		                                  draw_words1(d, "count.customers", ARG_INT("n", edge->customers))) };
	struct str parts[2] = { draw_wordsn(d,
		                            edge->from == edge->to ? WORDS_KEY("render.flow.label.again")
		                                                   : WORDS_KEY("render.flow.label.path"),
		                            args, COUNT_OF(args)),
		                { 0 } };
	if (isfinite(edge->mean_ms) && isfinite(edge->p50_ms) && isfinite(edge->p90_ms)) {
		const struct word_arg times[] = { ARG_TEXT("half", words_duration(l, d->arena, edge->p50_ms)),
			                          ARG_TEXT("most", words_duration(l, d->arena, edge->p90_ms)),
			                          ARG_TEXT("mean", words_duration(l, d->arena, edge->mean_ms)),
			                          ARG_INT("nine", 9), ARG_INT("ten", 10) };
		parts[1] = draw_wordsn(d, "render.flow.label.time", times, COUNT_OF(times));
	}
	return draw_sentences(d, parts, COUNT_OF(parts));
}

static void link_node(struct flow_view *v, size_t i, size_t number)
{
	struct drawing *d = v->d;
	frame_link(d, "step", number, node_label(v, i), svg_attr(d->arena, "data-activity", v->f->nodes[i].key), true);
	/* The bar and the words under it, so that the edges beside the bar stay within reach. */
	const double x = flow_x(v, i), top = v->g.items[i].y - v->bars[i] / 2 - 5, neck = top + v->bars[i] + 8,
	             foot = neck + 16 + 14 * (double)v->names[i].n, w = fmin(v->pitch - 16, 96) / 2;
	const double corners[][2] = { { 13, top },  { 13, neck }, { w, neck },   { w, foot },
		                      { -w, foot }, { -w, neck }, { -13, neck }, { -13, top } };
	struct path p;
	path_begin(&p, d);
	path_move(&p, x + corners[0][0], corners[0][1]);
	for (size_t k = 1; k < COUNT_OF(corners); k++) path_to(&p, x + corners[k][0], corners[k][1]);
	path_close(&p);
	path_end(&p, "hit", NULL);
	frame_link_end(d);
}

static void link_edge(struct flow_view *v, size_t e, size_t number)
{
	struct drawing *d = v->d;
	const struct render_flow_edge *edge = &v->f->edges[e];
	const struct str from = svg_attr(d->arena, "data-from", v->f->nodes[edge->from].key),
	                 to = svg_attr(d->arena, "data-to", v->f->nodes[edge->to].key);
	frame_link(d, "path", number, edge_label(v, e),
	           str_format(d->arena, STR_FMT STR_FMT, STR_ARG(from), STR_ARG(to)), true);
	struct path p;
	path_begin(&p, d);
	flow_path(&p, &v->lines[e]);
	struct buf b;
	buf_init(&b, 64);
	buf_str(&b, STR("stroke-width=\""));
	svg_number(&b, fmax(12, v->lines[e].w + 4));
	buf_byte(&b, '"');
	const char *width = str_z(d->arena, buf_view(&b));
	buf_done(&b);
	path_end(&p, "fhit", width);
	frame_link_end(d);
}

/* In the order of reading: a node, then the edges that leave it, the strongest first as the model has them. */
void flow_draw_links(struct flow_view *v)
{
	struct drawing *d = v->d;
	if (v->f->n_nodes == 0) return;
	size_t *order = ARENA_ARRAY(d->arena, size_t, v->f->n_nodes), n_paths = 0;
	if (!order) {
		d->full = true;
		return;
	}
	flow_reading_order(v, order);
	draw_group(d, "flow-list", "list", draw_words(d, "render.flow.about"));
	for (size_t i = 0; i < v->f->n_nodes; i++) {
		link_node(v, order[i], i + 1);
		for (size_t e = 0; e < v->f->n_edges; e++)
			if (v->f->edges[e].from == order[i]) link_edge(v, e, ++n_paths);
	}
	draw_group_end(d);
}
