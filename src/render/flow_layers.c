/* The first step: mean places, layers, and the items of each layer. See flow.h. */
#include "render/flow.h"

#define PLACE_ROUNDS 200
#define MOVE_ROUNDS 16

/* The mean number of steps before a visit, from the counts alone: everybody who comes is one step further. */
static bool mean_places(const struct render_flow *f, struct arena *a, double *place)
{
	double *sum = ARENA_ARRAY(a, double, f->n_nodes), *all = ARENA_ARRAY(a, double, f->n_nodes);
	if (!sum || !all) return false;
	for (int round = 0; round < PLACE_ROUNDS; round++) {
		for (size_t v = 0; v < f->n_nodes; v++) {
			sum[v] = 0;
			all[v] = (double)f->nodes[v].starts;
		}
		for (size_t e = 0; e < f->n_edges; e++) {
			const struct render_flow_edge *edge = &f->edges[e];
			if (edge->from == edge->to) continue;
			sum[edge->to] += (double)edge->count * (place[edge->from] + 1);
			all[edge->to] += (double)edge->count;
		}
		for (size_t v = 0; v < f->n_nodes; v++) place[v] = all[v] > 0 ? sum[v] / all[v] : 0;
	}
	return true;
}

static int64_t count_between(const struct render_flow *f, size_t from, size_t to)
{
	int64_t n = 0;
	for (size_t e = 0; e < f->n_edges; e++)
		if (f->edges[e].from == from && f->edges[e].to == to) n += f->edges[e].count;
	return n;
}

/* rank[v]: v's number in the order of mean places; neighbours that mostly go the other way change places. */
static bool rank_nodes(const struct render_flow *f, struct arena *a, size_t *rank)
{
	double *place = ARENA_ARRAY(a, double, f->n_nodes);
	size_t *order = ARENA_ARRAY(a, size_t, f->n_nodes);
	if (!place || !order || !mean_places(f, a, place)) return false;
	for (size_t v = 0; v < f->n_nodes; v++) {
		size_t at = v;
		for (; at > 0 && place[order[at - 1]] > place[v]; at--) order[at] = order[at - 1];
		order[at] = v;
	}
	bool moved = true;
	for (size_t round = 0; moved && round < f->n_nodes; round++) {
		moved = false;
		for (size_t i = 0; i + 1 < f->n_nodes; i++) {
			const size_t x = order[i], y = order[i + 1];
			if (count_between(f, y, x) <= count_between(f, x, y)) continue;
			order[i] = y;
			order[i + 1] = x;
			moved = true;
		}
	}
	for (size_t i = 0; i < f->n_nodes; i++) rank[order[i]] = i;
	return true;
}

static int by_count(const void *a, const void *b, void *flow)
{
	const struct render_flow *f = flow;
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	if (f->edges[x].count != f->edges[y].count) return f->edges[x].count > f->edges[y].count ? -1 : 1;
	return x < y ? -1 : x > y;
}

struct layering {
	const struct render_flow *f;
	const size_t *by_start; /* edges by the rank of where they start */
	const size_t *steps;    /* how many layers an edge's end must stand after its start: 0, 1; NO_NODE: before */
	size_t *layer;
};

/* The least layer of each node by the edges that ask; returns how many layers there are. */
static size_t least_layers(const struct layering *l)
{
	size_t n = 1;
	memset(l->layer, 0, l->f->n_nodes * sizeof *l->layer);
	for (size_t i = 0; i < l->f->n_edges; i++) {
		const size_t e = l->by_start[i];
		if (l->steps[e] == NO_NODE) continue;
		const size_t least = l->layer[l->f->edges[e].from] + l->steps[e];
		size_t *to = &l->layer[l->f->edges[e].to];
		if (least > *to) *to = least;
		n = *to + 1 > n ? *to + 1 : n;
	}
	return n;
}

struct wish {
	double layer, weight;
};

static int by_layer(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;
	return x->layer < y->layer ? -1 : x->layer > y->layer;
}

