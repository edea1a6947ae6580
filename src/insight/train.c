/*
 * Learning from what people here gave and said, and judging that beside the
 * shipped model on the same comments, none of which the judged model had
 * seen. docs/methods/text-own.md.
 */
#include <math.h>

#include "base/hash.h"
#include "base/json.h"
#include "insight/priv.h"
#include "maps/maps.h"

#define FEATURES_MAX 200000 /* of a model: about 1.6 MB, as the shipped ones */
#define TEXTS_BYTES_MAX (1 * GIB)
#define REPORT_BYTES_MAX (256 * KIB)
#define BOOTSTRAPS 1000
#define DIFFER_MAX 40
#define JUDGED_MIN 30
enum { BINS = 10 };

struct example {
	struct labelled is;
	struct str text, tag;
	uint64_t content; /* of its features: the same words have the same */
	uint8_t fold;
	/* Of those that judge: what either model said, without having seen it. */
	uint8_t own, shipped;
	float own_p, shipped_p;    /* of the likeliest feeling */
	bool own_hit, shipped_hit; /* that one is right */
};

struct class
{ /* of one language: examples, newest first */
	struct example *rows;
	size_t n, judged, customers;
	int64_t told[INSIGHT_FEELINGS], scored[INSIGHT_FEELINGS];
};

struct learning {
	struct insight *x;
	const struct insight_training *how;
	struct arena a;
	struct class of[INSIGHT_LANGUAGES];
	struct text_reader *reader;
	struct text_features *features;
	struct text_judge *shipped;
	double done, parts; /* fits of a model: behind us, altogether */
	atomic_bool stop;
};

/* --- examples --------------------------------------------------------------------------------------- */

static enum err_code words_of(struct learning *k, struct example *e, struct stmt *s, struct err *err)
{
	bool row = false;
	struct text t;
	stmt_again(s);
	stmt_bind_i64(s, 1, (int64_t)e->is.arrival);
	TRY(stmt_step(s, &row, err));
	e->text = str_copy(&k->a, row ? stmt_str(s, 0) : STR(""));
	e->tag = str_copy(&k->a, row ? stmt_str(s, 1) : STR(""));
	if (!e->text.ptr || !e->tag.ptr) return err_no_memory(err);
	text_read(k->reader, e->text, text_language_of(e->tag), &t);
	text_features_of(k->features, &t, 0, t.n);
	e->content = hash64((struct str){ (const char *)k->features->hash, k->features->n * sizeof(uint32_t) });
	return OK;
}

static int by_customer(const void *pa, const void *pb)
{
	const struct example *a = pa, *b = pb;
	if (a->is.customer != b->is.customer) return a->is.customer < b->is.customer ? -1 : 1;
	return (a->is.arrival > b->is.arrival) - (a->is.arrival < b->is.arrival);
}

/* In the order of customers, each customer's in one fold, by a hash: the same on every machine. */
static void deal(struct class *c)
{
	if (c->n) qsort(c->rows, c->n, sizeof *c->rows, by_customer);
	for (size_t i = 0; i < c->n; i++) {
		struct example *e = &c->rows[i];
		const uint64_t who = e->is.customer;
		e->fold = (uint8_t)(hash64((struct str){ (const char *)&who, sizeof who }) % INSIGHT_FOLDS);
		c->customers += i == 0 || who != c->rows[i - 1].is.customer;
		c->judged += e->is.judges;
		(e->is.told ? c->told : c->scored)[e->is.label]++;
	}
}

static enum err_code gather(struct learning *k, struct err *err)
{
	struct labelled_list list;
	struct stmt *s = NULL;
	size_t n[INSIGHT_LANGUAGES] = { 0 };
	TRY(labelled_read(k->x, &k->a, &list, err));
	for (size_t i = 0; i < list.n; i++) n[list.rows[i].lang]++;
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++)
		if (!(k->of[i].rows = ARENA_ARRAY(&k->a, struct example, n[i]))) return err_no_memory(err);
	TRY(stmt_prepare(&s, k->x->st, "insight_words", err));
	enum err_code rc = OK;
	for (size_t i = 0; rc == OK && i < list.n; i++) {
		struct class *c = &k->of[list.rows[i].lang];
		struct example *e = &c->rows[c->n++];
		*e = (struct example){ .is = list.rows[i] };
		rc = words_of(k, e, s, err);
	}
	stmt_free(s);
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) deal(&k->of[i]);
	return rc;
}

