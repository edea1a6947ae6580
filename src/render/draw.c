/* Adding shapes to the drawing. Lanes give logical coordinates; x is mirrored here and nowhere else. */
#include "render/priv.h"

#define BROWSER_SLACK 1.06

double draw_x(const struct drawing *d, double x)
{
	return d->rtl ? d->width - x : x;
}

static struct shape *add(struct drawing *d, enum shape_kind kind, const char *cls)
{
	static _Thread_local struct shape sink;
	if (d->n_shapes == d->max_shapes) {
		const size_t max = d->max_shapes ? d->max_shapes * 2 : 512;
		struct shape *more = ARENA_ARRAY(d->arena, struct shape, max);
		if (!more) {
			d->full = true;
			return &sink;
		}
		if (d->n_shapes) memcpy(more, d->shapes, d->n_shapes * sizeof *more);
		d->shapes = more;
		d->max_shapes = max;
	}
	struct shape *s = &d->shapes[d->n_shapes++];
	*s = (struct shape){ .kind = kind, .cls = cls };
	return s;
}

struct shape *draw_rect(struct drawing *d, double x, double y, double w, double h, double r, const char *cls)
{
	struct shape *s = add(d, SHAPE_RECT, cls);
	s->x = d->rtl ? d->width - x - w : x;
	s->y = y;
	s->w = w;
	s->h = h;
	s->r = r;
	return s;
}

void draw_line(struct drawing *d, double x0, double y0, double x1, double y1, const char *cls)
{
	struct shape *s = add(d, SHAPE_LINE, cls);
	s->x = draw_x(d, x0);
	s->y = y0;
	s->w = draw_x(d, x1);
	s->h = y1;
}

void draw_circle(struct drawing *d, double x, double y, double r, const char *cls)
{
	struct shape *s = add(d, SHAPE_CIRCLE, cls);
	s->x = draw_x(d, x);
	s->y = y;
	s->r = r;
}

static void open_tag(struct drawing *d, struct str tag, const char *name)
{
	struct shape *s = add(d, SHAPE_OPEN, name);
	s->data = tag;
}

void draw_group(struct drawing *d, const char *id, const char *role, struct str label)
{
	const struct str attr = label.len ? svg_attr(d->arena, "aria-label", label) : (struct str){ 0 };
	open_tag(d, str_format(d->arena, "<g id=\"%s\" role=\"%s\"" STR_FMT ">", id, role, STR_ARG(attr)), "g");
}

void draw_hidden_group(struct drawing *d, const char *id)
{
	open_tag(d, str_format(d->arena, "<g id=\"%s\" aria-hidden=\"true\">", id), "g");
}

void draw_group_end(struct drawing *d)
{
	add(d, SHAPE_CLOSE, "g");
}

double draw_width(struct drawing *d, struct str s, struct style st)
{
	return text_width(d->kit, s, st, d->rtl) * BROWSER_SLACK;
}

/* An en space in the later span's size, or a plain one: see with_gap. */
static double gap_width(const struct drawing *d, struct style st)
{
	return (d->rtl ? 0.5 : 0.28) * (double)st.size;
}
double draw_gap(const struct drawing *d)
{
	return gap_width(d, (struct style){ .size = 11 });
}

/* librsvg drops plain spaces at the edge of a tspan: the gap stands between direction marks, which it keeps. */
static struct str with_gap(struct drawing *d, struct str s)
{
	return d->rtl ? str_format(d->arena, "\xE2\x80\x8F\xE2\x80\x82\xE2\x80\x8F" STR_FMT, STR_ARG(s))
	              : str_format(d->arena, "\xE2\x80\x8E\xC2\xA0\xE2\x80\x8E" STR_FMT, STR_ARG(s));
}

double draw_spans_width(struct drawing *d, const struct span *spans, size_t n)
{
	double w = 0;
	for (size_t i = 0; i < n; i++)
		w += text_width(d->kit, spans[i].text, spans[i].style, d->rtl) + (i ? gap_width(d, spans[i].style) : 0);
	return w;
}

