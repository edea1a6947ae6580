/* What the files of maps/ share. */
#ifndef MAPS_PRIV_H
#define MAPS_PRIV_H

#include "base/json.h"
#include "maps/maps.h"

#define MAPS_DOCUMENT_BYTES_MAX ((size_t)1024 * 1024)
#define MAPS_STAGES_MAX 32
#define MAPS_RULES_MAX 5000
#define MAPS_CHANNELS_MAX 16
#define MAPS_KEY_BYTES_MAX 128
#define MAPS_TEXT_BYTES_MAX 2000
#define MAPS_LANGUAGES_MAX 16
#define MAPS_DIMENSIONS_MAX 64
#define MAPS_VALUES_MAX 500

struct maps {
	struct store *st;
	struct ask *ask;
	struct collect *collect; /* NULL in tests of documents alone */
	maps_hear_fn hear;       /* NULL: nobody reads comments */
	void *hear_ctx;
};

/* What a user wrote: a text for each language, in the document's order of keys. A plain string is one text whose
 * language is "": nobody said, so it is shown to everybody and never marked. */
struct map_text {
	struct str lang, text;
};
struct map_texts {
	struct map_text *all;
	size_t n;
};

struct map_stage {
	struct str key;
	struct map_texts name;
};

struct map_step {
	struct str key;
	size_t stage, first;
}; /* first touchpoint of the column */

struct map_promise {
	struct map_texts text;
	int64_t within_ms;
	struct map_texts source;
}; /* within_ms 0: not said */

struct map_assumed {
	bool given;
	double feeling;
	struct map_texts by;
	int64_t at_ms;
	struct str at;
};

struct map_touchpoint {
	struct str key;
	struct map_texts name;
	size_t stage, step;
	struct str *channels;
	size_t n_channels;
	struct map_assumed assumed;
	struct map_promise promise;
	struct map_texts owner, behind;
	bool optional, documented;
};

/* How a dimension and its values are called. */
struct map_value {
	struct str value;
	struct map_texts name;
};
struct map_dimension {
	struct str key;
	struct map_texts name;
	struct map_value *values;
	size_t n_values;
};

/* A validated document. Everything is in the arena it was read into. */
struct map_doc {
	struct str key;
	struct map_texts name;
	int64_t from_ms, to_ms;
	struct journey_filter *filters;
	size_t n_filters;
	struct journey_instance_rule instance;
	int purchase_step;  /* the boundary lies after this column; -1 none */
	struct str outcome; /* what moments of truth lead to: key of a touchpoint, or name of an event; "" the goal */
	int64_t outcome_within_ms; /* 0: not said */
	struct map_stage *stages;
	size_t n_stages;
	struct map_step *steps;
	size_t n_steps;
	struct map_touchpoint *touchpoints;
	size_t n_touchpoints;
	struct journey_rule *rules;
	size_t n_rules;
	struct map_dimension *dimensions;
	size_t n_dimensions;
};

/* Reads and validates. `key_needed` false: a document that is not saved yet may lack its key. */
NODISCARD enum err_code map_doc_read(struct str json, bool key_needed, struct arena *a, struct map_doc *out,
                                     struct err *err);

/* The rules that the engine works with, and the hash under which it caches them. */
NODISCARD enum err_code map_doc_compile(const struct map_doc *d, struct arena *a, const struct journey_rules **out,
                                        struct err *err);

/* The reader's language, else the first language of `own` that has it (the map's), else English, else whatever is
 * there. */
struct str map_text_for(const struct map_texts *t, enum lang lang, const struct map_texts *own);
/* The same, and the language it is in when that is not the reader's; else "". */
struct str map_text_said(const struct map_texts *t, enum lang lang, const struct map_texts *own,
                         struct str *other_lang);
void map_texts_put(struct json_out *o, const struct map_texts *t);

/* A key from any words: lower-case ASCII letters, digits and letters of other scripts, "-" between. Never empty. */
NODISCARD struct str map_slug(struct str words, struct arena *a);

/* maps.c: like maps_document, and the newest version there is. */
NODISCARD enum err_code map_document(struct maps *m, struct str key, int version, struct arena *a, struct str *json,
                                     int *got_version, int *newest, struct err *err);

/* wording.c */
/* "order_delivered", "OrderDelivered", "ORDER-DELIVERED" -> "Order delivered". Text with spaces is only trimmed. */
NODISCARD struct str map_pretty(struct str name, struct arena *a);
/* By the letters: Persian letters give fa, other Arabic script ar, else en. */
enum lang map_lang_of(struct str text);
/* Lower case, Arabic and Persian variants folded (ي ك ة ى hamza carriers, ZWNJ, tatweel, marks), digits to ASCII, one
 * space between words. */
