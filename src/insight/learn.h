/*
 * Models of feeling learned from what people here gave and said, how good
 * they are beside the shipped ones, which is in use, and what to ask people
 * next. docs/methods/text-own.md. Part of insight.h.
 */
#ifndef INSIGHT_LEARN_H
#define INSIGHT_LEARN_H

#include "insight/insight.h"

#define INSIGHT_FEELINGS 3                                     /* by enum text_feeling_label */
#define INSIGHT_LANGUAGES 3                                    /* English, Arabic, Persian, in this order */
extern const char *const insight_languages[INSIGHT_LANGUAGES]; /* "en", "ar", "fa" */
/* ERR_INPUT "insight.lang" for another. */
NODISCARD enum err_code insight_language(struct str name, size_t *out, struct err *err);

/* By thirds of the scale, as all figures count: below -1/3 negative, above 1/3 positive. */
enum text_feeling_label insight_feeling_of(double sentiment);

/* --- labels from scores ---------------------------------------------------------------------------- */

enum insight_scale { INSIGHT_NPS, INSIGHT_CSAT, INSIGHT_CES, INSIGHT_RATING, INSIGHT_SCALES };
struct insight_scale_ends {
	const char *name; /* "nps", "csat", "ces", "rating": any other scale, as stars */
	double low, high;
};
extern const struct insight_scale_ends insight_scales[INSIGHT_SCALES];

/* On its scale, a score up to `negative` says negative, from `positive` on positive, between them neutral. */
struct insight_labelling {
	struct {
		bool used;
		double negative, positive;
	} scale[INSIGHT_SCALES];
	int64_t version, at_ms; /* 0: as it comes with the program */
	struct str author;
};
NODISCARD enum err_code insight_labelling(struct insight *x, struct arena *a, struct insight_labelling *out,
                                          struct err *err);
/* ERR_INPUT "insight.labelling" unless low <= negative < positive <= high. */
NODISCARD enum err_code insight_labelling_put(struct insight *x, const struct insight_labelling *l, struct str author,
                                              int64_t now_ms, struct err *err);

#define INSIGHT_LABELLED_MAX 50000 /* newest comments with a score, and as many without one that somebody told */

struct insight_labelled { /* comments to learn from, of one language */
	int64_t told[INSIGHT_FEELINGS], scored[INSIGHT_FEELINGS];
	int64_t judge; /* of them: may say how good a model is */
};
NODISCARD enum err_code insight_labelled(struct insight *x, struct insight_labelled out[INSIGHT_LANGUAGES],
                                         struct err *err);

/* --- learning ------------------------------------------------------------------------------------------ */

#define INSIGHT_TRAIN_EACH 20 /* comments of each feeling, at least */
#define INSIGHT_FOLDS 5

struct insight_training {
	struct str author;
	int64_t now_ms;
	/* Called some hundred times; true stops. May be NULL. */
	bool (*progress)(void *ctx, double share);
	void *ctx;
};
/*
 * Learns a model of each language that has comments enough and keeps it with
 * its report; ids in the order of languages, 0 where there was too little, or
 * too much of the same.
 * Minutes at INSIGHT_LABELLED_MAX. ERR_UNAVAILABLE "text.train.stopped".
 */
NODISCARD enum err_code insight_train(struct insight *x, const struct insight_training *how,
                                      int64_t ids[INSIGHT_LANGUAGES], struct err *err);

struct insight_model {
	int64_t id, made_ms;
	struct str lang, author;
	bool better;       /* it may be put to use */
	struct str report; /* JSON: docs/methods/text-own.md */
};
NODISCARD enum err_code insight_models(struct insight *x, size_t max, struct arena *a, struct insight_model **out,
                                       size_t *n, struct err *err);
/* ERR_NOT_FOUND "insight.model". */
NODISCARD enum err_code insight_model(struct insight *x, int64_t id, struct arena *a, struct insight_model *out,
                                      struct err *err);

