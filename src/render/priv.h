/*
 * Inside the drawing: a map becomes a list of plain shapes (layout.c and one
 * file a lane), the list is printed as SVG (svg.c), and that SVG becomes PNG
 * and PDF (picture.c).
 *
 * Lanes are laid out left to right in "logical" units, and x is mirrored once,
 * in the functions of draw.c that add a shape. So a lane never asks for the
 * direction, except where look and language differ (an arrow's words).
 */
#ifndef RENDER_PRIV_H
#define RENDER_PRIV_H

#include <math.h>

#include "base/checked.h"
#include "render/fonts.h"
#include "render/render.h"

#define RENDER_STEPS_MAX 200
#define RENDER_NODES_MAX 2000
#define RENDER_SVG_MAX (16 * MIB)
#define RENDER_ARENA_MAX (64 * MIB)
#define NO_NODE SIZE_MAX

/* --- text (text.c) ------------------------------------------------------------------------------------ */

enum ink { INK, INK2, INK3, INK_PAIN, INK_DELIGHT, INK_ON, INKS };
struct style {
	int size;   /* 11 12 13 14 15 16 17 30 */
	int weight; /* 400 500 600 700 */
	enum ink ink;
	bool halo; /* an outline of the paper's colour keeps it readable on lines */
};

struct text_kit; /* one thread's Pango: font map, context, layouts */
NODISCARD enum err_code text_kit_get(struct text_kit **out, struct err *err); /* borrowed, belongs to the thread */
/* Width as measured, without slack. rtl picks base direction and the order of fonts. */
double text_width(struct text_kit *k, struct str s, struct style st, bool rtl);

/* The longest start of s that fits with "…", cut between grapheme clusters and never right before a joiner; s when all
 * fits. One cluster stays. */
struct str text_cut(struct text_kit *k, struct arena *a, struct str s, struct style st, bool rtl, double max_width);
/* Breaks at words into at most max_lines lines, the last one cut. Returns how many lines. */
size_t text_wrap(struct text_kit *k, struct arena *a, struct str s, struct style st, bool rtl, double max_width,
                 size_t max_lines, struct str *lines);
/* What a person typed: valid UTF-8 on one line, no controls, nothing that turns the text around it. Closed isolates
 * stay. */
struct str text_user(struct arena *a, struct str s);
/* The same kept apart from what stands beside it, where it holds letters of the other direction. Last step, after
 * cutting and wrapping. */
struct str text_isolate(struct arena *a, struct str s, bool rtl);
bool text_runs_rtl(struct str s); /* by its first strong letter */

/* --- fonts (fonts.c) --------------------------------------------------------------------------------- */

NODISCARD enum err_code fonts_config(struct _FcConfig **out,
                                     struct err *err); /* the program's own fonts and nothing else */
struct str fonts_web(bool arabic);                     /* the variable woff2 of a script, for data URIs */

/* --- shapes ------------------------------------------------------------------------------------------ */

enum shape_kind { SHAPE_RECT, SHAPE_LINE, SHAPE_PATH, SHAPE_CIRCLE, SHAPE_TEXT, SHAPE_OPEN, SHAPE_CLOSE };
enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct span {
	struct str text;
	struct style style;
};

struct box {
	double x0, y0, x1, y1;
};

/* x is already mirrored. Classes are ours; attributes are escaped by svg_attr when they are added. */
struct shape {
	enum shape_kind kind;
	const char *cls;
	double x, y, w, h, r; /* rect; circle: centre and r; line: x y to w h; text: anchor point */
	struct str data;      /* path: d; open: the whole tag; close: its name; others: further attributes */
	enum anchor anchor;
	struct span *spans;
	size_t n_spans;
	struct box box;        /* text: measured; for the tests and for the placing of labels */
	bool quote_rtl, quote; /* a quote keeps its own direction */
	struct str lang;
};

struct palette {
	const char *bg, *ink, *ink2, *ink3, *line, *line2, *people, *people2, *way, *node, *pain, *pain_wash, *delight,
	        *delight_wash, *focus;
	const char *scale[9];
};

/* --- the drawing ------------------------------------------------------------------------------------- */

enum density { DENSITY_WIDE, DENSITY_NORMAL, DENSITY_DENSE }; /* up to 7, up to 12, more */

struct column {
	double x, w, cx; /* logical */
	size_t main;     /* the node that carries the curve, NO_NODE without any */
	size_t n_nodes;
	bool wash_pain, wash_delight;
};

