/* The lanes that are rows of words and small marks: stages, touchpoints, sums, words, evidence, behind it, key. */
#include "render/priv.h"

#define NAME_LINES 3

static const struct style caption = { 11, 400, INK3, false }, small = { 11, 400, INK2, false },
                          heading = { 13, 700, INK, false };

void lane_stages(struct drawing *d)
{
	const struct render_map *m = d->map;
	const double y = d->y + 28, rule = d->y + 38;
	const struct style name = { 15, 700, INK, false }, count = { 12, 400, INK2, false };
	draw_group(d, "stages", "group", draw_words(d, "render.stages"));
	draw_text(d, 40, y, ANCHOR_START, heading, draw_words(d, "render.stage"));
	if (!d->empty_people) draw_text(d, 170, y, ANCHOR_END, caption, draw_words(d, "render.entered"));
	for (size_t i = 0; i < m->n_steps;) {
		const size_t stage = m->steps[i].stage;
		size_t end = i + 1;
		while (end < m->n_steps && m->steps[end].stage == stage) end++;
		const double x0 = d->columns[i].x + 4, x1 = d->columns[end - 1].x + d->columns[end - 1].w - 4;
		const struct str n = d->empty_people ? (struct str){ 0 } : draw_int(d, m->stages[stage].entered);
		const double n_width = n.len ? text_width(d->kit, n, count, d->rtl) + 6 : 0;
		const struct str whole = draw_own(d, m->stages[stage].name, name, x1 - x0);
		const bool both = text_width(d->kit, whole, name, d->rtl) + n_width <= x1 - x0;
		/* The name goes before the number where there is room for one. */
		const bool keep_number = n.len && (both || x1 - x0 - n_width >= 60);
		struct span spans[2] = { { both ? whole
			                        : draw_own(d, m->stages[stage].name, name,
			                                   x1 - x0 - (keep_number ? n_width : 0)),
			                   name } };
		const size_t tags = draw_lang_tag(d, m->stages[stage].name_lang, 11, &spans[1]);
		if (tags && draw_spans_width(d, spans, 2) + n_width > x1 - x0)
			spans[0].text = draw_own(d, m->stages[stage].name, name,
			                         fmax(30, x1 - x0 - (keep_number ? n_width : 0) -
			                                          draw_width(d, spans[1].text, spans[1].style) - 6));
		draw_spans(d, x0, y, ANCHOR_START, spans, 1 + tags);
		if (keep_number) draw_text(d, x1, y, ANCHOR_END, count, n);
		draw_line(d, x0, rule, x1, rule, "stage");
		i = end;
	}
	draw_group_end(d);
	d->y = rule;
}

static void draw_pill(struct drawing *d, double cx, double y, double max, struct str s)
{
	const struct style st = { 11, 600, INK2, false };
	const double pad = max < 100 ? 10 : 18;
	const struct str text = text_cut(d->kit, d->arena, s, st, d->rtl, max - pad);
	const double w = text_width(d->kit, text, st, d->rtl) * 1.03 + pad;
	draw_rect(d, cx - w / 2, y - 13, w, 18, 9, "pill");
	draw_text(d, cx, y, ANCHOR_MIDDLE, st, text);
}

/* The column's own name is living unless it is the silent one: another branch is named, cut rather than left out. */
static struct str silent_pill(struct drawing *d, size_t step, size_t node)
{
	if (node == d->columns[step].main) return draw_words(d, "render.silent");
	return draw_words1(d, "render.silent.branch", ARG_TEXT("name", text_user(d->arena, d->map->nodes[node].name)));
}

