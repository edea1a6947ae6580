/* The third step: how high each item stands. See flow.h. */
#include "render/flow.h"

#define ROUNDS 60

struct block { /* neighbours that touch move as one */
	double place, weight;
	size_t first;
};

/*
 * The centres of a row nearest to where its items want to be, weighted least
 * squares, that keep the order and the rooms: with the distances taken off
 * this is isotonic regression, by pooling neighbours that would overlap
 * (Ayer and others 1955). O(row).
 */
static void settle(struct flow_graph *g, size_t layer, const double *want, const double *weight, double *from_top,
                   struct block *blocks)
{
	const size_t *row = g->rows[layer], n = g->n_rows[layer];
	size_t n_blocks = 0;
	double top = 0;
	for (size_t i = 0; i < n; i++) {
		if (i > 0) top += g->items[row[i - 1]].below + g->gap + g->items[row[i]].above;
		from_top[i] = top;
		struct block b = { want[row[i]] - top, weight[row[i]], i };
		while (n_blocks > 0 && blocks[n_blocks - 1].place >= b.place) {
			const struct block *p = &blocks[--n_blocks];
			b.place = (p->place * p->weight + b.place * b.weight) / (p->weight + b.weight);
			b.weight += p->weight;
			b.first = p->first;
		}
		blocks[n_blocks++] = b;
	}
	for (size_t k = 0; k < n_blocks; k++)
		for (size_t i = blocks[k].first; i < (k + 1 < n_blocks ? blocks[k + 1].first : n); i++)
			g->items[row[i]].y = blocks[k].place + from_top[i];
}

/* Where an item's links would run level, and how strongly they say so. */
static void wish_of(const struct flow_graph *g, size_t item, double *want, double *weight)
{
	double sum = 0, all = 0;
	for (size_t i = 0; i < g->n_down[item]; i++) {
		const struct flow_link *l = &g->links[g->down[item][i]];
		sum += l->weight * (g->items[l->low].y + l->off_low - l->off_high);
		all += l->weight;
	}
	for (size_t i = 0; i < g->n_up[item]; i++) {
		const struct flow_link *l = &g->links[g->up[item][i]];
		sum += l->weight * (g->items[l->high].y + l->off_high - l->off_low);
		all += l->weight;
	}
	want[item] = all > 0 ? sum / all : g->items[item].y;
	weight[item] = all > 0 ? all : 0.01;
}

bool flow_place(struct flow_graph *g)
{
	size_t longest = 0;
	for (size_t l = 0; l < g->n_layers; l++) longest = g->n_rows[l] > longest ? g->n_rows[l] : longest;
	double *want = ARENA_ARRAY(g->arena, double, g->n_items), *weight = ARENA_ARRAY(g->arena, double, g->n_items),
	       *from_top = ARENA_ARRAY(g->arena, double, longest);
	struct block *blocks = ARENA_ARRAY(g->arena, struct block, longest);
	if (!want || !weight || !from_top || !blocks) return false;
	for (size_t i = 0; i < g->n_items; i++) weight[i] = 1;
	for (size_t l = 0; l < g->n_layers; l++) settle(g, l, want, weight, from_top, blocks);
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < g->n_layers; i++) {
			const size_t l = round % 2 ? g->n_layers - 1 - i : i;
			for (size_t k = 0; k < g->n_rows[l]; k++) wish_of(g, g->rows[l][k], want, weight);
			settle(g, l, want, weight, from_top, blocks);
		}
	return true;
}
