/*
 * Variants: how often each sequence of activities was gone through.
 *
 *   piles   by the uppermost bits of its hash, each case as it comes      24 bytes and 2 a step
 *   counted pile by pile:
 *     slots upper half of the hash | number of the variant + 1            8 bytes, open addressing
 *     list  its first case, first arrival, count, customers               32 bytes a variant
 *
 * One table of all variants would miss the cache at each look. A pile's
 * table lies in the cache of the processor that counts it, and piles have
 * nothing to do with each other: several threads may count them, and merging
 * is only putting one pile on the other.
 *
 * Sequences are compared step by step when hashes are equal: two never
 * share a count.
 */
#include "journey/priv.h"

#include "base/hash.h"
#include "base/pages.h"
#include "journey/behind.h"

enum { CHUNK_MIN = 1 << 9, CHUNK_MAX = 1 << 14, SLAB_MIN = 1 << 16 };
#define VARIANT_ID UINT64_C(0x73616661722e7661)

/* Of a pile: cases one after the other, each from a multiple of 8. */
struct chunk {
	struct chunk *next;
	size_t used, cap;
	uint64_t cases[];
};

/* What chunks are cut from. */
struct slab {
	struct slab *next;
	size_t used, cap;
	uint64_t room[];
};
#define SLAB_PAGE (PAGES_LARGE_BYTES - sizeof(struct slab)) /* a whole page */

void variants_done(struct variants *v)
{
	for (struct slab *s = v->slabs, *next; s; s = next) {
		next = s->next;
		if (s->cap == SLAB_PAGE) page_give(s);
		else free(s);
	}
	for (size_t i = 0; v->piles && i < VARIANTS_PILES; i++) free(v->piles[i].list);
	free(v->piles);
	*v = (struct variants){ 0 };
}

/* --- piling up -------------------------------------------------------------------------------- */

static struct slab *slab_new(struct variants *v, size_t bytes)
{
	/* Small at first: most questions are about few. One that a case does not fit into is its alone. */
	size_t cap = v->slabs ? SLAB_PAGE : SLAB_MIN;
	if (cap < bytes) cap = bytes > SLAB_PAGE ? bytes : SLAB_PAGE;
	struct slab *s = cap == SLAB_PAGE ? page_take() : pages_new(sizeof *s + cap);
	if (!s) return NULL;
	*s = (struct slab){ .next = v->slabs, .cap = cap };
	return v->slabs = s;
}

/* A new last chunk with room for so many bytes; NULL when memory is short. */
static struct chunk *chunk_new(struct variants *v, struct pile *p, size_t bytes)
{
	size_t cap = !p->last ? CHUNK_MIN : p->last->cap < CHUNK_MAX ? p->last->cap * 4 : CHUNK_MAX;
	if (cap < bytes) cap = bytes;
	struct slab *s = v->slabs;
	if (!s || s->cap - s->used < sizeof(struct chunk) + cap) s = slab_new(v, sizeof(struct chunk) + cap);
	if (!s) return NULL;
	struct chunk *c = (struct chunk *)((char *)s->room + s->used);
	s->used += sizeof *c + cap;
	*c = (struct chunk){ .cap = cap };
	if (p->last) p->last->next = c;
	else p->chunks = c;
	return p->last = c;
}

static size_t case_bytes(uint32_t n)
{
	return (sizeof(struct kept_case) + n * sizeof(uint16_t) + 7) & ~(size_t)7;
}

void variants_add(struct variants *v, const uint16_t *steps, uint32_t n, uint64_t first, uint32_t customer)
{
	if (!v->piles && !(v->piles = calloc(VARIANTS_PILES, sizeof *v->piles))) {
		v->failed = true;
		return;
	}
	const uint64_t hash = hash64((struct str){ (const char *)steps, n * sizeof *steps });
	struct pile *p = &v->piles[hash / (UINT64_MAX / VARIANTS_PILES + 1)];
	const size_t bytes = case_bytes(n);
	struct chunk *c = p->last;
	if (!c || c->cap - c->used < bytes) c = chunk_new(v, p, bytes);
	if (!c) {
		v->failed = true;
		return;
	}
	struct kept_case *k = (struct kept_case *)((char *)c->cases + c->used);
	k->hash = hash;
	k->first = first;
	k->n = n;
	k->customer = customer;
	memcpy(k->steps, steps, n * sizeof *steps);
	c->used += bytes;
	p->cases++;
}

void variants_merge(struct variants *v, struct variants *from)
{
	v->failed |= from->failed;
	if (!from->piles) return;
	if (!v->piles) {
		const bool failed = v->failed;
		*v = *from;
		v->failed = failed;
		*from = (struct variants){ 0 };
		return;
	}
	for (size_t i = 0; i < VARIANTS_PILES; i++) {
		struct pile *p = &v->piles[i], *o = &from->piles[i];
		if (!o->chunks) continue;
		if (p->last) p->last->next = o->chunks;
		else p->chunks = o->chunks;
		p->last = o->last;
		p->cases += o->cases;
		*o = (struct pile){ 0 };
	}
	struct slab **end = &v->slabs;
	while (*end) end = &(*end)->next;
	*end = from->slabs;
	from->slabs = NULL;
}

/* --- counting a pile -------------------------------------------------------------------------- */