void lane_touchpoints(struct drawing *d)
{
	const struct render_map *m = d->map;
	const bool dense = d->density == DENSITY_DENSE;
	const struct style name = dense ? (struct style){ 11, 600, INK, false } : heading;
	const size_t max_lines = dense ? 3 : 2;
	const double leading = dense ? 14 : 16, top = d->y + 6;
	size_t most = 1;
	bool channels = false, pills = false, pill_over_two = false;
	struct {
		struct str line[NAME_LINES];
		size_t n;
		struct str channels, pill;
	} *cell = arena_array(d->arena, m->n_steps, sizeof *cell);
	if (!cell) {
		d->full = true;
		return;
	}
	for (size_t i = 0; i < m->n_steps; i++) {
		struct span tag;
		const double w = d->columns[i].w - 8;
		const double tag_w = draw_lang_tag(d, m->steps[i].name_lang, 11, &tag)
		                             ? draw_width(d, tag.text, tag.style) + draw_gap(d)
		                             : 0;
		cell[i].n = text_wrap(d->kit, d->arena, text_user(d->arena, step_name(d, i)), name, d->rtl,
		                      fmax(30, w - tag_w) / 1.06, max_lines, cell[i].line);
		if (cell[i].n > most) most = cell[i].n;
		for (size_t k = 0; k < m->n_nodes; k++) {
			const struct render_node *node = &m->nodes[k];
			if (node->step != i || node->other) continue;
			if (node->found_in_data) cell[i].pill = draw_words(d, "render.undocumented");
			else if (node->silent && !m->assumed_only && !cell[i].pill.len)
				cell[i].pill = silent_pill(d, i, k);
			if (k == d->columns[i].main && node->channels.len && !dense)
				cell[i].channels = draw_own(d, node->channels, caption, w);
		}
		channels |= cell[i].channels.len > 0;
		pills |= cell[i].pill.len > 0;
		pill_over_two |= cell[i].pill.len > 0 && cell[i].n > 1;
	}
	const double base =
	        top + (pills && (pill_over_two || dense) ? 20 : 0) + 26 + leading * (double)(most > 2 ? most - 1 : 1);

	draw_group(d, "touchpoints", "group", draw_words(d, "render.touchpoints"));
	const struct str sub = channels ? draw_words(d, "render.touchpoint.sub") : (struct str){ 0 };
	draw_gutter(d, top + 26, "render.touchpoint", &sub, channels ? 1 : 0);
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct column *c = &d->columns[i];
		for (size_t k = 0; k < cell[i].n; k++) {
			struct span spans[2] = { { text_isolate(d->arena, cell[i].line[k], d->rtl), name } };
			const size_t tags =
			        k + 1 < cell[i].n ? 0 : draw_lang_tag(d, m->steps[i].name_lang, 11, &spans[1]);
			draw_spans(d, c->cx, base - leading * (double)(cell[i].n - 1 - k), ANCHOR_MIDDLE, spans,
			           1 + tags);
		}
		draw_text(d, c->cx, base + 16, ANCHOR_MIDDLE, caption, cell[i].channels);
		if (!cell[i].pill.len) continue;
		/* In narrow columns pills share a row above all names, where a neighbour without one leaves its room.
		 */
		const bool alone = (i == 0 || (!cell[i - 1].pill.len && (dense || cell[i - 1].n <= cell[i].n))) &&
		                   i + 1 < m->n_steps && !cell[i + 1].pill.len && (dense || cell[i + 1].n <= cell[i].n);
		draw_pill(d, c->cx, base - leading * (double)((dense ? most : cell[i].n) - 1) - 21,
		          alone ? c->w * 1.5 : c->w - 4, cell[i].pill);
	}
	if (m->n_steps == 0)
		draw_text(d, (d->x0 + d->x1) / 2, base, ANCHOR_MIDDLE, (struct style){ 14, 500, INK2, false },
		          draw_words(d, "render.empty.steps"));
	draw_group_end(d);
	d->y = base + (channels ? 28 : 12);
}

/* --- sums ---------------------------------------------------------------------------------------------- */

