/* Two voices: what employees say beside customers, and what customers met beside what they had expected. */
#include "render/priv.h"

static const struct style caption = { 11, 400, INK3, false }, small = { 11, 400, INK2, false },
                          number = { 13, 600, INK, false };

/* From 0 to 100 across the column, in the direction of reading. */
struct axis {
	double x, w, y;
};

static double at(const struct axis *a, double points)
{
	return a->x + a->w * fmax(0, fmin(100, points)) / 100;
}

static struct axis draw_axis(struct drawing *d, const struct column *c, double y)
{
	const double w = fmin(c->w - 16, 96);
	const struct axis a = { c->cx - w / 2, w, y };
	draw_line(d, a.x, y, a.x + w, y, "hair");
	draw_line(d, a.x + w / 2, y - 3, a.x + w / 2, y + 3, "hair");
	return a;
}

static void draw_interval(struct drawing *d, const struct axis *a, const struct render_interval *e)
{
	draw_line(d, at(a, e->lo), a->y, at(a, e->hi), a->y, "wh");
}

static void draw_square(struct drawing *d, double x, double y)
{
	draw_rect(d, x - 4.5, y - 4.5, 9, 9, 0, "fi");
}

static void draw_expected(struct drawing *d, double x, double y)
{
	draw_line(d, x, y - 8, x, y + 8, "pt");
}

/* A difference always says which way. */
static struct str signed_points(struct drawing *d, double points)
{
	const double whole = round(points);
	const struct word_arg arg = ARG_TEXT("n", draw_score(d, fabs(whole)));
	if (!(fabs(whole) > 0)) return arg.text;
	return draw_words1(d, whole > 0 ? WORDS_KEY("render.points.up") : WORDS_KEY("render.points.down"), arg);
}

/* --- what a column shows --------------------------------------------------------------------------- */

typedef double (*weight_of)(const struct render_voices *v); /* 0: nothing to show */

static double employees_weight(const struct render_voices *v)
{
	return v->employees.known ? 1 + (v->ahead.known ? fabs(v->ahead.est) : 0) : 0;
}

static double expectation_weight(const struct render_voices *v)
{
	return v->gap.known ? 1 + fabs(v->gap.est) : 0;
}

/* The node of a step with the widest gap; its main one where none is wider. NO_NODE: nobody said anything. */
static size_t loudest(const struct drawing *d, size_t step, weight_of weight)
{
	const size_t main = d->columns[step].main;
	size_t best = NO_NODE;
	double most = 0;
	for (size_t i = 0; i < d->map->n_nodes; i++) {
		const double w = d->map->nodes[i].step == step ? weight(&d->map->nodes[i].voices) : 0;
		if (!(w > 0) || w < most || (!(w > most) && i != main)) continue;
		best = i;
		most = w;
	}
	return best;
}

static struct str count_of(struct drawing *d, int64_t n)
{
	return draw_words1(d, "render.n", ARG_INT("n", n));
}

/* The difference stands out only where it can be told from noise. Returns the y of its last line. */
static double draw_told(struct drawing *d, const struct column *c, double y, const struct render_interval *gap,
                        bool is_told, int64_t n)
{
	const struct style quiet = { 13, 400, INK2, false };
	const struct span spans[] = { { gap->known ? signed_points(d, gap->est) : (struct str){ 0 },
		                        is_told ? number : quiet },
		                      { count_of(d, n), small } };
	if (!gap->known) {
		draw_text(d, c->cx, y, ANCHOR_MIDDLE, small, spans[1].text);
		return y;
	}
	if (draw_spans_width(d, spans, 2) * 1.06 <= c->w - 4) {
		draw_spans(d, c->cx, y, ANCHOR_MIDDLE, spans, 2);
		return y;
	}
	draw_text(d, c->cx, y, ANCHOR_MIDDLE, spans[0].style, spans[0].text);
	draw_text(d, c->cx, y + 15, ANCHOR_MIDDLE, small, spans[1].text);
	return y + 15;
}

static double cell_employees(struct drawing *d, const struct column *c, double y, const struct render_voices *v)
{
	const struct axis a = draw_axis(d, c, y);
	draw_interval(d, &a, &v->employees);
	if (v->customers.known) draw_circle(d, at(&a, v->customers.est), y, 5, "hol");
	draw_square(d, at(&a, v->employees.est), y);
	return draw_told(d, c, y + 25, &v->ahead, v->ahead_told, v->employees.n);
}

static double cell_expectation(struct drawing *d, const struct column *c, double y, const struct render_voices *v)
{
	const struct axis a = draw_axis(d, c, y);
	const double from = at(&a, v->expected.est), to = at(&a, v->experienced.est);
	if (v->gap_told) draw_rect(d, fmin(from, to), y - 2.5, fabs(to - from), 5, 0, v->gap.est < 0 ? "fp" : "fd");
	draw_expected(d, from, y);
	draw_circle(d, to, y, 5, "pt e5");
	return draw_told(d, c, y + 25, &v->gap, v->gap_told, v->gap.n);
}

