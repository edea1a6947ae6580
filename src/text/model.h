/*
 * Linear models of text: any labels, learned from rows that people labelled.
 *
 *   text ─ features ─► hashes of words, pairs, pieces of words
 *        ─ model ────► a score a label ─ calibrated ─► p of each label
 *
 * Features are looked up by hash, so a model holds no words and no rows.
 * The same rows in the same order and the same options give the same bytes
 * on one build of the program: nothing is random but by seed, and no thread
 * is used. docs/methods/text-models.md has formulas, sources and figures.
 */
#ifndef TEXT_MODEL_H
#define TEXT_MODEL_H

#include <stdatomic.h>

#include "base/checked.h"
#include "base/str.h"

struct text;

#define TEXT_LABELS_MAX 1000
#define TEXT_LABEL_BYTES_MAX 200
#define TEXT_FEATURES_MAX (1u << 17)       /* of one text; what follows is not looked at */
#define TEXT_MODEL_FEATURES_MAX (1u << 21) /* the most frequent ones are kept */
#define TEXT_MODEL_BYTES_MAX (256 * MIB)
#define TEXT_TRAIN_ROWS_MIN 10
#define TEXT_TRAIN_ROWS_MAX 2000000
#define TEXT_TRAIN_FEATURES_MAX ((size_t)400 * 1000 * 1000) /* of all rows together */

/* --- features ----------------------------------------------------------------------- */

/*
 * Distinct features of one text, in the order in which they first stand
 * there. The lowest bit tells the block: 0 words and pairs of words, 1 pieces
 * of words. Scratch memory of one thread, used again for the next text.
 */
struct text_features {
	uint32_t *hash;
	size_t n, cap;
	uint32_t *seen;          /* the same hashes, open addressing; 0: free */
	size_t n_seen, cap_seen; /* powers of two: as much of it as this text needs, what there is */
	uint64_t negators[128];  /* hashes of the words that negate */
};

NODISCARD struct text_features *text_features_new(void); /* NULL when memory is short */
void text_features_free(struct text_features *f);        /* NULL is fine */

/* Of tokens [from, to) of t. When memory runs short the features are a beginning. Linear. */
void text_features_of(struct text_features *f, const struct text *t, size_t from, size_t to);

/*
 * Whether tokens [first, last) are said to be not so: a word that negates stands within three words before them in
 * the same part of a sentence, or, in Persian, within two behind them ("خوشحال نیستم").
 */
bool text_negated(const struct text *t, size_t first, size_t last);

/* --- classifying -------------------------------------------------------------------- */

struct text_model;

/*
 * How good a model is, as cross-validation found it: each row was judged by
 * a model that had not seen it. n = 0: too few rows to know.
 */
struct text_quality {
	uint32_t rows;   /* learned from */
	uint32_t n;      /* judged */
	uint32_t right;  /* of them */
	uint32_t folds;  /* that were judged, of five */
	double macro_f1; /* mean over labels; a label nobody has and nobody was given counts 0 */
	double ece;      /* expected calibration error, ten bins of equal width */
	double cost;     /* the C that was chosen */
};

/*
 * Reads a model from a file's bytes, which may be hostile: every length,
 * number and order is checked and the checksum must match.
 * ERR_INPUT "text.model" when the bytes are no model or a broken one.
 */
NODISCARD enum err_code text_model_read(struct str bytes, struct text_model **out, struct err *err);
void text_model_free(struct text_model *m); /* NULL is fine */

size_t text_model_labels(const struct text_model *m, const struct str **labels); /* sorted by bytes, distinct */
const struct text_quality *text_model_quality(const struct text_model *m);

/*
 * The label that fits best: its index; the first of equals. p[labels] become
 * the calibrated probabilities, which sum to 1. A text without any known
 * feature gets what the labels' own shares say.
 * Cost: one probe of a table a feature.
 */
size_t text_model_classify(const struct text_model *m, const struct text_features *f, double *p);

/* --- feeling ------------------------------------------------------------------------ */

/* The shipped models of English, Arabic, Persian and the latter two in Latin letters, read once; many threads may use
 * one judge. */
struct text_judge;

enum text_feeling_label { TEXT_NEGATIVE, TEXT_NEUTRAL, TEXT_POSITIVE };

struct text_feeling {
	enum text_feeling_label label;
	double p;         /* of that label, calibrated */
	double sentiment; /* p(positive) - p(negative), -1 to 1 */
};

/* "negative", "neutral", "positive". */
struct str text_feeling_name(enum text_feeling_label label);

/* Some 30 ms and 10 MB. */
NODISCARD enum err_code text_judge_new(struct text_judge **out, struct err *err);
void text_judge_free(struct text_judge *j); /* NULL is fine */
/*
 * The same with models of one's own: bytes for English, Arabic and Persian,
 * empty where the shipped one stays. ERR_INPUT "text.model" when they are
 * malformed or have other labels than negative, neutral and positive.
 */
#define TEXT_JUDGE_MODELS 3
NODISCARD enum err_code text_judge_own(const struct str own[TEXT_JUDGE_MODELS], struct text_judge **out,
                                       struct err *err);
/* A hash of the bytes of the shipped model of EN, AR, FA or LATIN_AR_FA: its name. */
uint64_t text_judge_shipped(enum text_language lang);
/* The model of EN, AR, FA or LATIN_AR_FA, NULL for others; borrowed. */
const struct text_model *text_judge_model(const struct text_judge *j, enum text_language lang);

/*
 * How the writer of t feels. `f` holds the features of all of t, or of one
 * clause of it. A text of another language, or without a token, is neutral
 * with p = 1/3 and sentiment 0: not known.
 */
void text_feel(const struct text_judge *j, const struct text *t, const struct text_features *f,
               struct text_feeling *out);

/* --- learning ----------------------------------------------------------------------- */

struct text_trainer;

struct text_training {
	double cost;           /* C of the support vector machine; 0: chosen by cross-validation */
	uint32_t features_max; /* those of largest weight are kept; 0: TEXT_MODEL_FEATURES_MAX */
	/* Called some hundred times; share is in [0, 1]. May be NULL. */
	void (*progress)(void *ctx, double share);
	void *ctx;
	/* True: ends soon with ERR_UNAVAILABLE "text.train.stopped". May be NULL. */
	const atomic_bool *stop;
};

NODISCARD struct text_trainer *text_trainer_new(void);
void text_trainer_free(struct text_trainer *t); /* NULL is fine */

/*
 * Adds a row; copies what it needs. `weight` 1 for all, or how much the row
 * counts, in (0, 100].
 * ERR_INPUT "text.label" (empty or longer than TEXT_LABEL_BYTES_MAX, or not
 * UTF-8), ERR_LIMIT "text.train.limit".
 */
NODISCARD enum err_code text_trainer_add(struct text_trainer *t, const struct text_features *f, struct str label,
                                         double weight, struct err *err);

/*
 * Learns from the rows that were added and prints the model; once only.
 * ERR_INPUT "text.train.rows" with too few rows, "text.train.labels" with
 * fewer than two labels.
 * Bounded: cross-validation uses a sample of the rows when there are many,
 * and judges fewer folds when there are many labels.
 */
NODISCARD enum err_code text_trainer_finish(struct text_trainer *t, const struct text_training *how, struct buf *model,
                                            struct text_quality *quality, struct err *err);

#endif
