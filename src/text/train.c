/*
 * Learning a model from labelled rows: vocabulary, cost by cross-validation,
 * calibration on the held-out folds, the last fit on all rows.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"
#include "text/model_priv.h"

enum { FOLDS = 5, SEEN_TWICE = 2 };
#define VISITS_MAX 2.5e8 /* features times outputs of the rows that one cross-validated cost may look at */
#define PRUNING_COST 0.3
static const double ladder[] = { 0.1, 0.3, 1, 3 };

struct trainer_row {
	size_t from; /* in the pool */
	uint32_t n, label;
	float weight;
};

struct text_trainer {
	struct arena arena; /* labels */
	struct str label[TEXT_LABELS_MAX];
	size_t n_labels;
	struct trainer_row *rows;
	size_t n_rows, cap_rows;
	uint32_t *pool;
	size_t n_pool, cap_pool;
};

struct text_trainer *text_trainer_new(void)
{
	struct text_trainer *t = calloc(1, sizeof *t);
	if (t) arena_init(&t->arena, MIB);
	return t;
}

void text_trainer_free(struct text_trainer *t)
{
	if (!t) return;
	arena_done(&t->arena);
	free(t->rows);
	free(t->pool);
	free(t);
}

/* Room for one more of `size` bytes each; false when memory is short. */
static bool room(void **ptr, size_t n, size_t *cap, size_t size)
{
	if (n <= *cap) return true;
	size_t more = *cap ? *cap * 2 : 1024, bytes;
	while (more < n) more *= 2;
	if (!size_mul(more, size, &bytes)) return false;
	void *grown = realloc(*ptr, bytes);
	if (!grown) return false;
	*ptr = grown;
	*cap = more;
	return true;
}

static enum err_code find_label(struct text_trainer *t, struct str label, uint32_t *out, struct err *err)
{
	if (label.len == 0) return err_set(err, ERR_INPUT, "text.label", "label", "the label is empty");
	if (label.len > TEXT_LABEL_BYTES_MAX)
		return err_limit(err, "text.label", "label", (int64_t)label.len, TEXT_LABEL_BYTES_MAX,
		                 "a label of %zu bytes, at most %d are allowed", label.len, TEXT_LABEL_BYTES_MAX);
	if (utf8_valid(label.ptr, label.len) < label.len)
		return err_set(err, ERR_INPUT, "text.label", "label", "the label is not UTF-8 text");
	for (size_t k = 0; k < t->n_labels; k++)
		if (str_eq(t->label[k], label)) {
			*out = (uint32_t)k;
			return OK;
		}
	if (t->n_labels == TEXT_LABELS_MAX) {
		err_limit(err, "text.train.limit", "label", TEXT_LABELS_MAX + 1, TEXT_LABELS_MAX,
		          "more than %d different labels", TEXT_LABELS_MAX);
		err_hint(err, "Is this the column of labels, and not one of texts or numbers?");
		return ERR_LIMIT;
	}
	t->label[t->n_labels] = str_copy(&t->arena, label);
	if (!t->label[t->n_labels].ptr) return err_no_memory(err);
	*out = (uint32_t)t->n_labels++;
	return OK;
}

enum err_code text_trainer_add(struct text_trainer *t, const struct text_features *f, struct str label, double weight,
                               struct err *err)
{
	struct trainer_row row = { .from = t->n_pool, .n = (uint32_t)f->n, .weight = (float)weight };
	if (!(weight > 0 && weight <= 100))
		return err_set(err, ERR_INPUT, "text.train.weight", "weight",
		               "a row's weight is above 0 and at most 100");
	TRY(find_label(t, label, &row.label, err));
	if (t->n_rows == TEXT_TRAIN_ROWS_MAX)
		return err_limit(err, "text.train.limit", "", (int64_t)t->n_rows + 1, TEXT_TRAIN_ROWS_MAX,
		                 "more than %d rows", TEXT_TRAIN_ROWS_MAX);
	if (t->n_pool + f->n > TEXT_TRAIN_FEATURES_MAX) {
		err_limit(err, "text.train.limit", "", (int64_t)(t->n_pool + f->n), (int64_t)TEXT_TRAIN_FEATURES_MAX,
		          "the texts are too long together");
		err_hint(err, "Give fewer rows; a sample of some ten thousand does as well.");
		return ERR_LIMIT;
	}
	if (!room((void **)&t->rows, t->n_rows + 1, &t->cap_rows, sizeof *t->rows) ||
	    !room((void **)&t->pool, t->n_pool + f->n, &t->cap_pool, sizeof *t->pool))
		return err_no_memory(err);
	if (f->n) memcpy(t->pool + t->n_pool, f->hash, f->n * sizeof *t->pool);
	t->n_pool += f->n;
	t->rows[t->n_rows++] = row;
	return OK;
}

