/* A model's bytes, its table in memory, and classifying with it. See model_priv.h for the layout. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "text/model_priv.h"

enum { AT_ONCE = 64, SLOT_WEIGHTS = 5 }; /* a slot: u32 hash, u8 rarity, i8 weight[outputs] */

struct text_model {
	struct str label[TEXT_LABELS_MAX];
	size_t labels, outputs;
	struct text_quality quality;
	double slope;
	double bias[TEXT_LABELS_MAX];
	float scale[TEXT_LABELS_MAX], constant[TEXT_LABELS_MAX];
	struct places places;
	unsigned char *slots;
	size_t stride;
	float squares[256]; /* by a weight's byte */
	char *names;        /* behind label[] */
};

/* --- printing ----------------------------------------------------------------------- */

static void put_u32(struct buf *b, uint32_t v)
{
	const unsigned char le[4] = { (unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
		                      (unsigned char)(v >> 24) };
	buf_put(b, le, sizeof le);
}

static void put_u64(struct buf *b, uint64_t v)
{
	put_u32(b, (uint32_t)v);
	put_u32(b, (uint32_t)(v >> 32));
}

static void put_f64(struct buf *b, double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	put_u64(b, bits);
}

static void put_f32(struct buf *b, float v)
{
	uint32_t bits;
	memcpy(&bits, &v, sizeof bits);
	put_u32(b, bits);
}

void model_print(const struct model_parts *m, struct buf *out)
{
	const size_t outputs = outputs_of(m->labels), from = out->len;
	const struct text_quality *q = &m->quality;
	buf_str(out, STR(MODEL_MAGIC));
	put_u32(out, MODEL_VERSION);
	put_u32(out, (uint32_t)m->labels);
	put_u32(out, (uint32_t)outputs);
	put_u32(out, (uint32_t)m->features);
	put_u32(out, q->rows);
	put_u32(out, q->n);
	put_u32(out, q->right);
	put_u32(out, q->folds);
	put_f64(out, q->macro_f1);
	put_f64(out, q->ece);
	put_f64(out, q->cost);
	for (size_t k = 0; k < m->labels; k++) put_f64(out, m->calibration.bias[k]);
	put_f64(out, m->calibration.slope);
	for (size_t k = 0; k < outputs; k++) put_f32(out, m->scale[k]);
	for (size_t k = 0; k < outputs; k++) put_f32(out, m->constant[k]);
	for (size_t k = 0; k < m->labels; k++) {
		const unsigned char len[2] = { (unsigned char)m->label[k].len, (unsigned char)(m->label[k].len >> 8) };
		buf_put(out, len, sizeof len);
		buf_str(out, m->label[k]);
	}
	for (size_t i = 0; i < m->features; i++) put_u32(out, m->hash[i]);
	buf_put(out, m->rarity, m->features);
	buf_put(out, m->weight, m->features * outputs);
	if (!out->full) put_u64(out, hash64((struct str){ out->ptr + from, out->len - from }));
}

/* --- reading ------------------------------------------------------------------------ */

/* Bytes that are left; `bad` sticks once something was wrong. */
struct bytes {
	const unsigned char *p, *end;
	bool bad;
};

static const unsigned char *take(struct bytes *b, size_t n)
{
	static const unsigned char zero[8];
	if ((size_t)(b->end - b->p) < n) {
		b->bad = true;
		b->p = b->end;
		return n <= sizeof zero ? zero : NULL;
	}
	b->p += n;
	return b->p - n;
}

static uint32_t take_u32(struct bytes *b)
{
	return le32(take(b, 4));
}

static uint64_t take_u64(struct bytes *b)
{
	const unsigned char *p = take(b, 8);
	return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* Finite and in [low, high], else bad. */
static double take_f64(struct bytes *b, double low, double high)
{
	const uint64_t bits = take_u64(b);
	double v;
	memcpy(&v, &bits, sizeof v);
	if (v >= low && v <= high) return v;
	b->bad = true;
	return low;
}

static float take_f32(struct bytes *b, float low, float high)
{
	const uint32_t bits = take_u32(b);
	float v;
	memcpy(&v, &bits, sizeof v);
	if (v >= low && v <= high) return v;
	b->bad = true;
	return low;
}

static bool read_labels(struct bytes *b, struct text_model *m)
{
	size_t used = 0;
	m->names = malloc(m->labels * TEXT_LABEL_BYTES_MAX);
	if (!m->names) return false;
	for (size_t k = 0; k < m->labels && !b->bad; k++) {
		const unsigned char *n = take(b, 2);
		const size_t len = (size_t)n[0] | (size_t)n[1] << 8;
		const unsigned char *text = len >= 1 && len <= TEXT_LABEL_BYTES_MAX ? take(b, len) : NULL;
		if (b->bad || !text || utf8_valid((const char *)text, len) < len) {
			b->bad = true;
			return true;
		}
		memcpy(m->names + used, text, len);
		m->label[k] = (struct str){ m->names + used, len };
		used += len;
		if (k > 0 && str_cmp(m->label[k - 1], m->label[k]) >= 0) b->bad = true;
	}
	return true;
}

/* What a weight's byte stands for, before its label's scale. */
static float square_of(int w)
{
	return (float)(w < 0 ? -w * w : w * w);
}

static bool fill_slots(struct bytes *b, struct text_model *m, size_t features)
{
	const unsigned char *hash = take(b, features * 4), *rarity = take(b, features),
	                    *weight = take(b, features * m->outputs);
	if (b->bad) return true;
	uint32_t before = 0;
	for (size_t i = 0; i < features; i++) {
		const uint32_t h = le32(hash + i * 4);
		if (h <= before || rarity[i] == 0) b->bad = true; /* rising from 1: 0 is an empty slot */
		before = h;
	}
	if (b->bad) return true;
	bool possible = false;
	if (!places_find(&m->places, hash, features, &possible)) return false;
	b->bad = !possible;
	if (b->bad) return true;
	for (int w = 0; w < 256; w++) m->squares[w] = square_of((int8_t)w);
	m->stride = (SLOT_WEIGHTS + m->outputs + 3) / 4 * 4;
	m->slots = calloc((size_t)1 << m->places.bits, m->stride);
	if (!m->slots) return false;
	for (size_t i = 0; i < features; i++) {
		const uint32_t h = le32(hash + i * 4);
		unsigned char *slot = m->slots + places_at(&m->places, h) * m->stride;
		memcpy(slot, &h, sizeof h);
		slot[4] = rarity[i];
		memcpy(slot + SLOT_WEIGHTS, weight + i * m->outputs, m->outputs);
	}
	return true;
}

/* False when memory is short; what is wrong with the bytes sticks in b. */
static bool read_model(struct bytes *b, struct text_model *m)
{
	struct text_quality *q = &m->quality;
	m->labels = take_u32(b);
	m->outputs = take_u32(b);
	const size_t features = take_u32(b);
	if (m->labels < 2 || m->labels > TEXT_LABELS_MAX || m->outputs != outputs_of(m->labels) ||
	    features > TEXT_MODEL_FEATURES_MAX) {
		b->bad = true;
		return true;
	}
	q->rows = take_u32(b);
	q->n = take_u32(b);
	q->right = take_u32(b);
	q->folds = take_u32(b);
	if (q->n > q->rows || q->right > q->n || q->folds > 5) b->bad = true;
	q->macro_f1 = take_f64(b, 0, 1 + 1e-9);
	q->ece = take_f64(b, 0, 1 + 1e-9);
	q->cost = take_f64(b, 0, 1e6);
	for (size_t k = 0; k < m->labels; k++) m->bias[k] = take_f64(b, -1e3, 1e3);
	m->slope = take_f64(b, 0, 1e3);
	for (size_t k = 0; k < m->outputs; k++) m->scale[k] = take_f32(b, 0, 1e6F);
	for (size_t k = 0; k < m->outputs; k++) m->constant[k] = take_f32(b, -1e6F, 1e6F);
	if (b->bad) return true;
	if (!read_labels(b, m)) return false;
	if (b->bad) return true;
	if (!fill_slots(b, m, features)) return false;
	if (b->p != b->end) b->bad = true;
	return true;
}

static enum err_code no_model(struct err *err, const char *why)
{
	err_set(err, ERR_INPUT, "text.model", "model", "%s", why);
	err_hint(err, "Make it anew with `safar text train`.");
	return ERR_INPUT;
}

enum err_code text_model_read(struct str bytes, struct text_model **out, struct err *err)
{
	if (bytes.len < MODEL_HEAD_BYTES || !str_starts(bytes, STR(MODEL_MAGIC)))
		return no_model(err, "this is not a model of `safar text train`");
	if (bytes.len > TEXT_MODEL_BYTES_MAX) return no_model(err, "the model is larger than any that is made");
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	struct bytes b = { p + 8, p + bytes.len - 8, false }, tail = { p + bytes.len - 8, p + bytes.len, false };
	if (take_u32(&b) != MODEL_VERSION) return no_model(err, "the model is of another version of this program");
	if (take_u64(&tail) != hash64((struct str){ bytes.ptr, bytes.len - 8 }))
		return no_model(err, "the model is damaged: its checksum does not match");
	struct text_model *m = calloc(1, sizeof *m);
	if (!m) return err_no_memory(err);
	const bool enough = read_model(&b, m);
	if (!enough || b.bad) {
		text_model_free(m);
		return enough ? no_model(err, "the model is malformed") : err_no_memory(err);
	}
	*out = m;
	return OK;
}

void text_model_free(struct text_model *m)
{
	if (!m) return;
	places_done(&m->places);
	free(m->slots);
	free(m->names);
	free(m);
}

size_t text_model_labels(const struct text_model *m, const struct str **labels)
{
	*labels = m->label;
	return m->labels;
}

const struct text_quality *text_model_quality(const struct text_model *m)
{
	return &m->quality;
}

/* --- classifying -------------------------------------------------------------------- */

/* What the features of a text add up to, by block. Squares of rarities are counted in steps, so they are exact. */
struct weighed {
	float sum[2][TEXT_LABELS_MAX];
	uint64_t square[2];
};

/* The slots where at most AT_ONCE features lie if the model has them: all are fetched before the first is used. */
static inline void fetch(const struct text_model *m, const uint32_t *hash, size_t n, const unsigned char **slots)
{
	for (size_t i = 0; i < n; i++) {
		slots[i] = m->slots + places_at(&m->places, hash[i]) * m->stride;
		__builtin_prefetch(slots[i]);
	}
}

/* The rarity of a feature, in steps; 0 when something else lies in its place, so that there is nothing to guess. */
static inline uint32_t rarity_in(const unsigned char *slot, uint32_t hash)
{
	uint32_t h;
	memcpy(&h, slot, sizeof h);
	return slot[4] & -(uint32_t)(h == hash);
}

static void weigh(const struct text_model *m, const uint32_t *hash, size_t n, struct weighed *out)
{
	const unsigned char *slots[AT_ONCE];
	fetch(m, hash, n, slots);
	for (size_t i = 0; i < n; i++) {
		const uint32_t block = hash[i] & 1, steps = rarity_in(slots[i], hash[i]);
		const int8_t *w = (const int8_t *)slots[i] + SLOT_WEIGHTS;
		out->square[block] += steps * steps;
		for (size_t k = 0; k < m->outputs; k++)
			out->sum[block][k] += square_of(w[k]) * ((float)steps * RARITY_STEP);
	}
}

typedef float four __attribute__((vector_size(16)));

/* The same sums, in the same order, for the three labels of the shipped models. */
static void weigh_three(const struct text_model *m, const uint32_t *hash, size_t n, struct weighed *out)
{
	const unsigned char *slots[AT_ONCE];
	four sum[2];
	for (int block = 0; block < 2; block++)
		sum[block] = (four){ out->sum[block][0], out->sum[block][1], out->sum[block][2], 0 };
	fetch(m, hash, n, slots);
	for (size_t i = 0; i < n; i++) {
		const uint32_t steps = rarity_in(slots[i], hash[i]), pieces = steps & -(hash[i] & 1);
		const float *const squares = m->squares;
		const unsigned char *w = slots[i] + SLOT_WEIGHTS;
		const four weights = { squares[w[0]], squares[w[1]], squares[w[2]], 0 };
		out->square[0] += (steps - pieces) * (steps - pieces);
		out->square[1] += pieces * pieces;
		sum[0] += weights * ((float)(int)(steps - pieces) * RARITY_STEP);
		sum[1] += weights * ((float)(int)pieces * RARITY_STEP);
	}
	for (int block = 0; block < 2; block++)
		for (int k = 0; k < 3; k++) out->sum[block][k] = sum[block][k];
}

static double squares_of(uint64_t steps)
{
	return (double)steps * (double)(RARITY_STEP * RARITY_STEP);
}

size_t text_model_classify(const struct text_model *m, const struct text_features *f, double *p)
{
	struct weighed all;
	for (int block = 0; block < 2; block++) {
		all.square[block] = 0;
		memset(all.sum[block], 0, m->outputs * sizeof **all.sum);
	}
	for (size_t i = 0; i < f->n; i += AT_ONCE) {
		const size_t n = f->n - i < AT_ONCE ? f->n - i : AT_ONCE;
		if (m->outputs == 3) weigh_three(m, f->hash + i, n, &all);
		else weigh(m, f->hash + i, n, &all);
	}
	const float words = block_scale(squares_of(all.square[0])), pieces = block_scale(squares_of(all.square[1]));
	for (size_t k = 0; k < m->outputs; k++)
		p[k] = (double)((all.sum[0][k] * words + all.sum[1][k] * pieces) * m->scale[k] + m->constant[k]);
	spread_scores(m->labels, p);
	calibrate(&(struct calibration){ m->slope, m->bias }, m->labels, p);
	size_t best = 0;
	for (size_t k = 1; k < m->labels; k++)
		if (p[k] > p[best]) best = k;
	return best;
}
