/*
 * The drawing: a measured map laid out as plain geometry, printed as SVG with
 * real text, and from the same drawing as PNG and PDF. Pure; same input, same
 * bytes. What it looks like is said in docs/design/drawing.md.
 *
 * The model below holds numbers and names. Formatting, words, direction and
 * colours are the drawing's business, so every face draws the same map.
 */
#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/words.h"

enum render_evidence { RENDER_NONE, RENDER_ASSUMED, RENDER_INFERRED, RENDER_MEASURED };

struct render_score {
	enum render_evidence evidence;      /* NONE: a gap */
	double est, lo80, hi80, lo95, hi95; /* 0..100 */
	int64_t n;
	bool few;       /* n < 30 */
	double assumed; /* what was believed, 0..100; NaN when nobody said */
	struct str assumed_by;
	int64_t assumed_ms; /* who and when; "" and 0 unknown */
};

/* What a touchpoint means beside its score; all zero: nothing is known or told. */
struct render_meaning {
	bool friction_known;
	double friction;          /* signs per 100 visits */
	struct str friction_most; /* the commonest kind */
	bool differs;             /* between groups, told from noise */
	double low, high;         /* scores of the worst and the best group */
	struct str low_name, high_name;
	struct str money, money_more; /* what those who were lost or hurt did not spend: up to two currencies */
};

struct render_interval {
	bool known; /* else n alone, of too few */
	double est, lo, hi;
	int64_t n;
};

/* What employees say of a touchpoint, and what customers had expected there; 0..100, differences in points. */
struct render_voices {
	struct render_interval employees, customers, ahead; /* ahead: employees less customers */
	bool ahead_told;                                    /* from noise */
	struct render_interval expected, experienced, gap;  /* gap: experienced less expected */
	bool gap_told;
};

struct render_node { /* a touchpoint; several of one step are its branches */
	struct str key, name;
	size_t step;
	struct str channels;  /* already joined in the reader's language, "" unknown */
	struct str name_lang; /* language of the name when it is not the reader's; "" else */
	bool found_in_data;   /* undocumented until now */
	bool silent;          /* documented, and no event */
	bool other;           /* the exact rest of a step */
	int64_t other_ways;
	int64_t entered;
	struct render_score score;
	double share_stated, share_text, share_behaviour; /* of the score's weight; sum 1, or all 0 */
	int64_t newest_ms; /* when the newest evidence happened; its age at current_to_ms is shown; 0 none */
	struct str owner;  /* person responsible; "" nobody */
	struct str behind; /* system, process or rule; "" unknown */
	int64_t promises_kept, promises_broken;
	double overrun_mean_ms;
	struct render_meaning meaning;
	struct render_voices voices;
};

struct render_step { /* a column */
	size_t stage;
	struct str name;
	int64_t entered, advanced, goal, lost, still_in, starts;
	double next_p50_ms, next_p90_ms; /* NaN unknown */
	int64_t passing;                 /* instances that pass this step by */
	bool optional;
	struct str name_lang; /* as for nodes */
};

struct render_stage {
	struct str key, name;
	int64_t entered;
	struct str name_lang; /* as for nodes */
};
struct render_ribbon {
	size_t from, to;
	int64_t instances;
}; /* nodes */
struct render_loop {
	size_t from, to;
	int64_t instances;
}; /* nodes; from == to is "again" */

enum render_mark_kind { RENDER_PAIN, RENDER_DELIGHT, RENDER_TRUTH };
struct render_mark {
	enum render_mark_kind kind;
	int rank; /* 1-based */
	size_t node;
	struct str title;  /* "every second parcel is late", in the reader's language */
	struct str detail; /* "late feels 12, on time 50" */
	bool annotated;    /* washed and written out; the rest are marks only */
};

struct render_quote {
	size_t node;
	bool whole;            /* whole: about the journey, no node */
	struct str text, lang; /* in its own language; "" unknown */
	struct str origin;     /* "survey", "review" in the reader's language */
	int64_t at_ms;
	double utility; /* NaN without */
};

struct render_compare { /* the other period's curve; NaN est: a gap */
	struct str label;
	const double *est;                      /* one for each node */
	const bool *different;                  /* distinguishable from now */
	const double *diff, *diff_lo, *diff_hi; /* now minus then */
};