static bool enough(const struct class *c)
{
	for (int i = 0; i < INSIGHT_FEELINGS; i++)
		if (c->told[i] + c->scored[i] < INSIGHT_TRAIN_EACH) return false;
	return true;
}

/* --- fits --------------------------------------------------------------------------------------------- */

static void on_progress(void *ctx, double share)
{
	struct learning *k = ctx;
	if (k->how->progress && k->how->progress(k->how->ctx, fmin((k->done + share) / k->parts, 1)))
		atomic_store(&k->stop, true);
}

static void read_example(struct learning *k, const struct example *e, struct text *t)
{
	text_read(k->reader, e->text, text_language_of(e->tag), t);
	text_features_of(k->features, t, 0, t->n);
}

static int by_number(const void *pa, const void *pb)
{
	const uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;
	return (a > b) - (a < b);
}

/* Contents of a fold, sorted. */
static size_t contents_of(const struct class *c, int fold, uint64_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].fold == fold) out[n++] = c->rows[i].content;
	if (n) qsort(out, n, sizeof *out, by_number);
	return n;
}

/*
 * Without the customers of `fold` (INSIGHT_FOLDS: of all) and without whoever
 * said word by word what one of them said.
 */
static enum err_code fit(struct learning *k, const struct class *c, int fold, struct buf *model, struct err *err)
{
	struct text_quality quality;
	const struct text_training how = {
		.features_max = FEATURES_MAX, .progress = on_progress, .ctx = k, .stop = &k->stop
	};
	struct text_trainer *t = text_trainer_new();
	uint64_t *left_out = malloc((c->n + 1) * sizeof *left_out);
	enum err_code rc = t && left_out ? OK : err_no_memory(err);
	const size_t n = rc == OK ? contents_of(c, fold, left_out) : 0;
	for (size_t i = 0; rc == OK && i < c->n; i++) {
		const struct example *e = &c->rows[i];
		struct text text;
		if (e->fold == fold || (n && bsearch(&e->content, left_out, n, sizeof *left_out, by_number))) continue;
		read_example(k, e, &text);
		rc = text_trainer_add(t, k->features, text_feeling_name((enum text_feeling_label)e->is.label), 1, err);
	}
	if (rc == OK) rc = text_trainer_finish(t, &how, model, &quality, err);
	text_trainer_free(t);
	free(left_out);
	k->done++;
	return rc;
}

/* p by feeling: a model of a fold may lack one. */
static void own_feeling(const struct text_model *m, const struct text_features *f, double p[INSIGHT_FEELINGS])
{
	double by_label[INSIGHT_FEELINGS];
	const struct str *labels;
	const size_t n = text_model_labels(m, &labels);
	text_model_classify(m, f, by_label);
	for (int i = 0; i < INSIGHT_FEELINGS; i++) {
		p[i] = 0;
		for (size_t j = 0; j < n; j++)
			if (str_eq(labels[j], text_feeling_name((enum text_feeling_label)i))) p[i] = by_label[j];
	}
}

static void judge_one(struct learning *k, const struct text_model *m, struct example *e)
{
	struct text text;
	struct text_feeling f;
	double p[INSIGHT_FEELINGS];
	int best = TEXT_NEUTRAL;
	read_example(k, e, &text);
	own_feeling(m, k->features, p);
	for (int i = 0; i < INSIGHT_FEELINGS; i++)
		if (p[i] > p[best]) best = i;
	e->own = (uint8_t)insight_feeling_of(p[TEXT_POSITIVE] - p[TEXT_NEGATIVE]);
	e->own_p = (float)p[best];
	e->own_hit = best == e->is.label;
	text_feel(k->shipped, &text, k->features, &f);
	e->shipped = (uint8_t)insight_feeling_of(f.sentiment);
	e->shipped_p = (float)f.p;
	e->shipped_hit = (int)f.label == e->is.label;
}

static enum err_code cross_validate(struct learning *k, struct class *c, struct err *err)
{
	for (int fold = 0; fold < INSIGHT_FOLDS; fold++) {
		struct buf bytes;
		struct text_model *m = NULL;
		buf_init(&bytes, TEXT_MODEL_BYTES_MAX);
		enum err_code rc = fit(k, c, fold, &bytes, err);
		if (rc == OK) rc = text_model_read(buf_view(&bytes), &m, err);
		buf_done(&bytes);
		for (size_t i = 0; rc == OK && i < c->n; i++)
			if (c->rows[i].fold == fold && c->rows[i].is.judges) judge_one(k, m, &c->rows[i]);
		text_model_free(m);
		TRY(rc);
	}
	return OK;
}