NODISCARD struct str map_fold(struct str text, struct arena *a);
/* A feeling in numbers, words or signs in three languages; -2..2. */
NODISCARD bool map_feeling(struct str text, struct arena *scratch, double *out);
/* "within 2 days", "خلال يومين", "ظرف ۲ روز": milliseconds. */
NODISCARD bool map_within(struct str text, struct arena *scratch, int64_t *out_ms);
/* Stage by keyword (methods 4.7); -1 when no word tells. */
enum map_stage_kind {
	MAP_AWARENESS,
	MAP_CONSIDERATION,
	MAP_PURCHASE,
	MAP_USE,
	MAP_SUPPORT,
	MAP_LOYALTY,
	MAP_STAGE_KINDS
};
int map_stage_of(struct str event, struct arena *scratch);
/* What kind of words an event carries, by its name: a key of the catalogues, NULL when no word tells. */
const char *map_origin_of(struct str event, struct arena *scratch);
extern const struct map_stage_words {
	const char *key, *en, *ar, *fa;
} map_stage_words[MAP_STAGE_KINDS];

/* Signs between words as spaces. */
struct str map_spaced(struct str name, struct arena *a);
/* True when the folded text is one of a list between bars, "a|b|c", itself folded. */
bool map_one_of(struct str folded, const char *list);

/* scores.c: fills scores, sd, evidence, shares, whole and mean of a measure. */
/* comments.c: fills the signal of comments, where the scope wants it; the sd of its bias. */
NODISCARD enum err_code map_comments(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err);
double map_comments_bias(const struct maps_measured *mm);
NODISCARD enum err_code map_scores(struct maps_measured *mm, struct arena *a, struct err *err);
/* findings.c: fills findings. */
NODISCARD enum err_code map_findings(struct maps_measured *mm, struct arena *a, struct err *err);
/* meaning.c */
/* What a touchpoint means, for its column. */
NODISCARD struct render_meaning map_meaning_drawn(const struct maps_measured *mm, size_t t, const struct locale *l,
                                                  struct arena *a);
NODISCARD enum err_code map_meaning(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err);
/* voices.c */
NODISCARD enum err_code map_voices(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err);
void map_voices_json(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a);
/* Gaps between employees and customers that can be told from noise, the widest first, as members of a list of findings.
 */
void map_gap_findings(struct json_out *o, const struct maps_measured *mm, const struct locale *l, struct arena *a);
NODISCARD struct render_voices map_voices_drawn(const struct maps_measured *mm, size_t t);
void map_nps_drawn(const struct maps_measured *mm, struct render_map *out);
/* friction.c */
NODISCARD enum err_code map_friction(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err);
/* The commonest kind of friction at a touchpoint, in a word or two; "" none. */
NODISCARD struct str map_friction_words(const struct journey_friction_stat *s, const struct locale *l, struct arena *a);
/* moments.c: the map's own moments of truth. */
NODISCARD enum err_code map_moments(struct maps *m, struct maps_measured *mm, struct arena *a, struct err *err);
/* What the outcome is called. */
NODISCARD struct str map_outcome_words(const struct maps_measured *mm, const struct maps_moments *mo,
                                       const struct locale *l, struct arena *a);
/* "associated with Buys again: 41 % after a good one, 19 % after a bad one". */
NODISCARD struct str map_moment_words(const struct maps_measured *mm, const struct maps_moments *mo, size_t touchpoint,
                                      const struct locale *l, struct arena *a);
/* period.c: the period to compare with; ERR_INPUT when [from, to) is open. */
NODISCARD enum err_code map_period(enum maps_compare kind, const struct maps_scope *scope, int64_t from_ms,
                                   int64_t to_ms, int64_t *from_out, int64_t *to_out, struct err *err);

/* The touchpoint that stands for its column: the most entered. */
size_t map_main_of(const struct maps_measured *mm, size_t step);
/* Instances that pass a column by: what ribbons carry over it. */
int64_t map_passing(const struct maps_measured *mm, size_t step);

/* sentences.c: words about findings, scope and periods. */
struct map_finding_words {
	struct str title, detail;
};
NODISCARD struct map_finding_words map_finding_words(const struct maps_measured *mm, const struct maps_finding *f,
                                                     const struct locale *l, struct arena *a);
void map_headline(const struct maps_measured *mm, const struct locale *l, struct arena *a, struct str *pain,
                  struct str *rest);
NODISCARD struct str map_scope_words(const struct maps_measured *mm, const struct locale *l, struct arena *a);
NODISCARD struct str map_compare_label(const struct maps_measured *mm, const struct locale *l, struct arena *a);
/* A dimension and one of its values as the reader calls them: by the document, by the catalogues (standard dimensions,
 * channels, the unknown value), else readable. */
NODISCARD struct str map_dimension_words(const struct maps_measured *mm, struct str dimension, const struct locale *l,
                                         struct arena *a);
NODISCARD struct str map_value_words(const struct maps_measured *mm, struct str dimension, struct str value,
                                     const struct locale *l, struct arena *a);
/* A channel's word; one that nobody knows as it is written, kept apart from letters of the other direction. */
NODISCARD struct str map_channel_words(struct str channel, const struct locale *l, struct arena *a);
/* `safar map show KEY --json` with the scope that gives this answer. */
NODISCARD struct str map_command(const struct maps_measured *mm, struct arena *a);

/* estimate.c */
/* "Between 61 and 70 of 100; 214 answers." in the reader's language. */
NODISCARD struct str map_sentence(const struct locale *l, const struct stats_estimate *e, enum render_evidence evidence,
                                  struct arena *a);

#endif