/* --- one training ------------------------------------------------------------------- */

struct work {
	struct text_trainer *t;
	const struct text_training *how;
	struct arena arena;                /* everything below */
	struct str label[TEXT_LABELS_MAX]; /* sorted */
	size_t labels, outputs;
	uint32_t *hash; /* the vocabulary, rising */
	uint8_t *rarity;
	size_t n_features;
	struct solve_row *rows;
	uint32_t *label_of; /* of each row */
	uint8_t *fold;      /* of each row; FOLDS when it is not of the sample */
	size_t n_sample;
	int folds; /* that are judged */
	int8_t *sign;
	uint32_t *use;
	struct cell_weight *cells;
	struct solve_scratch scratch;
	uint64_t *key; /* of each row while it is dealt out */
	double fits, fits_done;
};

static int by_label(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Labels in the order of their bytes, so that the order of rows does not show in the model. */
static void sort_labels(struct work *w)
{
	struct text_trainer *t = w->t;
	uint32_t place[TEXT_LABELS_MAX];
	w->labels = t->n_labels;
	w->outputs = outputs_of(w->labels);
	memcpy(w->label, t->label, w->labels * sizeof *w->label);
	qsort(w->label, w->labels, sizeof *w->label, by_label);
	for (size_t k = 0; k < w->labels; k++)
		for (size_t i = 0; i < w->labels; i++)
			if (str_eq(t->label[k], w->label[i])) place[k] = (uint32_t)i;
	for (size_t i = 0; i < t->n_rows; i++) w->label_of[i] = place[t->rows[i].label];
}

static int rising(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* How many rows have each feature: open addressing over hash and count. */
struct counter {
	uint32_t *hash, *count;
	size_t mask, n;
};

static bool counter_init(struct counter *c, size_t expected)
{
	size_t n = 1024;
	while (n < expected * 2) n *= 2;
	c->mask = n - 1;
	c->n = 0;
	c->hash = malloc(n * sizeof *c->hash);
	c->count = calloc(n, sizeof *c->count);
	return c->hash && c->count;
}

static void counter_done(struct counter *c)
{
	free(c->hash);
	free(c->count);
}

static size_t counter_place(const struct counter *c, uint32_t hash)
{
	size_t i = (hash >> 1) & c->mask;
	while (c->count[i] && c->hash[i] != hash) i = (i + 1) & c->mask;
	return i;
}

static bool count_features(const struct text_trainer *t, struct counter *c)
{
	if (!counter_init(c, 1 << 16)) return false;
	for (size_t i = 0; i < t->n_pool; i++) {
		const size_t at = counter_place(c, t->pool[i]);
		if (c->count[at]++) continue;
		c->hash[at] = t->pool[i];
		if (++c->n * 2 <= c->mask) continue;
		struct counter bigger;
		if (!counter_init(&bigger, c->n * 2)) {
			counter_done(&bigger);
			return false;
		}
		for (size_t k = 0; k <= c->mask; k++) {
			if (!c->count[k]) continue;
			const size_t to = counter_place(&bigger, c->hash[k]);
			bigger.hash[to] = c->hash[k];
			bigger.count[to] = c->count[k];
		}
		bigger.n = c->n;
		counter_done(c);
		*c = bigger;
	}
	return true;
}

static uint8_t rarity_of(size_t rows, uint32_t with)
{
	const double r = log((1 + (double)rows) / (1 + (double)with)) + 1;
	return (uint8_t)fmin(fmax(round(r / (double)RARITY_STEP), 1), 255);
}

/* Features of two rows and more; when there are too many, of more rows. */
static enum err_code make_vocabulary(struct work *w, size_t most, struct err *err)
{
	struct counter c = { 0 };
	uint32_t least = SEEN_TWICE;
	size_t n;
	if (!count_features(w->t, &c)) goto short_memory;
	for (;; least++) {
		n = 0;
		for (size_t i = 0; i <= c.mask; i++) n += c.count[i] >= least;
		if (n <= most) break;
	}
	w->hash = ARENA_ARRAY(&w->arena, uint32_t, n);
	w->rarity = ARENA_ARRAY(&w->arena, uint8_t, n);
	if (!w->hash || !w->rarity) goto short_memory;
	w->n_features = 0;
	for (size_t i = 0; i <= c.mask; i++)
		if (c.count[i] >= least) w->hash[w->n_features++] = c.hash[i];
	qsort(w->hash, w->n_features, sizeof *w->hash, rising);
	for (size_t i = 0; i < w->n_features; i++)
		w->rarity[i] = rarity_of(w->t->n_rows, c.count[counter_place(&c, w->hash[i])]);
	counter_done(&c);
	return OK;
short_memory:
	counter_done(&c);
	return err_no_memory(err);
}

/* Rows as ids of the vocabulary, words first; what is not in it goes. */
static enum err_code make_rows(struct work *w, struct err *err)
{
	const struct text_trainer *t = w->t;
	struct counter c; /* hash to id + 1 */
	uint32_t *ids = ARENA_ARRAY(&w->arena, uint32_t, t->n_pool);
	if (!counter_init(&c, w->n_features + 1) || !ids) {
		counter_done(&c);
		return err_no_memory(err);
	}
	for (size_t i = 0; i < w->n_features; i++) {
		const size_t at = counter_place(&c, w->hash[i]);
		c.hash[at] = w->hash[i];
		c.count[at] = (uint32_t)i + 1;
	}
	size_t used = 0;
	for (size_t r = 0; r < t->n_rows; r++) {
		const struct trainer_row *from = &t->rows[r];
		struct solve_row *to = &w->rows[r];
		double square[2] = { 0, 0 };
		*to = (struct solve_row){ .id = ids + used, .weight = from->weight };
		for (uint32_t block = 0; block < 2; block++) {
			for (uint32_t j = 0; j < from->n; j++) {
				const uint32_t hash = t->pool[from->from + j];
				if ((hash & 1) != block) continue;
				const uint32_t id = c.count[counter_place(&c, hash)];
				if (id == 0) continue;
				const double rarity = (double)w->rarity[id - 1] * (double)RARITY_STEP;
				square[block] += rarity * rarity;
				ids[used++] = id - 1;
				to->n++;
			}
			if (block == 0) to->n_words = to->n;
		}
		to->words = block_scale(square[0]);
		to->pieces = block_scale(square[1]);
	}
	counter_done(&c);
	for (size_t i = 0; i < w->n_features; i++) w->cells[i].rarity = (float)w->rarity[i] * RARITY_STEP;
	return OK;
}

/* --- folds -------------------------------------------------------------------------- */

struct deal {
	uint32_t label, row;
	uint64_t content;
};

static int by_deal(const void *a, const void *b)
{
	const struct deal *x = a, *y = b;
	if (x->label != y->label) return x->label < y->label ? -1 : 1;
	if (x->content != y->content) return x->content < y->content ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/*
 * Deals each label's rows out in turn, in the order of a hash of their
 * features; rows that say the same go to one fold, so that none is judged by
 * a model that has seen it. Every so many-th row only, when there are many.
 */
static enum err_code deal_folds(struct work *w, struct err *err)
{
	const size_t n = w->t->n_rows;
	struct deal *d = ARENA_ARRAY(&w->arena, struct deal, n);
	double visits = 0;
	if (!d) return err_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const struct solve_row *r = &w->rows[i];
		const struct str bytes = { (const char *)r->id, r->n * sizeof *r->id };
		d[i] = (struct deal){ w->label_of[i], (uint32_t)i, hash64(bytes) };
		visits += (double)r->n * (double)w->outputs;
	}
	qsort(d, n, sizeof *d, by_deal);
	const size_t every = (size_t)fmax(1, ceil(visits / VISITS_MAX));
	w->folds = (int)fmin(fmax(VISITS_MAX / (visits / (double)every), 1), FOLDS);
	memset(w->fold, FOLDS, n);
	unsigned next = 0;
	for (size_t i = 0; i < n; i++) {
		const bool same = i > 0 && d[i].label == d[i - 1].label && d[i].content == d[i - 1].content;
		if (!same) next++;
		if (next % every) continue;
		w->fold[d[i].row] = (uint8_t)(next / every % FOLDS);
		w->n_sample++;
	}
	return OK;
}

/* --- fits --------------------------------------------------------------------------- */

/* Learns output k from the rows in w->use[0, n). */
static void fit(struct work *w, size_t k, size_t n, double cost)
{
	for (size_t i = 0; i < n; i++) w->sign[w->use[i]] = w->label_of[w->use[i]] == k ? 1 : -1;
	const struct solve_task task = {
		.rows = w->rows, .use = w->use, .n_use = n, .sign = w->sign, .cost = cost, .seed = k + 1
	};
	solve(&task, w->cells, w->n_features, &w->scratch);
	w->fits_done++;
	if (w->how->progress) w->how->progress(w->how->ctx, fmin(w->fits_done / w->fits, 1));
}

/* What the folds that are judged say of one cost. */
struct judged {
	struct held_out of;
	double cost;
	struct text_quality quality;
	double slope, *bias;
};

static void count_right(const struct work *w, struct judged *j)
{
	enum { BINS = 10 };
	double said[BINS] = { 0 }, right[BINS] = { 0 };
	uint32_t in[BINS] = { 0 }, hit[TEXT_LABELS_MAX] = { 0 }, given[TEXT_LABELS_MAX] = { 0 },
	         has[TEXT_LABELS_MAX] = { 0 };
	double p[TEXT_LABELS_MAX];
	const struct calibration c = { j->slope, j->bias };
	struct text_quality *q = &j->quality;
	for (size_t i = 0; i < j->of.n; i++) {
		size_t best = 0;
		memcpy(p, j->of.scores + i * w->labels, w->labels * sizeof *p);
		calibrate(&c, w->labels, p);
		for (size_t k = 1; k < w->labels; k++)
			if (p[k] > p[best]) best = k;
		const size_t bin = (size_t)fmin(p[best] * BINS, BINS - 1);
		const bool is = best == j->of.label[i];
		in[bin]++;
		said[bin] += p[best];
		right[bin] += is;
		hit[best] += is;
		given[best]++;
		has[j->of.label[i]]++;
		q->right += is;
	}
	q->n = (uint32_t)j->of.n;
	for (size_t k = 0; k < w->labels; k++)
		if (has[k] + given[k]) q->macro_f1 += 2.0 * hit[k] / (has[k] + given[k]) / (double)w->labels;
	for (size_t b = 0; b < BINS; b++)
		if (j->of.n) q->ece += fabs(said[b] - right[b]) / (double)j->of.n;
}

static enum err_code judge(struct work *w, double cost, struct judged *j, struct err *err)
{
	*j = (struct judged){
		.cost = cost, .quality = { .rows = (uint32_t)w->t->n_rows, .folds = (uint32_t)w->folds, .cost = cost }
	};
	j->of.scores = ARENA_ARRAY(&w->arena, double, w->n_sample * w->labels);
	j->of.label = ARENA_ARRAY(&w->arena, uint32_t, w->n_sample);
	j->of.weight = ARENA_ARRAY(&w->arena, float, w->n_sample);
	j->bias = ARENA_ARRAY(&w->arena, double, w->labels);
	if (!j->of.scores || !j->of.label || !j->of.weight || !j->bias) return err_no_memory(err);
	for (int fold = 0; fold < w->folds; fold++) {
		size_t n = 0, first = j->of.n;
		if (w->how->stop && atomic_load(w->how->stop))
			return err_set(err, ERR_UNAVAILABLE, "text.train.stopped", "", "the training was stopped");
		for (size_t i = 0; i < w->t->n_rows; i++)
			if (w->fold[i] != fold && w->fold[i] != FOLDS) w->use[n++] = (uint32_t)i;
		for (size_t k = 0; k < w->outputs; k++) {
			size_t at = first;
			fit(w, k, n, cost);
			for (size_t i = 0; i < w->t->n_rows; i++) {
				if (w->fold[i] != fold) continue;
				j->of.scores[at * w->labels + k] = row_score(&w->rows[i], w->cells, w->n_features);
				j->of.weight[at] = w->rows[i].weight;
				j->of.label[at++] = w->label_of[i];
			}
			j->of.n = at;
		}
	}
	for (size_t i = 0; i < j->of.n; i++) spread_scores(w->labels, j->of.scores + i * w->labels);
	fit_calibration(&j->of, w->labels, &j->slope, j->bias);
	count_right(w, j);
	return OK;
}

static double worth(const struct judged *j)
{
	return (j->of.n ? (double)j->quality.right / (double)j->of.n : 0) + j->quality.macro_f1;
}

/* Up the ladder of costs from its second step while that helps, else down. */
static enum err_code choose_cost(struct work *w, struct judged *best, struct err *err)
{
	struct judged other;
	if (w->how->cost > 0) return judge(w, w->how->cost, best, err);
	TRY(judge(w, ladder[1], best, err));
	for (size_t i = 2; i < COUNT_OF(ladder); i++) {
		TRY(judge(w, ladder[i], &other, err));
		if (worth(&other) <= worth(best)) break;
		*best = other;
	}
	if (best->cost > ladder[1]) return OK;
	TRY(judge(w, ladder[0], &other, err));
	if (worth(&other) > worth(best)) *best = other;
	return OK;
}

static size_t use_all(struct work *w)
{
	for (size_t i = 0; i < w->t->n_rows; i++) w->use[i] = (uint32_t)i;
	return w->t->n_rows;
}

static int falling(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;
	return x > y ? -1 : x < y;
}

/* Keeps the features_max features whose weight in a first fit is largest, then cuts the rows to them. */
static enum err_code prune(struct work *w, size_t most, struct err *err)
{
	if (w->n_features <= most) return OK;
	float *large = ARENA_ARRAY(&w->arena, float, w->n_features),
	      *sorted = ARENA_ARRAY(&w->arena, float, w->n_features);
	if (!large || !sorted) return err_no_memory(err);
	for (size_t k = 0; k < w->outputs; k++) {
		fit(w, k, use_all(w), PRUNING_COST);
		for (size_t i = 0; i < w->n_features; i++)
			large[i] = fmaxf(large[i], fabsf(w->cells[i].w) * w->cells[i].rarity);
	}
	memcpy(sorted, large, w->n_features * sizeof *sorted);
	qsort(sorted, w->n_features, sizeof *sorted, falling);
	size_t n = 0;
	for (size_t i = 0; i < w->n_features && n < most; i++) {
		if (large[i] < sorted[most - 1]) continue;
		w->hash[n] = w->hash[i];
		w->rarity[n++] = w->rarity[i];
	}
	w->n_features = n;
	return make_rows(w, err);
}

/* The last fit, on all rows, printed with weights of one byte. */
static enum err_code fit_and_print(struct work *w, const struct judged *j, struct buf *model, struct err *err)
{
	int8_t *weight = ARENA_ARRAY(&w->arena, int8_t, w->n_features * w->outputs);
	float *scale = ARENA_ARRAY(&w->arena, float, w->outputs), *constant = ARENA_ARRAY(&w->arena, float, w->outputs);
	if (!weight || !scale || !constant) return err_no_memory(err);
	for (size_t k = 0; k < w->outputs; k++) {
		float high = 0;
		fit(w, k, use_all(w), j->cost);
		for (size_t i = 0; i < w->n_features; i++) high = fmaxf(high, fabsf(w->cells[i].w));
		scale[k] = high / (WEIGHT_MAX * WEIGHT_MAX);
		constant[k] = w->cells[w->n_features].w;
		for (size_t i = 0; i < w->n_features && high > 0; i++) {
			const float v = w->cells[i].w, size = rintf(sqrtf(fabsf(v) / scale[k]));
			weight[i * w->outputs + k] = (int8_t)(v < 0 ? -size : size);
		}
	}
	const struct model_parts parts = {
		.labels = w->labels,
		.features = w->n_features,
		.label = w->label,
		.hash = w->hash,
		.rarity = w->rarity,
		.weight = weight,
		.scale = scale,
		.constant = constant,
		.calibration = { j->slope, j->bias },
		.quality = j->quality,
	};
	model_print(&parts, model);
	return buf_check(model, err);
}

static enum err_code learn(struct work *w, struct buf *model, struct text_quality *quality, struct err *err)
{
	const size_t n = w->t->n_rows;
	struct judged best;
	size_t most = w->how->features_max ? w->how->features_max : TEXT_MODEL_FEATURES_MAX;
	w->label_of = ARENA_ARRAY(&w->arena, uint32_t, n);
	w->fold = ARENA_ARRAY(&w->arena, uint8_t, n);
	w->rows = ARENA_ARRAY(&w->arena, struct solve_row, n);
	w->sign = ARENA_ARRAY(&w->arena, int8_t, n);
	w->use = ARENA_ARRAY(&w->arena, uint32_t, n);
	w->scratch.alpha = ARENA_ARRAY(&w->arena, double, n);
	w->scratch.order = ARENA_ARRAY(&w->arena, uint32_t, n);
	if (!w->label_of || !w->fold || !w->rows || !w->sign || !w->use || !w->scratch.alpha || !w->scratch.order)
		return err_no_memory(err);
	sort_labels(w);
	const size_t fitting = TEXT_MODEL_BYTES_MAX / 2 / (sizeof *w->hash + 1 + w->outputs);
	TRY(make_vocabulary(w, fitting < TEXT_MODEL_FEATURES_MAX ? fitting : TEXT_MODEL_FEATURES_MAX, err));
	w->cells = ARENA_ARRAY(&w->arena, struct cell_weight, w->n_features + 1);
	if (!w->cells) return err_no_memory(err);
	TRY(make_rows(w, err));
	w->fits = (double)w->outputs * (3 * FOLDS + 2); /* three costs are tried as a rule */
	TRY(prune(w, most, err));
	TRY(deal_folds(w, err));
	w->fits = w->fits_done + (double)w->outputs * (3 * w->folds + 1);
	TRY(choose_cost(w, &best, err));
	TRY(fit_and_print(w, &best, model, err));
	*quality = best.quality;
	return OK;
}

enum err_code text_trainer_finish(struct text_trainer *t, const struct text_training *how, struct buf *model,
                                  struct text_quality *quality, struct err *err)
{
	if (t->n_rows < TEXT_TRAIN_ROWS_MIN) {
		err_set(err, ERR_INPUT, "text.train.rows", "", "%zu labelled rows are too few, at least %d are needed",
		        t->n_rows, TEXT_TRAIN_ROWS_MIN);
		err_hint(err, "Some hundred rows make a first useful model, some thousand a good one.");
		return ERR_INPUT;
	}
	if (t->n_labels < 2) {
		err_set(err, ERR_INPUT, "text.train.labels", "label", "every row has the label '" STR_FMT "'",
		        STR_ARG(t->label[0]));
		err_hint(err, "A model tells two labels or more apart.");
		return ERR_INPUT;
	}
	struct work *w = calloc(1, sizeof *w);
	if (!w) return err_no_memory(err);
	w->t = t;
	w->how = how;
	arena_init(&w->arena, 16 * GIB);
	const enum err_code rc = learn(w, model, quality, err);
	arena_done(&w->arena);
	free(w);
	return rc;
}