struct box draw_text_box(struct drawing *d, double x, double y, enum anchor anchor, const struct span *spans, size_t n)
{
	const double w = draw_spans_width(d, spans, n);
	int size = 0;
	for (size_t i = 0; i < n; i++) size = spans[i].style.size > size ? spans[i].style.size : size;
	const double x0 = anchor == ANCHOR_START ? x : anchor == ANCHOR_MIDDLE ? x - w / 2 : x - w;
	return (struct box){ x0, y - 0.78 * size, x0 + w, y + 0.24 * size };
}

void draw_spans(struct drawing *d, double x, double y, enum anchor anchor, const struct span *spans, size_t n)
{
	size_t kept = 0;
	struct span *copy = ARENA_ARRAY(d->arena, struct span, n);
	if (!copy) {
		d->full = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (spans[i].text.len) copy[kept++] = spans[i];
	if (kept == 0) return;
	const struct box b = draw_text_box(d, x, y, anchor, copy, kept);
	for (size_t i = 1; i < kept; i++) copy[i].text = with_gap(d, copy[i].text);
	struct shape *s = add(d, SHAPE_TEXT, "");
	s->x = draw_x(d, x);
	s->y = y;
	s->anchor = anchor;
	s->spans = copy;
	s->n_spans = kept;
	s->box = d->rtl ? (struct box){ d->width - b.x1, b.y0, d->width - b.x0, b.y1 } : b;
}

void draw_text(struct drawing *d, double x, double y, enum anchor anchor, struct style st, struct str s)
{
	const struct span span = { s, st };
	draw_spans(d, x, y, anchor, &span, 1);
}

bool draw_free(struct drawing *d, struct box b, double slack)
{
	const double x0 = d->rtl ? d->width - b.x1 : b.x0, x1 = d->rtl ? d->width - b.x0 : b.x1;
	for (size_t i = 0; i < d->n_shapes; i++) {
		const struct shape *s = &d->shapes[i];
		if (s->kind != SHAPE_TEXT) continue;
		if (x0 < s->box.x1 + slack && x1 > s->box.x0 - slack && b.y0 < s->box.y1 + slack / 2 &&
		    b.y1 > s->box.y0 - slack / 2)
			return false;
	}
	return true;
}

/* Paths. */

void path_begin(struct path *p, struct drawing *d)
{
	buf_init(&p->buf, 64 * KIB);
	p->d = d;
}

static void put_point(struct path *p, char op, double x, double y)
{
	if (op) buf_byte(&p->buf, op);
	svg_number(&p->buf, draw_x(p->d, x));
	buf_byte(&p->buf, ' ');
	svg_number(&p->buf, y);
}

void path_move(struct path *p, double x, double y)
{
	put_point(p, 'M', x, y);
}
void path_to(struct path *p, double x, double y)
{
	put_point(p, 'L', x, y);
}

void path_curve(struct path *p, double x1, double y1, double x2, double y2, double x, double y)
{
	put_point(p, 'C', x1, y1);
	buf_byte(&p->buf, ' ');
	put_point(p, 0, x2, y2);
	buf_byte(&p->buf, ' ');
	put_point(p, 0, x, y);
}

void path_close(struct path *p)
{
	buf_byte(&p->buf, 'Z');
}

void path_end(struct path *p, const char *cls, const char *attributes)
{
	struct shape *s = add(p->d, SHAPE_PATH, cls);
	s->data = attributes ? str_format(p->d->arena, STR_FMT "\" %s", STR_ARG(buf_view(&p->buf)), attributes)
	                     : str_format(p->d->arena, STR_FMT "\"", STR_ARG(buf_view(&p->buf)));
	if (p->buf.full || !s->data.ptr) p->d->full = true;
	buf_done(&p->buf);
}

void draw_fall(struct drawing *d, double x, double y, double h, double widest, double bottom)
{
	const double r = FALL_TURN, k = 0.56, w = fmin(fmax(h, 1.4), widest), y1 = y + fmax(h, 1.4), turn = y1 + r;
	const double end = fmax(bottom, turn + 10);
	struct path p;
	path_begin(&p, d);
	path_move(&p, x, y);
	path_curve(&p, x + (r + w) * k, y, x + r + w, turn - (turn - y) * k, x + r + w, turn);
	path_to(&p, x + r + w, end);
	path_to(&p, x + r, end);
	path_to(&p, x + r, turn);
	path_curve(&p, x + r, turn - r * k, x + r * k, y1, x, y1);
	path_close(&p);
	path_end(&p, "falls", NULL);
}

/* Words. */

struct str draw_wordsn(struct drawing *d, const char *key, const struct word_arg *args, size_t n)
{
	return words(&d->opt->locale, d->arena, key, args, n);
}

struct str draw_words(struct drawing *d, const char *key)
{
	return draw_wordsn(d, key, NULL, 0);
}
struct str draw_words1(struct drawing *d, const char *key, struct word_arg arg)
{
	return draw_wordsn(d, key, &arg, 1);
}
struct str draw_int(struct drawing *d, int64_t n)
{
	return words_number(&d->opt->locale, d->arena, (double)n, 0);
}
struct str draw_score(struct drawing *d, double v)
{
	return words_number(&d->opt->locale, d->arena, v, 0);
}

struct str draw_range(struct drawing *d, double lo, double hi)
{
	const struct word_arg args[] = { ARG_TEXT("lo", draw_score(d, lo)), ARG_TEXT("hi", draw_score(d, hi)) };
	return draw_wordsn(d, "interval", args, COUNT_OF(args));
}

struct str draw_own(struct drawing *d, struct str s, struct style st, double max_width)
{
	return text_isolate(d->arena,
	                    text_cut(d->kit, d->arena, text_user(d->arena, s), st, d->rtl, max_width / BROWSER_SLACK),
	                    d->rtl);
}

size_t draw_lang_tag(struct drawing *d, struct str lang, int size, struct span *out)
{
	if (lang.len == 0) return 0;
	const struct str tag = str_format(d->arena, "(" STR_FMT ")", STR_ARG(text_user(d->arena, lang)));
	*out = (struct span){ text_isolate(d->arena, tag, d->rtl), { size, 400, INK3, false } };
	return 1;
}

struct str draw_join(struct drawing *d, const struct str *parts, size_t n)
{
	struct str out = { 0 };
	for (size_t i = 0; i < n; i++) {
		if (parts[i].len == 0) continue;
		const struct str part = text_isolate(d->arena, parts[i], d->rtl);
		out = out.len ? str_format(d->arena, STR_FMT " · " STR_FMT, STR_ARG(out), STR_ARG(part)) : part;
	}
	return out;
}

const char *score_class(double score)
{
	static const char *const classes[] = { "e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8" };
	int step = (int)floor(score * 9 / 100);
	return classes[step < 0 ? 0 : step > 8 ? 8 : step];
}

struct str step_name(const struct drawing *d, size_t step)
{
	const struct render_map *m = d->map;
	if (m->steps[step].name.len) return m->steps[step].name;
	return d->columns[step].main != NO_NODE ? m->nodes[d->columns[step].main].name : (struct str){ 0 };
}

void draw_gutter(struct drawing *d, double y, const char *name_key, const struct str *subs, size_t n_subs)
{
	draw_text(d, 40, y, ANCHOR_START, (struct style){ 13, 700, INK, false }, draw_words(d, name_key));
	for (size_t i = 0; i < n_subs; i++) {
		const struct style st = { 11, 400, INK3, false };
		draw_text(d, 40, y + 17 + 15 * (double)i, ANCHOR_START, st,
		          text_cut(d->kit, d->arena, subs[i], st, d->rtl, 132));
	}
}
