/* The lanes of what a journey means: friction, consistency, money. Rows of words, drawn only where anything is told. */
#include "render/priv.h"

static const struct style caption = { 11, 400, INK3, false }, small = { 11, 400, INK2, false },
                          number = { 13, 600, INK, false };

typedef double (*weight_of)(const struct render_meaning *m); /* 0: nothing to tell */

static double friction_weight(const struct render_meaning *m)
{
	return m->friction_known ? 1 + m->friction : 0;
}

static double consistency_weight(const struct render_meaning *m)
{
	return m->differs ? 1 + m->high - m->low : 0;
}

static double money_weight(const struct render_meaning *m)
{
	return m->money.len > 0;
}

/* The node of a step that has most to tell; the step's own where both tell as much. NO_NODE: none has anything. */
static size_t telling(const struct drawing *d, size_t step, weight_of weight)
{
	const size_t main = d->columns[step].main;
	size_t best = NO_NODE;
	double most = 0;
	for (size_t i = 0; i < d->map->n_nodes; i++) {
		const struct render_node *n = &d->map->nodes[i];
		const double w = n->step == step ? weight(&n->meaning) : 0;
		if (!(w > 0) || w < most || (!(w > most) && i != main)) continue;
		best = i;
		most = w;
	}
	return best;
}

static bool anything(const struct drawing *d, weight_of weight)
{
	for (size_t i = 0; i < d->map->n_steps; i++)
		if (telling(d, i, weight) != NO_NODE) return true;
	return false;
}

struct told { /* of one column: a strong line, a weak one, and whose they are */
	struct str strong, weak;
};
typedef struct told (*tell)(struct drawing *d, const struct render_meaning *m);

static struct told tell_friction(struct drawing *d, const struct render_meaning *m)
{
	return (struct told){ draw_score(d, m->friction), m->friction >= 0.5 ? m->friction_most : (struct str){ 0 } };
}

static struct told tell_consistency(struct drawing *d, const struct render_meaning *m)
{
	const struct str names[] = { m->low_name, m->high_name };
	return (struct told){ draw_range(d, m->low, m->high), draw_join(d, names, 2) };
}

static struct told tell_money(struct drawing *d, const struct render_meaning *m)
{
	return (struct told){ m->money, m->money_more };
}

struct lane {
	const char *id, *name, *sub1, *sub2;
	weight_of weight;
	tell tell;
};

static void draw_lane(struct drawing *d, const struct lane *l)
{
	if (!anything(d, l->weight)) return;
	const double top = d->y;
	bool branches = false;
	const struct word_arg hundred = ARG_INT("hundred", 100);
	const struct str subs[] = { draw_words1(d, l->sub1, hundred), draw_words(d, l->sub2) };
	draw_group(d, l->id, "group", draw_words(d, l->name));
	draw_line(d, 40, top, d->width - 40, top, "hair");
	draw_gutter(d, top + 22, l->name, subs, COUNT_OF(subs));
	for (size_t i = 0; i < d->map->n_steps; i++) {
		const size_t k = telling(d, i, l->weight);
		if (k == NO_NODE) continue;
		const struct column *c = &d->columns[i];
		const struct render_node *n = &d->map->nodes[k];
		const struct told t = l->tell(d, &n->meaning);
		const double max = c->w - 6;
		draw_text(d, c->cx, top + 22, ANCHOR_MIDDLE, number, draw_own(d, t.strong, number, max));
		if (t.weak.len) draw_text(d, c->cx, top + 39, ANCHOR_MIDDLE, small, draw_own(d, t.weak, small, max));
		/* A branch speaks for its column: say which. */
		if (k == c->main) continue;
		draw_text(d, c->cx, top + 54, ANCHOR_MIDDLE, caption, draw_own(d, n->name, caption, max));
		branches = true;
	}
	draw_group_end(d);
	d->y = top + (branches ? 70 : 64);
}

void lane_friction(struct drawing *d)
{
	draw_lane(d, &(struct lane){ "friction", WORDS_KEY("render.friction"), WORDS_KEY("render.friction.sub1"),
	                             WORDS_KEY("render.friction.sub2"), friction_weight, tell_friction });
}

void lane_consistency(struct drawing *d)
{
	draw_lane(d,
	          &(struct lane){ "consistency", WORDS_KEY("render.consistency"), WORDS_KEY("render.consistency.sub1"),
	                          WORDS_KEY("render.consistency.sub2"), consistency_weight, tell_consistency });
}

void lane_money(struct drawing *d)
{
	draw_lane(d, &(struct lane){ "money", WORDS_KEY("render.money"), WORDS_KEY("render.money.sub1"),
	                             WORDS_KEY("render.money.sub2"), money_weight, tell_money });
}
