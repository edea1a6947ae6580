/*
 * Inside the flow drawing: a directed graph in layers (Sugiyama, Tagawa and
 * Toda 1981), in three steps that know nothing of shapes or words:
 *
 *   flow_layers   which layer each node stands in, which way each edge runs
 *   flow_order    the order within the layers, with few crossings
 *   flow_place    how high each stands
 *
 * An item stands in a layer: a node, or the place where an edge passes by a
 * layer between its ends. Links join items of neighbouring layers. All steps
 * have a fixed number of rounds and break ties by the order of the model, so
 * the same graph gives the same picture.
 */
#ifndef RENDER_FLOW_H
#define RENDER_FLOW_H

#include "render/priv.h"

enum flow_kind { FLOW_FORWARD, FLOW_LEVEL, FLOW_BACK, FLOW_SELF };

struct flow_item {
	size_t node; /* NO_NODE: an edge passes by */
	size_t edge; /* that edge */
	size_t layer, at;
	double y;            /* centre */
	double above, below; /* the room that it needs, from its centre; set before flow_place */
};

struct flow_link {
	size_t low, high; /* items; low stands one layer before high */
	size_t edge;
	double weight;
	double off_low, off_high; /* where the edge meets the items, from their centres; set before flow_place */
};

struct flow_way { /* one for each edge of the model */
	enum flow_kind kind;
	size_t link, n_links; /* from the lower layer to the higher, also where the edge runs back */
};

struct flow_graph {
	const struct render_flow *flow;
	struct arena *arena;
	size_t n_layers;
	struct flow_item *items; /* the nodes first */
	size_t n_items;
	struct flow_link *links;
	size_t n_links;
	struct flow_way *ways;
	size_t **rows, *n_rows; /* items of each layer, from the top */
	size_t **down, *n_down; /* links of each item towards lower layers */
	size_t **up, *n_up;     /* and towards higher ones */
	double gap;             /* least distance between the rooms of two items */
};

/*
 * Layers of `flow`, its items and links, all in the arena of g. The order of
 * nodes is that of their mean place in a journey, which the counts give:
 * whoever comes to a node is one step further than where they came from. An
 * edge that agrees with this order never runs back: the strongest ones ask
 * for a later layer, as long as no way becomes longer than FLOW_LAYERS(n),
 * the others for at least the same. Then each node moves towards the weighted
 * median of its neighbours. Cost: O(edges²).
 */
NODISCARD bool flow_layers(struct flow_graph *g);
#define FLOW_LAYERS(n) (2 + (size_t)ceil(1.8 * sqrt((double)(n))))

/* Sweeps by weighted mean of the neighbours' places, and swaps of neighbours, that lower the weighted sum of crossings.
 * What most visit ends in the upper half. */
NODISCARD bool flow_order(struct flow_graph *g);
/* The weighted sum of crossings now; for the tests. */
double flow_crossings(const struct flow_graph *g);

/* Centres that keep the order and the rooms, and pull linked items level: least squares in each layer, in sweeps. */
NODISCARD bool flow_place(struct flow_graph *g);

/* --- the drawing of it -------------------------------------------------------------------------------- */

#define FLOW_BAR_W 10.0
#define FLOW_BAR_MIN 10.0
#define FLOW_LOOP_RISE 34.0 /* how far a loop stands above its bar */

struct flow_cubic {
	double x[4], y[4];
};

struct flow_line { /* one for each edge, from its start to its end; logical */
	struct flow_cubic *pieces;
	size_t n;
	double w;    /* 0: a loop, which is a line of its own width */
	bool strong; /* on the commonest way */
};

struct flow_mark {   /* those who start or end here, beside the bar */
	double y, w; /* middle and width; w 0: none */
};

struct flow_name {
	struct str lines[2];
	size_t n;
	struct str count; /* "39,080 · feels 62" */
};

struct flow_view {
	struct drawing *d;
	const struct render_flow *f;
	struct flow_graph g;
	struct flow_line *lines;
	struct flow_name *names;
	struct flow_mark *starts, *ends;
	double *bars; /* heights */
	bool *strong; /* nodes on the commonest way */
	double pitch, x0, scale;
};

/* flow_lines.c: names, heights, ports and curves, after which the items' y are final and begin at `top`. */
NODISCARD bool flow_lines(struct flow_view *v, double top);
double flow_x(const struct flow_view *v, size_t node);
/* The lowest point of anything laid out. */
double flow_bottom(const struct flow_view *v);
/* Point t, 0 to 1, along a line; the pieces count alike. */
void flow_point(const struct flow_line *l, double t, double *x, double *y);

/* flow_marks.c, flow_label.c, flow_access.c: what is drawn, in this order. */
void flow_draw_lines(struct flow_view *v);
void flow_draw_nodes(struct flow_view *v);
void flow_draw_labels(struct flow_view *v);
void flow_draw_links(struct flow_view *v);
/* Appends the path data of a line. */
void flow_path(struct path *p, const struct flow_line *l);
struct str flow_name_of(const struct flow_view *v, size_t node); /* what a person reads, safe */
struct str flow_description(const struct flow_view *v);
/* Where a node stands in the order of reading: by layer, then from the top. Fills n_nodes places. */
void flow_reading_order(const struct flow_view *v, size_t *nodes);

#endif