/* A number and its share, the share dropped where the column is too narrow. */
static void draw_lost(struct drawing *d, const struct column *c, double y, int size, const struct render_step *s)
{
	const double share = s->entered > 0 ? (double)s->lost / (double)s->entered : 0;
	const bool heavy = share > 0.25;
	if (s->lost == 0) {
		draw_text(d, c->cx, y, ANCHOR_MIDDLE, (struct style){ size, 400, INK3, false }, draw_int(d, 0));
		return;
	}
	const struct span spans[] = {
		{ draw_int(d, s->lost), { size, heavy ? 700 : 400, heavy ? INK : INK2, false } },
		{ words_percent(&d->opt->locale, d->arena, share, share < 0.005 ? 1 : 0),
		  { size, heavy ? 700 : 400, heavy ? INK : INK3, false } },
	};
	draw_spans(d, c->cx, y, ANCHOR_MIDDLE, spans, draw_spans_width(d, spans, 2) * 1.06 <= c->w - 4 ? 2 : 1);
}

/* In its largest unit alone, for columns where two parts have no room. */
static struct str short_duration(struct drawing *d, double ms)
{
	static const double units[] = { 86400e3, 3600e3, 60e3, 1e3 };
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (ms >= units[i]) {
			ms = round(ms / units[i]) * units[i];
			break;
		}
	return words_duration(&d->opt->locale, d->arena, ms);
}

static void draw_times(struct drawing *d, const struct column *c, double y, const struct render_step *s)
{
	if (s->goal > 0 && s->advanced == 0) {
		draw_text(d, c->cx, y, ANCHOR_MIDDLE, caption,
		          text_cut(d->kit, d->arena, draw_words(d, "render.sums.goal"), caption, d->rtl, c->w - 4));
		return;
	}
	if (!isfinite(s->next_p50_ms)) return;
	const struct locale *l = &d->opt->locale;
	const struct str half = words_duration(l, d->arena, s->next_p50_ms),
	                 most = isfinite(s->next_p90_ms) ? words_duration(l, d->arena, s->next_p90_ms)
	                                                 : (struct str){ 0 };
	const struct str parts[] = { half, most }, both = draw_join(d, parts, 2);
	if (draw_width(d, both, small) <= c->w - 4) {
		draw_text(d, c->cx, y, ANCHOR_MIDDLE, small, both);
		return;
	}
	const struct str short_half = draw_width(d, half, small) <= c->w - 4 ? half : short_duration(d, s->next_p50_ms);
	draw_text(d, c->cx, y, ANCHOR_MIDDLE, small, text_cut(d->kit, d->arena, short_half, small, d->rtl, c->w - 4));
	if (!most.len) return;
	const struct str short_most =
	        draw_width(d, most, caption) <= c->w - 4 ? most : short_duration(d, s->next_p90_ms);
	draw_text(d, c->cx, y + 14, ANCHOR_MIDDLE, caption,
	          text_cut(d->kit, d->arena, short_most, caption, d->rtl, c->w - 4));
}

