/*
 * Where the features of a model lie in memory: a hash table without a second
 * try. Features are dealt into buckets; each bucket has a number, found when
 * the model is read, that sends its features to places nobody else has. A
 * look-up is then one computed place and one comparison, without a branch
 * that a processor could guess wrong; at some hundred look-ups a comment,
 * half of them in vain, that is most of what classifying costs.
 *
 * Source: Belazzougui, Botelho and Dietzfelbinger 2009, Hash, displace, and
 * compress, doi 10.1007/978-3-642-04128-0_61.
 */
#include <stdlib.h>

#include "text/model_priv.h"

enum {
	BUCKET_MAX = 64,      /* of a good hash none has twenty */
	TRIES_A_FEATURE = 400 /* on average; a good hash needs some ten */
};

void places_done(struct places *p)
{
	free(p->shift);
	*p = (struct places){ 0 };
}

/* Features by bucket, the buckets one after another. */
struct dealt {
	uint32_t *first; /* of each bucket, and one past the last */
	uint32_t *hash;
};

static bool deal(const struct places *p, const unsigned char *hashes, size_t n, struct dealt *d)
{
	const size_t buckets = places_buckets(p);
	d->first = calloc(buckets + 2, sizeof *d->first);
	d->hash = malloc((n + 1) * sizeof *d->hash);
	if (!d->first || !d->hash) return false;
	/* Counted two places ahead, so that dealing leaves each first where it belongs. */
	for (size_t i = 0; i < n; i++) d->first[places_bucket(p, le32(hashes + i * 4)) + 2]++;
	for (size_t b = 2; b <= buckets + 1; b++) d->first[b] += d->first[b - 1];
	for (size_t i = 0; i < n; i++) {
		const uint32_t h = le32(hashes + i * 4);
		d->hash[d->first[places_bucket(p, h) + 1]++] = h;
	}
	return true;
}

/* Takes the places of a bucket under its present number; takes none and says false where one is taken. */
static bool take_places(const struct places *p, const uint32_t *hash, size_t n, unsigned char *taken)
{
	for (size_t i = 0; i < n; i++) {
		const size_t at = places_at(p, hash[i]);
		if (taken[at]) {
			while (i-- > 0) taken[places_at(p, hash[i])] = 0;
			return false;
		}
		taken[at] = 1;
	}
	return true;
}

/* The largest buckets first, while there is room. */
static bool settle(struct places *p, const struct dealt *d, size_t n, unsigned char *taken)
{
	const size_t buckets = places_buckets(p);
	size_t tries = (n + 1000) * TRIES_A_FEATURE;
	for (size_t size = BUCKET_MAX; size > 0; size--) {
		for (size_t b = 0; b < buckets; b++) {
			if (d->first[b + 1] - d->first[b] != size) continue;
			while (!take_places(p, d->hash + d->first[b], size, taken)) {
				if (tries-- == 0 || ++p->shift[b] == 0) return false;
			}
		}
	}
	return true;
}

static bool try_find(struct places *p, const unsigned char *hashes, size_t n, bool *possible)
{
	struct dealt d = { 0 };
	unsigned char *taken = calloc((size_t)1 << p->bits, 1);
	p->shift = calloc(places_buckets(p), sizeof *p->shift);
	const bool enough = taken && p->shift && deal(p, hashes, n, &d);
	*possible = enough;
	for (size_t b = 0; *possible && b < places_buckets(p); b++)
		*possible = d.first[b + 1] - d.first[b] <= BUCKET_MAX;
	if (*possible) *possible = settle(p, &d, n, taken);
	free(taken);
	free(d.first);
	free(d.hash);
	return enough;
}

bool places_find(struct places *p, const unsigned char *hashes, size_t n, bool *possible)
{
	*p = (struct places){ .bits = 6 };
	/* Nearly full costs a moment here and is small for ever; were it too full, twice the places are not. */
	while ((size_t)1 << p->bits < n + n / 32) p->bits++;
	for (int tries = 0; tries < 2; tries++, p->bits++) {
		free(p->shift);
		if (!try_find(p, hashes, n, possible)) return false;
		if (*possible) return true;
	}
	return true;
}
