/* Places for pairs of codes, by open addressing. */
#include "base/hash.h"
#include "journey/priv.h"

static uint32_t slot_of(const struct pairs *t, uint32_t a, uint32_t b)
{
	uint32_t i = (uint32_t)hash64_mix(a, b) & (t->n_slots - 1);
	while (t->slots[i] && (t->list[t->slots[i] - 1].a != a || t->list[t->slots[i] - 1].b != b))
		i = (i + 1) & (t->n_slots - 1);
	return i;
}

static bool slots_grow(struct pairs *t)
{
	const uint32_t n = t->n_slots ? t->n_slots * 2 : 256;
	uint32_t *slots = calloc(n, sizeof *slots);
	if (!slots) return false;
	free(t->slots);
	t->slots = slots;
	t->n_slots = n;
	for (uint32_t i = 0; i < t->n; i++) slots[slot_of(t, t->list[i].a, t->list[i].b)] = i + 1;
	return true;
}

uint32_t pairs_place(struct pairs *t, uint32_t a, uint32_t b)
{
	if (t->n * 2 >= t->n_slots && !slots_grow(t)) {
		t->failed = true;
		return NO_PLACE;
	}
	const uint32_t s = slot_of(t, a, b);
	if (t->slots[s]) return t->slots[s] - 1;
	if (!grow((void **)&t->list, &t->cap, t->n + 1, sizeof *t->list)) {
		t->failed = true;
		return NO_PLACE;
	}
	t->list[t->n] = (struct code_pair){ a, b };
	t->slots[s] = ++t->n;
	return t->n - 1;
}

void pairs_done(struct pairs *t)
{
	free(t->list);
	free(t->slots);
	*t = (struct pairs){ 0 };
}
