/*
 * The map: a versioned document of what a team believes a journey is, and
 * what the evidence says about it. Documents are immutable versions; editing
 * makes a new one, and history is read again under it at once.
 *
 * The document (JSON, schema in docs/map-document.md):
 *
 * {"key":"orders","name":{"en":"...","ar":"...","fa":"..."},
 *  "scope":{"from":null,"to":null,"filters":[{"dimension":"unit","is":"UAE"}]},
 *  "instance":{"cut":"key","key":"journey","gap":"30d","ends_at_goal":false},
 *  "purchase_after":"buy", "outcome":{"touchpoint":"again","within":"180d"},
 *  "stages":[{"key":"buy","name":{...}}],
 *  "touchpoints":[{"key":"delivered","stage":"receive","name":{...},"step":"delivered",
 *     "channels":["store"],"rules":[{"event":"Order
 * Delivered","channel":"","where":[{"dimension":"carrier","is":"x"}]}],
 *     "assumed":{"feeling":1,"by":"workshop","at":"2026-03-03"},"promise":{"text":{...},"within":"2d","source":"..."},
 *     "owner":"Logistics","behind":"carrier contract","optional":false,"documented":true}],
 *  "dimensions":{"warehouse":{"name":{...},"values":{"dubai-south":{...}}}},
 *  "notes":[], "targets":[]}
 *
 * owner, behind, assumed.by and promise.source are one text for everybody, or texts by language.
 *
 * Touchpoints stand in the map's order. Those with one "step" are branches
 * of one column; "step" absent means the touchpoint's own key.
 */
#ifndef MAPS_MAPS_H
#define MAPS_MAPS_H

#include "ask/ask.h"
#include "base/words.h"
#include "collect/collect.h"
#include "render/render.h"
#include "stats/stats.h"

struct json_out;
struct maps;
struct map_doc;
NODISCARD enum err_code maps_open(struct store *st, struct ask *ask, struct collect *c, struct maps **out,
                                  struct err *err);
void maps_close(struct maps *m);
/* How comments feel, -1 .. 1 by arrival; NaN: not told. Without it no score rests on words. Before maps are measured.
 */
typedef enum err_code (*maps_hear_fn)(void *ctx, const uint64_t *arrivals, size_t n, double *sentiment,
                                      struct err *err);
void maps_listen(struct maps *m, maps_hear_fn hear, void *ctx);

struct maps_info {
	struct str key;
	struct str name; /* JSON object of texts by language */
	int version;     /* newest */
	int64_t created_ms, changed_ms;
	struct str author;
	size_t n_touchpoints;
};
NODISCARD enum err_code maps_list(struct maps *m, struct arena *a, struct maps_info **out, size_t *n, struct err *err);
NODISCARD enum err_code maps_versions(struct maps *m, struct str key, struct arena *a, struct maps_info **out,
                                      size_t *n, struct err *err);

/* The document of a version (0: newest), as canonical JSON. */
NODISCARD enum err_code maps_document(struct maps *m, struct str key, int version, struct arena *a, struct str *json,
                                      int *got_version, struct err *err);

/* What decides which event belongs to which touchpoint, without measuring anything. */
NODISCARD enum err_code maps_rules(struct maps *m, struct str key, int version, struct arena *a,
                                   const struct journey_rules **out, struct err *err);

/* Checks the document (ERR_INPUT with a JSON pointer in err.field) and saves it as a new version. `base_version` must
 * be the newest (0 for a new map), else ERR_CONFLICT. */
NODISCARD enum err_code maps_save(struct maps *m, struct str json, int base_version, struct str author, int64_t now_ms,
                                  struct arena *a, struct str *key, int *version, struct err *err);
NODISCARD enum err_code maps_delete(struct maps *m, struct str key, struct err *err);

/* Documents to start from, not saved yet. */
NODISCARD enum err_code maps_templates(struct arena *a, struct str *json,
                                       struct err *err); /* [{"key","name":{},"document":{}}] */
/* From data: readable (5 to 12 steps, the rest exact "other"), stages by methods 4.7, names and order from mappings
 * where they gave any. */
NODISCARD enum err_code maps_propose(struct maps *m, const struct journey_query *scope, struct arena *a,
                                     struct str *json, struct err *err);
/* From what a team believes: CSV, XLSX or pasted lines with stage, touchpoint, channel, feeling (-2..2 or words in en,
 * ar, fa), promise, person responsible. `in` as for wire_table. Rows that cannot be read are listed in `problems`. */
NODISCARD enum err_code maps_from_table(const struct wire_input *in, enum wire_format format, struct str name,
                                        int64_t now_ms, struct arena *a, struct str *json,
                                        struct collect_refused **problems, size_t *n_problems, struct err *err);

enum maps_compare { MAPS_COMPARE_NONE, MAPS_COMPARE_PREVIOUS, MAPS_COMPARE_SEASON };

