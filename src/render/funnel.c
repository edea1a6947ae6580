/*
 * The funnel: the river alone, with its sums. Flat on top, so that between two
 * steps it runs level, as high as those who are left; who stops falls at the
 * bottom. Who passes an optional step by flows over its dashed bar.
 */
#include "render/priv.h"

#define TALLEST 140.0
#define DEPTH 188.0
#define BAR_W 9.0
#define GUTTER 180.0
#define SIDE 40.0

struct funnel_view {
	struct drawing *d;
	const struct render_funnel *f;
	int64_t *alive; /* who is left when a step comes, for each step */
	double cw, scale;
};

static enum err_code check(const struct render_funnel *f, int64_t *alive, struct err *err)
{
	int64_t left = f->n_steps ? f->steps[0].cases : 0;
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct render_funnel_step *s = &f->steps[i];
		const bool whole = s->optional ? s->cases <= left : s->cases == left;
		if (s->cases < 0 || s->lost < 0 || s->lost > s->cases || !whole || (i == 0 && s->optional))
			return err_set(err, ERR_INPUT, "render.funnel", "steps",
			               "step %zu has %lld cases and loses %lld of %lld that are left", i + 1,
			               (long long)s->cases, (long long)s->lost, (long long)left);
		alive[i] = left;
		left -= s->lost;
	}
	return OK;
}

static double centre(const struct funnel_view *v, size_t i)
{
	return GUTTER + v->cw * ((double)i + 0.5);
}

static double high(const struct funnel_view *v, int64_t n)
{
	return n > 0 ? fmax(1.4, (double)n * v->scale) : 0;
}

static int64_t through(const struct render_funnel *f)
{
	const struct render_funnel_step *last = &f->steps[f->n_steps - 1];
	int64_t left = f->steps[0].cases;
	for (size_t i = 0; i < f->n_steps; i++) left -= f->steps[i].lost;
	return last->optional ? left : last->cases - last->lost;
}

/* --- names ----------------------------------------------------------------------------------------- */

static double draw_names(struct funnel_view *v, double y)
{
	struct drawing *d = v->d;
	const struct style st = { 13, 600, INK, false }, small = { 11, 400, INK3, false };
	size_t most = 0;
	struct str lines[RENDER_FUNNEL_STEPS_MAX][3];
	size_t n[RENDER_FUNNEL_STEPS_MAX];
	for (size_t i = 0; i < v->f->n_steps; i++) {
		n[i] = text_wrap(d->kit, d->arena, text_user(d->arena, v->f->steps[i].name), st, d->rtl,
		                 (v->cw - 10) / 1.06, 3, lines[i]);
		most = n[i] > most ? n[i] : most;
	}
	bool optional = false;
	for (size_t i = 0; i < v->f->n_steps; i++) {
		const double base = y + 16 * (double)(most - n[i]) + 12;
		for (size_t k = 0; k < n[i]; k++)
			draw_text(d, centre(v, i), base + 16 * (double)k, ANCHOR_MIDDLE, st,
			          text_isolate(d->arena, lines[i][k], d->rtl));
		if (!v->f->steps[i].optional) continue;
		optional = true;
		draw_text(
		        d, centre(v, i), y + 16 * (double)most + 12, ANCHOR_MIDDLE, small,
		        text_cut(d->kit, d->arena, draw_words(d, "render.funnel.optional"), small, d->rtl, v->cw - 4));
	}
	draw_text(d, SIDE, y + 12, ANCHOR_START, (struct style){ 13, 700, INK, false },
	          draw_words(d, "render.funnel.steps"));
	return y + 16 * (double)most + (optional ? 20 : 4);
}

/* --- the river -------------------------------------------------------------------------------------- */

static void draw_bar(struct funnel_view *v, size_t i, double top)
{
	const struct render_funnel_step *s = &v->f->steps[i];
	const double h = high(v, s->cases), y = top + high(v, v->alive[i]) - h;
	if (s->cases <= 0) return;
	draw_rect(v->d, centre(v, i) - BAR_W / 2, y, BAR_W, fmax(2, h), 2, s->optional ? "opt" : "nd ndo");
}

static void draw_passing(struct funnel_view *v, size_t i, double top)
{
	struct drawing *d = v->d;
	const int64_t n = v->alive[i] - v->f->steps[i].cases;
	if (n <= 0) return;
	const double h = (double)n * v->scale, y = h >= 14 ? top + h / 2 + 4 : top - 5;
	const struct span label = { draw_words1(d, "render.pass_by", ARG_INT("n", n)), { 11, 400, INK2, h < 14 } };
	const struct box b = draw_text_box(d, centre(v, i), y, ANCHOR_MIDDLE, &label, 1);
	if (draw_free(d, b, 3)) draw_spans(d, centre(v, i), y, ANCHOR_MIDDLE, &label, 1);
}