/* --- which is in use -------------------------------------------------------------------------------------- */

struct insight_in_use {
	struct str name;        /* "shipped-1f0c33aa", "own-7" */
	int64_t model;          /* insight_model.id; 0: the shipped one */
	int64_t made_ms, at_ms; /* learned, put to use; 0: came with the program */
	struct str author;
};
NODISCARD enum err_code insight_in_use(struct insight *x, struct arena *a, struct insight_in_use out[INSIGHT_LANGUAGES],
                                       struct err *err);
struct insight_adoption {
	struct str lang;
	int64_t model, at_ms; /* 0: the shipped one */
	struct str author;
};
/* Newest first. */
NODISCARD enum err_code insight_adoptions(struct insight *x, size_t max, struct arena *a, struct insight_adoption **out,
                                          size_t *n, struct err *err);
/*
 * From now on comments of a language are read by this model (0: the shipped
 * one), and history is read again by it.
 * Errors: ERR_NOT_FOUND "insight.model" for a model of another language or
 * none; ERR_CONFLICT "insight.not_better" for one that is not better than the
 * shipped one by more than the interval of the difference.
 */
NODISCARD enum err_code insight_adopt(struct insight *x, struct str lang, int64_t model, struct str author,
                                      int64_t now_ms, struct err *err);

/* --- how good it is ------------------------------------------------------------------------------------------- */

/* How often a feeling was told (first index) and read (second). */
struct insight_confusion {
	int64_t n[INSIGHT_FEELINGS][INSIGHT_FEELINGS];
};
struct insight_quality {
	struct insight_confusion confusion; /* of the model in use, on comments that it had not seen */
	struct stats_estimate accuracy;     /* n = 0: there are none */
	double macro_f1;                    /* of the feelings that were told or read */
};
NODISCARD enum err_code insight_quality(struct insight *x, struct insight_quality out[INSIGHT_LANGUAGES],
                                        struct err *err);

/* How many of a language's comments in a scope feel so. */
struct insight_count {
	int64_t read, of;               /* by the model, of those whose feeling it told */
	struct stats_estimate adjusted; /* share, for what the model errs; STATS_NOT_IDENTIFIED: see `why` */
	/*
	 * NULL, or why not: "few", too few comments of ours to know how it errs;
	 * "blind", it tells this feeling from others no better than chance, as far
	 * as they show; "elsewhere", it must err otherwise here than on them;
	 * "none", there are no comments.
	 */
	const char *why;
};
struct insight_counts {
	struct insight_count feeling[INSIGHT_FEELINGS];
};
/* docs/methods/adjusted.md. */
NODISCARD enum err_code insight_counts(struct insight *x, const struct insight_scope *s,
                                       const struct insight_quality quality[INSIGHT_LANGUAGES],
                                       struct insight_counts out[INSIGHT_LANGUAGES], struct err *err);

/* --- what to ask people next -------------------------------------------------------------------------------------- */

#define INSIGHT_QUEUE_MAX 50
#define INSIGHT_LOT 4 /* every so many-th is drawn by lot */

struct insight_doubt {
	uint64_t arrival;
	double margin; /* between the two likeliest feelings */
	enum insight_chosen chosen;
};
/*
 * Comments that nobody looked at: those with the smallest margin, and every
 * INSIGHT_LOT-th by lot, so that what people tell also says how good the
 * program is. unit, lang "": any. No comment is there twice.
 */
NODISCARD enum err_code insight_queue(struct insight *x, struct str unit, struct str lang, uint64_t seed, size_t max,
                                      struct insight_doubt *out, size_t *n, struct err *err);

#define INSIGHT_TAUGHT 100 /* newest answers that are looked at */
struct insight_taught {
	struct {
		int64_t n, wrong; /* answers, of them those that the program had read otherwise */
	} by[INSIGHT_CHOSEN];
};
NODISCARD enum err_code insight_taught(struct insight *x, struct insight_taught *out, struct err *err);

#endif