struct maps_scope {             /* what the reader asks on top of the map's own scope */
	int64_t from_ms, to_ms; /* INT64_MIN, INT64_MAX: as the document says */
	struct journey_filter filters[JOURNEY_FILTERS_MAX];
	size_t n_filters;
	const struct journey_segment *who; /* only these customers; NULL all. Lives as long as what is measured */
	bool comments;                     /* scores rest on how comments feel, too */
	enum maps_compare compare;
	enum calendar calendar; /* of the reader: MAPS_COMPARE_SEASON goes back one of its years */
	char zone[48];          /* IANA, where that calendar is read; "" is UTC */
};

/* A finding: a candidate whose effect can be told from nothing (methods 2.5, BH over all candidates of the map). */
struct maps_finding {
	bool pain; /* else delight */
	int rank;
	struct journey_effect effect;
	struct stats_estimate diff; /* points of utility */
	double p_adjusted;
	double size; /* instances reached x |diff|: what it is ranked by */
};

/* Moments of truth, docs/methods/moments.md. */
#define MAPS_MOMENTS_WITHIN_MS ((int64_t)180 * 86400000)
#define MAPS_MOMENTS_GOOD 60.0
#define MAPS_MOMENTS_BAD 40.0
struct maps_moments {
	struct ask_moments found;
	struct str outcome; /* key of a touchpoint, or name of an event; "" the goal: any touchpoint of the last step */
	int64_t within_ms;
	double good, bad;
};

struct maps_task { /* places of touchpoints */
	size_t start, done;
	struct ask_task found;
};

#define MAPS_CONSISTENCIES 2 /* by channel, by unit */
struct maps_consistency {
	struct str by;
	struct ask_consistency found;
};
#define MAPS_MONEY_HORIZON_MS ((int64_t)365 * 86400000)

/* Two voices beside the curve (docs/methods/voices.md). Estimates without a number: not enough people said it, or an
 * employee could be told by taking this group from a larger one. */
struct maps_voice {
	struct stats_estimate employees, customers;       /* means of what each side rated it, 0..100 */
	struct stats_estimate ahead;                      /* employees less customers */
	double ahead_p;                                   /* BH over the touchpoints; 1 without a number */
	bool ahead_told;                                  /* ... <= 0.05 */
	struct stats_estimate expected, experienced, gap; /* of those who said both; gap: experienced less expected */
	double gap_p;                                     /* as ahead_p, ahead_told */
	bool gap_told;
};
struct maps_voices {
	struct maps_voice *list; /* per touchpoint */
	size_t n;
	struct maps_voice whole;         /* about the whole journey */
	struct stats_estimate nps, enps; /* of customers, and of employees: never one sum */
};

/* Comments without a score as a signal (docs/methods/scores.md), and how far their feeling can be trusted. */
struct maps_comments {
	bool on;
	int64_t pairs;                   /* comments with a feeling and a score */
	double r2;                       /* share of the scores' variance that feeling explains; 0 when not fitted */
	bool calibrated;                 /* utility = at_zero + slope * sentiment; else 50 (1 + sentiment) */
	double at_zero, slope, rest_var; /* points of 100, and their square */
};

struct maps_measured {
	struct str key;
	int version;
	struct str document;        /* canonical JSON */
	struct journey_query query; /* as asked: for `safar query` and people */
	const struct journey_rules *rules;
	struct journey_measure measure;
	struct stats_estimate *scores;  /* per touchpoint, shrunken: the curve */
	enum render_evidence *evidence; /* per touchpoint */
	double (*shares)[3];            /* stated, text, behaviour */
	struct maps_comments comments;
	struct stats_estimate whole; /* answers about the whole instance */
	double mean;                 /* prior mean of the curve */
	struct maps_finding *findings;
	size_t n_findings;
	enum ask_status *status; /* per touchpoint */
	struct ask_inventory_row *undocumented;
	size_t n_undocumented;
	struct maps_moments moments;
	struct journey_friction friction; /* [code - 1] */
	struct maps_task *tasks;          /* sensible ones of this map that anybody started */
	size_t n_tasks;
	struct maps_consistency consistency[MAPS_CONSISTENCIES];
	struct ask_money money; /* within MAPS_MONEY_HORIZON_MS */
	struct maps_voices voices;
	double truth_share;
	struct maps_measured *compare; /* NULL none */
	int newest;                    /* version of the map */
	const struct map_doc *doc;     /* the document, read */
	enum maps_agreement {
		MAPS_AGREE,
		MAPS_DIFFERS,
		MAPS_UNDOCUMENTED,
		MAPS_SILENT,
		MAPS_UNKNOWN,
		MAPS_AGREEMENTS
	} *
	        agreement;          /* per touchpoint, with what was assumed */
	double *sd;                 /* per touchpoint, of the score; 0 without one */
	enum maps_compare compared; /* of a `compare`: which period it is, ... */
	enum calendar calendar;
	struct stats_estimate *change; /* ... how far the newer score is above this one, per touchpoint, ... */
	bool *distinguishable;         /* ... and whether that can be told from nothing (BH over the touchpoints) */
};
extern const char *const maps_agreement_names[MAPS_AGREEMENTS];
/* What a map asks in a scope, and its words: key, version, newest, document, query, rules, doc and calendar of *out,
 * the rest empty. No pass over the events. */
