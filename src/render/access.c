/* What a screen reader and a keyboard get: title, description, and the steps as links in order. */
#include "render/priv.h"

struct str draw_sentences(struct drawing *d, const struct str *parts, size_t n)
{
	struct str out = { 0 };
	for (size_t i = 0; i < n; i++)
		if (parts[i].len)
			out = out.len ? str_format(d->arena, STR_FMT " " STR_FMT, STR_ARG(out), STR_ARG(parts[i]))
			              : parts[i];
	return out;
}

struct str draw_title(struct drawing *d)
{
	const struct word_arg title = ARG_TEXT("title", text_user(d->arena, d->map->title));
	return draw_words1(
	        d, d->map->assumed_only ? WORDS_KEY("render.title.assumed") : WORDS_KEY("render.title.measured"),
	        title);
}

static struct str extreme(struct drawing *d, bool best)
{
	const struct render_map *m = d->map;
	size_t found = NO_NODE;
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct render_score *s = &m->nodes[i].score;
		if (s->evidence != RENDER_MEASURED || !isfinite(s->est)) continue;
		if (found == NO_NODE ||
		    (best ? s->est > m->nodes[found].score.est : s->est < m->nodes[found].score.est))
			found = i;
	}
	if (found == NO_NODE) return (struct str){ 0 };
	const struct word_arg args[] = { ARG_TEXT("name", text_user(d->arena, m->nodes[found].name)),
		                         ARG_TEXT("score", draw_score(d, m->nodes[found].score.est)),
		                         ARG_INT("hundred", 100) };
	return draw_wordsn(d, best ? WORDS_KEY("render.desc.best") : WORDS_KEY("render.desc.worst"), args,
	                   COUNT_OF(args));
}

struct str draw_description(struct drawing *d)
{
	const struct render_map *m = d->map;
	const struct word_arg n[] = { ARG_INT("n", m->n_steps), ARG_INT("n", m->n_stages), ARG_INT("n", m->entered) };
	const struct word_arg args[] = { ARG_TEXT("steps", draw_words1(d, "count.steps", n[0])),
		                         ARG_TEXT("stages", draw_words1(d, "count.stages", n[1])),
		                         ARG_TEXT("journeys", draw_words1(d, "count.journeys", n[2])) };
	const struct str parts[] = { text_user(d->arena, m->headline_pain),
		                     text_user(d->arena, m->headline),
		                     draw_wordsn(d, "render.desc.size", args, COUNT_OF(args)),
		                     extreme(d, false),
		                     extreme(d, true),
		                     draw_words(d, "render.desc.table") };
	return draw_sentences(d, parts, COUNT_OF(parts));
}

struct str draw_feeling(struct drawing *d, const struct render_score *s)
{
	const bool felt = s->evidence == RENDER_MEASURED || s->evidence == RENDER_INFERRED;
	const struct word_arg args[] = {
		ARG_TEXT("score", draw_score(d, felt ? s->est : s->assumed)), ARG_INT("hundred", 100),
		ARG_TEXT("range", felt ? draw_range(d, s->lo95, s->hi95) : (struct str){ 0 })
	};
	if (s->evidence == RENDER_MEASURED) return draw_wordsn(d, "render.label.score", args, COUNT_OF(args));
	if (s->evidence == RENDER_INFERRED) return draw_wordsn(d, "render.label.inferred", args, COUNT_OF(args));
	return isfinite(s->assumed) ? draw_wordsn(d, "render.label.assumed", args, COUNT_OF(args))
	                            : draw_words(d, "render.label.none");
}

static struct str step_label(struct drawing *d, size_t i)
{
	const struct render_map *m = d->map;
	const struct render_step *s = &m->steps[i];
	const struct word_arg args[] = { ARG_TEXT("name", text_user(d->arena, step_name(d, i))),
		                         ARG_INT("entered", s->entered), ARG_INT("advanced", s->advanced + s->goal),
		                         ARG_INT("lost", s->lost), ARG_INT("still_in", s->still_in) };
	struct str out = draw_wordsn(d, "render.label.sums", args, COUNT_OF(args));
	const size_t main = d->columns[i].main;
	if (main == NO_NODE) return out;
	out = str_format(d->arena, STR_FMT " " STR_FMT, STR_ARG(out), STR_ARG(draw_feeling(d, &m->nodes[main].score)));
	for (size_t k = 0; k < m->n_marks; k++) {
		const struct render_mark *mark = &m->marks[k];
		if (m->nodes[mark->node].step != i || mark->kind == RENDER_TRUTH) continue;
		const struct word_arg rank = ARG_INT("rank", mark->rank);
		const struct str words_of = draw_words1(d,
		                                        mark->kind == RENDER_PAIN ? WORDS_KEY("render.label.pain")
		                                                                  : WORDS_KEY("render.label.delight"),
		                                        rank);
		out = str_format(d->arena, STR_FMT " " STR_FMT, STR_ARG(out), STR_ARG(words_of));
	}
	const struct str parts[] = { out, voices_label(d, i) };
	return draw_sentences(d, parts, COUNT_OF(parts));
}

void draw_steps(struct drawing *d)
{
	const struct render_map *m = d->map;
	if (m->n_steps == 0) return;
	draw_group(d, "steps", "list", draw_words(d, "render.steps.about"));
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct column *c = &d->columns[i];
		const struct str label = svg_attr(d->arena, "aria-label", step_label(d, i));
		struct str more = { 0 };
		if (d->opt->interactive) {
			const struct str key = c->main == NO_NODE ? (struct str){ 0 } : m->nodes[c->main].key;
			const struct str touchpoint = svg_attr(d->arena, "data-touchpoint", key);
			more = str_format(d->arena, " tabindex=\"0\" data-step=\"%zu\"" STR_FMT, i + 1,
			                  STR_ARG(touchpoint));
		}
		struct shape *open = draw_rect(d, 0, 0, 0, 0, 0, "g");
		open->kind = SHAPE_OPEN;
		open->data = str_format(
		        d->arena, "<g role=\"listitem\"><a href=\"#step-%zu\" id=\"step-%zu\"" STR_FMT STR_FMT ">",
		        i + 1, i + 1, STR_ARG(label), STR_ARG(more));
		draw_rect(d, c->x + 3, d->lanes_top + 4, c->w - 6, d->lanes_bottom - d->lanes_top - 8, 6, "hit");
		struct shape *shut = draw_rect(d, 0, 0, 0, 0, 0, "a></g");
		shut->kind = SHAPE_CLOSE;
	}
	draw_group_end(d);
}
