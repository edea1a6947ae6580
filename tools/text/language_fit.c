/*
 * Fits the model of languages. Reads lines "script TAB class TAB text" (script
 * 0 Latin, 1 Arabic; class 0 other, 1 en or ar, 2 Latin-written or fa), writes
 * src/text/tables/language.bin to stdout.
 *
 * Multinomial logistic regression, each text's vector of length one, by
 * AdaGrad in a shuffled order of a fixed seed: the same lines give the same
 * bytes. Classes weigh alike within a script, however many lines they have.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "text/priv.h"

#define ROUNDS 8
#define RATE 0.5
#define SHRINK 1e-6

struct row {
	uint32_t *slots;
	size_t n;
	uint8_t script, class;
};

struct fit {
	struct row *rows;
	size_t n, cap;
	size_t per_class[LANGUAGE_SCRIPTS][LANGUAGE_CLASSES];
	double weight[LANGUAGE_SLOTS][LANGUAGE_CLASSES], seen[LANGUAGE_SLOTS][LANGUAGE_CLASSES];
	double bias[LANGUAGE_SCRIPTS][LANGUAGE_CLASSES];
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "language_fit: %s\n", what);
	exit(1);
}

static void *need(void *p)
{
	return p ? p : (die("no memory"), NULL);
}

static void take_line(struct fit *f, struct text_reader *r, struct str line)
{
	static uint32_t slots[LANGUAGE_GRAMS_MAX];
	if (line.len < 5 || line.ptr[1] != '\t' || line.ptr[3] != '\t') die("a line is not script, class, text");
	struct row row = { .script = (uint8_t)(line.ptr[0] - '0'), .class = (uint8_t)(line.ptr[2] - '0') };
	if (row.script >= LANGUAGE_SCRIPTS || row.class >= LANGUAGE_CLASSES) die("a line's script or class is unknown");
	struct text t;
	text_read(r, str_cut(line, 4, line.len), TEXT_OTHER, &t);
	/* Persian words that were joined are joined among the pieces as well; the language is told before that. */
	const size_t n_pieces = cut_pieces(&r->normal, r->pieces);
	row.n = language_grams(&r->normal, r->pieces, n_pieces, (enum language_script)row.script, slots);
	if (row.n == 0) return;
	row.slots = need(malloc(row.n * sizeof(*row.slots)));
	memcpy(row.slots, slots, row.n * sizeof(*row.slots));
	if (f->n == f->cap) {
		f->cap = 2 * f->cap + 1024;
		f->rows = need(realloc(f->rows, f->cap * sizeof(*f->rows)));
	}
	f->rows[f->n++] = row;
	f->per_class[row.script][row.class]++;
}

static void learn(struct fit *f, const struct row *row)
{
	double e[LANGUAGE_CLASSES], top = -1e300, total = 0;
	const double unit = 1 / sqrt((double)row->n);
	for (size_t c = 0; c < LANGUAGE_CLASSES; c++) {
		e[c] = f->bias[row->script][c];
		for (size_t i = 0; i < row->n; i++) e[c] += f->weight[row->slots[i]][c] * unit;
		if (e[c] > top) top = e[c];
	}
	for (size_t c = 0; c < LANGUAGE_CLASSES; c++) total += e[c] = exp(e[c] - top);
	size_t all = 0;
	for (size_t c = 0; c < LANGUAGE_CLASSES; c++) all += f->per_class[row->script][c];
	const double importance = (double)all / (LANGUAGE_CLASSES * (double)f->per_class[row->script][row->class]);
	for (size_t c = 0; c < LANGUAGE_CLASSES; c++) {
		const double slope = importance * (e[c] / total - (c == row->class));
		f->bias[row->script][c] -= 0.01 * slope;
		for (size_t i = 0; i < row->n; i++) {
			double *w = &f->weight[row->slots[i]][c], *seen = &f->seen[row->slots[i]][c];
			const double g = slope * unit + SHRINK * *w;
			*seen += g * g;
			*w -= RATE * g / (sqrt(*seen) + 1e-3);
		}
	}
}

static void learn_all(struct fit *f)
{
	struct rng rng;
	rng_init(&rng, 8, 0);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = f->n; i > 1; i--) {
			const size_t k = (size_t)rng_below(&rng, i);
			const struct row row = f->rows[i - 1];
			f->rows[i - 1] = f->rows[k];
			f->rows[k] = row;
		}
		for (size_t i = 0; i < f->n; i++) learn(f, &f->rows[i]);
	}
}

static void put_float(double x)
{
	const float out = (float)x;
	fwrite(&out, sizeof(out), 1, stdout);
}

static void print(const struct fit *f)
{
	double top = 0;
	for (size_t s = 0; s < LANGUAGE_SLOTS; s++)
		for (size_t c = 0; c < LANGUAGE_CLASSES; c++) top = fmax(top, fabs(f->weight[s][c]));
	/* The few largest are cut, which leaves finer steps to the others. */
	const double step = fmax(top / 3, 1e-6) / 127;
	fwrite(LANGUAGE_MAGIC, 8, 1, stdout);
	put_float(step);
	for (size_t s = 0; s < LANGUAGE_SCRIPTS; s++)
		for (size_t c = 0; c < LANGUAGE_CLASSES; c++) put_float(f->bias[s][c]);
	for (size_t s = 0; s < LANGUAGE_SLOTS; s++) {
		int8_t out[4] = { 0 };
		for (size_t c = 0; c < LANGUAGE_CLASSES; c++)
			out[c] = (int8_t)lrint(fmax(-127, fmin(127, f->weight[s][c] / step)));
		fwrite(out, sizeof(out), 1, stdout);
	}
}

int main(void)
{
	struct fit *f = need(calloc(1, sizeof(*f)));
	struct text_reader *r = need(text_reader_new());
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	while ((len = getline(&line, &cap, stdin)) > 0) take_line(f, r, str_trim((struct str){ line, (size_t)len }));
	learn_all(f);
	print(f);
	fprintf(stderr, "language_fit: %zu texts\n", f->n);
	for (size_t i = 0; i < f->n; i++) free(f->rows[i].slots);
	free(f->rows);
	free(f);
	free(line);
	text_reader_free(r);
	return 0;
}