/* Moves a node to the weighted median of where its edges want it, within what all edges leave. */
static bool move_node(const struct layering *l, size_t v, size_t last, struct wish *wishes)
{
	size_t lo = 0, hi = last, n = 0;
	double all = 0, sum = 0;
	for (size_t e = 0; e < l->f->n_edges; e++) {
		const struct render_flow_edge *edge = &l->f->edges[e];
		if (edge->from == edge->to || (edge->from != v && edge->to != v)) continue;
		const bool in = edge->to == v;
		const size_t other = l->layer[in ? edge->from : edge->to];
		if (l->steps[e] == NO_NODE) continue;
		if (in && other + l->steps[e] > lo) lo = other + l->steps[e];
		if (!in && other < hi + l->steps[e]) hi = other - l->steps[e];
		wishes[n++] = (struct wish){ in ? (double)other + 1 : (double)other - 1, (double)edge->count };
		all += (double)edge->count;
	}
	if (n == 0) return false;
	qsort(wishes, n, sizeof *wishes, by_layer);
	size_t i = 0;
	while (i + 1 < n && (sum += wishes[i].weight) * 2 < all) i++;
	const size_t want = (size_t)fmin(fmax(wishes[i].layer, (double)lo), (double)hi);
	if (want == l->layer[v]) return false;
	l->layer[v] = want;
	return true;
}

/* A layer that everybody left is closed up. */
static size_t close_up(const struct render_flow *f, size_t *layer, size_t n_layers)
{
	size_t kept = 0;
	for (size_t at = 0; at < n_layers; at++) {
		bool used = false;
		for (size_t v = 0; v < f->n_nodes; v++)
			if (layer[v] == at) {
				layer[v] = kept;
				used = true;
			}
		kept += used;
	}
	return kept;
}

static bool set_layers(struct flow_graph *g, size_t *layer)
{
	const struct render_flow *f = g->flow;
	size_t *rank = ARENA_ARRAY(g->arena, size_t, f->n_nodes), *in_order = ARENA_ARRAY(g->arena, size_t, f->n_nodes),
	       *strong = ARENA_ARRAY(g->arena, size_t, f->n_edges),
	       *by_start = ARENA_ARRAY(g->arena, size_t, f->n_edges),
	       *steps = ARENA_ARRAY(g->arena, size_t, f->n_edges);
	struct wish *wishes = ARENA_ARRAY(g->arena, struct wish, f->n_edges);
	if (!rank || !in_order || !strong || !by_start || !steps || !wishes || !rank_nodes(f, g->arena, rank))
		return false;
	for (size_t v = 0; v < f->n_nodes; v++) in_order[rank[v]] = v;
	for (size_t e = 0; e < f->n_edges; e++) strong[e] = e;
	qsort_r(strong, f->n_edges, sizeof *strong, by_count, (void *)f);

	size_t n_by_start = 0;
	for (size_t i = 0; i < f->n_nodes; i++)
		for (size_t e = 0; e < f->n_edges; e++)
			if (f->edges[e].from == in_order[i]) by_start[n_by_start++] = e;

	const struct layering l = { f, by_start, steps, layer };
	const size_t most = FLOW_LAYERS(f->n_nodes);
	for (size_t e = 0; e < f->n_edges; e++) steps[e] = rank[f->edges[e].from] < rank[f->edges[e].to] ? 0 : NO_NODE;
	for (size_t i = 0; i < f->n_edges; i++) {
		if (steps[strong[i]] == NO_NODE) continue;
		steps[strong[i]] = 1;
		if (least_layers(&l) > most) steps[strong[i]] = 0;
	}
	const size_t n = least_layers(&l);
	bool moved = true;
	for (int round = 0; moved && round < MOVE_ROUNDS; round++) {
		moved = false;
		for (size_t i = 0; i < f->n_nodes; i++)
			if (move_node(&l, in_order[round % 2 ? i : f->n_nodes - 1 - i], n - 1, wishes)) moved = true;
	}
	g->n_layers = close_up(f, layer, n);
	return true;
}

/* --- items and links ----------------------------------------------------------------------------------- */