void lane_sums(struct drawing *d)
{
	const struct render_map *m = d->map;
	if (d->empty_people || m->n_steps == 0) return;
	const double top = d->y;
	const int size = d->columns[0].w < 100 ? 11 : 12;
	draw_group(d, "sums", "group", draw_words(d, "render.sums.about"));
	const struct style bold = { 12, 700, INK2, false }, plain = { 12, 400, INK2, false };
	const struct {
		const char *sign, *key;
	} rows[] = { { "", WORDS_KEY("render.entered") },
		     { "= ", WORDS_KEY("render.advanced") },
		     { "+ ", WORDS_KEY("render.lost") },
		     { "+ ", WORDS_KEY("render.still_in") } };
	for (size_t r = 0; r < COUNT_OF(rows); r++)
		draw_text(d, 40, top + 12 + 18 * (double)r, ANCHOR_START, r ? plain : bold,
		          str_format(d->arena, "%s" STR_FMT, rows[r].sign, STR_ARG(draw_words(d, rows[r].key))));
	const struct word_arg args[] = { ARG_INT("nine", 9), ARG_INT("ten", 10) };
	struct str lines[2];
	const size_t n = text_wrap(d->kit, d->arena, draw_wordsn(d, "render.sums.time", args, COUNT_OF(args)), caption,
	                           d->rtl, 132, 2, lines);
	for (size_t k = 0; k < n; k++) draw_text(d, 40, top + 88 + 14 * (double)k, ANCHOR_START, caption, lines[k]);
	draw_line(d, 40, top + 18, d->width - 40, top + 18, "hair");
	draw_line(d, 40, top + 73, d->width - 40, top + 73, "hair");
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct column *c = &d->columns[i];
		const struct render_step *s = &m->steps[i];
		const struct style entered = { size, 700, INK, false }, number = { size, 400, INK2, false },
		                   zero = { size, 400, INK3, false };
		draw_text(d, c->cx, top + 12, ANCHOR_MIDDLE, entered, draw_int(d, s->entered));
		draw_text(d, c->cx, top + 30, ANCHOR_MIDDLE, s->advanced + s->goal ? number : zero,
		          draw_int(d, s->advanced + s->goal));
		draw_lost(d, c, top + 48, size, s);
		draw_text(d, c->cx, top + 66, ANCHOR_MIDDLE, s->still_in ? number : zero, draw_int(d, s->still_in));
		draw_times(d, c, top + 88, s);
	}
	draw_group_end(d);
	d->y = top + 112;
}

/* --- words ---------------------------------------------------------------------------------------------- */

#define QUOTE_LINES 3

/* Which quotes are shown first: those of washed columns, pains before delights; then as the model orders them. */
static int quote_rank(const struct drawing *d, const struct render_quote *q)
{
	const struct column *c = &d->columns[d->map->nodes[q->node].step];
	return c->wash_pain ? 0 : c->wash_delight ? 1 : 2;
}

static bool quote_rtl(const struct render_quote *q)
{
	return text_runs_rtl(q->text);
}

static double draw_quote(struct drawing *d, const struct render_quote *q, double x, double y, double w)
{
	const bool rtl = quote_rtl(q);
	const struct style st = { 13, 400, INK, false };
	const struct str text = text_user(d->arena, q->text);
	struct str lines[QUOTE_LINES];
	const double inner = w - 16;
	const struct str quoted = str_format(d->arena, rtl ? "«" STR_FMT "»" : "“" STR_FMT "”", STR_ARG(text));
	const size_t n = text_wrap(d->kit, d->arena, quoted, st, rtl, inner / 1.06, QUOTE_LINES, lines);
	/* The bar and the text stand at the quote's own start: physically left or right. */
	const bool from_end = rtl != d->rtl;
	const double bar = from_end ? x + w - 3 : x, at = from_end ? x + w - 11 : x + 11;
	const char *cls = isfinite(q->utility) ? score_class(q->utility) : "tx";
	const double height = 16 * (double)n + 18;
	draw_rect(d, bar, y - 11, 3, height, 1.5, cls);
	struct str lang = { 0 };
	if (q->lang.len) lang = svg_attr(d->arena, "lang", text_user(d->arena, q->lang));
	for (size_t i = 0; i < n; i++) {
		/* Start of the quote's direction is the drawing's end when the two differ; the box is measured the
		 * same. */
		draw_text(d, at, y + 16 * (double)i, from_end ? ANCHOR_END : ANCHOR_START, st, lines[i]);
		struct shape *s = &d->shapes[d->n_shapes - 1];
		if (s->kind != SHAPE_TEXT) continue;
		s->quote = true;
		s->quote_rtl = rtl;
		s->lang = lang;
		s->anchor = ANCHOR_START;
	}
	const struct str parts[] = {
		text_user(d->arena, q->origin),
		q->whole ? draw_words(d, "render.quote.whole") : (struct str){ 0 },
		q->at_ms ? words_day(&d->opt->locale, d->arena, q->at_ms) : (struct str){ 0 },
		isfinite(q->utility)
		        ? draw_words1(d, "render.quote.score", ARG_TEXT("score", draw_score(d, q->utility)))
		        : (struct str){ 0 },
	};
	const struct str source =
	        text_cut(d->kit, d->arena, draw_join(d, parts, COUNT_OF(parts)), caption, d->rtl, inner / 1.06);
	draw_text(d, at, y + 16 * (double)n + 2, from_end ? ANCHOR_END : ANCHOR_START, caption, source);
	return height;
}

