/* What people wrote: classified line by line, and models learned from labelled rows. Needs no data directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "cli/priv.h"
#include "stats/stats.h"
#include "text/text.h"
#include "wire/wire.h"

static enum text_language hint_of(const struct cli *c)
{
	return c->opt[OPT_LANG] ? text_language_of(str_of(c->opt[OPT_LANG])) : TEXT_OTHER;
}

static enum err_code file_error(struct err *err, const char *path, const char *what)
{
	return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cli.file", "", "%s cannot be %s: %s", path, what,
	               strerror(errno));
}

/* --- learning ----------------------------------------------------------------------- */

struct labelled {
	struct text_reader *reader;
	struct text_features *features;
	struct text_trainer *trainer;
	enum text_language hint;
	const char *path;
	const char *weights; /* the column that says how much a row counts; NULL: all alike */
	bool header;         /* has been read */
	size_t text, label, weight;
	int64_t rows, unlabelled, empty;
	FILE *f;
	int64_t bytes, size;
};

static int64_t read_file(void *ctx, void *into, size_t cap)
{
	struct labelled *in = ctx;
	const size_t n = fread(into, 1, cap, in->f);
	if (n == 0 && ferror(in->f)) return -1;
	in->bytes += (int64_t)n;
	return (int64_t)n;
}

/* The column of a name, whatever its case. */
static enum err_code find_column(const struct labelled *in, const struct str *names, size_t n, const char *name,
                                 size_t *out, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_ascii_nocase(str_trim(names[i]), str_of(name))) {
			*out = i;
			return OK;
		}
	err_set(err, ERR_INPUT, "text.train.column", name, "%s has no column '%s' in its first row", in->path, name);
	err_hint(err, "The first row names the columns; those called text and label are read, others are left alone.");
	return ERR_INPUT;
}

/* Not a number is 0, which the trainer refuses. */
static double weight_of(const struct labelled *in, const struct str *cells)
{
	double weight = 1;
	if (in->weights && !str_to_double(str_trim(cells[in->weight]), &weight)) return 0;
	return weight;
}

static enum err_code take_row(void *ctx, const struct str *cells, size_t n, int64_t line, struct err *err)
{
	struct labelled *in = ctx;
	struct text text;
	if (!in->header) {
		in->header = true;
		TRY(find_column(in, cells, n, "text", &in->text, err));
		TRY(find_column(in, cells, n, "label", &in->label, err));
		return in->weights ? find_column(in, cells, n, in->weights, &in->weight, err) : OK;
	}
	in->rows++;
	cli_progress("reading", in->bytes, in->size, in->rows, false);
	const struct str label = str_trim(cells[in->label]);
	if (label.len == 0) {
		in->unlabelled++;
		return OK;
	}
	if (str_trim(cells[in->text]).len == 0) {
		in->empty++;
		return OK;
	}
	text_read(in->reader, cells[in->text], in->hint, &text);
	text_features_of(in->features, &text, 0, text.n);
	const enum err_code rc = text_trainer_add(in->trainer, in->features, label, weight_of(in, cells), err);
	if (rc != OK) err_context(err, "%s, line %lld", in->path, (long long)line);
	return rc;
}

static enum err_code bad_row(void *ctx, int64_t line, const struct err *why, struct err *err)
{
	const struct labelled *in = ctx;
	*err = *why;
	err_context(err, "%s, line %lld", in->path, (long long)line);
	return why->code;
}

static enum err_code read_labelled(struct labelled *in, struct err *err)
{
	const struct wire_rows rows = { in, take_row, bad_row };
	in->f = fopen(in->path, "rb");
	if (!in->f) return file_error(err, in->path, "opened");
	in->size = fseek(in->f, 0, SEEK_END) == 0 ? ftell(in->f) : -1;
	rewind(in->f);
	const struct wire_input input = {
		.ctx = in, .read = read_file, .name = str_of(in->path), .size_bytes = in->size
	};
	const enum err_code rc = wire_rows(&input, WIRE_CSV, &rows, err);
	fclose(in->f);
	cli_progress("", 0, 0, 0, true);
	return rc;
}

static void show_training(void *ctx, double share)
{
	const struct labelled *in = ctx;
	cli_progress("learning", (int64_t)(share * 1000), 1000, (int64_t)(share * (double)in->rows), false);
}