/* --- the report ------------------------------------------------------------------------------------------- */

struct judgement {
	struct insight_confusion confusion;
	struct stats_estimate accuracy;
	double ece, said[BINS];
	int64_t n[BINS], hit[BINS];
};

static enum err_code judgement_of(const struct class *c, bool own, struct judgement *out, struct err *err)
{
	int64_t n = 0;
	*out = (struct judgement){ 0 };
	for (size_t i = 0; i < c->n; i++) {
		const struct example *e = &c->rows[i];
		if (!e->is.judges) continue;
		const double p = (double)(own ? e->own_p : e->shipped_p);
		const int bin = (int)fmin(p * BINS, BINS - 1);
		out->confusion.n[e->is.label][own ? e->own : e->shipped]++;
		out->said[bin] += p;
		out->n[bin]++;
		out->hit[bin] += own ? e->own_hit : e->shipped_hit;
	}
	const int64_t right = confusion_right(&out->confusion, &n);
	for (int b = 0; b < BINS && n; b++) out->ece += fabs(out->said[b] - (double)out->hit[b]) / (double)n;
	TRY(stats_proportion(right, n, &out->accuracy, err));
	stats_mark(&out->accuracy);
	return OK;
}

struct difference {
	struct stats_estimate accuracy; /* own - shipped, clustered by customer */
	double p;                       /* McNemar's exact test */
	double f1, f1_low, f1_high;     /* of macro F1, by resampling customers */
	int64_t own_only, shipped_only; /* right alone */
};

static double f1_difference(const struct class *c, const uint32_t *begin, const uint32_t *pick)
{
	struct insight_confusion own = { 0 }, shipped = { 0 };
	for (size_t i = 0; i < c->customers; i++) {
		const size_t who = pick ? pick[i] : i;
		for (size_t j = begin[who]; j < begin[who + 1]; j++) {
			const struct example *e = &c->rows[j];
			if (!e->is.judges) continue;
			own.n[e->is.label][e->own]++;
			shipped.n[e->is.label][e->shipped]++;
		}
	}
	return macro_f1(&own) - macro_f1(&shipped);
}

static int by_value(const void *pa, const void *pb)
{
	const double a = *(const double *)pa, b = *(const double *)pb;
	return (a > b) - (a < b);
}

/* Percentiles of BOOTSTRAPS draws of as many customers as there are, each with all of theirs. */
static enum err_code f1_interval(struct learning *k, const struct class *c, struct difference *out, struct err *err)
{
	uint32_t *begin = ARENA_ARRAY(&k->a, uint32_t, c->customers + 1),
	         *pick = ARENA_ARRAY(&k->a, uint32_t, c->customers);
	double draw[BOOTSTRAPS];
	struct rng rng;
	size_t who = 0;
	if (!begin || !pick) return err_no_memory(err);
	for (size_t i = 0; i < c->n; i++)
		if (i == 0 || c->rows[i].is.customer != c->rows[i - 1].is.customer) begin[who++] = (uint32_t)i;
	begin[who] = (uint32_t)c->n;
	out->f1 = f1_difference(c, begin, NULL);
	rng_init(&rng, 1, 0);
	for (int b = 0; b < BOOTSTRAPS; b++) {
		for (size_t i = 0; i < c->customers; i++) pick[i] = (uint32_t)rng_below(&rng, c->customers);
		draw[b] = f1_difference(c, begin, pick);
	}
	qsort(draw, BOOTSTRAPS, sizeof *draw, by_value);
	out->f1_low = draw[(int)(.025 * BOOTSTRAPS)];
	out->f1_high = draw[(int)(.975 * BOOTSTRAPS) - 1];
	return OK;
}

