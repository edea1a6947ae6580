/* The head: title, finding, scope; where every journey is; what share of the map is evidence. */
#include "render/priv.h"

#define CELL_LANES 4

/* Lanes whose cells are counted: people, time, feeling, words. */
static enum render_evidence cell(const struct drawing *d, size_t step, int lane)
{
	const struct render_map *m = d->map;
	const struct render_step *s = &m->steps[step];
	const size_t main = d->columns[step].main;
	const struct render_node *n = main == NO_NODE ? NULL : &m->nodes[main];
	switch (lane) {
	case 0: return s->entered > 0 ? RENDER_MEASURED : n && m->assumed_only ? RENDER_ASSUMED : RENDER_NONE;
	case 1:
		return isfinite(s->next_p50_ms) || s->goal > 0 ? (s->entered > 0 ? RENDER_MEASURED : RENDER_NONE)
		                                               : RENDER_NONE;
	case 2:
		if (!n) return RENDER_NONE;
		return n->score.evidence == RENDER_NONE && isfinite(n->score.assumed) ? RENDER_ASSUMED
		                                                                      : n->score.evidence;
	default:
		for (size_t i = 0; i < m->n_quotes; i++)
			if (!m->quotes[i].whole && m->nodes[m->quotes[i].node].step == step) return RENDER_MEASURED;
		return n && n->share_text > 0 ? RENDER_MEASURED : RENDER_NONE;
	}
}

static void draw_cells(struct drawing *d, double x)
{
	static const char *const classes[] = {
		[RENDER_NONE] = "no", [RENDER_ASSUMED] = "bl", [RENDER_INFERRED] = "bh", [RENDER_MEASURED] = "st"
	};
	const size_t n = d->map->n_steps;
	if (n == 0) return;
	int64_t counts[4] = { 0 };
	draw_text(d, x, 36, ANCHOR_START, (struct style){ 12, 400, INK3, false }, draw_words(d, "render.cells.title"));
	const double pitch = fmin(174 / (double)n, 24);
	for (int lane = 0; lane < CELL_LANES; lane++)
		for (size_t i = 0; i < n; i++) {
			const enum render_evidence e = cell(d, i, lane);
			counts[e]++;
			draw_rect(d, x + pitch * (double)i, 46 + 11.4 * lane, pitch - fmin(2.6, pitch / 3), 9, 0,
			          classes[e]);
		}
	const int64_t all = (int64_t)n * CELL_LANES;
	const struct str share =
	        words_percent(&d->opt->locale, d->arena, (double)counts[RENDER_MEASURED] / (double)all, 0);
	const struct span spans[] = { { share, { 16, 700, INK, false } },
		                      { draw_words(d, "evidence.measured"), { 13, 400, INK, false } } };
	draw_spans(d, x, 108, ANCHOR_START, spans, COUNT_OF(spans));
	const struct word_arg args[] = { ARG_INT("k", counts[RENDER_MEASURED]), ARG_INT("n", all),
		                         ARG_INT("inferred", counts[RENDER_INFERRED]),
		                         ARG_INT("assumed", counts[RENDER_ASSUMED]),
		                         ARG_INT("empty", counts[RENDER_NONE]) };
	const struct style small = { 11, 400, INK2, false };
	draw_text(d, x, 125, ANCHOR_START, small, draw_wordsn(d, "render.cells.counts", args, COUNT_OF(args)));
	draw_text(d, x, 140, ANCHOR_START, small, draw_wordsn(d, "render.cells.rest", args, COUNT_OF(args)));
}

/* A bar of exact parts and the sum that it is: entered = goal + still in + lost. */
static void draw_sum(struct drawing *d, double x)
{
	const struct render_map *m = d->map;
	draw_text(d, x, 36, ANCHOR_START, (struct style){ 12, 400, INK3, false },
	          draw_words(d, "render.every_journey"));
	const struct {
		int64_t n;
		const char *cls;
		struct str label;
	} parts[] = {
		{ m->goal, "fi",
		  m->goal_name.len ? text_user(d->arena, m->goal_name) : draw_words(d, "render.reached_goal") },
		{ m->still_in, "st", draw_words(d, "render.still_in") },
		{ m->lost, "fl", draw_words(d, "render.lost") },
	};
	const double gap = 1.5, width = 298 - 2 * gap;
	double at = x;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (parts[i].n <= 0) continue;
		const double w = fmax(1, width * (double)parts[i].n / (double)m->entered);
		draw_rect(d, at, 48, w, 16, 0, parts[i].cls);
		at += w + gap;
	}
	const struct style bold = { 13, 700, INK, false }, plain = { 13, 400, INK2, false };
	draw_text(d, x + 66, 84, ANCHOR_END, bold, draw_int(d, m->entered));
	draw_text(d, x + 74, 84, ANCHOR_START, bold, draw_words(d, "render.entered"));
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		const double y = 101 + 17 * (double)i;
		draw_text(d, x, y, ANCHOR_START, plain, i ? STR("+") : STR("="));
		draw_text(d, x + 66, y, ANCHOR_END, bold, draw_int(d, parts[i].n));
		const struct str label = draw_own(d, parts[i].label, plain, 200);
		draw_text(d, x + 74, y, ANCHOR_START, plain, label);
		draw_rect(d, x + 74 + draw_width(d, label, plain) + 10, y - 9, 10, 10, 0, parts[i].cls);
	}
}