void lane_words(struct drawing *d)
{
	const struct render_map *m = d->map;
	if (d->density == DENSITY_DENSE || m->n_steps == 0 || m->assumed_only) return;
	const double top = d->y;
	const size_t span = d->density == DENSITY_WIDE ? 1 : 2;
	bool *taken = ARENA_ARRAY(d->arena, bool, m->n_steps);
	bool *quoted = ARENA_ARRAY(d->arena, bool, m->n_nodes);
	if (!taken || !quoted) {
		d->full = true;
		return;
	}
	draw_group(d, "words", "group", draw_words(d, "render.words"));
	draw_line(d, 40, top, d->width - 40, top, "hair");
	const struct str subs[] = { draw_words(d, "render.words.sub1"), draw_words(d, "render.words.sub2") };
	draw_gutter(d, top + 26, "render.words", subs, COUNT_OF(subs));
	double height = 0;
	size_t drawn = 0;
	for (int rank = 0; rank < 3; rank++)
		for (size_t i = 0; i < m->n_quotes; i++) {
			const struct render_quote *q = &m->quotes[i];
			if (q->whole || quoted[q->node] || quote_rank(d, q) != rank || str_trim(q->text).len == 0)
				continue;
			const size_t step = m->nodes[q->node].step;
			/* Its own column and the next one, else the one before, else its own alone where that is wide
			 * enough. */
			size_t from = step, n = span;
			if (taken[step]) continue;
			const bool next = step + 1 < m->n_steps && !taken[step + 1],
			           before = step > 0 && !taken[step - 1];
			/* A quote that runs against the drawing has its bar at the end side, so it reaches back instead
			 * of on. */
			if (n == 2 && (quote_rtl(q) == d->rtl ? !next : before)) from = before ? step - 1 : NO_NODE;
			else if (n == 2 && !next) from = NO_NODE;
			if (from == NO_NODE) {
				if (d->columns[step].w < 150) continue;
				from = step;
				n = 1;
			}
			for (size_t k = 0; k < n; k++) taken[from + k] = true;
			quoted[q->node] = true;
			drawn++;
			height = fmax(height, draw_quote(d, q, d->columns[from].x + 6, top + 26,
			                                 d->columns[from].w * (double)n - 14));
		}
	if (drawn == 0) {
		/* A word about the whole journey is better than none; it says that it belongs to no step. */
		for (size_t i = 0; i < m->n_quotes && drawn < 2; i++)
			if (m->quotes[i].whole) {
				const double w = fmin(340, (d->x1 - d->x0) / 2);
				height = fmax(height, draw_quote(d, &m->quotes[i], d->x0 + 6 + (w + 20) * (double)drawn,
				                                 top + 26, w));
				drawn++;
			}
	}
	if (drawn == 0)
		draw_text(d, (d->x0 + d->x1) / 2, top + 34, ANCHOR_MIDDLE, small, draw_words(d, "render.empty.words"));
	draw_group_end(d);
	d->y = top + (drawn ? fmax(height + 30, 60) : 62);
}

/* --- evidence and what is behind ------------------------------------------------------------------------- */

static void draw_mix(struct drawing *d, const struct render_node *n, double cx, double w, double y)
{
	const struct {
		double share;
		const char *cls;
		bool *seen;
	} parts[] = {
		{ n->share_stated, "st", &d->seen.stated },
		{ n->share_text, "tx", &d->seen.text },
		{ n->share_behaviour, "bh", &d->seen.behaviour },
	};
	double sum = 0;
	size_t shown = 0;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (parts[i].share > 0) {
			sum += parts[i].share;
			shown++;
		}
	double x = cx - w / 2;
	const double room = w - (double)(shown ? shown - 1 : 0);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!(parts[i].share > 0)) continue;
		const double part = fmax(1.5, room * parts[i].share / sum);
		draw_rect(d, x, y, part, 9, 0, parts[i].cls);
		*parts[i].seen = true;
		x += part + 1;
	}
}