/* The classes and definitions that one kind of drawing adds to those that all share. */
typedef void extra_style(struct buf *out, const struct palette *p);
typedef void extra_defs(struct buf *out, const struct palette *p, bool rtl);

struct drawing {
	const struct render_map *map; /* NULL in other drawings than a map's */
	const struct render_options *opt;
	struct arena *arena;
	struct text_kit *kit;
	bool rtl;
	bool empty_people; /* no journey at all */
	enum density density;
	const struct palette *palette;
	const char *kind;       /* "map", "flow": begins the ids of title and description */
	struct str title, desc; /* of the whole, for those who do not see it */
	extra_style *style;     /* NULL none */
	extra_defs *defs;
	double second_page;           /* in print: where the second page begins, 0 for one page */
	double width, height, x0, x1; /* columns stand in [x0, x1] */
	double y;                     /* top of the next lane */
	struct column *columns;
	struct shape *shapes;
	size_t n_shapes, max_shapes;
	size_t wash_at; /* shape index of the first wash; their height is known last */
	size_t n_washes;
	bool full; /* out of memory: reported once, at the end */
	struct {
		bool measured, inferred, assumed, pain, delight, truth, stated, text, behaviour, pass_by, still_in,
		        compare, purchase, few, employees, expected;
	} seen; /* what the key must explain */
	bool compare_differs;
	double lanes_top, lanes_bottom;
};

enum err_code layout_map(const struct render_map *m, const struct render_options *o, struct arena *a, struct drawing *d,
                         struct err *err);
enum err_code layout_flow(const struct render_flow *f, const struct render_options *o, struct arena *a,
                          struct drawing *d, struct err *err);

enum err_code layout_funnel(const struct render_funnel *f, const struct render_options *o, struct arena *a,
                            struct drawing *d, struct err *err);
enum err_code layout_retention(const struct render_retention *r, const struct render_options *o, struct arena *a,
                               struct drawing *d, struct err *err);

enum err_code layout_series(const struct render_series *r, const struct render_options *o, struct arena *a,
                            struct drawing *d, struct err *err);

/* picture.c: the drawing that `layout` makes of `model`, in one of the three formats. */
typedef enum err_code layout_fn(const void *model, const struct render_options *o, struct arena *a, struct drawing *d,
                                struct err *err);
NODISCARD enum err_code picture_make(layout_fn *layout, const void *model, enum render_format format,
                                     const struct render_options *o, struct buf *out, struct err *err);

/* draw.c: adding shapes. Coordinates are logical. */
double draw_x(const struct drawing *d, double x);
struct shape *draw_rect(struct drawing *d, double x, double y, double w, double h, double r, const char *cls);
void draw_line(struct drawing *d, double x0, double y0, double x1, double y1, const char *cls);
void draw_circle(struct drawing *d, double x, double y, double r, const char *cls);
void draw_group(struct drawing *d, const char *id, const char *role, struct str label); /* label "" for none */
void draw_hidden_group(struct drawing *d, const char *id);
void draw_group_end(struct drawing *d);
void draw_text(struct drawing *d, double x, double y, enum anchor anchor, struct style st, struct str s);
/* Several styles in one line; between spans stands a gap that survives right to left. */
void draw_spans(struct drawing *d, double x, double y, enum anchor anchor, const struct span *spans, size_t n);
double draw_spans_width(struct drawing *d, const struct span *spans, size_t n);
/* The box that text at (x, y) would take, in logical coordinates. */
struct box draw_text_box(struct drawing *d, double x, double y, enum anchor anchor, const struct span *spans, size_t n);
/* True when no text stands within `slack` of the box (logical). */
bool draw_free(struct drawing *d, struct box b, double slack);
/* Width with 6 % for the reader's browser. */
double draw_width(struct drawing *d, struct str s, struct style st);
double draw_gap(const struct drawing *d);

struct path {
	struct buf buf;
	struct drawing *d;
};
void path_begin(struct path *p, struct drawing *d);
void path_move(struct path *p, double x, double y);
void path_to(struct path *p, double x, double y);
void path_curve(struct path *p, double x1, double y1, double x2, double y2, double x, double y);
void path_close(struct path *p);
void path_end(struct path *p, const char *cls,
              const char *attributes); /* adds the shape; attributes may be NULL, ours only */