static enum err_code difference_of(struct learning *k, const struct class *c, struct difference *out, struct err *err)
{
	struct stats_answer *d = ARENA_ARRAY(&k->a, struct stats_answer, c->judged);
	size_t n = 0;
	double se;
	*out = (struct difference){ .p = 1 };
	if (!d) return err_no_memory(err);
	for (size_t i = 0; i < c->n; i++) {
		const struct example *e = &c->rows[i];
		if (!e->is.judges) continue;
		const int own = e->own == e->is.label, shipped = e->shipped == e->is.label;
		d[n++] = (struct stats_answer){ own - shipped, 1, e->is.customer };
		out->own_only += own && !shipped;
		out->shipped_only += shipped && !own;
	}
	out->accuracy =
	        (struct stats_estimate){ .level = .95, .method = STATS_MEAN_CLUSTER, .flags = STATS_NOT_IDENTIFIED };
	if (!n) return OK;
	TRY(stats_mean_clustered(d, n, &out->accuracy, &se, err));
	stats_on_scale(&out->accuracy, (struct interval){ -1, 1 });
	const int64_t apart = out->own_only + out->shipped_only;
	if (apart)
		out->p = fmin(
		        1, 2 * stats_binomial_cdf(out->own_only < out->shipped_only ? out->own_only : out->shipped_only,
		                                  apart, .5));
	return f1_interval(k, c, out, err);
}

/* "better", or why it may not be put to use. */
static const char *verdict(const struct class *c, const struct difference *d)
{
	if (c->judged < JUDGED_MIN || d->accuracy.flags & STATS_NOT_IDENTIFIED) return "few";
	if (!(d->accuracy.lo > 0)) return "not_better";
	return d->f1_high < 0 ? "one_sided" : "better";
}

static void put_counts(struct json_out *o, const char *key, const int64_t *n)
{
	json_key(o, key);
	json_open(o, '[');
	for (int i = 0; i < INSIGHT_FEELINGS; i++) json_put_i64(o, n[i]);
	json_close(o, ']');
}