static void draw_goal(struct funnel_view *v, double top)
{
	struct drawing *d = v->d;
	const size_t last = v->f->n_steps - 1;
	if (through(v->f) <= 0) return;
	const double x = centre(v, last) + 12, y = top + fmin(high(v, v->alive[last]) / 2, 12);
	struct path p;
	path_begin(&p, d);
	path_move(&p, x, y - 6);
	path_to(&p, x, y + 6);
	path_to(&p, x + 9, y);
	path_close(&p);
	path_end(&p, "fi", NULL);
}

static double draw_river(struct funnel_view *v, double y)
{
	struct drawing *d = v->d;
	const size_t n = v->f->n_steps;
	const double top = y + 16, bottom = top + DEPTH;
	draw_group(d, "people", "group", draw_words(d, "render.people.about"));
	const struct str subs[] = { draw_words(d, "render.people.sub1"), draw_words(d, "render.people.sub2") };
	draw_gutter(d, top + 8, "render.people", subs, COUNT_OF(subs));
	const double lead = fmin(62, v->cw / 2 - 4);
	draw_rect(d, centre(v, 0) - lead, top, lead, high(v, v->alive[0]), 0, "starts");
	for (size_t i = 0; i < n; i++) {
		const int64_t lost = v->f->steps[i].lost;
		const double h = high(v, lost), foot = top + high(v, v->alive[i]);
		if (lost > 0) draw_fall(d, centre(v, i), foot - h, h, fmax(4, v->cw * 0.62), bottom);
	}
	for (size_t i = 0; i + 1 < n; i++)
		if (v->alive[i + 1] > 0) draw_rect(d, centre(v, i), top, v->cw, high(v, v->alive[i + 1]), 0, "fl");
	for (size_t i = 0; i < n; i++) draw_bar(v, i, top);
	for (size_t i = 0; i < n; i++)
		if (v->f->steps[i].optional) draw_passing(v, i, top);
	draw_goal(v, top);
	draw_group_end(d);
	return bottom + 6;
}

/* --- sums -------------------------------------------------------------------------------------------- */

static const struct style caption = { 11, 400, INK3, false };

static void put_number(struct funnel_view *v, size_t i, double y, int64_t n, bool strong)
{
	const struct style st = { 12, strong ? 700 : 400, strong ? INK : n ? INK2 : INK3, false };
	draw_text(v->d, centre(v, i), y, ANCHOR_MIDDLE, st, draw_int(v->d, n));
}

static void put_lost(struct funnel_view *v, size_t i, double y)
{
	const struct render_funnel_step *s = &v->f->steps[i];
	const double share = s->cases > 0 ? (double)s->lost / (double)s->cases : 0;
	const bool heavy = share > 0.25;
	if (s->lost == 0) {
		put_number(v, i, y, 0, false);
		return;
	}
	const struct span spans[] = {
		{ draw_int(v->d, s->lost), { 12, heavy ? 700 : 400, heavy ? INK : INK2, false } },
		{ words_percent(&v->d->opt->locale, v->d->arena, share, share < 0.005 ? 1 : 0),
		  { 12, heavy ? 700 : 400, heavy ? INK : INK3, false } },
	};
	draw_spans(v->d, centre(v, i), y, ANCHOR_MIDDLE, spans,
	           draw_spans_width(v->d, spans, 2) * 1.06 <= v->cw - 4 ? 2 : 1);
}

static struct str percent(struct drawing *d, double share)
{
	return words_percent(&d->opt->locale, d->arena, share, 1);
}

static struct str range(struct drawing *d, const struct render_share *s)
{
	const struct word_arg args[] = { ARG_TEXT("lo", percent(d, s->lo)), ARG_TEXT("hi", percent(d, s->hi)) };
	return draw_wordsn(d, "interval", args, COUNT_OF(args));
}

static void put_share(struct funnel_view *v, size_t i, double y)
{
	struct drawing *d = v->d;
	const struct render_share *s = &v->f->steps[i].share;
	if (i == 0 || !isfinite(s->est)) return;
	draw_text(d, centre(v, i), y, ANCHOR_MIDDLE, (struct style){ 12, 600, INK, false }, percent(d, s->est));
	if (!isfinite(s->lo) || !isfinite(s->hi)) return;
	draw_text(d, centre(v, i), y + 15, ANCHOR_MIDDLE, caption,
	          text_cut(d->kit, d->arena, range(d, s), caption, d->rtl, v->cw - 2));
}

static void put_row_name(struct drawing *d, double y, bool strong, const char *sign, struct str words)
{
	const struct style st = { 12, strong ? 700 : 400, INK2, false };
	draw_text(
	        d, SIDE, y, ANCHOR_START, st,
	        text_cut(d->kit, d->arena, str_format(d->arena, "%s" STR_FMT, sign, STR_ARG(words)), st, d->rtl, 136));
}