void lane_evidence(struct drawing *d)
{
	const struct render_map *m = d->map;
	if (m->n_steps == 0) return;
	const double top = d->y;
	draw_group(d, "evidence", "group", draw_words(d, "render.evidence"));
	draw_line(d, 40, top, d->width - 40, top, "hair");
	const struct str sub = draw_words(d, "render.evidence.sub");
	draw_gutter(d, top + 22, "render.evidence", &sub, 1);
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct column *c = &d->columns[i];
		if (c->main == NO_NODE) continue;
		const struct render_node *n = &m->nodes[c->main];
		const double w = fmin(86, c->w - 14), max = c->w - 4;
		const bool any = n->share_stated + n->share_text + n->share_behaviour > 0;
		if (!any) {
			const bool assumed = isfinite(n->score.assumed);
			draw_rect(d, c->cx - w / 2, top + 13, w, 9, 0, assumed ? "bl" : "no");
			d->seen.assumed |= assumed;
			draw_text(d, c->cx, top + 39, ANCHOR_MIDDLE, caption,
			          text_cut(d->kit, d->arena,
			                   draw_words(d, assumed ? WORDS_KEY("render.evidence.assumed")
			                                         : WORDS_KEY("render.evidence.none")),
			                   caption, d->rtl, max));
			continue;
		}
		draw_mix(d, n, c->cx, w, top + 13);
		const struct str parts[] = {
			n->score.n > 0 ? draw_words1(d, "render.n", ARG_INT("n", n->score.n)) : (struct str){ 0 },
			n->newest_ms > 0 && m->current_to_ms >= n->newest_ms
			        ? words_duration(&d->opt->locale, d->arena, (double)(m->current_to_ms - n->newest_ms))
			        : (struct str){ 0 }
		};
		const struct str both = draw_join(d, parts, 2);
		draw_text(d, c->cx, top + 39, ANCHOR_MIDDLE, small,
		          draw_width(d, both, small) <= max
		                  ? both
		                  : text_cut(d->kit, d->arena, parts[0].len ? parts[0] : parts[1], small, d->rtl, max));
	}
	draw_group_end(d);
	d->y = top + 56;
}

/* One row of the step's nodes: the first that has something to say. */
static const struct render_node *node_behind(const struct drawing *d, size_t step)
{
	const size_t main = d->columns[step].main;
	if (main == NO_NODE) return NULL;
	const struct render_map *m = d->map;
	if (m->nodes[main].owner.len) return &m->nodes[main];
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].step == step && m->nodes[i].owner.len) return &m->nodes[i];
	return &m->nodes[main];
}