static void put_judgement(struct json_out *o, const char *key, const struct judgement *j)
{
	json_key(o, key);
	json_open(o, '{');
	json_key(o, "confusion");
	json_open(o, '[');
	for (int i = 0; i < INSIGHT_FEELINGS; i++) {
		json_open(o, '[');
		for (int m = 0; m < INSIGHT_FEELINGS; m++) json_put_i64(o, j->confusion.n[i][m]);
		json_close(o, ']');
	}
	json_close(o, ']');
	json_key(o, "accuracy");
	maps_put_estimate(o, &j->accuracy);
	json_kv_double(o, "macro_f1", macro_f1(&j->confusion));
	json_kv_double(o, "ece", j->ece);
	json_key(o, "bins");
	json_open(o, '[');
	for (int b = 0; b < BINS; b++) {
		json_open(o, '{');
		json_kv_i64(o, "n", j->n[b]);
		json_kv_double(o, "said", j->n[b] ? j->said[b] / (double)j->n[b] : 0);
		json_kv_double(o, "right", j->n[b] ? (double)j->hit[b] / (double)j->n[b] : 0);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

/* Where one of the two is right and the other is not, newest first; as many of either. */
static void put_differing(struct json_out *o, const struct class *c)
{
	int left[2] = { DIFFER_MAX / 2, DIFFER_MAX / 2 };
	json_key(o, "differ");
	json_open(o, '[');
	for (size_t i = c->n; i-- > 0;) {
		const struct example *e = &c->rows[i];
		const bool own = e->own == e->is.label, shipped = e->shipped == e->is.label;
		if (!e->is.judges || own == shipped || left[own]-- <= 0) continue;
		json_open(o, '{');
		json_kv_i64(o, "arrival", (int64_t)e->is.arrival);
		json_kv_str(o, "is", text_feeling_name((enum text_feeling_label)e->is.label));
		json_kv_bool(o, "told", e->is.told);
		json_kv_str(o, "own", text_feeling_name((enum text_feeling_label)e->own));
		json_kv_str(o, "shipped", text_feeling_name((enum text_feeling_label)e->shipped));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_difference(struct json_out *o, const struct difference *d)
{
	json_key(o, "difference");
	json_open(o, '{');
	json_key(o, "accuracy");
	maps_put_estimate(o, &d->accuracy);
	json_kv_double(o, "p", d->p);
	json_kv_i64(o, "own_only", d->own_only);
	json_kv_i64(o, "shipped_only", d->shipped_only);
	json_key(o, "macro_f1");
	json_open(o, '{');
	json_kv_double(o, "est", d->f1);
	json_kv_double(o, "lo", d->f1_low);
	json_kv_double(o, "hi", d->f1_high);
	json_close(o, '}');
	json_close(o, '}');
}

static enum err_code report(struct learning *k, size_t lang, struct buf *out, bool *better, struct err *err)
{
	const struct class *c = &k->of[lang];
	struct judgement own, shipped;
	struct difference d;
	struct json_out o;
	TRY(judgement_of(c, true, &own, err));
	TRY(judgement_of(c, false, &shipped, err));
	TRY(difference_of(k, c, &d, err));
	const char *why = verdict(c, &d);
	*better = strcmp(why, "better") == 0;
	json_out_init(&o, out);
	json_open(&o, '{');
	json_kv_i64(&o, "rows", (int64_t)c->n);
	json_kv_i64(&o, "customers", (int64_t)c->customers);
	json_kv_i64(&o, "judged", (int64_t)c->judged);
	json_kv_i64(&o, "folds", INSIGHT_FOLDS);
	put_counts(&o, "told", c->told);
	put_counts(&o, "scored", c->scored);
	put_judgement(&o, "own", &own);
	put_judgement(&o, "shipped", &shipped);
	put_difference(&o, &d);
	json_kv_z(&o, "why", why);
	put_differing(&o, c);
	json_close(&o, '}');
	return buf_check(out, err);
}

/* --- one language after the other ------------------------------------------------------------------------------ */

struct keeping {
	const struct insight_training *how;
	struct str lang, report, bytes;
	bool better;
	int64_t id;
};

static enum err_code keep(void *ctx, struct store_write *w, struct err *err)
{
	struct keeping *k = ctx;
	struct stmt *s = NULL;
	bool row;
	TRY(write_prepare(&s, w, "insight_model_add", err));
	stmt_bind_str(s, 1, k->lang);
	stmt_bind_i64(s, 2, k->how->now_ms);
	stmt_bind_str(s, 3, k->how->author);
	stmt_bind_i64(s, 4, k->better);
	stmt_bind_str(s, 5, k->report);
	stmt_bind_blob(s, 6, k->bytes);
	const enum err_code rc = stmt_step(s, &row, err);
	stmt_free(s);
	k->id = write_last_id(w);
	return rc;
}

static enum err_code learn(struct learning *k, size_t lang, int64_t *id, struct err *err)
{
	struct buf model, text;
	bool better = false;
	TRY(cross_validate(k, &k->of[lang], err));
	buf_init(&model, TEXT_MODEL_BYTES_MAX);
	buf_init(&text, REPORT_BYTES_MAX);
	enum err_code rc = fit(k, &k->of[lang], INSIGHT_FOLDS, &model, err);
	if (rc == OK) rc = report(k, lang, &text, &better, err);
	struct keeping keeping = {
		k->how, str_of(insight_languages[lang]), buf_view(&text), buf_view(&model), better, 0
	};
	if (rc == OK) rc = store_write(k->x->st, keep, &keeping, err);
	buf_done(&model);
	buf_done(&text);
	if (rc == OK) *id = keeping.id;
	return rc;
}

static enum err_code learn_all(struct learning *k, int64_t *ids, struct err *err)
{
	TRY(gather(k, err));
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) k->parts += enough(&k->of[i]) ? INSIGHT_FOLDS + 1 : 0;
	for (size_t i = 0; i < INSIGHT_LANGUAGES; i++) {
		/* Comments that are the same again and again leave too little once a fold's are left out. */
		const enum err_code rc = enough(&k->of[i]) ? learn(k, i, &ids[i], err) : OK;
		if (rc != OK && rc != ERR_INPUT) return rc;
	}
	return OK;
}

enum err_code insight_train(struct insight *x, const struct insight_training *how, int64_t ids[INSIGHT_LANGUAGES],
                            struct err *err)
{
	struct learning *k = calloc(1, sizeof *k);
	if (!k) return err_no_memory(err);
	k->x = x;
	k->how = how;
	arena_init(&k->a, TEXTS_BYTES_MAX);
	k->reader = text_reader_new();
	k->features = text_features_new();
	memset(ids, 0, INSIGHT_LANGUAGES * sizeof *ids);
	enum err_code rc = k->reader && k->features ? text_judge_new(&k->shipped, err) : err_no_memory(err);
	if (rc == OK) rc = learn_all(k, ids, err);
	text_judge_free(k->shipped);
	text_features_free(k->features);
	text_reader_free(k->reader);
	arena_done(&k->a);
	free(k);
	return rc;
}