static double draw_sums(struct funnel_view *v, double y)
{
	struct drawing *d = v->d;
	const struct style small = { 12, 400, INK2, false };
	const double last = d->width - SIDE;
	draw_group(d, "sums", "group", draw_words(d, "render.funnel.sums.about"));
	put_row_name(d, y + 12, true, "", draw_words(d, "render.entered"));
	put_row_name(d, y + 30, false, "= ", draw_words(d, "render.advanced"));
	put_row_name(d, y + 48, false, "+ ", draw_words(d, "render.lost"));
	put_row_name(d, y + 74, false, "", draw_words(d, "render.funnel.share"));
	draw_text(
	        d, SIDE, y + 89, ANCHOR_START, caption,
	        draw_words1(d, "render.funnel.sure", ARG_TEXT("p", words_percent(&d->opt->locale, d->arena, 0.95, 0))));
	struct str lines[2];
	const size_t n =
	        text_wrap(d->kit, d->arena, draw_words(d, "render.funnel.time"), caption, d->rtl, 132, 2, lines);
	for (size_t k = 0; k < n; k++) draw_text(d, SIDE, y + 114 + 14 * (double)k, ANCHOR_START, caption, lines[k]);
	draw_line(d, SIDE, y + 18, last, y + 18, "hair");
	draw_line(d, SIDE, y + 55, last, y + 55, "hair");
	draw_line(d, SIDE, y + 97, last, y + 97, "hair");
	for (size_t i = 0; i < v->f->n_steps; i++) {
		const struct render_funnel_step *s = &v->f->steps[i];
		put_number(v, i, y + 12, s->cases, true);
		put_number(v, i, y + 30, s->cases - s->lost, false);
		put_lost(v, i, y + 48);
		put_share(v, i, y + 74);
		if (isfinite(s->previous_p50_ms))
			draw_text(d, centre(v, i), y + 114, ANCHOR_MIDDLE, small,
			          text_cut(d->kit, d->arena,
			                   words_duration(&d->opt->locale, d->arena, s->previous_p50_ms), small, d->rtl,
			                   v->cw - 4));
	}
	draw_group_end(d);
	return y + 136;
}

/* --- words for all of it ----------------------------------------------------------------------------- */

/* "4,917 entered = 840 got through + 4,077 lost" */
static struct str sum_words(struct drawing *d, const struct render_funnel *f)
{
	if (f->n_steps == 0) return (struct str){ 0 };
	int64_t lost = 0;
	for (size_t i = 0; i < f->n_steps; i++) lost += f->steps[i].lost;
	const struct word_arg args[] = { ARG_INT("n", f->steps[0].cases), ARG_INT("through", through(f)),
		                         ARG_INT("lost", lost) };
	return draw_wordsn(d, "render.funnel.sum", args, COUNT_OF(args));
}

static struct str rule_words(struct drawing *d, const struct render_funnel *f)
{
	static const char *const orders[RENDER_ORDERS] = { WORDS_KEY("render.funnel.later"),
		                                           WORDS_KEY("render.funnel.strict"),
		                                           WORDS_KEY("render.funnel.any") };
	struct str parts[2] = { draw_words(d, orders[f->order]), { 0 } };
	if (f->window_ms != INT64_MAX)
		parts[1] =
		        draw_words1(d, "render.funnel.window",
		                    ARG_TEXT("time", words_duration(&d->opt->locale, d->arena, (double)f->window_ms)));
	return draw_join(d, parts, COUNT_OF(parts));
}

static struct str description(struct drawing *d, const struct render_funnel *f)
{
	const struct str sum = sum_words(d, f);
	const struct str parts[] = { sum.len ? str_format(d->arena, STR_FMT ".", STR_ARG(sum))
		                             : draw_words(d, "render.flow.empty"),
		                     draw_words(d, "render.desc.table") };
	return draw_sentences(d, parts, COUNT_OF(parts));
}

static struct str step_words(struct funnel_view *v, size_t i)
{
	struct drawing *d = v->d;
	const struct render_funnel_step *s = &v->f->steps[i];
	const struct word_arg args[] = { ARG_TEXT("name", text_user(d->arena, s->name)), ARG_INT("n", s->cases),
		                         ARG_TEXT("customers",
		                                  draw_words1(d, "count.customers", ARG_INT("n", s->customers))),
		                         ARG_INT("lost", s->lost) };
	struct str parts[3] = { draw_wordsn(d, "render.funnel.label.step", args, COUNT_OF(args)), { 0 }, { 0 } };
	if (i > 0 && isfinite(s->share.est) && isfinite(s->share.lo) && isfinite(s->share.hi)) {
		const struct word_arg share[] = { ARG_TEXT("share", percent(d, s->share.est)),
			                          ARG_TEXT("range", range(d, &s->share)) };
		parts[1] = draw_wordsn(d, "render.funnel.label.share", share, COUNT_OF(share));
	}
	if (s->optional) parts[2] = draw_words(d, "render.funnel.label.optional");
	return draw_sentences(d, parts, COUNT_OF(parts));
}

