/*
 * The bytes of a model, little-endian:
 *
 *   "SAFARTXT" u32 version, labels, outputs, features
 *   u32 rows, judged, right, folds   f64 macro F1, ECE, cost
 *   f64 bias[labels]                 of calibration
 *   f64 slope, f32 scale[outputs], f32 constant[outputs]
 *   label: u16 length, bytes         sorted
 *   u32 hash[features]               rising
 *   u8 rarity[features]              in sixteenths
 *   i8 weight[features][outputs]     value = scale * w * |w|
 *   u64 XXH3 of all before
 *
 * Two labels have one output: above 0 the first, below the second.
 */
#ifndef TEXT_MODEL_PRIV_H
#define TEXT_MODEL_PRIV_H

#include "text/text.h"

#define MODEL_MAGIC "SAFARTXT"
#define MODEL_VERSION 1
#define MODEL_HEAD_BYTES 64
#define WEIGHT_MAX 127
#define RARITY_STEP                                                                                                    \
	(1.0F / 16) /* the weight of a feature is ln((1 + rows) / (1 + rows with it)) + 1, kept in these steps */

/* What lies behind a label's probability: softmax of slope * score + bias. */
struct calibration {
	double slope;
	const double *bias; /* labels */
};

/* Scores of `outputs` become scores of labels: with two labels, plus and minus. */
static inline size_t outputs_of(size_t labels)
{
	return labels == 2 ? 1 : labels;
}

void spread_scores(size_t labels, double *scores);                          /* in place, room for labels */
void calibrate(const struct calibration *c, size_t labels, double *scores); /* scores become probabilities */
/* Shares of the two blocks of features in a text's length: each block has length 1, whatever the text's. */
static inline float block_scale(double squares)
{
	return squares > 0 ? (float)(1 / __builtin_sqrt(squares)) : 0;
}

/* What printing a model needs; see the layout. */
struct model_parts {
	size_t labels, features;
	const struct str *label;
	const uint32_t *hash;
	const uint8_t *rarity;
	const int8_t *weight;
	const float *scale, *constant;
	struct calibration calibration;
	struct text_quality quality;
};
void model_print(const struct model_parts *m, struct buf *out);

/* --- place.c ------------------------------------------------------------------------ */

/* A place of its own for each of a fixed set of hashes. */
struct places {
	unsigned bits;   /* 2^bits places */
	uint16_t *shift; /* of each bucket */
};

static inline uint32_t le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline size_t places_buckets(const struct places *p)
{
	return (size_t)1 << (p->bits - 2);
}

static inline size_t places_bucket(const struct places *p, uint32_t hash)
{
	return hash * 0x9E3779B1u >> (34 - p->bits);
}

/* Any hash has a place; whether it is its own says what lies there. */
static inline size_t places_at(const struct places *p, uint32_t hash)
{
	uint32_t x = (hash ^ p->shift[places_bucket(p, hash)] * 0x85EBCA6Bu) * 0xC2B2AE35u;
	x = (x ^ x >> 15) * 0x27D4EB2Fu;
	return x >> (32 - p->bits);
}

/*
 * Finds places for n distinct hashes, little-endian. False when memory is
 * short; *possible is false when they are not the hashes of anything: more of
 * them meet in a bucket than chance allows.
 */
NODISCARD bool places_find(struct places *p, const unsigned char *hashes, size_t n, bool *possible);
void places_done(struct places *p);

/* --- solve.c ------------------------------------------------------------------------ */

/* Rows of features as ids into cells[]; the rows' constant 1 is the cell behind the last. */
struct cell_weight {
	float w, rarity;
};
struct solve_row {
	const uint32_t *id; /* words first, then pieces */
	uint32_t n_words, n;
	float words, pieces; /* scale of each block: value of a feature = its block's scale * rarity */
	float weight;        /* of the row */
};

/*
 * Support vector machine with squared hinge loss and an L2 penalty, one class
 * against the others: fills cells[].w (set to 0 before). Rows named in `use`.
 */
struct solve_task {
	const struct solve_row *rows;
	const uint32_t *use; /* rows that are learned from */
	size_t n_use;
	const int8_t *sign; /* of each of all rows: +1 or -1 */
	double cost;
	uint64_t seed;
};
/* Scratch: n_use doubles and n_use numbers. */
struct solve_scratch {
	double *alpha;
	uint32_t *order;
};
void solve(const struct solve_task *t, struct cell_weight *cells, size_t n_cells, struct solve_scratch *s);
double row_score(const struct solve_row *r, const struct cell_weight *cells, size_t n_cells);

/* Held-out scores[n][labels] with right labels, and how much each row counts. */
struct held_out {
	double *scores;
	uint32_t *label;
	float *weight;
	size_t n;
};
/* Fits slope and bias[labels] to them; maximum likelihood with a weak prior. */
void fit_calibration(const struct held_out *h, size_t labels, double *slope, double *bias);

#endif
