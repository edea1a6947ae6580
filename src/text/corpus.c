/* Texts as bags of words. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "text/phrases.h"
#include "text/themes_priv.h"

#define ROOM_FIRST 4096
#define TERM_BYTES_MAX 64 /* what is longer is no word that people share */

struct text_corpus *text_corpus_new(void)
{
	struct text_corpus *c = calloc(1, sizeof(*c));
	if (!c) return NULL;
	c->room = ROOM_FIRST;
	c->places = calloc(c->room, sizeof(*c->places));
	arena_init(&c->words, 256 * MIB);
	if (c->places) return c;
	free(c);
	return NULL;
}

void text_corpus_free(struct text_corpus *c)
{
	if (!c) return;
	arena_done(&c->words);
	free(c->places);
	free(c->terms);
	free(c->begins);
	free(c->term);
	free(c);
}

static bool grow(void **p, size_t *cap, size_t need, size_t each)
{
	size_t to = *cap ? *cap : 1024;
	if (need <= *cap) return true;
	while (to < need) to *= 2;
	void *grown = realloc(*p, to * each);
	if (!grown) return false;
	*p = grown;
	*cap = to;
	return true;
}

static uint32_t *place(uint32_t *places, size_t room, const struct term *terms, uint64_t hash)
{
	size_t i = hash & (room - 1);
	while (places[i] && terms[places[i] - 1].hash != hash) i = (i + 1) & (room - 1);
	return &places[i];
}

static bool wider(struct text_corpus *c)
{
	uint32_t *places = calloc(c->room * 2, sizeof(*places));
	if (!places) return false;
	for (size_t i = 0; i < c->n_terms; i++)
		*place(places, c->room * 2, c->terms, c->terms[i].hash) = (uint32_t)i + 1;
	free(c->places);
	c->places = places;
	c->room *= 2;
	return true;
}

static bool add_word(struct text_corpus *c, struct str word)
{
	const uint64_t hash = hash64(word);
	if (c->n_terms * 2 >= c->room && !wider(c)) return false;
	uint32_t *at = place(c->places, c->room, c->terms, hash);
	if (!*at) {
		if (!grow((void **)&c->terms, &c->cap_terms, c->n_terms + 1, sizeof(*c->terms))) return false;
		const struct term fresh = { .hash = hash, .word = str_copy(&c->words, word) };
		if (!fresh.word.ptr) return false;
		c->terms[c->n_terms++] = fresh;
		*at = (uint32_t)c->n_terms;
	}
	struct term *t = &c->terms[*at - 1];
	if (t->seen != c->n_texts) {
		t->seen = (uint32_t)c->n_texts;
		t->texts++;
	}
	if (!grow((void **)&c->term, &c->cap_words, c->n_words + 1, sizeof(*c->term))) return false;
	c->term[c->n_words++] = *at - 1;
	return true;
}

enum err_code text_corpus_add(struct text_corpus *c, const struct text *t, struct err *err)
{
	if (c->n_texts == TEXT_CORPUS_TEXTS_MAX)
		return err_limit(err, "text.themes", "texts", TEXT_CORPUS_TEXTS_MAX + 1, TEXT_CORPUS_TEXTS_MAX,
		                 "too many texts to look for themes in");
	if (!grow((void **)&c->begins, &c->cap_texts, c->n_texts + 2, sizeof(*c->begins))) return err_no_memory(err);
	if (!c->n_texts) c->begins[0] = 0;
	c->n_texts++;
	for (size_t i = 0; i < t->n; i++) {
		const struct text_token *k = &t->tokens[i];
		if ((k->kind != TEXT_WORD && k->kind != TEXT_TAG) || k->word.len < 2 || k->word.len > TERM_BYTES_MAX)
			continue;
		if (!text_stop_word(k->word, t->fold) && !add_word(c, k->word)) return err_no_memory(err);
	}
	c->begins[c->n_texts] = c->n_words;
	return OK;
}

static int by_texts(const void *pa, const void *pb)
{
	const struct kept_term *a = pa, *b = pb;
	if (a->texts != b->texts) return a->texts > b->texts ? -1 : 1;
	return str_cmp(a->word, b->word);
}