/* A step is its column; who stopped there, the fall under it. */
static void draw_links(struct funnel_view *v, double top, double river, double bottom)
{
	struct drawing *d = v->d;
	draw_group(d, "steps", "list", draw_words(d, "render.steps.about"));
	for (size_t i = 0; i < v->f->n_steps; i++) {
		const struct render_funnel_step *s = &v->f->steps[i];
		frame_link(d, "step", i + 1, step_words(v, i), str_format(d->arena, " data-step=\"%zu\"", i), true);
		draw_rect(d, centre(v, i) - v->cw / 2 + 3, top, v->cw - 6, bottom - top, 6, "hit");
		frame_link_end(d);
		if (s->lost == 0) continue;
		const struct word_arg args[] = { ARG_INT("n", s->lost),
			                         ARG_TEXT("name", text_user(d->arena, s->name)) };
		frame_link(d, "lost", i + 1, draw_wordsn(d, "render.funnel.label.lost", args, COUNT_OF(args)),
		           str_format(d->arena, " data-step=\"%zu\" data-lost=\"1\"", i), true);
		const double foot = river + 16 + high(v, v->alive[i]);
		draw_rect(d, centre(v, i) + BAR_W / 2 + 1, foot, fmax(24, v->cw / 2 - 8),
		          fmax(24, river + 16 + DEPTH - foot), 6, "hit");
		frame_link_end(d);
	}
	draw_group_end(d);
}

static void funnel_style(struct buf *out, const struct palette *p)
{
	buf_printf(out, ".opt{fill:%s;stroke:%s;stroke-width:1.2;stroke-dasharray:3 2}\n", p->bg, p->ink2);
}

enum err_code layout_funnel(const struct render_funnel *f, const struct render_options *o, struct arena *a,
                            struct drawing *d, struct err *err)
{
	if (f->n_steps > RENDER_FUNNEL_STEPS_MAX)
		return err_limit(err, "render.steps", "steps", (int64_t)f->n_steps, RENDER_FUNNEL_STEPS_MAX,
		                 "%zu steps are more than a funnel shows", f->n_steps);
	struct funnel_view v = { .d = d, .f = f, .alive = ARENA_ARRAY(a, int64_t, f->n_steps) };
	if (!v.alive) return err_no_memory(err);
	TRY(check(f, v.alive, err));
	*d = (struct drawing){ .opt = o,
		               .arena = a,
		               .rtl = lang_rtl(o->locale.lang),
		               .palette = palette_of(o->theme),
		               .kind = "funnel",
		               .style = funnel_style };
	TRY(text_kit_get(&d->kit, err));
	const double n = (double)(f->n_steps ? f->n_steps : 1);
	v.cw = fmin(190, fmax(96, 1020 / n));
	v.scale = f->n_steps && f->steps[0].cases > 0 ? TALLEST / (double)f->steps[0].cases : 0;
	d->width = round(fmax(760, GUTTER + SIDE + v.cw * n));
	d->title = frame_title(d, &f->heading, WORDS_KEY("render.funnel"), WORDS_KEY("render.funnel.title"));
	d->desc = description(d, f);
	struct shape *paper = draw_rect(d, 0, 0, d->width, 0, 0, "bg");
	const size_t paper_at = (size_t)(paper - d->shapes);
	const struct str numbers[] = { sum_words(d, f), rule_words(d, f) };
	const double top = frame_head(d, &f->heading, draw_join(d, numbers, COUNT_OF(numbers)));
	double y = top;
	if (f->n_steps == 0) {
		y = draw_lines(d, draw_words(d, "render.flow.empty"), (struct style){ 13, 400, INK2, false }, top + 20,
		               18, d->width - 2 * SIDE, 2);
	} else {
		const double river = draw_names(&v, y);
		y = draw_sums(&v, draw_river(&v, river));
		draw_links(&v, top - 4, river, y - 6);
	}
	d->height = round(y + 16);
	d->shapes[paper_at].h = d->height;
	return d->full ? err_no_memory(err) : OK;
}

static enum err_code layout(const void *model, const struct render_options *o, struct arena *a, struct drawing *d,
                            struct err *err)
{
	return layout_funnel(model, o, a, d, err);
}

enum err_code render_funnel(const struct render_funnel *f, enum render_format format, const struct render_options *o,
                            struct buf *out, struct err *err)
{
	return picture_make(layout, f, format, o, out, err);
}
