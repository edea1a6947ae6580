/*
 * Variants: how often each sequence of activities was gone through.
 *
 *   piles   by the uppermost bits of its hash, each case as it comes      24 bytes and 2 a step
 *   counted pile by pile, in room that the next pile takes over:
 *     slots upper half of the hash | number of the variant + 1            8 bytes, open addressing
 *     list  its first case, first arrival, count, customers               32 bytes a variant
 *   kept of a pile: its commonest, as many as will be asked for
 *
 * One table of all variants would miss the cache at each look. A pile's
 * table lies in the cache of the processor that counts it, and piles have
 * nothing to do with each other: several threads may count them, and merging
 * is only putting one pile on the other. Where the next case of a pile will
 * lie is fetched when one is put there, so that nobody waits for it.
 *
 * Sequences are compared step by step when hashes are equal: two never
 * share a count.
 */
#include "journey/priv.h"

#include "base/hash.h"
#include "base/pages.h"
#include "journey/behind.h"

enum {
	CHUNK_MIN = 1 << 9,
	CHUNK_MAX = 1 << 14,
	SLAB_MIN = 1 << 16,
	ROOM_MIN = 1 << 16,
	LINE_BYTES = 64,
	SHARE_PILES = VARIANTS_PILES / JOURNEY_FLOW_SHARES
};
#define VARIANT_ID UINT64_C(0x73616661722e7661)