void lane_behind(struct drawing *d)
{
	const struct render_map *m = d->map;
	if (m->n_steps == 0) return;
	const double top = d->y;
	bool anything = false, promises = false, behind = false;
	for (size_t i = 0; i < m->n_nodes; i++) {
		anything |= m->nodes[i].owner.len > 0 || m->nodes[i].behind.len > 0;
		behind |= m->nodes[i].behind.len > 0;
		promises |= m->nodes[i].promises_kept + m->nodes[i].promises_broken > 0;
	}
	draw_group(d, "behind", "group", draw_words(d, "render.behind"));
	draw_line(d, 40, top, d->width - 40, top, "hair");
	const struct str subs[] = { draw_words(d, "render.behind.sub1"), draw_words(d, "render.behind.sub2") };
	draw_gutter(d, top + 22, "render.behind", subs, COUNT_OF(subs));
	if (!anything)
		draw_text(d, (d->x0 + d->x1) / 2, top + 22, ANCHOR_MIDDLE, small, draw_words(d, "render.empty.behind"));
	const double promise_y = top + 22 + (behind || !anything ? 34 : 17);
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct column *c = &d->columns[i];
		const struct render_node *n = node_behind(d, i);
		if (!n) continue;
		const double max = c->w - 8;
		const struct style owner = { c->w < 100 ? 11 : 12, 600, INK, false };
		if (n->owner.len)
			draw_text(d, c->cx, top + 22, ANCHOR_MIDDLE, owner, draw_own(d, n->owner, owner, max));
		else if (anything) draw_pill(d, c->cx, top + 22, max + 6, draw_words(d, "render.no_owner"));
		draw_text(d, c->cx, top + 39, ANCHOR_MIDDLE, caption, draw_own(d, n->behind, caption, max));
		const int64_t known = n->promises_kept + n->promises_broken;
		if (known == 0) continue;
		const struct word_arg args[] = { ARG_TEXT("share",
			                                  words_percent(&d->opt->locale, d->arena,
			                                                (double)n->promises_kept / (double)known, 0)),
			                         ARG_INT("n", known) };
		draw_text(d, c->cx, promise_y, ANCHOR_MIDDLE, small,
		          text_cut(d->kit, d->arena, draw_wordsn(d, "render.promise.kept", args, COUNT_OF(args)), small,
		                   d->rtl, max + 4));
		if (n->promises_broken == 0 || !isfinite(n->overrun_mean_ms)) continue;
		const struct str late =
		        draw_words1(d, "render.promise.late",
		                    ARG_TEXT("time", words_duration(&d->opt->locale, d->arena, n->overrun_mean_ms)));
		draw_text(d, c->cx, promise_y + 15, ANCHOR_MIDDLE, caption,
		          text_cut(d->kit, d->arena, late, caption, d->rtl, max + 4));
	}
	draw_group_end(d);
	d->y = promises ? promise_y + 29 : top + 66;
}

/* --- key -------------------------------------------------------------------------------------------------- */

static void key_mark(struct drawing *d, char mark, double x, double y)
{
	struct path p;
	switch (mark) {
	case 'm': draw_circle(d, x + 7, y, 5.5, "pt e5"); break;
	case 'i': draw_circle(d, x + 7, y, 5.5, "hol"); break;
	case 'a': draw_circle(d, x + 7, y, 5.5, "bl"); break;
	case 'p':
	case 'd':
		path_begin(&p, d);
		path_move(&p, x, mark == 'p' ? y - 7 : y + 7);
		path_to(&p, x + 16, mark == 'p' ? y - 7 : y + 7);
		path_to(&p, x + 8, mark == 'p' ? y + 7 : y - 7);
		path_close(&p);
		path_end(&p, mark == 'p' ? "fp" : "fd", NULL);
		break;
	case 't':
		path_begin(&p, d);
		path_move(&p, x, y);
		path_to(&p, x + 7, y - 7);
		path_to(&p, x + 14, y);
		path_to(&p, x + 7, y + 7);
		path_close(&p);
		path_end(&p, "fi", NULL);
		break;
	case 'S': draw_rect(d, x, y - 4.5, 22, 9, 0, "st"); break;
	case 'T': draw_rect(d, x, y - 4.5, 22, 9, 0, "tx"); break;
	case 'B': draw_rect(d, x, y - 4.5, 22, 9, 0, "bh"); break;
	case 'J': draw_rect(d, x, y - 5, 22, 10, 0, "fl"); break;
	case 'P': draw_rect(d, x, y - 5, 22, 10, 0, "fl2"); break;
	case 's':
		draw_rect(d, x, y - 2.5, 18, 5, 0, "fl");
		draw_line(d, x + 19.5, y - 5, x + 19.5, y + 5, "rule");
		break;
	case '|': draw_line(d, x + 10, y - 9, x + 10, y + 9, "dash"); break;
	case 'c':
		draw_line(d, x, y, x + 22, y, "cv2");
		draw_circle(d, x + 11, y, 4, "cmp");
		break;
	case 'e': key_employees(d, x, y); break;
	case 'x': key_expected(d, x, y); break;
	default: break;
	}
}