NODISCARD enum err_code maps_question(struct maps *m, struct str key, int version, const struct maps_scope *scope,
                                      struct arena *a, struct maps_measured *out, struct err *err);
/* The same, and everything measured. */
NODISCARD enum err_code maps_measure(struct maps *m, struct str key, int version, const struct maps_scope *scope,
                                     int64_t now_ms, struct arena *a, struct maps_measured *out, struct err *err);

/*
 * The moments of truth of a measured map, for its own query or a narrower one. Of `what` are used: outcome ("" the
 * map's own), within_ms (0: as the map says), good and bad (NaN: 60 and 40).
 * ERR_INPUT names what is impossible; ERR_NOT_FOUND an outcome that nothing is.
 */
NODISCARD enum err_code maps_moments(struct maps *m, const struct maps_measured *mm, const struct journey_query *q,
                                     const struct maps_moments *what, struct arena *a, struct maps_moments *out,
                                     struct err *err);
/* Who is behind a figure of it: customers of a touchpoint with a good or a bad experience, reached or not. */
struct maps_moments_figure {
	uint16_t touchpoint;
	bool good, reached;
	uint64_t cursor;
	size_t limit;
};
NODISCARD enum err_code maps_moments_people(struct maps *m, const struct maps_measured *mm,
                                            const struct journey_query *q, const struct maps_moments *what,
                                            const struct maps_moments_figure *figure, struct arena *a,
                                            struct ask_members *out, struct err *err);
NODISCARD enum err_code maps_friction(struct maps *m, const struct maps_measured *mm, const struct journey_query *q,
                                      struct arena *a, struct journey_friction *out, struct err *err);
NODISCARD enum err_code maps_money(struct maps *m, const struct maps_measured *mm, const struct journey_query *q,
                                   int64_t horizon_ms, struct arena *a, struct ask_money *out, struct err *err);
/* Members of the answers of docs/api.md: "consistency", "money", "phases". */
void maps_consistency_json(struct json_out *o, const struct maps_measured *mm, struct str by,
                           const struct ask_consistency *c, const struct locale *l, struct arena *a);
void maps_money_json(struct json_out *o, const struct maps_measured *mm, const struct ask_money *r, int64_t horizon_ms,
                     const struct locale *l, struct arena *a);
void maps_phases_json(struct json_out *o, const struct maps_measured *mm, const struct journey_money *r);

/* Signs of friction per 100 visits, by one rule and of all; NaN below 5 visits. */
double maps_friction_per_100(const struct journey_friction_stat *s, int rule);
double maps_friction_total(const struct journey_friction_stat *s);
/* Members of the answers of docs/api.md: "rules" and "touchpoints"; "waits"; those of one task. */
void maps_friction_json(struct json_out *o, const struct journey_friction *f, const struct locale *l, struct arena *a);
void maps_waits_json(struct json_out *o, const struct journey_friction *f);
void maps_task_json(struct json_out *o, struct str start, struct str done, const struct ask_task *t);

/* Members of the object of docs/api.md, "moments". */
void maps_moments_json(struct json_out *o, const struct maps_measured *mm, const struct maps_moments *mo,
                       const struct locale *l, struct arena *a);

/* The measured map as JSON (docs/api.md, "measured map"), and as the model of the drawing. */
NODISCARD enum err_code maps_measured_json(const struct maps_measured *mm, const struct locale *l, struct arena *a,
                                           struct buf *out, struct err *err);
NODISCARD enum err_code maps_drawing(struct maps *m, const struct maps_measured *mm, const struct locale *l,
                                     struct arena *a, struct render_map *out, struct err *err);

/* How the reader calls touchpoint `code` (from 1) of the map, and the key of its stage. */
void maps_touchpoint_words(const struct maps_measured *mm, uint16_t code, const struct locale *l, struct str *name,
                           struct str *stage);

/* What stands over a drawing of a question to this map, `asked`: the map's name, and a sentence of filters and of what
 * one journey is. */
void maps_heading(const struct maps_measured *mm, const struct journey_query *asked, const struct locale *l,
                  struct arena *a, struct str *title, struct str *scope);

/* Whether the document says that touchpoint `code` (from 1) may be left out. */
bool maps_touchpoint_optional(const struct maps_measured *mm, uint16_t code);

/* Quotes with words, newest and most typical first. touchpoint 0: all. */
struct maps_quote {
	uint64_t arrival;
	uint16_t touchpoint;
	struct str customer, text, lang, event;
	int64_t at_ms;
	double utility;
};
NODISCARD enum err_code maps_quotes(struct maps *m, const struct maps_measured *mm, uint16_t touchpoint, size_t limit,
                                    struct arena *a, struct maps_quote **out, size_t *n, struct err *err);

/* Writes docs/api.md's ESTIMATE: null when there is none, est null when suppressed. */
void maps_put_estimate(struct json_out *o, const struct stats_estimate *e);
/* The members of an estimate, without the braces. */
void maps_put_estimate_members(struct json_out *o, const struct stats_estimate *e);
/* The members of one question's score, without the braces: docs/cli.md, `score`. */
void maps_put_score(struct json_out *o, const struct stats_score *s);

#endif
