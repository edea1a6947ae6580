/* Themes: factors by alternating coordinate descent (HALS, Cichocki and Phan 2009). docs/methods/text-themes.md. */
#include <math.h>
#include <stdlib.h>

#include "text/phrases.h"
#include "text/themes_priv.h"

#define FLOOR 1e-12  /* a weight never is 0 for good, so that it may come back */
#define SETTLED 1e-5 /* of the loss, in ten rounds */
static const size_t tried[] = { 5, 8, 12, 16, 20, 25, 30 };

struct factors {
	const struct matrix *v;
	size_t k;
	double *w, *h;        /* n * k, m * k */
	double *times;        /* max(n, m) * k */
	double *gram, *gram2; /* k * k */
	double *loss;
	size_t rounds;
};

static void gram_of(const double *a, size_t n, size_t k, double *out)
{
	memset(out, 0, k * k * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		for (size_t x = 0; x < k; x++)
			for (size_t y = 0; y < k; y++) out[x * k + y] += a[i * k + x] * a[i * k + y];
}

/* One coordinate after the other of each row: the best value for it while the others stay. */
static void improve(double *a, size_t n, size_t k, const double *times, const double *gram)
{
	for (size_t i = 0; i < n; i++) {
		double *row = a + i * k;
		for (size_t r = 0; r < k; r++) {
			double left = times[i * k + r];
			for (size_t s = 0; s < k; s++) left -= gram[r * k + s] * row[s];
			if (gram[r * (k + 1)] > FLOOR) row[r] = fmax(FLOOR, row[r] + left / gram[r * (k + 1)]);
		}
	}
}

/* |V - W H'|^2 as a share of |V|^2; `times` is V' W, gram W' W. */
static double loss_of(const struct factors *f)
{
	double all = 0, cross = 0, own = 0;
	for (size_t i = 0; i < f->v->row[f->v->n]; i++) all += (double)f->v->val[i] * f->v->val[i];
	for (size_t i = 0; i < f->v->m * f->k; i++) cross += f->h[i] * f->times[i];
	gram_of(f->h, f->v->m, f->k, f->gram2);
	for (size_t i = 0; i < f->k * f->k; i++) own += f->gram[i] * f->gram2[i];
	return all > 0 ? fmax(0, (all - 2 * cross + own) / all) : 0;
}

static void round_once(struct factors *f)
{
	const struct matrix *v = f->v;
	gram_of(f->h, v->m, f->k, f->gram);
	matrix_times(v, f->h, f->k, f->times);
	improve(f->w, v->n, f->k, f->times, f->gram);
	gram_of(f->w, v->n, f->k, f->gram);
	matrix_turned_times(v, f->w, f->k, f->times);
	improve(f->h, v->m, f->k, f->times, f->gram);
	f->loss[f->rounds++] = loss_of(f);
}

struct going {
	bool (*progress)(void *, double);
	void *ctx;
	double from, to;
};

static bool go_on(const struct going *g, double share)
{
	return !g->progress || g->progress(g->ctx, g->from + (g->to - g->from) * share);
}

static void factors_done(struct factors *f)
{
	free(f->w);
	free(f->h);
	free(f->times);
	free(f->gram);
	free(f->gram2);
	free(f->loss);
}

static enum err_code factors_find(const struct matrix *v, size_t k, const struct text_themes_ask *ask,
                                  const struct going *g, struct factors *out, struct err *err)
{
	struct factors f = { .v = v, .k = k };
	const size_t most = v->n > v->m ? v->n : v->m;
	f.w = calloc(v->n * k, sizeof(double));
	f.h = calloc(v->m * k, sizeof(double));
	f.times = calloc(most * k, sizeof(double));
	f.gram = calloc(k * k, sizeof(double));
	f.gram2 = calloc(k * k, sizeof(double));
	f.loss = calloc(ask->rounds + 1, sizeof(double));
	enum err_code rc = OK;
	if (!f.w || !f.h || !f.times || !f.gram || !f.gram2 || !f.loss || !factors_begin(v, k, ask->seed, f.w, f.h))
		rc = err_no_memory(err);
	for (size_t i = 0; rc == OK && i < v->n * k; i++) f.w[i] = fmax(f.w[i], FLOOR);
	for (size_t i = 0; rc == OK && i < v->m * k; i++) f.h[i] = fmax(f.h[i], FLOOR);
	while (rc == OK && f.rounds < ask->rounds) {
		round_once(&f);
		const size_t n = f.rounds;
		if (n > 10 && f.loss[n - 11] - f.loss[n - 1] < SETTLED) break;
		if (!go_on(g, (double)n / (double)ask->rounds))
			rc = err_set(err, ERR_UNAVAILABLE, "text.stopped", "", "the search for themes was stopped");
	}
	if (rc != OK) factors_done(&f);
	else *out = f;
	return rc;
}

/* The heaviest terms of theme r, by weight. */
static size_t heaviest(const struct factors *f, size_t r, size_t out[TEXT_THEME_WORDS])
{
	size_t n = 0;
	for (size_t j = 0; j < f->v->m; j++) {
		const double x = f->h[j * f->k + r];
		if (x <= FLOOR || (n == TEXT_THEME_WORDS && x <= f->h[out[n - 1] * f->k + r])) continue;
		size_t at = n < TEXT_THEME_WORDS ? n++ : n - 1;
		for (; at > 0 && f->h[out[at - 1] * f->k + r] < x; at--) out[at] = out[at - 1];
		out[at] = j;
	}
	return n;
}

static double both_in(const struct matrix *v, size_t a, size_t b)
{
	size_t i = v->t_row[a], j = v->t_row[b], n = 0;
	while (i < v->t_row[a + 1] && j < v->t_row[b + 1]) {
		const uint32_t x = v->t_col[i], y = v->t_col[j];
		n += x == y;
		i += x <= y;
		j += y <= x;
	}
	return (double)n;
}

static double coherence_of(const struct factors *f, const size_t *words, size_t n)
{
	const struct matrix *v = f->v;
	double sum = 0;
	size_t pairs = 0;
	for (size_t a = 0; a < n; a++) {
		for (size_t b = a + 1; b < n; b++) {
			const double ca = (double)(v->t_row[words[a] + 1] - v->t_row[words[a]]),
			             cb = (double)(v->t_row[words[b] + 1] - v->t_row[words[b]]);
			sum += text_npmi((double)v->n, ca, cb, both_in(v, words[a], words[b]));
			pairs++;
		}
	}
	return pairs ? sum / (double)pairs : 0;
}

static double mean_coherence(const struct factors *f)
{
	double sum = 0;
	for (size_t r = 0; r < f->k; r++) {
		size_t words[TEXT_THEME_WORDS];
		const size_t n = heaviest(f, r, words);
		sum += coherence_of(f, words, n);
	}
	return sum / (double)f->k;
}

static int by_texts(const void *pa, const void *pb)
{
	const struct text_theme *a = pa, *b = pb;
	if (a->texts != b->texts) return a->texts > b->texts ? -1 : 1;
	return a->n_words && b->n_words ? str_cmp(a->words[0], b->words[0])
	                                : (a->n_words < b->n_words) - (a->n_words > b->n_words);
}

/* The theme that explains most of a text: its weight times the theme's length. */
static int strongest(const struct factors *f, size_t text, const double *length)
{
	int best = -1;
	double most = FLOOR * 1e3;
	if (f->v->row[text] == f->v->row[text + 1]) return -1;
	for (size_t r = 0; r < f->k; r++) {
		const double x = f->w[text * f->k + r] * length[r];
		if (x <= most) continue;
		most = x;
		best = (int)r;
	}
	return best;
}

static enum err_code put_theme(const struct factors *f, size_t r, double length, struct arena *a,
                               const struct str *terms, struct text_theme *out, struct err *err)
{
	size_t words[TEXT_THEME_WORDS];
	out->n_words = heaviest(f, r, words);
	out->coherence = coherence_of(f, words, out->n_words);
	for (size_t i = 0; i < out->n_words; i++) out->words[i] = terms[words[i]];
	out->vector = ARENA_ARRAY(a, double, f->v->m);
	if (!out->vector) return err_no_memory(err);
	for (size_t j = 0; j < f->v->m; j++) out->vector[j] = length > 0 ? f->h[j * f->k + r] / length : 0;
	return OK;
}

static enum err_code put_themes(const struct factors *f, struct arena *a, struct text_themes *out, struct err *err)
{
	const struct matrix *v = f->v;
	struct text_themes t = { .n = f->k, .n_terms = v->m, .n_texts = v->n, .rounds = f->rounds };
	double length[TEXT_THEMES_MAX];
	int16_t rank[TEXT_THEMES_MAX] = { 0 };
	t.themes = ARENA_ARRAY(a, struct text_theme, t.n);
	t.terms = ARENA_ARRAY(a, struct str, t.n_terms);
	t.of_text = ARENA_ARRAY(a, int16_t, t.n_texts);
	t.loss = ARENA_ARRAY(a, double, t.rounds);
	if (!t.themes || !t.terms || !t.of_text || !t.loss) return err_no_memory(err);
	memcpy(t.loss, f->loss, t.rounds * sizeof(double));
	for (size_t j = 0; j < v->m; j++) {
		t.terms[j] = str_copy(a, v->terms[j]);
		if (!t.terms[j].ptr) return err_no_memory(err);
	}
	for (size_t r = 0; r < f->k; r++) {
		double square = 0;
		for (size_t j = 0; j < v->m; j++) square += f->h[j * f->k + r] * f->h[j * f->k + r];
		length[r] = sqrt(square);
		TRY(put_theme(f, r, length[r], a, t.terms, &t.themes[r], err));
	}
	for (size_t i = 0; i < v->n; i++) {
		t.of_text[i] = (int16_t)strongest(f, i, length);
		if (t.of_text[i] >= 0) t.themes[t.of_text[i]].texts++;
	}
	/* The order by texts, and the texts' themes by it: a theme is known again by its vector. */
	double *vectors[TEXT_THEMES_MAX];
	for (size_t r = 0; r < f->k; r++) vectors[r] = t.themes[r].vector;
	qsort(t.themes, t.n, sizeof(*t.themes), by_texts);
	for (size_t r = 0; r < f->k; r++)
		for (size_t s = 0; s < f->k; s++)
			if (t.themes[s].vector == vectors[r]) rank[r] = (int16_t)s;
	for (size_t i = 0; i < v->n; i++)
		if (t.of_text[i] >= 0) t.of_text[i] = rank[t.of_text[i]];
	*out = t;
	return OK;
}

static enum err_code best_factors(const struct matrix *v, const struct text_themes_ask *ask, struct going *g,
                                  struct factors *out, struct err *err)
{
	const size_t room = v->m < v->n ? v->m : v->n;
	double best = -2;
	if (ask->n) return factors_find(v, ask->n < room ? ask->n : room, ask, g, out, err);
	for (size_t i = 0; i < COUNT_OF(tried); i++) {
		struct factors f;
		const size_t k = tried[i] < room ? tried[i] : room;
		g->from = (double)i / COUNT_OF(tried);
		g->to = (double)(i + 1) / COUNT_OF(tried);
		const enum err_code rc = factors_find(v, k, ask, g, &f, err);
		if (rc != OK) {
			if (best > -2) factors_done(out);
			return rc;
		}
		const double c = mean_coherence(&f);
		if (c > best) {
			if (best > -2) factors_done(out);
			*out = f;
			best = c;
		} else factors_done(&f);
		if (k == room) break;
	}
	return OK;
}

enum err_code text_themes_find(const struct text_corpus *c, const struct text_themes_ask *ask,
                               bool (*progress)(void *, double), void *ctx, struct arena *a, struct text_themes *out,
                               struct err *err)
{
	struct matrix v;
	struct factors f;
	struct going g = { progress, ctx, 0, 1 };
	if (ask->n > TEXT_THEMES_MAX)
		return err_set(err, ERR_INPUT, "text.themes", "n", "at most %d themes are looked for", TEXT_THEMES_MAX);
	enum err_code rc = OK;
	if (!matrix_make(c, ask->at_least, &v)) rc = err_no_memory(err);
	else if (v.n < 2 || v.m < 2) *out = (struct text_themes){ .n_texts = v.n };
	else if ((rc = best_factors(&v, ask, &g, &f, err)) == OK) {
		rc = put_themes(&f, a, out, err);
		factors_done(&f);
	}
	matrix_done(&v);
	return rc;
}