/* --- the lanes ---------------------------------------------------------------------------------------- */

struct lane {
	const char *id, *name, *sub1, *sub2;
	weight_of weight;
	double (*cell)(struct drawing *d, const struct column *c, double y, const struct render_voices *v); /* last y */
};

static bool draw_lane(struct drawing *d, const struct lane *l)
{
	const double top = d->y;
	double bottom = top + 45;
	bool any = false;
	for (size_t i = 0; i < d->map->n_steps; i++) any |= loudest(d, i, l->weight) != NO_NODE;
	if (!any) return false;
	const struct str subs[] = { draw_words(d, l->sub1), draw_words(d, l->sub2) };
	draw_group(d, l->id, "group", draw_words(d, l->name));
	draw_line(d, 40, top, d->width - 40, top, "hair");
	draw_gutter(d, top + 22, l->name, subs, COUNT_OF(subs));
	for (size_t i = 0; i < d->map->n_steps; i++) {
		const size_t k = loudest(d, i, l->weight);
		if (k == NO_NODE) continue;
		const struct column *c = &d->columns[i];
		double y = l->cell(d, c, top + 20, &d->map->nodes[k].voices);
		/* A branch speaks for its column: say which. */
		if (k != c->main) {
			y += 15;
			draw_text(d, c->cx, y, ANCHOR_MIDDLE, caption,
			          draw_own(d, d->map->nodes[k].name, caption, c->w - 6));
		}
		bottom = fmax(bottom, y);
	}
	draw_group_end(d);
	d->y = fmax(top + 64, bottom + 16);
	return true;
}

void lane_employees(struct drawing *d)
{
	d->seen.employees = draw_lane(
	        d, &(struct lane){ "employees", WORDS_KEY("render.employees"), WORDS_KEY("render.employees.sub1"),
	                           WORDS_KEY("render.employees.sub2"), employees_weight, cell_employees });
}

void lane_expectation(struct drawing *d)
{
	d->seen.expected = draw_lane(
	        d, &(struct lane){ "expectation", WORDS_KEY("render.expectation"), WORDS_KEY("render.expectation.sub1"),
	                           WORDS_KEY("render.expectation.sub2"), expectation_weight, cell_expectation });
}

/* --- in the key ------------------------------------------------------------------------------------- */

void key_employees(struct drawing *d, double x, double y)
{
	draw_square(d, x + 7, y);
}

void key_expected(struct drawing *d, double x, double y)
{
	draw_expected(d, x + 4, y);
}

/* --- for those who do not see it ------------------------------------------------------------------------ */

struct str voices_label(struct drawing *d, size_t step)
{
	const size_t hoped = loudest(d, step, expectation_weight), staffed = loudest(d, step, employees_weight);
	struct str parts[2] = { { 0 } };
	if (hoped != NO_NODE) {
		const struct render_voices *v = &d->map->nodes[hoped].voices;
		const struct word_arg args[] = { ARG_TEXT("expected", draw_score(d, v->expected.est)),
			                         ARG_TEXT("met", draw_score(d, v->experienced.est)) };
		parts[0] = draw_wordsn(d, "render.label.expected", args, COUNT_OF(args));
	}
	if (staffed != NO_NODE) {
		const struct render_voices *v = &d->map->nodes[staffed].voices;
		const struct word_arg args[] = { ARG_TEXT("said", draw_score(d, v->employees.est)),
			                         ARG_TEXT("customers", draw_score(d, v->customers.est)) };
		parts[1] = draw_wordsn(d,
		                       v->customers.known ? WORDS_KEY("render.label.employees")
		                                          : WORDS_KEY("render.label.employees.alone"),
		                       args, COUNT_OF(args));
	}
	return draw_sentences(d, parts, COUNT_OF(parts));
}

/* --- in the head -------------------------------------------------------------------------------------- */

/* "NPS +31 (22 to 40), n 318 · eNPS ...": two figures that are never one. */
struct str voices_line(struct drawing *d)
{
	const struct {
		const struct render_interval *e;
		const char *key;
	} both[] = { { &d->map->nps, WORDS_KEY("render.nps") }, { &d->map->enps, WORDS_KEY("render.enps") } };
	struct str parts[COUNT_OF(both)] = { { 0 } };
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		const struct render_interval *e = both[i].e;
		if (!e->known) continue;
		const struct word_arg args[] = { ARG_TEXT("est", signed_points(d, e->est)),
			                         ARG_TEXT("lo", signed_points(d, e->lo)),
			                         ARG_TEXT("hi", signed_points(d, e->hi)), ARG_INT("n", e->n) };
		parts[i] = draw_wordsn(d, both[i].key, args, COUNT_OF(args));
	}
	return draw_join(d, parts, COUNT_OF(parts));
}
