/* The second step: the order within layers. See flow.h. */
#include "render/flow.h"

#define SWEEPS 14
#define SWAP_ROUNDS 6

struct crossing {
	double low, high, weight;
};

/* Where a link meets an item, in places of its row: an edge that runs back does so above its bars. */
static double place_of(const struct flow_graph *g, const struct flow_link *l, size_t item)
{
	const bool above = g->ways[l->edge].kind == FLOW_BACK && g->items[item].node != NO_NODE;
	return (double)g->items[item].at - (above ? 0.4 : 0);
}

static double layer_crossings(const struct flow_graph *g, size_t layer, struct crossing *list)
{
	size_t n = 0;
	for (size_t i = 0; i < g->n_rows[layer]; i++) {
		const size_t item = g->rows[layer][i];
		for (size_t k = 0; k < g->n_up[item]; k++) {
			const struct flow_link *l = &g->links[g->up[item][k]];
			list[n++] = (struct crossing){ place_of(g, l, l->low), place_of(g, l, l->high), l->weight };
		}
	}
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if ((list[i].low > list[k].low && list[i].high < list[k].high) ||
			    (list[i].low < list[k].low && list[i].high > list[k].high))
				sum += list[i].weight * list[k].weight;
	return sum;
}

static double crossings(const struct flow_graph *g, struct crossing *list)
{
	double sum = 0;
	for (size_t l = 0; l + 1 < g->n_layers; l++) sum += layer_crossings(g, l, list);
	return sum;
}

double flow_crossings(const struct flow_graph *g)
{
	struct crossing *list = ARENA_ARRAY(g->arena, struct crossing, g->n_links);
	return list ? crossings(g, list) : NAN;
}

static void number_row(struct flow_graph *g, size_t layer)
{
	for (size_t i = 0; i < g->n_rows[layer]; i++) g->items[g->rows[layer][i]].at = i;
}

/* The weighted mean of the neighbours' places on one side, as a share of their row; the own place without any. */
static double wish_of(const struct flow_graph *g, size_t item, bool lower)
{
	const size_t *links = lower ? g->down[item] : g->up[item], n = lower ? g->n_down[item] : g->n_up[item];
	double sum = 0, all = 0;
	for (size_t i = 0; i < n; i++) {
		const struct flow_link *l = &g->links[links[i]];
		const size_t other = lower ? l->low : l->high;
		sum += l->weight * (place_of(g, l, other) + 0.5) / (double)g->n_rows[g->items[other].layer];
		all += l->weight;
	}
	return all > 0 ? sum / all : ((double)g->items[item].at + 0.5) / (double)g->n_rows[g->items[item].layer];
}

static void sort_row(struct flow_graph *g, size_t layer, bool lower, double *wish)
{
	size_t *row = g->rows[layer];
	for (size_t i = 0; i < g->n_rows[layer]; i++) wish[row[i]] = wish_of(g, row[i], lower);
	for (size_t i = 1; i < g->n_rows[layer]; i++) {
		const size_t item = row[i];
		size_t at = i;
		for (; at > 0 && wish[row[at - 1]] > wish[item]; at--) row[at] = row[at - 1];
		row[at] = item;
	}
	number_row(g, layer);
}

/* Crossings between the links of two items on one side when x stands above y. */
static double between(const struct flow_graph *g, size_t x, size_t y, bool lower)
{
	const size_t *lx = lower ? g->down[x] : g->up[x], *ly = lower ? g->down[y] : g->up[y];
	const size_t nx = lower ? g->n_down[x] : g->n_up[x], ny = lower ? g->n_down[y] : g->n_up[y];
	double sum = 0;
	for (size_t i = 0; i < nx; i++)
		for (size_t k = 0; k < ny; k++) {
			const struct flow_link *a = &g->links[lx[i]], *b = &g->links[ly[k]];
			if (place_of(g, a, lower ? a->low : a->high) > place_of(g, b, lower ? b->low : b->high))
				sum += a->weight * b->weight;
		}
	return sum;
}

static void swap_neighbours(struct flow_graph *g)
{
	bool swapped = true;
	for (int round = 0; swapped && round < SWAP_ROUNDS; round++) {
		swapped = false;
		for (size_t l = 0; l < g->n_layers; l++)
			for (size_t i = 0; i + 1 < g->n_rows[l]; i++) {
				size_t *row = g->rows[l];
				const size_t x = row[i], y = row[i + 1];
				const double now = between(g, x, y, true) + between(g, x, y, false),
				             then = between(g, y, x, true) + between(g, y, x, false);
				if (then >= now) continue;
				row[i] = y;
				row[i + 1] = x;
				g->items[y].at = i;
				g->items[x].at = i + 1;
				swapped = true;
			}
	}
}

/* The items where an edge runs back stand on top, then the nodes that most visit, then the other passing edges. */
static void first_order(struct flow_graph *g)
{
	const struct render_flow *f = g->flow;
	memset(g->n_rows, 0, g->n_layers * sizeof *g->n_rows);
	for (int pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < g->n_items; i++) {
			const struct flow_item *it = &g->items[i];
			const int when = it->node != NO_NODE ? 1 : g->ways[it->edge].kind == FLOW_BACK ? 0 : 2;
			if (when != pass) continue;
			size_t *row = g->rows[it->layer], at = g->n_rows[it->layer]++;
			for (; pass == 1 && at > 0; at--) {
				const size_t before = g->items[row[at - 1]].node;
				if (before == NO_NODE || f->nodes[before].count >= f->nodes[i].count) break;
				row[at] = row[at - 1];
			}
			row[at] = i;
		}
	for (size_t l = 0; l < g->n_layers; l++) number_row(g, l);
}

/* What most visit belongs in the upper half. */
static void turn_up(struct flow_graph *g)
{
	double sum = 0, all = 0;
	for (size_t v = 0; v < g->flow->n_nodes; v++) {
		const double n = (double)g->flow->nodes[v].count;
		sum += n * (((double)g->items[v].at + 0.5) / (double)g->n_rows[g->items[v].layer] - 0.5);
		all += n;
	}
	if (all <= 0 || sum / all <= 1e-9) return;
	for (size_t l = 0; l < g->n_layers; l++) {
		for (size_t i = 0, k = g->n_rows[l]; i + 1 < k; i++) {
			const size_t item = g->rows[l][i];
			g->rows[l][i] = g->rows[l][--k];
			g->rows[l][k] = item;
		}
		number_row(g, l);
	}
}

bool flow_order(struct flow_graph *g)
{
	struct crossing *list = ARENA_ARRAY(g->arena, struct crossing, g->n_links);
	double *wish = ARENA_ARRAY(g->arena, double, g->n_items);
	size_t *best = ARENA_ARRAY(g->arena, size_t, g->n_items);
	if (!list || !wish || !best) return false;
	first_order(g);
	double least = INFINITY;
	for (int sweep = 0; sweep <= SWEEPS; sweep++) {
		const double now = crossings(g, list);
		if (now < least) {
			least = now;
			for (size_t i = 0; i < g->n_items; i++) best[i] = g->items[i].at;
		}
		if (sweep == SWEEPS || least <= 0) break;
		for (size_t i = 1; i < g->n_layers; i++) {
			const bool lower = sweep % 2 == 0;
			sort_row(g, lower ? i : g->n_layers - 1 - i, lower, wish);
		}
		swap_neighbours(g);
	}
	for (size_t i = 0; i < g->n_items; i++) {
		g->items[i].at = best[i];
		g->rows[g->items[i].layer][best[i]] = i;
	}
	turn_up(g);
	return true;
}