static bool add_way(struct flow_graph *g, size_t e, double strongest)
{
	const struct render_flow_edge *edge = &g->flow->edges[e];
	struct flow_way *way = &g->ways[e];
	const size_t from = g->items[edge->from].layer, to = g->items[edge->to].layer;
	way->kind = edge->from == edge->to ? FLOW_SELF : from < to ? FLOW_FORWARD : from > to ? FLOW_BACK : FLOW_LEVEL;
	way->link = g->n_links;
	if (from == to) return true;
	const size_t low = from < to ? edge->from : edge->to, high = from < to ? edge->to : edge->from;
	size_t at = low;
	for (size_t layer = g->items[low].layer + 1; layer <= g->items[high].layer; layer++) {
		size_t next = high;
		if (layer < g->items[high].layer) {
			next = g->n_items++;
			g->items[next] = (struct flow_item){ .node = NO_NODE, .edge = e, .layer = layer };
		}
		/* The middle of a long way is kept straightest (Gansner and others 1993). */
		const int passing = (g->items[at].node == NO_NODE) + (g->items[next].node == NO_NODE);
		const double straight = passing == 2 ? 8 : passing == 1 ? 2 : 1;
		g->links[g->n_links++] =
		        (struct flow_link){ .low = at,
			                    .high = next,
			                    .edge = e,
			                    .weight = straight * (1 + 15 * (double)edge->count / strongest) };
		way->n_links++;
		at = next;
	}
	return true;
}

static size_t *list_of(struct arena *a, size_t n, bool *ok)
{
	size_t *out = ARENA_ARRAY(a, size_t, n + 1);
	if (!out) *ok = false;
	return out;
}

static bool list_links(struct flow_graph *g)
{
	bool ok = true;
	g->down = ARENA_ARRAY(g->arena, size_t *, g->n_items);
	g->up = ARENA_ARRAY(g->arena, size_t *, g->n_items);
	g->n_down = list_of(g->arena, g->n_items, &ok);
	g->n_up = list_of(g->arena, g->n_items, &ok);
	g->rows = ARENA_ARRAY(g->arena, size_t *, g->n_layers);
	g->n_rows = list_of(g->arena, g->n_layers, &ok);
	if (!ok || !g->down || !g->up || !g->rows) return false;
	for (size_t i = 0; i < g->n_links; i++) {
		g->n_up[g->links[i].low]++;
		g->n_down[g->links[i].high]++;
	}
	for (size_t i = 0; i < g->n_items; i++) {
		g->down[i] = list_of(g->arena, g->n_down[i], &ok);
		g->up[i] = list_of(g->arena, g->n_up[i], &ok);
		g->n_rows[g->items[i].layer]++;
	}
	for (size_t l = 0; l < g->n_layers; l++) g->rows[l] = list_of(g->arena, g->n_rows[l], &ok);
	if (!ok) return false;
	memset(g->n_down, 0, g->n_items * sizeof *g->n_down);
	memset(g->n_up, 0, g->n_items * sizeof *g->n_up);
	for (size_t i = 0; i < g->n_links; i++) {
		g->up[g->links[i].low][g->n_up[g->links[i].low]++] = i;
		g->down[g->links[i].high][g->n_down[g->links[i].high]++] = i;
	}
	return true;
}

bool flow_layers(struct flow_graph *g)
{
	const struct render_flow *f = g->flow;
	size_t *layer = ARENA_ARRAY(g->arena, size_t, f->n_nodes);
	g->ways = ARENA_ARRAY(g->arena, struct flow_way, f->n_edges);
	if (!layer || !g->ways || !set_layers(g, layer)) return false;
	size_t passing = 0, links = 0;
	double strongest = 1;
	for (size_t e = 0; e < f->n_edges; e++) {
		const size_t from = layer[f->edges[e].from], to = layer[f->edges[e].to];
		const size_t span = from < to ? to - from : from - to;
		links += span;
		passing += span > 1 ? span - 1 : 0;
		strongest = fmax(strongest, (double)f->edges[e].count);
	}
	g->items = ARENA_ARRAY(g->arena, struct flow_item, f->n_nodes + passing);
	g->links = ARENA_ARRAY(g->arena, struct flow_link, links);
	if (!g->items || !g->links) return false;
	for (size_t v = 0; v < f->n_nodes; v++) g->items[v] = (struct flow_item){ .node = v, .layer = layer[v] };
	g->n_items = f->n_nodes;
	for (size_t e = 0; e < f->n_edges; e++) add_way(g, e, strongest);
	return list_links(g);
}
