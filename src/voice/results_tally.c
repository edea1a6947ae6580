/* How often each value of a question was given. */
#include "base/hash.h"
#include "voice/results_priv.h"

struct count *results_count(struct tally *t, struct str value, struct arena *a)
{
	const uint64_t hash = hash64(value);
	for (size_t i = 0; i < t->n; i++)
		if (t->all[i].hash == hash && str_eq(t->all[i].value, value)) return &t->all[i];
	if (t->n >= VOICE_VALUES_MAX && value.len) return results_count(t, STR(""), a);
	if (t->n == t->cap) {
		struct count *more = ARENA_ARRAY(a, struct count, t->cap = t->cap ? t->cap * 2 : 8);
		if (!more) return NULL;
		if (t->n) memcpy(more, t->all, t->n * sizeof *more);
		t->all = more;
	}
	t->all[t->n] = (struct count){ .value = str_copy(a, value), .hash = hash };
	return t->all[t->n].value.ptr ? &t->all[t->n++] : NULL;
}

bool results_tally_add(struct tally *t, struct str value, struct arena *a)
{
	struct count *c = results_count(t, value, a);
	if (!c) return false;
	c->n++;
	return true;
}