/* Written beside and renamed, so that a model is there whole or not at all. */
static enum err_code write_whole(struct cli *c, const char *path, struct str bytes, struct err *err)
{
	const struct str part = str_format(&c->arena, "%s.part", path);
	if (!part.ptr) return err_no_memory(err);
	FILE *f = fopen(part.ptr, "wb");
	if (!f) return file_error(err, part.ptr, "made");
	bool good = fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	good = fclose(f) == 0 && good;
	if (good && rename(part.ptr, path) == 0) return OK;
	file_error(err, path, "written");
	remove(part.ptr);
	return ERR_IO;
}

static void show_quality(struct cli *c, const struct labelled *in, const struct text_quality *q, size_t bytes)
{
	struct interval right = { 0, 1 };
	struct buf b;
	struct json_out o;
	struct err err;
	const bool known = q->n >= 5 && stats_wilson(q->right, q->n, 1.959964, &right, &err) == OK;
	const double share = known ? (double)q->right / (double)q->n : 0;
	if (!c->opt[OPT_JSON]) {
		printf("%u rows learned, %lld without a label, %lld without text; the model has %zu bytes\n", q->rows,
		       (long long)in->unlabelled, (long long)in->empty, bytes);
		if (known)
			printf("right on rows it had not seen: %.1f %%, between %.1f and %.1f (95 %%, %u rows); "
			       "macro F1 %.3f; p is off by %.3f on average\n",
			       100 * share, 100 * right.low, 100 * right.high, q->n, q->macro_f1, q->ece);
		return;
	}
	buf_init(&b, 64 * KIB);
	json_out_init(&o, &b);
	json_open(&o, '{');
	json_kv_i64(&o, "rows", q->rows);
	json_kv_i64(&o, "unlabelled", in->unlabelled);
	json_kv_i64(&o, "empty", in->empty);
	json_kv_i64(&o, "bytes", (int64_t)bytes);
	json_key(&o, "accuracy");
	if (known) {
		json_open(&o, '{');
		json_kv_double(&o, "est", share);
		json_kv_double(&o, "lo", right.low);
		json_kv_double(&o, "hi", right.high);
		json_kv_i64(&o, "n", q->n);
		json_close(&o, '}');
		json_kv_double(&o, "macro_f1", q->macro_f1);
		json_kv_double(&o, "ece", q->ece);
	} else json_put_null(&o);
	json_kv_double(&o, "cost", q->cost);
	json_close(&o, '}');
	printf(STR_FMT "\n", STR_ARG(buf_view(&b)));
	buf_done(&b);
}

int cli_text_train(struct cli *c)
{
	struct labelled in = { .path = c->opt[OPT_LABELS], .weights = c->opt[OPT_WEIGHT], .hint = hint_of(c) };
	struct err err = { 0 };
	struct buf model;
	struct text_quality quality;
	double cost = 0;
	enum err_code rc = OK;
	if (c->opt[OPT_OWN]) {
		if (in.path || c->opt[OPT_OUT] || c->opt[OPT_LANG] || c->opt[OPT_WEIGHT] || c->opt[OPT_COST])
			return cli_usage(
			        c,
			        "--own learns from what people gave and said here, every language; no other option goes with it");
		return cli_models_train(c);
	}
	if (!in.path) return cli_usage(c, "which labelled rows? --labels F.csv with the columns text and label");
	if (!c->opt[OPT_OUT]) return cli_usage(c, "where to? --out FILE");
	if (c->opt[OPT_COST] && (!str_to_double(str_of(c->opt[OPT_COST]), &cost) || !(cost >= 0.001 && cost <= 1000)))
		return cli_usage(c, "--cost is from 0.001 to 1000; without it cross-validation chooses");
	buf_init(&model, TEXT_MODEL_BYTES_MAX);
	in.reader = text_reader_new();
	in.features = text_features_new();
	in.trainer = text_trainer_new();
	if (!in.reader || !in.features || !in.trainer) rc = err_no_memory(&err);
	if (rc == OK) rc = read_labelled(&in, &err);
	if (rc == OK)
		rc = text_trainer_finish(in.trainer,
		                         &(struct text_training){ .cost = cost, .progress = show_training, .ctx = &in },
		                         &model, &quality, &err);
	cli_progress("", 0, 0, 0, true);
	if (rc == OK) rc = write_whole(c, c->opt[OPT_OUT], buf_view(&model), &err);
	if (rc == OK) show_quality(c, &in, &quality, model.len);
	text_trainer_free(in.trainer);
	text_features_free(in.features);
	text_reader_free(in.reader);
	buf_done(&model);
	return rc == OK ? 0 : cli_fail(&err);
}

