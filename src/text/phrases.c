/* Phrases counted by texts. Formulas: docs/methods/text-phrases.md. */
#include "text/phrases.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

#define GRAM_MAX 3
#define ROOM_FIRST 4096

struct gram {
	uint64_t hash; /* 0: free */
	char *words;   /* NUL-terminated, its own */
	uint32_t n[2];
	uint32_t seen;       /* the newest text that had it */
	uint64_t head, tail; /* hashes without the last, without the first word; 0 for one word */
	uint8_t n_words;
	bool stop_end; /* begins or ends with a stop word */
};

struct text_phrases {
	struct gram *grams;
	size_t n, room; /* room: a power of two */
	uint32_t texts[2];
	uint32_t text; /* the newest, from 1 */
};

double text_npmi(double n, double c_x, double c_y, double c_xy)
{
	if (!(c_xy > 0)) return -1;
	if (c_xy >= n) return 1;
	return log(c_xy * n / (c_x * c_y)) / -log(c_xy / n);
}

static double part(double observed, double expected)
{
	return observed > 0 ? observed * log(observed / expected) : 0;
}

double text_g2(double n, double c_x, double c_y, double c_xy)
{
	const double a = c_xy, b = c_x - c_xy, c = c_y - c_xy, d = n - c_x - c_y + c_xy;
	return 2 * (part(a, c_x * c_y / n) + part(b, c_x * (n - c_y) / n) + part(c, (n - c_x) * c_y / n) +
	            part(d, (n - c_x) * (n - c_y) / n));
}

double text_log_odds_z(double y_a, double n_a, double y_b, double n_b, double weight)
{
	const double share = (y_a + y_b + .5) / (n_a + n_b + 1), prior = share * weight;
	const double a = y_a + prior, b = y_b + prior;
	const double odds_a = a / (n_a + weight - a), odds_b = b / (n_b + weight - b);
	return (log(odds_a) - log(odds_b)) / sqrt(1 / a + 1 / b);
}

struct text_phrases *text_phrases_new(void)
{
	struct text_phrases *p = calloc(1, sizeof(*p));
	if (!p) return NULL;
	p->room = ROOM_FIRST;
	p->grams = calloc(p->room, sizeof(*p->grams));
	if (p->grams) return p;
	free(p);
	return NULL;
}

void text_phrases_free(struct text_phrases *p)
{
	if (!p) return;
	for (size_t i = 0; i < p->room; i++) free(p->grams[i].words);
	free(p->grams);
	free(p);
}

int64_t text_phrases_texts(const struct text_phrases *p, int group)
{
	return p->texts[group];
}

static struct gram *place_of(struct gram *grams, size_t room, uint64_t hash)
{
	size_t i = hash & (room - 1);
	while (grams[i].hash && grams[i].hash != hash) i = (i + 1) & (room - 1);
	return &grams[i];
}

static const struct gram *gram_of(const struct text_phrases *p, uint64_t hash)
{
	return place_of(p->grams, p->room, hash);
}

/* Into a table of `room`, without those of fewer than `least` texts. */
static bool move_all(struct text_phrases *p, size_t room, uint32_t least)
{
	struct gram *grams = calloc(room, sizeof(*grams));
	if (!grams) return false;
	p->n = 0;
	for (size_t i = 0; i < p->room; i++) {
		struct gram *g = &p->grams[i];
		if (!g->hash) continue;
		if (g->n[0] + g->n[1] < least) {
			free(g->words);
			continue;
		}
		*place_of(grams, room, g->hash) = *g;
		p->n++;
	}
	free(p->grams);
	p->grams = grams;
	p->room = room;
	return true;
}

static bool make_room(struct text_phrases *p)
{
	if (p->n * 2 < p->room) return true;
	if (p->n < TEXT_PHRASES_MAX) return move_all(p, p->room * 2, 0);
	for (uint32_t least = 2; p->n * 2 >= p->room; least++)
		if (!move_all(p, p->room, least)) return false;
	return true;
}

static char *joined(const struct str *words, int n)
{
	size_t len = 0, at = 0;
	for (int i = 0; i < n; i++) len += words[i].len + 1;
	char *z = malloc(len);
	for (int i = 0; z && i < n; i++) {
		memcpy(z + at, words[i].ptr, words[i].len);
		at += words[i].len;
		z[at++] = i + 1 < n ? ' ' : 0;
	}
	return z;
}

static uint64_t hash_words(const struct str *words, int n)
{
	uint64_t h = (uint64_t)n;
	for (int i = 0; i < n; i++) h = hash64_mix(h, hash64(words[i]));
	return h ? h : 1;
}

static bool count_gram(struct text_phrases *p, const struct str *words, int n, int group, enum text_language fold)
{
	if (!make_room(p)) return false;
	const uint64_t hash = hash_words(words, n);
	struct gram *g = place_of(p->grams, p->room, hash);
	if (!g->hash) {
		struct gram fresh = { .hash = hash, .n_words = (uint8_t)n };
		fresh.words = joined(words, n);
		if (!fresh.words) return false;
		fresh.stop_end = text_stop_word(words[0], fold) || text_stop_word(words[n - 1], fold);
		if (n > 1) {
			fresh.head = hash_words(words, n - 1);
			fresh.tail = hash_words(words + 1, n - 1);
		}
		*g = fresh;
		p->n++;
	}
	if (g->seen == p->text) return true;
	g->seen = p->text;
	g->n[group]++;
	return true;
}