/* Of a pile: cases one after the other, each from a multiple of 8. */
struct chunk {
	struct chunk *next;
	size_t used, cap; /* of the pile's last one, `used` is known by where the pile goes on */
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
	for (size_t i = 0; v->piles && i < VARIANTS_PILES; i++) free(v->piles[i].kept);
	free(v->piles);
	*v = (struct variants){ .keep = v->keep };
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

/* What is in the last chunk. */
static void pile_close(struct pile *p)
{
	if (p->last) p->last->used = (size_t)(p->at - (char *)p->last->cases);
}

/* A new last chunk with room for so many bytes; false when memory is short. */
static bool chunk_new(struct variants *v, struct pile *p, size_t bytes)
{
	size_t cap = !p->last ? CHUNK_MIN : p->last->cap < CHUNK_MAX ? p->last->cap * 4 : CHUNK_MAX;
	if (cap < bytes) cap = bytes;
	struct slab *s = v->slabs;
	if (!s || s->cap - s->used < sizeof(struct chunk) + cap) s = slab_new(v, sizeof(struct chunk) + cap);
	if (!s) return false;
	struct chunk *c = (struct chunk *)((char *)s->room + s->used);
	s->used += sizeof *c + cap;
	*c = (struct chunk){ .cap = cap };
	pile_close(p);
	if (p->last) p->last->next = c;
	else p->chunks = c;
	p->last = c;
	p->at = (char *)c->cases;
	p->end = p->at + cap;
	return true;
}

static size_t case_bytes(uint32_t n)
{
	return (sizeof(struct kept_case) + n * sizeof(uint16_t) + 7) & ~(size_t)7;
}

static bool piles_new(struct variants *v)
{
	const size_t bytes = VARIANTS_PILES * sizeof *v->piles;
	v->piles = aligned_alloc(LINE_BYTES, bytes);
	if (v->piles) memset(v->piles, 0, bytes);
	return v->piles != NULL;
}

void variants_add(struct variants *v, const uint16_t *steps, uint32_t n, uint64_t first, uint32_t customer)
{
	if (!v->piles && !piles_new(v)) {
		v->failed = true;
		return;
	}
	const uint64_t hash = hash64((struct str){ (const char *)steps, n * sizeof *steps });
	struct pile *p = &v->piles[hash / (UINT64_MAX / VARIANTS_PILES + 1)];
	const size_t bytes = case_bytes(n);
	if ((size_t)(p->end - p->at) < bytes && !chunk_new(v, p, bytes)) {
		v->failed = true;
		return;
	}
	struct kept_case *k = (struct kept_case *)p->at;
	k->hash = hash;
	k->first = first;
	k->n = n;
	k->customer = customer;
	memcpy(k->steps, steps, n * sizeof *steps);
	p->at += bytes;
	p->cases++;
	__builtin_prefetch(p->at, 1);
	__builtin_prefetch(p->at + LINE_BYTES, 1);
}

void variants_merge(struct variants *v, struct variants *from)
{
	v->failed |= from->failed;
	if (!from->piles) return;
	if (!v->piles) {
		const bool failed = v->failed;
		*v = *from;
		v->failed = failed;
		*from = (struct variants){ .keep = from->keep };
		return;
	}
	for (size_t i = 0; i < VARIANTS_PILES; i++) {
		struct pile *p = &v->piles[i], *o = &from->piles[i];
		if (!o->chunks) continue;
		pile_close(p);
		if (p->last) p->last->next = o->chunks;
		else p->chunks = o->chunks;
		p->last = o->last;
		p->at = o->at;
		p->end = o->end;
		p->cases += o->cases;
		*o = (struct pile){ 0 };
	}
	struct slab **end = &v->slabs;
	while (*end) end = &(*end)->next;
	*end = from->slabs;
	from->slabs = NULL;
}

/* --- counting a pile -------------------------------------------------------------------------- */

/* Room for the tables of one pile after the other. */
struct room {
	void *ptr;
	size_t bytes;
};

static void room_done(struct room *r)
{
	if (r->bytes == PAGES_LARGE_BYTES) page_give(r->ptr);
	else free(r->ptr);
	*r = (struct room){ 0 };
}

/* At least so much, with whatever is in it; false when memory is short. */
static bool room_get(struct room *r, size_t bytes)
{
	if (r->bytes >= bytes) return true;
	room_done(r);
	r->bytes = bytes <= ROOM_MIN ? ROOM_MIN : bytes <= PAGES_LARGE_BYTES ? PAGES_LARGE_BYTES : bytes;
	r->ptr = r->bytes == ROOM_MIN            ? malloc(ROOM_MIN)
	         : r->bytes == PAGES_LARGE_BYTES ? page_take()
	                                         : pages_new(bytes);
	if (!r->ptr) r->bytes = 0;
	return r->ptr != NULL;
}

struct counting {
	uint64_t *slots;
	size_t mask;
	struct variant *list;
	uint32_t n;
};

/* The slot of a case's variant, or the free one where it belongs. */
static size_t find_slot(const struct counting *c, const struct kept_case *k)
{
	size_t at = (size_t)k->hash & c->mask;
	for (; c->slots[at]; at = (at + 1) & c->mask) {
		if ((c->slots[at] ^ k->hash) >> 32) continue;
		const struct kept_case *o = c->list[(uint32_t)c->slots[at] - 1].of;
		if (o->hash == k->hash && o->n == k->n && memcmp(o->steps, k->steps, k->n * sizeof *k->steps) == 0)
			break;
	}
	return at;
}

static void count_case(struct counting *c, const struct kept_case *k)
{
	const size_t at = find_slot(c, k);
	if (!c->slots[at]) {
		c->list[c->n++] =
		        (struct variant){ .of = k, .first = k->first, .count = 1, .customers = 1, .last = k->customer };
		c->slots[at] = (k->hash >> 32 << 32) | c->n;
		return;
	}
	/* A customer's cases follow each other in the pile. */
	struct variant *x = &c->list[(uint32_t)c->slots[at] - 1];
	x->count++;
	x->customers += x->last != k->customer;
	x->last = k->customer;
	if (k->first < x->first) x->first = k->first;
}

static void count_cases(struct counting *c, const struct pile *p)
{
	for (const struct chunk *x = p->chunks; x; x = x->next) {
		for (size_t at = 0; at < x->used;) {
			const struct kept_case *k = (const struct kept_case *)((const char *)x->cases + at);
			count_case(c, k);
			at += case_bytes(k->n);
		}
	}
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

/* Takes those of a list that belong there into a heap of at most `max`, of which n are there; how many are then. */
static size_t heap_take(const struct variant **heap, size_t n, size_t max, const struct variant *list, uint32_t n_list)
{
	for (uint32_t i = 0; i < n_list; i++) {
		const struct variant *x = &list[i];
		if (n < max) {
			heap[n] = x;
			rise(heap, n++);
		} else if (max && comes_before(x, heap[0])) {
			heap[0] = x;
			sink(heap, n);
		}
	}
	return n;
}

/* Copies out of the room what will be asked for; false when memory is short. */
static bool keep_commonest(struct pile *p, const struct counting *c, const struct variant **heap, size_t keep)
{
	const bool all = keep >= c->n;
	p->n_kept = all ? c->n : (uint32_t)heap_take(heap, 0, keep, c->list, c->n);
	if (!p->n_kept) return true;
	p->kept = malloc(p->n_kept * sizeof *p->kept);
	if (!p->kept) return false;
	if (all) memcpy(p->kept, c->list, c->n * sizeof *c->list);
	for (uint32_t i = 0; i < p->n_kept && !all; i++) p->kept[i] = *heap[i];
	return true;
}

static void pile_count(struct pile *p, size_t keep, struct room *r)
{
	if (p->n || !p->cases || p->failed) return;
	size_t n_slots = 64;
	while (n_slots < 2 * (size_t)p->cases) n_slots *= 2;
	const size_t n_heap = keep < p->cases ? keep : 0;
	if (!room_get(r, n_slots * sizeof(uint64_t) + p->cases * sizeof(struct variant) + n_heap * sizeof(void *))) {
		p->failed = true;
		return;
	}
	pile_close(p);
	struct counting c = { .slots = r->ptr, .mask = n_slots - 1 };
	c.list = (struct variant *)(c.slots + n_slots);
	memset(c.slots, 0, n_slots * sizeof *c.slots);
	count_cases(&c, p);
	p->n = c.n;
	p->failed = !keep_commonest(p, &c, (const struct variant **)(c.list + p->cases), keep);
}

void variants_count(struct variants *v, uint32_t share)
{
	struct room r = { 0 };
	for (uint32_t i = share * SHARE_PILES; v->piles && i < (share + 1) * SHARE_PILES; i++)
		pile_count(&v->piles[i], v->keep, &r);
	room_done(&r);
}

int64_t variants_n(struct variants *v)
{
	int64_t n = 0;
	for (uint32_t i = 0; v->piles && i < JOURNEY_FLOW_SHARES; i++) variants_count(v, i);
	for (uint32_t i = 0; v->piles && i < VARIANTS_PILES; i++) {
		v->failed |= v->piles[i].failed;
		n += v->piles[i].n;
	}
	return v->failed ? -1 : n;
}

size_t variants_top(const struct variants *v, const struct variant **out, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; v->piles && i < VARIANTS_PILES; i++)
		n = heap_take(out, n, max, v->piles[i].kept, v->piles[i].n_kept);
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
