/*
 * Variants: how often each sequence of activities was gone through.
 *
 *   slots   [hash]: upper half of the hash | number of the variant + 1     8 bytes, open addressing
 *   list    hash, count, first arrival, steps, length, customers           48 bytes a variant
 *   steps   the sequences themselves, one after the other, copied once     2 bytes a step
 *
 * Sequences are compared step by step when hashes are equal: two never
 * share a count. Most places looked at are not in the cache, so a case
 * waits in a ring while its place is fetched: eight are fetched at a time.
 */
#include "journey/priv.h"

#include "base/hash.h"
#include "base/pages.h"
#include "journey/behind.h"

enum { CHUNK_STEPS_MIN = 1 << 11, CHUNK_STEPS_MAX = (int)((PAGES_LARGE_BYTES - 16) / sizeof(uint16_t)) };
#define VARIANT_ID UINT64_C(0x73616661722e7661)

struct steps_chunk {
	struct steps_chunk *next;
	uint32_t used, cap;
	uint16_t steps[];
};

void variants_done(struct variants *v)
{
	for (struct steps_chunk *s = v->chunks, *next; s; s = next) {
		next = s->next;
		free(s);
	}
	free(v->list);
	free(v->slots);
	*v = (struct variants){ 0 };
}

static bool grow_slots(struct variants *v, uint64_t need)
{
	uint64_t n = v->n_slots ? v->n_slots : 1 << 10;
	while (n < 2 * need) n *= 4;
	uint64_t *slots = pages_new(n * sizeof *slots);
	if (!slots) return false;
	free(v->slots);
	v->slots = slots;
	v->n_slots = n;
	for (uint32_t i = 0; i < v->n; i++) {
		const uint64_t hash = v->list[i].hash;
		uint64_t at = hash & (n - 1);
		while (slots[at]) at = (at + 1) & (n - 1);
		slots[at] = (hash >> 32 << 32) | (i + 1);
	}
	return true;
}

static bool list_reserve(struct variants *v)
{
	if (v->n < v->cap) return true;
	if (v->cap > UINT32_MAX / 2) return false;
	const uint32_t cap = v->cap ? v->cap * 2 : 256;
	struct variant *grown = pages_new((size_t)cap * sizeof *grown);
	if (!grown) return false;
	if (v->n) memcpy(grown, v->list, v->n * sizeof *grown);
	free(v->list);
	v->list = grown;
	v->cap = cap;
	return true;
}

static const uint16_t *keep_steps(struct variants *v, const uint16_t *steps, uint32_t n)
{
	if (!v->chunks || v->chunks->cap - v->chunks->used < n) {
		/* Small at first: most questions are about few. */
		uint32_t cap = !v->chunks                              ? CHUNK_STEPS_MIN
		               : v->chunks->cap >= CHUNK_STEPS_MAX / 4 ? CHUNK_STEPS_MAX
		                                                       : v->chunks->cap * 4;
		if (cap < n) cap = n;
		struct steps_chunk *made = pages_new(sizeof *made + (size_t)cap * sizeof *made->steps);
		if (!made) return NULL;
		made->next = v->chunks;
		made->used = 0;
		made->cap = cap;
		v->chunks = made;
	}
	uint16_t *kept = v->chunks->steps + v->chunks->used;
	memcpy(kept, steps, n * sizeof *kept);
	v->chunks->used += n;
	return kept;
}

/* The variant of o->steps, or the free slot where it belongs. */
static uint64_t find_slot(const struct variants *v, const struct variant *o)
{
	const uint64_t mask = v->n_slots - 1;
	uint64_t at = o->hash & mask;
	for (; v->slots[at]; at = (at + 1) & mask) {
		if ((v->slots[at] ^ o->hash) >> 32) continue;
		const struct variant *x = &v->list[(uint32_t)v->slots[at] - 1];
		if (x->hash == o->hash && x->n == o->n && memcmp(x->steps, o->steps, o->n * sizeof *x->steps) == 0)
			break;
	}
	return at;
}

/* Counts o. `own`: its steps stay where they are. */
static void count_in(struct variants *v, const struct variant *o, bool own)
{
	if (2 * ((uint64_t)v->n + 1) > v->n_slots && !grow_slots(v, (uint64_t)v->n + 1)) {
		v->failed = true;
		return;
	}
	const uint64_t at = find_slot(v, o);
	if (v->slots[at]) {
		struct variant *x = &v->list[(uint32_t)v->slots[at] - 1];
		x->count += o->count;
		/* Serials of another accumulator are other people's. */
		x->customers += own || x->last != o->last ? o->customers : 0;
		x->last = o->last;
		if (o->first < x->first) x->first = o->first;
		return;
	}
	const uint16_t *steps = own ? o->steps : keep_steps(v, o->steps, o->n);
	if (!steps || !list_reserve(v)) {
		v->failed = true;
		return;
	}
	v->list[v->n] = *o;
	v->list[v->n++].steps = steps;
	v->slots[at] = (o->hash >> 32 << 32) | v->n;
}

void variants_flush(struct variants *v)
{
	for (uint32_t i = 0; i < v->n_waiting; i++) count_in(v, &v->waiting[i], false);
	v->n_waiting = 0;
}

void variants_add(struct variants *v, const uint16_t *steps, uint32_t n, uint64_t first, uint32_t customer)
{
	struct variant *w = &v->waiting[v->n_waiting++];
	w->hash = hash64((struct str){ (const char *)steps, n * sizeof *steps });
	w->first = first;
	w->count = 1;
	w->steps = steps;
	w->n = n;
	w->last = customer;
	w->customers = 1;
	if (v->n_slots) __builtin_prefetch(&v->slots[w->hash & (v->n_slots - 1)]);
	if (v->n_waiting == VARIANTS_WAITING) variants_flush(v);
}

void variants_merge(struct variants *v, struct variants *from)
{
	enum { AHEAD = 16 };
	v->failed |= from->failed;
	/* At once, so that places fetched ahead stay the right ones. */
	if (2 * ((uint64_t)v->n + from->n) > v->n_slots && !grow_slots(v, (uint64_t)v->n + from->n)) {
		v->failed = true;
		return;
	}
	for (uint32_t i = 0; i < from->n && !v->failed; i++) {
		if (i + AHEAD < from->n) __builtin_prefetch(&v->slots[from->list[i + AHEAD].hash & (v->n_slots - 1)]);
		count_in(v, &from->list[i], true);
	}
	struct steps_chunk **end = &v->chunks;
	while (*end) end = &(*end)->next;
	*end = from->chunks;
	from->chunks = NULL;
}

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
	for (uint32_t i = 0; i < v->n && max; i++) {
		const struct variant *x = &v->list[i];
		if (n < max) {
			out[n] = x;
			rise(out, n++);
		} else if (comes_before(x, out[0])) {
			out[0] = x;
			sink(out, n);
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