struct str draw_window(struct drawing *d, int64_t from_ms, int64_t to_ms)
{
	const struct locale *l = &d->opt->locale;
	const bool from = from_ms != 0 && from_ms != INT64_MIN, to = to_ms != 0 && to_ms != INT64_MAX;
	/* The end is open: the last day that counts is the one before it. */
	const struct word_arg args[] = { ARG_TEXT("from", from ? words_date(l, d->arena, from_ms) : (struct str){ 0 }),
		                         ARG_TEXT("to", to ? words_date(l, d->arena, to_ms - 1) : (struct str){ 0 }),
		                         ARG_TEXT("calendar", words_calendar(l, d->arena)) };
	if (from && to) return draw_wordsn(d, "render.window", args, COUNT_OF(args));
	if (from) return draw_wordsn(d, "render.window.from", args, COUNT_OF(args));
	if (to) return draw_wordsn(d, "render.window.to", args, COUNT_OF(args));
	return (struct str){ 0 };
}

static struct str scope_words(struct drawing *d)
{
	const struct render_map *m = d->map;
	struct str parts[4] = { text_user(d->arena, m->scope), { 0 }, { 0 }, { 0 } };
	if (m->assumed_only) {
		parts[1] = draw_words(d, "render.assumed_scope");
	} else {
		parts[1] = draw_window(d, m->from_ms, m->to_ms);
		if (m->current_to_ms)
			parts[2] = draw_words1(
			        d, "render.current",
			        ARG_TEXT("at", words_date_time(&d->opt->locale, d->arena, m->current_to_ms)));
	}
	return draw_join(d, parts, COUNT_OF(parts));
}

/* The title, and its language when that is not the reader's. */
static struct str titled(struct drawing *d)
{
	const struct str title = text_user(d->arena, d->map->title);
	struct span tag;
	if (!draw_lang_tag(d, d->map->title_lang, 30, &tag)) return title;
	const struct str both = str_format(d->arena, STR_FMT " " STR_FMT,
	                                   STR_ARG(text_isolate(d->arena, title, d->rtl)), STR_ARG(tag.text));
	return both.ptr ? both : title;
}

double draw_lines(struct drawing *d, struct str s, struct style st, double y, double leading, double width, size_t max)
{
	struct str lines[4];
	const size_t n = text_wrap(d->kit, d->arena, s, st, d->rtl, width / 1.06, max, lines);
	for (size_t i = 0; i < n; i++)
		draw_text(d, 40, y + leading * (double)i, ANCHOR_START, st, text_isolate(d->arena, lines[i], d->rtl));
	return y + leading * (double)n;
}

/* The finding in the colour of pain, then what follows; on lines of their own when one is too short. */
static double draw_headline(struct drawing *d, double y, double width)
{
	const struct render_map *m = d->map;
	const struct style pain = { 17, 600, INK_PAIN, false }, rest = { 17, 500, INK, false };
	const struct str lead = text_user(d->arena, m->headline_pain), tail = text_user(d->arena, m->headline);
	if (lead.len == 0 && tail.len == 0) return y;
	const struct span spans[] = { { text_isolate(d->arena, lead, d->rtl), pain },
		                      { text_isolate(d->arena, tail, d->rtl), rest } };
	if (draw_spans_width(d, spans, 2) * 1.06 <= width) {
		draw_spans(d, 40, y, ANCHOR_START, spans, 2);
		return y + 26;
	}
	if (lead.len) y = draw_lines(d, lead, pain, y, 24, width, 2);
	return draw_lines(d, tail, rest, y, 24, width, 2) + 2;
}

void lane_head(struct drawing *d)
{
	const struct render_map *m = d->map;
	draw_group(d, "head", "group", text_user(d->arena, m->title));
	const double right = d->empty_people ? d->width - 214 : d->width - 564;
	const double width = right - 40 - 32;
	const struct word_arg version = ARG_TEXT("version", words_number(&d->opt->locale, d->arena, 0, 0));
	struct word_arg v = version;
	int64_t number;
	v.text = str_to_i64(m->version, &number) ? draw_int(d, number) : text_user(d->arena, m->version);
	if (m->version.len)
		draw_text(d, 40, 36, ANCHOR_START, (struct style){ 12, 400, INK3, false },
		          draw_words1(d,
		                      m->assumed_only ? WORDS_KEY("render.version.assumed")
		                                      : WORDS_KEY("render.version.measured"),
		                      v));
	double y = draw_lines(d, titled(d), (struct style){ 30, 700, INK, false }, 74, 36, width, 2) - 6;
	y = draw_headline(d, y, width);
	y = draw_lines(d, scope_words(d), (struct style){ 13, 400, INK2, false }, y, 18, width, 3) - 18;
	const struct str voices = voices_line(d);
	if (voices.len) y = draw_lines(d, voices, (struct style){ 13, 400, INK2, false }, y + 18, 18, width, 2) - 18;
	if (!d->empty_people) draw_sum(d, d->width - 564);
	draw_cells(d, d->width - 214);
	draw_group_end(d);
	d->y = fmax(140, y + 10);
}