/* Terms in at least so many texts and in at most half of them, commonest first. */
static size_t choose_terms(const struct text_corpus *c, int64_t at_least, struct kept_term *kept)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n_terms; i++) {
		const struct term *t = &c->terms[i];
		if (t->texts < at_least || t->texts * 2 > c->n_texts) continue;
		kept[n++] = (struct kept_term){ t->word, t->texts, (uint32_t)i };
	}
	qsort(kept, n, sizeof(*kept), by_texts);
	return n < TEXT_CORPUS_TERMS_MAX ? n : TEXT_CORPUS_TERMS_MAX;
}

static int by_number(const void *pa, const void *pb)
{
	const uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
	return (a > b) - (a < b);
}

/* One text's row: each term once, by number, weighted, of length 1. */
static size_t put_row(const struct text_corpus *c, size_t text, const uint32_t *number, const struct kept_term *kept,
                      uint32_t *scratch, uint32_t *col, float *val)
{
	size_t n = 0, m = 0;
	double square = 0;
	for (size_t i = c->begins[text]; i < c->begins[text + 1]; i++)
		if (number[c->term[i]]) scratch[n++] = number[c->term[i]] - 1;
	qsort(scratch, n, sizeof(*scratch), by_number);
	for (size_t i = 0; i < n;) {
		size_t to = i;
		while (to < n && scratch[to] == scratch[i]) to++;
		const double idf = log((1.0 + (double)c->n_texts) / (1.0 + kept[scratch[i]].texts)) + 1;
		const double v = (1 + log((double)(to - i))) * idf;
		col[m] = scratch[i];
		val[m++] = (float)v;
		square += v * v;
		i = to;
	}
	for (size_t i = 0; i < m; i++) val[i] = (float)(val[i] / sqrt(square));
	return m;
}

static bool make_arrays(struct matrix *m, size_t n_words)
{
	m->row = calloc(m->n + 1, sizeof(*m->row));
	m->col = calloc(n_words + 1, sizeof(*m->col));
	m->val = calloc(n_words + 1, sizeof(*m->val));
	m->t_row = calloc(m->m + 2, sizeof(*m->t_row));
	m->t_col = calloc(n_words + 1, sizeof(*m->t_col));
	m->t_val = calloc(n_words + 1, sizeof(*m->t_val));
	return m->row && m->col && m->val && m->t_row && m->t_col && m->t_val;
}

static void turn(struct matrix *m)
{
	for (size_t i = 0; i < m->row[m->n]; i++) m->t_row[m->col[i] + 2]++;
	for (size_t j = 0; j < m->m; j++) m->t_row[j + 2] += m->t_row[j + 1];
	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = m->row[i]; k < m->row[i + 1]; k++) {
			const size_t to = m->t_row[m->col[k] + 1]++;
			m->t_col[to] = (uint32_t)i;
			m->t_val[to] = m->val[k];
		}
	}
}

bool matrix_make(const struct text_corpus *c, int64_t at_least, struct matrix *out)
{
	struct matrix m = { .n = c->n_texts };
	struct kept_term *kept = calloc(c->n_terms + 1, sizeof(*kept));
	uint32_t *number = calloc(c->n_terms + 1, sizeof(*number)), *scratch = calloc(c->n_words + 1, sizeof(*scratch));
	bool ok = kept && number && scratch;
	if (ok) {
		m.m = choose_terms(c, at_least, kept);
		for (size_t j = 0; j < m.m; j++) number[kept[j].term] = (uint32_t)j + 1;
		m.terms = calloc(m.m + 1, sizeof(*m.terms));
		ok = make_arrays(&m, c->n_words) && m.terms;
	}
	for (size_t i = 0; ok && i < m.n; i++)
		m.row[i + 1] = m.row[i] + put_row(c, i, number, kept, scratch, m.col + m.row[i], m.val + m.row[i]);
	if (ok) {
		turn(&m);
		for (size_t j = 0; j < m.m; j++) m.terms[j] = kept[j].word;
	}
	free(kept);
	free(number);
	free(scratch);
	*out = m;
	return ok;
}

void matrix_done(struct matrix *m)
{
	free(m->row);
	free(m->col);
	free(m->val);
	free(m->t_row);
	free(m->t_col);
	free(m->t_val);
	free(m->terms);
}
