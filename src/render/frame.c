/* What the drawings of answers share: title and head, and links with exact numbers. */
#include "render/priv.h"

#define SIDE 40.0

struct str frame_title(struct drawing *d, const struct render_heading *h, const char *plain, const char *named)
{
	if (h->title.len == 0) return draw_words(d, plain);
	return draw_words1(d, named, ARG_TEXT("title", text_user(d->arena, h->title)));
}

double frame_head(struct drawing *d, const struct render_heading *h, struct str numbers)
{
	if (!h->shown) return 16;
	const double width = d->width - 2 * SIDE;
	const struct style weak = { 13, 400, INK2, false };
	struct str scope[3] = { text_user(d->arena, h->scope), draw_window(d, h->from_ms, h->to_ms), { 0 } };
	if (h->current_to_ms)
		scope[2] = draw_words1(d, "render.current",
		                       ARG_TEXT("at", words_date_time(&d->opt->locale, d->arena, h->current_to_ms)));
	draw_group(d, "head", "group", d->title);
	double y = draw_lines(d, d->title, (struct style){ 30, 700, INK, false }, 62, 36, width, 2) - 8;
	y = draw_lines(d, draw_join(d, scope, COUNT_OF(scope)), weak, y, 18, width, 2);
	y = draw_lines(d, numbers, weak, y, 18, width, 2);
	draw_group_end(d);
	return y + 6;
}

static struct str element(struct arena *a, const char *name, struct str text)
{
	struct buf b;
	buf_init(&b, 64 * KIB);
	buf_printf(&b, "<%s>", name);
	svg_text(&b, text);
	buf_printf(&b, "</%s>", name);
	const struct str out = str_copy(a, buf_view(&b));
	buf_done(&b);
	return out;
}

void frame_link(struct drawing *d, const char *what, size_t number, struct str label, struct str data, bool tab_stop)
{
	struct shape *open = draw_rect(d, 0, 0, 0, 0, 0, "g");
	const struct str attr = svg_attr(d->arena, "aria-label", label), title = element(d->arena, "title", label);
	const struct str page =
	        d->opt->interactive ? str_format(d->arena, " tabindex=\"%d\"" STR_FMT, tab_stop ? 0 : -1, STR_ARG(data))
	                            : (struct str){ 0 };
	open->kind = SHAPE_OPEN;
	open->data = str_format(d->arena,
	                        "<g role=\"listitem\"><a href=\"#%s-%zu\" id=\"%s-%zu\"" STR_FMT STR_FMT ">" STR_FMT,
	                        what, number, what, number, STR_ARG(attr), STR_ARG(page), STR_ARG(title));
	if (!open->data.ptr) d->full = true;
}

void frame_link_end(struct drawing *d)
{
	draw_rect(d, 0, 0, 0, 0, 0, "a></g")->kind = SHAPE_CLOSE;
}