struct render_map {
	struct str title, version;          /* version: "14" */
	struct str scope;                   /* ready sentence of scope and instance rule; see maps/ */
	struct str headline_pain, headline; /* "Delivery hurts most:" and the rest; both may be "" */
	int64_t from_ms, to_ms, current_to_ms;
	bool assumed_only; /* a map without any event */
	struct render_stage *stages;
	size_t n_stages;
	struct render_step *steps;
	size_t n_steps;
	struct render_node *nodes;
	size_t n_nodes;
	struct render_ribbon *ribbons;
	size_t n_ribbons;
	struct render_loop *loops;
	size_t n_loops;
	struct render_mark *marks;
	size_t n_marks;
	struct render_quote *quotes;
	size_t n_quotes;
	int64_t entered, goal, still_in, lost;
	struct str goal_name;
	double mean; /* of the journey, NaN unknown */
	double whole_est, whole_lo, whole_hi;
	int64_t whole_n;                  /* answers about the whole journey, shown apart; n 0 none */
	struct render_interval nps, enps; /* of customers, of employees; -100..100 */
	int purchase_after_step;          /* dashed vertical after this column; -1 none */
	double truth_share;               /* share of cells that are evidence, 0..1 */
	struct str sources;               /* names, joined */
	struct render_compare *compare;   /* NULL none */
	struct str title_lang;            /* as for nodes */
};

enum render_theme { RENDER_LIGHT, RENDER_DARK, RENDER_PRINT };

struct render_options {
	struct locale locale;
	enum render_theme theme;
	bool embed_fonts; /* exported files carry their fonts as data URIs */
	bool interactive; /* adds data-step, data-node, tabindex, role=link for the page */
	double scale;     /* PNG only: pixels per unit, 1..4 */
};

NODISCARD enum err_code render_map_svg(const struct render_map *m, const struct render_options *o, struct buf *out,
                                       struct err *err);
/* The same drawing through librsvg and cairo, with the program's own fonts. */
NODISCARD enum err_code render_map_png(const struct render_map *m, const struct render_options *o, struct buf *out,
                                       struct err *err);
NODISCARD enum err_code render_map_pdf(const struct render_map *m, const struct render_options *o, struct buf *out,
                                       struct err *err);

/* A card's miniature: river and curve, no text. */
NODISCARD enum err_code render_map_thumb(const struct render_map *m, const struct render_options *o, struct buf *out,
                                         struct err *err);

/* What stands over the drawing of an answer; a page has its own and leaves it out. */
struct render_heading {
	bool shown;
	struct str title; /* of the map, "" without one */
	struct str scope; /* ready sentence, "" without */
	int64_t from_ms, to_ms, current_to_ms;
};

/*
 * The flow: what follows what, as a graph in layers. A node's key and an
 * edge's ends come back as data-activity, data-from and data-to, so that a
 * page knows what was chosen. Exact numbers are the caller's; the drawing
 * adds none up.
 */
#define RENDER_FLOW_NODES_MAX 100
#define RENDER_FLOW_EDGES_MAX 2000

struct render_flow_node {
	struct str key, name;      /* name "": the key is shown */
	struct str name_lang;      /* as for nodes of a map */
	int64_t count;             /* how often it happened */
	int64_t customers;         /* to how many */
	int64_t starts, ends;      /* journeys that begin and end here */
	bool start_mark, end_mark; /* whether that is marked beside the bar; it is in the titles always */
	struct render_score score;
};

struct render_flow_edge {
	size_t from, to;                /* nodes; equal: it happens again at once */
	int64_t count, customers;       /* count >= 1 */
	double mean_ms, p50_ms, p90_ms; /* NaN unknown */
};

struct render_flow {
	struct render_heading heading;
	struct render_flow_node *nodes;
	size_t n_nodes;
	struct render_flow_edge *edges;
	size_t n_edges;
	int64_t cases;
	/* What the sliders left, of how much; of_* 0 says nothing about it. */
	int64_t of_nodes, of_edges, edge_count, of_edge_count;
};

enum render_format { RENDER_SVG, RENDER_PNG, RENDER_PDF };
NODISCARD enum err_code render_flow(const struct render_flow *f, enum render_format format,
                                    const struct render_options *o, struct buf *out, struct err *err);

/*
 * The funnel: the river alone, with its sums. A required step is entered by
 * all who are left; an optional one by some of them, the others pass it by.
 * data-step of the links counts from 0, as the question's figures do.
 */
