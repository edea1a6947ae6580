/* Sets of customers, on CRoaring. */
#include "journey/journey.h"

#include <roaring/roaring.h>

struct journey_set {
	roaring_bitmap_t *bits;
};

struct journey_set *journey_set_new(void)
{
	struct journey_set *s = malloc(sizeof *s);
	if (s && (s->bits = roaring_bitmap_create())) return s;
	free(s);
	return NULL;
}

void journey_set_free(struct journey_set *s)
{
	if (!s) return;
	roaring_bitmap_free(s->bits);
	free(s);
}

void journey_set_add(struct journey_set *s, uint32_t customer)
{
	roaring_bitmap_add(s->bits, customer);
}

void journey_set_or(struct journey_set *into, const struct journey_set *from)
{
	roaring_bitmap_or_inplace(into->bits, from->bits);
}

void journey_set_and(struct journey_set *into, const struct journey_set *from)
{
	roaring_bitmap_and_inplace(into->bits, from->bits);
}

void journey_set_without(struct journey_set *from, const struct journey_set *what)
{
	roaring_bitmap_andnot_inplace(from->bits, what->bits);
}

bool journey_set_has(const struct journey_set *s, uint32_t customer)
{
	return roaring_bitmap_contains(s->bits, customer);
}

int64_t journey_set_n(const struct journey_set *s)
{
	return (int64_t)roaring_bitmap_get_cardinality(s->bits);
}

size_t journey_set_list(const struct journey_set *s, uint32_t after, uint32_t *out, size_t max)
{
	roaring_uint32_iterator_t it;
	roaring_init_iterator(s->bits, &it);
	bool more = after == UINT32_MAX ? false : roaring_move_uint32_iterator_equalorlarger(&it, after + 1);
	size_t n = 0;
	for (; more && n < max; more = roaring_advance_uint32_iterator(&it)) out[n++] = it.current_value;
	return n;
}