void lane_key(struct drawing *d)
{
	const struct render_map *m = d->map;
	const struct {
		bool shown;
		char mark;
		double w;
		const char *key;
	} marks[] = {
		{ d->seen.measured, 'm', 14, WORDS_KEY("render.key.measured") },
		{ d->seen.inferred, 'i', 14, WORDS_KEY("render.key.inferred") },
		{ d->seen.assumed, 'a', 14, WORDS_KEY("render.key.assumed") },
		{ d->seen.pain, 'p', 16, WORDS_KEY("render.key.pain") },
		{ d->seen.delight, 'd', 16, WORDS_KEY("render.key.delight") },
		{ d->seen.truth, 't', 14, WORDS_KEY("render.key.truth") },
		{ d->seen.stated, 'S', 22, WORDS_KEY("render.key.stated") },
		{ d->seen.text, 'T', 22, WORDS_KEY("render.key.text") },
		{ d->seen.behaviour, 'B', 22, WORDS_KEY("render.key.behaviour") },
		{ !d->empty_people, 'J', 22, WORDS_KEY("render.key.journeys") },
		{ d->seen.pass_by, 'P', 22, WORDS_KEY("render.key.pass_by") },
		{ d->seen.still_in, 's', 22, WORDS_KEY("render.key.still_in") },
		{ d->seen.expected, 'x', 8, WORDS_KEY("render.key.expected") },
		{ d->seen.employees, 'e', 14, WORDS_KEY("render.key.employees") },
		{ d->seen.purchase, '|', 20, WORDS_KEY("render.key.purchase") },
		{ d->seen.compare, 'c', 22, NULL },
	};
	draw_group(d, "key", "group", draw_words(d, "render.key"));
	draw_line(d, 40, d->y, d->width - 40, d->y, "rule");
	double x = 40, y = d->y + 24;
	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		if (!marks[i].shown) continue;
		struct str label;
		if (marks[i].key) {
			label = draw_words(d, marks[i].key);
		} else {
			const struct word_arg arg = ARG_TEXT("label", text_user(d->arena, m->compare->label));
			label = draw_words1(d,
			                    d->compare_differs ? WORDS_KEY("render.key.compare")
			                                       : WORDS_KEY("render.key.compare.same"),
			                    arg);
		}
		const double w = marks[i].w + 6 + draw_width(d, label, small);
		if (x > 40 && x + w > d->width - 40) {
			x = 40;
			y += 22;
		}
		key_mark(d, marks[i].mark, x, y);
		draw_text(d, x + marks[i].w + 6, y + 4, ANCHOR_START, small, label);
		x += w + 22;
	}
	const struct word_arg least[] = { ARG_INT("few", 30), ARG_INT("least", 5) };
	const struct str sources =
	        m->sources.len ? draw_words1(d, "render.sources", ARG_TEXT("sources", text_user(d->arena, m->sources)))
	                       : (struct str){ 0 };
	const struct str caveat = m->n_steps == 0   ? (struct str){ 0 }
	                          : m->assumed_only ? draw_words(d, "render.caveat.assumed")
	                                            : draw_wordsn(d, "render.caveat", least, COUNT_OF(least));
	const struct str foot =
	        sources.len ? str_format(d->arena, STR_FMT " " STR_FMT, STR_ARG(sources), STR_ARG(caveat)) : caveat;
	struct str lines[3];
	const size_t n = text_wrap(d->kit, d->arena, foot, caption, d->rtl, (d->width - 80) / 1.06, 3, lines);
	y += 30;
	for (size_t i = 0; i < n; i++) draw_text(d, 40, y + 15 * (double)i, ANCHOR_START, caption, lines[i]);
	draw_group_end(d);
	d->y = y + 15 * (double)n - 5;
}