/* --- classifying -------------------------------------------------------------------- */

static enum err_code read_model(const char *path, struct text_model **out, struct err *err)
{
	struct buf b;
	char part[65536];
	FILE *f = fopen(path, "rb");
	if (!f) return file_error(err, path, "opened");
	buf_init(&b, TEXT_MODEL_BYTES_MAX);
	for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;) buf_put(&b, part, n);
	enum err_code rc = ferror(f) ? file_error(err, path, "read") : buf_check(&b, err);
	fclose(f);
	if (rc == OK) rc = text_model_read(buf_view(&b), out, err);
	if (rc != OK) err_context(err, "%s", path);
	buf_done(&b);
	return rc;
}

struct classifying {
	struct text_reader *reader;
	struct text_features *features;
	struct text_model *model; /* the user's; NULL asks the judge */
	struct text_judge *judge;
	enum text_language hint;
	double p[TEXT_LABELS_MAX];
	struct buf out;
};

static void put_label(struct classifying *k, struct json_out *o)
{
	const struct str *labels;
	text_model_labels(k->model, &labels);
	const size_t best = text_model_classify(k->model, k->features, k->p);
	json_kv_str(o, "label", labels[best]);
	json_kv_double(o, "p", k->p[best]);
}

static void put_feeling(const struct classifying *k, const struct text *text, struct json_out *o)
{
	struct text_feeling feeling;
	text_feel(k->judge, text, k->features, &feeling);
	json_kv_double(o, "sentiment", feeling.sentiment);
	json_kv_str(o, "label", text_feeling_name(feeling.label));
	json_kv_double(o, "p", feeling.p);
}

static void classify_line(struct classifying *k, struct str line)
{
	struct text text;
	struct json_out o;
	text_read(k->reader, line, k->hint, &text);
	text_features_of(k->features, &text, 0, text.n);
	json_out_init(&o, &k->out);
	json_open(&o, '{');
	json_kv_str(&o, "lang", text_language_name(text.lang));
	if (k->model) put_label(k, &o);
	else put_feeling(k, &text, &o);
	json_close(&o, '}');
	buf_byte(&k->out, '\n');
}

static void flush(struct buf *out)
{
	fwrite(out->ptr, 1, out->len, stdout);
	buf_clear(out);
}

/* One line out for each line in, empty ones too, and for what stands behind the last newline. */
static enum err_code classify_lines(struct classifying *k, struct err *err)
{
	char *line = NULL;
	size_t cap = 0;
	int64_t lines = 0;
	for (ssize_t n; (n = getline(&line, &cap, stdin)) >= 0; lines++) {
		struct str s = { line, (size_t)n };
		if (str_ends(s, STR("\n"))) s.len--;
		if (str_ends(s, STR("\r"))) s.len--;
		classify_line(k, s);
		if (k->out.len > 64 * KIB) flush(&k->out);
		if (lines % 1024 == 0) cli_progress("classifying", 0, 0, lines, false);
	}
	free(line);
	cli_progress("", 0, 0, 0, true);
	if (k->out.full) return buf_check(&k->out, err);
	flush(&k->out);
	if (ferror(stdin)) return err_set(err, ERR_IO, "cli.file", "stdin", "standard input broke off");
	return OK;
}

int cli_text_classify(struct cli *c)
{
	struct err err = { 0 };
	enum err_code rc = OK;
	struct classifying *k = ARENA_NEW(&c->arena, struct classifying);
	if (!k) return cli_fail((err_no_memory(&err), &err));
	k->hint = hint_of(c);
	buf_init(&k->out, MIB);
	k->reader = text_reader_new();
	k->features = text_features_new();
	if (!k->reader || !k->features) rc = err_no_memory(&err);
	if (rc == OK && c->opt[OPT_MODEL]) rc = read_model(c->opt[OPT_MODEL], &k->model, &err);
	else if (rc == OK) rc = text_judge_new(&k->judge, &err);
	if (rc == OK) rc = classify_lines(k, &err);
	text_model_free(k->model);
	text_judge_free(k->judge);
	text_features_free(k->features);
	text_reader_free(k->reader);
	buf_done(&k->out);
	return rc == OK ? 0 : cli_fail(&err);
}