/* Words. */
struct str draw_words(struct drawing *d, const char *key);
struct str draw_words1(struct drawing *d, const char *key, struct word_arg arg);
struct str draw_wordsn(struct drawing *d, const char *key, const struct word_arg *args, size_t n);
struct str draw_int(struct drawing *d, int64_t n);
struct str draw_score(struct drawing *d, double v);
struct str draw_range(struct drawing *d, double lo, double hi);
struct str draw_own(struct drawing *d, struct str s, struct style st,
                    double max_width); /* a user's text in at most max_width, ready to stand alone */
/* "(en)" behind a name that is not in the reader's language; n is how many spans that makes: 0 or 1. */
size_t draw_lang_tag(struct drawing *d, struct str lang, int size, struct span *out);
struct str draw_join(struct drawing *d, const struct str *parts, size_t n); /* with " · ", leaving out the empty */
#define ARG_TEXT(n, t) ((struct word_arg){ .name = (n), .kind = WORD_TEXT, .text = (t) })
#define ARG_INT(n, v) ((struct word_arg){ .name = (n), .kind = WORD_INTEGER, .number = (double)(v) })

struct str draw_window(struct drawing *d, int64_t from_ms, int64_t to_ms); /* "" without both */
/* Paragraph of at most `max` lines (4 at most) from (40, y); returns the y after the last. */
double draw_lines(struct drawing *d, struct str s, struct style st, double y, double leading, double width, size_t max);
struct str draw_feeling(struct drawing *d, const struct render_score *s); /* "Feels 31 of 100, 29 to 33." */

struct str draw_sentences(struct drawing *d, const struct str *parts, size_t n); /* with spaces, without the empty */
/* What is lost turns down with an inner radius of 7 and fades; as wide as it is many, at most `widest`. From (x, y), h
 * high. */
#define FALL_TURN 7.0
void draw_fall(struct drawing *d, double x, double y, double h, double widest, double bottom);

/* frame.c: what the drawings of answers share. The title, from the key without and the key with a map's name. */
struct str frame_title(struct drawing *d, const struct render_heading *h, const char *plain, const char *named);
/* The head, when shown: d->title, scope, and a line of numbers. Returns where the drawing goes on. */
double frame_head(struct drawing *d, const struct render_heading *h, struct str numbers);
/* A link with its name and, in pages, with `data` (attributes): WHAT-NUMBER is its id. Shapes in between are its
 * target. */
void frame_link(struct drawing *d, const char *what, size_t number, struct str label, struct str data, bool tab_stop);
void frame_link_end(struct drawing *d);

/* The lanes, from the top; each moves d->y down. */
void lane_head(struct drawing *d);
void lane_stages(struct drawing *d);
void lane_touchpoints(struct drawing *d);
void lane_people(struct drawing *d);
void lane_sums(struct drawing *d);
void lane_feeling(struct drawing *d);
void lane_words(struct drawing *d);
void lane_evidence(struct drawing *d);
void lane_behind(struct drawing *d);
void lane_friction(struct drawing *d); /* these three: only where anything is told */
void lane_consistency(struct drawing *d);
void lane_money(struct drawing *d);
void lane_employees(struct drawing *d);
void lane_expectation(struct drawing *d);
void lane_key(struct drawing *d);
void key_employees(struct drawing *d, double x, double y);
void key_expected(struct drawing *d, double x, double y);
struct str voices_label(struct drawing *d, size_t step); /* sentences about a column, "" without */
struct str voices_line(struct drawing *d);               /* NPS and eNPS for the head, "" without both */
void draw_steps(struct drawing *d);
void draw_gutter(struct drawing *d, double y, const char *name_key, const struct str *subs, size_t n_subs);
struct str draw_title(struct drawing *d);
struct str draw_description(struct drawing *d);
const char *score_class(double score); /* "e0".."e8" */
struct str step_name(const struct drawing *d, size_t step);

/* svg.c */
const struct palette *palette_of(enum render_theme t);
void svg_text(struct buf *out, struct str s);                             /* the one way text gets into a drawing */
struct str svg_attr(struct arena *a, const char *name, struct str value); /* ` name="value"` */
void svg_number(struct buf *out, double v);
enum err_code svg_print(const struct drawing *d, struct buf *out, struct err *err);
void svg_style(struct buf *out, const struct palette *p, bool rtl, bool embed_fonts, extra_style *more);

#endif