#define RENDER_FUNNEL_STEPS_MAX 32

struct render_share {
	double est, lo, hi; /* 0..1, 95 %; est NaN none */
};

struct render_funnel_step {
	struct str name;
	struct str name_lang; /* as for nodes of a map */
	bool optional;        /* never the first */
	int64_t cases, customers;
	int64_t lost;              /* got here and no further, with required steps left */
	struct render_share share; /* of the first step */
	double previous_p50_ms;    /* half came from the step before within; NaN unknown */
};

struct render_funnel {
	struct render_heading heading;
	struct render_funnel_step *steps;
	size_t n_steps;
	int64_t window_ms; /* INT64_MAX none */
	enum render_order {
		RENDER_LATER,
		RENDER_STRICT,
		RENDER_ANY_ORDER,
		RENDER_ORDERS
	} order; /* of journey_funnel_order_names */
};

NODISCARD enum err_code render_funnel(const struct render_funnel *f, enum render_format format,
                                      const struct render_options *o, struct buf *out, struct err *err);

/*
 * Retention: cohorts as rows, periods since the start as columns, a cell for
 * each that has passed, and the curve over all cohorts under it. The newest
 * RENDER_COHORTS_SHOWN rows and first RENDER_OFFSETS_SHOWN columns are drawn,
 * and it is said how many are not.
 */
#define RENDER_COHORTS_SHOWN 30
#define RENDER_OFFSETS_SHOWN 31

struct render_cohort {
	int64_t start_ms, size;
	const int64_t *active; /* by offset */
	size_t n;              /* offsets that have passed */
};

struct render_retention_point {
	int64_t active, size;
	struct render_share share;
	double lo80, hi80;
};

struct render_retention {
	struct render_heading heading;
	enum render_period { RENDER_DAY, RENDER_WEEK, RENDER_MONTH, RENDER_QUARTER, RENDER_PERIODS } period;
	enum render_retention_kind {
		RENDER_CLASSIC,
		RENDER_ROLLING,
		RENDER_SURVIVAL,
		RENDER_KINDS
	} kind;                        /* of journey_retention_kind_names */
	struct render_cohort *cohorts; /* by start */
	size_t n_cohorts;
	struct render_retention_point *curve; /* by offset */
	size_t n_curve;
	int64_t customers;
};

NODISCARD enum err_code render_retention(const struct render_retention *r, enum render_format format,
                                         const struct render_options *o, struct buf *out, struct err *err);

/*
 * Scores over time: a panel for each series, one axis for all, periods on the
 * same columns. A period without a figure is a gap. The newest
 * RENDER_PERIODS_SHOWN periods and the first RENDER_SERIES_SHOWN series are
 * drawn, and it is said how many are not.
 */
#define RENDER_PERIODS_SHOWN 60
#define RENDER_SERIES_SHOWN 8

struct render_series_point {
	int64_t start_ms, n;
	struct render_share score; /* est NaN: too few answers; in the units of the kind, CSAT as a share */
	double lo80, hi80;
	int change; /* 1, -1: distinguishable from the period before; else 0 */
};
struct render_series_line {
	struct str name;                    /* "" all answers */
	struct render_series_point *points; /* one a period of `starts`, n 0 where there is none */
	int64_t n;
	int trend; /* 1, -1, 0 */
};
struct render_series {
	struct render_heading heading;
	enum render_score_kind {
		RENDER_RATING,
		RENDER_NPS,
		RENDER_CSAT,
		RENDER_CES,
		RENDER_SCORE_KINDS
	} kind; /* of journey_rating_kind_names */
	size_t n_periods;
	const int64_t *starts;
	struct render_series_line *lines;
	size_t n_lines;
};

NODISCARD enum err_code render_series(const struct render_series *r, enum render_format format,
                                      const struct render_options *o, struct buf *out, struct err *err);

/*
 * A printed way to a survey: one page of A4 for each code, as PDF; as SVG the
 * page of the first. The texts are of people and go out escaped.
 * ERR_NOT_FOUND "qr.none" for none, ERR_LIMIT "qr.long".
 */
#define RENDER_QR_BYTES_MAX 400
struct render_qr {
	struct str address; /* what the code says */
	struct str title, hint, label;
	bool rtl;
};
NODISCARD enum err_code render_qr(const struct render_qr *codes, size_t n, enum render_format format, struct buf *out,
                                  struct err *err);

#endif
