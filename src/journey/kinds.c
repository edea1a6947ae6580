/* What was met, by event name and channel: the inventory's counts, made in the same scan as the measure. */
#include "journey/priv.h"

struct numbered {
	uint32_t kind, pair;
};

static int by_pair(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;
	return x->pair < y->pair ? -1 : x->pair > y->pair;
}

bool kinds_init(struct kinds *k, const struct journey_plan *p)
{
	const uint32_t n = p->s->n_kinds;
	*k = (struct kinds){ .slot = calloc(n, sizeof *k->slot), .sums = calloc(n, sizeof *k->sums) };
	struct numbered *sorted = malloc(n * sizeof *sorted);
	if (!k->slot || !k->sums || !sorted) {
		free(sorted);
		kinds_done(k);
		return false;
	}
	for (uint32_t i = 0; i < n; i++)
		sorted[i] = (struct numbered){ i, (uint32_t)p->s->kinds[i].event << 16 | p->s->kinds[i].channel };
	qsort(sorted, n, sizeof *sorted, by_pair);
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || sorted[i].pair != sorted[i - 1].pair) {
			const struct journey_kind *kind = &p->s->kinds[sorted[i].kind];
			k->sums[k->n++] = (struct kind_sum){ .event = kind->event, .channel = kind->channel };
		}
		k->slot[sorted[i].kind] = k->n - 1;
	}
	free(sorted);
	return true;
}

void kinds_done(struct kinds *k)
{
	free(k->slot);
	free(k->sums);
	*k = (struct kinds){ 0 };
}

void kinds_merge(struct kinds *k, const struct kinds *from)
{
	for (uint32_t i = 0; i < k->n; i++) {
		struct kind_sum *s = &k->sums[i];
		const struct kind_sum *o = &from->sums[i];
		if (o->count == 0) continue;
		if (s->count == 0 || o->first_ms < s->first_ms) s->first_ms = o->first_ms;
		if (s->count == 0 || o->last_ms > s->last_ms) s->last_ms = o->last_ms;
		s->count += o->count;
		s->customers += o->customers;
		s->rank_sum += o->rank_sum;
		s->about_other += o->about_other;
		s->about_own += o->about_own;
	}
}

enum err_code kinds_result(const struct kinds *k, const struct journey_plan *p, struct arena *a,
                           struct journey_kind_stat **out, size_t *n, struct err *err)
{
	size_t met = 0;
	for (uint32_t i = 0; i < k->n; i++) met += k->sums[i].count > 0;
	struct journey_kind_stat *list = ARENA_ARRAY(a, struct journey_kind_stat, met);
	if (!list) return err_no_memory(err);
	size_t at = 0;
	for (uint32_t i = 0; i < k->n; i++) {
		const struct kind_sum *s = &k->sums[i];
		if (s->count == 0) continue;
		const struct journey_kind kind = { .event = s->event, .channel = s->channel };
		list[at++] = (struct journey_kind_stat){ .event = journey_word(&p->s->events, s->event),
			                                 .channel = journey_word(&p->s->channels, s->channel),
			                                 .touchpoint = journey_kind_touchpoint(p, kind),
			                                 .feedback = s->about_own == 0 && 2 * s->about_other > s->count,
			                                 .count = s->count,
			                                 .customers = s->customers,
			                                 .first_ms = s->first_ms,
			                                 .last_ms = s->last_ms,
			                                 .position = unfix(s->rank_sum) / (double)s->count };
	}
	*out = list;
	*n = met;
	return OK;
}