enum err_code text_phrases_add(struct text_phrases *p, const struct text *t, int group, struct err *err)
{
	struct str last[GRAM_MAX]; /* the newest words in a row, oldest first */
	int n = 0;
	p->text++;
	p->texts[group]++;
	for (size_t i = 0; i < t->n; i++) {
		const struct text_token *k = &t->tokens[i];
		if (k->kind != TEXT_WORD && k->kind != TEXT_TAG) {
			n = 0;
			continue;
		}
		if (n == GRAM_MAX) memmove(last, last + 1, sizeof(last[0]) * (size_t)(--n));
		last[n++] = k->word;
		for (int len = 1; len <= n; len++)
			if (!count_gram(p, last + n - len, len, group, t->fold)) return err_no_memory(err);
	}
	return OK;
}

/* Of the two ways to take a phrase apart, the weaker joint. */
static double weakest(const struct text_phrases *p, const struct gram *g)
{
	if (g->n_words == 1) return 1;
	const double n = (double)p->texts[0] + p->texts[1], both = (double)g->n[0] + g->n[1];
	double least = 1;
	/* Head and last word; first word and tail. Each word is the tail's tail, or the head's head, of its own. */
	const struct gram *head = gram_of(p, g->head), *tail = gram_of(p, g->tail);
	const struct gram *last = g->n_words == 2 ? tail : gram_of(p, tail->tail);
	const struct gram *first = g->n_words == 2 ? head : gram_of(p, head->head);
	const struct gram *pairs[2][2] = { { head, last }, { first, tail } };
	for (int i = 0; i < 2; i++) {
		const double x = (double)pairs[i][0]->n[0] + pairs[i][0]->n[1],
		             y = (double)pairs[i][1]->n[0] + pairs[i][1]->n[1];
		if (x > 0 && y > 0) least = fmin(least, text_npmi(n, x, y, both));
	}
	return least;
}

struct found {
	const struct gram *gram;
	double npmi, z, rank;
};

static int by_rank(const void *pa, const void *pb)
{
	const struct found *a = pa, *b = pb;
	if (a->rank != b->rank) return a->rank > b->rank ? -1 : 1;
	if (a->gram->n_words != b->gram->n_words) return (int)b->gram->n_words - (int)a->gram->n_words;
	return strcmp(a->gram->words, b->gram->words);
}

/* Whether a longer phrase among the first n says the same nearly as often. */
static bool within_longer(const struct found *all, size_t n, const struct found *f)
{
	for (size_t i = 0; i < n; i++) {
		const struct gram *g = all[i].gram;
		if (g->n_words <= f->gram->n_words || !strstr(g->words, f->gram->words)) continue;
		if ((g->n[0] + g->n[1]) * 10 >= (f->gram->n[0] + f->gram->n[1]) * 9) return true;
	}
	return false;
}

#define LONGER_LOOKED_AT 500 /* among the first by rank, where what is shown comes from */

enum err_code text_phrases_top(const struct text_phrases *p, const struct text_phrases_ask *ask, struct arena *a,
                               struct text_phrase **out, size_t *n_out, struct err *err)
{
	struct found *all = malloc((p->n + 1) * sizeof(*all));
	size_t n = 0;
	if (!all) return err_no_memory(err);
	for (size_t i = 0; i < p->room; i++) {
		const struct gram *g = &p->grams[i];
		if (!g->hash || g->stop_end || (int64_t)g->n[0] + g->n[1] < ask->at_least) continue;
		struct found f = { .gram = g, .npmi = weakest(p, g) };
		if (f.npmi < ask->npmi) continue;
		f.z = p->texts[0] && p->texts[1] ? text_log_odds_z(g->n[1], p->texts[1], g->n[0], p->texts[0], 10) : 0;
		f.rank = ask->contrast ? f.z : (double)g->n[0] + g->n[1];
		all[n++] = f;
	}
	qsort(all, n, sizeof(*all), by_rank);
	const size_t most = n < ask->max ? n : ask->max, look = n < LONGER_LOOKED_AT ? n : LONGER_LOOKED_AT;
	struct text_phrase *kept = ARENA_ARRAY(a, struct text_phrase, most);
	enum err_code rc = kept ? OK : err_no_memory(err);
	size_t k = 0;
	for (size_t i = 0; rc == OK && i < n && k < most; i++) {
		if (within_longer(all, look, &all[i])) continue;
		const struct gram *g = all[i].gram;
		kept[k] = (struct text_phrase){ .words = str_copy(a, str_of(g->words)),
			                        .n_words = g->n_words,
			                        .n = { g->n[0], g->n[1] },
			                        .npmi = all[i].npmi,
			                        .z = all[i].z };
		if (!kept[k++].words.ptr) rc = err_no_memory(err);
	}
	free(all);
	if (rc != OK) return rc;
	*out = kept;
	*n_out = k;
	return OK;
}