/* The slot of a case's variant, or the free one where it belongs. */
static size_t find_slot(const struct pile *p, const uint64_t *slots, size_t mask, const struct kept_case *k)
{
	size_t at = (size_t)k->hash & mask;
	for (; slots[at]; at = (at + 1) & mask) {
		if ((slots[at] ^ k->hash) >> 32) continue;
		const struct kept_case *o = p->list[(uint32_t)slots[at] - 1].of;
		if (o->hash == k->hash && o->n == k->n && memcmp(o->steps, k->steps, k->n * sizeof *k->steps) == 0)
			break;
	}
	return at;
}

static void count_case(struct pile *p, uint64_t *slots, size_t mask, const struct kept_case *k)
{
	const size_t at = find_slot(p, slots, mask, k);
	if (!slots[at]) {
		p->list[p->n++] =
		        (struct variant){ .of = k, .first = k->first, .count = 1, .customers = 1, .last = k->customer };
		slots[at] = (k->hash >> 32 << 32) | p->n;
		return;
	}
	/* A customer's cases follow each other in the pile. */
	struct variant *x = &p->list[(uint32_t)slots[at] - 1];
	x->count++;
	x->customers += x->last != k->customer;
	x->last = k->customer;
	if (k->first < x->first) x->first = k->first;
}

void variants_count(struct variants *v, uint32_t pile)
{
	struct pile *p = v->piles ? &v->piles[pile] : NULL;
	if (!p || p->list || !p->cases || p->failed) return;
	size_t n_slots = 64;
	while (n_slots < 2 * (size_t)p->cases) n_slots *= 2;
	uint64_t *slots = calloc(n_slots, sizeof *slots);
	p->list = malloc(p->cases * sizeof *p->list);
	p->failed = !slots || !p->list;
	for (const struct chunk *c = p->chunks; c && !p->failed; c = c->next) {
		for (size_t at = 0; at < c->used;) {
			const struct kept_case *k = (const struct kept_case *)((const char *)c->cases + at);
			count_case(p, slots, n_slots - 1, k);
			at += case_bytes(k->n);
		}
	}
	free(slots);
}

int64_t variants_n(struct variants *v)
{
	int64_t n = 0;
	for (uint32_t i = 0; v->piles && i < VARIANTS_PILES; i++) {
		variants_count(v, i);
		v->failed |= v->piles[i].failed;
		n += v->piles[i].n;
	}
	return v->failed ? -1 : n;
}

/* --- the commonest ------------------------------------------------------------------------------ */

static bool comes_before(const struct variant *x, const struct variant *y)
{
	return x->count != y->count ? x->count > y->count : x->first < y->first;
}

static int by_count_then_first(const void *a, const void *b)
{
	const struct variant *x = *(const struct variant *const *)a, *y = *(const struct variant *const *)b;
	return comes_before(x, y) ? -1 : comes_before(y, x);
}

/* Lets the last of a heap of n, whose top comes last in order, sink to its place. */
static void sink(const struct variant **heap, size_t n)
{
	const struct variant *x = heap[0];
	size_t i = 0;
	for (size_t k; (k = 2 * i + 1) < n; i = k) {
		if (k + 1 < n && comes_before(heap[k], heap[k + 1])) k++;
		if (!comes_before(x, heap[k])) break;
		heap[i] = heap[k];
	}
	heap[i] = x;
}

static void rise(const struct variant **heap, size_t i)
{
	const struct variant *x = heap[i];
	for (; i && comes_before(heap[(i - 1) / 2], x); i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
	heap[i] = x;
}

size_t variants_top(const struct variants *v, const struct variant **out, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; v->piles && i < VARIANTS_PILES && max; i++) {
		const struct pile *p = &v->piles[i];
		for (uint32_t k = 0; k < p->n; k++) {
			const struct variant *x = &p->list[k];
			if (n < max) {
				out[n] = x;
				rise(out, n++);
			} else if (comes_before(x, out[0])) {
				out[0] = x;
				sink(out, n);
			}
		}
	}
	qsort(out, n, sizeof *out, by_count_then_first);
	return n;
}

/* --- who is behind one ---------------------------------------------------------------------------- */

uint64_t variant_id(const struct journey_plan *p, const uint16_t *steps, uint32_t n)
{
	uint64_t id = VARIANT_ID;
	for (uint32_t i = 0; i < n; i++) id = hash64_mix(id, hash64(activity_name(p, steps[i])));
	return id;
}

enum err_code journey_variant_figure(const struct journey_plan *p, uint64_t id, uint32_t cut, struct arena *a,
                                     struct journey_variant_figure *out, struct err *err)
{
	const uint32_t n = activities_of(p);
	uint64_t *names = ARENA_ARRAY(a, uint64_t, n);
	if (!names) return err_no_memory(err);
	for (uint32_t i = 0; i < n; i++) names[i] = hash64(activity_name(p, i));
	*out = (struct journey_variant_figure){ .id = id, .cut = cut ? cut : UINT32_MAX, .names = names };
	return OK;
}

bool journey_variant_holds(const struct journey_plan *p, const struct journey_columns *c, const struct span *s,
                           const void *figure)
{
	const struct journey_variant_figure *f = figure;
	const uint32_t n = s->n < f->cut ? s->n : f->cut;
	uint64_t id = VARIANT_ID;
	for (uint32_t i = 0; i < n; i++) id = hash64_mix(id, f->names[s->code[i]]);
	return id == f->id;
}
